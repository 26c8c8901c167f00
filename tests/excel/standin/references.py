"""References in formulas: found, moved along with their cells, lost, or given to a renamed sheet."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token

from . import addresses
from .addresses import LAST_COLUMN, LAST_ROW, Area, column_letters

_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)(\d*)")
_THIS_ROW = re.compile(r"([^\W\d][\w.]*)\[\[#This Row\],\s*\[?([^\[\]]+)\]?\]")


def rewritten(formula: str, change: Callable[[str | None, str], str]) -> str:
    """The formula with every reference as `change` gives it for its sheet, if one is named, and its address."""
    tokens = Tokenizer(formula).items
    for token in tokens:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            sheet, address = addresses.split_sheet(token.value)
            if addresses.parse(address) is not None:
                token.value = change(sheet, address)
    return "=" + "".join(token.value for token in tokens)


def qualified(sheet: str | None, address: str) -> str:
    return address if sheet is None else f"{addresses.quoted(sheet)}!{address}"


def renamed(formula: str, old: str, new: str) -> str:
    """The formula after a sheet got another name."""

    def change(sheet: str | None, address: str) -> str:
        return qualified(new if sheet and sheet.casefold() == old.casefold() else sheet, address)

    return rewritten(formula, change)


def without_sheet(formula: str, gone: str) -> str:
    """The formula after a sheet was deleted."""

    def change(sheet: str | None, address: str) -> str:
        return "#REF!" if sheet and sheet.casefold() == gone.casefold() else qualified(sheet, address)

    return rewritten(formula, change)


@dataclass(frozen=True)
class Shift:
    """Cells that move: those of the band `low` to `high`, from `at` on, by `count` places down or to the right.

    With a negative count, as many places from `at` on are deleted and the cells behind them move up or to the left.
    """

    sheet: str
    vertical: bool
    at: int
    count: int
    low: int
    high: int

    def area(self, area: Area) -> Area | None:
        """Where a referenced area is afterwards; None where all of it was deleted."""
        first, last = (area.top, area.bottom) if self.vertical else (area.left, area.right)
        side = (area.left, area.right) if self.vertical else (area.top, area.bottom)
        endless = first == 1 and last == (LAST_ROW if self.vertical else LAST_COLUMN)
        if endless or side[0] < self.low or side[1] > self.high:
            return area
        if self.count < 0 and self.at <= first and last < self.at - self.count:
            return None
        first, last = self._start(first), self._end(last)
        if self.vertical:
            return area._replace(top=first, bottom=min(last, LAST_ROW))
        return area._replace(left=first, right=min(last, LAST_COLUMN))

    def _start(self, place: int) -> int:
        return place if place < self.at else max(place + self.count, self.at)

    def _end(self, place: int) -> int:
        return place if place < self.at else max(place + self.count, self.at - (self.count < 0))

    def cell(self, row: int, column: int) -> tuple[int, int] | None:
        """Where a cell is afterwards; None where it was deleted."""
        moved = self.area(Area(row, column, row, column))
        return (moved.top, moved.left) if moved else None

    def formula(self, formula: str, own_sheet: str) -> str:
        """A formula of the sheet `own_sheet`, with its references to the moved cells brought along."""

        def change(sheet: str | None, address: str) -> str:
            area = addresses.parse(address)
            if area is None or (sheet or own_sheet).casefold() != self.sheet.casefold():
                return qualified(sheet, address)
            moved = self.area(area)
            if moved == area:
                return qualified(sheet, address)
            return qualified(sheet, "#REF!" if moved is None else _like(address, moved))

        return rewritten(formula, change)


def _like(address: str, area: Area) -> str:
    """The area written with the dollar signs, and as many corners, as the address has."""
    corners = address.split(":")
    ends = [(area.top, area.left), (area.bottom, area.right)]
    out = []
    for corner, (row, column) in zip(corners, ends, strict=False):
        found = _CORNER.fullmatch(corner)
        assert found
        column_dollar, letters, row_dollar, digits = found.groups()
        if not letters:  # of whole rows, the only dollar was taken for the column's
            column_dollar, row_dollar = "", column_dollar
        out.append(f"{column_dollar}{letters and column_letters(column)}{row_dollar}{row if digits else ''}")
    return ":".join(out)


def short_this_row(formula: str, table: str) -> str:
    """Table[[#This Row],[amount]] as Excel shows it inside of that table: [@amount]."""

    def short(found: re.Match[str]) -> str:
        name, column = found.groups()
        if name.casefold() != table.casefold():
            return found[0]
        return f"[@{column}]" if re.fullmatch(r"\w+", column) else f"[@[{column}]]"

    return _THIS_ROW.sub(short, formula)


def long_this_row(formula: str, table: str) -> str:
    """The reverse of short_this_row, as files have it."""
    formula = re.sub(r"(?<![\w\]])\[@\[([^\[\]]+)\]\]", rf"{table}[[#This Row],[\1]]", formula)
    formula = re.sub(r"(?<![\w\]])\[@([^\[\]]+)\]", rf"{table}[[#This Row],[\1]]", formula)
    return re.sub(r"([\w.]+)\[@\[?([^\[\]]+?)\]?\]", r"\1[[#This Row],[\2]]", formula)
