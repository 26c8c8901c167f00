"""Addresses: A1, $A$1:$B$2, A:C, 1:3, with or without a sheet's name before them."""

import re
from typing import NamedTuple

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", re.IGNORECASE)
_COLUMNS = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", re.IGNORECASE)
_ROWS = re.compile(r"\$?([1-9]\d{0,6}):\$?([1-9]\d{0,6})")
_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]:]+))!(.+)", re.DOTALL)
_PLAIN_SHEET = re.compile(r"[^\W\d][\w.]*")


class Area(NamedTuple):
    """A rectangle of cells, its rows and columns counted from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        return self.right - self.left + 1

    @property
    def whole_rows(self) -> bool:
        return self.left == 1 and self.right == LAST_COLUMN

    @property
    def whole_columns(self) -> bool:
        return self.top == 1 and self.bottom == LAST_ROW

    @property
    def fits(self) -> bool:
        """Whether it lies on a sheet."""
        return 1 <= self.top <= self.bottom <= LAST_ROW and 1 <= self.left <= self.right <= LAST_COLUMN

    def contains(self, other: "Area") -> bool:
        rows = self.top <= other.top and other.bottom <= self.bottom
        return rows and self.left <= other.left and other.right <= self.right

    def common(self, other: "Area") -> "Area | None":
        """The cells that are in both."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom, right = min(self.bottom, other.bottom), min(self.right, other.right)
        return Area(top, left, bottom, right) if top <= bottom and left <= right else None

    def around(self, other: "Area") -> "Area":
        """The smallest area with both in it."""
        top, left = min(self.top, other.top), min(self.left, other.left)
        return Area(top, left, max(self.bottom, other.bottom), max(self.right, other.right))

    def moved(self, rows: int, columns: int) -> "Area":
        return Area(self.top + rows, self.left + columns, self.bottom + rows, self.right + columns)


WHOLE_SHEET = Area(1, 1, LAST_ROW, LAST_COLUMN)


def column_letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def parse(address: str) -> Area | None:
    """The area of an address without a sheet; None where it is not an address."""
    columns, rows = _COLUMNS.fullmatch(address), _ROWS.fullmatch(address)
    if columns:
        first, last = sorted(column_number(letters) for letters in columns.groups())
        area = Area(1, first, LAST_ROW, last)
    elif rows:
        first, last = sorted(int(number) for number in rows.groups())
        area = Area(first, 1, last, LAST_COLUMN)
    else:
        corners = [_CELL.fullmatch(corner) for corner in address.split(":")]
        if len(corners) > 2:
            return None
        cells = [(int(corner[2]), column_number(corner[1])) for corner in corners if corner]
        if len(cells) != len(corners):
            return None
        area = Area(*cells[0], *cells[0]).around(Area(*cells[-1], *cells[-1]))
    return area if area.fits else None


def split_sheet(reference: str) -> tuple[str | None, str]:
    """The sheet's name and the rest of a reference such as 'My Sheet'!$A$1."""
    found = _SHEET.fullmatch(reference)
    if not found:
        return None, reference
    return (found[1].replace("''", "'") if found[1] else found[2]), found[3]


def quoted(sheet: str) -> str:
    """A sheet's name as a formula needs it."""
    plain = _PLAIN_SHEET.fullmatch(sheet) and not _CELL.fullmatch(sheet)
    return sheet if plain else always_quoted(sheet)


def always_quoted(sheet: str) -> str:
    return "'" + sheet.replace("'", "''") + "'"


def text(area: Area, row_fixed: bool = True, column_fixed: bool = True) -> str:
    """The address as Excel writes it: $A$1, $A$1:$B$2, whole rows as $1:$3, whole columns as $A:$C."""
    row, column = "$" if row_fixed else "", "$" if column_fixed else ""
    if area.whole_rows:
        return f"{row}{area.top}:{row}{area.bottom}"
    if area.whole_columns:
        return f"{column}{column_letters(area.left)}:{column}{column_letters(area.right)}"
    first = f"{column}{column_letters(area.left)}{row}{area.top}"
    last = f"{column}{column_letters(area.right)}{row}{area.bottom}"
    return first if first == last else f"{first}:{last}"
