"""Files named .xls: workbooks of Excel 97 to 2003 and web tables are read, and everything else says what it is."""

import random
import struct
from datetime import datetime
from pathlib import Path

import old_books
import openpyxl
import pytest
from office import converted, needs_office
from reading_cases import ACCOUNTS, AGENTS, PROFILE, amounts, errors, read, warnings

from toolkit.reading import Reading

SHARED_TEXTS, SHARED_TEXT, BOUND_SHEET, DIMENSIONS, FILE_PASS, BOOL_OR_ERROR = (
    0x00FC, 0x00FD, 0x0085, 0x0200, 0x002F, 0x0205,
)  # fmt: skip

at = datetime.fromisoformat  # workbooks know no time zones

HEADS = ["payment_id", "paid_at", "account_id", "agent_id", "amount", "currency", "reference"]
ROWS = [
    ["P1", at("2026-03-02 10:11:12"), "A1", "AG-01", 1200.5, "KES", "0012"],
    ["P2", at("2026-03-31"), "A2", "AG-02", 0.05, "KES", "José — Жанна " * 20],
    ["P3", at("2026-03-05"), "A9", "AG-01", 100, "KES", "=HYPERLINK(1)"],
    ["P4", at("2026-03-06"), "A1", "AG-01", 0, "KES", None],
]
CSV = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in [HEADS, *ROWS]) + "\n"
BOOK = old_books.book(Payments=[HEADS, *ROWS])


def web_page(*rows: str, head: str = "<html><body>", foot: str = "</table></body></html>") -> str:
    heads = "".join(f"<th>{name}</th>" for name in HEADS[:5])
    return f"{head}<table border=1><thead><tr>{heads}</tr></thead>" + "".join(f"<tr>{row}</tr>" for row in rows) + foot


def web_row(*cells: object) -> str:
    return "".join(f"<td>{cell}</td>" for cell in cells)


ONE = web_row("P1", "02/03/2026", "A1", "AG-01", "1,200.50")


def code_of(folder: Path, content: bytes | str, name: str = "payments_xls") -> str:
    """Why the file is refused; "" where it is read."""
    reading = read(folder, **{name: content})
    return next((file.code for file in reading.files if file.verdict == "reject-file"), "")


def same(found: Reading, expected: Reading) -> None:
    """The same tables, sums and problems, whatever the files are called."""
    for table, rows in expected.tables.items():
        assert found.tables[table].drop("source_file").equals(rows.drop("source_file")), table
    assert (found.accepted_sums, found.rejected_sums) == (expected.accepted_sums, expected.rejected_sums)
    assert errors(found) == errors(expected)


# Workbooks of Excel 97 to 2003


def test_payments_in_an_old_workbook_are_those_of_the_csv(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "xls").mkdir()
    expected = read(tmp_path / "csv", payments_csv=CSV, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    same(read(tmp_path / "xls", payments_xls=BOOK, agents_csv=AGENTS, accounts_csv=ACCOUNTS), expected)
    assert len(errors(expected)) == 2


@pytest.mark.e2e
@needs_office
def test_what_libreoffice_saves_as_xls_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Payments"
    for row in [HEADS, *ROWS, ["Total", None, None, None, "=SUM(E2:E5)"]]:
        book.active.append(row)
    book.active["G2"] = "'0012"
    book.active["E3"] = "=1/0"
    book.create_chartsheet("Chart")
    book.save(tmp_path / "payments.xlsx")
    [old] = converted([tmp_path / "payments.xlsx"], tmp_path, "xls:MS Excel 97")
    (tmp_path / "data").mkdir()
    reading = read(tmp_path / "data", payments_xls=old.read_bytes())
    assert reading.tables["payments"]["amount"].to_list() == [120050, 10000]
    assert ("EXCEL_ERROR", 3) in errors(reading)


def test_hidden_sheets_are_remarked_and_not_read(tmp_path: Path) -> None:
    reading = read(tmp_path, payments_xls=old_books.book(hidden=[HEADS, ROWS[1]], Payments=[HEADS, ROWS[0]]))
    assert amounts(reading) == [120050]
    assert [found.sheet for found in reading.problems if found.code == "SHEET_HIDDEN"] == ["hidden"]


def test_two_sheets_of_payments_are_ambiguous(tmp_path: Path) -> None:
    content = old_books.book(May=[HEADS, ROWS[0]], June=[HEADS, ROWS[1]])
    assert code_of(tmp_path, content) == "SHEET_AMBIGUOUS"


def test_cells_with_errors_say_which(tmp_path: Path) -> None:
    content = old_books.book(Payments=[HEADS, [*ROWS[0][:4], True, "KES", ""]])
    for error, shown in ((0x2A, "#N/A"), (0x07, "#DIV/0!")):
        changed = _with_error(content, error)
        [problem] = [found for found in read(tmp_path, payments_xls=changed).problems if found.level == "error"]
        assert (problem.code, problem.value, problem.row) == ("EXCEL_ERROR", shown, 2)


def _with_error(content: bytes, error: int) -> bytes:
    def change(kind: int, data: bytes) -> bytes | None:
        return data[:6] + bytes([error, 1]) if kind == BOOL_OR_ERROR else None

    return old_books.with_records(content, change)


def test_a_decimal_comma_in_the_profile_is_for_texts_alone(tmp_path: Path) -> None:
    reading = read(tmp_path, PROFILE.model_copy(update={"decimal": ","}), payments_xls=BOOK)
    assert reading.tables["payments"]["amount"].to_list()[:2] == [120050, 5]


def test_many_long_texts_lie_across_records(tmp_path: Path) -> None:
    """A record holds 8 kB; what is longer goes on in the next, in letters of another width if need be."""
    rows = [
        [f"P{number}", at("2026-03-02"), "A1", "AG-01", number + 1, "KES", "Ж" * (number % 90) + "é" * 7]
        for number in range(900)
    ]
    reading = read(tmp_path, payments_xls=old_books.book(Payments=[HEADS, *rows]))
    assert reading.tables["payments"]["reference"].to_list() == [row[6] for row in rows]


@pytest.mark.parametrize("part", ["EncryptedPackage", "_VBA_PROJECT_CUR", "WordDocument", "Anything"])
def test_other_containers_say_what_they_are(tmp_path: Path, part: str) -> None:
    expected = {"EncryptedPackage": "ENCRYPTED", "_VBA_PROJECT_CUR": "MACRO_WORKBOOK"}.get(part, "NOT_XLSX")
    assert code_of(tmp_path, old_books.called(BOOK, part)) == expected


def test_a_password_is_noticed(tmp_path: Path) -> None:
    parts = list(old_books.records(old_books.stream_of(BOOK)))
    parts.insert(1, (FILE_PASS, b"\x01\x00" + bytes(50)))
    stream = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in parts)
    assert code_of(tmp_path, old_books.contained("Workbook", stream)) == "ENCRYPTED"


