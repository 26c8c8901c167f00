"""What was done about debts in a period and what it brought, counted by agent, team and what is known of the account.

Everything is a flow: actions, seconds, promises kept, money, by the day on which it happened. Of stocks there is only
what was owed when an action was taken (`stake`), which is averaged over actions and never added to money.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
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
from toolkit.kpis.promises import promises_due
from toolkit.periods import ONE_DAY, Period, days_between, parse
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame, latest_before
from toolkit.teams import FAR_AHEAD, with_post

ACCOUNT = ("bucket", "product", "creditor")
PLACE = ("month", "agent_id", "team", *ACCOUNT)
DONE_SCHEMA = {"measure": pl.String, **dict.fromkeys(PLACE, pl.String)} | dict.fromkeys(
    ("count", "stake", "known"), pl.Int64
)
ONE = nw.lit(1, nw.Int64)
SNAPSHOT = ("account_id", "as_of", "balance", "days_past_due")
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
    found = []
    for month in months_of(period):
        inside = replace(month, first=max(month.first, period.first), last=min(month.last, period.last))
        stands = _Stands.of(data, rules, inside)
        found += [_placed(data, rows, measures, stands) for measures, rows in _sources(data, month)]
    if not found:
        return pl.DataFrame(schema=DONE_SCHEMA)
    rows = pl.concat(found, how="vertical").filter(pl.col("count") != 0)
    return rows.select(list(DONE_SCHEMA)).sort("measure", *PLACE)


def _sources(data: Data, month: Period) -> Iterator[tuple[tuple[str, ...], Frame]]:
    """The rows of every table that the data have, with a column for each measure that it tells: looked at once."""
    for measures, make in _MAKERS.items():
        told = [measure for measure in measures if _tells(data, measure)]
        try:
            yield tuple(told), make(data)
        except MissingError:  # what a team does not record, it has not counted
            continue
    if data.has("assignments", *ASSIGNED):
        yield ("accounts",), _held(data, month)


def _tells(data: Data, measure: str) -> bool:
    needed = {"talk_seconds": "talk_seconds", "contact": data.definitions.contact}.get(measure)
    return needed is None or data.has("calls", needed)


def _placed(data: Data, rows: Frame, measures: tuple[str, ...], stands: "_Stands") -> pl.DataFrame:
    """The measures of one table, added up where the rows are, then by team and what is known of the account."""
    inside = rows.filter((nw.col("day") >= stands.month.first) & (nw.col("day") <= stands.month.last))
    dated = inside.with_columns(_since=stands.since(nw.col("day")))
    summed = dated.group_by("agent_id", "account_id", "_since").agg(*[nw.col(name).sum() for name in measures])
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in ("agent_id", "account_id")]
    numbers = [pl.col(name).cast(pl.Int64) for name in measures]
    found = eager(summed).to_polars().select(*texts, pl.col("_since").cast(pl.Date), *numbers)
    known = _with_team(data, found).join(stands.accounts, on=["account_id", "_since"], how="left")
    named = known.with_columns(pl.col(name).fill_null("") for name in ACCOUNT)
    parts = [_of_measure(named, measure) for measure in measures]
    return pl.concat(parts, how="vertical").with_columns(month=pl.lit(stands.month.label)).select(list(DONE_SCHEMA))


def _of_measure(rows: pl.DataFrame, measure: str) -> pl.DataFrame:
    count, owed = pl.col(measure), pl.col("balance")
    is_action = measure in ACTIONS
    return rows.group_by("agent_id", "team", *ACCOUNT).agg(
        count.sum().cast(pl.Int64).alias("count"),
        ((owed.fill_null(0) * count).sum() if is_action else pl.lit(0)).cast(pl.Int64).alias("stake"),
        (count.filter(owed.is_not_null()).sum() if is_action else pl.lit(0)).cast(pl.Int64).alias("known"),
        pl.lit(measure).alias("measure"),
    )


@dataclass(frozen=True)
class _Stands:
    """The days of a month on which something changed: a balance, a team. From one to the next everything stands still.

    accounts: account_id, _since, bucket, balance, product and creditor of every account on each of these days.
    """

    month: Period
    days: tuple[date, ...]
    accounts: pl.DataFrame

    @classmethod
    def of(cls, data: Data, rules: RecoveryRules, month: Period) -> "_Stands":
        snapshots = _snapshots(data, month) if data.has("balances", *SNAPSHOT) else None
        posts = [post for held in data.teams.posts.values() for post in held]
        moved = {post.first for post in posts} | {post.last + ONE_DAY for post in posts if post.last < FAR_AHEAD}
        owed = set() if snapshots is None else set(snapshots["_from"].to_list())
        days = sorted({month.first, *(day for day in moved | owed if day in month)})
        return cls(month, tuple(days), _accounts_on(data, rules, days, snapshots))

    def since(self, day: nw.Expr) -> nw.Expr:
        """The last of the days on or before a day of the month."""
        found = nw.lit(self.days[0], nw.Date)
        for start in self.days[1:]:
            found = nw.when(day >= start).then(nw.lit(start, nw.Date)).otherwise(found)
        return found


# --- what is counted ---------------------------------------------------------------------------------------


def _calls(data: Data) -> Frame:
    rows = outbound(data, "account_id")
    reached = data.definitions.contact
    contact = yes(nw.col(reached)) if data.has("calls", reached) else nw.lit(0, nw.Int64)
    return _until(data, rows.with_columns(call=ONE, contact=contact))


def _messages(data: Data) -> Frame:
    rows = data.table("messages", "account_id", "sent_at", "channel", agent_id=nw.String)
    counts = {channel: yes(nw.col("channel") == channel) for channel in MESSAGES}
    return _until(data, rows.with_columns(day=nw.col("sent_at").dt.date(), **counts))


def _visits(data: Data) -> Frame:
    rows = data.table("visits", "agent_id", "account_id", "visited_at").filter(~nw.col("visited_at").is_null())
    return _until(data, rows.with_columns(day=nw.col("visited_at").dt.date(), visit=ONE))


def _recoveries(data: Data) -> Frame:
    rows = data.table("recoveries", "agent_id", "account_id", "recovered_on", outcome=nw.String)
    outcome = nw.col("outcome")
    asset = yes(outcome.is_null() | ~outcome.is_in(list(NOT_ASSETS)))
    done = rows.filter(~nw.col("recovered_on").is_null())
    return _until(data, done.with_columns(day=nw.col("recovered_on"), recovery=ONE, asset_recovered=asset))


def _filings(data: Data) -> Frame:
    rows = data.table("cases", "account_id", "opened_on", "kind", agent_id=nw.String)
    return _until(data, rows.filter(nw.col("kind") == "legal").with_columns(day=nw.col("opened_on"), legal=ONE))


def _kept(data: Data) -> Frame:
    data.table("promises", *PROMISED)
    return promises_due(data).with_columns(promise_kept=nw.col("kept"))


def _cash(data: Data) -> Frame:
    return data.shared("collected", lambda: collected(data)).with_columns(collected=nw.col("amount"))


def _proceeds(data: Data) -> Frame:
    return assets_sold(data).with_columns(assets_net=nw.col("numerator"))


def _held(data: Data, month: Period) -> Frame:
    """The accounts that an agent held on some day of the month, each once."""
    held = assignments(data).filter((nw.col("assigned_on") <= month.last) & (nw.col("ended_on") >= month.first))
    since = nw.max_horizontal(nw.col("assigned_on"), nw.lit(month.first, nw.Date)).cast(nw.Date)
    first = held.with_columns(day=since).group_by("agent_id", "account_id").agg(nw.col("day").min())
    return _until(data, first.with_columns(accounts=ONE))


def _until(data: Data, rows: Frame) -> Frame:
    """What is dated after the day on which the data stand has not been done."""
    return rows.filter(nw.col("day") <= data.as_of)


_MAKERS: Mapping[tuple[str, ...], Callable[[Data], Frame]] = {
    ("call", "talk_seconds", "contact"): _calls,
    MESSAGES: _messages,
    ("visit",): _visits,
    ("recovery", "asset_recovered"): _recoveries,
    ("legal",): _filings,
    ("promise_kept",): _kept,
    ("collected",): _cash,
    ("assets_net",): _proceeds,
}
"""The function of each table, by the measures that it makes."""


# --- whose it is, and of which account ---------------------------------------------------------------------


def _with_team(data: Data, rows: pl.DataFrame) -> pl.DataFrame:
    """With the agent's team of the day; whoever did not work here that day is nobody."""
    posts = with_post(
        nw.from_native(rows, eager_only=True), data.teams, agent="agent_id", day="_since", columns=["team", "role"]
    ).to_polars()
    here = pl.col("role").is_not_null()
    return posts.with_columns(
        agent_id=pl.when(here).then("agent_id").otherwise(pl.lit("")),
        team=pl.when(here).then(pl.col("team").fill_null("")).otherwise(pl.lit("")),
    ).drop("role")


