"""Targets as a scorecard needs them: one scope's, for a period; leave, part days and joiners are taken into account."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any

from toolkit.definitions import Definitions
from toolkit.kpi_codes import kpi_codes
from toolkit.periods import Kind, Period, containing, days_between, is_working_day
from toolkit.targets import SCOPES
from toolkit.teams import FAR_AHEAD, LONG_AGO, Post, Teams


@dataclass(frozen=True)
class Goal:
    """What is to be reached in a period, None where nothing says it."""

    target: Fraction | None = None
    worst: Fraction | None = None
    best: Fraction | None = None
    floor: Fraction | None = None
    weight: Fraction | None = None
    cap: Fraction | None = None


@dataclass(frozen=True)
class _Row:
    goal: Goal
    grain: str
    first: date
    last: date


@dataclass
class WorkingDays:
    """How much of each day counts towards an agent's quota, between 0 and 1 (and more for extra hours).

    With a roster: the day's minutes, less those off the phone, of a standard day; leave, sickness, training and
    holidays take the day out, unplanned absence does not (it is measured itself), and a day of fewer than
    `shortest_day_minutes` is left out. Without one: the working days on which the agent was here.
    """

    teams: Teams
    definitions: Definitions
    country: str = ""
    working_week: frozenset[int] = frozenset(range(5))
    roster: Mapping[tuple[str, date], Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, rows: Iterable[Mapping[str, Any]], teams: Teams, definitions: Definitions, **calendar: Any
    ) -> "WorkingDays":
        """From the rows of the roster table."""
        return cls(teams, definitions, roster={(row["agent_id"], row["work_on"]): row for row in rows}, **calendar)

    def __post_init__(self) -> None:
        self._rostered = {agent for agent, _ in self.roster}

    def share(self, agent_id: str, day: date) -> Fraction:
        """How much of the day counts."""
        if self.teams.on(agent_id, day) is None:
            return Fraction(0)
        row = self.roster.get((agent_id, day))
        if row is None:
            return Fraction(agent_id not in self._rostered and self.is_working(day))
        if row.get("absence") not in (None, "unplanned"):
            return Fraction(0)
        return self._part(row)

    def whole(self, agent_id: str, day: date) -> Fraction:
        """How much of the day would count had the agent been here all the time and had no leave."""
        row = self.roster.get((agent_id, day))
        if row is not None:
            return Fraction(row.get("absence") != "holiday")
        return Fraction(agent_id not in self._rostered and self.is_working(day))

    def is_working(self, day: date) -> bool:
        """A day of the working week that is no public holiday."""
        return is_working_day(day, self.country, self.working_week)

    def _part(self, row: Mapping[str, Any]) -> Fraction:
        start, end = row.get("scheduled_in"), row.get("scheduled_out")
        off = int(row.get("off_phone_minutes") or 0)
        standard = self.definitions.standard_day_minutes
        minutes = _minutes(start, end) if start and end else standard
        available = minutes - off
        return Fraction(0) if available < self.definitions.shortest_day_minutes else Fraction(available, standard)


def _minutes(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)


class Goals:
    """The targets table, asked by KPI, scope and period."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], days: WorkingDays) -> None:
        self.days, self.teams = days, days.teams
        self._rows: dict[tuple[str, str, str], list[_Row]] = {}
        for row in rows:
            key = (row["kpi"], row["scope_kind"], "" if row["scope_kind"] == "all" else row.get("scope") or "")
            stretch = (row.get("from") or LONG_AGO, row.get("to") or FAR_AHEAD)
            self._rows.setdefault(key, []).append(_Row(_goal(row), row["grain"], *stretch))

    @property
    def codes(self) -> set[str]:
        """The KPIs that have a target for somebody."""
        return {kpi for kpi, _, _ in self._rows}

    def of_agent(self, kpi: str, agent_id: str, period: Period) -> Goal:
        """The most specific target in force: the agent's own, the team's, the branch's, the role's, everybody's.

        Of what adds up, a day takes its share of the target of its own week, month or quarter.
        """
        post = self.teams.last_in(agent_id, period)
        found = self._row(kpi, agent_id, post, min(period.last, post.last) if post else period.last)
        if found is None or found.goal.target is None or not kpi_codes()[kpi].adds_up:
            return found.goal if found else Goal()
        return _with_target(found.goal, self._shared(kpi, agent_id, period))

    def of_group(self, kpi: str, kind: str, scope: str, members: Iterable[str], period: Period) -> Goal:
        """The target of a team, branch or role, or of all. Of what adds up, what its members' come to: a row of the
        targets table, whosever it is, says what one person has to reach. Of rates its own row, or the one for all.
        """
        if not kpi_codes()[kpi].adds_up:
            own = self._in_force(kpi, kind, scope, period.last)
            if own is not None:
                return own.goal
            general = self._in_force(kpi, "all", "", period.last)
            goals = {self.of_agent(kpi, member, period) for member in members}
            return general.goal if general else goals.pop() if len(goals) == 1 else Goal()
        targets = [self.of_agent(kpi, member, period).target for member in members]
        known = [target for target in targets if target is not None]
        return Goal(target=sum(known, Fraction(0))) if known else Goal()

    def _shared(self, kpi: str, agent_id: str, period: Period) -> Fraction:
        total = Fraction(0)
        for day in days_between(period.first, period.last):
            row = self._row(kpi, agent_id, self.teams.on(agent_id, day), day)
            share = self.days.share(agent_id, day)
            if row is None or row.goal.target is None or not share:
                continue
            whole = self._whole(agent_id, _period_of(day, row.grain, period))
            total += row.goal.target * share / whole if whole else Fraction(0)
        return total

    def _whole(self, agent_id: str, period: Period) -> Fraction:
        if period.kind == "day":
            return Fraction(1)
        return sum((self.days.whole(agent_id, day) for day in days_between(period.first, period.last)), Fraction(0))

    def _row(self, kpi: str, agent_id: str, post: Post | None, day: date) -> _Row | None:
        names = {"agent": agent_id, "all": ""}
        if post is not None:
            names |= {"team": post.team, "branch": post.branch, "role": post.role}
        rows = (self._in_force(kpi, scope, names[scope], day) for scope in SCOPES if scope in names)
        return next((row for row in rows if row is not None), None)

    def _in_force(self, kpi: str, kind: str, scope: str, day: date) -> _Row | None:
        rows = self._rows.get((kpi, kind, "" if kind == "all" else scope), ())
        return next((row for row in rows if row.first <= day <= row.last), None)


def _goal(row: Mapping[str, Any]) -> Goal:
    return Goal(**{name: exact(row.get(name)) for name in ("target", "worst", "best", "floor", "weight", "cap")})


def exact(value: Any) -> Fraction | None:
    """A number of a table or a profile, exactly; None where there is none."""
    return None if value is None or value == "" else Fraction(str(value))


def _with_target(goal: Goal, target: Fraction) -> Goal:
    return Goal(target, goal.worst, goal.best, goal.floor, goal.weight, goal.cap)


KINDS: Mapping[str, Kind] = {"hour": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter"}


@cache
def _period_of(day: date, grain: str, period: Period) -> Period:
    return containing(day, KINDS.get(grain, "month"), period.start_day)
