"""What was done about debts in a period and what it brought, counted by agent, team and what is known of the account.

Everything is a flow: actions, seconds, promises kept, money, by the day on which it happened. Of stocks there is only
what was owed when an action was taken (`stake`), which is averaged over actions and never added to money.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

import narwhals as nw
import polars as pl

from toolkit.kpis.calls import outbound
from toolkit.kpis.costs import collected
from toolkit.kpis.data import ASSIGNED, PROMISED, Data, MissingError, beside, eager
from toolkit.kpis.facts import yes
from toolkit.kpis.ledger import assignments
from toolkit.kpis.portfolio import assets_sold
from toolkit.kpis.promises import promises_kept
from toolkit.periods import Period, days_between, parse
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame, latest_before
from toolkit.teams import with_post

ACCOUNT = ("bucket", "product", "creditor")
PLACE = ("month", "agent_id", "team", *ACCOUNT)
DONE_SCHEMA = {"measure": pl.String, **dict.fromkeys(PLACE, pl.String)} | dict.fromkeys(
    ("count", "stake", "known"), pl.Int64
)
ONE = nw.lit(1, nw.Int64)
RAW = ("agent_id", "account_id", "day", "count")
NOT_ASSETS = ("redeemed", "stayed")
MESSAGES = ("sms", "email", "whatsapp")
ACTIONS = ("call", *MESSAGES, "visit", "recovery", "legal")


@cache
def action_of() -> Mapping[str, str]:
    """Whose actions each cost channel follows, from `toolkit/data/recovery.toml`."""
    source = files("toolkit").joinpath("data", "recovery.toml").read_text(encoding="utf-8")
    actions: dict[str, list[str]] = tomllib.loads(source)["actions"]
    return {channel: action for action, channels in actions.items() for channel in channels}


def months_of(period: Period) -> list[Period]:
    """The months that the period touches, the first one first."""
    labels = dict.fromkeys(f"{day:%Y-%m}" for day in days_between(period.first, period.last))
    return [parse(label) for label in labels]


def bucket_names(starts: tuple[int, ...]) -> list[str]:
    """How the buckets are called: ``0-6``, ``7-29``, ``180+``; days past due."""
    ends = [f"{start}-{end - 1}" for start, end in pairwise(starts)]
    return [*ends, f"{starts[-1]}+"] if starts else []


def work_done(data: Data, rules: RecoveryRules, period: Period) -> pl.DataFrame:
    """One row for each measure, month, agent, team, bucket, product and creditor: `count`, an int64.

    measure: the action's name for actions (call, sms, visit, ...); talk_seconds, contact, promise_kept,
    asset_recovered; collected and assets_net in minor units, reversals taken off; accounts, for each agent those held
    in the month. "" where an account, an agent or a team is not known; whoever did not work here that day is nobody.
    stake and known: of actions, what was owed at the time, and for how many of them that is known.
    """
    found = [_in_period(rows, measure, period) for measure, rows in _all(data, period)]
    rows = pl.concat(found, how="vertical") if found else pl.DataFrame()
    if not rows.height:
        return pl.DataFrame(schema=DONE_SCHEMA)
    placed = _with_account(data, _with_team(data, rows), rules, period)
    named = placed.with_columns(month=pl.col("day").dt.strftime("%Y-%m"), known=pl.col("balance").is_not_null())
    is_action = pl.col("measure").is_in(ACTIONS)
    known = pl.when(is_action & pl.col("known")).then("count").otherwise(0)
    sums = named.group_by("measure", *PLACE).agg(
        pl.col("count").sum(), stake=(pl.col("balance").fill_null(0) * known).sum(), known=known.sum()
    )
    return sums.cast(DONE_SCHEMA).select(list(DONE_SCHEMA)).sort("measure", *PLACE)  # type: ignore[arg-type]


def _all(data: Data, period: Period) -> Iterator[tuple[str, Frame]]:
    """The rows of every measure that the data can tell: agent_id, account_id, day and count."""
    for measure, make in _MAKERS.items():
        try:
            yield measure, make(data)
        except MissingError:  # what a team does not record, it has not counted
            continue
    if data.has("assignments", *ASSIGNED):
        for month in months_of(period):
            yield "accounts", _held(data, month)


def _in_period(rows: Frame, measure: str, period: Period) -> pl.DataFrame:
    """Added up by agent, account and day, in memory."""
    inside = rows.select(*RAW).filter((nw.col("day") >= period.first) & (nw.col("day") <= period.last))
    summed = eager(inside.group_by("agent_id", "account_id", "day").agg(nw.col("count").sum())).to_polars()
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in ("agent_id", "account_id")]
    return summed.select(
        pl.lit(measure).alias("measure"), *texts, pl.col("day").cast(pl.Date), pl.col("count").cast(pl.Int64)
    )


# --- what is counted ---------------------------------------------------------------------------------------


def _calls(data: Data) -> Frame:
    return _until(data, outbound(data, "account_id")).with_columns(count=ONE)


def _talk(data: Data) -> Frame:
    return _until(data, outbound(data, "account_id", "talk_seconds")).with_columns(count=nw.col("talk_seconds"))


def _contacts(data: Data) -> Frame:
    kind = data.definitions.contact
    return _until(data, outbound(data, "account_id", kind)).with_columns(count=yes(nw.col(kind)))


def _messages(channel: str) -> Callable[[Data], Frame]:
    def sent(data: Data) -> Frame:
        rows = data.table("messages", "account_id", "sent_at", "channel", agent_id=nw.String)
        dated = rows.filter(nw.col("channel") == channel).with_columns(day=nw.col("sent_at").dt.date(), count=ONE)
        return _until(data, dated)

    return sent


def _visits(data: Data) -> Frame:
    rows = data.table("visits", "agent_id", "account_id", "visited_at").filter(~nw.col("visited_at").is_null())
    return _until(data, rows.with_columns(day=nw.col("visited_at").dt.date(), count=ONE))


def _recoveries(data: Data) -> Frame:
    rows = data.table("recoveries", "agent_id", "account_id", "recovered_on", outcome=nw.String)
    done = rows.filter(~nw.col("recovered_on").is_null())
    return _until(data, done.with_columns(day=nw.col("recovered_on"), count=ONE))


def _assets(data: Data) -> Frame:
    outcome = nw.col("outcome")
    return _recoveries(data).filter(outcome.is_null() | ~outcome.is_in(list(NOT_ASSETS)))


def _filings(data: Data) -> Frame:
    rows = data.table("cases", "account_id", "opened_on", "kind", agent_id=nw.String)
    return _until(data, rows.filter(nw.col("kind") == "legal").with_columns(day=nw.col("opened_on"), count=ONE))


def _kept(data: Data) -> Frame:
    data.table("promises", *PROMISED)
    return promises_kept(data).with_columns(count=nw.col("numerator"))


def _cash(data: Data) -> Frame:
    return collected(data).with_columns(count=nw.col("amount"))


def _proceeds(data: Data) -> Frame:
    return assets_sold(data).with_columns(count=nw.col("numerator"))


def _held(data: Data, month: Period) -> Frame:
    """The accounts that an agent held on some day of the month, each once."""
    held = assignments(data).filter((nw.col("assigned_on") <= month.last) & (nw.col("ended_on") >= month.first))
    since = nw.max_horizontal(nw.col("assigned_on"), nw.lit(month.first, nw.Date)).cast(nw.Date)
    first = held.with_columns(day=since).group_by("agent_id", "account_id").agg(nw.col("day").min())
    return _until(data, first.with_columns(count=ONE))


def _until(data: Data, rows: Frame) -> Frame:
    """What is dated after the day on which the data stand has not been done."""
    return rows.filter(nw.col("day") <= data.as_of)


_MAKERS: Mapping[str, Callable[[Data], Frame]] = {
    "call": _calls,
    "talk_seconds": _talk,
    "contact": _contacts,
    **{channel: _messages(channel) for channel in MESSAGES},
    "visit": _visits,
    "recovery": _recoveries,
    "asset_recovered": _assets,
    "legal": _filings,
    "promise_kept": _kept,
    "collected": _cash,
    "assets_net": _proceeds,
}


# --- whose it is, and of which account ---------------------------------------------------------------------


def _with_team(data: Data, rows: pl.DataFrame) -> pl.DataFrame:
    """With the agent's team of the day; whoever did not work here that day is nobody."""
    posts = with_post(
        nw.from_native(rows, eager_only=True), data.teams, agent="agent_id", day="day", columns=["team", "role"]
    ).to_polars()
    here = pl.col("role").is_not_null()
    return posts.with_columns(
        agent_id=pl.when(here).then("agent_id").otherwise(pl.lit("")),
        team=pl.when(here).then(pl.col("team").fill_null("")).otherwise(pl.lit("")),
    ).drop("role")


