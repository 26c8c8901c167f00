"""What `toolkit recovery` leaves behind: costs.csv, ratios.csv, routes.csv, problems.csv, a record that names all."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import as_cells, as_decimal
from toolkit.money import plain
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem
from toolkit.recovery.costs import Costs
from toolkit.recovery.evidence import FILES
from toolkit.recovery.pursuit_tables import CHANCES, PURSUE, SUMMARY
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

RECORD, COSTS, RATIOS, ROUTES, PROBLEMS = "recovery.json", "costs.csv", "ratios.csv", "routes.csv", "problems.csv"
BOOK, PAGE = "recovery.xlsx", "recovery.html"
LATER = (PURSUE, CHANCES, SUMMARY, *FILES, BOOK, PAGE)
"""Files of other tables that may be in the folder; a run replaces those of the one before."""
FOLDER = FolderKind(RECORD, (COSTS, RATIOS, ROUTES, PROBLEMS, *LATER))
NUMBERS = frozenset(("numerator", "denominator", "value", "cost", "cost_each", "owed_each", "given_away", "break_even"))
"""Columns of plain decimals in text: written as they are, for a minus in them is no formula."""


@dataclass(frozen=True)
class Check:
    """Two ways to the same sum, in minor units or rows."""

    what: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Whether they agree."""
        return self.left == self.right


def write_recovery(
    out: Path,
    tables: Mapping[str, pl.DataFrame],
    record: Mapping[str, Any],
    problems: Sequence[Problem],
    more: Mapping[str, Callable[[Path], None]] | None = None,
) -> None:
    """Writes the folder, whole or not at all. tables: by the name of the file, in the units that people use. more:
    writers of further files by name."""
    kind = FolderKind(RECORD, tuple(dict.fromkeys((*FOLDER.names, *tables))))
    with whole_folder(out, kind) as aside:
        for name, table in tables.items():
            cells(table).write_csv(aside / name)
        write_problems(problems, aside / PROBLEMS)
        for name, write in (more or {}).items():
            write(aside / name)
        write_json({**record, "files": dict(sorted(hashes_in(aside).items()))}, aside / RECORD)


def cells(table: pl.DataFrame) -> pl.DataFrame:
    """The table as CSV cells: words harmless, numbers as they are."""
    return pl.DataFrame([as_cells(of) if of.dtype == pl.String and of.name not in NUMBERS else of for of in table])


def cost_cells(costs: Costs, digits: int) -> pl.DataFrame:
    """The cells with amounts as exact decimals of the currency's own unit."""
    return costs.cells.with_columns(as_decimal(pl.col("amount"), digits).alias("amount"))


def control(costs: Costs, checks: Sequence[Check], digits: int) -> dict[str, Any]:
    """What was read, what became of it, and that everything adds up."""
    rows, amount = costs.ledger.read
    fates = {word: {"rows": count, "amount": plain(sums, digits)} for word, (count, sums) in costs.ledger.fates.items()}
    return {
        "source": costs.ledger.source,
        "read": {"rows": rows, "amount": plain(amount, digits)},
        "became": fates,
        "in_cells": {"cells": costs.cells.height, "amount": plain(costs.total, digits)},
        "checks": [{**asdict(check), "holds": check.holds} for check in checks],
    }


def as_record(model: Any) -> Any:
    """A model of the profile as plain values."""
    return json.loads(model.model_dump_json())
