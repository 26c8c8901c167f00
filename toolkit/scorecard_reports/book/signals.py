"""The Signals sheet: what really changed for the worse, what explains it, what was down, and what is to be done."""

from collections.abc import Sequence

from toolkit.look import Column, Page, said
from toolkit.look.theme import INPUT, MUTED
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import title_of
from toolkit.scorecards import ScorecardRun
from toolkit.trend_words import slice_words, state_words
from toolkit.watching import Seen, Watch

TOP = 5
TO_FILL_IN = ("Cause", "Action", "Owner", "Due")


def write_signals(page: Page, seen: Sequence[Seen], watch: Watch, run: ScorecardRun, about: About) -> None:
    """A row a series, with room for cause, action, owner and due date."""
    page.heading(said("CARD_SIGNALS_TITLE"), subtitle(about))
    page.prose(3, said("CARD_SIGNALS_NOTE"), font_color=MUTED)
    names = {(card.scope_kind, card.scope): card.name for card in run.cards}
    who = [names.get((one.scope_kind, one.scope)) or one.scope or said("CARD_EVERYBODY") for one in seen]
    columns = [
        Column("who", "Who", who, widest=24),
        Column("kpi", "KPI", [title_of(one.kpi, about) for one in seen], widest=34),
        Column("state", "Now", [state_words(one) for one in seen], widest=16),
        Column("what", "What", [one.trend.finding.message for one in seen], widest=50),
        Column("slice", "What explains it", [slice_words(one, watch.by) for one in seen], widest=54),
        Column("incidents", "Incidents on these days", [one.incidents for one in seen], "note", widest=32),
        *(Column(name.lower(), name, [None] * len(seen), style={"bg_color": INPUT}) for name in TO_FILL_IN),
    ]
    table = page.table(TOP, columns)
    for name, pixels in zip(TO_FILL_IN, (150, 150, 90, 76), strict=True):
        page.grow(table.left + table.keys.index(name.lower()), pixels)
    page.heads_stay(TOP)
