"""Sheets that are no table as they stand: a column per question, two tables in one, a time in two columns."""

import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from reading_cases import NAIROBI, errors, read, warnings

from toolkit.commands.check import check
from toolkit.excel.pasted import as_sheet
from toolkit.problems import ToolkitError
from toolkit.profiles import Profile, load_profile, read_profile
from toolkit.reading import Reading, SourceFile, read_tables

ROOT = Path(__file__).resolve().parent
INBOUND = ROOT / "profiles" / "inbound_calls.toml"
BRANCH = {"country": "KE", "currency": "KES", "timezone": "Africa/Nairobi", "date_order": "dmy"}

AGENTS = "agent_id,name,role\nAG-01,Wanjiru,caller\nAG-02,Otieno,caller\n"


def profile_with(**shapes: Any) -> Profile:
    return read_profile(BRANCH | shapes, Path("branch") / "profile.toml")


def file_of(reading: Reading, table: str) -> SourceFile:
    [file] = [file for file in reading.files if file.table == table]
    return file


def counts(reading: Reading, table: str) -> tuple[int, int, int, int]:
    """Rows, accepted, rejected and ignored of the one file of this table."""
    file = file_of(reading, table)
    return file.rows, file.accepted, file.rejected, file.ignored


def found(reading: Reading, code: str) -> list[tuple[int | None, str, str]]:
    """Row, column and value of each problem with this code."""
    return [(of.row, of.column, of.value) for of in reading.problems if of.code == code]


# A column per question

FORM = {"evaluations.form": "QC", "evaluations.form_version": "1"}
SCORES = profile_with(
    headers={"evaluations": {"evaluation_id": ["Review"], "evaluator": ["QA"], "evaluated_on": ["Reviewed"]}},
    defaults=FORM,
    wide={"evaluations": {"columns": "Q*"}},
)
HEAD = "Review,Agent ID,QA,Reviewed,Q1 Greeting,Q2 ID check,Q3 Next step\n"
SHEET = HEAD + "E1,AG-01,Njeri,02/03/2026,Yes,No,4\nE2,AG-02,Njeri,03/03/2026,Yes,,5\n"


def answers(reading: Reading) -> list[tuple[str, str, str, int]]:
    rows = reading.tables["evaluations"].select("evaluation_id", "question", "answer", "source_row")
    return rows.rows()


def test_each_question_of_a_row_becomes_a_row_and_an_empty_answer_none(tmp_path: Path) -> None:
    reading = read(tmp_path, SCORES, qc_csv=SHEET)
    assert answers(reading) == [
        ("E1", "Q1 Greeting", "Yes", 2),
        ("E1", "Q2 ID check", "No", 2),
        ("E1", "Q3 Next step", "4", 2),
        ("E2", "Q1 Greeting", "Yes", 3),
        ("E2", "Q3 Next step", "5", 3),
    ]
    assert reading.tables["evaluations"]["evaluator"].to_list() == ["Njeri"] * 5
    assert reading.tables["evaluations"]["source_file"].unique().to_list() == ["qc.csv"]
    assert counts(reading, "evaluations") == (2, 2, 0, 0), "rows of the file are counted, not answers"
    assert file_of(reading, "evaluations").columns["answer"] == "Q1 Greeting, Q2 ID check, Q3 Next step"
    assert file_of(reading, "evaluations").unused == ()


def test_an_empty_answer_can_be_given_a_word(tmp_path: Path) -> None:
    profile = profile_with(
        headers=SCORES.model_dump()["headers"],
        defaults=FORM,
        wide={"evaluations": {"columns": "Q*", "when_empty": "NA"}},
    )
    reading = read(tmp_path, profile, qc_csv=SHEET)
    assert ("E2", "Q2 ID check", "NA", 3) in answers(reading)
    assert len(answers(reading)) == 6


@pytest.mark.parametrize(
    ("columns", "questions"),
    [
        (["q1 greeting", "Q3  Next step"], ["Q1 Greeting", "Q3 Next step"]),
        ("*check", ["Q2 ID check"]),
        ("*", ["Q1 Greeting", "Q2 ID check", "Q3 Next step"]),
        (["Q1*", "Q2 ID check"], ["Q1 Greeting", "Q2 ID check"]),
    ],
)
def test_questions_are_named_by_header_by_pattern_or_are_all_that_is_left(
    tmp_path: Path, columns: Any, questions: list[str]
) -> None:
    shapes = {"headers": SCORES.model_dump()["headers"], "wide": {"evaluations": {"columns": columns}}}
    reading = read(tmp_path, profile_with(defaults=FORM, **shapes), qc_csv=SHEET)
    assert list(dict.fromkeys(row[1] for row in answers(reading))) == questions


def test_a_question_can_have_a_code_and_other_columns_get_what_they_are_given(tmp_path: Path) -> None:
    profile = profile_with(
        wide={
            "roster": {
                "columns": "*/03/2026",
                "header_into": "work_on",
                "cell_into": "absence",
                "codes": {"02/03/2026": "2026-03-02"},
            }
        },
        codes={"roster.absence": {"L": "leave", "S": "sick"}},
    )
    shift = "Agent ID,02/03/2026,03/03/2026\nAG-01,L,\nAG-02,S,X\n"
    reading = read(tmp_path, profile, roster_csv=shift)
    assert errors(reading) == [("CODE_UNKNOWN", 3)]
    assert found(reading, "CODE_UNKNOWN") == [(3, "03/03/2026", "X")]
    rows = reading.tables["roster"].select("agent_id", "work_on", "absence").rows()
    assert rows == [("AG-01", dt.date(2026, 3, 2), "leave")], "AG-02's row is rejected as a whole"
    assert counts(reading, "roster") == (2, 1, 1, 0)


