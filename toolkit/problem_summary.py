"""Problems by their code: how many, in which files, how much money they keep out, and the worst examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from toolkit.problems import Level, Problem
from toolkit.reading import FILE_REJECTED, Reading

LEVELS: Sequence[Level] = ("error", "warning", "info")
EXAMPLES = 3
ROWS_OF_A_PLACE = 2**40
"""Rows are numbered through all sheets: number of the sheet times this, plus the row. One number a row can be looked up
and told apart without the memory that texts and joins take."""

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
    amounts = _amounts(reading, places)
    found = _with_amounts(_found(reading.problems, codes, places), amounts)
    refused = [(codes.index(of.code), places[of.file, of.sheet]) for of in reading.files if of.verdict == FILE_REJECTED]
    at_stake = _at_stake(found, amounts, refused)
    kinds = []
    for code, count, rows, in_places, worst in _counted(found).iter_rows():
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
    """A row a problem, in numbers: the code, the place, and the row among all rows (null: none)."""
    numbers = {code: number for number, code in enumerate(codes)}
    columns = [
        pl.Series("code", [numbers[one.code] for one in problems], dtype=pl.UInt32),
        pl.Series("place", [places[one.file, one.sheet] for one in problems], dtype=pl.UInt32),
        pl.Series("row", [one.row for one in problems], dtype=pl.Int64),
    ]
    return pl.DataFrame(columns).with_columns(_row_of_all()).with_row_index("number")


def _row_of_all() -> pl.Expr:
    return (pl.col("place").cast(pl.Int64) * ROWS_OF_A_PLACE + pl.col("row")).alias("row")


def _amounts(reading: Reading, places: Mapping[Origin, int]) -> pl.DataFrame:
    """The amounts that can be read in rows of tables that have some, and whether the row was rejected, in the order
    of the rows."""
    names = [f"{file}[{sheet}]" if sheet else file for file, sheet in places]
    parts = []
    for table, rows in reading.not_taken.items():
        parts.append(_of_table(table, rows, names))
        if table in reading.tables:
            parts.append(_of_table(table, reading.tables[table].with_columns(rejected=pl.lit(False)), names))
    schema = {"table": pl.String, "place": pl.UInt32, "row": pl.Int64, "amount": pl.Int64, "rejected": pl.Boolean}
    return pl.concat([pl.DataFrame(schema=schema), *parts]).sort("row")


def _of_table(table: str, rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    place = pl.col("source_file").cast(pl.Enum(names)).to_physical().cast(pl.UInt32).alias("place")
    row = pl.col("source_row").cast(pl.Int64).alias("row")
    # where nothing can be read, nobody knows how much is at stake
    readable = rows.filter(pl.col("amount").is_not_null())
    ours = readable.select(pl.lit(table).alias("table"), place, row, "amount", "rejected")
    return ours.with_columns(_row_of_all())


def _with_amounts(found: pl.DataFrame, amounts: pl.DataFrame) -> pl.DataFrame:
    """Each problem with the amount of its row; null where there is none."""
    if not amounts.height:
        return found.join(amounts.select("row", "table", "amount", "rejected"), on="row", how="left")
    at = amounts["row"].search_sorted(found["row"].fill_null(-1)).clip(upper_bound=amounts.height - 1)
    there = (amounts["row"].gather(at) == found["row"]).fill_null(False)
    nearest = amounts.select("table", "amount", "rejected")[at]
    return found.hstack(nearest.select(pl.when(there).then(pl.all())))


def _counted(found: pl.DataFrame) -> pl.DataFrame:
    """By code: how many problems, on how many rows, in which places, and the numbers of the worst."""
    worst_first = found.with_columns(size=pl.col("amount").abs()).sort(
        "size", "row", "number", descending=[True, False, False], nulls_last=True
    )
    return worst_first.group_by("code").agg(
        pl.len().alias("count"),
        pl.col("row").drop_nulls().n_unique().alias("rows"),
        pl.col("place").unique().sort().alias("places"),
        pl.col("number").head(EXAMPLES).alias("worst"),
    )


def _at_stake(
    found: pl.DataFrame, amounts: pl.DataFrame, refused: Sequence[tuple[int, int]]
) -> dict[int, dict[str, int]]:
    """By code and table, the amounts of the rejected rows: those with a problem of the code, and all rows of a
    sheet that was refused for it."""
    at_stake: dict[int, dict[str, int]] = {}
    parts = [found.filter("rejected")]
    for code, place in refused:
        parts.append(amounts.filter("rejected", place=place).with_columns(code=pl.lit(code, pl.UInt32)))
    rows = pl.concat([part.select("code", "table", "row", "amount") for part in parts])
    each_once = pl.col("amount").filter(pl.col("row").is_first_distinct()).sum()
    for code, table, amount in rows.group_by("code", "table").agg(each_once).sort("code", "table").iter_rows():
        at_stake.setdefault(code, {})[table] = amount
    return at_stake
