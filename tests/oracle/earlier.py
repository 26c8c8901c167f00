"""What earlier runs leave to do: release, forfeit, claw back, pay what a cap put aside."""

from fractions import Fraction
from typing import Any

from .calendar import Period
from .calendar import period as period_of
from .exact import number, rounded
from .limits import factor_of, gate_outcome
from .payments import Counted
from .pieces import Line
from .world import Row, World


def all_lines(previous: list[Any]) -> list[Line]:
    return [line for result in previous for line in result.lines]


def clawbacks(world: World, plan: dict[str, Any], period: Period, previous: list[Any], counted: Counted) -> list[Line]:
    """For each later reversal and each piece on its payment: the piece's amount x reversed / paid x share x decline."""
    found: list[Line] = []
    payments = {row["payment_id"]: row for row in world.rows("payments")}
    for reversal in counted.later_reversals:
        payment = payments[reversal["reverses"]]
        for piece in all_lines(previous):
            if piece["kind"] != "earn" or piece["payment_id"] != payment["payment_id"] or piece["amount"] <= 0:
                continue
            rule = (piece["rules"] or {}).get("clawback")
            if rule is None:
                continue
            paid = next(result.net[payment["payment_id"]] for result in previous if payment["payment_id"] in result.net)
            kept = kept_of(piece["id"], previous)
            exact = piece["amount"] * kept * share_taken(rule, payment, reversal) * Fraction(-reversal["amount"], paid)
            before = [
                line
                for line in all_lines(previous) + found
                if line["kind"] == "clawback" and line["piece"] == piece["id"]
            ]
            taken = sum((line["exact"] for line in before), Fraction(0))
            amount = rounded(taken + exact, plan["rounding"]) - rounded(taken, plan["rounding"])
            late = reversal["day"] < period.first
            found.append(
                {
                    "kind": "clawback",
                    "agent": piece["agent"],
                    "component": piece["component"],
                    "amount": -amount,
                    "payment_id": reversal["payment_id"],
                    "exact": exact,
                    "piece": piece["id"],
                    "payment_day": payment["day"],
                    "earned_for": reversal["paid_at"].strftime("%Y-%m") if late else "",
                }
            )
    return found


def share_taken(rule: dict[str, Any], payment: Row, reversal: Row) -> Fraction:
    elapsed = (reversal["day"] - payment["day"]).days
    share = number(rule.get("share", "100%"))
    if "within_days" not in rule:
        return share
    if elapsed > rule["within_days"]:
        return Fraction(0)
    if rule.get("decline", "none") == "straight_line":
        return share * Fraction(rule["within_days"] - elapsed, rule["within_days"])
    return share


def kept_of(piece: str, previous: list[Any]) -> Fraction:
    """What a gate's late value left of a held piece: all of it, a share, nothing."""
    kept = [line["kept"] for line in all_lines(previous) if line["kind"] == "release" and line["piece"] == piece]
    return min(kept, default=Fraction(1))


def releases(
    world: World, plan: dict[str, Any], period: Period, previous: list[Any], held_now: list[Line], taken_now: list[Line]
) -> list[Line]:
    """Every holdback that fell due by the period's end and is still held, this run's own included."""
    gone = {line["holdback"] for line in all_lines(previous) if line["kind"] == "release"}
    found: list[Line] = []
    for line in all_lines(previous) + held_now:
        if line["kind"] != "holdback" or line["id"] in gone:
            continue
        if line["due_on"] and line["due_on"] <= period.last:
            found.append(release(line, -line["amount"], Fraction(1)))
        elif line["held_by"] and line not in held_now:
            taken = [one for one in all_lines(previous) + taken_now if one["kind"] == "clawback"]
            already = sum(one["amount"] for one in taken if one["piece"] == line["piece"])
            found += after_gate(world, plan, line, already)
    return found


def release(line: Line, amount: int, kept: Fraction, second: bool = False) -> Line:
    more = {"holdback": line["id"], "due_on": None, "kept": kept, "second": second}
    return {**line, "kind": "release", "amount": amount, **more}


def after_gate(world: World, plan: dict[str, Any], line: Line, taken_back: int) -> list[Line]:
    """Released when all that held it lets go; a late value that fails forfeits it or a part; nothing wins over hold."""
    kept = [kept_by(world, plan, code, line) for code in line["held_by"]]
    if None in kept and Fraction(0) not in kept:
        return []
    share = Fraction(1)
    for part in kept:
        share *= 1 if part is None else part
    left = -line["amount"] + taken_back
    paid = rounded(left * share, plan["rounding"])
    share_paid = Fraction(paid, left) if left else Fraction(0)
    lines = [release(line, -line["amount"], share_paid)]
    return lines + ([release(line, paid - left, share_paid, second=True)] if paid != left else [])


def kept_by(world: World, plan: dict[str, Any], code: str, line: Line) -> Fraction | None:
    """The share that a gate, or the factor that a multiplier, leaves of a held line now; none while it still holds."""
    held_in = period_of(line["period"], plan.get("period_start_day", 1))
    multiplier = next((one for one in plan.get("multiplier", []) if one["code"] == code), None)
    if multiplier:
        return factor_of(world, multiplier, line["agent"], held_in)
    gate = next(gate for gate in plan["gate"] if gate["code"] == code)
    outcome = gate_outcome(world, gate, line["agent"], held_in)
    if outcome == "hold":
        return None
    if outcome.startswith("reduce to "):
        return number(outcome.removeprefix("reduce to "))
    return Fraction(0) if outcome == "nothing" else Fraction(1)


def cap_balances(previous: list[Any]) -> dict[tuple[str, str], int]:
    """(agent, component) -> what caps put aside less what was paid of it since."""
    balances: dict[tuple[str, str], int] = {}
    for line in all_lines(previous):
        if line["kind"] == "cap_carry":
            key = (line["agent"], line["component"])
            balances[key] = balances.get(key, 0) + line["base"] - line["amount"]
    return balances


def last_sheet(previous: list[Any]) -> dict[str, dict[str, int]]:
    return previous[-1].sheet if previous else {}
