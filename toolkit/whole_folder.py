"""A folder of results that is written whole or not at all, and replaced only by another of its kind."""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from toolkit.problems import ToolkitError, problem

UNFINISHED, LOCK = ".writing", ".lock"


@dataclass(frozen=True)
class FolderKind:
    """What a folder of results holds. record: the file that is written last and makes the folder what it is; names:
    all other files and folders that may be in it."""

    record: str
    names: tuple[str, ...]


@contextmanager
def whole_folder(out: Path, kind: FolderKind) -> Iterator[Path]:
    """Gives a folder to write in; its content appears under `out` when everything is there, the record last.

    Earlier results in the same folder are replaced, other people's files in it are left alone. `ToolkitError` where
    `out` is a file, holds something else, or is being written by somebody else.
    """
    _refuse_strangers(out, kind)
    out.mkdir(parents=True, exist_ok=True)
    with _alone_in(out):
        aside = out / UNFINISHED
        shutil.rmtree(aside, ignore_errors=True)  # what a killed writer left behind
        aside.mkdir()
        try:
            yield aside
            _move_in(aside, out, kind)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """One writer at a time; the system gives the lock back even if a writer is killed."""
    try:
        with FileLock(out / LOCK, timeout=0):
            yield
    except Timeout as busy:
        raise ToolkitError([problem("OUT_BUSY", value=out.name, out=out)]) from busy


def _refuse_strangers(out: Path, kind: FolderKind) -> None:
    """A folder with something in it must be one of results: nobody's photographs become statements."""
    if out.is_file():
        raise ToolkitError([problem("OUT_IS_A_FILE", value=out.name, out=out)])
    if out.is_dir() and not (out / kind.record).exists():
        # a writer killed while moving its files in leaves some of them, and what it had not moved yet
        own = {UNFINISHED, LOCK, *(kind.names if (out / UNFINISHED).exists() else ())}
        others = sorted(path.name for path in out.iterdir() if path.name not in own)
        if others:
            raise ToolkitError([problem("OUT_NOT_EMPTY", value=out.name, out=out, seen=others[0])])


def _move_in(aside: Path, out: Path, kind: FolderKind) -> None:
    """Puts the finished files in place: the old results stop being some first, the new ones become some last."""
    (out / kind.record).unlink(missing_ok=True)
    for name in kind.names:
        if (out / name).is_dir():
            shutil.rmtree(out / name, ignore_errors=True)
        else:
            (out / name).unlink(missing_ok=True)
    for path in sorted(aside.iterdir(), key=lambda path: path.name == kind.record):
        os.replace(path, out / path.name)


def write_json(content: Any, path: Path) -> None:
    """As people can read it, with the same bytes on every system."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def sha256(path: Path) -> str:
    """The hash of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hashes_in(folder: Path, but: Collection[str] = ()) -> dict[str, str]:
    """The hash of every file in a folder and in those within it, by its path from there. but: files known already."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: sha256(path) for name, path in files.items() if name not in but}
