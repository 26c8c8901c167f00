"""problems.csv: every finding as a row, whole, however many there are; `check` and run folders write the same."""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import as_cells
from toolkit.problems import Problem

COLUMNS = ("file", "sheet", "row", "column", "value", "code", "level", "message", "what_to_do")
AT_ONCE = 20_000
"""Sentences are made, written and forgotten in parts, so that a bad export does not fill the memory with them."""


def write_problems(problems: Iterable[Problem], path: Path) -> None:
    """The problems as CSV, complete before the file has its name. Text that a spreadsheet would take for a formula
    gets a leading apostrophe."""
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        for number, part in enumerate(_parts(problems)):
            _table(part).write_csv(file, include_header=number == 0)
    os.replace(aside, path)


def _parts(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    """At least one part, which may be empty: a file without problems still has its head."""
    rest = iter(problems)
    part = list(islice(rest, AT_ONCE))
    yield part
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _table(problems: Sequence[Problem]) -> pl.DataFrame:
    types: dict[str, Any] = {**dict.fromkeys(COLUMNS, pl.String), "row": pl.Int64}
    columns = [pl.Series(name, [getattr(found, name) for found in problems], types[name]) for name in COLUMNS]
    return pl.DataFrame([cells if cells.name == "row" else as_cells(cells) for cells in columns])
