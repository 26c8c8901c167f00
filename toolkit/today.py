"""The team's day at a glance: who works, who is away with what left to do, targets, promises due, accounts untouched.

Each list is None where the data lack the tables that it needs, and the problems say which; what is bad comes first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES, kpi_values
from toolkit.kpis.data import Data
from toolkit.pace import Shift, day_of, is_judged, local, shift_of
from toolkit.periods import ONE_DAY, Period, containing, next_working_day
from toolkit.problems import Problem, problem, said
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals
from toolkit.scorecards import PLACES, Light, light_of
from toolkit.teams import FAR_AHEAD, Post

Tables = Mapping[str, pl.DataFrame]
WORST_FIRST: tuple[Light, ...] = ("bad", "watch", "", "good")
CLOSED = ("paid_off", "returned", "repossessed", "written_off")
WATCH = Fraction(9, 10)
TOUCHES: Mapping[str, str] = {"calls": "started_at", "visits": "visited_at", "messages": "sent_at"}


@dataclass(frozen=True)
class Working:
    """Somebody who works today. leads: how many accounts are still to be worked, None without leads."""

    agent: Post
    shift: Shift
    leads: int | None


@dataclass(frozen=True)
class Away:
    """Somebody who does not, with the roster's word for why. leads: the accounts to give to others."""

    agent: Post
    why: str
    leads: tuple[str, ...] | None


@dataclass(frozen=True)
class DayTarget:
    """A KPI's target of the day for somebody who works, and how the month stands up to yesterday.

    value, to_date: what was reached and what was to be reached from the month's first day until yesterday.
    """

    agent: Post
    kpi: str
    target: Fraction
    value: Fraction | None
    to_date: Fraction | None
    light: Light


@dataclass(frozen=True)
class PromiseDue:
    """A promise whose day has come. paid: what has come in on the account since it was made, in minor units."""

    promise_id: str
    account_id: str
    agent_id: str
    name: str
    made_on: date
    amount: int
    paid: int
    here: bool

    @property
    def open(self) -> int:
        """What is still to come."""
        return max(self.amount - self.paid, 0)


@dataclass(frozen=True)
class Untouched:
    """An overdue account that nobody has called, visited or written to for `coverage_days`.

    owners: their agents' names; days_past_due and balance (minor units) as on `seen_on`; touched_on: the last time
    before, None for never.
    """

    account_id: str
    owners: tuple[str, ...]
    days_past_due: int
    balance: int
    seen_on: date
    touched_on: date | None


@dataclass(frozen=True)
class Today:
    """The day that a moment belongs to, list by list."""

    at: datetime
    day: date
    working: tuple[Working, ...]
    away: tuple[Away, ...] | None
    targets: tuple[DayTarget, ...]
    due: tuple[PromiseDue, ...] | None
    untouched: tuple[Untouched, ...] | None
    problems: tuple[Problem, ...]


def today_of(data: Data, tables: Tables, goals: Goals, rules: Sequence[Scorecard], at: datetime) -> Today:
    """The day that `at` (local time, no zone) belongs to.

    data, tables: the same, with only what had happened by then. rules: whose KPIs are shown beside those of the
    targets table.
    """
    day = day_of(at)
    shifts = {post: shift_of(goals, post.agent_id, day) for post in goals.teams.active(day)}
    leads = _leads_left(tables, goals, at)
    here = {post: shift for post, shift in shifts.items() if shift and not shift.absent}
    working = tuple(Working(post, shift, _number(leads, post)) for post, shift in here.items())
    missing = list(_missing(tables, goals))
    return Today(
        at,
        day,
        tuple(sorted(working, key=lambda one: (-(one.leads or 0), one.agent.team, one.agent.agent_id))),
        _away(shifts, leads) if goals.days.roster else None,
        tuple(_targets(data, goals, rules, list(here), day)),
        _due(tables, goals, {post.agent_id for post in here}, day) if "promises" in tables else None,
        _untouched(tables, data, day) if {"balances", "calls"} <= set(tables) else None,
        tuple(missing),
    )


def _missing(tables: Tables, goals: Goals) -> Iterator[Problem]:
    """What each list needs and the data have not."""
    needs = {
        "TODAY_WORKING": ("roster",) if not goals.days.roster else (),
        "TODAY_LEADS": ("leads",),
        "TODAY_DUE": ("promises",),
        "TODAY_PAID": ("payments",),
        "TODAY_UNTOUCHED": ("balances", "calls"),
    }
    for code, names in needs.items():
        missing = [name for name in names if name not in tables or name == "roster"]
        if missing:
            yield problem("TODAY_NEEDS", value=", ".join(missing), what=said(code))


# --- people --------------------------------------------------------------------------------------------


def _away(shifts: Mapping[Post, Shift | None], leads: Mapping[str, list[str]] | None) -> tuple[Away, ...]:
    found = [
        Away(post, shift.absent, None if leads is None else tuple(leads.get(post.agent_id, ())))
        for post, shift in shifts.items()
        if shift is not None and shift.absent
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.leads or ()), one.agent.agent_id)))


def _number(leads: Mapping[str, list[str]] | None, post: Post) -> int | None:
    return None if leads is None else len(leads.get(post.agent_id, ()))


