"""KPIs of call quality: the score of the calls that were listened to, and whether enough of them were."""

from datetime import date

import narwhals as nw
import polars as pl

from toolkit.evaluations import APART, Judged, People, Rules, errors, judged
from toolkit.evaluations.mistakes import OF_ANSWERS
from toolkit.kpis.calls import outbound
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import MILLION, Facts, Rule
from toolkit.teams import FAR_AHEAD

EVALUATED = (
    "evaluation_id", "agent_id", "evaluator", "evaluated_on", "form", "form_version", "question", "answer",
)  # fmt: skip
BESIDE = {
    **dict.fromkeys(("call_id", "state", "chosen", "score", "max_score", "comment"), nw.String), "called_on": nw.Date,
    "submitted_at": nw.Datetime, "half": nw.Boolean,
}  # fmt: skip
DISPUTED = ("dispute_id", "evaluation_id", "question", "step", "at", "by")
WHY = {"answer": nw.String, "reason": nw.String}
PARTS = 1000 * MILLION


def judged_evaluations(data: Data) -> Judged:
    """All evaluations, each with its score and whether it counts, waits, never counts or is set aside."""
    return data.shared("judged evaluations", lambda: _judged(data))


def _judged(data: Data) -> Judged:
    rows = eager(data.table("evaluations", *EVALUATED, **BESIDE)).to_polars()
    disputes = eager(data.table("disputes", *DISPUTED, **WHY)).to_polars() if data.has("disputes") else None
    people = People(data.teams) if data.has("agents", "agent_id", "name", "role") else People()
    rules = Rules(data.forms, FAR_AHEAD, data.definitions, people)
    return judged(rows, rules, disputes=disputes, calls=_calls(data, rows["call_id"].drop_nulls().unique().to_list()))


def _calls(data: Data, calls: list[str]) -> pl.DataFrame | None:
    """Whose the calls are, and of which day."""
    if not calls or not data.has("calls", "call_id", "started_at", "agent_id"):
        return None
    found = data.table("calls", "call_id", "agent_id", "started_at").filter(nw.col("call_id").is_in(calls))
    return eager(found.select("call_id", "agent_id", day=nw.col("started_at").dt.date())).to_polars()


def about_evaluations(data: Data, first: date, last: date) -> pl.DataFrame:
    """What is wrong with evaluations of calls of these days that are set aside, with the columns of findings; no rows
    where there are no evaluations."""
    try:
        found = judged_evaluations(data)
    except MissingError:
        return pl.DataFrame()
    waiting = (pl.col("standing") == "set_aside") & pl.col("day").is_between(first, last)
    mine = found.scores.filter(waiting).select("evaluation_id")
    grave = found.findings.filter(pl.col("code").is_in(errors()))
    return grave.join(mine, on="evaluation_id", how="semi", maintain_order="left")


def evaluations(data: Data) -> pl.DataFrame:
    """The evaluations of people other than the agent that count, or may still, with `day`, on which the call was made.

    The call of this call_id says it, else called_on, else it is the day of the evaluation. Those that are disputed, and
    those that are set aside until somebody has put them right, do not count yet, and those of calls that were not
    chosen by chance stand apart: standing says so.
    """
    return judged_evaluations(data).scores.filter(pl.col("standing") != "never")


def counted_answers(data: Data) -> pl.DataFrame:
    """The answers that count, each with `day`; none where there are no evaluations. An answer that can be read counts
    where another of its evaluation cannot."""
    try:
        found = judged_evaluations(data)
    except MissingError:
        return pl.DataFrame()
    counts = found.scores.filter(pl.col("if_mended") == "counts").select("evaluation_id", "day")
    wrong = found.findings.filter(pl.col("code").is_in(errors()))
    whole = wrong.filter(pl.col("code").is_in(OF_ANSWERS).not_()).select("evaluation_id")
    sound = counts.join(whole, on="evaluation_id", how="anti")
    return found.answers.filter(~pl.col("unread")).join(sound, on="evaluation_id")


def qc_score(data: Data) -> Facts:
    """The mean of the evaluations' scores, each call alike, on the day of the call; a call that failed at once is 0.
    By the definition sum_of_points, the points of all calls of the points that they could have.

    Disputed evaluations, and those that are set aside, are waiting. Where nothing applied there is no score. Calls that
    were chosen for a risk or by hand say nothing of the others, and have no part in it.
    """
    by_chance = evaluations(data).filter(pl.col("standing") != APART)
    rows = by_chance.filter(pl.col("score").is_not_null() | (pl.col("standing") == "set_aside"))
    counts = (pl.col("standing") == "counts") & pl.col("score").is_not_null()
    adds_up = data.definitions.qc_score_of == "sum_of_points"
    points = pl.when("auto_failed").then(0).otherwise("part_earned")
    facts = rows.select(
        "agent_id",
        "day",
        numerator=pl.when(counts).then(points if adds_up else "fine").otherwise(0),
        denominator=pl.when(counts).then("part_possible").otherwise(0) if adds_up else counts.cast(pl.Int64),
        waiting=(~counts).cast(pl.Int64),
    )
    parts = (PARTS, PARTS) if adds_up else (MILLION * MILLION, 1)
    return Facts(nw.from_native(facts), parts=parts[0], denominator_parts=parts[1])


def auto_fails(data: Data) -> Facts:
    """Evaluated calls that failed at once, on the day of the call, however they were chosen; disputed ones wait. As a
    gate of a scorecard at most 0, it keeps a good mean from hiding one."""
    failed = evaluations(data).filter(pl.col("auto_failed").fill_null(False))
    counts = pl.col("standing").is_in(["counts", APART]).cast(pl.Int64)
    return Facts(nw.from_native(failed.select("agent_id", "day", numerator=counts, waiting=1 - counts)))


def qc_coverage(data: Data) -> Facts:
    """Agents with at least `evaluations_a_month` evaluated calls that were chosen by chance, of agents with calls in
    the calendar month.

    An agent's month is dated on the last day of it with a call; the running month is waiting.
    """
    day = nw.col("day")
    made = outbound(data).with_columns(month=day.dt.year().cast(nw.Int64) * 12 + day.dt.month().cast(nw.Int64))
    months = eager(made.group_by("agent_id", "month").agg(day.max())).to_polars()
    heard = evaluations(data).filter((pl.col("standing") == "counts") & pl.col("score").is_not_null())
    once = heard.with_columns(call=pl.coalesce("call_id", "evaluation_id"), month=_month("day"))
    enough = once.group_by("agent_id", "month").agg(heard=pl.col("call").n_unique())
    ended = pl.lit(data.as_of).dt.offset_by("1d")
    over = pl.col("month") < ended.dt.year().cast(pl.Int64) * 12 + ended.dt.month().cast(pl.Int64)
    reached = pl.col("heard").fill_null(0) >= data.definitions.evaluations_a_month
    rows = months.join(enough, on=["agent_id", "month"], how="left").select(
        "agent_id",
        "day",
        numerator=(reached & over).cast(pl.Int64),
        denominator=over.cast(pl.Int64),
        waiting=(~over).cast(pl.Int64),
    )
    return Facts(nw.from_native(rows))


def _month(day: str) -> pl.Expr:
    return pl.col(day).dt.year().cast(pl.Int64) * 12 + pl.col(day).dt.month().cast(pl.Int64)


QUALITY: dict[str, Rule] = {"qc_score": qc_score, "auto_fails": auto_fails, "qc_coverage": qc_coverage}
