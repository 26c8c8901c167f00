"""What actions bring: how many were followed by a payment, what is left of that without self-cures, and at what cost.

Which payment follows which action is said in `toolkit.recovery.followed`. Rates are of actions whose days are over; the
others wait. Actions on one account are not independent, so intervals are as wide as if each account were one case.
What an action adds is the share of actions followed by a payment, less the share of accounts left alone that paid in
the same days, until the next action took over (`toolkit.recovery.self_cure`), times the average money of an action that
was followed by any, less the fee; its marginal net is that less what one more action costs: what would not be spent
without it, as in the pursue list. Salaries and overhead are paid whether it is taken or not, so they are no reason to
leave it out; what one costs with its part of them stands beside it. These are estimates, rounded to the minor unit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from toolkit.kpis.costs import spent
from toolkit.kpis.data import Data, MissingError, eager
from toolkit.kpis.facts import yes
from toolkit.money import shared_out, to_minor
from toolkit.periods import Period
from toolkit.problems import said
from toolkit.recovery.followed import ATTEMPTS, NO_HOUR, attempt_band, followed, names_of
from toolkit.recovery.frames import shaped
from toolkit.recovery.intervals import difference, weighted, wilson_of
from toolkit.recovery.self_cure import ALONE_SCHEMA, basis_of, left_alone
from toolkit.recovery_rules import RecoveryRules
from toolkit.rows import Frame

ALL = "all"
HALF = 0.5
"""Of how many actions the self-cures have to be known for any to be taken off."""
NONE = "none"
KEYS = ("activity", "channel", "bucket", "attempt", "hour", "day", "before")
COUNTS = ("actions", "ripe", "paid", "payments", "amount")
FIRSTS = {"": "firsts", "bucket": "firsts_bucket", "attempt": "firsts_attempt", "hour": "firsts_hour"}
"""By what an activity is cut, and the column that counts an account once in each part: at its first action there."""
RATES = ("rate", "rate_low", "rate_high", "self_cure", "uplift", "uplift_low", "uplift_high")
EACH = ("amount_each", "cost_each", "net_each", "net_low", "net_high")
COMMON: dict[str, Any] = {
    **dict.fromkeys(("actions", "waiting", "accounts", "paid", "payments", "amount"), pl.Int64),
    **dict.fromkeys(RATES, pl.Float64),
    "basis": pl.String,
    "covered": pl.Float64,
    **dict.fromkeys(EACH, pl.Int64),
}
EFFECTS_SCHEMA: dict[str, Any] = {
    "activity": pl.String, "bucket": pl.String, **COMMON, "cost": pl.Int64, "loaded_each": pl.Int64, "place": pl.Int64,
    "verdict": pl.String, "in_words": pl.String,
}  # fmt: skip
ATTEMPTS_SCHEMA: dict[str, Any] = {
    "activity": pl.String, "attempt": pl.String, **COMMON, "verdict": pl.String, "in_words": pl.String,
}  # fmt: skip
HOURS_SCHEMA: dict[str, Any] = {"activity": pl.String, "hour": pl.Int64, **COMMON, "verdict": pl.String}


@dataclass(frozen=True)
class Done:
    """What was done in a period and what followed, added up.

    sums: activity, channel, bucket (number), attempt (its group), hour, day and before (as `followed` has them),
    actions, and of those that are ripe: ripe, paid, payments, amount, and accounts (`FIRSTS`). alone: `left_alone`.
    cost: of all the actions of an activity, in minor units, as far as it is known; loaded: with salaries and overhead.
    """

    sums: pl.DataFrame
    alone: pl.DataFrame
    cost: Mapping[str, int]
    rules: RecoveryRules
    digits: int
    loaded: Mapping[str, int] = field(default_factory=dict)


def work_done(
    data: Data,
    rules: RecoveryRules,
    period: Period,
    costs: pl.DataFrame | None = None,
    each: Mapping[str, Fraction | int] | None = None,
) -> Done:
    """The actions of a period with what followed them.

    each: what one more action of an activity (or channel) costs, in minor units; with it, costs are the fully loaded
    ones that stand beside it. costs: activity (or channel) and amount in minor units, for all its actions of the
    period; a channel's is shared out among its activities by their actions, to the cent. Absent: the costs of these
    channels that the data have, else by the rate card, else the cost of one that the ladder names. `MissingError` as
    for `followed`.
    """
    rows = followed(data, rules, period).with_columns(attempt=attempt_band(nw.col("attempt")))
    ripe = nw.col("ripe")
    counted = rows.with_columns(
        paid=nw.col("paid") * ripe, payments=nw.col("payments") * ripe, amount=nw.col("amount") * ripe
    )
    sums = eager(_summed(counted)).to_polars()
    whole = sums.with_columns(pl.col(*KEYS[2:], *COUNTS, *FIRSTS.values()).cast(pl.Int64))
    spans = whole.filter(pl.col("ripe") > 0).select("bucket", "day", "before").unique()
    try:
        alone = left_alone(data, rules, period, spans)
    except MissingError:  # without balances or accounts nobody knows who was left alone
        alone = pl.DataFrame(schema=ALONE_SCHEMA)
    spent = _costs(whole, costs if costs is not None else _known_costs(data, period), rules, data.digits)
    if each is None:
        return Done(whole, alone, spent, rules, data.digits)
    return Done(whole, alone, _of_one_more(whole, each, rules, data.digits), rules, data.digits, spent)


def _summed(rows: Frame) -> Frame:
    """Everything in one pass. An account's first action is over if any of its actions is."""
    one = nw.lit(1, nw.Int64)
    firsts = {
        name: yes(
            nw.col("actions").cum_sum().over("account_id", "activity", *[cut][: bool(cut)], order_by="number") == 1
        )
        * nw.col("ripe")
        for cut, name in FIRSTS.items()
    }
    named = rows.with_columns(actions=one)
    return named.with_columns(**firsts).group_by(*KEYS).agg(nw.col(*COUNTS, *FIRSTS.values()).sum())


