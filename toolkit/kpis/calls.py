"""KPIs of calls: how many, to whom, with what result. Inbound calls count only where a KPI says so."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.kpis.facts import Facts, Rule, yes, yes_where
from toolkit.kpis.ledger import days_later, standing
from toolkit.rows import Frame

COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(("account_id", "direction", "disposition", "number"), nw.String),
    **dict.fromkeys(("connected", "right_party"), nw.Boolean),
    "talk_seconds": nw.Int64,
}
AT = "started_at"


def outbound(data: Data, *columns: str) -> Frame:
    """Calls made by agents, with `day` and `hour`; a call belongs to the hour in which it began.

    `MissingError` where the source lacks one of `columns`; the others are null where it does.
    """
    data.need("calls", "agent_id", "started_at", *columns)
    return data.shared("outbound calls", lambda: _made(data))


def _made(data: Data) -> Frame:
    calls = data.table("calls", "agent_id", "started_at", **COLUMNS)
    made = calls.filter(nw.col("direction").is_null() | (nw.col("direction") == "out"))
    return made.with_columns(
        day=nw.col("started_at").dt.date(),
        hour=nw.col("started_at").dt.hour().cast(nw.Int64),
        talk_seconds=nw.col("talk_seconds").fill_null(0).cast(nw.Int64),
    )


def long_enough(data: Data) -> nw.Expr:
    """A one-ring dial is no attempt where the definitions ask for a minimum of seconds."""
    return nw.col("talk_seconds") >= data.definitions.attempt_seconds_at_least


def calls(data: Data) -> Facts:
    """Outbound calls: attempts, or those connected, as `calls_counted` says. A redial of the same number within
    `redial_minutes` by the same agent is the same call (12 CFR 1006.14 names two calls within five minutes)."""
    needed = ["connected"] if data.definitions.calls_counted == "connected" else []
    rows = outbound(data, *needed)
    asked = [nw.col(name) for name in needed]
    if data.definitions.attempt_seconds_at_least:
        asked.append(long_enough(data))
    if data.definitions.redial_minutes:
        rows = _without_redials(rows.filter(*asked) if asked else rows, data.definitions.redial_minutes)
    counts = yes(nw.all_horizontal(*asked, ignore_nulls=False)) if asked else nw.lit(1, nw.Int64)
    return Facts(rows, counts=counts, at=AT)


def _without_redials(rows: Frame, minutes: int) -> Frame:
    """The calls that are not the same agent's next attempt on the same number shortly after the one before."""
    called = rows.with_columns(_called=nw.coalesce(nw.col("number"), nw.col("account_id")))
    before = nw.col("started_at").shift(1).over("agent_id", "_called", order_by="started_at")
    again = (nw.col("started_at") - before) < timedelta(minutes=minutes)
    return called.filter(nw.col("_called").is_null() | before.is_null() | ~again)


def contacts(data: Data) -> Facts:
    """Calls that reached somebody, or the right person, as `contact` says."""
    kind = data.definitions.contact
    return Facts(outbound(data, kind), counts=yes_where(kind), at=AT)


def talk_minutes(data: Data) -> Facts:
    """Minutes talked, counted in seconds."""
    return Facts(outbound(data, "talk_seconds"), counts=nw.col("talk_seconds"), parts=60, at=AT)


def right_party_rate(data: Data) -> Facts:
    """Right-party contacts of all calls that reached somebody (of people reached, not of dials)."""
    rows = outbound(data, "connected", "right_party")
    reached_them = nw.col("connected") & nw.col("right_party")
    return Facts(rows, counts=yes(reached_them), of=yes_where("connected"), at=AT)


def call_effectiveness(data: Data) -> Facts:
    """Effective calls: the customer was spoken to, with one of `effective_dispositions`; several on one day count once.

    Of calls that reached somebody, or of all attempts. With `paid_after`: customers who paid within `paid_after_days`,
    of customers spoken to, once a day each.
    """
    rows = outbound(data, "account_id", "connected", "right_party", "disposition")
    if data.definitions.call_effectiveness == "paid_after":
        return Facts(_paid_after(data, rows.filter(nw.col("right_party"))))
    of_attempts = data.definitions.call_effectiveness == "of_attempts"
    done = nw.col("right_party") & nw.col("disposition").is_in(list(data.definitions.effective_dispositions))
    counted = rows.with_columns(
        numerator=yes(done), denominator=nw.lit(1, nw.Int64) if of_attempts else yes(nw.col("connected"))
    )
    # a customer without an account number is a call of its own, and cannot be told from the next one
    named = counted.filter(~nw.col("account_id").is_null()).group_by("agent_id", "day", "hour", "account_id")
    once = named.agg(nw.col("numerator").max(), nw.col("denominator").sum())
    once = once.with_columns(nw.col("denominator").cast(nw.Int64))
    first = nw.col("numerator").cum_sum().over("agent_id", "day", "account_id", order_by="hour")
    once = once.with_columns(numerator=yes((nw.col("numerator") == 1) & (first == 1)))
    unnamed = counted.filter(nw.col("account_id").is_null()).select(once.collect_schema().names())
    return Facts(nw.concat([once, unnamed], how="vertical"))


