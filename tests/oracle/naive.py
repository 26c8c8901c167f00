"""Commissions of one period computed a second time, the slow and plain way.

READINGS: where the plan format leaves a choice, this is how it is read here.

 1. A kept promise: the payments after made_at (reversals left out) reach its amount; for the measure
    `promises_kept` also by due day + grace and before cancelled_on. It counts on the day of the payment that
    reaches it.
 2. A met visit is one with met = customer. A right-party call needs a disposition that is filled.
 3. Without a snapshot a payment is left out of the components that need arrears or balance, not of the others.
 4. A reversal of an earlier run's payment is excluded from this period's cash, and clawed back. A late row counts
    only if the run of its own period is among the earlier ones and none of them saw it. It joins this period's
    base. A reversal counted in the same run as its payment lowers it. A reversal whose payment is neither in
    this run nor in an earlier one is left out, and is to the runs after it a row that none has seen.
 5. A share of a payee who does not exist is added to the first key's share before the base is divided. Who is named
    by two keys has a piece for each.
 6. where.branch, region, product, creditor, status are the account's; for fixed, base_pay and KPI measures the
    agent's.
 7. `amount` bands look at the base after base_share; `attainment` at the measure before it. Amount and count band
    starts shrink with a version's days only where they look at the whole period.
 8. band_by count of a money measure counts payments. Slices of counts are cut like a length: from 3 is above 3
    units.
 9. Band by a KPI without value: nothing. No target: everything at the first band's rate.
10. A floor holds for agents of whom something counts, even below the first band, in `fixed` and base_pay for all.
    What is below zero becomes 0 and the floor a piece by itself. A multiplier's missing "nothing" acts as a gate's.
11. Working days are by the agent's country, or else the plan's. Under `prorate = none` an agent is in role on all
    days. Days in role are days employed with a role of where.role. The target of a version's days is the period's
    target in proportion to calendar days.
12. Largest remainder takes floors, also of negative pieces.
13. accounts_reactivated: an account that was past due (its snapshot) and paid; once per account, by its first
    payment. credits_bought: credits of kind bought, in proportion to what a reversal in the period left.
    visits_verified: visited_at and outcome filled. welcome_calls: purpose welcome, right party, the first of an
    account only.
14. The days of a holdback count from the day of what is paid for. A holdback that falls due in the run that makes
    it is released in it. A held line has no holdback besides. Only the gates that held are asked again: one that
    passes releases all; after a late value that fails, all is released and a second line of the same kind forfeits
    what is lost of it, that is of what no reversal took back meanwhile (a reversal after that takes the same part
    less); one whose `otherwise` is hold goes on holding. A multiplier that held does the same with its factor.
15. Clawback: of pieces above zero; `paid` is the payment net of reversals counted with it; the rule is that of the
    piece's own version.
16. cap_excess = carry: the excess is rounded; room is the cap less this period's own line; paid also to agents
    without earnings.
17. plan_cap shrinks all pieces of the agent, negative ones included, by the same factor.
18. Year to date: payments count net of reversals in their own period; the year is that of the period's last day.
19. Override on clawback lines: the leader on the payment day. Deducted: the leader's amount is shared among the
    agents.
20. A guarantee is at most the prorated amount; what is recovered is rounded down; months are the plan's own (from
    the 26th, too); a shorter period is in the calendar month that it ends in.
21. `fixed`: agents who work on the period's last day. left_on and valid_to are the last day.
22. base_pay and a KPI as a measure are shared by calendar days between versions of a component that differ.
23. A role holds as long as its row, also before started_on and after left_on. Promise, contact and owner credit an
    agent on days worked only; a payment that names the agent does always.
"""

from dataclasses import dataclass, field
from typing import Any

from . import earlier, payments, settlement
from .calendar import Period
from .calendar import period as period_of
from .components import earned_in_part, in_force, parts
from .exact import minor, number, rounded
from .limits import rounded_pieces, whole_lines
from .measures import days_after
from .pieces import Earned, Line, Piece
from .world import World

Tables = dict[str, list[dict[str, str]]]


@dataclass
class Result:
    """A run: all its lines, the sheet by agent (minor units), the credit of every payment."""

    label: str
    lines: list[Line] = field(default_factory=list)
    sheet: dict[str, dict[str, int]] = field(default_factory=dict)
    credit: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    net: dict[str, int] = field(default_factory=dict)


def calculate(
    tables: Tables, versions: list[dict[str, Any]], label: str, previous: list[Result] | None = None
) -> Result:
    """One period's commissions; `previous` are the results of all earlier periods, the first one first."""
    previous = previous or []
    period = period_of(label, versions[0].get("period_start_day", 1))
    plan = in_force(versions, period)[-1][0]
    world = World(tables, plan)
    counted = payments.count(world, plan["credit"], period, previous)
    lines = earn_lines(world, versions, plan, period, previous, counted)
    lines += earlier.clawbacks(world, plan, period, previous, counted)
    lines += settlement.overrides(world, plan, period, lines, counted)
    lines += settlement.adjustments(world, period)
    held = [line for line in lines if line["kind"] == "holdback"]
    taken = [line for line in lines if line["kind"] == "clawback"]
    lines += earlier.releases(world, plan, period, previous, held, taken)
    sheet = {agent: row_of(world, plan, period, previous, agent, lines) for agent in world.agent_ids()}
    return Result(label, lines, sheet, counted.credit, counted.seen, counted.net)


