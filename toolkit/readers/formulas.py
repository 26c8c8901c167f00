"""Formulas of workbooks: which are dangerous or look into other workbooks, and whether the stored value is theirs."""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from toolkit.readers.raw import Mark

LONGEST_FORMULA = 500
DANGEROUS = re.compile(
    r"\b(?:WEBSERVICE|FILTERXML|RTD|CALL|EXEC|REGISTER(?:\.ID)?|DDE|IMPORT(?:XML|DATA|HTML|FEED|RANGE))\s*\(|^[\w.]+\|",
    re.IGNORECASE,
)
"""Formulas that start programs or ask the outside world: no export needs one."""
EXTERNAL = re.compile(
    r"""(?<![\w\]])\[\d+\][\w.:]*!  # [1]Sheet1!A1; a column 2026 of a table is Table1[2026]
    | '\[\d+\](?:[^']|'')*'!     # '[1]My sheet'!A1
    | \[[^\]]*\.xl\w*\] | '\\\\""",
    re.IGNORECASE | re.VERBOSE,
)
ARITHMETIC = re.compile(r"[\d.+\-*/() ]+")
FLOAT_KEEPS = 10**13
"""A float is off by less than this part of the largest number that goes into it."""


@dataclass(frozen=True)
class Formula:
    """A cell with a formula: its place from 0, the formula's text, and the value stored with it (None: none)."""

    row: int
    column: int
    text: str
    value: str | None

    @property
    def code(self) -> str:
        """What is to be said about it; ``FORMULA`` where nothing is wrong."""
        if DANGEROUS.search(self.text):
            return "FORMULA_DANGEROUS"
        if EXTERNAL.search(self.text):
            return "EXTERNAL_LINK"
        if self.value is None:
            return "FORMULA_NO_VALUE"
        return "FORMULA_STALE" if _differs(self.text, self.value) else "FORMULA"


def formula_marks(formulas: Iterable[Formula]) -> tuple[Mark, ...]:
    """What is to be said about a sheet's formulas, cell by cell."""
    return tuple(Mark(one.row, one.column, one.code, one.text) for one in formulas)


Operation = Callable[..., Fraction]
OPERATIONS: Mapping[type[ast.AST], Operation] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def _differs(formula: str, stored: str) -> bool:
    """Whether a formula of plain numbers, such as 1000+200, gives something else, as far as a float can say it."""
    if not ARITHMETIC.fullmatch(formula) or not re.search(r"\d", formula) or len(formula) > LONGEST_FORMULA // 2:
        return False
    seen: list[Fraction] = []
    try:
        exactly = _value_of(ast.parse(formula.strip(), mode="eval").body, seen)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return False
    try:
        return abs(Fraction(stored) - exactly) > max(map(abs, seen)) / FLOAT_KEEPS
    except (ValueError, ZeroDivisionError):
        return True


def _value_of(node: ast.expr, seen: list[Fraction]) -> Fraction:
    """The value of a part of the formula. `seen` gets it, and those of the parts that it is made of."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        value = Fraction(ast.unparse(node))
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        value = OPERATIONS[type(node.op)](_value_of(node.left, seen), _value_of(node.right, seen))
    elif isinstance(node, ast.UnaryOp) and type(node.op) in OPERATIONS:
        value = OPERATIONS[type(node.op)](_value_of(node.operand, seen))
    else:
        raise ValueError("not plain arithmetic")
    seen.append(value)
    return value
