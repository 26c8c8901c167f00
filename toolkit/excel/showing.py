"""A button's results: its files, then its sheets, or nothing of either where one of them cannot be."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toolkit.excel.data_rows import files_read
from toolkit.excel.layout import layout
from toolkit.excel.problem_rows import problem_rows
from toolkit.excel.sheets import fill, ready
from toolkit.excel.shown_as import show
from toolkit.problems import Problem, ToolkitError, problem, said

if TYPE_CHECKING:
    from pathlib import Path

    import xlwings as xw

    from toolkit.excel.month import Asked
    from toolkit.reading import Reading

Rows = Sequence[Sequence[object]]
COMMANDS = {
    "scores": "toolkit scorecard", "hourly": "toolkit hourly", "today": "toolkit today",
    "quality": "toolkit qc score", "sample": "toolkit qc sample", "agreement": "toolkit qc agreement",
}  # fmt: skip


def show_results(
    book: "xw.Book",
    settings: "Asked",
    name: str,
    rows: Rows,
    reading: "Reading | None",
    problems: Sequence[Problem],
    make_files: Callable[[], None],
    folder: "Path",
) -> None:
    """The files, then the block `name`, what was read (None: no exports were), and the problems; nothing at all where
    one of the sheets cannot be written."""
    sheet, block = layout().block(name)
    if len(rows) > block.rows:
        make_files()
        told = {"most": block.rows, "folder": folder, "command": COMMANDS[name]}
        raise ToolkitError([problem("SHEET_TOO_SMALL", sheet=sheet.name, count=len(rows), **told)])  # type: ignore[arg-type]
    areas = ready(book, "data", name, "problems")
    make_files()
    if reading is not None:
        fill(areas["data"], "data", files_read(reading, settings.profile.digits))
    fill(areas["problems"], "problems", problem_rows(book, list(problems), settings.data))
    fill(areas[name], name, rows)
    show(book, areas[name], name, rows, settings.profile.currency, settings.profile.digits)


def remarks(problems: Sequence[Problem]) -> str:
    """How many things there are to look at, behind a status sentence."""
    found = sum(one.level != "info" for one in problems)
    return said("LOOK_AT_PROBLEMS", count=found) if found else ""
