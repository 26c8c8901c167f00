"""HTML pages as PDF, printed by a browser without a window, where one is installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from toolkit.problems import ToolkitError, problem

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
AT_ONCE, SECONDS = 2, 60


def browser() -> str:
    """The browser that prints; `ToolkitError` where there is none."""
    known = [found for name in NAMES if (found := shutil.which(name))]
    known += [path for place in PLACES if Path(path := os.path.expandvars(place)).is_file()]
    if not known:
        raise ToolkitError([problem("NO_BROWSER")])
    return known[0]


def print_pages(pages: Iterable[Path]) -> list[Path]:
    """Prints each HTML file as a PDF of the same name beside it; gives the PDFs. `ToolkitError` where one fails."""
    program = browser()
    with tempfile.TemporaryDirectory() as profiles, ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(lambda page: _printed(program, page, Path(profiles)), pages))


def _printed(program: str, page: Path, profiles: Path) -> Path:
    pdf = page.with_suffix(".pdf").absolute()
    # a profile of its own for each: browsers share nothing, and the user's own window is left alone
    profile = tempfile.mkdtemp(dir=profiles)
    command = [program, *_flags(), f"--user-data-dir={profile}", f"--print-to-pdf={pdf}", page.absolute().as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = [str(error)]
    if not pdf.is_file():
        raise ToolkitError([problem("BROWSER_FAILED", value=page.name, reason=" ".join(reason) or "no PDF came out")])
    shutil.rmtree(profile, ignore_errors=True)
    return pdf


def _flags() -> Sequence[str]:
    flags = ["--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer", "--disable-extensions"]
    # root may not use the browser's own walls; the pages are ours and run no script
    return [*flags, "--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else flags
