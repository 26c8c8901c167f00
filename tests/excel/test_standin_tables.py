"""What Microsoft documents of tables, names, links, shapes and the selection."""

from collections.abc import Callable
from typing import Any

import pytest
from standin import com_error

Made = Callable[..., Any]


def visits(workbook: Any, page: Any) -> None:
    page.write("A1", "Visits")
    columns = [{"header": "agent"}, {"header": "amount"}]
    page.add_table("B3:C6", {"name": "Visits", "columns": columns, "data": [["Ana", 1], ["Bo", 2], ["Cy", 3]]})


def test_tables_are_found_by_number_and_by_name_in_any_case(sheet: Made) -> None:
    page = sheet(visits)
    assert page.ListObjects.Count == 1
    assert [table.Name for table in page.ListObjects] == ["Visits"]
    assert page.ListObjects("VISITS").DisplayName == page.ListObjects.Item(1).DisplayName == "Visits"
    with pytest.raises(com_error):
        page.ListObjects("Nothing")


def test_a_table_has_a_header_row_and_a_body(sheet: Made) -> None:
    page = sheet(visits)
    table = page.ListObjects("Visits")
    assert table.Range.Address == "$B$3:$C$6"
    assert table.HeaderRowRange.Value == (("agent", "amount"),)
    assert table.DataBodyRange.Address == "$B$4:$C$6"
    assert (table.ListRows.Count, table.ShowHeaders, table.ShowAutoFilter) == (3, True, True)
    assert page.Range("Visits").Address == "$B$4:$C$6"


def test_a_cell_knows_its_table(sheet: Made) -> None:
    page = sheet(visits)
    assert page.Range("C5").ListObject.Name == "Visits"
    assert page.Range("A1").ListObject is None


def test_a_table_is_made_from_a_range_with_headers(sheet: Made) -> None:
    page = sheet(lambda _, page: (page.write_row("A1", ["x", None, "x", 5]), page.write_row("A2", [1, 2, 3, 4])))
    table = page.ListObjects.Add(SourceType=1, Source=page.Range("A1:D2"), XlListObjectHasHeaders=1)
    assert table.Name == "Table1"
    assert table.HeaderRowRange.Value == (("x", "Column2", "x2", "5"),)
    table.Name = "Figures"
    assert page.ListObjects("figures").DataBodyRange.Value == ((1.0, 2.0, 3.0, 4.0),)


def test_tables_do_not_overlap(sheet: Made) -> None:
    page = sheet(visits)
    with pytest.raises(com_error):
        page.ListObjects.Add(1, page.Range("C5:D8"), None, 1)


def test_a_table_is_resized_in_its_header_row_only(sheet: Made) -> None:
    page = sheet(visits)
    table = page.ListObjects("Visits")
    table.Resize(page.Range("B3:D9"))
    assert table.Range.Address == "$B$3:$D$9"
    assert table.HeaderRowRange.Value == (("agent", "amount", "Column3"),)
    for wrong in ("B4:C9", "B3:C3", "F3:G9"):
        with pytest.raises(com_error):
            table.Resize(page.Range(wrong))


def test_a_table_without_rows_has_no_body(sheet: Made) -> None:
    page = sheet(visits)
    table = page.ListObjects("Visits")
    table.DataBodyRange.Delete()
    assert table.DataBodyRange is None
    assert table.ListRows.Count == 0
    assert table.HeaderRowRange.Value == (("agent", "amount"),)
    page.Range("B4").Value = "Di"
    assert table.DataBodyRange.Value == (("Di", None),)


def test_rows_of_a_table_are_deleted_within_it(sheet: Made) -> None:
    page = sheet(lambda workbook, page: (visits(workbook, page), page.write("E5", "stays")))
    table = page.ListObjects("Visits")
    page.Range("B5:C5").Delete()
    assert table.DataBodyRange.Value == (("Ana", 1.0), ("Cy", 3.0))
    assert page.Range("E5").Value == "stays"


def test_a_table_grows_with_rows_that_are_inserted_in_it(sheet: Made) -> None:
    page = sheet(visits)
    page.Range("5:6").Insert()
    assert page.ListObjects("Visits").Range.Address == "$B$3:$C$8"


