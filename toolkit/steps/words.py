"""Bands, rates and amounts in the words that lines, statements and explanations use."""

from decimal import Decimal
from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.money import PPM, decimal_text, percentage
from toolkit.plans import BAND_SCALES, Component
from toolkit.problems import said


def amount_words(amount: Decimal | None) -> str:
    """1,500 or 0.50: grouped, with as many digits as were written and two at least where there are any."""
    exact = Decimal(amount or 0)
    if exact == exact.to_integral_value():
        return f"{int(exact):,}"
    return f"{exact:,f}" if -exact.as_tuple().exponent >= 2 else f"{exact:,.2f}"  # type: ignore[operator]  # finite


def kpi_words(kpi: str, value: Fraction | None) -> str:
    """A KPI's value as people write it: 95%, 3 or 4.25; the unit says which."""
    if value is None:
        return ""
    known = kpi_codes().get(kpi)
    if known is not None and known.is_share:
        return percentage(value * PPM, 2)
    return decimal_text(value, 2)


def kpi_title(kpi: str) -> str:
    known = kpi_codes().get(kpi)
    return known.title if known else kpi


def point_words(scale: str, point: Fraction) -> str:
    """A place on a scale: 80%, 31, 250,000."""
    if scale == "attainment":
        return percentage(point * PPM)
    if scale in BAND_SCALES:
        return amount_words(Decimal(decimal_text(point, 2)))
    return kpi_words(scale, point)


def scale_words(scale: str) -> str:
    """What a place is a place of: of target, days past due, Call quality."""
    return said(f"SCALE_{scale.upper()}") if scale in BAND_SCALES else kpi_title(scale)


def place_words(component: Component, number: int) -> str:
    """A band in words: ``80% to 100% of target``, ``from 31 days past due``; "" without bands."""
    scale = component.band_by
    if scale is None or number < 0:
        return ""
    bands = component.scale
    start = point_words(scale, bands[number].start)
    if number + 1 == len(bands):
        return said("BAND_FROM", start=start, scale=scale_words(scale))
    end = point_words(scale, bands[number + 1].start)
    return said("BAND_BETWEEN", start=start, end=end, scale=scale_words(scale))


def why_words(component: Component, number: int) -> str:
    """The rate and the band: ``2%, 80% to 100% of target``; "" below the first band."""
    if number < 0:
        return ""
    if component.matrix is not None:
        return cell_words(component, number)
    place = place_words(component, number)
    rate = rate_words(component, number)
    return f"{rate}, {place}" if place else rate


def rate_words(component: Component, number: int) -> str:
    """What a band pays: ``2%``, ``150 each``, ``2,000 fixed``, ``20,000 at target, at 110%``."""
    band = component.scale[number]
    if component.kind == "per_unit":
        return said("RATE_EACH", amount=amount_words(band.amount))
    if component.kind == "fixed":
        return said("RATE_FIXED", amount=amount_words(band.amount))
    share = percentage(band.rate or 0)
    if component.kind == "at_target":
        return said("RATE_AT_TARGET", amount=amount_words(component.at_target), share=share)
    return said("RATE_RISING", share=share) if component.band_mode == "interpolated" else share


def cell_words(component: Component, cell: int) -> str:
    """A cell of a matrix: the amount and where both scales stand."""
    matrix = component.matrix
    if matrix is None:
        return ""
    row, column = divmod(cell, len(matrix.columns))
    words = [
        said(
            "RATE_EACH" if not component.counts_money else "RATE_FIXED",
            amount=amount_words(matrix.amounts[row][column]),
        )
    ]
    for scale, starts, number in ((matrix.rows_by, matrix.rows, row), (matrix.columns_by, matrix.columns, column)):
        words.append(said("BAND_FROM", start=point_words(scale, starts[number]), scale=scale_words(scale)))
    return ", ".join(words)
