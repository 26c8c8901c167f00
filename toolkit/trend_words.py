"""What a drill-down found, in plain words: the slice that explains most of a change, with its figures; then others."""

from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.problems import said
from toolkit.slicing import MOST, Slice, main_slice
from toolkit.watching import By, Seen, number_words

OTHERS = 2
"""Slices of each kind that are named beside the main one."""
WORTH_NAMING = Fraction(1, 20)


def explained_words(one: Seen, by: By) -> str:
    """The main slice, and the largest of each kind; nothing where nothing was split."""
    return " ".join(part for part in (slice_words(one, by), _others(one)) if part)


def slice_words(one: Seen, by: By) -> str:
    """The smallest slice that explains more than half of the change, else the one that explains the most."""
    found = main_slice(one.slices)
    if found is None:
        return ""
    has_base = any(sums[1] for part in found.change.parts for sums in part.sums)
    whole = found.own.total / found.explains
    how = said(
        "TREND_SLICE_HOW", by_rate=f"{float(found.own.rate / whole):.0%}", by_mix=f"{float(found.own.mix / whole):.0%}"
    )
    main = said(
        "TREND_SLICE" if found.explains > MOST else "TREND_SLICE_SPREAD",
        word=said(f"TREND_CHANGE_{'RISE' if one.trend.word == 'rise' else 'DROP'}"),
        called=found.called,
        before=_value(one.kpi, found.own.before, by),
        after=_value(one.kpi, found.own.after, by),
        cases_before=_cases(found, 0),
        cases_after=_cases(found, 1),
        explained=f"{float(found.explains):.0%}",
        weight=f"{float(found.weight):.0%}",
    )
    return f"{main} {how}" if has_base else main


def _value(kpi: str, value: Fraction | None, by: By) -> str:
    if value is None:
        return said("TREND_SLICE_NOTHING")
    code = kpi_codes()[kpi]
    text = "TREND_SLICE_VALUE" if not code.adds_up else f"TREND_SLICE_A_{by.upper()}"
    return said(text, value=number_words(code, value))


def _cases(found: Slice, at: int) -> str:
    above, below = found.own.sums[at]
    if any(part.sums[place][1] for part in found.change.parts for place in (0, 1)):
        return said("TREND_SLICE_SHARE", numerator=_count(above), base=_count(below))
    return said("TREND_SLICE_AMOUNT", numerator=_count(above))


def _count(value: Fraction | int) -> str:
    return f"{int(value):,}" if value == int(value) else f"{float(value):,.2f}"


def _others(one: Seen) -> str:
    """By each kind of slice which ones made it worse, and how much of the change they explain."""
    sentences = []
    for dimension in dict.fromkeys(each.dimension for each in one.slices):
        worst = [each for each in one.slices if each.dimension == dimension and each.explains >= WORTH_NAMING][:OTHERS]
        parts = [said("TREND_ALSO_PART", called=each.called, explained=f"{float(each.explains):.0%}") for each in worst]
        if parts:
            words = said(f"DIMENSION_{dimension.upper()}")
            sentences.append(said("TREND_ALSO", dimension=words, parts=", ".join(parts)))
    return " ".join(sentences)
