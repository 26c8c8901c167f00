"""Which row of Values and Scores each card and each of its lines stands in, so that formulas can lead there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from toolkit.look import Kind, Table
from toolkit.score_rules import Scorecard
from toolkit.scorecards import Card, Line, ScorecardRun

TOP = 5
"""The row of the heads of both sheets, from 0."""
FIRST = TOP + 2
"""The first row of data as Excel counts."""
KINDS = {"agent": "agent", "team": "team", "branch": "branch", "role": "role", "all": "everybody"}
AGAIN = "{} again"
"""The kind of a row that stands there once more, for another scorecard: sums take each scope once."""


@dataclass(frozen=True)
class Laid:
    """The cards in the order of the sheets, with their lines one after the other."""

    cards: tuple[Card, ...]
    starts: tuple[int, ...]
    where: Mapping[tuple[int, str, str], int]
    rules: tuple[Scorecard, ...]

    def rule_number(self, card: Card) -> int:
        """Which of the scorecards' rules the card follows, from 1."""
        return 1 + next(at for at, rule in enumerate(self.rules) if rule is card.rule)

    @property
    def lines(self) -> list[tuple[Card, str, Line]]:
        """Every line with its card, and the kind of that; one that another scorecard has too is there "again"."""
        kinds = [(card, KINDS[card.scope_kind], line, again) for card, line, again in lines_of(self.cards)]
        return [(card, AGAIN.format(kind) if again else kind, line) for card, kind, line, again in kinds]

    def index(self, card: Card) -> int:
        """The card's place among all."""
        return self.where[_key(card)]

    def score_row(self, card: Card) -> int:
        """The row of the card on Scores, as Excel counts."""
        return FIRST + self.index(card)

    def value_row(self, card: Card, kpi: str) -> int:
        """The row of the card's KPI on Values, as Excel counts."""
        place = next(at for at, line in enumerate(card.lines) if line.kpi == kpi)
        return FIRST + self.starts[self.index(card)] + place


@dataclass(frozen=True)
class Refs:
    """Where the sheets of people find their figures: cells of Values and Scores, with the letters of their columns."""

    laid: Laid
    values: Table
    scores: Table

    def value(self, card: Card, kpi: str) -> str:
        """The cell with the value of the card's KPI."""
        return f"Values!${self.values.letter('value')}${self.laid.value_row(card, kpi)}"

    def total(self, card: Card) -> str:
        """The cell with the card's total."""
        return f"Scores!${self.scores.letter('total')}${self.laid.score_row(card)}"

    def rank(self, card: Card) -> str:
        """The cell with the card's rank."""
        return f"Scores!${self.scores.letter('rank')}${self.laid.score_row(card)}"


def laid_out(run: ScorecardRun) -> Laid:
    """All cards of a run."""
    ends = list(accumulate(len(card.lines) for card in run.cards))
    where = {_key(card): at for at, card in enumerate(run.cards)}
    return Laid(run.cards, tuple([0, *ends][: len(ends)]), where, rules_of(run.cards))


def lines_of(cards: Sequence[Card]) -> Iterator[tuple[Card, Line, bool]]:
    """Every line with its card, and whether an earlier scorecard has counted it: the agent's own, or that of a group
    for some of the same people. A team's callers and its field agents are two figures, and both are its."""
    people: dict[int, set[str]] = {}
    for card in cards:
        people.setdefault(id(card.rule), set()).update([card.scope] if card.scope_kind == "agent" else [])
    seen: dict[tuple[str, str, str], list[set[str]]] = {}
    for card in cards:
        mine = {card.scope} if card.scope_kind == "agent" else people[id(card.rule)]
        for line in card.lines:
            before = seen.setdefault((card.scope_kind, card.scope, line.kpi), [])
            yield card, line, any(mine & others for others in before)
            before.append(mine)


def rules_of(cards: Iterable[Card]) -> tuple[Scorecard, ...]:
    """The rules that the cards follow, each once."""
    return tuple({id(card.rule): card.rule for card in cards}.values())


def _key(card: Card) -> tuple[int, str, str]:
    return id(card.rule), card.scope_kind, card.scope


def number(value: Fraction | float | None, digits: int = 15) -> Decimal | None:
    """A number for a cell; None stays nothing."""
    return None if value is None else Decimal(str(round(float(value), digits)))


def numbers(values: Sequence[Fraction | float | None], digits: int = 15) -> list[Decimal | None]:
    """Numbers for a column."""
    return [number(value, digits) for value in values]


def whole_or_exact(values: Sequence[Fraction | float | Decimal | None]) -> list[Kind]:
    """The kind of each figure: no digits behind the point where there is nothing to show."""
    return ["count" if value is None or value == int(value) else "exact" for value in values]
