"""Sheets that are no table of ours as they stand, and what a profile says of them.

A sheet may be wide (a column per question), feed a second table (a call row that carries a promise), or keep
one time in two columns (the day and the time of day).
"""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from toolkit.problems import Problem, problem
from toolkit.tables import TABLES

STRICT = ConfigDict(extra="forbid", frozen=True)


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _some(headers: tuple[str, ...]) -> tuple[str, ...]:
    if not headers or not all(header.strip() for header in headers):
        raise ValueError("at least one header or pattern has to be given, and none may be empty")
    return headers


class Wide(BaseModel):
    """A table whose sheet has a column per question, or per day: each such cell becomes a row.

    `columns`: headers, or patterns with a * that take headers which mean nothing else; "*" takes all of those.
    `header_into` is our column that gets the header, or its code from `codes`; `cell_into` the one that gets the
    cell. `when_empty` is written for an empty cell, which otherwise gives no row.
    """

    model_config = STRICT

    columns: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_some)]
    header_into: str = "question"
    cell_into: str = "answer"
    codes: dict[str, str] = Field(default_factory=dict)
    when_empty: str | None = None


def fields_of(source: str) -> tuple[str, ...]:
    """The columns that a template names: "P-{call_id}" names call_id; text without braces is a column itself.

    `ValueError` for braces that do not close, or with anything but a name in them.
    """
    if not re.search("[{}]", source):
        return (source,)
    names = tuple(name for _, name in pieces_of(source) if name is not None)
    if "" in names or not names:
        raise ValueError(f'"{source}" has to name columns in braces, as in P-{{call_id}}')
    return names


def pieces_of(source: str) -> Iterator[tuple[str, str | None]]:
    """A template as pairs: words, and the column that follows them; None where none does."""
    for text, name, form, conversion in Formatter().parse(source):
        if form or conversion:
            raise ValueError(f'"{source}" has more than the name of a column in its braces')
        yield text, name


def _with_fields(columns: dict[str, str]) -> dict[str, str]:
    for source in columns.values():
        fields_of(source)
    return columns


class Also(BaseModel):
    """A table that is taken from the sheets of another one, beside it.

    `first` (in the file: from) is the table that the sheet is recognised as. `columns` maps a column of ours to one
    of the first table, or to a template of several: "P-{call_id}". Columns that are called the same in both, and
    those that the profile's headers of this table find in the sheet, need not be named. `where` is the column of
    this table that has to be filled; other rows have nothing for this table.
    """

    model_config = STRICT

    first: str = Field(alias="from")
    where: str | None = None
    columns: Annotated[dict[str, str], AfterValidator(_with_fields)] = Field(default_factory=dict)


Joined = dict[str, tuple[str, str]]
"""Our "table.column", a time, to the headers of its day and of its time of day."""


def shape_problems(wide: Mapping[str, Wide], also: Mapping[str, Also], joined: Joined, file: str) -> Iterator[Problem]:
    """Tables and columns that do not exist, and shapes that cannot be meant."""
    named = list(_columns_named(wide, also, joined))
    unknown = {table: key for table, _, key in [*_tables_named(also), *named] if table not in TABLES}
    for table, key in unknown.items():
        yield problem("PROFILE_UNKNOWN_TABLE", file=file, column=key, value=table, known=", ".join(TABLES))
    for table, column, key in named:
        columns = [] if table in unknown else [of.name for of in TABLES[table].columns]
        if columns and column not in columns:
            known = ", ".join(columns)
            yield problem("PROFILE_UNKNOWN_COLUMN", file=file, column=key, value=column, table=table, known=known)
        elif columns and key.startswith("joined.") and TABLES[table].column(column).type != "time":
            yield problem("SHAPE_NOT_A_TIME", file=file, column=key, value=f"{table}.{column}")
    for table, of in wide.items():
        if of.header_into == of.cell_into:
            yield problem("SHAPE_ONE_COLUMN", file=file, column=f"wide.{table}.cell_into", value=of.cell_into)
    for table, second in also.items():
        if second.first == table:
            yield problem("SHAPE_FROM_ITSELF", file=file, column=f"also.{table}.from", value=table)


def _tables_named(also: Mapping[str, Also]) -> Iterator[tuple[str, str, str]]:
    for table, second in also.items():
        yield table, "", f"also.{table}"
        yield second.first, "", f"also.{table}.from"


def _columns_named(
    wide: Mapping[str, Wide], also: Mapping[str, Also], joined: Joined
) -> Iterator[tuple[str, str, str]]:
    """Every (table, column, key of the profile) that the shapes speak of."""
    for table, of in wide.items():
        yield table, of.header_into, f"wide.{table}.header_into"
        yield table, of.cell_into, f"wide.{table}.cell_into"
    for table, second in also.items():
        if second.where is not None:
            yield table, second.where, f"also.{table}.where"
        for column, source in second.columns.items():
            yield table, column, f"also.{table}.columns.{column}"
            yield from ((second.first, name, f"also.{table}.columns.{column}") for name in fields_of(source))
    for name in joined:
        table, _, column = name.partition(".")
        yield table, column, f"joined.{name}"
