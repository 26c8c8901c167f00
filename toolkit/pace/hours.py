"""Each agent's hours beside the target due by then, and who is behind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.data import Data
from toolkit.pace.counts import ByHour, added_by_hour, counts_by_hour
from toolkit.pace.moments import day_of
from toolkit.pace.shifts import HOUR, Shift, shift_of
from toolkit.periods import containing
from toolkit.problems import Problem, problem
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals
from toolkit.teams import Post

NEAR, HOURS_BEHIND = Fraction(9, 10), 2
"""Behind is who is below this share of the target due, at the end of so many hours in a row."""
PACED = ("noc", "calls", "contacts", "talk_minutes", "ptp_count", "ptp_amount", "collected")
"""KPIs that add up over a day, so that one can be on pace or behind it."""


@dataclass(frozen=True)
class AgentHour:
    """One agent's hour. over: it has ended; else its figures are those until the moment asked for.

    The counts by the names of `COUNTED`, those of money in minor units, None where the data cannot say; noc: different
    customers called so far. so_far, target, due: of the KPI that is paced, up to the end of the hour, for the day, and
    what of it is due by then; behind: at the end of this hour and of the one before it was below 90 % of what was due.
    """

    agent: Post
    hour: int
    over: bool
    counts: Mapping[str, int | Fraction | None]
    noc: int | None
    so_far: Fraction | None
    target: Fraction | None
    due: Fraction | None
    behind: bool = False

    @property
    def pace(self) -> Fraction | None:
        """So far, of what is due: 1 is on pace."""
        return None if self.so_far is None or not self.due else self.so_far / self.due

    @property
    def short(self) -> Fraction:
        """How much is missing of what is due."""
        return max((self.due or Fraction(0)) - (self.so_far or 0), Fraction(0))

    @property
    def is_low(self) -> bool:
        """Whether it is below 90 % of what is due."""
        return self.pace is not None and self.pace < NEAR


@dataclass(frozen=True)
class Pace:
    """A day up to a moment.

    hours: agent by agent, of those who have called or have a target and a
    shift; absent: who does not work on that day, with the roster's word for why.
    """

    at: datetime
    day: date
    kpi: str
    hours: tuple[AgentHour, ...]
    absent: tuple[tuple[Post, str], ...]
    problems: tuple[Problem, ...]

    @property
    def latest(self) -> list[AgentHour]:
        """Each agent's last hour."""
        return list({hour.agent.agent_id: hour for hour in self.hours}.values())

    @property
    def standing(self) -> list[AgentHour]:
        """Each agent's last hour that is over: what may be judged."""
        return list({hour.agent.agent_id: hour for hour in self.hours if hour.over}.values())

    @property
    def behind(self) -> list[AgentHour]:
        """Those behind at the end of their last whole hour, the furthest first."""
        found = [hour for hour in self.standing if hour.behind]
        return sorted(found, key=lambda hour: (hour.pace or Fraction(0), hour.agent.agent_id))


def is_judged(role: str, kpi: str, rules: Sequence[Scorecard]) -> bool:
    """Whether people of this role have a scorecard with this KPI. Of a KPI that is in none, but has targets, whether
    they have a scorecard; without any scorecards everybody is judged.
    """
    having = [rule for rule in rules if kpi in rule.measures] or rules
    return not rules or any(rule.is_for(role) for rule in having)


def pace_of(data: Data, goals: Goals, at: datetime, kpi: str = "noc", rules: Sequence[Scorecard] = ()) -> Pace:
    """The pace of the day that `at` (local time, no zone) belongs to, for a KPI of `PACED`.

    data: only what had happened by then (`until`). Without a roster everybody works the profile's standard day, and so
    does who is not on it but has called. rules: the scorecards; who has none with this KPI has no target (`is_judged`).
    """
    day = day_of(at)
    period = containing(day, "day")
    counts, problems = counts_by_hour(data, period)
    noc, missing = added_by_hour(data, day, "noc")
    so_far, also_missing = (noc, []) if kpi == "noc" else added_by_hour(data, day, kpi)
    active = {agent for hours in counts.values() if hours for agent, _ in hours}
    found: list[AgentHour] = []
    absent: list[tuple[Post, str]] = []
    for post in goals.teams.active(day):
        shift = shift_of(goals, post.agent_id, day)
        here = post.agent_id in active
        target = goals.of_agent(kpi, post.agent_id, period).target if is_judged(post.role, kpi, rules) else None
        if shift is not None and shift.absent and not here:
            absent.append((post, shift.absent))
        elif here or (shift is not None and target is not None):
            mine = _hours_of(post, shift, at, counts, noc)
            found += _paced(mine, shift, target, so_far, at)
    problems = [*problems, *missing, *also_missing, *_without_target(found, kpi)]
    return Pace(at, day, kpi, tuple(found), tuple(absent), tuple(dict.fromkeys(problems)))


def _hours_of(
    post: Post, shift: Shift | None, at: datetime, counts: Mapping[str, ByHour | None], noc: ByHour | None
) -> Iterator[AgentHour]:
    """The hours from the first to the last one worked, as far as they have begun."""
    day = datetime.combine(day_of(at), time())
    touched = [hour for hours in counts.values() if hours for agent, hour in hours if agent == post.agent_id]
    touched += shift.hours if shift is not None else ()
    clients = 0
    for hour in range(min(touched), max(touched) + 1):
        if day + hour * HOUR >= at:
            return
        key = (post.agent_id, hour)
        clients += int((noc or {}).get(key, 0))
        of_hour = {name: None if hours is None else hours.get(key, 0) for name, hours in counts.items()}
        over = day + (hour + 1) * HOUR <= at
        yield AgentHour(post, hour, over, of_hour, None if noc is None else clients, None, None, None)


def _paced(
    hours: Iterable[AgentHour], shift: Shift | None, target: Fraction | None, so_far: ByHour | None, at: datetime
) -> Iterator[AgentHour]:
    """The hours with what is done so far, what is due, and whether that has been too little for too long."""
    done, low = Fraction(0), 0
    day = datetime.combine(day_of(at), time())
    for hour in hours:
        done += (so_far or {}).get((hour.agent.agent_id, hour.hour), 0)
        end = min(day + (hour.hour + 1) * HOUR, at)
        due = None if target is None or shift is None else target * shift.passed(end)
        found = replace(hour, so_far=None if so_far is None else done, target=target, due=due)
        if not hour.over:  # what is not over is shown, and judges nobody
            yield found
            continue
        low = low + 1 if found.is_low else 0
        yield replace(found, behind=low >= HOURS_BEHIND)


def _without_target(hours: Sequence[AgentHour], kpi: str) -> list[Problem]:
    if not hours or any(hour.target is not None for hour in hours):
        return []
    return [problem("PACE_NO_TARGET", value=kpi, title=kpi_codes()[kpi].title)]
