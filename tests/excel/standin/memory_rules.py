"""Data validations of the back end in memory."""

from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .addresses import Area
from .backend import Rule

_TYPES = [None, "whole", "decimal", "list", "date", "time", "textLength", "custom"]
_OPERATORS = [
    "between",
    "notBetween",
    "equal",
    "notEqual",
    "greaterThan",
    "lessThan",
    "greaterThanOrEqual",
    "lessThanOrEqual",
]
_ALERTS = ["stop", "warning", "information"]


def find_rule(cells: Worksheet, row: int, column: int) -> Rule | None:
    here = Area(row, column, row, column)
    for known in cells.data_validations.dataValidation:
        if any(_area(part).contains(here) for part in known.sqref.ranges):
            return _rule(known)
    return None


def put_rule(cells: Worksheet, area: Area, rule: Rule | None) -> None:
    """The area gets the rule, or none; other rules keep what lies outside of it."""
    kept = []
    for known in cells.data_validations.dataValidation:
        parts = [piece for part in known.sqref.ranges for piece in _without(_area(part), area)]
        if parts:
            known.sqref = MultiCellRange([_cell_range(piece) for piece in parts])
            kept.append(known)
    if rule is not None:
        kept.append(_validation(rule, area))
    cells.data_validations.dataValidation = kept


def _without(area: Area, hole: Area) -> list[Area]:
    """What is left of the area around the hole."""
    hit = area.common(hole)
    if hit is None:
        return [area]
    pieces = [
        area._replace(bottom=hit.top - 1),
        area._replace(top=hit.bottom + 1),
        hit._replace(left=area.left, right=hit.left - 1),
        hit._replace(left=hit.right + 1, right=area.right),
    ]
    return [piece for piece in pieces if piece.top <= piece.bottom and piece.left <= piece.right]


def _area(part: CellRange) -> Area:
    return Area(part.min_row, part.min_col, part.max_row, part.max_col)


def _cell_range(area: Area) -> CellRange:
    return CellRange(min_row=area.top, min_col=area.left, max_row=area.bottom, max_col=area.right)


def _rule(known: DataValidation) -> Rule:
    formulas = [_shown(formula) for formula in (known.formula1, known.formula2)]
    return Rule(
        _TYPES.index(known.type),
        _ALERTS.index(known.errorStyle or "stop") + 1,
        _OPERATORS.index(known.operator or "between") + 1,
        *formulas,
        bool(known.allowBlank),
        not known.showDropDown,  # the file's attribute says the opposite of its name
        known.promptTitle or "",
        known.prompt or "",
        known.errorTitle or "",
        known.error or "",
        bool(known.showInputMessage),
        bool(known.showErrorMessage),
    )


def _shown(formula: str | None) -> str:
    """A list in quotes is shown without them, a number as it is, anything else as a formula."""
    if not formula:
        return ""
    if formula.startswith('"') and formula.endswith('"'):
        return formula[1:-1].replace('""', '"')
    return formula if formula.replace(".", "", 1).lstrip("-").isdigit() else "=" + formula


def _stored(formula: str) -> str | None:
    if not formula:
        return None
    if formula.startswith("="):
        return formula[1:]
    return formula if formula.replace(".", "", 1).lstrip("-").isdigit() else '"' + formula.replace('"', '""') + '"'


def _validation(rule: Rule, area: Area) -> DataValidation:
    return DataValidation(
        type=_TYPES[rule.type],
        formula1=_stored(rule.formula1),
        formula2=_stored(rule.formula2),
        showErrorMessage=rule.show_error,
        showInputMessage=rule.show_input,
        showDropDown=not rule.dropdown,
        allowBlank=rule.ignore_blank,
        sqref=MultiCellRange([_cell_range(area)]),
        promptTitle=rule.input_title or None,
        prompt=rule.input_message or None,
        errorTitle=rule.error_title or None,
        error=rule.error_message or None,
        errorStyle=_ALERTS[rule.alert - 1],
        operator=_OPERATORS[rule.operator - 1],
    )
