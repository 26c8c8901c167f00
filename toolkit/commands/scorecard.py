"""`toolkit scorecard` and `toolkit kpis`: the figures of a period, whom they concern, and what they are."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import (
    DONE,
    ROWS_SET_ASIDE,
    pdf_option,
    progress,
    show_problems,
    stops_with_a_sentence,
    usage,
)
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.scorecard_reports.scoring import Scored
    from toolkit.scorecards import Card

GRAINS = ("hour", "day", "week", "month", "quarter", "year", "cohort")
SIGNS = {"above": "▲", "within": "●", "below": "▼", "": " "}
PERIODS = "2026-10-21, 2026-W43, 2026-10-H1, 2026-10, 2026-Q4 or 2026; or latest-month, previous-week and the like."
SHOWN, SHOWN_TRENDS = 40, 5
LONGEST_LINE = 4000
PERCENT = "# Windows reads %NAME% as a variable: rename a folder with % in its path, or choose it in the Task Scheduler"


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option(
    "--period",
    required=True,
    help=PERIODS,
)
@click.option(
    "--grain",
    type=click.Choice(GRAINS),
    help="What values.csv is cut by; week: trends too; cohort: maturity.csv as well. Absent: the period as a whole.",
)
@click.option("--kpi", "codes", multiple=True, help="Only this KPI; repeat for more. all: every KPI the data allow.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: their last event.")
@click.option(
    "--limits", type=click.Path(path_type=Path), help="limits.json of an earlier run: judge trends by those limits."
)
@click.option("--no-workbook", is_flag=True, help="Leave scorecard.xlsx out.")
@click.option("--no-pages", is_flag=True, help="Leave the HTML pages out.")
@pdf_option("page")
@click.option("--json", "as_json", is_flag=True, help="Print scorecard.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def scorecard(
    data: Path,
    profile: str,
    period: str,
    grain: Any,
    codes: Sequence[str],
    out: Path,
    as_of: Any,
    limits: Path | None,
    no_workbook: bool,
    no_pages: bool,
    form: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compute the KPIs and scorecards of a PERIOD from the exports in DATA.

    Targets come from the table targets, else from the profile's [[scorecards]].

    \b
    Example:
      toolkit scorecard exports --profile last-call --period 2026-10 --out october
      toolkit scorecard exports --profile agency --period 2026-W43 --grain day --kpi all --out week
      toolkit scorecard exports --profile last-call --period 2026-10 --out october --format pdf
    """
    from toolkit.readers.sources import files_in
    from toolkit.scorecard_reports.scoring import scored

    if form == "pdf":
        from toolkit.scorecard_reports.pages.paper import browser

        browser()  # a missing one is said before anything is computed
    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        day = as_of.date() if as_of else None
        done = scored(data, profile, period, grain, codes=codes, as_of=day, limits=limits, on_file=on_file)
    done.write(out, workbook=not no_workbook, pages=not no_pages, pdf=form == "pdf")
    if as_json:
        click.echo(harmless_json((out / "scorecard.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.rows_set_aside else DONE)


def _say(done: "Scored", out: Path) -> None:
    state = f", provisional: the data stand at {done.as_of}" if done.provisional else ""
    click.echo(f"{done.about.title}: {done.period.label}{state}")
    for rule in done.profile.scorecards:
        if len(done.profile.scorecards) > 1:
            click.echo(f" {harmless(rule.title or rule.name, 60)}")
        cards = [*done.run.of("agent")[:SHOWN], *done.run.of("team"), *done.run.of("all")]
        for card in (card for card in cards if card.rule is rule):
            click.echo(_row(card))
    bad = [one for one in done.watch.bad if one.scope_kind != "agent"]
    for one in bad[:SHOWN_TRENDS]:
        click.echo(f"  {harmless(one.trend.finding.message, 200)}")
    for outlook in done.watch.outlooks:
        if outlook.variance.alert:
            click.echo(f"  {harmless(outlook.variance.finding.message, 300)}")
    click.echo(f"Everything is in {out}; values.csv has every figure with its definition.")


def _row(card: "Card") -> str:
    name = harmless(card.name or {"all": "everybody"}.get(card.scope_kind, card.scope), 30)
    total = "–" if card.total is None else f"{float(card.total):.1f}"
    rank = "" if card.rank is None or card.scope_kind != "agent" else f"{card.rank}."
    return f"  {rank:>4} {SIGNS[card.place]} {name:<30} {total:>6}  {card.band}"


@click.command()
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option("--data", required=True, help="The folder that your exports are saved in.")
@click.option("--out", required=True, help="The folder for the packs; each gets its own in it.")
@click.option("--print", "wanted", is_flag=True, help="Print the lines. Nothing is ever scheduled by itself.")
@stops_with_a_sentence
def schedule(profile: str, data: str, out: str, wanted: bool) -> None:
    """Give the lines for cron and the Windows Task Scheduler that make the profile's packs at set times.

    A line may run twice or late: it gives the same. Exit code 0 is done, 3 done but rows were set aside, 1 not done.

    \b
    Example:
      toolkit schedule --print --profile last-call --data /srv/exports --out /srv/packs
    """
    from shutil import which

    from toolkit.profiles import load_profile
    from toolkit.scorecard_reports.schedule import cron_lines, task_lines

    if not wanted:
        raise usage("say --print: the lines are for you to give to cron or to the Task Scheduler")
    setup = load_profile(profile)
    program = which("toolkit") or "toolkit"  # schedulers know little of paths
    click.echo("# Linux and Mac: crontab -e, and add")
    for line in cron_lines(setup, program, profile, Path(data), Path(out)):
        click.echo(harmless(line, LONGEST_LINE))
    click.echo("\n# Windows: in the command line, once")
    tasks = list(task_lines(setup, program, profile, data, out))
    if any("%" in line for line in tasks):  # nothing escapes it there between quotes
        click.echo(PERCENT)
    for line in tasks:
        click.echo(harmless(line, LONGEST_LINE))


@click.command()
@click.argument("codes", nargs=-1)
@click.option("--profile", help="Say how this set-up defines them.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@stops_with_a_sentence
def kpis(codes: Sequence[str], profile: str | None, as_json: bool) -> None:
    """List every KPI, or the CODES named: formula, inputs, definitions in use, source in the job descriptions.

    \b
    Example:
      toolkit kpis
      toolkit kpis collection_rate noc --profile last-call
    """
    from dataclasses import asdict

    from toolkit.definitions import Definitions
    from toolkit.kpi_codes import kpi_codes
    from toolkit.problems import ToolkitError, problem
    from toolkit.profiles import load_profile

    unknown = [code for code in codes if code not in kpi_codes()]
    if unknown:
        raise ToolkitError([problem("KPI_UNKNOWN", value=code) for code in unknown])
    definitions = load_profile(profile).definitions if profile else Definitions()
    shown = [about for code, about in kpi_codes().items() if not codes or code in codes]
    if as_json:
        rows = [{**asdict(about), "definition": about.definition_in(definitions)} for about in shown]
        click.echo(harmless_json(json.dumps(rows, indent=2, ensure_ascii=False)))
        return
    for about in shown:
        good = "more is better" if about.direction == "higher" else "less is better"
        click.echo(f"{about.code}: {about.title} ({about.unit}, {good}; job descriptions {about.source})")
        if about.entered:
            click.echo("    entered by people in kpi_values")
        elif about.formula:
            click.echo(f"    {about.definition_in(definitions)}")
            click.echo(f"    needs {', '.join(about.needs)}" if about.needs else "")
