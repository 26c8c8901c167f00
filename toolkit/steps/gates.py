"""Gates and multipliers: what an agent's KPIs do to the money, and the words for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from toolkit.bands import ONE, ZERO, reached
from toolkit.money import PPM, decimal_text, parts_per_million, percentage
from toolkit.periods import Period
from toolkit.plans import Component, Gate, Multiplier, Plan
from toolkit.problems import said
from toolkit.steps.words import kpi_title, kpi_words
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
    bound, code = (gate.at_least, "GATE_AT_LEAST") if gate.at_least is not None else (gate.at_most, "GATE_AT_MOST")
    asked = said(code, value=kpi_words(gate.kpi, bound))
    kpi = kpi_title(gate.kpi)
    if value is not None:
        seen = said("GATE_SEEN", kpi=kpi, value=kpi_words(gate.kpi, value.value), asked=asked)
    elif found is None:
        seen = said("GATE_NO_VALUE", kpi=kpi, asked=asked)
    elif found.count is None:
        seen = said("GATE_NO_COUNT", kpi=kpi, asked=gate.at_least_n)
    else:
        seen = said("GATE_FEW", kpi=kpi, count=decimal_text(found.count, 2), asked=gate.at_least_n)
    return said("GATE", gate=gate.code, seen=seen, what=_effect_words(effect))


def _effect_words(effect: Fraction | None) -> str:
    if effect is None:
        return said("GATE_HOLDS")
    return said("GATE_REDUCES", share=percentage(effect * PPM)) if effect else said("GATE_NOTHING")


def factor(
    multiplier: Multiplier | None, agent_id: str, period: Period, kpis: KpiValues
) -> tuple[Fraction, bool, bool, str]:
    """(factor, held for want of a value, nothing for want of a value, the reason in words)."""
    if multiplier is None:
        return ONE, False, False, ""
    kpi = kpi_title(multiplier.kpi)
    value = usable(kpis.get(multiplier.kpi, agent_id, period), multiplier.at_least_n)
    if value is None:
        if multiplier.missing == "pass":
            return ONE, False, False, said("FACTOR_ONE", kpi=kpi)
        if multiplier.missing == "nothing":
            return ZERO, False, True, said("FACTOR_NOTHING", kpi=kpi)
        return ONE, True, False, said("FACTOR_HOLDS", kpi=kpi)
    number = reached(multiplier.bands, value.value, multiplier.band_edge)
    found = multiplier.bands[number].factor if number >= 0 else None
    times = found or ZERO
    shown = kpi_words(multiplier.kpi, value.value)
    return times, False, False, said("FACTOR", kpi=kpi, value=shown, factor=decimal_text(times, 4))


def gates_of(component: Component, plan: Plan) -> list[Gate]:
    return [gate for gate in plan.gates if gate.code in component.gates]


def multiplier_of(component: Component, plan: Plan) -> Multiplier | None:
    return next((one for one in plan.multipliers if one.code == component.multiplier), None)
