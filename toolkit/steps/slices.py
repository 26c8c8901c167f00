"""Slices by amount, attainment or count, each at its own rate; and rates on a line between points."""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm

import narwhals as nw

from toolkit import bands as on_bands
from toolkit.bands import ONE, ZERO
from toolkit.money import PPM
from toolkit.plans import Component
from toolkit.problems import ToolkitError, problem
from toolkit.rows import FAR, Frame, chosen, each_alone, in_sequence, slices_filled
from toolkit.steps.measures import Counted
from toolkit.steps.month import Month, Segment
from toolkit.steps.terms import (
    PIECE_COLUMNS,
    Earnings,
    Loose,
    Standing,
    Sums,
    Terms,
    band_weights,
    exact_of,
    is_sliced,
    joined,
    measured,
    standing_of,
    terms_of,
    totals_by_agent,
    weights_by_agent,
    worth_of_weight,
)


def of_totals(month: Month, segment: Segment, rows: Counted, totals: Mapping[str, Sums]) -> Earnings:
    """What the period's totals earn, and the pieces that share it."""
    component = segment.component
    terms, edges = {}, {}
    for agent, sums in totals.items():
        standing = standing_of(month, segment, rows, agent, sums)
        own, target, value, _ = standing
        exact = exact_of(month, segment.pay_scale, own.measure, value, target)
        terms[agent], edges[agent] = slice_terms(month, segment, rows, terms_of(standing, exact), sums.base)
    if not is_sliced(component):
        frame = joined(rows.frame, ["band"], {agent: {"band": term.band} for agent, term in terms.items()})
        pieces = frame.with_columns(piece=nw.col("base"), weight=nw.col("base")).filter(nw.col("band") >= 0)
        return Earnings(segment, pieces.select(*PIECE_COLUMNS), terms, [])
    return Earnings(segment, filled(month, component, rows, edges), terms, [])


def slice_terms(month: Month, segment: Segment, rows: Counted, terms: Terms, base: int) -> tuple[Terms, dict[str, int]]:
    """The agent's terms with what a weight is worth, and where its slices begin in whole parts of `base`."""
    component = segment.component
    share = Fraction(component.base_share, PPM)
    if not is_sliced(component):
        shared_by_base = component.band_mode == "interpolated" or component.kind == "at_target"
        per_weight = worth_of_weight(month, component, rows)
        if shared_by_base:
            per_weight = terms.exact / base if base else ZERO
        return _with_worth(terms, per_weight, share / rows.per_one), {}
    points = _slice_points(component, rows, terms, segment.share)
    parts = lcm(*(point.denominator for point in points if point is not None))
    if base * parts * max(PPM, *map(abs, band_weights(component, rows, month.unit))) >= 2**62:
        raise ToolkitError([problem("TOO_MUCH_MONEY", component=component.code)])
    starts = [FAR if point is None else int(point * parts) for point in points]
    if component.kind == "at_target":
        worth = Fraction(component.at_target or 0) * segment.share * month.unit
        per_weight = worth / (terms.target * rows.per_one * parts * PPM) if terms.target else ZERO
    else:
        per_weight = worth_of_weight(month, component, rows) / parts
    edges = {"_parts": parts} | {f"_edge_{number}": start for number, start in enumerate(starts)}
    return _with_worth(terms, per_weight, share / (rows.per_one * parts)), edges


def _with_worth(terms: Terms, per_weight: Fraction, per_piece: Fraction) -> Terms:
    return Terms(terms.measure, terms.count, terms.target, terms.value, terms.band, terms.exact, per_weight, per_piece)


def _slice_points(component: Component, rows: Counted, terms: Terms, share: Fraction) -> list[Fraction | None]:
    """Where each slice begins, in units of `base`; None for a slice that cannot be reached."""
    starts = [band.start for band in component.scale]
    if component.band_by == "attainment" or (component.kind == "at_target" and component.band_by is None):
        if not terms.target:
            return [ZERO, *[None] * (len(starts) - 1)]
        whole = terms.target * rows.per_one
        return [start * whole for start in starts]
    prorated = share if component.per != "payment" else ONE
    one = prorated * rows.per_one / Fraction(component.base_share, PPM)
    return [start * one for start in starts]


def filled(
    month: Month, component: Component, rows: Counted, edges: Mapping[str, Mapping[str, int]], *, alone: bool = False
) -> Frame:
    """The pieces of slices filled in the order of time, each weighed at its slice's rate."""
    names = [f"_edge_{number}" for number in range(len(component.scale))]
    frame = joined(rows.frame.filter(nw.col("base") > 0), ["_parts", *names], edges)
    scaled = frame.with_columns(_whole=nw.col("base") * nw.col("_parts"))
    placed = (
        each_alone(scaled, base="_whole")
        if alone
        else in_sequence(scaled, within=["agent_id"], order="seq", base="_whole")
    )
    pieces = slices_filled(placed, names)
    weights = band_weights(component, rows, month.unit)
    weighed = pieces.with_columns(weight=nw.col("piece") * chosen(nw.col("band"), weights))
    return weighed.select(*PIECE_COLUMNS)


def sliced_alone(month: Month, segment: Segment, rows: Counted) -> Earnings:
    """Each payment sliced by its own amount."""
    component = segment.component
    totals = totals_by_agent(rows)
    blank = Terms(ZERO, ZERO, None, None, -1, ZERO)
    worth, edges = slice_terms(month, segment, rows, blank, 0)
    pieces = filled(month, component, rows, dict.fromkeys(totals, edges), alone=True)
    sums = weights_by_agent(pieces)
    terms = {
        agent: terms_of(
            Standing(measured(month, component, rows, total), None, None, -1),
            sums.get(agent, 0) * worth.per_weight,
            worth.per_weight,
            worth.per_piece,
        )
        for agent, total in totals.items()
    }
    return Earnings(segment, pieces, terms, [])


def interpolated_rows(month: Month, segment: Segment, rows: Counted) -> Earnings:
    """Rates on a line between points, row by row: exact fractions, one row at a time (this is rare)."""
    component = segment.component
    scale = component.band_by or ""
    share = Fraction(component.base_share, PPM)
    loose: list[Loose] = []
    for row in rows.frame.to_polars().iter_rows(named=True):
        base = Fraction(row["base"], rows.per_one) * share
        if scale == "amount":
            point = Fraction(row["money"], month.unit) * share
        else:
            point = Fraction(row[scale], month.unit if scale == "balance" else 1)
        number = on_bands.reached(component.scale, point, "from")
        if number >= 0:
            exact = base * on_bands.interpolated_rate(component.scale, point) * month.unit
            loose.append(Loose(row["agent_id"], exact, base, number, row=row))
    by_agent: dict[str, Fraction] = {}
    for piece in loose:
        by_agent[piece.agent_id] = by_agent.get(piece.agent_id, ZERO) + piece.exact
    terms = {
        agent: terms_of(Standing(measured(month, component, rows, sums), None, None, -1), by_agent.get(agent, ZERO))
        for agent, sums in totals_by_agent(rows).items()
    }
    return Earnings(segment, None, terms, loose)
