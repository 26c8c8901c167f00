"""The facts of a KPI cut as finely as they can be: by agent, day, hour and the age of the debt on that day."""

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import Facts
from toolkit.periods import ONE_DAY
from toolkit.teams import with_post

BUCKET, HOUR = "bucket", "hour"
UNKNOWN = ""
SUMS = ("numerator", "denominator")


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads(files("toolkit").joinpath("data", "slices.toml").read_text(encoding="utf-8"))


def ages_in(data: Data) -> tuple[int, ...]:
    """Days past due after which an age of debt begins: the profile's own, else the shipped ones."""
    own = "ages_of_debt" in data.definitions.model_fields_set
    return tuple(sorted(data.definitions.ages_of_debt if own else _settings()["ages"]))


def age_names(ages: Sequence[int]) -> list[str]:
    """What the ages are called: of 0, 7 and 30 they are 0, 1 to 7, 8 to 30, over 30."""
    pairs = pairwise(ages)
    between = [f"{low + 1}" if low + 1 == high else f"{low + 1} to {high}" for low, high in pairs]
    return [str(ages[0]) if ages[0] == 0 else f"up to {ages[0]}", *between, f"over {ages[-1]}"]


def cells_of(data: Data, facts: Facts, first: date, last: date) -> pl.DataFrame:
    """One row an agent and day with `numerator` and, of a ratio, `denominator`; team, branch and role of the day.

    With `hour` and `bucket` where the facts know the hour and the account; `bucket` is the age of the debt as the last
    snapshot before the day has it, "" where there is none. once: what counts once has a row for each agent, hour and
    account that it is counted of, and the columns that tell it apart.
    """
    parts = [facts] if facts.beside is None else [facts, facts.beside]
    found = pl.concat([_cells(data, one, first, last) for one in parts], how="diagonal")
    columns = ["team", "branch", "role"]
    return with_post(nw.from_native(found), data.teams, agent="agent_id", day="day", columns=columns).to_polars()


def _cells(data: Data, facts: Facts, first: date, last: date) -> pl.DataFrame:
    rows = facts.finer() if facts.finer else facts.counted
    names = rows.collect_schema().names()
    finer = [name for name in (HOUR, "account_id") if name in names]
    by = list(dict.fromkeys(["agent_id", "day", *finer, *facts.once]))
    sums = [name for name in SUMS if name in facts.sums]
    inside = rows.filter((nw.col("day") >= first) & (nw.col("day") <= last)).select(*by, *sums)
    how = [nw.col(name).max() if facts.once else nw.col(name).sum() for name in sums]
    grouped = eager(inside.group_by(*by).agg(*how)).to_polars().with_columns(pl.col(sums).cast(pl.Int64))
    if "account_id" not in names or not data.has("balances", "account_id", "as_of", "days_past_due"):
        return grouped
    kept = [name for name in by if name != "account_id" or name in facts.once]
    aged = _with_bucket(data, grouped).group_by(*kept, BUCKET)
    return aged.agg(pl.col(sums).max() if facts.once else pl.col(sums).sum()).sort(*kept, BUCKET)


def _with_bucket(data: Data, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the age of the account's debt as it stood before the day began."""
    balances = data.table("balances", "account_id", "as_of", "days_past_due")
    last = rows["day"].max()
    known = eager(balances.filter(nw.col("as_of") < last) if last else balances).to_polars()
    known = known.join(rows.select("account_id").unique(), on="account_id", how="semi")
    ages = ages_in(data)
    reached = pl.sum_horizontal((pl.col("days_past_due") > age).cast(pl.Int64) for age in ages)
    named = known.select(
        "account_id",
        (pl.col("as_of") + ONE_DAY).alias("day"),
        reached.replace_strict(dict(enumerate(age_names(ages))), return_dtype=pl.String).alias(BUCKET),
    )
    oldest = f"{_settings()['oldest_snapshot_days'] - 1}d"
    joined = rows.sort("day").join_asof(
        named.sort("day"), on="day", by="account_id", tolerance=oldest, check_sortedness=False
    )
    return joined.with_columns(pl.col(BUCKET).fill_null(UNKNOWN))
