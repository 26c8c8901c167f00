"""Number formats: whether one shows dates or money, and how a value looks in it (the formats that people use)."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from openpyxl.styles.numbers import is_date_format

from .values import ERROR_TEXTS, Content, number_text, to_moment

_LITERALS = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_SECTIONS = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_DATE_PARTS = re.compile(r"\[h+\]|yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|AM/PM|\x00\d+\x00|.", re.IGNORECASE)
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.[0#?]*)?|\.[0#?]+")


def shows_date(number_format: str) -> bool:
    """Whether Range.Value gives a date for numbers in this format."""
    return number_format not in ("General", "@") and is_date_format(number_format)


def shows_currency(number_format: str) -> bool:
    """Whether Range.Value gives Currency, which arrives in Python as Decimal: the formats with the dollar sign.

    Excel goes by the currency of the computer's region; the stand-in is in the United States.
    """
    return "$" in re.sub(r'"[^"]*"|\[\$(?!\$)[^\]]*\]', "", number_format)


def shown(content: Content, number_format: str, date1904: bool = False) -> str:
    """The text that a cell shows, wide enough (Range.Text)."""
    if content is None:
        return ""
    if isinstance(content, bool):
        return str(content).upper()
    if isinstance(content, str):
        return _shown_text(content, number_format)
    if isinstance(content, int):
        return ERROR_TEXTS[content]
    if number_format == "General":
        return _general(content)
    if number_format == "@":
        return number_text(content)
    if shows_date(number_format):
        return _shown_date(content, number_format, date1904)
    return _shown_number(content, number_format)


def _general(number: float) -> str:
    text = number_text(number)
    if len(text.lstrip("-")) <= 11:
        return text
    if 1e-9 <= abs(number) < 1e11:
        whole = len(str(int(abs(number))))
        return number_text(round(number, 10 - whole))
    mantissa, exponent = f"{number:.5E}".split("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"


def _shown_text(text: str, number_format: str) -> str:
    sections = _SECTIONS.split(number_format)
    if len(sections) < 4:
        return text
    form, literals = _set_aside(sections[3])
    return _put_back(form.replace("@", text), literals)


def _set_aside(section: str) -> tuple[str, list[str]]:
    """The section with every literal in it replaced by its number between NUL characters."""
    literals: list[str] = []

    def keep(found: re.Match[str]) -> str:
        literals.append(next((group for group in found.groups() if group is not None), ""))
        return f"\0{len(literals) - 1}\0"

    return _LITERALS.sub(keep, section), literals


def _put_back(text: str, literals: list[str]) -> str:
    return re.sub(r"\0(\d+)\0", lambda found: literals[int(found[1])], text)


def _shown_number(number: float, number_format: str) -> str:
    sections = _SECTIONS.split(number_format)
    section = sections[0]
    if number < 0 and len(sections) > 1:
        section, number = sections[1], -number
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    form, literals = _set_aside(section)
    if form == "General":
        return _general(number)
    digits = _DIGITS.search(form)
    if digits is None:
        return _put_back(form, literals)
    if re.search(r"[eE/]", form):
        raise NotImplementedError(f"the stand-in does not show numbers in the format {number_format}")
    if "%" in form:
        number *= 100
    figure = _figure(abs(number), digits[0])
    sign = "-" if number < 0 and re.search("[1-9]", figure) else ""
    return sign + _put_back(form[: digits.start()] + figure + form[digits.end() :], literals)


def _figure(number: float, form: str) -> str:
    whole, _, decimals = form.partition(".")
    thousands = "," in whole.rstrip(",")
    scaled = Decimal(repr(number)) / 1000 ** (len(whole) - len(whole.rstrip(",")))
    places = len(decimals)
    text = f"{scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):{',' if thousands else ''}f}"
    ahead, _, behind = text.partition(".")
    least = len(decimals.rstrip("#?"))
    behind = behind[:least] + behind[least:].rstrip("0")
    ahead = ahead.rjust(whole.count("0"), "0")
    ahead = "" if ahead == "0" and "0" not in whole else ahead
    return ahead + (f".{behind}" if behind or (decimals and not least) else "")


def _shown_date(serial: float, number_format: str, date1904: bool) -> str:
    form, literals = _set_aside(_SECTIONS.split(number_format)[0])
    moment = to_moment(serial, date1904)
    parts = _DATE_PARTS.findall(form)
    twelve = any(part.upper() == "AM/PM" for part in parts)
    out, after_hours = "", False
    for number, part in enumerate(parts):
        low = part.lower()
        following = next((later.lower() for later in parts[number + 1 :] if later.isalpha()), "")
        if low in ("m", "mm") and (after_hours or following.startswith("s")):
            out += f"{moment.minute:0{len(low)}}"
        elif low == "am/pm":
            out += "AM" if moment.hour < 12 else "PM"
        elif low.startswith("[h"):
            out += str(int(serial * 24 + 1e-9))
        elif low in ("h", "hh"):
            out += f"{(moment.hour % 12 or 12) if twelve else moment.hour:0{len(low)}}"
        elif low in ("s", "ss"):
            out += f"{moment.second:0{len(low)}}"
        else:
            out += _date_part(moment, low) if low.isalpha() else part
        if part.isalpha() or part.startswith("["):
            after_hours = low.startswith(("h", "[h"))
    return _put_back(out, literals)


def _date_part(moment: dt.datetime, low: str) -> str:
    names = {
        "yyyy": f"{moment.year:04}",
        "yy": f"{moment.year % 100:02}",
        "mmmm": moment.strftime("%B"),
        "mmm": moment.strftime("%b"),
        "mm": f"{moment.month:02}",
        "m": str(moment.month),
        "dddd": moment.strftime("%A"),
        "ddd": moment.strftime("%a"),
        "dd": f"{moment.day:02}",
        "d": str(moment.day),
    }
    return names.get(low, low)
