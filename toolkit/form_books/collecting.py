"""Filled forms read back: rows of the table evaluations, and everything that does not fit said.

A sheet whose form was edited after it was made, or that somebody else filled in, is set aside and never guessed at.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.form_books.answers import fingerprint
from toolkit.form_books.blind import EMPTY, FORMS, RECORD, set_of
from toolkit.form_books.description import MARK, MARKS, FormSheet, described
from toolkit.forms import Form, Forms
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Limits
from toolkit.quality.given_answers import CALIBRATION, canonical
from toolkit.readers.gate import checked_workbook
from toolkit.readers.raw import FileRejected

COLUMNS = (
    "evaluation_id", "call_id", "agent_id", "evaluator", "evaluated_on", "form", "form_version", "question", "answer",
    "state", "comment",
)  # fmt: skip
SCHEMA: dict[str, Any] = {**dict.fromkeys(COLUMNS, pl.String), "evaluated_on": pl.Date}
UNKNOWN = "unknown"
SUBMITTED = "submitted"


@dataclass(frozen=True)
class Collected:
    """The answers of all filled forms as rows of `evaluations`, what was found, and how many sheets were set aside."""

    rows: pl.DataFrame
    problems: tuple[Problem, ...]
    set_aside: int


@dataclass(frozen=True)
class Sheet:
    """One form as it came back."""

    file: str
    name: str
    cells: Mapping[str, Any]

    def text(self, place: str) -> str:
        """The cell as text; whole numbers without a point."""
        value = self.cells.get(place)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    @property
    def marks(self) -> dict[str, str]:
        """What the sheet says that it was made from."""
        return {name: self.text(place) for name, place in MARKS.items()}


@dataclass
class _Collecting:
    """What has been found so far."""

    forms: Forms
    expected: Mapping[str, Mapping[str, Any]]
    plain: str
    rows: list[dict[str, Any]]
    problems: list[Problem]
    set_aside: int = 0


def collected(folders: Sequence[Path], forms: Forms, state: str = CALIBRATION) -> Collected:
    """Everything in the filled workbooks of these folders (or files). state: of forms that belong to no blind set;
    those that do are calibrations. `ToolkitError` where there is no workbook.
    """
    paths = [path for folder in folders for path in workbooks_in(folder)]
    if not paths:
        raise ToolkitError([problem("COLLECT_NOTHING", value=", ".join(str(folder) for folder in folders))])
    expected = {one["set"]: one for folder in folders for one in _expected(folder)}
    so_far = _Collecting(forms, expected, state, [], [])
    sets: dict[tuple[str, str], list[tuple[str, list[Sheet]]]] = defaultdict(list)
    for path in paths:
        sheets = _sheets(path, so_far)
        by_set: dict[str, list[Sheet]] = defaultdict(list)
        for sheet in sheets:
            by_set[sheet.marks["set"]].append(sheet)
        for set_id, own in by_set.items():
            # a form that belongs to no set is by itself: another file is another evaluation
            sets[set_id, "" if set_id else str(path)].append((path.name, own))
    for key in sorted(sets):
        if (own_sheets := _once(sets[key], so_far)) is not None:
            _take_set(key[0], own_sheets, so_far)
    for set_id in sorted(set(expected) - {set_id for set_id, _ in sets}):
        so_far.problems.append(problem("COLLECT_SET_MISSING", value=expected[set_id]["evaluator"]))
    frame = pl.DataFrame(so_far.rows, schema=SCHEMA, orient="row")
    return Collected(frame, tuple(so_far.problems), so_far.set_aside)


def workbooks_in(folder: Path) -> list[Path]:
    """The filled workbooks of a folder, those in its forms/ too, without Excel's locks."""
    if folder.is_file():
        return [folder]
    places = [folder, folder / FORMS]
    found = [path for place in places if place.is_dir() for path in sorted(place.glob("*.xlsx"))]
    return [path for path in found if not path.name.startswith(("~$", "."))]


def _expected(folder: Path) -> list[dict[str, Any]]:
    """The sets that were made, where the record of that is at hand."""
    for place in (folder, folder.parent):
        if (place / RECORD).is_file():
            try:
                sets = json.loads((place / RECORD).read_text(encoding="utf-8"))["sets"]
                return [{"set": str(one["set"]), "evaluator": str(one["evaluator"])} for one in sets]
            except (OSError, ValueError, KeyError, TypeError):
                return []
    return []


def _sheets(path: Path, state: _Collecting) -> list[Sheet]:
    """The forms of one workbook."""
    import openpyxl

    try:
        content = path.read_bytes()
        checked_workbook(content, path.name, Limits())
        book = openpyxl.load_workbook(BytesIO(content), data_only=True, read_only=False)
    except FileRejected as rejected:
        state.problems.append(rejected.problem)
        return []
    except Exception as error:  # a parser's own errors for a damaged file are of every kind
        state.problems.append(problem("XLSX_CORRUPT", file=path.name, reason=str(error).split("\n")[0]))
        return []
    sheets = [
        Sheet(path.name, page.title, {cell.coordinate: cell.value for row in page.iter_rows() for cell in row})
        for page in book.worksheets
    ]
    forms = [sheet for sheet in sheets if sheet.marks["mark"] == MARK]
    if not forms:
        state.problems.append(problem("COLLECT_NO_FORM", file=path.name))
    return forms


def _once(copies: Sequence[tuple[str, list[Sheet]]], state: _Collecting) -> list[Sheet] | None:
    """The sheets of a set that came once. Of equal copies the first counts; of different ones none, since nobody can
    say which is meant."""
    first, sheets = copies[0]
    for other, again in copies[1:]:
        if [sheet.cells for sheet in again] == [sheet.cells for sheet in sheets]:
            state.problems.append(problem("COLLECT_SAME_FILE", file=other, value=first))
        else:
            state.problems.append(problem("COLLECT_TWO_VERSIONS", file=other, value=first))
            state.set_aside += sum(len(own) for _, own in copies)
            return None
    return sheets


