"""Which figures of a period really changed, what explains it, and where the month will end; from the tables themselves.

The limits by which days are judged come from the weeks before the period, or from a file in which they were frozen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from fractions import Fraction
from types import MappingProxyType

import polars as pl

from toolkit.kpi_codes import KpiCode, kpi_codes
from toolkit.kpis import kpi_values
from toolkit.kpis.cut import ScopeKind
from toolkit.kpis.data import Data
from toolkit.money import worded
from toolkit.periods import Period
from toolkit.problems import Problem
from toolkit.score_targets import Goals
from toolkit.teams import GroupKind
from toolkit.trends.alarms import alarms_in_words
from toolkit.trends.charts import Limits, limits_by_kind
from toolkit.trends.days import Calendar, Mark, Point, like_with_like
from toolkit.trends.drill_down import Change, Stretch, drilled_down
from toolkit.trends.plan import Variance, against_plan, letter
from toolkit.trends.rules import FOR_MANY
from toolkit.trends.run_rate import Amount, Forecast, forecast
from toolkit.trends.verdict import Trend, watched

HISTORY = timedelta(days=60)
"""How long before the period the days lie by which it is judged."""
MONTHS_BEFORE = 4
WATCHED: tuple[ScopeKind, ...] = ("agent", "team", "branch", "all")
PLANNED: tuple[GroupKind, ...] = ("team", "all")
"""Whose months are held against a plan."""
EXPLAINED_BY = ("branch", "team", "agent")
Key = tuple[str, str, str]
"""scope_kind, scope and KPI."""
Frozen = Mapping[Key, Mapping[str, Limits]]
NOT_FROZEN: Frozen = MappingProxyType({})


@dataclass(frozen=True)
class Seen:
    """One series of days: whose it is, what it says today, and the limits that it was judged by."""

    scope_kind: str
    scope: str
    kpi: str
    trend: Trend
    limits: Mapping[str, Limits]

    @property
    def key(self) -> Key:
        """Under which its limits are kept."""
        return self.scope_kind, self.scope, self.kpi


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
) -> Watch:
    """The KPIs of a period day by day, by agent, team, branch and for all; stocks have no days to compare.

    frozen: limits that were kept; series without any get theirs from the days before the period. marks: Eid, Ramadan
    hours, school-fee weeks, which are left out or compared with their like.
    """
    last = min(period.last, data.as_of)
    days = Period(period.first - HISTORY, last, "year", "history")
    of_days = [code for code in codes if not kpi_codes()[code].stock]
    values = kpi_values(data, days, "day", of_days, WATCHED).values
    calendar = Calendar(data.country, data.working_week)
    rows = values.with_columns(pl.col("period").str.to_date("%Y-%m-%d").alias("day"))
    seen = []
    for key, series in rows.group_by("scope_kind", "scope", "kpi", maintain_order=True):
        code = kpi_codes()[str(key[2])]
        of = (str(key[0]), str(key[1]), code.code)
        seen.append(_seen(of, _title(of, code, data, period), series, period, calendar, marks, frozen))
    judged = [one for one in seen if one.trend.word != "too_few"]
    points = len(calendar.working_days(period.first, last))
    explained = tuple(_explained(one, rows, data, period) if one.trend.bad else one for one in seen)
    alarms = alarms_in_words(points, len(judged), FOR_MANY) if judged and points else None
    return Watch(explained, tuple(_outlooks(data, period, codes, goals, calendar)), alarms, marks)


def _seen(
    key: Key,
    title: str,
    series: pl.DataFrame,
    period: Period,
    calendar: Calendar,
    marks: Sequence[Mark],
    frozen: Frozen,
) -> Seen:
    code = kpi_codes()[key[2]]
    points, _ = like_with_like(_points(series, code), calendar, marks)
    before = [point for point in points if point.day < period.first]
    limits = frozen.get(key) or limits_by_kind(before, "shares" if code.counts_cases else "values")
    now = [point for point in points if point.day >= period.first]
    trend = watched(title, now, limits, "higher" if code.direction == "higher" else "lower", shown=_shown(code))
    return Seen(*key, trend, limits)


def _title(key: Key, code: KpiCode, data: Data, period: Period) -> str:
    """What the series is called: the KPI, and whose it is."""
    post = data.teams.latest(key[1], period.last) if key[0] == "agent" else None
    whose = post.name if post else key[1]
    return f"{code.title} of {whose}" if whose else code.title


def _shown(code: KpiCode) -> Callable[[Point | Limits], str]:
    """How a KPI's values are written: shares as percentages, so many for each of something with a decimal."""

    def written(value: Point | Limits) -> str:
        number = float(value.exact if isinstance(value, Point) else value.centre)
        if code.is_share:
            return f"{number:.1%}"
        return f"{number:,.1f}" if code.ratio else f"{number:,.0f}"

    return written


def _points(series: pl.DataFrame, code: KpiCode) -> Iterator[Point]:
    for day, numerator, denominator, value in series.select("day", "numerator", "denominator", "value").iter_rows():
        if code.counts_cases and denominator is not None and numerator is not None:
            yield Point(day, min(numerator, denominator), denominator)
        elif value is not None:
            yield Point(day, value)


def _explained(one: Seen, rows: pl.DataFrame, data: Data, period: Period) -> Seen:
    """The series with what its parts add to the change; an agent's own has no parts."""
    if one.scope_kind == "agent" or not one.trend.signals:
        return one
    since = one.trend.signals[-1].since
    facts = _of_agents(one, rows, data)
    before = Stretch(period.first - HISTORY, max(period.first, since) - timedelta(days=1))
    after = Stretch(since, min(period.last, data.as_of))
    better = "higher" if kpi_codes()[one.kpi].direction == "higher" else "lower"
    others = [by for by in EXPLAINED_BY if by != one.scope_kind and facts[by].n_unique() > 1]
    changes: tuple[Change, ...] = drilled_down(facts, others, before, after, better)  # type: ignore[arg-type]
    return replace(one, trend=replace(one.trend, explained=changes))


def _of_agents(one: Seen, rows: pl.DataFrame, data: Data) -> pl.DataFrame:
    """The agents' days of this KPI, in whole numbers, with their posts of the day."""
    mine = rows.filter((pl.col("scope_kind") == "agent") & (pl.col("kpi") == one.kpi)).rename({"scope": "agent"})
    posts = {(agent, day): data.teams.on(agent, day) for agent, day in mine.select("agent", "day").iter_rows()}
    named = mine.with_columns(
        pl.Series(by, [getattr(posts[pair], by, "") or "" for pair in mine.select("agent", "day").iter_rows()])
        for by in ("team", "branch")
    )
    kept = named if one.scope_kind == "all" else named.filter(pl.col(one.scope_kind) == one.scope)
    scale = 10**data.digits
    parts = ["numerator"] + (["denominator"] if kept["denominator"].null_count() < kept.height else [])
    return kept.with_columns((pl.col(part) * scale).round().cast(pl.Int64) for part in parts).select(
        "day", *parts, "agent", "team", "branch"
    )


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
