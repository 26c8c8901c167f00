"""Call quality: evaluations of calls, read by their forms, as scores.

All in whole numbers, so that 93 % is 93 % and 92.96 % is not: a score is in millionths, cut off and never rounded up.
An evaluation whose form is not known is read by the default form: every question weighs the same, and each answer is
points out of a most (the columns score and max_score, or written ``4/5`` or ``80%``), or yes (1 of 1) or no (0 of 1).
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from toolkit.forms import Form, Forms, Question, answer_words

MILLION = 1_000_000
COUNTED, PROVISIONAL = ("submitted", "resolved"), ("disputed",)
OPTIONAL = ("call_id", "called_on", "state", "score", "max_score", "comment")
HEAD = ("call_id", "agent_id", "evaluator", "evaluated_on", "called_on", "form", "form_version", "standing")
KIND = ("form", "form_version", "question", "answer", "score", "max_score")
NOT_APPLICABLE = "n/a"
POINTS = ("earned", "possible", "critical_earned", "critical_possible")
WORTH = {
    "form": pl.String, "form_version": pl.String, "asked": pl.String, "_said": pl.String, "section": pl.Int64,
    **dict.fromkeys(POINTS, pl.Int64), "auto_fail": pl.Boolean, "unread": pl.Boolean, "expected": pl.Boolean,
}  # fmt: skip


def evaluation_scores(evaluations: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """One row an evaluation, in the order of evaluation_id, with its score.

    evaluations: the table of that name, a row an answer; its optional columns may be missing.
    Gives evaluation_id, call_id, agent_id, evaluator, evaluated_on, called_on, form, form_version;
    standing: counts (submitted, resolved), provisional (disputed) or never (draft, void, calibration);
    earned, possible: what was earned, and could be, in whole parts of a point; what does not apply is in neither;
    score_before: earned of possible in millionths, null where nothing applies or an answer cannot be read;
    auto_failed, and score: 0 then, else score_before; compliance: the same of critical questions only, never set to 0;
    unread: answers that the form does not know or that are missing; by_default: whether the form was not known.
    """
    answers = answers_scored(evaluations, forms)
    sections = section_scores(answers, forms)
    sums = sections.group_by("evaluation_id").agg(
        pl.col("weight", *POINTS, "unread").sum(),
        pl.col("auto_failed").any(),
        (pl.col("share") * pl.col("weight")).sum(),
        pl.col("weighted", "by_default").first(),
    )  # fmt: skip
    heads = answers.group_by("evaluation_id").agg(pl.col(*HEAD).first())
    return heads.join(sums, on="evaluation_id", how="left").select("evaluation_id", *HEAD, *_scores()).sort(
        "evaluation_id"
    )  # fmt: skip


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
    yield before.alias("score_before")
    yield "auto_failed"  # type: ignore[misc]  # a column's name serves as its expression
    yield pl.when("auto_failed").then(0).otherwise(before).cast(pl.Int64).alias("score")
    critical = _millionths("critical_earned", "critical_possible")
    yield pl.when(readable & (pl.col("critical_possible") > 0)).then(critical).alias("compliance")
    yield pl.col("unread").cast(pl.Int64)
    yield pl.col("by_default")


def _millionths(part: str, whole: str) -> pl.Expr:
    return pl.col(part) * MILLION // pl.col(whole)


def section_scores(answers: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """One row an evaluation and section of what `answers_scored` gives: the sums of its answers, `title` and `score`.

    weight: of the section, 0 where none of its questions applies. share: earned of possible in 10^12ths.
    score: in millionths.
    """
    sums = answers.group_by("evaluation_id", "form", "form_version", "section").agg(
        pl.col(*POINTS, "unread").sum(), auto_failed=pl.col("auto_fail").any()
    )
    about = [
        (form.code, form.version, number, section.code, section.title, section.weight, form.weighted)
        for form in forms
        for number, section in enumerate(form.sections)
    ]  # fmt: skip
    names = {"form": pl.String, "form_version": pl.String, "section": pl.Int64, "code": pl.String, "title": pl.String,
             "weight": pl.Int64, "weighted": pl.Boolean}  # fmt: skip
    told = sums.join(
        pl.DataFrame(about, schema=names, orient="row"), on=["form", "form_version", "section"], how="left"
    )
    applies = pl.col("possible") > 0
    return told.with_columns(
        pl.when(applies).then(pl.col("weight").fill_null(1)).otherwise(0).alias("weight"),
        pl.col("weighted").fill_null(False),
        by_default=pl.col("section") < 0,
        share=pl.when(applies).then(_twelve_digits("earned", "possible")).otherwise(0),
        score=pl.when(applies).then(_millionths("earned", "possible")),
    )


def _twelve_digits(part: str, whole: str) -> pl.Expr:
    """part / whole in 10^12ths, divided by hand in two steps so that nothing overflows."""
    first = pl.col(part) * MILLION
    return first // pl.col(whole) * MILLION + first % pl.col(whole) * MILLION // pl.col(whole)


def answers_scored(evaluations: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """The answers, one a row, with what each is worth by its form; questions without a row that must have one beside.

    Adds `asked` (the question in small letters), `section` (its place in the form, -1 by the default form), earned,
    possible, critical_earned, critical_possible (in parts of a point: `Form.unit`, or millionths), auto_fail, unread
    and standing.
    """
    rows = _with_standing(evaluations)
    # the same answers come again and again, so each is read once
    kinds = _kinds(rows.select(KIND).unique(), forms)
    scored = rows.join(kinds, on=KIND, how="left", nulls_equal=True)
    return pl.concat([scored, _not_answered(scored, forms)], how="vertical").drop("expected")


def _with_standing(evaluations: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, pl.String).alias(name) for name in OPTIONAL if name not in evaluations.columns]
    state = pl.col("state").fill_null(COUNTED[0])
    standing = (
        pl.when(state.is_in(COUNTED)).then(pl.lit("counts"))
        .when(state.is_in(PROVISIONAL)).then(pl.lit("provisional"))
        .otherwise(pl.lit("never"))
    )  # fmt: skip
    rows = evaluations.with_columns(*absent).with_columns(pl.col("called_on").cast(pl.Date), standing=standing)
    return rows.select("evaluation_id", *HEAD, *KIND[2:], "comment")


def _kinds(kinds: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """What each answer of each question of each form is worth."""
    tidy = kinds.with_columns(
        asked=pl.col("question").str.strip_chars().str.to_lowercase(),
        _said=pl.col("answer").str.strip_chars().str.to_lowercase().str.replace(r"^(-?\d+)\.0+$", "$1"),
    )
    worth = pl.DataFrame([row for form in forms for row in _worth(form)], schema=WORTH, orient="row")
    by_form = tidy.join(worth.select("form", "form_version").unique(), on=["form", "form_version"], how="semi")
    found = by_form.join(worth, on=["form", "form_version", "asked", "_said"], how="left")
    plain = tidy.join(by_form, on=["form", "form_version"], how="anti").with_columns(*_by_default())
    return pl.concat([_with_unknown(found, forms), plain.select(found.columns)], how="vertical").drop("_said")


def _worth(form: Form) -> Iterator[tuple[Any, ...]]:
    """Every answer that the form knows, with what it is worth."""
    for place, section in enumerate(form.sections):
        for question in section.questions:
            whole = question.weight * form.unit
            expected = question.not_applicable != "leave_out" and question.type != "text"
            for answer, earned, possible, fails, unread in _answers(question, whole):
                critical = (earned, possible) if question.critical else (0, 0)
                name = question.code.casefold()
                yield (
                    form.code,
                    form.version,
                    name,
                    answer,
                    place,
                    earned,
                    possible,
                    *critical,
                    fails,
                    unread,
                    expected,
                )


def _answers(question: Question, whole: int) -> Iterator[tuple[str, int, int, bool, bool]]:
    """answer, earned, possible, whether it fails the call, whether it is a mistake."""
    fails = {answer.casefold() for answer in question.auto_fail}
    for answer, points in question.points.items() if question.type != "text" else ():
        words = [word for word, meaning in answer_words().items() if meaning == answer]
        for word in words if question.type == "yes_no" else [answer]:
            yield word, points * whole // question.most, whole, answer in fails, False
    counts = whole if question.not_applicable == "zero" else 0
    for word in (word for word, meaning in answer_words().items() if meaning == NOT_APPLICABLE):
        if word not in question.points:
            policy = question.not_applicable
            yield word, 0, counts, policy == "fail", policy == "not_allowed"


def _with_unknown(found: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """What the form does not know is unread, except what was written into a text, which is worth nothing."""
    texts = [
        "\n".join((form.code, form.version, question.code.casefold())) for form in forms for section in form.sections
        for question in section.questions if question.type == "text"
    ]  # fmt: skip
    unknown, name = pl.col("section").is_null(), pl.concat_str("form", "form_version", "asked", separator="\n")
    return found.with_columns(
        pl.col("section").fill_null(0),
        pl.col(*POINTS).fill_null(0),
        pl.col("auto_fail", "expected").fill_null(False),
        unread=pl.when(unknown).then(~name.is_in(texts)).otherwise("unread"),
    )


def _not_answered(scored: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """Rows for the questions that nobody answered, where an answer N/A would not just be left out."""
    needed = [row for form in forms for row in _worth(form) if row[-1] and row[3] == NOT_APPLICABLE]
    wanted = pl.DataFrame(needed, schema=WORTH, orient="row")
    asked = scored.select("evaluation_id", "form", "form_version").unique().join(wanted, on=["form", "form_version"])
    answered = scored.filter("expected").select("evaluation_id", "asked")
    missing = asked.join(answered, on=["evaluation_id", "asked"], how="anti").drop("form", "form_version")
    heads = scored.join(missing, on="evaluation_id", how="semi").unique("evaluation_id").select("evaluation_id", *HEAD)
    absent = [pl.lit(None, pl.String).alias(name) for name in ("answer", "score", "max_score", "comment")]
    rows = heads.join(missing, on="evaluation_id").with_columns(pl.col("asked").alias("question"), *absent)
    return rows.select(scored.columns)


def _by_default() -> Iterator[pl.Expr]:
    """Points of a most, in millionths, as the module's first lines say."""
    answer = pl.col("_said")
    given = pl.col("score").is_not_null() & pl.col("max_score").is_not_null()
    of_most, percent = (
        answer.str.extract_groups(r"^(\d+(?:\.\d+)?) ?/ ?(\d+)$"),
        answer.str.extract(r"^(\d+(?:\.\d+)?) ?%$"),
    )
    meaning = answer.replace_strict(answer_words(), default=None, return_dtype=pl.String)
    is_percent = percent.is_not_null()
    earned = (
        pl.when(given).then(_in_millionths(pl.col("score")))
        .when(of_most.struct.field("1").is_not_null()).then(_in_millionths(of_most.struct.field("1")))
        .when(is_percent).then(_in_millionths(percent) // 100)
        .when(meaning == "yes").then(MILLION).otherwise(0)
    )  # fmt: skip
    possible = (
        pl.when(given).then(_in_millionths(pl.col("max_score")))
        .when(of_most.struct.field("2").is_not_null()).then(_in_millionths(of_most.struct.field("2")))
        .when(is_percent | meaning.is_in(["yes", "no"])).then(MILLION).otherwise(0)
    )  # fmt: skip
    yield pl.lit(-1, pl.Int64).alias("section")
    yield earned.cast(pl.Int64).alias("earned")
    yield possible.cast(pl.Int64).alias("possible")
    yield pl.lit(0, pl.Int64).alias("critical_earned")
    yield pl.lit(0, pl.Int64).alias("critical_possible")
    yield pl.lit(False).alias("auto_fail")
    yield ((possible == 0) & meaning.is_null() | (earned > possible)).alias("unread")
    yield pl.lit(False).alias("expected")


def _in_millionths(text: pl.Expr) -> pl.Expr:
    return (text.cast(pl.Decimal(24, 6)) * MILLION).cast(pl.Int64)
