"""Worked examples as data: what a case of tests/cases/*.toml says, and the files that it stands for.

The format is described in tests/cases/README.md. A case leaves out what does not matter to it; what is written
for it then (`PLAN_HEAD`, `LEFT_OUT`) is plain and the same everywhere.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

CASES = Path(__file__).parent / "cases"
NOT_CASES = ("examples.toml",)

TABLES = (
    "agents accounts balances dues assignments payments calls promises visits recoveries adjustments kpi_values targets"
).split()

ALSO = {"credit": ("payment_id",), "components": ("agent_id", "component")}
"""Other files of a run that a case may speak of, each with the columns that name a row."""

PLAN_HEAD = {
    "id": '"TEST"',
    "version": "1",
    "currency": '"KES"',
    "country": '"KE"',
    "from": "2024-01-01",
    "period": '"month"',
    "rate_date": '"payment"',
    "arrears_on": '"day_before"',
    "rounding": '"half_up"',
    "payout_unit": '"0.01"',
}
USUAL_CREDIT = '\n[credit]\nrules = ["named"]\n'

LEFT_OUT = {
    "agents": {"name": "Agent {agent_id}", "role": "field_agent"},
    "accounts": {"customer_id": "K{n}", "product": "phone", "activated_on": "2024-01-01", "currency": "{currency}"},
    "balances": {"account_id": "L1", "balance": "10000", "days_past_due": "0"},
    "assignments": {"account_id": "L1"},
    "payments": {"payment_id": "P{n}", "account_id": "L1", "agent_id": "A1", "currency": "{currency}"},
    "calls": {"call_id": "C{n}", "account_id": "L1"},
    "promises": {"promise_id": "R{n}", "account_id": "L1"},
    "visits": {"visit_id": "V{n}", "account_id": "L1"},
    "recoveries": {"recovery_id": "RC{n}", "account_id": "L1", "agent_id": "A1"},
    "adjustments": {"adjustment_id": "J{n}", "agent_id": "A1", "reason": "agreed in writing"},
    "kpi_values": {"agent_id": "A1", "period": "{period}"},
    "targets": {"kpi": "collected", "scope_kind": "all", "scope": "", "grain": "month"},
}
"""What a column of a case's table holds where the case does not have that column."""

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Run:
    """One period's `commissions calculate`: the tables as they are by then and what must come out."""

    period: str
    tables: Mapping[str, Rows]
    sheet: Rows | None
    lines: Rows | None
    also: Mapping[str, Rows]
    says: tuple[str, ...]
    exit: int
    previous: tuple[str, ...] | None


@dataclass(frozen=True)
class Case:
    """One worked example: plan files, and either runs one after the other or what `plan check` answers."""

    file: str
    title: str
    example: str
    source: str
    origin: str
    status: str
    plans: tuple[str, ...] = ()
    sheets: Mapping[str, Rows] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    check: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


def rows_of(block: str) -> Rows:
    """The rows of a CSV block; spaces around a cell and a comment line (#) are left out."""
    lines = [line for line in block.strip().splitlines() if not line.lstrip().startswith("#")]
    table = csv.DictReader(StringIO("\n".join(lines)), skipinitialspace=True)
    return [{name.strip(): (cell or "").strip() for name, cell in row.items()} for row in table]


def plan_text(written: str) -> str:
    """The plan of a case as a whole plan file: the head that it does not write itself goes before it."""
    own = tomllib.loads(written)
    head = "".join(f"{key} = {value}\n" for key, value in PLAN_HEAD.items() if key not in own)
    return head + written + ("" if "credit" in own else USUAL_CREDIT)


def _filled(table: str, rows: Rows, known: Mapping[str, str]) -> Rows:
    """The rows with the columns that the case left out; a payment on a day alone is made from ten o'clock on."""
    filled = []
    for n, row in enumerate(rows, start=1):
        usual = {
            column: text.format(**{"n": n} | dict(known) | row)
            for column, text in LEFT_OUT[table].items()
            if column not in row
        }
        if len(row.get("paid_at", "")) == len("2026-04-10"):
            row = row | {"paid_at": f"{row['paid_at']}T10:{n:02d}:00"}
        filled.append(usual | row)
    return filled


def _without_names(rows: Rows) -> Rows:
    return [{column: cell for column, cell in row.items() if column != "agent_id"} for row in rows]


