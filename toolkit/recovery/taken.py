"""What was done about each account, told apart by the rungs of the ladder, and what it cost.

Time is cut into periods of `paid_within_days`, counted back from the last day of the data: period 0 are the last days,
whose time to pay is not over yet. Everything here stays with its engine; only what is small is brought into memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

import narwhals as nw

from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import yes
from toolkit.problems import Problem, problem
from toolkit.recovery_rules import RecoveryRules, Rung
from toolkit.rows import Frame
from toolkit.teams import Post

MESSAGES = ("sms", "email", "whatsapp")
TABLE_OF: Mapping[str, str] = {
    "call": "calls",
    **dict.fromkeys(MESSAGES, "messages"),
    "visit": "visits",
    "recovery": "recoveries",
    "legal": "cases",
}
"""In which table the actions of a channel stand."""
UNITS: Mapping[str, tuple[str, ...]] = {
    "call": ("call", "minute"),
    **dict.fromkeys(MESSAGES, ("message",)),
    "visit": ("visit",),
    "recovery": ("recovery",),
    "legal": ("filing",),
}
"""What the rate card may charge for a channel's actions, as far as the tables know how much of it there was."""
MINUTE = 60
NO_RUNG = -1
"""The place of actions that no rung of the ladder stands for."""
NO_DAY = nw.lit(None, nw.Date)
ACT = ("account_id", "agent_id", "id", "at", "day", "channel", "seconds", "got")


def actions(data: Data, rules: RecoveryRules) -> dict[str, Frame]:
    """By table, each action once, with the columns of `acts` and rung (its place in the ladder, -1: none).

    A rung that names roles takes the actions of whoever held one of them that day, before a rung without roles; of two
    rungs alike the first one does.
    """
    found = {}
    for table, rows in acts(data).items():
        known = rows.filter(~nw.col("account_id").is_null() & (nw.col("day") <= data.as_of))
        found[table] = known.with_columns(rung=_place(data, rules, table))
    return found


def acts(data: Data) -> dict[str, Frame]:
    """The tables of actions that are there, each with account_id, agent_id, id, at, day, channel, seconds (talked) and
    got, the day on which the asset came in. An asset's recovery begins with its order, so that what was ordered in
    vain counts too; where the data know no orders, on the day on which it came in."""
    found: dict[str, Frame] = {}
    nobody, silent, text = nw.lit(None, nw.String), nw.lit(0, nw.Int64), nw.String
    if data.has("calls", "account_id", "started_at"):
        texts = dict.fromkeys(("agent_id", "call_id", "direction"), text)
        rows = data.table("calls", "account_id", "started_at", **texts, talk_seconds=nw.Int64)
        made, at = nw.col("direction").is_null() | (nw.col("direction") == "out"), nw.col("started_at")
        found["calls"] = rows.filter(made & ~at.is_null()).with_columns(
            at=at, day=at.dt.date(), channel=nw.lit("call"), got=NO_DAY, id=nw.col("call_id"),
            seconds=nw.col("talk_seconds").fill_null(0).cast(nw.Int64),
        )  # fmt: skip
    if data.has("messages", "account_id", "sent_at"):
        rows = data.table("messages", "account_id", "sent_at", agent_id=text, channel=text, message_id=text)
        found["messages"] = rows.with_columns(
            at=nw.col("sent_at"), day=nw.col("sent_at").dt.date(), channel=nw.col("channel").fill_null(MESSAGES[0]),
            got=NO_DAY, id=nw.col("message_id"),
        )  # fmt: skip
    if data.has("visits", "account_id", "visited_at"):
        rows = data.table("visits", "account_id", "visited_at", agent_id=text, visit_id=text)
        at = nw.col("visited_at")
        found["visits"] = rows.filter(~at.is_null()).with_columns(
            at=at, day=at.dt.date(), channel=nw.lit("visit"), got=NO_DAY, id=nw.col("visit_id")
        )
    begun = next((name for name in ("ordered_on", "recovered_on") if data.has("recoveries", "account_id", name)), "")
    if begun:
        found["recoveries"] = _recoveries(data, begun)
    if data.has("cases", "account_id", "kind", "opened_on"):
        rows = data.table("cases", "account_id", "kind", "opened_on", case_id=text).filter(nw.col("kind") == "legal")
        day = nw.col("opened_on")
        found["cases"] = rows.filter(~day.is_null()).with_columns(
            at=day, day=day, agent_id=nobody, channel=nw.lit("legal"), got=NO_DAY, id=nw.col("case_id")
        )
    return {
        name: (rows if name == "calls" else rows.with_columns(seconds=silent)).select(*ACT)
        for name, rows in found.items()
    }


