"""Days as whole numbers, the same on every engine, and who owned an account on one of them."""

from datetime import date, datetime

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.rows import Frame

FIRST = date(1970, 1, 1)
MINUTES_A_DAY = 1440


def number_of(day: nw.Expr) -> nw.Expr:
    """The day's number: 0 for 1970-01-01. Engines differ in what a difference of two dates is, but not of two times."""
    since = day.cast(nw.Datetime("us")) - nw.lit(datetime(FIRST.year, FIRST.month, FIRST.day))  # noqa: DTZ001  # a day
    return (since.dt.total_minutes() // MINUTES_A_DAY).cast(nw.Int64)


def number(day: date) -> int:
    """The same of one day."""
    return (day - FIRST).days


def days_after(day: nw.Expr, days: int) -> nw.Expr:
    """The date so many days later."""
    return day.dt.offset_by(f"{days}d").cast(nw.Date)


def second_of_day(at: nw.Expr) -> nw.Expr:
    """Seconds since midnight."""
    hours, minutes, seconds = (part.cast(nw.Int64) for part in (at.dt.hour(), at.dt.minute(), at.dt.second()))
    return hours * 3600 + minutes * 60 + seconds


def assigned(data: Data) -> Frame:
    """account_id, agent_id, owned_from and owned_to (day numbers, null while it lasts)."""
    rows = data.table("assignments", "account_id", "agent_id", "assigned_on", ended_on=nw.Date)
    return rows.select(
        "account_id",
        "agent_id",
        owned_from=number_of(nw.col("assigned_on")),
        owned_to=number_of(nw.col("ended_on")),
    )


def with_owner(rows: Frame, data: Data, on: str) -> Frame:
    """The rows with `agent_id`, the account's owner on the day whose number is `on`; null where there is none.

    An account that a call agent and a field agent own together has a row for each.
    """
    if not data.has("assignments"):
        return rows.with_columns(agent_id=nw.lit(None, nw.String))
    pairs = rows.select("account_id", on).unique().join(assigned(data), on="account_id", how="inner")
    still = nw.col("owned_to").is_null() | (nw.col(on) <= nw.col("owned_to"))
    owners = pairs.filter((nw.col("owned_from") <= nw.col(on)) & still).select("account_id", on, "agent_id").unique()
    return rows.join(owners, on=["account_id", on], how="left")
