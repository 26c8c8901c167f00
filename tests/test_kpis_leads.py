"""KPIs of the daily lists, on lists short enough to count by hand: catalogue rows 4.1, 4.2, 4.6, 4.12, 4.13."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from kpi_cases import ACCOUNTS, TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.conversion import CONVERSION
from toolkit.kpis.data import Data
from toolkit.kpis.leads import LEADS as LEADS_RULES

LEAD_HEADER = "lead_on,agent_id,account_id,loaded_at,withdrawn_at,withdraw_reason\n"
LEADS = (
    LEAD_HEADER
    + """2026-03-02,A1,L1,2026-03-02 07:00,,
2026-03-02,A1,L2,2026-03-02 07:00,,
2026-03-02,A1,L3,2026-03-02 07:00,,
2026-03-02,A2,L4,2026-03-02 07:00,,
"""
)
CALL_HEADER = "call_id,agent_id,account_id,started_at,talk_seconds,direction,disposition\n"
CALLS = (
    CALL_HEADER
    + """K1,A1,L1,2026-03-02 09:00,60,out,promise
K2,A1,L1,2026-03-02 10:00,60,out,no_answer
K3,A1,L2,2026-03-02 11:00,0,out,
K4,A1,L2,2026-03-03 09:00,30,out,refused
K5,A1,L3,2026-03-02 12:00,10,in,paid
K6,A2,L4,2026-03-02 12:00,0,out,wrong_number
"""
)


def with_lead(row: str) -> Data:
    return data_of(leads=LEAD_HEADER + row + "\n", calls=CALLS)


def test_a_lead_is_worked_by_an_outbound_call_with_a_disposition_on_its_day_and_once() -> None:
    data = data_of(leads=LEADS, calls=CALLS)
    assert of(data, "penetration_rate", "A1") == (1, 3)  # K2 repeats, K3 has no disposition, K4 is late, K5 came in
    assert of(data, "penetration_rate", "A2") == (1, 1)  # a wrong number counts once it is dispositioned
    assert of(data, "penetration_rate", "North") == (2, 4)


def test_a_colleagues_call_does_not_work_the_agents_lead() -> None:
    assert of(with_lead("2026-03-02,A2,L1,,,"), "penetration_rate", "A2") == (0, 1)


@pytest.mark.parametrize(("seconds", "worked"), [(60, 1), (61, 0)])
def test_a_ring_too_short_works_no_lead(seconds: int, worked: int) -> None:
    data = data_of(leads=LEADS, calls=CALLS, definitions={"attempt_seconds_at_least": seconds})
    assert of(data, "penetration_rate", "A1") == (worked, 3)


@pytest.mark.parametrize(
    ("loaded", "day"),
    [("2026-03-01 17:00", 2), ("2026-03-02 15:59:59", 2), ("2026-03-02 16:00:00", 3), ("2026-03-03 15:00", 3)],
)
def test_leads_loaded_from_four_o_clock_on_belong_to_the_next_day(loaded: str, day: int) -> None:
    run = values(with_lead(f"2026-03-02,A1,L1,{loaded},,"), "penetration_rate", grain="day").values
    assert run.filter(pl.col("scope") == "A1")["period"].to_list() == [f"2026-03-0{day}"]


FRIDAY_EVENING = LEAD_HEADER + "2026-03-06,A1,L1,2026-03-06 16:00,,\n2026-03-05,A1,L2,2026-03-05 16:00,,\n"


@pytest.mark.parametrize(
    ("country", "week", "days"),
    [
        ("", range(5), ["2026-03-06", "2026-03-09"]),
        ("", range(6), ["2026-03-06", "2026-03-07"]),
        ("UG", range(5), ["2026-03-06", "2026-03-09"]),
        ("GH", range(5), ["2026-03-09"]),  # Friday 6 March is Independence Day in Ghana
    ],
)
def test_leads_of_an_evening_wait_for_the_next_working_day(country: str, week: range, days: list[str]) -> None:
    data = replace(data_of(leads=FRIDAY_EVENING, calls=CALLS), country=country, working_week=frozenset(week))
    run = values(data, "penetration_rate", grain="day").values
    assert run.filter(pl.col("scope") == "A1")["period"].sort().to_list() == days


def test_engines_agree_on_the_leads_of_an_evening() -> None:
    same_on_every_engine(data_of(leads=FRIDAY_EVENING, calls=CALLS), "penetration_rate", grain="day")


def test_the_hour_of_rolling_over_can_be_set() -> None:
    data = data_of(
        leads=LEAD_HEADER + "2026-03-02,A1,L1,2026-03-02 23:59,,\n",
        calls=CALLS,
        definitions={"leads_roll_over_at": 24},
    )
    assert of(data, "penetration_rate", period="2026-03-02") == (1, 1)


@pytest.mark.parametrize(
    ("withdrawn", "rate"),
    [("2026-03-02 08:59", (0, 0)), ("2026-03-02 09:00", (1, 1)), ("2026-03-02 09:01", (1, 1))],
)
def test_a_lead_withdrawn_before_the_first_attempt_is_no_lead(withdrawn: str, rate: tuple[int, int]) -> None:
    assert of(with_lead(f"2026-03-02,A1,L1,,{withdrawn},self_paid"), "penetration_rate") == rate


def test_withdrawing_an_unworked_lead_the_day_after_does_not_undo_the_miss() -> None:
    assert of(with_lead("2026-03-02,A1,L2,,2026-03-03 08:00,reassigned"), "penetration_rate") == (0, 1)


def test_a_lead_loaded_again_for_the_same_day_is_one_lead() -> None:
    rolled = "2026-03-01,A1,L1,2026-03-01 18:00,,\n2026-03-02,A1,L1,2026-03-02 07:00,,"
    assert of(with_lead(rolled), "penetration_rate") == (1, 1)


def test_leads_for_tomorrow_are_waiting() -> None:
    data = data_of(as_of=date(2026, 3, 31), leads=LEAD_HEADER + "2026-03-31,A1,L1,2026-03-31 18:00,,\n", calls=CALLS)
    assert note(data, "penetration_rate", period="2026-04") == (None, "immature", 1)


def test_no_leads_at_all_is_no_figure_and_not_zero_per_cent() -> None:
    assert of(data_of(leads=LEAD_HEADER, calls=CALLS), "penetration_rate") == (0, 0)


def test_an_agent_who_left_counts_for_everybody_only() -> None:
    team = TEAM.replace(
        "A1,Asha,call_agent,North,Nakuru,2026-01-01,", "A1,Asha,call_agent,North,Nakuru,2026-01-01,2026-03-01"
    )
    data = data_of(agents=team, leads=LEADS, calls=CALLS.replace("A1", "A2"))
    assert of(data, "penetration_rate", "A1") == (0, 0)
    assert of(data, "penetration_rate", "") == (1, 4)


def test_recycled_leads_do_not_make_the_month_better_where_different_ones_are_counted() -> None:
    """Ways people game a number: the one lead that answers is put on the list every day."""
    again = "".join(f"2026-03-0{day},A1,L1,2026-03-0{day} 07:00,,\n" for day in (3, 4, 5))
    calls = CALLS + "".join(f"R{day},A1,L1,2026-03-0{day} 09:00,60,out,promise\n" for day in (3, 4, 5))
    data = data_of(leads=LEADS + again, calls=calls)
    assert of(data, "penetration_rate") == (4, 6)
    assert of(data, "distinct_penetration") == (1, 3)
    assert of(data, "distinct_penetration", "North") == (2, 4)


def test_leads_that_nobody_has_tried_since_grow_old() -> None:
    data = data_of(leads=LEADS, calls=CALLS)
    # L1 and L2 were called, L3 called in itself: 29 days from 2 to 31 March
    assert of(data, "unworked_lead_age") == (29, 1)
    assert note(data, "unworked_lead_age", "A2")[:2] == (None, "no base")
    again = LEADS + "2026-03-30,A1,L1,,,\n2026-03-31,A1,L3,,,\n2026-03-20,A1,L4,,2026-03-21 08:00,self_paid\n"
    assert of(data_of(leads=again, calls=CALLS), "unworked_lead_age") == (29 + 1, 2)


@pytest.mark.parametrize(("called", "age"), [("2026-03-10 09:00", (0, 0)), ("2026-03-09 09:00", (21, 1))])
def test_a_lead_is_tried_from_its_own_day_on(called: str, age: tuple[int, int]) -> None:
    calls = CALL_HEADER + f"K1,A1,L1,{called},9,out,no_answer\n"
    data = data_of(leads=LEAD_HEADER + "2026-03-10,A1,L1,,,\n", calls=calls)
    assert of(data, "unworked_lead_age") == age


def test_touches_are_the_agents_own_calls_and_messages_of_the_day_per_lead() -> None:
    messages = """message_id,account_id,agent_id,sent_at,channel
