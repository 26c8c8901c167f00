"""What a scorecard says in plain words: values as people write them, how sure a figure is, what to look at, the rule.

The sentences are those of `toolkit/texts/en/scorecard.toml`. The names of statistics never stand in them; `statistic`
gives those apart, for whoever wants to know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeVar

from toolkit.kpi_codes import kpi_codes
from toolkit.problems import said, texts
from toolkit.score_rules import Measure, Scorecard, ScoreGate
from toolkit.score_targets import exact
from toolkit.scorecard_reports.files import About
from toolkit.scorecards import NO_DATA, NO_TARGET, Card, Line, ScorecardRun
from toolkit.scores import PLACES, Light
from toolkit.watching import Seen, Watch

Number = Fraction | float | int

LIGHT_SIGNS = {"good": "●", "watch": "◆", "bad": "▼", "": ""}
PLACE_SIGNS = {"above": "▲", "within": "●", "below": "▼", "": "–"}
UNITS = {"minutes": "minutes", "hours": "hours", "days": "days", "points": "points"}
"""Units that have to be said beside the figure; shares have their sign and counts speak for themselves."""
DASH = "–"
MOST_NAMED = 3
"""How many of the best and of the worst are named."""
LOW_N, GIVEN = "low n", "given"
_WORDS_OF_NOTES = {
    "no base": "CARD_NO_BASE",
    "immature": "CARD_IMMATURE",
    NO_DATA: "CARD_NO_DATA",
    GIVEN: "CARD_GIVEN",
    NO_TARGET: "CARD_NO_TARGET",
}
_Any = TypeVar("_Any")


def title_of(kpi: str, about: About | None = None) -> str:
    """The KPI as a head of a column: its name, and its unit where neither it nor the figures show it."""
    code = kpi_codes()[kpi]
    unit = about.currency if about and code.unit == "money" else UNITS.get(code.unit, "")
    return f"{code.title}, {unit}" if unit and unit not in code.title.lower().split() else code.title


def written(kpi: str, value: Number | None, more: int = 0) -> str:
    """The value as people write it; `more` digits than usual where the usual ones would hide a difference."""
    if value is None:
        return DASH
    places = Decimal(1).scaleb(-digits_of(kpi, value) - more)
    # halves go up, as Excel has it: the same figure must not read 86.2 % here and 86.3 % there
    exact_value = Decimal(str(round(float(value), PLACES)))
    if kpi_codes()[kpi].is_share:
        return f"{(exact_value * 100).quantize(places, ROUND_HALF_UP):f}%"
    return f"{exact_value.quantize(places, ROUND_HALF_UP):,f}"


def digits_of(kpi: str, value: Number) -> int:
    """How many digits behind the point are worth showing: one of a percentage, none of what is whole or large."""
    if kpi_codes()[kpi].is_share:
        return 1
    return 0 if abs(float(value)) >= 1000 or float(value).is_integer() else 1


def more_digits(line: Line) -> int:
    """How many digits more it takes until 92.96 % beside a target of 93 % does not read as 93.0 %."""
    target = line.goal.target
    if line.value is None or target is None or line.light not in ("watch", "bad"):
        return 0
    return next(
        (more for more in (0, 1, 2) if written(line.kpi, line.value, more) != written(line.kpi, target, more)), 3
    )


def value_words(line: Line) -> str:
    """The value of a line, never rounded onto its target; a dash where there is none."""
    return written(line.kpi, line.value, more_digits(line))


def target_words(line: Line) -> str:
    """What the line had to reach."""
    return written(line.kpi, line.goal.target)


def parts_words(line: Line) -> str:
    """Numerator and denominator, such as 34 of 93; only one where there is no other; nothing of an entered value."""
    if line.numerator is None:
        return ""
    if line.base is None:
        return _count(line.numerator)
    return said("CARD_PARTS", numerator=_count(line.numerator), base=_count(line.base))


def _count(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def cases(line: Line) -> str:
    """The base in words: 227 calls, 1 call."""
    of_kpi = f"_{line.kpi.upper()}" if f"CARD_CASES_{line.kpi.upper()}" in texts() else ""
    if line.base == 1 and f"CARD_ONE_CASE{of_kpi}" in texts():
        return said(f"CARD_ONE_CASE{of_kpi}")
    return said(f"CARD_CASES{of_kpi}", count=_count(line.base or 0))


def light_words(light: Light) -> str:
    """What a colour means."""
    return said(f"CARD_LIGHT_{(light or 'none').upper()}")


def place_words(place: str) -> str:
    """The rank band with its sign."""
    return f"{PLACE_SIGNS[place]} {said('CARD_PLACE_' + (place or 'none').upper())}"


def how_sure(line: Line) -> str:
    """How far the value of a KPI can be trusted."""
    if line.value is None or line.note in _WORDS_OF_NOTES:
        return said(_WORDS_OF_NOTES.get(line.note, "CARD_NO_DATA"))
    if line.note == LOW_N:
        return said("CARD_TOO_FEW", cases=cases(line))
    if line.interval is None:
        counted = line.base is not None and kpi_codes()[line.kpi].counts_cases
        return cases(line) if counted else said("CARD_COUNTED")
    points = max(line.interval[1] - float(line.value), float(line.value) - line.interval[0]) * 100
    return said("CARD_SURE_TO", cases=cases(line), points=f"{max(points, 0.1):.{0 if points >= 1 else 1}f}")


def statistic(line: Line) -> str:
    """The statistic behind `how_sure`, by its name and with its figures; "" where there is none."""
    if line.interval is None:
        return ""
    low, high = (written(line.kpi, bound) for bound in line.interval)
    interval = said("CARD_INTERVAL", low=low, high=high)
    if line.limits is None:
        return interval
    low, high = (written(line.kpi, bound) for bound in line.limits)
    return f"{interval}. {said('CARD_LIMITS', low=low, high=high)}"


def how_sure_of(card: Card) -> str:
    """How sure the card is: what there is too little of, else the base of its main share; what gives no points says
    nothing of the total."""
    few = [line for line in card.lines if line.note == LOW_N and line.weight]
    if few:
        return said("CARD_TOO_FEW", cases=cases(min(few, key=lambda line: line.base or 0)))
    gaps = [line for line in card.lines if line.value is None and line.weight]
    if gaps:
        return said("CARD_GAP", title=kpi_codes()[gaps[0].kpi].title, why=how_sure(gaps[0]))
    line = main_line(card)
    return how_sure(line) if line else ""


def main_kpi(rule: Scorecard) -> str:
    """The KPI that a chart shows: the share with the most weight, else the KPI with the most."""
    shares = [one for one in rule.kpis if kpi_codes()[one.kpi].is_share] or list(rule.kpis)
    return max(shares, key=lambda one: one.weight).kpi


def main_line(card: Card) -> Line | None:
    """The card's line of its main KPI."""
    return card.line(main_kpi(card.rule))