def test_a_wrong_answer_names_its_own_question_and_rejects_the_row_it_is_on(tmp_path: Path) -> None:
    reading = read(tmp_path, SCORES, qc_csv=SHEET + "E3,AG-01,Njeri,04/03/2026,Yes,#REF!,1\n")
    assert found(reading, "EXCEL_ERROR") == [(4, "Q2 ID check", "#REF!")]
    assert counts(reading, "evaluations") == (3, 2, 1, 0)
    assert "E3" not in [row[0] for row in answers(reading)], "half an evaluation would be another score"


def test_what_is_wrong_with_a_repeated_cell_is_said_once(tmp_path: Path) -> None:
    wrong = SHEET + "E3,AG-09,Njeri,31/04/2026,Yes,No,1\nE4,AG-09,Njeri,05/03/2026,Yes,No,1\n"
    reading = read(tmp_path, SCORES, qc_csv=wrong, agents_csv=AGENTS)
    assert found(reading, "DATE_INVALID") == [(4, "Reviewed", "31/04/2026")]
    assert found(reading, "AGENT_UNKNOWN") == [(4, "Agent ID", "AG-09"), (5, "Agent ID", "AG-09")]
    assert counts(reading, "evaluations") == (4, 2, 2, 0)


def test_rows_without_any_answer_and_rows_that_are_none_are_ignored_and_counted(tmp_path: Path) -> None:
    more = "E3,AG-01,Njeri,04/03/2026,,,\n,,,,,,\nTotal,,,,2,1,9\n"
    reading = read(tmp_path, SCORES, qc_csv=SHEET + more)
    assert counts(reading, "evaluations") == (5, 2, 0, 3)
    assert found(reading, "IGNORED_UNANSWERED") == [(4, "", "1")]
    assert "IGNORED_UNANSWERED" in warnings(reading)
    assert found(reading, "IGNORED_BLANK") == [(5, "", "1")]
    assert [row for row, *_ in found(reading, "IGNORED_TOTAL")] == [6]


def test_a_row_that_was_cut_off_is_rejected_and_not_taken_for_unanswered(tmp_path: Path) -> None:
    reading = read(tmp_path, SCORES, qc_csv=SHEET + "E3,AG-01,Njeri\n")
    assert found(reading, "FIELD_COUNT") == [(4, "", "3")]
    assert counts(reading, "evaluations") == (3, 2, 1, 0)


def test_the_same_evaluation_twice_is_counted_once_and_another_answer_takes_neither(tmp_path: Path) -> None:
    again = "E1,AG-01,Njeri,02/03/2026,Yes,No,4\nE2,AG-02,Njeri,03/03/2026,Yes,,3\n"
    reading = read(tmp_path, SCORES, qc_csv=SHEET + again)
    assert found(reading, "DUPLICATE_IDENTICAL") == [(4, "Review", "E1"), (5, "Review", "E2")]
    assert found(reading, "DUPLICATE_CONFLICT") == [(3, "Review", "E2"), (5, "Review", "E2")]
    assert counts(reading, "evaluations") == (4, 1, 2, 1)
    assert [row[0] for row in answers(reading)] == ["E1"] * 3


def test_the_same_row_number_of_another_file_has_nothing_to_do_with_it(tmp_path: Path) -> None:
    bad = SHEET.replace("E1", "E7").replace("E2", "E8").replace("03/03/2026", "yesterday")
    reading = read(tmp_path, SCORES, qc1_csv=SHEET, qc2_csv=bad)
    by_file = {file.file: (file.accepted, file.rejected) for file in reading.files}
    assert by_file == {"qc1.csv": (2, 0), "qc2.csv": (1, 1)}


def test_a_sheet_that_is_long_already_stays_as_it_is(tmp_path: Path) -> None:
    long = "evaluation_id,agent_id,evaluator,evaluated_on,form,form_version,question,answer,Q9\n"
    reading = read(tmp_path, SCORES, qc_csv=long + "E1,AG-01,Njeri,02/03/2026,QC,1,Greeting,Yes,No\n")
    assert answers(reading) == [("E1", "Greeting", "Yes", 2)]
    assert file_of(reading, "evaluations").unused == ("Q9",)


def test_a_sheet_without_a_single_question_lacks_the_columns_for_them(tmp_path: Path) -> None:
    reading = read(tmp_path, SCORES, qc_csv="Review,Agent ID,QA,Reviewed,form\nE1,AG-01,Njeri,02/03/2026,QC\n")
    assert [column for _, column, _ in found(reading, "MISSING_COLUMN")] == ["question", "answer"]


def test_two_columns_for_one_question_refuse_the_file(tmp_path: Path) -> None:
    reading = read(tmp_path, SCORES, qc_csv=SHEET.replace("Q2 ID check", "Q1  Greeting"))
    assert found(reading, "WIDE_HEADER_TWICE") == [(1, "Q1 Greeting", "Q1 Greeting")]
    assert counts(reading, "evaluations") == (2, 0, 2, 0)


def test_a_listed_question_that_is_not_there_is_said(tmp_path: Path) -> None:
    wide = {"evaluations": {"columns": ["Q1 Greeting", "Q4 Thanks"]}}
    profile = profile_with(headers=SCORES.model_dump()["headers"], defaults=FORM, wide=wide)
    reading = read(tmp_path, profile, qc_csv=SHEET)
    assert found(reading, "WIDE_COLUMN_MISSING") == [(1, "", "Q4 Thanks")]
    assert file_of(reading, "evaluations").unused == ("Q2 ID check", "Q3 Next step"), "a new question is not overlooked"


