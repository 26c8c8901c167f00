"""Who is away, and which leads are still to be worked."""

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from toolkit.pace import Shift, day_of
from toolkit.periods import next_working_day
from toolkit.score_targets import Goals
from toolkit.teams import Post
from toolkit.today.lists import Away, Tables
from toolkit.today.touches import touches


def away_on(shifts: Mapping[Post, Shift | None], leads: Mapping[str, list[str]] | None) -> tuple[Away, ...]:
    """Who is away, those first who leave the most leads."""
    found = [
        Away(post, shift.absent, None if leads is None else tuple(leads.get(post.agent_id, ())))
        for post, shift in shifts.items()
        if shift is not None and shift.absent
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.leads or ()), one.agent.agent_id)))


def leads_of(leads: Mapping[str, list[str]] | None, post: Post) -> int | None:
    """How many leads somebody still has, None where nobody knows."""
    return None if leads is None else len(leads.get(post.agent_id, ()))


def leads_left(tables: Tables, goals: Goals, at: datetime) -> dict[str, list[str]] | None:
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
    touched = touches(tables, ("calls",))
    return set(touched.filter(pl.col("day") == day)["account_id"].to_list())
