"""KPIs of duties that are kept as actions: reports, plans, meetings, training, ideas.

An action counts on the day on which it is due. What a manager cancels loses its due_at and is not due any more; the
tables do not say that an action was given a later day, so a date moved is the date that counts.
"""

from datetime import date, timedelta

import narwhals as nw

from toolkit.kpis.data import Data, eager
from toolkit.kpis.due import actions, actions_in_time, in_time, unless_away
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.periods import containing
from toolkit.rows import Frame, frame_like

HOUR = timedelta(hours=1)
FIRST_YEAR = 2000
QUARTER = ("year", "quarter")
OF_PROMISES = frozenset({"promise_due_on", "promise_amount"})
CUSTOMERS_MATTERS = ("query", "dispute", "discrepancy", "clearance")


def _is_hourly() -> nw.Expr:
    """An hourly update is a report that is due within the hour after it was raised."""
    given = nw.col("due_at") - nw.col("raised_at")
    return ((nw.col("kind") == "report") & (given <= HOUR)).fill_null(False)


def _reports(data: Data, *columns: str) -> Frame:
    """Reports other than hourly updates."""
    return actions(data, ["report"], "raised_at", "due_at", "done_at", *columns).filter(~_is_hourly())


def report_timeliness(data: Data) -> Facts:
    """Reports handed in by their time, of those due. Nobody owes one on a day of approved absence."""
    return unless_away(data, in_time(data, _reports(data)))


def report_quality(data: Data) -> Facts:
    """Reports accepted as first delivered, of those handed in, on that day; those nobody has judged yet wait."""
    handed_in = _reports(data, "accepted_first_time").with_columns(day=nw.col("done_at").dt.date())
    accepted, is_judged = nw.col("accepted_first_time"), ~nw.col("accepted_first_time").is_null()
    rows = handed_in.filter(nw.col("day") <= data.as_of)
    return Facts(rows.with_columns(numerator=yes(accepted), denominator=yes(is_judged), waiting=yes(~is_judged)))


def hourly_posts(data: Data) -> Facts:
    """Hourly updates posted within `post_late_after_minutes` of the hour at which they were due, of those due. An hour
    for which the tables have no update that was due is not seen."""
    rows = actions(data, ["report"], "raised_at", "due_at", "done_at").filter(_is_hourly())
    late = nw.col("due_at").dt.offset_by(f"{data.definitions.post_late_after_minutes}m")
    hour = nw.col("due_at").dt.hour().cast(nw.Int64)
    return in_time(data, rows.with_columns(hour=hour, due_at=late))


def work_plan_adherence(data: Data) -> Facts:
    """Planned work done by the time planned for it, of what was planned; not on days of approved absence."""
    return unless_away(data, actions_in_time(data, "plan"))


def tasks_on_time(data: Data) -> Facts:
    """Duties of every kind done by their time, of those due: all actions but hourly updates and the matters of
    customers, which have KPIs of their own, and ideas, which nobody owes."""
    known = data.table("actions", "kind", "raised_at", "due_at", "done_at", agent_id=nw.String, owner=nw.String)
    elsewhere = nw.col("kind").is_in(["idea", *CUSTOMERS_MATTERS]).fill_null(False) | _is_hourly()
    owed = known.filter(~elsewhere).with_columns(agent_id=nw.coalesce("agent_id", "owner"))
    return unless_away(data, in_time(data, owed))


def one_to_ones_held(data: Data) -> Facts:
    """One-to-ones held by their day, of those due; not on days of approved absence."""
    return unless_away(data, actions_in_time(data, "one_to_one"))


def training_attended(data: Data) -> Facts:
    """Training attended by its day, of that assigned; not on days of approved absence."""
    return unless_away(data, actions_in_time(data, "training"))


def actions_closed(data: Data) -> Facts:
    """Actions of performance reviews closed by their time, of those due."""
    return actions_in_time(data, "review")


def meetings_held(data: Data) -> Facts:
    """Meetings held by their time, of those planned. A meeting without an agent or owner on the agents table counts
    for everybody together only."""
    return actions_in_time(data, "meeting")


def ideas_accepted(data: Data) -> Facts:
    """Ideas accepted, on the day of the answer (where none is given, of the idea); unanswered ones wait."""
    optional = {"acknowledged_at": nw.Datetime}
    ideas = actions(data, ["idea"], "raised_at", "accepted_first_time", **optional)
    answered = nw.coalesce("acknowledged_at", "raised_at").dt.date()
    rows = ideas.with_columns(day=answered).filter(nw.col("day") <= data.as_of)
    accepted = nw.col("accepted_first_time")
    return Facts(rows.with_columns(numerator=yes(accepted), waiting=yes(accepted.is_null())))


