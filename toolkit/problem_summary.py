"""Problems by their code: how many, in which files, how much money they keep out, and the worst examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from toolkit.problems import Level, Problem
from toolkit.reading import FILE_REJECTED, Reading

LEVELS: Sequence[Level] = ("error", "warning", "info")
EXAMPLES = 3
ON = ["place", "row"]
"""Where a problem is, in small numbers: the sheet among all of them, and its row."""

Origin = tuple[str, str]
"""File and sheet."""


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
        """What it keeps out in all; None where no amount is concerned, or none can be read."""
        return sum(self.amounts.values()) if self.amounts else None

    @property
    def what_to_do(self) -> str:
        """How to mend them, as it is said of the worst one."""
        return self.worst[0].what_to_do


def problem_kinds(reading: Reading) -> list[ProblemKind]:
    """Errors first, then warnings, then remarks; among each the most money first, then the most problems."""
    origins = _origins(reading)
    places = {origin: place for place, origin in enumerate(origins)}
    codes = sorted({one.code for one in reading.problems} | {of.code for of in reading.files})
    found = _found(reading.problems, codes, places)
    amounts = _amounts(reading, places)
    at_stake = _at_stake(found, amounts.filter("rejected"), _refused(reading, codes, places))
    kinds = []
    for code, count, rows, in_places, worst in _counted(found, amounts).iter_rows():
        examples = tuple(reading.problems[number] for number in worst)
        files = tuple(dict.fromkeys(origins[place][0] for place in in_places))
        level = examples[0].level
        stake = at_stake.get(code, {}) if level == "error" else {}
        kinds.append(ProblemKind(codes[code], level, count, rows, files, stake, examples))
    return sorted(kinds, key=lambda kind: (LEVELS.index(kind.level), -abs(kind.amount or 0), -kind.count, kind.code))


def _origins(reading: Reading) -> list[Origin]:
    """Every file and sheet of which something is known, in the order of reading."""
    of_files = [(of.file, of.sheet) for of in reading.files]
    return list(dict.fromkeys([*of_files, *((one.file, one.sheet) for one in reading.problems)]))


def _found(problems: Sequence[Problem], codes: Sequence[str], places: Mapping[Origin, int]) -> pl.DataFrame:
    """A row a problem, all in small numbers: hundreds of thousands of texts would fill the memory."""
    numbers = {code: number for number, code in enumerate(codes)}
    columns = [
        pl.Series("code", [numbers[one.code] for one in problems], dtype=pl.UInt32),
        pl.Series("place", [places[one.file, one.sheet] for one in problems], dtype=pl.UInt32),
        pl.Series("row", [one.row for one in problems], dtype=pl.Int64),
    ]
    return pl.DataFrame(columns).with_row_index("number")


def _amounts(reading: Reading, places: Mapping[Origin, int]) -> pl.DataFrame:
    """The readable amount of every row of a table that has amounts, and whether the row was rejected."""
    names = [f"{file}[{sheet}]" if sheet else file for file, sheet in places]
    numbers = pl.DataFrame(
        {"source_file": names, "place": list(places.values())}, schema_overrides={"place": pl.UInt32}
    )
    parts = []
    for table, rows in reading.not_taken.items():
        parts.append(_of_table(table, rows, numbers))
        if table in reading.tables:
            parts.append(_of_table(table, reading.tables[table].with_columns(rejected=pl.lit(False)), numbers))
    # where nothing could be read, nobody knows how much is at stake
    schema = {"table": pl.String, "place": pl.UInt32, "row": pl.Int64, "amount": pl.Int64, "rejected": pl.Boolean}
    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _of_table(table: str, rows: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    row = pl.col("source_row").cast(pl.Int64).alias("row")
    ours = rows.select(pl.lit(table).alias("table"), pl.col("source_file").cast(pl.String), row, "amount", "rejected")
    readable = ours.filter(pl.col("amount").is_not_null())
    return readable.join(numbers, on="source_file").select("table", *ON, "amount", "rejected")


def _refused(reading: Reading, codes: Sequence[str], places: Mapping[Origin, int]) -> pl.DataFrame:
    """The sheets that were refused as a whole, with the code for which they were."""
    refused = [(codes.index(of.code), places[of.file, of.sheet]) for of in reading.files if of.verdict == FILE_REJECTED]
    return pl.DataFrame(refused, schema={"code": pl.UInt32, "place": pl.UInt32}, orient="row")


def _counted(found: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    """By code: how many problems, on how many rows, in which places, and the numbers of the worst."""
    sized = found.join(amounts.select(*ON, size=pl.col("amount").abs()), on=ON, how="left")
    worst_first = sized.sort("size", *ON, "number", descending=[True, False, False, False], nulls_last=True)
    return worst_first.group_by("code").agg(
        pl.len().alias("count"),
        pl.struct(ON).filter(pl.col("row").is_not_null()).n_unique().alias("rows"),
        pl.col("place").unique().sort().alias("places"),
        pl.col("number").head(EXAMPLES).alias("worst"),
    )


def _at_stake(found: pl.DataFrame, rejected: pl.DataFrame, refused: pl.DataFrame) -> dict[int, dict[str, int]]:
    """By code and table, the amounts of the rejected rows: those with a problem of the code, and all rows of a
    file that was refused for it."""
    columns = ("code", *ON, "table", "amount")
    of_rows = found.join(rejected, on=ON).select(columns)
    of_files = refused.join(rejected, on="place").select(columns)
    sums = pl.concat([of_rows, of_files]).unique().group_by("code", "table").agg(pl.col("amount").sum())
    at_stake: dict[int, dict[str, int]] = {}
    for code, table, amount in sums.sort("code", "table").iter_rows():
        at_stake.setdefault(code, {})[table] = amount
    return at_stake
