"""Visits and cases seen from outside, counted by hand: catalogue rows 3.1, 3.4, 3.5, 3.8 and 3.11."""

from datetime import date
from typing import Any

import pytest
from kpi_cases import data_of, note, of, same_on_every_engine, values

from toolkit.kpis.open_cases import OPEN_CASES
from toolkit.kpis.rounds import ROUNDS

VISITS = "visit_id,agent_id,account_id,visited_at,met,flags,latitude,longitude\n"
CALLS = "call_id,agent_id,account_id,started_at,direction,right_party\n"
SMS = "message_id,account_id,sent_at,channel\n"
V1 = "V1,A1,L2,2026-03-20 09:00,customer,,,\n"


def calls(*rows: tuple[str, str]) -> str:
    """Outbound calls to L2: when, and whether they reached the customer."""
    return CALLS + "".join(f"K{n},A2,L2,2026-03-{at},out,{spoken}\n" for n, (at, spoken) in enumerate(rows))


def unresponsive(rows: str, sms: str = "S1,L2,2026-03-10 10:00,sms\n", **rules: Any) -> Any:
    return of(data_of(visits=VISITS + V1, calls=rows, messages=SMS + sms, definitions=rules), "visits_to_unresponsive")


FAILED = [("06 10:00", "no"), ("09 10:00", "no"), ("19 18:00", "")]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (FAILED, 1),
        (FAILED[1:], 0),  # two failed calls are not three
        ([("05 23:59", "no"), *FAILED[1:]], 0),  # 15 days before the visit
        ([*FAILED[:2], ("20 08:00", "no")], 0),  # the day of the visit itself says nothing of before
        ([*FAILED, ("10 10:00", "yes")], 0),  # somebody spoke to the customer
        ([*FAILED, ("05 10:00", "yes")], 1),  # but that was too long ago
    ],
)
def test_a_customer_is_unresponsive_after_enough_failed_calls_and_no_conversation(
    rows: list[tuple[str, str]], found: int
) -> None:
    assert unresponsive(calls(*rows)) == (found, 1)


@pytest.mark.parametrize(("sent", "found"), [("2026-03-06 00:00", 1), ("2026-03-05 23:59", 0), ("2026-03-20 08:00", 0)])
def test_and_after_a_message_in_the_same_days(sent: str, found: int) -> None:
    assert unresponsive(calls(*FAILED), f"S1,L2,{sent},sms\n") == (found, 1)


def test_how_many_calls_messages_and_days_are_meant_can_be_set() -> None:
    assert unresponsive(calls(*FAILED[1:]), "", unresponsive_calls=2, unresponsive_messages=0) == (1, 1)
    assert unresponsive(calls(*FAILED), unresponsive_days=13) == (0, 1)


def test_a_customer_who_called_in_is_not_unresponsive_and_a_visit_to_no_account_is_not_counted() -> None:
    came_in = calls(*FAILED) + "K9,A2,L2,2026-03-12 10:00,in,yes\n"
    assert unresponsive(came_in) == (0, 1)
    nowhere = VISITS + V1 + "V2,A1,,2026-03-20 10:00,nobody,,,\n"
    assert of(data_of(visits=nowhere, calls=CALLS), "visits_to_unresponsive") == (0, 1)


def places(*rows: str) -> str:
    """Visits of A1 on 20 March: account, clock, latitude, longitude."""
    lines = []
    for number, row in enumerate(rows):
        account, clock, north, east = row.split(",")
        lines.append(f"V{number},A1,{account},2026-03-20 {clock},customer,,{north},{east}\n")
    return VISITS + "".join(lines)


@pytest.mark.parametrize(
    ("second", "found"),
    [
        ("L2,09:30,-1.0,36.0", 1),  # where the other customer lives, to the last digit
        ("L4,09:30,-1.0,36.0", 0),  # L1 and L4 are one customer's
        ("L2,09:30,-1.0001,36.0", 0),  # next door
        ("L2,10:00,-1.71,36.0", 0),  # 79 km in an hour
        ("L2,10:00,-1.73,36.0", 1),  # 81 km
        ("L2,09:00,-1.0001,36.0", 1),  # at the same moment
        ("L2,09:30,,36.0", 0),  # without a place there is nothing to say
    ],
)
def test_a_visit_is_implausible_where_the_one_before_was_or_further_than_one_gets(second: str, found: int) -> None:
    base = 1 if ",," in second else 2
    data = data_of(visits=places("L1,09:00,-1.0,36.0", second))
    assert of(data, "implausible_visits") == (found, base)


