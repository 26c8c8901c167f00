"""Worksheet: its place in the workbook, its protection, and the ways to its ranges and collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import addresses
from .addresses import WHOLE_SHEET, Area
from .areas import Areas
from .backend import Sheet
from .com import HIDDEN, PROTECTED, VERY_HIDDEN, VISIBLE, Com, excel_error
from .names import Names, resolved
from .ranges import Range
from .sheet_parts import Hyperlinks, Shapes
from .tables import ListObjects

if TYPE_CHECKING:
    from .application import Workbook

LONGEST_ADDRESS = 255


def sheet_name_problem(name: Any, taken: set[str]) -> str | None:
    """Why Excel would refuse the name; `taken` in case-folded form."""
    if not isinstance(name, str) or not 1 <= len(name) <= 31:
        return "A sheet's name must have 1 to 31 characters."
    if set(name) & set("[]:*?/\\") or name[0] == "'" or name[-1] == "'":
        return "The name contains a character that is not allowed: [ ] : * ? / \\ or an apostrophe at its ends."
    if name.casefold() in taken or name.casefold() == "history":
        return "That name is already taken. Try a different one."
    return None


class Worksheet(Com):
    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self._meter = book._meter
        self._book, self._sheet = book, sheet

    @property
    def Application(self) -> Any:
        return self._book.Application

    @property
    def Parent(self) -> Workbook:
        return self._book

    @property
    def Name(self) -> str:
        return self._sheet.name

    @Name.setter
    def Name(self, value: str) -> None:
        taken = {sheet.name.casefold() for sheet in self._book._document.sheets() if sheet is not self._sheet}
        problem = sheet_name_problem(value, taken)
        if problem:
            raise excel_error(problem)
        self._sheet.name = value
        self._book._touched()

    @property
    def CodeName(self) -> str:
        """The sheet's name in VBA; empty where the file has none."""
        return self._sheet.code_name

    @property
    def Index(self) -> int:
        return list(self._book._document.sheets()).index(self._sheet) + 1

    @property
    def Visible(self) -> int:
        """xlSheetVisible (-1), xlSheetHidden (0) or xlSheetVeryHidden (2)."""
        return self._sheet.visible

    @Visible.setter
    def Visible(self, value: Any) -> None:
        state = VISIBLE if value is True or value == 1 else int(value)
        others = [sheet for sheet in self._book._document.sheets() if sheet is not self._sheet]
        alone = not any(sheet.visible == VISIBLE for sheet in others)
        if state not in (VISIBLE, HIDDEN, VERY_HIDDEN) or (state != VISIBLE and alone):
            raise excel_error("Unable to set the Visible property of the Worksheet class")
        if state != VISIBLE and self._book._document.active is self._sheet:
            self._book._document.active = next(sheet for sheet in others if sheet.visible == VISIBLE)
        self._sheet.visible = state
        self._book._touched()

    def Activate(self) -> None:
        self._show("Activate")

    def Select(self, Replace: bool = True) -> None:
        if self._book is not self.Application.ActiveWorkbook:
            raise excel_error("Select method of Worksheet class failed")
        self._show("Select")

    def _show(self, method: str) -> None:
        if self._sheet.visible != VISIBLE:
            raise excel_error(f"{method} method of Worksheet class failed")
        if self._book._document.active is not self._sheet:
            self._book._document.active = self._sheet
            self._book._cell_within = None

    def Delete(self) -> None:
        visible = [sheet for sheet in self._book._document.sheets() if sheet.visible == VISIBLE]
        if visible == [self._sheet]:
            raise excel_error("A workbook must contain at least one visible worksheet.")
        self.Application._would_ask("Microsoft Excel will permanently delete this sheet. Do you want to continue?")
        if self._book._document.active is self._sheet:
            self._book._document.active = next(sheet for sheet in visible if sheet is not self._sheet)
        self._sheet.delete()
        self._book._touched()

    def Move(self, Before: Worksheet | None = None, After: Worksheet | None = None) -> None:
        """Within its workbook; Excel would make a new one where neither is given."""
        beside = Before or After
        if beside is None or beside._book is not self._book:
            raise excel_error("The stand-in moves sheets within their workbook only")
        others = [sheet for sheet in self._book._document.sheets() if sheet is not self._sheet]
        self._book._document.move_sheet(self._sheet, others.index(beside._sheet) + (Before is None))
        self._book._touched()

    def Range(self, Cell1: Any, Cell2: Any = None) -> Range | Areas:
        """By address, by a name whose range is on this sheet, by a table's name (its data), or by two corners.

        An address may name several areas, with commas between; Excel takes no more than 255 letters of it.
        """
        if isinstance(Cell1, str) and len(Cell1) > LONGEST_ADDRESS:
            raise excel_error("Method 'Range' of object '_Worksheet' failed")
        if isinstance(Cell1, str) and "," in Cell1 and Cell2 is None:
            return Areas(self, [self._corner(part)._area for part in Cell1.split(",")])
        first = self._corner(Cell1)
        if Cell2 is None:
            return Range(self, first._area)
        return Range(self, first._area.around(self._corner(Cell2)._area))

    def _corner(self, given: Any) -> Range:
        found = given if isinstance(given, Range) else self._named(given)
        if found is None or found._worksheet._sheet is not self._sheet:
            raise excel_error("Method 'Range' of object '_Worksheet' failed")
        return found

    def _named(self, text: str) -> Range | None:
        if not isinstance(text, str):
            return None
        area = addresses.parse(text)
        if area is not None:
            return Range(self, area)
        for name in Names(self._book, self)._members():
            if name._record.name.casefold() == text.casefold():
                return name._range()
        return resolved(self._book, text)

    @property
    def Cells(self) -> Range:
        return Range(self, WHOLE_SHEET)

    @property
    def Rows(self) -> Range:
        return Range(self, WHOLE_SHEET, "rows")

    @property
    def Columns(self) -> Range:
        return Range(self, WHOLE_SHEET, "columns")

    @property
    def UsedRange(self) -> Range:
        """With the cells that have nothing but a format of their own."""
        return Range(self, self._sheet.used_or_formatted())

    @property
    def ListObjects(self) -> ListObjects:
        return ListObjects(self)

    @property
    def Names(self) -> Names:
        """Only the names that belong to this sheet."""
        return Names(self._book, self)

    @property
    def Shapes(self) -> Shapes:
        return Shapes(self)

    @property
    def Hyperlinks(self) -> Hyperlinks:
        return Hyperlinks(self, WHOLE_SHEET)

    @property
    def AutoFilterMode(self) -> bool:
        """Whether the sheet's own filter (not that of a table) shows its arrows; it can be set to False only."""
        return self._sheet.filtered

    @AutoFilterMode.setter
    def AutoFilterMode(self, value: Any) -> None:
        if value:
            raise excel_error("Unable to set the AutoFilterMode property of the Worksheet class")
        self._sheet.filtered = False
        self._book._touched()

    @property
    def ProtectContents(self) -> bool:
        return self._sheet.protected

    def Protect(
        self,
        Password: str | None = None,
        DrawingObjects: bool = True,
        Contents: bool = True,
        Scenarios: bool = True,
        UserInterfaceOnly: bool = False,
    ) -> None:
        """UserInterfaceOnly: macros may still change everything. It is not stored in the file."""
        self._sheet.protect(Password or "", bool(UserInterfaceOnly))
        self._book._touched()

    def Unprotect(self, Password: str | None = None) -> None:
        if not self._sheet.unprotect(Password or ""):
            raise excel_error("The password you supplied is not correct. Verify that the CAPS LOCK key is off.")
        self._book._touched()

    def _may_change(self, area: Area | None = None) -> None:
        """Refuses what a protected sheet refuses: every change but that of the contents of unlocked cells."""
        if self._sheet.protected and not self._sheet.interface_only:
            if area is None or self._sheet.get_format(area, "locked") is not False:
                raise excel_error(PROTECTED)
        self._book._touched()
