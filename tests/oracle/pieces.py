"""What the contributions of one agent earn with a component: exact pieces, before gate, factor, floor and cap."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from . import bands as scales
from .calendar import Period
from .exact import number
from .measures import FROM_PAYMENTS, FROM_ROWS, Contribution, Event, is_money
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
    key: int = 0


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


def is_once(component: dict[str, Any]) -> bool:
    """A fixed amount for the period; with `per = "payment"` there is one for each payment."""
    return bool(component["kind"] == "fixed" and component["per"] != "payment")


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
    if is_once(component):
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
    if component["kind"] == "fixed":
        return contribution.share * rate
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
        return [Piece(one.event, 0, worth(component, part, one, first, target), part.version, one.key) for one in mine]
    stretch = ONE if component["band_by"] == "attainment" or component["per"] == "payment" else part.stretch
    bands = scales.scale(component, stretch)
    filled, found = Fraction(0), []
    for one in mine:
        begin = Fraction(0) if component["per"] == "payment" else filled
        reach = place(component, one, target)
        for number_of_band, width, rate in scales.slices(bands, begin, begin + reach):
            amount = worth(component, part, one, rate, target) * width / reach
            found.append(Piece(one.event, number_of_band, amount, part.version, one.key))
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
            found.append(Piece(one.event, 0, worth(component, part, one, rate, target), part.version, one.key))
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
            found.append(Piece(one.event, 0, amount * times, part.version, one.key))
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
