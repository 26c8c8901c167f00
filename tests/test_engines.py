"""One definition, several engines: pandas, Polars and DuckDB give the same whole numbers.

The naive computation beside each is Python's own integers and fractions, which know no overflow, no
half-even rounding and no division through a double.
"""

from collections.abc import Callable
from fractions import Fraction
from math import floor
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.rows import (
    band_reached,
    chosen,
    each_alone,
    floor_div,
    in_sequence,
    latest_before,
    shared_out,
    slices_filled,
)

Rows = list[dict[str, Any]]


def polars_frame(rows: Rows) -> Any:
    return nw.from_native(pl.DataFrame(rows), eager_only=True)


def pandas_frame(rows: Rows) -> Any:
    return nw.from_native(pd.DataFrame(rows).convert_dtypes(dtype_backend="pyarrow"), eager_only=True)


def duckdb_frame(rows: Rows) -> Any:
    return nw.from_native(duckdb.from_arrow(pl.DataFrame(rows).to_arrow()))


ENGINES = {"polars": polars_frame, "pandas": pandas_frame, "duckdb": duckdb_frame}

engines = pytest.mark.parametrize("frame_of", ENGINES.values(), ids=ENGINES.keys())
FrameOf = Callable[[Rows], Any]


def rows_of(frame: Any, by: list[str]) -> Rows:
    """All rows as plain Python values, in the order of `by`: engines that have no order of their own give theirs."""
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    plain = [
        {name: int(value) if value is not None and not isinstance(value, str) else value for name, value in row.items()}
        for row in eager.to_arrow().to_pylist()
    ]
    return sorted(plain, key=lambda row: tuple(row[name] for name in by))


BEYOND_DOUBLES = 2**53 + 1


@engines
@pytest.mark.parametrize(
    ("dividend", "divisor"),
    [
        (7, 2),
        (-7, 2),
        (-1, 1_000_000),
        (0, 3),
        (BEYOND_DOUBLES, 2),
        (-BEYOND_DOUBLES, 2),
        (2**62 + 1, 1_000_000),
        (9, 3),
    ],
)
def test_division_rounds_down_on_every_engine(frame_of: FrameOf, dividend: int, divisor: int) -> None:
    frame = frame_of([{"a": dividend, "d": divisor}])
    found = rows_of(frame.select(q=floor_div(nw.col("a"), nw.col("d"))), ["q"])
    assert found == [{"q": dividend // divisor}]


def naive_shares(total: int, weights: list[int], p: int, q: int) -> list[int]:
    exact = [Fraction(weight * p, q) for weight in weights]
    shares = [floor(part) for part in exact]
    by_rest = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for place in by_rest[: total - sum(shares)]:
        shares[place] += 1
    return shares


def shared(frame_of: FrameOf, groups: list[tuple[int, int, int, list[int]]]) -> list[int]:
    rows = [
        {"agent": f"A{number}", "order": place, "weight": weight, "p": p, "q": q, "total": total}
        for number, (total, p, q, weights) in enumerate(groups)
        for place, weight in enumerate(weights)
    ]
    result = shared_out(frame_of(rows), within=["agent"], total="total", order=["order"], into="share")
    return [row["share"] for row in rows_of(result, ["agent", "order"])]


@engines
@pytest.mark.parametrize(
    ("total", "p", "q", "weights"),
    [
        (100, 100, 3, [1, 1, 1]),  # a tie: the earlier row gets the cent
        (-3, -1, 2, [5]),  # -2.5 rounded away from zero
        (-100, -100, 3, [1, 1, 1]),  # penalties share like earnings
        (0, 1, 2, [0, 0]),
        (BEYOND_DOUBLES, 1, 1, [BEYOND_DOUBLES - 1, 1]),
        (2, 1, 2, [1, 1, 1]),  # three halves, rounded up to two
    ],
)
def test_a_line_is_shared_out_to_the_last_unit(
    frame_of: FrameOf, total: int, p: int, q: int, weights: list[int]
) -> None:
    assert shared(frame_of, [(total, p, q, weights)]) == naive_shares(total, weights, p, q)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 10**6),
            st.integers(1, 10**6),
            st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=6),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_shares_follow_the_naive_ones_and_add_up(groups: list[tuple[int, int, list[int], bool]]) -> None:
    totals = []
    for p, q, weights, up in groups:
        exact = sum(Fraction(weight * p, q) for weight in weights)
        total = floor(exact) + (1 if up and exact.denominator != 1 else 0)
        totals.append((total, p, q, weights))
    expected = [share for group in totals for share in naive_shares(group[0], group[3], group[1], group[2])]
    for frame_of in (polars_frame, pandas_frame):
        assert shared(frame_of, totals) == expected


