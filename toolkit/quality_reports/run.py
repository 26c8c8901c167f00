"""Call quality from a folder of exports: read, judged, scored and written; and disputes listed and taken further."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

import polars as pl

from toolkit.definitions import words_of
from toolkit.evaluations import Judged, People, Rules, judged, problems_of, refusals
from toolkit.evaluations.disputes import Rulebook, steps_in
from toolkit.evaluations.judging import refusal_problem
from toolkit.form_files import changes, content_hash, content_of, read_forms
from toolkit.forms import Forms
from toolkit.kpis.data import Data, MissingError
from toolkit.periods import Period
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.quality.disputes import Asked, end_of, listed, next_step
from toolkit.quality.population import population
from toolkit.quality.standing import Totals, calls_of, totals_of
from toolkit.quality.strictness import evaluators_of
from toolkit.quality.summary import questions_by, scores_by, sections_by
from toolkit.quality.weeks import NOT_FROZEN, Key, history, limits_table, weekly
from toolkit.quality_reports.draws.files import Choice, chosen_in
from toolkit.quality_reports.files import BOOK, DISPUTES, LIMITS, PAGES, DisputeFile, forms_before, write_quality
from toolkit.quality_reports.report import FormUsed, QualityReport
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.readers.sources import data_files
from toolkit.reading import Reading, read_files
from toolkit.score_targets import Goals
from toolkit.scorecard_reports.files import About, Writer
from toolkit.scorecard_reports.frozen_limits import as_record, kept_limits
from toolkit.scorecard_reports.scoring import data_in, goals_in, period_asked, refuse_label, refuse_unsure, with_agents
from toolkit.shipped import version
from toolkit.teams import FAR_AHEAD
from toolkit.trends.charts import Limits
from toolkit.whole_folder import write_json

DEFINITIONS = ("qc_score_of", "evaluators_counted", "dispute_window_hours", "low_n_evaluations")
END_OF_TIME = end_of(FAR_AHEAD)
WANTED = ("agents", "calls", "evaluations", "disputes", "targets", "roster")


class More(TypedDict, total=False):
    """What else is read. entered: a file in place of the one of the same name among the exports, or beside them;
    pasted: tables in place of the files of the same tables."""

    entered: Path | None
    pasted: Mapping[str, RawSheet] | None


@dataclass(frozen=True)
class Evaluations:
    """Evaluations that were read and judged, as they stand on a day. later: those that were made after it;
    drawn: how their calls were chosen, by the draw that was given."""

    profile: Profile
    forms: Forms
    stands: date
    reading: Reading
    facts: Data
    table: pl.DataFrame
    later: pl.DataFrame
    judged: Judged
    before: Mapping[tuple[str, str], Mapping[str, Any]]
    changed: Mapping[tuple[str, str], str]
    remarks: tuple[Problem, ...]
    drawn: Choice | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files and forms, then of the evaluations, then of disputes."""
        found = problems_of(self.judged.findings, self.table)
        refused = refusals(self.judged.refused, self.reading.tables.get("disputes"))
        return (*self.reading.problems, *self.remarks, *found, *refused)

    @property
    def at(self) -> datetime:
        """The moment that disputes are looked at."""
        return end_of(self.stands)


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
            forms=tuple(_form_used(form) for form in self.record["forms"]),
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
            "forms": [*_forms_used(read, self.calls)],
            "evaluations": dict(self.totals.evaluations),
            "rows": dict(self.totals.rows),
            "sources": [file.counts for file in read.reading.files],
        }