def _accounts_on(
    data: Data, rules: RecoveryRules, days: Sequence[date], snapshots: pl.DataFrame | None
) -> pl.DataFrame:
    """Every account on each of these days: product, creditor, and bucket and balance as the day begins."""
    accounts = _all_accounts(data, snapshots)
    pairs = accounts.join(pl.DataFrame({"_since": list(days)}), how="cross").with_columns(
        pl.col("product", "creditor").fill_null("")
    )
    if snapshots is None:
        return pairs.with_columns(bucket=pl.lit(""), balance=pl.lit(None, pl.Int64))
    found = latest_before(
        nw.from_native(pairs.with_row_index("_row"), eager_only=True),
        nw.from_native(snapshots, eager_only=True),
        key="account_id", day="_since", as_of="_from", row="_row",
    ).to_polars()  # fmt: skip
    bucket = pl.lit("")
    for name, start in zip(bucket_names(rules.buckets), rules.buckets, strict=True):
        bucket = pl.when(pl.col("days_past_due") >= start).then(pl.lit(name)).otherwise(bucket)
    return found.select("account_id", "_since", "product", "creditor", "balance", bucket=bucket)


def _all_accounts(data: Data, snapshots: pl.DataFrame | None) -> pl.DataFrame:
    """account_id, product and creditor of all that the data know, from the balances too."""
    nothing = pl.lit(None, pl.String)
    found = []
    if data.has("accounts", "account_id"):
        rows = eager(data.table("accounts", "account_id", product=nw.String, creditor=nw.String)).to_polars()
        found.append(rows.select(pl.all().cast(pl.String)))
    if snapshots is not None:
        found.append(snapshots.select("account_id", product=nothing, creditor=nothing))
    schema = dict.fromkeys(("account_id", "product", "creditor"), pl.String)
    both = pl.concat(found, how="vertical") if found else pl.DataFrame(schema=schema)
    return both.unique("account_id", keep="first", maintain_order=True)


