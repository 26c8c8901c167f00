"""Corners that only random scenarios reach: each as a small example with its sum done by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from oracle import naive
from oracle.stage import Tables
from small_runs import paid, people, plan_of
from written_runs import Written, calculate

Plan = dict[str, Any]


def months(folder: Path, plan: Plan, *runs: tuple[str, Tables]) -> tuple[list[Written], list[naive.Result]]:
    """The command's runs, and the oracle's."""
    written: list[Written] = []
    plainly: list[naive.Result] = []
    for label, tables in runs:
        written.append(calculate(folder, [plan], label, tables, written))
        plainly.append(naive.calculate(tables, [plan], label, plainly))
    return written, plainly


def assert_both(found: tuple[list[Written], list[naive.Result]], agent: str, column: str, *cells: str) -> None:
    """A column of an agent's row in every run, by the command and by the oracle."""
    written, plainly = found
    rows = [{row["agent_id"]: row for row in run.sheet}.get(agent, {}) for run in written]
    expected = [Decimal(cell) for cell in cells]
    assert [Decimal(run.sheet[agent][column]) / 100 for run in plainly] == expected, "the oracle"
    assert [Decimal(row.get(column, "0")) for row in rows] == expected, "the command"


def quality(value: str, period: str = "2026-03") -> dict[str, list[dict[str, str]]]:
    return {"kpi_values": [{"kpi": "qc_score", "agent_id": "A1", "period": period, "value": value}]}


NO_QUALITY: dict[str, list[dict[str, str]]] = {"kpi_values": []}
GATE = {"code": "QUALITY", "kpi": "qc_score", "at_least": "93%", "otherwise": "reduce to 50%"}


def held_plan() -> Plan:
    """10 %, held without a quality score, halved by a low one, all of it taken back with its payment."""
    limits: Plan = {"gates": ["QUALITY"], "clawback": {"share": "100%"}}
    terms: Plan = {"kind": "percent", "measure": "collected", "per": "period", "rate": "10%"}
    return plan_of(terms | limits, gate=[GATE])


def test_half_of_a_held_payment_is_reversed_and_then_half_is_forfeited(tmp_path: Path) -> None:
    """10 % of 1,000 is held; 500 are reversed (50 back); the late value leaves half of the other 50: 25 in all."""
    rows = [paid("P1", "2026-03-10", 100_000), paid("R1", "2026-04-10", -50_000, reverses="P1")]
    march = people("A1") | {"payments": rows[:1]} | NO_QUALITY
    april = people("A1") | {"payments": rows} | quality("0.90")
    found = months(tmp_path, held_plan(), ("2026-03", march), ("2026-04", april))
    assert_both(found, "A1", "clawback", "0", "-50.00")
    assert_both(found, "A1", "carried_out", "0", "0")
    assert_both(found, "A1", "payable", "0", "25.00")


def test_half_is_forfeited_and_then_the_rest_of_the_payment_is_reversed(tmp_path: Path) -> None:
    """10 % of 1,000 is held, the late value leaves 50; the payment is reversed: 50 are taken back, not 100."""
    rows = [paid("P1", "2026-03-10", 100_000), paid("R1", "2026-05-10", -100_000, reverses="P1")]
    march = people("A1") | {"payments": rows[:1]} | NO_QUALITY
    april = people("A1") | {"payments": rows[:1]} | quality("0.90")
    may = people("A1") | {"payments": rows} | quality("0.90")
    found = months(tmp_path, held_plan(), ("2026-03", march), ("2026-04", april), ("2026-05", may))
    assert_both(found, "A1", "payable", "0", "50.00", "0")
    assert_both(found, "A1", "clawback", "0", "0", "-50.00")


def test_an_account_is_reactivated_whatever_else_the_plan_pays(tmp_path: Path) -> None:
    """40 days past due, it paid in February and in March: once in March, beside a year to date as without one."""
    plan = plan_of({"kind": "per_unit", "measure": "accounts_reactivated", "per": "period", "amount": "150"})
    plan["component"].append(
        {"code": "YEAR", "kind": "percent", "measure": "collected", "per": "year_to_date", "rate": "1%"}
    )
    rows = [paid("P0", "2026-02-28", 30), paid("P1", "2026-03-01", 3_000)]
    found = months(tmp_path, plan, ("2026-03", people("A1") | {"payments": rows}))
    assert_both(found, "A1", "CASH", "150.00")


def test_a_payment_counted_is_banded_by_its_own_amount(tmp_path: Path) -> None:
    """20 for a payment of 1,000 or more, 10 for a smaller one."""
    bands = [{"from": "0", "amount": "10"}, {"from": "1000", "amount": "20"}]
    banding = {"band_by": "amount", "band_mode": "whole", "band_edge": "from", "bands": bands}
    plan = plan_of({"kind": "per_unit", "measure": "payments", "per": "payment"} | banding)
    rows = [paid("P1", "2026-03-10", 100_000), paid("P2", "2026-03-20", 30_000)]
    found = months(tmp_path, plan, ("2026-03", people("A1") | {"payments": rows}))
    assert_both(found, "A1", "CASH", "30.00")


