"""`toolkit qc dispute`: raise a dispute of a question, decide it, or list what is open."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, ROWS_SET_ASIDE, show_problems, stops_with_a_sentence, usage
from toolkit.terminal import harmless, harmless_json

if TYPE_CHECKING:
    import polars as pl

DECISIONS = ("upheld", "overturned", "withdrawn")


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--profile", required=True, help="A shipped set-up's name, or your own folder.")
@click.option("--evaluation", help="The evaluation that is disputed. Absent: list the disputes.")
@click.option("--question", help="The question's code; each question is disputed by itself.")
@click.option("--reason", default="", help="Why it is disputed, or why it is decided so.")
@click.option("--by", "who", help="Who raises or decides it; the evaluator and the agent decide nothing.")
@click.option("--decide", type=click.Choice(DECISIONS), help="Decide it. Absent: raise it.")
@click.option("--answer", default="", help="With --decide overturned: the answer from now on.")
@click.option("--at", help='When, as "2026-10-21 15:00". The clock is never read.')
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="For the list: the day it stands at.")
@click.option("--out", type=click.Path(path_type=Path), help="The folder of disputes.csv; created.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
@stops_with_a_sentence
def dispute(
    data: Path,
    profile: str,
    evaluation: str | None,
    question: str | None,
    reason: str,
    who: str | None,
    decide: str | None,
    answer: str,
    at: str | None,
    as_of: Any,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Dispute a question of an evaluation, decide a dispute, or list all of them with each evaluator's overturn rate.

    Each step is a row more in disputes.csv; none is ever changed. What the rules forbid is refused with the reason: a
    dispute that comes too late, a decision by the evaluator, an answer that the form does not have. Save disputes.csv
    with your exports, so that the scores follow it.

    \b
    Example:
      toolkit qc dispute exports --profile phone-credit
      toolkit qc dispute exports --profile phone-credit --evaluation EV-17 --question greeting --by "Asha N." \\
        --reason "She gave her name at 0:04" --at "2026-10-21 15:00" --out exports
      toolkit qc dispute exports --profile phone-credit --evaluation EV-17 --question greeting --by "Quality 2" \\
        --decide overturned --answer yes --reason "Heard it too" --at "2026-10-22 09:30" --out exports
    """
    if evaluation is None:
        _list(data, profile, as_of, out, as_json, quiet)
    if not (question and who and at and out):
        raise usage("with --evaluation, --question, --by, --at and --out are needed too")
    from toolkit.pace import moment_of
    from toolkit.quality.disputes import Asked
    from toolkit.quality_reports.disputing import dispute as taken
    from toolkit.quality_reports.disputing import disputes_listed

    moment = moment_of(at)
    step = Asked(str(evaluation), question, who, reason, moment, decide or "", answer)
    read = taken(data, profile, step, out)
    mine = disputes_listed(read, moment).filter(evaluation_id=evaluation, question=question.strip().lower())
    if as_json:
        click.echo(harmless_json(mine.write_json()))
    elif not quiet:
        said = decide or "disputed"
        click.echo(f"Question {harmless(question, 40)} of {harmless(str(evaluation), 40)} is {said}.")
        for row in mine.tail(1).iter_rows(named=True):
            click.echo(_line(row))
        click.echo(f"It is in {out / 'disputes.csv'}.")
    raise click.exceptions.Exit(DONE)


def _list(data: Path, profile: str, as_of: Any, out: Path | None, as_json: bool, quiet: bool) -> None:
    from toolkit.evaluations import refusals
    from toolkit.quality_reports.disputing import disputes_listed, overturn_rates
    from toolkit.quality_reports.evaluated import read_evaluations
    from toolkit.quality_reports.files import DISPUTES

    day = as_of.date() if as_of else None
    read = read_evaluations(data, profile, as_of=day, disputes=out / DISPUTES if out else None)
    found, rates = disputes_listed(read), overturn_rates(read)
    refused = list(refusals(read.judged.refused, read.reading.tables.get("disputes")))
    if as_json:
        click.echo(harmless_json(f'{{"disputes": {found.write_json()}, "evaluators": {rates.write_json()}}}'))
    elif not quiet:
        _say(found, rates, read.stands)
    show_problems(refused)
    raise click.exceptions.Exit(ROWS_SET_ASIDE if any(one.level == "error" for one in refused) else DONE)


def _say(found: "pl.DataFrame", rates: "pl.DataFrame", stands: Any) -> None:
    click.echo(f"Disputed questions as of {stands}: {found.height}")
    for row in found.iter_rows(named=True):
        click.echo(_line(row))
    for row in rates.filter(rates["questions_disputed"] > 0).iter_rows(named=True):
        name = harmless(row["evaluator"], 30)
        waiting = row["questions_disputed"] - row["questions_decided"]
        of = f"{row['questions_overturned']} of {row['questions_decided']} decided questions overturned"
        between = _between(row["question_low"], row["question_high"])
        whole = f"{row['evaluations_overturned']} of {row['evaluations']} evaluations"
        also = _between(row["evaluation_low"], row["evaluation_high"])
        click.echo(f"  {name}: {of}{between}, {waiting} open; {whole}{also}")


def _between(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({low * 100:.0f} to {high * 100:.0f} %)"


def _line(row: dict[str, Any]) -> str:
    place = f"{row['evaluation_id']} {row['question']}"
    made = f"{row['agent_id']}, by {row['evaluator']}"
    if row["status"] in ("upheld", "overturned", "withdrawn"):
        ended = f"{row['decided_at']:%Y-%m-%d %H:%M} by {row['decided_by']}"
        change = f": {row['first_answer']} is now {row['answer']}" if row["status"] == "overturned" else ""
        return harmless(f"  {row['status']:<10} {place} ({made}) {ended}{change}", 300)
    return harmless(f"  {row['status']:<10} {place} ({made}) decide by {row['due_at']:%Y-%m-%d %H:%M}", 300)
