"""A commission plan from a workbook: the tables of the TOML format as sheets of the same names.

`plan`, `credit` and `carry` have the columns key and value; `component`, `gate`, `multiplier`, `override`,
`guarantee` and `withholding` a row for each, with the keys as headers (`holdback.share` for a key inside
another, a comma between the items of a list). `bands` has the columns component (or multiplier), from, to,
rate, amount and factor; `matrix` has component, row, column and amount.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin
from zipfile import BadZipFile, ZipFile

from toolkit.plan_checks.ends import band_ends
from toolkit.plan_checks.findings import Finding, Place, found, meant
from toolkit.plan_checks.mistakes import LIST_TABLES, Document, expected_at, kind_of
from toolkit.problems import ToolkitError, problem

KEY_VALUE_TABLES = ("plan", "credit", "carry")
SHEETS = (*KEY_VALUE_TABLES, *LIST_TABLES, "bands", "matrix")
LARGEST_UNPACKED = 50_000_000
"""Bytes; more than that in a plan's workbook is not a plan."""
LARGEST_SHEET = 5_000
"""Rows or columns; beyond them nothing is looked at."""

Where = tuple[str, int, str]
"""Sheet, row and header, as Excel shows them."""


@dataclass(frozen=True)
class SheetCell:
    """One filled cell: its value, whether it is shown as a percentage, and where it is."""

    value: Any
    percent: bool
    where: Where


Row = dict[str, SheetCell]
Sheets = dict[str, list[Row]]
"""Filled cells by header, row by row, of every sheet by its name in small letters."""


@dataclass
class _Book:
    """The document as far as it has been put together, with the place of each value."""

    document: Document = field(default_factory=dict)
    cells: dict[Place, Where] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_sheets(path: Path) -> tuple[Document, dict[Place, Where], list[Finding]]:
    """The document that a workbook says, the place of each value, and what is wrong with the sheets' form.

    Raises `ToolkitError` where the file is no workbook or has no sheet `plan`.
    """
    return document_of(_filled_cells(path), path.name)


def document_of(sheets: Sheets, file: str) -> tuple[Document, dict[Place, Where], list[Finding]]:
    """The same of sheets that have been read already; `file` is what they are called in sentences."""
    book = _Book()
    for name in sheets.keys() - set(SHEETS):
        near = meant(name, SHEETS)
        if near:
            book.findings.append(found((), "PLAN_SHEET_UNKNOWN", name, better=near))
    if "plan" not in sheets:
        raise ToolkitError([problem("PLAN_SHEET_MISSING", file=file, known=", ".join(SHEETS))])
    for table in KEY_VALUE_TABLES:
        _take_pairs(book, table, sheets.get(table, []))
    for table in LIST_TABLES:
        _take_rows(book, table, sheets.get(table, []))
    _take_bands(book, sheets.get("bands", []))
    _take_matrices(book, sheets.get("matrix", []))
    return book.document, book.cells, book.findings


# -- cells -----------------------------------------------------------------------------------------------


