"""Records of a text file whose lines differ, or have quotes: where each begins and ends, and its fields.

Two readers have to agree on every record: fields are counted by the quotation marks, and cells are cut by a parser.
A record of which they think differently is never taken.
"""

import csv
import io
import re
from collections.abc import Sequence

import polars as pl

from toolkit.problems import problem
from toolkit.readers.raw import WIDEST, FileRejected, numbered

UNUSED = ("\x1f", "\x1e", "\x1d", "\x1c")
"""Characters that no text file contains: lines are read as records of one field between them."""
QUOTED = "\x1a"
"""What stands for a quoted field in a record whose fields are counted."""


def parsed(text: bytes, delimiter: str, width: int, *, quotes: bool = False, ragged: bool = False) -> pl.DataFrame:
    """The cells of a text, `width` to a line."""
    return pl.read_csv(
        text,
        has_header=False,
        schema=dict.fromkeys(numbered(width), pl.String),
        separator=delimiter,
        quote_char='"' if quotes else None,
        truncate_ragged_lines=ragged,
    )


def read_irregular(text: bytes, delimiter: str, file: str) -> tuple[pl.DataFrame, pl.Series]:
    """The cells and the number of fields of each record, where records differ or have quotes.

    The number is negative where it is in doubt, so that it never equals the header's.
    """
    records = _records(_lines(text), delimiter, file)
    bare = _bare(records)
    counts = _fields(bare, delimiter)
    unclean = _beside_quotes(bare, delimiter, blanks="").arg_true().to_list()
    rows = _cut_slowly(records.gather(unclean).to_list(), delimiter)
    counts = _disputed(records, bare, counts, delimiter, dict(zip(unclean, map(len, rows), strict=True)))
    width = int(counts.abs().max())  # type: ignore[arg-type]  # there is at least one record
    if width > WIDEST:
        raise FileRejected(problem("TOO_WIDE", file=file, value=f"a row of {width} columns", most=WIDEST))
    if unclean:
        text = _with_nothing_at(unclean, records, delimiter, width)
    cells = _cells(text, records, delimiter, width)
    return (_with_rows(cells, unclean, rows) if unclean else cells), counts


def _cells(text: bytes, records: pl.Series, delimiter: str, width: int) -> pl.DataFrame:
    # a first line as wide as the widest record, so that the parser makes enough columns
    widest = delimiter.encode() * (width - 1) + b"\n"
    try:
        cells = parsed(widest + text, delimiter, width, quotes=b'"' in text, ragged=True).slice(1)
    except pl.exceptions.PolarsError:
        cells = pl.DataFrame()
    if cells.height == records.len():
        return cells
    rows = [_as_wide(row, width) for row in _cut_slowly(records.to_list(), delimiter)]
    return pl.DataFrame(rows, schema=dict.fromkeys(numbered(width), pl.String), orient="row")


# --- lines and records ---------------------------------------------------------------------------


def _lines(text: bytes) -> pl.Series:
    separator = next((mark for mark in UNUSED if mark.encode() not in text), None)
    if separator is None:
        return pl.Series(text.decode("utf-8").removesuffix("\n").split("\n"))
    return parsed(text, separator, 1).to_series()


def _records(lines: pl.Series, delimiter: str, file: str) -> pl.Series:
    """Lines put together where a quoted field goes on over several.

    Where what was put together is torn (an inch mark opened it), its lines stay what they were: sound rows stand
    between them.
    """
    quotes = lines.str.count_matches('"', literal=True).fill_null(0).cast(pl.Int64)
    open_after = quotes.cum_sum() % 2 == 1
    if not open_after.any():
        return lines
    if open_after[-1]:
        raise FileRejected(problem("UNCLOSED_QUOTE", file=file, row=_last_closed(open_after)))
    goes_on = open_after.shift(1, fill_value=False)
    frame = pl.DataFrame({"line": lines.fill_null(""), "record": (~goes_on).cast(pl.Int64).cum_sum()})
    records = frame.group_by("record", maintain_order=True).agg(pl.col("line").str.join("\n")).get_column("line")
    torn = _beside_quotes(_bare(records), delimiter, blanks=r"\s") & records.str.contains("\n", literal=True)
    if not torn.any():
        return records
    whole = pl.DataFrame({"line": records, "torn": torn})
    split = pl.when("torn").then(pl.col("line").str.split("\n")).otherwise(pl.concat_list("line"))
    return whole.select(split).explode("line").to_series()


def _last_closed(open_after: pl.Series) -> int:
    """The row on which the quote was opened that nobody closed."""
    closed = (~open_after).arg_true()
    return (int(closed[-1]) if closed.len() else -1) + 2


def _bare(records: pl.Series) -> pl.Series:
    """The records with a sign in place of each quoted field, so that only real delimiters are left."""
    if not records.str.contains('"', literal=True).any():
        return records
    return records.str.replace_all(r'"(?:[^"]|"")*"', QUOTED)


# --- fields --------------------------------------------------------------------------------------


def _fields(records: pl.Series, delimiter: str) -> pl.Series:
    return records.str.count_matches(delimiter, literal=True).fill_null(0).cast(pl.Int64) + 1


def _beside_quotes(bare: pl.Series, delimiter: str, *, blanks: str) -> pl.Series:
    """Records with anything but delimiters (and `blanks`) beside a quoted field, or a quotation mark of its own."""
    other = rf"[^{re.escape(delimiter)}{blanks}]"
    return bare.str.contains(f'{other}{QUOTED}|{QUOTED}{other}|"').fill_null(False)


def _disputed(records: pl.Series, bare: pl.Series, counts: pl.Series, delimiter: str, cut: dict[int, int]) -> pl.Series:
    """The counts, those of records that are torn or `cut` into another number of fields negative."""
    torn = _beside_quotes(bare, delimiter, blanks=r"\s")
    others = [place for place, width in cut.items() if torn[place] or width != counts[place]]
    if not others:
        return counts
    disputed = pl.Series([False]).new_from_index(0, counts.len()).scatter(others, True)
    agreed = counts.filter(~disputed).unique()
    as_they_are = _fields(records, delimiter)
    none_other = int(agreed.max() or 0) + 1  # type: ignore[arg-type]  # whole numbers have a whole maximum
    return counts.zip_with(~disputed, -as_they_are.set(as_they_are.is_in(agreed.implode()), none_other))


def _cut_slowly(records: Sequence[str | None], delimiter: str) -> list[list[str]]:
    """Record by record, for text whose quotes the fast parser understands differently: blanks may stand before them."""
    csv.field_size_limit(2**31 - 1)  # a field may be long: that is said of the cell, not of the file
    return [
        next(csv.reader(io.StringIO(record or ""), delimiter=delimiter, skipinitialspace=True), [])
        for record in records
    ]


def _as_wide(row: list[str], width: int) -> list[str | None]:
    return [*row[:width], *[None] * (width - len(row))]


def _with_nothing_at(places: Sequence[int], records: pl.Series, delimiter: str, width: int) -> bytes:
    """The text with empty records at these places, for a parser that would misunderstand them."""
    lines = records.fill_null("").scatter(list(places), delimiter * (width - 1))
    return ("\n".join(lines.to_list()) + "\n").encode()


def _with_rows(cells: pl.DataFrame, places: Sequence[int], rows: Sequence[list[str]]) -> pl.DataFrame:
    columns = zip(*(_as_wide(row, cells.width) for row in rows), strict=True)
    return pl.DataFrame(
        [
            column.scatter(list(places), pl.Series(found, dtype=pl.String))
            for column, found in zip(cells.get_columns(), columns, strict=True)
        ]
    )
