"""Evaluations as a draw has it: how their calls were chosen, and for how many others each stands."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from toolkit.quality_reports.draws.files import Choice

_ABOUT_CALLS: Mapping[str, Any] = {"call_id": pl.String, "chosen": pl.String, "called_on": pl.Date}


def as_drawn(table: pl.DataFrame, how: Choice) -> pl.DataFrame:
    """The evaluations, with how the calls of a draw's period were chosen in place of what the evaluations say.

    An evaluation of that period that names no call is of none that was drawn.
    """
    absent = {name: kind for name, kind in _ABOUT_CALLS.items() if name not in table.columns}
    known = table.with_columns(pl.lit(None, kind).alias(name) for name, kind in absent.items())
    both = known.join(how.calls.select("call_id", _drawn="chosen"), on="call_id", how="left", maintain_order="left")
    day = pl.coalesce("called_on", "evaluated_on")
    nameless = pl.col("call_id").is_null() & day.is_between(how.period.first, how.period.last)
    drawn = pl.when(nameless).then(pl.lit("by_hand")).otherwise("_drawn")
    return both.with_columns(chosen=pl.coalesce(drawn, "chosen")).drop("_drawn")


def weighted(calls: pl.DataFrame, how: Choice | None) -> pl.DataFrame:
    """The calls with their weights in the draw, where there was one."""
    if how is None:
        return calls
    weights = how.calls.select("call_id", _weight="weight")
    both = calls.join(weights, on="call_id", how="left", maintain_order="left")
    return both.with_columns(weight="_weight").drop("_weight")
