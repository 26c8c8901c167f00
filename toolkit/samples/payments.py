"""The payments of a day, all at once: who pays, how much, and which of them a later day takes back."""

from datetime import date

import numpy as np
import polars as pl

from toolkit.samples.accounts import PAID_OFF, Accounts, close, day_number, numbered, phones
from toolkit.samples.chance import Numbers, Rng, Shares, choices, shared_by_weight, times_of_day
from toolkit.samples.market import Rhythm
from toolkit.samples.owners import NOBODY
from toolkit.samples.work import SECONDS_A_DAY, Agreed, Rows, TakenBack, Work

KINDS = ("instalment", "deposit", "prepayment", "fee", "penalty", "payoff")
INSTALMENT, DEPOSIT, PREPAYMENT, FEE, PENALTY, PAYOFF = range(6)
NOTHING_TAKEN_BACK = 0


def spread(total: int, days: list[date], rhythm: Rhythm) -> Numbers:
    """How many of `total` payments fall on each day: by weekday, and more when wages come in."""
    weights = []
    for day in days:
        busier = [factor for first, last, factor in rhythm.month if first <= day.day <= last]
        weights.append(rhythm.weekdays[day.weekday()] * (busier[0] if busier else 1.0))
    return shared_by_weight(total, weights)


def payments_of(work: Work, day: date, wanted: int) -> tuple[int, Rows]:
    """Writes the day's payments and reversals; gives the number of payments, `wanted` unless more were agreed, and the
    rows."""
    agreed = _still_possible(work, work.agreed.pop(day_number(day), []))
    chosen = _who_pays(work, max(0, wanted - len(agreed["which"])))
    drawn = _drawn(work, day, chosen)
    rows = {name: np.concatenate([agreed[name], drawn[name]]) for name in drawn}
    _limit_to_balance(work.accounts, rows)
    size = len(rows["which"])
    if work.market.payments.named >= 1:
        owner = work.owner(rows["which"], work.market.roles_that("owns"), day)
        rows["agent"] = np.where(rows["agent"] == NOBODY, owner, rows["agent"])
    rows["reverses"] = np.full(size, NOTHING_TAKEN_BACK)
    back = _reversals(work, day)
    rows = {name: np.concatenate([rows[name], back[name]]) for name in rows}
    order = np.argsort(rows["second"], kind="stable")
    rows = {name: values[order] for name, values in rows.items()}
    rows["number"] = work.numbers("payments", len(order))
    _move_on(work, rows, day)
    _plan_reversals(work, rows, day)
    work.accounts.paid_on[rows["which"][rows["amount"] > 0]] = day_number(day)
    rows["day"] = np.full(len(order), day_number(day))
    work.write("payments", rows, _columns)
    return size, rows


def _still_possible(work: Work, agreed: list[Agreed]) -> dict[str, Numbers]:
    """What was agreed for the day, less the accounts that have ended since."""
    rng = work.chance["payments"]
    if not agreed:
        return {name: np.zeros(0, dtype=np.int64) for name in ("which", "amount", "agent", "second", "kind", "channel")}
    which = np.concatenate([one.which for one in agreed])
    kind = np.concatenate([np.full(len(one.which), KINDS.index(one.kind)) for one in agreed])
    after = np.concatenate([one.after for one in agreed])
    drawn = times_of_day(rng, work.market.rhythm.hours, len(which))
    second = np.maximum(drawn, after + rng.integers(60, 1800, len(which)))
    rows = {
        "which": which,
        "amount": np.concatenate([one.amount for one in agreed]),
        "agent": np.concatenate([one.agent for one in agreed]),
        "second": np.minimum(second, SECONDS_A_DAY - 1),
        "kind": kind,
        "channel": _channels(work, rng, len(which)),
    }
    possible = work.accounts.active[which]
    return {name: values[possible] for name, values in rows.items()}


def _who_pays(work: Work, size: int) -> Numbers:
    """`size` accounts; able and punctual customers more often, those who have paid ahead less."""
    accounts = work.accounts
    weights = accounts.able * accounts.active / (1 + np.maximum(accounts.late, 0) / 45)
    weights[accounts.late < -7] *= 0.4
    if not weights.sum():
        weights = (accounts.appears <= accounts.appears.min()).astype(np.float64)
    return choices(work.chance["payments"], weights, size)


