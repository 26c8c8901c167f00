"""Cells of one row that contradict each other: an end before its start, a reversal that names no payment."""

from collections.abc import Iterator
from datetime import time

import polars as pl

from toolkit.readers.typed import MEMORY_DAYS
from toolkit.tables import Column as Definition
from toolkit.tables import Table

PairFinding = tuple[Definition, pl.Series, str, dict[str, object]]
"""The column, the rows, the code, and what the sentence needs: `earlier` is the column that must not be later."""


def pair_findings(rows: pl.DataFrame, table: Table) -> Iterator[PairFinding]:
    """Columns that contradict each other, where; with what the sentence needs."""
    for definition in table.columns:
        earlier = definition.not_before
        if earlier and definition.name in rows.columns and earlier in rows.columns:
            days = _day_pair(rows, earlier, definition)
            yield definition, is_before(days[1], days[0]), "DATE_ORDER_PAIR", {"earlier": earlier}
            if definition.limit == "near":
                yield definition, days[1] > days[0].dt.offset_by(f"{MEMORY_DAYS}d"), "DATE_RANGE", {"as_of": ""}
        if definition.not_above and {definition.name, definition.not_above} <= set(rows.columns):
            most = rows[definition.not_above].cast(pl.Float64, strict=False)
            above = rows[definition.name].cast(pl.Float64, strict=False) > most
            yield definition, above, "RANGE", {"earlier": definition.not_above, "least": definition.least}
        if definition.sign == "reversal" and definition.name in rows.columns:
            yield from _reversal_signs(rows, definition)
    if table.name == "evaluations" and {"evaluator", "agent_id"} <= set(rows.columns):
        yield table.column("evaluator"), rows["evaluator"] == rows["agent_id"], "SELF_EVALUATION", {}


def _day_pair(rows: pl.DataFrame, earlier: str, definition: Definition) -> tuple[pl.Series, pl.Series]:
    """Both columns, as days where one of them is a day."""
    first, second = rows[earlier], rows[definition.name]
    if first.dtype == second.dtype:
        return first, second
    return tuple(cells if cells.dtype == pl.Date else cells.dt.date() for cells in (first, second))  # type: ignore[return-value]


def is_before(later: pl.Series, earlier: pl.Series) -> pl.Series:
    """Where what should be later lies before the other. A time at midnight is most likely a day without a time of day,
    so on the same day it is not."""
    before = later < earlier
    if later.dtype == pl.Date or not before.any():
        return before
    same_day = later.dt.date() == earlier.dt.date()
    return before & ~(same_day & (later.dt.time() == time()))


def _reversal_signs(rows: pl.DataFrame, definition: Definition) -> Iterator[PairFinding]:
    amounts = rows[definition.name]
    negative = amounts < 0
    if "reverses" not in rows.columns:
        yield definition, negative, "NEGATIVE_WITHOUT_REVERSAL", {}
        return
    names_payment = rows["reverses"].is_not_null()
    yield definition, negative & ~names_payment, "NEGATIVE_WITHOUT_REVERSAL", {}
    yield definition, (amounts > 0) & names_payment, "REVERSAL_NOT_NEGATIVE", {}
