"""Which agent a payment counts for: the first rule that names one."""

from datetime import timedelta
from typing import Any

from .world import Row, World


def credited(world: World, credit: dict[str, Any], payment: Row) -> tuple[str, str]:
    """(agent, rule), both empty where no rule names an agent."""
    by_rule = {"named": named, "promise": by_promise, "contact": by_contact, "owner": by_owner}
    for rule in credit["rules"]:
        agent = by_rule[rule](world, credit, payment)
        if agent:
            return agent, rule
    return "", ""


def named(_world: World, _credit: dict[str, Any], payment: Row) -> str:
    return str(payment.get("agent_id", ""))


def by_promise(world: World, credit: dict[str, Any], payment: Row) -> str:
    open_promises = [
        promise
        for promise in world.rows("promises")
        if promise["account_id"] == payment["account_id"]
        and is_open(world, credit, promise, payment)
        and world.works(promise["agent_id"], payment["day"])
    ]
    if not open_promises:
        return ""
    latest = max(promise["made_at"] for promise in open_promises)
    return str(min((p for p in open_promises if p["made_at"] == latest), key=lambda p: p["promise_id"])["agent_id"])


def is_open(world: World, credit: dict[str, Any], promise: Row, payment: Row) -> bool:
    if not promise["made_at"] < payment["paid_at"]:
        return False
    if payment["day"] > last_day(credit, promise):
        return False
    if promise.get("cancelled_on") and payment["day"] >= promise["cancelled_on"]:
        return False
    earlier = [row for row in payments_towards(world, promise) if order(row) < order(payment)]
    return not reached(promise, earlier)


def last_day(credit: dict[str, Any], promise: Row) -> Any:
    return promise["due_on"] + timedelta(days=credit.get("promise_grace_days", 0))


def order(payment: Row) -> tuple[Any, str]:
    return payment["paid_at"], payment["payment_id"]


def payments_towards(world: World, promise: Row) -> list[Row]:
    """Payments on the promise's account after it was made, in order; reversals are left out."""
    rows = [
        row
        for row in world.rows("payments")
        if row["account_id"] == promise["account_id"]
        and row["paid_at"] > promise["made_at"]
        and not row.get("reverses")
    ]
    return sorted(rows, key=order)


def reached(promise: Row, payments: list[Row]) -> bool:
    """What reversals of the same period leave of the payments is what keeps a promise."""
    return bool(sum(row["left"] for row in payments) >= promise["amount"])


def by_contact(world: World, credit: dict[str, Any], payment: Row) -> str:
    window = credit.get("contact_window_days", 7)
    contacts = []
    for call in world.rows("calls"):
        if call.get("account_id") == payment["account_id"] and right_party(call) and call.get("disposition"):
            contacts.append((call["started_at"], 0, call["call_id"], call["agent_id"]))
    for visit in world.rows("visits"):
        if (
            visit.get("account_id") == payment["account_id"]
            and visit.get("met") == "customer"
            and visit.get("visited_at")
        ):
            contacts.append((visit["visited_at"], 1, visit["visit_id"], visit["agent_id"]))
    within = [
        contact
        for contact in contacts
        if contact[0] <= payment["paid_at"]
        and 0 <= (payment["day"] - contact[0].date()).days <= window
        and world.works(contact[3], payment["day"])
    ]
    if not within:
        return ""
    latest = max(contact[0] for contact in within)
    return str(min(contact for contact in within if contact[0] == latest)[3])


def right_party(call: Row) -> bool:
    return str(call.get("right_party", "")).lower() in {"yes", "true", "1"}


def by_owner(world: World, credit: dict[str, Any], payment: Row) -> str:
    owners = sorted(world.owners(payment["account_id"], payment["day"]), key=lambda row: row["agent_id"])
    for role in credit["owner_roles"]:
        for owner in owners:
            works = world.works(owner["agent_id"], payment["day"])
            if works and world.role(owner["agent_id"], payment["day"]) == role:
                return str(owner["agent_id"])
    return ""
