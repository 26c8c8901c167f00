"""What collecting cost, held against what it brought: by everybody, channel, agent, team, bucket, product and creditor.

There is no agreed numerator or denominator of the cost of recovery, so both stand in every row with the definition in
words. All are exact (`Fraction`) and rounded once, where they are shown. Every figure is a flow of the period; nothing
of it is a balance. A ratio without anything recovered is "no base", neither nothing nor infinity.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Literal

import polars as pl

from toolkit.definitions import Definitions, words_of
from toolkit.kpis.data import Data
from toolkit.money import decimal_text
from toolkit.recovery.costs import Costs
from toolkit.recovery.work import ACTIONS, MESSAGES, action_of, bucket_names
from toolkit.recovery_rules import RecoveryRules

ScopeKind = Literal["all", "channel", "agent", "team", "bucket", "product", "creditor"]
SCOPE_COLUMNS: Mapping[ScopeKind, str] = {
    "agent": "agent_id", "team": "team", "bucket": "bucket", "product": "product", "creditor": "creditor"
}  # fmt: skip
NO_BASE, NO_COSTS = "no base", "no costs"
UNKNOWN: Mapping[str, str] = {"agent": "(nobody)", "team": "(nobody)"}
NOT_KNOWN = "(not known)"
PER_ACTION: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "call": (("call",), ("call",)),
    "contact": (("call",), ("contact",)),
    "promise_kept": (("call",), ("promise_kept",)),
    "message": (MESSAGES, MESSAGES),
    "visit": (("visit",), ("visit",)),
    "asset_recovered": (("recovery",), ("asset_recovered",)),
    "filing": (("legal",), ("legal",)),
}
"""Of each figure, the actions whose costs are above the line, and what is counted below it."""
COUNTED_ACTIONS = ("call", "message", "visit", "filing")
SHOWN = (*ACTIONS, "contact", "promise_kept", "asset_recovered", "collected", "assets_net")
VALUE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of one scope. numerator and denominator: exact, money in minor units; a plain sum has no denominator.

    money: whether the denominator is money too, so that the figure has no unit. times: 100 for a percentage.
    """

    scope_kind: ScopeKind
    scope: str
    measure: str
    numerator: Fraction
    denominator: int | None = None
    money: bool = False
    times: int = 1
    note: str = ""

    @property
    def value(self) -> Fraction | None:
        """The figure, in minor units where it is money; None where it has no base."""
        if self.note:
            return None
        return self.numerator if self.denominator is None else self.numerator * self.times / self.denominator


@dataclass(frozen=True)
class Sums:
    """What one scope spent, by the channel's own action ("" where it has none), the action that carries it and kind,
    and what it did."""

    spent: Mapping[tuple[str, str, str], int]
    done: Mapping[str, int]

    def cost(self, *, direct: bool = False) -> int:
        """What was spent, direct cost only or all."""
        return sum(amount for (_, _, kind), amount in self.spent.items() if kind == "direct" or not direct)

    def of_actions(self, actions: Sequence[str], *, direct: bool) -> int:
        """What these actions cost: the direct cost of their own channels, or all that they carry."""
        return sum(
            amount
            for (own, carries, kind), amount in self.spent.items()
            if (own in actions and kind == "direct" if direct else carries in actions)
        )

    def count(self, measures: Iterable[str]) -> int:
        """How much of these was done."""
        return sum(self.done.get(measure, 0) for measure in measures)


def recovery_ratios(costs: Costs, rules: RecoveryRules) -> list[Ratio]:
    """Every figure of every scope, in the order in which they are printed."""
    whole = _sums(costs, None)[""]
    no_costs = costs.ledger.spent.is_empty()
    shown = [
        name
        for name, (actions, counted) in PER_ACTION.items()
        if whole.of_actions(actions, direct=False) or (no_costs and whole.count(counted))
    ]
    found = list(_figures("all", "", whole, shown, no_costs=no_costs))
    found += _of_channels(costs, whole, no_costs=no_costs)
    for kind, column in SCOPE_COLUMNS.items():
        for scope, sums in _in_order(kind, _sums(costs, column), rules):
            found += _figures(kind, scope or UNKNOWN.get(kind, NOT_KNOWN), sums, shown, no_costs=no_costs)
    return found


