"""A drawn call that cannot be heard: the next of its stratum takes its place, with the reason, and it is counted.

Swapping calls is how a sample is bent ("no audio" on every bad call), so the next call is given and not chosen.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

import polars as pl

from toolkit.problems import ToolkitError, problem

TIMES = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")


@dataclass(frozen=True)
class Replacement:
    """One line of replacements.csv. call_id: the call that is heard instead, "" where the stratum has no other."""

    number: str
    replaced: str
    call_id: str
    agent_id: str
    stratum: str
    started_at: str
    recording: str
    evaluator: str
    reason: str
    by: str
    at: str


REPLACED = tuple(field.name for field in fields(Replacement))


def replacement(
    drawn: pl.DataFrame, reserve: pl.DataFrame, made: pl.DataFrame, call_id: str, *, reason: str, by: str, at: str
) -> Replacement:
    """The replacement of a call of the draw, or of one that replaced another.

    drawn, reserve: the draw as it was made, all texts; made: the replacements so far. `ToolkitError` without a reason,
    a name or a time, for a call that is not on the list, and for one that was replaced already.
    """
    problems = [
        problem("REPLACE_WITHOUT", value=name) for name, text in (("reason", reason), ("by", by)) if not text.strip()
    ]
    moment = _moment(at)
    if moment is None:
        problems.append(problem("REPLACE_TIME", value=at))
    if call_id in set(made["replaced"]):
        problems.append(problem("REPLACE_AGAIN", value=call_id))
    found = [*_calls(drawn, call_id), *_calls(made, call_id)]
    if not found:
        problems.append(problem("REPLACE_NOT_DRAWN", value=call_id))
    if problems or moment is None:
        raise ToolkitError(problems)
    agent, stratum, evaluator = found[0]
    is_extra = bool(drawn.filter((pl.col("call_id") == call_id) & pl.col("weight").is_null()).height)
    call, started, recording = ("", "", "") if is_extra else _next(reserve, made, agent, stratum)
    number = str(made.height + 1)
    words = (evaluator, reason.strip(), by.strip(), f"{moment:%Y-%m-%d %H:%M:%S}")
    return Replacement(number, call_id, call, agent, stratum, started, recording, *words)


def _calls(rows: pl.DataFrame, call_id: str) -> list[tuple[str, str, str]]:
    return rows.filter(pl.col("call_id") == call_id).select("agent_id", "stratum", "evaluator").rows()


def _next(reserve: pl.DataFrame, made: pl.DataFrame, agent: str, stratum: str) -> tuple[str, str, str]:
    """The first of the line that nobody has taken yet."""
    line = reserve.filter((pl.col("agent_id") == agent) & (pl.col("stratum") == stratum)).sort("place")
    free = line.join(made.select("call_id"), on="call_id", how="anti", maintain_order="left")
    found: list[tuple[str, str, str]] = free.select("call_id", "started_at", "recording").head(1).rows()
    return found[0] if found else ("", "", "")


def _moment(text: str) -> datetime | None:
    for form in TIMES:
        try:
            return datetime.strptime(text.strip(), form)  # noqa: DTZ007  # the clock on the wall, as it is given
        except ValueError:
            continue
    return None


def replaced_rows(made: Sequence[Replacement]) -> pl.DataFrame:
    """Replacements as a table of texts."""
    return pl.DataFrame([astuple(one) for one in made], schema=dict.fromkeys(REPLACED, pl.String), orient="row")


def in_force(drawn: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """The calls that are to be heard now: call_id, agent_id, stratum, evaluator and reason, replacements in place."""
    columns = ["call_id", "agent_id", "stratum", "evaluator", "reason"]
    gone = made.select(pl.col("replaced").alias("call_id"))
    new = made.filter(pl.col("call_id") != "").with_columns(
        reason=pl.concat_str(pl.lit("instead of "), "replaced", pl.lit(": "), "reason")
    )
    both = pl.concat([drawn.select(columns), new.select(columns)])
    return both.join(gone, on="call_id", how="anti", maintain_order="left")


def swaps(made: pl.DataFrame) -> pl.DataFrame:
    """How often each evaluator's calls were replaced for which reason: evaluator, reason, replaced."""
    tidy = made.with_columns(reason=pl.col("reason").str.strip_chars().str.to_lowercase())
    return tidy.group_by("evaluator", "reason").agg(replaced=pl.len()).sort("evaluator", "reason")
