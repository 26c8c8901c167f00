"""The hourly update and the team's day from a folder of exports, as tables and as a text to paste into a chat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.pace import EVENTS, PACED, Pace, day_of, local, pace_of, until
from toolkit.periods import ONE_DAY
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.reading import Reading, read_tables
from toolkit.scorecard_reports.daily_tables import hourly_table, today_tables
from toolkit.scorecard_reports.daily_texts import hourly_text, today_text
from toolkit.scorecard_reports.scoring import after_the_data, data_in, goals_in, refuse_unsure, with_agents
from toolkit.shipped import version
from toolkit.today import Today, today_of
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

PROBLEMS = "problems.csv"
HOURLY = FolderKind("hourly.json", ("hourly.csv", "hourly.txt", PROBLEMS))
LISTS = ("working", "away", "targets", "promises_due", "untouched")
TODAY = FolderKind("today.json", (*(f"{name}.csv" for name in LISTS), "today.txt", PROBLEMS))
MINUTE = timedelta(minutes=1)
Pasted = Mapping[str, RawSheet]


@dataclass(frozen=True)
class Read:
    """What was read for a moment."""

    profile: Profile
    at: datetime
    tables: Mapping[str, pl.DataFrame]
    reading: Reading
    remarks: tuple[Problem, ...]

    @property
    def rows_set_aside(self) -> bool:
        """Whether some rows of the data were not taken."""
        return any(file.rejected for file in self.reading.files)


@dataclass(frozen=True)
class Hourly:
    """The pace of a day and what it was made from."""

    read: Read
    pace: Pace

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files, then of the pace."""
        return (*self.read.reading.problems, *self.read.remarks, *self.pace.problems)

    @property
    def text(self) -> str:
        """What one pastes into a chat."""
        return hourly_text(self.pace, self.read.profile)

    def write(self, out: Path) -> None:
        """The folder: hourly.csv, hourly.txt, problems.csv and a record."""
        csv = hourly_table(self.pace, self.read.profile.digits)
        _write(out, HOURLY, {"hourly.csv": csv}, {"hourly.txt": self.text}, self.problems, self.read)


@dataclass(frozen=True)
class TeamDay:
    """The team's day and what it was made from."""

    read: Read
    today: Today

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files, then of the lists."""
        return (*self.read.reading.problems, *self.read.remarks, *self.today.problems)

    @property
    def text(self) -> str:
        """The lists in words, the first of each."""
        return today_text(self.today, self.read.profile)

    def write(self, out: Path) -> None:
        """The folder: a CSV for each list that the data allow, today.txt, problems.csv and a record."""
        tables = {f"{name}.csv": rows for name, rows in today_tables(self.today, self.read.profile.digits).items()}
        _write(out, TODAY, tables, {"today.txt": self.text}, self.problems, self.read)


def hourly(
    data: Path,
    profile: str | Profile,
    at: datetime | None = None,
    *,
    kpi: str = "noc",
    on_file: OnFile | None = None,
    pasted: Pasted | None = None,
) -> Hourly:
    """The pace of the day that `at` belongs to; without it, of the last event in the data.

    kpi: what the pace is of, one of `PACED`. pasted: tables that take the place of files. What happened at that moment
    or later is not looked at.
    """
    if kpi not in PACED:
        raise ToolkitError([problem("NOT_PACED", value=kpi, known=", ".join(PACED))])
    read = _read(data, profile, at, on_file, pasted)
    facts = data_in(read.tables, read.profile, day_of(read.at))
    goals = goals_in(read.reading, read.profile, facts.teams)
    return Hourly(read, pace_of(facts, goals, read.at, kpi, read.profile.scorecards))


def team_today(
    data: Path,
    profile: str | Profile,
    at: datetime,
    *,
    on_file: OnFile | None = None,
    pasted: Pasted | None = None,
) -> TeamDay:
    """The team's day that `at` belongs to, as things stood then."""
    read = _read(data, profile, at, on_file, pasted)
    facts = data_in(read.tables, read.profile, day_of(read.at))
    goals = goals_in(read.reading, read.profile, facts.teams)
    return TeamDay(read, today_of(facts, read.tables, goals, read.profile.scorecards, read.at))


def _read(
    data: Path, profile: str | Profile, at: datetime | None, on_file: OnFile | None, pasted: Pasted | None
) -> Read:
    """The tables as they stood. Rows of later days are not refused: a morning may be looked at in the evening."""
    setup = load_profile(profile) if isinstance(profile, str) else profile
    reading = read_tables(data, setup, on_file=on_file, pasted=pasted)
    refuse_unsure(reading, data)
    tables, remarks = with_agents(reading.tables)
    moment = at or _last_moment(tables)
    remarks += after_the_data(tables, day_of(moment) - ONE_DAY, setup)
    return Read(setup, moment, until(tables, moment), reading, tuple(remarks))


def _last_moment(tables: Mapping[str, pl.DataFrame]) -> datetime:
    """The whole minute after the last event."""
    found = [
        tables[name].select(local(pl.col(column)).max()).item()
        for name, column in EVENTS.items()
        if name in tables and column in tables[name].columns
    ]
    known: list[datetime] = [moment for moment in found if moment is not None]
    if not known:
        raise ToolkitError([problem("NOTHING_YET")])
    return max(known).replace(second=0, microsecond=0) + MINUTE


# --- files ---------------------------------------------------------------------------------------------


def _write(
    out: Path,
    kind: FolderKind,
    tables: Mapping[str, pl.DataFrame],
    texts: Mapping[str, str],
    problems: Sequence[Problem],
    read: Read,
) -> None:
    with whole_folder(out, kind) as aside:
        for name, table in tables.items():
            table.write_csv(aside / name)
        for name, text in texts.items():
            (aside / name).write_text(text, encoding="utf-8", newline="\n")
        write_problems(problems, aside / PROBLEMS)
        record = _record(read, hashes_in(aside))
        write_json(record, aside / kind.record)


def _record(read: Read, hashes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "toolkit": version(),
        "profile": read.profile.name,
        "as_of": f"{read.at:%Y-%m-%d %H:%M:%S}",
        "sources": [file.counts for file in read.reading.files],
        "files": dict(sorted(hashes.items())),
    }
