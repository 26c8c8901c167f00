"""Gates and multipliers: what an agent's KPIs do to the money, and the words for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from toolkit.bands import ONE, ZERO, reached
from toolkit.money import PPM, parts_per_million, percentage
from toolkit.periods import Period
from toolkit.plans import Component, Gate, Multiplier, Plan
from toolkit.targets import KpiValue, KpiValues

REDUCE = "reduce to "


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What the gates leave: `share` of the money (0 for nothing), and the codes of the gates that hold it."""

    share: Fraction = ONE
    holding: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return self.share == 0


def remaining_share(otherwise: str) -> Fraction | None:
    """What a failed gate leaves: 0 for "nothing", 0.5 for "reduce to 50%", None for "hold"."""
    if otherwise == "nothing":
        return ZERO
    if otherwise.startswith(REDUCE):
        return Fraction(parts_per_million(otherwise.removeprefix(REDUCE)), PPM)
    return None


def usable(found: KpiValue | None, at_least_n: int | None) -> KpiValue | None:
    """The value, unless its base is smaller than `at_least_n` (or unknown where one is asked for)."""
    if found is None or at_least_n is None:
        return found
    return found if found.count is not None and found.count >= at_least_n else None


def passes(gate: Gate, value: Fraction) -> bool:
    if gate.at_least is not None and value < gate.at_least:
        return False
    return gate.at_most is None or value <= gate.at_most


def outcome(gates: Iterable[Gate], agent_id: str, period: Period, kpis: KpiValues) -> GateOutcome:
    """`nothing` wins, reductions multiply, then what holds."""
    share, holding, reasons = ONE, [], []
    for gate in gates:
        found = kpis.get(gate.kpi, agent_id, period)
        value = usable(found, gate.at_least_n)
        if value is not None and passes(gate, value.value):
            continue
        if value is None and gate.missing == "pass":
            continue
        effect = remaining_share(gate.missing if value is None else gate.otherwise)
        reasons.append(_reason(gate, found, value, effect))
        if effect is None:
            holding.append(gate.code)
        else:
            share *= effect
    return GateOutcome(share, () if share == 0 else tuple(holding), tuple(reasons))


def _reason(gate: Gate, found: KpiValue | None, value: KpiValue | None, effect: Fraction | None) -> str:
    asked = f"at least {_shown(gate.at_least)}" if gate.at_least is not None else f"at most {_shown(gate.at_most)}"
    if value is not None:
        seen = f"{gate.kpi} {_shown(value.value)}, {asked} asked"
    elif found is None:
        seen = f"{gate.kpi} has no value, {asked} asked"
    else:
        seen = f"{gate.kpi} rests on {_count(found.count)}, at least {gate.at_least_n} asked"
    what = (
        "held back"
        if effect is None
        else "nothing is paid"
        if effect == 0
        else f"reduced to {percentage(effect * PPM)}"
    )
    return f"gate {gate.code}: {seen}: {what}"


def _count(count: Fraction | None) -> str:
    return "an unknown number" if count is None else percentage(count * 10_000).rstrip("%")


def _shown(value: Fraction | None) -> str:
    if value is None:
        return ""
    return (
        percentage(value * PPM, 2)
        if (abs(value) <= 2 and value.denominator != 1) or value == 1
        else f"{float(value):g}"
    )


def factor(
    multiplier: Multiplier | None, agent_id: str, period: Period, kpis: KpiValues
) -> tuple[Fraction, bool, bool, str]:
    """(factor, held for want of a value, nothing for want of a value, the reason in words)."""
    if multiplier is None:
        return ONE, False, False, ""
    value = usable(kpis.get(multiplier.kpi, agent_id, period), multiplier.at_least_n)
    if value is None:
        if multiplier.missing == "pass":
            return ONE, False, False, f"no value of {multiplier.kpi}: factor 1"
        if multiplier.missing == "nothing":
            return ZERO, False, True, f"no value of {multiplier.kpi}: nothing is paid"
        return ONE, True, False, f"no value of {multiplier.kpi}: held back"
    number = reached(multiplier.bands, value.value, multiplier.band_edge)
    found = multiplier.bands[number].factor if number >= 0 else ZERO
    return found or ZERO, False, False, f"{multiplier.kpi} {_shown(value.value)}: factor {float(found or 0):g}"


def gates_of(component: Component, plan: Plan) -> list[Gate]:
    return [gate for gate in plan.gates if gate.code in component.gates]


def multiplier_of(component: Component, plan: Plan) -> Multiplier | None:
    return next((one for one in plan.multipliers if one.code == component.multiplier), None)
