"""What each agent earns with each component: exact pieces first, then gate, factor, floor, cap, and one rounding."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from . import bands as scales
from .calendar import Period, before
from .exact import number, rounded, shared
from .measures import (
    FROM_AGENTS,
    FROM_PAYMENTS,
    FROM_ROWS,
    Contribution,
    Event,
    agent_matches,
    contributions,
    is_money,
    matches,
    of_measure,
    order,
    row_events,
)
from .targets import target as target_of
from .world import World

ONE = Fraction(1)

Line = dict[str, Any]


@dataclass
class Piece:
    """A part of a line, exact and in the major unit: of one event and one slice, or of none."""

    event: Event | None
    slice: int
    amount: Fraction
    version: int = 0


@dataclass
class Earned:
    """One agent's component in this period."""

    agent: str
    component: dict[str, Any]
    pieces: list[Piece] = field(default_factory=list)
    excess: Fraction = Fraction(0)
    held_by: list[str] = field(default_factory=list)

    @property
    def total(self) -> Fraction:
        return sum((piece.amount for piece in self.pieces), Fraction(0))


@dataclass
class Part:
    """A component as one version has it, for some of the period's days: `stretch` is their share of the period.

    `begin_and_end`: which days' payments it is for, where they are not all of the run's.
    """

    component: dict[str, Any]
    version: int
    first: date
    last: date
    stretch: Fraction
    begin_and_end: tuple[date, date] | None = None

    def covers(self, event: Event) -> bool:
        return self.begin_and_end is None or self.begin_and_end[0] <= event.day < self.begin_and_end[1]


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
            found.append(Part(written[0] or {}, final["version"], period.first, period.last, ONE, always))
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
        nothing = (
            [Piece(None, 0, Fraction(0), part.version)]
            if mine or component["kind"] == "fixed" or component.get("measure") == "base_pay"
            else []
        )
        found[agent] = pieces_of(world, plan, part, agent, mine, target, period) or nothing
    return found


def by_payee(
    world: World, plan: dict[str, Any], part: Part, payments: list[Event], period: Period
) -> dict[str, list[Contribution]]:
    """Who has something to be paid for, and what, in the order in which slices are filled."""
    component, measure = part.component, part.component.get("measure", "")
    mine: dict[str, list[Contribution]] = {}
    in_this_period = part.first <= part.last
    if not in_this_period:
        mine = {}
    elif (
        component["kind"] == "fixed" or measure in FROM_AGENTS or (measure and measure not in FROM_PAYMENTS | FROM_ROWS)
    ):
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
                    if component["kind"] != "fixed":
                        mine.setdefault(contribution.payee, [])
                    if contribution.payee in mine:
                        mine[contribution.payee].append(contribution)
    return mine


def pieces_of(
    world: World,
    plan: dict[str, Any],
    part: Part,
    agent: str,
    mine: list[Contribution],
    target: Fraction,
    period: Period,
) -> list[Piece]:
    component, measure = part.component, part.component.get("measure", "")
    if measure == "base_pay":
        row = world.agent_row(agent, period.last)
        amount = world.major((row or {}).get("base_pay") or 0) * part.stretch
        mine = [Contribution(Event("", period.last, None, "", agent), agent, amount, amount)]
    elif measure and measure not in FROM_PAYMENTS | FROM_ROWS:
        value, _ = world.kpi(measure, agent, period)
        if value is None:
            return []
        mine = [Contribution(Event("", period.last, None, "", agent), agent, value * part.stretch, Fraction(0))]
    if component["kind"] == "matrix":
        return in_matrix(world, plan, part, agent, mine, target, period)
    if component["kind"] == "fixed":
        return one_amount(world, plan, part, agent, mine, target, period)
    if component.get("band_mode") == "slice":
        return sliced(component, part, mine, target)
    return at_rates(world, plan, part, agent, mine, target, period)


