"""The toolkit works the same from a checkout, an editable install, a wheel and `uvx --from .`."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path

import pytest

import toolkit
from toolkit.shipped import FOLDERS, shipped, version

ROOT = Path(__file__).resolve().parent.parent
NOT_SHIPPED = shutil.ignore_patterns(
    ".*", "*.egg-info", "build", "dist", "uv.lock", "out", "demo", "__pycache__", "tests", "docs", "benchmarks"
)
ASKS = """
import hashlib, json, sys
from pathlib import Path
import toolkit
from toolkit.shipped import FOLDERS, shipped, version
files = {
    f"{folder}/{path.relative_to(shipped(folder)).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
    for folder in FOLDERS for path in sorted(shipped(folder).rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
}
json.dump({"package": str(Path(toolkit.__file__).parent), "version": version(), "files": files}, sys.stdout)
"""
"""What a copy of the toolkit is asked: where it lies, its version, the content of every shipped file."""


def settings() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines_of(section: str, key: str) -> list[str]:
    return settings()[section][key].split("\n")[1:]


def distribution_names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in requirements}


def imports_of(path: Path) -> set[str]:
    """The modules that the file imports, relative imports left out."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_them = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return plain | from_them


def own_files() -> dict[str, str]:
    """The shipped files as they lie in this repository, by name, with their hashes."""
    homes = {folder: ROOT / folder if (ROOT / folder).is_dir() else ROOT / "toolkit" / folder for folder in FOLDERS}
    return {
        f"{folder}/{path.relative_to(home).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for folder, home in homes.items()
        for path in sorted(home.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Standard output of the command, in a clean environment (nothing of this checkout on Python's path)."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(  # noqa: S603
        [str(part) for part in command],
        cwd=cwd,
        env={**inherited, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    """The uv that runs these tests, one on the path, or one beside this Python."""
    found = os.environ.get("UV") or shutil.which("uv") or shutil.which("uv", path=Path(sys.executable).parent)
    if not found:
        pytest.skip("needs uv: python -m pip install uv")
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, so that building writes nothing into the real one."""
    copy = tmp_path_factory.mktemp("checkout") / "collections toolkit"
    shutil.copytree(ROOT, copy, ignore=NOT_SHIPPED)
    return copy


@pytest.fixture(scope="module")
def empty_environment(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a virtual environment of this name and gives its Python."""

    def make(name: str) -> Path:
        home = tmp_path_factory.mktemp(name)
        run(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, home / "venv", cwd=home)
        return next(path for path in (home / "venv/bin/python", home / "venv/Scripts/python.exe") if path.exists())

    return make


def assert_complete(answer: str, lies_in: Path) -> None:
    said = json.loads(answer)
    assert Path(said["package"]).is_relative_to(lies_in.resolve())
    assert said["version"] == settings()["metadata"]["version"]
    assert said["files"] == own_files()


def assert_names_the_profiles(printed: str) -> None:
    names = sorted(path.parent.name for path in (ROOT / "toolkit" / "setups").glob("*/profile.toml"))
    assert names, "no profiles are shipped"
    for name in names:
        assert name in printed


@pytest.mark.e2e
def test_from_a_checkout(checkout: Path) -> None:
    answer = run(sys.executable, "-c", ASKS, cwd=checkout, PYTHONPATH=str(checkout))
    assert_complete(answer, lies_in=checkout)
    assert_names_the_profiles(run(sys.executable, checkout / "cli.py", "profiles", cwd=checkout.parent))


@pytest.mark.e2e
@pytest.mark.slow
def test_from_an_editable_install(
    uv: str, checkout: Path, empty_environment: Callable[[str], Path], tmp_path: Path
) -> None:
    python = empty_environment("editable")
    run(uv, "pip", "install", "--quiet", "--python", python, "--editable", checkout, cwd=tmp_path)
    assert_complete(run(python, "-c", ASKS, cwd=tmp_path), lies_in=checkout)
    assert_names_the_profiles(run(python.with_name("toolkit"), "profiles", cwd=tmp_path))


@pytest.mark.e2e
@pytest.mark.slow
def test_from_a_wheel(uv: str, checkout: Path, empty_environment: Callable[[str], Path], tmp_path: Path) -> None:
    """Built by way of the source distribution, as a package index would have it.

    Only what the toolkit itself requires is installed there, so the whole main job must do without the tests' packages.
    """
    run(uv, "build", "--quiet", "--out-dir", tmp_path / "dist", checkout, cwd=tmp_path)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    python = empty_environment("wheel")
    run(uv, "pip", "install", "--quiet", "--python", python, wheel, cwd=tmp_path)
    assert_complete(run(python, "-c", ASKS, cwd=tmp_path), lies_in=python.parent.parent)
    assert_names_the_profiles(run(python.with_name("toolkit"), "profiles", cwd=tmp_path))
    run(python.with_name("toolkit"), "demo", "--out", tmp_path / "demo", cwd=tmp_path)
    assert list((tmp_path / "demo").rglob("finance.xlsx"))


@pytest.mark.e2e
@pytest.mark.slow
def test_by_uvx(uv: str, checkout: Path, tmp_path: Path) -> None:
    by_uvx = (uv, "tool", "run", "--quiet", "--python", sys.executable, "--from", checkout)
    said = json.loads(run(*by_uvx, "python", "-c", ASKS, cwd=tmp_path))
    assert said["files"] == own_files()
    assert not Path(said["package"]).is_relative_to(ROOT)
    assert_names_the_profiles(run(*by_uvx, "toolkit", "profiles", cwd=tmp_path))


def test_every_package_is_listed() -> None:
    listed = set(lines_of("options", "packages"))
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in sorted((ROOT / "toolkit").rglob("__init__.py"))}
    assert listed == there | {"toolkit.templates", "toolkit.workbooks"}


def test_what_is_imported_is_required() -> None:
    """Every distribution that the toolkit imports is in install_requires or an extra, and nothing else is."""
    imported = {
        name.partition(".")[0].lower()
        for path in [ROOT / "cli.py", *(ROOT / "toolkit").rglob("*.py")]
        for name in imports_of(path)
    } - {"toolkit", "cli", "pydantic_core"}  # pydantic_core comes with pydantic, which pins it
    required = distribution_names(lines_of("options", "install_requires"))
    optional = distribution_names([settings()["options.extras_require"]["database"]])
    assert imported - sys.stdlib_module_names - required == optional
    assert required - imported == {"tzdata"}, "tzdata is data for zoneinfo, where the system has none"


def test_lock_holds_all_requirements_hashed_and_without_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==[^\\\n]+ \\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert distribution_names(lines_of("options", "install_requires")) <= set(pinned)
    assert len(pinned) == len(re.findall(r"^[^ #\n]", lock, re.MULTILINE)), "a pin without a hash"
    assert not re.search(r"://|^\s*-[ief]|^\s*--(?!hash)|\s@\s", lock, re.MULTILINE)


def test_version_is_written_once() -> None:
    assert version() == settings()["metadata"]["version"]
    assert f"## {version()} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_such_shipped_folder() -> None:
    with pytest.raises(ValueError, match="cupboard is not one of the shipped folders"):
        shipped("cupboard")


def test_typed() -> None:
    assert (Path(toolkit.__file__).parent / "py.typed").exists()
