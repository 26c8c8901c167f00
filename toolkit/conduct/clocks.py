"""Times as whole seconds and days as whole numbers, the same on every engine, by the clock where the customer lives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import narwhals as nw

DAY, MINUTE = 86_400, 60
FIRST = date(1970, 1, 1)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # by the clock on the wall
NEVER = -(10**6)
"""The number of a day before all days."""
MONDAY_FIRST = 3
"""1970-01-01 was a Thursday."""


def number_of(day: date) -> int:
    """The day's number: 0 for 1970-01-01."""
    return (day - FIRST).days


def day_of(number: int) -> date:
    """The day of a number."""
    return FIRST + timedelta(days=number)


def seconds(time: nw.Expr) -> nw.Expr:
    """Seconds since 1970 by the clock on the wall; parts of a second are cut off."""
    return (time - nw.lit(EPOCH)).dt.total_seconds().cast(nw.Int64)


def weekday(day: nw.Expr) -> nw.Expr:
    """Monday is 0, of a day's number."""
    from_thursday = day + MONDAY_FIRST
    return from_thursday - (from_thursday // 7).cast(nw.Int64) * 7


@dataclass(frozen=True)
class Clock:
    """How the times of a column become seconds.

    own: the time zone that its times carry, "" where they are read off the wall of `home`, the set-up's.
    """

    column: str
    own: str
    home: str

    @property
    def instant(self) -> nw.Expr:
        """Seconds that order events and measure what lies between them, even where clocks are put back."""
        at = nw.col(self.column)
        return seconds(at.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if self.own else at)

    def local(self, zone: str) -> nw.Expr:
        """Seconds by the clock on the wall in this zone; "" is the set-up's own."""
        at, there = nw.col(self.column), zone or self.home or self.own
        if not self.own:
            return seconds(at)
        at = at if there == self.own else at.dt.convert_time_zone(there)
        return seconds(at.dt.replace_time_zone(None))

    def elsewhere(self, local: nw.Expr, zone: str, first: date, last: date) -> nw.Expr:
        """`local` seconds of the set-up's zone by the clock of another, for times between these days."""
        if self.own or not self.home:
            return self.local(zone)
        steps = list(_shifts(self.home, zone, first, last))
        shift = nw.lit(steps[0][1], nw.Int64)
        for start, more in steps[1:]:
            shift = nw.when(local >= start).then(nw.lit(more, nw.Int64)).otherwise(shift)
        return local + shift


def clock_of(frame: nw.LazyFrame | nw.DataFrame, column: str, home: str) -> Clock:  # type: ignore[type-arg]
    """The clock of a column of times."""
    kind = frame.collect_schema()[column]
    return Clock(column, str(getattr(kind, "time_zone", None) or ""), home)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    return name in available_timezones()


def _shifts(home: str, zone: str, first: date, last: date) -> Iterator[tuple[int, int]]:
    """From which second at home on the clock of the other zone is so many seconds ahead; the first from ever."""
    here, there = ZoneInfo(home), ZoneInfo(zone)
    start = number_of(first) * DAY - DAY
    end = number_of(last) * DAY + 2 * DAY
    now = _ahead(start, here, there)
    yield start, now
    for hour in range(start, end, 6 * 3600):
        later = _ahead(hour + 6 * 3600, here, there)
        if later != now:
            yield _turn(hour, hour + 6 * 3600, now, here, there), later
            now = later


def _ahead(second: int, here: ZoneInfo, there: ZoneInfo) -> int:
    at = (EPOCH + timedelta(seconds=second)).replace(tzinfo=here)
    mine, other = at.utcoffset(), at.astimezone(there).utcoffset()
    return int(((other or timedelta()) - (mine or timedelta())).total_seconds())


def _turn(low: int, high: int, before: int, here: ZoneInfo, there: ZoneInfo) -> int:
    """The first minute on which it is no longer so many seconds."""
    while high - low > MINUTE:
        middle = (low + high) // 2 // MINUTE * MINUTE
        low, high = (middle, high) if _ahead(middle, here, there) == before else (low, middle)
    return high


def holiday_numbers(country: str, first: date, last: date) -> Sequence[int]:
    """The country's public holidays of these years, as numbers of days."""
    from toolkit.periods import public_holidays

    years = range(first.year, last.year + 1)
    return [number_of(day) for year in years for day in sorted(public_holidays(country, year))]
