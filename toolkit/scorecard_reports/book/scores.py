"""The Scores sheet: from the points of each card to its total, band and rank, by formula."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from toolkit.look import Column, Page, Table, said
from toolkit.look.theme import MUTED
from toolkit.scorecard_reports.book.laid import KINDS, TOP, Laid, number, numbers
from toolkit.scorecard_reports.book.words import subtitle
from toolkit.scorecard_reports.files import About
from toolkit.scorecards import INSUFFICIENT, Card
from toolkit.scores import PLACES

_SPAN = "INDEX({name},{{first}}{{row}}):INDEX({name},{{to}}{{row}})"
_ONE = "ROUND({covered}{row}/{weights}{row},9)"
_BEFORE = (
    '=IF({gaps}{row}="zero",ROUND({points}{row}/{weights}{row}*100,DIGITS),'
    'IF(OR({covered}{row}=0,AND({gaps}{row}="no total",SHARE<1),AND({gaps}{row}="respread",SHARE<{least}{row})),"",'
    "ROUND({points}{row}/{covered}{row}*100,DIGITS)))"
)
BEFORE = _BEFORE.replace("SHARE", _ONE).replace("DIGITS", str(PLACES))
GAPS = {"respread": "respread", "zero": "zero", "no_score": "no total", "refuse": "no total"}
_GATED = '=IF({{before}}{{row}}="","",MIN({{before}}{{row}},{}))'.format(_SPAN.format(name="values_limit"))
_OPEN = '=IF({before}{row}="","",{before}{row})'
RANK = '=IF({total}{row}="","",1+COUNTIFS(scores_group,{group}{row},scores_total,">"&{total}{row}))'
CHECK = (
    '=IF(AND(IF(OR({total}{row}="",{calculated}{row}=""),{total}{row}={calculated}{row},'
    "ROUND({total}{row}-{calculated}{row},6)=0),{rank}{row}={ranked}{row}),"
    '"✓ agrees","✗ differs")'
)


def write_scores_page(page: Page, laid: Laid, about: About) -> Table:
    """One row a card."""
    page.heading("Scores", subtitle(about))
    page.prose(3, said("CARD_SHEET_NOTE"), font_color=MUTED)
    table = page.table(TOP, _columns(laid))
    page.heads_stay(TOP)
    return table


def _columns(laid: Laid) -> list[Column]:
    cards = laid.cards
    gated = any(gate.kpi in card.rule.measures for card in cards for gate in card.rule.gates)
    totals = numbers([card.total for card in cards], PLACES)
    return [
        Column("scorecard", "Scorecard", [card.rule.title or card.rule.name for card in cards], widest=24),
        Column("kind", "Kind", [KINDS[card.scope_kind] for card in cards], name="scores_kind"),
        Column("id", "Id", [card.scope for card in cards], widest=24),
        Column("name", "Name", [card.name for card in cards], widest=30),
        Column("team", "Team", [card.team for card in cards], widest=24),
        Column(
            "first", "First row of Values", [start + 1 for start in laid.starts], "count", style={"font_color": MUTED}
        ),
        Column(
            "to",
            "Last row of Values",
            [start + len(card.lines) for start, card in zip(laid.starts, cards, strict=True)],
            "count",
            style={"font_color": MUTED},
        ),
        *_points(cards),
        *([Column("rule", "Rule", [laid.rule_number(card) for card in cards], "count")] if len(laid.rules) > 1 else []),
        Column("gaps", "Gaps", [GAPS[card.rule.no_base] for card in cards], style={"font_color": MUTED}),
        Column(
            "least",
            "Least covered",
            numbers([Fraction(str(card.rule.least_covered)) for card in cards]),
            "share",
            style={"font_color": MUTED},
        ),
        Column("before", "Before gates", numbers([card.before_gates for card in cards], PLACES), "exact", BEFORE),
        Column(
            "total", "Total", totals, "exact", _GATED if gated else _OPEN, name="scores_total", style={"bold": True}
        ),
        Column(
            "group",
            "Ranked with",
            [f"{laid.rule_number(card)} {card.scope_kind}" for card in cards],
            name="scores_group",
            style={"font_color": MUTED},
        ),
        Column("rank", "Rank", [card.rank for card in cards], "count", RANK),
        Column(
            "band", "Called", [card.band for card in cards], formula=_band_formula(len(laid.rules)), style={"indent": 1}
        ),
        Column("calculated", "Total calculated", totals, "exact", style={"font_color": MUTED}),
        Column("ranked", "Rank calculated", [card.rank for card in cards], "count", style={"font_color": MUTED}),
        _check(cards),
    ]


def _points(cards: Sequence[Card]) -> list[Column]:
    """Weights of all KPIs, of those with a score, and the points of these."""
    weights = numbers([sum((line.weight for line in card.lines), Fraction(0)) for card in cards])
    scored = [[line for line in card.lines if line.score is not None] for card in cards]
    covered = numbers([sum((line.weight for line in lines), Fraction(0)) for lines in scored])
    points: list[Decimal | None] = [
        number(sum((line.weight * (line.score or 0) for line in lines), Fraction(0))) for lines in scored
    ]
    spans = {name: _SPAN.format(name=name) for name in ("values_weight", "values_score", "values_points")}
    held = "=SUMPRODUCT(--ISNUMBER({}),{})".format(spans["values_score"], spans["values_weight"])
    return [
        Column("weights", "Weights", weights, "exact", "=SUM({})".format(spans["values_weight"])),
        Column("covered", "With a score", covered, "exact", held),
        Column("points", "Points", points, "exact", "=SUM({})".format(spans["values_points"])),
    ]


def _band_formula(rules: int) -> str:
    """The name of the band from the tables on About; each rule has its own."""
    text = "LOOKUP({total}{row},band_start_1,band_name_1)"
    for at in range(2, rules + 1):
        text = f"IF({{rule}}{{row}}={at},LOOKUP({{total}}{{row}},band_start_{at},band_name_{at}),{text})"
    return f'=IF({{total}}{{row}}="","{INSUFFICIENT}",{text})'


def _check(cards: Sequence[Card]) -> Column:
    return Column(
        "check", "Check", ["✓ agrees"] * len(cards), "status", CHECK, name="scores_check", style={"indent": 1}
    )
