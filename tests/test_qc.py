"""Call quality forms and scores: catalogue rows 1.4, 4.5; the published examples QA-1, 2, 4, 5 and 7."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.forms import Form, Forms, Question, Section, read_form, shipped_forms
from toolkit.qc import answers_scored, evaluation_scores, section_scores

FORM = """
code = "simple"
version = "1"
title = "A simple form"
start = 2026-01-01
roll_up = "{roll_up}"
"""


def form_of(sections: str, roll_up: str = "total_points") -> Forms:
    return Forms((read_form(FORM.format(roll_up=roll_up) + sections),))


def evaluated(answers: dict[str, str], form: str = "simple", **more: str | None) -> pl.DataFrame:
    """One evaluation, a row a question, as the readers give it."""
    head = {"evaluation_id": "E1", "agent_id": "A1", "evaluator": "Quinn", "evaluated_on": date(2026, 3, 20)}
    rows = [
        head | {"form": form, "form_version": "1", "question": question, "answer": answer} | more
        for question, answer in answers.items()
    ]
    return pl.DataFrame(rows)


def score(answers: dict[str, str], forms: Forms, *, column: str = "score", form: str = "simple") -> int | None:
    value: int | None = evaluation_scores(evaluated(answers, form), forms)[column].item()
    return value


def scales(points: list[int], weights: list[int] | None = None) -> str:
    """A section a question, each a scale from 0, weighing as much as its points."""
    return "".join(
        f'[[sections]]\ncode = "s{n}"\ntitle = "S"\nweight = {weights[n] if weights else 1}\n'
        f'questions = [{{ code = "q{n}", text = "?", type = "scale", highest = {most}, weight = {most} }}]\n'
        for n, most in enumerate(points)
    )


def test_weighted_question_groups_as_genesys_publishes_them() -> None:
    """QA-1, Genesys Cloud Resource Center (help.mypurecloud.com ?p=144862): (1 x 40 + 1 x 20) / (2 x 40 + 1 x 20)."""
    forms = form_of("""
[[sections]]
code = "all"
title = "All"
questions = [
    { code = "a", text = "?", weight = 40 },
    { code = "b", text = "?", weight = 40 },
    { code = "c", text = "?", weight = 20 },
]
""")
    assert score({"a": "yes", "b": "no", "c": "yes"}, forms) == 600_000
    assert score({"a": "yes", "b": "N/A", "c": "no"}, forms) == 666_666  # QA-1: N/A is 0 of 0 possible


def test_total_points_as_maestroqa_publishes_them() -> None:
    """QA-2, MaestroQA help 4544009, Total Point Rubrics: 21 of 35."""
    earned = evaluation_scores(
        evaluated({"q0": "3", "q1": "5", "q2": "8", "q3": "5"}), form_of(scales([5, 10, 15, 5]))
    ).row(0, named=True)
    assert earned["score"] == 600_000
    assert earned["earned"] / earned["possible"] == 21 / 35


QA_4 = {"q0": "3", "q1": "5", "q2": "4", "q3": "1"}


@pytest.mark.parametrize(("roll_up", "wanted"), [("total_points", 650_000), ("weighted_sections", 700_000)])
def test_the_same_answers_give_65_or_70_per_cent_by_the_roll_up(roll_up: str, wanted: int) -> None:
    """QA-4, whose numbers QA-7 repeats: most 3, 10, 5, 2, earned 3, 5, 4, 1, weights 10, 30, 50, 10 %."""
    assert score(QA_4, form_of(scales([3, 10, 5, 2], [10, 30, 50, 10]), roll_up)) == wanted


def test_an_automatic_fail_is_zero_and_the_score_before_it_is_kept() -> None:
    """QA-7, from the rule of MaestroQA 4537176, Zendesk and Amazon Connect, over the numbers of QA-4."""
    fails = '[[sections]]\ncode = "f"\ntitle = "F"\nweight = 0\n'
    fails += 'questions = [{ code = "ok", text = "?", auto_fail = ["no"] }]'
    forms = form_of(scales([3, 10, 5, 2], [10, 30, 50, 10]) + fails, "weighted_sections")
    row = evaluation_scores(evaluated({**QA_4, "ok": "no"}), forms).row(0, named=True)
    assert (row["score"], row["score_before"], row["auto_failed"]) == (0, 700_000, True)
    assert score({**QA_4, "ok": "yes"}, forms) == 700_000


def test_a_section_that_does_not_apply_gives_its_weight_to_the_others() -> None:
    """QA-3 and MaestroQA's rule: N/A reduces the most that can be had. Here 10, 30 and 10 % are left of the weights."""
    forms = form_of(scales([3, 10, 5, 2], [10, 30, 50, 10]), "weighted_sections")
    assert score({**QA_4, "q2": "n/a"}, forms) == 600_000  # (10 + 15 + 5) / 50
    assert score(dict.fromkeys(QA_4, "NA"), forms) is None


