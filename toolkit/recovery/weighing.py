"""Each rung weighed for each account, in whole numbers: the vectorised form of `toolkit.recovery.worth`.

Money is int64 minor units, chances, shares and fees are millionths. With 9.2 x 10^12 minor units at most nothing leaves
int64, and whether a step pays is exact to the last part of a millionth of a minor unit.
"""

from collections.abc import Sequence

import polars as pl
from polars import selectors

from toolkit.kpis.facts import MILLION
from toolkit.recovery.taken import tries_name
from toolkit.recovery_rules import RecoveryRules

MOST = 9_200_000_000_000
"""The most that an account may owe, in minor units: times a million it is still an int64."""

WORDS = (
    "pursue", "not_worth_it", "stopped", "over_the_limit", "too_few", "never", "nothing_owed", "no_cost", "needs_tries",
    "too_early", "vetoed",
)  # fmt: skip
"""What is said of a rung, the reason that comes first last. The words of `toolkit.recovery.worth` mean the same here;
stopped: worked in vain for so long that the chance is below the break-even; no_cost: nothing says what it costs;
needs_tries: the rung before has not been tried often enough; too_early: not late enough yet; vetoed."""
CODE = {word: number for number, word in enumerate(WORDS)}


def recoverable(balance: pl.Expr, share: pl.Expr, by_asset: pl.Expr, asset: pl.Expr | None) -> pl.Expr:
    """What a step brings where it succeeds: of the balance the share that came where money did, and, as often as
    success was the asset, the asset's value up to the balance. Where no money has come yet, the whole balance: the
    most that could come, so that nothing is ruled out by what is not known.
    """
    in_money = pl.when(share.is_null()).then(balance).otherwise(balance * share // MILLION)
    if asset is None:
        return in_money
    in_kind = by_asset.fill_null(0)
    worth = pl.min_horizontal(balance, asset.fill_null(0))
    return (in_kind * worth + (MILLION - in_kind) * in_money) // MILLION


def gain(chance: pl.Expr, amount: pl.Expr, fee: pl.Expr, cost: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The expected net in millionths of a minor unit, rounded down, and whether it is more than nothing."""
    left = amount * (MILLION - fee)
    whole, rest = left // MILLION, left % MILLION
    brought = chance * whole + chance * rest // MILLION
    over = chance * rest % MILLION > 0
    net = brought - cost * MILLION
    return net, (net > 0) | ((net == 0) & over)


def in_minor_units(net: pl.Expr) -> pl.Expr:
    """Rounded down, so that nothing is promised that is not there."""
    return net // MILLION


def break_even(amount: pl.Expr, fee: pl.Expr, cost: pl.Expr) -> pl.Expr:
    """The chance from which on the step pays, in millionths, rounded up; null where nothing would be left of what comes
    and the step costs something."""
    wide = pl.Int128
    left = (amount * (MILLION - fee)).cast(wide)
    asked = cost.cast(wide) * (MILLION * MILLION)
    point = (asked + left - 1) // left
    found = pl.when(left > 0).then(point.clip(0, 2**62)).otherwise(None).cast(pl.Int64)
    return pl.when((cost == 0) & (left == 0)).then(pl.lit(0, pl.Int64)).otherwise(found)


def as_reckoned(accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts as they are kept, with whole numbers in int64, in which nothing overflows."""
    return accounts.with_columns(selectors.integer().cast(pl.Int64), pl.col("product").cast(pl.String))


def with_rungs(
    accounts: pl.DataFrame,
    cells: pl.DataFrame,
    rules: RecoveryRules,
    costs: Sequence[int | None],
    collateral: dict[str, int],
) -> pl.DataFrame:
    """The accounts with `word_*` (number in `WORDS`) and `net_*` (millionths of a minor unit, null where unknown) of
    every rung.

    accounts: bucket_number, balance, fee, spent, failed, days_past_due, product, spared and tries_*. cells: the chances
    by bucket_number, one row each, with `decides_*`, `share_*`, `by_asset_*`, `cases_*`, `paid_*` of every rung.
    """
    joined = as_reckoned(accounts).join(cells, on="bucket_number", how="left", maintain_order="left")
    with_assets = joined.with_columns(
        asset=pl.col("product").replace_strict(collateral, default=None, return_dtype=pl.Int64)
        if collateral
        else pl.lit(None, pl.Int64)
    )
    amounts = with_assets.with_columns(
        recoverable(
            pl.col("balance"),
            pl.col(f"share_{place}"),
            pl.col(f"by_asset_{place}"),
            pl.col("asset") if rung.collateral else None,
        ).alias(f"amount_{place}")
        for place, rung in enumerate(rules.rungs)
    )
    return amounts.with_columns(_weighed(place, rules, cost) for place, cost in enumerate(costs)).unnest(
        [f"rung_{place}" for place in range(len(costs))]
    )


def _weighed(place: int, rules: RecoveryRules, cost: int | None) -> pl.Expr:
    """`word_*` and `net_*` of one rung, as a struct."""
    if cost is None:
        word, net = _barred(place, rules, pl.lit(CODE["no_cost"])), pl.lit(None, pl.Int64)
    else:
        chance, amount, price = pl.col(f"decides_{place}"), pl.col(f"amount_{place}"), pl.lit(cost, pl.Int64)
        net, pays = gain(chance, amount, pl.col("fee"), price)
        word = _barred(place, rules, _word(place, rules, cost, pays))
    return pl.struct(word.cast(pl.Int8).alias(f"word_{place}"), net.alias(f"net_{place}")).alias(f"rung_{place}")


def _word(place: int, rules: RecoveryRules, cost: int, pays: pl.Expr) -> pl.Expr:
    """As `worth_pursuing` has it, and the stop."""
    amount = pl.col(f"amount_{place}")
    left = amount * (MILLION - pl.col("fee"))
    most = pl.col("balance") * millionths(rules.most_share)
    return (
        pl.when(amount == 0).then(CODE["nothing_owed"])
        .when(cost * MILLION > left).then(CODE["never"])
        .when(pl.col(f"decides_{place}").is_null()).then(CODE["too_few"])
        .when((pl.col("spent") + cost) * MILLION > most).then(CODE["over_the_limit"])
        .when(~pays).then(CODE["not_worth_it"])
        .when(_stopped(place, rules, cost)).then(CODE["stopped"])
        .otherwise(CODE["pursue"])
    )  # fmt: skip


def _stopped(place: int, rules: RecoveryRules, cost: int) -> pl.Expr:
    """Whether so many periods failed that the chance after them is below the break-even, as
    `toolkit.recovery.stopping` has it."""
    prior, failed = rules.prior_cases, pl.col("failed")
    paid, cases = pl.col(f"paid_{place}"), pl.col(f"cases_{place}")
    after = (paid * prior * MILLION) // (cases * (failed + prior))
    net, pays = gain(after, pl.col(f"amount_{place}"), pl.col("fee"), pl.lit(cost, pl.Int64))
    return (failed >= rules.stop_after) & ~pays & (net < 0)


def _barred(place: int, rules: RecoveryRules, word: pl.Expr) -> pl.Expr:
    """The word, unless the rung may not be taken."""
    rung = rules.rungs[place]
    tried = pl.col(tries_name(place - 1)) >= rung.needs_tries if place else pl.lit(value=True)
    return (
        pl.when(pl.col("spared") // 2**place % 2 == 1).then(CODE["vetoed"])
        .when(pl.col("days_past_due") < rung.after_days).then(_would(word, "too_early"))
        .when(~tried).then(_would(word, "needs_tries"))
        .otherwise(word)
    )  # fmt: skip


def _would(word: pl.Expr, reason: str) -> pl.Expr:
    """The reason why it may not be taken where it would pay; else why it would not."""
    return pl.when(word == CODE["pursue"]).then(CODE[reason]).otherwise(word)


def millionths(share: str) -> int:
    """A share of the profile, exact."""
    whole, _, part = share.partition(".")
    return int(whole) * MILLION + int(part.ljust(6, "0") or 0)
