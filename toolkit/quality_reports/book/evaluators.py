"""The Evaluators sheet: how strict, how much N/A, how much on the last day, how often overturned."""

from decimal import Decimal

from toolkit.look import Column, Page
from toolkit.look.theme import MUTED
from toolkit.problems import said
from toolkit.quality_reports.book.calls import GREY, SCORE, Numbers
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import fraction, subtitle

TOP = 7
WHOLE = "0%"
NOTES = ("QC_REPORT_SPREAD", "QC_REPORT_LAST_DAY", "QC_REPORT_OVERTURNED")
COUNTED = "=COUNTIFS(calls_evaluator_no,{no}{row},calls_counts,1)"
MEAN = (
    '=IF({n}{row}=0,"",TRUNC(ROUND(SUMIFS(calls_score,calls_evaluator_no,{no}{row},calls_counts,1)'
    "/{n}{row}*10000,5))/10000)"
)
RATE = '=IF({made}{row}=0,"",ROUND({overturned}{row}/{made}{row},12))'


def write_evaluators(page: Page, report: QualityReport, numbers: Numbers) -> None:
    """One row an evaluator."""
    page.heading("Evaluators", subtitle(report.about))
    for at, code in enumerate(NOTES, 3):
        page.prose(at, said(code), font_color=MUTED, font_size=9)
    page.table(TOP, _columns(report, numbers))
    page.heads_stay(TOP)


def _columns(report: QualityReport, numbers: Numbers) -> list[Column]:
    rows = report.evaluators

    def counts(key: str, head: str, name: str) -> Column:
        return Column(key, head, rows[name].to_list(), "count")

    def shares(key: str, head: str, name: str) -> Column:
        return Column(key, head, [fraction(value) for value in rows[name]], "share", style=SCORE)

    def rates(key: str, head: str, name: str) -> Column:
        return Column(key, head, [_rate(value) for value in rows[name]], "share", style={"num_format": WHOLE})

    spread = [None if value is None else Decimal(value) / 10_000 for value in rows["spread"]]
    return [
        Column("who", "Evaluator", rows["evaluator"].to_list(), widest=30, style={"bold": True}),
        Column("n", "Calls scored", rows["n"].to_list(), "count", COUNTED),
        counts("agents", "Agents", "agents"),
        Column("mean", "Mean", [fraction(value) for value in rows["mean"]], "share", MEAN, style=SCORE),
        Column("spread", "Spread, points", spread, "exact", style={"num_format": "+0.0;-0.0;0.0"}),
        counts("compared", "Compared on", "compared"),
        shares("na", "N/A of answers", "na_share"),
        shares("last_day", "On the last day", "last_day_share"),
        counts("leader", "Of own team", "own_leader"),
        counts("aside", "Set aside", "set_aside"),
        counts("made", "Evaluations", "evaluations"),
        counts("disputed", "Disputed", "evaluations_disputed"),
        counts("overturned", "Over-turned", "evaluations_overturned"),
        Column(
            "rate",
            "Rate",
            [_rate(value) for value in rows["evaluation_rate"]],
            "share",
            RATE,
            style={"num_format": WHOLE},
        ),
        rates("low", "at least", "evaluation_low"),
        rates("high", "at most", "evaluation_high"),
        Column("no", "No.", [numbers.evaluators.get(name, 0) for name in rows["evaluator"]], "count", style=GREY),
    ]


def _rate(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 12)))