def worth(
    component: dict[str, Any], part: Part, contribution: Contribution, rate: Fraction, target: Fraction
) -> Fraction:
    """What a contribution earns at a rate, an amount per unit, or a rate of attainment (at_target)."""
    if component["kind"] == "at_target":
        reached = contribution.quantity / target if target else Fraction(0)
        return number(component["at_target"]) * part.stretch * reached * rate
    return contribution.quantity * number(component.get("base_share", "100%")) * rate


def place(component: dict[str, Any], contribution: Contribution, target: Fraction) -> Fraction:
    """How far a contribution reaches along the scale of the bands."""
    if component["band_by"] == "attainment":
        return contribution.quantity / target
    if component["band_by"] == "amount":
        return contribution.money * number(component.get("base_share", "100%"))
    return contribution.quantity


def sliced(component: dict[str, Any], part: Part, mine: list[Contribution], target: Fraction) -> list[Piece]:
    """Slices filled by contributions in their order; each slice at its own rate."""
    if component["band_by"] == "attainment" and not target:
        first = scales.scale(component)[0][1]
        return [Piece(one.event, 0, worth(component, part, one, first, target), part.version) for one in mine]
    stretch = ONE if component["band_by"] == "attainment" or component["per"] == "payment" else part.stretch
    bands = scales.scale(component, stretch)
    filled, found = Fraction(0), []
    for one in mine:
        begin = Fraction(0) if component["per"] == "payment" else filled
        reach = place(component, one, target)
        for number_of_band, width, rate in scales.slices(bands, begin, begin + reach):
            amount = worth(component, part, one, rate, target) * width / reach
            found.append(Piece(one.event, number_of_band, amount, part.version))
        filled += reach
    return found


def at_rates(
    world: World,
    plan: dict[str, Any],
    part: Part,
    agent: str,
    mine: list[Contribution],
    target: Fraction,
    period: Period,
) -> list[Piece]:
    """Each contribution whole at the rate reached, by itself or by the agent's period."""
    component = part.component
    found = []
    for one in mine:
        rate = rate_at(world, plan, part, agent, mine, one, target, period)
        if rate is not None:
            found.append(Piece(one.event, 0, worth(component, part, one, rate, target), part.version))
    return found


def one_amount(
    world: World,
    plan: dict[str, Any],
    part: Part,
    agent: str,
    mine: list[Contribution],
    target: Fraction,
    period: Period,
) -> list[Piece]:
    """The fixed amount of the band reached, once."""
    amount = rate_at(world, plan, part, agent, mine, None, target, period)
    return [] if amount is None else [Piece(None, 0, amount * part.stretch, part.version)]


def rate_at(
    world: World,
    plan: dict[str, Any],
    part: Part,
    agent: str,
    mine: list[Contribution],
    one: Contribution | None,
    target: Fraction,
    period: Period,
) -> Fraction | None:
    component = part.component
    if "bands" not in component:
        return scales.scale(component)[0][1]
    if component["band_by"] == "attainment" and not target:
        return scales.scale(component)[0][1]
    value = position(world, plan, component, component["band_by"], agent, mine, one, target, period)
    if value is None:
        return None
    stretches = component["band_by"] in ("amount", "count") and component["per"] != "payment"
    bands = scales.scale(component, part.stretch if stretches else ONE)
    if component["band_mode"] == "interpolated":
        return scales.between(bands, value)
    return scales.reached(bands, component["band_edge"], value)


def position(
    world: World,
    plan: dict[str, Any],
    component: dict[str, Any],
    by: str,
    agent: str,
    mine: list[Contribution],
    one: Contribution | None,
    target: Fraction,
    period: Period,
) -> Fraction | None:
    """The value that picks the band: the payment's own, or the agent's over the period."""
    if by in ("days_past_due", "balance"):
        assert one is not None
        event = one.event
        snapshot = world.arrears(plan.get("arrears_on"), event.account, event.agent, event.day, period)
        assert snapshot is not None
        found: Fraction = snapshot["days_past_due"] if by == "days_past_due" else world.major(snapshot["balance"])
        return found
    if by == "amount":
        share = number(component.get("base_share", "100%"))
        if component["per"] == "payment" and one is not None:
            return one.money * share
        return sum((each.money for each in mine), Fraction(0)) * share
    if by == "attainment":
        return sum((each.quantity for each in mine), Fraction(0)) / target if target else Fraction(0)
    if by == "count":
        return count(component, mine)
    return world.kpi(by, agent, period)[0]


