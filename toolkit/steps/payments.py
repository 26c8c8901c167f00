"""Which payments count in a period: late ones, reversals, and what each exclusion is called.

Every payment of the data ends in exactly one place: it counts in this run (and then is credited or
unattributed), or it is excluded with a reason. Reversals that fall in the same period as their payment
lower it; a reversal of a payment that an earlier run counted is a clawback. One that an earlier run left out, because
it did not know its payment, is looked at again by the first run that does.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.earlier import EarlierPeriods
from toolkit.periods import Period
from toolkit.plans import PlanVersions
from toolkit.rows import Frame, frame_like

OTHER_PERIOD = "other period"
NO_PLAN = "before the plan began"
CLAWBACK = "reversal of an earlier period's payment"
UNKNOWN_PERIOD = "reversal of a payment whose period was not given"
ORPHAN = "reversal of an unknown payment"
FULLY_REVERSED = "fully reversed in the period"

REQUIRED = ("payment_id", "account_id", "paid_at", "amount")
OPTIONAL = {
    "agent_id": nw.String,
    "kind": nw.String,
    "channel": nw.String,
    "credits": nw.String,
    "credits_kind": nw.String,
    "reverses": nw.String,
    "source_file": nw.String,
    "source_row": nw.Int64,
}
USED_OF_PAYMENTS = (*REQUIRED, *OPTIONAL)


def with_columns_of(frame: Frame, optional: Mapping[str, Any]) -> Frame:
    """`frame` with a column of nulls for each of `optional` that it lacks."""
    missing = {name: dtype for name, dtype in optional.items() if name not in frame.columns}
    return frame.with_columns(**{name: nw.lit(None, dtype) for name, dtype in missing.items()})


def ordered(payments: Frame) -> Frame:
    """The payments in the order of time, ties by payment_id: `seq` numbers them, `day` is the local day.

    `named` is the agent that the source names, `rank` the place by payment_id, which breaks ties of cents.
    """
    complete = with_columns_of(payments, OPTIONAL).select(*USED_OF_PAYMENTS).rename({"agent_id": "named"})
    ranked = complete.with_columns(rank=nw.col("payment_id").rank("ordinal"))
    sorted_rows = ranked.sort("paid_at", "rank").with_row_index("seq")
    return sorted_rows.with_columns(
        seq=nw.col("seq").cast(nw.Int64),
        rank=nw.col("rank").cast(nw.Int64),
        day=nw.col("paid_at").dt.date(),
    )


def sorted_out(
    payments: Frame, period: Period, plans: PlanVersions, earlier: EarlierPeriods, kind_of: Callable[[date], str]
) -> Frame:
    """Adds `excluded` (the reason, null if the payment counts in this run), `own` (label of the period of
    its day), `earned_for` (that label where the payment is late, else "") and `counted` (minor units: the
    amount less the reversals that lower it; a reversal's own is 0) and `lowers` (the `seq` of the payment that
    a reversal lowers, null otherwise).

    `kind_of` gives the label of the plan's period for a day.
    """
    labelled = _with_own_period(payments, kind_of)
    seen = _seen(labelled, earlier)
    is_reversal = ~nw.col("reverses").is_null()
    before = (nw.col("day") < period.first) & nw.col("own").is_in(list(earlier.labels))
    inside = (nw.col("day") >= period.first) & (nw.col("day") <= period.last)
    first_plan_day = plans.versions[0].start
    placed = seen.with_columns(_late=before & nw.col("_seen").is_null()).with_columns(_here=inside | nw.col("_late"))
    again = before & nw.col("payment_id").is_in(_known_by_now(placed, earlier))
    placed = placed.with_columns(_late=nw.col("_late") | again, _here=nw.col("_here") | again)
    placed = placed.with_columns(
        excluded=nw.when(~nw.col("_here"))
        .then(nw.lit(OTHER_PERIOD))
        .otherwise(
            nw.when((nw.col("day") < first_plan_day) & ~is_reversal)
            .then(nw.lit(NO_PLAN))
            .otherwise(nw.lit(None, nw.String))
        ),
        earned_for=nw.when(nw.col("_late")).then(nw.col("own")).otherwise(nw.lit("")),
    )
    return _reversals_placed(placed, earlier).drop("_seen", "_late", "_here")


def _with_own_period(payments: Frame, label_of: Callable[[date], str]) -> Frame:
    days = sorted(day for day in payments["day"].unique().to_list() if day is not None)
    labels = frame_like(
        payments, {"day": days, "own": [label_of(day) for day in days]}, {"day": nw.Date, "own": nw.String}
    )
    return payments.join(labels, on="day", how="left")


def _seen(payments: Frame, earlier: EarlierPeriods) -> Frame:
    known = earlier.payments.select("payment_id", "status").unique(subset=["payment_id"], keep="last")
    like = frame_like(
        payments,
        {"payment_id": known["payment_id"].to_list(), "_seen": known["status"].to_list()},
        {"payment_id": nw.String, "_seen": nw.String},
    )
    return payments.join(like, on="payment_id", how="left")


def _known_by_now(payments: Frame, earlier: EarlierPeriods) -> list[str]:
    """Reversals that the last run to see them left out, because it did not know their payment, and this run does: from
    a run that is given now, or because the payment itself has come late."""
    last = earlier.payments.unique(subset=["payment_id"], keep="last")
    left_out = last.filter(pl.col("reason").is_in([ORPHAN, UNKNOWN_PERIOD]))
    if not len(left_out):
        return []
    wanted = left_out["reverses"].to_list()
    counted = payments.filter(nw.col("_here") & nw.col("payment_id").is_in(wanted))["payment_id"].to_list()
    known = [*counted, *last.filter(pl.col("payment_id").is_in(wanted))["payment_id"]]
    return left_out.filter(pl.col("reverses").is_in(known))["payment_id"].to_list()


def _reversals_placed(payments: Frame, earlier: EarlierPeriods) -> Frame:
    """Reversals matched with their payments: what is lowered, what is clawed back, what has no payment."""
    reversals = payments.filter(~nw.col("reverses").is_null())
    if not len(reversals):
        return payments.with_columns(counted=nw.col("amount"), lowers=nw.lit(None, nw.Int64))
    originals = payments.filter(nw.col("reverses").is_null()).select(
        nw.col("payment_id").alias("reverses"),
        nw.col("seq").alias("_original"),
        nw.col("excluded").alias("_original_excluded"),
        nw.col("own").alias("_original_own"),
        nw.col("_seen").alias("_original_seen"),
    )
    before = earlier.payments.filter(pl.col("reverses").is_null() | (pl.col("reverses") == ""))
    known = frame_like(
        payments,
        {"reverses": before["payment_id"].to_list(), "_earlier": before["status"].to_list()},
        {"reverses": nw.String, "_earlier": nw.String},
    ).unique(subset=["reverses"])
    matched = reversals.select("seq", "reverses", "amount", "own", "excluded").join(
        originals, on="reverses", how="left"
    )
    matched = matched.join(known, on="reverses", how="left")
    both_here = nw.col("excluded").is_null() & nw.col("_original_excluded").is_null()
    both_elsewhere = ~nw.col("excluded").is_null() & ~nw.col("_original_excluded").is_null()
    same_period = both_elsewhere & (nw.col("own") == nw.col("_original_own"))
    lowers = ~nw.col("_original").is_null() & (both_here | same_period)
    reason = (
        nw.when(~nw.col("excluded").is_null() | lowers)
        .then(nw.col("excluded"))
        .otherwise(
            nw.when(~nw.col("_earlier").is_null())
            # what nobody was credited with goes back to nobody
            .then(
                nw.when(nw.col("_earlier") == "unattributed").then(nw.lit(None, nw.String)).otherwise(nw.lit(CLAWBACK))
            )
            .otherwise(nw.when(nw.col("_original").is_null()).then(nw.lit(ORPHAN)).otherwise(nw.lit(UNKNOWN_PERIOD)))
        )
    )
    pays_back = nw.when(lowers).then(nw.col("_original")).otherwise(nw.lit(None, nw.Int64))
    judged = matched.with_columns(_lowers=lowers, _reason=reason, _pays_back=pays_back)
    lowered = (
        judged.filter(nw.col("_lowers")).group_by(nw.col("_original").alias("seq")).agg(_back=nw.col("amount").sum())
    )
    joined = payments.join(judged.select("seq", "_reason", "_pays_back"), on="seq", how="left")
    joined = joined.join(lowered, on="seq", how="left")
    is_reversal = ~nw.col("reverses").is_null()
    return joined.with_columns(
        excluded=nw.when(is_reversal).then(nw.col("_reason")).otherwise(nw.col("excluded")),
        counted=nw.when(is_reversal)
        .then(nw.lit(0, nw.Int64))
        .otherwise(nw.col("amount") + nw.col("_back").fill_null(0).cast(nw.Int64)),
        lowers=nw.col("_pays_back"),
    ).drop("_reason", "_back", "_pays_back")
