"""Text files with a delimiter: their encoding, their delimiter, their records and fields.

A file of one delimiter and no surprises is read in one pass; anything else is taken apart line by line.
Both see the same rows: row i of the file is row i of the result, blank lines included.
"""

import csv
import io
import re

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.raw import WIDEST, FileRejected, RawSheet, Source, numbered

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 50
UNUSED = ("\x1f", "\x1e", "\x1d", "\x1c")
"""Characters that no text file contains: lines are read as records of one field between them."""


def read_delimited(source: Source) -> RawSheet:
    """The cells of a text file; `FileRejected` where it is none or its encoding cannot be told."""
    file = source.name
    _refuse_other_formats(source.content, file)
    text, warnings = as_utf8(source.content, file)
    if not text[:LOOKED_AT].strip() and not text.strip():
        raise FileRejected(problem("EMPTY_FILE", file=file))
    _refuse_other_formats(text, file)
    text = _with_unix_lines(text)
    text = text.rstrip(b"\n") if text.endswith(b"\n\n") else text
    delimiter = _delimiter(text)
    regular = _read_regular(text, delimiter)
    if regular is not None:
        return RawSheet(source, "", regular, plain=text.isascii() and b"\t" not in text, warnings=warnings)
    cells, fields = _read_irregular(text, delimiter, file)
    if not text.endswith(b"\n") and fields.len() > 1 and fields[-1] < fields[-2]:
        warnings = (*warnings, problem("CUT_OFF", file=file, row=fields.len()))
    return RawSheet(source, "", cells, fields, warnings=warnings)


def as_utf8(content: bytes, file: str) -> tuple[bytes, tuple[Problem, ...]]:
    """The text in UTF-8 without byte order marks, and what to say about its encoding."""
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise FileRejected(problem("ENCODING_UNKNOWN", file=file))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _from_utf16(content, file), ()
    while content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    if b"\x00" in content:
        raise FileRejected(problem("NUL_BYTES", file=file))
    if content.isascii() or _is_utf8(content):
        return content, ()
    return _from_windows(content, file)


def _from_utf16(content: bytes, file: str) -> bytes:
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise FileRejected(problem("ENCODING_UNKNOWN", file=file)) from error
    if "\x00" in text:
        raise FileRejected(problem("NUL_BYTES", file=file))
    return text.lstrip("\ufeff").encode("utf-8")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _from_windows(content: bytes, file: str) -> tuple[bytes, tuple[Problem, ...]]:
    """Windows-1252, unless some lines are UTF-8 or a byte has no meaning there."""
    if b"\xc0" in content or (b"\xc1" in content and _is_overlong(content)):
        raise FileRejected(problem("ENCODING_UNKNOWN", file=file))
    if any(not line.isascii() and _is_utf8(line) for line in content.splitlines()):
        raise FileRejected(problem("ENCODING_MIXED", file=file))
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise FileRejected(problem("ENCODING_UNKNOWN", file=file)) from error
    return text.encode("utf-8"), (problem("ENCODING", file=file),)


def _is_overlong(content: bytes) -> bool:
    """Whether C0 or C1 is followed by a continuation byte: a forged slash or dot rather than a letter."""
    return re.search(rb"[\xc0\xc1][\x80-\xbf]", content) is not None


def _refuse_other_formats(text: bytes, file: str) -> None:
    start = text[:200].lstrip().lower()
    if start.startswith((b"pk\x03\x04", b"\x1f\x8b", b"<!doctype", b"<html", b"<?xml", b"{", b"[{", b"%pdf")):
        raise FileRejected(problem("NOT_CSV", file=file, seen=_kind_of(start)))


def _kind_of(start: bytes) -> str:
    if start.startswith(b"pk"):
        return "a workbook or zip file"
    if start.startswith(b"\x1f\x8b"):
        return "a compressed file"
    if start.startswith(b"<"):
        return "a web page"
    if start.startswith(b"%pdf"):
        return "a PDF"
    return "a reply of a web service"


def _with_unix_lines(text: bytes) -> bytes:
    if b"\r" not in text:
        return text
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _delimiter(text: bytes) -> str:
    """The hint of a first line ``sep=;``, else the delimiter that cuts the most lines into as many fields."""
    hint = re.match(rb'"?sep=(.)"?\n', text)
    if hint:
        return hint[1].decode("utf-8")
    sample = text[:65536].decode("utf-8", "ignore").split("\n")[:LOOKED_AT]
    return max(DELIMITERS, key=lambda delimiter: _agreement(sample, delimiter))


def _agreement(sample: list[str], delimiter: str) -> tuple[int, int]:
    counts = [count for line in sample if (count := re.sub(r'"[^"]*"', "", line).count(delimiter))]
    if not counts:
        return (0, 0)
    usual = max(set(counts), key=lambda count: (counts.count(count), count))
    return (counts.count(usual), usual)


