"""The page of a team or of everybody: a row an agent, the best and those with most to gain, the rule under it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from toolkit.look.browser import THEME, Heading, Theme
from toolkit.maturing import Course
from toolkit.problems import said
from toolkit.score_rules import Scorecard
from toolkit.scorecard_reports.cohort_words import cohorts_of
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.pages.cohorts import Curves, curves
from toolkit.scorecard_reports.pages.figures import Figure, figure, heading
from toolkit.scorecard_reports.words import (
    below_target,
    best_and_worst,
    counted_words,
    how_sure_of,
    legend,
    look_at,
    main_line,
    measure_words,
    place_words,
    plain,
    rule_words,
    statistic,
    title_of,
    total_words,
)
from toolkit.scorecards import Card, ScorecardRun
from toolkit.trend_words import note_words, noted
from toolkit.watching import Watch

MOST_CHANGES = 8
"""Changes that a page tells; the file has all."""


@dataclass(frozen=True)
class Links:
    """Where the other pages are, as this one reaches them."""

    agents: Mapping[str, str]
    teams: Mapping[str, str]
    index: str

    def to(self, card: Card) -> str:
        """The page of a card, "" where it has none."""
        pages = {"agent": self.agents, "team": self.teams}.get(card.scope_kind, {})
        return quote(pages.get(card.scope, ""))


@dataclass(frozen=True)
class Row:
    """One card in a table."""

    name: str
    link: str
    team: str
    total: str
    band: str
    figures: Sequence[Figure]
    place: str
    place_words: str
    rank: str
    sure: str
    statistic: str
    look: str


@dataclass(frozen=True)
class Asked:
    """One KPI of the rule: its title, what is asked for and how it is counted."""

    title: str
    target: str
    weight: str
    definition: str


@dataclass(frozen=True)
class Section:
    """One rule's table with all that belongs to it."""

    title: str
    asked: Sequence[Asked]
    rows: Sequence[Row]
    groups: Sequence[Row]
    best: Sequence[Row]
    worst: Sequence[Row]
    best_more: str
    totals: Sequence[tuple[str, str, str]]
    rule: Sequence[str]
    legend: str


@dataclass(frozen=True)
class TeamPage:
    """Everything on the page of a team or of everybody."""

    head: Heading
    index: str
    with_teams: bool
    sections: Sequence[Section]
    adds: str
    cohorts: Sequence[Curves] = ()
    changes: Sequence[str] = ()
    changes_note: str = ""
    look: Theme = THEME
    landscape: bool = True


def team_page(
    run: ScorecardRun,
    about: About,
    links: Links,
    team: str | None = None,
    courses: Sequence[Course] = (),
    watch: Watch | None = None,
) -> TeamPage:
    """The page of a team; without one, of everybody, with the teams in a table of their own where there are several.

    courses: cohorts by age, of which those of the page's people are drawn. watch: what really changed.
    """
    rules = {id(card.rule): card.rule for card in run.cards}
    sections = [found for rule in rules.values() if (found := _section(run, rule, about, links, team))]
    teams = run.of("team")
    who = team or (said("CARD_EVERYBODY") if len({card.scope for card in teams}) != 1 else teams[0].scope)
    head = heading(said("CARD_TITLE"), [who], about)
    drawn = [curves(found) for found in cohorts_of(courses, *(("all", "") if team is None else ("team", team)))]
    with_teams = team is None and bool(links.teams)
    changes = _changes(run, watch, team, with_teams) if watch else []
    note = said("CARD_SIGNALS_NOTE")
    return TeamPage(head, quote(links.index), with_teams, sections, said("CARD_TEAM_ADDS"), drawn, changes, note)


def _changes(run: ScorecardRun, watch: Watch, team: str | None, with_teams: bool) -> list[str]:
    """What really changed for the people of the page, in words; agents stand on the page of their team."""
    people = {card.scope for card in run.of("agent") if team in (None, card.team)}
    mine = [
        one
        for one in noted(watch)
        if (one.scope in people and not with_teams if one.scope_kind == "agent" else team in (None, one.scope))
        and (team is None or one.scope_kind in ("team", "agent"))
    ]
    more = [said("CARD_SIGNALS_MORE", count=len(mine) - MOST_CHANGES)] if len(mine) > MOST_CHANGES else []
    return [*(note_words(one, watch.by) for one in mine[:MOST_CHANGES]), *more]


