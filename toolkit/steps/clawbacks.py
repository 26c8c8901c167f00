"""Taking back what was paid on a payment that was reversed in a later period, at the rate it was paid."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import polars as pl

from toolkit.bands import ONE, ZERO
from toolkit.earlier import new_lines
from toolkit.money import PPM, decimal_text, rounded
from toolkit.plans import Clawback
from toolkit.problems import said
from toolkit.steps.holdbacks import what_was_kept
from toolkit.steps.month import Month
from toolkit.steps.payments import CLAWBACK


def clawback_lines(month: Month, payments: pl.DataFrame) -> pl.DataFrame:
    """One negative line for each piece that was paid on a reversed payment, with the column `leader_day`.

    payments: all payments of the data with `excluded`; the reversals marked as clawbacks are taken.
    Several partial reversals are rounded cumulatively, so that together they take back exactly the whole.
    """
    reversals = payments.filter(pl.col("excluded") == CLAWBACK).sort("seq")
    if not len(reversals):
        return new_lines([]).with_columns(leader_day=pl.lit(None, pl.Date))
    paid = _paid_lines(month, reversals["reverses"].to_list())
    counted = _counted(month, reversals["reverses"].to_list())
    rows: list[dict[str, Any]] = []
    taken: dict[str, Fraction] = {}
    for reversal in reversals.iter_rows(named=True):
        for line in paid.get(reversal["reverses"], []):
            row = _taken_back(month, line, reversal, counted[reversal["reverses"]], taken)
            if row is not None:
                rows.append(row)
    days = [row.pop("leader_day") for row in rows]
    return new_lines(rows).with_columns(leader_day=pl.Series(days, dtype=pl.Date))


def _paid_lines(month: Month, payment_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The positive lines that each payment earned; `kept` is what a late value left of those that were held.

    Where a year to date pays less on a payment in a later period, its earlier lines shrink by as much.
    """
    earned = month.earlier.lines.filter(pl.col("kind").eq("earn") & pl.col("payment_id").is_in(payment_ids))
    kept = what_was_kept(month.earlier)
    lines = list(earned.sort("line_id").iter_rows(named=True))
    less: dict[tuple[str, str, str], int] = {}
    for line in lines:
        if line["amount"] < 0:
            less[_piece_of(line)] = less.get(_piece_of(line), 0) - line["amount"]
    found: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        fewer = min(less.get(_piece_of(line), 0), max(line["amount"], 0))
        if line["amount"] > fewer:
            own = {**line, "amount": line["amount"] - fewer, "kept": kept.get(line["line_id"])}
            found.setdefault(line["payment_id"], []).append(own)
        if fewer:
            less[_piece_of(line)] -= fewer
    return found


def _piece_of(line: Mapping[str, Any]) -> tuple[str, str, str]:
    return line["payment_id"], line["agent_id"], line["component"]


def _counted(month: Month, payment_ids: list[str]) -> dict[str, int]:
    """What each payment counted for in its own period, after the reversals of that period."""
    known = month.earlier.payments.filter(pl.col("payment_id").is_in(payment_ids))
    return {row["payment_id"]: row["counted"] for row in known.iter_rows(named=True)}


def _taken_back(
    month: Month, line: Mapping[str, Any], reversal: Mapping[str, Any], counted: int, taken: dict[str, Fraction]
) -> dict[str, Any] | None:
    terms = clawback_terms(month, line)
    if terms is None or counted <= 0:
        return None
    line_id = line["line_id"]
    if line_id not in taken:
        taken[line_id] = sum(
            (
                _exact(terms, line, day, amount, counted) * _share_kept(month, line, run)
                for day, amount, run in _earlier_reversals(month, line["payment_id"])
            ),
            ZERO,
        )
    before = taken[line_id]
    now = _exact(terms, line, reversal["day"], -reversal["amount"], counted) * _share_kept(month, line)
    taken[line_id] = before + now
    amount = rounded(before + now, month.plan.rounding) - rounded(before, month.plan.rounding)
    share = declined_share(terms, line["date"], reversal["day"])
    if not amount and not share:
        return None
    part = Fraction(-reversal["amount"], counted)
    base = Fraction(Decimal(line["base"])) * part if line["base"] else None
    factor = Fraction(Decimal(line["factor"] or "1")) * share
    return {
        "kind": "clawback",
        "agent_id": line["agent_id"],
        "component": line["component"],
        "period": month.period.label,
        "currency": month.plan.currency,
        "plan_id": month.plan.id,
        "plan_version": line["plan_version"],
        "payment_id": reversal["payment_id"],
        "account_id": line["account_id"],
        "date": reversal["day"],
        "base": "" if base is None else decimal_text(-base),
        "rate": line["rate"],
        "factor": decimal_text(factor, 10),
        "amount": -amount,
        "reason": _reason(terms, line, reversal, share),
        "credited_by": line["credited_by"],
        "earned_for": line["period"],
        "reverses_line": line_id,
        "source": "payments",
        "source_id": reversal["payment_id"],
        "leader_day": line["date"],
    }


def clawback_terms(month: Month, line: Mapping[str, Any]) -> Clawback | None:
    """The clawback rule of the version that paid the line; of today's plan if that version is not at hand."""
    version = month.plans.numbered(line["plan_version"]) or month.plan
    component = version.component(line["component"]) or month.plan.component(line["component"])
    return component.clawback if component else None


def declined_share(terms: Clawback, paid_on: date, reversed_on: date) -> Fraction:
    """The share that is taken back: 0 after the window, less day by day on a straight line."""
    elapsed = (reversed_on - paid_on).days
    if terms.within_days is not None and elapsed > terms.within_days:
        return ZERO
    left = ONE
    if terms.decline == "straight_line" and terms.within_days:
        left = Fraction(terms.within_days - elapsed, terms.within_days)
    return Fraction(terms.share, PPM) * left


def _exact(terms: Clawback, line: Mapping[str, Any], reversed_on: date, reversed_amount: int, counted: int) -> Fraction:
    share = declined_share(terms, line["date"], reversed_on)
    amount: int = line["amount"]
    return amount * Fraction(reversed_amount, counted) * share


def _share_kept(month: Month, line: Mapping[str, Any], run: str | None = None) -> Fraction:
    """The share of the line that was left when the reversals of `run` (absent: this run) were settled."""
    kept = line["kept"]
    labels = list(month.earlier.labels)
    if kept is None or (run is not None and labels.index(run) <= labels.index(kept.decided)):
        return ONE
    return cast(Fraction, kept.share)


def _earlier_reversals(month: Month, payment_id: str) -> Iterator[tuple[date, int, str]]:
    """(day, amount, run) of the reversals of this payment that earlier runs have already taken back."""
    known = month.earlier.payments.filter((pl.col("reverses") == payment_id) & (pl.col("reason") == CLAWBACK))
    for row in known.iter_rows(named=True):
        yield row["paid_on"], -row["amount"], row["period"]


def _reason(terms: Clawback, line: Mapping[str, Any], reversal: Mapping[str, Any], share: Fraction) -> str:
    elapsed = (reversal["day"] - line["date"]).days
    fields = {"payment": line["payment_id"], "period": line["period"], "days": elapsed, "window": terms.within_days}
    return said("REASON_CLAWBACK" if share else "REASON_CLAWBACK_LATE", **fields)
