"""What a report on agreement leaves behind: agreement, evaluators, disagreements and problems as CSV, and a record."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import table_cells
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.quality.agreed import Key, spelled, typed_answers
from toolkit.quality.agreement import Line
from toolkit.quality.distance import Distance
from toolkit.quality.report import Disagreement, FormReport, Report
from toolkit.quality_reports.agreement.words import note_words, verdict_words, why_no_kappa
from toolkit.scorecard_reports.files import Writer, number
from toolkit.whole_folder import FolderKind, hashes_in, sha256, whole_folder, write_json

RECORD, AGREEMENT, EVALUATORS = "agreement.json", "agreement.csv", "evaluators.csv"
DISAGREEMENTS, PROBLEMS, COLLECTED = "disagreements.csv", "problems.csv", "evaluations.csv"
BOOK, PAGE, AGREED_FILE = "agreement.xlsx", "agreement.html", "agreed.csv"
FOLDER = FolderKind(RECORD, (AGREEMENT, EVALUATORS, DISAGREEMENTS, PROBLEMS, COLLECTED, BOOK, PAGE))
"""agreed.csv is no part of it: it grows from run to run and nothing in it is ever replaced."""
TO_FILL_IN = "agreed_answer"


@dataclass(frozen=True)
class About:
    """What every page says about where its figures come from. period: "" for all there is."""

    title: str
    period: str
    profile: str
    version: str
    every_call: bool
    sources: Sequence[Mapping[str, Any]]


def write_agreement(
    out: Path,
    found: Report,
    about: About,
    problems: Sequence[Problem],
    more: Mapping[str, Writer],
    recorded: Mapping[Key, str],
    settle: Callable[[], None] = lambda: None,
) -> None:
    """Writes the folder, whole or not at all. more: further files by name. recorded: the agreed answers on record.
    settle: puts new ones on record, when all else is written and before the list that they were typed into is replaced.
    `ToolkitError` where the folder has agreed answers that somebody filled in and nobody recorded: they would be lost.
    """
    refuse_to_lose(out / DISAGREEMENTS, found, recorded)
    with whole_folder(out, FOLDER) as aside:
        table_cells(agreement_table(found)).write_csv(aside / AGREEMENT)
        table_cells(distance_table(found)).write_csv(aside / EVALUATORS)
        table_cells(disagreement_table(found)).write_csv(aside / DISAGREEMENTS)
        write_problems(problems, aside / PROBLEMS)
        for name, write in more.items():
            write(aside / name)
        write_json(record_of(found, about, hashes_in(aside)), aside / RECORD)
        settle()


LINE_SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("form", "form_version", "scope", "section", "question", "title", "verdict"), pl.String),
    **dict.fromkeys(("calls", "evaluators", "calls_differing"), pl.Int64),
    **dict.fromkeys(("per_cent", "share_of_disagreement"), pl.Float64),
    "kappa_kind": pl.String,
    **dict.fromkeys(("kappa", "kappa_low", "kappa_high", "randolph"), pl.Float64),
    **dict.fromkeys(("alpha", "alpha_low", "alpha_high"), pl.Float64),
    "usual_answer": pl.String,
    "prevalence": pl.Float64,
    **dict.fromkeys(("note", "why_no_kappa"), pl.String),
}


def agreement_table(found: Report) -> pl.DataFrame:
    """A row for each form, section and question; shares are fractions."""
    rows = [_line(form, line) for form in found.forms for line in form.lines]
    return pl.DataFrame(rows, schema=LINE_SCHEMA, orient="row")


def _line(form: FormReport, line: Line) -> dict[str, Any]:
    kappa, interval = line.kappa.interval or (None, None), line.interval or (None, None)
    return {
        "form": form.group.code, "form_version": form.group.version, "scope": line.scope, "section": line.section,
        "question": line.code if line.scope == "question" else "", "title": line.title,
        "verdict": verdict_words(line), "calls": line.calls, "evaluators": line.evaluators,
        "calls_differing": line.differing, "per_cent": number(line.per_cent),
        "share_of_disagreement": number(line.share), "kappa_kind": line.kind, "kappa": line.kappa.value,
        "kappa_low": kappa[0], "kappa_high": kappa[1], "randolph": line.randolph.value, "alpha": number(line.alpha),
        "alpha_low": interval[0], "alpha_high": interval[1], "usual_answer": line.usual,
        "prevalence": number(line.prevalence), "note": note_words(line),
        "why_no_kappa": why_no_kappa(line.kappa) if line.scope == "question" else "",
    }  # fmt: skip


DISTANCE_SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("form", "form_version", "evaluator", "compared_with", "scope", "question", "title"), pl.String),
    "calls": pl.Int64,
    **dict.fromkeys(("mean_difference", "mean_absolute_difference"), pl.Float64),
    "within": pl.Boolean,
    "leaning": pl.String,
    "calls_not_compared": pl.Int64,
}


def distance_table(found: Report) -> pl.DataFrame:
    """A row for each evaluator's total score and for each question; differences in points of 100, below 0 stricter."""
    rows = [_distance(form, one) for form in found.forms for one in form.distances]
    return pl.DataFrame(rows, schema=DISTANCE_SCHEMA, orient="row")


