"""Sharing costs so that every share is a whole number of minor units and they add up exactly.

Largest remainder (Hamilton): every share is rounded down, and what is missing goes one by one to the largest
remainders; equal remainders go by the order of the names. Over Polars' 128-bit whole numbers, so that amount times
weight is exact whatever the size.
"""

from collections.abc import Sequence

import polars as pl

AMOUNT, WEIGHT = "amount", "weight"


def shared(
    costs: pl.DataFrame, weights: pl.DataFrame, *, on: Sequence[str], into: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The costs shared over what `weights` have for them, and the costs for which nothing weighs anything.

    costs: `amount` (int64 minor units, negative for a credit note) and columns that say what it is, `on` among them.
    weights: `on`, the columns `into`, and `weight` (int64; what is not above 0 gets nothing). The shares of each cost
    add up to it to the cent.
    """
    weighing = weights.filter(pl.col(WEIGHT) > 0).group_by(*on, *into).agg(pl.col(WEIGHT).sum())
    numbered = costs.with_row_index("_cost")
    pairs = numbered.join(weighing, on=list(on), how="inner")
    left = numbered.join(pairs, on="_cost", how="anti").drop("_cost")
    return _largest_remainder(pairs, into).select(*costs.columns, *into), left


def _largest_remainder(pairs: pl.DataFrame, into: Sequence[str]) -> pl.DataFrame:
    wide = pairs.with_columns(
        _total=pl.col(WEIGHT).cast(pl.Int128).sum().over("_cost"),
        _product=pl.col(AMOUNT).cast(pl.Int128) * pl.col(WEIGHT).cast(pl.Int128),
    )
    rest = pl.col("_product") % pl.col("_total")
    rest = pl.when(rest < 0).then(rest + pl.col("_total")).otherwise(rest)  # of a credit note, as rounded down
    floors = wide.with_columns(_rest=rest).with_columns(
        _floor=(pl.col("_product") - pl.col("_rest")) // pl.col("_total")
    )
    ordered = floors.sort("_cost", "_rest", *into, descending=[False, True, *(False for _ in into)])
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("_cost")
    missing = pl.col(AMOUNT).cast(pl.Int128) - pl.col("_floor").sum().over("_cost")
    share = pl.col("_floor") + pl.when(place < missing).then(1).otherwise(0)
    return ordered.with_columns(share.cast(pl.Int64).alias(AMOUNT))


def shared_by_the_first(
    costs: pl.DataFrame, weights: Sequence[pl.DataFrame], *, on: Sequence[str], into: Sequence[str]
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """The costs shared by the first of several weights that has anything for them; a part for each, and what is left.

    The parts have the columns of the costs and `into`.
    """
    parts = []
    for each in weights:
        part, costs = shared(costs, each, on=on, into=into)
        parts.append(part)
    return parts, costs
