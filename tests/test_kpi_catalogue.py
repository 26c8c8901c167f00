"""Each row of the catalogue, and each way of gaming a number, has tests that are there (`cases/catalogue.toml`)."""

import ast
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest

import cli
from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import RULES

HERE = Path(__file__).parent
CATALOGUE = tomllib.loads((HERE / "cases" / "catalogue.toml").read_text(encoding="utf-8"))
ROWS: list[dict[str, Any]] = CATALOGUE["row"]
GAMING: list[dict[str, Any]] = CATALOGUE["gaming"]
SIZES = {"0": 26, "1": 15, "2": 22, "3": 11, "4": 13}
"""How many rows there are, by the number before the point."""
KINDS = {"K": 21, "T": 18, "R": 13, "D": 35}
WAYS = 10
NOT_A_KPI = {"1.6", "0.21", "0.23", "0.24", "0.25"}
"""Reports without a formula of their own: commands show them."""


def name_of(entry: dict[str, Any]) -> str:
    return str(entry.get("number") or entry["rule"])


@cache
def proofs_in(file: str) -> dict[str, str]:
    """The tests of a file by name, with their text; those of nothing but a constant assertion are none."""
    text = (HERE / file).read_text(encoding="utf-8")
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in found
        if node.name.startswith("test_") and any(map(says_something, ast.walk(node)))
    }


def says_something(node: ast.AST) -> bool:
    """Whether it is an assertion, or waits for an error, or calls what asserts."""
    if isinstance(node, ast.Assert):
        return not isinstance(node.test, ast.Constant)
    return isinstance(node, ast.With) and "pytest.raises" in ast.unparse(node)


def test_all_87_rows_are_there_once() -> None:
    wanted = [f"{part}.{number}" for part, size in SIZES.items() for number in range(1, size + 1)]
    assert Counter(map(name_of, ROWS)) == Counter(wanted)
    assert len(wanted) == 87
    assert Counter(row["kind"] for row in ROWS) == KINDS
    assert len({name_of(way) for way in GAMING}) == len(GAMING) == WAYS


@pytest.mark.parametrize("entry", [*ROWS, *GAMING], ids=name_of)
def test_a_row_names_tests_that_are_there(entry: dict[str, Any]) -> None:
    for test in entry["tests"]:
        file, _, name = test.partition("::")
        assert name in proofs_in(file), f"{name_of(entry)}: there is no test {test} that asserts anything"
    assert entry["tests"]
    assert len(entry["tests"]) == len(set(entry["tests"]))


@pytest.mark.parametrize("entry", [*ROWS, *GAMING], ids=name_of)
def test_a_row_names_kpis_that_are_there_or_commands_that_show_it(entry: dict[str, Any]) -> None:
    kpis, commands = entry.get("kpis", []), entry.get("commands", [])
    assert set(kpis) <= set(kpi_codes())
    assert set(commands) <= set(cli.main.list_commands(click.Context(cli.main)))
    assert kpis or (commands and name_of(entry) in NOT_A_KPI)
    without = {kpi for kpi in kpis if kpi not in RULES and not kpi_codes()[kpi].entered}
    assert not without, f"{name_of(entry)}: nothing computes {without}"


@pytest.mark.parametrize("entry", [*ROWS, *GAMING], ids=name_of)
def test_each_kpi_of_a_row_is_asked_for_in_the_files_of_its_tests(entry: dict[str, Any]) -> None:
    """A test that is named but never looks at the KPI would prove nothing."""
    text = "".join((HERE / test.partition("::")[0]).read_text(encoding="utf-8") for test in entry["tests"])
    assert [kpi for kpi in entry.get("kpis", []) if f'"{kpi}"' not in text and not in_a_table(kpi, text)] == []


def in_a_table(kpi: str, text: str) -> bool:
    """Whether the file asks for it by a name that it makes: par30 as par{days}, leads_paying by its outcome."""
    return "LEAD_OUTCOMES" in text if kpi.startswith("leads_") else 'f"par{days}"' in text and kpi.startswith("par")


def test_every_kpi_stands_in_the_row_that_it_names_as_its_source() -> None:
    shown = {(kpi, name_of(row)) for row in ROWS for kpi in row.get("kpis", [])}
    said = {(code, row) for code, about in kpi_codes().items() for row in about.source.split(", ")}
    assert said - shown == set()
    assert {kpi for kpi, _ in shown} == set(kpi_codes())


def test_what_cannot_be_said_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {name_of(row): row["missing"] for row in ROWS if "missing" in row}
    with capsys.disabled():
        print()
        print("\n".join(f"catalogue {name}: not to be said: {why}" for name, why in missing.items()))
    assert all(len(why) > 20 for why in missing.values())
