"""One sheet of the source in the copy: every cell as the text it was, bad ones coloured, with the reason as a note."""

from math import ceil

import polars as pl
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range

from toolkit.look import Book, TextSheet
from toolkit.look.cells import pixels
from toolkit.look.paper import A4
from toolkit.look.theme import BAD, INK, MUTED, WATCH
from toolkit.marked.marks import MarkedSheet, Told

NARROWEST, ROOM, WIDEST = 56, 16, 320
MEASURED_ROWS = 5_000
FROZEN_AT_MOST = 12
"""A header further down would fill the screen if everything above it stayed in sight."""
NOTE_WIDTH, NOTE_LETTERS, NOTE_LINE, LONGEST_NOTE = 300, 46, 16, 1_000


def write_sheet(book: Book, marked: MarkedSheet) -> None:
    """Adds the sheet to the book, at the same addresses as in the source."""
    sheet = book.text_sheet(marked.name)
    sheet.fill(marked.texts, marked.looks, _looks(book), marked.left)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    for place, cells in enumerate(marked.texts):
        sheet.set_column_pixels(marked.left + place, marked.left + place, _width(cells, marked.header or 0))
    if marked.texts.height and marked.texts.width:
        _over_the_cells(sheet, marked)
    for (row, column), told in _by_cell(marked).items():
        _note(sheet, row, column, told)


def _looks(book: Book) -> list[Format]:
    """By number: plain, look, bad, head. All are text, so that what somebody types stays as it was typed."""
    plain = {"num_format": "@", "align": "left"}
    return [
        book.style(**plain),
        book.style(**plain, font_color=WATCH[0], bg_color=WATCH[1]),
        book.style(**plain, font_color=BAD[0], bg_color=BAD[1]),
        book.style(**plain, bold=True, font_color=MUTED, bottom=1, bottom_color=INK),
    ]


def _width(cells: pl.Series, header: int) -> int:
    """Wide enough for what stands from the header down; titles above it run over their neighbours."""
    longest = cells.slice(header, MEASURED_ROWS).drop_nulls().unique()
    longest = longest.gather(longest.str.len_chars().arg_sort(descending=True).head(12))
    return min(max((pixels(text) for text in longest), default=0) + ROOM, WIDEST) if len(longest) else NARROWEST


def _over_the_cells(sheet: TextSheet, marked: MarkedSheet) -> None:
    """What stays in sight, what can be filtered, and no green corners at numbers that are text."""
    last, right = marked.texts.height - 1, marked.left + marked.texts.width - 1
    everywhere = xl_range(0, marked.left, last, right)
    sheet.ignore_errors({"number_stored_as_text": everywhere, "two_digit_text_year": everywhere})
    if marked.header is None:
        return
    sheet.autofilter(marked.header, marked.left, last, right)
    sheet.repeat_rows(marked.header)
    if marked.header < FROZEN_AT_MOST:
        sheet.freeze_panes(marked.header + 1, 0)


def _by_cell(marked: MarkedSheet) -> dict[tuple[int, int], list[Told]]:
    cells: dict[tuple[int, int], list[Told]] = {}
    for told in marked.told:
        if told.cell is not None:
            cells.setdefault(told.cell, []).append(told)
    return cells


def _note(sheet: TextSheet, row: int, column: int, told: list[Told]) -> None:
    """What is wrong with the cell and what to do."""
    text = "\n".join(note_of(of) for of in told)[:LONGEST_NOTE]
    lines = sum(ceil(len(line) / NOTE_LETTERS) or 1 for line in text.split("\n"))
    size = {"width": NOTE_WIDTH, "height": NOTE_LINE * lines + 14}
    sheet.write_comment(row, column, text, {"author": "", "font_name": "Calibri", "font_size": 10, **size})


def note_of(told: Told) -> str:
    """The sentence with a capital at its beginning, and the remedy."""
    return f"{sentence(told.problem.message)} {told.problem.what_to_do}".strip()


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
