"""What one action of each kind costs, and what it would have to bring: the break-even of every route.

What is owed is a stock: here it stands only as the average of what was owed when the actions were taken, below one
action's cost, and is never added to money that came in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.money import decimal_text, rounded, worded
from toolkit.problems import said
from toolkit.recovery.costs import Costs
from toolkit.recovery.work import ACTIONS, action_of
from toolkit.recovery.worth import break_even
from toolkit.recovery_rules import RecoveryRules

NEVER, POSSIBLE, UNKNOWN = "never", "possible", "not known"
DIGITS = 6


@dataclass(frozen=True)
class Route:
    """One kind of action: how many, what one cost (minor units, direct cost), what was owed on average, and the
    probability of getting all of it from which on one more pays for itself."""

    action: str
    actions: int
    cost: int
    owed: Fraction | None
    fee: Fraction
    """What does not stay here of each unit recovered."""

    @property
    def each(self) -> Fraction:
        """The direct cost of one."""
        return Fraction(self.cost, self.actions)

    @property
    def break_even(self) -> Fraction | None:
        """Above 1 it never pays; None where nobody knows what was owed, or nothing was."""
        return None if self.owed is None or self.each < 0 else break_even(self.each, self.owed, self.fee)

    @property
    def word(self) -> str:
        """never: not even if everything owed came in; possible; not known."""
        point = self.break_even
        if self.owed is None or self.each < 0:
            return UNKNOWN
        return NEVER if point is None or point > 1 else POSSIBLE


def routes(costs: Costs, rules: RecoveryRules) -> list[Route]:
    """Every kind of action that was taken and had a cost, the cheapest first."""
    action = pl.col("channel").replace_strict(action_of(), default="")
    direct = costs.cells.filter(pl.col("kind") == "direct").group_by(action.alias("action")).agg(pl.col("amount").sum())
    spent = {name: int(amount) for name, amount in direct.iter_rows() if name}
    done = costs.work.filter(pl.col("measure").is_in(ACTIONS)).group_by("measure").agg(
        pl.col("count").sum(), pl.col("stake").sum(), pl.col("known").sum()
    )  # fmt: skip
    found = [
        Route(name, int(count), spent[name], Fraction(int(stake), int(known)) if known else None, rules.given_away)
        for name, count, stake, known in done.iter_rows()
        if name in spent and count
    ]
    return sorted(found, key=lambda one: (one.each, one.action))


def in_words(route: Route, digits: int) -> str:
    """What the figures of a route mean."""
    fields: dict[str, Any] = {"action": route.action, "each": worded(rounded(route.each, "half_up"), digits)}
    point = route.break_even
    if route.owed is None or route.word == UNKNOWN:
        return said("ROUTE_UNKNOWN", **fields)
    fields["owed"] = worded(rounded(route.owed, "half_up"), digits)
    if point is None:
        return said("ROUTE_NOTHING_OWED", **fields)
    if route.word == NEVER:
        return said("ROUTE_NEVER", **fields, times=decimal_text(point, 2))
    return said("ROUTE_POSSIBLE", **fields, share=decimal_text(point * 100, 2))


SCHEMA: Mapping[str, Any] = {
    "action": pl.String,
    "actions": pl.Int64,
    **dict.fromkeys(("cost", "cost_each", "owed_each", "given_away", "break_even", "verdict", "in_words"), pl.String),
}


def route_table(found: list[Route], digits: int) -> pl.DataFrame:
    """One row a route; money in the currency's own unit, every number as plain decimal text."""
    return pl.DataFrame([_row(one, digits) for one in found], schema=SCHEMA, orient="row")


def _row(one: Route, digits: int) -> tuple[Any, ...]:
    def money(amount: Fraction | None) -> str | None:
        return None if amount is None else decimal_text(amount / 10**digits, max(digits, 2))

    point = None if one.break_even is None else decimal_text(one.break_even, DIGITS)
    fee = decimal_text(one.fee, DIGITS)
    return (
        one.action, one.actions, money(Fraction(one.cost)), money(one.each), money(one.owed), fee, point, one.word,
        in_words(one, digits),
    )  # fmt: skip
