"""What is counted: the rows behind each measure, one a payment, promise, visit, recovery, call or agent.

Every function gives rows with the same columns, so that bands, slices and sharing out need not know
what was counted:

seq            order of the rows (payments: order of time)
rank           order of their keys, which breaks ties of cents
payment_id, account_id, source, source_id   where it comes from
agent_id, credited_by, day, version, earned_for
credited_to    the credited agent, also where a split gives the row to another
base           the measure in whole `1 / per_one` units: minor units of money, or parts of a count
units          how many, in `1 / per_unit` units (a payment shared 60 : 40 counts 3/5 and 2/5)
money          what it brought in, in minor units, after reversals of the period; 0 where there is no payment
amount         the original payment's amount in minor units; null where there is none
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import narwhals as nw

from toolkit.credit import owners
from toolkit.money import PPM
from toolkit.periods import containing
from toolkit.plans import PAYEE_KEYS, Component
from toolkit.promises import kept
from toolkit.rows import Frame, floor_div, shared_out
from toolkit.steps.arrears import with_snapshot
from toolkit.steps.month import Month
from toolkit.steps.payments import with_columns_of
from toolkit.teams import with_post

MICRO = 1_000_000

COLUMNS = (
    "seq",
    "payment_id",
    "account_id",
    "source",
    "source_id",
    "agent_id",
    "credited_by",
    "day",
    "version",
    "earned_for",
    "base",
    "units",
    "money",
    "amount",
    "kind",
    "channel",
    "in_run",
    "credited_to",
    "rank",
)


@dataclass(frozen=True)
class Counted:
    """Rows of a measure; `base / per_one` is in the major unit or a count, `units / per_unit` a count."""

    frame: Frame
    per_one: int
    per_unit: int


def counted(month: Month, component: Component) -> Counted | None:
    """The rows of the component's measure, before `where`; None for a measure that has no rows of its own
    (base pay and KPIs, which belong to the agent and the period)."""
    measure = MEASURED.get(component.measure or "")
    return measure(month, component) if measure else None


def _of_payments(month: Month, base: nw.Expr) -> Frame:
    rows = month.payments.filter(nw.col("counted") > 0)
    return rows.with_columns(
        source=nw.lit("payments"),
        source_id=nw.col("payment_id"),
        base=base.cast(nw.Int64),
        units=nw.lit(1, nw.Int64),
        money=nw.col("counted"),
        credited_to=nw.col("agent_id"),
    ).select(*COLUMNS)


def _collected(month: Month, component: Component) -> Counted:
    rows = Counted(_of_payments(month, nw.col("counted")), month.unit, 1)
    return split(month, component, rows, money=True)


def _payments(month: Month, component: Component) -> Counted:
    rows = Counted(_of_payments(month, nw.lit(1, nw.Int64)), 1, 1)
    return split(month, component, rows, money=False)


def _credits_bought(month: Month, component: Component) -> Counted:
    payments = month.payments.filter((nw.col("credits_kind") == "bought") & ~nw.col("credits").is_null())
    whole = payments.with_columns(_credits=nw.col("credits").cast(nw.Decimal(38, 6)))
    # what a partial reversal leaves of the money, it leaves of the credits
    micro = (nw.col("_credits") * MICRO).cast(nw.Int64)
    left = floor_div(micro * nw.col("counted"), nw.col("amount"))
    prepared = replace(month, payments=whole.with_columns(_left=left))
    rows = Counted(_of_payments(prepared, nw.col("_left")), MICRO, 1)
    return split(month, component, rows, money=True)


def _events(
    month: Month, rows: Frame | None, table: str, key: str, *, day: str, kind: str | None = None
) -> Counted | None:
    """Rows of another table than payments, each counting one for the agent it names."""
    if rows is None:
        return Counted(month.payments.head(0).pipe(_empty), 1, 1)
    inside = rows.filter((nw.col(day) >= month.period.first) & (nw.col(day) <= month.period.last))
    complete = with_columns_of(inside, {"account_id": nw.String})
    return Counted(
        complete.sort(key)
        .with_row_index("rank")
        .sort(day, "rank")
        .with_row_index("seq")
        .with_columns(
            seq=nw.col("seq").cast(nw.Int64),
            rank=nw.col("rank").cast(nw.Int64),
            payment_id=nw.lit(""),
            source=nw.lit(table),
            source_id=nw.col(key),
            credited_by=nw.lit("named"),
            day=nw.col(day),
            version=version_on(month, nw.col(day)),
            earned_for=nw.lit(""),
            base=nw.lit(1, nw.Int64),
            units=nw.lit(1, nw.Int64),
            money=nw.lit(0, nw.Int64),
            amount=nw.lit(None, nw.Int64),
            kind=nw.col(kind) if kind else nw.lit(None, nw.String),
            channel=nw.lit(None, nw.String),
            in_run=nw.lit(True),
            credited_to=nw.col("agent_id"),
        )
        .select(*COLUMNS),
        1,
        1,
    )


def _empty(frame: Frame) -> Frame:
    return frame.with_columns(
        source=nw.lit(""),
        source_id=nw.lit(""),
        credited_to=nw.col("agent_id"),
        base=nw.lit(0, nw.Int64),
        units=nw.lit(0, nw.Int64),
        money=nw.lit(0, nw.Int64),
    ).select(*COLUMNS)


def version_on(month: Month, day: nw.Expr) -> nw.Expr:
    """The plan version of a day: the day's own, or that of the period's end (rate_date), null before the first."""
    if month.plan.rate_date == "period_end":
        return nw.lit(month.plan.version, nw.Int64)
    version = nw.lit(None, nw.Int64)
    for plan in month.plans.versions:
        version = nw.when(day >= plan.start).then(nw.lit(plan.version, nw.Int64)).otherwise(version)
    return version


def _promises_kept(month: Month, component: Component) -> Counted | None:
    promises = month.table("promises")
    if promises is None:
        return _events(month, None, "promises", "promise_id", day="kept_on")
    complete = with_columns_of(promises, {"cancelled_on": nw.Date})
    rows = kept(complete, month.all_payments, month.credit.promise_grace_days)
    return _events(month, rows, "promises", "promise_id", day="kept_on")


def _assets_recovered(month: Month, component: Component) -> Counted | None:
    """Assets brought in. `where.kind` chooses outcomes (recovered, surrendered, ...); absent: recovered."""
    rows = month.table("recoveries")
    if rows is not None:
        complete = with_columns_of(rows, {"recovered_on": nw.Date, "outcome": nw.String})
        outcomes = list(component.where.kind or ("recovered",))
        rows = complete.filter(~nw.col("recovered_on").is_null() & nw.col("outcome").is_in(outcomes))
    return _events(month, rows, "recoveries", "recovery_id", day="recovered_on", kind="outcome")


def _visits_verified(month: Month, component: Component) -> Counted | None:
    """Visits made, with an outcome and, where the visits have positions, a position.

    Several to one account by one agent on a day are one.
    """
    rows = month.table("visits")
    if rows is not None:
        optional = {"visited_at": nw.Datetime, "outcome": nw.String, "account_id": nw.String}
        complete = with_columns_of(rows, optional)
        proof = ["visited_at", "outcome", *(name for name in ("latitude", "longitude") if name in rows.columns)]
        proven = complete.drop_nulls(proof).with_columns(visited_on=nw.col("visited_at").dt.date())
        rows = proven.sort("visited_at", "visit_id").unique(
            subset=["agent_id", "account_id", "visited_on"], keep="first", maintain_order=True
        )
    return _events(month, rows, "visits", "visit_id", day="visited_on", kind="outcome")


def _welcome_calls(month: Month, component: Component) -> Counted | None:
    """Welcome calls that reached the customer; the first for an account counts."""
    rows = month.table("calls")
    if rows is not None:
        optional = {"purpose": nw.String, "right_party": nw.Boolean, "account_id": nw.String}
        complete = with_columns_of(rows, optional).with_columns(called_on=nw.col("started_at").dt.date())
        reached = complete.filter((nw.col("purpose") == "welcome") & nw.col("right_party"))
        rows = reached.sort("started_at", "call_id").unique(subset=["account_id"], keep="first", maintain_order=True)
    return _events(month, rows, "calls", "call_id", day="called_on")


def _accounts_reactivated(month: Month, component: Component) -> Counted | None:
    """Accounts that were in arrears and paid: each counts once a period, for the agent of its first payment.

    A payment unlocks a pay-as-you-go device, whatever is still owed.
    """
    paid = _of_payments(month, nw.lit(1, nw.Int64))
    in_arrears = with_snapshot(month, component, paid).filter(nw.col("days_past_due") > 0)
    days = in_arrears["day"].unique().to_list()
    labels = [containing(day, month.period.kind, month.period.start_day).label for day in days]
    # late payments of an earlier period count in this run's, where they are paid
    period = nw.when(nw.col("in_run")).then(nw.lit(month.period.label))
    dated = in_arrears.with_columns(
        _period=period.otherwise(nw.col("day").replace_strict(days, labels, return_dtype=nw.String))
    )
    first = dated.sort("seq").unique(subset=["account_id", "_period"], keep="first", maintain_order=True)
    return Counted(first.select(*COLUMNS), 1, 1)


MEASURED: dict[str, Callable[[Month, Component], Counted | None]] = {
    "collected": _collected,
    "payments": _payments,
    "credits_bought": _credits_bought,
    "promises_kept": _promises_kept,
    "assets_recovered": _assets_recovered,
    "visits_verified": _visits_verified,
    "welcome_calls": _welcome_calls,
    "accounts_reactivated": _accounts_reactivated,
}


def split(month: Month, component: Component, rows: Counted, *, money: bool) -> Counted:
    """Each payment divided among its payees: money in minor units by largest remainder, counts as fractions.

    The share of a payee who does not exist goes to the first key.
    """
    if not component.split:
        return rows
    keys = list(component.split)
    shares = [component.split[key] for key in keys]
    frame = _with_payees(month, rows.frame, keys)
    parts = []
    first_share = _share_with_the_missing(shares)
    for place, (key, share) in enumerate(zip(keys, shares, strict=True)):
        payee = nw.col(f"_payee_{place}")
        own = nw.when(payee.is_null()).then(nw.lit(0, nw.Int64)).otherwise(nw.lit(share, nw.Int64))
        by = nw.col("credited_by") if key == "credited" else nw.lit(f"split: {key}")
        p = own if place else first_share
        parts.append(frame.with_columns(agent_id=payee, credited_by=by, p=p, _written=nw.lit(place, nw.Int64)))
    long = nw.concat(parts, how="vertical").drop(*[f"_payee_{place}" for place in range(len(keys))])
    long = long.with_columns(rank=nw.col("rank") * len(keys) + nw.col("_written"))
    whole = lcm(*(Fraction(share, PPM).denominator for share in shares))
    if money:
        divided = _divided(long, "base")
    else:
        divided = long.with_columns(base=nw.col("base") * floor_div(nw.col("p") * whole, nw.lit(PPM)))
    divided = divided.with_columns(money=nw.col("base")) if component.counts_money else _divided(divided, "money")
    counted_units = divided.with_columns(units=nw.col("units") * floor_div(nw.col("p") * whole, nw.lit(PPM)))
    per_one = rows.per_one if money else rows.per_one * whole
    kept = counted_units.drop("p", "_written").filter(nw.col("base") != 0)
    return Counted(kept, per_one, rows.per_unit * whole)


def _divided(long: Frame, column: str) -> Frame:
    """Each row's whole `column` divided among its payees by their share `p`, by largest remainder."""
    weighed = long.with_columns(weight=nw.col(column), q=nw.lit(PPM, nw.Int64), _whole=nw.col(column))
    divided = shared_out(weighed, within=["seq"], total="_whole", order=["_written"], into=column)
    return divided.drop("weight", "q", "_whole")


