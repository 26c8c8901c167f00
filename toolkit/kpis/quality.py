"""KPIs of call quality: the score of the calls that were listened to, and whether enough of them were."""

from datetime import date

import narwhals as nw
import polars as pl

from toolkit.kpis.calls import outbound
from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import MILLION, Facts, Rule
from toolkit.qc import evaluation_scores

EVALUATED = (
    "evaluation_id", "agent_id", "evaluator", "evaluated_on", "form", "form_version", "question", "answer",
)  # fmt: skip
BESIDE = {
    **dict.fromkeys(("call_id", "state", "score", "max_score", "comment"), nw.String), "called_on": nw.Date,
}  # fmt: skip


def evaluations(data: Data) -> pl.DataFrame:
    """The evaluations of people other than the agent that count, or may still, with `day`, on which the call was made.

    Where that is not said, the call of this call_id says it, else it is the day of the evaluation.
    """
    rows = eager(data.table("evaluations", *EVALUATED, **BESIDE)).to_polars()
    scored = evaluation_scores(rows, data.forms).filter(pl.col("standing") != "never")
    days = _call_days(data, scored.filter(pl.col("called_on").is_null())["call_id"].drop_nulls().unique().to_list())
    dated = scored.join(days, on="call_id", how="left").with_columns(
        day=pl.coalesce("called_on", "_called_on", "evaluated_on")
    )
    return dated.filter(~_own_voice(data, dated))


def _call_days(data: Data, calls: list[str]) -> pl.DataFrame:
    if not calls or not data.has("calls", "call_id", "started_at"):
        return pl.DataFrame(schema={"call_id": pl.String, "_called_on": pl.Date})
    found = data.table("calls", "call_id", "started_at").filter(nw.col("call_id").is_in(calls))
    return eager(found.select("call_id", _called_on=nw.col("started_at").dt.date())).to_polars()


def _own_voice(data: Data, rows: pl.DataFrame) -> pl.Series:
    """Where the evaluator is the agent, or the agent's team leader of the day if these do not count; by id or name."""
    leaders = data.definitions.evaluators_counted == "not_own_leader"
    pairs = rows.select("agent_id", "day", "evaluator").unique()
    own = [_is_own(data, agent_id, day, name, leaders) for agent_id, day, name in pairs.iter_rows()]
    marked = pairs.with_columns(pl.Series("_own", own, dtype=pl.Boolean))
    return rows.join(marked, on=["agent_id", "day", "evaluator"], how="left", maintain_order="left")["_own"]


def _is_own(data: Data, agent_id: str, day: date, evaluator: str, leaders: bool) -> bool:
    post = data.teams.latest(agent_id, day)
    ids = [agent_id, post.team_leader_id] if leaders and post else [agent_id]
    held = [(person, data.teams.latest(person, day)) for person in ids if person]
    return evaluator.casefold() in {
        name.casefold() for person, known in held for name in (person, known.name if known else person)
    }


def qc_score(data: Data) -> Facts:
    """The mean of the evaluations' scores, each call alike, on the day of the call; a call that failed at once is 0.

    Disputed evaluations, and those with answers that their form does not know, are waiting. Where nothing applied there
    is no score.
    """
    rows = evaluations(data).filter(pl.col("score").is_not_null() | (pl.col("unread") > 0))
    counts = (pl.col("standing") == "counts") & pl.col("score").is_not_null()
    facts = rows.select(
        "agent_id",
        "day",
        numerator=pl.when(counts).then("score").otherwise(0),
        denominator=counts.cast(pl.Int64),
        waiting=(~counts).cast(pl.Int64),
    )
    return Facts(nw.from_native(facts), parts=MILLION)


def qc_coverage(data: Data) -> Facts:
    """Agents with at least `evaluations_a_month` evaluated calls, of agents with calls in the calendar month.

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


QUALITY: dict[str, Rule] = {"qc_score": qc_score, "qc_coverage": qc_coverage}
