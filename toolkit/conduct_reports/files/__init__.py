"""What conduct leaves behind: breaches, sums by agent and rule, what was not judged, and a record of every file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.conduct_reports.files.shown import About, Tables
from toolkit.csv_text import table_cells
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem
from toolkit.readers.outcomes import SourceFile
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

__all__ = ["About", "Tables", "Writer", "write_conduct"]

RECORD, BREACHES, BY_AGENT, BY_RULE = "conduct.json", "breaches.csv", "by_agent.csv", "by_rule.csv"
EXEMPT, PROBLEMS, BOOK, PAGE = "exempt.csv", "problems.csv", "conduct.xlsx", "conduct.html"
FOLDER = FolderKind(RECORD, (BREACHES, BY_AGENT, BY_RULE, EXEMPT, PROBLEMS, BOOK, PAGE))

Writer = Callable[[Path], None]


def write_conduct(
    out: Path,
    tables: Tables,
    about: About,
    files: Sequence[SourceFile],
    problems: Sequence[Problem],
    more: Mapping[str, Writer],
) -> None:
    """Writes the folder, whole or not at all. more: further files by name (conduct.xlsx, conduct.html)."""
    with whole_folder(out, FOLDER) as aside:
        table_cells(tables.breaches).write_csv(aside / BREACHES)
        table_cells(tables.agents).write_csv(aside / BY_AGENT)
        table_cells(tables.rules).write_csv(aside / BY_RULE)
        table_cells(tables.exempt).write_csv(aside / EXEMPT)
        write_problems(problems, aside / PROBLEMS)
        for name, write in more.items():
            write(aside / name)
        write_json(_record(tables, about, files, hashes_in(aside)), aside / RECORD)


def _record(tables: Tables, about: About, files: Sequence[SourceFile], hashes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "toolkit": about.version,
        "profile": about.profile,
        "period": about.period.label,
        "as_of": about.as_of.isoformat(),
        "provisional": about.provisional,
        "timezone": about.timezone,
        "contacts": tables.contacts,
        "contacts_with_a_breach": tables.contacts_broken,
        "breaches": tables.standing.height,
        "exempted": tables.breaches.height - tables.standing.height,
        "rules": [_rounded(row) for row in tables.rules.iter_rows(named=True)],
        "sources": [file.counts for file in files],
        "files": dict(sorted(hashes.items())),
    }


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value) if isinstance(value, float) else value for name, value in row.items()}
