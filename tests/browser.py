"""Chromium for the tests: how wide a page becomes in a window as narrow as a phone's."""

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

INSTALL = "needs Chromium: sudo apt-get install -y chromium"
needs_browser = pytest.mark.skipif(shutil.which("chromium") is None, reason=INSTALL)
"""For tests that are also marked e2e: under CI=true a skip of those is a failure (see conftest.py)."""
_FRAME = """<!DOCTYPE html><body style="margin:0">
<iframe style="border:0;width:{width}px;height:800px" srcdoc="{page}"></iframe>
<script>onload = () => {{
  const root = document.querySelector("iframe").contentDocument.documentElement;
  const beyond = [...root.querySelectorAll("body *")].filter(
    one => one.getBoundingClientRect().right > root.clientWidth + 1);
  document.title = JSON.stringify([root.scrollWidth, root.clientWidth, beyond.length]);
}}</script>"""


def widths(page: Path, folder: Path, width: int) -> tuple[int, int, int]:
    """In a frame of so many pixels: how wide the page is, how much of it is seen, and how many parts reach beyond."""
    frame = folder / "frame.html"
    text = page.read_text(encoding="utf-8")
    frame.write_text(_FRAME.format(width=width, page=html.escape(text)), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'browser'}"]
    done = subprocess.run([*command, "--dump-dom", frame.as_uri()], capture_output=True, timeout=120, check=True)  # noqa: S603
    found = re.search(r"<title>\[(\d+),(\d+),(\d+)\]", done.stdout.decode())
    assert found, done.stderr.decode()[-500:]
    return int(found[1]), int(found[2]), int(found[3])
