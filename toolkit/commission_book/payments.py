"""The Payments page: what became of every payment that the run looked at, with file and row."""

from typing import TYPE_CHECKING

import polars as pl

from toolkit.commission_book.words import subtitle
from toolkit.look import Check, Column, Formula, Page, said

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

TOP = 4


def summed(credit: pl.DataFrame) -> pl.DataFrame:
    """One row per agent, status, rule and reason, where there are too many payments for a sheet."""
    groups = ["agent_id", "status", "credited_by", "reason"]
    sums = (pl.len().alias("payments"), pl.col("amount").sum(), pl.col("counted").sum())
    return credit.group_by(groups).agg(*sums).sort(groups)


def write_payments(page: Page, run: "CommissionRun", whole: bool) -> list[Check]:
    """The page, and the checks of its sums against the control totals of the run."""
    rows = run.credit if whole else summed(run.credit)
    page.heading("Payments", subtitle(run))
    page.prose(3, said("WORKBOOK_PAYMENTS" if whole else "WORKBOOK_PAYMENTS_SUMMED"), font_color="#5B6675")
    table = page.table(TOP, _columns(run, rows, whole), total="Total")
    page.heads_stay(TOP, 2)
    page.sheet.autofilter(TOP, table.left, table.last, table.left + len(table.keys) - 1)
    return _checks(run, rows)


def _columns(run: "CommissionRun", rows: pl.DataFrame, whole: bool) -> list[Column]:
    values = {name: rows[name].to_list() for name in rows.columns}
    currency = run.plan.currency
    money = [
        Column("amount", f"Amount, {currency}", values["amount"], "money", total=True, name="payments_amount"),
        Column("counted", f"Counted, {currency}", values["counted"], "money", total=True, name="payments_counted"),
        Column("status", "Ended as", values["status"], name="payments_status"),
        Column("credited_by", "By rule", values["credited_by"]),
        Column("agent_id", "Agent", values["agent_id"], widest=24),
        Column("reason", "Why", values["reason"], "note", widest=44, name="payments_reason"),
    ]
    if not whole:
        status, rule, agent, reason = money[2:]
        count = Column("payments", "Payments", values["payments"], "whole", total=True)
        return [status, rule, agent, count, *money[:2], reason]
    return [
        Column("payment_id", "Payment", values["payment_id"], widest=28),
        Column("account_id", "Account", values["account_id"], widest=24),
        Column("paid_on", "Paid on", values["paid_on"], "date"),
        *money,
        Column("days_past_due", "Days past due", values["days_past_due"], "whole"),
        Column("reverses", "Takes back", values["reverses"], widest=28),
        Column("source_file", "File", values["source_file"], "note", widest=34),
        Column("source_row", "Row", values["source_row"], "whole"),
    ]


def _checks(run: "CommissionRun", rows: pl.DataFrame) -> list[Check]:
    """What the sheet adds up to, by status and by reason, against what the run counted while it worked."""
    checks = []
    for status in ("credited", "unattributed"):
        formula = f'=SUMIFS(payments_amount,payments_status,"{status}")'
        found = _sum(rows.filter(pl.col("status") == status))
        known = run.control[status]["amount"]
        checks.append(_check(f"Payments {status}", formula, found, known))
    excluded = rows.filter(pl.col("status") == "excluded")
    listed = set(excluded["reason"].to_list())
    known = sum(total["amount"] for reason, total in run.control["excluded"].items() if reason in listed)
    formula = '=SUMIFS(payments_amount,payments_status,"excluded")'
    checks.append(_check("Payments excluded, as far as they are listed", formula, _sum(excluded), known))
    return checks


def _check(what: str, formula: str, found: int, known: int) -> Check:
    return Check(what, Formula(formula, found), known, "money", said("WORKBOOK_WHY_PAYMENTS"))


def _sum(rows: pl.DataFrame) -> int:
    return int(rows["amount"].sum())
