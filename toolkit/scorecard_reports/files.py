"""What a scorecard leaves behind: values.csv, scorecard.csv, problems.csv, and a record that names every file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import table_cells
from toolkit.kpi_codes import kpi_codes
from toolkit.maturing import Course
from toolkit.periods import Period
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem
from toolkit.readers.outcomes import SourceFile
from toolkit.scorecard_reports.frozen_limits import limits_record
from toolkit.scorecards import TOTAL, Card, Line, ScorecardRun
from toolkit.trend_words import explained_words
from toolkit.trends.drill_down import Change
from toolkit.watching import By, Outlook, Seen, Watch
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

RECORD, VALUES, SCORECARD, PROBLEMS = "scorecard.json", "values.csv", "scorecard.csv", "problems.csv"
TRENDS, OUTLOOK, LIMITS, KPI_VALUES = "trends.csv", "outlook.csv", "limits.json", "kpi_values.csv"
MATURITY, DRILL_DOWN = "maturity.csv", "drill_down.csv"
BOOK, PAGES = "scorecard.xlsx", "pages"
TABLES = (VALUES, SCORECARD, TRENDS, DRILL_DOWN, MATURITY, OUTLOOK, LIMITS, KPI_VALUES, PROBLEMS)
FOLDER = FolderKind(RECORD, (*TABLES, BOOK, PAGES))
DIGITS = 9
"""Digits behind the point in the files: more than anybody reads, enough that nobody has to guess how it was rounded."""

Writer = Callable[[Path], None]
"""Writes one more file or folder at the path it is given."""


@dataclass(frozen=True)
class About:
    """What every page says about where its figures come from."""

    title: str
    period: Period
    as_of: date
    provisional: bool
    currency: str
    digits: int
    profile: str
    version: str


def write_scores(
    out: Path,
    values: pl.DataFrame,
    run: ScorecardRun,
    about: About,
    watch: Watch,
    courses: Sequence[Course],
    files: Sequence[SourceFile],
    problems: Sequence[Problem],
    more: Mapping[str, Writer],
) -> None:
    """Writes the folder, whole or not at all. courses: cohorts by age; without any there is no maturity.csv. more:
    further files by name (scorecard.xlsx, pages)."""
    with whole_folder(out, FOLDER) as aside:
        table_cells(values, DIGITS).write_csv(aside / VALUES)
        table_cells(scorecard_table(run), DIGITS).write_csv(aside / SCORECARD)
        if not about.provisional:
            table_cells(kpi_value_table(run), DIGITS).write_csv(aside / KPI_VALUES)
        table_cells(trend_table(watch), DIGITS).write_csv(aside / TRENDS)
        table_cells(drill_down_table(watch), DIGITS).write_csv(aside / DRILL_DOWN)
        table_cells(outlook_table(watch, about.digits), DIGITS).write_csv(aside / OUTLOOK)
        write_json(limits_record(watch, about.profile), aside / LIMITS)
        if courses:
            table_cells(maturity_table(courses), DIGITS).write_csv(aside / MATURITY)
        write_problems(problems, aside / PROBLEMS)
        for name, write in more.items():
            write(aside / name)
        record = _record(about, files, hashes_in(aside))
        write_json(record, aside / RECORD)


def scorecard_table(run: ScorecardRun) -> pl.DataFrame:
    """One row for each KPI of each card and one for its total; shares are fractions, scores of a hundred."""
    return pl.DataFrame([row for card in run.cards for row in _rows(card)], schema=SCHEMA, orient="row")


SCHEMA: Mapping[str, Any] = {
    **dict.fromkeys(("scope_kind", "scope", "name", "scorecard", "kpi", "title"), pl.String),
    **dict.fromkeys(("value", "numerator", "base", "target", "score", "weight"), pl.Float64),
    **dict.fromkeys(("band", "light"), pl.String),
    "rank": pl.Int64,
    "fair_rank": pl.Int64,
    **dict.fromkeys(("interval_low", "interval_high"), pl.Float64),
    **dict.fromkeys(("note", "definition"), pl.String),
}


def _rows(card: Card) -> Iterator[dict[str, Any]]:
    of = {"scope_kind": card.scope_kind, "scope": card.scope, "name": card.name, "scorecard": card.rule.name}
    for line in card.lines:
        yield {**of, **_cells(line)}
    gates = ", ".join(kpi_codes()[kpi].title for kpi in card.gates)
    yield {
        **of,
        "kpi": TOTAL,
        "title": card.rule.title or card.rule.name,
        "score": number(card.total),
        "weight": float(sum((line.weight for line in card.lines), Fraction(0))),
        "band": card.band,
        "rank": card.rank,
        "fair_rank": card.fair_rank,
        "note": f"gate: {gates}" if gates else "",
    }


def _cells(line: Line) -> dict[str, Any]:
    low, high = line.interval or (None, None)
    return {
        "kpi": line.kpi,
        "title": kpi_codes()[line.kpi].title,
        "value": number(line.value),
        "numerator": line.numerator,
        "base": line.base,
        "target": number(line.goal.target),
        "score": None if line.score is None else float(line.score * 100),
        "weight": float(line.weight),
        "band": line.place,
        "light": line.light,
        "rank": line.rank,
        "interval_low": low,
        "interval_high": high,
        "note": line.note,
        "definition": line.definition,
    }


def kpi_value_table(run: ScorecardRun) -> pl.DataFrame:
    """The agents' figures as the table kpi_values has them, so that a plan that looks at KPIs can be fed with them."""
    rows = [
        (line.kpi, card.scope, run.period.label, line.numerator, line.base, number(line.value))
        for card in run.of("agent")
        for line in card.lines
        if line.value is not None
    ]
    words = dict.fromkeys(("kpi", "agent_id", "period"), pl.String)
    numbers = dict.fromkeys(("numerator", "denominator", "value"), pl.Float64)
    table = pl.DataFrame(
        list(dict.fromkeys(rows)), schema={**words, **numbers}, orient="row"
    )  # one card of two has it too
    has_parts = pl.col("denominator").is_not_null() & pl.col("numerator").is_not_null()
    return table.with_columns(
        numerator=pl.when(has_parts).then("numerator"), value=pl.when(~has_parts).then("value")
    )  # fmt: skip


