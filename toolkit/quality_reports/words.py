"""Call quality in words: scores that are never rounded up, where points are, how forms roll up, what to look at."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from toolkit.look import day_words, period_words
from toolkit.problems import said
from toolkit.quality_reports.report import FormUsed, QualityReport
from toolkit.scorecard_reports.files import About

DASH = "–"
LIGHTS = {True: "good", False: "bad", None: "none"}
SIGNS = {True: "✓", False: "✗", None: ""}
MARKS = {"best": "▲", "worst": "▼", "": ""}


def percent(millionths: int | None) -> str:
    """92.96 %: cut off at the second digit, so that nothing looks like a target that was not reached."""
    return DASH if millionths is None else f"{millionths // 10_000}.{millionths % 10_000 // 100:02d} %"


def fraction(millionths: int | None) -> Decimal | None:
    """The share for a cell, cut off where `percent` cuts it off."""
    return None if millionths is None else Decimal(millionths // 100) / 10_000


def points(millionths: int | None) -> str:
    """A difference in points of a hundred, with its sign."""
    return DASH if millionths is None else f"{millionths / 10_000:+.1f}"


def between(low: float | None, high: float | None) -> str:
    """62 to 99 %, for an interval of fractions."""
    return (
        DASH
        if low is None or high is None
        else said("QC_REPORT_BETWEEN", low=f"{low * 100:.0f}", high=f"{high * 100:.0f}")
    )


def met_words(met: bool | None) -> str:
    """Whether the target was reached, with its sign."""
    return "" if met is None else said("QC_REPORT_MET" if met else "QC_REPORT_MISSED")


def subtitle(about: About, who: str = "") -> str:
    """Whose scores, the period, and the day the data stand at while the period goes on."""
    parts = [about.title, who, period_words(about.period)]
    if about.provisional:
        parts.append(said("CARD_PROVISIONAL", day=day_words(about.as_of)))
    return " · ".join(part for part in parts if part)


def footer(about: About) -> str:
    """What made the page."""
    return said(
        "QC_REPORT_FOOTER",
        period=about.period.label,
        profile=about.profile,
        day=day_words(about.as_of),
        version=about.version,
    )


def form_words(form: FormUsed) -> str:
    """Which form, how its answers become a score, and what tells it from an edited one."""
    return said(
        "QC_REPORT_FORM",
        title=form.title,
        form=form.name,
        roll_up=roll_up_words(form.roll_up),
        hash=form.sha256[:16],
        count=form.evaluations,
    )


def roll_up_words(roll_up: str) -> str:
    """weighted sections, total points, or question by question of forms that nobody knows."""
    return roll_up.replace("_", " ")


def roll_ups() -> list[tuple[str, str]]:
    """Both ways in which answers become a score, by name."""
    return [(roll_up_words(name), said(f"QC_REPORT_{name.upper()}")) for name in ("weighted_sections", "total_points")]


def of_scope(frame: pl.DataFrame, kind: str, scope: str) -> pl.DataFrame:
    """The rows of one scope."""
    return frame.filter((pl.col("scope_kind") == kind) & (pl.col("scope") == scope))


def marked(questions: pl.DataFrame, mark: str) -> list[dict[str, Any]]:
    """The best (or the worst) questions, the best (or the worst) first."""
    rows = questions.filter(pl.col("mark") == mark).sort("rank", descending=mark == "worst")
    kept = rows if mark == "best" else rows.filter(pl.col("share") < 1_000_000)
    return kept.to_dicts()


def question_words(row: Mapping[str, Any]) -> str:
    """A question as people know it: its text, else its code."""
    return str(row["text"] or row["question"])


def look_at(report: QualityReport, row: Mapping[str, Any]) -> str:
    """What to look at first: calls that failed at once, that they are few, the weakest question, what is open."""
    parts = []
    if row["auto_fails"]:
        parts.append(said("QC_REPORT_FAILED", count=row["auto_fails"]))
    if row["low_n"] and row["n"]:
        parts.append(said("QC_REPORT_TOO_FEW_CALLS"))
    worst = marked(of_scope(report.questions, row["scope_kind"], row["scope"]), "worst")
    if worst:
        parts.append(f"{question_words(worst[0])}: {percent(worst[0]['share'])}")
    if row["extras"]:
        parts.append(extras_words(row))
    if row["provisional"]:
        parts.append(said("QC_REPORT_OPEN", count=row["provisional"]))
    if row["set_aside"]:
        parts.append(said("QC_REPORT_ASIDE", count=row["set_aside"]))
    return "; ".join(parts)


def extras_words(row: Mapping[str, Any]) -> str:
    """How many calls were not chosen by chance, and what they score; "" for none."""
    if not row["extras"]:
        return ""
    code = "QC_REPORT_EXTRAS_FAILED" if row["extras_failed"] else "QC_REPORT_EXTRAS"
    score = percent(row["extras_score"])
    return said(code, count=row["extras"], score=score, failed=row["extras_failed"])


def who_words(row: Mapping[str, Any], twice: Sequence[str] = ()) -> str:
    """What a scope is called; of two agents of one name the id stands beside it."""
    if row["scope_kind"] == "all":
        return said("CARD_EVERYBODY")
    name = str(row["name"] or row["scope"])
    return f"{name} ({row['scope']})" if name in twice else name


def names_twice(agents: pl.DataFrame) -> list[str]:
    """Names that several agents have."""
    return agents.filter(pl.col("name").is_duplicated())["name"].to_list()


def standing_words(row: Mapping[str, Any]) -> str:
    """How an evaluation stands, with its sign; "" where it simply counts."""
    if row["standing"] == "counts" and row["score"] is not None:
        return said("QC_REPORT_AUTO_FAILED") if row["auto_failed"] else ""
    if row["standing"] == "apart" and row["auto_failed"]:
        return f"{said('QC_REPORT_AUTO_FAILED')} ({said('QC_REPORT_APART')})"
    known = {"apart": "QC_REPORT_APART", "provisional": "QC_REPORT_PROVISIONAL", "set_aside": "QC_REPORT_SET_ASIDE",
             "never": "QC_REPORT_NEVER"}  # fmt: skip
    return said(known.get(row["standing"], "QC_REPORT_NOTHING"))


def rate_words(row: Mapping[str, Any], name: str) -> str:
    """A rate with the interval that its few cases leave."""
    rate = row[f"{name}_rate"]
    if rate is None:
        return DASH
    return f"{rate * 100:.0f} % ({between(row[f'{name}_low'], row[f'{name}_high'])})"
