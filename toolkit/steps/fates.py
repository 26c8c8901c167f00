"""What became of each payment: credited, excluded with the reason, or nobody's; and that it all adds up."""

from typing import Any

import narwhals as nw
import polars as pl

from toolkit.problems import Problem, problem
from toolkit.rows import Frame, latest_before
from toolkit.steps.month import Month
from toolkit.steps.payments import FULLY_REVERSED, ORPHAN, OTHER_PERIOD, UNKNOWN_PERIOD


def credit_table(month: Month, fates: pl.DataFrame) -> pl.DataFrame:
    """One row for every payment and reversal this run looked at; payments of other periods are only counted."""
    rows = fates.filter(pl.col("reason").is_null() | (pl.col("reason") != OTHER_PERIOD))
    return rows.select(
        "payment_id",
        pl.col("account_id").fill_null(""),
        pl.col("agent_id").fill_null(""),
        pl.col("credited_by").fill_null(""),
        "status",
        pl.col("reason").fill_null(""),
        paid_on="day",
        paid_at=pl.col("paid_at").dt.to_string("%Y-%m-%dT%H:%M:%S%:z"),
        amount="amount",
        counted="counted",
        days_past_due=_days_past_due(month, rows),
        reverses=pl.col("reverses").fill_null(""),
        earned_for="earned_for",
        source_file=pl.col("source_file").fill_null(""),
        source_row="source_row",
    )


def _days_past_due(month: Month, rows: pl.DataFrame) -> pl.Series:
    """What the balance snapshot of the day before said, null where there is none."""
    if month.snapshots is None:
        return pl.Series([None] * len(rows), dtype=pl.Int64)
    dated = rows.select("seq", "account_id", pl.col("day").dt.offset_by("-1d").alias("_before"))
    found = latest_before(
        nw.from_native(dated, eager_only=True),
        month.snapshots,
        key="account_id",
        day="_before",
        as_of="as_of",
        row="seq",
    ).to_polars()
    return rows.select("seq").join(found.select("seq", "days_past_due"), on="seq", how="left", maintain_order="left")[
        "days_past_due"
    ]


def fates_of(payments: Frame) -> pl.DataFrame:
    """`status` and `reason` of each row; a reversal that lowers a payment goes where its payment goes."""
    frame = payments.to_polars()
    own = frame.select(lowers="seq", _agent="agent_id", _by="credited_by", _excluded="excluded")
    joined = frame.join(own, on="lowers", how="left", maintain_order="left")
    lowering = pl.col("lowers").is_not_null() & pl.col("excluded").is_null()
    joined = joined.with_columns(
        agent_id=pl.when(lowering).then("_agent").otherwise("agent_id"),
        credited_by=pl.when(lowering).then("_by").otherwise("credited_by"),
        excluded=pl.when(lowering).then("_excluded").otherwise("excluded"),
    )
    status = (
        pl.when(pl.col("excluded").is_not_null())
        .then(pl.lit("excluded"))
        .when(pl.col("agent_id").is_null())
        .then(pl.lit("unattributed"))
        .otherwise(pl.lit("credited"))
    )
    note = (
        pl.when(pl.col("excluded").is_not_null())
        .then(pl.col("excluded"))
        .when(lowering)
        .then(pl.lit("lowers ") + pl.col("reverses"))
        .when((pl.col("counted") == 0) & pl.col("reverses").is_null())
        .then(pl.lit(FULLY_REVERSED))
    )
    cleared = pl.col("excluded").is_not_null()
    return joined.with_columns(
        status=status,
        reason=note,
        agent_id=pl.when(cleared).then(None).otherwise("agent_id"),
        credited_by=pl.when(cleared).then(None).otherwise("credited_by"),
    )


def control_totals(rows: pl.DataFrame) -> dict[str, Any]:
    """in = credited + excluded by reason + unattributed; rejected rows are added where the files are read."""

    def summed(part: pl.DataFrame) -> dict[str, int]:
        return {"rows": len(part), "amount": int(part["amount"].sum())}

    credited_rows = rows.filter(pl.col("status") == "credited")
    excluded = rows.filter(pl.col("status") == "excluded")
    return {
        "payments_in": summed(rows),
        "credited": summed(credited_rows),
        "credited_by": {
            rule: summed(credited_rows.filter(pl.col("credited_by") == rule))
            for rule in sorted(credited_rows["credited_by"].unique().to_list())
        },
        "excluded": {
            reason: summed(excluded.filter(pl.col("excluded") == reason))
            for reason in sorted(excluded["excluded"].unique().to_list())
        },
        "unattributed": summed(rows.filter(pl.col("status") == "unattributed")),
    }


def all_problems(month: Month, payments: Frame) -> tuple[Problem, ...]:
    """What the calculation noticed, each once, and the reversals whose payment is not known."""
    found = list(dict.fromkeys(month.problems))
    in_question = payments.filter(nw.col("excluded").is_in([ORPHAN, UNKNOWN_PERIOD]))
    for row in in_question.to_polars().iter_rows(named=True):
        code = "REVERSAL_ORPHAN" if row["excluded"] == ORPHAN else "REVERSAL_PERIOD_NOT_GIVEN"
        found.append(
            problem(
                code,
                file=row["source_file"] or "",
                row=row["source_row"],
                column="reverses",
                value=row["reverses"],
                payment=row["payment_id"],
                reverses=row["reverses"],
            )
        )
    return tuple(found)
