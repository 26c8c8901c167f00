"""The places of cells in a sheet's XML, written as Excel writes them: first in the tag of each row and each cell.

Other programs leave them out, since a cell without one stands behind the cell before it, or put something before them.
"""

import re

ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")
UNUSUAL = (b"='", b' ="')


def with_places(xml: bytes, prefix: bytes) -> bytes:
    """The XML with the place of each row and cell; nearly always it is as it should be."""
    if _is_usual(xml, prefix):
        return xml
    return re.sub(rb"<(%b(row|c))((?:\s[^<>]*)?)(?<!/)(/?)>" % prefix, _Placing(), xml)


def _is_usual(xml: bytes, prefix: bytes) -> bool:
    """Whether every row and cell says where it is, and all attributes are written as programs write them."""
    if re.search(rb'<%b(?:c(?! r=")[\s/>]|row\b(?![^<>]*?\sr="))' % prefix, xml):
        return False
    if not any(sign in xml for sign in UNUSUAL):
        return True
    return re.search(rb"<%b(?:row|c)\s[^<>]*?(?:=\s*'|\s=|=\s)" % prefix, xml) is None


class _Placing:
    """Writes the tags anew, one after the other, counting."""

    def __init__(self) -> None:
        self._row = self._column = 0

    def __call__(self, tag: "re.Match[bytes]") -> bytes:
        name, kind, text, end = tag.groups()
        known = {key: quoted or single.replace(b'"', b"&quot;") for key, quoted, single in ATTRIBUTE.findall(text)}
        place = self._row_at(known.pop(b"r", b"")) if kind == b"row" else self._cell_at(known.pop(b"r", b""))
        others = b"".join(b' %b="%b"' % attribute for attribute in known.items())
        return b'<%b r="%b"%b%b>' % (name, place, others, end)

    def _row_at(self, said: bytes) -> bytes:
        self._row = int(said) if said.isdigit() and len(said) < 10 else self._row + 1
        self._column = 0
        return b"%d" % self._row

    def _cell_at(self, said: bytes) -> bytes:
        found = re.fullmatch(rb"([A-Za-z]{1,3})(\d{1,9})", said)
        if found:
            self._column = column_number(found[1].upper()) + 1
            return said.upper()
        self._column += 1
        return said or b"%b%d" % (column_letters(self._column - 1), self._row)


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
