"""The accounts of a day: promises that are due, and those overdue that nobody has touched."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from toolkit.kpis.data import Data
from toolkit.score_targets import Goals
from toolkit.teams import FAR_AHEAD
from toolkit.today.lists import PromiseDue, Tables, Untouched
from toolkit.today.touches import touches

CLOSED = ("paid_off", "returned", "repossessed", "written_off")


def due_on_day(tables: Tables, goals: Goals, here: set[str], day: date) -> tuple[PromiseDue, ...]:
    """The promises whose day has come, those first of which most is still to come."""
    rows = [row for row in tables["promises"].filter(pl.col("due_on") == day).iter_rows(named=True)]
    paid = _paid_by_account(tables, {row["account_id"] for row in rows})
    found = []
    for row in rows:
        cancelled = row.get("cancelled_on")
        if cancelled is not None and cancelled <= day:
            continue
        since = sum(amount for at, amount in paid.get(row["account_id"], ()) if at > row["made_at"])
        post = goals.teams.latest(row["agent_id"], day)
        name, is_here = (post.name if post else row["agent_id"]), row["agent_id"] in here
        made_on, amount = row["made_at"].date(), row["amount"]
        found.append(
            PromiseDue(row["promise_id"], row["account_id"], row["agent_id"], name, made_on, amount, since, is_here)
        )
    return tuple(sorted(found, key=lambda one: (not one.open, one.here, -one.open, one.promise_id)))


def _paid_by_account(tables: Tables, accounts: set[str]) -> dict[str, list[tuple[Any, int]]]:
    if "payments" not in tables:
        return {}
    rows = tables["payments"].filter(pl.col("account_id").is_in(list(accounts)))
    paid: dict[str, list[tuple[Any, int]]] = {}
    for account, at, amount in rows.select("account_id", "paid_at", "amount").iter_rows():
        paid.setdefault(account, []).append((at, amount))
    return paid


def untouched_on(tables: Tables, data: Data, day: date) -> tuple[Untouched, ...]:
    """The accounts overdue for more than a day that nobody has touched lately, the longest overdue first."""
    seen = tables["balances"].filter(pl.col("as_of") <= day).sort("as_of").unique("account_id", keep="last")
    now = pl.col("days_past_due") + (pl.lit(day) - pl.col("as_of")).dt.total_days()
    overdue = seen.filter((pl.col("days_past_due") > 0) & (pl.col("balance") > 0) & (now > 1))
    touched = touches(tables).group_by("account_id").agg(pl.col("day").max().alias("touched_on"))
    closed = _closed(tables, day)
    since = day - timedelta(days=data.definitions.coverage_days)
    rows = overdue.join(touched, on="account_id", how="left").filter(
        (pl.col("touched_on").is_null() | (pl.col("touched_on") <= since)) & ~pl.col("account_id").is_in(list(closed))
    )
    owners = _owners(tables, data, day)
    wanted = ("account_id", "days_past_due", "balance", "as_of", "touched_on")
    found = [
        Untouched(account, owners.get(account, ()), late, balance, on, last)
        for account, late, balance, on, last in rows.select(*wanted).iter_rows()
    ]
    return tuple(sorted(found, key=lambda one: (-one.days_past_due, -one.balance, one.account_id)))


def _closed(tables: Tables, day: date) -> set[str]:
    """Accounts on which nothing is owed any more."""
    rows = tables.get("accounts")
    if rows is None:
        return set()
    gone = pl.lit(False)  # of Polars
    if "closed_on" in rows.columns:
        gone = gone | (pl.col("closed_on") <= day).fill_null(False)
    if "status" in rows.columns:
        gone = gone | pl.col("status").is_in(list(CLOSED)).fill_null(False)
    return set(rows.filter(gone)["account_id"].to_list())


def _owners(tables: Tables, data: Data, day: date) -> dict[str, tuple[str, ...]]:
    rows = tables.get("assignments")
    if rows is None:
        return {}
    owners: dict[str, tuple[str, ...]] = {}
    for row in rows.sort("account_id", "agent_id").iter_rows(named=True):
        if row["assigned_on"] <= day <= (row.get("ended_on") or FAR_AHEAD):
            post = data.teams.on(row["agent_id"], day)
            if post is not None:
                owners[row["account_id"]] = (*owners.get(row["account_id"], ()), post.name)
    return owners
