"""Columns of a workbook in which Excel has understood some days the wrong way round and left the others as text.

A CSV with the day first that is opened where Excel expects the month first becomes such a column: 05/10 is a date, of
May; 13/10 stays text. The dates look right and are not, so nothing of the column can be trusted.
"""

from collections.abc import Iterator

import polars as pl

from toolkit.tables import Table

DATE_CELL = r"^\d{4}-\d{2}-(\d{2})(?:[ T]|$)"
TEXT_CELL = r"^(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}(?:\D|$)"
DATES_AT_LEAST = 3
"""Fewer dates may all lie in the first twelve days of a month by chance."""


def half_converted(cells: pl.DataFrame, table: Table) -> Iterator[str]:
    """Columns with days where all dates have a day up to 12, and all that stayed text a day above it."""
    for definition in table.of_type("date", "time"):
        if definition.name not in cells.columns or cells[definition.name].dtype != pl.String:
            continue
        column = cells[definition.name]
        dates = column.str.extract(DATE_CELL, 1).drop_nulls().cast(pl.Int64)
        if dates.len() < DATES_AT_LEAST or (dates > 12).any():
            continue
        parts = column.str.extract_groups(TEXT_CELL).struct.unnest().drop_nulls().cast(pl.Int64)
        if parts.height and parts.select(pl.max_horizontal(pl.all()) > 12).to_series().all():
            yield definition.name