def test_a_workbook_with_a_title_above_counts_rows_as_excel_does(tmp_path: Path) -> None:
    lines = [["Quality of calls, March"], [], *(line.split(",") for line in SHEET.splitlines())]
    workbook(tmp_path / "qc.xlsx", [*lines, ["E3", "AG-01", "Njeri", "99/99/2026", "Yes", "No", 3]])
    reading = read_tables(tmp_path, SCORES)
    assert found(reading, "DATE_INVALID") == [(6, "Reviewed", "99/99/2026")]
    assert {row[3] for row in answers(reading)} == {4, 5}


def test_numbers_in_a_parquet_file_are_answers_as_well(tmp_path: Path) -> None:
    rows = {"Review": ["E1", "E2"], "Agent ID": ["AG-01"] * 2, "QA": ["Njeri"] * 2}
    scores = {"Reviewed": [dt.date(2026, 3, 2)] * 2, "Q1": [4.0, None], "Q2": [5, 3]}
    pl.DataFrame(rows | scores).write_parquet(tmp_path / "qc.parquet")
    reading = read_tables(tmp_path, SCORES)
    assert answers(reading) == [("E1", "Q1", "4", 2), ("E1", "Q2", "5", 2), ("E2", "Q2", "3", 3)]


def test_answers_that_a_formula_has_not_worked_out_are_not_taken_for_empty(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for line in SHEET.splitlines():
        sheet.append(line.split(","))
    sheet["F3"] = "=E3"
    sheet.append(["E3", "AG-01", "Njeri", "04/03/2026", "=E2", None, None])
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["G"].hidden = True
    book.save(tmp_path / "qc.xlsx")
    reading = read_tables(tmp_path, SCORES)
    assert found(reading, "FORMULA_NO_VALUE") == [(3, "Q2 ID check", ""), (4, "Q1 Greeting", "")]
    assert errors(reading) == [("FORMULA_NO_VALUE", 3), ("FORMULA_NO_VALUE", 4)]
    assert counts(reading, "evaluations") == (3, 1, 2, 0)
    assert found(reading, "ROWS_HIDDEN") == [(2, "", "1")], "one row is hidden, not its three answers"
    assert found(reading, "COLUMNS_HIDDEN") == [(None, "", "Q3 Next step")]


# One sheet, two tables

FED = profile_with(
    headers={"calls": {"promise_due_on": ["Will pay on"], "promise_amount": ["Will pay"]}},
    also={
        "promises": {
            "from": "calls",
            "where": "due_on",
            "columns": {
                "promise_id": "P-{call_id}",
                "made_at": "started_at",
                "due_on": "promise_due_on",
                "amount": "promise_amount",
            },
        }
    },
)
CALLS = """Call ID,Agent ID,Account ID,Started at,Will pay on,Will pay
C1,AG-01,A1,02/03/2026 09:12,05/03/2026,"1,200.50"
C2,AG-01,A2,02/03/2026 09:20,,
C3,AG-02,A3,02/03/2026 09:30,06/03/2026,300
"""


def test_a_call_that_carries_a_promise_is_both(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv=CALLS)
    assert reading.tables["calls"]["call_id"].to_list() == ["C1", "C2", "C3"]
    promises = reading.tables["promises"]
    assert promises.select("promise_id", "account_id", "agent_id", "due_on", "amount", "source_row").rows() == [
        ("P-C1", "A1", "AG-01", dt.date(2026, 3, 5), 120050, 2),
        ("P-C3", "A3", "AG-02", dt.date(2026, 3, 6), 30000, 4),
    ]
    assert promises["made_at"][0] == dt.datetime(2026, 3, 2, 9, 12, tzinfo=NAIROBI)
    assert counts(reading, "calls") == (3, 3, 0, 0)
    assert counts(reading, "promises") == (3, 2, 0, 1)
    assert found(reading, "IGNORED_UNFILLED") == [(3, "", "1")]


def test_the_second_table_may_have_headers_of_its_own_and_they_are_not_called_unused(tmp_path: Path) -> None:
    profile = profile_with(
        headers={"promises": {"due_on": ["Will pay on"], "amount": ["Will pay"]}},
        also={
            "promises": {
                "from": "calls",
                "where": "due_on",
                "columns": {"promise_id": "{agent_id}/{call_id}", "made_at": "started_at"},
            }
        },
    )
    reading = read(tmp_path, profile, export_csv=CALLS)
    assert reading.tables["promises"]["promise_id"].to_list() == ["AG-01/C1", "AG-02/C3"]
    assert reading.tables["promises"]["amount"].to_list() == [120050, 30000]
    assert file_of(reading, "calls").unused == ()


def test_a_problem_of_the_second_table_names_the_headers_of_the_sheet(tmp_path: Path) -> None:
    wrong = CALLS.replace(",300", ",").replace("05/03/2026", "01/03/2026") + "C4,AG-01,A9,x,07/03/2026,5O\n"
    reading = read(tmp_path, FED, export_csv=wrong)
    assert found(reading, "MISSING_AMOUNT") == [(4, "Will pay", "")]
    assert found(reading, "DATE_ORDER_PAIR") == [(2, "Will pay on", "01/03/2026")], (
        "calls and promises both say so: once"
    )
    assert found(reading, "DATE_INVALID") == [(5, "Started at", "x")]
    assert found(reading, "NOT_A_NUMBER") == [(5, "Will pay", "5O")]
    assert counts(reading, "calls") == (4, 2, 2, 0)
    assert counts(reading, "promises") == (4, 0, 3, 1)


def test_an_id_that_comes_twice_is_shown_under_the_header_it_was_made_from(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv=CALLS + "C1,AG-01,A1,02/03/2026 10:00,09/03/2026,50\n")
    assert found(reading, "DUPLICATE_CONFLICT") == [
        (2, "Call ID", "C1"), (5, "Call ID", "C1"), (2, "Call ID", "P-C1"), (5, "Call ID", "P-C1"),
    ]  # fmt: skip


def test_an_id_that_is_damaged_makes_no_other(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv=CALLS.replace("C1", "2.54E+11").replace("C3", ""))
    assert errors(reading) == [("ID_SCIENTIFIC", 2), ("MISSING_ID", 4), ("MISSING_ID", 4)]
    assert counts(reading, "promises") == (3, 0, 2, 1)


def test_a_promise_with_a_forged_formula_is_refused_like_its_call(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "calls.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Call ID", "Agent ID", "Account ID", "Started at", "Will pay on", "Will pay"])
    sheet.write_row(1, 0, ["C1", "AG-01", "A1", "02/03/2026 09:12", "05/03/2026"])
    sheet.write_formula(1, 5, "=100+20", None, 9999)
    book.close()
    reading = read_tables(tmp_path, FED)
    assert found(reading, "FORMULA_STALE") == [(2, "Will pay", "9999")]
    assert (counts(reading, "calls"), counts(reading, "promises")) == ((1, 0, 1, 0), (1, 0, 1, 0))


