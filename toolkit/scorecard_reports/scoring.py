"""Scorecards from a folder of exports: read, computed, and written as a folder of files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

from toolkit.asked_periods import period_of
from toolkit.evaluations import errors as evaluation_errors
from toolkit.evaluations import problems_of
from toolkit.form_files import forms_of
from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES, KpiRun, kpi_values
from toolkit.kpis.data import ALWAYS, Data
from toolkit.kpis.given import unsound
from toolkit.kpis.passes import Grain
from toolkit.kpis.quality import about_evaluations
from toolkit.maturing import Course, courses_of
from toolkit.pace import until
from toolkit.parts import TIMES, parts_among
from toolkit.periods import ONE_DAY, Period, RelativePeriod, containing, days_between, following, is_working_day
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.reading import FILE_REJECTED, Reading, read_tables
from toolkit.score_rules import Measure, Scorecard
from toolkit.score_targets import Goals, WorkingDays
from toolkit.scorecard_reports.files import BOOK, PAGES, About, Writer, write_scores
from toolkit.scorecard_reports.frozen_limits import kept_limits, unused
from toolkit.scorecards import ScorecardRun, members_of, scorecards
from toolkit.shipped import version
from toolkit.teams import Teams
from toolkit.trends.days import Mark
from toolkit.watching import By, Watch, watch

ALL = "all"
ONE_ROLE = "agent"
BY_AGE = ("cohort", "month")
"""Grains whose results have the cohorts by their age."""
NAMED_IN = ("calls", "payments", "visits", "promises", "feedback", "evaluations")
"""Tables that name agents, where the agents table itself is missing."""


@dataclass(frozen=True)
class Scored:
    """A period's KPIs and scorecards, and what they were made from.

    values: KPI values by the grain asked for; run: scorecards of the whole period. courses: cohorts by their age, where
    values are by cohort or month. provisional: the data end before
    the period does.
    """

    profile: Profile
    period: Period
    grain: Grain
    as_of: date
    values: KpiRun
    run: ScorecardRun
    watch: Watch
    reading: Reading
    problems: tuple[Problem, ...]
    courses: tuple[Course, ...] = ()

    @property
    def provisional(self) -> bool:
        """Whether days of the period are still to come."""
        return self.as_of < self.period.last

    @property
    def rows_set_aside(self) -> bool:
        """Whether some rows of the data, or evaluations of the period, were not taken."""
        aside = any(found.code in evaluation_errors() for found in self.problems)
        return aside or any(file.rejected for file in self.reading.files)

    @property
    def about(self) -> About:
        """What every page says of itself."""
        setup = self.profile
        title = setup.title or setup.name
        return About(
            title, self.period, self.as_of, self.provisional, setup.currency, setup.digits, setup.name, version()
        )

    def write(self, out: Path, *, workbook: bool = True, pages: bool = True, pdf: bool = False) -> None:
        """Writes the folder, with the workbook and the pages that are wanted. pdf: each page as PDF beside itself.

        Where nobody has a scorecard, because KPIs were asked for without one, there is neither workbook nor page.
        `ToolkitError` where a PDF is wanted and no browser is there that prints one.
        """
        more: dict[str, Writer] = {}
        if workbook and self.run.cards:
            more[BOOK] = self._write_book
        if (pages or pdf) and self.run.cards:
            more[PAGES] = partial(self._write_pages, pdf=pdf)
        counted = (self.values.values, self.run, self.about, self.watch, self.courses)
        write_scores(out, *counted, self.reading.files, self.problems, more)

    def _write_book(self, path: Path) -> None:
        from toolkit.scorecard_reports.book import write_score_book
        from toolkit.scorecard_reports.words import with_trends

        run = with_trends(self.run, self.watch)
        write_score_book(run, self.values.values, self.about, path, courses=self.courses, watch=self.watch)

    def _write_pages(self, folder: Path, pdf: bool) -> None:
        from toolkit.scorecard_reports.pages import write_score_pages
        from toolkit.scorecard_reports.words import with_trends

        run = with_trends(self.run, self.watch)
        beside = {"courses": self.courses, "watch": self.watch}
        written = write_score_pages(run, self.values.values, self.about, folder, **beside)  # type: ignore[arg-type]
        if pdf:
            from toolkit.scorecard_reports.pages.paper import print_pages

            print_pages(written)


def scored(
    data: Path,
    profile: str | Profile,
    period_label: str,
    grain: Grain | None = None,
    *,
    codes: Sequence[str] = (),
    as_of: date | None = None,
    trends: bool = True,
    limits: Path | None = None,
    on_file: OnFile | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Scored:
    """The KPIs and scorecards of a period.

    period_label: as people write it, or "latest-month", "previous-week" and the like, which follow the data. codes: the
    KPIs wanted; none: those of the profile's scorecards; "all": whatever the data allow. as_of: the day the data stand
    at; without it, their last event, or the period's end if that is earlier. trends: whether the days are watched;
    limits: by those of this file, of an earlier run, rather than by the days before the period. pasted: tables that
    take the place of files. `ToolkitError` where a period or a KPI is none, where nobody knows the agents, and where
    the period has not begun.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    refuse_label(period_label)
    rules = setup.scorecards
    wanted = _wanted(codes, rules)
    by: By = "week" if grain == "week" else "day"
    frozen = kept_limits(limits, setup.name, by) if limits else {}
    reading = read_tables(data, setup, on_file=on_file, pasted=pasted)
    refuse_unsure(reading, data)
    period, stands = period_asked(period_label, reading.tables, setup, as_of)
    _refuse_coarse(grain or period.kind, period)
    kept = until_end_of(reading.tables, stands)
    tables, remarks = with_agents(kept)
    facts = data_in(tables, setup, stands)
    values = _with_parts(kpi_values(facts, period, grain or period.kind, wanted), facts, period)  # type: ignore[arg-type]  # a period's kind
    whole = [_whole(facts, period, rule) for rule in rules]
    goals = goals_in(reading, setup, facts.teams)
    run = scorecards(whole, goals.to(stands), rules, facts.teams, period)
    marks = [Mark.between(of.name, of.first, of.last, of.treatment) for of in setup.special_days]
    seen = watch(facts, period, _of(rules), goals, marks, frozen, by) if trends and period.kind != "day" else Watch()
    missing = [found for found in values.problems if ALL not in codes]
    days = [*_beyond(reading.tables, period, stands, setup), *_later_rows(reading.tables, kept, stands)]
    doubtful = [*days, *_doubtful_targets(goals, facts.teams), *_unsound(facts)]
    waiting = _set_aside(facts, tables, period) if needs_evaluations(values.values) else []
    idle = [problem("LIMITS_NOT_USED", file=limits.name)] if limits and seen.seen and unused(frozen, seen) else []
    problems = (*reading.problems, *remarks, *missing, *doubtful, *idle, *waiting, *run.problems)
    by_age = courses_of(facts, period, wanted) if (grain or period.kind) in BY_AGE else ()
    return Scored(setup, period, grain or period.kind, stands, values, run, seen, reading, problems, by_age)  # type: ignore[arg-type]


