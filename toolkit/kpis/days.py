"""Days as whole numbers, the same on every engine, and who owned an account on one of them."""

from datetime import date, datetime, time

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.periods import ONE_DAY
from toolkit.rows import Frame
from toolkit.teams import FAR_AHEAD

FIRST = date(1970, 1, 1)
MINUTES_A_DAY, SECONDS_A_DAY = 1440, 86_400
NEVER = 10_000_000
"""The number of a day beyond all days."""


def since(rows: Frame, at: str, day: date) -> nw.Expr:
    """Whether a row's `day` is this one or a later one.

    at: the column of the time of which `day` is the day, empty if there is none. Where that is local time it is asked
    itself, so that a database need not make a date of every time, nor look at what lies outside.
    """
    return nw.col(at) >= datetime.combine(day, time.min) if _is_local(rows, at) else nw.col("day") >= day


def until(rows: Frame, at: str, day: date) -> nw.Expr:
    """Whether it is this one or an earlier one."""
    if day < FAR_AHEAD and _is_local(rows, at):
        return nw.col(at) < datetime.combine(day + ONE_DAY, time.min)
    return nw.col("day") <= day


def _is_local(rows: Frame, at: str) -> bool:
    kind = rows.collect_schema()[at] if at else None
    return isinstance(kind, nw.Datetime) and kind.time_zone is None


def number_of(day: nw.Expr) -> nw.Expr:
    """The day's number: 0 for 1970-01-01, `NEVER` where there is none.

    Engines differ in what a difference of two dates is, but not of two times.
    """
    since = day.cast(nw.Datetime("us")) - nw.lit(datetime(FIRST.year, FIRST.month, FIRST.day))  # noqa: DTZ001  # a day
    return (since.dt.total_minutes() // MINUTES_A_DAY).fill_null(NEVER).cast(nw.Int64)


def number(day: date) -> int:
    """The same of one day."""
    return (day - FIRST).days


def days_after(day: nw.Expr, days: int) -> nw.Expr:
    """The date so many days later."""
    return day.dt.offset_by(f"{days}d").cast(nw.Date)


def second_of_day(at: nw.Expr) -> nw.Expr:
    """Seconds since midnight; 0 where there is no time."""
    parts = (at.dt.hour(), at.dt.minute(), at.dt.second())
    hours, minutes, seconds = (part.fill_null(0).cast(nw.Int64) for part in parts)
    return hours * 3600 + minutes * 60 + seconds


def second_of(at: nw.Expr) -> nw.Expr:
    """Seconds since 1970-01-01 by the local clock; never (`NEVER` days) where there is no time."""
    return number_of(at.dt.date()) * SECONDS_A_DAY + second_of_day(at)


def assigned(data: Data) -> Frame:
    """account_id, agent_id, owned_from and owned_to (day numbers)."""
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
    held = pairs.filter((nw.col("owned_from") <= nw.col(on)) & (nw.col(on) <= nw.col("owned_to")))
    owners = held.select("account_id", on, "agent_id").unique()
    return rows.join(owners, on=["account_id", on], how="left")
