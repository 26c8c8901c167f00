"""What a drill-down found, in plain words: the slice that explains most of a change, with its figures; then others."""

from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.problems import said
from toolkit.slicing import Slice, explains_most, main_slice
from toolkit.trends.verdict import bad_side
from toolkit.watching import By, Seen, Watch, number_words

OTHERS = 2
"""Slices of each kind that are named beside the main one."""
WORTH_NAMING = Fraction(1, 20)


def explained_words(one: Seen, by: By) -> str:
    """The main slice, and the largest of each kind; nothing where nothing was split."""
    return " ".join(part for part in (slice_words(one, by), _others(one)) if part)


def slice_words(one: Seen, by: By) -> str:
    """The smallest slice that explains most of the change, else the one that explains the most."""
    found = main_slice(one.slices)
    if found is None:
        return ""
    has_base = any(sums[1] for part in found.change.parts for sums in part.sums)
    whole = found.own.total / found.explains
    how = said("TREND_SLICE_HOW", by_rate=_percent(found.own.rate / whole), by_mix=_percent(found.own.mix / whole))
    main = said(
        "TREND_SLICE" if explains_most(found) else "TREND_SLICE_SPREAD",
        word=said(f"TREND_CHANGE_{'RISE' if one.trend.word == 'rise' else 'DROP'}"),
        called=found.called,
        before=_value(one.kpi, found.own.before, by),
        after=_value(one.kpi, found.own.after, by),
        cases_before=_cases(found, 0),
        cases_after=_cases(found, 1),
        explained=_percent(found.explains),
        weight=_percent(found.weight),
    )
    return f"{main} {how}" if has_base else main


def _percent(share: Fraction) -> str:
    """Whole percent; what is nearly nothing has no sign."""
    return f"{round(share * 100)}%"


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
        parts = [said("TREND_ALSO_PART", called=each.called, explained=_percent(each.explains)) for each in worst]
        if parts:
            words = said(f"DIMENSION_{dimension.upper()}")
            sentences.append(said("TREND_ALSO", dimension=words, parts=", ".join(parts)))
    return " ".join(sentences)


def noted(watch: Watch) -> list[Seen]:
    """What somebody should look at: the series that really got worse, then those that were worse on a day with an
    incident."""
    mine = [one for one in watch.seen if one.trend.bad or (one.incidents and _was_bad(one))]
    return sorted(mine, key=lambda one: (not one.trend.bad, KINDS.index(one.scope_kind), one.scope, one.kpi))


def _was_bad(one: Seen) -> bool:
    bad = bad_side(kpi_codes()[one.kpi].direction)
    return any(signal.side == bad for signal in one.trend.signals)


KINDS = ("all", "branch", "team", "agent")


def state_words(one: Seen) -> str:
    """What the series says today; of one that was unusual on some days and is no more, that it is steady again."""
    if one.trend.signals and one.trend.word == "steady":
        return said("TREND_STEADY_AGAIN", days=days_words(one))
    return one.trend.in_words


def days_words(one: Seen) -> str:
    """The days of the signals, the last ones first said."""
    days = [f"{signal.day.day} {signal.day:%b}" for signal in one.trend.signals]
    return ", ".join(days[-DAYS:] if len(days) <= DAYS else ["…", *days[-DAYS:]])


DAYS = 3


def note_words(one: Seen, by: By) -> str:
    """Finding, slice and incidents in one paragraph."""
    finding = one.trend.finding.message
    if one.trend.signals and one.trend.word == "steady":
        finding = said("TREND_WAS_UNUSUAL", value=one.trend.series, days=days_words(one))
    beside = said("TREND_BESIDE", incidents=one.incidents) if one.incidents else ""
    return " ".join(part for part in (finding, slice_words(one, by), beside) if part)
