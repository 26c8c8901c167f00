"""Rows that are there twice: the same again is ignored, the same key with other content is a problem."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from toolkit.readers.draft import SOURCE
from toolkit.readers.gathered import Finding, Gathered, spot

LOOK_ALIKE = ("account_id", "paid_at", "amount", "reference")


def repeated_rows(gathered: Gathered) -> Iterator[Finding]:
    """DUPLICATE_IDENTICAL and DUPLICATE_CONFLICT among the rows not rejected yet."""
    key = [name for name in gathered.table.key if name in gathered.rows.columns]
    if not key or gathered.rows.height < 2:
        return
    marked = _keys(gathered, key)
    if marked is None:
        return
    content = [name for name in gathered.rows.columns if name not in SOURCE and name not in key]
    kinds = _kinds(content, _lacking(gathered, content)).alias("_kinds")
    by_value = marked.with_columns(_value(of.name) for of in gathered.table.of_type("decimal") if of.name in content)
    groups = by_value.group_by("_key", maintain_order=True).agg("_place", *SOURCE, kinds)
    same = groups.filter(pl.col("_kinds") == 1)
    other = groups.filter(pl.col("_kinds") > 1)
    yield _finding(same, key[0], "DUPLICATE_IDENTICAL")
    yield _finding(other, key[0], "DUPLICATE_CONFLICT")


def _kinds(content: Sequence[str], lacking: Mapping[str, Sequence[str]]) -> pl.Expr:
    """How many different contents there are; a column counts only where the file has it."""
    everywhere = [name for name in content if name not in lacking]
    partly = [pl.col(name).filter(~pl.col(SOURCE[0]).is_in(files)).n_unique() for name, files in lacking.items()]
    whole = [pl.struct(everywhere).n_unique()] if everywhere else []
    return pl.max_horizontal(pl.lit(1, pl.UInt32), *whole, *partly)


def _lacking(gathered: Gathered, content: Sequence[str]) -> dict[str, list[str]]:
    """By column the files that do not have it, where others do: an export of last week may have had fewer columns."""
    if len(gathered.spelled) < 2:
        return {}
    suspects = [name for name in content if any(name not in spelled for spelled in gathered.spelled.values())]
    empty = gathered.rows.group_by(SOURCE[0]).agg(pl.col(suspects).is_null().all())
    lacking = {
        name: [file for file in empty.filter(name)[SOURCE[0]].to_list() if name not in gathered.spelled[file]]
        for name in suspects
    }
    return {name: files for name, files in lacking.items() if files}


def _value(name: str) -> pl.Expr:
    """Decimals as they are compared: 30 and 30.0 are the same."""
    bare = pl.col(name).str.replace(r"^(-?)0+(\d)", "${1}${2}").str.replace(r"(\.\d*?)0+$", "${1}")
    return bare.str.strip_suffix(".")


def _keys(gathered: Gathered, key: list[str]) -> pl.DataFrame | None:
    """The rows whose key comes more than once, with the key as one column; None if there are none.

    Keys are compared as numbers first: a million of them take a tenth of a second.
    """
    columns = [_without_case(gathered.rows[name]) for name in key]
    hashes = columns[0].hash() if len(columns) == 1 else pl.DataFrame(columns).hash_rows()
    compared = hashes.filter(gathered.good) if gathered.rejected.any() else hashes
    if compared.n_unique() == compared.len():
        return None
    texts = [cells.cast(pl.String).fill_null("") for cells in columns]
    joined = pl.DataFrame(texts).select(pl.concat_str(pl.all(), separator="\x1f")).to_series()
    frame = gathered.rows.with_columns(joined.alias("_key"), hashes.alias("_hash")).with_row_index("_place")
    frame = frame.filter(gathered.good)
    frame = frame.filter(pl.col("_hash").is_duplicated()).filter(pl.col("_key").is_duplicated())
    return frame if frame.height else None


def _without_case(cells: pl.Series) -> pl.Series:
    if cells.dtype != pl.String or not cells.str.contains("[a-z]").any():
        return cells
    return cells.str.to_uppercase()


def _finding(groups: pl.DataFrame, column: str, code: str) -> Finding:
    """Of identical rows all but the first are ignored; of conflicting ones none is taken."""
    ignore = code == "DUPLICATE_IDENTICAL"
    places, others = [], []
    for positions, sources, rows in groups.select("_place", *SOURCE).iter_rows():
        for index, position in enumerate(positions):
            other = 0 if index else 1
            if index or not ignore:
                places.append(position)
                others.append(spot(sources[other], rows[other]))
    return Finding(places, code, column, others, ignore=ignore)


def look_alikes(gathered: Gathered) -> Iterator[Finding]:
    """Payments with another id but the same account, amount, time and reference: taken, but to be looked at."""
    if gathered.table.name != "payments" or not set(LOOK_ALIKE) <= set(gathered.rows.columns):
        return
    hashes = gathered.rows.select("account_id", "paid_at", "amount").hash_rows()
    if hashes.n_unique() == hashes.len():
        return
    candidates = (
        gathered.rows.select(*LOOK_ALIKE, *SOURCE)
        .with_row_index("_place")
        .filter(gathered.good & hashes.is_duplicated() & gathered.rows["reference"].is_not_null())
    )
    groups = candidates.group_by(*LOOK_ALIKE, maintain_order=True).agg("_place", *SOURCE)
    yield _finding(groups.filter(pl.col("_place").list.len() > 1), "payment_id", "POSSIBLE_DUPLICATE")
