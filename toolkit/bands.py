"""Bands, slices and rates: what a measure earns, exactly.

A band has a start only. Values are exact fractions on the band's scale: an amount of the major unit, an
attainment (0.8 for 80 %), days past due, a count, or a KPI's value. Results are exact amounts of the
major unit; rounding happens once, later, on the payable line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

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


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of an earning: `base` at the rate or amount of band number `band` gives `earned`."""

    band: int
    base: Fraction
    earned: Fraction


def reached(bands: Sequence[Band], value: Fraction, edge: Edge | None) -> int:
    """Number of the band that `value` falls in, -1 below the first start.

    A value exactly on a start belongs to its band (`from`) or to the band before (`above`).
    """
    number = -1
    for index, band in enumerate(bands):
        if value > band.start or (value == band.start and edge != "above"):
            number = index
    return number


def sliced(bands: Sequence[Band], value: Fraction) -> list[tuple[int, Fraction]]:
    """How much of `value` lies in each band: (number, width), the bands above `value` left out."""
    widths = []
    for index, band in enumerate(bands):
        end = bands[index + 1].start if index + 1 < len(bands) else value
        width = min(value, end) - band.start
        if width > 0:
            widths.append((index, width))
    return widths


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


def earned(
    component: Component,
    measure: Fraction,
    *,
    value: Fraction | None = None,
    target: Fraction | None = None,
    share: Fraction = ONE,
) -> list[Part]:
    """What `measure` earns under a component's bands, before gates, factor, floor and cap.

    measure: the period's total (or one payment's) after `where` and before `base_share`, in the major
      unit or in units counted.
    value: where on the bands' scale the measure stands, if the scale is not the measure's own (a KPI's
      value, days past due, the count of payments).
    target: the agent's target, for attainment and at_target.
    share: the share of the period's days that the component is in force (versions within a period).
    """
    base = after_share(measure, component)
    bands = prorated(component.scale, component, share)
    if component.band_by == "attainment" or component.kind == "at_target":
        return _earned_by_attainment(component, bands, measure, target, value, share)
    stands_at = base if value is None else value
    if component.kind == "fixed":
        return _fixed(bands, stands_at, component.band_edge, share)
    if component.band_mode == "slice":
        return [_part(component, bands, number, width) for number, width in sliced(bands, base)]
    return _whole(component, bands, base, stands_at)


def _whole(component: Component, bands: Sequence[Band], base: Fraction, value: Fraction) -> list[Part]:
    if component.band_mode == "interpolated":
        number = reached(bands, value, "from")
        return [Part(number, base, base * interpolated_rate(bands, value))] if number >= 0 else []
    number = reached(bands, value, component.band_edge)
    return [_part(component, bands, number, base)] if number >= 0 and base else []


def _part(component: Component, bands: Sequence[Band], number: int, base: Fraction) -> Part:
    band = bands[number]
    if component.kind == "per_unit":
        return Part(number, base, base * Fraction(band.amount or 0))
    return Part(number, base, base * Fraction(band.rate or 0, PPM))


def _fixed(bands: Sequence[Band], value: Fraction, edge: Edge | None, share: Fraction) -> list[Part]:
    number = reached(bands, value, edge)
    return [Part(number, ONE, Fraction(bands[number].amount or 0) * share)] if number >= 0 else []


def _earned_by_attainment(
    component: Component,
    bands: Sequence[Band],
    measure: Fraction,
    target: Fraction | None,
    value: Fraction | None,
    share: Fraction,
) -> list[Part]:
    # with neither a target nor an attainment, what a KPI's band says holds for one whole attainment
    met = ONE if component.target is None else attainment(measure, target)
    stands_at = met if component.band_by in (None, "attainment") or value is None else value
    if component.band_by == "attainment" and not target:
        return _without_target(component, bands, measure, share)
    if component.kind == "fixed":
        return _fixed(bands, stands_at, component.band_edge, share)
    if component.kind == "at_target":
        # at_target is earned at 100 %: what one whole attainment is worth
        worth = Fraction(component.at_target or 0) * share
        whole = component.model_copy(update={"kind": "percent"})
        if component.band_mode in (None, "slice"):
            parts = [_part(whole, bands, number, width) for number, width in sliced(bands, met)]
        else:
            parts = _whole(whole, bands, met, stands_at)
        return [Part(part.band, part.base, part.earned * worth) for part in parts]
    if component.band_mode != "slice":
        return _whole(component, bands, after_share(measure, component), stands_at)
    assert target  # noqa: S101  # without one, everything is in the first band
    return [
        _part(component, bands, number, after_share(width * target, component)) for number, width in sliced(bands, met)
    ]


def _without_target(component: Component, bands: Sequence[Band], measure: Fraction, share: Fraction) -> list[Part]:
    """Everything in the first band; at_target, which is a share of the target met, earns nothing."""
    if component.kind == "at_target":
        return []
    if component.kind == "fixed":
        return [Part(0, ONE, Fraction(bands[0].amount or 0) * share)]
    base = after_share(measure, component)
    return [_part(component, bands, 0, base)] if base else []
