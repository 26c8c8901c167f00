"""Inserted and deleted cells of the back end in memory: openpyxl moves the values, here all the rest moves as well."""

from copy import copy
from typing import Any

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet

from . import addresses
from .addresses import Area
from .memory_grid import MemoryGrid
from .references import Shift


def move_cells(grid: MemoryGrid, shift: Shift) -> None:
    cells, merged = grid.cells, grid.merges()
    for area in merged:  # the covered cells are of another kind, which would be lost under way
        grid.unmerge(area)
    _move_contents(cells, shift)
    for area in merged:
        target = shift.area(area)
        if target and target.height * target.width > 1:
            grid.merge(target)
    _move_tables(cells, shift)
    _move_rules(cells, shift)
    if shift.vertical and shift.low == 1 and shift.high == addresses.LAST_COLUMN:
        _move_rows(cells, shift)
    if not shift.vertical and shift.low == 1 and shift.high == addresses.LAST_ROW:
        _move_columns(grid, shift)


def _move_contents(cells: Worksheet, shift: Shift) -> None:
    moved = {}
    for place, cell in cells._cells.items():
        target = shift.cell(*place)
        if target is not None:
            cell.row, cell.column = target
            moved[target] = cell
            if cell.hyperlink:
                cell._hyperlink.ref = cell.coordinate
    cells._cells = moved


def _move_tables(cells: Worksheet, shift: Shift) -> None:
    for table in list(cells.tables.values()):
        target = shift.area(addresses.parse(table.ref))
        if target is None:
            del cells.tables[table.displayName]
            continue
        table.ref = addresses.text(target, False, False)
        if table.autoFilter:
            bottom = target.bottom - bool(table.totalsRowCount)
            table.autoFilter.ref = addresses.text(target._replace(bottom=bottom), False, False)


def _move_rules(cells: Worksheet, shift: Shift) -> None:
    kept = []
    for rule in cells.data_validations.dataValidation:
        rule.sqref = _moved(rule.sqref, shift)
        if rule.sqref.ranges:
            kept.append(rule)
    cells.data_validations.dataValidation = kept
    formats = ConditionalFormattingList()
    for known in cells.conditional_formatting:
        where = _moved(known.sqref, shift)
        for rule in known.rules if where.ranges else ():
            formats.add(str(where), rule)
    cells.conditional_formatting = formats


def _moved(ranges: MultiCellRange, shift: Shift) -> MultiCellRange:
    areas = (shift.area(Area(one.min_row, one.min_col, one.max_row, one.max_col)) for one in ranges.ranges)
    return MultiCellRange(" ".join(addresses.text(area, False, False) for area in areas if area))


def _move_rows(cells: Worksheet, shift: Shift) -> None:
    known: dict[int, Any] = dict(cells.row_dimensions.items())
    cells.row_dimensions.clear()
    for row, dimension in known.items():
        target = shift.cell(row, 1)
        if target:
            dimension = copy(dimension)
            dimension.index = target[0]
            cells.row_dimensions[target[0]] = dimension


def _move_columns(grid: MemoryGrid, shift: Shift) -> None:
    last = grid.cells.max_column + abs(shift.count)
    known = {column: copy(grid._own_column(column)) for column in range(1, last + 1) if grid._column(column)}
    grid.cells.column_dimensions.clear()
    for column, dimension in known.items():
        target = shift.cell(1, column)
        if target:
            letters = addresses.column_letters(target[1])
            dimension.index, dimension.min, dimension.max = letters, target[1], target[1]
            grid.cells.column_dimensions[letters] = dimension
