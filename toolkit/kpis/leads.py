"""KPIs of the daily lists: are they worked through, are they the right customers, and what came of them?

Whoever should not be called (opted out, legal hold) is not told apart in the tables, so it is not left out here.
"""

import narwhals as nw

from toolkit.kpis.calls import long_enough, outbound
from toolkit.kpis.credits import balances, runs, without_credit
from toolkit.kpis.data import Data, eager
from toolkit.kpis.days import NEVER, SECONDS_A_DAY, assigned, days_after, number, number_of, second_of, second_of_day
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.periods import is_working_day, next_working_day
from toolkit.rows import Frame

LEAD = ["agent_id", "day", "account_id"]
CLOSED = ["paid_off", "returned", "repossessed", "written_off"]
ONE, NONE = nw.lit(1, nw.Int64), nw.lit(0, nw.Int64)


def lists(data: Data) -> Frame:
    """Each lead once a day: agent_id, account_id, day and withdrawn (`second_of`; never where one of its rows stays).

    A lead loaded from `leads_roll_over_at` o'clock on belongs to the next working day, if not to a later one.
    """
    times = [name for name in ("loaded_at", "withdrawn_at") if data.has("leads", name)]
    rows = data.table("leads", "lead_on", "agent_id", "account_id", *times)
    day, withdrawn = nw.col("lead_on"), nw.lit(NEVER * SECONDS_A_DAY, nw.Int64)
    if "loaded_at" in times:
        ready = _ready_on(rows, data)
        day = nw.when(ready > day).then(ready).otherwise(day)
    if "withdrawn_at" in times:
        withdrawn = second_of(nw.col("withdrawn_at"))
    return rows.with_columns(day=day, withdrawn=withdrawn).group_by(LEAD).agg(nw.col("withdrawn").max())


def _ready_on(rows: Frame, data: Data) -> nw.Expr:
    """The day on which a lead can be worked: the one on which it was loaded, or the next working day."""
    loaded = nw.col("loaded_at").dt.date()
    late = second_of_day(nw.col("loaded_at")) >= data.definitions.leads_roll_over_at * 3600
    ready = loaded
    for days, evenings in _days_off_after(rows.filter(late).select(day=loaded), data).items():
        ready = nw.when(late & number_of(loaded).is_in(evenings)).then(days_after(loaded, days)).otherwise(ready)
    return ready


def _days_off_after(rows: Frame, data: Data) -> dict[int, list[int]]:
    """In how many days work goes on, with the numbers of the days of which this is true."""
    found: dict[int, list[int]] = {}
    for day in eager(rows.filter(~nw.col("day").is_null()).unique())["day"].to_list():
        coming = next_working_day(day, lambda one: is_working_day(one, data.country, data.working_week))
        found.setdefault((coming - day).days, []).append(number(day))
    return found


def _allocated(data: Data) -> Frame:
    """The lists with `first`, the second of the agent's own first attempt on the day, without leads withdrawn before.

    An attempt has a disposition; several calls to a lead are one lead worked.
    """
    tried = outbound(data, "account_id", "disposition").filter(
        long_enough(data) & ~nw.col("disposition").is_null() & ~nw.col("account_id").is_null()
    )
    attempts = tried.with_columns(first=second_of(nw.col("started_at"))).group_by(LEAD).agg(nw.col("first").min())
    rows = lists(data).join(attempts, on=LEAD, how="left")
    by_day_end = nw.col("withdrawn") < (number_of(nw.col("day")) + 1) * SECONDS_A_DAY
    before = nw.col("withdrawn") < nw.col("first").fill_null(NEVER * SECONDS_A_DAY)
    return rows.filter(~(by_day_end & before))


def penetration_rate(data: Data) -> Facts:
    """Leads with an attempt of the agent and a disposition on their day, of those not withdrawn before it.

    The days of a month add up, so that a lead that comes again on another day is one of that day. Leads for days to
    come are waiting.
    """
    past = nw.col("day") <= data.as_of
    worked = past & ~nw.col("first").is_null()
    return Facts(
        _allocated(data).with_columns(numerator=yes(worked), denominator=yes(past), waiting=1 - yes(past)),
    )


