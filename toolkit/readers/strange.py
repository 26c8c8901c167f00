"""Rows in which hardly anything belongs to the table: said once, rather than cell by cell."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.answers import Column
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import Rows
from toolkit.readers.typed import rejected
from toolkit.tables import Table

WRONG_AT_LEAST = 3
"""Required cells that are missing or wrong before a row is called strange."""


def strange_rows(columns: Mapping[str, Column], table: Table, wrong_count: pl.Series | None) -> pl.Series:
    """Rows of whose required cells at most one can be used, and no amount; rows of the wrong length aside."""
    asked = [name for name in table.required if name in columns and table.column(name).type != "currency"]
    required = {name: columns[name] for name in asked}  # a currency may be the profile's, so it says nothing of the row
    height = next(iter(columns.values())).values.len() if columns else 0
    nothing = pl.Series([False]).new_from_index(0, height)
    if len(required) <= WRONG_AT_LEAST or not any(column.codes is not None for column in required.values()):
        return nothing
    suspects = ~nothing if wrong_count is None else ~wrong_count
    for definition in table.of_type("money"):
        if definition.name in required:
            suspects = suspects & _unusable(required[definition.name])
    places = suspects.arg_true()
    count = pl.Series([0]).new_from_index(0, places.len())
    for column in required.values():
        count = count + _unusable(column).gather(places).cast(pl.Int64)
    return nothing.scatter(places, (count >= WRONG_AT_LEAST) & (count >= len(required) - 1))


def _unusable(column: Column) -> pl.Series:
    bad = column.values.is_null()
    errors = rejected(column)
    return bad if errors is None else bad | errors


def without_remarks(columns: Mapping[str, Column], rows: pl.Series) -> dict[str, Column]:
    """The columns with nothing said about the cells of these rows."""
    return {
        name: column if column.codes is None else replace(column, codes=column.codes.set(rows, None))
        for name, column in columns.items()
    }


def strange_problems(found: Rows, rows: pl.Series, sheet: RawSheet, match: Match) -> Iterator[Problem]:
    """A sentence for each of these rows."""
    missing = ", ".join(match.spelled[name] for name in match.table.required if name in match.spelled)
    table = match.table.name
    for row in found.row.filter(rows).to_list():
        yield problem("ROW_INVALID", file=sheet.file, sheet=sheet.sheet, row=row, table=table, missing=missing)
