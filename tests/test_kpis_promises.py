"""KPIs of promises: catalogue rows 2.2, 2.4, 1.11, 3.3, 4.10, and the ways in which people game them."""

import itertools
import random
from datetime import date, datetime, timedelta
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from kpi_cases import AS_OF, TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.promises import PROMISES as RULES
from toolkit.promises import alone, in_line, kept, shared

HEADER = "promise_id,account_id,agent_id,made_at,due_on,amount,cancelled_on\n"
PAID = "payment_id,account_id,paid_at,amount,currency,kind,reverses\n"
CALLED = "call_id,agent_id,account_id,started_at,direction,connected,right_party,disposition\n"


def promised(*rows: str) -> str:
    """Promises of A1 for L1 unless a row says more: made_at, due_on, amount[, cancelled_on[, account[, agent]]]."""
    lines = []
    for number, row in enumerate(rows, 1):
        made, due, amount, cancelled, account, agent = ([cell.strip() for cell in row.split(",")] + [""] * 3)[:6]
        lines.append(f"P{number},{account or 'L1'},{agent or 'A1'},{made},{due},{amount},{cancelled}\n")
    return HEADER + "".join(lines)


def paid(*rows: str) -> str:
    """Instalments on L1 unless a row says more: paid_at, amount[, account[, reverses]]."""
    lines = []
    for number, row in enumerate(rows, 1):
        at, amount, account, reverses = ([cell.strip() for cell in row.split(",")] + [""] * 2)[:4]
        lines.append(f"M{number},{account or 'L1'},{at},{amount},KES,instalment,{reverses}\n")
    return PAID + "".join(lines)


ONE = promised("2026-03-02 10:00, 2026-03-06, 100")
OTHERS = paid("2026-03-01 10:00, 1, L3")


def test_promises_are_counted_by_agent_team_and_day_of_making() -> None:
    data = data_of(promises=promised(
        "2026-03-02 10:00, 2026-03-06, 100", "2026-03-02 11:00, 2026-03-09, 50.50",
        "2026-03-03 10:00, 2026-03-09, 7,, L2, A2",
    ))  # fmt: skip
    assert [of(data, "ptp_count", scope) for scope in ("A1", "A2", "North", "")] == [
        (2, None), (1, None), (3, None), (3, None),
    ]  # fmt: skip
    assert of(data, "ptp_amount") == (150.5, None)
    assert of(data, "ptp_count", period="2026-03-02", grain="day") == (2, None)
    hours = values(data, "ptp_count", "2026-03-02", "hour").values.filter(pl.col("scope") == "A1")["period"]
    assert hours.to_list() == ["2026-03-02T10", "2026-03-02T11"]


@pytest.mark.parametrize(("due", "count"), [("2026-03-16", 1), ("2026-03-17", 0)])
def test_a_promise_due_too_far_ahead_is_none(due: str, count: int) -> None:
    found = of(data_of(promises=promised(f"2026-03-02 10:00, {due}, 100")), "ptp_count")
    assert found == (count, None)


@pytest.mark.parametrize(("amount", "count"), [("20.00", 1), ("19.99", 0)])
def test_tiny_promises_are_none_where_the_profile_has_a_least_amount(amount: str, count: int) -> None:
    rows = promised(f"2026-03-02 10:00, 2026-03-06, {amount}", "2026-03-02 10:00, 2026-03-07, 30")
    data = data_of(promises=rows, definitions={"promise_amount_at_least": 20})
    assert of(data, "ptp_count") == (1 + count, None)


def test_two_promises_for_one_account_and_due_day_are_one_the_first_made() -> None:
    data = data_of(promises=promised("2026-03-02 10:00, 2026-03-06, 100", "2026-03-03 10:00, 2026-03-06, 70,, L1, A2"))
    assert of(data, "ptp_amount", "") == (100, None)
    assert of(data, "ptp_amount", "A2") == (0, None)


