"""How likely a step after a debt is to be followed by money, by rung and bucket, and how much then comes.

Whole numbers throughout: chances in millionths, money in minor units. A chance rests on cases whose time to pay is
over. Beside it stands what accounts of the same bucket did when nobody touched them (self-cure): a hold-out where the
profile names one, else those that happened to be left alone, who differ from the others, so that what is left after
taking it off is no proof of an effect.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.fairness import shrunk, wilson
from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import MILLION
from toolkit.recovery.cases import CASES, Evidence, bucket_name, evidence
from toolkit.recovery.taken import with_period
from toolkit.recovery_rules import RecoveryRules

HOLD_OUT, UNTOUCHED, TOO_FEW = "hold_out", "untouched", "too few"
SCHEMA = {
    **dict.fromkeys(("rung", "title", "bucket"), pl.String),
    **dict.fromkeys(
        ("place", "bucket_number", "actions", "waiting", "successes", "chance", "chance_low", "chance_high",
         "chance_shrunk", "decides", "share", "by_asset", "baseline_cases", "baseline", "above_baseline"),
        pl.Int64,
    ),
    **dict.fromkeys(("baseline_from", "note"), pl.String),
}  # fmt: skip


@dataclass(frozen=True)
class Chances:
    """The chances of every rung in every bucket.

    table: one row a rung and bucket, in the order of the ladder. actions (whose time to pay is over), waiting (whose is
      not), successes (followed by money or, for a rung with collateral, by the asset); chance: successes of actions;
      chance_low, chance_high: its Wilson interval; chance_shrunk: drawn towards the rung's chance over all buckets;
      decides: the lower bound that decides, null with fewer than `least_cases`; share: of the balance, what came where
      money did; by_asset: of the successes, how many brought the asset; baseline, baseline_cases, baseline_from
      (hold_out, untouched, ""): self-cure; above_baseline: chance less baseline; note: "too few". Millionths.
    units: of each rung, how many calls and seconds an action has on average.
    collateral: by product, the median of what its assets brought, where at least `least_cases` were sold.
    one_in: of how many accounts one was looked at.
    """

    table: pl.DataFrame
    units: tuple[tuple[Fraction, Fraction], ...]
    collateral: dict[str, int]
    one_in: int


def chances(data: Data, rules: RecoveryRules, cases: int = CASES) -> Chances:
    """The chances from everything up to `data.as_of`. `MissingError` without balances or payments."""
    found = evidence(data, rules, cases)
    base = baseline(data, rules, found)
    rows = [row for place in range(len(rules.rungs)) for row in _of_rung(place, rules, found.actions, base)]
    return Chances(
        pl.DataFrame(rows, schema=SCHEMA, orient="row"),
        tuple(_units(found.actions.filter(pl.col("rung") == place)) for place in range(len(rules.rungs))),
        collateral(data, rules),
        found.one_in,
    )


def _units(mine: pl.DataFrame) -> tuple[Fraction, Fraction]:
    actions = mine.height
    if not actions:
        return Fraction(1), Fraction(0)
    return Fraction(int(mine["calls"].sum()), actions), Fraction(int(mine["seconds"].sum()), actions)


# --- one rung ----------------------------------------------------------------------------------------------


def _of_rung(
    place: int, rules: RecoveryRules, actions: pl.DataFrame, base: dict[int, tuple[int, int, str]]
) -> Iterator[dict[str, Any]]:
    """Its rows of the table, bucket by bucket."""
    counted = _counted(actions.filter((pl.col("rung") == place) & pl.col("counts")), rules.rungs[place].collateral)
    rows = [counted.get(bucket, {}) for bucket in range(len(rules.buckets))]
    cases, successes = ([int(row.get(name, 0)) for row in rows] for name in ("actions", "successes"))
    level = float(rules.confidence)
    bounds = list(zip(*wilson(successes, cases, level), strict=True))
    drawn = shrunk(successes, cases)
    centres = [value * number if number else 0.0 for value, number in zip(drawn, cases, strict=True)]
    drawn_low = wilson(centres, cases, level)[0]
    for bucket, row in enumerate(rows):
        few = cases[bucket] < rules.least_cases
        low = bounds[bucket][0] if rules.decides == "wilson_low" else drawn_low[bucket]
        chance = _millionths(successes[bucket], cases[bucket])
        yield {
            "rung": rules.rungs[place].code,
            "title": rules.rungs[place].title,
            "bucket": bucket_name(rules.buckets, bucket),
            "place": place,
            "bucket_number": bucket,
            "actions": cases[bucket],
            "waiting": int(row.get("waiting", 0)),
            "successes": successes[bucket],
            "chance": chance,
            "chance_low": _floor(bounds[bucket][0], cases[bucket]),
            "chance_high": _ceiling(bounds[bucket][1], cases[bucket]),
            "chance_shrunk": round(drawn[bucket] * MILLION) if cases[bucket] else None,
            "decides": None if few else _floor(low, cases[bucket]),
            "share": _millionths(int(row.get("came", 0)), int(row.get("owed", 0))),
            "by_asset": _millionths(int(row.get("assets", 0)), successes[bucket]),
            "note": TOO_FEW if few else "",
        } | _beside(base.get(bucket), chance)


def _counted(mine: pl.DataFrame, collateral: bool) -> dict[int, dict[str, Any]]:
    """By bucket: actions, waiting, successes, assets, and of the successes in money what came and what was owed."""
    over, paid = pl.col("over"), pl.col("came") > 0
    got = pl.col("got") if collateral else pl.lit(value=False)
    came = pl.min_horizontal("came", "balance")
    sums = mine.filter(pl.col("bucket") >= 0).group_by("bucket").agg(
        actions=over.sum(),
        waiting=(~over).sum(),
        successes=(over & (paid | got)).sum(),
        assets=(over & got).sum(),
        came=came.filter(over & paid & ~got).sum(),
        owed=pl.col("balance").filter(over & paid & ~got).sum(),
    )  # fmt: skip
    return {row["bucket"]: row for row in sums.iter_rows(named=True)}


def _beside(base: tuple[int, int, str] | None, chance: int | None) -> dict[str, Any]:
    """What the bucket's accounts did by themselves."""
    if base is None:
        return {"baseline_cases": 0, "baseline": None, "above_baseline": None, "baseline_from": ""}
    paid, cases, source = base
    rate = _millionths(paid, cases)
    above = None if chance is None or rate is None else chance - rate
    return {"baseline_cases": cases, "baseline": rate, "above_baseline": above, "baseline_from": source}