def _take_set(set_id: str, sheets: Sequence[Sheet], state: _Collecting) -> None:
    """All sheets of one evaluator, held against what was made."""
    first = sheets[0]
    form = _form_of(first, state)
    if form is None:
        state.set_aside += len(sheets)
        return
    description = described(form)
    calls = [sheet.marks["call"] for sheet in sheets]
    who = next((name for sheet in sheets if (name := sheet.text(description.fields["evaluator"]))), "")
    if set_id and not _is_whole(form, who, calls, set_id, first, state):
        state.set_aside += len(sheets)
        return
    for sheet in sheets:
        _take(sheet, description, set_id, state)


def _form_of(sheet: Sheet, state: _Collecting) -> Form | None:
    """The form that a sheet was made from, if it is still the same."""
    marks = sheet.marks
    form = state.forms.get(marks["form"], marks["version"])
    place: dict[str, Any] = {"file": sheet.file, "sheet": sheet.name, "value": f"{marks['form']} {marks['version']}"}
    if form is None:
        known = ", ".join(f"{of.code} {of.version}" for of in state.forms)
        state.problems.append(problem("COLLECT_FORM_UNKNOWN", **place, known=known))
        return None
    if fingerprint(form) != marks["hash"]:
        state.problems.append(problem("COLLECT_FORM_EDITED", **place, before=marks["hash"], now=fingerprint(form)))
        return None
    return form


def _is_whole(form: Form, who: str, calls: Sequence[str], set_id: str, first: Sheet, state: _Collecting) -> bool:
    """Whether name and calls are those that the set was made for; else what is different."""
    if set_of(form, who, calls) == set_id:
        return True
    known = state.expected.get(set_id)
    if known is not None and known["evaluator"] == who:
        state.problems.append(problem("COLLECT_CALL_MISSING", file=first.file, value=who))
        return True  # what is there is this evaluator's all the same
    expected = known["evaluator"] if known else ""
    code = "COLLECT_NAME_CHANGED" if known else "COLLECT_SET_CHANGED"
    state.problems.append(problem(code, file=first.file, value=who, expected=expected))
    return False


def _take(sheet: Sheet, description: FormSheet, set_id: str, state: _Collecting) -> None:
    """One evaluation: its head and its answers."""
    form, head = description.form, {name: sheet.text(place) for name, place in description.fields.items()}
    place: dict[str, Any] = {"file": sheet.file, "sheet": sheet.name}
    made_for = sheet.marks["call"]
    if made_for and head["call_id"] != made_for:
        state.problems.append(problem("COLLECT_CALL_CHANGED", **place, value=head["call_id"], call=made_for))
    head["call_id"] = made_for or head["call_id"]
    day = as_day(sheet.cells.get(description.fields["evaluated_on"]))
    missing = [name for name in ("call_id", "evaluator") if not head[name]] + ([] if day else ["evaluated_on"])
    if all(not sheet.text(of.answer) for of in description.asked):
        if sheet.file == EMPTY and not head["call_id"]:
            return  # the empty form lies beside those that are filled in
        state.problems.append(problem("COLLECT_EMPTY", **place, value=head["call_id"]))
        state.set_aside += 1
        return
    if missing:
        state.problems += [
            problem("COLLECT_HEAD_EMPTY", **place, column=name, value=head["call_id"]) for name in missing
        ]
        state.set_aside += 1
        return
    if not head["agent"]:
        state.problems.append(problem("COLLECT_NO_AGENT", **place, value=head["call_id"]))
    which = set_id or f"{sheet.file}\n{sheet.name}"  # two forms of one call by one person are two, and that is said
    number = hashlib.sha256(f"{which}\n{head['evaluator']}\n{head['call_id']}".encode()).hexdigest()[:10]
    common = {
        "evaluation_id": f"{'CAL' if set_id else 'EV'}-{number}", "call_id": head["call_id"],
        "agent_id": head["agent"] or UNKNOWN,
        "evaluator": head["evaluator"], "evaluated_on": day, "form": form.code, "form_version": form.version,
        "state": CALIBRATION if set_id else state.plain,
    }  # fmt: skip
    state.rows += [{**common, **answer} for answer in _answers(sheet, description, state)]


def _answers(sheet: Sheet, description: FormSheet, state: _Collecting) -> Iterator[dict[str, str]]:
    place: dict[str, Any] = {"file": sheet.file, "sheet": sheet.name}
    still_open = 0
    for of in description.asked:
        answer, comment = sheet.text(of.answer), sheet.text(of.comment) if of.comment else ""
        if sheet.text(f"H{of.row}") != of.question.code:
            seen = sheet.text(f"H{of.row}")
            state.problems.append(
                problem("COLLECT_ROW_MOVED", **place, row=of.row, value=seen, question=of.question.code)
            )
            state.set_aside += 1
            continue
        if not answer:
            still_open += of.question.type != "text"
            continue
        read = canonical(of.question, answer)
        if read is None:
            found: dict[str, Any] = {"row": of.row, "column": "C", "value": answer}
            state.problems.append(problem("COLLECT_ANSWER", **place, **found, question=of.question.code))
            state.set_aside += 1
            continue
        yield {"question": of.question.code, "answer": read, "comment": comment}
    if still_open:
        state.problems.append(problem("COLLECT_OPEN", **place, value=still_open))


def as_day(value: Any) -> date | None:
    """The day that a cell holds; None where it is none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip()) if value is not None else None
    except ValueError:
        return None
