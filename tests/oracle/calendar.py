"""Plan periods by label, days, working days, local moments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

ONE_DAY = timedelta(days=1)
ZONES = {"KE": "Africa/Nairobi", "TZ": "Africa/Dar_es_Salaam", "UG": "Africa/Kampala", "NG": "Africa/Lagos"}


@dataclass(frozen=True)
class Period:
    label: str
    kind: str
    first: date
    last: date
    start_day: int = 1

    @property
    def days(self) -> list[date]:
        return days(self.first, self.last)


def days(first: date, last: date) -> list[date]:
    found = []
    while first <= last:
        found.append(first)
        first += ONE_DAY
    return found


def month_start(year: int, month: int) -> date:
    """The first of a month; month 0 is December before, month 13 January after."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def period(label: str, start_day: int = 1) -> Period:
    if "-W" in label:
        monday = date.fromisocalendar(int(label[:4]), int(label[6:]), 1)
        return Period(label, "week", monday, monday + 6 * ONE_DAY)
    year, month = int(label[:4]), int(label[5:7])
    first, next_first = month_start(year, month), month_start(year, month + 1)
    if label.endswith("-H1"):
        return Period(label, "half_month", first, first.replace(day=15))
    if label.endswith("-H2"):
        return Period(label, "half_month", first.replace(day=16), next_first - ONE_DAY)
    if start_day == 1:
        return Period(label, "month", first, next_first - ONE_DAY)
    return Period(
        label,
        "month",
        month_start(year, month - 1).replace(day=start_day),
        first.replace(day=start_day) - ONE_DAY,
        start_day,
    )


def containing(day: date, kind: str, start_day: int = 1) -> Period:
    """The plan period that a day falls in, found by trying the labels around it."""
    if kind == "week":
        iso = day.isocalendar()
        return period(f"{iso.year:04d}-W{iso.week:02d}")
    month = f"{day.year:04d}-{day.month:02d}"
    if kind == "half_month":
        return period(f"{month}-H1" if day.day <= 15 else f"{month}-H2")
    following = month_start(day.year, day.month + 1)
    for label in (month, f"{following.year:04d}-{following.month:02d}"):
        candidate = period(label, start_day)
        if candidate.first <= day <= candidate.last:
            return candidate
    raise AssertionError(day)


def before(this: Period) -> Period:
    return containing(this.first - ONE_DAY, this.kind, this.start_day)


@cache
def holidays_of(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year)) if country else frozenset()


def is_working_day(day: date, country: str) -> bool:
    return day.weekday() < 5 and day not in holidays_of(country, day.year)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A moment in the local zone; one without an offset is local already."""
    read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return read.replace(tzinfo=zone) if read.tzinfo is None else read.astimezone(zone)


def day_or_none(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