# --- costs -------------------------------------------------------------------------------------------------


def _known_costs(data: Data, period: Period) -> pl.DataFrame:
    """Costs by channel of the period."""
    try:
        rows = eager(spent(data)).to_polars()
    except MissingError:
        return pl.DataFrame(schema={"activity": pl.String, "amount": pl.Int64})
    inside = rows.filter((pl.col("day") >= period.first) & (pl.col("day") <= period.last))
    return inside.group_by(pl.col("channel").alias("activity")).agg(pl.col("amount").cast(pl.Int64).sum())


def _costs(sums: pl.DataFrame, costs: pl.DataFrame, rules: RecoveryRules, digits: int) -> dict[str, int]:
    given: dict[str, int] = {}
    for name, amount in costs.select("activity", "amount").iter_rows():
        given[name] = given.get(name, 0) + int(amount)
    counts = sums.group_by("channel", "activity").agg(pl.col("actions").sum()).sort("channel", "activity").rows()
    found: dict[str, int] = {}
    for channel in sorted({of for of, _, _ in counts}):
        mine = [(activity, int(actions)) for of, activity, actions in counts if of == channel]
        own = [name for name, _ in mine if name in given and name != channel]
        rest = [(name, actions) for name, actions in mine if name not in own]
        found |= {name: given[name] for name in own}
        if channel in given and rest:
            everything = sum(actions for _, actions in rest)
            parts = shared_out(given[channel], [Fraction(given[channel] * actions, everything) for _, actions in rest])
            found |= {name: part for (name, _), part in zip(rest, parts, strict=True)}
        else:
            found |= dict(_by_ladder(rest, channel, rules, digits))
    return found


def _of_one_more(
    sums: pl.DataFrame, each: Mapping[str, Fraction | int], rules: RecoveryRules, digits: int
) -> dict[str, int]:
    """What the actions cost, where one of them costs so much; else as the ladder says."""
    counts = sums.group_by("channel", "activity").agg(pl.col("actions").sum()).sort("channel", "activity").rows()
    found: dict[str, int] = {}
    for channel, name, actions in counts:
        one = each.get(name, each.get(channel))
        if one is None:
            found |= dict(_by_ladder([(name, int(actions))], channel, rules, digits))
        else:
            found[name] = ceil(Fraction(one) * int(actions))
    return found


def _by_ladder(
    counts: Sequence[tuple[str, int]], channel: str, rules: RecoveryRules, digits: int
) -> Iterator[tuple[str, int]]:
    prices = {rung.code: rung.cost for rung in rules.rungs if rung.cost is not None and rung.channel == channel}
    for name, actions in counts:
        if name in prices:
            yield name, to_minor(Fraction(prices[name] or "0"), digits) * actions


# --- tables ------------------------------------------------------------------------------------------------