def test_a_sheet_of_old_macros_is_refused(tmp_path: Path) -> None:
    assert code_of(tmp_path, old_books.with_first(BOOK, BOUND_SHEET, 5, "<B", 1)) == "MACRO_WORKBOOK"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (old_books.with_first(BOOK, SHARED_TEXT, 6, "<I", 99_999), "XLSX_CORRUPT"),
        (old_books.with_first(BOOK, SHARED_TEXTS, 4, "<I", 2**31 - 1), "XLSX_CORRUPT"),
        (old_books.with_first(BOOK, BOUND_SHEET, 0, "<I", 2**31), "XLSX_CORRUPT"),
        (old_books.with_first(BOOK, BOUND_SHEET, 0, "<I", 0), "XLSX_CORRUPT"),
        (old_books.with_first(BOOK, SHARED_TEXT, 2, "<H", 65_535), "TOO_WIDE"),
        (BOOK[: len(BOOK) // 3], "XLSX_CORRUPT"),
        (old_books.number_at(BOOK, 48, 0x7FFFFFF0), "XLSX_CORRUPT"),
        (old_books.number_at(BOOK, 68, 0), "XLSX_CORRUPT"),
        (BOOK[:100], "XLSX_CORRUPT"),
    ],
    ids=[
        "a text that is not there", "two thousand million texts", "a sheet outside", "a sheet among the book's records",
        "sixty thousand columns", "cut off", "entries outside", "a table in a circle", "a header cut off",
    ],
)  # fmt: skip
def test_damaged_and_forged_workbooks_are_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(tmp_path, content) == code


def test_sectors_that_lead_in_a_circle_are_noticed(tmp_path: Path) -> None:
    content = old_books.contained("Workbook", old_books.stream_of(BOOK).ljust(5 * 4096, b"\x00"))
    table = content.rindex(struct.pack("<5I", 1, 2, 3, 4, 0xFFFFFFFE))
    assert code_of(tmp_path, old_books.number_at(content, table + 12, 1)) == "XLSX_CORRUPT"


def test_a_few_cells_far_apart_do_not_fill_the_memory(tmp_path: Path) -> None:
    sheets = {f"Sheet{number}": [["x"]] for number in range(3)}
    content = old_books.with_records(
        old_books.book(**sheets),
        lambda kind, data: struct.pack("<HH", 65_535, 255) + data[4:] if kind == SHARED_TEXT else None,
    )
    assert code_of(tmp_path, content) == "ZIP_BOMB"


def test_a_long_text_shown_many_times_does_not_fill_the_memory(tmp_path: Path) -> None:
    content = old_books.book(Payments=[["x" * 32_000] * 200 for _ in range(60)])
    assert len(content) < 400_000
    assert code_of(tmp_path, content) == "ZIP_BOMB"


