"""What became of leads and touches, and what they cost, counted by hand: catalogue rows 4.12, 4.13, 2.20, 0.22, 0.5."""

from datetime import date
from typing import Any

import pytest
from kpi_cases import ACCOUNTS, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.outcomes import LEAD_OUTCOMES
from toolkit.kpis.telephone import TELEPHONE
from toolkit.kpis.yields import YIELDS

CALLS = "call_id,agent_id,account_id,started_at,direction,right_party,disposition\n"
PAID = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,reverses\n"
NOTHING = PAID + "M9,L3,A3,2026-01-02 10:00,1,KES,instalment,\n"
LEADS = "lead_on,agent_id,account_id\n"


def paid(at: str, account: str = "L1", kind: str = "instalment") -> str:
    return f"M1,{account},A1,{at},100,KES,{kind},\n"


# Paid after a touch ---------------------------------------------------------------------------------------------------

TOUCH = {
    "paid_after_call": {"calls": CALLS + "K1,A1,L1,2026-03-02 10:00,out,yes,call_back\n"},
    "paid_after_message": {"messages": "message_id,account_id,agent_id,sent_at\nS1,L1,A1,2026-03-02 10:00\n"},
    "paid_after_visit": {"visits": "visit_id,agent_id,account_id,visited_at\nV1,A1,L1,2026-03-02 10:00\n"},
}


@pytest.mark.parametrize("kpi", TOUCH)
@pytest.mark.parametrize(
    ("at", "found"),
    [("2026-03-02 10:00", 0), ("2026-03-02 10:01", 1), ("2026-03-05 23:59", 1), ("2026-03-06 00:00", 0)],
)
def test_a_touch_that_was_paid_after_within_three_days(kpi: str, at: str, found: int) -> None:
    data = data_of(payments=NOTHING + paid(at), **TOUCH[kpi])
    assert of(data, kpi) == (found, 1)
    assert of(data, kpi, period="2026-03-05", grain="day") == (found, 1)


@pytest.mark.parametrize("kpi", TOUCH)
def test_several_touches_of_a_day_are_one_and_another_customers_money_is_none(kpi: str) -> None:
    [(table, rows)] = TOUCH[kpi].items()
    twice = rows + rows.splitlines()[1].replace("1,", "2,", 1).replace("10:00", "15:00") + "\n"
    data = data_of(payments=NOTHING + paid("2026-03-03 10:00", "L2"), **{table: twice})
    assert of(data, kpi) == (0, 1)


@pytest.mark.parametrize("kpi", TOUCH)
def test_a_touch_waits_until_its_days_are_over_and_money_taken_back_never_came(kpi: str) -> None:
    early = data_of(date(2026, 3, 4), payments=NOTHING + paid("2026-03-03 10:00"), **TOUCH[kpi])
    assert note(early, kpi) == (None, "immature", 1)
    back = NOTHING + paid("2026-03-03 10:00") + "M2,L1,A1,2026-03-20 10:00,-100,KES,instalment,M1\n"
    assert of(data_of(payments=back, **TOUCH[kpi]), kpi) == (0, 1)


def test_only_conversations_are_touches_by_telephone_and_deposits_are_no_yield() -> None:
    missed = CALLS + "K1,A1,L1,2026-03-02 10:00,out,no,no_answer\nK2,A1,L1,2026-03-02 11:00,in,yes,paid\n"
    assert of(data_of(payments=NOTHING + paid("2026-03-03 10:00"), calls=missed), "paid_after_call") == (0, 0)
    deposit = data_of(payments=NOTHING + paid("2026-03-03 10:00", kind="deposit"), **TOUCH["paid_after_call"])
    assert of(deposit, "paid_after_call") == (0, 1)


def test_messages_that_nobody_sent_count_for_everybody() -> None:
    rows = "message_id,account_id,agent_id,sent_at\nS1,L1,,2026-03-02 10:00\nS2,L2,A1,2026-03-02 10:00\n"
    data = data_of(payments=NOTHING + paid("2026-03-03 10:00"), messages=rows)
    assert of(data, "paid_after_message", "") == (1, 2)
    assert of(data, "paid_after_message", "A1") == (0, 1)


