"""Which agent a payment counts for, and by which rule; what stays unattributed.

The first rule of the plan (or the profile) that names an agent wins:
named     the payment's own agent_id
promise   the agent of a promise that was open when the payment came
contact   the agent of the last right-party call with a disposition, or met visit, in the window
owner     the agent the account was assigned to that day, by the order of roles
Except where the source itself names the agent, only somebody active on the payment's day is credited.
"""

from collections.abc import Mapping
from datetime import timedelta

import narwhals as nw

from toolkit.plans import Credit
from toolkit.promises import open_at_payment
from toolkit.rows import Frame
from toolkit.teams import Teams, with_post


def credited(rows: Frame, payments: Frame, tables: Mapping[str, Frame], rules: Credit, teams: Teams) -> Frame:
    """`rows` with `agent_id` and `credited_by`; both null where no rule names anybody.

    rows: the payments to be credited: seq (unique, in order of time), account_id, named (agent of the
      source or null), paid_at, day, counted. payments: all payments, since any of them keeps a promise.
    tables: promises, calls, visits, assignments as far as the rules need them.
    """
    result = rows.with_columns(
        agent_id=nw.lit(None, nw.String),
        credited_by=nw.lit(None, nw.String),
    )
    for rule in rules.rules:
        open_rows = result.filter(nw.col("agent_id").is_null())
        found = _by_rule(rule, open_rows, payments, tables, rules, teams)
        if found is not None:
            result = _taken(result, found, rule)
    return result


def _by_rule(
    rule: str, rows: Frame, payments: Frame, tables: Mapping[str, Frame], rules: Credit, teams: Teams
) -> Frame | None:
    """`seq` and `agent_id` of the rows that this rule credits, one row each."""
    if rule == "named":
        return rows.filter(~nw.col("named").is_null()).select("seq", nw.col("named").alias("agent_id"))
    if rule == "promise":
        return _by_promise(rows, payments, tables.get("promises"), rules.promise_grace_days, teams)
    if rule == "contact":
        return _by_contact(rows, tables, rules.contact_window_days, teams)
    return _by_owner(rows, tables.get("assignments"), rules.owner_roles, teams)


def _taken(result: Frame, found: Frame, rule: str) -> Frame:
    joined = result.join(found.rename({"agent_id": "_found"}), on="seq", how="left")
    is_new = nw.col("agent_id").is_null() & ~nw.col("_found").is_null()
    return joined.with_columns(
        credited_by=nw.when(is_new).then(nw.lit(rule)).otherwise(nw.col("credited_by")),
        agent_id=nw.when(is_new).then(nw.col("_found")).otherwise(nw.col("agent_id")),
    ).drop("_found")


def _active(candidates: Frame, teams: Teams) -> Frame:
    return with_post(candidates, teams, agent="agent_id", day="day", columns=["role"]).filter(~nw.col("role").is_null())


def _best(candidates: Frame, order: list[str], descending: list[bool]) -> Frame:
    alone = candidates.filter(nw.col("seq").is_unique()).select("seq", "agent_id")
    contested = candidates.filter(~nw.col("seq").is_unique()).sort(*order, descending=descending)
    best = contested.unique(subset=["seq"], keep="first", maintain_order=True).select("seq", "agent_id")
    return nw.concat([alone, best], how="vertical")


def _by_promise(rows: Frame, payments: Frame, promises: Frame | None, grace_days: int, teams: Teams) -> Frame | None:
    if promises is None or not len(promises):
        return None
    answered = open_at_payment(promises, payments, grace_days)
    candidates = answered.join(rows.select("seq", "day"), on="seq", how="inner")
    return _best(_active(candidates, teams), ["made_at", "promise_id"], [True, False])


def _by_contact(rows: Frame, tables: Mapping[str, Frame], window_days: int, teams: Teams) -> Frame | None:
    contacts = _contacts(tables)
    if contacts is None:
        return None
    pairs = contacts.join(rows.select("seq", "account_id", "paid_at", "day"), on="account_id", how="inner")
    back = (nw.col("day") - nw.col("_on")) <= timedelta(days=window_days)
    in_window = pairs.filter((nw.col("_at") <= nw.col("paid_at")) & back)
    return _best(_active(in_window, teams), ["_at", "_kind", "_id"], [True, False, False])


def _contacts(tables: Mapping[str, Frame]) -> Frame | None:
    """Calls that reached the customer and had a result, and visits that met the customer; calls come first in a tie."""
    found = []
    calls, visits = tables.get("calls"), tables.get("visits")
    if calls is not None and {"right_party", "disposition", "account_id"} <= set(calls.columns):
        met = calls.filter(nw.col("right_party") & ~nw.col("disposition").is_null())
        found.append(_contact(met, "started_at", "call_id", 0))
    if visits is not None and {"met", "visited_at", "account_id"} <= set(visits.columns):
        met = visits.filter((nw.col("met") == "customer") & ~nw.col("visited_at").is_null())
        found.append(_contact(met, "visited_at", "visit_id", 1))
    return nw.concat(found, how="vertical") if found else None


def _contact(rows: Frame, at: str, key: str, kind: int) -> Frame:
    return rows.select(
        "account_id",
        "agent_id",
        nw.col(at).alias("_at"),
        nw.col(at).dt.date().alias("_on"),
        nw.lit(kind, nw.Int64).alias("_kind"),
        nw.col(key).alias("_id"),
    )


def owners(assignments: Frame, teams: Teams, roles: tuple[str, ...]) -> Frame:
    """Assignments cut to the days on which their agent held one of `roles`.

    account_id, agent_id, role, role_order, owned_from, owned_to, assigned_on.
    """
    posts = teams.frame(assignments, ["role"])
    held = assignments.join(posts, on="agent_id", how="inner").filter(nw.col("role").is_in(list(roles)))
    order = nw.lit(len(roles), nw.Int64)
    for place, role in enumerate(roles):
        order = nw.when(nw.col("role") == role).then(nw.lit(place, nw.Int64)).otherwise(order)
    ended = nw.col("ended_on").fill_null(nw.col("post_last"))
    return held.with_columns(
        role_order=order,
        owned_from=nw.max_horizontal("assigned_on", "post_first"),
        owned_to=nw.min_horizontal(ended, nw.col("post_last")),
    ).select("account_id", "agent_id", "role", "role_order", "owned_from", "owned_to", "assigned_on", "ended_on")


def _by_owner(rows: Frame, assignments: Frame | None, roles: tuple[str, ...], teams: Teams) -> Frame | None:
    if assignments is None or not len(assignments) or not roles:
        return None
    pairs = rows.select("seq", "account_id", "day").join(
        owners(assignments, teams, roles), on="account_id", how="inner"
    )
    owned = pairs.filter((nw.col("owned_from") <= nw.col("day")) & (nw.col("day") <= nw.col("owned_to")))
    return _best(owned, ["role_order", "assigned_on", "agent_id"], [False, True, False])
