"""Calls to listen to, from a folder of exports: drawn, written, replaced, followed up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl

from toolkit.kpis.data import MissingError
from toolkit.periods import parse
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.quality.draws import Draw, draw
from toolkit.quality.progress import Progress, progress
from toolkit.quality.replacing import Replacement, replacement
from toolkit.quality_reports.data import QualityData, quality_data
from toolkit.quality_reports.draws.files import (
    BOOK,
    EVALUATORS,
    MARGINS,
    PROGRESS,
    alone_with,
    append_replacement,
    kept_draw,
    margin_table,
    read_back,
    refuse_other,
    replacements_in,
    write_draw,
    write_tables,
)
from toolkit.quality_reports.draws.lists import breaches_in, listeners
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet


@dataclass(frozen=True)
class Drawn:
    """A draw and what it was made from."""

    read: QualityData
    draw: Draw

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files, then of the draw."""
        return (*self.read.problems, *self.draw.problems)

    def write(self, out: Path, *, workbook: bool = True) -> None:
        """Writes the folder. `ToolkitError` where it holds another draw."""
        write_draw(self.draw, out, self.read.record, self.problems, self._write_book if workbook else None)

    def _write_book(self, path: Path) -> None:
        from toolkit.quality_reports.draws.book import write_draw_book

        write_draw_book(self.draw, self.read.about, path)


def drawn(
    data: Path,
    profile: str | Profile,
    period_label: str,
    *,
    per_agent: int | None = None,
    margin: Fraction | None = None,
    seed: int | None = None,
    evaluators: Sequence[str] = (),
    breaches: Path | None = None,
    as_of: date | None = None,
    on_file: OnFile | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> Drawn:
    """The draw of a period by the profile's plan.

    per_agent: calls of each agent in this period, in place of the plan's for a month. margin: in points, in place of
    the plan's. evaluators: names, or files with a column of them (`listeners`). breaches: breaches.csv of
    `toolkit conduct`.
    pasted: tables in place of the files of the same tables.
    `ToolkitError` where something of it cannot be.
    """
    people = listeners(evaluators)
    found = breaches_in(breaches)
    read = quality_data(data, profile, period_label, as_of=as_of, on_file=on_file, pasted=pasted)
    plan = read.profile.sampling
    if margin is not None:
        plan = plan.model_copy(update={"margin": _decimal(margin)})
    try:
        made = draw(
            read.data, plan, read.period, seed=seed, per_agent=per_agent, evaluators=people.names, most=people.most,
            breaches=found,
        )  # fmt: skip
    except MissingError as missing:
        raise ToolkitError([problem("DRAW_NO_CALLS", value=", ".join(missing.names))]) from missing
    if not made.population:
        raise ToolkitError([problem("DRAW_NOTHING", value=read.period.label)])
    return Drawn(read, made)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


# --- afterwards ------------------------------------------------------------------------------------------


def replaced(
    out: Path, call_id: str, *, reason: str, by: str, at: str
) -> tuple[Replacement, pl.DataFrame, tuple[Problem, ...]]:
    """Replaces a drawn call by the next of its stratum and writes it down, in sample.xlsx too; gives it, all
    replacements so far, and what is to be said of the workbook where that could not be written."""
    if not out.is_dir():
        raise ToolkitError([problem("DRAW_UNREADABLE", file=out.name, reason="there is no such folder")])
    with alone_with(out):
        sample, reserve, _ = kept_draw(out)
        made = replacement(sample, reserve, replacements_in(out), call_id, reason=reason, by=by, at=at)
        append_replacement(out, made)
        return made, replacements_in(out), _in_the_book(out / BOOK, made, reserve)


def _in_the_book(path: Path, made: Replacement, reserve: pl.DataFrame) -> tuple[Problem, ...]:
    """The replacement counts, whether the workbook is open in Excel or not; that it is not in there is said."""
    from toolkit.quality_reports.draws.book import replace_in_book

    if not path.is_file():
        return ()
    call = next(iter(reserve.filter(pl.col("call_id") == made.call_id).to_dicts()), {})
    try:
        replace_in_book(path, made, call)
    except ToolkitError as error:
        return tuple(error.problems)
    return ()


@dataclass(frozen=True)
class ToHear:
    """The calls to be heard, as they are now.

    calls: those of `Progress`, with what is known of each beside; gone: calls that were replaced; margins: as
    `margin_table` has them. before: whether the draw is one of before, which what was drawn now may not replace.
    """

    progress: Progress
    calls: pl.DataFrame
    gone: pl.DataFrame
    margins: pl.DataFrame
    seed: int
    before: bool


DETAILS = ("call_id", "agent", "team", "started_at", "talk_seconds", "recording")
NOBODY = {"evaluation_id": pl.String, "call_id": pl.String, "agent_id": pl.String, "evaluator": pl.String,
          "evaluated_on": pl.Date}  # fmt: skip


def to_hear(done: Drawn, out: Path) -> ToHear:
    """What the folder has, or will have once the draw is written into it. Of a draw by the same seed that was made
    before, from what the exports had then, the calls stay. `ToolkitError` where it has one by another seed."""
    sample, reserve, margins, before = done.draw.drawn, done.draw.reserve, margin_table(done.draw.margins), False
    try:
        refuse_other(done.draw, out)
    except ToolkitError:
        sample, reserve, record = kept_draw(out)
        if record["seed"] != done.draw.seed or record["period"] != done.read.period.label:
            raise
        margins, before = read_back(out / MARGINS), True
    made = replacements_in(out)
    tables = done.read.data.tables
    evaluations = tables["evaluations"].to_native() if "evaluations" in tables else pl.DataFrame(schema=NOBODY)
    found = progress(sample, made, evaluations, done.read.period)
    details = pl.concat([_as_texts(sample), _as_texts(reserve)]).unique("call_id", keep="first")
    calls = found.calls.join(details, on="call_id", how="left", maintain_order="left")
    return ToHear(found, calls, made, margins, done.draw.seed, before)


def _as_texts(rows: pl.DataFrame) -> pl.DataFrame:
    times = [pl.col(name).dt.strftime("%Y-%m-%d %H:%M") for name, kind in rows.schema.items() if kind == pl.Datetime]
    return rows.with_columns(times).select(pl.col(name).cast(pl.String) for name in DETAILS)


@dataclass(frozen=True)
class Followed:
    """How far a draw is, by what evaluations."""

    read: QualityData
    progress: Progress

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files, then of the progress."""
        return (*self.read.problems, *self.progress.problems)


def followed(
    data: Path, profile: str | Profile, out: Path, *, as_of: date | None = None, on_file: OnFile | None = None
) -> Followed:
    """How far the draw in `out` is, written beside it as progress.csv and evaluators.csv."""
    sample, _, record = kept_draw(out)
    read = quality_data(data, profile, str(record["period"]), as_of=as_of, on_file=on_file)
    tables = read.data.tables
    if "evaluations" not in tables:
        raise ToolkitError([problem("PROGRESS_NO_EVALUATIONS")])
    done = progress(sample, replacements_in(out), tables["evaluations"].to_native(), parse(str(record["period"])))
    with alone_with(out):
        write_tables(out, {PROGRESS: done.calls, EVALUATORS: done.evaluators})
    return Followed(read, done)
