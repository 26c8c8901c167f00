"""What the day loop carries from one day to the next, and the payments that were agreed for a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.samples.accounts import Accounts, day_number
from toolkit.samples.chance import Numbers, Rng
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
    agreed: dict[int, list[Agreed]] = field(default_factory=dict)
    taken_back: dict[int, list[TakenBack]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    visits_done: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    visits_documented: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    recoveries: list[pl.DataFrame] = field(default_factory=list)
    waiting: dict[str, list[Rows]] = field(default_factory=dict)
    writers: dict[str, Writer] = field(default_factory=dict)

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
