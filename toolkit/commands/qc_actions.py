"""`toolkit qc actions`: who needs coaching in what, what is open, and whether it helped."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, pdf_option, progress, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.quality_reports.coaching.coached import Coached

SHOWN = 15


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option(
    "--period", required=True, help="2026-10-21, 2026-W43, 2026-10-H1, 2026-10, ...; or latest-month and the like."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: their last event.")
@click.option("--no-sheets", is_flag=True, help="Leave the coaching sheets out.")
@pdf_option("sheet")
@click.option("--json", "as_json", is_flag=True, help="Print actions.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def actions(
    data: Path, profile: str, period: str, out: Path, as_of: Any, no_sheets: bool, form: str, as_json: bool, quiet: bool
) -> None:
    """Propose coaching from the evaluations of a PERIOD, list what is open, and say whether coaching helped.

    proposals.csv has the form of the table actions: put the rows that you accept into your data. What an open action
    covers is not proposed again. The rules are [coaching] of the profile.

    \b
    Example:
      toolkit qc actions exports --profile last-call --period 2026-10 --out coaching
      toolkit qc actions exports --profile agency --period 2026-W43 --out coaching --format pdf
    """
    from toolkit.quality_reports.coaching.coached import coached
    from toolkit.readers.sources import files_in

    if form == "pdf":
        from toolkit.scorecard_reports.pages.paper import browser

        browser()  # a missing one is said before anything is computed
    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        done = coached(data, profile, period, as_of=as_of.date() if as_of else None, on_file=on_file)
    done.write(out, sheets=not no_sheets, pdf=form == "pdf")
    if as_json:
        click.echo(harmless_json((out / "actions.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.read.rows_set_aside else DONE)


def _say(done: "Coached", out: Path) -> None:
    found, names = done.result, done.names
    click.echo(f"{harmless(done.read.about.title)}: coaching, {done.read.period.label}")
    click.echo(f"  {len(found.proposals)} proposed")
    for one in found.proposals[:SHOWN]:
        click.echo(f"    {harmless(names.get(one.agent_id) or one.agent_id, 28):<28} {harmless(one.why, 140)}")
    overdue = [one for one in found.open if one.state == "overdue"]
    click.echo(f"  {len(found.open)} open, {len(overdue)} of them overdue")
    for late in overdue[:SHOWN]:
        who = harmless(names.get(late.agent_id) or late.agent_id, 28)
        click.echo(
            f"    {who:<28} {late.days_late} days late: {harmless(late.behaviour or late.note or late.kind, 90)}"
        )
    for effect in found.effects[-SHOWN:]:
        who = harmless(names.get(effect.agent_id) or effect.agent_id, 28)
        click.echo(f"    {who:<28} coached on {effect.done_on}: {effect.verdict}")
    click.echo(f"Everything is in {out}; put the proposals that you accept into your table actions.")
