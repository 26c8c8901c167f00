"""KPIs of money: catalogue rows 1.1, 2.3, 0.9, 4.3, 0.1, and the ways in which people game them.

Figures named PAYG, CEI, LIQ are published; their sources stand beside them.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from kpi_cases import ACCOUNTS, TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.data import ALWAYS
from toolkit.kpis.money import MONEY as RULES
from toolkit.plans import Credit

PAID = "payment_id,account_id,paid_at,amount,currency,kind,reverses,credits,credits_kind\n"
DUE = "account_id,due_on,amount\n"
OWNED = "account_id,agent_id,assigned_on,ended_on\n"
MINE = OWNED + "".join(f"L{number},A1,2026-01-01,\n" for number in (1, 2, 3, 4))
BALANCES = "account_id,as_of,balance,days_past_due\n"


def paid(*rows: str) -> str:
    """paid_at, amount[, account L1[, kind instalment[, reverses[, credits[, credits_kind]]]]]."""
    lines = []
    for number, row in enumerate(rows, 1):
        at, amount, account, kind, reverses, credits, how = ([cell.strip() for cell in row.split(",")] + [""] * 5)[:7]
        lines.append(
            f"M{number},{account or 'L1'},{at},{amount},KES,{kind or 'instalment'},{reverses},{credits},{how}\n"
        )
    return PAID + "".join(lines)


def due(*rows: str) -> str:
    """due_on, amount[, account L1]."""
    cells = [[cell.strip() for cell in row.split(",")] + [""] for row in rows]
    return DUE + "".join(f"{row[2] or 'L1'},{row[0]},{row[1]}\n" for row in cells)


def rate(kpi: str = "collection_rate", scope: str = "A1", **tables: Any) -> Any:
    return of(data_of(**{"assignments": MINE, **tables}), kpi, scope)


def test_the_collection_rate_leaves_deposits_out_of_both_sides() -> None:
    """PAYG-1 (Module 7, Portfolio KPIs and PAYGo PERFORM): 74 of 100, not 86 with the deposits."""
    rows = paid("2026-03-10, 74", "2026-03-10, 12, L2, deposit", "2026-03-10, 5, L2, fee", "2026-03-10, 3, L2, penalty")
    assert rate(payments=rows, dues=due("2026-03-09, 100")) == (74, 100)


@pytest.mark.parametrize(
    ("beginning", "sales", "ending", "current", "printed", "right"),
    [
        (6200, 3630, 6340, 3590, True, 55.93),  # CEI-1, creditguru.com
        (50_000, 200_000, 40_000, 10_000, False, 87.50),  # CEI-X1, calculatorshub.net prints 96
        (100_000, 300_000, 120_000, 50_000, False, 80.00),  # CEI-X3, calculatorshub.net prints 75
    ],
)
def test_collected_of_due_and_arrears_is_the_collection_effectiveness_index(
    beginning: int, sales: int, ending: int, current: int, printed: bool, right: float
) -> None:
    cash, collectable = beginning + sales - ending, sales - current
    data = data_of(
        payments=paid(f"2026-03-10, {cash}"), dues=due(f"2026-03-09, {collectable}"), assignments=MINE,
        balances=BALANCES + f"L1,2026-02-28,{beginning},40\n", definitions={"collection_rate_base": "due_and_arrears"},
    )  # fmt: skip
    numerator, denominator = of(data, "collection_rate")
    assert round(100 * numerator / denominator, 2) == right
    assert printed or round(100 * numerator / denominator) not in (96, 75)


def test_more_than_was_due_is_more_than_a_hundred_per_cent() -> None:
    assert rate(payments=paid("2026-03-10, 250"), dues=due("2026-03-09, 100")) == (250, 100)


def test_nothing_due_is_no_base() -> None:
    data = data_of(payments=paid("2026-03-10, 50"), dues=DUE, assignments=MINE)
    assert note(data, "collection_rate") == (None, "no base", 0)


def test_dues_count_in_their_month_and_only_once_they_have_fallen_due() -> None:
    dues = due("2026-02-28, 7", "2026-03-01, 10", "2026-03-15, 20", "2026-03-16, 40")
    data = data_of(as_of=date(2026, 3, 15), payments=paid("2026-03-01, 1"), dues=dues, assignments=MINE)
    assert of(data, "collection_rate") == (1, 30)


MOVED = OWNED + "L1,A1,2026-01-01,2026-03-14\nL1,A2,2026-03-15,\n"


def test_an_account_that_moves_inside_the_month_shares_cash_and_dues_by_the_same_dates() -> None:
    tables = {
        "payments": paid("2026-03-14 23:59, 30", "2026-03-15 00:00, 50"),
        "dues": due("2026-03-14, 100", "2026-03-15, 200"),
        "assignments": MOVED,
    }
    assert [rate(scope=scope, **tables) for scope in ("A1", "A2", "North", "")] == [
        (30, 100), (50, 200), (80, 300), (80, 300),
    ]  # fmt: skip


def test_arrears_of_an_account_that_moves_are_shared_over_the_days_to_the_last_cent() -> None:
    data = data_of(
        payments=paid("2026-03-20, 1"), dues=due("2026-03-20, 10"), assignments=MOVED,
        balances=BALANCES + "L1,2026-02-10,999,20\nL1,2026-02-28,100,40\nL1,2026-03-31,300,60\n",
        definitions={"collection_rate_base": "due_and_arrears"},
    )  # fmt: skip
    assert [of(data, "collection_rate", scope) for scope in ("A1", "A2", "")] == [
        (0, 45.16), (1, 64.84), (1, 110),
    ]  # fmt: skip


def test_arrears_are_frozen_at_the_opening_and_count_for_who_has_the_account_then() -> None:
    taken_over = OWNED + "L1,A1,2026-01-01,2026-02-28\nL1,A2,2026-03-01,\nL2,A1,2026-01-01,\n"
    data = data_of(
        payments=paid("2026-03-20, 1"), dues=due("2026-03-20, 10"), assignments=taken_over,
        balances=BALANCES + "L1,2026-02-28,100,40\nL2,2026-02-28,70,0\nL1,2026-03-05,900,44\n",
        definitions={"collection_rate_base": "due_and_arrears"},
    )  # fmt: skip
    assert of(data, "collection_rate", "A2") == (1, 110)
    assert of(data, "collection_rate", "A1") == (0, 0)


def test_a_reversal_counts_in_its_own_month_for_who_had_the_account_at_the_payment() -> None:
    tables = {
        "payments": paid("2026-02-20, 50", "2026-03-20, -50, L1, instalment, M1", "2026-03-20, 5"),
        "dues": due("2026-03-01, 100"),
        "assignments": OWNED + "L1,A1,2026-01-01,2026-03-10\nL1,A2,2026-03-11,\n",
    }
    assert [rate(scope=scope, **tables) for scope in ("A1", "A2", "")] == [(-50, 100), (5, 0), (-45, 100)]


CLOSED = ACCOUNTS.replace("currency", "currency,status,closed_on").replace(
    "L1,C1,lamp,2026-01-01,KES", "L1,C1,lamp,2026-01-01,KES,{status},2026-03-10"
)
CLOSED = "\n".join(line if line.count(",") == 6 else line + ",," for line in CLOSED.splitlines()) + "\n"


def test_dues_of_a_closed_account_count_until_the_day_it_was_closed() -> None:
    accounts = CLOSED.format(status="written_off")
    dues = due("2026-03-09, 1", "2026-03-10, 2", "2026-03-11, 4")
    assert rate(payments=paid("2026-03-05, 1"), dues=dues, accounts=accounts) == (1, 3)
    assert rate("repayment_rate", payments=paid("2026-03-05, 1"), dues=dues, accounts=accounts) == (1, 7)
    paid_off = CLOSED.format(status="paid_off")
    assert rate("repayment_rate", payments=paid("2026-03-05, 1"), dues=dues, accounts=paid_off) == (1, 3)


def test_accounts_of_nobody_count_for_everybody_only() -> None:
    tables = {
        "payments": paid("2026-03-05, 3", "2026-03-05, 4, L3"), "dues": due("2026-03-05, 10", "2026-03-05, 20, L3"),
        "assignments": OWNED + "L1,A1,2026-03-01,\n",
    }  # fmt: skip
    assert [rate(scope=scope, **tables) for scope in ("A1", "")] == [(3, 10), (7, 30)]


FIELD = TEAM + "F1,Fatuma,field_agent,North,Nakuru,2026-01-01,\n"


@pytest.mark.parametrize("kpi", ["collection_rate", "timely_repayment", "repayment_rate"])
def test_an_account_of_a_call_agent_and_a_field_agent_counts_for_both_and_once_in_the_team(kpi: str) -> None:
    tables = {
        "agents": FIELD, "payments": paid("2026-03-05, 3", "2026-03-05, 2"), "dues": due("2026-03-05, 10"),
        "assignments": OWNED + "L1,A1,2026-01-01,\nL1,F1,2026-01-01,\n",
    }  # fmt: skip
    scopes = ("A1", "F1", "North", "call_agent", "")
    assert [rate(kpi, scope, **tables) for scope in scopes] == [(5, 10)] * 5


def test_the_collection_rate_says_that_it_is_no_repayment_rate() -> None:
    said = values(
        data_of(payments=paid("2026-03-05, 3"), dues=due("2026-03-05, 10"), assignments=MINE), "collection_rate"
    )
    assert "operational collection rate, not a PERFORM repayment rate" in said.values["definition"][0]
    assert "of what fell due in the period" in said.values["definition"][0]


def test_what_is_missing_is_named() -> None:
    run = values(data_of(payments=paid("2026-03-05, 3"), dues=due("2026-03-05, 10")), "collection_rate")
    assert "assignments" in str(run.problems[0])
    bare = "payment_id,account_id,paid_at,amount,currency\nM1,L1,2026-03-05,3,KES\n"
    assert "payments.kind" in str(values(data_of(payments=bare), "collected").problems[0])
    assert "payments.credits" in str(values(data_of(payments=bare), "credits_bought").problems[0])


PLACED = """account_id,customer_id,product,activated_on,currency,placed_on,placed_amount
L1,C1,lamp,2025-01-01,KES,{placed},100000
L2,C2,lamp,2025-01-01,KES,,
L3,C3,lamp,2025-01-01,KES,,
L4,C4,lamp,2025-01-01,KES,,
"""


@pytest.mark.parametrize("placed", ["2026-02-15", "2026-03-01", "2026-03-10"])
def test_the_liquidation_rate_is_collected_of_what_was_placed(placed: str) -> None:
    """LIQ-1 (receivableaccounts.blogspot.com, Liquidation Strategies, 2021-08): 10,000 of 100,000 are 10 %."""
    found = rate(
        "liquidation_rate",
        payments=paid("2026-03-10, 10000", "2026-03-10, 77, L2"),
        accounts=PLACED.format(placed=placed),
    )
    assert found == (10_000, 100_000)


def test_cash_before_the_placement_is_none_of_the_agencys_and_an_account_placed_later_no_base() -> None:
    accounts = PLACED.format(placed="2026-03-10")
    assert rate("liquidation_rate", payments=paid("2026-03-09, 5"), accounts=accounts) == (0, 100_000)
    april = PLACED.format(placed="2026-04-01")
    assert rate("liquidation_rate", payments=paid("2026-03-09, 5"), accounts=april) == (0, 0)


NAMED = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,reverses\n"


def test_collected_is_net_of_reversals_in_their_own_month_for_the_agent_of_the_payment() -> None:
    rows = NAMED + (
        "M1,L1,A1,2026-02-10 10:00,80.10,KES,instalment,\nM2,L2,A1,2026-03-10 10:00,100,KES,instalment,\n"
        "M3,L2,A1,2026-03-10 10:00,9,KES,deposit,\nM4,L1,,2026-03-12 10:00,-80.10,KES,instalment,M1\n"
        "M5,L2,,2026-03-12 10:00,-9,KES,instalment,M3\nM6,L3,A2,2026-03-12 10:00,30,KES,payoff,\n"
    )
    data = data_of(payments=rows)
    assert of(data, "collected", period="2026-02") == (80.1, None)
    assert [of(data, "collected", scope) for scope in ("A1", "A2", "North", "")] == [
        (19.9, None), (30, None), (49.9, None), (49.9, None),
    ]  # fmt: skip
    only = data_of(payments=rows, definitions={"collected_kinds": ["deposit"]})
    assert of(only, "collected") == (0, None)


def test_a_reversal_takes_from_the_agent_of_the_payment_even_where_only_the_source_says_whose_it_is() -> None:
    rows = NAMED + (
        "M1,L1,A1,2026-03-10 10:00,80,KES,instalment,\nM2,L1,,2026-03-12 10:00,-80,KES,,M1\n"
        "M3,L1,A2,2026-03-12 10:00,5,KES,instalment,\n"
    )
    data = replace(data_of(payments=rows), credit=Credit(rules=("named",)))
    assert [of(data, "collected", scope) for scope in ("A1", "A2", "")] == [(0, None), (5, None), (5, None)]


def test_what_nobody_is_credited_with_counts_for_everybody_and_ties_to_the_ledger() -> None:
    rows = NAMED + "M1,L1,A1,2026-03-10 10:00,80,KES,instalment,\nM2,L2,,2026-03-10 10:00,20,KES,instalment,\n"
    data = data_of(payments=rows)
    assert (of(data, "collected", "A1"), of(data, "collected", "")) == ((80, None), (100, None))


def test_cash_counts_on_the_day_of_posting_where_the_profile_says_so() -> None:
    header = "payment_id,account_id,agent_id,paid_at,posted_at,amount,currency,kind\n"
    rows = header + "M1,L1,A1,2026-02-28 10:00,2026-03-01 08:00,80,KES,instalment\n"
    assert of(data_of(payments=rows), "collected") == (0, None)
    posted = data_of(payments=rows, definitions={"payment_day": "posting"})
    assert of(posted, "collected") == (80, None)
    assert values(posted, "collected", "2026-03-01", "hour").values["period"].unique().to_list() == ["2026-03-01T08"]


def credits(*rows: str, term: str = "100") -> Any:
    accounts = f"account_id,customer_id,product,activated_on,currency,term_days\nL1,C1,lamp,2026-01-01,KES,{term}\n"
    return of(data_of(payments=paid(*rows), accounts=accounts), "credits_bought", "")


def test_credits_are_counted_as_decimals_and_only_those_bought() -> None:
    assert credits(
        "2026-03-05, 10, L1, instalment, , 2.5, bought", "2026-03-06, 10, L1, instalment, , 0.1, bought",
        "2026-03-07, 10, L1, instalment, , 4, free", "2026-03-08, 10, L1, instalment, , 8, borrowed",
        "2026-03-09, 10, L1, deposit, , 16, bought",
    ) == (2.6, None)  # fmt: skip


@pytest.mark.parametrize(("credit", "counted"), [("19", 19), ("20", 20), ("21", 20)])
def test_a_payoff_counts_at_most_what_was_left_of_the_term(credit: str, counted: int) -> None:
    rows = ("2026-02-05, 10, L1, instalment, , 80, bought", f"2026-03-05, 10, L1, payoff, , {credit}, bought")
    assert credits(*rows) == (counted, None)
    assert credits(*rows, term="") == (int(credit), None)


def test_a_reversal_takes_back_the_credits_that_were_counted_in_its_own_month() -> None:
    rows = ("2026-02-05, 10, L1, payoff, , 200, bought", "2026-03-05, -10, L1, payoff, M1, , ")
    assert credits(*rows) == (-100, None)


@pytest.mark.parametrize(
    ("payments", "in_time"),
    [
        (["2026-03-10 23:59, 100"], 100),
        (["2026-03-11 00:00, 100"], 0),
        (["2026-03-10, 60", "2026-03-11, 40"], 60),
        (["2026-03-01, 500"], 100),
    ],
)
def test_paid_on_the_due_day_is_paid_on_time(payments: list[str], in_time: int) -> None:
    assert rate("timely_repayment", payments=paid(*payments), dues=due("2026-03-10, 100")) == (in_time, 100)


def test_payments_go_to_the_oldest_due_first() -> None:
    dues = due("2026-02-10, 100", "2026-03-10, 100", "2026-03-20, 100")
    assert rate("timely_repayment", payments=paid("2026-03-05, 150", "2026-03-15, 150"), dues=dues) == (150, 200)


def test_a_payment_that_bounced_was_not_on_time() -> None:
    rows = paid("2026-03-05, 100", "2026-03-25, -100, L1, instalment, M1")
    assert rate("timely_repayment", payments=rows, dues=due("2026-03-10, 100")) == (0, 100)


def test_the_repayment_rate_runs_from_the_beginning_and_is_never_a_months_own() -> None:
    dues = due("2026-01-10, 100", "2026-02-10, 100", "2026-03-10, 100")
    data = data_of(payments=paid("2026-01-10, 100", "2026-02-20, 50", "2026-03-20, 30"), dues=dues, assignments=MINE)
    found = [of(data, "repayment_rate", period=month) for month in ("2026-01", "2026-02", "2026-03")]
    assert found == [(100, 100), (150, 200), (180, 300)]
    assert of(data, "repayment_rate", period="2026-Q1", grain="quarter") == (180, 300)
    by_month = values(data, "repayment_rate", "2026-Q1", "month").values.filter(pl.col("scope") == "A1")
    assert by_month.select("numerator", "denominator").rows() == [(100, 100), (150, 200), (180, 300)]


def test_what_is_paid_ahead_of_plan_counts_when_it_falls_due() -> None:
    dues = due("2026-02-10, 100", "2026-03-10, 100", "2026-02-10, 100, L2")
    data = data_of(payments=paid("2026-02-01, 180"), dues=dues, assignments=MINE)
    assert of(data, "repayment_rate", period="2026-02") == (100, 200)
    assert of(data, "repayment_rate", period="2026-03") == (180, 300)


def test_a_month_without_a_movement_keeps_what_has_run_up() -> None:
    data = data_of(payments=paid("2026-01-10, 60"), dues=due("2026-01-10, 100"), assignments=MINE)
    assert of(data, "repayment_rate") == (60, 100)


def test_contracts_are_judged_on_their_ninetieth_day_by_month_of_activation() -> None:
    dues = due("2026-01-31, 100", "2026-04-01, 50", "2026-04-02, 25")
    data = data_of(
        as_of=date(2026, 4, 30), payments=paid("2026-04-01 20:00, 120", "2026-04-02, 55"), dues=dues, assignments=MINE,
        accounts=ACCOUNTS.replace("L2,C2,lamp,2026-01-01", "L2,C2,lamp,2026-02-01"),
    )  # fmt: skip
    run = values(data, "repayment_rate_90", "2026", "cohort").values.filter(pl.col("scope") == "A1")
    found = {row["period"]: (row["numerator"], row["denominator"], row["waiting"]) for row in run.iter_rows(named=True)}
    assert found == {"2026-01": (120, 150, 0), "2026-02": (0, 0, 1)}
    assert kpi_codes()["repayment_rate_90"].cohort == "month"


TABLES = {
    "payments": paid(
        "2026-02-05, 10, L1, instalment, , 80, bought", "2026-03-05, 10.55, L1, payoff, , 2.25, bought",
        "2026-03-06, 30, L2", "2026-03-16, 20, L1", "2026-03-20, -30, L2, instalment, M3", "2026-03-21, 15, L3, fee",
    ),
    "dues": due("2026-02-10, 40", "2026-03-10, 20.45", "2026-03-20, 20", "2026-03-10, 33, L2"),
    "assignments": MOVED + "L2,A2,2026-01-01,\nL2,F1,2026-02-01,2026-03-10\n",
    "balances": BALANCES + "L1,2026-02-28,100,40\nL2,2026-02-28,70,3\n",
    "agents": FIELD,
    "accounts": """account_id,customer_id,product,activated_on,currency,placed_on,placed_amount,term_days,\