def _millionths(part: int, whole: int) -> int | None:
    return part * MILLION // whole if whole else None


def _floor(value: float, cases: int) -> int | None:
    return int(value * MILLION) if cases else None


def _ceiling(value: float, cases: int) -> int | None:
    return min(MILLION, -int(-value * MILLION // 1)) if cases else None


# --- what accounts do by themselves ------------------------------------------------------------------------


def baseline(data: Data, rules: RecoveryRules, found: Evidence) -> dict[int, tuple[int, int, str]]:
    """By bucket: account-periods that were paid in, how many there were, and whose they are (hold_out or untouched).

    A period is as long as the time to pay, counted back from the last day; its account's bucket is that of the last
    snapshot up to the day before it. It counts where nobody did anything about the account in it nor in the period
    before. The hold-out stands where it has at least `least_cases` in a bucket, else everybody left alone.
    """
    left_alone = _left_alone(data, rules, found)
    counted: dict[int, tuple[int, int, str]] = {}
    held = _held_out(data, rules)
    for source, rows in ((UNTOUCHED, left_alone), (HOLD_OUT, left_alone.filter(pl.col("account_id").is_in(held)))):
        sums = rows.group_by("bucket").agg(cases=pl.len(), paid=pl.col("paid").sum())
        counted |= {
            row["bucket"]: (row["paid"], row["cases"], source)
            for row in sums.iter_rows(named=True)
            if row["cases"] >= rules.least_cases
        }
    return counted


def _held_out(data: Data, rules: RecoveryRules) -> list[str]:
    if not rules.hold_out or not data.has("accounts", "account_id", "batch"):
        return []
    accounts = data.table("accounts", "account_id", "batch").filter(nw.col("batch").is_in(list(rules.hold_out)))
    return [*eager(accounts).to_polars()["account_id"].to_list()]


def _left_alone(data: Data, rules: RecoveryRules, found: Evidence) -> pl.DataFrame:
    """account_id, bucket and paid of the account-periods in which nobody did anything."""
    days = rules.paid_within_days
    seen = found.snapshots["as_of"].head(1).to_list()
    periods = (data.as_of - seen[0]).days // days if seen else 0
    starts = pl.DataFrame({"period": range(periods)}, schema={"period": pl.Int64}).with_columns(
        start=pl.lit(data.as_of) - pl.duration(days=(pl.col("period") + 1) * days)
    )
    accounts = found.snapshots.select("account_id").unique().sort("account_id")
    if found.chosen is not None:
        accounts = accounts.filter(pl.col("account_id").is_in(found.chosen.implode()))
    grid = accounts.join(starts, how="cross").sort("start")
    known = grid.join_asof(
        found.snapshots, left_on="start", right_on="as_of", by="account_id", check_sortedness=False
    ).filter(pl.col("bucket") >= 0)
    touched = _in_periods(found.actions, data, days)
    before = touched.with_columns(period=pl.col("period") - 1)
    alone = known.join(pl.concat([touched, before]), on=["account_id", "period"], how="anti")
    paid = _in_periods(found.paid, data, days).with_columns(paid=pl.lit(1, pl.Int64))
    return alone.join(paid, on=["account_id", "period"], how="left").select(
        "account_id", "bucket", pl.col("paid").fill_null(0)
    )


def _in_periods(rows: pl.DataFrame, data: Data, days: int) -> pl.DataFrame:
    """The account's periods in which there is a row."""
    dated = with_period(nw.from_native(rows), data.as_of, days).to_polars()
    return dated.select("account_id", pl.col("period").cast(pl.Int64)).unique()


# --- assets ------------------------------------------------------------------------------------------------


def collateral(data: Data, rules: RecoveryRules) -> dict[str, int]:
    """By product, the median of what its assets brought, in minor units, where at least `least_cases` were sold."""
    if not data.has("recoveries", "account_id", "net_proceeds") or not data.has("accounts", "product"):
        return {}
    sold = data.table("recoveries", "account_id", "net_proceeds", sold_on=nw.Date)
    known = eager(sold.filter(~nw.col("net_proceeds").is_null())).to_polars()
    known = known.filter(pl.col("sold_on").is_null() | (pl.col("sold_on") <= data.as_of))
    products = eager(data.table("accounts", "account_id", "product")).to_polars()
    of = known.join(products, on="account_id", how="inner").group_by("product")
    brought = of.agg(pl.col("net_proceeds").cast(pl.Int64).sort()).sort("product")
    return {
        product: max(0, _median(values))
        for product, values in brought.iter_rows()
        if product is not None and len(values) >= rules.least_cases
    }


def _median(ordered: Sequence[int]) -> int:
    """The lower of two middle ones: a value that was seen."""
    return ordered[(len(ordered) - 1) // 2]
