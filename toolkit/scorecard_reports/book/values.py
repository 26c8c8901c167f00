"""The Values sheet: numerator, denominator, target and score of every KPI of every card, with its definition."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.look import Column, Kind, Page, Table, said
from toolkit.look.theme import MUTED
from toolkit.score_targets import Goal, exact
from toolkit.scorecard_reports.book.laid import TOP, Laid, number, numbers, whole_or_exact
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import title_of
from toolkit.scorecards import Card, Line
from toolkit.scores import PLACES

_VALUE = (
    'IF({numerator}{row}="","",IF({base}{row}="",ROUND({numerator}{row},DIGITS),'
    'IF({base}{row}=0,"",ROUND({numerator}{row}/{base}{row},DIGITS))))'
).replace("DIGITS", str(PLACES))
_ENTERED = 'IF({entered}{row}<>"",{entered}{row},%s)'
_MORE = "IF({target}{row}>0,{value}{row}/{target}{row},IF({value}{row}>={target}{row},1,0))"
_LESS = "IF({value}{row}<={target}{row},1,{target}{row}/{value}{row})"
_OF_TARGET = 'IF({target}{row}="","",MIN(MAX(%s,0),{cap}{row}))'
_OF_SPAN = 'IF({worst}{row}<>"",MIN(MAX(({value}{row}-{worst}{row})/({best}{row}-{worst}{row}),0),{cap}{row}),%s)'
_LIMIT = (
    '=IF({value}{row}="","",IF(OR(AND({at_least}{row}<>"",{value}{row}<{at_least}{row}),'
    'AND({at_most}{row}<>"",{value}{row}>{at_most}{row})),{otherwise}{row},""))'
)
POINTS = '=IF({score}{row}="",0,{weight}{row}*{score}{row})'
CHECK = (
    '=IF(IF(OR({score}{row}="",{calculated}{row}=""),{score}{row}={calculated}{row},'
    'ROUND({score}{row}-{calculated}{row},6)=0),"✓ agrees","✗ differs")'
)


def write_values(page: Page, laid: Laid, about: About) -> Table:
    """One row a KPI of a card; inputs, then what is worked out from them here, then the same calculated."""
    page.heading("Values", subtitle(about))
    page.prose(3, said("CARD_SHEET_NOTE"), font_color=MUTED)
    table = page.table(TOP, _columns(laid.lines, about))
    page.heads_stay(TOP)
    return table


def _columns(rows: Sequence[tuple[Card, str, Line]], about: About) -> list[Column]:
    lines = [line for _, _, line in rows]
    goals = [line.goal for line in lines]
    gates = [_gate(card, line.kpi) for card, _, line in rows]
    weights = [line.weight for line in lines]
    return [
        Column("scorecard", "Scorecard", [card.rule.title or card.rule.name for card, _, _ in rows], widest=24),
        Column("kind", "Kind", [kind for _, kind, _ in rows], name="values_kind"),
        Column("id", "Id", [card.scope for card, _, _ in rows], widest=24),
        Column("name", "Name", [card.name for card, _, _ in rows], widest=30),
        Column("kpi", "KPI", [title_of(line.kpi, about) for line in lines], widest=30, name="values_kpi"),
        *_figures(lines),
        *_wanted(lines, goals),
        Column("weight", "Weight", numbers(weights), "exact", kinds=whole_or_exact(weights), name="values_weight"),
        *_scores(lines, goals),
        *_gates(lines, gates),
        Column(
            "calculated", "Calculated", numbers([line.score for line in lines]), "share", style={"font_color": MUTED}
        ),
        _check(lines),
        Column("note", "Note", [line.note for line in lines], "note", widest=20),
        Column("definition", "Definition", [line.definition for line in lines], "note", widest=90),
    ]


def _figures(lines: Sequence[Line]) -> list[Column]:
    """What was counted, and the value: by formula wherever both parts are known."""
    kinds = [_kind(line) for line in lines]
    values = numbers([line.value for line in lines])
    formed = [_is_formed(line) for line in lines]
    numerators, bases = [line.numerator for line in lines], [line.base for line in lines]
    entered = [None if is_formed else value for is_formed, value in zip(formed, values, strict=True)]
    given = [] if all(formed) else [Column("entered", "Entered", entered, "share", kinds=kinds)]
    formula = f"={_ENTERED % _VALUE if given else _VALUE}"
    parts = whole_or_exact(numerators), whole_or_exact(bases)
    return [
        Column("numerator", "Numerator", numbers(numerators), "exact", kinds=parts[0], name="values_numerator"),
        Column("base", "Denominator", numbers(bases), "exact", kinds=parts[1], name="values_base"),
        *given,
        Column("value", "Value", values, "share", formula, kinds=kinds),
    ]


def _is_formed(line: Line) -> bool:
    """Whether the value is what its parts give; of what people enter it may stand alone."""
    if line.value is None:
        return line.base == 0 or line.numerator is None
    if line.numerator is None or line.base == 0:
        return False
    found = line.numerator if line.base is None else line.numerator / line.base
    return abs(float(line.value) - found) < 2e-9


def _kind(line: Line) -> Kind:
    if kpi_codes()[line.kpi].is_share:
        return "share"
    return "count" if line.value is not None and line.value.denominator == 1 else "exact"


def _wanted(lines: Sequence[Line], goals: Sequence[Goal]) -> list[Column]:
    """Target and cap, and those of worst, best and floor that anybody has."""
    kinds: list[Kind] = ["share" if kpi_codes()[line.kpi].is_share else "exact" for line in lines]
    columns = [Column("target", "Target", numbers([goal.target for goal in goals]), "exact", kinds=kinds)]
    for name in ("worst", "best", "floor"):
        values = [getattr(goal, name) for goal in goals]
        if any(value is not None for value in values):
            columns.append(Column(name, name.capitalize(), numbers(values), "exact", kinds=kinds))
    caps = numbers([Fraction(1) if goal.cap is None else goal.cap for goal in goals])
    columns.append(Column("cap", "Cap", caps, "share"))
    less = [int(kpi_codes()[line.kpi].direction == "lower") for line in lines]
    return [*columns, Column("less", "Less is better", less, "count")] if any(less) else columns


def _scores(lines: Sequence[Line], goals: Sequence[Goal]) -> list[Column]:
    scores = numbers([line.score for line in lines])
    points = [number(line.weight * (line.score or 0)) for line in lines]
    return [
        Column("score", "Score", scores, "share", _score_formula(lines, goals), name="values_score"),
        Column("points", "Points", points, "exact", POINTS, name="values_points"),
    ]


def _score_formula(lines: Iterable[Line], goals: Sequence[Goal]) -> str:
    """The score from value, target, worst and best, floor and cap, in the parts that this book needs."""
    lower = any(kpi_codes()[line.kpi].direction == "lower" for line in lines)
    text = _OF_TARGET % (f"IF({{less}}{{row}}=1,{_LESS},{_MORE})" if lower else _MORE)
    if any(goal.worst is not None for goal in goals):
        text = _OF_SPAN % text
    if any(goal.floor is not None for goal in goals):
        under = "{value}{row}<{floor}{row}"
        if lower:
            under = f"IF({{less}}{{row}}=1,{{value}}{{row}}>{{floor}}{{row}},{under})"
        text = f'IF({{floor}}{{row}}="",{text},IF({under},0,{text}))'
    return f'=IF({{value}}{{row}}="","",{text})'


Limits = tuple[Fraction | None, Fraction | None, Fraction | None]
"""At least, at most, and what the total is otherwise."""


def _gate(card: Card, kpi: str) -> Limits:
    """All gates of a KPI as one: the tightest limits, the lowest total."""
    gates = [gate for gate in card.rule.gates if gate.kpi == kpi]
    least = [limit for gate in gates if (limit := exact(gate.at_least)) is not None]
    most = [limit for gate in gates if (limit := exact(gate.at_most)) is not None]
    otherwise = [exact(gate.otherwise) or Fraction(0) for gate in gates]
    return max(least, default=None), min(most, default=None), min(otherwise, default=None)


def _gates(lines: Sequence[Line], gates: Sequence[Limits]) -> list[Column]:
    if not any(otherwise is not None for _, _, otherwise in gates):
        return []
    kinds: list[Kind] = ["share" if kpi_codes()[line.kpi].is_share else "exact" for line in lines]
    least, most, otherwise = zip(*gates, strict=True)
    limits: list[Decimal | None] = [_limit(line, gate) for line, gate in zip(lines, gates, strict=True)]
    return [
        Column("at_least", "Gate: at least", numbers(least), "exact", kinds=kinds),
        Column("at_most", "Gate: at most", numbers(most), "exact", kinds=kinds),
        Column("otherwise", "Gate: else total", numbers(otherwise), "exact"),
        Column("limit", "Total held at", limits, "exact", _LIMIT, name="values_limit"),
    ]


def _limit(line: Line, gate: Limits) -> Decimal | None:
    least, most, otherwise = gate
    value = line.value
    shut = value is not None and ((least is not None and value < least) or (most is not None and value > most))
    return number(otherwise) if shut else None


def _check(lines: Sequence[Line]) -> Column:
    return Column(
        "check", "Check", ["✓ agrees"] * len(lines), "status", CHECK, name="values_check", style={"indent": 1}
    )
