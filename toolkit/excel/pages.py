"""Draws a sheet of the workbook as the layout says: title, figures, settings, tables, buttons, all with their names."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_cell_to_rowcol, xl_rowcol_to_cell

from toolkit.excel.conf import list_source
from toolkit.excel.layout import Button, Figure, Setting, Sheet
from toolkit.excel.page_blocks import draw_block
from toolkit.excel.page_charts import draw_chart
from toolkit.excel.page_form import draw_form
from toolkit.excel.page_parts import TEXT, area_of, colour_signs, name_cell, put
from toolkit.excel.page_tables import draw_checks, draw_plan
from toolkit.excel.words import Words
from toolkit.look import LEFT, Book
from toolkit.look.theme import (
    ACCENT,
    FIGURE_POINTS,
    HEAD_POINTS,
    INK,
    INPUT,
    LINE,
    MUTED,
    TITLE_POINTS,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


SETTINGS_TOP = 3
MARGIN_PIXELS, BUTTON_PIXELS = 16, (190, 30)
ROW_PIXELS = 24


def draw(book: Book, sheet: Sheet, words: Words) -> "Worksheet":
    """One sheet of the workbook."""
    if sheet.form:
        page = draw_form(book, sheet, words.form)
    else:
        page = book.sheet(sheet.name)
        _paper(page, sheet, words)
        _heading(book, page, sheet, words)
    for figure in sheet.figure:
        _figure(book, page, figure)
    for status in sheet.status:
        name = status.name or f"status_{sheet.name.lower().replace(' ', '_')}"
        name_cell(book, sheet, status.cell, name)
        put(book, page, status.cell, status.formula or status.value, "text", value=status.value, bold=True)
        colour_signs(book, page, status.cell, fill=False)
    for steps in sheet.steps:
        _steps(book, page, steps.top - 1, [steps.head, *map(words.filled, steps.rows)])
    for mind in sheet.mind:
        _steps(book, page, mind.top - 1, [mind.head, *map(words.filled, mind.rows), *words.definition.mind])
    for number, setting in enumerate(sheet.setting):
        _setting(book, page, sheet, setting, SETTINGS_TOP + number, words)
    listed = [setting for setting in sheet.setting if not setting.cell]
    if listed:
        book.name("settings", area_of(sheet, SETTINGS_TOP, LEFT, SETTINGS_TOP + len(listed) - 1, LEFT + 1))
    for block in sheet.block:
        draw_block(book, page, sheet, block, words)
    for chart in sheet.chart:
        draw_chart(book, page, sheet, chart, words)
    if sheet.table:
        draw_plan(book, page, sheet)
    if sheet.check:
        draw_checks(book, page, sheet)
    for button in sheet.button:
        _button(page, button)
    for group in dict.fromkeys(button.group for button in sheet.button if button.group):
        first = next(button for button in sheet.button if button.group == group)
        row, column = xl_cell_to_rowcol(first.cell)
        page.write_string(row - 1, column, group, book.style(bold=True, font_color=MUTED, font_size=HEAD_POINTS))
    return page


def _paper(page: "Worksheet", sheet: Sheet, words: Words) -> None:
    page.hide_gridlines(2)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(0.45, 0.45, 0.5, 0.6)
    page.set_default_row(ROW_PIXELS * 0.75)
    if sheet.landscape:
        page.set_landscape()
    page.set_column_pixels(0, 0, MARGIN_PIXELS)
    for letter, pixels in sheet.widths.items():
        page.set_column_pixels(f"{letter}:{letter}", pixels)
    if sheet.freeze:
        page.freeze_panes(sheet.freeze, sheet.freeze_columns)
        page.repeat_rows(sheet.freeze - 1)
    page.set_footer(f"&L&8&K{MUTED[1:]}{words.filled(sheet.title)}&C&8&K{MUTED[1:]}Page &P of &N&R&8&K{MUTED[1:]}&F")


def _heading(book: Book, page: "Worksheet", sheet: Sheet, words: Words) -> None:
    page.set_row_pixels(0, 40)
    page.write_string(0, LEFT, words.filled(sheet.title), book.style(bold=True, font_size=TITLE_POINTS))
    about, at_first = words.filled(sheet.about), words.filled(sheet.about_at_first)
    put(book, page, "B2", about, "text", value=at_first, font_color=MUTED)


def _figure(book: Book, page: "Worksheet", figure: Figure) -> None:
    row, column = xl_cell_to_rowcol(figure.cell)
    ink = ACCENT if figure.accent else INK
    rule = {"top": 2, "top_color": ACCENT if figure.accent else LINE}
    page.write_string(row, column, figure.label, book.style(font_color=MUTED, font_size=HEAD_POINTS, **rule))
    page.set_row_pixels(row + 1, 32)
    size = FIGURE_POINTS if figure.kind != "status" else HEAD_POINTS + 2
    look = {"bold": True, "font_size": size, "align": "left", "font_color": ink}
    put(book, page, xl_rowcol_to_cell(row + 1, column), figure.formula, figure.kind, value=figure.value, **look)
    if figure.kind == "status":
        colour_signs(book, page, xl_rowcol_to_cell(row + 1, column), fill=False)


def _steps(book: Book, page: "Worksheet", top: int, rows: Sequence[str]) -> None:
    page.write_string(top, LEFT, rows[0], book.style(bold=True, font_color=MUTED, font_size=HEAD_POINTS))
    for offset, text in enumerate(rows[1:], 1):
        page.set_row_pixels(top + offset, ROW_PIXELS + 4)
        page.write_string(top + offset, LEFT, text, book.style())


def _setting(book: Book, page: "Worksheet", sheet: Sheet, setting: Setting, row: int, words: Words) -> None:
    cell = setting.cell or xl_rowcol_to_cell(row, LEFT + 1)
    row, column = xl_cell_to_rowcol(cell)
    if not setting.cell:
        page.set_row_pixels(row, ROW_PIXELS + 6)
        page.write_string(row, LEFT, setting.label, book.style(bold=True))
        page.write_string(row, LEFT + 2, words.filled(setting.about), book.style(font_color=MUTED, indent=1))
    look = book.style(num_format=TEXT, bg_color=INPUT, border=1, border_color=LINE, locked=False)
    page.write_string(row, column, words.first.get(setting.name) or words.filled(setting.value), look)
    name_cell(book, sheet, cell, f"setting_{setting.name}")
    source: str | Sequence[str] = setting.list
    if isinstance(source, str) and source and not source.startswith("="):
        source = list_source(source)
    if source:
        # what is not in the list may be typed as well: one's own set-up, another year
        rule = {"validate": "list", "source": source if isinstance(source, str) else list(source)}
        page.data_validation(row, column, row, column, {**rule, "show_error": False})


def _button(page: "Worksheet", button: Button) -> None:
    row, column = xl_cell_to_rowcol(button.cell)
    width, height = BUTTON_PIXELS
    look = {"macro": button.macro, "caption": button.caption, "width": width, "height": height}
    page.insert_button(row, column, {**look, "description": f"Starts {button.macro} in Python"})
