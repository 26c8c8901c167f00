"""What if steps cost more or less, or succeed more or less often: the list of accounts worth pursuing, in classes.

Millions of accounts become a few hundred classes: of one rung and bucket, so of one chance, and within it by `need`,
the chance over cost from which on the step pays. Need is rounded up to hundredths (to twentieths above 1.5), so that a
class is never pursued too early. With all factors 1 the sums are those of the list, to the minor unit. Every account
keeps the step that it has; whoever has none today takes part with the one that comes nearest to paying.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.csv_text import as_decimal
from toolkit.kpis.facts import MILLION
from toolkit.recovery.what_if import Change, changed, plan

ONE = Fraction(1)
COARSE, TURN, REACH = 5, 150, 1000
"""Classes are of so many hundredths from `TURN` on; what needs more than `REACH` is out of reach."""
NEEDED = ("next", "title", "bucket", "chance", "chance_low", "chance_high", "break_even", "cost", "expected_net",
          "net_low", "net_likely", "net_high")  # fmt: skip
PLACES = 6
CASES = ("low", "likely", "high")


@dataclass(frozen=True)
class Class:
    """Accounts of one step and bucket that pay from the same factor on. Money in any one unit, exact.

    need: chance factor over cost factor from which on the step pays. low, likely, high: what is expected to come in,
    after fees, with these chances. most: by how much each chance can be multiplied before it is certain (the one that
    decides first).
    """

    rung: str
    title: str
    bucket: str
    need: Fraction
    accounts: int
    cost: Fraction
    came: tuple[Fraction, Fraction, Fraction]
    most: tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Sums:
    """What a list comes to: accounts pursued, their cost, and the expected net with the low, likely and high chance."""

    accounts: int
    cost: Fraction
    net: tuple[Fraction, Fraction, Fraction]

    def times(self, unit: int) -> "Sums":
        """The same in units of which one has so many."""
        low, likely, high = (net * unit for net in self.net)
        return Sums(self.accounts, self.cost * unit, (low, likely, high))


Factors = Mapping[str, tuple[Fraction, Fraction]]
"""By rung what costs and what chances are multiplied by; 1 where it is not named."""


def classes(
    pursue: pl.DataFrame, ladder: Mapping[str, str] | None = None, steps: pl.DataFrame | None = None, digits: int = 2
) -> list[Class]:
    """The list (columns as in pursue.csv) in classes, by rung in the order of the ladder, bucket and need.

    ladder: codes of the rungs with their titles. steps: as `toolkit.recovery.steps.steps_of` gives them; with it,
    accounts that no step pays for today take part with the one that comes nearest to paying.
    """
    told = pursue.filter(pl.col("cost").is_not_null() & pl.col("chance").is_not_null()).select(NEEDED)
    if steps is not None:
        told = pl.concat([told, _nearest(pursue, steps, ladder or {}, digits)], how="vertical_relaxed")
    if told.is_empty():
        return []
    # a chance is a figure of the rung and bucket: whatever can be said of one account can be said of its class
    by = ["next", "title", "bucket", "chance", "chance_low", "chance_high", "need"]
    came = [(pl.col(f"net_{name}") + pl.col("cost")).alias(name) for name in CASES]
    rows = told.with_columns(_need().alias("need"), *came).filter(pl.col("need") <= REACH)
    sums = rows.group_by(by, maintain_order=True).agg(pl.len().alias("accounts"), pl.col("cost", *CASES).sum())
    order = {rung: place for place, rung in enumerate(dict.fromkeys([*(ladder or ()), *sorted(set(told["next"]))]))}
    found = [_class(row) for row in sums.iter_rows(named=True)]
    return sorted(found, key=lambda one: (order[one.rung], one.bucket, one.need, one.most))


def _nearest(pursue: pl.DataFrame, steps: pl.DataFrame, ladder: Mapping[str, str], digits: int) -> pl.DataFrame:
    """Of each account without a step, the rung that comes nearest to paying, with the columns of the list."""
    taken = pursue.filter(pl.col("cost").is_not_null()).select("account_id")
    open_ones = steps.join(taken, on="account_id", how="anti").filter(pl.col("chance_low") > 0)
    left = (pl.col("recoverable") - -((-pl.col("recoverable") * pl.col("fee")) // MILLION)).alias("_left")
    priced = open_ones.with_columns(left).filter(pl.col("_left") > 0).with_columns(
        _ratio=pl.col("cost") / (pl.col("_left") * pl.col("chance_low"))
    )  # fmt: skip
    best = priced.sort("account_id", "_ratio", "rung").unique("account_id", keep="first", maintain_order=True)
    chances = {"low": "chance_low", "likely": "chance", "high": "chance_high"}
    nets = {
        f"net_{case}": as_decimal(pl.col("_left") * pl.col(chance) // MILLION - pl.col("cost"), digits)
        for case, chance in chances.items()
    }
    point = -((-pl.col("cost") * MILLION) // pl.col("_left"))
    return best.select(
        next="rung",
        title=pl.col("rung").replace(ladder),
        bucket="bucket",
        chance=as_decimal(pl.col("chance_low"), PLACES),
        chance_low=as_decimal(pl.col("chance_low"), PLACES),
        chance_high=as_decimal(pl.col("chance_high"), PLACES),
        break_even=as_decimal(point, PLACES),
        cost=as_decimal(pl.col("cost"), digits),
        expected_net=pl.lit(None, pl.Decimal(38, digits)),
        **nets,
    ).select(NEEDED)


def _need() -> pl.Expr:
    """In hundredths, rounded up; of whoever is pursued now at most 1, though the break-even was rounded up."""
    point, chance = (
        (pl.col(name).cast(pl.Float64) * MILLION).round().cast(pl.Int64) for name in ("break_even", "chance")
    )
    fine = -((-100 * point) // chance)
    coarse = -((-fine) // COARSE) * COARSE
    pays_now = pl.col("expected_net").is_not_null()
    rounded_up = pl.when(fine <= TURN).then(fine).otherwise(coarse)
    return pl.when(pays_now).then(pl.min_horizontal(fine, pl.lit(100))).otherwise(pl.max_horizontal(rounded_up, 101))


def _class(row: Mapping[str, Any]) -> Class:
    low, likely, high = (Fraction(row[name]) for name in CASES)
    chance_low = Fraction(row["chance_low"])
    likely_chance = chance_low * likely / low if low else Fraction(row["chance"])
    chances = (Fraction(row["chance"]), chance_low, likely_chance, Fraction(row["chance_high"]))
    most = tuple(_short(ONE / chance) if chance else ONE for chance in chances)
    return Class(
        row["next"], row["title"], row["bucket"], Fraction(row["need"], 100), int(row["accounts"]),
        Fraction(row["cost"]), (low, likely, high), most,  # type: ignore[arg-type]  # four of them
    )  # fmt: skip


def _short(value: Fraction) -> Fraction:
    """As a sheet shows it, so that a sheet and this module reckon with the same."""
    shown = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1).scaleb(-PLACES), ROUND_CEILING)
    return Fraction(shown)


def is_pursued(one: Class, factors: Factors) -> bool:
    """Whether the step pays for this class with these factors."""
    cost, chance = factors.get(one.rung, (ONE, ONE))
    return chance > 0 and one.need * cost <= min(chance, one.most[0])


def with_factors(found: Sequence[Class], factors: Factors) -> dict[str, Sums]:
    """What the list comes to by rung with these factors. `ValueError` for a factor below nothing."""
    if any(min(pair) < 0 for pair in factors.values()):
        raise ValueError("a factor is not below nothing")
    return {rung: _sums([one for one in found if one.rung == rung], factors) for rung in _rungs(found)}


def _rungs(found: Sequence[Class]) -> list[str]:
    return list(dict.fromkeys(one.rung for one in found))


def _sums(found: Sequence[Class], factors: Factors) -> Sums:
    taken = [one for one in found if is_pursued(one, factors)]
    cost = sum((one.cost * factors.get(one.rung, (ONE, ONE))[0] for one in taken), Fraction(0))
    came = [sum((_came(one, case, factors) for one in taken), Fraction(0)) for case in range(3)]
    return Sums(sum(one.accounts for one in taken), cost, (came[0] - cost, came[1] - cost, came[2] - cost))


def _came(one: Class, case: int, factors: Factors) -> Fraction:
    """What comes in, no more than if it were certain."""
    return one.came[case] * min(factors.get(one.rung, (ONE, ONE))[1], one.most[case + 1])


def together(sums: Mapping[str, Sums]) -> Sums:
    """All rungs."""
    net = [sum((one.net[case] for one in sums.values()), Fraction(0)) for case in range(3)]
    cost = sum((one.cost for one in sums.values()), Fraction(0))
    return Sums(sum(one.accounts for one in sums.values()), cost, (net[0], net[1], net[2]))


# --- the list made anew ------------------------------------------------------------------------------------


def planned(steps: pl.DataFrame, factors: Factors) -> dict[str, Sums]:
    """By rung, what the list made anew comes to with these factors: every account may change its step. Minor units;
    steps: as `toolkit.recovery.steps.steps_of` gives them. `ValueError` for a factor below nothing."""
    changes = [change for rung, pair in factors.items() for change in _changes(rung, *pair)]
    frame = nw.from_native(steps, eager_only=True)
    chosen = plan(changed(frame, changes)).to_native()
    return {rung: _of_list(chosen.filter(pl.col("rung") == rung)) for rung in sorted(set(steps["rung"]))}


def _changes(rung: str, cost: Fraction, chance: Fraction) -> list[Change]:
    found = [("cost", cost), ("chance", chance)]
    return [Change(what, factor=factor, rung=rung) for what, factor in found if factor != 1]  # type: ignore[arg-type]


def _of_list(rows: pl.DataFrame) -> Sums:
    """Exact; a part of a million of a minor unit is kept."""
    cost = int(rows["cost"].sum())
    low, likely, high = (_expected(rows, name) - cost for name in ("chance_low", "chance", "chance_high"))
    return Sums(rows.height, Fraction(cost), (low, likely, high))


def _expected(rows: pl.DataFrame, chance: str) -> Fraction:
    wide = pl.Int128
    return Fraction(
        int(rows.select((pl.col("left").cast(wide) * pl.col(chance).cast(wide)).sum()).item() or 0), MILLION
    )
