"""KPIs of complaints, queries, disputes, escalations and of what customers say."""

import narwhals as nw

from toolkit.kpis.calls import contacts
from toolkit.kpis.data import Data
from toolkit.kpis.due import actions_in_time, in_time
from toolkit.kpis.facts import MILLION, Facts, Rule, yes
from toolkit.kpis.times import days_after, days_between, end_of_day_after
from toolkit.rows import Frame, floor_div

PER_THOUSAND = 1000


def _complaints(data: Data, *columns: str) -> Frame:
    """Complaints received by the last day that the data know of; those about nobody in particular too."""
    found = data.table("complaints", "received_at", *columns, agent_id=nw.String, reopened_at=nw.Datetime)
    received = found.with_columns(day=nw.col("received_at").dt.date())
    return received.filter(nw.col("day") <= data.as_of)


def _reopened(data: Data) -> nw.Expr:
    return (nw.col("reopened_at").dt.date() <= data.as_of).fill_null(False)


def conduct_complaints(data: Data) -> Facts:
    """Upheld complaints about conduct, on the day they came in, so that closing them late moves nothing. Those without
    a finding, or reopened after it was refused, wait."""
    rows = _complaints(data, "category", "upheld", "closed_at").filter(nw.col("category") == "conduct")
    closed = (nw.col("closed_at").dt.date() <= data.as_of).fill_null(False)
    # a finding without a day stands; one of a later day is not known yet
    is_known = nw.col("closed_at").is_null() | closed
    upheld = (nw.col("upheld") & is_known).fill_null(False)
    refused = ((~nw.col("upheld") & is_known) | (nw.col("upheld").is_null() & closed)).fill_null(False)
    is_open = ~upheld & (~refused | _reopened(data))
    return Facts(rows.with_columns(numerator=yes(upheld), waiting=yes(is_open)))


def complaints_repeated(data: Data) -> Facts:
    """Complaints of an account about the same category as one at most `complaint_repeated_days` before."""
    rows = _complaints(data, "complaint_id", "account_id", "category").filter(~nw.col("account_id").is_null())
    before = nw.col("day").shift(1).over("account_id", "category", order_by=["received_at", "complaint_id"])
    dated = rows.with_columns(_before=before)
    again = days_between(nw.col("_before"), nw.col("day")) <= data.definitions.complaint_repeated_days
    return Facts(dated.with_columns(numerator=yes(again)))


def complaint_rate(data: Data) -> Facts:
    """Complaints received, of whatever category, per 1,000 contacts by telephone."""
    zero = nw.lit(0, nw.Int64)
    made = contacts(data).counted.select("agent_id", "day", nw.col("numerator").alias("denominator"), numerator=zero)
    complained = _complaints(data).select("agent_id", "day", denominator=zero, numerator=nw.lit(1, nw.Int64))
    columns = ("agent_id", "day", "numerator", "denominator")
    both = nw.concat([made.select(*columns), complained.select(*columns)], how="vertical")
    return Facts(both, denominator_parts=PER_THOUSAND)


def complaints_acknowledged(data: Data) -> Facts:
    """Complaints acknowledged within `complaint_acknowledged_hours`, of those whose time is over."""
    hours = data.definitions.complaint_acknowledged_hours
    rows = _complaints(data, "acknowledged_at")
    due = nw.col("received_at").dt.offset_by(f"{hours}h")
    return in_time(data, rows.with_columns(due_at=due, done_at=nw.col("acknowledged_at")))


def complaints_in_time(data: Data) -> Facts:
    """Complaints closed by the end of day `complaint_closed_days` after they came in; one that was reopened is not.
    The tables do not say when a complaint waited for the customer, so the clock runs on."""
    rows = _complaints(data, "closed_at")
    days = data.definitions.complaint_closed_days
    done = nw.when(~_reopened(data)).then(nw.col("closed_at"))
    return in_time(data, rows.with_columns(due_at=end_of_day_after(nw.col("received_at"), days), done_at=done))


def queries_in_time(data: Data) -> Facts:
    """Customers' queries answered by their time (which leaves out closed hours), of those due."""
    return actions_in_time(data, "query")


def disputes_in_time(data: Data) -> Facts:
    """Disputes closed by their time, of those due."""
    return actions_in_time(data, "dispute")


def escalations_in_time(data: Data) -> Facts:
    """Cases escalated within `escalated_within_hours` of the day they were opened on, of all escalated cases; on the
    day of the escalation. A case knows the day of its opening only, so the hours run from that day's end."""
    cases = data.table("cases", "opened_on", "escalated_at", agent_id=nw.String)
    rows = cases.with_columns(day=nw.col("escalated_at").dt.date(), denominator=nw.lit(1, nw.Int64))
    last = days_after(nw.col("opened_on"), -(-data.definitions.escalated_within_hours // 24))
    return Facts(rows.filter(nw.col("day") <= data.as_of).with_columns(numerator=yes(nw.col("day") <= last)))


def satisfaction(data: Data) -> Facts:
    """The mean score that customers gave, out of `satisfaction_scale`; answers on another scale are brought to it.

    A customer who gave no score is left out of both sides: a blank is not zero.
    """
    feedback = data.table("feedback", "given_at", "score", agent_id=nw.String, scale=nw.Int64)
    given = feedback.with_columns(day=nw.col("given_at").dt.date())
    rated = given.filter(~nw.col("score").is_null() & (nw.col("day") <= data.as_of))
    best = nw.lit(data.definitions.satisfaction_scale, nw.Int64)
    scale = nw.coalesce(nw.col("scale"), best)
    score = floor_div(nw.col("score") * best * MILLION, scale)
    return Facts(rated.with_columns(numerator=score.cast(nw.Int64), denominator=nw.lit(1, nw.Int64)), parts=MILLION)


SERVICE: dict[str, Rule] = {
    "conduct_complaints": conduct_complaints,
    "complaints_repeated": complaints_repeated,
    "complaint_rate": complaint_rate,
    "complaints_acknowledged": complaints_acknowledged,
    "complaints_in_time": complaints_in_time,
    "queries_in_time": queries_in_time,
    "disputes_in_time": disputes_in_time,
    "escalations_in_time": escalations_in_time,
    "satisfaction": satisfaction,
}
