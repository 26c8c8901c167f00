"""A minimum for the period: topped up for good, or advanced and recovered from better months."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
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
    """The guarantees of the roles that the agent had in this period, each for its days; together they top up once.

    earned: components, overrides, adjustments and clawback; draw_balance: what is still to be recovered.
    """
    guaranteed = _guaranteed(month, agent_id)
    number = month_number(month, agent_id)
    level, added, balance = 0, 0, draw_balance
    for guarantee, amount in guaranteed:
        # somebody whose start is not known has been there longer than any starting period
        if guarantee.months is None or (number is not None and number <= guarantee.months):
            level += amount
            more = max(min(amount, level - earned - added), 0)
            added += more
            balance += more if guarantee.kind == "draw_recoverable" else 0
    if added:
        return Topped(added, balance, said("REASON_TOPPED_UP", amount=worded(level, month.digits)))
    return _recovered(month, guaranteed, number, earned, draw_balance)


def _guaranteed(month: Month, agent_id: str) -> list[tuple[Guarantee, int]]:
    """The guarantees of the agent's roles with their amounts; of those not shared by days, the last role's alone."""
    amounts = [(guarantee, prorated_amount(month, guarantee, agent_id)) for guarantee in month.plan.guarantees]
    found = [(guarantee, amount) for guarantee, amount in amounts if amount is not None]
    whole = [guarantee for guarantee, _ in found if guarantee.prorate == "none"]
    last = max(whole, key=lambda guarantee: _days_in_role(month, guarantee, agent_id)[-1], default=None)
    return [(guarantee, amount) for guarantee, amount in found if guarantee.prorate != "none" or guarantee is last]


def prorated_amount(month: Month, guarantee: Guarantee, agent_id: str) -> int | None:
    """The guaranteed amount in minor units, rounded down; None for an agent who never had the role in the period."""
    held = _days_in_role(month, guarantee, agent_id)
    if not held:
        return None
    whole = Fraction(guarantee.amount) * month.unit
    if guarantee.prorate == "none":
        return floor(whole)
    counts = _counting(month, guarantee, _posts(month, guarantee, agent_id)[-1])
    days = sum(1 for day in days_between(month.period.first, month.period.last) if counts(day.toordinal()))
    in_role = sum(1 for day in held if counts(day.toordinal()))
    return floor(whole * in_role / days) if days else 0


def _posts(month: Month, guarantee: Guarantee, agent_id: str) -> list[Post]:
    return [post for post in month.teams.posts.get(agent_id, ()) if post.role == guarantee.role]


def _days_in_role(month: Month, guarantee: Guarantee, agent_id: str) -> list[date]:
    posts = _posts(month, guarantee, agent_id)
    return [day for day in days_between(month.period.first, month.period.last) if any(day in post for post in posts)]


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


def _recovered(
    month: Month, guaranteed: Sequence[tuple[Guarantee, int]], number: int | None, earned: int, draw_balance: int
) -> Topped:
    """What a better month gives back of earlier draws: a share of what is earned above all that is guaranteed."""
    excess = earned - sum(amount for _, amount in guaranteed)
    back = 0
    for guarantee, _ in guaranteed:
        recovering = number is None or number >= _recovers_from(guarantee)
        if guarantee.kind == "draw_recoverable" and recovering and excess > 0:
            most = floor(excess * Fraction(guarantee.recover_at_most, PPM))
            back += min(draw_balance - back, most)
    if back <= 0:
        return Topped(0, draw_balance)
    return Topped(-back, draw_balance - back, said("REASON_RECOVERED", amount=worded(draw_balance, month.digits)))


def _recovers_from(guarantee: Guarantee) -> int:
    if guarantee.recover_from_month is not None:
        return guarantee.recover_from_month
    return guarantee.months + 1 if guarantee.months is not None else 1
