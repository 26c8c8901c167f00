"""Where on a sheet the problems are: the look of every cell, and the problems that are told one by one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from toolkit.problems import Problem
from toolkit.reading import SheetAsFound

PLAIN, LOOK, BAD, HEAD = range(4)
"""The looks of a cell, as numbers."""
TOLD_AT_MOST = 1_000
"""Problems of a sheet that get a note and a line of their own; Excel becomes slow with more notes."""
MOST_ROWS = 1_048_576
MOST_CELLS = 2_000_000
"""A copy with more cells takes long to make, to send and to open: it has only the rows with problems."""
ROW_HEAD = "Row in the file"


@dataclass(frozen=True)
class Told:
    """A problem with its cell in the copy, rows and columns counted from 0; None where it is on no cell."""

    problem: Problem
    cell: tuple[int, int] | None = None


@dataclass(frozen=True)
class MarkedSheet:
    """A sheet of the source (`source` is what it is called there) as it goes into the copy.

    `texts` are its cells from column `left` on and `looks` the look of each. `header` is the position of the header
    row, None if there is none. `told` are the problems with a note, of `count` problems. `only_bad`: the sheet was
    too large, so it has the header and rows with problems only, beside their row numbers.
    """

    name: str
    source: str
    texts: pl.DataFrame
    looks: pl.DataFrame
    left: int
    header: int | None
    told: tuple[Told, ...]
    count: int
    only_bad: bool = False


def marked_sheet(sheet: SheetAsFound, name: str, problems: Sequence[Problem]) -> MarkedSheet:
    """The sheet with its problems on it."""
    texts = sheet.texts
    spots = _spots(sheet, problems, texts)
    looks = pl.DataFrame(list(_looks(spots, sheet, texts)))
    header = None if sheet.header is None else sheet.header - 1
    told = [_told(one, sheet, texts) for one in fairly(problems, TOLD_AT_MOST)]
    whole = MarkedSheet(name, sheet.sheet, texts, looks, sheet.left, header, tuple(told), len(problems))
    too_large = texts.height > MOST_ROWS or texts.height * texts.width > MOST_CELLS
    return _only_bad(whole, spots) if too_large else whole


def _spots(sheet: SheetAsFound, problems: Sequence[Problem], texts: pl.DataFrame) -> pl.DataFrame:
    """Row and column of each problem within `texts`; no column: the whole row."""
    rows = [None if one.row is None else one.row - 1 for one in problems]
    columns = [_column(one, sheet) for one in problems]
    looks = [BAD if one.level == "error" else LOOK for one in problems]
    types = {"row": pl.Int64, "column": pl.Int64, "look": pl.UInt8}
    spots = pl.DataFrame({"row": rows, "column": columns, "look": looks}, schema=types)
    return spots.filter(pl.col("row") < texts.height).unique()


def _column(one: Problem, sheet: SheetAsFound) -> int | None:
    place = sheet.columns.get(one.column)
    return None if place is None else place - sheet.left


def _looks(spots: pl.DataFrame, sheet: SheetAsFound, texts: pl.DataFrame) -> Iterator[pl.Series]:
    """The look of each cell, column by column; an error shows through a warning."""
    nothing = pl.Series([PLAIN], dtype=pl.UInt8).new_from_index(0, texts.height)
    if sheet.header is not None and texts.height:
        nothing = nothing.scatter(sheet.header - 1, HEAD)
    for place, column in enumerate(texts.columns):
        here = spots.filter((pl.col("column") == place) | pl.col("column").is_null())
        looks = nothing.clone()
        for look in (LOOK, BAD):
            looks = looks.scatter(here.filter(look=look)["row"], look)
        yield looks.alias(column)


def _told(one: Problem, sheet: SheetAsFound, texts: pl.DataFrame) -> Told:
    if one.row is None or one.row > texts.height or not texts.width:
        return Told(one)
    return Told(one, (one.row - 1, sheet.left + (_column(one, sheet) or 0)))


def _only_bad(whole: MarkedSheet, spots: pl.DataFrame) -> MarkedSheet:
    """The header and the rows with problems, as many as make a sensible sheet, with their row numbers before them."""
    header = [] if whole.header is None else [whole.header]
    most = min(MOST_ROWS, MOST_CELLS // (whole.texts.width + 1)) - len(header)
    rows = [*header, *spots["row"].unique().sort().filter(spots["row"].unique().sort() != whole.header).head(most)]
    places = {row: place for place, row in enumerate(rows)}
    numbers = pl.Series("number", [ROW_HEAD if row == whole.header else str(row + 1) for row in rows])
    heads = pl.Series("number", [HEAD if row == whole.header else PLAIN for row in rows], dtype=pl.UInt8)
    return MarkedSheet(
        whole.name,
        whole.source,
        pl.DataFrame([numbers, *whole.texts[rows]]),
        pl.DataFrame([heads, *whole.looks[rows]]),
        whole.left,
        0 if header else None,
        tuple(_moved(of, places) for of in whole.told),
        whole.count,
        only_bad=True,
    )


def _moved(of: Told, places: dict[int, int]) -> Told:
    if of.cell is None or of.cell[0] not in places:
        return Told(of.problem)
    return Told(of.problem, (places[of.cell[0]], of.cell[1] + 1))


def fairly(problems: Sequence[Problem], most: int) -> list[Problem]:
    """At most so many problems in the order of their rows, rare kinds first served: one mistake made everywhere does
    not hide the others."""
    shares, left = {}, most
    counts = Counter(one.code for one in problems)
    for served, (code, count) in enumerate(reversed(counts.most_common())):
        shares[code] = min(count, left // (len(counts) - served))
        left -= shares[code]
    chosen = []
    for one in sorted(problems, key=lambda one: one.row or 0):
        if shares[one.code]:
            shares[one.code] -= 1
            chosen.append(one)
    return chosen
