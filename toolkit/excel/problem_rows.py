"""The rows of the sheet Problems: the gravest first, each with a link to its cell in this workbook or to its file."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell

from toolkit.excel.cells import Cell, Link, link
from toolkit.excel.layout import layout
from toolkit.excel.sheets import rows_of, sheet_named
from toolkit.problems import Problem, ToolkitError, said

if TYPE_CHECKING:
    import xlwings as xw

SIGNS = {"error": "✗ set aside", "warning": "◆ look", "info": "· remark"}

Heads = Mapping[str, Sequence[tuple[int, int]]]
"""Where a text stands on a sheet: the rows and columns of its cells, from 0, top to bottom."""


def problem_rows(book: "xw.Book", problems: Sequence[Problem], data: Path | None = None) -> list[Sequence[object]]:
    """A row each, as many as the sheet has room for; `data` is the folder that the files are in."""
    gravest_first = sorted(dict.fromkeys(problems), key=lambda found: list(SIGNS).index(found.level))
    _, block = layout().block("problems")
    shown = gravest_first[: block.rows - 1]
    name = book.name
    columns = {one.column for one in shown}
    here = {one.sheet for one in shown if _is_in(name, one)}
    heads = {sheet: _heads(book, sheet, columns) for sheet in here}
    rows: list[Sequence[object]] = []
    for one in shown:
        way = _to_cell(one, heads[one.sheet]) if _is_in(name, one) else _to_file(one, data)
        rows.append([SIGNS[one.level], way, *_words_of(one)])
    if len(gravest_first) > len(shown):
        rows.append([said("PROBLEMS_MORE", count=len(gravest_first) - len(shown))])
    return rows


def _is_in(book: str, one: Problem) -> bool:
    return one.sheet != "" and one.file in ("", book)


def _words_of(one: Problem) -> Sequence[object]:
    return one.file, one.sheet, one.row, one.column, one.value, one.message, one.what_to_do


def _heads(book: "xw.Book", sheet: str, columns: set[str]) -> Heads | None:
    """Where these heads of columns stand on a sheet; None where the sheet itself is missing."""
    try:
        on = sheet_named(book, sheet)
    except ToolkitError:
        return None
    found: dict[str, list[tuple[int, int]]] = {}
    for row, cells in enumerate(rows_of(on.range("A1", on.used_range.last_cell))):
        for column, cell in enumerate(cells):
            if _is_one_of(cell, columns):
                found.setdefault(cell.strip(), []).append((row, column))
    return found


def _is_one_of(cell: Cell, columns: set[str]) -> bool:
    return isinstance(cell, str) and cell.strip() in columns and cell.strip() != ""


def _to_cell(found: Problem, heads: Heads | None) -> Link | None:
    """To the cell below the nearest head of its column; to the row's first one where no head says so."""
    if heads is None:
        return None
    row = (found.row or 1) - 1
    places = heads.get(found.column, ())
    above = bisect_left(places, (row, 0)) - 1
    column = places[above][1] if above >= 0 else FIRST_COLUMN
    return link(f"#{_quoted(found.sheet)}!{xl_rowcol_to_cell(row, column)}", said("GO_THERE"))


FIRST_COLUMN = 1


def _quoted(sheet: str) -> str:
    """Always in quotes, as links of sheets need it where a name looks like a cell."""
    quoted = quote_sheetname(sheet)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def _to_file(found: Problem, data: Path | None) -> Link | None:
    file = data / found.file if data is not None and found.file else None
    return link(str(file), said("OPEN_FILE")) if file is not None and file.is_file() else None