def test_thirds_add_up_to_a_half_exactly_and_nothing_is_rounded_up() -> None:
    thirds = form_of(scales([3, 3, 3, 1], [1, 1, 1, 1]), "weighted_sections")
    assert score({"q0": "1", "q1": "1", "q2": "1", "q3": "1"}, thirds) == 500_000
    per_mille = form_of(scales([1000, 1000]))
    assert score({"q0": "930", "q1": "930"}, per_mille) == 930_000
    assert score({"q0": "930", "q1": "929"}, per_mille) == 929_500  # below 93 %
    assert score({"q0": "1", "q1": "1", "q2": "0"}, form_of(scales([1, 1, 1]))) == 666_666


ONE_QUESTION = '[[sections]]\ncode = "s"\ntitle = "S"\n'
ONE_QUESTION += 'questions = [{{ code = "q", text = "?", {} }}, {{ code = "r", text = "?" }}]\n'


@pytest.mark.parametrize(
    ("policy", "wanted", "unread"),
    [("leave_out", 1_000_000, 0), ("zero", 500_000, 0), ("fail", 0, 0), ("not_allowed", None, 1)],
)
@pytest.mark.parametrize("answers", [{"q": "n/a", "r": "yes"}, {"r": "yes"}])
def test_what_does_not_apply_or_has_no_answer_counts_as_the_question_says(
    policy: str, wanted: int | None, unread: int, answers: dict[str, str]
) -> None:
    forms = form_of(ONE_QUESTION.format(f'not_applicable = "{policy}"'))
    assert (score(answers, forms), score(answers, forms, column="unread")) == (wanted, unread)


@pytest.mark.parametrize(
    ("kind", "answer", "wanted"),
    [
        ("weight = 1", "Yes ", 500_000),
        ("weight = 1", "FALSE", 0),
        ('type = "scale", lowest = 1, highest = 5', "1", 0),
        ('type = "scale", lowest = 1, highest = 5', "4.0", 375_000),
        ('type = "scale", lowest = 1, highest = 5', "6", None),
        ('type = "multi", answers = { Fully = 2, Partly = 1, "Not at all" = 0 }', "partly", 250_000),
        ('type = "multi", answers = { Fully = 2, Partly = 1, "Not at all" = 0 }', "perhaps", None),
        ('type = "text", weight = 0', "spoke too fast", 0),
    ],
)
def test_each_type_of_question_is_read(kind: str, answer: str, wanted: int | None) -> None:
    forms = form_of(ONE_QUESTION.format(kind))
    assert score({"q": answer, "r": "no"}, forms) == wanted


def test_an_answer_to_a_question_the_form_does_not_have_gives_no_score() -> None:
    assert score({"q": "yes", "r": "yes", "z": "yes"}, form_of(ONE_QUESTION.format("weight = 1"))) is None


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ({"a": "4/5", "b": "3 / 5"}, 700_000),
        ({"a": "80%", "b": "yes"}, 900_000),
        ({"a": "yes", "b": "No", "c": "n/a"}, 500_000),
        ({"a": "4", "b": "yes"}, None),  # of how many?
        ({"a": "6/5"}, None),
        ({"a": "n/a"}, None),
    ],
)
def test_a_form_that_is_not_known_is_read_as_points_of_a_most_or_yes_and_no(
    answers: dict[str, str], wanted: int | None
) -> None:
    row = evaluation_scores(evaluated(answers, "unheard_of"), shipped_forms()).row(0, named=True)
    assert (row["score"], row["by_default"]) == (wanted, True)


def test_points_that_the_source_gives_beat_the_answers_of_an_unknown_form() -> None:
    rows = evaluated({"a": "good"}, "unheard_of", score="3.5", max_score="5")
    assert evaluation_scores(rows, shipped_forms())["score"].to_list() == [700_000]


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (None, "counts"),
        ("submitted", "counts"),
        ("resolved", "counts"),
        ("disputed", "provisional"),
        ("draft", "never"),
        ("void", "never"),
        ("calibration", "never"),
    ],
)
def test_only_submitted_and_resolved_evaluations_count(state: str | None, standing: str) -> None:
    rows = evaluated({"a": "yes"}, state=state)
    assert evaluation_scores(rows, shipped_forms())["standing"].to_list() == [standing]


def perfect() -> dict[str, str]:
    """The best answer to each question of the shipped form."""
    questions = [question for section in shipped_forms().known[0].sections for question in section.questions]
    return {
        question.code: max(question.points, key=question.points.__getitem__) if question.points else "fine"
        for question in questions
    }