def count(component: dict[str, Any], mine: list[Contribution]) -> Fraction:
    """Units of the measure; of a money measure, the payments."""
    quantities = [each.share if is_money(component) else each.quantity for each in mine]
    return sum(quantities, Fraction(0))


def in_matrix(
    world: World,
    plan: dict[str, Any],
    part: Part,
    agent: str,
    mine: list[Contribution],
    target: Fraction,
    period: Period,
) -> list[Piece]:
    """Amount x measure for counts, once for money."""
    component, matrix = part.component, part.component["matrix"]
    if is_money(component) and component["per"] != "payment":
        amount = cell(world, plan, component, matrix, agent, mine, None, target, period)
        return [] if amount is None else [Piece(None, 0, amount * part.stretch, part.version)]
    found = []
    for one in mine:
        amount = cell(world, plan, component, matrix, agent, mine, one, target, period)
        if amount is not None:
            times = ONE if is_money(component) else one.quantity
            found.append(Piece(one.event, 0, amount * times, part.version))
    return found


def cell(
    world: World,
    plan: dict[str, Any],
    component: dict[str, Any],
    matrix: dict[str, Any],
    agent: str,
    mine: list[Contribution],
    one: Contribution | None,
    target: Fraction,
    period: Period,
) -> Fraction | None:
    edge = component.get("band_edge", "from")
    indexes = []
    for side, starts in (("rows_by", "rows"), ("columns_by", "columns")):
        value = position(world, plan, component, matrix[side], agent, mine, one, target, period)
        if value is None:
            return None
        index = scales.reached([(number(start), Fraction(i)) for i, start in enumerate(matrix[starts])], edge, value)
        if index is None:
            return None
        indexes.append(int(index))
    return number(matrix["amounts"][indexes[0]][indexes[1]])


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
    """Pieces of the same event and slice as one; those that cancel out are gone."""
    sums: dict[tuple[str, int], Piece] = {}
    for piece in pieces:
        key = (piece.event.id if piece.event else "", piece.slice)
        if key in sums:
            sums[key] = Piece(piece.event, piece.slice, sums[key].amount + piece.amount, piece.version)
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


# Gate, factor, floor, cap


def limited(world: World, plan: dict[str, Any], part: Part, agent: str, pieces: list[Piece], period: Period) -> Earned:
    """In this order: gates, multiplier, floor, cap; the pieces follow in proportion."""
    component = part.component
    earned = Earned(agent, component, pieces)
    outcome, factor, holding = through_gates(world, plan, component, agent, period)
    times, multiplier_outcome = multiplied(world, plan, component, agent, period)
    nothing = "nothing" in (outcome, multiplier_outcome)
    factor = Fraction(0) if nothing else factor * times
    earned.held_by = [] if nothing else holding + ([component["multiplier"]] if multiplier_outcome == "hold" else [])
    for piece in earned.pieces:
        piece.amount *= factor
    if "floor" in component and not nothing:
        raise_to(earned, number(component["floor"]) * part.stretch, part.version)
    if "cap" in component:
        cap = number(component["cap"]) * part.stretch
        if earned.total > cap:
            earned.excess = earned.total - cap
            scale_to(earned, cap)
    return earned


def raise_to(earned: Earned, floor: Fraction, version: int) -> None:
    """What is below zero, or nothing, cannot be lifted in proportion: there the floor is a piece by itself."""
    total = earned.total
    if not earned.pieces or total >= floor:
        return
    if total > 0:
        scale_to(earned, floor)
        return
    for piece in earned.pieces:
        piece.amount = piece.amount * floor / total if total and floor <= 0 else Fraction(0)
    if floor > 0:
        earned.pieces.append(Piece(None, 0, floor, version))


