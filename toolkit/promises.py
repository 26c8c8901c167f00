"""Promises to pay: open, kept, broken. One definition for credit, KPIs and commissions.

A promise is kept once the payments made after it reach its amount, on or before its due day plus the
days of grace. It is open until it is kept, cancelled, or that last day has passed. A payment counts
with what its reversals of the same period leave of it.
"""

import narwhals as nw

from toolkit.rows import Frame


def _with_payments(promises: Frame, payments: Frame, grace_days: int) -> Frame:
    """Pairs of a promise and each payment in its window, with what the earlier ones already brought in."""
    columns = ["promise_id", "account_id", "agent_id", "made_at", "amount", "cancelled_on"]
    with_last_day = promises.with_columns(_last=nw.col("due_on").dt.offset_by(f"{grace_days}d"))
    renamed = with_last_day.select(*columns, "_last").rename({"agent_id": "promised_to", "amount": "promised"})
    pairs = renamed.join(
        payments.select("seq", "account_id", "paid_at", "day", "counted"), on="account_id", how="inner"
    )
    in_window = pairs.filter((nw.col("paid_at") > nw.col("made_at")) & (nw.col("day") <= nw.col("_last"))).filter(
        nw.col("cancelled_on").is_null() | (nw.col("day") < nw.col("cancelled_on"))
    )
    return in_window.with_columns(
        brought=nw.col("counted").cum_sum().over("promise_id", order_by="seq").cast(nw.Int64)
    ).with_columns(before=nw.col("brought") - nw.col("counted"))


def open_at_payment(promises: Frame, payments: Frame, grace_days: int) -> Frame:
    """The promise that each payment answers: `seq`, `promise_id`, `agent_id`; the latest made, then the smaller id.

    payments: seq (unique, in order of time), account_id, paid_at, day, counted (minor units).
    promises: promise_id, account_id, agent_id, made_at, due_on, amount (minor units), cancelled_on.
    """
    pairs = _with_payments(promises, payments, grace_days).filter(nw.col("before") < nw.col("promised"))
    return pairs.select("seq", "promise_id", "made_at", nw.col("promised_to").alias("agent_id"))


def kept(promises: Frame, payments: Frame, grace_days: int) -> Frame:
    """The kept promises: promise_id, account_id, agent_id and `kept_on`, the day of the payment that kept it."""
    pairs = _with_payments(promises, payments, grace_days).filter(
        (nw.col("brought") >= nw.col("promised")) & (nw.col("counted") > 0)
    )
    return pairs.group_by("promise_id", "account_id", nw.col("promised_to").alias("agent_id")).agg(
        kept_on=nw.col("day").min()
    )
