"""What is in a cell: how a value gets in through COM, what Excel makes of it, and how it comes out again.

Inside the stand-in a cell holds None, a float, a bool, a str, a `Formula`, or an int, which is always an error's code.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from .pywin32 import TimeType

ERRORS = {
    "#NULL!": -2146826288,
    "#DIV/0!": -2146826281,
    "#VALUE!": -2146826273,
    "#REF!": -2146826265,
    "#NAME?": -2146826259,
    "#NUM!": -2146826252,
    "#N/A": -2146826246,
}
"""xlCVError: the codes in which errors of cells arrive through COM."""
ERROR_TEXTS = {code: text for text, code in ERRORS.items()}

_EPOCHS = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}  # noqa: DTZ001  Excel knows no zones


class Formula(str):
    """A formula, its equals sign first."""

    __slots__ = ()


Content = float | bool | str | Formula | int | None


def to_serial(moment: dt.datetime, date1904: bool = False) -> float:
    """The day's number in the workbook's date system; the time zone is cut off, as COM does."""
    passed = moment.replace(tzinfo=None) - _EPOCHS[date1904]
    return passed.days + (passed.seconds + passed.microseconds / 1e6) / 86400


def to_moment(serial: float, date1904: bool = False) -> TimeType:
    """As Range.Value gives it: to the millisecond, and as if it were UTC."""
    milliseconds = round(serial * 86_400_000)
    moment = _EPOCHS[date1904] + dt.timedelta(milliseconds=milliseconds)
    return TimeType(*moment.timetuple()[:6], moment.microsecond, tzinfo=dt.UTC)


def marshalled(value: Any) -> float | bool | str | dt.datetime | None:
    """What arrives of a Python value on the other side of COM; TypeError for what pywin32 cannot send."""
    if value is None or isinstance(value, (bool, str, dt.datetime)):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, Decimal):  # travels as Currency, four decimals
        return float(round(value, 4))
    raise TypeError(f"Objects of type '{type(value).__name__}' can not be converted to a COM VARIANT")


def entered(value: Any, number_format: str, date1904: bool) -> tuple[Content, str | None]:
    """What Excel stores for a value that is put into a cell, and the number format that it sets with it, if any.

    Text is taken as if it had been typed: "007" becomes 7, "=A1" a formula, "2026-01-05" a date, unless the cell is
    formatted as text or an apostrophe comes first.
    """
    value = marshalled(value)
    if number_format == "@":
        return _as_text(value), None
    if isinstance(value, dt.datetime):
        timed = value.time() != dt.time(0)
        return to_serial(value, date1904), _if_general(number_format, "m/d/yyyy h:mm" if timed else "m/d/yyyy")
    if not isinstance(value, str) or value == "":
        return (None if value == "" else value), None
    if value.startswith("'"):
        return value[1:], None
    if value.startswith("=") and len(value) > 1:
        return Formula(value), None
    content, sets = typed(value, date1904)
    return content, _if_general(number_format, sets)


def _if_general(number_format: str, wanted: str | None) -> str | None:
    return wanted if number_format == "General" else None


def _as_text(value: Any) -> Content:
    if isinstance(value, dt.datetime):
        return f"{value.month}/{value.day}/{value.year}"
    if isinstance(value, float):
        return number_text(value)
    return value or None if isinstance(value, str) else value


_NUMBER = re.compile(r"([-+]?)(\$?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE]([-+]?\d+))?(%?)")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DATES = {
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})"): "m/d/yyyy",
    re.compile(r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4}|\d\d)"): "m/d/yyyy",
    re.compile(r"(?P<d>\d{1,2})[- ](?P<name>[A-Za-z]{3})[- ](?P<y>\d{4}|\d\d)"): "d-mmm-yy",
}
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")


def typed(text: str, date1904: bool = False) -> tuple[Content, str | None]:
    """What Excel with English (US) settings makes of text, and the number format that it would set."""
    bare = text.strip(" ")
    if bare.upper() in ("TRUE", "FALSE"):
        return bare.upper() == "TRUE", None
    if bare.upper() in ERRORS:
        return ERRORS[bare.upper()], None
    return _typed_number(bare) or _typed_date(bare, date1904) or _typed_time(bare) or (text, None)


def _typed_number(text: str) -> tuple[float, str | None] | None:
    negative = re.fullmatch(r"\((.+)\)", text)
    found = _NUMBER.fullmatch(negative[1] if negative else text)
    if not found or (negative and found[1]):
        return None
    sign, currency, digits, exponent, percent = found.groups()
    number = float(f"{digits.replace(',', '')}e{exponent or 0}")
    number = float(f"{number:.15g}")  # Excel keeps 15 digits
    number *= (-1 if sign == "-" or negative else 1) * (0.01 if percent else 1)
    if percent:
        return number, "0.00%" if "." in digits else "0%"
    if currency:
        return number, "$#,##0.00" if "." in digits else "$#,##0"
    return number, "0.00E+00" if exponent else "#,##0" if "," in digits else None


def _typed_date(text: str, date1904: bool) -> tuple[float, str | None] | None:
    for pattern, number_format in _DATES.items():
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            year, name = int(parts["y"]), parts.get("name", "").lower()
            if name and name not in _MONTHS:
                return None
            month = _MONTHS.index(name) + 1 if name else int(parts["m"])
            if len(parts["y"]) == 2:
                year += 2000 if year < 30 else 1900
            try:
                day = dt.datetime(year, month, int(parts["d"]), tzinfo=dt.UTC)
            except ValueError:
                return None
            return to_serial(day, date1904), number_format
    return None


def _typed_time(text: str) -> tuple[float, str | None] | None:
    found = _TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (hours * 3600 + minutes * 60 + seconds) / 86400, "h:mm:ss" if found[3] else "h:mm"


def number_text(number: float) -> str:
    """A number as Range.Formula gives it: up to 15 digits, no needless decimals."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}".replace("e+", "E+").replace("e-", "E-")


def constant_text(content: Content) -> str:
    """A constant as Range.Formula gives it."""
    if content is None:
        return ""
    if isinstance(content, bool):
        return str(content).upper()
    if isinstance(content, float):
        return number_text(content)
    return ERROR_TEXTS[content] if isinstance(content, int) else str(content)
