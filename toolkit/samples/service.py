"""Complaints and what customers say, incidents that kept people from working, and special cases."""

from datetime import date

import numpy as np
import polars as pl

from toolkit.samples.accounts import day_number, days_series, numbered
from toolkit.samples.chance import Flags, Numbers, choices, words
from toolkit.samples.contacts import where
from toolkit.samples.owners import NOBODY
from toolkit.samples.work import SECONDS_A_DAY, Rows, Work

HOUR = 3600
SCALE = 5
OLD_ENOUGH = 60
"""Days past due from which something may become a special case."""


def complaints_table(work: Work, last: date) -> dict[str, object]:
    """Complaints about conversations: most about the weakest agent, some still open, a few opened again."""
    rules, rng = work.market.service, work.chance["service"]
    spoken = work.spoken()
    weight = np.clip(1 - work.skill, 0.05, None) ** 2
    wanted = int(rng.poisson(rules.complaints * int(work.duty.days_worked().sum()) / 22)) if len(spoken["day"]) else 0
    about = choices(rng, weight[spoken["agent"]], wanted) if wanted else np.zeros(0, dtype=np.int64)
    about = about[np.argsort(spoken["day"][about], kind="stable")]
    end, size = day_number(last) + 1, len(about)
    received = _moment(spoken, about) + rng.integers(HOUR, 40 * HOUR, size)
    noticed = received + rng.integers(HOUR // 2, 20 * HOUR, size) + (rng.random(size) < 0.1) * 30 * HOUR
    closed = noticed + rng.integers(4 * HOUR, 110 * HOUR, size) + (rng.random(size) < 0.12) * 90 * HOUR
    again = closed + rng.integers(20 * HOUR, 90 * HOUR, size)
    category = words(rng, rules.categories, size)
    is_closed, is_there = closed < end * SECONDS_A_DAY, received < end * SECONDS_A_DAY
    upheld = (rng.random(size) < rules.upheld) & is_closed
    is_again = is_closed & (rng.random(size) < 0.05) & (again < end * SECONDS_A_DAY)
    table = {
        "agent_id": work.agent_ids.gather(spoken["agent"][about]),
        "account_id": work.account_ids.gather(spoken["which"][about]),
        "received_at": _times(received, is_there),
        "category": category,
        "acknowledged_at": _times(noticed, noticed < end * SECONDS_A_DAY),
        "closed_at": _times(closed, is_closed),
        "reopened_at": _times(again, is_again),
        "upheld": _yes_or_no(upheld, is_closed),
    }
    kept = _only(table, is_there)
    return {"complaint_id": numbered("CP", np.arange(1, int(is_there.sum()) + 1), 10**4), **kept}


def feedback_table(work: Work, last: date) -> dict[str, object]:
    """Answers to the question after a conversation, few enough for small bases."""
    rules, rng = work.market.service, work.chance["service"]
    spoken = work.spoken()
    chosen = np.flatnonzero(rng.random(len(spoken["day"])) < rules.feedback)
    mean = rules.mean_score + 0.6 * work.skill[spoken["agent"][chosen]]
    given = np.minimum(_moment(spoken, chosen) + rng.integers(300, 8 * HOUR, len(chosen)), _end(last))
    return {
        "feedback_id": numbered("FB", np.arange(1, len(chosen) + 1), 10**6),
        "account_id": work.account_ids.gather(spoken["which"][chosen]),
        "agent_id": work.agent_ids.gather(spoken["agent"][chosen]),
        "given_at": _times(given, given > 0),
        "score": np.clip(np.rint(mean + rng.normal(0, 0.9, len(chosen))), 1, SCALE).astype(np.int64),
        "scale": np.full(len(chosen), SCALE),
    }


def incidents_table(work: Work, first: date, last: date) -> dict[str, object]:
    """Tools, network and mobile money that did not work; most are reported at once."""
    rules, rng = work.market.service, work.chance["service"]
    days = day_number(last) - day_number(first) + 1
    size = max(1, int(rng.poisson(rules.incidents * days / 30.4)))
    kind = words(rng, rules.kinds, size)
    day = np.sort(rng.integers(day_number(first), day_number(last) + 1, size))
    started = day * SECONDS_A_DAY + rng.integers(8 * HOUR, 15 * HOUR, size)
    ended = started + rng.integers(600, 3 * HOUR, size)
    raised = started + rng.integers(120, 840, size) + (rng.random(size) < 0.2) * HOUR
    branches = np.array([branch.name for branch in work.market.branch], dtype=object)
    local = rng.random(size) < 0.5
    tools = np.array(rules.tools, dtype=object)[rng.integers(0, len(rules.tools), size)]
    return {
        "incident_id": numbered("IN", np.arange(1, size + 1), 10**4),
        "kind": kind,
        "tool": where(kind == "tool", tools),
        "area": where(local, branches[rng.integers(0, len(branches), size)]),
        "started_at": _times(started, started > 0),
        "ended_at": _times(ended, ended > 0),
        "raised_at": _times(raised, raised > 0),
        "description": np.where(kind == "tool", tools + " down", "Out of order"),
    }


def cases_table(work: Work, first: date, last: date) -> dict[str, object]:
    """Police, money lenders, disputed ownership: of accounts that were very late, with a few still open."""
    rules, rng, accounts = work.market.service, work.chance["service"], work.accounts
    roles = work.market.roles_that("visits") or work.market.roles_that("calls")
    late = np.flatnonzero(accounts.late >= OLD_ENOUGH)
    days = day_number(last) - day_number(first) + 1
    size = min(len(late), max(4, round(rules.cases * len(late) * days / 30.4)))
    which = np.sort(rng.choice(late, size, replace=False)) if size else late[:0]
    agent = work.owner(which, roles, last)
    which, agent = which[agent != NOBODY], agent[agent != NOBODY]
    size = len(which)
    opened = np.sort(rng.integers(day_number(first), day_number(last) + 1, size))
    closed = opened + rng.integers(6, 60, size)
    is_closed = closed <= day_number(last)
    next_on = opened + rng.integers(2, 15, size)
    escalated = opened * SECONDS_A_DAY + rng.integers(9 * HOUR, 44 * HOUR, size)
    is_up = (rng.random(size) < 0.6) & (escalated < _end(last))
    stages = np.array(rules.stages, dtype=object)
    return {
        "case_id": numbered("SC", np.arange(1, size + 1), 10**4),
        "account_id": work.account_ids.gather(which),
        "agent_id": work.agent_ids.gather(agent),
        "kind": words(rng, rules.case_kinds, size),
        "opened_on": days_series(opened),
        "closed_on": days_series(np.where(is_closed, closed, 0)),
        "stage": np.where(is_closed, stages[-1], stages[rng.integers(0, max(1, len(stages) - 1), size)]),
        "reference_no": numbered("REF/", rng.integers(1000, 99999, size), 10**5),
        "next_on": days_series(next_on),
        "escalated_at": _times(escalated, is_up),
        "value": np.maximum(accounts.balance[which], 0),
    }


def _moment(spoken: Rows, which: Numbers) -> Numbers:
    moment: Numbers = spoken["day"][which] * SECONDS_A_DAY + spoken["second"][which]
    return moment


def _end(last: date) -> int:
    return (day_number(last) + 1) * SECONDS_A_DAY - 1


def _times(moment: Numbers, known: Flags) -> tuple[Numbers, Numbers]:
    """Seconds since 1970 as day and second; empty where not known."""
    return np.where(known, moment // SECONDS_A_DAY, 0), moment % SECONDS_A_DAY


def _yes_or_no(flags: Flags, known: Flags) -> pl.Series:
    return pl.Series(flags).set(pl.Series(~known), None)


def _only(table: dict[str, object], rows: Flags) -> dict[str, object]:
    """These rows of every column."""
    return {name: _picked(values, rows) for name, values in table.items()}


def _picked(values: object, rows: Flags) -> object:
    if isinstance(values, tuple):
        return tuple(part[rows] for part in values)
    return values.filter(pl.Series(rows)) if isinstance(values, pl.Series) else np.asarray(values)[rows]
