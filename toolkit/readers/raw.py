"""A sheet as it was found, before anybody knows which table it is."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import polars as pl

from toolkit.problems import DATABASE, Problem

WIDEST = 512
"""More columns than this is not a table of ours but a damaged or hostile file."""


class FileRejected(Exception):
    """A whole file cannot be taken; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def is_panic(error: BaseException) -> bool:
    """Whether a parser gave up in the middle of a damaged file: its own kind of error, with no class to catch it by."""
    return type(error).__name__ == "PanicException"


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


@dataclass(frozen=True)
class Source:
    """One file with its content. The hash of it is worked out meanwhile."""

    path: Path
    content: bytes
    hashed: "Future[str]"
    called: str = ""

    @property
    def name(self) -> str:
        """The file's name, with its folder where two files given have the same name."""
        return self.called or self.path.name

    @property
    def sha256(self) -> str:
        return self.hashed.result()

    @classmethod
    def of(cls, path: Path, executor: Executor, called: str = "") -> "Source":
        """`OSError` where the file cannot be opened."""
        content = path.read_bytes()
        return cls(path, content, executor.submit(_hash, content), called)

    @classmethod
    def beginning(cls, path: Path, content: bytes) -> "Source":
        """The first lines of a file, to see what it is; it has no hash."""
        return cls(path, content, Future())


@dataclass(frozen=True, slots=True)
class Mark:
    """Something about a cell that its value does not show: a code of the sentences, and what goes with it.

    Places are counted from 0, as in `RawSheet.cells`.
    """

    row: int
    column: int
    code: str
    text: str = ""


class Area(NamedTuple):
    """Cells merged into one: its first and last row and column, counted from 0, and how Excel names it (D2:D3)."""

    top: int
    left: int
    bottom: int
    right: int
    name: str

    def covers(self, column: int) -> tuple[int, int] | None:
        """The first and the last row in which it covers a cell of this column; None: in none."""
        first = self.top + (column == self.left)
        return (first, self.bottom) if self.left <= column <= self.right and first <= self.bottom else None


@dataclass(frozen=True)
class RawSheet:
    """The cells of one CSV file or sheet, row by row from the first.

    `cells` has columns "0", "1", ...: text, or what a Parquet file holds. Row i of `cells` is row i + 1 of
    the file as Excel shows it. `fields` is how many fields each row had, where not all have as many as
    there are columns (negative: it is in doubt); None: all have. `names` are the column names of a file that keeps them
    apart from its rows. `plain`: all is ASCII, with no tab and no quotation mark anywhere, so that blanks are the only
    thing to trim. `marks`, `hidden_rows` and `hidden_columns` say about a workbook's cells what their values do not
    show, `merged` which of them are merged, `numbers` by column which are numbers with a decimal point (where the
    profile has another sign); `date1904`: it counts days from 1904; `left`: so many empty columns stand before column
    "0"; `judged`: every row of it was a row of its table before, so none is a total or a text below it.
    """

    source: Source
    sheet: str
    cells: pl.DataFrame
    fields: pl.Series | None = None
    names: tuple[str, ...] | None = None
    plain: bool = False
    marks: tuple[Mark, ...] = ()
    merged: tuple[Area, ...] = ()
    numbers: Mapping[int, pl.Series] = field(default_factory=dict)
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    date1904: bool = False
    left: int = 0
    judged: bool = False
    warnings: tuple[Problem, ...] = field(default=())

    @property
    def file(self) -> str:
        return self.source.name

    @property
    def first_row(self) -> int | None:
        """The number of the first row where the column names are no row: in what a database answers."""
        return 1 if self.file == DATABASE else None

    @property
    def place(self) -> str:
        """How the sheet is named in tables and messages: ``payments.csv`` or ``book.xlsx[May]``."""
        return f"{self.file}[{self.sheet}]" if self.sheet else self.file


def numbered(count: int) -> list[str]:
    """Names of the columns of raw cells."""
    return [str(number) for number in range(count)]


def first_rows(cells: pl.DataFrame, count: int) -> Iterable[tuple[str | None, ...]]:
    """The first rows as tuples, for looking for the header."""
    return cells.head(count).rows()
