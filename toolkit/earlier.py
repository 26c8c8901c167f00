"""What a calculation needs to know of the periods before it.

`EarlierPeriods` is the one place where the past comes in. Run folders serve it today
(`toolkit.stored_runs`); a ledger can take their place without a change here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl


@dataclass(frozen=True, slots=True)
class Balances:
    """An agent's balances at the end of the last period, in minor units."""

    carried_out: int = 0
    held: int = 0
    draw: int = 0


class EarlierPeriods(Protocol):
    """Earlier periods of the same plan, the oldest first and without a gap."""

    @property
    def labels(self) -> Sequence[str]:
        """The labels of the periods, the oldest first."""

    @property
    def balances(self) -> Mapping[str, Balances]:
        """What each agent carried out of the latest of them."""

    @property
    def lines(self) -> pl.DataFrame:
        """All their commission lines, with the columns of lines.csv (amount in minor units)."""

    @property
    def payments(self) -> pl.DataFrame:
        """All payments they looked at: see `SEEN_SCHEMA`."""


WORD = pl.Categorical()
"""The type of a column of few texts that come often: each is kept once."""

LINE_SCHEMA: dict[str, pl.DataType] = {
    "line_id": pl.String(),
    "kind": WORD,
    "agent_id": pl.String(),
    "component": WORD,
    "period": WORD,
    "currency": WORD,
    "plan_id": WORD,
    "plan_version": pl.Int64(),
    "payment_id": pl.String(),
    "account_id": pl.String(),
    "date": pl.Date(),
    "base": pl.String(),
    "rate": WORD,
    "factor": WORD,
    "amount": pl.Int64(),
    "reason": WORD,
    "credited_by": WORD,
    "earned_for": WORD,
    "due_on": pl.Date(),
    "reverses_line": pl.String(),
    "source": WORD,
    "source_id": pl.String(),
}
"""The columns of lines.csv. `source` and `source_id` name the table and the key of the row a line came from."""

SEEN_SCHEMA: dict[str, pl.DataType] = {
    "payment_id": pl.String(),
    "period": pl.String(),
    "status": pl.String(),
    "agent_id": pl.String(),
    "paid_on": pl.Date(),
    "amount": pl.Int64(),
    "counted": pl.Int64(),
    "reverses": pl.String(),
    "reason": pl.String(),
}
"""What is remembered of every payment that an earlier run looked at (columns of its credit.csv)."""


@dataclass(frozen=True)
class KnownPeriods:
    """Earlier periods held in memory."""

    labels: Sequence[str]
    balances: Mapping[str, Balances]
    lines: pl.DataFrame
    payments: pl.DataFrame


NO_EARLIER = KnownPeriods((), {}, pl.DataFrame(schema=LINE_SCHEMA), pl.DataFrame(schema=SEEN_SCHEMA))
"""The first period of a plan."""


def known_periods(
    parts: Sequence[tuple[str, pl.DataFrame, pl.DataFrame, pl.DataFrame]],
) -> KnownPeriods:
    """Runs as the past of the next: (label, lines, sheet, credit) of each, the oldest first; minor units throughout."""
    if not parts:
        return NO_EARLIER
    seen = [credit.with_columns(period=pl.lit(label)).select(list(SEEN_SCHEMA)) for label, _, _, credit in parts]
    carried = parts[-1][2].select("agent_id", "carried_out", "held_balance", "draw_balance").iter_rows()
    return KnownPeriods(
        labels=[label for label, *_ in parts],
        balances={agent: Balances(out, held, draw) for agent, out, held, draw in carried},
        lines=pl.concat([lines for _, lines, _, _ in parts]),
        payments=pl.concat(seen),
    )


def new_lines(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Lines (without line_id) from what differs from blank: texts "", numbers and dates null where not given."""
    blank = {
        name: "" if dtype in (pl.String(), WORD) else None for name, dtype in LINE_SCHEMA.items() if name != "line_id"
    }
    schema = {name: dtype for name, dtype in LINE_SCHEMA.items() if name != "line_id"}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=schema)


def as_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with the types of `LINE_SCHEMA`."""
    return lines.cast({name: dtype for name, dtype in LINE_SCHEMA.items() if name in lines.columns})
