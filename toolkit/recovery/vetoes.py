"""Accounts that are not pursued whatever it would bring, or not by some rungs, and why: the vetoes of the profile.

A veto holds on the last day of the data: a case or complaint that is open, a permission that is in force, a status.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.problems import Problem, problem
from toolkit.recovery.taken import MESSAGES
from toolkit.recovery_rules import RecoveryRules, Veto
from toolkit.rows import Frame

ANY = "any"
NATIONAL = 9
"""Digits of a telephone number that do without the country's and the zero before them."""
CHANNELS = {"message": MESSAGES}
"""Which channels of the ladder a permission's word for several stands for."""
SCHEMA = {"account_id": pl.String, "spared": pl.Int64, "veto": pl.Int64}


@dataclass(frozen=True)
class Vetoes:
    """Who is spared.

    rows: account_id, spared (the rungs that are not to be taken, as the sum of 2 to the power of their places in the
      ladder) and veto (the number of the first rule in the profile that spares the account).
    problems: rules that nothing can be found by, as their table is not in the data.
    """

    rows: pl.DataFrame
    problems: tuple[Problem, ...]


def vetoes_of(data: Data, rules: RecoveryRules) -> Vetoes:
    """Every account that a veto holds for on `data.as_of`."""
    found, problems = [], []
    for number, veto in enumerate(rules.vetoes):
        missing = [name for name in _NEEDS[veto.table] if not data.has(*name.split("."))]
        if missing:
            problems.append(problem("PURSUE_VETO_BLIND", value=veto.kind, why=veto.why, missing=", ".join(missing)))
            continue
        found.append(_numbered(_FINDERS[veto.table](data, veto), number, veto, rules))
    return Vetoes(_together(found, len(rules.rungs)), tuple(problems))


_NEEDS: Mapping[str, tuple[str, ...]] = {
    "cases": ("cases.account_id", "cases.kind", "cases.opened_on"),
    "complaints": ("complaints.account_id", "complaints.category", "complaints.received_at"),
    "contact_permissions": ("contact_permissions.kind", "contact_permissions.from_at"),
    "accounts": ("accounts.status",),
}


def _together(found: Sequence[pl.DataFrame], rungs: int) -> pl.DataFrame:
    """One row an account: a rung is spared if any rule spares it."""
    if not found:
        return pl.DataFrame(schema=SCHEMA)
    rows = pl.concat(found, how="vertical")
    bits = [((pl.col("spared") // 2**place) % 2).max() * 2**place for place in range(rungs)]
    spared = pl.sum_horizontal(bits) if bits else pl.lit(0)
    of = rows.group_by("account_id").agg(spared=spared.cast(pl.Int64), veto=pl.col("veto").min())
    return of.select(list(SCHEMA)).sort("account_id")


def _numbered(rows: pl.DataFrame, number: int, veto: Veto, rules: RecoveryRules) -> pl.DataFrame:
    """The accounts with the rungs that the rule spares them; a channel narrows these down."""
    by_channel = {channel: _mask(veto, rules, channel) for channel in rows["channel"].unique().to_list()}
    spared = pl.col("channel").replace_strict(by_channel, return_dtype=pl.Int64) if by_channel else pl.lit(0)
    named = rows.select("account_id", spared=spared.cast(pl.Int64), veto=pl.lit(number, pl.Int64))
    return named.filter((pl.col("spared") > 0) & pl.col("account_id").is_not_null())


def _mask(veto: Veto, rules: RecoveryRules, channel: str) -> int:
    meant = [
        place
        for place, rung in enumerate(rules.rungs)
        if (not veto.rungs or rung.code in veto.rungs)
        and rung.channel in CHANNELS.get(channel, (channel or rung.channel,))
    ]
    return sum(2**place for place in meant)


def _of_any_channel(rows: Frame) -> pl.DataFrame:
    return eager(rows.select("account_id")).to_polars().with_columns(channel=pl.lit(""))


def _cases(data: Data, veto: Veto) -> pl.DataFrame:
    cases = data.table("cases", "account_id", "kind", "opened_on", closed_on=nw.Date)
    open_now = nw.col("closed_on").is_null() | (nw.col("closed_on") > data.as_of)
    return _of_any_channel(cases.filter((nw.col("kind") == veto.kind) & (nw.col("opened_on") <= data.as_of) & open_now))


def _complaints(data: Data, veto: Veto) -> pl.DataFrame:
    """One that was reopened is open again."""
    columns = ("account_id", "category", "received_at")
    rows = data.table("complaints", *columns, closed_at=nw.Datetime, reopened_at=nw.Datetime)
    closed, again = nw.col("closed_at"), nw.col("reopened_at")
    open_now = closed.is_null() | (closed.dt.date() > data.as_of)
    reopened = ~again.is_null() & (again >= closed) & (again.dt.date() <= data.as_of)
    begun = nw.col("received_at").dt.date() <= data.as_of
    return _of_any_channel(rows.filter((nw.col("category") == veto.kind) & begun & (open_now | reopened)))


def _accounts(data: Data, veto: Veto) -> pl.DataFrame:
    return _of_any_channel(data.table("accounts", "account_id", "status").filter(nw.col("status") == veto.kind))


def _permissions(data: Data, veto: Veto) -> pl.DataFrame:
    """Of an account, of all of a customer's, or of those with a number."""
    texts = dict.fromkeys(("account_id", "customer_id", "number", "channel"), nw.String)
    rows = data.table("contact_permissions", "kind", "from_at", **texts, until_at=nw.Datetime)
    until = nw.col("until_at")
    holds = (nw.col("from_at").dt.date() <= data.as_of) & (until.is_null() | (until.dt.date() >= data.as_of))
    meant = eager(rows.filter((nw.col("kind") == veto.kind) & holds)).to_polars()
    meant = meant.with_columns(pl.col("channel").cast(pl.String).fill_null("").replace(ANY, ""))
    named = meant.filter(pl.col("account_id").is_not_null()).select("account_id", "channel")
    others = meant.filter(pl.col("account_id").is_null())
    return pl.concat([named, *(_by(data, others, column) for column in ("customer_id", "number"))], how="vertical")


def _by(data: Data, meant: pl.DataFrame, column: str) -> pl.DataFrame:
    """The accounts of a customer or a telephone number. Accounts have numbers as somebody wrote them, with or without
    the country: those that end in the same nine digits are one, so that rather one too many is spared."""
    known = {"customer_id": "customer_id", "number": "phones"}[column]
    asked = meant.filter(pl.col(column).is_not_null())
    if not asked.height or not data.has("accounts", "account_id", known):
        return pl.DataFrame(schema={"account_id": pl.String, "channel": pl.String})
    accounts = eager(data.table("accounts", "account_id", known)).to_polars()
    values = pl.col(known).str.split(";") if column == "number" else pl.concat_list(pl.col(known))
    each = accounts.with_columns(values.alias(column)).explode(column)
    if column == "number":
        each, asked = (rows.with_columns(_ending(column)).filter(pl.col(column) != "") for rows in (each, asked))
    return each.join(asked.select(column, "channel"), on=column, how="inner").select("account_id", "channel")


def _ending(number: str) -> pl.Expr:
    return pl.col(number).str.replace_all(r"\D", "").str.tail(NATIONAL)


_FINDERS: Mapping[str, Callable[[Data, Veto], pl.DataFrame]] = {
    "cases": _cases,
    "complaints": _complaints,
    "contact_permissions": _permissions,
    "accounts": _accounts,
}