def scale_to(earned: Earned, amount: Fraction) -> None:
    total = earned.total
    for piece in earned.pieces:
        piece.amount *= amount / total


def through_gates(
    world: World, plan: dict[str, Any], component: dict[str, Any], agent: str, period: Period
) -> tuple[str, Fraction, list[str]]:
    """("nothing" or "", the reductions multiplied, the gates that hold)."""
    factor, holding, nothing = ONE, [], False
    for code in component.get("gates", []):
        gate = next(gate for gate in plan["gate"] if gate["code"] == code)
        outcome = gate_outcome(world, gate, agent, period)
        if outcome == "nothing":
            nothing = True
        elif outcome == "hold":
            holding.append(code)
        elif outcome.startswith("reduce to "):
            factor *= number(outcome.removeprefix("reduce to "))
    return "nothing" if nothing else "", factor, holding


def gate_outcome(world: World, gate: dict[str, Any], agent: str, period: Period) -> str:
    """pass | nothing | hold | reduce to N%."""
    value = known(world, gate, agent, period)
    if value is None:
        return str(gate.get("missing", "hold"))
    passes = value >= number(gate["at_least"]) if "at_least" in gate else value <= number(gate["at_most"])
    return "pass" if passes else str(gate["otherwise"])


def known(world: World, rule: dict[str, Any], agent: str, period: Period) -> Fraction | None:
    """The KPI's value, unless there is none or too few cases stand behind it."""
    value, base = world.kpi(rule["kpi"], agent, period)
    if "at_least_n" in rule and (base is None or base < rule["at_least_n"]):
        return None
    return value


def multiplied(
    world: World, plan: dict[str, Any], component: dict[str, Any], agent: str, period: Period
) -> tuple[Fraction, str]:
    """(the factor of the band reached, the outcome of a missing value)."""
    if "multiplier" not in component:
        return ONE, ""
    rule = next(multiplier for multiplier in plan["multiplier"] if multiplier["code"] == component["multiplier"])
    factor = factor_of(world, rule, agent, period)
    return (ONE, str(rule.get("missing", "pass"))) if factor is None else (factor, "")


def factor_of(world: World, rule: dict[str, Any], agent: str, period: Period) -> Fraction | None:
    """The factor of the band reached, 0 below the first; none without a value."""
    value = known(world, rule, agent, period)
    return None if value is None else scales.reached(scales.scale(rule), "from", value) or Fraction(0)


# One rounding a line


def whole_lines(world: World, plan: dict[str, Any], lines: list[Earned]) -> list[Earned]:
    """The parts of versions added up, and the plan's cap on the sum of an agent's components."""
    merged: dict[tuple[str, str], Earned] = {}
    for line in lines:
        key = (line.agent, line.component["code"])
        if key in merged:
            merged[key].pieces += line.pieces
            merged[key].excess += line.excess
            merged[key].held_by += [code for code in line.held_by if code not in merged[key].held_by]
            merged[key].component = line.component
        else:
            merged[key] = line
    if "plan_cap" in plan:
        for agent in {line.agent for line in merged.values()}:
            cap_sum([line for line in merged.values() if line.agent == agent], number(plan["plan_cap"]))
    return list(merged.values())


def cap_sum(lines: list[Earned], cap: Fraction) -> None:
    total = sum((line.total for line in lines), Fraction(0))
    if total > cap:
        for line in lines:
            for piece in line.pieces:
                piece.amount *= cap / total


def rounded_pieces(world: World, plan: dict[str, Any], line: Earned) -> list[tuple[Piece, int]]:
    """The line rounded once to the minor unit, shared among its pieces by largest remainder (ties: payment_id)."""
    pieces = sorted(line.pieces, key=lambda piece: (piece.event.id if piece.event else "", piece.slice))
    exact = [piece.amount * 10**world.digits for piece in pieces]
    total = rounded(sum(exact, Fraction(0)), plan["rounding"])
    return list(zip(pieces, shared(total, exact), strict=True))
