"""Draws the tables of the plan and the checks."""

from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell

from toolkit.excel.choices import choices
from toolkit.excel.layout import Check, PlanTable, Sheet
from toolkit.excel.page_parts import TEXT, area_of, colour_signs, head_style, indents_of, name_cell
from toolkit.excel.plan_page import TITLE_AND_HEADS, page_width
from toolkit.look import LEFT, Book
from toolkit.look.theme import (
    ACCENT,
    HEAD_POINTS,
    INK,
    INPUT,
    LINE,
    MUTED,
    Kind,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


CHECKS_TOP = 5
PLAN_TOP = 7


def draw_plan(book: Book, page: "Worksheet", sheet: Sheet) -> None:
    """The tables of the plan format, one under the other, in the one area plan_page."""
    top = PLAN_TOP
    for table in sheet.table:
        _plan_table(book, page, table, top)
        top += table.rows + TITLE_AND_HEADS + 1
    book.name("plan_page", area_of(sheet, PLAN_TOP, LEFT, top - 1, LEFT + page_width() - 1))


def _plan_table(book: Book, page: "Worksheet", table: PlanTable, top: int) -> None:
    page.write_string(top, LEFT, table.name, book.style(bold=True, font_color=ACCENT, num_format=TEXT))
    first, last = top + TITLE_AND_HEADS, top + TITLE_AND_HEADS + table.rows - 1
    head = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
    cell = {"num_format": TEXT, "bg_color": INPUT, "bottom": 1, "bottom_color": LINE, "locked": False}
    for offset in range(table.width):
        name = table.columns[offset] if offset < len(table.columns) else ""
        page.write_string(top + 1, LEFT + offset, name, book.style(**head, num_format=TEXT))
        for row in range(first, last + 1):
            page.write_blank(row, LEFT + offset, None, book.style(**cell))
        allowed = choices(table.name, name)
        if allowed:
            rule = {"validate": "list", "source": list(allowed), "error_title": "Not one of the plan's words"}
            message = "Choose one of: " + ", ".join(allowed)
            column = LEFT + offset
            page.data_validation(first, column, last, column, {**rule, "error_message": message[:LONGEST_MESSAGE]})


LONGEST_MESSAGE = 225
"""Letters that Excel shows of a validation's message."""


def draw_checks(book: Book, page: "Worksheet", sheet: Sheet) -> None:
    """The checks, and under them what they add up."""
    top = CHECKS_TOP
    indents = indents_of([kind for _, kind in CHECK_HEADS])
    for offset, (head, kind) in enumerate(CHECK_HEADS):
        page.write_string(top, LEFT + offset, head, head_style(book, kind, indents[offset]))
    for number, check in enumerate(sheet.check, 1):
        _check(book, page, sheet, check, top + number)
    last = top + len(sheet.check)
    book.name("check_results", area_of(sheet, top + 1, LEFT + 3, last, LEFT + 3))
    book.name("check_calculated", area_of(sheet, top + 1, LEFT + 2, last, LEFT + 2))
    colour_signs(book, page, f"E{top + 2}:E{last + 1}", fill=True)
    row = last + 2
    parts = [part for check in sheet.check for part in check.parts]
    for offset, (_, label) in enumerate(parts):
        page.write_string(row + offset, LEFT, label, book.style())
        page.write_blank(row + offset, LEFT + 1, None, book.cell_style("money"))
    book.name("check_payments", area_of(sheet, row, LEFT + 1, row + len(parts) - 1, LEFT + 1))
    row += len(parts) + 1
    page.write_string(row, LEFT, "The run that is compared with", book.style(font_color=MUTED))
    page.write_blank(row, LEFT + 1, None, book.style(num_format=TEXT))
    name_cell(book, sheet, xl_rowcol_to_cell(row, LEFT + 1), "check_run")


CHECK_HEADS: tuple[tuple[str, Kind], ...] = (
    ("What is compared", "text"),
    ("In this workbook", "money"),
    ("Calculated", "money"),
    ("Agrees?", "status"),
    ("Why", "note"),
)


def _check(book: Book, page: "Worksheet", sheet: Sheet, check: Check, row: int) -> None:
    page.write_string(row, LEFT, check.what, book.style())
    page.write_formula(row, LEFT + 1, check.formula, book.cell_style(check.kind), 0)
    page.write_blank(row, LEFT + 2, None, book.cell_style(check.kind))
    text = f'=IF(check_run="","",IF(ROUND(C{row + 1}-D{row + 1},{book.digits})=0,"✓ agrees","✗ differs"))'
    page.write_formula(row, LEFT + 3, text, book.style(indent=1), "")
    page.write_string(row, LEFT + 4, check.why, book.style(font_color=MUTED, indent=1))
