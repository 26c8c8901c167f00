"""The two pages of a statement: the sum with its reasons, and every line behind it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from xlsxwriter.utility import xl_rowcol_to_cell

from toolkit.look import (
    LEFT,
    Book,
    Column,
    Figure,
    Formula,
    Page,
    Table,
    day_words,
    masked_account,
    masked_phone,
    period_words,
    said,
    status,
)
from toolkit.look.theme import ACCENT, HEAD_POINTS, INK, MUTED, WATCH, Kind, Style
from toolkit.statements.notes import notes_of
from toolkit.statements.rows import Line, Row, carried, rows_of, shown_base

if TYPE_CHECKING:
    from toolkit.statements import AgentRun

FIGURES, TOP = 4, 7
PAYMENTS_TOP = 4
NUMBER = 0
"""The margin column of the statement holds the rows' numbers, small and grey, by which formulas find their lines."""
_STATUS = (
    "=IF(AND(ROUND({total}-sheet_payable,minor_digits)=0,ROUND(SUM(line_amount)-sheet_payable,minor_digits)=0),"
    '"{good}","{bad}")'
)


def write(share: "AgentRun", out: Path, provenance: Mapping[str, str]) -> None:
    """Write the statement to `out`."""
    title = f"Commission statement {share.period.label}"
    book = Book(
        out,
        title=title,
        subject=share.sheet["agent_id"],
        created=share.as_of,
        currency=share.plan.currency,
        digits=share.digits,
    )
    statement, payments = Page(book, "Statement"), Page(book, "Payments")
    lines = [*share.lines, *_carried(share)]
    rows = rows_of(lines, share.plans)
    table = _statement(statement, share, rows)
    _payments(payments, share, rows)
    verdict = _status(statement, payments, share, table, rows)
    left = f"Run {share.period.label} · {share.plan.id} v{share.plan.version} · {provenance.get('lines_hash', '')[:8]}"
    for page in (statement, payments):
        page.finish(left, verdict)
    book.close()


def _carried(share: "AgentRun") -> list[Line]:
    """What the last period left, and what this one leaves: the latter is taken off what is paid now."""
    before, after = period_words(share.period.previous()), period_words(share.period.next())
    found = []
    if share.sheet["carried_in"]:
        found.append(carried("carried_in", share.sheet["carried_in"], said("WORKBOOK_FROM_BEFORE", period=before)))
    if share.sheet["carried_out"]:
        why = "WORKBOOK_OWED_LATER" if share.sheet["carried_out"] < 0 else "WORKBOOK_TO_LATER"
        found.append(carried("carried_out", -share.sheet["carried_out"], said(why, period=after)))
    return found


def _who(share: "AgentRun") -> str:
    agent = share.agent
    role = agent.get("role", "").replace("_", " ").capitalize()
    place = ", ".join(part for part in (role, agent.get("branch", "")) if part)
    parts = [share.sheet["name"], share.sheet["agent_id"], place, period_words(share.period)]
    if share.as_of < share.period.last:
        parts.append(said("WORKBOOK_PROVISIONAL", day=day_words(share.as_of)))
    return " · ".join(part for part in parts if part)


def _statement(page: Page, share: "AgentRun", rows: Sequence[Row]) -> Table:
    page.heading("Commission statement", _who(share))
    for column, width in ((LEFT, 240), (LEFT + 1, 104), (LEFT + 2, 76), (LEFT + 3, 68), (LEFT + 4, 124)):
        page.grow(column, width)
    page.widths[NUMBER] = 26
    currency = share.plan.currency
    table = page.table(
        TOP,
        [
            Column("what", "What it is for", [row.what for row in rows], widest=40),
            Column(
                "base",
                "Base",
                [shown_base(row, share.digits) for row in rows],
                "money",
                kinds=[row.base_kind for row in rows],
            ),
            Column("rate", "Rate", [row.rate for row in rows], "rate", kinds=[row.rate_kind for row in rows]),
            Column("factor", "Factor", [row.factor for row in rows], "factor"),
            Column(
                "amount",
                f"Amount, {currency}",
                [row.amount for row in rows],
                "money",
                "=SUMIFS(line_amount,line_row,$A{row})",
                total=True,
                name="row_amount",
            ),
            Column("why", "Why", [row.why for row in rows], "note", widest=46),
        ],
        total=_to_whom(share),
    )
    for number in range(len(rows)):
        page.put(
            table.first + number, NUMBER, number + 1, "whole", fits=False, font_color=MUTED, font_size=8, align="center"
        )
    page.put(
        table.last + 1,
        LEFT + 5,
        _carried_words(share),
        "note",
        fits=False,
        font_color=MUTED,
        indent=1,
        top=2,
        top_color=INK,
    )
    _figures(page, share, table, rows)
    _notes(page, table.last + 3, share, rows)
    page.heads_stay(TOP)
    return table


def _to_whom(share: "AgentRun") -> str:
    agent = share.agent
    number = masked_phone(agent.get("msisdn", "")) or masked_account(agent.get("account_no", ""))
    bank = f"bank {agent['bank_code']}" if agent.get("bank_code") else ""
    how = agent.get("provider") or bank or agent.get("pay_channel", "").replace("_", " ")
    if number:
        return said("WORKBOOK_PAID_TO", number=number, how=f" ({how})" if how else "")
    return said("WORKBOOK_PAID_BY", how=how) if how else said("WORKBOOK_TO_BE_PAID")


