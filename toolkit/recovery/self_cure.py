"""Who pays without being pursued: the baseline that has to come off before an action is credited with anything.

Where the profile names hold-out batches, these are the accounts left alone, and whether an account was left alone was
not chosen by looking at it: the difference to all the others is an effect. Without any, the accounts of the same bucket
that nobody touched stand in. These were left alone for some reason, so they differ from the others, and the difference
proves nothing; it is said so.
"""

from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, beside, eager
from toolkit.kpis.ledger import days_later, standing
from toolkit.periods import Period
from toolkit.problems import said
from toolkit.recovery.buckets import bucket_number, day_number, number_of
from toolkit.recovery.followed import names_of, touched
from toolkit.recovery.frames import shaped
from toolkit.recovery.intervals import newcombe, wilson_of
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame

HOLD_OUT, UNTOUCHED = "hold_out", "untouched"
ALONE_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("bucket", "day", "before", "alone"), pl.Int64), "alone_paid": pl.Int64,
}  # fmt: skip
SELF_CURE_SCHEMA: dict[str, Any] = {
    "bucket": pl.String,
    "basis": pl.String,
    **dict.fromkeys(("pursued", "pursued_paid", "alone", "alone_paid"), pl.Int64),
    **dict.fromkeys(("pursued_rate", "alone_rate", "difference", "low", "high"), pl.Float64),
    "verdict": pl.String,
    "in_words": pl.String,
}


def basis_of(rules: RecoveryRules) -> str:
    """What the baseline is taken from."""
    return HOLD_OUT if rules.hold_out else UNTOUCHED


def left_alone(data: Data, rules: RecoveryRules, period: Period, spans: pl.DataFrame) -> pl.DataFrame:
    """How many accounts were left alone in each bucket, and how many of them paid in the same days in which a payment
    would have followed an action: bucket (number), day, before, alone, alone_paid.

    spans: bucket, day and before, each once, as `followed` has them. So paydays weigh on both sides alike, and an
    action that another one takes over from after two days is held against what comes in on its own in two days. A
    payment of the first day counts, though it may have come earlier that day than the action: the baseline is rather
    too high than too low.
    """
    accounts = _alone(data, rules, period)
    counts = _counted(accounts.group_by("bucket").agg(alone=nw.len()))
    paid = _paid_days(data, rules, period, accounts)
    key = ["bucket", "day", "before"]
    pairs = spans.select(key).join(paid, on="bucket", how="inner")
    hit = (pl.col("first") <= pl.col("day")) & (pl.col("day") <= pl.col("last")) & (pl.col("last") < pl.col("before"))
    sums = pairs.filter(hit).group_by(key).agg(alone_paid=pl.col("accounts").sum())
    joined = spans.select(key).join(counts, on="bucket", how="inner").join(sums, on=key, how="left")
    return shaped(joined.with_columns(pl.col("alone_paid").fill_null(0)), ALONE_SCHEMA).sort(key)


def self_cure(data: Data, rules: RecoveryRules, period: Period) -> pl.DataFrame:
    """By bucket at the period's opening: accounts pursued and left alone, and how many of each paid in the period at
    least once, with the difference of the two rates and its interval (Newcombe 1998).

    basis: hold_out (pursued are all accounts not held out, touched or not, since that alone is left to chance) or
    untouched (pursued are those on which anything was done). verdict: effect, none (no difference that chance does not
    explain), unproven (a difference, but those left alone were chosen), too_few (under `least_cases` on a side).
    """
    opening = _opening(data, rules, period)
    paid = standing(data, kinds=True).with_columns(day=day_number(nw.col("day")))
    inside = paid.filter((nw.col("day") >= number_of(period.first)) & (nw.col("day") <= number_of(period.last)))
    payers = inside.select("account_id").unique().with_columns(_paid=nw.lit(1, nw.Int64))
    alone = _alone(data, rules, period, until=period.last).select("account_id").with_columns(_alone=nw.lit(1, nw.Int64))
    known = opening.join(beside(opening, alone), on="account_id", how="left")
    told = known.join(beside(known, payers), on="account_id", how="left").with_columns(
        nw.col("_paid", "_alone").fill_null(0)
    )
    sums = told.group_by("bucket", "_alone").agg(accounts=nw.len(), paid=nw.col("_paid").sum())
    return _compared(_counted(sums), rules)


