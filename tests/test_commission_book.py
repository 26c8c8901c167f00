"""commissions.xlsx: formulas that are live, true and plain; checks that can fail; the figures worked out by hand."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import made_runs
import openpyxl
import polars as pl
import pytest
from made_runs import PROVENANCE, Made, in_shillings, october
from office import formulas, named, needs_office, parts, recalculated, rows_under, stale, values

import toolkit.commission_book as commission_book
from toolkit.commission_book import write_commission_book

SHEETS = ["About", "Settings", "Payments", "Lines", "Commission sheet", "Checks"]
EXCEL_2016 = {
    "ABS", "AND", "COLUMNS", "COUNT", "COUNTIF", "IF", "INT", "LOWER", "MAX", "OR", "ROUND", "ROWS", "SUM", "SUMIFS",
    "SUMPRODUCT", "TRIM",
}  # fmt: skip
"""The functions in use: all of them older than 2016, none of them volatile."""

FILES = [
    SimpleNamespace(file="Report (14).xlsx", sheet="May", table="payments", sha256="9f" * 32, rows=60, accepted=57,
                    rejected=2, ignored=1, verdict="reject-rows", code=""),
]  # fmt: skip


def made(tmp_path: Path, run: Any = None, name: str = "commissions.xlsx") -> Path:
    out = tmp_path / name
    write_commission_book(run or october(), FILES, out, PROVENANCE)
    return out


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("october"))


def with_a_cent_more(run: Any, column: str) -> Any:
    """The run as if the calculation had found one cent more for the first agent."""
    more = pl.when(pl.int_range(pl.len()) == 0).then(pl.col(column) + 1).otherwise(pl.col(column))
    return replace(run, sheet=run.sheet.with_columns(more.alias(column)))


def test_the_sheets_are_those_that_a_manager_expects_and_none_is_hidden(book: Path) -> None:
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == SHEETS
    assert {sheet.sheet_state for sheet in opened} == {"visible"}
    for sheet in opened:
        hidden = [*sheet.row_dimensions.values(), *sheet.column_dimensions.values()]
        assert not any(dimension.hidden for dimension in hidden)


def test_brian_gets_what_his_statement_says(book: Path) -> None:
    """11,616.00 + 5,027.00 (1 % of 1,056,000 and 2 % of 228,500, x 1.1), 15,906.00 (15 % of 96,400 x 1.1), 2 x 1,500;
    less 240.00 taken back and 20 % of 15,906.00 held: 32,127.80; 5 % tax of it is 1,606.39; 0.59 came over."""
    row = next(row for row in rows_under(book, "Commission sheet", "No.") if row["Agent"] == "A017")
    assert (row["CASH"], row["ARREARS"], row["ASSETS"]) == (16643.00, 15906.00, 3000.00)
    assert (row["Taken back"], row["Held back"]) == (-240.00, -3181.20)
    assert (row["Gross"], row["Withholding"], row["Net"]) == (32127.80, -1606.39, 30521.41)
    assert (row["Carried in"], row["To be paid"], row["Carried out"]) == (0.59, 30522.00, 0)


def test_a_debt_takes_only_its_share_and_too_little_is_carried(book: Path) -> None:
    """Asha: 5,373.46 less a debt of 1,500.00 is under half of it, so 3,873 is paid. Salum: 78.50 is under 100."""
    rows = {row["Agent"]: row for row in rows_under(book, "Commission sheet", "No.")}
    assert (rows["A018"]["To be paid"], rows["A018"]["Carried out"]) == (3873.00, 0.46)
    assert (rows["A021"]["To be paid"], rows["A021"]["Carried out"]) == (0, 78.50)
    assert (rows["A020"]["To be paid"], rows["A020"]["Carried out"]) == (0, -1250.55)


def test_a_large_debt_leaves_half_of_the_net(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("A1", "Deep in debt")
    run.line("A1", "adjust", "", "1001.00", reason="by hand")
    run.carried_in = {"A1": -9_000_00}
    row = rows_under(made(tmp_path, run.run()), "Commission sheet", "No.")[0]
    assert (row["To be paid"], row["Carried out"]) == (500.00, -8499.00)
    assert row["Check"] == "✓ agrees"


def test_all_checks_agree_and_every_page_says_so(book: Path) -> None:
    assert named(book, "master_check").startswith("✓ All ")
    for sheet in openpyxl.load_workbook(book, data_only=True):
        assert sheet["B3"].value == named(book, "master_check")
        assert "All checks agree ✓" in sheet.oddFooter.right.text


@pytest.mark.parametrize("column", ["CASH", "holdback", "gross", "net", "payable", "carried_out"])
def test_a_cent_of_difference_fails_the_checks_on_every_page(tmp_path: Path, column: str) -> None:
    out = made(tmp_path, with_a_cent_more(october(), column))
    assert re.match(r"✗ \d+ of \d+ checks differ: see Checks", named(out, "master_check"))
    for sheet in openpyxl.load_workbook(out, data_only=True):
        assert sheet["B3"].value.startswith("✗")
        assert sheet.oddFooter.right.text.endswith("checks differ ✗")
    row = rows_under(out, "Commission sheet", "No.")[0]
    assert row["Check"] == "✗ differs"


def test_a_missing_line_fails_the_checks(tmp_path: Path) -> None:
    run = october()
    out = made(tmp_path, replace(run, lines=run.lines.filter(pl.col("line_id") != "L000059")))
    assert named(out, "master_check").startswith("✗")


def test_an_amount_that_is_not_base_times_rate_fails_its_check(tmp_path: Path) -> None:
    """One cent moved from one agent's cash to another's would leave every sum as it is."""
    run = october()
    moved = {"L000047": 2, "L000060": -2}
    shift = pl.col("line_id").replace_strict(moved, default=0, return_dtype=pl.Int64)
    out = made(tmp_path, replace(run, lines=run.lines.with_columns(pl.col("amount") + shift)))
    checks = {row["What is compared"]: row for row in rows_under(out, "Checks", "No.")}
    row = checks["Agents and components where base x rate x factor is not what is paid"]
    assert (row["In this workbook"], row["Result"]) == (2, "✗ differs")


def test_control_totals_that_do_not_add_up_fail_their_check(tmp_path: Path) -> None:
    run = october()
    control = run.control | {"payments_in": {"rows": 58, "amount": run.control["payments_in"]["amount"] + 1}}
    assert named(made(tmp_path, replace(run, control=control)), "master_check").startswith("✗ 1 of")


def test_formulas_use_functions_of_excel_2016_and_no_constants(book: Path) -> None:
    for cells in formulas(book).values():
        for formula in cells.values():
            without_texts = re.sub(r'"[^"]*"', "", formula)
            assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", without_texts)) <= EXCEL_2016, formula
            without_cells = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", without_texts)
            assert set(re.findall(r"(?<![A-Za-z_])\d+(?:\.\d+)?", without_cells)) <= {"0", "1"}, formula
            assert "[" not in without_texts, formula


def test_a_column_has_one_formula(book: Path) -> None:
    for sheet, head in (("Commission sheet", 8), ("Lines", 5)):
        patterns = defaultdict(set)
        last = openpyxl.load_workbook(book)[sheet].max_row
        for cell, formula in formulas(book)[sheet].items():
            letters, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
            if head < int(row) < last:
                patterns[letters].add(re.sub(rf"(?<=[A-Z]){row}\b", "#", formula))
        assert patterns and all(len(found) == 1 for found in patterns.values()), patterns


def test_nothing_is_merged_in_the_data(book: Path) -> None:
    for sheet in openpyxl.load_workbook(book):
        assert all(cells.max_row <= 7 for cells in sheet.merged_cells.ranges), sheet.title


def test_pages_print_on_a4_one_page_wide_with_heads_and_footer(book: Path) -> None:
    for sheet in openpyxl.load_workbook(book):
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (9, 1, 0)
        assert sheet.oddFooter.left.text.endswith("Run 2026-10 · FIELD-KE v3 · 4f2a91c0")
        assert "Page &P of &N" in sheet.oddFooter.center.text or "Page &[Page] of &N" in sheet.oddFooter.center.text
        if sheet.title in ("Payments", "Lines", "Commission sheet", "Checks"):
            assert sheet.print_title_rows and sheet.freeze_panes


def test_the_answer_is_in_sight_without_scrolling(book: Path) -> None:
    """1366 x 768 at 100 %: about 1,300 pixels by 20 rows of 18 points under Excel's ribbon."""
    sheet = openpyxl.load_workbook(book, data_only=True)["Commission sheet"]
    places = [cell for row in sheet.iter_rows(max_row=9) for cell in row if cell.value == 41178.00]
    left = sum(
        sheet.column_dimensions[openpyxl.utils.get_column_letter(c)].width for c in range(1, places[0].column + 1)
    )
    assert places[0].row <= 9 and left * 7 < 1300


