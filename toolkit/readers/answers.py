"""Columns of text become columns of values, with a code for every cell that could not.

The common forms are read a column at a time. What is left is read word by word, each distinct text once:
slow, thorough, and only for the few that need it.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from toolkit.problems import texts
from toolkit.shipped import shipped

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one text says: its value (None where it says none), and what is to be remarked about it.

    `code` is a key of the sentences; whether it is an error or a warning stands there. `fields` fill in
    the sentence.
    """

    value: Any = None
    code: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """The values of a column, null where a cell was empty or could not be read.

    `codes` says what is remarked about each cell (null: nothing); None if there is nothing at all.
    `fields` fill in the sentences, by text and code; without a text, those of all other texts of the code. `own` are
    those of single cells, by position, where cells of one text have each their own.
    """

    values: pl.Series
    codes: pl.Series | None = None
    fields: Mapping[tuple[str | None, str], Mapping[str, object]] = field(default_factory=dict)
    own: Mapping[int, Mapping[str, object]] = field(default_factory=dict)

    def fields_of(self, text: str | None, code: str, place: int | None = None) -> Mapping[str, object]:
        """What fills in the sentence of this code where it is said of this text, in the cell at this position."""
        if place is not None and place in self.own and is_error(code):
            return self.own[place]
        return self.fields.get((text, code)) or self.fields.get((None, code), NOTHING)


def is_error(code: str) -> bool:
    """Whether a row with this code is rejected; warnings and remarks are not."""
    return texts()[code]["level"] == "error"


def read_slowly(cells: pl.Series, quick: pl.Series, read: Callable[[str], Answer]) -> Column:
    """`quick`, with the cells that it left null read by `read`, each distinct text once."""
    places = (cells.is_not_null() & quick.is_null()).arg_true()
    if not places.len():
        return Column(quick)
    left = cells.gather(places)
    seen = left.unique()
    values, codes, fields = _read_each(seen, read)
    found = pl.DataFrame(
        {"cell": seen, "value": pl.Series(values, dtype=quick.dtype), "code": pl.Series(codes, dtype=pl.String)}
    )
    joined = left.alias("cell").to_frame().join(found, on="cell", how="left", maintain_order="left")
    whole = quick.scatter(places, joined["value"])
    if joined["code"].null_count() == places.len():
        return Column(whole, None, fields)
    remarks = pl.Series([None], dtype=pl.String).new_from_index(0, cells.len()).scatter(places, joined["code"])
    return Column(whole, remarks, fields)


Fields = Mapping[str, object]


def _read_each(
    seen: pl.Series, read: Callable[[str], Answer]
) -> tuple[list[Any], list[str | None], dict[tuple[str | None, str], Fields]]:
    """The value and the code of each text, and what fills in the sentences: what the first text of a code says is
    kept once for all that say the same, since a whole column can be wrong in one way."""
    values, codes = [], []
    fields: dict[tuple[str | None, str], Fields] = {}
    for text in seen:
        answer = read(text)
        values.append(answer.value)
        codes.append(answer.code or None)
        if answer.fields and fields.setdefault((None, answer.code), answer.fields) != answer.fields:
            fields[text, answer.code] = answer.fields
    return values, codes, fields


def read_distinct(cells: pl.Series, read: Callable[[str], Answer], dtype: Any) -> Column:
    """Every distinct text read once: for columns of a few words, such as codes."""
    if cells.len() and cells.null_count() == 0 and cells[0] == cells[-1] and (cells == cells[0]).all():
        answer = read(cells[0])
        values = pl.Series(cells.name, [answer.value], dtype=dtype).new_from_index(0, cells.len())
        codes = pl.Series([answer.code], dtype=pl.String).new_from_index(0, cells.len()) if answer.code else None
        return Column(values, codes, {(cells[0], answer.code): answer.fields})
    return read_slowly(cells, pl.Series(cells.name, [None], dtype=dtype).new_from_index(0, cells.len()), read)


@cache
def words() -> dict[str, Any]:
    """The words that exports use: nil, total, months, flags, currencies (`toolkit/data/words.toml`)."""
    return tomllib.loads((shipped("data") / "words.toml").read_text(encoding="utf-8"))
