"""The back end over a live LibreOffice Calc: it calculates, and what macros do can be seen in its window.

What LibreOffice does not keep of an Excel file is remembered here from the file: very hidden sheets, merged ranges
(it has them, but no list of them), links with their tips, and tables whose only row is blank. It does not write the
first and the last of these back when it saves.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import soffice
from .addresses import Area
from .backend import NameRecord
from .calc_cells import Formats, address_of
from .calc_formulas import to_calc, to_excel
from .calc_sheet import CalcSheet, Remembered
from .com import VERY_HIDDEN
from .memory import MemoryDocument

ALWAYS_EXECUTE_NO_WARN = 4  # com.sun.star.document.MacroExecMode
_BUILT_IN = "_xlnm."  # before Print_Titles and the like in files, not in Excel


class CalcHost:
    """Opens workbooks in the LibreOffice that all tests of this process share, unless it is given another."""

    def __init__(self, office: Callable[[], soffice.Office] = soffice.shared) -> None:
        self._office = office

    def open(self, path: Path) -> "CalcDocument":
        how = soffice.properties(MacroExecutionMode=ALWAYS_EXECUTE_NO_WARN)
        component = self._office().desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, how)
        if component is None:
            raise RuntimeError(f"LibreOffice could not load {path}")
        component.calculateAll()  # it does not recalculate files from Excel by itself
        component.setModified(False)
        return CalcDocument(path, component)


class CalcDocument:
    def __init__(self, path: Path, component: Any) -> None:
        self.path = path
        self.component = component
        self.formats = Formats(component)
        self.read_only = not path.stat().st_mode & 0o222
        self.date1904 = component.NullDate.Year == 1904
        self.blank_tables: set[str] = set()
        self._known: dict[str, CalcSheet] = {}
        for sheet in MemoryDocument(path).sheets():
            memory = Remembered(sheet.merges(), sheet.links(), sheet.visible == VERY_HIDDEN)
            self._known[sheet.name] = CalcSheet(self, component.Sheets.getByName(sheet.name), memory)
            self.blank_tables |= {table.name for table in sheet.tables() if table.blank}

    @property
    def saved(self) -> bool:
        return not self.component.isModified()

    @saved.setter
    def saved(self, value: bool) -> None:
        self.component.setModified(not value)

    def sheets(self) -> list[CalcSheet]:
        names = self.component.Sheets.ElementNames
        if any(name not in self._known for name in names) or len(names) != len(self._known):
            known = {sheet.name: sheet for sheet in self._known.values() if not sheet.gone}
            fresh = (name for name in names if name not in known)
            known |= {name: CalcSheet(self, self.component.Sheets.getByName(name)) for name in fresh}
            self._known = known
        return [self._known[name] for name in names]

    def add_sheet(self, before: int, name: str) -> CalcSheet:
        self.component.Sheets.insertNewByName(name, before)
        return self.sheets()[before]

    def move_sheet(self, sheet: CalcSheet, to: int) -> None:
        place = sheet.place
        self.component.Sheets.moveByName(sheet.name, to + (to > place))  # it counts the sheet that moves as well

    @property
    def active(self) -> CalcSheet:
        return self._sheet(self.component.CurrentController.ActiveSheet.Name)

    @active.setter
    def active(self, sheet: CalcSheet) -> None:
        self.component.CurrentController.setActiveSheet(sheet.uno)

    def _sheet(self, name: str) -> CalcSheet:
        return next(sheet for sheet in self.sheets() if sheet.name == name)

    @property
    def selection(self) -> Area:
        address = self.component.CurrentSelection.RangeAddress
        return Area(address.StartRow + 1, address.StartColumn + 1, address.EndRow + 1, address.EndColumn + 1)

    @selection.setter
    def selection(self, area: Area) -> None:
        self.component.CurrentController.select(self.active.cells(area))

    def names(self) -> list[NameRecord]:
        scopes = [(None, self.component), *((sheet.name, sheet.uno) for sheet in self.sheets())]
        return [
            NameRecord(name.removeprefix(_BUILT_IN), scope, to_excel("=" + owner.NamedRanges.getByName(name).Content))
            for scope, owner in scopes
            for name in owner.NamedRanges.ElementNames
        ]

    def _names_of(self, record: NameRecord) -> Any:
        owner = self._sheet(record.sheet).uno if record.sheet else self.component
        return owner.NamedRanges

    def _known_name(self, record: NameRecord) -> str | None:
        names = self._names_of(record).ElementNames
        wanted = (record.name.casefold(), (_BUILT_IN + record.name).casefold())
        return next((name for name in names if name.casefold() in wanted), None)

    def set_name(self, record: NameRecord) -> None:
        content = to_calc(record.refers_to).removeprefix("=")
        known = self._known_name(record)
        if known:
            self._names_of(record).getByName(known).Content = content
        else:
            self._names_of(record).addNewByName(record.name, content, address_of(0, 1, 1), 0)

    def delete_name(self, record: NameRecord) -> None:
        self._names_of(record).removeByName(self._known_name(record))

    def calculate(self) -> None:
        self.component.calculateAll()

    def calculate_by_itself(self, automatic: bool) -> None:
        saved = self.saved
        self.component.enableAutomaticCalculation(automatic)
        self.saved = saved

    def save(self) -> None:
        for sheet in self.sheets():
            sheet.lock_for_file(True)
        self.component.store()
        for sheet in self.sheets():
            sheet.lock_for_file(False)

    def close(self) -> None:
        self.component.close(True)
