"""Things that somebody should look at, listed and not held against anybody: most have a harmless cause.

One row each: kind, agent_id (whose it concerns, if anybody's), account_id, day, reference (the payment, call, visit or
number) and customers (how many it concerns). Each kind is listed as far as its tables and columns are there.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import Facts, Rule
from toolkit.kpis.rounds import same_places

SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("kind", "agent_id", "account_id"), pl.String), "day": pl.Date, "reference": pl.String,
    "customers": pl.Int64,
}  # fmt: skip
PAID = ("payment_id", "account_id", "paid_at", "amount")
SUBSCRIBER_DIGITS = 9
GAPS_KNOWN = 3
"""Payments before the last one from which a customer's usual gap is taken."""


def irregularities(data: Data) -> pl.DataFrame:
    """All that the tables show, by day and kind."""
    found = [pl.DataFrame(schema=SCHEMA)]
    for kind, look in KINDS.items():
        try:
            rows = look(data)
        except MissingError:
            continue
        empty = [pl.lit(None, of).alias(name) for name, of in SCHEMA.items() if name not in {*rows.columns, "kind"}]
        listed = rows.with_columns(empty).with_columns(kind=pl.lit(kind), customers=pl.col("customers").fill_null(1))
        found.append(listed.select(pl.col(name).cast(of) for name, of in SCHEMA.items()))
    return pl.concat(found).filter(pl.col("day") <= data.as_of).sort("day", "kind", "reference", "account_id")


def _table(data: Data, name: str, *columns: str, **optional: Any) -> pl.DataFrame:
    rows = eager(data.table(name, *columns, **optional)).to_polars()
    return rows.with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))


def _payments(data: Data, *columns: str, **optional: Any) -> pl.DataFrame:
    rows = _table(data, "payments", *PAID, *columns, **{"reverses": nw.String, **optional})
    return rows.with_columns(day=pl.col("paid_at").dt.date())


def one_payer_of_many(data: Data) -> pl.DataFrame:
    """One payer's number that paid for `payer_of_many` customers or more; on the day of the last of them."""
    accounts = _table(data, "accounts", "account_id", "customer_id")
    paid = _payments(data, "payer_phone").filter(pl.col("payer_phone").is_not_null() & (pl.col("amount") > 0))
    numbers = paid.join(accounts, on="account_id").group_by(number=_subscriber("payer_phone"))
    counted = numbers.agg(
        pl.col("day").max(),
        reference=pl.col("payer_phone").min(),
        customers=pl.col("customer_id").n_unique().cast(pl.Int64),
    )
    return counted.filter(pl.col("customers") >= data.definitions.payer_of_many)


def agents_number(data: Data) -> pl.DataFrame:
    """Payments from the number of somebody who works here, and accounts that have such a number as the customer's."""
    own = _table(data, "agents", "agent_id", "msisdn").drop_nulls().unique()
    numbers = own.select("agent_id", number=_subscriber("msisdn"))
    found = []
    payments = _payments(data, payer_phone=nw.String).filter(pl.col("payer_phone").is_not_null())
    by_phone = payments.with_columns(number=_subscriber("payer_phone")).join(numbers, on="number")
    found.append(by_phone.select("agent_id", "account_id", "day", reference="payment_id"))
    accounts = _table(data, "accounts", "account_id", "activated_on", phones=nw.String).drop_nulls()
    each = accounts.with_columns(phone=pl.col("phones").str.split(";")).explode("phone")
    named = each.with_columns(number=_subscriber("phone")).join(numbers, on="number")
    found.append(
        named.select("agent_id", "account_id", day="activated_on", reference=pl.col("phone").str.strip_chars())
    )
    return pl.concat(found)


def _subscriber(column: str) -> pl.Expr:
    """The digits by which a number is the same, whether it is written with the country's or with a zero."""
    return pl.col(column).str.replace_all(r"\D", "").str.slice(-SUBSCRIBER_DIGITS)


def taken_back_after_payday(data: Data) -> pl.DataFrame:
    """Payments of one month taken back in the first `after_payday_days` days of the next, once counted."""
    rows = _payments(data, "reverses")
    back = rows.filter(pl.col("reverses").is_not_null()).select("account_id", "day", "payment_id", "reverses")
    first = rows.select(reverses="payment_id", paid_on="day")
    pairs = back.join(first, on="reverses")
    month, day = pl.col("day").dt.truncate("1mo"), pl.col("day")
    next_month = pl.col("paid_on").dt.truncate("1mo").dt.offset_by("1mo") == month
    soon = day.dt.day() <= data.definitions.after_payday_days
    owners = eager(data.payments.select("payment_id", "agent_id")).to_polars()
    listed = pairs.filter(next_month & soon).join(owners, left_on="reverses", right_on="payment_id", how="left")
    return listed.select("agent_id", "account_id", "day", reference="reverses")


def reassigned_before_payment(data: Data) -> pl.DataFrame:
    """Payments that came at most `reassigned_days` after the account had got another owner; the new owner's."""
    owners = _table(data, "assignments", "account_id", "agent_id", "assigned_on").sort("assigned_on", "agent_id")
    before = owners.with_columns(_before=pl.col("agent_id").shift(1).over("account_id"))
    moved = before.filter(pl.col("_before").is_not_null() & (pl.col("_before") != pl.col("agent_id")))
    paid = _payments(data).filter(pl.col("amount") > 0)
    since = pl.col("day") - pl.col("assigned_on")
    soon = (since >= timedelta()) & (since <= timedelta(days=data.definitions.reassigned_days))
    return (
        paid.join(moved, on="account_id").filter(soon).select("agent_id", "account_id", "day", reference="payment_id")
    )