status,closed_on
L1,C1,lamp,2025-12-05,KES,2026-02-03,200,82,active,
L2,C2,lamp,2026-01-05,KES,2026-03-03,100,300,paid_off,2026-03-25
L3,C3,lamp,2026-01-01,KES,,,,,
""",
}  # fmt: skip


@pytest.mark.parametrize("kpi", RULES)
@pytest.mark.parametrize("base", ["due", "due_and_arrears"])
def test_pandas_and_duckdb_give_the_same_sums(kpi: str, base: str) -> None:
    data = data_of(definitions={"collection_rate_base": base}, **TABLES)
    same_on_every_engine(data, kpi, "2026-Q1", "month")
    assert not values(data, kpi).values.is_empty()


def test_a_prepayment_beyond_what_is_due_is_on_neither_side() -> None:
    rows = paid("2026-03-10, 74", "2026-03-11, 40, L1, prepayment")
    assert rate(payments=rows, dues=due("2026-03-09, 100")) == (74, 100)


def test_a_payment_that_nobody_names_is_its_owners_of_the_day_where_a_profile_says_no_more() -> None:
    rows = NAMED + "M1,L1,,2026-03-14 10:00,80,KES,instalment,\nM2,L1,,2026-03-15 10:00,20,KES,instalment,\n"
    data = replace(data_of(payments=rows, assignments=MOVED), credit=ALWAYS)
    assert [of(data, "collected", scope)[0] for scope in ("A1", "A2", "")] == [80, 20, 100]


HAD_A_CALL = "call_id,agent_id,account_id,started_at,right_party,disposition\n"


@pytest.mark.parametrize(
    ("call", "whose"),
    [
        ("2026-03-13 10:00,yes,call_back", "A2"),
        ("2026-03-13 10:00,yes,", "A1"),  # a result is asked for
        ("2026-03-13 10:00,no,no_answer", "A1"),
        ("2026-03-07 10:00,yes,call_back", "A2"),  # seven days before
        ("2026-03-06 23:59,yes,call_back", "A1"),
        ("2026-03-14 10:01,yes,call_back", "A1"),  # the money was there already
    ],
)
def test_a_token_call_before_payday_takes_nothing_from_the_owner(call: str, whose: str) -> None:
    """Ways people game a number: contact credit."""
    rows = NAMED + "M1,L1,,2026-03-14 10:00,80,KES,instalment,\n"
    owner = OWNED + "L1,A1,2026-01-01,\n"
    tables = {"payments": rows, "assignments": owner, "calls": HAD_A_CALL + f"K1,A2,L1,{call}\n"}
    data = replace(data_of(**tables), credit=ALWAYS)
    assert {scope: of(data, "collected", scope)[0] for scope in ("A1", "A2")} == {"A1": 0, "A2": 0, whose: 80}
    protected = replace(data_of(**tables), credit=Credit(rules=("named", "owner", "contact")))
    assert of(protected, "collected", "A1") == (80, None)


def test_money_of_a_saturday_counts_on_its_day_week_and_month() -> None:
    rows = NAMED + "M1,L1,A1,2026-03-28 10:00,80,KES,instalment,\nM2,L1,A1,2026-03-29 23:59,5,KES,instalment,\n"
    data = data_of(payments=rows)
    assert of(data, "collected", period="2026-03-28", grain="day") == (80, None)
    assert of(data, "collected", period="2026-W13", grain="week") == (85, None)
    assert of(data, "collected", period="2026-W14", grain="week") == (0, None)