def _recoveries(data: Data, begun: str) -> Frame:
    texts = dict.fromkeys(("agent_id", "outcome", "recovery_id"), nw.String)
    rows = data.table("recoveries", "account_id", begun, **texts, recovered_on=nw.Date)
    came = nw.when((nw.col("outcome") != "stayed") | nw.col("outcome").is_null()).then(nw.col("recovered_on"))
    day = nw.col(begun)
    return rows.filter(~day.is_null()).with_columns(
        at=day, day=day, channel=nw.lit("recovery"), got=came, id=nw.col("recovery_id")
    )


def _place(data: Data, rules: RecoveryRules, table: str) -> nw.Expr:
    """The place in the ladder of a table's rows."""
    mine = [(place, rung) for place, rung in enumerate(rules.rungs) if TABLE_OF.get(rung.channel) == table]
    place_of = nw.lit(NO_RUNG, nw.Int64)
    for place, rung in sorted(mine, key=lambda each: (bool(each[1].roles), -each[0])):
        fits = nw.col("channel") == rung.channel
        if rung.roles:
            fits = fits & _held(data, rung.roles)
        place_of = nw.when(fits.fill_null(False)).then(nw.lit(place, nw.Int64)).otherwise(place_of)
    return place_of


def _held(data: Data, roles: Sequence[str]) -> nw.Expr:
    """Whether the agent held one of the roles on the day; without a join, as there are few agents and many rows."""
    always = [agent for agent, posts in data.teams.posts.items() if len(posts) == 1 and posts[0].role in roles]
    held = nw.col("agent_id").is_in(always)
    moved = [post for posts in data.teams.posts.values() if len(posts) > 1 for post in posts if post.role in roles]
    for post in moved:
        held = held | _in_post(post)
    return held


def _in_post(post: Post) -> nw.Expr:
    return (nw.col("agent_id") == post.agent_id) & (nw.col("day") >= post.first) & (nw.col("day") <= post.last)


def days_from_origin(day: nw.Expr) -> nw.Expr:
    """The number of a day, as `date.toordinal` has it: engines take dates from each other in ways of their own."""
    before = day.dt.year().cast(nw.Int64) - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + day.dt.ordinal_day().cast(nw.Int64)


