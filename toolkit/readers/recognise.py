"""Which table a sheet is, told by its headers; a file's name only decides between equals."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from toolkit.problems import Problem, problem
from toolkit.profiles import Profile
from toolkit.readers.raw import RawSheet, first_rows
from toolkit.readers.shape import Header, Shape, folded, meanings_twice, shape_of
from toolkit.tables import TABLES, Table

HEADER_WITHIN = 40
"""A header is looked for in this many first rows, below titles and remarks."""
A_MISSING_COLUMN_COSTS = 2


@dataclass(frozen=True)
class Match:
    """A sheet taken for a table: where its header and first row are, and which of its columns are which of ours.

    `places` maps our column to the number of the column in the sheet; `spelled` to the header as found. `shape` is
    what has to be done before its rows are rows of the table; None: nothing.
    """

    table: Table
    header: int
    first: int
    places: Mapping[str, int]
    spelled: Mapping[str, str]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    twice: tuple[str, ...]
    shape: Shape | None = None
    counted_from: int = 0
    """The number of the first row in a source that has no row with headers; 0 for all others."""

    @property
    def first_row(self) -> int:
        """The number of the first row below the header, as Excel shows it."""
        return self.counted_from or (self.first + 1 if self.first else 2)

    @property
    def read(self) -> dict[int, str]:
        """The headers of all columns of the sheet that are read, by their numbers."""
        own = {place: self.spelled[name] for name, place in self.places.items()}
        return own | (self.shape.headers if self.shape else {})

    @property
    def score(self) -> int:
        joined = len(self.shape.joined) if self.shape else 0
        return len(self.places) + joined - A_MISSING_COLUMN_COSTS * len(self.missing)

    @property
    def convincing(self) -> bool:
        """Whether enough of the table is there to say what is missing rather than that it is something else."""
        return len(self.places) >= 2 and len(self.places) > len(self.missing)


def recognise(sheet: RawSheet, profile: Profile, only: str | None = None) -> Match | None:
    """The best match of a sheet, or None where no row of it looks like the header of a table.

    `only` names the table that the user says it is; then any header that has one of its columns will do.
    """
    rows = [sheet.names] if sheet.names is not None else list(first_rows(sheet.cells, HEADER_WITHIN))
    below = 0 if sheet.names is not None else 1
    tables = [TABLES[only]] if only else list(TABLES.values())
    matches = [match for number, row in enumerate(rows) for match in _matches(row, number, below, tables, profile)]
    named = named_table(sheet.file, sheet.sheet)
    if only or named:
        forced = [match for match in matches if match.table.name == (only or named)]
    else:
        forced = []
    likely = [match for match in matches if not match.missing or match.convincing] or forced
    # what a file is called counts where it has more of that table than of one that happens to lack nothing
    others = [match for match in likely if match not in forced]
    most = max((len(match.places) for match in others), default=0)
    likely = [match for match in forced if match.convincing and len(match.places) > most] or likely
    if not likely:
        return None
    best = max(likely, key=lambda match: (match.score, match.table.name == named, -match.header))
    # a header that comes again further down may be the better one; the rows between the two are rows all the same
    above = [match for match in likely if match.table is best.table and match.header < best.header - 1]
    first = min((match for match in above if not match.missing or match.convincing), key=_header, default=best)
    return replace(first, counted_from=sheet.first_row or 0)


def _header(match: Match) -> int:
    return match.header


def looks_like_ours(sheet: RawSheet, profile: Profile) -> bool:
    """Whether some row has two headers of one table: an export whose headers the profile should know."""
    rows = [sheet.names] if sheet.names is not None else list(first_rows(sheet.cells, HEADER_WITHIN))
    tables = list(TABLES.values())
    return any(len(match.places) > 1 for row in rows for match in _matches(row, 0, 1, tables, profile))


def named_table(file: str, sheet: str = "") -> str | None:
    """The table whose name is in the sheet's or the file's name: "payments" for "Payments May.csv"."""
    for name in (sheet, Path(file).stem):
        found = [table for table in TABLES if folded(table) in folded(name)]
        if found:
            return max(found, key=len)
    return None


def _matches(
    row: Sequence[str | None], number: int, below: int, tables: Iterable[Table], profile: Profile
) -> Iterable[Match]:
    headers = headers_of(row)
    for table in tables:
        if not _spellings(table.name, profile).keys() & {key for _, _, key in headers}:
            continue
        match = match_of(table, headers, (number, number + below), profile)
        if match.places:
            yield match


def headers_of(row: Sequence[str | None]) -> list[Header]:
    """The cells of a row that may be headers."""
    return [(place, text, folded(text)) for place, text in enumerate(row) if text and text.strip()]


def match_of(table: Table, headers: Sequence[Header], rows: tuple[int, int], profile: Profile) -> Match:
    """The headers taken for those of the table; `rows` are the header's and the first row's place."""
    known = _spellings(table.name, profile)
    shape = shape_of(table.name, headers, known, profile)
    used, shaped = (shape.headers, shape.spelled) if shape else ({}, {})
    of_presets = {folded(name) for name in profile.preset_spellings.get(table.name, ())}
    places: dict[str, int] = {}
    spelled: dict[str, str] = {}
    unknown, twice = [], []
    # the profile's own headers first: where a file has both, a preset's means nothing
    for place, text, key in sorted(headers, key=lambda header: header[2] in of_presets):
        if place in used:
            continue
        column = known.get(key)
        if column is None or (column in places and key in of_presets and folded(spelled[column]) not in of_presets):
            unknown.append(text.strip())
        elif column in places:
            twice.append(column)
        else:
            places[column], spelled[column] = place, " ".join(text.split())
    missing = missing_of(table, {*places, *shaped}, profile)
    twice += shape.twice if shape else ()
    return Match(table, *rows, places, spelled | shaped, missing, tuple(unknown), tuple(twice), shape)


def missing_of(table: Table, columns: Collection[str], profile: Profile) -> tuple[str, ...]:
    """The required columns that are neither among these nor filled in by the profile."""
    return tuple(name for name in table.required if name not in columns and not _can_be_filled(table, name, profile))


def _can_be_filled(table: Table, column: str, profile: Profile) -> bool:
    """The currency is the profile's where a file does not say, and a profile may give other defaults."""
    return table.column(column).type == "currency" or f"{table.name}.{column}" in profile.defaults


