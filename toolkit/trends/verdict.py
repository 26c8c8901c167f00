"""What a series says today, in plain words with the statistic's name beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from toolkit.problems import Problem, problem, said
from toolkit.trends.charts import ENOUGH_HISTORY, Limits
from toolkit.trends.days import LeftOut, Point
from toolkit.trends.drill_down import Change
from toolkit.trends.rules import FOR_MANY, Hit, Rule, Side, most_serious

Better = Literal["higher", "lower"]
Word = Literal["drop", "rise", "odd", "steady", "too_few"]
Shown = Callable[[Point | Limits], str]


@dataclass(frozen=True, slots=True)
class Signal:
    """A point that is not chance: the day, the first day that counts for it, the rule broken, and the side."""

    day: date
    since: date
    rule: str
    side: Side


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a manager has to fill in for every negative trend; empty until then."""

    cause: str = ""
    action: str = ""
    owner: str = ""
    due: date | None = None

    @property
    def complete(self) -> bool:
        return all((self.cause.strip(), self.action.strip(), self.owner.strip(), self.due))


@dataclass(frozen=True)
class Trend:
    """What a series says on its last day. word: drop and rise are real ones; bad: it goes the wrong way.

    signals: one a day and no more, of all days that were judged. left_out: days that were not. explained: what a
    drill-down found, if one was made.
    """

    series: str
    word: Word
    bad: bool
    signals: tuple[Signal, ...]
    left_out: tuple[LeftOut, ...]
    finding: Problem
    explained: tuple[Change, ...] = ()
    follow_up: FollowUp = field(default_factory=FollowUp)

    @property
    def in_words(self) -> str:
        """real drop, real rise, steady, too few days to say."""
        return said(f"TREND_WORD_{self.word.upper()}")


def bad_side(better: Better) -> Side:
    """The side on which a signal is bad news."""
    return "low" if better == "higher" else "high"


def watched(
    series: str,
    points: Sequence[Point],
    limits: Mapping[str, Limits],
    better: Better = "higher",
    rules: Sequence[Rule] = FOR_MANY,
    only_bad: bool = False,
    shown: Shown | None = None,
) -> Trend:
    """A series judged by frozen limits, which are never made anew here.

    points: in order of days, as `like_with_like` gives them. limits: by kind of day; points of a kind without limits,
    or with limits from fewer than eight points, are left out. rules: the most serious first. shown: how a value and
    the usual value are written; plain numbers and percentages unless given.
    """
    judged = [point for point in points if _known(point, limits)]
    left_out = tuple(LeftOut(point, "no limits for its kind") for point in points if not _known(point, limits))
    if not judged:
        return Trend(series, "too_few", False, (), left_out, _too_few(series, limits))
    if limits[judged[-1].kind].flat:
        return _flat(series, judged[-1], limits, left_out, shown or plainly)
    sides: tuple[Side, ...] = (bad_side(better),) if only_bad else ("low", "high", "")
    found = most_serious([limits[point.kind].z(point) for point in judged], rules, sides)
    signals = tuple(_signal(hit, judged) for hit in found)
    word = _word_of(found, len(judged) - 1)
    bad = bool(found) and word in ("drop", "rise") and found[-1].side == bad_side(better)
    finding = _finding(series, word, bad, judged, limits, signals, shown or plainly)
    return Trend(series, word, bad, signals, left_out, finding)


def _known(point: Point, limits: Mapping[str, Limits]) -> bool:
    return point.kind in limits and not limits[point.kind].too_few and point.denominator != 0


def _signal(hit: Hit, judged: Sequence[Point]) -> Signal:
    return Signal(judged[hit.at].day, judged[hit.since].day, hit.rule, hit.side)


def _word_of(found: Sequence[Hit], last: int) -> Word:
    """By the last day's signal alone: what was out and is back within its limits is steady again."""
    if not found or found[-1].at != last:
        return "steady"
    words: dict[Side, Word] = {"low": "drop", "high": "rise", "": "odd"}
    return words[found[-1].side]


def _too_few(series: str, limits: Mapping[str, Limits]) -> Problem:
    most = max((each.points or 0 for each in limits.values()), default=0)
    return problem("TREND_TOO_FEW", value=series, points=most, needed=ENOUGH_HISTORY)


def _flat(
    series: str, point: Point, limits: Mapping[str, Limits], left_out: tuple[LeftOut, ...], shown: Shown
) -> Trend:
    """All earlier values were the same: still the same is steady, another one cannot be judged."""
    usual = limits[point.kind]
    if point.exact == usual.centre:
        finding = problem("TREND_STEADY", value=series, seen=shown(point), usual=shown(usual))
        return Trend(series, "steady", False, (), left_out, finding)
    finding = problem("TREND_FLAT", value=series, seen=shown(point), usual=shown(usual))
    return Trend(series, "too_few", False, (), left_out, finding)


def _finding(
    series: str,
    word: Word,
    bad: bool,
    judged: Sequence[Point],
    limits: Mapping[str, Limits],
    signals: Sequence[Signal],
    shown: Shown,
) -> Problem:
    last = judged[-1]
    seen, usual = shown(last), shown(limits[last.kind])
    if word == "steady":
        return problem("TREND_STEADY", value=series, seen=seen, usual=usual)
    signal = signals[-1]
    code = "TREND_ODD" if word == "odd" else f"TREND_{word.upper()}_{'BAD' if bad else 'GOOD'}"
    if word != "odd" and signal.since < signal.day:
        stretch = [point for point in judged if signal.since <= point.day <= signal.day and point.kind == last.kind]
        code, seen = f"{code}_SINCE", shown(together(stretch))
    rule = said(f"TREND_RULE_{signal.rule}")
    return problem(code, value=series, day=signal.day, since=signal.since, rule=rule, seen=seen, usual=usual)


def together(points: Sequence[Point]) -> Point:
    """Several days as one: the share of all their cases, or their mean."""
    numerator = sum((Fraction(point.numerator) for point in points), Fraction(0))
    if points[-1].denominator is None:
        return Point(points[-1].day, numerator / len(points))
    return Point(points[-1].day, numerator, sum((Fraction(point.denominator or 0) for point in points), Fraction(0)))


def plainly(value: Point | Limits) -> str:
    """A share as a percentage with one decimal, anything else as a whole number with its thousands marked."""
    is_share = value.denominator is not None if isinstance(value, Point) else value.chart == "shares"
    exact = value.exact if isinstance(value, Point) else value.centre
    return f"{float(exact):.1%}" if is_share else f"{round(exact):,}"
