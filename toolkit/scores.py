"""What one value of a KPI is worth: its share of the points, and its light. What is compared is never rounded."""

from fractions import Fraction
from typing import Literal

from toolkit.kpi_codes import kpi_codes
from toolkit.score_targets import Goal

Light = Literal["good", "watch", "bad", ""]
PLACES = 9
"""Digits behind the point to which a value is taken before it is compared: what a float adds by itself is gone then."""


def compared_value(value: object) -> Fraction | None:
    """A KPI's value as it is compared: without what a float adds by itself."""
    return None if value is None else Fraction(str(round(float(value), PLACES)))  # type: ignore[arg-type]  # a number


def is_lower(kpi: str) -> bool:
    """Whether less of it is better."""
    return kpi_codes()[kpi].direction == "lower"


def score_of(value: Fraction, goal: Goal, lower: bool) -> Fraction | None:
    """The share of the points that a value has, None without a target or worst and best."""
    most = max(goal.cap, Fraction(0)) if goal.cap is not None else Fraction(1)
    if goal.floor is not None and (value > goal.floor if lower else value < goal.floor):
        return Fraction(0)
    if goal.worst is not None and goal.best is not None and goal.worst != goal.best:
        return min(max((value - goal.worst) / (goal.best - goal.worst), Fraction(0)), most)
    if goal.target is None:
        return None
    return min(max(_attained(value, goal.target, lower), Fraction(0)), most)


def _attained(value: Fraction, target: Fraction, lower: bool) -> Fraction:
    """Value over target; where less is better, target over value, and all or nothing where the target is nothing."""
    if lower:
        if value <= target:
            return Fraction(1)
        return target / value if value > 0 else Fraction(0)
    return value / target if target > 0 else Fraction(value >= target)


def light_of(value: Fraction | None, goal: Goal, lower: bool, watch: Fraction) -> Light:
    """good: the target is met; watch: nearly; bad: it is not. Nothing without a value or a target."""
    if value is None or goal.target is None:
        return ""
    if value <= goal.target if lower else value >= goal.target:
        return "good"
    near = value * watch <= goal.target if lower else value >= goal.target * watch
    return "watch" if near and (goal.target or not lower) else "bad"
