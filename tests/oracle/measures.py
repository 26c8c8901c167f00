"""What there is to be paid for: one event per payment, promise, visit, call or asset, and who shares it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from .calendar import Period
from .credit import last_day, payments_towards, right_party
from .exact import number, shared
from .world import Row, World

FROM_PAYMENTS = {"collected", "payments", "accounts_reactivated", "credits_bought"}
FROM_ROWS = {"promises_kept", "visits_verified", "welcome_calls", "assets_recovered"}
FROM_AGENTS = {"base_pay"}
MONEY = {"collected", "base_pay"}


@dataclass
class Event:
    """Something that happened on a day, for an agent, with its money in minor units and its number of units."""

    id: str
    day: date
    at: datetime | None
    account: str
    agent: str
    money: int = 0
    units: Fraction = Fraction(1)
    row: Row = field(default_factory=dict)
    payment: bool = False
    earned_for: str = ""


@dataclass
class Contribution:
    """One payee's part of an event: `quantity` and `money` in the major unit, or `quantity` a count; `share` of 1."""

    event: Event
    payee: str
    quantity: Fraction
    money: Fraction
    share: Fraction = Fraction(1)
    key: int = 0


def is_money(component: dict[str, Any]) -> bool:
    measure = component.get("measure", "")
    known = FROM_PAYMENTS | FROM_ROWS | FROM_AGENTS
    return measure in MONEY or (measure not in known and component["kind"] == "percent")


def row_events(world: World, credit: dict[str, Any], measure: str, first: date, last: date) -> list[Event]:
    """Events of the measures that do not come from payments, dated within the days."""
    found: list[Event] = []
    if measure == "promises_kept":
        for promise in world.rows("promises"):
            kept = kept_at(world, credit, promise)
            if kept:
                found.append(
                    Event(
                        promise["promise_id"],
                        kept.date(),
                        kept,
                        promise["account_id"],
                        promise["agent_id"],
                        row=promise,
                    )
                )
    if measure == "visits_verified":
        made = [visit for visit in world.rows("visits") if visit.get("visited_at") and visit.get("outcome")]
        seen = set()
        for visit in sorted(made, key=lambda visit: (visit["visited_at"], visit["visit_id"])):
            at = visit["visited_at"]
            once = (visit["agent_id"], visit.get("account_id", ""), at.date())
            if once not in seen:  # several visits of a day to one account are one
                seen.add(once)
                found.append(
                    Event(visit["visit_id"], at.date(), at, visit.get("account_id", ""), visit["agent_id"], row=visit)
                )
    if measure == "welcome_calls":
        welcomed = set()
        for call in sorted(world.rows("calls"), key=lambda call: (call["started_at"], call["call_id"])):
            if call.get("purpose") == "welcome" and right_party(call) and call.get("account_id") not in welcomed:
                welcomed.add(call.get("account_id"))
                at = call["started_at"]
                found.append(
                    Event(call["call_id"], at.date(), at, call.get("account_id", ""), call["agent_id"], row=call)
                )
    if measure == "assets_recovered":
        for asset in world.rows("recoveries"):
            if asset.get("outcome") == "recovered" and asset.get("recovered_on"):
                day = asset["recovered_on"]
                found.append(Event(asset["recovery_id"], day, None, asset["account_id"], asset["agent_id"], row=asset))
    return sorted((event for event in found if first <= event.day <= last), key=order)


def kept_at(world: World, credit: dict[str, Any], promise: Row) -> datetime | None:
    """When payments after it was made reached its amount, if that was in time and not after it was cancelled."""
    paid = 0
    for payment in payments_towards(world, promise):
        in_time = payment["day"] <= last_day(credit, promise)
        cancelled = promise.get("cancelled_on") and payment["day"] >= promise["cancelled_on"]
        if not in_time or cancelled:
            return None
        paid += payment["left"]
        if paid >= promise["amount"] and payment["left"] > 0:
            at: datetime = payment["paid_at"]
            return at
    return None


def order(event: Event) -> tuple[float, date, str]:
    """In the order in which slices are filled."""
    return event.at.timestamp() if event.at else 0.0, event.day, event.id


def of_measure(world: World, rule: str | None, measure: str, payments: list[Event], period: Period) -> list[Event]:
    """The payment events as this measure counts them."""
    if measure == "credits_bought":
        return [
            with_units(event, credits_bought(event)) for event in payments if event.row.get("credits_kind") == "bought"
        ]
    if measure == "accounts_reactivated":
        first_of_account: dict[str, Event] = {}
        for event in sorted(payments, key=order):
            snapshot = world.arrears(rule, event.account, event.agent, event.day, period)
            if snapshot and snapshot["days_past_due"] > 0:
                first_of_account.setdefault(event.account, event)
        return sorted(first_of_account.values(), key=order)
    return payments


