"""`toolkit qc form`: a form as a workbook with a live score, blind forms of a calibration, filled ones read back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, show_problems, stops_with_a_sentence, usage
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.profiles import Profile

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("form", required=False)
@click.option("--out", required=True, type=FOLDER, help="Folder for the forms; created.")
@click.option("--profile", help="A shipped set-up's name, or your own folder: its own forms are known then.")
@click.option("--calls", type=FOLDER, help="CSV or workbook with a column call_id; agent_id, note.")
@click.option("--evaluators", default="", metavar="A,B,C", help="Who evaluates these calls, each without the others.")
@click.option(
    "--collect", "folders", multiple=True, type=FOLDER,
    help="Do not make forms: read the filled ones in this folder (or file) as evaluations; repeat for more.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print form.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def form(
    form: str | None,
    out: Path,
    profile: str | None,
    calls: Path | None,
    evaluators: str,
    folders: Sequence[Path],
    as_json: bool,
    quiet: bool,
) -> None:
    """Make the FORM (its code, or its file) as a workbook: drop-downs, N/A, comments, and the score as one fills in.

    With --calls and --evaluators, a workbook for each evaluator too, in forms/, with a form for each call. None of them
    names another evaluator. toolkit qc agreement --collect reads them back. With --collect, filled forms become
    evaluations.csv, to be put among your exports.

    \b
    Example:
      toolkit qc form collections --out form
      toolkit qc form collections --calls calls.csv --evaluators "Grace Njeri,Peter Otieno" --out calibration
      toolkit qc form --collect filled --out evaluations
    """
    from toolkit.form_books.blind import write_forms
    from toolkit.form_books.calls import calls_in
    from toolkit.profiles import load_profile
    from toolkit.quality_reports.agreement.calibration import form_named

    setup = load_profile(profile) if profile else None
    if folders:
        _collect(folders, form, setup, out, as_json, quiet)
    if form is None:
        raise usage("say which FORM to make, by its code or file; or --collect with a folder of filled forms")
    named = form_named(form, setup)
    people = [name for part in evaluators.split(",") if (name := part.strip())]
    record = write_forms(named, out, calls_in(calls) if calls else [], people)
    if as_json:
        click.echo(harmless_json((out / "form.json").read_text(encoding="utf-8")))
    elif not quiet:
        click.echo(harmless(f"{named.title}, version {named.version}: {out / 'form.xlsx'}", 400))
        for one in record["sets"]:
            click.echo(harmless(f"  {one['evaluator']}: {out / one['file']}", 400))
        if record["sets"]:
            back = f"toolkit qc agreement --collect {out} --out agreement"
            click.echo(harmless(f"Send each their own file only. When they are back: {back}", 400))


def _collect(
    folders: Sequence[Path], form: str | None, setup: "Profile | None", out: Path, as_json: bool, quiet: bool
) -> None:
    from toolkit.quality_reports.agreement.calibration import filled_forms

    files = [Path(form)] if form and Path(form).suffix else []
    filled = filled_forms(folders, files, setup)
    filled.write(out)
    if as_json:
        click.echo(harmless_json((out / "collected.json").read_text(encoding="utf-8")))
    elif not quiet:
        click.echo(
            harmless(f"{filled.count} evaluations: {out / 'evaluations.csv'}, to be put among your exports.", 400)
        )
    show_problems([found for found in filled.found.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if filled.found.set_aside else DONE)
