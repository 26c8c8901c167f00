"""How many calls are drawn of whom: whole numbers shared out by largest remainder, so that they add up.

A stratum that would get no call could never be drawn, and the sample would be silent about it; such strata are drawn
together as one, so that every call has a chance above nothing and a weight.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from toolkit.periods import Period, containing, days_between
from toolkit.sampling_rules import Sampling

POOL = "the rest"
"""What the strata are called that are too small to get a call of their own."""
Weights = Mapping[str, Fraction]


def shared_out(number: int, weights: Weights, most: Mapping[str, int]) -> dict[str, int]:
    """Whole numbers that follow the weights, are nowhere above `most`, and add up to `number` or to all there is.

    What remains after rounding down goes to the largest remainders, a tie to the name that comes first; what somebody
    has no room for is shared out among the others.
    """
    given = dict.fromkeys(sorted(weights), 0)
    left = min(number, sum(most[name] for name in given))
    while left:
        open_to = {name: weights[name] for name in given if given[name] < most[name]}
        share = _largest_remainder(left, open_to)
        for name, more in share.items():
            taken = min(more, most[name] - given[name])
            given[name] += taken
            left -= taken
    return given


def _largest_remainder(number: int, weights: Weights) -> dict[str, int]:
    total = sum(weights.values())
    if not total:
        weights, total = dict.fromkeys(weights, Fraction(1)), Fraction(len(weights))
    exact = {name: number * weight / total for name, weight in weights.items()}
    floors = {name: int(value) for name, value in exact.items()}
    missing = number - sum(floors.values())
    first = sorted(exact, key=lambda name: (floors[name] - exact[name], name))[:missing]
    return {name: floors[name] + (name in first) for name in floors}


@dataclass(frozen=True)
class Stratum:
    """Calls of an agent that are drawn together. groups: the strata of the plan that it is made of."""

    name: str
    groups: tuple[str, ...]
    calls: int
    drawn: int


def strata_of(sizes: Mapping[str, int], number: int, boosts: Weights, plan: Sampling) -> list[Stratum]:
    """The strata of one agent with the calls drawn of each; they add up to `number`, or to all that there are.

    sizes: calls by stratum, none empty. boosts: how many times as often a stratum's calls are drawn, 1 unless given.
    """
    if not sizes or number <= 0:
        return [Stratum(name, (name,), calls, 0) for name, calls in sorted(sizes.items())]
    pool: set[str] = set()
    while True:
        made = _with_pool(sizes, pool)
        calls = {name: sum(sizes[group] for group in groups) for name, groups in made.items()}
        drawn = shared_out(number, _weights(made, sizes, boosts, plan), calls)
        empty = {group for name, groups in made.items() if not drawn[name] for group in groups}
        if not empty:
            return [Stratum(name, groups, calls[name], drawn[name]) for name, groups in made.items()]
        # a pool that is still too small, and one stratum alone is no pool, take in the smallest beside them
        grown = pool | empty
        if grown == pool or len(grown) == 1:
            rest = [group for group in sizes if group not in grown]
            grown.add(min(rest, key=lambda group: (sizes[group], group)))
        pool = grown


def _with_pool(sizes: Mapping[str, int], pool: set[str]) -> dict[str, tuple[str, ...]]:
    alone = {name: (name,) for name in sorted(sizes) if name not in pool}
    if len(pool) == len(sizes) and len(sizes) > 1:
        return {POOL: tuple(sorted(pool))}
    return alone | ({POOL: tuple(sorted(pool))} if pool else {})


def _weights(
    made: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int], boosts: Weights, plan: Sampling
) -> dict[str, Fraction]:
    def of(group: str) -> Fraction:
        base = Fraction(1) if plan.allocation == "equal" else Fraction(sizes[group])
        return base * boosts.get(group, Fraction(1))

    return {name: sum((of(group) for group in groups), Fraction(0)) for name, groups in made.items()}


def calls_an_agent(plan: Sampling, period: Period) -> int:
    """per_agent for the period: as often as it has calendar months, a part of one in proportion and rounded up."""
    months: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for day in days_between(period.first, period.last):
        month = containing(day, "month")
        months[month.label] = months.get(month.label, 0) + 1
        lengths[month.label] = month.days
    exact = sum(Fraction(days, lengths[label]) for label, days in months.items()) * plan.per_agent
    return -int(-exact // 1)
