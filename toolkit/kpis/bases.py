"""Amounts that an owner begins a month with: arrears at its opening, debt placed. A move inside the month shares them.

These are stocks, so they are made for whole months; longer periods add up the months' bases as they add up their cash.
Everything here is in memory: what is owed by account and month.
"""

from collections.abc import Iterable
from datetime import date

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.ledger import assignments, owned, owned_together
from toolkit.periods import Period, containing, days_between
from toolkit.rows import Frame, floor_div, frame_like

KEY = ["account_id", "first"]


def opening_arrears(data: Data) -> tuple[Frame, tuple[str, ...]]:
    """Rows of the arrears at each month's opening, frozen from then on, and what counts once.

    The tables know what is owed and how late it is, not how much of it is overdue: arrears are the whole balance of
    accounts past due in the last snapshot before the month.
    """
    snapshots = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    days = sorted(eager(snapshots.select("as_of").unique()).to_polars()["as_of"].to_list())
    months = [month for month in _months(days, data.as_of) if days[0] < month.first]
    opening = {month: max(day for day in days if day < month.first) for month in months}
    late = snapshots.filter((nw.col("days_past_due") > 0) & (nw.col("balance") > 0))
    owed = eager(late.filter(nw.col("as_of").is_in(sorted(set(opening.values())))))
    dated = _table(owed, opening.items())
    rows = owed.join(dated, on="as_of", how="inner").select(
        "account_id", "first", "last", nw.col("balance").alias("amount")
    )
    return _of_owners(data, rows)


def debt_placed(data: Data) -> tuple[Frame, tuple[str, ...]]:
    """Rows of the debt placed, in each month in which the account was placed and open, and what counts once."""
    columns = ("account_id", "placed_on", "placed_amount")
    accounts = eager(data.table("accounts", *columns, closed_on=nw.Date))
    placed = accounts.filter(~nw.col("placed_on").is_null() & (nw.col("placed_amount") > 0))
    months = _months(sorted(set(placed["placed_on"].to_list())), data.as_of)
    parts = [_placed_in(placed, month) for month in months]
    return _of_owners(data, nw.concat(parts, how="vertical") if parts else _placed_in(placed, _month(data.as_of)))


def _placed_in(placed: Frame, month: Period) -> Frame:
    still = nw.col("closed_on").is_null() | (nw.col("closed_on") >= month.first)
    here = placed.filter((nw.col("placed_on") <= month.last) & still)
    return here.select(
        "account_id",
        first=nw.max_horizontal("placed_on", nw.lit(month.first)),
        last=nw.lit(month.last),
        amount=nw.col("placed_amount"),
    )


def _month(day: date) -> Period:
    return containing(day, "month")


def _months(days: list[date], as_of: date) -> list[Period]:
    """The months from the first of these days to the day on which the data stand."""
    months = [_month(days[0])] if days else []
    while months and months[-1].next().first <= as_of:
        months.append(months[-1].next())
    return months


def _table(like: Frame, opening: Iterable[tuple[Period, date]]) -> Frame:
    rows = list(opening)
    columns = {
        "as_of": [day for _, day in rows],
        "first": [month.first for month, _ in rows],
        "last": [month.last for month, _ in rows],
    }
    return frame_like(like, columns, dict.fromkeys(columns, nw.Date))


def _of_owners(data: Data, rows: Frame) -> tuple[Frame, tuple[str, ...]]:
    """Facts of rows (account_id, first, last, amount), for the owners of the days from first to last.

    An account that changes hands in between is shared out over the days, to the last unit; the others are one row.
    """
    if data.has("assignments"):
        moved = _changing_hands(data, rows)
        whole = rows.join(moved, on=KEY, how="anti")
        rows = nw.concat([_whole(whole), _day_by_day(rows.join(moved, on=KEY, how="inner"))], how="vertical")
    else:
        rows = _whole(rows)
    facts = owned(data, rows).with_columns(numerator=nw.lit(0, nw.Int64))
    return facts, (("account_id",) if owned_together(data) else ())


def _whole(rows: Frame) -> Frame:
    return rows.select("account_id", day=nw.col("first"), denominator=nw.col("amount"))


def _changing_hands(data: Data, rows: Frame) -> Frame:
    held = rows.join(eager(assignments(data)), on="account_id", how="inner")
    begins = (nw.col("assigned_on") > nw.col("first")) & (nw.col("assigned_on") <= nw.col("last"))
    ends = (nw.col("ended_on") >= nw.col("first")) & (nw.col("ended_on") < nw.col("last"))
    return held.filter(begins | ends).select(KEY).unique()


def _day_by_day(rows: Frame) -> Frame:
    """The amount spread over the days, in whole units that add up to it."""
    spans = rows.select("first", "last").unique().to_polars().iter_rows()
    listed = [
        (first, day, number, (last - first).days + 1)
        for first, last in spans
        for number, day in enumerate(days_between(first, last))
    ]
    days = pl.DataFrame(
        listed, schema={"first": pl.Date, "day": pl.Date, "number": pl.Int64, "days": pl.Int64}, orient="row"
    )
    calendar = frame_like(
        rows, days.to_dict(as_series=False), {"first": nw.Date, "day": nw.Date, "number": nw.Int64, "days": nw.Int64}
    )
    each = rows.join(calendar, on="first", how="inner")
    until = floor_div(nw.col("amount") * (nw.col("number") + 1), nw.col("days"))
    before = floor_div(nw.col("amount") * nw.col("number"), nw.col("days"))
    return each.select("account_id", "day", denominator=(until - before).cast(nw.Int64))