def _read_regular(text: bytes, delimiter: str) -> pl.DataFrame | None:
    """All cells at once, if every line has exactly as many fields as the first; else None.

    A line with more fields than the first stops the parser, so when the delimiters of the whole file
    add up to lines x (fields - 1), no line can have had fewer either.
    """
    if b'"' in text:
        return None
    width = text.count(delimiter.encode(), 0, text.find(b"\n")) + 1
    if width > WIDEST:
        return None
    try:
        cells = _parsed(text, delimiter, width)
    except pl.exceptions.PolarsError:
        return None
    return cells if text.count(delimiter.encode()) == cells.height * (width - 1) else None


def _parsed(text: bytes, delimiter: str, width: int, *, quotes: bool = False, ragged: bool = False) -> pl.DataFrame:
    return pl.read_csv(
        text,
        has_header=False,
        schema=dict.fromkeys(numbered(width), pl.String),
        separator=delimiter,
        quote_char='"' if quotes else None,
        truncate_ragged_lines=ragged,
    )


def _read_irregular(text: bytes, delimiter: str, file: str) -> tuple[pl.DataFrame, pl.Series]:
    """The cells and the number of fields of each record, where records differ or have quotes."""
    records = _records(_lines(text), file)
    fields = _field_counts(records, delimiter, file)
    width = int(fields.max())  # type: ignore[arg-type]  # there is at least one record
    if width > WIDEST:
        raise FileRejected(problem("TOO_WIDE", file=file, value=width, most=WIDEST))
    # a first line as wide as the widest record, so that the parser makes enough columns
    widest = delimiter.encode() * (width - 1) + b"\n"
    try:
        cells = _parsed(widest + text, delimiter, width, quotes=b'"' in text, ragged=True).slice(1)
    except pl.exceptions.PolarsError:
        return _parsed_slowly(records, delimiter, width), fields
    return cells if cells.height == records.len() else _parsed_slowly(records, delimiter, width), fields


def _field_counts(records: pl.Series, delimiter: str, file: str) -> pl.Series:
    """Fields of each record. Where a quotation mark stands inside a field: never as many as the header.

    `FileRejected` where such a record goes on over several lines: rows of their own may be in it.
    """
    bare = _bare(records)
    counts = bare.str.count_matches(delimiter, literal=True).fill_null(0).cast(pl.Int64) + 1
    sign = re.escape(delimiter)
    torn = bare.str.contains(rf"[^{sign}\s]{QUOTED}|{QUOTED}[^{sign}\s]").fill_null(False)
    if not torn.any():
        return counts
    several = torn & records.str.contains("\n", literal=True).fill_null(False)
    if several.any():
        raise FileRejected(problem("UNCLOSED_QUOTE", file=file, row=int(several.arg_true()[0]) + 1))
    as_they_are = records.str.count_matches(delimiter, literal=True).fill_null(0).cast(pl.Int64) + 1
    return counts.zip_with(~torn, as_they_are + (as_they_are == counts[0]).cast(pl.Int64))


QUOTED = "\x1a"
"""What stands for a quoted field in a record whose fields are counted."""


def _lines(text: bytes) -> pl.Series:
    separator = next((mark for mark in UNUSED if mark.encode() not in text), None)
    if separator is None:
        return pl.Series(text.decode("utf-8").removesuffix("\n").split("\n"))
    return _parsed(text, separator, 1).to_series()


def _records(lines: pl.Series, file: str) -> pl.Series:
    """Lines put together where a quoted field goes on over several."""
    quotes = lines.str.count_matches('"', literal=True).fill_null(0).cast(pl.Int64)
    open_after = quotes.cum_sum() % 2 == 1
    if not open_after.any():
        return lines
    if open_after[-1]:
        raise FileRejected(problem("UNCLOSED_QUOTE", file=file, row=_last_closed(open_after)))
    goes_on = open_after.shift(1, fill_value=False)
    frame = pl.DataFrame({"line": lines.fill_null(""), "record": (~goes_on).cast(pl.Int64).cum_sum()})
    return frame.group_by("record", maintain_order=True).agg(pl.col("line").str.join("\n")).get_column("line")


def _last_closed(open_after: pl.Series) -> int:
    """The row on which the quote was opened that nobody closed."""
    closed = (~open_after).arg_true()
    return (int(closed[-1]) if closed.len() else -1) + 2


def _bare(records: pl.Series) -> pl.Series:
    """The records with a sign in place of each quoted field, so that only real delimiters are left."""
    if not records.str.contains('"', literal=True).any():
        return records
    return records.str.replace_all(r'"(?:[^"]|"")*"', QUOTED)


def _parsed_slowly(records: pl.Series, delimiter: str, width: int) -> pl.DataFrame:
    """Record by record, for text whose quotes the fast parser understands differently."""
    csv.field_size_limit(2**31 - 1)  # a field may be long: that is said of the cell, not of the file
    rows = []
    for record in records.fill_null("").to_list():
        row = next(csv.reader(io.StringIO(record), delimiter=delimiter), [])
        rows.append([*row[:width], *[None] * (width - len(row))])
    return pl.DataFrame(rows, schema=dict.fromkeys(numbered(width), pl.String), orient="row")
