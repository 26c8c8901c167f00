"""The answers of evaluations, each with what it is worth by its form, and what is wrong with those that are worth none.

Everything is in whole numbers. The same answers come again and again, so each is read once; and rows are put in order
of evaluation and section once, since sums over sorted rows are ten times as fast.
"""

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from toolkit.forms import Form, Forms, Question, answer_words

MILLION = 1_000_000
COUNTED, PROVISIONAL = ("submitted", "resolved"), ("disputed",)
OPTIONAL = ("call_id", "called_on", "state", "chosen", "score", "max_score", "comment")
HEAD = (
    "call_id", "agent_id", "evaluator", "evaluated_on", "called_on", "form", "form_version", "state", "chosen",
    "standing",
)  # fmt: skip
KIND = ("form", "form_version", "question", "answer", "score", "max_score")
NOT_APPLICABLE = "n/a"
WHOLE = r"^(-?\d+)[.,]0+$"
"""A whole number as spreadsheets write it, with the sign for decimals of either half of the world."""
POINTS = ("earned", "possible", "critical_earned", "critical_possible")
FORM = {"form": pl.String, "form_version": pl.String}
ASKED: dict[str, Any] = {
    **FORM, "asked": pl.String, "section": pl.Int64, "place": pl.Int64, "type": pl.String, "expected": pl.Boolean,
}  # fmt: skip
WORTH: dict[str, Any] = {
    **FORM, "asked": pl.String, "_said": pl.String, **dict.fromkeys(POINTS, pl.Int64), "auto_fail": pl.Boolean,
    "low": pl.Boolean, "mistake": pl.String,
}  # fmt: skip
TOLD = ("asked", "section", "place", *POINTS, "auto_fail", "low", "mistake", "expected")


