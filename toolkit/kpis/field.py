"""KPIs of visits, recoveries and special cases. Several visits to one household on one day are one visit."""

from typing import Any

import narwhals as nw

from toolkit.kpis.data import Data, MissingError
from toolkit.kpis.due import in_time
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.times import days_between, is_midnight, seconds_between
from toolkit.rows import Frame

HOUSEHOLD = ("customer_id", "alone")
HOUR_SECONDS = 60 * 60


def _visits(data: Data, *columns: str, **optional: Any) -> Frame:
    """The visits with their household: the customer, whatever the account; a visit to no account is one of its own."""
    visits = data.table("visits", "visit_id", "agent_id", *columns, **{"account_id": nw.String, **optional})
    known = visits.join(data.table("accounts", "account_id", "customer_id"), on="account_id", how="left")
    alone = nw.when(nw.col("customer_id").is_null()).then(nw.col("visit_id")).otherwise(nw.lit(""))
    return known.with_columns(alone=alone)


def made_visits(data: Data, *columns: str, **optional: Any) -> Frame:
    """The visits that took place, on their day."""
    made = _visits(data, "visited_at", *columns, **optional).with_columns(day=nw.col("visited_at").dt.date())
    return made.filter(nw.col("day") <= data.as_of)


def visits_done(data: Data) -> Facts:
    """Households visited, once a day each; a visit without a place counts here, and not as documented."""
    return Facts(made_visits(data).with_columns(numerator=nw.lit(1, nw.Int64)), once=HOUSEHOLD)


def visit_completion(data: Data) -> Facts:
    """Planned visits that took place, whenever, of those planned; on the day for which they were planned."""
    planned = _visits(data, "planned_on", "visited_at").filter(~nw.col("planned_on").is_null())
    is_due = nw.col("planned_on") <= data.as_of
    done = nw.col("visited_at").dt.date() <= data.as_of
    counted = planned.with_columns(
        day=nw.col("planned_on"), numerator=yes(is_due & done), denominator=yes(is_due), waiting=yes(~is_due)
    )
    return Facts(counted, once=HOUSEHOLD)


def visit_contact_rate(data: Data) -> Facts:
    """Visits that met the customer, of visits made; a neighbour or spouse is not the customer."""
    met = made_visits(data, "met").with_columns(
        numerator=yes(nw.col("met") == "customer"), denominator=nw.lit(1, nw.Int64)
    )
    return Facts(met, once=HOUSEHOLD)


def visits_assessed(data: Data) -> Facts:
    """Visits after which both willingness and capacity to pay are noted, of those that met the customer."""
    met = made_visits(data, "met", "willingness", "capacity").filter(nw.col("met") == "customer")
    both = ~nw.col("willingness").is_null() & ~nw.col("capacity").is_null()
    return Facts(met.with_columns(numerator=yes(both), denominator=nw.lit(1, nw.Int64)), once=HOUSEHOLD)


def visits_documented(data: Data) -> Facts:
    """Visits with place, time and outcome, logged within `visit_logged_within_hours`, of visits made.

    Of several visits to a household on a day each has to be. What is not logged yet waits until the hours are over.
    A visit at midnight is one whose source knows the day only. (The tables have no photograph.)
    """
    visits = made_visits(data, "outcome", "latitude", "longitude", "logged_at")
    hours = data.definitions.visit_logged_within_hours
    took = seconds_between(nw.col("visited_at"), nw.col("logged_at"))
    complete = ~is_midnight(nw.col("visited_at"))
    for column in ("latitude", "longitude", "outcome"):
        complete = complete & ~nw.col(column).is_null()
    logged = (nw.col("logged_at").dt.date() <= data.as_of) & (took >= 0) & (took <= hours * HOUR_SECONDS)
    over = nw.col("visited_at").dt.offset_by(f"{hours}h").dt.date() <= data.as_of
    is_judged = over | ~nw.col("logged_at").is_null()
    rows = visits.with_columns(_good=yes(complete & logged), denominator=yes(is_judged), waiting=yes(~is_judged))
    of_day = rows.group_by("agent_id", "day", *HOUSEHOLD).agg(
        nw.col("_good").min().alias("numerator"), nw.col("denominator").min(), nw.col("waiting").max()
    )
    return Facts(of_day, once=HOUSEHOLD)


def risks_escalated_in_time(data: Data) -> Facts:
    """Flagged visits whose account had a case escalated within `escalated_within_hours`, of all flagged visits."""
    optional = {"account_id": nw.String}
    visits = data.table("visits", "visit_id", "agent_id", "visited_at", "flags", **optional)
    flagged = visits.filter(~nw.col("flags").is_null() & ~nw.col("visited_at").is_null())
    cases = data.table("cases", "account_id", "escalated_at").filter(~nw.col("escalated_at").is_null())
    pairs = flagged.select("visit_id", "account_id", "visited_at").join(cases, on="account_id", how="inner")
    after = pairs.filter(nw.col("escalated_at") >= nw.col("visited_at"))
    escalated = after.group_by("visit_id").agg(nw.col("escalated_at").min().alias("done_at"))
    hours = data.definitions.escalated_within_hours
    rows = flagged.join(escalated, on="visit_id", how="left")
    return in_time(data, rows.with_columns(due_at=nw.col("visited_at").dt.offset_by(f"{hours}h")))


def cases_resolved(data: Data) -> Facts:
    """Special cases closed by the last day that the data know of, of those opened; on the day of opening."""
    cases = data.table("cases", "opened_on", "closed_on", agent_id=nw.String)
    opened = cases.filter(nw.col("opened_on") <= data.as_of)
    closed = nw.col("closed_on") <= data.as_of
    return Facts(opened.with_columns(day=nw.col("opened_on"), numerator=yes(closed), denominator=nw.lit(1, nw.Int64)))


