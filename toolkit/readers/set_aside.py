"""Rows that were rejected, kept as found until they can be taken: written beside a run, and tried again with the next.

A row is tried again only where something outside of it was missing: an agent or account that nobody knew, a code that
the set-up did not have. What is wrong within a row stays wrong; it waits until the export has the row again, mended,
under the same key. Until then no row leaves the folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from toolkit.csv_text import as_cells, unguarded
from toolkit.problems import Problem, problem, texts
from toolkit.readers.draft import Draft, draft
from toolkit.readers.gathered import Gathered
from toolkit.readers.raw import RawSheet, Source, numbered
from toolkit.readers.recognise import headers_of, match_of
from toolkit.readers.statuses import CODE as STATUS_UNREAD
from toolkit.readers.typed import Form
from toolkit.tables import TABLES, Table

FOLDER = "set-aside"
KEPT = ("payments", "promises", "calls", "visits", "recoveries")
"""Tables of what happened: it stays true. Lists of people and accounts come whole with every export."""
FOUND_IN, FOUND_ROW, CODES = "found_in", "found_row", "codes"
HEADS = (FOUND_IN, FOUND_ROW, CODES)


def is_curable(code: str) -> bool:
    """Whether other data, or another word in the set-up, can make a row with this code right."""
    return bool(texts()[code].get("retry", ""))


# --- what is set aside ---------------------------------------------------------------------------


def rows_set_aside(
    drafts: Mapping[str, Sequence[Draft]], gathered: Mapping[str, Gathered], problems: Sequence[Problem]
) -> dict[str, pl.DataFrame]:
    """The rejected rows of the tables that are kept, by table: where they were found, their codes, and their cells."""
    codes: dict[tuple[str, str, int], list[str]] = {}
    for one in problems:
        if one.row is not None and one.level == "error":
            codes.setdefault((one.file, one.sheet, one.row), []).append(one.code)
    kept: dict[str, pl.DataFrame] = {}
    for name in KEPT:
        parts = list(_rejected(drafts.get(name, ()), gathered.get(name), codes))
        if parts:
            kept[name] = pl.concat(parts, how="diagonal")
    return kept


def _rejected(
    drafts: Sequence[Draft], gathered: Gathered | None, codes: Mapping[tuple[str, str, int], Sequence[str]]
) -> Iterator[pl.DataFrame]:
    start = 0
    for part in drafts:
        height = part.rows.height
        if gathered is not None and not part.file_code and not part.long:
            rejected = gathered.rejected.slice(start, height)
            if rejected.any():
                yield _as_found(part, rejected, codes)
        start += height


def _as_found(part: Draft, rejected: pl.Series, codes: Mapping[tuple[str, str, int], Sequence[str]]) -> pl.DataFrame:
    rows = part.rows.filter(rejected)
    cells = part.cells.filter(rejected).select(pl.all().exclude(HEADS).cast(pl.String))
    # a day that was read is kept as it was understood: day first, month first and 1904 belong to its own file
    known = {
        column.name: rows[column.name].dt.to_string("iso:strict")
        for column in part.table.of_type("date", "time")
        if column.name in cells.columns
    }
    cells = cells.with_columns(pl.coalesce(text, cells[name]).alias(name) for name, text in known.items())
    places = rows["source_row"].to_list()
    said = [" ".join(dict.fromkeys(codes.get((part.sheet.file, part.sheet.sheet, row), ()))) for row in places]
    found_in, found_row = _first_found(part, places)
    heads = [pl.Series(FOUND_IN, found_in), pl.Series(FOUND_ROW, found_row), pl.Series(CODES, said, dtype=pl.String)]
    return pl.DataFrame([*heads, *cells])


def _first_found(part: Draft, rows: Sequence[int]) -> tuple[list[str], list[str]]:
    """Where the rows stood when they were found first, for rows that were tried again."""
    if part.sheet.names is None or part.sheet.names[: len(HEADS)] != HEADS:
        return [part.sheet.place] * len(rows), [str(row) for row in rows]
    before = part.sheet.cells[[row - FIRST_ROW for row in rows]]
    return before["0"].to_list(), before["1"].to_list()


def write_set_aside(kept: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """A CSV file a table in `folder`, which is made. Cells that a spreadsheet would take for formulas get a mark."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in kept.items():
        headers = as_cells(pl.Series(rows.columns))
        pl.DataFrame([as_cells(cells).alias(header) for header, cells in zip(headers, rows, strict=True)]).write_csv(
            folder / f"{name}.csv"
        )


