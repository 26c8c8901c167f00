"""Tables from a database: what a profile's [database] names, by SQLAlchemy, as sheets like any other.

The statement of each table is looked at before anything connects; its days are bound, never pasted into its text; its
rows come a chunk at a time, in a transaction that only reads.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from toolkit.problems import DATABASE, Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.readers.connections import Address, address_of, connection, known_databases, read_only
from toolkit.readers.fetched import BinaryFoundError, Fetched
from toolkit.readers.raw import WIDEST, FileRejected, RawSheet, Source
from toolkit.readers.statements import Statement, refusal, statement_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause

ROWS_AT_A_TIME = 20_000
"""Rows that are Python's objects at one time."""


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a statement may ask for; None: nobody said. Both ends of the period belong to it."""

    first: date | None = None
    last: date | None = None
    as_of: date | None = None

    @property
    def bound(self) -> Mapping[str, date | None]:
        """By the name that a statement has for them. `:to` is the day after the last: paid_at < :to."""
        after = self.last + timedelta(days=1) if self.last else None
        return {"from": self.first, "to": after, "as_of": self.as_of or self.last}


def read_database(profile: Profile, wanted: Collection[str], days: Days) -> Iterator[RawSheet | Problem]:
    """These tables of the profile's database, or why one cannot be had; first what is to be remarked about it.

    `ToolkitError` where nothing can be had: a statement that is not allowed, no driver, no connection.
    """
    entries = profile.database.tables if profile.database else {}
    statements = {name: statement_of(text) for name, text in entries.items() if name in wanted}
    problems = [found for name, statement in statements.items() for found in _refusals(name, statement, days)]
    if problems:
        raise ToolkitError(problems)
    if not statements:
        return
    address = address_of(profile)
    if address.in_clear:
        yield problem("DATABASE_PASSWORD_IN_CLEAR", file=DATABASE)
    with connection(address, profile.timezone) as connected:
        for name, statement in statements.items():
            try:
                yield _sheet(connected, name, _bound(statement, days), profile.decimal)
            except FileRejected as refused:
                yield refused.problem
            except Exception as error:  # whatever the driver raises, it is about this statement
                yield _query_problem(name, error, address)
                connected.rollback()
                read_only(connected, profile.timezone)


def _refusals(name: str, statement: Statement, days: Days) -> Iterator[Problem]:
    code, seen = refusal(statement)
    if code:
        yield problem(code, file=DATABASE, sheet=name, value=seen)
    for parameter in sorted(statement.parameters):
        if days.bound[parameter] is None:
            option = "--as-of" if parameter == "as_of" else "--period"
            yield problem("STATEMENT_ASKS", file=DATABASE, sheet=name, value=f":{parameter}", option=option)


def _bound(statement: Statement, days: Days) -> "TextClause":
    from sqlalchemy import Date, bindparam, text

    asked = [bindparam(parameter, days.bound[parameter], Date()) for parameter in sorted(statement.parameters)]
    return text(statement.text).bindparams(*asked)


def _sheet(connected: "Connection", table: str, statement: "TextClause", decimal: str) -> RawSheet:
    streamed = {"stream_results": True, "yield_per": ROWS_AT_A_TIME}
    with connected.execute(statement, execution_options=streamed) as result:
        names = tuple(str(column) for column in result.keys())  # not a dict: a name may be there twice
        if len(names) > WIDEST:
            raise FileRejected(
                problem("TOO_WIDE", file=DATABASE, sheet=table, value=f"a row of {len(names)} columns", most=WIDEST)
            )
        cells = _fetched(result.partitions(ROWS_AT_A_TIME), names, table, decimal)
    source = Source(Path(DATABASE), b"", _hashed(names, cells))
    return RawSheet(source, table, cells, names=names)


def _fetched(chunks: Iterator[Sequence[Any]], names: Sequence[str], table: str, decimal: str) -> pl.DataFrame:
    fetched = Fetched(len(names), decimal)
    for rows in chunks:
        try:
            fetched.add(rows)
        except BinaryFoundError as found:
            column = names[found.column]
            raise FileRejected(problem("DATABASE_BINARY", file=DATABASE, sheet=table, column=column)) from found
    return fetched.frame()


def _hashed(names: Sequence[str], cells: pl.DataFrame) -> "Future[str]":
    """The hash of the rows as they came, in place of that of a file."""
    seen = sha256("\x1f".join(names).encode())
    for chunk in cells.iter_slices(ROWS_AT_A_TIME):
        seen.update(chunk.write_csv(include_header=False).encode())
    future: Future[str] = Future()
    future.set_result(seen.hexdigest())
    return future


def _query_problem(table: str, error: BaseException, address: Address) -> Problem:
    told = address.said_by(error)
    missing = any(re.search(words, told.casefold()) for words in known_databases()["no_such_table"]["words"])
    return problem("DATABASE_NO_TABLE" if missing else "DATABASE_QUERY", file=DATABASE, sheet=table, value=told)
