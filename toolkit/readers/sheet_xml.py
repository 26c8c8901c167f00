"""What a sheet's XML says beside its values: hidden rows, formulas, errors, styles; and whether it hangs together.

The values themselves are read by a fast parser that knows none of this, and that trusts what it is given: it takes the
last of two cells at one place, and makes room for a cell in the last corner of Excel. So this is looked at first.
"""

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from xml.parsers import expat  # the gate has refused document types and entities before

from toolkit.problems import problem
from toolkit.readers.cell_places import column_letters, column_number, with_places
from toolkit.readers.formulas import LONGEST_FORMULA, Formula
from toolkit.readers.raw import WIDEST, Area, FileRejected

LAST_ROW = 1_048_576
LARGEST_AREA = 50_000_000
"""Cells between the first and the last one of a sheet, empty ones included, for which there is room in memory."""
ATTRIBUTES = rb"(?:\s+(?!%b=)[\w:]+=\"[^\"<>]*\")*"
"""The attributes of a cell up to one of this name. No pattern looks beyond a tag: that could take for ever."""
OF_FORMULA = rb"<{p}f\b(?:[^<>]*/>|[^<>]*>([^<]*)</{p}f>)"
VALUE = rb"<{p}v(?:\s[^<>]*)?>([^<]*)</{p}v>"
FORMULA_CELL = rb"<{p}c r=\"([A-Z]{1,3})(\d+)\"([^<>]*)>\s*" + OF_FORMULA + rb"(?:\s*" + VALUE + rb")?"
OPTIONAL_FORMULA = rb"\s*(?:" + OF_FORMULA.replace(b"([^<]*)", b"[^<]*") + rb"\s*)?"
TOO_MANY_DIGITS = 10**15
"""Whole numbers from here on have more digits than Excel keeps."""
FILLED = rb"\d+\"[^<>/]*>" + OPTIONAL_FORMULA + rb"<{p}(?:v|is)[ />]"
HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
UTF8 = re.compile(rb'^\s*<\?xml[^>]*encoding=["\'](?:utf-8|us-ascii)["\']', re.IGNORECASE)


