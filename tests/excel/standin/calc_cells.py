"""Number formats, errors, addresses and looks, in LibreOffice's terms and in Excel's."""

import re
from typing import Any

from .addresses import Area
from .backend import Attribute
from .com import NO_COLOUR, excel_error
from .range_parts import reversed_bytes
from .soffice import uno
from .values import ERRORS

_DATE_OR_TIME = 6  # com.sun.star.util.NumberFormat: DATE 2, TIME 4
_ERRORS = {521: "#NULL!", 532: "#DIV/0!", 524: "#REF!", 525: "#NAME?", 503: "#NUM!", 523: "#NUM!", 32767: "#N/A"}
_KEPT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|AM/PM|A/P|[A-Za-z]+')
_ALIGNMENTS = {"STANDARD": 1, "LEFT": -4131, "CENTER": -4108, "RIGHT": -4152, "REPEAT": 5, "BLOCK": -4130}
_PROPERTIES = {
    "number_format": "NumberFormat",
    "bold": "CharWeight",
    "italic": "CharPosture",
    "size": "CharHeight",
    "color": "CharColor",
    "fill": "CellBackColor",
    "wrap": "IsTextWrapped",
    "align": "HoriJustify",
    "locked": "CellProtection",
}


def error_code(number: int) -> int:
    """Excel's code for an error number of LibreOffice; those that Excel does not have are #VALUE! there too."""
    return ERRORS[_ERRORS.get(number, "#VALUE!")]


def address_of(sheet: int, row: int, column: int) -> Any:
    address = uno().createUnoStruct("com.sun.star.table.CellAddress")
    address.Sheet, address.Row, address.Column = sheet, row - 1, column - 1
    return address


def range_address(sheet: int, area: Area) -> Any:
    address = uno().createUnoStruct("com.sun.star.table.CellRangeAddress")
    address.Sheet, address.StartRow, address.EndRow = sheet, area.top - 1, area.bottom - 1
    address.StartColumn, address.EndColumn = area.left - 1, area.right - 1
    return address


def area_of(address: Any) -> Area:
    return Area(address.StartRow + 1, address.StartColumn + 1, address.EndRow + 1, address.EndColumn + 1)


class Formats:
    """The number formats of a document: LibreOffice has a key for each, Excel only the text."""

    def __init__(self, component: Any) -> None:
        self._formats = component.NumberFormats
        self._texts: dict[int, str] = {}
        self._english = uno().createUnoStruct("com.sun.star.lang.Locale")
        self._english.Language, self._english.Country = "en", "US"

    def text(self, key: int) -> str:
        if key not in self._texts:
            known = self._formats.getByKey(key)
            self._texts[key] = _excel_format(known.FormatString, bool(known.Type & _DATE_OR_TIME))
        return self._texts[key]

    def key(self, text: str) -> int:
        key = self._formats.queryKey(text, self._english, False)
        if key < 0:
            try:
                key = self._formats.addNew(text, self._english)
            except uno().getClass("com.sun.star.util.MalformedNumberFormatException"):
                raise excel_error("Unable to set the NumberFormat property of the Range class") from None
        self._texts[key] = text
        return key


def _excel_format(text: str, date: bool) -> str:
    """LibreOffice spells dates and colours in capitals."""

    def spelled(found: re.Match[str]) -> str:
        part = found[0]
        if re.fullmatch(r"\[[A-Z]+\]", part) and not re.fullmatch(r"\[[HMS]+\]", part):
            return part.title()
        if part.startswith(("[H", "[M", "[S")):
            return part.lower()
        literal = part[0] in '"\\[' or part in ("AM/PM", "A/P") or not date
        return part if literal else part.lower()

    return _KEPT.sub(spelled, text)


def get_look(cells: Any, attribute: Attribute, formats: Formats) -> Any:
    """None where the cells differ."""
    name = _PROPERTIES[attribute]
    if cells.getPropertyState(name).value == "AMBIGUOUS_VALUE":
        return None
    value = cells.getPropertyValue(name)
    if attribute == "number_format":
        return formats.text(value)
    if attribute == "bold":
        return value > 100
    if attribute == "italic":
        return value.value == "ITALIC"
    if attribute == "align":
        return _ALIGNMENTS[value.value]
    if attribute == "locked":
        return value.IsLocked
    if attribute == "color":
        return 0 if value == -1 else reversed_bytes(value)
    if attribute == "fill":
        return NO_COLOUR if value == -1 else reversed_bytes(value)
    return value


def set_look(cells: Any, attribute: Attribute, value: Any, formats: Formats) -> None:
    name = _PROPERTIES[attribute]
    if attribute == "locked":
        protection = cells.getPropertyValue(name)
        protection.IsLocked = value
        cells.setPropertyValue(name, protection)
    else:
        cells.setPropertyValue(name, _calc_value(attribute, value, formats))


def _calc_value(attribute: Attribute, value: Any, formats: Formats) -> Any:
    if attribute == "number_format":
        return formats.key(value)
    if attribute == "bold":
        return 150.0 if value else 100.0
    if attribute == "italic":
        return uno().Enum("com.sun.star.awt.FontSlant", "ITALIC" if value else "NONE")
    if attribute == "align":
        name = next((name for name, number in _ALIGNMENTS.items() if number == value), None)
        if name is None:
            raise excel_error("LibreOffice has no such alignment")
        return uno().Enum("com.sun.star.table.CellHoriJustify", name)
    if attribute in ("color", "fill"):
        return -1 if value == NO_COLOUR else reversed_bytes(value)
    return value
