"""A sheet of the back end over LibreOffice Calc."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import references
from .addresses import LAST_COLUMN, LAST_ROW, Area
from .backend import Attribute, Grid, Link, Rule
from .calc_cells import area_of, error_code, get_look, range_address, set_look
from .calc_formulas import to_calc, to_excel
from .calc_grid import CalcGrid
from .calc_rules import find_rule, put_rule
from .calc_tables import CalcTable, tables_of
from .com import HIDDEN, VERY_HIDDEN, VISIBLE, excel_error
from .soffice import uno
from .values import ERROR_TEXTS, ERRORS, Content, Formula

if TYPE_CHECKING:
    from .calc import CalcDocument

_CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: VALUE, DATETIME, STRING, FORMULA
_FORMATS = 32 | 64  # HARDATTR, STYLES
_TRUTH = {"=TRUE()": True, "=FALSE()": False}
_CONSTANT_ERRORS = {f"={text}": code for text, code in ERRORS.items()}


@dataclass
class Remembered:
    """What is in the file and cannot be asked of LibreOffice."""

    merges: list[Area] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    very_hidden: bool = False


class CalcSheet(CalcGrid):
    def __init__(self, document: "CalcDocument", sheet: Any, remembered: Remembered | None = None) -> None:
        super().__init__(sheet)
        self._document = document
        self._remembered = remembered or Remembered()
        self.gone = False
        self.interface_only = False
        self._password = ""

    @property
    def name(self) -> str:
        return self.uno.Name

    @name.setter
    def name(self, value: str) -> None:
        self.uno.Name = value

    @property
    def code_name(self) -> str:
        return self.uno.CodeName

    @property
    def visible(self) -> int:
        if self.uno.IsVisible:
            return VISIBLE
        return VERY_HIDDEN if self._remembered.very_hidden else HIDDEN

    @visible.setter
    def visible(self, value: int) -> None:
        self.uno.IsVisible = value == VISIBLE
        self._remembered.very_hidden = value == VERY_HIDDEN

    def delete(self) -> None:
        self.gone = True
        self._document.component.Sheets.removeByName(self.name)

    @property
    def protected(self) -> bool:
        return self.interface_only or self.uno.isProtected()

    def protect(self, password: str, interface_only: bool) -> None:
        """LibreOffice cannot lock for people only: the sheet stays open here, and is locked while it is saved."""
        if interface_only and not self.unprotect(password):
            raise excel_error("The password you supplied is not correct.")
        self.interface_only, self._password = interface_only, password
        if not interface_only:
            self.uno.protect(password)

    def unprotect(self, password: str) -> bool:
        if self.interface_only:
            self.interface_only = password != self._password
            return not self.interface_only
        try:
            self.uno.unprotect(password)
        except uno().getClass("com.sun.star.lang.IllegalArgumentException"):
            return False
        return not self.uno.isProtected()

    def lock_for_file(self, lock: bool) -> None:
        if self.interface_only:
            (self.uno.protect if lock else self.uno.unprotect)(self._password)

    def _own_filter(self) -> Any:
        ranges, place = self._document.component.getPropertyValue("UnnamedDatabaseRanges"), self.place
        return ranges.getByTable(place) if ranges.hasByTable(place) else None

    @property
    def filtered(self) -> bool:
        own = self._own_filter()
        return own is not None and own.AutoFilter

    @filtered.setter
    def filtered(self, value: bool) -> None:
        own = self._own_filter()
        if own is not None:
            own.AutoFilter = value

    def used(self) -> Area:
        cursor = self.uno.createCursor()
        cursor.gotoStartOfUsedArea(False)
        start = area_of(cursor.RangeAddress)
        cursor.gotoEndOfUsedArea(False)
        return start.around(area_of(cursor.RangeAddress))

    def used_or_formatted(self) -> Area:
        """What is formatted like whole rows or columns somewhere does not count as formatted."""
        used = self.used()
        groups = self.uno.getUniqueCellFormatRanges()
        for number in range(groups.Count):
            areas = [area_of(address) for address in groups.getByIndex(number).RangeAddresses]
            if not any(area.bottom == LAST_ROW or area.right == LAST_COLUMN for area in areas):
                used = functools.reduce(Area.around, areas, used)
        return used

    def filled(self, area: Area) -> list[list[bool]]:
        return [[formula != "" for formula in row] for row in self.cells(area).getFormulaArray()]

    def values(self, area: Area, formulas: bool = True) -> Grid:
        cells = self.cells(area)
        rows = zip(cells.getDataArray(), cells.getFormulaArray(), strict=True)
        return [
            [self._content(area.top + i, area.left + j, *cell) for j, cell in enumerate(zip(*row, strict=True))]
            for i, row in enumerate(rows)
        ]

    def _content(self, row: int, column: int, value: Any, formula: str) -> Content:
        if formula == "":
            return None
        calculated = formula.startswith("=")
        if formula in _TRUTH:
            return _TRUTH[formula]
        if value is None or formula in _CONSTANT_ERRORS:
            return _CONSTANT_ERRORS.get(formula) or error_code(self.cell(row, column).getError())
        if isinstance(value, float) and value in (0.0, 1.0) and calculated:
            text = self.cell(row, column).String  # a truth is a number that is shown as a word
            return text == "TRUE" if text in ("TRUE", "FALSE") else value
        return value

    def formulas(self, area: Area) -> list[list[Formula | None]]:
        rows = [[_formula(text) for text in row] for row in self.cells(area).getFormulaArray()]
        for table in self.tables():
            hit = table.area.common(area)
            for row in rows[hit.top - area.top : hit.bottom - area.top + 1] if hit else ():
                for j in range(hit.left - area.left, hit.right - area.left + 1):
                    row[j] = row[j] and Formula(references.short_this_row(row[j], table.name))
        return rows

    def text(self, row: int, column: int) -> str:
        return self.cell(row, column).String

    def has_array(self, area: Area) -> bool:
        return self.cells(area).getArrayFormula() != ""

    def write(self, area: Area, rows: Sequence[Sequence[Content]]) -> None:
        self.cells(area).setDataArray(tuple(tuple(map(_plain, row)) for row in rows))
        tables: list[CalcTable] | None = None
        for i, row in enumerate(rows):
            for j, content in enumerate(row):
                if isinstance(content, (bool, int, Formula)):
                    tables = self.tables() if tables is None else tables
                    self._calculate(area.top + i, area.left + j, content, tables)
        self._renew_links(area)

    def _calculate(self, row: int, column: int, content: Content, tables: list[CalcTable]) -> None:
        """Truths and errors are formulas in LibreOffice."""
        if isinstance(content, Formula):
            here = Area(row, column, row, column)
            inside = [table.name for table in tables if table.area.contains(here)]
            long = references.long_this_row(content, inside[0] if inside else "") if "@" in content else content
            self.cell(row, column).setFormula(to_calc(long))
        elif isinstance(content, bool):
            self.cell(row, column).setFormula("=TRUE()" if content else "=FALSE()")
        elif isinstance(content, int):
            self.cell(row, column).setFormula("=" + ERROR_TEXTS[content])

    def clear_contents(self, area: Area) -> None:
        self.cells(area).clearContents(_CONTENTS)

    def clear_formats(self, area: Area) -> None:
        self.cells(area).clearContents(_FORMATS)

    def number_formats(self, area: Area) -> list[list[str]]:
        grid = [[""] * area.width for _ in range(area.height)]
        groups = self.cells(area).getUniqueCellFormatRanges()
        for number in range(groups.Count):
            group = groups.getByIndex(number)
            text = self._document.formats.text(group.NumberFormat)
            parts = (area_of(address).common(area) for address in group.RangeAddresses)
            for part in filter(None, parts):
                for row in range(part.top - area.top, part.bottom - area.top + 1):
                    grid[row][part.left - area.left : part.right - area.left + 1] = [text] * part.width
        return grid

    def get_format(self, area: Area, attribute: Attribute) -> Any:
        return get_look(self.cells(area), attribute, self._document.formats)

    def set_format(self, area: Area, attribute: Attribute, value: Any) -> None:
        set_look(self.cells(area), attribute, value, self._document.formats)

    def merges(self) -> list[Area]:
        return sorted(self._remembered.merges)

    def merge(self, area: Area) -> None:
        self.cells(area).merge(True)
        self._remembered.merges.append(area)

    def unmerge(self, area: Area) -> None:
        self.cells(area).merge(False)
        self._remembered.merges.remove(area)

    def insert(self, area: Area, down: bool) -> None:
        mode = ("ROWS" if area.whole_rows else "DOWN") if down else ("COLUMNS" if area.whole_columns else "RIGHT")
        self.uno.insertCells(range_address(self.place, area), uno().Enum("com.sun.star.sheet.CellInsertMode", mode))
        self._move_remembered(area, down, area.height if down else area.width)

    def remove(self, area: Area, up: bool) -> None:
        mode = ("ROWS" if area.whole_rows else "UP") if up else ("COLUMNS" if area.whole_columns else "LEFT")
        self.uno.removeRange(range_address(self.place, area), uno().Enum("com.sun.star.sheet.CellDeleteMode", mode))
        self._move_remembered(area, up, -(area.height if up else area.width))

    def _move_remembered(self, area: Area, vertical: bool, count: int) -> None:
        # the object of the sheet is a range of all its cells, and moves with them: a fresh one begins at A1 again
        self.uno = self._document.component.Sheets.getByIndex(self.place)
        at = area.top if vertical else area.left
        band = (area.left, area.right) if vertical else (area.top, area.bottom)
        shift = references.Shift(self.name, vertical, at, count, *band)
        self._remembered.merges = [moved for moved in map(shift.area, self._remembered.merges) if moved]
        links = [(shift.area(link.area), link) for link in self._remembered.links]
        self._remembered.links = [Link(moved, link.address, link.place, link.tip) for moved, link in links if moved]

    def tables(self) -> list[CalcTable]:
        return tables_of(self._document, self.place)

    def add_table(self, name: str, area: Area) -> CalcTable:
        self._document.component.DatabaseRanges.addNewByName(name, range_address(self.place, area))
        table = CalcTable(self._document, name)
        table.headers = table.filtered = True
        return table

    def rule(self, row: int, column: int) -> Rule | None:
        return find_rule(self.cell(row, column))

    def set_rule(self, area: Area, rule: Rule | None) -> None:
        put_rule(self.cells(area), self.place, area, rule)

    def links(self) -> list[Link]:
        return sorted(self._remembered.links, key=lambda link: link.area)

    def set_link(self, link: Link) -> None:
        others = [one for one in self._remembered.links if one.area != link.area]
        self._remembered.links = [*others, link]
        self._renew_links(link.area)

    def _renew_links(self, area: Area) -> None:
        """In LibreOffice the link is a field in the cell's text: it is put back when the text has changed."""
        for link in self._remembered.links:
            if not area.common(link.area):
                continue
            cell = self.cell(link.area.top, link.area.left)
            shown = cell.String
            if shown and not cell.getFormula().startswith("="):
                url = self._document.component.createInstance("com.sun.star.text.TextField.URL")
                url.URL = link.address + (f"#{link.place.replace('!', '.')}" if link.place else "")
                url.Representation = shown
                cell.setString("")
                cell.insertTextContent(cell.createTextCursor(), url, False)


def _plain(content: Content) -> Any:
    """What setDataArray takes as it is: texts are not read as numbers there."""
    if content is None or isinstance(content, (bool, int, Formula)):
        return ""
    return content


def _formula(text: str) -> Formula | None:
    constant = not text.startswith("=") or text in _TRUTH or text in _CONSTANT_ERRORS
    return None if constant else Formula(to_excel(text))
