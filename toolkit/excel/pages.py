"""Draws a sheet of the workbook as the layout says: title, figures, settings, tables, buttons, all with their names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from xlsxwriter.utility import quote_sheetname, xl_cell_to_rowcol, xl_col_to_name, xl_range_abs, xl_rowcol_to_cell

from toolkit.excel.choices import choices
from toolkit.excel.conf import list_source
from toolkit.excel.definition import Definition
from toolkit.excel.layout import Block, Button, Check, Figure, PlanTable, Setting, Sheet
from toolkit.excel.plan_page import TITLE_AND_HEADS, page_width
from toolkit.look import LEFT, Book
from toolkit.look.theme import (
    ACCENT,
    BAD,
    BAND,
    FIGURE_POINTS,
    GOOD,
    HEAD_POINTS,
    INK,
    INPUT,
    LINE,
    MUTED,
    TITLE_POINTS,
    WATCH,
    WORDS,
    Kind,
)
from toolkit.profiles import Profile, shipped_profiles

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SETTINGS_TOP = 3
CHECKS_TOP = 5
PLAN_TOP = 7
MARGIN_PIXELS, BUTTON_PIXELS = 16, (190, 30)
ROW_PIXELS = 24
TEXT = "@"
"""The number format of a cell whose text stays as it was typed."""


@dataclass(frozen=True)
class Words:
    """What differs from one set-up's workbook to another's."""

    profile: Profile
    profile_name: str
    definition: Definition
    plans: Sequence[str]
    first: Mapping[str, str]
    """What settings hold at first, where it is not what the layout says."""

    def filled(self, text: str) -> str:
        """The text of the layout with the set-up's own words in it."""
        plan = self.definition.plan or next(iter(self.plans), "")
        places = {
            "{currency}": self.profile.currency,
            "{profile}": self.profile_name,
            "{plan}": plan,
            "{title}": self.definition.title,
            "{person}": self.definition.person,
            "{exports}": self.definition.exports,
        }
        for place, word in places.items():
            text = text.replace(place, word)
        return text

    def lists(self) -> dict[str, Sequence[str]]:
        """The entries of the drop-downs that the layout names."""
        periods = [label for run in self.definition.periods for label in run.labels()]
        return {"profiles": shipped_profiles(), "plans": self.plans, "periods": periods}


def draw(book: Book, sheet: Sheet, words: Words) -> "Worksheet":
    """One sheet of the workbook."""
    page = book.sheet(sheet.name)
    _paper(page, sheet, words)
    _heading(book, page, sheet, words)
    for figure in sheet.figure:
        _figure(book, page, figure)
    for status in sheet.status:
        name = status.name or f"status_{sheet.name.lower()}"
        _named(book, sheet, status.cell, name)
        _put(book, page, status.cell, status.formula or status.value, "text", value=status.value, bold=True)
        _signs(book, page, status.cell, fill=False)
    for steps in sheet.steps:
        _steps(book, page, steps.top - 1, [steps.head, *map(words.filled, steps.rows)])
    for mind in sheet.mind:
        _steps(book, page, mind.top - 1, [mind.head, *map(words.filled, mind.rows), *words.definition.mind])
    for number, setting in enumerate(sheet.setting):
        _setting(book, page, sheet, setting, SETTINGS_TOP + number, words)
    listed = [setting for setting in sheet.setting if not setting.cell]
    if listed:
        book.name("settings", _area(sheet, SETTINGS_TOP, LEFT, SETTINGS_TOP + len(listed) - 1, LEFT + 1))
    for block in sheet.block:
        _block(book, page, sheet, block, words)
    if sheet.table:
        _plan_page(book, page, sheet)
    if sheet.check:
        _checks(book, page, sheet)
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
    _put(book, page, "B2", about, "text", value=at_first, font_color=MUTED)


def _put(book: Book, page: "Worksheet", cell: str, text: str | int, kind: Kind, *, value: Any, **style: Any) -> None:
    """A cell with a text, a number or a formula; `value` is what a formula gives before anything is calculated."""
    look = book.cell_style(kind, **style)
    row, column = xl_cell_to_rowcol(cell)
    if isinstance(text, str) and text.startswith("="):
        page.write_formula(row, column, text, look, value)
    elif isinstance(text, str):
        page.write_string(row, column, text, look)
    else:
        page.write_number(row, column, text, look)


