"""One workbook in the toolkit's look: opened, its styles, its names, closed with the same bytes every time."""

from collections.abc import Hashable
from datetime import UTC, date, datetime, time
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from toolkit.look.text_sheet import TextSheet
from toolkit.look.theme import BAD, BODY_POINTS, FONT, GOOD, INK, WATCH, WORDS, Kind, number_format

_AUTHOR = "Collections Toolkit"


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter carries no types
    """XlsxWriter looks through every formula for 120 functions that came after 2010; ours use none of them."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class Book:
    """A workbook being made. Nothing is on disk before `close`, so a mistake leaves no half file.

    `created` is the day the file claims to have been made: the run's as-of day, never the clock. `aside` is a folder
    for the parts of a book that is too large to be made in memory.
    """

    def __init__(
        self,
        out: Path,
        *,
        title: str,
        subject: str,
        created: date,
        currency: str,
        digits: int,
        aside: Path | None = None,
    ) -> None:
        self.currency = currency
        self.digits = digits
        self.workbook = Workbook(
            str(out),
            {
                "in_memory": aside is None,  # the other way keeps the permissions that files have on this machine
                "tmpdir": str(aside) if aside else None,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_format_properties": {"font_name": FONT, "font_size": BODY_POINTS, "font_color": INK},
            },
        )
        stamp = datetime.combine(created, time(), tzinfo=UTC)
        self.workbook.set_properties({"title": title, "subject": subject, "author": _AUTHOR, "created": stamp})
        self.workbook.set_size(1920, 1080)
        self._styles: dict[Hashable, Format] = {}

    def sheet(self, name: str) -> Worksheet:
        """A new worksheet at the end of the book."""
        return self.workbook.add_worksheet(name, worksheet_class=_Sheet)

    def text_sheet(self, name: str) -> TextSheet:
        """A new worksheet at the end of the book that holds the texts of a file."""
        sheet: TextSheet = self.workbook.add_worksheet(name, worksheet_class=TextSheet)
        return sheet

    def style(self, **properties: Hashable) -> Format:
        """The style with these XlsxWriter properties on top of the body text; each combination is made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            body = {"font_name": FONT, "font_size": BODY_POINTS, "font_color": INK, "valign": "vcenter"}
            self._styles[key] = self.workbook.add_format(body | properties)
        return self._styles[key]

    def cell_style(self, kind: Kind, **properties: Hashable) -> Format:
        """The style of a kind of cell: its number format, words to the left and figures to the right."""
        side = {"align": "left"} if kind in WORDS else {"align": "right"}
        known = {"num_format": number_format(kind, self.digits), **side}
        return self.style(**(known | properties))

    def status_rules(self) -> list[tuple[str, Format]]:
        """The sign that a status starts with, and the colours it then has."""
        signs = (("✓", GOOD), ("✗", BAD), ("◆", WATCH))
        return [(sign, self._rule(font_color=ink, bg_color=paper)) for sign, (ink, paper) in signs]

    def negative_rule(self) -> Format:
        """Red ink, for what is below zero or differs."""
        return self._rule(font_color=BAD[0])

    def _rule(self, **properties: Hashable) -> Format:
        key = ("rule", *sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.workbook.add_format(properties)
        return self._styles[key]

    def name(self, name: str, reference: str) -> str:
        """Give a cell or a range (``Settings!$C$5``) a name that formulas use; returns the name."""
        self.workbook.define_name(name, f"={reference}")
        return name

    def close(self) -> None:
        """Write the file."""
        self.workbook.close()
