"""Control totals: count and sums of the batch, by channel and by cost centre, and the checks of the whole book."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toolkit.finance.accounts import NOT_SET
from toolkit.finance.batch import Batch, Payee
from toolkit.look import LEFT, Check, Column, Formula, Page, said
from toolkit.look.theme import MUTED

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

BOTH = {
    "gross": "gross",
    "adjustments": "adjustments",
    "clawback": "clawback",
    "wht": "withholding",
    "net": "net",
    "carried_in": "carried_in",
    "carried_out": "carried_out",
}


def both(key: str) -> str:
    """The formula for a column of those who are paid and those who are not."""
    return f"=ROUND(SUM(paid_{key})+SUM(unpaid_{key}),minor_digits)"


def batch_checks(run: "CommissionRun", batch: Batch) -> list[Check]:
    """The sheets of payees hold exactly the commission sheet."""
    checks = [
        Check(
            "Payments",
            Formula("=COUNT(paid_payable)", len(batch.paid)),
            run.sheet.filter(run.sheet["payable"] > 0).height,
            "whole",
            said("WORKBOOK_WHY_COUNT"),
        )
    ]
    for key, column in BOTH.items():
        here = Formula(both(key), batch.total(column))
        what = f"{column.replace('_', ' ').capitalize()}, paid or not"
        checks.append(Check(what, here, int(run.sheet[column].sum()), "money", said("WORKBOOK_WHY_BATCH")))
    paid = Formula("=ROUND(SUM(paid_payable),minor_digits)", sum(payee.sheet["payable"] for payee in batch.paid))
    checks.append(Check("To be paid", paid, int(run.sheet["payable"].sum()), "money", said("WORKBOOK_WHY_BATCH")))
    kept = batch.total("net") + batch.total("carried_in") - batch.total("carried_out")
    formula = (
        "=ROUND(SUM(paid_net)+SUM(unpaid_net)+SUM(paid_carried_in)+SUM(unpaid_carried_in)"
        "-SUM(paid_carried_out)-SUM(unpaid_carried_out),minor_digits)"
    )
    what = "Net and carried in, less carried out, is what is paid"
    checks.append(
        Check(what, Formula(formula, kept), int(run.sheet["payable"].sum()), "money", said("WORKBOOK_WHY_CARRIED"))
    )
    return checks


def group_checks(batch: Batch) -> list[Check]:
    """The tables by channel and by cost centre add up to the payments."""
    total = sum(payee.sheet["payable"] for payee in batch.paid)
    return [
        Check(
            f"To be paid, by {what}",
            Formula(f"=ROUND(SUM({name}),minor_digits)", total),
            total,
            "money",
            said("WORKBOOK_WHY_GROUPS"),
        )
        for what, name in (("channel", "channel_payable"), ("cost centre", "centre_payable"))
    ]


def write_groups(page: Page, top: int, run: "CommissionRun", batch: Batch) -> None:
    """Both tables from row `top` on, in the columns of the checks above them."""
    row = _table(page, top, "By channel", "channel", batch, _channel, run.plan.currency)
    _table(
        page,
        row,
        "By cost centre",
        "centre",
        batch,
        lambda payee: payee.text("cost_centre") or NOT_SET,
        run.plan.currency,
    )


def _channel(payee: Payee) -> str:
    parts = [payee.text("pay_channel").replace("_", " "), payee.text("provider") or payee.text("bank_code")]
    return ", ".join(part for part in parts if part) or NOT_SET


def _table(
    page: Page, top: int, title: str, name: str, batch: Batch, group_of: Callable[[Payee], str], currency: str
) -> int:
    groups: dict[str, list[Payee]] = {}
    for payee in batch.paid:
        groups.setdefault(group_of(payee), []).append(payee)
    page.prose(top, title, bold=True, font_size=12)
    page.prose(top + 1, said("WORKBOOK_GROUPS"), font_color=MUTED)
    names = sorted(groups, key=lambda group: (group == NOT_SET, group))

    def sums(column: str) -> list[int]:
        return [_sum(groups[group], column) for group in names]

    columns = [
        Column("group", title.removeprefix("By ").capitalize(), names, widest=52),
        Column("payable", f"To be paid, {currency}", sums("payable"), "money", total=True, name=f"{name}_payable"),
        Column("gross", f"Gross, {currency}", sums("gross"), "money", total=True),
        Column("count", "Payments", [len(groups[group]) for group in names], "whole", total=True),
    ]
    return page.table(top + 2, columns, left=LEFT + 1, total="Total").last + 4


def _sum(payees: Sequence[Payee], column: str) -> int:
    return sum(payee.sheet[column] for payee in payees)
