"""Laws of quality scores, over forms and answers of any kind, and a second computation with fractions."""

from datetime import date
from fractions import Fraction
from math import floor
from random import Random
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.evaluations import Rules, judged
from toolkit.forms import Form, Forms, Question, Section
from toolkit.qc import evaluation_scores

NA = "N/A"
POLICIES = ("leave_out", "zero", "fail", "not_allowed")


@st.composite
def questions(draw: Any, code: str) -> Question:
    kind = draw(st.sampled_from(["yes_no", "scale", "multi"]))
    given: dict[str, Any] = {"code": code, "text": "?", "type": kind, "weight": draw(st.integers(0, 9))}
    given["not_applicable"] = draw(st.sampled_from(POLICIES[:2] * 3 + POLICIES[2:]))
    given["critical"] = draw(st.booleans())
    if kind == "scale":
        lowest = draw(st.integers(-2, 3))
        given |= {"lowest": lowest, "highest": lowest + draw(st.integers(1, 6))}
    if kind == "multi":
        given["answers"] = dict(
            zip("abcd", [*draw(st.lists(st.integers(0, 9), min_size=1, max_size=3)), 9], strict=False)
        )
    if draw(st.integers(0, 3)) == 0:
        question = Question(**given)
        worst = [answer for answer, points in question.points.items() if points < question.most]
        given["auto_fail"] = tuple(worst[:1])
    return Question(**given)


@st.composite
def forms(draw: Any) -> Form:
    sections = []
    for number in range(draw(st.integers(1, 4))):
        asked = [draw(questions(f"q{number}{n}")) for n in range(draw(st.integers(1, 4)))]
        weight = draw(st.integers(0, 40))
        sections.append(Section(code=f"s{number}", title="S", weight=weight, questions=tuple(asked)))
    roll_up = draw(st.sampled_from(["total_points", "weighted_sections"]))
    return Form(
        code="f", version="1", title="F", start=date(2026, 1, 1), roll_up=roll_up, sections=tuple(sections)
    )  # fmt: skip


def asked_in(form: Form) -> list[Question]:
    return [question for section in form.sections for question in section.questions]


@st.composite
def answered(draw: Any) -> tuple[Form, dict[str, str]]:
    form = draw(forms())
    return form, {
        question.code: draw(st.sampled_from([*question.points, NA] if question.not_applicable != "not_allowed"
                                            else [*question.points]))
        for question in asked_in(form)
    }  # fmt: skip


def table(answers: dict[str, str], name: str = "E1") -> pl.DataFrame:
    head = {"evaluation_id": name, "agent_id": "A1", "evaluator": "Quinn", "evaluated_on": date(2026, 3, 20)}
    return pl.DataFrame([head | {"form": "f", "form_version": "1", "question": code, "answer": answer}
                         for code, answer in answers.items()])  # fmt: skip


def scored(form: Form, answers: dict[str, str]) -> dict[str, Any]:
    return evaluation_scores(table(answers), Forms((form,))).row(0, named=True)


def naive(form: Form, answers: dict[str, str]) -> tuple[Fraction | None, Fraction | None, bool]:
    """The score before an automatic fail, the compliance score and whether it failed, a question at a time."""
    failed, totals, parts = False, [Fraction(0), Fraction(0)], []
    critical = [Fraction(0), Fraction(0)]
    for section in form.sections:
        sums = [Fraction(0), Fraction(0)]
        for question in section.questions:
            answer = answers[question.code]
            if answer == NA:
                failed |= question.not_applicable == "fail"
                earned, possible = Fraction(0), Fraction(question.weight if question.not_applicable == "zero" else 0)
            else:
                failed |= answer in question.auto_fail
                earned = Fraction(question.weight * question.points[answer], question.most)
                possible = Fraction(question.weight)
            for both in (sums, totals, critical if question.critical else [Fraction(0), Fraction(0)]):
                both[0] += earned
                both[1] += possible
        if sums[1]:
            parts.append((section.weight, sums[0] / sums[1]))
    compliance = critical[0] / critical[1] if critical[1] else None
    if form.roll_up == "total_points":
        return (totals[0] / totals[1] if totals[1] else None), compliance, failed
    whole = sum(weight for weight, _ in parts)
    score = sum((weight * share for weight, share in parts), Fraction(0)) / whole if whole else None
    return score, compliance, failed


