"""Where cells come from that do not stand under one header of the sheet, for the sentences about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from toolkit.readers.answers import Column, is_error
from toolkit.readers.typed import remarked

Said = tuple[int, str, str, str | None, Mapping[str, object]]
"""The row's place, the code, the header of the cell, the cell as found, and what the sentence needs."""


@dataclass(frozen=True)
class Remarks:
    """What is already known about the cells under one header: a code a row (null: nothing), as of `Column`."""

    header: str
    cells: pl.Series
    codes: pl.Series
    fields: Mapping[tuple[str, str], Mapping[str, object]] = field(default_factory=dict)

    def at(self, places: pl.Series) -> "Remarks":
        """The remarks of these rows."""
        return replace(self, cells=self.cells.gather(places), codes=self.codes.gather(places))

    @property
    def errors(self) -> pl.Series:
        """The codes that reject their row, else null."""
        known = [code for code in self.codes.unique().to_list() if code and is_error(code)]
        return self.codes.set(~self.codes.is_in(known).fill_null(False), None)


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

    def rejecting(self, column: Column) -> Column:
        """The column with the cells refused that were refused on the way."""
        for remarks in self.remarks:
            errors = remarks.errors
            for code in errors.drop_nulls().unique().to_list():
                column = remarked(column, errors == code, code)
        return column

    def said(self, column: Column, cells: pl.Series) -> Iterator[Said]:
        """What is to be said of each cell: of those found on the way, and of the others as they were read."""
        refused = pl.Series([False], dtype=pl.Boolean).new_from_index(0, cells.len())
        for remarks in self.remarks:
            refused = refused | remarks.errors.is_not_null()
            for place in remarks.codes.is_not_null().arg_true().to_list():
                text, code = remarks.cells[place], remarks.codes[place]
                yield place, code, remarks.header, text, remarks.fields.get((text, code), {})
        if column.codes is None:
            return
        for place in (column.codes.is_not_null() & ~refused).arg_true().to_list():
            code = column.codes[place]
            fields = column.fields.get((cells[place], code), {})
            yield place, code, self.headers[place], self.cells[place], fields
