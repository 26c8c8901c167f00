"""Cells of openpyxl: their contents in the terms of the stand-in, and their formats."""

import datetime as dt
from collections.abc import Callable
from copy import copy
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import COLOR_INDEX, Color
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from .backend import Attribute
from .com import NO_COLOUR
from .range_parts import reversed_bytes
from .values import ERROR_TEXTS, ERRORS, Content, Formula

_THEME = ["FFFFFF", "000000", "E7E6E6", "44546A", "4472C4", "ED7D31", "A5A5A5", "FFC000", "5B9BD5", "70AD47", "0563C1"]
_ALIGNMENTS = {
    "general": 1,
    "left": -4131,
    "center": -4108,
    "right": -4152,
    "fill": 5,
    "justify": -4130,
    "centerContinuous": 7,
    "distributed": -4117,
}


def content_of(cell: Any, epoch: dt.datetime) -> Content:
    """What is in the cell; a formula as Formula."""
    value = cell.value
    if value is None or isinstance(cell, MergedCell):
        return None
    if cell.data_type == "f":
        return _formula(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return float(to_excel(value, epoch))
    if isinstance(value, (int, float)):
        return float(value)
    return ERRORS.get(value, ERRORS["#VALUE!"]) if cell.data_type == "e" else str(value)


def _formula(value: Any) -> Formula:
    if isinstance(value, ArrayFormula):
        return Formula(value.text)
    if isinstance(value, DataTableFormula):
        raise NotImplementedError("the stand-in has no what-if tables")
    return Formula(value)


def put(cell: Cell, content: Content) -> None:
    """Sets value and type directly: openpyxl would guess the type, and a text may look like a formula or a date."""
    if isinstance(content, bool):
        kind = "b"
    elif isinstance(content, int):
        content, kind = ERROR_TEXTS[content], "e"
    elif isinstance(content, Formula):
        content, kind = str(content), "f"
    else:
        kind = "s" if isinstance(content, str) else "n"
    cell._value, cell.data_type = content, kind


def _colour(color: Color | None, default: int) -> int:
    if color is None:
        return default
    if color.type == "theme":
        return reversed_bytes(int(_THEME[color.theme], 16))
    if color.type == "indexed":
        return reversed_bytes(int(COLOR_INDEX[color.indexed][-6:], 16)) if color.indexed < 64 else default
    return reversed_bytes(int(color.rgb[-6:], 16)) if color.type == "rgb" else default


def look(styled: Any, attribute: Attribute) -> Any:
    """One of the formats of a cell, or of a row or column as the default of its cells."""
    read: dict[str, Callable[[], Any]] = {
        "number_format": lambda: styled.number_format,
        "bold": lambda: bool(styled.font.b),
        "italic": lambda: bool(styled.font.i),
        "size": lambda: float(styled.font.sz or 11),
        "color": lambda: _colour(styled.font.color, 0),
        "fill": lambda: _colour(styled.fill.fgColor, 0) if styled.fill.fill_type == "solid" else NO_COLOUR,
        "wrap": lambda: bool(styled.alignment.wrap_text),
        "align": lambda: _ALIGNMENTS[styled.alignment.horizontal or "general"],
        "locked": lambda: bool(styled.protection.locked),
    }
    return read[attribute]()


def set_look(styled: Any, attribute: Attribute, value: Any) -> None:
    if attribute == "number_format":
        styled.number_format = value
    elif attribute == "fill":
        colour = None if value == NO_COLOUR else f"FF{reversed_bytes(value):06X}"
        styled.fill = PatternFill() if colour is None else PatternFill("solid", fgColor=colour)
    elif attribute in ("wrap", "align"):
        alignment = copy(styled.alignment)
        if attribute == "wrap":
            alignment.wrap_text = value
        else:
            alignment.horizontal = next(name for name, number in _ALIGNMENTS.items() if number == value)
        styled.alignment = alignment
    elif attribute == "locked":
        protection = copy(styled.protection)
        protection.locked = value
        styled.protection = protection
    else:
        font = copy(styled.font)
        names = {"bold": "b", "italic": "i", "size": "sz", "color": "color"}
        setattr(font, names[attribute], f"FF{reversed_bytes(value):06X}" if attribute == "color" else value)
        styled.font = font
