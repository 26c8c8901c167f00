"""Tables of the back end over LibreOffice Calc, where they are database ranges."""

from typing import TYPE_CHECKING, Any

from .addresses import Area
from .calc_cells import area_of, range_address

if TYPE_CHECKING:
    from .calc import CalcDocument


class CalcTable:
    def __init__(self, document: "CalcDocument", name: str) -> None:
        self._document = document
        self._range: Any = document.component.DatabaseRanges.getByName(name)
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        if self.blank:
            self._document.blank_tables = (self._document.blank_tables - {self._name}) | {value}
        self._range.setName(value)
        self._name = value

    @property
    def place(self) -> int:
        return self._range.DataArea.Sheet

    @property
    def area(self) -> Area:
        return area_of(self._range.DataArea)

    @area.setter
    def area(self, value: Area) -> None:
        self._range.DataArea = range_address(self.place, value)

    @property
    def headers(self) -> bool:
        return self._range.ContainsHeader

    @headers.setter
    def headers(self, value: bool) -> None:
        self._range.ContainsHeader = value
        if not value:
            self._range.AutoFilter = False

    @property
    def totals(self) -> bool:
        return self._range.TotalsRow

    @property
    def filtered(self) -> bool:
        return self._range.AutoFilter

    @filtered.setter
    def filtered(self, value: bool) -> None:
        self._range.AutoFilter = value

    @property
    def blank(self) -> bool:
        return self._name in self._document.blank_tables

    @blank.setter
    def blank(self, value: bool) -> None:
        (self._document.blank_tables.add if value else self._document.blank_tables.discard)(self._name)

    def delete(self) -> None:
        self.blank = False
        self._range.AutoFilter = False
        self._document.component.DatabaseRanges.removeByName(self._name)


def tables_of(document: "CalcDocument", place: int) -> list[CalcTable]:
    names = document.component.DatabaseRanges.ElementNames
    tables = [CalcTable(document, name) for name in names if not name.startswith("__Anonymous")]
    return [table for table in tables if table.place == place]