def _figure(book: Book, page: "Worksheet", figure: Figure) -> None:
    row, column = xl_cell_to_rowcol(figure.cell)
    ink = ACCENT if figure.accent else INK
    rule = {"top": 2, "top_color": ACCENT if figure.accent else LINE}
    page.write_string(row, column, figure.label, book.style(font_color=MUTED, font_size=HEAD_POINTS, **rule))
    page.set_row_pixels(row + 1, 32)
    size = FIGURE_POINTS if figure.kind != "status" else HEAD_POINTS + 2
    look = {"bold": True, "font_size": size, "align": "left", "font_color": ink}
    _put(book, page, xl_rowcol_to_cell(row + 1, column), figure.formula, figure.kind, value=figure.value, **look)
    if figure.kind == "status":
        _signs(book, page, xl_rowcol_to_cell(row + 1, column), fill=False)


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
    _named(book, sheet, cell, f"setting_{setting.name}")
    source: str | Sequence[str] = setting.list
    if isinstance(source, str) and source and not source.startswith("="):
        source = list_source(source)
    if source:
        # what is not in the list may be typed as well: one's own set-up, another year
        rule = {"validate": "list", "source": source if isinstance(source, str) else list(source)}
        page.data_validation(row, column, row, column, {**rule, "show_error": False})


def _named(book: Book, sheet: Sheet, cell: str, name: str) -> None:
    row, column = xl_cell_to_rowcol(cell)
    book.name(name, f"{quote_sheetname(sheet.name)}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}")


def _area(sheet: Sheet, first: int, left: int, last: int, right: int) -> str:
    return f"{quote_sheetname(sheet.name)}!{xl_range_abs(first, left, last, right)}"


def _block(book: Book, page: "Worksheet", sheet: Sheet, block: Block, words: Words) -> None:
    top, last, right = block.top - 1, block.top - 1 + block.rows, LEFT + block.width - 1
    book.name(f"block_{block.name}", _area(sheet, top, LEFT, last, right))
    book.name(f"rows_{block.name}", _area(sheet, top + 1, LEFT, last, right))
    if block.heads:
        book.name(block.heads, _area(sheet, top, LEFT, top, right))
    if block.totals:
        _totals(book, page, sheet, block)
    heads = list(_heads(block, words))
    indents = _indents([kind for _, kind in heads])
    for offset, (head, kind) in enumerate(heads):
        page.write_string(top, LEFT + offset, head, _head_style(book, kind, indents[offset]))
        if offset >= len(block.columns):
            page.set_column_pixels(LEFT + offset, LEFT + offset, 104)
    for offset, column in enumerate(block.columns):
        if column.name:
            book.name(column.name, _area(sheet, top + 1, LEFT + offset, last, LEFT + offset))
    wraps = [column.wrap for column in block.columns] + [False] * (len(heads) - len(block.columns))
    side = "top" if block.wraps else "vcenter"
    looks = [
        _body_style(book, kind, indent=indent, text_wrap=wrap, valign=side, align="left")
        for (_, kind), indent, wrap in zip(heads, indents, wraps, strict=True)
    ]
    for row in range(top + 1, last + 1):
        for offset, look in enumerate(looks):
            page.write_blank(row, LEFT + offset, None, look)
    area = f"{xl_rowcol_to_cell(top + 1, LEFT)}:{xl_rowcol_to_cell(last, right)}"
    # LibreOffice shows the first rule that holds, Excel all of them: what a cell says goes before how its row looks
    _signs(book, page, area, fill=True)
    page.conditional_format(area, {"type": "cell", "criteria": "<", "value": 0, "format": book.negative_rule()})
    if block.strong:
        bold = book.workbook.add_format({"bold": True, "bottom": 1, "bottom_color": LINE})
        page.conditional_format(area, {"type": "formula", "criteria": block.strong, "format": bold})
    _rows_look(book, page, area, block.top + 1)


def _heads(block: Block, words: Words) -> Iterator[tuple[str, Kind | Literal["link"]]]:
    for column in block.columns:
        yield words.filled(column.head), column.kind
    for _ in range(block.width - len(block.columns)):
        yield "", "money"


def _indents(kinds: Sequence[str]) -> list[int]:
    """Words stand clear of the figures on their left, and notes of everything."""
    befores = ["", *kinds]
    return [
        int(kind == "note" or (kind in WORDS and before not in ("", "link", *WORDS)))
        for before, kind in zip(befores, kinds, strict=False)
    ]


def _head_style(book: Book, kind: str, indent: int) -> Any:
    side = "left" if kind in (*WORDS, "link") else "right"
    look = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
    return book.style(**look, align=side, text_wrap=True, indent=indent)