def test_credits_are_banded_by_the_credits_and_not_by_the_payments(tmp_path: Path) -> None:
    """7 and 2 days bought are 9, in the band from 4: 9 x 100; slice by slice 4 x 10 and 5 x 100."""
    bands = [{"from": "0", "amount": "10"}, {"from": "4", "amount": "100"}]
    rows = [paid("P1", "2026-03-10", 10_000), paid("P2", "2026-03-20", 10_000)]
    for row, days in zip(rows, ("7", "2"), strict=True):
        row |= {"credits": days, "credits_kind": "bought"}
    for mode, expected in (("whole", "900.00"), ("slice", "540.00")):
        banding = {"band_by": "count", "band_mode": mode, "band_edge": "from", "bands": bands}
        plan = plan_of({"kind": "per_unit", "measure": "credits_bought", "per": "period"} | banding)
        found = months(tmp_path / mode, plan, ("2026-03", people("A1") | {"payments": rows}))
        assert_both(found, "A1", "CASH", expected)


def test_two_roles_in_a_month_are_guaranteed_each_for_its_days(tmp_path: Path) -> None:
    """100 x 10/31 = 32.25 and 200 x 21/31 = 135.48, rounded down: 167.73, of which 13.00 are earned."""
    guarantees = [
        {"role": role, "amount": amount, "kind": "top_up", "prorate": "calendar_days"}
        for role, amount in (("field_agent", "100"), ("call_agent", "200"))
    ]
    plan = plan_of({"kind": "percent", "measure": "collected", "per": "period", "rate": "1%"}, guarantee=guarantees)
    tables = people("A1") | {"payments": [paid("P1", "2026-03-05", 130_000)]}
    tables["agents"] = [
        {"agent_id": "A1", "name": "A", "role": "field_agent", "valid_from": "2025-01-01", "valid_to": "2026-03-10"},
        {"agent_id": "A1", "name": "A", "role": "call_agent", "valid_from": "2026-03-11", "valid_to": ""},
    ]
    found = months(tmp_path, plan, ("2026-03", tables))
    assert_both(found, "A1", "guarantee", "154.73")


def test_what_a_year_to_date_paid_later_on_a_payment_is_taken_back_with_it(tmp_path: Path) -> None:
    """1 % of 500 in January; in February the year's 1,700 reach 10 %, 45 more for it: all 50 go back with it."""
    bands = [{"from": "0", "rate": "1%"}, {"from": "1500", "rate": "10%"}]
    banding = {"band_by": "amount", "band_mode": "whole", "band_edge": "from", "bands": bands}
    plan = plan_of({"kind": "percent", "measure": "collected", "per": "year_to_date"} | banding)
    plan["component"][0]["clawback"] = {"share": "100%"}
    rows = [paid("P1", "2026-01-15", 50_000), paid("P2", "2026-02-05", 120_000)]
    rows.append(paid("R1", "2026-03-10", -50_000, reverses="P1"))
    runs = [(f"2026-0{n}", people("A1") | {"payments": rows[:n]}) for n in (1, 2, 3)]
    found = months(tmp_path, plan, *runs)
    assert_both(found, "A1", "CASH", "5.00", "165.00", "0")
    assert_both(found, "A1", "clawback", "0", "0", "-50.00")


@pytest.mark.parametrize(("per_payment", "expected"), [(("-20", "10"), ["20.00"]), (("-20", "20"), ["20.00"])])
def test_a_floor_over_a_negative_total_is_a_piece_by_itself(
    tmp_path: Path, per_payment: tuple[str, str], expected: list[str]
) -> None:
    """A penalty never becomes a reward: no line above zero but the floor's own."""
    bands = [{"from": "31", "amount": per_payment[0]}, {"from": "61", "amount": per_payment[1]}]
    banding = {"band_by": "days_past_due", "band_mode": "whole", "band_edge": "from", "bands": bands}
    plan = plan_of({"kind": "per_unit", "measure": "payments", "per": "period", "floor": "20"} | banding)
    tables = people("A1") | {"payments": [paid("P1", "2026-03-05", 10_000), paid("P2", "2026-03-20", 10_000)]}
    tables["balances"].append({"account_id": "C1", "as_of": "2026-03-10", "balance": "500", "days_past_due": "70"})
    written, plainly = months(tmp_path, plan, ("2026-03", tables))
    assert_both((written, plainly), "A1", "CASH", *expected)
    penalties = [Decimal(line["amount"]) for line in written[0].lines if line["payment_id"] == "P1"]
    assert all(amount <= 0 for amount in penalties)
