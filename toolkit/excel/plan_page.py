"""The sheet Plan: a plan's document as tables one under the other, and the tables read again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from toolkit.excel.cells import Cell, text_of
from toolkit.excel.layout import PlanTable, layout
from toolkit.plan_checks.mistakes import Document
from toolkit.plan_sheets import KEY_VALUE_TABLES, SheetCell, Sheets
from toolkit.problems import ToolkitError, problem

SHEET = "Plan"
TITLE_AND_HEADS = 2
"""Rows of a table above its own: its name, and the heads."""


def page_width() -> int:
    """Columns of the widest table."""
    return max(table.width for table in layout().plan_tables)


def page_rows(document: Document) -> list[list[str]]:
    """All cells of the page, row by row: the tables' names, heads and rows, with an empty row between two tables.

    Raises `ToolkitError` for a plan that has more rows or keys than the page has room for.
    """
    tables = _tables_of(document)
    rows: list[list[str]] = []
    for table in layout().plan_tables:
        own = tables.get(table.name, [])
        heads = list(dict.fromkeys([*table.columns, *(key for row in own for key in row)]))
        if len(own) > table.rows or len(heads) > table.width:
            raise ToolkitError([problem("PAGE_FULL", sheet=SHEET, table=table.name)])
        body = [[row.get(head, "") for head in heads] for row in own]
        body += [[""]] * (table.rows - len(own) + 1)
        rows += [[table.name], heads, *body]
    return [[*row, *[""] * (page_width() - len(row))] for row in rows]


def _tables_of(document: Document) -> dict[str, list[dict[str, str]]]:
    """The document as the tables that `toolkit.plan_sheets` reads."""
    plain = {key: value for key, value in document.items() if not isinstance(value, (dict, list))}
    tables = {"plan": _pairs(plain)}
    for name in KEY_VALUE_TABLES[1:]:
        tables[name] = _pairs(document.get(name, {}))
    for name in ("component", "gate", "multiplier", "override", "guarantee", "withholding"):
        tables[name] = [dict(_flat(item)) for item in document.get(name, [])]
    tables["bands"] = [row for name in ("component", "multiplier") for row in _bands(name, document.get(name, []))]
    tables["matrix"] = [row for item in document.get("component", []) for row in _matrix(item)]
    return tables


def _pairs(table: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in _flat(table)]


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Keys and values as texts, a key inside another as ``holdback.share``; bands and matrices stand elsewhere."""
    for key, value in table.items():
        if key == "bands":
            continue
        if key == "matrix":
            yield from ((f"matrix.{axis}", str(value[axis])) for axis in ("rows_by", "columns_by"))
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    return str(value)


def _bands(name: str, items: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for item in items:
        for band in item.get("bands", []):
            yield {name: str(item.get("code", "")), **dict(_flat(band))}


def _matrix(item: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    matrix = item.get("matrix")
    if not matrix:
        return
    for down, amounts in zip(matrix["rows"], matrix["amounts"], strict=False):
        for across, amount in zip(matrix["columns"], amounts, strict=False):
            yield {"component": str(item["code"]), "row": str(down), "column": str(across), "amount": str(amount)}


def sheets_of(rows: Sequence[Sequence[Cell]], first_row: int) -> Sheets:
    """The tables of the page as sheets of a plan's workbook; `first_row` is Excel's number of the first of `rows`.

    A table begins where its name stands alone in a row. Raises `ToolkitError` for cells that hold an error.
    """
    texts = [[text_of(cell) for cell in row] for row in rows]
    _refuse_errors(texts, first_row)
    known = {table.name: table for table in layout().plan_tables}
    found: Sheets = {}
    table: PlanTable | None = None
    heads: list[str] = []
    for number, row in enumerate(texts, first_row):
        if row[0] in known and not any(row[1:]):
            table, heads = known[row[0]], []
            found.setdefault(table.name, [])
        elif table is not None and not heads:
            heads = row
        elif table is not None and any(row):
            cells = zip(heads, row, strict=True)
            filled = {head: SheetCell(text, False, (SHEET, number, head)) for head, text in cells if head and text}
            if filled:
                found[table.name].append(filled)
    return found


def _refuse_errors(texts: Sequence[Sequence[str]], first_row: int) -> None:
    problems = [
        problem("PAGE_CELL_ERROR", sheet=SHEET, row=number, value=text)
        for number, row in enumerate(texts, first_row)
        for text in row
        if text.startswith("#")
    ]
    if problems:
        raise ToolkitError(problems)
