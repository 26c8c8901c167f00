"""KPIs of presence: late, early, absent, on schedule, leave still to be taken.

All from the roster, whose times carry their date, so that a shift over midnight belongs to the day on which it began.
Days of approved absence are not counted. A missing clock is an exception that waits for its correction, no absence.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import narwhals as nw

from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import MILLION, Facts, Rule, yes
from toolkit.kpis.times import seconds_between
from toolkit.periods import days_between, is_working_day
from toolkit.rows import Frame, frame_like
from toolkit.teams import with_post

UNPLANNED = "unplanned"
YEARS_BACK = 5


def shifts(data: Data, *columns: str, **optional: Any) -> Frame:
    """Days on the roster up to the last that the data know of, less approved absence; `absent` is unplanned."""
    roster = data.table("roster", "agent_id", "work_on", *columns, **{"absence": nw.String, **optional})
    known = roster.filter(nw.col("work_on") <= data.as_of).with_columns(day=nw.col("work_on"))
    absent = (nw.col("absence") == UNPLANNED).fill_null(False)
    return known.with_columns(absent=absent).filter(nw.col("absence").is_null() | nw.col("absent"))


def _clocked(data: Data, scheduled: str, actual: str, late_by: nw.Expr) -> Facts:
    """Days on which `late_by`, a stretch of time, is longer than `late_after_minutes`."""
    rows = shifts(data, scheduled, actual).filter(~nw.col(scheduled).is_null())
    grace = timedelta(minutes=data.definitions.late_after_minutes)
    unclocked = nw.col(actual).is_null() & ~nw.col("absent")
    return Facts(rows.with_columns(numerator=yes(late_by > grace), waiting=yes(unclocked)))


def lateness(data: Data) -> Facts:
    """Days on which somebody came later than scheduled."""
    return _clocked(data, "scheduled_in", "actual_in", nw.col("actual_in") - nw.col("scheduled_in"))


def early_departures(data: Data) -> Facts:
    """Days on which somebody left earlier than scheduled."""
    return _clocked(data, "scheduled_out", "actual_out", nw.col("scheduled_out") - nw.col("actual_out"))


def unplanned_absence(data: Data) -> Facts:
    """Days that the roster has as unplanned absence; sickness, leave, training and holidays are approved."""
    data.need("roster", "absence")
    return Facts(shifts(data).with_columns(numerator=yes(nw.col("absent"))))


def unplanned_absence_rate(data: Data) -> Facts:
    """Days of unplanned absence, of days on the roster; approved absence is in neither."""
    data.need("roster", "absence")
    return Facts(shifts(data).with_columns(numerator=yes(nw.col("absent")), denominator=nw.lit(1, nw.Int64)))


def schedule_adherence(data: Data) -> Facts:
    """Scheduled time in which people were there, of all scheduled time: (scheduled - non-adherent) / scheduled, as at
    timedoctor.com/blog/adherence-to-schedule. Unplanned absence is all non-adherent. Coming early or staying on makes
    up for nothing. The roster knows no breaks, so one that is too long is not seen."""
    times = ("scheduled_in", "scheduled_out", "actual_in", "actual_out")
    rows = shifts(data, *times).filter(~nw.col("scheduled_in").is_null() & ~nw.col("scheduled_out").is_null())
    clocked = ~nw.col("actual_in").is_null() & ~nw.col("actual_out").is_null()
    is_judged = clocked | nw.col("absent")
    zero = nw.lit(0, nw.Int64)
    lost_in = seconds_between(nw.col("scheduled_in"), nw.col("actual_in"))
    lost_out = seconds_between(nw.col("actual_out"), nw.col("scheduled_out"))
    known = rows.with_columns(
        _scheduled=seconds_between(nw.col("scheduled_in"), nw.col("scheduled_out")),
        _in=lost_in,
        _out=lost_out,
        _zero=zero,
    ).with_columns(_lost=nw.max_horizontal("_in", "_zero") + nw.max_horizontal("_out", "_zero"))
    there = known.with_columns(_there=nw.max_horizontal(nw.col("_scheduled") - nw.col("_lost"), nw.col("_zero")))
    return Facts(
        there.with_columns(
            numerator=nw.when(clocked).then(nw.col("_there")).otherwise(zero),
            denominator=nw.when(is_judged).then(nw.col("_scheduled")).otherwise(zero),
            waiting=yes(~is_judged),
        ),
        parts=60,
        denominator_parts=60,
    )


def leave_outstanding(data: Data) -> Facts:
    """Leave planned less leave taken, in working days: the sum from January is what is outstanding to date, negative
    where leave was taken early. On 31 December what was never planned of the year's entitlement is added, so that a
    year's sum is entitled less taken. Days carried over are not in it."""
    columns = ("agent_id", "year", "entitled_days", "planned_from", "planned_to")
    # a calendar is made beside them, which databases cannot take: these tables are small
    plan = eager(data.table("leave_plan", *columns))
    days = _working_days(data, plan)
    planned = plan.join(days, on="year", how="inner").filter(
        (nw.col("planned_from") <= nw.col("day")) & (nw.col("day") <= nw.col("planned_to"))
    )
    planned = planned.select("agent_id", "year", "day").unique()
    roster = data.table("roster", "agent_id", "work_on", "absence").filter(nw.col("absence") == "leave")
    on_leave = eager(roster.select("agent_id", nw.col("work_on").alias("day")))
    this_year = days.filter(nw.col("day").dt.year() == nw.col("year")).select("day")
    taken = on_leave.join(this_year, on="day", how="inner").unique()
    parts = [
        planned.select("agent_id", "day", numerator=nw.lit(MILLION, nw.Int64)),
        taken.select("agent_id", "day", numerator=nw.lit(-MILLION, nw.Int64)),
        _never_planned(data, plan, planned),
    ]
    return Facts(nw.concat(parts, how="vertical"), parts=MILLION)


