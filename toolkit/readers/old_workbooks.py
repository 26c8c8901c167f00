"""Old workbooks (.xls, BIFF in a compound file): the gate in front of the parser, and their visible sheets.

The parser never sees the file itself: what it gets is written anew from the records that hold cells, each looked at
before. Macros, formulas, pictures and everything else stay behind.
"""

import struct
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.profiles import Limits
from toolkit.readers.compound import SIGNATURE, Compound, DamagedError, contained, opened
from toolkit.readers.decimals import with_point, without
from toolkit.readers.gate import MB, check_size
from toolkit.readers.old_texts import text_lengths
from toolkit.readers.raw import FileRejected, RawSheet, Source, is_panic
from toolkit.readers.workbooks import _loaded, _text, _with_errors

ENCRYPTED_PARTS = frozenset({"EncryptedPackage", "EncryptionInfo"})
MACRO_PARTS = frozenset({"_VBA_PROJECT_CUR", "_VBA_PROJECT", "VBA", "Macros"})
OTHER_PROGRAMS = {"WordDocument": "a Word document", "PowerPoint Document": "a presentation"}

BOF, EOF, BOUND_SHEET, FILE_PASS, SHARED_TEXTS, CONTINUE = 0x0809, 0x000A, 0x0085, 0x002F, 0x00FC, 0x003C
FORMULA, FORMULA_TEXT, SHARED_TEXT, BOOL_OR_ERROR, MANY_NUMBERS = 0x0006, 0x0207, 0x00FD, 0x0205, 0x00BD
FORMATTED_TEXT = 0x00D6
CODE_PAGE, COUNTS_FROM_1904, FORMAT, CELL_FORMAT, NUMBER, TEXT, SHORT_NUMBER = (
    0x0042, 0x0022, 0x041E, 0x00E0, 0x0203, 0x0204, 0x027E,
)  # fmt: skip

OF_BOOK = frozenset({BOF, CODE_PAGE, COUNTS_FROM_1904, FORMAT, CELL_FORMAT, BOUND_SHEET, SHARED_TEXTS})
CELLS = {
    NUMBER: 14, TEXT: 8, FORMATTED_TEXT: 8, SHORT_NUMBER: 10, SHARED_TEXT: 10, BOOL_OR_ERROR: 8, MANY_NUMBERS: 12,
    FORMULA: 22,
}  # fmt: skip
"""Records that hold cells, with the bytes that each has at least."""
PADDED = {TEXT: 10, FORMULA_TEXT: 4}
"""A text of one letter or none is shorter than the parser thinks any text is."""

MACRO_SHEETS = frozenset({1, 6})
MOST_COLUMNS = 256
MOST_PLACES = 10_000_000
"""Cells that the rectangle around a sheet's cells may have."""

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


class Record(NamedTuple):
    """One record: its kind, where its data begin and how long they are, where the next one begins."""

    kind: int
    start: int
    length: int
    end: int


@dataclass
class Rewritten:
    """The records that the parser gets, and what was seen on the way.

    `sheets`: where the records that name the sheets are; `errors`: by sheet, as (row, column, error); `lefts`: by
    sheet, how many columns are empty before its first cell, which the parser leaves out; `lengths` of the shared texts;
    `texts`: by sheet and column, the rows of cells that hold texts; `shown`: letters of them in all cells,
    and how many there may be; `places` in the rectangles around the sheets' cells.
    """

    file: str
    most_shown: int
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    sheets: list[int] = field(default_factory=list)
    errors: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
    lefts: dict[int, int] = field(default_factory=dict)
    texts: "dict[int, dict[int, array[int]]]" = field(default_factory=dict)
    lengths: Sequence[int] = ()
    shown: int = 0
    places: int = 0

    def add(self, kind: int, data: bytes) -> None:
        """Writes a record behind the others."""
        data = data.ljust(PADDED.get(kind, 0), b"\x00")
        self.parts.append(struct.pack("<HH", kind, len(data)) + data)
        self.size += 4 + len(data)


def is_old_workbook(content: bytes) -> bool:
    """Whether this is a compound file, as old Office files are."""
    return content.startswith(SIGNATURE)


