"""The accounts past due, with all that is needed to weigh them: one row each, in memory.

What an account owes is its last snapshot up to the last day of the data, as it stands there. Data know balances, not
how much of a balance is overdue, so what is pursued is the whole balance of accounts past due.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, MissingError, eager, in_parts
from toolkit.kpis.facts import MILLION
from toolkit.kpis.ledger import standing
from toolkit.money import worded
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.recovery.cases import bucket_of
from toolkit.recovery.taken import MINUTE, Prices, had, tries_name, with_period
from toolkit.recovery.vetoes import Vetoes
from toolkit.recovery.weighing import MOST, millionths
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame

CLOSED = ("paid_off", "returned", "written_off")
MASTER: dict[str, Any] = {
    **dict.fromkeys(("product", "currency", "status"), nw.String),
    "closed_on": nw.Date,
    "fee_rate": nw.String,
}


@dataclass(frozen=True)
class Owing:
    """accounts: account_id, product, bucket_number, days_past_due, balance, fee (millionths), spent, failed, tries_*,
    spared and veto (null: none), by account_id. Money in minor units; in small types, as there may be millions:
    `weighing.as_reckoned` gives them the width to be reckoned with."""

    accounts: pl.DataFrame
    problems: tuple[Problem, ...]


def currency_of(data: Data) -> str:
    """The one currency of the accounts past due, "" where none is given. `ToolkitError` where there are several."""
    if not data.has("accounts", "account_id", "currency"):
        return ""
    accounts = data.table("accounts", "account_id", "currency").filter(~nw.col("currency").is_null())
    counted = eager(accounts.group_by("currency").agg(accounts=nw.len())).to_polars().sort("currency")
    if counted.height > 1:
        late = eager(_late(data).join(accounts, on="account_id", how="inner").select("account_id", "currency"))
        counted = late.to_polars().group_by("currency").agg(accounts=pl.len()).sort("currency")
    if counted.height > 1:
        seen = ", ".join(f"{currency}: {number}" for currency, number in counted.iter_rows())
        raise ToolkitError([problem("PURSUE_CURRENCIES", value=seen)])
    return str(counted["currency"][0]) if counted.height else ""


def in_currency(data: Data, currency: str) -> tuple[Data, list[Problem]]:
    """The data without payments in another currency, and whether there were any."""
    if not currency or not data.has("payments", "currency"):
        return data, []
    other = nw.col("currency") != currency
    payments = data.tables["payments"]
    if not len(eager(payments.filter(other).select("currency").head(1))):
        return data, []
    kept = payments.filter(~other.fill_null(False))
    found = problem("PURSUE_PAYMENT_CURRENCY", currency=currency)
    return replace(data, tables={**data.tables, "payments": kept}, _shared={}), [found]


def owing(data: Data, rules: RecoveryRules, prices: Prices, vetoes: Vetoes) -> Owing:
    """Whoever is past due and owes something. `MissingError` without balances or payments; `ToolkitError` for balances
    too large to be reckoned with."""
    left_out: Counter[str] = Counter()
    parts = []
    for rows in in_parts(_told(data, rules, prices).sort("account_id")):
        left_out.update(_left_out(rows, data))
        parts.append(_at_rest(rows, data, rules, vetoes))
    if left_out["PURSUE_TOO_MUCH"]:
        most = worded(MOST, data.digits)
        raise ToolkitError([problem("PURSUE_TOO_MUCH", value=left_out["PURSUE_TOO_MUCH"], most=most)])
    said = [problem(code, value=left_out[code]) for code in ("PURSUE_CLOSED", "PURSUE_BELOW_NOTHING") if left_out[code]]
    if left_out["PURSUE_FEE"]:
        said.append(problem("PURSUE_FEE", value=left_out["PURSUE_FEE"], rate=rules.fee_rate))
    return Owing(pl.concat(parts, how="vertical"), tuple(said))


FEE = (pl.col("fee_rate").cast(pl.Float64) * MILLION).round().cast(pl.Int64)
"""The account's own fee rate, in millionths."""


