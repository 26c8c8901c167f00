"""What README and docs/ say is true: links lead somewhere, commands and options exist, the tutorial runs."""

import re
import shlex
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import cli
from toolkit.profiles import shipped_profiles

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "docs"))

import make_reference  # noqa: E402

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
TUTORIAL = ROOT / "docs" / "tutorial.md"

SET_UP = {
    "demo": "python -m pip install uv; python -m uv run toolkit demo",
    "tests": "python -m pip install uv; python -m uv run pytest",
}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[str]:
    """The content of the page's fenced blocks of shell commands."""
    return re.findall(r"^```(?:bash|console|sh)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands_on(page: Path) -> list[str]:
    """Each `toolkit ...` command of the page's shell blocks on one line, without its comment."""
    lines = "\n".join(blocks(page)).replace("\\\n", " ").splitlines()
    whole = [re.sub(r"\s+", " ", line.removeprefix("$ ").partition(" #")[0]).strip() for line in lines]
    return [line for line in whole if line.startswith("toolkit ")]


def command_called(words: list[str]) -> tuple[click.Command, list[str]]:
    """The click command that these words call and the words that are left for it."""
    command: click.Command = cli.main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]}"
        command, words = found, words[1:]
    return command, words


def options_of(command: click.Command) -> set[str]:
    return {name for option in command.get_params(click.Context(command)) for name in option.opts} | {"-h", "--help"}


def anchors(page: Path) -> set[str]:
    """The places of the page that a link can name, as the usual viewers make them from its headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), f"{name_of(page)} links to {target}"
        if anchor:
            assert anchor in anchors(linked), f"{name_of(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_their_options_exist(page: Path) -> None:
    for line in commands_on(page):
        command, rest = command_called(shlex.split(line)[1:])
        used = {word.partition("=")[0] for word in rest if word.startswith("-")}
        assert used <= options_of(command), f"{name_of(page)}: {line}"


def test_the_pages_that_matter_hold_commands() -> None:
    """The test above proves something only where it finds commands."""
    assert len(commands_on(ROOT / "README.md")) >= 3
    assert len(commands_on(TUTORIAL)) >= 5


@pytest.mark.parametrize("command", SET_UP.values(), ids=SET_UP)
def test_readme_has_the_set_up_commands(command: str) -> None:
    assert command in [line for block in blocks(ROOT / "README.md") for line in block.splitlines()]


@pytest.mark.parametrize("name", make_reference.PAGES)
def test_reference_pages_say_what_the_toolkit_says(name: str) -> None:
    page = (make_reference.REFERENCE / name).read_text(encoding="utf-8")
    assert page == make_reference.PAGES[name](), "run: python -m uv run python docs/make_reference.py"


def test_readme_names_every_profile() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in shipped_profiles():
        assert f"`{name}`" in text


def shown(page: Path) -> list[tuple[str, str]]:
    """Each shell block of the page with the text block right after it, "" where there is none."""
    return re.findall(
        r"^```bash\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def as_one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.e2e
@pytest.mark.slow
def test_the_tutorial_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command in order, in an empty folder; what the page shows of their output is what they say."""
    monkeypatch.chdir(tmp_path)
    for commands, expected in shown(TUTORIAL):
        said = ""
        for line in commands.replace("\\\n", " ").splitlines():
            result = CliRunner().invoke(cli.main, shlex.split(line)[1:], terminal_width=500)
            assert result.exit_code == (3 if "mistakes-checked" in line else 0), f"{line}\n{result.output}"
            said += result.output
        for line in expected.splitlines():
            assert as_one_line(line) in as_one_line(said), commands
    text = TUTORIAL.read_text(encoding="utf-8")
    [(folder, listing)] = re.findall(r"^```text\n(out/\S+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    made = {path.name for path in (tmp_path / folder).iterdir()}
    assert {line.split()[0] for line in listing.splitlines()} <= made
