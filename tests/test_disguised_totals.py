"""Totals with a day and something in the place of the ids: where no accounts are given, they look like payments."""

from pathlib import Path

import pytest
from reading_cases import HEADER, errors, read

from toolkit.reading import Reading

ROWS = "P1,2026-03-02,A1,AG-01,100.00,KES,,\nP2,2026-03-03,A2,AG-01,150.00,KES,,\nP3,2026-03-04,A3,AG-02,200.00,KES,,\n"


def payments(folder: Path, *lines: str, rows: str = ROWS) -> Reading:
    """The reading of these payments alone, with further lines below them."""
    return read(folder, payments_csv=HEADER + rows + "".join(f"{line}\n" for line in lines))


def codes(reading: Reading) -> list[str]:
    return [one.code for one in reading.problems if one.row is not None]


@pytest.mark.parametrize(
    "row",
    [
        "TOTAL,2026-03-31,,,450.00,KES,,",
        "TOTAL,2026-03-31,ALL,,450.00,KES,,",
        "TOTAL,2026-03-31,3,,450.00,KES,,",
        "Total March:,2026-03-31,A1,AG-01,450.00,KES,,",
        "3,2026-03-31,,,450.00,KES,,",
        "3,2026-03-31,TOTAL,,450.00,KES,,",
        "3,2026-03-31,ALL,,450.00,KES,,",
        "3,2026-03-31,-,,450.00,KES,,",
        "3,2026-03-31,3,,450.00,KES,,",
        "P4,2026-03-31,Grand total:,,450.00,KES,,",
        "P4,2026-03-31,A4,TOTAL,450.00,KES,,",
    ],
)
def test_a_total_with_a_day_is_held_against_the_rows_and_is_no_payment(tmp_path: Path, row: str) -> None:
    reading = payments(tmp_path, row)
    assert reading.accepted_sums == {"payments": 45000}
    assert codes(reading) == ["IGNORED_TOTAL", "CONTROL_TOTAL_AGREES"]
    assert [file.ignored for file in reading.files] == [1]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("MARCH,2026-03-31,ALL,,450.00,KES,,", "TOTAL_BY_SUM"),
        ("3,2026-03-31,A1,,450.00,KES,,", "TOTAL_BY_COUNT"),
        ("P4,2026-03-31,3,,450.00,KES,,", "TOTAL_BY_COUNT"),
        ("3,2026-03-31,ALL,,450.01,KES,,", "TOTAL_BY_COUNT"),
        ("P4,2026-03-31,TOTAL,,450.01,KES,,", "TOTAL_BY_NAME"),
        ("Subtotal AG-01,2026-03-31,A1,AG-01,250.00,KES,,", "TOTAL_BY_NAME"),
    ],
)
def test_what_is_only_likely_a_total_is_refused_with_its_row(tmp_path: Path, row: str, code: str) -> None:
    reading = payments(tmp_path, row)
    assert errors(reading) == [(code, 5)]
    assert reading.accepted_sums == {"payments": 45000}
    assert reading.rejected_sums["payments"] > 0


@pytest.mark.parametrize(
    "row",
    [
        "P4,2026-03-31,A4,AG-01,450.00,KES,,",
        "P4,2026-03-31,A4,AG-01,450.00,KES,TOTAL,",
        "P4,2026-03-31,Total Energies Ltd,AG-01,450.00,KES,,",
        "TOTAL-0004,2026-03-31,A4,AG-01,450.00,KES,,",
        "P4,2026-03-31,3,AG-01,450.01,KES,,",
        "4,2026-03-31,CASH,AG-01,120.00,KES,,",
    ],
)
def test_a_payment_that_is_like_a_total_in_one_way_only_is_taken(tmp_path: Path, row: str) -> None:
    reading = payments(tmp_path, row)
    assert codes(reading) == []
    assert reading.tables["payments"].height == 4


@pytest.mark.parametrize(
    "rows",
    [
        "1,2026-03-02,A1,AG-01,100.00,KES,,\n",
        "P1,2026-03-02,A1,AG-01,100.00,KES,,\nP2,2026-03-03,A2,AG-01,100.00,KES,,\n",
        "P1,2026-03-02,A1,AG-01,100.00,KES,,\nX,2026-03-03,CASH,AG-01,100.00,KES,,\n",
        "1,2026-03-02,A1,AG-01,100.00,KES,,\n2,2026-03-03,A2,AG-01,50.00,KES,,\n3,2026-03-04,A1,AG-01,150.00,KES,,\n",
        "0,2026-03-02,7,AG-01,100.00,KES,,\n1,2026-03-03,8,AG-01,50.00,KES,,\n2,2026-03-04,9,AG-01,150.00,KES,,\n",
    ],
)
def test_few_payments_and_running_numbers_are_payments(tmp_path: Path, rows: str) -> None:
    reading = payments(tmp_path, rows=rows)
    assert codes(reading) == []
    assert reading.tables["payments"].height == rows.count("\n")


def test_ids_that_mostly_begin_like_a_total_are_ids(tmp_path: Path) -> None:
    rows = ROWS.replace("P1", "Total 1").replace("P2", "Total 2").replace("P3", "Total 3")
    assert payments(tmp_path, rows=rows).accepted_sums == {"payments": 45000}


def test_a_last_total_behind_subtotals_may_add_up_what_is_since_the_last(tmp_path: Path) -> None:
    rows = "P4,2026-03-05,A1,AG-02,70.00,KES,,\nP5,2026-03-05,A2,AG-02,30.00,KES,,"
    reading = payments(tmp_path, "Subtotal,2026-03-31,ALL,,450.00,KES,,", rows, "2,2026-03-31,ALL,,100.00,KES,,")
    assert reading.accepted_sums == {"payments": 55000}
    assert codes(reading).count("CONTROL_TOTAL_AGREES") == 2


def test_statement_lines_have_one_id_and_their_total_has_the_number_of_rows(tmp_path: Path) -> None:
    lines = "line_id,booked_at,amount,reference\nL1,2026-03-02,10.00,a\nL2,2026-03-03,20.00,b\n"
    reading = read(tmp_path, statement_csv=f"{lines}2,2026-03-31,30.00,\n")
    assert reading.tables["statement"]["line_id"].to_list() == ["L1", "L2"]
