"""Tables pasted into sheets of the workbook, handed to the same gate as every export."""

from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from toolkit.excel.cells import Cell, text_of
from toolkit.excel.month import Asked, Pasted
from toolkit.excel.sheets import rows_of, sheet_named
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.readers.raw import RawSheet, Source, numbered
from toolkit.readers.recognise import named_table, recognise

if TYPE_CHECKING:
    import xlwings as xw


def as_sheet(rows: Sequence[Sequence[Cell]], file: str, sheet: str) -> RawSheet:
    """Cells from A1 on as a sheet of a file: texts as an export would write them, rows numbered as Excel does."""
    texts = [[text_of(cell) or None for cell in row] for row in rows]
    width = max((len(row) for row in texts), default=0)
    cells = pl.DataFrame(texts, schema=dict.fromkeys(numbered(width), pl.String), orient="row")
    content = "\n".join("\x1f".join(text or "" for text in row) for row in texts).encode()
    hashed: Future[str] = Future()
    hashed.set_result(sha256(content).hexdigest())
    return RawSheet(Source(Path(file), content, hashed), sheet, cells)


def pasted_tables(book: "xw.Book", settings: Asked) -> Pasted:
    """The sheets that the settings name, by the table that each is. `ToolkitError` for one that is none."""
    found: dict[str, RawSheet] = {}
    problems: list[Problem] = []
    for name in settings.pasted:
        try:
            sheet = sheet_named(book, name)
        except ToolkitError as error:
            problems += error.problems
            continue
        raw = as_sheet(rows_of(sheet.range("A1", sheet.used_range.last_cell)), book.name, name)
        match = recognise(raw, settings.profile, None)
        table = match.table.name if match is not None else named_table(name)
        if table is None:
            problems.append(problem("HEADER_NOT_FOUND", file=book.name, sheet=name))
        else:
            found[table] = raw
    if problems:
        raise ToolkitError(problems)
    return found
