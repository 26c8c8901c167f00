"""Cost held against what it brought: every figure with numerator, denominator and definition; published cases.

COST-1: M-KOPA v Commissioner of Domestic Taxes, Kenya Tax Appeal 1237 of 2022. COST-3: oraclecms.com (120,000 on 40,000
calls) and callcentrehelper.com, month 3 (320,000 on 100,000 calls). COST-4: safengroup.com, cost to collect. LIQ-1:
receivableaccounts.blogspot.com 2021-08. The calls of COST-3 are a thousandth of those published.
"""

from dataclasses import replace
from fractions import Fraction

import narwhals as nw
import polars as pl
import pytest
from kpi_cases import of
from recovery_cases import (
    BALANCES,
    COSTS,
    PAID,
    PAYMENTS,
    VISITS,
    calls,
    costs_of,
    data_of,
    on_other_engines,
    ratio,
    value,
)

from toolkit.kpis.data import Data
from toolkit.recovery.ratios import NO_BASE, NO_COSTS, measures, ratio_table, recovery_ratios
from toolkit.recovery.routes import in_words, routes
from toolkit.recovery_rules import RecoveryRules

TALK = calls("A1 L1 30 yes yes", "A2 L2 60 yes no", "A1 L2 0 no no")
LEDGER = (
    COSTS
    + "2026-03,call,,30,KES,,\n2026-03,salary,,50,KES,A1,\n2026-03,salary,,50,KES,A3,\n2026-03,overhead,,20,KES,,\n"
)
RECOVERED = (
    "recovery_id,account_id,agent_id,ordered_on,recovered_on,sold_on,net_proceeds,outcome\n"
    "R1,L1,A1,2026-03-01,2026-03-05,2026-03-20,75.50,recovered\n"
    "R2,L2,A1,2026-03-01,2026-03-06,,,redeemed\n"
    "R3,L3,A1,2026-03-01,2026-03-07,,,surrendered\n"
)


def full(**more: str) -> Data:
    """A month of two callers and somebody who does nothing."""
    return data_of(**{"costs": LEDGER, "calls": TALK, "payments": PAID, "recoveries": RECOVERED, **more})


def test_cost_for_each_unit_collected_direct_and_loaded() -> None:
    costs = costs_of(full())
    assert value(costs, "cost_per_unit") == Fraction(150, 300)
    assert value(costs, "cost_per_unit_direct") == Fraction(130, 300)
    assert value(costs, "cost_to_collect") == 50
    assert value(costs, "net_recovery") == 150
    assert value(costs, "net_recovery_direct") == 170


def test_assets_are_a_figure_of_their_own_and_never_mixed_in() -> None:
    costs = costs_of(full())
    assert value(costs, "collected") == 300
    assert value(costs, "assets_net") == Fraction("75.50")
    assert value(costs, "net_recovery_with_assets") == Fraction("225.50")
    assert value(costs, "cost_per_unit_with_assets") == Fraction(150) / Fraction("375.50")
    assert value(costs, "cost_per_unit") == Fraction(150, 300)


def test_collected_is_of_the_kinds_that_count_and_net_of_reversals_of_these() -> None:
    payments = PAID + (
        "P3,L1,A1,2026-03-07 10:00,1000,KES,deposit,\n"
        "P4,L1,A1,2026-03-08 10:00,-50,KES,instalment,P1\n"
        "P5,L1,A1,2026-03-09 10:00,-1000,KES,,P3\n"
    )
    assert value(costs_of(full(payments=payments)), "collected") == 250


