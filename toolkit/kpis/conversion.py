"""Conversion of the lists: customers who bought enough credit, within a window, to pay faster than before."""

import narwhals as nw

from toolkit.kpis.credits import credits_of, millionths
from toolkit.kpis.data import Data, eager
from toolkit.kpis.days import days_after, number, number_of
from toolkit.kpis.facts import MILLION, Facts, Rule, yes
from toolkit.rows import Frame, floor_div

KEY = ["account_id", "on"]


def conversion_rate(data: Data) -> Facts:
    """Customers of a week's leads who bought the required credits within `conversion_window_days`.

    A customer counts with the first lead, and again only with one after that lead's window and week. Required are the
    lead's own required_credits, else more than the speed so far brings: floor(window x credits bought / days since
    activation) + 1, as (sd + c) / (d + w) > s exactly if c > sw; `required_credits_at_least` in any case. Bought are
    credits of the lead's account, less what was reversed since, on the lead's day and the days of the window after it;
    neither deposits nor free or borrowed ones. Paying off early converts. Leads withdrawn, returned or blocked stay in.
    """
    leads = _counted(_leads(data), data.definitions.conversion_window_days)
    bought = eager(_bought(data))
    asked = _required(leads, bought, data)
    converted = _converted(asked, bought, data)
    rows = asked.join(converted, on=KEY, how="left").join(_paid_off(leads, data), on=KEY, how="left")
    came_on = nw.min_horizontal("enough_on", "paid_off_on")
    open_yet = nw.col("closes") > number(data.as_of)
    counted = rows.with_columns(came_after=came_on - nw.col("on")).with_columns(
        numerator=yes(~open_yet & ~nw.col("came_after").is_null()),
        denominator=1 - yes(open_yet),
        waiting=yes(open_yet),
    )
    columns = ("agent_id", "account_id", "day", "cohort", "numerator", "denominator", "waiting", "came_after")
    return Facts(counted.select(*columns), window=data.definitions.conversion_window_days)


def _leads(data: Data) -> Frame:
    """One lead a customer and day, one not withdrawn if there is one, with the day on which its window closes."""
    optional = {"required_credits": nw.String, "withdrawn_at": nw.Datetime}
    leads = data.table("leads", "lead_on", "agent_id", "account_id", **optional)
    accounts = data.table("accounts", "account_id", "customer_id", "activated_on")
    days = data.definitions.conversion_window_days
    joined = eager(leads.join(accounts, on="account_id", how="inner")).with_columns(
        on=number_of(nw.col("lead_on")),
        gone=yes(~nw.col("withdrawn_at").is_null()),
        asked=millionths(nw.col("required_credits")),
        start=number_of(nw.col("activated_on")),
        cohort=nw.col("lead_on"),
        day=days_after(nw.col("lead_on"), days),
        week=nw.col("lead_on").dt.weekday().cast(nw.Int64),
    )
    first = joined.sort("gone", "agent_id", "account_id").unique(
        ["customer_id", "on"], keep="first", maintain_order=True
    )
    return first.with_columns(
        closes=nw.col("on") + days, busy_until=nw.max_horizontal(nw.col("on") + days, nw.col("on") + 7 - nw.col("week"))
    )


def _counted(leads: Frame, window: int) -> Frame:
    """A customer's first lead, then the first after its window, and so on: a round for each, over those left."""
    rounds, left = [leads.head(0)], leads
    while len(left):
        firsts = left.join(left.group_by("customer_id").agg(nw.col("on").min()), on=["customer_id", "on"], how="inner")
        rounds.append(firsts.select(leads.columns))
        until = firsts.select("customer_id", blocked=nw.col("busy_until"))
        left = left.join(until, on="customer_id", how="inner").filter(nw.col("on") > nw.col("blocked")).drop("blocked")
    return nw.concat(rounds, how="vertical")


def _bought(data: Data) -> Frame:
    """account_id, credits_on and credits, net of what was reversed since."""
    rows = credits_of(data, ("bought",))
    no_deposit = nw.col("kind").is_null() | (nw.col("kind") != "deposit")
    return rows.filter(no_deposit).select("account_id", "credits", credits_on=nw.col("taken_of"))


