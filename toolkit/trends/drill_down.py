"""Which bucket, branch, hour or agent explains how much of a change between two stretches of days.

A share changes because parts change their own share (rate) and because parts with high or low shares weigh more or
less than before (mix). Both are counted halfway between before and after, so that nothing is left over and neither
stretch is favoured: the parts add up to the whole change exactly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

import polars as pl

Number = int | Fraction
Sums = Mapping[str, tuple[int, int]]
"""Numerator and denominator by part."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from the first to the last, both included; `days` is how many of them are counted, all unless given."""

    first: date
    last: date
    counted: int | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1 if self.counted is None else self.counted


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a part adds to the whole change. before, after: its own share, or amount a day; None without a base. sums:
    numerator and denominator (0 for amounts) before and after."""

    part: str
    before: Fraction | None
    after: Fraction | None
    mix: Fraction
    rate: Fraction
    sums: tuple[tuple[Number, Number], tuple[Number, Number]] = ((0, 0), (0, 0))

    @property
    def total(self) -> Fraction:
        return self.mix + self.rate


@dataclass(frozen=True, slots=True)
class Change:
    """A change and what explains it, the worst part first. before, after: None where a stretch has no base."""

    dimension: str
    before: Fraction | None
    after: Fraction | None
    parts: tuple[Contribution, ...] = ()

    @property
    def whole(self) -> Fraction | None:
        """The change that the parts add up to; None where one of the stretches has no base."""
        return None if self.before is None or self.after is None else self.after - self.before

    def explains(self, part: Contribution) -> Fraction | None:
        """The part's share of the whole change; None where there was no change."""
        return part.total / self.whole if self.whole else None

    def weight(self, part: Contribution) -> Fraction:
        """How much of the cases the part has, or of the amount: halfway between before and after."""
        place = 1 if any(each.sums[at][1] for each in self.parts for at in (0, 1)) else 0
        wholes = [sum((Fraction(each.sums[at][place]) for each in self.parts), Fraction(0)) for at in (0, 1)]
        known = [Fraction(part.sums[at][place]) / wholes[at] for at in (0, 1) if wholes[at]]
        return sum(known, Fraction(0)) / len(known) if known else Fraction(0)

    def in_units(self, parts: int, denominator_parts: int) -> "Change":
        """The same in the units that people use, of which numerators and denominators are counted in so many parts."""
        shown = [_in_units(part, parts, denominator_parts) for part in self.parts]
        before, after = (_times(value, Fraction(denominator_parts, parts)) for value in (self.before, self.after))
        return Change(self.dimension, before, after, tuple(shown))


def _in_units(part: Contribution, parts: int, denominator_parts: int) -> Contribution:
    unit = Fraction(denominator_parts, parts)
    before, after = ((Fraction(above) / parts, Fraction(below) / denominator_parts) for above, below in part.sums)
    own = _times(part.before, unit), _times(part.after, unit)
    return Contribution(part.part, *own, part.mix * unit, part.rate * unit, (before, after))


def _times(value: Fraction | None, unit: Fraction) -> Fraction | None:
    return None if value is None else value * unit


def drilled_down(
    facts: pl.DataFrame,
    dimensions: Sequence[str],
    before: Stretch,
    after: Stretch,
    better: Literal["higher", "lower"] = "higher",
) -> tuple[Change, ...]:
    """The change by each dimension. facts: day, numerator, the dimensions' columns and, for shares, denominator."""
    return tuple(_by_dimension(facts, dimension, before, after, better) for dimension in dimensions)


def _by_dimension(
    facts: pl.DataFrame, dimension: str, before: Stretch, after: Stretch, better: Literal["higher", "lower"]
) -> Change:
    if "denominator" in facts.columns:
        return change_of_share(dimension, _sums(facts, dimension, before), _sums(facts, dimension, after), better)
    counted = facts.with_columns(denominator=pl.lit(0))
    amounts = [{part: sums[0] for part, sums in _sums(counted, dimension, each).items()} for each in (before, after)]
    return change_of_amount(dimension, amounts[0], amounts[1], (before.days, after.days), better)


def _sums(facts: pl.DataFrame, dimension: str, stretch: Stretch) -> Sums:
    inside = facts.filter(pl.col("day").is_between(stretch.first, stretch.last))
    part = pl.col(dimension).cast(pl.String).fill_null("")
    summed = inside.group_by(part.alias("part")).agg(pl.col("numerator", "denominator").sum()).sort("part")
    return {part: (above, below) for part, above, below in summed.iter_rows()}


def change_of_share(dimension: str, before: Sums, after: Sums, better: Literal["higher", "lower"] = "higher") -> Change:
    """The change of a share and its parts; no parts where one of the stretches has no base at all."""
    bases = [sum(below for _, below in sums.values()) for sums in (before, after)]
    wholes = [
        Fraction(sum(above for above, _ in sums.values()), base) if base else None
        for sums, base in zip((before, after), bases, strict=True)
    ]
    old, new = wholes
    if old is None or new is None:
        return Change(dimension, old, new)
    names = dict.fromkeys([*before, *after])
    parts = [
        _of_share(name, before.get(name, (0, 0)), after.get(name, (0, 0)), (bases[0], bases[1]), (old + new) / 2)
        for name in names
    ]
    return Change(dimension, old, new, _worst_first(parts, better))


def _of_share(
    part: str, before: tuple[int, int], after: tuple[int, int], bases: tuple[int, int], usual: Fraction
) -> Contribution:
    """The part's mix and rate. A part that came or went has no rate to compare: all of it is mix.

    What has a numerator and no base (a payment on what was not due) is all rate: it changed the whole, not the weights.
    """
    baseless = [
        Fraction(0) if below else Fraction(above, base)
        for (above, below), base in zip((before, after), bases, strict=True)
    ]
    shares = [Fraction(*sums) if sums[1] else None for sums in (before, after)]
    weights = Fraction(before[1], bases[0]), Fraction(after[1], bases[1])
    old = shares[0] if shares[0] is not None else shares[1]
    new = shares[1] if shares[1] is not None else shares[0]
    mix = rate = Fraction(0)
    if old is not None and new is not None:
        mix = (weights[1] - weights[0]) * ((old + new) / 2 - usual)
        rate = (new - old) * (weights[0] + weights[1]) / 2
    return Contribution(part, shares[0], shares[1], mix, rate + baseless[1] - baseless[0], (before, after))


def change_of_amount(
    dimension: str,
    before: Mapping[str, int],
    after: Mapping[str, int],
    days: tuple[int, int],
    better: Literal["higher", "lower"] = "higher",
) -> Change:
    """The change of an amount or a count per day; stretches may differ in length, and there is no mix."""
    if not all(days):
        return Change(dimension, None, None)
    parts = []
    for name in dict.fromkeys([*before, *after]):
        old, new = Fraction(before.get(name, 0), days[0]), Fraction(after.get(name, 0), days[1])
        sums = (before.get(name, 0), 0), (after.get(name, 0), 0)
        parts.append(Contribution(name, old, new, Fraction(0), new - old, sums))
    wholes = Fraction(sum(before.values()), days[0]), Fraction(sum(after.values()), days[1])
    return Change(dimension, *wholes, _worst_first(parts, better))


def _worst_first(parts: Sequence[Contribution], better: Literal["higher", "lower"]) -> tuple[Contribution, ...]:
    sign = 1 if better == "higher" else -1
    return tuple(sorted(parts, key=lambda each: (sign * each.total, each.part)))
