"""Range: where it is, how to get from one range to others, and the changes to the grid of cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import addresses
from .addresses import LAST_COLUMN, LAST_ROW, Area
from .com import DOWN, TO_LEFT, TO_RIGHT, UP, com_error, excel_error
from .contents import Contents
from .looks import Looks
from .pywin32 import RANGE_IID

if TYPE_CHECKING:
    from .application import Workbook
    from .tables import ListObject
    from .worksheet import Worksheet

_STEPS = {DOWN: (1, 0), UP: (-1, 0), TO_RIGHT: (0, 1), TO_LEFT: (0, -1)}


class Range(Contents, Looks):
    """A rectangle of cells. `by` says what Count and Item mean: single cells, "rows" or "columns".

    Members that take optional arguments are two under pywin32: Address and GetAddress(...), Resize and GetResize(...).
    """

    _iid = RANGE_IID
    CLSID = RANGE_IID
    """pywin32's own: by it xlwings hands the cell that called a function to another thread."""

    def __init__(self, worksheet: Worksheet, area: Area, by: str = "cells") -> None:
        if not area.fits:
            raise excel_error("Application-defined or object-defined error: the range is not on the sheet")
        self._meter = worksheet._meter
        self._worksheet, self._sheet, self._area, self._by = worksheet, worksheet._sheet, area, by

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Worksheet(self) -> Worksheet:
        return self._worksheet

    @property
    def Parent(self) -> Worksheet:
        return self._worksheet

    @property
    def _book(self) -> Workbook:
        return self._worksheet._book

    def _range(self, area: Area, by: str = "cells") -> Range:
        return Range(self._worksheet, area, by)

    def _cell(self) -> Range:
        return self._range(Area(self._area.top, self._area.left, self._area.top, self._area.left))

    @property
    def Row(self) -> int:
        return self._area.top

    @property
    def Column(self) -> int:
        return self._area.left

    @property
    def Count(self) -> int:
        if self._size() > 2_147_483_647:
            raise com_error(-2147352566, "Out of present range.")
        return self._size()

    def _size(self) -> int:
        sizes = {"cells": self._area.height * self._area.width, "rows": self._area.height, "columns": self._area.width}
        return sizes[self._by]

    @property
    def Rows(self) -> Range:
        return self._range(self._area, "rows")

    @property
    def Columns(self) -> Range:
        return self._range(self._area, "columns")

    @property
    def Cells(self) -> Range:
        return self._range(self._area)

    @property
    def EntireRow(self) -> Range:
        return self._range(Area(self._area.top, 1, self._area.bottom, LAST_COLUMN), "rows")

    @property
    def EntireColumn(self) -> Range:
        return self._range(Area(1, self._area.left, LAST_ROW, self._area.right), "columns")

    def Item(self, RowIndex: Any, ColumnIndex: Any = None) -> Range:
        """Counted from this range's first cell, and allowed to be outside of it; one number counts along the rows."""
        row, column = self._place(RowIndex, ColumnIndex)
        if ColumnIndex is None and self._by == "rows":
            return self._range(self._area._replace(top=self._area.top + row - 1, bottom=self._area.top + row - 1))
        if ColumnIndex is None and self._by == "columns":
            at = self._area.left + column - 1
            return self._range(self._area._replace(left=at, right=at))
        first = Area(self._area.top, self._area.left, self._area.top, self._area.left)
        return self._range(first.moved(row - 1, column - 1))

    def __call__(self, RowIndex: Any, ColumnIndex: Any = None) -> Range:
        return self.Item(RowIndex, ColumnIndex)

    def _place(self, row: Any, column: Any) -> tuple[int, int]:
        if self._by == "columns" and column is None:
            return 1, self._column_index(row)
        if column is None and self._by == "cells":
            down, along = divmod(int(row) - 1, self._area.width)
            return down + 1, along + 1
        return int(row), self._column_index(column if column is not None else 1)

    @staticmethod
    def _column_index(index: Any) -> int:
        return addresses.column_number(index) if isinstance(index, str) else int(index)

    def __iter__(self) -> Any:
        self._meter.count(self, "_NewEnum")
        for number in range(1, self._size() + 1):
            yield self.Item(number)

    @property
    def Address(self) -> str:
        return addresses.text(self._area)

    def GetAddress(
        self, RowAbsolute: Any = True, ColumnAbsolute: Any = True, ReferenceStyle: int = 1, External: Any = False
    ) -> str:
        """Range.Address with arguments; only in A1 style."""
        if ReferenceStyle != 1:
            raise excel_error("The stand-in has no R1C1 addresses")
        address = addresses.text(self._area, bool(RowAbsolute), bool(ColumnAbsolute))
        if not External:
            return address
        sheet = addresses.quoted(self._worksheet.Name)
        inner = f"[{self._book.Name}]{sheet.strip(chr(39))}"
        plain = sheet[0] != "'" and re.fullmatch(r"[\w.]+", self._book.Name)
        return f"{inner}!{address}" if plain else f"'{inner}'!{address}"

    def _full_address(self) -> str:
        return f"{addresses.quoted(self._worksheet.Name)}!{self.Address}"

    def GetResize(self, RowSize: Any = None, ColumnSize: Any = None) -> Range:
        """Range.Resize with arguments."""
        height = self._area.height if RowSize is None else int(RowSize)
        width = self._area.width if ColumnSize is None else int(ColumnSize)
        return self._range(
            self._area._replace(bottom=self._area.top + height - 1, right=self._area.left + width - 1), self._by
        )

    def GetOffset(self, RowOffset: Any = 0, ColumnOffset: Any = 0) -> Range:
        """Range.Offset with arguments."""
        return self._range(self._area.moved(int(RowOffset or 0), int(ColumnOffset or 0)), self._by)

    @property
    def Resize(self) -> Range:
        raise excel_error("Under pywin32 Resize(rows, columns) means Resize.Item(rows, columns): write GetResize")

    @property
    def Offset(self) -> Range:
        raise excel_error("Under pywin32 Offset(rows, columns) means Offset.Item(rows, columns): write GetOffset")

    @property
    def CurrentRegion(self) -> Range:
        """The block around the range up to empty rows and columns."""
        used = self._sheet.used()
        filled = self._sheet.filled(used)
        area = self._area
        while (grown := _grown(area, used, filled)) != area:
            area = grown
        return self._range(area)

    def End(self, Direction: int) -> Range:
        """As Ctrl and an arrow key: to the end of the block, or over empty cells to the next filled one or the edge."""
        if Direction not in _STEPS:
            raise excel_error("End method of Range class failed")
        down, along = _STEPS[Direction]
        place, cells, edge = self._ahead(down, along)
        at = place
        if cells.get(at) and cells.get(at + 1):
            while cells.get(at + 1):
                at += 1
        else:
            at = next((number for number in sorted(cells) if number > place and cells[number]), edge)
        moved = at - place
        return self._cell().GetOffset(moved * down, moved * along)

    def _ahead(self, down: int, along: int) -> tuple[int, dict[int, bool], int]:
        """Where the cell is on its line, counted in the direction of travel; which cells are filled; where it ends."""
        top, left = self._area.top, self._area.left
        step, place = down + along, top if down else left
        line = Area(1, left, LAST_ROW, left) if down else Area(top, 1, top, LAST_COLUMN)
        edge = (LAST_ROW if down else LAST_COLUMN) if step > 0 else -1
        used = line.common(self._sheet.used())
        if used is None:
            return place * step, {}, edge
        filled = [cell for row in self._sheet.filled(used) for cell in row]
        first = used.top if down else used.left
        return place * step, {(first + i) * step: cell for i, cell in enumerate(filled)}, edge

    @property
    def ListObject(self) -> ListObject | None:
        """The table that the range's first cell is in."""
        first = self._cell()._area
        tables = self._worksheet.ListObjects._members()
        return next((table for table in tables if table._table.area.contains(first)), None)

    def Select(self) -> None:
        active = self.Application.ActiveWorkbook is self._book and self._book._document.active is self._sheet
        if not active:
            raise excel_error("Select method of Range class failed")
        self._book._document.selection = self._area
        self._book._cell_within = None

    def Activate(self) -> None:
        """A cell inside the selection becomes the active one and the selection stays."""
        active = self.Application.ActiveWorkbook is self._book and self._book._document.active is self._sheet
        if active and self._book._document.selection.contains(self._area):
            chosen = self._book._document.selection
            self._book._cell_within = (self._area.top - chosen.top + 1, self._area.left - chosen.left + 1)
        else:
            self.Select()

    def Delete(self, Shift: Any = None) -> None:
        """Without Shift the cells below move up, unless the range is higher than wide and not rows of a table."""
        self._worksheet._may_change()
        up = self._moves_rows(Shift, UP, TO_LEFT)
        if not self._area.whole_rows and not self._area.whole_columns:
            table = self.ListObject
            if table and (up or Shift is None) and table._delete_rows(self._area):
                return
        self._refuse_torn_table(up)
        self._sheet.remove(self._area, up)

    def Insert(self, Shift: Any = None, CopyOrigin: Any = None) -> None:
        """Without Shift the cells move down, unless the range is higher than wide."""
        self._worksheet._may_change()
        down = self._moves_rows(Shift, DOWN, TO_RIGHT)
        self._refuse_torn_table(down)
        self._sheet.insert(self._area, down)

    def _moves_rows(self, shift: Any, vertical: int, sideways: int) -> bool:
        if self._area.whole_rows or self._area.whole_columns:
            return self._area.whole_rows
        if shift is None:
            return self._area.height <= self._area.width
        if shift not in (vertical, sideways):
            raise excel_error("Application-defined or object-defined error: no such shift")
        return shift == vertical

    def _refuse_torn_table(self, vertical: bool) -> None:
        """Excel does not move some of the cells of a table's row or column without the others."""
        area = self._area
        moving = area._replace(bottom=LAST_ROW) if vertical else area._replace(right=LAST_COLUMN)
        for table in self._sheet.tables():
            hit = moving.common(table.area)
            whole = hit and (hit.width == table.area.width if vertical else hit.height == table.area.height)
            if hit and not whole:
                raise excel_error(
                    "This operation is not allowed. The operation is attempting to shift cells in a table on your "
                    "worksheet."
                )


def _grown(area: Area, used: Area, filled: list[list[bool]]) -> Area:
    """The area and every filled cell that touches it, corners as well."""
    reach = Area(area.top - 1, area.left - 1, area.bottom + 1, area.right + 1).common(used)
    if reach is None:
        return area
    grown = area
    for row in range(reach.top, reach.bottom + 1):
        edge = row in (area.top - 1, area.bottom + 1)
        columns = range(reach.left, reach.right + 1) if edge else {reach.left, reach.right}
        for column in columns:
            if filled[row - used.top][column - used.left]:
                grown = grown.around(Area(row, column, row, column))
    return grown
