"""What each agent earns with each component, version by version, payment by payment or from the year's start."""

from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .calendar import Period, before
from .limits import limited
from .measures import (
    FROM_AGENTS,
    FROM_PAYMENTS,
    FROM_ROWS,
    Contribution,
    Event,
    agent_matches,
    contributions,
    matches,
    of_measure,
    order,
    row_events,
)
from .pieces import ONE, Earned, Part, Piece, is_once, pieces_of
from .targets import target as target_of
from .world import World


def parts(versions: list[dict[str, Any]], period: Period, late_days: list[date]) -> list[Part]:
    """Equal in every version in force: one part over the whole period; else one per version's days.

    A late payment belongs to the version of its own day; one that is not in force in this period is a part by itself.
    """
    final = in_force(versions, period)[-1][0]
    if final["rate_date"] == "period_end":
        return [Part(component, final["version"], period.first, period.last, ONE) for component in final["component"]]
    ordered = sorted(versions, key=lambda plan: plan["from"])
    begins = [(plan, plan["from"], after["from"]) for plan, after in pairwise(ordered)]
    begins.append((ordered[-1], ordered[-1]["from"], date.max))
    used = [
        (plan, begin, end)
        for plan, begin, end in begins
        if (begin <= period.last and period.first < end) or any(begin <= day < end for day in late_days)
    ]
    found = []
    for code in dict.fromkeys(component["code"] for plan, _, _ in used for component in plan["component"]):
        written = [component_of(plan, code) for plan, _, _ in used]
        if all(component == written[0] for component in written):
            always = (ordered[0]["from"], date.max)
            held = [day for day in period.days if ordered[0]["from"] <= day]
            stretch = Fraction(len(held), len(period.days))
            found.append(Part(written[0] or {}, final["version"], held[0], period.last, stretch, always))
            continue
        for component, (plan, begin, end) in zip(written, used, strict=True):
            held = [day for day in period.days if begin <= day < end]
            if component is None:
                continue
            if held:
                stretch = Fraction(len(held), len(period.days))
                found.append(Part(component, plan["version"], held[0], held[-1], stretch, (begin, end)))
            else:
                found.append(Part(component, plan["version"], date.max, date.min, ONE, (begin, end)))
    return found


def in_force(versions: list[dict[str, Any]], period: Period) -> list[tuple[dict[str, Any], date, date]]:
    """The versions in force during a period with their first and last day in it."""
    by_day: dict[int, list[date]] = {}
    for day in period.days:
        begun = [plan for plan in versions if plan["from"] <= day]
        if begun:
            by_day.setdefault(max(begun, key=lambda plan: plan["from"])["version"], []).append(day)
    plans = {plan["version"]: plan for plan in versions}
    return [(plans[version], held[0], held[-1]) for version, held in by_day.items()]


def component_of(plan: dict[str, Any], code: str) -> dict[str, Any] | None:
    return next((component for component in plan.get("component", []) if component["code"] == code), None)


def earned_in_part(
    world: World, plan: dict[str, Any], part: Part, payments: list[Event], period: Period, all_payments: list[Event]
) -> list[Earned]:
    """Every agent's line of a part after gate, factor, floor and cap, still exact."""
    component = part.component
    if component["per"] == "year_to_date":
        exact = year_to_date(world, plan, part, all_payments, period)
    else:
        exact = before_limits(world, plan, part, payments, period)
    return [limited(world, plan, part, agent, pieces, period) for agent, pieces in exact.items()]


def before_limits(
    world: World,
    plan: dict[str, Any],
    part: Part,
    payments: list[Event],
    period: Period,
    target_periods: list[Period] | None = None,
) -> dict[str, list[Piece]]:
    """agent -> exact pieces, before gate, factor, floor and cap."""
    component = part.component
    found: dict[str, list[Piece]] = {}
    for agent, mine in by_payee(world, plan, part, payments, period).items():
        targets = (
            [target_of(world, component, agent, one) for one in target_periods or [period]]
            if "target" in component
            else []
        )
        target = sum(targets, Fraction(0)) * part.stretch
        counts = bool(mine) or (not from_events(component) and has_value(world, component, agent, period))
        nothing = [Piece(None, 0, Fraction(0), part.version)] if counts else []
        found[agent] = pieces_of(world, plan, part, agent, mine, target, period) or nothing
    return found


