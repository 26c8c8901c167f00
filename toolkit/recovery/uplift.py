"""What an action adds: rates of actions followed by a payment, less the self-cures, and what that is worth.

Rates are of actions whose days are over. Actions on one account are not independent, so intervals are as wide as if
each account were one case. What an action adds is the share of actions followed by a payment, less the share of
accounts left alone that paid in the same days, until the next action took over (`toolkit.recovery.self_cure`). Money is
estimated, rounded to the minor unit.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from toolkit.money import shared_out
from toolkit.recovery.brought import COUNTS, FIRSTS, Done
from toolkit.recovery.intervals import difference, weighted, wilson_of
from toolkit.recovery.self_cure import basis_of

HALF = 0.5
"""Of how many actions the self-cures have to be known for any to be taken off."""
NONE = "none"
RATES = ("rate", "rate_low", "rate_high", "self_cure", "uplift", "uplift_low", "uplift_high")


def figures(done: Done, by: tuple[str, ...]) -> pl.DataFrame:
    """The sums by these columns with rates, uplift and money for one action."""
    accounts = pl.col(FIRSTS["".join(by[1:])]).sum().alias("accounts")
    table = done.sums.group_by(by).agg(pl.col(*COUNTS).sum(), accounts).sort(by)
    table = table.with_columns(waiting=pl.col("actions") - pl.col("ripe"))
    table = _with_rates(table, done, by)
    return _with_money(table, done)


def _with_rates(table: pl.DataFrame, done: Done, by: tuple[str, ...]) -> pl.DataFrame:
    level = float(done.rules.confidence)
    ripe, paid, cases = (table[name].to_numpy().astype(float) for name in ("ripe", "paid", "accounts"))
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(ripe > 0, paid / ripe, np.nan)
    rates = wilson_of(np.where(ripe > 0, shares * cases, 0), cases, level)
    base, (some, some_paid) = _baselines(table, done, by), _covered(table, done, by)
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.where(ripe > 0, some / ripe, 0.0)
        part = np.where(some > 0, some_paid / some, np.nan)
    known = ~np.isnan(base[0]) & (covered >= HALF)
    like = wilson_of(np.where(known, part, 0) * cases * covered, cases * covered, level)
    base = [np.where(known, side, np.nan) for side in base]
    held = [np.where(known, one, other) for one, other in zip(like, rates, strict=True)]
    gap = difference(held, [np.where(known, side, 0.0) for side in base])
    columns = dict(zip(RATES, (*rates, base[0], *gap), strict=True))
    words = [basis_of(done.rules) if one else NONE for one in known]
    series = [pl.Series(name, values, dtype=pl.Float64).fill_nan(None) for name, values in columns.items()]
    share = pl.Series("covered", np.where(known, covered, 0.0), dtype=pl.Float64)
    return table.with_columns(*series, share, basis=pl.Series(words, dtype=pl.String))


def _covered(table: pl.DataFrame, done: Done, by: tuple[str, ...]) -> list[Any]:
    """Of each row, the ripe actions in buckets of which enough accounts were left alone, and those of them followed by
    a payment."""
    sums = done.sums.join(_enough_alone(done).select("bucket").unique(), on="bucket", how="semi")
    parts = sums.group_by(by).agg(pl.col("ripe", "paid").sum())
    joined = table.select(by).join(parts, on=by, how="left", maintain_order="left").fill_null(0)
    return [joined[name].to_numpy().astype(float) for name in ("ripe", "paid")]


def _enough_alone(done: Done) -> pl.DataFrame:
    return done.alone.filter(pl.col("alone") >= done.rules.least_cases)


def _baselines(table: pl.DataFrame, done: Done, by: tuple[str, ...]) -> list[Any]:
    """Of each row, the rate of those left alone, weighted by the buckets of its ripe actions, with its interval; NaN
    where no bucket of them has enough accounts left alone. Buckets that have not are left out."""
    level, span = float(done.rules.confidence), ["bucket", "day", "before"]
    keys = list(dict.fromkeys((*by, "bucket")))
    mix = done.sums.group_by(list(dict.fromkeys((*by, *span)))).agg(pl.col("ripe").sum()).filter(pl.col("ripe") > 0)
    known = mix.join(_enough_alone(done), on=span, how="inner")
    hits = (pl.col("ripe") * pl.col("alone_paid")).sum() / pl.col("ripe").sum()
    parts = known.group_by(keys).agg(
        pl.col("ripe").sum(), pl.col("alone").min(), hits=hits
    ).sort(keys)  # fmt: skip
    n, k = (parts[name].cast(pl.Float64).to_numpy() for name in ("alone", "hits"))
    rates = np.column_stack(wilson_of(k, n, level))
    found: dict[Any, list[int]] = {}
    for place, key in enumerate(parts.select(by).iter_rows()):
        found.setdefault(key, []).append(place)
    counts = parts["ripe"].to_numpy().astype(float)
    mixed = [
        _mixed(counts[places], rates[places]) for places in (found.get(key, []) for key in table.select(by).iter_rows())
    ]
    return [np.array([one[side] for one in mixed], float) for side in range(3)]


def _mixed(counts: Any, rates: Any) -> tuple[float, float, float]:
    if not len(counts) or np.isnan(rates).any():
        return float("nan"), float("nan"), float("nan")
    return weighted(counts / counts.sum(), rates[:, 0], rates[:, 1], rates[:, 2])


def _with_money(table: pl.DataFrame, done: Done) -> pl.DataFrame:
    """Money for one action. What a payment is worth is what the row's own payments were on average; where it has none,
    those of the activity, else of all."""
    totals = done.sums.group_by("activity").agg(pl.col("actions", "paid", "amount").sum()).rename(
        {"actions": "_actions", "paid": "_paid", "amount": "_amount"}
    )  # fmt: skip
    everything = done.sums.select(pl.col("paid", "amount").sum()).row(0)
    average = everything[1] / everything[0] if everything[0] else 0.0
    kept = 1 - float(done.rules.given_away)
    cost, loaded = (
        pl.col("activity").replace_strict(dict(of), default=None, return_dtype=pl.Int64)
        for of in (done.cost, done.loaded)
    )
    worth = (
        pl.when(pl.col("paid") > 0).then(pl.col("amount") / pl.col("paid"))
        .when(pl.col("_paid") > 0).then(pl.col("_amount") / pl.col("_paid")).otherwise(average)
    ) * kept  # fmt: skip
    joined = table.join(totals, on="activity", how="left", maintain_order="left").with_columns(
        _cost=cost, _loaded=loaded / pl.col("_actions"), _worth=worth
    )
    each = pl.col("_cost") / pl.col("_actions")
    told = joined.with_columns(
        amount_each=_minor(pl.when(pl.col("ripe") > 0).then(pl.col("amount") / pl.col("ripe"))),
        cost_each=_minor(each),
        loaded_each=_minor("_loaded"),
        net_loaded=_minor(pl.col("uplift") * pl.col("_worth") - pl.col("_loaded")),
        cost=_parts_of_cost(joined),
        _net=pl.col("uplift") * pl.col("_worth") - each,
        _net_low=pl.col("uplift_low") * pl.col("_worth") - each,
        _net_high=pl.col("uplift_high") * pl.col("_worth") - each,
    )
    return told.with_columns(net_each=_minor("_net"), net_low=_minor("_net_low"), net_high=_minor("_net_high"))


def _parts_of_cost(rows: pl.DataFrame) -> pl.Series:
    """An activity's cost shared out among its rows by their actions, to the cent."""
    found: dict[int, int] = {}
    for _, part in rows.with_row_index("_row").filter(pl.col("_cost").is_not_null()).group_by("activity"):
        cost, everything = int(part["_cost"][0]), int(part["_actions"][0])
        weights = [Fraction(cost * int(actions), everything) for actions in part["actions"]]
        found |= dict(zip(part["_row"].to_list(), shared_out(cost, weights), strict=True))
    return pl.Series("cost", [found.get(row) for row in range(rows.height)], dtype=pl.Int64)


def _minor(value: pl.Expr | str) -> pl.Expr:
    """An estimate, to the nearest minor unit."""
    return ((pl.col(value) if isinstance(value, str) else value) + 0.5).floor().cast(pl.Int64)
