"""Problems by their code: how many, in which files, how much money they keep out, and the worst examples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from toolkit.problems import Level, Problem
from toolkit.reading import FILE_REJECTED, Reading

LEVELS: Sequence[Level] = ("error", "warning", "info")
EXAMPLES = 3
ROW = ("place", "row")


@dataclass(frozen=True)
class ProblemKind:
    """The problems of one code.

    `rows` counts the rows they are on, `files` names the files in the order of reading. `amounts` adds up, per table
    with an amount, the readable amounts in minor units of the rows that were not taken because of it; a row with two
    kinds of problems counts for both. `worst` are the examples to look at first: the largest amounts, and where there
    are none the earliest rows.
    """

    code: str
    level: Level
    count: int
    rows: int
    files: tuple[str, ...]
    amounts: Mapping[str, int]
    worst: tuple[Problem, ...]

    @property
    def amount(self) -> int | None:
        """What it keeps out in all; None where no table with an amount is concerned."""
        return sum(self.amounts.values()) if self.amounts else None

    @property
    def what_to_do(self) -> str:
        """How to mend them, as it is said of the worst one."""
        return self.worst[0].what_to_do


def problem_kinds(reading: Reading) -> list[ProblemKind]:
    """Errors first, then warnings, then remarks; among each the most money first, then the most problems."""
    if not reading.problems:
        return []
    found = _found(reading.problems)
    amounts = _amounts(reading)
    worst = _worst(found, amounts)
    at_stake = _at_stake(found, amounts, reading)
    kinds = [
        ProblemKind(
            code,
            reading.problems[numbers[0]].level,
            count,
            rows,
            tuple(files),
            at_stake.get(code, {}),
            tuple(reading.problems[number] for number in numbers),
        )
        for code, count, rows, files, numbers in _counted(found, worst)
    ]
    return sorted(kinds, key=lambda kind: (LEVELS.index(kind.level), -abs(kind.amount or 0), -kind.count, kind.code))


def _found(problems: Sequence[Problem]) -> pl.DataFrame:
    """A row a problem: its number, its code, its file, and the row it is on as tables name it."""
    places = {origin: _place(*origin) for origin in {(one.file, one.sheet) for one in problems}}
    words = pl.Categorical()
    return pl.DataFrame(
        {
            "code": pl.Series([one.code for one in problems], dtype=words),
            "file": pl.Series([one.file for one in problems], dtype=words),
            "place": pl.Series([places[one.file, one.sheet] for one in problems], dtype=words),
            "row": pl.Series([one.row for one in problems], dtype=pl.Int64),
        }
    ).with_row_index("number")


def _place(file: str, sheet: str) -> str:
    return f"{file}[{sheet}]" if sheet else file


def _amounts(reading: Reading) -> pl.DataFrame:
    """The readable amount of every row of a table that has amounts, and whether the row was rejected."""
    parts = [_of_table(name, rows, pl.col("rejected")) for name, rows in reading.not_taken.items()]
    parts += [
        _of_table(name, rows, pl.lit(False)) for name, rows in reading.tables.items() if name in reading.not_taken
    ]
    schema = {"table": pl.String, "place": pl.String, "row": pl.Int64, "amount": pl.Int64, "rejected": pl.Boolean}
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _of_table(name: str, rows: pl.DataFrame, rejected: pl.Expr) -> pl.DataFrame:
    place = pl.col("source_file").cast(pl.String).alias("place")
    row = pl.col("source_row").cast(pl.Int64).alias("row")
    return rows.select(pl.lit(name).alias("table"), place, row, "amount", rejected.alias("rejected"))


def _worst(found: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    """The numbers of the problems to show, by code."""
    sized = found.with_columns(pl.col("place").cast(pl.String)).join(amounts, on=ROW, how="left")
    largest = sized.sort(
        pl.col("amount").abs(), "row", "number", descending=[True, False, False], nulls_last=[True, False, False]
    )
    return largest.group_by("code").agg(pl.col("number").head(EXAMPLES))


def _counted(found: pl.DataFrame, worst: pl.DataFrame) -> Iterable[tuple[str, int, int, list[str], list[int]]]:
    on_rows = pl.struct(ROW).filter(pl.col("row").is_not_null()).n_unique()
    counts = found.group_by("code", maintain_order=True).agg(
        pl.len().alias("count"), on_rows.alias("rows"), pl.col("file").unique(maintain_order=True)
    )
    return counts.join(worst, on="code", maintain_order="left").iter_rows()


def _at_stake(found: pl.DataFrame, amounts: pl.DataFrame, reading: Reading) -> dict[str, dict[str, int]]:
    """By code and table, the amounts of the rejected rows: those with a problem of the code, and all rows of a
    file that was refused for it."""
    errors = {one.code for one in reading.problems if one.level == "error"}
    rejected = amounts.filter("rejected")
    refused = [(_place(of.file, of.sheet), of.code) for of in reading.files if of.verdict == FILE_REJECTED]
    of_files = pl.DataFrame(refused, schema={"place": pl.String, "code": pl.String}, orient="row")
    of_rows = found.select(pl.col("code", "place").cast(pl.String), "row").unique(maintain_order=True)
    columns = ("code", "place", "row", "table", "amount")
    counted = pl.concat(
        [
            of_rows.filter(pl.col("code").is_in(errors)).join(rejected, on=ROW).select(columns),
            of_files.join(rejected, on="place").select(columns),
        ]
    ).unique()
    sums = counted.group_by("code", "table").agg(pl.col("amount").sum()).sort("code", "table").iter_rows()
    return {
        code: {table: amount for _, table, amount in of_code} for code, of_code in groupby(sums, lambda sum_: sum_[0])
    }
