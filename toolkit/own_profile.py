"""A set-up copied under a new name, to be changed into one's own."""

import re
import shutil
from pathlib import Path

from toolkit.problems import ToolkitError, problem
from toolkit.profiles import PROFILE_FILE, WORKBOOK_FILE, Profile, load_profile, workbook_file

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
SHOWN = 5


def copy_profile(name: str, like: str, out: Path) -> Profile:
    """Copies the set-up `like` into the folder `out` and calls it `name`; gives the copy as it is read.

    `ToolkitError` if the name will not do, there is no such set-up, or the folder has something in it.
    """
    if not NAME.fullmatch(name):
        raise ToolkitError([problem("PROFILE_NAME_WANTED", value=name)])
    source = load_profile(like)
    if source.folder is None:
        raise ToolkitError([problem("PROFILE_NOT_FOUND", value=like, known="")])
    _refuse_occupied(out)
    aside = out.with_name(f".{out.name}.unfinished")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _copy(source, aside, name)
        load_profile(str(aside))
        if out.is_dir():
            out.rmdir()
        aside.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return load_profile(str(out))


def _refuse_occupied(out: Path) -> None:
    names = [out.name] if out.is_file() else sorted(path.name for path in out.iterdir()) if out.is_dir() else []
    if names:
        raise ToolkitError([problem("PROFILE_FOLDER_NOT_EMPTY", file=str(out), names=", ".join(names[:SHOWN]))])


def _copy(source: Profile, out: Path, name: str) -> None:
    folder = source.folder or Path()
    shutil.copytree(folder, out, ignore=shutil.ignore_patterns("__pycache__", "README.md", ".*"))
    text = (folder / PROFILE_FILE).read_text(encoding="utf-8-sig")
    shutil.copy(workbook_file(source), out / WORKBOOK_FILE)
    renamed = re.sub(r'(?m)^name(\s*)=(\s*)".*"', rf'name\1=\2"{name}"', text, count=1)
    (out / PROFILE_FILE).write_text(renamed, encoding="utf-8")