def _distance(form: FormReport, one: Distance) -> dict[str, Any]:
    return {
        "form": form.group.code, "form_version": form.group.version, "evaluator": one.evaluator,
        "compared_with": one.to or "mean of the others", "scope": "question" if one.question else "total",
        "question": one.question, "title": one.title, "calls": one.calls, "mean_difference": number(one.mean),
        "mean_absolute_difference": number(one.mean_absolute), "within": one.within, "leaning": one.leaning,
        "calls_not_compared": one.not_compared,
    }  # fmt: skip


KEYS = ("call_id", "agent_id", "form", "form_version", "section", "question", "text", TO_FILL_IN)


def disagreement_table(found: Report) -> pl.DataFrame:
    """A row for each question of a call on which evaluators differ, a column for each evaluator's answer, and room for
    the answer that they agree on."""
    all_of_them = [one for form in found.forms for one in form.disagreements]
    people = sorted({who for one in all_of_them for who in one.answers})
    heads = [*KEYS, *(answer_head(who) for who in people), "comments"]
    rows = [_disagreement(one, people) for one in all_of_them]
    return pl.DataFrame(rows, schema=dict.fromkeys(heads, pl.String), orient="row")


def answer_head(who: str) -> str:
    """The head of an evaluator's column."""
    return f"answer of {who}"


def _disagreement(one: Disagreement, people: Sequence[str]) -> list[str]:
    answers = [one.answers[who].answer if who in one.answers else "" for who in people]
    asked = (one.asked.section, one.asked.code, one.asked.text)
    return [one.call_id, one.agent_id, one.form, one.form_version, *asked, one.agreed, *answers, comments(one)]


def comments(one: Disagreement) -> str:
    """Who said what about it."""
    return "; ".join(f"{who}: {said.comment}" for who, said in one.answers.items() if said.comment)


def refuse_to_lose(path: Path, found: Report, recorded: Mapping[Key, str]) -> None:
    """Agreed answers that were typed into an earlier disagreements.csv have to be recorded before it is replaced, also
    those that change what was recorded. A file that somebody saved in a way that cannot be read is not replaced either.
    """
    if not path.is_file() or _is_ours(path):
        return
    forms = {(form.group.code, form.group.version): form.group.form for form in found.forms}
    waiting = [
        key
        for key, answer in typed_answers(path).items()
        if spelled(forms.get(key[:2]), key[2], answer) != recorded.get(key, "").casefold()
    ]
    if waiting:
        raise ToolkitError([problem("AGREED_NOT_RECORDED", file=path.name, value=len(waiting), out=path.parent)])


def _is_ours(path: Path) -> bool:
    """Whether the file is as it was written: nobody has typed anything into it."""
    try:
        written = json.loads((path.parent / RECORD).read_text(encoding="utf-8"))["files"][path.name]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(written == sha256(path))


def record_of(found: Report, about: About, hashes: Mapping[str, str]) -> dict[str, Any]:
    """agreement.json: the lines and distances again, and what everything was made from."""
    return {
        "toolkit": about.version,
        "profile": about.profile,
        "period": about.period,
        "evaluations": "every call that two or more evaluated" if about.every_call else "calibration",
        "master": found.master,
        "agreement": agreement_table(found).to_dicts(),
        "evaluators": distance_table(found).to_dicts(),
        "disagreements": sum(len(form.disagreements) for form in found.forms),
        "sources": list(about.sources),
        "files": dict(sorted(hashes.items())),
    }
