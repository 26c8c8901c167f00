"""The pace of a day, hour by hour: what each agent has done so far, beside the part of the day's target due by then.

By the end of an hour the target due is the day's target times the minutes of the shift that have passed, over those of
the whole shift. The day's target has leave and minutes off the phone taken out already (`Goals`); nobody knows when in
the shift those minutes lie, so they are spread over it evenly. A call across the hour belongs to the hour in which it
began.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES, kpi_values
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import Facts
from toolkit.periods import Period, containing
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals
from toolkit.teams import Post

NEAR, HOURS_BEHIND = Fraction(9, 10), 2
"""Behind is who is below this share of the target due, at the end of so many hours in a row."""
MOMENT = r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

COUNTED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "attempts": ("calls", {"calls_counted": "attempted"}),
    "connects": ("contacts", {"contact": "connected"}),
    "right_party": ("contacts", {"contact": "right_party"}),
    "promises": ("ptp_count", {}),
    "promised": ("ptp_amount", {}),
    "paid": ("collected", {}),
    "talk_minutes": ("talk_minutes", {}),
}
"""What is counted in each hour: the KPI, and the definitions that make it mean this and nothing else."""
PACED = ("noc", "calls", "contacts", "talk_minutes", "ptp_count", "ptp_amount", "collected")
"""KPIs that add up over a day, so that one can be on pace or behind it."""
EVENTS: Mapping[str, str] = {
    "calls": "started_at",
    "leads": "loaded_at",
    "payments": "paid_at",
    "promises": "made_at",
    "visits": "visited_at",
    "messages": "sent_at",
}


@dataclass(frozen=True)
class Shift:
    """When somebody works on a day, in local time; `absent` is the roster's word for why not, "" for who is here."""

    begins: datetime
    ends: datetime
    absent: str = ""
    rostered: bool = False

    def passed(self, moment: datetime) -> Fraction:
        """The share of the shift that has passed by then, from 0 to 1; 0 of one of less than a minute."""
        gone = min(max(moment, self.begins), self.ends) - self.begins
        whole = (self.ends - self.begins) // MINUTE
        return Fraction(gone // MINUTE, whole) if whole else Fraction(0)

    @property
    def hours(self) -> range:
        """The hours of its first day that it touches."""
        last = min(self.ends, datetime.combine(self.begins.date(), time.max)) - timedelta(microseconds=1)
        return range(self.begins.hour, last.hour + 1)


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


def moment_of(text: str) -> datetime:
    """``2026-10-21 15:00`` as that moment, ``2026-10-21`` as the end of that day. `ToolkitError` for anything else."""
    written = text.strip()
    if not re.fullmatch(MOMENT, written):
        raise ToolkitError([problem("MOMENT", value=text)])
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise ToolkitError([problem("MOMENT", value=text)]) from error
    return found if ":" in written else found + timedelta(days=1)


def day_of(at: datetime) -> date:
    """The day that a moment belongs to; midnight ends a day."""
    return (at - timedelta(microseconds=1)).date()


def until(tables: Mapping[str, pl.DataFrame], at: datetime) -> dict[str, pl.DataFrame]:
    """The tables as they stood at a moment of local time: without the events that began at it or later."""
    return {name: _before(rows, EVENTS.get(name, ""), at) for name, rows in tables.items()}


def _before(rows: pl.DataFrame, column: str, at: datetime) -> pl.DataFrame:
    if column not in rows.columns:
        return rows
    return rows.filter(local(pl.col(column)).is_null() | (local(pl.col(column)) < at))


def local(moment: pl.Expr) -> pl.Expr:
    """The clock on the wall, without its zone."""
    return moment.dt.replace_time_zone(None)


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
    counts, problems = _counts(data, period)
    noc, missing = _so_far(data, day, "noc")
    so_far, also_missing = (noc, []) if kpi == "noc" else _so_far(data, day, kpi)
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


# --- shifts --------------------------------------------------------------------------------------------


def shift_of(goals: Goals, agent_id: str, day: date) -> Shift | None:
    """The agent's shift by the roster, or the standard day where there is none; None on a day off.

    A shift over midnight counts on its first day, and only what falls on that day can be seen there.
    """
    row = goals.days.roster.get((agent_id, day))
    if row is None:
        return _standard(goals, day) if goals.days.share(agent_id, day) else None
    start, end = row.get("scheduled_in"), row.get("scheduled_out")
    standard = _standard(goals, day)
    begins = start.replace(tzinfo=None) if start else standard.begins
    ends = end.replace(tzinfo=None) if end else standard.ends
    if ends <= begins:
        begins, ends = standard.begins, standard.ends
    return Shift(begins, ends, row.get("absence") or "", rostered=True)


def _standard(goals: Goals, day: date) -> Shift:
    definitions = goals.days.definitions
    begins = datetime.combine(day, time(definitions.standard_day_starts_at))
    return Shift(begins, begins + definitions.standard_day_minutes * MINUTE)


# --- counts --------------------------------------------------------------------------------------------

ByHour = Mapping[tuple[str, int], Any]
"""What was counted, by agent and hour."""


def _counts(data: Data, period: Period) -> tuple[dict[str, ByHour | None], list[Problem]]:
    found: dict[str, ByHour | None] = {}
    problems: list[Problem] = []
    for name, (code, definitions) in COUNTED.items():
        run = kpi_values(data.defined(**definitions), period, "hour", [code], ("agent",))
        known = code in RULES and not run.problems
        found[name] = _by_hour(run.values, data, code) if known else None
        problems += run.problems
    return found, problems


def _by_hour(values: pl.DataFrame, data: Data, code: str) -> ByHour:
    """Of money whole minor units again: what a float had of them is exact."""
    one = 10**data.digits if kpi_codes()[code].unit == "money" else 60 if code == "talk_minutes" else 1
    rows = values.select("scope", pl.col("period").str.slice(-2).cast(pl.Int64), "numerator").iter_rows()
    return {(agent, hour): _whole(number, one, code) for agent, hour, number in rows}


def _whole(number: float, one: int, code: str) -> int | Fraction:
    whole = round(number * one)
    return Fraction(whole, one) if code == "talk_minutes" else whole


def _so_far(data: Data, day: date, kpi: str) -> tuple[ByHour | None, list[Problem]]:
    """What was added in each hour: of what counts once a day, in the hour in which it first did."""
    try:
        facts = RULES[kpi](data)
    except KeyError:
        return None, []
    except MissingError as error:
        title = kpi_codes()[kpi].title
        return None, [problem("KPI_NEEDS", value=kpi, title=title, missing=str(error))]
    rows = facts.counted.filter((nw.col("day") == day) & ~nw.col("agent_id").is_null())
    wanted = eager(rows.select("agent_id", "hour", "numerator", *facts.once)).to_polars()
    return _added(wanted, facts), []


def _added(rows: pl.DataFrame, facts: Facts) -> ByHour:
    if facts.once:
        rows = rows.group_by("agent_id", *facts.once).agg(pl.col("hour").min(), pl.col("numerator").max())
    sums = rows.group_by("agent_id", "hour").agg(pl.col("numerator").sum())
    return {(agent, hour): Fraction(number, facts.parts) for agent, hour, number in sums.iter_rows()}


# --- hours ---------------------------------------------------------------------------------------------


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
