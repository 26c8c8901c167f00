"""What a run is called on its pages: titles, labels of the sheet's columns, who and when."""

from typing import TYPE_CHECKING

from toolkit.look import day_words, period_words, said
from toolkit.plans import Component, Override

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

KIND_LABELS = {
    "adjust": "Adjustments",
    "clawback": "Taken back",
    "holdback": "Held back",
    "release": "Released",
    "guarantee": "Guarantee",
    "withholding": "Withholding",
}
"""The column of the commission sheet that a line of this kind goes to; other kinds go to their component's."""

SHEET_LABELS = {
    "adjustments": "Adjustments",
    "clawback": "Taken back",
    "holdback": "Held back",
    "released": "Released",
    "guarantee": "Guarantee",
    "gross": "Gross",
    "withholding": "Withholding",
    "net": "Net",
    "carried_in": "Carried in",
    "payable": "To be paid",
    "carried_out": "Carried out",
    "held_balance": "Still held",
    "draw_balance": "Draw owed",
}

LARGEST_BOOK = 50_000
"""Above this number of rows a sheet holds sums, and lines.csv the rows."""


def subtitle(run: "CommissionRun") -> str:
    """Plan, period, currency and whether the period was over when it was calculated."""
    plan = run.plan
    parts = [
        plan.title or plan.id,
        f"{plan.id} version {plan.version}",
        period_words(run.period),
        f"amounts in {plan.currency}",
    ]
    if run.as_of < run.period.last:
        parts.append(said("WORKBOOK_PROVISIONAL", day=day_words(run.as_of)))
    return " · ".join(parts)


def footer(run: "CommissionRun", lines_hash: str) -> str:
    """Run, plan version and the first digits of the hash of lines.csv."""
    return f"Run {run.period.label} · {run.plan.id} v{run.plan.version} · {lines_hash[:8]}"


def component_codes(run: "CommissionRun") -> list[str]:
    """The sheet's columns of components and overrides, in plan order."""
    columns = run.sheet.columns
    return columns[columns.index("currency") + 1 : columns.index("adjustments")]


def part(run: "CommissionRun", code: str) -> Component | Override | None:
    """The component or override of this code, from the newest version that has it."""
    for plan in reversed(run.plans.versions):
        found = plan.component(code) or next((o for o in plan.overrides if o.code == code), None)
        if found:
            return found
    return None


def title_of(run: "CommissionRun", code: str) -> str:
    """What people call a component; its code where the plan gives no title."""
    found = part(run, code)
    return (found.title if found else "") or code
