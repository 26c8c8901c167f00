"""What surrounds a button: Excel's state kept and given back, the status line, the log, and sentences for people."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.problems import Problem, ToolkitError, problem, said

if TYPE_CHECKING:
    import xlwings as xw

LOG_FILE = "toolkit.log"
LARGEST_LOG, OLD_LOGS = 500_000, 2
KEPT = ("screen_updating", "enable_events", "display_alerts", "calculation", "status_bar")
"""What a button changes of Excel, and gives back whatever happens."""
_LOG = logging.getLogger("toolkit.excel")


def log_path() -> Path:
    """The log of the buttons and functions, one for each user of the computer."""
    from platformdirs import user_log_path

    return user_log_path("CollectionsToolkit", appauthor=False) / LOG_FILE


def log() -> logging.Logger:
    """The log; without one, where it cannot be written, the work goes on all the same."""
    if not _LOG.handlers:
        with suppress(OSError):
            path = log_path()
            path.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(path, maxBytes=LARGEST_LOG, backupCount=OLD_LOGS, encoding="utf-8")
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            _LOG.addHandler(handler)
        _LOG.setLevel(logging.INFO)
        _LOG.propagate = False
    return _LOG


@contextmanager
def kept_state(book: "xw.Book", what: str) -> Iterator[None]:
    """Excel held still while the work goes on, with `what` in its status bar; then as it was before."""
    app = book.app
    before: dict[str, Any] = {}
    for name in KEPT:
        with suppress(Exception):
            before[name] = getattr(app, name)
    try:
        app.screen_updating = False
        app.calculation = "manual"
        app.status_bar = said("BUTTON_BUSY", what=what)
        yield
    finally:
        for name, value in before.items():
            with suppress(Exception):
                setattr(app, name, value)


def in_a_sentence(error: BaseException) -> list[Problem]:
    """What went wrong as problems with sentences; what nobody expected is logged and said as such."""
    if isinstance(error, ToolkitError):
        return list(error.problems)
    found = com_problem(error)
    if found is None:
        log().error("unexpected", exc_info=error)
        found = problem("BUTTON_BUG", kind=type(error).__name__, log=log_path())
    return [found]


def com_problem(error: BaseException) -> Problem | None:
    """What Excel itself refused, as a sentence; None for an error that is not Excel's."""
    words = " ".join(str(part) for part in getattr(error, "args", ()))
    if type(error).__name__ != "com_error":
        return None
    if "protected" in words:
        return problem("WORKBOOK_PROTECTED", sheet="")
    if "merged" in words:
        return problem("WORKBOOK_MERGED", sheet="")
    return None


def sentence(problems: list[Problem], most: int = 3) -> str:
    """The gravest problems for a status line or a message box: where, what is wrong, what to do."""
    wrong = [found for found in problems if found.level == "error"] or problems
    lines = [str(found) for found in wrong[:most]]
    if len(wrong) > most:
        lines.append(f"... {len(wrong) - most} more on the sheet Problems")
    return "\n".join(lines)
