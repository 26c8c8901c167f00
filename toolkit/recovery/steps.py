"""The pursue list as steps that may be asked "what if": one row for each account and rung that may be taken now."""

import polars as pl

from toolkit.recovery.cases import bucket_name
from toolkit.recovery.frames import shaped
from toolkit.recovery.pursuit import Pursuit, with_ladder
from toolkit.recovery.weighing import CODE
from toolkit.recovery.what_if import STEPS_SCHEMA

OPEN = ("pursue", "not_worth_it", "never")
"""Rungs that cost or chance alone decide about: no rule bars them, and their chance is known."""


def steps_of(pursuit: Pursuit) -> pl.DataFrame:
    """The columns of `what_if.STEPS_SCHEMA`: chance_low is the chance that decides, so that asked about as it stands,
    the list is the pursue list. Rungs that a rule bars are left out; no change of costs or chances opens them."""
    wide = with_ladder(pursuit)
    parts = [_of_rung(wide, place, pursuit) for place, cost in enumerate(pursuit.costs) if cost is not None]
    rows = pl.concat(parts, how="vertical") if parts else pl.DataFrame(schema=STEPS_SCHEMA)
    return shaped(rows.sort("account_id", maintain_order=True), STEPS_SCHEMA)


def _of_rung(wide: pl.DataFrame, place: int, pursuit: Pursuit) -> pl.DataFrame:
    rung = pursuit.rules.rungs[place]
    chances = pursuit.chances.table.filter(pl.col("place") == place).select("bucket_number", "chance", "chance_high")
    word, decides = pl.col(f"word_{place}"), pl.col(f"decides_{place}")
    mine = wide.filter(word.is_in([CODE[name] for name in OPEN]) & decides.is_not_null())
    told = mine.join(chances, on="bucket_number", how="left", maintain_order="left")
    names = {number: bucket_name(pursuit.rules.buckets, number) for number in range(-1, len(pursuit.rules.buckets))}
    return told.select(
        "account_id",
        bucket=pl.col("bucket_number").replace_strict(names, return_dtype=pl.String),
        rung=pl.lit(rung.code),
        channel=pl.lit(rung.channel),
        recoverable=pl.col(f"amount_{place}"),
        cost=pl.lit(pursuit.costs[place], pl.Int64),
        fee=pl.col("fee"),
        chance_low=decides,
        chance=pl.max_horizontal("chance", decides),
        chance_high=pl.max_horizontal("chance_high", "chance", decides),
    )
