"""`toolkit profiles` lists the shipped set-ups, `toolkit profile new` copies one to make it one's own."""

import json
from pathlib import Path

import click

from toolkit.commands.common import stops_with_a_sentence

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


@click.group()
def profile() -> None:
    """Make a set-up of your own."""


@profile.command()
@click.argument("name")
@click.option("--like", required=True, metavar="PROFILE", help="The set-up to start from: a shipped one, or a folder.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the new set-up; created.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
@stops_with_a_sentence
def new(name: str, like: str, out: Path, quiet: bool) -> None:
    """Copy a set-up under a new NAME: its words, its example plans, its sample settings.

    \b
    Example:  toolkit profile new north-branch --like paygo-solar --out north-branch
    """
    from toolkit.own_profile import copy_profile
    from toolkit.profiles import PROFILE_FILE, WORKBOOK_FILE

    copied = copy_profile(name, like, out)
    if quiet:
        return
    click.echo(f"{copied.name} is in {out}, a copy of {like}:")
    click.echo(f"  {out / PROFILE_FILE}   how your exports spell headers, dates and codes: change what differs")
    for plan in copied.plan_paths():
        click.echo(f"  {plan}   an example: replace its rates by yours, then toolkit plan check {plan}")
    click.echo(f"  {out / WORKBOOK_FILE}   the title of your workbook, its plan and periods, and what Start says")
    click.echo(f"Use it with --profile {out}.")
    click.echo(f"To see whether it reads your files: toolkit check EXPORTS --profile {out}")
