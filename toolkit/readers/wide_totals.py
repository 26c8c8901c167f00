"""Rows of a wide sheet that add up the rows above them, held against the answers column by column."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.shape import is_average
from toolkit.readers.totals import held_against
from toolkit.readers.typed import Form, read_column
from toolkit.tables import Column as Definition

Total = tuple[int, str, Mapping[str, str | None]]
"""Row, label, and the cells by the meaning of the question."""


def wide_total_problems(
    rows: pl.DataFrame, totals: Sequence[Total], sheet: RawSheet, match: Match, form: Form
) -> Iterator[Problem]:
    """Every total of amounts against all answers above it and against those since the last one.

    Other figures need not add up: the total of rates or scores is no sum, and an average never is. That such a row
    was left out is said once.
    """
    if not totals or match.shape is None or match.shape.wide is None:
        return
    wide = match.shape.wide
    definition = match.table.column(wide.cell_into)
    since = 0
    for row, label, said in totals:
        place = {"file": sheet.file, "sheet": sheet.sheet}
        if definition.type != "money" or is_average(label):
            yield problem("WIDE_TOTAL_UNCHECKED", **place, row=row, value=label)
            continue
        above = rows.filter(pl.col("source_row") < row)
        for question in match.shape.questions:
            text = said[question.meaning]
            if text is not None:
                answers = above.filter(pl.col(wide.header_into) == question.meaning)
                part = answers.filter(pl.col("source_row") > since)[definition.name]
                code, fields = _compared(text, answers[definition.name], part, match, definition, form)
                yield problem(code, **place, row=row, column=question.header, value=text, label=label, **fields)
        since = row


def _compared(
    text: str, above: pl.Series, part: pl.Series, match: Match, definition: Definition, form: Form
) -> tuple[str, dict[str, str]]:
    said = read_column(pl.Series([text]), match.table, definition, form).values[0]
    return held_against(said, int(above.sum()), int(part.sum()), above.null_count(), form.profile.digits)