def test_a_total_below_the_calls_is_no_promise(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv=CALLS + 'Total,,,,2,"1,500.50"\n')
    assert counts(reading, "promises") == (4, 2, 0, 2)
    assert errors(reading) == []
    wrong = read(tmp_path, FED, export_csv=CALLS + 'Total,,,,2,"1,500.51"\n')
    assert ("CONTROL_TOTAL", 5) in errors(wrong)


def test_a_dash_is_no_promise(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv=CALLS + "C4,AG-01,A1,02/03/2026 10:00,-,-\n")
    assert counts(reading, "promises") == (4, 2, 0, 2)
    assert errors(reading) == []


def test_calls_without_the_columns_of_a_promise_are_calls_only(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv="Call ID,Agent ID,Started at\nC1,AG-01,02/03/2026 09:12\n")
    assert list(reading.tables) == ["calls"]
    assert found(reading, "ALSO_COLUMN_MISSING") == [(1, "", "due_on")]
    assert errors(reading) == []


def test_a_promise_without_an_amount_column_is_refused_and_the_calls_are_taken(tmp_path: Path) -> None:
    reading = read(tmp_path, FED, export_csv=CALLS.replace("Will pay\n", "Sum\n"))
    assert counts(reading, "calls") == (3, 3, 0, 0)
    assert counts(reading, "promises") == (3, 0, 3, 0)
    assert [column for _, column, _ in found(reading, "MISSING_COLUMN")] == ["amount"]


@pytest.mark.parametrize("rows", [1, 5000])
def test_who_wants_promises_only_gets_them_from_the_calls_however_long(tmp_path: Path, rows: int) -> None:
    head, first, *_ = CALLS.splitlines(keepends=True)
    lines = [first.replace("C1", f"C{number}") for number in range(rows)]
    (tmp_path / "export.csv").write_text(head + "".join(lines), encoding="utf-8")
    reading = read_tables(tmp_path, FED, only={"promises", "payments"})
    assert list(reading.tables) == ["promises"]
    assert reading.tables["promises"].height == rows


def test_promises_that_come_both_ways_are_warned_of(tmp_path: Path) -> None:
    own = "promise_id,account_id,agent_id,made_at,due_on,amount\n7,A1,AG-01,02/03/2026 09:12,05/03/2026,1200.50\n"
    reading = read(tmp_path, FED, export_csv=CALLS, promises_csv=own)
    assert [(of.file, of.level) for of in reading.problems if of.code == "ALSO_AND_OWN"] == [("export.csv", "warning")]
    assert reading.tables["promises"].height == 3


def test_a_call_can_carry_its_quality_review(tmp_path: Path) -> None:
    profile = profile_with(
        defaults=FORM | {"evaluations.evaluator": "QA"},
        wide={"evaluations": {"columns": "Q*"}},
        also={
            "evaluations": {
                "from": "calls",
                "columns": {"evaluation_id": "E-{call_id}", "evaluated_on": "started_at"},
            }
        },
    )
    sheet = "Call ID,Agent ID,Started at,Q1,Q2\nC1,AG-01,02/03/2026 09:12,Yes,#N/A\n"
    sheet += "C2,AG-02,02/03/2026 09:20,,\nC3,AG-02,02/03/2026 09:30,No,Yes\n"
    reading = read(tmp_path, profile, export_csv=sheet)
    assert reading.tables["calls"].height == 3
    assert answers(reading) == [("E-C3", "Q1", "No", 4), ("E-C3", "Q2", "Yes", 4)]
    assert found(reading, "EXCEL_ERROR") == [(2, "Q2", "#N/A")]
    assert counts(reading, "evaluations") == (3, 1, 1, 1)
    assert file_of(reading, "calls").unused == ()


