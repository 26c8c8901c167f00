"""Names and Name: the defined names of a workbook, or those that belong to one sheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import addresses
from .addresses import Area
from .backend import NameRecord
from .com import Collection, Com, excel_error

if TYPE_CHECKING:
    from .application import Workbook
    from .ranges import Range
    from .worksheet import Worksheet

_VALID = re.compile(r"[^\W\d\\]?[\w.\\?]*", re.UNICODE)
_R1C1 = re.compile(r"[RC]|R\d+C\d+|R\d+|C\d+", re.IGNORECASE)
_STRUCTURED = re.compile(r"([^\W\d][\w.]*)(?:\[(?:(#All|#Data|#Headers)|([^\[\]#@]+))\])?", re.IGNORECASE)


class Names(Collection):
    """Sorted by name. Those of a sheet are found with the sheet before them: Sheet1!rate."""

    def __init__(self, book: Workbook, sheet: Worksheet | None = None) -> None:
        self._meter = book._meter
        self._book, self._sheet = book, sheet

    def _members(self) -> list[Name]:
        only = self._sheet and self._sheet.Name
        records = [record for record in self._book._document.names() if only in (None, record.sheet)]
        return [Name(self._book, record) for record in sorted(records, key=lambda one: one.name.casefold())]

    def _find(self, index: Any) -> Name:
        if isinstance(index, str) and self._sheet and "!" not in index:
            index = f"{addresses.quoted(self._sheet.Name)}!{index}"
        return super()._find(index)

    @property
    def Application(self) -> Any:
        return self._book.Application

    @property
    def Parent(self) -> Any:
        return self._sheet or self._book

    def Add(self, Name: str, RefersTo: Any) -> Name:
        """A name that is there already gets the new meaning. RefersTo: a formula as text, a value, or a Range."""
        sheet_name, bare = addresses.split_sheet(Name)
        sheet = self._book._sheet(sheet_name) if sheet_name else self._sheet
        _check(bare)
        record = NameRecord(bare, sheet and sheet.Name, _formula(RefersTo))
        self._book._document.set_name(record)
        self._book._touched()
        return _named(self._book, record)


class Name(Com):
    def __init__(self, book: Workbook, record: NameRecord) -> None:
        self._meter = book._meter
        self._book, self._record = book, record

    @property
    def Application(self) -> Any:
        return self._book.Application

    @property
    def Parent(self) -> Any:
        return self._book._sheet(self._record.sheet) if self._record.sheet else self._book

    @property
    def Name(self) -> str:
        """With the sheet before it where the name belongs to a sheet."""
        if self._record.sheet is None:
            return self._record.name
        return f"{addresses.quoted(self._record.sheet)}!{self._record.name}"

    @property
    def RefersTo(self) -> str:
        return self._record.refers_to

    @RefersTo.setter
    def RefersTo(self, value: Any) -> None:
        self._record.refers_to = _formula(value)
        self._book._document.set_name(self._record)
        self._book._touched()

    @property
    def RefersToRange(self) -> Range:
        """Refused where the name stands for a constant, a formula or a lost reference."""
        found = self._range()
        if found is None:
            raise excel_error(f"Unable to get the RefersToRange property of the Name class: {self.RefersTo}")
        return found

    def Delete(self) -> None:
        self._book._document.delete_name(self._record)
        self._book._touched()

    def _range(self) -> Range | None:
        return resolved(self._book, self._record.refers_to.removeprefix("="))


def resolved(book: Workbook, reference: str) -> Range | None:
    """The range of a reference with a sheet, of another name, or of a table or one of its columns."""
    from .ranges import Range

    sheet_name, address = addresses.split_sheet(reference)
    area = addresses.parse(address)
    if sheet_name is not None and area is not None:
        sheet = book._sheet(sheet_name)
        return Range(sheet, area) if sheet else None
    for name in Names(book)._members():
        if name._record.sheet is None and name.Name.casefold() == reference.casefold():
            return name._range()
    return _in_table(book, reference)


def _in_table(book: Workbook, reference: str) -> Range | None:
    found = _STRUCTURED.fullmatch(reference)
    if found is None:
        return None
    for sheet in book._sheet_list():
        for table in sheet.ListObjects._members():
            if table.Name.casefold() != found[1].casefold():
                continue
            part, column = (found[2] or "#Data").casefold(), found[3]
            whole = {"#all": table.Range, "#headers": table.HeaderRowRange}.get(part, table.DataBodyRange)
            return _column_of(table, whole, column) if column else whole
    return None


def _column_of(table: Any, body: Range | None, header: str) -> Range | None:
    headers = [str(text).casefold() for text in table._header_texts()]
    if body is None or header.casefold() not in headers:
        return None
    left = body._area.left + headers.index(header.casefold())
    return type(body)(body.Worksheet, Area(body._area.top, left, body._area.bottom, left))


def _check(name: str) -> None:
    if not name or not _VALID.fullmatch(name) or addresses.parse(name) or _R1C1.fullmatch(name) or name[0].isdigit():
        raise excel_error(f"The syntax of this name isn't correct: {name}")


def _formula(refers_to: Any) -> str:
    if hasattr(type(refers_to), "GetAddress"):
        return "=" + refers_to._full_address()
    if isinstance(refers_to, str):
        return refers_to if refers_to.startswith("=") else '="' + refers_to.replace('"', '""') + '"'
    return f"={refers_to}"


def _named(book: Workbook, record: NameRecord) -> Name:
    return Name(book, record)
