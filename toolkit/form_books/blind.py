"""The forms of a calibration: a workbook for each evaluator with a form a call, that names no other evaluator."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlsxwriter.utility import quote_sheetname

from toolkit.form_books.answers import fingerprint
from toolkit.form_books.description import FIGURES, Head, described
from toolkit.form_books.drawing import draw, draw_answers, open_book, write_form
from toolkit.forms import Form
from toolkit.look import LEFT, Book, file_names, sheet_names
from toolkit.look.cells import could_be_formula
from toolkit.look.paper import Paper
from toolkit.look.theme import ACCENT, HEAD_POINTS, INK, LINE, MUTED
from toolkit.problems import ToolkitError, problem, said
from toolkit.quality.given_answers import AGREED
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

RECORD, EMPTY, FORMS = "form.json", "form.xlsx", "forms"
FOLDER = FolderKind(RECORD, (EMPTY, FORMS))
START = "Start"
TOP = 8
MOST_CALLS = 200
"""Calls of one workbook: more sheets than anybody fills in."""


@dataclass(frozen=True)
class Call:
    """A call to evaluate; the agent may not be known."""

    call_id: str
    agent_id: str = ""
    note: str = ""


def set_of(form: Form, evaluator: str, calls: Sequence[str]) -> str:
    """What tells one evaluator's set of forms from any other: made of the form, the name and the calls."""
    text = "\n".join([fingerprint(form), evaluator, *calls])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def write_forms(form: Form, out: Path, calls: Sequence[Call] = (), evaluators: Sequence[str] = ()) -> dict[str, Any]:
    """Writes the folder: the empty form, and for a calibration a workbook for each evaluator in forms/; gives the
    record. The same form, calls and names give the same bytes. `ToolkitError` where calls or names do not fit.
    """
    refuse(calls, evaluators)
    names = file_names(evaluators)
    with whole_folder(out, FOLDER) as aside:
        write_form(form, aside / EMPTY)
        for who in evaluators:
            (aside / FORMS).mkdir(exist_ok=True)
            write_blind(form, calls, who, aside / FORMS / f"{names[who]}.xlsx")
        ids = [call.call_id for call in calls]
        sets = [
            {"evaluator": who, "set": set_of(form, who, ids), "file": f"{FORMS}/{names[who]}.xlsx"}
            for who in evaluators
        ]
        about = {"form": form.code, "version": form.version, "roll_up": form.roll_up, "hash": fingerprint(form)}
        record = {**about, "calls": [vars(call) for call in calls], "sets": sets, "files": hashes_in(aside)}
        write_json(record, aside / RECORD)
    return record


def refuse(calls: Sequence[Call], evaluators: Sequence[str]) -> None:
    """Calls without evaluators, the same name or call twice, a name that is taken."""
    found = []
    if bool(calls) != bool(evaluators):
        found.append(problem("FORM_NEEDS_BOTH"))
    for code, given in (("FORM_NAME_TWICE", evaluators), ("FORM_CALL_TWICE", [call.call_id for call in calls])):
        low = [one.casefold() for one in given]
        found += [problem(code, value=one) for one in sorted({one for one in given if low.count(one.casefold()) > 1})]
    found += [problem("FORM_NAME_TAKEN", value=who) for who in evaluators if who.casefold() == AGREED]
    if len(calls) > MOST_CALLS:
        found.append(problem("FORM_CALLS_MANY", value=len(calls), most=MOST_CALLS))
    if found:
        raise ToolkitError(found)


def write_blind(form: Form, calls: Sequence[Call], evaluator: str, out: Path) -> None:
    """The workbook of one evaluator."""
    book = open_book(out, form, said("BLIND_TITLE", form=form.title))
    names = call_sheets(calls)
    set_id = set_of(form, evaluator, [call.call_id for call in calls])
    _start(book, form, calls, names, evaluator, set_id)
    table = None
    for call in calls:
        sheet = described(form, Head(call.call_id, call.agent_id, evaluator, set_id))
        draw(book, names[call.call_id], sheet, said("BLIND_FOOTER", set=set_id, hash=fingerprint(form)))
        table = sheet.answers
    if table is not None:
        draw_answers(book, table)
    book.close()


def call_sheets(calls: Sequence[Call]) -> Mapping[str, str]:
    """The name of each call's sheet: its number and its id."""
    numbered = {call.call_id: f"{at} {call.call_id}" for at, call in enumerate(calls, 1)}
    safe = sheet_names(numbered.values())
    return {call: safe[name] for call, name in numbered.items()}


def _start(
    book: Book, form: Form, calls: Sequence[Call], names: Mapping[str, str], evaluator: str, set_id: str
) -> None:
    """The first sheet: what to do, and how far each call is."""
    paper = Paper(book, START)
    paper.heading(said("BLIND_TITLE", form=form.title), said("BLIND_FOR", evaluator=evaluator, calls=len(calls)))
    for row, code in enumerate(("BLIND_STEP_1", "BLIND_STEP_2", "BLIND_STEP_3"), 3):
        paper.prose(row, said(code))
    look: dict[str, Any] = {
        "bold": True,
        "font_color": MUTED,
        "font_size": HEAD_POINTS,
        "bottom": 1,
        "bottom_color": INK,
    }
    for offset, code in enumerate(("BLIND_SHEET", "SHEET_CALL_ID", "SHEET_AGENT", "BLIND_NOTE", "SHEET_STATE")):
        paper.put(TOP - 1, LEFT + offset, said(code), **look)
    asked = sum(1 for section in form.sections for question in section.questions if question.type != "text")
    for row, call in enumerate(calls, TOP):
        place = quote_sheetname(names[call.call_id])
        line: dict[str, Any] = {"bottom": 1, "bottom_color": LINE}
        link = book.style(font_color=ACCENT, **line, **_guard(names[call.call_id]))
        paper.sheet.write_url(row, LEFT, f"internal:{place}!C9", link, names[call.call_id])
        paper.grow(LEFT, 24 + 8 * len(names[call.call_id]))
        for offset, text in enumerate((call.call_id, call.agent_id, call.note), 1):
            paper.put(row, LEFT + offset, text, **line)
        state = f"◆ {asked} {'question' if asked == 1 else 'questions'} open"
        paper.sheet.write_formula(row, LEFT + 4, f"={place}!$E${FIGURES + 1}", book.cell_style("status", **line), state)
    paper.grow(LEFT + 4, 250)
    paper.statuses(f"F{TOP + 1}:F{TOP + max(len(calls), 1)}")
    paper.sheet.protect("", {"format_columns": True})
    paper.finish(said("BLIND_FOOTER", set=set_id, hash=fingerprint(form)), "")


def _guard(text: str) -> dict[str, bool]:
    return {"quote_prefix": True} if could_be_formula(text) else {}