def _drawn(work: Work, day: date, which: Numbers) -> dict[str, Numbers]:
    rules, rng, size = work.market.payments, work.chance["payments"], len(which)
    factors = np.array([factor for factor, _ in rules.sizes])[choices(rng, [weight for _, weight in rules.sizes], size)]
    amount = work.rounded(_as_whole(work.usual[which] * factors * rng.uniform(0.85, 1.15, size)))
    odd = rng.random(size) < rules.odd_share
    amount = np.where(odd, np.maximum(amount - rng.integers(1, work.step + 1, size) // 2, 1), amount)
    kinds = [KINDS.index(kind) for kind in rules.kinds]
    kind = np.array(kinds)[choices(rng, list(rules.kinds.values()), size)]
    named = rng.random(size) < rules.named
    agent = np.full(size, NOBODY)
    if named.any():
        agent[named] = work.owner(which[named], work.market.roles_that("visits") or work.market.roles_that("owns"), day)
    return {
        "which": which,
        "amount": amount,
        "agent": agent,
        "second": times_of_day(rng, work.market.rhythm.hours, size),
        "kind": kind,
        "channel": _channels(work, rng, size),
    }


def _as_whole(amount: Shares) -> Numbers:
    return np.rint(amount).astype(np.int64)


def _channels(work: Work, rng: Rng, size: int) -> Numbers:
    return choices(rng, list(work.market.payments.channels.values()), size)


def _limit_to_balance(accounts: Accounts, rows: dict[str, Numbers]) -> None:
    """Nobody pays more than is owed; what pays everything is a payoff."""
    repays = ~np.isin(rows["kind"], [FEE, PENALTY])
    balance = np.maximum(accounts.balance[rows["which"]], 1)
    pays_off = repays & (rows["amount"] >= balance)
    rows["amount"] = np.where(pays_off, balance, rows["amount"])
    rows["kind"] = np.where(pays_off, PAYOFF, rows["kind"])


def _reversals(work: Work, day: date) -> dict[str, Numbers]:
    """The rows that take back earlier payments, with negative amounts."""
    back = work.taken_back.pop(day_number(day), [])
    names = ("which", "amount", "agent", "kind", "channel")
    if not back:
        return {name: np.zeros(0, dtype=np.int64) for name in (*names, "second", "reverses")}
    rng = work.chance["payments"]
    rows: dict[str, Numbers] = {name: np.concatenate([getattr(one, name) for one in back]) for name in names}
    rows["reverses"] = np.concatenate([one.number for one in back])
    size = len(rows["which"])
    half = rng.random(size) < work.market.payments.reversed_part
    rows["amount"] = -np.where(half, np.maximum(rows["amount"] // 2, 1), rows["amount"])
    rows["second"] = times_of_day(rng, work.market.rhythm.hours, size, 8, 17)
    here = work.roster.here(day_number(day))
    roles = work.market.roles_that("owns")
    gone = (rows["agent"] != NOBODY) & ~here[rows["agent"]]
    rows["agent"] = np.where(gone, work.owner(rows["which"], roles, day), rows["agent"])
    return rows


def _move_on(work: Work, rows: dict[str, Numbers], day: date) -> None:
    """What the payments do to balances and arrears; accounts paid in full end."""
    accounts = work.accounts
    repays = ~np.isin(rows["kind"], [FEE, PENALTY])
    which, amount = rows["which"][repays], rows["amount"][repays]
    np.subtract.at(accounts.balance, which, amount)
    if work.market.accounts.paying_cures:
        np.subtract.at(accounts.owed, which, amount)
    finished = np.unique(which[(accounts.balance[which] <= 0) & accounts.active[which]])
    close(accounts, finished, day_number(day), PAID_OFF)


def _plan_reversals(work: Work, rows: dict[str, Numbers], day: date) -> None:
    rng, rules = work.chance["payments"], work.market.payments
    size = len(rows["which"])
    chosen = (rng.random(size) < rules.reversed) & (rows["reverses"] == NOTHING_TAKEN_BACK) & (rows["kind"] != PAYOFF)
    late = rng.random(size) < rules.reversed_late
    delay = np.where(late, rng.integers(5, 41, size), rng.integers(1, 4, size))
    for days in np.unique(delay[chosen]):
        on = chosen & (delay == days)
        parts = (rows[name][on] for name in ("number", "which", "amount", "agent", "kind", "channel"))
        work.taken_back.setdefault(day_number(day) + int(days), []).append(TakenBack(*parts))


def _columns(work: Work, rows: Rows) -> dict[str, object]:
    market, which, number = work.market, rows["which"], rows["number"]
    prefix, largest = market.ids.payment, int(work.payments_expected * 1.05)
    is_reversal = rows["reverses"] != NOTHING_TAKEN_BACK
    ids = numbered(prefix, number, largest)
    columns: dict[str, object] = {
        "payment_id": ids,
        "account_id": work.account_ids.gather(which),
        "paid_at": (rows["day"], rows["second"]),
        "amount": rows["amount"],
        "currency": pl.repeat(work.currency, len(which), eager=True),
        "kind": pl.Series(list(KINDS)).gather(rows["kind"]),
        "channel": pl.Series(list(market.payments.channels)).gather(rows["channel"]),
        "payer_phone": phones(market, which),
        "reference": reference(number),
        "reverses": _only_where(is_reversal, numbered(prefix, rows["reverses"], largest)),
    }
    if market.payments.named:
        known = rows["agent"] != NOBODY
        columns["agent_id"] = _only_where(known, work.agent_ids.gather(np.where(known, rows["agent"], 0)))
    if market.payments.credits:
        columns |= _credits(work, rows, is_reversal)
    return columns


def reference(number: Numbers) -> pl.Series:
    """The wallet's reference of each payment."""
    return numbered("MM", (number * 48_271 + 1_234_567) % 10**10, 10**9)


def _only_where(known: np.ndarray, text: pl.Series) -> pl.Series:
    return text.set(pl.Series(~known), None)


def _credits(work: Work, rows: dict[str, Numbers], is_reversal: np.ndarray) -> dict[str, pl.Series]:
    """Days of credit that the amount buys, two digits cut off, not rounded; fees and reversals have none."""
    rng = work.chance["payments"]
    has = ~is_reversal & ~np.isin(rows["kind"], [FEE, PENALTY])
    hundredths = rows["amount"] * 100 // work.accounts.price[rows["which"]]
    text = pl.Series(hundredths // 100).cast(pl.String) + "." + pl.Series(hundredths % 100).cast(pl.String).str.zfill(2)
    free = rng.random(len(has)) < work.market.payments.free_credits
    kind = pl.Series(np.where(free, "free", "bought").astype(str))
    has &= hundredths > 0
    return {"credits": _only_where(has, text), "credits_kind": _only_where(has, kind)}
