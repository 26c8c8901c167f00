"""Marked copies of `toolkit check`: the file as it was found, its bad cells coloured, explained and listed."""

import csv
from datetime import date
from pathlib import Path

import old_books
import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner, Result
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import toolkit.marked.marks
from toolkit.commands.check import check
from toolkit.look import Book
from toolkit.marked import marked_copies
from toolkit.marked.marks import marked_sheet
from toolkit.marked.sheet import write_sheet
from toolkit.problems import DATABASE, problem
from toolkit.profiles import load_profile, read_profile
from toolkit.reading import Reading, SheetAsFound, read_files

HEADER = "payment_id,account_id,paid_at,amount"
GOOD = "P1,A1,2026-10-02,100.00"
BAD = "P2,A1,2026-10-03,12OO"
RED, AMBER = "FFFBE5E3", "FFFDF1DA"
MEND = "What to mend"


def run(folder: Path, *arguments: str, **files: str | bytes) -> Result:
    """The command over these files; ``payments_csv="..."`` is written as payments.csv."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, content in files.items():
        path = data / name.replace("_", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    out = ["--profile", "paygo-solar", "--out", str(folder / "out")]
    return CliRunner().invoke(check, [str(data), *out, *arguments])


def rows(*lines: str) -> str:
    return "\n".join([HEADER, *lines, ""])


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "out").glob("marked/*"))


def copy(folder: Path, name: str = "payments.csv.xlsx") -> Workbook:
    return openpyxl.load_workbook(folder / "out" / "marked" / name)


def texts(sheet: Worksheet) -> list[list[object]]:
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def filled(sheet: Worksheet, colour: str) -> list[str]:
    return [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == colour]


def notes(sheet: Worksheet) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


def words(sheet: Worksheet) -> list[str]:
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]


def listed(sheet: Worksheet) -> list[tuple[object, ...]]:
    """The lines of the list on the first sheet: from the cell that they lead to on."""
    cells = [row for row in sheet.iter_rows(min_col=2, values_only=True)]
    head = next(place for place, row in enumerate(cells) if row[0] == "Go to")
    return cells[head + 1 :]


def test_every_cell_is_at_its_address_as_the_text_it_was(tmp_path: Path) -> None:
    source = rows('P1,A1,2026-10-02,"1,200.00"', " P2 ,,2026-10-03,12OO", "", 'P3,"two\nlines",2026-10-04,007')
    run(tmp_path, payments_csv=source)
    expected = [row or [""] * 4 for row in csv.reader(source.splitlines(keepends=True))]
    assert texts(copy(tmp_path)["payments"]) == expected


def test_only_the_bad_cell_is_red_and_has_the_reason(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=rows(GOOD, BAD))
    sheet = copy(tmp_path)["payments"]
    assert filled(sheet, RED) == ["D3"]
    assert notes(sheet) == {"D3": '"12OO" is not an amount (a letter O?). Write digits only, as in 1200.50.'}


def test_an_empty_cell_that_should_be_filled_is_red_as_well(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=rows(GOOD, "P2,A1,2026-10-03,"))
    sheet = copy(tmp_path)["payments"]
    assert filled(sheet, RED) == ["D3"]
    assert list(notes(sheet)) == ["D3"]


def test_what_was_taken_but_looks_odd_is_amber(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=rows(GOOD, GOOD, "P2,A1,2026-10-03,5"))
    sheet = copy(tmp_path)["payments"]
    assert (filled(sheet, AMBER), filled(sheet, RED)) == (["A3"], [])


def test_an_error_shows_through_a_warning_and_both_are_in_the_note(tmp_path: Path) -> None:
    cells = pl.DataFrame({"0": ["amount", "0"]})
    found = SheetAsFound("payments.csv", "", cells, 0, 1, {"amount": 0})
    wrong = [
        problem(code, file="payments.csv", row=2, column="amount", value="0")
        for code in ("AMOUNT_ZERO", "DIGITS_OF_ANOTHER_SCRIPT")
    ]
    book = Book(
        tmp_path / "copy.xlsx", title="", subject="", created=date(2026, 1, 1), currency="KES", digits=2, aside=tmp_path
    )
    write_sheet(book, marked_sheet(found, "payments", wrong))
    book.close()
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx")["payments"]
    assert (filled(sheet, RED), filled(sheet, AMBER)) == (["A2"], [])
    assert [line.split()[0] for line in notes(sheet)["A2"].split("\n")] == ["The", '"0"']


def test_a_row_with_the_wrong_number_of_fields_is_red_from_end_to_end(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=rows(GOOD, "P2,A1,2026-10-03,1,200.00"))
    sheet = copy(tmp_path)["payments"]
    assert filled(sheet, RED) == ["A3", "B3", "C3", "D3", "E3"]
    assert list(notes(sheet)) == ["A3"]


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+254700", "-5", "@SUM(A1)", "<b>&amp;</b>", "http://example.org", "'=1", "]]>"]
)
def test_text_that_could_be_something_else_stays_text(tmp_path: Path, name: str) -> None:
    run(tmp_path, payments_csv=rows(f"{name},A1,2026-10-02,12OO"))
    book = copy(tmp_path)
    cell: Cell = book["payments"]["A2"]
    assert (cell.value, cell.data_type, cell.number_format, cell.hyperlink) == (name, "s", "@", None)
    assert all(cell.data_type != "f" for row in book[MEND].iter_rows() for cell in row)


def test_the_title_above_the_header_stays_and_the_header_stays_in_sight(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=f"Collections of October,,,\n,,,\n{rows(GOOD, BAD)}")
    sheet = copy(tmp_path)["payments"]
    assert sheet["A1"].value == "Collections of October"
    assert filled(sheet, RED) == ["D5"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A4", "A3:D5")


def workbook(path: Path, *, first: str = "May") -> None:
    """Payments from column B and row 3 on, people on a second sheet, and a hidden sheet."""
    book = openpyxl.Workbook()
    payments = book.worksheets[0]
    payments.title = first
    lines = [HEADER.split(","), GOOD.split(","), BAD.split(","), ["P3", "A1", "2026-10-04", "#REF!"]]
    lines.append(["P4", "A1", "2026-10-04", "=C3"])  # a formula that nobody has worked out yet
    for number, line in enumerate(lines):
        for place, text in enumerate(line):
            payments.cell(3 + number, 2 + place, text)
    people = book.create_sheet("People")
    people.append(["agent_id", "name", "role", "started_on"])
    people.append(["AG-01", None, "field_agent", "2024-01-01"])
    book.create_sheet("Kept back").sheet_state = "hidden"
    path.parent.mkdir(exist_ok=True)
    book.save(path)


def test_each_visible_sheet_of_a_workbook_is_there_with_its_cells_in_their_columns(tmp_path: Path) -> None:
    workbook(tmp_path / "data" / "book.xlsx")
    run(tmp_path)
    book = copy(tmp_path, "book.xlsx")
    assert book.sheetnames == [MEND, "May", "People"]
    assert [cell.value for cell in book["May"][3]] == [None, *HEADER.split(",")]
    assert filled(book["May"], RED) == ["E5", "E6", "E7"]
    assert filled(book["People"], RED) == ["B2"]
    assert "#REF!" in notes(book["May"])["E6"]
    assert "formula" in notes(book["May"])["E7"]


def test_each_line_of_the_list_leads_to_its_cell(tmp_path: Path) -> None:
    workbook(tmp_path / "data" / "book.xlsx", first="May's pay")
    run(tmp_path)
    sheet = copy(tmp_path, "book.xlsx")[MEND]
    places = [link.location for row in sheet.iter_rows() for cell in row if (link := cell.hyperlink)]
    assert places == ["'May''s pay'!E5", "'May''s pay'!E6", "'May''s pay'!E7", "'People'!B2"]
    assert listed(sheet)[0][:5] == ("E5", "May's pay", "5", "amount", "12OO")


def test_a_sheet_called_like_the_list_keeps_its_name(tmp_path: Path) -> None:
    workbook(tmp_path / "data" / "book.xlsx", first=MEND)
    run(tmp_path)
    assert copy(tmp_path, "book.xlsx").sheetnames == [f"{MEND}+", MEND, "People"]


def test_a_file_of_windows_keeps_its_accents(tmp_path: Path) -> None:
    run(
        tmp_path,
        agents_csv="agent_id,name,role,started_on\nAG-01,Zoë Muñoz,x,2026-01-01\nAG-02,,x,2026-01-01\n".encode(
            "cp1252"
        ),
    )
    assert copy(tmp_path, "agents.csv.xlsx")["agents"]["B2"].value == "Zoë Muñoz"


def test_a_file_refused_as_a_whole_has_the_reason_on_the_first_sheet(tmp_path: Path) -> None:
    result = run(tmp_path, payments_csv=rows(GOOD).replace("amount", "how much"))
    assert result.exit_code == 1
    book = copy(tmp_path)
    assert any("Nothing of this file was taken" in text for text in words(book[MEND]))
    assert any("no column for payments.amount" in text for text in words(book[MEND]))
    assert texts(book["payments"])[1] == GOOD.split(",")


def test_a_file_that_cannot_be_opened_has_the_reason_and_no_cells(tmp_path: Path) -> None:
    run(tmp_path, payments_xlsx=b"PK\x03\x04 no workbook")
    book = copy(tmp_path, "payments.xlsx")
    assert book.sheetnames == [MEND]
    assert any("damaged" in text for text in words(book[MEND]))


def test_thirty_thousand_problems_have_a_thousand_notes_and_are_all_coloured(tmp_path: Path) -> None:
    """Of a rare kind every one is told, however many there are of another."""
    bad = [f"Q{number},A1,2026-10-03,12OO{number}" for number in range(30_000)]
    run(tmp_path, payments_csv=rows(*bad, "Q-LAST,A1,31/31/2026,5"))
    book = copy(tmp_path)
    sheet = book["payments"]
    assert len(filled(sheet, RED)) == 30_001
    told = notes(sheet)
    assert len(told) == len(listed(book[MEND])) == 1_000
    assert "C30002" in told
    assert any("1,000 of 30,001 problems are listed" in text for text in words(book[MEND]))
    assert (tmp_path / "out" / "problems.csv").read_text(encoding="utf-8").count("\n") == 30_002


def test_a_sheet_too_large_to_be_shown_has_the_rows_with_problems_and_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toolkit.marked.marks, "MOST_CELLS", 20)
    run(tmp_path, payments_csv=rows(*[GOOD.replace("P1", f"P{number}") for number in range(10, 20)], BAD))
    book = copy(tmp_path)
    sheet = book["payments"]
    assert texts(sheet) == [["Row in the file", *HEADER.split(",")], ["12", *BAD.split(",")]]
    assert filled(sheet, RED) == ["E2"]
    assert list(notes(sheet)) == ["E2"]
    assert any("Too large" in text for text in words(book[MEND]))
    assert listed(book[MEND])[0][:2] == ("E2", "12")


def test_files_in_order_have_no_copy(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=rows(GOOD), agents_csv="agent_id,name,role\nAG 01,,x\n", note_txt="nothing")
    assert copies(tmp_path) == ["agents.csv.xlsx"]


def test_no_marked_leaves_the_copies_out(tmp_path: Path) -> None:
    assert run(tmp_path, "--no-marked", payments_csv=rows(BAD)).exit_code == 3
    assert not (tmp_path / "out" / "marked").exists()
    assert (tmp_path / "out" / "problems.csv").exists()


def test_the_copy_of_a_file_that_was_mended_goes_and_what_others_put_there_stays(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=rows(BAD))
    (tmp_path / "out" / "marked" / "mine.xlsx").write_text("mine")
    run(tmp_path, payments_csv=rows(GOOD))
    assert copies(tmp_path) == ["mine.xlsx"]


def test_a_report_that_cannot_be_written_leaves_the_one_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, payments_csv=rows(BAD))
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(toolkit.marked, "write_sheet", full)
    result = run(tmp_path, payments_csv=rows(GOOD, BAD, "P3,A1,2026-10-03,x"))
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        run(tmp_path, payments_csv=rows(GOOD, BAD))
        written.append((tmp_path / "out" / "marked" / "payments.csv.xlsx").read_bytes())
    assert written[0] == written[1]


def test_files_of_the_same_name_have_each_their_own_copy(tmp_path: Path) -> None:
    for month, line in (("may", BAD), ("june", f"{GOOD}\nP9,A1,2026-06-03,x")):
        (tmp_path / month).mkdir()
        (tmp_path / month / "payments.csv").write_text(rows(line))
    files = [str(tmp_path / month / "payments.csv") for month in ("may", "june")]
    CliRunner().invoke(check, [*files, "--profile", "paygo-solar", "--out", str(tmp_path / "out")])
    found = [filled(copy(tmp_path, name)["payments"], RED) for name in copies(tmp_path)]
    assert sorted(found) == [["D2"], ["D3"]]


def test_a_file_name_with_brackets_is_no_sheet(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "payments[1].csv").write_text(rows("P1,A1,2026-10-02,100", "P1,A1,2026-10-02,200"))
    run(tmp_path)
    assert filled(copy(tmp_path, "payments[1].csv.xlsx").worksheets[1], RED) == ["A2", "A3"]


def test_a_copy_can_be_read_again(tmp_path: Path) -> None:
    """Whoever mends the copy itself can give it back: its sheets are tables still."""
    run(tmp_path, payments_csv=rows(GOOD, BAD))
    again = tmp_path / "out" / "marked" / "payments.csv.xlsx"
    where = ["--profile", "paygo-solar", "--out", str(tmp_path / "again")]
    assert CliRunner().invoke(check, [str(again), *where]).exit_code == 3
    with (tmp_path / "again" / "problems.csv").open(encoding="utf-8", newline="") as file:
        errors = [(row["sheet"], row["row"], row["column"]) for row in csv.DictReader(file) if row["level"] == "error"]
    assert errors == [("payments", "3", "amount")]


def test_a_cell_of_a_sheet_that_is_wide_is_marked_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    head = "evaluation_id,agent_id,evaluator,evaluated_on,Q1 Greeting,Q2 Identity"
    path.write_text(f"{head}\nE1,AG-01,Njeri,2026-03-02,Yes,N\x07o\n")
    setup: dict[str, object] = {"country": "KE", "currency": "KES", "timezone": "Africa/Nairobi"}
    setup |= {"wide": {"evaluations": {"columns": "Q*"}}}
    setup |= {"defaults": {"evaluations.form": "QC", "evaluations.form_version": "1"}}
    profile = read_profile(setup, tmp_path / "profile.toml")
    copies_of = marked_copies(read_files([path], profile, keep_sheets=True), profile)
    name, write = copies_of["scores.csv"]
    write(tmp_path / name)
    assert filled(openpyxl.load_workbook(tmp_path / name)["scores"], RED) == ["F2"]


def test_an_old_workbook_has_a_copy_with_its_cells_in_their_columns(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    lines = [[None, *line.split(",")] for line in (HEADER, GOOD, BAD)]
    (tmp_path / "data" / "book.xls").write_bytes(old_books.book(May=lines))
    run(tmp_path)
    sheet = copy(tmp_path, "book.xls.xlsx")["May"]
    assert texts(sheet) == [["", *line.split(",")] for line in (HEADER, GOOD, BAD)]
    assert filled(sheet, RED) == ["E3"]


def test_tables_of_a_database_have_no_copies(tmp_path: Path) -> None:
    """Nobody mends a database in a file."""
    wrong = problem("NOT_A_NUMBER", file=DATABASE, sheet="payments", row=1, kind="an amount", hint="")
    reading = Reading({}, (), (wrong,), {}, {}, {})
    assert marked_copies(reading, load_profile("paygo-solar")) == {}
