"""Application, Workbooks, Workbook and Sheets of Excel's object model."""

from pathlib import Path
from typing import Any

from .backend import Document, Host
from .com import AUTOMATIC, MANUAL, SEMIAUTOMATIC, VISIBLE, Collection, Com, Meter, excel_error
from .names import Names
from .ranges import Range
from .worksheet import Worksheet, sheet_name_problem

_CURSORS = (-4143, 1, 2, 3)  # xlDefault, xlNorthwestArrow, xlWait, xlIBeam


class Application(Com):
    """Excel.Application. `calls` is no member of Excel: it counts the calls that came in, and may be set to 0."""

    def __init__(self, host: Host) -> None:
        self._meter = Meter()
        self._host = host
        self._books: list[Workbook] = []
        self._calculation = AUTOMATIC
        self._status_bar: str | bool = False
        self._cursor = _CURSORS[0]
        self._switches: dict[str, bool] = {}

    @property
    def calls(self) -> int:
        return self._meter.calls

    @calls.setter
    def calls(self, number: int) -> None:
        self._meter.calls = number

    @property
    def Application(self) -> "Application":
        return self

    @property
    def Parent(self) -> "Application":
        return self

    @property
    def Name(self) -> str:
        return "Microsoft Excel"

    @property
    def Version(self) -> str:
        return "16.0"

    @property
    def Hwnd(self) -> int:
        return 1

    def _switch(self, name: str) -> bool:
        return self._switches.get(name, True)

    @property
    def Visible(self) -> bool:
        return self._switch("Visible")

    @Visible.setter
    def Visible(self, value: Any) -> None:
        self._switches["Visible"] = bool(value)

    @property
    def ScreenUpdating(self) -> bool:
        return self._switch("ScreenUpdating")

    @ScreenUpdating.setter
    def ScreenUpdating(self, value: Any) -> None:
        self._switches["ScreenUpdating"] = bool(value)

    @property
    def EnableEvents(self) -> bool:
        return self._switch("EnableEvents")

    @EnableEvents.setter
    def EnableEvents(self, value: Any) -> None:
        self._switches["EnableEvents"] = bool(value)

    @property
    def DisplayAlerts(self) -> bool:
        return self._switch("DisplayAlerts")

    @DisplayAlerts.setter
    def DisplayAlerts(self, value: Any) -> None:
        self._switches["DisplayAlerts"] = bool(value)

    @property
    def Interactive(self) -> bool:
        return self._switch("Interactive")

    @Interactive.setter
    def Interactive(self, value: Any) -> None:
        self._switches["Interactive"] = bool(value)

    @property
    def Calculation(self) -> int:
        """XlCalculation. Excel has none while no workbook is open, and refuses to get or set it."""
        self._need_book("Calculation")
        return self._calculation

    @Calculation.setter
    def Calculation(self, value: Any) -> None:
        self._need_book("Calculation")
        if value not in (AUTOMATIC, MANUAL, SEMIAUTOMATIC):
            raise excel_error("Unable to set the Calculation property of the Application class")
        self._calculation = int(value)
        for book in self._books:
            book._document.calculate_by_itself(value != MANUAL)

    def _need_book(self, member: str) -> None:
        if not self._books:
            raise excel_error(f"Method '{member}' of object '_Application' failed: no workbook is open")

    @property
    def StatusBar(self) -> str | bool:
        """The text in the status bar, or False while Excel itself writes it."""
        return self._status_bar

    @StatusBar.setter
    def StatusBar(self, value: Any) -> None:
        self._status_bar = False if value is False else str(value)

    @property
    def Cursor(self) -> int:
        return self._cursor

    @Cursor.setter
    def Cursor(self, value: Any) -> None:
        if value not in _CURSORS:
            raise excel_error("Unable to set the Cursor property of the Application class")
        self._cursor = int(value)

    @property
    def Workbooks(self) -> "Workbooks":
        return Workbooks(self)

    @property
    def ActiveWorkbook(self) -> "Workbook | None":
        return self._books[-1] if self._books else None

    @property
    def ActiveSheet(self) -> Worksheet | None:
        return self._books[-1].ActiveSheet if self._books else None

    @property
    def Selection(self) -> Range | None:
        return self._books[-1]._selection() if self._books else None

    @property
    def ActiveCell(self) -> Range | None:
        return self._books[-1]._active_cell() if self._books else None

    def Calculate(self) -> None:
        for book in self._books:
            book._document.calculate()

    def CalculateFull(self) -> None:
        self.Calculate()

    def _would_ask(self, question: str) -> None:
        """Excel would show a box and wait for ever, for nobody is there to click."""
        if self.DisplayAlerts:
            raise excel_error(f"{question} (Excel asks this while DisplayAlerts is True)")


