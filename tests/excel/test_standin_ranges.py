"""What Microsoft documents of Range: addresses, the ways from one range to another, and what is in the cells."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from standin import com_error
from standin.com import DOWN, TO_LEFT, TO_RIGHT, UP
from standin.values import ERRORS

Made = Callable[..., Any]
DAY = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)


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
    opened = book(lambda workbook, _: workbook.add_worksheet("My Sheet")).api
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
        page.write_formula("A4", "=10^400", None, "#NUM!")

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
    assert page.Range("A2").Formula in ('=Data!$B$1&"!"', "='Data'!$B$1&\"!\"")


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
