"""Things to look at, each on its smallest case: catalogue row 0.3 and the ways of gaming a number that are fraud."""

from datetime import date
from typing import Any

import pytest
from kpi_cases import ACCOUNTS, AS_OF, TEAM, data_of, of, same_on_every_engine, values

from toolkit.kpis.irregular import irregularities

PAID = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,channel,payer_phone,reverses,posted_by\n"
CALLS = "call_id,agent_id,account_id,started_at,right_party,disposition\n"
OWNED = "account_id,agent_id,assigned_on,ended_on\n"
CUSTOMERS = "account_id,customer_id,product,activated_on,currency,closed_on\n" + "".join(
    f"L{n},C{n},lamp,2026-03-28,KES,\n" for n in range(1, 7)
)


def paid(*rows: str) -> str:
    """account, paid_at, amount[, channel[, payer_phone[, reverses[, agent[, posted_by]]]]]."""
    lines = []
    for number, row in enumerate(rows, 1):
        account, at, amount, channel, phone, reverses, agent, poster = (
            [cell.strip() for cell in row.split(",")] + [""] * 5
        )[:8]
        lines.append(
            f"M{number},{account},{agent},{at},{amount},KES,instalment,{channel},{phone},{reverses},{poster}\n"
        )
    return PAID + "".join(lines)


def listed(
    kind: str, as_of: date = AS_OF, definitions: dict[str, Any] | None = None, **tables: str
) -> list[tuple[Any, ...]]:
    """agent, account and reference of what is listed under a kind."""
    given = {"accounts": CUSTOMERS, "payments": paid("L1, 2026-03-29 10:00, 1"), **tables}
    rows = irregularities(data_of(as_of, definitions, **given))
    mine = rows.filter(rows["kind"] == kind)
    return list(mine.select("agent_id", "account_id", "reference").rows())


@pytest.mark.parametrize(("customers", "found"), [(5, 1), (4, 0)])
def test_one_payer_for_five_customers_is_listed_and_for_four_not(customers: int, found: int) -> None:
    rows = paid(*(f"L{n}, 2026-03-29 10:00, 10, mpesa, +254711000001" for n in range(1, customers + 1)))
    assert len(listed("one_payer_of_many", payments=rows)) == found


def test_five_payments_for_one_customer_are_one_customers() -> None:
    rows = paid(*(f"L1, 2026-03-29 1{n}:00, 10, mpesa, +254711000001" for n in range(5)))
    assert listed("one_payer_of_many", payments=rows) == []


def test_an_agents_own_number_as_payer_or_as_a_customers_number_is_listed() -> None:
    people = TEAM.replace("left_on", "left_on,msisdn").replace("2026-01-01,\n", "2026-01-01,,+254711000001\n", 1)
    people = "\n".join(line if line.count(",") == 7 else line + "," for line in people.splitlines()) + "\n"
    accounts = CUSTOMERS.replace("closed_on", "closed_on,phones").replace("KES,\n", "KES,,\n")
    accounts = accounts.replace("L2,C2,lamp,2026-03-28,KES,,", "L2,C2,lamp,2026-03-28,KES,,+254722000002;+254711000001")
    rows = paid("L1, 2026-03-29 10:00, 10, mpesa, +254711000001", "L3, 2026-03-29 10:00, 10, mpesa, +254722000002")
    found = listed("agents_number", agents=people, accounts=accounts, payments=rows)
    assert found == [("A1", "L2", "+254711000001"), ("A1", "L1", "M1")]


@pytest.mark.parametrize(
    ("paid_on", "back_on", "found"),
    [
        ("2026-02-27", "2026-03-10", 1),
        ("2026-02-27", "2026-03-11", 0),
        ("2026-03-01", "2026-03-05", 0),  # in the same month
        ("2026-01-31", "2026-03-02", 0),  # a month later
    ],
)
def test_a_payment_taken_back_just_after_its_month_was_counted_is_listed(
    paid_on: str, back_on: str, found: int
) -> None:
    rows = paid(f"L1, {paid_on} 10:00, 10", f"L1, {back_on} 10:00, -10, , , M1")
    tables = {"payments": rows, "assignments": OWNED + "L1,A2,2026-01-01,\n"}
    assert listed("taken_back_after_payday", **tables) == [("A2", "L1", "M1")] * found
    assert listed("taken_back", **tables) == [("A2", "L1", "M1")]


@pytest.mark.parametrize(
    ("paid_on", "found"), [("2026-03-09", 0), ("2026-03-10", 1), ("2026-03-13", 1), ("2026-03-14", 0)]
)
def test_a_payment_just_after_the_account_was_given_to_another_is_listed(paid_on: str, found: int) -> None:
    owners = OWNED + "L1,A1,2026-01-01,2026-03-09\nL1,A2,2026-03-10,\nL2,A2,2026-03-10,\n"
    rows = paid(f"L1, {paid_on} 10:00, 10", f"L2, {paid_on} 10:00, 10")  # L2 was nobody's before
    found_rows = listed("reassigned_before_payment", payments=rows, assignments=owners)
    assert found_rows == [("A2", "L1", "M1")] * found