class Workbooks(Collection):
    """In the order in which they were opened."""

    def __init__(self, application: Application) -> None:
        self._meter = application._meter
        self._application = application

    def _members(self) -> list["Workbook"]:
        return sorted(self._application._books, key=lambda book: book._number)

    @property
    def Application(self) -> Application:
        return self._application

    @property
    def Parent(self) -> Application:
        return self._application

    def Open(self, Filename: str, *_others: Any) -> "Workbook":
        """Workbooks.Open, of whose other arguments none has a meaning here."""
        path = Path(Filename)
        if not path.is_file():
            raise excel_error(f"Sorry, we couldn't find {Filename}. Is it possible it was moved, renamed or deleted?")
        if any(book.Name.casefold() == path.name.casefold() for book in self._application._books):
            raise excel_error(f"Sorry, Excel can't open two workbooks with the same name at the same time: {path.name}")
        return self._adopt(self._application._host.open(path))

    def _adopt(self, document: Document) -> "Workbook":
        books = self._application._books
        number = max((book._number for book in books), default=0) + 1
        books.append(Workbook(self._application, document, number))
        document.calculate_by_itself(self._application._calculation != MANUAL)
        return books[-1]


class Workbook(Com):
    """The last one in the application's list is the active one."""

    def __init__(self, application: Application, document: Document, number: int) -> None:
        self._meter = application._meter
        self._application = application
        self._document = document
        self._number = number
        self._cell_within: tuple[int, int] | None = None

    @property
    def Application(self) -> Application:
        return self._application

    @property
    def Parent(self) -> Application:
        return self._application

    @property
    def Name(self) -> str:
        return self._document.path.name

    @property
    def FullName(self) -> str:
        return str(self._document.path)

    @property
    def Path(self) -> str:
        return str(self._document.path.parent)

    @property
    def FileFormat(self) -> int:
        return {".xlsm": 52, ".xlsx": 51}.get(self._document.path.suffix.lower(), 51)

    @property
    def Saved(self) -> bool:
        return self._document.saved

    @Saved.setter
    def Saved(self, value: Any) -> None:
        self._document.saved = bool(value)

    @property
    def Date1904(self) -> bool:
        return self._document.date1904

    @property
    def ReadOnly(self) -> bool:
        return self._document.read_only

    @property
    def Worksheets(self) -> "Sheets":
        return Sheets(self)

    @property
    def Sheets(self) -> "Sheets":
        return Sheets(self)

    @property
    def Names(self) -> Names:
        return Names(self)

    @property
    def ActiveSheet(self) -> Worksheet:
        return Worksheet(self, self._document.active)

    def Activate(self) -> None:
        self._application._books.remove(self)
        self._application._books.append(self)

    def Save(self) -> None:
        if self._document.read_only:
            raise excel_error(f"Cannot access read-only document '{self.Name}'.")
        self._document.save()
        self._document.saved = True

    def Close(self, SaveChanges: Any = None) -> None:
        if SaveChanges is None and not self.Saved:
            self._application._would_ask(f"Want to save your changes to '{self.Name}'?")
        if SaveChanges:
            self.Save()
        self._document.close()
        self._application._books.remove(self)

    def _touched(self) -> None:
        self._document.saved = False

    def _sheet_list(self) -> list[Worksheet]:
        return [Worksheet(self, sheet) for sheet in self._document.sheets()]

    def _sheet(self, name: str) -> Worksheet | None:
        return next((sheet for sheet in self._sheet_list() if sheet.Name.casefold() == name.casefold()), None)

    def _selection(self) -> Range:
        return Range(self.ActiveSheet, self._document.selection)

    def _active_cell(self) -> Range:
        selected = self._selection()
        row, column = self._cell_within or (1, 1)
        return selected.Item(row, column)


class Sheets(Collection):
    """Worksheets and Sheets: there are no chart sheets here."""

    def __init__(self, book: Workbook) -> None:
        self._meter = book._meter
        self._book = book

    def _members(self) -> list[Worksheet]:
        return self._book._sheet_list()

    @property
    def Application(self) -> Application:
        return self._book.Application

    @property
    def Parent(self) -> Workbook:
        return self._book

    def Add(self, Before: Worksheet | None = None, After: Worksheet | None = None) -> Worksheet:
        """The new sheet is put before the active one unless told otherwise, and becomes the active one."""
        place = (After.Index if After else (Before or self._book.ActiveSheet).Index - 1)
        taken = {sheet.Name.casefold() for sheet in self._members()}
        number = next(number for number in range(1, 10_000) if f"sheet{number}" not in taken)
        name = f"Sheet{number}"
        assert not sheet_name_problem(name, taken)
        sheet = Worksheet(self._book, self._book._document.add_sheet(place, name))
        self._book._touched()
        if sheet._sheet.visible == VISIBLE:
            sheet.Activate()
        return sheet
