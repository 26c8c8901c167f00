"""Tables of the back end in memory."""

from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from . import addresses
from .addresses import Area


class MemoryTable:
    def __init__(self, cells: Worksheet, table: Table) -> None:
        self._cells, self._table = cells, table

    @property
    def name(self) -> str:
        return self._table.displayName

    @name.setter
    def name(self, value: str) -> None:
        del self._cells.tables[self._table.displayName]
        self._table.name = self._table.displayName = value
        self._cells.tables.add(self._table)

    @property
    def area(self) -> Area:
        area = addresses.parse(self._table.ref)
        assert area
        return area

    @area.setter
    def area(self, value: Area) -> None:
        self._table.ref = addresses.text(value, False, False)
        if self._table.autoFilter:
            self._table.autoFilter.ref = self._filter_ref()

    def _filter_ref(self) -> str:
        area = self.area
        return addresses.text(area._replace(bottom=area.bottom - self.totals), False, False)

    @property
    def headers(self) -> bool:
        return self._table.headerRowCount != 0

    @headers.setter
    def headers(self, value: bool) -> None:
        self._table.headerRowCount = None if value else 0
        if not value:
            self._table.autoFilter = None

    @property
    def totals(self) -> bool:
        return bool(self._table.totalsRowCount)

    @property
    def filtered(self) -> bool:
        return self._table.autoFilter is not None

    @filtered.setter
    def filtered(self, value: bool) -> None:
        self._table.autoFilter = AutoFilter(ref=self._filter_ref()) if value else None

    @property
    def blank(self) -> bool:
        return bool(self._table.insertRow)

    @blank.setter
    def blank(self, value: bool) -> None:
        self._table.insertRow = value or None

    def delete(self) -> None:
        del self._cells.tables[self._table.displayName]

    def settle_columns(self) -> None:
        """The file names the columns apart from the header cells, and Excel calls it damaged where they differ."""
        area, known = self.area, {column.name: column for column in self._table.tableColumns}
        columns = range(area.left, area.right + 1)
        if self.headers:
            texts = [str(self._cells.cell(area.top, column).value) for column in columns]
        else:
            texts = [column.name for column in self._table.tableColumns][: area.width]
            texts += [f"Column{number}" for number in range(len(texts) + 1, area.width + 1)]
        kept = [known.get(text) or TableColumn(id=0, name=text) for text in texts]
        for number, column in enumerate(kept, start=1):
            column.id = number
        self._table.tableColumns = kept


def add_table(cells: Worksheet, name: str, area: Area) -> MemoryTable:
    ref = addresses.text(area, False, False)
    style = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    table = Table(name=name, displayName=name, ref=ref, tableStyleInfo=style, autoFilter=AutoFilter(ref=ref))
    cells.add_table(table)
    return MemoryTable(cells, table)