def test_cells_pasted_into_the_workbook_feed_both_tables_and_the_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(CALLS.replace("C1", "C9"), encoding="utf-8")
    rows = [
        ["Call ID", "Agent ID", "Account ID", "Started at", "Will pay on", "Will pay"],
        ["C1", "AG-01", "A1", dt.datetime(2026, 3, 2, 9, 12), dt.datetime(2026, 3, 5), 1200.5],  # noqa: DTZ001
    ]
    pasted = {"calls": as_sheet(rows, "book.xlsm", "Calls")}
    reading = read_tables(tmp_path, FED, only={"calls", "promises"}, pasted=pasted)
    assert reading.tables["calls"]["call_id"].to_list() == ["C1"]
    assert reading.tables["promises"].select("promise_id", "amount", "source_file").rows() == [
        ("P-C1", 120050, "book.xlsm[Calls]")
    ]


# A day and a time of day in two columns

TWO = profile_with(joined={"calls.started_at": ["Date", "Time"]})


def started(reading: Reading) -> list[dt.datetime]:
    times: list[dt.datetime] = reading.tables["calls"]["started_at"].to_list()
    return times


def call_at(folder: Path, day: str, clock: str, profile: Profile = TWO) -> Reading:
    return read(folder, profile, calls_csv=f'Call ID,Agent ID,Date,Time\nC1,AG-01,"{day}","{clock}"\n')


@pytest.mark.parametrize("day", ["02/03/2026", "2026-03-02", "2026-03-02 00:00:00", "2 Mar 2026", "46083"])
@pytest.mark.parametrize(
    "clock",
    [
        "09:12:58", "9:12:58", "9:12:58 AM", "1899-12-31 09:12:58", "1899-12-30T09:12:58", "1900-01-01 09:12:58",
        "1904-01-01 09:12:58", "0.384004629629629", "0,38400463", "0.38400463", "'09:12:58",
    ],
)  # fmt: skip
def test_a_day_and_a_time_of_day_are_one_time_however_they_are_written(tmp_path: Path, day: str, clock: str) -> None:
    reading = call_at(tmp_path, day, clock)
    assert errors(reading) == []
    assert started(reading) == [dt.datetime(2026, 3, 2, 9, 12, 58, tzinfo=NAIROBI)]
    assert file_of(reading, "calls").columns["started_at"] == "Date + Time"


@pytest.mark.parametrize(
    ("clock", "hour", "minute"),
    [
        ("12:00 AM", 0, 0),
        ("12:30 pm", 12, 30),
        ("00:00", 0, 0),
        ("1899-12-30", 0, 0),
        ("23:59", 23, 59),
        ("0.5", 12, 0),
    ],
)
def test_midnight_and_noon_are_told_apart(tmp_path: Path, clock: str, hour: int, minute: int) -> None:
    assert started(call_at(tmp_path, "02/03/2026", clock)) == [dt.datetime(2026, 3, 2, hour, minute, tzinfo=NAIROBI)]


@pytest.mark.parametrize(
    ("day", "clock", "problems"),
    [
        ("02/03/2026", "25:10", [("CLOCK_INVALID", "Time", "25:10")]),
        ("02/03/2026", "1.5", [("CLOCK_INVALID", "Time", "1.5")]),
        ("02/03/2026", "0912", [("CLOCK_INVALID", "Time", "0912")]),
        ("02/03/2026", "#VALUE!", [("EXCEL_ERROR", "Time", "#VALUE!")]),
        ("02/03/2026", "", [("CLOCK_MISSING", "Time", "")]),
        ("02/03/2026", "-", [("CLOCK_MISSING", "Time", "-")]),
        ("", "09:12", [("DATE_MISSING", "Date", "")]),
        ("31/04/2026", "09:12", [("DATE_INVALID", "Date", "31/04/2026")]),
        ("31/04/2026", "9h", [("DATE_INVALID", "Date", "31/04/2026"), ("CLOCK_INVALID", "Time", "9h")]),
        ("02/03/2027", "09:12", [("DATE_FUTURE", "Date", "02/03/2027 09:12")]),
    ],
)
def test_the_cell_at_fault_is_named_and_nothing_else(
    tmp_path: Path, day: str, clock: str, problems: list[tuple[str, str, str]]
) -> None:
    reading = call_at(tmp_path, day, clock)
    assert [(of.code, of.column, of.value) for of in reading.problems if of.level == "error"] == problems
    assert {of.row for of in reading.problems if of.level == "error"} == {2}
    assert counts(reading, "calls") == (1, 0, 1, 0)


def test_an_ambiguous_day_stays_ambiguous_with_a_time_beside_it(tmp_path: Path) -> None:
    profile = read_profile({**BRANCH, "date_order": "iso", "joined": TWO.joined}, Path("b") / "profile.toml")
    reading = call_at(tmp_path, "03/04/2026", "09:12", profile)
    assert found(reading, "DATE_AMBIGUOUS") == [(2, "Date", "03/04/2026")]


def test_a_day_in_the_wrong_order_condemns_the_file(tmp_path: Path) -> None:
    reading = call_at(tmp_path, "03/31/2026", "09:12")
    assert file_of(reading, "calls").code == "DATE_ORDER"


def test_an_hour_that_the_clock_shows_twice_is_said_to_be(tmp_path: Path) -> None:
    profile = profile_with(joined=TWO.joined).model_copy(update={"timezone": "Europe/London"})
    reading = call_at(tmp_path, "26/10/2025", "01:30", profile)
    assert found(reading, "DATE_AMBIGUOUS") == [(2, "Date", "26/10/2025 01:30")]