def uncosted(costs: Costs) -> dict[str, int]:
    """Actions that were taken and that no cost is known of, though there are costs: how many by name. They have no
    figure: what one costs is not known, which is not the same as nothing."""
    whole = _sums(costs, None)[""]
    known = [name for name, (actions, _) in PER_ACTION.items() if whole.of_actions(actions, direct=False)]
    taken = {name: whole.count(PER_ACTION[name][1]) for name in COUNTED_ACTIONS if name not in known}
    return {} if costs.ledger.spent.is_empty() else {name: count for name, count in taken.items() if count}


def _sums(costs: Costs, column: str | None) -> dict[str, Sums]:
    """What each scope spent and did; one scope "" for everybody."""
    scope = pl.col(column) if column else pl.lit("")
    action = pl.col("channel").replace_strict(action_of(), default="")
    by = (scope.alias("scope"), action.alias("own"), "action", "kind")
    spent = costs.cells.group_by(*by).agg(pl.col("amount").sum()).sort("scope", "own", "action", "kind")
    done = (
        costs.work.filter(pl.col("measure").is_in(SHOWN))
        .group_by(scope.alias("scope"), "measure")
        .agg(pl.col("count").sum())
    )
    found: dict[str, Sums] = {} if column else {"": Sums({}, {})}
    for name, own, carries, kind, amount in spent.iter_rows():
        sums = found.setdefault(name, Sums({}, {}))
        sums.spent[own, carries, kind] = int(amount)  # type: ignore[index]  # filled here and nowhere else
    for name, measure, count in done.sort("scope", "measure").iter_rows():
        found.setdefault(name, Sums({}, {})).done[measure] = int(count)  # type: ignore[index]
    return found


def _in_order(kind: ScopeKind, sums: Mapping[str, Sums], rules: RecoveryRules) -> Iterator[tuple[str, Sums]]:
    """Buckets by age, the others by name; what is not known at the end."""
    sums = {scope: of for scope, of in sums.items() if scope or of.spent or any(of.done.values())}
    names = bucket_names(rules.buckets) if kind == "bucket" else []
    places = {name: place for place, name in enumerate(names)}
    yield from sorted(sums.items(), key=lambda item: (item[0] == "", places.get(item[0], -1), item[0]))


def _figures(kind: ScopeKind, scope: str, sums: Sums, shown: Sequence[str], *, no_costs: bool) -> Iterator[Ratio]:
    cost, direct = Fraction(sums.cost()), Fraction(sums.cost(direct=True))
    got, assets = sums.count(["collected"]), sums.count(["assets_net"])
    for measure, amount in (("cost", cost), ("cost_direct", direct)):
        yield Ratio(kind, scope, measure, amount, note=NO_COSTS if no_costs else "")
    for measure, brought in (("collected", got), ("assets_net", assets)):
        yield Ratio(kind, scope, measure, Fraction(brought))
    for measure, amount in (
        ("net_recovery", Fraction(got) - cost),
        ("net_recovery_direct", Fraction(got) - direct),
        ("net_recovery_with_assets", Fraction(got + assets) - cost),
    ):
        yield Ratio(kind, scope, measure, amount, note=NO_COSTS if no_costs else "")
    yield from _of_money(kind, scope, cost, direct, got, assets, no_costs=no_costs)
    for name in shown:
        actions, counted = PER_ACTION[name]
        base = sums.count(counted)
        for end, direct_only in (("", False), ("_direct", True)):
            spent = Fraction(sums.of_actions(actions, direct=direct_only))
            yield _ratio(kind, scope, f"cost_per_{name}{end}", spent, base, no_costs=no_costs)


def _of_money(
    kind: ScopeKind, scope: str, cost: Fraction, direct: Fraction, got: int, assets: int, *, no_costs: bool
) -> Iterator[Ratio]:
    for measure, amount, base, times in (
        ("cost_per_unit", cost, got, 1),
        ("cost_per_unit_direct", direct, got, 1),
        ("cost_per_unit_with_assets", cost, got + assets, 1),
        ("cost_to_collect", cost, got, 100),
        ("cost_to_collect_direct", direct, got, 100),
    ):
        yield _ratio(kind, scope, measure, amount, base, no_costs=no_costs, money=True, times=times)


