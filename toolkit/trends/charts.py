"""Control limits of a quiet stretch: made once from the points given in, and kept until somebody approves others.

Two charts. "shares" is the p-chart for shares of counts (conversion, promises kept): its limits follow each point's
own base. "values" is the individuals chart for money, counts, and rates of money, whose base is no count of tries;
it is also the better one where bases are so large (thousands) that chance alone explains almost nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from statistics import NormalDist
from typing import Literal

from toolkit.chances import at_most
from toolkit.trends.days import Number, Point

Chart = Literal["shares", "values"]

NEVER = 1e-12
"""As unlikely as anything is taken to be."""
D2 = Fraction(1128, 1000)
"""Mean range of two normal values in standard deviations, as published tables round it (NIST/SEMATECH 6.3.2.2)."""
ENOUGH_HISTORY = 8
EXACT_TO = 12
"""Decimals of z that count: a point on its limit is on it, whatever the last bit of a square root says."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Frozen limits. centre: the usual value. moving_range: mean range of neighbouring points, of "values" only.

    points, first, last: the stretch they were made from; points is None for limits that people set.
    """

    chart: Chart
    centre: Fraction
    moving_range: Fraction = Fraction(0)
    points: int | None = None
    first: date | None = None
    last: date | None = None

    @property
    def too_few(self) -> bool:
        """Made from fewer than eight points: nothing may be said by them."""
        return self.points is not None and self.points < ENOUGH_HISTORY

    @property
    def flat(self) -> bool:
        """All points were the same: there is no variation by which to judge others."""
        return self.centre in (0, 1) if self.chart == "shares" else self.moving_range == 0

    def sigma(self, base: Number | None = None) -> float:
        """One standard deviation: of a share with this base, or of a value."""
        if self.chart == "values":
            return float(self.moving_range / D2)
        if base is None:
            raise ValueError("limits of shares depend on the base: say how many the share is of")
        return sqrt(self.centre * (1 - self.centre) / Fraction(base))

    def at(self, base: Number | None = None) -> tuple[float, float]:
        """The lower and upper limit, three standard deviations from the centre; those of a share within 0 and 1."""
        wide = 3 * self.sigma(base)
        lower, upper = float(self.centre) - wide, float(self.centre) + wide
        return (max(lower, 0.0), min(upper, 1.0)) if self.chart == "shares" else (lower, upper)

    def _has_few_cases(self, point: Point) -> bool:
        base = Fraction(point.denominator or 0)
        return base * min(self.centre, 1 - self.centre) < FEW_CASES

    def _z_of_few(self, point: Point) -> float:
        """The place on the bell curve that is as unlikely as so many of so few cases (binomial, mid-p)."""
        base, centre = round(Fraction(point.denominator or 0)), float(self.centre)
        cases = round(Fraction(point.numerator))
        below = float(at_most([cases - 1, cases], base, centre).mean())
        return NormalDist().inv_cdf(min(max(below, NEVER), 1 - NEVER))

    def z(self, point: Point) -> float:
        """How many standard deviations the point is above the centre; 0 where there is no variation to judge by."""
        if self.flat:
            return 0.0
        if self.chart == "shares" and self._has_few_cases(point):
            return round(self._z_of_few(point), EXACT_TO)
        away = point.exact - self.centre
        exact = away * D2 / self.moving_range if self.chart == "values" else float(away) / self.sigma(point.denominator)
        return round(float(exact), EXACT_TO)


FEW_CASES = 5
"""Expected cases on either side below which the bell curve says too much: the chances are then counted exactly."""


def limits_of(points: Sequence[Point], chart: Chart) -> Limits:
    """Limits from a quiet stretch, all of its points: mean +- 3 MRbar/1.128, or pbar +- 3 sqrt(pbar(1-pbar)/n).

    Points that have a known cause are to be left out by the caller, who answers for that. `ValueError` without points.
    """
    if not points:
        raise ValueError("limits need at least one point")
    days = [point.day for point in points]
    stretch = (len(points), min(days), max(days))
    if chart == "shares":
        return Limits(chart, _pooled(points), Fraction(0), *stretch)
    values = [point.exact for point in points]
    ranges = [abs(after - before) for before, after in pairwise(values)]
    mean_range = sum(ranges, Fraction(0)) / max(len(ranges), 1)
    return Limits(chart, sum(values, Fraction(0)) / len(values), mean_range, *stretch)


def _pooled(points: Sequence[Point]) -> Fraction:
    """Sum of numerators by sum of bases, never a mean of shares."""
    bases = [Fraction(point.denominator or 0) for point in points]
    if not all(bases):
        raise ValueError("a chart of shares needs the base of every point")
    share = sum((Fraction(point.numerator) for point in points), Fraction(0)) / sum(bases)
    if not 0 <= share <= 1:
        raise ValueError("these are no shares of counts: take the chart of values")
    return share


def limits_by_kind(points: Sequence[Point], chart: Chart) -> Mapping[str, Limits]:
    """Limits for ordinary days and for each kind of marked day, each from its own days."""
    kinds = dict.fromkeys(point.kind for point in points)
    return {kind: limits_of([point for point in points if point.kind == kind], chart) for kind in kinds}


def record_of(limits: Limits) -> dict[str, str | int | None]:
    """The limits as plain words and numbers, exact, for a file."""
    return {
        "chart": limits.chart,
        "centre": str(limits.centre),
        "moving_range": str(limits.moving_range),
        "points": limits.points,
        "first": limits.first.isoformat() if limits.first else None,
        "last": limits.last.isoformat() if limits.last else None,
    }


def from_record(record: Mapping[str, str | int | None]) -> Limits:
    """The limits that were kept, as they were. `ValueError` for a record that has none."""
    chart, points = record["chart"], record["points"]
    if chart not in ("shares", "values"):
        raise ValueError(f'"{chart}" is no chart: shares or values')
    first, last = (date.fromisoformat(str(record[name])) if record[name] else None for name in ("first", "last"))
    centre, mean_range = Fraction(str(record["centre"])), Fraction(str(record["moving_range"]))
    kept: Chart = "shares" if chart == "shares" else "values"
    return Limits(kept, centre, mean_range, None if points is None else int(points), first, last)