def test_costs_of_actions_have_their_counts_below_the_line() -> None:
    costs = costs_of(
        full(
            costs=LEDGER + "2026-03,visit,,8,KES,A3,\n2026-03,recovery,,40,KES,A1,\n",
            visits=VISITS + "V1,A3,L3,2026-03-02 09:00\n",
        )
    )
    assert value(costs, "cost_per_call_direct") == Fraction(30, 3)
    assert value(costs, "cost_per_contact_direct") == Fraction(30, 2)
    assert value(costs, "cost_per_visit_direct") == 8
    assert value(costs, "cost_per_visit") == 58  # with the whole salary of the one who visits
    assert value(costs, "cost_per_asset_recovered_direct") == 20  # a redeemed one is no recovered asset
    assert ratio(costs, "cost_per_asset_recovered_direct").denominator == 2


def test_everything_spent_is_in_the_cost_of_some_action_or_of_none() -> None:
    costs = costs_of(full(costs=LEDGER + "2026-03,visit,,8,KES,A3,\n", visits=VISITS + "V1,A3,L3,2026-03-02 09:00\n"))
    parts = [ratio(costs, f"cost_per_{name}").numerator for name in ("call", "visit")]
    assert sum(parts) == ratio(costs, "cost").numerator


def test_a_promise_kept_is_the_callers_and_of_its_account() -> None:
    promises = (
        "promise_id,account_id,agent_id,made_at,due_on,amount\n"
        "T1,L1,A1,2026-03-01 10:00,2026-03-06,200\nT2,L2,A2,2026-03-02 10:00,2026-03-06,200\n"
    )
    costs = costs_of(full(promises=promises))
    assert ratio(costs, "cost_per_promise_kept_direct").denominator == 1
    assert ratio(costs, "cost_per_promise_kept_direct", "A1", "agent").denominator == 1
    assert ratio(costs, "cost_per_promise_kept_direct", "A2", "agent").note == NO_BASE
    assert ratio(costs, "cost_per_promise_kept_direct", "lamp", "product").denominator == 1


@pytest.mark.parametrize("payments", [PAYMENTS, PAYMENTS + "P1,L1,A1,2026-02-05 10:00,9,KES,instalment,\n"
                                      "P2,L1,A1,2026-03-05 10:00,-9,KES,instalment,P1\n"])  # fmt: skip
def test_a_ratio_without_recovery_is_no_base(payments: str) -> None:
    old = payments if "P1" in payments else payments + "P1,L1,A1,2026-02-05 10:00,9,KES,instalment,\n"
    one = ratio(costs_of(full(payments=old)), "cost_per_unit")
    assert (one.value, one.note) == (None, NO_BASE)


def test_a_period_without_costs_has_no_ratio_rather_than_a_free_one() -> None:
    costs = costs_of(full(costs=COSTS + "2026-02,call,,30,KES,,\n"))
    assert ratio(costs, "cost_per_unit").note == NO_COSTS
    assert ratio(costs, "net_recovery").value is None
    assert value(costs, "collected") == 300


def test_every_kind_of_scope_adds_up_to_everybody() -> None:
    found = recovery_ratios(
        costs_of(full(balances=BALANCES + "L1,2026-02-28,90,40\nL2,2026-02-28,90,3\n")), RecoveryRules()
    )
    for measure in ("cost", "cost_direct", "collected", "assets_net", "net_recovery"):
        whole = next(one.numerator for one in found if one.scope_kind == "all" and one.measure == measure)
        for kind in ("agent", "team", "bucket", "product", "creditor"):
            mine = [one.numerator for one in found if one.scope_kind == kind and one.measure == measure]
            assert len(mine) >= 1
            assert sum(mine) == whole, (kind, measure)
    buckets = list(dict.fromkeys(one.scope for one in found if one.scope_kind == "bucket"))
    assert buckets == ["0-6", "30-59", "(not known)"]


def test_channels_are_held_against_everything_collected_and_add_up_too() -> None:
    costs = costs_of(full())
    parts = [
        one.value
        for one in recovery_ratios(costs, RecoveryRules())
        if one.scope_kind == "channel" and one.measure == "cost_per_unit"
    ]
    assert sum(part for part in parts if part is not None) == value(costs, "cost_per_unit")
    assert value(costs, "cost_per_call_direct", "call", "channel") == 10


