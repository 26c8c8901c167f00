"""The year to date: earned from the year's start to the period's end, less earned to the previous one's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import narwhals as nw

from toolkit.bands import ONE, PayScale
from toolkit.periods import Period, containing
from toolkit.plans import Component
from toolkit.problems import ToolkitError, problem, said
from toolkit.rows import Frame, chosen
from toolkit.steps.eligible import eligible
from toolkit.steps.measures import Counted
from toolkit.steps.month import Month, Segment
from toolkit.steps.slices import filled, slice_terms
from toolkit.steps.terms import (
    NOTHING,
    PIECE_COLUMNS,
    Earnings,
    Loose,
    Standing,
    Sums,
    Terms,
    band_of,
    band_weights,
    exact_of,
    is_sliced,
    joined,
    measured,
    scale_value,
    target_in,
    terms_of,
    totals_by_agent,
    weights_by_agent,
)


def year_to_date(month: Month, segment: Segment) -> Earnings:
    """Earned from the year's start to the period's end, less earned to the previous period's end.

    The period's payments are pieces at the slice or rate they fall in now. What an earlier month's payment
    earns more or less at today's total is a piece of that payment, so that a reversal takes it back too.
    """
    component = segment.component
    rows = eligible(month, segment, whole_year=True)
    if rows is None:
        raise ToolkitError([problem("YEAR_TO_DATE_OF_ROWS", component=component.code)])
    first = year_start(component, month.period)
    in_year = Counted(rows.frame.filter((nw.col("day") >= first) | nw.col("in_run")), rows.per_one, rows.per_unit)
    before = Counted(in_year.frame.filter(~nw.col("in_run")), rows.per_one, rows.per_unit)
    earlier = totals_by_agent(before)
    whole = PayScale(component)
    now, then = _Stand(whole, {}, {}), _Stand(whole, {}, {})
    for agent, sums in totals_by_agent(in_year).items():
        target_then, target_now = _year_targets(month, component, agent, first)
        now.take(month, segment, in_year, agent, sums, target_now)
        then.take(month, segment, before, agent, earlier.get(agent, NOTHING), target_then)
    pieces = _year_pieces(month, segment, in_year, now)
    current = pieces.filter(nw.col("in_run")).select(*PIECE_COLUMNS)
    gained = {agent: replace(term, exact=term.exact - then.terms[agent].exact) for agent, term in now.terms.items()}
    paid = weights_by_agent(current)
    beside = ((agent, term.exact - paid.get(agent, 0) * term.per_weight) for agent, term in gained.items())
    rests = {agent: rest for agent, rest in beside if rest}
    loose = _rated_anew(pieces, _year_pieces(month, segment, before, then), now, then, rests) if rests else []
    return Earnings(segment, current, gained, loose)


@dataclass(frozen=True)
class _Stand:
    """How the agents stand at one time of the year: their terms, and where their slices begin."""

    pay_scale: PayScale
    terms: dict[str, Terms]
    edges: dict[str, dict[str, int]]

    def take(
        self, month: Month, segment: Segment, rows: Counted, agent: str, sums: Sums, target: Fraction | None
    ) -> None:
        component = segment.component
        own = measured(month, component, rows, sums)
        value = scale_value(month, component, agent, own, target)
        exact = exact_of(month, self.pay_scale, own.measure, value, target)
        standing = Standing(own, target, value, band_of(component, value, target, ONE))
        self.terms[agent], self.edges[agent] = slice_terms(month, segment, rows, terms_of(standing, exact), sums.base)


def _rated_anew(now: Frame, before: Frame, stand: _Stand, stood: _Stand, rests: Mapping[str, Fraction]) -> list[Loose]:
    """The pieces of earlier months' payments that today's total makes worth more or less than they were.

    rests: what each agent gains beside the period's own payments; what no payment of the agent explains
    (an amount for the whole year) is a piece by itself.
    """
    key = ["agent_id", "rank", "seq"]
    agents = nw.col("agent_id").is_in(list(rests))
    today, past = now.filter(agents & ~nw.col("in_run")), before.filter(agents)
    rows = nw.concat([today, past], how="vertical").unique(subset=key, keep="first").drop("weight")
    for name, pieces in (("_now", today), ("_then", past)):
        rows = rows.join(pieces.group_by(key).agg(nw.col("weight").sum().alias(name)), on=key, how="left")
    weighed = rows.with_columns(nw.col("_now", "_then").fill_null(0)).sort(key)
    loose, left = [], dict(rests)
    for row in weighed.iter_rows(named=True):
        agent = row["agent_id"]
        worth = row["_now"] * stand.terms[agent].per_weight - row["_then"] * stood.terms[agent].per_weight
        if worth:
            left[agent] -= worth
            loose.append(Loose(agent, worth, None, stand.terms[agent].band, said("REASON_YEAR"), row))
    reason = said("REASON_YEAR")
    return loose + [Loose(agent, rest, None, stand.terms[agent].band, reason) for agent, rest in left.items() if rest]


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


def _year_pieces(month: Month, segment: Segment, rows: Counted, stand: _Stand) -> Frame:
    """The pieces of the whole year's rows, with `in_run`."""
    component = segment.component
    if is_sliced(component):
        pieces = filled(month, component, rows, stand.edges)
        current = rows.frame.select("seq", "rank", "agent_id", "in_run")
        return pieces.join(current, on=["seq", "rank", "agent_id"], how="inner").select(*PIECE_COLUMNS, "in_run")
    frame = joined(rows.frame, ["band"], {agent: {"band": term.band} for agent, term in stand.terms.items()})
    if component.band_mode == "interpolated" or component.kind == "at_target":
        weight = nw.col("base")
    else:
        weight = nw.col("base") * chosen(nw.col("band"), band_weights(component, rows, month.unit))
    pieces = frame.with_columns(piece=nw.col("base"), weight=weight)
    return pieces.filter(nw.col("band") >= 0).select(*PIECE_COLUMNS, "in_run")
