"""Assets ordered back, and how each order ends."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.samples.accounts import REPOSSESSED, RETURNED, close, day_number, days_series, numbered
from toolkit.samples.chance import Numbers, words
from toolkit.samples.owners import NOBODY
from toolkit.samples.work import Agreed, Work

Words = npt.NDArray[Any]

NOT_YET = 0
YARDS = ("Yard 1", "Yard 2", "Service centre")


def orders_of(work: Work, day: date, last: int) -> None:
    """Recoveries ordered on `day`, each with the day and the way it ends if that is within the months made."""
    market, rng, accounts = work.market, work.chance["recoveries"], work.accounts
    rules = market.recoveries
    roles = market.roles_that("visits") or market.roles_that("calls")
    late = np.flatnonzero(accounts.active & (accounts.late >= rules.late_from) & ~accounts.ordered)
    late = late[rng.random(len(late)) < rules.per_month / 30.4]
    agent = work.owner(late, roles, day)
    which, agent = late[agent != NOBODY], agent[agent != NOBODY]
    if not len(which):
        return
    accounts.ordered[which] = True
    today = day_number(day)
    ends = today + rng.integers(rules.days[0], rules.days[1] + 1, len(which))
    outcome = words(rng, rules.outcomes, len(which))
    for day_of_end in np.unique(ends[ends <= last]):
        _plan_end(work, which, agent, outcome, ends, int(day_of_end))
    _write(work, which, agent, outcome, today, ends, last)


def _plan_end(work: Work, which: Numbers, agent: Numbers, outcome: Words, ends: Numbers, day: int) -> None:
    """What an order's end does to the account: gone, handed in, or its arrears paid in one go."""
    on = ends == day
    redeemed = on & (outcome == "redeemed")
    days_late = np.maximum(work.accounts.late[which[redeemed]], 1)
    arrears = work.rounded(work.accounts.price[which[redeemed]] * days_late // 2)
    nothing = np.zeros(len(arrears), dtype=np.int64)
    work.agree(day, Agreed(which[redeemed], arrears, agent[redeemed], nothing, "instalment"))
    close(work.accounts, which[on & (outcome == "recovered")], day, REPOSSESSED)
    close(work.accounts, which[on & (outcome == "surrendered")], day, RETURNED)


def _write(work: Work, which: Numbers, agent: Numbers, outcome: Words, today: int, ends: Numbers, last: int) -> None:
    rng, rules, size = work.chance["recoveries"], work.market.recoveries, len(which)
    done = ends <= last
    has_asset = done & np.isin(outcome, ["recovered", "surrendered"])
    signed_on = np.where(rng.random(size) < rules.checklist, ends - rng.integers(1, 3, size), ends + 1)
    is_signed = has_asset & (signed_on <= last)
    sold_on = ends + rng.integers(5, 30, size)
    is_sold = has_asset & (rng.random(size) < rules.sold) & (sold_on <= last)
    balance = work.accounts.balance[which]
    proceeds = work.rounded((balance * rng.uniform(*rules.proceeds, size)).astype(np.int64))
    cost = work.rounded((balance * rng.uniform(*rules.cost, size)).astype(np.int64))
    frame = pl.DataFrame(
        {
            "account": which,
            "agent": agent,
            "account_id": work.account_ids.gather(which),
            "agent_id": work.agent_ids.gather(agent),
            "ordered_on": days_series(np.full(size, today)),
            "recovered_on": days_series(np.where(has_asset, ends, NOT_YET)),
            "legal_checklist_on": days_series(np.where(is_signed, np.maximum(signed_on, today), NOT_YET)),
            "custody": pl.Series(list(YARDS)).gather(rng.integers(0, len(YARDS), size)),
            "sold_on": days_series(np.where(is_sold, sold_on, NOT_YET)),
            "net_proceeds": pl.Series(proceeds).set(pl.Series(~is_sold), None),
            "cost": pl.Series(cost).set(pl.Series(~done), None),
            "outcome": pl.Series(outcome.astype(str)).set(pl.Series(~done), None),
        }
    )
    work.recoveries.append(frame.with_columns(custody=pl.when(pl.col("recovered_on").is_not_null()).then("custody")))


def recoveries_table(work: Work, assets: pl.Series) -> pl.DataFrame:
    """The recoveries table in the order in which they were ordered."""
    if not work.recoveries:
        return pl.DataFrame()
    table = pl.concat(work.recoveries)
    ids = numbered("RV", np.arange(1, table.height + 1), table.height)
    table = table.with_columns(recovery_id=ids, asset_no=assets.gather(table["account"]))
    return table
