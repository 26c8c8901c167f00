"""What must hold for any plan and any data, through the real command.

Look harder:  HYPOTHESIS_PROFILE=deep python -m pytest tests/test_laws.py
"""

import copy
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle.component_strategies import splits
from oracle.strategies import Scenario, scenarios
from small_runs import paid, people, plan_of
from written_runs import Written, calculate

A_FEW = settings(max_examples=max(6, settings().max_examples // 16))
"""each example runs the command two or more times"""

AFTER_COMPONENTS = (
    "adjustments clawback holdback released guarantee gross withholding net carried_in payable carried_out "
    "held_balance draw_balance"
).split()


@contextmanager
def a_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def run_all(folder: Path, scenario: Scenario) -> list[Written]:
    written: list[Written] = []
    for label, tables in scenario.runs:
        written.append(calculate(folder, scenario.plans, label, tables, scenario.given(label, written)))
    return written


# Any scenario


@A_FEW
@given(scenarios())
def test_lines_add_up_to_the_sheet_and_the_sheet_re_adds(scenario: Scenario) -> None:
    with a_folder() as folder:
        for run in run_all(folder, scenario):
            for row in run.sheet:
                assert_re_adds(row)
                lines = [Decimal(line["amount"]) for line in run.lines if line["agent_id"] == row["agent_id"]]
                assert sum(lines, Decimal(0)) == Decimal(row["net"])
            agents = {row["agent_id"] for row in run.sheet}
            assert {line["agent_id"] for line in run.lines if Decimal(line["amount"])} <= agents


def assert_re_adds(row: dict[str, str]) -> None:
    number = {column: Decimal(cell) for column, cell in row.items() if column not in ("agent_id", "name", "currency")}
    earned = sum((amount for column, amount in number.items() if column not in AFTER_COMPONENTS), Decimal(0))
    between = ("adjustments", "clawback", "holdback", "released", "guarantee")
    assert number["gross"] == earned + sum((number[column] for column in between), Decimal(0))
    assert number["net"] == number["gross"] + number["withholding"]
    assert number["carried_out"] == number["net"] + number["carried_in"] - number["payable"]
    assert number["holdback"] <= 0 <= number["payable"]
    assert number["clawback"] <= 0
    assert number["withholding"] <= 0


@A_FEW
@given(scenarios(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(scenario: Scenario, chance: random.Random) -> None:
    shuffled = copy.deepcopy(scenario)
    for _, tables in shuffled.runs:
        for rows in tables.values():
            chance.shuffle(rows)
    with a_folder() as folder:
        as_it_was, otherwise = run_all(folder / "a", scenario), run_all(folder / "b", shuffled)
        for one, other in zip(as_it_was, otherwise, strict=True):
            for name in ("lines.csv", "sheet.csv"):
                assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()


@A_FEW
@given(scenarios())
def test_the_same_run_again_writes_the_same_bytes(scenario: Scenario) -> None:
    with a_folder() as folder:
        first, again = run_all(folder / "a", scenario), run_all(folder / "b", scenario)
        for one, other in zip(first, again, strict=True):
            names = sorted(path.name for path in one.folder.iterdir() if path.is_file())
            assert names == sorted(path.name for path in other.folder.iterdir() if path.is_file())
            for name in names:
                assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes(), name


BAD_ROWS = [
    {"account_id": "NOBODY", "amount": "10.00"},
    {"account_id": "C1", "amount": "12,00O"},
    {"account_id": "C1", "amount": "10.00", "currency": "USD"},
    {"account_id": "C1", "amount": "-5.00"},
]


@A_FEW
@given(scenarios(), st.lists(st.sampled_from(BAD_ROWS), max_size=3))
def test_what_comes_in_is_credited_excluded_unattributed_or_rejected(
    scenario: Scenario, bad: list[dict[str, str]]
) -> None:
    label, tables = scenario.runs[0]
    tables = copy.deepcopy(tables)
    for i, row in enumerate(bad):
        tables["payments"].append({"payment_id": f"BAD{i}", "paid_at": "2026-03-05T10:00:00", "currency": "KES", **row})
    with a_folder() as folder:
        control = calculate(folder, scenario.plans, label, tables, rejected=len(bad)).facts["control"]
    ways = [control["credited"], *control["excluded"].values(), control["unattributed"], control["rejected"]]
    readable = [row["amount"] for row in tables["payments"] if row["amount"] != "12,00O"]
    assert sum(way["rows"] for way in ways) == len(tables["payments"])
    assert control["rejected"]["rows"] == len(bad)
    assert as_cents(sum(Decimal(str(way["amount"])) for way in ways)) == as_cents(sum(map(Decimal, readable)))
    assert control["payments_in"]["rows"] == len(tables["payments"])


def as_cents(amount: Decimal | int) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


# Small plans with one component


CENTS = st.one_of(st.sampled_from([1, 30, 3333, 10_000, 10_001, 9_999, 25_000, 50_000]), st.integers(1, 200_000))
DAYS_OF_MARCH = st.integers(1, 31).map(lambda day: f"2026-03-{day:02d}")
PAID = st.lists(st.tuples(DAYS_OF_MARCH, CENTS), min_size=1, max_size=8)


def payments_of(rows: list[tuple[str, int]]) -> list[dict[str, str]]:
    return [paid(f"P{i:02d}", day, cents) for i, (day, cents) in enumerate(rows)]


@st.composite
def rising_components(draw: st.DrawFn) -> dict[str, Any]:
    """A share of what was collected, never a smaller one for more."""
    scale = draw(st.sampled_from(["amount", "attainment", "days_past_due", ""]))
    component: dict[str, Any] = {"kind": "percent", "measure": "collected", "per": "period"}
    if not scale:
        return component | {"rate": "2.5%"}
    starts = {"amount": ["0", "100", "250"], "attainment": ["0%", "80%", "100%"], "days_past_due": ["0", "31", "61"]}
    modes = ["whole", "interpolated"] if scale == "days_past_due" else ["slice", "whole", "interpolated"]
    rates = sorted(draw(st.lists(st.sampled_from([0, 1, 2, 3, 5, 10]), min_size=3, max_size=3)))
    component["bands"] = [{"from": start, "rate": f"{rate}%"} for start, rate in zip(starts[scale], rates, strict=True)]
    component |= {"band_by": scale, "band_mode": draw(st.sampled_from(modes)), "band_edge": "from"}
    if scale == "attainment":
        component |= {"target": "collected", "prorate": "none"}
    if scale == "amount" and draw(st.booleans()):
        component["per"] = "payment"
    return component


@A_FEW
@given(rising_components(), PAID, st.tuples(DAYS_OF_MARCH, CENTS))
def test_more_collected_never_pays_less(
    component: dict[str, Any], rows: list[tuple[str, int]], more: tuple[str, int]
) -> None:
    plan = plan_of(component)
    with a_folder() as folder:
        less = calculate(folder / "a", [plan], "2026-03", people("A1") | {"payments": payments_of(rows)})
        most = calculate(folder / "b", [plan], "2026-03", people("A1") | {"payments": payments_of([*rows, more])})
    assert Decimal(most.sheet[0]["CASH"]) >= Decimal(less.sheet[0]["CASH"] if less.sheet else 0)


@A_FEW
@given(splits(), PAID)
def test_a_split_gives_away_exactly_the_payment(split: dict[str, str], rows: list[tuple[str, int]]) -> None:
    """At a rate of 100 % the lines are the parts themselves."""
    plan = plan_of({"kind": "percent", "measure": "collected", "per": "payment", "rate": "100%", "split": split})
    tables = people("A1", "A2", "L1") | {"payments": payments_of(rows)}
    tables["agents"][0]["team_leader_id"] = "L1"
    tables["assignments"] = [
        {"account_id": "C1", "agent_id": "A2", "assigned_on": "2025-01-01", "ended_on": "2026-03-10"},
        {"account_id": "C1", "agent_id": "A1", "assigned_on": "2026-03-11", "ended_on": ""},
    ]
    with a_folder() as folder:
        run = calculate(folder, [plan], "2026-03", tables)
    for row in tables["payments"]:
        parts = [Decimal(line["amount"]) for line in run.lines if line["payment_id"] == row["payment_id"]]
        assert sum(parts, Decimal(0)) == Decimal(row["amount"])


@A_FEW
@given(rising_components(), PAID, st.integers(1, 3))
def test_what_is_reversed_completely_is_taken_back_completely(
    component: dict[str, Any], rows: list[tuple[str, int]], parts: int
) -> None:
    """However banded, and in however many parts reversed: earned in March, taken back in April, nothing in all."""
    plan = plan_of(component | {"clawback": {"share": "100%", "decline": "none"}})
    payments = payments_of(rows)
    reversals = []
    for i, (_, cents) in enumerate(rows):
        for part in range(parts):
            taken = cents // parts if part < parts - 1 else cents - (parts - 1) * (cents // parts)
            if taken:
                reversals.append(paid(f"R{i}-{part}", f"2026-04-{10 + part:02d}", -taken, reverses=f"P{i:02d}"))
    with a_folder() as folder:
        march = calculate(folder, [plan], "2026-03", people("A1") | {"payments": payments})
        april = calculate(folder, [plan], "2026-04", people("A1") | {"payments": payments + reversals}, [march])
    earned = sum((Decimal(row["CASH"]) for row in march.sheet), Decimal(0))
    taken_back = sum((Decimal(row["clawback"]) for row in april.sheet), Decimal(0))
    assert earned + taken_back == 0
    assert not any(Decimal(row["CASH"]) for row in april.sheet)


@A_FEW
@given(st.lists(st.tuples(DAYS_OF_MARCH, st.integers(1, 999).map(lambda units: units * 100)), min_size=1, max_size=8))
def test_the_halves_of_a_month_add_up_to_the_month(rows: list[tuple[str, int]]) -> None:
    """A linear plan, and whole units so that nothing is rounded."""
    flat = {"kind": "percent", "measure": "collected", "per": "period", "rate": "3%"}
    tables = people("A1") | {"payments": payments_of(rows)}
    with a_folder() as folder:
        month = calculate(folder / "m", [plan_of(flat)], "2026-03", tables)
        plan = plan_of(flat, period="half_month")
        first = calculate(folder / "h", [plan], "2026-03-H1", tables)
        second = calculate(folder / "h", [plan], "2026-03-H2", tables, [first])
    halves = [Decimal(row["CASH"]) for run in (first, second) for row in run.sheet]
    assert sum(halves, Decimal(0)) == Decimal(month.sheet[0]["CASH"])


@A_FEW
@given(PAID, st.integers(0, 7), st.integers(1, 200_000))
def test_one_payment_in_two_pieces_changes_nothing(rows: list[tuple[str, int]], which: int, cut: int) -> None:
    """Banded by the period, an amount paid in two goes earns what it earned in one."""
    day, cents = rows[which % len(rows)]
    assume(cut < cents)
    in_two = [*rows, (day, cents - cut)]
    in_two[which % len(rows)] = (day, cut)
    bands = [{"from": "0", "rate": "1%"}, {"from": "100", "rate": "2.5%"}, {"from": "250", "rate": "3.3333%"}]
    component = {"kind": "percent", "measure": "collected", "per": "period", "bands": bands, "band_by": "amount"}
    for mode in ("slice", "whole", "interpolated"):
        plan = plan_of(component | {"band_mode": mode, "band_edge": "from"})
        with a_folder() as folder:
            once = calculate(folder / "a", [plan], "2026-03", people("A1") | {"payments": payments_of(rows)})
            twice = calculate(folder / "b", [plan], "2026-03", people("A1") | {"payments": payments_of(in_two)})
        assert once.sheet[0]["CASH"] == twice.sheet[0]["CASH"]
