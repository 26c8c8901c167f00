"""Targets as a scorecard needs them: one scope's, for a period; leave, part days and joiners are taken into account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any

from toolkit.definitions import Definitions
from toolkit.kpi_codes import kpi_codes
from toolkit.periods import Kind, Period, containing, days_between, is_working_day
from toolkit.targets import SCOPES
from toolkit.teams import FAR_AHEAD, LONG_AGO, GroupKind, Post, Teams


@dataclass(frozen=True)
class Goal:
    """What is to be reached in a period, None where nothing says it."""

    target: Fraction | None = None
    worst: Fraction | None = None
    best: Fraction | None = None
    floor: Fraction | None = None
    weight: Fraction | None = None
    cap: Fraction | None = None


ADDED = ("target", "worst", "best", "floor")
"""What of a goal is so much a day, where the KPI adds up."""


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
    `shortest_day_minutes` is left out. Without one, and before its first or after its last day: the working days on
    which the agent was here.
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
        days = [day for _, day in self.roster]
        self._first, self._last = min(days, default=FAR_AHEAD), max(days, default=LONG_AGO)

    def _is_rostered(self, agent_id: str, day: date) -> bool:
        """Whether the roster speaks of the agent's day: one that ends today says nothing of the rest of the month, and
        none speaks of somebody who has not come yet or has left."""
        here = self.teams.on(agent_id, day) is not None
        return here and agent_id in self._rostered and self._first <= day <= self._last

    def share(self, agent_id: str, day: date) -> Fraction:
        """How much of the day counts."""
        if self.teams.on(agent_id, day) is None:
            return Fraction(0)
        row = self.roster.get((agent_id, day))
        if row is None:
            return Fraction(not self._is_rostered(agent_id, day) and self.is_working(day))
        if row.get("absence") not in (None, "unplanned"):
            return Fraction(0)
        return self._part(row)

    def whole(self, agent_id: str, day: date) -> Fraction:
        """How much of the day would count had the agent been here all the time and had no leave."""
        row = self.roster.get((agent_id, day))
        if row is not None:
            return Fraction(row.get("absence") != "holiday")
        return Fraction(not self._is_rostered(agent_id, day) and self.is_working(day))

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


def _minutes(start: datetime, end: datetime) -> Fraction:
    return Fraction(round((end - start).total_seconds()), 60)


Rows = dict[tuple[str, str, str], list[_Row]]
"""Targets by KPI, scope_kind and scope, the latest first."""


def _by_scope(rows: Iterable[Mapping[str, Any]]) -> Rows:
    found: Rows = {}
    for row in rows:
        key = (row["kpi"], row["scope_kind"], "" if row["scope_kind"] == "all" else row.get("scope") or "")
        stretch = (row.get("from") or LONG_AGO, row.get("to") or FAR_AHEAD)
        found.setdefault(key, []).append(_Row(_goal(row), row["grain"], *stretch))
    return {key: sorted(of, key=lambda row: row.first, reverse=True) for key, of in found.items()}


class Goals:
    """The targets table, asked by KPI, scope and period. Of two rows in force the one that began last counts.

    behind: targets for whoever the table says nothing of, such as those of the profile's scorecards. until: the day up
    to which what adds up has to be reached, where the data end before the period does.
    """

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        days: WorkingDays,
        behind: Iterable[Mapping[str, Any]] = (),
        until: date = FAR_AHEAD,
    ) -> None:
        self.days, self.teams, self.until = days, days.teams, until
        self._rows, self._behind = _by_scope(rows), _by_scope(behind)
        self._known: dict[tuple[str, str, Period, tuple[Post, ...]], Goal] = {}

    def to(self, day: date) -> "Goals":
        """The same targets, of what adds up only as far as this day."""
        goals = Goals((), self.days, until=day)
        goals._rows, goals._behind = self._rows, self._behind
        return goals

    @property
    def codes(self) -> set[str]:
        """The KPIs that have a target for somebody."""
        return {kpi for kpi, _, _ in [*self._rows, *self._behind]}

    @property
    def contradictions(self) -> list[tuple[str, str, str]]:
        """KPI, scope_kind and scope of targets that begin on one day and differ: nobody can say which one counts."""
        return [key for key, rows in self._rows.items() if len({row.first for row in rows}) < len(rows)]

    @property
    def aimless(self) -> list[tuple[str, str, str]]:
        """KPI, scope_kind and scope of targets that everybody reaches: below nothing, or nothing where more is better,
        and no worst and best that would still tell people apart."""
        return [key for key, rows in self._rows.items() if any(_is_aimless(key[0], row.goal) for row in rows)]

    @property
    def scopes(self) -> list[tuple[str, str, str]]:
        """KPI, scope_kind and scope of every row of the table."""
        return list(self._rows)

    def of_agent(self, kpi: str, agent_id: str, period: Period) -> Goal:
        """The most specific target in force: the agent's own, the team's, the branch's, the role's, everybody's.

        Of what adds up, a day takes its share of the target of its own week, month or quarter.
        """
        return self._of_member(kpi, agent_id, period, self.teams.held_in(agent_id, period))

    def of_group(self, kpi: str, kind: GroupKind, scope: str, members: Iterable[str], period: Period) -> Goal:
        """The target of a team, branch or role, or of all. Of what adds up, what its members' come to, of the days on
        which they were in it: a row of the targets table, whosever it is, says what one person has to reach. Of rates
        its own row, or the one for all.
        """
        within = {member: self._posts_in(kind, scope, member, period) for member in members}
        goals = {member: self._of_member(kpi, member, period, posts) for member, posts in within.items()}
        if not kpi_codes()[kpi].adds_up:
            own = self._of_scope(kpi, kind, scope, period.last) or self._of_scope(kpi, "all", "", period.last)
            alike = set(goals.values())
            return own.goal if own else alike.pop() if len(alike) == 1 else Goal()
        targets = [goal.target for goal in goals.values() if goal.target is not None]
        ends = {part: _sum_of_all(goals, part) for part in ADDED if part != "target"}
        total = sum(targets, Fraction(0)) if targets else None
        return Goal(total, weight=_of_all(goals, "weight"), cap=_of_all(goals, "cap"), **ends)

    def _posts_in(self, kind: GroupKind, scope: str, agent_id: str, period: Period) -> list[Post]:
        return [post for post in self.teams.held_in(agent_id, period) if post.group(kind) == scope]

    def _of_member(self, kpi: str, agent_id: str, period: Period, posts: Sequence[Post]) -> Goal:
        """The agent's target on the last day in these posts; of what adds up, of all days in them."""
        key = (kpi, agent_id, period, tuple(posts))
        if key not in self._known:
            self._known[key] = self._reckoned(*key)
        return self._known[key]

    def _reckoned(self, kpi: str, agent_id: str, period: Period, posts: Sequence[Post]) -> Goal:
        last = min(period.last, posts[-1].last) if posts else period.last
        found = self._row(kpi, agent_id, posts[-1] if posts else None, last)
        if not kpi_codes()[kpi].adds_up:
            return found.goal if found else Goal()
        parts = {part: self._added(kpi, agent_id, period, posts, part) for part in ADDED}
        return Goal(weight=found.goal.weight, cap=found.goal.cap, **parts) if found else Goal(**parts)

    def _post_on(self, agent_id: str, day: date, posts: Sequence[Post]) -> Post | None:
        post = self.teams.on(agent_id, day)
        return post if post in posts else None

    def _added(self, kpi: str, agent_id: str, period: Period, posts: Sequence[Post], part: str) -> Fraction | None:
        """What this part of the targets comes to over the days in these posts; None where no day has any."""
        total: Fraction | None = None
        for day in days_between(period.first, min(period.last, self.until)):
            post, share = self._post_on(agent_id, day, posts), self.days.share(agent_id, day)
            row = self._row(kpi, agent_id, post, day, part) if post else None
            if row is None:
                continue
            if row.grain == "hour":
                share *= Fraction(self.days.definitions.standard_day_minutes, 60)
            whole = self._whole(agent_id, _period_of(day, row.grain, period)) if share else 0
            total = (total or Fraction(0)) + (getattr(row.goal, part) * share / whole if whole else 0)
        return total

    def _whole(self, agent_id: str, period: Period) -> Fraction:
        if period.kind == "day":
            return Fraction(1)
        return sum((self.days.whole(agent_id, day) for day in days_between(period.first, period.last)), Fraction(0))

    def _row(self, kpi: str, agent_id: str, post: Post | None, day: date, part: str = "") -> _Row | None:
        """The most specific row in force; one that says something of this `part`, if any is named."""
        names = {"agent": agent_id, "all": ""}
        if post is not None:
            names |= {"team": post.team, "branch": post.branch, "role": post.role}
        for table in (self._rows, self._behind):
            rows = (_in_force(table, kpi, scope, names[scope], day) for scope in SCOPES if scope in names)
            for row in rows:
                if row is not None and (not part or getattr(row.goal, part) is not None):
                    return row
        return None

    def _of_scope(self, kpi: str, kind: str, scope: str, day: date) -> _Row | None:
        tables = (self._rows, self._behind)
        return next((row for table in tables if (row := _in_force(table, kpi, kind, scope, day))), None)