def _left_out(rows: pl.DataFrame, data: Data) -> dict[str, int]:
    """How many accounts are not looked at, or not as they stand, by the code of what is said of them."""
    open_now, balance = ~_closed(data), pl.col("balance")
    owes = open_now & (balance > 0)
    counted = rows.select(
        PURSUE_CLOSED=_closed(data).sum(),
        PURSUE_BELOW_NOTHING=(open_now & (balance < 0)).sum(),
        PURSUE_TOO_MUCH=(owes & (balance > MOST)).sum(),
        PURSUE_FEE=(owes & ~FEE.is_between(0, MILLION)).sum(),
    )
    return counted.row(0, named=True)


def _at_rest(rows: pl.DataFrame, data: Data, rules: RecoveryRules, vetoes: Vetoes) -> pl.DataFrame:
    """The accounts that owe something, with the columns of `Owing.accounts`; in one step, so that nothing else of a
    part stays in memory."""
    owed = rows.lazy().filter(~_closed(data) & (pl.col("balance") > 0))
    tries = [tries_name(place) for place in range(len(rules.rungs))]
    small = pl.Int32
    spared = owed.join(vetoes.rows.lazy(), on="account_id", how="left", maintain_order="left")
    return spared.select(
        "account_id",
        pl.col("product").cast(pl.String).fill_null("").cast(pl.Categorical),
        bucket_of(pl.col("days_past_due"), rules.buckets).cast(pl.Int16).alias("bucket_number"),
        pl.col("days_past_due").cast(small),
        pl.col("balance").cast(pl.Int64),
        pl.when(FEE.is_between(0, MILLION)).then(FEE).otherwise(millionths(rules.fee_rate)).cast(small).alias("fee"),
        (-(-pl.col("spent_60").fill_null(0) // MINUTE)).cast(pl.Int64).alias("spent"),
        pl.col("failed").fill_null(0).cast(small),
        *[pl.col(name).fill_null(0).cast(small) for name in tries],
        pl.col("spared").fill_null(0),
        pl.col("veto").cast(pl.Int16),
    ).collect()


def _closed(data: Data) -> pl.Expr:
    closed = (pl.col("closed_on").cast(pl.Date) <= data.as_of).fill_null(value=False)
    return closed | pl.col("status").cast(pl.String).is_in(CLOSED).fill_null(value=False)


def _late(data: Data) -> Frame:
    """The last snapshot of each account, where it is past due: account_id, balance, days_past_due."""
    table = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    rows = table.filter(nw.col("as_of") <= data.as_of)
    last = rows.group_by("account_id").agg(nw.col("as_of").max())
    standing_now = rows.join(last, on=["account_id", "as_of"], how="inner")
    return standing_now.filter(nw.col("days_past_due") > 0).select("account_id", "balance", "days_past_due")


def _told(data: Data, rules: RecoveryRules, prices: Prices) -> Frame:
    """The accounts past due with their master data and what they have had; still with the engine."""
    late = _late(data)
    if data.has("accounts", "account_id"):
        late = late.join(data.table("accounts", "account_id", **MASTER), on="account_id", how="left")
    else:
        nothing = {name: nw.lit(None, kind) for name, kind in MASTER.items()}
        late = late.with_columns(**nothing)
    done = had(data, rules, prices, last_paid(data, rules))
    if done is None:
        names = ("spent_60", "failed", *(tries_name(place) for place in range(len(rules.rungs))))
        return late.with_columns(**dict.fromkeys(names, nw.lit(0, nw.Int64)))
    return late.join(done, on="account_id", how="left")


def last_paid(data: Data, rules: RecoveryRules) -> Frame:
    """account_id and paid_period: the last period with a payment that stands."""
    paid = standing(data, kinds=True).group_by("account_id").agg(nw.col("day").max())
    return with_period(paid, data.as_of, rules.paid_within_days).select("account_id", paid_period=nw.col("period"))


def needed(data: Data) -> None:
    """`ToolkitError` that names all that is missing, where there is nothing owed or paid to look at."""
    missing: list[str] = []
    for table, columns in (
        ("balances", ("account_id", "as_of", "balance", "days_past_due")),
        ("payments", ("payment_id", "account_id", "paid_at", "amount", "kind")),
    ):
        try:
            data.table(table, *columns)
        except MissingError as error:
            missing += error.names if table in data.tables else [table]
    if missing:
        raise ToolkitError([problem("PURSUE_NEEDS", missing=", ".join(missing))])