def _snapshots(data: Data, period: Period) -> pl.DataFrame:
    """What was owed and how late it was, with `_from`, the first day on which it is so: a snapshot is of a day's end,
    but the first one of an account holds for its own day too. Those before the period are only the last ones."""
    table = data.table("balances", *SNAPSHOT)
    rows = table.filter(nw.col("as_of") <= period.last)
    inside = rows.filter(nw.col("as_of") >= period.first)
    earlier = rows.filter(nw.col("as_of") < period.first)
    last = earlier.group_by("account_id").agg(nw.col("as_of").max())
    first = rows.group_by("account_id").agg(_first=nw.col("as_of").min())
    opening = earlier.join(beside(earlier, last), on=["account_id", "as_of"], how="inner")
    columns = SNAPSHOT
    both = nw.concat([opening.select(*columns), inside.select(*columns)], how="vertical")
    told = eager(both.join(beside(both, first), on="account_id", how="inner")).to_polars()
    after = pl.col("as_of") + pl.duration(days=1)
    told = told.select(
        pl.col("account_id").cast(pl.String),
        pl.when(pl.col("as_of") == pl.col("_first")).then("as_of").otherwise(after).cast(pl.Date).alias("_from"),
        pl.col("balance").cast(pl.Int64).clip(0),
        pl.col("days_past_due").cast(pl.Int64),
    )
    return told.unique(["account_id", "_from"], keep="last", maintain_order=True)
