"""The page of the evaluators: who marks higher than others, N/A, the last day of the month, overturned answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.look.browser import THEME, Heading, Theme
from toolkit.problems import said
from toolkit.quality_reports.pages.parts import heading, notes
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import DASH, percent, points, rate_words
from toolkit.scorecard_reports.pages.figures import WIDTH

FAR = 200_000
"""A spread of 20 points fills its side of the bar."""


@dataclass(frozen=True)
class Spread:
    """A bar to the left or the right of the middle."""

    start: str
    wide: str
    words: str


@dataclass(frozen=True)
class Evaluator:
    """One evaluator in words."""

    name: str
    n: int
    agents: int
    mean: str
    spread: str
    compared: str
    bar: Spread | None
    na: str
    last_day: str
    leader: int
    aside: int
    disputed: str
    rate: str


@dataclass(frozen=True)
class EvaluatorPage:
    """Everything on the page."""

    head: Heading
    index: str
    rows: Sequence[Evaluator]
    notes: Sequence[str]
    look: Theme = THEME
    landscape: bool = True


def evaluator_page(report: QualityReport, index: str) -> EvaluatorPage:
    """The page of all evaluators."""
    codes = ("QC_REPORT_SPREAD", "QC_REPORT_LAST_DAY", "QC_REPORT_OVERTURNED")
    rows = [_evaluator(row) for row in report.evaluators.iter_rows(named=True)]
    every = [*(said(code) for code in codes), *notes(report)]
    return EvaluatorPage(heading(report, said("QC_REPORT_EVALUATORS")), index, rows, every)


def _evaluator(row: Mapping[str, Any]) -> Evaluator:
    disputed = said("CARD_PARTS", numerator=row["evaluations_overturned"], base=row["evaluations"])
    return Evaluator(
        name=row["evaluator"],
        n=row["n"],
        agents=row["agents"],
        mean=percent(row["mean"]),
        spread=points(row["spread"]),
        compared=said("QC_REPORT_COMPARED", n=row["compared"]) if row["compared"] else DASH,
        bar=_bar(row["spread"]),
        na=percent(row["na_share"]),
        last_day=percent(row["last_day_share"]),
        leader=row["own_leader"],
        aside=row["set_aside"],
        disputed=disputed,
        rate=rate_words(row, "evaluation"),
    )


def _bar(spread: int | None) -> Spread | None:
    if spread is None:
        return None
    middle = WIDTH / 2
    wide = min(abs(spread) / FAR, 1.0) * middle
    start = middle if spread >= 0 else middle - wide
    return Spread(f"{start:.1f}", f"{wide:.1f}", points(spread))
