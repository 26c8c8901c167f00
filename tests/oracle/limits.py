"""In this order: gates, multiplier, floor, cap; then the plan's cap; then one rounding a line."""

from fractions import Fraction
from typing import Any

from . import bands as scales
from .calendar import Period
from .exact import number, rounded, shared
from .pieces import ONE, Earned, Part, Piece
from .world import World


def limited(world: World, plan: dict[str, Any], part: Part, agent: str, pieces: list[Piece], period: Period) -> Earned:
    """In this order: gates, multiplier, floor, cap; the pieces follow in proportion."""
    component = part.component
    earned = Earned(agent, component, pieces)
    outcome, factor, holding = through_gates(world, plan, component, agent, period)
    times, multiplier_outcome = multiplied(world, plan, component, agent, period)
    nothing = "nothing" in (outcome, multiplier_outcome)
    factor = Fraction(0) if nothing else factor * times
    earned.held_by = [] if nothing else holding + ([component["multiplier"]] if multiplier_outcome == "hold" else [])
    before = [piece.amount for piece in earned.pieces]
    for piece in earned.pieces:
        piece.amount *= factor
    if "floor" in component and not nothing:
        if not factor and sum(before) > 0:  # what a factor of zero took is what the floor is shared out by
            give_back(earned, before, number(component["floor"]) * part.stretch)
        else:
            raise_to(earned, number(component["floor"]) * part.stretch, part.version)
    if "cap" in component:
        cap = number(component["cap"]) * part.stretch
        if earned.total > cap:
            earned.excess = earned.total - cap
            scale_to(earned, cap)
    return earned


def raise_to(earned: Earned, floor: Fraction, version: int) -> None:
    """What is below zero, or nothing, cannot be lifted in proportion: there the floor is a piece by itself."""
    total = earned.total
    if not earned.pieces or total >= floor:
        return
    if total > 0:
        scale_to(earned, floor)
        return
    for piece in earned.pieces:
        piece.amount = piece.amount * floor / total if total and floor <= 0 else Fraction(0)
    if floor > 0:
        earned.pieces.append(Piece(None, 0, floor, version))


def give_back(earned: Earned, before: list[Fraction], floor: Fraction) -> None:
    for piece, amount in zip(earned.pieces, before, strict=True):
        piece.amount = amount
    scale_to(earned, floor)


def scale_to(earned: Earned, amount: Fraction) -> None:
    total = earned.total
    for piece in earned.pieces:
        piece.amount *= amount / total


def through_gates(
    world: World, plan: dict[str, Any], component: dict[str, Any], agent: str, period: Period
) -> tuple[str, Fraction, list[str]]:
    """("nothing" or "", the reductions multiplied, the gates that hold)."""
    factor, holding, nothing = ONE, [], False
    for code in component.get("gates", []):
        gate = next(gate for gate in plan["gate"] if gate["code"] == code)
        outcome = gate_outcome(world, gate, agent, period)
        if outcome == "nothing":
            nothing = True
        elif outcome == "hold":
            holding.append(code)
        elif outcome.startswith("reduce to "):
            factor *= number(outcome.removeprefix("reduce to "))
    return "nothing" if nothing else "", factor, holding


def gate_outcome(world: World, gate: dict[str, Any], agent: str, period: Period) -> str:
    """pass | nothing | hold | reduce to N%."""
    value = known(world, gate, agent, period)
    if value is None:
        return str(gate.get("missing", "hold"))
    passes = value >= number(gate["at_least"]) if "at_least" in gate else value <= number(gate["at_most"])
    return "pass" if passes else str(gate["otherwise"])


def known(world: World, rule: dict[str, Any], agent: str, period: Period) -> Fraction | None:
    """The KPI's value, unless there is none or too few cases stand behind it."""
    value, base = world.kpi(rule["kpi"], agent, period)
    if "at_least_n" in rule and (base is None or base < rule["at_least_n"]):
        return None
    return value


def multiplied(
    world: World, plan: dict[str, Any], component: dict[str, Any], agent: str, period: Period
) -> tuple[Fraction, str]:
    """(the factor of the band reached, the outcome of a missing value)."""
    if "multiplier" not in component:
        return ONE, ""
    rule = next(multiplier for multiplier in plan["multiplier"] if multiplier["code"] == component["multiplier"])
    factor = factor_of(world, rule, agent, period)
    return (ONE, str(rule.get("missing", "pass"))) if factor is None else (factor, "")


def factor_of(world: World, rule: dict[str, Any], agent: str, period: Period) -> Fraction | None:
    """The factor of the band reached, 0 below the first; none without a value."""
    value = known(world, rule, agent, period)
    return None if value is None else scales.reached(scales.scale(rule), "from", value) or Fraction(0)


# One rounding a line


def whole_lines(world: World, plan: dict[str, Any], lines: list[Earned]) -> list[Earned]:
    """The parts of versions added up, and the plan's cap on the sum of an agent's components."""
    merged: dict[tuple[str, str], Earned] = {}
    for line in lines:
        key = (line.agent, line.component["code"])
        if key in merged:
            merged[key].pieces += line.pieces
            merged[key].excess += line.excess
            merged[key].held_by += [code for code in line.held_by if code not in merged[key].held_by]
            merged[key].component = line.component
        else:
            merged[key] = line
    if "plan_cap" in plan:
        for agent in {line.agent for line in merged.values()}:
            cap_sum([line for line in merged.values() if line.agent == agent], number(plan["plan_cap"]))
    return list(merged.values())


def cap_sum(lines: list[Earned], cap: Fraction) -> None:
    total = sum((line.total for line in lines), Fraction(0))
    if total > cap:
        for line in lines:
            for piece in line.pieces:
                piece.amount *= cap / total


def rounded_pieces(world: World, plan: dict[str, Any], line: Earned) -> list[tuple[Piece, int]]:
    """The line rounded once to the minor unit, shared among its pieces by largest remainder (ties: payment_id)."""
    pieces = sorted(line.pieces, key=lambda piece: (piece.event.id if piece.event else "", piece.key, piece.slice))
    exact = [piece.amount * 10**world.digits for piece in pieces]
    total = rounded(sum(exact, Fraction(0)), plan["rounding"])
    return list(zip(pieces, shared(total, exact), strict=True))
