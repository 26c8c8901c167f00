"""Call quality of a period from a folder of exports: read, judged, scored and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Unpack

import polars as pl

from toolkit.definitions import words_of
from toolkit.evaluations import refusals
from toolkit.kpis.data import MissingError
from toolkit.periods import Period
from toolkit.problems import Problem
from toolkit.profiles import Profile, load_profile
from toolkit.quality.population import population
from toolkit.quality.standing import Totals, calls_of, totals_of
from toolkit.quality.strictness import evaluators_of
from toolkit.quality.summary import questions_by, scores_by, sections_by
from toolkit.quality.weeks import NOT_FROZEN, Key, history, limits_table, weekly
from toolkit.quality_reports.by_draw import weighted
from toolkit.quality_reports.evaluated import Evaluations, More, read_evaluations
from toolkit.quality_reports.files import BOOK, LIMITS, PAGES, forms_before, write_quality
from toolkit.quality_reports.remarks import of_period
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.used_forms import form_used, forms_used
from toolkit.readers.asked import OnFile
from toolkit.score_targets import Goals
from toolkit.scorecard_reports.files import About, Writer
from toolkit.scorecard_reports.frozen_limits import as_record, kept_limits
from toolkit.scorecard_reports.scoring import goals_in, period_asked, refuse_label
from toolkit.shipped import version
from toolkit.trends.charts import Limits
from toolkit.whole_folder import write_json

DEFINITIONS = ("qc_score_of", "evaluators_counted", "dispute_window_hours", "low_n_evaluations")


@dataclass(frozen=True)
class QualityRun:
    """The scores of a period and what they were made from; the frames are those of `toolkit.quality`."""

    read: Evaluations
    period: Period
    calls: pl.DataFrame
    agents: pl.DataFrame
    teams: pl.DataFrame
    sections: pl.DataFrame
    questions: pl.DataFrame
    evaluators: pl.DataFrame
    totals: Totals
    frozen: Mapping[Key, Mapping[str, Limits]]
    remarks: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that was found."""
        return (*self.read.problems, *self.remarks)

    @property
    def set_aside(self) -> bool:
        """Whether rows of the data, or evaluations of the period, are set aside."""
        refused = any(found.level == "error" for found in refusals(self.read.judged.refused, None))
        return self.totals.set_aside > 0 or refused or any(file.rejected for file in self.read.reading.files)

    def write(self, out: Path, *, workbook: bool = True, pages: bool = True, pdf: bool = False) -> None:
        """The folder: calls, agents, teams, sections, questions, evaluators, problems as CSV, limits.json, scores.json,
        quality.xlsx and pages/. pdf: each page as PDF beside itself; `ToolkitError` where no browser prints one."""
        names = ("calls", "agents", "teams", "sections", "questions", "evaluators")
        tables = {f"{name}.csv": getattr(self, name) for name in names}
        more: dict[str, Writer] = {LIMITS: self._write_limits}
        if workbook:
            more[BOOK] = self._write_book
        if pages or pdf:
            more[PAGES] = partial(self._write_pages, pdf=pdf)
        write_quality(out, tables, self.record, self.problems, more)

    def _write_limits(self, path: Path) -> None:
        write_json(as_record(limits_table(self.report.courses), self.read.profile.name, "week"), path)

    def _write_book(self, path: Path) -> None:
        from toolkit.quality_reports.book import write_quality_book

        write_quality_book(self.report, path)

    def _write_pages(self, folder: Path, pdf: bool) -> None:
        from toolkit.quality_reports.pages import write_quality_pages

        written = write_quality_pages(self.report, folder)
        if pdf:
            from toolkit.scorecard_reports.pages.paper import print_pages

            print_pages(written)

    @cached_property
    def report(self) -> QualityReport:
        """Everything that the workbook and the pages show."""
        read = self.read
        wide = history(self.period)
        before = calls_of(read.judged, read.table, read.forms, read.facts.teams, wide)
        definitions = read.profile.definitions
        return QualityReport(
            about=self.about,
            forms=tuple(form_used(form) for form in self.record["forms"]),
            definitions=self.record["definitions"],
            adds_up=definitions.qc_score_of == "sum_of_points",
            calls=self.calls,
            agents=self.agents,
            teams=self.teams,
            sections=self.sections,
            questions=self.questions,
            evaluators=self.evaluators,
            totals=self.totals,
            sizes=_sizes(read, self.period),
            courses=tuple(weekly(before, self.period, definitions, self.frozen)),
            dispute_hours=definitions.dispute_window_hours,
        )

    @property
    def about(self) -> About:
        """What every page says of itself."""
        setup, stands = self.read.profile, self.read.stands
        title, provisional = setup.title or setup.name, stands < self.period.last
        return About(title, self.period, stands, provisional, setup.currency, setup.digits, setup.name, version())

    @property
    def record(self) -> dict[str, Any]:
        """What scores.json says: by which forms and definitions, of which files, and where every evaluation is."""
        read = self.read
        return {
            "toolkit": version(),
            "profile": read.profile.name,
            "period": self.period.label,
            "as_of": read.stands.isoformat(),
            "definitions": {name: words_of(name, read.profile.definitions) for name in DEFINITIONS},
            "forms": [*forms_used(read.forms, self.calls, read.before, read.changed)],
            "evaluations": dict(self.totals.evaluations),
            "rows": dict(self.totals.rows),
            "sources": [file.counts for file in read.reading.files],
        }


