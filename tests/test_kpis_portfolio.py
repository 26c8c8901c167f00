"""KPIs of the portfolio: catalogue rows 0.2, 1.9, 3.7. Figures named PAYG, PAR, ROLL are published."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from kpi_cases import TEAM, data_of, note, of, said_beside, same_on_every_engine, values

from toolkit.kpis.portfolio import PORTFOLIO as RULES

BALANCES = "account_id,as_of,balance,days_past_due\n"
OWNED = "account_id,agent_id,assigned_on,ended_on\n"
PAID = "payment_id,account_id,paid_at,amount,currency,kind,reverses\n"
FIELD = TEAM + "F1,Fatuma,field_agent,North,Nakuru,2026-01-01,\n"


def accounts(*names: str, **closed: str) -> str:
    """Accounts by name; ``L1="written_off,2026-03-10"`` closes one."""
    rows = [f"{name},C{name},lamp,2025-01-01,KES,{closed.get(name, 'active,')}\n" for name in names]
    return "account_id,customer_id,product,activated_on,currency,status,closed_on\n" + "".join(rows)


def portfolio(*sizes: tuple[int, float], day: str = "2026-03-31", **tables: Any) -> Any:
    """One account for each (days past due, balance), all of A1."""
    names = [f"L{number}" for number in range(len(sizes))]
    rows = "".join(f"{name},{day},{owed},{late}\n" for name, (late, owed) in zip(names, sizes, strict=True))
    owners = OWNED + "".join(f"{name},A1,2026-01-01,\n" for name in names)
    return data_of(**{"accounts": accounts(*names), "balances": BALANCES + rows, "assignments": owners, **tables})


def test_balances_by_age_give_par30_and_par90() -> None:
    """PAYG-3 (Module 7, Portfolio KPIs and PAYGo PERFORM): 180 and 90 of 1,000."""
    data = portfolio((0, 700), (30, 120), (60, 50), (90, 40), (180, 60), (181, 30))
    assert [of(data, f"par{days}") for days in (1, 30, 60, 90)] == [(300, 1000), (180, 1000), (130, 1000), (90, 1000)]


def test_everything_in_arrears_is_at_risk_from_the_first_day() -> None:
    """PAR-1 (Sa-Dhan, Tracking Financial Performance Standards of MFIs, table 13): 23.81 %, over 30 days 13.39."""
    data = portfolio((0, 128_000), (1, 17_500), (31, 10_000), (61, 5_000), (91, 3_500), (181, 2_500), (366, 1_500))
    assert round(100 * note(data, "par1")[0], 2) == 23.81
    assert round(100 * note(data, "par30")[0], 2) == 13.39


@pytest.mark.parametrize(
    ("kpi", "late", "at_risk"),
    [
        ("par1", 0, 0), ("par1", 1, 10), ("par7", 7, 0), ("par7", 8, 10), ("par30", 30, 0), ("par30", 31, 10),
        ("par60", 60, 0), ("par60", 61, 10), ("par90", 90, 0), ("par90", 91, 10),
    ],
)  # fmt: skip
def test_an_account_is_at_risk_from_the_day_after_so_many(kpi: str, late: int, at_risk: int) -> None:
    assert of(portfolio((late, 10), (0, 5)), kpi) == (at_risk, 15)


STOCK = (
    BALANCES
    + """L1,2026-01-31,100,0
