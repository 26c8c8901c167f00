"""Range: how its cells look, their sizes, merging, locking, and what may be put into them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .addresses import Area
from .backend import Attribute, Sheet
from .com import Com, excel_error
from .range_parts import Font, Interior, Validation

if TYPE_CHECKING:
    from .worksheet import Worksheet

_ALIGNMENTS = (1, -4131, -4108, -4152, 5, -4130, 7, -4117)  # XlHAlign: general, left, center, right, fill, ...


class Looks(Com):
    _worksheet: Worksheet
    _sheet: Sheet
    _area: Area
    _by: str

    def _get(self, attribute: Attribute) -> Any:
        return self._sheet.get_format(self._area, attribute)

    def _set(self, attribute: Attribute, value: Any) -> None:
        self._worksheet._may_change()
        self._sheet.set_format(self._area, attribute, value)

    @property
    def NumberFormat(self) -> str | None:
        """None where the cells differ, as for all the formats."""
        return self._get("number_format")

    @NumberFormat.setter
    def NumberFormat(self, value: str) -> None:
        self._set("number_format", value)

    @property
    def WrapText(self) -> bool | None:
        return self._get("wrap")

    @WrapText.setter
    def WrapText(self, value: Any) -> None:
        self._set("wrap", bool(value))

    @property
    def HorizontalAlignment(self) -> int | None:
        return self._get("align")

    @HorizontalAlignment.setter
    def HorizontalAlignment(self, value: int) -> None:
        if value not in _ALIGNMENTS:
            raise excel_error("Unable to set the HorizontalAlignment property of the Range class")
        self._set("align", value)

    @property
    def Locked(self) -> bool | None:
        return self._get("locked")

    @Locked.setter
    def Locked(self, value: Any) -> None:
        self._set("locked", bool(value))

    @property
    def Font(self) -> Font:
        return Font(self)

    @property
    def Interior(self) -> Interior:
        return Interior(self)

    @property
    def Validation(self) -> Validation:
        return Validation(self)

    @property
    def MergeCells(self) -> bool | None:
        """None where some cells are merged and others are not."""
        hits = [hit for hit in (merged.common(self._area) for merged in self._sheet.merges()) if hit]
        covered = sum(hit.height * hit.width for hit in hits)
        return None if 0 < covered < self._area.height * self._area.width else covered > 0

    @property
    def MergeArea(self) -> Any:
        """The merged range that a single cell is in, or the cell itself."""
        if self._area.height * self._area.width != 1:
            raise excel_error("MergeArea is for a single cell")
        found = next((merged for merged in self._sheet.merges() if merged.contains(self._area)), self._area)
        return type(self)(self._worksheet, found)

    def Merge(self, Across: Any = False) -> None:
        """The value of the upper left cell stays; Excel asks before it drops others."""
        self._worksheet._may_change()
        area = self._area
        rows = range(area.top, area.bottom + 1)
        parts = [area._replace(top=row, bottom=row) for row in rows] if Across else [area]
        for part in parts:
            filled = self._sheet.filled(part)
            if any(any(row) for row in ([filled[0][1:], *filled[1:]])):
                self._worksheet.Application._would_ask("Merging cells only keeps the upper-left value.")
            kept = self._sheet.formulas(part)[0][0] or self._sheet.values(part)[0][0]
            for merged in self._sheet.merges():
                if merged.common(part):
                    self._sheet.unmerge(merged)
            self._sheet.clear_contents(part)
            self._sheet.write(part._replace(bottom=part.top, right=part.left), [[kept]])
            if part.height * part.width > 1:
                self._sheet.merge(part)

    def UnMerge(self) -> None:
        self._worksheet._may_change()
        for merged in self._sheet.merges():
            if merged.common(self._area):
                self._sheet.unmerge(merged)

    @property
    def Hidden(self) -> bool | None:
        """Only of whole rows or columns; None where they differ."""
        area = self._area
        if area.whole_rows:
            return _common(map(self._sheet.row_hidden, range(area.top, area.bottom + 1)))
        if area.whole_columns:
            return _common(map(self._sheet.column_hidden, range(area.left, area.right + 1)))
        raise excel_error("Unable to get the Hidden property of the Range class")

    @Hidden.setter
    def Hidden(self, value: Any) -> None:
        if not self._area.whole_rows and not self._area.whole_columns:
            raise excel_error("Unable to set the Hidden property of the Range class")
        self._worksheet._may_change()
        if self._area.whole_rows:
            self._sheet.hide_rows(self._area.top, self._area.bottom, bool(value))
        else:
            self._sheet.hide_columns(self._area.left, self._area.right, bool(value))

    @property
    def RowHeight(self) -> float | None:
        """In points, 0 where hidden; None where the rows differ."""
        sheet, rows = self._sheet, range(self._area.top, self._area.bottom + 1)
        return _common(0.0 if sheet.row_hidden(row) else sheet.row_height(row) for row in rows)

    @RowHeight.setter
    def RowHeight(self, value: Any) -> None:
        if not 0 <= value <= 409.5:
            raise excel_error("Unable to set the RowHeight property of the Range class")
        self._worksheet._may_change()
        self._sheet.hide_rows(self._area.top, self._area.bottom, value == 0)
        if value:
            self._sheet.set_row_height(self._area.top, self._area.bottom, float(value))

    @property
    def ColumnWidth(self) -> float | None:
        """In characters of the normal font, 0 where hidden; None where the columns differ."""
        sheet, columns = self._sheet, range(self._area.left, self._area.right + 1)
        return _common(0.0 if sheet.column_hidden(column) else sheet.column_width(column) for column in columns)

    @ColumnWidth.setter
    def ColumnWidth(self, value: Any) -> None:
        if not 0 <= value <= 255:
            raise excel_error("Unable to set the ColumnWidth property of the Range class")
        self._worksheet._may_change()
        self._sheet.hide_columns(self._area.left, self._area.right, value == 0)
        if value:
            self._sheet.set_column_width(self._area.left, self._area.right, float(value))

    def AutoFit(self) -> None:
        """Only of rows or columns: Range.Rows, Range.Columns, or whole ones."""
        self._worksheet._may_change()
        if self._by == "rows" or self._area.whole_rows:
            self._sheet.fit_rows(self._area.top, self._area.bottom)
        elif self._by == "columns" or self._area.whole_columns:
            self._sheet.fit_columns(self._area.left, self._area.right)
        else:
            raise excel_error("AutoFit method of Range class failed")


def _common(values: Any) -> Any:
    first = next(values)
    return first if all(value == first for value in values) else None
