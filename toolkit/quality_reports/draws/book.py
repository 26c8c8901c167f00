"""sample.xlsx: the calls to listen to, for those who listen; how sure it all is; how the calls of the period add up."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import polars as pl
from openpyxl.utils.exceptions import InvalidFileException

from toolkit.look import LEFT, Book, Column, Figure, Page, day_words, period_words, said
from toolkit.look.cells import could_be_formula, written
from toolkit.look.theme import INK, INPUT, MUTED
from toolkit.problems import ToolkitError, problem
from toolkit.quality.draws import Draw
from toolkit.quality.margins import Margin
from toolkit.quality.replacing import Replacement
from toolkit.scorecard_reports.files import About

HEADS_ROW = 9
"""The row of the heads on Calls, as Excel counts."""
KINDS = {"agent": "agent", "team": "team", "all": "everybody"}


def write_draw_book(draw: Draw, about: About, out: Path) -> None:
    """Write the workbook to `out`; the same draw gives the same bytes."""
    title = said("DRAW_TITLE")
    words = subtitle(draw, about)
    book = Book(
        out, title=f"{title} {period_words(about.period)}", subject=words, created=about.as_of,
        currency=about.currency, digits=about.digits,
    )  # fmt: skip
    pages = [Page(book, name, landscape=True) for name in ("Calls", said("DRAW_MARGINS_TITLE"), "Left out")]
    _calls(pages[0], draw, title, words)
    _margins(pages[1], draw, words)
    _left_out(pages[2], draw, words)
    for page in pages:
        if about.provisional:
            page.stamped_on_paper("PROVISIONAL")
        page.finish(f"{title}, {about.period.label}, {about.profile}", f"seed {draw.seed}")
    book.close()


def subtitle(draw: Draw, about: About) -> str:
    """Who, what, when, and by which seed."""
    state = f", provisional: the data stand at {day_words(about.as_of)}" if about.provisional else ""
    return f"{about.title} · {period_words(about.period)}{state} · seed {draw.seed}"


def _calls(page: Page, draw: Draw, title: str, words: str) -> None:
    page.heading(title, words)
    rows = draw.drawn.sort("evaluator", "team", "agent_id", "started_at", "call_id")
    weighted = rows["weight"].drop_nulls().n_unique() > 1
    columns = [
        _words("evaluator", "Evaluator", rows["evaluator"]),
        _words("agent", "Agent", _named(rows)),
        _words("team", "Team", rows["team"]),
        _words("call", "Call", rows["call_id"]),
        _words("started", "Started", rows["started_at"].dt.strftime("%d %b %H:%M")),
        Column("talk", "Seconds", rows["talk_seconds"].to_list(), "count"),
        _words("recording", "Recording", rows["recording"], widest=40),
        _words("reason", "Why this call", rows["reason"], widest=44),
        Column("weight", "Weight", [_number(value, 1) for value in rows["weight"]], "number"),
        Column("done", "Evaluated on", [None] * rows.height, "date", style={"bg_color": INPUT}),
        _words("note", "Note", pl.Series([None] * rows.height, dtype=pl.String), style={"bg_color": INPUT}),
    ]
    counts = draw.counts
    whole = [one for one in draw.margins if one.scope_kind == "all"]
    page.grow(LEFT + 9, 110)
    page.grow(LEFT + 10, 180)
    page.table(HEADS_ROW - 1, columns)
    figures = [
        Figure(said("DRAW_FIGURE_CALLS"), counts["random"] + counts["risk"], "count", LEFT, accent=True),
        Figure(said("DRAW_FIGURE_RANDOM"), counts["random"], "count", LEFT + 2),
        Figure(said("DRAW_FIGURE_RISK"), counts["risk"], "count", LEFT + 4),
        Figure(said("DRAW_FIGURE_MARGIN"), _points_words(whole), "text", LEFT + 7),
    ]
    page.figures(3, figures, LEFT + 10)
    page.prose(6, said("DRAW_HOW"), font_color=MUTED)
    if weighted:
        page.prose(7, said("DRAW_WEIGHTS"), font_color=MUTED)
    page.heads_stay(HEADS_ROW - 1, LEFT + 2)


def _named(rows: pl.DataFrame) -> pl.Series:
    named = pl.when(pl.col("agent").fill_null("") == "").then("agent_id").otherwise(
        pl.concat_str("agent", pl.lit(" ("), "agent_id", pl.lit(")"))
    )  # fmt: skip
    return rows.select(named.alias("agent")).to_series()


def _words(key: str, head: str, values: pl.Series, **more: Any) -> Column:
    return Column(key, head, values.to_list(), **more)


def _number(value: float | None, digits: int) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, digits)))


def _points_words(margins: Sequence[Margin]) -> str:
    points = margins[0].points if margins else None
    return "–" if points is None else f"{points * 100:.1f} points"


def _margins(page: Page, draw: Draw, words: str) -> None:
    page.heading(said("DRAW_MARGINS_TITLE"), words)
    page.prose(3, said("DRAW_MARGINS_WHY"), font_color=MUTED)
    order = {"all": 0, "team": 1, "agent": 2}
    rows = sorted(draw.margins, key=lambda one: (order[one.scope_kind], one.name or one.scope, one.scope))
    columns = [
        Column("kind", "Of", [KINDS[one.scope_kind] for one in rows]),
        Column("who", "Who", [f"{one.name} ({one.scope})" if one.name else one.scope or "–" for one in rows]),
        Column("calls", "Calls", [one.calls for one in rows], "count"),
        Column("drawn", "Drawn", [one.drawn for one in rows], "count"),
        Column("points", "± points", [_hundred(one.points) for one in rows], "number"),
        Column("needed", f"Calls for ±{float(draw.wanted) * 100:g}", [one.needed for one in rows], "count"),
        Column("heard", "Evaluated so far", [one.heard for one in rows], "count"),
        Column("score", "Score", [_fraction(one.seen) for one in rows], "share"),
        Column("low", "at least", [_fraction(one.low) for one in rows], "share"),
        Column("high", "at most", [_fraction(one.high) for one in rows], "share"),
        Column("words", "In words", [one.words for one in rows], widest=84),
    ]
    page.table(5, columns)
    page.heads_stay(5)


def _hundred(share: float | None) -> Decimal | None:
    return None if share is None else _number(share * 100, 1)


def _fraction(share: float | None) -> Decimal | None:
    return _number(share, 4)


def _left_out(page: Page, draw: Draw, words: str) -> None:
    page.heading(said("DRAW_LEFT_TITLE"), words)
    counts = draw.counts
    lines = [
        (said("DRAW_FIGURE_RANDOM"), counts["random"]),
        (said("DRAW_FIGURE_RISK"), counts["risk"]),
        ("Not drawn, in reserve", counts["not_drawn"]),
        *((f"Left out: {reason}", count) for reason, count in sorted(draw.reasons.items())),
    ]
    columns = [
        Column("what", "What became of it", [what for what, _ in lines], widest=70),
        Column("calls", "Calls", [count for _, count in lines], "count", total=True),
    ]
    page.table(3, columns, total="Calls of the period")
    page.heads_stay(3)


# --- after a replacement ---------------------------------------------------------------------------------


def replace_in_book(path: Path, made: Replacement, call: Mapping[str, Any]) -> None:
    """The workbook with a replacement: the replaced call struck through with its reason, the new one under the table.

    What was typed into it stays. call: the new call's row of the reserve, empty where there is none. Complete before it
    takes the name; `ToolkitError` where the workbook cannot be read or written, which leaves it as it was.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(path)
        sheet = book["Calls"]
        columns = {str(cell.value): cell.column for cell in sheet[HEADS_ROW] if cell.value}
        old = next(row for row in range(HEADS_ROW + 1, sheet.max_row + 1) if _is(sheet, row, columns, made.replaced))
        _strike(sheet, old, columns, said("DRAW_REPLACED", reason=made.reason, by=made.by, at=made.at))
        if made.call_id:
            _add(sheet, old, columns, made, call)
        aside = path.with_name(f"{path.name}.new")
        book.save(aside)
        os.replace(aside, path)
    except (OSError, KeyError, ValueError, StopIteration, BadZipFile, InvalidFileException) as error:
        reason = str(error) or said("DRAW_BOOK_NO_CALL", call=made.replaced)
        raise ToolkitError([problem("DRAW_BOOK", file=path.name, reason=reason, call=made.call_id or "-")]) from error