def with_period(rows: Frame, as_of: date, days: int) -> Frame:
    """Adds `period`: how many periods of so many days lie between `day` and the last one: 0 for the last days."""
    if rows.implementation.is_duckdb():  # which takes dates from each other as whole days, and numbers them slowly
        before = (nw.lit(as_of, nw.Date) - nw.col("day")).cast(nw.Int64)
    else:
        before = nw.lit(as_of.toordinal(), nw.Int64) - days_from_origin(nw.col("day"))
    return rows.with_columns(period=before // days)


# --- prices ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rate:
    """What one unit of a channel costs from a day on, in minor units."""

    channel: str
    unit: str
    first: date
    cost: int


@dataclass(frozen=True)
class Prices:
    """What actions cost: by the rate card, else what they cost on average (`means`, by rung or channel), else what the
    rung says; minor units."""

    rates: tuple[Rate, ...]
    means: Mapping[str, int]
    digits: int

    def units_of(self, channel: str, rung: Rung | None, day: date) -> dict[str, int]:
        """What each unit that the rate card charges costs on that day."""
        units = (rung.unit,) if rung and rung.unit else UNITS.get(channel, ())
        dated = sorted((rate for rate in self.rates if rate.channel == channel), key=lambda rate: rate.first)
        return {rate.unit: rate.cost for rate in dated if rate.unit in units and rate.first <= day}

    def fallback(self, channel: str, rung: Rung | None) -> int | None:
        """What one action costs where the rate card does not say; None where nothing says it."""
        for name in (rung.code if rung else "", channel):
            if name in self.means:
                return self.means[name]
        return None if rung is None or rung.cost is None else ceil(Fraction(rung.cost) * 10**self.digits)

    def knows(self, rung: Rung, day: date) -> bool:
        """Whether an action of the rung has a cost that day."""
        return bool(self.priced(rung, day)) or self.fallback(rung.channel, rung) is not None

    def priced(self, rung: Rung, day: date) -> dict[str, int]:
        """Of the units charged, those whose number the tables know: kilometres they do not."""
        charged = self.units_of(rung.channel, rung, day)
        return {unit: cost for unit, cost in charged.items() if unit in UNITS.get(rung.channel, ())}

    def next_cost(self, rung: Rung, day: date, calls: Fraction, seconds: Fraction) -> int | None:
        """What the rung's next action costs, rounded up. calls, seconds: how much of it an action has on average."""
        charged = self.priced(rung, day)
        if not charged:
            return self.fallback(rung.channel, rung)
        often = {unit: seconds / MINUTE if unit == "minute" else calls for unit in charged}
        return ceil(sum((cost * often[unit] for unit, cost in charged.items()), Fraction(0)))


def prices_of(data: Data, means: Mapping[str, Fraction | int] | None, currency: str) -> tuple[Prices, list[Problem]]:
    """The rate card in the accounts' currency, and what actions cost on average; lines in another are named."""
    whole = {name: ceil(mean) for name, mean in (means or {}).items()}
    if not data.has("rate_card"):
        return Prices((), whole, data.digits), []
    card = eager(data.table("rate_card", "channel", "unit", "cost", "from", currency=nw.String)).to_polars()
    rows = list(card.iter_rows(named=True))
    others = {row["currency"] for row in rows if currency and row["currency"] and row["currency"] != currency}
    rates = [
        Rate(row["channel"], row["unit"], row["from"], int(row["cost"]))
        for row in rows
        if row["currency"] not in others and row["cost"] is not None and row["cost"] >= 0
    ]
    below = sum(row["cost"] is not None and row["cost"] < 0 for row in rows)
    found = [problem("PURSUE_RATE_CURRENCY", value=other, currency=currency) for other in sorted(others)]
    if below:
        found.append(problem("PURSUE_RATE_BELOW", value=below))
    return Prices(tuple(rates), whole, data.digits), found


def cost_in_sixtieths(prices: Prices, rules: RecoveryRules, table: str) -> nw.Expr:
    """What each row of `actions` cost, in sixtieths of a minor unit, so that minutes are exact to the second."""
    cost = nw.lit(0, nw.Int64)
    for channel in [name for name, of in TABLE_OF.items() if of == table]:
        here = nw.col("channel") == channel
        mine = [(place, rung) for place, rung in enumerate(rules.rungs) if rung.channel == channel]
        each: list[tuple[int, Rung | None]] = [(NO_RUNG, None), *mine]
        for place, rung in each:
            fits = here & (nw.col("rung") == place)
            cost = nw.when(fits).then(_priced(prices, channel, rung)).otherwise(cost)
    return cost


def _priced(prices: Prices, channel: str, rung: Rung | None) -> nw.Expr:
    """The cost of one row of a channel, by its day."""
    flat = prices.fallback(channel, rung) or 0
    cost = nw.lit(flat * MINUTE, nw.Int64)
    for first in sorted({rate.first for rate in prices.rates if rate.channel == channel}):
        charged = prices.units_of(channel, rung, first)
        known = {unit: price for unit, price in charged.items() if unit in UNITS.get(channel, ())}
        if not known:
            continue
        pieces = sum(price for unit, price in known.items() if unit != "minute") * MINUTE
        of_day = nw.lit(pieces, nw.Int64) + nw.col("seconds") * known.get("minute", 0)
        cost = nw.when(nw.col("day") >= first).then(of_day).otherwise(cost)
    return cost


# --- what each account has had ------------------------------------------------------------------------------


def tries_name(place: int) -> str:
    """The column that counts an account's actions of a rung."""
    return f"tries_{place}"


def had(data: Data, rules: RecoveryRules, prices: Prices, paid: Frame) -> Frame | None:
    """By account: spent_60 (all that its actions cost, in sixtieths of a minor unit), failed (periods without a payment
    in which it was worked, since the last period with one, whose time to pay is over) and `tries_*` (actions of each
    rung since that period). None where the data have no actions.

    paid: account_id and paid_period, the last one with a payment.
    """
    found = [_by_period(rows, table, data, rules, prices) for table, rows in actions(data, rules).items()]
    if not found:
        return None
    sums = ["spent_60", *(tries_name(place) for place in range(len(rules.rungs)))]
    both = found[0]
    if len(found) > 1:
        both = _added_up(nw.concat(found, how="vertical"), ["account_id", "period"], sums)
    since = nw.col("paid_period").is_null() | (nw.col("period") < nw.col("paid_period"))
    tries = {name: nw.when(since).then(nw.col(name)).otherwise(nw.lit(0, nw.Int64)) for name in sums[1:]}
    told = both.join(paid, on="account_id", how="left").with_columns(
        failed=yes(since & (nw.col("period") >= 1)), **tries
    )
    return _added_up(told, ["account_id"], [*sums, "failed"])


def _added_up(rows: Frame, by: Sequence[str], sums: Sequence[str]) -> Frame:
    added = rows.group_by(*by).agg(*[nw.col(name).sum() for name in sums])
    return added.with_columns(*[nw.col(name).cast(nw.Int64) for name in sums])


def _by_period(rows: Frame, table: str, data: Data, rules: RecoveryRules, prices: Prices) -> Frame:
    mine = {place for place, rung in enumerate(rules.rungs) if TABLE_OF.get(rung.channel) == table}
    named = with_period(rows, data.as_of, rules.paid_within_days).select(
        "account_id",
        "period",
        spent_60=cost_in_sixtieths(prices, rules, table),
        **{tries_name(place): yes(nw.col("rung") == place) for place in mine},
    )
    sums = ["spent_60", *(tries_name(place) for place in sorted(mine))]
    summed = _added_up(named, ["account_id", "period"], sums)
    none = nw.lit(0, nw.Int64)
    every = {
        tries_name(place): nw.col(tries_name(place)) if place in mine else none for place in range(len(rules.rungs))
    }
    return summed.select("account_id", "period", "spent_60", **every)
