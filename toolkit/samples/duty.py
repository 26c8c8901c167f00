"""Who is at work on which day: shifts, leave, sickness, late arrivals; and who stands in for whom."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.periods import is_working_day
from toolkit.profiles import Profile
from toolkit.samples.accounts import EPOCH, day_number, days_series
from toolkit.samples.chance import Flags, Numbers, Rng, Shares
from toolkit.samples.market import Market
from toolkit.samples.roster import Roster
from toolkit.samples.skill import WEAKEST, chance_of

OFF, WORKS, LEAVE, SICK, TRAINING, UNPLANNED, HOLIDAY = range(7)
ABSENCES = ("", "", "leave", "sick", "training", "unplanned", "holiday")
ROTA = 3
"""On a day off one agent in so many works all the same, the others in turn."""

Grid = npt.NDArray[np.int8]


class Duty:
    """For each agent and day what the roster says. `first`: the number of the first day."""

    def __init__(self, states: Grid, first: int, planned: dict[int, tuple[int, int]]) -> None:
        self.states, self.first, self.planned = states, first, planned

    def works(self, day: int) -> Flags:
        """For each agent, whether he works on that day."""
        found: Flags = self.states[:, day - self.first] == WORKS
        return found

    def covered(self, agent: Numbers, roster: Roster, roles: Sequence[str], day: int) -> Numbers:
        """Who does the work of each agent on `day`: the agent, or a colleague of the branch while he is away.

        Where nobody else is there, he was called in.
        """
        works, stand_in = self.works(day), np.arange(len(self.states))
        pool = roster.by_branch(roles, day)
        everybody = np.concatenate([*pool.values(), np.zeros(0, dtype=np.int64)])
        for numbers in pool.values():
            away, here = numbers[~works[numbers]], numbers[works[numbers]]
            here = here if len(here) else everybody[works[everybody]]
            if len(here):
                stand_in[away] = here[(np.arange(len(away)) + day) % len(here)]
            else:
                self.states[away, day - self.first] = WORKS
        found: Numbers = stand_in[agent]
        return found

    def days_worked(self) -> Numbers:
        """For each agent, on how many days he worked."""
        days: Numbers = (self.states == WORKS).sum(axis=1).astype(np.int64)
        return days


def make_duty(
    market: Market, profile: Profile, rng: Rng, roster: Roster, skill: Shares, first: date, last: date
) -> Duty:
    """Draws everybody's days."""
    rules, start = market.roster, day_number(first)
    days = np.arange(start, day_number(last) + 1)
    here = np.array([roster.here(int(day)) for day in days]).T
    dates = [first + timedelta(days=n) for n in range(len(days))]
    working = np.array([is_working_day(day, profile.country, profile.working_days) for day in dates])
    weekday = np.array([day.weekday() in profile.working_days for day in dates])
    agents = np.arange(roster.agents)
    in_turn = (agents[:, None] + (days[None, :] + 3) // 7) % ROTA == 0
    states = np.where(working[None, :] | in_turn, WORKS, np.where(weekday, HOLIDAY, OFF)).astype(np.int8)
    draw = rng.random(states.shape)
    absent = working[None, :] & (states == WORKS)
    trained, ill = rules.training, rules.training + rules.sick
    missing = ill + chance_of(rules.unplanned, skill)[:, None]
    for state, below in ((UNPLANNED, missing), (SICK, ill), (TRAINING, trained)):
        states[absent & (draw < below)] = state
    planned = _leave(market, rng, states, working, skill, start)
    states[~here] = OFF
    return Duty(states, start, planned)


def _leave(
    market: Market, rng: Rng, states: Grid, working: Flags, skill: Shares, start: int
) -> dict[int, tuple[int, int]]:
    """Writes everybody's leave into the states; gives what was planned: first and last day by agent.

    Most take what was planned; the weakest agent did not, and a few planned for later.
    """
    rules, (agents, days) = market.roster, states.shape
    planned: dict[int, tuple[int, int]] = {}
    length = round(rules.leave_days * 7 / max(1, _working_days_a_week(working)))
    begins = rng.integers(2, max(3, days + 20), agents)
    takes: Flags = np.asarray(rng.random(agents) < rules.leave)
    is_weakest: Flags = np.asarray(skill == WEAKEST)
    begins, takes = np.where(is_weakest, max(2, days - 24), begins), takes | is_weakest
    for agent in range(agents):
        if not takes[agent]:
            continue
        first = int(begins[agent])
        planned[agent] = (start + first, start + first + length - 1)
        if skill[agent] != WEAKEST and first < days:
            stretch = states[agent, first : first + length]
            stretch[working[first : first + length]] = LEAVE
    return planned


def _working_days_a_week(working: Flags) -> int:
    return round(7 * float(working.mean()))


def roster_table(market: Market, rng: Rng, duty: Duty, skill: Shares, ids: pl.Series) -> dict[str, object]:
    """The roster: a row for each agent and day that is not simply off."""
    rules = market.roster
    agent, place = np.nonzero(duty.states != OFF)
    state, size = duty.states[agent, place], len(agent)
    day, there = place + duty.first, state == WORKS
    begins, ends = round(rules.begins * 3600), round(rules.ends * 3600)
    late = rng.random(size) < chance_of(rules.late, skill[agent])
    early = rng.random(size) < chance_of(rules.early, skill[agent])
    came = begins + np.where(late, rng.integers(180, 2700, size), -rng.integers(0, 900, size))
    went = ends + np.where(early, -rng.integers(300, 5400, size), rng.integers(0, 1200, size))
    clocked = there & (rng.random(size) >= rules.unclocked)
    off_phone = np.where(there & (rng.random(size) < rules.off_phone), rng.integers(1, 5, size) * 30, 0)
    scheduled = state != HOLIDAY
    return {
        "agent_id": ids.gather(agent),
        "work_on": day,
        "scheduled_in": (np.where(scheduled, day, 0), np.full(size, begins)),
        "scheduled_out": (np.where(scheduled, day, 0), np.full(size, ends)),
        "actual_in": (np.where(clocked, day, 0), came),
        "actual_out": (np.where(clocked, day, 0), went),
        "absence": pl.Series([name or None for name in ABSENCES], dtype=pl.String).gather(state.astype(np.int64)),
        "off_phone_minutes": off_phone,
    }


def leave_plan_table(market: Market, rng: Rng, duty: Duty, ids: pl.Series) -> dict[str, object]:
    """The year's leave of everybody who has planned some."""
    agents = np.array(sorted(duty.planned), dtype=np.int64)
    first = np.array([duty.planned[int(agent)][0] for agent in agents], dtype=np.int64)
    last = np.array([duty.planned[int(agent)][1] for agent in agents], dtype=np.int64)
    years = [(EPOCH + timedelta(days=int(day))).year for day in first]
    return {
        "agent_id": ids.gather(agents),
        "year": pl.Series(years, dtype=pl.Int64),
        "entitled_days": np.full(len(agents), market.roster.entitled),
        "carried_days": rng.integers(0, 4, len(agents)),
        "planned_from": days_series(first),
        "planned_to": days_series(last),
    }
