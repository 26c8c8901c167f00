"""The workbook as a supervisor meets it: in a window, its buttons clicked with a mouse, results those of the command.

Pictures of every sheet are left in the folder that TOOLKIT_PICTURES names.
"""

import csv
import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import desktop
import pytest
from desktop import Desk, desk
from live_functions import functions_answer
from standin import opened
from test_buttons import PERIOD, PROFILE, by_command, rows_of, setting, status
from test_call_buttons import type_in
from test_functions_in_cells import asked, typed

from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.excel.form_sheet import SHEET
from toolkit.excel.layout import layout

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
THE_LAST = date(2026, 10, 31)
"""A day on which every call of the period has been made."""


@pytest.fixture(scope="module")
def window(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    if desktop.missing():
        pytest.skip(desktop.missing())
    folder = tmp_path_factory.mktemp("desk")
    workbook = build_workbook(PROFILE, folder / "collections.xlsm", data=exports, results=folder / "out")
    with desk(workbook, folder) as found:
        setting(found.book, "period", PERIOD)
        yield found


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(os.environ.get("TOOLKIT_PICTURES") or tmp_path_factory.mktemp("pictures"))


def test_every_button_of_the_month_end_works_at_a_click(window: Desk, exports: Path, tmp_path: Path) -> None:
    assert window.press("Data", "Import data") == ""
    assert status(window.book).startswith(("✓ Read:", "◆ Read:"))
    assert window.press("Plan", "Load plan") == ""
    assert window.press("Plan", "Check plan") == ""
    assert status(window.book).startswith("✓ The plan is in order")
    assert window.press("Start", "Prepare month") == ""
    heads, *rows = rows_of(window.book, "Commissions", "commissions")
    shown = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    expected = by_command(exports, tmp_path / "by-command")
    assert {agent: f"{row['To be paid']:.2f}" for agent, row in shown.items()} == {
        row["agent_id"]: row["payable"] for row in expected
    }
    assert window.press("Commissions", "Calculate") == ""
    assert rows_of(window.book, "Commissions", "commissions") == [heads, *rows]


def test_the_workbooks_own_formulas_agree_with_the_run(window: Desk) -> None:
    assert window.press("Start", "Prepare month") == ""
    checks = window.book.sheets["Checks"]
    assert checks.range("master_check").value == "✓ All checks agree"
    assert {row[0] for row in checks.range("check_results").options(ndim=2).value} == {"✓ agrees"}
    start = window.book.sheets["Start"]
    assert start["B5"].value == checks.range("check_calculated")[0, 0].value


def test_a_person_is_explained_from_the_row_that_is_marked(window: Desk) -> None:
    assert window.press("Start", "Prepare month") == ""
    window.show("Commissions")
    agent = window.book.sheets["Commissions"]["B9"]
    agent.select()
    assert window.press("Commissions", "Explain selected agent") == ""
    assert window.book.sheets["Statements"].range("setting_agent").value == agent.value
    assert window.press("Statements", "Explain") == ""


def test_the_buttons_of_every_day_work_at_a_click(window: Desk, exports: Path, tmp_path: Path, pictures: Path) -> None:
    shutil.copytree(exports, tmp_path / "exports")
    quota = "kpi,scope_kind,scope,grain,target\nnoc,all,,day,8\n"
    (tmp_path / "exports" / "quota.csv").write_text(quota, encoding="utf-8")
    setting(window.book, "data_folder", str(tmp_path / "exports"))
    setting(window.book, "as_of", "2026-10-21 15:00")
    try:
        for caption, sheet, block, folder in (
            ("My team today", "Today", "today", "today"),
            ("Hourly update", "Hourly", "hourly", "hourly"),
            ("Build scorecard", "Scorecard", "scores", f"{PERIOD}-scorecard"),
        ):
            assert window.press("Start", caption) == ""
            shown = rows_of(window.book, sheet, block)
            assert len(shown) > 3
            assert window.press(sheet, caption) == ""
            assert rows_of(window.book, sheet, block) == shown
            out = Path(str(window.book.sheets["Settings"].range("setting_out_folder").value))
            assert list((out / folder).iterdir())
            window.picture(pictures / f"{sheet} filled.png")
    finally:
        setting(window.book, "data_folder", str(exports))
        setting(window.book, "as_of", "")


def test_the_buttons_of_call_quality_work_at_a_click(
    window: Desk, exports: Path, tmp_path: Path, pictures: Path
) -> None:
    shutil.copytree(exports, tmp_path / "exports")
    with (exports / "calls.csv").open(encoding="utf-8", newline="") as file:
        call, agent, *_ = list(csv.reader(file))[-1]
    setting(window.book, "data_folder", str(tmp_path / "exports"))
    try:
        form = window.book.sheets[SHEET]
        for who in ("Ann", "Ben"):
            type_in(window.book, call, agent, evaluator=who, day=THE_LAST, greeting="no" if who == "Ann" else "yes")
            window.book.app.calculate()
            window.show(SHEET)
            window.picture(pictures / "QC form filled.png")
            live = form["B4"].value
            assert form["E4"].value == "✓ complete"
            assert window.press(SHEET, "Score calls") == ""
            assert f"{live * 100:.2f} %, kept as" in status(window.book)
            assert form["E4"].value == "◆ 16 questions open"
        for caption, sheet, block in (
            ("Score calls", "Quality", "quality"),
            ("Draw sample", "Sample", "sample"),
            ("Calibrate", "Agreement", "agreement"),
        ):
            assert window.press("Start", caption) == ""
            shown = rows_of(window.book, sheet, block)
            assert len(shown) > 3
            assert window.press(sheet, caption) == ""
            assert rows_of(window.book, sheet, block) == shown
            window.picture(pictures / f"{sheet} filled.png")
        type_in(window.book, call, agent, evaluator="Ann", day=THE_LAST)
        assert "which the same person has evaluated" in window.press(SHEET, "Score calls")
        window.dismiss_box()
        assert form["C5"].value == call
    finally:
        setting(window.book, "data_folder", str(exports))


def test_the_buttons_of_the_cost_of_recovery_work_at_a_click(window: Desk, pictures: Path) -> None:
    for caption, sheet, blocks in (
        ("Cost of recovery", "Cost of recovery", ("recovery",)),
        ("Cost of recovery", "Costs", ("costs",)),
        ("What is worth pursuing", "Worth pursuing", ("what_if", "pursue")),
    ):
        assert window.press("Start", caption) == ""
        shown = [rows_of(window.book, sheet, block) for block in blocks]
        assert all(len(rows) > 2 for rows in shown)
        assert window.press(sheet, caption) == ""
        assert [rows_of(window.book, sheet, block) for block in blocks] == shown
        window.show("Start")
        window.show(sheet)
        window.picture(pictures / f"{sheet} filled.png")
    factor = window.book.sheets["Worth pursuing"]["C7"]
    factor.value = "much"
    assert "cell C7: “much” is no factor" in window.press("Worth pursuing", "What if")
    window.dismiss_box()
    factor.value = 2
    assert window.press("Worth pursuing", "What if") == ""
    assert factor.value == 2
    assert status(window.book).startswith("✓ What if: ")
    window.show("Start")
    window.show("Worth pursuing")
    window.picture(pictures / "What if filled.png")


def test_the_files_are_made_at_a_click(window: Desk) -> None:
    assert window.press("Start", "Make files") == ""
    folder = Path(str(window.book.sheets["Settings"].range("setting_out_folder").value)) / PERIOD
    assert {"commissions.xlsx", "finance.xlsx", "statements"} <= {path.name for path in folder.iterdir()}


def test_a_button_that_cannot_work_shows_its_sentence_in_a_box(window: Desk, pictures: Path) -> None:
    setting(window.book, "period", "")
    try:
        assert "the setting “Period” is empty" in window.press("Start", "Prepare month")
        window.picture(pictures / "box.png")
        window.dismiss_box()
        assert status(window.book).startswith("✗ ")
    finally:
        setting(window.book, "period", PERIOD)
    assert window.press("Start", "Prepare month") == ""


def test_an_error_in_a_setting_names_the_setting(window: Desk) -> None:
    cell = window.book.sheets["Settings"].range("setting_period")
    cell.number_format = "General"
    cell.formula = "=1/0"
    try:
        assert "the setting “Period” holds the error #DIV/0!" in window.press("Start", "Prepare month")
        window.dismiss_box()
    finally:
        cell.number_format = "@"
        cell.value = PERIOD


def test_functions_typed_into_cells_answer(window: Desk) -> None:
    window.show("Settings")
    sheet = window.document.Sheets.getByName("Settings")
    sheet.getCellRangeByName("F20").setValue(1000)
    # FIELD-KE version 2 pays CASH at 3 % up to 80 % of target, 4.5 % up to 100 %: 800 x 3 % + 200 x 4.5 % = 33
    answers = {
        'COMMISSION("FIELD-KE:CASH";F20;1)': 33.0,
        'BAND_RATE("FIELD-KE";"CASH";0.8)': 0.045,
        'COMMISSION("NOPE";F20)': "#TOOLKIT there is no plan “NOPE”",
        'KPI("noc";F20)': 1000.0,
        'KPI("collection_rate";F20;0)': "no base",
        "SCORE(0.6;0.8)": 0.75,
        'SCORE(F20;;2000;500;"lower")': 2 / 3,
        "COST_OF_RECOVERY(F20;0)": "no base",
        "BREAK_EVEN(F20;4000)": 0.25,
        "WORTH_PURSUING(0.3;4000;F20;10%)": "pursue",
        "KAPPA(F20;F20)": "too few: 1 of 10 calls",
        'QC_SCORE(F20;"nope")': "#TOOLKIT there is no form “nope”; there are collections 1, welcome 1",
    }
    with opened(window.workbook, "memory") as twin, functions_answer(window, twin):
        for row, (formula, answer) in enumerate(answers.items(), 21):
            cell = sheet.getCellRangeByName(f"F{row}")
            cell.setFormula(f"={formula}")
            seen = cell.getValue() if isinstance(answer, float) else cell.getString()
            assert seen == answer, formula
    sheet.getCellRangeByName("F20:F32").clearContents(1 | 2 | 4 | 16)


def test_functions_that_look_at_the_workbook_answer_in_live_cells(window: Desk, exports: Path) -> None:
    with (exports / "payments.csv").open(encoding="utf-8", newline="") as file:
        pasted = list(csv.reader(file))[:61]
    window.document.Sheets.insertNewByName("Pasted", 3)
    sheet = window.document.Sheets.getByName("Pasted")
    block = sheet.getCellRangeByPosition(0, 0, len(pasted[0]) - 1, len(pasted) - 1)
    block.setDataArray([tuple(row) for row in pasted])
    area = block.AbsoluteName.replace("$", "").removeprefix("Pasted.")
    with opened(window.workbook, "memory") as twin, functions_answer(window, twin):
        setting(twin, "period", PERIOD)
        press("prepare_month")
        agent = twin.sheets["Commissions"]["B10"].value
        for left, formula, function, arguments in (
            (30, f'COMMISSION_SHEET({area};"FIELD-KE")', "COMMISSION_SHEET", (typed(twin, pasted), "FIELD-KE")),
            (90, f'WHY("{agent}")', "WHY", (agent,)),
        ):
            expected = asked(twin, function, *arguments, None)
            assert len(expected) > 2
            answer = sheet.getCellRangeByPosition(left, 0, left + len(expected[0]) - 1, len(expected) - 1)
            answer.setArrayFormula(f"={formula}")
            assert [list(row) for row in answer.getDataArray()] == expected, formula
    window.document.Sheets.removeByName("Pasted")


def test_every_sheet_can_be_looked_at(window: Desk, pictures: Path) -> None:
    for sheet in layout().sheet:
        window.show(sheet.name)
        assert window.picture(pictures / f"{sheet.name}.png").stat().st_size > 10_000
