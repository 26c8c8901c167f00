"""What stands in a cell, how wide it is, and how it gets there: data never become a formula."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import ceil

from xlsxwriter.utility import xl_pixel_width

from toolkit.look.theme import WORDS, Kind, Style
from toolkit.money import from_minor, worded

_LONGEST_TEXT = 32_000
_DAY_ZERO = date(1899, 12, 30).toordinal()
"""Day 0 of Excel's calendar, which holds from March 1900 on."""
_COULD_BE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PLAIN = {"share": "{:.1%}", "count": "{:,.0f}", "exact": "{:,.2f}"}
PADDING = 12
"""Pixels that a cell needs beside its text."""
_BODY = 0.97
"""XlsxWriter measures Calibri in 11 points; the body is 10.5, and a little room is left for other fonts."""
LINE_POINTS = 14
ROW_POINTS = 18


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of Excel 2016 and the value it must give: what readers without a calculator see."""

    text: str
    value: "int | Decimal | str"


Plain = str | int | Decimal | date | None
"""Amounts of money as an `int` are minor units, as a `Decimal` major ones."""
Cell = Plain | Formula


@dataclass(frozen=True)
class Column:
    """A column of a table, from its head down.

    With `formula` every row has that formula: ``{row}`` stands for the row, ``{base}`` for the letter
    of the column with the key base; `values` are then what it gives. `kinds` holds where the rows
    differ in kind. `widest`: the number of characters after which text goes on in the next line.
    """

    key: str
    head: str
    values: Sequence[Plain]
    kind: Kind = "text"
    formula: str = ""
    kinds: Sequence[Kind] | None = None
    total: bool = False
    total_formula: str = ""
    widest: int = 46
    name: str = ""
    style: Style = field(default_factory=dict)

    def kind_of(self, index: int) -> Kind:
        return self.kinds[index] if self.kinds else self.kind


def written(text: str) -> str:
    """`text` as it may be stored: no longer than a cell, and never taken for XlsxWriter's own mark-up."""
    marked = f" {text}" if text.startswith("<r>") and text.endswith("</r>") else text
    return marked[:_LONGEST_TEXT]


def could_be_formula(text: str) -> bool:
    """Whether Excel would make a formula of it when somebody edits the cell; such cells get the text mark."""
    return text.startswith(_COULD_BE_A_FORMULA)


def stored(value: Plain, kind: Kind, digits: int) -> str | int | Decimal | None:
    """The value in the form of the file: money in major units, a day as the number that Excel counts."""
    if isinstance(value, date):
        return value.toordinal() - _DAY_ZERO
    if kind == "money" and isinstance(value, int):
        return from_minor(value, digits)
    return value


def shown(value: Cell, kind: Kind, digits: int) -> str:
    """What the cell shows, as near as its width needs it."""
    if isinstance(value, Formula):
        value = value.value
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return f"{value:%d %b %Y}"
    if kind == "money":
        return worded(value, digits) if isinstance(value, int) else f"{value:,.{digits}f}"
    if kind in _PLAIN:
        return _PLAIN[kind].format(value)
    if kind == "rate":
        return f"{value * 100:,.3f}".rstrip("0") + "0%"
    if kind in ("number", "factor"):
        return f"×{value:,.4f}"
    return f"{value:,}"


def pixels(text: str, *, bold: bool = False) -> int:
    """Width of a text in body size, padding included."""
    return PADDING + ceil(float(xl_pixel_width(text)) * _BODY * (1.08 if bold else 1.0))


def widest_of(values: Iterable[str]) -> int:
    """Pixels of the widest text, found by measuring only the longest few."""
    longest = sorted(set(values), key=len)[-12:]
    return max((pixels(text) for text in longest), default=0)


def column_pixels(column: Column, digits: int) -> int:
    """The width that shows every value of a column, its head's longest word and, of long texts, `widest` characters."""
    if column.kinds is None and column.kind in WORDS:
        content = widest_of(str(value) for value in column.values if value)
    else:
        content = widest_of(_extremes(column, digits))
    head = max((pixels(word, bold=True) for word in column.head.split()), default=0)
    return max(min(content, column.widest * 7), head)


def _extremes(column: Column, digits: int) -> list[str]:
    """The widest candidates among figures: the largest and smallest of each kind, and the sum under them."""
    by_kind: dict[Kind, list[int | Decimal]] = {}
    texts = ["00 May 0000"] if column.kind == "date" else []
    for index, value in enumerate(column.values):
        if isinstance(value, (int, Decimal)):
            by_kind.setdefault(column.kind_of(index), []).append(value)
        elif isinstance(value, str):
            texts.append(value)
    for kind, numbers in by_kind.items():
        candidates = [min(numbers), max(numbers), *([sum(numbers)] if column.total else [])]
        texts += [shown(number, kind, digits) for number in candidates]
        if kind in ("number", "factor", "rate"):
            texts += [shown(number, kind, digits) for number in numbers[:50]]
    return texts


@lru_cache(maxsize=4096)
def lines_needed(text: str, width: int) -> int:
    """How many lines a wrapped text takes in a column of that many pixels."""
    room = max(width - PADDING, 20)
    return max(1, sum(ceil(xl_pixel_width(part) * _BODY / room) or 1 for part in text.split("\n")))
