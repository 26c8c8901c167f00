"""Application and Workbooks of Excel's object model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .backend import Document, Host
from .com import AUTOMATIC, MANUAL, SEMIAUTOMATIC, Collection, Com, Meter, excel_error
from .ranges import Range
from .workbook import Workbook
from .worksheet import Worksheet

_CURSORS = (-4143, 1, 2, 3)  # xlDefault, xlNorthwestArrow, xlWait, xlIBeam


class Application(Com):
    """Excel.Application. `calls` and `called` are no members of Excel: they count the calls that came in."""

    def __init__(self, host: Host, hwnd: int = 1) -> None:
        self._meter = Meter()
        self._hwnd = hwnd
        self._host = host
        self._books: list[Workbook] = []
        self._calculation = AUTOMATIC
        self._status_bar: str | bool = False
        self._cursor = _CURSORS[0]
        self._switches: dict[str, bool] = {}

    @property
    def calls(self) -> int:
        """How many calls came in since it was last set to 0."""
        return self._meter.called.total()

    @calls.setter
    def calls(self, number: int) -> None:
        assert number == 0
        self._meter.called.clear()

    @property
    def called(self) -> dict[str, int]:
        """How often each member was called, the most frequent first: where a macro's calls go."""
        return dict(self._meter.called.most_common())

    @property
    def Application(self) -> Application:
        return self

    @property
    def Parent(self) -> Application:
        return self

    @property
    def Name(self) -> str:
        return "Microsoft Excel"

    @property
    def Version(self) -> str:
        return "16.0"

    @property
    def Hwnd(self) -> int:
        return self._hwnd

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
    def Workbooks(self) -> Workbooks:
        return Workbooks(self)

    @property
    def ActiveWorkbook(self) -> Workbook | None:
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

    def _members(self) -> list[Workbook]:
        return sorted(self._application._books, key=lambda book: book._number)

    @property
    def Application(self) -> Application:
        return self._application

    @property
    def Parent(self) -> Application:
        return self._application

    def Open(self, Filename: str, *_others: Any) -> Workbook:
        """Workbooks.Open, of whose other arguments none has a meaning here."""
        path = Path(Filename)
        if not path.is_file():
            raise excel_error(f"Sorry, we couldn't find {Filename}. Is it possible it was moved, renamed or deleted?")
        if any(book.Name.casefold() == path.name.casefold() for book in self._application._books):
            raise excel_error(f"Sorry, Excel can't open two workbooks with the same name at the same time: {path.name}")
        return self._adopt(self._application._host.open(path))

    def _adopt(self, document: Document) -> Workbook:
        books = self._application._books
        number = max((book._number for book in books), default=0) + 1
        books.append(Workbook(self._application, document, number))
        document.calculate_by_itself(self._application._calculation != MANUAL)
        return books[-1]
