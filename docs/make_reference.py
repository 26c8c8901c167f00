"""Writes commands.md, tables.md, problems.md and kpis.md in reference/ as the toolkit describes itself.

uv run python docs/make_reference.py
"""

import inspect
import sys
import tempfile
from pathlib import Path
from typing import Literal, get_args, get_origin

import click

import cli
from toolkit.definitions import Definitions, words_of
from toolkit.kpi_codes import KpiCode, kpi_codes
from toolkit.problems import Problem
from toolkit.tables import TABLES, Column, Table

REFERENCE = Path(__file__).resolve().parent / "reference"
sys.path.append(str(REFERENCE.parents[1] / "tests"))

from catalogue import ACCEPTED, FILE, Case, cases, read_case  # noqa: E402  # the examples are those of the tests

COMMANDS_INTRODUCTION = """\
# Commands

This page is made from the commands' own help. `--help` after any of them shows the same.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | could not be done; nothing half-written is left behind |
| 2 | wrong usage |
| 3 | done, but some rows were set aside: see problems.csv |
"""

TABLES_INTRODUCTION = """\
# Tables

What can be read, table by table, under the toolkit's own names. A set-up lists how your system spells them; these names
are always taken too. Give a folder of CSV, Excel or Parquet files, or one workbook with a sheet a table; or let the
set-up name a database. File names do not matter: a table is recognised by its headers.

A column marked **must** has to be there, and filled in every row. The others may be missing; what needs a missing
column says so by its name.
"""

TYPES = {
    "id": "identifier, kept exactly as it is (leading zeros too)",
    "text": "text",
    "code": "one of the words listed, or your set-up's spelling of it",
    "money": "amount in the currency's major unit: 1250.50",
    "date": "day: 2026-10-05, or as your set-up spells it",
    "time": "point in time, in your set-up's time zone unless it names an offset",
    "flag": "yes or no (also true, false, 1, 0)",
    "int": "whole number",
    "decimal": "exact number or percentage: 0.93 or 93%",
    "currency": "three letters of ISO 4217: KES",
    "phone": "telephone number",
}


def leaves(group: click.Command, path: str = "toolkit") -> dict[str, click.Command]:
    """Every command that does something, by the words that call it."""
    if not isinstance(group, click.Group):
        return {path: group}
    context = click.Context(group)
    named = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {
        words: leaf for name, found in named.items() if found for words, leaf in leaves(found, f"{path} {name}").items()
    }


def explanation(command: click.Command) -> str:
    """The help text; paragraphs that must keep their lines (examples) become blocks of commands."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(examples(part) if part.startswith("\b") else part for part in paragraphs)


def examples(paragraph: str) -> str:
    lines = paragraph.removeprefix("\b\n").replace("Example:", "").splitlines()
    continued = [not before.endswith("\\") for before in ["", *lines[:-1]]]
    shown = [line.strip() if first else f"    {line.strip()}" for line, first in zip(lines, continued, strict=True)]
    return "\n".join(["```bash", *filter(None, shown), "```"])


def option_row(option: click.Option, context: click.Context) -> str:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    notes = [note for note, holds in (("required", option.required), ("may be repeated", option.multiple)) if holds]
    if option.show_default and option.default not in (None, False):
        notes.append(f"absent: {option.default}")
    meaning = " ".join([(option.help or "").replace("|", "/"), *(f"({note})" for note in notes)])
    return f"| {names}{value.replace('|', ' or ')} | {meaning} |"


def command_section(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=words)
    usage = " ".join([words, *command.collect_usage_pieces(context)])
    options = [p for p in command.params if isinstance(p, click.Option)]
    rows = "\n".join(option_row(option, context) for option in options)
    table = f"\n| option | meaning |\n|---|---|\n{rows}\n" if rows else ""
    return f"## {words}\n\n`{usage}`\n\n{explanation(command)}\n{table}"


def commands_page() -> str:
    sections = [command_section(words, command) for words, command in leaves(cli.main).items()]
    return "\n".join([COMMANDS_INTRODUCTION, *sections])


def column_row(column: Column) -> str:
    codes = f" One of: {', '.join(column.codes)}." if column.codes else ""
    kind = "code" if column.codes else column.type
    needed = "must" if column.required else ""
    return f"| `{column.name}` | {needed} | {kind} | {column.meaning.rstrip('.')}.{codes} |"


def table_section(table: Table) -> str:
    key = f" A row is known by: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    meaning = table.meaning.rstrip(".") + "."
    rows = "\n".join(["| column | | kind | meaning |", "|---|---|---|---|", *map(column_row, table.columns)])
    return f"## {table.name}\n\n{meaning}{key}\n\n{rows}\n"


def tables_page() -> str:
    kinds = "\n".join(f"| {name} | {meaning} |" for name, meaning in TYPES.items())
    return "\n".join(
        [TABLES_INTRODUCTION, f"| kind | what is in it |\n|---|---|\n{kinds}\n", *map(table_section, TABLES.values())]
    )


PROBLEMS_INTRODUCTION = """\
# Problems

