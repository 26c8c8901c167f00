"""KPIs of promises to pay: made, kept, followed up; and payment plans, of which each instalment is a promise."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import narwhals as nw

from toolkit.kpis.data import PROMISED, Data, MissingError, eager
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.ledger import days_later, standing
from toolkit.kpis.outages import mobile_money_outages
from toolkit.promises import alone, in_line, shared
from toolkit.rows import Frame

ONE = nw.lit(1, nw.Int64)
NOTHING = nw.lit(0, nw.Int64)
SUMS = ("numerator", "denominator", "waiting")
DUE = ("kept", "in_part", "brought", "due", "promised", "waiting")
"""What is added up of promises due: how many were kept, or in part, what they brought, how many and how much they
were, and how many wait."""
LINE = ("account_id", "amount", "before", "through", "place", "taken")
MET = nw.col("met") == "customer"
PLANS = {"calls": ("disposition", "started_at"), "visits": ("outcome", "visited_at")}


def _made(data: Data) -> Frame:
    """The promises, with `day` of making, that were not cancelled on it, and are not below the least amount."""
    found = data.table("promises", *PROMISED, cancelled_on=nw.Date).with_columns(day=nw.col("made_at").dt.date())
    least = -int(-data.definitions.promise_amount_at_least * 10**data.digits // 1)
    stood = nw.col("cancelled_on").is_null() | (nw.col("cancelled_on") > nw.col("day"))
    return found.filter(stood & (nw.col("amount") > 0) & (nw.col("amount") >= least) & (nw.col("day") <= data.as_of))


def _valid(data: Data, order: tuple[str, ...] = ("made_at", "promise_id")) -> Frame:
    """The promises that count: due soon, of a customer who was spoken to, one for an account and due day."""
    soon = nw.col("due_on") <= days_later(nw.col("day"), data.definitions.promise_within_days)
    spoken_to = _with_the_customer(data, _made(data).filter(soon))
    return _given_up(spoken_to).unique(subset=["account_id", "due_on"], keep="first", order_by=order)


def _given_up(rows: Frame) -> Frame:
    """Adds `given_up`: cancelled before the due day. From the due day on it is too late for that."""
    return rows.with_columns(
        given_up=yes(~nw.col("cancelled_on").is_null() & (nw.col("cancelled_on") < nw.col("due_on")))
    )


def _with_the_customer(data: Data, promises: Frame) -> Frame:
    """Without the promises of a day on which the agent's calls to the account reached somebody else only."""
    if not data.has("calls", "account_id", "right_party"):
        return promises
    calls = data.table("calls", "agent_id", "account_id", "started_at", "right_party")
    said = calls.filter(~nw.col("right_party").is_null()).select(
        "agent_id", "account_id", nw.col("started_at").dt.date().alias("day"), _met=yes(nw.col("right_party"))
    )
    key = ["agent_id", "account_id", "day"]
    met = promises.select(key).unique().join(said, on=key, how="inner").group_by(key).agg(nw.col("_met").max())
    known = promises.join(met, on=key, how="left")
    return known.filter(nw.col("_met").fill_null(1) == 1).drop("_met")


def ptp_count(data: Data) -> Facts:
    """Valid promises made: see `ptp_amount`."""
    return Facts(_with_hour(_valid(data)).with_columns(numerator=ONE))


def ptp_amount(data: Data) -> Facts:
    """The amount of valid promises made, on the day and in the hour of making.

    Valid: at least `promise_amount_at_least`, due within `promise_within_days`, not cancelled on the same day, made
    with the customer where calls tell. Two of one account and due day are one, the first made.
    """
    return Facts(_with_hour(_valid(data)).with_columns(numerator=nw.col("amount")), parts=10**data.digits)


def _with_hour(rows: Frame) -> Frame:
    return rows.with_columns(hour=nw.col("made_at").dt.hour().cast(nw.Int64))