def read_old_workbook(source: Source, decimal: str, limits: Limits) -> tuple[list[RawSheet], list[Problem]]:
    """The visible sheets as text, row i being row i + 1 of the sheet, and remarks about the others."""
    import fastexcel

    file = source.name
    check_size(source.content, file, limits)
    rewritten = _gated(source.content, file, limits.unfolded_mb * MB)
    sheets, hidden = [], []
    try:
        reader = fastexcel.read_excel(contained("Workbook", b"".join(rewritten.parts)))
        if len(set(reader.sheet_names)) < len(reader.sheet_names):
            raise _damaged(file, "two sheets have the same name")
        for number, name in enumerate(reader.sheet_names):
            sheet = _loaded(reader, name)
            if sheet.visible != "visible":
                hidden.append(problem("SHEET_HIDDEN", file=file, sheet=name))
                continue
            left = rewritten.lefts[number]
            errors = [(row, column - left, error) for row, column, error in rewritten.errors[number]]
            cells = _with_errors(_text(sheet), errors)
            numbers = _numbers(cells, rewritten.texts[number], left) if decimal != "." else {}
            sheets.append(RawSheet(source, name, cells, numbers=numbers, left=left))
    except fastexcel.FastExcelError as error:
        raise _damaged(file, str(error).split("\n")[0]) from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise _damaged(file, "its records do not hold together") from error
    return sheets, hidden


def _numbers(cells: pl.DataFrame, texts: Mapping[int, Iterable[int]], left: int) -> dict[int, pl.Series]:
    """By column, the cells that are numbers with decimals, and not texts that look like some."""
    return {column: without(mask, texts.get(column + left, ())) for column, mask in with_point(cells).items()}


def _damaged(file: str, reason: str) -> FileRejected:
    return FileRejected(problem("XLSX_CORRUPT", file=file, reason=reason))


def _gated(content: bytes, file: str, most_shown: int) -> Rewritten:
    """What the parser may see of the file; `FileRejected` says what is the matter with it."""
    try:
        compound = opened(content)
        return _rewritten(_workbook_stream(compound, file), Rewritten(file, most_shown))
    except DamagedError as error:
        raise _damaged(file, str(error)) from error
    except struct.error as error:
        raise _damaged(file, "a record is cut off") from error


def _workbook_stream(compound: Compound, file: str) -> bytes:
    names = [entry.name for entry in compound.entries]
    if ENCRYPTED_PARTS & set(names):
        raise FileRejected(problem("ENCRYPTED", file=file))
    if MACRO_PARTS & set(names):
        raise FileRejected(problem("MACRO_WORKBOOK", file=file))
    books = [entry for name in ("Workbook", "Book") for entry in compound.entries if entry.name == name]
    if not books:
        other = next((what for part, what in OTHER_PROGRAMS.items() if part in names), "a file of another program")
        raise FileRejected(problem("NOT_XLSX", file=file, seen=other))
    if sum(entry.name == books[0].name for entry in books) > 1:
        raise DamagedError("it holds two workbooks")
    return compound.stream(books[0])


def _records(stream: bytes, place: int) -> Iterator[Record]:
    """The records from here to the end of what begins here."""
    while True:
        kind, length = struct.unpack_from("<HH", stream, place)
        start = place + 4
        place = start + length
        if place > len(stream):
            raise DamagedError("a record is cut off")
        yield Record(kind, start, length, place)
        if kind == EOF:
            return


def _rewritten(stream: bytes, found: Rewritten) -> Rewritten:
    places, end = _add_book(found, stream)
    if not places:
        raise DamagedError("it has no sheets")
    for place, number in sorted((place, number) for number, place in enumerate(places)):
        if place < end:
            raise DamagedError("its sheets lie over each other")
        # the record that names the sheet says where it begins
        named = found.parts[found.sheets[number]]
        found.parts[found.sheets[number]] = named[:4] + struct.pack("<I", found.size) + named[8:]
        end = _add_sheet(found, stream, place, number)
    return found


