"""What evaluators heard, answer by answer and section by section, of the evaluations that count."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import narwhals as nw
import polars as pl

from toolkit.evaluations import APART
from toolkit.forms import Forms
from toolkit.kpis.data import Data, eager
from toolkit.kpis.quality import evaluations, judged_evaluations
from toolkit.qc import MILLION

ALL = ""
"""What a coaching action is about that names neither question nor section: the score of the whole call."""
KEY = ["evaluation_id", "agent_id", "call_id", "evaluator", "day"]


@dataclass(frozen=True)
class HeardCalls:
    """scores: a row an evaluation, in order of its call's day: evaluation_id, agent_id, call_id, evaluator, day, score
    (millionths), auto_failed, by_chance (false of a call that was chosen for a risk or by hand).
    answers: a row an answer to a question that applied: the same keys, asked, text, section,
    title, earned, possible, critical (whether it was a critical question), auto_fail, answer, comment."""

    scores: pl.DataFrame
    answers: pl.DataFrame

    @cached_property
    def by_chance(self) -> "HeardCalls":
        """Those of calls that were chosen by chance: what is said of all calls of somebody, is said by these alone."""
        drawn = self.scores.filter("by_chance")
        return HeardCalls(drawn, self.answers.join(drawn.select("evaluation_id"), on="evaluation_id", how="semi"))

    @cached_property
    def sections(self) -> pl.DataFrame:
        """A row an evaluation and section: the keys, section, title, earned, possible."""
        known = self.answers.filter(pl.col("section") != "")
        sums = known.group_by(*KEY, "section").agg(pl.col("title").first(), pl.col("earned", "possible").sum())
        return sums.sort("agent_id", "day", "evaluation_id", "section")

    def shares(self, about: str) -> pl.DataFrame:
        """What each call earned of a question, of a section, or of everything (""): the keys and share, from 0 to 1."""
        if about == ALL:
            return self.scores.select(*KEY, share=pl.col("score") / MILLION)
        word = about.strip().casefold()
        asked = self.answers.filter(pl.col("asked") == word)
        if asked.is_empty():
            asked = self.answers.filter(pl.col("section").str.to_lowercase() == word)
        sums = asked.group_by(KEY).agg(pl.col("earned", "possible").sum())
        return sums.select(*KEY, share=pl.col("earned") / pl.col("possible")).sort("agent_id", "day", "evaluation_id")

    def title_of(self, about: str) -> str:
        """The question's text or the section's title, "" for what no form has."""
        word = about.strip().casefold()
        for column, shown in (("asked", "text"), ("section", "title")):
            found = self.answers.filter(pl.col(column).str.to_lowercase() == word)
            if word and found.height:
                return str(found[shown][0])
        return ""


def heard_calls(data: Data) -> HeardCalls:
    """Of all evaluations that count or stand apart and could be read, by their forms. `MissingError` without any."""
    scored = evaluations(data).filter(pl.col("standing").is_in(["counts", APART]) & pl.col("score").is_not_null())
    ordered = scored.sort("agent_id", "day", "evaluation_id")
    # with overturned answers replaced: nobody is coached for what was not so
    answers = judged_evaluations(data).answers.join(ordered.select("evaluation_id", "day"), on="evaluation_id")
    told = answers.join(_words(data.forms), on=["form", "form_version", "asked"], how="left")
    applied = told.filter(pl.col("possible") > 0).select(
        *KEY,
        "asked",
        pl.col("text").fill_null(pl.col("question")),
        pl.col("section_code").fill_null("").alias("section"),
        pl.col("title").fill_null(""),
        "earned",
        "possible",
        pl.col("critical").fill_null(False),
        "auto_fail",
        pl.col("answer").fill_null(""),
        pl.col("comment").fill_null(""),
    )
    return HeardCalls(
        ordered.select(*KEY, "score", "auto_failed", by_chance=pl.col("standing") != APART),
        applied.sort("agent_id", "day", "evaluation_id", "asked"),
    )


def _words(forms: Forms) -> pl.DataFrame:
    schema = {
        **dict.fromkeys(("form", "form_version", "asked", "text", "section_code", "title"), pl.String),
        "critical": pl.Boolean,
    }
    return pl.DataFrame(list(_rows(forms)), schema=schema, orient="row")


def _rows(forms: Forms) -> Iterator[tuple[str, str, str, str, str, str, bool]]:
    for form in forms:
        for section in form.sections:
            for question in section.questions:
                name = question.code.casefold()
                about = (question.text, section.code, section.title, question.critical)
                yield (form.code, form.version, name, *about)


def recordings(data: Data) -> dict[str, tuple[str, str]]:
    """Of each evaluated call: when it started, and where its recording is; "" where nobody says."""
    if not data.has("calls", "call_id"):
        return {}
    rows = data.table("calls", "call_id", "started_at", recording=nw.String)
    wanted = eager(data.table("evaluations", call_id=nw.String)).to_polars()["call_id"].drop_nulls().unique().to_list()
    found = eager(rows.filter(nw.col("call_id").is_in(wanted))).to_polars()
    return {
        call: (f"{started:%d %b %Y, %H:%M}" if started else "", recording or "")
        for call, started, recording in found.select("call_id", "started_at", "recording").iter_rows()
    }