M1,L1,A1,2026-03-02 10:00,sms
M2,L1,,2026-03-02 10:00,sms
M3,L1,A1,2026-03-03 10:00,sms
M4,L2,A1,2026-03-02 10:00,whatsapp
"""
    assert of(data_of(leads=LEADS, calls=CALLS, messages=messages), "touches_per_lead", "A1") == (5, 3)
    assert of(data_of(leads=LEADS, calls=CALLS), "touches_per_lead", "A1") == (3, 3)


# Conversion -----------------------------------------------------------------------------------------------------------

COHORT = "lead_on,agent_id,account_id,required_credits\n"
BOUGHT = "payment_id,account_id,paid_at,amount,currency,kind,credits,credits_kind,reverses\n"
OLD = ACCOUNTS.replace("2026-01-01", "2026-01-01") + "L5,C5,lamp,2026-02-20,KES\n"


def converted(leads: str, payments: str, accounts: str = ACCOUNTS, as_of: date = date(2026, 3, 31), **rules: object):  # type: ignore[no-untyped-def]
    return data_of(
        as_of=as_of, leads=COHORT + leads, payments=BOUGHT + payments, accounts=accounts, definitions=dict(rules)
    )


def bought(day: str, credits: str, kind: str = "bought", what: str = "instalment", number: str = "P1") -> str:
    return f"{number},L1,{day} 10:00,100.00,KES,{what},{credits},{kind},\n"


@pytest.mark.parametrize(
    ("day", "credits", "done"),
    [
        ("2026-03-02", "10", 1),
        ("2026-03-16", "10", 1),
        ("2026-03-17", "10", 0),
        ("2026-03-01", "10", 0),
        ("2026-03-10", "9.999999", 0),
    ],
)
def test_required_credits_are_bought_from_the_lead_to_the_end_of_the_window(day: str, credits: str, done: int) -> None:
    assert of(converted("2026-03-02,A1,L1,10\n", bought(day, credits)), "conversion_rate") == (done, 1)


@pytest.mark.parametrize(("credits", "done"), [("8", 1), ("7", 0)])
def test_without_a_column_more_is_required_than_the_speed_so_far_brings(credits: str, done: int) -> None:
    # 30 credits in the 60 days from 1 January to 2 March: speed 0.5, so 14 days bring 7, and 8 are required
    rows = bought("2026-02-01", "30", number="P0") + bought("2026-03-05", credits)
    assert of(converted("2026-03-02,A1,L1,\n", rows), "conversion_rate") == (done, 1)


@pytest.mark.parametrize(("least", "done"), [("1", 1), ("2", 0)])
def test_a_slow_customer_needs_the_least_number_of_credits(least: str, done: int) -> None:
    # 3 credits in 60 days: at a speed of 0.05 one credit in 14 days would convert
    rows = bought("2026-02-01", "3", number="P0") + bought("2026-03-05", "1")
    data = converted("2026-03-02,A1,L1,\n", rows, required_credits_at_least=Decimal(least))
    assert of(data, "conversion_rate") == (done, 1)


@pytest.mark.parametrize(("kind", "what"), [("free", "instalment"), ("borrowed", "instalment"), ("bought", "deposit")])
def test_free_and_borrowed_credits_and_deposits_convert_nobody(kind: str, what: str) -> None:
    assert of(converted("2026-03-02,A1,L1,5\n", bought("2026-03-05", "9", kind, what)), "conversion_rate") == (0, 1)


def test_credits_that_were_reversed_convert_nobody() -> None:
    back = "P2,L1,2026-03-25 10:00,-50.00,KES,instalment,,,P1\n"
    assert of(converted("2026-03-02,A1,L1,6\n", bought("2026-03-05", "10")), "conversion_rate") == (1, 1)
    assert of(converted("2026-03-02,A1,L1,6\n", bought("2026-03-05", "10") + back), "conversion_rate") == (0, 1)
    assert of(converted("2026-03-02,A1,L1,5\n", bought("2026-03-05", "10") + back), "conversion_rate") == (1, 1)


def test_paying_off_early_converts() -> None:
    assert of(converted("2026-03-02,A1,L1,50\n", bought("2026-03-05", "1", what="payoff")), "conversion_rate") == (1, 1)
    accounts = """account_id,customer_id,product,activated_on,currency,status,closed_on