def _with_account(data: Data, rows: pl.DataFrame, rules: RecoveryRules, period: Period) -> pl.DataFrame:
    """With product, creditor, and bucket and balance as they stood when the day began."""
    accounts = eager(data.table("accounts", "account_id", product=nw.String, creditor=nw.String)).to_polars()
    known = accounts.select(pl.all().cast(pl.String)).unique("account_id", keep="first", maintain_order=True)
    named = rows.join(known, on="account_id", how="left")
    texts = [pl.col(name).fill_null("") for name in ("product", "creditor")]
    return _with_bucket(data, named.with_columns(texts), rules, period)


def _with_bucket(data: Data, rows: pl.DataFrame, rules: RecoveryRules, period: Period) -> pl.DataFrame:
    if not data.has("balances", "account_id", "as_of", "balance", "days_past_due"):
        return rows.with_columns(bucket=pl.lit(""), balance=pl.lit(None, pl.Int64))
    pairs = rows.select("account_id", "day").unique().sort("account_id", "day").with_row_index("_row")
    found = latest_before(
        nw.from_native(pairs, eager_only=True), _snapshots(data, period),
        key="account_id", day="day", as_of="_from", row="_row",
    ).to_polars()  # fmt: skip
    names = bucket_names(rules.buckets)
    bucket = pl.lit("")
    for name, start in zip(names, rules.buckets, strict=True):
        bucket = pl.when(pl.col("days_past_due") >= start).then(pl.lit(name)).otherwise(bucket)
    told = found.select("account_id", "day", "balance", bucket=bucket)
    return rows.join(told, on=["account_id", "day"], how="left").with_columns(pl.col("bucket").fill_null(""))


