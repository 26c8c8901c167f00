"""How many false alarms a choice of rules will give where nothing has changed.

Zone rules are followed together as a Markov chain (Champ and Woodall, Technometrics 29, 1987, "Exact results for
Shewhart control charts with supplementary runs rules"); the CUSUM by Siegmund's approximation (Montgomery, ch. 9).
Patterns that are followed one by one are added up. Days in a row that break a rule are one alarm, after which counting
starts anew. Values are taken as normal and independent, and the limits as right; rates with small bases, days that
follow each other closely, and limits from few days give more.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import exp
from statistics import NormalDist

from toolkit.problems import Problem, problem
from toolkit.trends.rules import Cusum, Rule, RunRule, Side

ZONES = (-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5)
_EDGES = (float("-inf"), -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, float("inf"))
PROBABILITIES = tuple(NormalDist().cdf(high) - NormalDist().cdf(low) for low, high in pairwise(_EDGES))
BOTH: tuple[Side, ...] = ("low", "high", "")

Memory = tuple[bool, ...]
State = tuple[Memory, ...]


def expected_false_alarms(points: int, series: int, rules: Sequence[Rule], sides: Sequence[Side] = BOTH) -> float:
    """About how many false alarms so many points of so many series will give, by these rules on these sides."""
    if points < 0 or series < 0:
        raise ValueError("there are no fewer than 0 points and 0 series")
    return points * series * _rate(tuple(rules), tuple(sides))


def run_length(rules: Sequence[Rule], sides: Sequence[Side] = BOTH) -> float:
    """Mean number of points from one false alarm to the next; infinite if there can be none."""
    rate = _rate(tuple(rules), tuple(sides))
    return 1 / rate if rate else float("inf")


def alarms_in_words(points: int, series: int, rules: Sequence[Rule], sides: Sequence[Side] = BOTH) -> Problem:
    """The number in a sentence, for the page on which signals are shown."""
    alarms = expected_false_alarms(points, series, rules, sides)
    return problem("TREND_FALSE_ALARMS", points=points, series=series, alarms=f"{alarms:.1f}")


@cache
def _rate(rules: tuple[Rule, ...], sides: tuple[Side, ...]) -> float:
    runs = tuple(rule for rule in rules if isinstance(rule, RunRule))
    by_zone = tuple(rule for rule in runs if rule.pattern in ("beyond", "within", "outside"))
    alone = [_of_cusum(rule, sides) for rule in rules if isinstance(rule, Cusum)]
    alone += [_of_order(rule, sides) for rule in runs if rule not in by_zone]
    return _of_zones(_watched(by_zone, sides)) + sum(alone)


def _of_cusum(rule: Cusum, sides: Iterable[Side]) -> float:
    """Siegmund: (exp(2kb) - 2kb - 1) / 2k^2 points from alarm to alarm on one side, b = h + 1.166; b^2 if k is 0."""
    wide = rule.decision + 1.166
    twice = 2 * rule.slack * wide
    length = (exp(twice) - twice - 1) / (2 * rule.slack**2) if rule.slack else wide**2
    return len({"low", "high"} & set(sides)) / length


def _of_order(rule: RunRule, sides: Sequence[Side]) -> float:
    """How often a pattern of rising, falling or alternating points begins: it is one of so many orders.

    A trend of n begins where n points rise and the one before did not: n orders of (n+1)!; an alternation where the
    step before breaks the turn.
    """
    begins = _share_of_orders(rule.window, rule.pattern == "trend") - _share_of_orders(
        rule.window + 1, rule.pattern == "trend"
    )
    if rule.pattern == "trend":
        return begins * len({"low", "high"} & set(sides))
    return 2 * begins if "" in sides else 0.0


def _share_of_orders(points: int, trend: bool) -> float:
    """The share of all orders of so many different values that rise throughout, or go up and down in turn."""
    counts = [1]
    for size in range(2, points + 1):
        counts = _one_more(counts, rising=trend or size % 2 == 0)
    total = 1.0
    for size in range(2, points + 1):
        total *= size
    return sum(counts) / total


def _one_more(counts: list[int], rising: bool) -> list[int]:
    """Orders by the rank of their last value, with one value more that is above or below it."""
    ranks = range(len(counts) + 1)
    return [sum(counts[:rank]) if rising else sum(counts[rank:]) for rank in ranks]


Watched = tuple[tuple[RunRule, int], ...]


def _watched(rules: Sequence[RunRule], sides: Sequence[Side]) -> Watched:
    """The rules, each on each side on which it is asked for; sign 0 for patterns without a side."""
    on_sides = [(rule, sign) for rule in rules if rule.pattern == "beyond" for sign in _signs(sides)]
    return tuple(on_sides + [(rule, 0) for rule in rules if rule.pattern != "beyond" and "" in sides])


def _signs(sides: Iterable[Side]) -> list[int]:
    return [{"low": -1, "high": 1}[side] for side in sides if side]


def _of_zones(watched: Watched) -> float:
    """One by the mean number of points until the first alarm, all memory being lost with it."""
    if not watched:
        return 0.0
    from scipy.sparse import csc_matrix, identity
    from scipy.sparse.linalg import spsolve

    places, steps = _chain(watched)
    rows, columns, weights = zip(*steps, strict=True)
    inside = csc_matrix((weights, (rows, columns)), shape=(len(places), len(places)))
    ones = [1.0] * len(places)
    return float(1 / spsolve(identity(len(places), format="csc") - inside, ones)[0])


def _chain(watched: Watched) -> tuple[dict[State, int], list[tuple[int, int, float]]]:
    """All states that can be reached without an alarm, the first one being no memory, and the steps between them."""
    start: State = ((),) * len(watched)
    places, steps, waiting = {start: 0}, [], [start]
    while waiting:
        state = waiting.pop()
        for zone, probability in zip(ZONES, PROBABILITIES, strict=True):
            after = _after(state, zone, watched)
            if after is None:
                continue
            if after not in places:
                places[after] = len(places)
                waiting.append(after)
            steps.append((places[state], places[after], probability))
    return places, steps


def _after(state: State, zone: float, watched: Watched) -> State | None:
    """What is still to be remembered after one more point; None if it is an alarm."""
    memories = []
    for memory, (rule, sign) in zip(state, watched, strict=True):
        seen = (*memory, _is_hit(zone, rule, sign))
        if sum(seen) >= rule.hits:
            return None
        memories.append(_needed(seen, rule))
    return tuple(memories)


def _is_hit(zone: float, rule: RunRule, sign: int) -> bool:
    if rule.pattern == "beyond":
        return sign * zone > rule.sigmas
    return abs(zone) < rule.sigmas if rule.pattern == "within" else abs(zone) > rule.sigmas


def _needed(seen: Memory, rule: RunRule) -> Memory:
    """The end of what was seen that can still be part of an alarm, from its first hit on."""
    recent = seen[max(0, len(seen) - rule.window + 1) :] if rule.window > 1 else ()
    while recent and (not recent[0] or rule.hits - sum(recent) > rule.window - len(recent)):
        recent = recent[1:]
    return recent
