"""`toolkit recovery`: what collecting cost, what it brought, and whether one more step can pay for itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, progress, show_problems, stops_with_a_sentence
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.recovery.ratios import Ratio
    from toolkit.recovery_reports.recovering import Recovered

SHOWN = 12
LONG = 2000
DASH = "–"


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option(
    "--period", required=True, help="2026-10, 2026-Q4 or 2026: whole months, as costs are kept; or latest-month."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results; created.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: their last event.")
@click.option(
    "--what-if",
    multiple=True,
    metavar="CHANGE",
    help="cost*1.2, visit:cost=350, call:chance*0.9: what the list would be.",
)
@click.option(
    "--compare",
    multiple=True,
    metavar="LINE",
    help="balance:1000, days:60, 2026-10-15: did what was done from there on change what came in?",
)
@click.option("--direct", is_flag=True, help="Print direct costs, without overhead. The files have both.")
@click.option("--no-workbook", is_flag=True, help="Leave recovery.xlsx out.")
@click.option("--no-pages", is_flag=True, help="Leave recovery.html out.")
@click.option("--json", "as_json", is_flag=True, help="Print recovery.json instead of words.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def recovery(
    data: Path,
    profile: str,
    period: str,
    out: Path,
    as_of: Any,
    what_if: tuple[str, ...],
    compare: tuple[str, ...],
    direct: bool,
    no_workbook: bool,
    no_pages: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say what collecting cost in a PERIOD, what it brought, and which debts are worth pursuing, by [recovery] of the
    profile.

    Costs come from the table costs, else from the rate card's rates times what was done. pursue.csv has every account
    past due with the next step, its chance, cost and expected net, and why.

    \b
    Example:
      toolkit recovery exports --profile agency --period 2026-10 --out october
      toolkit recovery exports --profile agency --period 2026-Q4 --direct --out quarter
      toolkit recovery exports --profile agency --period 2026-10 --what-if visit:cost*1.5 --out dearer
      toolkit recovery exports --profile agency --period 2026-10 --compare days:60 --out since-60
    """
    from toolkit.readers.sources import files_in
    from toolkit.recovery_reports.recovering import recovered

    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        day = as_of.date() if as_of else None
        done = recovered(data, profile, period, as_of=day, what_if=what_if, compare=compare, on_file=on_file)
    done.write(out, workbook=not no_workbook, pages=not no_pages)
    if as_json:
        click.echo(harmless_json((out / "recovery.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out, direct=direct)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.rows_set_aside else DONE)


def _say(done: "Recovered", out: Path, *, direct: bool) -> None:
    about = done.read.about
    state = f", provisional: the data stand at {about.as_of}" if about.provisional else ""
    click.echo(f"{harmless(about.title)}: cost of recovery, {about.period.label}{state}, {about.currency}")
    _say_whole(done, direct=direct)
    for kind in ("team", "bucket", "creditor", "product", "channel"):
        _say_scopes(done, kind, direct=direct)
    _say_routes(done)
    _say_pursuit(done)
    _say_what_if(done)
    _say_compared(done)
    _say_control(done)
    click.echo(f"Everything is in {out}; ratios.csv has every figure with its definition.")


def _say_whole(done: "Recovered", *, direct: bool) -> None:
    from toolkit.recovery.ratios import measures

    of_all = {one.measure: one for one in done.ratios if one.scope_kind == "all"}
    end = "_direct" if direct else ""
    names = [f"cost{end}", "collected", "assets_net", f"net_recovery{end}", f"cost_to_collect{end}"]
    per_action = [name for name in of_all if name.startswith("cost_per_") and not name.startswith("cost_per_unit")]
    names += [name for name in per_action if name.endswith("_direct") is direct]
    for name in names:
        value = _shown(of_all[name], done.data.digits)
        click.echo(f"  {measures()[name]['title']:<32} {value:>18}{_parts(of_all[name], done)}")


def _shown(one: "Ratio", digits: int) -> str:
    from toolkit.money import decimal_text, rounded, worded

    if one.value is None:
        return one.note or DASH
    if one.money:
        return decimal_text(one.value, 4) if one.times == 1 else f"{worded(rounded(one.value * 100, 'half_up'), 2)} %"
    return worded(rounded(one.value, "half_up"), digits)


def _parts(one: "Ratio", done: "Recovered") -> str:
    """What stands above and below the line."""
    from toolkit.money import rounded, worded

    if one.denominator is None:
        return ""
    digits = done.data.digits
    below = worded(one.denominator, digits) if one.money else f"{one.denominator:,}"
    return f"   {worded(rounded(one.numerator, 'half_up'), digits)} / {below}"


def _say_scopes(done: "Recovered", kind: str, *, direct: bool) -> None:
    measure = "cost_to_collect_direct" if direct else "cost_to_collect"
    found = [one for one in done.ratios if one.scope_kind == kind and one.measure == measure]
    if len(found) < 2:  # one alone is everybody
        return
    click.echo(f"  Cost to collect by {kind}")
    for one in found[:SHOWN]:
        click.echo(f"    {harmless(one.scope, 28):<30} {_shown(one, done.data.digits):>18}{_parts(one, done)}")
    if len(found) > SHOWN:
        click.echo(f"    and {len(found) - SHOWN} more in ratios.csv")


def _say_routes(done: "Recovered") -> None:
    from toolkit.recovery.routes import in_words

    if done.routes:
        click.echo("  What one more action has to bring")
    for route in done.routes:
        click.echo(f"    {harmless(in_words(route, done.data.digits))}")


def _say_pursuit(done: "Recovered") -> None:
    """How many accounts for each next step, and what is to be expected: a range, not one number."""
    if done.pursuit is None:
        for found in done.problems:
            if found.code == "PURSUE_NO_RUNGS":
                click.echo(f"  {found.message} {found.what_to_do}")
        return
    from toolkit.money import worded
    from toolkit.recovery.pursuit_tables import SUMMARY

    digits = done.data.digits
    owed = worded(done.pursuit.balance, digits)
    click.echo(f"  What is worth pursuing: {done.pursuit.accounts:,} accounts past due owe {owed}")
    for row in done.more[SUMMARY][0].iter_rows(named=True):
        step = f"    {harmless(row['title'], 28):<30} {row['accounts']:>9,}"
        net = f"{row['net_low']:>16,} to {row['net_high']:,} after {row['cost']:,} of cost" if row["cost"] else ""
        click.echo(f"{step}   {net}".rstrip())


def _say_what_if(done: "Recovered") -> None:
    if not done.changes or "what_if.csv" not in done.more:
        return
    words = {"now": "as it is", "same_list": "changed, the same list", "then": "changed, a new list"}
    click.echo("  What if")
    for row in done.more["what_if.csv"][0].iter_rows(named=True):
        net = f"{row['net_low']:,} to {row['net_high']:,}"
        click.echo(f"    {words[row['case']]:<30} {row['pursued']:>9,}   {net} after {row['cost']:,} of cost")


def _say_compared(done: "Recovered") -> None:
    """Each comparison within its bandwidth, in words; comparison.csv has half of it beside."""
    from toolkit.recovery.compared import called

    rows = done.more["comparison.csv"][0].to_dicts() if "comparison.csv" in done.more else []
    for place, row in enumerate(rows[::2]):
        if place % 2 == 0:
            click.echo(f"  Compared: {harmless(row['asked'])}")
        click.echo(f"    {called(row['running'], row['outcome'])}: {harmless(row['in_words'], LONG)}")
        if place % 2 and row["claims"]:
            click.echo(f"    {harmless(row['claims'], LONG)}")


def _say_control(done: "Recovered") -> None:
    """Where every row of the costs went, and that the shares add up."""
    from toolkit.money import worded

    digits = done.data.digits
    rows, amount = done.costs.ledger.read
    became = " + ".join(
        f"{worded(sums, digits)} {word} ({count:,})" for word, (count, sums) in sorted(done.costs.ledger.fates.items())
    )
    source = "costs" if done.costs.ledger.source == "costs" else "costs by the rate card"
    click.echo(f"  {rows:,} rows of {source}, {worded(amount, digits)} = {became or 'nothing'}")
    click.echo(
        f"  The {done.costs.cells.height:,} cells of costs.csv add up to {worded(done.costs.total, digits)}: checked."
    )
