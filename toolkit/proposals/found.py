"""The sample files as they were found: the header of each sheet, and the values that stand below it."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.profiles import Profile
from toolkit.proposals.spellings import is_known
from toolkit.proposals.values import looks_like_a_value
from toolkit.readers.raw import FileRejected, RawSheet, Source, first_rows
from toolkit.readers.recognise import HEADER_WITHIN
from toolkit.readers.rows import STRIPPED
from toolkit.readers.shape import folded
from toolkit.readers.sources import WORKBOOKS, data_files, sheets_of

LOOKED_AT = 5_000
"""Rows of a sheet that are looked at; a sample is small, and a whole year's export need not be read for its form."""
LEAST_FILLED = 2
A_KNOWN_HEADER_IS_WORTH = 3


@dataclass(frozen=True)
class FoundColumn:
    """One column of a sheet: its header and its filled cells in order. `number` counts from 0 in the sheet."""

    header: str
    number: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class FoundSheet:
    """One sheet with its header row (counted as Excel shows it). `is_text`: numbers in it were typed as text.

    `twice` are headers that occur more than once: of each, only the first column is among `columns`.
    """

    file: str
    sheet: str
    header_row: int
    rows: int
    columns: tuple[FoundColumn, ...]
    twice: tuple[str, ...] = ()
    is_text: bool = True

    @property
    def place(self) -> str:
        return f"{self.file}[{self.sheet}]" if self.sheet else self.file


def sheets_found(places: Sequence[Path], profile: Profile) -> tuple[list[FoundSheet], list[Problem]]:
    """Every sheet with a header of the files and folders, and what could not be read.

    `ToolkitError` where a folder holds no data file or a path leads nowhere.
    """
    sheets: list[FoundSheet] = []
    problems: list[Problem] = []
    with ThreadPoolExecutor(1) as executor:
        for path in dict.fromkeys(path for place in places for path in data_files(place, profile)):
            try:
                raw, remarks = sheets_of(Source.of(path, executor), profile)
            except OSError as error:
                problems.append(problem("FILE_UNREADABLE", file=path.name, reason=error.strerror or str(error)))
                continue
            except FileRejected as refusal:
                problems.append(refusal.problem)
                continue
            problems += remarks
            for sheet in raw:
                found = _found(sheet)
                if found is None:
                    problems.append(problem("PROPOSED_NO_HEADER", file=sheet.file, sheet=sheet.sheet))
                else:
                    sheets.append(found)
    return sheets, problems


def _found(sheet: RawSheet) -> FoundSheet | None:
    if sheet.names is not None:
        names: Sequence[str | None] = sheet.names
        return _with_columns(sheet, names, 0, sheet.cells)
    best = _header(list(first_rows(sheet.cells, HEADER_WITHIN)))
    if best is None:
        return None
    return _with_columns(sheet, sheet.cells.row(best), best, sheet.cells.slice(best + 1))


def _header(rows: Sequence[Sequence[str | None]]) -> int | None:
    """The row that is most like a header: many different words, none of them a date or an amount."""
    scored = [(score, -number) for number, row in enumerate(rows) if (score := _header_score(row))]
    return -max(scored)[1] if scored else None


def _header_score(row: Iterable[str | None]) -> int:
    texts = [str(cell).strip(STRIPPED) for cell in row if cell is not None and str(cell).strip(STRIPPED)]
    names = [text for text in texts if not looks_like_a_value(text)]
    known = sum(is_known(text) for text in names)
    if len(texts) < LEAST_FILLED or not names or (len(names) < len(texts) and known < LEAST_FILLED):
        return 0
    return len({folded(name) for name in names}) + A_KNOWN_HEADER_IS_WORTH * known


def _with_columns(sheet: RawSheet, names: Sequence[str | None], row: int, below: pl.DataFrame) -> FoundSheet:
    rows = below.head(LOOKED_AT)
    columns: dict[str, FoundColumn] = {}
    twice: list[str] = []
    for number, name in enumerate(names):
        header = " ".join(str(name or "").split())
        if not header:
            continue
        key = folded(header) or header  # a header of signs alone is like no other
        if key in columns:
            twice.append(header)
            continue
        columns[key] = FoundColumn(header, number, tuple(_filled(rows[str(number)])))
    is_text = sheet.names is None and not sheet.file.lower().endswith(WORKBOOKS)
    return FoundSheet(
        sheet.file, sheet.sheet, row + 1, below.height, tuple(columns.values()), tuple(dict.fromkeys(twice)), is_text
    )


def _filled(cells: pl.Series) -> Iterator[str]:
    """The column's filled cells as text."""
    for cell in cells.cast(pl.String, strict=False).drop_nulls():
        text = cell.strip(STRIPPED)
        if text:
            yield text
