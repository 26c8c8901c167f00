"""A minimum for the period: topped up for good, or advanced and recovered from better months."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from toolkit.money import PPM, worded
from toolkit.periods import containing, days_between, is_working_day
from toolkit.plans import Guarantee
from toolkit.problems import said
from toolkit.steps.month import Month
from toolkit.teams import Post


@dataclass(frozen=True, slots=True)
class Topped:
    """What the guarantee adds (negative: recovers), the draw balance after it, and why; minor units."""

    amount: int = 0
    draw_balance: int = 0
    reason: str = ""


def topped_up(month: Month, agent_id: str, earned: int, draw_balance: int) -> Topped:
    """The guarantee of the agent's role in this period.

    earned: components, overrides, adjustments and clawback; draw_balance: what is still to be recovered.
    """
    for guarantee in month.plan.guarantees:
        whole = prorated_amount(month, guarantee, agent_id)
        if whole is not None:
            return _applied(month, guarantee, agent_id, earned, draw_balance, whole)
    return Topped(0, draw_balance)


def prorated_amount(month: Month, guarantee: Guarantee, agent_id: str) -> int | None:
    """The guaranteed amount in minor units, rounded down; None for an agent who never had the role in the period."""
    posts = [post for post in month.teams.posts.get(agent_id, ()) if post.role == guarantee.role]
    held = [day for day in days_between(month.period.first, month.period.last) if any(day in post for post in posts)]
    if not held:
        return None
    whole = Fraction(guarantee.amount) * month.unit
    if guarantee.prorate == "none":
        return floor(whole)
    counts = _counting(month, guarantee, posts[-1])
    days = sum(1 for day in days_between(month.period.first, month.period.last) if counts(day.toordinal()))
    in_role = sum(1 for day in held if counts(day.toordinal()))
    return floor(whole * in_role / days) if days else 0


def _counting(month: Month, guarantee: Guarantee, post: Post) -> Callable[[int], bool]:
    if guarantee.prorate != "working_days":
        return lambda ordinal: True
    country = post.country or month.plan.country
    first = month.period.first
    return lambda ordinal: is_working_day(first.fromordinal(ordinal), country, month.working_week)


def month_number(month: Month, agent_id: str) -> int | None:
    """1 for the month in which the agent started; None where the start is not known."""
    started = month.teams.started_on.get(agent_id)
    if started is None:
        return None
    begun = containing(started, "month", month.period.start_day).last
    now = containing(month.period.last, "month", month.period.start_day).last
    return (now.year - begun.year) * 12 + now.month - begun.month + 1


def _applied(month: Month, guarantee: Guarantee, agent_id: str, earned: int, draw_balance: int, amount: int) -> Topped:
    number = month_number(month, agent_id)
    # somebody whose start is not known has been there longer than any starting period
    inside = guarantee.months is None or (number is not None and number <= guarantee.months)
    recoverable = guarantee.kind == "draw_recoverable"
    if inside and earned < amount:
        added = min(amount, amount - earned)
        balance = draw_balance + added if recoverable else draw_balance
        return Topped(added, balance, said("REASON_TOPPED_UP", amount=worded(amount, month.digits)))
    recovering = number is None or number >= _recovers_from(guarantee)
    if draw_balance > 0 and recoverable and recovering and earned > amount:
        share = Fraction(guarantee.recover_at_most, PPM)
        most = floor((earned - amount) * share)
        back = min(draw_balance, most)
        return Topped(-back, draw_balance - back, said("REASON_RECOVERED", amount=worded(draw_balance, month.digits)))
    return Topped(0, draw_balance)


def _recovers_from(guarantee: Guarantee) -> int:
    if guarantee.recover_from_month is not None:
        return guarantee.recover_from_month
    return guarantee.months + 1 if guarantee.months is not None else 1