L1,C1,lamp,2026-01-01,KES,paid_off,2026-03-16
L2,C2,lamp,2026-01-01,KES,paid_off,2026-03-17
"""
    leads = "2026-03-02,A1,L1,50\n2026-03-02,A2,L2,50\n"
    data = converted(leads, bought("2026-01-05", "1"), accounts)
    assert [of(data, "conversion_rate", agent) for agent in ("A1", "A2")] == [(1, 1), (0, 1)]


@pytest.mark.parametrize(("as_of", "seen"), [(15, (None, "immature", 1)), (16, (0.0, "low n", 0))])
def test_a_cohort_is_judged_on_the_day_its_window_closes(as_of: int, seen: tuple[object, ...]) -> None:
    data = converted("2026-03-02,A1,L1,5\n", bought("2026-01-05", "1"), as_of=date(2026, 3, as_of))
    assert note(data, "conversion_rate", period="2026-03-16") == seen


def test_by_cohort_a_customer_stands_in_the_week_of_the_lead() -> None:
    run = values(converted("2026-03-02,A1,L1,5\n", bought("2026-03-05", "5")), "conversion_rate", grain="cohort").values
    assert run.filter(pl.col("scope") == "A1").select("period", "numerator").rows() == [("2026-W10", 1)]


def test_a_customer_in_two_cohorts_with_overlapping_windows_counts_in_the_first() -> None:
    leads = "2026-03-02,A1,L1,5\n2026-03-16,A2,L4,5\n2026-03-17,A3,L1,5\n"  # L1 and L4 are of one customer
    data = converted(leads, bought("2026-03-20", "5"))
    assert of(data, "conversion_rate", "A1") == (0, 1)
    assert of(data, "conversion_rate", "A2") == (0, 0)
    assert of(data, "conversion_rate", "A3") == (1, 1)  # 31 March


def test_a_customer_on_every_days_list_is_not_lost_for_ever() -> None:
    leads = "".join(f"2026-0{1 + day // 28}-{day % 28 + 1:02},A1,L2,5\n" for day in range(60))
    data = converted(leads, bought("2026-01-05", "1"))
    assert of(data, "conversion_rate", period="2026", grain="year") == (0, 5)
    # 1 and 16 January, 1 and 16 February, 3 March


def test_a_returned_customer_and_a_withdrawn_lead_stay_in_the_cohort() -> None:
    accounts = """account_id,customer_id,product,activated_on,currency,status,closed_on
