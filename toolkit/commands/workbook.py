"""`toolkit workbook` and `toolkit doctor`: the workbook with buttons, and whether a machine is ready for it."""

import json
from pathlib import Path

import click

from toolkit.commands.common import LONGEST, NOT_DONE, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json


@click.group()
def workbook() -> None:
    """Build the supervisor's workbook with buttons, or check one.

    \b
    Example:  toolkit workbook build --profile paygo-solar --out collections.xlsm
    Example:  toolkit workbook check collections.xlsm
    """


@workbook.command()
@click.option("--profile", required=True, metavar="NAME", help="A shipped set-up, or the folder of your own.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The workbook; its name ends in .xlsm.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the exports, written into its settings.")
@click.option("--results", type=click.Path(path_type=Path), help="Folder for results, written into its settings.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
@stops_with_a_sentence
def build(profile: str, out: Path, data: Path | None, results: Path | None, quiet: bool) -> None:
    """Build the workbook on this machine, from the toolkit and xlwings that are installed here.

    It needs no add-in and no trust setting beyond allowing its macros. The same toolkit gives the same file.

    \b
    Example:  toolkit workbook build --profile paygo-solar --out collections.xlsm
    Example:  toolkit workbook build --profile my-branch --data exports --results out --out collections.xlsm
    """
    from toolkit.excel.build import build_workbook

    built = build_workbook(profile, out, data=data, results=results)
    if not quiet:
        click.echo(f"{harmless(str(built))}  built. Open it in Excel, allow its macros, and follow the sheet Start.")


@workbook.command()
@click.argument("file", type=click.Path(path_type=Path))
@stops_with_a_sentence
def check(file: Path) -> None:
    """Say whether a workbook is intact and fits the toolkit that is installed here.

    \b
    Example:  toolkit workbook check collections.xlsm
    """
    from toolkit.excel.check import check_workbook

    problems = check_workbook(file)
    if problems:
        show_problems(problems)
        raise click.exceptions.Exit(NOT_DONE)
    click.echo(f"{harmless(str(file))}  is intact and fits this toolkit.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(as_json: bool) -> None:
    """Say whether this machine is ready: Python, Excel, xlwings, write access; what to do about each.

    \b
    Example:  toolkit doctor
    """
    from toolkit.excel.doctor import findings

    seen = list(findings())
    if as_json:
        click.echo(harmless_json(json.dumps([vars(one) for one in seen], indent=2, ensure_ascii=False)))
    else:
        for one in seen:
            click.echo(f"{'✓' if one.ok else '✗'} {one.what:<28}{harmless(one.seen)}")
            if one.to_do and not one.ok:
                click.echo(f"  {harmless(one.to_do, LONGEST)}")
    if not all(one.ok for one in seen):
        raise click.exceptions.Exit(NOT_DONE)