def whole_tables(written: Mapping[str, Rows], plan: Mapping[str, Any], period: str) -> dict[str, Rows]:
    """Every table that the run reads: those of the case, and the agents and accounts that they speak of."""
    known = {"currency": plan["currency"], "period": period}
    tables = {name: _filled(name, rows, known) for name, rows in written.items()}
    if "named" not in plan["credit"]["rules"]:
        tables["payments"] = _without_names(tables["payments"])
    for table, key in (("agents", "agent_id"), ("accounts", "account_id")):
        if table not in tables:
            spoken_of = {row[key]: None for rows in tables.values() for row in rows if row.get(key)}
            tables[table] = _filled(table, [{key: value} for value in sorted(spoken_of)], known)
    return tables


def write_workbook(path: Path, sheets: Mapping[str, Rows]) -> None:
    """The sheets as text cells, as somebody types them."""
    book = Workbook(str(path), {"strings_to_numbers": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for y, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            for x, cell in enumerate(cells):
                sheet.write_string(y, x, cell)
    book.close()


def write_tables(folder: Path, tables: Mapping[str, Rows]) -> None:
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _runs(written: Mapping[str, Any], plan: Mapping[str, Any]) -> Iterator[Run]:
    """The runs of a case; a table holds from the run that brings it on."""
    tables: dict[str, Rows] = {}
    for step in [written, *written.get("run", [])]:
        tables |= {name: rows_of(step[name]) for name in TABLES if name in step}
        if "period" not in step:
            continue
        yield Run(
            period=step["period"],
            tables=whole_tables(tables, plan, step["period"]),
            sheet=rows_of(step["sheet"]) if "sheet" in step else None,
            lines=rows_of(step["lines"]) if "lines" in step else None,
            also={name: rows_of(step[name]) for name in ALSO if name in step},
            says=tuple(step.get("says", ())),
            exit=step.get("exit", 0),
            previous=tuple(step["previous"]) if "previous" in step else None,
        )


def plan_sheets(written: Mapping[str, str]) -> dict[str, Rows]:
    """The sheets of a plan's workbook: those of the case, and the head and the credit rule that it leaves out."""
    if not written:
        return {}
    sheets = {name: rows_of(block) for name, block in written.items()}
    own = {row["key"] for row in sheets.get("plan", [])}
    head = [{"key": key, "value": value.strip('"')} for key, value in PLAN_HEAD.items() if key not in own]
    return {"credit": [{"key": "rules", "value": "named"}]} | sheets | {"plan": head + sheets.get("plan", [])}


CASE_KEYS = {"title", "example", "source", "origin", "status", "plan", "plans", "sheets", "period", "run", "check"}
RUN_KEYS = {"period", "previous", "sheet", "lines", "says", "exit", *ALSO, *TABLES}


def _misspelt(written: Mapping[str, Any]) -> set[str]:
    wrong = set(written) - CASE_KEYS - RUN_KEYS
    return wrong.union(*(set(run) - RUN_KEYS for run in written.get("run", [])))


def _case(file: str, written: Mapping[str, Any], shared: Mapping[str, str]) -> Case:
    if wrong := _misspelt(written):
        raise ValueError(f"{file}: {written['title']}: no such key: {', '.join(sorted(wrong))}")
    names = written.get("plans") or [written[key] for key in ("plan",) if key in written]
    plans = tuple(plan_text(shared.get(name, name)) for name in names)
    return Case(
        file=file,
        title=written["title"],
        example=written.get("example", ""),
        source=written.get("source", ""),
        origin=written.get("origin", "own"),
        status=written.get("status", "match"),
        plans=plans,
        sheets=plan_sheets(written.get("sheets", {})),
        runs=() if "check" in written else tuple(_runs(written, tomllib.loads(plans[0]))),
        check=written.get("check", {}),
    )


@cache
def cases() -> tuple[Case, ...]:
    """Every case of tests/cases, file by file, in the order in which they are written."""
    found = []
    for path in sorted(CASES.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [_case(path.stem, written, content.get("plans", {})) for written in content.get("case", [])]
    return tuple(found)


def same(expected: str, found: str) -> bool:
    """Whether two cells say the same: numbers by value, everything else letter by letter; `?` matches anything."""
    if expected == "?":
        return True
    try:
        return Decimal(expected) == Decimal(found)
    except InvalidOperation:
        return expected == found