def _filled_cells(path: Path) -> Sheets:
    _refuse_bombs(path)
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(path, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl has no common error for what it cannot read
        raise ToolkitError([problem("PLAN_WORKBOOK_UNREADABLE", file=path.name)]) from error
    return {sheet.title.strip().casefold(): list(_rows(sheet)) for sheet in workbook.worksheets}


def _refuse_bombs(path: Path) -> None:
    try:
        with ZipFile(path) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except (BadZipFile, OSError) as error:
        raise ToolkitError([problem("PLAN_WORKBOOK_UNREADABLE", file=path.name)]) from error
    if unpacked > LARGEST_UNPACKED:
        raise ToolkitError([problem("PLAN_FILE_LARGE", file=path.name, value=unpacked)])


def _rows(sheet: Any) -> Iterator[Row]:
    lines = sheet.iter_rows(max_row=min(sheet.max_row, LARGEST_SHEET), max_col=min(sheet.max_column, LARGEST_SHEET))
    headers: dict[int, str] = {}
    for cells in lines:
        filled = [cell for cell in cells if cell.value is not None and str(cell.value).strip()]
        if not headers:
            headers = {cell.column: str(cell.value).strip() for cell in filled}
            continue
        row = {_key(headers[cell.column]): _cell(sheet, cell, headers) for cell in filled if cell.column in headers}
        if row:
            yield row


def _key(header: str) -> str:
    return re.sub(r"\s+", "_", header.strip().casefold())


def _cell(sheet: Any, cell: Any, headers: Mapping[int, str]) -> SheetCell:
    return SheetCell(cell.value, "%" in str(cell.number_format), (sheet.title, cell.row, headers[cell.column]))


def as_written(cell: SheetCell, hint: Any) -> Any:
    """The cell's value as it would stand in a TOML file, given the type that the model wants there.

    A number shown as a percentage is text with a percent sign; one that is not is left for the linter
    to refuse as a rate. Amounts and starts may be numbers: Excel has no other way to write them.
    """
    value = cell.value
    kind = kind_of(hint)
    if _is_list(hint):
        return [part.strip() for part in re.split(r"[,;]", _as_text(cell)) if part.strip()]
    if isinstance(value, (datetime, date)):
        day = value.date() if isinstance(value, datetime) else value
        return day if kind == "day" else day.isoformat()
    if isinstance(value, bool):
        return value if kind == "flag" else str(value).lower()
    if isinstance(value, str):
        return _from_text(value.strip(), kind)
    if kind == "whole" and float(value).is_integer():
        return int(value)
    if kind == "rate" and not cell.percent:
        return _decimal(value)
    return _as_text(cell)


def _is_list(hint: Any) -> bool:
    return any(get_origin(inner) is tuple for inner in (hint, *get_args(hint)))


def _from_text(text: str, kind: str) -> Any:
    if kind == "whole" and re.fullmatch(r"[0-9]+", text):
        return int(text)
    if kind == "flag" and text.casefold() in ("true", "false", "yes", "no"):
        return text.casefold() in ("true", "yes")
    return text


def _as_text(cell: SheetCell) -> str:
    if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
        number = _decimal(cell.value) * 100 if cell.percent else _decimal(cell.value)
        plain = f"{number:f}"
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return f"{plain}%" if cell.percent else plain
    return str(cell.value).strip()


def _decimal(value: float) -> Decimal:
    """A number as Excel shows it: fifteen significant digits."""
    return Decimal(f"{value:.15g}")


# -- tables ----------------------------------------------------------------------------------------------


def _put(book: _Book, place: Place, cell: SheetCell) -> None:
    """Sets a value of the document, making the tables around it as needed."""
    if isinstance(cell.value, str) and cell.value.startswith("="):
        book.findings.append(found(place, "PLAN_NO_FORMULAS", cell.value))
        return
    here: Any = book.document
    for step in place[:-1]:
        here = here[step] if isinstance(step, int) else here.setdefault(step, {})
    here[place[-1]] = as_written(cell, expected_at(place))
    book.cells[place] = cell.where


def _take_pairs(book: _Book, table: str, rows: Iterable[Row]) -> None:
    prefix: Place = () if table == "plan" else (table,)
    for row in rows:
        key, value = row.get("key"), row.get("value")
        if key is None or "key" not in row:
            where = next(iter(row.values())).where
            book.findings.append(found(prefix, "PLAN_SHEET_PAIRS", table))
            book.cells.setdefault(prefix, where)
            return
        if value is not None:
            place = (*prefix, *str(key.value).strip().casefold().split("."))
            _put(book, place, SheetCell(value.value, value.percent, (value.where[0], value.where[1], value.where[2])))


def _take_rows(book: _Book, table: str, rows: Iterable[Row]) -> None:
    for number, row in enumerate(rows):
        book.document.setdefault(table, []).append({})
        first = next(iter(row.values())).where
        book.cells[table, number] = (first[0], first[1], "")
        for key, cell in row.items():
            _put(book, (table, number, *key.split(".")), cell)


def _owner(book: _Book, row: Row) -> Place | None:
    """The component or multiplier that a row of the sheet `bands` or `matrix` belongs to."""
    for table in ("component", "multiplier"):
        cell = row.get(table)
        if cell is None:
            continue
        codes = [item.get("code") for item in book.document.get(table, [])]
        code = str(cell.value).strip()
        if code in codes:
            return table, codes.index(code)
        hint = meant(code, [str(known) for known in codes])
        place: Place = (cell.where[0], cell.where[1])
        book.cells[place] = cell.where
        better = f'"{hint}"' if hint else "a code"
        book.findings.append(found(place, "PLAN_SHEET_OWNER", code, table=table, hint=better))
    return None


def _take_bands(book: _Book, rows: Iterable[Row]) -> None:
    owners: list[Place] = []
    for row in rows:
        owner = _owner(book, row)
        if owner is None:
            continue
        bands = _table_at(book.document, owner).setdefault("bands", [])
        number = len(bands)
        bands.append({})
        for key, cell in row.items():
            if key not in ("component", "multiplier"):
                _put_band(book, (*owner, "bands", number, key), cell)
        book.cells[(*owner, "bands", number)] = (*next(iter(row.values())).where[:2], "")
        owners += [owner] if owner not in owners else []
    for owner in owners:
        _close_bands(book, owner)


def _put_band(book: _Book, place: Place, cell: SheetCell) -> None:
    if place[-1] == "to":
        _table_at(book.document, place[:-1])["to"] = _as_text(cell)
        book.cells[place] = cell.where
    else:
        _put(book, place, cell)


def _table_at(document: Document, place: Place) -> Document:
    here: Any = document
    for step in place:
        here = here[step]
    table: Document = here
    return table


def _close_bands(book: _Book, owner: Place) -> None:
    """Checks the ends against the starts and leaves the starts."""
    table = _table_at(book.document, owner)
    edge_given = owner[0] == "multiplier" or table.get("band_edge") is not None
    book.findings += band_ends(table["bands"], (*owner, "bands"), edge_given=edge_given)
    for band in table["bands"]:
        band.pop("to", None)


def _take_matrices(book: _Book, rows: Iterable[Row]) -> None:
    amounts: dict[Place, dict[tuple[str, str], str]] = {}
    for row in rows:
        owner = _owner(book, row)
        if owner is None or not {"row", "column", "amount"} <= row.keys():
            continue
        amounts.setdefault(owner, {})[_as_text(row["row"]), _as_text(row["column"])] = _as_text(row["amount"])
        book.cells.setdefault((*owner, "matrix", "amounts"), row["amount"].where)
    for owner, table in amounts.items():
        starts_down = list(dict.fromkeys(down for down, _ in table))
        starts_across = list(dict.fromkeys(across for _, across in table))
        grid = [[table[down, across] for across in starts_across if (down, across) in table] for down in starts_down]
        matrix = _table_at(book.document, owner).setdefault("matrix", {})
        matrix |= {"rows": starts_down, "columns": starts_across, "amounts": grid}