def _leads_left(tables: Tables, goals: Goals, at: datetime) -> dict[str, list[str]] | None:
    """The accounts of the day's leads that are neither withdrawn nor called yet, by agent; None without leads.

    Leads loaded from `leads_roll_over_at` on are for the next working day.
    """
    if "leads" not in tables:
        return None
    day, rolls = day_of(at), goals.days.definitions.leads_roll_over_at
    called = _called_on(tables, day)
    left: dict[str, list[str]] = {}
    for row in tables["leads"].sort("agent_id", "account_id").iter_rows(named=True):
        counts = day == max(row["lead_on"], _ready_on(row.get("loaded_at"), rolls, goals) or row["lead_on"])
        gone = row.get("withdrawn_at")
        withdrawn = gone is not None and gone.replace(tzinfo=None) < at
        if counts and not withdrawn and row["account_id"] not in called:
            left.setdefault(row["agent_id"], []).append(row["account_id"])
    return {agent: list(dict.fromkeys(accounts)) for agent, accounts in left.items()}


def _ready_on(loaded: datetime | None, rolls: int, goals: Goals) -> date | None:
    """The day on which a lead can be worked, as `toolkit.kpis.leads` has it."""
    if loaded is None:
        return None
    return next_working_day(loaded.date(), goals.days.is_working) if loaded.hour >= rolls else loaded.date()


def _called_on(tables: Tables, day: date) -> set[str]:
    touched = _touches(tables, ("calls",))
    return set(touched.filter(pl.col("day") == day)["account_id"].to_list())


def _targets(data: Data, goals: Goals, rules: Sequence[Scorecard], posts: Sequence[Post], day: date) -> list[DayTarget]:
    month = containing(day, "month")
    so_far = Period(month.first, day - ONE_DAY, "month", month.label) if day > month.first else None
    scored = {measure.kpi for rule in rules for measure in rule.kpis}
    codes = [code for code in kpi_codes() if code in scored or code in goals.codes]
    known = _values(data, so_far, codes)
    found = []
    for post in posts:
        own = {code: measure for rule in rules if rule.is_for(post.role) for code, measure in rule.measures.items()}
        for code in codes:
            if not is_judged(post.role, code, rules):
                continue
            watch = Fraction(own[code].watch) if code in own else WATCH
            one = _target(post, code, goals, known.get((post.agent_id, code)), day, so_far, watch)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda one: (WORST_FIRST.index(one.light), one.agent.agent_id, codes.index(one.kpi)))


def _values(data: Data, so_far: Period | None, codes: Sequence[str]) -> dict[tuple[str, str], Fraction]:
    """As computed: a value that was entered is of the month as a whole."""
    if so_far is None:
        return {}
    tables = {name: rows for name, rows in data.tables.items() if name != "kpi_values"}
    computed = replace(data, tables=tables, _shared={})
    run = kpi_values(computed, so_far, "month", [code for code in codes if code in RULES], ("agent",))
    rows = run.values.filter(pl.col("value").is_not_null()).select("scope", "kpi", "value").iter_rows()
    return {(agent, code): Fraction(str(round(value, PLACES))) for agent, code, value in rows}


def _target(
    post: Post,
    code: str,
    goals: Goals,
    value: Fraction | None,
    day: date,
    so_far: Period | None,
    watch: Fraction,
) -> DayTarget | None:
    target = goals.of_agent(code, post.agent_id, containing(day, "day")).target
    if target is None:
        return None
    goal = goals.of_agent(code, post.agent_id, so_far) if so_far is not None else None
    lower = kpi_codes()[code].direction == "lower"
    light: Light = light_of(value, goal, lower, watch) if goal is not None else ""
    return DayTarget(post, code, target, value, goal.target if goal is not None else None, light)


# --- promises ------------------------------------------------------------------------------------------


def _due(tables: Tables, goals: Goals, here: set[str], day: date) -> tuple[PromiseDue, ...]:
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


# --- accounts ------------------------------------------------------------------------------------------


def _untouched(tables: Tables, data: Data, day: date) -> tuple[Untouched, ...]:
    """The accounts overdue for more than a day that nobody has touched lately, the longest overdue first."""
    seen = tables["balances"].filter(pl.col("as_of") <= day).sort("as_of").unique("account_id", keep="last")
    now = pl.col("days_past_due") + (pl.lit(day) - pl.col("as_of")).dt.total_days()
    overdue = seen.filter((pl.col("days_past_due") > 0) & (pl.col("balance") > 0) & (now > 1))
    touched = _touches(tables).group_by("account_id").agg(pl.col("day").max().alias("touched_on"))
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


def _touches(tables: Tables, kinds: Sequence[str] = tuple(TOUCHES)) -> pl.DataFrame:
    """account_id and day of each call out, visit and message."""
    parts = [pl.DataFrame(schema={"account_id": pl.String, "day": pl.Date})]
    for name in kinds:
        rows, column = tables.get(name), TOUCHES[name]
        if rows is None or not {"account_id", column} <= set(rows.columns):
            continue
        if "direction" in rows.columns:
            rows = rows.filter(pl.col("direction").is_null() | (pl.col("direction") == "out"))
        touched = rows.filter(pl.col("account_id").is_not_null() & pl.col(column).is_not_null())
        parts.append(touched.select("account_id", local(pl.col(column)).dt.date().alias("day")))
    return pl.concat(parts, how="vertical")


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