def _share_with_the_missing(shares: list[int]) -> nw.Expr:
    """The first key's share with those of the payees who do not exist."""
    total = nw.lit(shares[0], nw.Int64)
    for place, share in enumerate(shares[1:], 1):
        missing = nw.col(f"_payee_{place}").is_null()
        total = total + nw.when(missing).then(nw.lit(share, nw.Int64)).otherwise(nw.lit(0, nw.Int64))
    return total


def _with_payees(month: Month, frame: Frame, keys: list[str]) -> Frame:
    """`_payee_0`, `_payee_1`, ... : who each key stands for, null where there is nobody."""
    result = frame
    if "previous_owner" in keys:
        result = _with_previous_owner(month, result)
    if "team_leader" in keys:
        result = with_post(result, month.teams, agent="agent_id", day="day", columns=["team_leader_id"], employed=False)
    columns = {
        "credited": nw.col("agent_id"),
        "previous_owner": nw.col("_previous_owner") if "previous_owner" in keys else nw.lit(None, nw.String),
        "team_leader": nw.col("team_leader_id") if "team_leader" in keys else nw.lit(None, nw.String),
    }
    for place, key in enumerate(keys):
        named = nw.lit(key if key in month.teams else None, nw.String)
        payee = columns[key] if key in PAYEE_KEYS else named
        if key == "team_leader":
            payee = nw.when(payee.is_in(list(month.teams.posts))).then(payee).otherwise(nw.lit(None, nw.String))
        result = result.with_columns(payee.alias(f"_payee_{place}"))
    if keys[0] != "credited":
        # nobody there for the first key itself: the credited agent keeps it
        result = result.with_columns(_payee_0=nw.col("_payee_0").fill_null(nw.col("agent_id")))
    extra = [name for name in ("_previous_owner", "team_leader_id") if name in result.columns]
    return result.drop(*extra)


