"""Facts added up by agent, team, branch, role and everybody, and by hour, day, week, month, quarter or year."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

import narwhals as nw
import polars as pl

from toolkit.kpis.data import eager
from toolkit.kpis.facts import Facts
from toolkit.periods import Kind, Period, containing, days_between
from toolkit.teams import Teams, with_post

Grain = Literal["hour", "day", "week", "month", "quarter", "year", "cohort"]
Cohort = Literal["week", "month"]
ScopeKind = Literal["agent", "team", "branch", "role", "all"]
SCOPE_KINDS: tuple[ScopeKind, ...] = ("agent", "team", "branch", "role", "all")
EVERYBODY = ""
SUMS = ("numerator", "denominator", "waiting")


def cut(
    facts: Facts, teams: Teams, period: Period, grain: Grain, scopes: Sequence[ScopeKind], cohort: Cohort = "week"
) -> pl.DataFrame:
    """Sums by scope_kind, scope and period: numerator, denominator (null for a plain sum) and waiting, int64.

    A fact belongs to the team, branch and role that its agent had on its day. Facts of nobody, and of people who are
    not among the agents, count for "all" only. Of weeks that reach beyond the period only the days in it count.
    cohort: how long cohorts are; a fact without one is in that of its day.
    """
    parts = [facts] if facts.beside is None else [facts, facts.beside]
    sums = [_sums(part, teams, period, grain, scopes, cohort) for part in parts]
    return sums[0] if len(sums) == 1 else _together(sums)


def _sums(
    facts: Facts, teams: Teams, period: Period, grain: Grain, scopes: Sequence[ScopeKind], cohort: Cohort
) -> pl.DataFrame:
    counted = _by_agent_and_day(facts, period, grain)
    posts = with_post(nw.from_native(counted), teams, agent="agent_id", day="day", columns=["team", "branch", "role"])
    labelled = _labelled(posts.to_polars(), period, grain, cohort)
    known = _standing(labelled, facts, period, grain).with_columns(
        agent=pl.when(pl.col("role").is_not_null()).then(pl.col("agent_id")), all=pl.lit(EVERYBODY)
    )
    return pl.concat([_of_scope(known, kind, facts.once) for kind in scopes], how="vertical")


def _together(sums: Sequence[pl.DataFrame]) -> pl.DataFrame:
    added = pl.concat(sums, how="vertical").group_by("scope_kind", "scope", "period", maintain_order=True)
    return added.agg(*_added_up()).sort("scope_kind", "scope", "period")


def _standing(rows: pl.DataFrame, facts: Facts, period: Period, grain: Grain) -> pl.DataFrame:
    """Of a stock, the last day of each period only; of what has run up, everything until each period's end."""
    if facts.stock == "closing":
        return rows.filter(pl.col("day") == pl.col("day").max().over("period"))
    if facts.stock != "to_date" or grain == "cohort":
        return rows
    ends: dict[str, date] = {}
    for day in days_between(period.first, period.last):
        ends[label_of(day, period, grain)] = day
    until = [rows.filter(pl.col("day") <= end).with_columns(period=pl.lit(label)) for label, end in ends.items()]
    return pl.concat(until, how="vertical")


def _labelled(rows: pl.DataFrame, period: Period, grain: Grain, cohort: Cohort) -> pl.DataFrame:
    """The rows with the label of their period."""
    begins = "cohort" if "cohort" in rows.columns else "day"
    kind = cohort if grain == "cohort" else grain
    days = rows[begins].unique()
    names = pl.DataFrame({begins: days, "period": [label_of(day, period, kind) for day in days]})
    labelled = rows.join(names.cast({"period": pl.String}), on=begins, how="left")
    if grain != "hour":
        return labelled
    return labelled.with_columns(period=pl.col("period") + "T" + pl.col("hour").cast(pl.String).str.zfill(2))


def label_of(day: date, period: Period, grain: Grain) -> str:
    """What the period of this grain is called in which a day lies."""
    kind: Kind = "day" if grain == "hour" else "week" if grain == "cohort" else grain
    return period.label if kind == period.kind and day in period else containing(day, kind, period.start_day).label


def _by_agent_and_day(facts: Facts, period: Period, grain: Grain) -> pl.DataFrame:
    """One row an agent and day (and hour, and what counts once), added up where the rows are."""
    rows, names = facts.rows, facts.rows.collect_schema().names()
    begun = nw.col("day") <= period.last
    inside = rows.filter(begun if facts.stock == "to_date" else begun & (nw.col("day") >= period.first))
    finer = [name for name, kind in (("hour", "hour"), ("cohort", "cohort")) if kind == grain and name in names]
    by = ["agent_id", "day", *finer, *facts.once]
    summed = [name for name in SUMS if name in names]
    how = [nw.col(name).max() if facts.once else nw.col(name).sum() for name in summed]
    grouped = eager(inside.group_by(*by).agg(*how)).to_polars()
    absent = [pl.lit(None, pl.Int64).alias(name) for name in SUMS if name not in names]
    return grouped.with_columns(pl.col(summed).cast(pl.Int64), *absent).sort(by)


def _of_scope(rows: pl.DataFrame, kind: ScopeKind, once: tuple[str, ...]) -> pl.DataFrame:
    mine = rows.filter(pl.col(kind).is_not_null() & ((pl.col(kind) != "") | (kind == "all")))
    if once:
        mine = mine.unique(subset=[kind, "period", "day", *once], keep="first", maintain_order=True)
    summed = mine.group_by(pl.col(kind).alias("scope"), "period").agg(*_added_up())
    return summed.select(pl.lit(kind).alias("scope_kind"), "scope", "period", *SUMS).sort("scope", "period")


def _added_up() -> tuple[pl.Expr, ...]:
    denominator = pl.col("denominator")
    return (
        pl.col("numerator").sum(),
        pl.when(denominator.is_not_null().any()).then(denominator.sum()).alias("denominator"),
        pl.col("waiting").sum(),
    )