def test_a_sheet_with_the_whole_time_in_one_column_needs_no_joining(tmp_path: Path) -> None:
    sheet = "Call ID,Agent ID,started_at,Date,Time\nC1,AG-01,02/03/2026 09:12,01/01/2026,07:00\n"
    reading = read(tmp_path, TWO, calls_csv=sheet)
    assert started(reading) == [dt.datetime(2026, 3, 2, 9, 12, tzinfo=NAIROBI)]
    assert file_of(reading, "calls").unused == ("Date", "Time")


def test_a_day_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    reading = read(tmp_path, TWO, calls_csv="Call ID,Agent ID,Date,Time,DATE\nC1,AG-01,02/03/2026,09:12,x\n")
    assert [(row, column) for row, column, _ in found(reading, "DUPLICATE_HEADER")] == [(1, "Date + Time")]


def test_without_one_of_the_two_columns_the_time_is_missing(tmp_path: Path) -> None:
    reading = read(tmp_path, TWO, calls_csv="Call ID,Agent ID,Date\nC1,AG-01,02/03/2026\n")
    assert [column for _, column, _ in found(reading, "MISSING_COLUMN")] == ["started_at"]


def test_a_time_that_a_formula_has_not_worked_out_is_not_called_missing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["Call ID", "Agent ID", "Date", "Time"])
    sheet.append(["C1", "AG-01", "02/03/2026", "=NOW()"])
    book.save(tmp_path / "calls.xlsx")
    reading = read_tables(tmp_path, TWO)
    assert [(of.code, of.row, of.column) for of in reading.problems if of.level == "error"] == [
        ("FORMULA_NO_VALUE", 2, "Time")
    ]


@pytest.mark.parametrize("counting_from_1904", [False, True])
@pytest.mark.parametrize("shown", ["hh:mm:ss", "h:mm AM/PM", "[h]:mm", "General"])
def test_clock_cells_of_a_workbook_are_times_of_day(tmp_path: Path, shown: str, counting_from_1904: bool) -> None:
    head = ["Call ID", "Agent ID", "Date", "Time"]
    day, clock = dt.date(2026, 3, 2), (33178 / 86400, shown)
    workbook(tmp_path / "calls.xlsx", [head, ["C1", "AG-01", day, clock]], counting_from_1904=counting_from_1904)
    assert started(read_tables(tmp_path, TWO)) == [dt.datetime(2026, 3, 2, 9, 12, 58, tzinfo=NAIROBI)]


def test_days_and_times_of_a_parquet_file_are_joined_as_well(tmp_path: Path) -> None:
    rows = {"Call ID": ["C1"], "Agent ID": ["AG-01"], "Date": [dt.date(2026, 3, 2)], "Time": [dt.time(9, 12, 58)]}
    pl.DataFrame(rows).write_parquet(tmp_path / "calls.parquet")
    assert started(read_tables(tmp_path, TWO)) == [dt.datetime(2026, 3, 2, 9, 12, 58, tzinfo=NAIROBI)]


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("143", 143), ("00:02:23", 143), ("2:23", 143), ("1899-12-31 00:02:23", 143), ("1899-12-30T01:02:23", 3743),
        ("1904-01-01 00:02:23", 143), ("0.001655093", 143), ("0.38400463", 33178),
    ],
)  # fmt: skip
def test_a_length_of_time_as_excel_has_it_becomes_seconds(tmp_path: Path, cell: str, seconds: int) -> None:
    sheet = f"call_id,agent_id,started_at,talk_seconds\nC1,AG-01,2026-03-02 09:12,{cell}\n"
    reading = read(tmp_path, TWO, calls_csv=sheet)
    assert reading.tables["calls"]["talk_seconds"].to_list() == [seconds]
    assert ("CLOCK_SERIAL" in warnings(reading)) == cell.startswith("0.")


@pytest.mark.parametrize("cell", ["0.5", "0.25", "0.123456789"])
def test_a_fraction_that_may_be_anything_is_no_length_of_time(tmp_path: Path, cell: str) -> None:
    sheet = f"call_id,agent_id,started_at,talk_seconds\nC1,AG-01,2026-03-02 09:12,{cell}\n"
    assert errors(read(tmp_path, TWO, calls_csv=sheet)) == [("NOT_WHOLE", 2)]


# What the page for people shows

PAGE = ROOT.parent / "docs" / "how-to" / "wide-sheets.md"


