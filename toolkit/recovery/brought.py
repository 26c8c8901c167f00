"""What was done in a period and what followed it, added up; and what it cost.

Which payment follows which action is said in `toolkit.recovery.followed`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import narwhals as nw
import polars as pl

from toolkit.kpis.costs import spent
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import yes
from toolkit.money import shared_out, to_minor
from toolkit.periods import Period
from toolkit.recovery.followed import attempt_band, followed
from toolkit.recovery.self_cure import ALONE_SCHEMA, left_alone
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame

KEYS = ("activity", "channel", "bucket", "attempt", "hour", "day", "before")
COUNTS = ("actions", "ripe", "paid", "payments", "amount")
FIRSTS = {"": "firsts", "bucket": "firsts_bucket", "attempt": "firsts_attempt", "hour": "firsts_hour"}
"""By what an activity is cut, and the column that counts an account once in each part: at its first action there."""


@dataclass(frozen=True)
class Done:
    """What was done in a period and what followed, added up.

    sums: activity, channel, bucket (number), attempt (its group), hour, day and before (as `followed` has them),
    actions, and of those that are ripe: ripe, paid, payments, amount, and accounts (`FIRSTS`). alone: `left_alone`.
    cost: of all the actions of an activity, in minor units, as far as it is known: what they cost beside salaries and
    overhead. loaded: with these, where they are known.
    """

    sums: pl.DataFrame
    alone: pl.DataFrame
    cost: Mapping[str, int]
    rules: RecoveryRules
    digits: int
    loaded: Mapping[str, int] = field(default_factory=dict)


def work_done(
    data: Data,
    rules: RecoveryRules,
    period: Period,
    costs: pl.DataFrame | None = None,
    loaded: pl.DataFrame | None = None,
) -> Done:
    """The actions of a period with what followed them.

    costs: activity (or channel) and amount in minor units, for all its actions of the period; a channel's is shared
    out among its activities by their actions, to the cent. Absent: the costs of these channels that the data have, else
    by the rate card, else the cost of one that the ladder names. loaded: the same with salaries and overhead; absent:
    not known. `MissingError` as for `followed`.
    """
    rows = followed(data, rules, period).with_columns(attempt=attempt_band(nw.col("attempt")))
    ripe = nw.col("ripe")
    counted = rows.with_columns(
        paid=nw.col("paid") * ripe, payments=nw.col("payments") * ripe, amount=nw.col("amount") * ripe
    )
    sums = eager(_summed(counted)).to_polars()
    whole = sums.with_columns(pl.col(*KEYS[2:], *COUNTS, *FIRSTS.values()).cast(pl.Int64))
    spans = whole.filter(pl.col("ripe") > 0).select("bucket", "day", "before").unique()
    try:
        alone = left_alone(data, rules, period, spans)
    except MissingError:  # without balances or accounts nobody knows who was left alone
        alone = pl.DataFrame(schema=ALONE_SCHEMA)
    cost = _costs(whole, costs if costs is not None else _known_costs(data, period), rules, data.digits)
    more = {} if loaded is None else _costs(whole, loaded, None, data.digits)
    return Done(whole, alone, cost, rules, data.digits, more)


def _summed(rows: Frame) -> Frame:
    """Everything in one pass. An account's first action is over if any of its actions is."""
    one = nw.lit(1, nw.Int64)
    firsts = {
        name: yes(
            nw.col("actions").cum_sum().over("account_id", "activity", *[cut][: bool(cut)], order_by="number") == 1
        )
        * nw.col("ripe")
        for cut, name in FIRSTS.items()
    }
    named = rows.with_columns(actions=one)
    return named.with_columns(**firsts).group_by(*KEYS).agg(nw.col(*COUNTS, *FIRSTS.values()).sum())


# --- costs -------------------------------------------------------------------------------------------------


def _known_costs(data: Data, period: Period) -> pl.DataFrame:
    """Costs by channel of the period."""
    try:
        rows = eager(spent(data)).to_polars()
    except MissingError:
        return pl.DataFrame(schema={"activity": pl.String, "amount": pl.Int64})
    inside = rows.filter((pl.col("day") >= period.first) & (pl.col("day") <= period.last))
    return inside.group_by(pl.col("channel").alias("activity")).agg(pl.col("amount").cast(pl.Int64).sum())


def _costs(sums: pl.DataFrame, costs: pl.DataFrame, rules: RecoveryRules | None, digits: int) -> dict[str, int]:
    """By activity. Without rules, what is not given is not known."""
    given: dict[str, int] = {}
    for name, amount in costs.select("activity", "amount").iter_rows():
        given[name] = given.get(name, 0) + int(amount)
    counts = sums.group_by("channel", "activity").agg(pl.col("actions").sum()).sort("channel", "activity").rows()
    found: dict[str, int] = {}
    for channel in sorted({of for of, _, _ in counts}):
        mine = [(activity, int(actions)) for of, activity, actions in counts if of == channel]
        own = [name for name, _ in mine if name in given and name != channel]
        rest = [(name, actions) for name, actions in mine if name not in own]
        found |= {name: given[name] for name in own}
        if channel in given and rest:
            everything = sum(actions for _, actions in rest)
            parts = shared_out(given[channel], [Fraction(given[channel] * actions, everything) for _, actions in rest])
            found |= {name: part for (name, _), part in zip(rest, parts, strict=True)}
        elif rules is not None:
            found |= dict(_by_ladder(rest, channel, rules, digits))
    return found


def _by_ladder(
    counts: Sequence[tuple[str, int]], channel: str, rules: RecoveryRules, digits: int
) -> Iterator[tuple[str, int]]:
    prices = {rung.code: rung.cost for rung in rules.rungs if rung.cost is not None and rung.channel == channel}
    for name, actions in counts:
        if name in prices:
            yield name, to_minor(Fraction(prices[name] or "0"), digits) * actions
