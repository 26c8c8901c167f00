"""Which weeks, months and years are only parts: cut by the period that was asked for, or by an end of the data."""

import re
from collections.abc import Iterable
from datetime import date

import narwhals as nw

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.data import Data, eager
from toolkit.periods import ONE_DAY, Period, days_between, is_working_day, parse

TIMES = {"payments": "paid_at", "calls": "started_at", "visits": "visited_at", "messages": "sent_at"}
"""The tables of what happens, and when it did."""
LONGER = ("week", "half_month", "month", "quarter", "year")


def begins_on(data: Data, kpi: str) -> date | None:
    """The first day of the KPI's data: that of the table that begins last; None where it needs no table of events."""
    names = {name for need in kpi_codes()[kpi].needs for name in re.findall(r"(\w+)\.", need)}
    days = [day for name in sorted(names & set(TIMES)) if (day := _first_day(data, name))]
    return max(days, default=None)


def _first_day(data: Data, table: str) -> date | None:
    if not data.has(table, TIMES[table]):
        return None

    def first() -> date | None:
        times = data.table(table, TIMES[table]).filter(~nw.col(TIMES[table]).is_null())
        day = eager(times.select(nw.col(TIMES[table]).min()))[TIMES[table]].to_list()[0]
        return None if day is None else day.date()

    return data.shared(f"first day of {table}", first)


def is_part(one: Period, asked: Period, data: Data, begins: date | None) -> bool:
    """Whether days of this period are missing.

    One that reaches beyond the period asked for is a part, as ISO week 53 is in a year of days. Before the data begin
    and after the day on which they stand only working days count: a week whose data end on Friday has all of them.
    """
    if one.first < asked.first or one.last > asked.last:
        return True
    unknown = days_between(data.as_of + ONE_DAY, one.last)
    if begins is not None:
        unknown += days_between(one.first, begins - ONE_DAY)
    return any(is_working_day(day, data.country, data.working_week) for day in unknown if day in one)


def parts_among(data: Data, asked: Period, named: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of KPIs and labels of periods those that are parts. Days and hours are none, nor is what has no such label."""
    found, begins = set(), {}
    for kpi, label in named:
        if kpi not in begins:
            begins[kpi] = begins_on(data, kpi)
        one = asked if label == asked.label else _parsed(label, asked.start_day)
        if one is not None and one.kind in LONGER and is_part(one, asked, data, begins[kpi]):
            found.add((kpi, label))
    return found


def _parsed(label: str, start_day: int) -> Period | None:
    try:
        return parse(label, start_day)
    except ValueError:
        return None
