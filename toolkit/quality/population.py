"""The calls of a period: which can be drawn, in which stratum, and why the others cannot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.periods import Period
from toolkit.problems import Problem, problem, said
from toolkit.sampling_rules import LENGTHS, OTHER, UNKNOWN, Sampling, Stratum

OPTIONAL: dict[str, Any] = {
    **dict.fromkeys(("account_id", "direction", "disposition", "purpose", "recording"), nw.String),
    "connected": nw.Boolean,
    "talk_seconds": nw.Int64,
}
NEEDS: dict[Stratum, str] = {
    "length": "talk_seconds", "outcome": "disposition", "direction": "direction", "purpose": "purpose",
}  # fmt: skip
HARD = ("LEFT_OUT_ROLE", "LEFT_OUT_NOBODY", "LEFT_OUT_NO_RECORDING")
"""Reasons that hold for calls of a complaint or a breach too: there is nothing to listen to, or nobody to coach."""
SEPARATOR = "; "


@dataclass(frozen=True)
class Population:
    """Every call of the period, once.

    calls: call_id, agent_id, day, started_at, the optional columns, agent, role, team; stratum; reason (why it cannot
    be drawn at random, empty where it can), also (further reasons) and hard (not even for a complaint).
    """

    calls: pl.DataFrame
    problems: tuple[Problem, ...]

    @property
    def eligible(self) -> pl.DataFrame:
        """The calls that can be drawn."""
        return self.calls.filter(pl.col("reason") == "")


def population(data: Data, plan: Sampling, period: Period) -> Population:
    """The calls of the period by the plan. `MissingError` without calls."""
    found = eager(data.table("calls", "call_id", "agent_id", "started_at", **OPTIONAL)).to_polars()
    dated = found.with_columns(day=pl.col("started_at").dt.date())
    mine = dated.filter(pl.col("day").is_between(period.first, period.last) & (pl.col("day") <= data.as_of))
    known = {name for name in OPTIONAL if data.has("calls", name)}
    strata = [name for name in plan.strata if NEEDS.get(name, "") in {"", *known}]
    lost = [name for name in plan.strata if name not in strata]
    problems = [problem("DRAW_NO_STRATUM", value=name, needed=f"calls.{NEEDS[name]}") for name in lost]
    if plan.recording_needed and "recording" not in known:
        problems.append(problem("DRAW_NO_RECORDINGS", needed="calls.recording"))
    placed = _with_posts(data, mine, period)
    labelled = placed.with_columns(stratum=_stratum(strata, plan)).with_columns(
        _why=pl.concat_list(*_reasons(plan, known)).list.drop_nulls()
    )
    calls = labelled.with_columns(
        reason=pl.col("_why").list.first().fill_null(""),
        also=pl.col("_why").list.slice(1).list.join(SEPARATOR),
        hard=pl.any_horizontal(*_hard(plan, known), pl.lit(False)),
    )
    return Population(calls.drop("_why").sort("call_id"), tuple(problems))


def _with_posts(data: Data, calls: pl.DataFrame, period: Period) -> pl.DataFrame:
    """What the agent was on the day of the call, and the team that the agent was in last."""
    pairs = calls.select("agent_id", "day").unique().rows()
    rows = [(agent, day, *_post(data, agent, day, period)) for agent, day in pairs]
    schema = {"agent_id": pl.String, "day": pl.Date, "agent": pl.String, "role": pl.String, "team": pl.String}
    posts = pl.DataFrame(rows, schema=schema, orient="row")
    return calls.join(posts, on=["agent_id", "day"], how="left")


def _post(data: Data, agent: str, day: date, period: Period) -> tuple[str, str, str]:
    then, last = data.teams.latest(agent, day), data.teams.last_in(agent, period)
    shown = last or then
    return (shown.name, (then or shown).role, shown.team) if shown else ("", "", "")


# --- why not ---------------------------------------------------------------------------------------------


def _reasons(plan: Sampling, known: set[str]) -> Iterator[pl.Expr]:
    """Why a call cannot be drawn, each null where it does not hold; the gravest first."""
    for code, holds, words in _rules(plan, known):
        yield pl.when(holds).then(words if isinstance(words, pl.Expr) else pl.lit(said(code)))


def _hard(plan: Sampling, known: set[str]) -> Iterator[pl.Expr]:
    yield from (holds.fill_null(False) for code, holds, _ in _rules(plan, known) if code in HARD)


def _rules(plan: Sampling, known: set[str]) -> Iterator[tuple[str, pl.Expr, pl.Expr | None]]:
    talk, least = pl.col("talk_seconds"), plan.talk_seconds_at_least
    if plan.roles:
        yield "LEFT_OUT_ROLE", ~pl.col("role").is_in(list(plan.roles)), _worded("LEFT_OUT_ROLE", "role")
    yield "LEFT_OUT_NOBODY", ~pl.col("connected"), None
    if plan.recording_needed and "recording" in known:
        yield "LEFT_OUT_NO_RECORDING", pl.col("recording").fill_null("").str.strip_chars() == "", None
    if least and "talk_seconds" in known:
        yield "LEFT_OUT_NO_LENGTH", talk.is_null(), None
        yield "LEFT_OUT_SHORT", talk < least, _worded("LEFT_OUT_SHORT", "talk_seconds", least=least)
    if set(plan.directions) != {"out", "in"}:
        out = ~pl.col("direction").fill_null("out").is_in(list(plan.directions))
        yield "LEFT_OUT_DIRECTION", out, _worded("LEFT_OUT_DIRECTION", "direction")
    for code, column, words in (
        ("LEFT_OUT_DISPOSITION", "disposition", plan.without_dispositions),
        ("LEFT_OUT_PURPOSE", "purpose", plan.without_purposes),
    ):
        yield code, pl.col(column).is_in(list(words)), _worded(code, column)


def _worded(code: str, column: str, **fields: object) -> pl.Expr:
    """The sentence of this code with the column's value in it."""
    before, found, after = said(code, value="\x00", **fields).partition("\x00")
    if not found:
        return pl.lit(before)
    return pl.concat_str(pl.lit(before), pl.col(column).cast(pl.String).fill_null("–"), pl.lit(after))