def looks_at(card: Card) -> list[str]:
    """What somebody should look at, the most points first; nothing where everything is in order."""
    shut = [gate for gate in card.rule.gates if gate.kpi in card.gates]
    missed = [line for line in below_target(card) if line.kpi not in card.gates]
    met = [line for line in card.lines if line.light == "good" and line.kpi not in card.gates]
    behind = [line for line in met if line.place == "below"]
    return [*(_gate_words(card, gate) for gate in shut), *card.noticed, *map(_miss, missed), *map(_behind, behind)]


def with_trends(run: ScorecardRun, watch: Watch) -> ScorecardRun:
    """The run with what really got worse noted on the cards of whom it concerns."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for seen in watch.seen:
        if seen.trend.bad and seen.trend.signals:
            of = found.setdefault((seen.scope_kind, seen.scope), {})
            of[seen.kpi] = _change(seen)
    cards = [
        replace(card, noticed=tuple(text for kpi, text in mine.items() if card.line(kpi)))
        if (mine := found.get((card.scope_kind, card.scope)))
        else card
        for card in run.cards
    ]
    return replace(run, cards=tuple(cards))


def _change(seen: Seen) -> str:
    since = seen.trend.signals[-1].since
    title = kpi_codes()[seen.kpi].title
    text = "CARD_CHANGED_BESIDE" if seen.incidents else "CARD_CHANGED"
    day = f"{since.day} {since:%b}"
    return said(text, title=title, what=seen.trend.in_words, day=day, incidents=seen.incidents)


def look_at(card: Card) -> str:
    """The first thing to look at, in one line, and how many more there are."""
    found = looks_at(card)
    if found:
        return found[0] if len(found) == 1 else said("CARD_AND_MORE", first=found[0], more=len(found) - 1)
    if card.total is None:
        return said("CARD_WAIT")
    return said("CARD_RECOGNISE") if card.place == "above" else said("CARD_NOTHING")


def below_target(card: Card) -> list[Line]:
    """The lines whose target is not met, by the points that they cost; shares of too few cases come last."""
    missed = [line for line in card.lines if line.light in ("watch", "bad")]
    return sorted(missed, key=lambda line: (line.note == LOW_N, -lost(line), line.kpi))


def lost(line: Line) -> Fraction:
    """The points of a line that its score leaves out."""
    return line.weight * (1 - min(line.score if line.score is not None else Fraction(1), Fraction(1)))


def _miss(line: Line) -> str:
    title = kpi_codes()[line.kpi].title
    code = "CARD_FEW_BELOW" if line.note == LOW_N else "CARD_CLEARLY" if line.place == "below" else "CARD_BELOW_TARGET"
    return said(code, title=title, value=value_words(line), target=target_words(line), cases=cases(line))


def _behind(line: Line) -> str:
    return said("CARD_BEHIND", title=kpi_codes()[line.kpi].title, value=value_words(line))


def _gate_words(card: Card, gate: ScoreGate) -> str:
    line = card.line(gate.kpi)
    value = value_words(line) if line else DASH
    return said("CARD_GATE_SHUT", title=kpi_codes()[gate.kpi].title, value=value, otherwise=plain(gate.otherwise))


def best_and_worst(things: Sequence[_Any]) -> tuple[list[_Any], list[_Any]]:
    """The first three and the last three of what is sorted from best to worst; nothing is in both."""
    most = min(MOST_NAMED, len(things) // 2)
    return list(things[:most]), list(things[len(things) - most :]) if most else []


def strongest(card: Card) -> list[Line]:
    """The KPIs whose target is met, up to three, those first that also stand out."""
    met = [line for line in card.lines if line.light == "good" and line.note != LOW_N]
    return sorted(met, key=lambda line: (line.place != "above", -line.weight))[:MOST_NAMED]


def rule_words(rule: Scorecard) -> list[str]:
    """How the total comes about, sentence by sentence."""
    weights = sum(measure.weight for measure in rule.kpis)
    found = [said("CARD_RULE_TOTAL", weights=plain(weights)), said("CARD_RULE_SCORE")]
    found.append(said(f"CARD_RULE_{rule.no_base.upper()}", covered=f"{float(rule.least_covered):.0%}"))
    found += [gate_rule(gate) for gate in rule.gates]
    bands = ", ".join(said("CARD_RULE_BAND", start=plain(band.start), name=band.name) for band in reversed(rule.bands))
    return [*found, said("CARD_RULE_BANDS", bands=bands)]


def gate_rule(gate: ScoreGate) -> str:
    """What a gate asks for, and what it does."""
    limits = [
        said(code, limit=written(gate.kpi, limit))
        for code, limit in (("CARD_AT_LEAST", exact(gate.at_least)), ("CARD_AT_MOST", exact(gate.at_most)))
        if limit is not None
    ]
    title = kpi_codes()[gate.kpi].title
    return said("CARD_RULE_GATE", title=title, limits=" and ".join(limits), otherwise=plain(gate.otherwise))


def counted_words(agents: Iterable[Line], together: Iterable[Line]) -> str:
    """How a KPI was counted: for the agents, and together with it for teams and everybody, where theirs was computed
    and an agent's entered."""
    own = [line for line in agents if line.definition]
    first = min(own, key=lambda line: line.note == GIVEN, default=None)
    other = next((line.definition for line in together if line.definition), "")
    if first is None:
        return other
    if first.note != GIVEN or other in ("", first.definition):
        return first.definition
    return said("CARD_COUNTED_TOGETHER", own=first.definition, together=other)


