"""Weeks that are cut, by the ends of the data or of the year, are parts: marked, and never judged as whole weeks."""

from datetime import date, timedelta
from typing import Any

import pytest
from kpi_cases import data_of

from toolkit.definitions import Definitions
from toolkit.kpis.data import Data
from toolkit.parts import begins_on, parts_among
from toolkit.periods import days_between, is_working_day, parse
from toolkit.score_targets import Goals, WorkingDays
from toolkit.trends.days import Mark
from toolkit.watching import Seen, watch

TEAM = "agent_id,name,role,team,branch,started_on,left_on\nA1,Asha,call_agent,North,Nakuru,2025-01-01,\n"
CALLS = "call_id,agent_id,account_id,started_at,connected,right_party\n"


def desk(first: date, last: date, as_of: date | None = None, a_day: int = 10) -> Data:
    """So many calls every working day, give or take one."""
    lines = [
        f"K{day}{n},A1,L1,{day} {9 + n // 9:02}:{n % 9 * 6:02},yes,{'yes' if n % 2 else 'no'}"
        for at, day in enumerate(days_between(first, last))
        if is_working_day(day, "")
        for n in range(a_day + (at % 3) - 1)
    ]
    accounts = "account_id,customer_id,product,activated_on,currency\nL1,C1,lamp,2025-01-01,KES\n"
    return data_of(as_of or last, agents=TEAM, accounts=accounts, calls=CALLS + "\n".join(lines) + "\n")


def weeks(data: Data, period: str, kpi: str = "calls", marks: tuple[Mark, ...] = ()) -> Seen:
    goals = Goals([], WorkingDays(data.teams, Definitions()))
    found = watch(data, parse(period), [kpi], goals, marks, by="week")
    return next(one for one in found.seen if one.scope_kind == "all")


def marked(data: Data, period: str, *labels: str) -> set[str]:
    return {label for _, label in parts_among(data, parse(period), [("calls", label) for label in labels])}


def test_the_week_of_the_years_end_is_a_part_of_either_year_and_whole_by_itself() -> None:
    """ISO week 53 of 2026 is 28 December to 3 January; week 1 begins on the 4th."""
    data = desk(date(2026, 9, 1), date(2027, 1, 31))
    assert marked(data, "2026", "2026-W52", "2026-W53") == {"2026-W53"}
    assert marked(data, "2027-01", "2026-W53", "2027-W01") == {"2026-W53"}
    assert marked(data, "2026-W53", "2026-W53") == set()


def test_the_trend_of_a_year_does_not_take_the_four_days_of_its_last_week_for_a_drop() -> None:
    found = weeks(desk(date(2026, 1, 1), date(2026, 12, 31)), "2026-12")
    assert found.parts == ["2026-W53"]
    assert (found.trend.word, found.trend.signals) == ("steady", ())
    assert max(point.day for point in found.points) == date(2026, 12, 21)


def test_the_first_week_of_a_january_is_whole_where_the_data_go_back_to_december() -> None:
    found = weeks(desk(date(2026, 6, 1), date(2027, 1, 31)), "2027-01")
    assert date(2026, 12, 28) in [point.day for point in found.points]
    assert found.parts == []
    assert found.trend.word == "steady"


@pytest.mark.parametrize(
    ("last", "as_of", "parts"),
    [
        (date(2026, 10, 21), date(2026, 10, 21), ["2026-W43"]),  # Wednesday
        (date(2026, 10, 22), date(2026, 10, 22), ["2026-W43"]),
        (date(2026, 10, 23), date(2026, 10, 23), []),  # Friday: no working day is left
        (date(2026, 10, 23), date(2026, 10, 25), []),
        (date(2026, 10, 26), date(2026, 10, 26), ["2026-W44"]),
    ],
)
def test_a_week_that_the_end_of_the_data_cuts_is_a_part(last: date, as_of: date, parts: list[str]) -> None:
    found = weeks(desk(date(2026, 6, 1), last, as_of), "2026-10")
    assert found.parts == parts
    assert found.trend.word == "steady"


@pytest.mark.parametrize(
    ("first", "parts"), [(date(2026, 8, 3), []), (date(2026, 8, 4), ["2026-W32"]), (date(2026, 8, 7), ["2026-W32"])]
)
def test_a_week_that_the_beginning_of_the_data_cuts_is_a_part_and_makes_no_limits(
    first: date, parts: list[str]
) -> None:
    found = weeks(desk(first, date(2026, 10, 30)), "2026-10")
    assert found.parts == [*parts, "2026-W44"]  # Sunday 1 November is not October's
    assert min(point.day for point in found.points) == date(2026, 8, 3) + timedelta(7 * len(parts))


def test_the_data_of_a_kpi_begin_with_the_table_that_begins_last() -> None:
    calls = desk(date(2026, 10, 7), date(2026, 10, 30))
    assert begins_on(calls, "calls") == date(2026, 10, 7)
    assert begins_on(calls, "collected") is None
    assert marked(calls, "2026-10", "2026-W41", "2026-W42", "2026-10-07") == {"2026-W41"}
    assert parts_among(calls, parse("2026-10"), [("calls", "2026-10")]) == {("calls", "2026-10")}


def test_a_real_drop_of_whole_weeks_is_found_and_marked_weeks_are_left_out() -> None:
    lines = [
        f"K{day}{n},A1,L1,{day} {9 + n // 9:02}:{n % 9 * 6:02},yes,yes"
        for at, day in enumerate(days_between(date(2026, 5, 4), date(2026, 10, 25)))
        if is_working_day(day, "")
        for n in range((3 if day >= date(2026, 10, 12) else 10) + (at % 3) - 1 + day.isocalendar().week % 2)
    ]
    given: dict[str, Any] = {"agents": TEAM, "calls": CALLS + "\n".join(lines) + "\n"}
    given["accounts"] = "account_id,customer_id,product,activated_on,currency\nL1,C1,lamp,2025-01-01,KES\n"
    data = data_of(date(2026, 10, 25), **given)
    found = weeks(data, "2026-10")
    assert (found.trend.word, found.trend.bad) == ("drop", True)
    assert [signal.day for signal in found.trend.signals] == [date(2026, 10, 12), date(2026, 10, 19)]
    school = Mark.between("School fees", date(2026, 10, 13), date(2026, 10, 23))
    left = weeks(data, "2026-10", marks=(school,))
    assert left.trend.word == "steady"
    assert [one.why for one in left.left_out] == ["marked", "marked"]
