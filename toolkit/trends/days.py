"""Which days may be compared: working days; marked days (Eid, Ramadan hours, school-fee weeks) with their like."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from toolkit.periods import days_between, is_working_day

Number = int | float | Fraction
Treatment = Literal["leave_out", "compare"]
LeftOutFor = Literal["not a working day", "marked", "no base", "no limits for its kind", "part of a week"]
ORDINARY = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A day's figure: an amount or a count, or a share as `numerator` of `denominator`.

    kind: "" for ordinary days, else the name of the mark whose days it is compared with.
    """

    day: date
    numerator: Number
    denominator: Number | None = None
    kind: str = ORDINARY

    @property
    def exact(self) -> Fraction:
        """The amount, or the share. `ZeroDivisionError` where the share has no base."""
        return Fraction(self.numerator) / Fraction(1 if self.denominator is None else self.denominator)


@dataclass(frozen=True, slots=True)
class Mark:
    """Days that are not like others. They are left out, or compared with days of the same mark only."""

    name: str
    days: frozenset[date]
    treatment: Treatment = "leave_out"

    @classmethod
    def between(cls, name: str, first: date, last: date, treatment: Treatment = "leave_out") -> "Mark":
        """All days from the first to the last, both included."""
        return cls(name, frozenset(days_between(first, last)), treatment)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day that is not judged, and why."""

    point: Point
    why: LeftOutFor


@dataclass(frozen=True, slots=True)
class Calendar:
    """A country's working days: the working week (Monday is 0) less public holidays and the days named here."""

    country: str = ""
    working_week: frozenset[int] = frozenset(range(5))
    closed: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        return day not in self.closed and is_working_day(day, self.country, self.working_week)

    def working_days(self, first: date, last: date) -> list[date]:
        """The working days from the first to the last day, both included."""
        return [day for day in days_between(first, last) if self.is_working(day)]


def like_with_like(
    points: Iterable[Point], calendar: Calendar, marks: Sequence[Mark] = ()
) -> tuple[tuple[Point, ...], tuple[LeftOut, ...]]:
    """The points that may be judged, by day and with their kind, and those left out.

    The first mark that names a day counts. A share without a base says nothing of its day.
    """
    kept, left_out = [], []
    for point in sorted(points, key=lambda point: point.day):
        mark = next((mark for mark in marks if point.day in mark.days), None)
        why = _why_not(point, calendar, mark)
        if why:
            left_out.append(LeftOut(point, why))
        else:
            kept.append(replace(point, kind=mark.name if mark else ORDINARY))
    return tuple(kept), tuple(left_out)


def weeks_like_with_like(
    points: Iterable[Point], parts: Collection[date], marks: Sequence[Mark] = ()
) -> tuple[tuple[Point, ...], tuple[LeftOut, ...]]:
    """The weeks that may be judged, and those left out. A point's day is the week's Monday; parts: those of weeks of
    which days are missing, which are no weeks to compare. A week is marked as soon as one of its days is."""
    kept, left_out = [], []
    for point in sorted(points, key=lambda point: point.day):
        days = set(days_between(point.day, point.day + timedelta(6)))
        mark = next((mark for mark in marks if mark.days & days), None)
        why: LeftOutFor | None = "part of a week" if point.day in parts else None
        if why is None and mark and mark.treatment == "leave_out":
            why = "marked"
        if why is None and point.denominator == 0:
            why = "no base"
        if why:
            left_out.append(LeftOut(point, why))
        else:
            kept.append(replace(point, kind=mark.name if mark else ORDINARY))
    return tuple(kept), tuple(left_out)


def _why_not(point: Point, calendar: Calendar, mark: Mark | None) -> LeftOutFor | None:
    if not calendar.is_working(point.day):
        return "not a working day"
    if mark and mark.treatment == "leave_out":
        return "marked"
    return "no base" if point.denominator == 0 else None
