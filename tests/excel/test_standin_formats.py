"""What Microsoft documents of the looks of cells, of inserted and deleted ones, and of protected sheets."""

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from standin import com_error
from standin.com import DOWN, TO_LEFT, UP

Made = Callable[..., Any]
LEFT, CENTER = -4131, -4108
NONE = -4142


def test_formats_are_set_and_read_back(sheet: Made) -> None:
    cells = sheet().Range("A1:B2")
    cells.Font.Bold = cells.Font.Italic = cells.WrapText = True
    cells.Font.Size = 14
    cells.Font.Color = 0x0000FF
    cells.HorizontalAlignment = CENTER
    cells.NumberFormat = "#,##0.00"
    assert (cells.Font.Bold, cells.Font.Italic, cells.WrapText, cells.Font.Size) == (True, True, True, 14)
    assert (cells.Font.Color, cells.HorizontalAlignment, cells.NumberFormat) == (255, CENTER, "#,##0.00")


def test_formats_that_differ_are_none(sheet: Made) -> None:
    page = sheet()
    page.Range("A1").Font.Bold = True
    page.Range("A1").NumberFormat = "0.00"
    page.Range("A1").HorizontalAlignment = LEFT
    both = page.Range("A1:A2")
    assert (both.Font.Bold, both.NumberFormat, both.HorizontalAlignment) == (None, None, None)


def test_a_range_of_several_areas_is_formatted_at_once(sheet: Made) -> None:
    page = sheet()
    several = page.Range("A1:B2,C3,D1:D9")
    several.NumberFormat = "0.0%"
    assert several.NumberFormat == "0.0%"
    assert several.Address == "$A$1:$B$2,$C$3,$D$1:$D$9"
    assert (page.Range("B2").NumberFormat, page.Range("D9").NumberFormat) == ("0.0%", "0.0%")
    assert page.Range("C2").NumberFormat == "General"
    page.Range("C3").NumberFormat = "0"
    assert several.NumberFormat is None


def test_an_address_of_more_than_255_letters_is_refused(sheet: Made) -> None:
    page = sheet()
    longest = ",".join(f"A{row}" for row in range(10, 73)) + ",A1,A2"
    assert len(longest) == 257
    assert page.Range(longest[:-3]).Address.count(",") == 63
    with pytest.raises(com_error):
        page.Range(longest)


def test_a_fill_has_a_colour_and_can_be_taken_away(sheet: Made) -> None:
    cell = sheet().Range("A1")
    assert (cell.Interior.ColorIndex, cell.Interior.Color) == (NONE, 0xFFFFFF)
    cell.Interior.Color = 0x00FFFF
    assert (cell.Interior.Color, cell.Interior.ColorIndex) == (0x00FFFF, 6)
    cell.Interior.ColorIndex = NONE
    assert cell.Interior.ColorIndex == NONE


