"""What a workbook's cells do not show by their value: formulas, hidden rows, struck-through and percentage cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from toolkit.money import worded
from toolkit.problems import Problem, problem
from toolkit.readers.answers import Column, is_error
from toolkit.readers.merged import MERGED, Covering, covered, covering
from toolkit.readers.raw import Mark, RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import Rows
from toolkit.readers.typed import rejected, remarked
from toolkit.tables import Column as Definition


def with_marks(columns: dict[str, Column], found: Rows, sheet: RawSheet, match: Match) -> dict[str, Column]:
    """The columns, with the cells rejected whose value cannot be trusted although it can be read."""
    marked = dict(columns)
    for name, marks in _by_column(sheet, match).items():
        definition = match.table.column(name)
        for code in dict.fromkeys(mark.code for mark in marks):
            if is_error(code) and _concerns(code, definition):
                texts = {mark.row + 1: mark.text for mark in marks if mark.code == code}
                marked[name] = _rejected(marked[name], found.row, texts, code)
    for name, place in match.places.items():
        if name in marked and (areas := covering(sheet, place)):
            marked[name] = _rejected(marked[name], found.row, _unsaid(marked[name], found, areas), MERGED)
    return marked


def _rejected(column: Column, rows: pl.Series, texts: Mapping[int, str], code: str) -> Column:
    """The column with an error at these rows of the sheet, each with its own formula or area."""
    mask = rows.is_in(list(texts))
    own = {place: {"formula": texts[rows[place]]} for place in mask.arg_true().to_list()}
    return replace(remarked(column, mask, code), own={**column.own, **own})


def _unsaid(column: Column, found: Rows, areas: Sequence[Covering]) -> dict[int, str]:
    """The covered rows of which nothing refuses the cell already, with the area of each."""
    refused = rejected(column)
    rows = found.row if refused is None else found.row.filter(~refused)
    return covered(rows, areas)


def _by_column(sheet: RawSheet, match: Match) -> dict[str, list[Mark]]:
    """The marks of the table's own columns, below its header."""
    names = {place: name for name, place in match.places.items()}
    by_column: dict[str, list[Mark]] = {}
    for mark in sheet.marks:
        if mark.column in names and mark.row >= match.first:
            by_column.setdefault(names[mark.column], []).append(mark)
    return by_column


def shown_as_shares(found: Rows, sheet: RawSheet, match: Match) -> dict[str, pl.Series]:
    """By column, the rows whose cell is a number that is shown as a percentage."""
    shares = {
        name: [mark for mark in marks if mark.code == "PERCENT_FORMAT"]
        for name, marks in _by_column(sheet, match).items()
    }
    return {name: _mask(found, marks) for name, marks in shares.items() if marks}


def _concerns(code: str, definition: Definition) -> bool:
    """Numbers of many digits lose some everywhere, but only keys and references are kept digit by digit."""
    return code != "ID_PRECISION" or definition.type in ("id", "phone")


def _mask(found: Rows, marks: Sequence[Mark]) -> pl.Series:
    return found.row.is_in([mark.row + 1 for mark in marks])


def remark_problems(
    found: Rows, sheet: RawSheet, match: Match, amounts: pl.Series | None, digits: int
) -> Iterator[Problem]:
    """What people should know of a workbook that was taken: said once for a column, once for a row that is struck out.

    amounts: the rows' amounts in minor units of `digits` digits, where the table has any.
    """
    struck: dict[int, str] = {}
    for name, marks in _by_column(sheet, match).items():
        spelled = match.spelled[name]
        is_money, is_key = match.table.column(name).type == "money", match.table.column(name).key
        for code, wanted in (("FORMULA", is_money or is_key), ("PERCENT_FORMAT", is_money)):
            rows = found.row.filter(_mask(found, [mark for mark in marks if mark.code == code]))
            if wanted and rows.len():
                report = partial(problem, code, file=sheet.file, sheet=sheet.sheet, column=spelled)
                yield report(row=int(rows[0]), value=rows.n_unique())
        for row in found.row.filter(_mask(found, [mark for mark in marks if mark.code == "STRUCK_THROUGH"])):
            struck.setdefault(int(row), spelled)
    for row, spelled in sorted(struck.items()):
        yield problem("STRUCK_THROUGH", file=sheet.file, sheet=sheet.sheet, row=row, column=spelled)
    yield from _hidden(found, sheet, match, amounts, digits)


def _hidden(found: Rows, sheet: RawSheet, match: Match, amounts: pl.Series | None, digits: int) -> Iterator[Problem]:
    mask = found.row.is_in([row + 1 for row in sheet.hidden_rows])
    report = partial(problem, file=sheet.file, sheet=sheet.sheet)
    if mask.any():
        total = f", together {worded(int(amounts.filter(mask).sum()), digits)}" if amounts is not None else ""
        rows = found.row.filter(mask)
        yield report("ROWS_HIDDEN", row=int(rows[0]), value=rows.n_unique(), total=total)
    hidden = [header for place, header in match.read.items() if place in sheet.hidden_columns]
    if hidden and found.row.len():
        yield report("COLUMNS_HIDDEN", value=", ".join(hidden))