def test_what_a_touch_costs_by_the_ledger_or_by_the_rate_card() -> None:
    tables = {
        "calls": CALLS + "".join(f"K{n},A1,L1,2026-03-02 1{n}:00,out,no,no_answer\n" for n in range(3)),
        "messages": "message_id,account_id,agent_id,sent_at,channel\nS1,L1,A1,2026-03-02 10:00,sms\n",
        "payments": NOTHING,
    }
    ledger = "period,channel,amount,currency,agent_id\n" + (
        "2026-03,call,30,KES,A1\n2026-03,sms,2,KES,A1\n2026-03,legal,500,KES,A1\n"
    )
    assert of(data_of(costs=ledger, **tables), "cost_per_touch") == (32, 4)
    rates = "channel,unit,cost,currency,from\ncall,call,3,KES,2026-01-01\nsms,message,0.5,KES,2026-01-01\n"
    assert of(data_of(rate_card=rates, **tables), "cost_per_touch") == (9.5, 4)


@pytest.mark.parametrize(("cost", "touches", "each"), [(120_000, 40_000, 3.0), (320_000, 100_000, 3.2)])
def test_cost_of_a_call_as_published(cost: int, touches: int, each: float) -> None:
    """COST-3 (oraclecms.com cost per call; callcentrehelper.com month 3), a thousandth of it."""
    rows = "".join(
        f"K{n},A1,L1,2026-03-0{1 + n % 9} 10:{n // 60:02}:{n % 60:02},out,no,no_answer\n"
        for n in range(touches // 1000)
    )
    ledger = f"period,channel,amount,currency\n2026-03,call,{cost / 1000},KES\n"
    numerator, denominator = of(data_of(costs=ledger, calls=CALLS + rows, payments=NOTHING), "cost_per_touch", "")
    assert numerator / denominator == each


# Outcomes of leads ----------------------------------------------------------------------------------------------------

STATES = ACCOUNTS.replace("currency", "currency,status,closed_on").replace("KES\n", "KES,active,\n")
BACK = STATES.replace("L1,C1,lamp,2026-01-01,KES,active,", "L1,C1,lamp,2026-01-01,KES,returned,2026-03-16")


def outcome(calls: str = "", payments: str = "", accounts: str = STATES, as_of: date = date(2026, 3, 31)) -> list[str]:
    """Which outcomes the lead of L1 on 2 March has."""
    data = data_of(
        as_of, accounts=accounts, leads=LEADS + "2026-03-02,A1,L1\n", calls=CALLS + calls, payments=NOTHING + payments
    )
    found = {kpi: of(data, kpi) for kpi in LEAD_OUTCOMES}
    assert {base for _, base in found.values()} == {1}
    return [kpi.removeprefix("leads_") for kpi, (numerator, _) in found.items() if numerator]


PROMISE = "K1,A1,L1,2026-03-02 10:00,out,yes,promise\n"
REFUSAL = "K2,A2,L1,2026-03-03 10:00,out,yes,refused\n"
MISSED = "K3,A1,L1,2026-03-03 10:00,out,no,no_answer\n"


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        ({"accounts": BACK, "payments": paid("2026-03-03 10:00")}, ["returned"]),
        ({"accounts": BACK.replace("2026-03-16", "2026-03-17")}, ["unreachable"]),  # after the window
        ({"calls": REFUSAL + PROMISE, "payments": paid("2026-03-16 23:59")}, ["paying"]),
        ({"calls": REFUSAL + PROMISE, "payments": paid("2026-03-17 00:00")}, ["promised"]),
        ({"calls": REFUSAL + PROMISE}, ["promised"]),
        ({"calls": PROMISE.replace("promise", "plan_agreed")}, ["promised"]),
        ({"calls": REFUSAL + MISSED}, ["refused"]),
        ({"calls": MISSED}, ["unreachable"]),
        ({"calls": PROMISE.replace("2026-03-02", "2026-03-01")}, ["unreachable"]),  # before the lead
        ({}, ["unreachable"]),
        ({"calls": PROMISE.replace("promise", "call_back")}, []),  # spoken to, without a result
    ],
)
def test_a_lead_has_one_outcome_the_first_that_is_true(tables: dict[str, Any], found: list[str]) -> None:
    assert outcome(**tables) == found


