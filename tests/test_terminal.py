"""Nothing that stands in a plan, in the name of a file or of a folder can steer the terminal that shows it."""

import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from plan_examples import example_text

from cli import main

STEERING = {"\x1b", "\x07", "\x9b", "\u202e", "\r"}
"""What begins a command to the terminal, ends one, or turns the direction of writing."""
TITLE = r'title = "Field\u001b[2J\u009b31m\u202e\u0007 agents"'


def plan_file(folder: Path, more: str = "") -> Path:
    """A plan whose title and whose file's name would clear the screen; `more` is written above everything else."""
    text = "\n".join(line for line in example_text().splitlines() if not line.startswith("title"))
    path = folder / "field\x1b]0;x\x07.toml"
    path.write_text(f"{TITLE}\n{more}\n{text}", encoding="utf-8")
    return path


@pytest.mark.parametrize("way", [(), ("--json",)])
@pytest.mark.parametrize("command", ["check", "show"])
def test_a_plans_title_and_its_files_name_are_shown_without_commands(
    command: str, way: tuple[str, ...], tmp_path: Path
) -> None:
    result = CliRunner().invoke(main, ["plan", command, str(plan_file(tmp_path)), *way])
    assert result.exit_code == 0, result.output
    assert "]0;x" in result.output or "[2J" in result.output
    assert not STEERING & set(result.output)


@pytest.mark.parametrize("way", [(), ("--json",)])
def test_what_is_wrong_with_a_plan_is_said_without_commands(way: tuple[str, ...], tmp_path: Path) -> None:
    wrong = plan_file(tmp_path, r'"col\u001b[31mour" = "re\u001b[31md"')
    result = CliRunner().invoke(main, ["plan", "check", str(wrong), *way])
    assert result.exit_code == 1
    assert "[31mour" in result.output
    assert not STEERING & set(result.output)


def test_a_plan_that_is_not_there_is_named_without_commands(tmp_path: Path) -> None:
    for command in ("check", "show"):
        result = CliRunner().invoke(main, ["plan", command, str(tmp_path / "no\x1b[2Jplan.toml")])
        assert result.exit_code == 1
        assert "[2Jplan" in result.output
        assert not STEERING & set(result.output)


@pytest.mark.parametrize("way", [(), ("--json",)])
def test_doctor_names_folders_without_commands(
    way: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t\x1b[2Jmp"))
    result = CliRunner().invoke(main, ["doctor", *way])
    assert "[2Jmp" in result.output
    assert not STEERING & set(result.output)