def test_a_promise_cancelled_on_the_day_of_making_is_none_and_a_day_later_it_is_one() -> None:
    same, later = (promised(f"2026-03-02 10:00, 2026-03-06, 100, {day}") for day in ("2026-03-02", "2026-03-03"))
    assert of(data_of(promises=same), "ptp_count") == (0, None)
    assert of(data_of(promises=later), "ptp_count") == (1, None)


@pytest.mark.parametrize(("right_party", "count"), [("yes", 1), ("no", 0), ("", 1)])
def test_a_promise_of_somebody_else_is_none_where_calls_say_so(right_party: str, count: int) -> None:
    calls = CALLED + f"K1,A1,L1,2026-03-02 09:59,out,yes,{right_party},promise\n"
    found = of(data_of(promises=ONE, calls=calls), "ptp_count")
    assert found == (count, None)


def test_a_call_of_another_agent_account_or_day_says_nothing_about_a_promise() -> None:
    calls = CALLED + "".join(
        f"K{number},{agent},{account},{day} 09:00,out,yes,no,wrong_party\n"
        for number, (agent, account, day) in enumerate(
            [("A2", "L1", "2026-03-02"), ("A1", "L2", "2026-03-02"), ("A1", "L1", "2026-03-03")]
        )
    )
    assert of(data_of(promises=ONE, calls=calls), "ptp_count") == (1, None)


def test_promises_are_set_beside_right_party_contacts_made_or_received() -> None:
    calls = CALLED + (
        "K1,A1,L1,2026-03-02 09:59,out,yes,yes,promise\nK2,A1,L2,2026-03-02 11:00,in,yes,yes,call_back\n"
        "K3,A1,L3,2026-03-02 12:00,out,yes,no,wrong_party\n"
    )
    assert of(data_of(promises=ONE, calls=calls), "ptp_rate") == (1, 2)
    assert note(data_of(promises=ONE, calls=CALLED), "ptp_rate") == (None, "no base", 0)


def conversion(promises: str, payments: str, **rules: Any) -> Any:
    return of(data_of(promises=promises, payments=payments, definitions=rules), "ptp_conversion")


@pytest.mark.parametrize(
    ("at", "amount", "rules", "is_kept"),
    [
        ("2026-03-06 23:59", "100", {}, 1),
        ("2026-03-07 00:00", "100", {}, 0),
        ("2026-03-09 12:00", "100", {"promise_grace_days": 3}, 1),
        ("2026-03-10 00:01", "100", {"promise_grace_days": 3}, 0),
        ("2026-03-06 12:00", "99.99", {}, 0),
        ("2026-03-06 12:00", "90.00", {"promise_tolerance": "0.9"}, 1),
        ("2026-03-06 12:00", "89.99", {"promise_tolerance": "0.9"}, 0),
        ("2026-03-02 10:00", "100", {}, 0),
        ("2026-03-02 10:01", "100", {}, 1),
    ],
)
def test_a_promise_is_kept_by_enough_money_after_it_and_in_time(
    at: str, amount: str, rules: dict[str, Any], is_kept: int
) -> None:
    assert conversion(ONE, paid(f"{at}, {amount}"), **rules) == (is_kept, 1)


def test_several_payments_keep_a_promise_together() -> None:
    assert conversion(ONE, paid("2026-03-03 10:00, 60", "2026-03-06 10:00, 40")) == (1, 1)


def test_a_payment_that_was_taken_back_keeps_nothing() -> None:
    assert conversion(ONE, paid("2026-03-06 10:00, 100", "2026-03-20 10:00, -100, L1, M1")) == (0, 1)
    assert conversion(ONE, paid("2026-03-06 10:00, 120", "2026-03-20 10:00, -20, L1, M1")) == (1, 1)


def test_promises_count_in_the_month_in_which_they_are_due() -> None:
    data = data_of(
        as_of=date(2026, 4, 30),
        promises=promised("2026-03-25 10:00, 2026-04-01, 100"),
        payments=paid("2026-03-31 10:00, 100"),
    )
    assert of(data, "ptp_conversion") == (0, 0)
    assert of(data, "ptp_conversion", period="2026-04") == (1, 1)