def _with_parts(run: KpiRun, facts: Data, period: Period) -> KpiRun:
    """The values with `part`: whether days of their week, month or year are missing."""
    pairs = run.values.select("kpi", "period").unique().sort("kpi", "period").rows()
    parts = parts_among(facts, period, pairs)
    marks = pl.DataFrame(
        {
            "kpi": [kpi for kpi, _ in pairs],
            "period": [label for _, label in pairs],
            "part": [one in parts for one in pairs],
        },
        schema={"kpi": pl.String, "period": pl.String, "part": pl.Boolean},
    )
    return replace(run, values=run.values.join(marks, on=["kpi", "period"], how="left", maintain_order="left"))


def until_end_of(tables: Mapping[str, pl.DataFrame], day: date) -> dict[str, pl.DataFrame]:
    """The tables as they stood at the end of the day: a month may be looked at again later."""
    return until(tables, datetime.combine(day + ONE_DAY, time()))  # on the clock on the wall


def _later_rows(tables: Mapping[str, pl.DataFrame], kept: Mapping[str, pl.DataFrame], day: date) -> list[Problem]:
    later = sum(rows.height - kept[name].height for name, rows in tables.items())
    return [problem("LATER_ROWS", value=later, day=day)] if later else []


def _beyond(tables: Mapping[str, pl.DataFrame], period: Period, stands: date, setup: Profile) -> list[Problem]:
    """A period before the data begin, and a day at which they are said to stand after they end."""
    first = _outermost(tables, "min")
    before = first is not None and first > period.last
    found = [problem("PERIOD_BEFORE_DATA", value=period.label, period=period.label, first=first)] if before else []
    return found + after_the_data(tables, stands, setup)


