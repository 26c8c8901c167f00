"""The year to date: earned from the year's start to the period's end, less earned to the previous one's."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import narwhals as nw

from toolkit.bands import ONE
from toolkit.periods import Period, containing
from toolkit.plans import Component
from toolkit.problems import ToolkitError, problem, said
from toolkit.rows import Frame, chosen
from toolkit.steps.eligible import eligible
from toolkit.steps.measures import Counted
from toolkit.steps.month import Month, Segment
from toolkit.steps.slices import filled, slice_terms
from toolkit.steps.terms import (
    PIECE_COLUMNS,
    Earnings,
    Loose,
    Standing,
    Terms,
    band_of,
    band_weights,
    exact_of,
    is_sliced,
    joined,
    scale_value,
    target_in,
    totals_by_agent,
    weights_by_agent,
)


def year_to_date(month: Month, segment: Segment) -> Earnings:
    """Earned from the year's start to the period's end, less earned to the previous period's end.

    The period's payments are pieces at the slice or rate they fall in now; what the earlier months earn
    more or less under today's total is one piece more.
    """
    component = segment.component
    rows = eligible(month, segment, whole_year=True)
    if rows is None:
        raise ToolkitError([problem("YEAR_TO_DATE_OF_ROWS", component=component.code)])
    first = year_start(component, month.period)
    in_year = Counted(rows.frame.filter((nw.col("day") >= first) | nw.col("in_run")), rows.per_one, rows.per_unit)
    before = Counted(in_year.frame.filter(~nw.col("in_run")), rows.per_one, rows.per_unit)
    earlier = totals_by_agent(before)
    terms, loose, edges = {}, [], {}
    for agent, (base, units) in totals_by_agent(in_year).items():
        target_then, target_now = _year_targets(month, component, agent, first)
        standing = _year_standing(month, component, rows, agent, base, units, target_now)
        then = _year_standing(month, component, rows, agent, *earlier.get(agent, (0, 0)), target_then)
        gained = exact_of(month, component, standing[0], standing[3], target_now, ONE) - exact_of(
            month, component, then[0], then[3], target_then, ONE
        )
        base_terms = Terms(*standing, exact_of(month, component, standing[0], standing[3], target_now, ONE))
        worth, edges[agent] = slice_terms(month, segment, in_year, base_terms, base)
        terms[agent] = Terms(*standing, gained, worth.per_weight, worth.per_piece)
    pieces = _year_pieces(month, segment, in_year, terms, edges)
    sums = weights_by_agent(pieces)
    for agent, term in terms.items():
        rest = term.exact - sums.get(agent, 0) * term.per_weight
        if rest:
            loose.append(Loose(agent, rest, None, term.band, said("REASON_YEAR")))
    return Earnings(segment, pieces, terms, loose)


def year_start(component: Component, period: Period) -> date:
    """The first day of the period in which the plan's year begins, the latest not after this period."""
    month, day = (int(part) for part in component.year_starts.split("-"))
    starts = [
        containing(date(year, month, day), period.kind, period.start_day).first
        for year in (period.last.year - 1, period.last.year)
    ]
    return max(start for start in starts if start <= period.first)


def _year_targets(
    month: Month, component: Component, agent: str, first: date
) -> tuple[Fraction | None, Fraction | None]:
    """(target of the year to the previous period's end, to this period's end): sums of the periods' targets."""
    if component.target is None:
        return None, None
    total: Fraction | None = None
    before: Fraction | None = None
    period = containing(first, month.period.kind, month.period.start_day)
    while period.first <= month.period.first:
        before = total
        found = target_in(month, component, agent, period)
        total = found if total is None else total + (found or 0)
        period = period.next()
    return before, total


def _year_standing(
    month: Month, component: Component, rows: Counted, agent: str, base: int, units: int, target: Fraction | None
) -> Standing:
    measure, count = Fraction(base, rows.per_one), Fraction(units, rows.per_unit)
    value = scale_value(month, component, agent, measure, count, target)
    return measure, count, target, value, band_of(component, value, target, ONE)


def _year_pieces(
    month: Month, segment: Segment, rows: Counted, terms: Mapping[str, Terms], edges: Mapping[str, Mapping[str, int]]
) -> Frame:
    component = segment.component
    if is_sliced(component):
        pieces = filled(month, component, rows, edges)
        current = rows.frame.filter(nw.col("in_run")).select("seq", "agent_id").unique()
        return pieces.join(current, on=["seq", "agent_id"], how="inner")
    frame = joined(rows.frame, ["band"], {agent: {"band": term.band} for agent, term in terms.items()})
    weights = band_weights(component, rows, month.unit)
    if component.band_mode == "interpolated" or component.kind == "at_target":
        weight = nw.col("base")
    else:
        weight = nw.col("base") * chosen(nw.col("band"), weights)
    pieces = frame.with_columns(piece=nw.col("base"), weight=weight)
    return pieces.filter((nw.col("band") >= 0) & nw.col("in_run")).select(*PIECE_COLUMNS)
