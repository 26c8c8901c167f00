"""Compound files, the container of old Office files: what is in one, and a new one around a stream.

Every chain of sectors is followed with care: it may lead outside the file, or in a circle.
"""

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
END, FREE, IN_FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
LARGEST_NUMBER = 0xFFFFFFFA
"""Sector numbers from here on mean something else."""
HEADER, ENTRY, SMALL = 512, 128, 64
SMALLER_ARE_SMALL = 4096
"""Streams shorter than this are kept in the sectors of 64 bytes."""


class DamagedError(Exception):
    """The container is not put together as it should be."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream or storage by its name; `start` is its first sector."""

    name: str
    start: int
    size: int


@dataclass(frozen=True)
class Compound:
    """A compound file: its entries, the table that says which sector follows which, and the small sectors."""

    content: bytes
    sector: int
    following: Sequence[int]
    entries: tuple[Entry, ...]
    small_following: Sequence[int]
    small: bytes

    def stream(self, entry: Entry) -> bytes:
        """The content of a stream. `DamagedError` if it is not all there."""
        if entry.size < SMALLER_ARE_SMALL:
            numbers = chain(entry.start, self.small_following) if entry.size else []
            found = b"".join(self.small[SMALL * number : SMALL * (number + 1)] for number in numbers)
        else:
            found = sectors(self.content, chain(entry.start, self.following), self.sector)
        if len(found) < entry.size:
            raise DamagedError("a part of it is cut off")
        return found[: entry.size]


def opened(content: bytes) -> Compound:
    """What is in a compound file. `DamagedError` if it does not hold together."""
    if len(content) < HEADER or not content.startswith(SIGNATURE):
        raise DamagedError("it is cut off")
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    if shift not in (9, 12) or small_shift != 6:
        raise DamagedError("its sectors have an unknown size")
    sector = 1 << shift
    first_entry, small_first, small_count, more = struct.unpack_from("<I8xIII", content, 48)
    following = _table(content, _table_sectors(content, more, sector), sector)
    entries = _entries(sectors(content, chain(first_entry, following), sector))
    if not entries:
        raise DamagedError("it is empty")
    small_following: Sequence[int] = array("I")
    small = b""
    if small_count:
        small_following = _numbers(sectors(content, chain(small_first, following), sector))
        small = sectors(content, chain(entries[0].start, following), sector)
    return Compound(content, sector, following, tuple(entries), small_following, small)


def chain(first: int, following: Sequence[int]) -> list[int]:
    """The numbers of the sectors from the first to the last. `DamagedError` for a circle."""
    found: list[int] = []
    number = first
    while number != END:
        if number >= len(following) or len(found) > len(following):
            raise DamagedError("its sectors do not follow each other")
        found.append(number)
        number = following[number]
    return found


def sectors(content: bytes, numbers: Sequence[int], size: int) -> bytes:
    """The content of these sectors; the last one of a file may be short."""
    found = b"".join(content[(number + 1) * size : (number + 2) * size] for number in numbers)
    if len(found) <= (len(numbers) - 1) * size:
        raise DamagedError("it is cut off")
    return found


def _numbers(content: bytes) -> "array[int]":
    found = array("I")
    found.frombytes(content[: len(content) // 4 * 4])
    return found


def _table_sectors(content: bytes, more: int, size: int) -> list[int]:
    """The sectors that hold the table: the first 109 in the header, the rest in a chain of sectors of its own."""
    found = list(_numbers(content[76:HEADER]))
    seen = 0
    while more < LARGEST_NUMBER:
        seen += 1
        if seen > len(content) // size:
            raise DamagedError("its sectors do not follow each other")
        *part, more = _numbers(sectors(content, [more], size))
        found += part
    return [number for number in found if number < LARGEST_NUMBER]


def _table(content: bytes, numbers: Sequence[int], size: int) -> Sequence[int]:
    if len(numbers) > len(content) // size:
        raise DamagedError("its table is larger than the file")
    return _numbers(sectors(content, numbers, size) if numbers else b"")


def _entries(content: bytes) -> list[Entry]:
    found = []
    for place in range(0, len(content) - ENTRY + 1, ENTRY):
        length, kind = struct.unpack_from("<HB", content, place + 64)
        start, size = struct.unpack_from("<II", content, place + 116)
        if kind:
            name = content[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            found.append(Entry(name, start, size))
    return found


WIDE = 4096
"""The sectors of what is written here: so large that the table's places all find room in the header."""


def contained(name: str, stream: bytes) -> bytes:
    """A compound file with this one stream. A short stream gets zeros behind it."""
    stream = stream.ljust(SMALLER_ARE_SMALL, b"\x00")
    held = -(-len(stream) // WIDE)
    table = 1
    while table * (WIDE // 4) < held + 1 + table:
        table += 1
    following = [*range(1, held), END, END, *([IN_FAT] * table)]
    following += [FREE] * (table * (WIDE // 4) - len(following))
    places = [held + 1 + number for number in range(table)]
    header = SIGNATURE + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
    header += struct.pack("<IIIIIIIII", 1, table, held, 0, SMALLER_ARE_SMALL, END, 0, END, 0)
    header += struct.pack("<109I", *places, *([FREE] * (109 - table)))
    # the root's sector counts for nothing where there are no small streams, but the parser wants one
    entries = _entry("Root Entry", 5, 0, 0, child=1) + _entry(name, 2, 0, len(stream))
    body = stream.ljust(held * WIDE, b"\x00") + entries.ljust(WIDE, b"\x00")
    return header.ljust(WIDE, b"\x00") + body + struct.pack(f"<{len(following)}I", *following)


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    written = name.encode("utf-16-le")
    head = written.ljust(64, b"\x00") + struct.pack("<HBB", len(written) + 2, kind, 1)
    return head + struct.pack("<III36xIQ", FREE, FREE, child, start, size)