L1,C1,lamp,2026-01-01,KES,returned,2026-03-08
"""
    assert of(converted("2026-03-02,A1,L1,5\n", bought("2026-01-05", "1"), accounts), "conversion_rate") == (0, 1)
    leads = LEAD_HEADER + "2026-03-02,A1,L1,,2026-03-02 08:00,reassigned\n2026-03-02,A2,L1,,,\n"
    data = data_of(leads=leads, payments=BOUGHT + bought("2026-01-05", "1"))
    assert (of(data, "conversion_rate", "A1"), of(data, "conversion_rate", "A2")) == ((0, 0), (0, 1))


@pytest.mark.parametrize(("days", "done"), [(7, 0), (8, 1)])
def test_the_window_can_be_set(days: int, done: int) -> None:
    data = converted("2026-03-02,A1,L1,5\n", bought("2026-03-10", "5"), conversion_window_days=days)
    assert of(data, "conversion_rate") == (done, 1)


def test_conversion_needs_credits() -> None:
    payments = "payment_id,account_id,paid_at,amount,currency\nP1,L1,2026-03-05 10:00,100.00,KES\n"
    run = values(data_of(leads=LEADS, payments=payments), "conversion_rate")
    assert "payments.credits" in str(run.problems[0])


# Who should be on the list --------------------------------------------------------------------------------------------

PAID = "payment_id,account_id,paid_at,amount,currency,credits,reverses\n"


def listed(paid: str, leads: str = "2026-03-10,A1,L1,,,\n", **tables: str) -> Data:
    one = "account_id,customer_id,product,activated_on,currency\n"
    one += "L1,C1,lamp,2026-01-01,KES\nL2,C2,lamp,2026-03-05,KES\nL9,C9,lamp,2026-03-31,KES\n"
    paid += "P9,L9,2026-03-31 10:00,100.00,KES,,\n"  # there is always a payment
    return data_of(leads=LEAD_HEADER + leads, payments=PAID + paid, **{"accounts": one, **tables})


@pytest.mark.parametrize(("paid_on", "fits"), [("2026-03-02", 1), ("2026-03-03", 0), ("2026-03-10", 1)])
def test_a_customer_is_due_for_the_list_more_than_seven_days_after_a_payment(paid_on: str, fits: int) -> None:
    # as the day begins, so that a payment on the day itself does not make the lead a wrong one
    data = listed(f"P1,L1,{paid_on} 10:00,100.00,KES,,\n")
    assert of(data, "lead_precision") == (fits, 1)
    assert of(data, "lead_recall", "") == ((1, 1) if fits else (0, 0))


def test_a_payment_taken_back_is_no_payment() -> None:
    rows = "P1,L1,2026-03-05 10:00,100.00,KES,,\nP2,L1,2026-03-06 10:00,-100.00,KES,,P1\n"
    assert of(listed(rows), "lead_precision") == (1, 1)


def test_customers_who_never_paid_are_due_from_their_activation_on() -> None:
    leads = "2026-03-12,A1,L2,,,\n2026-03-13,A1,L2,,,\n"
    days = values(listed("", leads), "lead_precision", grain="day").values.filter(pl.col("scope") == "A1")
    assert days.select("period", "numerator").rows() == [("2026-03-12", 0), ("2026-03-13", 1)]


def test_recall_counts_whom_the_lists_forgot_on_days_with_lists() -> None:
    owners = "account_id,agent_id,assigned_on,ended_on\nL1,A1,2026-01-01,\nL2,A2,2026-03-01,2026-03-13\n"
    leads = "2026-03-13,A1,L1,,,\n2026-03-14,A2,L1,,,\n"
    data = listed("", leads, assignments=owners)
    assert of(data, "lead_recall", "A1") == (2, 2)  # whoever has the customer on the list
    assert of(data, "lead_recall", "A2") == (0, 1)  # L2 is hers on the 13th only
    assert of(data, "lead_recall", "") == (2, 4)
    assert of(listed("", leads), "lead_recall", "") == (2, 4)  # without assignments there is only the whole


def test_closed_accounts_belong_on_no_list() -> None:
    accounts = """account_id,customer_id,product,activated_on,currency,status,closed_on
