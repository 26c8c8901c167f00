"""The cover of a batch: what it is, the figures that matter, a stamp that nobody overlooks, and who signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from toolkit.finance.batch import Batch
from toolkit.finance.control import both
from toolkit.look import LEFT, Cell, Figure, Formula, Kind, Page, day_words, period_words, said
from toolkit.look.theme import BAD, INPUT, LINE, MUTED, Style

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

STAMP, FIGURES, TOP = 3, 5, 8
_LABEL, _VALUE, _NOTE = LEFT, LEFT + 1, LEFT + 2


@dataclass(frozen=True)
class Fact:
    """A line of the cover; a value with a name is used by formulas."""

    label: str
    value: Cell
    kind: Kind = "text"
    note: str = ""
    name: str = ""


def write_cover(page: Page, run: "CommissionRun", batch: Batch, provenance: Mapping[str, str], exceptions: int) -> None:
    """The page. Its figures are formulas over the sheets of payees."""
    page.grow(_LABEL, 190)
    page.grow(_VALUE, 190)
    page.grow(_NOTE, 150)
    page.grow(_NOTE + 1, 190)
    _stamp(page)
    row = TOP
    for fact in _facts(run, batch, provenance, exceptions):
        _fact(page, row, fact)
        row += 1
    _figures(page, run, batch)
    _approval(page, row + 1)


def _stamp(page: Page) -> None:
    page.height(STAMP, 44)
    look: Style = {"bg_color": BAD[1], "font_color": BAD[0], "bold": True, "font_size": 26}
    for column in range(_LABEL, _NOTE + 2):
        page.put(STAMP, column, None, **look)
    page.put(STAMP, _LABEL, said("WORKBOOK_STAMP"), fits=False, **look)


def _figures(page: Page, run: "CommissionRun", batch: Batch) -> None:
    paid = sum(payee.sheet["payable"] for payee in batch.paid)
    page.figures(
        FIGURES,
        [
            Figure("Payments", Formula("=batch_count", len(batch.paid)), "whole", _LABEL),
            Figure("Gross", Formula("=batch_gross", batch.total("gross")), "money", _VALUE),
            Figure("Withholding", Formula("=batch_wht", batch.total("withholding")), "money", _NOTE),
            Figure("To be paid", Formula("=batch_payable", paid), "money", _NOTE + 1, True, run.plan.currency),
        ],
        _NOTE + 1,
    )


def _facts(run: "CommissionRun", batch: Batch, provenance: Mapping[str, str], exceptions: int) -> list[Fact]:
    plan, control = run.plan, run.control
    cash = control["credited"]["amount"]
    paid = sum(payee.sheet["payable"] for payee in batch.paid)
    gross = batch.total("gross")
    share = Decimal(gross) / cash if cash else Decimal(0)
    look = f"◆ {exceptions} to look at" if exceptions else "✓ none"
    return [
        Fact("Batch", batch.batch_id),
        Fact("Period", period_words(run.period), note=said("WORKBOOK_AS_OF", day=day_words(run.as_of))),
        Fact("Plan", f"{plan.id}, version {plan.version}", note=plan.reference),
        Fact("Currency", plan.currency, note=said("WORKBOOK_ALL_AMOUNTS")),
        Fact("Payments", Formula("=COUNT(paid_payable)", len(batch.paid)), "whole", "on Payment lines", "batch_count"),
        Fact("Paid nothing this time", Formula("=COUNT(unpaid_net)", len(batch.unpaid)), "whole", "on Not paid"),
        Fact("Gross", Formula(both("gross"), gross), "money", said("WORKBOOK_PAID_OR_NOT"), "batch_gross"),
        Fact("of it adjustments", Formula(both("adjustments"), batch.total("adjustments")), "money"),
        Fact("of it taken back", Formula(both("clawback"), batch.total("clawback")), "money"),
        Fact(
            "Withholding",
            Formula(both("wht"), batch.total("withholding")),
            "money",
            said("WORKBOOK_TO_STATE"),
            "batch_wht",
        ),
        Fact("Net", Formula(both("net"), batch.total("net")), "money"),
        Fact("Carried in", Formula(both("carried_in"), batch.total("carried_in")), "money"),
        Fact("To be paid", Formula("=ROUND(SUM(paid_payable),minor_digits)", paid), "money", "", "batch_payable"),
        Fact("Carried out", Formula(both("carried_out"), batch.total("carried_out")), "money"),
        Fact("Cash collected", cash, "money", said("WORKBOOK_CASH"), "cash_collected"),
        Fact(
            "Commission of cash collected",
            Formula("=IF(cash_collected=0,0,batch_gross/cash_collected)", share),
            "rate",
            said("WORKBOOK_SHARE"),
        ),
        Fact("Exceptions", look, "status", "on Exceptions"),
        Fact("Hash of lines.csv", provenance.get("lines_hash", "")),
        Fact("Hash of the plan", provenance.get("plan_hash", "")),
        Fact("Hash of pay details", batch.details_hash),
        Fact("Digits of the currency", run.digits, "whole", said("WORKBOOK_DIGITS"), "minor_digits"),
        Fact("Made by", f"Collections Toolkit {provenance.get('toolkit', '')}"),
    ]


def _fact(page: Page, row: int, fact: Fact) -> None:
    line: Style = {"bottom": 1, "bottom_color": LINE}
    for column in (_NOTE, _NOTE + 1):
        page.put(row, column, None, **line)
    page.put(row, _LABEL, fact.label, font_color=MUTED, **line)
    page.put(row, _VALUE, fact.value, fact.kind, fits=fact.kind != "text", align="left", **line)
    if fact.note:
        page.put(row, _NOTE, fact.note, fits=False, font_color=MUTED, **line)
    if fact.kind == "money":
        page.red_negatives(f"{_cell(row)}:{_cell(row)}")
    elif fact.kind == "status":
        page.statuses(f"{_cell(row)}:{_cell(row)}")
    if fact.name:
        page.book.name(fact.name, f"{page.name}!$C${row + 1}")


def _cell(row: int) -> str:
    return f"C{row + 1}"


def _approval(page: Page, row: int) -> None:
    """Fields to fill in, and a line that says whether two people did."""
    page.prose(row, "Approval", bold=True, font_size=12)
    heads = ("", "Name", "Role", "Date")
    for column, head in enumerate(heads, _LABEL):
        page.put(row + 1, column, head, bold=True, font_color=MUTED, font_size=9.5, bottom=1)
    for number, (label, name) in enumerate((("Prepared by", "prepared_by"), ("Approved by", "approved_by")), row + 2):
        page.height(number, 24)
        page.put(number, _LABEL, label, bottom=1, bottom_color=LINE)
        for column in (_VALUE, _NOTE, _NOTE + 1):
            kind: Kind = "date" if column == _NOTE + 1 else "text"
            page.put(
                number, column, None, kind, bg_color=INPUT, bottom=1, bottom_color=LINE, align="left", locked=False
            )
        page.book.name(name, f"{page.name}!$C${number + 1}")
    formula = (
        '=IF(OR(TRIM(prepared_by)="",TRIM(approved_by)=""),"◆ not signed yet",'
        'IF(LOWER(TRIM(prepared_by))=LOWER(TRIM(approved_by)),"✗ the same person twice","✓ two people"))'
    )
    page.put(row + 4, _LABEL, "Two people?", font_color=MUTED)
    page.put(row + 4, _VALUE, Formula(formula, "◆ not signed yet"), "status", fits=False)
    page.statuses(f"C{row + 5}:C{row + 5}")
    page.prose(row + 5, said("WORKBOOK_APPROVAL"), font_color=MUTED)
