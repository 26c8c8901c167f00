"""Rows, columns, cells and shapes of a sheet in LibreOffice."""

from typing import Any

from .addresses import Area

_POINT = 2540 / 72  # LibreOffice measures in hundredths of a millimetre
_CHARACTER, _PADDING = 195.8, 0.7109375  # the width of a digit in Calibri 11; what Excel adds to a column, in digits


class CalcGrid:
    """Everything about a sheet that goes by row and column and not by contents."""

    def __init__(self, sheet: Any) -> None:
        self.uno = sheet

    @property
    def place(self) -> int:
        """The sheet's number, from 0."""
        return self.uno.RangeAddress.Sheet

    def cells(self, area: Area) -> Any:
        return self.uno.getCellRangeByPosition(area.left - 1, area.top - 1, area.right - 1, area.bottom - 1)

    def cell(self, row: int, column: int) -> Any:
        return self.uno.getCellByPosition(column - 1, row - 1)

    def _rows(self, first: int, last: int) -> Any:
        return self.cells(Area(first, 1, last, 1)).Rows

    def _columns(self, first: int, last: int) -> Any:
        return self.cells(Area(1, first, 1, last)).Columns

    def row_height(self, row: int) -> float:
        """In points, to the quarter, as Excel has them."""
        return round(self._rows(row, row).getByIndex(0).Height / _POINT * 4) / 4

    def set_row_height(self, first: int, last: int, height: float) -> None:
        self._rows(first, last).Height = round(height * _POINT)

    def column_width(self, column: int) -> float:
        """In characters of Excel's normal font: near to what Excel would say, not exactly."""
        return round(self._columns(column, column).getByIndex(0).Width / _CHARACTER - _PADDING, 2)

    def set_column_width(self, first: int, last: int, width: float) -> None:
        self._columns(first, last).Width = round((width + _PADDING) * _CHARACTER)

    def row_hidden(self, row: int) -> bool:
        return not self._rows(row, row).getByIndex(0).IsVisible

    def hide_rows(self, first: int, last: int, hidden: bool) -> None:
        self._rows(first, last).IsVisible = not hidden

    def column_hidden(self, column: int) -> bool:
        return not self._columns(column, column).getByIndex(0).IsVisible

    def hide_columns(self, first: int, last: int, hidden: bool) -> None:
        self._columns(first, last).IsVisible = not hidden

    def fit_rows(self, first: int, last: int) -> None:
        self._rows(first, last).OptimalHeight = True

    def fit_columns(self, first: int, last: int) -> None:
        """Only those with something in them: Excel leaves empty columns as they are."""
        cursor = self.uno.createCursor()
        cursor.gotoEndOfUsedArea(False)
        bottom = cursor.RangeAddress.EndRow + 1
        for column in range(first, min(last, cursor.RangeAddress.EndColumn + 1) + 1):
            if any(row[0] for row in self.cells(Area(1, column, bottom, column)).getFormulaArray()):
                self._columns(column, column).OptimalWidth = True

    def shapes(self) -> list[str]:
        page = self.uno.DrawPage
        shapes = [page.getByIndex(number) for number in range(page.Count)]
        kinds = [(shape, shape.ShapeType) for shape in shapes]
        return [
            shape.Control.Name if kind.endswith("ControlShape") else shape.Name
            for shape, kind in kinds
            if not kind.endswith("CaptionShape")  # the box of a note
        ]
