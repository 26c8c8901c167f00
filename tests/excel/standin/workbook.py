"""Workbook and its sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .backend import Document
from .com import Collection, Com, excel_error
from .names import Names
from .ranges import Range
from .worksheet import Worksheet

if TYPE_CHECKING:
    from .application import Application


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
    def Worksheets(self) -> Sheets:
        return Sheets(self)

    @property
    def Sheets(self) -> Sheets:
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
        place = After.Index if After else (Before or self._book.ActiveSheet).Index - 1
        taken = {sheet.Name.casefold() for sheet in self._members()}
        number = next(number for number in range(1, 10_000) if f"sheet{number}" not in taken)
        sheet = Worksheet(self._book, self._book._document.add_sheet(place, f"Sheet{number}"))
        self._book._touched()
        sheet.Activate()
        return sheet
