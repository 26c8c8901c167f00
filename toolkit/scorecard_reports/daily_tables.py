"""hourly.csv and the lists of the team's day as tables: the names of their columns, and the rows in them."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from toolkit.csv_text import as_cells
from toolkit.kpi_codes import kpi_codes
from toolkit.money import from_minor
from toolkit.pace import AgentHour, Pace
from toolkit.teams import Post
from toolkit.today import Today

PLACES = 6
"""Digits behind the point of what is no money."""

TEXT, WHOLE, NUMBER, MONEY, DAY, YES = "text", "whole", "number", "money", "day", "yes"
HOUR_COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("agent_id", "name", "team", "day"), TEXT),
    "hour": WHOLE,
    "over": YES,
    **dict.fromkeys(("attempts", "connects", "right_party", "promises"), WHOLE),
    **dict.fromkeys(("promised", "paid"), MONEY),
    "talk_minutes": NUMBER,
    "noc_so_far": WHOLE,
    "kpi": TEXT,
    **dict.fromkeys(("so_far", "target_of_day", "due_by_now", "pace"), NUMBER),
    "behind": YES,
}
TODAY_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "working": {
        **dict.fromkeys(("agent_id", "name", "team", "begins", "ends"), TEXT), "by_roster": YES, "leads_left": WHOLE
    },
    "away": dict.fromkeys(("agent_id", "name", "team", "why", "account_id"), TEXT),
    "targets": {
        **dict.fromkeys(("agent_id", "name", "team", "kpi", "title"), TEXT),
        **dict.fromkeys(("target_today", "month_so_far", "target_so_far"), NUMBER),
        "light": TEXT,
    },
    "promises_due": {
        **dict.fromkeys(("promise_id", "account_id", "agent_id", "name"), TEXT),
        "made_on": DAY,
        **dict.fromkeys(("amount", "paid_since", "still_to_come"), MONEY),
        "agent_here": YES,
    },
    "untouched": {
        **dict.fromkeys(("account_id", "agents"), TEXT),
        "days_past_due": WHOLE,
        "balance": MONEY,
        **dict.fromkeys(("seen_on", "last_touched_on"), DAY),
    },
}  # fmt: skip


def hour_row(hour: AgentHour, pace: Pace) -> dict[str, Any]:
    """One agent's hour by the names of hourly.csv; money in minor units."""
    post = hour.agent
    shown = {"agent_id": post.agent_id, "name": post.name, "team": post.team, "day": pace.day.isoformat()}
    return {
        **shown,
        "hour": hour.hour,
        "over": hour.over,
        **hour.counts,
        "noc_so_far": hour.noc,
        "kpi": pace.kpi,
        "so_far": hour.so_far,
        "target_of_day": hour.target,
        "due_by_now": hour.due,
        "pace": hour.pace,
        "behind": hour.behind if hour.over else None,
    }


def hourly_table(pace: Pace, digits: int) -> pl.DataFrame:
    """hourly.csv: a row for each agent and hour."""
    return _table([hour_row(hour, pace) for hour in pace.hours], HOUR_COLUMNS, digits)


def today_rows(today: Today) -> dict[str, list[dict[str, Any]]]:
    """The rows of each list by the names of its columns; a list that the data do not allow is not among them."""
    found: dict[str, list[dict[str, Any]]] = {
        "working": [_who(one.agent) | {"begins": f"{one.shift.begins:%H:%M}", "ends": f"{one.shift.ends:%H:%M}",
                                       "by_roster": one.shift.rostered, "leads_left": one.leads}
                    for one in today.working],
        "targets": [_who(one.agent) | {"kpi": one.kpi, "title": kpi_codes()[one.kpi].title,
                                       "target_today": one.target, "month_so_far": one.value,
                                       "target_so_far": one.to_date, "light": one.light}
                    for one in today.targets],
    }  # fmt: skip
    if today.away is not None:
        found["away"] = [
            _who(one.agent) | {"why": one.why, "account_id": account}
            for one in today.away
            for account in one.leads or ("",)
        ]
    if today.due is not None:
        found["promises_due"] = [
            {"promise_id": one.promise_id, "account_id": one.account_id, "agent_id": one.agent_id, "name": one.name,
             "made_on": one.made_on, "amount": one.amount, "paid_since": one.paid, "still_to_come": one.open,
             "agent_here": one.here}
            for one in today.due
        ]  # fmt: skip
    if today.untouched is not None:
        found["untouched"] = [
            {"account_id": one.account_id, "agents": "; ".join(one.owners), "days_past_due": one.days_past_due,
             "balance": one.balance, "seen_on": one.seen_on, "last_touched_on": one.touched_on}
            for one in today.untouched
        ]  # fmt: skip
    return found


def _who(post: Post) -> dict[str, Any]:
    return {"agent_id": post.agent_id, "name": post.name, "team": post.team}


def today_tables(today: Today, digits: int) -> dict[str, pl.DataFrame]:
    """The lists as tables, by name."""
    return {name: _table(rows, TODAY_COLUMNS[name], digits) for name, rows in today_rows(today).items()}


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], digits: int) -> pl.DataFrame:
    return pl.DataFrame([_column(name, kind, [row[name] for row in rows], digits) for name, kind in columns.items()])


def _column(name: str, kind: str, values: Sequence[Any], digits: int) -> pl.Series:
    if kind == TEXT:
        return as_cells(pl.Series(name, values, pl.String))
    if kind == MONEY:
        amounts = [None if value is None else from_minor(int(value), digits) for value in values]
        return pl.Series(name, amounts, pl.Decimal(38, digits))
    if kind == NUMBER:
        return pl.Series(name, [None if value is None else round(float(value), PLACES) for value in values], pl.Float64)
    if kind == YES:
        return pl.Series(name, [None if value is None else "yes" if value else "no" for value in values], pl.String)
    return pl.Series(name, values, pl.Date if kind == DAY else pl.Int64)
