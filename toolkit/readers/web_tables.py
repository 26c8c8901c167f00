"""A web page named .xls, as many systems export: its one table, as it is shown.

The page is taken apart in one pass, without building it up: nothing in it is run or fetched, and nesting costs nothing.
What would hide rows (a comment that never ends, a page cut off, hidden parts) refuses the page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.profiles import Limits
from toolkit.readers.delimited import as_utf8
from toolkit.readers.gate import check_size
from toolkit.readers.raw import WIDEST, FileRejected, RawSheet, Source, numbered

LOOKED_AT = 65_536
MOST_ROWS = 1_048_576
MOST_CELLS = 10_000_000

CHARSET = re.compile(rb"""<meta\b[^>]{0,300}\bcharset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
USUAL = frozenset({"utf-8", "utf8", "us-ascii", "windows-1252", "iso-8859-1", "utf-16", "unicode"})
ONE_BYTE = re.compile(r"windows-125\d|iso-8859-\d{1,2}")

TOKEN = re.compile(
    r"""(?P<comment> <!--.*?(?:-->|(?P<cut_comment>\Z)) )
      | <[!?][^>]*>?
      | <(?P<raw>script|style|title|textarea|xmp|iframe|noembed|noframes|noscript)\b[^>]*>
        .*?(?:</(?P=raw)[^>]*>|(?P<cut_raw>\Z))
      | <(?P<end>/?)(?P<name>[a-z][^\s/>]*)
        (?P<attributes>(?:=\s*(?:"[^"]*"|'[^']*')|[^>])*+)(?:>|(?P<cut_tag>\Z))""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
"""Every alternative ends at the end of the page at the latest, so that no stretch is looked at twice."""

SPAN = re.compile(r"""\b(colspan|rowspan)\s*=\s*["']?\s*(\d{1,6})""", re.IGNORECASE)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|\shidden(?=[\s/=]|\Z)", re.IGNORECASE)
CELLS = frozenset({"td", "th"})
ROW_ENDS = frozenset({"tr", "thead", "tbody", "tfoot"})
LINE_ENDS = frozenset({"br", "p", "div", "li", "hr"})
BLANKS = re.compile(r"[ \t\r\n\f]+")


def is_web_page(content: bytes) -> bool:
    """Whether this is HTML: it begins with a tag, and one of the first is of a page or, outside of XML, a table."""
    start = content[:LOOKED_AT].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    tags = rb"<html\b" if start.startswith(b"<?xml") else rb"<(?:html|table)\b"
    return start.startswith(b"<") and re.search(tags, start) is not None


def read_web_table(source: Source, limits: Limits) -> list[RawSheet]:
    """The page's one table as text, row i being its row i + 1. `FileRejected` where there is not one to be had."""
    file = source.name
    check_size(source.content, file, limits)
    text, warnings = _decoded(source.content, file)
    grids = [grid for grid in _grids(text, file) if any(any(row) for row in grid.rows)]
    if not grids:
        raise FileRejected(problem("NOT_XLSX", file=file, seen="a web page without a table"))
    if len(grids) > 1:
        value = f"{len(grids)} tables on one page"
        raise FileRejected(problem("SHEET_AMBIGUOUS", file=file, table="the table", value=value))
    [grid] = grids
    remark = problem("WEB_TABLE", file=file)
    return [RawSheet(source, "", grid.frame(), grid.fields(), warnings=(remark, *warnings))]


def _decoded(content: bytes, file: str) -> tuple[str, tuple[Problem, ...]]:
    """The page as text: by what it says of itself where that is not usual, else like a text file."""
    declared = CHARSET.search(content[:LOOKED_AT])
    name = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    if name in USUAL:
        text, warnings = as_utf8(content, file)
        return text.decode("utf-8"), warnings
    if not ONE_BYTE.fullmatch(name):
        raise FileRejected(problem("ENCODING_UNKNOWN", file=file))
    try:
        return content.decode(name), ()
    except (UnicodeDecodeError, LookupError):
        raise FileRejected(problem("ENCODING_UNKNOWN", file=file)) from None


@dataclass
class Grid:
    """The rows of a table, each cell in its column: what one that is merged covers is empty."""

    file: str
    rows: list[list[str | None]] = field(default_factory=list)
    until: dict[int, int] = field(default_factory=dict)
    """The last row that a cell from above covers, by column."""
    cells: int = 0

    def begin_row(self) -> None:
        self.end_row()
        if len(self.rows) >= MOST_ROWS:
            raise FileRejected(problem("TOO_MANY_ROWS", file=self.file, most=f"{MOST_ROWS:,}"))
        self.rows.append([])

    def end_row(self) -> None:
        """Fills in what cells from above cover at the end of the row."""
        if self.rows:
            self._pass_covered()
            self.cells += len(self.rows[-1])
            if self.cells > MOST_CELLS:
                raise FileRejected(problem("TOO_MANY_ROWS", file=self.file, most=f"{MOST_CELLS:,} cells in"))

    def add(self, text: str, across: int, down: int) -> None:
        """The next cell of the row, with the columns and rows that it covers."""
        self._pass_covered()
        row = self.rows[-1]
        if len(row) + across > WIDEST:
            raise FileRejected(
                problem("TOO_WIDE", file=self.file, value=f"a row of {len(row) + across} columns", most=WIDEST)
            )
        if down > 1:
            last = len(self.rows) - 2 + down
            self.until |= dict.fromkeys(range(len(row), len(row) + across), last)
        row.append(text or None)
        row.extend([None] * (across - 1))

    def _pass_covered(self) -> None:
        row, number = self.rows[-1], len(self.rows) - 1
        while self.until.get(len(row), -1) >= number:
            row.append(None)

    def frame(self) -> pl.DataFrame:
        width = max(map(len, self.rows))
        full = [[*row, *[None] * (width - len(row))] for row in self.rows]
        return pl.DataFrame(full, schema=dict.fromkeys(numbered(width), pl.String), orient="row")

    def fields(self) -> pl.Series:
        """How many cells each row has: with one left out, the others would stand under the wrong headers."""
        return pl.Series([len(row) for row in self.rows], dtype=pl.Int64)


def _grids(text: str, file: str) -> Iterator[Grid]:
    """The tables of a page."""
    page = _Page(file)
    place = 0
    for found in TOKEN.finditer(text):
        page.take(text[place : found.start()])
        place = found.end()
        if place == len(text) and any(cut is not None for cut in found.group("cut_comment", "cut_raw", "cut_tag")):
            raise FileRejected(problem("WEB_TABLE_CUT", file=file))
        ends, name, attributes = found.group("end", "name", "attributes")
        if name:
            done = page.tag(name.lower(), attributes, ends=ends != "")
            if done is not None:
                yield done
    if page.grid is not None:
        raise FileRejected(problem("WEB_TABLE_CUT", file=file))


class _Page:
    """Where in a page we are: in which table, in which cell, and what the cell says so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.grid: Grid | None = None
        self._in_row = False
        self._spans: dict[str, int] | None = None
        self._texts: list[str] = []

    def take(self, text: str) -> None:
        """Text between two tags: part of a cell, or of nothing that is read."""
        if self._spans is not None and text:
            self._texts.append(text)

    def tag(self, name: str, attributes: str, *, ends: bool) -> Grid | None:
        """A tag; gives the table that it ends."""
        if self.grid is None:
            if (
                name in CELLS or name == "tr"
            ):  # rows behind the end of their table: shown by some programs, not by others
                raise FileRejected(problem("WEB_TABLE_CUT", file=self.file))
            if name == "table" and not ends:
                self.grid = Grid(self.file)
                self._refuse_hidden(attributes)
            return None
        self._refuse_hidden(attributes)
        if name == "table":
            return self._end_table(ends=ends)
        if name in CELLS or name in ROW_ENDS:
            self._end_cell()
        if name in CELLS and not ends:
            self._begin_cell(attributes)
        elif name in ROW_ENDS:
            self._in_row = False
            if name == "tr" and not ends:
                self._begin_row()
        elif name in LINE_ENDS:
            self.take(" ")
        return None

    def _refuse_hidden(self, attributes: str) -> None:
        if attributes and HIDDEN.search(attributes):
            raise FileRejected(problem("WEB_TABLE_HIDDEN", file=self.file))

    def _end_table(self, *, ends: bool) -> Grid | None:
        if not ends:
            raise FileRejected(problem("WEB_TABLE_NESTED", file=self.file))
        self._end_cell()
        done, self.grid, self._in_row = self.grid, None, False
        if done is not None:
            done.end_row()
        return done

    def _begin_row(self) -> None:
        if self.grid is not None:
            self.grid.begin_row()
            self._in_row = True

    def _begin_cell(self, attributes: str) -> None:
        if not self._in_row:
            self._begin_row()
        spans = {name.lower(): int(number) for name, number in SPAN.findall(attributes)}
        self._spans, self._texts = spans, []

    def _end_cell(self) -> None:
        if self._spans is None or self.grid is None:
            return
        # blanks and line breaks of the page's own text are one blank; those that a cell really holds are kept
        text = "".join(self._texts)
        said = BLANKS.sub(" ", unescape(text) if "&" in text else text).strip(" ")
        self.grid.add(said, max(1, self._spans.get("colspan", 1)), max(1, self._spans.get("rowspan", 1)))
        self._spans = None