WIDE = {**dict.fromkeys("0123456789", 7.2), ",": 3.6, ".": 3.6, "-": 4.4, "–": 7.2}
"""Pixels of Calibri 10.5 on a screen, a little more than measured."""


@pytest.mark.parametrize("run", [october(), in_shillings()], ids=["KES", "UGX"])
def test_nothing_shows_as_hashes(tmp_path: Path, run: Any) -> None:
    opened = openpyxl.load_workbook(made(tmp_path, run), data_only=True)
    merged = {str(cells).split(":")[0] for sheet in opened for cells in sheet.merged_cells.ranges}
    for sheet in opened:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            if (
                isinstance(cell.value, (int, float))
                and cell.number_format.startswith("#,##0")
                and cell.coordinate not in merged
            ):
                decimals = len(cell.number_format.split(";")[0].partition(".")[2])
                text = f"{cell.value:,.{decimals}f}"
                needed = (
                    sum(WIDE[letter] for letter in text) * (cell.font.size / 10.5) * (1.05 if cell.font.bold else 1)
                )
                assert needed + 4 <= sheet.column_dimensions[cell.column_letter].width * 7 + 5, (
                    sheet.title,
                    cell.coordinate,
                    text,
                )


def test_a_currency_without_minor_digits_shows_none(tmp_path: Path) -> None:
    out = made(tmp_path, in_shillings())
    row = rows_under(out, "Commission sheet", "No.")[0]
    assert (row["CASH"], row["To be paid"], row["Carried out"]) == (461250, 461000, 250)
    formats = {cell.number_format for sheet in openpyxl.load_workbook(out) for row in sheet for cell in row}
    assert '#,##0;-#,##0;"–"' in formats and '#,##0.00;-#,##0.00;"–"' not in formats


