"""What the commands share: how problems are shown and how a command ends."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from toolkit.problems import Problem, ToolkitError

P = ParamSpec("P")
R = TypeVar("R")

DONE, NOT_DONE, WRONG_USE, ROWS_SET_ASIDE = 0, 1, 2, 3

SHOWN_AT_MOST = 20
SIGNS = {"error": "✗", "warning": "!", "info": "·"}


def show_problems(problems: Sequence[Problem], most: int = SHOWN_AT_MOST) -> None:
    """The first problems, the gravest first, on standard error; how many more there are."""
    gravest_first = sorted(problems, key=lambda problem: list(SIGNS).index(problem.level))
    for problem in gravest_first[:most]:
        click.echo(f"{SIGNS[problem.level]} {problem}", err=True)
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


def usage(message: str) -> click.UsageError:
    """Wrong usage, exit code 2."""
    return click.UsageError(message)