def hand_offs_in_time(data: Data) -> Facts:
    """Cases with somebody in charge that were handed on (escalated) or closed by the day of their next step, of all
    cases with such a day. The tables know no other hand-off."""
    optional = {"agent_id": nw.String, "closed_on": nw.Date, "escalated_at": nw.Datetime}
    cases = data.table("cases", "next_on", **optional).filter(~nw.col("next_on").is_null())
    is_due = nw.col("next_on") <= data.as_of
    went_on = (nw.col("escalated_at").dt.date() <= nw.col("next_on")) | (nw.col("closed_on") <= nw.col("next_on"))
    done = is_due & went_on & ~nw.col("agent_id").is_null()
    return Facts(
        cases.with_columns(day=nw.col("next_on"), numerator=yes(done), denominator=yes(is_due), waiting=yes(~is_due))
    )


def _ordered(data: Data, *columns: str, **optional: Any) -> Frame:
    """Orders to recover an asset, on their day; redeemed ones are cash recovered, no asset, and left out."""
    columns = ("recovery_id", "account_id", "agent_id", "ordered_on", *columns)
    orders = data.table("recoveries", *columns, **{"outcome": nw.String, **optional})
    known = orders.filter((nw.col("ordered_on") <= data.as_of) & ~_is(nw.col("outcome"), "redeemed"))
    return known.with_columns(day=nw.col("ordered_on"))


def _is(column: nw.Expr, word: str) -> nw.Expr:
    return (column == word).fill_null(False)


def assets_recovered(data: Data) -> Facts:
    """Assets recovered by the last day that the data know of, of those ordered back; on the day of the order."""
    back = (nw.col("recovered_on") <= data.as_of) & ~_is(nw.col("outcome"), "stayed")
    return Facts(_ordered(data, "recovered_on").with_columns(numerator=yes(back), denominator=nw.lit(1, nw.Int64)))


def recovery_rate(data: Data) -> Facts:
    """Net proceeds of the sales, of what was owed on the day of the order (the last balance known by then, else the
    amount placed); on the day of the order. Assets that stayed brought nothing; what is not sold yet waits, and so
    does what nobody knows the debt of."""
    rows = _with_exposure(data, _ordered(data, "net_proceeds", "sold_on"))
    sold = (nw.col("sold_on") <= data.as_of) & ~nw.col("net_proceeds").is_null()
    is_judged = (sold | _is(nw.col("outcome"), "stayed")).fill_null(False) & ~nw.col("exposure").is_null()
    zero = nw.lit(0, nw.Int64)
    proceeds = nw.when(is_judged & sold).then(nw.col("net_proceeds")).otherwise(zero)
    exposure = nw.when(is_judged).then(nw.col("exposure")).otherwise(zero)
    money = 10**data.digits
    return Facts(
        rows.with_columns(numerator=proceeds, denominator=exposure, waiting=yes(~is_judged)),
        parts=money,
        denominator_parts=money,
    )


def _with_exposure(data: Data, orders: Frame) -> Frame:
    """The orders with `exposure`, what was owed on their day."""
    placed = data.table("accounts", "account_id", placed_amount=nw.Int64)
    known = orders.join(placed, on="account_id", how="left")
    if not data.has("balances") and not data.has("accounts", "placed_amount"):
        raise MissingError(("balances.balance",))
    if not data.has("balances"):
        return known.with_columns(exposure=nw.col("placed_amount"))
    balances = data.table("balances", "account_id", "as_of", "balance")
    pairs = known.select("recovery_id", "account_id", "ordered_on").join(balances, on="account_id", how="inner")
    before = pairs.filter(nw.col("as_of") <= nw.col("ordered_on")).select("recovery_id", "as_of", "balance")
    last = before.group_by("recovery_id").agg(nw.col("as_of").max())
    owed = before.join(last, on=["recovery_id", "as_of"], how="inner").select("recovery_id", "balance")
    return known.join(owed, on="recovery_id", how="left").with_columns(exposure=nw.coalesce("balance", "placed_amount"))


def _recovered(data: Data, *columns: str) -> Frame:
    """Assets that came back, on that day."""
    rows = data.table("recoveries", "agent_id", "recovered_on", *columns, outcome=nw.String)
    back = rows.filter(
        (nw.col("recovered_on") <= data.as_of) & ~nw.col("outcome").is_in(["redeemed", "stayed"]).fill_null(False)
    )
    return back.with_columns(day=nw.col("recovered_on"), denominator=nw.lit(1, nw.Int64))


def checklist_complete(data: Data) -> Facts:
    """Recoveries whose legal checklist was complete before the day of the recovery, of all recoveries."""
    rows = _recovered(data, "legal_checklist_on")
    return Facts(rows.with_columns(numerator=yes(nw.col("legal_checklist_on") < nw.col("recovered_on"))))


def days_to_recovery(data: Data) -> Facts:
    """Days from order to recovery, of assets that came back; on the day they did."""
    rows = _recovered(data, "ordered_on").filter(~nw.col("ordered_on").is_null())
    return Facts(rows.with_columns(numerator=days_between(nw.col("ordered_on"), nw.col("recovered_on"))))


FIELD: dict[str, Rule] = {
    "visits_done": visits_done,
    "visit_completion": visit_completion,
    "visit_contact_rate": visit_contact_rate,
    "visits_assessed": visits_assessed,
    "visits_documented": visits_documented,
    "risks_escalated_in_time": risks_escalated_in_time,
    "cases_resolved": cases_resolved,
    "hand_offs_in_time": hand_offs_in_time,
    "assets_recovered": assets_recovered,
    "recovery_rate": recovery_rate,
    "checklist_complete": checklist_complete,
    "days_to_recovery": days_to_recovery,
}
