"""Promises to pay: open, kept, broken. One definition for credit, KPIs and commissions.

A promise is kept once the payments made after it reach its amount, on or before its due day plus the
days of grace. It is open until it is kept, cancelled, or that last day has passed. A payment counts
with what its reversals of the same period leave of it.

For one promise at a time that is all; where an account has several that are open at once, `in_line` and `shared` say
which of them the money answers: the one made first, until it is full or over (first in, first out). So one payment
cannot keep two promises.
"""

import narwhals as nw

from toolkit.rows import Frame

IN_LINE = ("made_at", "due_on", "promise_id")


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


def in_line(promises: Frame, payments: Frame) -> Frame:
    """The promises with where their money lies among all that was ever paid on the account, in order of time.

    promises: promise_id, account_id, made_at, due_on, amount, and `last`, the last day on which a payment counts, not
    before the day of making. payments: account_id, paid_at, amount (positive). Adds `before` (paid until the promise
    was made), `through` (paid until its last day), `contested` (an earlier promise may take some of what lies between:
    `shared` says how much), and for those `place`, its number on the account, and `taken`, where the promise ahead of
    it ends if that one is not contested itself.
    """
    paid = payments.select("account_id", nw.col("paid_at").alias("_at"), nw.col("amount").alias("through"))
    pairs = promises.select("promise_id", "account_id", "made_at", "last").join(paid, on="account_id", how="inner")
    counted = pairs.filter(nw.col("_at").dt.date() <= nw.col("last")).with_columns(
        before=nw.when(nw.col("_at") <= nw.col("made_at")).then(nw.col("through")).otherwise(nw.lit(0, nw.Int64))
    )
    sums = counted.group_by("promise_id").agg(nw.col("before").sum(), nw.col("through").sum())
    placed = promises.join(sums, on="promise_id", how="left").with_columns(
        nw.col("before", "through").fill_null(0).cast(nw.Int64), place=nw.lit(1, nw.Int64)
    )
    return _contested(placed)


def _contested(placed: Frame) -> Frame:
    reached = placed.with_columns(
        _most=nw.col("through").cum_max().over("account_id", order_by=IN_LINE),
        place=nw.col("place").cum_sum().over("account_id", order_by=IN_LINE).cast(nw.Int64),
        taken=nw.min_horizontal(nw.col("before") + nw.col("amount"), nw.col("through")),
    )
    ahead = reached.with_columns(
        nw.col("_most", "taken").shift(1).over("account_id", order_by=IN_LINE).fill_null(0).cast(nw.Int64)
    )
    return ahead.with_columns(contested=nw.col("_most") > nw.col("before")).drop("_most")


def alone(placed: Frame) -> Frame:
    """Promises of `in_line` with `brought`, what came for them, at most their amount, if nobody contests it."""
    return placed.with_columns(brought=nw.min_horizontal(nw.col("amount"), nw.col("through") - nw.col("before")))


def shared(contested: Frame) -> Frame:
    """The contested promises of `in_line` (all of them, in memory) with `brought`: what those ahead have left for them.

    They take turns by their place in line, every account at once; exact whatever their windows.
    """
    left, done, turn = _lines(contested), [], 1
    while len(left):
        start = nw.max_horizontal("before", "taken")
        end = nw.min_horizontal(start + nw.col("amount"), nw.max_horizontal(start, nw.col("through")))
        served = left.filter(nw.col("_turn") == turn).with_columns(brought=end - start, _end=end)
        ends = served.select("account_id", "_line", nw.col("_end").alias("taken"))
        left = left.filter(nw.col("_turn") > turn).drop("taken")
        left = left.join(ends, on=["account_id", "_line"], how="inner")
        done.append(served.drop("_end", "taken", "_line", "_turn"))
        turn += 1
    return nw.concat(done, how="vertical") if done else alone(contested).drop("taken")


def _lines(contested: Frame) -> Frame:
    """Adds `_line`, an unbroken run of contested promises on an account, and `_turn`, the place in it."""
    gap = nw.col("place") - nw.col("place").shift(1).over("account_id", order_by="place")
    begins = nw.when(gap == 1).then(nw.lit(0, nw.Int64)).otherwise(nw.lit(1, nw.Int64))
    lines = contested.with_columns(_begins=begins, _turn=nw.lit(1, nw.Int64)).with_columns(
        _line=nw.col("_begins").cum_sum().over("account_id", order_by="place")
    )
    turn = nw.col("_turn").cum_sum().over("account_id", "_line", order_by="place")
    return lines.with_columns(_turn=turn).drop("_begins")
