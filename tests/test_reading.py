"""Which files, sheets and rows the readers take, what they refuse, and how they say so.

Cases follow the project's catalogue of bad input: what exports were seen to contain, and the verdict decided
for each. Defaults: day/month/year, decimal point, KES, Africa/Nairobi.
"""

import csv
import datetime as dt
import tomllib
from collections import Counter
from importlib import resources
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from reading_cases import ACCOUNTS, AGENTS, AS_OF, HEADER, NAIROBI, PROFILE, amounts, errors, payment, read, warnings

from toolkit.problems import ToolkitError, texts
from toolkit.readers.sheet_xml import SheetXml
from toolkit.reading import read_tables

# Files: encoding, delimiter, shape

ROWS = "P1,2026-03-02,A1,,100.00,KES,r1,\nP2,2026-03-03,A2,,250.50,KES,r2,\n"
CLEAN = HEADER + ROWS


@pytest.mark.parametrize(
    "content",
    [
        CLEAN.encode(),
        b"\xef\xbb\xbf" + CLEAN.encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + CLEAN.encode(),
        CLEAN.replace(",", "\t").encode("utf-16"),
        b"\xfe\xff" + CLEAN.replace(",", "\t").encode("utf-16-be"),
        CLEAN.replace(",", ";").encode(),
        CLEAN.replace(",", "\t").encode(),
        CLEAN.replace(",", "|").encode(),
        b"sep=;\n" + CLEAN.replace(",", ";").encode(),
        CLEAN.replace("\n", "\r").encode(),
        CLEAN.replace("\n", "\r\n").encode(),
        CLEAN.rstrip("\n").encode(),
        (HEADER + ROWS.replace("\n", "\n\n  ,,,,,,,\n")).encode(),
        ("Payments of March\nBranch Nakuru;all\n\n" + CLEAN).encode(),
        (HEADER + ROWS.replace("\n", "\n" + HEADER, 1)).encode(),
        CLEAN.replace("payment_id,paid_at", "PAYMENT\u00a0ID , Paid-At").encode(),
        (CLEAN + "TOTAL,,,,350.50,,,\n").encode(),
        (CLEAN + "End of report - 2 records\n").encode(),
        CLEAN.replace("r1", '"line\nbreak"').encode(),
        "\n".join('"' + '","'.join(line.split(",")) + '"' for line in CLEAN.splitlines()).encode(),
    ],
    ids=lambda content: ascii(content[:12]),
)
def test_the_same_payments_are_read_whatever_the_file_looks_like(tmp_path: Path, content: bytes) -> None:
    reading = read(tmp_path, payments_csv=content)
    assert errors(reading) == []
    payments = reading.tables["payments"]
    assert payments["payment_id"].to_list() == ["P1", "P2"]
    assert payments["amount"].to_list() == [10000, 25050]
    [file] = reading.files
    assert file.accepted == 2 and file.rejected == 0 and file.rows == file.accepted + file.ignored


