"""What conduct shows: its tables, and what every page says of where they come from."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from toolkit.conduct import Conduct
from toolkit.conduct_reports.files.tables import ALL_RULES, breach_table, by_agent, by_rule, exempt_table, real
from toolkit.periods import Period
from toolkit.teams import Teams


@dataclass(frozen=True)
class About:
    """What every page says of where its figures come from."""

    title: str
    period: Period
    as_of: date
    provisional: bool
    profile: str
    timezone: str
    version: str
    currency: str
    digits: int


@dataclass(frozen=True)
class Tables:
    """Everything that is shown: breaches in words, sums by agent and by rule, and what was left out."""

    breaches: pl.DataFrame
    agents: pl.DataFrame
    rules: pl.DataFrame
    exempt: pl.DataFrame
    contacts: int
    contacts_broken: int

    @classmethod
    def of(cls, found: Conduct, teams: Teams, period: Period, country: str) -> "Tables":
        """The tables of contacts held against rules; teams: who was in which on which day."""
        broken = real(found).select("channel", "event_id").unique().height
        return cls(
            breach_table(found, teams, country),
            by_agent(found, teams, period),
            by_rule(found),
            exempt_table(found),
            _contacts(found),
            broken,
        )

    @property
    def made(self) -> int:
        """Contacts made, of all agents and of nobody."""
        return int(self.agents.filter(pl.col("rule") == ALL_RULES)["judged"].sum())

    @property
    def standing(self) -> pl.DataFrame:
        """The breaches that are breaches."""
        return self.breaches.filter(pl.col("exempt") == "")


def _contacts(found: Conduct) -> int:
    """How many contacts were held against any rule: of each channel as many as the rule with the most rows of it."""
    by = found.counts.group_by("rule_set", "version", "rule", "channel").agg(pl.col("rows").sum())
    return int(by.group_by("channel").agg(pl.col("rows").max())["rows"].sum())
