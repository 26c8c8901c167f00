"""The sheets that people look at: one row an agent, signs and colours, what to look at, and the rule under it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from toolkit.kpi_codes import kpi_codes
from toolkit.look import LEFT, Formula, Page, sheet_names
from toolkit.look.cells import LINE_POINTS, lines_needed, pixels, widest_of
from toolkit.look.theme import BAD, GOOD, HEAD_POINTS, INK, LINE, MUTED, WATCH, Style
from toolkit.problems import said
from toolkit.score_rules import Scorecard
from toolkit.scorecard_reports.book.charts import write_charts
from toolkit.scorecard_reports.book.laid import Refs, number, rules_of
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import (
    DASH,
    LIGHT_SIGNS,
    how_sure_of,
    legend,
    look_at,
    measure_words,
    more_digits,
    place_words,
    plain,
    rule_words,
    title_of,
    value_words,
)
from toolkit.scorecards import Card, Line, ScorecardRun
from toolkit.scores import Light

OWN = ("Scorecard", "Scores", "Values", "Trend", "Maturity", "Signals", "Checks", "About")
"""Names of the other sheets, which no team may have."""
HEAD, FIRST = 4, 5
LIGHTS: dict[Light, tuple[str, str] | None] = {"good": GOOD, "watch": WATCH, "bad": BAD, "": None}
PLACES = {"above": GOOD[0], "below": BAD[0]}
SURE_PIXELS, LOOK_PIXELS, KPI_PIXELS = 190, 330, 86


@dataclass(frozen=True)
class CardSheet:
    """What is on a sheet: the agents of one rule, of one team or of all, and the cards under them."""

    name: str
    who: str
    rule: Scorecard
    agents: tuple[Card, ...]
    groups: tuple[Card, ...]
    is_team: bool


def sheets_of(run: ScorecardRun) -> list[CardSheet]:
    """For each rule a sheet of everybody and, where there are several teams, one of each team."""
    rules = rules_of(run.cards)
    return _named([sheet for rule in rules for sheet in _of_rule(run, rule, len(rules) > 1)])


def _of_rule(run: ScorecardRun, rule: Scorecard, is_one_of_several: bool) -> Iterator[CardSheet]:
    mine = [card for card in run.cards if card.rule is rule]
    agents, teams, everybody = (
        tuple(card for card in mine if card.scope_kind == kind) for kind in ("agent", "team", "all")
    )
    title = (rule.title or rule.name) if is_one_of_several else ""
    if len({card.team for card in agents}) < 2:
        who = _joined(teams[0].scope if teams else said("CARD_EVERYBODY"), title)
        yield CardSheet(title or OWN[0], who, rule, agents, teams or everybody, True)
        return
    who = _joined(said("CARD_EVERYBODY"), title)
    yield CardSheet(title or OWN[0], who, rule, agents, (*teams, *everybody), False)
    for team in sorted(teams, key=lambda card: card.scope):
        of_team = tuple(card for card in agents if card.team == team.scope)
        yield CardSheet(_joined(team.scope, title), _joined(team.scope, title), rule, of_team, (team,), True)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _named(sheets: Sequence[CardSheet]) -> list[CardSheet]:
    taken = {name.casefold() for name in OWN[1:]}
    wanted, seen = [], set()
    for at, sheet in enumerate(sheets):
        text = f"Team {sheet.name}" if sheet.name.casefold() in taken or (at and sheet.name == OWN[0]) else sheet.name
        wanted.append(f"{text} ({at + 1})" if text.casefold() in seen else text)
        seen.add(wanted[-1].casefold())
    names = sheet_names(wanted)
    return [
        CardSheet(names[text], sheet.who, sheet.rule, sheet.agents, sheet.groups, sheet.is_team)
        for text, sheet in zip(wanted, sheets, strict=True)
    ]


def write_card_sheet(page: Page, sheet: CardSheet, refs: Refs, about: About) -> None:
    """The sheet with its charts."""
    page.heading(said("CARD_TITLE"), subtitle(about, sheet.who))
    with_team = not sheet.is_team
    places = _Places(sheet.rule, with_team)
    _widths(page, sheet, places)
    _heads(page, places, about)
    names = _names(sheet.agents)
    for row, card in enumerate(sheet.agents, FIRST):
        _row(page, row, card, names[card.scope], places, refs, {"bottom": 1, "bottom_color": LINE})
    row = FIRST + len(sheet.agents)
    for at, card in enumerate(sheet.groups):
        line: Style = {"top": 2 if at == 0 else 1, "top_color": INK if at == 0 else LINE, "bold": True}
        _row(page, row, card, card.name or said("CARD_EVERYBODY"), places, refs, line)
        row += 1
    row = _prose(page, _targets(page, row, sheet, places), sheet, places)
    end = write_charts(page, row + 1, sheet, places.columns, about)
    page.heads_stay(HEAD, LEFT + 1)
    page.sheet.print_area(0, 0, max(end, row), places.last)


@dataclass(frozen=True)
class _Places:
    """Which column holds what."""

    rule: Scorecard
    with_team: bool

    @property
    def columns(self) -> dict[str, int]:
        kpis = [measure.kpi for measure in self.rule.kpis]
        keys = ["agent", *(["team"] if self.with_team else []), "total", *kpis, "place", "rank", "sure", "look"]
        return {key: LEFT + at for at, key in enumerate(keys)}

    @property
    def last(self) -> int:
        return LEFT + len(self.columns) - 1


def _names(agents: Iterable[Card]) -> dict[str, str]:
    """What each agent is called; two of one name have their ids beside it."""
    agents = list(agents)
    called = [card.name or card.scope for card in agents]
    twice = {name for name in called if called.count(name) > 1} if len(set(called)) < len(called) else set()
    return {
        card.scope: f"{name} ({card.scope})" if name in twice else name
        for card, name in zip(agents, called, strict=True)
    }


def _widths(page: Page, sheet: CardSheet, places: _Places) -> None:
    columns = places.columns
    names = [*_names(sheet.agents).values(), *(card.name for card in sheet.groups), said("CARD_EVERYBODY")]
    page.grow(columns["agent"], min(round(widest_of(names) * 1.1), 260))
    if "team" in columns:
        page.grow(columns["team"], min(widest_of([card.team for card in sheet.agents] or [""]), 180))
    page.grow(columns["total"], 64)
    for measure in sheet.rule.kpis:
        lines = [line for card in (*sheet.agents, *sheet.groups) if (line := card.line(measure.kpi))]
        shown = [f"◆ {value_words(line)}" for line in lines] + [measure_words(measure, lines)]
        page.grow(columns[measure.kpi], max(KPI_PIXELS, round(widest_of(shown) * 1.08) + 6))
    page.grow(columns["place"], max(pixels(place_words(place)) for place in ("above", "within", "below", "")) + 8)
    page.grow(columns["rank"], 48)
    page.grow(columns["sure"], SURE_PIXELS)
    page.grow(columns["look"], LOOK_PIXELS)


def _heads(page: Page, places: _Places, about: About) -> None:
    words = {
        "agent": "Agent",
        "team": "Team",
        "total": "Score",
        "place": "Rank band",
        "rank": "Rank",
        "sure": "How sure",
        "look": "Look at",
    }
    look: Style = {"bold": True, "font_color": MUTED, "font_size": HEAD_POINTS, "bottom": 1, "bottom_color": INK}
    for key, column in places.columns.items():
        left: Style = {"align": "left"} if key in ("agent", "team", "sure", "look") else {"align": "center"}
        text = words.get(key) or title_of(key, about)
        page.put(HEAD, column, text, fits=False, text_wrap=True, **look, **left)
        page.height(HEAD, 13 * lines_needed(text, page.widths[column]) + 6)


def _row(page: Page, row: int, card: Card, name: str, places: _Places, refs: Refs, line: Style) -> None:
    columns, agent = places.columns, card.scope_kind == "agent"
    page.height(row, 20)
    page.put(row, columns["agent"], name, fits=False, **(line | {"bold": True}))
    if "team" in columns:
        page.put(row, columns["team"], card.team, fits=False, font_color=MUTED, **{**line, "bold": False})
    _total(page, row, columns["total"], card, refs, line)
    for each in card.lines:
        _value(page, row, columns[each.kpi], each, refs.value(card, each.kpi), line)
    ink = PLACES.get(card.place, MUTED)
    place = place_words(card.place) if agent else ""
    page.put(row, columns["place"], place, fits=False, align="center", font_color=ink, **{**line, "bold": False})
    cell = refs.rank(card)
    rank = Formula(f'=IF({cell}="","{DASH}",{cell})', DASH if card.rank is None else card.rank)
    page.put(
        row,
        columns["rank"],
        rank if agent else "",
        "count",
        fits=False,
        align="center",
        font_color=MUTED,
        **{**line, "bold": False},
    )
    _words(page, row, columns, card, line)


def _words(page: Page, row: int, columns: dict[str, int], card: Card, line: Style) -> None:
    for key, text, ink in (("sure", how_sure_of(card), MUTED), ("look", look_at(card), INK)):
        lines = lines_needed(text, round(page.widths[columns[key]] / 0.92))  # in a smaller size than the body's
        page.height(row, max(20, LINE_POINTS * lines + 4))
        page.put(
            row,
            columns[key],
            text,
            fits=False,
            font_size=HEAD_POINTS,
            font_color=ink,
            **{**line, "bold": False, "text_wrap": lines > 1},
        )


def _total(page: Page, row: int, column: int, card: Card, refs: Refs, line: Style) -> None:
    cell = refs.total(card)
    value = DASH if card.total is None else number(card.total, 9)
    formula = Formula(f'=IF({cell}="","{DASH}",{cell})', value if value is not None else "")
    page.put(
        row, column, formula, "count", fits=False, **(line | {"bold": True, "align": "center", "num_format": "0.0"})
    )


def _value(page: Page, row: int, column: int, each: Line, cell: str, line: Style) -> None:
    colours = LIGHTS[each.light]
    style: Style = line | {"align": "center", "num_format": number_format(each), "bold": False}
    style |= {"font_color": colours[0], "bg_color": colours[1]} if colours else {"font_color": MUTED}
    value = number(each.value, 9)
    page.put(
        row,
        column,
        Formula(f'=IF({cell}="","{DASH}",{cell})', DASH if value is None else value),
        "count",
        fits=False,
        **style,
    )


def number_format(line: Line) -> str:
    """Excel's format of the value: its sign, and as many digits as it takes to tell it from its target."""
    sign = f'"{LIGHT_SIGNS[line.light]} "' if line.light else ""
    shown = value_words(line)
    digits = len(shown.rstrip("%").partition(".")[2]) if line.value is not None else more_digits(line)
    body = ("0" if kpi_codes()[line.kpi].is_share else "#,##0") + ("." + "0" * digits if digits else "")
    return f"{sign}{body}{'%' if kpi_codes()[line.kpi].is_share else ''}"


