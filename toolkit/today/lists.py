"""The rows of the lists of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

import polars as pl

from toolkit.pace import Shift
from toolkit.problems import Problem
from toolkit.scores import Light
from toolkit.teams import Post

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Working:
    """Somebody who works today. leads: how many accounts are still to be worked, None without leads."""

    agent: Post
    shift: Shift
    leads: int | None


@dataclass(frozen=True)
class Away:
    """Somebody who does not, with the roster's word for why. leads: the accounts to give to others."""

    agent: Post
    why: str
    leads: tuple[str, ...] | None


@dataclass(frozen=True)
class DayTarget:
    """A KPI's target of the day for somebody who works, and how the month stands up to yesterday.

    value, to_date: what was reached and what was to be reached from the month's first day until yesterday.
    """

    agent: Post
    kpi: str
    target: Fraction
    value: Fraction | None
    to_date: Fraction | None
    light: Light


@dataclass(frozen=True)
class PromiseDue:
    """A promise whose day has come. paid: what has come in on the account since it was made, in minor units."""

    promise_id: str
    account_id: str
    agent_id: str
    name: str
    made_on: date
    amount: int
    paid: int
    here: bool

    @property
    def open(self) -> int:
        """What is still to come."""
        return max(self.amount - self.paid, 0)


@dataclass(frozen=True)
class Untouched:
    """An overdue account that nobody has called, visited or written to for `coverage_days`.

    owners: their agents' names; days_past_due and balance (minor units) as on `seen_on`; touched_on: the last time
    before, None for never.
    """

    account_id: str
    owners: tuple[str, ...]
    days_past_due: int
    balance: int
    seen_on: date
    touched_on: date | None


@dataclass(frozen=True)
class Today:
    """The day that a moment belongs to, list by list."""

    at: datetime
    day: date
    working: tuple[Working, ...]
    away: tuple[Away, ...] | None
    targets: tuple[DayTarget, ...]
    due: tuple[PromiseDue, ...] | None
    untouched: tuple[Untouched, ...] | None
    problems: tuple[Problem, ...]
