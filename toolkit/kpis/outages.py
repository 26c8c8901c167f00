"""Days on which mobile money was out: nobody can pay, so a promise that ends then has until the day after."""

from collections.abc import Iterable
from datetime import date, timedelta

import narwhals as nw

from toolkit.kpis.data import Data, eager
from toolkit.periods import ONE_DAY, days_between
from toolkit.rows import Frame

EVERYWHERE = ""


def mobile_money_outages(data: Data, rows: Frame) -> Frame:
    """`rows` (account_id and the day `last`) with `last` moved to the first day without an outage.

    An incident of kind mobile_money without an area counts everywhere, one with an area for the accounts of that area.
    It counts on every day that it touches, and until the day on which the data stand if it has not ended.
    """
    out = _days_out(data)
    if not any(out.values()):
        return rows
    areas = sorted(area for area in out if area != EVERYWHERE)
    by_area = _with_area(data, rows) if areas else rows.with_columns(_area=nw.lit(EVERYWHERE))
    last = _moved(nw.col("last"), _stretches(out[EVERYWHERE]))
    for area in areas:
        there = _moved(nw.col("last"), _stretches(out[EVERYWHERE] | out[area]))
        last = nw.when(nw.col("_area") == area).then(there).otherwise(last)
    return by_area.with_columns(last=last).drop("_area")


def _days_out(data: Data) -> dict[str, set[date]]:
    out: dict[str, set[date]] = {EVERYWHERE: set()}
    if not data.has("incidents", "kind", "started_at"):
        return out
    table = data.table("incidents", "kind", "started_at", ended_at=nw.Datetime, area=nw.String)
    for row in eager(table.filter(nw.col("kind") == "mobile_money")).to_polars().iter_rows(named=True):
        ended = row["ended_at"].date() if row["ended_at"] else data.as_of
        out.setdefault(row["area"] or EVERYWHERE, set()).update(days_between(row["started_at"].date(), ended))
    return out


def _with_area(data: Data, rows: Frame) -> Frame:
    accounts = data.table("accounts", "account_id", area=nw.String)
    found = accounts.select("account_id", nw.col("area").fill_null(EVERYWHERE).alias("_area"))
    return rows.join(found, on="account_id", how="left").with_columns(nw.col("_area").fill_null(EVERYWHERE))


def _stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """First and last day of each unbroken run."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _moved(day: nw.Expr, runs: Iterable[tuple[date, date]]) -> nw.Expr:
    moved = day
    for first, last in runs:
        moved = nw.when((day >= first) & (day <= last)).then(nw.lit(last + ONE_DAY)).otherwise(moved)
    return moved
