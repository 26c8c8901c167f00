"""Lines in the order of lines.csv, with their ids; and the mark of those that a gate holds whole."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from toolkit.earlier import LINE_SCHEMA
from toolkit.steps.components import Payable
from toolkit.steps.month import Month

KIND_ORDER = ("earn", "cap_carry", "override", "adjust", "clawback", "holdback", "release", "guarantee", "withholding")
TOGETHER = 4
"""Columns that are put in order at the same time."""


def held_marked(earned: pl.DataFrame, lines: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    """Marks the lines under a gate that holds: they are held whole or, below zero, not at all, but never for days."""
    if not any(line.held_by for line in lines.values()):
        return earned.with_columns(_held_by_gate=pl.lit(False))
    held = [(agent, code, True) for (agent, code), line in lines.items() if line.held_by]
    schema: dict[str, Any] = {"agent_id": pl.String, "component": LINE_SCHEMA["component"], "_held_by_gate": pl.Boolean}
    marks = pl.DataFrame(held, schema=schema, orient="row")
    return earned.join(marks, on=["agent_id", "component"], how="left").with_columns(
        pl.col("_held_by_gate").fill_null(False)
    )


def numbered(month: Month, parts: list[pl.DataFrame]) -> pl.DataFrame:
    """All lines in the order of lines.csv with their ids; `_of`, the number of a line, becomes its id.

    `parts` is emptied, and the columns are put in order a few at a time: with millions of lines two whole
    copies would be one too many.
    """
    lines = pl.concat(parts, how="diagonal")
    parts.clear()
    order = _order(lines)
    count = len(lines)
    number = pl.select(pl.int_range(1, count + 1).cast(pl.String).str.zfill(7)).to_series()
    columns = {"line_id": f"{month.plan.id}/{month.period.label}/" + number}
    own_number, refers_to = lines["_n"].gather(order), lines["_of"].gather(order)
    lines = lines.select([name for name in LINE_SCHEMA if name != "line_id"])
    while lines.columns:
        some = lines.columns[:TOGETHER]
        moving = [name for name in some if not _all_the_same(lines[name])]
        columns |= lines.select(some).to_dict()
        columns |= lines.select(pl.col(moving).gather(order)).to_dict()
        lines = lines.drop(some)
    in_order = pl.DataFrame({name: columns[name] for name in LINE_SCHEMA})
    if refers_to.null_count() == count:
        return in_order
    ids = pl.DataFrame({"_of": own_number, "_id": columns["line_id"]}).drop_nulls()
    found = refers_to.to_frame("_of").join(ids, on="_of", how="left", maintain_order="left")["_id"]
    return in_order.with_columns(reverses_line=found.fill_null(in_order["reverses_line"]))


def _all_the_same(column: pl.Series) -> bool:
    """Whether order does not matter: one value throughout, or none."""
    if not len(column) or column.null_count() == len(column):
        return True
    return column.null_count() == 0 and bool((column == column[0]).all())


def _order(lines: pl.DataFrame) -> pl.Series:
    """The places of the lines when sorted by agent, kind, component and time; those without a row keep their order."""
    keys = lines.select(
        *(_place(lines["agent_id"]), _place(lines["kind"], KIND_ORDER), _place(lines["component"])),
        *("_seq", "_rank", "_band"),
    )
    return keys.select(pl.arg_sort_by(_packed(keys), maintain_order=True).alias("place"))["place"]


def _place(texts: pl.Series, known: Sequence[str] | None = None) -> pl.Series:
    """The number of each text in the order of `known`, or of the alphabet: few texts that come often sort fast so."""
    numbers = texts.cast(pl.Categorical).to_physical()
    distinct = texts.unique() if known is None else pl.Series(known)
    order = distinct.sort() if known is None else distinct
    return numbers.replace_strict(order.cast(pl.Categorical).to_physical(), range(order.len()), return_dtype=pl.Int64)


def _packed(keys: pl.DataFrame) -> pl.Expr:
    """Several whole numbers as one that sorts as they do, nothing after everything: it sorts ten times as fast."""
    packed = pl.lit(0, pl.Int128)
    ends = keys.select(pl.all().min().name.prefix("least"), pl.all().max().name.prefix("most")).row(0, named=True)
    for name in keys.columns:
        least, most = ends[f"least{name}"] or 0, ends[f"most{name}"] or 0
        packed = packed * (most - least + 2) + pl.col(name).fill_null(most + 1).cast(pl.Int128) - least
    return packed
