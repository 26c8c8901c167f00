"""The rows of the sheet Scorecard: of everybody the total, then KPI by KPI value, target, score and why."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from toolkit.kpi_codes import kpi_codes
from toolkit.kpis.cut import SCOPE_KINDS
from toolkit.scorecards import TOTAL, Card, Line
from toolkit.scores import Light

if TYPE_CHECKING:
    from toolkit.scorecard_reports.scoring import Scored

LIGHTS: Mapping[Light, str] = {"good": "✓ on target", "watch": "◆ nearly", "bad": "✗ below", "": ""}
EVERYBODY = "everybody"


def unit_of(kpi: str, currency: str) -> str:
    """What a KPI is counted in, as the column Unit has it: money by its currency."""
    unit = kpi_codes()[kpi].unit
    return currency if unit == "money" else unit


def rows_of(done: "Scored") -> list[Sequence[object]]:
    """The cards, people first and the best first; without cards, the values as they are."""
    currency = done.profile.currency
    if not done.run.cards:
        return _value_rows(done, currency)
    return [row for card in done.run.cards for row in _card_rows(card, currency)]


def _card_rows(card: Card, currency: str) -> Iterator[Sequence[object]]:
    of = (card.scope_kind, card.scope or EVERYBODY, card.name or card.scope or EVERYBODY)
    gates = [f"gate: {kpi_codes()[kpi].title}" for kpi in card.gates]
    covered = [] if card.covered == 1 else [f"{float(card.covered):.0%} of the weights have a base"]
    weight = sum((line.weight for line in card.lines), Fraction(0))
    title, why = card.rule.title or card.rule.name, "; ".join([*gates, *covered])
    yield *of, TOTAL, title, None, None, "", _number(card.total), _number(weight), _band(card), card.rank, why
    for line in card.lines:
        yield *of, *_line_cells(line, currency)


def _band(card: Card) -> str:
    """The band with a sign: the best, the worst, or one between."""
    names = [band.name for band in card.rule.bands]
    sign = "✓" if card.band == names[-1] else "✗" if card.band == names[0] else "◆"
    return f"{sign} {card.band}"


def _line_cells(line: Line, currency: str) -> Sequence[object]:
    about = kpi_codes()[line.kpi]
    value = _number(line.value)
    score = None if line.score is None else float(line.score * 100)
    why = "; ".join(part for part in (line.note if value is not None else "", line.definition) if part)
    target, weight = _number(line.goal.target), _number(line.weight)
    return (
        line.kpi, about.title, line.note if value is None else value, target, unit_of(line.kpi, currency),
        score, weight, LIGHTS[line.light], line.rank, why,
    )  # fmt: skip


def _value_rows(done: "Scored", currency: str) -> list[Sequence[object]]:
    """The values scope by scope, each with its KPIs in their usual order."""
    agents = done.reading.tables.get("agents")
    names = dict(agents.select("agent_id", "name").iter_rows()) if agents is not None else {}
    kinds, codes = list(SCOPE_KINDS), list(kpi_codes())
    rows = sorted(
        done.values.values.iter_rows(named=True),
        key=lambda row: (kinds.index(row["scope_kind"]), row["scope"], codes.index(row["kpi"]), row["period"]),
    )
    return [_value_row(row, names.get(row["scope"], row["scope"]), currency) for row in rows]


def _value_row(row: Mapping[str, Any], name: str, currency: str) -> Sequence[object]:
    value = row["base_note"] if row["value"] is None else row["value"]
    who = row["scope"] or EVERYBODY
    parts = (row["base_note"] if row["value"] is not None else "", row["beside"], row["definition"])
    why = "; ".join(part for part in parts if part)
    return (
        row["scope_kind"], who, name or who, row["kpi"], kpi_codes()[row["kpi"]].title, value, None,
        unit_of(row["kpi"], currency), None, None, "", None, why,
    )  # fmt: skip


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
