"""`toolkit qc score`: what calls, agents, teams, sections, questions and evaluators score."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, pdf_option, progress, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.quality_reports.run import QualityRun

SHOWN = 40
PERIODS = "2026-10-21, 2026-W43, 2026-10-H1, 2026-10, 2026-Q4 or 2026; or latest-month, previous-week and the like."


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option(
    "--period",
    required=True,
    help="2026-10-21, 2026-W43, 2026-10, 2026-Q4 or 2026; or latest-month, previous-week and the like.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: their end.")
@click.option(
    "--previous", type=click.Path(path_type=Path), help="An earlier run's folder: forms edited since are noticed."
)
@click.option(
    "--limits", type=click.Path(path_type=Path), help="limits.json of an earlier run: judge weeks by those limits."
)
@click.option(
    "--draw", type=click.Path(path_type=Path), help="Folder of toolkit qc sample: only what was drawn by chance counts."
)
@click.option("--no-workbook", is_flag=True, help="Leave quality.xlsx out.")
@click.option("--no-pages", is_flag=True, help="Leave the HTML pages out.")
@pdf_option("page")
@click.option("--json", "as_json", is_flag=True, help="Print scores.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def score(
    data: Path,
    profile: str,
    period: str,
    out: Path,
    as_of: Any,
    previous: Path | None,
    limits: Path | None,
    draw: Path | None,
    no_workbook: bool,
    no_pages: bool,
    form: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Score the calls of a PERIOD that were evaluated, from the exports in DATA.

    A call belongs to the day on which it was made. An evaluation with a mistake is set aside with the reason and counts
    again once it is mended; one that is disputed counts once it is decided; one of a call that was not chosen by chance
    (the column chosen, or --draw) stands apart. calls.csv has them all.

    \b
    Example:
      toolkit qc score exports --profile phone-credit --period 2026-10 --out quality
      toolkit qc score exports --profile phone-credit --period 2026-11 --previous quality --out november
    """
    from toolkit.quality_reports.run import quality_scored
    from toolkit.readers.sources import files_in

    if form == "pdf":
        from toolkit.scorecard_reports.pages.paper import browser

        browser()  # a missing one is said before anything is computed
    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        day = as_of.date() if as_of else None
        done = quality_scored(
            data, profile, period, as_of=day, previous=previous, out=out, limits=limits, draw=draw, on_file=on_file
        )
    done.write(out, workbook=not no_workbook, pages=not no_pages, pdf=form == "pdf")
    if as_json:
        click.echo(harmless_json((out / "scores.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.set_aside else DONE)


def _say(done: "QualityRun", out: Path) -> None:
    from toolkit.quality_reports.words import percent

    title = harmless(done.read.profile.title or done.read.profile.name, 60)
    click.echo(f"{title}: call quality {done.period.label}, the data stand at {done.read.stands}")
    for form in done.record["forms"]:
        if form.get("evaluations"):
            name = harmless(f"{form['title']} ({form['code']} {form['version']})", 80)
            click.echo(f"  form {name}, {form['roll_up'].replace('_', ' ')}: {form['evaluations']} evaluations")
    whole = done.totals.evaluations
    click.echo(
        f"  {whole['scored']} scored, {whole['apart']} extras apart, {whole['provisional']} disputed, "
        f"{whole['set_aside']} set aside, "
        f"{whole['no_score']} to which nothing applied, {whole['never']} drafts, void or for calibration"
    )
    for row in (*done.teams.iter_rows(named=True), *done.agents.head(SHOWN).iter_rows(named=True)):
        click.echo(_line(row))
    if done.agents.height > SHOWN:
        click.echo(f"  and {done.agents.height - SHOWN} agents more: agents.csv has them all")
    for row in done.sections.filter(scope_kind="all").head(3).iter_rows(named=True):
        name = harmless(row["title"] or row["section"], 40)
        click.echo(f"  {percent(row['lost_share'])} of what was lost: {name} ({percent(row['score'])})")
    click.echo(f"Everything is in {out}; calls.csv says of each evaluation how it stands and why.")


def _line(row: dict[str, Any]) -> str:
    from toolkit.quality_reports.words import extras_words, percent

    named = harmless(row["name"] if row["scope_kind"] != "all" else "everybody", 28)
    kind = "" if row["scope_kind"] == "agent" else f"{row['scope_kind']} " if row["scope_kind"] != "all" else ""
    between = f" ({row['interval_low'] * 100:.0f} to {row['interval_high'] * 100:.0f})" if row["n"] else ""
    few = ", few" if row["low_n"] else ""
    reached = {True: ", target reached", False: ", below target", None: ""}[row["met"]]
    fails = f", {row['auto_fails']} failed at once" if row["auto_fails"] else ""
    extras = f"; {extras_words(row)}" if row["extras"] else ""
    calls = "call" if row["n"] == 1 else "calls"
    weighted = row["weighted_score"]
    by_weight = "" if weighted is None else f"; by the weights of the draw {percent(weighted)}"
    sure = f"{percent(row['score']):>9}{between} of {row['n']} {calls}{few}{reached}{fails}"
    return f"  {kind + named:<34} {sure}{by_weight}{extras}"
