"""`toolkit --help` answers at once: what would be slow is not even imported."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import cli

ROOT = Path(__file__).resolve().parent.parent

HEAVY = {
    "duckdb", "fastexcel", "holidays", "jinja2", "narwhals", "numpy", "openpyxl", "pandas", "phonenumbers", "polars",
    "pyarrow", "pydantic", "xlsxwriter",
}  # fmt: skip

ASKS_FOR_HELP = """
import json, sys
sys.argv = ["toolkit", *json.loads(sys.argv[1])]
import cli
try:
    cli.main()
except SystemExit:
    pass
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def modules_after(*arguments: str) -> set[str]:
    """The top-level modules imported by the time the command has answered, in a Python of its own."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ASKS_FOR_HELP, json.dumps(arguments)],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert "Usage: toolkit" in done.stdout or "version" in done.stdout
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("option", ["--help", "-h", "--version"])
def test_help_imports_nothing_heavy(option: str) -> None:
    modules = modules_after(option)
    assert "click" in modules, "this measures nothing if even click is missing"
    assert modules & HEAVY == set()


def test_help_imports_few_modules_of_our_own() -> None:
    """Help needs the names of the commands, not the commands."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "importtime", str(ROOT / "cli.py"), "--help"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    imported = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert "click" in imported
    kept = [name for name in imported if name.startswith("toolkit.commands.")]
    assert kept == ["toolkit.commands.lazy"]


def commands(group: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command under the group with the words that call it."""
    if not isinstance(group, click.Group):
        return [(path, group)]
    context = click.Context(group)
    named = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    return [found for name, command in named if command for found in commands(command, (*path, name))]


@pytest.mark.parametrize("words", [path for path, _ in commands(cli.main)], ids=" ".join)
def test_every_command_explains_itself_with_an_example(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli.main, [*words, "--help"])
    assert result.exit_code == 0
    said, _, _ = result.output.partition("Options:")
    usage, _, explanation = said.partition("\n\n")
    assert "Usage:" in usage
    assert f"toolkit {' '.join(words)}" in explanation, "no example"


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_the_list_of_commands_is_true(name: str) -> None:
    command = cli.main.get_command(click.Context(cli.main), name)
    assert command is not None
    assert command.name == name


def test_an_unknown_command_is_wrong_usage() -> None:
    result = CliRunner().invoke(cli.main, ["conjure"])
    assert result.exit_code == 2
    assert "conjure" in result.output
