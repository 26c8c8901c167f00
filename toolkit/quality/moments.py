"""Three moments to talk about: three calls of an agent, each with what was asked, what was heard, and the comment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from toolkit.quality.heard import HeardCalls

MOMENTS = 3


@dataclass(frozen=True)
class Moment:
    """A call, the question that it shows, and what the evaluator wrote. went_well: everything was earned."""

    evaluation_id: str
    call_id: str
    day: date
    started: str
    recording: str
    question: str
    answer: str
    comment: str
    evaluator: str
    went_well: bool
    failed_call: bool


def moments(
    heard: HeardCalls,
    agent: str,
    evaluations: Sequence[str],
    first: date,
    last: date,
    calls: Mapping[str, tuple[str, str]],
) -> list[Moment]:
    """At most three, of three calls. evaluations: those that a proposal names come first; then what failed a call, what
    is critical, what has a comment and what cost most; where there is less to mend, calls that went well.

    calls: when each call started, and where its recording is.
    """
    mine = heard.answers.filter((pl.col("agent_id") == agent) & pl.col("day").is_between(first, last))
    lost = (pl.col("possible") - pl.col("earned")) / pl.col("possible")
    ranked = mine.with_columns(
        _named=pl.col("evaluation_id").is_in(list(evaluations)),
        _lost=lost,
        _told=pl.col("comment") != "",
        _call=pl.coalesce("call_id", "evaluation_id"),
    ).sort(
        pl.col("_lost") > 0, "_named", "auto_fail", pl.col("critical") & (pl.col("_lost") > 0), "_told", "_lost", "day",
        "evaluation_id", "asked", descending=[True] * 7 + [False, False],
    )  # fmt: skip
    chosen = ranked.unique("_call", keep="first", maintain_order=True).head(MOMENTS).sort("day", "evaluation_id")
    return [_moment(row, calls) for row in chosen.iter_rows(named=True)]


def _moment(row: Mapping[str, object], calls: Mapping[str, tuple[str, str]]) -> Moment:
    call = str(row["call_id"] or "")
    started, recording = calls.get(call, ("", ""))
    day = row["day"]
    assert isinstance(day, date)  # noqa: S101  # the column's type
    return Moment(
        str(row["evaluation_id"]), call, day, started, recording, str(row["text"]), str(row["answer"]),
        str(row["comment"]), str(row["evaluator"]), row["earned"] == row["possible"], bool(row["auto_fail"]),
    )  # fmt: skip