def test_cells_of_a_table_are_not_torn_apart(sheet: Made) -> None:
    page = sheet(visits)
    with pytest.raises(com_error, match="shift cells in a table"):
        page.Range("B2").Insert(-4121)


def test_the_filter_and_the_headers_of_a_table_are_switched(sheet: Made) -> None:
    table = sheet(visits).ListObjects("Visits")
    table.ShowAutoFilter = False
    assert table.ShowAutoFilter is False
    table.ShowHeaders = False
    assert table.HeaderRowRange is None
    assert table.Range.Address == table.DataBodyRange.Address == "$B$4:$C$6"


def test_a_row_of_totals_is_not_part_of_the_body(sheet: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        columns = [{"header": "agent", "total_string": "Total"}, {"header": "amount", "total_function": "sum"}]
        page.add_table("A1:B3", {"name": "T", "columns": columns, "total_row": True, "data": [["Ana", 1]]})

    table = sheet(fill).ListObjects("T")
    assert (table.Range.Address, table.DataBodyRange.Address) == ("$A$1:$B$3", "$A$2:$B$2")


def test_a_deleted_table_takes_its_cells_along(sheet: Made) -> None:
    page = sheet(visits)
    page.ListObjects("Visits").Delete()
    assert page.ListObjects.Count == 0
    assert page.Range("B3:C6").Value == ((None, None),) * 4
    assert page.Range("A1").Value == "Visits"


def test_a_formula_refers_to_a_column_of_a_table(sheet: Made) -> None:
    page = sheet(visits)
    page.Range("E1").Formula = "=SUM(Visits[amount])"
    assert page.Range("E1").Formula == "=SUM(Visits[amount])"


# Names


def named(workbook: Any, page: Any) -> None:
    visits(workbook, page)
    workbook.add_worksheet("My Sheet")
    workbook.define_name("period", "=Data!$A$1")
    workbook.define_name("block", "='My Sheet'!$B$2:$C$3")
    workbook.define_name("share", "=0.25")
    workbook.define_name("lost", "=Data!#REF!")
    workbook.define_name("Data!own", "=Data!$B$3")


def test_names_are_counted_found_and_gone_through(book: Made) -> None:
    names = book(named).api.Names
    assert names.Count == 5
    assert sorted(name.Name for name in names) == ["Data!own", "block", "lost", "period", "share"]
    assert names("PERIOD").RefersTo == names.Item("period").RefersTo == "=Data!$A$1"
    assert names("block").RefersTo == "='My Sheet'!$B$2:$C$3"
    assert names("share").RefersTo == "=0.25"
    with pytest.raises(com_error):
        names("nothing")


def test_a_name_gives_its_range_unless_it_has_none(book: Made) -> None:
    names = book(named).api.Names
    assert names("period").RefersToRange.Value == "Visits"
    assert names("block").RefersToRange.Worksheet.Name == "My Sheet"
    assert names("block").RefersToRange.Address == "$B$2:$C$3"
    for without in ("share", "lost"):
        with pytest.raises(com_error):
            names(without).RefersToRange  # noqa: B018


def test_a_sheet_finds_ranges_by_names_that_lie_on_it(book: Made) -> None:
    opened = book(named).api
    assert opened.Worksheets("Data").Range("period").Address == "$A$1"
    assert opened.Worksheets("Data").Range("own").Address == "$B$3"
    with pytest.raises(com_error):
        opened.Worksheets("Data").Range("block")


def test_a_sheet_has_only_the_names_that_belong_to_it(book: Made) -> None:
    opened = book(named).api
    assert [name.Name for name in opened.Worksheets("Data").Names] == ["Data!own"]
    assert opened.Worksheets("My Sheet").Names.Count == 0


def test_names_are_added_and_given_a_new_meaning(book: Made) -> None:
    opened = book(named).api
    added = opened.Names.Add("rate", "=Data!$C$4")
    assert (added.Name, added.RefersToRange.Value) == ("rate", 1.0)
    opened.Names.Add(Name="rate", RefersTo=opened.Worksheets(1).Range("C5"))
    assert opened.Names("rate").RefersTo == "=Data!$C$5"
    assert opened.Names.Count == 6
    opened.Worksheets("My Sheet").Names.Add("here", "='My Sheet'!$A$1")
    assert opened.Names("'My Sheet'!here").RefersToRange.Address == "$A$1"


@pytest.mark.parametrize("name", ["A1", "two words", "1st", "R1C1", ""])
def test_what_cannot_be_a_name_is_refused(book: Made, name: str) -> None:
    with pytest.raises(com_error):
        book().api.Names.Add(name, "=1")


def test_what_is_printed_has_names_too(book: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        page.repeat_rows(2)
        page.print_area("A1:C9")

    names = book(fill).api.Names
    assert names("Data!Print_Titles").RefersTo == "=Data!$3:$3"
    assert names("Data!Print_Area").RefersToRange.Address == "$A$1:$C$9"


def test_a_name_loses_its_range_with_its_sheet(book: Made) -> None:
    opened = book(named)
    opened.app.api.DisplayAlerts = False
    opened.api.Worksheets("My Sheet").Delete()
    assert "#REF!" in opened.api.Names("block").RefersTo
    with pytest.raises(com_error):
        opened.api.Names("block").RefersToRange  # noqa: B018


# Links, shapes, filters, selection


def test_a_link_is_added_with_its_text(sheet: Made) -> None:
    page = sheet(lambda _, page: page.write("A3", "kept"))
    link = page.Hyperlinks.Add(Anchor=page.Range("A1"), Address="", SubAddress="Data!B5", TextToDisplay="Go")
    assert (link.SubAddress, link.Range.Address, page.Range("A1").Value) == ("Data!B5", "$A$1", "Go")
    page.Hyperlinks.Add(page.Range("A2"), "https://example.org/")
    page.Hyperlinks.Add(page.Range("A3"), "https://example.org/x", None, "tip")
    assert page.Range("A2:A3").Value == (("https://example.org/",), ("kept",))
    assert page.Hyperlinks.Count == 3
    assert page.Range("A3").Hyperlinks(1).ScreenTip == "tip"
    assert page.Range("A3").Hyperlinks(1).Address == "https://example.org/x"


def test_shapes_have_names(sheet: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        page.insert_textbox("E2", "note")
        page.insert_button("E9", {"caption": "Go", "macro": "Go"})

    shapes = sheet(fill).Shapes
    assert shapes.Count == 2
    assert [shape.Name for shape in shapes] == ["TextBox 1", "Button 1"]
    assert shapes("button 1").Name == shapes.Item(2).Name == "Button 1"


def test_the_filter_of_a_sheet_is_taken_off(sheet: Made) -> None:
    def fill(_: Any, page: Any) -> None:
        page.write_row("A1", ["a", "b"])
        page.write_row("A2", [1, 2])
        page.autofilter("A1:B2")

    page = sheet(fill)
    assert page.AutoFilterMode is True
    page.AutoFilterMode = False
    assert page.AutoFilterMode is False
    with pytest.raises(com_error):
        page.AutoFilterMode = True


def test_what_is_selected_is_the_selection(book: Made) -> None:
    opened = book(named)
    excel, page = opened.app.api, opened.sheets[0].api
    page.Range("B2:C4").Select()
    assert (excel.Selection.Address, excel.ActiveCell.Address) == ("$B$2:$C$4", "$B$2")
    page.Range("C3").Activate()
    assert (excel.Selection.Address, excel.ActiveCell.Address) == ("$B$2:$C$4", "$C$3")
    page.Range("F9").Activate()
    assert excel.Selection.Address == excel.ActiveCell.Address == "$F$9"


def test_only_cells_of_the_active_sheet_are_selected(book: Made) -> None:
    opened = book(named)
    with pytest.raises(com_error):
        opened.sheets["My Sheet"].api.Range("A1").Select()
    opened.sheets["My Sheet"].api.Activate()
    opened.sheets["My Sheet"].api.Range("A1").Select()
