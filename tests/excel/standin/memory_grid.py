"""Rows, columns and the formats that they give their cells, in openpyxl's terms."""

from collections.abc import Iterator
from copy import copy
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles.styleable import StyleableObject
from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from .addresses import Area

_PADDING = 0.7109375  # files store the width of a column with the padding of its cells
_NORMAL_WIDTH, _NORMAL_HEIGHT = 8.43, 15.0


class MemoryGrid:
    """Everything about a sheet that goes by row and column and not by contents."""

    def __init__(self, cells: Worksheet) -> None:
        self.cells = cells

    @staticmethod
    def _places(area: Area) -> Iterator[tuple[int, int]]:
        for row in range(area.top, area.bottom + 1):
            for column in range(area.left, area.right + 1):
                yield row, column

    def _made(self, row: int, column: int) -> Any:
        """The cell, made with the formats of its row or column where it was not there yet."""
        cell = self.cells._cells.get((row, column))
        if cell is None:
            cell = self.cells._cells[row, column] = Cell(self.cells, row, column)
            self.cells._current_row = max(self.cells._current_row, row)
            cell._style = copy(self._default(row, column)._style)
        return cell

    def _styled(self, row: int, column: int) -> Any:
        return self.cells._cells.get((row, column)) or self._default(row, column)

    def _default(self, row: int, column: int) -> Any:
        """What gives a cell that is not there its formats: the row, then the column, then the workbook."""
        if row in self.cells.row_dimensions and self.cells.row_dimensions[row].has_style:
            return self.cells.row_dimensions[row]
        return self._column(column) or StyleableObject(self.cells)

    def _column(self, column: int) -> ColumnDimension | None:
        """The entry of the file that covers the column; one may cover many."""
        for dimension in self.cells.column_dimensions.values():
            first, last = _span(dimension)
            if first <= column <= last:
                return dimension
        return None

    def _own_column(self, column: int) -> ColumnDimension:
        """An entry for this column alone, cut out of the one that covers it."""
        found, dimensions = self._column(column), self.cells.column_dimensions
        if found is None:
            return dimensions[get_column_letter(column)]
        first, last = _span(found)
        if first == last:
            return found
        del dimensions[get_column_letter(first)]
        for start, end in ((first, column - 1), (column, column), (column + 1, last)):
            if start <= end:
                part = copy(found)
                part.index, part.min, part.max = get_column_letter(start), start, end
                dimensions[part.index] = part
        return dimensions[get_column_letter(column)]

    def _styles(self, area: Area) -> list[Any]:
        """One bearer of each style that cells of the area have."""
        inside = {}
        count = 0
        for place, cell in self.cells._cells.items():
            if area.contains(Area(*place, *place)):
                inside.setdefault(cell._style, cell)
                count += 1
        if count < area.height * area.width:
            for styled in self._defaults(area):
                inside.setdefault(styled._style, styled)
        return list(inside.values())

    def _defaults(self, area: Area) -> Iterator[Any]:
        """The defaults of those cells of the area that are not there."""
        if area.height * area.width <= 10_000:
            missing = (place for place in self._places(area) if place not in self.cells._cells)
            yield from (self._default(*place) for place in missing)
            return
        for column in range(area.left, min(area.right, self.cells.max_column + 1) + 1):
            yield self._column(column) or StyleableObject(self.cells)

    def _targets(self, area: Area, only_existing: bool = False) -> Iterator[Any]:
        """What must be given a format so that every cell of the area has it."""
        if area.whole_columns:
            yield from (self._own_column(column) for column in range(area.left, area.right + 1))
        elif area.whole_rows:
            yield from (self.cells.row_dimensions[row] for row in range(area.top, area.bottom + 1))
        elif not only_existing:
            yield from (self._made(*place) for place in self._places(area))
            return
        yield from [cell for place, cell in self.cells._cells.items() if area.contains(Area(*place, *place))]

    def merges(self) -> list[Area]:
        ranges = self.cells.merged_cells.ranges
        return sorted(Area(one.min_row, one.min_col, one.max_row, one.max_col) for one in ranges)

    def merge(self, area: Area) -> None:
        self.cells.merge_cells(None, area.top, area.left, area.bottom, area.right)

    def unmerge(self, area: Area) -> None:
        self.cells.unmerge_cells(None, area.top, area.left, area.bottom, area.right)

    def row_height(self, row: int) -> float:
        known = self.cells.row_dimensions[row].height if row in self.cells.row_dimensions else None
        return float(known or self.cells.sheet_format.defaultRowHeight or _NORMAL_HEIGHT)

    def set_row_height(self, first: int, last: int, height: float) -> None:
        for row in range(first, last + 1):
            self.cells.row_dimensions[row].height = height

    def column_width(self, column: int) -> float:
        dimension = self._column(column)
        if dimension is None or not dimension.customWidth:
            return _NORMAL_WIDTH
        return round(dimension.width - _PADDING, 2)

    def set_column_width(self, first: int, last: int, width: float) -> None:
        for column in range(first, last + 1):
            self._own_column(column).width = width + _PADDING

    def row_hidden(self, row: int) -> bool:
        return row in self.cells.row_dimensions and bool(self.cells.row_dimensions[row].hidden)

    def hide_rows(self, first: int, last: int, hidden: bool) -> None:
        for row in range(first, last + 1):
            self.cells.row_dimensions[row].hidden = hidden

    def column_hidden(self, column: int) -> bool:
        dimension = self._column(column)
        return dimension is not None and bool(dimension.hidden)

    def hide_columns(self, first: int, last: int, hidden: bool) -> None:
        for column in range(first, last + 1):
            self._own_column(column).hidden = hidden

    def fit_rows(self, first: int, last: int) -> None:
        for row in range(first, min(last, self.cells.max_row) + 1):
            lines = [str(cell.value).count("\n") + 1 for cell in self._line(row=row)]
            self.set_row_height(row, row, _NORMAL_HEIGHT * max(lines, default=1))

    def fit_columns(self, first: int, last: int) -> None:
        for column in range(first, min(last, self.cells.max_column) + 1):
            longest = max((len(str(cell.value)) for cell in self._line(column=column)), default=0)
            if longest:
                self.set_column_width(column, column, min(longest + 1.0, 255))

    def _line(self, row: int | None = None, column: int | None = None) -> list[Any]:
        wanted = [cell for place, cell in self.cells._cells.items() if place[0] == row or place[1] == column]
        return [cell for cell in wanted if cell.value is not None]


def _span(dimension: ColumnDimension) -> tuple[int, int]:
    dimension.reindex()
    return dimension.min, dimension.max
