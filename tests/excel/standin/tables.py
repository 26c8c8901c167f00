"""ListObjects and ListObject: Excel's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .addresses import Area
from .backend import Table
from .com import NO, YES, Collection, Com, excel_error
from .values import constant_text

if TYPE_CHECKING:
    from .ranges import Range
    from .worksheet import Worksheet

_NAME = re.compile(r"[^\W\d][\w.]*")


class ListObjects(Collection):
    def __init__(self, worksheet: Worksheet) -> None:
        self._meter = worksheet._meter
        self._worksheet = worksheet

    def _members(self) -> list[ListObject]:
        return [ListObject(self._worksheet, table) for table in self._worksheet._sheet.tables()]

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Parent(self) -> Worksheet:
        return self._worksheet

    def Add(
        self,
        SourceType: int = 1,
        Source: Range | None = None,
        LinkSource: Any = None,
        XlListObjectHasHeaders: int = 0,
        Destination: Any = None,
        TableStyleName: str | None = None,
    ) -> ListObject:
        """Only from a range (xlSrcRange). Without headers the data moves down one row, and headers are made up."""
        if SourceType != 1 or Source is None or XlListObjectHasHeaders not in (YES, NO):
            raise excel_error("The stand-in makes tables from a range, told whether it has headers")
        self._worksheet._may_change()
        area = Source._area
        if XlListObjectHasHeaders == NO:
            self._worksheet._sheet.insert(Area(area.top, area.left, area.top, area.right), True)
        below = Area(area.top, area.left, max(area.bottom + (XlListObjectHasHeaders == NO), area.top + 1), area.right)
        _refuse_overlap(self._worksheet, below, None)
        taken = {name.casefold() for name in _table_names(self._worksheet)}
        name = next(f"Table{number}" for number in range(1, 10_000) if f"table{number}" not in taken)
        table = ListObject(self._worksheet, self._worksheet._sheet.add_table(name, below))
        table._settle_headers()
        return table


class ListObject(Com):
    def __init__(self, worksheet: Worksheet, table: Table) -> None:
        self._meter = worksheet._meter
        self._worksheet, self._table = worksheet, table

    @property
    def Application(self) -> Any:
        return self._worksheet.Application

    @property
    def Parent(self) -> Worksheet:
        return self._worksheet

    @property
    def Name(self) -> str:
        return self._table.name

    @Name.setter
    def Name(self, value: str) -> None:
        others = {name.casefold() for name in _table_names(self._worksheet)} - {self.Name.casefold()}
        if not _NAME.fullmatch(value) or value.casefold() in others:
            raise excel_error(f"Unable to set the Name property of the ListObject class: {value}")
        self._worksheet._may_change()
        self._table.name = value

    @property
    def DisplayName(self) -> str:
        return self._table.name

    @DisplayName.setter
    def DisplayName(self, value: str) -> None:
        self.Name = value

    def _part(self, area: Area) -> Range:
        from .ranges import Range

        return Range(self._worksheet, area)

    @property
    def Range(self) -> Range:
        return self._part(self._table.area)

    @property
    def HeaderRowRange(self) -> Range | None:
        top = self._table.area
        return self._part(top._replace(bottom=top.top)) if self._table.headers else None

    @property
    def TotalsRowRange(self) -> Range | None:
        area = self._table.area
        return self._part(area._replace(top=area.bottom)) if self._table.totals else None

    @property
    def DataBodyRange(self) -> Range | None:
        """None when the table holds no row: what its insert row shows is not data."""
        return None if self._is_empty() else self._part(self._body())

    @property
    def InsertRowRange(self) -> Range | None:
        return self._part(self._body()) if self._is_empty() else None

    def _body(self) -> Area:
        area = self._table.area
        return area._replace(top=area.top + self._table.headers, bottom=area.bottom - self._table.totals)

    def _is_empty(self) -> bool:
        """Whether there is only the insert row; as soon as something is written into it, it is a row like others."""
        if not self._table.blank:
            return False
        if any(map(any, self._worksheet._sheet.filled(self._body()))):
            self._table.blank = False
        return self._table.blank

    @property
    def ListRows(self) -> ListRows:
        return ListRows(self)

    @property
    def ShowHeaders(self) -> bool:
        return self._table.headers

    @ShowHeaders.setter
    def ShowHeaders(self, value: Any) -> None:
        """Without headers the table begins with its data; with them again they take the row above."""
        if bool(value) == self._table.headers:
            return
        self._worksheet._may_change()
        area, sheet = self._table.area, self._worksheet._sheet
        if value:
            self._table.area = area._replace(top=area.top - 1)
            self._table.headers = True
            self._settle_headers()
        else:
            sheet.clear_contents(area._replace(bottom=area.top))
            self._table.headers = False
            self._table.area = area._replace(top=area.top + 1)

    @property
    def ShowAutoFilter(self) -> bool:
        return self._table.filtered

    @ShowAutoFilter.setter
    def ShowAutoFilter(self, value: Any) -> None:
        self._worksheet._may_change()
        self._table.filtered = bool(value)

    @property
    def ShowTotals(self) -> bool:
        return self._table.totals

    def Resize(self, Range: Range) -> None:
        """No cells are moved. The header row must stay in its row, and the new range must overlap the old one."""
        area, old = Range._area, self._table.area
        too_small = area.height < 1 + self._table.headers or self._table.totals
        if Range._worksheet._sheet is not self._worksheet._sheet or area.top != old.top or too_small:
            raise excel_error("The range does not work for the table: the header row must stay in its row")
        if not area.common(old):
            raise excel_error("The new range must overlap the old one")
        self._worksheet._may_change()
        _refuse_overlap(self._worksheet, area, self._table)
        self._table.area = area
        self._table.blank = self._table.blank and area.height == old.height
        self._settle_headers()

    def Delete(self) -> None:
        """Deletes the table and clears its cells."""
        self._worksheet._may_change()
        area = self._table.area
        self._table.delete()
        self._worksheet._sheet.clear_contents(area)
        self._worksheet._sheet.clear_formats(area)

    def _header_texts(self) -> list[str]:
        if not self._table.headers:
            return []
        header = self._table.area._replace(bottom=self._table.area.top)
        return [constant_text(content) for content in self._worksheet._sheet.values(header)[0]]

    def _settle_headers(self) -> None:
        """Headers are text, none is empty, and no two are the same: Excel sees to that at every change of them."""
        if not self._table.headers:
            return
        settled: list[str] = []
        for number, text in enumerate(self._header_texts(), start=1):
            taken = {one.casefold() for one in settled}
            choices = [text] if text else [f"Column{number}"]
            choices += [f"{choices[0]}{more}" for more in range(2, len(settled) + 3)]
            settled.append(next(choice for choice in choices if choice.casefold() not in taken))
        header = self._table.area._replace(bottom=self._table.area.top)
        if self._worksheet._sheet.values(header)[0] != settled:
            self._worksheet._sheet.write(header, [settled])

    def _delete_rows(self, area: Area) -> bool:
        """Deletes the whole rows `area` of the table's data; the last one stays as the insert row."""
        body = self._body()
        if not body.contains(area) or area.width != body.width:
            return False
        sheet = self._worksheet._sheet
        if area == body:
            if body.height > 1:
                sheet.remove(body._replace(top=body.top + 1), True)
            sheet.clear_contents(body._replace(bottom=body.top))
            self._table.blank = True
        else:
            sheet.remove(area, True)
        return True


class ListRows(Com):
    def __init__(self, table: ListObject) -> None:
        self._meter = table._meter
        self._owner = table

    @property
    def Count(self) -> int:
        body = self._owner.DataBodyRange
        return body._area.height if body else 0

    @property
    def Application(self) -> Any:
        return self._owner.Application

    @property
    def Parent(self) -> ListObject:
        return self._owner


def _table_names(worksheet: Worksheet) -> list[str]:
    """Of the whole workbook: they share one name space with the defined names."""
    book = worksheet._book
    names = [record.name for record in book._document.names() if record.sheet is None]
    return names + [table.name for sheet in book._document.sheets() for table in sheet.tables()]


def _refuse_overlap(worksheet: Worksheet, area: Area, itself: Table | None) -> None:
    for table in worksheet._sheet.tables():
        if (itself is None or table.name != itself.name) and table.area.common(area):
            raise excel_error("A table cannot overlap another table.")
