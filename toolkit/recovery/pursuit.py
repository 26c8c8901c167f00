"""What is worth pursuing: for each account past due the next step, at which rung to stop, and why.

The rule: of the rungs that may be taken (late enough, the one before tried often enough, no veto, a cost and a chance
that are known) and that pay, the one with the most expected net, with the lower bound of its chance deciding; of two
alike the cheaper. A rung pays if its expected net is above nothing, if with it no more is spent than `most_share` of
the balance, and if it was not tried in vain for so long that the chance is below the break-even. Work stops at the
first rung after it that does not pay. Where none pays the account is up for a write-off review; where nothing is known
it is not pursued on a guess, and not written off on one either.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property

import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.facts import MILLION
from toolkit.kpis.ledger import standing
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.recovery.cases import CASES, bucket_name
from toolkit.recovery.chances import Chances, chances
from toolkit.recovery.owing import currency_of, in_currency, needed, owing
from toolkit.recovery.taken import TABLE_OF, Prices, actions, prices_of
from toolkit.recovery.vetoes import vetoes_of
from toolkit.recovery.weighing import (
    CODE,
    MOST,
    WORDS,
    break_even,
    gain,
    in_minor_units,
    millionths,
    recoverable,
    with_rungs,
)
from toolkit.recovery_rules import RecoveryRules

WRITE_OFF, LEFT_ALONE, WAIT, UNKNOWN = "write_off_review", "left_alone", "wait", "not_known"
NEXT = (WRITE_OFF, LEFT_ALONE, WAIT, UNKNOWN)
"""What is next beside the rungs of the ladder: somebody decides whether to give the debt up; nobody may do anything; a
step that would pay may be taken later; nothing that can be weighed pays, and of the rest nothing is known."""
REASONS = ("pursue", "left_alone", "wait", "needs_tries", "cap", "unknown", "stopped", "never", "none_pays")
AT_ONCE = 250_000
"""Accounts weighed at once: a slice of what a million rungs need."""
CELL = ("decides", "share", "by_asset", "actions", "successes")
FIGURES = ("chance", "chance_low", "chance_high", "recoverable", "cost", "break_even", "expected_net", "net_low",
           "net_likely", "net_high")  # fmt: skip


@dataclass(frozen=True)
class Pursuit:
    """What is worth pursuing on a day.

    rows: one row for each account past due that owes something, by account_id: account_id, product, bucket,
      days_past_due, balance, spent (what its actions cost so far), failed (periods), kept (what stays here of each unit
      recovered, after the fee or as the fee), next (code of a rung, or one of `NEXT`), reason (one of `REASONS`), the
      chance of the next rung that decides with the ends of its interval, what it brings where it succeeds, its cost,
      its break-even, its expected net with the chance that decides, and with the low end, the rate and the high end of
      the interval; stop_at (the first rung that does not pay, after the next one; ""), review_on, and veto (the number
      of the rule that spares it something). Money in minor units, chances and kept in millionths; the figures are null
      where the next action is no rung.
      They are made a slice at a time (`slices`), so that of millions only those are in memory.
    costs: of each rung's next action, in minor units; None where nothing says it.
    weighed: the accounts with what they are weighed by, as `owing` gives them.
    """

    chances: Chances
    costs: tuple[int | None, ...]
    rules: RecoveryRules
    as_of: date
    digits: int
    currency: str
    problems: tuple[Problem, ...]
    weighed: pl.DataFrame

    @property
    def accounts(self) -> int:
        """How many accounts are past due: the control total of the list."""
        return self.weighed.height

    @property
    def balance(self) -> int:
        """What they owe together, in minor units: the control total of the list."""
        return int(self.weighed["balance"].sum())

    @cached_property
    def rows(self) -> pl.DataFrame:
        """All of them."""
        return pl.concat(self._anew(), how="vertical", rechunk=False)

    def slices(self) -> Iterator[pl.DataFrame]:
        """The rows, so many accounts at once that memory is flat; one slice at least, be it empty. A single one is
        weighed once and kept; more are weighed anew at each asking."""
        if self.accounts <= AT_ONCE:
            yield self.rows
        else:
            yield from self._anew()

    def _anew(self) -> Iterator[pl.DataFrame]:
        for start in range(0, max(self.accounts, 1), AT_ONCE):
            yield _listed(self.weighed.slice(start, AT_ONCE), self)


def pursue_list(
    data: Data,
    rules: RecoveryRules,
    as_of: date,
    costs: Mapping[str, Fraction | int] | None = None,
    cases: int = CASES,
) -> Pursuit:
    """What is worth pursuing on `as_of`, from all that the data know until then.

    costs: what an action of a channel (or of a rung, by its code) costs on average, in minor units; it counts where the
    rate card does not say it. cases: about how many actions chances are counted from.
    `ToolkitError` where there is no ladder, no balances, no payments, or more than one currency.
    """
    if not rules.rungs:
        raise ToolkitError([problem("PURSUE_NO_RUNGS")])
    dated = replace(data, as_of=as_of, _shared={})
    needed(dated)
    currency = currency_of(dated)
    known, found = in_currency(dated, currency)
    _some_payments(known)
    prices, about_prices = prices_of(known, costs, currency)
    chance = chances(known, rules, cases)
    vetoes = vetoes_of(known, rules)
    owed = owing(known, rules, prices, vetoes)
    each = _costs(prices, rules, chance, as_of)
    about_rungs = _of_rungs(known, rules, each, chance, owed.accounts["bucket_number"].unique())
    said = [*found, *about_prices, *about_rungs, *vetoes.problems, *owed.problems]
    if not owed.accounts.height:
        said.append(problem("PURSUE_NOTHING", as_of=as_of))
    return Pursuit(chance, each, rules, as_of, data.digits, currency, tuple(said), owed.accounts)


def _some_payments(data: Data) -> None:
    if not len(eager(standing(data, kinds=True).select("account_id").head(1))):
        kinds = ", ".join(data.definitions.collected_kinds)
        raise ToolkitError([problem("PURSUE_NO_PAYMENTS", kinds=kinds, as_of=data.as_of)])


def _costs(prices: Prices, rules: RecoveryRules, chance: Chances, as_of: date) -> tuple[int | None, ...]:
    each = [prices.next_cost(rung, as_of, *units) for rung, units in zip(rules.rungs, chance.units, strict=True)]
    return tuple(None if cost is None else min(cost, MOST // 2) for cost in each)


def _of_rungs(
    data: Data, rules: RecoveryRules, costs: Sequence[int | None], chance: Chances, buckets: pl.Series
) -> Iterator[Problem]:
    """What cannot be weighed, and why."""
    tables = actions(data, rules)
    if chance.one_in > 1:
        yield problem("PURSUE_SAMPLE", value=chance.one_in)
    for place, (rung, cost) in enumerate(zip(rules.rungs, costs, strict=True)):
        alike = [one.title for one in rules.rungs[:place] if (one.channel, one.roles) == (rung.channel, rung.roles)]
        if alike:
            yield problem("PURSUE_ALIKE", value=rung.code, title=rung.title, other=alike[0])
        if cost is None:
            yield problem("PURSUE_NO_COST", value=rung.code, title=rung.title, as_of=data.as_of)
        if rung.channel not in TABLE_OF:
            yield problem("PURSUE_CHANNEL", value=rung.code, title=rung.title, channel=rung.channel)
        elif TABLE_OF[rung.channel] not in tables:
            table = TABLE_OF[rung.channel]
            yield problem("PURSUE_NO_ACTIONS", value=rung.code, title=rung.title, table=table)
        else:
            yield from _few(rung.code, rung.title, rules, chance, buckets)


def _few(code: str, title: str, rules: RecoveryRules, chance: Chances, buckets: pl.Series) -> Iterator[Problem]:
    """Buckets that somebody is in, and of which too little is known."""
    unknown = (pl.col("rung") == code) & pl.col("decides").is_null()
    few = chance.table.filter(unknown & pl.col("bucket_number").is_in(buckets.to_list()))["bucket"].to_list()
    if few:
        yield problem("PURSUE_FEW", value=title or code, least=rules.least_cases, buckets=", ".join(few))


# --- weighing ----------------------------------------------------------------------------------------------


def with_ladder(pursuit: Pursuit, account_ids: Sequence[str] | None = None) -> pl.DataFrame:
    """The accounts (all, or these) with every rung beside each other, as `weighing.with_rungs` gives them."""
    asked = pursuit.weighed
    if account_ids is not None:
        asked = asked.filter(pl.col("account_id").is_in(list(account_ids)))
    return with_rungs(asked, _cells(pursuit.chances), pursuit.rules, pursuit.costs, pursuit.chances.collateral)


def each_rung(pursuit: Pursuit, account_ids: Sequence[str]) -> pl.DataFrame:
    """The whole ladder of some accounts: account_id, rung, word (one of `WORDS`), chance that decides, recoverable,
    cost, break_even and expected_net; null where it is not known."""
    rules, wide = pursuit.rules, with_ladder(pursuit, account_ids)
    fee = pl.col("fee")
    parts = [
        wide.select(
            "account_id",
            place=pl.lit(place, pl.Int64),
            rung=pl.lit(rung.code),
            word=pl.col(f"word_{place}").replace_strict(dict(enumerate(WORDS)), return_dtype=pl.String),
            chance=pl.col(f"decides_{place}"),
            recoverable=pl.col(f"amount_{place}"),
            cost=pl.lit(cost, pl.Int64),
            break_even=break_even(pl.col(f"amount_{place}"), fee, pl.lit(cost, pl.Int64)),
            expected_net=in_minor_units(pl.col(f"net_{place}")),
        )
        for place, (rung, cost) in enumerate(zip(rules.rungs, pursuit.costs, strict=True))
    ]
    return pl.concat(parts, how="vertical").sort("account_id", "place").drop("place")


def _cells(chance: Chances) -> pl.DataFrame:
    """The chances with one row a bucket and the figures of every rung beside each other."""
    names = {"actions": "cases", "successes": "paid"}
    wide = chance.table.select("bucket_number").unique().sort("bucket_number")
    for place in chance.table["place"].unique().sort().to_list():
        mine = chance.table.filter(pl.col("place") == place)
        figures = mine.select(
            "bucket_number", *[pl.col(name).alias(f"{names.get(name, name)}_{place}") for name in CELL]
        )
        wide = wide.join(figures, on="bucket_number", how="left")
    return wide


def _listed(accounts: pl.DataFrame, pursuit: Pursuit) -> pl.DataFrame:
    """A slice of the list."""
    chance, rules, costs = pursuit.chances, pursuit.rules, pursuit.costs
    places = range(len(rules.rungs))
    wide = with_rungs(accounts, _cells(chance), rules, costs, chance.collateral)
    paying = [pl.when(pl.col(f"word_{place}") == CODE["pursue"]).then(pl.col(f"net_{place}")) for place in places]
    best = wide.with_columns(best=pl.max_horizontal(paying)).with_columns(_next_place(rules))
    told = best.with_columns(reason=_reason(rules, costs), stop_place=_stop(rules))
    dated = told.with_columns(review_on=_review(rules, pursuit.as_of))
    valued = _valued(dated, chance, rules, costs)
    codes = {place: rung.code for place, rung in enumerate(rules.rungs)}
    names = {number: bucket_name(rules.buckets, number) for number in range(-1, len(rules.buckets))}
    return valued.select(
        "account_id",
        "product",
        pl.col("bucket_number").replace_strict(names, return_dtype=pl.String).alias("bucket"),
        "days_past_due",
        "balance",
        "spent",
        "failed",
        (MILLION - pl.col("fee")).alias("kept"),
        _next_name(rules).alias("next"),
        pl.col("reason").cast(pl.Enum(REASONS)),
        *FIGURES,
        pl.col("stop_place")
        .replace_strict(codes, default="", return_dtype=pl.Enum(["", *codes.values()]))
        .alias("stop_at"),
        "review_on",
        "veto",
    )


def _next_place(rules: RecoveryRules) -> pl.Expr:
    """The first rung with the best net of all that pay; null where none does."""
    found = pl.lit(None, pl.Int64)
    for place in reversed(range(len(rules.rungs))):
        is_best = (pl.col(f"word_{place}") == CODE["pursue"]) & (pl.col(f"net_{place}") == pl.col("best"))
        found = pl.when(is_best).then(pl.lit(place, pl.Int64)).otherwise(found)
    return found.alias("place")


def _any(rules: RecoveryRules, *words: str) -> pl.Expr:
    return pl.any_horizontal(
        [pl.col(f"word_{place}").is_in([CODE[word] for word in words]) for place in range(len(rules.rungs))]
    )


def _every(rules: RecoveryRules, *words: str) -> pl.Expr:
    return ~_any(rules, *(word for word in WORDS if word not in words))


def _reason(rules: RecoveryRules, costs: Sequence[int | None]) -> pl.Expr:
    """Why it is next. The limit of spending comes before what is not known: nothing may be spent there in any case."""
    return (
        pl.when(pl.col("place").is_not_null()).then(pl.lit("pursue"))
        .when(_every(rules, "vetoed")).then(pl.lit("left_alone"))
        .when(_any(rules, "too_early")).then(pl.lit("wait"))
        .when(_any(rules, "needs_tries")).then(pl.lit("needs_tries"))
        .when(_every(rules, "never", "nothing_owed", "vetoed")).then(pl.lit("never"))
        .when(_at_the_limit(rules, costs)).then(pl.lit("cap"))
        .when(_any(rules, "too_few", "no_cost")).then(pl.lit("unknown"))
        .when(_any(rules, "over_the_limit")).then(pl.lit("cap"))
        .when(_any(rules, "stopped")).then(pl.lit("stopped"))
        .otherwise(pl.lit("none_pays"))
    )  # fmt: skip


def _at_the_limit(rules: RecoveryRules, costs: Sequence[int | None]) -> pl.Expr:
    """Whether not even the cheapest step fits under the limit of spending."""
    known = [cost for cost in costs if cost is not None]
    if not known:
        return pl.lit(value=False)
    return (pl.col("spent") + min(known)) * MILLION > pl.col("balance") * millionths(rules.most_share)


def _stop(rules: RecoveryRules) -> pl.Expr:
    """The first rung after the next one (or of all) that does not pay."""
    ends = [CODE[word] for word in ("not_worth_it", "stopped", "over_the_limit", "never", "nothing_owed")]
    found = pl.lit(None, pl.Int64)
    after = pl.col("place").fill_null(-1)
    for place in reversed(range(len(rules.rungs))):
        stops = (after < place) & pl.col(f"word_{place}").is_in(ends)
        found = pl.when(stops).then(pl.lit(place, pl.Int64)).otherwise(found)
    return found


def _review(rules: RecoveryRules, as_of: date) -> pl.Expr:
    """When to look again at what is not pursued: as soon as a step that would pay may be taken, else after the days
    that the profile says."""
    days = [
        pl.when(pl.col(f"word_{place}") == CODE["too_early"]).then(rung.after_days - pl.col("days_past_due"))
        for place, rung in enumerate(rules.rungs)
    ]
    early = pl.lit(as_of) + pl.duration(days=pl.min_horizontal(days))
    later = pl.lit(as_of + timedelta(days=rules.review_after_days))
    reason = pl.col("reason")
    return pl.when(reason == "wait").then(early).when(reason != "pursue").then(later).cast(pl.Date)


def _next_name(rules: RecoveryRules) -> pl.Expr:
    codes = {place: rung.code for place, rung in enumerate(rules.rungs)}
    kind = pl.Enum([*codes.values(), *(name for name in NEXT if name not in codes.values())])
    others = {"left_alone": LEFT_ALONE, "wait": WAIT, "unknown": UNKNOWN}
    rung = pl.col("place").replace_strict(codes, default=None, return_dtype=kind)
    return rung.fill_null(pl.col("reason").replace_strict(others, default=WRITE_OFF, return_dtype=kind))


def _valued(rows: pl.DataFrame, chance: Chances, rules: RecoveryRules, costs: Sequence[int | None]) -> pl.DataFrame:
    """The figures of the next rung, for those that have one."""
    of = chance.table.select(
        "place", "bucket_number", "share", "by_asset", "chance_low", "chance_high", "decides", rate="chance"
    )
    priced = pl.DataFrame(
        {
            "place": range(len(costs)),
            "cost": list(costs),
            "has_asset": [rung.collateral for rung in rules.rungs],
        },
        schema={"place": pl.Int64, "cost": pl.Int64, "has_asset": pl.Boolean},
    )
    told = rows.join(of.join(priced, on="place"), on=["place", "bucket_number"], how="left", maintain_order="left")
    kind = pl.when(pl.col("has_asset")).then(pl.col("by_asset")).otherwise(0)
    amount = recoverable(pl.col("balance"), pl.col("share"), kind, pl.col("asset"))
    summed = told.with_columns(recoverable=pl.when(pl.col("cost").is_not_null()).then(amount))
    nets = {"expected_net": "decides", "net_low": "chance_low", "net_likely": "rate", "net_high": "chance_high"}
    brought, fee, cost = pl.col("recoverable"), pl.col("fee"), pl.col("cost")
    return summed.with_columns(
        break_even=break_even(brought, fee, cost),
        **{name: in_minor_units(gain(pl.col(of), brought, fee, cost)[0]) for name, of in nets.items()},
        chance=pl.col("decides"),
    )


# --- summary -----------------------------------------------------------------------------------------------


def pursue_summary(pursuit: Pursuit) -> pl.DataFrame:
    """By next action, in the order of the ladder: next, accounts, balance, cost, expected_net (with the chances that
    decide) and what it is with the low end, the rate and the high end of every interval. Minor units; accounts and
    balances add up to the list's. The ends are those of all chances being low, or high, together: a range within which
    the sum will hardly fail to lie, and no interval with a stated confidence.
    """
    sums = ("accounts", "balance", "cost", "expected_net", "net_low", "net_likely", "net_high")
    added = [pl.col(name).sum() for name in sums]
    counted = [rows.with_columns(accounts=pl.lit(1, pl.Int64)).group_by("next").agg(added) for rows in pursuit.slices()]
    return pl.concat(counted).group_by("next").agg(added).sort("next").select("next", *sums)
