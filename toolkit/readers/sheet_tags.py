"""The tags of a sheet's cells, looked at before a parser sees one: where each cell lies, whether it has a value.

A sheet has tens of millions of tags, so they are held in arrays. What is asked here has to be exact: the fast parser
believes every place, takes the last of two cells at one place, and makes room for all cells up to the last one.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Answers = npt.NDArray[np.bool_]
STRETCH = 4 << 20
"""Bytes that are looked at together: so many that arrays are worth it, so few that they stay near the processor."""
BEYOND = 32
"""Signs that are read behind the beginning of a tag at most; so many blanks stand behind the last one."""
MOST_LETTERS, MOST_DIGITS = 3, 9
"""Signs of a column's name and of a row's number; whatever has more is no place."""
MOST_COLUMNS = 26**MOST_LETTERS * 2
PLACE = b' r="'
LONGEST_TAG = 300
LANGUAGES = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)
OWN_LANGUAGE = re.compile(rb"""<[^<>]*\sxmlns\s*=\s*["']([^"'<>]*)""")
TWO_PLACES = re.compile(rb"<(?:[^\s<>/:]+:)?sheetData[\s/>]")
REMARK = re.compile(rb"<!--.*?-->", re.DOTALL)
TEXT_RESULT = re.compile(rb"""\st\s*=\s*["']str["']""")
UNUSUAL = re.compile(rb"<(?:row|c)\s[^<>]*?(?:=\s*'|\s=|=\s)")


class SheetFault(ValueError):
    """The cells do not hang together; says in words for people how."""


@dataclass(frozen=True)
class Tags:
    """What the tags of a stretch of cells say. `usual`: written as Excel does; only then is the rest known.
    Rows are counted from 1, columns from 0."""

    usual: bool
    rows: Numbers
    formulas: int = 0
    widest: int = -1
    """The last column in which there is a cell; -1 where there is none."""


def tags_of(xml: bytes) -> Tags:
    """Of all cells of a sheet. `SheetFault` where they contradict each other."""
    _check_once(xml)
    _check_language(xml)
    signs = np.frombuffer(xml, np.uint8)
    with ThreadPoolExecutor() as executor:
        found = list(executor.map(lambda ends: _tags(signs[slice(*ends)]), _stretches(xml)))
    together = Tags(
        all(tags.usual for tags in found),
        np.concatenate([tags.rows for tags in found]),
        sum(tags.formulas for tags in found),
        max(tags.widest for tags in found),
    )
    _check_order(together.rows)
    return together


def _check_once(xml: bytes) -> None:
    """The cells stand together: the fast parser takes the first lot of them, other programs all."""
    if xml.count(b"sheetData") > 2 and len(TWO_PLACES.findall(REMARK.sub(b"", xml))) > 1:
        raise SheetFault("its cells stand in two places")


def _check_language(xml: bytes) -> None:
    """All cells are cells of a sheet: the fast parser goes by their names alone."""
    at, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData")
    if 0 <= at < end and xml.find(b"xmlns", at, end) >= 0:
        others = [name for name in OWN_LANGUAGE.findall(xml, at, end) if name not in LANGUAGES]
        if others:
            raise SheetFault(f"among its cells is something else ({others[0][:60].decode('utf-8', 'replace')})")


def _stretches(xml: bytes) -> Iterator[tuple[int, int]]:
    """Where stretches begin and end, each with whole rows."""
    at, end = xml.find(b"<sheetData"), xml.rfind(b"</sheetData")
    if not 0 <= at < end:
        at = end = 0
    while True:
        then = xml.find(b"<row", at + STRETCH, end)
        yield at, then if then >= 0 else end
        if then < 0:
            return
        at = then


def _check_order(rows: Numbers) -> None:
    """Rows come once each, from above."""
    if len(rows) and rows[0] < 1:
        raise SheetFault(f"there is no row {rows[0]}")
    wrong = np.flatnonzero(np.diff(rows) <= 0)
    if len(wrong):
        raise SheetFault(f"row {rows[wrong[0] + 1]} comes after row {rows[wrong[0]]}")


def _tags(stretch: npt.NDArray[np.uint8]) -> Tags:
    return _Stretch(np.concatenate([stretch, np.full(BEYOND, ord(" "), np.uint8)])).tags()


def _among(signs: bytes) -> Answers:
    """By the number of a sign, whether it is one of these."""
    found = np.zeros(256, np.bool_)
    found[list(signs)] = True
    return found


LETTER = _among(bytes(range(ord("A"), ord("Z") + 1)))
DIGIT = _among(bytes(range(ord("0"), ord("9") + 1)))
BLANK = _among(b" \t\r\n")
OF_A_NAME = ~_among(b" \t\r\n>/:")
ENDS_A_NAME = _among(b" \t\r\n>/")


class _Stretch:
    """Some whole rows of a sheet, with blanks behind them."""

    def __init__(self, signs: npt.NDArray[np.uint8]) -> None:
        self.signs = signs
        self.begins = np.flatnonzero(signs == ord("<"))
        self.first, self.second = signs[self.begins + 1], signs[self.begins + 2]
        name = np.where(ENDS_A_NAME[self.second], self.first, 0)  # of one letter
        self.is_cell, self.is_text, self.is_formula = name == ord("c"), name == ord("t"), name == ord("f")
        self.is_number = name == ord("v")
        self.is_row, self.is_value = self._named(b"row"), self.is_number | self._named(b"is")

    def tags(self) -> Tags:
        cells, rows = self.begins[self.is_cell], self.begins[self.is_row]
        places = cells + len(b"<c" + PLACE)
        columns, names_end = self._letters(places)
        lines, ends = self._number(names_end)
        in_rows, rows_end = self._number(rows + len(b"<row" + PLACE))
        written = (self._stand(PLACE, cells + len(b"<c")), self._stand(PLACE, rows + len(b"<row")), names_end > places)
        closed = (self._stand(b'"', ends), self._stand(b'"', rows_end))
        if not all(answers.all() for answers in written + closed) or self._is_unusual():
            return Tags(usual=False, rows=np.empty(0, np.int64))
        self._check_values()
        self._check_places(places, in_rows, lines, columns)
        return Tags(True, in_rows, int(self.is_formula.sum()), int(columns.max(initial=-1)))

    def _named(self, name: bytes) -> Answers:
        """By tag, whether it opens an element of this name."""
        found: Answers = (self.first == name[0]) & (self.second == name[1])
        begins = self.begins[found]
        found[found] = self._stand(name, begins + 1) & ENDS_A_NAME[self.signs[begins + len(name) + 1]]
        return found

    def _stand(self, text: bytes, at: Numbers) -> Answers:
        """Whether these signs stand at each of the places."""
        same = np.ones(len(at), np.bool_)
        for number, sign in enumerate(text):
            same &= self.signs[at + number] == sign
        return same

    def _letters(self, at: Numbers) -> tuple[Numbers, Numbers]:
        """The number of the column whose name stands at each place, 0 for A, and where the name ends."""
        columns, ends = np.zeros(len(at), np.int64), at.copy()
        for signs, going in self._run(at, LETTER, MOST_LETTERS):
            columns = np.where(going, columns * 26 + signs - (ord("A") - 1), columns)
            ends += going
        return columns - 1, ends

    def _number(self, at: Numbers) -> tuple[Numbers, Numbers]:
        """The number that stands at each place, and where it ends; where there is none, it ends at a blank."""
        numbers, ends = np.zeros(len(at), np.int64), at.copy()
        for signs, going in self._run(at, DIGIT, MOST_DIGITS):
            numbers = np.where(going, numbers * 10 + signs - ord("0"), numbers)
            ends += going
        ends[ends == at] = len(self.signs) - 1
        return numbers, ends

    def _run(self, at: Numbers, kind: Answers, most: int) -> Iterator[tuple[npt.NDArray[np.uint8], Answers]]:
        """One sign after the other from each place on, and whether all were of this kind so far."""
        going = np.ones(len(at), np.bool_)
        for number in range(most):
            signs = self.signs[at + number]
            going &= kind[signs]
            if not going.any():
                return
            yield signs, going

    def _is_unusual(self) -> bool:
        """Whether names have a prefix, or attributes of cells are written with single quotes or blanks."""
        known = self.is_cell | self.is_row | self.is_text | self.is_value | self.is_formula | (self.first == ord("/"))
        others = self.begins[~known]
        ends = others + 1
        for _, going in self._run(ends, OF_A_NAME, BEYOND - 1):
            ends = ends + going
        if (self.signs[ends] == ord(":")).any() or OF_A_NAME[self.signs[ends]].any():  # longer than was looked
            return True
        equals = np.flatnonzero(self.signs == ord("="))
        before, behind = self.signs[equals - 1], self.signs[equals + 1]
        if not (BLANK[before] | BLANK[behind] | (behind == ord("'"))).any():
            return False
        return UNUSUAL.search(self.signs.data) is not None

    def _check_values(self) -> None:
        """A cell has one value, written plainly: of two, and of remarks in it, programs make different things."""
        if ((self.first == ord("!")) | (self.first == ord("?"))).any():
            raise SheetFault("among its cells is what Excel never writes there (CDATA, a remark or an instruction)")
        owners = np.cumsum(self.is_cell)[self.is_value]
        ends_text = (self.first[:-1] == ord("/")) & (self.second[:-1] == ord("t"))
        if (np.diff(owners) <= 0).any() or (ends_text & self.is_text[1:]).any():
            raise SheetFault("a cell has two values")
        inside = (self.is_number | self.is_text)[:-1] & (self.first[1:] != ord("/"))
        if inside.any():
            raise SheetFault("within a value there is more than the value")
        self._check_numbers()

    def _check_numbers(self) -> None:
        """No sign of a number is written as an entity: the fast parser takes the digits up to there, or behind it."""
        tags = np.searchsorted(self.begins, np.flatnonzero(self.signs == ord("&"))) - 1
        tags = tags[(tags >= 0) & self.is_number[tags]]
        cells = self.begins[self.is_cell]
        for at in cells[np.cumsum(self.is_cell)[tags] - 1] if len(cells) else ():
            tag = self.signs[at : at + LONGEST_TAG].tobytes().partition(b">")[0]
            if not TEXT_RESULT.search(tag):
                raise SheetFault(
                    f"the number of the cell {self._place(at + len(b'<c' + PLACE))} has signs that are none"
                )

    def _check_places(self, places: Numbers, in_rows: Numbers, lines: Numbers, columns: Numbers) -> None:
        """Each cell lies in the row that it stands in, and none where another one is."""
        rows_so_far = np.cumsum(self.is_row)[self.is_cell]
        if (rows_so_far == 0).any():
            raise SheetFault(f"the cell {self._place(places[0])} stands in no row")
        rows = in_rows[rows_so_far - 1]
        elsewhere = np.flatnonzero(rows != lines)
        if len(elsewhere):
            raise SheetFault(f"the cell {self._place(places[elsewhere[0]])} stands in row {rows[elsewhere[0]]}")
        order = rows_so_far * MOST_COLUMNS + columns
        if (np.diff(order) <= 0).any():
            _, once = np.unique(order, return_index=True)
            again = np.delete(places, once)
            if len(again):
                raise SheetFault(f"there are two cells {self._place(again[0])}")

    def _place(self, at: int) -> str:
        return self.signs[at : at + MOST_LETTERS + MOST_DIGITS].tobytes().split(b'"')[0].decode("ascii", "replace")