def _compared(sums: pl.DataFrame, rules: RecoveryRules) -> pl.DataFrame:
    sides = {
        side: sums.filter(pl.col("_alone") == flag)
        .select("bucket", "accounts", "paid")
        .rename({"accounts": side, "paid": f"{side}_paid"})
        for side, flag in (("pursued", 0), ("alone", 1))
    }
    both = sides["pursued"].join(sides["alone"], on="bucket", how="full", coalesce=True).fill_null(0).sort("bucket")
    k, n, other_k, other_n = (
        both[name].to_numpy().astype(float) for name in ("pursued_paid", "pursued", "alone_paid", "alone")
    )
    level = float(rules.confidence)
    low, high = newcombe(list(k), list(n), list(other_k), list(other_n), level)
    rates = {"pursued_rate": wilson_of(k, n, level)[0], "alone_rate": wilson_of(other_k, other_n, level)[0]}
    told = both.with_columns(
        bucket=pl.Series(names_of(both["bucket"].to_list(), rules), dtype=pl.String),
        basis=pl.lit(basis_of(rules)),
        **{name: pl.Series(values, dtype=pl.Float64) for name, values in rates.items()},
        low=pl.Series(low, dtype=pl.Float64),
        high=pl.Series(high, dtype=pl.Float64),
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    told = told.with_columns(difference=pl.col("pursued_rate") - pl.col("alone_rate"))
    words = [_verdict(row, rules) for row in told.iter_rows(named=True)]
    said_so = [_words(word, row, rules) for word, row in zip(words, told.iter_rows(named=True), strict=True)]
    named = told.with_columns(verdict=pl.Series(words, dtype=pl.String), in_words=pl.Series(said_so, dtype=pl.String))
    return shaped(named, SELF_CURE_SCHEMA)


def _verdict(row: dict[str, Any], rules: RecoveryRules) -> str:
    if min(row["pursued"], row["alone"]) < rules.least_cases:
        return "too_few"
    if row["low"] <= 0 <= row["high"]:
        return "none"
    return "effect" if row["basis"] == HOLD_OUT else "unproven"


def _words(word: str, row: dict[str, Any], rules: RecoveryRules) -> str:
    def percent(share: float | None) -> str:
        return "–" if share is None else f"{100 * share:.1f}"

    figures = {name: percent(row[name]) for name in ("pursued_rate", "alone_rate", "difference", "low", "high")}
    counts = {name: f"{row[name]:,}" for name in ("pursued", "alone")}
    code = f"SELF_CURE_{row['basis'].upper()}_{word.upper()}"
    return said(code, bucket=row["bucket"] or "?", least=rules.least_cases, **figures, **counts)


# --- who was left alone ------------------------------------------------------------------------------------


def opening_day(data: Data, period: Period) -> date | None:
    """The day of the last snapshot before the period; else of the first one in it; None without any."""
    days = eager(data.table("balances", "as_of").unique()).to_polars()["as_of"].to_list()
    before = [day for day in days if day < period.first]
    inside = [day for day in days if period.first <= day <= min(period.last, data.as_of)]
    return max(before) if before else min(inside) if inside else None


def _opening(data: Data, rules: RecoveryRules, period: Period) -> Frame:
    """account_id, batch and bucket (its number) of the accounts that owed anything as the period began."""
    rows = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    on = opening_day(data, period)
    owing = rows.filter((nw.col("balance") > 0) & (nw.col("as_of") == (on or date(1, 1, 1))))
    bucket = bucket_number(nw.col("days_past_due"), rules.buckets)
    batches = data.table("accounts", "account_id", batch=nw.String)
    known = owing.select("account_id", bucket=bucket).unique(subset=["account_id"])
    return known.join(batches, on="account_id", how="left")


def _alone(data: Data, rules: RecoveryRules, period: Period, until: date | None = None) -> Frame:
    opening = _opening(data, rules, period)
    if rules.hold_out:
        return opening.filter(nw.col("batch").is_in(list(rules.hold_out))).select("account_id", "bucket")
    last = until or period.last + timedelta(days=rules.paid_within_days)
    busy = touched(data, number_of(period.first), number_of(last))
    return opening.join(beside(opening, busy), on="account_id", how="anti").select("account_id", "bucket")


def _paid_days(data: Data, rules: RecoveryRules, period: Period, accounts: Frame) -> pl.DataFrame:
    """bucket, accounts, `last`, a day on which so many paid, and `first`, from which on days have this payment for the
    next one: the day after the payment before, at most `paid_within_days` earlier."""
    days = rules.paid_within_days
    last = min(period.last + timedelta(days=days), data.as_of)
    paid = standing(data, kinds=True).select("account_id", "day").unique()
    inside = paid.filter((nw.col("day") >= period.first) & (nw.col("day") <= last))
    mine = inside.join(beside(inside, accounts), on="account_id", how="inner")
    dated = mine.with_columns(_before=nw.col("day").shift(1).over("account_id", order_by="day"))
    earliest = day_number(days_later(nw.col("day"), -days))
    after = day_number(days_later(nw.col("_before"), 1)).fill_null(0)
    spans = dated.with_columns(
        first=nw.when(after > earliest).then(after).otherwise(earliest), last=day_number(nw.col("day"))
    )
    sums = spans.group_by("bucket", "first", "last").agg(accounts=nw.len())
    return _counted(sums)


def _counted(sums: Frame) -> pl.DataFrame:
    """A few sums, in memory, as whole numbers."""
    found = eager(sums).to_polars()
    return found.with_columns(pl.all().cast(pl.Int64))


__all__ = ["HOLD_OUT", "SELF_CURE_SCHEMA", "UNTOUCHED", "basis_of", "left_alone", "opening_day", "self_cure"]
