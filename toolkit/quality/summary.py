"""Scores of agents, teams and everybody, and where the points are lost: by section and by question.

All sums are of whole numbers. Only evaluations that count are added up; provisional ones and those that are set aside
are counted beside. Of a call that failed at once the score is 0, but its sections and questions are what they were.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.definitions import Definitions
from toolkit.fairness import wilson
from toolkit.forms import Forms
from toolkit.qc import MILLION, section_scores

PARTS = 1000 * MILLION
SCOPES = ("agent", "team", "branch", "all")
SCOPE: Mapping[str, Any] = dict.fromkeys(("scope_kind", "scope", "name"), pl.String)
SCORES: Mapping[str, Any] = {
    **SCOPE,
    **dict.fromkeys(("n", "score", "numerator", "denominator"), pl.Int64),
    **dict.fromkeys(("interval_low", "interval_high"), pl.Float64),
    "low_n": pl.Boolean,
    **dict.fromkeys(("compliance", "auto_fails", "provisional", "set_aside"), pl.Int64),
    **dict.fromkeys(("weighted_score", "extras", "extras_score", "extras_failed"), pl.Int64),
    "target": pl.Int64,
    "met": pl.Boolean,
}
"""Scores, compliance and targets in millionths, intervals as fractions of 1; numerator of denominator is the score.
weighted_score: the mean in which each call counts as often as its weight in the draw says, null where not all have one.
extras: calls that were not chosen by chance, their mean score, and how many of them failed at once."""
FORM = ("form", "form_version")
BEST_AND_WORST = 3

Target = Callable[[str, str, Sequence[str]], Fraction | None]
"""The target of a scope: its kind, its name, and the agents in it."""


def scores_by(calls: pl.DataFrame, kind: str, definitions: Definitions, target: Target) -> pl.DataFrame:
    """One row for each agent, team or branch, or one for all, with the columns of `SCORES`.

    calls: as `toolkit.quality.standing.calls_of` gives them. interval: where the true mean may lie (Wilson, 95 %), n
    being as few as it is; low_n: fewer than `low_n_evaluations`. met: whether the unrounded score reaches the target.
    """
    counts, points, bases = counted_parts(definitions)
    extras = (pl.col("standing") == "apart") & pl.col("score").is_not_null()
    sums = (
        calls.with_columns(scope=scope_of(kind))
        .filter(pl.col("scope") != "")
        .group_by("scope")
        .agg(
            name=pl.col("agent" if kind == "agent" else "scope").sort_by("day").last(),
            members=pl.col("agent_id").unique().sort(),
            n=counts.sum(),
            numerator=(pl.when(counts).then(points).otherwise(0).sum() + 500) // 1000,
            denominator=pl.when(counts).then(bases).otherwise(0).sum(),
            compliance=pl.when(counts).then("compliance").sum(),
            _critical=(counts & pl.col("compliance").is_not_null()).sum(),
            auto_fails=(counts & pl.col("auto_failed")).sum(),
            provisional=(pl.col("standing") == "provisional").sum(),
            set_aside=(pl.col("standing") == "set_aside").sum(),
            weighted_score=_by_weight(counts),
            extras=extras.sum(),
            extras_score=pl.col("score").filter(extras).sum() // pl.max_horizontal(extras.sum(), pl.lit(1)),
            extras_failed=(extras & pl.col("auto_failed")).sum(),
            _mean=pl.when(counts).then("score").otherwise(0).sum(),
        )
    )
    sums = sums.sort("scope")
    low, high = wilson((sums["_mean"] / MILLION).to_list(), sums["n"].to_list())
    told = sums.with_columns(
        score=_share("numerator", "denominator"),
        compliance=pl.when(pl.col("_critical") > 0).then(pl.col("compliance") // pl.col("_critical")),
        extras_score=pl.when(pl.col("extras") > 0).then("extras_score"),
        low_n=pl.col("n") < definitions.low_n_evaluations,
        scope_kind=pl.lit(kind),
        scope=pl.when(pl.lit(kind) == "all").then(pl.lit("")).otherwise("scope"),
        interval_low=pl.Series(low).fill_nan(None),
        interval_high=pl.Series(high).fill_nan(None),
    )
    return _against_targets(told, kind, target).select(*SCORES).cast(dict(SCORES))  # type: ignore[arg-type]


def _by_weight(counts: pl.Expr) -> pl.Expr:
    """The mean of the scores by the weights of the draw, cut off; null where a call has none."""
    weight, score = pl.col("weight").filter(counts), pl.col("score").filter(counts).cast(pl.Int128)
    known = (weight.len() > 0) & (weight.null_count() == 0)
    return pl.when(known).then((score * weight.cast(pl.Int128)).sum() // weight.sum().cast(pl.Int128)).cast(pl.Int64)


def counted_parts(definitions: Definitions) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Whether an evaluation counts, what it earned, and of how much: a thousand millionths of a whole call are 1 of
    `PARTS` here, the earned part in thousandths of that."""
    counts = (pl.col("standing") == "counts") & pl.col("score").is_not_null()
    if definitions.qc_score_of == "sum_of_points":
        return counts, pl.when("auto_failed").then(0).otherwise("part_earned") * 1000, pl.col("part_possible")
    return counts, pl.col("fine"), pl.lit(PARTS, pl.Int64)


