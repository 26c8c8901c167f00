"""One agent's page: the total with its rank band, each KPI with bar and reason, what goes well and where points are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.kpi_codes import kpi_codes
from toolkit.look.browser import THEME, Heading, Theme
from toolkit.problems import said
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.pages.figures import Figure, figure, heading
from toolkit.scorecard_reports.pages.trend import Course, Courses, lines_of
from toolkit.scorecard_reports.words import (
    MOST_NAMED,
    below_target,
    how_sure_of,
    legend,
    looks_at,
    lost,
    place_words,
    rank_words,
    rule_words,
    strongest,
    target_words,
    total_words,
    value_words,
    written,
)
from toolkit.scorecards import Card, Line


@dataclass(frozen=True)
class OwnCard:
    """One scorecard of the agent."""

    title: str
    total: str
    band: str
    place: str
    place_words: str
    rank: str
    sure: str
    looks: Sequence[str]
    figures: Sequence[Figure]
    best: Sequence[str]
    worst: Sequence[str]
    rule: Sequence[str]
    legend: str


@dataclass(frozen=True)
class AgentPage:
    """Everything on an agent's page."""

    head: Heading
    cards: Sequence[OwnCard]
    look: Theme = THEME
    landscape: bool = False


def agent_page(cards: Sequence[Card], about: About, courses: Courses, counts: Mapping[int, int]) -> AgentPage:
    """The page of the agent whose cards these are. counts: how many agents follow each rule, by its identity."""
    first = cards[0]
    who = [first.scope if first.name else "", first.team]
    head = heading(first.name or first.scope, who, about)
    return AgentPage(head, [_own(card, about, courses, counts[id(card.rule)]) for card in cards])


def _own(card: Card, about: About, courses: Courses, among: int) -> OwnCard:
    return OwnCard(
        title=card.rule.title or card.rule.name,
        total=total_words(card.total),
        band=card.band,
        place=card.place or "none",
        place_words=place_words(card.place),
        rank=rank_words(card, among),
        sure=how_sure_of(card),
        looks=looks_at(card),
        figures=[_with_course(figure(line, about), line, courses.get((card.scope, line.kpi))) for line in card.lines],
        best=[_best(line) for line in strongest(card)],
        worst=[_worst(line) for line in below_target(card)[:MOST_NAMED]],
        rule=rule_words(card.rule),
        legend=legend(card.rule),
    )


def _best(line: Line) -> str:
    words = f"{kpi_codes()[line.kpi].title}: {value_words(line)}"
    return f"{words}, {said('CARD_STANDS_OUT')}" if line.place == "above" else words


def _worst(line: Line) -> str:
    cost = said("CARD_COSTS", lost=f"{float(lost(line)):.1f}")
    return f"{kpi_codes()[line.kpi].title}: {value_words(line)}, target {target_words(line)} ({cost})"


def _with_course(shown: Figure, line: Line, course: Course | None) -> Figure:
    if course is None:
        return shown
    periods, values, is_cut = course
    lines = lines_of(values)
    known = [value for value in values if value is not None]
    if not lines:
        return shown
    words = said(
        "CARD_COURSE",
        first=periods[0],
        last=periods[-1],
        low=written(line.kpi, min(known)),
        high=written(line.kpi, max(known)),
    )
    words = said("CARD_COURSE_WHOLE", words=words) if is_cut else words
    return replace(shown, course=lines, course_words=words)
