"""What `toolkit qc score` and `toolkit qc dispute` leave behind, and what they read again of earlier runs.

Scores and shares are of a hundred in the files: 92.96 is 92.96 %. They are cut off at the fourth digit, never rounded
up.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from filelock import FileLock, Timeout

from toolkit.csv_text import as_cells
from toolkit.evaluations.disputes import Step
from toolkit.growing_csv import with_rows
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

RECORD, PROBLEMS = "scores.json", "problems.csv"
TABLES = ("calls.csv", "agents.csv", "teams.csv", "sections.csv", "questions.csv", "evaluators.csv")
LIMITS, BOOK, PAGES = "limits.json", "quality.xlsx", "pages"
FOLDER = FolderKind(RECORD, (*TABLES, PROBLEMS, LIMITS, BOOK, PAGES))
DISPUTES = "disputes.csv"
COLUMNS = ("dispute_id", "evaluation_id", "question", "step", "at", "by", "answer", "reason")
PERCENT = (
    "score_before", "score", "weighted_score", "extras_score", "compliance", "first_score", "target", "lost_share",
    "cumulated", "share", "na_share", "mean", "spread", "last_day_share",
)  # fmt: skip
"""Columns in millionths."""
FRACTIONS = (
    "interval_low", "interval_high", "question_rate", "question_low", "question_high", "evaluation_rate",
    "evaluation_low", "evaluation_high",
)  # fmt: skip
LEFT_OUT = ("fine", "part_earned", "part_possible", "number", "numerator", "denominator", "state", "lost")
PATIENCE = 10
"""Seconds to wait for somebody else who is writing a dispute."""


def write_quality(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    record: Mapping[str, Any],
    problems: Sequence[Problem],
    more: Mapping[str, Callable[[Path], None]],
) -> None:
    """Writes the folder, whole or not at all. tables: by the names of `TABLES`; record: what scores.json says; more:
    further files by name, each written at the path that it is given."""
    with whole_folder(out, FOLDER) as aside:
        for name in TABLES:
            for_people(tables[name]).write_csv(aside / name)
        write_problems(problems, aside / PROBLEMS)
        for name, write in more.items():
            write(aside / name)
        write_json({**record, "files": dict(sorted(hashes_in(aside).items()))}, aside / RECORD)


def for_people(table: pl.DataFrame) -> pl.DataFrame:
    """A table as its file has it: shares as per cent, exactly; text harmless; no columns for sums."""
    shown = [_cells(column) for column in table if column.name not in LEFT_OUT]
    return pl.DataFrame(shown)


def _cells(column: pl.Series) -> pl.Series:
    if column.name in PERCENT:
        return (column.cast(pl.Decimal(20, 4)) / 10_000).cast(pl.Decimal(20, 4)).alias(column.name)
    if column.name == "weight":
        return (column.cast(pl.Decimal(20, 6)) / 1_000_000).cast(pl.Decimal(20, 6)).alias(column.name)
    if column.name in FRACTIONS:
        return (column * 100).round(2)
    if column.dtype == pl.String:
        return as_cells(column)
    return column.dt.strftime("%Y-%m-%d %H:%M") if column.dtype == pl.Datetime else column


def forms_before(folder: Path, *, asked: bool) -> dict[tuple[str, str], dict[str, Any]]:
    """The forms of an earlier run by code and version, each with its sha256 and content; none where there was no run.

    asked: somebody named the folder, so that it has to be one. `ToolkitError` where it is none.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {(form["code"], form["version"]): form for form in record["forms"] if form["content"]["sections"]}
    except FileNotFoundError as error:
        if not asked:
            return {}
        raise ToolkitError([_no_run(folder, "it has no scores.json")]) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolkitError([_no_run(folder, f"its scores.json cannot be read ({error})")]) from error


def _no_run(folder: Path, reason: str) -> Problem:
    return problem("QC_SCORE_PREVIOUS", value=folder.name, reason=reason)


# --- disputes.csv ---------------------------------------------------------------------------------------


class DisputeFile:
    """A folder's disputes.csv, held by one person at a time: rows are added, and none is ever changed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / DISPUTES
        self._lock = FileLock(folder / f".{DISPUTES}.lock", timeout=PATIENCE)

    def __enter__(self) -> "DisputeFile":
        if self.path.parent.is_file():
            raise ToolkitError([problem("OUT_IS_A_FILE", value=self.path.parent.name, out=self.path.parent)])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout as busy:
            name = self.path.parent.name
            raise ToolkitError([problem("OUT_BUSY", value=name, out=self.path.parent)]) from busy
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def append(self, step: Step, timezone: str) -> None:
        """The file with one row more, written aside and put in its place whole. `ToolkitError` where it is not ours."""
        before = self.path.read_bytes() if self.path.exists() else b""
        aside = self.path.with_name(f"{DISPUTES}.new")
        aside.write_bytes(_with_row(before, step, timezone, self.path.name))
        os.replace(aside, self.path)


def _with_row(before: bytes, step: Step, timezone: str, name: str) -> bytes:
    try:
        return with_rows(before, COLUMNS, [_row(step, timezone)])
    except ValueError as error:
        raise ToolkitError([problem("QC_DISPUTE_FILE", value=name, reason=error)]) from error


def _row(step: Step, timezone: str) -> dict[str, str]:
    at: datetime = step.at.replace(tzinfo=ZoneInfo(timezone))
    texts = {name: " ".join(str(getattr(step, name)).split()) for name in COLUMNS if name != "at"}
    harmless = as_cells(pl.Series(list(texts.values()), dtype=pl.String)).fill_null("").to_list()
    return {**dict(zip(texts, harmless, strict=True)), "at": at.isoformat()}
