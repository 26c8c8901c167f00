"""Bands, slices and rates: what a measure earns, exactly.

A band has a start only. Values are exact fractions on the band's scale: an amount of the major unit, an
attainment (0.8 for 80 %), days past due, a count, or a KPI's value. Results are exact amounts of the
major unit; rounding happens once, later, on the payable line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from toolkit.money import PPM
from toolkit.plans import Band, Component, Edge

ZERO = Fraction(0)
ONE = Fraction(1)


def summed(values: Iterable[Fraction]) -> Fraction:
    """The sum; most have one part only, and a needless addition of fractions takes as long as a needed one."""
    parts = iter(values)
    total = next(parts, ZERO)
    for part in parts:
        total += part
    return total


def after_share(measure: Fraction, component: Component) -> Fraction:
    """The share of the measure that counts (`base_share`)."""
    return measure if component.base_share == PPM else measure * Fraction(component.base_share, PPM)


@dataclass(slots=True)
class Part:
    """One piece of an earning: what lies in band number `band`, and what it pays.

    Kept as whole numbers, because a fraction brought to its lowest terms takes longer than all the rest:
    `width` / `over` of the base, at `pay` / `per` for one of it.
    """

    band: int
    width: int
    over: int
    pay: int
    per: int

    @property
    def base(self) -> Fraction:
        return Fraction(self.width, self.over)

    @property
    def earned(self) -> Fraction:
        return Fraction(self.width * self.pay, self.over * self.per)


def paid(band: int, base: Fraction, pay: Fraction) -> Part:
    """`base` at `pay` for one of it."""
    return Part(band, base.numerator, base.denominator, pay.numerator, pay.denominator)


def earned_by(parts: Sequence[Part]) -> Fraction:
    """What the parts of one earning, which have their denominators in common, add up to."""
    if not parts:
        return ZERO
    whole = 0
    for part in parts:
        whole += part.width * part.pay
    return Fraction(whole, parts[0].over * parts[0].per)


def reached(bands: Sequence[Band], value: Fraction, edge: Edge | None) -> int:
    """Number of the band that `value` falls in, -1 below the first start.

    A value exactly on a start belongs to its band (`from`) or to the band before (`above`).
    """
    number = -1
    for index, band in enumerate(bands):
        if value > band.start or (value == band.start and edge != "above"):
            number = index
    return number


def interpolated_rate(bands: Sequence[Band], value: Fraction) -> Fraction:
    """The rate (a fraction, 0.02 for 2 %) on the straight line between the two points around `value`.

    0 below the first point; the last point's rate above it.
    """
    number = reached(bands, value, "from")
    if number < 0:
        return ZERO
    rate = Fraction(bands[number].rate or 0, PPM)
    if number + 1 == len(bands):
        return rate
    here, following = bands[number], bands[number + 1]
    next_rate = Fraction(following.rate or 0, PPM)
    return rate + (next_rate - rate) * (value - here.start) / (following.start - here.start)


def prorated(bands: Sequence[Band], component: Component, share: Fraction) -> tuple[Band, ...]:
    """The bands for a part of a period: amount and count starts shrink with the days, other scales do not."""
    if share == 1 or component.band_by not in ("amount", "count"):
        return tuple(bands)
    return tuple(band.model_copy(update={"start": band.start * share}) for band in bands)


def attainment(measure: Fraction, target: Fraction | None) -> Fraction:
    """measure / target; 0 where there is no target or a target of zero."""
    return measure / target if target else ZERO


class PayScale:
    """What a component pays for a measure, made ready once for many agents.

    share: the share of the period's days that the component is in force (versions within a period).
    """

    def __init__(self, component: Component, share: Fraction = ONE) -> None:
        self.component = component
        self.share = share
        self._bands = prorated(component.scale, component, share)
        self._unit = lcm(*(band.start.denominator for band in self._bands))
        self._starts = [int(band.start * self._unit) for band in self._bands]
        self._times = Fraction(component.at_target or 0) * share if component.kind == "at_target" else ONE
        pays = [self._pay_of(band) for band in self._bands]
        self._per = lcm(*(pay.denominator for pay in pays))
        self._pays = [int(pay * self._per) for pay in pays]

    def _pay_of(self, band: Band) -> Fraction:
        """What one of the base pays in a band."""
        if self.component.kind == "fixed":
            return Fraction(band.amount or 0) * self.share
        if self.component.kind == "per_unit":
            return Fraction(band.amount or 0)
        return Fraction(band.rate or 0, PPM) * self._times

    def earned(self, measure: Fraction, *, value: Fraction | None = None, target: Fraction | None = None) -> list[Part]:
        """What `measure` earns under the component's bands, before gates, factor, floor and cap.

        measure: the period's total (or one payment's) after `where` and before `base_share`, in the major
          unit or in units counted.
        value: where on the bands' scale the measure stands, if the scale is not the measure's own (a KPI's
          value, days past due, the count of payments), or if it is known (the attainment).
        target: the agent's target, for attainment and at_target.
        """
        component = self.component
        if component.kind == "at_target":
            return self._at_target(measure, value, target)
        if component.band_by == "attainment":
            return self._by_attainment(measure, value, target)
        base = after_share(measure, component)
        if component.band_mode == "slice" and component.kind != "fixed":
            return self._slices(base, ONE)
        return self._whole(base, base if value is None else value)

    def _by_attainment(self, measure: Fraction, value: Fraction | None, target: Fraction | None) -> list[Part]:
        """Without a target, everything is in the first band."""
        base = after_share(measure, self.component)
        if not target:
            return self._in_band(0, base)
        met = measure / target if value is None else value
        if self.component.band_mode == "slice" and self.component.kind != "fixed":
            return self._slices(met, after_share(target, self.component))
        return self._whole(base, met)

    def _at_target(self, measure: Fraction, value: Fraction | None, target: Fraction | None) -> list[Part]:
        """What is earned at 100 %, for the share of the target that was met; nothing without a target.

        With neither a target nor an attainment, what a KPI's band says holds for one whole attainment.
        """
        component = self.component
        if component.band_by == "attainment" and not target:
            return []
        met = ONE if component.target is None else attainment(measure, target)
        if component.band_mode in (None, "slice"):
            return self._slices(met, ONE)
        return self._whole(met, met if value is None or component.band_by in (None, "attainment") else value)

    def _slices(self, value: Fraction, of: Fraction) -> list[Part]:
        """How much of `value` lies in each band, each at its own pay; one of the scale is worth `of` of the base."""
        end, denominator, times = value.numerator * self._unit, value.denominator, of.numerator
        over = denominator * self._unit * of.denominator
        last, parts = len(self._starts) - 1, []
        for band, start in enumerate(self._starts):
            low = start * denominator
            if end <= low:
                break
            high = end if band == last else min(end, self._starts[band + 1] * denominator)
            parts.append(Part(band, (high - low) * times, over, self._pays[band], self._per))
        return parts

    def _whole(self, base: Fraction, value: Fraction) -> list[Part]:
        """All of `base` at the pay of the band that `value` reaches, or at the rate on the line between two."""
        if self.component.band_mode == "interpolated":
            number = reached(self._bands, value, "from")
            rate = interpolated_rate(self._bands, value)
            return [paid(number, base, rate * self._times)] if number >= 0 else []
        return self._in_band(reached(self._bands, value, self.component.band_edge), base)

    def _in_band(self, number: int, base: Fraction) -> list[Part]:
        if self.component.kind == "fixed":
            base = ONE
        if number < 0 or not base:
            return []
        return [Part(number, base.numerator, base.denominator, self._pays[number], self._per)]
