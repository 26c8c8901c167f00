"""Row-level arithmetic that gives the same whole numbers on every engine (pandas, Polars, DuckDB, Spark).

Written once against Narwhals, over int64 only: engines differ in how they round, divide negative
numbers and add integers, so none of their rounding is used and every division is corrected here.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
from narwhals.typing import FrameT

Frame = nw.DataFrame[Any]

FAR = 2**62
"""Stands for "no upper end" among whole numbers."""


def floor_div(dividend: nw.Expr, divisor: nw.Expr) -> nw.Expr:
    """The whole number at or below `dividend / divisor`, for a positive divisor.

    Some engines divide integers through a double and some towards zero; both are put right by the
    remainder, which is exact whatever the first guess was.
    """
    guess = dividend // divisor
    left = dividend - guess * divisor
    step = left // divisor
    rest = left - step * divisor
    below = nw.when(rest < 0).then(nw.lit(1)).otherwise(nw.lit(0))
    return guess + step - below


def shared_out(frame: FrameT, *, within: Sequence[str], total: str, order: Sequence[str], into: str) -> FrameT:
    """Adds the column `into`: whole numbers that follow weight x p / q and add up to `total` in each group.

    `frame` has int64 columns `weight`, `p` and `q` (q > 0; the same q throughout a group) and `total`,
    repeated in every row of a group. Each row gets its floor, and what is missing goes one by one to
    the largest remainders; a tie goes to the earlier row by `order` (largest remainder method).
    """
    product = nw.col("weight") * nw.col("p")
    with_floors = frame.with_columns(_floor=floor_div(product, nw.col("q")))
    with_rests = with_floors.with_columns(
        _rest=nw.col("_floor") * nw.col("q") - product,
        _missing=nw.col(total) - nw.col("_floor").sum().over(*within).cast(nw.Int64),
        _one=nw.lit(1, nw.Int64),
    )
    with_places = with_rests.with_columns(
        _place=nw.col("_one").cum_sum().over(*within, order_by=["_rest", *order]).cast(nw.Int64)
    )
    extra = nw.when(nw.col("_place") <= nw.col("_missing")).then(nw.lit(1)).otherwise(nw.lit(0))
    return with_places.with_columns((nw.col("_floor") + extra).cast(nw.Int64).alias(into)).drop(
        "_floor", "_rest", "_missing", "_one", "_place"
    )


def in_sequence(frame: FrameT, *, within: Sequence[str], order: str, base: str) -> FrameT:
    """Adds `_start` and `_end`: where each row's `base` lies when the rows of a group stand end to end."""
    ended = frame.with_columns(_end=nw.col(base).cum_sum().over(*within, order_by=order).cast(nw.Int64))
    return ended.with_columns(_start=nw.col("_end") - nw.col(base))


def each_alone(frame: FrameT, *, base: str) -> FrameT:
    """Adds `_start` (0) and `_end` (`base`): every row starts anew."""
    return frame.with_columns(_start=nw.lit(0, nw.Int64), _end=nw.col(base))


def slices_filled(frame: FrameT, edges: Sequence[str]) -> FrameT:
    """One row per row and slice it reaches into: `band` (the slice's number) and `piece` (what lies in it).

    `frame` has `_start` and `_end`. `edges` are columns with the slices' starts, ascending; the last
    slice has no end, and what lies below the first is left out.
    """
    parts = []
    for number, start in enumerate(edges):
        end = nw.col(edges[number + 1]) if number + 1 < len(edges) else nw.lit(FAR, nw.Int64)
        piece = nw.min_horizontal(nw.col("_end"), end) - nw.max_horizontal(nw.col("_start"), nw.col(start))
        part = frame.with_columns(piece=piece.cast(nw.Int64), band=nw.lit(number, nw.Int64))
        parts.append(part.filter(nw.col("piece") > 0))
    return nw.concat(parts, how="vertical").drop("_end", "_start", *edges)


def band_reached(value: nw.Expr, starts: Sequence[int], *, edge_above: bool = False) -> nw.Expr:
    """The number of the last band whose start is reached, -1 below the first.

    `starts` are ascending. With `edge_above` a value exactly on a start still belongs to the band
    before it.
    """
    number = nw.lit(-1, nw.Int64)
    for index, start in enumerate(starts):
        reached = value > start if edge_above else value >= start
        number = nw.when(reached).then(nw.lit(index, nw.Int64)).otherwise(number)
    return number


def chosen(number: nw.Expr, values: Sequence[int]) -> nw.Expr:
    """`values[number]` as int64; 0 where the number is none of theirs."""
    result = nw.lit(0, nw.Int64)
    for index, value in enumerate(values):
        result = nw.when(number == index).then(nw.lit(value, nw.Int64)).otherwise(result)
    return result


def latest_before(frame: FrameT, snapshots: FrameT, *, key: str, day: str, as_of: str, row: str) -> FrameT:
    """Each row with the columns of the snapshot of its `key` whose `as_of` is the latest on or before `day`.

    Rows without such a snapshot stay, with nulls. `row` is a column that tells rows apart.
    """
    if isinstance(frame, nw.DataFrame):
        dated = frame.filter(~nw.col(day).is_null()).sort(day)
        undated = frame.filter(nw.col(day).is_null())
        with warnings.catch_warnings():
            # both sides have just been sorted; the engine says only that it cannot check that by groups
            warnings.filterwarnings("ignore", message="Sortedness of columns cannot be checked")
            found = dated.join_asof(snapshots.sort(as_of), left_on=day, right_on=as_of, by=key, strategy="backward")
        return nw.concat([found, undated], how="diagonal") if len(undated) else found
    pairs = frame.join(snapshots, on=key, how="inner").filter(nw.col(as_of) <= nw.col(day))
    latest = pairs.unique(subset=[row], keep="last", order_by=[as_of])
    added = [name for name in snapshots.collect_schema().names() if name != key]
    return frame.join(latest.select(row, *added), on=row, how="left")


def frame_like(frame: Frame, columns: Mapping[str, Sequence[Any]], schema: Mapping[str, Any]) -> Frame:
    """A small frame on the same engine as `frame`."""
    return nw.from_dict(dict(columns), schema=dict(schema), backend=frame.implementation)
