"""The coaching sheet of an agent: one A4 page to talk over and sign, whatever the length of what was written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from toolkit.look import day_words, file_names
from toolkit.look.browser import THEME, Heading, Theme
from toolkit.pages import html_page
from toolkit.problems import said
from toolkit.qc import MILLION
from toolkit.quality.actions import OpenAction
from toolkit.quality.coaching import Proposal
from toolkit.quality.margins import interval, score_words
from toolkit.quality.moments import Moment
from toolkit.quality_reports.words import percent
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.pages.figures import heading

TEMPLATE = "coaching/sheet.html.j2"
MOST_AGREED, LONGEST_COMMENT, LONGEST_TEXT = 3, 330, 110
"""What fits on a page; the whole comment is in the evaluation, the rest of the proposals in proposals.csv."""
ENDLESS = 10**9
"""Of so many calls is judged where nobody knows how many there were."""


@dataclass(frozen=True)
class Sheet:
    """What is known of an agent. scores: of the calls of the period that were chosen by chance, in millionths;
    calls: those that could have been drawn, None where nobody knows."""

    agent_id: str
    name: str
    team: str
    leader: str
    scores: Sequence[int]
    calls: int | None
    moments: Sequence[Moment]
    proposals: Sequence[Proposal]
    open: Sequence[OpenAction]


@dataclass(frozen=True)
class Shown:
    """A moment as the page has it."""

    head: str
    recording: str
    question: str
    answer: str
    comment: str
    evaluator: str
    sign: str
    kind: str


@dataclass(frozen=True)
class Agreed:
    """One agreed behaviour: what, why, by when, and when it is listened to again."""

    behaviour: str
    why: str
    due: str
    recheck: str


@dataclass(frozen=True)
class SheetPage:
    """Everything on the page."""

    head: Heading
    score: str
    interval: str
    margin: str
    moments: Sequence[Shown]
    agreed: Sequence[Agreed]
    more: str
    blank_lines: int
    agent: str
    leader: str
    look: Theme = THEME
    landscape: bool = False


def write_coaching_sheets(sheets: Sequence[Sheet], about: About, folder: Path) -> list[Path]:
    """Writes one page an agent; gives the files. An agent's page names no other agent but the team leader."""
    folder.mkdir(parents=True, exist_ok=True)
    files = file_names(sheet.agent_id for sheet in sheets)
    written = []
    for sheet in sheets:
        path = folder / f"{files[sheet.agent_id]}.html"
        path.write_text(html_page(TEMPLATE, sheet_page(sheet, about)), encoding="utf-8", newline="\n")
        written.append(path)
    return written


@dataclass(frozen=True)
class IndexRow:
    """An agent on the index: the sheet, the score, what is proposed and what is open."""

    name: str
    link: str
    team: str
    leader: str
    score: str
    interval: str
    proposed: str
    open: str
    overdue: int


@dataclass(frozen=True)
class IndexPage:
    """The list of all sheets."""

    head: Heading
    rows: Sequence[IndexRow]
    look: Theme = THEME
    landscape: bool = True


def write_index(sheets: Sequence[Sheet], about: About, path: Path, folder: str) -> Path:
    """Writes the page that leads to the sheets in the folder, for those who coach."""
    files = file_names(sheet.agent_id for sheet in sheets)
    ordered = sorted(sheets, key=lambda sheet: (sheet.team, sheet.name or sheet.agent_id))
    rows = [_index_row(sheet, f"{quote(folder)}/{quote(files[sheet.agent_id])}.html") for sheet in ordered]
    day = day_words(about.as_of)
    footer = said("COACHING_FOOTER", period=about.period.label, profile=about.profile, day=day, version=about.version)
    page = IndexPage(replace(heading(said("COACHING_INDEX"), [], about), footer=footer), rows)
    path.write_text(html_page("coaching/index.html.j2", page), encoding="utf-8", newline="\n")
    return path


