"""The linter's rules for what a component pays: its rates and amounts, its bands and slices, its matrix."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import get_args

from toolkit.kpi_codes import kpi_codes
from toolkit.money import PPM, percentage
from toolkit.plan_checks.findings import Finding, Place, did_you_mean, found, listed
from toolkit.plan_checks.mistakes import keys_of
from toolkit.plans import BAND_SCALES, Band, Component, Where

VALUE_OF_KIND = {"percent": "rate", "at_target": "rate", "per_unit": "amount", "fixed": "amount"}
"""Which of rate, amount and factor a band of each kind of component gives."""
BALANCE_SCALES = ("days_past_due", "balance")


def pay_findings(component: Component, place: Place) -> Iterator[Finding]:
    """What is wrong with a component's rates, amounts, bands and matrix."""
    yield from _values(component, place)
    yield from band_order(component.bands, (*place, "bands"))
    yield from _first_start(component, place)
    yield from _band_keys(component, place)
    yield from _slices(component, place)
    yield from _matrix(component, place)


# -- rates and amounts -----------------------------------------------------------------------------------


def _values(component: Component, place: Place) -> Iterator[Finding]:
    wanted = VALUE_OF_KIND.get(component.kind)
    for key in ("rate", "amount"):
        value = getattr(component, key)
        if value is not None and key != wanted:
            better = wanted or "matrix"
            yield found((*place, key), "PLAN_VALUE_KIND", key, kind=component.kind, wanted=better)
        elif value is not None and component.bands:
            yield found((*place, key), "PLAN_VALUE_AND_BANDS", key)
    if wanted is not None and component.kind != "at_target":
        given = component.bands or component.rate is not None or component.amount is not None
        if not given:
            yield found((*place, wanted), "PLAN_VALUE_MISSING", component.kind, wanted=wanted)
    if component.at_target is not None and component.kind != "at_target":
        yield found((*place, "at_target"), "PLAN_AT_TARGET_KIND", component.kind)
    if component.kind == "at_target" and component.at_target is None:
        yield found((*place, "at_target"), "PLAN_AT_TARGET_MISSING")
    if wanted is not None:
        yield from band_values(component.bands, wanted, (*place, "bands"))
    if component.kind == "matrix" and component.bands:
        yield found((*place, "bands"), "PLAN_MATRIX_BANDS")
    yield from _rates(component, place)


def band_values(bands: Sequence[Band], wanted: str, place: Place) -> Iterator[Finding]:
    """Bands that give something else than `wanted` (rate, amount or factor), or nothing."""
    for number, band in enumerate(bands):
        given = [key for key in ("rate", "amount", "factor") if getattr(band, key) is not None]
        if wanted not in given:
            seen = listed(given) if given else "nothing"
            yield found((*place, number, wanted), "PLAN_BAND_VALUE_MISSING", seen, wanted=wanted)
        for key in given:
            if key != wanted:
                yield found((*place, number, key), "PLAN_BAND_VALUE_OTHER", key, wanted=wanted)


def _rates(component: Component, place: Place) -> Iterator[Finding]:
    rates = [((*place, "bands", number, "rate"), band.rate) for number, band in enumerate(component.bands)]
    for where, rate in [((*place, "rate"), component.rate), *rates]:
        if rate is None:
            continue
        if rate > PPM and component.kind != "at_target" and not component.unusual:
            yield found(where, "PLAN_RATE_OVER", percentage(rate))
        if rate < 0:
            yield found(where, "PLAN_RATE_NEGATIVE", percentage(rate))


def band_order(bands: Sequence[Band], place: Place) -> Iterator[Finding]:
    """Starts that are not ascending."""
    for number in range(1, len(bands)):
        if bands[number].start == bands[number - 1].start:
            yield found((*place, number, "from"), "PLAN_BAND_TWICE", number + 1, before=number)
        elif bands[number].start < bands[number - 1].start:
            yield found((*place, number, "from"), "PLAN_BAND_ORDER", number + 1, before=number)


