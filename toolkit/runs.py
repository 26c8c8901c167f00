"""Run folders: what a calculation leaves behind, written whole or not at all.

`run.json` is written last and names every other file with its hash: a folder without it, or with a file
that does not match, is not a run.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.commissions import CommissionRun
from toolkit.csv_text import as_cells, as_decimal, without_blanks
from toolkit.earlier import WORD
from toolkit.money import plain
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem
from toolkit.readers.outcomes import SourceFile
from toolkit.readers.set_aside import FOLDER as SET_ASIDE
from toolkit.whole_folder import FolderKind, hashes_in, sha256, whole_folder, write_json

RUN_FILE, PROBLEMS = "run.json", "problems.csv"
OWN_WORDS = (
    "line_id",
    "kind",
    "period",
    "currency",
    "plan_id",
    "credited_by",
    "earned_for",
    "source",
    "status",
    "paid_at",
)
"""Columns of words that the toolkit itself wrote (a plan's id and codes are held to plain characters)."""
BOOKS = ("commissions.xlsx", "finance.xlsx")
FOLDERS = ("statements", SET_ASIDE)
RUN_NAMES = ("lines.csv", "sheet.csv", "credit.csv", "components.csv", PROBLEMS, *FOLDERS, *BOOKS)
RUN_FOLDER = FolderKind(RUN_FILE, RUN_NAMES)
NOT_MONEY = ("agent_id", "name", "currency")
COMPONENT_MONEY = ("would_have_earned", "gate_took", "cap_took", "floor_gave", "amount")

Writer = Callable[[Path, str], None]
"""Writes one more file or folder (a workbook, the statements) at the path it is given; the hash of lines.csv says
which run it belongs to."""


@dataclass(frozen=True)
class Inputs:
    """What a run was computed from, and all that was found on the way."""

    files: Sequence[SourceFile]
    problems: Sequence[Problem]
    earlier: Sequence[str] = ()


def write_run(
    run: CommissionRun, out: Path, inputs: Inputs, version: str, books: Mapping[str, Writer] | None = None
) -> None:
    """Writes the folder of a run; nothing appears under its name before everything is there.

    An earlier run in the same folder is replaced; other people's files in it are left alone.
    books: further files by name (`commissions.xlsx`, `statements`), each written by its function.
    """
    with whole_folder(out, RUN_FOLDER) as aside:
        hashes = dict(sorted(_write_tables(run, aside, inputs).items()))
        for name, write in (books or {}).items():
            write(aside / name, hashes["lines.csv"])
        hashes |= hashes_in(aside, but=hashes)
        write_json(run_record(run, inputs, version, hashes), aside / RUN_FILE)


def _write_tables(run: CommissionRun, folder: Path, inputs: Inputs) -> dict[str, str]:
    """Writes the tables of a run; the hash of each file, worked out while the next one is made."""
    with ThreadPoolExecutor(1) as executor:
        hashed = {}
        for name, table in _tables(run):
            table.write_csv(folder / name)
            hashed[name] = executor.submit(sha256, folder / name)
        write_problems(inputs.problems, folder / PROBLEMS)
        hashed[PROBLEMS] = executor.submit(sha256, folder / PROBLEMS)
        return {name: found.result() for name, found in hashed.items()}


def _tables(run: CommissionRun) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "lines.csv", _plain_money(run.lines, ["amount"], run.digits, numbers=("base", "rate", "factor"))
    sheet_money = [name for name in run.sheet.columns if name not in NOT_MONEY]
    yield "sheet.csv", _plain_money(run.sheet, sheet_money, run.digits)
    yield "credit.csv", _plain_money(run.credit, ["amount", "counted"], run.digits)
    yield "components.csv", _plain_money(run.components, COMPONENT_MONEY, run.digits)


def _plain_money(frame: pl.DataFrame, money: Sequence[str], digits: int, numbers: Sequence[str] = ()) -> pl.DataFrame:
    """Money as plain decimals with the currency's digits; text that could be a formula made harmless."""
    safe = {*numbers, *OWN_WORDS}
    texts = [name for name, dtype in frame.schema.items() if dtype in (pl.String, WORD) and name not in money]

    def cells(name: str) -> pl.Series:
        return without_blanks(frame[name]) if name in safe else as_cells(frame[name])

    with ThreadPoolExecutor(os.cpu_count()) as executor:
        return frame.with_columns(*(as_decimal(pl.col(name), digits) for name in money), *executor.map(cells, texts))


def run_record(run: CommissionRun, inputs: Inputs, version: str, hashes: Mapping[str, str]) -> dict[str, Any]:
    """What run.json says; amounts are plain decimals of the currency."""

    def money(minor: int) -> str:
        return plain(minor, run.digits)

    def sums(part: Mapping[str, int]) -> dict[str, Any]:
        return {"rows": part["rows"], "amount": money(part["amount"])}

    control = run.control
    rejected = control.get("rejected", {"rows": 0, "amount": 0, "unreadable": 0})
    return {
        "toolkit": version,
        "status": "draft",
        "plan": {
            "id": run.plan.id,
            "version": run.plan.version,
            "title": run.plan.title,
            "versions": [
                {
                    "version": plan.version,
                    "from": plan.start.isoformat(),
                    "sha256": run.plans.hashes.get(plan.version, ""),
                }
                for plan in run.plans.versions
            ],
        },
        "currency": run.plan.currency,
        "period": {
            "label": run.period.label,
            "first": run.period.first.isoformat(),
            "last": run.period.last.isoformat(),
        },
        "period_kind": run.plan.period,
        "period_start_day": run.plan.period_start_day,
        "as_of": run.as_of.isoformat(),
        "earlier": list(inputs.earlier),
        "inputs": [file.counts for file in inputs.files],
        "control": {
            "payments_in": sums(control["payments_in"]),
            "credited": sums(control["credited"]),
            "credited_by": {rule: sums(part) for rule, part in control["credited_by"].items()},
            "excluded": {reason: sums(part) for reason, part in control["excluded"].items()},
            "unattributed": sums(control["unattributed"]),
            "rejected": {**sums(rejected), "unreadable_rows": rejected["unreadable"]},
        },
        "totals": {
            "agents": len(run.sheet),
            "lines": len(run.lines),
            **{
                name: money(int(run.sheet[name].sum()))
                for name in ("gross", "withholding", "net", "payable", "carried_out")
            },
        },
        "files": dict(hashes),
    }
