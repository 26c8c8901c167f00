"""The sheet QC form: drawn from the set-up's form, read when it is handed in, and cleared for the next call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from toolkit.excel.cells import ERRORS, Cell, is_blank, text_of
from toolkit.excel.sheets import place, rows_of, sheet_named, told_by_sheet
from toolkit.excel.shown_as import joined
from toolkit.form_books import FormSheet, described, fingerprint
from toolkit.form_books.collecting import as_day
from toolkit.form_books.description import HEAD, MARK, MARKS
from toolkit.form_files import forms_of
from toolkit.forms import Form
from toolkit.handed_in import Filled
from toolkit.problems import Problem, ToolkitError, problem, said
from toolkit.qc_answers import tidied
from toolkit.quality.given_answers import canonical

if TYPE_CHECKING:
    import xlwings as xw

    from toolkit.profiles import Profile

SHEET, AREA = "QC form", "form_area"
FIRST_DAY = date(1899, 12, 30)
"""Excel counts days from it."""
FOR_EACH_CALL = ("call_id", "agent")
"""Fields that are empty again for the next call; the evaluator and the day stay."""


def form_in_force(profile: "Profile", day: date | None) -> Form:
    """The form of the set-up (its first, else the one that comes with the toolkit) that holds on a day.

    None, or a day before all its versions: the last one to start.
    """
    forms = forms_of(profile)
    code = next(iter(forms)).code
    found = forms.in_force(code, day) if day is not None else None
    return found or max((form for form in forms if form.code == code), key=lambda form: form.start)


@dataclass(frozen=True)
class FormOnSheet:
    """The form as it stands on the sheet: how it was made, and what is in its cells by their names (C9)."""

    made: FormSheet
    cells: Mapping[str, Cell]

    def text(self, place: str) -> str:
        """What a cell holds, as text."""
        return text_of(self.cells.get(place))

    @property
    def inputs(self) -> Iterator[str]:
        """The cells that are filled in for each call."""
        yield from (self.made.fields[name] for name in FOR_EACH_CALL)
        for of in self.made.asked:
            yield from (cell for cell in (of.answer, of.comment) if cell)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of a call is filled in."""
        return all(is_blank(self.cells.get(cell)) for cell in self.inputs)


def form_on_sheet(book: "xw.Book", profile: "Profile") -> FormOnSheet:
    """Reads the sheet in one go. `ToolkitError` where it is not a form that the set-up has, word by word."""
    rows = rows_of(place(book, SHEET, AREA))
    cells = {f"{chr(ord('A') + at)}{row}": cell for row, own in enumerate(rows, 1) for at, cell in enumerate(own)}
    marks = {name: text_of(cells.get(cell)) for name, cell in MARKS.items()}
    if marks["mark"] != MARK:
        raise ToolkitError([problem("FORM_NO_MARK", sheet=SHEET)])
    forms = forms_of(profile)
    form, named = forms.get(marks["form"], marks["version"]), f"{marks['form']} {marks['version']}"
    if form is None:
        known = ", ".join(f"{one.code} {one.version}" for one in forms)
        raise ToolkitError([problem("FORM_GONE", sheet=SHEET, value=named, known=known)])
    if fingerprint(form) != marks["hash"]:
        now = fingerprint(form)
        raise ToolkitError([problem("FORM_OTHER", sheet=SHEET, value=named, before=marks["hash"], now=now)])
    on = FormOnSheet(described(form), cells)
    moved = [of for of in on.made.asked if on.text(f"H{of.row}") != of.question.code]
    if moved:  # an answer would be taken for that of another question
        seen = {"value": moved[0].question.code, "row": moved[0].row}
        raise ToolkitError([problem("FORM_ROWS_MOVED", sheet=SHEET, **seen)])  # type: ignore[arg-type]  # a place
    return on