def distinct_penetration(data: Data) -> Facts:
    """Accounts on an agent's lists in a calendar month that the agent worked on any of their days, each once however
    often it came again; on the first of these days. Recycled leads make the month's penetration no better here."""
    day = nw.col("day")
    past = _allocated(data).filter(day <= data.as_of)
    monthly = past.with_columns(
        month=day.dt.year().cast(nw.Int64) * 12 + day.dt.month(), _worked=yes(~nw.col("first").is_null())
    )
    each = monthly.group_by("agent_id", "account_id", "month").agg(day.min(), nw.col("_worked").max())
    return Facts(each.with_columns(numerator=nw.col("_worked"), denominator=ONE))


def unworked_lead_age(data: Data) -> Facts:
    """Days since the oldest lead of an account that the agent has not tried since, of accounts with such leads; on the
    last day that the data know of. Withdrawn leads are none."""
    never = nw.lit(NEVER * SECONDS_A_DAY, nw.Int64)
    past = lists(data).filter((nw.col("day") <= data.as_of) & (nw.col("withdrawn") >= never))
    tried = outbound(data, "account_id").filter(long_enough(data) & (nw.col("day") <= data.as_of))
    last = tried.group_by("agent_id", "account_id").agg(tried=nw.col("day").max())
    known = past.join(last, on=["agent_id", "account_id"], how="left")
    since = known.filter(nw.col("tried").is_null() | (nw.col("day") > nw.col("tried")))
    oldest = since.group_by("agent_id", "account_id").agg(nw.col("day").min())
    age = number(data.as_of) - number_of(nw.col("day"))
    rows = oldest.with_columns(numerator=age, denominator=ONE).with_columns(day=nw.lit(data.as_of, nw.Date))
    return Facts(rows.select("agent_id", "day", "numerator", "denominator"), stock="closing")


def touches_per_lead(data: Data) -> Facts:
    """The agent's own calls and messages to a lead on its day, of the leads allocated."""
    leads = _allocated(data).filter(nw.col("day") <= data.as_of).select(LEAD)
    calls = outbound(data, "account_id").filter(long_enough(data)).select(LEAD)
    touches = [calls]
    if data.has("messages", "account_id", "agent_id", "sent_at"):
        sent = data.table("messages", "account_id", "agent_id", "sent_at").with_columns(day=nw.col("sent_at").dt.date())
        touches.append(sent.filter(~nw.col("agent_id").is_null()).select(LEAD))
    known = nw.concat(touches, how="vertical").filter(~nw.col("account_id").is_null())
    rows = leads.join(known.group_by(LEAD).agg(touches=nw.len()), on=LEAD, how="left")
    return Facts(rows.with_columns(numerator=nw.col("touches").fill_null(0).cast(nw.Int64), denominator=ONE))


def return_rate(data: Data) -> Facts:
    """Devices returned, of accounts on the agent's lists (each once a calendar month).

    A return counts on its day for the agent whose list had the account last, at most `conversion_window_days` before. A
    customer who comes back is active again, and no longer returned.
    """
    day = nw.col("day")
    past = lists(data).filter(day <= data.as_of).with_columns(month=day.dt.year().cast(nw.Int64) * 12 + day.dt.month())
    led = past.group_by("agent_id", "account_id", "month").agg(day.min())
    rows = led.select("agent_id", "day", numerator=NONE, denominator=ONE)
    accounts = data.table("accounts", "account_id", "status", "closed_on")
    back = accounts.filter((nw.col("status") == "returned") & (nw.col("closed_on") <= data.as_of))
    since = number_of(nw.col("closed_on")) - number_of(day)
    asked = back.join(past.select(LEAD), on="account_id", how="inner").with_columns(since=since)
    recent = asked.filter((nw.col("since") >= 0) & (nw.col("since") <= data.definitions.conversion_window_days))
    last = recent.group_by("account_id", "closed_on").agg(nw.col("since").min())
    whose = recent.join(last, on=["account_id", "closed_on", "since"], how="inner")
    one = whose.group_by("account_id", "closed_on").agg(nw.col("agent_id").min())
    returned = one.select("agent_id", nw.col("closed_on").alias("day"), numerator=ONE, denominator=NONE)
    return Facts(nw.concat([rows, returned], how="vertical"))


