"""Which figures of a period really changed, what explains it, and where the month will end; from the tables themselves.

Days are judged, or weeks. The limits come from the weeks before the period, or from a file in which they were frozen.
A week of which days are missing is no week to compare: it is named as a part, and not judged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

import polars as pl

from toolkit.incidents import Incident, days_of, in_words, incidents_in, incidents_of
from toolkit.kpi_codes import KpiCode, kpi_codes
from toolkit.kpis import kpi_values
from toolkit.kpis.cut import ScopeKind
from toolkit.kpis.data import Data
from toolkit.money import worded
from toolkit.parts import begins_on, is_part
from toolkit.periods import Period, containing, days_between
from toolkit.problems import Problem
from toolkit.score_targets import Goals
from toolkit.slicing import Slice, changes_of, slices_of
from toolkit.teams import GroupKind
from toolkit.trends.alarms import alarms_in_words
from toolkit.trends.charts import Limits, limits_by_kind
from toolkit.trends.days import Calendar, LeftOut, Mark, Point, like_with_like, weeks_like_with_like
from toolkit.trends.plan import Variance, against_plan, letter
from toolkit.trends.rules import FOR_MANY
from toolkit.trends.run_rate import Amount, Forecast, forecast
from toolkit.trends.verdict import Trend, watched

HISTORY, WEEKS = timedelta(days=60), timedelta(weeks=26)
"""How long before the period the days lie by which it is judged, and the weeks."""
By = Literal["day", "week"]
LENGTHS: Mapping[By, int] = MappingProxyType({"day": 1, "week": 7})
MONTHS_BEFORE = 4
WATCHED: tuple[ScopeKind, ...] = ("agent", "team", "branch", "all")
PLANNED: tuple[GroupKind, ...] = ("team", "all")
"""Whose months are held against a plan."""
Key = tuple[str, str, str]
"""scope_kind, scope and KPI."""
Frozen = Mapping[Key, Mapping[str, Limits]]
NOT_FROZEN: Frozen = MappingProxyType({})


@dataclass(frozen=True)
class Seen:
    """One series of days or weeks: whose it is, what it says today, and the limits that it was judged by.

    points: those that were judged or compared with. left_out: those that were not. slices: what explains a change for
    the worse. incidents: what was down on the days of its signals, in words.
    """

    scope_kind: str
    scope: str
    kpi: str
    trend: Trend
    limits: Mapping[str, Limits]
    points: tuple[Point, ...] = field(default=(), repr=False)
    left_out: tuple[LeftOut, ...] = field(default=(), repr=False)
    slices: tuple[Slice, ...] = field(default=(), repr=False)
    incidents: str = ""

    @property
    def key(self) -> Key:
        """Under which its limits are kept."""
        return self.scope_kind, self.scope, self.kpi

    @property
    def parts(self) -> list[str]:
        """The weeks of which days are missing, which were not judged."""
        weeks = [one.point.day for one in self.left_out if one.why == "part of a week"]
        return [containing(day, "week").label for day in weeks]


@dataclass(frozen=True)
class Outlook:
    """Where a month will end for a team or for all, beside the plan, and the letter that tells the manager."""

    scope_kind: str
    scope: str
    kpi: str
    seen: Forecast
    variance: Variance
    subject: str
    text: str


@dataclass(frozen=True)
class Watch:
    """All series of a period, and how many of their signals would come by chance alone."""

    seen: tuple[Seen, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    alarms: Problem | None = None
    marks: Sequence[Mark] = field(default=(), repr=False)
    by: By = "day"

    @property
    def bad(self) -> list[Seen]:
        """The series that really got worse."""
        return [one for one in self.seen if one.trend.bad]


def watch(
    data: Data,
    period: Period,
    codes: Sequence[str],
    goals: Goals,
    marks: Sequence[Mark] = (),
    frozen: Frozen = NOT_FROZEN,
    by: By = "day",
) -> Watch:
    """The KPIs of a period by day or week, by agent, team, branch and for all; stocks have no days to compare.

    A week belongs to the period in which it ends. frozen: limits that were kept; series without any get theirs from the
    days or weeks before the period. marks: Eid, Ramadan hours, school-fee weeks, which are left out or compared with
    their like.
    """
    last = min(period.last, data.as_of)
    days = Period(_begins(period, by), last, "year", "history")
    known = replace(days, last=period.last)
    of_days = [code for code in codes if not kpi_codes()[code].stock]
    values = kpi_values(data, days, "day", of_days, WATCHED).values
    calendar = Calendar(data.country, data.working_week)
    rows = values.with_columns(pl.col("period").str.to_date("%Y-%m-%d").alias("day"))
    seen = []
    for key, series in rows.group_by("scope_kind", "scope", "kpi", maintain_order=True):
        code = kpi_codes()[str(key[2])]
        of = (str(key[0]), str(key[1]), code.code)
        if by == "week":
            parts = _parts(series["day"].to_list(), known, data, begins_on(data, code.code))
            points, left_out = weeks_like_with_like(_points(_by_week(series), code), parts, marks)
        else:
            points, left_out = like_with_like(_points(series, code), calendar, marks)
        seen.append(_seen(of, _title(of, code, data, period), points, left_out, period, by, frozen))
    judged = [one for one in seen if one.trend.word != "too_few"]
    judged_on = {point.day for one in judged for point in one.points if _ends(point.day, by) >= period.first}
    count = len(calendar.working_days(period.first, last) if by == "day" else judged_on)
    log = incidents_in(data)
    logged = [_with_incidents(one, log, data, by) for one in seen]
    explained = tuple(_explained(one, data, by) if one.trend.bad else one for one in logged)
    alarms = alarms_in_words(count, len(judged), FOR_MANY) if judged and count else None
    return Watch(explained, tuple(_outlooks(data, period, codes, goals, calendar)), alarms, marks, by)


def _begins(period: Period, by: By) -> date:
    return period.first - HISTORY if by == "day" else containing(period.first, "week").first - WEEKS


def _ends(day: date, by: By) -> date:
    """The last day of a point."""
    return day + timedelta(LENGTHS[by] - 1)


def _by_week(series: pl.DataFrame) -> pl.DataFrame:
    """Days added up to weeks, by their Mondays: the weeks that the year's end cuts by the calendar are whole again."""
    no_base = pl.col("denominator").is_null().all()
    sums = series.group_by(pl.col("day").dt.truncate("1w")).agg(
        pl.col("numerator").sum(), pl.when(~no_base).then(pl.col("denominator").sum()).alias("denominator")
    )
    ratio = pl.when(pl.col("denominator") != 0).then(pl.col("numerator") / pl.col("denominator"))
    value = pl.when(pl.col("denominator").is_null()).then(pl.col("numerator")).otherwise(ratio)
    return sums.with_columns(value=value).sort("day")


