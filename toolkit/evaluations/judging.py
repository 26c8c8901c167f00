"""All evaluations judged at once: each counts, waits for a dispute, never counts, or is set aside with the reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import polars as pl

from toolkit.definitions import Definitions
from toolkit.evaluations.disputes import Disputed, Refused, Rulebook, evaluated_of, followed, steps_in
from toolkit.evaluations.mistakes import (
    FINDING,
    answered_twice,
    calls_of_others,
    changed_forms,
    half,
    mixed_scales,
    same_call,
    same_voice,
    several,
    wrong_answers,
    wrong_days,
    wrong_versions,
)
from toolkit.evaluations.people import People
from toolkit.forms import Forms
from toolkit.problems import Problem, problem, texts
from toolkit.qc import scores_of
from toolkit.qc_answers import answers_scored, firsts

SET_ASIDE, APART = "set_aside", "apart"
RANDOM = "random"
"""How a call was chosen whose evaluation may speak for the others; what is chosen otherwise stands apart."""
IN_FORCE = "in force"
"""In place of a form's version: the one that holds on the day of the call."""
CALLS: dict[str, Any] = {"call_id": pl.String, "agent_id": pl.String, "day": pl.Date}


@dataclass(frozen=True)
class Rules:
    """By what evaluations are judged. stands: the day on which the data stand; what was disputed later is not known.

    changed: what has changed of forms since they were first used, by code and version.
    """

    forms: Forms
    stands: date
    definitions: Definitions = field(default_factory=Definitions)
    people: People = field(default_factory=People)
    changed: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """What was found.

    scores: a row an evaluation, as `toolkit.qc.evaluation_scores` gives it, with `line` (its first row in the table),
      `day` (of the call, else of the evaluation), unanswered (questions of the form), first_score (before questions
      were overturned, else null), disputed and overturned (questions), own_leader, and standing set_aside and apart (of
      a call that was not chosen by chance) beside counts, provisional and never; if_mended: the standing without what
      it is set aside for.
    answers: a row an answer, overturned ones replaced. findings: what is wrong or odd, a row each; refused: steps of
    disputes that are not followed.
    """

    scores: pl.DataFrame
    answers: pl.DataFrame
    findings: pl.DataFrame
    disputes: tuple[Disputed, ...] = ()
    refused: tuple[Refused, ...] = ()


def judged(
    evaluations: pl.DataFrame,
    rules: Rules,
    *,
    disputes: pl.DataFrame | None = None,
    calls: pl.DataFrame | None = None,
) -> Judged:
    """The evaluations of the table of that name (a row an answer), each with its score and whether it counts.

    disputes: the table of that name. calls: call_id, agent_id and day of the calls that evaluations name.
    """
    known = calls if calls is not None else pl.DataFrame(schema=CALLS)
    given = _with_versions(evaluations, rules.forms, known)
    decided, refused = _followed(given, disputes, rules)
    answers = answers_scored(given, rules.forms)
    first = pl.DataFrame(schema={"evaluation_id": pl.String, "first_score": pl.Int64})
    overturned = [one for one in decided if one.outcome == "overturned"]
    if overturned:
        answers, first = _overturned(given, answers, overturned, rules.forms)
    scores = scores_of(answers, rules.forms).join(unanswered(answers, rules.forms), on="number", how="left")
    heads = _heads(answers, scores, first, known, decided)
    found = _findings(given, answers, heads, known, rules)
    return Judged(_standing(heads, found, rules.definitions), answers, found, tuple(decided), tuple(refused))


def _with_versions(evaluations: pl.DataFrame, forms: Forms, calls: pl.DataFrame) -> pl.DataFrame:
    """The version in force in place of the words that ask for it."""
    asks = evaluations["form_version"].str.to_lowercase() == IN_FORCE
    if not asks.any():
        return evaluations
    called_on = pl.col("called_on").cast(pl.Date) if "called_on" in evaluations.columns else pl.lit(None, pl.Date)
    rows = evaluations.select("form", "evaluated_on", called_on.alias("called_on")).with_columns(
        call_id=evaluations["call_id"] if "call_id" in evaluations.columns else pl.lit(None, pl.String)
    )
    days = rows.join(calls.select("call_id", "day"), on="call_id", how="left", maintain_order="left")
    days = days.with_columns(day=pl.coalesce("day", "called_on", "evaluated_on"))
    kinds = days.select("form", "day").unique()
    held = [forms.in_force(*row) for row in kinds.iter_rows()]
    versions = kinds.with_columns(held=pl.Series([form.version if form else None for form in held], dtype=pl.String))
    found = days.join(versions, on=["form", "day"], how="left", maintain_order="left")["held"]
    return evaluations.with_columns(
        form_version=pl.when(asks & found.is_not_null()).then(found).otherwise("form_version")
    )


