"""Which payment followed which action: calls, messages, visits, recoveries and filings, each with what came after it.

A payment follows at most one action, of whatever kind: the last one before it on its account, if the payment counts no
more than `paid_within_days` after that action's day. Its whole amount goes there, so actions never share out more than
was paid; a payment with no action before it in that time follows none. Money that was taken back later never came.

Everything is found in one pass over all events of an account in the order of time, with no join of actions to payments:
what has to be known of earlier events is carried along as a whole number that never falls. It works eagerly on Polars
and pandas, and lazily on DuckDB.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import narwhals as nw

from toolkit.kpis.data import Data, MissingError
from toolkit.kpis.facts import yes
from toolkit.kpis.ledger import days_later, standing
from toolkit.periods import Period
from toolkit.recovery.buckets import bucket_names, bucket_number, day_number, number_of
from toolkit.recovery.taken import NO_RUNG, actions, acts
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame, band_reached, floor_div

ATTEMPTS: tuple[tuple[int, str], ...] = ((1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, "5-7"), (8, "8+"))
"""From which attempt on each group of them begins, and what it is called."""
NO_HOUR = -1
"""Of actions of which only the day is known."""
DAY_SECONDS = 86_400
SPAN = 1_000
"""More than there are buckets: a bucket is carried along behind the moment from which on it holds."""
ZERO, ONE = nw.lit(0, nw.Int64), nw.lit(1, nw.Int64)
NEVER = number_of(date.max)
SNAPSHOT, PAYMENT, ACTION = 0, 1, 2
"""The order of events at the same second: who paid at the second of a call did not pay because of it."""
WITHIN, ORDER = ("account_id",), ("moment", "kind", "channel", "id")
OF_ACTION = ("channel", "rung", "agent_id", "hour", "attempt", "bucket")
FOLLOWED = (
    "account_id", "number", "channel", "activity", "agent_id", "day", "before", "hour", "bucket", "attempt", "paid",
    "payments", "amount", "ripe",
)  # fmt: skip
EVENT = (*WITHIN, *ORDER, "agent_id", "day", "until", "hour", "amount", "held", "rung")


def followed(data: Data, rules: RecoveryRules, period: Period) -> Frame:
    """One row for each action of the period on a known account, on the data's own engine.

    account_id, number (of the account's action since the data begin), channel (call, sms, email, whatsapp, visit,
    recovery, legal), activity (the rung of the ladder for that channel and the agent's role of that day; else the
    channel), agent_id ("" for nobody), day and before (`day_number`: payments follow from `day` on until the day ahead
    of `before`, on which the next action takes over or time is up), hour (0 to 23; -1 where only the day is known),
    bucket (its number when the day began, -1 where not known), attempt (actions on the account since its last payment,
    this one included, whatever their kind), payments and amount (minor units) that followed it, paid (1 where any
    did), ripe (1 where the days in which a payment may follow are over; the others are waiting and judged later).
    int64 all.

    `MissingError` where there are no payments, or none of the tables of actions.
    """
    events = _events(data, rules, until=period.last + timedelta(days=rules.paid_within_days))
    found = came_after(events, OF_ACTION, since=period.first)
    after = nw.col("action_day").shift(-1).over("account_id", order_by="number")
    timed = found.with_columns(_next=after.fill_null(NEVER)).with_columns(
        before=nw.min_horizontal("_next", nw.col("until") + 1).cast(nw.Int64)
    )
    inside = timed.filter(nw.col("action_day") <= number_of(period.last)).rename({"action_day": "day"})
    whole = nw.col("hour", "attempt", "bucket", "payments", "amount").cast(nw.Int64)
    return inside.with_columns(whole).with_columns(
        activity=_activity(rules),
        paid=yes(nw.col("payments") > 0),
        ripe=yes(nw.col("until") <= number_of(data.as_of)),
    ).select(*FOLLOWED)  # fmt: skip


def came_after(events: Frame, columns: Sequence[str], since: date | None = None) -> Frame:
    """One row for each action since a day: account_id, number (of the account's action), action_day, until, payments
    and amount that followed it, and the action's own `columns`.

    events: as `action_events` and `payment_events` make them, and snapshots, with the columns `EVENT`.
    """
    is_action = nw.col("kind") == ACTION
    follows = (nw.col("kind") == PAYMENT) & (nw.col("day") <= nw.col("until"))
    told = _carried(events).filter(nw.col("number") > 0)
    if since is not None:
        told = told.filter(nw.col("action_day") >= number_of(since))
    parts = told.select(
        "account_id", "number", "action_day", "until",
        *[nw.when(is_action).then(nw.col(name)).alias(name) for name in columns],
        payments=yes(follows), amount=nw.when(follows).then(nw.col("amount")).otherwise(ZERO),
    )  # fmt: skip
    by = ("account_id", "number", "action_day", "until")
    return parts.group_by(*by).agg(nw.col(*columns).max(), nw.col("payments", "amount").sum())


def touched(data: Data, first: int, last: int) -> Frame:
    """The accounts on which anything was done from one day to another (`day_number`), each once."""
    days = [rows.select("account_id", day=day_number(nw.col("day"))) for rows in _some(acts(data)).values()]
    rows = nw.concat(days, how="vertical").filter((nw.col("day") >= first) & (nw.col("day") <= last))
    return rows.filter(~nw.col("account_id").is_null()).select("account_id").unique()


def attempt_band(attempt: nw.Expr) -> nw.Expr:
    """The number of the group of attempts in `ATTEMPTS`."""
    return band_reached(attempt, [start for start, _ in ATTEMPTS])


# --- events ------------------------------------------------------------------------------------------------


def _events(data: Data, rules: RecoveryRules, until: date) -> Frame:
    """Actions, payments and snapshots, each with its moment: seconds of the wall clock."""
    acted = [action_events(rows, rules) for rows in _some(actions(data, rules)).values()]
    parts = [*acted, payment_events(standing(data, kinds=True)), *_snapshots(data, rules)]
    rows = nw.concat([part.select(*EVENT) for part in parts], how="vertical")
    last = min(data.as_of, until)
    return rows.filter(~nw.col("account_id").is_null() & (nw.col("day") <= number_of(last)))


def _some(tables: Mapping[str, Frame]) -> Mapping[str, Frame]:
    if not tables:
        raise MissingError(("calls.started_at", "messages.sent_at", "visits.visited_at"))
    return tables


def action_events(rows: Frame, rules: RecoveryRules) -> Frame:
    """Actions as `toolkit.recovery.taken.actions` has them, as events. `until`: the last day on which a payment may
    follow. Where only the day is known, all of it comes afterwards; a time of midnight sharp is what exports write that
    know the day only, so it is no hour."""
    timed = rows.collect_schema()["at"] != nw.Date
    no_hour = nw.lit(NO_HOUR, nw.Int64)
    known = nw.col("at").dt.hour().cast(nw.Int64) if timed else no_hour
    hour = nw.when(_seconds("at") == 0).then(no_hour).otherwise(known) if timed else no_hour
    return rows.select(
        "account_id",
        moment=day_number(nw.col("at")) * DAY_SECONDS + (_seconds("at") if timed else ZERO),
        kind=nw.lit(ACTION, nw.Int64),
        channel=nw.col("channel"),
        id=_text("id"),
        agent_id=_text("agent_id"),
        day=day_number(nw.col("day")),
        until=day_number(days_later(nw.col("day"), rules.paid_within_days)),
        hour=hour,
        amount=ZERO,
        held=ZERO,
        rung=nw.col("rung"),
    )


def _seconds(at: str) -> nw.Expr:
    clock = nw.col(at).dt
    return clock.hour().cast(nw.Int64) * 3600 + clock.minute().cast(nw.Int64) * 60 + clock.second().cast(nw.Int64)


def _text(name: str) -> nw.Expr:
    return nw.col(name).cast(nw.String).fill_null("")


def payment_events(paid: Frame) -> Frame:
    """Payments as `toolkit.kpis.ledger.standing` has them, as events."""
    return paid.select(
        "account_id",
        moment=day_number(nw.col("paid_at")) * DAY_SECONDS + _seconds("paid_at"),
        kind=nw.lit(PAYMENT, nw.Int64),
        channel=nw.lit(""),
        id=nw.lit(""),
        agent_id=nw.lit(""),
        day=day_number(nw.col("day")),
        until=ZERO,
        hour=nw.lit(NO_HOUR, nw.Int64),
        amount=nw.col("amount").cast(nw.Int64),
        held=ZERO,
        rung=nw.lit(NO_RUNG, nw.Int64),
    )


def _snapshots(data: Data, rules: RecoveryRules) -> Iterator[Frame]:
    """A snapshot is of a day's end; but the first of an account holds for its own day too."""
    if not data.has("balances", "account_id", "as_of", "days_past_due") or not rules.buckets:
        return
    rows = data.table("balances", "account_id", "as_of", "days_past_due").with_columns(day=day_number(nw.col("as_of")))
    is_first = nw.col("day") == nw.col("day").min().over("account_id")
    moment = nw.col("day") * DAY_SECONDS + nw.when(is_first).then(ZERO).otherwise(nw.lit(DAY_SECONDS - 1, nw.Int64))
    bucket = bucket_number(nw.col("days_past_due"), rules.buckets) + 2
    yield rows.with_columns(moment=moment).select(
        "account_id",
        "moment",
        kind=nw.lit(SNAPSHOT, nw.Int64),
        channel=nw.lit(""),
        id=nw.lit(""),
        agent_id=nw.lit(""),
        day=nw.col("day"),
        until=ZERO,
        hour=nw.lit(NO_HOUR, nw.Int64),
        amount=ZERO,
        held=(nw.col("moment") * SPAN + bucket).cast(nw.Int64),
        rung=nw.lit(NO_RUNG, nw.Int64),
    )


def _carried(events: Frame) -> Frame:
    """With `number` of the account's last action until then, `action_day`, its day, `bucket` and `attempt`.

    Actions are counted from the account's first one on. What was counted when a payment came is the greatest that any
    payment has seen so far, so the attempts since the last payment are what has been added to it.
    """
    is_action = nw.col("kind") == ACTION
    counted = events.with_columns(
        number=_so_far(yes(is_action), "cum_sum"),
        action_day=_so_far(nw.when(is_action).then(nw.col("day")).otherwise(ZERO), "cum_max"),
        until=_so_far(nw.col("until"), "cum_max"),
        held=_so_far(nw.col("held"), "cum_max"),
    )
    at_payment = nw.when(nw.col("kind") == PAYMENT).then(nw.col("number")).otherwise(ZERO)
    told = counted.with_columns(_before=_so_far(at_payment, "cum_max"))
    behind = nw.col("held") - floor_div(nw.col("held"), nw.lit(SPAN, nw.Int64)) * SPAN
    bucket = nw.when(nw.col("held") > 0).then(behind - 2).otherwise(nw.lit(-1, nw.Int64))
    return told.with_columns(attempt=nw.col("number") - nw.col("_before"), bucket=bucket)


def _so_far(value: nw.Expr, how: str) -> nw.Expr:
    running: nw.Expr = getattr(value, how)()
    return running.over(*WITHIN, order_by=ORDER).cast(nw.Int64)


# --- what an action is called ------------------------------------------------------------------------------


def _activity(rules: RecoveryRules) -> nw.Expr:
    """The code of the rung that an action is; its channel where it is none."""
    name = nw.col("channel")
    for place, rung in enumerate(rules.rungs):
        name = nw.when(nw.col("rung") == place).then(nw.lit(rung.code)).otherwise(name)
    return name


def names_of(numbers: Sequence[int], rules: RecoveryRules) -> list[str]:
    """The buckets' names by number, "" where the bucket is not known."""
    names = bucket_names(rules.buckets)
    return [names[number] if 0 <= number < len(names) else "" for number in numbers]


__all__ = [
    "ATTEMPTS", "EVENT", "NO_HOUR", "action_events", "attempt_band", "came_after", "followed", "names_of",
    "payment_events", "touched",
]  # fmt: skip
