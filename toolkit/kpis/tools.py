"""KPIs of tools and incidents: how much of the working time the tools worked, and how soon incidents were reported."""

import narwhals as nw

from toolkit.kpis.attendance import shifts
from toolkit.kpis.calls import contacts
from toolkit.kpis.data import Data, eager
from toolkit.kpis.due import in_time
from toolkit.kpis.facts import MILLION, Facts, Rule
from toolkit.kpis.times import days_after, seconds_between
from toolkit.rows import Frame, floor_div
from toolkit.teams import with_post

TOOL_KINDS = ("tool", "network")
PLACES = ("team", "branch", "region")


def tool_uptime(data: Data) -> Facts:
    """Scheduled time less the time in which a tool or the network was out, of scheduled time; absent people have none.

    Two outages at once count once. One with an area hits the team, branch or region of that name, one without hits
    everybody; one without an end is not over.
    """
    return Facts(working_time(data), parts=60, denominator_parts=60)


def scheduled(data: Data) -> Frame:
    """The shifts of people who were not absent: `numerator` and `denominator` their seconds, off_phone_minutes."""
    rows = eager(shifts(data, "scheduled_in", "scheduled_out", off_phone_minutes=nw.Int64).filter(~nw.col("absent")))
    length = seconds_between(nw.col("scheduled_in"), nw.col("scheduled_out"))
    return rows.with_columns(numerator=length, denominator=length).filter(nw.col("denominator") > 0)


def working_time(data: Data) -> Frame:
    """The same, `numerator` without the seconds lost to outages."""
    rows = scheduled(data)
    known = rows.join(_lost(data, rows), on=["agent_id", "day"], how="left")
    return known.with_columns(numerator=(nw.col("numerator") - nw.col("_lost").fill_null(0)).cast(nw.Int64))


def _lost(data: Data, rows: Frame) -> Frame:
    """agent_id, day and the seconds lost to outages."""
    columns = ("kind", "started_at")
    incidents = eager(data.table("incidents", *columns, area=nw.String, ended_at=nw.Datetime))
    outages = incidents.filter(nw.col("kind").is_in(list(TOOL_KINDS))).select("started_at", "ended_at", "area")
    placed = with_post(rows, data.teams, agent="agent_id", day="day", columns=PLACES)
    pairs = placed.join(_by_day(outages, rows), on="day", how="inner").filter(_is_hit())
    zero = nw.lit(0, nw.Int64)
    begun = seconds_between(nw.col("scheduled_in"), nw.col("started_at"))
    over = seconds_between(nw.col("scheduled_in"), nw.col("ended_at")).fill_null(nw.col("denominator"))
    cut = pairs.with_columns(
        _from=nw.max_horizontal(begun, zero), _to=nw.min_horizontal(over, nw.col("denominator"))
    ).filter(nw.col("_from") < nw.col("_to"))
    return _without_overlaps(cut).group_by("agent_id", "day").agg(nw.col("_new").sum().alias("_lost"))


def _by_day(outages: Frame, rows: Frame) -> Frame:
    """Each outage on every day whose shifts it may hit: those of its days, and of the night before."""
    days = rows.select("day").unique()
    begun = nw.col("day") >= days_after(nw.col("started_at").dt.date(), -1)
    lasting = nw.col("ended_at").is_null() | (nw.col("day") <= nw.col("ended_at").dt.date())
    return outages.join(days, how="cross").filter(begun & lasting)


def _is_hit() -> nw.Expr:
    hit = nw.col("area").is_null()
    for place in PLACES:
        hit = hit | (nw.col(place) == nw.col("area")).fill_null(False)
    return hit


def _without_overlaps(stretches: Frame) -> Frame:
    """The stretches with `_new`, the seconds that no earlier stretch of the same shift has covered."""
    order = ["_from", "_to"]
    reached = stretches.with_columns(_reached=nw.col("_to").cum_max().over("agent_id", "day", order_by=order))
    before = nw.col("_reached").shift(1).over("agent_id", "day", order_by=order)
    known = reached.with_columns(_before=before.fill_null(0))
    start = known.with_columns(_start=nw.max_horizontal("_from", "_before"))
    return start.with_columns(_new=nw.max_horizontal(nw.col("_to") - nw.col("_start"), nw.lit(0, nw.Int64)))


def contacts_lost(data: Data) -> Facts:
    """Contacts that outages cost, by estimate: the minutes lost times the contacts a minute of the time in which
    everything worked, of everybody with a roster and of all days that the data have."""
    time = working_time(data)
    made = eager(contacts(data).counted.group_by("agent_id", "day").agg(_made=nw.col("numerator").sum()))
    known = time.join(made, on=["agent_id", "day"], how="left")
    sums = known.select(nw.col("_made").fill_null(0).sum(), nw.col("numerator").sum()).to_polars()
    reached, worked = (int(sums[name].item() or 0) for name in ("_made", "numerator"))
    lost = known.with_columns(_lost=nw.col("denominator") - nw.col("numerator"))
    estimated = floor_div(nw.col("_lost") * (reached * MILLION), nw.lit(max(worked, 1), nw.Int64))
    return Facts(lost.select("agent_id", "day", numerator=estimated.cast(nw.Int64)), parts=MILLION)


def incidents_in_time(data: Data) -> Facts:
    """Incidents reported within `ticket_within_minutes` of their start, of all incidents; nobody's, so for everybody
    together only."""
    minutes = data.definitions.ticket_within_minutes
    incidents = data.table("incidents", "started_at", "raised_at")
    due = nw.col("started_at").dt.offset_by(f"{minutes}m")
    return in_time(
        data, incidents.with_columns(agent_id=nw.lit(None, nw.String), due_at=due, done_at=nw.col("raised_at"))
    )


TOOLS: dict[str, Rule] = {
    "tool_uptime": tool_uptime,
    "contacts_lost": contacts_lost,
    "incidents_in_time": incidents_in_time,
}