def answers_scored(evaluations: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """The answers, one a row, with what each is worth by its form; questions without a row that must have one beside.

    Adds `asked` (the question in small letters), `section` and `place` (of the question in the form, -1 by the default
    form), earned, possible, critical_earned, critical_possible (in parts of a point: `Form.unit`, or millionths),
    auto_fail, low (a comment has to say why), unread and standing. mistake: why it is unread: question (the form has
    none of this code), answer (none of its answers), range (off the scale), na (has to be answered), missing (has not
    been), default (no form is known, and it is neither points of a most nor yes or no). number: of the evaluation, its
    rows being neighbours; line: the row in `evaluations`, null where there is none.
    """
    rows = _numbered(_with_standing(evaluations))
    scored = _with_worth(rows, forms)
    silent = _not_answered(scored, forms)
    whole = pl.concat([scored, silent], how="vertical") if silent.height else scored
    return whole.drop("expected").with_columns(unread=pl.col("mistake").is_not_null())


def _with_standing(evaluations: pl.DataFrame) -> pl.DataFrame:
    absent = [pl.lit(None, pl.String).alias(name) for name in OPTIONAL if name not in evaluations.columns]
    state = pl.col("state").fill_null(COUNTED[0])
    standing = (
        pl.when(state.is_in(COUNTED)).then(pl.lit("counts"))
        .when(state.is_in(PROVISIONAL)).then(pl.lit("provisional"))
        .otherwise(pl.lit("never"))
    )  # fmt: skip
    told = evaluations.with_columns(*absent)
    rows = told.with_columns(pl.col("called_on").cast(pl.Date), standing=standing, state=state)
    rows = rows.with_row_index("line").with_columns(pl.col("line").cast(pl.Int64))
    return rows.select("evaluation_id", *HEAD, *KIND[2:], "comment", "line")


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of an evaluation one after the other, with its number."""
    number = rows["evaluation_id"].rle_id()
    if rows.height and int(number[-1]) + 1 != rows["evaluation_id"].n_unique():
        rows = rows.sort("evaluation_id", maintain_order=True)
        number = rows["evaluation_id"].rle_id()
    return rows.with_columns(number.cast(pl.Int64).alias("number"))


def _with_worth(rows: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    kind = _kind_numbers(rows)
    first = rows.select(KIND).with_columns(kind=kind).unique("kind", keep="first", maintain_order=True)
    told = first.select("kind").join(_kinds(first, forms), on="kind", how="left", maintain_order="left")
    scored = rows.with_columns(kind=kind).join(told, on="kind", how="left", maintain_order="left").drop("kind")
    order = scored["number"] * (int(scored["section"].max() or 0) + 2) + scored["section"]  # type: ignore[arg-type]
    return scored if order.is_sorted() else scored[order.arg_sort()]


def _kind_numbers(rows: pl.DataFrame) -> pl.Series:
    """A number for each row that is the same where form, question and answer are written the same."""
    number = pl.Series("kind", [0], dtype=pl.Int64).new_from_index(0, rows.height)
    for name in KIND:
        column = rows[name]
        if not column.len() or column.null_count() == column.len() or (column == column[0]).all():
            continue
        words = pl.Categorical(pl.Categories.random())  # of their own, or they would be kept for ever
        codes = column.cast(pl.String).cast(words).to_physical().cast(pl.Int64).fill_null(-1) + 1
        number = number * (int(codes.max() or 0) + 1) + codes  # type: ignore[arg-type]
        if int(number.max() or 0) > 2**40:
            number = number.rank("dense").cast(pl.Int64)
    return number.alias("kind")


def _kinds(kinds: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """What each answer of each question of each form is worth."""
    tidy = kinds.with_columns(
        asked=pl.col("question").str.strip_chars().str.to_lowercase(),
        _said=pl.col("answer").str.strip_chars().str.to_lowercase().str.replace(WHOLE, "$1"),
    )
    asked = pl.DataFrame([row for form in forms for row in _asked(form)], schema=ASKED, orient="row")
    worth = pl.DataFrame([row for form in forms for row in _worth(form)], schema=WORTH, orient="row")
    of_form = tidy.join(asked.select(*FORM).unique(), on=[*FORM], how="semi")
    found = of_form.join(asked, on=[*FORM, "asked"], how="left").join(worth, on=[*FORM, "asked", "_said"], how="left")
    plain = tidy.join(of_form, on="kind", how="anti").with_columns(*_by_default())
    columns = ["kind", *TOLD]
    return pl.concat([_with_unknown(found).select(columns), plain.select(columns)], how="vertical")


def _asked(form: Form) -> Iterator[tuple[Any, ...]]:
    """Every question of the form: its section and place, and whether it counts without an answer too."""
    place = 0
    for section, of in enumerate(form.sections):
        for question in of.questions:
            expected = question.not_applicable != "leave_out" and question.type != "text"
            yield form.code, form.version, question.code.casefold(), section, place, question.type, expected
            place += 1


def _worth(form: Form) -> Iterator[tuple[Any, ...]]:
    """Every answer that the form knows, with what it is worth."""
    for question in (question for section in form.sections for question in section.questions):
        for answer, earned, possible, fails, mistake in _answers(question, question.weight * form.unit):
            critical = (earned, possible) if question.critical else (0, 0)
            low = possible > 0 and earned * 100 < question.comment_below * possible
            name = question.code.casefold()
            yield form.code, form.version, name, answer, earned, possible, *critical, fails, low, mistake


def _answers(question: Question, whole: int) -> Iterator[tuple[str, int, int, bool, str | None]]:
    """answer, earned, possible, whether it fails the call, and the mistake that it is."""
    fails = {answer.casefold() for answer in question.auto_fail}
    for answer, points in question.points.items() if question.type != "text" else ():
        words = [word for word, meaning in answer_words().items() if meaning == answer]
        for word in words if question.type == "yes_no" else [answer]:
            yield word, points * whole // question.most, whole, answer in fails, None
    counts = whole if question.not_applicable == "zero" else 0
    for word in (word for word, meaning in answer_words().items() if meaning == NOT_APPLICABLE):
        if word not in question.points:
            policy = question.not_applicable
            yield word, 0, counts, policy == "fail", "na" if policy == "not_allowed" else None


def accepted_answers(question: Question) -> tuple[str, ...]:
    """What may be answered, in small letters, N/A among it where it is allowed; nothing for a text, which takes all."""
    if question.type == "text":
        return ()
    return tuple(answer for answer, *_, mistake in _answers(question, 1) if mistake is None)


def tidied(answer: str) -> str:
    """An answer as it is compared: small letters, no blanks around it, 4.0 and 4,0 as 4."""
    return re.sub(WHOLE, r"\1", answer.strip().lower())


def _with_unknown(found: pl.DataFrame) -> pl.DataFrame:
    """What the form does not know is unread, except what was written into a text, which is worth nothing."""
    unknown, is_number = pl.col("earned").is_null(), pl.col("_said").str.contains(r"^-?\d+(\.\d+)?$")
    mistake = (
        pl.when(pl.col("section").is_null()).then(pl.lit("question"))
        .when(unknown & (pl.col("type") == "scale") & is_number).then(pl.lit("range"))
        .when(unknown & (pl.col("type") != "text")).then(pl.lit("answer"))
        .otherwise("mistake")
    )  # fmt: skip
    return found.with_columns(
        pl.col("section", "place", *POINTS).fill_null(0),
        pl.col("auto_fail", "expected", "low").fill_null(False),
        mistake=mistake,
    )


def firsts(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each evaluation, where its rows are neighbours."""
    return rows.filter((pl.col("number") != pl.col("number").shift()).fill_null(True))


def _not_answered(scored: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """Rows for the questions that nobody answered, where an answer N/A would not just be left out."""
    asked = [row for form in forms for row in _asked(form) if row[-1]]
    needed = pl.DataFrame(asked, schema=ASKED, orient="row").drop("type", "expected")
    worth = pl.DataFrame([row for form in forms for row in _worth(form)], schema=WORTH, orient="row")
    wanted = needed.join(worth.filter(pl.col("_said") == NOT_APPLICABLE), on=[*FORM, "asked"]).drop("_said")
    missing = _incomplete(scored, wanted).join(wanted, on=[*FORM])
    missing = missing.join(scored.filter("expected").select("number", "asked"), on=["number", "asked"], how="anti")
    absent = [pl.lit(None, pl.String).alias(name) for name in ("answer", "score", "max_score", "comment")]
    is_missing = pl.when(pl.col("mistake") == "na").then(pl.lit("missing")).alias("mistake")
    rows = missing.with_columns(is_missing, pl.lit(False).alias("low"), pl.lit(True).alias("expected"), *absent)
    rows = rows.with_columns(question=pl.col("asked"), line=pl.lit(None, pl.Int64))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in scored.schema.items())


def _incomplete(scored: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """The heads of the evaluations without an answer to some question that must have one. Most are complete: only the
    others are looked at question by question."""
    told = scored.filter("expected").select("number", "place")
    if asked_twice(told):
        told = told.unique()
    counts = told.select(pl.col("number").set_sorted()) if told["number"].is_sorted() else told.select("number")
    heads = firsts(scored).select("evaluation_id", *HEAD, "number")
    many = wanted.group_by(*FORM).agg(_wanted=pl.len().cast(pl.Int64))
    both = heads.join(many, on=[*FORM]).join(
        counts.group_by("number").agg(_told=pl.len().cast(pl.Int64)), on="number", how="left"
    )
    return both.filter(pl.col("_told").fill_null(0) < pl.col("_wanted")).drop("_told", "_wanted")


def asked_twice(rows: pl.DataFrame) -> bool:
    """Whether some evaluation has two rows for one question."""
    most = int(rows["place"].max() or 0) + 2  # type: ignore[arg-type]  # a number, or nothing
    return (rows["number"] * most + rows["place"]).n_unique() < rows.height


def _by_default() -> Iterator[pl.Expr]:
    """Points of a most, in millionths: `toolkit.qc` says how."""
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
    yield pl.lit(-1, pl.Int64).alias("place")
    yield earned.cast(pl.Int64).alias("earned")
    yield possible.cast(pl.Int64).alias("possible")
    yield pl.lit(0, pl.Int64).alias("critical_earned")
    yield pl.lit(0, pl.Int64).alias("critical_possible")
    yield pl.lit(False).alias("auto_fail")
    yield pl.lit(False).alias("low")
    wrong = ((possible == 0) & meaning.is_null() | (earned > possible)).fill_null(True)
    yield pl.when(wrong).then(pl.lit("default")).alias("mistake")
    yield pl.lit(False).alias("expected")


def _in_millionths(text: pl.Expr) -> pl.Expr:
    return (text.cast(pl.Decimal(24, 6)) * MILLION).cast(pl.Int64)
