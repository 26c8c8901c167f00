"""Sheets as they were found, for showing people where in their own file something is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.shape import one_line

MEND = "What to mend"
"""The sheet of a marked copy that lists the problems, and how its title begins."""


@dataclass(frozen=True)
class SheetAsFound:
    """The cells of one file or sheet before anything was made of them, and where its header is.

    Column j of its cells is column `left` + j of the file. `header` is the row number of the header as Excel shows it,
    None where nobody found one; `columns` says in which column of the file, counted from 0, each header stands,
    by the header and by our own name. `names` are the column names of a file that
    keeps them apart from its rows.
    """

    file: str
    sheet: str
    cells: pl.DataFrame
    left: int
    header: int | None
    columns: Mapping[str, int]
    names: tuple[str, ...] | None = None

    @property
    def place(self) -> str:
        """How the sheet is named in tables: ``payments.csv`` or ``book.xlsx[May]``."""
        return f"{self.file}[{self.sheet}]" if self.sheet else self.file

    @property
    def texts(self) -> pl.DataFrame:
        """The cells as text, row i being row i + 1 of the file as Excel shows it."""
        if self.names is None:
            return self.cells
        below = self.cells.select(pl.all().cast(pl.String))
        return pl.concat([pl.DataFrame([self.names], schema=below.schema, orient="row"), below])


def lists_problems(sheet: RawSheet) -> bool:
    """Whether it is the first sheet of a marked copy: somebody mended the copy and gives it back."""
    first = sheet.cells.row(0) if sheet.cells.height else ()
    return sheet.sheet == MEND and any(isinstance(cell, str) and cell.startswith(MEND) for cell in first)


def as_found(sheet: RawSheet, match: Match | None) -> SheetAsFound:
    """The sheet, and what its header was taken for if it has one."""
    columns = {} if match is None else _columns(sheet, match)
    header = None if match is None else match.header + 1
    return SheetAsFound(sheet.file, sheet.sheet, sheet.cells, sheet.left, header, columns, sheet.names)


def _columns(sheet: RawSheet, match: Match) -> dict[str, int]:
    """All headers, the first of equal ones; those taken for columns of ours before others."""
    row = sheet.names if sheet.names is not None else sheet.cells.row(match.header)
    headers = {one_line(text): place for place, text in reversed([*enumerate(row)]) if isinstance(text, str)}
    taken = {header: place for place, header in match.read.items()}
    return {name: sheet.left + place for name, place in (headers | dict(match.places) | taken).items()}
