"""`toolkit hourly` and `toolkit today`: the day of the team as it stands at a moment."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, progress, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless_page

if TYPE_CHECKING:
    from toolkit.scorecard_reports.daily import Hourly, TeamDay


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option(
    "--as-of", help='The moment, as "2026-10-21 15:00", or a day for its end. Absent: the data\'s last event.'
)
@click.option(
    "--kpi", default="noc", show_default=True, help="What the pace is of: noc, calls, contacts, collected, ..."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def hourly(data: Path, profile: str, as_of: str | None, kpi: str, out: Path, quiet: bool) -> None:
    """Say how far each agent is with the day's target, hour by hour, from the exports in DATA.

    Behind is who was below 90 % of what was due at the end of two hours in a row. hourly.txt can be pasted into a chat.

    \b
    Example:
      toolkit hourly exports --profile last-call --as-of "2026-10-21 15:00" --out hourly
    """
    from toolkit.pace import moment_of
    from toolkit.readers.sources import files_in
    from toolkit.scorecard_reports.daily import hourly as made

    at = moment_of(as_of) if as_of else None
    with progress("Reading", files_in(data), shown=not quiet) as on_file:
        done = made(data, profile, at, kpi=kpi, on_file=on_file)
    _written(done, out, quiet)


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option("--as-of", required=True, help='The moment, as "2026-10-21 08:00", or a day for its end.')
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def today(data: Path, profile: str, as_of: str, out: Path, quiet: bool) -> None:
    """List the team's day from the exports in DATA: who works and who is away with which leads to give to others, each
    agent's targets, promises due, and overdue accounts that nobody has touched. What is bad comes first.

    \b
    Example:
      toolkit today exports --profile last-call --as-of "2026-10-21 08:00" --out today
    """
    from toolkit.pace import moment_of
    from toolkit.readers.sources import files_in
    from toolkit.scorecard_reports.daily import team_today

    at = moment_of(as_of)
    with progress("Reading", files_in(data), shown=not quiet) as on_file:
        done = team_today(data, profile, at, on_file=on_file)
    _written(done, out, quiet)


def _written(done: "Hourly | TeamDay", out: Path, quiet: bool) -> None:
    done.write(out)
    if not quiet:
        click.echo(harmless_page(done.text), nl=False)
        click.echo(f"Everything is in {out}.")
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.read.rows_set_aside else DONE)