def credits_bought(event: Event) -> Fraction:
    """The days bought, less the part of the payment that was reversed in the same period."""
    bought: Fraction = event.row.get("credits") or Fraction(0)
    return bought * Fraction(event.money, event.row["amount"])


def with_units(event: Event, units: Fraction) -> Event:
    return Event(
        event.id, event.day, event.at, event.account, event.agent, event.money, units, event.row, True, event.earned_for
    )


def matches(world: World, plan: dict[str, Any], component: dict[str, Any], event: Event, period: Period) -> bool:
    """Whether an event counts for a component: every key of `where` holds."""
    where = component.get("where", {})
    account = world.account(event.account)
    words = {
        "role": world.role(event.agent, event.day),
        "agent": event.agent,
        "product": account.get("product", ""),
        "branch": account.get("branch", ""),
        "region": account.get("region", ""),
        "creditor": account.get("creditor", ""),
        "status": account.get("status", ""),
        "kind": event.row.get("kind", ""),
        "channel": event.row.get("channel", ""),
    }
    if any(words[key] not in where[key] for key in words if key in where):
        return False
    if "amount" in where and not in_range(where["amount"], world.major(event.row["amount"])):
        return False
    if "days_past_due" in where or "balance" in where or needs_arrears(component):
        snapshot = world.arrears(plan.get("arrears_on"), event.account, event.agent, event.day, period)
        if snapshot is None:
            return False
        if "days_past_due" in where and not in_range(where["days_past_due"], snapshot["days_past_due"]):
            return False
        if "balance" in where and not in_range(where["balance"], world.major(snapshot["balance"])):
            return False
    return True


def needs_arrears(component: dict[str, Any]) -> bool:
    scales = {component.get("band_by")} | {component.get("matrix", {}).get(side) for side in ("rows_by", "columns_by")}
    return bool(scales & {"days_past_due", "balance"})


def in_range(limits: dict[str, str], value: Fraction) -> bool:
    """From its start, up to but without its end."""
    return ("from" not in limits or value >= number(limits["from"])) and (
        "to" not in limits or value < number(limits["to"])
    )


def agent_matches(world: World, component: dict[str, Any], agent: str, day: date) -> bool:
    """Whether an agent, by the row at a day, is one that a component without events is for."""
    where = component.get("where", {})
    row = world.agent_row(agent, day)
    if row is None or not world.works(agent, day):
        return False
    words = {"role": row["role"], "agent": agent, "branch": row.get("branch", ""), "region": row.get("region", "")}
    return all(words[key] in where[key] for key in words if key in where)


def contributions(world: World, component: dict[str, Any], event: Event) -> list[Contribution]:
    """An event divided among its payees: money in minor units, counts as fractions."""
    shares = payees(world, component.get("split"), event)
    cents = shared(event.money, [event.money * share for _, share in shares])
    money = is_money(component)
    parts = []
    for key, ((payee, share), part) in enumerate(zip(shares, cents, strict=True)):
        quantity = world.major(part) if money else event.units * share
        if not quantity:  # a share of less than half a cent is nothing that counts
            continue
        parts.append(Contribution(event, payee, quantity, world.major(part), share, key))
    return parts


def payees(world: World, split: dict[str, str] | None, event: Event) -> list[tuple[str, Fraction]]:
    """Each payee's share in written order; that of a payee who does not exist goes to the first key."""
    if not split:
        return [(event.agent, Fraction(1))]
    found = [(payee(world, key, event), number(share)) for key, share in split.items()]
    (first, own), *others = found
    left_over = sum((share for agent, share in others if not agent), Fraction(0))
    return [(first or event.agent, own + left_over)] + [(agent, share) for agent, share in others if agent]


def payee(world: World, key: str, event: Event) -> str:
    if key == "credited":
        return event.agent
    if key == "team_leader":
        return world.leader(event.agent, event.day)
    if key == "previous_owner":
        return previous_owner(world, event)
    return key if key in world.agent_ids() else ""


def previous_owner(world: World, event: Event) -> str:
    """Who held the account last among those of the credited agent's role whose assignment has ended."""
    role = world.role(event.agent, event.day)
    ended = [
        row
        for row in world.rows("assignments")
        if row["account_id"] == event.account
        and row.get("ended_on")
        and row["ended_on"] < event.day
        and world.role(row["agent_id"], row["ended_on"]) == role
    ]
    return str(max(ended, key=lambda row: row["ended_on"])["agent_id"]) if ended else ""


def days_after(day: date, number_of_days: int) -> date:
    return day + timedelta(days=number_of_days)
