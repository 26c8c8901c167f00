"""Times of day and lengths of time as exports write them: 09:12:58, 9:12 AM, a clock cell of Excel, a part of a day."""

import re
from decimal import Decimal
from functools import cache

import polars as pl

from toolkit.readers.amounts import is_excel_error
from toolkit.readers.answers import Answer, Column, read_slowly, words
from toolkit.readers.moments import CLOCK, clock_of

DAY_SECONDS = 86400
PART_OF_DAY = r"0[.,]\d{1,30}"
EXACT_DIGITS = 6
"""A length of time as a part of a day has more digits than this; 0.5 is half a second or half a day, nobody knows."""
A_DAY_MORE = "1900-01-01"
"""For some programs the day of a length that has none, for Excel's cells the day of one from 24 hours on."""
NEARLY_WHOLE = Decimal("0.01")
"""How far from a whole second Excel's parts of a day may be for what their digits lose."""


@cache
def _zero_day() -> str:
    """The day that programs put before a time of day that has none (`toolkit/data/words.toml`)."""
    return "^(?:" + "|".join(words()["zero_days"]) + ")"


def read_clocks(cells: pl.Series) -> Column:
    """A column of times of day as text: 09:12:58, with a fraction of a second where there is one."""
    bare = cells.str.replace(_zero_day() + "[T ]", "")
    plain = bare.str.contains(r"^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$")
    return read_slowly(cells, bare.set(~plain, None), read_clock)


def read_clock(text: str) -> Answer:
    """One time of day that is not plainly written."""
    bare = without_zero_day(text.removeprefix("'").strip())
    if bare.casefold() in words()["nil"]:
        return Answer()
    if is_excel_error(bare):
        return Answer(code="EXCEL_ERROR")
    if re.fullmatch(PART_OF_DAY, bare, re.ASCII):
        return _of_seconds(round(_seconds(bare)))
    parts = re.fullmatch(CLOCK, bare, re.ASCII)
    clock = clock_of(parts.groupdict()) if parts else None
    return Answer(clock.isoformat()) if clock is not None else Answer(code="CLOCK_INVALID")


def without_zero_day(text: str) -> str:
    """``1899-12-31 09:12:58`` is ``09:12:58``; the day alone is midnight."""
    return re.sub(_zero_day() + r"(?:[T ]|$)", "", text) or "00:00:00"


def _seconds(part_of_day: str) -> Decimal:
    return Decimal(part_of_day.replace(",", ".")) * DAY_SECONDS


def _of_seconds(seconds: int) -> Answer:
    hours, rest = divmod(seconds, 3600)
    return Answer(
        f"{hours:02}:{rest // 60:02}:{rest % 60:02}" if hours < 24 else None, "" if hours < 24 else "CLOCK_INVALID"
    )


def read_length(text: str) -> Answer | None:
    """Seconds of ``00:02:23``, of a clock cell of Excel or of its part of a day; None where it is none of these."""
    if text.startswith(A_DAY_MORE):
        return Answer(code="LENGTH_AMBIGUOUS")
    clock = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:\.0+)?", without_zero_day(text), re.ASCII)
    if clock:
        hours, minutes, rest = (int(part or 0) for part in clock.groups())
        return Answer(hours * 3600 + minutes * 60 + rest)
    if not re.fullmatch(PART_OF_DAY, text, re.ASCII) or len(text) <= len("0.") + EXACT_DIGITS:
        return None
    seconds = _seconds(text)
    whole = round(seconds)
    return Answer(whole, "CLOCK_SERIAL") if abs(seconds - whole) < NEARLY_WHOLE else None
