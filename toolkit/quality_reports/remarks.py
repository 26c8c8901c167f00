"""What is to be said of the evaluations of a run as a whole, and of forms that were edited after use."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from toolkit.evaluations import Judged
from toolkit.form_files import changes, content_hash, content_of
from toolkit.forms import Forms
from toolkit.periods import Period
from toolkit.problems import Problem, problem

FEW_NAMED = 5
"""So many evaluations are named in a sentence that is about more."""


def about_all(found: Judged, forms: Forms, later: pl.DataFrame, stands: date) -> Iterator[Problem]:
    """Of forms that are not known, open questions, changes without a dispute, and evaluations of later days."""
    yield from _of_forms(found, forms)
    yield from _of_answers(found)
    yield from _of_later(later, stands)


def _of_forms(found: Judged, forms: Forms) -> Iterator[Problem]:
    """Forms that are not known."""
    live = found.scores.filter(pl.col("by_default") & (pl.col("standing") != "never"))
    known = ", ".join(f"{form.code} {form.version}" for form in forms)
    for code, number, count in live.group_by("form", "form_version").len().sort("form", "form_version").iter_rows():
        yield problem("QC_SCORE_FORM_UNKNOWN", value=f"{code} {number}", count=count, known=known)


def _of_answers(found: Judged) -> Iterator[Problem]:
    """Evaluations with open questions, and those that somebody changed without a dispute."""
    live = found.scores.filter(pl.col("standing").is_in(["counts", "apart", "provisional"]))
    alone = (pl.col("state") == "resolved") & ~pl.col("evaluation_id").is_in(
        [one.evaluation_id for one in found.disputes]
    )
    for code, wrong in (("QC_SCORE_UNANSWERED", pl.col("unanswered") > 0), ("QC_SCORE_RESOLVED_ALONE", alone)):
        ids = live.filter(wrong)["evaluation_id"].to_list()
        if ids:
            which = ", ".join(ids[:FEW_NAMED]) + (", …" if len(ids) > FEW_NAMED else "")
            yield problem(code, value=len(ids), which=which)


def _of_later(later: pl.DataFrame, stands: date) -> Iterator[Problem]:
    if later.height:
        yield problem("QC_SCORE_LATER", value=later["evaluation_id"].n_unique(), day=stands)


def of_period(days: pl.Series, period: Period) -> Iterator[Problem]:
    """That no call of the period was evaluated, and which days are known."""
    if days.len():
        yield problem("QC_SCORE_NONE_IN_PERIOD", value=period.label, first=days.min(), last=days.max())


def changed_since(
    forms: Forms, before: Mapping[tuple[str, str], Mapping[str, Any]]
) -> tuple[dict[tuple[str, str], str], list[Problem]]:
    """What has changed of forms since they were used: what makes other scores, and what is only worded otherwise."""
    grave: dict[tuple[str, str], str] = {}
    worded = []
    for form in forms:
        key = (form.code, form.version)
        if key not in before or before[key]["sha256"] == content_hash(form):
            continue
        what, words = changes(before[key]["content"], content_of(form))
        if what:
            grave[key] = "; ".join(what)
        else:
            name = f"{form.code} {form.version}"
            worded.append(problem("QC_SCORE_FORM_WORDED", value=name, what="; ".join(words)))
    return grave, worded