def scope_of(kind: str) -> pl.Expr:
    """Whose an evaluation is: the agent, the team or branch of the call's day, or everybody; "" for nobody's."""
    if kind == "all":
        return pl.lit("everybody")
    return pl.col("agent_id" if kind == "agent" else kind).fill_null("")


def _share(part: str, whole: str) -> pl.Expr:
    """part of whole in millionths, cut off and never rounded up."""
    exact = pl.col(part).cast(pl.Int128) * MILLION // pl.col(whole)
    return pl.when(pl.col(whole) > 0).then(exact).cast(pl.Int64)


def _against_targets(rows: pl.DataFrame, kind: str, target: Target) -> pl.DataFrame:
    """Exactly: 92.96 is not 93."""
    targets: list[int | None] = []
    met: list[bool | None] = []
    for row in rows.iter_rows(named=True):
        wanted = target(kind, row["scope"], row["members"])
        targets.append(None if wanted is None else int(wanted * MILLION))
        known = wanted is not None and row["denominator"]
        met.append(Fraction(row["numerator"], row["denominator"]) >= wanted if known and wanted is not None else None)
    return rows.with_columns(target=pl.Series(targets, dtype=pl.Int64), met=pl.Series(met, dtype=pl.Boolean))


# --- sections and questions -----------------------------------------------------------------------------

SECTIONS: Mapping[str, Any] = {
    **SCOPE,
    **dict.fromkeys((*FORM, "section", "title"), pl.String),
    **dict.fromkeys(("n", "score", "lost", "lost_share", "cumulated"), pl.Int64),
}
"""Section scores in millionths: what was earned of what could be. lost: in thousand millionths of a call's whole score,
so that the sections of a form lose together what the calls lost; lost_share, cumulated: in millionths, worst first."""
QUESTIONS: Mapping[str, Any] = {
    **SCOPE,
    **dict.fromkeys((*FORM, "section", "question", "text"), pl.String),
    **dict.fromkeys(("n", "share", "not_applicable", "na_share", "critical_fails", "auto_fails", "rank"), pl.Int64),
    "mark": pl.String,
}
"""share: of the points that could be had (of yes/no questions the share of yes), in millionths; rank: 1 is the best;
mark: best or worst for three of each; na_share: of all answers, in millionths."""
SUMS = ("n", "earned", "possible", "lost", "not_applicable", "critical_fails", "auto_fails")


