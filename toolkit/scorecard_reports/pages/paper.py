"""HTML pages as PDF, printed by a browser without a window, where one is installed."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.problems import ToolkitError, problem

if TYPE_CHECKING:
    from pypdf import PdfReader

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
    "%ProgramFiles(x86)%/Google/Chrome/Application/chrome.exe",
    "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
    "%ProgramFiles%/Microsoft/Edge/Application/msedge.exe",
)
"""Where browsers are that are not on the search path."""
AT_ONCE, TOGETHER, SECONDS = 2, 100, 120
"""Browsers at a time, pages that one of them prints, and how long it may take."""


def browser() -> str:
    """The browser that prints; `ToolkitError` where there is none."""
    known = [found for name in NAMES if (found := shutil.which(name))]
    known += [path for place in PLACES if Path(path := os.path.expandvars(place)).is_file()]
    if not known:
        raise ToolkitError([problem("NO_BROWSER")])
    return known[0]


def print_pages(pages: Sequence[Path]) -> list[Path]:
    """Prints each HTML file as a PDF of the same name beside it; gives the PDFs. `ToolkitError` where one fails.

    Starting a browser takes longer than printing, so pages that look alike are printed together and cut apart.
    """
    program = browser()
    alike: dict[tuple[str, ...], list[Path]] = {}
    for page in pages:
        alike.setdefault(_styles(page), []).append(page)
    bundles = [found[start : start + TOGETHER] for found in alike.values() for start in range(0, len(found), TOGETHER)]
    with tempfile.TemporaryDirectory() as aside, ThreadPoolExecutor(AT_ONCE) as threads:
        folders = [Path(aside) / str(number) for number in range(len(bundles))]
        list(threads.map(lambda folder, bundle: _print_bundle(program, folder, bundle), folders, bundles))
    return [page.with_suffix(".pdf") for page in pages]


def _print_bundle(program: str, folder: Path, pages: Sequence[Path]) -> None:
    folder.mkdir()
    together = folder / "pages.html"
    together.write_text(_bundle(pages), encoding="utf-8", newline="\n")
    _cut_apart(_printed(program, together, pages[0].name), pages)


def _bundle(pages: Sequence[Path]) -> str:
    """One page after the other, each on a new sheet; in front a sheet of links, by which each is found again."""
    links = "".join(f'<a href="#page-{number}">{number}</a> ' for number in range(len(pages)))
    bodies = [
        f'<div class="sheet" id="page-{number}" style="break-before: page">{_part(page, "body")}</div>'
        for number, page in enumerate(pages)
    ]
    head = f'<meta charset="utf-8"><style>{_part(pages[0], "style")}</style>'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{links}{"".join(bodies)}</body></html>'


def _styles(page: Path) -> tuple[str, ...]:
    """All that says how the page looks: what differs in it may not be printed together."""
    return tuple(re.findall("<style>(.*?)</style>", page.read_text(encoding="utf-8"), re.DOTALL))


def _part(page: Path, name: str) -> str:
    """What stands between the first tag of this name and its end; in our own pages texts have no tags."""
    inside = page.read_text(encoding="utf-8").partition(f"<{name}>")[2]
    return inside.partition(f"</{name}>")[0]


def _printed(program: str, html: Path, first: str) -> Path:
    pdf = html.with_suffix(".pdf")
    # a profile of its own: the user's own window is left alone
    command = [program, *_flags(), f"--user-data-dir={html.parent / 'profile'}", f"--print-to-pdf={pdf}", html.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = [str(error)]
    if not pdf.is_file():
        raise _failed(first, " ".join(reason) or "no PDF came out")
    return pdf


def _failed(page: str, reason: str) -> ToolkitError:
    return ToolkitError([problem("BROWSER_FAILED", value=page, reason=reason)])


def _cut_apart(bundle: Path, pages: Sequence[Path]) -> None:
    from pypdf import PdfReader

    printed = PdfReader(bundle)
    places = {name.lstrip("/"): place for name, place in printed.named_destinations.items()}
    starts = [
        number
        for page in range(len(pages))
        if (place := places.get(f"page-{page}")) and (number := printed.get_destination_page_number(place)) is not None
    ]
    if len(starts) != len(pages) or starts != sorted(set(starts)):
        raise _failed(pages[0].name, "the printed pages could not be told apart")
    for page, first, last in zip(pages, starts, [*starts[1:], len(printed.pages)], strict=True):
        _write(printed, first, last, page)


def _write(printed: "PdfReader", first: int, last: int, page: Path) -> None:
    from pypdf import PdfWriter

    own = PdfWriter()
    for number in range(first, last):
        # nothing of the others comes along; links would lead to where the pages lay while they were made
        own.add_page(printed.pages[number], excluded_keys=("/Annots", "/StructParents")).compress_content_streams()
    own.add_metadata({"/Title": unescape(_part(page, "title"))})
    own.write(page.with_suffix(".pdf"))


def _flags() -> Sequence[str]:
    flags = ["--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--disable-extensions"]
    # root may not use the browser's own walls; the pages are ours and run no script
    return [*flags, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else flags
