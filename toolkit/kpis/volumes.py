"""How many calls of customers are to be expected in each hour, and how far from it earlier hours were.

An hour is expected to be the median of the same hour of the same weekday in the weeks before, times the trend: what the
last four weeks had, of the four before them. Public holidays neither teach anything nor are they judged.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from statistics import median
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import MILLION, Facts, Rule
from toolkit.kpis.inbound import inbound
from toolkit.periods import days_between, public_holidays

WEEK = timedelta(days=7)
FEWEST_WEEKS, MOST_WEEKS = 4, 8
AHEAD = timedelta(days=14)
SCHEMA: Mapping[str, Any] = {
    "agent_id": pl.String, "day": pl.Date, "hour": pl.Int64, "numerator": pl.Int64, "denominator": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Volumes:
    """Calls by day and hour, from the first day that is known to the last; holidays: days that are like no other."""

    calls: Mapping[tuple[date, int], int]
    first: date
    last: date
    holidays: frozenset[date] = frozenset()

    @cached_property
    def hours(self) -> list[int]:
        """The hours in which anybody ever called."""
        return sorted({hour for _, hour in self.calls})

    @cached_property
    def _of_days(self) -> Mapping[date, int]:
        found: Counter[date] = Counter()
        for (day, _), calls in self.calls.items():
            found[day] += calls
        return found

    def expected(self, day: date, hour: int) -> float | None:
        """The calls to be expected in an hour; None with fewer than four weeks to go by, and on a holiday."""
        past = self._weeks_before(day)
        if len(past) < FEWEST_WEEKS or day in self.holidays:
            return None
        return median(self.calls.get((then, hour), 0) for then in past) * self.trend(day)

    def _weeks_before(self, day: date) -> list[date]:
        """The same weekday in the weeks before that are known, the latest first."""
        same = (day - WEEK * back for back in range(1, 2 * MOST_WEEKS))
        known = [then for then in same if self.first <= then <= self.last and then not in self.holidays]
        return known[:MOST_WEEKS]

    def trend(self, day: date) -> float:
        """What the last four weeks had, of the four before; 1 where they are not known."""
        end = min(day - timedelta(days=1), self.last)
        middle = end - WEEK * 4
        if middle - WEEK * 4 + timedelta(days=1) < self.first:
            return 1.0
        late, early = self._sum(middle, end), self._sum(middle - WEEK * 4, middle)
        return late / early if early else 1.0

    def _sum(self, after: date, until: date) -> int:
        return sum(self._of_days.get(day, 0) for day in days_between(after + timedelta(days=1), until))


def volumes(data: Data) -> Volumes:
    """The calls of customers as they were."""
    counted = inbound(data).filter(nw.col("day") <= data.as_of).group_by("day", "hour").agg(calls=nw.len())
    rows = eager(counted).to_polars().sort("day", "hour")
    calls = {(day, hour): number for day, hour, number in rows.iter_rows()}
    first = min((day for day, _ in calls), default=data.as_of)
    years = range(first.year, (data.as_of + AHEAD).year + 1)
    holidays = frozenset(day for year in years for day in public_holidays(data.country, year))
    return Volumes(calls, first, data.as_of, holidays)


def _facts(rows: Iterable[tuple[Any, ...]], *, is_ratio: bool) -> Facts:
    frame = pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
    kept = frame if is_ratio else frame.drop("denominator")
    return Facts(nw.from_native(kept), parts=MILLION, denominator_parts=MILLION)


def volume_expected(data: Data) -> Facts:
    """Calls of customers to be expected, up to two weeks after the day on which the data stand; for everybody together.

    No day is judged by itself: what is expected of a day that is over is what the weeks before it said.
    """
    seen = volumes(data)
    days = days_between(seen.first, data.as_of + AHEAD)
    found = ((day, hour, seen.expected(day, hour)) for day in days for hour in seen.hours)
    rows = ((None, day, hour, round(calls * MILLION), 0) for day, hour, calls in found if calls is not None)
    return _facts(rows, is_ratio=False)


def volume_error(data: Data) -> Facts:
    """By how much the calls of an hour differed from what the weeks before it said, either way, of the calls that came.

    Weighted by the calls, so that hours add up (an hour without a call has no error in percent of its own).
    """
    seen = volumes(data)
    days = days_between(seen.first, data.as_of)
    found = (
        (day, hour, seen.expected(day, hour), seen.calls.get((day, hour), 0)) for day in days for hour in seen.hours
    )
    rows = (
        (None, day, hour, round(abs(calls - expected) * MILLION), calls * MILLION)
        for day, hour, expected, calls in found
        if expected is not None
    )
    return _facts(rows, is_ratio=True)


VOLUMES: dict[str, Rule] = {"volume_expected": volume_expected, "volume_error": volume_error}
