"""Days of credit on accounts: what was bought, what was left at the end of each day, and the days without any.

Balances are not written out day by day: between two points a balance falls by one a day, so that the stretches without
credit follow from the points alone.
"""

from collections.abc import Sequence

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.kpis.days import number_of
from toolkit.kpis.facts import MILLION
from toolkit.rows import Frame, floor_div

PAID = {"kind": nw.String, "credits_kind": nw.String, "reverses": nw.String}


def millionths(text: nw.Expr) -> nw.Expr:
    """Decimals as they are read (text) in millionths."""
    return (text.cast(nw.Decimal(18, 6)) * MILLION).cast(nw.Int64)


def credits_of(data: Data, kinds: Sequence[str]) -> Frame:
    """account_id, on (day number), kind, credits_kind and credits (millionths) of every payment of credits.

    kinds: of credits_kind; without one, credits were bought. A reversal takes back, on its own day, the part of the
    credits that it takes of the money; `taken_of` is the day of the payment that it takes back.
    """
    rows = data.table("payments", "payment_id", "account_id", "paid_at", "amount", "credits", **PAID)
    found = rows.with_columns(
        on=number_of(nw.col("paid_at").dt.date()),
        credits=millionths(nw.col("credits")).fill_null(0),
        credits_kind=nw.col("credits_kind").fill_null("bought"),
        taken_of=number_of(nw.col("paid_at").dt.date()),
    )
    columns = ["account_id", "on", "kind", "credits_kind", "credits", "taken_of"]
    whole = found.filter(nw.col("reverses").is_null() & nw.col("credits_kind").is_in(list(kinds)))
    back = found.filter(~nw.col("reverses").is_null()).select("reverses", "on", back="amount")
    taken = whole.drop("on").join(back, left_on="payment_id", right_on="reverses", how="inner")
    part = floor_div(nw.col("credits") * nw.col("back"), nw.col("amount"))
    of_money = taken.filter(nw.col("amount") > 0).with_columns(credits=part)
    return nw.concat([whole.select(columns), of_money.select(columns)], how="vertical")


def balances(data: Data) -> Frame:
    """account_id, on (day number) and balance (millionths, at the day's end) wherever it did more than fall by a day.

    From credit_days; where that table is missing, credits of any kind so far less the days since activation.
    """
    started = data.table("accounts", "account_id", "activated_on").select(
        "account_id", start=number_of(nw.col("activated_on"))
    )
    if data.has("credit_days"):
        known = data.table("credit_days", "account_id", "day", "credit_balance").join(
            started, on="account_id", how="inner"
        )
        points = known.with_columns(on=number_of(nw.col("day")), balance=millionths(nw.col("credit_balance")))
        return points.filter(nw.col("on") >= nw.col("start")).select("account_id", "on", "balance")
    came = credits_of(data, ("bought", "free", "borrowed")).join(started, on="account_id", how="inner")
    # what was paid before the first day is there on the first day
    dated = came.select("account_id", "start", "credits", on=nw.max_horizontal("on", "start"))
    begun = started.select("account_id", "start", credits=nw.lit(0, nw.Int64), on=nw.col("start"))
    days = nw.concat([dated, begun], how="vertical").group_by("account_id", "start", "on").agg(nw.col("credits").sum())
    total = nw.col("credits").cast(nw.Int64).cum_sum().over("account_id", order_by="on").cast(nw.Int64)
    return days.select("account_id", "on", balance=total - (nw.col("on") - nw.col("start")) * MILLION)


def without_credit(points: Frame, last: Frame) -> Frame:
    """Stretches of days that end without credit: account_id, first and last (day numbers).

    points: as `balances` gives them. last: account_id and `end`, the last day that is looked at. A day is without
    credit if its balance is zero or less.
    """
    inside = points.join(last, on="account_id", how="inner").filter(nw.col("on") <= nw.col("end"))
    whole_days = floor_div(nw.col("balance") + (MILLION - 1), nw.lit(MILLION, nw.Int64))
    left = nw.when(nw.col("balance") > 0).then(whole_days).otherwise(nw.lit(0, nw.Int64))
    following = nw.col("on").shift(-1).over("account_id", order_by="on") - 1
    stretches = inside.with_columns(first=nw.col("on") + left, last=following.fill_null(nw.col("end")))
    return stretches.filter(nw.col("first") <= nw.col("last")).select("account_id", "first", "last", "end")


def runs(stretches: Frame) -> Frame:
    """Stretches that follow each other without a gap as one: account_id, first, last and end."""
    before = nw.col("last").shift(1).over("account_id", order_by="first")
    begins = nw.when(before.is_null() | (nw.col("first") > before + 1)).then(nw.lit(1, nw.Int64))
    marked = stretches.with_columns(begins=begins.otherwise(nw.lit(0, nw.Int64)))
    numbered = marked.with_columns(run=nw.col("begins").cum_sum().over("account_id", order_by="first"))
    return (
        numbered.group_by("account_id", "run")
        .agg(nw.col("first").min(), nw.col("last").max(), nw.col("end").max())
        .drop("run")
    )