def from_events(component: dict[str, Any]) -> bool:
    """Whether it is paid for what happened, and not once for every agent that it is for."""
    return not is_once(component) and component["measure"] in FROM_PAYMENTS | FROM_ROWS


def has_value(world: World, component: dict[str, Any], agent: str, period: Period) -> bool:
    """A KPI as a measure needs one."""
    measure = component.get("measure", "base_pay")
    own = FROM_PAYMENTS | FROM_ROWS | FROM_AGENTS
    return measure in own or world.kpi(measure, agent, period)[0] is not None


def by_payee(
    world: World, plan: dict[str, Any], part: Part, payments: list[Event], period: Period
) -> dict[str, list[Contribution]]:
    """Who has something to be paid for, and what, in the order in which slices are filled."""
    component, measure = part.component, part.component.get("measure", "")
    mine: dict[str, list[Contribution]] = {}
    in_this_period = part.first <= part.last
    if not in_this_period:
        mine = {}
    elif not from_events(component):
        mine = {agent: [] for agent in world.agent_ids() if agent_matches(world, component, agent, period.last)}
    if measure in FROM_ROWS:
        events = row_events(world, plan["credit"], measure, part.first, part.last)
    else:
        dated = [event for event in payments if part.covers(event)]
        events = of_measure(world, plan.get("arrears_on"), measure, dated, period)
    if measure in FROM_PAYMENTS | FROM_ROWS:
        for event in sorted(events, key=order):
            if matches(world, plan, component, event, period):
                for contribution in contributions(world, component, event):
                    if not is_once(component):
                        mine.setdefault(contribution.payee, [])
                    if contribution.payee in mine:
                        mine[contribution.payee].append(contribution)
    return mine


# Year to date


def year_to_date(
    world: World, plan: dict[str, Any], part: Part, all_payments: list[Event], period: Period
) -> dict[str, list[Piece]]:
    """Earned from the year's start to this period's end, less earned to the previous period's end."""
    periods = periods_of_year(part.component, period)
    now = earned_until(world, plan, part, all_payments, periods)
    known_then = [event for event in all_payments if not event.earned_for]
    earlier = earned_until(world, plan, part, known_then, periods[:-1])
    found = {}
    for agent in sorted(set(now) | set(earlier)):
        pieces = now.get(agent, [])
        taken = [Piece(piece.event, piece.slice, -piece.amount, piece.version) for piece in earlier.get(agent, [])]
        found[agent] = summed(pieces + taken)
    return found


def summed(pieces: list[Piece]) -> list[Piece]:
    """Pieces of the same event as one, whatever their slices; those that cancel out are gone."""
    sums: dict[str, Piece] = {}
    for piece in pieces:
        key = piece.event.id if piece.event else ""
        if key in sums:
            sums[key] = Piece(piece.event, 0, sums[key].amount + piece.amount, piece.version)
        else:
            sums[key] = piece
    return [piece for piece in sums.values() if piece.amount] or list(sums.values())[:1]


def periods_of_year(component: dict[str, Any], period: Period) -> list[Period]:
    month, day = (int(text) for text in component.get("year_starts", "01-01").split("-"))
    start = date(period.last.year, month, day)
    if start > period.last:
        start = date(period.last.year - 1, month, day)
    found = [period]
    while before(found[0]).last >= start:
        found.insert(0, before(found[0]))
    return found


def earned_until(
    world: World, plan: dict[str, Any], part: Part, all_payments: list[Event], periods: list[Period]
) -> dict[str, list[Piece]]:
    if not periods:
        return {}
    whole = Period(periods[-1].label, periods[-1].kind, periods[0].first, periods[-1].last, periods[-1].start_day)
    inside = [event for event in all_payments if whole.first <= event.day <= whole.last]
    year_part = Part(part.component, part.version, whole.first, whole.last, ONE)
    return before_limits(world, plan, year_part, inside, whole, periods)
