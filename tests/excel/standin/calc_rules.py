"""Data validations of the back end over LibreOffice Calc."""

import re
from typing import Any

from .addresses import Area
from .backend import Rule
from .calc_cells import address_of
from .calc_formulas import to_calc, to_excel
from .soffice import uno

_TYPES = ["ANY", "WHOLE", "DECIMAL", "LIST", "DATE", "TIME", "TEXT_LEN", "CUSTOM"]
_OPERATORS = ["BETWEEN", "NOT_BETWEEN", "EQUAL", "NOT_EQUAL", "GREATER", "LESS", "GREATER_EQUAL", "LESS_EQUAL"]
_ALERTS = ["STOP", "WARNING", "INFO"]
_LIST = 3
_SETTINGS = {
    "IgnoreBlankCells": "ignore_blank",
    "InputTitle": "input_title",
    "InputMessage": "input_message",
    "ErrorTitle": "error_title",
    "ErrorMessage": "error_message",
    "ShowInputMessage": "show_input",
    "ShowErrorMessage": "show_error",
}


def find_rule(cell: Any) -> Rule | None:
    known = cell.Validation
    kind = _TYPES.index(known.Type.value)
    if kind == 0:
        return None
    operator = known.getOperator().value
    return Rule(
        kind,
        _ALERTS.index(known.ErrorAlertStyle.value) + 1,
        _OPERATORS.index(operator) + 1 if operator in _OPERATORS else 1,
        _excel(known.getFormula1(), kind),
        _excel(known.getFormula2(), kind),
        dropdown=known.ShowList != 0,
        **{ours: getattr(known, theirs) for theirs, ours in _SETTINGS.items()},
    )


def put_rule(cells: Any, sheet: int, area: Area, rule: Rule | None) -> None:
    known = cells.Validation
    wanted = rule or Rule(0)
    known.Type = uno().Enum("com.sun.star.sheet.ValidationType", _TYPES[wanted.type])
    known.ErrorAlertStyle = uno().Enum("com.sun.star.sheet.ValidationAlertStyle", _ALERTS[wanted.alert - 1])
    known.setOperator(uno().Enum("com.sun.star.sheet.ConditionOperator", _OPERATORS[wanted.operator - 1]))
    known.setSourcePosition(address_of(sheet, area.top, area.left))
    known.setFormula1(_calc(wanted.formula1, wanted.type))
    known.setFormula2(_calc(wanted.formula2, wanted.type))
    known.ShowList = int(wanted.dropdown)
    for theirs, ours in _SETTINGS.items():
        setattr(known, theirs, getattr(wanted, ours))
    cells.Validation = known


def _calc(formula: str, kind: int) -> str:
    """A list of words is one text for each in LibreOffice."""
    if formula.startswith("="):
        return to_calc(formula).removeprefix("=")
    if kind == _LIST and formula:
        return ";".join('"' + word.strip().replace('"', '""') + '"' for word in formula.split(","))
    return formula


def _excel(formula: str, kind: int) -> str:
    if kind == _LIST and formula.startswith('"'):
        words = re.findall(r'"((?:[^"]|"")*)"', formula)
        return ",".join(word.replace('""', '"') for word in words)
    if not formula or re.fullmatch(r"-?[\d.]+", formula):
        return formula
    return to_excel("=" + formula)