class SheetXml:
    """The XML of one sheet. Places are counted from 0; `FileRejected` where it does not hang together."""

    def __init__(self, xml: bytes, file: str, sheet: str) -> None:
        self.xml, self.file, self.sheet = xml, file, sheet
        named = re.search(rb"<((?:\w+:)?)worksheet\b", xml[:4096])
        self._prefix = named[1] if named else b""
        self._check_encoding()
        self._check_values()
        self.xml = with_places(xml, self._prefix)
        self._check_places()
        self._check_rows()

    def _found(self, pattern: bytes) -> Iterator["re.Match[bytes]"]:
        """Where the pattern occurs; {p} in it stands for the prefix of the names."""
        return re.finditer(pattern.replace(b"{p}", self._prefix), self.xml)

    def _corrupt(self, reason: str) -> FileRejected:
        return FileRejected(problem("XLSX_CORRUPT", file=self.file, sheet=self.sheet, reason=reason))

    def _check_encoding(self) -> None:
        declared = re.match(rb"^\s*<\?xml[^>]*encoding=", self.xml[:200])
        if declared and not UTF8.match(self.xml[:200]):
            raise self._corrupt("its XML is in an encoding that Excel never writes")

    def _check_values(self) -> None:
        """A cell has one value, written plainly: of two, and of remarks in it, programs make different things."""
        for ends, begins in (
            (b"</%bv>", b"<%bv>"),
            (b"</%bt>", b"<%bt>"),
            (b"</%bt>", b"<%bt "),
            (b"</%bv>", b"<%bis>"),
        ):
            if (ends + begins) % (self._prefix, self._prefix) in self.xml:
                raise self._corrupt("a cell has two values")
        negative = b"<%bv>-" % self._prefix
        if negative in self.xml and re.search(rb"t=\"s\"[^>]*>\s*%b" % negative, self.xml):
            raise self._corrupt("a cell shows a text that is not there")
        first, last = self.xml.find(b"<%bsheetData" % self._prefix), self.xml.rfind(b"</%bsheetData" % self._prefix)
        strange = (self.xml.find(sign, max(first, 1), max(last, 0)) for sign in (b"<![CDATA[", b"<!--", b"<?"))
        if max(strange) >= 0:
            raise self._corrupt("among its cells is what Excel never writes there (CDATA, a remark or an instruction)")

    def _check_places(self) -> None:
        """Rows and cells say where they are, in the way that Excel says it: everything here looks for that."""
        cells, rows = self.xml.count(b"<%bc " % self._prefix), self.xml.count(b"<%brow " % self._prefix)
        placed = self.xml.count(b'<%bc r="' % self._prefix)
        if cells != placed or rows != len(self._rows) or re.search(rb"<%b(?:c|row)[>\t\r\n]" % self._prefix, self.xml):
            raise self._corrupt("a row or a cell does not say where it is in the way that Excel does")

    @cached_property
    def _rows(self) -> list[int]:
        return [int(found[1]) for found in self._found(rb"<{p}row\b[^<>]*?\sr=\"(\d{1,9})\"")]

    def _check_rows(self) -> None:
        """Rows come once each and in order, and no cell lies where no table of ours goes."""
        rows = self._rows
        for earlier, later in pairwise(rows):
            if later <= earlier:
                raise self._corrupt(f"row {later} comes after row {earlier}")
        if rows and rows[-1] > LAST_ROW:
            raise self._too_wide(f"row {rows[-1]:,}")
        width = self._width()
        if rows and rows[-1] * width > LARGEST_AREA:
            raise self._too_wide(f"a cell in row {rows[-1]:,} and another in column {width}")

    def _far_out(self, place: str) -> FileRejected:
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()  # type: ignore[union-attr]  # it was found so
        if len(letters) > 3 or int(number) == 0:
            return self._corrupt(f"there is no cell {place}")
        return self._too_wide(f"a cell {place}")

    def _too_wide(self, seen: str) -> FileRejected:
        return FileRejected(problem("TOO_WIDE", file=self.file, sheet=self.sheet, value=seen, most=WIDEST))

    def _width(self) -> int:
        """The number of the last column that has a cell; 26 for all sheets that have no more."""
        beyond = re.compile(rb"<%bc r=\"([A-Z]{2,}\d+)\"" % self._prefix)
        widest = 26
        for found in beyond.finditer(self.xml):
            letters = found[1].rstrip(b"0123456789")
            if len(letters) > 2 or column_number(letters) >= WIDEST:
                raise self._far_out(found[1].decode())
            widest = max(widest, column_number(letters) + 1)
        return widest

    def check_cells(self, read: int) -> None:
        """`read` cells had a value after reading. Where the XML has more, each cell is looked at: two at one place?"""
        values = self.xml.count(b"</%bv>" % self._prefix) + self.xml.count(b"</%bis>" % self._prefix)
        if values == read:
            return
        self._check_tags()
        row = 0
        seen: set[bytes] = set()
        for found in self._found(rb"<{p}(?:row\b[^<>]*?\sr=\"(\d+)\"|c r=\"([A-Z]+)(\d+)\")"):
            if found[1]:
                row, seen = int(found[1]), set()
                continue
            place = (found[2] + found[3]).decode()
            if int(found[3]) != row:
                raise self._corrupt(f"the cell {place} stands in row {row}")
            if found[2] in seen:
                raise self._corrupt(f"there are two cells {place}")
            seen.add(found[2])

    def _check_tags(self) -> None:
        """Every tag is closed where it should be: the parser does not look, and puts two cells together."""
        try:
            expat.ParserCreate().Parse(self.xml, True)
        except (expat.ExpatError, ValueError) as error:
            raise self._corrupt(f"its XML is damaged ({error})") from error

    @cached_property
    def hidden_rows(self) -> tuple[int, ...]:
        """Rows that a filter or a person has hidden."""
        if b'hidden="' not in self.xml:
            return ()
        tags = [found[1] for found in self._found(rb"<{p}row\b([^<>]*)") if HIDDEN.search(found[1])]
        return tuple(int(found[1]) - 1 for tag in tags if (found := re.search(rb'\sr="(\d+)"', tag)))

    @cached_property
    def hidden_columns(self) -> tuple[int, ...]:
        if b'hidden="' not in self.xml:
            return ()
        columns: list[int] = []
        for tag in (found[1] for found in self._found(rb"<{p}col\b([^<>]*)") if HIDDEN.search(found[1])):
            ends = [re.search(rb' %b="(\d{1,5})"' % name, tag) for name in (b"min", b"max")]
            first, last = (int(end[1]) if end else 1 for end in ends)
            columns += range(first - 1, min(last, WIDEST))
        return tuple(columns)

    @cached_property
    def left(self) -> int:
        """How many columns are empty before the first filled cell: the parser leaves them out."""
        filled = FILLED.replace(b"{p}", self._prefix)
        if re.search(rb"<%bc r=\"A" % self._prefix + filled, self.xml):
            return 0
        letters = set(re.findall(rb"<%bc r=\"([A-Z]{1,3})" % self._prefix + filled, self.xml))
        return min(map(column_number, letters), default=0)

    def error_cells(self) -> Iterator[tuple[int, int, str]]:
        """Cells that hold an error (#REF!) as (row, column, error); the parser leaves them empty."""
        if b't="e"' not in self.xml:
            return
        typed = rb"<{p}c r=\"([A-Z]{1,3})(\d+)\"" + ATTRIBUTES % b"t" + rb"\s+t=\"e\"[^<>]*>"
        for cell in self._found(typed + OPTIONAL_FORMULA + VALUE):
            yield int(cell[2]) - 1, column_number(cell[1]), cell[3].decode("utf-8", "replace")

    def formulas(self) -> Iterator[Formula]:
        """Every cell with a formula."""
        if b"<%bf" % self._prefix not in self.xml:
            return
        for cell in self._found(FORMULA_CELL):
            letters, row, attributes, text, value = cell.groups(b"")
            formula = unescaped(text.decode("utf-8", "replace"))[:LONGEST_FORMULA]
            # a formula that gives a text may well give none
            nothing = "" if b't="str"' in attributes else None
            yield Formula(int(row) - 1, column_number(letters), formula, value.decode("utf-8", "replace") or nothing)

    def styled(self, styles: frozenset[int]) -> Iterator[tuple[int, int]]:
        """Places of cells with a value in one of these styles."""
        if not styles:
            return
        wanted = b"|".join(str(style).encode() for style in sorted(styles))
        styled = ATTRIBUTES % b"s" + rb"\s+s=\"(?:%b)\"[^<>]*(?<!/)>" % wanted
        for cell in self._found(rb"<{p}c r=\"([A-Z]{1,3})(\d+)\"" + styled):
            yield int(cell[2]) - 1, column_number(cell[1])

    def text_cells(self, columns: Collection[int]) -> dict[int, list[int]]:
        """The rows of the cells of these columns that hold texts, by column."""
        wanted = b"|".join(map(column_letters, columns))
        typed = ATTRIBUTES % b"t" + rb"\s+t=\"(?:s|str|inlineStr)\""
        found: dict[int, list[int]] = {}
        for cell in self._found(rb"<{p}c r=\"(%b)(\d+)\"" % wanted + typed):
            found.setdefault(column_number(cell[1]), []).append(int(cell[2]) - 1)
        return found

    def merged(self) -> list[Area]:
        """The cells that are merged into one."""
        if b"<%bmergeCell " % self._prefix not in self.xml:
            return []
        found = []
        areas = self._found(rb"<{p}mergeCell\b[^<>]*?\sref=\"([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})\"")
        for name in (area[1] for area in areas):
            (left, top), (right, bottom) = (re.findall(rb"([A-Z]+)(\d+)", corner)[0] for corner in name.split(b":"))
            found.append(Area(int(top) - 1, column_number(left), int(bottom) - 1, column_number(right), name.decode()))
        return found

    def long_numbers(self) -> Iterator[tuple[int, int]]:
        """Places of number cells with more digits than Excel keeps."""
        number = rb"<{p}c r=\"([A-Z]{1,3})(\d+)\"" + ATTRIBUTES % b"t" + rb"(?:\s+t=\"n\"[^<>]*)?>"
        for cell in self._found(number + OPTIONAL_FORMULA + VALUE):
            if _is_long(cell[3]):
                yield int(cell[2]) - 1, column_number(cell[1])