def filled(on: FormOnSheet) -> Filled:
    """What was filled in. `ToolkitError` with everything that is open or cannot be read."""
    wrong = [*_of_the_head(on), *_open(on)]
    day = _day(on)
    if wrong or day is None:
        raise ToolkitError([*wrong, *_not_on_the_form(on)])
    head = {name: on.text(cell) for name, cell in on.made.fields.items()}
    answers = {
        of.question.code: text if of.question.type == "text" else tidied(text)
        for of in on.made.asked
        if (text := on.text(of.answer))
    }
    comments = {of.question.code: on.text(of.comment) for of in on.made.asked if of.comment and on.text(of.comment)}
    return Filled(on.made.form, head["call_id"], head["agent"], head["evaluator"], day, answers, comments)


def _of_the_head(on: FormOnSheet) -> Iterator[Problem]:
    for name, cell in on.made.fields.items():
        text = on.text(cell)
        where = {"sheet": SHEET, "row": int(cell[1:])}
        if text in ERRORS.values():
            yield problem("FORM_CELL_ERROR", **where, value=text)  # type: ignore[arg-type]  # a place
        elif not text:
            yield problem("FORM_NOT_DONE", **where, label=said(f"SHEET_{name.upper()}"))  # type: ignore[arg-type]
        elif name == "evaluated_on" and _day(on) is None:
            yield problem("FORM_NO_DAY", **where, value=text)  # type: ignore[arg-type]


def _open(on: FormOnSheet) -> Iterator[Problem]:
    for of in on.made.asked:
        cells = [on.text(cell) for cell in (of.answer, of.comment) if cell]
        for text in (text for text in cells if text in ERRORS.values()):
            yield problem("FORM_CELL_ERROR", sheet=SHEET, row=of.row, value=text)
        if not cells[0] and of.question.type != "text":
            yield problem("FORM_NOT_ANSWERED", sheet=SHEET, row=of.row, value=of.question.code)


def _not_on_the_form(on: FormOnSheet) -> Iterator[Problem]:
    """Answers that are none: told beside what is open, so that the form is mended once."""
    for of in on.made.asked:
        text = on.text(of.answer)
        if text and text not in ERRORS.values() and canonical(of.question, text) is None:
            yield problem("FORM_NOT_ON_FORM", sheet=SHEET, row=of.row, value=text, question=of.question.code)


def _day(on: FormOnSheet) -> date | None:
    cell = on.cells.get(on.made.fields["evaluated_on"])
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell > 0:
        return FIRST_DAY + timedelta(days=int(cell))
    return cell.date() if isinstance(cell, datetime) else as_day(cell)


def placed(one: Problem, on: FormOnSheet) -> Problem:
    """A problem of the form that was handed in, with its row on the sheet."""
    of = {of.question.code.casefold(): of.row for of in on.made.asked}
    fields = {name.casefold(): int(cell[1:]) for name, cell in on.made.fields.items()} | {
        "agent_id": int(on.made.fields["agent"][1:])
    }
    row = of.get(one.column.casefold()) or fields.get(one.column.casefold()) or int(on.made.fields["call_id"][1:])
    return replace(one, file="", sheet=SHEET, row=row)


def clear(book: "xw.Book", on: FormOnSheet) -> None:
    """Empties the form for the next call; the evaluator and the day of the evaluation stay."""
    sheet = sheet_named(book, SHEET)
    with told_by_sheet(SHEET):
        for address in joined(_stretches(on)):
            sheet.range(address).clear_contents()


def _stretches(on: FormOnSheet) -> list[str]:
    """The cells of each call as few areas: columns of neighbours."""
    found: list[list[str]] = []
    for cell in sorted(on.inputs, key=lambda cell: (cell[0], int(cell[1:]))):
        if found and (cell[0], int(cell[1:]) - 1) == (found[-1][-1][0], int(found[-1][-1][1:])):
            found[-1].append(cell)
        else:
            found.append([cell])
    return [own[0] if len(own) == 1 else f"{own[0]}:{own[-1]}" for own in found]


BUTTON_ROW = HEAD - 1
"""The row between the fields and the heads."""