def measure_words(measure: Measure, lines: Iterable[Line]) -> str:
    """What is asked for in a KPI, by everybody's lines: one target, or from which to which they go."""
    targets = {line.goal.target for line in lines if line.goal.target is not None}
    return target_range(measure.kpi, targets)


def target_range(kpi: str, targets: Iterable[Fraction]) -> str:
    """The target, or the lowest and the highest where they differ."""
    known = sorted(set(targets))
    if not known:
        return DASH
    low, high = written(kpi, known[0]), written(kpi, known[-1])
    return low if low == high else said("CARD_BETWEEN", low=low, high=high)


def legend(rule: Scorecard) -> str:
    """What the signs mean."""
    shares = sorted({1 - measure.watch for measure in rule.kpis})
    watch = said("CARD_BETWEEN", low=f"{float(shares[0]):.0%}", high=f"{float(shares[-1]):.0%}")
    return said("CARD_LEGEND", watch=f"{float(shares[0]):.0%}" if len(shares) == 1 else watch)


def total_words(total: Fraction | None) -> str:
    """A total, with one digit."""
    if total is None:
        return DASH
    return f"{Decimal(str(round(float(total), PLACES))).quantize(Decimal('0.1'), ROUND_HALF_UP):f}"


def rank_words(card: Card, among: int) -> str:
    """The rank among so many, said after the rank band."""
    return "" if card.rank is None else said("CARD_RANK", rank=card.rank, among=among)


def plain(value: object) -> str:
    """A number of a rule without needless digits."""
    return f"{float(str(value)):g}"
