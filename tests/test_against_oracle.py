"""Every run computed twice: by the command, and the slow and plain way of tests/oracle; they agree to the cent.

Look harder:  HYPOTHESIS_PROFILE=deep python -m pytest tests/test_against_oracle.py
"""

import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given
from oracle import naive
from oracle.exact import minor_digits
from oracle.strategies import Scenario, scenarios
from written_runs import Written, calculate, in_minor

BY_LINE = ("earn", "cap_carry", "override", "holdback", "release", "guarantee", "withholding", "clawback")
"""kinds whose amounts are compared line by line"""

Key = tuple[str, str, str, str]


@given(scenarios())
def test_the_command_and_the_oracle_pay_the_same(scenario: Scenario) -> None:
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
