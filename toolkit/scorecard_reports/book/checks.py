"""The Checks sheet: formulas against calculation, nobody missing, and how agents add up to teams and to everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from toolkit.kpi_codes import kpi_codes
from toolkit.look import Check, Column, Formula, Page, said
from toolkit.look.theme import MUTED
from toolkit.scorecard_reports.book.laid import Laid, lines_of, number, whole_or_exact
from toolkit.scorecard_reports.book.sheets import CardSheet
from toolkit.scorecard_reports.files import About
from toolkit.scorecard_reports.words import title_of
from toolkit.scorecards import Line, ScorecardRun

KINDS = ("agent", "team", "everybody")
HEADS = ("All agents", "All teams", "Everybody")
PARTS = {"numerator": "Numerators", "base": "Denominators"}
_RESULT = (
    '=IF(AND(ROUND({agent}{row}-{everybody}{row},6)=0,ROUND({team}{row}-{everybody}{row},6)=0),"✓ agrees",'
    'IF({explained}{row}=1,"◆ explained","✗ differs"))'
)


def checks_of(run: ScorecardRun, laid: Laid, sheets: Sequence[CardSheet]) -> list[Check]:
    """What the workbook checks of itself."""
    lines, cards = len(laid.lines), len(laid.cards)
    agents = len(run.of("agent"))
    shown = {id(card) for sheet in sheets for card in sheet.agents}
    sums = sums_of(run)
    wrong = sum(1 for row in sums if row.is_wrong)
    results = "+".join(f'COUNTIF(sums_of_{part},"✗*")' for part in PARTS if any(row.part == part for row in sums))
    return [
        Check(
            "Scores that agree", Formula('=COUNTIF(values_check,"✓*")', lines), lines, "whole", said("CARD_WHY_SCORES")
        ),
        Check(
            "Totals and ranks that agree",
            Formula('=COUNTIF(scores_check,"✓*")', cards),
            cards,
            "whole",
            said("CARD_WHY_TOTALS"),
        ),
        Check("Agents", Formula('=COUNTIF(scores_kind,"agent")', agents), len(shown), "whole", said("CARD_WHY_PEOPLE")),
        Check(
            "Sums that differ without a reason", Formula(f"={results or 0}", wrong), 0, "whole", said("CARD_WHY_SUMS")
        ),
    ]


@dataclass(frozen=True)
class Sums:
    """What was counted for one KPI, numerator or denominator, added up over agents, over teams and of everybody."""

    kpi: str
    part: str
    agents: Fraction
    teams: Fraction
    everybody: Fraction
    why: str

    @property
    def agrees(self) -> bool:
        """Whether all three are the same."""
        return self.agents == self.teams == self.everybody

    @property
    def is_wrong(self) -> bool:
        """Whether they differ and nothing explains it."""
        return not self.agrees and not self.why


def sums_of(run: ScorecardRun) -> list[Sums]:
    """Numerators of all KPIs, then denominators of those that have some."""
    counted: dict[str, dict[str, list[Line]]] = {}
    twice: set[str] = set()
    for card, line, again in lines_of(run.cards):
        of_kpi = counted.setdefault(line.kpi, {kind: [] for kind in ("agent", "team", "all")})
        if again and card.scope_kind != "agent":
            twice.add(line.kpi)
        elif card.scope_kind in of_kpi and not again:
            of_kpi[card.scope_kind].append(line)
    found = [_sums(kpi, list(of.values()), "numerator", kpi in twice) for kpi, of in counted.items()]
    bases = [_sums(kpi, list(of.values()), "base", kpi in twice) for kpi, of in counted.items()]
    return found + [row for row in bases if row.everybody or row.agents]


def _sums(kpi: str, kinds: Sequence[Sequence[Line]], part: str, twice: bool) -> Sums:
    added = [sum((_exact(getattr(line, part)) for line in lines), Fraction(0)) for lines in kinds]
    return Sums(kpi, part, added[0], added[1], added[2], _why(kpi, kinds[0], added, twice))


def _exact(value: float | None) -> Fraction:
    return Fraction(0) if value is None else Fraction(str(round(value, 6)))


def _why(kpi: str, agents: Sequence[Line], added: Sequence[Fraction], twice: bool) -> str:
    """What explains a difference between the three; nothing where there is none, or nothing does. twice: scorecards
    that share some of their people have the KPI."""
    own, teams, everybody = added
    if own == teams == everybody:
        return ""
    given = [line for line in agents if line.note == "given"]
    if given:
        shared = kpi_codes()[kpi].once and all(line.numerator is not None for line in given)
        return said("CARD_SUM_GIVEN_ONCE" if shared else "CARD_SUM_GIVEN")
    if twice:
        return said("CARD_SUM_TWICE")
    if own > everybody or teams > everybody:
        return said("CARD_SUM_ONCE") if kpi_codes()[kpi].once else ""
    return said("CARD_SUM_REST")


def write_sums(page: Page, row: int, run: ScorecardRun, about: About) -> None:
    """The tables of sums from row `row` on."""
    rows = sums_of(run)
    page.prose(row, said("CARD_SUMS_TITLE"), bold=True, font_size=12)
    row += 1
    for part in PARTS:
        mine = [one for one in rows if one.part == part]
        if mine:
            row = page.table(row, _columns(mine, part, about)).last + 2


def _columns(rows: Sequence[Sums], part: str, about: About) -> list[Column]:
    figures = ([one.agents for one in rows], [one.teams for one in rows], [one.everybody for one in rows])
    results = ["✓ agrees" if one.agrees else "✗ differs" if one.is_wrong else "◆ explained" for one in rows]
    same, wrong = said("CARD_SUM_SAME"), said("CARD_SUM_WRONG")
    reasons = [one.why or (same if one.agrees else wrong) for one in rows]
    return [
        Column("no", "No.", list(range(1, len(rows) + 1)), "whole", style={"align": "left"}),
        Column("kpi", PARTS[part], [title_of(one.kpi, about) for one in rows], widest=52),
        *(
            Column(
                kind, head, [number(value, 6) for value in values], "exact", _sum(part, kind), whole_or_exact(values)
            )
            for kind, head, values in zip(KINDS, HEADS, figures, strict=True)
        ),
        Column("result", "Result", results, "status", _RESULT, name=f"sums_of_{part}", style={"indent": 1}),
        Column("why", "Why", reasons, "note", widest=62),
        Column("explained", "Explained", [int(bool(one.why)) for one in rows], "count", style={"font_color": MUTED}),
    ]


def _sum(part: str, kind: str) -> str:
    return f'=SUMIFS(values_{part},values_kind,"{kind}",values_kpi,{{kpi}}{{row}})'