def _section(run: ScorecardRun, rule: Scorecard, about: About, links: Links, team: str | None) -> Section | None:
    mine = [card for card in run.cards if card.rule is rule]
    agents = [card for card in mine if card.scope_kind == "agent" and team in (None, card.team)]
    teams = [card for card in mine if card.scope_kind == "team" and team in (None, card.scope)]
    together = len({card.team for card in agents}) == 1
    whole = teams if together and teams else [*teams, *(card for card in mine if card.scope_kind == "all")]
    if not agents:
        return None
    twice = Counter(card.name for card in agents)
    row = partial(_row, about=about, links=links, twice=twice)
    rows = {id(card): row(card) for card in agents}
    known = sorted(
        (card for card in agents if card.rank is not None), key=lambda card: (card.rank, card.place != "above")
    )
    best, worst = best_and_worst(known)
    return Section(
        title=rule.title or rule.name,
        asked=_asked(rule, agents, whole, about),
        rows=list(rows.values()),
        groups=[row(card) for card in whole],
        best=[rows[id(card)] for card in best],
        worst=[rows[id(card)] for card in reversed(worst) if below_target(card)],
        best_more=_as_good(best, known),
        totals=_totals(agents, whole),
        rule=rule_words(rule),
        legend=legend(rule),
    )


def _row(card: Card, about: About, links: Links, twice: Mapping[str, int]) -> Row:
    name = card.name or (card.scope if card.scope else said("CARD_EVERYBODY"))
    shown = f"{name} ({card.scope})" if card.scope_kind == "agent" and twice[name] > 1 else name
    main = main_line(card)
    return Row(
        name=shown,
        link=links.to(card),
        team=card.team,
        total=total_words(card.total),
        band=card.band,
        figures=[figure(line, about) for line in card.lines],
        place=card.place or "none",
        place_words=place_words(card.place) if card.scope_kind == "agent" else "",
        rank="" if card.rank is None or card.scope_kind != "agent" else str(card.rank),
        sure=how_sure_of(card),
        statistic=statistic(main) if main else "",
        look=look_at(card),
    )


def _asked(rule: Scorecard, agents: Sequence[Card], whole: Sequence[Card], about: About) -> list[Asked]:
    found = []
    for measure in rule.kpis:
        lines = [line for card in agents if (line := card.line(measure.kpi))]
        together = [line for card in whole if (line := card.line(measure.kpi))]
        definition = counted_words(lines, together)
        target = measure_words(measure, lines)
        found.append(Asked(title_of(measure.kpi, about), target, plain(measure.weight), definition))
    return found


def _as_good(best: Sequence[Card], known: Sequence[Card]) -> str:
    """How many more have the total of the last one named; "" for none."""
    more = sum(1 for card in known if best and card.rank == best[-1].rank) - sum(
        1 for card in best if card.rank == best[-1].rank
    )
    return said("CARD_AS_GOOD", more=more, total=total_words(best[-1].total)) if more else ""


def _totals(agents: Sequence[Card], whole: Sequence[Card]) -> list[tuple[str, str, str]]:
    """The four large figures: label, value and how it is coloured."""
    band = agents[0].rule.bands[-1]
    reached = sum(1 for card in agents if card.total is not None and card.total >= band.start)
    places = Counter(card.place for card in agents)
    return [
        (said("CARD_FIGURE_SCORE"), total_words(whole[-1].total) if whole else total_words(None), "answer"),
        (said("CARD_FIGURE_BAND", band=band.name), said("CARD_PARTS", numerator=reached, base=len(agents)), ""),
        (said("CARD_FIGURE_ABOVE"), f"▲ {places['above']}", "above" if places["above"] else ""),
        (said("CARD_FIGURE_BELOW"), f"▼ {places['below']}", "below" if places["below"] else ""),
    ]
