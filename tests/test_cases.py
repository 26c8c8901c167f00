"""The worked examples of tests/cases through the real command: published ones with their source, and our own."""

import csv
import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from case_files import ALSO, CASES, Case, Rows, Run, cases, plan_text, same, write_tables, write_workbook
from click.testing import CliRunner, Result

from cli import main
from toolkit.plans import Plan

AFTER_COMPONENTS = (
    "adjustments clawback holdback released guarantee gross withholding net carried_in payable carried_out "
    "held_balance draw_balance"
).split()
BEFORE_COMPONENTS = ["agent_id", "name", "currency"]
COUNTED = [case for case in cases() if case.runs]
CHECKED = [case for case in cases() if case.check]


def written_plans(case: Case, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"plan-{number}.toml" for number in range(1, len(case.plans) + 1)]
    for path, text in zip(paths, case.plans, strict=True):
        path.write_text(text, encoding="utf-8")
    if case.sheets:
        paths.append(folder / "plan.xlsx")
        write_workbook(paths[-1], case.sheets)
    return [str(path) for path in paths]


def calculated(case: Case, run: Run, folder: Path, earlier: dict[str, Path]) -> tuple[Result, Path]:
    data, out = folder / f"data-{run.period}", folder / f"run-{run.period}"
    write_tables(data, run.tables)
    arguments = ["commissions", "calculate", str(data), "--period", run.period, "--out", str(out)]
    for plan in written_plans(case, folder / "plans"):
        arguments += ["--plan", plan]
    for previous in earlier if run.previous is None else run.previous:
        arguments += ["--previous", str(earlier[previous])]
    return CliRunner().invoke(main, [*arguments, "--no-workbook", "--no-statements"]), out


