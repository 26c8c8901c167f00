"""Makes an invented branch, day by day, and writes it as the exports of its systems."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from toolkit import periods
from toolkit.periods import Period, days_between
from toolkit.profiles import Profile
from toolkit.samples import accounts as books
from toolkit.samples import books as ledgers
from toolkit.samples import contacts, duty, figures, lists, owners, payments, recoveries, schedule
from toolkit.samples.accounts import day_number
from toolkit.samples.chance import Numbers, streams
from toolkit.samples.export import Exports
from toolkit.samples.market import Market, load_market
from toolkit.samples.mess import plant
from toolkit.samples.more import write_more
from toolkit.samples.people import agents_table, make_people
from toolkit.samples.roster import Roster
from toolkit.samples.skill import skills
from toolkit.samples.work import TALLIED, Agreed, Line, Rows, Tally, Work

LEAST_AGENTS = 3


@dataclass(frozen=True)
class Sample:
    """What was made: the folder, its months, and how many rows each table has. `planted`: the number of defects."""

    folder: Path
    months: tuple[Period, ...]
    rows: dict[str, int]
    planted: int = 0


def months_until(last: str, number: int) -> list[Period]:
    """`number` months, the last of them named like 2026-10."""
    months = [periods.parse(last)]
    while len(months) < number:
        months.insert(0, months[0].previous())
    return months


def make_sample(
    profile: Profile,
    out: Path,
    *,
    agents: int,
    accounts: int,
    months: int,
    until: str = "2026-10",
    seed: int = 1,
    payments_wanted: int | None = None,
    messy: bool = False,
    day_done: Callable[[], None] = lambda: None,
) -> Sample:
    """Writes invented data into `out`: the same arguments give the same bytes.

    payments_wanted: how many payments in all (reversals come on top); absent, as many as customers of
    this kind make, about two to an account and month. messy: plants defects and lists them in planted.csv.
    day_done is called after every day made.
    Raises `ToolkitError` if the profile has no sample settings or the folder holds other files.
    """
    market = load_market(profile)
    stretch = months_until(until, months)
    exports = Exports(profile, out)
    try:
        _make(profile, market, exports, agents, accounts, stretch, seed, payments_wanted, day_done)
        exports.close()
        planted = plant(profile, exports, seed, stretch[-1].last.year) if messy else 0
        exports.finish()
    except BaseException:
        exports.discard()
        raise
    return Sample(out, tuple(stretch), dict(exports.rows), planted)


def _make(
    profile: Profile,
    market: Market,
    exports: Exports,
    agents: int,
    size: int,
    months: list[Period],
    seed: int,
    wanted: int | None,
    day_done: Callable[[], None],
) -> None:
    chance = streams(seed)
    first, last = months[0].first, months[-1].last
    people = make_people(market, chance["people"], max(agents, LEAST_AGENTS), first, last)
    roster = Roster(people)
    staff = _staff(market, roster, first, last)
    accounts = books.make_accounts(market, chance["accounts"], size, staff, first, last, profile.currency)
    total = wanted if wanted is not None else round(size * len(months) * market.payments.per_month)
    per_month = max(total / size / len(months), 1e-9)
    usual = books.usual_payment(market, accounts.price, per_month)
    step = books.minor(market.payments.step, profile.currency)
    while step > 1 and step > usual.min():
        step = max(1, step // 10)
    skill = skills(market, chance["skill"], people)
    work = Work(
        market=market,
        people=people,
        roster=roster,
        accounts=accounts,
        desks=owners.open_desks(market, size),
        chance=chance,
        exports=exports,
        account_ids=books.account_ids(market, size),
        agent_ids=pl.Series([person.agent_id for person in people]),
        step=step,
        usual=np.rint(usual).astype(np.int64),
        currency=profile.currency,
        months=[month.label for month in months],
        payments_expected=total,
        skill=skill,
        duty=duty.make_duty(market, profile, chance["roster"], roster, skill, first, last),
        line=Line(len(people), (last - first).days + 1),
        first_day=day_number(first),
        month_starts=np.array([day_number(month.first) for month in months]),
        working_days=profile.working_days,
        decimal=profile.decimal,
        watched=np.zeros(0, dtype=np.int64),
        tallies={code: Tally(len(people), len(months)) for code in TALLIED},
        visits_done=np.zeros(len(people) * len(months), dtype=np.int64),
        visits_documented=np.zeros(len(people) * len(months), dtype=np.int64),
    )
    _begin(work, first)
    targets = figures.expected_targets(market, work, first, per_month)
    _days(work, days_between(first, last), total, day_done)
    for table in list(work.waiting):
        work.write_waiting(table)
    _write_the_rest(profile, work, months, targets)
    write_more(work, months)


def _staff(market: Market, roster: Roster, first: date, last: date) -> list[int]:
    """How many agents own accounts in each branch: those of the scarcest desk, at the beginning or at the end."""
    pools = [
        roster.by_branch([role.role for role in market.people.role if role.owns and role.desk == desk], day_number(day))
        for desk in market.desks
        for day in (first, last)
    ]
    branches = range(len(market.branch))
    scarcest = [min(len(pool.get(branch, ())) for pool in pools) for branch in branches]
    return scarcest if any(scarcest) else [max(len(pool.get(branch, ())) for pool in pools) for branch in branches]


def _begin(work: Work, first: date) -> None:
    """Owners and balances as they are when the first month begins."""
    market, accounts = work.market, work.accounts
    for desk in work.desks:
        owners.begin(market, work.chance["owners"], accounts, desk, work.roster, day_number(first))
    there = np.flatnonzero(accounts.active)
    start = day_number(first)
    if market.payments.snapshot_at_assignment:
        for desk in work.desks:
            since = desk.since[there]
            late = np.maximum(accounts.late[there] - (start - 1 - since), 0)
            earlier = since < start - 1
            rows = books.snapshot(accounts, there[earlier], since[earlier], work.account_ids, late[earlier])
            work.exports.add("balances", rows.to_dict())
    _snapshot(work, there, start - 1)
    if work.wants("credit_days"):
        work.watched = schedule.watched(work, first)
        schedule.earlier_credit(work, first)


def _snapshot(work: Work, which: Numbers, day: int) -> None:
    """Balances of these accounts at the end of `day`, each written once."""
    new = which[work.accounts.snapshot_on[which] != day]
    work.accounts.snapshot_on[new] = day
    if len(new):
        work.exports.add("balances", books.snapshot(work.accounts, new, day, work.account_ids).to_dict())


def _days(work: Work, days: list[date], total: int, day_done: Callable[[], None]) -> None:
    """Every day in turn: who appears, who changes hands, who is called and visited, who pays, what is owed."""
    market, accounts = work.market, work.accounts
    wanted = np.cumsum(payments.spread(total, days, market.rhythm))
    changing = work.roster.changes()
    made, last = 0, day_number(days[-1])
    for place, day in enumerate(days):
        if place and day_number(day) in changing:
            _hand_over(work, day, reshuffled=False)
        if day.day == 11:
            _hand_over(work, day, reshuffled=True)
        _appear(work, day)
        books.a_day_passes(accounts, market.accounts.paying_cures)
        called = contacts.calls_of(work, day)
        lists.list_of(work, day, called)
        contacts.visits_of(work, day)
        recoveries.orders_of(work, day, last)
        number, paid = payments.payments_of(work, day, max(0, int(wanted[place]) - made))
        made += number
        _beside(work, day, paid, last)
        _snapshots(work, day)
        day_done()


def _beside(work: Work, day: date, paid: Rows, last: int) -> None:
    """What else the day brings: postings and proofs of its payments, messages, credit that is left at its end."""
    if work.wants("postings"):
        ledgers.postings_of(work, paid, day, last)
    if work.wants("proofs"):
        ledgers.proofs_of(work, paid, day)
    if work.wants("messages"):
        ledgers.messages_of(work, day)
    if work.wants("credit_days"):
        schedule.credit_of(work, day)


def _hand_over(work: Work, day: date, *, reshuffled: bool) -> None:
    market, accounts, rng = work.market, work.accounts, work.chance["owners"]
    for desk in work.desks:
        if reshuffled:
            moved = owners.reshuffle(rng, accounts, desk, work.roster, market.accounts.handovers, day_number(day))
        else:
            moved = owners.changes_of(rng, accounts, desk, work.roster, day_number(day))
        if market.payments.snapshot_at_assignment and len(moved):
            _snapshot(work, np.unique(moved), day_number(day) - 1)


def _appear(work: Work, day: date) -> None:
    """New accounts: their first balance is of the evening before, their deposit is paid on the day."""
    accounts, today = work.accounts, day_number(day)
    new = np.flatnonzero((accounts.appears == today) & ~accounts.active & (accounts.closed == books.NEVER))
    if not len(new):
        return
    accounts.active[new] = True
    _snapshot(work, new, today - 1)
    for desk in work.desks:
        pool = work.roster.by_branch(desk.roles, today)
        desk.hand_over(new, owners.share_out(work.chance["owners"], accounts, new, pool), today)
    if not work.market.accounts.new_late:
        nothing = np.zeros(len(new), dtype=np.int64)
        deposit = work.rounded(accounts.price[new] * 7)
        work.agree(today, Agreed(new, deposit, nothing + owners.NOBODY, nothing, "deposit"))


def _snapshots(work: Work, day: date) -> None:
    rules = work.market.payments
    month_ends = (day + periods.ONE_DAY).day == 1
    is_week = rules.snapshots == "week" and day.weekday() == 6
    if not (month_ends or is_week or day.day == rules.snapshot_day):
        return
    _snapshot(work, np.flatnonzero(work.accounts.active), day_number(day))


def _write_the_rest(profile: Profile, work: Work, months: list[Period], targets: figures.Rows) -> None:
    market, exports = work.market, work.exports
    agents = agents_table(market, profile.country, list(work.people), profile.currency)
    exports.add("agents", agents.to_dict())
    table = books.accounts_table(market, work.chance["accounts"], work.accounts, work.account_ids, profile.currency)
    exports.add("accounts", table.to_dict())
    for desk in work.desks:
        exports.add("assignments", owners.assignments_table(desk, work.account_ids, work.agent_ids).to_dict())
    recovered = recoveries.recoveries_table(work, table["asset_no"])
    if recovered.height:
        exports.add("recoveries", recovered.drop("account", "agent").to_dict())
    exports.add_headers("calls" if market.roles_that("calls") else "", "promises", "recoveries")
    exports.add_headers("visits" if market.roles_that("visits") else "", "payments")
    exports.add("targets", figures.targets_table(market, work, targets).to_dict())
    exports.add("kpi_values", figures.kpi_values_table(market, work, months).to_dict())
    exports.add("adjustments", figures.adjustments_table(market, work, months))
