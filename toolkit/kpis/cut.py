"""Facts added up by agent, team, branch, role and everybody, and by hour, day, week, month, quarter or year."""

from collections.abc import Collection, Mapping, Sequence
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
    many: Mapping[str, Facts],
    teams: Teams,
    period: Period,
    grain: Grain,
    scopes: Sequence[ScopeKind],
    cohorts: Mapping[str, Cohort],
    people: Collection[str] | None = None,
) -> dict[str, pl.DataFrame]:
    """Of each KPI, sums by scope_kind, scope and period: numerator, denominator (null for a plain sum), waiting and
    what stands aside.

    A fact belongs to the team, branch and role that its agent had on its day. Facts of nobody, of people who are not
    among the agents, and of what is judged after its agent left, count for "all" only. Of weeks that reach beyond the
    period only the days in it count. cohorts: how long each KPI's cohorts are; a fact without one is in that of its
    day. people: whose facts count; everybody's and nobody's, unless given.
    """
    with_beside = {**many, **{code_beside(code): of.beside for code, of in many.items() if of.beside is not None}}
    counted = _by_agent_and_day(with_beside, period, grain, people, moved_in(teams, period))
    found: dict[str, pl.DataFrame] = {}
    for code, facts in many.items():
        if code not in counted:
            continue
        found[code] = _of_scopes(counted[code], facts, teams, period, grain, scopes, cohorts[code])
        if facts.beside is not None:
            more = _of_scopes(counted[code_beside(code)], facts.beside, teams, period, grain, scopes, cohorts[code])
            found[code] = _together([found[code], more], facts.aside)
    if grain != period.kind:
        return found
    everybody = _everybody(teams, period, scopes, people)
    ratios = {code for code, of in many.items() if any("denominator" in part.sums for part in (of, of.beside or of))}
    return {code: _filled(sums, everybody, is_ratio=code in ratios) for code, sums in found.items()}


def code_beside(code: str) -> str:
    """Under which the facts beside a KPI's own are added up."""
    return f"{code} beside"


def _everybody(
    teams: Teams, period: Period, scopes: Sequence[ScopeKind], people: Collection[str] | None
) -> pl.DataFrame:
    """Whoever was here in the period, with their teams, branches and roles."""
    here = [agent for agent in teams.posts if teams.held_in(agent, period) and (people is None or agent in people)]
    rows = [
        (kind, scope) for kind in scopes for scope in (here if kind == "agent" else teams.groups(kind, here, period))
    ]
    of = pl.DataFrame(sorted(rows), schema={"scope_kind": pl.String, "scope": pl.String}, orient="row")
    return of.with_columns(period=pl.lit(period.label))


def _filled(sums: pl.DataFrame, everybody: pl.DataFrame, *, is_ratio: bool) -> pl.DataFrame:
    """The sums, and for whoever has no facts a count of nothing or a rate without a base."""
    missing = everybody.join(sums, on=["scope_kind", "scope", "period"], how="anti").with_columns(
        numerator=pl.lit(0, pl.Int64),
        denominator=pl.lit(0 if is_ratio else None, pl.Int64),
        waiting=pl.lit(0, pl.Int64),
    )
    aside = [pl.lit(0, pl.Int64).alias(name) for name in sums.columns if name not in missing.columns]
    return pl.concat([sums, missing.with_columns(aside).select(sums.columns)], how="vertical").sort(
        "scope_kind", "scope"
    )


def _of_scopes(
    counted: pl.DataFrame,
    facts: Facts,
    teams: Teams,
    period: Period,
    grain: Grain,
    scopes: Sequence[ScopeKind],
    cohort: Cohort,
) -> pl.DataFrame:
    posts = with_post(nw.from_native(counted), teams, agent="agent_id", day="day", columns=["team", "branch", "role"])
    labelled = _labelled(posts.to_polars(), period, grain, cohort)
    known = _standing(labelled, facts, period, grain).with_columns(
        agent=pl.when(pl.col("role").is_not_null()).then(pl.col("agent_id")), all=pl.lit(EVERYBODY)
    )
    return pl.concat([_of_scope(known, kind, facts.once, facts.aside) for kind in scopes], how="vertical")


def _together(sums: Sequence[pl.DataFrame], aside: tuple[str, ...]) -> pl.DataFrame:
    added = pl.concat(sums, how="diagonal").group_by("scope_kind", "scope", "period", maintain_order=True)
    return added.agg(*_added_up(aside)).sort("scope_kind", "scope", "period")


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