def _with_previous_owner(month: Month, frame: Frame) -> Frame:
    """The agent of the last assignment of the account that ended before the day, of the credited agent's role.

    It may be the credited agent's own: where assignments are written anew each month, nobody owned it before.
    """
    assignments = month.table("assignments")
    if assignments is None:
        return frame.with_columns(_previous_owner=nw.lit(None, nw.String))
    with_role = with_post(frame, month.teams, agent="agent_id", day="day", columns=["role"], employed=False)
    ended = assignments.filter(~nw.col("ended_on").is_null())
    roles = tuple({post.role for held in month.teams.posts.values() for post in held})
    held = owners(ended, month.teams, roles).select(
        "account_id", nw.col("agent_id").alias("_previous_owner"), nw.col("role").alias("_role"), "ended_on"
    )
    pairs = with_role.select("seq", "account_id", "day", "role").join(held, on="account_id", how="inner")
    fitting = pairs.filter((nw.col("ended_on") < nw.col("day")) & (nw.col("_role") == nw.col("role")))
    last = fitting.sort("ended_on", "_previous_owner").unique(subset=["seq"], keep="last", maintain_order=True)
    return frame.join(last.select("seq", "_previous_owner"), on="seq", how="left")


def agents_counted(month: Month, component: Component) -> list[str]:
    """The agents active at the period's end who match `where`: those whom fixed amounts, base pay and KPIs concern."""
    where = component.where
    return [
        post.agent_id
        for post in month.teams.active(month.period.last)
        if (where.role is None or post.role in where.role)
        and (where.branch is None or post.branch in where.branch)
        and (where.region is None or post.region in where.region)
        and (where.agent is None or post.agent_id in where.agent)
    ]


def base_pay(month: Month, agent_id: str) -> Fraction:
    """The agent's base pay of the row at the period's end, in the major unit; 0 where none is given."""
    post = month.teams.on(agent_id, month.period.last)
    return Fraction(post.details.get("base_pay") or 0, month.unit) if post else Fraction(0)
