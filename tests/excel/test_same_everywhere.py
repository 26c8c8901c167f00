"""The same commission, to the cent, from the button, the worksheet function, the command and the library."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standin import opened
from test_buttons import rows_of, setting
from test_functions_in_cells import asked, typed

from cli import main
from toolkit.calculation import calculated
from toolkit.demo import first_plan, last_periods
from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.money import from_minor
from toolkit.plan_files import load_plans
from toolkit.profiles import load_profile, shipped_profiles
from toolkit.samples import make_sample

Paid = dict[str, Decimal]


@dataclass
class Branch:
    """An invented branch of a set-up, the period to calculate and the plan's files."""

    profile: str
    exports: Path
    period: str
    plan_files: list[Path]
    plan_id: str


@pytest.fixture(params=shipped_profiles())
def branch(request: pytest.FixtureRequest, tmp_path: Path) -> Branch:
    profile = load_profile(request.param)
    made = make_sample(profile, tmp_path / "exports", agents=6, accounts=40, months=2, seed=2)
    files = first_plan(profile)
    plan = load_plans(files).versions[-1]
    period = last_periods(plan, made.months[-1])[-1]
    assert isinstance(period.last, date)
    return Branch(request.param, tmp_path / "exports", period.label, files, plan.id)


def by_library(branch: Branch) -> Paid:
    run = calculated(branch.exports, branch.plan_files, branch.period, profile=branch.profile).run
    return {row["agent_id"]: from_minor(row["payable"], run.digits) for row in run.sheet.iter_rows(named=True)}


def by_command(branch: Branch, out: Path) -> Paid:
    plans = [part for path in branch.plan_files for part in ("--plan", str(path))]
    command = ["commissions", "calculate", str(branch.exports), "--profile", branch.profile, *plans]
    command += ["--period", branch.period, "--out", str(out), "--no-workbook", "--no-statements"]
    assert CliRunner().invoke(main, command).exit_code in (0, 3)
    with (out / "sheet.csv").open(encoding="utf-8", newline="") as file:
        return {row["agent_id"]: Decimal(row["payable"]) for row in csv.DictReader(file)}


def by_button(book: Any) -> Paid:
    press("prepare_month")
    heads, *rows = rows_of(book, "Commissions", "commissions")
    return {row[0]: in_cents(row[heads.index("To be paid")]) for row in rows}


def by_function(book: Any, branch: Branch) -> Paid:
    with (branch.exports / "payments.csv").open(encoding="utf-8-sig", newline="") as file:
        pasted = typed(book, list(csv.reader(file)))
    heads, *rows = asked(book, "COMMISSION_SHEET", pasted, branch.plan_id, None)
    return {row[0]: in_cents(row[heads.index("payable")]) for row in rows}


def in_cents(cell: float) -> Decimal:
    return Decimal(f"{cell:.2f}")


def test_one_commission_four_ways(branch: Branch, tmp_path: Path) -> None:
    workbook = build_workbook(branch.profile, tmp_path / "b.xlsm", data=branch.exports, results=tmp_path / "out")
    expected = by_library(branch)
    assert expected
    assert by_command(branch, tmp_path / "by-command") == expected
    with opened(workbook, "memory") as book:
        setting(book, "period", branch.period)
        assert by_button(book) == expected
        assert by_function(book, branch) == expected
