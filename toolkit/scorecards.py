"""KPI values and targets become scores, totals, bands and ranks: fair on few cases, the rule always beside the figure.

A score is the share of a KPI's points that somebody has: with worst and best, the place of the value between them;
without, the value over the target, at most `cap`. The total is the points of all KPIs that have a base over their
weights, of a hundred. What is compared is never rounded: 92.96 % is not 93 %.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import polars as pl

from toolkit.fairness import Place, funnel, shrunk, wilson
from toolkit.kpi_codes import kpi_codes
from toolkit.periods import Period
from toolkit.problems import Problem, problem
from toolkit.score_rules import Measure, Scorecard
from toolkit.score_targets import Goal, Goals, exact
from toolkit.scores import Light, compared_value, is_lower, light_of, score_of
from toolkit.teams import GroupKind, Post, Teams

Known = Mapping[tuple[str, str, str], Mapping[str, Any]]
"""The values by scope_kind, scope and KPI."""
GROUPS: tuple[GroupKind, ...] = ("team", "branch", "role", "all")
TOTAL = "total"
NO_TARGET, NO_DATA, INSUFFICIENT = "no target", "no data", "insufficient data"


@dataclass(frozen=True)
class Line:
    """One KPI of somebody's scorecard. score: from 0 to 1 (more only where the cap says so), None without a base or a
    target; place: against what chance explains; limits: the values between which chance explains everything at this
    base; interval: where the true value lies; base: the denominator; note: why something is missing."""

    kpi: str
    value: Fraction | None
    numerator: float | None
    base: float | None
    weight: Fraction
    goal: Goal
    score: Fraction | None
    light: Light
    note: str = ""
    place: Place = ""
    interval: tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    shrunk: Fraction | None = None
    fair_score: Fraction | None = None
    rank: int | None = None
    definition: str = ""


@dataclass(frozen=True)
class Card:
    """One scope's scorecard. total: of a hundred, None where too little of it has a base; before_gates: the same
    without the gates; covered: the share of the weights that has a base; fair_rank: by values drawn to the mean; team:
    the agent's last one in the period, "" for other scopes and for agents without a team; noticed: what is to be said
    that the figures alone do not show, such as a real drop."""

    scope_kind: str
    scope: str
    name: str
    rule: Scorecard
    lines: tuple[Line, ...]
    total: Fraction | None
    before_gates: Fraction | None
    covered: Fraction
    band: str
    gates: tuple[str, ...] = ()
    rank: int | None = None
    fair_rank: int | None = None
    team: str = ""
    noticed: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Above or below where some KPIs are beyond chance and none is so on the other side."""
        places = {line.place for line in self.lines}
        if "above" in places and "below" not in places:
            return "above"
        if "below" in places and "above" not in places:
            return "below"
        return "within" if places & {"above", "below", "within"} else ""

    def line(self, kpi: str) -> Line | None:
        """The line of this KPI."""
        return next((line for line in self.lines if line.kpi == kpi), None)


@dataclass(frozen=True)
class ScorecardRun:
    """The scorecards of a period: agents first, then teams, branches, roles and all."""

    period: Period
    cards: tuple[Card, ...]
    problems: tuple[Problem, ...]

    def of(self, kind: str) -> list[Card]:
        """The cards of one kind of scope."""
        return [card for card in self.cards if card.scope_kind == kind]


def scorecards(
    values: Sequence[pl.DataFrame], goals: Goals, rules: Sequence[Scorecard], teams: Teams, period: Period
) -> ScorecardRun:
    """The scorecards of everybody who was here in the period, and of their teams, branches, roles and all together.

    values: for each rule those of `toolkit.kpis.kpi_values` for the period as a whole, of the people it is for: the
    figure of a team of callers does not have its field agents' days in it. Refuses nothing by itself: a rule whose
    no_base is "refuse" gives a problem of level error for each gap.
    """
    cards: list[Card] = []
    problems: list[Problem] = []
    for rule, of_rule in zip(rules, values, strict=True):
        known = {(row["scope_kind"], row["scope"], row["kpi"]): row for row in of_rule.iter_rows(named=True)}
        members = members_of(rule, teams, period)
        agents = [
            replace(
                _card("agent", agent, post.name, rule, known, partial(goals.of_agent, agent_id=agent, period=period)),
                team=post.team,
            )
            for agent, post in members.items()
        ]
        cards += _ranked(_compared(agents))
        for kind in GROUPS:
            cards += _ranked(_groups(kind, members, rule, known, goals, period))
        problems += _gaps(rule, agents)
    cards.sort(key=lambda card: ("agent", *GROUPS).index(card.scope_kind))
    return ScorecardRun(period, tuple(cards), tuple(problems))