def test_windows_text_is_read_with_a_warning(tmp_path: Path) -> None:
    reading = read(tmp_path, agents_csv="agent_id,name,role\nAG-01,José Muñoz – Nakuru,field_agent\n".encode("cp1252"))
    assert reading.tables["agents"]["name"].to_list() == ["José Muñoz – Nakuru"]
    assert warnings(reading) == {"ENCODING"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"\xef\xbb\xbf", "EMPTY_FILE"),
        (HEADER.encode(), "NO_DATA"),
        (CLEAN.replace("amount", "x").encode(), "MISSING_COLUMN"),
        (CLEAN.replace("reference", "Amount").encode(), "DUPLICATE_HEADER"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "NOT_CSV"),
        (b'{"error": "unauthorised"}', "NOT_CSV"),
        (b"PK\x03\x04 and so on", "NOT_CSV"),
        (b"\x1f\x8b\x08 gz", "NOT_CSV"),
        (b"a,b\n1,2\n", "HEADER_NOT_FOUND"),
        (CLEAN.replace("P1", "P\x00").encode(), "NUL_BYTES"),
        (CLEAN.encode("utf-32"), "ENCODING_UNKNOWN"),
        (CLEAN.encode().replace(b"r1", b"\x81"), "ENCODING_UNKNOWN"),
        (CLEAN.encode().replace(b"r1", b"\xc0\xaf"), "ENCODING_UNKNOWN"),
        (CLEAN.encode().replace(b"r1", "é".encode()).replace(b"r2", b"\xe9"), "ENCODING_MIXED"),
        (CLEAN.replace("r1", '"r1').encode(), "UNCLOSED_QUOTE"),
        ((CLEAN + "TOTAL,,,,350.51,,,\n").encode(), "CONTROL_TOTAL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(tmp_path: Path, content: bytes, code: str) -> None:
    reading = read(tmp_path, payments_csv=content)
    assert [(file.table, file.verdict, file.code) for file in reading.files] == [("payments", "reject-file", code)]
    assert "payments" not in reading.tables
    assert code in [problem.code for problem in reading.problems]


@pytest.mark.parametrize(
    "line", ["P3;2026-03-04;A1;;1;KES;;", "P3,2026-03-04,A1", "P3,2026-03-04,A1,,15,000.00,KES,,", "P3"]
)
def test_a_row_with_another_number_of_fields_is_refused_and_the_others_are_taken(tmp_path: Path, line: str) -> None:
    reading = read(tmp_path, payments_csv=CLEAN + line + "\n")
    assert errors(reading) == [("FIELD_COUNT", 4)]
    assert amounts(reading) == [10000, 25050]
    assert reading.unreadable == {"payments": 1}


def test_a_sum_without_a_label_is_a_row_without_an_id(tmp_path: Path) -> None:
    assert {code for code, _ in errors(read(tmp_path, payments_csv=CLEAN + ",,,,350.50,,,\n"))} == {
        "MISSING_ID",
        "DATE_MISSING",
    }


def test_subtotals_in_the_middle_are_held_against_the_rows_since_the_last_one(tmp_path: Path) -> None:
    lines = ROWS.splitlines()
    rows = [
        lines[0],
        "Subtotal AG-01,,,,100.00,,,",
        lines[1],
        "Subtotal AG-02,,,,250.50,,,",
        "Grand total,,,,350.50,,,",
    ]
    reading = read(tmp_path, payments_csv=HEADER + "\n".join(rows) + "\n")
    assert errors(reading) == []
    assert [file.ignored for file in reading.files] == [3]


def test_row_numbers_are_those_that_excel_shows(tmp_path: Path) -> None:
    text = "Title\n\n" + HEADER + 'P1,2026-03-02,A1,,1,KES,"two\nlines",\n\nP2,2026-03-02,A1,,x,KES,,\n'
    assert errors(read(tmp_path, payments_csv=text)) == [("NOT_A_NUMBER", 6)]


def test_a_missing_folder_and_an_empty_one_are_said_to_be_that(tmp_path: Path) -> None:
    for place, code in ((tmp_path / "nowhere", "DATA_NOT_FOUND"), (tmp_path, "DATA_EMPTY")):
        with pytest.raises(ToolkitError) as error:
            read_tables(place, PROFILE)
        assert [problem.code for problem in error.value.problems] == [code]


# Recognising tables


def test_a_table_is_recognised_by_its_headers_whatever_the_file_is_called(tmp_path: Path) -> None:
    (tmp_path / "Report (14).csv").write_text(AGENTS)
    (tmp_path / "agents.csv").write_text(CLEAN)
    reading = read_tables(tmp_path, PROFILE)
    assert {(file.file, file.table) for file in reading.files} == {
        ("Report (14).csv", "agents"),
        ("agents.csv", "payments"),
    }


def test_the_profiles_spellings_and_the_toolkits_own_names_are_both_understood(tmp_path: Path) -> None:
    profile = PROFILE.model_copy(update={"headers": {"payments": {"amount": ("Paid (KES)",), "paid_at": ("When",)}}})
    own = read(tmp_path, profile, payments_csv=CLEAN)
    theirs = read(tmp_path, profile, payments_csv=CLEAN.replace("amount", "PAID  KES").replace("paid_at", "when"))
    assert own.tables["payments"].equals(theirs.tables["payments"])


def test_a_file_that_is_no_table_is_left_alone(tmp_path: Path) -> None:
    reading = read(tmp_path, payments_csv=CLEAN, notes_txt="Remember to call Nakuru\n")
    assert [file.table for file in reading.files] == ["payments"]
    assert errors(reading) == []
    assert warnings(reading) == {"NOT_A_TABLE"}


def test_an_export_whose_headers_are_half_known_is_refused_rather_than_forgotten(tmp_path: Path) -> None:
    (tmp_path / "Report.csv").write_text("Txn,amount,paid_at,Client\nP1,5,2026-03-02,A1\n")
    reading = read(tmp_path, payments_csv=CLEAN)
    assert errors(reading) == [("HEADER_NOT_FOUND", None)]


def test_absent_columns_stay_absent_and_the_currency_is_the_profiles(tmp_path: Path) -> None:
    reading = read(tmp_path, payments_csv="payment_id,account_id,paid_at,amount\nP1,A1,2026-03-02,5\n")
    payments = reading.tables["payments"]
    assert payments.columns == [
        "payment_id",
        "account_id",
        "paid_at",
        "amount",
        "currency",
        "source_file",
        "source_row",
    ]
    assert payments["currency"].to_list() == ["KES"]
    assert payments.schema["amount"] == pl.Int64
    assert payments.schema["paid_at"] == pl.Datetime("us", "Africa/Nairobi")
    assert payments["source_row"].to_list() == [2]


def test_a_profile_says_what_an_empty_kind_and_a_blank_agent_mean(tmp_path: Path) -> None:
    profile = PROFILE.model_copy(update={"payment_kind_when_empty": "instalment", "payments_name_agent": True})
    reading = payment(tmp_path, profile, agent_id="")
    assert errors(reading) == [("AGENT_MISSING", 2)]
    assert payment(tmp_path, profile).tables["payments"]["kind"].to_list() == ["instalment"]


def test_codes_are_mapped_and_unknown_ones_are_a_problem(tmp_path: Path) -> None:
    profile = PROFILE.model_copy(update={"codes": {"calls.disposition": {"PTP": "promise"}}})
    words = ("ptp", "No Answer", "zzz")
    rows = "".join(f"{number},AG-01,2026-03-02,{word}\n" for number, word in enumerate(words))
    text = "call_id,agent_id,started_at,disposition\n" + rows
    reading = read(tmp_path, profile, calls_csv=text)
    assert reading.tables["calls"]["disposition"].to_list() == ["promise", "no_answer"]
    assert errors(reading) == [("CODE_UNKNOWN", 4)]


def test_a_table_other_than_payments_may_be_empty(tmp_path: Path) -> None:
    reading = read(tmp_path, promises_csv="promise_id,account_id,agent_id,made_at,due_on,amount\n")
    assert errors(reading) == []
    assert reading.tables["promises"].height == 0


def test_decimals_keep_their_exact_digits(tmp_path: Path) -> None:
    text = "kpi,agent_id,period,value\nqc,AG-01,2026-03,93%\nshare,AG-02,2026-03,0.8150\nqc,AG-03,2026-03,12.5%\n"
    reading = read(tmp_path, kpi_csv=text)
    assert reading.tables["kpi_values"]["value"].to_list() == ["0.93", "0.8150", "0.125"]


def test_talk_time_on_a_clock_is_seconds_and_more_than_a_day_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{number},AG-01,2026-03-02,{time}\n" for number, time in enumerate(("00:02:00", "-5", "90000")))
    text = "call_id,agent_id,started_at,talk_seconds\n" + rows
    reading = read(tmp_path, calls_csv=text)
    assert reading.tables["calls"]["talk_seconds"].to_list() == [120]
    assert errors(reading) == [("RANGE", 3), ("RANGE", 4)]


# Rows against rows


def test_an_identical_row_is_counted_once_and_a_conflicting_one_not_at_all(tmp_path: Path) -> None:
    same = read(tmp_path, payments_csv=CLEAN + ROWS.splitlines()[0].replace("P1", "p1") + "\n")
    assert amounts(same) == [10000, 25050]
    assert warnings(same) == {"DUPLICATE_IDENTICAL"}
    assert [(file.accepted, file.ignored) for file in same.files] == [(2, 1)]
    other = read(tmp_path, payments_csv=CLEAN + ROWS.splitlines()[0].replace("100.00", "90.00") + "\n")
    assert amounts(other) == [25050]
    assert errors(other) == [("DUPLICATE_CONFLICT", 2), ("DUPLICATE_CONFLICT", 4)]
    assert other.rejected_sums == {"payments": 19000}


def test_overlapping_exports_and_the_same_file_twice_count_once(tmp_path: Path) -> None:
    lines = ROWS.splitlines(keepends=True)
    (tmp_path / "week1.csv").write_text(HEADER + lines[0])
    (tmp_path / "week2.csv").write_text(HEADER + lines[0] + lines[1])
    (tmp_path / "week2 (copy).csv").write_text(HEADER + lines[0] + lines[1])
    reading = read_tables(tmp_path, PROFILE)
    assert sorted(amounts(reading)) == [10000, 25050]
    assert warnings(reading) == {"DUPLICATE_IDENTICAL", "SAME_FILE"}
    assert sum(file.ignored for file in reading.files) == 3


def test_another_id_with_the_same_reference_is_taken_with_a_warning(tmp_path: Path) -> None:
    reading = read(tmp_path, payments_csv=CLEAN + ROWS.splitlines()[0].replace("P1", "P9") + "\n")
    assert len(amounts(reading)) == 3
    assert warnings(reading) == {"POSSIBLE_DUPLICATE"}


def test_references_hold(tmp_path: Path) -> None:
    rows = (
        "P1,2026-03-02,A1,ag-01,1,KES,,\n"
        "P2,2026-03-02,A9,AG-99,2,KES,,\n"
        "P3,2026-03-02,A1,AG-02,4,KES,,\n"
        "P4,2026-03-10,A1,AG-02,8,KES,,\n"
    )
    reading = read(tmp_path, payments_csv=HEADER + rows, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    assert sorted(errors(reading)) == [("ACCOUNT_UNKNOWN", 3), ("AGENT_NOT_ACTIVE", 4), ("AGENT_UNKNOWN", 3)]
    assert reading.tables["payments"]["agent_id"].to_list() == ["AG-01", "AG-02"]
    assert reading.rejected_sums == {"payments": 600}


def test_an_agent_whose_own_row_was_refused_is_said_to_be_that(tmp_path: Path) -> None:
    agents = AGENTS + "AG-03,,field_agent,2024-01-01\n"
    reading = read(tmp_path, payments_csv=HEADER + "P1,2026-03-02,A1,AG-03,1,KES,,\n", agents_csv=agents)
    [problem] = [problem for problem in reading.problems if problem.code == "AGENT_UNKNOWN"]
    assert "its row (agents.csv row 4) was rejected" in problem.message


def test_team_leaders_exist_and_do_not_go_round_in_circles(tmp_path: Path) -> None:
    text = "agent_id,name,role,team_leader_id\nA,a,r,B\nB,b,r,A\nC,c,r,C\nD,d,r,X\nE,e,r,A\nF,f,r,\n"
    reading = read(tmp_path, agents_csv=text)
    assert sorted(errors(reading)) == [
        ("HIERARCHY_CYCLE", 2),
        ("HIERARCHY_CYCLE", 3),
        ("HIERARCHY_CYCLE", 4),
        ("LEAD_UNKNOWN", 5),
    ]


def test_two_owners_of_one_role_clash_and_two_of_different_roles_do_not(tmp_path: Path) -> None:
    agents = "agent_id,name,role\nA,a,field_agent\nB,b,field_agent\nC,c,call_agent\n"
    rows = (
        "account_id,agent_id,assigned_on,ended_on\n"
        "A1,A,2026-03-01,2026-03-15\nA1,B,2026-03-15,\nA1,C,2026-03-01,\n"
        "A2,A,2026-03-01,2026-03-15\nA2,B,2026-03-16,\nA2,B,2026-02-01,2026-02-28\n"
    )
    reading = read(tmp_path, agents_csv=agents, assignments_csv=rows)
    assert errors(reading) == [("ASSIGNMENT_OVERLAP", 2), ("ASSIGNMENT_OVERLAP", 3)]


def test_reversals_name_an_earlier_payment_and_take_back_no_more_than_it(tmp_path: Path) -> None:
    rows = (
        "P1,2026-03-02,A1,,100,KES,,\n"
        "R1,2026-03-05,A1,,-60,KES,,P1\n"
        "R2,2026-03-06,A1,,-60,KES,,P1\n"
        "P2,2026-03-20,A1,,100,KES,,\n"
        "R3,2026-03-10,A1,,-100,KES,,P2\n"
        "R4,2026-03-10,A1,,-100,KES,,P-of-february\n"
        "R5,2026-03-10,A1,,100,KES,,P2\n"
    )
    reading = read(tmp_path, payments_csv=HEADER + rows)
    assert sorted(errors(reading)) == [
        ("REVERSAL_BEFORE_PAYMENT", 6),
        ("REVERSAL_EXCEEDS", 4),
        ("REVERSAL_NOT_NEGATIVE", 8),
        ("REVERSAL_ORPHAN", 7),
    ]
    assert amounts(reading) == [10000, -6000, 10000]
    earlier = read_tables(tmp_path, PROFILE, as_of=AS_OF, paid_before=["P-of-february"])
    assert "REVERSAL_ORPHAN" not in {found.code for found in earlier.problems}
    assert amounts(earlier) == [10000, -6000, 10000, -10000]


def test_a_promise_is_due_after_it_was_made_and_within_reason(tmp_path: Path) -> None:
    days = ("2026-03-02", "2026-03-01", "2099-01-01")
    rows = "".join(f"{number},A1,AG-01,2026-03-02 10:00,{day},5\n" for number, day in enumerate(days))
    text = "promise_id,account_id,agent_id,made_at,due_on,amount\n" + rows
    assert errors(read(tmp_path, promises_csv=text)) == [("DATE_ORDER_PAIR", 3), ("DATE_RANGE", 4)]


def test_a_row_has_all_its_reasons(tmp_path: Path) -> None:
    reading = payment(tmp_path, amount="x", agent_id="AG-99", account_id="A9", paid_at="")
    assert {code for code, _ in errors(reading)} == {"NOT_A_NUMBER", "AGENT_UNKNOWN", "ACCOUNT_UNKNOWN", "DATE_MISSING"}
    assert [file.rejected for file in reading.files if file.table == "payments"] == [1]


# Workbooks and Parquet


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name.removeprefix("hidden_"))
        if name.startswith("hidden_"):
            sheet.hide()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return path


PAYMENT_HEADER = ["payment_id", "account_id", "paid_at", "amount"]


def test_a_workbook_has_a_sheet_per_table_and_hidden_ones_are_left_out(tmp_path: Path) -> None:
    day = dt.datetime(2026, 3, 2, 13, 5)  # noqa: DTZ001
    path = workbook(
        tmp_path / "book.xlsx",
        Money=[
            ["Payments of March"],
            [],
            PAYMENT_HEADER,
            [1001, "A1", day, 1199.9999999999998],
            ["007", "A2", "02/03/2026", "KES 5"],
        ],
        People=[["agent_id", "name", "role"], ["AG-01", "Jane", "field_agent"]],
        hidden_Old=[PAYMENT_HEADER, [1, "A1", day, 5]],
        Notes=[["call Nakuru"]],
    )
    reading = read_tables(path, PROFILE, as_of=AS_OF)
    payments = reading.tables["payments"]
    assert errors(reading) == []
    assert payments["payment_id"].to_list() == ["1001", "007"]
    assert payments["amount"].to_list() == [120000, 500]
    assert payments["paid_at"].to_list()[0] == day.replace(tzinfo=NAIROBI)
    assert payments["source_file"].unique().to_list() == ["book.xlsx[Money]"]
    assert payments["source_row"].to_list() == [4, 5]
    assert {(file.sheet, file.table) for file in reading.files} == {("Money", "payments"), ("People", "agents")}


def test_two_sheets_that_look_like_payments_are_refused(tmp_path: Path) -> None:
    row = ["P1", "A1", "2026-03-02", 5]
    path = workbook(tmp_path / "book.xlsx", May=[PAYMENT_HEADER, row], June=[PAYMENT_HEADER, row])
    reading = read_tables(path, PROFILE)
    assert {(file.verdict, file.code) for file in reading.files} == {("reject-file", "SHEET_AMBIGUOUS")}


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#VALUE!", "#DIV/0!"])
def test_an_error_cell_is_not_an_empty_cell(tmp_path: Path, error: str) -> None:
    book = xlsxwriter.Workbook(tmp_path / "payments.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, PAYMENT_HEADER)
    sheet.write_row(1, 0, ["P1", "A1", "2026-03-02"])
    sheet.write_formula(1, 3, "=1/0", None, error)
    book.close()
    assert errors(read_tables(tmp_path, PROFILE)) == [("EXCEL_ERROR", 2)]


def test_numbers_in_cells_have_no_decimal_comma_whatever_the_profile_says(tmp_path: Path) -> None:
    rows = [
        ["P1", "A1", "2026-03-02", 1200.5],
        ["P2", "A1", "2026-03-02", "1.234,50"],
        ["P3", "A1", "2026-03-02", 1.23],
    ]
    path = workbook(tmp_path / "p.xlsx", payments=[PAYMENT_HEADER, *rows])
    reading = read_tables(path, PROFILE.model_copy(update={"decimal": ","}))
    assert amounts(reading) == [120050, 123450, 123]


def test_shares_in_cells_that_show_a_percent_sign_stand_beside_texts_with_one(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "kpi_values.xlsx")
    sheet = book.add_worksheet()
    for row, cells in enumerate([["kpi", "agent_id", "period", "value"], ["QC", "AG-01", "2026-03", "88%"]]):
        sheet.write_row(row, 0, cells)
    for row, style in ((2, book.add_format({"num_format": "0%"})), (3, None)):
        sheet.write_row(row, 0, ["QC", f"AG-0{row}", "2026-03"])
        sheet.write_number(row, 3, 0.93, style)
    book.close()
    assert ("SCALE_AMBIGUOUS", 3) not in errors(read_tables(tmp_path, PROFILE))
    assert ("SCALE_AMBIGUOUS", 4) in errors(read_tables(tmp_path, PROFILE))


def test_each_cell_is_told_its_own_formula(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "payments.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, PAYMENT_HEADER)
    for row, formula in ((1, "=1+1"), (2, "=2+2")):
        sheet.write_row(row, 0, [f"P{row}", "A1", "2026-03-02"])
        sheet.write_formula(row, 3, formula, None, 9999)
    book.close()
    said = [str(found) for found in read_tables(tmp_path, PROFILE).problems if found.code == "FORMULA_STALE"]
    assert ["(1+1)" in said[0], "(2+2)" in said[1]] == [True, True], said


def test_error_cells_without_a_value_do_not_take_that_of_a_later_cell() -> None:
    rows = b"".join(b'<row r="%d"><c r="B%d" t="e"></c></row>' % (row, row) for row in range(1, 50_001))
    last = b'<row r="50001"><c r="C50001" t="e"><v>#N/A</v></c></row>'
    xml = b"<worksheet><sheetData>" + rows + last + b"</sheetData></worksheet>"
    assert list(SheetXml(xml, "p.xlsx", "P").error_cells()) == [(50_000, 2, "#N/A")]


def test_texts_with_a_point_mean_under_a_decimal_comma_what_they_mean_in_a_csv_file(tmp_path: Path) -> None:
    rows = [
        ["10.25", "100.250", "2026-03-02", 12.5],
        ["P2", "A1", "2026-03-02", "1.234"],
        ["P3", "A1", "2026-03-02", "12.50"],
    ]
    path = workbook(tmp_path / "p.xlsx", payments=[PAYMENT_HEADER, *rows])
    reading = read_tables(path, PROFILE.model_copy(update={"decimal": ","}))
    assert reading.tables["payments"].select("payment_id", "account_id", "amount").rows()[0] == (
        "10.25",
        "100.250",
        1250,
    )
    assert [found.value for found in reading.problems if found.code in ("AMOUNT_AMBIGUOUS", "BAD_GROUPING")] == [
        "12.50"
    ], reading.problems


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"payment_id,amount\n", "NOT_XLSX"), (b"", "EMPTY_FILE"), (b"PK\x03\x04 cut", "ZIP_CORRUPT"),
     (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "ENCRYPTED")],
)  # fmt: skip
def test_what_is_no_workbook_is_said_to_be_that(tmp_path: Path, content: bytes, code: str) -> None:
    reading = read(tmp_path, payments_xlsx=content)
    assert [(file.verdict, file.code) for file in reading.files] == [("reject-file", code)]


