"""What falls due and when, and how many days of credit an account had left at the end of a day."""

from datetime import date

import numpy as np
import polars as pl

from toolkit.samples.accounts import NEVER, day_number
from toolkit.samples.chance import Numbers
from toolkit.samples.work import Rows, Work

TOP_UP = 7


def dues_table(work: Work, first: date, last: date) -> dict[str, object]:
    """An instalment every so many days of each account's life, within the months made."""
    accounts, every = work.accounts, work.market.schedule.every
    start = np.maximum(day_number(first), np.maximum(accounts.activated, accounts.appears))
    stop = np.where(accounts.closed == NEVER, day_number(last), np.minimum(accounts.closed, day_number(last)))
    stop = np.minimum(stop, accounts.activated + accounts.term)
    begins = accounts.activated + -((accounts.activated - start) // every) * every
    begins = np.where(begins == accounts.activated, begins + every, begins)
    number = np.maximum((stop - begins) // every + 1, 0)
    which = np.repeat(np.arange(accounts.size), number)
    place = np.arange(len(which)) - np.repeat(np.cumsum(number) - number, number)
    return {
        "account_id": work.account_ids.gather(which),
        "due_on": begins[which] + place * every,
        "amount": accounts.price[which] * every,
    }


def watched(work: Work, first: date) -> Numbers:
    """The accounts whose days of credit are written: the young ones, of those late already every fourth, and not more
    than the settings say."""
    accounts, rules = work.accounts, work.market.schedule
    in_credit = (accounts.late < rules.credit_late) | (np.arange(accounts.size) % 4 == 0)
    young = np.flatnonzero((accounts.activated >= day_number(first) - rules.credit_age) & in_credit)
    step = max(1, -(-len(young) // max(1, rules.credit_accounts)))
    return young[::step]


def earlier_credit(work: Work, first: date) -> None:
    """Days of credit from activation until the first month begins: topped up every week, then gone for as long as the
    account is late."""
    accounts, start = work.accounts, day_number(first)
    which = work.watched[work.accounts.activated[work.watched] < start]
    days = start - accounts.activated[which]
    each = np.repeat(which, days)
    place = np.arange(len(each)) - np.repeat(np.cumsum(days) - days, days)
    day = accounts.activated[each] + place
    before_end = start - 1 - day
    left = 1 + (each - day) % TOP_UP
    without = accounts.late[each] - work.market.schedule.borrowed
    left = np.where(before_end == 0, np.maximum(-without, 0), np.where(before_end < without, 0, left))
    _write(work, each, day, left * 100)


def credit_of(work: Work, day: date) -> None:
    """Days of credit at the end of `day`, with those that may be borrowed, of accounts that are young enough."""
    accounts, today = work.accounts, day_number(day)
    which = work.watched
    age = today - accounts.activated[which]
    which = which[accounts.active[which] & (age >= 0) & (age <= work.market.schedule.credit_age)]
    left = accounts.price[which] * work.market.schedule.borrowed - accounts.owed[which]
    hundredths = np.maximum(left, 0) * 100 // accounts.price[which]
    _write(work, which, np.full(len(which), today), hundredths)


def _write(work: Work, which: Numbers, day: Numbers, hundredths: Numbers) -> None:
    if len(which):
        work.write("credit_days", {"day": day, "which": which, "hundredths": hundredths}, _columns)


def _columns(work: Work, rows: Rows) -> dict[str, object]:
    whole, rest = rows["hundredths"] // 100, rows["hundredths"] % 100
    text = pl.Series(whole).cast(pl.String) + work.decimal + pl.Series(rest).cast(pl.String).str.zfill(2)
    return {"account_id": work.account_ids.gather(rows["which"]), "day": rows["day"], "credit_balance": text}
