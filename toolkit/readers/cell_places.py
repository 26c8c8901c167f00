"""A sheet's XML written anew as Excel writes it: no prefixes, and first in the tag of each row and cell its place.

Other programs leave places out, since a cell without one stands behind the cell before it, put something before them,
or give every name a prefix.
"""

import re

from toolkit.readers.sheet_tags import SheetFault

ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")


def as_excel_writes(xml: bytes) -> bytes:
    """`SheetFault` where a cell names a place that is none."""
    plain = re.sub(rb"<(/?)[^\s<>/:!?=\"']+:", rb"<\1", xml)
    return re.sub(rb"<(row|c)((?:\s[^<>]*)?)(?<!/)(/?)>", _Placing(), plain)


class _Placing:
    """Writes the tags anew, one after the other, counting."""

    def __init__(self) -> None:
        self._row = self._column = 0

    def __call__(self, tag: "re.Match[bytes]") -> bytes:
        kind, text, end = tag.groups()
        attributes = ATTRIBUTE.findall(text)
        known = {key: quoted or single.replace(b'"', b"&quot;") for key, quoted, single in attributes}
        if len(known) < len(attributes):
            raise SheetFault(f"a tag says something twice ({text.strip().decode('utf-8', 'replace')})")
        place = (self._row_at if kind == b"row" else self._cell_at)(known.pop(b"r", None))
        others = b"".join(b' %b="%b"' % attribute for attribute in known.items())
        return b'<%b r="%b"%b%b>' % (kind, place, others, end)

    def _row_at(self, said: bytes | None) -> bytes:
        if said is not None and not re.fullmatch(rb"[0-9]{1,9}", said):
            raise SheetFault(f"there is no row {_shown(said)}")
        self._row = self._row + 1 if said is None else int(said)
        self._column = 0
        return b"%d" % self._row

    def _cell_at(self, said: bytes | None) -> bytes:
        if said is None:
            self._column += 1
            return b"%b%d" % (column_letters(self._column - 1), self._row)
        found = re.fullmatch(rb"([A-Za-z]{1,3})(\d{1,9})", said)
        if not found:
            raise SheetFault(f"there is no cell {_shown(said)}")
        self._column = column_number(found[1].upper()) + 1
        return said.upper()


def _shown(said: bytes) -> str:
    return f'"{said[:20].decode("utf-8", "replace")}"'


def column_number(letters: bytes) -> int:
    """0 for A, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def column_letters(number: int) -> bytes:
    """A for 0, AA for 26."""
    before, last = divmod(number, 26)
    return (column_letters(before - 1) if before else b"") + bytes([65 + last])
