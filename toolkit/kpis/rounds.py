"""Visits and what surrounds them: were they to customers whom calls do not reach, can they have happened, and what do
their flags say together?"""

from collections.abc import Mapping
from math import cos, radians, sqrt
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.field import HOUSEHOLD, made_visits
from toolkit.kpis.ledger import days_later
from toolkit.rows import Frame

ONE = nw.lit(1, nw.Int64)
KM_A_DEGREE = 111.2
PLACE = ("latitude", "longitude")
HOUR_SECONDS = 3600


def visits_to_unresponsive(data: Data) -> Facts:
    """Visits to customers whom nobody had spoken to in `unresponsive_days`, in spite of `unresponsive_calls` failed
    calls and `unresponsive_messages` messages in them, of visits made to an account (once a household and day).

    The days are those before the day of the visit. A call that reached somebody else has failed too.
    """
    visits = made_visits(data).filter(~nw.col("account_id").is_null())
    calls = data.table("calls", "account_id", "started_at", "right_party", direction=nw.String)
    made = calls.filter(nw.col("direction").is_null() | (nw.col("direction") == "out") | nw.col("right_party"))
    touched = [
        made.select(
            "account_id",
            on=nw.col("started_at").dt.date(),
            failed=1 - yes(nw.col("right_party")),
            spoken=yes(nw.col("right_party")),
            written=nw.lit(0, nw.Int64),
        )
    ]
    if data.has("messages", "account_id", "sent_at"):
        sent = data.table("messages", "account_id", "sent_at").select(
            "account_id", on=nw.col("sent_at").dt.date(), failed=0 * ONE, spoken=0 * ONE, written=ONE
        )
        touched.append(sent)
    before = _before(data, visits, nw.concat(touched, how="vertical"))
    known = visits.join(before, on="visit_id", how="left").with_columns(
        nw.col("failed", "spoken", "written").fill_null(0)
    )
    names = data.definitions
    deaf = (nw.col("failed") >= names.unresponsive_calls) & (nw.col("written") >= names.unresponsive_messages)
    rows = known.with_columns(numerator=yes(deaf & (nw.col("spoken") == 0)), denominator=ONE)
    return Facts(rows, once=HOUSEHOLD)


def _before(data: Data, visits: Frame, touched: Frame) -> Frame:
    """visit_id with what was tried in the days before the visit: failed, spoken and written."""
    pairs = visits.select("visit_id", "account_id", "day").join(touched, on="account_id", how="inner")
    since = days_later(nw.col("day"), -data.definitions.unresponsive_days)
    near = pairs.filter((nw.col("on") >= since) & (nw.col("on") < nw.col("day")))
    return near.group_by("visit_id").agg(nw.col("failed", "spoken", "written").sum())


def implausible_visits(data: Data) -> Facts:
    """Visits that cannot have been where they say: the same place, to the last digit, as the visit before to another
    customer, or further from it than `fastest_travel` allows in the time between; of one agent and day, of visits with
    a place. A figure to ask about: two customers may well share a house.
    """
    last = _with_the_one_before(data)
    speed = data.definitions.fastest_travel
    found = [_is_same_place(row) or _is_too_far(row, speed) for row in last.iter_rows(named=True)]
    judged = last.with_columns(numerator=pl.Series(found, dtype=pl.Int64), denominator=pl.lit(1, pl.Int64))
    return Facts(nw.from_native(judged.select("agent_id", "day", "numerator", "denominator")))


def same_places(data: Data) -> pl.DataFrame:
    """Visits at the very place of the agent's visit before to another customer: visit_id, agent_id, account_id, day."""
    last = _with_the_one_before(data)
    found = [_is_same_place(row) for row in last.iter_rows(named=True)]
    return last.filter(pl.Series(found, dtype=pl.Boolean)).select("visit_id", "agent_id", "account_id", "day")


def _with_the_one_before(data: Data) -> pl.DataFrame:
    """The visits that have a place, beside the agent's one before on the same day."""
    visits = made_visits(data, *PLACE).filter(~nw.col("latitude").is_null() & ~nw.col("longitude").is_null())
    rows = eager(visits).to_polars().with_columns(pl.col(*PLACE).cast(pl.Float64))
    ordered = rows.sort("agent_id", "visited_at", "visit_id")
    before = pl.col("visited_at", "customer_id", *PLACE).shift(1).over("agent_id", "day")
    return ordered.with_columns(before.name.prefix("last_"))


def _is_same_place(row: Mapping[str, Any]) -> bool:
    if row["last_visited_at"] is None or any(row[name] != row[f"last_{name}"] for name in PLACE):
        return False
    return bool(row["customer_id"] != row["last_customer_id"])


def _is_too_far(row: Mapping[str, Any], speed: int) -> bool:
    """Whether a visit is further from the one before than one gets in the time between."""
    if row["last_visited_at"] is None:
        return False
    north, east = (row[name] - row[f"last_{name}"] for name in PLACE)
    km = KM_A_DEGREE * sqrt(north**2 + (east * cos(radians(row["latitude"]))) ** 2)
    seconds = (row["visited_at"] - row["last_visited_at"]).total_seconds()
    return bool(km * HOUR_SECONDS > speed * seconds)


def risk_clusters(data: Data) -> Facts:
    """Flagged visits with which flags of one kind in one area become `cluster_flags` within `cluster_days`.

    A flag counts once a visit; an account without an area is nowhere.
    """
    visits = made_visits(data, "flags").filter(~nw.col("flags").is_null())
    areas = data.table("accounts", "account_id", "area").filter(~nw.col("area").is_null())
    placed = visits.join(areas, on="account_id", how="inner")
    earlier = (
        nw.col("day")
        .shift(data.definitions.cluster_flags - 1)
        .over("area", "flags", order_by=["visited_at", "visit_id"])
    )
    dated = placed.with_columns(_earlier=earlier)
    near = days_later(nw.col("day"), -data.definitions.cluster_days) <= nw.col("_earlier")
    return Facts(dated.with_columns(numerator=yes(near)))


ROUNDS: dict[str, Rule] = {
    "visits_to_unresponsive": visits_to_unresponsive,
    "implausible_visits": implausible_visits,
    "risk_clusters": risk_clusters,
}
