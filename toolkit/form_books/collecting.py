"""Filled forms read back: rows of the table evaluations, and everything that does not fit said.

A sheet whose form was edited after it was made, or that somebody else filled in, is set aside and never guessed at.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.form_books.answers import fingerprint
from toolkit.form_books.blind import EMPTY, RECORD, set_of
from toolkit.form_books.description import FormSheet, described
from toolkit.form_books.returned import Sheet, forms_in, saved_otherwise, workbooks_in
from toolkit.forms import Form, Forms
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.quality.given_answers import CALIBRATION, canonical

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
    others = [found for folder in folders for found in saved_otherwise(folder)]
    if not paths:
        raise ToolkitError([problem("COLLECT_NOTHING", value=", ".join(str(folder) for folder in folders)), *others])
    expected = {one["set"]: one for folder in folders for one in _expected(folder)}
    so_far = _Collecting(forms, expected, state, [], others)
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


def _expected(folder: Path) -> list[dict[str, Any]]:
    """The sets that were made, where the record of that is at hand."""
    for place in (folder, folder.parent):
        if (place / RECORD).is_file():
            try:
                record = json.loads((place / RECORD).read_text(encoding="utf-8"))
                sets = record["sets"]
                calls = [str(call["call_id"]) for call in record["calls"]]
                return [{"set": str(one["set"]), "evaluator": str(one["evaluator"]), "calls": calls} for one in sets]
            except (OSError, ValueError, KeyError, TypeError):
                return []
    return []


def _sheets(path: Path, state: _Collecting) -> list[Sheet]:
    """The forms of one workbook; a file that cannot be read at all is set aside."""
    sheets, wrong = forms_in(path)
    if wrong is not None:
        state.problems.append(wrong)
        state.set_aside += wrong.level == "error"
    return sheets


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
    if set_id:
        sheets = _each_once(_of_one_person(sheets, description, set_id, state), state)
    for sheet in sheets:
        _take(sheet, description, set_id, state)


def _of_one_person(sheets: Sequence[Sheet], description: FormSheet, set_id: str, state: _Collecting) -> Sequence[Sheet]:
    """The sheets on which the name stands for whom they were made; none where the set is not one that was made."""
    form, calls = description.form, list(dict.fromkeys(sheet.marks["call"] for sheet in sheets))
    named = [(sheet.text(description.fields["evaluator"]), sheet) for sheet in sheets]
    names = list(dict.fromkeys(name for name, _ in named if name))
    made_for = state.expected.get(set_id, {}).get("evaluator")
    fits = (name for name in names if name == made_for or set_of(form, name, calls) == set_id)
    who = next(fits, names[0] if names else "")
    if not _is_whole(form, who, calls, set_id, sheets[0], state):
        state.set_aside += len(sheets)
        return ()
    for name, sheet in named:
        if name not in ("", who):
            place: dict[str, Any] = {"file": sheet.file, "sheet": sheet.name}
            state.problems.append(problem("COLLECT_NAME_CHANGED", **place, value=name, expected=who))
            state.set_aside += 1
    return [sheet for name, sheet in named if name in ("", who)]


def _each_once(sheets: Sequence[Sheet], state: _Collecting) -> list[Sheet]:
    """A sheet for each call. Of a call that has two, filled in differently, neither: nobody can say which is meant."""
    by_call: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        by_call[sheet.marks["call"]].append(sheet)
    found = []
    for call, copies in by_call.items():
        if all(sheet.cells == copies[0].cells for sheet in copies):
            found.append(copies[0])
            continue
        place: dict[str, Any] = {"file": copies[1].file, "sheet": copies[1].name}
        state.problems.append(problem("COLLECT_CALL_TWICE", **place, value=call, other=copies[0].name))
        state.set_aside += len(copies)
    return found


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
    known = state.expected.get(set_id)
    if set_of(form, who, calls) == set_id:
        if state.expected and known is None:
            state.problems.append(problem("COLLECT_OTHER_SET", file=first.file, value=who, calls=", ".join(calls)))
        return known is not None or not state.expected
    if known is not None and known["evaluator"] == who:
        if missing := [call for call in known["calls"] if call not in calls]:
            lacking = ", ".join(missing)
            state.problems.append(problem("COLLECT_CALL_MISSING", file=first.file, value=who, calls=lacking))
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
        "evaluation_id": _unused(f"{'CAL' if set_id else 'EV'}-{number}", state), "call_id": head["call_id"],
        "agent_id": head["agent"] or UNKNOWN,
        "evaluator": head["evaluator"], "evaluated_on": day, "form": form.code, "form_version": form.version,
        "state": CALIBRATION if set_id else state.plain,
    }  # fmt: skip
    state.rows += [{**common, **answer} for answer in _answers(sheet, description, state)]


def _unused(evaluation: str, state: _Collecting) -> str:
    """The number, or one beside it where a file of the same name in another folder has it already."""
    used = {row["evaluation_id"] for row in state.rows}
    numbers = (evaluation, *(f"{evaluation}-{again}" for again in range(2, len(used) + 3)))
    return next(number for number in numbers if number not in used)


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
        count = f"{still_open} question{'' if still_open == 1 else 's'}"
        state.problems.append(problem("COLLECT_OPEN", **place, value=count, verb="has" if still_open == 1 else "have"))


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
