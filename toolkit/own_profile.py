"""A set-up copied under a new name, to be changed into one's own."""

import re
import shutil
from pathlib import Path

from toolkit.problems import ToolkitError, problem
from toolkit.profiles import PROFILE_FILE, WORKBOOK_FILE, Profile, load_profile, workbook_file
from toolkit.shipped import shipped

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
SHOWN = 5


def copy_profile(name: str, like: str, out: Path) -> Profile:
    """Copies the set-up `like` into the folder `out` and calls it `name`; gives the copy as it is read.

    `ToolkitError` if the name will not do, there is no such set-up, or the folder has something in it.
    """
    refuse_name(name)
    source = load_profile(like)
    if source.folder is None:
        raise ToolkitError([problem("PROFILE_NOT_FOUND", value=like, known="")])
    return new_profile(name, out, source, _renamed(source, name))


def refuse_name(name: str) -> None:
    """`ToolkitError` if a set-up cannot have this name."""
    if not NAME.fullmatch(name):
        raise ToolkitError([problem("PROFILE_NAME_WANTED", value=name)])


def new_profile(name: str, out: Path, like: Profile | None, text: str) -> Profile:
    """A set-up with `text` as its profile.toml and everything else as in `like`, in the folder `out`; as it is read.

    The folder is complete before it gets its name. `ToolkitError` as above, or where the text is no profile.
    """
    refuse_name(name)
    refuse_occupied(out)
    aside = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _fill(aside, like, text)
        load_profile(str(aside))
        if out.is_dir():
            out.rmdir()
        aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return load_profile(str(out))


def refuse_occupied(out: Path) -> None:
    """`ToolkitError` if the folder has something in it, or is a file."""
    names = [out.name] if out.is_file() else sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if names:
        raise ToolkitError([problem("PROFILE_FOLDER_NOT_EMPTY", file=str(out), names=", ".join(names[:SHOWN]))])


def _fill(out: Path, like: Profile | None, text: str) -> None:
    if like is not None and like.folder is not None:
        shutil.copytree(like.folder, out, ignore=shutil.ignore_patterns("__pycache__", "README.md", ".*"))
        shutil.copy(workbook_file(like), out / WORKBOOK_FILE)
    else:
        out.mkdir(parents=True)
        shutil.copy(shipped("workbooks") / "standard.toml", out / WORKBOOK_FILE)
    (out / PROFILE_FILE).write_text(text, encoding="utf-8")


def _renamed(source: Profile, name: str) -> str:
    text = ((source.folder or Path()) / PROFILE_FILE).read_text(encoding="utf-8-sig")
    return re.sub(r'(?m)^name(\s*)=(\s*)".*"', rf'name\1=\2"{name}"', text, count=1)