def _add_book(found: Rewritten, stream: bytes) -> tuple[list[int], int]:
    """Writes what holds for all sheets. Gives where each of them is, and where this ends."""
    places: list[int] = []
    in_texts, end = False, 0
    for record in _records(stream, 0):
        data = stream[record.start : record.end]
        in_texts = record.kind == SHARED_TEXTS or (in_texts and record.kind == CONTINUE)
        if record.kind == FILE_PASS:
            raise FileRejected(problem("ENCRYPTED", file=found.file))
        if record.kind == BOUND_SHEET:
            places.append(_place_of_sheet(data, found.file))
            found.sheets.append(len(found.parts))
        if record.kind == SHARED_TEXTS:
            found.lengths = text_lengths(_segments(stream, record))
        if record.kind in OF_BOOK or in_texts:
            found.add(record.kind, data)
        end = record.end
    found.add(EOF, b"")
    return places, end


def _place_of_sheet(data: bytes, file: str) -> int:
    place, _, kind = struct.unpack_from("<IBB", data)
    if kind in MACRO_SHEETS:
        raise FileRejected(problem("MACRO_WORKBOOK", file=file))
    return int(place)


def _add_sheet(found: Rewritten, stream: bytes, place: int, number: int) -> int:
    """Writes a sheet's cells. Gives where it ends."""
    errors = found.errors.setdefault(number, [])
    texts = found.texts.setdefault(number, {})
    bottom, right, left, end = -1, -1, MOST_COLUMNS, place
    for record in _records(stream, place):
        if end == place and record.kind != BOF:
            raise DamagedError("a sheet is not where it should be")
        end = record.end
        data = stream[record.start : record.end]
        if record.kind in (BOF, FORMULA_TEXT):
            found.add(record.kind, data)
        if record.kind in CELLS:
            row, first, last = _where(record, data)
            bottom, right, left = max(bottom, row), max(right, last), min(left, first)
            error = _error(record.kind, data)
            if error is not None:
                errors.append((row, first, error))
            if _is_text(record.kind, data):
                texts.setdefault(first, array("H")).append(row)
            _add_cell(found, record.kind, data)
    found.add(EOF, b"")
    found.lefts[number] = left if right >= 0 else 0
    _check_size(found, bottom + 1, right + 1)
    return end


def _where(record: Record, data: bytes) -> tuple[int, int, int]:
    """The row of a cell and its column; the first and the last for many cells in one."""
    if record.length < CELLS[record.kind]:
        raise DamagedError("a record is cut off")
    row, column = struct.unpack_from("<HH", data)
    last = struct.unpack_from("<H", data, record.length - 2)[0] if record.kind == MANY_NUMBERS else column
    return row, column, max(column, last)


def _add_cell(found: Rewritten, kind: int, data: bytes) -> None:
    if kind == FORMULA:
        data = data[:20] + b"\x00\x00"  # its value, without the formula
    if kind == SHARED_TEXT:
        text = struct.unpack_from("<I", data, 6)[0]
        if text >= len(found.lengths):
            raise DamagedError("a cell shows a text that is not there")
        found.shown += found.lengths[text]
    found.add(TEXT if kind == FORMATTED_TEXT else kind, data)


def _error(kind: int, data: bytes) -> str | None:
    """The error that a cell shows, which the parser leaves empty."""
    if kind == BOOL_OR_ERROR and data[7] == 1:
        return ERRORS.get(data[6], "#N/A")
    if kind == FORMULA and data[6] == 2 and data[12:14] == b"\xff\xff":
        return ERRORS.get(data[8], "#N/A")
    return None


def _is_text(kind: int, data: bytes) -> bool:
    of_formula = kind == FORMULA and data[6] == 0 and data[12:14] == b"\xff\xff"
    return of_formula or kind in (TEXT, SHARED_TEXT, FORMATTED_TEXT)


def _check_size(found: Rewritten, rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise FileRejected(problem("TOO_WIDE", file=found.file, value=f"a row of {columns} columns", most=MOST_COLUMNS))
    found.places += rows * columns
    if found.places > MOST_PLACES:
        raise FileRejected(problem("ZIP_BOMB", file=found.file, value=f"more than {MOST_PLACES:,} cells"))
    if found.shown > found.most_shown:
        raise FileRejected(problem("ZIP_BOMB", file=found.file, value=f"more than {found.most_shown // MB} MB"))


def _segments(stream: bytes, record: Record) -> list[bytes]:
    """The data of a record and of those that continue it."""
    found = [stream[record.start : record.end]]
    for following in _records(stream, record.end):
        if following.kind != CONTINUE:
            break
        found.append(stream[following.start : following.end])
    return found