def earn_lines(
    world: World,
    versions: list[dict[str, Any]],
    plan: dict[str, Any],
    period: Period,
    previous: list[Result],
    counted: Any,
) -> list[Line]:
    everything = payments.of_all_periods(world, plan["credit"], period, counted)
    earned: list[Earned] = []
    late_days = [event.day for event in counted.events if event.earned_for]
    for part in parts(versions, period, late_days):
        earned += earned_in_part(world, plan, part, counted.events, period, everything)
    balances = earlier.cap_balances(previous)
    lines: list[Line] = []
    own: dict[tuple[str, str], int] = {}
    for line in whole_lines(world, plan, earned):
        pieces = piece_lines(world, plan, period, line)
        own[line.agent, line.component["code"]] = sum(piece["amount"] for piece in pieces)
        lines += pieces + held_back(plan, period, line, pieces)
        excess = rounded(line.excess * 10**world.digits, plan["rounding"])
        if excess and line.component["cap_excess"] == "carry":
            lines.append(settlement.line("cap_carry", line.agent, line.component["code"], 0, base=excess))
    return lines + paid_from_cap(world, plan, own, balances)


def piece_lines(world: World, plan: dict[str, Any], period: Period, line: Earned) -> list[Line]:
    found = []
    for piece, amount in rounded_pieces(world, plan, line):
        event = piece.event
        is_payment = bool(event and event.payment)
        found.append(
            settlement.line(
                "earn",
                line.agent,
                line.component["code"],
                amount,
                id=piece_id(period, line, piece),
                rules=line.component,
                held_by=[],
                period=period.label,
            )
        )
        if event:
            found[-1]["day"] = event.day
        if event and is_payment:
            found[-1].update(payment_id=event.id, payment_day=event.day, earned_for=event.earned_for)
    return found


def piece_id(period: Period, line: Earned, piece: Piece) -> str:
    event = piece.event.id if piece.event else ""
    numbers = [str(part) for part in (piece.key, piece.slice, piece.version)]
    return "/".join([period.label, line.agent, line.component["code"], event, *numbers])


def held_back(plan: dict[str, Any], period: Period, line: Earned, pieces: list[Line]) -> list[Line]:
    """The whole positive line under a gate that holds; else the component's share of each positive piece."""
    rule = line.component.get("holdback")
    if line.held_by:
        if sum(piece["amount"] for piece in pieces) <= 0:
            return []
        return [holdback(piece, piece["amount"], None, line.held_by) for piece in pieces if piece["amount"]]
    if rule is None:
        return []
    return [
        holdback(
            piece,
            rounded(piece["amount"] * number(rule["share"]), plan["rounding"]),
            days_after(piece.get("day", period.last), rule["release_after_days"]),
            [],
        )
        for piece in pieces
        if piece["amount"] > 0
    ]


def holdback(piece: Line, amount: int, due_on: Any, held_by: list[str]) -> Line:
    return {
        **piece,
        "kind": "holdback",
        "amount": -amount,
        "id": piece["id"] + "/held",
        "piece": piece["id"],
        "due_on": due_on,
        "held_by": held_by,
    }


def paid_from_cap(
    world: World, plan: dict[str, Any], own: dict[tuple[str, str], int], balances: dict[tuple[str, str], int]
) -> list[Line]:
    """What earlier caps put aside, paid while there is room under this period's cap."""
    found = []
    for (agent, code), balance in sorted(balances.items()):
        component = next((one for one in plan["component"] if one["code"] == code), None)
        if component and component.get("cap_excess") == "carry":
            room = minor(component["cap"], world.digits) - own.get((agent, code), 0)
            if min(room, balance) > 0:
                found.append(settlement.line("cap_carry", agent, code, min(room, balance), base=0))
    return found


def row_of(
    world: World, plan: dict[str, Any], period: Period, previous: list[Result], agent: str, lines: list[Line]
) -> dict[str, int]:
    """The agent's row of the sheet, signed so that it re-adds; adds the guarantee and withholding lines."""
    mine = [line for line in lines if line["agent"] == agent]
    before = earlier.last_sheet(previous).get(agent, {})

    def total(*kinds: str) -> int:
        return sum(line["amount"] for line in mine if line["kind"] in kinds)

    row = {code: 0 for code in columns(plan)}
    for line in mine:
        if line["kind"] in ("earn", "cap_carry", "override"):
            row[line["component"]] = row.get(line["component"], 0) + line["amount"]
    row["adjustments"] = total("adjust")
    row["clawback"] = total("clawback")
    row["holdback"] = total("holdback")
    row["released"] = total("release")
    earned = total("earn", "cap_carry", "override", "adjust", "clawback")
    row["guarantee"], row["draw_balance"] = settlement.guarantee(
        world, plan, period, agent, earned, before.get("draw_balance", 0)
    )
    row["gross"] = earned + row["holdback"] + row["released"] + row["guarantee"]
    row["withholding"] = settlement.withholding(world, plan, period, agent, row["gross"])
    row["net"] = row["gross"] + row["withholding"]
    row["carried_in"] = before.get("carried_out", 0)
    row["payable"] = settlement.payable(world, plan, row["net"], row["carried_in"])
    row["carried_out"] = row["net"] + row["carried_in"] - row["payable"]
    no_longer_held = sum(line["amount"] for line in mine if line["kind"] == "release" and not line["second"])
    row["held_balance"] = before.get("held_balance", 0) - row["holdback"] - no_longer_held
    for kind in ("guarantee", "withholding"):
        if row[kind]:
            lines.append(settlement.line(kind, agent, "", row[kind]))
    return row


def columns(plan: dict[str, Any]) -> list[str]:
    return [item["code"] for table in ("component", "override") for item in plan.get(table, [])]