def ptp_rate(data: Data) -> Facts:
    """Valid promises of right-party calls, made or received; above 100 % where calls bring several promises."""
    columns = ("agent_id", "account_id", "day", "hour", "numerator", "denominator")
    promised = _with_hour(_valid(data)).with_columns(numerator=ONE, denominator=NOTHING).select(*columns)
    calls = data.table("calls", "agent_id", "started_at", "right_party", account_id=nw.String)
    calls = calls.filter(nw.col("right_party"))
    spoken = calls.with_columns(
        day=nw.col("started_at").dt.date(),
        hour=nw.col("started_at").dt.hour().cast(nw.Int64),
        numerator=NOTHING,
        denominator=ONE,
    ).filter(nw.col("day") <= data.as_of)
    return Facts(nw.concat([promised, spoken.select(*columns)], how="vertical"))


def _judged(
    data: Data,
    promises: Frame,
    judge: Callable[[Frame], Frame],
    looked_at: tuple[str, ...],
    sums: tuple[str, ...] = SUMS,
    by_account: bool = False,
) -> Frame:
    """Facts of promises (with `last`, the last day that counts) as `judge` makes them of what was `brought`.

    Only promises that contend for the same money are judged one by one, in memory; the others are added up where they
    are, in the same pass. looked_at: the columns that `judge` needs beside what was brought. sums: those that it
    makes. by_account: each account by itself, with its account_id.
    """
    until = days_later(nw.col("cancelled_on").fill_null(date(9999, 12, 31)), -1)
    windows = promises.with_columns(last=nw.min_horizontal(nw.col("last"), until))
    facts = judge(alone(in_line(windows, standing(data, kinds=False))))
    own = [*LINE, *looked_at]
    only_contested = [nw.when(nw.col("contested")).then(nw.col(name)).alias(name) for name in own]
    whose = ["_account"] if by_account else []
    by = ["agent_id", "day", "contested", *own, *whose]
    told = facts.with_columns(_account=nw.col("account_id")).select(
        "agent_id", "day", "contested", *whose, *sums, *only_contested
    )
    summed = told.group_by(by).agg(nw.col(*sums).sum())
    found = eager(summed).with_columns(nw.col(*sums).cast(nw.Int64))
    contested = judge(shared(found.filter(nw.col("contested")).drop(*sums)))
    added = found.filter(~nw.col("contested"))
    both = nw.concat([part.select("agent_id", "day", *whose, *sums) for part in (added, contested)], how="vertical")
    return both.rename({"_account": "account_id"}) if by_account else both


def _is_kept(data: Data) -> nw.Expr:
    """Enough came: `promise_tolerance` of the amount, in whole numbers."""
    part, whole = data.definitions.promise_tolerance.as_integer_ratio()
    return nw.col("brought") * whole >= nw.col("amount") * part


def _by_due_day(data: Data, promises: Frame, by_account: bool = False) -> Frame:
    """`DUE` of the promises that have `counts`, on the day promised; until the last day of grace is over they wait."""
    last = days_later(nw.col("due_on"), data.definitions.promise_grace_days)
    dated = mobile_money_outages(data, promises.with_columns(last=last)).with_columns(judged_on=nw.col("last"))

    def judge(rows: Frame) -> Frame:
        over = nw.col("judged_on") <= data.as_of
        stands = (nw.col("counts") == 1) & (_is_kept(data) | (nw.col("given_up") == 0))
        in_part = (nw.col("brought") > 0) & ~_is_kept(data)
        amounts = {
            name: nw.when(over & stands).then(nw.col(column)).otherwise(NOTHING)
            for name, column in (("brought", "brought"), ("promised", "amount"))
        }
        return rows.with_columns(
            day=nw.col("due_on"),
            kept=yes(over & stands & _is_kept(data)),
            in_part=yes(over & stands & in_part),
            due=yes(over & stands),
            waiting=yes(~over & stands),
            **amounts,
        )

    return _judged(data, dated, judge, ("due_on", "judged_on", "given_up", "counts"), DUE, by_account)