def _is_aimless(kpi: str, goal: Goal) -> bool:
    if kpi not in kpi_codes() or goal.target is None:
        return False
    placed = goal.worst is not None and goal.best is not None and goal.worst != goal.best
    return goal.target < 0 or (goal.target == 0 and kpi_codes()[kpi].direction == "higher" and not placed)


def _in_force(table: Rows, kpi: str, kind: str, scope: str, day: date) -> _Row | None:
    rows = table.get((kpi, kind, "" if kind == "all" else scope), ())
    return next((row for row in rows if row.first <= day <= row.last), None)


def _of_all(goals: Mapping[str, Goal], part: str) -> Fraction | None:
    """What everybody's goals say alike."""
    said = {getattr(goal, part) for goal in goals.values()}
    return said.pop() if len(said) == 1 else None


def _sum_of_all(goals: Mapping[str, Goal], part: str) -> Fraction | None:
    """What everybody's come to, where everybody has one."""
    said = [getattr(goal, part) for goal in goals.values()]
    return sum(said, Fraction(0)) if said and None not in said else None


def _goal(row: Mapping[str, Any]) -> Goal:
    return Goal(**{name: exact(row.get(name)) for name in ("target", "worst", "best", "floor", "weight", "cap")})


def exact(value: Any) -> Fraction | None:
    """A number of a table or a profile, exactly; None where there is none."""
    return None if value is None or value == "" else Fraction(str(value))


KINDS: Mapping[str, Kind] = {"hour": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter"}


@cache
def _period_of(day: date, grain: str, period: Period) -> Period:
    return containing(day, KINDS.get(grain, "month"), period.start_day)
