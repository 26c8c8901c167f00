"""Delimiters behind the last column, in every row or in the header alone: they end a line and make no field."""

from dataclasses import replace

import polars as pl

from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match

SURE = ("date", "time", "currency", "flag")
"""Types of columns in which a cell of the column before it cannot be read."""


def without_trailing(sheet: RawSheet, match: Match) -> RawSheet:
    """The sheet with the number of fields of header and rows the same, where only empty fields behind the last column
    tell them apart."""
    if sheet.fields is None:
        return sheet
    width, fields = int(sheet.fields[match.header]), sheet.fields
    usual, named = _usual(fields.slice(match.first)), _named(sheet, match)
    if 0 < named <= usual < width:
        return replace(sheet, fields=fields.scatter(match.header, usual))
    if usual > width > 0 and _end_of(sheet, match, usual, named):
        return replace(sheet, fields=fields.set(fields == usual, width))
    return sheet


def _usual(fields: pl.Series) -> int:
    """The number of fields that most rows have, blank ones aside."""
    counts = fields.filter(fields > 1)
    return int(counts.mode().max()) if counts.len() else 0  # type: ignore[arg-type]  # numbers have a greatest


def _named(sheet: RawSheet, match: Match) -> int:
    """How many columns there are up to the last one that has a header."""
    header = [str(cell or "").strip() for cell in sheet.cells.row(match.header)]
    return max((place + 1 for place, text in enumerate(header) if text), default=0)


def _end_of(sheet: RawSheet, match: Match, usual: int, named: int) -> bool:
    """Whether the rows of the usual width end with the last column, which is filled, and empty fields.

    A comma too many in front of an empty last cell looks nearly the same, and shifts the amounts. So the last column
    has to be one that is never empty, or one in which a shifted cell would be noticed.
    """
    last = next((name for name, place in match.places.items() if place == named - 1), None)
    if last is None or not (match.table.column(last).required or match.table.column(last).type in SURE):
        return False
    below = sheet.cells.slice(match.first).filter(sheet.fields.slice(match.first) == usual)  # type: ignore[union-attr]
    surplus = [below[str(place)] for place in range(named, usual)]
    return not _empty(below[str(named - 1)]).any() and all(_empty(cells).all() for cells in surplus)


def _empty(cells: pl.Series) -> pl.Series:
    return cells.fill_null("").str.strip_chars() == ""
