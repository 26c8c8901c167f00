"""`toolkit demo`: the main job on a small invented branch."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.commands.common import stops_with_a_sentence

if TYPE_CHECKING:
    from toolkit.demo import Demo, DemoRun


@click.command()
@click.option(
    "--profile",
    default="paygo-solar",
    show_default=True,
    metavar="NAME",
    help="A shipped set-up, or the folder of your own.",
)
@click.option(
    "--out",
    default="toolkit-demo",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for everything; created.",
)
@click.option("--quiet", is_flag=True, help="Print nothing.")
@stops_with_a_sentence
def demo(profile: str, out: Path, quiet: bool) -> None:
    """Make a small invented branch, check its exports, calculate two periods of commissions, say where everything is.

    \b
    Example:  toolkit demo
    Example:  toolkit demo --profile bike-recovery --out bikes
    """
    from toolkit.demo import make_demo
    from toolkit.problem_report import write_check
    from toolkit.problem_summary import problem_kinds
    from toolkit.reading import read_tables

    made = make_demo(profile, out)
    reading = read_tables(made.exports, made.profile)
    write_check(reading, made.profile, problem_kinds(reading), out / "check")
    if not quiet:
        _say(made, out, profile, sum(file.rejected for file in reading.files))


def _say(made: "Demo", out: Path, profile: str, rejected: int) -> None:
    counts, rows = made.sample.rows, sum(made.sample.rows.values())
    last = made.runs[-1]
    click.echo(f"{made.profile.title}.")
    click.echo(f"All invented: {counts['accounts']:,} accounts, {counts['payments']:,} payments.")
    click.echo("")
    places = [
        (str(made.exports), f"the exports, {rows:,} rows, as such a system would give them"),
        (str(out / "check"), f"what was read and what was wrong with it ({rejected} rows set aside)"),
        *((str(run.folder), _result(run)) for run in made.runs),
        (str(made.scores), "KPIs and scorecards of the last month"),
        (str(made.recovery), "what collecting cost in it and what it brought"),
    ]
    if made.quality is not None:
        places.append((str(made.quality), "call quality of the last month: agents, teams, sections, evaluators"))
    if made.conduct is not None:
        places.append((str(made.conduct), "its calls, messages and visits held against the rules of calling, examples"))
    if made.workbook is not None:
        places.append((str(made.workbook), "the same in Excel, with buttons: press Prepare month"))
    _in_columns(places)
    click.echo("")
    click.echo("The plan, an example to be replaced:")
    for plan in made.plan_files:
        click.echo(f"  {plan}")
    click.echo("")
    click.echo("Look at, in this order:")
    agent = made.agent_to_look_at
    explain = (f"toolkit commissions explain {last.folder} {agent}", f"why {agent} gets this amount")
    in_results = (
        *_to_look_at_in_scores(made.scores),
        *_to_look_at_in_quality(made),
        *_to_look_at_in_conduct(made),
        *_to_look_at_in_costs(made.recovery),
    )
    _in_columns([*_to_look_at(last.folder), explain, *in_results])
    if made.quality is not None:
        click.echo("")
        click.echo("Go on with:")
        _in_columns(_go_on(made, profile))


def _in_columns(lines: list[tuple[str, str]]) -> None:
    width = max(len(place) for place, _ in lines)
    for place, what in lines:
        click.echo(f"  {place:<{width}}  {what}")


def _result(run: "DemoRun") -> str:
    from toolkit.money import worded

    result = run.calculated.run
    payable = worded(int(result.sheet["payable"].sum()), result.digits)
    return f"commissions of {run.period.label}: {payable} {result.plan.currency} to {result.sheet.height} people"


def _to_look_at(folder: Path) -> list[tuple[str, str]]:
    """The files of a run worth a look, those that are there."""
    files = [
        (folder / "commissions.xlsx", "what the manager approves: from the payments up to the sheet, with checks"),
        (folder / "finance.xlsx", "what Finance imports: a draft, without customers' data"),
        (folder / "statements", "one statement for each agent"),
        (folder / "sheet.csv", "one row an agent: what was earned, taken back, held, released and carried"),
        (folder / "lines.csv", "every single line that the sheet adds up"),
    ]
    return [(str(file), what) for file, what in files if file.exists()]


def _to_look_at_in_scores(folder: Path) -> list[tuple[str, str]]:
    files = [
        (folder / "scorecard.xlsx", "the team on one sheet: KPIs, scores, bands, what to look at"),
        (folder / "pages" / "index.html", "the same for the screen, with a page for each team and agent"),
        (folder / "trends.csv", "which figures really changed, since when, and what explains it"),
    ]
    return [(str(file), what) for file, what in files if file.exists()]


def _to_look_at_in_quality(made: "Demo") -> list[tuple[str, str]]:
    if made.quality is None:
        return []
    files = [
        (made.quality / "quality.xlsx", "who scores what, how sure that is, where points are lost, who marks how"),
        (made.quality / "pages" / "index.html", "the same for the screen, with a page for each agent to read alone"),
    ]
    return [(str(file), what) for file, what in files if file.exists()]


def _to_look_at_in_conduct(made: "Demo") -> list[tuple[str, str]]:
    if made.conduct is None:
        return []
    files = [
        (made.conduct / "conduct.html", "who contacted customers when or how nobody should, by rule and agent"),
        (made.conduct / "breaches.csv", "every breach with what is permitted and the contacts it is counted with"),
    ]
    return [(str(file), what) for file, what in files if file.exists()]


def _go_on(made: "Demo", profile: str) -> list[tuple[str, str]]:
    """The commands of call quality that these data are good for."""
    data, out, period = f"{made.exports} --profile {profile}", made.exports.parent, made.sample.months[-1].label
    return [
        (f"toolkit qc agreement {data} --out {out / 'agreement'}", "do evaluators agree"),
        (f"toolkit qc dispute {data}", "what agents dispute"),
        (f"toolkit qc actions {data} --period {period} --out {out / 'coaching'}", "whom to coach, did it help"),
    ]


def _to_look_at_in_costs(folder: Path) -> list[tuple[str, str]]:
    return [
        (str(folder / "ratios.csv"), "what collecting cost of what it brought, by team, bucket, product and channel"),
        (str(folder / "routes.csv"), "what one more call, visit or recovery has to bring to pay for itself"),
    ]
