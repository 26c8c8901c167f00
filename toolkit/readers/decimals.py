"""Number cells of workbooks under a profile with another decimal sign: Excel stores a point, whatever people see.

A text "1.234" is what somebody wrote, and means what it means in a CSV file; the number 1.234 is never 1234.
"""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match

SIGNED = ("money", "decimal")
POINT = r"^-?\d+\.\d+$"


def with_point(cells: pl.DataFrame) -> dict[int, pl.Series]:
    """By column, the cells that may be numbers with decimals; columns without any are left out."""
    found = {place: column.str.contains(POINT).fill_null(False) for place, column in enumerate(cells)}
    return {place: mask for place, mask in found.items() if mask.any()}


def without(mask: pl.Series, rows: Iterable[int]) -> pl.Series:
    """The mask, with these rows out of it."""
    left_out = [row for row in rows if row < mask.len()]
    return mask.scatter(left_out, False) if left_out else mask


def with_decimal_sign(sheet: RawSheet, match: Match, decimal: str) -> RawSheet:
    """The sheet with the numbers among its amounts and decimals written as the profile's texts are."""
    cells = sheet.cells
    for place in _places(match) & sheet.numbers.keys():
        text = cells[str(place)]
        signed = text.str.replace(".", decimal, literal=True)
        cells = cells.with_columns(signed.zip_with(sheet.numbers[place], text).alias(str(place)))
    return replace(sheet, cells=cells)


def _places(match: Match) -> set[int]:
    """The columns of the sheet that are read as amounts or decimals."""
    own = {place for name, place in match.places.items() if match.table.column(name).type in SIGNED}
    shape = match.shape
    if shape is None or shape.wide is None or match.table.column(shape.wide.cell_into).type not in SIGNED:
        return own
    return own | {question.place for question in shape.questions}