def effects(done: Done) -> pl.DataFrame:
    """One row for each activity (bucket `all`) and each activity in each bucket ("" where the bucket is not known).

    actions and waiting (of them, those whose days are not over: not judged); accounts touched; paid (actions followed
    by a payment), payments, amount (minor units); rate of the ripe actions with its interval; self_cure: what accounts
    left alone do, weighted by the buckets of the actions, and basis, who these are; covered: the share of actions in
    buckets of which enough accounts were left alone; uplift: the rate of these actions less self_cure, with its
    interval (under half of them: nothing is taken off); cost of all actions, of what one more costs; amount_each,
    cost_each, net_each (marginal net) and its interval, for one action in minor units; loaded_each: what one costs
    with its part of salaries and overhead, null where nobody asked. place: 1 for the activity with the greatest
    marginal net.
    verdict: best; alike (no difference to the best that chance does not explain); worse; too_few; no_cost.
    """
    whole = _figures(done, ("activity",)).with_columns(bucket=pl.lit(ALL))
    parts = _figures(done, ("activity", "bucket"))
    names = pl.Series("bucket", names_of(parts["bucket"].to_list(), done.rules), dtype=pl.String)
    apart = parts.with_columns(names, place=pl.lit(None, pl.Int64), verdict=pl.lit(""), in_words=pl.lit(""))
    ranked = _ranked(whole, done)
    both = pl.concat([ranked, apart], how="diagonal_relaxed")
    return shaped(both, EFFECTS_SCHEMA)


def attempts(done: Done) -> pl.DataFrame:
    """Diminishing returns: one row for each activity and group of attempts since the account's last payment.

    Attempts count every action on the account, whatever its kind. verdict: pays, pays_not (the next attempt costs more
    than it adds), too_few, no_cost. in_words: on the first row of an activity, from which attempt on it does not pay.
    """
    rows = _figures(done, ("activity", "attempt")).sort("activity", "attempt")
    judged = rows.with_columns(verdict=_pays(rows, done.rules))
    said_of: dict[str, str] = {}
    for (activity,), part in judged.group_by("activity", maintain_order=True):
        said_of[str(activity)] = _until_when(str(activity), part)
    first = pl.col("attempt") == pl.col("attempt").min().over("activity")
    words = pl.col("activity").replace_strict(said_of, default="", return_dtype=pl.String)
    labels = [ATTEMPTS[number][1] for number in judged["attempt"].to_list()]
    told = judged.with_columns(in_words=pl.when(first).then(words).otherwise(pl.lit("")))
    return shaped(told.with_columns(attempt=pl.Series(labels, dtype=pl.String)), ATTEMPTS_SCHEMA)


def stops_paying(table: pl.DataFrame) -> dict[str, str | None]:
    """Of each activity in `attempts`, the attempt from which on it does not pay: neither that one nor any later one
    that can be judged. None where the last one that can be judged still pays, or none can be."""
    found: dict[str, str | None] = {}
    for (activity,), part in table.group_by("activity", maintain_order=True):
        found[str(activity)] = _stop(part["attempt"].to_list(), part["verdict"].to_list())
    return found


def hours(done: Done) -> pl.DataFrame:
    """One row for each activity and hour of the day, on the clock of the data; actions of known hours only."""
    rows = _figures(done, ("activity", "hour")).filter(pl.col("hour") != NO_HOUR).sort("activity", "hour")
    return shaped(rows.with_columns(verdict=_pays(rows, done.rules)), HOURS_SCHEMA)


# --- figures -----------------------------------------------------------------------------------------------


def _figures(done: Done, by: tuple[str, ...]) -> pl.DataFrame:
    """The sums by these columns with rates, uplift and money for one action."""
    accounts = pl.col(FIRSTS["".join(by[1:])]).sum().alias("accounts")
    table = done.sums.group_by(by).agg(pl.col(*COUNTS).sum(), accounts).sort(by)
    table = table.with_columns(waiting=pl.col("actions") - pl.col("ripe"))
    table = _with_rates(table, done, by)
    return _with_money(table, done)