def set_aside_files(run: Path) -> list[Path]:
    """The files of rows that a run or a check has set aside; none where it has taken all."""
    return [path for name in KEPT if (path := run / FOLDER / f"{name}.csv").is_file()]


# --- what is tried again -------------------------------------------------------------------------

FIRST_ROW = 2
"""The number of the first row of such a file."""


@dataclass(frozen=True)
class Retried:
    """Rows of an earlier time: those that are tried, as a draft, and those that go on waiting, as they are."""

    draft: Draft
    waiting: pl.DataFrame


def retried(path: Path, form: Form, executor: Executor, fresh: Sequence[Draft]) -> Retried:
    """The rows of a file that `write_set_aside` wrote. A row whose key is in `fresh` has come again: it is left out."""
    table = TABLES[path.stem]
    rows = _read_again(path)
    source = Source.of(path, executor, f"{FOLDER}/{path.name}")
    cells = rows.rename(dict(zip(rows.columns, numbered(rows.width), strict=True)))
    whole = _read(RawSheet(source, "", cells, names=tuple(rows.columns), judged=True), table, form)
    again = _come_again(whole, table, fresh)
    curable = rows[CODES].map_elements(_all_curable, return_dtype=pl.Boolean) & ~_without_its_status(rows, table)
    return Retried(_only(whole, curable & ~again, again), rows.filter(~curable & ~again))


def _all_curable(codes: str | None) -> bool:
    return bool(codes) and all(code in texts() and is_curable(code) for code in (codes or "").split())


def _read_again(path: Path) -> pl.DataFrame:
    """The cells of such a file as they were found."""
    rows = pl.read_csv(path, infer_schema=False)
    headers = pl.select(unguarded(pl.lit(pl.Series(rows.columns)))).to_series()
    return rows.rename(dict(zip(rows.columns, headers, strict=True))).with_columns(unguarded(pl.all()))


def _without_its_status(rows: pl.DataFrame, table: Table) -> pl.Series:
    """Rows set aside for a status that has not been kept with them: without it, they would pass for payments."""
    ours = {*HEADS, *(column.name for column in table.columns)}
    kept = [pl.col(name).is_not_null() for name in rows.columns if name not in ours]
    said = pl.col(CODES).str.split(" ").list.contains(STATUS_UNREAD).fill_null(False)
    return rows.select(said & ~pl.any_horizontal(False, *kept)).to_series()


def _read(sheet: RawSheet, table: Table, form: Form) -> Draft:
    """Under the toolkit's own names, and the header of a status that nobody knew."""
    headers = [header for header in headers_of(sheet.names or ()) if header[1] not in HEADS]
    match = match_of(table, headers, (0, 0), form.profile)
    return draft(sheet, match, form)


def _come_again(whole: Draft, table: Table, fresh: Sequence[Draft]) -> pl.Series:
    key = table.key[0]
    ids = [part.rows[key].drop_nulls().str.to_uppercase() for part in fresh if key in part.rows.columns]
    nothing = pl.Series([False]).new_from_index(0, whole.rows.height)
    if not ids:
        return nothing
    return whole.rows[key].str.to_uppercase().is_in(pl.concat(ids).implode()).fill_null(False)


def _only(whole: Draft, tried: pl.Series, again: pl.Series) -> Draft:
    """The draft with the rows that are tried; what was found in the others is not said again."""
    rows = set(whole.rows["source_row"].filter(tried).to_list())
    said = tuple(one for one in whole.problems if one.row in rows)
    left_out = {"come again": int(again.sum()), "waiting": int((~tried & ~again).sum())}
    return replace(
        whole,
        rows=whole.rows.filter(tried),
        cells=whole.cells.filter(tried),
        rejected=whole.rejected.filter(tried),
        problems=said,
        ignored={**whole.ignored, **{rule: count for rule, count in left_out.items() if count}},
        unused=(),
    )


def about_retried(taken: Mapping[str, int], waiting: Mapping[str, pl.DataFrame]) -> Iterator[Problem]:
    """How many rows of an earlier time were taken now, by file, and how many go on waiting, by table."""
    for file, count in taken.items():
        if count:
            yield problem("TAKEN_NOW", file=file, value=count)
    for name, rows in waiting.items():
        if rows.height:
            yield problem("STILL_WAITING", file=f"{FOLDER}/{name}.csv", value=rows.height, table=name)
