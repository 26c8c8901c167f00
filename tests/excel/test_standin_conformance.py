"""What Microsoft documents of Excel's object model, at the level of COM, on both back ends of the stand-in.

Here: Application, Workbooks and Worksheets. Ranges, formats and tables have files of their own. Each test follows the
page of the member that it names, or what VBA is known to do; none follows the stand-in.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from standin import com_error

Made = Callable[..., Any]


def app_of(book: Any) -> Any:
    return book.app.api


# Application


def test_an_application_introduces_itself(book: Made) -> None:
    excel = app_of(book())
    assert (excel.Name, excel.Application.Name) == ("Microsoft Excel", "Microsoft Excel")
    assert float(excel.Version) >= 16
    assert isinstance(excel.Hwnd, int) and excel.Hwnd > 0


@pytest.mark.parametrize("switch", ["Visible", "ScreenUpdating", "EnableEvents", "DisplayAlerts", "Interactive"])
def test_switches_are_on_until_turned_off(book: Made, switch: str) -> None:
    excel = app_of(book())
    assert getattr(excel, switch) is True
    setattr(excel, switch, False)
    assert getattr(excel, switch) is False


def test_calculation_is_automatic_and_takes_only_its_constants(book: Made) -> None:
    excel = app_of(book())
    assert excel.Calculation == -4105
    excel.Calculation = -4135
    assert excel.Calculation == -4135
    with pytest.raises(com_error):
        excel.Calculation = 7


def test_the_status_bar_is_false_until_somebody_writes_into_it(book: Made) -> None:
    excel = app_of(book())
    assert excel.StatusBar is False
    excel.StatusBar = "12 of 40"
    assert excel.StatusBar == "12 of 40"
    excel.StatusBar = False
    assert excel.StatusBar is False


def test_the_cursor_is_one_of_four(book: Made) -> None:
    excel = app_of(book())
    assert excel.Cursor == -4143
    excel.Cursor = 2
    assert excel.Cursor == 2
    with pytest.raises(com_error):
        excel.Cursor = 9


def test_members_that_excel_does_not_have_are_refused_loudly(book: Made) -> None:
    excel = app_of(book())
    with pytest.raises((AttributeError, com_error)):
        excel.Colour  # noqa: B018
    with pytest.raises((AttributeError, com_error)):
        excel.Colour = 1
    with pytest.raises((AttributeError, com_error)):
        excel.Workbooks(1).Worksheets(1).Range("A1").Valeu = 1


def test_properties_that_can_only_be_read_are_not_set(sheet: Made) -> None:
    with pytest.raises((AttributeError, com_error)):
        sheet().Range("A1").Row = 3


# Workbooks


def test_two_workbooks_are_open_side_by_side(book: Made) -> None:
    first = book(lambda _, page: page.write("A1", "one"), "one.xlsx")
    second = book(lambda _, page: page.write("A1", "two"), "two.xlsx")
    excel = app_of(second)
    assert [each.Name for each in excel.Workbooks] == ["one.xlsx", "two.xlsx"]
    assert excel.Workbooks.Count == 2
    assert excel.Workbooks("ONE.XLSX").Worksheets(1).Range("A1").Value == "one"
    assert excel.Workbooks.Item(2).Worksheets("Data").Range("A1").Value == "two"
    first.sheets[0].api.Range("A1").Value = "changed"
    assert second.sheets[0].api.Range("A1").Value == "two"


def test_the_workbook_that_was_activated_last_is_active(book: Made) -> None:
    first, _ = book(name="one.xlsx"), book(name="two.xlsx")
    excel = app_of(first)
    assert excel.ActiveWorkbook.Name == "two.xlsx"
    first.api.Activate()
    assert excel.ActiveWorkbook.Name == "one.xlsx"
    assert excel.ActiveSheet.Parent.Name == "one.xlsx"


def test_a_workbook_that_is_not_open_is_out_of_range(book: Made) -> None:
    excel = app_of(book())
    for index in ("other.xlsx", 2, 0):
        with pytest.raises(com_error):
            excel.Workbooks(index)


def test_a_workbook_knows_where_it_is(book: Made) -> None:
    opened = book().api
    assert opened.Name == "book.xlsx"
    assert Path(opened.FullName) == Path(opened.Path) / opened.Name
    assert Path(opened.FullName).is_file()


def test_a_workbook_is_unsaved_after_a_change_and_saved_after_save(book: Made) -> None:
    opened = book().api
    assert opened.Saved is True
    opened.Worksheets(1).Range("A1").Value = 1
    assert opened.Saved is False
    opened.Save()
    assert opened.Saved is True


def test_what_was_saved_is_in_the_file(book: Made) -> None:
    opened = book().api
    opened.Worksheets(1).Range("B2").Value = "kept"
    opened.Save()
    assert openpyxl.load_workbook(opened.FullName)["Data"]["B2"].value == "kept"


def test_a_closed_workbook_is_gone(book: Made) -> None:
    first, second = book(name="one.xlsx"), book(name="two.xlsx")
    second.api.Close(SaveChanges=False)
    assert [each.Name for each in app_of(first).Workbooks] == ["one.xlsx"]


# Worksheets


def three(workbook: Any, _: Any) -> None:
    workbook.add_worksheet("My Sheet")
    workbook.add_worksheet("Last")


def test_sheets_are_found_by_number_and_by_name_in_any_case(book: Made) -> None:
    sheets = book(three).api.Worksheets
    assert sheets.Count == 3
    assert [each.Name for each in sheets] == ["Data", "My Sheet", "Last"]
    assert sheets("my SHEET").Index == 2
    assert sheets.Item(3).Name == "Last"
    with pytest.raises(com_error):
        sheets("Nowhere")


def test_a_sheet_is_renamed_and_formulas_follow(book: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        three(workbook, page)
        page.write_formula("A1", "='My Sheet'!B2+1", None, 1)

    opened = book(fill).api
    opened.Worksheets(2).Name = "Other"
    assert opened.Worksheets("other").Index == 2
    assert opened.Worksheets(1).Range("A1").Formula == "=Other!B2+1"


@pytest.mark.parametrize("name", ["last", "", "a/b", "x" * 32, "[a]"])
def test_names_that_excel_does_not_take_for_a_sheet(book: Made, name: str) -> None:
    opened = book(three).api
    with pytest.raises(com_error):
        opened.Worksheets(1).Name = name
    assert opened.Worksheets(1).Name == "Data"


def test_a_new_sheet_comes_before_the_active_one_and_becomes_active(book: Made) -> None:
    opened = book(three).api
    added = opened.Worksheets.Add()
    assert (added.Name, added.Index) == ("Sheet1", 1)
    assert opened.ActiveSheet.Name == "Sheet1"
    opened.Worksheets.Add(After=opened.Worksheets("Last"))
    assert [each.Name for each in opened.Worksheets] == ["Sheet1", "Data", "My Sheet", "Last", "Sheet2"]


def test_a_sheet_is_moved_before_or_after_another(book: Made) -> None:
    sheets = book(three).api.Worksheets
    sheets("Data").Move(After=sheets("Last"))
    assert [each.Name for each in sheets] == ["My Sheet", "Last", "Data"]
    sheets("Data").Move(Before=sheets("Last"))
    assert [each.Name for each in sheets] == ["My Sheet", "Data", "Last"]


def test_deleting_a_sheet_asks_unless_alerts_are_off(book: Made) -> None:
    opened = book(three)
    with pytest.raises(com_error):
        opened.api.Worksheets("Last").Delete()
    app_of(opened).DisplayAlerts = False
    opened.api.Worksheets("Last").Delete()
    assert [each.Name for each in opened.api.Worksheets] == ["Data", "My Sheet"]


def test_a_reference_to_a_deleted_sheet_is_lost(book: Made) -> None:
    opened = book(three)
    opened.api.Worksheets(1).Range("A1").Formula = "=Last!A1"
    app_of(opened).DisplayAlerts = False
    opened.api.Worksheets("Last").Delete()
    assert "#REF!" in opened.api.Worksheets(1).Range("A1").Formula


def test_sheets_are_visible_hidden_or_very_hidden(book: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        three(workbook, page)
        workbook.get_worksheet_by_name("My Sheet").hide()
        workbook.get_worksheet_by_name("Last").very_hidden()

    sheets = book(fill).api.Worksheets
    assert [each.Visible for each in sheets] == [-1, 0, 2]
    sheets("Last").Visible = 0
    sheets("My Sheet").Visible = True
    assert [each.Visible for each in sheets] == [-1, -1, 0]


def test_the_last_visible_sheet_cannot_be_hidden_and_a_hidden_one_not_activated(book: Made) -> None:
    opened = book(three).api
    opened.Worksheets(2).Visible = 2
    opened.Worksheets(3).Visible = 0
    with pytest.raises(com_error):
        opened.Worksheets(1).Visible = 0
    with pytest.raises(com_error):
        opened.Worksheets(3).Activate()


def test_the_activated_sheet_is_the_active_one(book: Made) -> None:
    opened = book(three)
    opened.api.Worksheets("Last").Activate()
    assert opened.api.ActiveSheet.Name == "Last"
    assert app_of(opened).ActiveSheet.Name == "Last"


def test_the_code_name_comes_from_the_vba_project(book: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        page.set_vba_name("SheetOne")

    assert book(fill).api.Worksheets(1).CodeName == "SheetOne"


def test_the_used_range_begins_at_the_first_used_cell(sheet: Made) -> None:
    page = sheet(lambda _, page: (page.write("B3", 1), page.write("D7", 2)))
    assert page.UsedRange.Address == "$B$3:$D$7"


def test_the_used_range_counts_formatted_cells_but_not_whole_columns(sheet: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        page.write("B3", 1)
        page.write_blank("D7", None, workbook.add_format({"bg_color": "#FFFF00"}))
        page.set_column("F:F", 20, workbook.add_format({"bold": True}))

    assert sheet(fill).UsedRange.Address == "$B$3:$D$7"


def test_the_used_range_of_an_empty_sheet_is_its_first_cell(sheet: Made) -> None:
    assert sheet().UsedRange.Address == "$A$1"
