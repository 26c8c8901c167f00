"""What the commands of call quality read: the tables of a folder as they stood on a day, ready for the calculations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.kpis.data import Data
from toolkit.periods import Period
from toolkit.problems import Problem
from toolkit.profiles import Profile, load_profile
from toolkit.readers.asked import OnFile
from toolkit.readers.raw import RawSheet
from toolkit.reading import Reading, read_tables
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.scoring import (
    data_in,
    period_asked,
    refuse_label,
    refuse_unsure,
    until_end_of,
    with_agents,
)
from toolkit.shipped import version


@dataclass(frozen=True)
class QualityData:
    """A period of a folder of exports. as_of: the day on which the data stand."""

    profile: Profile
    period: Period
    as_of: date
    data: Data
    reading: Reading
    remarks: tuple[Problem, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Of the files."""
        return (*self.reading.problems, *self.remarks)

    @property
    def rows_set_aside(self) -> bool:
        """Whether some rows of the data were not taken."""
        return any(file.rejected for file in self.reading.files)

    @property
    def about(self) -> About:
        """What every page says of itself."""
        setup = self.profile
        provisional = self.as_of < self.period.last
        title = setup.title or setup.name
        return About(title, self.period, self.as_of, provisional, setup.currency, setup.digits, setup.name, version())

    @property
    def record(self) -> dict[str, Any]:
        """What every record of results says of where they come from."""
        return {
            "toolkit": version(),
            "profile": self.profile.name,
            "period": self.period.label,
            "as_of": self.as_of.isoformat(),
            "provisional": self.as_of < self.period.last,
            "sources": [file.counts for file in self.reading.files],
        }


def quality_data(
    data: Path,
    profile: str | Profile,
    period_label: str,
    *,
    as_of: date | None = None,
    on_file: OnFile | None = None,
    pasted: Mapping[str, RawSheet] | None = None,
) -> QualityData:
    """The data of a period, read as `toolkit.scorecard_reports.scoring.scored` reads them.

    as_of: nothing of later days is looked at; without it the data stand at their last event, or the period's end, and
    evaluations and actions count whenever they were entered. `ToolkitError` where nothing can be made of the data.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    refuse_label(period_label)
    reading = read_tables(data, setup, on_file=on_file, pasted=pasted)
    refuse_unsure(reading, data)
    period, stands = period_asked(period_label, reading.tables, setup, as_of)
    known = _as_known(reading.tables, as_of) if as_of else reading.tables
    tables, remarks = with_agents(until_end_of(known, stands))
    return QualityData(setup, period, stands, data_in(tables, setup, stands), reading, tuple(remarks))


def _as_known(tables: Mapping[str, pl.DataFrame], day: date) -> dict[str, pl.DataFrame]:
    """Without evaluations and actions of later days; what was done later is not done yet."""
    known = dict(tables)
    if "evaluations" in known:
        known["evaluations"] = known["evaluations"].filter(pl.col("evaluated_on") <= day)
    if "actions" in known:
        rows = known["actions"].filter(pl.col("raised_at").dt.date() <= day)
        late = [name for name in ("done_at", "acknowledged_at") if name in rows.columns]
        undone = [pl.when(pl.col(name).dt.date() <= day).then(name).alias(name) for name in late]
        known["actions"] = rows.with_columns(undone)
    return known
