"""The buttons of the workbook, pressed as its macros press them, under xlwings' own Windows engine on the stand-in."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standin import application, opened
from xlsxwriter.utility import xl_rowcol_to_cell

from cli import main
from toolkit.demo import make_demo
from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.profiles import load_profile
from toolkit.samples import make_sample

PERIOD, PROFILE = "2026-10", "paygo-solar"
MOST_CALLS = 60


@pytest.fixture
def workbook(exports: Path, tmp_path: Path) -> Path:
    return build_workbook(PROFILE, tmp_path / "collections.xlsm", data=exports, results=tmp_path / "out")


@pytest.fixture
def book(workbook: Path) -> Iterator[Any]:
    with opened(workbook, "memory") as found:
        setting(found, "period", PERIOD)
        yield found


def setting(book: Any, name: str, value: str) -> None:
    book.sheets["Settings"].range(f"setting_{name}").value = value


def status(book: Any) -> str:
    return str(book.sheets["Start"].range("status_start").value)


def rows_of(book: Any, sheet: str, name: str) -> list[list[Any]]:
    """The filled rows of a block, with its heads."""
    rows = book.sheets[sheet].range(f"block_{name}").options(ndim=2).value
    return [row for row in rows if any(cell is not None for cell in row)]


def by_command(exports: Path, out: Path, *options: str, profile: str = PROFILE) -> list[dict[str, str]]:
    """The sheet that the command line makes of the same exports."""
    plans = [str(path) for path in load_profile(profile).plan_paths() if path.stem.startswith("field-ke")]
    command = ["commissions", "calculate", str(exports), "--profile", profile, "--period", PERIOD, "--out", str(out)]
    command += [part for plan in plans for part in ("--plan", plan)]
    assert CliRunner().invoke(main, [*command, "--no-workbook", "--no-statements", *options]).exit_code in (0, 3)
    with (out / "sheet.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_prepare_month_shows_what_the_command_calculates_to_the_cent(book: Any, exports: Path, tmp_path: Path) -> None:
    press("prepare_month")
    heads, *rows = rows_of(book, "Commissions", "commissions")
    expected = by_command(exports, tmp_path / "by-command")
    assert len(rows) == len(expected)
    shown = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    for row in expected:
        own = shown[row["agent_id"]]
        assert f"{own['To be paid']:.2f}" == row["payable"]
        for code in ("CASH", "LATE", "VISIT"):
            assert f"{own[code]:.2f}" == row[code]
    assert status(book).startswith(("✓ 2026-10:", "◆ 2026-10:"))


def test_the_workbook_of_the_demo_gives_its_last_month_at_the_first_press(tmp_path: Path) -> None:
    demo = make_demo(PROFILE, tmp_path / "demo")
    assert demo.workbook
    with opened(demo.workbook, "memory") as book:
        press("prepare_month")
        payable = demo.runs[-1].calculated.run.sheet["payable"].sum() / 100
        assert status(book).startswith(f"✓ {demo.runs[-1].period.label}: {payable:,.2f} KES to be paid")


def test_what_is_checked_is_what_the_run_says(book: Any, tmp_path: Path) -> None:
    import json

    press("prepare_month")
    record = json.loads((tmp_path / "out" / PERIOD / "run.json").read_text(encoding="utf-8"))
    checks = book.sheets["Checks"]
    payable, net, _, agents, paid_in = (row[0] for row in checks.range("check_calculated").options(ndim=2).value)
    assert f"{payable:.2f}" == record["totals"]["payable"]
    assert f"{net:.2f}" == record["totals"]["net"]
    assert agents == record["totals"]["agents"]
    parts = [row[0] or 0 for row in checks.range("check_payments").options(ndim=2).value]
    assert round(sum(parts), 2) == paid_in
    assert checks.range("check_run").value == "2026-10 · FIELD-KE v2"


def test_a_button_makes_few_calls_to_excel_however_many_payments_there_are(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    make_sample(load_profile(PROFILE), exports, agents=50, accounts=900, months=2, seed=1)
    workbook = build_workbook(PROFILE, tmp_path / "large.xlsm", data=exports, results=tmp_path / "out")
    with opened(workbook, "memory") as book:
        setting(book, "period", PERIOD)
        before = application(book).calls
        press("prepare_month")
        assert application(book).calls - before <= MOST_CALLS


def test_import_says_file_by_file_what_was_taken(book: Any) -> None:
    press("import_data")
    heads, *rows = rows_of(book, "Data", "data")
    payments = next(row for row in rows if row[0] == "payments")
    told = dict(zip(heads, payments, strict=True))
    assert told["Rows"] == told["Taken"] + (told["Set aside"] or 0) + (told["Left out"] or 0)
    assert told["Sum of amounts"] > 0
    assert status(book).startswith(("✓ Read:", "◆ Read:"))


def test_the_plan_is_loaded_checked_and_calculated_with_as_it_stands_on_its_sheet(book: Any) -> None:
    press("load_plan")
    assert status(book) == "✓ Plan FIELD-KE version 2 is on the sheet Plan"
    press("check_plan")
    assert status(book).startswith("✓ The plan is in order")
    press("prepare_month")
    from_file = rows_of(book, "Commissions", "commissions")
    setting(book, "plan_from", "the sheet Plan")
    press("prepare_month")
    assert rows_of(book, "Commissions", "commissions") == from_file


def test_a_cell_of_the_plan_edited_to_nonsense_is_named_with_its_row(book: Any) -> None:
    press("load_plan")
    page = book.sheets["Plan"].range("plan_page")
    rows = page.options(ndim=2).value
    place = next(number for number, row in enumerate(rows) if row[0] == "CASH" and row[2] == "percent")
    page[place, 2].value = "percnt"
    with pytest.raises(SystemExit, match="percnt"):
        press("check_plan")
    problems = book.sheets["Problems"]
    assert problems["B7"].value == "✗ set aside"
    assert problems["E7:H7"].value == ["Plan", page.row + place, "kind", '"percnt"']
    assert problems["C7"].formula == f'=HYPERLINK("#\'Plan\'!D{page.row + place}","go there")'


def test_the_agent_of_the_chosen_cell_is_explained_and_the_sums_are_those_of_the_sheet(book: Any) -> None:
    press("prepare_month")
    heads, first, *_ = rows_of(book, "Commissions", "commissions")
    book.sheets["Statements"].range("setting_agent").value = first[0]
    press("explain_agent")
    rows = rows_of(book, "Statements", "statement")
    assert [row[1] for row in rows if row[0] and row[0].strip() == "= to be paid"] == [first[heads.index("To be paid")]]
    assert book.sheets.active.name == "Statements"


def test_the_marked_row_of_commissions_is_the_chosen_agent(book: Any) -> None:
    press("prepare_month")
    sheet = book.sheets["Commissions"]
    sheet.activate()
    second = sheet.range("commission_agents")[1, 0]
    second.select()
    press("explain_agent")
    assert book.sheets["Statements"].range("setting_agent").value == second.value


def test_make_files_leaves_the_folder_that_the_manager_and_finance_get(book: Any, tmp_path: Path) -> None:
    press("make_files")
    made = {path.name for path in (tmp_path / "out" / PERIOD).iterdir()}
    assert {"commissions.xlsx", "finance.xlsx", "statements", "run.json"} <= made
    assert "✓ Files made in" in status(book)


def test_tables_pasted_into_the_workbook_take_the_place_of_files(book: Any, exports: Path) -> None:
    press("prepare_month")
    from_files = rows_of(book, "Commissions", "commissions")
    with (exports / "payments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    pasted = book.sheets.add("Payments")
    pasted.range((1, 1), (len(rows), len(rows[0]))).raw_value = rows
    setting(book, "pasted", "Payments")
    press("prepare_month")
    assert rows_of(book, "Commissions", "commissions") == from_files
    assert ["payments", f"{book.name} Payments"] in [row[:2] for row in rows_of(book, "Data", "data")]


def test_a_bad_cell_that_was_pasted_is_named_where_it_stands(book: Any, exports: Path) -> None:
    with (exports / "payments.csv").open(encoding="utf-8", newline="") as file:
        rows: list[list[Any]] = list(csv.reader(file))
    amount = rows[0].index("Amount Paid (KES)")
    rows[4][amount] = "12,00O"
    pasted = book.sheets.add("Payments")
    pasted.range((1, 1), (len(rows), len(rows[0]))).raw_value = rows
    setting(book, "pasted", "Payments")
    press("prepare_month")
    assert status(book).startswith("◆ 2026-10:")
    problems = book.sheets["Problems"]
    assert problems["D7:H7"].value == [book.name, "Payments", 5, "Amount Paid (KES)", "12,00O"]
    cell = xl_rowcol_to_cell(4, amount)
    assert problems["C7"].formula == f'=HYPERLINK("#\'Payments\'!{cell}","go there")'
    setting(book, "pasted", "Paymens")
    with pytest.raises(SystemExit, match="the sheet Paymens is missing"):
        press("prepare_month")


# --- what is in the way ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("period", "", "the setting “Period” is empty"),
        ("data_folder", "C:\\gone", "the folder “C:\\gone” of the setting “Folder of the exports” is not there"),
        ("data_folder", "https://example.sharepoint.com/x", "is an internet address"),
        ("plan", "NOPE", "“NOPE” is neither a plan of the set-up paygo-solar nor a file"),
        ("as_of", "31.10.2026", "the setting “Data stand at” is no day"),
        ("period", "2026-13", "2026-13"),
        ("profile", "nobody", "nobody"),
        ("plan_from", "the sheet Plan", "the sheet Plan is empty"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_and_results_stay(
    book: Any, name: str, value: str, sentence: str
) -> None:
    press("prepare_month")
    before = rows_of(book, "Commissions", "commissions")
    setting(book, name, value)
    with pytest.raises(SystemExit) as stopped:
        press("prepare_month")
    assert sentence in str(stopped.value)
    assert status(book).startswith("✗ ")
    assert rows_of(book, "Commissions", "commissions") == before


def test_everything_wrong_in_the_settings_is_told_at_once(book: Any) -> None:
    setting(book, "period", "")
    setting(book, "out_folder", "")
    setting(book, "as_of", "soon")
    with pytest.raises(SystemExit) as stopped:
        press("prepare_month")
    assert all(label in str(stopped.value) for label in ("Period", "Folder for results", "Data stand at"))


def test_excel_is_as_it_was_after_a_failure_and_after_success(book: Any) -> None:
    app = book.app
    app.calculation = "manual"
    for period in (PERIOD, ""):
        setting(book, "period", period)
        try:
            press("prepare_month")
        except SystemExit:
            assert not period
        assert (app.screen_updating, app.calculation, app.enable_events) == (True, "manual", True)
        assert app.status_bar is False


def test_a_renamed_sheet_and_a_protected_one_are_named(book: Any) -> None:
    book.sheets["Commissions"].api.Protect()
    with pytest.raises(SystemExit, match="the sheet Commissions is protected"):
        press("prepare_month")
    assert rows_of(book, "Data", "data")[1:] == [], "nothing is written where something cannot be"
    book.sheets["Problems"].name = "Trouble"
    with pytest.raises(SystemExit) as stopped:
        press("prepare_month")
    assert "the sheet Problems is missing or was renamed" in str(stopped.value)
    assert "the sheet Commissions is protected" in str(stopped.value)
    book.sheets["Start"].api.Protect()
    with pytest.raises(SystemExit, match="the sheet Problems is missing"):
        press("prepare_month")


def test_merged_cells_and_deleted_rows_are_told_before_anything_is_lost(book: Any) -> None:
    press("prepare_month")
    before = rows_of(book, "Commissions", "commissions")
    book.sheets["Commissions"]["D10:E11"].merge()
    with pytest.raises(SystemExit, match="cells of the sheet Commissions were merged"):
        press("prepare_month")
    book.sheets["Commissions"]["D10:E11"].unmerge()
    press("prepare_month")
    assert rows_of(book, "Commissions", "commissions") == before
    book.sheets["Problems"].range("block_problems").api.EntireRow.Delete()
    with pytest.raises(SystemExit, match="the name rows_problems leads nowhere"):
        press("prepare_month")


def test_rows_that_a_filter_hides_are_filled_like_the_others(book: Any) -> None:
    book.sheets["Commissions"].range("9:12").api.Hidden = True
    press("prepare_month")
    hidden = rows_of(book, "Commissions", "commissions")
    book.sheets["Commissions"].range("9:12").api.Hidden = False
    press("prepare_month")
    assert rows_of(book, "Commissions", "commissions") == hidden


def test_rows_and_columns_that_were_inserted_do_not_matter(book: Any) -> None:
    book.sheets["Settings"].range("4:4").api.Insert()
    book.sheets["Data"].range("7:7").api.Insert()
    press("prepare_month")
    assert rows_of(book, "Data", "data")[0][0] == "Table"


def test_a_mistake_of_ours_becomes_a_sentence_and_a_log(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "toolkit.log"
    monkeypatch.setattr("toolkit.excel.desk.log_path", lambda: log)
    monkeypatch.setattr("toolkit.excel.desk._LOG.handlers", [])
    monkeypatch.setattr("toolkit.excel.month.calculated", lambda *_, **__: 1 / 0)
    with pytest.raises(SystemExit, match="did not expect"):
        press("prepare_month")
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")


def test_two_workbooks_are_open_and_the_one_that_called_is_written(workbook: Path, tmp_path: Path) -> None:
    other = build_workbook(PROFILE, tmp_path / "other.xlsm")
    with opened(other, "memory") as second, opened(workbook, "memory") as book:
        setting(book, "period", PERIOD)
        press("prepare_month")
        assert status(book).startswith(("✓", "◆ 2026"))
        assert status(second).startswith("◆ Nothing calculated yet")
