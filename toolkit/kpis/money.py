"""KPIs of money: collected, of what was due or assigned; paid on time; credits bought."""

import narwhals as nw

from toolkit.kpis.bases import debt_placed, opening_arrears
from toolkit.kpis.data import ASSIGNED, Data, eager
from toolkit.kpis.days import until
from toolkit.kpis.facts import MILLION, Facts, Rule
from toolkit.kpis.ledger import (
    days_later,
    fallen_due,
    on_its_day,
    once_an_account,
    owned,
    received,
    standing,
)
from toolkit.rows import Frame


def _money(data: Data, rows: Frame, **settings: object) -> Facts:
    parts = 10**data.digits
    return Facts(rows, parts=parts, denominator_parts=parts, **settings)  # type: ignore[arg-type]


def collection_rate(data: Data) -> Facts:
    """Collected of what fell due, both for the account's owner of the day; may well be above 100 %.

    The kinds of `collected_kinds` only. With `collection_rate_base` due_and_arrears the arrears at the month's opening
    (`opening_arrears`) are part of the base. This is the operational collection rate of PAYGo PERFORM 2021, which the
    guide of 2026 says is never to be called a repayment rate.
    """
    data.need("assignments", *ASSIGNED)
    cash, due = on_its_day(received(data), numerator="amount"), on_its_day(fallen_due(data), denominator="amount")
    rows, once = once_an_account(data, nw.concat([cash, due], how="vertical"))
    if data.definitions.collection_rate_base == "due":
        return _money(data, rows, once=once)
    arrears, once_too = opening_arrears(data)
    return _money(data, rows, once=once, beside=_money(data, arrears, once=once_too))


def liquidation_rate(data: Data) -> Facts:
    """Collected since placement of the amount placed, in each month in which the account is placed and open.

    A month's figure is what that month's cash makes of the amount assigned; the bases of several months add up.
    """
    data.need("assignments", *ASSIGNED)
    base, once = debt_placed(data)
    placed = data.table("accounts", "account_id", "placed_on", "placed_amount").filter(nw.col("placed_amount") > 0)
    cash = received(data).join(placed, on="account_id", how="inner").filter(nw.col("day") >= nw.col("placed_on"))
    rows, once_too = once_an_account(data, on_its_day(cash, numerator="amount"))
    return _money(data, rows, once=once_too, beside=_money(data, base, once=once))


def collected(data: Data) -> Facts:
    """Cash of the kinds of `collected_kinds`, net: a reversal counts in its own month, for the agent of its payment."""
    data.need("payments", "kind")
    paid = with_first(data)
    by_posting = data.definitions.payment_day == "posting"
    at = nw.coalesce("posted_at", "paid_at") if by_posting else nw.col("paid_at")
    day_of = "" if by_posting else "paid_at"
    counts = nw.col("kind").is_in(list(data.definitions.collected_kinds)) & until(paid, day_of, data.as_of)
    rows = paid.filter(counts).with_columns(numerator=nw.col("amount"), hour=at.dt.hour().cast(nw.Int64))
    return Facts(rows, parts=10**data.digits, at=day_of)


def with_first(data: Data) -> Frame:
    """Payments, and reversals with the kind and the agent of the payment that they take back."""
    payments = data.payments
    if not data.has("payments", "reverses"):
        return payments
    first = payments.filter(nw.col("reverses").is_null())
    its = first.select(nw.col("payment_id").alias("reverses"), _kind="kind", _agent="agent_id")
    taken = payments.filter(~nw.col("reverses").is_null()).join(its, on="reverses", how="left")
    columns = payments.collect_schema().names()
    taken = taken.with_columns(kind=nw.coalesce("_kind", "kind"), agent_id=nw.coalesce("_agent", "agent_id"))
    taken = taken.select(columns)
    return nw.concat([first, taken], how="vertical")


def credits_bought(data: Data) -> Facts:
    """Days of credit bought, in millionths: not those given or borrowed, nor those of the deposit.

    A payoff counts at most what was left of the term. A reversal takes back what its payment counted, on its own day.
    """
    data.need("payments", "kind", "credits", "credits_kind")
    rows = with_first(data).filter(nw.col("day") <= data.as_of)
    first = rows.filter(nw.col("reverses").is_null() & (nw.col("credits_kind") == "bought"))
    bought = _within_term(data, first.with_columns(credits=_millionths("credits")))
    counted = bought.filter((nw.col("kind") != "deposit") | nw.col("kind").is_null())
    columns = ("agent_id", "account_id", "day", "numerator")
    before = counted.select(nw.col("payment_id").alias("reverses"), _was="numerator")
    taken = rows.filter(~nw.col("reverses").is_null()).join(before, on="reverses", how="inner")
    back = taken.with_columns(numerator=-_part_taken_back())
    return Facts(nw.concat([counted.select(*columns), back.select(*columns)], how="vertical"), parts=MILLION)


def _part_taken_back() -> nw.Expr:
    """The credits of the payment, or those that the reversal itself names, if they are fewer."""
    named = _millionths("credits")
    named = nw.when(named < 0).then(-named).otherwise(named)
    return nw.min_horizontal(nw.coalesce(named, nw.col("_was")), nw.col("_was"))


def _millionths(column: str) -> nw.Expr:
    """A decimal in text as a whole number of millionths; exact for six decimals."""
    return (nw.col(column).cast(nw.Float64) * MILLION).round().cast(nw.Int64)


