"""What is worth pursuing: what the list comes to by next step and why, chances, and the accounts themselves."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from toolkit.look import LEFT, Column, Figure, Formula, Page, Table, said
from toolkit.look.theme import MUTED
from toolkit.recovery_reports.book.charts import Series, chart, money_axis, of_column, reach
from toolkit.recovery_reports.book.prose import on_paper
from toolkit.recovery_reports.shown import CHANCES, PURSUE, SUMMARY, Shown, exact, pursued

TOP, LIST = 7, 5
MOST = 20_000
"""Accounts of the sheet; pursue.csv has them all."""
MONEY = ("balance", "cost", "net_low", "net_likely", "net_high")
NETS = {"net_low": "Net, at least", "net_likely": "Net, likely", "net_high": "Net, at most"}


def write_summary(page: Page, shown: Shown) -> Table:
    """By next step, and by reason."""
    rows = shown.rows(SUMMARY)
    page.heading("Worth pursuing", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_PURSUE"), font_color=MUTED)
    amounts = {name: [exact(row[name]) or Decimal(0) for row in rows] for name in MONEY}
    first = [
        Column("title", "Next step", [row["title"] for row in rows], widest=34),
        Column("accounts", "Accounts", [int(row["accounts"]) for row in rows], "whole", total=True),
        Column("balance", "Owed", amounts["balance"], "money", total=True),
        Column("cost", "Cost", amounts["cost"], "money", total=True),
    ]
    nets = [Column(name, head, amounts[name], "money", total=True) for name, head in NETS.items()]
    table = page.table(TOP, [*first, *nets], total="All")
    _figures(page, shown, table, rows)
    row = _spans(page, table, shown, rows)
    below = _reasons(page, row, shown)
    last = _chances(page, below, shown)
    page.sheet.print_area(0, 0, last, LEFT + 8)
    on_paper(page, last, [row, below] if last - row > 50 else [row])
    page.heads_stay(TOP)
    page.sheet.repeat_rows(0, 1)
    return table


def _figures(page: Page, shown: Shown, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    taken = pursued(rows)
    sums = {name: sum((exact(row[name]) or Decimal(0) for row in taken), Decimal(0)) for name in MONEY}
    count = sum(int(row["accounts"]) for row in taken)
    first, last = table.first + 1, table.last + 1
    cost = table.letter("cost")
    pursue = f'=SUMIFS({table.cells("accounts")},{cost}{first}:{cost}{last},">0")'
    page.figures(
        4,
        [
            Figure(
                "Net of them, likely",
                Formula(f"={table.total_cell('net_likely')}", sums["net_likely"]),
                "money",
                LEFT,
                accent=True,
            ),
            Figure("Worth a step", Formula(pursue, count), "whole", LEFT + 1),
            Figure("What it costs", Formula(f"={table.total_cell('cost')}", sums["cost"]), "money", LEFT + 2),
            Figure("Net, at least", Formula(f"={table.total_cell('net_low')}", sums["net_low"]), "money", LEFT + 4),
            Figure("Net, at most", Formula(f"={table.total_cell('net_high')}", sums["net_high"]), "money", LEFT + 6),
        ],
        LEFT + 7,
    )


def _spans(page: Page, table: Table, shown: Shown, rows: Sequence[dict[str, Any]]) -> int:
    """The chart of the likely net with its range; how far it goes stands right of the page."""
    taken = pursued(rows)
    if not taken:
        return table.last + 3
    apart = LEFT + 10
    more = [exact(row["net_high"] - row["net_likely"]) for row in rows]
    less = [exact(row["net_likely"] - row["net_low"]) for row in rows]
    letters = {name: table.letter(name) for name in NETS}
    spans = page.table(
        TOP,
        [
            Column(
                "more",
                "Range: up",
                more,
                "money",
                f"={letters['net_high']}{{row}}-{letters['net_likely']}{{row}}",
                style={"font_color": MUTED},
            ),
            Column(
                "less",
                "down",
                less,
                "money",
                f"={letters['net_likely']}{{row}}-{letters['net_low']}{{row}}",
                style={"font_color": MUTED},
            ),
        ],
        left=apart,
    )
    series = Series(
        "Net, likely", of_column(table, "net_likely"), plus=of_column(spans, "more"), minus=of_column(spans, "less")
    )
    title = said("RECOVERY_CHART_PURSUE", currency=shown.about.currency)
    span = reach([float(row["net_high"]) for row in taken], [float(row["net_low"]) for row in taken])
    return chart(
        page,
        table.last + 3,
        title,
        of_column(table, "title"),
        [series],
        span=span,
        numbers=money_axis(row["net_high"] for row in taken),
    )


def _reasons(page: Page, row: int, shown: Shown) -> int:
    """How many accounts each reason has, with what it means."""
    found = shown.table(PURSUE)
    if found is None:
        return row
    sums = (
        found.group_by("reason")
        .agg(pl.len().alias("accounts"), pl.col("balance").sum())
        .sort("accounts", "reason", descending=[True, False])
    )
    page.prose(row, said("RECOVERY_WHY"), bold=True, font_size=12)
    table = page.table(
        row + 1,
        [
            Column("reason", "Why", [said(f"RECOVERY_REASON_{name.upper()}") for name in sums["reason"]], widest=34),
            Column("accounts", "Accounts", sums["accounts"].to_list(), "whole", total=True),
            Column("balance", "Owed", [exact(value) for value in sums["balance"]], "money", total=True),
        ],
        total="All",
    )
    return table.last + 3


def _chances(page: Page, row: int, shown: Shown) -> int:
    """The chance of every step in every bucket, with what happens without it."""
    rows = shown.rows(CHANCES)
    if not rows:
        return row
    page.prose(row, said("RECOVERY_CHANCES"), bold=True, font_size=12)
    page.prose(row + 1, said("RECOVERY_CHANCES_NOTE", least=shown.rules.least_cases), font_color=MUTED)
    shares = {
        "chance": "Followed by money",
        "chance_low": "at least",
        "chance_high": "at most",
        "baseline": "Left alone",
    }
    table = page.table(
        row + 2,
        [
            Column("title", "Step", [one["title"] or one["rung"] for one in rows], widest=34),
            Column("bucket", "Days past due", [one["bucket"] for one in rows]),
            Column("actions", "Cases", [one["actions"] for one in rows], "whole"),
            *(Column(name, head, [exact(one[name]) for one in rows], "share") for name, head in shares.items()),
            Column("note", "", [one["note"] or "" for one in rows], "note"),
        ],
    )
    return table.last + 2


def write_list(page: Page, shown: Shown) -> None:
    """The accounts, those with most expected net first."""
    found = shown.table(PURSUE)
    page.heading("Pursue list", shown.subtitle)
    assert found is not None  # noqa: S101  # only then the sheet is made
    page.prose(3, said("RECOVERY_SHEET_LIST"), font_color=MUTED)
    if found.height > MOST:
        page.prose(4, said("RECOVERY_MORE_ACCOUNTS", more=f"{found.height - MOST:,}"), font_color=MUTED)
    rows = found.sort("expected_net", "account_id", descending=[True, False], nulls_last=True).head(MOST)
    columns = _columns(rows)
    table = page.table(LIST, columns)
    page.sheet.autofilter(LIST, LEFT, table.last, LEFT + len(columns) - 1)
    page.heads_stay(LIST, 2)


def _columns(rows: pl.DataFrame) -> list[Column]:
    def exacts(name: str) -> list[Decimal | None]:
        return [exact(value) for value in rows[name].to_list()]

    return [
        Column("account", "Account", rows["account_id"].to_list(), widest=20),
        Column("title", "Next step", rows["title"].to_list(), widest=26, style={"bold": True}),
        Column("product", "Product", rows["product"].to_list(), widest=18),
        Column("days", "Days past due", rows["days_past_due"].to_list(), "whole"),
        Column("balance", "Owed", exacts("balance"), "money"),
        Column("spent", "Spent so far", exacts("spent"), "money"),
        Column("chance", "Chance, at least", exacts("chance"), "share"),
        Column("break_even", "Pays from", exacts("break_even"), "share"),
        Column("recoverable", "Brings if it succeeds", exacts("recoverable"), "money"),
        Column("cost", "Cost", exacts("cost"), "money"),
        Column("net", "Expected net", exacts("expected_net"), "money", style={"bold": True}),
        Column("high", "at most", exacts("net_high"), "money", style={"font_color": MUTED}),
        Column("stop", "Stop at", [value or "" for value in rows["stop_at"]], widest=16),
        Column("review", "Look again on", rows["review_on"].to_list(), "date"),
        Column("why", "Why", rows["why"].to_list(), "note", widest=70),
    ]
