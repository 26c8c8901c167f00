"""Calls of customers to be expected, on weeks that one can count: catalogue row 2.21."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest
from kpi_cases import data_of, of, same_on_every_engine, values

from toolkit.kpis.data import Data

MONDAY = date(2026, 3, 2)
WEEK = timedelta(days=7)


def calls(counts: list[int], hour: int = 9, last: date = MONDAY) -> str:
    """So many calls of customers in one hour of each Monday, the last of them on `last`."""
    rows = ["call_id,agent_id,account_id,started_at,direction,connected"]
    for back, count in enumerate(reversed(counts)):
        day = last - WEEK * back
        rows += [f"K{day}{n},A1,L1,{day} {hour:02}:{n:02},in,yes" for n in range(count)]
    return "\n".join(rows) + "\n"


def expected(counts: list[int], as_of: date = MONDAY, day: date = MONDAY) -> object:
    found = of(data_of(as_of, calls=calls(counts, last=as_of)), "volume_expected", "", str(day), "day")
    return None if found is None else found[0]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ([10, 20, 30], 0),  # three weeks are not enough to go by
        ([10, 20, 30, 60], 25),  # the median of four
        ([10, 20, 30, 60, 60], 30),
    ],
)
def test_an_hour_is_the_median_of_four_weeks_or_more(before: list[int], found: float) -> None:
    assert expected([*before, 7]) == found


def test_with_eight_weeks_the_trend_of_the_last_four_counts_and_a_ninth_week_is_forgotten() -> None:
    flat, doubled = [10] * 8, [10] * 4 + [20] * 4
    assert expected([*flat, 7]) == 10
    assert expected([*doubled, 7]) == 15 * 2  # the median of 10, 10, 10, 10, 20, 20, 20 and 20, times 80 / 40
    assert expected([50, *flat, 7]) == 10


def test_weeks_to_come_are_expected_up_to_a_fortnight_and_no_further() -> None:
    weeks = [10, 20, 30, 60]
    assert expected(weeks, day=MONDAY + WEEK) == 25
    assert expected(weeks, day=MONDAY + 2 * WEEK) == 25
    assert expected(weeks, day=MONDAY + 3 * WEEK) in (None, 0)
    assert expected(weeks, day=MONDAY + timedelta(days=1)) == 0  # nobody ever called on a Tuesday


def test_an_hour_without_a_call_counts_as_a_quiet_week() -> None:
    assert expected([10, 0, 0, 20, 7]) == 5


@pytest.mark.parametrize(("came", "error"), [(25, 0), (20, 5), (40, 15)])
def test_the_error_is_what_came_more_or_less_of_what_came(came: int, error: int) -> None:
    data = data_of(MONDAY, calls=calls([10, 20, 30, 60, came]))
    assert of(data, "volume_error", "") == (error, came)


def test_every_week_is_tried_on_what_was_known_before_it() -> None:
    data = data_of(MONDAY, calls=calls([10, 10, 10, 10, 12, 10]))
    assert of(data, "volume_error", "", "2026", "year") == (2, 22)
    # an error of 20 % is the most that is wanted; this is 9 %
    assert values(data, "volume_error").values["value"].drop_nulls().max() < 0.2


def test_a_public_holiday_teaches_nothing_and_is_not_judged() -> None:
    """6 April 2026 is Easter Monday in Kenya."""
    easter = date(2026, 4, 6)
    weeks = [10, 20, 30, 60, 0]  # the last one is Easter Monday
    kenya = replace(data_of(date(2026, 4, 13), calls=calls([*weeks, 9], last=date(2026, 4, 13))), country="KE")
    assert of(kenya, "volume_expected", "", str(easter), "day") in (None, (0, None))
    assert of(kenya, "volume_expected", "", "2026-04-13", "day") == (25, None)
    elsewhere = replace(kenya, country="", _shared={})
    assert of(elsewhere, "volume_expected", "", "2026-04-13", "day") == (20, None)


def test_hours_are_expected_by_themselves_and_for_everybody_together() -> None:
    data = data_of(MONDAY, calls=calls([4] * 5) + "".join(calls([6] * 5, hour=15).replace("K", "L").split("\n", 1)[1]))
    run = values(data, "volume_expected", str(MONDAY), "hour").values
    assert dict(run.filter(pl.col("scope_kind") == "all").select("period", "numerator").iter_rows()) == {
        f"{MONDAY}T09": 4.0,
        f"{MONDAY}T15": 6.0,
    }
    assert run.filter(pl.col("scope_kind") == "agent").is_empty()


@pytest.mark.parametrize("kpi", ["volume_expected", "volume_error"])
def test_engines_agree_calls_made_are_none_and_no_calls_expect_nothing(kpi: str) -> None:
    made = calls([10] * 6).replace(",in,", ",out,")
    same_on_every_engine(data_of(MONDAY, calls=calls([10, 20, 30, 60, 7])), kpi)
    for rows in (made, made.splitlines()[0] + "\n"):
        run = values(data_of(MONDAY, calls=rows), kpi)
        assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert "calls.agent_id" in str(
        values(Data.of({"agents": data_of().tables["agents"].to_native()}, MONDAY), kpi).problems[0]
    )