def _paid_after(data: Data, spoken_to: Frame) -> Frame:
    """Each customer spoken to on a day, once, and whether a payment came within the days that count."""
    key = ["agent_id", "day", "account_id"]
    asked = spoken_to.filter(~nw.col("account_id").is_null()).group_by(key).agg(nw.col("started_at").min())
    paid = standing(data, kinds=False).select("account_id", "paid_at", nw.col("day").alias("_paid_on"))
    last = days_later(nw.col("day"), data.definitions.paid_after_days)
    soon = (nw.col("paid_at") > nw.col("started_at")) & (nw.col("_paid_on") <= last)
    answered = asked.join(paid, on="account_id", how="inner").filter(soon).select(key).unique()
    judged = asked.join(answered.with_columns(numerator=nw.lit(1, nw.Int64)), on=key, how="left")
    return judged.with_columns(numerator=nw.col("numerator").fill_null(0), denominator=nw.lit(1, nw.Int64))


def contacts_per_day(data: Data) -> Facts:
    """Contacts of days worked: days on which the roster has the agent present; without a roster, days with a call."""
    contacted = contacts(data).counted.select("agent_id", "day", "numerator", denominator=nw.lit(0, nw.Int64))
    return Facts(nw.concat([contacted, days_worked(data)], how="vertical"))


def days_worked(data: Data) -> Frame:
    """agent_id and day of each day worked, numerator 0 and denominator 1."""
    if data.has("roster", "actual_in"):
        days = data.table("roster", "agent_id", "work_on", "actual_in").filter(~nw.col("actual_in").is_null())
        worked = days.select("agent_id", nw.col("work_on").alias("day")).unique()
    else:
        worked = outbound(data).select("agent_id", "day").unique()
    return worked.with_columns(numerator=nw.lit(0, nw.Int64), denominator=nw.lit(1, nw.Int64))


def noc(data: Data) -> Facts:
    """Number of clients: different customers with a valid attempt (or contact, as `noc_basis` says) on a day.

    A customer with two phones is one; one called by two agents counts for both, and once in the team.
    """
    return _clients(data, data.definitions.noc_basis)


def _clients(data: Data, basis: str) -> Facts:
    rows = outbound(data, "account_id", *([basis] if basis != "attempted" else []))
    reached = rows.filter(long_enough(data) if basis == "attempted" else nw.col(basis))
    accounts = data.table("accounts", "account_id", "customer_id")
    whose = reached.filter(~nw.col("account_id").is_null()).join(accounts, on="account_id", how="left")
    named = whose.with_columns(customer_id=nw.coalesce(nw.col("customer_id"), nw.col("account_id")))
    return Facts(named.with_columns(numerator=nw.lit(1, nw.Int64)), once=("customer_id",), at=AT)


def noc_attempted(data: Data) -> Facts:
    """Different customers called on a day, whatever `noc_basis` says: the three ways of counting stand side by side."""
    return _clients(data, "attempted")


def noc_connected(data: Data) -> Facts:
    """Different customers at whose number somebody answered, on a day."""
    return _clients(data, "connected")


def noc_right_party(data: Data) -> Facts:
    """Different customers spoken to themselves, on a day."""
    return _clients(data, "right_party")


CALLS: dict[str, Rule] = {
    "calls": calls,
    "contacts": contacts,
    "contacts_per_day": contacts_per_day,
    "call_effectiveness": call_effectiveness,
    "talk_minutes": talk_minutes,
    "right_party_rate": right_party_rate,
    "noc": noc,
    "noc_attempted": noc_attempted,
    "noc_connected": noc_connected,
    "noc_right_party": noc_right_party,
}
