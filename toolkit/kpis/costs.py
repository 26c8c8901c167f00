"""KPIs of what collecting costs and brings: cost of recovery and margin."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw

from toolkit.kpis.data import Data, beside, eager
from toolkit.kpis.facts import MILLION, Facts, Rule
from toolkit.kpis.money import with_first
from toolkit.kpis.rates import costs_by_rate
from toolkit.rows import Frame, frame_like

FIRST_YEAR = 2000


def spent(data: Data) -> Frame:
    """agent_id, day, channel and amount: the costs that are kept, else those by the rate card."""
    if data.has("rate_card") and not data.has("costs"):
        return costs_by_rate(data).filter(nw.col("day") <= data.as_of)
    return _costs(data)


def _costs(data: Data) -> Frame:
    """What was spent, on the first day of its month, or the agent's own first day in it. What belongs to a team and to
    no agent counts for everybody together only."""
    costs = eager(data.table("costs", "period", "amount", agent_id=nw.String, channel=nw.String))
    if data.definitions.credit_notes == "set_aside":
        costs = costs.filter(nw.col("amount") >= 0)
    months = [date(year, month, 1) for year in range(FIRST_YEAR, data.as_of.year + 1) for month in range(1, 13)]
    columns: dict[str, Sequence[Any]] = {"period": [f"{month:%Y-%m}" for month in months], "_first": months}
    dated = costs.join(frame_like(costs, columns, {"period": nw.String, "_first": nw.Date}), on="period", how="inner")
    posts = data.teams.frame(costs, [])
    started = posts.group_by("agent_id").agg(nw.col("post_first").min().alias("_started"))
    known = dated.join(started, on="agent_id", how="left")
    started_on, first = nw.col("_started"), nw.col("_first")
    same = (started_on.dt.year() == first.dt.year()) & (started_on.dt.month() == first.dt.month())
    return known.with_columns(day=nw.when(same.fill_null(False)).then(started_on).otherwise(first))


def collected(data: Data) -> Frame:
    """Of `data.payments` those of the kinds that count as collected, and their reversals, which have kind and agent of
    the payment that they take back. A payment without a kind counts."""
    kinds = list(data.definitions.collected_kinds)
    counted = nw.col("kind").is_null() | nw.col("kind").is_in(kinds)
    return with_first(data).filter(counted & (nw.col("day") <= data.as_of))


def _together(names: Sequence[str], *parts: Frame) -> Frame:
    """The sums by agent and day, in memory: payments are, once they are credited, whatever the engine."""
    sums = [eager(part.group_by("agent_id", "day").agg(*[nw.col(name).sum() for name in names])) for part in parts]
    sums = [part.with_columns(*[nw.col(name).cast(nw.Int64) for name in names]) for part in sums]
    return nw.concat(sums, how="vertical")


def cost_per_unit(data: Data) -> Facts:
    """All that was spent, of what was collected, by month."""
    zero = nw.lit(0, nw.Int64)
    costs = spent(data).with_columns(numerator=nw.col("amount"), denominator=zero)
    got = collected(data).with_columns(numerator=zero, denominator=nw.col("amount"))
    money = 10**data.digits
    return Facts(_together(["numerator", "denominator"], costs, got), parts=money, denominator_parts=money)


def net_collected(data: Data) -> Facts:
    """What was collected less all that was spent, by month."""
    got = collected(data).with_columns(numerator=nw.col("amount"))
    costs = spent(data).with_columns(numerator=-nw.col("amount"))
    return Facts(_together(["numerator"], got, costs), parts=10**data.digits)


def margin(data: Data) -> Facts:
    """The agency's fees (the account's rate, of what was collected; a reversal takes its fee back) less direct costs,
    which are all but `indirect_costs`. Counted in millionths, so that no fee is rounded."""
    rates = data.table("accounts", "account_id", "fee_rate").filter(~nw.col("fee_rate").is_null())
    rate = (nw.col("fee_rate").cast(nw.Float64) * MILLION).round().cast(nw.Int64)
    paid = collected(data)
    fees = paid.join(beside(paid, rates), on="account_id", how="inner").with_columns(numerator=nw.col("amount") * rate)
    direct = spent(data).filter(~nw.col("channel").is_in(list(data.definitions.indirect_costs)))
    costs = direct.with_columns(numerator=nw.col("amount") * -MILLION)
    return Facts(_together(["numerator"], fees, costs), parts=10**data.digits * MILLION)


COSTS: dict[str, Rule] = {"cost_per_unit": cost_per_unit, "net_collected": net_collected, "margin": margin}
