"""From lines to what an agent gets: overrides, guarantee, withholding, carry, whole payout units."""

from collections import defaultdict
from fractions import Fraction
from math import floor
from typing import Any

from .calendar import Period, containing, is_working_day
from .exact import minor, number, rounded, shared
from .payments import Counted
from .pieces import Line
from .world import World


def overrides(world: World, plan: dict[str, Any], period: Period, lines: list[Line], counted: Counted) -> list[Line]:
    """What leaders earn on their team's rounded earn and clawback lines, or on the cash credited to it."""
    found = []
    for rule in plan.get("override", []):
        basis: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for agent, day, amount in overridden(rule, period, lines, counted):
            leader = world.leader(agent, day)
            if world.role(agent, day) == rule["of"] and leader and world.role(leader, day) == rule["role"]:
                basis[leader][agent] += amount
        for leader, team in sorted(basis.items()):
            members = sorted(team)
            exact = [team[agent] * number(rule["rate"]) for agent in members]
            total = rounded(sum(exact, Fraction(0)), plan["rounding"])
            found.append(line("override", leader, rule["code"], total))
            if rule.get("paid", "added") == "deducted":
                for agent, part in zip(members, shared(total, exact), strict=True):
                    found.append(line("override", agent, rule["code"], -part))
    return found


def overridden(rule: dict[str, Any], period: Period, lines: list[Line], counted: Counted) -> list[tuple[str, Any, int]]:
    """(agent, day, minor units) of everything an override is reckoned on."""
    if rule["base"] == "collected":
        return [(event.agent, event.day, event.money) for event in counted.events]
    return [
        (line["agent"], line["payment_day"] or period.last, line["amount"])
        for line in lines
        if line["kind"] in ("earn", "clawback")
    ]


def line(kind: str, agent: str, component: str, amount: int, **more: Any) -> Line:
    return {
        "kind": kind,
        "agent": agent,
        "component": component,
        "amount": amount,
        "payment_id": "",
        "payment_day": None,
        **more,
    }


def adjustments(world: World, period: Period) -> list[Line]:
    return [
        line("adjust", row["agent_id"], row.get("component", ""), row["amount"], id=row["adjustment_id"])
        for row in world.rows("adjustments")
        if period.first <= row["on"] <= period.last
    ]


# Guarantee


def guarantee(
    world: World, plan: dict[str, Any], period: Period, agent: str, earned: int, draw: int
) -> tuple[int, int]:
    """(the guarantee column, the draw balance after it). Who had two roles is guaranteed a part for each."""
    rules = [(rule, guaranteed(world, rule, agent, period)) for rule in plan.get("guarantee", [])]
    mine = [(rule, least) for rule, least in rules if least is not None]
    month = month_of_service(world, agent, period)
    total, level = 0, 0
    for rule, least in mine:
        level += least
        months = rule.get("months")
        if earned + total < level and (months is None or (month is not None and month <= months)):
            top_up = min(least, level - earned - total)
            total += top_up
            draw += top_up if rule["kind"] == "draw_recoverable" else 0
    for rule, _ in mine:
        excess = earned - level
        recover_from = rule.get("recover_from_month") or rule.get("months", 0) + 1
        if rule["kind"] == "draw_recoverable" and excess > 0 and month and month >= recover_from:
            recovered = min(draw, floor(excess * number(rule.get("recover_at_most", "100%"))))
            total -= recovered
            draw -= recovered
    return total, draw


def guaranteed(world: World, rule: dict[str, Any], agent: str, period: Period) -> int | None:
    """The guaranteed amount for the days in the role, rounded down; none for an agent who has no day in it."""
    mine = [day for day in period.days if world.works(agent, day) and world.role(agent, day) == rule["role"]]
    if not mine:
        return None
    amount = Fraction(minor(rule["amount"], world.digits))
    prorate = rule.get("prorate", "none")
    if prorate == "calendar_days":
        amount *= Fraction(len(mine), len(period.days))
    if prorate == "working_days":
        working = [day for day in period.days if is_working_day(day, world.country_of(agent, day))]
        amount *= Fraction(sum(1 for day in mine if day in working), len(working))
    return floor(amount)


def month_of_service(world: World, agent: str, period: Period) -> int | None:
    """1 in the month of started_on: the plan's own month, or the calendar month that the period ends in."""
    started = world.last_agent_row(agent, period.last).get("started_on")
    if started is None:
        return None
    month = containing(started, "month", period.start_day).label
    year, number_of_month = int(month[:4]), int(month[5:7])
    now = period.label if period.kind == "month" else f"{period.last.year:04d}-{period.last.month:02d}"
    return (int(now[:4]) - year) * 12 + int(now[5:7]) - number_of_month + 1


# Withholding, carry, payout


def withholding(world: World, plan: dict[str, Any], period: Period, agent: str, gross: int) -> int:
    row = world.last_agent_row(agent, period.last)
    country = world.country_of(agent, period.last)
    rules = [
        rule
        for rule in plan.get("withholding", [])
        if rule["country"] == country
        and rule["payee_type"] == row.get("payee_type", "")
        and rule["from"] <= period.last
    ]
    if not rules or gross <= 0:
        return 0
    rule = max(rules, key=lambda rule: rule["from"])
    threshold = minor(rule.get("threshold", "0"), world.digits)
    if gross <= threshold:
        return 0
    taxed = gross - threshold if rule.get("threshold_mode", "cliff") == "excess" else gross
    return -rounded(taxed * number(rule["rate"]), plan["rounding"])


def payable(world: World, plan: dict[str, Any], net: int, carried_in: int) -> int:
    total = Fraction(net + carried_in)
    if "carry" in plan and carried_in < 0 and net > 0:
        total = max(total, net * (1 - number(plan["carry"]["recover_at_most"])))
    unit = number(plan["payout_unit"]) * 10**world.digits
    paid = floor(total / unit) * unit
    if total < 0 or paid < number(plan.get("min_payout", "0")) * 10**world.digits:
        return 0
    return int(paid)
