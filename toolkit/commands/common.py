"""What the commands share: how problems are shown and how a command ends."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from toolkit.problems import Problem, ToolkitError
from toolkit.terminal import harmless

P = ParamSpec("P")
R = TypeVar("R")
FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)

DONE, NOT_DONE, WRONG_USE, ROWS_SET_ASIDE = 0, 1, 2, 3

SHOWN_AT_MOST = 20
LONGEST = 2000
"""Signs of one problem: all its sentences, but not all of a cell that is a book."""
SIGNS = {"error": "✗", "warning": "!", "info": "·"}


def pdf_option(what: str) -> Callable[[FC], FC]:
    """The option --format of a command that makes pages; it goes into the argument `form`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["html", "pdf"]),
        default="html",
        show_default=True,
        help=f"pdf: print every {what} as PDF beside it, with Chromium, Chrome or Edge.",
    )


def show_problems(problems: Sequence[Problem], most: int = SHOWN_AT_MOST) -> None:
    """The first problems, the gravest first, on standard error; how many more there are."""
    gravest_first = sorted(problems, key=lambda problem: list(SIGNS).index(problem.level))
    for problem in gravest_first[:most]:
        click.echo(f"{SIGNS[problem.level]} {harmless(str(problem), LONGEST)}", err=True)
    if len(problems) > most:
        click.echo(f"  and {len(problems) - most} more: problems.csv has them all", err=True)


def stops_with_a_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """A `ToolkitError` becomes its sentences and exit code 1; nothing has been written by then."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ToolkitError as error:
            show_problems(error.problems)
            raise click.exceptions.Exit(NOT_DONE) from error

    return run


LONG = 5_000_000
"""Bytes of input from which on it takes long enough to wonder whether anything happens."""


@contextmanager
def progress(label: str, paths: Sequence[Path], *, shown: bool) -> Iterator[Callable[[Path], None]]:
    """A bar on standard error that counts the bytes of the files done: on a terminal only, and for long inputs.

    Gives what has to be told of each file when it is done with.
    """
    sizes = {path: path.stat().st_size for path in paths if path.is_file()}
    total = sum(sizes.values())
    if not shown or total < LONG or not sys.stderr.isatty():
        yield lambda path: None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield lambda path: bar.update(sizes.get(path, 0))


def usage(message: str) -> click.UsageError:
    """Wrong usage, exit code 2."""
    return click.UsageError(message)
