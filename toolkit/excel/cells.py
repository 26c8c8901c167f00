"""Cells of Excel as values of the toolkit, and back. Excel has floats only: they become money here and nowhere else."""

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from toolkit.look.cells import could_be_formula
from toolkit.money import from_minor, minor_digits
from toolkit.problems import ToolkitError, problem
from toolkit.readers.amounts import AmountForm, read_amount

ERRORS = {
    -2146826281: "#DIV/0!",
    -2146826246: "#N/A",
    -2146826259: "#NAME?",
    -2146826288: "#NULL!",
    -2146826252: "#NUM!",
    -2146826265: "#REF!",
    -2146826273: "#VALUE!",
}
"""What Excel hands out for a cell with an error."""
SIGNIFICANT = 15
"""Excel keeps so many digits of a number; what a float has behind them nobody typed."""

LARGEST_QUICK = 1e12
"""Amounts below it are told from their neighbours by a float, whatever the currency."""

Cell = Any
"""What xlwings gives for a cell: a float, a text, a flag, a date, None, or the number of an error."""


def text_of(cell: Cell) -> str:
    """The cell as an export would write it: "" for an empty one, plain digits, days as 2026-10-31."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%dT%H:%M:%S}"
    if isinstance(cell, int) and cell in ERRORS:
        return ERRORS[cell]
    if isinstance(cell, (int, float)):
        return f"{exact(cell):f}"
    return str(cell).strip()


def exact(number: float) -> Decimal:
    """A number as Excel shows it, without what the float adds behind its fifteen digits."""
    shown = digits_of(number)
    whole = shown.to_integral_value()
    return whole if shown == whole else shown.normalize()


def digits_of(number: float) -> Decimal:
    """The number's fifteen digits, in whatever form."""
    return Decimal(f"{number:.{SIGNIFICANT}g}")


def is_blank(cell: Cell) -> bool:
    """Whether nothing, or nothing that can be seen, is in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def money(cell: Cell, currency: str) -> int | None:
    """An amount in minor units, by the rules of all amounts; None for an empty cell.

    Raises `ToolkitError` for what is no amount, or has more decimals than the currency.
    """
    if isinstance(cell, float) and abs(cell) < LARGEST_QUICK:
        one = int(10 ** minor_digits(currency))
        minor = round(cell * one)
        if minor / one == cell:  # the float that these minor units have: nothing was lost or added
            return minor
    text = text_of(cell)
    answer = read_amount(text, AmountForm(currency))
    if answer.code:
        raise ToolkitError([problem("ASK_AMOUNT", value=text)])
    return answer.value if text else None


def as_cell(minor: int | None, digits: int) -> float | None:
    """Minor units for a cell with a money format."""
    return None if minor is None else float(from_minor(minor, digits))


def harmless(text: str) -> str:
    """Text for a cell: what could be a formula gets Excel's mark of a text, an apostrophe that is not shown."""
    return f"'{text}" if could_be_formula(text) else text


class Link(str):
    """A formula of ours that leads to a cell of this workbook or to a file."""

    __slots__ = ()


def link(target: str, text: str) -> Link:
    """A link to ``#'Plan'!B12`` or to the path of a file."""
    inside = (part.replace('"', '""') for part in (target, text))
    return Link('=HYPERLINK("{}","{}")'.format(*inside))


def row_of(values: Sequence[object], width: int) -> list[Cell]:
    """Values as a row of cells, as wide as its table."""
    cells = [harmless(value) if isinstance(value, str) and not isinstance(value, Link) else value for value in values]
    return [*cells, *[None] * (width - len(cells))]