def _eligible(data: Data) -> Frame:
    """account_id, first and last: the days (numbers) on which an account, as the day begins, has been without a
    payment, or without credit, for more than `unpaid_days`. Accounts that are closed are not; those in default are."""
    today = number(data.as_of)
    columns = data.table("accounts", "account_id", "activated_on", status=nw.String, closed_on=nw.Date)
    shut = nw.col("status").is_in(CLOSED).fill_null(False) & nw.col("closed_on").is_null()
    accounts = columns.filter(~shut).with_columns(
        start=number_of(nw.col("activated_on")),
        end=nw.min_horizontal(number_of(nw.col("closed_on")), nw.lit(today, nw.Int64)),
    )
    found = _unpaid(data, accounts) if data.definitions.unpaid_basis == "no_payment" else _no_credit(data, accounts)
    # what comes in on a day is not known as it begins, so that the day after the run belongs to it
    days = found.select(
        "account_id",
        first=nw.col("first") + data.definitions.unpaid_days,
        last=nw.min_horizontal(nw.col("last") + 1, nw.col("end")),
    )
    # in memory: a lazy engine would find them anew wherever they are looked at
    return eager(days.filter(nw.col("first") <= nw.col("last")))


def _no_credit(data: Data, accounts: Frame) -> Frame:
    return runs(without_credit(balances(data), accounts.select("account_id", "end")))


def _unpaid(data: Data, accounts: Frame) -> Frame:
    """Runs of days without a payment; a payment that was taken back is none."""
    rows = data.table("payments", "payment_id", "account_id", "paid_at", "amount", reverses=nw.String)
    taken = rows.filter(~nw.col("reverses").is_null()).select(payment_id="reverses").unique()
    paid = rows.filter(nw.col("amount") > 0).join(taken, on="payment_id", how="anti")
    paid_on = paid.select("account_id", on=number_of(nw.col("paid_at").dt.date()))
    begun = accounts.select("account_id", on=nw.col("start"))
    days = nw.concat([paid_on, begun], how="vertical").unique()
    known = days.join(accounts.select("account_id", "start", "end"), on="account_id", how="inner")
    inside = known.filter((nw.col("start") <= nw.col("on")) & (nw.col("on") <= nw.col("end")))
    following = nw.col("on").shift(-1).over("account_id", order_by="on") - 1
    return inside.select("account_id", "end", first=nw.col("on") + 1, last=following.fill_null(nw.col("end")))


def _with_eligible(data: Data, eligible: Frame) -> Frame:
    """The leads of the days so far, with `on` (the day's number) and `fits`: 1 where the account was eligible."""
    past = lists(data).filter(nw.col("day") <= data.as_of)
    leads = eager(past.select(*LEAD, on=number_of(nw.col("day"))))
    pairs = leads.join(eligible, on="account_id", how="inner")
    fits = pairs.filter((nw.col("first") <= nw.col("on")) & (nw.col("on") <= nw.col("last")))
    marked = fits.select(LEAD).unique().with_columns(fits=ONE)
    return leads.join(marked, on=LEAD, how="left").with_columns(nw.col("fits").fill_null(0))


def lead_precision(data: Data) -> Facts:
    """Leads whose customers had not paid for more than `unpaid_days` as the day began, of all leads loaded."""
    return Facts(_with_eligible(data, _eligible(data)).with_columns(numerator=nw.col("fits"), denominator=ONE))