def test_parquet_columns_are_taken_as_they_are_and_still_checked(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "payment_id": ["P1", "P2", "P3"],
            "account_id": ["A1", "A1", "A1"],
            "paid_at": pl.Series([dt.datetime(2026, 3, 1, 22, 30, tzinfo=dt.UTC)] * 3),
            "amount": pl.Series(["1200.5000", "0", "1.005"]).str.to_decimal(scale=4),
        }
    )
    frame.write_parquet(tmp_path / "payments.parquet")
    reading = read_tables(tmp_path, PROFILE.model_copy(update={"decimal": ","}))
    assert amounts(reading) == [120050]
    assert errors(reading) == [("AMOUNT_ZERO", 3), ("TOO_MANY_DECIMALS", 4)]
    assert reading.tables["payments"]["paid_at"].to_list() == [dt.datetime(2026, 3, 2, 1, 30, tzinfo=NAIROBI)]


# The sentences


def test_no_two_files_have_a_sentence_of_the_same_code() -> None:
    """Which of the two would be said is a matter of the order in which a disk lists its files."""
    where = [
        (code, source.name)
        for source in files("toolkit").joinpath("texts", "en").iterdir()
        for code in tomllib.loads(source.read_text(encoding="utf-8"))
    ]
    codes = [code for code, _ in where]
    assert sorted(place for place in where if codes.count(place[0]) > 1) == []


