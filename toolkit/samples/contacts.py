"""Calls, visits and the promises that come of them, a day at a time."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.samples.accounts import day_number, days_series, numbered, phones
from toolkit.samples.chance import Numbers, Rng, choices, times_of_day, words
from toolkit.samples.owners import NOBODY
from toolkit.samples.permissions import third_party
from toolkit.samples.work import SECONDS_A_DAY, Agreed, Rows, Work

OPENS, CLOSES = 8, 18
"""Hours between which agents call and visit; the clock's, the rules on calling are another matter."""

LOST_EVERY = 97
"""One recording of so many is lost."""

Words = npt.NDArray[Any]


def how_many(rng: Rng, work: Work, per_account_month: float, day: date) -> int:
    """Contacts of a day: as many as the accounts ask for, as busy as the weekday is."""
    weights = work.market.rhythm.weekdays
    busy = weights[day.weekday()] * len(weights) / sum(weights)
    expected = per_account_month * int(work.accounts.active.sum()) / 30.4 * busy
    return int(rng.poisson(expected))


def late_accounts(rng: Rng, work: Work, size: int, late_from: int) -> Numbers:
    """Up to `size` different accounts that are late."""
    late = np.flatnonzero(work.accounts.active & (work.accounts.late >= late_from))
    if not len(late) or not size:
        return np.zeros(0, dtype=np.int64)
    return np.unique(late[rng.integers(0, len(late), size)])


NONE: Numbers = np.zeros(0, dtype=np.int64)


def calls_of(work: Work, day: date) -> tuple[Numbers, Numbers]:
    """The day's calls to late accounts and welcome calls to new ones, and the promises made in them; gives the accounts
    called and who called."""
    market, rng = work.market, work.chance["contacts"]
    roles = market.roles_that("calls")
    if not roles:
        return NONE, NONE
    overdue = late_accounts(rng, work, how_many(rng, work, market.calls.per_account_month, day), 1)
    new = np.flatnonzero(work.accounts.appears == day_number(day) - 1)
    new = new[rng.random(len(new)) < market.calls.welcome_share] if not market.accounts.new_late else new[:0]
    which = np.concatenate([overdue, new])
    purpose = np.array(["overdue"] * len(overdue) + ["welcome"] * len(new), dtype=object)
    agent = work.owner(which, roles, day)
    made = agent != NOBODY
    which, purpose, agent = which[made], purpose[made], work.on_duty(agent[made], roles, day)
    if not len(which):
        return NONE, NONE
    second = np.sort(times_of_day(rng, market.rhythm.hours, len(which), OPENS, CLOSES))
    order = rng.permutation(len(which))
    which, purpose, agent = which[order], purpose[order], agent[order]
    connected, right_party, disposition = _outcome(work, rng, which, purpose, day)
    promised = disposition == "promise"
    promises_of(work, rng, which[promised], agent[promised], day, second[promised])
    rows: Rows = {
        "day": np.full(len(which), day_number(day)),
        "number": work.numbers("calls", len(which)),
        "which": which,
        "agent": agent,
        "second": second,
        "purpose": purpose,
        "connected": connected,
        "right_party": right_party,
        "disposition": disposition,
    }
    work.met(rows, right_party)
    work.write("calls", rows, call_columns)
    return which, agent


def call_columns(work: Work, rows: Rows) -> dict[str, object]:
    """The columns of the calls table."""
    rng, rules, size = work.chance["words"], work.market.calls, len(rows["day"])
    says_why = rows["right_party"] & (rows["purpose"] == "overdue")
    talked = np.where(rows["connected"], rng.integers(20, 420, size), 0)
    work.line.count(rows["agent"], rows["day"] - work.first_day, rows["connected"].astype(np.int64), talked)
    _tally(work, rows)
    return {
        "call_id": numbered("K", rows["number"], 10**7),
        "agent_id": work.agent_ids.gather(rows["agent"]),
        "account_id": work.account_ids.gather(rows["which"]),
        "started_at": (rows["day"], rows["second"]),
        "talk_seconds": talked,
        "direction": np.full(size, "out", dtype=object),
        "connected": rows["connected"],
        "right_party": rows["right_party"],
        "disposition": rows["disposition"],
        "purpose": rows["purpose"],
        "reason": where(says_why, _some(rng, rules.reasons, size)),
        "number": phones(work.market, rows["which"]),
        "recording": _recordings(rows),
        "third_party": third_party(work, rows["disposition"]),
    }


