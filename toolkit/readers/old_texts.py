"""Texts that cells of an old workbook share: how long each is, so that a long one shown a million times is noticed."""

import struct
from collections.abc import Sequence

from toolkit.readers.compound import DamagedError


def text_lengths(segments: Sequence[bytes]) -> list[int]:
    """Characters of each shared text. `DamagedError` where one is cut off."""
    count = struct.unpack_from("<I", segments[0], 4)[0]
    if count > sum(map(len, segments)) // 3:
        raise DamagedError("its texts are cut off")
    reading = _Segments(segments)
    reading.skip(8)
    return [_text_length(reading) for _ in range(count)]


class _Segments:
    """A place in segments that continue each other."""

    def __init__(self, segments: Sequence[bytes]) -> None:
        self._segments = segments
        self._number = 0
        self._place = 0

    @property
    def left(self) -> int:
        """Bytes left in this segment."""
        return len(self._segments[self._number]) - self._place

    def next_segment(self) -> None:
        if self._number + 1 >= len(self._segments):
            raise DamagedError("its texts are cut off")
        self._number, self._place = self._number + 1, 0

    def number(self, form: str) -> int:
        """A number that does not lie across a border."""
        if not self.left:
            self.next_segment()
        value = struct.unpack_from(form, self._segments[self._number], self._place)[0]
        self._place += struct.calcsize(form)
        return int(value)

    def skip(self, count: int) -> None:
        while count > self.left:
            count -= self.left
            self.next_segment()
        self._place += count

    def skip_letters(self, count: int, width: int) -> None:
        """Letters of 1 or 2 bytes; in the next segment they may be of another width, which its first byte says."""
        while count > (here := self.left // width):
            count -= here
            self.next_segment()
            width = 2 if self.number("<B") & 1 else 1
        self._place += count * width


def _text_length(reading: _Segments) -> int:
    letters, flags = reading.number("<H"), reading.number("<B")
    runs = reading.number("<H") if flags & 8 else 0
    extra = reading.number("<I") if flags & 4 else 0
    reading.skip_letters(letters, 2 if flags & 1 else 1)
    reading.skip(4 * runs + extra)
    return letters
