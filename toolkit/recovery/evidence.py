"""All tables on what collecting activities bring, by the name of the file that each is to be written to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.csv_text import as_decimal
from toolkit.kpis.data import Data, MissingError
from toolkit.periods import Period
from toolkit.problems import Problem, problem
from toolkit.recovery.brought import work_done
from toolkit.recovery.compared import Line, compared
from toolkit.recovery.curves import flows, roll_rates, rolls
from toolkit.recovery.desk import desk
from toolkit.recovery.effects import attempts, effects, hours
from toolkit.recovery.forecast import loss_forecast
from toolkit.recovery.hold_out import hold_out_remarks
from toolkit.recovery.liquidation import liquidation, vintage
from toolkit.recovery.self_cure import self_cure
from toolkit.recovery.what_if import Change, TooGreatError, sensitivity, turning_points, what_if
from toolkit.recovery_rules import RecoveryRules

MONEY: Mapping[str, tuple[str, ...]] = {
    "effects.csv": (
        "amount",
        "amount_each",
        "cost",
        "cost_each",
        "net_each",
        "net_low",
        "net_high",
        "loaded_each",
        "net_loaded",
    ),
    "attempts.csv": ("amount", "amount_each", "cost_each", "net_each", "net_low", "net_high"),
    "hours.csv": ("amount", "amount_each", "cost_each", "net_each", "net_low", "net_high"),
    "rolls.csv": ("opening", "closing"),
    "roll_rates.csv": ("opening", "rolled"),
    "loss_forecast.csv": ("balance", "loss_low", "loss", "loss_high"),
    "liquidation.csv": ("base", "collected", "cumulative"),
    "vintage.csv": ("base", "collected", "cumulative"),
    "desk.csv": ("cost", "needed", "collected", "earned", "short"),
    "what_if.csv": ("cost", "recovered", "net_low", "net", "net_high"),
    "sensitivity.csv": ("cost", "net"),
    "turning_points.csv": ("cost_each", "recoverable_each", "break_even_cost"),
}
"""Columns in minor units; of flows.csv the rows whose unit is money."""
MILLIONTHS: Mapping[str, tuple[str, ...]] = {
    "desk.csv": ("margin_ppm",),
    "turning_points.csv": ("chance_low", "chance", "chance_high", "break_even_chance", "cost_factor"),
}
ASKED = ("what_if.csv", "sensitivity.csv", "turning_points.csv")
FILES = (
    "effects.csv", "attempts.csv", "hours.csv", "self_cure.csv", "rolls.csv", "flows.csv", "roll_rates.csv",
    "loss_forecast.csv", "liquidation.csv", "vintage.csv", "desk.csv", "comparison.csv", *ASKED,
)  # fmt: skip
DIGITS = 6


@dataclass(frozen=True)
class Evidence:
    """tables: by file name, money as exact decimals of the currency's own unit, shares to six digits. problems: which
    tables could not be made, and what the data lack for them."""

    tables: Mapping[str, pl.DataFrame]
    problems: tuple[Problem, ...]


def evidence(
    data: Data,
    rules: RecoveryRules,
    period: Period,
    *,
    costs: pl.DataFrame | None = None,
    loaded: pl.DataFrame | None = None,
    desk_costs: pl.DataFrame | None = None,
    steps: pl.DataFrame | None = None,
    changes: Sequence[Change] = (),
    lines: Sequence[Line] = (),
) -> Evidence:
    """Every table that the data have enough for.

    costs: activity (or channel) and amount, of the period, in minor units, and loaded, the same with
    salaries and overhead (`brought.work_done`); desk_costs: agent_id,
    team, amount (`desk.desk`); both from the data where they are not given. steps: `what_if.STEPS_SCHEMA`; without any
    there is no what-if. changes: what is asked of the what-if. lines: what is asked
    to be compared; without any there is no comparison.
    """
    made: dict[str, pl.DataFrame] = {}
    problems: list[Problem] = list(hold_out_remarks(data, rules, period))
    for names, make in _makers(data, rules, period, costs, loaded, desk_costs, steps, changes, lines):
        try:
            made |= dict(zip(names, make(), strict=True))
        except MissingError as missing:
            problems.append(problem("EVIDENCE_NEEDS", value=", ".join(names), needs=str(missing)))
        except TooGreatError:
            problems.append(problem("WHAT_IF_TOO_GREAT"))
    tables = {name: in_peoples_units(name, made[name], data.digits) for name in FILES if name in made}
    return Evidence(tables, tuple(problems))


Maker = tuple[tuple[str, ...], Callable[[], Sequence[pl.DataFrame]]]


def _makers(
    data: Data,
    rules: RecoveryRules,
    period: Period,
    costs: pl.DataFrame | None,
    loaded: pl.DataFrame | None,
    desk_costs: pl.DataFrame | None,
    steps: pl.DataFrame | None,
    changes: Sequence[Change],
    lines: Sequence[Line],
) -> list[Maker]:
    def yields() -> Sequence[pl.DataFrame]:
        done = work_done(data, rules, period, costs, loaded)
        return effects(done), attempts(done), hours(done)

    def rolled() -> Sequence[pl.DataFrame]:
        matrix = rolls(data, rules)
        return matrix, flows(matrix, rules), roll_rates(matrix, rules), loss_forecast(matrix, rules)

    def asked() -> Sequence[pl.DataFrame]:
        rows = nw.from_native(steps, eager_only=True)  # type: ignore[type-var]
        return what_if(rows, changes), sensitivity(rows), turning_points(rows)

    found: list[Maker] = [
        (FILES[:3], yields),
        (("self_cure.csv",), lambda: [self_cure(data, rules, period)]),
        (FILES[4:8], rolled),
        (("liquidation.csv",), lambda: [liquidation(data)]),
        (("vintage.csv",), lambda: [vintage(data)]),
        (("desk.csv",), lambda: [desk(data, period, desk_costs)]),
    ]
    if lines:
        found.append((("comparison.csv",), lambda: [compared(data, rules, period, lines)]))
    return found if steps is None else [*found, (ASKED, asked)]


def in_peoples_units(name: str, table: pl.DataFrame, digits: int) -> pl.DataFrame:
    """Minor units as exact decimals of the currency's own unit, millionths as shares, shares to six digits."""
    if name == "flows.csv":
        return _flows(table, digits)
    money = [as_decimal(pl.col(column), digits).alias(column) for column in MONEY.get(name, ())]
    parts = [as_decimal(pl.col(column), DIGITS).alias(column) for column in MILLIONTHS.get(name, ())]
    told = table.with_columns(*money, *parts).rename({"margin_ppm": "margin"}, strict=False)
    return told.with_columns(pl.col(pl.Float64).round(DIGITS))


def _flows(table: pl.DataFrame, digits: int) -> pl.DataFrame:
    figures: list[Any] = [name for name, dtype in table.schema.items() if dtype == pl.Int64]
    is_money = pl.col("unit") == "money"
    return table.with_columns(
        [
            pl.when(is_money)
            .then(as_decimal(pl.col(name), digits))
            .otherwise(pl.col(name).cast(pl.Decimal(38, digits)))
            .alias(name)
            for name in figures
        ]
    )
