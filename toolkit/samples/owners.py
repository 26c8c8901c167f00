"""Who owns which account, day by day: the first sharing out, hand-overs, what a leaver leaves behind."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from toolkit.samples.accounts import Accounts, days_series
from toolkit.samples.chance import Flags, Numbers, Rng
from toolkit.samples.market import Market
from toolkit.samples.roster import Roster

NOBODY = -1
STILL = 0
ENOUGH_FOR_A_BRANCH = 2
"""With fewer owners in a branch, agents of other branches help out: nobody gets a whole branch's accounts."""

Pool = dict[int, Numbers]
"""By branch, the numbers of the agents who may own its accounts."""


@dataclass
class Desk:
    """One set of roles that share the accounts out: the owner of each account (an agent's number) and since when."""

    roles: tuple[str, ...]
    owner: Numbers
    since: Numbers
    ended: list[tuple[Numbers, Numbers, Numbers, Numbers]] = field(default_factory=list)

    def hand_over(self, which: Numbers, to: Numbers, day: int) -> None:
        """From `day` on these accounts are owned by `to`; who has them already keeps them."""
        changes = self.owner[which] != to
        which, to = which[changes], to[changes]
        had_one = which[self.owner[which] != NOBODY]
        if len(had_one):
            last = np.full(len(had_one), day - 1)
            self.ended.append((had_one, self.owner[had_one], self.since[had_one], last))
        self.owner[which] = to
        self.since[which] = day


def open_desks(market: Market, size: int) -> list[Desk]:
    roles = [tuple(r.role for r in market.people.role if r.owns and r.desk == desk) for desk in market.desks]
    return [Desk(of, np.full(size, NOBODY), np.full(size, STILL)) for of in roles]


def share_out(rng: Rng, accounts: Accounts, which: Numbers, pool: Pool) -> Numbers:
    """An owner for each account, of its own branch where that has somebody, everybody getting as many."""
    everybody = np.sort(np.concatenate([*pool.values(), np.zeros(0, dtype=np.int64)]))
    owners = np.full(len(which), NOBODY)
    if not len(everybody):
        return owners
    for branch in np.unique(accounts.branch[which]):
        here = np.flatnonzero(accounts.branch[which] == branch)
        own = pool.get(int(branch), everybody)
        candidates = own if len(own) >= ENOUGH_FOR_A_BRANCH or len(everybody) < ENOUGH_FOR_A_BRANCH else everybody
        owners[here] = candidates[rng.permutation(len(here)) % len(candidates)]
    return owners


def begin(market: Market, rng: Rng, accounts: Accounts, desk: Desk, roster: Roster, first: int) -> None:
    """The owners when the first month begins; some accounts had another one before."""
    pool = roster.by_branch(desk.roles, first)
    which = np.flatnonzero(accounts.active)
    owners = share_out(rng, accounts, which, pool)
    since = np.maximum(accounts.activated[which], first - rng.integers(5, 120, len(which)))
    desk.owner[which] = owners
    desk.since[which] = np.where(owners == NOBODY, first, np.maximum(since, roster.began[owners]))
    _earlier_owners(market, rng, accounts, desk, which, pool)


def _earlier_owners(market: Market, rng: Rng, accounts: Accounts, desk: Desk, which: Numbers, pool: Pool) -> None:
    had = which[rng.random(len(which)) < market.accounts.earlier_owner]
    had = had[desk.since[had] - accounts.activated[had] > 1]
    before = share_out(rng, accounts, had, pool)
    differs = (before != desk.owner[had]) & (before != NOBODY) & (desk.owner[had] != NOBODY)
    had, before = had[differs], before[differs]
    began = np.maximum(accounts.activated[had], desk.since[had] - rng.integers(20, 150, len(had)))
    desk.ended.append((had, before, began, desk.since[had] - 1))


def changes_of(rng: Rng, accounts: Accounts, desk: Desk, roster: Roster, day: int) -> Numbers:
    """Hand-overs because somebody left, changed role or joined on `day`; gives the accounts concerned."""
    pool = roster.by_branch(desk.roles, day)
    here, was_here = roster.holding(desk.roles, day), roster.holding(desk.roles, day - 1)
    moved = [_orphaned(rng, accounts, desk, pool, was_here & ~here, day)]
    for joiner in np.flatnonzero(here & ~was_here):
        moved.append(_given_to(rng, accounts, desk, pool, int(joiner), day))
    return np.concatenate(moved)


def _orphaned(rng: Rng, accounts: Accounts, desk: Desk, pool: Pool, gone: Flags, day: int) -> Numbers:
    """What those who are gone leave behind goes to the others; accounts that have ended have no owner any more."""
    left = (desk.owner != NOBODY) & gone[desk.owner]
    ended = np.flatnonzero(left & ~accounts.active)
    desk.hand_over(ended, np.full(len(ended), NOBODY), day)
    which = np.flatnonzero(left & accounts.active)
    desk.hand_over(which, share_out(rng, accounts, which, pool), day)
    return which


def _given_to(rng: Rng, accounts: Accounts, desk: Desk, pool: Pool, joiner: int, day: int) -> Numbers:
    """A joiner gets a fair share of the branch's accounts."""
    branch = next(branch for branch, numbers in pool.items() if joiner in numbers)
    mine = np.flatnonzero(accounts.active & (accounts.branch == branch))
    which = mine[rng.random(len(mine)) < 1 / len(pool[branch])]
    desk.hand_over(which, np.full(len(which), joiner), day)
    return which


def reshuffle(rng: Rng, accounts: Accounts, desk: Desk, roster: Roster, share: float, day: int) -> Numbers:
    """A few accounts change hands, as they do every month."""
    active = np.flatnonzero(accounts.active)
    which = active[rng.random(len(active)) < share]
    before = desk.owner[which].copy()
    desk.hand_over(which, share_out(rng, accounts, which, roster.by_branch(desk.roles, day)), day)
    changed: Flags = desk.owner[which] != before
    return which[changed]


def assignments_table(desk: Desk, accounts: pl.Series, agents: pl.Series) -> pl.DataFrame:
    """The assignments of a desk: those that ended, then those that last."""
    last = np.flatnonzero(desk.owner != NOBODY)
    rows = [*desk.ended, (last, desk.owner[last], desk.since[last], np.full(len(last), STILL))]
    which, owner, since, until = (np.concatenate(part) for part in zip(*rows, strict=True))
    return pl.DataFrame(
        {
            "account_id": accounts.gather(which),
            "agent_id": agents.gather(owner),
            "assigned_on": days_series(since),
            "ended_on": days_series(until),
        }
    ).filter(pl.col("ended_on").is_null() | (pl.col("assigned_on") <= pl.col("ended_on")))
