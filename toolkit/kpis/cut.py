"""Facts added up by agent, team, branch, role and everybody, and by hour, day, week, month, quarter or year."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal

import narwhals as nw
import polars as pl

from toolkit.kpis.facts import Facts
from toolkit.kpis.passes import Cohort, Grain, Pass, has_hours, label_of, passes
from toolkit.periods import Period, days_between
from toolkit.teams import Teams, with_post

ScopeKind = Literal["agent", "team", "branch", "role", "all"]
SCOPE_KINDS: tuple[ScopeKind, ...] = ("agent", "team", "branch", "role", "all")
EVERYBODY = ""
KEY = ("kpi", "scope_kind", "scope", "period")
SUMS = ("numerator", "denominator", "waiting")
SCHEMA: Mapping[str, Any] = {**dict.fromkeys(KEY, pl.String), **dict.fromkeys(SUMS, pl.Int64)}


def cut(
    many: Mapping[str, Facts],
    teams: Teams,
    period: Period,
    grain: Grain,
    scopes: Sequence[ScopeKind],
    cohorts: Mapping[str, Cohort],
    people: Collection[str] | None = None,
) -> pl.DataFrame:
    """Sums by kpi, scope_kind, scope and period: numerator, denominator (null for a plain sum), waiting and, as columns
    of their own, what stands aside.

    KPIs come in the order of `many`, without those whose facts do not know the hours that are asked for. A fact
    belongs to the team, branch and role that its agent had on its day. Facts of nobody, of people who are not among
    the agents, and of what is judged after its agent left, count for "all" only. Of weeks that reach beyond the period
    only the days in it count. cohorts: how long each KPI's cohorts are; a fact without one is in that of its day.
    people: whose facts count; everybody's and nobody's, unless given.
    """
    known = {code: facts for code, facts in many.items() if grain != "hour" or has_hours(facts)}
    parts = [(code, part) for code, of in known.items() for part in (of, of.beside) if part is not None]
    made = passes(parts, teams, period, grain, cohorts, people)
    posts = _posts(made, teams)
    found = [one for each in made for one in _of_scopes(each, posts, period, grain, scopes)]
    sums = pl.concat([pl.DataFrame(schema=SCHEMA), *found], how="diagonal")
    if len(parts) > len(known):
        sums = sums.group_by(KEY).agg(*(_added_up(name) for name in sums.columns if name not in KEY))
    if grain == period.kind:
        sums = _filled(sums, known, _everybody(teams, period, scopes, people))
    return sums.sort(pl.col("kpi").cast(pl.Enum(list(many))), "scope_kind", "scope", "period")


def _posts(made: Sequence[Pass], teams: Teams) -> pl.DataFrame:
    """Whoever did something, on each day with team, branch and role, null where they were not here."""
    nobody = pl.DataFrame(schema={"agent_id": pl.String, "day": pl.Date})
    pairs = pl.concat([nobody, *(each.rows.select("agent_id", "day") for each in made)], how="vertical").unique()
    columns = ["team", "branch", "role"]
    return with_post(nw.from_native(pairs), teams, agent="agent_id", day="day", columns=columns).to_polars()


def _everybody(
    teams: Teams, period: Period, scopes: Sequence[ScopeKind], people: Collection[str] | None
) -> pl.DataFrame:
    """Whoever was here in the period, with their teams, branches and roles."""
    here = [agent for agent in teams.posts if teams.held_in(agent, period) and (people is None or agent in people)]
    rows = [
        (kind, scope) for kind in scopes for scope in (here if kind == "agent" else teams.groups(kind, here, period))
    ]
    of = pl.DataFrame(rows, schema={"scope_kind": pl.String, "scope": pl.String}, orient="row")
    return of.with_columns(period=pl.lit(period.label))


def _filled(sums: pl.DataFrame, known: Mapping[str, Facts], everybody: pl.DataFrame) -> pl.DataFrame:
    """The sums, and for whoever has no facts a count of nothing or a rate without a base."""
    is_ratio = [any("denominator" in part.sums for part in (of, of.beside or of)) for of in known.values()]
    nothing = pl.DataFrame(
        {"kpi": list(known), "denominator": [0 if of_all else None for of_all in is_ratio]},
        schema={"kpi": pl.String, "denominator": pl.Int64},
    ).with_columns(numerator=pl.lit(0, pl.Int64), waiting=pl.lit(0, pl.Int64))
    missing = nothing.join(everybody, how="cross").join(sums, on=KEY, how="anti")
    return pl.concat([sums, missing], how="diagonal")


def _of_scopes(
    each: Pass, posts: pl.DataFrame, period: Period, grain: Grain, scopes: Sequence[ScopeKind]
) -> Iterator[pl.DataFrame]:
    """The sums of each of the pass's KPIs."""
    posted = each.rows.join(posts, on=["agent_id", "day"], how="left")
    labelled = _labelled(posted, period, grain, each.cohort)
    known = _standing(labelled, each.stock, period, grain).with_columns(
        agent=pl.when(pl.col("role").is_not_null()).then(pl.col("agent_id")), all=pl.lit(EVERYBODY)
    )
    together = pl.concat([_of_scope(known, kind, each) for kind in scopes], how="vertical")
    for number, (code, facts) in enumerate(each.parts):
        sums = (_one(f"{number} {name}", name, each.sums) for name in (*SUMS, *facts.aside))
        yield together.select(pl.lit(code).alias("kpi"), *KEY[1:], *sums)


def _one(column: str, name: str, known: Sequence[str]) -> pl.Expr:
    """A KPI's sum; without one nothing waits, and it is no rate."""
    nothing = None if name == "denominator" else 0
    return pl.col(column).alias(name) if column in known else pl.lit(nothing, pl.Int64).alias(name)


def _standing(rows: pl.DataFrame, stock: str, period: Period, grain: Grain) -> pl.DataFrame:
    """Of a stock, the last day of each period only; of what has run up, everything until each period's end."""
    if stock == "closing":
        return rows.filter(pl.col("day") == pl.col("day").max().over("period"))
    if stock != "to_date" or grain == "cohort":
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


def _of_scope(rows: pl.DataFrame, kind: ScopeKind, each: Pass) -> pl.DataFrame:
    mine = rows.filter(pl.col(kind).is_not_null() & ((pl.col(kind) != "") | (kind == "all")))
    if each.once:
        # what one of several agents did with it is done
        mine = mine.group_by(kind, "period", "day", *each.once).agg(pl.col(each.sums).max())
    summed = mine.group_by(pl.col(kind).alias("scope"), "period").agg(*(_added_up(name) for name in each.sums))
    return summed.select(pl.lit(kind).alias("scope_kind"), "scope", "period", *each.sums)


def _added_up(column: str) -> pl.Expr:
    """The sum; of denominators none where there are none."""
    one = pl.col(column)
    return pl.when(one.is_not_null().any()).then(one.sum()) if column.endswith("denominator") else one.sum()
