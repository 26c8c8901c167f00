"""What a desk has to collect to pay for itself: one salary, loaded with everything it needs, at the fee or margin.

Break-even collections are cost / margin, rounded up. The margin is what is kept of a unit collected: the agency's fee
on the accounts that paid, by what they paid; a rate given by hand; or everything, where the debts are one's own.
"""

from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.costs import spent
from toolkit.kpis.data import Data, MissingError, beside, eager
from toolkit.kpis.facts import MILLION
from toolkit.periods import Period
from toolkit.rows import Frame
from toolkit.teams import with_post

DESK_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("scope_kind", "scope", "name"), pl.String),
    **dict.fromkeys(("cost", "margin_ppm", "needed", "collected", "earned", "short"), pl.Int64),
    "reached": pl.Float64,
    "verdict": pl.String,
}


def needed(cost: int, margin: Fraction) -> int | None:
    """What has to be collected to earn `cost` (minor units) at this margin, rounded up; None where nothing is kept of
    what is collected and something was spent. `ValueError` for a margin outside of 0 to 1 or a cost below nothing."""
    if cost < 0 or not 0 <= margin <= 1:
        raise ValueError("a cost is not below nothing, and a margin is a share between 0 and 1")
    if cost == 0:
        return 0
    return None if margin == 0 else -((-cost * margin.denominator) // margin.numerator)


def desk(data: Data, period: Period, costs: pl.DataFrame | None = None, margin: Fraction | None = None) -> pl.DataFrame:
    """By agent, team and all (""): cost, what has to be collected, what was, and by how much it falls short.

    costs: agent_id, team and amount (minor units), fully loaded; "" where an agent or team is not known. Absent: the
    costs of the data, those that name an agent by agent, all others for all only. margin: of a unit collected; absent:
    the accounts' fee_rate, weighted by what they paid, and 1 where there is none at all. earned: collected x margin.
    collected: by the rules of credit. verdict: reached, short, never (nothing is kept), no_cost (nothing known of it).
    """
    paid = _collected(data, period, margin)
    given = costs if costs is not None else _known_costs(data, period)
    rows = []
    for kind, by in (("agent", "agent_id"), ("team", "team"), ("all", None)):
        rows += _of_scopes(kind, by, given, paid, data, margin)
    return pl.DataFrame(rows, schema=DESK_SCHEMA, orient="row")


def _of_scopes(
    kind: str, by: str | None, costs: pl.DataFrame, paid: pl.DataFrame, data: Data, margin: Fraction | None
) -> list[tuple[Any, ...]]:
    scope = pl.lit("").alias("scope") if by is None else pl.col(by).fill_null("").alias("scope")
    spent_by = {name: int(amount) for name, amount in costs.group_by(scope).agg(pl.col("amount").sum()).iter_rows()}
    got = {
        name: (int(amount), int(fees))
        for name, amount, fees in paid.group_by(scope).agg(pl.col("amount", "fees").sum()).iter_rows()
    }
    amounts, fees = int(paid["amount"].sum()), int(paid["fees"].sum())
    everybody = margin if margin is not None else Fraction(fees, amounts * MILLION) if amounts > 0 else None
    names = sorted(name for name in {*spent_by, *got} if name or by is None) or ([""] if by is None else [])
    return [_row(kind, name, spent_by.get(name), *got.get(name, (0, 0)), everybody, data, margin) for name in names]


def _row(
    kind: str, scope: str, cost: int | None, collected: int, fees: int, usual: Fraction | None, data: Data,
    given: Fraction | None,
) -> tuple[Any, ...]:  # fmt: skip
    """One desk. Where it collected nothing, its margin is that of all together."""
    own = Fraction(fees, collected * MILLION) if collected > 0 and fees >= 0 else usual
    margin = min(given if given is not None else own if own is not None else Fraction(1), Fraction(1))
    post = data.teams.latest(scope, data.as_of) if kind == "agent" else None
    start = (kind, scope, post.name if post else "", cost, int(margin * MILLION))
    earned = int(collected * margin)
    if cost is None or cost < 0:
        return (*start, None, collected, earned, None, None, "no_cost")
    target = needed(cost, margin)
    if target is None:
        return (*start, None, collected, earned, None, None, "never")
    reached = collected / target if target else None
    return (
        *start,
        target,
        collected,
        earned,
        max(target - collected, 0),
        reached,
        "reached" if collected >= target else "short",
    )


def _collected(data: Data, period: Period, margin: Fraction | None) -> pl.DataFrame:
    """agent_id, team, amount, and fees in millionths of a minor unit."""
    kinds = list(data.definitions.collected_kinds)
    rows = data.payments.filter(nw.col("kind").is_null() | nw.col("kind").is_in(kinds))
    inside = rows.filter((nw.col("day") >= period.first) & (nw.col("day") <= min(period.last, data.as_of)))
    charged = _with_rate(data, inside.select("account_id", "agent_id", "day", "amount"), margin)
    sums = charged.group_by("agent_id", "day", "rate").agg(amount=nw.col("amount").sum())
    found = (
        eager(sums)
        .to_polars()
        .with_columns(pl.col("agent_id").cast(pl.String).fill_null(""), pl.col("amount", "rate").cast(pl.Int64))
    )
    priced = found.with_columns(fees=pl.col("amount") * pl.col("rate"))
    by_day = priced.group_by("agent_id", "day").agg(pl.col("amount", "fees").sum()).sort("agent_id", "day")
    posts = with_post(
        nw.from_native(by_day, eager_only=True), data.teams, agent="agent_id", day="day", columns=["team"]
    )
    return posts.to_polars().with_columns(pl.col("team").fill_null(""))


def _with_rate(data: Data, rows: Frame, margin: Fraction | None) -> Frame:
    """What is kept of each unit, in millionths."""
    if margin is not None:
        return rows.with_columns(rate=nw.lit(int(margin * MILLION), nw.Int64))
    if not data.has("accounts", "fee_rate"):
        return rows.with_columns(rate=nw.lit(MILLION, nw.Int64))
    rates = data.table("accounts", "account_id", "fee_rate")
    rate = (nw.col("fee_rate").cast(nw.Float64) * MILLION).round().cast(nw.Int64)
    known = rates.filter(~nw.col("fee_rate").is_null()).select("account_id", rate=rate)
    if not len(eager(known.select("account_id").head(1))):
        return rows.with_columns(rate=nw.lit(MILLION, nw.Int64))
    return rows.join(beside(rows, known), on="account_id", how="left").with_columns(nw.col("rate").fill_null(0))


def _known_costs(data: Data, period: Period) -> pl.DataFrame:
    try:
        rows = eager(spent(data)).to_polars()
    except MissingError:
        return pl.DataFrame(schema={"agent_id": pl.String, "team": pl.String, "amount": pl.Int64})
    inside = rows.filter((pl.col("day") >= period.first) & (pl.col("day") <= period.last))
    named = inside.with_columns(pl.col("agent_id").cast(pl.String).fill_null(""), pl.col("amount").cast(pl.Int64))
    by_day = named.group_by("agent_id", "day").agg(pl.col("amount").sum()).sort("agent_id", "day")
    posts = with_post(
        nw.from_native(by_day, eager_only=True), data.teams, agent="agent_id", day="day", columns=["team"]
    )
    return posts.to_polars().with_columns(pl.col("team").fill_null(""))
