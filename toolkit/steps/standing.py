"""How each agent stands under each component: measure, target, band, what gates took, what more would pay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit import bands as on_bands
from toolkit.bands import earned_by, summed
from toolkit.money import PPM, decimal_text, rounded, worded
from toolkit.plans import Component
from toolkit.problems import said
from toolkit.steps.components import Part, Payable, scale_words
from toolkit.steps.month import Month
from toolkit.steps.terms import Earnings, Measured, Terms, scale_value
from toolkit.steps.words import place_words, why_words

ONE_MORE = 1000
"""Major units: "what would one more 1,000 collected pay?"."""

SCHEMA: dict[str, Any] = {
    "agent_id": pl.String,
    "component": pl.String,
    "title": pl.String,
    "kind": pl.String,
    "measure": pl.String,
    "base": pl.String,
    "target": pl.String,
    "attainment": pl.String,
    "band": pl.String,
    "would_have_earned": pl.Int64,
    "gate": pl.String,
    "gate_took": pl.Int64,
    "factor": pl.String,
    "cap_took": pl.Int64,
    "floor_gave": pl.Int64,
    "amount": pl.Int64,
    "one_more": pl.String,
    "note": pl.String,
}


@dataclass(frozen=True)
class _Known:
    """What is the same for many agents: the words of a band, and what 1,000 more pays in each band by the factor."""

    bands: dict[tuple[int, int], str] = field(default_factory=dict)
    one_more: dict[tuple[str, int, Fraction], str] = field(default_factory=dict)


def component_table(
    month: Month, by_segment: Sequence[Earnings], lines: Mapping[tuple[str, str], Payable]
) -> pl.DataFrame:
    """One row per agent and component; amounts in minor units, `base` and `target` as plain decimals."""
    order = list(dict.fromkeys(found.segment.component.code for found in by_segment))
    known = _Known()
    rows = [
        _row(month, by_segment, line, known)
        for (_, _), line in sorted(lines.items(), key=lambda item: (item[0][0], order.index(item[0][1])))
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _row(month: Month, by_segment: Sequence[Earnings], line: Payable, known: _Known) -> dict[str, Any]:
    component = line.component
    number, part = list(line.parts.items())[-1]
    terms = by_segment[number].terms[line.agent_id]
    measure = summed(by_segment[one].terms[line.agent_id].measure for one in line.parts)
    targets = [by_segment[one].terms[line.agent_id].target for one in line.parts]
    target = summed(found for found in targets if found) if any(targets) else None
    after_gates = summed(one.raw if one.gates.share == 1 else one.raw * one.gates.share for one in line.parts.values())
    mode = month.plan.rounding
    cut = summed(one.over_cap for one in line.parts.values())
    if line.plan_cap_scale != 1:
        cut += summed(one.final for one in line.parts.values()) * (1 - line.plan_cap_scale)
    return {
        "agent_id": line.agent_id,
        "component": component.code,
        "title": component.title or component.code,
        "kind": component.kind,
        "measure": component.measure or "",
        "base": decimal_text(measure) if component.measure else "",
        "target": decimal_text(target) if target is not None else "",
        "attainment": decimal_text(on_bands.attainment(measure, target), 6) if component.target else "",
        "band": _band(by_segment[number], number, terms, known),
        "would_have_earned": rounded(line.would_have_earned, mode),
        "gate": "; ".join(reason for one in line.parts.values() for reason in one.gates.reasons),
        # rounded one by one, so that what is shown re-adds: would have earned - taken = left
        "gate_took": max(rounded(line.would_have_earned, mode) - rounded(after_gates, mode), 0),
        "factor": decimal_text(_total_scale(line), 6),
        "cap_took": rounded(cut, mode),
        "floor_gave": rounded(summed(one.floor_gave for one in line.parts.values()), mode),
        "amount": line.amount,
        "one_more": _one_more(month, by_segment[number], part, known, line.agent_id),
        "note": "; ".join(line.reasons),
    }


def _total_scale(line: Payable) -> Fraction:
    scale = scale_words(line.parts.values())
    return scale if line.plan_cap_scale == 1 else scale * line.plan_cap_scale


def _band(found: Earnings, number: int, terms: Terms, known: _Known) -> str:
    """The band the agent reached, with its rate; "" where every payment has its own. The last version that the agent
    had something under says it, which need not be the plan's latest."""
    if terms.band < 0:
        return "" if terms.value is None else said("BAND_BELOW")
    if (number, terms.band) not in known.bands:
        known.bands[number, terms.band] = why_words(found.segment.component, terms.band)
    return known.bands[number, terms.band]


def _one_more(month: Month, found: Earnings, part: Part, known: _Known, agent_id: str) -> str:
    """What 1,000 more collected would pay under this component, in words; "" where nothing collected counts."""
    segment, component, times = found.segment, found.segment.component, part.gates.share * part.factor
    if component.measure != "collected" or component.per == "year_to_date" or component.matrix is not None:
        return ""
    if times == 0:
        return said("ONE_MORE_NOTHING", more=f"{ONE_MORE:,}")
    if component.per == "payment" or component.band_by in ("days_past_due", "balance"):
        key = (component.code, segment.version, times)
        if key not in known.one_more:
            known.one_more[key] = _by_band(month, component, times)
        return known.one_more[key]
    terms = found.terms[agent_id]
    measure = terms.measure + ONE_MORE
    value = scale_value(month, component, agent_id, Measured(measure, terms.count, measure), terms.target)
    if value is None:
        return ""
    after = earned_by(segment.pay_scale.earned(measure, value=value, target=terms.target)) * month.unit * times
    if component.cap is not None:
        after = min(after, Fraction(component.cap) * month.unit * segment.share)
    more = rounded(after - part.final, month.plan.rounding)
    split = Fraction((component.split or {}).get("credited", PPM), PPM)
    more = rounded(more * split, month.plan.rounding)
    return said("ONE_MORE", more=f"{ONE_MORE:,}", pays=worded(more, month.digits))


def _by_band(month: Month, component: Component, times: Fraction) -> str:
    """The rate depends on each payment: one figure for every band."""
    if component.kind != "percent":
        return ""
    pays = []
    for number, band in enumerate(component.scale):
        rate = Fraction(band.rate or 0, PPM) * Fraction(component.base_share, PPM)
        amount = worded(rounded(ONE_MORE * rate * times * month.unit, month.plan.rounding), month.digits)
        place = place_words(component, number)
        pays.append(f"{amount} ({place})" if place else amount)
    return said("ONE_MORE", more=f"{ONE_MORE:,}", pays=", ".join(pays))