def _due(data: Data) -> Frame:
    """Valid promises; of two for one due day the one that was not given up."""
    return _valid(data, ("given_up", "made_at", "promise_id")).with_columns(counts=ONE)


def _promises_due(data: Data) -> Frame:
    return data.shared("promises by due day", lambda: _by_due_day(data, _due(data)))


def promises_due(data: Data) -> Frame:
    """`DUE` of promises, as `ptp_conversion` counts them, with their accounts: agent_id, account_id, day."""
    return data.shared("promises by due day and account", lambda: _by_due_day(data, _due(data), by_account=True))


def _of_due(rows: Frame, finer: Callable[[], Frame], counts: str, of: str, parts: int = 1) -> Facts:
    """Facts of two of the sums `DUE`."""
    what = {"numerator": nw.col(counts), "denominator": nw.col(of)}
    by_account = partial(_with, finer, what)
    return Facts(rows, counts=nw.col(counts), of=nw.col(of), parts=parts, denominator_parts=parts, finer=by_account)


def _with(made: Callable[[], Frame], columns: dict[str, nw.Expr]) -> Frame:
    return made().with_columns(**columns)


def ptp_conversion(data: Data) -> Facts:
    """Promises kept of promises due, by due day.

    Kept: payments after it was made, until the due day and `promise_grace_days`, reach `promise_tolerance` of it, first
    made first served (`toolkit.promises`). A promise given up before its due day is out unless it was kept; one
    cancelled or re-dated on the due day or later stays, and has until then. Payments count on the day they were made.
    An outage of mobile money on the last day moves it to the day after.
    """
    return _of_due(_promises_due(data), partial(promises_due, data), "kept", "due")


def ptp_conversion_value(data: Data) -> Facts:
    """What was paid on promises due, at most what was promised, of what was promised; judged as `ptp_conversion`."""
    return _of_due(_promises_due(data), partial(promises_due, data), "brought", "promised", 10**data.digits)


def ptp_part_kept(data: Data) -> Facts:
    """Promises on which something came, but not enough to keep them, of promises due; judged as `ptp_conversion`."""
    return _of_due(_promises_due(data), partial(promises_due, data), "in_part", "due")


def promise_followup(data: Data) -> Facts:
    """Promises due that somebody called about, from the due day until `promise_followed_up_hours` after its end.

    Promises paid by their due day need no call and are left out, as are those given up before it.
    """
    days, hours = divmod(data.definitions.promise_followed_up_hours, 24)
    ends = days_later(nw.col("due_on"), 1 + days)
    promises = _due(data).with_columns(last=nw.col("due_on"), ends=ends)
    over = nw.col("ends") <= (data.as_of if hours else data.as_of + timedelta(days=1))

    def judge(rows: Frame) -> Frame:
        asked = ~_is_kept(data) & (nw.col("given_up") == 0)
        return rows.with_columns(
            day=nw.col("due_on"),
            numerator=nw.when(asked & over).then(nw.col("called")).otherwise(NOTHING),
            denominator=yes(asked & over),
            waiting=yes(asked & ~over),
        )

    columns = ("due_on", "ends", "given_up", "called")
    followed = partial(_judged, data, _called_about(data, promises, hours), judge, columns)
    return Facts(followed(), finer=partial(followed, by_account=True))