def training_needs(data: Data) -> Facts:
    """Agents for whom training was asked for in a quarter, of those who worked here from its first day to its last; on
    its last day. A need is an action of kind training; the tables do not say who raised it. Quarters in which no
    action of any kind was raised are not known."""
    found = eager(data.table("actions", "raised_at", "kind", agent_id=nw.String, owner=nw.String))
    known = found.with_columns(
        agent_id=nw.coalesce("agent_id", "owner"),
        year=nw.col("raised_at").dt.year().cast(nw.Int64),
        quarter=(nw.col("raised_at").dt.month().cast(nw.Int64) + 2) // 3,
    )
    asked = known.filter(nw.col("kind") == "training").select("agent_id", *QUARTER).unique()
    owed = _agents_of(data, known.select(*QUARTER).unique())
    rows = owed.join(asked.with_columns(_asked=nw.lit(1, nw.Int64)), on=["agent_id", *QUARTER], how="left")
    is_due = nw.col("day") <= data.as_of
    done = is_due & ~nw.col("_asked").is_null()
    return Facts(rows.with_columns(numerator=yes(done), denominator=yes(is_due), waiting=yes(~is_due)))


def training_needs_closed(data: Data) -> Facts:
    """Training needs met by the day on which the data stand, of those submitted, on the day of the submission."""
    rows = actions(data, ["training"], "raised_at", "done_at").with_columns(day=nw.col("raised_at").dt.date())
    done = nw.col("done_at").dt.date() <= data.as_of
    submitted = rows.filter(nw.col("day") <= data.as_of)
    return Facts(submitted.with_columns(numerator=yes(done), denominator=nw.lit(1, nw.Int64)))


def feedback_acknowledged(data: Data) -> Facts:
    """Feedback and instructions (actions of kind coaching and instruction) that somebody has acknowledged, of those
    issued, on the day they were issued. The tables do not know an agent's sheet by itself: what was said about it does.
    """
    rows = actions(data, ["coaching", "instruction"], "raised_at", "acknowledged_at")
    issued = rows.with_columns(day=nw.col("raised_at").dt.date()).filter(nw.col("day") <= data.as_of)
    read = nw.col("acknowledged_at").dt.date() <= data.as_of
    return Facts(issued.with_columns(numerator=yes(read), denominator=nw.lit(1, nw.Int64)))


def _agents_of(data: Data, quarters: Frame) -> Frame:
    """agent_id, year, quarter and `day`, the last, for everybody who worked here from its first day to its last."""
    months = [date(year, month, 1) for year in range(FIRST_YEAR, data.as_of.year + 1) for month in (1, 4, 7, 10)]
    spans = [containing(month, "quarter") for month in months]
    columns = {"year": [span.first.year for span in spans], "quarter": [(span.first.month + 2) // 3 for span in spans]}
    ends = {"first": [span.first for span in spans], "day": [span.last for span in spans]}
    kinds = {"year": nw.Int64, "quarter": nw.Int64, "first": nw.Date, "day": nw.Date}
    dated = quarters.join(frame_like(quarters, {**columns, **ends}, kinds), on=list(QUARTER), how="inner")
    pairs = dated.join(data.teams.frame(quarters, []), how="cross")
    found = []
    for end in ("first", "day"):
        there = (nw.col("post_first") <= nw.col(end)) & (nw.col(end) <= nw.col("post_last"))
        found.append(pairs.filter(there).select("agent_id", *QUARTER, "day").unique())
    return found[0].join(found[1].drop("day"), on=["agent_id", *QUARTER], how="inner")


def data_completeness(data: Data) -> Facts:
    """Calls and visits with all of `call_fields` and `visit_fields` filled in, of those made. The date and amount of a
    promise are asked for where the call ended in one, and where calls are what keeps promises."""
    names = data.definitions
    kinds = []
    if data.has("calls") or not data.has("visits"):
        kinds.append(_filled_in(data, "calls", "started_at", names.call_fields))
    if data.has("visits"):
        kinds.append(_filled_in(data, "visits", "visited_at", names.visit_fields))
    return Facts(nw.concat(kinds, how="vertical"))


def _filled_in(data: Data, table: str, at: str, fields: tuple[str, ...]) -> Frame:
    own_promises = data.has(table, "promise_due_on", "promise_amount") or not data.has("promises")
    asked = [field for field in fields if own_promises or field not in OF_PROMISES]
    needed = [*dict.fromkeys([*asked, *(["disposition"] if OF_PROMISES & set(asked) else [])])]
    rows = data.table(table, "agent_id", at, *needed).with_columns(day=nw.col(at).dt.date())
    complete = nw.lit(True)
    for field in asked:
        filled = ~nw.col(field).is_null()
        none_made = (nw.col("disposition") != "promise").fill_null(False)
        complete = complete & (filled | none_made if field in OF_PROMISES else filled)
    counted = rows.with_columns(numerator=yes(complete), denominator=nw.lit(1, nw.Int64))
    return counted.filter(nw.col("day") <= data.as_of).select("agent_id", "day", "numerator", "denominator")


OFFICE: dict[str, Rule] = {
    "report_timeliness": report_timeliness,
    "report_quality": report_quality,
    "hourly_posts": hourly_posts,
    "work_plan_adherence": work_plan_adherence,
    "tasks_on_time": tasks_on_time,
    "one_to_ones_held": one_to_ones_held,
    "training_attended": training_attended,
    "actions_closed": actions_closed,
    "meetings_held": meetings_held,
    "ideas_accepted": ideas_accepted,
    "training_needs": training_needs,
    "training_needs_closed": training_needs_closed,
    "feedback_acknowledged": feedback_acknowledged,
    "data_completeness": data_completeness,
}
