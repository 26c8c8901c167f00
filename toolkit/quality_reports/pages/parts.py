"""What the pages have in common: heads, bars, the line of the weeks between its limits, questions and sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from toolkit.look import day_words
from toolkit.look.browser import Heading
from toolkit.problems import said
from toolkit.qc import MILLION
from toolkit.quality.weeks import Course, signals_of
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import (
    DASH,
    LIGHTS,
    SIGNS,
    footer,
    form_words,
    marked,
    percent,
    question_words,
    roll_ups,
    subtitle,
)
from toolkit.scorecard_reports.pages.figures import WIDTH, Bar

TALL, EDGE = 100.0, 4.0
"""Units of the drawing of the weeks from bottom to top, and what is left free at its edges."""


def heading(report: QualityReport, title: str, who: str = "") -> Heading:
    """The head and foot of a page."""
    about = report.about
    stamp = said("CARD_PROVISIONAL", day=day_words(about.as_of)) if about.provisional else ""
    words = subtitle(about, who).removesuffix(f" · {stamp}") if stamp else subtitle(about, who)
    return Heading(title, words, stamp, footer(about))


@dataclass(frozen=True)
class Part:
    """A share with its bar: of a section, of a question, of what was lost."""

    title: str
    small: str
    value: str
    bar: Bar | None
    words: str


def bar(
    value: int | None, target: int | None = None, low: float | None = None, high: float | None = None
) -> Bar | None:
    """A bar from 0 to 100 %: value and target in millionths, the interval as fractions."""
    if value is None:
        return None
    span = "" if low is None or high is None else f"{(high - low) * WIDTH:.1f}"
    words = percent(value) if target is None else said("CARD_BAR", value=percent(value), target=percent(target))
    return Bar(
        f"{value / MILLION * WIDTH:.1f}",
        "" if target is None else f"{target / MILLION * WIDTH:.1f}",
        "" if low is None else f"{low * WIDTH:.1f}",
        "" if high is None else f"{high * WIDTH:.1f}",
        span,
        words,
    )


@dataclass(frozen=True)
class Chip:
    """A score with the sign and the colour of its target."""

    value: str
    sign: str
    light: str
    light_words: str


def chip(row: Mapping[str, Any]) -> Chip:
    """The score of a scope."""
    met = row["met"]
    words = "" if met is None else said("QC_REPORT_MET" if met else "QC_REPORT_MISSED").split(" ", 1)[1]
    return Chip(percent(row["score"]), SIGNS[met], LIGHTS[met], words)


@dataclass(frozen=True)
class Drawing:
    """The weeks as lines in a drawing 200 wide and 100 tall; words say the same."""

    lines: Sequence[str]
    dots: Sequence[tuple[str, str, str]]
    target: str
    usual: str
    limits: Sequence[str]
    top: str
    bottom: str
    first: str
    last: str
    words: str
    weeks: Sequence[tuple[str, int, str, str, str]]
    how: str


def drawing(course: Course | None, target: int | None) -> Drawing | None:
    """The course of a scope; None where there is only one week."""
    if course is None or len(course.weeks) < 2:
        return None
    limits = course.limits if course.limits is not None and not course.limits.too_few else None
    bounds = limits.at() if limits else ()
    shares = [float(week.point.exact) for week in course.weeks]
    aim = None if target is None else target / MILLION
    low = min(*shares, *bounds, *([] if aim is None else [aim]))
    high = min(1.0, max(*shares, *bounds, *([] if aim is None else [aim])))
    low = max(0.0, int(low * 20) / 20)
    high = max(high, low + 0.01)

    def down(share: float) -> float:
        return EDGE + (high - share) / (high - low) * (TALL - 2 * EDGE)

    places = [EDGE + at / (len(shares) - 1) * (WIDTH - 2 * EDGE) for at in range(len(shares))]
    points = [(f"{across:.1f}", f"{down(share):.1f}") for across, share in zip(places, shares, strict=True)]
    signals = signals_of(course)
    kinds = [_kind(signals.get(week.point.day, ""), week.judged) for week in course.weeks]
    return Drawing(
        lines=[" ".join(f"{across},{tall}" for across, tall in points)],
        dots=[(*point, kind) for point, kind in zip(points, kinds, strict=True)],
        target="" if aim is None else f"{down(aim):.1f}",
        usual="" if limits is None else f"{down(float(limits.centre)):.1f}",
        limits=[f"{down(min(max(bound, low), high)):.1f}" for bound in bounds],
        top=f"{high * 100:.0f} %",
        bottom=f"{low * 100:.0f} %",
        first=course.weeks[0].label,
        last=course.weeks[-1].label,
        words=course.trend.finding.message,
        weeks=[_week(week, signals.get(week.point.day, "")) for week in reversed(course.weeks)],
        how=said("QC_REPORT_WEEKS") if limits else said("QC_REPORT_NO_LIMITS"),
    )


def _kind(signal: str, judged: bool) -> str:
    if signal:
        return {"✗": "bad", "✓": "good"}.get(signal[0], "watch")
    return "plain" if judged else "few"


def _week(week: Any, signal: str) -> tuple[str, int, str, str, str]:
    words = signal or ("" if week.judged else said("QC_REPORT_FEW"))
    share = percent(int(week.point.exact * MILLION))
    return week.label, week.n, share, words, _kind(signal, week.judged)


# --- questions and sections -----------------------------------------------------------------------------


def questions(rows: pl.DataFrame, mark: str) -> list[Part]:
    """The best or worst questions of a scope."""
    return [
        Part(question_words(row), said("QC_REPORT_ANSWERED", n=row["n"]), percent(row["share"]), bar(row["share"]), "")
        for row in marked(rows, mark)
    ]


def losses(rows: pl.DataFrame) -> list[Part]:
    """The sections of a scope, those that lose most first, with what they take of the loss, added up."""
    several = rows.select("form", "form_version").unique().height > 1
    return [
        Part(
            row["title"] or row["section"],
            f"{row['form']} {row['form_version']}" if several else "",
            percent(row["lost_share"]),
            bar(row["lost_share"], row["cumulated"]),
            said("QC_REPORT_LOST", score=percent(row["score"]), added=percent(row["cumulated"])),
        )
        for row in rows.iter_rows(named=True)
    ]


def notes(report: QualityReport, *more: str) -> list[str]:
    """How scores come about, for the end of a page."""
    codes = ("QC_REPORT_CUT_OFF", "QC_REPORT_INTERVAL", "QC_REPORT_NOT_ADDED", "QC_REPORT_COMPLIANCE", *more)
    forms = [form_words(form) for form in report.forms if form.evaluations]
    ways = [f"{name.capitalize()}: {text}" for name, text in roll_ups()]
    return [*forms, *ways, *(said(code) for code in codes), *report.definitions.values()]


def target_of(row: Mapping[str, Any]) -> str:
    """The target of a scope, in words."""
    return DASH if row["target"] is None else percent(row["target"])