def members_of(rule: Scorecard, teams: Teams, period: Period) -> dict[str, Post]:
    """Everybody whom the rule is for by the last post in the period."""
    posts = {agent: post for agent in teams.posts if (post := teams.last_in(agent, period))}
    return {agent: post for agent, post in posts.items() if rule.is_for(post.role)}


def _groups(
    kind: GroupKind, members: Iterable[str], rule: Scorecard, known: Known, goals: Goals, period: Period
) -> Iterator[Card]:
    """The cards of all teams, branches or roles that somebody belonged to, or the one of everybody."""
    for scope, who in goals.teams.groups(kind, members, period).items():
        goal_of = partial(goals.of_group, kind=kind, scope=scope, members=who, period=period)
        yield _card(kind, scope, scope, rule, known, goal_of)


def _card(
    kind: str,
    scope: str,
    name: str,
    rule: Scorecard,
    known: Known,
    goal_of: Callable[[str], Goal],
) -> Card:
    lines = [_line(measure, known.get((kind, scope, measure.kpi)), goal_of(measure.kpi)) for measure in rule.kpis]
    return _totalled(Card(kind, scope, name, rule, tuple(lines), None, None, Fraction(0), ""))


def _line(measure: Measure, found: Mapping[str, Any] | None, given: Goal) -> Line:
    goal = _with_defaults(given, measure)
    weight = goal.weight if goal.weight is not None else Fraction(measure.weight)
    value = None if found is None else compared_value(found["value"])
    score = None if value is None else score_of(value, goal, is_lower(measure.kpi))
    note = NO_DATA if found is None else str(found["base_note"])
    if value is not None and score is None:
        note = NO_TARGET
    light = light_of(value, goal, is_lower(measure.kpi), Fraction(measure.watch))
    row = found or {"numerator": None, "denominator": None, "definition": ""}
    base, definition = row["denominator"], row["definition"]
    return Line(measure.kpi, value, row["numerator"], base, weight, goal, score, light, note, definition=definition)


def _with_defaults(goal: Goal, measure: Measure) -> Goal:
    names = ("weight", "cap") if kpi_codes()[measure.kpi].adds_up else ("worst", "best", "floor", "weight", "cap")
    own = {name: exact(getattr(measure, name)) for name in names}
    given = {name: getattr(goal, name) for name in own}
    if goal.worst is not None and goal.best is not None and "worst" in own:
        own |= {"worst": None, "best": None}
    filled = {name: own[name] if given[name] is None else given[name] for name in own}
    return replace(goal, **filled)


def _totalled(card: Card) -> Card:
    """The card with its total, by its rule's way with gaps, its gates and its band."""
    weights = sum((line.weight for line in card.lines), Fraction(0))
    scored = [line for line in card.lines if line.score is not None]
    covered = sum((line.weight for line in scored), Fraction(0))
    points = sum((line.weight * (line.score or 0) for line in scored), Fraction(0))
    share = covered / weights if weights else Fraction(0)
    total = _total(card.rule, points, covered, weights, share)
    gates = card.rule.gates if card.scope_kind == "agent" else ()  # one complaint does not shut a whole team's total
    shut = tuple(gate.kpi for gate in gates if _is_shut(card.line(gate.kpi), gate.at_least, gate.at_most))
    limits = [exact(gate.otherwise) or Fraction(0) for gate in gates if gate.kpi in shut]
    after = total if total is None or not limits else min(total, *limits)
    return replace(card, total=after, before_gates=total, covered=share, gates=shut, band=_band(card.rule, after))


def _total(rule: Scorecard, points: Fraction, covered: Fraction, weights: Fraction, share: Fraction) -> Fraction | None:
    if share < 1 and rule.no_base in ("no_score", "refuse"):
        return None
    if not weights:
        return None
    if rule.no_base == "zero":
        return points / weights * 100
    if share < exact(rule.least_covered) or not covered:  # type: ignore[operator]  # a number of the rule
        return None
    return points / covered * 100


def _is_shut(line: Line | None, at_least: object, at_most: object) -> bool:
    if line is None or line.value is None:
        return False
    least, most = exact(at_least), exact(at_most)
    return (least is not None and line.value < least) or (most is not None and line.value > most)


def _band(rule: Scorecard, total: Fraction | None) -> str:
    if total is None:
        return INSUFFICIENT
    return next(band.name for band in reversed(rule.bands) if total >= band.start)


