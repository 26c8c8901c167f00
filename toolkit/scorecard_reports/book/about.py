"""The About sheet: what the workbook is for, the scoring rule with its KPIs, gates and bands, sheets and signs."""

from collections.abc import Sequence

from toolkit.kpi_codes import kpi_codes
from toolkit.look import LEFT, Column, Kind, Page, day_words, period_words, said
from toolkit.look.blocks import compared_digits, labelled
from toolkit.look.theme import INPUT
from toolkit.score_rules import Scorecard
from toolkit.scorecard_reports.book.laid import Laid, numbers
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import counted_words, legend, measure_words, rule_words, title_of
from toolkit.scorecards import Card

COMPARED_DIGITS = 2
"""Digits behind the point in which the checks compare."""


def write_about(page: Page, laid: Laid, about: About, more: Sequence[str]) -> None:
    """The whole sheet, with the named cells that formulas use. more: the names of sheets that not every book has."""
    page.grow(LEFT, 190)
    page.heading(said("CARD_TITLE"), subtitle(about))
    row = labelled(page, 4, "", [("What it is for", said("CARD_ABOUT_PURPOSE")), *_facts(about)])
    sheets = ("Scorecard", "Scores", "Values", *more, "Checks")
    row = labelled(page, row, "Sheets", [(name, said(f"CARD_ABOUT_{name.upper()}")) for name in sheets])
    for number, rule in enumerate(laid.rules, 1):
        mine = [card for card in laid.cards if card.rule is rule]
        row = _rule(page, row, number, rule, mine, about)
    compared_digits(page, row, said("CARD_MIN_DIGITS"), COMPARED_DIGITS)


def _facts(about: About) -> list[tuple[str, str]]:
    period = about.period
    return [
        ("Period", f"{period_words(period)}, from {day_words(period.first)} to {day_words(period.last)}"),
        ("Data as of", day_words(about.as_of)),
        ("Set-up", about.profile),
        ("Calculated by", f"Collections Toolkit {about.version}"),
    ]


def _rule(page: Page, row: int, number: int, rule: Scorecard, cards: Sequence[Card], about: About) -> int:
    page.prose(row, f"The rule: {rule.title or rule.name}", bold=True, font_size=12)
    row += 1
    sentences = [*rule_words(rule), legend(rule)]
    row = labelled(page, row, "", [(f"{at}.", text) for at, text in enumerate(sentences, 1)])
    row = page.table(row, _measures(rule, cards, about), tint=INPUT).last + 2
    bands = [
        Column(
            "start",
            "From",
            numbers([float(band.start) for band in rule.bands]),
            "count",
            name=f"band_start_{number}",
            style={"align": "left"},
        ),
        Column("name", "Called", [band.name for band in rule.bands], name=f"band_name_{number}"),
    ]
    return page.table(row, bands, tint=INPUT).last + 2


def _measures(rule: Scorecard, cards: Sequence[Card], about: About) -> list[Column]:
    kpis = [measure.kpi for measure in rule.kpis]
    agents = [card for card in cards if card.scope_kind == "agent"]
    groups = [card for card in cards if card.scope_kind != "agent"]
    lines, others = (
        {kpi: [line for card in of if (line := card.line(kpi))] for kpi in kpis} for of in (agents, groups)
    )
    wanted = [
        measure_words(measure, [line for card in agents if (line := card.line(measure.kpi))]) for measure in rule.kpis
    ]
    kinds: list[Kind] = ["share" for _ in kpis]
    return [
        Column("kpi", "KPI", [title_of(kpi, about) for kpi in kpis], widest=30),
        Column("weight", "Weight", numbers([float(measure.weight) for measure in rule.kpis]), "exact"),
        Column("target", "Target", wanted, style={"align": "right"}),
        Column("cap", "Cap", numbers([float(measure.cap) for measure in rule.kpis]), "share", kinds=kinds),
        Column("watch", "Nearly met from", numbers([float(measure.watch) for measure in rule.kpis]), "share"),
        Column("good", "Better is", ["less" if kpi_codes()[kpi].direction == "lower" else "more" for kpi in kpis]),
        Column("how", "How it is counted", [counted_words(lines[kpi], others[kpi]) for kpi in kpis], "note", widest=50),
    ]