def _ratio(
    kind: ScopeKind, scope: str, measure: str, numerator: Fraction, base: int, *,
    no_costs: bool, money: bool = False, times: int = 1,
) -> Ratio:  # fmt: skip
    note = NO_COSTS if no_costs else NO_BASE if base <= 0 else ""
    return Ratio(kind, scope, measure, numerator, base, money, times, note)


def _of_channels(costs: Costs, whole: Sums, *, no_costs: bool) -> Iterator[Ratio]:
    """Each channel's own costs, of everything collected: nobody can say which channel brought which payment, and the
    channels' figures add up to everybody's."""
    got, assets = whole.count(["collected"]), whole.count(["assets_net"])
    sums = costs.cells.group_by("channel", "kind").agg(pl.col("amount").sum())
    for channel in sorted(sums["channel"].unique()):
        by_kind = {kind: int(amount) for of, kind, amount in sums.iter_rows() if of == channel}
        cost, direct = Fraction(sum(by_kind.values())), Fraction(by_kind.get("direct", 0))
        yield Ratio("channel", channel, "cost", cost)
        yield Ratio("channel", channel, "cost_direct", direct)
        yield from _of_money("channel", channel, cost, direct, got, assets, no_costs=no_costs)
        for name, (actions, counted) in PER_ACTION.items():
            action = action_of().get(channel, "")
            if action in actions:
                below = [action] if action in counted else counted
                yield _ratio(
                    "channel", channel, f"cost_per_{name}_direct", direct, whole.count(below), no_costs=no_costs
                )


# --- as a table --------------------------------------------------------------------------------------------


@cache
def measures() -> Mapping[str, Mapping[str, str]]:
    """Title and definition of every figure, from `toolkit/data/recovery.toml`."""
    source = files("toolkit").joinpath("data", "recovery.toml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = tomllib.loads(source)["measures"]
    return found


def definition_of(measure: str, rules: RecoveryRules, definitions: Definitions) -> str:
    """What a figure is, in words, with the profile's own choices."""
    parts = [measures()[measure]["definition"]]
    if "cost" in measure or "net_recovery" in measure:
        parts.append("commission is in it" if rules.commission == "included" else "commission is not in it")
        if not measure.endswith("_direct"):
            parts.append(f"loaded: {', '.join(rules.fully_loaded) or 'nothing'}")
    if measure.startswith(("collected", "net_", "cost_per_unit", "cost_to_collect")):
        parts.append(words_of("collected_kinds", definitions))
    if "contact" in measure:
        parts.append(words_of("contact", definitions))
    return "; ".join(parts)


TABLE = ("scope_kind", "scope", "name", "measure", "title", "numerator", "denominator", "value", "note", "definition")


def ratio_table(ratios: Iterable[Ratio], rules: RecoveryRules, data: Data) -> pl.DataFrame:
    """One row a figure: money in the currency's own unit, every number as plain decimal text, rounded here only."""
    rows = [_row(one, rules, data) for one in ratios]
    return pl.DataFrame(rows, schema=dict.fromkeys(TABLE, pl.String), orient="row")


def _row(one: Ratio, rules: RecoveryRules, data: Data) -> tuple[str | None, ...]:
    unit = 10**data.digits
    below = one.denominator
    base = None if below is None else decimal_text(Fraction(below, unit if one.money else 1), data.digits)
    above = decimal_text(one.numerator / unit, data.digits)
    value = None if one.value is None else decimal_text(one.value / (1 if one.money else unit), VALUE_DIGITS)
    title, definition = measures()[one.measure]["title"], definition_of(one.measure, rules, data.definitions)
    return (one.scope_kind, one.scope, _name(one, data), one.measure, title, above, base, value, one.note, definition)


def _name(one: Ratio, data: Data) -> str:
    post = data.teams.latest(one.scope, data.as_of) if one.scope_kind == "agent" else None
    return post.name if post else ""