def table(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def said(result: Result, out: Path) -> str:
    """Everything that people are told, on one line."""
    problems = out / "problems.csv"
    words = result.output + (problems.read_text(encoding="utf-8") if problems.exists() else "")
    return " ".join(words.split())


def has_something(row: dict[str, str]) -> bool:
    return any(Decimal(cell or 0) for column, cell in row.items() if column not in BEFORE_COMPONENTS)


def assert_sheet(expected: Rows, found: Rows) -> None:
    """Every expected cell is there; an agent without a row has nothing; nobody else has anything."""
    by_agent = {row["agent_id"]: row for row in found}
    for row in expected:
        seen = by_agent.pop(row["agent_id"], {})
        different = {
            column: f"{cell} expected, {seen.get(column, 'nothing')} found"
            for column, cell in row.items()
            if column != "agent_id" and not same(cell, seen.get(column, "0"))
        }
        assert not different, f"agent {row['agent_id']}: {different}"
        assert not seen or set(row) <= set(seen), f"no such column: {set(row) - set(seen)}"
    assert not [row for row in by_agent.values() if has_something(row)], "these agents should have nothing"


def assert_named_rows(expected: Rows, found: Rows, keys: tuple[str, ...]) -> None:
    """The rows of these names say what is expected."""
    by_name = {tuple(row[key] for key in keys): row for row in found}
    for row in expected:
        seen = by_name[tuple(row[key] for key in keys)]
        different = {
            name: f"{cell} expected, {seen[name]} found" for name, cell in row.items() if not same(cell, seen[name])
        }
        assert not different, f"{row}: {different}"


def assert_lines(expected: Rows, found: Rows) -> None:
    """Of the kinds (and components) that the case speaks of, exactly these lines; lines of 0 only where named."""
    told_apart = [column for column in ("kind", "component") if column in expected[0]]
    kinds = {tuple(row[column] for column in told_apart) for row in expected}
    left = [row for row in found if tuple(row[column] for column in told_apart) in kinds]
    for row in expected:
        match = next((line for line in left if all(same(cell, line[name]) for name, cell in row.items())), None)
        assert match is not None, f"no line like {row} among {_brief(left, expected)}"
        left.remove(match)
    assert not [row for row in left if Decimal(row["amount"])], f"more lines: {_brief(left, expected)}"


def _brief(lines: Rows, expected: Rows) -> Rows:
    return [{name: line.get(name, "no such column") for name in expected[0]} for line in lines]


def assert_adds_up(sheet: Rows, lines: Rows) -> None:
    """What holds for every run: rows re-add from left to right, and an agent's lines add up to net."""
    for row in sheet:
        number = {column: Decimal(cell) for column, cell in row.items() if column not in BEFORE_COMPONENTS}
        earned = sum((number[column] for column in number if column not in AFTER_COMPONENTS), Decimal(0))
        taken_and_given = sum((number[column] for column in AFTER_COMPONENTS[:5]), Decimal(0))
        assert number["gross"] == earned + taken_and_given
        assert number["net"] == number["gross"] + number["withholding"]
        assert number["carried_out"] == number["net"] + number["carried_in"] - number["payable"]
        assert number["payable"] >= 0 >= number["withholding"]
        of_agent = [Decimal(line["amount"]) for line in lines if line["agent_id"] == row["agent_id"]]
        assert sum(of_agent, Decimal(0)) == number["net"]


def assert_every_payment_ends_somewhere(control: dict[str, Any]) -> None:
    """Payments in = credited + left out by reason + nobody's + set aside, in rows and in money."""
    ends = [control["credited"], control["unattributed"], control["rejected"], *control["excluded"].values()]
    assert control["payments_in"]["rows"] == sum(end["rows"] for end in ends)
    assert Decimal(control["payments_in"]["amount"]) == sum((Decimal(end["amount"]) for end in ends), Decimal(0))
    by_rule = [Decimal(rule["amount"]) for rule in control["credited_by"].values()]
    assert Decimal(control["credited"]["amount"]) == sum(by_rule, Decimal(0))


def assert_run_total(run: dict[str, Any], sheet: Rows) -> None:
    for column in ("gross", "withholding", "net", "payable", "carried_out"):
        assert Decimal(run["totals"][column]) == sum((Decimal(row[column]) for row in sheet), Decimal(0)), column


@pytest.mark.parametrize("case", COUNTED, ids=str)
def test_the_command_pays_what_was_computed_by_hand(case: Case, tmp_path: Path) -> None:
    earlier: dict[str, Path] = {}
    for run in case.runs:
        result, out = calculated(case, run, tmp_path, earlier)
        assert result.exit_code == run.exit, f"{run.period}: {result.output}{result.exception or ''}"
        missing = [words for words in run.says if words not in said(result, out)]
        assert not missing, f"{run.period}: {missing} not in: {said(result, out)}"
        if run.exit in (1, 2):
            continue
        sheet, lines = table(out / "sheet.csv"), table(out / "lines.csv")
        assert_adds_up(sheet, lines)
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        assert_every_payment_ends_somewhere(record["control"])
        assert_run_total(record, sheet)
        if run.sheet is not None:
            assert_sheet(run.sheet, sheet)
        if run.lines is not None:
            assert_lines(run.lines, lines)
        for name, rows in run.also.items():
            assert_named_rows(rows, table(out / f"{name}.csv"), ALSO[name])
        earlier[run.period] = out


@pytest.mark.parametrize("case", CHECKED, ids=str)
def test_the_linter_refuses_what_a_plan_must_not_say(case: Case, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["plan", "check", *written_plans(case, tmp_path)])
    assert result.exit_code == case.check.get("exit", 1), result.output
    missing = [words for words in case.check["says"] if words not in said(result, tmp_path)]
    assert not missing, f"{missing} not in: {result.output}"


@pytest.mark.parametrize("case", COUNTED, ids=str)
def test_every_plan_that_pays_is_a_plan_of_the_format(case: Case) -> None:
    for text in case.plans:
        Plan.model_validate(tomllib.loads(text))


def test_every_published_example_has_a_case_or_a_reason_why_not() -> None:
    listed = tomllib.loads((CASES / "examples.toml").read_text(encoding="utf-8"))["examples"]
    left_out = tomllib.loads((CASES / "out_of_scope.toml").read_text(encoding="utf-8"))["example"]
    in_cases = {case.example for case in cases() if case.example and case.runs}
    assert {example["id"] for example in left_out} == set(listed) - in_cases
    assert in_cases <= set(listed)
    assert all(example["reason"] for example in left_out)


def test_every_case_says_where_its_numbers_come_from() -> None:
    assert not [str(case) for case in cases() if case.example and not case.source]
    titles = [str(case) for case in cases()]
    assert len(set(titles)) == len(titles)


def test_the_plan_head_is_only_written_where_a_case_leaves_it_out() -> None:
    plan = tomllib.loads(plan_text('currency = "UGX"\n[credit]\nrules = ["owner"]\n'))
    assert (plan["currency"], plan["credit"], plan["id"]) == ("UGX", {"rules": ["owner"]}, "TEST")


EARNED = {"kind": "earn", "agent_id": "A1", "amount": "10.00"}
ROW = (
    {"agent_id": "A1", "name": "Agent A1", "currency": "KES", "CASH": "10.00"}
    | dict.fromkeys(AFTER_COMPONENTS, "0.00")
    | dict.fromkeys(("gross", "net", "payable"), "10.00")
)


def test_the_comparison_takes_what_is_right() -> None:
    assert_sheet([{"agent_id": "A1", "CASH": "10"}, {"agent_id": "A2", "CASH": "0"}], [ROW])
    assert_lines([{"kind": "earn", "amount": "10"}], [EARNED])
    assert_adds_up([ROW], [EARNED])


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        ([{"agent_id": "A1", "CASH": "10.01"}], [ROW]),
        ([{"agent_id": "A1", "CSAH": "10.00"}], [ROW]),
        ([{"agent_id": "A1", "CASH": "10.00"}], []),
        ([{"agent_id": "A1", "CASH": "10.00"}], [ROW, ROW | {"agent_id": "A2"}]),
    ],
    ids=["another amount", "no such column", "no row", "somebody else has something"],
)
def test_the_comparison_notices_a_wrong_sheet(expected: Rows, found: Rows) -> None:
    with pytest.raises(AssertionError):
        assert_sheet(expected, found)


@pytest.mark.parametrize("found", [[], [EARNED, EARNED], [EARNED | {"amount": "9.99"}]], ids=["none", "twice", "less"])
def test_the_comparison_notices_wrong_lines(found: Rows) -> None:
    with pytest.raises(AssertionError):
        assert_lines([{"kind": "earn", "amount": "10.00"}], found)


@pytest.mark.parametrize("column", ["CASH", "holdback", "gross", "withholding", "net", "carried_in", "carried_out"])
def test_the_comparison_notices_a_row_that_does_not_add_up(column: str) -> None:
    with pytest.raises(AssertionError):
        assert_adds_up([ROW | {column: "-1.00"}], [EARNED])
