"""The sheets of payees: the lines that Finance imports, and those that nothing is paid to this time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.finance.batch import PAY_DETAILS, Batch, Payee
from toolkit.look import LEFT, Column, Formula, Kind, Page, Table, said
from toolkit.look.theme import HEAD_POINTS, INK, MUTED, Style

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

TOP = 5
_MONEY = {
    "gross": "gross",
    "adjustments": "adjustments",
    "clawback": "clawback",
    "wht": "withholding",
    "net": "net",
    "carried_in": "carried_in",
    "payable": "payable",
    "carried_out": "carried_out",
    "holdback_balance": "held_balance",
    "draw_balance": "draw_balance",
}
"""Columns of the payment lines by the column of the commission sheet they come from."""


def write_payment_lines(page: Page, run: "CommissionRun", batch: Batch) -> None:
    """One row for each payment. Heads are the names that an import needs; sums stand above them: nothing follows."""
    page.prose(3, said("WORKBOOK_PAYMENT_LINES"), font_color=MUTED)
    table = page.table(TOP, _columns(run, batch.paid), left=LEFT)
    _sums_above(page, table, batch.paid)
    heads = [{"header": key, "header_format": _head(page, key)} for key in table.keys]
    page.sheet.add_table(
        TOP, LEFT, table.last, LEFT + len(heads) - 1, {"columns": heads, "style": None, "name": "payment_lines"}
    )
    page.heads_stay(TOP, LEFT + 3)
    page.sheet.print_area(0, 0, table.last, LEFT + table.keys.index("reference"))


def _head(page: Page, key: str) -> object:
    side = "right" if key in (*_MONEY, "taxable", "line_no") else "left"
    look: Style = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
    indent = {"indent": 1} if key in ("payee_id", "reference", "currency") else {}
    return page.book.style(**look, align=side, **indent)


def _columns(run: "CommissionRun", payees: Sequence[Payee]) -> list[Column]:
    def text(key: str, values: Sequence[str], widest: int = 30) -> Column:
        return Column(key, key, values, widest=widest)

    def of_agent(key: str) -> Column:
        return text(key, [payee.text(key) for payee in payees])

    def money(key: str, name: str = "") -> Column:
        return Column(key, key, [payee.sheet[_MONEY[key]] for payee in payees], "money", name=name)

    count = len(payees)
    numbers: list[int] = list(range(1, count + 1))
    signed = [
        Column("line_no", "line_no", numbers, "whole"),
        text("payee_id", [payee.sheet["agent_id"] for payee in payees], 24),
        text("legal_name", [payee.text("legal_name") or payee.sheet["name"] for payee in payees], 36),
        *(of_agent(key) for key in PAY_DETAILS),
        money("gross", "paid_gross"),
        money("wht", "paid_wht"),
        money("net", "paid_net"),
        money("carried_in", "paid_carried_in"),
        money("carried_out", "paid_carried_out"),
        money("payable", "paid_payable"),
        text("reference", [payee.reference for payee in payees], 40),
    ]
    for_import = [
        of_agent("tax_id"),
        of_agent("payee_type"),
        of_agent("payee_no"),
        money("adjustments", "paid_adjustments"),
        money("clawback", "paid_clawback"),
        Column("taxable", "taxable", [payee.taxable for payee in payees], "money"),
        text("currency", [run.plan.currency] * count),
        of_agent("cost_centre"),
        text("period", [run.period.label] * count),
        text("narration", [payee.narration for payee in payees], 46),
        money("holdback_balance"),
        money("draw_balance"),
    ]
    return [*signed, *for_import]


def _sums_above(page: Page, table: Table, payees: Sequence[Payee]) -> None:
    row = TOP - 1
    page.put(row, LEFT + 1, "Total", fits=False, bold=True)
    for key in (*_MONEY, "taxable"):
        letter = table.letter(key)
        amount = sum(payee.taxable if key == "taxable" else payee.sheet[_MONEY[key]] for payee in payees)
        formula = Formula(f"=SUM({letter}{table.first + 1}:{letter}{table.last + 1})", amount)
        page.put(row, LEFT + table.keys.index(key), formula, "money", bold=True)
    page.red_negatives(f"{table.letter('gross')}{row + 1}:{table.letter('draw_balance')}{row + 1}")


def write_unpaid(page: Page, run: "CommissionRun", batch: Batch) -> None:
    """Who is on the sheet and gets nothing this time, and why: their amounts belong to the batch's totals."""
    payees = batch.unpaid
    page.prose(3, said("WORKBOOK_UNPAID"), font_color=MUTED)
    amounts: list[tuple[str, str, str]] = [
        ("gross", "Gross", "gross"),
        ("adjustments", "of it adjustments", "adjustments"),
        ("clawback", "of it taken back", "clawback"),
        ("wht", "Withholding", "withholding"),
        ("net", "Net", "net"),
        ("carried_in", "Carried in", "carried_in"),
        ("carried_out", "Carried out", "carried_out"),
    ]
    kind: Kind = "money"
    columns = [
        Column("payee_id", "Payee", [payee.sheet["agent_id"] for payee in payees], widest=24),
        Column("name", "Name", [payee.sheet["name"] for payee in payees], widest=30),
        Column("cost_centre", "Cost centre", [payee.text("cost_centre") for payee in payees]),
    ]
    for key, head, source in amounts:
        values = [payee.sheet[source] for payee in payees]
        columns.append(Column(key, head, values, kind, total=True, name=f"unpaid_{key}"))
    columns.append(Column("why", "Why", [why_unpaid(payee, run) for payee in payees], "note", widest=50))
    page.table(TOP, columns, total="Total")
    page.heads_stay(TOP, LEFT + 2)


def why_unpaid(payee: Payee, run: "CommissionRun") -> str:
    """In words: a debt, too little, or nothing at all."""
    left = payee.sheet["carried_out"]
    if left < 0:
        return said("WORKBOOK_UNPAID_DEBT")
    if left > 0:
        return said("WORKBOOK_UNPAID_LITTLE", least=f"{run.plan.min_payout:,}", unit=f"{run.plan.payout_unit:,}")
    return said("WORKBOOK_UNPAID_NOTHING")
