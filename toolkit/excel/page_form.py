"""Draws the set-up's quality form as a sheet of the workbook, with room for its button."""

from typing import TYPE_CHECKING

from toolkit.excel.form_sheet import AREA, BUTTON_ROW
from toolkit.excel.layout import Sheet
from toolkit.excel.page_parts import area_of
from toolkit.form_books import ANSWERS, described
from toolkit.form_books.description import HIDDEN
from toolkit.form_books.drawing import draw, draw_answers
from toolkit.forms import Form
from toolkit.look import Book

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

BUTTON_ROW_PIXELS = 40


def draw_form(book: Book, sheet: Sheet, form: Form) -> "Worksheet":
    """The form; what its answers are worth stands on a sheet that `draw_worth` makes."""
    made = described(form)
    draw(book, sheet.name, made)
    page: Worksheet = book.workbook.get_worksheet_by_name(sheet.name)
    page.set_row_pixels(BUTTON_ROW - 1, BUTTON_ROW_PIXELS)
    book.name(AREA, area_of(sheet, 0, 0, made.last - 1, ord(HIDDEN[1]) - ord("A")))
    return page


def draw_worth(book: Book, form: Form) -> "Worksheet":
    """The hidden sheet that the form's formulas look up."""
    draw_answers(book, described(form).answers)
    page: Worksheet = book.workbook.get_worksheet_by_name(ANSWERS)
    return page
