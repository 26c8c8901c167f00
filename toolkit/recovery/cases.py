"""What followed actions: the cases that chances are counted from, in memory and of bounded size.

An action is whatever was done about an account by one rung on one day. It is followed by what the account pays
(reversals taken off) after it, at most `paid_within_days` later and before another rung is taken: a payment has one
action that it follows, the last one, so that a text message is not praised for the visit after it. Only accounts past
due that owe something count, in the bucket of the last snapshot up to the action's day; nothing is guessed between
snapshots.

Where there are millions of actions, those of one account in so many are counted, spread evenly over the account numbers
and the same at every run; the interval around a chance is that of the cases counted. Seldom actions all count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.ledger import standing
from toolkit.recovery.taken import NO_RUNG, actions
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame

CASES = 200_000
"""About how many actions are looked at; a chance that rests on a tenth of them is known to one part in a hundred."""
ACCOUNTS_OF = 10
"""Ten times fewer accounts than cases are looked at, at most."""
SELDOM = 20
"""Actions of a table that has so many times fewer of them than that count whole."""
SPREAD, WHOLE = 2_654_435_761, 2**32
"""The golden ratio of 2^32 (Knuth): multiples of it are spread evenly, whatever order the numbers have."""
MOMENT = pl.Datetime("us")


@dataclass(frozen=True)
class Evidence:
    """The cases.

    actions: account_id, rung, day, at, calls, seconds, counts, bucket (null: not past due, or not known), balance, over
      (the time to pay is over), came (money, minor units), got (the asset came in time).
    snapshots: account_id, as_of, balance, bucket. paid: account_id, day, moment, amount.
    chosen: the accounts looked at for everything, one in `one_in`; None: all.
    """

    actions: pl.DataFrame
    snapshots: pl.DataFrame
    paid: pl.DataFrame
    chosen: pl.Series | None
    one_in: int


def evidence(data: Data, rules: RecoveryRules, cases: int = CASES) -> Evidence:
    """The cases up to `data.as_of`. `MissingError` without balances or payments."""
    taken = actions(data, rules)
    rows = {table: _count(frame) for table, frame in taken.items()}
    chosen, one_in = _chosen(data, max(_count(data.tables["balances"]), *rows.values(), 0), cases)
    seldom = [table for table, number in rows.items() if number * SELDOM <= cases]
    found = {table: _in_memory(taken[table], None) for table in seldom}
    # what else was done about these accounts tells which action a payment followed
    whose = None if chosen is None else _with_seldom(chosen, list(found.values()))
    found |= {table: _in_memory(frame, whose) for table, frame in taken.items() if table not in seldom}
    acted = pl.concat([_counting(frame, chosen, table in seldom) for table, frame in found.items()] or [_no_actions()])
    snapshots = _snapshots(data, rules, whose)
    paid = _paid(data, whose)
    return Evidence(_judged(acted, snapshots, paid, data.as_of, rules), snapshots, paid, chosen, one_in)


def _count(frame: Frame) -> int:
    return int(eager(frame.select(nw.len())).to_polars().item())


def _chosen(data: Data, most: int, cases: int) -> tuple[pl.Series | None, int]:
    """One account in so many of those that have ever had a balance; None: all of them. most: rows of a table."""
    if most * ACCOUNTS_OF <= cases:
        return None, 1
    ids = eager(data.table("balances", "account_id").unique()).to_polars()["account_id"].drop_nulls()
    one_in = max(-(-most // cases), -(-ids.len() * ACCOUNTS_OF // cases))
    if one_in == 1:
        return None, 1
    places = pl.int_range(ids.len(), dtype=pl.Int64, eager=True)
    return ids.sort().filter((places * SPREAD) % WHOLE < WHOLE // one_in), one_in


def _with_seldom(chosen: pl.Series, seldom: Sequence[pl.DataFrame]) -> pl.Series:
    return pl.concat([chosen, *(frame["account_id"] for frame in seldom)]).unique().sort()


def _of(frame: Frame, accounts: pl.Series | None) -> Frame:
    return frame if accounts is None else frame.filter(nw.col("account_id").is_in(accounts.to_list()))


ACTED: Mapping[str, Any] = {
    "account_id": pl.String, "rung": pl.Int64, "day": pl.Date, "at": MOMENT, "calls": pl.Int64, "seconds": pl.Int64,
    "got": pl.Date, "counts": pl.Boolean,
}  # fmt: skip


def _no_actions() -> pl.DataFrame:
    return pl.DataFrame(schema=ACTED)


def _in_memory(frame: Frame, accounts: pl.Series | None) -> pl.DataFrame:
    """One row an account, rung and day."""
    grouped = _of(frame, accounts).group_by("account_id", "rung", "day")
    summed = grouped.agg(nw.col("at").min(), nw.col("got").min(), nw.col("seconds").sum(), calls=nw.len())
    return _plain(eager(summed).to_polars(), "at")


def _plain(frame: pl.DataFrame, moment: str) -> pl.DataFrame:
    """Times without their zone, which is the same for all, in one precision."""
    zoned = getattr(frame.schema[moment], "time_zone", None)
    time = pl.col(moment).dt.replace_time_zone(None) if zoned else pl.col(moment)
    return frame.with_columns(time.cast(MOMENT))


def _counting(frame: pl.DataFrame, chosen: pl.Series | None, whole: bool) -> pl.DataFrame:
    counts = pl.lit(value=True) if whole or chosen is None else pl.col("account_id").is_in(chosen.implode())
    return frame.with_columns(counts=counts).select(list(ACTED)).cast(ACTED)  # type: ignore[arg-type]


def _snapshots(data: Data, rules: RecoveryRules, accounts: pl.Series | None) -> pl.DataFrame:
    rows = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    found = eager(_of(rows.filter(nw.col("as_of") <= data.as_of), accounts)).to_polars()
    owes = (pl.col("days_past_due") > 0) & (pl.col("balance") > 0)
    bucket = pl.when(owes).then(bucket_of(pl.col("days_past_due"), rules.buckets))
    dated = found.select("account_id", pl.col("as_of").cast(pl.Date), pl.col("balance").cast(pl.Int64), bucket=bucket)
    return dated.sort("as_of", "account_id")


def bucket_of(days: pl.Expr, starts: Sequence[int]) -> pl.Expr:
    """The number of the bucket that so many days past due have reached; -1 before the first."""
    reached = pl.sum_horizontal([(days >= start).cast(pl.Int64) for start in starts])
    return (reached - 1).cast(pl.Int64)


def bucket_name(starts: Sequence[int], number: int) -> str:
    """How a bucket is called: ``0-6``, ``180+``."""
    if number < 0:
        return f"-{starts[0] - 1}" if starts else ""
    return f"{starts[number]}-{starts[number + 1] - 1}" if number + 1 < len(starts) else f"{starts[number]}+"


def _paid(data: Data, accounts: pl.Series | None) -> pl.DataFrame:
    """The payments that stand, by time. What counts from its posting came at the beginning of that day."""
    found = _plain(eager(_of(standing(data, kinds=True), accounts)).to_polars(), "paid_at")
    day = pl.col("day").cast(pl.Date)
    moment = pl.when(pl.col("paid_at").dt.date() == day).then("paid_at").otherwise(day.cast(MOMENT))
    return found.select("account_id", day, moment.alias("moment"), pl.col("amount").cast(pl.Int64)).sort("moment")


def _judged(
    acted: pl.DataFrame, snapshots: pl.DataFrame, paid: pl.DataFrame, as_of: date, rules: RecoveryRules
) -> pl.DataFrame:
    """The actions with their bucket and what followed them."""
    days = rules.paid_within_days
    dated = acted.sort("day").join_asof(
        snapshots.rename({"as_of": "_seen"}), left_on="day", right_on="_seen", by="account_id", check_sortedness=False
    )
    last = pl.col("day") + pl.duration(days=days)
    ends = last.cast(MOMENT) + timedelta(days=1, microseconds=-1)
    told = _before_others(dated, len(rules.rungs)).with_columns(
        over=last <= as_of,
        _until=pl.min_horizontal(ends, "_other"),
        got=(pl.col("got") <= last).fill_null(value=False) & (pl.col("got") <= as_of).fill_null(value=False),
    )
    so_far = paid.with_columns(_sum=pl.col("amount").cum_sum().over("account_id"))
    upto = so_far.group_by("account_id", "moment", maintain_order=True).agg(pl.col("_sum").last()).sort("moment")
    came = _sum_until(_sum_until(told, upto, "at", "_before"), upto, "_until", "_after")
    return came.with_columns(came=pl.col("_after") - pl.col("_before")).drop("_after", "_before", "_until", "_other")


def _before_others(actions: pl.DataFrame, rungs: int) -> pl.DataFrame:
    """Adds `_other`: when another rung was next taken after this one; of two at once the dearer one is the later."""
    ordered = actions.sort("account_id", "at", "rung")
    nexts = [
        pl.when(pl.col("rung") == place).then("at").shift(-1).backward_fill().over("account_id")
        for place in range(NO_RUNG, rungs)
    ]
    columns = [f"_next_{place}" for place in range(NO_RUNG, rungs)]
    told = ordered.with_columns(**dict(zip(columns, nexts, strict=True)))
    others = [
        pl.when(pl.col("rung") != place).then(name) for place, name in zip(range(NO_RUNG, rungs), columns, strict=True)
    ]
    return told.with_columns(_other=pl.min_horizontal(others)).drop(columns)


def _sum_until(rows: pl.DataFrame, upto: pl.DataFrame, moment: str, name: str) -> pl.DataFrame:
    """Adds what the account has paid until a moment, that moment included."""
    found = rows.sort(moment).join_asof(
        upto.rename({"moment": "_moment", "_sum": name}), left_on=moment, right_on="_moment", by="account_id",
        check_sortedness=False,
    )  # fmt: skip
    return found.drop("_moment").with_columns(pl.col(name).fill_null(0))
