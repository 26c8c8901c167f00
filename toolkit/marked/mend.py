"""The first sheet of a marked copy: what to mend, a line each, with a way to the cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from xlsxwriter.utility import xl_rowcol_to_cell

from toolkit.look import LEFT, Book, Column, Figure, Page, Table
from toolkit.look.theme import ACCENT, DIFFERS, LINE, LOOK, MUTED
from toolkit.marked.marks import MOST_CELLS, MarkedSheet, Told, fairly
from toolkit.marked.sheet import sentence
from toolkit.problems import Problem, said
from toolkit.reading import FILE_REJECTED, Reading

FIGURES, NOTES = 3, 6
ROOM_FOR_FIGURES = {"column": 112, "value": 88, "level": 88}
"""Pixels that the figures over these columns need, however short what stands in the columns is."""
LONGEST_VALUE = 120
OF_NO_SHEET_AT_MOST = 100


@dataclass(frozen=True)
class Line:
    """A line of the list; `sheet` is the sheet of the copy that it leads to, None where it leads nowhere."""

    told: Told
    sheet: MarkedSheet | None = None


def write_mend(
    book: Book, name: str, file: str, problems: Sequence[Problem], sheets: Sequence[MarkedSheet], reading: Reading
) -> None:
    """The sheet under this name, at the end of the book: to be written before the others."""
    page = Page(book, name, landscape=True)
    page.heading(said("MARKED_TITLE", file=file), _subtitle(file, reading))
    lines = _lines(problems, sheets)
    notes = _notes(problems, lines, sheets)
    columns = _columns(lines, sheets)
    top = NOTES + len(notes) + bool(notes)
    for key, width in ROOM_FOR_FIGURES.items():
        page.grow(LEFT + [column.key for column in columns].index(key), width)
    table = page.table(top, columns)
    for place, note in enumerate(notes):
        page.prose(NOTES + place, note, font_color=MUTED)
    page.figures(FIGURES, _figures(file, problems, reading, table, book.currency), LEFT + len(table.keys) - 1)
    for place, line in enumerate(lines):
        _link(page, table.first + place, line)
    page.heads_stay(top)
    page.finish(file, said("MARKED_SUBJECT"))


def _subtitle(file: str, reading: Reading) -> str:
    refused = any(of.verdict == FILE_REJECTED for of in reading.files if of.file == file)
    return said("MARKED_REFUSED" if refused else "MARKED_HOW")


def _figures(file: str, problems: Sequence[Problem], reading: Reading, table: Table, currency: str) -> list[Figure]:
    """What the file is worth as it is, over columns with room for it."""
    parts = [of for of in reading.files if of.file == file]
    errors = sum(one.level == "error" for one in problems)
    amount = _not_taken({f"{of.file}[{of.sheet}]" if of.sheet else of.file for of in parts}, reading)
    column = {key: table.left + place for place, key in enumerate(table.keys)}
    figures = [
        Figure("Rows in the file", sum(of.rows for of in parts), "whole", column["cell"]),
        Figure("Rows not taken", sum(of.rejected for of in parts), "whole", column["column"], accent=True),
        Figure("Errors", errors, "whole", column["value"]),
        Figure("Warnings", len(problems) - errors, "whole", column["level"]),
    ]
    if amount is not None:
        figures.append(Figure("Readable amount not taken", amount, "money", column["message"], unit=currency))
    return figures


def _not_taken(places: set[str], reading: Reading) -> int | None:
    """The readable amounts of this file's rejected rows; None where its tables have no amounts."""
    tables = [rows.filter(pl.col("source_file").is_in(places), "rejected") for rows in reading.not_taken.values()]
    filled = [rows for rows in tables if rows.height]
    return sum(int(rows["amount"].sum()) for rows in filled) if filled else None


def _lines(problems: Sequence[Problem], sheets: Sequence[MarkedSheet]) -> list[Line]:
    """What is said of the file as a whole, then its sheets from top to bottom."""
    of_sheets = [Line(told, sheet) for sheet in sheets for told in sheet.told]
    shown = {sheet.source for sheet in sheets}
    others = [one for one in problems if one.sheet not in shown]
    lines = [*(Line(Told(one)) for one in fairly(others, OF_NO_SHEET_AT_MOST)), *of_sheets]
    return sorted(lines, key=lambda line: line.told.cell is not None)


def _notes(problems: Sequence[Problem], lines: Sequence[Line], sheets: Sequence[MarkedSheet]) -> list[str]:
    """What the reader has to know about what is not here."""
    notes = []
    if len(lines) < len(problems):
        notes.append(said("MARKED_CAPPED", count=f"{len(problems):,}", told=f"{len(lines):,}"))
    names = [sheet.name for sheet in sheets if sheet.only_bad]
    if names:
        notes.append(said("MARKED_ONLY_BAD", names=", ".join(names), most=f"{MOST_CELLS:,}"))
    if not sheets:
        notes.append(said("MARKED_NO_CELLS"))
    return notes


def _columns(lines: Sequence[Line], sheets: Sequence[MarkedSheet]) -> list[Column]:
    problems = [line.told.problem for line in lines]
    levels = [f"{DIFFERS} not taken" if one.level == "error" else f"{LOOK} look" for one in problems]
    where = [Column("sheet", "Sheet", [one.sheet for one in problems], widest=24)] if len(sheets) > 1 else []
    return [
        Column("cell", "Go to", [_cell(line) for line in lines], style={"font_color": ACCENT, "underline": 1}),
        *where,
        Column("row", "Row", [str(one.row or "") for one in problems], style={"align": "right"}),
        Column("column", "Column", [one.column for one in problems], widest=28, style={"indent": 1}),
        Column("value", "Value", [_short(one.value) for one in problems], widest=28),
        Column("level", "What became of it", levels, "status"),
        Column("message", "What is wrong", [sentence(one.message) for one in problems], widest=52, style={"indent": 1}),
        Column("what_to_do", "What to do", [one.what_to_do for one in problems], widest=52),
    ]


def _cell(line: Line) -> str:
    return xl_rowcol_to_cell(*line.told.cell) if line.told.cell is not None else ""


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 1]}…"


def _link(page: Page, row: int, line: Line) -> None:
    """The way to the cell; the name of the sheet is always in quotes, as it may look like a cell."""
    if line.sheet is None or line.told.cell is None:
        return
    quoted = line.sheet.name.replace("'", "''")
    look = page.book.cell_style("text", font_color=ACCENT, underline=1, bottom=1, bottom_color=LINE)
    cell = _cell(line)
    page.sheet.write_url(row, LEFT, f"internal:'{quoted}'!{cell}", look, string=cell)
