"""recovery.html: what collecting cost and brought, where it pays and where it does not, on one self-contained page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.look import said
from toolkit.look.browser import THEME, Heading, Theme
from toolkit.pages import html_page
from toolkit.recovery.routes import in_words
from toolkit.recovery_reports.pages.drawing import Lines
from toolkit.recovery_reports.pages.parts import (
    Row,
    Table,
    about,
    activities,
    channels,
    comparisons,
    curves,
    desks,
    figures,
    pursue,
    scopes,
    work,
)
from toolkit.recovery_reports.shown import Shown, pursue_words

__all__ = ["Row", "write_recovery_page"]


@dataclass(frozen=True)
class RecoveryPage:
    """Everything on the page."""

    head: Heading
    figures: Sequence[tuple[str, str, str]]
    first: Sequence[str]
    tables: Sequence[Table]
    one_more: Sequence[str]
    drawings: Sequence[Lines]
    remarks: Sequence[str]
    about: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    look: Theme = THEME
    landscape: bool = True


def write_recovery_page(shown: Shown, path: Path) -> None:
    """Writes the page; the same figures give the same bytes."""
    path.write_text(html_page("recovery/page.html.j2", recovery_page(shown)), encoding="utf-8", newline="\n")


def recovery_page(shown: Shown) -> RecoveryPage:
    """The page of a period."""
    stamp = said("RECOVERY_STAMP") if shown.about.provisional else ""
    tables = [
        pursue(shown),
        *(scopes(shown, kind) for kind in ("bucket", "team", "creditor", "product", "agent")),
        channels(shown),
        work(shown),
        activities(shown),
        comparisons(shown),
        desks(shown),
    ]
    return RecoveryPage(
        head=Heading(said("RECOVERY_TITLE"), shown.subtitle, stamp, shown.footer),
        figures=figures(shown),
        first=pursue_words(shown),
        tables=[one for one in tables if one is not None and one.rows],
        one_more=[in_words(route, shown.about.digits) for route in shown.routes],
        drawings=curves(shown),
        remarks=[found.message for found in shown.remarks],
        about=about(shown),
    )