def test_every_sentence_has_its_parts_and_a_level() -> None:
    for code, text in texts().items():
        assert text["level"] in ("error", "warning", "info"), code
        assert text["message"] and "what_to_do" in text, code


def test_no_code_stands_in_two_files_of_sentences() -> None:
    folder = resources.files("toolkit").joinpath("texts", "en")
    codes = Counter(code for source in folder.iterdir() for code in tomllib.loads(source.read_text(encoding="utf-8")))
    assert {code: count for code, count in codes.items() if count > 1} == {}


# Whatever a file holds, it is read without falling over, and every row of it ends in one place

CELLS = st.one_of(
    st.sampled_from(["P1", "A1", "2026-03-02", "02/03/2026 10:00", "1,200.00", "-5", "KES", "TOTAL", "", " ", "#REF!"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=9), max_size=8), quoted=st.booleans())
def test_rows_taken_refused_and_ignored_add_up_whatever_the_file_holds(rows: list[list[str]], quoted: bool) -> None:
    with TemporaryDirectory() as folder:
        with (Path(folder) / "payments.csv").open("w", encoding="utf-8", newline="") as file:
            file.write(HEADER)
            if quoted:
                csv.writer(file).writerows(rows)
            else:
                file.write("\n".join(",".join(row) for row in rows))
        reading = read_tables(Path(folder), PROFILE, as_of=AS_OF)
    [file_read] = reading.files
    assert file_read.rows == file_read.accepted + file_read.rejected + file_read.ignored
    taken = reading.tables["payments"].height if "payments" in reading.tables else 0
    assert taken == file_read.accepted


