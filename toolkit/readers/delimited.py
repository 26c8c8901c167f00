"""Text files with a delimiter: their encoding, their delimiter, their records and fields.

A file of one delimiter and no surprises is read in one pass; anything else is taken apart line by line.
Both see the same rows: row i of the file is row i of the result, blank lines included.
"""

import re

import numpy as np
import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.raw import WIDEST, FileRejected, RawSheet, Source
from toolkit.readers.records import parsed, read_irregular

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 50


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
    text = _without_equals_signs(text, delimiter)
    regular = _read_regular(text, delimiter)
    if regular is not None:
        return RawSheet(source, "", regular, plain=text.isascii() and b"\t" not in text, warnings=warnings)
    cells, fields = read_irregular(text, delimiter, file)
    if not text.endswith(b"\n") and fields.len() > 1 and abs(fields[-1]) < abs(fields[-2]):
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


def _without_equals_signs(text: bytes, delimiter: str) -> bytes:
    """The text with ``="0012"`` as ``"0012"``: so programs write what Excel should not take for a number."""
    if b"=" not in text or b'="' not in text:  # one sign is looked for much quicker than two
        return text
    sign = re.escape(delimiter).encode()
    for written in (rb'="([^"\n]*)"', rb'"=""([^"\n]*)"""'):
        text = re.sub(rb"(?m)(^|" + sign + rb")" + written + rb"(?=" + sign + rb"|$)", rb'\1"\2"', text)
    return text


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
        cells = parsed(text, delimiter, width)
    except pl.exceptions.PolarsError:
        return None
    delimiters = np.count_nonzero(np.frombuffer(text, np.uint8) == ord(delimiter))
    return cells if delimiters == cells.height * (width - 1) else None
