"""What is earned by the agent and not by a row: fixed amounts, base pay, KPIs, a matrix that pays once."""

from fractions import Fraction

from toolkit.bands import ONE, ZERO, earned_by
from toolkit.plans import Component
from toolkit.steps.measures import Counted, agents_counted, base_pay
from toolkit.steps.month import Month, Segment
from toolkit.steps.terms import (
    NOTHING,
    Earnings,
    Loose,
    Measured,
    Standing,
    Terms,
    kpi_value,
    matrix_parts,
    measured,
    scale_value,
    target_of,
    totals_by_agent,
)


def of_agents(month: Month, segment: Segment, rows: Counted | None) -> Earnings:
    """One sum an agent, with a piece for each slice it has."""
    component = segment.component
    totals = totals_by_agent(rows) if rows is not None else {}
    terms: dict[str, Terms] = {}
    loose: list[Loose] = []
    for agent in agents_counted(month, component):
        if rows is not None:
            own = measured(month, component, rows, totals.get(agent, NOTHING))
        else:
            found = _agent_measure(month, component, agent)
            if found is None:
                continue
            # what belongs to the whole period is shared by the days of the plan's versions
            own = Measured(*[found * segment.share] * 3)
        target = target_of(month, segment, agent)
        value = scale_value(month, component, agent, own, target)
        if value is None:
            # nothing is earned, but the agent is in it: a floor holds here as it does for rows
            terms[agent] = Terms(own.measure, own.count, target, None, -1, ZERO)
            continue
        if component.matrix is not None:
            parts = matrix_parts(month, component, agent, Standing(own, target, value, -1), segment.share)
        else:
            parts = segment.pay_scale.earned(own.measure, value=value, target=target)
        exact = earned_by(parts) * month.unit
        band = parts[-1].band if parts else -1
        terms[agent] = Terms(own.measure, own.count, target, value, band, exact)
        loose += [Loose(agent, part.earned * month.unit, part.base, part.band) for part in parts]
    return Earnings(segment, None, terms, loose)


def _agent_measure(month: Month, component: Component, agent: str) -> Fraction | None:
    if component.measure is None:
        return ONE
    if component.measure == "base_pay":
        return base_pay(month, agent)
    return kpi_value(month, component, agent, component.measure)


def matrix_once(month: Month, segment: Segment, rows: Counted) -> Earnings:
    """A matrix of a money measure pays its amount once for the period."""
    component = segment.component
    terms, loose = {}, []
    for agent, sums in totals_by_agent(rows).items():
        own, target = measured(month, component, rows, sums), target_of(month, segment, agent)
        parts = matrix_parts(month, component, agent, Standing(own, target, ZERO, -1), segment.share)
        exact = earned_by(parts) * month.unit
        terms[agent] = Terms(own.measure, own.count, target, None, parts[-1].band if parts else -1, exact)
        loose += [Loose(agent, part.earned * month.unit, ONE, part.band) for part in parts]
    return Earnings(segment, None, terms, loose)