# --- strata ----------------------------------------------------------------------------------------------


def _stratum(names: list[Stratum], plan: Sampling) -> pl.Expr:
    parts = [_LABELS[name](plan) for name in names]
    return pl.concat_str(*parts, separator=", ") if parts else pl.lit(said("DRAW_ALL_CALLS"))


def _length(plan: Sampling) -> pl.Expr:
    talk = pl.col("talk_seconds")
    short, medium, long = LENGTHS
    return (
        pl.when(talk < plan.short_seconds).then(pl.lit(short))
        .when(talk < plan.long_seconds).then(pl.lit(medium))
        .when(talk >= plan.long_seconds).then(pl.lit(long))
        .otherwise(pl.lit(UNKNOWN))
    )  # fmt: skip


def _outcome(plan: Sampling) -> pl.Expr:
    words = {disposition: name for name, those in plan.outcomes.items() for disposition in those}
    return pl.col("disposition").replace_strict(words, default=OTHER, return_dtype=pl.String).fill_null(OTHER)


def _hour(plan: Sampling) -> pl.Expr:
    starts = [0, *plan.hours, 24]
    found = pl.lit(UNKNOWN)
    for first, end in pairwise(starts):
        inside = pl.col("started_at").dt.hour().is_between(first, end - 1)
        found = pl.when(inside).then(pl.lit(f"{first} to {end} h")).otherwise(found)
    return found


def _week(plan: Sampling) -> pl.Expr:
    return pl.col("day").dt.strftime("%G-W%V")


def _of(column: str) -> Any:
    return lambda plan: pl.col(column).fill_null(UNKNOWN)


_LABELS: dict[Stratum, Any] = {
    "length": _length, "outcome": _outcome, "hour": _hour, "week": _week, "direction": _of("direction"),
    "purpose": _of("purpose"),
}  # fmt: skip