def _compared(cards: Sequence[Card]) -> list[Card]:
    """The agents' cards with intervals, places and shrunk values: each rate against those of all others."""
    codes = dict.fromkeys(line.kpi for card in cards for line in card.lines)
    for kpi in codes:
        if kpi_codes()[kpi].counts_cases:
            cards = _with_places(cards, kpi)
    return [_with_fair_scores(card) for card in cards]


def _with_places(cards: Sequence[Card], kpi: str) -> list[Card]:
    lines = [line for card in cards if (line := card.line(kpi)) is not None]
    k, n = (
        [(part or 0.0) for part in parts]
        for parts in zip(*((line.numerator, line.base) for line in lines), strict=True)
    )
    if not any(n):
        return list(cards)
    low, high = wilson(k, n)
    drawn, chance = shrunk(k, n), funnel(k, n)
    lower, alone = is_lower(kpi), sum(base > 0 for base in n) == 1  # whom nobody stands beside is not among others
    changed = [
        replace(
            line,
            place="" if alone else _seen(place, lower),
            interval=_pair(low[at], high[at]),
            limits=None if alone else _pair(chance.low[at], chance.high[at]),
            shrunk=compared_value(drawn[at]) if line.value is not None and drawn[at] == drawn[at] else None,
        )
        for at, (line, place) in enumerate(zip(lines, chance.places, strict=True))
    ]
    return [
        replace(card, lines=tuple(line if old.kpi == kpi else old for old in card.lines))
        for card, line in zip(cards, changed, strict=True)
    ]


def _pair(low: float, high: float) -> tuple[float, float] | None:
    """Two numbers, or None where the first is none."""
    return None if low != low else (float(low), float(high))


def _seen(place: Place, lower: bool) -> Place:
    """Above is always the good side."""
    turned: Mapping[Place, Place] = {"above": "below", "below": "above"}
    return turned.get(place, place) if lower else place


def _with_fair_scores(card: Card) -> Card:
    """Every line with the score of its shrunk value; of what is no rate, with its own."""
    lines = [
        replace(
            line, fair_score=line.score if line.shrunk is None else score_of(line.shrunk, line.goal, is_lower(line.kpi))
        )
        for line in card.lines
    ]
    return replace(card, lines=tuple(lines))


def _ranked(cards: Iterable[Card]) -> list[Card]:
    """The cards of one kind by their totals; equal totals share a rank and the next one is left out (1, 2, 2, 4)."""
    cards = list(cards)
    totals = [card.total for card in cards]
    fair = [_fair_total(card) for card in cards]
    ranked = [
        replace(card, rank=rank_of(total, totals), fair_rank=rank_of(just, fair))
        for card, total, just in zip(cards, totals, fair, strict=True)
    ]
    for kpi in dict.fromkeys(line.kpi for card in cards for line in card.lines):
        scores = [line.score if (line := card.line(kpi)) else None for card in ranked]
        ranked = [
            replace(
                card,
                lines=tuple(replace(of, rank=rank_of(of.score, scores)) if of.kpi == kpi else of for of in card.lines),
            )
            for card in ranked
        ]
    return sorted(ranked, key=lambda card: (card.rank is None, card.rank or 0, card.name, card.scope))


def _fair_total(card: Card) -> Fraction | None:
    if card.total is None:
        return None
    lines = tuple(replace(line, score=line.fair_score) for line in card.lines if line.fair_score is not None)
    return _totalled(replace(card, lines=lines or card.lines)).total


def rank_of(value: Fraction | None, among: Iterable[Fraction | None]) -> int | None:
    """How many are better, and one; None without a value."""
    return None if value is None else 1 + sum(1 for other in among if other is not None and other > value)


def _gaps(rule: Scorecard, cards: Sequence[Card]) -> list[Problem]:
    """A KPI that nobody has a target for, or that nobody has; and, where gaps are refused, every one of them."""
    found = []
    for measure in rule.kpis:
        lines = [line for card in cards if (line := card.line(measure.kpi)) is not None]
        title = kpi_codes()[measure.kpi].title
        if (
            measure.weight
            and lines
            and all(line.note == NO_TARGET for line in lines if line.value is not None)
            and any(line.value is not None for line in lines)
        ):
            found.append(problem("SCORE_NO_TARGET", value=measure.kpi, title=title, scorecard=rule.name))
    if rule.no_base == "refuse":
        for card in cards:
            gaps = [line.kpi for line in card.lines if line.score is None and line.weight]
            if gaps:
                found.append(problem("SCORE_REFUSED", value=", ".join(gaps), agent=card.scope, scorecard=rule.name))
    return found
