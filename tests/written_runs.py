"""A scenario as a person would run it: CSV files, plan files, the command, and what it wrote read back."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from oracle.exact import minor_digits
from oracle.stage import Tables
from oracle.toml_text import toml_text

from cli import main


@dataclass(frozen=True)
class Written:
    """What one run left in its folder."""

    folder: Path
    sheet: list[dict[str, str]]
    lines: list[dict[str, str]]
    credit: list[dict[str, str]]
    facts: dict[str, Any]

    def amounts(self, currency: str) -> dict[str, dict[str, int]]:
        """agent -> column -> minor units."""
        digits = minor_digits(currency)
        words = ("agent_id", "name", "currency")
        return {
            row["agent_id"]: {column: in_minor(cell, digits) for column, cell in row.items() if column not in words}
            for row in self.sheet
        }


HEADERS = {
    "agents": "agent_id name role",
    "accounts": "account_id customer_id product activated_on currency",
    "assignments": "account_id agent_id assigned_on ended_on",
    "balances": "account_id as_of balance days_past_due",
    "payments": "payment_id account_id paid_at amount currency reverses",
    "targets": "kpi scope_kind scope grain target",
    "kpi_values": "kpi agent_id period value",
    "promises": "promise_id account_id agent_id made_at due_on amount cancelled_on",
    "calls": "call_id agent_id account_id started_at right_party disposition purpose",
    "visits": "visit_id agent_id account_id visited_at met outcome",
    "recoveries": "recovery_id account_id agent_id recovered_on outcome",
    "adjustments": "adjustment_id agent_id on amount reason",
}
"""an empty table is a file with a header alone"""


def in_minor(cell: str, digits: int) -> int:
    return int(Decimal(cell or 0).scaleb(digits))


def write_csv(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_data(folder: Path, tables: Tables) -> Path:
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        if rows:
            write_csv(folder / f"{name}.csv", rows)
        else:
            (folder / f"{name}.csv").write_text(HEADERS[name].replace(" ", ",") + "\n", encoding="utf-8")
    return folder


def write_plans(folder: Path, plans: Sequence[Mapping[str, Any]]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    arguments = []
    for plan in plans:
        path = folder / f"{plan['id']}-{plan['version']}.toml"
        path.write_text(toml_text(dict(plan)), encoding="utf-8")
        arguments += ["--plan", str(path)]
    return arguments


def calculate(
    folder: Path,
    plans: Sequence[Mapping[str, Any]],
    label: str,
    tables: Tables,
    previous: Sequence[Written] = (),
    rejected: int = 0,
) -> Written:
    """`toolkit commissions calculate` in this process; it must be done, with as many rows rejected as said."""
    data, out = write_data(folder / f"data-{label}", tables), folder / f"out-{label}"
    arguments = ["commissions", "calculate", str(data), "--period", label, "--out", str(out)]
    arguments += [*write_plans(folder / "plans", plans), "--no-workbook", "--no-statements"]
    for earlier in previous:
        arguments += ["--previous", str(earlier.folder)]
    result = CliRunner().invoke(main, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 3), result.output
    written = read_back(out)
    assert sum(file["rejected"] for file in written.facts["inputs"]) == rejected, result.output
    return written


def read_back(out: Path) -> Written:
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return Written(out, rows_of(out / "sheet.csv"), rows_of(out / "lines.csv"), rows_of(out / "credit.csv"), facts)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