def test_the_fastest_travel_can_be_set_and_another_days_visits_are_no_neighbours() -> None:
    rows = places("L1,09:00,-1.0,36.0", "L2,10:00,-1.73,36.0")
    assert of(data_of(visits=rows, definitions={"fastest_travel": 90}), "implausible_visits") == (0, 2)
    apart = rows.replace("V1,A1,L2,2026-03-20", "V1,A1,L2,2026-03-21")
    assert of(data_of(visits=apart), "implausible_visits") == (0, 2)


AREAS = """account_id,customer_id,product,activated_on,currency,area
L1,C1,lamp,2026-01-01,KES,Kisii
L2,C2,lamp,2026-01-01,KES,Kisii
L3,C3,lamp,2026-01-01,KES,Embu
L4,C4,lamp,2026-01-01,KES,
"""


def flagged(*rows: str) -> str:
    """Visits with a flag: account, day, flag."""
    cells = (row.split(",") for row in rows)
    return VISITS + "".join(
        f"V{number},A1,{account},{day} 09:00,customer,{flag},,\n" for number, (account, day, flag) in enumerate(cells)
    )


@pytest.mark.parametrize(
    ("third", "found"),
    [
        ("L2,2026-03-31,fraud", 1),  # 30 days after the first
        ("L2,2026-04-01,fraud", 0),
        ("L2,2026-03-20,theft", 0),
        ("L3,2026-03-20,fraud", 0),  # elsewhere
        ("L4,2026-03-20,fraud", 0),  # nobody knows where
        ("L2,2026-03-20,", 0),
    ],
)
def test_three_flags_of_one_kind_in_one_area_within_thirty_days_are_a_cluster(third: str, found: int) -> None:
    rows = flagged("L1,2026-03-01,fraud", "L2,2026-03-10,fraud", third)
    data = data_of(date(2026, 4, 30), accounts=AREAS, visits=rows)
    assert of(data, "risk_clusters", period="2026", grain="year") == (found, None)


def test_the_fourth_makes_it_a_cluster_again_and_two_are_enough_if_so_set() -> None:
    rows = flagged(*(f"L1,2026-03-{day:02},fraud" for day in (1, 5, 9, 30)))
    assert of(data_of(accounts=AREAS, visits=rows), "risk_clusters") == (2, None)
    assert of(data_of(accounts=AREAS, visits=rows, definitions={"cluster_flags": 2}), "risk_clusters") == (3, None)


CASES = """case_id,account_id,agent_id,kind,opened_on,closed_on,value
X1,L1,A1,police,2026-02-10,2026-03-05,100.50
X2,L2,A1,police,2026-02-20,,200
X3,L3,A1,money_lender,2026-03-31,,
X4,L3,A2,legal,2026-04-01,,50
"""


def test_cases_open_and_their_value_run_up_and_closed_ones_leave() -> None:
    data = data_of(date(2026, 4, 30), cases=CASES)
    assert [of(data, "cases_open", period=month) for month in ("2026-02", "2026-03")] == [(2, None), (2, None)]
    assert [of(data, "value_under_case", period=month)[0] for month in ("2026-02", "2026-03")] == [300.5, 200]
    assert of(data, "cases_open", "", "2026-04") == (3, None)
    assert of(data, "cases_open", "", "2026-03-04", "day") == (2, None)
    assert of(data, "cases_open", "", "2026-03-05", "day") == (1, None)  # closed on its day


def test_the_age_of_open_cases_is_that_on_the_last_day_of_the_data() -> None:
    data = data_of(cases=CASES)
    assert of(data, "case_age") == (39 + 0, 2)  # 20 February to 31 March, and today
    assert of(data_of(date(2026, 3, 4), cases=CASES), "case_age") == (22 + 12, 2)
    assert note(data_of(date(2026, 2, 1), cases=CASES), "case_age", period="2026-02")[:2] == (None, "no base")


EVERYTHING = {
    "visits": flagged("L1,2026-03-01,fraud", "L2,2026-03-10,fraud", "L2,2026-03-12,fraud")
    + places("L1,09:00,-1.0,36.0", "L2,09:05,-1.0,36.0").split("\n", 1)[1].replace("V", "W"),
    "calls": calls(*FAILED),
    "messages": SMS + "S1,L2,2026-03-10 10:00,sms\n",
    "cases": CASES,
    "accounts": AREAS,
}
KPIS = {**ROUNDS, **OPEN_CASES}


@pytest.mark.parametrize("kpi", KPIS)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    data = data_of(**EVERYTHING)
    assert not values(data, kpi).values.is_empty()
    same_on_every_engine(data, kpi)


@pytest.mark.parametrize("kpi", KPIS)
def test_missing_tables_are_named_and_empty_ones_give_nothing(kpi: str) -> None:
    assert "cannot be computed: the data have no" in str(values(data_of(), kpi).problems[0])
    heads = {name: text.splitlines()[0] + "\n" for name, text in EVERYTHING.items() if name != "accounts"}
    run = values(data_of(accounts=AREAS, **heads), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems
