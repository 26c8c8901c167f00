"""The worksheet functions as Excel calls them: xlwings' own wrappers, converters and calls, over the stand-in."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wrappers
from standin import install, opened
from test_buttons import PERIOD, PROFILE, by_command, setting

from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.excel.layout import own_modules
from toolkit.excel.vba import xlwings_version

MISSING = -2147352572
"""What COM hands over for an argument that was left out."""


@pytest.fixture
def book(exports: Path, tmp_path: Path) -> Iterator[Any]:
    workbook = build_workbook(PROFILE, tmp_path / "collections.xlsm", data=exports, results=tmp_path / "out")
    with opened(workbook, "memory") as found:
        setting(found, "period", PERIOD)
        yield found


def asked(book: Any, function: str, *arguments: Any) -> Any:
    """What the wrapper in VBA asks Python, with the cell of Start that holds the formula as its caller."""
    udfs = install().udfs
    wrappers.functions()
    caller = book.sheets["Start"]["J1"].api
    return udfs.call_udf(wrappers.MODULE, function, arguments, book.api, caller)


def typed(book: Any, rows: list[list[Any]]) -> Any:
    """The rows typed into cells of a sheet of one's own; the range, as a formula would name it."""
    sheet = book.sheets.add("Pasted")
    area = sheet.range((1, 1), (len(rows), len(rows[0])))
    area.raw_value = rows
    return area.api


def test_the_wrappers_are_what_xlwings_makes_of_the_functions_today() -> None:
    remake = "run python tests/excel/wrappers.py"
    assert own_modules()["xlwings_udfs"] == wrappers.wrappers(), remake
    assert own_modules()["Functions"] == wrappers.descriptions(), remake


def test_a_new_xlwings_is_looked_at_before_it_is_taken() -> None:
    assert xlwings_version() == "0.37.8", (
        "xlwings changed. Remake the wrappers (tests/excel/wrappers.py), run tests/excel, look at the pictures, read "
        "what changed in xlwings.bas and udfs.py, go through docs/how-to/check-with-real-excel.md; then pin it anew in "
        "setup.cfg and here."
    )


def test_nothing_that_must_be_paid_for_is_loaded(book: Any) -> None:
    press("prepare_month")
    asked(book, "COMMISSION", "FIELD-KE:CASH", 100.0, 1.0)
    assert not install().__pro__
    ours = [path for path in (Path(__file__).parents[2] / "toolkit").rglob("*.py") if "xlwings.pro" in path.read_text()]
    assert not ours


def test_commission_gives_as_many_cells_as_it_was_given(book: Any) -> None:
    area = typed(book, [[1000.0, 59000.0], [None, 70000.0]])
    # FIELD-KE version 2 pays CASH in slices of attainment: 3 % to 80 %, 4.5 % to 100 %, 6 % above
    assert asked(book, "COMMISSION", "FIELD-KE:CASH", area, 0.5) == [[30.0, 1770.0], ["", 2100.0]]
    assert asked(book, "COMMISSION", "FIELD-KE:CASH", 1000.0, 1.0) == [[33.0]]


def test_band_rate_gives_the_rate_of_the_band(book: Any) -> None:
    assert asked(book, "BAND_RATE", "FIELD-KE", "CASH", 0.8) == [[0.045]]


def test_what_is_in_the_way_stands_in_the_cell(book: Any) -> None:
    assert asked(book, "COMMISSION", "NOPE", 1.0, MISSING) == [["#TOOLKIT there is no plan “NOPE”"]]
    wrong = typed(book, [["twelve"]])
    assert asked(book, "COMMISSION", "FIELD-KE:CASH", wrong, 1.0) == [["#TOOLKIT “twelve” is not an amount"]]
    assert asked(book, "BAND_RATE", "FIELD-KE", "CSH", 1.0)[0][0].startswith("#TOOLKIT plan FIELD-KE has no component")


def test_the_sheet_of_pasted_payments_is_the_one_of_the_same_export(book: Any, exports: Path, tmp_path: Path) -> None:
    with (exports / "payments.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    heads, *found = asked(book, "COMMISSION_SHEET", typed(book, rows), "FIELD-KE", None)
    expected = by_command(exports, tmp_path / "by-command")
    paid = {row[0]: row[heads.index("payable")] for row in found}
    assert {agent: f"{amount:.2f}" for agent, amount in paid.items()} == {
        row["agent_id"]: row["payable"] for row in expected
    }


def test_why_says_what_the_button_says(book: Any) -> None:
    press("prepare_month")
    agent = book.sheets["Commissions"]["B10"].value
    answer = asked(book, "WHY", agent, None)
    assert answer[-1][0] != ""
    totals = [row[1] for row in answer if row[2] == "" and row[1] is not None]
    assert book.sheets["Commissions"]["D10"].value in totals
    assert asked(book, "WHY", "NOBODY", None)[0][0].startswith("#TOOLKIT")


def test_kpi_and_score_answer_in_the_shape_of_their_cells(book: Any) -> None:
    counts = typed(book, [[3.0], [0.0], [None]])
    assert asked(book, "KPI", "call_effectiveness", counts, 4.0) == [[0.75], [0.0], [0.0]]
    assert asked(book, "KPI", "noc", counts, MISSING) == [[3.0], [0.0], [""]]
    left_out = (MISSING,) * 5
    assert asked(book, "SCORE", 0.6, 0.8, *left_out) == [[0.75]]
    assert asked(book, "SCORE", 0.83, None, 0.73, 0.93, *(MISSING,) * 3) == [[0.5]]
    assert asked(book, "SCORE", "no base", 0.8, *left_out) == [["no base"]]
    assert asked(book, "SCORE", 0.6, 0.8, MISSING, MISSING, "up", MISSING, MISSING)[0][0].startswith("#TOOLKIT “up”")
    assert asked(book, "KPI", "nope", 1.0, 1.0)[0][0].startswith("#TOOLKIT “nope” is no KPI")