def _parts(days: Sequence[date], known: Period, data: Data, begins: date | None) -> set[date]:
    """The Mondays of weeks of which days are missing."""
    weeks = {(week := containing(day, "week")).first: week for day in days}
    return {monday for monday, week in weeks.items() if is_part(week, known, data, begins)}


def _seen(
    key: Key,
    title: str,
    points: tuple[Point, ...],
    left_out: tuple[LeftOut, ...],
    period: Period,
    by: By,
    frozen: Frozen,
) -> Seen:
    code = kpi_codes()[key[2]]
    before = [point for point in points if _ends(point.day, by) < period.first]
    limits = frozen.get(key) or limits_by_kind(before, "shares" if code.counts_cases else "values")
    now = [point for point in points if _ends(point.day, by) >= period.first]
    trend = watched(title, now, limits, "higher" if code.direction == "higher" else "lower", shown=_shown(code))
    return Seen(*key, trend, limits, points, left_out)


def _title(key: Key, code: KpiCode, data: Data, period: Period) -> str:
    """What the series is called: the KPI, and whose it is."""
    post = data.teams.latest(key[1], period.last) if key[0] == "agent" else None
    whose = post.name if post else key[1]
    return f"{code.title} of {whose}" if whose else code.title


def _shown(code: KpiCode) -> Callable[[Point | Limits], str]:
    """How a KPI's values are written: shares as percentages, so many for each of something with a decimal."""

    return lambda value: number_words(code, value.exact if isinstance(value, Point) else value.centre)


SMALL, WHOLE = Fraction(1, 10), 10
"""What is shown with two digits behind the point, and what with none: 1 a day where 2 is usual may be 1.4 and 1.6."""


