"""The sheet Plan says what the plan's file says, for every shipped plan, and names the cells that are wrong."""

from pathlib import Path

import pytest

from toolkit.excel.plan_page import page_rows, page_width, sheets_of
from toolkit.plan_files import plan_of_sheets, read_plan, read_source
from toolkit.problems import ToolkitError
from toolkit.profiles import load_profile, shipped_profiles

FIRST_ROW = 8
FIELD = next(path for path in load_profile("paygo-solar").plan_paths() if path.stem == "field-ke-v2")
PLANS = [
    (profile, path) for name in shipped_profiles() for profile in [load_profile(name)] for path in profile.plan_paths()
]


@pytest.mark.parametrize(("profile", "path"), PLANS, ids=[path.stem for _, path in PLANS])
def test_a_plan_written_to_the_page_is_read_as_the_same_plan(profile: object, path: Path) -> None:
    rows = page_rows(read_source(path).document)
    assert {len(row) for row in rows} == {page_width()}
    written = plan_of_sheets(sheets_of(rows, FIRST_ROW), "sheet Plan", credit_given=True)
    original, _ = read_plan(path)
    assert not [found for found in written.problems if found.level == "error"]
    assert written.plan == original


def test_a_cell_edited_to_nonsense_is_named(tmp_path: Path) -> None:
    rows = page_rows(read_source(FIELD).document)
    row = next(number for number, cells in enumerate(rows) if cells[0] == "CASH" and cells[2] == "percent")
    rows[row][2] = "percnt"
    file = plan_of_sheets(sheets_of(rows, FIRST_ROW), "", credit_given=True)
    wrong = [found for found in file.problems if found.level == "error"]
    assert (wrong[0].sheet, wrong[0].row, wrong[0].column) == ("Plan", FIRST_ROW + row, "kind")
    assert "percnt" in str(wrong[0])


def test_a_rate_that_excel_made_a_number_of_is_refused_with_the_text_to_write() -> None:
    rows: list[list[object]] = [[*row] for row in page_rows(read_source(FIELD).document)]
    place = next(number for number, cells in enumerate(rows) if cells[0] == "bands") + 2
    rate = rows[place - 1].index("rate")
    rows[place][rate] = 0.05
    file = plan_of_sheets(sheets_of(rows, FIRST_ROW), "", credit_given=True)
    assert any('"5%"' in str(found) for found in file.problems), [str(found) for found in file.problems]


def test_a_row_that_was_inserted_and_a_column_that_was_moved_do_not_matter() -> None:
    document = read_source(FIELD).document
    rows = [[*row] for row in page_rows(document)]
    top = next(number for number, cells in enumerate(rows) if cells[0] == "bands")
    rows.insert(top + 3, [""] * page_width())
    end = next(number for number, cells in enumerate(rows) if cells[0] == "matrix")
    for row in rows[top + 1 : end]:
        row[0], row[2] = row[2], row[0]
    moved = plan_of_sheets(sheets_of(rows, FIRST_ROW), "", credit_given=True)
    assert moved.plan == read_plan(FIELD)[0]


def test_cells_with_errors_are_all_named_at_once() -> None:
    rows = [[*row] for row in page_rows(read_source(FIELD).document)]
    rows[3][1], rows[5][1] = "#REF!", "#N/A"
    with pytest.raises(ToolkitError) as stopped:
        sheets_of(rows, FIRST_ROW)
    assert [(found.row, found.value) for found in stopped.value.problems] == [(11, "#REF!"), (13, "#N/A")]


def test_a_plan_with_more_rows_than_the_page_has_room_for_is_refused() -> None:
    document = dict(read_source(FIELD).document)
    document["gate"] = [{"code": f"G{number}"} for number in range(99)]
    with pytest.raises(ToolkitError, match="more in its table gate"):
        page_rows(document)