def test_doubling_every_cost_doubles_every_ratio_of_cost() -> None:
    once = costs_of(full())
    rows = LEDGER.splitlines()
    twice = costs_of(full(costs="\n".join([*rows, *rows[1:]]) + "\n"))
    for measure in measures():
        if measure.startswith("cost") and ratio_or_none(once, measure) is not None:
            assert value(twice, measure) == 2 * (value(once, measure) or 0), measure


def ratio_or_none(costs: object, measure: str) -> Fraction | None:
    found = [
        one for one in recovery_ratios(costs, RecoveryRules()) if one.scope_kind == "all" and one.measure == measure
    ]  # type: ignore[arg-type]
    return found[0].value if found else None


def test_every_row_says_what_it_is() -> None:
    data = full()
    table = ratio_table(recovery_ratios(costs_of(data), RecoveryRules()), RecoveryRules(), data)
    assert not table.filter(
        pl.col("definition").is_null() | (pl.col("title") == "") | pl.col("numerator").is_null()
    ).height
    row = table.filter((pl.col("scope") == "A1") & (pl.col("measure") == "cost_per_unit")).to_dicts()[0]
    assert (row["name"], row["denominator"]) == ("Asha", "200")
    assert "commission is in it; loaded: overhead; counted: instalment, payoff" in row["definition"]
    cent = table.filter((pl.col("scope_kind") == "all") & (pl.col("measure") == "cost_per_unit_direct")).to_dicts()[0]
    assert (cent["numerator"], cent["value"]) == ("130", "0.433333")


def test_the_kpi_cost_per_unit_agrees() -> None:
    data = full(
        payments=PAID + "P4,L1,A1,2026-03-08 10:00,-50,KES,instalment,P1\nP5,L1,A1,2026-03-09 10:00,7,KES,fee,\n"
    )
    costs = costs_of(data)
    one = ratio(costs, "cost_per_unit")
    assert of(data, "cost_per_unit", "") == (float(one.numerator / 100), (one.denominator or 0) / 100)
    for agent in ("A1", "A3"):
        own = costs.cells.filter((pl.col("agent_id") == agent) & (pl.col("shared") == "own"))["amount"].sum()
        got = ratio(costs, "collected", agent, "agent").numerator
        assert of(data, "cost_per_unit", agent) == (own / 100, float(got / 100))


def test_the_kpi_agrees_by_the_rate_card_too() -> None:
    rates = "channel,unit,cost,currency,from\ncall,call,2.00,KES,2026-01-01\nlegal,filing,99.00,KES,2026-01-01\n"
    cases = "case_id,account_id,agent_id,kind,opened_on\nK1,L1,A1,legal,2026-03-05\nK2,L1,A1,police,2026-03-05\n"
    data = data_of(rate_card=rates, calls=TALK, payments=PAID, cases=cases)
    assert of(data, "cost_per_unit", "") == (105, 300)
    assert value(costs_of(data), "cost") == 105
    assert value(costs_of(data), "cost_per_filing") == 99


def test_pandas_and_duckdb_give_the_same_figures() -> None:
    data = full(
        balances=BALANCES + "L1,2026-02-28,90,40\n",
        promises="promise_id,account_id,agent_id,made_at,due_on,amount\nT1,L1,A1,2026-03-01 10:00,2026-03-06,200\n",
    )
    wanted = recovery_ratios(costs_of(data), RecoveryRules())
    assert len(wanted) > 100
    for other in on_other_engines(data):
        assert recovery_ratios(costs_of(other), RecoveryRules()) == wanted


