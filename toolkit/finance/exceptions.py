"""What Finance and the approver should look at before they pay: each with the agent, the figure and what to do."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from toolkit.finance.batch import Batch, Payee
from toolkit.look import Column, Page, said
from toolkit.look.theme import MUTED

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

TOP = 4
NEEDED = {
    "mobile_money": ("provider", "msisdn"),
    "bank": ("bank_code", "account_no"),
    "payroll": ("payee_no",),
}
"""What each way of paying needs to know."""

Finding = tuple[str, Payee, int | None]
"""(code of the sentence, whom it is about, the amount it is about in minor units)"""


def findings(run: "CommissionRun", batch: Batch) -> list[tuple[str, Payee, int | None, str]]:
    """All exceptions, by kind and then in the order of the sheet; the last item is what is missing, if anything."""
    shared = _shared_accounts(batch)
    held = _held_by_gates(run)
    collected = _collected(run)
    found: list[tuple[str, Payee, int | None, str]] = []
    for payee in batch.payees:
        agent_id, sheet = payee.sheet["agent_id"], payee.sheet
        missing = ", ".join(_missing(payee)) if payee.paid else ""
        if missing:
            found.append(("DETAILS", payee, sheet["payable"], missing))
        for code, amount in _amounts(payee, run):
            found.append((code, payee, amount, ""))
        if payee.paid and shared[_account(payee)] > 1 and _account(payee) != ("", ""):
            found.append(("SHARED", payee, sheet["payable"], ""))
        if agent_id in held:
            found.append(("HELD_BY_GATE", payee, held[agent_id], ""))
        if 0 < collected.get(agent_id, 0) < sheet["gross"]:
            found.append(("MORE_THAN_CASH", payee, sheet["gross"], ""))
    order = ("DETAILS", "SHARED", "MORE_THAN_CASH", "NEGATIVE", "DEBT", "NO_TAX_ID", "HELD_BY_GATE")
    return sorted(found, key=lambda finding: order.index(finding[0]))


def _missing(payee: Payee) -> Iterator[str]:
    channel = payee.text("pay_channel")
    if not channel:
        yield "pay_channel"
    for column in NEEDED.get(channel, ()):
        if not payee.text(column):
            yield column


def _amounts(payee: Payee, run: "CommissionRun") -> Iterator[tuple[str, int]]:
    sheet = payee.sheet
    if sheet["gross"] < 0:
        yield "NEGATIVE", sheet["gross"]
    if sheet["carried_out"] < 0:
        yield "DEBT", sheet["carried_out"]
    if sheet["withholding"] < 0 and not payee.text("tax_id"):
        yield "NO_TAX_ID", sheet["withholding"]


def _account(payee: Payee) -> tuple[str, str]:
    channel = payee.text("pay_channel")
    if channel == "mobile_money":
        return channel, payee.text("msisdn")
    if channel == "bank":
        return f"{payee.text('bank_code')}/{payee.text('branch_code')}", payee.text("account_no")
    return "", ""


def _shared_accounts(batch: Batch) -> Counter[tuple[str, str]]:
    return Counter(_account(payee) for payee in batch.paid if _account(payee)[1])


def _held_by_gates(run: "CommissionRun") -> dict[str, int]:
    """What a gate holds back per agent: such lines have no day of release."""
    held = run.lines.filter((pl.col("kind") == "holdback") & pl.col("due_on").is_null())
    return dict(held.group_by("agent_id").agg(pl.col("amount").sum()).iter_rows())


def _collected(run: "CommissionRun") -> dict[str, int]:
    counted = run.credit.filter(pl.col("status") == "credited")
    return dict(counted.group_by("agent_id").agg(pl.col("counted").sum()).iter_rows())


def write_exceptions(page: Page, run: "CommissionRun", batch: Batch) -> int:
    """The page; gives how many there are."""
    found = findings(run, batch)
    page.prose(3, said("WORKBOOK_EXCEPTIONS", count=len(found)), font_color=MUTED)
    columns = [
        Column("status", "Look", ["◆ look"] * len(found), "status"),
        Column("payee_id", "Payee", [payee.sheet["agent_id"] for _, payee, _, _ in found], widest=24),
        Column("name", "Name", [payee.sheet["name"] for _, payee, _, _ in found], widest=30),
        Column(
            "what", "What", [said(f"WORKBOOK_X_{code}", missing=missing) for code, _, _, missing in found], widest=48
        ),
        Column("amount", f"Amount, {run.plan.currency}", [amount for _, _, amount, _ in found], "money"),
        Column("do", "What to do", [said(f"WORKBOOK_X_{code}_DO") for code, _, _, _ in found], "note", widest=56),
    ]
    page.table(TOP, columns)
    page.heads_stay(TOP)
    return len(found)
