"""What a scorecard leaves behind: values.csv, scorecard.csv, problems.csv, and a record that names every file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import as_cells
from toolkit.kpi_codes import kpi_codes
from toolkit.periods import Period
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.readers.outcomes import SourceFile
from toolkit.scorecards import TOTAL, Card, Line, ScorecardRun
from toolkit.trends.charts import Limits, from_record, record_of
from toolkit.trends.drill_down import in_words
from toolkit.watching import Key, Outlook, Seen, Watch
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

RECORD, VALUES, SCORECARD, PROBLEMS = "scorecard.json", "values.csv", "scorecard.csv", "problems.csv"
TRENDS, OUTLOOK, LIMITS, KPI_VALUES = "trends.csv", "outlook.csv", "limits.json", "kpi_values.csv"
BOOK, PAGES = "scorecard.xlsx", "pages"
FOLDER = FolderKind(RECORD, (VALUES, SCORECARD, TRENDS, OUTLOOK, LIMITS, KPI_VALUES, PROBLEMS, BOOK, PAGES))
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
    files: Sequence[SourceFile],
    problems: Sequence[Problem],
    more: Mapping[str, Writer],
) -> None:
    """Writes the folder, whole or not at all. more: further files by name (scorecard.xlsx, pages)."""
    with whole_folder(out, FOLDER) as aside:
        _as_csv(values).write_csv(aside / VALUES)
        _as_csv(scorecard_table(run)).write_csv(aside / SCORECARD)
        if not about.provisional:
            _as_csv(kpi_value_table(run)).write_csv(aside / KPI_VALUES)
        _as_csv(trend_table(watch)).write_csv(aside / TRENDS)
        _as_csv(outlook_table(watch, about.digits)).write_csv(aside / OUTLOOK)
        write_json(limits_record(watch), aside / LIMITS)
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


def limits_record(watch: Watch) -> list[dict[str, Any]]:
    """The limits by which the days were judged, so that the next months can be judged by the same."""
    every = [(one.key, kind, limits) for one in watch.seen for kind, limits in one.limits.items()]
    return kept_as_record([(key, kind, limits) for key, kind, limits in every if not limits.too_few])


def kept_as_record(limits: Iterable[tuple[Key, str, Limits]]) -> list[dict[str, Any]]:
    """Limits as limits.json has them: of each series and kind of day."""
    return [
        {**dict(zip(("scope_kind", "scope", "kpi"), key, strict=True)), "days": kind, **record_of(each)}
        for key, kind, each in limits
    ]


def kept_limits(path: Path) -> dict[Key, dict[str, Limits]]:
    """The limits of an earlier folder's limits.json. `ToolkitError` where the file is none."""
    found: dict[Key, dict[str, Limits]] = {}
    try:
        for row in json.loads(path.read_text(encoding="utf-8")):
            key = (str(row.pop("scope_kind")), str(row.pop("scope")), str(row.pop("kpi")))
            found.setdefault(key, {})[str(row.pop("days"))] = from_record(row)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolkitError([problem("LIMITS_UNREADABLE", file=path.name, reason=str(error))]) from error
    return found


TO_FILL_IN = ("cause", "action", "owner", "due")


def trend_table(watch: Watch) -> pl.DataFrame:
    """One row a series, those that really got worse first, with room for cause, action, owner and due date."""
    rows = [_trend(one) for one in sorted(watch.seen, key=lambda one: (not one.trend.bad, one.kpi, one.key))]
    words = ("scope_kind", "scope", "kpi", "title", "verdict", "finding", "explained", *TO_FILL_IN)
    schema = {**dict.fromkeys(words, pl.String), "bad": pl.Boolean, "since": pl.Date}
    order = ["scope_kind", "scope", "kpi", "title", "verdict", "bad", "since", "finding", "explained", *TO_FILL_IN]
    return pl.DataFrame(rows, schema=schema, orient="row").select(order)


def _trend(one: Seen) -> dict[str, Any]:
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
        "explained": " ".join(part.message for change in one.trend.explained for part in in_words(change)),
        **dict.fromkeys(TO_FILL_IN, ""),
    }


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


def number(value: Fraction | None) -> float | None:
    """A fraction as a number for files and pages."""
    return None if value is None else float(value)


def _as_csv(table: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame([_column(column) for column in table])


def _column(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return as_cells(column)
    return column.round(DIGITS) if column.dtype == pl.Float64 else column


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
