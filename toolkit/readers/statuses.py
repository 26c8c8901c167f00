"""Payments whose row says, in a column that nobody reads, that the money did not come or did not stay: a status of
Failed, Reversed, Pending. To take them would pay on money that is not there, so they are set aside.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.profiles import Profile
from toolkit.readers.answers import words
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import STRIPPED, Rows
from toolkit.readers.shape import folded, one_line
from toolkit.readers.shaped import cells_under

CODE = "STATUS_UNREAD"
FEW = 30
"""A column of more words than this is no status."""
BEGINNING = 1000
"""Rows that show whether a column has few words, before all of a long column is looked at."""


@dataclass(frozen=True)
class Unread:
    """Which payments a column that is not read says this of, a problem for each and column, and those columns as found
    by their headers: who knows their words later may judge the payments by them."""

    rows: pl.Series
    problems: tuple[Problem, ...] = ()
    columns: Mapping[str, pl.Series] = field(default_factory=dict)


def unread_statuses(found: Rows, rows: pl.DataFrame, sheet: RawSheet, match: Match, profile: Profile) -> Unread:
    """What the columns that are not read say of the payments.

    rows: the same rows, typed. Payments that the file takes back in another way are left alone.
    """
    unread = pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows.height)
    problems: list[Problem] = []
    columns: dict[str, pl.Series] = {}
    if match.table.name != "payments" or not match.unknown or not rows.height:
        return Unread(unread)
    settled = _settled(rows)
    for place, header in _unused(sheet, match, profile):
        cells = cells_under(found, sheet, match, place)
        said = _with_words(cells)
        if said is None or not (said := said & ~settled).any():
            continue
        report = partial(problem, CODE, file=sheet.file, sheet=sheet.sheet, column=header)
        places = said.arg_true()
        shown = zip(found.row.gather(places), cells.gather(places), strict=True)
        problems += [report(row=row, value=cell) for row, cell in shown]
        unread = unread | said
        columns.setdefault(header, cells)
    return Unread(unread, tuple(problems), columns)


def _unused(sheet: RawSheet, match: Match, profile: Profile) -> Iterator[tuple[int, str]]:
    """The number and the header of the columns that are not read and not known to say nothing."""
    headers = sheet.names if sheet.names is not None else sheet.cells.row(match.header)
    ignored = {folded(name) for name in profile.ignored_columns.get(match.table.name, ())}
    for place, header in enumerate(headers):
        if header and str(header).strip() and place not in match.read and folded(str(header)) not in ignored:
            yield place, one_line(str(header))


def _with_words(cells: pl.Series) -> pl.Series | None:
    """The cells that are one of the words; None where the column is no status or has none of them."""
    if cells.dtype != pl.String or cells.head(BEGINNING).n_unique() > FEW:
        return None
    distinct = cells.unique().drop_nulls()
    if distinct.len() > FEW:
        return None
    bad = [text for text in distinct if " ".join(text.strip(STRIPPED).casefold().split()) in words()["not_money"]]
    return cells.is_in(bad).fill_null(False) if bad else None


def _settled(rows: pl.DataFrame) -> pl.Series:
    """Reversals, payments that a reversal of the file takes back, and those whose row says when they were."""
    nothing = pl.lit(False)
    columns = rows.columns
    is_reversal = pl.col("reverses").is_not_null() if "reverses" in columns else nothing
    taken_back = (
        pl.col("payment_id").is_in(rows["reverses"].drop_nulls().implode()) if "reverses" in columns else nothing
    )
    dated = pl.col("reverted_at").is_not_null() if "reverted_at" in columns else nothing
    return rows.select((is_reversal | taken_back | dated).fill_null(False).alias("settled"))["settled"]
