"""How debts roll, and what comes in by age, counted by hand: catalogue row 0.2. ROLL, LIQ, PAR, PAYG are published."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from evidence_cases import BALANCES, NOTHING, PAID, data_of, on_every_engine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kpi_cases import of

from toolkit.kpis.data import Data, MissingError
from toolkit.recovery.buckets import bucket_names, date_of, number_of, state_names
from toolkit.recovery.curves import at_risk, flows, footed, month_ends, roll_rates, rolls
from toolkit.recovery.forecast import loss_forecast
from toolkit.recovery.liquidation import liquidation, vintage
from toolkit.recovery_rules import RecoveryRules

RULES = RecoveryRules(buckets=(1, 31, 61, 91))
OPENED, CLOSED = "2026-02-28", "2026-03-31"
STATES = "account_id,customer_id,product,activated_on,currency,status,closed_on\n"


def accounts(*rows: str) -> str:
    """``L1 written_off,2026-03-10`` each; active unless said."""
    cells = [row.split() for row in rows]
    return STATES + "".join(
        f"{name},C{name},lamp,2025-01-01,KES,{' '.join(state) or 'active,'}\n" for name, *state in cells
    )


def portfolio(*rows: str, **tables: Any) -> Data:
    """``L1 2026-02-28 100 40`` each: account, day, balance, days past due."""
    cells = [row.split() for row in rows]
    names = sorted({name for name, *_ in cells})
    given = {
        "accounts": accounts(*names),
        "balances": BALANCES + "".join(",".join(row) + "\n" for row in cells),
        **tables,
    }
    return data_of(**given)


def moves(data: Data) -> dict[tuple[str, str], tuple[int, int, int]]:
    """accounts, opening and closing money by from and to."""
    rows = rolls(data, RULES).select("from", "to", "accounts", "opening", "closing").iter_rows()
    return {(of, to): (count, opening // 100, closing // 100) for of, to, count, opening, closing in rows}


@pytest.mark.parametrize(
    ("then", "state"),
    [
        ("90 0", "current"), ("90 1", "1-30"), ("90 30", "1-30"), ("90 31", "31-60"), ("90 60", "31-60"),
        ("90 61", "61-90"), ("90 90", "61-90"), ("90 91", "91+"), ("0 0", "paid_off"),
    ],
)  # fmt: skip
def test_an_account_rolls_to_the_bucket_of_its_days_past_due(then: str, state: str) -> None:
    found = moves(portfolio(f"L1 {OPENED} 100 40", f"L1 {CLOSED} {then}"))
    assert found == {("31-60", state): (1, 100, int(then.split()[0]))}


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("written_off,2026-03-31", "written_off"), ("written_off,2026-04-01", "gone"),
        ("paid_off,2026-03-05", "paid_off"),
        ("returned,2026-03-05", "returned"), ("repossessed,2026-03-05", "returned"), ("active,", "gone"),
    ],
)  # fmt: skip
def test_what_became_of_an_account_that_is_in_no_later_snapshot(state: str, fate: str) -> None:
    rows = (f"L1 {OPENED} 100 40", f"L2 {OPENED} 5 0", f"L2 {CLOSED} 5 0")
    found = moves(portfolio(*rows, accounts=accounts(f"L1 {state}", "L2")))
    assert found == {("31-60", fate): (1, 100, 0), ("current", "current"): (1, 5, 5)}


def test_an_account_written_off_counts_as_lost_though_its_balance_is_still_listed() -> None:
    data = portfolio(f"L1 {OPENED} 100 40", f"L1 {CLOSED} 100 71", accounts=accounts("L1 written_off,2026-03-10"))
    assert moves(data) == {("31-60", "written_off"): (1, 100, 0)}


def test_the_flows_of_a_month_foot_in_accounts_and_in_money() -> None:
    data = portfolio(
        f"L1 {OPENED} 100 40", f"L1 {CLOSED} 80 0",  # cured, after paying 20
        f"L2 {OPENED} 100 40", f"L2 {CLOSED} 100 71",  # rolled on
        f"L3 {OPENED} 100 40", f"L3 {CLOSED} 90 45",  # stayed, after paying 10
        f"L4 {CLOSED} 50 5",  # new
        f"L5 {OPENED} 70 10", f"L5 {CLOSED} 0 0",  # paid off
    )  # fmt: skip
    table = flows(rolls(data, RULES), RULES)
    found = {(row["state"], row["unit"]): row for row in table.iter_rows(named=True)}
    assert all(footed(row) == row["closing"] for row in found.values())
    money = found["31-60", "money"]
    assert (money["opening"], money["cured"], money["to_worse"], money["change"], money["closing"]) == (
        30_000, 10_000, 10_000, -1_000, 9_000,
    )  # fmt: skip
    counted = found["31-60", "accounts"]
    assert (counted["opening"], counted["cured"], counted["to_worse"], counted["closing"]) == (3, 1, 1, 1)
    assert (found["1-30", "money"]["new"], found["1-30", "money"]["paid_off"]) == (5_000, 7_000)
    assert found["current", "money"]["from_worse"] == 8_000


def rolled(start: int, on: int) -> Any:
    """The roll rate of ``start`` in a bucket, of which ``on`` rolled."""
    rows = [
        f"L1 {OPENED} {on} 40",
        f"L1 {CLOSED} {on} 71",
        f"L2 {OPENED} {start - on} 40",
        f"L2 {CLOSED} {start - on} 40",
    ]
    return roll_rates(rolls(portfolio(*rows), RULES), RULES).row(0, named=True)


@pytest.mark.parametrize(
    ("start", "on", "rate", "misprint"),
    [(1_000_000, 200_000, 0.2, None), (1_000_000, 600_000, 0.6, 0.06), (100, 5, 0.05, 0.2)],
)
def test_published_roll_rates_and_two_that_were_published_wrong(
    start: int, on: int, rate: float, misprint: float
) -> None:
    """ROLL-1 (calculator.city): 20 %. ROLL-X1 (newsbusiness.biz) prints 6 % for 600,000 of 1,000,000, ROLL-X2
    (businessdictionary.info) 20 % for 5 of 100."""
    found = rolled(start, on)
    assert found["rate_money"] == rate != misprint
    assert found["rate_accounts"] == 0.5


def test_a_state_in_which_nothing_stood_has_no_rate_and_the_forecast_says_so() -> None:
    table = rolls(portfolio(f"L1 {OPENED} 100 40", f"L1 {CLOSED} 100 71"), RULES)
    assert roll_rates(table, RULES)["state"].to_list() == ["31-60"]
    forecast = loss_forecast(table, RULES)
    assert forecast.filter(pl.col("state") == "61-90").select("balance", "share", "loss").row(0) == (10_000, None, None)


def test_where_every_debt_moves_on_or_is_paid_within_the_month_roll_rates_are_multiplied() -> None:
    """Of 31-60 half rolls, of 61-90 a quarter, of 91+ a fifth is written off: 10 of 400, what chained rates give."""
    days = {"A": (40, 61), "B": (61, 91)}
    rows = [f"{name}{place} {OPENED} 100 {days[name][0]}" for name in days for place in range(4)]
    rows += [f"C{place} {OPENED} 100 95" for place in range(5)]
    rows += [f"A0 {CLOSED} 100 61", f"A1 {CLOSED} 100 61", f"B0 {CLOSED} 100 91", f"N1 {CLOSED} 400 40"]
    rows += [f"{name} {CLOSED} 0 0" for name in ("A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3", "C4")]
    names = sorted({row.split()[0] for row in rows} - {"C0"})
    data = portfolio(*rows, accounts=accounts(*names, "C0 written_off,2026-03-10"))
    row = loss_forecast(rolls(data, RULES), RULES).filter(pl.col("state") == "31-60").row(0, named=True)
    assert row["share"] == pytest.approx(1 / 2 * 1 / 4 * 1 / 5)
    assert (row["balance"], row["loss"], row["until"]) == (40_000, 1_000, "written_off")


def test_a_debt_that_stays_is_not_saved_and_the_best_and_the_worst_month_are_the_range() -> None:
    """Nobody ever pays: of 61-90 half and then all rolled to 91+, of 91+ a tenth and then a fifth was written off. All
    of it is lost in the end, where chained monthly rates would say a ninth."""
    rows = [
        "L1 2026-01-31 50 61", "L2 2026-01-31 50 61", "L3 2026-01-31 10 91", "L4 2026-01-31 90 91",
        "L1 2026-02-28 50 91", "L2 2026-02-28 50 61", "L4 2026-02-28 90 91", "L5 2026-02-28 35 91",
        "L2 2026-03-31 50 91", "L1 2026-03-31 50 91", "L4 2026-03-31 90 91", "L6 2026-03-31 80 61",
    ]  # fmt: skip
    lost = accounts("L1", "L2", "L3 written_off,2026-02-10", "L4", "L5 written_off,2026-03-10", "L6")
    forecast = loss_forecast(rolls(portfolio(*rows, accounts=lost), RULES), RULES)
    row = forecast.filter(pl.col("state") == "61-90").row(0, named=True)
    assert (row["share_low"], row["share"], row["share_high"], row["until"]) == (1, 1, 1, "written_off")
    paid = [row.replace("L4 2026-03-31 90", "L4 2026-03-31 45") for row in rows]
    row = loss_forecast(rolls(portfolio(*paid, accounts=lost), RULES), RULES).filter(pl.col("state") == "61-90")
    # of 91+: 275 opened, 45 written off, 45 paid: half of what leaves is lost; in March 35 of 80
    assert row.select("share", "share_low").row(0) == pytest.approx((1 / 2, 35 / 80))


def test_a_bucket_that_nothing_ever_leaves_says_nothing_of_what_is_lost() -> None:
    rows = ["L1 2026-02-28 100 61", "L1 2026-03-31 100 65", "L2 2026-02-28 10 91"]
    data = portfolio(*rows, accounts=accounts("L1", "L2 written_off,2026-03-10"))
    forecast = loss_forecast(rolls(data, RULES), RULES)
    assert forecast.filter(pl.col("state") == "61-90").select("balance", "share").row(0) == (10_000, None)
    assert forecast.filter(pl.col("state") == "91+")["share"].item() == 1


def test_without_write_offs_the_forecast_ends_in_the_last_bucket() -> None:
    rows = ["L1 2026-02-28 100 61", "L1 2026-03-31 100 91"]
    forecast = loss_forecast(rolls(portfolio(*rows), RULES), RULES)
    assert set(forecast["until"]) == {"last_bucket"}
    assert forecast.filter(pl.col("state") == "91+")["share"].item() == 1.0


def test_months_that_do_not_follow_one_another_have_no_matrix_and_one_snapshot_has_none() -> None:
    gap = portfolio("L1 2026-01-31 100 40", "L1 2026-03-31 100 40")
    assert rolls(gap, RULES).height == 0
    assert flows(rolls(gap, RULES), RULES).height == 0
    assert loss_forecast(rolls(gap, RULES), RULES).height == 0
    with pytest.raises(MissingError, match="balances"):
        rolls(data_of(), RULES)


def test_the_last_snapshot_of_a_month_is_its_end_and_none_after_the_day_of_the_data_counts() -> None:
    data = portfolio("L1 2026-02-10 1 1", "L1 2026-02-28 1 1", "L1 2026-03-30 1 1", as_of=date(2026, 3, 30))
    assert month_ends(data) == [date(2026, 2, 28), date(2026, 3, 30)]


def test_at_risk_is_what_the_kpis_say() -> None:
    """PAYG-3 (Module 7, Portfolio KPIs and PAYGo PERFORM): 180 and 90 of 1,000. PAR-1 (Sa-Dhan, table 13): 23.81 %."""
    payg = ((0, 700), (30, 120), (60, 50), (90, 40), (180, 60), (181, 30))
    sadhan = ((0, 128_000), (1, 17_500), (31, 10_000), (61, 5_000), (91, 3_500), (181, 2_500), (366, 1_500))
    for sizes in (payg, sadhan):
        data = portfolio(*(f"L{place} {CLOSED} {owed} {late}" for place, (late, owed) in enumerate(sizes)))
        for kpi, days in (("par1", 0), ("par30", 30), ("par90", 90)):
            risk, whole = at_risk(data, date(2026, 3, 31), days)
            assert of(data, kpi, "") == (risk / 100, whole / 100)
    assert (risk, whole) == (750_000, 16_800_000)
    assert round(100 * at_risk(data, date(2026, 3, 31), 0)[0] / whole, 2) == 23.81


def test_the_closing_money_of_buckets_is_the_portfolio_at_risk() -> None:
    rows = [f"L{late} {day} {10 + late} {late}" for late in (0, 30, 31, 91) for day in (OPENED, CLOSED)]
    data = portfolio(*rows)
    closing = rolls(data, RULES).group_by("to").agg(pl.col("closing").sum())
    late = closing.filter(pl.col("to").is_in(["31-60", "61-90", "91+"]))["closing"].sum()
    assert (late, closing["closing"].sum()) == at_risk(data, date(2026, 3, 31), 30)


snapshot = st.dictionaries(
    st.sampled_from([f"L{place}" for place in range(6)]),
    st.tuples(st.integers(0, 500), st.integers(0, 120)),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(snapshot, snapshot, st.sampled_from(["active", "written_off", "paid_off", "returned"]))
def test_whatever_opens_and_whatever_closes_is_accounted_for(before: Any, after: Any, status: str) -> None:
    rows = [
        (n, d, owed, late)
        for d, part in ((date(2026, 2, 28), before), (date(2026, 3, 31), after))
        for n, (owed, late) in part.items()
    ]
    schema = {"account_id": pl.String, "as_of": pl.Date, "balance": pl.Int64, "days_past_due": pl.Int64}
    known = [
        (f"L{place}", status if place < 2 else "active", date(2026, 3, 10) if place < 2 else None) for place in range(6)
    ]
    data = Data.of(
        {
            "balances": pl.DataFrame(rows, schema=schema, orient="row"),
            "accounts": pl.DataFrame(
                known, schema={"account_id": pl.String, "status": pl.String, "closed_on": pl.Date}, orient="row"
            ),
        },
        date(2026, 3, 31),
    )
    matrix = rolls(data, RULES)
    gone = {"L0", "L1"} if status == "written_off" else set()
    opening = [owed for owed, _ in before.values() if owed]
    closing = [owed for name, (owed, _) in after.items() if owed and name not in gone]
    both = bool(rows) and len({day for _, day, _, _ in rows}) == 2
    assert matrix.filter(pl.col("from") != "new")["opening"].sum() == (sum(opening) if both else 0)
    assert matrix["closing"].sum() == (sum(closing) if both else 0)
    assert all(footed(row) == row["closing"] for row in flows(matrix, RULES).iter_rows(named=True))


def test_buckets_from_no_day_on_begin_late_with_the_first_day_past_due() -> None:
    assert state_names((0, 7, 30)) == ["current", "0-6", "7-29", "30+"]
    assert state_names((1, 31)) == ["current", "1-30", "31+"]
    assert state_names((8, 31)) == ["current", "1-7", "8-30", "31+"]
    assert bucket_names(()) == []
    for starts in ((0, 7, 30), (8, 31)):
        rules = RecoveryRules(buckets=starts)
        rows = [f"L{late} {day} 1 {late}" for late in (0, 1, 7, 8, 30) for day in (OPENED, CLOSED)]
        found = rolls(portfolio(*rows), rules)
        assert found["accounts"].sum() == 5
        assert set(found["from"]) == set(state_names(starts)) - ({"31+"} if starts == (8, 31) else set())


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 1, 31), date(2026, 12, 31), date(2024, 2, 29)])
def test_a_day_is_its_number_and_back(day: date) -> None:
    assert date_of(number_of(day)) == day


# Liquidation and vintage ----------------------------------------------------------------------------------------------

PLACED = "account_id,customer_id,product,activated_on,currency,placed_on,placed_amount,batch\n"


def placed(*rows: str) -> str:
    """``L1,2026-01-10,1000,B1`` each."""
    cells = [row.split(",") for row in rows]
    return PLACED + "".join(f"{name},C{name},lamp,2025-12-01,KES,{','.join(rest)}\n" for name, *rest in cells)


def paid(*rows: str) -> str:
    """``L1 2026-01-20 100`` each."""
    cells = [row.split() for row in rows]
    return NOTHING + "".join(
        f"P{place},{name},A1,{day} 10:00,{amount},KES,instalment,{'P0' if amount[0] == '-' else ''}\n"
        for place, (name, day, amount) in enumerate(cells)
    )


def curve(table: pl.DataFrame, group: str = "B1") -> list[tuple[Any, ...]]:
    return (
        table.filter(pl.col("group") == group).select("age", "collected", "cumulative", pl.col("share").round(9)).rows()
    )


def test_liquidation_is_what_came_in_of_what_was_placed() -> None:
    """LIQ-1 (receivableaccounts, Liquidation Strategies, 2021): 10,000 of 100,000."""
    data = data_of(
        accounts=placed("L1,2026-01-10,100000,B1", "L3,2026-01-10,,B1"),
        payments=paid("L1 2026-01-20 4000", "L1 2026-03-05 6000", "L1 2026-01-09 500"),
    )
    table = liquidation(data)
    assert curve(table) == [(0, 400_000, 400_000, 0.04), (1, 0, 400_000, 0.04), (2, 600_000, 1_000_000, 0.1)]
    assert set(table["left_out"]) == {1}


def test_what_came_in_on_the_day_of_the_placement_is_of_the_batch() -> None:
    data = data_of(
        accounts=placed("L1,2026-01-10,1000,B1", "L3,2026-01-10,,B1"),
        payments=paid("L1 2026-01-10 100", "L1 2026-01-09 50"),
    )
    assert curve(liquidation(data))[0] == (0, 10_000, 10_000, 0.1)


@pytest.mark.parametrize(("as_of", "ages"), [(date(2026, 3, 30), [0, 1]), (date(2026, 3, 31), [0, 1, 2])])
def test_an_age_is_drawn_once_it_is_over_for_the_youngest_of_the_batch(as_of: date, ages: list[int]) -> None:
    young = placed("L1,2025-12-10,1000,B1", "L3,2026-01-31,1000,B1")
    data = data_of(as_of, accounts=young, payments=paid("L1 2026-01-20 100"))
    assert [age for age, *_ in curve(liquidation(data))] == ages


def test_reversals_come_off_in_their_month_and_debts_without_a_batch_are_of_their_month() -> None:
    data = data_of(
        accounts=placed("L1,2026-01-10,1000,", "L3,2026-01-10,0,"),
        payments=paid("L1 2026-01-20 100", "L1 2026-02-20 -100"),
    )
    assert curve(liquidation(data), "2026-01") == [(0, 10_000, 10_000, 0.1), (1, -10_000, 0, 0.0), (2, 0, 0, 0.0)]


def test_a_vintage_takes_the_price_of_the_contract_where_nothing_was_placed() -> None:
    table = (
        "account_id,customer_id,product,activated_on,currency,term_days,daily_price\nL1,C1,lamp,2026-02-10,KES,100,5\n"
    )
    data = data_of(
        accounts=table + "L3,C3,lamp,2026-02-10,KES,,\n", payments=paid("L1 2026-02-20 50", "L1 2026-03-20 75")
    )
    assert curve(vintage(data), "2026-02") == [(0, 5_000, 5_000, 0.1), (1, 7_500, 12_500, 0.25)]
    assert set(vintage(data)["left_out"]) == {1}


@pytest.mark.parametrize(("first", "cut_off"), [("2026-01-31", 0), ("2026-02-01", 1)])
def test_a_batch_from_before_the_first_payment_in_the_data_has_no_share(first: str, cut_off: int) -> None:
    rows = PAID + f"P1,L1,A1,{first} 10:00,100,KES,instalment,\n"
    table = liquidation(data_of(accounts=placed("L1,2026-01-10,1000,B1", "L3,,,"), payments=rows))
    assert set(table["cut_off"]) == {cut_off}
    assert (table["share"].null_count() > 0) == bool(cut_off)


def test_nothing_placed_is_no_curve() -> None:
    data = data_of(accounts=placed("L1,,,", "L3,,,"), payments=PAID + "P1,L1,A1,2026-01-02 10:00,1,KES,instalment,\n")
    assert liquidation(data).height == 0
    with pytest.raises(MissingError, match="placed_on"):
        liquidation(data_of(payments=NOTHING))


def test_every_engine_gives_the_same() -> None:
    rows = [
        "L1 2026-02-28 100 40",
        "L1 2026-03-31 80 0",
        "L2 2026-02-28 100 40",
        "L2 2026-03-31 100 71",
        "L3 2026-02-28 9 1",
    ]
    table = placed("L1,2026-01-10,1000,B1", "L2,2026-01-10,1000,", "L3,2026-01-10,,B1").replace(
        "batch\n", "batch,status,closed_on\n"
    )
    closed = table.replace(",B1\n", ",B1,active,\n").replace(",1000,\n", ",1000,,written_off,2026-03-31\n")
    data = portfolio(
        *rows, accounts=closed, payments=paid("L1 2026-01-20 100", "L1 2026-02-20 -100", "L2 2026-02-21 7")
    )

    def made(given: Data) -> list[pl.DataFrame]:
        matrix = rolls(given, RULES)
        return [matrix, flows(matrix, RULES), roll_rates(matrix, RULES), liquidation(given), vintage(given)]

    on_every_engine(data, made)