# --- published cases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cost", "count", "published"), [(120_000, 40_000, "3"), (320_000, 100_000, "3.2")])
def test_cost_of_a_call_as_published(cost: int, count: int, published: str) -> None:
    text = calls(*["A1 L1 10 yes yes"] * (count // 1000))
    data = data_of(costs=COSTS + f"2026-03,salary,,{cost // 1000},KES,A1,\n", calls=text)
    assert value(costs_of(data), "cost_per_call") == Fraction(published)


@pytest.mark.parametrize(("effort", "published"), [(80, "4"), (180, "9")])
def test_internal_effort_of_an_account_as_published(effort: int, published: str) -> None:
    payments = PAYMENTS + "P1,L1,A1,2026-03-05 10:00,2000,KES,instalment,\n"
    costs = costs_of(data_of(costs=COSTS + f"2026-03,call,,{effort},KES,,\n", payments=payments))
    assert value(costs, "cost_to_collect") == Fraction(published)


def test_what_was_placed_is_a_stock_and_no_figure_of_cost_looks_at_it() -> None:
    """10,000 collected of 100,000 placed liquidates 10 %; the cost is held against the 10,000 alone."""
    accounts = (
        "account_id,customer_id,product,activated_on,currency,placed_on,placed_amount\n"
        "L1,C1,lamp,2026-01-01,KES,2026-03-01,100000\n"
    )
    assignments = "account_id,agent_id,assigned_on,ended_on\nL1,A1,2026-03-01,\n"
    payments = PAYMENTS + "P1,L1,A1,2026-03-05 10:00,10000,KES,instalment,\n"
    data = data_of(
        accounts=accounts, assignments=assignments, payments=payments, costs=COSTS + "2026-03,call,,1000,KES,A1,\n"
    )
    liquidated = of(data, "liquidation_rate", "")
    assert Fraction(liquidated[0]) / Fraction(liquidated[1]) == Fraction(1, 10)
    assert value(costs_of(data), "cost_to_collect") == 10


# --- routes ------------------------------------------------------------------------------------------------


def test_a_route_dearer_than_what_is_owed_never_pays() -> None:
    costs = costs_of(
        data_of(
            costs=COSTS + "2026-03,visit,,250,KES,A1,\n2026-03,call,,3,KES,A1,\n",
            calls=TALK,
            visits=VISITS + "V1,A1,L1,2026-03-02 09:00\nV2,A1,L3,2026-03-02 10:00\n",
            balances=BALANCES + "L1,2026-02-28,100,40\n",
        )
    )
    call, visit = routes(costs, RecoveryRules())
    assert (visit.action, visit.each, visit.owed, visit.break_even, visit.word) == (
        "visit",
        12500,
        10000,
        Fraction(5, 4),
        "never",
    )
    assert (call.each, call.word) == (100, "possible")
    assert "1.25 times what is owed" in in_words(visit, 2)
    [_, with_fee] = routes(costs, RecoveryRules(fee_rate="0.5"))
    assert with_fee.break_even == Fraction(5, 2)


def test_what_is_overhead_is_no_cost_of_one_more_action() -> None:
    costs = costs_of(full(costs=COSTS + "2026-03,call,,5,KES,,\n2026-03,airtime,,2,KES,,\n"), fully_loaded=("airtime",))
    [call] = routes(costs, RecoveryRules(fully_loaded=("airtime",)))
    assert call.cost == 500


def test_without_balances_nobody_knows_what_a_route_has_to_bring() -> None:
    [call] = routes(costs_of(full()), RecoveryRules())
    assert (call.word, call.break_even) == ("not known", None)


def test_credit_notes_above_the_costs_give_no_break_even() -> None:
    data = full(balances=BALANCES + "L1,2026-02-28,100,40\nL2,2026-02-28,100,40\n").defined(credit_notes="deducted")
    rows = pl.DataFrame({"period": ["2026-03"], "channel": ["call"], "amount": [-500], "currency": ["KES"]})
    costs = costs_of(replace(data, tables={**data.tables, "costs": nw.from_native(rows)}))
    assert value(costs, "cost") == -5
    assert [route.word for route in routes(costs, RecoveryRules())] == ["not known"]