def after_the_data(tables: Mapping[str, pl.DataFrame], stands: date, setup: Profile) -> list[Problem]:
    """What is to be said where the data end working days before the day at which they are said to stand."""
    last = last_day(tables)
    silent = days_between(last + ONE_DAY, stands) if last is not None else []
    if not any(is_working_day(day, setup.country, setup.working_days) for day in silent):
        return []
    return [problem("AS_OF_AFTER_DATA", value=stands, day=stands, last=last)]


def _doubtful_targets(goals: Goals, teams: Teams) -> list[Problem]:
    """Targets that contradict each other, that are nobody's, or that ask for nothing."""
    posts = [post for held in teams.posts.values() for post in held]
    known = {kind: {getattr(post, kind) for post in posts} for kind in ("role", "branch", "team")}
    known |= {"agent": set(teams.posts), "all": {""}}
    unknown = [row for row in goals.scopes if row[0] not in kpi_codes() or row[2] not in known.get(row[1], {row[2]})]
    found = [("TARGETS_CONTRADICT", row) for row in goals.contradictions]
    found += [("TARGET_OF_NOBODY", row) for row in unknown]
    found += [("TARGET_AIMLESS", row) for row in goals.aimless]
    return [problem(code, value=kpi, scope=f"{kind} {scope}".strip()) for code, (kpi, kind, scope) in found]


def needs_evaluations(values: pl.DataFrame) -> bool:
    """Whether one of the figures is made of evaluations."""
    return not values.is_empty() and bool(values["kpi"].is_in(["qc_score", "qc_coverage"]).any())


def _set_aside(facts: Data, tables: Mapping[str, pl.DataFrame], period: Period) -> list[Problem]:
    """Why evaluations of the period are not in the score, each with its place."""
    found = about_evaluations(facts, period.first, period.last)
    return list(problems_of(found, tables["evaluations"])) if found.height else []


def _unsound(facts: Data) -> list[Problem]:
    """Given values that cannot be used."""
    rows = unsound(facts).iter_rows()
    return [problem("GIVEN_NOT_USED", value=kpi, agent=agent, period=period) for kpi, agent, period in rows]


def _refuse_coarse(grain: str, period: Period) -> None:
    """A figure of a month is not to be had from a week."""
    if grain in ("hour", "cohort"):
        return
    longer = containing(period.first, grain)  # type: ignore[arg-type]  # a kind of period
    if longer.last > period.last and longer.days > period.days:
        raise ToolkitError([problem("GRAIN_TOO_COARSE", value=grain, period=period.label)])


def _whole(facts: Data, period: Period, rule: Scorecard) -> pl.DataFrame:
    """The KPIs of one scorecard for the period as a whole, counted of the people whom it is for."""
    people = members_of(rule, facts.teams, period) if rule.roles else None
    return kpi_values(facts, period, period.kind, _of([rule]), people=people).values  # type: ignore[arg-type]


def data_in(tables: Mapping[str, pl.DataFrame], setup: Profile, stands: date) -> Data:
    """Tables as they were read, for the KPIs of a profile, as they stand on a day."""
    return Data.of(
        tables,
        stands,
        definitions=setup.definitions,
        credit=setup.credit or ALWAYS,
        digits=setup.digits,
        country=setup.country,
        working_week=setup.working_days,
        call_rules=setup.call_rule_versions(),
        timezone=setup.timezone,
        forms=forms_of(setup),
    )