def _recordings(rows: Rows) -> pl.Series:
    """Where the recording of each call that was answered is kept; a few were lost."""
    names = numbered("K", rows["number"], 10**7)
    days = days_series(rows["day"]).dt.strftime("%Y/%m/%d")
    kept = rows["connected"].astype(np.bool_) & (rows["number"] % LOST_EVERY > 0)
    return pl.select(pl.when(pl.Series(kept)).then(days + "/" + names + ".ogg")).to_series()


EFFECTIVE = ("promise", "paid", "plan_agreed", "dispute_logged", "return_agreed")


def _tally(work: Work, rows: Rows) -> None:
    """Counts the calls that reached somebody, and those of them that had a result."""
    reached = rows["connected"].astype(np.bool_)
    good = rows["right_party"].astype(np.bool_) & np.isin(rows["disposition"], EFFECTIVE)
    months = work.month_of(rows["day"])
    work.tallies["call_effectiveness"].count(rows["agent"][reached], months[reached], good[reached])


def _outcome(work: Work, rng: Rng, which: Numbers, purpose: Words, day: date) -> tuple[Words, Words, Words]:
    rules, size = work.market.calls, len(which)
    connected = rng.random(size) < np.where(purpose == "welcome", 0.9, rules.connected)
    right_party = connected & (rng.random(size) < np.where(purpose == "welcome", 0.95, rules.right_party))
    reached = words(rng, rules.dispositions, size)
    not_reached, wrong = words(rng, rules.not_reached, size), words(rng, rules.wrong, size)
    disposition = np.where(right_party, reached, np.where(connected, wrong, not_reached))
    may_promise = (purpose == "overdue") & (work.accounts.open_promise[which] < day_number(day))
    disposition[(disposition == "promise") & ~may_promise] = "call_back"
    return connected, right_party, disposition


