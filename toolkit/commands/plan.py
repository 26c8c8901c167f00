"""`toolkit plan`: is a plan in order, and what does it pay."""

import json
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import DONE, LONGEST, NOT_DONE, SIGNS, stops_with_a_sentence, usage
from toolkit.problems import Problem, problem
from toolkit.terminal import harmless, harmless_json, harmless_page

if TYPE_CHECKING:
    from toolkit.compare import Comparison
    from toolkit.plan_files import PlanFile
    from toolkit.plan_show import ShownPlan

WIDTH = 96
COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


@click.group()
def plan() -> None:
    """Check, show and compare commission plans.

    \b
    Example:  toolkit plan check plans/
              toolkit plan show plans/field-ke-v2.toml
    """


def _words(code: str, **fields: object) -> str:
    return problem(f"SHOW_{code}", **fields).message  # type: ignore[arg-type]  # fields of the sentence only


def _setting(profile: str | None) -> dict[str, Any]:
    """What the linter is told of the organisation: its roles, and whether the profile says whose a payment is."""
    if profile is None:
        return {}
    from toolkit.profiles import load_profile

    known = load_profile(profile)
    return {"credit_given": known.credit is not None, "roles": known.roles}


def _as_paths(names: Sequence[str]) -> list[Path]:
    return [Path(name) for name in names]


# -- check -----------------------------------------------------------------------------------------------


@plan.command()
@click.argument("plans", nargs=-1, required=True, type=click.Path())
@click.option("--profile", metavar="NAME", help="A profile's name or folder: its roles and credit are then known.")
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON, for machines.")
@click.option("--quiet", is_flag=True, help="No tables of what is paid at each band's edge.")
@stops_with_a_sentence
def check(plans: tuple[str, ...], profile: str | None, as_json: bool, quiet: bool) -> None:
    """Find everything wrong in plans (files, or folders with their versions), and show what they pay.

    Ends with 0 if the plans can be used (there may be remarks), with 1 if something has to be put right.

    \b
    Example:  toolkit plan check plans/field-ke-v1.toml plans/field-ke-v2.toml
              toolkit plan check plans/ --profile paygo-solar
    """
    from toolkit.plan_files import check_files

    files, lost = check_files(_as_paths(plans), **_setting(profile))
    everything = [*lost, *(told for file in files for told in file.problems)]
    wrong = any(told.level == "error" for told in everything)
    if as_json:
        click.echo(harmless_json(json.dumps(_as_json(files, lost), ensure_ascii=False, indent=2)))
    else:
        _print_checked(files, lost, quiet)
    raise click.exceptions.Exit(NOT_DONE if wrong else DONE)


def _print_checked(files: Sequence["PlanFile"], lost: Sequence[Problem], quiet: bool) -> None:
    for told in lost:
        _print_problem(told, told.file)
    for file in files:
        _print_verdict(file)
        for told in file.problems:
            _print_problem(told, file.path.name)
        if file.plan is not None and not quiet:
            _print_tables(file)
        click.echo()
    problems = [*lost, *(told for file in files for told in file.problems)]
    errors, warnings = (sum(told.level == level for told in problems) for level in ("error", "warning"))
    click.echo(_words("CHECK_TOTAL", plans=len(files), errors=errors, warnings=warnings))


def _print_verdict(file: "PlanFile") -> None:
    errors = sum(told.level == "error" for told in file.problems)
    others = len(file.problems) - errors
    name = harmless(file.path.name)
    if errors or file.plan is None:
        click.secho(f"{SIGNS['error']} {_words('CHECK_WRONG', name=name, count=errors)}", fg="red", bold=True)
        return
    about = {"name": name, "id": harmless(file.plan.id), "version": file.plan.version, "start": file.plan.start}
    if others:
        click.secho(f"{SIGNS['warning']} {_words('CHECK_WARNINGS', count=others, **about)}", fg="yellow", bold=True)
    else:
        click.secho(f"✓ {_words('CHECK_FINE', **about)}", fg="green", bold=True)


def _print_problem(told: Problem, name: str) -> None:
    """Where, what was seen, and what to do, each beginning a line."""
    place = harmless(told.place.removeprefix(name).removeprefix(", ") or name)
    click.echo(f"  {click.style(SIGNS[told.level], fg=COLOURS[told.level])} {click.style(place, bold=True)}")
    remedy = wrap(_one_line(told.what_to_do), WIDTH - 6, initial_indent="→ ", subsequent_indent="  ")
    for line in wrap(_one_line(told.message), WIDTH - 6) + remedy:
        click.echo(f"      {line}")


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()), LONGEST)


def _print_tables(file: "PlanFile") -> None:
    from toolkit.plan_show import shown_plan, table_text

    if file.plan is None:
        return
    shown = shown_plan(file.plan)
    for component in shown.components:
        click.echo(f"\n  {harmless(f'{component.code}  {component.title}')}".rstrip())
        click.echo(harmless_page("\n".join(table_text(component, file.plan.currency))))
    if shown.components:
        click.echo(f"\n  {_words('NOT_INCLUDED')}")


def _as_json(files: Sequence["PlanFile"], lost: Sequence[Problem]) -> dict[str, Any]:
    from toolkit.plan_show import shown_plan

    plans = []
    for file in files:
        found = file.plan
        plans.append(
            {
                "file": str(file.path),
                "id": found.id if found else None,
                "version": found.version if found else None,
                "from": found.start.isoformat() if found else None,
                "sha256": file.sha256,
                "problems": [_problem_json(told, file.path.name) for told in file.problems],
                "pays": _pays_json(shown_plan(found)) if found else [],
            }
        )
    problems = [*lost, *(told for file in files for told in file.problems)]
    fine = not any(told.level == "error" for told in problems)
    return {"ok": fine, "plans": plans, "problems": [_problem_json(told, told.file) for told in lost]}


