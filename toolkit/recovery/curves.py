"""How debts roll: from one month's last snapshot to the next, every account accounted for, in number and in money.

Balances are stocks: what stands on a day. They are compared between two days and never added up over months. A roll
rate is what stood in a bucket at the start and stands in a later one (or was written off) at the end, of what stood in
it at the start (OCC, Installment Lending handbook). Works eagerly on Polars and pandas, lazily on DuckDB.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, beside, eager
from toolkit.recovery.buckets import month_label, state_names, state_number
from toolkit.recovery.frames import shaped
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame

NEW, PAID_OFF, WRITTEN_OFF, RETURNED, GONE = "new", "paid_off", "written_off", "returned", "gone"
LEFT = (PAID_OFF, WRITTEN_OFF, RETURNED, GONE)
FATES = {"written_off": WRITTEN_OFF, "paid_off": PAID_OFF, "returned": RETURNED, "repossessed": RETURNED}
"""What has become of an account that is in no later snapshot, by its status."""
ROLLS_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("month", "from", "to"), pl.String),
    **dict.fromkeys(("accounts", "opening", "closing"), pl.Int64),
    **dict.fromkeys(("share_accounts", "share_money"), pl.Float64),
}
FLOWS = ("opening", "new", "from_better", "from_worse", "to_worse", "to_better", "cured", *LEFT, "change", "closing")
FLOWS_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("month", "state", "unit"), pl.String), **dict.fromkeys(FLOWS, pl.Int64)
}  # fmt: skip
RATES_SCHEMA: dict[str, Any] = {
    "month": pl.String,
    "state": pl.String,
    **dict.fromkeys(("accounts", "accounts_rolled", "opening", "rolled"), pl.Int64),
    **dict.fromkeys(("rate_accounts", "rate_money"), pl.Float64),
}


def rolls(data: Data, rules: RecoveryRules) -> pl.DataFrame:
    """The roll matrix: month (of the closing snapshot), from, to, accounts, opening and closing balance (minor units).

    from: `new` (not in the opening snapshot; whoever comes back too) or a state at the opening; to: a state, or
    paid_off (nothing owed any more, or closed as such), written_off, returned (or repossessed), gone (in no snapshot,
    and nobody says why). States: current (not past due), then the profile's buckets of days past due. Months that do
    not follow one another have no matrix. share_accounts and share_money are of what stood in `from`.

    Rows of a month foot to both snapshots, which is asserted: whatever opened is somewhere, whatever closes came from
    somewhere. `MissingError` without balances.
    """
    pairs = [
        _matrix(data, rules, opened, closed) for opened, closed in pairwise(month_ends(data)) if _next(opened, closed)
    ]
    if not pairs:
        return pl.DataFrame(schema=ROLLS_SCHEMA)
    table = pl.concat(pairs, how="vertical")
    whole = pl.col("accounts", "opening").sum().over("month", "from")
    shares = table.with_columns(whole.name.prefix("_all_"))
    told = shares.with_columns(
        share_accounts=_share("accounts", "_all_accounts"), share_money=_share("opening", "_all_opening")
    )
    return shaped(told, ROLLS_SCHEMA)


def flows(matrix: pl.DataFrame, rules: RecoveryRules) -> pl.DataFrame:
    """What became of each state in each month: opening + new + from_better + from_worse - to_worse - to_better - cured
    - paid_off - written_off - returned - gone + change = closing, in accounts and in money; asserted.

    Whoever leaves a state takes the opening balance along, whoever arrives brings the closing one; change is what was
    paid or charged on those who stayed. cured: to current, of the late ones (current has them in from_worse).
    """
    names = state_names(rules.buckets)
    found = [
        _flow(part, str(month), state, place, names, unit)
        for (month,), part in matrix.group_by("month", maintain_order=True)
        for place, state in enumerate(names)
        for unit in ("accounts", "money")
    ]
    return pl.DataFrame(found, schema=FLOWS_SCHEMA, orient="row")


def roll_rates(matrix: pl.DataFrame, rules: RecoveryRules) -> pl.DataFrame:
    """By month and state: accounts and balance at the opening, and those of them that stood in a later state at the
    closing or were written off. Null where nothing stood there."""
    names = state_names(rules.buckets)
    ranks = {name: place for place, name in enumerate(names)} | {WRITTEN_OFF: len(names)}
    known = matrix.filter(pl.col("from") != NEW).with_columns(
        _from=pl.col("from").replace_strict(ranks, default=-1, return_dtype=pl.Int64),
        _to=pl.col("to").replace_strict(ranks, default=-1, return_dtype=pl.Int64),
    )
    rolled = pl.col("_to") > pl.col("_from")
    sums = known.group_by("month", "_from", pl.col("from").alias("state")).agg(
        pl.col("accounts").sum(),
        pl.col("accounts").filter(rolled).sum().alias("accounts_rolled"),
        pl.col("opening").sum(),
        pl.col("opening").filter(rolled).sum().alias("rolled"),
    )
    told = sums.sort("month", "_from").with_columns(
        rate_accounts=_share("accounts_rolled", "accounts"), rate_money=_share("rolled", "opening")
    )
    return shaped(told, RATES_SCHEMA)


def at_risk(data: Data, day: date, more_than: int) -> tuple[int, int]:
    """Balances of accounts more than so many days past due, and all balances, in the snapshot of a day (minor units):
    the same figures as the KPIs par1 (more than 0) to par90."""
    rows = standing_on(data, day)
    late = nw.when(nw.col("days_past_due") > more_than).then(nw.col("balance")).otherwise(nw.lit(0, nw.Int64))
    sums = eager(rows.select(late.sum().alias("late"), nw.col("balance").sum().alias("all"))).to_polars()
    risk, everything = sums.row(0)
    return int(risk or 0), int(everything or 0)


# --- snapshots ---------------------------------------------------------------------------------------------


def month_ends(data: Data) -> list[date]:
    """The last snapshot day of each month, until the day on which the data stand."""
    days = eager(data.table("balances", "as_of").unique()).to_polars()["as_of"].to_list()
    last: dict[tuple[int, int], date] = {}
    for day in sorted(day for day in days if day is not None and day <= data.as_of):
        last[day.year, day.month] = day
    return sorted(last.values())


def standing_on(data: Data, day: date) -> Frame:
    """account_id, balance and days_past_due of the accounts that owed something on a day and were not written off."""
    rows = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    owing = rows.filter((nw.col("as_of") == day) & (nw.col("balance") > 0)).drop("as_of")
    if not data.has("accounts", "status", "closed_on"):
        return owing
    lost = data.table("accounts", "account_id", "status", "closed_on").filter(
        (nw.col("status") == "written_off") & (nw.col("closed_on") <= day)
    )
    return owing.join(lost.select("account_id"), on="account_id", how="anti")


def _next(opened: date, closed: date) -> bool:
    return closed.year * 12 + closed.month == opened.year * 12 + opened.month + 1


def _states(data: Data, rules: RecoveryRules, day: date, name: str) -> Frame:
    number = state_number(nw.col("days_past_due"), rules.buckets)
    return standing_on(data, day).select("account_id", nw.col("balance").alias(name), number.alias(f"_{name}"))


def _matrix(data: Data, rules: RecoveryRules, opened: date, closed: date) -> pl.DataFrame:
    """The flows between two snapshots."""
    before, after = _states(data, rules, opened, "opening"), _states(data, rules, closed, "closing")
    names = state_names(rules.buckets)
    stayed_or_left = before.join(after, on="account_id", how="left")
    fates = _fates(data, closed)
    known = stayed_or_left.join(beside(stayed_or_left, fates), on="account_id", how="left")
    came = after.join(before.select("account_id"), on="account_id", how="anti")
    kept = known.group_by("_opening", "_closing", "_fate").agg(
        accounts=nw.len(), opening=nw.col("opening").sum(), closing=nw.col("closing").sum()
    )
    new = came.group_by("_closing").agg(accounts=nw.len(), closing=nw.col("closing").sum())
    table = pl.concat([_counted(kept), _counted(new)], how="diagonal_relaxed")
    state = {place: name for place, name in enumerate(names)}
    to = pl.col("_closing").cast(pl.Int64).replace_strict(state, default=None, return_dtype=pl.String)
    named = table.with_columns(
        pl.col("opening", "closing").fill_null(0).cast(pl.Int64),
        pl.lit(month_label(closed.year * 12 + closed.month - 1)).alias("month"),
        pl.col("_opening").cast(pl.Int64).replace_strict(state, default=NEW, return_dtype=pl.String).alias("from"),
        pl.coalesce(to, pl.col("_fate"), pl.lit(GONE)).alias("to"),
    )
    sums = named.group_by("month", "from", "to").agg(pl.col("accounts", "opening", "closing").sum())
    order = {name: place for place, name in enumerate((NEW, *names, *LEFT))}
    sums = sums.sort(*[pl.col(side).replace_strict(order, return_dtype=pl.Int64) for side in ("from", "to")])
    _check(sums, before, after, names)
    return sums


def _fates(data: Data, closed: date) -> Frame:
    """Why an account is not in the closing snapshot with anything owed: account_id and `_fate`."""
    zero = data.table("balances", "account_id", "as_of", "balance").filter(
        (nw.col("as_of") == closed) & (nw.col("balance") <= 0)
    )
    paid = zero.select("account_id", _fate=nw.lit(PAID_OFF))
    if not data.has("accounts", "status", "closed_on"):
        return paid
    rows = data.table("accounts", "account_id", "status", "closed_on")
    over = rows.filter((nw.col("closed_on") <= closed) & nw.col("status").is_in(list(FATES)))
    fate = nw.lit(PAID_OFF)
    for status, word in FATES.items():
        fate = nw.when(nw.col("status") == status).then(nw.lit(word)).otherwise(fate)
    closed_ones = over.select("account_id", _fate=fate)
    rest = paid.join(closed_ones.select("account_id"), on="account_id", how="anti")
    return nw.concat([closed_ones, rest], how="vertical")


def _counted(sums: Frame) -> pl.DataFrame:
    found = eager(sums).to_polars()
    whole = [name for name in ("accounts", "opening", "closing", "_opening", "_closing") if name in found.columns]
    return found.with_columns(pl.col(whole).cast(pl.Int64))


def _check(sums: pl.DataFrame, before: Frame, after: Frame, names: Sequence[str]) -> None:
    """The matrix has what both snapshots have, added up without it."""
    for side, frame, rows in (
        ("opening", before, sums.filter(pl.col("from") != NEW)),
        ("closing", after, sums.filter(pl.col("to").is_in(names))),
    ):
        counted = frame.select(nw.len().alias("accounts"), nw.col(side).sum().alias("money"))
        accounts, money = eager(counted).to_polars().row(0)
        seen = int(rows["accounts"].sum()), int(rows[side].sum())
        assert seen == (int(accounts or 0), int(money or 0)), f"the {side} does not foot"  # noqa: S101


# --- flows and rates ---------------------------------------------------------------------------------------


def _flow(part: pl.DataFrame, month: str, state: str, place: int, names: Sequence[str], unit: str) -> tuple[Any, ...]:
    """One row of `flows`."""
    opening, closing = ("accounts", "accounts") if unit == "accounts" else ("opening", "closing")
    going = {to: amount for to, amount in part.filter(pl.col("from") == state).select("to", opening).iter_rows()}
    coming = {of: amount for of, amount in part.filter(pl.col("to") == state).select("from", closing).iter_rows()}
    better, worse = names[:place], names[place + 1 :]
    cured = going.get(names[0], 0) if place else 0
    change = coming.get(state, 0) - going.get(state, 0)
    figures = {
        "opening": sum(going.values()),
        "new": coming.get(NEW, 0),
        "from_better": sum(coming.get(name, 0) for name in better),
        "from_worse": sum(coming.get(name, 0) for name in worse),
        "to_worse": sum(going.get(name, 0) for name in worse),
        "to_better": sum(going.get(name, 0) for name in better) - cured,
        "cured": cured,
        **{name: going.get(name, 0) for name in LEFT},
        "change": change,
        "closing": sum(coming.values()),
    }
    assert footed(figures) == figures["closing"], f"{state} does not foot"  # noqa: S101
    return (month, state, unit, *(figures[name] for name in FLOWS))


def footed(figures: Any) -> int:
    """What a row of `flows` comes to."""
    plus = ("opening", "new", "from_better", "from_worse", "change")
    minus = ("to_worse", "to_better", "cured", *LEFT)
    return int(sum(figures[name] for name in plus) - sum(figures[name] for name in minus))


def _share(of: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(of) / pl.col(whole))
