"""Dates and times as exports write them: ISO, day first or month first as declared, words, Excel serials."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from toolkit.readers.amounts import is_excel_error
from toolkit.readers.answers import Answer, Column, read_slowly, words

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # Excel's dates have no time zone
SERIALS = (36526, 73415)
"""Excel's numbers of 2000-01-01 and 2100-12-31; anything else that looks like a number is no date."""
DAYS_TO_1904 = 1462
SERIAL_AGE_DAYS = 400
"""A serial number in text may count from 1900 or 1904: four years back it is more likely the wrong one."""

CLOCKS = (" %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", " %H:%M:%S%.f", "T%H:%M:%S%.f")
SAMPLE = 200


@dataclass(frozen=True, slots=True)
class MomentForm:
    """How dates are written: the declared order of day and month, the time zone, and the as-of day if given."""

    order: str
    timezone: str
    as_of: date | None = None
    date1904: bool = False

    @property
    def layouts(self) -> list[str]:
        """The layouts of a date that can mean one day only."""
        local = {"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}.get(self.order)
        return ["%Y-%m-%d", "%Y/%m/%d", *(local.replace("/", sign) for sign in "/-." if local)]

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.timezone))


def read_dates(cells: pl.Series, form: MomentForm) -> Column:
    """A column of dates. A time of day is dropped, after going to local time where it has an offset."""
    quick = _empty(cells, pl.Date)
    for layout in _fitting(cells, form.layouts):
        quick = _filled(cells, quick, partial(_date_only, layout=layout))
    quick = _filled(cells, quick, lambda left: _times(left, form).dt.date())
    quick = quick.set((quick < EARLIEST) | (quick > LATEST), None)
    return read_slowly(cells, quick, lambda text: _as_date(read_moment(text, form), form))


def read_times(cells: pl.Series, form: MomentForm) -> Column:
    """A column of times in the form's time zone; times without an offset are local, dates are midnight."""
    quick = _times(cells, form)
    for layout in _fitting(cells.filter(quick.is_null()), form.layouts):
        quick = _filled(cells, quick, partial(_local, layout=layout, form=form))
    too_early, too_late = quick < form.start_of(EARLIEST), quick > form.start_of(LATEST)
    quick = quick.set(too_early | too_late, None)
    return read_slowly(cells, quick, lambda text: _as_time(read_moment(text, form), form))


