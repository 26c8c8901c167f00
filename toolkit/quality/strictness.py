"""Evaluators beside each other: how many, how strict, how much is left out, when, and how often they are overturned."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from toolkit.evaluations import Disputed
from toolkit.fairness import wilson
from toolkit.forms import answer_words
from toolkit.qc import MILLION

EVALUATORS: Mapping[str, Any] = {
    "evaluator": pl.String,
    **dict.fromkeys(("n", "agents", "mean", "spread", "compared"), pl.Int64),
    **dict.fromkeys(("na_share", "last_day_share", "own_leader", "extras", "set_aside"), pl.Int64),
    **dict.fromkeys(("questions_disputed", "questions_decided", "questions_overturned"), pl.Int64),
    **dict.fromkeys(("question_rate", "question_low", "question_high"), pl.Float64),
    **dict.fromkeys(("evaluations", "evaluations_disputed", "evaluations_overturned"), pl.Int64),
    **dict.fromkeys(("evaluation_rate", "evaluation_low", "evaluation_high"), pl.Float64),
}
"""Means, spreads and shares in millionths, rates and their Wilson intervals (95 %) as fractions of 1.

spread: how much higher this evaluator marks than the others do the same agents, weighted by the evaluator's own
evaluations; compared: how many of these there are. extras: of calls not chosen by chance.
last_day_share: of evaluations made on the last day of a month.
question_rate: questions overturned of those disputed and decided; evaluation_rate: evaluations overturned of all."""


def evaluators_of(calls: pl.DataFrame, answers: pl.DataFrame, disputes: Iterable[Disputed]) -> pl.DataFrame:
    """One row an evaluator, with the columns of `EVALUATORS`, by name."""
    live = calls.filter(pl.col("standing") != "never")
    counts = (pl.col("standing") == "counts") & pl.col("score").is_not_null()
    scored = calls.filter(counts)
    is_last = pl.col("evaluated_on") == pl.col("evaluated_on").dt.month_end()
    sums = live.group_by("evaluator").agg(
        n=counts.sum(),
        agents=pl.col("agent_id").filter(counts).n_unique(),
        mean=pl.col("score").filter(counts).sum() // pl.max_horizontal(counts.sum(), pl.lit(1)),
        last_day_share=is_last.sum() * MILLION // pl.len(),
        own_leader=pl.col("own_leader").sum(),
        extras=(pl.col("standing") == "apart").sum(),
        set_aside=(pl.col("standing") == "set_aside").sum(),
        evaluations=pl.len(),
    )
    told = sums.join(_spreads(scored), on="evaluator", how="left")
    told = told.join(_left_out(scored, answers), on="evaluator", how="left")
    told = told.join(_disputes(live, disputes), on="evaluator", how="left").sort("evaluator")
    mean = pl.when(pl.col("n") > 0).then("mean").alias("mean")
    counted = [name for name in EVALUATORS if name.endswith(("_disputed", "_decided", "_overturned"))]
    filled = told.with_columns(mean, pl.col("compared", *counted).fill_null(0))
    rates = [
        *_rates(filled, "question", "questions_overturned", "questions_decided"),
        *_rates(filled, "evaluation", "evaluations_overturned", "evaluations"),
    ]
    return filled.with_columns(*rates).select(*EVALUATORS).cast(dict(EVALUATORS))  # type: ignore[arg-type]


def _spreads(scored: pl.DataFrame) -> pl.DataFrame:
    """How each evaluator's scores differ from those that others give the same agents."""
    mine = scored.group_by("evaluator", "agent_id").agg(_n=pl.len().cast(pl.Int64), _sum=pl.col("score").sum())
    whole = mine.group_by("agent_id").agg(_all=pl.col("_n").sum(), _total=pl.col("_sum").sum())
    both = mine.join(whole, on="agent_id").with_columns(_others=pl.col("_all") - pl.col("_n"))
    apart = both.filter(pl.col("_others") > 0).with_columns(
        _apart=pl.col("_sum") - (pl.col("_total") - pl.col("_sum")) * pl.col("_n") // pl.col("_others")
    )
    return apart.group_by("evaluator").agg(
        compared=pl.col("_n").sum(), spread=pl.col("_apart").sum() // pl.col("_n").sum()
    )


def _left_out(scored: pl.DataFrame, answers: pl.DataFrame) -> pl.DataFrame:
    """The share of answers that say that a question does not apply."""
    words = [word for word, meaning in answer_words().items() if meaning == "n/a"]
    mine = answers.join(scored.select("number", _by="evaluator"), on="number")
    left_out = pl.col("answer").str.strip_chars().str.to_lowercase().is_in(words)
    shares = mine.group_by("_by").agg(na_share=left_out.sum() * MILLION // pl.len())
    return shares.rename({"_by": "evaluator"})


def _disputes(live: pl.DataFrame, disputes: Iterable[Disputed]) -> pl.DataFrame:
    """Questions and evaluations disputed and overturned, of the evaluations that are looked at."""
    rows = [
        (one.evaluation_id, one.outcome == "overturned", one.outcome in ("upheld", "overturned"))
        for one in disputes
        if one.outcome != "withdrawn"
    ]
    schema = {"evaluation_id": pl.String, "overturned": pl.Boolean, "decided": pl.Boolean}
    known = live.select("evaluation_id", "evaluator")
    told = pl.DataFrame(rows, schema=schema, orient="row").join(known, on="evaluation_id")
    return told.group_by("evaluator").agg(
        questions_disputed=pl.len(),
        questions_overturned=pl.col("overturned").sum(),
        questions_decided=pl.col("decided").sum(),
        evaluations_disputed=pl.col("evaluation_id").n_unique(),
        evaluations_overturned=pl.col("evaluation_id").filter("overturned").n_unique(),
    )


def _rates(rows: pl.DataFrame, name: str, part: str, whole: str) -> list[pl.Series]:
    low, high = wilson(rows[part].to_list(), rows[whole].to_list())
    rate = rows.select(pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))).to_series()
    return [
        rate.alias(f"{name}_rate"),
        pl.Series(f"{name}_low", low).fill_nan(None),
        pl.Series(f"{name}_high", high).fill_nan(None),
    ]
