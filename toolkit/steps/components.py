"""From earnings to payable lines: gates, factors, floors, caps, and rounding once.

The order is fixed: earned -> gates -> multiplier -> floor -> cap -> plan cap -> rounded to the minor
unit -> shared out to the pieces, so that the pieces add up to the line and the lines to the sheet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from toolkit.bands import ONE, ZERO, summed
from toolkit.money import rounded
from toolkit.plans import Component
from toolkit.problems import said
from toolkit.steps.gates import GateOutcome, factor, gates_of, multiplier_of, outcome
from toolkit.steps.month import Month
from toolkit.steps.terms import Earnings
from toolkit.steps.words import amount_words


@dataclass(frozen=True, slots=True)
class Part:
    """An agent's earnings of one segment: what was earned, and what it is multiplied by in the end."""

    raw: Fraction
    final: Fraction
    gates: GateOutcome
    factor: Fraction
    held: bool
    reasons: tuple[str, ...]
    floor_gave: Fraction
    over_cap: Fraction

    @property
    def scale(self) -> Fraction:
        """What turns each piece's earning into its part of the line; 1 where nothing was earned."""
        if self.is_floor_alone:
            return ZERO
        return ONE if self.final == self.raw or not self.raw else self.final / self.raw

    @property
    def is_floor_alone(self) -> bool:
        """Whether the floor lifts nothing, or less, above zero: then it is a piece by itself and the others pay
        nothing, since a negative factor would turn a penalty into a reward."""
        return self.raw <= 0 < self.final


@dataclass(frozen=True, slots=True)
class Payable:
    """One agent's line of one component (minor units): `amount` is the column of the sheet."""

    agent_id: str
    component: Component
    parts: Mapping[int, Part]
    plan_cap_scale: Fraction
    amount: int
    over_cap: int

    @property
    def would_have_earned(self) -> Fraction:
        return summed(part.raw for part in self.parts.values())

    @property
    def held_by(self) -> tuple[str, ...]:
        """The gates (or the multiplier) that hold the whole line back."""
        codes = [code for part in self.parts.values() for code in part.gates.holding]
        codes += [self.component.multiplier or "" for part in self.parts.values() if part.held]
        return tuple(dict.fromkeys(codes))

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(reason for part in self.parts.values() for reason in part.reasons))

    @property
    def exact(self) -> Fraction:
        total = summed(part.final for part in self.parts.values())
        return total if self.plan_cap_scale == 1 else total * self.plan_cap_scale


def payables(month: Month, by_segment: Sequence[Earnings]) -> dict[tuple[str, str], Payable]:
    """Every agent's payable line of every component, keyed by (agent_id, component code)."""
    parts: dict[tuple[str, str], dict[int, Part]] = {}
    for number, found in enumerate(by_segment):
        for agent, terms in found.terms.items():
            key = (agent, found.segment.component.code)
            parts.setdefault(key, {})[number] = _part(month, found, agent, terms.exact)
    latest = {found.segment.component.code: found.segment.component for found in by_segment}
    lines = {key: _payable(month, key, latest[key[1]], held) for key, held in parts.items()}
    return _under_plan_cap(month, lines)


def _part(month: Month, found: Earnings, agent: str, raw: Fraction) -> Part:
    component, share = found.segment.component, found.segment.share
    gates = outcome(gates_of(component, month.plan), agent, month.period, month.kpis)
    times, held, no_value, why = factor(multiplier_of(component, month.plan), agent, month.period, month.kpis)
    after = raw if gates.share == 1 and times == 1 else raw * gates.share * times
    floored = after
    # a gate that pays nothing, and a multiplier that pays nothing for want of a value, take the floor away too
    if component.floor is not None and not gates.nothing and not no_value:
        floored = max(after, Fraction(component.floor) * month.unit * share)
    capped = floored
    if component.cap is not None:
        capped = min(floored, Fraction(component.cap) * month.unit * share)
    reasons = [*gates.reasons, why] if why else list(gates.reasons)
    if floored > after:
        reasons.append(said("REASON_FLOOR", amount=amount_words(component.floor)))
    if capped < floored:
        reasons.append(said("REASON_CAP", amount=amount_words(component.cap)))
    return Part(raw, capped, gates, times, held, tuple(reasons), floored - after, floored - capped)


def _payable(month: Month, key: tuple[str, str], component: Component, parts: Mapping[int, Part]) -> Payable:
    exact = summed(part.final for part in parts.values())
    over = summed(part.over_cap for part in parts.values())
    mode = month.plan.rounding
    return Payable(key[0], component, parts, ONE, rounded(exact, mode), rounded(over, mode))


def _under_plan_cap(month: Month, lines: dict[tuple[str, str], Payable]) -> dict[tuple[str, str], Payable]:
    """The sum of an agent's components cut to the plan's cap, each in proportion, before rounding."""
    if month.plan.plan_cap is None:
        return lines
    cap = Fraction(month.plan.plan_cap) * month.unit
    sums: dict[str, Fraction] = {}
    for (agent, _), line in lines.items():
        sums[agent] = sums.get(agent, ZERO) + line.exact
    return {
        key: _scaled(month, line, cap / sums[key[0]]) if sums[key[0]] > cap else line for key, line in lines.items()
    }


def _scaled(month: Month, line: Payable, scale: Fraction) -> Payable:
    return replace(line, plan_cap_scale=scale, amount=rounded(line.exact * scale, month.plan.rounding))


def scale_words(parts: Iterable[Part]) -> Fraction:
    """The factor as lines.csv shows it: gate, multiplier and cap together."""
    held = [part for part in parts if part.raw]
    if not held:
        return ONE
    if len(held) == 1:
        return held[0].scale
    return summed(part.final for part in held) / summed(part.raw for part in held)
