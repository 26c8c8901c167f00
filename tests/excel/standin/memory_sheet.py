"""A sheet of the back end in memory."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from openpyxl.cell.cell import MergedCell
from openpyxl.styles.styleable import StyleableObject
from openpyxl.utils.protection import hash_password
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from . import addresses, references
from .addresses import Area
from .backend import Attribute, Grid, Link, Rule
from .com import HIDDEN, VERY_HIDDEN, VISIBLE, NotCalculated
from .formats import shown
from .memory_cells import content_of, look, put, set_look
from .memory_grid import MemoryGrid
from .memory_rules import find_rule, put_rule
from .memory_shift import move_cells
from .memory_tables import MemoryTable, add_table
from .values import Content, Formula

if TYPE_CHECKING:
    from .memory import MemoryDocument

_STATES = {"visible": VISIBLE, "hidden": HIDDEN, "veryHidden": VERY_HIDDEN}


class MemorySheet(MemoryGrid):
    def __init__(self, document: "MemoryDocument", cells: Worksheet) -> None:
        super().__init__(cells)
        self._document = document
        self.interface_only = False

    @property
    def name(self) -> str:
        return self.cells.title

    @name.setter
    def name(self, value: str) -> None:
        old, self.cells.title = self.cells.title, "\0"  # else openpyxl takes the old name for a double
        self.cells.title = value
        self._document.rewrite(lambda formula, _: references.renamed(formula, old, value))

    @property
    def code_name(self) -> str:
        return self.cells.sheet_properties.codeName or ""

    @property
    def visible(self) -> int:
        return _STATES[self.cells.sheet_state]

    @visible.setter
    def visible(self, value: int) -> None:
        self.cells.sheet_state = next(state for state, number in _STATES.items() if number == value)

    def delete(self) -> None:
        self._document.remove_sheet(self)

    @property
    def protected(self) -> bool:
        return bool(self.cells.protection.sheet)

    def protect(self, password: str, interface_only: bool) -> None:
        if password:
            self.cells.protection.set_password(password)
        self.cells.protection.sheet = True
        self.interface_only = interface_only

    def unprotect(self, password: str) -> bool:
        protection = self.cells.protection
        if protection.hashValue:
            raise NotImplementedError("the stand-in checks only passwords of the short kind, as XlsxWriter writes them")
        if protection.sheet and protection.password and protection.password != hash_password(password):
            return False
        protection.sheet = False
        protection._password = None
        return True

    @property
    def filtered(self) -> bool:
        return self.cells.auto_filter.ref is not None

    @filtered.setter
    def filtered(self, value: bool) -> None:
        self.cells.auto_filter.ref = None

    def used(self) -> Area:
        return self.used_or_formatted()

    def used_or_formatted(self) -> Area:
        places = [place for place, cell in self.cells._cells.items() if cell.value is not None or cell.has_style]
        if not places:
            return Area(1, 1, 1, 1)
        rows, columns = [row for row, _ in places], [column for _, column in places]
        return Area(min(rows), min(columns), max(rows), max(columns))

    def _content(self, row: int, column: int) -> Content:
        cell = self.cells._cells.get((row, column))
        return None if cell is None else content_of(cell, self.cells.parent.epoch)

    def _rows(self, area: Area) -> Iterator[list[Content]]:
        for row in range(area.top, area.bottom + 1):
            yield [self._content(row, column) for column in range(area.left, area.right + 1)]

    def filled(self, area: Area) -> list[list[bool]]:
        return [[content is not None for content in row] for row in self._rows(area)]

    def values(self, area: Area, formulas: bool = True) -> Grid:
        rows = list(self._rows(area))
        for i, row in enumerate(rows):
            for j, content in enumerate(row):
                if isinstance(content, Formula):
                    row[j] = self._result(area.top + i, area.left + j, content) if formulas else None
        return rows

    def _result(self, row: int, column: int, formula: Formula) -> Content:
        results = self._document.results(self.cells)
        if (row, column) not in results:
            place = references.qualified(self.name, addresses.text(Area(row, column, row, column), False, False))
            raise NotCalculated(
                f"{place} holds {formula}, and the back end in memory does not calculate: use the back end calc"
            )
        return results[row, column]

    def formulas(self, area: Area) -> list[list[Formula | None]]:
        rows = [[cell if isinstance(cell, Formula) else None for cell in row] for row in self._rows(area)]
        for table in self.tables():
            hit = table.area.common(area)
            for row in rows[hit.top - area.top : hit.bottom - area.top + 1] if hit else ():
                for j in range(hit.left - area.left, hit.right - area.left + 1):
                    row[j] = row[j] and Formula(references.short_this_row(row[j], table.name))
        return rows

    def text(self, row: int, column: int) -> str:
        content = self.values(Area(row, column, row, column))[0][0]
        return shown(content, self._styled(row, column).number_format, self._document.date1904)

    def has_array(self, area: Area) -> bool:
        cells = (self.cells._cells.get(place) for place in self._places(area))
        return any(cell is not None and isinstance(cell.value, ArrayFormula) for cell in cells)

    def write(self, area: Area, rows: Sequence[Sequence[Content]]) -> None:
        for i, row in enumerate(rows):
            for j, content in enumerate(row):
                place = (area.top + i, area.left + j)
                cell = self.cells._cells.get(place) if content is None else self._made(*place)
                if cell is None or isinstance(cell, MergedCell):
                    continue
                if cell.data_type == "f" or isinstance(content, Formula):
                    self._document.results(self.cells).pop(place, None)
                put(cell, self._long(content, *place))

    def _long(self, content: Content, row: int, column: int) -> Content:
        if isinstance(content, Formula) and "@" in content:
            here = Area(row, column, row, column)
            inside = [table.name for table in self.tables() if table.area.contains(here)]
            return Formula(references.long_this_row(content, inside[0] if inside else ""))
        return content

    def clear_contents(self, area: Area) -> None:
        for place, cell in self.cells._cells.items():
            if area.contains(Area(*place, *place)) and not isinstance(cell, MergedCell):
                if cell.data_type == "f":
                    self._document.results(self.cells).pop(place, None)
                put(cell, None)

    def rewrite_formulas(self, change: Callable[[str, str], str]) -> None:
        for cell in self.cells._cells.values():
            if cell.data_type == "f" and isinstance(cell.value, str):
                cell._value = change(cell.value, self.name)
        for rule in self.cells.data_validations.dataValidation:
            for key in ("formula1", "formula2"):
                formula = getattr(rule, key)
                if formula and not formula.startswith('"'):
                    setattr(rule, key, change("=" + formula, self.name).removeprefix("="))

    def insert(self, area: Area, down: bool) -> None:
        self._move(area, down, area.height if down else area.width)

    def remove(self, area: Area, up: bool) -> None:
        self._move(area, up, -(area.height if up else area.width))

    def _move(self, area: Area, vertical: bool, count: int) -> None:
        at = area.top if vertical else area.left
        band = (area.left, area.right) if vertical else (area.top, area.bottom)
        shift = references.Shift(self.name, vertical, at, count, *band)
        results = self._document.results(self.cells)
        moved = {shift.cell(*place): value for place, value in results.items()}
        results.clear()
        results.update({place: value for place, value in moved.items() if place})
        move_cells(self, shift)
        self._document.rewrite(shift.formula)
        if count > 0:
            self._like_neighbours(area, vertical)

    def _like_neighbours(self, area: Area, vertical: bool) -> None:
        """Inserted cells take the formats of those above or to the left."""
        for row, column in self._places(area.common(self.used()) or area._replace(bottom=area.top, right=area.left)):
            neighbour = (area.top - 1, column) if vertical else (row, area.left - 1)
            source = self.cells._cells.get(neighbour)
            if source is not None and source.has_style:
                self._made(row, column)._style = copy(source._style)

    def tables(self) -> list[MemoryTable]:
        return [MemoryTable(self.cells, table) for table in self.cells.tables.values()]

    def add_table(self, name: str, area: Area) -> MemoryTable:
        return add_table(self.cells, name, area)

    def rule(self, row: int, column: int) -> Rule | None:
        return find_rule(self.cells, row, column)

    def set_rule(self, area: Area, rule: Rule | None) -> None:
        put_rule(self.cells, area, rule)

    def links(self) -> list[Link]:
        found = [cell.hyperlink for _, cell in sorted(self.cells._cells.items()) if cell.hyperlink]
        return [
            Link(addresses.parse(link.ref), link.target or "", link.location or "", link.tooltip or "")
            for link in found
        ]

    def set_link(self, link: Link) -> None:
        cell = self._made(link.area.top, link.area.left)
        ref = addresses.text(link.area, False, False)
        parts = {"target": link.address or None, "location": link.place or None, "tooltip": link.tip or None}
        cell._hyperlink = Hyperlink(ref=ref, **parts)

    def shapes(self) -> list[str]:
        return self._document.shapes(self)

    def number_formats(self, area: Area) -> list[list[str]]:
        columns = range(area.left, area.right + 1)
        rows = range(area.top, area.bottom + 1)
        return [[self._styled(row, column).number_format for column in columns] for row in rows]

    def get_format(self, area: Area, attribute: Attribute) -> Any:
        found = {look(styled, attribute) for styled in self._styles(area)}
        return found.pop() if len(found) == 1 else None

    def set_format(self, area: Area, attribute: Attribute, value: Any) -> None:
        done: dict[Any, Any] = {}
        for styled in self._targets(area):
            before = copy(styled._style)
            if before not in done:
                set_look(styled, attribute, value)
                done[before] = styled._style
            styled._style = copy(done[before])

    def clear_formats(self, area: Area) -> None:
        plain = StyleableObject(self.cells)._style
        for styled in self._targets(area, only_existing=True):
            styled._style = copy(plain)
