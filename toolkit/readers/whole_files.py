"""What condemns a file as a whole: then no row of it is taken, since nobody can know what the others mean."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import polars as pl

from toolkit.problems import Problem, problem
from toolkit.readers.half_converted import half_converted
from toolkit.readers.leaders import DEEPEST, deepest_leaders
from toolkit.readers.raw import RawSheet
from toolkit.readers.recognise import Match
from toolkit.readers.rows import Rows
from toolkit.readers.totals import total_problems
from toolkit.readers.typed import Form
from toolkit.readers.wide_totals import wide_total_problems

DATES_IN_DOUBT = ("DATE_FUTURE", "DATE_RANGE", "DATE_ORDER_PAIR")
"""What is not said of a column whose dates do not mean what they say."""


@dataclass(frozen=True)
class Verdict:
    """What condemns the file ("": nothing does), and all that is to be said of its sheet."""

    code: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Whole:
    """A sheet with everything that is known of it: its rows, as found and typed, and what has been said of them."""

    rows: pl.DataFrame
    problems: Sequence[Problem]
    found: Rows
    sheet: RawSheet
    match: Match
    form: Form


def verdict_on(whole: Whole) -> Verdict:
    """The first thing that condemns the file."""
    verdicts = (judge(whole) for judge in JUDGES)
    return next((verdict for verdict in verdicts if verdict is not None), Verdict("", tuple(whole.problems)))


def _condemned(whole: Whole, code: str, **fields: object) -> Verdict:
    """The verdict of this code, said behind everything else."""
    report = problem(code, file=whole.sheet.file, sheet=whole.sheet.sheet, **fields)  # type: ignore[arg-type]  # fields of the sentence
    return Verdict(code, (*whole.problems, report))


def _half_converted(whole: Whole) -> Verdict | None:
    """Excel has turned some of a column's dates the wrong way round, and left others as texts."""
    if not whole.sheet.sheet:
        return None
    for name in half_converted(whole.found.cells, whole.match.table):
        column = whole.match.spelled.get(name, name)
        report = problem("DATE_HALF_CONVERTED", file=whole.sheet.file, sheet=whole.sheet.sheet, column=column)
        return Verdict("DATE_HALF_CONVERTED", (*_without_doubtful_dates(whole.problems, {column}), report))
    return None


def _turned(whole: Whole) -> Verdict | None:
    """Day and month stand the other way round than the profile says."""
    columns = {one.column for one in whole.problems if one.code == "DATE_ORDER"}
    return Verdict("DATE_ORDER", _without_doubtful_dates(whole.problems, columns)) if columns else None


def _without_doubtful_dates(problems: Sequence[Problem], columns: Collection[str]) -> tuple[Problem, ...]:
    """In a column whose order of day and month is wrong, no other date means what it says."""
    return tuple(one for one in problems if one.column not in columns or one.code not in DATES_IN_DOUBT)


def _too_deep(whole: Whole) -> Verdict | None:
    """Team leaders above team leaders without an end: something else stands in their column."""
    if whole.match.table.name != "agents" or (deep := deepest_leaders(whole.rows)) <= DEEPEST:
        return None
    return _condemned(whole, "HIERARCHY_TOO_DEEP", value=deep, most=DEEPEST)


def _without_rows(whole: Whole) -> Verdict | None:
    """A month without payments has to be said by somebody; an export without rows says nothing."""
    others = whole.found.count - len(whole.found.ignored.get("blank", ()))
    if whole.match.table.name != "payments" or whole.rows.height or others:
        return None
    return _condemned(whole, "NO_DATA")


def _totals(whole: Whole) -> Verdict | None:
    """The totals that the sheet itself has; one that disagrees condemns it."""
    rows, found, sheet, match, form = whole.rows, whole.found, whole.sheet, whole.match, whole.form
    if match.shape is not None and match.shape.wide is not None:
        totals = list(wide_total_problems(rows, found.totals, sheet, match, form))
    else:
        totals = list(total_problems(rows, found, sheet, match, form))
    wrong = any(one.level == "error" for one in totals)
    return Verdict("CONTROL_TOTAL" if wrong else "", (*whole.problems, *totals))


JUDGES: tuple[Callable[[Whole], Verdict | None], ...] = (_half_converted, _turned, _too_deep, _without_rows, _totals)
"""In the order in which they are asked."""
