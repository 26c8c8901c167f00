"""`toolkit qc sample`: which calls to listen to."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, progress, show_problems, stops_with_a_sentence, usage
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    from toolkit.quality_reports.draws.drawing import Drawn, Followed

SHOWN = 12


@click.command()
@click.argument("data", type=click.Path(path_type=Path), required=False)
@click.option("--profile", help="A shipped set-up's name, or your own folder. Needed to draw.")
@click.option(
    "--period", help="2026-10-21, 2026-W43, 2026-10-H1, 2026-10, ...; or latest-month and the like. Needed to draw."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the draw; created.")
@click.option("--per-agent", type=click.IntRange(1, 10_000), help="Calls of each agent. Absent: the plan's, by month.")
@click.option("--margin", type=click.FloatRange(0, 100, min_open=True, max_open=True), metavar="POINTS",
              help="Margin of error wanted of each team: draws more where per-agent is too few.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), help="The same seed draws the same calls. Absent: the plan's.")
@click.option(
    "--evaluators",
    multiple=True,
    metavar="FILE or NAMES",
    help="Who listens: names with , between, or a CSV file (evaluator, and calls: at most).",
)
@click.option(
    "--breaches", type=click.Path(path_type=Path), help="breaches.csv of toolkit conduct: these calls are extras."
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day the data stand at. Absent: their last event.")
@click.option("--no-workbook", is_flag=True, help="Leave sample.xlsx out.")
@click.option(
    "--progress", "follow", is_flag=True, help="Do not draw: say which calls of the draw in --out are evaluated."
)
@click.option(
    "--replace", metavar="CALL", help="Do not draw: replace this call of the draw in --out by the next in line."
)
@click.option("--reason", default="", help="Why it is replaced.")
@click.option("--by", default="", help="Who replaces it.")
@click.option("--at", default="", metavar="TIME", help='When it is replaced, as "2026-10-21 14:30".')
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def sample(
    data: Path | None,
    profile: str | None,
    period: str | None,
    out: Path,
    per_agent: int | None,
    margin: float | None,
    seed: int | None,
    evaluators: Sequence[str],
    breaches: Path | None,
    as_of: Any,
    no_workbook: bool,
    follow: bool,
    replace: str | None,
    reason: str,
    by: str,
    at: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw the calls of a PERIOD to listen to, by the plan in [sampling] of the profile.

    The same seed draws the same calls on every machine. A draw is made once: replacements are written down beside it.

    \b
    Example:
      toolkit qc sample exports --profile last-call --period 2026-10 --evaluators "Quinn, Wanjiru" --out october
      toolkit qc sample exports --profile last-call --period 2026-10 --margin 5 --seed 7 --out october-team
      toolkit qc sample --out october --replace K00000017 --reason "no audio" --by Quinn --at "2026-11-02 10:15"
      toolkit qc sample exports --profile last-call --out october --progress
    """
    if replace is not None:
        _replace(out, replace, {"reason": reason, "by": by, "at": at}, as_json, quiet)
        return
    if data is None or profile is None or (period is None and not follow):
        raise usage("say DATA, --profile and --period; or --replace CALL to replace a call of the draw in --out")
    day = as_of.date() if as_of else None
    if follow:
        _follow(data, profile, out, day, as_json, quiet)
    from fractions import Fraction

    from toolkit.quality_reports.draws.drawing import drawn
    from toolkit.readers.sources import files_in

    names = [name.strip() for given in evaluators for name in ([given] if Path(given).is_file() else given.split(","))]
    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        done = drawn(
            data, profile, str(period), per_agent=per_agent, margin=None if margin is None else Fraction(str(margin)),
            seed=seed, evaluators=names, breaches=breaches, as_of=day, on_file=on_file,
        )  # fmt: skip
    done.write(out, workbook=not no_workbook)
    if as_json:
        click.echo(harmless_json((out / "sample.json").read_text(encoding="utf-8")))
    elif not quiet:
        _say(done, out)
    show_problems([found for found in done.problems if found.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if done.read.rows_set_aside else DONE)


def _say(done: "Drawn", out: Path) -> None:
    counts = done.draw.counts
    about = done.read.about
    click.echo(f"{harmless(about.title)}: calls to listen to, {done.read.period.label}, seed {done.draw.seed}")
    click.echo(
        f"  {counts['population']:,} calls = {counts['random']:,} drawn by chance + {counts['risk']:,} risk extras "
        f"+ {counts['not_drawn']:,} not drawn + {counts['excluded']:,} left out"
    )
    for reason, count in done.draw.reasons.most_common(SHOWN):
        click.echo(f"    {count:>7,}  {harmless(reason, 80)}")
    groups = [one for one in done.draw.margins if one.scope_kind != "agent"]
    for one in [*groups, *[one for one in done.draw.margins if one.scope_kind == "agent"][:SHOWN]]:
        click.echo(f"  {harmless(one.name or one.scope or 'everybody', 30):<30} {one.words}")
    click.echo(f"Everything is in {out}; sample.xlsx is for those who listen.")


def _replace(out: Path, call: str, words: dict[str, str], as_json: bool, quiet: bool) -> None:
    missing = [f"--{name}" for name, text in words.items() if not text.strip()]
    if missing:
        raise usage(f"a call is replaced only with {' and '.join(missing)}: it is kept and counted")
    import json
    from dataclasses import asdict

    from toolkit.problems import said
    from toolkit.quality.replacing import swaps
    from toolkit.quality_reports.draws.drawing import replaced

    made, so_far, unwritten = replaced(out, call, **words)
    show_problems(unwritten)
    if as_json:
        click.echo(harmless_json(json.dumps(asdict(made), indent=2, ensure_ascii=False)))
        return
    if quiet:
        return
    who = {"agent": made.agent_id, "stratum": made.stratum, "evaluator": made.evaluator or "–"}
    if made.call_id:
        click.echo(harmless(said("REPLACED_BY", replaced=made.replaced, call=made.call_id, **who), 500))
    else:
        click.echo(harmless(said("REPLACED_BY_NONE", replaced=made.replaced), 500))
    mine = [(why, count) for name, why, count in swaps(so_far).iter_rows() if name == made.evaluator]
    reasons = ", ".join(f"{why}: {count}" for why, count in mine)
    total = sum(count for _, count in mine)
    click.echo(harmless(said("REPLACED_SO_FAR", evaluator=made.evaluator or "–", count=total, reasons=reasons), 500))


def _follow(data: Path, profile: str, out: Path, day: Any, as_json: bool, quiet: bool) -> None:
    import json

    from toolkit.problems import said
    from toolkit.quality_reports.draws.drawing import followed
    from toolkit.readers.sources import files_in

    with progress("Reading", files_in(data), shown=not (quiet or as_json)) as on_file:
        found = followed(data, profile, out, as_of=day, on_file=on_file)
    done = found.progress
    if as_json:
        record = {"to_hear": done.calls.height, "evaluated": done.done, "outside": done.outside}
        click.echo(harmless_json(json.dumps(record, indent=2)))
    elif not quiet:
        _say_progress(found, said("PROGRESS_SO_FAR", done=done.done, all=done.calls.height), out)
    show_problems([one for one in found.problems if one.level != "info"])
    raise click.exceptions.Exit(ROWS_SET_ASIDE if found.read.rows_set_aside else DONE)


def _say_progress(found: "Followed", words: str, out: Path) -> None:
    click.echo(words)
    for row in found.progress.evaluators.iter_rows(named=True):
        name = harmless(row["evaluator"] or "nobody", 30)
        swapped = f", {row['replaced']} replaced ({harmless(row['reasons'], 100)})" if row["replaced"] else ""
        click.echo(f"  {name:<30} {row['evaluated']} of {row['to_hear']}, on {row['on_days']} days{swapped}")
    click.echo(f"progress.csv and evaluators.csv are in {out}.")
