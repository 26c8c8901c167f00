"""Lists of random accounts, counted one account and day after the other: recall, precision and conversion agree."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import floor

import polars as pl
import pytest
from kpi_cases import of, values

from toolkit.definitions import Definitions
from toolkit.kpis.data import Data

FIRST, AS_OF, AGENTS = date(2026, 1, 1), 60, ("A1", "A2", "A3")


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@dataclass(frozen=True)
class World:
    """Accounts by number: when they began and closed, payments (account, day, credits), leads (day, agent, account)
    and owners (account, agent, first and last day)."""

    began: list[int]
    closed: list[int | None]
    customer: list[int]
    paid: list[tuple[int, int, Fraction]]
    leads: list[tuple[int, str, int]]
    owners: list[tuple[int, str, int, int]]

    def data(self, basis: str) -> Data:
        accounts = range(len(self.began))
        tables = {
            "agents": pl.DataFrame({"agent_id": AGENTS, "name": AGENTS, "role": ["call_agent"] * 3}),
            "accounts": pl.DataFrame(
                {
                    "account_id": [f"L{account}" for account in accounts],
                    "customer_id": [f"C{self.customer[account]}" for account in accounts],
                    "activated_on": [day(began) for began in self.began],
                    "status": ["active" if closed is None else "returned" for closed in self.closed],
                    "closed_on": [None if closed is None else day(closed) for closed in self.closed],
                },
                schema_overrides={"closed_on": pl.Date},
            ),
            "payments": pl.DataFrame(
                {
                    "payment_id": [f"P{number}" for number in range(len(self.paid))],
                    "account_id": [f"L{account}" for account, _, _ in self.paid],
                    "paid_at": [datetime.combine(day(on), time(10)) for _, on, _ in self.paid],
                    "amount": [100] * len(self.paid),
                    "credits": [str(float(bought)) for _, _, bought in self.paid],
                }
            ),
            "leads": pl.DataFrame(
                [(day(on), agent, f"L{account}") for on, agent, account in self.leads],
                schema=["lead_on", "agent_id", "account_id"],
                orient="row",
            ),
            "assignments": pl.DataFrame(
                [(f"L{account}", agent, day(begins), day(ends)) for account, agent, begins, ends in self.owners],
                schema=["account_id", "agent_id", "assigned_on", "ended_on"],
                orient="row",
            ),
        }
        return Data.of(tables, day(AS_OF), definitions=Definitions(unpaid_basis=basis))  # type: ignore[arg-type]

    def has_credit(self, account: int, on: int) -> bool:
        bought = sum(credits for paid, paid_on, credits in self.paid if paid == account and paid_on <= on)
        return bought - (on - self.began[account]) > 0

    def is_due(self, account: int, on: int, basis: str) -> bool:
        """Whether the account has been without a payment, or credit, for more than seven days as the day begins."""
        closed, began = self.closed[account], self.began[account]
        if on < began or (closed is not None and on > closed):
            return False
        if basis == "no_payment":
            good = [paid_on for paid, paid_on, _ in self.paid if paid == account and paid_on < on] + [began]
        else:
            good = [before for before in range(began, on) if self.has_credit(account, before)] + [began - 1]
        return on - max(good) > 7

    def bought(self, account: int, first: int, last: int) -> Fraction:
        found = (credits for paid, on, credits in self.paid if paid == account and first <= on <= last)
        return sum(found, Fraction(0))

    def conversions(self) -> dict[str, list[int]]:
        """Of each agent: converted, judged, waiting."""
        counts = {agent: [0, 0, 0] for agent in AGENTS}
        for customer in set(self.customer):
            busy_until = -1
            for on, agent, account in sorted(lead for lead in self.leads if self.customer[lead[2]] == customer):
                if on <= busy_until:
                    continue
                busy_until = max(on + 14, on + 6 - day(on).weekday())
                days = on - self.began[account]
                speed = self.bought(account, 0, on - 1) / days if days > 0 else Fraction(0)
                done = self.bought(account, on, on + 14) >= floor(14 * speed) + 1
                late = on + 14 > AS_OF
                counts[agent] = [
                    old + new for old, new in zip(counts[agent], (done and not late, not late, late), strict=True)
                ]
        return counts


def world(seed: int) -> World:
    chance = random.Random(seed)  # noqa: S311  # nobody's secret
    accounts = range(6)
    began = [chance.randint(0, 20) for _ in accounts]
    credits = [Fraction(1, 2), *map(Fraction, (1, 2, 5, 9))]
    paid = [
        (account, chance.randint(began[account], 58), chance.choice(credits))
        for account in accounts
        for _ in range(chance.randint(0, 4))
    ]
    second = [(account, chance.choice(AGENTS[:2]), 31, 90) for account in accounts if chance.random() < 0.7]
    return World(
        began,
        [chance.choice([None, None, chance.randint(25, 60)]) for _ in accounts],
        [chance.randrange(4) for _ in accounts],
        paid or [(0, 30, Fraction(1))],
        sorted({(chance.randint(5, 58), chance.choice(AGENTS[:2]), chance.choice(accounts)) for _ in range(25)}),
        [(account, chance.choice(AGENTS), 0, 30) for account in accounts] + second,
    )


@pytest.mark.parametrize("basis", ["no_payment", "no_credit"])
@pytest.mark.parametrize("seed", range(8))
def test_recall_and_precision_are_what_one_counts_day_by_day(seed: int, basis: str) -> None:
    made = world(seed)
    data = made.data(basis)
    listed = {(on, account) for on, _, account in made.leads}
    due = [(on, account) for on in {on for on, _ in listed} for account in range(6) if made.is_due(account, on, basis)]
    getters = {agent for _, agent, _ in made.leads}
    for agent in ("", *AGENTS):
        held = {
            (on, account)
            for on, account in due
            for owned, owner, first, last in made.owners
            if owned == account and owner == agent and agent in getters and first <= on <= last
        }
        whose = held if agent else set(due)
        assert of(data, "lead_recall", agent, "2026", "year") == (len(whose & listed), len(whose)), agent
    fits = sum(made.is_due(account, on, basis) for on, _, account in made.leads)
    assert of(data, "lead_precision", "", "2026", "year") == (fits, len(made.leads))


@pytest.mark.parametrize("seed", range(12))
def test_conversion_is_what_one_counts_customer_by_customer(seed: int) -> None:
    made = world(seed)
    run = values(made.data("no_payment"), "conversion_rate", "2026", "year").values
    mine = run.filter(pl.col("scope_kind") == "agent").select("scope", "numerator", "denominator", "waiting")
    assert {scope: sums for scope, *sums in mine.rows()} == made.conversions()
