"""Scores week by week, judged by limits that are made once from the weeks before the period and then kept.

A week of few calls jumps about by chance more than a full one, so it is shown and not judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType

import polars as pl

from toolkit.definitions import Definitions
from toolkit.periods import Period
from toolkit.problems import problem, said
from toolkit.quality.summary import counted_parts, scope_of
from toolkit.trends.charts import ENOUGH_HISTORY, Limits, limits_of
from toolkit.trends.days import ORDINARY, Point
from toolkit.trends.verdict import Trend, watched

HISTORY = timedelta(weeks=26)
"""How long before the period the weeks lie by which it is judged."""
KPI = "qc_score"
KINDS = ("all", "team", "agent")
WEEK = timedelta(days=7)
THOUSAND = 1000
Key = tuple[str, str, str]
"""scope_kind, scope and KPI, as limits.json has them."""
NOT_FROZEN: Mapping[Key, Mapping[str, Limits]] = MappingProxyType({})


@dataclass(frozen=True)
class Week:
    """One week: its Monday, how many calls count, their score exactly, and whether they are enough to be judged."""

    point: Point
    n: int
    judged: bool
    is_now: bool

    @property
    def label(self) -> str:
        """2026-W41"""
        return f"{self.point.day:%G-W%V}"


@dataclass(frozen=True)
class Course:
    """The weeks of an agent, a team or everybody, what they say, and the limits they were judged by (None: too few)."""

    scope_kind: str
    scope: str
    name: str
    weeks: tuple[Week, ...]
    limits: Limits | None
    trend: Trend

    @property
    def verdict(self) -> str:
        """real drop, real rise, steady, too few weeks to say."""
        return said("QC_REPORT_WEEKS_FEW") if self.trend.word == "too_few" else self.trend.in_words

    @property
    def who(self) -> str:
        """Whose weeks these are."""
        return self.name or self.scope or said("QC_REPORT_EVERYBODY")

    @property
    def key(self) -> Key:
        """Under which its limits are kept."""
        return self.scope_kind, self.scope, KPI


def history(period: Period) -> Period:
    """The period with the weeks before it."""
    first = _monday(period.first - HISTORY)
    return Period(first, period.last, "year", "history")


def weekly(
    calls: pl.DataFrame,
    period: Period,
    definitions: Definitions,
    frozen: Mapping[Key, Mapping[str, Limits]] = NOT_FROZEN,
) -> list[Course]:
    """The courses of everybody, each team and each agent who has calls in the period.

    calls: as `calls_of` gives them, of `history(period)`. frozen: limits of an earlier run, which are kept.
    """
    return [course for kind in KINDS for course in _of_kind(calls, kind, period, definitions, frozen)]


def _of_kind(
    calls: pl.DataFrame, kind: str, period: Period, definitions: Definitions, frozen: Mapping[Key, Mapping[str, Limits]]
) -> Iterator[Course]:
    counts, points, bases = counted_parts(definitions)
    monday = pl.col("day").dt.truncate("1w")
    rows = calls.filter(counts).with_columns(scope=scope_of(kind), monday=monday).filter(pl.col("scope") != "")
    sums = rows.group_by("scope", "monday").agg(
        name=pl.col("agent" if kind == "agent" else "scope").sort_by("day").last(),
        n=pl.len(),
        earned=pl.when(counts).then(points).sum(),
        possible=pl.when(counts).then(bases).sum(),
        last=pl.col("day").max(),
    )
    for (scope,), weeks in sums.sort("scope", "monday").group_by("scope", maintain_order=True):
        if weeks["last"].max() >= period.first:  # type: ignore[operator]  # days
            yield _course(kind, "" if kind == "all" else str(scope), weeks, period, definitions, frozen)


def _course(
    kind: str, scope: str, rows: pl.DataFrame, period: Period, definitions: Definitions,
    frozen: Mapping[Key, Mapping[str, Limits]],
) -> Course:  # fmt: skip
    first = _monday(period.first)
    weeks = tuple(
        Week(Point(monday, earned, possible * THOUSAND), n, n >= definitions.low_n_evaluations, monday >= first)
        for monday, n, earned, possible in rows.select("monday", "n", "earned", "possible").iter_rows()
    )
    name = str(rows["name"][-1]) if kind != "all" else ""
    before = [week.point for week in weeks if week.judged and not week.is_now]
    kept = frozen.get((kind, scope, KPI), {}).get(ORDINARY)
    limits = kept or (limits_of(before, "values") if before else None)
    now = [week.point for week in weeks if week.judged and week.is_now]
    title = said("QC_REPORT_SERIES", who=name or scope or said("QC_REPORT_EVERYBODY"))
    trend = watched(title, now, {ORDINARY: limits} if limits else {}, "higher", shown=_shown)
    if trend.word == "too_few" and trend.finding.code == "TREND_TOO_FEW":
        few = problem("QC_REPORT_TOO_FEW", value=title, weeks=len(before), needed=ENOUGH_HISTORY)
        trend = replace(trend, finding=few)
    return Course(kind, scope, name, weeks, limits, trend)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _shown(value: Point | Limits) -> str:
    exact = value.exact if isinstance(value, Point) else value.centre
    return f"{int(exact * 10_000) / 100:.2f} %"


def signals_of(course: Course) -> Mapping[date, str]:
    """What each week says that is not chance, by its Monday."""
    words = {"low": "QC_REPORT_LOW", "high": "QC_REPORT_HIGH", "": "QC_REPORT_ODD"}
    return {
        signal.day: said(words[signal.side], rule=said(f"TREND_RULE_{signal.rule}")) for signal in course.trend.signals
    }


def limits_table(courses: Sequence[Course]) -> list[tuple[Key, str, Limits]]:
    """The limits that are worth keeping."""
    return [(one.key, ORDINARY, one.limits) for one in courses if one.limits is not None and not one.limits.too_few]