@pytest.mark.parametrize(("due", "grace", "waits"), [("2026-03-31", 0, 0), ("2026-03-31", 1, 1), ("2026-03-30", 1, 0)])
def test_what_is_not_over_waits_even_if_it_is_paid_already(due: str, grace: int, waits: int) -> None:
    data = data_of(
        promises=promised(f"2026-03-25 10:00, {due}, 100"),
        payments=paid("2026-03-26 10:00, 100"),
        definitions={"promise_grace_days": grace},
    )
    assert of(data, "ptp_conversion") == (1 - waits, 1 - waits)
    assert note(data, "ptp_conversion")[1:] == (("immature", 1) if waits else ("low n", 0))


def test_one_payment_cannot_keep_two_promises() -> None:
    two = promised("2026-03-02 10:00, 2026-03-06, 100", "2026-03-03 10:00, 2026-03-09, 100")
    assert conversion(two, paid("2026-03-05 10:00, 100")) == (1, 2)
    assert conversion(two, paid("2026-03-05 10:00, 199.99")) == (1, 2)
    assert conversion(two, paid("2026-03-05 10:00, 200")) == (2, 2)


def test_the_instalments_of_a_plan_are_paid_one_after_the_other() -> None:
    plan = promised(*(f"2026-03-02 10:00, 2026-03-{day}, 100" for day in ("06", "09", "13")))
    assert conversion(plan, paid("2026-03-05 10:00, 250")) == (2, 3)
    assert conversion(plan, paid("2026-03-07 10:00, 100")) == (1, 3)  # too late for the first, in time for the second


def test_money_that_came_too_late_for_one_promise_serves_the_next() -> None:
    two = promised("2026-03-02 10:00, 2026-03-04, 100", "2026-03-03 10:00, 2026-03-09, 100")
    assert conversion(two, paid("2026-03-04 10:00, 60", "2026-03-05 10:00, 100")) == (1, 2)


def test_a_cancelled_promise_is_out_unless_it_was_kept_before() -> None:
    gone = promised("2026-03-02 10:00, 2026-03-06, 100, 2026-03-05", "2026-03-02 10:00, 2026-03-07, 1,, L2")
    assert conversion(gone, paid("2026-03-06 10:00, 100")) == (0, 1)
    assert conversion(gone, paid("2026-03-04 10:00, 100")) == (1, 2)


@pytest.mark.parametrize(
    ("again_on", "result"), [("2026-03-05", (1, 1)), ("2026-03-06", (1, 2)), ("2026-03-07", (1, 2))]
)
def test_a_new_date_given_on_the_due_day_or_later_leaves_the_old_promise_broken(again_on: str, result: Any) -> None:
    rows = promised(f"2026-03-02 10:00, 2026-03-06, 100, {again_on}", f"{again_on} 10:00, 2026-03-12, 100")
    assert conversion(rows, paid("2026-03-12 10:00, 100")) == result


def test_a_promise_taken_down_again_for_the_same_day_after_it_was_given_up_is_judged() -> None:
    rows = promised("2026-03-02 10:00, 2026-03-06, 100, 2026-03-03", "2026-03-04 10:00, 2026-03-06, 50")
    assert conversion(rows, paid("2026-03-06 10:00, 50")) == (1, 1)


OUT = "incident_id,kind,area,started_at,ended_at\n"


@pytest.mark.parametrize(
    ("incident", "at", "is_kept"),
    [
        ("mobile_money,,2026-03-06 14:00,2026-03-06 18:00", "2026-03-07 20:00", 1),
        ("mobile_money,,2026-03-06 14:00,2026-03-06 18:00", "2026-03-08 00:00", 0),
        ("mobile_money,,2026-03-05 14:00,2026-03-07 18:00", "2026-03-08 20:00", 1),
        ("mobile_money,,2026-03-05 14:00,2026-03-05 18:00", "2026-03-07 20:00", 0),
        ("network,,2026-03-06 14:00,2026-03-06 18:00", "2026-03-07 20:00", 0),
        ("mobile_money,Kisii,2026-03-06 14:00,2026-03-06 18:00", "2026-03-07 20:00", 1),
        ("mobile_money,Embu,2026-03-06 14:00,2026-03-06 18:00", "2026-03-07 20:00", 0),
    ],
)
def test_an_outage_of_mobile_money_gives_until_the_day_after(incident: str, at: str, is_kept: int) -> None:
    accounts = "account_id,customer_id,product,activated_on,currency,area\nL1,C1,lamp,2026-01-01,KES,Kisii\n"
    data = data_of(promises=ONE, payments=paid(f"{at}, 100"), incidents=OUT + f"I1,{incident}\n", accounts=accounts)
    assert of(data, "ptp_conversion") == (is_kept, 1)


