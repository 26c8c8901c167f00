"""Every run computed twice: by the command, and the slow and plain way of tests/oracle; they agree to the cent.

Look harder:  HYPOTHESIS_PROFILE=deep python -m pytest tests/test_against_oracle.py
"""

import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from oracle import naive
from oracle.exact import minor_digits
from oracle.strategies import Scenario, scenarios
from small_runs import paid, people, plan_of
from written_runs import Written, calculate, in_minor

BY_LINE = ("earn", "cap_carry", "override", "holdback", "release", "guarantee", "withholding", "clawback")
"""kinds whose amounts are compared line by line"""

Key = tuple[str, str, str, str]


@given(scenarios())
def test_the_command_and_the_oracle_pay_the_same(scenario: Scenario) -> None:
    assert_same_runs(scenario)


PLAN = plan_of(
    {"kind": "percent", "measure": "collected", "per": "period", "rate": "1%", "clawback": {"share": "100%"}}
)
MONTHS = ("2026-03", "2026-04", "2026-05")


@st.composite
def told_in_any_order(draw: st.DrawFn) -> Scenario:
    """Payments of one agent and their reversals, each row known from some month on; some months know none before."""
    day = st.tuples(st.sampled_from(MONTHS), st.sampled_from(["05", "25"])).map("-".join)
    rows = [paid("P0", "2026-03-01", 5_000)]
    for i in range(draw(st.integers(1, 3))):
        cents, on = draw(st.sampled_from([10_000, 150])), draw(day)
        rows.append(paid(f"P{i}{i}", on, cents))
        for part in range(draw(st.integers(0, 2))):
            back = max(on, draw(day))
            rows.append(
                paid(f"R{i}-{part}", back, -cents // 2, reverses=f"P{i}{i}") | {"paid_at": f"{back}T1{part}:30:00"}
            )
    known_from = [draw(st.integers(0, 2)) for _ in rows[1:]]
    runs = []
    for n, month in enumerate(MONTHS):
        known = [row for row, first in zip(rows, [0, *known_from], strict=True) if first <= n]
        runs.append((month, people("A1") | {"payments": known}))
    return Scenario([PLAN], runs, frozenset(draw(st.sets(st.sampled_from(MONTHS[1:])))))


@given(told_in_any_order())
def test_what_is_told_late_or_without_its_payment_is_paid_the_same(scenario: Scenario) -> None:
    assert_same_runs(scenario)


def assert_same_runs(scenario: Scenario) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written: list[Written] = []
        plainly: list[naive.Result] = []
        for label, tables in scenario.runs:
            expected = naive.calculate(tables, scenario.plans, label, scenario.given(label, plainly))
            found = calculate(Path(folder), scenario.plans, label, tables, scenario.given(label, written))
            assert_same_sheet(scenario, label, expected, found)
            assert_same_lines(scenario, label, expected, found)
            assert_same_credit(expected, found)
            plainly.append(expected)
            written.append(found)


def assert_same_sheet(scenario: Scenario, label: str, expected: naive.Result, found: Written) -> None:
    """All columns of all agents; an agent without a row has nothing in any column."""
    sheet = found.amounts(scenario.plans[-1]["currency"])
    different = {}
    for agent in sorted(set(expected.sheet) | set(sheet)):
        plain, real = expected.sheet.get(agent, {}), sheet.get(agent, {})
        for column in sorted(set(plain) | set(real)):
            if plain.get(column, 0) != real.get(column, 0):
                different[agent, column] = f"oracle {plain.get(column, 0)}, command {real.get(column, 0)}"
    assert not different, (label, different)


def assert_same_lines(scenario: Scenario, label: str, expected: naive.Result, found: Written) -> None:
    """(agent, component, kind, payment) -> amount; a year to date may be posted in one line or in many."""
    digits = minor_digits(scenario.plans[-1]["currency"])
    year = {part["code"] for plan in scenario.plans for part in plan["component"] if part["per"] == "year_to_date"}
    plain: dict[Key, int] = defaultdict(int)
    real: dict[Key, int] = defaultdict(int)
    for line in expected.lines:
        if line["kind"] in BY_LINE:
            payment = "" if line["component"] in year else line["payment_id"]
            plain[line["agent"], line["component"], line["kind"], payment] += line["amount"]
    for row in found.lines:
        if row["kind"] in BY_LINE:
            payment = "" if row["component"] in year else row["payment_id"]
            real[row["agent_id"], row["component"], row["kind"], payment] += in_minor(row["amount"], digits)
    different = {key: (plain[key], real[key]) for key in sorted(set(plain) | set(real)) if plain[key] != real[key]}
    assert not different, (label, "(oracle, command)", different)


def assert_same_credit(expected: naive.Result, found: Written) -> None:
    """Every payment of the run to the same agent by the same rule; the others counted."""
    real = {row["payment_id"]: (row["status"], row["agent_id"], row["credited_by"]) for row in found.credit}
    plain = {key: (one["status"], one["agent"], one["rule"]) for key, one in expected.credit.items()}
    different = {key: (plain[key], real[key]) for key in sorted(real) if real[key] != plain[key]}
    assert not different, ("(oracle, command)", different)
    assert {key for key, one in expected.credit.items() if one["status"] != "excluded"} <= set(real)
    control = found.facts["control"]
    excluded = sum(part["rows"] for part in control["excluded"].values())
    assert excluded == sum(1 for status, _, _ in plain.values() if status == "excluded")
