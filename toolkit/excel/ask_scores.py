"""What the functions KPI and SCORE answer: values of KPIs from their parts, and the points that values get."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from toolkit.excel.ask import Table, number
from toolkit.excel.cells import Cell, is_blank, text_of
from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.given import NO_BASE
from toolkit.problems import ToolkitError, problem
from toolkit.score_targets import Goal
from toolkit.scorecards import NO_DATA, NO_TARGET
from toolkit.scores import PLACES, is_lower, score_of

Answer = float | str | None
LIMITS = ("target", "worst", "best", "floor", "cap")
WITHOUT_A_VALUE = (NO_BASE, NO_DATA)
NOTHING: Table = ((None,),)
PER_THOUSAND = "per 1,000"
"""What the titles of KPIs say whose values are counted so."""
FINE = 10**PLACES
"""Values are compared in such parts of one."""
LARGEST_QUICK = 1e6
"""Below it a float tells such parts from one another."""


def given(cells: Table | None) -> Table | None:
    """The argument, None where it was left out or is one empty cell."""
    return None if cells is None or list(map(list, cells)) == [[None]] else cells


# --- values --------------------------------------------------------------------------------------------


def kpi(code: str, numerators: Table, denominators: Table | None) -> list[list[Answer]]:
    """Each numerator over its denominator, "no base" over nothing; of a KPI that is a plain count, the numerator.

    The result has the shape of `numerators`; `denominators` has the same, or one cell for all.
    """
    about = kpi_codes().get(code.strip())
    if about is None:
        raise ToolkitError([problem("ASK_KPI", value=code)])
    if denominators is None and about.is_share:
        raise ToolkitError([problem("ASK_KPI_BASE", value=about.code)])
    one = 1000 if PER_THOUSAND in about.title else 1
    if denominators is None:
        return [[None if is_blank(cell) else _float(cell) for cell in row] for row in numerators]
    bases = _same_shape(numerators, denominators, "ASK_KPI_SHAPE")
    return [
        [_value(top, under, one) for top, under in zip(*rows, strict=True)]
        for rows in zip(numerators, bases, strict=True)
    ]


def _value(top: Cell, under: Cell, one: int) -> Answer:
    if is_blank(top) and is_blank(under):
        return None
    base = 0.0 if is_blank(under) else _float(under)
    if base == 0:
        return NO_BASE
    return (0.0 if is_blank(top) else _float(top)) * one / base


def _float(cell: Cell) -> float:
    if isinstance(cell, float):
        return cell
    return float(_exact(cell))


def _exact(cell: Cell) -> Fraction:
    try:
        return number(cell)
    except ToolkitError as error:
        raise ToolkitError([problem("ASK_NUMBER", value=text_of(cell))]) from error


def _same_shape(cells: Table, others: Table, code: str, **fields: str) -> Table:
    """`others` in the shape of `cells`: one cell is for all."""
    flat = [cell for row in others for cell in row]
    if len(flat) == 1:
        return [flat * len(row) for row in cells]
    if [len(row) for row in others] != [len(row) for row in cells]:
        raise ToolkitError([problem(code, **fields)])  # type: ignore[arg-type]  # fields of the sentence
    return others


# --- scores --------------------------------------------------------------------------------------------


def score(values: Table, limits: Mapping[str, Table | None], direction: str) -> list[list[Answer]]:
    """The score of each value, from 0 to its cap; the words of a value that is none, "no target" where nothing is set.

    limits: by the names of `LIMITS`, each in the shape of `values` or one cell for all. direction: higher, lower or a
    KPI's code.
    """
    lower = _is_lower(direction)
    there = {name: cells for name in LIMITS if (cells := given(limits[name])) is not None}
    if ("worst" in there) != ("best" in there):
        raise ToolkitError([problem("ASK_WORST_AND_BEST")])
    shaped = [_same_shape(values, there.get(name, NOTHING), "ASK_SCORE_SHAPE", what=name) for name in LIMITS]
    return [
        [_scored(cell, own, lower) for cell, own in zip(row, zip(*limits_of_row, strict=True), strict=True)]
        for row, *limits_of_row in zip(values, *shaped, strict=True)
    ]


def _is_lower(direction: str) -> bool:
    word = direction.strip()
    if word.casefold() in ("", "higher", "lower"):
        return word.casefold() == "lower"
    if word not in kpi_codes():
        raise ToolkitError([problem("ASK_DIRECTION", value=direction)])
    return is_lower(word)


def _scored(cell: Cell, limits: tuple[Cell, ...], lower: bool) -> Answer:
    if isinstance(cell, float) and -LARGEST_QUICK < cell < LARGEST_QUICK:
        short = round(cell, PLACES)
        mine, whole = round(short * FINE), _whole(limits)
        if whole is not None and mine / FINE == short:
            quick = _quick(mine, whole, lower)
            if quick is not None:
                return quick
    if is_blank(cell):
        return None
    if isinstance(cell, str) and cell.strip() in WITHOUT_A_VALUE:
        return cell.strip()
    goal = Goal(**{name: None if is_blank(own) else _exact(own) for name, own in zip(LIMITS, limits, strict=True)})
    found = score_of(Fraction(str(round(_float(cell), PLACES))), goal, lower)
    return NO_TARGET if found is None else float(found)


Whole = tuple[int | None, int | None, int | None, int | None, int]
"""Target, worst, best, floor and cap in parts."""


def _quick(mine: int, limits: Whole, lower: bool) -> float | None:
    """What `score_of` gives, in whole numbers of parts; None where there is no target above nothing to go by."""
    target, worst, best, floor, most = limits
    if floor is not None and (mine > floor if lower else mine < floor):
        return 0.0
    if worst is not None and best is not None and worst != best:
        part, whole = (mine - worst, best - worst) if best > worst else (worst - mine, worst - best)
    elif target is None or target <= 0:
        return None
    elif lower:
        part, whole = (target, mine) if mine > target else (1, 1)
    else:
        part, whole = mine, target
    if part <= 0:
        return 0.0
    # Python divides whole numbers of any size exactly, to the nearest float
    return part / whole if part * FINE <= most * whole else most / FINE


@lru_cache(maxsize=4096)
def _whole(limits: tuple[Cell, ...]) -> Whole | None:
    """The limits in parts, if they are whole numbers of them, as those that people type are."""
    parts = [None if cell is None else _parts(cell) for cell in limits]
    if parts.count(None) != limits.count(None):
        return None
    target, worst, best, floor, cap = parts
    return target, worst, best, floor, FINE if cap is None else cap


def _parts(cell: Cell) -> int | None:
    """A float as a whole number of parts, if it is one."""
    if not isinstance(cell, float) or not -LARGEST_QUICK < cell < LARGEST_QUICK:
        return None
    parts = round(cell * FINE)
    return parts if parts / FINE == cell else None
