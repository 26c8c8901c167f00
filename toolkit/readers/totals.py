"""Rows that add up the rows above them: what they say has to be the sum."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from toolkit.money import worded
from toolkit.problems import Problem, problem
from toolkit.readers.amounts import read_amounts
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import Rows, Total
from toolkit.readers.typed import Form
from toolkit.tables import Column as Definition


def total_problems(rows: pl.DataFrame, found: Rows, sheet: RawSheet, match: Match, form: Form) -> Iterator[Problem]:
    """A row that adds up says the sum of all rows above it, or of those since the last such row."""
    money = [definition for definition in match.table.of_type("money") if definition.name in rows.columns]
    if not found.totals or not money:
        return
    missing = {(mark.row + 1, mark.column) for mark in sheet.marks if mark.code == "FORMULA_NO_VALUE"}
    unsaid = {row: label for row, label, _ in found.totals}
    for definition in money:
        said = [total for total in found.totals if total[2].get(definition.name) is not None]
        place = match.places.get(definition.name, -1)
        unsaid_here = [total for total in found.totals if total[2].get(definition.name) is None]
        unknown = [total for total in unsaid_here if (total[0], place) in missing]
        report = partial(
            problem, file=sheet.file, sheet=sheet.sheet, column=match.spelled.get(definition.name, definition.name)
        )
        yield from _compared(rows, said, definition, form, report)
        yield from (report("CONTROL_TOTAL_UNCHECKED", row=row, label=label) for row, label, _ in unknown)
        for row, _, _ in [*said, *unknown]:
            unsaid.pop(row, None)
    for row, label in unsaid.items():
        yield problem("TOTAL_WITHOUT_AMOUNT", file=sheet.file, sheet=sheet.sheet, row=row, value=label)


def _compared(
    rows: pl.DataFrame, totals: Sequence[Total], definition: Definition, form: Form, report: "partial[Problem]"
) -> Iterator[Problem]:
    """What is to be said of each total of one column; all are worked out at once, since a file may have thousands."""
    texts = [str(cells[definition.name]) for _, _, cells in totals]
    numbers = read_amounts(pl.Series(texts, dtype=pl.String), form.amounts).values.to_list()
    digits = form.profile.digits
    sums = sums_above(rows.select("source_row", definition.name).sort("source_row"), [row for row, _, _ in totals])
    for (row, label, _), text, said, above in zip(totals, texts, numbers, sums, strict=True):
        code, fields = held_against(said, above, digits)
        yield report(code, row=row, value=text, label=label, **fields)


class Above(NamedTuple):
    """What stands above a total: the sum of all rows and of those since the last total, in minor units; how many of
    the amounts are none; and how many rows that is, all and since the last total."""

    all: int
    part: int
    unreadable: int
    rows: int
    rows_of_part: int


def held_against(said: int | None, above: Above, digits: int) -> tuple[str, dict[str, str]]:
    """The code for a total that says so many minor units, and what its sentence needs."""
    if said in (above.all, above.part):
        return "CONTROL_TOTAL_AGREES", {}
    if said is None or above.unreadable:
        return "CONTROL_TOTAL_UNCHECKED", {}
    return "CONTROL_TOTAL", {"summed": worded(above.all, digits), "difference": worded(said - above.all, digits)}


def sums_above(rows: pl.DataFrame, at: Sequence[int]) -> Iterator[Above]:
    """Above each of these row numbers, in order. `rows` has the number of each row and its amount, in order too."""
    numbers, amounts = rows.get_columns()
    so_far = [0, *amounts.fill_null(0).cum_sum().to_list()]
    nulls = [0, *amounts.is_null().cast(pl.Int64).cum_sum().to_list()]
    since = 0
    for end in numbers.search_sorted(pl.Series(at, dtype=pl.Int64), side="left").to_list():
        yield Above(so_far[end], so_far[end] - so_far[since], nulls[end], end, end - since)
        since = end