def test_a_customer_who_took_the_device_again_is_no_return_any_more() -> None:
    assert outcome(accounts=STATES, payments=paid("2026-03-10 10:00")) == ["paying"]


@pytest.mark.parametrize(("as_of", "seen"), [(15, (None, "immature", 1)), (16, (1.0, "low n", 0))])
def test_leads_wait_until_their_window_is_over(as_of: int, seen: tuple[object, ...]) -> None:
    data = data_of(
        date(2026, 3, as_of), accounts=STATES, leads=LEADS + "2026-03-02,A1,L1\n", calls=CALLS, payments=NOTHING
    )
    assert note(data, "leads_unreachable") == seen


def test_a_lead_on_the_list_every_day_is_one_a_month() -> None:
    leads = LEADS + "".join(f"2026-03-{day:02},A1,L1\n" for day in (2, 3, 4))
    data = data_of(accounts=STATES, leads=leads, calls=CALLS, payments=NOTHING)
    assert of(data, "leads_unreachable") == (1, 1)


# The exchange's report ------------------------------------------------------------------------------------------------

EXCHANGE = "agent_id,day,dialled,answered,talk_minutes\n"


@pytest.mark.parametrize(("dialled", "difference"), [(20, 0), (21, 1), (19, 1), (0, 20)])
def test_the_log_is_held_against_the_exchange_either_way(dialled: int, difference: int) -> None:
    rows = "".join(f"K{n},A1,L1,2026-03-02 10:{n:02},out,no,no_answer\n" for n in range(20))
    data = data_of(calls=CALLS + rows, telephone=EXCHANGE + f"A1,2026-03-02,{dialled},10,60\n")
    assert of(data, "phone_log_difference") == (difference, dialled)


def test_too_many_here_do_not_make_up_for_too_few_there_and_days_without_a_report_are_left_out() -> None:
    rows = "".join(f"K{n},A1,L1,2026-03-02 10:{n:02},out,no,no_answer\n" for n in range(4))
    rows += "K9,A1,L1,2026-03-09 10:00,out,no,no_answer\nK8,A1,L1,2026-03-02 12:00,in,yes,paid\n"
    report = EXCHANGE + "A1,2026-03-02,5,3,10\nA2,2026-03-02,1,1,2\n"
    data = data_of(calls=CALLS + rows, telephone=report)
    assert [of(data, "phone_log_difference", scope) for scope in ("A1", "A2", "North")] == [(1, 5), (1, 1), (2, 6)]


# All of them ----------------------------------------------------------------------------------------------------------

KPIS = {**YIELDS, **LEAD_OUTCOMES, **TELEPHONE}
EVERYTHING = {
    "accounts": BACK,
    "calls": CALLS + PROMISE + REFUSAL + MISSED + "K5,A2,,2026-03-03 10:00,out,yes,refused\n",
    "messages": "message_id,account_id,agent_id,sent_at,channel\n"
    "S1,L1,A1,2026-03-02 10:00,sms\nS2,L1,,2026-03-02 11:00,sms\n",
    "visits": "visit_id,agent_id,account_id,visited_at\nV1,A1,L2,2026-03-02 10:00\nV2,A1,L2,\n",
    "payments": NOTHING + paid("2026-03-04 10:00", "L2"),
    "leads": LEADS + "2026-03-02,A1,L1\n2026-03-02,A2,L2\n2026-03-30,A2,L3\n",
    "rate_card": "channel,unit,cost,currency,from\ncall,call,3,KES,2026-01-01\n",
    "telephone": EXCHANGE + "A1,2026-03-02,5,3,10\n",
}


@pytest.mark.parametrize("kpi", KPIS)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    data = data_of(**EVERYTHING)
    assert not values(data, kpi).values.is_empty()
    same_on_every_engine(data, kpi)


@pytest.mark.parametrize("kpi", KPIS)
def test_missing_tables_are_named_and_empty_ones_give_nothing(kpi: str) -> None:
    assert "cannot be computed: the data have no" in str(values(data_of(), kpi).problems[0])
    heads = {
        name: text.splitlines()[0] + "\n" for name, text in EVERYTHING.items() if name not in ("payments", "accounts")
    }
    run = values(data_of(payments=NOTHING, accounts=BACK, **heads), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems
