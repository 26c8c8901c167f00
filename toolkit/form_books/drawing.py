"""A form's sheet drawn into a workbook of the toolkit's look: standalone, or one of many in a calibration."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from toolkit.form_books.answers import ANSWERS, HEADS, AnswerTable
from toolkit.form_books.description import (
    FIGURES,
    HEAD,
    HIDDEN,
    WIDTHS,
    Cell,
    FormSheet,
    Head,
    Look,
    about_form,
    described,
)
from toolkit.forms import Form
from toolkit.look import Book
from toolkit.look.cells import LINE_POINTS, could_be_formula, lines_needed
from toolkit.look.paper import Paper
from toolkit.look.theme import ACCENT, BAND, FIGURE_POINTS, HEAD_POINTS, INK, INPUT, LINE, MUTED, TITLE_POINTS, Style
from toolkit.problems import said

_BOX: Style = {"bg_color": INPUT, "border": 1, "border_color": LINE, "locked": False, "text_wrap": True}
_LINE: Style = {"bottom": 1, "bottom_color": LINE}
LOOKS: dict[Look, Style] = {
    "title": {"bold": True, "font_size": TITLE_POINTS},
    "about": {"font_color": MUTED},
    "label": {"font_color": MUTED, "font_size": HEAD_POINTS, "top": 2, "top_color": LINE},
    "label_answer": {"font_color": MUTED, "font_size": HEAD_POINTS, "top": 2, "top_color": ACCENT},
    "figure": {"bold": True, "font_size": FIGURE_POINTS, "align": "left", "num_format": "0.00%"},
    "answer": {
        "bold": True, "font_size": FIGURE_POINTS, "align": "left", "num_format": "0.00%", "font_color": ACCENT,
    },
    "state": {"bold": True},
    "field": {**_BOX, "align": "left"},
    "given": {"text_wrap": True, "align": "left"},
    "field_label": {"font_color": MUTED, "indent": 1, "align": "right"},
    "input": {**_BOX, "align": "center"},
    "head": {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK},
    "section": {"bold": True, "bg_color": BAND, **_LINE},
    "question": {"text_wrap": True, "indent": 1, **_LINE},
    "comment": {**_BOX, "align": "left", "valign": "top"},
    "mind": {"font_color": MUTED, "font_size": HEAD_POINTS, "text_wrap": True, "indent": 1, **_LINE},
    "weight": {"font_color": MUTED, **_LINE},
    "points": {"num_format": "0%", **_LINE},
    "total": {"bold": True, "top": 2, "top_color": INK, "num_format": "0.00%"},
    "hidden": {"font_color": MUTED},
}  # fmt: skip
TEXT = "@"
"""The number format of what is typed as text: 0017 stays 0017, and = begins no formula."""
SECTION_DIGITS = "0.00%"
PROMPT, TITLE = 255, 32
"""Most characters that Excel shows beside a cell."""
CENTURY = 36526
"""The first day of 2000 as Excel counts: an evaluation is made after it."""
FIGURE_HEIGHT, TITLE_HEIGHT = 26, 30
ONE_PAGE = 45
"""Up to so many rows a form is printed on one page: with more nobody could read it."""


def draw(
    book: Book, name: str, sheet: FormSheet, footer: str = "", filled: Mapping[str, str | int] | None = None
) -> None:
    """The sheet, at the end of the book. The table of answers has to be drawn too, once (`draw_answers`).

    filled: what stands in inputs already, by cell.
    """
    paper = Paper(book, name, landscape=True)
    for cell in sheet.cells:
        _cell(paper, replace(cell, value=(filled or {}).get(cell.place, cell.value)))
    for choice in sheet.choices:
        rule = {"validate": "list", "source": choice.source, "error_title": said("SHEET_UNKNOWN").capitalize()[:TITLE]}
        rule |= {"error_message": said("SHEET_CHOOSE")}
        if choice.prompt:
            rule |= {"input_message": choice.prompt[:PROMPT]}
        paper.sheet.data_validation(choice.place, rule)
    day = {"validate": "date", "criteria": ">=", "value": CENTURY, "error_message": said("SHEET_DAY")}
    paper.sheet.data_validation(sheet.fields["evaluated_on"], day)
    _heights(paper, sheet)
    paper.statuses(f"E{FIGURES + 1}:E{sheet.last}")
    paper.sheet.freeze_panes(HEAD, 0)
    paper.sheet.repeat_rows(HEAD - 1)
    paper.sheet.print_area(0, 0, sheet.last - 1, 6)
    if sheet.last <= ONE_PAGE:
        paper.sheet.fit_to_pages(1, 1)
    paper.sheet.protect("", {"format_columns": True, "format_rows": True})
    paper.widths.clear()
    paper.finish(footer or about_form(sheet.form), "")
    for letter, pixels in WIDTHS.items():
        paper.sheet.set_column_pixels(f"{letter}:{letter}", pixels)
    paper.sheet.set_column(f"{HIDDEN[0]}:{HIDDEN[1]}", None, None, {"hidden": True})
    first = next((of.answer for of in sheet.asked), "C9")
    paper.sheet.set_selection(first)


def _cell(paper: Paper, cell: Cell) -> None:
    row, column = xl_cell_to_rowcol(cell.place)
    style = dict(LOOKS[cell.look])
    if cell.look == "section" and cell.kind == "share":
        style["num_format"] = SECTION_DIGITS
    if cell.look in ("field", "comment") and cell.kind == "text":
        style["num_format"] = TEXT
    if isinstance(cell.value, str) and could_be_formula(cell.value) and not cell.formula:
        style["quote_prefix"] = True
    look = paper.book.cell_style(cell.kind, **style)
    if cell.formula:
        paper.sheet.write_formula(row, column, cell.formula, look, cell.value if cell.value is not None else "")
    elif cell.value is None:
        paper.sheet.write_blank(row, column, None, look)
    elif isinstance(cell.value, str):
        paper.sheet.write_string(row, column, cell.value, look)
    else:
        paper.sheet.write_number(row, column, cell.value, look)


def _heights(paper: Paper, sheet: FormSheet) -> None:
    paper.height(0, TITLE_HEIGHT)
    paper.height(FIGURES, FIGURE_HEIGHT)
    for of in sheet.asked:
        hint = next(str(cell.value or "") for cell in sheet.cells if cell.place == f"E{of.row}")
        lines = max(lines_needed(of.question.text, WIDTHS["B"] - 12), lines_needed(hint, WIDTHS["E"] - 12))
        paper.height(of.row - 1, max(20, LINE_POINTS * lines + 6))


def draw_answers(book: Book, table: AnswerTable) -> None:
    """The hidden sheet that the formulas look up."""
    page = book.sheet(ANSWERS)
    for column, head in enumerate(HEADS):
        page.write_string(0, column, head, book.style(bold=True, font_color=MUTED))
    for row, values in enumerate(table.rows, 1):
        for column, value in enumerate(values):
            if isinstance(value, str):
                guard = {"quote_prefix": True} if could_be_formula(value) else {}
                page.write_string(row, column, value, book.style(**guard))
            else:
                page.write_number(row, column, value, book.style())
    page.set_column(f"A:{xl_col_to_name(len(HEADS) - 1)}", 18)
    page.protect()
    page.hide()


def open_book(out: Path, form: Form, title: str) -> Book:
    """A workbook for forms; it says that it was made on the day that the form came into use, so that it is always the
    same."""
    return Book(out, title=title, subject=about_form(form), created=form.start, currency="", digits=0)


def write_form(form: Form, out: Path) -> FormSheet:
    """The empty form as a workbook of its own."""
    book, sheet = open_book(out, form, form.title), described(form, Head())
    draw(book, said("SHEET_NAME"), sheet)
    draw_answers(book, sheet.answers)
    book.close()
    return sheet
