"""What a sheet's XML says beside its values: hidden rows, formulas, errors, styles; and whether it hangs together.

The values themselves are read by a fast parser that knows none of this, and that trusts what it is given: it takes the
last of two cells at one place, and makes room for a cell in the last corner of Excel. So this is looked at first.
"""

import ast
import operator
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from xml.parsers import expat  # the gate has refused document types and entities before

from toolkit.problems import problem
from toolkit.readers.raw import WIDEST, FileRejected, Mark

LAST_ROW = 1_048_576
LARGEST_AREA = 50_000_000
"""Cells between the first and the last one of a sheet, empty ones included, for which there is room in memory."""
LONGEST_FORMULA = 500
DANGEROUS = re.compile(
    r"\b(?:WEBSERVICE|FILTERXML|RTD|CALL|EXEC|REGISTER(?:\.ID)?|DDE|IMPORT(?:XML|DATA|HTML|FEED|RANGE))\s*\(|^[\w.]+\|",
    re.IGNORECASE,
)
"""Formulas that start programs or ask the outside world: no export needs one."""
EXTERNAL = re.compile(r"\[\d+\]|\[[^\]]*\.xl\w*\]|'\\\\", re.IGNORECASE)
ARITHMETIC = re.compile(r"[\d.+\-*/() ]+")
FORMULA_CELL = (
    rb"<{p}c r=\"([A-Z]{1,3})(\d+)\"[^>]*>\s*<{p}f\b(?:[^>]*/>|[^>]*>([^<]*)</{p}f>)(?:\s*<{p}v>([^<]*)</{p}v>)?"
)
FILLED = rb"\d+\"[^>/]*>\s*(?:<{p}f\b[^>]*(?:/>|>[^<]*</{p}f>)\s*)?<{p}(?:v|is)[ />]"
UTF8 = re.compile(rb'^\s*<\?xml[^>]*encoding=["\'](?:utf-8|us-ascii)["\']', re.IGNORECASE)


@dataclass(frozen=True)
class Formula:
    """A cell with a formula: its place from 0, the formula's text, and the value stored with it (None: none)."""

    row: int
    column: int
    text: str
    value: str | None

    @property
    def code(self) -> str:
        """What is to be said about it; ``FORMULA`` where nothing is wrong."""
        if DANGEROUS.search(self.text):
            return "FORMULA_DANGEROUS"
        if EXTERNAL.search(self.text):
            return "EXTERNAL_LINK"
        if self.value is None or self.value == "":
            return "FORMULA_NO_VALUE"
        worked_out = _worked_out(self.text)
        return "FORMULA_STALE" if worked_out is not None and not _same(worked_out, self.value) else "FORMULA"


class SheetXml:
    """The XML of one sheet. Places are counted from 0; `FileRejected` where it does not hang together."""

    def __init__(self, xml: bytes, file: str, sheet: str) -> None:
        self.xml, self.file, self.sheet = xml, file, sheet
        named = re.search(rb"<((?:\w+:)?)worksheet\b", xml[:4096])
        self._prefix = named[1] if named else b""
        self._check_encoding()
        self._check_values()
        self._check_places()
        self._check_rows()

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
        return [int(number) for number in re.findall(rb"<%brow\b[^>]*? r=\"(\d{1,9})\"" % self._prefix, self.xml)]

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
        for found in re.finditer(rb"<%b(?:row\b[^>]*? r=\"(\d+)\"|c r=\"([A-Z]+)(\d+)\")" % self._prefix, self.xml):
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
        tags = re.findall(rb"<%brow\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>" % self._prefix, self.xml)
        return tuple(int(found[1]) - 1 for tag in tags if (found := re.search(rb' r="(\d+)"', tag)))

    @cached_property
    def hidden_columns(self) -> tuple[int, ...]:
        if b'hidden="' not in self.xml:
            return ()
        found: list[int] = []
        for tag in re.findall(rb"<%bcol\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>" % self._prefix, self.xml):
            ends = [re.search(rb' %b="(\d{1,5})"' % name, tag) for name in (b"min", b"max")]
            first, last = (int(end[1]) if end else 1 for end in ends)
            found += range(first - 1, min(last, WIDEST))
        return tuple(found)

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
        pattern = rb"<%bc r=\"([A-Z]{1,3})(\d+)\"[^>]*?t=\"e\"[^>]*>.*?<%bv>([^<]*)</%bv>"
        for letters, row, error in re.findall(pattern % ((self._prefix,) * 3), self.xml):
            yield int(row) - 1, column_number(letters), error.decode("utf-8", "replace")

    def formulas(self) -> Iterator[Formula]:
        """Every cell with a formula."""
        if b"<%bf" % self._prefix not in self.xml:
            return
        for letters, row, text, value in re.findall(FORMULA_CELL.replace(b"{p}", self._prefix), self.xml):
            formula = unescaped(text.decode("utf-8", "replace"))[:LONGEST_FORMULA]
            yield Formula(int(row) - 1, column_number(letters), formula, value.decode("utf-8", "replace") or None)

    def styled(self, styles: frozenset[int]) -> Iterator[tuple[int, int]]:
        """Places of cells with a value in one of these styles."""
        if not styles:
            return
        wanted = b"|".join(str(style).encode() for style in sorted(styles))
        pattern = rb"<%bc r=\"([A-Z]{1,3})(\d+)\"[^>]*?\bs=\"(?:%b)\"(?:[^>]*[^/>])?>" % (self._prefix, wanted)
        for letters, row in re.findall(pattern, self.xml):
            yield int(row) - 1, column_number(letters)

    def long_numbers(self) -> Iterator[tuple[int, int]]:
        """Places of number cells with more digits than Excel keeps."""
        pattern = rb"<%bc r=\"([A-Z]{1,3})(\d+)\"(?: s=\"\d+\")?(?: t=\"n\")?><%bv>(?:\d{16,}|\d\.\d{14,}E\+1\d)</%bv>"
        for letters, row in re.findall(pattern % ((self._prefix,) * 3), self.xml):
            yield int(row) - 1, column_number(letters)