def promises_of(work: Work, rng: Rng, which: Numbers, agent: Numbers, day: date, second: Numbers) -> None:
    """Promises made on `day`: written down, and what will be paid of them agreed for the days to come."""
    if not len(which):
        return
    rules, size, today = work.market.promises, len(which), day_number(day)
    due = today + rng.integers(rules.due_in[0], rules.due_in[1] + 1, size)
    amount = work.rounded((work.usual[which] * rng.uniform(0.6, 1.8, size)).astype(np.int64))
    broken = 1 - rules.kept - rules.part_kept - rules.cancelled
    fate = choices(rng, [rules.kept, rules.part_kept, rules.cancelled, broken], size)
    cancelled = np.where(fate == 2, today + rng.integers(0, np.maximum(due - today, 1), size), 0)
    paid_on = np.where(rng.random(size) < 0.6, due, np.maximum(due - 1, today + 1))
    _agree_on(work, which, work.rounded(amount), paid_on, fate == 0)
    _agree_on(work, which, work.rounded(amount // 2), due, fate == 1)
    work.accounts.open_promise[which] = due
    rows: Rows = {
        "day": np.full(size, today),
        "number": work.numbers("promises", size),
        "which": which,
        "agent": agent,
        "second": second,
        "due": due,
        "amount": amount,
        "cancelled": cancelled,
    }
    work.write("promises", rows, _promise_columns)


def plans_of(work: Work, which: Numbers, agent: Numbers, day: date, second: Numbers) -> None:
    """The instalments of the plans agreed at visits, a week apart, each taken down as a promise."""
    for number in range(1, work.market.promises.of_plans + 1):
        size = len(which)
        if size:
            rows: Rows = {
                "day": np.full(size, day_number(day)),
                "number": work.numbers("promises", size),
                "which": which,
                "agent": agent,
                "second": second,
                "due": np.full(size, day_number(day) + 7 * number),
                "amount": work.rounded(work.usual[which] * 2 // 5),
                "cancelled": np.zeros(size, dtype=np.int64),
            }
            work.write("promises", rows, _promise_columns)


def _promise_columns(work: Work, rows: Rows) -> dict[str, object]:
    return {
        "promise_id": numbered("PP", rows["number"], 10**6),
        "account_id": work.account_ids.gather(rows["which"]),
        "agent_id": work.agent_ids.gather(rows["agent"]),
        "made_at": (rows["day"], rows["second"]),
        "due_on": rows["due"],
        "amount": rows["amount"],
        "cancelled_on": rows["cancelled"],
    }


def _agree_on(work: Work, which: Numbers, amount: Numbers, days: Numbers, chosen: Words) -> None:
    for day in np.unique(days[chosen]):
        on = chosen & (days == day)
        nothing = np.zeros(int(on.sum()), dtype=np.int64)
        work.agree(int(day), Agreed(which[on], amount[on], nothing + NOBODY, nothing, "instalment"))


def visits_of(work: Work, day: date) -> None:
    """The day's visits to late accounts: cash collected, promises made, and those who were not at home."""
    market, rng = work.market, work.chance["contacts"]
    roles = market.roles_that("visits")
    if not roles or day.weekday() == 6:
        return
    rules = market.visits
    which = late_accounts(rng, work, how_many(rng, work, rules.per_account_month, day), rules.late_from)
    agent = work.owner(which, roles, day)
    which, agent = which[agent != NOBODY], work.on_duty(agent[agent != NOBODY], roles, day)
    if not len(which):
        return
    second = np.sort(times_of_day(rng, market.rhythm.hours, len(which), OPENS, CLOSES - 1))
    order = rng.permutation(len(which))
    which, agent = which[order], agent[order]
    outcome = words(rng, rules.outcomes, len(which))
    busy = work.accounts.open_promise[which] >= day_number(day)
    outcome[(outcome == "promise") & busy] = "plan_agreed"
    promised, paid = outcome == "promise", outcome == "paid"
    promises_of(work, rng, which[promised], agent[promised], day, second[promised])
    plans_of(
        work, which[outcome == "plan_agreed"], agent[outcome == "plan_agreed"], day, second[outcome == "plan_agreed"]
    )
    cash = work.rounded((work.usual[which[paid]] * rng.uniform(0.3, 1.2, int(paid.sum()))).astype(np.int64))
    work.agree(day_number(day), Agreed(which[paid], cash, agent[paid], second[paid] + 300, "instalment"))
    located = rng.random(len(which)) < rules.located
    places = agent * len(work.months) + work.months.index(f"{day:%Y-%m}")
    np.add.at(work.visits_done, places, 1)
    np.add.at(work.visits_documented, places[located], 1)
    rows: Rows = {
        "day": np.full(len(which), day_number(day)),
        "number": work.numbers("visits", len(which)),
        "which": which,
        "agent": agent,
        "second": second,
        "outcome": outcome,
        "located": located,
    }
    spoken_to = np.isin(outcome, ["paid", "promise", "plan_agreed", "refused"])
    work.met(rows | {"number": np.zeros(len(which), dtype=np.int64)}, spoken_to)
    work.write("visits", rows, _visit_columns)


def _visit_columns(work: Work, rows: Rows) -> dict[str, object]:
    rng, market, size = work.chance["words"], work.market, len(rows["day"])
    met = _met(rng, rows["outcome"])
    branch = work.accounts.branch[rows["which"]]
    latitude = np.array([place.latitude for place in market.branch])[branch] + rng.normal(0, 0.04, size)
    longitude = np.array([place.longitude for place in market.branch])[branch] + rng.normal(0, 0.04, size)
    logged = np.minimum(rows["second"] + rng.integers(60, 4 * 3600, size), SECONDS_A_DAY - 1)
    return {
        "visit_id": numbered("V", rows["number"], 10**6),
        "agent_id": work.agent_ids.gather(rows["agent"]),
        "account_id": work.account_ids.gather(rows["which"]),
        "planned_on": rows["day"] - (rng.random(size) < 0.2),
        "visited_at": (rows["day"], rows["second"]),
        "met": met,
        "outcome": rows["outcome"],
        "willingness": where(met == "customer", _some(rng, market.visits.willing, size)),
        "capacity": where(met == "customer", _some(rng, market.visits.able, size)),
        "latitude": _degrees(latitude, rows["located"]),
        "longitude": _degrees(longitude, rows["located"]),
        "logged_at": (rows["day"], logged),
    }


def _met(rng: Rng, outcome: Words) -> Words:
    """Who was met, so that it fits how the visit ended."""
    met: Words = np.where(rng.random(len(outcome)) < 0.85, "customer", "other").astype(object)
    met[np.isin(outcome, ["not_home", "moved", "wrong_address"])] = "nobody"
    met[np.isin(outcome, ["deceased"])] = "other"
    met[np.isin(outcome, ["paid", "promise", "plan_agreed", "refused"])] = "customer"
    return met


def _some(rng: Rng, of: tuple[str, ...], size: int) -> Words:
    return np.array(of, dtype=object)[rng.integers(0, len(of), size)]


def _degrees(degrees: npt.NDArray[np.float64], known: Words) -> pl.Series:
    """Degrees with five digits, as text so that they are written the same everywhere; empty where not on record."""
    texts = [f"{value:.5f}" if seen else None for value, seen in zip(degrees, known, strict=True)]
    return pl.Series(texts, dtype=pl.String)


def where(known: Words, values: Words) -> Words:
    """The values as objects, empty where not known."""
    chosen: Words = np.full(len(values), None, dtype=object)
    chosen[known] = values[known]
    return chosen