def _with_rates(table: pl.DataFrame, done: Done, by: tuple[str, ...]) -> pl.DataFrame:
    level = float(done.rules.confidence)
    ripe, paid, cases = (table[name].to_numpy().astype(float) for name in ("ripe", "paid", "accounts"))
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(ripe > 0, paid / ripe, np.nan)
    rates = wilson_of(np.where(ripe > 0, shares * cases, 0), cases, level)
    base, (some, some_paid) = _baselines(table, done, by), _covered(table, done, by)
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.where(ripe > 0, some / ripe, 0.0)
        part = np.where(some > 0, some_paid / some, np.nan)
    known = ~np.isnan(base[0]) & (covered >= HALF)
    like = wilson_of(np.where(known, part, 0) * cases * covered, cases * covered, level)
    base = [np.where(known, side, np.nan) for side in base]
    held = [np.where(known, one, other) for one, other in zip(like, rates, strict=True)]
    gap = difference(held, [np.where(known, side, 0.0) for side in base])
    columns = dict(zip(RATES, (*rates, base[0], *gap), strict=True))
    words = [basis_of(done.rules) if one else NONE for one in known]
    series = [pl.Series(name, values, dtype=pl.Float64).fill_nan(None) for name, values in columns.items()]
    share = pl.Series("covered", np.where(known, covered, 0.0), dtype=pl.Float64)
    return table.with_columns(*series, share, basis=pl.Series(words, dtype=pl.String))


def _covered(table: pl.DataFrame, done: Done, by: tuple[str, ...]) -> list[Any]:
    """Of each row, the ripe actions in buckets of which enough accounts were left alone, and those of them followed by
    a payment."""
    sums = done.sums.join(_enough_alone(done).select("bucket").unique(), on="bucket", how="semi")
    parts = sums.group_by(by).agg(pl.col("ripe", "paid").sum())
    joined = table.select(by).join(parts, on=by, how="left", maintain_order="left").fill_null(0)
    return [joined[name].to_numpy().astype(float) for name in ("ripe", "paid")]


def _enough_alone(done: Done) -> pl.DataFrame:
    return done.alone.filter(pl.col("alone") >= done.rules.least_cases)


def _baselines(table: pl.DataFrame, done: Done, by: tuple[str, ...]) -> list[Any]:
    """Of each row, the rate of those left alone, weighted by the buckets of its ripe actions, with its interval; NaN
    where no bucket of them has enough accounts left alone. Buckets that have not are left out."""
    level, span = float(done.rules.confidence), ["bucket", "day", "before"]
    keys = list(dict.fromkeys((*by, "bucket")))
    mix = done.sums.group_by(list(dict.fromkeys((*by, *span)))).agg(pl.col("ripe").sum()).filter(pl.col("ripe") > 0)
    known = mix.join(_enough_alone(done), on=span, how="inner")
    hits = (pl.col("ripe") * pl.col("alone_paid")).sum() / pl.col("ripe").sum()
    parts = known.group_by(keys).agg(
        pl.col("ripe").sum(), pl.col("alone").min(), hits=hits
    ).sort(keys)  # fmt: skip
    n, k = (parts[name].cast(pl.Float64).to_numpy() for name in ("alone", "hits"))
    rates = np.column_stack(wilson_of(k, n, level))
    found: dict[Any, list[int]] = {}
    for place, key in enumerate(parts.select(by).iter_rows()):
        found.setdefault(key, []).append(place)
    counts = parts["ripe"].to_numpy().astype(float)
    mixed = [
        _mixed(counts[places], rates[places]) for places in (found.get(key, []) for key in table.select(by).iter_rows())
    ]
    return [np.array([one[side] for one in mixed], float) for side in range(3)]


def _mixed(counts: Any, rates: Any) -> tuple[float, float, float]:
    if not len(counts) or np.isnan(rates).any():
        return float("nan"), float("nan"), float("nan")
    return weighted(counts / counts.sum(), rates[:, 0], rates[:, 1], rates[:, 2])


def _with_money(table: pl.DataFrame, done: Done) -> pl.DataFrame:
    """Money for one action. What a payment is worth is what the row's own payments were on average; where it has none,
    those of the activity, else of all."""
    totals = done.sums.group_by("activity").agg(pl.col("actions", "paid", "amount").sum()).rename(
        {"actions": "_actions", "paid": "_paid", "amount": "_amount"}
    )  # fmt: skip
    everything = done.sums.select(pl.col("paid", "amount").sum()).row(0)
    average = everything[1] / everything[0] if everything[0] else 0.0
    kept = 1 - float(done.rules.given_away)
    cost = pl.col("activity").replace_strict(dict(done.cost), default=None, return_dtype=pl.Int64)
    worth = (
        pl.when(pl.col("paid") > 0).then(pl.col("amount") / pl.col("paid"))
        .when(pl.col("_paid") > 0).then(pl.col("_amount") / pl.col("_paid")).otherwise(average)
    ) * kept  # fmt: skip
    joined = table.join(totals, on="activity", how="left", maintain_order="left").with_columns(cost=cost, _worth=worth)
    each = pl.col("cost") / pl.col("_actions")
    loaded = pl.col("activity").replace_strict(dict(done.loaded), default=None, return_dtype=pl.Int64)
    told = joined.with_columns(
        amount_each=_minor(pl.when(pl.col("ripe") > 0).then(pl.col("amount") / pl.col("ripe"))),
        cost_each=_minor(each),
        loaded_each=_minor(loaded / pl.col("_actions")),
        _net=pl.col("uplift") * pl.col("_worth") - each,
        _net_low=pl.col("uplift_low") * pl.col("_worth") - each,
        _net_high=pl.col("uplift_high") * pl.col("_worth") - each,
    )
    return told.with_columns(net_each=_minor("_net"), net_low=_minor("_net_low"), net_high=_minor("_net_high"))