def formula_marks(found: SheetXml) -> tuple[Mark, ...]:
    """What is to be said about the sheet's formulas, cell by cell."""
    return tuple(Mark(one.row, one.column, one.code, one.text) for one in found.formulas())


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
        formats = re.findall(r'<(?:\w+:)?numFmt [^>]*numFmtId="(\d+)"[^>]*formatCode="([^"]*)"', text)
        shares = {"9", "10", *(number for number, code in formats if "%" in code)}
        fonts = re.findall(r"<(?:\w+:)?font(?:/>|>.*?</(?:\w+:)?font>)", _inside(text, "fonts"), re.DOTALL)
        crossed = {
            str(number)
            for number, font in enumerate(fonts)
            if re.search(r"<(?:\w+:)?strike\s*/>|strike[^>]*val=\"1\"", font)
        }
        tags = [
            dict(re.findall(r'(\w+)="([^"]*)"', tag))
            for tag in re.findall(r"<(?:\w+:)?xf [^>]*>", _inside(text, "cellXfs"))
        ]
        return cls(
            frozenset(number for number, tag in enumerate(tags) if tag.get("numFmtId") in shares),
            frozenset(number for number, tag in enumerate(tags) if tag.get("fontId") in crossed),
        )


def _inside(text: str, element: str) -> str:
    found = re.search(rf"<(?:\w+:)?{element}\b[^>]*>(.*?)</(?:\w+:)?{element}>", text, re.DOTALL)
    return found[1] if found else ""


def unescaped(text: str) -> str:
    """The text with XML's five entities as the signs that they stand for."""
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text


def column_number(letters: bytes) -> int:
    """0 for A, 26 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


OPERATIONS: Mapping[type[ast.AST], object] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _worked_out(formula: str) -> Fraction | None:
    """What a formula of plain numbers gives, such as 1000+200; None for any other."""
    if not ARITHMETIC.fullmatch(formula) or not re.search(r"\d", formula) or len(formula) > LONGEST_FORMULA // 2:
        return None
    try:
        return _value_of(ast.parse(formula.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None


def _value_of(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return Fraction(ast.unparse(node))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](_value_of(node.left), _value_of(node.right))  # type: ignore[operator,no-any-return]
    if isinstance(node, ast.UnaryOp) and type(node.op) in OPERATIONS:
        return OPERATIONS[type(node.op)](_value_of(node.operand))  # type: ignore[operator,no-any-return]
    raise ValueError("not plain arithmetic")


def _same(exactly: Fraction, stored: str) -> bool:
    """Whether the stored value is the exact one, as far as a float can say it."""
    try:
        return abs(Fraction(stored) - exactly) <= abs(exactly) / 10**12
    except (ValueError, ZeroDivisionError):
        return False
