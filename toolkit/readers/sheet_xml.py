"""What a sheet's XML says beside its values: hidden rows, formulas, errors, styles; and whether it hangs together.

The values themselves are read by a fast parser that knows none of this, and that trusts what it is given: it takes the
last of two cells at one place, and makes room for a cell in the last corner of Excel. So this is looked at first.
"""

import html
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from toolkit.problems import problem
from toolkit.readers.cell_places import as_excel_writes, column_letters, column_number
from toolkit.readers.cell_styles import Styles
from toolkit.readers.formulas import LONGEST_FORMULA, Formula, formula_marks
from toolkit.readers.raw import WIDEST, Area, FileRejected, Mark
from toolkit.readers.sheet_tags import SheetFault, Tags, tags_of
from toolkit.readers.well_formed import XmlFault, check_well_formed

LAST_ROW = 1_048_576
LARGEST_AREA = 50_000_000
"""Cells between the first and the last one of a sheet, empty ones included, for which there is room in memory."""
ATTRIBUTES = rb"(?:\s+(?!%b=)[\w:]+=\"[^\"<>]*\")*"
"""The attributes of a cell up to one of this name. No pattern looks beyond a tag: that could take for ever."""
OF_FORMULA = rb"<f\b(?:[^<>]*/>|[^<>]*>([^<]*)</f>)"
VALUE = rb"<v(?:\s[^<>]*)?>([^<]*)</v>"
FORMULA_CELL = rb"<c r=\"([A-Z]{1,3})(\d+)\"([^<>]*)>\s*" + OF_FORMULA + rb"(?:\s*" + VALUE + rb")?"
OPTIONAL_FORMULA = rb"\s*(?:" + OF_FORMULA.replace(b"([^<]*)", b"[^<]*") + rb"\s*)?"
TOO_MANY_DIGITS = 10**15
"""Whole numbers from here on have more digits than Excel keeps."""
FILLED = rb"\d+\"[^<>/]*>" + OPTIONAL_FORMULA + rb"<(?:v|is)[ />]"
HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
NO_SHARED_TEXT = re.compile(rb"t=\"s\"[^<>]*>\s*<v(?:\s[^<>]*)?>(?!\d{1,9}</v>)")
"""The fast parser takes any other writing of a number, be it with a blank, for the first text."""
DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\sencoding\s*=\s*["']([^"'>]*)""")
ENCODINGS = (b"utf-8", b"us-ascii")


class Said(NamedTuple):
    """What a sheet's XML says beside the values of its cells; rows and columns from 0."""

    left: int
    """How many columns are empty before the first filled cell: the parser leaves them out."""
    errors: list[tuple[int, int, str]]
    """Cells that hold an error, such as #REF!; the parser leaves them empty."""
    marks: list[Mark]
    merged: list[Area]
    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[int, ...]


class SheetXml:
    """The XML of one sheet. Places are counted from 0; `FileRejected` where it does not hang together."""

    def __init__(self, xml: bytes, file: str, sheet: str) -> None:
        self.file, self.sheet = file, sheet
        self._check_encoding(xml)
        try:
            self.xml, self._tags = _with_tags(xml)
        except SheetFault as fault:
            raise self._corrupt(str(fault)) from fault
        self._check_area()

    def _corrupt(self, reason: str) -> FileRejected:
        return FileRejected(problem("XLSX_CORRUPT", file=self.file, sheet=self.sheet, reason=reason))

    def _check_encoding(self, xml: bytes) -> None:
        declared = DECLARED.match(xml[:200])
        wide = b"\x00" in xml[:8] or xml.startswith((b"\xff\xfe", b"\xfe\xff"))
        if wide or (declared and declared[1].lower() not in ENCODINGS):
            raise self._corrupt("its XML is in an encoding that Excel never writes")

    def _check_area(self) -> None:
        """No cell lies where no table of ours goes: the parser makes room for all that are before it."""
        last, width = int(self._tags.rows.max(initial=0)), self._tags.widest + 1
        if last > LAST_ROW:
            raise self._too_wide(f"row {last:,}")
        if width > WIDEST:
            raise self._too_wide(f"a cell in column {column_letters(width - 1).decode()}")
        if last * width > LARGEST_AREA:
            raise self._too_wide(f"a cell in row {last:,} and another in column {width}")

    def _too_wide(self, seen: str) -> FileRejected:
        return FileRejected(problem("TOO_WIDE", file=self.file, sheet=self.sheet, value=seen, most=WIDEST))

    def said(self, styles: Styles) -> Said:
        """Everything at once: this can be asked while the cells are read."""
        self._check_tags()
        self._check_texts()
        marks = [
            *formula_marks(self.formulas()),
            *(Mark(row, column, "PERCENT_FORMAT") for row, column in self.styled(styles.percent)),
            *(Mark(row, column, "STRUCK_THROUGH") for row, column in self.styled(styles.struck)),
        ]
        hidden = (self._hidden_rows(), self._hidden_columns()) if b"hidden=" in self.xml else ((), ())
        return Said(self._left(), list(self.error_cells()), marks, self._merged(), *hidden)

    def _check_texts(self) -> None:
        """A cell with a shared text says which one; programs make something else of anything that is no number."""
        if NO_SHARED_TEXT.search(self.xml):
            raise self._corrupt("a cell shows a text that is not there")

    def _check_tags(self) -> None:
        """Every tag is closed where it should be: the fast parser puts two cells together."""
        try:
            check_well_formed(self.xml)
        except XmlFault as fault:
            raise self._corrupt(str(fault)) from fault

    def _hidden_rows(self) -> tuple[int, ...]:
        """Rows that a filter or a person has hidden."""
        tags = [found[1] for found in re.finditer(rb"<row\b([^<>]*)", self.xml) if HIDDEN.search(found[1])]
        return tuple(int(found[1]) - 1 for tag in tags if (found := re.search(rb'\sr="(\d+)"', tag)))

    def _hidden_columns(self) -> tuple[int, ...]:
        columns: list[int] = []
        for tag in (found[1] for found in re.finditer(rb"<col\b([^<>]*)", self.xml) if HIDDEN.search(found[1])):
            ends = [re.search(rb' %b="(\d{1,5})"' % name, tag) for name in (b"min", b"max")]
            first, last = (int(end[1]) if end else 1 for end in ends)
            columns += range(first - 1, min(last, WIDEST))
        return tuple(columns)

    def _left(self) -> int:
        if re.search(rb"<c r=\"A" + FILLED, self.xml):
            return 0
        letters = set(re.findall(rb"<c r=\"([A-Z]{1,3})" + FILLED, self.xml))
        return min(map(column_number, letters), default=0)

    def error_cells(self) -> Iterator[tuple[int, int, str]]:
        """Cells that hold an error as (row, column, error)."""
        if b't="e"' not in self.xml:
            return
        typed = rb"<c r=\"([A-Z]{1,3})(\d+)\"" + ATTRIBUTES % b"t" + rb"\s+t=\"e\"[^<>]*>"
        for cell in re.finditer(typed + OPTIONAL_FORMULA + VALUE, self.xml):
            yield int(cell[2]) - 1, column_number(cell[1]), cell[3].decode("utf-8", "replace")

    def formulas(self) -> Iterator[Formula]:
        """Every cell with a formula."""
        if not self._tags.formulas:
            return
        for cell in re.finditer(FORMULA_CELL, self.xml):
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
        for cell in re.finditer(rb"<c r=\"([A-Z]{1,3})(\d+)\"" + styled, self.xml):
            yield int(cell[2]) - 1, column_number(cell[1])

    def text_cells(self, columns: Collection[int]) -> dict[int, list[int]]:
        """The rows of the cells of these columns that hold texts, by column."""
        wanted = b"|".join(map(column_letters, columns))
        typed = ATTRIBUTES % b"t" + rb"\s+t=\"(?:s|str|inlineStr)\""
        found: dict[int, list[int]] = {}
        for cell in re.finditer(rb"<c r=\"(%b)(\d+)\"" % wanted + typed, self.xml):
            found.setdefault(column_number(cell[1]), []).append(int(cell[2]) - 1)
        return found

    def _merged(self) -> list[Area]:
        """The cells that are merged into one."""
        if b"<mergeCell " not in self.xml:
            return []
        found = []
        areas = re.finditer(rb"<mergeCell\b[^<>]*?\sref=\"([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})\"", self.xml)
        for name in (area[1] for area in areas):
            (left, top), (right, bottom) = (re.findall(rb"([A-Z]+)(\d+)", corner)[0] for corner in name.split(b":"))
            found.append(Area(int(top) - 1, column_number(left), int(bottom) - 1, column_number(right), name.decode()))
        return found

    def long_numbers(self) -> Iterator[tuple[int, int]]:
        """Places of number cells with more digits than Excel keeps."""
        number = rb"<c r=\"([A-Z]{1,3})(\d+)\"" + ATTRIBUTES % b"t" + rb"(?:\s+t=\"n\"[^<>]*)?>"
        for cell in re.finditer(number + OPTIONAL_FORMULA + VALUE, self.xml):
            if _is_long(cell[3]):
                yield int(cell[2]) - 1, column_number(cell[1])


def _is_long(value: bytes) -> bool:
    try:
        return float(value) >= TOO_MANY_DIGITS
    except ValueError:
        return False


def _with_tags(xml: bytes) -> tuple[bytes, Tags]:
    """The XML with its rows and cells as Excel writes them, and its tags."""
    tags = tags_of(xml)
    if tags.usual and b"<worksheet" in xml[:4096]:
        return xml, tags
    written = as_excel_writes(xml)
    tags = tags_of(written)
    if not tags.usual:
        raise SheetFault("a row or a cell does not say where it is in the way that Excel does")
    return written, tags


def unescaped(text: str) -> str:
    """The text with XML's entities as the signs that they stand for."""
    return html.unescape(text)
