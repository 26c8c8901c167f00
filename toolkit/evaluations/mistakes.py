"""What is wrong with evaluations: with their answers, and with who evaluated which call for whom.

Each function gives findings, a row each: evaluation_id, code of the sentence, question, value as it was found, `other`
for what the sentence needs beside these, and the line of the evaluations table. Nothing is looked at row by row that
could be looked at once for all.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from toolkit.evaluations.people import People
from toolkit.forms import Forms, Question
from toolkit.qc_answers import asked_twice

FINDING: dict[str, Any] = {
    **dict.fromkeys(("evaluation_id", "code", "question", "value", "other"), pl.String), "line": pl.Int64,
}  # fmt: skip
OF_MISTAKE = {
    "question": "QC_SCORE_QUESTION", "answer": "QC_SCORE_ANSWER", "range": "QC_SCORE_RANGE", "na": "QC_SCORE_NA",
    "missing": "QC_SCORE_MISSING", "default": "QC_SCORE_DEFAULT",
}  # fmt: skip
OF_ANSWERS = (*OF_MISTAKE.values(), "QC_SCORE_COMMENT")
"""What is wrong with one answer and says nothing of the others."""
ONE_PER_EVALUATION = ("call_id", "agent_id", "evaluator", "evaluated_on", "called_on", "form", "form_version", "state",
                      "chosen")  # fmt: skip
NO_ANSWER = "n/a"


def findings(frame: pl.DataFrame, code: str, **columns: pl.Expr | str) -> pl.DataFrame:
    """Rows of a frame with evaluation_id as findings of one code; question, value, other and line where given."""
    given = {name: pl.lit(value) if isinstance(value, str) else value for name, value in columns.items()}
    told = {name: given.get(name, pl.lit(None)) for name in ("question", "value", "other", "line")}
    return frame.select("evaluation_id", code=pl.lit(code), **told).cast(FINDING).select(*FINDING)  # type: ignore[arg-type]


def wrong_answers(answers: pl.DataFrame, forms: Forms) -> Iterator[pl.DataFrame]:
    """Answers that their form does not know, that are missing, or that need a comment and have none."""
    live = answers.filter((pl.col("standing") != "never") & (pl.col("unread") | pl.col("low")))
    unread = live.filter("unread")
    for mistake, code in OF_MISTAKE.items():
        rows = unread.filter(pl.col("mistake") == mistake)
        if rows.height:
            yield _told(rows, code, lambda *key, of=mistake: _expected(forms, of, *key))
    blank = pl.col("comment").fill_null("").str.strip_chars() == ""
    silent = live.filter(pl.col("low") & ~pl.col("unread") & blank)
    if silent.height:
        yield _told(silent, "QC_SCORE_COMMENT", lambda *key: _comment_below(forms, *key))


def _told(rows: pl.DataFrame, code: str, other: Callable[..., str]) -> pl.DataFrame:
    """The rows as findings, with what `other` says of each question of each form."""
    key = ["form", "form_version", "asked"]
    kinds = rows.select(key).unique()
    said = kinds.with_columns(
        other=pl.Series([other(*row) for row in kinds.iter_rows()], dtype=pl.String),
    )
    full = rows.join(said, on=key, how="left", maintain_order="left")
    columns = {name: pl.col(source) for name, source in _SHOWN.items()}
    return findings(full, code, **columns)


_SHOWN = {"question": "question", "value": "answer", "other": "other", "line": "line"}


def _expected(forms: Forms, mistake: str, code: str, version: str, asked: str) -> str:
    form = forms.get(code, version)
    if form is None:
        return ", ".join(f"{known.code} {known.version}" for known in forms) or "none"
    if mistake == "question":
        return ", ".join(form.questions)
    question = form.question(asked)
    return "" if question is None else answers_in_words(question)


def _comment_below(forms: Forms, code: str, version: str, asked: str) -> str:
    form = forms.get(code, version)
    question = form.question(asked) if form else None
    return f"{question.comment_below} %" if question else ""


def answers_in_words(question: Question) -> str:
    """What may be answered to a question, for people."""
    if question.type == "text":
        return "any text"
    if question.type == "scale":
        words = [f"a whole number from {question.lowest} to {question.highest}"]
    else:
        words = ["yes", "no"] if question.type == "yes_no" else list(question.answers)
    if question.not_applicable != "not_allowed":
        words.append(NO_ANSWER)
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def answered_twice(answers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Questions that stand in one evaluation twice, in other capitals."""
    given = answers.filter((pl.col("standing") != "never") & pl.col("line").is_not_null())
    if not asked_twice(given):
        return
    twice = given.filter(pl.struct("number", "asked").is_duplicated())
    if twice.height:
        columns = {name: pl.col(source) for name, source in _SHOWN.items() if name != "other"}
        yield findings(twice, "QC_SCORE_QUESTION_TWICE", **columns)