def blocks_of(page: Path) -> list[dict[str, Any]]:
    blocks = re.findall(r"^```toml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [tomllib.loads(block) for block in blocks]


def test_the_entries_on_the_page_do_what_it_says(tmp_path: Path) -> None:
    wide, also, joined = blocks_of(PAGE)
    page = PAGE.read_text(encoding="utf-8")
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*", page, re.MULTILINE)]
    head = next(number for number, cells in enumerate(table) if cells[0] == "Evaluation ID")
    workbook(tmp_path / "qc.xlsx", [table[head], table[head + 2]])
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    reading = read_tables(tmp_path, profile_with(defaults=FORM, **(wide | also)))
    assert answers(reading) == [("E1", "Q1 Greeting", "Yes", 2), ("E1", "Q2 Identity", "No", 2)]
    assert reading.tables["promises"]["promise_id"].to_list() == ["P-C1", "P-C3"]
    one = call_at(tmp_path, "02/03/2026", "9:12 AM", profile_with(**joined))
    assert started(one) == [dt.datetime(2026, 3, 2, 9, 12, tzinfo=NAIROBI)]


# What a profile may not say


@pytest.mark.parametrize(
    ("shapes", "code", "key"),
    [
        ({"wide": {"evaluation": {"columns": "Q*"}}}, "PROFILE_UNKNOWN_TABLE", "wide.evaluation.cell_into"),
        ({"wide": {"roster": {"columns": "*"}}}, "PROFILE_UNKNOWN_COLUMN", "wide.roster.header_into"),
        ({"wide": {"evaluations": {"columns": []}}}, "PROFILE_VALUE", "wide.evaluations.columns"),
        ({"wide": {"evaluations": {"column": "Q*"}}}, "PROFILE_VALUE", "wide.evaluations.column"),
        (
            {"wide": {"evaluations": {"columns": "Q*", "cell_into": "question"}}},
            "SHAPE_ONE_COLUMN",
            "wide.evaluations.cell_into",
        ),
        ({"also": {"promise": {"from": "calls"}}}, "PROFILE_UNKNOWN_TABLE", "also.promise"),
        ({"also": {"promises": {"from": "phone calls"}}}, "PROFILE_UNKNOWN_TABLE", "also.promises.from"),
        ({"also": {"promises": {"from": "promises"}}}, "SHAPE_FROM_ITSELF", "also.promises.from"),
        ({"also": {"promises": {"from": "calls", "where": "day"}}}, "PROFILE_UNKNOWN_COLUMN", "also.promises.where"),
        (
            {"also": {"promises": {"from": "calls", "columns": {"promise_id": "P-{id}"}}}},
            "PROFILE_UNKNOWN_COLUMN",
            "also.promises.columns.promise_id",
        ),
        (
            {"also": {"promises": {"from": "calls", "columns": {"promise_id": "P-{call_id"}}}},
            "PROFILE_VALUE",
            "also.promises.columns",
        ),
        (
            {"also": {"promises": {"from": "calls", "columns": {"promise_id": "P-{call_id:>9}"}}}},
            "PROFILE_VALUE",
            "also.promises.columns",
        ),
        ({"joined": {"calls.begun": ["Date", "Time"]}}, "PROFILE_UNKNOWN_COLUMN", "joined.calls.begun"),
        ({"joined": {"calls.call_id": ["Date", "Time"]}}, "SHAPE_NOT_A_TIME", "joined.calls.call_id"),
        ({"joined": {"calls.started_at": ["Date"]}}, "PROFILE_VALUE", "joined.calls.started_at"),
    ],
)
def test_what_cannot_be_meant_is_said_by_the_key(shapes: dict[str, Any], code: str, key: str) -> None:
    with pytest.raises(ToolkitError) as error:
        profile_with(**shapes)
    said = [(of.code, of.column) for of in error.value.problems]
    assert any(of == code and column.startswith(key) for of, column in said), said


# An export that somebody else made


def workbook(path: Path, rows: Sequence[Sequence[Any]], *, counting_from_1904: bool = False) -> None:
    """A workbook with one sheet. A pair is a number and the format that it is shown in."""
    book = xlsxwriter.Workbook(path, {"date_1904": counting_from_1904})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, tuple):
                sheet.write_number(row, column, cell[0], book.add_format({"num_format": cell[1]}))
            elif isinstance(cell, dt.date):
                sheet.write_datetime(row, column, cell, day)
            else:
                sheet.write(row, column, cell)
    book.close()


def invented_calls(path: Path) -> None:
    """Fifty calls in the shape of a call centre's export: of every five, one is not answered, two are not resolved."""
    head = ["Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved", "Speed of answer (In sec)"]
    rows: list[list[Any]] = [[*head, "AvgTalkDuration", "Satisfaction rating"]]
    for number in range(50):
        clock, answered = ((32400 + 60 * number) / 86400, "hh:mm:ss"), number % 5 > 0
        talked = [10 + number, ((30 + number) / 86400, "hh:mm:ss"), 1 + number % 5] if answered else ["", "", ""]
        words = ["Streaming", "Y" if answered else "N", "Y" if number % 5 > 1 else "N"]
        rows.append([f"ID{number:04}", "Diane", dt.date(2021, 1, 1), clock, *words, *talked])
    workbook(path, rows)


def test_an_export_of_an_inbound_call_centre_is_calls_and_feedback(tmp_path: Path) -> None:
    invented_calls(tmp_path / "Report (3).xlsx")
    reading = read_tables(tmp_path, load_profile(str(INBOUND)))
    assert errors(reading) == []
    assert counts(reading, "calls") == (50, 50, 0, 0)
    assert counts(reading, "feedback") == (50, 40, 0, 10)
    calls, feedback = reading.tables["calls"], reading.tables["feedback"]
    assert (calls["connected"].sum(), calls["resolved"].sum()) == (40, 30)
    assert started(reading)[49] == dt.datetime(2021, 1, 1, 9, 49, tzinfo=NAIROBI)
    assert calls["talk_seconds"].to_list()[:3] == [None, 31, 32]
    assert (feedback["score"].sum(), feedback["scale"].unique().to_list()) == (10 * (2 + 3 + 4 + 5), [5])
    assert feedback.row(0, named=True)["feedback_id"] == "F-ID0001"
    assert feedback["given_at"].to_list() == calls.filter("connected")["started_at"].to_list()


REAL = next((path for up in ROOT.parents if (path := up / "shared" / "data" / "call_center_5000.xlsx").is_file()), None)


@pytest.mark.skipif(REAL is None, reason="the published file of 5,000 calls is not part of the project")
def test_a_published_file_of_5000_calls_is_read_whole() -> None:
    assert REAL is not None
    reading = read_tables(REAL, load_profile(str(INBOUND)))
    assert counts(reading, "calls") == (5000, 5000, 0, 0)
    assert counts(reading, "feedback") == (5000, 4054, 0, 946)
    assert [of.code for of in reading.problems if of.level != "info"] == []
    calls, feedback = reading.tables["calls"], reading.tables["feedback"]
    assert (calls["connected"].sum(), calls["resolved"].sum()) == (4054, 3646)
    assert round(feedback["score"].mean(), 2) == 3.40  # type: ignore[arg-type, operator]


