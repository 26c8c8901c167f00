"""`toolkit qc form`: a form as a workbook with a live score, and the blind forms of a calibration."""

from pathlib import Path

import click

from toolkit.commands.common import stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json


@click.command()
@click.argument("form")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the forms; created.")
@click.option("--calls", type=click.Path(path_type=Path), help="CSV or workbook with a column call_id; agent_id, note.")
@click.option("--evaluators", default="", metavar="A,B,C", help="Who evaluates these calls, each without the others.")
@click.option("--json", "as_json", is_flag=True, help="Print form.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def form(form: str, out: Path, calls: Path | None, evaluators: str, as_json: bool, quiet: bool) -> None:
    """Make the FORM (its code, or a TOML file) as a workbook: drop-downs, N/A, comments, and the score as one fills in.

    With --calls and --evaluators, a workbook for each evaluator too, in forms/, with a form for each call. None of them
    names another evaluator. toolkit qc agreement --collect reads them back.

    \b
    Example:
      toolkit qc form collections --out form
      toolkit qc form collections --calls calls.csv --evaluators "Grace Njeri,Peter Otieno" --out calibration
    """
    from toolkit.calibration import form_named
    from toolkit.form_books.blind import write_forms
    from toolkit.form_books.calls import calls_in

    named = form_named(form)
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