def in_millionths(score: Fraction | None) -> int | None:
    return None if score is None else floor(score * 1_000_000)


@settings(max_examples=150, deadline=None)
@given(answered())
def test_the_scores_are_those_of_a_second_computation_with_fractions(case: tuple[Form, dict[str, str]]) -> None:
    form, answers = case
    row, (before, compliance, failed) = scored(form, answers), naive(form, answers)
    assert row["score_before"] == in_millionths(before)
    assert row["compliance"] == in_millionths(compliance)
    assert row["auto_failed"] == failed
    assert row["score"] == (0 if failed else in_millionths(before))


@settings(max_examples=80, deadline=None)
@given(answered())
def test_a_score_lies_between_nothing_and_everything_and_an_automatic_fail_dominates(
    case: tuple[Form, dict[str, str]],
) -> None:
    row = scored(*case)
    assert row["score"] is None or 0 <= row["score"] <= 1_000_000
    assert not row["auto_failed"] or row["score"] == 0
    assert row["score_before"] is None or row["score"] in (0, row["score_before"])


@settings(max_examples=80, deadline=None)
@given(answered(), st.data())
def test_a_perfect_answer_never_lowers_a_score(case: tuple[Form, dict[str, str]], data: st.DataObject) -> None:
    form, answers = case
    question = data.draw(st.sampled_from(asked_in(form)))
    best = max(question.points, key=lambda answer: question.points[answer])
    before, after = (naive(form, given)[0] for given in (answers, answers | {question.code: best}))
    first, second = (scored(form, given)["score_before"] for given in (answers, answers | {question.code: best}))
    assert first is None or (second is not None and second >= first)
    assert before is None or (after is not None and after >= before)


@settings(max_examples=80, deadline=None)
@given(answered(), st.data())
def test_n_a_never_helps_beyond_its_share(case: tuple[Form, dict[str, str]], data: st.DataObject) -> None:
    """What is left out takes its part of the whole with it: the gain is at most that part."""
    form, answers = case
    free = [one for one in asked_in(form) if one.not_applicable == "leave_out" and answers[one.code] != NA]
    if not free:
        return
    question = data.draw(st.sampled_from(free))
    before, after = (scored(form, given)["score_before"] for given in (answers, answers | {question.code: NA}))
    if before is None or after is None:
        return
    assert after - before <= share_of(form, answers, question) * 1_000_000 + 1


def share_of(form: Form, answers: dict[str, str], question: Question) -> Fraction:
    """The part of the whole score that hangs on a question, given what applies."""
    applies = {
        section.code: sum(
            one.weight for one in section.questions if answers[one.code] != NA or one.not_applicable == "zero"
        )
        for section in form.sections
    }
    section = next(section for section in form.sections if question in section.questions)
    if form.roll_up == "total_points":
        return Fraction(question.weight, sum(applies.values()))
    whole = sum(each.weight for each in form.sections if applies[each.code])
    return (
        Fraction(section.weight * question.weight, whole * applies[section.code])
        if applies[section.code]
        else Fraction(0)
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(answered(), min_size=1, max_size=1), st.integers(2, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(
    cases: list[tuple[Form, dict[str, str]]], size: int, chance: Random
) -> None:
    form, answers = cases[0]
    rows = pl.concat([table(answers, f"E{n}").with_columns(evaluator=pl.lit(f"Q{n}")) for n in range(size)])
    places = list(range(rows.height))
    chance.shuffle(places)
    first, second = (judged(table_, Rules(Forms((form,)), date(2026, 3, 31))) for table_ in (rows, rows[places]))
    columns = [name for name in first.scores.columns if name not in ("number", "line")]
    assert first.scores.select(columns).equals(second.scores.select(columns))


def test_a_question_that_stands_twice_in_a_frame_is_set_aside() -> None:
    """The readers refuse such rows before; frames may come from elsewhere."""
    form = Form(code="f", version="1", title="F", start=date(2026, 1, 1), roll_up="total_points",
                sections=(Section(code="s", title="S", questions=(Question(code="q", text="?"),)),))  # fmt: skip
    found = judged(table({"q": "yes", "Q": "no"}), Rules(Forms((form,)), date(2026, 3, 31)))
    assert found.findings["code"].to_list() == ["QC_SCORE_QUESTION_TWICE"] * 2
    assert found.scores["standing"].to_list() == ["set_aside"]