def _carried_words(share: "AgentRun") -> str:
    nothing = "" if share.sheet["carried_out"] else said("WORKBOOK_NOTHING_CARRIED")
    return f"in {share.plan.currency}{nothing}"


def _figures(page: Page, share: "AgentRun", table: Table, rows: Sequence[Row]) -> None:
    taxed = sum(1 for row in rows if row.before_tax)
    letter = table.letter("amount")
    gross = sum(row.amount for row in rows if row.before_tax)
    earned = Formula(f"=SUM({letter}{table.first + 1}:{letter}{table.first + taxed})", gross) if taxed else 0
    payable = Formula(f"={table.total_cell('amount')}", sum(row.amount for row in rows))
    unit = share.plan.currency
    page.figures(
        FIGURES,
        [
            Figure("Collected", share.collected, "money", LEFT),
            _second(share),
            Figure("Earned before tax", earned, "money", LEFT + 3),
            Figure("To be paid", payable, "money", LEFT + 5, accent=True, unit=unit),
        ],
        LEFT + 5,
    )


def _second(share: "AgentRun") -> Figure:
    """The target, of the first component that has one; else how many payments counted."""
    met = next((part["attainment"] for part in share.components if part["attainment"]), "")
    if met:
        return Figure("Target met", round(Decimal(met), 3), "rate", LEFT + 1)
    return Figure("Payments counted", share.payments, "whole", LEFT + 1)


def _notes(page: Page, row: int, share: "AgentRun", rows: Sequence[Row]) -> None:
    looks: dict[str, Style] = {
        "more": {"font_color": ACCENT},
        "look": {"font_color": WATCH[0]},
        "plain": {"font_color": INK},
    }
    for text, meant in notes_of(share.components, share.sheet, share.digits):
        page.prose(row, f"◆ {text}" if meant == "look" else text, **looks[meant])
        row += 1
    if any(one.is_off_by_cents(share.digits) for one in rows):
        page.prose(row, said("WORKBOOK_CENTS"), font_color=MUTED)
        row += 1
    page.prose(row, said("WORKBOOK_QUESTIONS"), font_color=MUTED)


def _payments(page: Page, share: "AgentRun", rows: Sequence[Row]) -> None:
    """Each line with the number of its row: rate and factor stand there, and the reason if it is the same for all."""
    page.heading("Payments behind the statement", _who(share))
    page.prose(PAYMENTS_TOP - 1, said("WORKBOOK_OWN_LINES"), font_color=MUTED)
    placed = [(number, row, line) for number, row in enumerate(rows, 1) for line in row.listed]
    table = page.table(PAYMENTS_TOP, _line_columns(share.plan.currency, placed), total="Total")
    _given(page, table.last + 3, share)
    page.heads_stay(PAYMENTS_TOP)


def _line_columns(currency: str, placed: Sequence[tuple[int, Row, Line]]) -> list[Column]:
    lines = [line for _, _, line in placed]
    bases = [Decimal(line["base"]) if line["base"] else None for line in lines]
    amounts = [line["amount"] for line in lines]
    reasons = ["" if row.one_reason else line["reason"] for _, row, line in placed]
    columns = [
        Column("row", "Row", [number for number, _, _ in placed], "whole", name="line_row"),
        Column("payment_id", "Payment", [line["payment_id"] for line in lines], widest=28),
        Column("account_id", "Account", [line["account_id"] for line in lines], widest=24),
        Column("date", "Date", [line["date"] for line in lines], "date"),
        Column("base", "Base", bases, "money", kinds=[row.base_kind for _, row, _ in placed]),
        Column("amount", f"Amount, {currency}", amounts, "money", total=True, name="line_amount"),
    ]
    return [*columns, Column("why", "Why", reasons, "note", widest=56)] if any(reasons) else columns


def _given(page: Page, row: int, share: "AgentRun") -> None:
    """The two figures that the check of the statement needs, with their names."""
    small: Style = {"font_color": MUTED, "font_size": HEAD_POINTS}
    given: list[tuple[str, int, Kind, str]] = [
        ("WORKBOOK_ON_SHEET", share.sheet["payable"], "money", "sheet_payable"),
        ("WORKBOOK_DIGITS_OF", share.digits, "whole", "minor_digits"),
    ]
    place = LEFT + 5
    for offset, (label, value, kind, name) in enumerate(given):
        page.prose(row + offset, said(label, currency=share.plan.currency), column=LEFT + 1, **small)
        page.put(row + offset, place, value, kind, **small)
        page.book.name(name, f"Payments!{xl_rowcol_to_cell(row + offset, place, row_abs=True, col_abs=True)}")


def _status(statement: Page, payments: Page, share: "AgentRun", table: Table, rows: Sequence[Row]) -> str:
    agrees = sum(row.amount for row in rows) == share.sheet["payable"]
    good, bad = said("WORKBOOK_STATEMENT_AGREES"), said("WORKBOOK_STATEMENT_DIFFERS")
    text = _STATUS.format(total=table.total_cell("amount"), good=good, bad=bad)
    statement.book.name("master_check", "Statement!$B$3")
    status(statement, Formula(text, good if agrees else bad))
    status(payments, Formula("=master_check", good if agrees else bad))
    return "All checks agree ✓" if agrees else "A check differs ✗"
