"""The real xlwings over the stand-in, as macros and worksheet functions use it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import standin
import xlsxwriter
from standin import application, com_error
from standin.com import NotCalculated

xw = standin.install()

Made = Callable[..., Any]


def visits(workbook: Any, page: Any) -> None:
    columns = [{"header": "agent"}, {"header": "day"}, {"header": "amount"}]
    data = [["Ana", 46027, 10], ["Bo", 46028, 20], ["Cy", 46029, 30]]
    page.add_table("A1:C4", {"name": "Visits", "columns": columns, "data": data})
    page.set_column("B:B", 12, None)
    for row, (_, day, _) in enumerate(data, start=1):
        page.write(row, 1, day, workbook.add_format({"num_format": "yyyy-mm-dd"}))
    page.write_formula("E1", "=SUM(C2:C4)", None, 60)
    page.write_formula("E2", "=1/0", None, "#DIV/0!")
    workbook.define_name("total", "=Data!$E$1")


def test_it_is_the_windows_engine_without_the_paid_part() -> None:
    assert xw.engines.active.name == "excel"
    assert not xw.__pro__
    assert xw.Book.caller.__module__ == "xlwings.main"


def test_a_macro_finds_its_caller(book: Made) -> None:
    opened = book(visits)
    assert xw.Book.caller() == opened
    assert xw.Book.caller().name == "book.xlsx"
    assert [each.name for each in xw.apps.active.books] == ["book.xlsx"]
    assert type(opened.impl).__module__ == "xlwings._xlwindows"


def test_there_is_no_caller_after_the_book_was_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(xw.Book, "_mock_caller", raising=False)
    path = tmp_path / "short.xlsx"
    xlsxwriter.Workbook(path).close()
    with standin.opened(path, "memory") as opened:
        copy = Path(opened.fullname)
        assert copy.is_file() and copy != path
    assert not copy.exists()
    with pytest.raises(Exception, match="caller"):
        xw.Book.caller()
    assert len(xw.apps) == 0


def test_values_arrive_as_python_has_them(book: Made) -> None:
    page = book(visits).sheets["Data"]
    assert page["A1"].expand().value[:2] == [["agent", "day", "amount"], ["Ana", dt.datetime(2026, 1, 5), 10.0]]  # noqa: DTZ001
    assert page["B2"].options(dates=dt.date).value == dt.date(2026, 1, 5)
    assert page["C2:C4"].options(numbers=int).value == [10, 20, 30]
    assert page["A2:C2"].options(ndim=2).value[0][0] == "Ana"
    assert page["G1"].value is None
    assert page["G1"].options(empty="-").value == "-"


def test_errors_are_none_or_their_texts(book: Made) -> None:
    page = book(visits).sheets["Data"]
    assert page["E2"].value is None
    assert page["E2"].options(err_to_str=True).value == "#DIV/0!"


def test_names_and_tables_are_found(book: Made) -> None:
    opened = book(visits)
    page = opened.sheets["data"]
    assert opened.names["total"].refers_to_range.value == 60
    assert page["total"].address == "$E$1"
    assert [table.name for table in page.tables] == ["Visits"]
    table = page.tables["Visits"]
    assert table.data_body_range.address == "$A$2:$C$4"
    assert table.header_row_range.value == ["agent", "day", "amount"]
    table.resize(page["A1:C3"])
    assert table.range.address == "$A$1:$C$3"


def test_a_table_is_added(book: Made) -> None:
    page = book().sheets[0]
    page["B2"].value = [["x", "y"], [1, 2]]
    table = page.tables.add(source=page["B2:C3"], name="Figures")
    assert (table.name, table.data_body_range.value) == ("Figures", [1.0, 2.0])


def test_a_block_is_written_in_one_call_of_value(book: Made) -> None:
    opened = book()
    page, excel = opened.sheets[0], application(opened)
    rows = [[float(row * column) for column in range(10)] for row in range(500)]
    excel.calls = 0
    page["A1"].value = rows
    assert excel.called["Range.Value"] == 1
    assert excel.calls <= 120, excel.called  # xlwings asks both corners of the block where they are
    excel.calls = 0
    page["A1:J500"].raw_value = rows
    assert excel.calls <= 2, excel.called
    assert page["A1"].expand().value == rows


def test_calls_are_counted_where_they_are_made(book: Made) -> None:
    opened = book(visits)
    excel, page = application(opened), opened.api.Worksheets("Data")
    excel.calls = 0
    assert page.Range("A1").Value == "agent"  # Range, Value
    assert excel.calls == 2
    page.Cells(1, 1).Value = "agent"  # Cells, its default member, Value
    assert excel.calls == 5
    assert [name.Name for name in opened.api.Names] == ["total"]  # Names, the enumerator, one item, Name
    assert excel.calls == 9
    assert excel.called["Range.Value"] == 2


def test_lists_dates_and_formulas_are_written(book: Made) -> None:
    page = book().sheets[0]
    page["A1"].value = [["a", True, None], [dt.datetime(2026, 1, 5), 2.5, "=B2*2"]]  # noqa: DTZ001
    page["A4"].options(transpose=True).value = [1, 2]
    assert page["A1:C1"].value == ["a", True, None]
    assert page["A2"].value == dt.datetime(2026, 1, 5)  # noqa: DTZ001
    assert page["C2"].formula == "=B2*2"
    assert page["A4:A5"].value == [1.0, 2.0]


def test_state_of_the_application_is_set_and_put_back(book: Made) -> None:
    app = book().app
    assert (app.screen_updating, app.calculation, app.status_bar) == (True, "automatic", False)
    app.screen_updating, app.calculation, app.status_bar = False, "manual", "working"
    assert (app.screen_updating, app.calculation, app.status_bar) == (False, "manual", "working")
    app.screen_updating, app.calculation, app.status_bar = True, "automatic", False
    with app.properties(enable_events=False, calculation="manual"):
        assert (app.enable_events, app.calculation) == (False, "manual")
    assert (app.enable_events, app.calculation) == (True, "automatic")


def test_sheets_are_added_renamed_activated_and_deleted(book: Made) -> None:
    opened = book(visits)
    added = opened.sheets.add("Result", after="Data")
    assert [sheet.name for sheet in opened.sheets] == ["Data", "Result"]
    added.name = "Outcome"
    opened.sheets["Data"].activate()
    assert opened.sheets.active.name == "Data"
    opened.sheets["outcome"].delete()
    assert [sheet.name for sheet in opened.sheets] == ["Data"]


def test_looks_are_set(book: Made) -> None:
    cells = book().sheets[0]["A1:B2"]
    cells.color, cells.font.bold, cells.font.color = (255, 255, 0), True, "#FF0000"
    cells.number_format, cells.wrap_text = "0.00", True
    assert (cells.color, cells.font.bold, cells.font.color) == ((255, 255, 0), True, (255, 0, 0))
    cells.color = None
    assert (cells.color, cells.number_format, cells.wrap_text) == (None, "0.00", True)
    cells.columns.autofit()
    cells.merge()
    assert cells[0, 0].merge_area.address == "$A$1:$B$2"


def test_a_refusal_of_excel_reaches_the_macro(book: Made) -> None:
    page = book(lambda _, page: page.protect()).sheets[0]
    with pytest.raises(com_error, match="protected sheet"):
        page["A1"].value = 1


def test_messages_are_shown_and_remembered(book: Made) -> None:
    standin.alerts.clear()
    assert book().app.alert("Nothing to pay.", title="Commissions") == "ok"
    assert standin.alerts == [("Commissions", "Nothing to pay.")]


def test_a_link_and_a_saved_file(book: Made) -> None:
    opened = book()
    opened.sheets[0]["A1"].add_hyperlink("https://example.org/", "Open", "where it leads")
    assert opened.sheets[0]["A1"].hyperlink == "https://example.org/"
    assert opened.sheets[0]["A1"].value == "Open"
    opened.save()
    assert openpyxl.load_workbook(opened.fullname)["Data"]["A1"].value == "Open"


def test_new_formulas_are_calculated_by_calc_and_refused_by_memory(book: Made, backend: str) -> None:
    page = book(visits).sheets[0]
    page["F1"].formula = "=SUM(Visits[amount])+1"
    if backend == "calc":
        assert page["F1"].value == 61
        page["C2"].value = 110
        assert (page["F1"].value, page["E1"].value) == (161, 160)
    else:
        with pytest.raises(NotCalculated, match="F1"):
            page["F1"].value  # noqa: B018


def test_functions_for_worksheets_are_declared_as_on_windows() -> None:
    @xw.func
    @xw.arg("amount", numbers=int)
    def twice(amount: int) -> int:
        return amount * 2

    assert twice.__xlfunc__["name"] == "twice"
    assert twice.__xlfunc__["args"][0]["options"]["numbers"] is int
