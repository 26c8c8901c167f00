"""What counts as a signal: Western Electric's four rules, Nelson's eight, and the tabular CUSUM for slow decline.

The two sets differ in the length of a run on one side: eight points at Western Electric, nine at Nelson. A rule looks
at as many points as it names, and not before there are so many. A point on a limit or on the centre is not beyond it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Side = Literal["low", "high", ""]
"""Where a signal lies; "" for patterns that have no side."""
Pattern = Literal["beyond", "trend", "alternating", "within", "outside"]
SIGNS: tuple[tuple[Side, int], ...] = (("low", -1), ("high", 1))
EXACT_TO = 12


@dataclass(frozen=True, slots=True)
class RunRule:
    """`hits` of `window` points in a row show the pattern.

    beyond: more than `sigmas` from the centre on one side. trend: all rising or all falling. alternating: up and down
    in turn. within, outside: nearer to or farther from the centre than `sigmas`, on either side.
    """

    code: str
    pattern: Pattern
    hits: int
    window: int
    sigmas: int = 0


@dataclass(frozen=True, slots=True)
class Cusum:
    """Tabular CUSUM (Montgomery): departures of more than `slack` are added up; a sum above `decision` is a signal.

    Both in standard deviations. Slack 0.5 looks for shifts of one; decision is usually 4 (sooner) to 5 (surer).
    """

    slack: float = 0.5
    decision: float = 4.0
    code: str = "CUSUM"

    def __post_init__(self) -> None:
        if self.slack < 0 or self.decision <= 0:
            raise ValueError("a CUSUM's slack is not negative, and its decision interval is above 0")


Rule = RunRule | Cusum

WESTERN_ELECTRIC: tuple[RunRule, ...] = (
    RunRule("WE1", "beyond", 1, 1, 3),
    RunRule("WE2", "beyond", 2, 3, 2),
    RunRule("WE3", "beyond", 4, 5, 1),
    RunRule("WE4", "beyond", 8, 8, 0),
)
NELSON: tuple[RunRule, ...] = (
    RunRule("N1", "beyond", 1, 1, 3),
    RunRule("N2", "beyond", 9, 9, 0),
    RunRule("N3", "trend", 6, 6),
    RunRule("N4", "alternating", 14, 14),
    RunRule("N5", "beyond", 2, 3, 2),
    RunRule("N6", "beyond", 4, 5, 1),
    RunRule("N7", "within", 15, 15, 1),
    RunRule("N8", "outside", 8, 8, 1),
)
FOR_MANY: tuple[Rule, ...] = (WESTERN_ELECTRIC[0], Cusum())
"""For many series at once: all four Western Electric rules cry wolf about once in 92 points of every series."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that a point breaks: the position of the point and of the first one that counts for it, from 0."""

    at: int
    since: int
    rule: str
    side: Side


def hits(z: Sequence[float], rule: Rule) -> list[Hit]:
    """Every point at which the rule is broken, by its distances from the centre in standard deviations."""
    if isinstance(rule, Cusum):
        return _cusum_hits(z, rule)
    broken = []
    for at in range(rule.window - 1, len(z)):
        since = at - rule.window + 1
        broken += [Hit(at, since, rule.code, side) for side in _SHOWN[rule.pattern](z[since : at + 1], rule)]
    return broken


def most_serious(z: Sequence[float], rules: Sequence[Rule], sides: Sequence[Side] = ("low", "high", "")) -> list[Hit]:
    """One hit a point and no more, in order: of overlapping rules the one named first, which is the most serious."""
    found: dict[int, Hit] = {}
    for rule in rules:
        for hit in hits(z, rule):
            if hit.side in sides:
                found.setdefault(hit.at, hit)
    return [found[at] for at in sorted(found)]


def cusum(values: Sequence[float], target: float, slack: float) -> tuple[list[float], list[float]]:
    """The sums of what is above and below the target by more than the slack, never under 0, in the values' unit."""
    return _sums(values, target, slack, 1), _sums(values, target, slack, -1)


def _sums(values: Sequence[float], target: float, slack: float, sign: int) -> list[float]:
    sums, before = [], 0.0
    for value in values:
        before = max(0.0, before + sign * (value - target) - slack)
        sums.append(round(before, EXACT_TO))
    return sums


def _cusum_hits(z: Sequence[float], rule: Cusum) -> list[Hit]:
    broken = []
    for side, sign in SIGNS:
        since = 0
        for at, total in enumerate(_sums(z, 0.0, rule.slack, sign)):
            since = at + 1 if total == 0 else since
            if total > rule.decision:
                broken.append(Hit(at, since, rule.code, side))
    return sorted(broken, key=lambda hit: hit.at)


def _beyond(z: Sequence[float], rule: RunRule) -> Iterator[Side]:
    yield from (side for side, sign in SIGNS if sum(sign * each > rule.sigmas for each in z) >= rule.hits)


def _trend(z: Sequence[float], rule: RunRule) -> Iterator[Side]:
    yield from (side for side, sign in SIGNS if all(sign * (after - before) > 0 for before, after in pairwise(z)))


def _alternating(z: Sequence[float], rule: RunRule) -> Iterator[Side]:
    steps = [after - before for before, after in pairwise(z)]
    if all(one * other < 0 for one, other in pairwise(steps)):
        yield ""


def _within(z: Sequence[float], rule: RunRule) -> Iterator[Side]:
    if all(abs(each) < rule.sigmas for each in z):
        yield ""


def _outside(z: Sequence[float], rule: RunRule) -> Iterator[Side]:
    if all(abs(each) > rule.sigmas for each in z):
        yield ""


_SHOWN: dict[Pattern, Callable[[Sequence[float], RunRule], Iterator[Side]]] = {
    "beyond": _beyond,
    "trend": _trend,
    "alternating": _alternating,
    "within": _within,
    "outside": _outside,
}
