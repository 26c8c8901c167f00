"""What Microsoft documents of Excel's object model, at the level of COM, on both back ends of the stand-in.

Each test follows the page of the member that it names, or what VBA is known to do; none follows the stand-in.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standin import com_error
from standin.com import DOWN, TO_LEFT, TO_RIGHT, UP
from standin.values import ERRORS

Made = Callable[..., Any]
DAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


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
    import openpyxl

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


def test_the_used_range_of_an_empty_sheet_is_its_first_cell(sheet: Made) -> None:
    assert sheet().UsedRange.Address == "$A$1"


# Range: addresses


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("b3", "$B$3"),
        ("$D$4:B2", "$B$2:$D$4"),
        ("A:C", "$A:$C"),
        ("2:2", "$2:$2"),
        ("A1:XFD1048576", "$1:$1048576"),
    ],
)
def test_addresses_are_given_back_absolute(sheet: Made, given: str, address: str) -> None:
    assert sheet().Range(given).Address == address


@pytest.mark.parametrize("given", ["nowhere", "A0", "XFE1", "A1048577", "A1:", ""])
def test_what_is_no_address_and_no_name_is_refused(sheet: Made, given: str) -> None:
    with pytest.raises(com_error):
        sheet().Range(given)


def test_get_address_leaves_out_dollars_and_names_the_sheet(book: Made) -> None:
    opened = book(three).api
    cells = opened.Worksheets(1).Range("B2:C3")
    assert cells.GetAddress(False, False) == "B2:C3"
    assert cells.GetAddress(True, False) == "B$2:C$3"
    assert cells.GetAddress(External=True) == "[book.xlsx]Data!$B$2:$C$3"
    assert opened.Worksheets(2).Range("A1").GetAddress(True, True, 1, True) == "'[book.xlsx]My Sheet'!$A$1"


def test_two_corners_span_a_range(sheet: Made) -> None:
    page = sheet()
    assert page.Range(page.Cells(3, 4), page.Cells(1, 2)).Address == "$B$1:$D$3"
    assert page.Range("B2", "D4").Address == "$B$2:$D$4"
    assert page.Cells(2, "C").Address == "$C$2"


def test_a_range_counts_its_cells_rows_and_columns(sheet: Made) -> None:
    cells = sheet().Range("B2:D6")
    assert (cells.Row, cells.Column, cells.Count) == (2, 2, 15)
    assert (cells.Rows.Count, cells.Columns.Count) == (5, 3)
    assert cells.Worksheet.Name == cells.Parent.Name == "Data"


def test_items_are_counted_along_rows_and_may_lie_outside(sheet: Made) -> None:
    cells = sheet().Range("B2:D6")
    assert cells(1).Address == "$B$2"
    assert cells(4).Address == "$B$3"
    assert cells.Item(2, 3).Address == "$D$3"
    assert cells.Cells(10, 5).Address == "$F$11"
    assert cells.Rows(2).Address == "$B$3:$D$3"
    assert cells.Columns(3).Address == "$D$2:$D$6"
    assert [row.Address for row in cells.Rows][-1] == "$B$6:$D$6"


def test_a_place_outside_of_the_sheet_is_refused(sheet: Made) -> None:
    cells = sheet().Range("A1")
    with pytest.raises(com_error):
        cells.GetOffset(-1, 0)
    with pytest.raises(com_error):
        cells(0, 1)


def test_resized_moved_and_entire_ranges(sheet: Made) -> None:
    cells = sheet().Range("B2:C3")
    assert cells.GetResize(4, 1).Address == "$B$2:$B$5"
    assert cells.GetResize(ColumnSize=5).Address == "$B$2:$F$3"
    assert cells.GetOffset(2, -1).Address == "$A$4:$B$5"
    assert cells.EntireRow.Address == "$2:$3"
    assert cells.EntireColumn.Address == "$B:$C"


def test_the_current_region_ends_at_empty_rows_and_columns(sheet: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        for row, values in enumerate([[1, 2, None, 9], [None, 3], [4]], start=1):
            page.write_row(row, 1, values)
        page.write("B6", "apart")

    page = sheet(fill)
    assert page.Range("B2").CurrentRegion.Address == "$B$2:$C$4"
    assert page.Range("D3").CurrentRegion.Address == "$B$2:$E$4"
    assert page.Range("H20").CurrentRegion.Address == "$H$20"


@pytest.mark.parametrize(
    ("start", "direction", "end"),
    [
        ("B2", DOWN, "$B$4"),
        ("B3", DOWN, "$B$4"),
        ("B4", DOWN, "$B$7"),
        ("B7", DOWN, "$B$1048576"),
        ("B1048576", UP, "$B$7"),
        ("B7", UP, "$B$4"),
        ("B4", UP, "$B$2"),
        ("B2", UP, "$B$1"),
        ("B2", TO_RIGHT, "$D$2"),
        ("D2", TO_RIGHT, "$XFD$2"),
        ("XFD2", TO_LEFT, "$D$2"),
        ("D2", TO_LEFT, "$B$2"),
        ("A1", TO_LEFT, "$A$1"),
    ],
)
def test_end_goes_where_ctrl_and_an_arrow_go(sheet: Made, start: str, direction: int, end: str) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_column("B2", [1, 2, 3, None, None, 4])
        page.write_row("C2", [5, 6])

    assert sheet(fill).Range(start).End(direction).Address == end


# Range: values


def test_one_cell_gives_a_value_and_several_give_rows(sheet: Made) -> None:
    page = sheet(lambda _, page: (page.write("A1", 1), page.write("B1", "x"), page.write("A2", True)))
    assert page.Range("A1").Value == 1.0 and isinstance(page.Range("A1").Value, float)
    assert page.Range("A1:B2").Value == ((1.0, "x"), (True, None))
    assert page.Range("A2").Value is True
    assert page.Range("C9").Value is None


def test_one_value_fills_a_block_and_a_block_fills_a_block(sheet: Made) -> None:
    page = sheet()
    page.Range("A1:B2").Value = 7
    assert page.Range("A1:B2").Value2 == ((7.0, 7.0), (7.0, 7.0))
    page.Range("A1:B2").Value = ((1, "a"), (None, False))
    assert page.Range("A1:B2").Value == ((1.0, "a"), (None, False))


def test_a_block_is_repeated_cut_off_or_filled_up_with_na(sheet: Made) -> None:
    page = sheet()
    page.Range("A1:B2").Value = ((1, 2),)
    assert page.Range("A1:B2").Value == ((1.0, 2.0), (1.0, 2.0))
    page.Range("A4:A5").Value = ((1, 2), (3, 4), (5, 6))
    assert page.Range("A4:B6").Value == ((1.0, None), (3.0, None), (None, None))
    page.Range("A8:B9").Value = ((1, 2), (3, 4))
    page.Range("D1:E3").Value = ((1, 2), (3, 4))
    assert page.Range("D3").Value == ERRORS["#N/A"]


def test_an_empty_text_empties_a_cell(sheet: Made) -> None:
    page = sheet(lambda _, page: page.write("A1", 1))
    page.Range("A1").Value = ""
    assert page.Range("A1").Value is None


def test_what_cannot_travel_through_com_is_a_type_error(sheet: Made) -> None:
    page = sheet()
    for value in ({}, {1}, object(), dt.timedelta(1), dt.date(2026, 1, 5)):
        with pytest.raises(TypeError):
            page.Range("A1").Value = value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", 7.0),
        ("+254712345678", 254712345678.0),
        ("1,500.25", 1500.25),
        ("12E3", 12000.0),
        ("25%", 0.25),
        ("(80)", -80.0),
        ("true", True),
        ("#N/A", ERRORS["#N/A"]),
        ("2026-01-05", 46027.0),
        ("AC-2201", "AC-2201"),
        ("1 500,00", "1 500,00"),
        ("'007", "007"),
        ("'=x", "=x"),
    ],
)
def test_text_is_taken_as_if_it_was_typed(sheet: Made, text: str, value: Any) -> None:
    page = sheet()
    page.Range("A1").Value = text
    found = page.Range("A1").Value2
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("text", ["007", "=1+1", "2026-01-05", "TRUE"])
def test_a_cell_formatted_as_text_keeps_text_as_it_is(sheet: Made, text: str) -> None:
    page = sheet()
    page.Range("A1:A2").NumberFormat = "@"
    page.Range("A1").Value = text
    assert page.Range("A1").Value == text
    page.Range("A2").Value = 12.5
    assert page.Range("A2").Value == "12.5"


def test_dates_are_dates_in_value_and_numbers_in_value2(sheet: Made) -> None:
    page = sheet(
        lambda _, page: page.write("A1", dt.datetime(2026, 1, 5, 6, 30)),  # noqa: DTZ001
        default_date_format="yyyy-mm-dd hh:mm",
    )
    value = page.Range("A1").Value
    assert isinstance(value, dt.datetime)
    assert value.replace(tzinfo=None) == dt.datetime(2026, 1, 5, 6, 30)  # noqa: DTZ001
    assert page.Range("A1").Value2 == pytest.approx(46027 + 6.5 / 24)


def test_a_date_written_into_a_general_cell_formats_it(sheet: Made) -> None:
    page = sheet()
    page.Range("A1").Value = DAY
    page.Range("A2").Value = DAY + dt.timedelta(hours=6)
    assert page.Range("A1").NumberFormat == "m/d/yyyy"
    assert page.Range("A2").NumberFormat == "m/d/yyyy h:mm"
    assert page.Range("A1").Value == DAY
    assert page.Range("A1").Value2 == 46027.0


def test_a_date_leaves_the_format_of_a_formatted_cell(sheet: Made) -> None:
    page = sheet()
    page.Range("A1:A3").NumberFormat = "yyyy-mm-dd"
    page.Range("A1:A3").Value = ((DAY,), (DAY + dt.timedelta(1),), (None,))
    assert page.Range("A1:A3").NumberFormat == "yyyy-mm-dd"
    assert page.Range("A2").Value == DAY + dt.timedelta(1)


def test_the_other_date_system_counts_from_1904(book: Made) -> None:
    def fill(workbook: Any, page: Any) -> None:
        workbook.date_1904 = True
        workbook.dates_1904 = True
        page.write_datetime("A1", dt.datetime(2026, 1, 5), workbook.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001

    opened = book(fill, date_1904=True).api
    page = opened.Worksheets(1)
    assert opened.Date1904 is True
    assert page.Range("A1").Value == DAY
    assert page.Range("A1").Value2 == 46027.0 - 1462
    page.Range("A2").Value = DAY
    assert page.Range("A2").Value2 == 46027.0 - 1462


def test_errors_are_their_codes(sheet: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_formula("A1", "=1/0", None, "#DIV/0!")
        page.write_formula("A2", "=NA()", None, "#N/A")
        page.write_formula("A3", '="x"+1', None, "#VALUE!")
        page.write_formula("A4", "=SQRT(-1)", None, "#NUM!")

    found = [row[0] for row in sheet(fill).Range("A1:A4").Value]
    assert found == [ERRORS[text] for text in ("#DIV/0!", "#N/A", "#VALUE!", "#NUM!")]


def test_a_formula_has_a_text_and_a_value(sheet: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_column("A1", [1, 2.5, "x", True])
        page.write_formula("B1", "=SUM(A1,A2)", None, 3.5)

    page = sheet(fill)
    assert page.Range("B1").Formula == page.Range("B1").Formula2 == "=SUM(A1,A2)"
    assert page.Range("B1").Value == 3.5
    assert page.Range("A1:B2").Formula == (("1", "=SUM(A1,A2)"), ("2.5", ""))
    assert page.Range("A3:A4").Formula == (("x",), ("TRUE",))


def test_text_that_begins_with_an_equals_sign_is_a_formula(sheet: Made) -> None:
    page = sheet()
    page.Range("A1").Value = '=IF(B1>1,"a,b;c",SUM(C1:C3))'
    assert page.Range("A1").Formula == '=IF(B1>1,"a,b;c",SUM(C1:C3))'
    page.Range("A2").Formula2 = "='Data'!$B$1&\"!\""
    assert page.Range("A2").Formula in ("=Data!$B$1&\"!\"", "='Data'!$B$1&\"!\"")


def test_a_formula_that_fills_a_block_is_moved_along(sheet: Made) -> None:
    page = sheet()
    page.Range("B1:C2").Formula = "=A1*$E$1"
    assert page.Range("B1:C2").Formula == (("=A1*$E$1", "=B1*$E$1"), ("=A2*$E$1", "=B2*$E$1"))


@pytest.mark.parametrize(
    ("value", "shape", "text"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (-3, "0;(0)", "(3)"),
        (0.255, "0.0%", "25.5%"),
        (46027, "yyyy-mm-dd", "2026-01-05"),
        (46027.75, "d mmm yyyy h:mm", "5 Jan 2026 18:00"),
        (1234567, "General", "1234567"),
        (0.1, "General", "0.1"),
        (7, '0" days"', "7 days"),
    ],
)
def test_the_text_is_what_the_cell_shows(sheet: Made, value: float, shape: str, text: str) -> None:
    page = sheet()
    page.Columns(1).ColumnWidth = 30
    page.Range("A1").NumberFormat = shape
    page.Range("A1").Value = value
    assert page.Range("A1").Text == text
    assert page.Range("A1").NumberFormat == shape


def test_clearing_contents_leaves_formats_and_clearing_takes_both(sheet: Made) -> None:
    page = sheet()
    page.Range("A1:A2").Value = 5
    page.Range("A1:A2").Font.Bold = True
    page.Range("A1").ClearContents()
    assert (page.Range("A1").Value, page.Range("A1").Font.Bold) == (None, True)
    page.Range("A2").Clear()
    assert (page.Range("A2").Value, page.Range("A2").Font.Bold) == (None, False)


def test_clearing_formats_leaves_the_values(sheet: Made) -> None:
    page = sheet()
    page.Range("A1").Value = 5
    page.Range("A1").NumberFormat = "0.00"
    page.Range("A1").ClearFormats()
    assert (page.Range("A1").Value, page.Range("A1").NumberFormat) == (5.0, "General")
