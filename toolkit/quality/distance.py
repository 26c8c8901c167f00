"""How far each evaluator is from the master, or from the mean of the others: points of 100, in all and by question."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from toolkit.forms import Forms
from toolkit.qc import MILLION, answers_scored, evaluation_scores
from toolkit.quality.agreement import Conventions, conventions
from toolkit.quality.given_answers import AGREED, Group

Leaning = Literal["strict", "lenient", "even", ""]
Scored = Mapping[str, Mapping[str, Fraction]]
"""By call, points of 100 by evaluator."""


@dataclass(frozen=True)
class Distance:
    """An evaluator's distance. question: "" for the total score. mean: below 0 is stricter; points of 100.

    within: whether the mean absolute difference of the total is small enough. not_compared: calls that are left out,
    because somebody left a question open that another answered, or nothing applied.
    """

    evaluator: str
    to: str
    question: str
    title: str
    calls: int
    mean: Fraction | None
    mean_absolute: Fraction | None
    within: bool | None
    leaning: Leaning
    not_compared: int


def distances(group: Group, master: str = "", rules: Conventions | None = None) -> list[Distance]:
    """Each evaluator's distance to the master, or without one to the mean of the others; the furthest first.

    Within an evaluator the total comes first, then the questions that differ most.
    """
    rules = rules or conventions()
    totals, shares = _scores(group)
    people = [who for who in group.evaluators if who.casefold() != master.casefold()]
    found = []
    for who in people:
        own = [_distance(who, master, "", "", totals, _calls_of(group, who), rules)]
        by_question = [
            _distance(who, master, asked.code, asked.text, shares[asked.code], _calls_of(group, who), rules)
            for asked in group.asked
            if asked.code in shares
        ]
        found.append([*own, *sorted((one for one in by_question if one.calls), key=_furthest)])
    return [one for own in sorted(found, key=lambda own: _furthest(own[0])) for one in own]


def _furthest(one: Distance) -> tuple[Any, ...]:
    return (-(one.mean_absolute or 0), one.evaluator)


def _calls_of(group: Group, who: str) -> list[str]:
    return sorted({call for (_, call), answers in group.given.items() if who in answers})


def _distance(
    who: str, master: str, question: str, title: str, scored: Scored, calls: Sequence[str], rules: Conventions
) -> Distance:
    differences = [gap for call in calls if (gap := _gap(scored.get(call, {}), who, master)) is not None]
    number = len(differences)
    mean = sum(differences, Fraction(0)) / number if number else None
    absolute = sum(map(abs, differences), Fraction(0)) / number if number else None
    within = None if question or absolute is None else absolute <= rules.within_points
    leaning: Leaning = "" if mean is None else "even"
    if mean is not None and abs(mean) >= rules.leaning_from:
        leaning = "strict" if mean < 0 else "lenient"
    return Distance(who, master, question, title, number, mean, absolute, within, leaning, len(calls) - number)


def _gap(scores: Mapping[str, Fraction], who: str, master: str) -> Fraction | None:
    known = {name: score for name, score in scores.items() if name != who}
    if who not in scores:
        return None
    if master:
        of_master = [score for name, score in known.items() if name.casefold() == master.casefold()]
        return scores[who] - of_master[0] if of_master else None
    others = [score for name, score in known.items() if name != AGREED]
    return scores[who] - sum(others, Fraction(0)) / len(others) if others else None


def _scores(group: Group) -> tuple[Scored, Mapping[str, Scored]]:
    """The total scores, and what each answer gives of its question's points."""
    frame, heads = _frame(group)
    forms = Forms((group.form,) if group.form else ())
    full = _complete(group)
    totals: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for number, score in evaluation_scores(frame, forms).select("evaluation_id", "score").iter_rows():
        if score is not None and heads[number] in full:
            call, who = heads[number]
            totals[call][who] = Fraction(score, MILLION // 100)
    shares: dict[str, dict[str, dict[str, Fraction]]] = defaultdict(lambda: defaultdict(dict))
    names = {asked.code.casefold(): asked.code for asked in group.asked}
    rows = answers_scored(frame, forms).filter(pl.col("answer").is_not_null() & (pl.col("possible") > 0))
    for number, asked, earned, possible in rows.select("evaluation_id", "asked", "earned", "possible").iter_rows():
        call, who = heads[number]
        shares[names[asked]][call][who] = Fraction(100 * earned, possible)
    return totals, shares


def _frame(group: Group) -> tuple[pl.DataFrame, dict[str, tuple[str, str]]]:
    """The answers as evaluations, one for each call and evaluator, and whose each of them is."""
    numbers: dict[tuple[str, str], str] = {}
    rows = list(_rows(group, numbers))
    frame = pl.DataFrame(rows, schema_overrides={"evaluated_on": pl.Date}, infer_schema_length=None)
    return frame, {number: key for key, number in numbers.items()}


def _rows(group: Group, numbers: dict[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    wanted = {asked.code for asked in group.asked}
    for (question, call), answers in group.given.items():
        for who, said in answers.items() if question in wanted else ():
            yield {
                "evaluation_id": numbers.setdefault((call, who), f"{len(numbers):08}"), "agent_id": said.agent_id,
                "evaluator": who, "evaluated_on": said.day, "form": group.code, "form_version": group.version,
                "question": question, "answer": said.answer,
            }  # fmt: skip


def _complete(group: Group) -> set[tuple[str, str]]:
    """Calls with the evaluators who answered everything that anybody answered."""
    asked: dict[str, set[str]] = defaultdict(set)
    by_person: dict[tuple[str, str], set[str]] = defaultdict(set)
    scored = {of.code for of in group.asked}
    for (question, call), answers in group.given.items():
        for who in answers if question in scored else ():
            asked[call].add(question)
            by_person[call, who].add(question)
    return {key for key, answered in by_person.items() if answered == asked[key[0]]}


def furthest_questions(found: Iterable[Distance], who: str, most: int = 3) -> list[Distance]:
    """The questions in which an evaluator is strict or lenient, the clearest first."""
    of_them = [one for one in found if one.evaluator == who and one.question and one.leaning in ("strict", "lenient")]
    return sorted(of_them, key=lambda one: -abs(one.mean or Fraction(0)))[:most]
