"""The places of the workbook by their names. A block is read or written in one go: each call to Excel takes time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from toolkit.excel.cells import Cell, row_of, text_of
from toolkit.excel.desk import com_problem
from toolkit.excel.layout import layout
from toolkit.problems import Problem, ToolkitError, problem

if TYPE_CHECKING:
    import xlwings as xw


def place(book: "xw.Book", sheet: str, name: str) -> "xw.Range":
    """The cells of this name on this sheet; `ToolkitError` where the sheet or the cells are gone."""
    return places(book, sheet, name)[0]


def places(book: "xw.Book", sheet: str, *names: str) -> "list[xw.Range]":
    """The cells of several names on one sheet."""
    on = sheet_named(book, sheet)
    return [_cells(on, sheet, name) for name in names]


def sheet_named(book: "xw.Book", name: str) -> "xw.Sheet":
    """The sheet of this name; `ToolkitError` where it is gone or renamed."""
    try:
        return book.sheets[name]
    except Exception as error:  # each engine has its own error for a sheet that is not there
        raise ToolkitError([problem("WORKBOOK_SHEET_GONE", sheet=name)]) from error


def _cells(on: "xw.Sheet", sheet: str, name: str) -> "xw.Range":
    try:
        return on.range(name)
    except Exception as error:
        raise ToolkitError([problem("WORKBOOK_NAME_GONE", sheet=sheet, name=name)]) from error


def rows_of(area: "xw.Range") -> list[list[Cell]]:
    """All cells of an area, as Excel hands them out: xlwings' own conversion would ask it a dozen questions more."""
    values = area.raw_value
    return [list(row) for row in values] if isinstance(values, (tuple, list)) else [[values]]


def ready(book: "xw.Book", *names: str) -> dict[str, "xw.Range"]:
    """The areas of these blocks, about to be written. `ToolkitError` with all that is in the way: nothing is written
    then, so that no sheet is new while another one is old.
    """
    areas: dict[str, xw.Range] = {}
    problems: list[Problem] = []
    seen: dict[str, tuple[xw.Sheet, bool]] = {}
    for name in names:
        sheet, block = layout().block(name)
        try:
            if sheet.name not in seen:  # each question to Excel takes time
                found = sheet_named(book, sheet.name)
                seen[sheet.name] = found, is_protected(found)
            on, protected = seen[sheet.name]
            area = _cells(on, sheet.name, f"block_{name}" if block.heads else f"rows_{name}")
        except ToolkitError as error:
            problems += error.problems
            continue
        if protected:
            problems.append(problem("WORKBOOK_PROTECTED", sheet=sheet.name))
        elif area.merge_cells is not False:  # what is written into merged cells is lost without a word
            problems.append(problem("WORKBOOK_MERGED", sheet=sheet.name))
        areas[name] = area
    if problems:
        raise ToolkitError(problems)
    return areas


def is_protected(sheet: "xw.Sheet") -> bool:
    """Whether Excel would refuse to write; where it cannot be asked, writing will tell."""
    return getattr(sheet.api, "ProtectContents", False) is True


def fill(area: "xw.Range", name: str, rows: Sequence[Sequence[object]], heads: Sequence[str] = ()) -> None:
    """Writes a block in one go: its heads, if it has ones that change, the rows, and nothing in what is left of it."""
    sheet, block = layout().block(name)
    blank: list[Cell] = [None] * block.width
    body = [row_of(row, block.width) for row in rows[: block.rows]]
    body += [blank] * (block.rows - len(body))
    write(area, sheet.name, [row_of(heads, block.width), *body] if heads else body)
    if block.wraps:
        area.rows.autofit()


def write(area: "xw.Range", sheet: str, rows: Sequence[Sequence[Cell]]) -> None:
    """Cells into an area; what Excel refuses becomes a sentence that names the sheet."""
    with told_by_sheet(sheet):
        area.raw_value = [list(row) for row in rows]


@contextmanager
def told_by_sheet(sheet: str) -> Iterator[None]:
    """What Excel refuses becomes a sentence that names the sheet."""
    try:
        yield
    except Exception as error:
        found = com_problem(error)
        if found is None:
            raise
        raise ToolkitError([problem(found.code, sheet=sheet)]) from error


def settings_of(book: "xw.Book") -> dict[str, str]:
    """What the sheet Settings says, by the names of its settings, read in one go."""
    sheet = next(sheet for sheet in layout().sheet if sheet.name == "Settings")
    area = place(book, sheet.name, "settings")
    by_label = {text_of(row[0]): row for row in rows_of(area)}
    found, problems = {}, []
    for setting in sheet.setting:
        row = by_label.get(setting.label)
        if row is None:
            problems.append(problem("WORKBOOK_NAME_GONE", sheet=sheet.name, name=setting.label))
            continue
        found[setting.name] = text_of(row[1])
        if found[setting.name].startswith("#"):
            value, where = found[setting.name], sheet.name
            problems.append(problem("SETTING_ERROR", sheet=where, value=value, label=setting.label))
    if problems:
        raise ToolkitError(problems)
    return found


def set_up_of(book: "xw.Book") -> str:
    """The set-up that the sheet Settings names; "" in a workbook without that sheet, or where none is named."""
    with suppress(ToolkitError):
        return settings_of(book)["profile"]
    return ""


def label_of(name: str) -> Mapping[str, Any]:
    """How the sheet Settings calls a setting, and what it says about it."""
    found = next(setting for sheet in layout().sheet for setting in sheet.setting if setting.name == name)
    return {"label": found.label, "about": found.about}