def test_the_place_of_the_visit_before_is_listed_where_the_customer_is_another() -> None:
    visits = "visit_id,agent_id,account_id,visited_at,latitude,longitude\n" + "".join(
        f"V{n},A1,{account},2026-03-29 1{n}:00,{place}\n"
        for n, (account, place) in enumerate([("L1", "-1,36"), ("L1", "-1,36"), ("L2", "-1,36"), ("L3", "-1.001,36")])
    )
    assert listed("copied_places", visits=visits) == [("A1", "L2", "V2")]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("2026-02-28 10:00,yes,promise", 1),  # thirty days before
        ("2026-02-27 10:00,yes,promise", 0),
        ("2026-03-20 10:00,no,no_answer", 0),
        ("2026-03-30 12:00,yes,promise", 0),  # after it
    ],
)
def test_a_wrong_number_where_somebody_has_just_been_reached_is_listed(before: str, found: int) -> None:
    calls = CALLS + f"K1,A2,L2,{before}\nK2,A1,L2,2026-03-30 10:00,no,wrong_number\n"
    assert listed("wrong_number_on_good_account", calls=calls) == [("A1", "L2", "K2")] * found


def test_and_where_the_customer_has_just_paid() -> None:
    calls = CALLS + "K2,A1,L2,2026-03-30 10:00,no,wrong_number\n"
    good = listed("wrong_number_on_good_account", calls=calls, payments=paid("L2, 2026-03-29 10:00, 10"))
    assert good == [("A1", "L2", "K2")]
    assert listed("wrong_number_on_good_account", calls=calls) == []


def test_cash_that_an_agent_brought_is_listed_and_the_customers_own_is_not() -> None:
    rows = paid(
        "L1, 2026-03-29 10:00, 10, Cash, , , A1", "L2, 2026-03-29 10:00, 10, cash, , , , A2",
        "L3, 2026-03-29 10:00, 10, cash", "L4, 2026-03-29 10:00, 10, mpesa, , , A1",
    )  # fmt: skip
    assert listed("cash_of_agents", payments=rows) == [("A1", "L1", "M1"), ("A2", "L2", "M2")]


@pytest.mark.parametrize(("begun", "found"), [("2026-03-24", 0), ("2026-03-23", 1)])
def test_who_has_not_paid_since_the_activation_is_listed_after_more_than_seven_days(begun: str, found: int) -> None:
    head = "account_id,customer_id,product,activated_on,currency,closed_on\n"
    accounts = head + f"L1,C1,lamp,2026-03-28,KES,\nL2,C2,lamp,{begun},KES,\n"
    assert listed("never_paid", accounts=accounts) == [(None, "L2", "L2")] * found
    closed = accounts.replace(f"{begun},KES,", f"{begun},KES,2026-03-30")
    assert listed("never_paid", accounts=closed) == []


@pytest.mark.parametrize(("as_of", "found"), [(date(2026, 3, 30), 0), (date(2026, 3, 31), 1)])
def test_who_paid_every_three_days_and_has_stopped_is_listed_after_three_times_as_long(as_of: date, found: int) -> None:
    # the last three gaps are 3, 2 and 3 days; the last payment was on the 21st, 9 days before the 30th
    days = ("01", "13", "16", "18", "21")
    rows = paid(*(f"L1, 2026-03-{day} 10:00, 10" for day in days))
    assert listed("pattern_broken", as_of, payments=rows) == [(None, "L1", "L1")] * found
    few = paid(*(f"L1, 2026-03-{day} 10:00, 10" for day in days[2:]))
    assert listed("pattern_broken", as_of, payments=few) == []


def test_they_are_counted_by_agent_and_day_and_nobodys_for_everybody() -> None:
    rows = paid("L1, 2026-03-29 10:00, 10, cash, , , A1", "L1, 2026-03-30 10:00, -10, , , M1")
    data = data_of(accounts=CUSTOMERS, payments=rows)
    assert of(data, "irregularities_to_review", "A1") == (2, None)  # cash, and taken back
    assert of(data, "irregularities_to_review", "A1", "2026-03-29", "day") == (1, None)
    nobodys = data_of(accounts=ACCOUNTS, payments=rows)
    assert of(nobodys, "irregularities_to_review", "") == (2 + 3, None)  # L2 to L4 never paid


def test_engines_agree_and_what_is_missing_is_named() -> None:
    rows = paid("L1, 2026-03-29 10:00, 10, cash, +254711000001, , A1", "L1, 2026-03-30 10:00, -10, , , M1")
    calls = CALLS + "K2,A1,L1,2026-03-30 10:00,no,wrong_number\n"
    data = data_of(accounts=ACCOUNTS, payments=rows, calls=calls, assignments=OWNED + "L1,A1,2026-01-01,\n")
    same_on_every_engine(data, "irregularities_to_review")
    assert "payments" in str(values(data_of(), "irregularities_to_review").problems[0])
