"""What the parts of a page have in common: cells, names, heads, the colours of a status."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import quote_sheetname, xl_cell_to_rowcol, xl_range_abs, xl_rowcol_to_cell

from toolkit.excel.layout import Sheet
from toolkit.look import Book
from toolkit.look.theme import (
    BAD,
    GOOD,
    HEAD_POINTS,
    INK,
    LINE,
    MUTED,
    WATCH,
    WORDS,
    Kind,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet


TEXT = "@"
"""The number format of a cell whose text stays as it was typed."""


def put(book: Book, page: "Worksheet", cell: str, text: str | int, kind: Kind, *, value: Any, **style: Any) -> None:
    """A cell with a text, a number or a formula; `value` is what a formula gives before anything is calculated."""
    look = book.cell_style(kind, **style)
    row, column = xl_cell_to_rowcol(cell)
    if isinstance(text, str) and text.startswith("="):
        page.write_formula(row, column, text, look, value)
    elif isinstance(text, str):
        page.write_string(row, column, text, look)
    else:
        page.write_number(row, column, text, look)


def name_cell(book: Book, sheet: Sheet, cell: str, name: str) -> None:
    """Gives a cell its name."""
    row, column = xl_cell_to_rowcol(cell)
    book.name(name, f"{quote_sheetname(sheet.name)}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}")


def area_of(sheet: Sheet, first: int, left: int, last: int, right: int) -> str:
    """An area of the sheet as names refer to it; rows and columns count from 0."""
    return f"{quote_sheetname(sheet.name)}!{xl_range_abs(first, left, last, right)}"


def indents_of(kinds: Sequence[str]) -> list[int]:
    """Words stand clear of the figures on their left, and notes of everything."""
    befores = ["", *kinds]
    return [
        int(kind == "note" or (kind in WORDS and before not in ("", "link", *WORDS)))
        for before, kind in zip(befores, kinds, strict=False)
    ]


def head_style(book: Book, kind: str, indent: int) -> Any:
    """The head of a column, on the side of what stands under it."""
    side = "left" if kind in (*WORDS, "link") else "right"
    look = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
    return book.style(**look, align=side, text_wrap=True, indent=indent)


def colour_signs(book: Book, page: "Worksheet", cells: str, *, fill: bool) -> None:
    """What starts with ✓, ✗ or ◆ gets the colours of its sign; a sentence that runs over only its ink."""
    for sign, (ink, paper) in (("✓", GOOD), ("✗", BAD), ("◆", WATCH)):
        # LibreOffice shows no other rule beside it, so the hairline of the row comes along
        filled = {"bg_color": paper, "bottom": 1, "bottom_color": LINE} if fill else {}
        look = {"font_color": ink, **filled}
        rule = {"type": "text", "criteria": "begins with", "value": sign}
        page.conditional_format(cells, {**rule, "format": book.workbook.add_format(look)})