def _by_agent_and_day(
    many: Mapping[str, Facts], period: Period, grain: Grain, people: Collection[str] | None, moved: Collection[str]
) -> dict[str, pl.DataFrame]:
    """Of each KPI, one row an agent and day (and hour, and what counts once), added up where the rows are: those that
    look at the same rows in one pass."""
    many = {code: facts for code, facts in many.items() if grain != "hour" or has_hours(facts)}
    together: dict[tuple[int, tuple[str, ...], str], list[str]] = {}
    for code, facts in many.items():
        together.setdefault((id(facts.rows), facts.once, facts.stock), []).append(code)
    found: dict[str, pl.DataFrame] = {}
    for codes in together.values():
        found |= _in_one_pass({code: many[code] for code in codes}, period, grain, people, moved)
    return found


def has_hours(facts: Facts) -> bool:
    """Whether the facts know the time of day."""
    return "hour" in facts.rows.collect_schema().names()


def moved_in(teams: Teams, period: Period) -> list[str]:
    """Whoever came, went or had another post in the period: what they did belongs to the post of its day."""
    steady = {
        agent
        for agent, posts in teams.posts.items()
        if any(post.first <= period.first and post.last >= period.last for post in posts)
        and sum(post.first <= period.last and post.last >= period.first for post in posts) == 1
    }
    return [agent for agent in teams.posts if agent not in steady]


def _in_one_pass(
    many: Mapping[str, Facts], period: Period, grain: Grain, people: Collection[str] | None, moved: Collection[str]
) -> dict[str, pl.DataFrame]:
    first = next(iter(many.values()))
    names = first.rows.collect_schema().names()
    finer = [name for name, kind in (("hour", "hour"), ("cohort", "cohort")) if kind == grain and name in names]
    by = ["agent_id", "day", *finer, *first.once]
    sums = {f"{code} {name}": one for code, facts in many.items() for name, one in facts.sums.items()}
    begun = nw.col("day") <= period.last
    inside = first.rows.filter(begun if first.stock == "to_date" else begun & (nw.col("day") >= period.first))
    if people is not None:
        inside = inside.filter(nw.col("agent_id").is_in(list(people)))
    if grain == period.kind and not first.once and not first.stock:
        # who has one post throughout is added up at once, whatever the day
        same = nw.col("agent_id").is_in(list(moved)) | nw.col("agent_id").is_null()
        inside = inside.with_columns(day=nw.when(same).then(nw.col("day")).otherwise(nw.lit(period.first, nw.Date)))
    wanted = inside.select(*by, **sums)
    how = [nw.col(name).max() if first.once else nw.col(name).sum() for name in sums]
    grouped = eager(wanted.group_by(*by).agg(*how)).to_polars().sort(by)
    return {code: _one(grouped, code, by, facts.aside) for code, facts in many.items()}


def _one(grouped: pl.DataFrame, code: str, by: Sequence[str], aside: tuple[str, ...]) -> pl.DataFrame:
    """One KPI's sums; those that it has not are null."""
    sums = [
        (pl.col(f"{code} {name}") if f"{code} {name}" in grouped.columns else pl.lit(None)).cast(pl.Int64).alias(name)
        for name in (*SUMS, *aside)
    ]
    return grouped.select(*by, *sums)


def _of_scope(rows: pl.DataFrame, kind: ScopeKind, once: tuple[str, ...], aside: tuple[str, ...]) -> pl.DataFrame:
    names = (*SUMS, *aside)
    mine = rows.filter(pl.col(kind).is_not_null() & ((pl.col(kind) != "") | (kind == "all")))
    if once:
        # what one of several agents did with it is done
        mine = mine.group_by(kind, "period", "day", *once, maintain_order=True).agg(pl.col(names).max())
    summed = mine.group_by(pl.col(kind).alias("scope"), "period").agg(*_added_up(aside))
    return summed.select(pl.lit(kind).alias("scope_kind"), "scope", "period", *names).sort("scope", "period")


def _added_up(aside: tuple[str, ...]) -> tuple[pl.Expr, ...]:
    denominator = pl.col("denominator")
    return (
        pl.col("numerator").sum(),
        pl.when(denominator.is_not_null().any()).then(denominator.sum()).alias("denominator"),
        pl.col("waiting").sum(),
        *(pl.col(name).sum() for name in aside),
    )
