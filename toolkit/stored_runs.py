"""Run folders read again (`toolkit.runs` writes them): a run by itself, and several as the past of a plan."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import unguarded
from toolkit.earlier import LINE_SCHEMA, WORD, KnownPeriods, known_periods
from toolkit.money import minor_digits
from toolkit.periods import parse
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.runs import COMPONENT_MONEY, NOT_MONEY, RUN_FILE
from toolkit.whole_folder import sha256


@dataclass(frozen=True)
class StoredRun:
    """A run folder read again: its record, and its tables with money in minor units."""

    folder: Path
    record: Mapping[str, Any]
    lines: pl.DataFrame
    sheet: pl.DataFrame
    credit: pl.DataFrame
    components: pl.DataFrame

    @property
    def period(self) -> str:
        return str(self.record["period"]["label"])

    @property
    def digits(self) -> int:
        return minor_digits(self.record["currency"])


def read_run(folder: Path) -> StoredRun:
    """A run folder. `ToolkitError` where there is none, or where a file is not the one the run wrote."""
    record = _record(folder)
    changed = [
        name
        for name, expected in record["files"].items()
        if name.endswith(".csv") and (not (folder / name).is_file() or sha256(folder / name) != expected)
    ]
    if changed:
        raise ToolkitError([problem("RUN_CHANGED", file=name, folder=folder.name) for name in changed])
    digits = minor_digits(record["currency"])
    sheet = pl.read_csv(folder / "sheet.csv", infer_schema=False)
    money = [name for name in sheet.columns if name not in NOT_MONEY]
    components = pl.read_csv(folder / "components.csv", infer_schema=False)
    return StoredRun(
        folder,
        record,
        _typed(pl.read_csv(folder / "lines.csv", infer_schema=False), LINE_SCHEMA, ["amount"], digits),
        _typed(sheet, {**dict.fromkeys(NOT_MONEY, pl.String()), **dict.fromkeys(money, pl.Int64())}, money, digits),
        _credit_of(folder, digits),
        _typed(
            components,
            {name: pl.Int64() if name in COMPONENT_MONEY else pl.String() for name in components.columns},
            COMPONENT_MONEY,
            digits,
        ),
    )


def _record(folder: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ToolkitError([problem("NOT_A_RUN", value=str(folder), folder=folder)]) from error
    return record


def _credit_of(folder: Path, digits: int) -> pl.DataFrame:
    credit = pl.read_csv(folder / "credit.csv", infer_schema=False)
    schema: dict[str, pl.DataType] = {name: pl.String() for name in credit.columns}
    schema |= {"paid_on": pl.Date(), "amount": pl.Int64(), "counted": pl.Int64()}
    schema |= {"days_past_due": pl.Int64(), "source_row": pl.Int64()}
    return _typed(credit, schema, ["amount", "counted"], digits)


def _typed(frame: pl.DataFrame, schema: Mapping[str, pl.DataType], money: Sequence[str], digits: int) -> pl.DataFrame:
    """Text columns of a CSV back to what they were; empty texts are "" and not missing."""
    columns = []
    for name, dtype in schema.items():
        if name in money:
            columns.append((pl.col(name).cast(pl.Decimal(38, digits)) * 10**digits).cast(pl.Int64).alias(name))
        elif dtype in (pl.String(), WORD):
            columns.append(unguarded(pl.col(name).fill_null("")).cast(dtype).alias(name))
        elif dtype == pl.Date():
            columns.append(pl.col(name).str.to_date("%Y-%m-%d").alias(name))
        else:
            columns.append(pl.col(name).cast(dtype))
    return frame.select(columns)


def first_day(record: Mapping[str, Any]) -> date:
    """The first day of the period that a run's record is about."""
    return parse(record["period"]["label"], record["period_start_day"]).first


def latest(folders: Sequence[Path]) -> Path:
    """The run of the latest period among these, which are given in any order. `ToolkitError` where one is no run."""
    return max(folders, key=lambda folder: first_day(_record(folder)))


def earlier_runs(folders: Sequence[Path], plan_id: str) -> KnownPeriods:
    """The runs in these folders as the past of a plan; refused where one belongs to another plan or is no run."""
    problems: list[Problem] = []
    runs: list[StoredRun] = []
    for folder in folders:
        try:
            runs.append(read_run(folder))
        except ToolkitError as error:
            problems += error.problems
    strangers = [run for run in runs if run.record["plan"]["id"] != plan_id]
    problems += [
        problem(
            "RUN_OF_ANOTHER_PLAN",
            value=run.folder.name,
            folder=run.folder.name,
            plan=run.record["plan"]["id"],
            wanted=plan_id,
        )
        for run in strangers
    ]
    if problems:
        raise ToolkitError(problems)
    runs.sort(key=lambda run: first_day(run.record))
    return known_periods([(run.period, run.lines, run.sheet, run.credit) for run in runs])
