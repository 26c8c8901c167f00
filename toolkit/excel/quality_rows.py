"""The rows of the sheet Quality: agents, the lowest first, then teams, sections and evaluators."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from toolkit.kpis.data import MissingError
from toolkit.problems import said
from toolkit.qc import MILLION
from toolkit.quality.margins import score_words
from toolkit.quality.population import population

if TYPE_CHECKING:
    from toolkit.quality_reports.run import QualityRun

Row = Sequence[object]
CUT = 100
"""Millionths that are cut off of a score, which is shown as a percentage with two digits."""
EVERYBODY = "everybody"
TEAMS = ("Teams", "", "", "Score", "Target", "Calls", "How sure", "Compliance", "Failed", "Disputed",
         "Set aside", "Worst questions", "Best questions")  # fmt: skip
SECTIONS = ("Sections", "", "", "Score", "Of all lost", "Calls", "Form")
EVALUATORS = ("Evaluators", "", "", "Mean", "N/A", "Calls", "Beside the others", "", "", "Disputed", "Set aside",
              "Overturned")  # fmt: skip


def quality_rows(done: "QualityRun") -> list[Row]:
    """The lists. Of questions the three best and the three worst; one that earned everything is no worst one."""
    calls = _calls(done)
    marks = _marks(done.questions)
    agents = sorted(done.agents.iter_rows(named=True), key=_lowest_first)
    groups = [row for row in done.teams.iter_rows(named=True) if row["scope_kind"] in ("team", "all")]
    sections = done.sections.filter(pl.col("scope_kind") == "all")
    return [
        *(_scope_row(row, calls, marks) for row in agents),
        [],
        TEAMS,
        *(_scope_row(row, calls, marks) for row in groups),
        [],
        SECTIONS,
        *(_section_row(row) for row in sections.iter_rows(named=True)),
        [],
        EVALUATORS,
        *(_evaluator_row(row) for row in done.evaluators.iter_rows(named=True)),
    ]


def _lowest_first(row: Mapping[str, Any]) -> tuple[bool, int, str]:
    return row["score"] is None, row["score"] or 0, row["scope"]


def cut(millionths: int | None) -> float | None:
    """A share for a cell, cut off at the digit that is shown: 92.9999 % does not read as 93 %."""
    return None if millionths is None else millionths // CUT / (MILLION // CUT)


def in_words(millionths: int | None) -> str:
    """The same in words."""
    return "–" if millionths is None else f"{millionths // 10_000}.{millionths % 10_000 // 100:02d} %"


# --- agents and teams ------------------------------------------------------------------------------------


def _calls(done: "QualityRun") -> Mapping[tuple[str, str], int]:
    """How many calls of the period could have been listened to, by kind and scope; none where there are no calls."""
    read = done.read
    try:
        heard = population(read.facts, read.profile.sampling, done.period).eligible
    except MissingError:
        return {}
    counts = Counter({("agent", agent): count for agent, count in heard.group_by("agent_id").len().iter_rows()})
    counts.update({("team", team or ""): count for team, count in heard.group_by("team").len().iter_rows()})
    counts["all", ""] = heard.height
    return counts


def _marks(questions: pl.DataFrame) -> Mapping[tuple[str, str, str], str]:
    """The best and the worst questions by kind, scope and mark, in words."""
    wanted = questions.filter((pl.col("mark") == "best") | ((pl.col("mark") == "worst") & (pl.col("share") < MILLION)))
    ordered = wanted.sort("rank")
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in ordered.iter_rows(named=True):
        words = f"{row['question'].replace('_', ' ')} {row['share'] // 10_000} %"
        found.setdefault((row["scope_kind"], row["scope"], row["mark"]), []).append(words)
    return {key: "; ".join(words if key[2] == "best" else reversed(words)) for key, words in found.items()}


def _scope_row(
    row: Mapping[str, Any], calls: Mapping[tuple[str, str], int], marks: Mapping[tuple[str, str, str], str]
) -> Row:
    kind, scope = row["scope_kind"], row["scope"]
    who = scope or EVERYBODY
    return (
        _look(row), who, row["name"] or who, cut(row["score"]), cut(row["target"]), row["n"], _sure(row, calls),
        cut(row["compliance"]), row["auto_fails"], row["provisional"], row["set_aside"],
        marks.get((kind, scope, "worst"), ""), marks.get((kind, scope, "best"), ""),
    )  # fmt: skip


def _look(row: Mapping[str, Any]) -> str:
    """Whether the target is reached; a few calls decide nothing."""
    if row["score"] is None:
        return said("QUALITY_NO_SCORE")
    few = "_FEW" if row["low_n"] else ""
    if row["met"] is None:
        return said(f"QUALITY_NO_TARGET{few}")
    return said(f"QUALITY_MET{few}" if row["met"] else f"QUALITY_MISSED{few}")


def _sure(row: Mapping[str, Any], calls: Mapping[tuple[str, str], int]) -> str:
    """The margin of error that so few calls of so many give; without the calls, where the true mean may lie."""
    if not row["n"]:
        return ""
    could = calls.get((row["scope_kind"], row["scope"]), 0)
    if could >= row["n"]:
        return score_words(row["n"], could)
    return said("QUALITY_BETWEEN", low=f"{row['interval_low'] * 100:.0f}", high=f"{row['interval_high'] * 100:.0f}")


# --- sections and evaluators -----------------------------------------------------------------------------


def _section_row(row: Mapping[str, Any]) -> Row:
    form = f"{row['form']} {row['form_version']}"
    lost = row["lost_share"] or 0
    look = said("QUALITY_LOSES_MOST") if row["cumulated"] == lost > 0 else "·"
    return look, row["section"], row["title"], cut(row["score"]), cut(lost), row["n"], form


def _evaluator_row(row: Mapping[str, Any]) -> Row:
    overturned = said(
        "QUALITY_OVERTURNED", count=row["questions_overturned"], disputed=row["questions_disputed"],
    )  # fmt: skip
    return (
        "·", row["evaluator"], f"{row['agents']} agents", cut(row["mean"]), cut(row["na_share"]), row["n"],
        "; ".join(_beside(row)), None, None, row["evaluations_disputed"], row["set_aside"],
        overturned if row["questions_disputed"] else "",
    )  # fmt: skip


def _beside(row: Mapping[str, Any]) -> Iterator[str]:
    if row["compared"]:
        points = f"{abs(row['spread']) / 10_000:.1f}"
        code = (
            "QUALITY_AS_OTHERS" if not row["spread"] else "QUALITY_MILDER" if row["spread"] > 0 else "QUALITY_STRICTER"
        )
        yield said(code, points=points, calls=row["compared"])
    if row["own_leader"]:
        yield said("QUALITY_OWN_LEADER", count=row["own_leader"])