def _followed(
    evaluations: pl.DataFrame, disputes: pl.DataFrame | None, rules: Rules
) -> tuple[list[Disputed], list[Refused]]:
    if disputes is None or not disputes.height:
        return [], []
    until = datetime.combine(rules.stands, time.max)
    steps = steps_in(disputes, until)
    evaluated = evaluated_of(evaluations, {step.evaluation_id for step in steps})
    return followed(steps, evaluated, Rulebook(rules.forms, rules.people, rules.definitions))


def _overturned(
    evaluations: pl.DataFrame, answers: pl.DataFrame, decided: Sequence[Disputed], forms: Forms
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The answers with those that were overturned replaced, and the scores before."""
    ids = [one.evaluation_id for one in decided]
    is_theirs = pl.col("evaluation_id").is_in(ids)
    before = scores_of(answers.filter(is_theirs), forms).select("evaluation_id", first_score="score")
    instead = pl.DataFrame(
        [(one.evaluation_id, one.asked, one.answer, one.why) for one in decided],
        schema=dict.fromkeys(("evaluation_id", "asked", "_answer", "_why"), pl.String),
        orient="row",
    )
    rows = evaluations.with_row_index("_line").filter(is_theirs).with_columns(
        asked=pl.col("question").str.strip_chars().str.to_lowercase()
    )  # fmt: skip
    if "comment" not in rows.columns:
        rows = rows.with_columns(comment=pl.lit(None, pl.String))
    changed = rows.join(instead, on=["evaluation_id", "asked"], how="left", maintain_order="left")
    is_new = pl.col("_answer").is_not_null()
    points = [pl.when(~is_new).then(name).alias(name) for name in ("score", "max_score") if name in evaluations.columns]
    changed = changed.with_columns(
        pl.coalesce("_answer", "answer").alias("answer"), pl.coalesce("_why", "comment").alias("comment"), *points
    )
    lines = changed["_line"].cast(pl.Int64)
    again = answers_scored(changed.drop("_line", "asked", "_answer", "_why"), forms)
    most = int(answers["number"].max() or 0) + 1  # type: ignore[arg-type]  # a number, or nothing
    again = again.with_columns(pl.col("number") + most, line=lines.gather(again["line"]))
    return pl.concat([answers.filter(~is_theirs), again.select(answers.columns)], how="vertical"), before


def unanswered(answers: pl.DataFrame, forms: Forms) -> pl.DataFrame:
    """How many questions of its form each evaluation leaves without any answer, not even N/A: number, unanswered.

    Texts are not asked for, and where no form is known nobody can say: 0.
    """
    is_text, asked = pl.lit(value=False), []
    for form in forms:
        kinds = [question.type == "text" for section in form.sections for question in section.questions]
        asked.append((form.code, form.version, kinds.count(False)))
        places = [place for place, text in enumerate(kinds) if text]
        mine = (pl.col("form") == form.code) & (pl.col("form_version") == form.version)
        is_text |= mine & pl.col("place").is_in(places)
    schema = {"form": pl.String, "form_version": pl.String, "_asked": pl.Int64}
    told = pl.col("line").is_not_null() & (pl.col("section") >= 0) & ~is_text
    counted = answers.group_by("number").agg(pl.col("form", "form_version").first(), _told=told.sum().cast(pl.Int64))
    both = counted.join(pl.DataFrame(asked, schema=schema, orient="row"), on=["form", "form_version"], how="left")
    left = (pl.col("_asked") - pl.col("_told")).clip(lower_bound=0).fill_null(0)
    return both.select("number", unanswered=left)


def _heads(
    answers: pl.DataFrame,
    scores: pl.DataFrame,
    first: pl.DataFrame,
    calls: pl.DataFrame,
    decided: Sequence[Disputed],
) -> pl.DataFrame:
    """A row an evaluation with its score, the day of the call, its disputes, and how it would stand by these."""
    lines = firsts(answers.filter(pl.col("line").is_not_null())).select("number", "line")
    days = calls.select("call_id", _day="day").unique("call_id", keep="first")
    told = scores.join(lines, on="number", how="left").join(days, on="call_id", how="left")
    told = told.join(first, on="evaluation_id", how="left").join(_counts(decided), on="evaluation_id", how="left")
    counts = pl.col("disputed", "overturned", "_open").fill_null(0)
    standing = (
        pl.when(pl.col("standing") == "never").then(pl.lit("never"))
        .when(pl.col("_open") > 0).then(pl.lit("provisional"))
        .when(pl.col("disputed") > 0).then(pl.lit("counts"))
        .otherwise("standing")
    )  # fmt: skip
    named = told.with_columns(counts, day=pl.coalesce("_day", "called_on", "evaluated_on"))
    return named.with_columns(standing=standing).drop("_open", "_day").sort("evaluation_id")


def _counts(decided: Sequence[Disputed]) -> pl.DataFrame:
    """Questions disputed (those withdrawn aside), overturned and open, by evaluation."""
    rows = [(one.evaluation_id, one.outcome) for one in decided if one.outcome != "withdrawn"]
    frame = pl.DataFrame(rows, schema={"evaluation_id": pl.String, "outcome": pl.String}, orient="row")
    return frame.group_by("evaluation_id").agg(
        disputed=pl.len().cast(pl.Int64),
        overturned=(pl.col("outcome") == "overturned").sum().cast(pl.Int64),
        _open=(pl.col("outcome") == "").sum().cast(pl.Int64),
    )


def _findings(
    evaluations: pl.DataFrame, answers: pl.DataFrame, heads: pl.DataFrame, calls: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    live = heads.filter(pl.col("standing") != "never")
    found: list[pl.DataFrame] = [
        *wrong_answers(answers, rules.forms),
        *answered_twice(answers),
        *several(answers),
        *half(live, evaluations),
        *mixed_scales(answers),
        *same_voice(live, rules.people),
        *same_call(live),
        *calls_of_others(live, calls),
        *wrong_days(live),
        *wrong_versions(live, rules.forms),
        *changed_forms(live, rules.changed),
    ]
    every = pl.concat([pl.DataFrame(schema=FINDING), *found], how="vertical")
    # of an answer that is missing, the place is that of the evaluation
    lines = heads.select("evaluation_id", _line="line")
    placed = every.join(lines, on="evaluation_id", how="left", maintain_order="left")
    placed = placed.with_columns(line=pl.coalesce("line", "_line")).select(*FINDING)
    return placed.sort("evaluation_id", maintain_order=True)


def _standing(heads: pl.DataFrame, found: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """The heads with what is set aside, and the own leader's evaluations counted only where they may."""
    wrong = found.filter(pl.col("code").is_in(errors()))["evaluation_id"].unique().implode()
    led = found.filter(pl.col("code") == "QC_SCORE_OWN_LEADER")["evaluation_id"].unique().implode()
    is_wrong, is_led = pl.col("evaluation_id").is_in(wrong), pl.col("evaluation_id").is_in(led)
    never = is_led & (definitions.evaluators_counted == "not_own_leader")
    apart = (pl.col("standing") == "counts") & (pl.col("chosen").fill_null(RANDOM) != RANDOM)
    standing = pl.when(never).then(pl.lit("never")).when(apart).then(pl.lit(APART)).otherwise("standing")
    mended = heads.with_columns(own_leader=is_led, if_mended=standing)
    return mended.with_columns(standing=pl.when(is_wrong).then(pl.lit(SET_ASIDE)).otherwise("if_mended"))


def errors() -> list[str]:
    """The codes of findings for which an evaluation is set aside."""
    return [code for code, said in texts().items() if code.startswith("QC_SCORE_") and said["level"] == "error"]


def problems_of(found: pl.DataFrame, evaluations: pl.DataFrame) -> Iterator[Problem]:
    """The findings as sentences, each with its place in the file where the table says it."""
    places = ["source_file", "source_row"] if "source_row" in evaluations.columns else []
    where = evaluations.select(places).with_row_index("line").cast({"line": pl.Int64}) if places else None
    rows = found.join(where, on="line", how="left", maintain_order="left") if where is not None else found
    for row in rows.iter_rows(named=True):
        yield problem(
            row["code"],
            file=row.get("source_file") or "",
            row=row.get("source_row"),
            column=row["question"] or "",
            value="" if row["value"] is None else row["value"],
            evaluation=row["evaluation_id"],
            other=row["other"] or "",
        )


def refusals(refused: Sequence[Refused], disputes: pl.DataFrame | None) -> Iterator[Problem]:
    """The steps of disputes that are not followed, as sentences."""
    known = disputes is not None and "source_row" in disputes.columns
    for one in refused:
        row: Any = disputes.row(one.step.line, named=True) if known and disputes is not None else {}
        yield refusal_problem(one, file=row.get("source_file") or "", row=row.get("source_row"))


def refusal_problem(one: Refused, *, file: str = "", row: int | None = None) -> Problem:
    """One step that is not followed, as a sentence."""
    step = one.step
    value = step.answer if "ANSWER" in one.code else step.by if "_BY" in one.code else f"{step.at:%Y-%m-%d %H:%M}"
    return problem(
        one.code, file=file, row=row, column="question" if file else "", value=value, evaluation=step.evaluation_id,
        question=step.question, other=one.other,
    )  # fmt: skip