def _body_style(book: Book, kind: Kind | Literal["link"], **look: Any) -> Any:
    if kind == "link":
        return book.style(font_color=ACCENT, underline=1, **look)
    if kind == "note":
        return book.style(num_format=TEXT, font_color=MUTED, **look)
    if kind in WORDS:
        return book.style(num_format=TEXT, **look)
    return book.cell_style(kind, valign=look["valign"])


def _rows_look(book: Book, page: "Worksheet", area: str, first: int) -> None:
    """A hairline under every row that is filled, a band on every other one."""
    filled = f'$B{first}<>""'
    band = book.workbook.add_format({"bg_color": BAND, "bottom": 1, "bottom_color": LINE})
    line = book.workbook.add_format({"bottom": 1, "bottom_color": LINE})
    rule = {"type": "formula", "stop_if_true": False}
    page.conditional_format(area, {**rule, "criteria": f"=AND({filled},MOD(ROW(),2)=0)", "format": band})
    page.conditional_format(area, {**rule, "criteria": f"={filled}", "format": line})


def _signs(book: Book, page: "Worksheet", cells: str, *, fill: bool) -> None:
    """What starts with ✓, ✗ or ◆ gets the colours of its sign; a sentence that runs over only its ink."""
    for sign, (ink, paper) in (("✓", GOOD), ("✗", BAD), ("◆", WATCH)):
        # LibreOffice shows no other rule beside it, so the hairline of the row comes along
        filled = {"bg_color": paper, "bottom": 1, "bottom_color": LINE} if fill else {}
        look = {"font_color": ink, **filled}
        rule = {"type": "text", "criteria": "begins with", "value": sign}
        page.conditional_format(cells, {**rule, "format": book.workbook.add_format(look)})


def _totals(book: Book, page: "Worksheet", sheet: Sheet, block: Block) -> None:
    row, right = block.top - 2, LEFT + block.width - 1
    book.name(block.totals, _area(sheet, row, LEFT, row, right))
    page.write_string(row, LEFT, "Total", book.style(bold=True))
    for column in range(LEFT + len(block.columns), right + 1):
        letter = xl_col_to_name(column)
        cells = f"{letter}{block.top + 1}:{letter}{block.top + block.rows}"
        text = f'=IF({letter}{block.top}="","",SUM({cells}))'
        page.write_formula(row, column, text, book.cell_style("money", bold=True), "")


def _plan_page(book: Book, page: "Worksheet", sheet: Sheet) -> None:
    """The tables of the plan format, one under the other, in the one area plan_page."""
    top = PLAN_TOP
    for table in sheet.table:
        _plan_table(book, page, table, top)
        top += table.rows + TITLE_AND_HEADS + 1
    book.name("plan_page", _area(sheet, PLAN_TOP, LEFT, top - 1, LEFT + page_width() - 1))


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


def _checks(book: Book, page: "Worksheet", sheet: Sheet) -> None:
    top = CHECKS_TOP
    indents = _indents([kind for _, kind in CHECK_HEADS])
    for offset, (head, kind) in enumerate(CHECK_HEADS):
        page.write_string(top, LEFT + offset, head, _head_style(book, kind, indents[offset]))
    for number, check in enumerate(sheet.check, 1):
        _check(book, page, sheet, check, top + number)
    last = top + len(sheet.check)
    book.name("check_results", _area(sheet, top + 1, LEFT + 3, last, LEFT + 3))
    book.name("check_calculated", _area(sheet, top + 1, LEFT + 2, last, LEFT + 2))
    _signs(book, page, f"E{top + 2}:E{last + 1}", fill=True)
    row = last + 2
    parts = [part for check in sheet.check for part in check.parts]
    for offset, (_, label) in enumerate(parts):
        page.write_string(row + offset, LEFT, label, book.style())
        page.write_blank(row + offset, LEFT + 1, None, book.cell_style("money"))
    book.name("check_payments", _area(sheet, row, LEFT + 1, row + len(parts) - 1, LEFT + 1))
    row += len(parts) + 1
    page.write_string(row, LEFT, "The run that is compared with", book.style(font_color=MUTED))
    page.write_blank(row, LEFT + 1, None, book.style(num_format=TEXT))
    _named(book, sheet, xl_rowcol_to_cell(row, LEFT + 1), "check_run")


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


def _button(page: "Worksheet", button: Button) -> None:
    row, column = xl_cell_to_rowcol(button.cell)
    width, height = BUTTON_PIXELS
    look = {"macro": button.macro, "caption": button.caption, "width": width, "height": height}
    page.insert_button(row, column, {**look, "description": f"Starts {button.macro} in Python"})
