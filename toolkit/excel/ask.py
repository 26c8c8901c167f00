"""What the worksheet functions answer about a plan: what amounts earn, and which band a value reaches."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from toolkit.bands import PayScale, earned_by, interpolated_rate, reached
from toolkit.excel.cells import Cell, digits_of, is_blank, money, text_of
from toolkit.money import PPM, Rounding, minor_digits, rounded_ratio
from toolkit.plan_files import load_plans, plans_of
from toolkit.plans import Component, Plan
from toolkit.problems import ToolkitError, problem
from toolkit.profiles import load_profile, shipped_profiles

Table = Sequence[Sequence[Cell]]


def plan_named(text: str) -> tuple[Plan, str]:
    """The plan that a text names, and the component after a colon: ``FIELD-KE``, ``my.toml``, ``FIELD-KE:CASH``.

    The latest version, of a file, a folder, or a plan of the shipped set-ups.
    """
    name, component = text.strip(), ""
    if not Path(name).exists() and ":" in name[2:]:
        name, _, component = name.rpartition(":")
    return _plan(name, _changed(name)), component.strip()


def _changed(name: str) -> float:
    path = Path(name)
    return path.stat().st_mtime if path.is_file() else 0.0


@lru_cache(maxsize=64)
def _plan(name: str, changed: float) -> Plan:
    """`changed` is the time stamp of the file, so that a plan that was edited is read again."""
    path = Path(name)
    if path.exists():
        return load_plans([path]).versions[-1]
    found = [
        file for plan_id, file in _shipped_plans() if name.casefold() in (plan_id.casefold(), file.stem.casefold())
    ]
    if not found:
        raise ToolkitError([problem("ASK_PLAN", value=name)])
    return max((load_plans([file]).versions[-1] for file in found), key=lambda plan: plan.version)


@lru_cache(maxsize=1)
def _shipped_plans() -> list[tuple[str, Path]]:
    return plans_of(path for name in shipped_profiles() for path in load_profile(name).plan_paths())


def component_of(plan: Plan, code: str) -> Component:
    """The component of this code; `ToolkitError` names those that the plan has."""
    found = plan.component(code)
    if found is None:
        known = ", ".join(component.code for component in plan.components)
        raise ToolkitError([problem("ASK_COMPONENT", value=code, plan=plan.id, known=known)])
    return found


def commission(plan_text: str, amounts: Table, attainments: Table | None) -> list[list[float | None]]:
    """For each amount collected, what it earns: the components that an amount (and an attainment) is enough for.

    Before gates, multipliers and holdback, after floor and cap, each component rounded to the minor unit. The result
    has the shape of `amounts`; `attainments` has the same, or one cell for all.
    """
    plan, code = plan_named(plan_text)
    components = [component_of(plan, code)] if code else [one for one in plan.components if _from_amount(one)]
    if not components or not all(_from_amount(one) for one in components):
        raise ToolkitError([problem("ASK_NOT_FROM_AMOUNT", plan=plan.id)])
    one = int(10 ** minor_digits(plan.currency))
    pays = [_Pay(component, one, plan.rounding) for component in components]
    reached_by = _same_shape(amounts, attainments)
    return [
        [_earned_cell(pays, cell, met, plan.currency, one) for cell, met in zip(row, mets, strict=True)]
        for row, mets in zip(amounts, reached_by, strict=True)
    ]


def _from_amount(component: Component) -> bool:
    """Whether an amount collected and an attainment are all that the component looks at."""
    return (
        component.measure == "collected"
        and component.per != "year_to_date"
        and component.matrix is None
        and component.band_by in (None, "amount", "attainment")
    )


def _same_shape(amounts: Table, attainments: Table | None) -> Table:
    if attainments is None:
        return [[None] * len(row) for row in amounts]
    cells = [cell for row in attainments for cell in row]
    if len(cells) == 1:
        return [cells * len(row) for row in amounts]
    if [len(row) for row in attainments] != [len(row) for row in amounts]:
        raise ToolkitError([problem("ASK_SHAPE")])
    return attainments


class _Pay:
    """What a component pays for an amount, between its floor and its cap: in minor units, ready for many cells."""

    def __init__(self, component: Component, one: int, rounding: Rounding) -> None:
        """`one`: the minor units of a major one."""
        self._scale = PayScale(component)
        self._by_attainment = component.band_by == "attainment"
        self._needs_target = self._by_attainment or component.kind == "at_target"
        self._one, self._rounding = one, rounding
        # a limit is rounded as what it limits is: rounding keeps the order
        limits = (component.floor, component.cap)
        self._floor, self._cap = (None if limit is None else self._minor(Fraction(limit)) for limit in limits)

    def _minor(self, exactly: Fraction) -> int:
        return rounded_ratio(exactly.numerator * self._one, exactly.denominator, self._rounding)

    def of(self, measure: Fraction, met: Fraction | None) -> int:
        """What `measure` earns at the attainment `met`."""
        target = measure / met if met and self._needs_target else None
        pays = self._minor(
            earned_by(self._scale.earned(measure, value=met if self._by_attainment else None, target=target))
        )
        if self._floor is not None and pays < self._floor:
            pays = self._floor
        return pays if self._cap is None or pays < self._cap else self._cap


def _earned_cell(pays: Iterable[_Pay], amount: Cell, met: Cell, currency: str, one: int) -> float | None:
    minor = money(amount, currency)
    if minor is None:
        return None
    measure = Fraction(minor, one)
    share = None if is_blank(met) else number(met)
    return sum([pay.of(measure, share) for pay in pays]) / one


def number(cell: Cell) -> Fraction:
    """A cell as an exact number: 0.85, "85%" or "31"; `ToolkitError` for what is none."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return Fraction(*digits_of(cell).as_integer_ratio())
    text = text_of(cell).replace(",", "")
    try:
        return Fraction(Decimal(text.rstrip("%"))) / (100 if text.endswith("%") else 1)
    except (ArithmeticError, ValueError) as error:
        raise ToolkitError([problem("ASK_AMOUNT", value=text)]) from error


def band_rate(plan_text: str, code: str, values: Table) -> list[list[float | None]]:
    """For each value on a component's scale: the rate as a fraction, or the amount, of the band that it reaches."""
    plan, _ = plan_named(plan_text)
    component = component_of(plan, code)
    if not component.scale or component.matrix is not None:
        raise ToolkitError([problem("ASK_NO_BANDS", component=component.code)])
    return [[_rate(component, cell) for cell in row] for row in values]


def _rate(component: Component, cell: Cell) -> float | None:
    if is_blank(cell):
        return None
    value = number(cell)
    if component.band_mode == "interpolated":
        return float(interpolated_rate(component.scale, value))
    at = reached(component.scale, value, component.band_edge)
    if at < 0:
        return 0.0
    band = component.scale[at]
    return float(band.amount) if band.amount is not None else float(Fraction(band.rate or 0, PPM))
