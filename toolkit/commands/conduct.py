"""`toolkit conduct`: every call, message and visit of a period against the rules of calling."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, progress, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.conduct_reports.run import Held

PERIODS = "2026-10-21, 2026-W43, 2026-10-H1, 2026-10, 2026-Q4 or 2026; or latest-month, previous-week and the like."
SHOWN_AGENTS = 10


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option("--period", required=True, help=PERIODS)
@click.option(
    "--rules",
    multiple=True,
    help="Only these call rules; repeat for more: us-reg-f, us-reg-f-hours, company-policy, or your own file. "
    "Absent: the profile's.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: their last event.")
@click.option("--no-workbook", is_flag=True, help="Leave conduct.xlsx out.")
@click.option("--no-pages", is_flag=True, help="Leave conduct.html out.")
@click.option("--json", "as_json", is_flag=True, help="Print conduct.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def conduct(
    data: Path,
    profile: str,
    period: str,
    rules: Sequence[str],
    out: Path,
    as_of: Any,
    no_workbook: bool,
    no_pages: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Hold the calls, messages and visits of a PERIOD against the rules of calling.

    The rules are those of the profile's [[call_rules]]. Contacts before the period count where a rule looks back.

    \b
    Example:
      toolkit conduct exports --profile last-call --period 2026-10 --out october-conduct
      toolkit conduct exports --profile agency --period 2026-W43 --rules us-reg-f --out week-conduct
    """
    from toolkit.conduct_reports.run import conduct_of
    from toolkit.readers.sources import files_in

    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        day = as_of.date() if as_of else None
        done = conduct_of(data, profile, period, rules, as_of=day, on_file=on_file)
    done.write(out, workbook=not no_workbook, page=not no_pages)
    if as_json:
        click.echo(harmless_json((out / "conduct.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.rows_set_aside else DONE)


def _say(done: "Held", out: Path) -> None:
    tables = done.tables
    state = f", provisional: the data stand at {done.as_of}" if done.provisional else ""
    click.echo(f"{harmless(done.about.title, 100)}: conduct in {done.period.label}{state}")
    click.echo(
        f"  {tables.standing.height:,} breaches by {tables.contacts_broken:,} of {tables.contacts:,} contacts"
        f"{_let_go(tables.breaches.height - tables.standing.height)}"
    )
    for row in tables.rules.iter_rows(named=True):
        click.echo(f"  {_rate(row)}  {harmless(row['rule_set'], 30)}: {harmless(row['title'], 60)}")
    worst = tables.agents.filter(tables.agents["rule"] == "all").sort("breaches", descending=True, maintain_order=True)
    named = [row for row in worst.iter_rows(named=True) if row["breaches"]]
    for row in named[:SHOWN_AGENTS]:
        name = row["agent"] or row["agent_id"] or "nobody named"
        click.echo(f"    {row['breaches']:>6,} {harmless(name, 30):<30} of {row['judged']:,} contacts made")
    if len(named) > SHOWN_AGENTS:
        click.echo(f"    and {len(named) - SHOWN_AGENTS} more agents: by_agent.csv has them all")
    click.echo(f"Everything is in {out}; breaches.csv has every breach with the contacts it is counted with.")


def _let_go(exempt: int) -> str:
    return f"; {exempt:,} more would be, without consent or the like" if exempt else ""


def _rate(row: dict[str, Any]) -> str:
    if row["per_1000"] is None:
        return f"{'not judged':>24}"
    return f"{row['breaches']:>6,} of {row['judged']:>8,} judged"