def _of(one: Seen) -> dict[str, str]:
    return {"scope_kind": one.scope_kind, "scope": one.scope, "kpi": one.kpi}


TO_FILL_IN = ("cause", "action", "owner", "due")


def trend_table(watch: Watch) -> pl.DataFrame:
    """One row a series, those that really got worse first, with room for cause, action, owner and due date.

    signals: every day (of weeks the Monday) that was unusual, whatever the last one says; incidents: what was down on
    those days; parts: weeks of which days are missing, which were not judged.
    """
    rows = [_trend(one, watch.by) for one in sorted(watch.seen, key=lambda one: (not one.trend.bad, one.kpi, one.key))]
    order = ["scope_kind", "scope", "kpi", "title", "verdict", "bad", "since", "finding", "explained"]
    order += ["by", "signals", "incidents", "parts", *TO_FILL_IN]
    schema = {**dict.fromkeys(order, pl.String), "bad": pl.Boolean, "since": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _trend(one: Seen, by: By) -> dict[str, Any]:
    signals = one.trend.signals
    changed = one.trend.word in ("drop", "rise", "odd") and signals
    return {
        "scope_kind": one.scope_kind,
        "scope": one.scope,
        "kpi": one.kpi,
        "title": kpi_codes()[one.kpi].title,
        "verdict": one.trend.in_words,
        "bad": one.trend.bad,
        "since": signals[-1].since if changed else None,
        "finding": one.trend.finding.message,
        "explained": explained_words(one, by),
        "by": by,
        "signals": ", ".join(signal.day.isoformat() for signal in signals),
        "incidents": one.incidents,
        "parts": ", ".join(one.parts),
        **dict.fromkeys(TO_FILL_IN, ""),
    }


def drill_down_table(watch: Watch) -> pl.DataFrame:
    """One row a slice of a change for the worse; before the slices of a kind one of the whole, to which they add up.

    before and after: the KPI's value in the slice, of amounts by day or week; mix and rate: what the slice adds to the
    change by its weight and by its own figure; explains: their share of the change.
    """
    words = ("scope_kind", "scope", "kpi", "dimension", "slice")
    numbers = ("numerator_before", "denominator_before", "before", "numerator_after", "denominator_after", "after")
    schema = {**dict.fromkeys(words, pl.String), **dict.fromkeys((*numbers, "mix", "rate", "explains"), pl.Float64)}
    rows = [
        {**_of(one), "dimension": change.dimension, **row}
        for one in watch.seen
        for change in one.trend.explained
        for row in _slices(change)
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


WHOLE = "(all)"


def _slices(change: Change) -> Iterator[dict[str, Any]]:
    has_base = any(below for part in change.parts for _, below in part.sums)
    values = (
        (WHOLE, _added(change), change.before, change.after, None, change.whole),
        *((part.part, part.sums, part.before, part.after, part.mix, part.rate) for part in change.parts),
    )
    for name, sums, before, after, mix, rate in values:
        found = {
            "slice": name,
            "before": number(before),
            "after": number(after),
            "mix": number(mix),
            "rate": number(rate),
        }
        for (above, below), when in zip(sums, ("before", "after"), strict=True):
            found |= {f"numerator_{when}": float(above), f"denominator_{when}": float(below) if has_base else None}
        own = (mix or 0) + (rate or 0)
        yield {**found, "explains": number(own / change.whole) if change.whole else None}


def _added(change: Change) -> Any:
    return [tuple(sum(part.sums[at][place] for part in change.parts) for place in (0, 1)) for at in (0, 1)]


def outlook_table(watch: Watch, digits: int) -> pl.DataFrame:
    """Where the month will end, beside the plan; money in the currency's own unit."""
    money = ("collected", "expected", "low", "high", "plan")
    schema: dict[str, Any] = {
        **dict.fromkeys(("scope_kind", "scope", "kpi"), pl.String),
        "elapsed": pl.Int64,
        "working_days": pl.Int64,
        **dict.fromkeys((*money, "variance", "error"), pl.Float64),
        "alert": pl.Boolean,
        **dict.fromkeys(("subject", "text"), pl.String),
    }
    return pl.DataFrame([_outlook(one, 10**digits) for one in watch.outlooks], schema=schema, orient="row")


def _outlook(one: Outlook, unit: int) -> dict[str, Any]:
    seen = one.seen
    amounts = {name: getattr(seen, name) for name in ("collected", "expected", "low", "high")}
    return {
        "scope_kind": one.scope_kind,
        "scope": one.scope,
        "kpi": one.kpi,
        "elapsed": seen.elapsed,
        "working_days": seen.working_days,
        **{name: None if minor is None else minor / unit for name, minor in amounts.items()},
        "plan": one.variance.plan / unit,
        "variance": number(one.variance.share),
        "error": seen.error,
        "alert": one.variance.alert,
        "subject": one.subject,
        "text": one.text,
    }


def maturity_table(courses: Sequence[Course]) -> pl.DataFrame:
    """One row a day of a cohort's age, as far as all of it have lived."""
    schema: dict[str, Any] = {
        **dict.fromkeys(("scope_kind", "scope", "kpi", "cohort"), pl.String),
        **dict.fromkeys(("age_days", "numerator", "denominator"), pl.Int64),
        "value": pl.Float64,
        "matured": pl.Boolean,
    }
    rows = [
        (
            *of.key,
            of.cohort,
            age.day,
            age.converted,
            age.old_enough,
            number(age.share),
            of.matured,
        )
        for of in courses
        for age in of.ages
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def number(value: Fraction | None) -> float | None:
    """A fraction as a number for files and pages."""
    return None if value is None else float(value)


def _record(about: About, files: Sequence[SourceFile], hashes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "toolkit": about.version,
        "profile": about.profile,
        "period": about.period.label,
        "as_of": about.as_of.isoformat(),
        "provisional": about.provisional,
        "sources": [file.counts for file in files],
        "files": dict(sorted(hashes.items())),
    }
