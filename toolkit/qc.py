"""Call quality: evaluations of calls, read by their forms, as scores.

All in whole numbers, so that 93 % is 93 % and 92.96 % is not: a score is in millionths, cut off and never rounded up.
An evaluation whose form is not known is read by the default form: every question weighs the same, and each answer is
points out of a most (the columns score and max_score, or written ``4/5`` or ``80%``), or yes (1 of 1) or no (0 of 1).
"""

from collections.abc import Iterator

import polars as pl

from toolkit.forms import Form, Forms
from toolkit.qc_answers import HEAD, MILLION, POINTS, answers_scored

__all__ = ["HEAD", "MILLION", "POINTS", "answers_scored", "evaluation_scores", "scores_of", "section_scores"]

SECTIONS = {
    "form": pl.String, "form_version": pl.String, "section": pl.Int64, "code": pl.String, "title": pl.String,
    "weight": pl.Int64, "weighted": pl.Boolean, "full": pl.Int64,
}  # fmt: skip


def evaluation_scores(evaluations: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """One row an evaluation, in the order of evaluation_id, with its score.

    evaluations: the table of that name, a row an answer; its optional columns may be missing.
    Gives evaluation_id, call_id, agent_id, evaluator, evaluated_on, called_on, form, form_version;
    standing: counts (submitted, resolved), provisional (disputed) or never (draft, void, calibration);
    earned, possible: what was earned, and could be, in whole parts of a point; what does not apply is in neither;
    part_earned, part_possible: the same in thousand millionths of all that the form asks (where no form is known: of
    what applied), for whoever adds up points;
    score_before: earned of possible in millionths, null where nothing applies or an answer cannot be read;
    auto_failed, and score: 0 then, else score_before; fine: the score in 10^12ths, of which means are taken, since cut
    at the sixth digit a mean of exactly 93 % would fall short of it; compliance: score_before of critical questions
    only, never set to 0;
    unread: answers that the form does not know or that are missing; by_default: whether the form was not known.
    """
    return scores_of(answers_scored(evaluations, forms), forms)


def scores_of(answers: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """As `evaluation_scores`, of what `answers_scored` gives, with the number of each evaluation."""
    sections = section_scores(answers, forms)
    sums = sections.group_by("number").agg(
        pl.col("weight", *POINTS, "unread").sum(),
        pl.col("auto_failed").any(),
        (pl.col("share") * pl.col("weight")).sum(),
        pl.col("weighted", "by_default", "full").first(),
    )  # fmt: skip
    heads = answers.unique("number", keep="first").select("evaluation_id", *HEAD, "number")
    found = heads.join(sums, on="number", how="left")
    return found.select("evaluation_id", *HEAD, *_scores(), "number").sort("evaluation_id")


def _scores() -> Iterator[pl.Expr]:
    weighted, whole = pl.col("weighted"), pl.col("weight") * MILLION * MILLION
    # each section's share was cut at the twelfth digit: rounded at the ninth it is exact, then cut at the sixth
    of_sections = (pl.col("share") // pl.col("weight") + 500) // 1000 // 1000
    readable = pl.col("unread") == 0
    before = pl.when(readable & (pl.col("possible") > 0)).then(
        pl.when(~weighted).then(_millionths("earned", "possible")).when(pl.col("weight") > 0).then(of_sections)
    )
    yield pl.when(weighted).then("share").otherwise("earned").alias("earned")
    yield pl.when(weighted).then(whole).otherwise("possible").alias("possible")
    yield _of_the_whole(pl.col("share"), pl.col("earned")).alias("part_earned")
    yield _of_the_whole(whole, pl.col("possible")).alias("part_possible")
    yield before.alias("score_before")
    yield "auto_failed"  # type: ignore[misc]  # a column's name serves as its expression
    yield pl.when("auto_failed").then(0).otherwise(before).cast(pl.Int64).alias("score")
    fine = pl.when(weighted).then(pl.col("share") // pl.col("weight")).otherwise(_twelve_digits("earned", "possible"))
    yield (
        pl.when("auto_failed").then(0).otherwise(pl.when(before.is_not_null()).then(fine)).cast(pl.Int64).alias("fine")
    )
    critical = _millionths("critical_earned", "critical_possible")
    yield pl.when(readable & (pl.col("critical_possible") > 0)).then(critical).alias("compliance")
    yield pl.col("unread").cast(pl.Int64)
    yield pl.col("by_default")


def _of_the_whole(of_sections: pl.Expr, of_points: pl.Expr) -> pl.Expr:
    """A part of all that the form asks, in thousand millionths."""
    weighted, full = pl.col("weighted"), pl.coalesce("full", "possible").cast(pl.Int128)
    part = pl.when(weighted).then((of_sections + 500) // 1000).otherwise(of_points.cast(pl.Int128) * MILLION * 1000)
    return pl.when(full > 0).then(part // full).otherwise(0).cast(pl.Int64)


def _millionths(part: str, whole: str) -> pl.Expr:
    return pl.col(part) * MILLION // pl.col(whole)


def section_scores(answers: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """One row an evaluation and section of what `answers_scored` gives: the sums of its answers, `title` and `score`.

    weight: of the section, 0 where none of its questions applies. share: earned of possible in 10^12ths.
    score: in millionths. full: all that the form asks, in the sections' weights or in parts of a point.
    """
    sections = int(answers["section"].max() or 0) + 2  # type: ignore[arg-type]  # a number, or nothing
    key = answers["number"] * sections + answers["section"] + 1
    rows = answers.with_columns(key.alias("key"))
    # over rows in order the sums are ten times as fast
    rows = rows.with_columns(pl.col("key").set_sorted()) if key.is_sorted() else rows.sort("key", maintain_order=True)
    sums = rows.group_by("key", maintain_order=True).agg(
        pl.col("number", "evaluation_id", "form", "form_version", "section").first(),
        pl.col(*POINTS, "unread").sum(),
        auto_failed=pl.col("auto_fail").any(),
    )
    about = [
        (form.code, form.version, number, section.code, section.title, section.weight, form.weighted, _full(form))
        for form in forms
        for number, section in enumerate(form.sections)
    ]  # fmt: skip
    known = pl.DataFrame(about, schema=SECTIONS, orient="row")
    told = sums.drop("key").join(known, on=["form", "form_version", "section"], how="left")
    applies = pl.col("possible") > 0
    return told.with_columns(
        pl.when(applies).then(pl.col("weight").fill_null(1)).otherwise(0).alias("weight"),
        pl.col("weighted").fill_null(False),
        by_default=pl.col("section") < 0,
        share=pl.when(applies).then(_twelve_digits("earned", "possible")).otherwise(0),
        score=pl.when(applies).then(_millionths("earned", "possible")),
    )


def _full(form: Form) -> int:
    if form.weighted:
        return sum(section.weight for section in form.sections)
    return form.unit * sum(question.weight for section in form.sections for question in section.questions)


def _twelve_digits(part: str, whole: str) -> pl.Expr:
    """part / whole in 10^12ths, divided by hand in two steps so that nothing overflows."""
    first = pl.col(part) * MILLION
    return first // pl.col(whole) * MILLION + first % pl.col(whole) * MILLION // pl.col(whole)
