"""What the formulas of the commission sheet give, worked out from the lines in the same steps, cell by cell.

These are the values stored with the formulas. They are made from the lines and not copied from the
calculated sheet, so that a difference between the two shows even where nothing recalculates.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

import polars as pl

from toolkit.commission_book.words import KIND_LABELS, component_codes
from toolkit.money import from_minor, to_minor

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

FROM_LINES = {
    "adjustments": "adjust",
    "clawback": "clawback",
    "holdback": "holdback",
    "released": "release",
    "guarantee": "guarantee",
    "withholding": "withholding",
}
"""Columns of the sheet that are the sum of one kind of line."""
BEFORE_TAX = ("adjustments", "clawback", "holdback", "released", "guarantee")


@dataclass(frozen=True)
class LiveSheet:
    """Amounts in minor units by column of the sheet, one value an agent; `whole` in major units."""

    amounts: dict[str, list[int]]
    whole: list[Decimal]
    agrees: list[bool]


def live_sheet(run: "CommissionRun", lines: pl.DataFrame) -> LiveSheet:
    """`lines` with `no` and `column`, as the workbook holds them."""
    codes = component_codes(run)
    rows = run.sheet.height
    labels = {code: code for code in codes} | {key: KIND_LABELS[kind] for key, kind in FROM_LINES.items()}
    sums = _sums(lines)
    amounts = {key: [sums.get((no, label), 0) for no in range(1, rows + 1)] for key, label in labels.items()}
    parts = [amounts[key] for key in (*codes, *BEFORE_TAX)]
    amounts["gross"] = [sum(row) for row in zip(*parts, strict=True)]
    amounts["net"] = [gross + tax for gross, tax in zip(amounts["gross"], amounts["withholding"], strict=True)]
    amounts["carried_in"] = run.sheet["carried_in"].to_list()
    whole = [_whole(run, *pair) for pair in zip(amounts["net"], amounts["carried_in"], strict=True)]
    amounts["payable"] = [_payable(run, amount) for amount in whole]
    amounts["carried_out"] = [
        net + carried - paid
        for net, carried, paid in zip(amounts["net"], amounts["carried_in"], amounts["payable"], strict=True)
    ]
    return LiveSheet(amounts, whole, _agreement(run, amounts))


def _sums(lines: pl.DataFrame) -> dict[tuple[int, str], int]:
    found = lines.group_by("no", "column").agg(pl.col("amount").sum())
    return {(no, column): amount for no, column, amount in found.iter_rows()}


def _whole(run: "CommissionRun", net: int, carried: int) -> Decimal:
    recover = Decimal(run.plan.carry.recover_at_most if run.plan.carry else 1_000_000).scaleb(-6)
    after = from_minor(net + carried, run.digits)
    if carried < 0 < net:
        after = max(after, from_minor(net, run.digits) * (1 - recover))
    units = (after / run.plan.payout_unit).to_integral_value(ROUND_FLOOR)
    return units * run.plan.payout_unit


def _payable(run: "CommissionRun", whole: Decimal) -> int:
    return to_minor(whole, run.digits) if whole > 0 and whole >= run.plan.min_payout else 0


def _agreement(run: "CommissionRun", amounts: dict[str, list[int]]) -> list[bool]:
    given = {key: run.sheet[key].to_list() for key in amounts}
    return [all(amounts[key][i] == given[key][i] for key in amounts) for i in range(run.sheet.height)]
