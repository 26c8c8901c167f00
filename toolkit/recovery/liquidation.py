"""What has come in of what was placed, by age: batches of debts placed, and cohorts of accounts activated together.

Liquidation is everything collected since placement, reversals taken off, of the amount placed (receivableaccounts.com,
Liquidation Strategies, 2021: 10,000 of 100,000 is 10 %). The age is counted in calendar months: 0 is the month of the
placement itself. An age is drawn only once it is over for every account of the batch, so that no curve bends down for
being young.
"""

from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, beside, eager
from toolkit.kpis.ledger import received
from toolkit.recovery.buckets import month_label, month_number
from toolkit.recovery.frames import shaped
from toolkit.rows import Frame

CURVE_SCHEMA: dict[str, Any] = {
    "group": pl.String,
    "age": pl.Int64,
    **dict.fromkeys(("accounts", "base", "collected", "cumulative"), pl.Int64),
    "share": pl.Float64,
    **dict.fromkeys(("left_out", "cut_off"), pl.Int64),
}


def liquidation(data: Data) -> pl.DataFrame:
    """By batch (by the month of placement where there is none) and age: accounts, base (placed, minor units), collected
    in that month of age, cumulative, and share, null where nothing was placed.

    left_out: accounts of the batch without a day or an amount of placement, which take no part. cut_off: 1 where the
    first payment in the data is of a month later than the oldest placement of the batch: what came in before is not
    known, so there is no share. `MissingError` without placements.
    """
    columns = {"batch": nw.String}
    rows = data.table("accounts", "account_id", "placed_on", "placed_amount", **columns)
    return _curves(data, rows.rename({"placed_on": "since", "placed_amount": "base", "batch": "named"}))


def vintage(data: Data) -> pl.DataFrame:
    """The same by the month of activation. base: the amount placed, else the price of the contract (days of term times
    the daily price); accounts without either are left out and counted."""
    optional = {"placed_amount": nw.Int64, "term_days": nw.Int64, "daily_price": nw.Int64}
    rows = data.table("accounts", "account_id", "activated_on", **optional)
    price = nw.col("term_days").cast(nw.Int64) * nw.col("daily_price").cast(nw.Int64)
    base = nw.coalesce(nw.col("placed_amount").cast(nw.Int64), price)
    nobody = nw.when(nw.col("account_id") == "").then(nw.col("account_id"))
    return _curves(data, rows.with_columns(base=base, named=nobody).rename({"activated_on": "since"}))


def _curves(data: Data, rows: Frame) -> pl.DataFrame:
    """rows: account_id, since, base, named (the group, else the month)."""
    known = rows.with_columns(_since=month_number(nw.col("since"))).select(
        "account_id", "since", "_since", "base", "named"
    )
    takes_part = ~nw.col("since").is_null() & ~nw.col("base").is_null() & (nw.col("since") <= data.as_of)
    counted = known.filter(takes_part & (nw.col("base") > 0))
    groups = _in_memory(
        counted.group_by("named", "_since").agg(accounts=nw.len(), base=nw.col("base").sum()),
    )
    apart = _in_memory(
        known.filter(~takes_part | (nw.col("base") <= 0)).group_by("named", "_since").agg(left_out=nw.len())
    )
    paid = received(data).select("account_id", "day", "amount")
    mine = paid.join(beside(paid, counted), on="account_id", how="inner").filter(nw.col("day") >= nw.col("since"))
    aged = mine.with_columns(age=month_number(nw.col("day")) - nw.col("_since"))
    came = _in_memory(aged.group_by("named", "_since", "age").agg(collected=nw.col("amount").sum()))
    return _drawn(_grouped(groups), _grouped(came), _grouped(apart), data, _first_month(paid))


def _first_month(paid: Frame) -> int:
    """The month of the first payment that the data have."""
    first = eager(paid.select(month_number(nw.col("day")).min().alias("first"))).to_polars().item()
    return 0 if first is None else int(first)


def _in_memory(sums: Frame) -> pl.DataFrame:
    found = eager(sums).to_polars()
    whole = [pl.col(name).cast(pl.Int64) for name in found.columns if name != "named"]
    return found.with_columns(pl.col("named").cast(pl.String), *whole)


def _grouped(sums: pl.DataFrame) -> pl.DataFrame:
    """With `group`: the batch, else the month."""
    labels = {number: month_label(number) for number in sums["_since"].drop_nulls().unique().to_list()}
    month = pl.col("_since").replace_strict(labels, default="", return_dtype=pl.String)
    named = pl.when(pl.col("named") != "").then(pl.col("named"))
    return sums.with_columns(group=pl.coalesce(named, month).fill_null(""))


def _drawn(groups: pl.DataFrame, came: pl.DataFrame, apart: pl.DataFrame, data: Data, first: int) -> pl.DataFrame:
    """One row for each age that is over for the whole group."""
    bases = groups.group_by("group").agg(
        pl.col("accounts", "base").sum(), _youngest=pl.col("_since").max(), _oldest=pl.col("_since").min()
    )
    over = data.as_of.year * 12 + data.as_of.month - 1 + (0 if _is_month_end(data) else -1)
    ages = bases.with_columns(age=pl.int_ranges(0, (over - pl.col("_youngest") + 1).clip(0))).explode(
        "age", empty_as_null=False
    )
    sums = came.group_by("group", "age").agg(pl.col("collected").sum())
    left_out = apart.group_by("group").agg(pl.col("left_out").sum())
    table = ages.join(sums, on=["group", "age"], how="left").join(left_out, on="group", how="left").sort("group", "age")
    told = table.with_columns(pl.col("collected", "left_out").fill_null(0)).with_columns(
        cumulative=pl.col("collected").cum_sum().over("group", order_by="age")
    )
    told = told.with_columns(cut_off=(pl.col("_oldest") < first).cast(pl.Int64))
    share = pl.when((pl.col("base") > 0) & (pl.col("cut_off") == 0)).then(pl.col("cumulative") / pl.col("base"))
    return shaped(told.with_columns(share=share), CURVE_SCHEMA)


def _is_month_end(data: Data) -> bool:
    from datetime import timedelta

    return (data.as_of + timedelta(days=1)).day == 1
