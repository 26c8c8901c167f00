"""Answers that need the workbook around them: its settings, its data folder, the run that it shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.excel import month
from toolkit.excel.ask import Table
from toolkit.excel.cells import as_cell
from toolkit.excel.pasted import as_sheet
from toolkit.excel.sheets import settings_of

if TYPE_CHECKING:
    import xlwings as xw

PASTED = "payments"
"""What pasted payments are called in sentences and in the source column of lines."""


def sheet_of(table: Table, plan: str, book: "xw.Book") -> list[list[object]]:
    """The commission sheet of pasted payments: heads, and a row for each person with amounts in major units.

    The payments of the data folder are left aside; its other tables are read as always.
    """
    settings = month.asked({**settings_of(book), "plan": plan}, needs=("plan", "data_folder", "period"))
    run = month.calculate_only(settings, None, {"payments": as_sheet(table, PASTED, "")}).run
    names = [name for name in run.sheet.columns if name != "currency"]
    rows = [
        [row[name] if isinstance(row[name], str) else as_cell(row[name], run.digits) for name in names]
        for row in run.sheet.iter_rows(named=True)
    ]
    return [[*names], *rows]


def why(agent: str, book: "xw.Book") -> list[list[object]]:
    """The explanation of a person's amounts in the run that the settings name: what, amount, why."""
    from toolkit.explain import explain_agent
    from toolkit.stored_runs import read_run

    settings = month.asked(settings_of(book), needs=("plan", "period", "out_folder"))
    run = read_run(settings.run_folder)
    rows: list[Sequence[object]] = []
    for section in explain_agent(run, agent).sections:
        rows.append([section.title, as_cell(section.total, run.digits), ""])
        rows += [[row.what, as_cell(row.amount, run.digits), row.why] for row in section.rows]
    return [list(row) for row in rows]