def _spellings(table: str, profile: Profile) -> dict[str, str]:
    """Folded header to column. The profile's spellings come before the toolkit's own names."""
    return _spellings_of(table, tuple(profile.headers.get(table, {}).items()))


@lru_cache(maxsize=256)
def _spellings_of(table: str, headers: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    own = {folded(column.name): column.name for column in TABLES[table].columns}
    return own | {folded(name): column for column, names in headers for name in names}


def header_row(match: Match, sheet: RawSheet) -> int | None:
    """The row of the header as Excel shows it; None where the names of the columns are no row."""
    return None if sheet.first_row else match.header + 1


def header_problems(match: Match, sheet: RawSheet) -> list[Problem]:
    """Why the sheet cannot be read as this table: columns that are missing or there twice."""
    report = partial(problem, file=sheet.file, sheet=sheet.sheet, row=header_row(match, sheet))
    table = match.table.name
    found = ", ".join([*match.spelled.values(), *match.unknown])
    missing = [report("MISSING_COLUMN", column=name, table=table, found=found) for name in match.missing]
    twice = [report("DUPLICATE_HEADER", column=match.spelled[name], table=table, name=name) for name in match.twice]
    meant = [
        report("WIDE_HEADER_TWICE", column=question.header, table=table, value=question.meaning)
        for question in (meanings_twice(match.shape) if match.shape else ())
    ]
    return missing + twice + meant
