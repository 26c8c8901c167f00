"""`toolkit commissions`: calculate a period, explain any figure of it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, progress, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless_json, harmless_page

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun


@click.group()
def commissions() -> None:
    """Calculate a period's commissions and explain them."""


@commissions.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option(
    "--plan",
    "plans",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Plan file or folder; repeat for more versions.",
)
@click.option("--period", required=True, help="2026-10, 2026-10-H1 or 2026-W43, as the plan pays.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the run; created.")
@click.option(
    "--profile",
    help="A shipped set-up's name, or your own folder. Without it the tables have the names of the reference.",
)
@click.option(
    "--previous", multiple=True, type=click.Path(path_type=Path), help="Folder of an earlier run; repeat for each."
)
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: the last day of the period."
)
@click.option("--no-workbook", is_flag=True, help="Leave commissions.xlsx and finance.xlsx out.")
@click.option("--no-statements", is_flag=True, help="Leave the agents' statements out.")
@click.option("--json", "as_json", is_flag=True, help="Print run.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def calculate(
    data: Path,
    plans: Sequence[Path],
    period: str,
    out: Path,
    profile: str | None,
    previous: Sequence[Path],
    as_of: Any,
    no_workbook: bool,
    no_statements: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compute the commissions of a PERIOD from the exports in DATA.

    Where the set-up names a database, its tables are read too; DATA "database:" means these alone.

    \b
    Example:
      toolkit commissions calculate exports --profile paygo-solar \\
          --plan FIELD-KE.toml --period 2026-10 --out october --previous september
    """
    from toolkit.calculation import calculated
    from toolkit.readers.sources import files_in

    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        done = calculated(
            data,
            plans,
            period,
            profile=profile,
            previous=previous,
            as_of=as_of.date() if as_of else None,
            on_file=on_file,
        )
    done.write(out, workbook=not no_workbook, statements=not no_statements)
    record = (out / "run.json").read_text(encoding="utf-8")
    if as_json:
        click.echo(harmless_json(record))
    elif not quiet:
        _say(done.run, json.loads(record), out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.rows_set_aside else DONE)


def _say(run: "CommissionRun", record: dict[str, Any], out: Path) -> None:
    control, totals, currency = record["control"], record["totals"], record["currency"]
    click.echo(f"{run.plan.title or run.plan.id}, version {run.plan.version}: {run.period.label}")
    click.echo(f"  payments read    {_figure(control['payments_in'], currency)}")
    click.echo(f"  credited         {_figure(control['credited'], currency)}")
    for reason, part in control["excluded"].items():
        click.echo(f"  left out         {_figure(part, currency)}  {reason}")
    click.echo(f"  nobody's         {_figure(control['unattributed'], currency)}")
    click.echo(f"  set aside        {_figure(control['rejected'], currency)}")
    click.echo(
        f"  to be paid       {totals['payable']:>18} {currency} to {totals['agents']} agents in {totals['lines']} lines"
    )
    click.echo(f"Everything is in {out}; `toolkit commissions explain {out} AGENT` says why an amount is what it is.")


def _figure(part: dict[str, Any], currency: str) -> str:
    return f"{part['amount']:>18} {currency} in {part['rows']:>7} rows"


@commissions.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("agent")
@click.option("--payment", help="One payment of the agent: whose it is, and what it earned.")
@click.option("--line", help="One line of lines.csv.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@stops_with_a_sentence
def explain(run: Path, agent: str, payment: str | None, line: str | None, as_json: bool) -> None:
    """Say why AGENT gets this amount in the RUN folder, in words and sums that re-add.

    \b
    Example:
      toolkit commissions explain october A017
      toolkit commissions explain october A017 --payment TXN-88120
    """
    from dataclasses import asdict

    from toolkit.explain import explain_agent, explain_line, explain_payment
    from toolkit.pages import text_page
    from toolkit.stored_runs import read_run

    stored = read_run(run)
    if line:
        page = explain_line(stored, line, agent)
    elif payment:
        page = explain_payment(stored, payment, agent)
    else:
        page = explain_agent(stored, agent)
    if as_json:
        click.echo(harmless_json(json.dumps(asdict(page), indent=2, ensure_ascii=False)))
    else:
        click.echo(harmless_page(text_page("explain.txt.j2", page)))