def _within_term(data: Data, bought: Frame) -> Frame:
    """Adds `numerator`: the credits, for a payoff no more than the term has days left after all bought before."""
    if not data.has("accounts", "term_days"):
        return bought.with_columns(numerator=nw.col("credits"))
    terms = eager(data.table("accounts", "account_id", "term_days"))
    so_far = nw.col("credits").fill_null(0).cum_sum().over("account_id", order_by=["paid_at", "payment_id"])
    known = bought.with_columns(_far=so_far.cast(nw.Int64) - nw.col("credits")).join(terms, on="account_id", how="left")
    left = nw.max_horizontal(nw.col("term_days") * MILLION - nw.col("_far"), nw.lit(0, nw.Int64))
    capped = (nw.col("kind") == "payoff") & ~nw.col("term_days").is_null() & (nw.col("credits") > left)
    return known.with_columns(numerator=nw.when(capped).then(left).otherwise(nw.col("credits")).fill_null(0))


def _run_up(paid: Frame, due: Frame) -> Frame:
    """Dues and payments of each account in order of days, with all that was `paid` and was `due` until then.

    Payments of a day come before its dues: who pays on the due day pays on time.
    """
    zero, one = nw.lit(0, nw.Int64), nw.lit(1, nw.Int64)
    money = paid.select("account_id", "day", _step=zero, _paid=nw.col("amount"), amount=zero)
    asked = due.select("account_id", "day", _step=one, _paid=zero, amount=nw.col("amount"))
    both = nw.concat([money, asked], how="vertical").group_by("account_id", "day", "_step")
    steps = both.agg(nw.col("_paid").sum(), nw.col("amount").sum()).with_columns(
        nw.col("_paid", "amount").cast(nw.Int64)
    )
    order = ["day", "_step"]
    return steps.with_columns(
        paid=nw.col("_paid").cum_sum().over("account_id", order_by=order).cast(nw.Int64),
        due=nw.col("amount").cum_sum().over("account_id", order_by=order).cast(nw.Int64),
    )


def timely_repayment(data: Data) -> Facts:
    """Paid on or before the due day, of what fell due; payments are applied to the oldest due first.

    A payment that was taken back was never there.
    """
    steps = _run_up(standing(data, kinds=True), fallen_due(data)).filter(nw.col("_step") == 1)
    reached = nw.max_horizontal(nw.col("paid") - (nw.col("due") - nw.col("amount")), nw.lit(0, nw.Int64))
    in_time = steps.with_columns(_in_time=nw.min_horizontal(reached, nw.col("amount")))
    rows, once = once_an_account(data, on_its_day(in_time, numerator="_in_time", denominator="amount"))
    return _money(data, rows, once=once)


def repayment_rate(data: Data) -> Facts:
    """Paid of what was planned, since the beginning of every contract (PAYGo PERFORM 2026: RR paid versus plan).

    What is paid ahead of plan counts when it falls due; deposits, fees and penalties never do; arrears that are paid
    and contracts written off belong in it.
    """
    steps = _run_up(standing(data, kinds=True), fallen_due(data, written_off=True))
    met = steps.with_columns(_met=nw.min_horizontal("paid", "due"))
    before = nw.col("_met").shift(1).over("account_id", order_by=["day", "_step"])
    grown = met.with_columns(_more=(nw.col("_met") - before.fill_null(0)).cast(nw.Int64))
    rows, once = once_an_account(data, on_its_day(grown, numerator="_more", denominator="amount"))
    return _money(data, rows, once=once, stock="to_date")


def repayment_rate_90(data: Data) -> Facts:
    """Paid by the 90th day after activation of what was planned until then; cohorts by month of activation.

    Judged on the 90th day, for the owner of that day; what was paid ahead of plan does not count.
    """
    accounts = data.table("accounts", "account_id", "activated_on")
    begun = accounts.with_columns(day=days_later(nw.col("activated_on"), 90)).rename({"activated_on": "cohort"})
    over = begun.filter(nw.col("day") <= data.as_of)
    paid = _until_then(standing(data, kinds=True), over, "_paid")
    due = _until_then(fallen_due(data, written_off=True), over, "denominator")
    both = over.join(paid, on="account_id", how="left").join(due, on="account_id", how="left")
    sums = both.with_columns(nw.col("_paid", "denominator").fill_null(0).cast(nw.Int64), waiting=nw.lit(0, nw.Int64))
    judged = sums.with_columns(numerator=nw.min_horizontal("_paid", "denominator")).drop("_paid")
    zero = nw.lit(0, nw.Int64)
    young = begun.filter(nw.col("day") > data.as_of).with_columns(
        numerator=zero, denominator=zero, waiting=nw.lit(1, nw.Int64)
    )
    rows = nw.concat([judged, young.select(judged.collect_schema().names())], how="vertical")
    return _money(data, owned(data, rows), once=("account_id",))


def _until_then(rows: Frame, accounts: Frame, name: str) -> Frame:
    """The sum of the amounts until each account's day."""
    ends = accounts.select("account_id", nw.col("day").alias("_end"))
    early = rows.join(ends, on="account_id", how="inner").filter(nw.col("day") <= nw.col("_end"))
    return early.group_by("account_id").agg(nw.col("amount").sum().alias(name))


MONEY: dict[str, Rule] = {
    "collection_rate": collection_rate,
    "liquidation_rate": liquidation_rate,
    "collected": collected,
    "credits_bought": credits_bought,
    "timely_repayment": timely_repayment,
    "repayment_rate": repayment_rate,
    "repayment_rate_90": repayment_rate_90,
}
