"""What followed actions: the cases that chances are counted from, in memory and of bounded size.

An action is whatever was done about an account by one rung on one day. Which payment followed which call, message or
visit is said in `toolkit.recovery.followed`: the last one before it, so that a text message is not praised for the
visit after it, nor five calls for the same money. Only accounts past due that owe something count, in the bucket in
which they were as the day began: a snapshot is of a day's end, when whoever paid at once owes nothing any more. The
first snapshot of an account holds for its own day too. Nothing is guessed between snapshots.

Where there are millions of actions, those of one account in so many are counted, spread evenly over the account numbers
and the same at every run; the interval around a chance is that of the cases counted. Seldom actions all count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.ledger import standing
from toolkit.recovery.followed import EVENT, action_events, came_after, payment_events
from toolkit.recovery.taken import actions
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
DIGITS = 12
"""So that numbers of actions sort as text."""


@dataclass(frozen=True)
class Evidence:
    """The cases.

    actions: account_id, rung, day, at, calls, seconds, counts, bucket (null: not past due, or not known), balance, over
      (the time to pay is over), came (money, minor units), got (the asset came in time).
    snapshots: account_id, as_of, balance, bucket. paid: account_id, paid_at, day, amount.
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
    snapshots = _snapshots(data, rules, whose)
    paid = _plain(eager(_of(standing(data, kinds=True), whose)).to_polars(), "paid_at")
    counting = [_counting(frame, chosen, table in seldom) for table, frame in found.items()]
    acted = _with_money(pl.concat([pl.DataFrame(schema=ACTED), *counting]), paid, rules)
    return Evidence(_judged(acted, snapshots, data.as_of, rules), snapshots, paid, chosen, one_in)


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
    "account_id": pl.String, "agent_id": pl.String, "id": pl.String, "rung": pl.Int64, "channel": pl.String,
    "day": pl.Date, "at": MOMENT, "seconds": pl.Int64, "got": pl.Date, "counts": pl.Boolean,
}  # fmt: skip


def _in_memory(frame: Frame, accounts: pl.Series | None) -> pl.DataFrame:
    names = [name for name in ACTED if name != "counts"]
    return _plain(eager(_of(frame, accounts).select(*names)).to_polars(), "at")


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
    """How a bucket is called: ``0-6``, ``180+``; ``1-59`` what is past due, but not as late as the first one."""
    if number < 0:
        return f"1-{starts[0] - 1}"
    return f"{starts[number]}-{starts[number + 1] - 1}" if number + 1 < len(starts) else f"{starts[number]}+"


def _with_money(acted: pl.DataFrame, paid: pl.DataFrame, rules: RecoveryRules) -> pl.DataFrame:
    """One row an account, rung and day: at (the first), calls (how many actions), seconds, got, counts, and came, what
    followed them together."""
    numbered = acted.with_columns(id=pl.int_range(pl.len()).cast(pl.String).str.zfill(DIGITS))
    events = [action_events(nw.from_native(numbered, eager_only=True), rules)]
    events.append(payment_events(nw.from_native(paid, eager_only=True)))
    rows = nw.concat([part.select(*EVENT) for part in events], how="vertical").filter(~nw.col("account_id").is_null())
    came = came_after(rows, ["id"]).to_native().select("id", came=pl.col("amount").cast(pl.Int64))
    told = numbered.join(came, on="id", how="left")
    return told.group_by("account_id", "rung", "day").agg(
        pl.col("at", "got").min(), pl.col("counts").all(), pl.col("seconds", "came").sum(),
        calls=pl.len().cast(pl.Int64),
    )  # fmt: skip


def _judged(acted: pl.DataFrame, snapshots: pl.DataFrame, as_of: date, rules: RecoveryRules) -> pl.DataFrame:
    """The actions with their bucket, what was owed as the day began, and whether the time to pay is over."""
    first = pl.col("as_of") == pl.col("as_of").min().over("account_id")
    since = pl.when(first).then("as_of").otherwise(pl.col("as_of") + pl.duration(days=1))
    holds = snapshots.select("account_id", "balance", "bucket", _seen=since).sort("_seen", maintain_order=True)
    dated = acted.sort("day", "account_id", "rung").join_asof(
        holds, left_on="day", right_on="_seen", by="account_id", check_sortedness=False
    )
    last = pl.col("day") + pl.duration(days=rules.paid_within_days)
    in_time = (pl.col("got") <= last) & (pl.col("got") <= as_of)
    return dated.with_columns(over=last <= as_of, got=in_time.fill_null(value=False)).drop("_seen")
