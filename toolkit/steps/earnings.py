"""What each agent earns under one component, exactly: from the rows that count to pieces and terms.

Rows at one band each are worked out here; slices, what belongs to agents, and the year to date in
`slices`, `agents` and `year`.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor

import narwhals as nw

from toolkit.money import PPM
from toolkit.plans import Component
from toolkit.rows import Frame, band_reached, chosen
from toolkit.steps.agents import matrix_once, of_agents
from toolkit.steps.eligible import eligible, scales_used
from toolkit.steps.measures import Counted
from toolkit.steps.month import Month, Segment
from toolkit.steps.slices import interpolated_rows, of_totals, sliced_alone
from toolkit.steps.terms import (
    PIECE_COLUMNS,
    Earnings,
    Standing,
    Sums,
    axis_number,
    band_weights,
    joined,
    pays_once_a_row,
    refuse_beyond_int64,
    standing_of,
    terms_of,
    totals_by_agent,
    weights_by_agent,
    worth_of_weight,
)
from toolkit.steps.year import year_to_date


def earnings(month: Month, segment: Segment) -> Earnings:
    """All agents' earnings under the segment's component."""
    component = segment.component
    if component.per == "year_to_date":
        return year_to_date(month, segment)
    rows = eligible(month, segment) if component.measure else None
    if rows is None:
        return of_agents(month, segment, None)
    if component.kind == "fixed" and component.per == "period":
        return of_agents(month, segment, rows)
    if component.kind == "matrix" and component.counts_money and component.per == "period":
        return matrix_once(month, segment, rows)
    return _of_rows(month, segment, rows)


def _of_rows(month: Month, segment: Segment, rows: Counted) -> Earnings:
    component = segment.component
    refuse_beyond_int64(component, rows)
    if component.band_mode == "slice" and component.per == "payment" and component.band_by == "amount":
        return sliced_alone(month, segment, rows)
    by_row = scales_used(component) - (set() if component.per == "payment" else {"amount"})
    if component.band_mode == "interpolated" and by_row:
        return interpolated_rows(month, segment, rows)
    totals = totals_by_agent(rows)
    if component.kind == "at_target" or component.band_mode in ("slice", "interpolated"):
        return of_totals(month, segment, rows, totals)
    return _banded_rows(month, segment, rows, totals, by_row)


def _banded_rows(
    month: Month, segment: Segment, rows: Counted, totals: Mapping[str, Sums], by_row: set[str]
) -> Earnings:
    """Every row at the rate or amount of one band: its own, or the one its agent reached."""
    component = segment.component
    stands = {agent: standing_of(month, segment, rows, agent, total) for agent, total in totals.items()}
    numbered = _numbered(month, component, rows, stands, by_row)
    weights = band_weights(component, rows, month.unit)
    amount_of = "units" if pays_once_a_row(component) else "base"
    pieces = numbered.frame.with_columns(
        weight=(nw.col(amount_of) * chosen(nw.col("band"), weights)).cast(nw.Int64), piece=nw.col("base")
    ).filter(nw.col("band") >= 0)
    per_weight = worth_of_weight(month, component, rows)
    sums = weights_by_agent(pieces)
    per_piece = Fraction(component.base_share, PPM) / rows.per_one
    terms = {agent: terms_of(stands[agent], sums.get(agent, 0) * per_weight, per_weight, per_piece) for agent in stands}
    return Earnings(segment, pieces.select(*PIECE_COLUMNS), terms, [])


def _numbered(
    month: Month, component: Component, rows: Counted, stands: Mapping[str, Standing], by_row: set[str]
) -> Counted:
    """The rows with `band`: the number of the band, or of the cell of a matrix."""
    if component.matrix is not None:
        frame = _cell_numbers(month, component, rows, stands)
    elif by_row:
        starts = [band.start for band in component.scale]
        frame = rows.frame.with_columns(band=_row_band(month, component, component.band_by or "", starts))
    elif component.band_by is None:
        frame = rows.frame.with_columns(band=nw.lit(0, nw.Int64))
    else:
        frame = joined(rows.frame, ["band"], {agent: {"band": standing.band} for agent, standing in stands.items()})
    return Counted(frame, rows.per_one, rows.per_unit)


def _row_band(month: Month, component: Component, scale: str, starts: Sequence[Fraction]) -> nw.Expr:
    """The band of each row on days_past_due, balance or the row's own amount."""
    per_one = {"days_past_due": Fraction(1), "balance": Fraction(month.unit)}.get(
        scale, month.unit / Fraction(component.base_share, PPM)
    )
    column = "money" if scale == "amount" else scale
    above = component.band_edge == "above"
    points = [start * per_one for start in starts]
    # value > s is value > floor(s), value >= s is value >= ceil(s), for whole values
    whole = [floor(point) if above else ceil(point) for point in points]
    return band_reached(nw.col(column), whole, edge_above=above)


def _cell_numbers(month: Month, component: Component, rows: Counted, stands: Mapping[str, Standing]) -> Frame:
    matrix = component.matrix
    assert matrix is not None  # noqa: S101  # called for matrices only
    frame = rows.frame
    for name, scale, starts in (("_r", matrix.rows_by, matrix.rows), ("_c", matrix.columns_by, matrix.columns)):
        if scale in scales_used(component) and (scale != "amount" or component.per == "payment"):
            frame = frame.with_columns(_row_band(month, component, scale, starts).alias(name))
        else:
            numbers = {
                agent: {name: axis_number(month, component, agent, standing, scale, starts)}
                for agent, standing in stands.items()
            }
            frame = joined(frame, [name], numbers)
    outside = (nw.col("_r") < 0) | (nw.col("_c") < 0)
    cell = nw.col("_r") * len(matrix.columns) + nw.col("_c")
    return frame.with_columns(band=nw.when(outside).then(nw.lit(-1, nw.Int64)).otherwise(cell)).drop("_r", "_c")
