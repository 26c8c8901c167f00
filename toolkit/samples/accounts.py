"""The invented accounts: what was bought, what is owed, how late it is. Arrays, one place an account.

Days are whole numbers since 1970-01-01, money is in minor units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.money import minor_digits, to_minor
from toolkit.samples.chance import Flags, Numbers, Rng, Shares, choices
from toolkit.samples.market import Market

EPOCH = date(1970, 1, 1)
STATUSES = ("active", "default", "paid_off", "returned", "repossessed", "written_off")
ACTIVE, DEFAULT, PAID_OFF, RETURNED, REPOSSESSED = range(5)
NEVER = 0
LATE_ENOUGH_FOR_DEFAULT = 90


def day_number(day: date) -> int:
    return (day - EPOCH).days


def minor(amount: Decimal, currency: str) -> int:
    return to_minor(amount, minor_digits(currency))


@dataclass
class Accounts:
    """The state of every account on the day that the months made have come to; the day loop moves it on.

    owed: what has fallen due and is not paid, negative while paid ahead; late: the same in days.
    able: how likely a payment is, as a weight. appears: first day in the data.
    open_promise: until which day a promise is open. snapshot_on: day of the last one written.
    ordered: a recovery was. paid_on: day of the last payment.
    """

    activated: Numbers
    appears: Numbers
    product: Numbers
    branch: Numbers
    price: Numbers
    term: Numbers
    balance: Numbers
    placed: Numbers
    owed: Numbers
    late: Numbers
    able: Shares
    active: Flags
    status: Numbers
    closed: Numbers
    open_promise: Numbers
    snapshot_on: Numbers
    ordered: Flags
    paid_on: Numbers

    @property
    def size(self) -> int:
        return len(self.price)


def make_accounts(
    market: Market, rng: Rng, size: int, staff: Sequence[int], first: date, last: date, currency: str
) -> Accounts:
    """`size` accounts: most are there when the first month begins, the others appear in the months made.

    staff: how many agents own accounts in each branch, so that a branch has accounts for its agents.
    """
    rules = market.accounts
    start, end = day_number(first), day_number(last)
    product = choices(rng, [product.share for product in market.product], size)
    price = np.array([minor(product.daily_price, currency) for product in market.product], dtype=np.int64)[product]
    term = np.array([product.term_days for product in market.product], dtype=np.int64)[product]
    months = max(1, round((end - start) / 30.4))
    is_new = rng.random(size) < min(0.8, rules.new_share * months)
    appears = np.where(is_new, rng.integers(start + 1, max(start + 2, end - 1), size), start)
    late = np.where(is_new, rules.new_late, _lateness(market, rng, size))
    elapsed = np.where(is_new, rules.new_late, np.maximum(rng.integers(30, np.maximum(31, term * 4 // 5)), late + 10))
    paid_days = np.clip(elapsed - late, 0, term * 9 // 10)
    balance = price * (term - paid_days)
    able = rng.gamma(4.0, 0.25, size) * np.where(rng.random(size) < market.payments.poor_payers, 0.15, 1.0)
    activated = np.where(is_new, appears, start) - elapsed
    return Accounts(
        activated=activated,
        appears=appears,
        product=product,
        branch=choices(rng, staff, size),
        price=price,
        term=term,
        balance=balance,
        placed=balance.copy(),
        owed=price * late,
        late=late,
        able=able,
        active=~is_new,
        status=np.full(size, ACTIVE, dtype=np.int64),
        closed=np.full(size, NEVER, dtype=np.int64),
        open_promise=np.full(size, NEVER, dtype=np.int64),
        snapshot_on=np.full(size, NEVER, dtype=np.int64),
        ordered=np.zeros(size, dtype=np.bool_),
        paid_on=np.maximum(start - 1 - np.maximum(late, 0) % 30, activated),
    )


def _lateness(market: Market, rng: Rng, size: int) -> Numbers:
    """Days past due when the first month begins: some paid ahead, the others with a long tail."""
    rules = market.accounts
    days = np.clip(rng.exponential(rules.late_days, size), rules.late_least, rules.late_most).astype(np.int64)
    ahead = -rng.integers(0, rules.prepaid_days + 1, size)
    return np.where(rng.random(size) < rules.current_share, ahead, days)


def a_day_passes(accounts: Accounts, paying_cures: bool) -> None:
    """Another day falls due on every active account."""
    accounts.owed += accounts.price * accounts.active
    accounts.late = -(-accounts.owed // accounts.price) if paying_cures else accounts.late + accounts.active


def close(accounts: Accounts, which: Numbers, day: int, status: int) -> None:
    """These accounts end on `day`: nothing more falls due or is paid."""
    accounts.active[which] = False
    accounts.status[which] = status
    accounts.closed[which] = day


def snapshot(
    accounts: Accounts, which: Numbers, day: int | Numbers, ids: pl.Series, late: Numbers | None = None
) -> pl.DataFrame:
    """Rows of the balances table as at the end of `day`."""
    days_past_due = accounts.late[which] if late is None else late
    return pl.DataFrame(
        {
            "account_id": ids.gather(which),
            "as_of": days_series(np.broadcast_to(np.asarray(day), which.shape)),
            "balance": np.maximum(accounts.balance[which], 0),
            "days_past_due": np.maximum(days_past_due, 0),
        }
    )


def days_series(days: npt.NDArray[np.int64]) -> pl.Series:
    """Day numbers as dates; `NEVER` is an empty cell."""
    numbers = pl.Series(np.ascontiguousarray(days)).cast(pl.Int32)
    return numbers.replace({NEVER: None}).cast(pl.Date)


def account_ids(market: Market, size: int) -> pl.Series:
    return numbered(market.ids.account, np.arange(1, size + 1), size)


def numbered(prefix: str, numbers: Numbers, largest: int, least_width: int = 5) -> pl.Series:
    """Ids such as SOL00017, all of one width."""
    width = max(least_width, len(str(largest)))
    return prefix + pl.Series(numbers).cast(pl.String).str.zfill(width)


def phones(market: Market, which: Numbers) -> pl.Series:
    """The customer's phone, with the country's code."""
    prefixes = pl.Series(list(market.ids.phone)).gather(which % len(market.ids.phone))
    return prefixes + pl.Series(2_000_000 + which * 7919 % 8_000_000).cast(pl.String)


def accounts_table(market: Market, rng: Rng, accounts: Accounts, ids: pl.Series, currency: str) -> pl.DataFrame:
    """The accounts table as it stands at the end of the months made."""
    size = accounts.size
    in_default = (accounts.status == ACTIVE) & (accounts.late > LATE_ENOUGH_FOR_DEFAULT)
    status = np.where(in_default, DEFAULT, accounts.status)
    products, branches = market.product, market.branch
    creditors = [product.creditor or None for product in products]
    fees = pl.Series([product.fee_rate or None for product in products], dtype=pl.String)
    places = [(branch.name, branch.region, area) for branch in branches for area in branch.areas]
    starts = np.cumsum([0, *(len(branch.areas) for branch in branches)])
    sizes = np.array([len(branch.areas) for branch in branches])
    place = starts[accounts.branch] + rng.integers(0, 1 << 30, size) % sizes[accounts.branch]
    table = pl.DataFrame(
        {
            "account_id": ids,
            "customer_id": numbered(market.ids.customer, np.arange(1, size + 1), size),
            "creditor": pl.Series(creditors, dtype=pl.String).gather(accounts.product),
            "product": pl.Series([product.name for product in products]).gather(accounts.product),
            "branch": pl.Series([place[0] for place in places]).gather(place),
            "region": pl.Series([place[1] for place in places]).gather(place),
            "area": pl.Series([place[2] for place in places]).gather(place),
            "activated_on": days_series(accounts.activated),
            "term_days": accounts.term,
            "daily_price": accounts.price,
            "currency": pl.repeat(currency, size, eager=True),
            "status": pl.Series(list(STATUSES)).gather(status),
            "closed_on": days_series(accounts.closed),
            "placed_on": days_series(np.where(accounts.appears > accounts.activated, accounts.appears, NEVER)),
            "placed_amount": accounts.placed,
            "fee_rate": fees.gather(accounts.product),
            "customer_name": _names(market, rng, size),
            "phones": phones(market, np.arange(size)),
            "asset_no": numbered("SN", accounts.activated * 1_000 + np.arange(size) * 17 % 100_000_000, 10**9),
        }
    )
    table = table.with_columns(batch=pl.col("placed_on").dt.strftime("B%Y-%m"))
    is_agency = any(creditors)
    return table if is_agency else table.drop("creditor", "placed_on", "placed_amount", "fee_rate", "batch")


def _names(market: Market, rng: Rng, size: int) -> pl.Series:
    first_names, family_names = market.people.first_names, market.people.family_names
    first = pl.Series(list(first_names)).gather(rng.integers(0, len(first_names), size))
    return first + " " + pl.Series(list(family_names)).gather(rng.integers(0, len(family_names), size))


def usual_payment(market: Market, price: Numbers, per_month: float) -> Shares:
    """What one payment usually is, so that `comes_in` of what falls due is paid in a month."""
    days = market.payments.comes_in * 30.4 / per_month / _mean_size(market)
    return np.multiply(price, days, dtype=np.float64)


def _mean_size(market: Market) -> float:
    weights = sum(weight for _, weight in market.payments.sizes)
    return float(sum(Fraction(str(size)) * Fraction(str(weight)) for size, weight in market.payments.sizes)) / weights
