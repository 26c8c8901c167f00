"""The Calls sheet: every evaluation of the period; the sheets before it add up from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from toolkit.look import LEFT, Column, Page
from toolkit.look.theme import MUTED, Style
from toolkit.problems import said
from toolkit.qc import MILLION
from toolkit.quality.summary import PARTS
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import roll_up_words, standing_words, subtitle

TOP = 5
SCORE: Style = {"num_format": "0.00%"}
GREY: Style = {"font_color": MUTED}


@dataclass(frozen=True)
class Numbers:
    """The number of each agent, team, branch and evaluator. Formulas look for these: a name may hold * or ?, or differ
    from another in capitals only, which Excel would take for the same."""

    agents: Mapping[str, int]
    teams: Mapping[str, int]
    branches: Mapping[str, int]
    evaluators: Mapping[str, int]


def numbered(report: QualityReport) -> Numbers:
    """Numbers from 1, in order."""
    parts = [report.calls[name].drop_nulls().unique().sort() for name in ("agent_id", "team", "branch", "evaluator")]
    return Numbers(*({name: at for at, name in enumerate(part, 1)} for part in parts))


def write_calls(page: Page, report: QualityReport, numbers: Numbers) -> None:
    """One row an evaluation."""
    page.heading("Calls", subtitle(report.about))
    page.prose(3, said("QC_REPORT_NOT_ADDED"), **GREY)
    table = page.table(TOP, _columns(report, numbers))
    page.heads_stay(TOP, LEFT + 1)
    page.sheet.print_area(0, 0, table.last, LEFT + table.keys.index("reason"))


def _columns(report: QualityReport, numbers: Numbers) -> list[Column]:
    calls = report.calls
    rows = calls.to_dicts()
    counts = (calls["standing"] == "counts") & calls["score"].is_not_null()
    earned, of = _parts(report, counts)
    return [
        _text("evaluation", "Evaluation", calls["evaluation_id"], widest=20),
        _text("call", "Call", calls["call_id"], widest=20),
        Column("day", "Day", calls["day"].to_list(), "date"),
        _text("agent", "Agent", calls["agent"], widest=26),
        _text("agent_id", "Id", calls["agent_id"], widest=16),
        _text("team", "Team", calls["team"], widest=20),
        _text("evaluator", "Evaluator", calls["evaluator"], widest=24),
        Column("evaluated", "Evaluated", calls["evaluated_on"].to_list(), "date"),
        Column("form", "Form", [f"{row['form']} {row['form_version']}" for row in rows], "note", widest=20),
        Column("roll_up", "Rolled up by", [roll_up_words(row["roll_up"]) for row in rows], "note", widest=18),
        Column("before", "Before fails", _shares(calls["score_before"]), "share", style=SCORE),
        Column("score", "Score", _shares(calls["score"]), "share", name="calls_score", style={**SCORE, "bold": True}),
        Column("compliance", "Compliance", _shares(calls["compliance"]), "share", name="calls_compliance", style=SCORE),
        Column("first", "First score", _shares(calls["first_score"]), "share", style={**SCORE, **GREY}),
        Column("says", "Says", [standing_words(row) for row in rows], "status", widest=20, style={"indent": 1}),
        _text("reason", "Why", calls["reason"], kind="note", widest=60),
        _text("standing", "Standing", calls["standing"], name="calls_standing", style=GREY),
        Column("counts", "Counts", counts.cast(pl.Int64).to_list(), "count", name="calls_counts", style=GREY),
        Column("earned", "Earned", earned, "exact", name="calls_earned", style={**GREY, "num_format": "0.0000"}),
        Column("of", "Of", of, "exact", name="calls_of", style={**GREY, "num_format": "0.0000"}),
        Column("failed", "Failed", _flags(calls["auto_failed"]), "count", name="calls_failed", style=GREY),
        _number("agent", "Agent no.", calls["agent_id"], numbers.agents),
        _number("team", "Team no.", calls["team"], numbers.teams),
        _number("branch", "Branch no.", calls["branch"], numbers.branches),
        _number("evaluator", "Evaluator no.", calls["evaluator"], numbers.evaluators),
    ]


def _text(key: str, head: str, values: pl.Series, **more: object) -> Column:
    return Column(key, head, values.fill_null("").to_list(), **more)  # type: ignore[arg-type]  # of a Column


def _number(key: str, head: str, values: pl.Series, known: Mapping[str, int]) -> Column:
    found = [known.get(value, 0) for value in values]
    return Column(f"{key}_no", head, found, "count", name=f"calls_{key}_no", style=GREY)


def _flags(values: pl.Series) -> list[int]:
    return values.fill_null(value=False).cast(pl.Int64).to_list()


def _shares(values: pl.Series) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) / MILLION for value in values]


def _parts(report: QualityReport, counts: pl.Series) -> tuple[list[Decimal | None], list[Decimal | None]]:
    """What each counted call adds to numerator and denominator, in whole calls."""
    calls = report.calls
    if report.adds_up:
        earned = calls.select(pl.when("auto_failed").then(0).otherwise("part_earned") * 1000).to_series()
        of = calls["part_possible"]
    else:
        earned, of = calls["fine"], pl.Series([PARTS] * calls.height, dtype=pl.Int64)
    pairs = zip(counts, earned, of, strict=True)
    found = [
        (Decimal(part) / (PARTS * 1000), Decimal(whole) / PARTS) if is_in else (None, None)
        for is_in, part, whole in pairs
    ]
    return [part for part, _ in found], [whole for _, whole in found]
