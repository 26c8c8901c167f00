"""Payments, dues and owners, as the KPIs of promises, money and portfolio take them."""

from typing import Any

import narwhals as nw

from toolkit.kpis.data import ASSIGNED, Data, beside, eager
from toolkit.rows import Frame
from toolkit.teams import FAR_AHEAD

CLOSED: dict[str, Any] = {"closed_on": nw.Date, "status": nw.String}
OWNED_ON = ("account_id", "owned_on")


def days_later(day: nw.Expr, days: int) -> nw.Expr:
    """The date so many days later (earlier, if negative)."""
    return day.dt.offset_by(f"{days}d").cast(nw.Date)


def received(data: Data) -> Frame:
    """Payments and reversals of the kinds that count: payment_id, account_id, day, amount, first_at and owned_on.

    A reversal counts on its own day, but has the kind of the payment that it takes back, and `first_at`, when that was
    paid; `owned_on`, the day that says whose it is, is the payment's too.
    """
    columns = ("payment_id", "account_id", "paid_at", "amount", "kind")
    found = data.table("payments", *columns, reverses=nw.String, posted_at=nw.Datetime)
    dated = found.with_columns(day=data.paid_on(), first_at=nw.col("paid_at")).with_columns(owned_on=nw.col("day"))
    paid = dated.filter(nw.col("reverses").is_null())
    first = paid.select(
        nw.col("payment_id").alias("reverses"), _kind=nw.col("kind"), _day=nw.col("day"), _at=nw.col("paid_at")
    )
    taken = dated.filter(~nw.col("reverses").is_null()).join(first, on="reverses", how="left")
    taken = taken.with_columns(
        kind=nw.coalesce("_kind", "kind"), owned_on=nw.coalesce("_day", "day"), first_at=nw.coalesce("_at", "paid_at")
    )
    names = ("payment_id", "account_id", "day", "amount", "kind", "first_at", "owned_on")
    both = nw.concat([paid.select(*names), taken.select(*names)], how="vertical")
    counted = nw.col("kind").is_in(list(data.definitions.collected_kinds)) & (nw.col("day") <= data.as_of)
    return both.filter(counted).drop("kind")


def standing(data: Data, *, kinds: bool) -> Frame:
    """The payments with what their reversals leave of them, if anything: account_id, paid_at, day and amount.

    For judging whether somebody paid: money that was taken back later was never there. kinds: only those that count.
    """
    columns = ("payment_id", "account_id", "paid_at", "amount", *(("kind",) if kinds else ()))
    found = data.table("payments", *columns, reverses=nw.String, posted_at=nw.Datetime).with_columns(day=data.paid_on())
    back = found.filter(~nw.col("reverses").is_null()).group_by("reverses").agg(_back=nw.col("amount").sum())
    paid = found.filter(nw.col("reverses").is_null() & (nw.col("day") <= data.as_of))
    if kinds:
        paid = paid.filter(nw.col("kind").is_in(list(data.definitions.collected_kinds)))
    if not data.has("payments", "reverses"):  # where nothing is taken back, there is nothing to look up
        return paid.filter(nw.col("amount") > 0).select("account_id", "paid_at", "day", "amount")
    less = paid.join(back, left_on="payment_id", right_on="reverses", how="left").with_columns(
        amount=(nw.col("amount") + nw.col("_back").fill_null(0)).cast(nw.Int64)
    )
    return less.filter(nw.col("amount") > 0).select("account_id", "paid_at", "day", "amount")


def fallen_due(data: Data, *, written_off: bool = False) -> Frame:
    """What has fallen due: account_id, day and amount; after an account was closed nothing falls due any more.

    written_off: dues of accounts written off stay (what was planned was planned).
    """
    dues = data.table("dues", "account_id", "due_on", "amount").filter(nw.col("due_on") <= data.as_of)
    dues = dues.select("account_id", nw.col("due_on").alias("day"), "amount")
    if not data.has("accounts", "closed_on"):
        return dues
    closed = data.table("accounts", "account_id", **CLOSED).filter(~nw.col("closed_on").is_null())
    if written_off:
        closed = closed.filter(nw.col("status").is_null() | (nw.col("status") != "written_off"))
    open_then = nw.col("closed_on").is_null() | (nw.col("day") <= nw.col("closed_on"))
    return (
        dues.join(closed.select("account_id", "closed_on"), on="account_id", how="left")
        .filter(open_then)
        .select("account_id", "day", "amount")
    )


def assignments(data: Data) -> Frame:
    """account_id, agent_id, assigned_on and ended_on, the last day, far ahead where it is open."""
    found = data.table("assignments", *ASSIGNED, ended_on=nw.Date)
    return found.with_columns(nw.col("ended_on").fill_null(FAR_AHEAD))


def owned(data: Data, rows: Frame, on: str = "day") -> Frame:
    """`rows` (account_id, and the day `on`) with agent_id, whose the account was that day: once for each owner.

    Null where it was nobody's, or where the data have no assignments.
    """
    if not data.has("assignments", *ASSIGNED):
        return rows.with_columns(agent_id=nw.lit(None, nw.String))
    pairs = rows.join(beside(rows, assignments(data)), on="account_id", how="inner")
    whose = pairs.filter((nw.col("assigned_on") <= nw.col(on)) & (nw.col(on) <= nw.col("ended_on")))
    whose = whose.drop("assigned_on", "ended_on")
    key = ["account_id", on]
    nobodys = rows.join(whose.select(key).unique(), on=key, how="anti").with_columns(agent_id=nw.lit(None, nw.String))
    return nw.concat([whose, nobodys.select(whose.collect_schema().names())], how="vertical")


def owned_together(data: Data) -> bool:
    """Whether any account has two owners on one day, as a call agent and a field agent."""
    if not data.has("assignments", *ASSIGNED):
        return False
    held = assignments(data)
    other = held.rename({"agent_id": "_agent", "assigned_on": "_from", "ended_on": "_to"})
    both = held.join(other, on="account_id", how="inner").filter(
        (nw.col("agent_id") < nw.col("_agent"))
        & (nw.col("assigned_on") <= nw.col("_to"))
        & (nw.col("_from") <= nw.col("ended_on"))
    )
    return bool(len(eager(both.select("account_id").head(1))))


def once_an_account(data: Data, rows: Frame) -> tuple[Frame, tuple[str, ...]]:
    """`rows` (account_id, day, owned_on, numerator, denominator) for their owners, and what counts once (`Facts.once`).

    An account of two owners counts for both, and once in their team and for everybody.
    """
    if not owned_together(data):
        return owned(data, rows, "owned_on"), ()
    summed = rows.group_by("account_id", "day", "owned_on").agg(nw.col("numerator").sum(), nw.col("denominator").sum())
    whole = summed.with_columns(nw.col("numerator", "denominator").cast(nw.Int64))
    return owned(data, whole, "owned_on"), OWNED_ON


def on_its_day(rows: Frame, *, numerator: str | None = None, denominator: str | None = None) -> Frame:
    """account_id, day, owned_on, numerator and denominator, 0 where none is named."""
    names = rows.collect_schema().names()
    return rows.select(
        "account_id",
        "day",
        (nw.col("owned_on") if "owned_on" in names else nw.col("day")).alias("owned_on"),
        (nw.col(numerator) if numerator else nw.lit(0, nw.Int64)).alias("numerator"),
        (nw.col(denominator) if denominator else nw.lit(0, nw.Int64)).alias("denominator"),
    )