def _form_used(form: Mapping[str, Any]) -> FormUsed:
    return FormUsed(
        code=str(form["code"]),
        version=str(form["version"]),
        title=str(form["title"]),
        roll_up=str(form["roll_up"]),
        sha256=str(form["sha256"]),
        evaluations=int(form["evaluations"]),
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


def _forms_used(read: Evaluations, calls: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """The forms that evaluations name, each as it was when it was first used."""
    counts = calls.group_by("form", "form_version").len().iter_rows()
    used = {(code, number): count for code, number, count in counts}
    for form in read.forms:
        key = (form.code, form.version)
        before = read.before.get(key)
        if key not in used and before is None:
            continue
        kept = before if before is not None and key in read.changed else None
        yield {
            "code": form.code,
            "version": form.version,
            "title": form.title,
            "start": form.start.isoformat(),
            "roll_up": form.roll_up,
            "sha256": kept["sha256"] if kept else content_hash(form),
            "changed": read.changed.get(key, ""),
            "evaluations": used.get(key, 0),
            "content": kept["content"] if kept else content_of(form),
        }
    known = {(form.code, form.version) for form in read.forms}
    yield from (form for key, form in read.before.items() if key not in known)  # type: ignore[misc]  # as it was


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
    calls = _weighted(calls_of(read.judged, read.table, read.forms, teams, period), read.drawn)
    target = _Target(goals_in(read.reading, read.profile, teams), period)
    totals = totals_of(read.judged, calls, read.table, read.later, read.stands)
    nothing = tuple(_of_period(read, period)) if calls.is_empty() else ()
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


def _weighted(calls: pl.DataFrame, how: Choice | None) -> pl.DataFrame:
    """The calls with their weights in the draw, where there was one."""
    if how is None:
        return calls
    weights = how.calls.select("call_id", _weight="weight")
    both = calls.join(weights, on="call_id", how="left", maintain_order="left")
    return both.with_columns(weight="_weight").drop("_weight")


def _of_period(read: Evaluations, period: Period) -> Iterator[Problem]:
    """That no call of the period was evaluated, and which days are known."""
    days = read.judged.scores["day"]
    if days.len():
        yield problem("QC_SCORE_NONE_IN_PERIOD", value=period.label, first=days.min(), last=days.max())


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


def read_evaluations(
    data: Path,
    profile: str | Profile,
    *,
    as_of: date | None = None,
    before: Mapping[tuple[str, str], Mapping[str, Any]] | None = None,
    disputes: Path | None = None,
    draw: Path | None = None,
    on_file: OnFile | None = None,
    **more: Unpack[More],
) -> Evaluations:
    """The evaluations of a folder, judged. before: the forms of an earlier run; disputes: a further file of them; draw:
    the folder of a draw."""
    setup = load_profile(profile) if isinstance(profile, str) else profile
    how = chosen_in(draw) if draw else None
    forms, remarks = read_forms(setup.form_paths(), setup)
    if wrong := [found for found in remarks if found.level == "error"]:
        raise ToolkitError(wrong)
    files = _files(data, setup, disputes, more.get("entered"))
    reading = read_files(files, setup, on_file=on_file, only=WANTED, pasted=more.get("pasted"))
    refuse_unsure(reading, data)
    if "evaluations" not in reading.tables or (
        reading.tables["evaluations"].is_empty() and not any(file.rejected for file in reading.files)
    ):
        raise ToolkitError([problem("QC_SCORE_NO_EVALUATIONS", value=data.name)])
    table = reading.tables["evaluations"]
    table = table if how is None else _as_drawn(table, how)
    stands = as_of or _last_day(reading.tables)
    later = table.filter(pl.col("evaluated_on") > stands)
    known = table.filter(pl.col("evaluated_on") <= stands) if later.height else table
    tables, about_agents = with_agents(reading.tables)
    facts = data_in(tables, setup, stands)
    changed, reworded = _changed(forms, before or {})
    rules = Rules(forms, stands, setup.definitions, People(facts.teams), changed)
    found = judged(known, rules, disputes=reading.tables.get("disputes"), calls=_calls(reading.tables, known))
    told = [*remarks, *about_agents, *reworded, *_of_forms(found, forms), *_of_answers(found)]
    told += _of_later(later, stands)
    return Evaluations(
        setup, forms, stands, reading, facts, known, later, found, before or {}, changed, tuple(told), how
    )  # fmt: skip


def _as_drawn(table: pl.DataFrame, how: Choice) -> pl.DataFrame:
    """The evaluations, with how the calls of a draw's period were chosen in place of what the evaluations say.

    An evaluation of that period that names no call is of none that was drawn.
    """
    absent = {name: kind for name, kind in _ABOUT_CALLS.items() if name not in table.columns}
    known = table.with_columns(pl.lit(None, kind).alias(name) for name, kind in absent.items())
    both = known.join(how.calls.select("call_id", _drawn="chosen"), on="call_id", how="left", maintain_order="left")
    day = pl.coalesce("called_on", "evaluated_on")
    nameless = pl.col("call_id").is_null() & day.is_between(how.period.first, how.period.last)
    drawn = pl.when(nameless).then(pl.lit("by_hand")).otherwise("_drawn")
    return both.with_columns(chosen=pl.coalesce(drawn, "chosen")).drop("_drawn")


_ABOUT_CALLS: Mapping[str, Any] = {"call_id": pl.String, "chosen": pl.String, "called_on": pl.Date}


def _files(data: Path, setup: Profile, disputes: Path | None, entered: Path | None) -> list[Path]:
    found = data_files(data, setup)
    if entered is not None:
        found = sorted([*(path for path in found if path.name != entered.name), entered], key=lambda path: path.name)
    if disputes is None or not disputes.is_file() or any(path.resolve() == disputes.resolve() for path in found):
        return found
    return [*found, disputes]


def _last_day(tables: Mapping[str, pl.DataFrame]) -> date:
    """The last day of which the data know something of evaluations."""
    days: list[Any] = [tables["evaluations"]["evaluated_on"].max()]
    if "disputes" in tables:
        days.append(tables["disputes"]["at"].dt.date().max())
    return max((day for day in days if day is not None), default=date(1900, 1, 1))


def _calls(tables: Mapping[str, pl.DataFrame], evaluations: pl.DataFrame) -> pl.DataFrame | None:
    """Whose the calls are that evaluations name, and of which day."""
    if "calls" not in tables or "call_id" not in evaluations.columns:
        return None
    heard = tables["calls"].join(evaluations.select("call_id").unique(), on="call_id", how="semi")
    return heard.select("call_id", "agent_id", day=pl.col("started_at").dt.date())


def _changed(
    forms: Forms, before: Mapping[tuple[str, str], Mapping[str, Any]]
) -> tuple[dict[tuple[str, str], str], list[Problem]]:
    """What has changed of forms since they were used: what makes other scores, and what is only worded otherwise."""
    grave: dict[tuple[str, str], str] = {}
    worded = []
    for form in forms:
        key = (form.code, form.version)
        if key not in before or before[key]["sha256"] == content_hash(form):
            continue
        what, words = changes(before[key]["content"], content_of(form))
        if what:
            grave[key] = "; ".join(what)
        else:
            name = f"{form.code} {form.version}"
            worded.append(problem("QC_SCORE_FORM_WORDED", value=name, what="; ".join(words)))
    return grave, worded


def _of_forms(found: Judged, forms: Forms) -> Iterator[Problem]:
    """Forms that are not known."""
    live = found.scores.filter(pl.col("by_default") & (pl.col("standing") != "never"))
    known = ", ".join(f"{form.code} {form.version}" for form in forms)
    for code, number, count in live.group_by("form", "form_version").len().sort("form", "form_version").iter_rows():
        yield problem("QC_SCORE_FORM_UNKNOWN", value=f"{code} {number}", count=count, known=known)


FEW_NAMED = 5


def _of_answers(found: Judged) -> Iterator[Problem]:
    """Evaluations with open questions, and those that somebody changed without a dispute."""
    live = found.scores.filter(pl.col("standing").is_in(["counts", "apart", "provisional"]))
    alone = (pl.col("state") == "resolved") & ~pl.col("evaluation_id").is_in(
        [one.evaluation_id for one in found.disputes]
    )
    for code, wrong in (("QC_SCORE_UNANSWERED", pl.col("unanswered") > 0), ("QC_SCORE_RESOLVED_ALONE", alone)):
        ids = live.filter(wrong)["evaluation_id"].to_list()
        if ids:
            which = ", ".join(ids[:FEW_NAMED]) + (", …" if len(ids) > FEW_NAMED else "")
            yield problem(code, value=len(ids), which=which)


def _of_later(later: pl.DataFrame, stands: date) -> Iterator[Problem]:
    if later.height:
        yield problem("QC_SCORE_LATER", value=later["evaluation_id"].n_unique(), day=stands)


# --- disputes -------------------------------------------------------------------------------------------


def disputes_listed(read: Evaluations, at: datetime | None = None) -> pl.DataFrame:
    """Every disputed question as it stands at a moment (else at the end of the data): overdue and due ones first."""
    return listed(read.judged.disputes, at or read.at)


def overturn_rates(read: Evaluations) -> pl.DataFrame:
    """How often each evaluator is overturned, over all that was read."""
    whole = Period(date.min, date.max, "year", "")
    calls = calls_of(read.judged, read.table, read.forms, read.facts.teams, whole)
    return evaluators_of(calls, read.judged.answers, read.judged.disputes)


def dispute(data: Path, profile: str | Profile, asked: Asked, out: Path) -> Evaluations:
    """Takes one step of a dispute further: a row more in out/disputes.csv. The data as they stand then.

    `ToolkitError` where the rules forbid the step; nothing is written then.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    with DisputeFile(out) as file:
        read = read_evaluations(data, setup, disputes=out / DISPUTES)
        known = read.reading.tables.get("disputes")
        steps = steps_in(known, END_OF_TIME) if known is not None else []
        rules = Rulebook(read.forms, People(read.facts.teams), setup.definitions)
        step, refused = next_step(asked, steps, pl.concat([read.table, read.later]), rules)
        if refused is not None:
            raise ToolkitError([refusal_problem(refused)])
        file.append(step, setup.timezone)
    return read_evaluations(data, setup, as_of=max(read.stands, asked.at.date()), disputes=out / DISPUTES)