def test_formats_of_the_file_are_read(sheet: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        looks = {"bold": True, "font_size": 16, "font_color": "#FF0000", "bg_color": "#00FF00", "align": "left"}
        page.write("A1", 1, workbook.add_format(looks))
        page.set_column("C:C", 20, workbook.add_format({"num_format": "@"}))

    page = sheet(fill)
    cell = page.Range("A1")
    assert (cell.Font.Bold, cell.Font.Size, cell.Font.Color) == (True, 16, 0x0000FF)
    assert (cell.Interior.Color, cell.HorizontalAlignment) == (0x00FF00, LEFT)
    assert page.Range("C5").NumberFormat == "@"
    page.Range("C5").Value = "007"
    assert page.Range("C5").Value == "007"


def test_a_format_of_a_whole_column_is_that_of_its_cells(sheet: Made) -> None:
    page = sheet(lambda _, page: page.write("B2", "x"))
    page.Range("B:B").NumberFormat = "@"
    page.Range("B1:B3").Value = (("01",), ("02",), ("03",))
    assert page.Range("B1:B3").Value == (("01",), ("02",), ("03",))


def test_cells_are_merged_and_taken_apart(book: Made) -> None:
    opened = book(lambda _, page: page.write("A1", "head"))
    page = opened.sheets[0].api
    page.Range("A1:C1").Merge()
    assert page.Range("A1").MergeCells is True
    assert page.Range("B1").MergeArea.Address == "$A$1:$C$1"
    assert page.Range("A1:A2").MergeCells is None
    assert page.Range("E5").MergeArea.Address == "$E$5"
    page.Range("A1").UnMerge()
    assert page.Range("A1:C1").MergeCells is False
    assert page.Range("A1").Value == "head"


def test_merging_filled_cells_asks_unless_alerts_are_off(book: Made) -> None:
    opened = book(lambda _, page: page.write_row("A1", [1, 2]))
    page = opened.sheets[0].api
    with pytest.raises(com_error):
        page.Range("A1:B1").Merge()
    opened.app.api.DisplayAlerts = False
    page.Range("A1:B1").Merge()
    assert page.Range("A1:B1").Value == ((1.0, None),)


def test_a_part_of_a_merged_cell_is_not_cleared(sheet: Made) -> None:
    page = sheet(lambda _, page: page.merge_range("A1:B1", "x"))
    with pytest.raises(com_error):
        page.Range("B1").ClearContents()


def test_only_whole_rows_and_columns_are_hidden(sheet: Made) -> None:
    page = sheet(lambda _, page: page.set_row(4, None, None, {"hidden": True}))
    assert page.Range("A5").EntireRow.Hidden is True
    assert page.Range("4:5").Hidden is None
    page.Range("B2:B3").EntireRow.Hidden = True
    assert page.Range("A2:A3").EntireRow.Hidden is True
    page.Range("A2:A3").EntireRow.Hidden = False
    page.Range("C1").EntireColumn.Hidden = True
    assert (page.Range("2:3").Hidden, page.Range("C:C").Hidden) == (False, True)
    for cells in (page.Range("A1"), page.Range("A1:B2")):
        with pytest.raises(com_error):
            cells.Hidden = True


def test_rows_and_columns_have_sizes(sheet: Made) -> None:
    page = sheet(lambda _, page: (page.set_row(0, 30), page.set_column("B:C", 20)))
    assert page.Range("A1").RowHeight == pytest.approx(30, abs=0.5)
    assert page.Range("A1:A2").RowHeight is None
    assert page.Range("B1:C1").ColumnWidth == pytest.approx(20, abs=1.5)
    page.Range("D1").ColumnWidth = 12
    page.Range("A3").RowHeight = 21
    assert page.Range("D9").ColumnWidth == pytest.approx(12, abs=0.5)
    assert page.Range("A3").RowHeight == pytest.approx(21, abs=0.5)
    with pytest.raises(com_error):
        page.Range("D1").ColumnWidth = 256


def test_columns_are_fitted_to_their_longest_text(sheet: Made) -> None:
    page = sheet(lambda _, page: (page.write("A1", "x" * 60), page.write("B1", "y")))
    page.Columns(1).AutoFit()
    page.Range("B1").Columns.AutoFit()
    assert page.Range("A1").ColumnWidth > 40
    assert page.Range("B1").ColumnWidth < 8
    with pytest.raises(com_error):
        page.Range("A1").AutoFit()


def rows(_: Any, page: Any) -> None:
    page.write_column("A1", [1, 2, 3, 4])
    page.write_column("B1", ["a", "b", "c", "d"])
    page.write_formula("D1", "=SUM(A1:A4)", None, 10)
    page.write_formula("D2", "=$A$4", None, 4)


def test_deleted_rows_close_up_and_formulas_follow(sheet: Made) -> None:
    page = sheet(rows)
    page.Range("A3").EntireRow.Delete()
    assert page.Range("A1:B4").Value == ((1.0, "a"), (2.0, "b"), (4.0, "d"), (None, None))
    assert page.Range("D1:D2").Formula == (("=SUM(A1:A3)",), ("=$A$3",))


def test_inserted_rows_make_room_and_formulas_follow(sheet: Made) -> None:
    page = sheet(rows)
    page.Range("3:4").Insert()
    assert page.Range("A1:A6").Value == ((1.0,), (2.0,), (None,), (None,), (3.0,), (4.0,))
    assert page.Range("D1:D2").Formula == (("=SUM(A1:A6)",), ("=$A$6",))


def test_cells_are_deleted_upwards_or_to_the_left(sheet: Made) -> None:
    page = sheet(rows)
    page.Range("A1:A2").Delete(UP)
    assert page.Range("A1:B2").Value == ((3.0, "a"), (4.0, "b"))
    page.Range("A1:A2").Delete(TO_LEFT)
    assert page.Range("A1:B3").Value == (("a", None), ("b", None), (None, "c"))


def test_a_reference_to_deleted_cells_is_lost(sheet: Made) -> None:
    page = sheet(rows)
    page.Range("A4").Delete(UP)
    assert "#REF!" in page.Range("D2").Formula


def test_cells_are_inserted_downwards(sheet: Made) -> None:
    page = sheet(rows)
    page.Range("A1").Insert(DOWN)
    assert page.Range("A1:B3").Value == ((None, "a"), (1.0, "b"), (2.0, "c"))


def test_names_follow_inserted_rows(book: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        rows(workbook, page)
        workbook.define_name("last", "=Data!$A$4")

    opened = book(fill).api
    opened.Worksheets(1).Range("1:1").Insert()
    assert opened.Names("last").RefersTo == "=Data!$A$5"
    assert opened.Worksheets(1).Range("last").Value == 4.0


def locked(workbook: Any, page: Any) -> None:
    page.write("A1", "locked")
    page.write("A2", "free", workbook.add_format({"locked": False}))
    page.protect("secret")


def test_locked_cells_of_a_protected_sheet_are_refused(sheet: Made) -> None:
    page = sheet(locked)
    assert page.ProtectContents is True
    assert (page.Range("A1").Locked, page.Range("A2").Locked, page.Range("A1:A2").Locked) == (True, False, None)
    page.Range("A2").Value = "changed"
    assert page.Range("A2").Value == "changed"
    for change in (
        lambda: setattr(page.Range("A1"), "Value", 1),
        lambda: setattr(page.Range("A1:A2"), "Formula", "=1"),
        lambda: page.Range("A1").ClearContents(),
        lambda: setattr(page.Range("A2").Font, "Bold", True),
        lambda: page.Range("2:2").Insert(),
    ):
        with pytest.raises(com_error, match="protected sheet") as refused:
            change()
        assert refused.value.excepinfo[5] == -2146827284


def test_several_areas_are_cleared_together_unless_one_of_them_is_locked(sheet: Made) -> None:
    page = sheet(locked)
    page.Range("A2").Value = "free"
    with pytest.raises(com_error, match="protected sheet"):
        page.Range("A2,A1").ClearContents()
    assert (page.Range("A1").Value, page.Range("A2").Value) == ("locked", "free")
    page.Unprotect("secret")
    page.Range("A1").Locked = False
    page.Range("C3").Value = "stays"
    page.Protect("secret")
    page.Range("A2,A1").ClearContents()
    assert (page.Range("A1").Value, page.Range("A2").Value, page.Range("C3").Value) == (None, None, "stays")


def test_a_sheet_is_unprotected_with_its_password_only(sheet: Made) -> None:
    page = sheet(locked)
    with pytest.raises(com_error, match="password"):
        page.Unprotect("wrong")
    assert page.ProtectContents is True
    page.Unprotect("secret")
    page.Range("A1").Value = "free now"
    assert (page.ProtectContents, page.Range("A1").Value) == (False, "free now")


def test_protection_can_be_for_people_only(sheet: Made) -> None:
    page = sheet()
    page.Protect("pw", UserInterfaceOnly=True)
    page.Range("A1").Value = 5
    page.Range("A1").Font.Bold = True
    assert (page.ProtectContents, page.Range("A1").Value) == (True, 5.0)
    page.Unprotect("pw")
    page.Protect("pw")
    with pytest.raises(com_error):
        page.Range("A1").Value = 6


def test_protection_for_people_only_is_in_the_saved_file_as_any_other(book: Made) -> None:
    opened = book().api
    opened.Worksheets(1).Protect("pw", UserInterfaceOnly=True)
    opened.Save()
    assert openpyxl.load_workbook(opened.FullName)["Data"].protection.sheet is True
    opened.Worksheets(1).Range("A1").Value = 1


def test_a_validation_is_added_once_and_deleted(sheet: Made) -> None:
    page = sheet()
    page.Range("A1:A5").Validation.Add(Type=3, AlertStyle=1, Operator=1, Formula1="open,kept,broken")
    assert page.Range("A3").Validation.Type == 3
    assert page.Range("A3").Validation.Formula1 == "open,kept,broken"
    with pytest.raises(com_error):
        page.Range("A3").Validation.Add(3, 1, 1, "other")
    page.Range("A1:A3").Validation.Delete()
    with pytest.raises(com_error):
        page.Range("A3").Validation.Type  # noqa: B018
    assert page.Range("A4").Validation.Type == 3


def test_a_validation_refers_to_cells_or_compares_numbers(sheet: Made) -> None:
    page = sheet()
    page.Range("A1").Validation.Add(3, 1, 1, "=$H$1:$H$3")
    assert page.Range("A1").Validation.Formula1 == "=$H$1:$H$3"
    page.Range("B1").Validation.Add(Type=2, AlertStyle=2, Operator=1, Formula1="0", Formula2="1")
    rule = page.Range("B1").Validation
    assert (rule.Type, rule.AlertStyle, rule.Operator) == (2, 2, 1)
    assert (rule.Formula1, rule.Formula2) == ("0", "1")
    rule.ErrorMessage = "A share is between 0 and 1."
    assert page.Range("B1").Validation.ErrorMessage == "A share is between 0 and 1."


def test_a_validation_of_the_file_is_read(sheet: Made) -> None:
    page = sheet(lambda _, page: page.data_validation("C2", {"validate": "list", "source": ["a", "b"]}))
    assert (page.Range("C2").Validation.Type, page.Range("C2").Validation.Formula1) == (3, "a,b")