def _is(sheet: Any, row: int, columns: Mapping[str, int], call: str) -> bool:
    return str(sheet.cell(row, columns["Call"]).value or "") == call


def _strike(sheet: Any, row: int, columns: Mapping[str, int], why: str) -> None:
    """The row in grey and struck through, with the reason where it said why the call was drawn."""
    from openpyxl.styles import Font

    for column in columns.values():
        cell = sheet.cell(row, column)
        cell.font = Font(name=cell.font.name, size=cell.font.size, color=MUTED.lstrip("#"), strike=True)
    _type(sheet.cell(row, columns["Why this call"]), why)


def _add(sheet: Any, like: int, columns: Mapping[str, int], made: Replacement, call: Mapping[str, Any]) -> None:
    """A row at the end in the look of another."""
    from copy import copy

    from openpyxl.styles import Font

    new = sheet.max_row + 1
    for column in columns.values():
        before, cell = sheet.cell(like, column), sheet.cell(new, column)
        cell._style = copy(before._style)
        cell.font = Font(name=before.font.name, size=before.font.size, color=INK.lstrip("#"))
    started = str(call.get("started_at") or made.started_at)
    texts = {
        "Evaluator": made.evaluator,
        "Agent": sheet.cell(like, columns["Agent"]).value,
        "Team": sheet.cell(like, columns["Team"]).value,
        "Call": made.call_id,
        "Started": f"{datetime.fromisoformat(started):%d %b %H:%M}" if started else "",
        "Recording": made.recording,
        "Why this call": said("DRAW_INSTEAD", call=made.replaced),
    }
    for head, text in texts.items():
        _type(sheet.cell(new, columns[head]), text)
    for head, name in (("Seconds", "talk_seconds"), ("Weight", "weight")):
        value = call.get(name)
        sheet.cell(new, columns[head]).value = value if value is not None else sheet.cell(like, columns[head]).value


def _type(cell: Any, text: str | None) -> None:
    """Text as text, whatever it begins with."""
    cell.value = written(text or "")
    if text:
        cell.data_type = "s"
        cell.quotePrefix = could_be_formula(text)
