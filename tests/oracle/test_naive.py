"""The second computation against the worked examples and against sums done by hand here."""

import tomllib
from decimal import Decimal

import pytest
from case_files import Case, cases, same

from . import naive
from .exact import minor_digits

WORKED = [case for case in cases() if case.runs and all(run.exit == 0 for run in case.runs)]


def in_major(units: int, currency: str) -> str:
    return str(Decimal(units).scaleb(-minor_digits(currency)))


@pytest.mark.parametrize("case", WORKED, ids=str)
def test_the_oracle_pays_what_was_computed_by_hand(case: Case) -> None:
    plans = [tomllib.loads(text) for text in case.plans]
    earlier: list[naive.Result] = []
    for run in case.runs:
        result = naive.calculate(dict(run.tables), plans, run.period, earlier)
        for row in run.sheet or []:
            mine = result.sheet[row["agent_id"]]
            for column, cell in row.items():
                if column not in ("agent_id", "name", "currency"):
                    assert same(cell, in_major(mine.get(column, 0), plans[-1]["currency"])), (
                        run.period,
                        row["agent_id"],
                        column,
                        mine,
                    )
        earlier.append(result)
