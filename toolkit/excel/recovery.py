"""The buttons of the cost of recovery: what collecting cost and brought, what is worth pursuing, and what if.

Each reads and calculates, looks whether everything can be written, makes its files, and only then fills the sheets.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from toolkit.excel import month
from toolkit.excel.ask import number
from toolkit.excel.cells import Cell, is_blank, text_of
from toolkit.excel.data_rows import files_read
from toolkit.excel.layout import layout
from toolkit.excel.pasted import pasted_tables
from toolkit.excel.problem_rows import problem_rows
from toolkit.excel.sheets import fill, place, ready, rows_of, settings_of
from toolkit.excel.showing import remarks
from toolkit.problems import Problem, ToolkitError, problem, said

if TYPE_CHECKING:
    from pathlib import Path

    import xlwings as xw

    from toolkit.recovery.factors import Factors, Sums
    from toolkit.recovery_reports.recovering import Recovered

NEEDS = ("data_folder", "period", "out_folder")
SHEET, WHAT_IF, LIST = "Worth pursuing", "what_if", "pursue"
MOST_FACTOR, PLACES = 10, 4
ONE = Fraction(1)
Blocks = Mapping[str, Sequence[Sequence[object]]]


def cost_of_recovery(book: "xw.Book") -> str:
    """What collecting cost and brought in the period, on the sheets Costs and Cost of recovery, with all its files."""
    from toolkit.excel.recovery_rows import cost_rows, recovery_rows

    settings = month.asked(settings_of(book), needs=NEEDS)
    done, folder = _done(book, settings), _folder(settings)
    blocks = {"costs": cost_rows(done.shown), "recovery": recovery_rows(done.shown)}
    _show(book, settings, done, blocks, folder)
    return _cost_said(done, folder) + remarks(done.problems)


def _done(book: "xw.Book", settings: month.Asked) -> "Recovered":
    from toolkit.recovery_reports.recovering import recovered

    pasted = pasted_tables(book, settings)
    return recovered(settings.data, settings.profile, settings.period, as_of=settings.as_of, pasted=pasted)


def _folder(settings: month.Asked) -> "Path":
    return settings.out / f"{settings.period}-recovery"


def _show(book: "xw.Book", settings: month.Asked, done: "Recovered", blocks: Blocks, folder: "Path | None") -> None:
    """The files, if any, then the blocks, what was read and the problems; nothing at all where a sheet is in the way.

    What a block has no room for is in the files.
    """
    areas = ready(book, "data", *blocks, "problems")
    if folder is not None:
        done.write(folder)
    fill(areas["data"], "data", files_read(done.read.reading, settings.profile.digits))
    fill(areas["problems"], "problems", problem_rows(book, list(done.problems), settings.data))
    for name, rows in blocks.items():
        fill(areas[name], name, rows)


def _cost_said(done: "Recovered", folder: "Path") -> str:
    from toolkit.money import worded

    whole, digits = done.shown.whole, done.data.digits
    ratio = whole.figures["cost_to_collect"]
    sign = "◆" if done.rows_set_aside or ratio.note else "✓"
    amounts = {name: worded(whole.minor(name), digits) for name in ("cost", "collected", "net_recovery")}
    period = done.read.period.label
    if ratio.value is None:
        return said("RECOVERY_SHOWN_NO_RATIO", sign=sign, period=period, note=ratio.note, folder=folder, **amounts)
    share = f"{float(ratio.value):,.1f}"
    return said("RECOVERY_SHOWN", sign=sign, period=period, share=share, folder=folder, **amounts)


# --- worth pursuing ----------------------------------------------------------------------------------------


def worth_pursuing(book: "xw.Book") -> str:
    """The accounts worth another step, the most worth first, and the steps with all factors 1."""
    from toolkit.excel.recovery_rows import pursue_rows

    settings = month.asked(settings_of(book), needs=NEEDS)
    done, folder = _done(book, settings), _folder(settings)
    now = _now(done)
    blocks = {WHAT_IF: _rows(done, now, now, {}), LIST: pursue_rows(done.shown)}
    _show(book, settings, done, blocks, folder)
    return _pursue_said(done, now, len(blocks[LIST]), folder) + remarks(done.problems)


def _now(done: "Recovered") -> "Mapping[str, Sums]":
    return _asked(done, {})


def _asked(done: "Recovered", factors: "Factors") -> "Mapping[str, Sums]":
    """By rung what the list comes to; made anew, or of very many accounts in classes that keep their steps."""
    from toolkit.recovery.factors import classes, planned, with_factors
    from toolkit.recovery_reports.shown import PURSUE

    if done.pursuit is None:
        raise ToolkitError([found for found in done.problems if found.code.startswith("PURSUE")])
    if done.steps is not None:
        return planned(done.steps, factors)
    unit = 10**done.data.digits
    listed = done.shown.table(PURSUE)
    found = [] if listed is None else classes(listed)
    return {rung: one.times(unit) for rung, one in with_factors(found, factors).items()}


def _rows(
    done: "Recovered", now: "Mapping[str, Sums]", then: "Mapping[str, Sums]", factors: "Factors"
) -> Sequence[Sequence[object]]:
    from toolkit.excel.recovery_rows import what_if_rows

    return what_if_rows(now, then, factors, _titles(done), done.data.digits)


def _titles(done: "Recovered") -> dict[str, str]:
    return {rung.code: rung.title or rung.code for rung in done.rules.rungs}


def _pursue_said(done: "Recovered", now: "Mapping[str, Sums]", listed: int, folder: "Path") -> str:
    from toolkit.recovery.factors import together

    assert done.pursuit is not None  # noqa: S101  # else there is nothing to say
    whole = together(now)
    sign = "◆" if done.rows_set_aside else "✓"
    told = {"pursued": f"{whole.accounts:,}", "accounts": f"{done.pursuit.accounts:,}", **_money(whole, done)}
    rest = done.pursuit.accounts - listed
    more = said("PURSUE_MORE", more=f"{rest:,}") if rest > 0 else ""
    return said("PURSUE_SHOWN", sign=sign, folder=folder, **told) + more


def _money(sums: "Sums", done: "Recovered") -> dict[str, str]:
    digits = done.data.digits

    def written(amount: Fraction) -> str:
        return f"{float(amount) / 10**digits:,.{digits}f}"

    low, likely, high = (written(net) for net in sums.net)
    return {"cost": written(sums.cost), "low": low, "likely": likely, "high": high}


# --- what if -----------------------------------------------------------------------------------------------


def what_if(book: "xw.Book") -> str:
    """Takes the factors from the yellow cells and writes what becomes of the list beside them."""
    from toolkit.recovery.factors import together

    settings = month.asked(settings_of(book), needs=NEEDS)
    written = _factors(book)
    done = _done(book, settings)
    by_title = {title: rung for rung, title in _titles(done).items()}
    factors = {by_title[title]: pair for title, pair in written.items() if title in by_title}
    now, then = _now(done), _asked(done, factors)
    _show(book, settings, done, {WHAT_IF: _rows(done, now, then, factors)}, None)
    before, after = together(now), together(then)
    told = {"was": f"{before.accounts:,}", "pursued": f"{after.accounts:,}", **_money(after, done)}
    return said("WHAT_IF_SHOWN", before=_money(before, done)["likely"], **told) + remarks(done.problems)


def _factors(book: "xw.Book") -> "dict[str, tuple[Fraction, Fraction]]":
    """The factors by the titles of their steps; an empty cell is 1. `ToolkitError` names every cell that is none."""
    area = place(book, SHEET, f"rows_{WHAT_IF}")
    _, block = layout().block(WHAT_IF)
    found: dict[str, tuple[Fraction, Fraction]] = {}
    problems: list[Problem] = []
    for offset, cells in enumerate(rows_of(area)):
        title = text_of(cells[0])
        if title and title != "All":
            row = block.top + 1 + offset
            cost, chance = (_factor(cells[at], f"{letter}{row}", problems) for at, letter in ((1, "C"), (2, "D")))
            found[title] = cost, chance
    if problems:
        raise ToolkitError(problems)
    return found


def _factor(cell: Cell, where: str, problems: list[Problem]) -> Fraction:
    if is_blank(cell):
        return ONE
    try:
        factor = round(number(cell), PLACES)
    except ToolkitError:
        factor = Fraction(-1)
    if not 0 <= factor <= MOST_FACTOR:
        problems.append(problem("WHAT_IF_FACTOR", sheet=SHEET, cell=where, value=text_of(cell), most=MOST_FACTOR))
    return factor
