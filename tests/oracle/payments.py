"""The payments a run counts: its own period's, late ones, and what reversals leave of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import credit
from .calendar import Period, containing
from .measures import Event
from .world import Row, World


@dataclass
class Counted:
    """What a run made of every row of payments.csv."""

    events: list[Event] = field(default_factory=list)
    """credited payments of this run, net of reversals counted with them, none of them empty"""
    later_reversals: list[Row] = field(default_factory=list)
    """reversals counted in this run whose payment was counted in an earlier one"""
    credit: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    """rows that this run had the last word on: not a reversal whose payment it did not know"""
    net: dict[str, int] = field(default_factory=dict)


def count(world: World, rules: dict[str, Any], period: Period, previous: list[Any]) -> Counted:
    counted = Counted()
    rows = {row["payment_id"]: row for row in world.rows("payments")}
    here = {key: row for key, row in rows.items() if belongs(row, period, previous)}
    for key in rows:
        if key not in here:
            counted.credit[key] = {"status": "excluded", "agent": "", "rule": "", "reason": "other period"}
    for key, row in here.items():
        if row.get("reverses") and not is_known(row["reverses"], here, previous):
            counted.credit[key] = {"status": "excluded", "agent": "", "rule": "", "reason": "its payment is in no run"}
            continue
        counted.seen.add(key)
        original = rows[row["reverses"]] if row.get("reverses") else row
        agent, rule = credit.credited(world, rules, original)
        status = "credited" if agent else "unattributed"
        counted.credit[key] = {"status": status, "agent": agent, "rule": rule, "reason": ""}
        if row is not original:
            if original["payment_id"] in here:
                continue
            counted.later_reversals.append(row)
            # what was nobody's goes back to nobody
            before = [result.credit.get(original["payment_id"], {}).get("status") for result in previous]
            nobodys = "unattributed" in before
            counted.credit[key] = {
                "status": "unattributed" if nobodys else "excluded",
                "agent": "",
                "rule": "",
                "reason": "" if nobodys else "its payment is in an earlier run",
            }
            continue
        counted.net[key] = row["amount"] + reversed_with(here.values(), key)
        if agent and counted.net[key] > 0:
            late = containing(row["day"], period.kind, period.start_day).label if row["day"] < period.first else ""
            counted.events.append(
                Event(
                    key,
                    row["day"],
                    row["paid_at"],
                    row["account_id"],
                    agent,
                    counted.net[key],
                    row=row,
                    payment=True,
                    earned_for=late,
                )
            )
    counted.later_reversals.sort(key=credit.order)
    return counted


def belongs(row: Row, period: Period, previous: list[Any]) -> bool:
    """Dated in the period, or late: dated in the period of an earlier run and seen by none.

    A reversal that a run leaves out, because it does not know its payment, is a row that this run has not seen."""
    if period.first <= row["day"] <= period.last:
        return True
    its_own = containing(row["day"], period.kind, period.start_day).label
    ran = any(result.label == its_own for result in previous)
    return bool(row["day"] < period.first and ran and not any(row["payment_id"] in result.seen for result in previous))


def is_known(payment_id: str, here: dict[str, Row], previous: list[Any]) -> bool:
    """A payment that counts now, or did in a run before."""
    return payment_id in here or any(payment_id in result.seen for result in previous)


def reversed_with(rows: Iterable[Row], payment_id: str) -> int:
    """The (negative) sum of reversals of a payment."""
    return sum(row["amount"] for row in rows if row.get("reverses") == payment_id)


def of_all_periods(world: World, rules: dict[str, Any], period: Period, counted: Counted) -> list[Event]:
    """Every credited payment of the data, net of reversals in its own period: what year to date is computed from.

    `earned_for` is filled where this run is the first to see the payment."""
    late = {event.id: event.earned_for for event in counted.events}
    events = []
    for row in world.rows("payments"):
        if row.get("reverses"):
            continue
        own = containing(row["day"], period.kind, period.start_day)
        with_it = [other for other in world.rows("payments") if own.first <= other["day"] <= own.last]
        net = row["amount"] + reversed_with(with_it, row["payment_id"])
        agent, _ = credit.credited(world, rules, row)
        if agent and net > 0:
            events.append(
                Event(
                    row["payment_id"],
                    row["day"],
                    row["paid_at"],
                    row["account_id"],
                    agent,
                    net,
                    row=row,
                    payment=True,
                    earned_for=late.get(row["payment_id"], ""),
                )
            )
    return events