L2,2026-01-31,100,40
L1,2026-02-15,90,10
L2,2026-02-15,100,55
L1,2026-02-28,80,31
L2,2026-02-28,100,68
L1,2026-03-31,70,0
"""
)


def test_snapshots_are_never_added_up_the_last_of_each_period_counts() -> None:
    data = data_of(balances=STOCK, accounts=accounts("L1", "L2"))
    found = {period: of(data, "par30", "", period) for period in ("2026-01", "2026-02", "2026-03")}
    assert found == {"2026-01": (100, 200), "2026-02": (180, 180), "2026-03": (0, 70)}
    assert of(data, "par30", "", "2026-Q1", "quarter") == (0, 70)
    months = values(data, "par30", "2026-Q1", "month").values.filter(pl.col("scope_kind") == "all")
    assert months["numerator"].to_list() == [100, 180, 0]
    weeks = values(data, "par30", "2026-02", "week").values.filter(pl.col("scope_kind") == "all")
    assert dict(weeks.select("period", "denominator").iter_rows()) == {"2026-W07": 190, "2026-W09": 180}


def test_a_snapshot_after_the_day_of_the_data_or_an_overpaid_balance_does_not_count() -> None:
    rows = BALANCES + "L1,2026-03-10,100,40\nL2,2026-03-10,-50,0\nL1,2026-03-20,10,50\n"
    data = data_of(as_of=date(2026, 3, 15), balances=rows, accounts=accounts("L1", "L2"))
    assert of(data, "par30", "") == (100, 100)


def test_what_is_written_off_is_not_at_risk_any_more() -> None:
    rows = BALANCES + "L1,2026-03-31,100,140\nL2,2026-03-31,50,40\n"
    data = data_of(balances=rows, accounts=accounts("L1", "L2", L1="written_off,2026-03-10"))
    assert of(data, "par90", "") == (0, 50)


def test_risk_is_the_owners_of_the_snapshot_day_and_once_in_the_team_of_two_owners() -> None:
    owners = OWNED + "L1,A2,2026-01-01,2026-03-30\nL1,A1,2026-03-31,\nL1,F1,2026-01-01,\n"
    data = data_of(
        balances=BALANCES + "L1,2026-03-31,100,40\n", accounts=accounts("L1"), assignments=owners, agents=FIELD
    )
    assert [of(data, "par30", scope) for scope in ("A1", "A2", "F1", "North", "")] == [
        (100, 100), (0, 0), (100, 100), (100, 100), (100, 100),
    ]  # fmt: skip


def test_no_balance_is_no_base_and_no_table_is_named() -> None:
    assert of(data_of(balances=BALANCES, accounts=accounts("L1")), "par30", "") == (0, 0)
    assert "balances" in str(values(data_of(), "par30").problems[0])


def rolled(*moves: tuple[int, int | None, float], **tables: Any) -> Any:
    """Accounts with their days past due at the end of February and of March (None: not in it), and the balance."""
    rows = []
    for number, (before, after, owed) in enumerate(moves):
        rows.append(f"L{number},2026-02-28,{owed},{before}\n")
        rows += [f"L{number},2026-03-31,{owed},{after}\n"] if after is not None else []
    names = [f"L{number}" for number in range(len(moves))]
    return data_of(**{"accounts": accounts(*names), "balances": BALANCES + "".join(rows), **tables})


def test_the_roll_rate_is_what_rolled_of_what_was_there() -> None:
    """ROLL-1 (costcalculator.calculator.city): 200,000 of 1,000,000 are 20 %."""
    data = rolled((45, 76, 200_000), (45, 45, 800_000), definitions={"roll_rate_of": "balance"})
    assert of(data, "roll_rate", "") == (200_000, 1_000_000)


@pytest.mark.parametrize(
    ("start", "went", "printed", "right"),
    [
        (10, 6, 0.06, 0.6),  # ROLL-X1, newsbusiness.biz prints 6 %
        (100, 5, 0.2, 0.05),  # ROLL-X2, businessdictionary.info prints 20 %
    ],
)
def test_two_articles_print_a_roll_rate_that_their_own_figures_do_not_give(
    start: int, went: int, printed: float, right: float
) -> None:
    data = rolled(*[(45, 76, 10)] * went, *[(45, 45, 10)] * (start - went))
    assert note(data, "roll_rate", "")[0] == right != printed


@pytest.mark.parametrize(
    ("before", "after", "result"),
    [
        (30, 31, (1, 2)), (30, 30, (0, 2)), (31, 60, (0, 2)), (60, 61, (1, 2)), (31, 5, (0, 2)), (90, 91, (1, 2)),
        (0, 31, (0, 1)), (91, 122, (0, 1)), (45, None, (0, 2)),
    ],
)  # fmt: skip
def test_an_account_rolls_when_it_reaches_a_later_age_of_debt(before: int, after: int | None, result: Any) -> None:
    assert of(rolled((before, after, 10), (45, 45, 10)), "roll_rate", "") == result


@pytest.mark.parametrize(("closed", "result"), [("written_off,2026-03-10", (1, 2)), ("paid_off,2026-03-10", (0, 2))])
def test_an_account_that_left_the_books_rolled_only_if_it_was_written_off(closed: str, result: Any) -> None:
    data = rolled((45, None, 10), (45, 45, 10), accounts=accounts("L0", "L1", L0=closed))
    assert of(data, "roll_rate", "") == result


def test_without_the_month_before_there_is_no_roll_rate() -> None:
    assert of(portfolio((45, 10)), "roll_rate") == (0, 0)


def test_written_off_in_twelve_months_of_the_average_balance() -> None:
    rows = BALANCES + "".join(
        f"L{number},2026-{month},{owed},10\n"
        for month, owed in (("01-31", 100), ("02-28", 200), ("03-31", 300))
        for number in (1, 2)
    )
    gone = accounts("L1", "L2", "L3", "L4", L3="written_off,2026-02-10", L4="written_off,2025-03-31")
    data = data_of(balances=rows + "L3,2026-01-31,60,120\nL4,2025-02-28,40,300\n", accounts=gone)
    assert of(data, "write_off_rate", "", "2026-01") == (40, 150)  # (40 in February 2025 and 260 in January) / 2
    assert of(data, "write_off_rate", "", "2026-02") == (100, 330)  # (260 + 400) / 2
    # L4 was written off more than twelve months before
    assert of(data, "write_off_rate", "", "2026-03") == (60, 420)
    assert of(data, "write_off_rate", "", "2026-Q1", "quarter") == (60, 420)


CALLED = "call_id,agent_id,account_id,started_at,direction\n"


@pytest.mark.parametrize(
    ("call", "worked"),
    [
        ("2026-03-24 23:59,out", 0), ("2026-03-25 00:00,out", 1), ("2026-03-31 10:00,out", 1),
        ("2026-03-30 10:00,in", 0),
    ],
)  # fmt: skip
def test_an_account_is_covered_by_a_call_in_the_last_seven_days(call: str, worked: int) -> None:
    data = portfolio((40, 10), (40, 10), calls=CALLED + f"K1,A2,L0,{call}\n")
    assert of(data, "coverage") == (worked, 2)


def test_visits_and_messages_are_actions_too() -> None:
    data = portfolio(
        (40, 10), (40, 10), (40, 10),
        visits="visit_id,agent_id,account_id,visited_at\nV1,A1,L0,2026-03-30 10:00\nV2,A1,L2,\n",
        messages="message_id,account_id,sent_at\nS1,L1,2026-03-30 10:00\n",
    )  # fmt: skip
    assert of(data, "coverage") == (2, 3)


@pytest.mark.parametrize(("late", "base"), [(0, 1), (1, 1), (2, 2)])
def test_accounts_that_became_overdue_today_are_not_in_the_base(late: int, base: int) -> None:
    assert of(portfolio((late, 10), (40, 10), calls=CALLED), "coverage") == (0, base)


@pytest.mark.parametrize(
    ("case", "base"), [("legal,2026-03-31,", 1), ("legal,2026-03-01,2026-03-31", 2), ("fraud,2026-03-01,", 2)]
)
def test_accounts_under_a_legal_hold_are_left_out(case: str, base: int) -> None:
    cases = f"case_id,account_id,kind,opened_on,closed_on\nX1,L0,{case}\n"
    assert of(portfolio((40, 10), (40, 10), calls=CALLED, cases=cases), "coverage") == (0, base)


def test_coverage_of_a_month_is_that_of_its_last_snapshot() -> None:
    rows = BALANCES + "L1,2026-03-30,10,40\nL2,2026-03-30,10,40\nL1,2026-03-31,10,41\n"
    data = data_of(balances=rows, accounts=accounts("L1", "L2"), calls=CALLED + "K1,A1,L1,2026-03-29 10:00,out\n")
    assert of(data, "coverage", "") == (1, 1)
    assert "calls.started_at" in str(values(portfolio((40, 10)), "coverage").problems[0])


def test_accounts_under_a_legal_hold_are_counted_beside_the_coverage() -> None:
    cases = "case_id,account_id,kind,opened_on,closed_on\nX1,L0,legal,2026-03-01,\n"
    held = portfolio((40, 10), (40, 10), calls=CALLED, cases=cases)
    assert said_beside(held, "coverage") == "1 left out under a legal hold"
    assert said_beside(portfolio((40, 10), calls=CALLED), "coverage") == ""
    only = portfolio((40, 10), calls=CALLED, cases=cases)
    assert note(only, "coverage") == (None, "no base", 0)
    assert said_beside(only, "coverage") == "1 left out under a legal hold"


def months(*owed: tuple[str, str, float, int]) -> str:
    """Balances: account, end of month, balance, days past due."""
    return BALANCES + "".join(f"{name},2026-{day},{balance},{late}\n" for name, day, balance, late in owed)


def test_growth_does_not_flatter_what_is_at_risk_of_the_balances_of_three_months_before() -> None:
    rows = months(
        ("L1", "01-31", 100, 0), ("L1", "02-28", 100, 20), ("L1", "03-31", 100, 50), ("L1", "04-30", 100, 31),
        ("L2", "04-30", 900, 30),  # a new customer, who cannot be late yet
    )  # fmt: skip
    data = data_of(date(2026, 4, 30), balances=rows, accounts=accounts("L1", "L2"))
    assert of(data, "par30", "", "2026-04") == (100, 1000)
    assert of(data, "par30_lagged", "", "2026-04") == (100, 100)
    assert of(data, "par30_lagged", "", "2026-03") == (0, 0), "nobody knows what was owed in December"
    one = data.defined(par_lag_months=1)
    assert [of(one, "par30_lagged", "", month) for month in ("2026-03", "2026-04")] == [(100, 100), (100, 100)]
    thirty = data_of(date(2026, 4, 30), balances=rows.replace(",31\n", ",30\n"), accounts=accounts("L1", "L2"))
    assert of(thirty, "par30_lagged", "", "2026-04") == (0, 100)


def test_the_balances_of_then_are_their_owners_of_then() -> None:
    rows = months(("L1", "02-28", 100, 0), ("L1", "03-31", 80, 31))
    owners = OWNED + "L1,A1,2026-01-01,2026-02-28\nL1,A2,2026-03-01,\n"
    tables = {"balances": rows, "accounts": accounts("L1"), "assignments": owners}
    data = data_of(definitions={"par_lag_months": 1}, **tables)
    found = [of(data, "par30_lagged", scope) for scope in ("A1", "A2", "")]
    assert found == [(0, 100), (80, 0), (80, 100)]


def test_what_comes_in_on_accounts_written_off_is_taken_off_the_loss() -> None:
    rows = months(("L1", "01-31", 60, 120), ("L2", "01-31", 340, 0), ("L2", "02-28", 300, 0), ("L2", "03-31", 260, 0))
    gone = accounts("L1", "L2", L1="written_off,2026-02-10")
    payments = PAID + "".join(
        f"M{n},L1,{at} 10:00,{amount},KES,instalment,\n"
        for n, (at, amount) in enumerate([("2026-02-10", 7), ("2026-02-11", 10), ("2026-03-20", 5)])
    )
    sold = "recovery_id,account_id,agent_id,sold_on,net_proceeds,outcome\n" + (
        "R1,L1,A1,2026-03-25,20,recovered\nR2,L1,A1,2026-03-25,3,redeemed\n"
    )
    data = data_of(balances=rows, accounts=gone, payments=payments, recoveries=sold)
    assert of(data, "write_off_rate", "", "2026-02") == (60, 350)
    assert of(data, "net_loss_rate", "", "2026-02") == (50, 350)  # the 7 of the day itself were paid on the debt
    assert of(data, "net_loss_rate", "", "2026-03") == (60 - 10 - 5 - 20, 320)


VISITS = "visit_id,agent_id,account_id,visited_at\nV1,F1,L1,2026-03-10 10:00\n"
OWED = {
    "agents": FIELD, "accounts": accounts("L1", "L2"), "balances": BALANCES + "L1,2026-02-28,1000,40\n",
    "assignments": OWNED + "L1,F1,2026-01-01,\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("at", "found"),
    [("2026-03-10 09:59", 0), ("2026-03-10 10:00", 50), ("2026-03-17 23:59", 50), ("2026-03-18 00:00", 0)],
)
def test_cash_within_a_week_of_a_visit_is_the_visitors(at: str, found: int) -> None:
    data = data_of(**OWED, visits=VISITS, payments=PAID + f"M1,L1,{at},50,KES,instalment,\n")
    assert of(data, "recovered_of_arrears", "F1") == (found, 1000)


@pytest.mark.parametrize(
    ("promise", "found"),
    [
        ("A1,2026-03-09 10:00,2026-03-11,50,", 0), ("A1,2026-03-09 10:00,2026-03-10,50,", 50),
        ("F1,2026-03-09 10:00,2026-03-11,50,", 50), ("A1,2026-03-12 10:00,2026-03-13,50,", 50),
        ("A1,2026-03-09 10:00,2026-03-11,50,2026-03-10", 50),
    ],
)  # fmt: skip
def test_cash_that_a_colleague_had_promised_is_not_the_visitors(promise: str, found: int) -> None:
    promises = f"promise_id,account_id,agent_id,made_at,due_on,amount,cancelled_on\nP1,L1,{promise}\n"
    rows = PAID + "M1,L1,2026-03-11 10:00,50,KES,instalment,\n"
    data = data_of(**OWED, visits=VISITS, payments=rows, promises=promises)
    assert of(data, "recovered_of_arrears", "F1") == (found, 1000)


def test_assets_sold_are_recovered_and_reversals_and_redeemed_assets_are_not() -> None:
    recoveries = "recovery_id,account_id,agent_id,recovered_on,sold_on,net_proceeds,outcome\n" + (
        "R1,L1,F1,2026-03-01,2026-03-20,300,recovered\nR2,L1,F1,2026-03-01,2026-03-20,70,redeemed\n"
        "R3,L2,F1,2026-02-01,2026-04-02,40,recovered\n"
    )
    rows = PAID + "M1,L1,2026-03-11 10:00,50,KES,instalment,\nM2,L1,2026-03-25 10:00,-50,KES,instalment,M1\n"
    data = data_of(as_of=date(2026, 4, 30), **OWED, visits=VISITS, payments=rows, recoveries=recoveries)
    assert of(data, "recovered_of_arrears", "F1") == (300, 1000)
    assert of(data, "recovered_of_arrears", "F1", "2026-04") == (40, 1000)  # the arrears of the last snapshot known


EVERYTHING = {
    "agents": FIELD,
    "accounts": accounts("L1", "L2", "L3", L3="written_off,2026-03-10"),
    "balances": STOCK + "L3,2026-02-28,55.55,120\nL2,2026-03-31,100,95\n",
    "assignments": OWNED + "L1,A1,2026-01-01,2026-03-14\nL1,A2,2026-03-15,\nL2,A1,2026-01-01,\nL2,F1,2026-02-20,\n",
    "calls": CALLED + "K1,A1,L2,2026-03-29 10:00,out\n",
    "visits": VISITS,
    "payments": PAID + "M1,L1,2026-03-11 10:00,50,KES,instalment,\nM2,L1,2026-03-25 10:00,-50,KES,instalment,M1\n",
    "promises": "promise_id,account_id,agent_id,made_at,due_on,amount\nP1,L1,A1,2026-03-01 10:00,2026-03-05,50\n",
    "cases": "case_id,account_id,kind,opened_on,closed_on\nX1,L1,legal,2026-03-01,\n",
    "recoveries": "recovery_id,account_id,agent_id,sold_on,net_proceeds\nR1,L1,F1,2026-03-20,300\n",
}  # fmt: skip


@pytest.mark.parametrize("kpi", RULES)
def test_pandas_and_duckdb_give_the_same_sums(kpi: str) -> None:
    data = data_of(**EVERYTHING)
    same_on_every_engine(data, kpi, "2026-Q1", "month")
    assert not values(data, kpi).values.is_empty()