def _index_row(sheet: Sheet, link: str) -> IndexRow:
    score, interval, _ = _score(sheet)
    proposed = "; ".join(cut(one.behaviour, LONGEST_TEXT) for one in sheet.proposals[:MOST_AGREED])
    more = len(sheet.proposals) - MOST_AGREED
    words = [cut(one.behaviour or one.note or one.kind, LONGEST_TEXT) for one in sheet.open]
    return IndexRow(
        name=cut(sheet.name or sheet.agent_id, 60),
        link=link,
        team=cut(sheet.team, 60),
        leader=cut(sheet.leader, 60),
        score=score,
        interval=interval,
        proposed=f"{proposed}; +{more}" if more > 0 else proposed,
        open="; ".join(dict.fromkeys(words[:MOST_AGREED])),
        overdue=sum(one.state == "overdue" for one in sheet.open),
    )


def sheet_page(sheet: Sheet, about: About) -> SheetPage:
    """The page of an agent."""
    name = cut(sheet.name or sheet.agent_id, 60)
    who = [cut(word, 60) for word in (sheet.agent_id if sheet.name else "", sheet.team) if word]
    agreed = [_proposed(one) for one in sheet.proposals] + [_still_open(one) for one in sheet.open]
    score, interval, margin = _score(sheet)
    day = day_words(about.as_of)
    footer = said("COACHING_FOOTER", period=about.period.label, profile=about.profile, day=day, version=about.version)
    more = max(0, len(agreed) - MOST_AGREED)
    return SheetPage(
        head=replace(heading(said("COACHING_TITLE", name=name), who, about), footer=footer),
        score=score,
        interval=interval,
        margin=margin,
        moments=[_shown(one) for one in sheet.moments],
        agreed=agreed[:MOST_AGREED],
        more=said("COACHING_MORE", count=more) if more else "",
        blank_lines=1 if agreed else 2,
        agent=name,
        leader=cut(sheet.leader, 60),
    )


def _score(sheet: Sheet) -> tuple[str, str, str]:
    """The score, its interval and its margin, in words."""
    count = len(sheet.scores)
    if not count:
        return said("COACHING_NO_SCORE"), "", ""
    mean = sum(sheet.scores) / count / MILLION
    score = said("COACHING_SCORE", score=percent(sum(sheet.scores) // count), calls=count)
    calls = max(sheet.calls, count) if sheet.calls else None
    low, high = interval(mean, count, calls or ENDLESS) or (mean, mean)
    bounds = {"low": f"{low * 100:.0f}", "high": f"{high * 100:.0f}"}
    between = said("COACHING_INTERVAL", **bounds) if low < high else ""
    return score, between, score_words(count, calls) if calls else ""


def _shown(moment: Moment) -> Shown:
    started = moment.started or day_words(moment.day)
    call = moment.call_id or moment.evaluation_id
    kind = "good" if moment.went_well else "bad" if moment.failed_call else "watch"
    return Shown(
        head=f"{cut(call, 40)}, {started}",
        recording=cut(moment.recording, LONGEST_TEXT),
        question=cut(moment.question, LONGEST_TEXT),
        answer=cut(moment.answer, 60),
        comment=cut(moment.comment, LONGEST_COMMENT),
        evaluator=cut(moment.evaluator, 40),
        sign={"good": "▲ went well", "bad": "▼ failed the call", "watch": "◆ look at"}[kind],
        kind=kind,
    )


def _proposed(one: Proposal) -> Agreed:
    recheck = f"{day_words(one.recheck_on)}, {one.recheck_calls} calls"
    return Agreed(cut(one.behaviour, LONGEST_TEXT), cut(one.short, 160), day_words(one.due_on), recheck)


def _still_open(one: OpenAction) -> Agreed:
    due = day_words(one.due_on) if one.due_on else "–"
    calls = f", {one.recheck_calls} calls" if one.recheck_calls else ""
    recheck = f"{day_words(one.recheck_on)}{calls}" if one.recheck_on else "–"
    words = one.behaviour or one.note or one.about or one.kind
    return Agreed(cut(words, LONGEST_TEXT), cut(f"{one.state}: {one.action_id}", 100), due, recheck)


def cut(text: str, most: int) -> str:
    """The text in one paragraph, no longer than so many signs."""
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