def test_an_outage_that_goes_on_keeps_promises_waiting() -> None:
    rows = promised("2026-03-25 10:00, 2026-03-30, 100")
    data = data_of(promises=rows, payments=OTHERS, incidents=OUT + "I1,mobile_money,,2026-03-30 08:00,\n")
    assert note(data, "ptp_conversion") == (None, "immature", 1)


def test_the_value_kept_is_what_came_and_at_most_what_was_promised() -> None:
    two = promised("2026-03-02 10:00, 2026-03-06, 100", "2026-03-02 10:00, 2026-03-06, 80,, L2")
    data = data_of(promises=two, payments=paid("2026-03-05 10:00, 150", "2026-03-05 10:00, 30.25, L2"))
    assert of(data, "ptp_conversion_value") == (130.25, 180)


def test_promises_due_after_their_agent_left_count_for_everybody_only() -> None:
    left = TEAM.replace(
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,", "A1,Asha,call_agent,North,Nakuru,2026-01-01,2026-03-04"
    )
    data = data_of(agents=left, promises=ONE, payments=OTHERS)
    assert (of(data, "ptp_conversion", "A1"), of(data, "ptp_conversion", "")) == ((0, 0), (0, 1))


def test_without_promises_there_is_nothing_to_say_and_missing_tables_are_named() -> None:
    assert of(data_of(promises=HEADER, payments=OTHERS), "ptp_conversion") == (0, 0)
    assert "payments" in str(values(data_of(promises=ONE), "ptp_conversion").problems[0])
    assert "promises" in str(values(data_of(), "ptp_count").problems[0])
    named = str(values(data_of(), "plans_agreed").problems[0])
    assert "calls.disposition" in named and "visits.outcome" in named


@pytest.mark.parametrize(
    ("called", "hours", "result"),
    [
        ("2026-03-05 23:59", 24, (0, 1)),
        ("2026-03-06 00:00", 24, (1, 1)),
        ("2026-03-07 23:59", 24, (1, 1)),
        ("2026-03-08 00:00", 24, (0, 1)),
        ("2026-03-08 05:59", 30, (1, 1)),
        ("2026-03-08 06:00", 30, (0, 1)),
    ],
)
def test_promises_are_followed_up_from_the_due_day_until_some_hours_after_it(
    called: str, hours: int, result: Any
) -> None:
    calls = CALLED + f"K1,A2,L1,{called},out,no,no,no_answer\nK2,A1,L1,2026-03-06 09:00,in,yes,yes,call_back\n"
    rules = {"promise_followed_up_hours": hours}
    data = data_of(promises=ONE, payments=OTHERS, calls=calls, definitions=rules)
    assert of(data, "promise_followup") == result


def test_promises_paid_by_their_due_day_need_no_call_and_fresh_ones_wait() -> None:
    data = data_of(promises=ONE, payments=paid("2026-03-06 10:00, 100"), calls=CALLED)
    assert note(data, "promise_followup") == (None, "no base", 0)
    fresh = data_of(promises=promised("2026-03-25 10:00, 2026-03-31, 100"), payments=OTHERS, calls=CALLED)
    assert note(fresh, "promise_followup") == (None, "immature", 1)