def lead_recall(data: Data) -> Facts:
    """Customers who had not paid for more than `unpaid_days` and were on a list, of all such, on days with lists.

    They are the owners', as far as these are people who get leads; everybody's sum has those without an owner too.
    """
    eligible = _eligible(data)
    leads = _with_eligible(data, eligible)
    listed = leads.select("day", "on").unique()
    loaded = leads.filter(nw.col("fits") == 1).select("account_id", "on").unique()
    found = loaded.with_columns(agent_id=nw.lit("", nw.String)).select("agent_id", "on")
    stretches = eligible.select("first", "last", agent_id=nw.lit("", nw.String)).select("agent_id", "first", "last")
    if data.has("assignments"):
        owners = eager(assigned(data)).join(leads.select("agent_id").unique(), on="agent_id", how="inner")
        stretches = nw.concat([stretches, _owned(eligible, owners)], how="vertical")
        found = nw.concat([found, _owned_on(loaded, owners)], how="vertical")
    hits = found.group_by("agent_id", "on").agg(hits=nw.len())
    counts = _open_on(stretches, listed).join(hits, on=["agent_id", "on"], how="left")
    return Facts(_rest_is_nobodys(counts.with_columns(numerator=nw.col("hits").fill_null(0).cast(nw.Int64))))


def _owned(stretches: Frame, owners: Frame) -> Frame:
    """The part of each stretch in which somebody owned the account."""
    pairs = stretches.join(owners, on="account_id", how="inner").select(
        "agent_id",
        first=nw.max_horizontal("first", "owned_from"),
        last=nw.min_horizontal("last", "owned_to"),
    )
    return pairs.filter(nw.col("first") <= nw.col("last"))


def _owned_on(days: Frame, owners: Frame) -> Frame:
    pairs = days.join(owners, on="account_id", how="inner")
    held = pairs.filter((nw.col("owned_from") <= nw.col("on")) & (nw.col("on") <= nw.col("owned_to")))
    return held.select("agent_id", "on")


def _open_on(stretches: Frame, listed: Frame) -> Frame:
    """How many stretches are open on each of the days: one more where one begins, one fewer after its end."""
    begins = stretches.select("agent_id", on=nw.col("first"), step=ONE)
    ends = stretches.select("agent_id", on=nw.col("last") + 1, step=nw.lit(-1, nw.Int64))
    grid = stretches.select("agent_id").unique().join(listed, how="cross")
    looked_at = grid.select("agent_id", "on", step=NONE)
    steps = nw.concat([begins, ends, looked_at], how="vertical").group_by("agent_id", "on").agg(nw.col("step").sum())
    summed = steps.with_columns(
        denominator=nw.col("step").cast(nw.Int64).cum_sum().over("agent_id", order_by="on").cast(nw.Int64)
    )
    return grid.join(summed.select("agent_id", "on", "denominator"), on=["agent_id", "on"], how="left")


def _rest_is_nobodys(counts: Frame) -> Frame:
    """Nobody's is the whole ("") less what is somebody's, so that all add up to the whole also where two own one."""
    parts = ["day", "numerator", "denominator"]
    owned = counts.filter(nw.col("agent_id") != "")
    nobody = nw.lit(None, nw.String).alias("agent_id")
    whole = counts.filter(nw.col("agent_id") == "").select(nobody, *parts)
    less = owned.select(nobody, "day", -nw.col("numerator"), -nw.col("denominator"))
    return nw.concat([owned.select("agent_id", *parts), whole, less], how="vertical")


LEADS: dict[str, Rule] = {
    "penetration_rate": penetration_rate,
    "distinct_penetration": distinct_penetration,
    "unworked_lead_age": unworked_lead_age,
    "touches_per_lead": touches_per_lead,
    "return_rate": return_rate,
    "lead_recall": lead_recall,
    "lead_precision": lead_precision,
}