def goals_in(reading: Reading, setup: Profile, teams: Teams) -> Goals:
    """The targets that were read, and behind them those of the profile's scorecards, with the roster's days."""
    calendar = {"country": setup.country, "working_week": setup.working_days}
    days = WorkingDays.of(_rows(reading, "roster"), teams, setup.definitions, **calendar)
    own = [row for rule in setup.scorecards for row in rule.targets()]
    return Goals(_rows(reading, "targets"), days, own)


def refuse_label(label: str) -> None:
    """Whether these words mean a period is said before anything is read. `ToolkitError` where they do not."""
    if label not in get_args(RelativePeriod):
        period_of(label)


def period_asked(
    label: str, tables: Mapping[str, pl.DataFrame], setup: Profile, as_of: date | None
) -> tuple[Period, date]:
    """The period that the words mean, and the day on which the data stand. `ToolkitError` where it has not begun."""
    latest = as_of or last_day(tables)
    relative = label in get_args(RelativePeriod)
    period = _following(label, latest, setup) if relative else period_of(label)
    stands = as_of or min(latest or period.last, period.last)
    if stands < period.first:
        raise ToolkitError([problem("PERIOD_AHEAD", value=period.label, first=period.first, last=stands)])
    return period, stands


def _following(words: str, latest: date | None, setup: Profile) -> Period:
    if latest is None:
        raise ToolkitError([problem("NO_LATEST", value=words)])

    def is_working(day: date) -> bool:
        return is_working_day(day, setup.country, setup.working_days)

    return following(words, latest, is_working)  # type: ignore[arg-type]  # one of these words


def _wanted(codes: Sequence[str], rules: Iterable[Scorecard]) -> list[str]:
    if ALL in codes:
        return list(RULES)
    wanted = list(dict.fromkeys(codes or _of(rules)))
    unknown = [code for code in wanted if code not in kpi_codes()]
    if unknown:
        raise ToolkitError([problem("KPI_UNKNOWN", value=code) for code in unknown])
    if not wanted:
        raise ToolkitError([problem("NO_SCORECARD")])
    return wanted


def _of(rules: Iterable[Scorecard]) -> list[str]:
    measures: list[Measure] = [measure for rule in rules for measure in rule.kpis]
    gates = [gate.kpi for rule in rules for gate in rule.gates]
    return list(dict.fromkeys([*(measure.kpi for measure in measures), *gates]))


def last_day(tables: Mapping[str, pl.DataFrame]) -> date | None:
    """The day of the last event in the data."""
    return _outermost(tables, "max")


def _outermost(tables: Mapping[str, pl.DataFrame], end: Literal["min", "max"]) -> date | None:
    """The day of the first or of the last event in the data."""
    found: list[Any] = [
        getattr(tables[name][column].dt.date(), end)()
        for name, column in TIMES.items()
        if name in tables and column in tables[name].columns and tables[name].height
    ]
    outermost = min if end == "min" else max
    return outermost((day for day in found if day is not None), default=None)


def with_agents(tables: Mapping[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], list[Problem]]:
    """The tables; where there are no agents, those whom the others name, all of one role and no team."""
    if "agents" in tables:
        return dict(tables), []
    named = [
        tables[name].select("agent_id") for name in NAMED_IN if name in tables and "agent_id" in tables[name].columns
    ]
    people = pl.concat(named).drop_nulls().unique().sort("agent_id")
    agents = people.with_columns(name=pl.col("agent_id"), role=pl.lit(ONE_ROLE))
    return {**tables, "agents": agents}, [problem("AGENTS_FROM_DATA", value=agents.height)]


def _rows(reading: Reading, table: str) -> list[dict[str, Any]]:
    return list(reading.tables[table].iter_rows(named=True)) if table in reading.tables else []


def refuse_unsure(reading: Reading, data: Path) -> None:
    """A file that could not be read at all would make figures wrong in silence."""
    refused = [file.file for file in reading.files if file.verdict == FILE_REJECTED and file.table]
    if refused:
        found = [one for one in reading.problems if one.file in refused and one.level == "error"]
        raise ToolkitError([*found, problem("FILES_REFUSED", value=", ".join(refused))])
    tables = reading.tables
    if "agents" not in tables and not any(name in tables and "agent_id" in tables[name].columns for name in NAMED_IN):
        raise ToolkitError([problem("NO_AGENTS", value=str(data))])