def _targets(page: Page, row: int, sheet: CardSheet, places: _Places) -> int:
    """What was to be reached, and what it weighs."""
    look: Style = {"font_color": MUTED, "italic": True}
    columns = places.columns
    for offset, label in enumerate(("Target", "Weight")):
        top: Style = {"top": 1, "top_color": LINE} if offset == 0 else {}
        for column in columns.values():
            page.put(row + offset, column, None, **top)
        page.put(row + offset, columns["agent"], label, fits=False, **look, **top)
        for measure in sheet.rule.kpis:
            lines = [line for card in sheet.agents if (line := card.line(measure.kpi))]
            weights = sorted({line.weight for line in lines})
            weight = " to ".join(dict.fromkeys(plain(float(each)) for each in (weights[:1] + weights[-1:])))
            text = measure_words(measure, lines) if offset == 0 else weight or plain(measure.weight)
            page.put(row + offset, columns[measure.kpi], text, fits=False, align="center", **look, **top)
    return row + 2


def _prose(page: Page, row: int, sheet: CardSheet, places: _Places) -> int:
    """The signs and the rule, in lines no longer than the table is wide."""
    room = sum(page.widths[column] for column in places.columns.values()) * 1.1
    texts = [legend(sheet.rule), " ".join(rule_words(sheet.rule)), said("CARD_TEAM_ADDS")]
    for line in (line for text in texts for line in _broken(text, room)):
        page.height(row, 15)
        page.prose(row, line, font_color=MUTED, font_size=9)
        row += 1
    return row


def _broken(text: str, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pixels(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
