"""What became of every payment in the files: credited, excluded, unattributed, rejected, and nothing else."""

from typing import TYPE_CHECKING, Any

from toolkit.look import LEFT, Check, Column, Formula, Page, said
from toolkit.look.theme import MUTED

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

Row = tuple[str, int, int, str]
"""(what became of them, amount in minor units, how many, what it means)"""


def control_rows(control: dict[str, Any]) -> list[Row]:
    """The places a payment can end in, with sum and count."""
    rows: list[Row] = []
    for rule, total in control.get("credited_by", {}).items():
        rows.append((f"Credited: {said('WORKBOOK_RULE_' + rule.upper())}", *_pair(total), said("WORKBOOK_CREDITED")))
    for reason, total in control.get("excluded", {}).items():
        rows.append((f"Excluded: {reason}", *_pair(total), said("WORKBOOK_EXCLUDED")))
    rows.append(("Unattributed", *_pair(control.get("unattributed", {})), said("WORKBOOK_UNATTRIBUTED")))
    rejected = control.get("rejected", {})
    unreadable = rejected.get("unreadable", 0)
    rows.append(("Rejected rows", *_pair(rejected), said("WORKBOOK_REJECTED", unreadable=unreadable)))
    return rows


def _pair(total: dict[str, int]) -> tuple[int, int]:
    return total.get("amount", 0), total.get("rows", 0)


def control_checks(run: "CommissionRun") -> list[Check]:
    """The places add up to what was in the files."""
    rows = control_rows(run.control)
    amount, count = _pair(run.control["payments_in"])
    why = said("WORKBOOK_WHY_CONTROL")
    return [
        Check(
            "Payments in the files, amount",
            Formula("=SUM(control_amount)", sum(r[1] for r in rows)),
            amount,
            "money",
            why,
        ),
        Check(
            "Payments in the files, rows", Formula("=SUM(control_rows)", sum(r[2] for r in rows)), count, "whole", why
        ),
    ]


def write_control(page: Page, top: int, run: "CommissionRun") -> int:
    """The table from row `top` on, in the columns of the checks above it; gives the next free row."""
    rows = control_rows(run.control)
    page.prose(top, said("WORKBOOK_CONTROL_TITLE"), bold=True, font_size=12)
    page.prose(top + 1, said("WORKBOOK_CONTROL_NOTE"), font_color=MUTED)
    columns = [
        Column("what", "What became of them", [row[0] for row in rows], widest=52),
        Column(
            "amount",
            f"Amount, {run.plan.currency}",
            [row[1] for row in rows],
            "money",
            total=True,
            name="control_amount",
        ),
        Column("rows", "Payments", [row[2] for row in rows], "whole", total=True, name="control_rows"),
    ]
    table = page.table(top + 2, columns, left=LEFT + 1, total="In the files")
    notes = Column("note", "What it means", [row[3] for row in rows], "note", widest=62)
    page.table(top + 2, [notes], left=LEFT + 6)
    return table.last + 4
