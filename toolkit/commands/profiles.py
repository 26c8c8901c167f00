"""`toolkit profiles` lists the shipped set-ups, `toolkit profile new` makes one's own: a copy, or from sample files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.commands.common import stops_with_a_sentence, usage

if TYPE_CHECKING:
    from toolkit.profiles import Profile

FROM_HELP = "A sample file or folder of yours to propose the set-up from."
LISTED = ("name", "title", "country", "currency", "plans")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@stops_with_a_sentence
def profiles(as_json: bool) -> None:
    """List the shipped set-ups: for which business each is, and its example plans.

    \b
    Example:  toolkit profiles
    """
    from toolkit.profiles import load_profile, shipped_profiles

    found = [load_profile(name) for name in shipped_profiles()]
    if as_json:
        shown = [profile.model_dump(include=set(LISTED)) for profile in found]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for profile in found:
        click.echo(f"{profile.name:<15}{profile.country}  {profile.currency}  {profile.title}")
        click.echo(f"{'':<15}example plans: {', '.join(profile.plans)}")
    click.echo("\nUse one by its name: --profile paygo-solar")
    click.echo("Make your own: toolkit profile new NAME --like PROFILE --out DIR")
    click.echo("From files of yours: toolkit profile new NAME --from FILE --like PROFILE --out DIR")


@click.group()
def profile() -> None:
    """Make a set-up of your own."""


@profile.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@stops_with_a_sentence
def presets(as_json: bool) -> None:
    """List the presets: systems whose exports are known, for `presets = [...]` in a set-up.

    \b
    Example:  toolkit profile presets
    """
    from toolkit.presets import presets as known

    if as_json:
        shown = [
            preset.model_dump(include={"name", "title", "source", "note", "headers"}) for preset in known().values()
        ]
        click.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for preset in known().values():
        click.echo(f"{preset.name:<19}{preset.title}")
        click.echo(f"{'':<19}tables: {', '.join(preset.headers)}")
        click.echo(click.wrap_text(preset.note, width=100, initial_indent=" " * 19, subsequent_indent=" " * 19))
        click.echo(f"{'':<19}names from: {preset.source}\n")
    click.echo(
        'Take one: toolkit profile new NAME --preset micropowermanager, or presets = ["micropowermanager"] in one.'
    )


@profile.command()
@click.argument("name")
@click.option("--from", "places", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help=FROM_HELP)
@click.option("--like", metavar="PROFILE", help="The set-up to start from: a shipped one, or a folder.")
@click.option("--preset", "taken", multiple=True, metavar="PRESET", help="Take the spellings of a known system.")
@click.option("--table", metavar="TABLE", help="With --from: the table that the files are, if their headers hide it.")
@click.option("--country", metavar="CODE", help="Without --like: two capital letters, as in KE.")
@click.option("--currency", metavar="CODE", help="Without --like: three capital letters, as in KES.")
@click.option("--timezone", metavar="ZONE", help="Without --like: as in Africa/Nairobi.")
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "iso"]), help="Where the rows cannot prove it.")
@click.option("--decimal", type=click.Choice([".", ","]), help="Where the rows cannot prove it.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the new set-up; created.")
@click.option("--yes", is_flag=True, help="Take the likely ones, leave the unsure ones out, ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the proposals as JSON; asks nothing.")
@click.option("--quiet", is_flag=True, help="Print nothing and ask nothing.")
@stops_with_a_sentence
def new(
    name: str,
    places: tuple[Path, ...],
    like: str | None,
    taken: tuple[str, ...],
    table: str | None,
    out: Path,
    yes: bool,
    as_json: bool,
    quiet: bool,
    **given: str | None,
) -> None:
    """Make a set-up of your own: a copy of another under a new NAME, or one proposed from sample files.

    With --from, headers, dates and words are matched by their names and by the values below them. Each match is
    sure, likely or unsure, with the reason. Sure and likely ones are in use, the others are remarks in the new
    profile.toml. On a terminal you are asked about the unsure ones. A person has to confirm the result.

    \b
    Example:  toolkit profile new north-branch --like paygo-solar --out north-branch
              toolkit profile new north-branch --from exports --like paygo-solar --out north-branch
              toolkit profile new mini-grid --from payments.csv --preset micropowermanager \\
                  --country KE --currency KES --timezone Africa/Nairobi --out mini-grid
    """
    said = {key: value for key, value in given.items() if value}
    if not places and not taken:
        if like is None:
            raise usage("say what to start from: --like PROFILE, --from FILE or --preset PRESET")
        if said or table or as_json:
            raise usage("a copy is like the other set-up: country, currency and the rest go with --from or --preset")
        _copy(name, like, out, quiet)
        return
    from toolkit.commands.proposed import make_proposed
    from toolkit.tables import TABLES

    if table is not None and table not in TABLES:
        raise click.BadParameter(f"{table} is not a table; tables are: {', '.join(TABLES)}", param_hint="--table")
    asks = not (yes or as_json or quiet)
    make_proposed(name, out, places, table, like, taken, said, asks=asks, as_json=as_json, quiet=quiet)


def _copy(name: str, like: str, out: Path, quiet: bool) -> None:
    from toolkit.own_profile import copy_profile

    copied = copy_profile(name, like, out)
    if quiet:
        return
    click.echo(f"{copied.name} is in {out}, a copy of {like}:")
    say_what_is_there(copied, out, "how your exports spell headers, dates and codes: change what differs")
    click.echo(f"Use it with --profile {out}.")
    click.echo(f"To see whether it reads your files: toolkit check EXPORTS --profile {out}")


def say_what_is_there(profile: "Profile", out: Path, first: str) -> None:
    """The files of a new set-up and what each is for; `first` says it of profile.toml."""
    from toolkit.profiles import PROFILE_FILE, WORKBOOK_FILE

    click.echo(f"  {out / PROFILE_FILE}   {first}")
    for plan in profile.plan_paths():
        click.echo(f"  {plan}   an example: replace its rates by yours, then toolkit plan check {plan}")
    click.echo(f"  {out / WORKBOOK_FILE}   the title of your workbook, its plan and periods, and what Start says")
