"""Where cells come from that do not stand under one header of the sheet, for the sentences about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from toolkit.readers.answers import Column, is_error
from toolkit.readers.merged import MERGED, covered, covering
from toolkit.readers.raw import Mark, RawSheet
from toolkit.readers.typed import remarked

Said = tuple[int, str, str, str | None, Mapping[str, object]]
"""The row's place, the code, the header of the cell, the cell as found, and what the sentence needs."""


@dataclass(frozen=True)
class Remarks:
    """What is known already about cells of the sheet: their headers and texts, and a code a row (null: nothing)."""

    headers: pl.Series
    cells: pl.Series
    codes: pl.Series
    fields: Mapping[tuple[str | None, str], Mapping[str, object]] = field(default_factory=dict)

    def at(self, places: pl.Series) -> "Remarks":
        """The remarks of these rows."""
        headers, cells, codes = (of.gather(places) for of in (self.headers, self.cells, self.codes))
        return replace(self, headers=headers, cells=cells, codes=codes)

    @property
    def refusing(self) -> pl.Series:
        """Rows whose cell cannot be taken."""
        return self.codes.is_in([code for code in self.codes.unique().to_list() if code and is_error(code)])

    def said(self, place: int) -> Said:
        """What is to be said of the cell of this row."""
        code, text = self.codes[place], self.cells[place]
        return place, code, self.headers[place], text, self.fields.get((text, code), {})


@dataclass(frozen=True)
class Origin:
    """The header over each cell of a column and the cell as found, row by row; and what was found on the way."""

    headers: pl.Series
    cells: pl.Series
    remarks: tuple[Remarks, ...] = ()

    def at(self, places: pl.Series) -> "Origin":
        """Where the cells of these rows come from."""
        remarks = tuple(of.at(places) for of in self.remarks)
        return Origin(self.headers.gather(places), self.cells.gather(places), remarks)

    def remarked(self, column: Column) -> Column:
        """The column as it was read, with what was found on the way: what refuses a cell comes before all else."""
        for remarks in self.remarks:
            refusing = remarks.refusing.fill_null(False)
            for code in remarks.codes.drop_nulls().unique().to_list():
                silent = column.codes.is_null() if column.codes is not None else True
                column = remarked(column, (remarks.codes == code) & (refusing | silent), code)
        return column

    def said(self, column: Column, cells: pl.Series) -> Iterator[Said]:
        """What is to be said of each cell that has a code: what was found on the way, or else as it was read."""
        if column.codes is None:
            return
        coded = column.codes.is_not_null()
        refused = pl.Series([False], dtype=pl.Boolean).new_from_index(0, cells.len())
        for remarks in self.remarks:
            refused = refused | remarks.refusing.fill_null(False) | (remarks.codes == column.codes).fill_null(False)
            yield from map(remarks.said, (remarks.codes.is_not_null() & coded).arg_true().to_list())
        for place in (coded & ~refused).arg_true().to_list():
            fields = column.fields_of(cells[place], column.codes[place], place)
            yield place, column.codes[place], self.headers[place], self.cells[place], fields


def with_marks(remarks: Remarks, sheet: RawSheet, rows: pl.Series, place: int, *, key: bool = False) -> Remarks:
    """The remarks, and what the sheet's marks say of the cells under this header that cannot be trusted.

    `key`: every digit counts, so numbers that have lost some are remarked too.
    """
    marks = {
        mark.row + 1: mark
        for mark in sheet.marks
        if mark.column == place and is_error(mark.code) and (key or mark.code != "ID_PRECISION")
    }
    unsaid = rows.filter(remarks.codes.is_null())
    marks = {row: Mark(row - 1, place, MERGED, name) for row, name in _covered(sheet, unsaid, place).items()} | marks
    if not marks:
        return remarks
    places = rows.is_in(list(marks)).arg_true()
    found = [(marks[row], remarks.cells[at]) for row, at in zip(rows.gather(places), places, strict=True)]
    fields = {(text, mark.code): {"formula": mark.text} for mark, text in found}
    codes = remarks.codes.scatter(places, pl.Series([mark.code for mark, _ in found], dtype=pl.String))
    return replace(remarks, codes=codes, fields={**remarks.fields, **fields})


def _covered(sheet: RawSheet, rows: pl.Series, place: int) -> dict[int, str]:
    areas = covering(sheet, place)
    return covered(rows, areas) if areas else {}