L1,C1,lamp,2026-01-01,KES,returned,2026-03-10
L2,C2,lamp,2026-01-01,KES,returned,2026-03-09
L3,C3,lamp,2026-01-01,KES,written_off,
L4,C4,lamp,2026-01-01,KES,default,
L9,C9,lamp,2026-03-31,KES,active,
"""
    leads = "".join(f"2026-03-10,A1,L{number},,,\n" for number in (1, 2, 3, 4))
    assert of(listed("", leads, accounts=accounts), "lead_precision") == (2, 4)


@pytest.mark.parametrize(("credits", "fits"), [("8", 1), ("9", 0), ("30", 0)])
def test_who_has_credit_left_is_not_late_where_credit_is_what_counts(credits: str, fits: int) -> None:
    # activated on 1 February with that many credits: the last day with credit is so many days later, less one
    accounts = "account_id,customer_id,product,activated_on,currency\nL1,C1,lamp,2026-02-01,KES\n"
    paid = f"P1,L1,2026-02-01 10:00,100.00,KES,{credits},\n"
    leads = LEAD_HEADER + "2026-02-16,A1,L1,,,\n"
    for basis, wanted in (("no_credit", fits), ("no_payment", 1)):
        data = data_of(leads=leads, payments=PAID + paid, accounts=accounts, definitions={"unpaid_basis": basis})
        assert of(data, "lead_precision", period="2026-02") == (wanted, 1)


# Returns --------------------------------------------------------------------------------------------------------------

RETURNED = """account_id,customer_id,product,activated_on,currency,status,closed_on
L1,C1,lamp,2026-01-01,KES,returned,2026-03-16
L2,C2,lamp,2026-01-01,KES,returned,2026-03-17
L3,C3,lamp,2026-01-01,KES,active,
L4,C1,radio,2026-01-01,KES,paid_off,2026-03-03
"""


def test_devices_returned_in_the_window_of_accounts_on_the_lists() -> None:
    data = data_of(leads=LEADS, accounts=RETURNED)
    assert of(data, "return_rate", "A1") == (1, 3)  # L1 after 14 days, L2 after 15
    assert of(data, "return_rate", "A2") == (0, 1)


def test_recycled_leads_do_not_thin_out_the_returns_and_the_last_list_has_them() -> None:
    leads = LEADS + "2026-03-03,A1,L1,,,\n2026-03-04,A2,L1,,,\n"
    data = data_of(leads=leads, accounts=RETURNED)
    assert [of(data, "return_rate", agent) for agent in ("A1", "A2")] == [(0, 3), (1, 2)]


EVERYTHING = {
    "leads": COHORT + "2026-03-02,A1,L1,\n2026-03-02,A2,L2,3.5\n2026-03-12,A1,L1,\n2026-03-25,A1,L3,\n",
    "calls": CALLS,
    "payments": BOUGHT + bought("2026-01-05", "30", number="P0") + bought("2026-03-05", "8.5"),
    "accounts": RETURNED,
    "assignments": "account_id,agent_id,assigned_on,ended_on\nL1,A1,2026-01-01,\nL2,A2,2026-03-01,2026-03-13\n",
    "messages": "message_id,account_id,agent_id,sent_at,channel\nM1,L1,A1,2026-03-02 10:00,sms\n",
}


@pytest.mark.parametrize("kpi", [*LEADS_RULES, *CONVERSION])
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    data = data_of(**EVERYTHING)  # type: ignore[arg-type]
    assert not values(data, kpi).values.is_empty()
    same_on_every_engine(data, kpi)
    same_on_every_engine(data_of(leads=LEADS, calls=CALLS, payments=EVERYTHING["payments"], accounts=RETURNED), kpi)


def test_customers_without_credit_are_the_same_on_every_engine() -> None:
    same_on_every_engine(data_of(definitions={"unpaid_basis": "no_credit"}, **EVERYTHING), "lead_recall")  # type: ignore[arg-type]
