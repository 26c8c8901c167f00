"""The evaluations of a folder of exports: read with what belongs to them, and judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypedDict, Unpack

import polars as pl

from toolkit.evaluations import Judged, People, Rules, judged, problems_of, refusals
from toolkit.form_files import read_forms
from toolkit.forms import Forms
from toolkit.kpis.data import Data
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.quality.disputes import end_of
from toolkit.quality_reports.by_draw import as_drawn
from toolkit.quality_reports.draws.files import Choice, chosen_in
from toolkit.quality_reports.remarks import about_all, changed_since
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.readers.sources import data_files
from toolkit.reading import Reading, read_files
from toolkit.scorecard_reports.scoring import data_in, refuse_unsure, with_agents

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
    forms, about_forms = _forms(setup)
    files = _files(data, setup, disputes, more.get("entered"))
    reading = read_files(files, setup, on_file=on_file, only=WANTED, pasted=more.get("pasted"))
    refuse_unsure(reading, data)
    table = _table(reading, data, how)
    stands = as_of or _last_day(reading.tables)
    later = table.filter(pl.col("evaluated_on") > stands)
    known = table.filter(pl.col("evaluated_on") <= stands) if later.height else table
    tables, about_agents = with_agents(reading.tables)
    facts = data_in(tables, setup, stands)
    changed, reworded = changed_since(forms, before or {})
    rules = Rules(forms, stands, setup.definitions, People(facts.teams), changed)
    found = judged(known, rules, disputes=reading.tables.get("disputes"), calls=_calls(reading.tables, known))
    told = (*about_forms, *about_agents, *reworded, *about_all(found, forms, later, stands))
    return Evaluations(setup, forms, stands, reading, facts, known, later, found, before or {}, changed, told, how)


def _forms(setup: Profile) -> tuple[Forms, list[Problem]]:
    """The forms of the set-up, and what is odd about them."""
    forms, remarks = read_forms(setup.form_paths(), setup)
    if wrong := [found for found in remarks if found.level == "error"]:
        raise ToolkitError(wrong)
    return forms, remarks


def _table(reading: Reading, data: Path, how: Choice | None) -> pl.DataFrame:
    """The evaluations, by the draw if there is one."""
    table = reading.tables.get("evaluations")
    nothing_read = table is None or (table.is_empty() and not any(file.rejected for file in reading.files))
    if table is None or nothing_read:
        raise ToolkitError([problem("QC_SCORE_NO_EVALUATIONS", value=data.name)])
    return table if how is None else as_drawn(table, how)


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