def quality_scored(
    data: Path,
    profile: str | Profile,
    period_label: str,
    *,
    as_of: date | None = None,
    previous: Path | None = None,
    out: Path | None = None,
    limits: Path | None = None,
    draw: Path | None = None,
    on_file: OnFile | None = None,
    **more: Unpack[More],
) -> QualityRun:
    """The quality scores of the calls of a period.

    as_of: the day the data stand at; evaluations made and disputes raised or decided later are not known. Absent:
    all that the data have. previous: the folder of an earlier run, and out that of the last one, by which it is
    noticed that a form has been edited after use. limits: limits.json of an earlier run, by which weeks are judged
    again; absent: limits are made from the weeks before the period. draw: the folder of a draw, by which it is known
    how each call of its period was chosen, whatever the evaluations say. more: see `More`. `ToolkitError` where the
    period is none, where there are no evaluations, and where a form is wrong.
    """
    refuse_label(period_label)
    setup = load_profile(profile) if isinstance(profile, str) else profile
    frozen = kept_limits(limits, setup.name, "week") if limits else NOT_FROZEN
    before = forms_before(previous, asked=True) if previous else forms_before(out, asked=False) if out else {}
    read = read_evaluations(data, setup, as_of=as_of, before=before, draw=draw, on_file=on_file, **more)
    period, _ = period_asked(period_label, read.reading.tables, read.profile, as_of)
    return _summed(read, period, frozen)


def _summed(read: Evaluations, period: Period, frozen: Mapping[Key, Mapping[str, Limits]]) -> QualityRun:
    definitions, teams = read.profile.definitions, read.facts.teams
    calls = weighted(calls_of(read.judged, read.table, read.forms, teams, period), read.drawn)
    target = _Target(goals_in(read.reading, read.profile, teams), period)
    totals = totals_of(read.judged, calls, read.table, read.later, read.stands)
    nothing = tuple(of_period(read.judged.scores["day"], period)) if calls.is_empty() else ()
    groups = [scores_by(calls, kind, definitions, target) for kind in ("team", "branch", "all")]
    answers = read.judged.answers
    return QualityRun(
        read,
        period,
        calls,
        scores_by(calls, "agent", definitions, target),
        pl.concat(groups, how="vertical"),
        sections_by(calls, answers, read.forms),
        questions_by(calls, answers, read.forms),
        evaluators_of(calls, answers, read.judged.disputes),
        totals,
        frozen,
        nothing,
    )


def _sizes(read: Evaluations, period: Period) -> dict[tuple[str, str], int]:
    """The calls that could have been listened to, of each agent, of each team and in all; none without calls."""
    try:
        known = population(read.facts, read.profile.sampling, period).eligible
    except MissingError:
        return {}
    found = {("all", ""): known.height}
    posts = {agent: read.facts.teams.latest(agent, period.last) for agent in known["agent_id"].unique()}
    branches = {agent: post.branch if post else "" for agent, post in posts.items()}
    known = known.with_columns(branch=pl.col("agent_id").replace_strict(branches, return_dtype=pl.String))
    for kind, column in (("agent", "agent_id"), ("team", "team"), ("branch", "branch")):
        counts = known.group_by(column).len().iter_rows()
        found |= {(kind, str(scope or "")): count for scope, count in counts}
    return found


@dataclass(frozen=True)
class _Target:
    """The targets of qc_score, asked by scope."""

    goals: Goals
    period: Period

    def __call__(self, kind: str, scope: str, members: Sequence[str]) -> Fraction | None:
        if kind == "agent":
            return self.goals.of_agent("qc_score", scope, self.period).target
        group: Any = kind
        return self.goals.of_group("qc_score", group, scope, members, self.period).target
