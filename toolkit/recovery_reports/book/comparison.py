"""Comparisons that somebody asked for: below a line and from it on, before a day and from it on."""

from toolkit.look import Column, Page, said
from toolkit.look.theme import MUTED
from toolkit.recovery.compared import called
from toolkit.recovery_reports.book.prose import on_paper, sentences
from toolkit.recovery_reports.shown import COMPARISON, Shown, exact

TOP = 5


def write_comparison(page: Page, shown: Shown) -> None:
    """Each line, outcome and bandwidth, and below it what the comparisons can and cannot claim."""
    rows = shown.rows(COMPARISON)
    page.heading("Comparison", shown.subtitle)
    page.prose(3, said("RECOVERY_SHEET_COMPARISON"), font_color=MUTED)
    figures = {"effect": "Step", "low": "at least", "high": "at most", "naive": "Plain difference"}
    table = page.table(
        TOP,
        [
            Column("line", "Line", [row["asked"] for row in rows], widest=26),
            Column("outcome", "Compared", [called(row["running"], row["outcome"]) for row in rows], widest=40),
            Column("bandwidth", "Within", [exact(row["bandwidth"]) for row in rows], "number"),
            *(
                Column(key, head, [row[key] for row in rows], "whole")
                for key, head in (("below", "Below, before"), ("above", "From it on"))
            ),
            *(
                Column(key, head, [exact(row[key]) for row in rows], "number", style={"bold": key == "effect"})
                for key, head in figures.items()
            ),
            Column("words", "What it says", [row["in_words"] for row in rows], "note", widest=74),
        ],
    )
    claims = list(dict.fromkeys(row["claims"] for row in rows if row["claims"]))
    on_paper(page, sentences(page, table.last + 2, claims, 10))
    page.heads_stay(TOP, 2)
