"""finance.xlsx: what Finance imports, exact, stamped as a draft, and without anything of a customer."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_runs
import openpyxl
import polars as pl
import pytest
from made_runs import PROVENANCE, Made, in_shillings, october
from office import formulas, named, needs_office, parts, recalculated, rows_under, stale, values
from test_commission_book import EXCEL_2016

from toolkit.finance import write_finance_book

IMPORTED = {
    "payee_id", "legal_name", "tax_id", "payee_type", "pay_channel", "provider", "msisdn", "bank_code", "branch_code",
    "account_no", "gross", "adjustments", "clawback", "taxable", "wht", "net", "payable", "currency", "cost_centre",
    "period", "reference", "narration", "holdback_balance", "draw_balance",
}  # fmt: skip


def made(tmp_path: Path, run: Any = None, name: str = "finance.xlsx") -> Path:
    out = tmp_path / name
    write_finance_book(run or october(), out, PROVENANCE)
    return out


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("october"))


def lines(book: Path) -> dict[str, dict[str, Any]]:
    return {row["payee_id"]: row for row in rows_under(book, "Payment lines", "line_no")}


def test_there_is_no_customer_in_it(tmp_path: Path) -> None:
    """Every account and payment of the run is looked for in every part of the file, reasons of lines too."""
    run = october()
    marked = run.lines.with_columns(reason=pl.lit("CUSTOMER Wanjiru 0722"), account_id=pl.lit("ACCOUNT-OF-A-CUSTOMER"))
    text = "".join(parts(made(tmp_path, replace(run, lines=marked))).values())
    secret = {"CUSTOMER", "Wanjiru", "ACCOUNT-OF-A-CUSTOMER", *run.credit["source_file"]}
    secret |= set(run.credit["payment_id"]) | set(run.credit["account_id"])
    secret |= set(run.lines["payment_id"]) | set(run.lines["account_id"]) | set(run.lines["line_id"])
    assert len(secret) > 100
    assert [word for word in secret if word and word in text] == []


def test_the_import_has_the_columns_that_finance_needs_in_a_table_with_nothing_after_it(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Payment lines"]
    table = sheet.tables["payment_lines"]
    assert IMPORTED <= set(table.column_names)
    assert table.ref.endswith(str(sheet.max_row))
    first = sheet[table.ref.split(":")[0]]
    assert [cell.value for cell in sheet[first.row][1:]] == table.column_names


def test_brians_line_is_the_one_on_his_statement(book: Path) -> None:
    line = lines(book)["A017"]
    assert (line["gross"], line["adjustments"], line["clawback"]) == (32127.80, 0, -240.00)
    assert (line["taxable"], line["wht"], line["net"], line["payable"]) == (32127.80, -1606.39, 30521.41, 30522.00)
    assert (line["msisdn"], line["provider"], line["tax_id"]) == ("254712345678", "M-PESA", "A004455667K")
    assert (line["currency"], line["cost_centre"], line["period"]) == ("KES", "CC-110", "2026-10")
    assert (line["holdback_balance"], line["draw_balance"]) == (3181.20, 0)
    assert line["narration"] == "Commission October 2026, FIELD-KE"


def test_leading_zeros_of_an_account_stay(book: Path) -> None:
    line = lines(book)["A018"]
    assert (line["account_no"], line["bank_code"], line["branch_code"]) == ("0012345678901", "01", "094")


def test_only_those_who_are_paid_have_a_payment_line_and_the_others_are_named_with_the_reason(book: Path) -> None:
    assert set(lines(book)) == {"A017", "A018", "A019", "TL01"}
    unpaid = {row["Payee"]: row for row in rows_under(book, "Not paid", "Payee")}
    assert set(unpaid) == {"A020", "A021"}
    assert unpaid["A020"]["Why"].startswith("owes more than was earned")
    assert unpaid["A021"]["Why"].startswith("less than 100")


def test_amounts_are_numbers_and_sums_are_formulas(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Payment lines"]
    heads = {cell.value: cell.column_letter for cell in sheet[6] if cell.value}
    for key in ("gross", "wht", "net", "payable"):
        letter = heads[key]
        assert sheet[f"{letter}5"].value == f"=SUM({letter}7:{letter}10)"
        assert {sheet[f"{letter}{row}"].data_type for row in range(7, 11)} == {"n"}


def test_cover_shows_the_sums_of_everybody(book: Path) -> None:
    """Gross: 32,127.80 + 5,373.46 + 5,000.00 - 1,250.55 + 78.50 + 2,033.60. Paid: 30,522 + 3,873 + 4,750 + 2,033."""
    assert named(book, "batch_gross") == 43362.81
    assert named(book, "batch_wht") == -1856.39
    assert named(book, "batch_payable") == 41178.00
    assert named(book, "batch_count") == 4
    cover = list(values(book)["Cover"].values())
    assert "FIELD-KE-v3-2026-10-4f2a91c0" in cover
    assert PROVENANCE["lines_hash"] in cover


def test_it_is_stamped_as_a_draft_on_every_page(book: Path) -> None:
    opened = openpyxl.load_workbook(book)
    stamp = next(cell for row in opened["Cover"].iter_rows() for cell in row if "not approved" in str(cell.value))
    assert stamp.value.startswith("◆ DRAFT") and stamp.font.size >= 24
    for sheet in opened:
        assert sheet["B2"].value.startswith("DRAFT")
        assert sheet.oddHeader.center.text == "DRAFT" and sheet.oddHeader.center.size >= 24


def test_references_are_short_and_all_different(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    for agent_id in ("a1", "A1", "A" * 60, "A" * 59 + "B", "Zoë/7", "x y"):
        run.agent(agent_id, agent_id)
        run.line(agent_id, "adjust", "", "1000", reason="by hand")
    found = [line["reference"] for line in lines(made(tmp_path, run.run())).values()]
    assert len(found) == len({reference.lower() for reference in found}) == 6
    assert all(re.fullmatch(r"[A-Za-z0-9/.\-]{1,35}", reference) for reference in found)
    again = [line["reference"] for line in lines(made(tmp_path, run.run())).values()]
    assert again == found


def test_gl_summary_splits_by_account_and_cost_centre(book: Path) -> None:
    rows = {(row["Account"], row["Cost centre"]): row for row in rows_under(book, "GL summary", "No.")}
    assert rows["6151", "CC-110"]["Commission"] == 15906.00
    assert rows["6151", "CC-110"]["Held back"] == -3181.20
    assert rows["6150", "CC-110"]["Commission"] == 24766.46  # 16,643.00 + 3,000.00 + 5,123.46
    assert rows["6150", "CC-100"]["Leaders' shares"] == 2033.60
    assert rows["not set", "CC-120"]["Guarantee"] == 5000.00
    assert sum(row["Net"] for row in rows.values()) == pytest.approx(41506.42, abs=1e-6)


def test_control_totals_go_by_channel_and_cost_centre(book: Path) -> None:
    shown = values(book)["Control totals"]
    by_name = {value: cell for cell, value in shown.items() if isinstance(value, str)}
    for name, paid, count in (("mobile money, M-PESA", 35272.00, 2), ("payroll", 2033.00, 1), ("CC-110", 34395.00, 2)):
        row = by_name[name][1:]
        assert (shown[f"D{row}"], shown[f"F{row}"]) == (paid, count)


def exceptions(book: Path) -> set[tuple[str, str]]:
    return {(row["Payee"], row["What"]) for row in rows_under(book, "Exceptions", "Look")}


def test_exceptions_name_debts_and_missing_tax_numbers(book: Path) -> None:
    assert exceptions(book) == {
        ("A020", "Gross is negative"),
        ("A020", "Owes something that is carried to the next period"),
        ("A019", "Tax is withheld, but there is no tax number"),
    }


def test_exceptions_name_missing_pay_details_shared_accounts_and_gates_that_hold(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("B1", "No details")
    run.agent("B2", "No number", pay_channel="mobile_money", provider="M-PESA")
    run.agent("B3", "One", pay_channel="mobile_money", provider="M-PESA", msisdn="254700000001")
    run.agent("B4", "Same", pay_channel="mobile_money", provider="M-PESA", msisdn="254700000001")
    for agent in ("B1", "B2", "B3", "B4"):
        run.line(agent, "adjust", "", "1000.00", reason="by hand")
    run.line("B3", "holdback", "CASH", "-10.00", reason="QUALITY holds it")
    assert exceptions(made(tmp_path, run.run())) == {
        ("B1", "Pay details missing: pay_channel"),
        ("B2", "Pay details missing: msisdn"),
        ("B3", "Paid to an account that another agent is paid to as well"),
        ("B4", "Paid to an account that another agent is paid to as well"),
        ("B3", "Held until a condition of the plan is met"),
    }


def test_all_checks_agree_and_every_page_says_so(book: Path) -> None:
    assert named(book, "master_check").startswith("✓ All ")
    for sheet in openpyxl.load_workbook(book, data_only=True):
        assert sheet["B3"].value == named(book, "master_check")


def test_a_sheet_that_does_not_add_up_fails_the_checks(tmp_path: Path) -> None:
    run = october()
    wrong = run.sheet.with_columns(
        pl.when(pl.col("agent_id") == "A017").then(1).otherwise(0).add(pl.col("gross")).alias("gross")
    )
    assert named(made(tmp_path, replace(run, sheet=wrong)), "master_check").startswith("✗")


def test_any_digit_of_an_account_changes_the_hash_of_pay_details(tmp_path: Path) -> None:
    def hash_of(run: Any) -> Any:
        cover = values(made(tmp_path, run))["Cover"]
        row = next(cell[1:] for cell, value in cover.items() if value == "Hash of pay details")
        return cover[f"C{row}"]

    run = october()
    changed = run.agents.with_columns(pl.col("account_no").str.replace("901$", "902"))
    assert hash_of(run) == hash_of(october()) != hash_of(replace(run, agents=changed))


def test_formulas_use_functions_of_excel_2016_only(book: Path) -> None:
    for cells in formulas(book).values():
        for formula in cells.values():
            assert set(re.findall(r"([A-Z][A-Z0-9.]*)\(", re.sub(r'"[^"]*"', "", formula))) <= EXCEL_2016, formula


def test_the_same_run_gives_the_same_bytes(book: Path, tmp_path: Path) -> None:
    assert made(tmp_path).read_bytes() == book.read_bytes()


def test_a_run_that_pays_nobody_is_a_book_too(tmp_path: Path) -> None:
    run = Made(made_runs.plan())
    run.agent("A1", "Nobody paid")
    out = made(tmp_path, run.run())
    assert named(out, "master_check").startswith("✓") and named(out, "batch_payable") == 0


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize("run", [october(), in_shillings()], ids=["KES", "UGX"])
def test_libreoffice_works_out_every_formula_to_the_stored_value(tmp_path: Path, run: Any) -> None:
    assert stale(made(tmp_path, run), tmp_path) == []


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize(
    ("approved_by", "says"),
    [("Rose Achieng", "✓ two people"), (" grace NJERI ", "✗ the same person twice"), ("", "◆ not signed yet")],
)
def test_the_approval_block_wants_two_people(tmp_path: Path, approved_by: str, says: str) -> None:
    opened = openpyxl.load_workbook(made(tmp_path))
    for name, person in (("prepared_by", "Grace Njeri"), ("approved_by", approved_by)):
        sheet, cell = next(iter(opened.defined_names[name].destinations))
        opened[sheet][cell.replace("$", "")] = person
    signed = tmp_path / "signed.xlsx"
    opened.save(signed)
    assert says in values(recalculated(signed, tmp_path))["Cover"].values()