@engines
@pytest.mark.parametrize(
    ("value", "above", "band"),
    [
        (-1, False, -1),
        (0, False, 0),
        (30, False, 0),
        (31, False, 1),
        (31, True, 0),
        (32, True, 1),
        (0, True, -1),
        (BEYOND_DOUBLES, False, 2),
    ],
)
def test_a_value_on_an_edge_belongs_where_the_plan_says(frame_of: FrameOf, value: int, above: bool, band: int) -> None:
    starts = [0, 31, BEYOND_DOUBLES]
    number = band_reached(nw.col("value"), starts, edge_above=above)
    found = rows_of(frame_of([{"value": value}]).select(band=number, rate=chosen(number, [10, 20, 30])), ["band"])
    assert found == [{"band": band, "rate": {-1: 0, 0: 10, 1: 20, 2: 30}[band]}]


@engines
def test_slices_are_filled_in_the_order_of_time(frame_of: FrameOf) -> None:
    rows = [
        {"agent": "A", "seq": 2, "base": 50, "e0": 0, "e1": 60, "e2": 100},
        {"agent": "A", "seq": 1, "base": 40, "e0": 0, "e1": 60, "e2": 100},
        {"agent": "A", "seq": 3, "base": 30, "e0": 0, "e1": 60, "e2": 100},
        {"agent": "B", "seq": 1, "base": 30, "e0": 10, "e1": 20, "e2": 100},
    ]
    placed = in_sequence(frame_of(rows), within=["agent"], order="seq", base="base")
    pieces = rows_of(slices_filled(placed, ["e0", "e1", "e2"]), ["agent", "seq", "band"])
    assert [(row["agent"], row["seq"], row["band"], row["piece"]) for row in pieces] == [
        ("A", 1, 0, 40),  # 0 to 40
        ("A", 2, 0, 20),  # 40 to 60
        ("A", 2, 1, 30),  # 60 to 90
        ("A", 3, 1, 10),  # 90 to 100
        ("A", 3, 2, 20),  # 100 to 120
        ("B", 1, 0, 10),  # what lies below 10 is left out
        ("B", 1, 1, 10),
    ]


@engines
def test_each_payment_alone_starts_anew(frame_of: FrameOf) -> None:
    rows = [{"seq": 1, "base": 150, "e0": 0, "e1": 100}, {"seq": 2, "base": 100, "e0": 0, "e1": 100}]
    pieces = rows_of(slices_filled(each_alone(frame_of(rows), base="base"), ["e0", "e1"]), ["seq", "band"])
    assert [(row["seq"], row["band"], row["piece"]) for row in pieces] == [(1, 0, 100), (1, 1, 50), (2, 0, 100)]


@engines
def test_the_latest_snapshot_on_or_before_the_day(frame_of: FrameOf) -> None:
    payments = [
        {"row": 1, "account": "C1", "day": 10},
        {"row": 2, "account": "C1", "day": 20},
        {"row": 3, "account": "C2", "day": 5},
    ]
    snapshots = [
        {"account": "C1", "as_of": 10, "days_past_due": 1},
        {"account": "C1", "as_of": 15, "days_past_due": 2},
        {"account": "C2", "as_of": 6, "days_past_due": 9},
    ]
    found = latest_before(frame_of(payments), frame_of(snapshots), key="account", day="day", as_of="as_of", row="row")
    assert [(row["row"], row["days_past_due"]) for row in rows_of(found, ["row"])] == [(1, 1), (2, 2), (3, None)]