def leave_clashes(data: Data) -> Facts:
    """Working days for which more than `on_leave_together` people of one team have planned their leave, those to come
    too; once for the team, and for everybody who is away then."""
    plan = eager(data.table("leave_plan", "agent_id", "year", "planned_from", "planned_to"))
    days = _working_days(data, plan, ahead=data.as_of.replace(month=12, day=31))
    planned = plan.join(days, on="year", how="inner").filter(
        (nw.col("planned_from") <= nw.col("day")) & (nw.col("day") <= nw.col("planned_to"))
    )
    away = planned.select("agent_id", "day").unique()
    placed = with_post(away, data.teams, agent="agent_id", day="day", columns=["team"]).filter(nw.col("team") != "")
    together = placed.group_by("team", "day").agg(people=nw.len())
    clashes = together.filter(nw.col("people") > data.definitions.on_leave_together).select("team", "day")
    rows = placed.join(clashes, on=["team", "day"], how="inner").rename({"team": "_team"})
    return Facts(rows.with_columns(numerator=nw.lit(1, nw.Int64)), once=("_team",))


def _working_days(data: Data, like: Frame, ahead: date | None = None) -> Frame:
    """The working days up to the last that the data know of, or `ahead`, by the year in whose plan they may stand:
    leave over New Year belongs to the year in which it begins."""
    first_year = data.as_of.year - YEARS_BACK
    days = days_between(date(first_year, 1, 1), ahead or data.as_of)
    worked = [day for day in days if is_working_day(day, data.country, data.working_week)]
    pairs = [(day.year - back, day) for day in worked for back in (0, 1)]
    columns: dict[str, Sequence[Any]] = {"year": [year for year, _ in pairs], "day": [day for _, day in pairs]}
    return frame_like(like, columns, {"year": nw.Int64, "day": nw.Date})


def _never_planned(data: Data, plan: Frame, planned: Frame) -> Frame:
    """Entitled days without a plan, on 31 December of years that are over; agent_id, day, numerator."""
    by_year = ("agent_id", "year")
    days = planned.group_by(*by_year).agg(nw.col("day").count().alias("_planned"))
    entitled = (nw.col("entitled_days").cast(nw.Float64) * MILLION).round().cast(nw.Int64)
    yearly = plan.with_columns(_entitled=entitled).group_by(*by_year).agg(nw.col("_entitled").max())
    years = range(data.as_of.year - YEARS_BACK, data.as_of.year + 1)
    ends = [(year, date(year, 12, 31)) for year in years if date(year, 12, 31) <= data.as_of]
    columns: dict[str, Sequence[Any]] = {"year": [year for year, _ in ends], "day": [day for _, day in ends]}
    over = yearly.join(frame_like(plan, columns, {"year": nw.Int64, "day": nw.Date}), on="year", how="inner")
    known = over.join(days, on=list(by_year), how="left")
    left = nw.col("_entitled") - nw.col("_planned").fill_null(0).cast(nw.Int64) * MILLION
    return known.select("agent_id", "day", numerator=left.cast(nw.Int64))


ATTENDANCE: dict[str, Rule] = {
    "lateness": lateness,
    "early_departures": early_departures,
    "unplanned_absence": unplanned_absence,
    "unplanned_absence_rate": unplanned_absence_rate,
    "schedule_adherence": schedule_adherence,
    "leave_outstanding": leave_outstanding,
    "leave_clashes": leave_clashes,
}