def several(answers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Evaluations whose rows do not agree on the call, the agent, the evaluator, the days, the form or the state."""
    same = pl.col("number") == pl.col("number").shift()
    for name in ONE_PER_EVALUATION:
        column = answers[name]
        if not column.len() or (column.null_count() == 0 and (column == column[0]).all()):
            continue
        differ = answers.filter(same & pl.col(name).ne_missing(pl.col(name).shift()))
        if differ.height:
            mine = answers.filter(pl.col("number").is_in(differ["number"].unique().implode()))
            each = mine.group_by("number", maintain_order=True).agg(
                pl.col("evaluation_id", "line").first(), values=pl.col(name).cast(pl.String).unique(maintain_order=True)
            )
            seen = pl.col("values").list.eval(pl.element().fill_null("(empty)")).list.join(", ")
            yield findings(each, "QC_SCORE_SEVERAL", question=name, value=seen, other=name, line=pl.col("line"))


def half(live: pl.DataFrame, evaluations: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Evaluations of which some rows could not be taken, where the table has a column `half` that says so."""
    if "half" in evaluations.columns:
        names = evaluations.filter(pl.col("half").fill_null(False))["evaluation_id"].unique().implode()
        mine = live.filter(pl.col("evaluation_id").is_in(names))
        yield findings(mine, "QC_SCORE_HALF", line=pl.col("line"))


def mixed_scales(answers: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Answers of forms that are not known, given out of another most than the others of the same question."""
    key = ["form", "form_version", "asked"]
    rows = answers.filter(
        (pl.col("section") < 0) & ~pl.col("unread") & (pl.col("possible") > 0) & (pl.col("standing") != "never")
    )
    counts = rows.group_by(*key, "possible").agg(n=pl.len())
    usual = counts.group_by(key).agg(
        usual=pl.when((pl.col("n") == pl.col("n").max()).sum() == 1).then(
            pl.col("possible").sort_by("n", descending=True).first()
        ),
        scales=pl.len(),
    )
    doubtful = rows.join(usual.filter(pl.col("scales") > 1), on=key)
    odd = doubtful.filter(pl.col("usual").is_null() | (pl.col("possible") != pl.col("usual")))
    if odd.height:
        others = pl.when(pl.col("usual").is_null()).then(pl.lit("different numbers")).otherwise(
            (pl.col("usual") // 1_000_000).cast(pl.String)
        )  # fmt: skip
        yield findings(
            odd, "QC_SCORE_MIXED_SCALES", question=pl.col("question"), value=pl.col("answer"), other=others,
            line=pl.col("line"),
        )  # fmt: skip


def same_voice(heads: pl.DataFrame, people: People) -> Iterator[pl.DataFrame]:
    """Evaluations by the agent, and by the agent's own team leader."""
    pairs = heads.select("agent_id", "evaluator").unique()
    own = [people.same(*pair) for pair in pairs.iter_rows()]
    led = [people.ever_leads(evaluator, agent_id) for agent_id, evaluator in pairs.iter_rows()]
    known = pairs.with_columns(own=pl.Series(own, dtype=pl.Boolean), led=pl.Series(led, dtype=pl.Boolean))
    told = heads.join(known, on=["agent_id", "evaluator"], how="left")
    line = {"line": pl.col("line")}
    yield findings(told.filter("own"), "QC_SCORE_OWN_CALL", value=pl.col("evaluator"), other=pl.col("agent_id"), **line)
    perhaps = told.filter(pl.col("led") & ~pl.col("own"))
    days = perhaps.select("evaluator", "agent_id", "day").iter_rows()
    leads = perhaps.filter(pl.Series([people.leads(*row) for row in days], dtype=pl.Boolean))
    yield findings(leads, "QC_SCORE_OWN_LEADER", value=pl.col("evaluator"), other=pl.col("agent_id"), **line)


def same_call(heads: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Calls that one person has evaluated twice, and calls of which evaluations of several people count."""
    heard = heads.filter(pl.col("call_id").is_not_null()).with_columns(
        _by=pl.col("evaluator").str.strip_chars().str.to_lowercase()
    )
    shared = heard.filter(pl.col("call_id").is_duplicated())
    others = shared.select("call_id", other_id="evaluation_id", _other="_by")
    pairs = shared.join(others, on="call_id").filter(pl.col("evaluation_id") != pl.col("other_id"))
    for code, rows in (
        ("QC_SCORE_CALL_TWICE", pairs.filter(pl.col("_by") == pl.col("_other"))),
        ("QC_SCORE_CALL_SHARED", pairs.filter(pl.col("_by") != pl.col("_other"))),
    ):
        each = rows.group_by("evaluation_id", maintain_order=True).agg(
            pl.col("call_id", "line").first(), other=pl.col("other_id").unique().sort().str.join(", ")
        )
        yield findings(each, code, value=pl.col("call_id"), other=pl.col("other"), line=pl.col("line"))


def calls_of_others(heads: pl.DataFrame, calls: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Evaluations of one agent that name a call of another. calls: call_id and agent_id."""
    whose = calls.select("call_id", _agent="agent_id").unique("call_id", keep="first")
    told = heads.join(whose, on="call_id", how="inner").filter(pl.col("_agent") != pl.col("agent_id"))
    yield findings(
        told, "QC_SCORE_CALL_OF_ANOTHER", value=pl.col("call_id"), other=pl.col("_agent"), line=pl.col("line")
    )


def wrong_days(heads: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Evaluations that were made before their call, and those that give another day than the call has."""
    line, day = pl.col("line"), pl.col("day").cast(pl.String)
    early = heads.filter(pl.col("evaluated_on") < pl.col("day"))
    yield findings(early, "QC_SCORE_EARLY", value=pl.col("evaluated_on").cast(pl.String), other=day, line=line)
    moved = heads.filter(pl.col("called_on") != pl.col("day"))
    yield findings(moved, "QC_SCORE_CALLED_ON", value=pl.col("called_on").cast(pl.String), other=day, line=line)


def wrong_versions(heads: pl.DataFrame, forms: Forms) -> Iterator[pl.DataFrame]:
    """Evaluations by a version of their form that did not hold on the day of the call."""
    kinds = heads.select("form", "form_version", "day").unique()
    held = [forms.in_force(form, day) if day is not None else None for form, _, day in kinds.iter_rows()]
    names = [form.version if form else None for form in held]
    told = kinds.with_columns(_held=pl.Series(names, dtype=pl.String)).filter(pl.col("_held") != pl.col("form_version"))
    known = [forms.get(*row) is not None for row in told.select("form", "form_version").iter_rows()]
    late = heads.join(told.filter(pl.Series(known, dtype=pl.Boolean)), on=["form", "form_version", "day"])
    version = pl.concat_str("form", "form_version", separator=" ")
    yield findings(late, "QC_SCORE_VERSION", value=version, other=pl.col("_held"), line=pl.col("line"))


def changed_forms(heads: pl.DataFrame, changed: Mapping[tuple[str, str], str]) -> Iterator[pl.DataFrame]:
    """Evaluations by a form that is not what it was when it was used before. changed: what, by code and version."""
    for (code, version), what in changed.items():
        mine = heads.filter((pl.col("form") == code) & (pl.col("form_version") == version))
        yield findings(mine, "QC_SCORE_FORM_CHANGED", value=f"{code} {version}", other=what, line=pl.col("line"))
