"""What the day loop carries from one day to the next, and the payments that were agreed for a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.samples.accounts import Accounts, day_number
from toolkit.samples.chance import Flags, Numbers, Rng, Shares
from toolkit.samples.duty import Duty
from toolkit.samples.export import Exports
from toolkit.samples.market import Market
from toolkit.samples.owners import NOBODY, Desk
from toolkit.samples.people import Person
from toolkit.samples.roster import Roster

SECONDS_A_DAY = 86_400
ENOUGH_TO_WRITE = 20_000

Rows = dict[str, npt.NDArray[Any]]
"""Columns of the same length; `day` is one of them."""
Writer = Callable[["Work", Rows], dict[str, object]]


@dataclass(frozen=True)
class Agreed:
    """Payments that will be made on a day: a promise kept, cash at a visit, a deposit. `agent` is NOBODY or
    who collects it; `after` the second of the day before which it cannot be."""

    which: Numbers
    amount: Numbers
    agent: Numbers
    after: Numbers
    kind: str


@dataclass(frozen=True)
class TakenBack:
    """Payments that a later day reverses: their number, account, amount as paid, and what was on the receipt."""

    number: Numbers
    which: Numbers
    amount: Numbers
    agent: Numbers
    kind: Numbers
    channel: Numbers


class Line:
    """What the telephone exchange counts, by agent and day."""

    def __init__(self, agents: int, days: int) -> None:
        self.dialled, self.answered, self.seconds = (np.zeros((agents, days), dtype=np.int64) for _ in range(3))

    def count(self, agent: Numbers, place: Numbers, connected: Flags, seconds: Numbers) -> None:
        """Adds calls; `place` is the number of the day."""
        for counts, added in ((self.dialled, 1), (self.answered, connected), (self.seconds, seconds)):
            np.add.at(counts, (agent, place), added)


class Tally:
    """Cases and good cases by agent and month."""

    def __init__(self, agents: int, months: int) -> None:
        self.good, self.all = np.zeros((agents, months), dtype=np.int64), np.zeros((agents, months), dtype=np.int64)

    def count(self, agent: Numbers, month: Numbers, good: Flags) -> None:
        """Adds cases."""
        np.add.at(self.all, (agent, month), 1)
        np.add.at(self.good, (agent, month), good.astype(np.int64))

    def of(self, agent: int, month: int) -> tuple[int, int]:
        """Good cases and all."""
        return int(self.good[agent, month]), int(self.all[agent, month])


TALLIED = ("call_effectiveness", "penetration_rate", "posting_accuracy")
SPOKEN = ("day", "second", "which", "agent", "number")


@dataclass
class Work:
    """The invented organisation in the middle of its months."""

    market: Market
    people: Sequence[Person]
    roster: Roster
    accounts: Accounts
    desks: list[Desk]
    chance: dict[str, Rng]
    exports: Exports
    account_ids: pl.Series
    agent_ids: pl.Series
    step: int
    usual: Numbers
    currency: str
    months: list[str]
    payments_expected: int
    skill: Shares
    duty: Duty
    line: Line
    first_day: int
    month_starts: Numbers
    working_days: frozenset[int]
    decimal: str
    watched: Numbers
    tallies: dict[str, Tally]
    agreed: dict[int, list[Agreed]] = field(default_factory=dict)
    taken_back: dict[int, list[TakenBack]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    visits_done: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    visits_documented: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    recoveries: list[pl.DataFrame] = field(default_factory=list)
    conversations: list[Rows] = field(default_factory=list)
    waiting: dict[str, list[Rows]] = field(default_factory=dict)
    writers: dict[str, Writer] = field(default_factory=dict)

    def wants(self, *tables: str) -> bool:
        """Whether the set-up has one of these tables beside those that everybody has."""
        return any(table in self.market.tables for table in tables)

    def on_duty(self, agent: Numbers, roles: Sequence[str], day: date) -> Numbers:
        """The agents, or whoever stands in for those who are away; NOBODY stays nobody."""
        if not self.wants("roster"):
            return agent
        covered = self.duty.covered(np.maximum(agent, 0), self.roster, roles, day_number(day))
        return np.where(agent == NOBODY, NOBODY, covered)

    def met(self, rows: Rows, chosen: Flags) -> None:
        """Keeps who was spoken to, on the telephone or (number 0) at a visit."""
        if self.wants("evaluations", "complaints", "feedback"):
            self.conversations.append({name: rows[name][chosen] for name in SPOKEN})

    def spoken(self) -> Rows:
        """Everybody who was spoken to."""
        nothing = np.zeros(0, dtype=np.int64)
        return {name: np.concatenate([nothing, *(row[name] for row in self.conversations)]) for name in SPOKEN}

    def month_of(self, day: Numbers) -> Numbers:
        """Which of the months each day is in, 0 being the first."""
        found: Numbers = np.searchsorted(self.month_starts, day, side="right") - 1
        return found

    def made_in(self, channel: str, month: int) -> int:
        """How many calls, messages (sms) or visits there were in a month, for what they cost."""
        if channel == "call":
            return int(self.called_in(month).sum())
        if channel == "visit":
            return int(self.visits_done.reshape(len(self.people), len(self.months))[:, month].sum())
        return self.counters.get("messages", 0) // len(self.months) if channel == "sms" else 0

    def called_in(self, month: int) -> Numbers:
        """How many customers each agent called in a month, added up over days; nobody is called twice on a day."""
        inside = self.month_of(self.first_day + np.arange(self.line.dialled.shape[1])) == month
        called: Numbers = self.line.dialled[:, inside].sum(axis=1)
        return called

    def agree(self, day: int, payment: Agreed) -> None:
        if len(payment.which):
            self.agreed.setdefault(day, []).append(payment)

    def write(self, table: str, rows: Rows, writer: Writer) -> None:
        """Keeps rows of a table until there are enough to be worth writing: `writer` makes them its columns."""
        self.writers[table] = writer
        pieces = self.waiting.setdefault(table, [])
        pieces.append(rows)
        if sum(len(piece["day"]) for piece in pieces) >= ENOUGH_TO_WRITE:
            self.write_waiting(table)

    def write_waiting(self, table: str) -> None:
        """Writes what was kept of a table."""
        pieces = self.waiting.pop(table, [])
        if pieces:
            rows = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
            self.exports.add(table, self.writers[table](self, rows))

    def numbers(self, table: str, size: int) -> Numbers:
        """The next `size` running numbers of a table."""
        start = self.counters.get(table, 0) + 1
        self.counters[table] = start + size - 1
        return np.arange(start, start + size)

    def rounded(self, amount: Numbers) -> Numbers:
        """Amounts as people pay them: whole steps, one at least."""
        return np.maximum(np.rint(amount / self.step).astype(np.int64), 1) * self.step

    def owner(self, which: Numbers, roles: Sequence[str], day: date) -> Numbers:
        """Who owns each account at the desk that has one of these roles, if that agent holds one; else NOBODY."""
        can = self.roster.holding(roles, day_number(day))
        owners = np.full(len(which), NOBODY)
        for desk in self.desks:
            if set(desk.roles) & set(roles):
                found = desk.owner[which]
                fits = (owners == NOBODY) & (found != NOBODY) & can[found]
                owners = np.where(fits, found, owners)
        return owners
