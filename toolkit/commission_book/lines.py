"""The Lines page: every line of the run, and base x rate x factor beside what was paid."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from toolkit.commission_book.words import KIND_LABELS, part, subtitle
from toolkit.look import Column, Kind, Page, Table, said
from toolkit.plans import Component

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

TOP = 4
_EXACT = '=IF(COUNT({{base}}{{row}}:{{factor}}{{row}})=COLUMNS({{base}}{{row}}:{{factor}}{{row}}),{},"")'
PRODUCT = _EXACT.format("{base}{row}*{rate}{row}*{factor}{row}")


def with_places(run: "CommissionRun") -> pl.DataFrame:
    """The lines with `no`, the agent's row on the commission sheet, and `column`, the column they go to there."""
    numbers = run.sheet.select("agent_id").with_row_index("no", 1)
    column = pl.col("kind").replace_strict(KIND_LABELS, default=pl.col("component"), return_dtype=pl.String)
    lines = run.lines.with_columns(column.alias("column"))
    return lines.join(numbers, on="agent_id", how="left", maintain_order="left").with_columns(
        pl.col("no").cast(pl.Int64)
    )


def summed(lines: pl.DataFrame) -> pl.DataFrame:
    """One row per agent, column, rate and factor: what a workbook holds of a very large run."""
    groups = ["no", "agent_id", "kind", "column", "component", "rate", "factor"]
    base = pl.col("base").replace("", None).cast(pl.Decimal(38, 6)).sum()
    found = lines.group_by(groups, maintain_order=True).agg(
        pl.len().alias("lines"),
        base.alias("base"),
        pl.col("base").eq("").all().alias("no_base"),
        pl.col("amount").sum(),
    )
    base_text = pl.when("no_base").then(pl.lit("")).otherwise(pl.col("base").cast(pl.String))
    return found.with_columns(base_text.alias("base")).drop("no_base")


def numbers(texts: Sequence[str]) -> list[Decimal | None]:
    """Plain decimals as numbers; nothing where there is none."""
    return [Decimal(text) if text else None for text in texts]


def base_kinds(run: "CommissionRun", lines: pl.DataFrame) -> tuple[list[Kind], list[Kind]]:
    """Of each line, whether its base is money or a count, and its rate a percentage or an amount a unit."""
    found: dict[tuple[str, str], tuple[Kind, Kind]] = {}
    bases: list[Kind] = []
    rates: list[Kind] = []
    for kind, code in zip(lines["kind"].to_list(), lines["component"].to_list(), strict=True):
        if (kind, code) not in found:
            found[kind, code] = _kinds(run, kind, code)
        base, rate = found[kind, code]
        bases.append(base)
        rates.append(rate)
    return bases, rates


def _kinds(run: "CommissionRun", kind: str, code: str) -> tuple[Kind, Kind]:
    component = part(run, code)
    if kind not in ("earn", "clawback", "cap_carry") or not isinstance(component, Component):
        return "money", "rate"
    rate: Kind = "rate" if component.kind == "percent" or _shares_money(component) else "money"
    return ("money" if component.counts_money else "number"), rate


def _shares_money(component: Component) -> bool:
    """Paid by target on a measure of money: a share of it. On a count it is an amount for each."""
    return component.kind == "at_target" and component.counts_money


def write_lines(page: Page, run: "CommissionRun", lines: pl.DataFrame, whole: bool) -> Table:
    """The page; `whole`: one row a line, else one row per agent, column, rate and factor."""
    page.heading("Lines", subtitle(run))
    page.prose(3, said("WORKBOOK_LINES" if whole else "WORKBOOK_LINES_SUMMED"), font_color="#5B6675")
    table = page.table(TOP, _columns(run, lines, whole), total="Total")
    page.heads_stay(TOP, 4)
    page.sheet.autofilter(TOP, table.left, table.last, table.left + len(table.keys) - 1)
    return table


def _columns(run: "CommissionRun", lines: pl.DataFrame, whole: bool) -> list[Column]:
    bases, rates = base_kinds(run, lines)
    values = {name: lines[name].to_list() for name in lines.columns}
    base, rate, factor = (numbers(values[name]) for name in ("base", "rate", "factor"))
    products = [product(*parts) for parts in zip(base, rate, factor, strict=True)]
    currency = run.plan.currency
    columns = [Column("line_id", "Line", values["line_id"])] if whole else []
    columns += [
        Column("no", "No. on sheet", values["no"], "whole", name="lines_no"),
        Column("agent_id", "Agent", values["agent_id"], widest=24),
        Column("kind", "Kind", values["kind"], name="lines_kind"),
        Column("column", "Column of the sheet", values["column"], name="lines_column", widest=24),
    ]
    if whole:
        columns += [
            Column("payment_id", "Payment", values["payment_id"], widest=26),
            Column("account_id", "Account", values["account_id"], widest=24),
            Column("date", "Date", values["date"], "date"),
        ]
    else:
        columns.append(Column("lines", "Lines", values["lines"], "whole", total=True))
    columns += [
        Column("base", "Base", base, "money", kinds=bases),
        Column("rate", "Rate", rate, "rate", kinds=rates),
        Column("factor", "Factor", factor, "factor"),
        Column("exact", f"Base x rate x factor, {currency}", products, "money", formula=PRODUCT, name="lines_exact"),
        Column("amount", f"Amount, {currency}", values["amount"], "money", total=True, name="lines_amount"),
    ]
    if whole:
        columns += [
            Column("reason", "Why", values["reason"], "note", widest=50),
            Column("credited_by", "Credited by", values["credited_by"]),
            Column("earned_for", "Earned for", values["earned_for"]),
            Column("due_on", "Due on", values["due_on"], "date"),
            Column("reverses_line", "Takes back line", values["reverses_line"], widest=20),
        ]
    return columns


def product(base: Decimal | None, rate: Decimal | None, factor: Decimal | None) -> Decimal | None:
    """Base x rate x factor, exact; nothing where one of them is missing."""
    return base * rate * factor if base is not None and rate is not None and factor is not None else None
