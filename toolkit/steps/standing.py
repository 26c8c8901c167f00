"""How each agent stands under each component: measure, target, band, what gates took, what more would pay."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit import bands as on_bands
from toolkit.bands import ZERO, earned
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


Figures = dict[tuple[str, Fraction], str]
"""What 1,000 more pays in each band, by component and factor: the same for many agents."""


def component_table(
    month: Month, by_segment: Sequence[Earnings], lines: Mapping[tuple[str, str], Payable]
) -> pl.DataFrame:
    """One row per agent and component; amounts in minor units, `base` and `target` as plain decimals."""
    order = list(dict.fromkeys(found.segment.component.code for found in by_segment))
    by_band: Figures = {}
    rows = [
        _row(month, by_segment, line, by_band)
        for (_, _), line in sorted(lines.items(), key=lambda item: (item[0][0], order.index(item[0][1])))
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


def _row(month: Month, by_segment: Sequence[Earnings], line: Payable, by_band: Figures) -> dict[str, Any]:
    component = line.component
    number, part = list(line.parts.items())[-1]
    terms = by_segment[number].terms[line.agent_id]
    measure = sum((by_segment[one].terms[line.agent_id].measure for one in line.parts), ZERO)
    targets = [by_segment[one].terms[line.agent_id].target for one in line.parts]
    target = sum((found for found in targets if found), ZERO) if any(targets) else None
    after_gates = sum(
        (one.raw if one.gates.share == 1 else one.raw * one.gates.share for one in line.parts.values()), ZERO
    )
    mode = month.plan.rounding
    cut = sum((one.over_cap for one in line.parts.values()), ZERO)
    if line.plan_cap_scale != 1:
        cut += sum((one.final for one in line.parts.values()), ZERO) * (1 - line.plan_cap_scale)
    return {
        "agent_id": line.agent_id,
        "component": component.code,
        "title": component.title or component.code,
        "kind": component.kind,
        "measure": component.measure or "",
        "base": decimal_text(measure) if component.measure else "",
        "target": decimal_text(target) if target is not None else "",
        "attainment": decimal_text(on_bands.attainment(measure, target), 6) if component.target else "",
        "band": band_words(component, terms),
        "would_have_earned": rounded(line.would_have_earned, mode),
        "gate": "; ".join(reason for one in line.parts.values() for reason in one.gates.reasons),
        # rounded one by one, so that what is shown re-adds: would have earned - taken = left
        "gate_took": max(rounded(line.would_have_earned, mode) - rounded(after_gates, mode), 0),
        "factor": decimal_text(_total_scale(line), 6),
        "cap_took": rounded(cut, mode),
        "floor_gave": rounded(sum((one.floor_gave for one in line.parts.values()), ZERO), mode),
        "amount": line.amount,
        "one_more": one_more(month, by_segment[number], line.component, part, by_band, line.agent_id),
        "note": "; ".join(line.reasons),
    }


def _total_scale(line: Payable) -> Fraction:
    scale = scale_words(line.parts.values())
    return scale if line.plan_cap_scale == 1 else scale * line.plan_cap_scale


def band_words(component: Component, terms: Terms) -> str:
    """The band the agent reached, with its rate; "" where every payment has its own."""
    if terms.band < 0:
        return "" if terms.value is None else said("BAND_BELOW")
    return why_words(component, terms.band)


def one_more(month: Month, found: Earnings, component: Component, part: Part, by_band: Figures, agent_id: str) -> str:
    """What 1,000 more collected would pay under this component, in words; "" where nothing collected counts."""
    segment, times = found.segment, part.gates.share * part.factor
    if component.measure != "collected" or component.per == "year_to_date" or component.matrix is not None:
        return ""
    if times == 0:
        return said("ONE_MORE_NOTHING", more=f"{ONE_MORE:,}")
    if component.per == "payment" or component.band_by in ("days_past_due", "balance"):
        key = (component.code, times)
        if key not in by_band:
            by_band[key] = _by_band(month, component, times)
        return by_band[key]
    terms = found.terms[agent_id]
    measure = terms.measure + ONE_MORE
    value = scale_value(month, component, agent_id, Measured(measure, terms.count, measure), terms.target)
    if value is None:
        return ""
    parts = earned(component, measure, value=value, target=terms.target, share=segment.share)
    after = sum((part.earned for part in parts), ZERO) * month.unit * times
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
