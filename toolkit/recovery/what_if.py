"""What if: other costs, other chances, other amounts, and what becomes of the list of accounts worth pursuing.

Pure functions over a table with one row for each account and step that may be taken next. Of the steps of an account
the one with the greatest surplus is taken, by the chance that decides; none where no step has any. All figures are
whole numbers and exact: money in minor units, chances, fees and factors in millionths. What is expected of a list is
added up in millionths and rounded down once, at the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import narwhals as nw
import polars as pl

from toolkit.kpis.data import eager
from toolkit.kpis.facts import MILLION
from toolkit.rows import Frame, floor_div

Chance = Literal["chance_low", "chance", "chance_high"]
CHANCES: tuple[Chance, ...] = ("chance_low", "chance", "chance_high")
STEPS_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("account_id", "bucket", "rung", "channel"), pl.String),
    **dict.fromkeys(("recoverable", "cost", "fee", *CHANCES), pl.Int64),
}
"""Steps: recoverable and cost in minor units; fee and chances in millionths."""
MOST_FACTOR = 1_000
"""Beyond it nobody asks "what if", and products would not be exact."""
LIMIT = 9 * 10**12
"""The most minor units that a step may be about, so that millionths of it are still exact in 64 bits."""
PLAN_SCHEMA: dict[str, Any] = {
    "case": pl.String,
    **dict.fromkeys(("accounts", "pursued", "cost", "recovered", "net_low", "net", "net_high"), pl.Int64),
}
SENSITIVITY_SCHEMA: dict[str, Any] = {
    "cost_change": pl.Int64,
    "chance": pl.String,
    **dict.fromkeys(("pursued", "cost", "net"), pl.Int64),
}
TURNS_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("rung", "bucket"), pl.String),
    **dict.fromkeys(("accounts", "pursued", "cost_each", "recoverable_each", *CHANCES), pl.Int64),
    **dict.fromkeys(("break_even_chance", "break_even_cost", "cost_factor"), pl.Int64),
    "verdict": pl.String,
}  # fmt: skip
COST_CHANGES = (-20, -10, 0, 10, 20)
HUNDRED = 100


class TooGreatError(ValueError):
    """An amount is too great for its millionths to be exact."""


@dataclass(frozen=True)
class Change:
    """One thing that is to be different: by a factor, or a new value in its place.

    what: cost, chance (its low and high with it; never above 1), recoverable or fee. rung, channel, bucket: of which
    steps; None for all. factor: exact, not below nothing. value: minor units, or millionths for chance and fee.
    """

    what: Literal["cost", "chance", "recoverable", "fee"]
    factor: Fraction | None = None
    value: int | None = None
    rung: str | None = None
    channel: str | None = None
    bucket: str | None = None

    def __post_init__(self) -> None:
        if (self.factor is None) == (self.value is None):
            raise ValueError("a change has either a factor or a value")
        if (self.factor is not None and self.factor < 0) or (self.value is not None and self.value < 0):
            raise ValueError("what is changed does not fall below nothing")
        if (self.factor or 0) > MOST_FACTOR:
            raise ValueError(f"nothing is multiplied by more than {MOST_FACTOR:,}")


def changed(steps: Frame, changes: Iterable[Change]) -> Frame:
    """The steps with every change made, one after the other; whole numbers, rounded down."""
    for change in changes:
        names = CHANCES if change.what == "chance" else (change.what,)
        steps = steps.with_columns(*[_changed(name, change).alias(name) for name in names])
    return steps


def plan(steps: Frame, decides: Chance = "chance_low") -> Frame:
    """The step to take on each account worth pursuing, one row an account: the steps' columns and `left` (recoverable
    less the fee) and `surplus` (millionths of a minor unit, by the chance that decides), which is above nothing.

    Of equal surplus the cheaper step is taken, then the first by name. `TooGreatError` where an amount is too great to
    be exact, `ValueError` where a figure is below nothing or a chance above 1.
    """
    checked = _priced(steps, decides)
    worth = checked.filter(nw.col("surplus") > 0)
    ranked = worth.with_columns(_best=nw.col("surplus").max().over("account_id"))
    best = ranked.filter(nw.col("surplus") == nw.col("_best")).drop("_best")
    return best.unique(subset=["account_id"], keep="first", order_by=["cost", "rung"])


def what_if(steps: Frame, changes: Sequence[Change], decides: Chance = "chance_low") -> pl.DataFrame:
    """Three rows: `now`; `same_list` (the changes, but the accounts and steps pursued as now) and `then` (the list made
    anew). accounts of the table, how many are pursued, their cost, what is expected to be recovered after fees, and
    the expected net with the low and the high chance beside the likely one."""
    other = changed(steps, changes)
    now, then = plan(steps, decides), plan(other, decides)
    key = ["account_id", "rung"]
    same = _priced(other, decides).join(now.select(*key), on=key, how="inner")
    accounts = int(eager(steps.select(nw.col("account_id").n_unique().alias("accounts"))).to_polars().item())
    rows = [(case, accounts, *_sums(frame)) for case, frame in (("now", now), ("same_list", same), ("then", then))]
    return pl.DataFrame(rows, schema=PLAN_SCHEMA, orient="row")


def sensitivity(
    steps: Frame, decides: Chance = "chance_low", cost_changes: Sequence[int] = COST_CHANGES
) -> pl.DataFrame:
    """How far the net hangs on costs and chances: one row for each change of all costs (percent) and each of the low,
    likely and high chance. The list is made anew for each change of costs, by the chance that decides, since nobody
    knows which chance will come true; net is what it brings if that one does."""
    rows = []
    for percent in cost_changes:
        dearer = changed(steps, [Change("cost", factor=Fraction(HUNDRED + percent, HUNDRED))])
        pursued, cost, _, *nets = _sums(plan(dearer, decides))
        rows += [(percent, name, pursued, cost, net) for name, net in zip(CHANCES, nets, strict=True)]
    return pl.DataFrame(rows, schema=SENSITIVITY_SCHEMA, orient="row")


def turning_points(steps: Frame, decides: Chance = "chance_low") -> pl.DataFrame:
    """By rung and bucket, the value at which the decision turns, for the average step there.

    cost_each and recoverable_each (after fees) on average; break_even_chance: from which on the step pays (millionths,
    rounded up; above a million it never does; null where nothing is left to recover); break_even_cost: up to which it
    pays with the chance that decides; cost_factor: by what all costs may be multiplied until it does not (millionths;
    null where nothing is spent). pursued: single accounts worth this step. verdict: pays, pays_not, never.
    """
    priced = _priced(steps, decides).with_columns(_one=nw.lit(1, nw.Int64), _pays=_yes(nw.col("surplus") > 0))
    sums = eager(
        priced.group_by("rung", "bucket").agg(
            accounts=nw.col("_one").sum(), pursued=nw.col("_pays").sum(), cost=nw.col("cost").sum(),
            left=nw.col("left").sum(), **{name: nw.col(name).sum() for name in CHANCES},
            **{f"_{name}": nw.col(f"_{name}").sum() for name in ("gain", "rest")},
        )
    ).to_polars()  # fmt: skip
    rows = [_turn(row, decides) for row in sums.sort("rung", "bucket").iter_rows(named=True)]
    return pl.DataFrame(rows, schema=TURNS_SCHEMA, orient="row")


# --- one step ----------------------------------------------------------------------------------------------


def _changed(name: str, change: Change) -> nw.Expr:
    if change.value is not None:
        new: nw.Expr = nw.lit(change.value, nw.Int64)
    else:
        new = _times(nw.col(name), change.factor or Fraction(0))
    if change.what in ("chance", "fee"):
        new = nw.min_horizontal(new, nw.lit(MILLION, nw.Int64))
    conditions = [
        nw.col(of) == value for of in ("rung", "channel", "bucket") if (value := getattr(change, of)) is not None
    ]
    if not conditions:
        return new
    applies = conditions[0]
    for condition in conditions[1:]:
        applies = applies & condition
    return nw.when(applies).then(new).otherwise(nw.col(name))


def _times(value: nw.Expr, factor: Fraction) -> nw.Expr:
    """The product, rounded down. The whole part and the rest are multiplied apart, so that none of it grows beyond 64
    bits that is not too great anyway."""
    of = nw.lit(factor.denominator, nw.Int64)
    whole = floor_div(value, of)
    rest = floor_div((value - whole * factor.denominator) * factor.numerator, of)
    return (whole * factor.numerator + rest).cast(nw.Int64)


def _priced(steps: Frame, decides: Chance) -> Frame:
    """With `left`, `surplus`, and what is expected, in whole minor units (`_gain`) and millionths (`_rest`)."""
    _refuse(steps)
    whole = steps.with_columns(nw.col("recoverable", "cost", "fee", *CHANCES).cast(nw.Int64))
    fee = floor_div(nw.col("recoverable"), nw.lit(MILLION, nw.Int64)) * nw.col("fee")
    rest = nw.col("recoverable") - floor_div(nw.col("recoverable"), nw.lit(MILLION, nw.Int64)) * MILLION
    charged = whole.with_columns(_fee=fee, _part=rest * nw.col("fee")).with_columns(
        left=(nw.col("recoverable") - nw.col("_fee") - _up(nw.col("_part"))).cast(nw.Int64)
    )
    expected = charged.with_columns(_expected=(nw.col("left") * nw.col(decides)).cast(nw.Int64))
    whole_part = floor_div(nw.col("_expected"), nw.lit(MILLION, nw.Int64))
    told = expected.with_columns(
        _gain=whole_part.cast(nw.Int64), surplus=nw.col("_expected") - nw.col("cost") * MILLION
    )
    return told.with_columns(_rest=nw.col("_expected") - nw.col("_gain") * MILLION).drop("_fee", "_part", "_expected")


def _up(millionths: nw.Expr) -> nw.Expr:
    """Whole units, rounded up: a fee is not charged too little."""
    return floor_div(millionths + MILLION - 1, nw.lit(MILLION, nw.Int64))


def _yes(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64))


def _refuse(steps: Frame) -> None:
    least = [nw.col(name).min().alias(f"{name}_min") for name in ("recoverable", "cost", "fee", *CHANCES)]
    most = [nw.col(name).max().alias(f"{name}_max") for name in ("recoverable", "cost", "fee", *CHANCES)]
    seen = eager(steps.select(*least, *most)).to_polars().row(0, named=True)
    if any(value is not None and value < 0 for value in seen.values()):
        raise ValueError("amounts, costs, fees and chances are not below nothing")
    if any((seen[f"{name}_max"] or 0) > MILLION for name in ("fee", *CHANCES)):
        raise ValueError("fees and chances are millionths, up to 1,000,000")
    if any((seen[f"{name}_max"] or 0) > LIMIT for name in ("recoverable", "cost")):
        raise TooGreatError(f"amounts above {LIMIT:,} minor units are not exact")


# --- all of them -------------------------------------------------------------------------------------------


def _sums(chosen: Frame) -> tuple[int, int, int, int, int, int]:
    """pursued, cost, recovered (likely), and the net with the low, likely and high chance: exact, rounded down once."""
    parts: dict[str, nw.Expr] = {}
    for name in CHANCES:
        expected = (nw.col("left") * nw.col(name)).cast(nw.Int64)
        whole = floor_div(expected, nw.lit(MILLION, nw.Int64)).cast(nw.Int64)
        parts |= {f"{name}_whole": whole, f"{name}_rest": expected - whole * MILLION}
    table = chosen.select("cost", **parts)
    sums = eager(
        table.select(nw.len().alias("pursued"), nw.col("cost", *parts).sum()),
    ).to_polars().row(0, named=True)  # fmt: skip
    found = {name: int(value or 0) for name, value in sums.items()}
    came = [found[f"{name}_whole"] + found[f"{name}_rest"] // MILLION for name in CHANCES]
    return (found["pursued"], found["cost"], came[1], *(one - found["cost"] for one in came))  # type: ignore[return-value]


def _turn(row: Mapping[str, Any], decides: Chance) -> tuple[Any, ...]:
    count, cost, left = int(row["accounts"]), int(row["cost"]), int(row["left"])
    gain = Fraction(int(row["_gain"])) + Fraction(int(row["_rest"]), MILLION)
    point = None if left == 0 else -((-cost * MILLION) // left)
    verdict = "never" if (point is None and cost) or (point or 0) > MILLION else "pays" if gain > cost else "pays_not"
    chances = [int(row[name]) // count for name in CHANCES]
    factor = None if cost == 0 else int(gain * MILLION / cost)
    each = (cost // count, left // count)
    return (
        row["rung"],
        row["bucket"],
        count,
        int(row["pursued"]),
        *each,
        *chances,
        point,
        int(gain / count),
        factor,
        verdict,
    )
