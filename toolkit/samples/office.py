"""Duties with a day on which they are due: reports, hourly updates, plans, reviews, training, customers' matters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from toolkit.periods import Period
from toolkit.samples.accounts import PAID_OFF, day_number, days_series, numbered
from toolkit.samples.chance import Flags, Numbers, Rng, Shares
from toolkit.samples.contacts import where
from toolkit.samples.skill import chance_of
from toolkit.samples.work import SECONDS_A_DAY, Work

HOUR = 3600
FIRST_POST, LAST_POST = 9, 16
"""Hours in which the first and the last hourly update of a day is begun."""
ANSWERED = ("coaching", "instruction", "idea", "clearance", "training")
"""Kinds that somebody acknowledges."""
CONTROLLED = ("report", "idea", "plan")
"""Kinds that are accepted as first delivered, or not."""


@dataclass
class Duties:
    """Duties of one kind: whose, raised and due when (seconds since 1970), done when or 0; `value` in minor units."""

    kind: str
    agent: Numbers
    raised: Numbers
    due: Numbers
    done: Numbers
    value: Numbers
    note: pl.Series


def actions_table(work: Work, months: list[Period], last: date) -> dict[str, object]:
    """All duties in the order in which they were raised."""
    rng, end = work.chance["office"], (day_number(last) + 1) * SECONDS_A_DAY
    made = [duties for duties in _all(work, rng, months) if len(duties.agent)]
    kinds = np.concatenate([np.full(len(one.agent), one.kind, dtype=object) for one in made])
    agent, raised, due, done, value = (
        np.concatenate([getattr(one, name) for one in made]) for name in ("agent", "raised", "due", "done", "value")
    )
    order = np.lexsort((agent, raised))
    order = order[raised[order] < end]
    kinds, agent, raised, due, done, value = (part[order] for part in (kinds, agent, raised, due, done, value))
    note = pl.concat([one.note for one in made]).gather(order)
    is_done, size = (done > 0) & (done < end), len(order)
    seen = raised + rng.integers(600, 30 * HOUR, size)
    is_seen = np.isin(kinds, ANSWERED) & (rng.random(size) < 0.93) & (seen < end)
    accepted = rng.random(size) >= chance_of(1 - work.market.office.accepted, work.skill[agent])
    judged = np.isin(kinds, CONTROLLED) & is_done & (due - raised > HOUR)
    return {
        "action_id": numbered("AC", np.arange(1, size + 1), 10**5),
        "agent_id": work.agent_ids.gather(agent),
        "owner": work.agent_ids.gather(agent),
        "kind": kinds,
        "raised_at": (raised // SECONDS_A_DAY, raised % SECONDS_A_DAY),
        "due_at": (np.where(due > 0, due // SECONDS_A_DAY, 0), due % SECONDS_A_DAY),
        "done_at": (np.where(is_done, done // SECONDS_A_DAY, 0), done % SECONDS_A_DAY),
        "acknowledged_at": (np.where(is_seen, seen // SECONDS_A_DAY, 0), seen % SECONDS_A_DAY),
        "accepted_first_time": pl.Series(accepted).set(pl.Series(~judged), None),
        "value": pl.Series(value).set(pl.Series(value == 0), None),
        "note": note,
        **_coached(work, kinds, agent, due),
    }


def _coached(work: Work, kinds: Any, agent: Numbers, due: Numbers) -> dict[str, object]:
    """What coaching is about, what was agreed, and when calls are listened to again."""
    rules = work.market.office
    questions = np.array(list(rules.coached_about), dtype=object)
    about = questions[(agent + np.arange(len(agent))) % len(questions)]
    is_coaching = kinds == "coaching"
    again = np.where(is_coaching & (due > 0), due // SECONDS_A_DAY + rules.recheck_days, 0)
    return {
        "behaviour": where(is_coaching, np.array([rules.coached_about[code] for code in about], dtype=object)),
        "about": where(is_coaching, about),
        "recheck_on": days_series(again),
        "recheck_calls": pl.Series(np.full(len(agent), rules.recheck_calls)).set(pl.Series(~is_coaching), None),
    }


def _all(work: Work, rng: Rng, months: list[Period]) -> Iterator[Duties]:
    rules = work.market.office
    agent, place = np.nonzero((work.duty.states == 1) & _owners(work)[:, None])
    day = place + work.duty.first
    weekday = (day + 3) % 7
    workday = weekday < 5
    if rules.daily_reports:
        yield _made(work, rng, "report", agent[workday], day[workday], 8 * HOUR, day[workday], 17 * HOUR + 1800)
    friday = weekday == 4
    yield _made(work, rng, "report", agent[friday], day[friday] - 4, 9 * HOUR, day[friday], 17 * HOUR, "Week")
    if rules.hourly:
        yield from _hourly(work, rng, agent[workday], day[workday])
    monday = weekday == 0
    yield _made(work, rng, "plan", agent[monday], day[monday], 8 * HOUR, day[monday] + 3, 17 * HOUR)
    for month in months:
        for kind, number in rules.monthly.items():
            yield _of_month(work, rng, kind, number, month)
    yield from _meetings(work, rng)
    yield _clearances(work, rng)


def _owners(work: Work) -> Flags:
    """Agents who own accounts at some time: the others have no duties of this kind."""
    owning = {role.role for role in work.market.people.role if role.owns}
    return np.array([any(post.role in owning for post in person.posts) for person in work.people])


def _made(
    work: Work, rng: Rng, kind: str, agent: Numbers, raised_on: Numbers, raised: int, due_on: Numbers, due: int,
    note: str = "",
) -> Duties:  # fmt: skip
    """Duties raised and due at these times of day."""
    at, until = raised_on * SECONDS_A_DAY + raised, due_on * SECONDS_A_DAY + due
    text = note or work.market.office.notes.get(kind, "")
    nothing = np.zeros(len(agent), dtype=np.int64)
    done = _done(work, rng, agent, at, until)
    return Duties(kind, agent, at, until, done, nothing, pl.Series([text or None] * len(agent), dtype=pl.String))


def _done(work: Work, rng: Rng, agent: Numbers, raised: Numbers, due: Numbers) -> Numbers:
    """When each was done: mostly in time, sometimes late, seldom never."""
    size = len(agent)
    missed = rng.random(size) < chance_of(1 - work.market.office.on_time, work.skill[agent])
    never = missed & (rng.random(size) < 0.3)
    spare = np.maximum(due - raised, 60)
    in_time = raised + (spare * rng.uniform(0.4, 0.98, size)).astype(np.int64)
    late = due + np.maximum((spare * rng.uniform(0.3, 1.2, size)).astype(np.int64), 1800)
    done: Numbers = np.where(never, 0, np.where(missed, late, in_time))
    return done


def _hourly(work: Work, rng: Rng, agent: Numbers, day: Numbers) -> Iterator[Duties]:
    """An update for every full hour, due when the next begins and posted some minutes later."""
    for hour in range(FIRST_POST, LAST_POST + 1):
        at = day * SECONDS_A_DAY + hour * HOUR
        late = rng.random(len(agent)) < chance_of(1 - work.market.office.on_time, work.skill[agent])
        never = late & (rng.random(len(agent)) < 0.4)
        minutes = np.where(late, rng.integers(17, 50, len(agent)), rng.integers(0, 14, len(agent)))
        done = np.where(never, 0, at + HOUR + minutes * 60)
        nothing, empty = np.zeros(len(agent), dtype=np.int64), pl.Series([None] * len(agent), dtype=pl.String)
        yield Duties("report", agent, at, at + HOUR, done, nothing, empty)


def _of_month(work: Work, rng: Rng, kind: str, number: float, month: Period) -> Duties:
    """So many of a kind for each agent and month, on days on which the agent worked."""
    first, days = day_number(month.first) - work.duty.first, month.days
    works = (work.duty.states[:, first : first + days] == 1) & _owners(work)[:, None]
    chances: Shares = number / np.maximum(works.sum(axis=1), 1)
    agent, place = np.nonzero(works & (rng.random(works.shape) < chances[:, None]))
    day = place + day_number(month.first)
    given = work.market.office.days_given.get(kind, 7)
    made = _made(work, rng, kind, agent, day, 10 * HOUR, day + given, 17 * HOUR)
    if kind == "idea":
        made.due = np.zeros(len(agent), dtype=np.int64)
        made.value = work.rounded(np.rint(rng.uniform(2, 30, len(agent)) * float(np.mean(work.usual))).astype(np.int64))
    return made


def _meetings(work: Work, rng: Rng) -> Iterator[Duties]:
    """A team's meeting each week, the leader's to hold."""
    leaders = [person.number for person in work.people if person.posts[0].role == work.market.people.leader.role]
    chosen = np.isin(np.arange(len(work.people)), leaders)
    agent, place = np.nonzero((work.duty.states == 1) & chosen[:, None])
    day = place + work.duty.first
    monday = (day + 3) % 7 == 0
    yield _made(work, rng, "meeting", agent[monday], day[monday] - 3, 15 * HOUR, day[monday], 17 * HOUR)


def _clearances(work: Work, rng: Rng) -> Duties:
    """The owner begins the clearance of a debt that is paid; the note names the account."""
    accounts, owner = work.accounts, work.desks[0].owner
    paid = np.flatnonzero((accounts.status == PAID_OFF) & (accounts.closed >= work.duty.first) & (owner >= 0))
    made = _made(
        work, rng, "clearance", owner[paid], accounts.closed[paid], 16 * HOUR, accounts.closed[paid] + 7, 17 * HOUR
    )
    made.note = work.account_ids.gather(paid)
    return made
