"""Cells covered by merged ones: they are empty, or show nothing of what they hold, whatever the sheet looks like."""

from collections.abc import Sequence

import polars as pl

from toolkit.readers.raw import RawSheet

MERGED = "MERGED_CELL"
Covering = tuple[int, int, str]
"""The first and the last row, as Excel counts them, in which merged cells cover one column; and their area."""


def covering(sheet: RawSheet, column: int) -> list[Covering]:
    """What covers cells of this column, from the top down."""
    found = ((area.covers(column), area.name) for area in sheet.merged)
    return sorted((rows[0] + 1, rows[1] + 1, name) for rows, name in found if rows)


def covered(rows: pl.Series, areas: Sequence[Covering]) -> dict[int, str]:
    """Those of the rows that lie in one of the areas, each with the name of the area that begins last before it."""
    starts = pl.Series([first for first, _, _ in areas], dtype=pl.Int64)
    ends = pl.Series(sorted(last for _, last, _ in areas), dtype=pl.Int64)
    begun = starts.search_sorted(rows.cast(pl.Int64), side="right").cast(pl.Int64)
    inside = begun > ends.search_sorted(rows.cast(pl.Int64), side="left").cast(pl.Int64)
    found = zip(rows.filter(inside).to_list(), begun.filter(inside).to_list(), strict=True)
    return {row: areas[place - 1][2] for row, place in found}
