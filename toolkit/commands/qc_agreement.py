"""`toolkit qc agreement`: do evaluators agree, who is far from the others, what to talk about."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, progress, show_problems, stops_with_a_sentence, usage
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.quality_reports.agreement.calibration import Calibration

FOLDER = click.Path(path_type=Path)
SHOWN = 5


@click.command()
@click.argument("data", required=False, type=FOLDER)
@click.option("--profile", help="A shipped set-up's name, or your own folder.")
@click.option(
    "--period", default="", help="2026-10-21, 2026-W43, 2026-10, ...: by the day of the evaluation. Absent: all."
)
@click.option("--out", required=True, type=FOLDER, help="Folder for the results; created.")
@click.option(
    "--master", default="", metavar="NAME", help="Compare with this evaluator; agreed: with what was agreed on."
)
@click.option("--every-call", is_flag=True, help="Every call that two or more evaluated, not only calibrations.")
@click.option("--collect", "folders", multiple=True, type=FOLDER, help="Folder with filled forms; repeat for more.")
@click.option(
    "--form",
    "form_files",
    multiple=True,
    type=FOLDER,
    help="A form's file (.toml, .xlsx, .csv) beside those of the set-up; repeat for more.",
)
@click.option("--agreed", type=FOLDER, help="disagreements.csv with agreed_answer filled in: record it in agreed.csv.")
@click.option("--by", default="", help="Who settled it; with --agreed.")
@click.option("--at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]), help="When; with --agreed.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Leave out what was evaluated or agreed on later.")
@click.option("--no-workbook", is_flag=True, help="Leave agreement.xlsx out.")
@click.option("--no-pages", is_flag=True, help="Leave agreement.html out.")
@click.option("--json", "as_json", is_flag=True, help="Print agreement.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def agreement(
    data: Path | None,
    profile: str | None,
    period: str,
    out: Path,
    master: str,
    every_call: bool,
    folders: tuple[Path, ...],
    form_files: tuple[Path, ...],
    agreed: Path | None,
    by: str,
    at: Any,
    as_of: Any,
    no_workbook: bool,
    no_pages: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say how far evaluators agree: in all, on each section and on each question, those that cause the trouble first.

    Reads the evaluations in DATA whose state is calibration, the filled forms in --collect (see toolkit qc form), or
    both. disagreements.csv lists what to talk about; fill in its column agreed_answer and give it back with --agreed.

    \b
    Example:
      toolkit qc agreement exports --profile phone-credit --period 2026-10 --out agreement
      toolkit qc agreement --collect returned --out agreement --master "Grace Njeri"
      toolkit qc agreement --collect returned --out agreement --agreed agreement/disagreements.csv \\
          --by "Grace Njeri" --at "2026-10-21 15:00"
    """
    from toolkit.quality_reports.agreement.calibration import Settled, calibrated
    from toolkit.readers.sources import files_in

    if data is None and not folders:
        raise usage("give DATA with evaluations, or --collect with a folder of filled forms")
    if data is not None and profile is None:
        raise usage("say with --profile how the exports in DATA are read")
    if agreed is not None and not (by and at):
        raise usage("say with --by and --at who settled it and when")
    settled = Settled(agreed, by, at) if agreed is not None else None
    with progress("Reading", files_in(data) if data else [], shown=not (quiet or as_json)) as on_file:
        done = calibrated(
            data, profile, period, out, master=master, every_call=every_call, folders=folders, form_files=form_files,
            settled=settled, as_of=as_of.date() if as_of else None, on_file=on_file,
        )  # fmt: skip
    done.write(out, workbook=not no_workbook, page=not no_pages)
    if as_json:
        click.echo(harmless_json((out / "agreement.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.rows_set_aside else DONE)


def _say(done: "Calibration", out: Path) -> None:
    from toolkit.quality_reports.agreement.words import between, figure, points, share, signed

    for form in done.found.forms:
        whole = form.whole
        sure = f", {between(whole.interval)}" if whole.interval else ""
        click.echo(f"{harmless(form.title, 80)}: {whole.calls} calls, {whole.evaluators} evaluators")
        click.echo(f"  {signed(whole)}: same answer {share(whole.per_cent)}, alpha {figure(whole.alpha)}{sure}")
        for line in [line for line in form.questions if line.differing][:SHOWN]:
            calls = f"{line.differing} of {line.calls} calls"
            click.echo(f"    {signed(line)}  {harmless(line.title, 60)}: differ on {calls}, alpha {figure(line.alpha)}")
        for one in (one for one in form.distances if not one.question):
            far = points(one.mean)
            click.echo(
                f"  {harmless(one.evaluator, 40)}: {far} points on {one.calls} calls, {one.leaning or 'not compared'}"
            )
    if done.agreed.height:
        click.echo(f"{done.agreed.height} agreed answers are recorded in {out / 'agreed.csv'}.")
    click.echo(f"Everything is in {out}; disagreements.csv has what to talk about.")