def _snapshots(data: Data, period: Period) -> Frame:
    """What was owed and how late it was, with `_from`, the first day on which it is so: a snapshot is of a day's end,
    but the first one of an account holds for its own day too. Those before the period are only the last ones."""
    table = data.table("balances", "account_id", "as_of", "balance", "days_past_due")
    rows = table.filter(nw.col("as_of") <= period.last)
    inside = rows.filter(nw.col("as_of") >= period.first)
    earlier = rows.filter(nw.col("as_of") < period.first)
    last = earlier.group_by("account_id").agg(nw.col("as_of").max())
    first = rows.group_by("account_id").agg(_first=nw.col("as_of").min())
    opening = earlier.join(beside(earlier, last), on=["account_id", "as_of"], how="inner")
    columns = ("account_id", "as_of", "balance", "days_past_due")
    both = nw.concat([opening.select(*columns), inside.select(*columns)], how="vertical")
    told = eager(both.join(beside(both, first), on="account_id", how="inner")).to_polars()
    after = pl.col("as_of") + pl.duration(days=1)
    told = told.select(
        pl.col("account_id").cast(pl.String),
        pl.when(pl.col("as_of") == pl.col("_first")).then("as_of").otherwise(after).cast(pl.Date).alias("_from"),
        pl.col("balance").cast(pl.Int64).clip(0),
        pl.col("days_past_due").cast(pl.Int64),
    )
    return nw.from_native(told.unique(["account_id", "_from"], keep="last", maintain_order=True), eager_only=True)