def _empty(cells: pl.Series, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    return pl.Series(cells.name, [None], dtype=dtype).new_from_index(0, cells.len())


def _filled(cells: pl.Series, quick: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`quick` with its gaps read by `read`; the whole column at once as long as nothing has been read."""
    gaps = cells.is_not_null() & quick.is_null()
    if not gaps.any():
        return quick
    if quick.null_count() == quick.len():
        return read(cells).alias(cells.name)
    return quick.scatter(gaps.arg_true(), read(cells.filter(gaps)))


def _fitting(cells: pl.Series, layouts: list[str]) -> list[str]:
    """The layouts that some of the cells looked at have; trying each on a million cells would take long."""
    present = cells.drop_nulls()
    sample = pl.concat([present.head(SAMPLE), present.tail(SAMPLE)])
    return [layout for layout in layouts if sample.str.to_datetime(layout, strict=False).is_not_null().any()]


def _times(cells: pl.Series, form: MomentForm) -> pl.Series:
    """Cells with a time of day."""
    quick = _empty(cells, pl.Datetime("us", form.timezone))
    for layout in _fitting(cells, [day + clock for day in form.layouts for clock in CLOCKS]):
        quick = _filled(cells, quick, partial(_local, layout=layout, form=form))
    if quick.null_count() == cells.null_count():
        return quick
    for layout in _fitting(cells, [f"%Y-%m-%d{clock}{offset}" for clock in CLOCKS for offset in ("Z", "%z")]):
        quick = _filled(cells, quick, partial(_stamped, layout=layout, form=form))
    return quick


def _date_only(cells: pl.Series, layout: str) -> pl.Series:
    return cells.str.to_date(layout, strict=False)


def _local(cells: pl.Series, layout: str, form: MomentForm) -> pl.Series:
    naive = cells.str.to_datetime(layout, strict=False, time_unit="us")
    # "02/03/-026" and "02/03/92026" fit the layout too, and no Python date can be made of them
    return at_home(naive.set(~naive.dt.year().is_between(1, 9999), None), form.timezone)


def at_home(naive: pl.Series, zone: str) -> pl.Series:
    """Clock times of a time zone; null for an hour that summer time skips or has twice."""
    offset = _one_offset(naive, zone)
    if offset is not None:
        return (naive - offset).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return naive.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")


LONGEST_LOOKED_THROUGH = 3700
"""Days between the first and the last time of a column that are looked through for a change of the clock."""


def _one_offset(naive: pl.Series, zone: str) -> timedelta | None:
    """The zone's offset if its clock never changes from the first to the last of these times; a quick way then."""
    first, last = naive.min(), naive.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    if first.date() < EARLIEST or last.date() > LATEST or (last - first).days > LONGEST_LOOKED_THROUGH:
        return None
    clock = ZoneInfo(zone)
    days = (first + timedelta(days=number) for number in range(-1, (last - first).days + 3))
    offsets = {day.replace(tzinfo=clock).utcoffset() for day in days}
    return offsets.pop() if len(offsets) == 1 else None


def _stamped(cells: pl.Series, layout: str, form: MomentForm) -> pl.Series:
    stamps = cells.str.to_datetime(layout, strict=False, time_unit="us")
    if layout.endswith("Z"):
        stamps = stamps.dt.replace_time_zone("UTC")
    return stamps.dt.convert_time_zone(form.timezone)


@dataclass(frozen=True, slots=True)
class Moment:
    """What one text says: a clock time, the offset it was given with, and whether it came as Excel's number."""

    at: datetime
    offset: timedelta | None = None
    serial: bool = False


CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
)
AFTER = rf"(?:[T ,]+{CLOCK}\s*(?P<offset>Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}})?)?"
ISO = re.compile(rf"(?P<year>\d{{4}})(?P<sign>[-/.])(?P<month>\d{{1,2}})(?P=sign)(?P<day>\d{{1,2}}){AFTER}", re.ASCII)
COMPACT = re.compile(rf"(?P<year>20\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}}){AFTER}", re.ASCII)
YEAR = r"(?P<year>\d{4}|\d{2})"
LOCAL = re.compile(rf"(?P<first>\d{{1,2}})(?P<sign>[-/. ])(?P<second_part>\d{{1,2}})(?P=sign){YEAR}{AFTER}", re.ASCII)
DAY_WORD = re.compile(rf"(?P<day>\d{{1,2}})[-/. ]*(?P<word>[A-Za-z]{{3,9}})\.?[-/, ]+{YEAR}{AFTER}", re.ASCII)
WORD_DAY = re.compile(rf"(?P<word>[A-Za-z]{{3,9}})\.? +(?P<day>\d{{1,2}}),? +(?P<year>\d{{4}}){AFTER}", re.ASCII)


def read_moment(text: str, form: MomentForm) -> Moment | Answer:
    """One date or time in any form that can mean one moment only; else an `Answer` with the code."""
    bare = " ".join(text.strip().removeprefix("'").split())
    if not bare or bare.casefold() in words()["nil"]:
        return Answer()
    if is_excel_error(bare):
        return Answer(code="EXCEL_ERROR")
    if re.fullmatch(r"\d{1,7}(?:\.\d+)?", bare, re.ASCII):
        return _from_serial(bare, DAYS_TO_1904 if form.date1904 else 0)
    for pattern in (ISO, COMPACT, DAY_WORD, WORD_DAY, LOCAL):
        match = pattern.fullmatch(bare)
        if match:
            return _from_parts(match.groupdict(), form)
    return Answer(code="DATE_INVALID")


def _from_serial(text: str, later: int) -> Moment | Answer:
    """`later`: days that the workbook counts from after Excel's usual beginning."""
    digits, _, part = text.partition(".")
    whole = int(digits) + later
    if not SERIALS[0] <= whole <= SERIALS[1]:
        return Answer(code="DATE_RANGE" if whole < 100_000 else "DATE_INVALID")
    seconds = round(int(part[:9].ljust(9, "0")) * 86400 / 10**9) if part else 0
    return Moment(SERIAL_ZERO + timedelta(days=whole, seconds=seconds), serial=True)


def _from_parts(parts: dict[str, str | None], form: MomentForm) -> Moment | Answer:
    year = int(parts["year"] or 0)
    year += 2000 if len(parts["year"] or "") == 2 else 0
    if parts.get("first"):
        order = _order(int(parts["first"] or 0), int(parts["second_part"] or 0), year, form.order)
        if isinstance(order, Answer):
            return order
        month, day = order
    else:
        month, day = _month(parts), int(parts["day"] or 0)
    if not 1 <= year <= 9999 or not _exists(year, month, day):
        return Answer(code="DATE_INVALID")
    clock = clock_of(parts)
    if clock is None:
        return Answer(code="DATE_INVALID")
    return Moment(datetime.combine(date(year, month, day), clock), _offset(parts.get("offset")))


def _month(parts: dict[str, str | None]) -> int:
    """The month's number; 0 for a word that is none."""
    word = parts.get("word")
    if not word:
        return int(parts["month"] or 0)
    found = [number for number, name in enumerate(words()["months"], 1) if name.startswith(word.casefold()[:9])]
    return found[0] if len(found) == 1 else 9 if word.casefold() == "sept" else 0


def _order(first: int, second: int, year: int, order: str) -> tuple[int, int] | Answer:
    """(month, day) by the declared order. Without one, only a date that has one reading is a date."""
    day_first, month_first = _exists(year, second, first), _exists(year, first, second)
    if order == "iso":
        if day_first and month_first and first != second:
            return Answer(code="DATE_AMBIGUOUS", fields={"why": "day and month could be either way round"})
        return (second, first) if day_first else (first, second)
    wanted, other = (day_first, month_first) if order == "dmy" else (month_first, day_first)
    if not wanted and other:
        return Answer(code="DATE_ORDER")
    return (second, first) if order == "dmy" else (first, second)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def clock_of(parts: dict[str, str | None]) -> time | None:
    """The time of day, midnight if none is given; None if there is no such time."""
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").casefold().replace(".", "")
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
    micro = int((parts["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        return time(hour, int(parts["minute"] or 0), int(parts["second"] or 0), micro)
    except ValueError:
        return None


def _offset(text: str | None) -> timedelta | None:
    if not text:
        return None
    if not text.startswith(("+", "-")):
        return timedelta(0)
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timedelta(minutes=minutes if text[0] == "+" else -minutes)


def _as_time(moment: Moment | Answer, form: MomentForm) -> Answer:
    if isinstance(moment, Answer):
        return moment
    if not EARLIEST.year <= moment.at.year <= LATEST.year:
        return Answer(code="DATE_FUTURE" if form.as_of and moment.at.date() > form.as_of else "DATE_RANGE")
    zone = ZoneInfo(form.timezone)
    if moment.offset is not None:
        return Answer(moment.at.replace(tzinfo=timezone(moment.offset)).astimezone(zone))
    earlier, later = (moment.at.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if earlier.utcoffset() != later.utcoffset():
        return _not_one_hour(moment.at, earlier, zone)
    return Answer(earlier, _about_serial(moment, form))


def _not_one_hour(clock: datetime, earlier: datetime, zone: ZoneInfo) -> Answer:
    """An hour that summer time has twice, or skips."""
    there = earlier.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == clock
    why = "the clock showed this time twice on that night"
    return Answer(code="DATE_AMBIGUOUS", fields={"why": why}) if there else Answer(code="DATE_INVALID")


def _as_date(moment: Moment | Answer, form: MomentForm) -> Answer:
    if isinstance(moment, Answer):
        return moment
    at = moment.at
    if moment.offset is not None:
        at = at.replace(tzinfo=timezone(moment.offset)).astimezone(ZoneInfo(form.timezone))
    if not EARLIEST <= at.date() <= LATEST:
        return Answer(code="DATE_FUTURE" if form.as_of and at.date() > form.as_of else "DATE_RANGE")
    return Answer(at.date(), _about_serial(moment, form))


def _about_serial(moment: Moment, form: MomentForm) -> str:
    if not moment.serial:
        return ""
    too_old = form.as_of is not None and (form.as_of - moment.at.date()).days > SERIAL_AGE_DAYS
    return "DATE_RANGE" if too_old else "DATE_SERIAL"