def _problem_json(told: Problem, name: str) -> dict[str, Any]:
    return {
        "level": told.level,
        "code": told.code,
        "place": told.file.removeprefix(name).removeprefix(", "),
        "sheet": told.sheet,
        "row": told.row,
        "column": told.column,
        "value": told.value,
        "message": told.message,
        "what_to_do": told.what_to_do,
    }


def _pays_json(shown: "ShownPlan") -> list[dict[str, Any]]:
    return [
        {
            "component": component.code,
            "scale": component.scale,
            "caption": component.caption,
            "at": [{"at": row.at, "pays": row.pays, "note": row.note, "edge": row.edge} for row in component.paid],
        }
        for component in shown.components
    ]


# -- show ------------------------------------------------------------------------------------------------


@plan.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path())
@click.option("--version", "number", type=int, help="Which version, where PLAN is a folder; absent: the latest.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for machines.")
@stops_with_a_sentence
def show(plan_file: str, number: int | None, as_json: bool) -> None:
    """Say in words what a plan pays, with a table around each band's edge.

    \b
    Example:  toolkit plan show plans/field-ke-v2.toml
    """
    from toolkit.plan_files import load_plans
    from toolkit.plan_show import as_text, shown_plan

    versions = load_plans([Path(plan_file)])
    chosen = versions.versions[-1] if number is None else versions.numbered(number)
    if chosen is None:
        raise usage(f"{harmless(plan_file)} has no version {number}")
    shown = shown_plan(chosen)
    if as_json:
        click.echo(harmless_json(json.dumps(_shown_json(shown), ensure_ascii=False, indent=2)))
    else:
        click.echo(harmless_page(as_text(shown, chosen.currency, WIDTH)))


def _shown_json(shown: "ShownPlan") -> dict[str, Any]:
    words = {component.code: list(component.says) for component in shown.components}
    return {
        "id": shown.id,
        "version": shown.version,
        "heading": list(shown.heading),
        "terms": list(shown.terms),
        "components": [{**table, "says": words[table["component"]]} for table in _pays_json(shown)],
        "team": list(shown.team),
    }


# -- compare ---------------------------------------------------------------------------------------------


@plan.command()
@click.argument("plan_path", metavar="PLAN", type=click.Path(path_type=Path))
@click.argument("new_plan", metavar="NEWPLAN", type=click.Path(path_type=Path))
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--periods", required=True, metavar="FIRST..LAST", help="2026-05..2026-10, or one period.")
@click.option("--profile", metavar="NAME", help="A shipped set-up, or your own; absent: the reference's names.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for machines.")
@stops_with_a_sentence
def compare(plan_path: Path, new_plan: Path, data: Path, periods: str, profile: str | None, as_json: bool) -> None:
    """What NEWPLAN would have paid instead of PLAN: who gains, who loses, and the total.

    \b
    Example:  toolkit plan compare field-ke.toml field-ke-new.toml exports --periods 2026-05..2026-10
    """
    from toolkit.compare import compare as compared

    found = compared([plan_path], [new_plan], data, periods, profile)
    if as_json:
        click.echo(harmless_json(json.dumps(_comparison_json(found), indent=2, ensure_ascii=False)))
    else:
        _print_comparison(found)


def _comparison_json(found: "Comparison") -> dict[str, Any]:
    from toolkit.money import plain

    def money(minor: int) -> str:
        return plain(minor, found.digits)

    return {
        "currency": found.currency,
        "today": money(found.today),
        "new": money(found.new),
        "difference": money(found.new - found.today),
        "periods": [{"period": label, "today": money(old), "new": money(new)} for label, old, new in found.periods],
        "agents": [
            {
                "agent_id": agent.agent_id,
                "name": agent.name,
                "today": money(agent.today),
                "new": money(agent.new),
                "difference": money(agent.difference),
            }
            for agent in found.agents
        ],
    }


def _print_comparison(found: "Comparison") -> None:
    from toolkit.money import worded

    def line(what: str, today: int, new: int) -> str:
        figures = (worded(amount, found.digits) for amount in (today, new))
        change = f"{'+' if new > today else ''}{worded(new - today, found.digits)}" if new != today else "–"
        return f"  {what:<34}" + "".join(f"{figure:>16}" for figure in figures) + f"{change:>16}"

    gain, lose = (sum(sign * agent.difference > 0 for agent in found.agents) for sign in (1, -1))
    click.echo(_words("COMPARE_TITLE", currency=found.currency))
    click.echo(f"  {'':<34}{_words('COMPARE_TODAY'):>16}{_words('COMPARE_NEW'):>16}{_words('COMPARE_CHANGE'):>16}")
    for label, today, new in found.periods:
        click.echo(line(label, today, new))
    click.echo(line(_words("COMPARE_ALL"), found.today, found.new))
    click.echo()
    for agent in found.agents:
        click.echo(line(harmless(f"{agent.agent_id} {agent.name}", 34), agent.today, agent.new))
    click.echo()
    click.echo(_words("COMPARE_WHO", gain=gain, lose=lose, same=len(found.agents) - gain - lose))
