"""Payments that their own row says were taken back: a reversal is made of each, dated when that happened.

Most systems write a row of its own when a payment is reversed. Some write on the payment's row that, and when, it
was taken back. To drop such a row would lose the commission that was paid on it; to take it as it is would pay on money
that is gone. So the payment stays, and its reversal is added: both periods are right, whichever was paid first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from toolkit.money import worded
from toolkit.problems import Problem, problem
from toolkit.readers.draft import SOURCE
from toolkit.readers.gathered import Finding, Gathered, places_of, with_findings
from toolkit.readers.typed import Form

WHEN, WHETHER = "reverted_at", "reverted"
ENDING = "-REVERTED"
"""The id of the reversal that is made is the payment's own with this behind it."""


def with_reversals(payments: Gathered, form: Form) -> tuple[Gathered, list[Problem]]:
    """The payments with the reversals added behind them, without the two columns, and what is to be said about it.

    What was taken back after the as-of day has not happened yet: the payment stands, and the reversal is left to come.
    """
    if WHEN not in payments.rows.columns and WHETHER not in payments.rows.columns:
        return payments, []
    payments, problems = with_findings(payments, [*_without_a_time(payments), *_contradicted(payments)])
    kept = replace(payments, rows=payments.rows.drop(WHEN, WHETHER, strict=False))
    if WHEN not in payments.rows.columns:
        return kept, problems
    taken_back = payments.rows.filter(payments.good & payments.rows[WHEN].is_not_null())
    if form.as_of is not None:
        taken_back = taken_back.filter(pl.col(WHEN).dt.date() <= form.as_of)
    problems += [_remark(row, payments, form.profile.digits) for row in taken_back.iter_rows(named=True)]
    return _added(kept, _reversals(taken_back)), problems


def _without_a_time(payments: Gathered) -> Iterator[Finding]:
    """Rows that say that the payment was taken back and not when: nobody could say which period loses it."""
    if WHETHER not in payments.rows.columns:
        return
    said = payments.rows[WHETHER].fill_null(False)
    dated = payments.rows[WHEN].is_not_null() if WHEN in payments.rows.columns else ~said
    yield Finding(places_of(said & ~dated & payments.good), "REVERTED_WITHOUT_TIME", WHETHER)


def _contradicted(payments: Gathered) -> Iterator[Finding]:
    """Rows that say when the payment was taken back, and that it was not: nobody can know which of the two is so."""
    if WHEN not in payments.rows.columns or WHETHER not in payments.rows.columns:
        return
    denied = ~payments.rows[WHETHER].fill_null(True)
    dated = payments.rows[WHEN].is_not_null()
    whens = [f"{when:%Y-%m-%d %H:%M}" for when in payments.rows[WHEN].filter(denied & dated & payments.good)]
    yield Finding(places_of(denied & dated & payments.good), "REVERTED_CONTRADICTION", WHETHER, each=whens)


def _reversals(taken_back: pl.DataFrame) -> pl.DataFrame:
    """The rows as reversals of themselves. Credits are left out: they follow the money."""
    credits = [pl.lit(None, pl.String).alias(name) for name in ("credits",) if name in taken_back.columns]
    return taken_back.with_columns(
        pl.col("payment_id") + ENDING,
        -pl.col("amount"),
        *credits,
        paid_at=pl.col(WHEN),
        reverses=pl.col("payment_id"),
    ).drop(WHEN, WHETHER, strict=False)


def _added(payments: Gathered, reversals: pl.DataFrame) -> Gathered:
    rows = pl.concat([payments.rows, reversals], how="diagonal")
    order = [column.name for column in payments.table.columns if column.name in rows.columns]
    nothing = pl.Series([False]).new_from_index(0, reversals.height)
    return replace(
        payments,
        rows=rows.select(*order, *SOURCE),
        rejected=pl.concat([payments.rejected, nothing]),
        ignored=pl.concat([payments.ignored, nothing]),
        of_row=_with_own_numbers(payments.of_row, reversals.height),
    )


def _with_own_numbers(of_row: pl.Series | None, added: int) -> pl.Series | None:
    """Rows that stand on no row of a sheet are one each."""
    return of_row if of_row is None else pl.concat([of_row, pl.int_range(-added, 0, dtype=pl.Int64, eager=True)])


def _remark(row: Mapping[str, Any], payments: Gathered, digits: int) -> Problem:
    file, _, sheet = str(row["source_file"]).partition("[")
    return problem(
        "REVERTED_PAYMENT",
        file=file,
        sheet=sheet.removesuffix("]"),
        row=row["source_row"],
        column=payments.spelled[row["source_file"]].get(WHEN, WHEN),
        value=f"{row[WHEN]:%Y-%m-%d %H:%M}",
        payment=row["payment_id"],
        reversal=row["payment_id"] + ENDING,
        amount=worded(-row["amount"], digits),
    )