def test_a_payment_of_two_exports_is_the_same_where_only_one_has_a_column(tmp_path: Path) -> None:
    shorter = "payment_id,paid_at,account_id,agent_id,amount\nP1,2026-03-02,A1,AG-01,100\nP2,2026-03-02,A1,AG-01,300\n"
    longer = "payment_id,paid_at,account_id,agent_id,amount,channel\nP2,2026-03-02,A1,AG-01,300,mpesa\n"
    reading = read(tmp_path, a_csv=shorter, b_csv=longer, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    assert errors(reading) == []
    assert amounts(reading) == [10000, 30000]


def test_a_payment_of_two_exports_that_both_have_a_column_must_agree_in_it(tmp_path: Path) -> None:
    one = "payment_id,paid_at,account_id,agent_id,amount,channel\nP2,2026-03-02,A1,AG-01,300,\n"
    other = one.replace("300,", "300,mpesa")
    reading = read(tmp_path, a_csv=one, b_csv=other, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    assert errors(reading) == [("DUPLICATE_CONFLICT", 2), ("DUPLICATE_CONFLICT", 2)]


def test_decimals_of_a_repeated_row_are_compared_by_their_value(tmp_path: Path) -> None:
    one = "payment_id,paid_at,account_id,agent_id,amount,credits\nP1,2026-03-02,A1,AG-01,100,30\n"
    files = {"a_csv": one, "b_csv": one.replace(",30\n", ",30.0\n"), "agents_csv": AGENTS, "accounts_csv": ACCOUNTS}
    reading = read(tmp_path, **files)
    assert errors(reading) == []
    assert amounts(reading) == [10000]