def shipped(**answers: str) -> dict[str, object]:
    rows = evaluated(perfect() | answers, "collections")
    return evaluation_scores(rows, shipped_forms()).row(0, named=True)


def test_the_shipped_form_weighs_its_sections_as_it_says() -> None:
    form = shipped_forms().known[0]
    assert [section.weight for section in form.sections] == [15, 30, 30, 15, 10]
    assert shipped()["score"] == 1_000_000
    assert shipped(greeting="no")["score"] == 950_000  # a third of the opening's 15 %
    assert shipped(reason="no", solution="2", commitment="part of it")["score"] == 820_000  # 2 of 5 of 30 %


@pytest.mark.parametrize(
    "breach", ["no_threats", "no_third_party", "permitted_call", "true_claims", "payment_channel", "record"]
)
def test_each_grave_breach_fails_the_call_and_shows_in_the_compliance_score(breach: str) -> None:
    row = shipped(**{breach: "no"})
    assert (row["score"], row["auto_failed"]) == (0, True)
    assert 0 < int(str(row["score_before"])) < 1_000_000
    assert 0 < int(str(row["compliance"])) < 1_000_000


def test_a_good_call_does_not_hide_that_the_customer_was_not_identified() -> None:
    row = shipped(identity="no")
    assert (row["score"], row["compliance"]) == (900_000, 777_777)  # 2 of 9 critical points


def test_sections_are_scored_by_themselves() -> None:
    answers = answers_scored(evaluated(perfect() | {"greeting": "no"}, "collections"), shipped_forms())
    found = section_scores(answers, shipped_forms()).sort("section").select("code", "score")
    assert dict(found.iter_rows()) == {
        "opening": 666_666, "compliance": 1_000_000, "negotiation": 1_000_000, "empathy": 1_000_000,
        "wrap_up": 1_000_000,
    }  # fmt: skip


def test_no_evaluations_are_no_scores() -> None:
    assert evaluation_scores(evaluated({"a": "yes"}).head(0), shipped_forms()).is_empty()


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('questions = [{ code = "a", text = "?" }, { code = "A", text = "?" }]', "question a stands in form"),
        ('questions = [{ code = "a", text = "?", type = "scale", lowest = 5, highest = 5 }]', "above the lowest"),
        ('questions = [{ code = "a", text = "?", auto_fail = ["perhaps"] }]', "perhaps is not one of its answers"),
        ('questions = [{ code = "a", text = "?", type = "multi", answers = { x = 0 } }]', "has to give points"),
        ('questions = [{ code = "a", text = "?", weight = 1.5 }]', "weight"),
        ("questions = []", "questions"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(section: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        form_of('[[sections]]\ncode = "s"\ntitle = "S"\n' + section)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 40), st.integers(0, 9)), min_size=1, max_size=6),
    st.sampled_from(["total_points", "weighted_sections"]),
)
def test_scores_agree_with_fractions(parts: list[tuple[int, int, int]], roll_up: str) -> None:
    """Whatever the scales and weights: the score is the exact fraction, cut off at the sixth digit."""
    from fractions import Fraction
    from math import floor

    form = Form(
        code="simple", version="1", title="F", start=date(2026, 1, 1), roll_up=roll_up,  # type: ignore[arg-type]
        sections=tuple(
            Section(code=f"s{n}", title="S", weight=weight,
                    questions=(Question(code=f"q{n}", text="?", type="scale", highest=most, weight=most),))
            for n, (most, weight, _) in enumerate(parts)
        ),
    )  # fmt: skip
    points = [min(most, got) for most, _, got in parts]
    if roll_up == "total_points":
        whole, wanted = sum(most for most, _, _ in parts), Fraction(sum(points))
    else:
        whole = sum(weight for _, weight, _ in parts)
        wanted = sum(
            (Fraction(got, most) * weight for got, (most, weight, _) in zip(points, parts, strict=True)), Fraction(0)
        )
    got = score({f"q{n}": str(got) for n, got in enumerate(points)}, Forms((form,)))
    assert got == (floor(wanted / whole * 1_000_000) if whole else None)


def test_a_welcome_call_has_a_checklist_of_eight_points() -> None:
    """All alike: one of eight is missing, so 87.5 %; what does not apply takes its point out of the eight."""
    form = next(form for form in shipped_forms() if form.code == "welcome")
    points = [code for code in form.questions if code != "remarks"]
    rows = evaluated(dict.fromkeys(points, "yes") | {"if_late": "no"}, "welcome")
    assert evaluation_scores(rows, shipped_forms())["score"].to_list() == [875_000]
    rows = evaluated(dict.fromkeys(points, "yes") | {"if_late": "no", "product_works": "n/a"}, "welcome")
    assert evaluation_scores(rows, shipped_forms())["score"].to_list() == [857_142]
