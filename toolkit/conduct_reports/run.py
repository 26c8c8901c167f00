"""Conduct from a folder of exports: read, held against the call rules, and written as a folder of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import narwhals as nw

from toolkit.call_rule_files import Version, versions_of
from toolkit.call_rules import Choice
from toolkit.conduct import Conduct, Contacts, conduct
from toolkit.conduct_reports.files import BOOK, PAGE, About, Tables, Writer, write_conduct
from toolkit.periods import Period, RelativePeriod, following, is_working_day, parse
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.readers.asked import OnFile
from toolkit.reading import Reading, read_tables
from toolkit.scorecard_reports.scoring import last_day, refuse_unsure, with_agents
from toolkit.shipped import version
from toolkit.teams import Teams


@dataclass(frozen=True)
class Held:
    """A period's contacts held against the rules, and what they were made from.

    as_of: the last day that the data know of. provisional: the data end before the period does.
    """

    profile: Profile
    period: Period
    as_of: date
    found: Conduct
    tables: Tables
    reading: Reading
    problems: tuple[Problem, ...]

    @property
    def provisional(self) -> bool:
        """Whether days of the period are still to come."""
        return self.as_of < self.period.last

    @property
    def rows_set_aside(self) -> bool:
        """Whether some rows of the data were not taken."""
        return any(file.rejected for file in self.reading.files)

    @property
    def about(self) -> About:
        """What every page says of itself."""
        setup = self.profile
        return About(
            setup.title or setup.name, self.period, self.as_of, self.provisional, setup.name, setup.timezone, version(),
            setup.currency, setup.digits,
        )  # fmt: skip

    def write(self, out: Path, *, workbook: bool = True, page: bool = True) -> None:
        """Writes the folder, with the workbook and the page that are wanted."""
        more: dict[str, Writer] = {}
        if workbook:
            more[BOOK] = self._write_book
        if page:
            more[PAGE] = self._write_page
        write_conduct(out, self.tables, self.about, self.reading.files, self.problems, more)

    def _write_book(self, path: Path) -> None:
        from toolkit.conduct_reports.book import write_conduct_book

        write_conduct_book(self.found, self.tables, self.about, path)

    def _write_page(self, path: Path) -> None:
        from toolkit.conduct_reports.page import write_conduct_page

        write_conduct_page(self.found, self.tables, self.about, path)


def conduct_of(
    data: Path,
    profile: str | Profile,
    period_label: str,
    rules: Sequence[str] = (),
    *,
    as_of: date | None = None,
    on_file: OnFile | None = None,
) -> Held:
    """The contacts of a period held against the call rules.

    rules: names of files of the profile's call rules, of shipped ones, or files; none: all that the profile keeps.
    period_label and as_of: as for a scorecard. `ToolkitError` where there are no rules, no such contacts, where the
    period is none or has not begun, and with everything that is wrong with the rules.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    asked = None if period_label in get_args(RelativePeriod) else _period(period_label)
    versions = wanted_rules(setup, rules)
    reading = read_tables(data, setup, on_file=on_file)
    refuse_unsure(reading, data)
    latest = as_of or last_day(reading.tables)
    period = asked or _following(period_label, latest, setup)
    stands = as_of or min(latest or period.last, period.last)
    if stands < period.first:
        raise ToolkitError([problem("PERIOD_AHEAD", value=period.label, first=period.first, last=stands)])
    tables, remarks = with_agents(reading.tables)
    contacts = Contacts(
        {name: nw.from_native(rows) for name, rows in tables.items()}, setup.timezone, setup.country, stands
    )
    found = conduct(contacts, versions, period)
    teams = Teams(tables["agents"].iter_rows(named=True))
    shown = Tables.of(found, teams, period, setup.country)
    return Held(setup, period, stands, found, shown, reading, (*reading.problems, *remarks, *found.problems))


def wanted_rules(setup: Profile, names: Sequence[str]) -> tuple[Version, ...]:
    """The versions of the files that are named, or of all the profile keeps; `ToolkitError` where it keeps none."""
    own = setup.call_rule_versions()
    if not names:
        if not own:
            raise ToolkitError([problem("CONDUCT_NO_RULES", value=setup.name)])
        return own
    kept = {one.name for one in own}
    others = [Choice(use=name) for name in names if name not in kept]
    added = versions_of(others, Path(), "--rules")
    return (*(one for one in own if one.name in names), *added)


def _period(label: str) -> Period:
    try:
        return parse(label)
    except ValueError as error:
        raise ToolkitError([problem("PERIOD_LABEL", value=label, reason=error)]) from error


def _following(words: str, latest: date | None, setup: Profile) -> Period:
    if latest is None:
        raise ToolkitError([problem("NO_LATEST", value=words)])
    return following(words, latest, lambda day: is_working_day(day, setup.country, setup.working_days))  # type: ignore[arg-type]