def test_the_same_run_gives_the_same_bytes(book: Path, tmp_path: Path) -> None:
    assert made(tmp_path).read_bytes() == book.read_bytes()


def test_a_name_that_looks_like_a_formula_stays_a_name(book: Path) -> None:
    row = next(row for row in rows_under(book, "Commission sheet", "No.") if row["Agent"] == "A020")
    assert row["Name"] == '=HYPERLINK("http://x","Juma")'
    assert not any("HYPERLINK" in formula for cells in formulas(book).values() for formula in cells.values())


def test_ids_that_excel_takes_for_the_same_are_kept_apart(tmp_path: Path) -> None:
    """SUMIFS would add up 007, 7 and 7.0, and A* everybody."""
    run = Made(made_runs.plan())
    for number, agent_id in enumerate(("007", "7", "7.0", "A*", "A1", "<5", ""), 1):
        run.agent(agent_id, agent_id)
        run.line(agent_id, "adjust", "", f"{number * 1000}", reason="by hand")
    out = made(tmp_path, run.run())
    assert named(out, "master_check").startswith("✓")
    paid = {row["Agent"] or "": row["To be paid"] for row in rows_under(out, "Commission sheet", "No.")}
    assert paid["007"] == 1000 and paid["7"] == 2000 and paid["A*"] == 4000


def test_about_names_what_went_in(book: Path) -> None:
    about = values(book)["About"]
    shown = [str(value) for value in about.values()]
    for text in (
        "Report (14).xlsx[May]",
        "9f" * 32,
        PROVENANCE["plan_hash"],
        PROVENANCE["lines_hash"],
        "HR/COMM/2026-01",
    ):
        assert text in shown


