"""Components as they are in force: one segment for every definition that holds on some days of the period."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import narwhals as nw

from toolkit.periods import days_between
from toolkit.plans import Component, Plan
from toolkit.steps.month import Month, Segment


def segments(month: Month) -> list[Segment]:
    """Each component once for every definition it has in the period, with its share of the days.

    A definition that holds in several versions is computed once over all their days. Payments of an
    earlier period that come late bring their own version's definition with them.
    """
    stretches = stretches_of(month)
    found: list[Segment] = []
    for code in _codes([plan for plan, _, _ in stretches]):
        found += _segments_of(month, code, stretches)
    return found


def stretches_of(month: Month) -> list[tuple[Plan, date, date]]:
    """The versions in force in the period, each with its days; before them those that late payments bring along."""
    if month.plan.rate_date == "period_end":
        return [(month.plan, month.period.first, month.period.last)]
    within = month.plans.during(month.period)
    known = {plan.version for plan, _, _ in within}
    late = set(month.payments.filter(nw.col("in_run"))["version"].unique().to_list()) - known
    before = [(plan, plan.start, plan.start) for plan in month.plans.versions if plan.version in late]
    return [*before, *within]


def _codes(in_force: Sequence[Plan]) -> list[str]:
    return list(dict.fromkeys(component.code for plan in reversed(in_force) for component in plan.components))


def _segments_of(month: Month, code: str, stretches: Sequence[tuple[Plan, date, date]]) -> list[Segment]:
    last_plan = stretches[-1][0]
    held = [(plan, first, last, component) for plan, first, last in stretches if (component := plan.component(code))]
    yearly = last_plan.component(code)
    if yearly is not None and yearly.per == "year_to_date":
        everyone = frozenset(plan.version for plan in month.plans.versions)
        return [Segment(yearly, everyone, month.period.first, month.period.last, Fraction(1), last_plan.version)]
    groups: list[tuple[Component, list[tuple[Plan, date, date]]]] = []
    for plan, first, last, component in held:
        same = next((group for known, group in groups if known == component), None)
        if same is None:
            groups.append((component, [(plan, first, last)]))
        else:
            same.append((plan, first, last))
    return [_segment(month, component, group) for component, group in groups]


def _segment(month: Month, component: Component, group: Sequence[tuple[Plan, date, date]]) -> Segment:
    inside = [(first, last) for _, first, last in group if last >= month.period.first]
    days = sum(len(days_between(first, last)) for first, last in inside)
    share = Fraction(days, month.period.days) if days else Fraction(1)
    first = min((first for first, _ in inside), default=month.period.first)
    last = max((last for _, last in inside), default=month.period.last)
    versions = frozenset(plan.version for plan, _, _ in group)
    return Segment(component, versions, first, last, share, max(versions))