Every code that reading gives, what it says, and what was done to a file to get it. Each row of a file ends in one
place: taken, set aside with all its reasons, or left out by a stated rule. A file is refused as a whole only where none
of its rows can be trusted. The files behind these sentences are described in `tests/errors/`, one file a code.
"""
VERDICTS = {
    FILE: "The file is refused",
    "reject-rows": "The row is set aside, the rest is taken",
    ACCEPTED: "Taken, with a remark",
}
MOST_LISTED = 12


def problems_page() -> str:
    by_verdict: dict[str, dict[str, list[Case]]] = {verdict: {} for verdict in VERDICTS}
    for case in cases():
        if case.code or case.rules.get("warns"):
            code = case.code or str(case.rules["warns"][0])
            verdict = case.verdict if case.code else ACCEPTED
            by_verdict[verdict].setdefault(code, []).append(case)
    sections = [
        f"## {heading}\n\n" + "\n".join(code_section(code, of) for code, of in sorted(by_verdict[verdict].items()))
        for verdict, heading in VERDICTS.items()
    ]
    fine = [case for case in cases() if not case.code and not case.rules.get("warns") and case.verdict == ACCEPTED]
    listed = "\n".join(f"- {case.about}" for case in fine)
    return "\n".join([PROBLEMS_INTRODUCTION, *sections, f"## Taken as it is\n\n{listed}\n"])


def code_section(code: str, of: list[Case]) -> str:
    """A code with what is said of its first case, and what was done to the files of all of them."""
    found = _first_said(code, of[0])
    seen = "\n".join(f"- {case.about}" for case in of[:MOST_LISTED])
    todo = f"\n\nWhat to do: {found.what_to_do}" if found.what_to_do else ""
    return f"### {code}\n\n> {_shortened(str(found).removesuffix(found.what_to_do).strip())}{todo}\n\n{seen}\n"


def _first_said(code: str, case: Case) -> Problem:
    with tempfile.TemporaryDirectory() as folder:
        reading = read_case(case, Path(folder))
    return next(found for found in reading.problems if found.code == code)


def _shortened(text: str) -> str:
    escaped = text.replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")
    return escaped if len(escaped) < 400 else f"{escaped[:380]} …"


KPIS_INTRODUCTION = """\
# KPIs

Every KPI with its code, how it is counted, and what it needs. A plan, the tables targets and kpi_values and a profile's
scorecards use these codes. `toolkit kpis` lists the same, with the definitions of your profile.

Three rules hold for all of them. Figures of teams, weeks and months add up numerators and denominators; they never
average percentages. Without a base there is no figure ("no base"), which is neither 0 % nor 100 %. What cannot be
judged yet, such as a promise that is not due, is counted beside the figure as waiting.
"""

DEFINITIONS_INTRODUCTION = """\
## Definitions

What every organisation counts in its own way, as keys of `[definitions]` in a profile. The one in use is printed beside
each figure.

| key | choices, the default first | used by |
|---|---|---|
"""


def kpis_page() -> str:
    """Every KPI of the list, then every definition."""
    sections = [kpi_section(about) for about in kpi_codes().values()]
    rows = [definition_row(name) for name in Definitions.model_fields]
    return KPIS_INTRODUCTION + "\n" + "\n".join(sections) + "\n" + DEFINITIONS_INTRODUCTION + "".join(rows)


def kpi_section(about: KpiCode) -> str:
    good = "more is better" if about.direction == "higher" else "less is better"
    lines = [f"### {about.code}", "", f"{about.title}; {about.unit}, {good}. Job descriptions: {about.source}."]
    if about.entered:
        lines += ["", "People enter it in kpi_values; nothing computes it."]
    elif about.formula:
        lines += ["", f"{about.formula[:1].upper()}{about.formula[1:]}."]
    if about.needs:
        lines += ["", f"Needs: {', '.join(f'`{name}`' for name in about.needs)}."]
    if about.uses:
        lines += ["", f"Definitions: {', '.join(f'`{name}`' for name in about.uses)}."]
    return "\n".join(lines) + "\n"


def definition_row(name: str) -> str:
    field = Definitions.model_fields[name]
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else (field.default,)
    texts = []
    for choice in choices:
        shown = ", ".join(map(str, choice)) if isinstance(choice, tuple) else str(choice)
        said = words_of(name, Definitions(**{name: choice}))
        texts.append(f"`{shown}`: {said}" if shown != said else f"`{shown}`")
    users = [f"`{code}`" for code, about in kpi_codes().items() if name in about.uses]
    return f"| `{name}` | {'; '.join(texts)} | {', '.join(users) or 'figures with few cases'} |\n"


PAGES = {
    "commands.md": commands_page,
    "tables.md": tables_page,
    "problems.md": problems_page,
    "kpis.md": kpis_page,
}


def main() -> None:
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
