"""The second computation against the worked examples and against sums done by hand here."""

import tomllib
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from case_files import Case, cases, same

from . import bands, naive
from .calendar import containing, period
from .exact import minor_digits, rounded, shared

WORKED = [
    case for case in cases() if case.runs and all(run.exit in (0, 3) for run in case.runs) and case.file != "set_aside"
]
"""Cases of which a run comes; rows are set aside before anything is computed, and not by the oracle."""


def in_major(units: int, currency: str) -> str:
    return str(Decimal(units).scaleb(-minor_digits(currency)))


@pytest.mark.parametrize("case", WORKED, ids=str)
def test_the_oracle_pays_what_was_computed_by_hand(case: Case) -> None:
    plans = [tomllib.loads(text) for text in case.plans]
    earlier: list[naive.Result] = []
    for run in case.runs:
        given = [one for one in earlier if run.previous is None or one.label in run.previous]
        result = naive.calculate(dict(run.tables), plans, run.period, given)
        for row in run.sheet or []:
            mine = result.sheet[row["agent_id"]]
            for column, cell in row.items():
                if column not in ("agent_id", "name", "currency"):
                    found = in_major(mine.get(column, 0), plans[-1]["currency"])
                    assert same(cell, found), (run.period, row["agent_id"], column, mine)
        earlier.append(result)


@pytest.mark.parametrize(
    ("exact", "up", "even"),
    [
        ("0.5", 1, 0),
        ("1.5", 2, 2),
        ("2.5", 3, 2),
        ("-0.5", -1, 0),
        ("-2.5", -3, -2),
        ("2.4999", 2, 2),
        ("-2.51", -3, -3),
    ],
)
def test_a_tie_goes_away_from_zero_or_to_the_even_neighbour(exact: str, up: int, even: int) -> None:
    assert rounded(Fraction(exact), "half_up") == up
    assert rounded(Fraction(exact), "half_even") == even


def test_a_rounded_total_is_shared_out_without_losing_a_cent() -> None:
    third = Fraction(10_000, 3)
    assert shared(10_000, [third, third, third]) == [3334, 3333, 3333]
    assert shared(4, [Fraction(3, 2), Fraction(3, 4), Fraction(7, 4)]) == [1, 1, 2]
    assert shared(-1, [Fraction(-1, 2), Fraction(-1, 2)]) == [0, -1]


def test_a_month_from_the_26th_is_named_after_the_month_it_ends_in() -> None:
    january = period("2026-01", start_day=26)
    assert (january.first, january.last) == (date(2025, 12, 26), date(2026, 1, 25))
    assert containing(date(2025, 12, 26), "month", 26).label == "2026-01"
    assert containing(date(2025, 12, 25), "month", 26).label == "2025-12"


SCALE = [(Fraction(0), Fraction(1)), (Fraction(100), Fraction(2)), (Fraction(300), Fraction(5))]

SLICED = [(0, Fraction(50), Fraction(1)), (1, Fraction(200), Fraction(2)), (2, Fraction(50), Fraction(5))]


def test_a_value_on_a_start_and_a_hair_beside_it() -> None:
    hair = Fraction(1, 100)
    assert [bands.reached(SCALE, "from", 100 + step) for step in (-hair, Fraction(0), hair)] == [1, 2, 2]
    assert [bands.reached(SCALE, "above", 100 + step) for step in (-hair, Fraction(0), hair)] == [1, 1, 2]
    assert bands.reached(SCALE[1:], "from", Fraction(99)) is None
    assert bands.between(SCALE, Fraction(200)) == Fraction(7, 2)
    assert bands.slices(SCALE, Fraction(50), Fraction(350)) == SLICED


def plan_of(component: dict[str, Any], **more: Any) -> dict[str, Any]:
    settings = {
        "id": "T",
        "version": 1,
        "currency": "KES",
        "country": "KE",
        "from": date(2024, 1, 1),
        "period": "month",
    }
    terms = {"rate_date": "payment", "rounding": "half_up", "payout_unit": "0.01", "credit": {"rules": ["named"]}}
    return (
        settings | terms | {"component": [{"code": "CASH", "measure": "collected", "per": "period"} | component]} | more
    )


def tables_of(*payments: str) -> naive.Tables:
    """Payments of agent A1 written `id day amount [reverses]`."""
    names = ("payment_id", "day", "amount", "reverses")
    rows = [dict(zip(names, (*text.split(), ""), strict=False)) for text in payments]
    return {
        "agents": [{"agent_id": "A1", "name": "A", "role": "field_agent"}],
        "accounts": [{"account_id": "L1", "customer_id": "K1", "product": "phone"}],
        "payments": [row | {"account_id": "L1", "agent_id": "A1", "paid_at": row["day"] + "T10:00:00"} for row in rows],
    }


def months(plan: dict[str, Any], tables: naive.Tables, *labels: str) -> list[dict[str, int]]:
    earlier: list[naive.Result] = []
    for label in labels:
        earlier.append(naive.calculate(tables, [plan], label, earlier))
    return [result.sheet["A1"] for result in earlier]


def test_an_excess_is_carried_until_there_is_room() -> None:
    """10 % of 1,000 and of 300 under a cap of 60: 60 now; then 30, and 30 of the 40 put aside; then the last 10."""
    plan = plan_of({"kind": "percent", "rate": "10%", "cap": "60", "cap_excess": "carry"})
    rows = months(plan, tables_of("P1 2026-01-05 1000", "P2 2026-02-05 300"), "2026-01", "2026-02", "2026-03")
    assert [row["CASH"] for row in rows] == [6000, 6000, 1000]


def test_partial_reversals_take_back_to_the_cent_what_was_paid() -> None:
    """1 % of 1.50 is 0.015, rounded 0.02; three reversals of 0.50 take 0.01, 0.00 and 0.01."""
    plan = plan_of({"kind": "percent", "rate": "1%", "clawback": {"share": "100%"}})
    reversals = ["R1 2026-02-01 -0.50 P1", "R2 2026-02-02 -0.50 P1", "R3 2026-03-01 -0.50 P1"]
    rows = months(plan, tables_of("P1 2026-01-05 1.50", *reversals), "2026-01", "2026-02", "2026-03")
    assert [row["CASH"] for row in rows] == [2, 0, 0]
    assert [row["clawback"] for row in rows] == [0, -1, -1]


def test_half_of_the_net_pays_a_debt_and_whole_units_are_paid() -> None:
    """-30.00 carried in, 21.30 earned: half, 10.65, is paid in whole units as 10; -18.70 stays."""
    more = {"carry": {"recover_at_most": "50%"}, "payout_unit": "1"}
    plan = plan_of({"kind": "percent", "rate": "10%"}, **more)
    tables = tables_of("P1 2026-02-05 213")
    tables["adjustments"] = [
        {"adjustment_id": "J", "agent_id": "A1", "on": "2026-01-31", "amount": "-30", "reason": "x"}
    ]
    rows = months(plan, tables, "2026-01", "2026-02")
    assert [row["carried_out"] for row in rows] == [-3000, -1870]
    assert [row["payable"] for row in rows] == [0, 1000]
