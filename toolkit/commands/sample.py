"""`toolkit sample`: invented data of any size, to try things on."""

import json
import sys
from pathlib import Path

import click

from toolkit.commands.common import stops_with_a_sentence, usage


@click.command()
@click.option("--profile", required=True, metavar="NAME", help="A shipped set-up, or the folder of your own.")
@click.option(
    "--agents", default=12, show_default=True, type=click.IntRange(3, 100_000), help="People, leaders included."
)
@click.option(
    "--accounts", default=300, show_default=True, type=click.IntRange(1, 20_000_000), help="Customers' accounts."
)
@click.option("--months", default=3, show_default=True, type=click.IntRange(1, 60), help="Months of activity.")
@click.option("--until", default="2026-10", show_default=True, metavar="MONTH", help="The last of the months.")
@click.option(
    "--payments",
    type=click.IntRange(0, 200_000_000),
    help="How many payments in all; reversals come on top. Absent: about two an account and month.",
)
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0), help="The same seed gives the same bytes."
)
@click.option("--messy", is_flag=True, help="Plant defects as real exports have them, and list them in planted.csv.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the files; created.")
@click.option("--json", "as_json", is_flag=True, help="Print the row counts as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
@stops_with_a_sentence
def sample(
    profile: str,
    agents: int,
    accounts: int,
    months: int,
    until: str,
    payments: int | None,
    seed: int,
    messy: bool,
    out: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make invented data: an organisation that never was, as the exports of its systems would look.

    \b
    Example:  toolkit sample --profile paygo-solar --agents 12 --accounts 300 --months 3 --seed 1 --out sample
    Example:  toolkit sample --profile agency --accounts 500 --messy --out messy
    """
    from toolkit.periods import parse
    from toolkit.profiles import load_profile
    from toolkit.samples import make_sample, months_until

    try:
        is_month = parse(until).kind == "month"
    except ValueError:
        is_month = False
    if not is_month:
        raise usage(f'--until is a month such as 2026-10, not "{until}"')
    setup = load_profile(profile)
    days = sum(month.days for month in months_until(until, months))
    hidden = quiet or as_json or not sys.stderr.isatty()
    with click.progressbar(length=days, label="Making days", hidden=hidden, file=sys.stderr) as bar:
        made = make_sample(
            setup,
            out,
            agents=agents,
            accounts=accounts,
            months=months,
            until=until,
            seed=seed,
            payments_wanted=payments,
            messy=messy,
            day_done=lambda: bar.update(1),
        )
    if as_json:
        click.echo(json.dumps({"folder": str(out), "rows": made.rows, "planted": made.planted}, indent=2))
    elif not quiet:
        _say(made.rows, made.planted, out, profile)


def _say(rows: dict[str, int], planted: int, out: Path, profile: str) -> None:
    for table, count in rows.items():
        click.echo(f"{count:>12,} rows  {out / table}.csv")
    if planted:
        click.echo(f"{planted:>12,} defects planted: {out / 'planted.csv'} says where")
    click.echo(f"All of it is invented. Next: toolkit check {out} --profile {profile}")
