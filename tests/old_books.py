"""Old workbooks for the tests: made with xlwt, changed record by record, put into containers of any content."""

import datetime as dt
import io
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import xlwt

from toolkit.readers.compound import SIGNATURE, contained, opened

MOMENT = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
Changed = Callable[[int, bytes], bytes | None]


def book(**sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook with these sheets; ``hidden=...`` and ``very_hidden=...`` are not shown."""
    made = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = made.add_sheet(name)
        sheet.visibility = {"hidden": 1, "very_hidden": 2}.get(name, 0)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    style = MOMENT if isinstance(cell, (dt.datetime, dt.date)) else xlwt.Style.default_style
                    sheet.write(row, column, cell, style)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def stream_of(content: bytes) -> bytes:
    compound = opened(content)
    return compound.stream(next(entry for entry in compound.entries if entry.name == "Workbook"))


def records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        if not kind:  # zeros behind the last record
            return
        yield kind, stream[place + 4 : place + 4 + length]
        place += 4 + length


def with_records(content: bytes, changed: Changed) -> bytes:
    """The workbook with each record as `changed` gives it, of the same length; None leaves it as it is."""
    parts = []
    for kind, data in records(stream_of(content)):
        data = changed(kind, data) or data
        parts.append(struct.pack("<HH", kind, len(data)) + data)
    return contained("Workbook", b"".join(parts))


def with_first(content: bytes, kind: int, place: int, form: str, value: Any) -> bytes:
    """The workbook with a number changed at this place of the first record of a kind."""
    done = False

    def change(found: int, data: bytes) -> bytes | None:
        nonlocal done
        if found != kind or done:
            return None
        done = True
        return data[:place] + struct.pack(form, value) + data[place + struct.calcsize(form) :]

    changed = with_records(content, change)
    assert done, f"the workbook has no record {kind:#x}"
    return changed


def called(content: bytes, name: str) -> bytes:
    """A container in which the stream has another name."""
    return contained(name, stream_of(content))


def number_at(content: bytes, place: int, value: int) -> bytes:
    """The file with a number of its container changed."""
    assert content.startswith(SIGNATURE)
    return content[:place] + struct.pack("<I", value) + content[place + 4 :]