def below_first(start: Fraction, scale: str | None, where: Where) -> bool:
    """Whether a value can lie below the first start, and earn nothing there without anybody noticing."""
    if start <= 0 or (scale == "count" and start <= 1):
        return False
    limits = getattr(where, scale, None) if scale in ("amount", *BALANCE_SCALES) else None
    return limits is None or limits.start is None or limits.start < start


def _first_start(component: Component, place: Place) -> Iterator[Finding]:
    if component.bands and below_first(component.bands[0].start, component.band_by, component.where):
        yield found((*place, "bands", 0, "from"), "PLAN_BAND_FIRST")


def _band_keys(component: Component, place: Place) -> Iterator[Finding]:
    keys = ("band_by", "band_mode", "band_edge")
    for key in keys:
        value = getattr(component, key)
        if component.bands and value is None:
            choices = listed(_choices(key))
            yield found((*place, key), "PLAN_BAND_KEY_MISSING", key, choices=choices)
        idle = not component.bands and not (component.kind == "matrix" and key == "band_edge")
        if idle and value is not None:
            yield found((*place, key), "PLAN_BAND_KEY_IDLE", key)
    if component.band_by is not None:
        yield from _scale(component.band_by, (*place, "band_by"))
    if component.band_mode == "interpolated" and component.kind not in ("percent", "at_target"):
        yield found((*place, "band_mode"), "PLAN_INTERPOLATED_KIND", component.kind)
    if component.band_mode == "slice" and component.kind == "fixed":
        yield found((*place, "band_mode"), "PLAN_FIXED_SLICE")


def _choices(key: str) -> tuple[str, ...]:
    if key == "band_by":
        return (*BAND_SCALES, "a KPI code")
    literal = next(inner for inner in get_args(keys_of(Component)[key]) if get_args(inner))
    return get_args(literal)


def _scale(scale: str, place: Place) -> Iterator[Finding]:
    known = [*BAND_SCALES, *kpi_codes()]
    if scale not in known:
        yield found(place, "PLAN_SCALE_UNKNOWN", scale, hint=did_you_mean(scale, known), known=", ".join(BAND_SCALES))


def _slices(component: Component, place: Place) -> Iterator[Finding]:
    if component.band_mode != "slice" or component.band_by is None or component.kind in ("fixed", "matrix"):
        return
    own = "amount" if component.counts_money else "count"
    possible = ("attainment",) if component.kind == "at_target" else (own, "attainment")
    if component.band_by not in possible:
        yield found((*place, "band_mode"), "PLAN_SLICE_SCALE", component.band_by, possible=listed(possible))
    elif component.per == "payment" and component.band_by != "amount":
        yield found((*place, "band_mode"), "PLAN_SLICE_PAYMENT", component.band_by)


# -- matrix ----------------------------------------------------------------------------------------------


def _matrix(component: Component, place: Place) -> Iterator[Finding]:
    matrix = component.matrix
    if matrix is None:
        if component.kind == "matrix":
            yield found((*place, "matrix"), "PLAN_MATRIX_MISSING")
        return
    inside = (*place, "matrix")
    if component.kind != "matrix":
        yield found(inside, "PLAN_MATRIX_KIND", component.kind)
    yield from _scale(matrix.rows_by, (*inside, "rows_by"))
    yield from _scale(matrix.columns_by, (*inside, "columns_by"))
    both = (("rows", matrix.rows_by, matrix.rows), ("columns", matrix.columns_by, matrix.columns))
    for key, scale, starts in both:
        if not starts or any(later <= earlier for earlier, later in pairwise(starts)):
            yield found((*inside, key), "PLAN_MATRIX_ORDER", key)
        elif below_first(starts[0], scale, component.where):
            yield found((*inside, key), "PLAN_MATRIX_FIRST", key)
    widths = [len(row) for row in matrix.amounts]
    if widths != [len(matrix.columns)] * len(matrix.rows):
        seen = f"{len(widths)} rows of {listed(map(str, sorted(set(widths))) if widths else ['no'])} amounts"
        wanted = f"{len(matrix.rows)} rows of {len(matrix.columns)}"
        yield found((*inside, "amounts"), "PLAN_MATRIX_SHAPE", seen, wanted=wanted)