def checked(folder: Path, profile: str) -> Result:
    return CliRunner().invoke(check, [str(folder / "data"), "--profile", profile, "--out", str(folder / "out")])


def test_check_shows_both_tables_of_a_sheet_with_all_its_rows(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    invented_calls(tmp_path / "data" / "export.xlsx")
    result = checked(tmp_path, str(INBOUND))
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert ["calls", "export.xlsx[Sheet1]", "50", "50", "0", "0"] in lines
    assert ["feedback", "export.xlsx[Sheet1]", "50", "40", "0", "10"] in lines


def test_check_reports_a_wide_sheet_by_its_own_rows_and_headers(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "qc.csv").write_text(SHEET.replace(",No,", ",#REF!,"), encoding="utf-8")
    (tmp_path / "branch.toml").write_text(
        'country = "KE"\ncurrency = "KES"\ntimezone = "Africa/Nairobi"\ndate_order = "dmy"\n'
        '[headers.evaluations]\nevaluation_id = ["Review"]\nevaluator = ["QA"]\nevaluated_on = ["Reviewed"]\n'
        '[defaults]\n"evaluations.form" = "QC"\n"evaluations.form_version" = "1"\n'
        '[wide.evaluations]\ncolumns = "Q*"\n',
        encoding="utf-8",
    )
    result = checked(tmp_path, str(tmp_path / "branch.toml"))
    assert result.exit_code == 3
    assert ["evaluations", "qc.csv", "2", "1", "1", "0"] in [line.split() for line in result.output.splitlines()]
    assert "qc.csv,,2,Q2 ID check,#REF!,EXCEL_ERROR" in (tmp_path / "out" / "problems.csv").read_text(encoding="utf-8")


# Columns and rows that add up the others

COSTS = profile_with(wide={"costs": {"columns": "*", "header_into": "period", "cell_into": "amount"}})
SPENT = "Channel,Item,2026-09,2026-10,Total\ncall,airtime,1500,1600,3100\nvisit,fuel,10,20,30\n"


@pytest.mark.parametrize("label", ["TOTAL", "Grand total:", "Total costs 2026", "Sum"])
def test_a_total_column_and_a_total_row_are_no_costs(tmp_path: Path, label: str) -> None:
    reading = read(tmp_path, COSTS, costs_csv=SPENT + f"{label},,1510,1620,3130\n")
    assert reading.accepted_sums["costs"] == 313000
    assert counts(reading, "costs") == (3, 2, 0, 1)
    assert set(reading.tables["costs"]["period"]) == {"2026-09", "2026-10"}
    assert file_of(reading, "costs").unused == ("Total",)
    assert found(reading, "CONTROL_TOTAL_AGREES") == [(4, "2026-09", "1510"), (4, "2026-10", "1620")]


def test_a_total_row_that_is_wrong_refuses_the_wide_sheet(tmp_path: Path) -> None:
    reading = read(tmp_path, COSTS, costs_csv=SPENT + "TOTAL,,1510,1999,3130\n")
    assert found(reading, "CONTROL_TOTAL") == [(4, "2026-10", "1999")]
    assert "costs" not in reading.tables


def test_subtotals_of_a_wide_sheet_add_up_what_is_since_the_last(tmp_path: Path) -> None:
    rows = SPENT + "Sub total,,1510,1620,\nsms,,5,5,\nSub total,,5,5,\nTotal,,1515,1625,\n"
    reading = read(tmp_path, COSTS, costs_csv=rows)
    assert (errors(reading), reading.accepted_sums["costs"]) == ([], 314000)


def test_a_channel_whose_name_begins_like_a_total_is_a_cost(tmp_path: Path) -> None:
    reading = read(tmp_path, COSTS, costs_csv=SPENT + "Total Energies,fuel,1,1,2\n")
    assert reading.accepted_sums["costs"] == 313200


def test_totals_and_averages_are_no_periods_of_a_kpi(tmp_path: Path) -> None:
    profile = profile_with(wide={"kpi_values": {"columns": "*", "header_into": "period", "cell_into": "value"}})
    sheet = "KPI,Agent ID,2026-09,2026-10,Total,Average\nCOUNT,AG-01,3,4,7,3.5\nTOTAL,,3,4,7,3.5\nMean,,3,4,7,3.5\n"
    reading = read(tmp_path, profile, kpis_csv=sheet, agents_csv=AGENTS)
    assert reading.tables["kpi_values"].select("kpi", "period").rows() == [("COUNT", "2026-09"), ("COUNT", "2026-10")]
    assert found(reading, "WIDE_TOTAL_UNCHECKED") == [(3, "", "TOTAL"), (4, "", "Mean")]


def test_a_measure_may_be_called_an_average_and_a_listed_total_is_taken(tmp_path: Path) -> None:
    shape = {"columns": ["*", "Total"], "header_into": "kpi", "cell_into": "value"}
    profile = profile_with(wide={"kpi_values": shape}, defaults={"kpi_values.period": "2026-09"})
    sheet = "Agent ID,Average call time,Mean,Total\nAG-01,3.5,4,7\n"
    reading = read(tmp_path, profile, kpis_csv=sheet, agents_csv=AGENTS)
    assert reading.tables["kpi_values"]["kpi"].to_list() == ["Average call time", "Total"]
