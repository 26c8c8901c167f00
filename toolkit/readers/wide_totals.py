"""Rows of a wide sheet that add up the rows above them, held against the answers column by column."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.shape import Question, is_average
from toolkit.readers.totals import Above, held_against, sums_above
from toolkit.readers.typed import Form, read_column
from toolkit.shapes import Wide
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
    definition = match.table.column(match.shape.wide.cell_into)
    place = {"file": sheet.file, "sheet": sheet.sheet}
    summed = [row for row, label, _ in totals if definition.type == "money" and not is_average(label)]
    above = _above(rows, summed, match.shape.wide, match.shape.questions, definition)
    for row, label, said in totals:
        if row not in summed:
            yield problem("WIDE_TOTAL_UNCHECKED", **place, row=row, value=label)
            continue
        for question in match.shape.questions:
            text = said[question.meaning]
            if text is not None:
                amount = read_column(pl.Series([text]), match.table, definition, form).values[0]
                code, fields = held_against(amount, above[question.meaning][row], form.profile.digits)
                yield problem(code, **place, row=row, column=question.header, value=text, label=label, **fields)


def _above(
    rows: pl.DataFrame, at: Sequence[int], wide: Wide, questions: Sequence[Question], definition: Definition
) -> dict[str, dict[int, Above]]:
    """What the answers to each question add up to above each of these rows: worked out at once, since a sheet may have
    thousands of totals."""
    answers = rows.select(wide.header_into, "source_row", definition.name).sort("source_row")
    by_question = answers.partition_by(wide.header_into, as_dict=True, include_key=False)
    none = answers.clear().drop(wide.header_into)
    sums = {of.meaning: sums_above(by_question.get((of.meaning,), none), at) for of in questions if at}
    return {meaning: dict(zip(at, above, strict=True)) for meaning, above in sums.items()}
