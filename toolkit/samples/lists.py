"""The day's list of every agent: leads, the calls that nobody answered, and what was left undone."""

from datetime import date

import numpy as np

from toolkit.samples.accounts import Accounts, day_number
from toolkit.samples.chance import Flags, Numbers, Rng, Shares, times_of_day, words
from toolkit.samples.contacts import CLOSES, OPENS, call_columns, where
from toolkit.samples.owners import NOBODY
from toolkit.samples.skill import chance_of
from toolkit.samples.work import Rows, Work

CREDIT_WINDOW = 14
LOADED = 7 * 3600


def list_of(work: Work, day: date, called: tuple[Numbers, Numbers]) -> None:
    """The list that each agent works through on `day`; `called`: accounts and agents of the day's calls so far."""
    market, rng, today = work.market, work.chance["lists"], day_number(day)
    roles = market.roles_that("calls")
    has_leads = "leads" in market.tables
    if not roles or not (has_leads or market.lists.attempts):
        return
    if has_leads and day.weekday() not in work.working_days:
        return
    spoken_to = np.zeros(work.accounts.size, dtype=np.bool_)
    spoken_to[called[0]] = True
    called_by = np.full(work.accounts.size, NOBODY)
    called_by[called[0]] = called[1]
    which = _chosen(work, rng, spoken_to, today, has_leads)
    agent = work.on_duty(work.owner(which, roles, day), roles, day)
    which, agent = which[agent != NOBODY], agent[agent != NOBODY]
    skill = work.skill[agent]
    withdrawn = has_leads & ~spoken_to[which] & (rng.random(len(which)) < market.lists.withdrawn)
    undone = rng.random(len(which)) < (chance_of(market.lists.unworked, skill) if has_leads else _idle(skill))
    to_call = ~withdrawn & ~undone & ~spoken_to[which]
    attempts(work, rng, which[to_call], agent[to_call], today)
    if has_leads:
        stays = ~withdrawn
        worked = to_call | (spoken_to[which] & (called_by[which] == agent))
        work.tallies["penetration_rate"].count(
            agent[stays], work.month_of(np.full(len(which), today))[stays], worked[stays]
        )
        _leads(work, rng, which, agent, withdrawn, today)


def _chosen(work: Work, rng: Rng, spoken_to: Flags, today: int, has_leads: bool) -> Numbers:
    """Leads are those who have not paid for days; other lists take any late account."""
    accounts, rules = work.accounts, work.market.lists
    drawn = rng.random(accounts.size)
    if has_leads:
        unpaid = accounts.active & (today - accounts.paid_on > rules.unpaid_days)
        return np.flatnonzero(unpaid & ((drawn < rules.listed) | spoken_to))
    busy = _share_of_month(work, today)
    return np.flatnonzero(accounts.active & (accounts.late > 0) & (drawn < 1.5 * rules.attempts * busy))


def _share_of_month(work: Work, today: int) -> float:
    weights = work.market.rhythm.weekdays
    return weights[(today + 3) % 7] * len(weights) / sum(weights) / 30.4


def _idle(skill: Shares) -> Shares:
    """How much of a list stays undone: nothing with the best, a third in the middle, nearly all with the weakest."""
    return np.clip((1 - skill) / 3 + np.where(skill < 0, -skill * 0.2, 0), 0, 0.9)


def attempts(work: Work, rng: Rng, which: Numbers, agent: Numbers, today: int) -> None:
    """Calls that reached nobody, or somebody else: the weakest agent lets himself be put off most often."""
    size, rules = len(which), work.market.lists
    if not size:
        return
    connected = rng.random(size) < chance_of(rules.wrong_party, work.skill[agent])
    wrong, not_reached = words(rng, work.market.calls.wrong, size), words(rng, work.market.calls.not_reached, size)
    rows: Rows = {
        "day": np.full(size, today),
        "number": work.numbers("calls", size),
        "which": which,
        "agent": agent,
        "second": times_of_day(rng, work.market.rhythm.hours, size, OPENS, CLOSES),
        "purpose": np.full(size, "overdue", dtype=object),
        "connected": connected,
        "right_party": np.zeros(size, dtype=np.bool_),
        "disposition": np.where(connected, wrong, not_reached),
    }
    work.write("calls", rows, call_columns)


def _leads(work: Work, rng: Rng, which: Numbers, agent: Numbers, withdrawn: Flags, today: int) -> None:
    size = len(which)
    rows: Rows = {
        "day": np.full(size, today),
        "which": which,
        "agent": agent,
        "loaded": LOADED + rng.integers(0, 1800, size),
        "required": _required(work.accounts, which, today),
        "withdrawn": withdrawn,
        "at": times_of_day(rng, work.market.rhythm.hours, size, OPENS, 11),
        "why": where(withdrawn, words(rng, dict.fromkeys(work.market.lists.reasons, 1.0), size)),
    }
    work.write("leads", rows, _lead_columns)


def _required(accounts: Accounts, which: Numbers, today: int) -> Numbers:
    """Credits that would make the customer faster than so far: the window's days at the speed so far, and one more."""
    age = np.maximum(today - accounts.activated[which], 1)
    paid_days = np.maximum(age - np.maximum(accounts.late[which], 0), 0)
    required: Numbers = paid_days * CREDIT_WINDOW // age + 1
    return required


def _lead_columns(work: Work, rows: Rows) -> dict[str, object]:
    weeks = np.datetime64(0, "D") + rows["day"]
    labels = {day: f"{day.astype(date):%G-W%V}" for day in np.unique(weeks)}
    return {
        "lead_on": rows["day"],
        "agent_id": work.agent_ids.gather(rows["agent"]),
        "account_id": work.account_ids.gather(rows["which"]),
        "loaded_at": (rows["day"], rows["loaded"]),
        "cohort": np.array([labels[day] for day in weeks], dtype=object),
        "required_credits": rows["required"],
        "withdrawn_at": (np.where(rows["withdrawn"], rows["day"], 0), rows["at"]),
        "withdraw_reason": rows["why"],
    }