def _is_long(value: bytes) -> bool:
    try:
        return float(value) >= TOO_MANY_DIGITS
    except ValueError:
        return False


@dataclass(frozen=True)
class Styles:
    """Which of a workbook's cell styles show a percentage, and which strike through."""

    percent: frozenset[int] = frozenset()
    struck: frozenset[int] = frozenset()

    @classmethod
    def of(cls, xml: bytes) -> "Styles":
        """From the XML of the part xl/styles.xml."""
        text = xml.decode("utf-8", "replace")
        if "%" not in text and "strike" not in text and not re.search(r'numFmtId="(?:9|10)"', text):
            return cls()
        formats = _attributes(text, "numFmt")
        shares = {"9", "10", *(tag.get("numFmtId", "") for tag in formats if "%" in tag.get("formatCode", ""))}
        fonts = re.split(r"<(?:\w+:)?font(?=[\s/>])", _inside(text, "fonts"))[1:]
        crossed = {
            str(number)
            for number, font in enumerate(fonts)
            if re.search(r"<(?:\w+:)?strike\b(?![^<>]*val=\"(?:0|false)\")", font)
        }
        tags = _attributes(_inside(text, "cellXfs"), "xf")
        return cls(
            frozenset(number for number, tag in enumerate(tags) if tag.get("numFmtId") in shares),
            frozenset(number for number, tag in enumerate(tags) if tag.get("fontId") in crossed),
        )


def _attributes(text: str, element: str) -> list[dict[str, str]]:
    """The attributes of each element of this name."""
    tags = re.findall(rf'<(?:\w+:)?{element}((?:\s+[\w:]+="[^"<]*")*)', text)
    return [dict(re.findall(r'([\w:]+)="([^"]*)"', tag)) for tag in tags]


def _inside(text: str, element: str) -> str:
    """What stands in the first element of this name."""
    opened = re.search(rf"<(?:\w+:)?{element}\b[^<>]*>", text)
    closed = re.compile(rf"</(?:\w+:)?{element}>").search(text, opened.end()) if opened else None
    return text[opened.end() : closed.start()] if opened and closed else ""


def unescaped(text: str) -> str:
    """The text with XML's entities as the signs that they stand for."""
    return html.unescape(text)