def _called_about(data: Data, promises: Frame, hours: int) -> Frame:
    """Adds `called`: an outbound call to the account from the due day until so many hours into the day `ends`."""
    calls = data.table("calls", "account_id", "started_at", direction=nw.String)
    made = calls.filter(nw.col("direction").is_null() | (nw.col("direction") == "out"))
    called = made.select("account_id", _on=nw.col("started_at").dt.date(), _hour=nw.col("started_at").dt.hour())
    pairs = promises.select("promise_id", "account_id", "due_on", "ends").join(called, on="account_id", how="inner")
    in_time = (nw.col("_on") < nw.col("ends")) | ((nw.col("_on") == nw.col("ends")) & (nw.col("_hour") < hours))
    found = pairs.filter((nw.col("_on") >= nw.col("due_on")) & in_time).select("promise_id").unique()
    marked = promises.join(found.with_columns(called=ONE), on="promise_id", how="left")
    return marked.with_columns(nw.col("called").fill_null(0))


def _plans(data: Data) -> Frame:
    """Plans agreed with the customer on the telephone or at a visit: agent_id, account_id, day."""
    found: list[Frame] = []
    for table, (result, at) in PLANS.items():
        if data.has(table, "account_id", "agent_id", result, at):
            rows = data.table(table, "agent_id", "account_id", result, at).filter(nw.col(result) == "plan_agreed")
            found.append(rows.select("agent_id", "account_id", nw.col(at).dt.date().alias("day")))
    if not found:
        raise MissingError(tuple(f"{table}.{result}" for table, (result, _) in PLANS.items()))
    plans = nw.concat(found, how="vertical")
    return plans.filter((nw.col("day") <= data.as_of) & ~nw.col("account_id").is_null())


def plans_agreed(data: Data) -> Facts:
    """Plans agreed in calls and visits, one a day for an account."""
    return Facts(_plans(data).with_columns(numerator=ONE), once=("account_id",))


def plan_rate(data: Data) -> Facts:
    """Plans agreed, of right-party calls and of visits that met the customer.

    Whether an instalment is what the customer can pay is not to be said: the tables know nobody's income. `plans_kept`
    shows what became of the plans.
    """
    columns = ("agent_id", "day", "account_id", "numerator", "denominator")
    plans = _plans(data).unique().with_columns(numerator=ONE, denominator=NOTHING)
    parts = [plans.select(*columns)]
    for table, at, met in (("calls", "started_at", nw.col("right_party")), ("visits", "visited_at", MET)):
        column = "right_party" if table == "calls" else "met"
        if data.has(table, "account_id", "agent_id", at, column):
            rows = data.table(table, "agent_id", "account_id", at, column).filter(met)
            dated = rows.with_columns(day=nw.col(at).dt.date(), numerator=NOTHING, denominator=ONE)
            parts.append(dated.filter(nw.col("day") <= data.as_of).select(*columns))
    if len(parts) == 1:
        raise MissingError(("calls.right_party", "visits.met"))
    return Facts(nw.concat(parts, how="vertical"))


def plans_kept(data: Data) -> Facts:
    """Instalments of plans kept of those due, each as a promise of its own, however far ahead it is due.

    The tables have no number of a plan: its instalments are the promises that its agent took down for the account on
    the day on which it was agreed. Every promise of the account has its place in line for the money.
    """
    plans = _plans(data).unique().with_columns(counts=ONE)
    made = _given_up(_made(data)).unique(
        subset=["account_id", "due_on"], keep="first", order_by=("given_up", "made_at", "promise_id")
    )
    promises = made.join(plans, on=["agent_id", "account_id", "day"], how="left")
    counted = promises.with_columns(nw.col("counts").fill_null(0))
    judged = partial(_by_due_day, data, counted)
    return _of_due(judged(), partial(judged, by_account=True), "kept", "due")


PROMISES: dict[str, Rule] = {
    "ptp_count": ptp_count,
    "ptp_amount": ptp_amount,
    "ptp_rate": ptp_rate,
    "ptp_conversion": ptp_conversion,
    "ptp_conversion_value": ptp_conversion_value,
    "ptp_part_kept": ptp_part_kept,
    "promise_followup": promise_followup,
    "plans_agreed": plans_agreed,
    "plan_rate": plan_rate,
    "plans_kept": plans_kept,
}