def sections_by(
    calls: pl.DataFrame, answers: pl.DataFrame, forms: Forms, kinds: Sequence[str] = SCOPES
) -> pl.DataFrame:
    """One row for each scope, form and section, with the columns of `SECTIONS`, the most lost first."""
    counted = _counted(calls)
    rows = section_scores(answers.join(counted.select("number"), on="number", how="semi"), forms)
    parts = rows.with_columns(_lost()).join(counted, on="number")
    key = ["who", *FORM, "section"]
    sums = parts.filter(pl.col("possible") > 0).group_by(key).agg(
        pl.col("code", "title", "weighted").first(), pl.col("lost").sum(), n=pl.len(),
        earned=pl.when("weighted").then(pl.col("share") // 1000).otherwise("earned").sum(),
        possible=pl.when("weighted").then(pl.lit(PARTS, pl.Int64)).otherwise("possible").sum(),
    )  # fmt: skip
    told = _rolled_up(sums, calls, kinds, [*FORM, "section", "code", "title"], ("n", "earned", "possible", "lost"))
    names = told.with_columns(section=pl.col("code").fill_null("all"), title=pl.col("title").fill_null(""))
    return _pareto(names).select(*SECTIONS).cast(dict(SECTIONS))  # type: ignore[arg-type]


def _lost() -> pl.Expr:
    """What a section takes from its call's whole score, in thousand millionths."""
    whole, points = pl.col("weight").sum().over("number"), pl.col("possible").sum().over("number")
    of_weights = (pl.lit(MILLION * MILLION, pl.Int64) - pl.col("share")) * pl.col("weight") // whole // 1000
    of_points = (pl.col("possible") - pl.col("earned")).cast(pl.Int128) * PARTS // points
    applies = pl.col("possible") > 0
    return pl.when(~applies).then(0).when("weighted").then(of_weights).otherwise(of_points).cast(pl.Int64).alias("lost")


def _counted(calls: pl.DataFrame) -> pl.DataFrame:
    """The evaluations that count, with a number for each agent in a team and branch."""
    rows = calls.filter((pl.col("standing") == "counts") & pl.col("score").is_not_null())
    return rows.join(_people(calls), on=["agent_id", "team", "branch"], nulls_equal=True).select("number", "who")


def _people(calls: pl.DataFrame) -> pl.DataFrame:
    people = calls.select("agent_id", "team", "branch").unique().sort("agent_id", "team", "branch")
    return people.with_row_index("who")


def _rolled_up(
    sums: pl.DataFrame, calls: pl.DataFrame, kinds: Sequence[str], key: Sequence[str], columns: Sequence[str]
) -> pl.DataFrame:
    """Sums by person added up for each kind of scope."""
    names = calls.group_by("agent_id").agg(pl.col("agent").sort_by("day").last())
    rows = sums.join(_people(calls), on="who").join(names, on="agent_id", how="left")
    parts = []
    for kind in kinds:
        named = rows.with_columns(scope=scope_of(kind)).with_columns(
            name=pl.col("agent" if kind == "agent" else "scope")
        )
        grouped = named.filter(pl.col("scope") != "").group_by("scope", *key)
        part = grouped.agg(pl.col("name").last(), *(pl.col(column).sum() for column in columns))
        parts.append(part.with_columns(pl.lit(kind).alias("scope_kind"), _blank(kind)))
    order = pl.Enum(list(kinds))
    whole = pl.concat(parts, how="vertical").with_columns(_kind=pl.col("scope_kind").cast(order))
    return whole.sort("_kind", "scope", *key, nulls_last=True, maintain_order=True).drop("_kind")


def _blank(kind: str) -> pl.Expr:
    return pl.lit("").alias("scope") if kind == "all" else pl.col("scope")


def _pareto(rows: pl.DataFrame) -> pl.DataFrame:
    """The sections of each scope and form, those that lost most first, with their share of the loss."""
    group = ["scope_kind", "scope", *FORM]
    place = pl.int_range(pl.len()).over(group)
    ordered = rows.with_row_index("_row").with_columns(_first=pl.col("_row").min().over(group), _place=place)
    ordered = ordered.sort("_first", pl.col("lost"), "_place", descending=[False, True, False])
    whole = pl.col("lost").sum().over(group)
    running = pl.col("lost").cum_sum().over(group)
    shares = [
        pl.when(whole > 0).then(part.cast(pl.Int128) * MILLION // whole).otherwise(0).alias(name)
        for name, part in (("lost_share", pl.col("lost")), ("cumulated", running))
    ]
    return ordered.with_columns(*shares, score=_share("earned", "possible"))


def questions_by(
    calls: pl.DataFrame, answers: pl.DataFrame, forms: Forms, kinds: Sequence[str] = SCOPES
) -> pl.DataFrame:
    """One row for each scope, form and question, with the columns of `QUESTIONS`, in the order of the form."""
    counted = _counted(calls)
    mine = answers.join(counted, on="number")
    applies, low = pl.col("possible") > 0, pl.col("critical_earned") < pl.col("critical_possible")
    sums = mine.group_by("who", *FORM, "asked").agg(
        pl.col("place", "section").first(),
        pl.col("earned", "possible").sum(),
        n=applies.sum(),
        not_applicable=(~applies).sum(),
        critical_fails=low.sum(),
        auto_fails=pl.col("auto_fail").sum(),
    )
    columns = [name for name in SUMS if name != "lost"]
    told = _rolled_up(sums, calls, kinds, [*FORM, "place", "asked"], columns)
    about = pl.DataFrame(list(_about(forms)), schema=ABOUT, orient="row")
    named = told.join(about, on=[*FORM, "asked"], how="left", maintain_order="left")
    scored = named.filter(pl.col("scored").fill_null(True)).with_columns(
        question=pl.coalesce("code", "asked"),
        text=pl.col("text").fill_null(""),
        section=pl.col("section").fill_null("all"),
        share=_share("earned", "possible"),
        na_share=pl.col("not_applicable") * MILLION // (pl.col("n") + pl.col("not_applicable")),
    )
    return _marked(scored).select(*QUESTIONS).cast(dict(QUESTIONS))  # type: ignore[arg-type]


ABOUT: Mapping[str, Any] = {
    **dict.fromkeys((*FORM, "asked", "code", "text", "section"), pl.String), "scored": pl.Boolean,
}  # fmt: skip


def _about(forms: Forms) -> Iterator[tuple[Any, ...]]:
    """Every question that can earn points, and those that cannot."""
    for form in forms:
        for section in form.sections:
            for asked in section.questions:
                scored = asked.type != "text" and asked.weight > 0
                yield form.code, form.version, asked.code.casefold(), asked.code, asked.text, section.code, scored


def _marked(rows: pl.DataFrame) -> pl.DataFrame:
    """The rank of each question in its scope and form, and the three best and the three worst; where there are fewer
    than six, half of them each. Of equals the one that stands first in the form."""
    group = ["scope_kind", "scope", *FORM]
    known = pl.col("share").is_not_null()
    rank = pl.when(known).then(pl.col("share").rank("ordinal", descending=True).over(group))
    count = known.sum().over(group)
    most = pl.min_horizontal(pl.lit(BEST_AND_WORST, pl.UInt32), count // 2)
    ranked = rows.with_columns(rank=rank, _count=count, _most=most)
    mark = (
        pl.when(pl.col("rank") <= pl.col("_most")).then(pl.lit("best"))
        .when(pl.col("rank") > pl.col("_count") - pl.col("_most")).then(pl.lit("worst"))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    return ranked.with_columns(mark=mark)
