"""What COST_OF_RECOVERY, BREAK_EVEN and WORTH_PURSUING answer: by `toolkit.recovery.worth`, cell by cell.

Floats that are plain numbers are reckoned with directly; whatever is closer to the line than a float tells apart, and
every other cell, goes through the exact calculation.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

from toolkit.excel.ask import Table, number
from toolkit.excel.ask_scores import Answer, given
from toolkit.excel.cells import Cell, is_blank, text_of
from toolkit.problems import ToolkitError, problem
from toolkit.recovery.ratios import NO_BASE
from toolkit.recovery.worth import break_even, cost_of_recovery, worth_pursuing

NEVER, TOO_FEW, NOTHING_OWED = "never", "too few", "nothing owed"
PURSUE, NOT_WORTH_IT = "pursue", "not worth it"
WORDS = {
    "pursue": PURSUE,
    "not_worth_it": NOT_WORTH_IT,
    "never": NEVER,
    "too_few": TOO_FEW,
    "nothing_owed": NOTHING_OWED,
}
CLOSE = 1e-9
"""Within such a part of the cost a float may be on the wrong side of the line."""
NOTHING: Table = ((None,),)
Cells = tuple[Cell, ...]


def cost_of_recovery_of(costs: Table, recovered: Table) -> list[list[Answer]]:
    """Cost for each unit that came in; "no base" where nothing did. One cell for all, or as many as costs."""
    return _each(_ratio, costs, [recovered], ["recovered"])


def break_even_of(cost: Table, recoverable: Table, fee: Table | None) -> list[list[Answer]]:
    """The probability from which on a step pays for itself; "never" above 1."""
    return _each(_point, cost, [recoverable, given(fee) or NOTHING], ["recoverable", "fee"])


def worth_pursuing_of(probability: Table, recoverable: Table, cost: Table, fee: Table | None) -> list[list[Answer]]:
    """pursue, not worth it, never, nothing owed; "too few" where no probability is known."""
    others = [recoverable, cost, given(fee) or NOTHING]
    return _each(_verdict, probability, others, ["recoverable", "cost", "fee"])


def _each(
    answer: Callable[[Cells], Answer], first: Table, others: Sequence[Table], names: Sequence[str]
) -> list[list[Answer]]:
    """The answer of each row of cells, in the shape of the first block that has more than one cell."""
    blocks = [[[_plain(cell) for cell in row] for row in block] for block in (first, *others)]
    shape = next((block for block in blocks if not _is_one(block)), first)
    spread = [_in_shape(block, shape, name) for block, name in zip(blocks, ["", *names], strict=True)]
    return [[answer(cells) for cells in zip(*rows, strict=True)] for rows in zip(*spread, strict=True)]


def _plain(cell: Cell) -> Cell:
    """A text that is a number as that number, if a float holds it as it stands."""
    return _of_text(cell) if isinstance(cell, str) else cell


@lru_cache(maxsize=4096)
def _of_text(text: str) -> Cell:
    try:
        found = number(text)
    except ToolkitError:
        return text
    return float(found) if number(float(found)) == found else text


def _is_one(block: Table) -> bool:
    return len(block) == 1 and len(block[0]) == 1


def _in_shape(block: Table, shape: Table, name: str) -> Table:
    if _is_one(block):
        return [[block[0][0]] * len(row) for row in shape]
    if [len(row) for row in block] != [len(row) for row in shape]:
        raise ToolkitError([problem("ASK_RECOVERY_SHAPE", what=name)])
    return block


def _are_floats(cells: Cells) -> bool:
    """Whether these are plain numbers, none below nothing."""
    return all(type(cell) is float and 0.0 <= cell < 1e12 for cell in cells)


# --- one cell ----------------------------------------------------------------------------------------------


def _ratio(cells: Cells) -> Answer:
    costs, recovered = cells
    if is_blank(costs) and is_blank(recovered):
        return None
    if isinstance(costs, float) and isinstance(recovered, float) and _are_floats(cells) and recovered:
        return costs / recovered
    if is_blank(costs):
        raise ToolkitError([problem("ASK_COSTS")])
    found = cost_of_recovery(_amount(costs, "costs"), _amount(recovered, "recovered", signed=True))
    try:
        return NO_BASE if found is None else float(found)
    except OverflowError:  # over so little that it is nothing
        return NO_BASE


def _point(cells: Cells) -> Answer:
    cost, recoverable, fee = cells
    if is_blank(cost) and is_blank(recoverable):
        return None
    _both_known(cost, recoverable)
    left = _quick_left(recoverable, fee)
    if left is not None and type(cost) is float and cost >= 0.0:
        if cost < left * (1 - CLOSE):
            return cost / left
        if cost > left * (1 + CLOSE):
            return NEVER
    point = break_even(_amount(cost, "cost"), _amount(recoverable, "recoverable"), _fee(fee))
    return NEVER if point is None or point > 1 else float(point)


def _both_known(cost: Cell, recoverable: Cell) -> None:
    """What nobody has filled in is not known: it is neither free nor hopeless."""
    for cell, code in ((cost, "ASK_COSTS"), (recoverable, "ASK_RECOVERABLE")):
        if is_blank(cell):
            raise ToolkitError([problem(code)])


def _quick_left(recoverable: Cell, fee: Cell) -> float | None:
    """What is left of an amount after the fee, if both are plain numbers."""
    if type(recoverable) is not float or not 0.0 < recoverable < 1e12:
        return None
    if fee is None:
        return recoverable
    return recoverable * (1.0 - fee) if type(fee) is float and 0.0 <= fee < 1.0 else None


def _verdict(cells: Cells) -> Answer:
    probability, recoverable, cost, fee = cells
    if is_blank(probability) and is_blank(recoverable):
        return None
    _both_known(cost, recoverable)
    left = _quick_left(recoverable, fee)
    if left is not None and type(cost) is float and type(probability) is float and 0.0 <= probability <= 1.0:
        word = _quick_word(probability, left, cost)
        if word:
            return word
    amounts = _amount(recoverable, "recoverable"), _amount(cost, "cost"), _fee(fee)
    return WORDS[worth_pursuing(_chance(probability), *amounts).word]


def _quick_word(probability: float, left: float, cost: float) -> str:
    """The verdict where it is clear; "" where it is near the line."""
    if cost < 0.0:
        return ""
    if cost > left * (1 + CLOSE):
        return NEVER
    if cost > left * (1 - CLOSE):
        return ""
    expected = probability * left
    if expected > cost * (1 + CLOSE) and expected > 0.0:
        return PURSUE
    return NOT_WORTH_IT if expected < cost * (1 - CLOSE) else ""


def _chance(cell: Cell) -> Fraction | None:
    """A probability; None where it is empty or says that cases are too few."""
    if is_blank(cell) or (isinstance(cell, str) and cell.strip().casefold() == TOO_FEW):
        return None
    found = _number(cell)
    if not 0 <= found <= 1:
        raise ToolkitError([problem("ASK_CHANCE", value=text_of(cell))])
    return found


def _fee(cell: Cell) -> Fraction:
    found = Fraction(0) if is_blank(cell) else _number(cell)
    if not 0 <= found <= 1:
        raise ToolkitError([problem("ASK_FEE", value=text_of(cell))])
    return found


def _amount(cell: Cell, what: str, *, signed: bool = False) -> Fraction:
    """An amount; an empty cell is nothing. More taken back than came in is below nothing, a cost never is."""
    found = Fraction(0) if is_blank(cell) else _number(cell)
    if found < 0 and not signed:
        raise ToolkitError([problem("ASK_BELOW_NOTHING", value=text_of(cell), what=what)])
    return found


def _number(cell: Cell) -> Fraction:
    try:
        return number(cell)
    except ToolkitError as error:
        raise ToolkitError([problem("ASK_NUMBER", value=text_of(cell))]) from error
