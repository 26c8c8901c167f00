"""Days on which the quota of contacts was met."""

import narwhals as nw

from toolkit.kpis.calls import contacts, days_worked
from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import MILLION, Facts, Rule, yes
from toolkit.kpis.tools import scheduled, working_time
from toolkit.rows import Frame
from toolkit.targets import SCOPES
from toolkit.teams import with_post

QUOTAS = ("contacts_per_day", "contacts")
KEY = ("agent_id", "day")


def quota_days_hit(data: Data) -> Facts:
    """Days on which the contacts reached the day's target, of days worked that have one.

    The target is that of contacts_per_day or contacts by the day, of the agent, else the team, branch, role or all. A
    day on which less than `standard_day_minutes` were available (by the roster, less time off the phone and outages)
    asks for as much less; one of fewer than `shortest_day_minutes` does not count.
    """
    made = eager(contacts(data).counted.group_by(*KEY).agg(nw.col("numerator").sum().alias("_made")))
    days = _with_quota(data, eager(days_worked(data).select(*KEY))).join(made, on=list(KEY), how="left")
    standard = data.definitions.standard_day_minutes * 60
    if data.has("roster", "scheduled_in", "scheduled_out"):
        days = days.join(_available(data), on=list(KEY), how="left")
    else:
        days = days.with_columns(_seconds=nw.lit(standard, nw.Int64))
    available = nw.min_horizontal(nw.col("_seconds").fill_null(standard), nw.lit(standard, nw.Int64))
    asked = days.with_columns(_available=available).filter(
        nw.col("_available") >= data.definitions.shortest_day_minutes * 60
    )
    hit = nw.col("_made").fill_null(0).cast(nw.Int64) * MILLION * standard >= nw.col("_quota") * nw.col("_available")
    return Facts(asked.with_columns(numerator=yes(hit), denominator=nw.lit(1, nw.Int64)))


def _with_quota(data: Data, days: Frame) -> Frame:
    """The agents' days that have a quota, `_quota` in millionths of a contact."""
    known = with_post(days, data.teams, agent="agent_id", day="day", columns=["team", "branch", "role"])
    known = known.with_columns(agent=nw.col("agent_id"), all=nw.lit(""))
    dates = {"from": nw.Date, "to": nw.Date, "scope": nw.String}
    targets = eager(data.table("targets", "kpi", "scope_kind", "grain", "target", **dates))
    quotas = targets.filter(nw.col("kpi").is_in(list(QUOTAS)) & (nw.col("grain") == "day")).with_columns(
        scope=nw.col("scope").fill_null(""),
        _amount=(nw.col("target").cast(nw.Float64) * MILLION).round().cast(nw.Int64),
    )
    for kind in SCOPES:
        pairs = known.join(quotas.filter(nw.col("scope_kind") == kind), left_on=kind, right_on="scope", how="inner")
        begun = nw.col("from").is_null() | (nw.col("from") <= nw.col("day"))
        in_force = pairs.filter(begun & (nw.col("to").is_null() | (nw.col("day") <= nw.col("to"))))
        own = in_force.group_by(*KEY).agg(nw.col("_amount").max().alias(f"_{kind}"))
        known = known.join(own, on=list(KEY), how="left")
    chosen = nw.coalesce(*(f"_{kind}" for kind in SCOPES))
    return known.with_columns(_quota=chosen).filter(~nw.col("_quota").is_null()).select(*KEY, "_quota")


def _available(data: Data) -> Frame:
    """agent_id, day and `_seconds`: scheduled, less time off the phone and outages."""
    rows = working_time(data) if data.has("incidents", "kind", "started_at") else scheduled(data)
    left = nw.col("numerator") - nw.col("off_phone_minutes").fill_null(0) * 60
    return eager(rows.select(*KEY, _seconds=left.cast(nw.Int64)))


QUOTA: dict[str, Rule] = {"quota_days_hit": quota_days_hit}
