"""Facts added up by agent and stretch of days where their rows are: KPIs that look at the same rows, in one pass."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import narwhals as nw
import polars as pl

from toolkit.kpis.data import eager
from toolkit.kpis.days import since, until
from toolkit.kpis.facts import Facts
from toolkit.periods import ONE_DAY, Kind, Period, containing, days_between
from toolkit.rows import Frame
from toolkit.teams import Teams

Grain = Literal["hour", "day", "week", "month", "quarter", "year", "cohort"]
Cohort = Literal["week", "month"]
Part = tuple[str, Facts]
"""A KPI's code and facts of it: its own, or those beside."""

MOST_STRETCHES = 8
"""Telling more of them apart costs a database as much as telling days apart."""


@dataclass(frozen=True)
class Pass:
    """KPIs that look at the same rows, added up together.

    rows: agent_id, day, hour and cohort where the grain is that, what counts once, and the sums of each of `parts`,
      as "0 numerator", "0 denominator", "0 waiting", and what stands aside, as far as it has such.
    """

    parts: Sequence[Part]
    rows: pl.DataFrame
    cohort: Cohort

    @property
    def sums(self) -> list[str]:
        return [name for name in self.rows.columns if name[0].isdigit()]

    @property
    def once(self) -> tuple[str, ...]:
        return self.parts[0][1].once

    @property
    def stock(self) -> str:
        return self.parts[0][1].stock


def passes(
    parts: Iterable[Part],
    teams: Teams,
    period: Period,
    grain: Grain,
    cohorts: Mapping[str, Cohort],
    people: Collection[str] | None,
) -> list[Pass]:
    """As few passes as can be. cohorts: how long each KPI's are; people: whose facts count, all unless given."""
    together: dict[object, list[Part]] = {}
    for code, facts in parts:
        cohort = cohorts[code] if grain == "cohort" else ""
        together.setdefault((id(facts.rows), facts.once, facts.stock, facts.at, cohort), []).append((code, facts))
    starts = stretches(teams, period, grain)
    return [
        Pass(each, _added_up(each, period, grain, people, starts), cohorts[each[0][0]]) for each in together.values()
    ]


def stretches(teams: Teams, period: Period, grain: Grain) -> list[date]:
    """On which days stretches begin in which everybody has one post and that lie in one period of the grain: what was
    done on any of their days counts as on the first. None where there are so many that days may as well be kept."""
    if grain in ("hour", "cohort"):
        return []
    starts = {period.first}
    for posts in teams.posts.values():
        for post in posts:
            starts.update((post.first, post.last + ONE_DAY if post.last < period.last else period.first))
    if grain != period.kind:
        days = days_between(period.first, period.last)
        starts.update(containing(day, _kind(grain), period.start_day).first for day in days)
    inside = sorted(day for day in starts if day in period)
    return inside if len(inside) <= MOST_STRETCHES else []


def has_hours(facts: Facts) -> bool:
    """Whether the facts know the time of day."""
    return "hour" in facts.rows.collect_schema().names()


def label_of(day: date, period: Period, grain: Grain) -> str:
    """What the period of this grain is called in which a day lies."""
    kind = _kind(grain)
    return period.label if kind == period.kind and day in period else containing(day, kind, period.start_day).label


def _kind(grain: Grain) -> Kind:
    return "day" if grain == "hour" else "week" if grain == "cohort" else grain


def _added_up(
    parts: Sequence[Part], period: Period, grain: Grain, people: Collection[str] | None, starts: Sequence[date]
) -> pl.DataFrame:
    first = parts[0][1]
    names = first.rows.collect_schema().names()
    finer = [name for name in ("hour", "cohort") if name == grain and name in names]
    starts = [] if first.once or first.stock else starts
    # a key that is the same in all rows costs a database as much as any other
    days = {} if len(starts) == 1 else {"day": _first_of_stretch(first, starts)}
    by = ["agent_id", *days, *finer, *first.once]
    sums = {f"{number} {name}": one for number, (_, of) in enumerate(parts) for name, one in of.sums.items()}
    # what several KPIs count alike is added up once
    added = {id(one): name for name, one in sums.items()}
    wanted = _inside(first, period, people).select(
        "agent_id", *finer, *first.once, **days, **{name: sums[name] for name in added.values()}
    )
    how = [nw.col(name).max() if first.once else nw.col(name).sum() for name in added.values()]
    grouped = eager(wanted.group_by(*by).agg(*how)).to_polars().sort(by)
    day = pl.col("day") if days else pl.lit(starts[0])
    each = (pl.col(added[id(one)]).cast(pl.Int64).alias(name) for name, one in sums.items())
    return grouped.select(
        pl.col("agent_id").cast(pl.String), day.cast(pl.Date).alias("day"), *finer, *first.once, *each
    )


def _inside(facts: Facts, period: Period, people: Collection[str] | None) -> Frame:
    """The facts of the period, or until its end, and of these people."""
    counts = until(facts.rows, facts.at, period.last)
    if facts.stock != "to_date":
        counts &= since(facts.rows, facts.at, period.first)
    inside = facts.rows.filter(counts)
    return inside if people is None else inside.filter(nw.col("agent_id").is_in(list(people)))


def _first_of_stretch(facts: Facts, starts: Sequence[date]) -> nw.Expr:
    """The day on which a day's stretch begins; itself, where all are told apart."""
    found = nw.lit(starts[0], nw.Date) if starts else nw.col("day")
    for start in starts[1:]:
        found = nw.when(since(facts.rows, facts.at, start)).then(nw.lit(start, nw.Date)).otherwise(found)
    return found
