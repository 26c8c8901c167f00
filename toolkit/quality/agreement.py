"""Do evaluators agree: on each question, on each section and in all, in figures and in plain words.

The verdict follows Krippendorff's alpha. Of several questions the disagreements are added up, observed and expected
each, so that chance is worked out question by question and a scale does not make yes and no look well agreed on.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast

from toolkit.quality.alpha import SAME, Metric, Parts, jackknife, parts_of, without_each
from toolkit.quality.given_answers import NA, Asked, Group
from toolkit.quality.kappa import Kappa, Weights, cohen, fleiss, per_cent, randolph

Scope = Literal["all", "section", "question"]
Judged = Literal["agree", "tentative", "disagree", "too_few"]
WORST_FIRST: tuple[Judged, ...] = ("disagree", "tentative", "too_few", "agree")
Note = Literal["", "one_answer", "prevalence", "one_evaluator"]


@dataclass(frozen=True)
class Conventions:
    """What the words mean: `toolkit/data/agreement.toml`."""

    good: Fraction
    tentative: Fraction
    fewest_calls: int
    fewest_calls_together: int
    prevalence: Fraction
    within_points: Fraction
    leaning_from: Fraction
    scale_metric: Metric
    scale_weights: Weights


@cache
def conventions() -> Conventions:
    """The conventions that are shipped."""
    text = files("toolkit").joinpath("data", "agreement.toml").read_text(encoding="utf-8")
    exact = ("good", "tentative", "prevalence", "within_points", "leaning_from")
    read = tomllib.loads(text).items()
    said: dict[str, Any] = {key: Fraction(value) if key in exact else value for key, value in read}
    return Conventions(**said)


@dataclass(frozen=True)
class Line:
    """How far evaluators agree on one thing.

    calls: with two answers or more; differing: those where not all are the same. kappa: Cohen's of two evaluators,
    Fleiss' of more (`kind`). usual, prevalence: the answer given most often, and its share. share: of all pairs of
    answers of the form that differ, those that differ here. note: why a figure is missing, or low though most agree.
    """

    scope: Scope
    code: str
    title: str
    section: str
    calls: int
    evaluators: int
    differing: int
    share: Fraction | None
    per_cent: Fraction | None
    kind: Literal["", "cohen", "weighted", "fleiss"]
    kappa: Kappa
    randolph: Kappa
    alpha: Fraction | None
    interval: tuple[float, float] | None
    usual: str
    prevalence: Fraction | None
    verdict: Judged
    note: Note


@dataclass(frozen=True)
class _Seen:
    """The answers to one question, and what alpha is made of with and without each call. `parts` are such that two
    answers lie at most 1 apart."""

    asked: Asked
    units: tuple[tuple[str | None, ...], ...]
    parts: Parts
    without: tuple[tuple[float, float], ...]

    @property
    def pairs(self) -> tuple[int, int]:
        """Pairs of answers to the same call: all, and those that differ."""
        counted = [Counter(answer for answer in unit if answer is not None) for unit in self.units]
        pairs = sum(counts.total() * (counts.total() - 1) // 2 for counts in counted)
        same = sum(count * (count - 1) // 2 for counts in counted for count in counts.values())
        return pairs, pairs - same


def lines_of(group: Group, rules: Conventions | None = None) -> list[Line]:
    """The whole form, its sections, and its questions with those first that cause the trouble."""
    rules = rules or conventions()
    seen = [_seen(group, asked, rules) for asked in group.asked]
    seen = [one for one in seen if any(answer is not None for unit in one.units for answer in unit)]
    differing = sum(one.pairs[1] for one in seen)
    sections = dict.fromkeys(one.asked.section for one in seen if one.asked.section)
    together = [_together("all", "", group.form.title if group.form else group.code, seen, differing, rules)]
    for section in sections:
        of_it = [one for one in seen if one.asked.section == section]
        together.append(_together("section", section, section, of_it, differing, rules))
    questions = [_question(one, differing, rules) for one in seen]
    return [*together, *sorted(questions, key=_trouble)]


def _trouble(line: Line) -> tuple[Any, ...]:
    share = line.per_cent if line.per_cent is not None else 1
    return (not line.differing, WORST_FIRST.index(line.verdict), -line.differing, share)


def _seen(group: Group, asked: Asked, rules: Conventions) -> _Seen:
    answers = [group.of(asked.code, call) for call in group.calls]
    units = tuple(
        tuple(said[who].answer if who in said else None for who in group.evaluators) for said in answers
    )  # fmt: skip
    if not asked.is_scale:
        return _Seen(asked, units, parts_of(units), _as_floats(without_each(units)))
    numbers = [[None if answer in (None, NA) else int(answer) for answer in unit] for unit in units]
    points = [int(choice) for choice in asked.choices if choice != NA]
    most = Fraction(max(points) - min(points)) ** 2 if rules.scale_metric == "interval" else 1
    parts = parts_of(numbers, rules.scale_metric).of(most)
    without = _as_floats([one.of(most) for one in without_each(numbers, rules.scale_metric)])
    return _Seen(asked, units, parts, without)


def _as_floats(parts: Iterable[Parts]) -> tuple[tuple[float, float], ...]:
    """Observed and expected disagreement: for an interval floats are exact enough, and quick to add up."""
    return tuple((float(one.observed), float(one.expected)) for one in parts)


def _several(units: Iterable[Sequence[str | None]]) -> list[Sequence[str | None]]:
    """The calls with two answers or more."""
    return [unit for unit in units if sum(answer is not None for answer in unit) > 1]


def _evaluators(units: Sequence[Sequence[str | None]]) -> list[int]:
    """Who answered, by place."""
    width = len(units[0]) if units else 0
    return [at for at in range(width) if any(unit[at] is not None for unit in units)]


def _differ(unit: Sequence[str | None]) -> bool:
    return len({answer for answer in unit if answer is not None}) > 1


def _question(seen: _Seen, differing: int, rules: Conventions) -> Line:
    asked, units = seen.asked, _several(seen.units)
    people = _evaluators(units)
    given = Counter(answer for unit in units for answer in unit if answer is not None)
    usual = min(given, key=lambda answer: (-given[answer], answer)) if given else ""
    counts = [[Counter(unit)[choice] for choice in asked.choices] for unit in units]
    kind, kappa = _kappa(asked, units, people, counts, rules)
    free, share = randolph(counts), Fraction(given[usual], given.total()) if given else None
    value = seen.parts.alpha
    verdict, note = _verdict(len(units), rules.fewest_calls, value, per_cent(units), free, share, rules)
    return Line(
        "question", asked.code, asked.text or asked.code, asked.section, len(units), len(people),
        sum(map(_differ, units)), Fraction(seen.pairs[1], differing) if differing else None, per_cent(units),
        kind, kappa, free, value, _interval(value, [seen], range(len(seen.units))), usual, share, verdict, note,
    )  # fmt: skip


def _kappa(
    asked: Asked,
    units: Sequence[Sequence[str | None]],
    people: Sequence[int],
    counts: Sequence[Sequence[int]],
    rules: Conventions,
) -> tuple[Literal["", "cohen", "weighted", "fleiss"], Kappa]:
    if len(people) != 2:
        return ("fleiss", fleiss(counts)) if len(people) > 2 else ("", Kappa(why="one_evaluator"))
    one, other = people
    pairs = [(unit[one], unit[other]) for unit in units]
    if not asked.is_scale:
        return "cohen", cohen(pairs, asked.choices)
    numbers = [(int(a), int(b)) for a, b in cast(list[tuple[str, str]], pairs) if NA not in (a, b)]
    points = [int(choice) for choice in asked.choices if choice != NA]
    return "weighted", cohen(numbers, points, rules.scale_weights)


def _together(scope: Scope, code: str, title: str, seen: Sequence[_Seen], differing: int, rules: Conventions) -> Line:
    parts = sum((one.parts for one in seen), Parts())
    pairs = [one.pairs for one in seen]
    every, apart = sum(one for one, _ in pairs), sum(one for _, one in pairs)
    same = 1 - Fraction(apart, every) if every else None
    size = len(seen[0].units) if seen else 0
    calls = [at for at in range(size) if any(_several([one.units[at]]) for one in seen)]
    people = {at for one in seen for at in _evaluators(_several(one.units))}
    differ = sum(1 for at in calls if any(_differ(one.units[at]) for one in seen))
    verdict, note = _verdict(len(calls), rules.fewest_calls_together, parts.alpha, same, Kappa(), None, rules)
    return Line(
        scope, code, title, code, len(calls), len(people), differ, Fraction(apart, differing) if differing else None,
        same, "", Kappa(), Kappa(), parts.alpha, _interval(parts.alpha, seen, calls), "", None, verdict, note,
    )  # fmt: skip


def _interval(value: Fraction | None, seen: Sequence[_Seen], calls: Iterable[int]) -> tuple[float, float] | None:
    """From what comes out with each call left out; calls with one answer make no difference and are no calls here."""
    if value is None:
        return None
    used = [at for at in calls if any(_several([one.units[at]]) for one in seen)]
    return jackknife(value, [_alpha_of([one.without[at] for one in seen]) for at in used])


def _alpha_of(parts: Sequence[tuple[float, float]]) -> float | None:
    expected = sum(one for _, one in parts)
    return 1 - sum(one for one, _ in parts) / expected if expected else None


def _verdict(
    calls: int,
    fewest: int,
    value: Fraction | None,
    same: Fraction | None,
    free: Kappa,
    prevalence: Fraction | None,
    rules: Conventions,
) -> tuple[Judged, Note]:
    """In plain words, and what has to be said beside it.

    Where all answers are the same, evaluators agree, though not on anything difficult. Where nearly all are, alpha and
    kappa are low even if only one differs; if Randolph's kappa, which does not mind, is better, nothing is held against
    the evaluators for certain.
    """
    if calls < fewest:
        return "too_few", "one_evaluator" if not calls else "one_answer" if value is None else ""
    if value is None:
        return "agree", "one_answer"
    found: Judged = "agree" if value >= rules.good else "tentative" if value >= rules.tentative else "disagree"
    rare = prevalence is not None and prevalence >= rules.prevalence and found != "agree"
    if rare and same is not None and free.value is not None:
        enough = free.value >= float(rules.tentative) - SAME
        return ("tentative" if enough else found), "prevalence"
    return found, ""