def copied_places(data: Data) -> pl.DataFrame:
    """Visits at the place, to the last digit, of the agent's visit before to another customer."""
    return same_places(data).select("agent_id", "account_id", "day", reference="visit_id")


def wrong_number_on_good_account(data: Data) -> pl.DataFrame:
    """Calls noted as wrong number on an account whose customer had been spoken to, or had paid, within
    `known_good_days` before."""
    columns = ("call_id", "agent_id", "account_id", "started_at", "disposition")
    calls = _table(data, "calls", *columns, right_party=nw.Boolean).with_columns(day=pl.col("started_at").dt.date())
    wrong = calls.filter(pl.col("disposition") == "wrong_number")
    spoken = calls.filter(pl.col("right_party").fill_null(False)).select("account_id", at="started_at")
    known = [spoken]
    if data.has("payments", *PAID):
        known.append(_payments(data).filter(pl.col("amount") > 0).select("account_id", at="paid_at"))
    pairs = wrong.join(pl.concat([one.cast({"at": pl.Datetime("us")}) for one in known]), on="account_id")
    days = pl.col("day") - pl.col("at").dt.date()
    good = pairs.filter(
        (pl.col("at") < pl.col("started_at")) & (days <= timedelta(days=data.definitions.known_good_days))
    )
    return good.select("agent_id", "account_id", "day", reference="call_id").unique()


def cash_of_agents(data: Data) -> pl.DataFrame:
    """Payments in cash (`cash_channels`) that somebody here handed in: the source names an agent, or one posted it."""
    paid = _payments(data, "channel", agent_id=nw.String, posted_by=nw.String).filter(pl.col("amount") > 0)
    people = _table(data, "agents", "agent_id")["agent_id"].unique().to_list()
    who = pl.coalesce("agent_id", pl.when(pl.col("posted_by").is_in(people)).then(pl.col("posted_by")))
    words = [word.casefold() for word in data.definitions.cash_channels]
    in_cash = pl.col("channel").str.to_lowercase().is_in(words)
    listed = paid.filter(in_cash).with_columns(agent_id=who).filter(pl.col("agent_id").is_not_null())
    return listed.select("agent_id", "account_id", "day", reference="payment_id")


def never_paid(data: Data) -> pl.DataFrame:
    """Open accounts without a payment since their activation more than `unpaid_days` ago; on the day the data stand."""
    accounts = _table(data, "accounts", "account_id", "activated_on", closed_on=nw.Date)
    paid = _payments(data).filter(pl.col("amount") > 0).select("account_id").unique()
    age = pl.lit(data.as_of) - pl.col("activated_on")
    late = (age > timedelta(days=data.definitions.unpaid_days)) & pl.col("closed_on").is_null()
    rows = accounts.join(paid, on="account_id", how="anti").filter(late)
    return rows.select("account_id", day=pl.lit(data.as_of), reference="account_id")


def pattern_broken(data: Data) -> pl.DataFrame:
    """Open accounts without a payment for more than `gaps_too_long` times the longest gap between their last payments;
    of customers with at least four payments."""
    accounts = _table(data, "accounts", "account_id", closed_on=nw.Date).filter(pl.col("closed_on").is_null())
    paid = _payments(data).filter((pl.col("amount") > 0) & (pl.col("day") <= data.as_of))
    days = paid.select("account_id", "day").unique().sort("account_id", "day")
    gaps = days.with_columns(gap=(pl.col("day") - pl.col("day").shift(1).over("account_id")).dt.total_days())
    last = gaps.group_by("account_id").agg(
        pl.col("gap").drop_nulls().tail(GAPS_KNOWN).max(),
        pl.col("gap").drop_nulls().len().alias("known"),
        pl.col("day").max(),
    )
    since = (pl.lit(data.as_of) - pl.col("day")).dt.total_days()
    too_long = (pl.col("known") >= GAPS_KNOWN) & (since > pl.col("gap") * data.definitions.gaps_too_long)
    rows = last.filter(too_long).join(accounts, on="account_id", how="semi")
    return rows.select("account_id", day=pl.lit(data.as_of), reference="account_id")


def taken_back(data: Data) -> pl.DataFrame:
    """Payments that were taken back."""
    rows = _payments(data, "reverses").filter(pl.col("reverses").is_not_null())
    owners = eager(data.payments.select("payment_id", "agent_id")).to_polars()
    return rows.join(owners, on="payment_id", how="left").select("agent_id", "account_id", "day", reference="reverses")


KINDS: Mapping[str, Callable[[Data], pl.DataFrame]] = {
    "one_payer_of_many": one_payer_of_many,
    "agents_number": agents_number,
    "taken_back": taken_back,
    "taken_back_after_payday": taken_back_after_payday,
    "reassigned_before_payment": reassigned_before_payment,
    "copied_places": copied_places,
    "wrong_number_on_good_account": wrong_number_on_good_account,
    "cash_of_agents": cash_of_agents,
    "never_paid": never_paid,
    "pattern_broken": pattern_broken,
}


def irregularities_to_review(data: Data) -> Facts:
    """How many things there are to look at (`irregularities` lists them), by the day on which they show."""
    data.need("payments", *PAID)
    rows = irregularities(data).select("agent_id", "day", numerator=pl.lit(1, pl.Int64))
    return Facts(nw.from_native(rows))


IRREGULAR: dict[str, Rule] = {"irregularities_to_review": irregularities_to_review}