def _minor(value: pl.Expr | str) -> pl.Expr:
    """An estimate, to the nearest minor unit."""
    return ((pl.col(value) if isinstance(value, str) else value) + 0.5).floor().cast(pl.Int64)


# --- verdicts ----------------------------------------------------------------------------------------------


def _enough(rules: RecoveryRules) -> pl.Expr:
    return pl.col("accounts") >= rules.least_cases


def _ranked(table: pl.DataFrame, done: Done) -> pl.DataFrame:
    """Alternatives by marginal net; the ones that cannot be ranked after them."""
    ranks = _enough(done.rules) & pl.col("_net").is_not_null()
    rows = table.with_columns(_ranks=ranks).sort(
        "_ranks", "_net", "activity", descending=[True, True, False], nulls_last=True
    )
    able = int(rows["_ranks"].sum())
    places = [number + 1 if number < able else None for number in range(rows.height)]
    words = [
        _verdict(place, row, rows.row(0, named=True))
        for place, row in zip(places, rows.iter_rows(named=True), strict=True)
    ]
    sentences = [
        _sentence(word, row, rows.row(0, named=True), done)
        for word, row in zip(words, rows.iter_rows(named=True), strict=True)
    ]
    return rows.with_columns(
        place=pl.Series(places, dtype=pl.Int64),
        verdict=pl.Series(words, dtype=pl.String),
        in_words=pl.Series(sentences, dtype=pl.String),
    )


def _verdict(place: int | None, row: Mapping[str, Any], best: Mapping[str, Any]) -> str:
    if place is None:
        return "no_cost" if row["cost"] is None else "too_few"
    if place == 1:
        return "best"
    one, other = ([np.array([side[name]]) for name in ("_net", "_net_low", "_net_high")] for side in (best, row))
    return "worse" if float(difference(one, other)[1][0]) > 0 else "alike"


def _sentence(word: str, row: Mapping[str, Any], best: Mapping[str, Any], done: Done) -> str:
    from toolkit.money import worded

    money = {name: "–" if row[name] is None else worded(row[name], done.digits) for name in EACH}
    rate = "–" if row["rate"] is None else f"{100 * row['rate']:.1f}"
    fields = {"activity": row["activity"], "best": best["activity"], "rate": rate, "least": done.rules.least_cases}
    basis = said(
        f"EFFECT_BASIS_{row['basis'].upper()}", days=done.rules.paid_within_days, covered=f"{100 * row['covered']:.0f}"
    )
    return f"{said(f'EFFECT_{word.upper()}', **fields, **money, accounts=row['accounts'])} {basis}"


def _pays(rows: pl.DataFrame, rules: RecoveryRules) -> pl.Series:
    word = (
        pl.when(~_enough(rules) | pl.col("uplift").is_null()).then(pl.lit("too_few"))
        .when(pl.col("_net").is_null()).then(pl.lit("no_cost"))
        .when(pl.col("_net") > 0).then(pl.lit("pays")).otherwise(pl.lit("pays_not"))
    )  # fmt: skip
    return rows.select(verdict=word)["verdict"]


def _stop(labels: Sequence[Any], verdicts: Sequence[str]) -> Any:
    judged = [(label, word) for label, word in zip(labels, verdicts, strict=True) if word in ("pays", "pays_not")]
    stop = None
    for label, word in reversed(judged):
        if word == "pays":
            break
        stop = label
    return stop


def _until_when(activity: str, part: pl.DataFrame) -> str:
    verdicts = part["verdict"].to_list()
    if not {"pays", "pays_not"} & set(verdicts):
        return said("ATTEMPTS_UNKNOWN", activity=activity)
    stop = _stop(part["attempt"].to_list(), verdicts)
    if stop is None:
        return said("ATTEMPTS_STILL_PAY", activity=activity)
    return said("ATTEMPTS_STOP", activity=activity, attempt=ATTEMPTS[stop][0])
