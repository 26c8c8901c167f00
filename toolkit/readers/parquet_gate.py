"""What a Parquet file must be before the parser sees it: pages that lie in it and are as long as they say.

The parser makes room for as many values as a page says it has; where that is nonsense the whole program would end.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from toolkit.problems import problem
from toolkit.readers.raw import FileRejected

MAGIC = b"PAR1"
MOST_VALUES = 200_000_000
LARGEST_PAGE = 2**30
DEEPEST = 30
LONGEST_HEADER = 1 << 20
"""Bytes that a page's header may have: it can hold the smallest and the largest text of the page."""

Fields = dict[int, Any]
DICTIONARY, CHECKSUM = 2, 4
VALUES_OF = {0: 5, DICTIONARY: 7, 3: 8}
"""By kind of page, the field of its header that says how many values there are; in each it is the first."""


class _TornError(Exception):
    """The file does not hold together."""


def check_parquet(content: bytes, file: str) -> None:
    """`FileRejected` where a page is not in the file, or has more values than its column."""
    try:
        for column in _columns(content):
            _check_pages(content, column)
    except (_TornError, IndexError, KeyError, TypeError, struct.error, RecursionError) as error:
        raise FileRejected(problem("NOT_PARQUET", file=file, reason="it is damaged inside")) from error


def _columns(content: bytes) -> Iterator[Fields]:
    """What the end of the file says about each stretch of a column."""
    if len(content) < 12 or not content.startswith(MAGIC) or not content.endswith(MAGIC):
        raise _TornError
    length = struct.unpack_from("<I", content, len(content) - 8)[0]
    if length > len(content) - 12:
        raise _TornError
    known, _ = _struct(content[len(content) - 8 - length : len(content) - 8], 0)
    for group in known[4]:
        for column in group[1]:
            if not isinstance(column[3], dict):
                raise _TornError
            yield column[3]


def _check_pages(content: bytes, column: Fields) -> None:
    values, place = column[5], column[9]
    if 0 < column.get(11, 0) < place:
        place = column[11]
    if not 0 <= values <= MOST_VALUES:
        raise _TornError
    while values > 0:
        if not 4 <= place < len(content):
            raise _TornError
        header, length = _struct(content[place : place + LONGEST_HEADER], 0)
        page = memoryview(content)[place + length : place + length + max(header[3], 0)]
        place += length + header[3]
        if not 0 <= header[2] <= LARGEST_PAGE or header[3] < 0 or place > len(content):
            raise _TornError
        if CHECKSUM in header and zlib.crc32(page) != header[CHECKSUM] & 0xFFFFFFFF:
            raise _TornError
        count = header[VALUES_OF[header[1]]][1] if header[1] in VALUES_OF else 0
        most = header[2] if header[1] == DICTIONARY else values
        if not 0 <= count <= most:
            raise _TornError
        values -= 0 if header[1] == DICTIONARY else count


# Thrift's compact form, in which a Parquet file says what is in it


def _struct(data: bytes, place: int, depth: int = 0) -> tuple[Fields, int]:
    """The fields of a structure by their numbers, and where it ends."""
    if depth > DEEPEST:
        raise _TornError
    fields: Fields = {}
    number = 0
    while kind := data[place]:
        place += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, place = _whole(data, place)
        if kind & 15 in (1, 2):
            fields[number] = kind & 15 == 1
        else:
            fields[number], place = _value(data, place, kind & 15, depth)
    return fields, place + 1


def _value(data: bytes, place: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (1, 2, 3):
        return data[place], place + 1
    if kind in (4, 5, 6):
        return _whole(data, place)
    if kind == 7:
        return struct.unpack_from("<d", data, place)[0], place + 8
    if kind == 8:
        length, place = _unsigned(data, place)
        if place + length > len(data):
            raise _TornError
        return data[place : place + length], place + length
    if kind in (9, 10):
        return _list(data, place, depth)
    if kind == 12:
        return _struct(data, place, depth + 1)
    raise _TornError


def _list(data: bytes, place: int, depth: int) -> tuple[list[Any], int]:
    count, kind = data[place] >> 4, data[place] & 15
    place += 1
    if count == 15:
        count, place = _unsigned(data, place)
    if count > len(data):
        raise _TornError
    values = []
    for _ in range(count):
        value, place = _value(data, place, kind, depth + 1)
        values.append(value)
    return values, place


def _unsigned(data: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return number, place
        if shift > 63:
            raise _TornError


def _whole(data: bytes, place: int) -> tuple[int, int]:
    number, place = _unsigned(data, place)
    return (number >> 1) ^ -(number & 1), place
