"""KPIs of posting: what was posted right, what is not posted yet, proofs of payment, clearances, discrepancies."""

import narwhals as nw

from toolkit.kpis.data import Data, MissingError, beside
from toolkit.kpis.due import actions, actions_in_time, in_time
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.times import days_after, end_of_day_after
from toolkit.rows import Frame


def _checked(data: Data, *columns: str) -> Frame:
    """Postings that somebody checked; the others say nothing about accuracy."""
    found = data.table("postings", "agent_id", "posted_at", "checked", "correct", *columns)
    day = nw.col("posted_at").dt.date()
    return found.with_columns(day=day).filter(nw.col("checked") & (nw.col("day") <= data.as_of))


def posting_accuracy(data: Data) -> Facts:
    """Postings found right, of those checked. One that was put right after it was found wrong was wrong."""
    return Facts(_checked(data).with_columns(numerator=yes(nw.col("correct")), denominator=nw.lit(1, nw.Int64)))


def posting_value_accuracy(data: Data) -> Facts:
    """What was posted less the errors, whatever their sign, of what was posted, of postings checked. A wrong posting
    without an amount of error is wrong by all of it."""
    rows = _checked(data, "amount", "error_amount").filter(~nw.col("amount").is_null())
    posted, zero = nw.col("amount").abs(), nw.lit(0, nw.Int64)
    unknown = nw.when(nw.col("correct").fill_null(False)).then(zero).otherwise(posted)
    error = nw.coalesce(nw.col("error_amount").abs(), unknown)
    money = 10**data.digits
    counted = rows.with_columns(numerator=(posted - error).cast(nw.Int64), denominator=posted.cast(nw.Int64))
    return Facts(counted, parts=money, denominator_parts=money)


def _posted(data: Data) -> Frame:
    """payment_id and `posted_at` of all posted payments, as payments or postings have it, whichever is earlier."""
    found = []
    if data.has("payments", "posted_at"):
        found.append(data.table("payments", "payment_id", "posted_at"))
    if data.has("postings", "payment_id", "posted_at"):
        found.append(data.table("postings", "payment_id", "posted_at").filter(~nw.col("payment_id").is_null()))
    if not found:
        raise MissingError(("payments.posted_at",))
    known = nw.concat(found, how="vertical").filter(nw.col("posted_at").dt.date() <= data.as_of)
    return known.group_by("payment_id").agg(nw.col("posted_at").min())


def unposted_backlog(data: Data) -> Facts:
    """Payments that are not posted on the last day that the data know of, though `posted_within_days` are over; on the
    day on which they were paid, so that days add up to the backlog. Fresher ones wait. A payment taken back, and the
    row that takes it back, need no posting."""
    posted = _posted(data).select("payment_id")
    payments = data.payments.filter(nw.col("amount") > 0)
    back = data.payments.filter(~nw.col("reverses").is_null()).select(nw.col("reverses").alias("payment_id"))
    known = payments.with_columns(day=nw.col("paid_at").dt.date()).filter(nw.col("day") <= data.as_of)
    missing = known.join(beside(known, posted), on="payment_id", how="anti").join(back, on="payment_id", how="anti")
    overdue = days_after(nw.col("day"), data.definitions.posted_within_days) < data.as_of
    return Facts(missing.with_columns(numerator=yes(overdue), waiting=yes(~overdue)))


def proofs_posted(data: Data) -> Facts:
    """Proofs of payment whose payment was posted within `proofs_within_hours`, of those whose time is over.

    The payment is the one of the same account, amount and reference; where either has no reference, one of the same
    account and amount paid no longer than `proofs_within_hours` before the proof came. A proof sent twice is one.
    """
    hours = data.definitions.proofs_within_hours
    window = f"{hours}h"
    proofs = _without_copies(data).with_columns(
        due_at=nw.col("received_at").dt.offset_by(window), _since=nw.col("received_at").dt.offset_by(f"-{window}")
    )
    payments = data.table("payments", "payment_id", "account_id", "amount", "paid_at", reference=nw.String)
    paid = payments.rename({"reference": "_reference"}).join(_posted(data), on="payment_id", how="inner")
    pairs = proofs.join(paid, on=["account_id", "amount"], how="inner")
    same = (nw.col("reference") == nw.col("_reference")).fill_null(False)
    unnamed = nw.col("reference").is_null() | nw.col("_reference").is_null()
    fits = pairs.filter(same | (unnamed & (nw.col("paid_at") >= nw.col("_since"))))
    first = fits.group_by("proof_id").agg(nw.col("posted_at").min().alias("done_at"))
    return in_time(data, proofs.join(first, on="proof_id", how="left"))


def _without_copies(data: Data) -> Frame:
    """The proofs, those of the same account, amount and reference (else the same day) once: the first."""
    columns = ("proof_id", "account_id", "received_at", "amount")
    proofs = data.table("proofs", *columns, agent_id=nw.String, reference=nw.String)
    unnamed = nw.when(nw.col("reference").is_null()).then(nw.col("received_at").dt.date())
    key = ("account_id", "amount", "reference", "_on")
    place = nw.col("_one").cum_sum().over(*key, order_by=["received_at", "proof_id"])
    numbered = proofs.with_columns(_on=unnamed, _one=nw.lit(1, nw.Int64)).with_columns(_place=place)
    return numbered.filter(nw.col("_place") == 1).drop("_one", "_place", "_on")


def clearance_in_time(data: Data) -> Facts:
    """Clearances begun (acknowledged, or else done) by the end of day `cleared_within_days` after they were raised, of
    those raised: actions of kind clearance. Actions name no account, so a cleared debt for which none was raised is
    not seen here."""
    rows = actions(data, ["clearance"], "raised_at", "done_at", acknowledged_at=nw.Datetime)
    begun = nw.coalesce("acknowledged_at", "done_at")
    due = end_of_day_after(nw.col("raised_at"), data.definitions.cleared_within_days)
    return in_time(data, rows.with_columns(due_at=due, done_at=begun))


def discrepancies_resolved(data: Data) -> Facts:
    """Discrepancies of payments resolved by their time, of those due; half resolved is not resolved."""
    return actions_in_time(data, "discrepancy")


def unreconciled_value(data: Data) -> Facts:
    """The value of discrepancies not resolved yet: those raised so far less those done, at the period's end."""
    rows = actions(data, ["discrepancy"], "raised_at", "done_at", "value").filter(~nw.col("value").is_null())
    came = rows.select("agent_id", day=nw.col("raised_at").dt.date(), numerator=nw.col("value").abs())
    went = rows.select("agent_id", day=nw.col("done_at").dt.date(), numerator=-nw.col("value").abs())
    both = nw.concat([came, went.filter(~nw.col("day").is_null())], how="vertical")
    return Facts(both.filter(nw.col("day") <= data.as_of), parts=10**data.digits, stock="to_date")


POSTINGS: dict[str, Rule] = {
    "posting_accuracy": posting_accuracy,
    "posting_value_accuracy": posting_value_accuracy,
    "unposted_backlog": unposted_backlog,
    "proofs_posted": proofs_posted,
    "clearance_in_time": clearance_in_time,
    "discrepancies_resolved": discrepancies_resolved,
    "unreconciled_value": unreconciled_value,
}
