"""The back end in memory, over openpyxl: fast, and without LibreOffice.

It does not calculate. A formula has the value that the file holds for it, until the formula is written anew; to ask
such a formula for its value raises NotCalculated. Values that depend on changed cells stay as they are in the file. A
saved file has formulas without values, and without the shapes and buttons that openpyxl drops.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet as OpenpyxlSheet

from . import addresses, references
from .addresses import Area
from .backend import NameRecord
from .memory_cells import content_of
from .memory_sheet import MemorySheet
from .package import shape_names
from .values import Content

Results = dict[tuple[int, int], Content]


class MemoryHost:
    def open(self, path: Path) -> "MemoryDocument":
        return MemoryDocument(path)


class MemoryDocument:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.saved = True
        self.read_only = not path.stat().st_mode & 0o222
        self._file = path.read_bytes()
        self._shapes = shape_names(path)
        self.book = openpyxl.load_workbook(io.BytesIO(self._file), keep_vba=path.suffix.lower() == ".xlsm")
        self.date1904 = self.book.epoch == CALENDAR_MAC_1904
        self._sheets = [MemorySheet(self, sheet) for sheet in self.book.worksheets]
        self._results: dict[OpenpyxlSheet, Results] | None = None

    def results(self, sheet: OpenpyxlSheet) -> Results:
        """The values that the file holds for the sheet's formulas, by their places."""
        if self._results is None:
            self._results = {}
            stored = openpyxl.load_workbook(io.BytesIO(self._file), data_only=True)
            # nothing was added, moved or deleted yet: the results are fetched before that
            for mine, other in zip(self.book.worksheets, stored.worksheets, strict=True):
                formulas = (place for place, cell in mine._cells.items() if cell.data_type == "f")
                self._results[mine] = {place: self._stored(other._cells[place]) for place in formulas}
        return self._results.setdefault(sheet, {})

    def _stored(self, cell: Any) -> Content:
        """A formula's empty value cannot be told from an empty text."""
        return "" if cell.value is None else content_of(cell, self.book.epoch)

    def fetch_results(self) -> None:
        self.results(self.book.worksheets[0])

    def shapes(self, sheet: MemorySheet) -> list[str]:
        place = self._sheets.index(sheet)
        return self._shapes[place] if place < len(self._shapes) else []

    def sheets(self) -> list[MemorySheet]:
        return self._sheets

    def add_sheet(self, before: int, name: str) -> MemorySheet:
        self.fetch_results()
        sheet = MemorySheet(self, self.book.create_sheet(name, before))
        self._sheets.insert(before, sheet)
        self._shapes.insert(before, [])
        return sheet

    def move_sheet(self, sheet: MemorySheet, to: int) -> None:
        self.fetch_results()
        place, active = self._sheets.index(sheet), self.active
        self.book.move_sheet(sheet.cells, to - place)
        for parts in (self._sheets, self._shapes):
            parts.insert(to, parts.pop(place))
        self.active = active

    def remove_sheet(self, sheet: MemorySheet) -> None:
        self.fetch_results()
        del self._shapes[self._sheets.index(sheet)]
        self._sheets.remove(sheet)
        self.book.remove(sheet.cells)
        self.rewrite(lambda formula, _: references.without_sheet(formula, sheet.name))

    def rewrite(self, change: Callable[[str, str], str]) -> None:
        """Every formula and name of the workbook as `change(formula, its sheet)` gives it."""
        for sheet in self._sheets:
            sheet.rewrite_formulas(change)
        for scope in (self.book, *self.book.worksheets):
            for defined in scope.defined_names.values():
                own = getattr(scope, "title", "")
                defined.attr_text = change("=" + defined.attr_text, own).removeprefix("=")

    @property
    def active(self) -> MemorySheet:
        return next(sheet for sheet in self._sheets if sheet.cells is self.book.active)

    @active.setter
    def active(self, sheet: MemorySheet) -> None:
        self.book.active = self._sheets.index(sheet)
        for one in self._sheets:
            one.cells.sheet_view.tabSelected = one is sheet

    @property
    def selection(self) -> Area:
        chosen = self.book.active.sheet_view.selection
        return addresses.parse(str(chosen[-1].sqref).split()[0]) if chosen else Area(1, 1, 1, 1)

    @selection.setter
    def selection(self, area: Area) -> None:
        chosen = self.book.active.sheet_view.selection[-1]
        chosen.sqref = addresses.text(area, False, False)
        chosen.activeCell = addresses.text(area._replace(bottom=area.top, right=area.left), False, False)

    def names(self) -> list[NameRecord]:
        scopes = [(None, self.book), *((sheet.title, sheet) for sheet in self.book.worksheets)]
        defined = [
            NameRecord(name, title, "=" + known.attr_text)
            for title, scope in scopes
            for name, known in scope.defined_names.items()
        ]
        return defined + [
            NameRecord(name, sheet.title, "=" + text.replace(quoted, addresses.quoted(sheet.title)))
            for sheet in self.book.worksheets
            for name, text in (("Print_Area", sheet.print_area), ("Print_Titles", sheet.print_titles))
            for quoted in [addresses.always_quoted(sheet.title)]
            if text
        ]

    def _scope(self, record: NameRecord) -> Any:
        return self.book[record.sheet] if record.sheet else self.book

    def _known(self, record: NameRecord) -> str | None:
        names = self._scope(record).defined_names
        return next((name for name in names if name.casefold() == record.name.casefold()), None)

    def set_name(self, record: NameRecord) -> None:
        if record.name in ("Print_Area", "Print_Titles"):
            raise NotImplementedError("the back end in memory only reads what is printed")
        known = self._known(record)
        text = record.refers_to.removeprefix("=")
        if known:
            self._scope(record).defined_names[known].attr_text = text
        else:
            self._scope(record).defined_names[record.name] = DefinedName(record.name, attr_text=text)

    def delete_name(self, record: NameRecord) -> None:
        del self._scope(record).defined_names[self._known(record)]

    def calculate(self) -> None:
        """Nothing: see above."""

    def calculate_by_itself(self, automatic: bool) -> None:
        """Nothing: see above."""

    def save(self) -> None:
        self.fetch_results()
        for sheet in self._sheets:
            for table in sheet.tables():
                table.settle_columns()
        self.book.save(self.path)

    def close(self) -> None:
        self.book.close()
