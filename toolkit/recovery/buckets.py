"""Days past due as the profile's buckets, by number and by name; and days as whole numbers, on every engine."""

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from toolkit.recovery.work import bucket_names
from toolkit.rows import band_reached

CURRENT = "current"
"""Nothing is past due."""
MONTHS = 12
MONTH, YEAR = 31, 372


def bucket_number(days_past_due: nw.Expr, starts: Sequence[int]) -> nw.Expr:
    """0 for the first bucket; -1 below it."""
    return band_reached(days_past_due, starts)


def state_names(starts: Sequence[int]) -> list[str]:
    """The states of an account that is owed on, from the best to the worst: current, then the buckets; where the
    first of these begins later than on the first day, what lies before it is one too."""
    late = [start for start in starts if start > 0]
    first = [] if late and late[0] == 1 and 0 not in starts else [f"1-{late[0] - 1}" if late else "1+"]
    if 0 in starts:
        first = []
    return [CURRENT, *first, *bucket_names(tuple(starts))]


def state_number(days_past_due: nw.Expr, starts: Sequence[int]) -> nw.Expr:
    """The place in `state_names`: 0 where nothing is past due. A bucket from 0 days on has those of one day on."""
    edges = [1] if 0 in starts or not starts or starts[0] != 1 else []
    return band_reached(days_past_due, [*edges, *(start for start in starts if start > 0)]) + 1


def day_number(day: nw.Expr) -> nw.Expr:
    """A whole number that grows with the day, the same on every engine, which may be compared and carried along. It
    has gaps at the ends of months: no days are to be added to it."""
    year, month = day.dt.year().cast(nw.Int64), day.dt.month().cast(nw.Int64)
    return year * YEAR + month * MONTH + day.dt.day().cast(nw.Int64)


def number_of(day: date) -> int:
    """`day_number` of one day."""
    return day.year * YEAR + day.month * MONTH + day.day


def date_of(number: int) -> date:
    """The day of such a number."""
    year, rest = divmod(number - MONTH - 1, YEAR)
    month, day = divmod(rest, MONTH)
    return date(year, month + 1, day + 1)


def month_number(day: nw.Expr) -> nw.Expr:
    """Months counted without end."""
    return day.dt.year().cast(nw.Int64) * MONTHS + day.dt.month().cast(nw.Int64) - 1


def month_label(number: int) -> str:
    """``2026-03`` of such a number."""
    return f"{number // MONTHS}-{number % MONTHS + 1:02}"


__all__ = [
    "CURRENT", "bucket_names", "bucket_number", "date_of", "day_number", "month_label", "month_number", "number_of",
    "state_names", "state_number",
]  # fmt: skip
