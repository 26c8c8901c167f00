"""What a KPI function gives: whole numbers, row by row, that may be added up over days and people."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import narwhals as nw

from toolkit.kpis.data import Data
from toolkit.rows import Frame

MILLION = 1_000_000
"""In how many parts scores, credits and other fractions are counted, so that sums are exact on every engine."""


@dataclass(frozen=True)
class Facts:
    """The rows that a KPI adds up.

    rows: agent_id (null: nobody's), day, `numerator` and, unless the KPI is a plain sum, `denominator`, both int64;
      beside them `hour` (0 to 23) where the time of day is known, `waiting` (units that cannot be judged yet, int64)
      and the columns named by `once`. A fact belongs to the day on which it is judged: a promise to its due day, a
      customer of a cohort to the day on which the window closes; `cohort` is then the day on which it began.
    counts, of: where several KPIs look at the same rows, what each counts in them, as expressions; they are then added
      up together, in one pass. Absent: the columns numerator and denominator.
    parts: what numerator and denominator are counted in: 1, the money's minor units, or millionths; of a share both
      are counted alike. once: the columns that tell apart what counts once within a day, however many rows, agents or
      calls it has: one customer.
    stock: empty for what happens, day by day. `closing`: what stands on a day (a snapshot), never added up over days;
      of each period the last day with rows counts. `to_date`: what has run up since the beginning, of which each
      period counts everything until its end.
    at: the column of the time of which `day` is the day, if the rows have it.
    beside: other facts of the same KPI that are counted in another way, and added to these.
    aside: columns, int64, of what is to be said with the figure and is not in it: accounts left out, days carried on.
    window: of cohorts that are followed by their age, the days from the cohort until a case is judged. The rows then
      have `came_after`, the days from the cohort to the event that decides, null where none has come; cases of which
      nothing is known have it not, and `followed` False. spoils: the event is a loss, not what is counted.
    finer: the same facts with account_id, made only when a change is to be explained, where `rows` are added up.
    """

    rows: Frame
    counts: nw.Expr | None = None
    of: nw.Expr | None = None
    parts: int = 1
    denominator_parts: int = 1
    once: tuple[str, ...] = ()
    stock: Literal["", "closing", "to_date"] = ""
    at: str = ""
    beside: "Facts | None" = None
    aside: tuple[str, ...] = ()
    window: int | None = None
    spoils: bool = False
    finer: "Callable[[], Frame] | None" = None

    @property
    def sums(self) -> dict[str, nw.Expr]:
        """What is added up: numerator, denominator and waiting, as far as there are such, and what stands aside."""
        names = self.rows.collect_schema().names()
        given = {"numerator": self.counts, "denominator": self.of}
        found: dict[str, nw.Expr] = {
            name: nw.col(name) for name in ("numerator", "denominator", "waiting", *self.aside) if name in names
        }
        return found | {name: one for name, one in given.items() if one is not None}

    @property
    def counted(self) -> Frame:
        """The rows with what is counted as columns."""
        return self.rows.with_columns(**self.sums)


Rule = Callable[[Data], Facts]
"""A KPI: its function. `MissingError` where the data lack what it needs."""


def yes(condition: nw.Expr) -> nw.Expr:
    """1 where the condition holds, 0 where it does not or is not known."""
    return nw.when(condition).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64))


@cache
def yes_where(column: str) -> nw.Expr:
    """`yes` of a column: one and the same for all KPIs that count it, so that looking at the same rows it is added up
    once."""
    return yes(nw.col(column))