PLAN = CALLED + "K1,A1,L1,2026-03-02 10:00,out,yes,yes,plan_agreed\nK2,A1,L1,2026-03-02 15:00,out,yes,yes,plan_agreed\n"
VISITS = "visit_id,agent_id,account_id,visited_at,met,outcome\n" + (
    "V1,A2,L2,2026-03-04 10:00,customer,plan_agreed\nV2,A1,L3,2026-03-04 11:00,customer,refused\n"
)


def test_plans_are_counted_once_a_day_and_account_from_calls_and_visits() -> None:
    data = data_of(calls=PLAN, visits=VISITS)
    assert [of(data, "plans_agreed", scope) for scope in ("A1", "A2", "")] == [(1, None), (1, None), (2, None)]


def test_each_instalment_of_a_plan_is_a_promise_of_its_own_however_far_ahead() -> None:
    rows = promised(
        "2026-03-02 10:05, 2026-03-06, 100", "2026-03-02 10:05, 2026-03-27, 100", "2026-03-02 10:05, 2026-04-03, 100",
        "2026-03-10 10:00, 2026-03-12, 50,, L2",
    )  # fmt: skip
    data = data_of(promises=rows, payments=paid("2026-03-05 10:00, 100", "2026-03-12 10:00, 50, L2"), calls=PLAN)
    assert of(data, "plans_kept") == (1, 2)
    assert of(data, "plans_kept", period="2026-04") == (0, 0)
    assert note(data, "plans_kept", period="2026-04") == (None, "immature", 1)


def one_by_one(promises: list[dict[str, Any]], payments: list[dict[str, Any]]) -> dict[str, int]:
    """What a clerk would do: each payment goes to the promises open then, the first made first."""
    brought = {promise["promise_id"]: 0 for promise in promises}
    line = sorted(promises, key=lambda row: (row["made_at"], row["due_on"], row["promise_id"]))
    for payment in sorted(payments, key=lambda row: row["paid_at"]):
        rest = payment["amount"]
        for promise in line:
            at = payment["paid_at"]
            if (
                promise["account_id"] == payment["account_id"]
                and promise["made_at"] < at
                and at.date() <= promise["last"]
            ):
                taken = min(rest, promise["amount"] - brought[promise["promise_id"]])
                brought[promise["promise_id"]] += taken
                rest -= taken
    return brought


@pytest.mark.parametrize("seed", range(25))
def test_sharing_out_by_sums_is_what_a_clerk_does_payment_by_payment(seed: int) -> None:
    chance, start = random.Random(seed), datetime(2026, 3, 1)  # noqa: S311, DTZ001
    promises = []
    for number in range(60):
        made = start + timedelta(hours=chance.randrange(240))
        due = made.date() + timedelta(days=chance.randrange(8))
        row = {
            "account_id": f"L{number % 4}",
            "made_at": made,
            "due_on": due,
            "last": due,
            "amount": chance.randrange(1, 200),
        }
        promises.append({"promise_id": f"P{number:02}", **row})
    payments = []
    for _ in range(80):
        at = start + timedelta(minutes=chance.randrange(20_000))
        payments.append({"account_id": f"L{chance.randrange(4)}", "paid_at": at, "amount": chance.randrange(1, 150)})
    placed = in_line(nw.from_native(pl.DataFrame(promises)), nw.from_native(pl.DataFrame(payments)))
    both = [alone(placed).filter(~nw.col("contested")), shared(placed.filter(nw.col("contested")))]
    found = dict(
        itertools.chain.from_iterable(part.select("promise_id", "brought").to_polars().rows() for part in both)
    )
    assert found == one_by_one(promises, payments)
    assert sum(found.values()) <= sum(payment["amount"] for payment in payments)