def test_what_a_sheet_says_of_its_size_does_not_count(tmp_path: Path) -> None:
    content = old_books.with_first(BOOK, DIMENSIONS, 4, "<I", 2**32 - 1)
    assert amounts(read(tmp_path, payments_xls=content))[:2] == [120050, 5]


def test_bytes_changed_at_random_never_do_more_than_refuse_the_file(tmp_path: Path) -> None:
    """Whatever a damaged file says, there is a reading; a seed of its own gives the same files at every run."""
    chance = random.Random(20260302)  # noqa: S311  # nothing secret
    seen = set()
    for _ in range(300):
        content = bytearray(BOOK)
        for _ in range(chance.choice([1, 5, 50])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        seen.add(code_of(tmp_path, bytes(content)))
    assert {"", "XLSX_CORRUPT"} <= seen


# Web tables


def test_payments_in_a_web_table_are_those_of_the_csv(tmp_path: Path) -> None:
    for name in ("csv", "xls"):
        (tmp_path / name).mkdir()
    lines = [["P1", "02/03/2026 10:11", "A1", "AG-01", "1,200.50"], ["P2", "31/03/2026", "A2", "AG-02", "12OO"]]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in line) for line in [HEADS[:5], *lines])
    expected = read(tmp_path / "csv", payments_csv=quoted, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    page = web_page(*(web_row(*line) for line in lines))
    found = read(tmp_path / "xls", payments_xls=page, agents_csv=AGENTS, accounts_csv=ACCOUNTS)
    same(found, expected)
    assert warnings(found) == {"WEB_TABLE"}


def test_a_table_as_sloppy_as_browsers_allow(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><html><head><title>Payments</title><style>td {display: none}</style>
    <script>document.write("<tr><td>P9<td>02/03/2026<td>A1<td>AG-01<td>9")</script></head>
    <BODY><!-- <table><tr><td>old</table> --><p>5 records</p>
    <TABLE class="a>b"><TR><TD ColSpan="5">Payments &amp; <b>more</b>
    <TR><TH>payment_id<TH>paid_at<TH>account_id<TH>agent_id<TH>amount
    <TR><TD>&#80;1<br></TD><TD>2/3/2026<TD>&nbsp;A1&nbsp;<TD>AG-<i>01</i><TD align=right>KES&nbsp;1,200.50
    <TR><TD colspan=4>Total<TD>1,200.50</TABLE>"""
    reading = read(tmp_path, payments_xls=page)
    assert errors(reading) == []
    assert reading.tables["payments"].select("payment_id", "account_id", "agent_id", "amount").rows() == [
        ("P1", "A1", "AG-01", 120050)
    ]
    assert "CONTROL_TOTAL_AGREES" in {found.code for found in reading.problems}


def test_merged_cells_are_empty_where_nothing_is_shown(tmp_path: Path) -> None:
    first = '<td>P1</td><td>02/03/2026</td><td rowspan="2">A1</td><td>AG-01</td><td>5</td>'
    reading = read(tmp_path, payments_xls=web_page(first, web_row("P2", "02/03/2026", "AG-01", "7")))
    assert errors(reading) == [("MISSING_ID", 3)]
    assert (reading.accepted_sums, reading.rejected_sums) == ({"payments": 500}, {"payments": 700})


def test_a_cell_left_out_is_noticed(tmp_path: Path) -> None:
    reading = read(tmp_path, payments_xls=web_page(ONE, web_row("P2", "02/03/2026", "A1", "5")))
    assert errors(reading) == [("FIELD_COUNT", 3)]


def test_texts_are_literal(tmp_path: Path) -> None:
    row = web_row("P1", "02/03/2026", "A1", "&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; =1+1", "5")
    reading = read(tmp_path, payments_xls=web_page(row))
    assert reading.tables["payments"]["agent_id"].to_list() == ["<SCRIPT>ALERT(1)</SCRIPT> &AMP; =1+1"] or errors(
        reading
    )


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8", "<html>"),
        ("utf-16", "<html>"),
        ("cp1252", "<html>"),
        ("iso-8859-2", '<html><meta charset="iso-8859-2">'),
    ],
)
def test_pages_are_read_in_their_encoding(tmp_path: Path, encoding: str, head: str) -> None:
    table = f"{head}<table><tr><th>agent_id<th>name<th>role<tr><td>AG-01<td>José Šimon<td>agent</table>"
    reading = read(tmp_path, agents_xls=table.encode(encoding, "replace"))
    assert reading.tables["agents"]["name"].to_list() == ["José Šimon"]


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (web_page(ONE) + web_page(ONE), "SHEET_AMBIGUOUS"),
        (web_page("<td><table><tr><td>P1</table></td>"), "WEB_TABLE_NESTED"),
        (web_page(ONE, foot=""), "WEB_TABLE_CUT"),
        (web_page(ONE, "<!-- " + ONE), "WEB_TABLE_CUT"),
        (web_page(ONE) + f"<tr>{ONE}</tr>", "WEB_TABLE_CUT"),
        (web_page(ONE, "<script>" + ONE), "WEB_TABLE_CUT"),
        (web_page(ONE, foot="<td "), "WEB_TABLE_CUT"),
        (web_page(ONE, '<td style="display: none">P2</td>'), "WEB_TABLE_HIDDEN"),
        (web_page(ONE, "<td hidden>P2</td>"), "WEB_TABLE_HIDDEN"),
        ("<html><body><form>Log in</form></body></html>", "NOT_XLSX"),
        ('<html><meta charset="utf-7"><table><tr><td>+ADw-</table>', "ENCODING_UNKNOWN"),
        ("<html><frameset><frame src=x></frameset><iframe><table></table></iframe></html>", "NOT_XLSX"),
    ],
)
def test_pages_that_may_hide_rows_are_refused(tmp_path: Path, page: str, code: str) -> None:
    assert code_of(tmp_path, page) == code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("<html>" + "<table>" * 100_000, "WEB_TABLE_NESTED"),
        ("<html>" + "<div>" * 100_000 + web_page(ONE), ""),
        (web_page(ONE, "<td>" + "<b>" * 100_000 + "P2"), ""),
        (web_page("<td>1" * 1_000_000), "TOO_WIDE"),
        (web_page(*["<td colspan=500>1"] * 200_000), "TOO_MANY_ROWS"),
        (web_page("<td rowspan=65000>1" * 500, *["<td>"] * 100_000), "TOO_MANY_ROWS"),
        (web_page(ONE, "<td>" + "&amp;" * 1_000_000), ""),
        ("<html><table>" + "<a " * 1_000_000, "WEB_TABLE_CUT"),
        ("<html><table>" + "<!--" * 1_000_000, "WEB_TABLE_CUT"),
        ("<html><table>" + "<script>" * 1_000_000, "WEB_TABLE_CUT"),
        ("<html><table>" + "<a =\" ='> " * 500_000, "WEB_TABLE_CUT"),
        ("<html><table>" + "<iframe src=http://127.0.0.1:9/>" * 100_000, "WEB_TABLE_CUT"),
    ],
    ids=range(12),
)
def test_hostile_pages_neither_hang_nor_crash(tmp_path: Path, page: str, code: str) -> None:
    assert code_of(tmp_path, page) == code


def test_more_rows_than_a_sheet_of_excel_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.readers.web_tables.MOST_ROWS", 3)
    assert code_of(tmp_path, web_page(ONE, ONE)) == ""
    assert code_of(tmp_path, web_page(ONE, ONE, ONE)) == "TOO_MANY_ROWS"


@pytest.mark.slow
def test_a_million_cells_are_read(tmp_path: Path) -> None:
    rows = [web_row(f"P{number}", "02/03/2026", "A1", "AG-01", number + 1) for number in range(200_000)]
    assert read(tmp_path, payments_xls=web_page(*rows)).accepted_sums == {"payments": 100 * sum(range(1, 200_001))}


# Other things named .xls or .xlsx

SPREADSHEET_ML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table></Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("name", ["payments_xls", "payments_xlsx"])
@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (CSV.encode(), "a text file: name it .csv"),
        (CSV.encode("utf-16"), "a text file: name it .csv"),
        (SPREADSHEET_ML.encode(), "XML Spreadsheet 2003"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "a web archive (.mht)"),
    ],
)
def test_files_under_a_wrong_name_hear_their_right_one(tmp_path: Path, name: str, content: bytes, seen: str) -> None:
    [problem] = [found for found in read(tmp_path, **{name: content}).problems if found.level == "error"]
    assert problem.code == "NOT_XLSX"
    assert seen in problem.message


def test_old_workbooks_and_web_pages_named_xlsx_hear_that_they_are_xls(tmp_path: Path) -> None:
    for content in (BOOK, web_page(ONE)):
        [problem] = [found for found in read(tmp_path, payments_xlsx=content).problems if found.level == "error"]
        assert problem.code == "NOT_XLSX"
        assert "name it .xls" in problem.message


def test_a_new_workbook_named_xls_is_read_as_what_it_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [HEADS, ROWS[0]]:
        book.active.append(row)
    book.save(tmp_path / "payments.xlsx")
    (tmp_path / "payments.xlsx").rename(tmp_path / "payments.xls")
    assert amounts(read(tmp_path)) == [120050]


def test_an_empty_file_named_xls_is_empty(tmp_path: Path) -> None:
    assert code_of(tmp_path, b"") == "EMPTY_FILE"
