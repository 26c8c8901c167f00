"""Range: what is in its cells."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from openpyxl.formula.translate import Translator

from . import addresses
from .addresses import Area
from .backend import Sheet
from .com import Com, excel_error
from .formats import shows_currency, shows_date
from .sheet_parts import Hyperlinks
from .values import Content, constant_text, entered, marshalled, to_moment

if TYPE_CHECKING:
    from .application import Workbook
    from .worksheet import Worksheet


class Contents(Com):
    _worksheet: Worksheet
    _book: Workbook
    _sheet: Sheet
    _area: Area

    @property
    def Value(self) -> Any:
        """One value, or a tuple of rows. Dates arrive as TimeType, money as Decimal, errors as their codes."""
        values, formats = self._sheet.values(self._area), self._sheet.number_formats(self._area)
        date1904 = self._book._document.date1904
        cells = [zip(*row, strict=True) for row in zip(values, formats, strict=True)]
        return _handed_out([[_typed(content, shape, date1904) for content, shape in row] for row in cells])

    @Value.setter
    def Value(self, value: Any) -> None:
        self._enter(value)

    @property
    def Value2(self) -> Any:
        """As Value, but dates and money are plain numbers."""
        return _handed_out(self._sheet.values(self._area))

    @Value2.setter
    def Value2(self, value: Any) -> None:
        self._enter(value)

    @property
    def Formula(self) -> Any:
        """The formula, or the constant as text; an empty text for an empty cell."""
        formulas = self._sheet.formulas(self._area)
        constants = self._sheet.values(self._area, formulas=False)
        cells = [list(zip(*row, strict=True)) for row in zip(formulas, constants, strict=True)]
        return _handed_out([[str(formula or constant_text(content)) for formula, content in row] for row in cells])

    @Formula.setter
    def Formula(self, value: Any) -> None:
        self._enter(value)

    @property
    def Formula2(self) -> Any:
        """The same as Formula here: the stand-in has no formulas that spill, so none needs an @ to stop it."""
        return self.Formula

    @Formula2.setter
    def Formula2(self, value: Any) -> None:
        self._enter(value)

    @property
    def HasArray(self) -> bool:
        return self._sheet.has_array(self._area)

    @property
    def Text(self) -> str | None:
        """What the cell shows; None for several cells that show different texts."""
        area = self._area
        texts = {
            self._sheet.text(row, column)
            for row in range(area.top, area.bottom + 1)
            for column in range(area.left, area.right + 1)
        }
        return texts.pop() if len(texts) == 1 else None

    @property
    def Hyperlinks(self) -> Hyperlinks:
        return Hyperlinks(self._worksheet, self._area)

    def ClearContents(self) -> None:
        """Values and formulas go, formats stay."""
        self._worksheet._may_change(self._filled_part())
        for merged in self._sheet.merges():
            if merged.common(self._area) and not self._area.contains(merged):
                raise excel_error("We can't do that to a merged cell.")
        self._sheet.clear_contents(self._area)
        self._settle_tables()

    def Clear(self) -> None:
        self._worksheet._may_change()
        self._sheet.clear_contents(self._area)
        self._clear_formats()
        self._settle_tables()

    def ClearFormats(self) -> None:
        self._worksheet._may_change()
        self._clear_formats()

    def _clear_formats(self) -> None:
        for merged in self._sheet.merges():
            if merged.common(self._area):
                self._sheet.unmerge(merged)
        self._sheet.clear_formats(self._area)

    def _filled_part(self) -> Area:
        """The range without the endless rest of whole rows and columns, in which no single cell is locked by hand."""
        return self._area.common(self._sheet.used()) or self._area

    def _store_text(self, text: str) -> None:
        """Puts text into one cell as it is, whatever it looks like."""
        self._sheet.write(self._area, [[text]])

    def _enter(self, value: Any) -> None:
        area = self._area
        self._worksheet._may_change(area)
        formats = self._sheet.number_formats(area)
        date1904 = self._book._document.date1904
        rows: list[list[Content]] = []
        formats_set: dict[str, list[tuple[int, int]]] = {}
        for i, values in enumerate(_spread(value, area)):
            row = []
            for j, one in enumerate(values):
                content, sets = entered(one, formats[i][j], date1904)
                row.append(content)
                if sets:
                    formats_set.setdefault(sets, []).append((area.top + i, area.left + j))
            rows.append(row)
        self._leave_out_covered(rows)
        self._sheet.write(area, rows)
        for number_format, cells in formats_set.items():
            for part in _runs(cells):
                self._sheet.set_format(part, "number_format", number_format)
        self._settle_tables()

    def _leave_out_covered(self, rows: list[list[Content]]) -> None:
        """What is written to a cell under a merged one is lost."""
        for merged in self._sheet.merges():
            hit = merged.common(self._area)
            for row in range(hit.top, hit.bottom + 1) if hit else ():
                for column in range(hit.left, hit.right + 1):
                    if (row, column) != (merged.top, merged.left):
                        rows[row - self._area.top][column - self._area.left] = None

    def _settle_tables(self) -> None:
        for table in self._worksheet.ListObjects._members():
            header = table._table.area._replace(bottom=table._table.area.top)
            if self._area.common(header):
                table._settle_headers()


def _typed(content: Content, number_format: str, date1904: bool) -> Any:
    if type(content) is not float:
        return content
    if shows_date(number_format) and content >= 0:
        return to_moment(content, date1904)
    return Decimal(str(round(content, 4))) if shows_currency(number_format) else content


def _handed_out(rows: list[list[Any]]) -> Any:
    if len(rows) == 1 and len(rows[0]) == 1:
        return rows[0][0]
    return tuple(tuple(row) for row in rows)


def _spread(value: Any, area: Area) -> list[list[Any]]:
    """The values by cell, as Excel spreads them.

    One value fills the block, a formula with its relative references moved along. A list is a row. One row fills all
    rows, one column all columns; else cells without a value get #N/A, and values without a cell are dropped.
    """
    if not isinstance(value, (list, tuple)):
        return _filled(marshalled(value), area)
    rows = [list(row) if isinstance(row, (list, tuple)) else None for row in value]
    if None in rows:
        rows = [list(value)]
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise TypeError("All dimensions must be a sequence of the same size")
    missing = "#N/A"  # which is taken as the error when it is put in
    spread = []
    for i in range(area.height):
        row = rows[0] if len(rows) == 1 else rows[i] if i < len(rows) else [missing]
        wide = row * area.width if len(row) == 1 else row[: area.width]
        spread.append(wide + [missing] * (area.width - len(wide)))
    return spread


def _filled(value: Any, area: Area) -> list[list[Any]]:
    if not (isinstance(value, str) and value.startswith("=") and len(value) > 1):
        return [[value] * area.width for _ in range(area.height)]
    first = addresses.text(area._replace(bottom=area.top, right=area.left), False, False)
    move = Translator(value, origin=first)
    return [
        [move.translate_formula(row_delta=i, col_delta=j) if i or j else value for j in range(area.width)]
        for i in range(area.height)
    ]


def _runs(cells: Sequence[tuple[int, int]]) -> list[Area]:
    """The cells in as few upright strips as possible."""
    strips: list[Area] = []
    for row, column in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if strips and strips[-1].left == column and strips[-1].bottom == row - 1:
            strips[-1] = strips[-1]._replace(bottom=row)
        else:
            strips.append(Area(row, column, row, column))
    return strips
