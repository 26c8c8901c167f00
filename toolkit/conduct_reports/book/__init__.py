"""conduct.xlsx: breaches by agent and by rule, every breach, and what was not judged and why."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.conduct import Conduct
from toolkit.conduct_reports.files.shown import About, Tables
from toolkit.conduct_reports.files.tables import ALL_RULES, NUMBERS
from toolkit.conduct_reports.files.words import look_at, permitted_words, standing_words, subtitle
from toolkit.look import LEFT, Book, Column, Figure, Page, day_words, said
from toolkit.look.cells import lines_needed
from toolkit.look.theme import LINE, MUTED

TOP = 7
MOST_BREACHES = 20_000
"""Rows of the sheet of breaches; breaches.csv has them all."""


def write_conduct_book(found: Conduct, tables: Tables, about: About, out: Path) -> None:
    """Write the workbook to `out`; the same results give the same bytes."""
    book = Book(
        out,
        title=f"Conduct {about.period.label}",
        subject=subtitle(about),
        created=about.as_of,
        currency=about.currency,
        digits=about.digits,
    )
    names = ("Agents", "Rules", "Breaches", "Not judged", "About")
    pages = {name: Page(book, name, landscape=name != "About") for name in names}
    _agents(pages["Agents"], tables, about)
    _rules(pages["Rules"], tables, about)
    _breaches(pages["Breaches"], tables, about)
    _not_judged(pages["Not judged"], tables, about)
    _about(pages["About"], found, about)
    footer = said(
        "CONDUCT_FOOTER",
        period=about.period.label,
        profile=about.profile,
        day=day_words(about.as_of),
        version=about.version,
    )
    for page in pages.values():
        if about.provisional:
            page.stamped_on_paper("PROVISIONAL")
        page.finish(footer, said("CONDUCT_ADDS_UP"))
    book.close()


def _head(page: Page, about: About, sentence: str) -> None:
    page.heading(said("CONDUCT_TITLE"), subtitle(about))
    page.prose(2, sentence, font_color=MUTED)


def _agents(page: Page, tables: Tables, about: About) -> None:
    _head(page, about, said("CONDUCT_SHEET_AGENTS"))
    whole = tables.agents.filter(pl.col("rule") == ALL_RULES).sort("breaches", descending=True, maintain_order=True)
    columns = [
        Column("agent", "Agent", [_name(row) for row in whole.iter_rows(named=True)], widest=30),
        Column("team", "Team", [team or None for team in whole["team"]], widest=24),
        Column("rows", "Contacts", whole["rows"].to_list(), "whole", total=True),
        Column("judged", "Contacts made", whole["judged"].to_list(), "whole", total=True),
        Column("with", "With a breach", whole["contacts_with_breach"].to_list(), "whole", total=True),
        Column("breaches", "Breaches", whole["breaches"].to_list(), "count", total=True, style={"bold": True}),
        Column("rate", "Per 1,000", _exact(whole["per_1000"]), "exact", _RATE.format("breaches", "judged")),
        Column("low", "Probably from", _exact(whole["low"]), "exact", style={"font_color": MUTED}),
        Column("high", "to", _exact(whole["high"]), "exact", style={"font_color": MUTED}),
        Column("look", "Look at", [look_at(tables, row["agent_id"]) for row in whole.iter_rows(named=True)], "note"),
    ]
    _figures(page, tables)
    page.table(TOP, columns, total="All")
    page.prose(TOP + len(whole) + 3, said("CONDUCT_HOW_SURE"), font_color=MUTED)
    page.heads_stay(TOP, 2)


_RATE = '=IF({{{1}}}{{row}}=0,"",{{{0}}}{{row}}/{{{1}}}{{row}}*1000)'


def _figures(page: Page, tables: Tables) -> None:
    breaches, made = tables.standing.height, tables.made
    rate = Decimal(str(round(breaches * 1000 / made, 2))) if made else None
    agents = tables.agents.filter((pl.col("rule") == ALL_RULES) & pl.col("agent_id").is_not_null())
    with_one = agents.filter(pl.col("breaches") > 0).height
    page.figures(
        4,
        [
            Figure(said("CONDUCT_FIGURE_RATE"), "–" if rate is None else rate, "exact", LEFT, accent=True),
            Figure(said("CONDUCT_FIGURE_BREACHES"), breaches, "whole", LEFT + 2),
            Figure(said("CONDUCT_FIGURE_CONTACTS"), tables.contacts_broken, "whole", LEFT + 4),
            Figure(
                said("CONDUCT_FIGURE_AGENTS"), said("CONDUCT_OF", part=with_one, whole=agents.height), "text", LEFT + 7
            ),
        ],
        LEFT + 9,
    )


def _rules(page: Page, tables: Tables, about: About) -> None:
    _head(page, about, said("CONDUCT_SHEET_RULES"))
    rows = tables.rules
    columns = [
        Column("set", "Call rules", rows["rule_set"].to_list(), widest=24),
        Column("from", "In force from", rows["in_force_from"].to_list(), widest=14),
        Column("title", "Rule", rows["title"].to_list(), widest=40),
        Column("permitted", "Permitted", rows["permitted"].to_list(), "note", widest=50),
        Column("standing", "Law or policy", rows["standing"].to_list(), "note", widest=34),
        Column("rows", "Contacts", rows["rows"].to_list(), "whole"),
        Column("judged", "Judged", rows["judged"].to_list(), "whole"),
        Column("not", "Not judged", rows["not_judged"].to_list(), "whole", "={rows}{row}-{judged}{row}"),
        Column("breaches", "Breaches", rows["breaches"].to_list(), "count", total=True, style={"bold": True}),
        Column("rate", "Per 1,000", _exact(rows["per_1000"]), "exact", _RATE.format("breaches", "judged")),
        Column("low", "Probably from", _exact(rows["low"]), "exact", style={"font_color": MUTED}),
        Column("high", "to", _exact(rows["high"]), "exact", style={"font_color": MUTED}),
    ]
    page.table(4, columns, total="All")
    page.heads_stay(4, 0)


def _breaches(page: Page, tables: Tables, about: About) -> None:
    _head(page, about, said("CONDUCT_SHEET_BREACHES"))
    rows = tables.breaches.head(MOST_BREACHES)
    more = tables.breaches.height - rows.height
    if more:
        page.prose(3, said("CONDUCT_MORE_BREACHES", more=f"{more:,}"), font_color=MUTED)
    agents = [_name(row) for row in rows.select("agent_id", "agent").iter_rows(named=True)]
    columns = [
        Column("at", "When (customer's clock)", rows["at"].to_list()),
        Column("agent", "Agent", agents, widest=26),
        Column("team", "Team", [team or None for team in rows["team"]], widest=18),
        Column("account", "Account", rows["account_id"].to_list(), widest=18),
        Column("channel", "Contact", rows["channel"].to_list()),
        Column("event", "Number", rows.select(pl.coalesce(NUMBERS.values())).to_series().to_list(), widest=18),
        Column("title", "Rule", rows["title"].to_list(), widest=30),
        Column("seen", "Seen", rows["seen"].to_list(), widest=30),
        Column("permitted", "Permitted", rows["permitted"].to_list(), "note", widest=30),
        Column("with", "Counted with", rows["counted_with"].to_list(), "note", widest=30),
        Column("exempt", "No breach because", rows["exempt"].to_list(), "note", widest=22),
        Column("file", "Source", _sources(rows), "note", widest=24),
    ]
    page.table(4, columns)
    page.heads_stay(4, 2)


def _sources(rows: pl.DataFrame) -> list[str]:
    pairs = rows.select("source_file", "source_row").iter_rows()
    return [f"{file}, row {row}" if file else "" for file, row in pairs]


def _not_judged(page: Page, tables: Tables, about: About) -> None:
    _head(page, about, said("CONDUCT_SHEET_NOT_JUDGED"))
    rows = tables.exempt
    columns = [
        Column("set", "Call rules", rows["rule_set"].to_list(), widest=24),
        Column("version", "In force from", rows["version"].to_list()),
        Column("rule", "Rule", rows["rule"].to_list(), widest=28),
        Column("channel", "Contact", rows["channel"].to_list()),
        Column("judged", "Judged", ["yes" if judged else "no" for judged in rows["judged"]]),
        Column("rows", "Contacts", rows["rows"].to_list(), "whole", style={"bold": True}),
        Column("reason", "Why", rows["reason"].to_list(), "note", widest=70),
    ]
    page.table(4, columns)
    page.heads_stay(4, 0)


def _about(page: Page, found: Conduct, about: About) -> None:
    page.grow(LEFT, 190)
    page.heading(said("CONDUCT_TITLE"), subtitle(about))
    texts = [
        ("How it is counted", said("CONDUCT_HOW")),
        ("How sure", said("CONDUCT_HOW_SURE")),
        ("What a breach is", said("CONDUCT_HOW_LAW")),
        ("Data as of", day_words(about.as_of)),
        ("Time zone", about.timezone),
        ("Set-up", about.profile),
        ("Calculated by", f"Collections Toolkit {about.version}"),
    ]
    for version in {held.version.name + held.version.label: held.version for held in found.held}.values():
        said_of = said("CONDUCT_ABOUT_SAYS", title=version.title, start=version.label, note=version.note)
        texts.append((version.name, said_of))
    texts += [(held.rule.title, f"{permitted_words(held.rule)} ({standing_words(held)})") for held in found.held]
    for row, (label, text) in enumerate(texts, 4):
        page.put(
            row, LEFT, label, font_color=MUTED, bottom=1, bottom_color=LINE, valign="top", text_wrap=True, fits=False
        )
        page.sheet.merge_range(row, LEFT + 1, row, LEFT + 7, "")
        page.put(row, LEFT + 1, text, fits=False, text_wrap=True, bottom=1, bottom_color=LINE, valign="top")
        page.height(row, 14 * max(lines_needed(text, 448), lines_needed(label, 190)) + 4)


def _name(row: dict[str, Any]) -> str:
    return row["agent"] or row["agent_id"] or said("CONDUCT_NOBODY")


def _exact(values: pl.Series) -> list[Decimal | None]:
    return [None if value is None else Decimal(str(round(value, 9))) for value in values]
