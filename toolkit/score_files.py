"""What a scorecard leaves behind: values.csv, scorecard.csv, problems.csv, and a record that names every file."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import as_cells
from toolkit.kpi_codes import kpi_codes
from toolkit.periods import Period
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem
from toolkit.readers.outcomes import SourceFile
from toolkit.scorecards import TOTAL, Card, Line, ScorecardRun
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder

RECORD, VALUES, SCORECARD, PROBLEMS = "scorecard.json", "values.csv", "scorecard.csv", "problems.csv"
BOOK, PAGES = "scorecard.xlsx", "pages"
FOLDER = FolderKind(RECORD, (VALUES, SCORECARD, PROBLEMS, BOOK, PAGES))
DIGITS = 9
"""Digits behind the point in the files: more than anybody reads, enough that nobody has to guess how it was rounded."""

Writer = Callable[[Path], None]
"""Writes one more file or folder at the path it is given."""


@dataclass(frozen=True)
class About:
    """What every page says about where its figures come from."""

    title: str
    period: Period
    as_of: date
    provisional: bool
    currency: str
    digits: int
    profile: str
    version: str


def write_scores(
    out: Path,
    values: pl.DataFrame,
    run: ScorecardRun,
    about: About,
    files: Sequence[SourceFile],
    problems: Sequence[Problem],
    more: Mapping[str, Writer],
) -> None:
    """Writes the folder, whole or not at all. more: further files by name (scorecard.xlsx, pages)."""
    with whole_folder(out, FOLDER) as aside:
        _as_csv(values).write_csv(aside / VALUES)
        _as_csv(scorecard_table(run)).write_csv(aside / SCORECARD)
        write_problems(problems, aside / PROBLEMS)
        for name, write in more.items():
            write(aside / name)
        record = _record(about, files, hashes_in(aside))
        (aside / RECORD).write_text(
            json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
        )


def scorecard_table(run: ScorecardRun) -> pl.DataFrame:
    """One row for each KPI of each card and one for its total; shares are fractions, scores of a hundred."""
    return pl.DataFrame([row for card in run.cards for row in _rows(card)], schema=SCHEMA, orient="row")


SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("scope_kind", "scope", "name", "scorecard", "kpi", "title"), pl.String),
    **dict.fromkeys(("value", "numerator", "base", "target", "score", "weight"), pl.Float64),
    **dict.fromkeys(("band", "light"), pl.String),
    "rank": pl.Int64,
    "fair_rank": pl.Int64,
    **dict.fromkeys(("interval_low", "interval_high"), pl.Float64),
    **dict.fromkeys(("note", "definition"), pl.String),
}


def _rows(card: Card) -> Iterator[dict[str, Any]]:
    of = {"scope_kind": card.scope_kind, "scope": card.scope, "name": card.name, "scorecard": card.rule.name}
    for line in card.lines:
        yield {**of, **_cells(line)}
    gates = ", ".join(kpi_codes()[kpi].title for kpi in card.gates)
    yield {
        **of,
        "kpi": TOTAL,
        "title": card.rule.title or card.rule.name,
        "score": number(card.total),
        "weight": float(sum((line.weight for line in card.lines), Fraction(0))),
        "band": card.band,
        "rank": card.rank,
        "fair_rank": card.fair_rank,
        "note": f"gate: {gates}" if gates else "",
    }


def _cells(line: Line) -> dict[str, Any]:
    low, high = line.interval or (None, None)
    return {
        "kpi": line.kpi,
        "title": kpi_codes()[line.kpi].title,
        "value": number(line.value),
        "numerator": line.numerator,
        "base": line.base,
        "target": number(line.goal.target),
        "score": None if line.score is None else float(line.score * 100),
        "weight": float(line.weight),
        "band": line.place,
        "light": line.light,
        "rank": line.rank,
        "interval_low": low,
        "interval_high": high,
        "note": line.note,
        "definition": line.definition,
    }


def number(value: Fraction | None) -> float | None:
    """A fraction as a number for files and pages."""
    return None if value is None else float(value)


def _as_csv(table: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame([_column(column) for column in table])


def _column(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return as_cells(column)
    return column.round(DIGITS) if column.dtype == pl.Float64 else column


def _record(about: About, files: Sequence[SourceFile], hashes: Mapping[str, str]) -> dict[str, Any]:
    facts = ("file", "sheet", "table", "sha256", "rows", "accepted", "rejected", "ignored")
    return {
        "toolkit": about.version,
        "profile": about.profile,
        "period": about.period.label,
        "as_of": about.as_of.isoformat(),
        "provisional": about.provisional,
        "sources": [{fact: getattr(file, fact) for fact in facts} for file in files],
        "files": dict(sorted(hashes.items())),
    }
