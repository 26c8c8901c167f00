"""Answers that need the workbook around them: its settings, its data folder, the run that it shows."""

from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from toolkit.calculation import calculated
from toolkit.excel import month
from toolkit.excel.ask import Table
from toolkit.excel.cells import as_cell, text_of
from toolkit.excel.sheets import settings_of
from toolkit.readers.raw import RawSheet, Source, numbered

if TYPE_CHECKING:
    import xlwings as xw

PASTED = "payments"
"""What pasted payments are called in sentences and in the source column of lines."""


def sheet_of(table: Table, plan: str, book: "xw.Book") -> list[list[object]]:
    """The commission sheet of pasted payments: heads, and a row for each person with amounts in major units.

    The payments of the data folder are left aside; its other tables are read as always.
    """
    settings = month.asked({**settings_of(book), "plan": plan}, needs=("data_folder", "period"))
    done = calculated(
        settings.data,
        month.plan_to_use(settings, None),
        settings.period,
        profile=settings.profile_name,
        previous=settings.previous,
        as_of=settings.as_of,
        payments=pasted(table),
    )
    run = done.run
    names = [name for name in run.sheet.columns if name != "currency"]
    rows = [
        [row[name] if isinstance(row[name], str) else as_cell(row[name], run.digits) for name in names]
        for row in run.sheet.iter_rows(named=True)
    ]
    return [[*names], *rows]


def pasted(table: Table) -> RawSheet:
    """A block of cells as a sheet of a file, to go through the same gate as every export."""
    texts = [[text_of(cell) or None for cell in row] for row in table]
    width = max((len(row) for row in texts), default=0)
    cells = pl.DataFrame(texts, schema=dict.fromkeys(numbered(width), pl.String), orient="row")
    content = "\n".join("\x1f".join(text or "" for text in row) for row in texts).encode()
    hashed: Future[str] = Future()
    hashed.set_result(sha256(content).hexdigest())
    return RawSheet(Source(Path(PASTED), content, hashed), "", cells)


def why(agent: str, book: "xw.Book") -> list[list[object]]:
    """The explanation of a person's amounts in the run that the settings name: what, amount, why."""
    from toolkit.explain import explain_agent
    from toolkit.runs import read_run

    settings = month.asked(settings_of(book), needs=("period", "out_folder"))
    run = read_run(settings.run_folder)
    rows: list[Sequence[object]] = []
    for section in explain_agent(run, agent).sections:
        rows.append([section.title, as_cell(section.total, run.digits), ""])
        rows += [[row.what, as_cell(row.amount, run.digits), row.why] for row in section.rows]
    return [list(row) for row in rows]
