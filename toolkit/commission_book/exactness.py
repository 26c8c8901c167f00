"""Base x rate x factor, added up per agent and component, rounds to what is paid: checked from the lines up."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import polars as pl

from toolkit.commission_book.lines import numbers, product
from toolkit.commission_book.words import title_of
from toolkit.look import Check, Column, Formula, Page, said
from toolkit.look.theme import MUTED
from toolkit.money import from_minor

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

EXACT = '=ROUND(SUMIFS(lines_exact,lines_no,{no}{row},lines_column,{column}{row},lines_kind,"earn"),guard_digits)'
PAID = '=ROUND(SUMIFS(lines_amount,lines_no,{no}{row},lines_column,{column}{row},lines_kind,"earn"),minor_digits)'
RESULT = '=IF(ABS({exact}{row}-{paid}{row})<={allowed}{row},"✓ agrees","✗ differs")'


@dataclass(frozen=True)
class Sum:
    """What one agent earned with one component: exact, and as paid; major units, `paid` minor."""

    no: int
    agent_id: str
    column: str
    exact: Decimal
    paid: int
    allowed: Decimal

    def agrees(self, digits: int) -> bool:
        return abs(self.exact - from_minor(self.paid, digits)) <= self.allowed


def sums(run: "CommissionRun", lines: pl.DataFrame) -> list[Sum]:
    """One for each agent and component all of whose earned lines have a base, a rate and a factor."""
    earned = lines.filter(pl.col("kind") == "earn")
    found = []
    for (no, agent_id, column), group in earned.group_by("no", "agent_id", "column", maintain_order=True):
        parts = [numbers(group[name].to_list()) for name in ("base", "rate", "factor")]
        products = [product(*three) for three in zip(*parts, strict=True)]
        if all(value is not None for value in products):
            exact = sum((value for value in products if value is not None), Decimal(0))
            allowed = _allowed(run.digits, group["factor"].to_list(), parts[0], parts[1])
            found.append(Sum(int(no), str(agent_id), str(column), exact, int(group["amount"].sum()), allowed))
    return found


def _shown(exact: Decimal) -> Decimal:
    """As the formula rounds it: to six digits, a tie away from zero."""
    return exact.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _allowed(
    digits: int, factors: Sequence[str], bases: Sequence[Decimal | None], rates: Sequence[Decimal | None]
) -> Decimal:
    """Half a minor unit for the rounding of the line, a trifle for binary numbers, and what long decimals lack.

    A factor that a cap or a gate made, or the base of a slice that ends between two cents, may be a
    fraction without end: its last digit is uncertain by half.
    """
    allowed = Decimal("0.5").scaleb(-digits) + Decimal("0.000002")
    for text, base, rate in zip(factors, bases, rates, strict=True):
        if base is None or rate is None or not text:
            continue
        factor = Decimal(text)
        allowed += abs(base * rate) * _half_digit(factor, 8) + abs(rate * factor) * _half_digit(base, 4)
        allowed += abs(base * factor) * _half_digit(rate, 8)
    return allowed


def _half_digit(number: Decimal, long: int) -> Decimal:
    """Half of the last digit of a number with at least `long` digits behind the point; a shorter one is exact."""
    places = -int(number.as_tuple().exponent)
    return Decimal(5).scaleb(-places - 1) if places >= long else Decimal(0)


def summary_check(found: Sequence[Sum], digits: int) -> Check:
    """One line among the checks for all of them."""
    differing = sum(1 for one in found if not one.agrees(digits))
    formula = Formula('=COUNTIF(exact_checks,"✗*")', differing)
    return Check(said("WORKBOOK_EXACT_CHECK"), formula, 0, "whole", said("WORKBOOK_WHY_EXACT"))


def write_exactness(page: Page, top: int, run: "CommissionRun", found: Sequence[Sum]) -> None:
    """The table from row `top` on, in the columns of the checks above it."""
    names = dict(run.sheet.select("agent_id", "name").iter_rows())
    results = ["✓ agrees" if one.agrees(run.digits) else "✗ differs" for one in found]
    who = [f"{one.agent_id} {names.get(one.agent_id, '')}, {title_of(run, one.column)}" for one in found]
    page.prose(top, said("WORKBOOK_EXACT_TITLE"), bold=True, font_size=12)
    page.prose(top + 1, said("WORKBOOK_EXACT_NOTE"), font_color=MUTED)
    columns = [
        Column("no", "No.", [one.no for one in found], "whole", style={"align": "left"}),
        Column("column", "Component", [one.column for one in found]),
        Column("exact", "Base x rate x factor", [_shown(one.exact) for one in found], "number", formula=EXACT),
        Column("paid", "Paid", [one.paid for one in found], "money", formula=PAID),
        Column("allowed", "Allowed difference", [round(one.allowed, 7) for one in found], "number"),
        Column("result", "Result", results, "status", formula=RESULT, name="exact_checks"),
        Column("who", "Agent and component", who, "note", widest=62),
    ]
    page.table(top + 2, columns)