def test_a_promise_alone_on_its_account_is_kept_by_the_rule_of_commissions() -> None:
    chance = random.Random(7)  # noqa: S311
    accounts, promises, payments = [], [], []
    for number in range(40):
        accounts.append(f"L{number},C{number},lamp,2026-01-01,KES")
        made, due = chance.randrange(1, 10), chance.randrange(10, 16)
        cancelled = f"2026-03-{chance.randrange(made + 1, 17):02}" if chance.random() < 0.3 else ""
        promises.append(
            f"2026-03-{made:02} 10:00, 2026-03-{due:02}, {chance.randrange(1, 5) * 50}, {cancelled}, L{number}"
        )
        payments += [
            f"2026-03-{chance.randrange(1, 20):02} 12:00, {chance.randrange(1, 4) * 50}, L{number}" for _ in range(3)
        ]
    data = data_of(
        accounts="account_id,customer_id,product,activated_on,currency\n" + "\n".join(accounts) + "\n",
        promises=promised(*promises), payments=paid(*payments), definitions={"promise_grace_days": 2},
    )  # fmt: skip
    rows = data.payments.sort("paid_at", "payment_id").with_row_index("seq").with_columns(counted=nw.col("amount"))
    wanted = kept(data.tables["promises"], rows, 2)
    assert of(data, "ptp_conversion")[0] == len(wanted) > 5


@pytest.mark.parametrize("kpi", RULES)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    rows = promised(
        "2026-03-02 10:05, 2026-03-06, 100", "2026-03-02 10:05, 2026-03-09, 100", "2026-03-03 10:05, 2026-03-12, 100",
        "2026-03-10 10:00, 2026-03-12, 50, 2026-03-12, L2", "2026-03-28 10:00, 2026-04-12, 50, , L2, A2",
    )  # fmt: skip
    data = data_of(
        as_of=AS_OF, promises=rows, calls=PLAN, visits=VISITS,
        incidents=OUT + "I1,mobile_money,Kisii,2026-03-06 08:00,\n",
        payments=paid(
            "2026-03-05 10:00, 150", "2026-03-09 10:00, 75", "2026-03-12 10:00, 60, L2",
            "2026-03-15 10:00, -60, L2, M3",
        ),
    )  # fmt: skip
    same_on_every_engine(data, kpi)


@pytest.mark.parametrize(("paid_at", "kept_on_time"), [("2026-03-02 09:59", 0), ("2026-03-02 10:01", 1)])
def test_a_promise_logged_after_the_money_came_keeps_nothing(paid_at: str, kept_on_time: int) -> None:
    """Ways people game a number: a promise taken down when the customer has paid already."""
    assert conversion(ONE, paid(f"{paid_at}, 100")) == (kept_on_time, 1)


@pytest.mark.parametrize(
    ("amount", "rules", "in_part"),
    [("0.01", {}, 1), ("99.99", {}, 1), ("100", {}, 0), ("90", {"promise_tolerance": "0.9"}, 0), ("", {}, 0)],
)
def test_a_promise_is_kept_in_part_where_something_came_but_too_little(
    amount: str, rules: dict[str, Any], in_part: int
) -> None:
    rows = paid(f"2026-03-05 10:00, {amount}") if amount else OTHERS
    data = data_of(promises=ONE, payments=rows, definitions=rules)
    assert of(data, "ptp_part_kept") == (in_part, 1)
    fresh = data_of(promises=promised("2026-03-25 10:00, 2026-04-01, 100"), payments=OTHERS)
    assert note(fresh, "ptp_part_kept", period="2026-04") == (None, "immature", 1)


def test_plans_are_held_against_conversations_and_customers_met() -> None:
    calls = PLAN + (
        "K3,A1,L3,2026-03-02 11:00,in,yes,yes,call_back\nK4,A1,L3,2026-03-02 12:00,out,yes,no,wrong_party\n"
    )
    data = data_of(calls=calls, visits=VISITS)
    # A1: one plan, however often it was said; three conversations and one customer met
    assert of(data, "plan_rate") == (1, 4)
    assert of(data, "plan_rate", "A2") == (1, 1)
    assert of(data_of(visits=VISITS), "plan_rate") == (0, 1)
    nobody = data_of(calls=CALLED + "K1,A1,L1,2026-03-02 10:00,out,no,no,no_answer\n")
    assert note(nobody, "plan_rate")[:2] == (None, "no base")
    assert "visits.met" in str(
        values(data_of(calls="call_id,agent_id,account_id,started_at,disposition\n"), "plan_rate").problems[0]
    )