def number_words(code: KpiCode, value: Fraction) -> str:
    """A KPI's value as trends write it."""
    number = float(value)
    if code.is_share:
        return f"{number:.1%}"
    if number.is_integer() or (abs(number) >= WHOLE and not code.ratio):
        return f"{number:,.1f}" if code.ratio else f"{number:,.0f}"
    return f"{number:,.2f}" if abs(number) < SMALL else f"{number:,.1f}"


def _points(series: pl.DataFrame, code: KpiCode) -> Iterator[Point]:
    for day, numerator, denominator, value in series.select("day", "numerator", "denominator", "value").iter_rows():
        if code.counts_cases and denominator is not None and numerator is not None:
            yield Point(day, min(numerator, denominator), denominator)
        elif value is not None:
            yield Point(day, value)


def _with_incidents(one: Seen, log: Sequence[Incident], data: Data, by: By) -> Seen:
    """The series with what was down on the days of its signals, if anything was."""
    if not log or not one.trend.signals:
        return one
    days = days_of(_stretches(one.trend), LENGTHS[by])
    return replace(one, incidents=in_words(incidents_of(log, one.scope_kind, one.scope, days, data.teams, data.as_of)))


def _stretches(trend: Trend) -> list[tuple[date, date]]:
    """The days of the signals, and of the last one, if it stands, all days since it began."""
    standing = trend.signals[-1:] if trend.word in ("drop", "rise", "odd") else ()
    return [*((signal.day, signal.day) for signal in trend.signals), *((one.since, one.day) for one in standing)]


def _explained(one: Seen, data: Data, by: By) -> Seen:
    """The series with what its slices add to the change since the last signal began."""
    since = one.trend.signals[-1].since
    alike = [point for point in one.points if point.kind == one.points[-1].kind]
    before = [day for point in alike if point.day < since for day in days_between(point.day, _ends(point.day, by))]
    after = [day for point in alike if point.day >= since for day in days_between(point.day, _ends(point.day, by))]
    if not before or not after:
        return one
    changes = changes_of(data, one.kpi, one.scope_kind, one.scope, before, after, LENGTHS[by])
    slices = slices_of(data, changes, after[-1])
    return replace(one, trend=replace(one.trend, explained=changes), slices=slices)


def _outlooks(data: Data, period: Period, codes: Sequence[str], goals: Goals, calendar: Calendar) -> Iterator[Outlook]:
    """Amounts that have a plan: where the month will end for each team and for all."""
    money = [code for code in codes if kpi_codes()[code].unit == "money" and kpi_codes()[code].adds_up]
    if period.kind != "month" or not money:
        return
    months = [period]
    for _ in range(MONTHS_BEFORE):
        months.insert(0, months[0].previous())
    days = Period(months[0].first, min(period.last, data.as_of), "year", "history")
    values = kpi_values(data, days, "day", money, PLANNED).values
    rows = values.with_columns(pl.col("period").str.to_date("%Y-%m-%d").alias("day"))
    groups: Mapping[GroupKind, Mapping[str, list[str]]] = {
        kind: data.teams.groups(kind, data.teams.posts, period) for kind in PLANNED
    }
    for (kind, scope, kpi), series in rows.group_by("scope_kind", "scope", "kpi", maintain_order=True):
        members = groups[kind].get(str(scope), [])
        plan = goals.of_group(str(kpi), kind, str(scope), members, period)
        if plan.target:
            yield _outlook((str(kind), str(scope), str(kpi)), series, plan.target, months, data, calendar)


def _outlook(
    key: Key, series: pl.DataFrame, plan: Fraction, months: Sequence[Period], data: Data, calendar: Calendar
) -> Outlook:
    scale = 10**data.digits
    amounts = [Amount(day, round(value * scale)) for day, value in series.select("day", "numerator").iter_rows()]
    by_month = {month: [one for one in amounts if one.day in month] for month in months}
    earlier = {month: found for month, found in list(by_month.items())[:-1] if found}
    month = months[-1]
    seen = forecast(month, by_month[month], min(data.as_of, month.last), calendar, earlier)

    def money(minor: int) -> str:
        return worded(minor, data.digits)

    title = kpi_codes()[key[2]].title
    who = f"{title}, {key[1]}" if key[1] else title
    variance = against_plan(who, seen, round(plan * scale), money)
    return Outlook(*key, seen, variance, *letter(seen, variance, money))
