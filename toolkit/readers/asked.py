"""What is asked of a reading beside the files: which tables, until which day, what is known from elsewhere."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypedDict

from toolkit.readers.raw import RawSheet
from toolkit.tables import TABLES

OnFile = Callable[[Path], None]
"""Told of each file when it is done with: for whoever shows how far the reading has come."""


class Wishes(TypedDict, total=False):
    """The keywords of `read_tables` and `read_files`.

    as_of: the day after which nothing can have happened yet; without it no date is in the future.
    only: the tables wanted; others are left alone.
    table: what the user says that the files all are; a database is left alone then.
    pasted: tables that come from elsewhere, by name: the files of the same tables are left alone.
    paid_before: payments of earlier runs, which a reversal may take back; None: whoever calls looks after reversals.
    days: the first and the last day of the period, which a statement for a database may ask for.
    retried: files of rows that were set aside before; a row whose key the data have now is left out.
    on_file: told of each file when it is done with.
    keep_sheets: the reading has the cells as found of every file with a problem.
    keep_set_aside: the reading has the rows that were rejected, as found.
    """

    as_of: date | None
    only: Collection[str] | None
    table: str | None
    pasted: Mapping[str, RawSheet] | None
    paid_before: Collection[str] | None
    days: tuple[date, date] | None
    retried: Sequence[Path]
    on_file: OnFile | None
    keep_sheets: bool
    keep_set_aside: bool


@dataclass(frozen=True)
class Asked:
    """`Wishes` with what holds where nothing is said."""

    as_of: date | None = None
    only: Collection[str] | None = None
    table: str | None = None
    pasted: Mapping[str, RawSheet] | None = None
    paid_before: Collection[str] | None = ()
    days: tuple[date, date] | None = None
    retried: Sequence[Path] = ()
    on_file: OnFile | None = None
    keep_sheets: bool = False
    keep_set_aside: bool = False
    held: frozenset[str] = field(init=False)
    """The tables that are handed over, and so not wanted of files."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "held", frozenset(self.pasted or ()))

    @property
    def of_files(self) -> Collection[str] | None:
        """The tables that are wanted of files; None: whichever there are."""
        if not self.held:
            return self.only
        return set(TABLES if self.only is None else self.only) - self.held

    def wants(self, table: str) -> bool:
        """Whether a table is wanted, from wherever it comes."""
        return self.only is None or table in self.only

    def tell(self, path: Path) -> None:
        """A file is done with."""
        if self.on_file is not None:
            self.on_file(path)
