"""The day list by list, and what each list lacks."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.kpis.data import Data
from toolkit.pace import day_of, shift_of
from toolkit.problems import Problem, problem, said
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals
from toolkit.today.accounts import due_on_day, untouched_on
from toolkit.today.lists import Tables, Today, Working
from toolkit.today.people import away_on, leads_left, leads_of
from toolkit.today.targets import targets_of


def today_of(data: Data, tables: Tables, goals: Goals, rules: Sequence[Scorecard], at: datetime) -> Today:
    """The day that `at` (local time, no zone) belongs to.

    data, tables: the same, with only what had happened by then. rules: whose KPIs are shown beside those of the
    targets table.
    """
    day = day_of(at)
    shifts = {post: shift_of(goals, post.agent_id, day) for post in goals.teams.active(day)}
    leads = leads_left(tables, goals, at)
    here = {post: shift for post, shift in shifts.items() if shift and not shift.absent}
    working = tuple(Working(post, shift, leads_of(leads, post)) for post, shift in here.items())
    missing = list(_missing(tables, goals))
    return Today(
        at,
        day,
        tuple(sorted(working, key=lambda one: (-(one.leads or 0), one.agent.team, one.agent.agent_id))),
        away_on(shifts, leads) if goals.days.roster else None,
        tuple(targets_of(data, goals, rules, list(here), day)),
        due_on_day(tables, goals, {post.agent_id for post in here}, day) if "promises" in tables else None,
        untouched_on(tables, data, day) if {"balances", "calls"} <= set(tables) else None,
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
