"""Days, weeks, half months, months, quarters and years as people label them, and the working days in them."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Literal

Kind = Literal["day", "week", "half_month", "month", "quarter", "year"]

RelativePeriod = Literal[
    "latest-day", "latest-week", "latest-month", "latest-quarter",
    "previous-day", "previous-week", "previous-month", "previous-quarter",
]  # fmt: skip
"""A period by the day on which the data stand: the latest is the one that this day is in, the previous one is the last
that is over on it: the one before, or this one where no working day of it is left. The previous day is the day before.
"""

ONE_DAY = timedelta(days=1)
MOST_DAYS_OFF = 31
IsWorking = Callable[[date], bool]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of whole days with the label people use for it; both ends belong to it.

    `start_day` is 1, or the day on which a plan's month begins (26: from the 26th to the 25th, named
    after the month it ends in).
    """

    first: date
    last: date
    kind: Kind
    label: str
    start_day: int = 1

    def __str__(self) -> str:
        return self.label

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def previous(self) -> "Period":
        return containing(self.first - ONE_DAY, self.kind, self.start_day)

    def next(self) -> "Period":
        return containing(self.last + ONE_DAY, self.kind, self.start_day)


def _month(year: int, month: int, start_day: int) -> Period:
    label = f"{year:04d}-{month:02d}"
    if start_day == 1:
        return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]), "month", label)
    before_year, before_month = (year, month - 1) if month > 1 else (year - 1, 12)
    first = date(before_year, before_month, start_day)
    return Period(first, date(year, month, start_day - 1), "month", label, start_day)


def _half_month(year: int, month: int, half: int) -> Period:
    first, last = (1, 15) if half == 1 else (16, monthrange(year, month)[1])
    return Period(date(year, month, first), date(year, month, last), "half_month", f"{year:04d}-{month:02d}-H{half}")


def _quarter(year: int, quarter: int) -> Period:
    first_month, last_month = 3 * quarter - 2, 3 * quarter
    last = date(year, last_month, monthrange(year, last_month)[1])
    return Period(date(year, first_month, 1), last, "quarter", f"{year:04d}-Q{quarter}")


def _week(monday: date) -> Period:
    iso = monday.isocalendar()
    return Period(monday, monday + 6 * ONE_DAY, "week", f"{iso.year:04d}-W{iso.week:02d}")


def containing(day: date, kind: Kind, start_day: int = 1) -> Period:
    """The period of this kind that `day` falls in."""
    if kind == "day":
        return Period(day, day, "day", day.isoformat())
    if kind == "week":
        return _week(day - day.weekday() * ONE_DAY)
    if kind == "half_month":
        return _half_month(day.year, day.month, 1 if day.day <= 15 else 2)
    if kind == "month":
        ends_next_month = start_day > 1 and day.day >= start_day
        year, month = (day.year, day.month) if not ends_next_month else divmod(day.year * 12 + day.month, 12)
        return _month(year, month + 1 if ends_next_month else month, start_day)
    if kind == "quarter":
        return _quarter(day.year, (day.month + 2) // 3)
    return Period(date(day.year, 1, 1), date(day.year, 12, 31), "year", f"{day.year:04d}")


_FORMS: tuple[tuple[str, Kind], ...] = (
    (r"(\d{4})-(\d{2})-(\d{2})", "day"),
    (r"(\d{4})-W(\d{2})", "week"),
    (r"(\d{4})-(\d{2})-H([12])", "half_month"),
    (r"(\d{4})-(\d{2})", "month"),
    (r"(\d{4})-Q([1-4])", "quarter"),
    (r"(\d{4})", "year"),
)


def parse(label: str, start_day: int = 1) -> Period:
    """``2026-10-21``, ``2026-W43``, ``2026-10-H1``, ``2026-10``, ``2026-Q4`` or ``2026``.

    `ValueError` with the forms that are understood for anything else, the 31st of April included.
    """
    for form, kind in _FORMS:
        match = re.fullmatch(form, label.strip())
        if match:
            try:
                return _from_numbers(kind, [int(part) for part in match.groups()], start_day)
            except ValueError:
                break
    raise ValueError(f'"{label}" is not a period: write 2026-10-21, 2026-W43, 2026-10-H1, 2026-10, 2026-Q4 or 2026')


def _from_numbers(kind: Kind, numbers: list[int], start_day: int) -> Period:
    if kind == "day":
        return containing(date(*numbers), "day")
    if kind == "week":
        return _week(date.fromisocalendar(numbers[0], numbers[1], 1))
    if kind == "half_month":
        return _half_month(*numbers)
    if kind == "month":
        return _month(numbers[0], numbers[1], start_day)
    if kind == "quarter":
        return _quarter(*numbers)
    return containing(date(numbers[0], 1, 1), "year")


def _every_day(day: date) -> bool:
    return True


def following(words: RelativePeriod, as_of: date, is_working: IsWorking = _every_day) -> Period:
    """The period that these words mean on this day. is_working: which days are worked; every day, unless given."""
    which, _, kind = words.partition("-")
    period = containing(as_of, kind)  # type: ignore[arg-type]  # one of the four
    if which == "latest":
        return period
    # the data may stand in the middle of a day, so that it is not over
    is_over = kind != "day" and not any(map(is_working, days_between(as_of + ONE_DAY, period.last)))
    return period if is_over else period.previous()


def next_working_day(day: date, is_working: IsWorking) -> date:
    """The first working day after this one; the day after it where none comes within a month."""
    coming = days_between(day + ONE_DAY, day + MOST_DAYS_OFF * ONE_DAY)
    return next(filter(is_working, coming), day + ONE_DAY)


def span(first_label: str, last_label: str, start_day: int = 1) -> list[Period]:
    """All periods from one label to another of the same kind, both included."""
    current, last = parse(first_label, start_day), parse(last_label, start_day)
    if current.kind != last.kind:
        raise ValueError(f'"{first_label}" and "{last_label}" are not periods of the same kind')
    periods = []
    while current.first <= last.first:
        periods.append(current)
        current = current.next()
    return periods


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included; none if `last` is before `first`."""
    return [first + i * ONE_DAY for i in range((last - first).days + 1)]


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The country's public holidays (package `holidays`); none for a country that the package lacks."""
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_working_day(day: date, country: str, working_week: frozenset[int] = frozenset(range(5))) -> bool:
    """Monday (0) to Friday (4) unless `working_week` says otherwise, less the country's public holidays."""
    return day.weekday() in working_week and day not in public_holidays(country, day.year)