def test_a_run_before_the_end_of_its_period_is_provisional(tmp_path: Path) -> None:
    out = made(tmp_path, replace(october(), as_of=date(2026, 10, 21)))
    assert "provisional: data to 21 October 2026" in openpyxl.load_workbook(out)["Commission sheet"]["B2"].value


def test_settings_show_the_whole_plan(book: Path) -> None:
    shown = {str(value) for value in values(book)["Settings"].values()}
    for text in ("CASH", "80%", "2.5%", "20% for 60 days", "100% within 90 days",
                 "at most 30,000", "at least 93%", "1.1",
                 "days past due from 91", "1,500", "LEAD", "the agent who took the promise"):  # fmt: skip
        assert text in shown, text


def test_a_very_large_run_holds_sums_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commission_book, "LARGEST_BOOK", 40)
    out = made(tmp_path)
    rows = rows_under(out, "Lines", "No. on sheet")
    assert len(rows) < 20 and sum(row["Lines"] for row in rows) == 63
    first = rows[0]
    assert (first["Lines"], first["Base"], first["Rate"], first["Amount, KES"]) == (14, 1056000.00, 0.01, 11616.00)
    assert named(out, "master_check").startswith("✓")
    assert any("too many" in str(v) or "more lines than a sheet" in str(v) for v in values(out)["About"].values())
    assert "TXN-88001" not in parts(out)["xl/sharedStrings.xml"]


def test_a_target_amount_for_each_is_shown_as_money_not_as_a_percentage(tmp_path: Path) -> None:
    with_target = {"code": "LEADS", "kind": "at_target", "measure": "leads_worked", "per": "period",
                   "at_target": "6000", "target": "leads_worked", "prorate": "none"}  # fmt: skip
    leads = type(made_runs.plan().components[0]).model_validate(with_target)
    plan = made_runs.plan()
    run = Made(plan.model_copy(update={"components": (*plan.components, leads)}))
    run.agent("A1", "Asha")
    run.line("A1", "earn", "LEADS", "6000.00", base="1", rate="6000")
    opened = openpyxl.load_workbook(made(tmp_path, run.run()))["Lines"]
    rate = next(cell for cell in opened[6] if cell.value == 6000)
    assert rate.number_format.startswith("#,##0.00")


def test_an_empty_run_is_a_book_too(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("A1", "Nobody paid")
    assert named(made(tmp_path, run.run()), "master_check").startswith("✓")


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize("run", [october(), in_shillings()], ids=["KES", "UGX"])
def test_libreoffice_works_out_every_formula_to_the_stored_value(tmp_path: Path, run: Any) -> None:
    out = made(tmp_path, run)
    assert stale(out, tmp_path) == []


@pytest.mark.e2e
@needs_office
def test_libreoffice_finds_the_sums_of_a_very_large_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commission_book, "LARGEST_BOOK", 40)
    assert stale(made(tmp_path), tmp_path) == []


@pytest.mark.e2e
@needs_office
def test_libreoffice_finds_a_wrong_cent_by_itself(tmp_path: Path) -> None:
    """The checks are live: what a calculator makes of them depends on the cells, not on the stored words."""
    out = made(tmp_path, with_a_cent_more(october(), "payable"))
    anew = values(recalculated(out, tmp_path))
    assert {cells["B3"] for cells in anew.values()} == {named(out, "master_check")}
    assert named(out, "master_check").startswith("✗")


@pytest.mark.e2e
@needs_office
def test_a_changed_setting_changes_what_is_paid_and_the_checks_say_so(tmp_path: Path) -> None:
    out = made(tmp_path)
    opened = openpyxl.load_workbook(out)
    sheet, cell = next(iter(opened.defined_names["payout_unit"].destinations))
    opened[sheet][cell.replace("$", "")] = 100
    changed = tmp_path / "changed.xlsx"
    opened.save(changed)
    anew = recalculated(changed, tmp_path)
    row = next(row for row in rows_under(anew, "Commission sheet", "No.") if row["Agent"] == "A017")
    assert (row["To be paid"], row["Carried out"], row["Check"]) == (30500, 22, "✗ differs")
