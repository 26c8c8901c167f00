"""Draws the tables that buttons fill."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from toolkit.excel.layout import Block, Sheet
from toolkit.excel.page_parts import TEXT, area_of, colour_signs, head_style, indents_of
from toolkit.excel.words import Words
from toolkit.look import LEFT, Book
from toolkit.look.theme import (
    ACCENT,
    BAND,
    INPUT,
    LINE,
    MUTED,
    WORDS,
    Kind,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


def draw_block(book: Book, page: "Worksheet", sheet: Sheet, block: Block, words: Words) -> None:
    """A table that a button fills: its heads, its empty rows, and how they will look."""
    top, last, right = block.top - 1, block.top - 1 + block.rows, LEFT + block.width - 1
    book.name(f"block_{block.name}", area_of(sheet, top, LEFT, last, right))
    book.name(f"rows_{block.name}", area_of(sheet, top + 1, LEFT, last, right))
    if block.heads:
        book.name(block.heads, area_of(sheet, top, LEFT, top, right))
    if block.totals:
        _totals(book, page, sheet, block)
    heads = list(_heads(block, words))
    indents = indents_of([kind for _, kind in heads])
    for offset, (head, kind) in enumerate(heads):
        page.write_string(top, LEFT + offset, head, head_style(book, kind, indents[offset]))
        if offset >= len(block.columns):
            page.set_column_pixels(LEFT + offset, LEFT + offset, 104)
    for offset, column in enumerate(block.columns):
        if column.name:
            book.name(column.name, area_of(sheet, top + 1, LEFT + offset, last, LEFT + offset))
    inputs = [column.input for column in block.columns] + [False] * (len(heads) - len(block.columns))
    wraps = [column.wrap for column in block.columns] + [False] * (len(heads) - len(block.columns))
    side = "top" if block.wraps else "vcenter"
    looks = [
        _input_style(book, kind)
        if is_input
        else _body_style(book, kind, indent=indent, text_wrap=wrap, valign=side, align="left")
        for (_, kind), indent, wrap, is_input in zip(heads, indents, wraps, inputs, strict=True)
    ]
    for row in range(top + 1, last + 1):
        for offset, look in enumerate(looks):
            page.write_blank(row, LEFT + offset, None, look)
    for is_input, area in _areas(block, inputs):
        if is_input:
            _inputs_look(book, page, area, block.top + 1)
        else:
            _cells_look(book, page, block, area)


def _cells_look(book: Book, page: "Worksheet", block: Block, area: str) -> None:
    """Signs, what is below nothing, rows in bold, bands."""
    # LibreOffice shows the first rule that holds, Excel all of them: what a cell says goes before how its row looks
    colour_signs(book, page, area, fill=True)
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


def _input_style(book: Book, kind: Kind | Literal["link"]) -> Any:
    """Of a cell that people type into; it is yellow in rows that are filled."""
    return book.cell_style("exact" if kind == "link" else kind, locked=False)


def _inputs_look(book: Book, page: "Worksheet", cells: str, first: int) -> None:
    """Yellow in every row in which something is to be typed."""
    corner = cells.split(":")[0]
    look = book.workbook.add_format({"bg_color": INPUT, "bottom": 1, "bottom_color": LINE})
    criteria = f'=AND($B{first}<>"",{corner}<>"")'
    page.conditional_format(cells, {"type": "formula", "criteria": criteria, "format": look})


def _areas(block: Block, inputs: list[bool]) -> list[tuple[bool, str]]:
    """The columns side by side that people type into, and those that they do not."""
    found: list[tuple[bool, int, int]] = []
    for offset, is_input in enumerate(inputs):
        if found and found[-1][0] == is_input:
            found[-1] = (is_input, found[-1][1], offset)
        else:
            found.append((is_input, offset, offset))
    first, last = block.top, block.top - 1 + block.rows
    return [
        (is_input, f"{xl_rowcol_to_cell(first, LEFT + left)}:{xl_rowcol_to_cell(last, LEFT + right)}")
        for is_input, left, right in found
    ]


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


def _totals(book: Book, page: "Worksheet", sheet: Sheet, block: Block) -> None:
    row, right = block.top - 2, LEFT + block.width - 1
    book.name(block.totals, area_of(sheet, row, LEFT, row, right))
    page.write_string(row, LEFT, "Total", book.style(bold=True))
    for column in range(LEFT + len(block.columns), right + 1):
        letter = xl_col_to_name(column)
        cells = f"{letter}{block.top + 1}:{letter}{block.top + block.rows}"
        text = f'=IF({letter}{block.top}="","",SUM({cells}))'
        page.write_formula(row, column, text, book.cell_style("money", bold=True), "")