def _converted(asked: Frame, bought: Frame, data: Data) -> Frame:
    """account_id, on and `enough_on`, the day (number) from which the credits were enough and stayed so."""
    begun = asked.select(*KEY, "required", at=nw.col("on"), credits=nw.lit(0, nw.Int64))
    pairs = asked.select(*KEY, "closes", "required").join(bought, on="account_id", how="inner")
    known = nw.min_horizontal(nw.col("closes"), nw.lit(number(data.as_of), nw.Int64))
    inside = pairs.filter((nw.col("credits_on") <= known) & (nw.col("credits_on") >= nw.col("on")))
    came = inside.select(*KEY, "required", at=nw.col("credits_on"), credits=nw.col("credits"))
    by_day = nw.concat([begun, came], how="vertical").group_by(*KEY, "required", "at").agg(nw.col("credits").sum())
    so_far = by_day.with_columns(got=nw.col("credits").cum_sum().over(*KEY, order_by="at"))
    short = so_far.filter(nw.col("got") < nw.col("required")).group_by(KEY).agg(short_on=nw.col("at").max())
    after = so_far.join(short, on=KEY, how="left").filter(
        nw.col("short_on").is_null() | (nw.col("at") > nw.col("short_on"))
    )
    return after.group_by(KEY).agg(enough_on=nw.col("at").min())


def _sums(leads: Frame, bought: Frame, which: nw.Expr, name: str) -> Frame:
    """The credits of each lead's account up to the end of its window, as far as `which` says."""
    pairs = leads.select(*KEY, "closes").join(bought, on="account_id", how="inner")
    inside = pairs.filter((nw.col("credits_on") <= nw.col("closes")) & which)
    return inside.group_by(KEY).agg(nw.col("credits").sum().alias(name))


def _required(leads: Frame, bought: Frame, data: Data) -> Frame:
    """The leads with the credits required of each."""
    before = _sums(leads, bought, nw.col("credits_on") < nw.col("on"), "had")
    rows = leads.join(before, on=KEY, how="left").with_columns(days=nw.col("on") - nw.col("start"))
    has_days = nw.col("days") > 0
    days = nw.when(has_days).then(nw.col("days")).otherwise(nw.lit(1, nw.Int64))
    had = nw.when(has_days).then(nw.col("had").fill_null(0)).otherwise(nw.lit(0, nw.Int64))
    window = data.definitions.conversion_window_days
    faster = (floor_div(had * window, days * MILLION) + 1) * MILLION
    least = int(data.definitions.required_credits_at_least * MILLION)
    asked = nw.col("asked").fill_null(faster)
    return rows.with_columns(required=nw.max_horizontal(asked, nw.lit(least, nw.Int64)))


def _paid_off(leads: Frame, data: Data) -> Frame:
    """account_id, on and `paid_off_on` (day number) of leads whose account was paid off within the window."""
    kinds = data.table("payments", "account_id", "paid_at", "payment_id", kind=nw.String, reverses=nw.String)
    taken = kinds.filter(~nw.col("reverses").is_null()).select(payment_id="reverses").unique()
    last = kinds.filter((nw.col("kind") == "payoff") & nw.col("reverses").is_null())
    paid = last.join(taken, on="payment_id", how="anti").select("account_id", at=nw.col("paid_at").dt.date())
    accounts = data.table("accounts", "account_id", status=nw.String, closed_on=nw.Date)
    shut = accounts.filter((nw.col("status") == "paid_off") & (nw.col("closed_on") <= data.as_of))
    ends = nw.concat([eager(paid), eager(shut.select("account_id", at=nw.col("closed_on")))], how="vertical")
    pairs = (
        leads.select(*KEY, "closes").join(ends, on="account_id", how="inner").with_columns(at=number_of(nw.col("at")))
    )
    known = nw.min_horizontal(nw.col("closes"), nw.lit(number(data.as_of), nw.Int64))
    inside = pairs.filter((nw.col("on") <= nw.col("at")) & (nw.col("at") <= known))
    return inside.group_by(KEY).agg(paid_off_on=nw.col("at").min())


CONVERSION: dict[str, Rule] = {"conversion_rate": conversion_rate}
