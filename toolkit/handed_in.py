"""A filled quality form handed in: looked through together with all that the data have, then kept for good.

It is kept at the end of a file of its own among the exports, where every command and button reads it. The file only
grows: what stands in it stays byte by byte, also when the exports around it are made anew.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl
from filelock import FileLock, Timeout

from toolkit.csv_text import as_cells
from toolkit.evaluations import errors, problems_of
from toolkit.form_books.collecting import COLUMNS
from toolkit.forms import Form
from toolkit.growing_csv import rows_in, with_rows
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.quality_reports.evaluated import Evaluations

FILE = "evaluations-by-form.csv"
PATIENCE = 10
"""Seconds to wait for somebody else who hands a form in."""
SUBMITTED, CHOSEN = "submitted", "chosen"
HALF = "QC_SCORE_HALF"
"""Said where the gate has refused some rows, which is told in its own words."""
DIGITS = 6
"""Letters of the evaluation's number that tell it from those of others for the same call."""


@dataclass(frozen=True)
class Filled:
    """A form as it was filled in. answers, comments: by the codes of its questions; those that are open are absent.
    chosen: how the call was chosen, as the table `evaluations` has it; "" where no draw says it."""

    form: Form
    call_id: str
    agent_id: str
    evaluator: str
    evaluated_on: date
    answers: Mapping[str, str]
    comments: Mapping[str, str]
    chosen: str = ""


class RefusedError(ToolkitError):
    """The form would be set aside: for everything that its problems say."""


class HandingIn:
    """The file among the exports, held by one person at a time while a form is looked through and kept.

    `path` is the file as it would be with the form in it, to be read in place of the one that is there.
    """

    def __init__(self, data: Path, filled: Filled) -> None:
        """`ToolkitError` where the exports are no folder."""
        if not data.is_dir():
            raise ToolkitError([problem("HANDED_IN_NO_FOLDER", value=str(data))])
        self.filled = filled
        self._kept = data / FILE
        self._lock = FileLock(data / f".{FILE}.lock", timeout=PATIENCE)

    def __enter__(self) -> "HandingIn":
        try:
            self._lock.acquire()
        except Timeout as busy:
            raise ToolkitError([problem("HANDED_IN_BUSY", value=FILE)]) from busy
        except OSError as error:
            raise ToolkitError([self._unwritable(error)]) from error
        try:
            self._prepare(self._kept.read_bytes() if self._kept.is_file() else b"")
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._aside.cleanup()
        self._lock.release()

    def _prepare(self, before: bytes) -> None:
        try:
            rows = rows_in(before.decode("utf-8-sig"))
            self.evaluation_id = _number(self.filled, {row.get("evaluation_id", "") for row in rows})
            self._content = with_rows(before, (*COLUMNS, CHOSEN), list(_rows(self.filled, self.evaluation_id)))
        except ValueError as error:
            raise ToolkitError([problem("HANDED_IN_FILE", value=FILE, reason=error)]) from error
        self._first = len(rows) + 2
        self._aside = tempfile.TemporaryDirectory(prefix="toolkit-")
        self.path = Path(self._aside.name) / FILE
        self.path.write_bytes(self._content)

    def refuse(self, read: Evaluations) -> None:
        """`RefusedError` with everything for which the form would be set aside. read: the data with `path`."""
        found = list(dict.fromkeys(self._wrong(read)))
        if not found and self.evaluation_id not in read.judged.scores["evaluation_id"].to_list():
            found = [problem("HANDED_IN_LATER", value=self.filled.evaluated_on, day=read.stands)]
        if found:
            raise RefusedError(found)

    def _wrong(self, read: Evaluations) -> Iterator[Problem]:
        """What the gate says of its rows, once for all of them, then what is said of the evaluation."""
        for one in read.reading.problems:
            if one.file == FILE and one.level == "error" and (one.row is None or one.row >= self._first):
                yield replace(one, row=None)
        mine = (pl.col("evaluation_id") == self.evaluation_id) & pl.col("code").is_in(errors())
        yield from problems_of(read.judged.findings.filter(mine & (pl.col("code") != HALF)), read.table)

    def keep(self) -> None:
        """Puts the file in its place, whole. `ToolkitError` where that cannot be; nothing is lost then."""
        aside = self._kept.with_name(f".{FILE}.new")
        try:
            with aside.open("wb") as file:
                file.write(self._content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self._kept)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise ToolkitError([self._unwritable(error)]) from error

    def _unwritable(self, error: OSError) -> Problem:
        return problem("HANDED_IN_NOT_WRITTEN", value=str(self._kept), reason=error.strerror or error)


def _number(filled: Filled, known: set[str]) -> str:
    """The evaluation's number: the same for the same call and evaluator, unless one that was voided has it."""
    who = " ".join(filled.evaluator.split()).casefold()
    for time in range(len(known) + 1):
        text = "\n".join([filled.call_id, who, filled.form.code, str(time)])
        number = f"QF-{filled.call_id}-{hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}"
        if number not in known:
            return number
    raise AssertionError("one number more than there are is free")


def _rows(filled: Filled, evaluation_id: str) -> Iterator[dict[str, str]]:
    """A row an answer, in the order of the form; texts in one line and harmless."""
    head = {
        "evaluation_id": evaluation_id, "call_id": filled.call_id, "agent_id": filled.agent_id,
        "evaluator": filled.evaluator, "evaluated_on": filled.evaluated_on.isoformat(), "form": filled.form.code,
        "form_version": filled.form.version, "state": SUBMITTED, CHOSEN: filled.chosen,
    }  # fmt: skip
    for code in filled.form.questions:
        if code in filled.answers:
            answer, comment = filled.answers[code], filled.comments.get(code, "")
            yield _cells({**head, "question": code, "answer": answer, "comment": comment})


def _cells(row: Mapping[str, str]) -> dict[str, str]:
    texts = pl.Series([" ".join(text.split()) for text in row.values()], dtype=pl.String)
    return dict(zip(row, as_cells(texts).fill_null("").to_list(), strict=True))
