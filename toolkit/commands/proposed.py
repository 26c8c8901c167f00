"""What `toolkit profile new --from` prints and asks: each header, what it probably is, how sure that is, and why."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from toolkit.commands.common import show_problems
from toolkit.terminal import harmless_json

if TYPE_CHECKING:
    from toolkit.proposals.codes import CodeProposal
    from toolkit.proposals.forms import FormProposal
    from toolkit.proposals.matching import Proposal, SheetProposal
    from toolkit.proposals.proposing import Proposed

WIDTHS = (22, 19, 8, 42, 27)
"""Header, column, how sure, why, for example: with two signs before them, and one between, less than 120."""
COLOURS = {"sure": "green", "likely": "cyan", "unsure": "yellow", "none": "bright_black"}
FORM_WORDS = {
    "country": "country", "currency": "currency", "timezone": "time zone", "date_order": "order of dates",
    "decimal": "decimal sign",
}  # fmt: skip


def on_a_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def make_proposed(
    name: str,
    out: Path,
    places: Sequence[Path],
    table: str | None,
    like: str | None,
    taken: Sequence[str],
    given: Mapping[str, str],
    *,
    asks: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Proposes, shows, asks, writes."""
    from toolkit.own_profile import refuse_name, refuse_occupied
    from toolkit.proposals.proposing import propose, write_proposed

    refuse_name(name)
    refuse_occupied(out)
    proposed = propose(places, table=table, like=like, taken=taken, given=given)
    if not (as_json or quiet):
        _show(proposed)
        if asks and on_a_terminal():
            proposed = _asked(proposed)
    written = write_proposed(name, out, proposed)
    if as_json:
        click.echo(harmless_json(json.dumps(_as_json(name, out, proposed), indent=2, ensure_ascii=False)))
    elif not quiet:
        from toolkit.commands.profiles import say_what_is_there

        click.echo(f"\n{written.name} is in {out}:")
        first = "what is proposed: look at every line and confirm it" if places else "what the presets do not say"
        say_what_is_there(written, out, first)
        _say_what_is_next(proposed, places, out)


# What is printed


def _show(proposed: "Proposed") -> None:
    if proposed.problems:
        show_problems(proposed.problems)
    for sheet in proposed.sheets:
        _show_sheet(sheet)
    if not proposed.sheets:
        return
    click.echo("\n" + click.style("Country, currency, dates and amounts", bold=True))
    for form in proposed.forms:
        _row(FORM_WORDS[form.key], form.value or "?", form.degree if form.value else "unsure", form.why, "")
    _show_codes(proposed.codes)


def _show_sheet(proposal: "SheetProposal") -> None:
    from toolkit.proposals.words import shown

    sheet = proposal.sheet
    table = f"taken for {proposal.table}" if proposal.table else "like none of the tables"
    heading = f"{shown(sheet.place, 60)}: {table}"
    click.echo(f"\n{click.style(heading, bold=True)} (header in row {sheet.header_row}, {sheet.rows:,} rows below it)")
    _row("header", "column", "sure?", "why", "for example", heading=True)
    for one in proposal.columns:
        _row(one.header, one.column or "-", one.degree, one.why, ", ".join(shown(text, 20) for text in one.samples))
    if proposal.missing:
        click.echo(
            click.style(f"  Required, and nothing sure or likely for it: {', '.join(proposal.missing)}", fg="red")
        )
    if sheet.twice:
        names = ", ".join(f'"{shown(header)}"' for header in sheet.twice)
        click.echo(
            click.style(f"  More than one column is called {names}: the file is refused until one is renamed", fg="red")
        )


def _row(header: str, column: str, degree: str, why: str, samples: str, *, heading: bool = False) -> None:
    """One line of the table, or several where a cell is long."""
    from toolkit.proposals.words import shown

    word = {"none": "-"}.get(degree, degree)
    cells = [shown(header, 72), column, word, why, samples]
    parts = [wrap(cell, width - 1, break_on_hyphens=False) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    for number in range(max(map(len, parts))):
        line = [part[number] if number < len(part) else "" for part in parts]
        style: dict[str, Any] = {"dim": True} if heading else {"fg": COLOURS.get(degree)}
        coloured = range(len(line)) if heading else (2,)
        click.echo("  " + _padded(line, {place: style for place in coloured}))


def _padded(line: Sequence[str], styles: Mapping[int, Mapping[str, Any]]) -> str:
    """The cells in their columns, without blanks at the end."""
    last = max((place for place, text in enumerate(line) if text), default=0)
    padded = ""
    for place, (text, width) in enumerate(zip(line[: last + 1], WIDTHS, strict=False)):
        blanks = "" if place == last else " " * (width - len(text))
        padded += click.style(text, **styles[place]) + blanks if place in styles and text else text + blanks
    return padded


def _show_codes(codes: Sequence["CodeProposal"]) -> None:
    from toolkit.proposals.words import shown

    if not codes:
        return
    sure = sum(one.degree == "sure" for one in codes)
    click.echo("\n" + click.style("Words of closed lists", bold=True) + f" ({sure} sure ones are not shown)")
    for one in codes:
        if one.degree != "sure":
            rows = f"in {one.times:,} rows"
            _row(f'"{shown(one.word, 30)}"', one.code or "?", one.degree, one.why, f"{one.name}, {rows}")


def _say_what_is_next(proposed: "Proposed", places: Sequence[Path], out: Path) -> None:
    from toolkit.profiles import PROFILE_FILE

    exports = " ".join(f'"{place}"' if " " in str(place) else str(place) for place in places) or "EXPORTS"
    waiting = sum(one.degree in ("unsure", "none") for sheet in proposed.sheets for one in sheet.columns)
    click.echo("\nNext:")
    if proposed.sheets:
        click.echo(f"  1. Open {out / PROFILE_FILE} and confirm it. Headers that wait there as remarks: {waiting}")
        click.echo(f"  2. toolkit check {exports} --profile {out}")
    else:
        click.echo(f"  toolkit check {exports} --profile {out}")
    for name in proposed.alike:
        click.echo(f"  Most of these headers are those of a known system: try the same with --preset {name}")


def _as_json(name: str, out: Path, proposed: "Proposed") -> dict[str, Any]:
    sheets = [
        {
            "file": sheet.sheet.file,
            "sheet": sheet.sheet.sheet,
            "table": sheet.table,
            "header_row": sheet.sheet.header_row,
            "missing": list(sheet.missing),
            "twice": list(sheet.sheet.twice),
            "columns": [asdict(one) for one in sheet.columns],
        }
        for sheet in proposed.sheets
    ]
    problems = [{"code": found.code, "file": found.file, "message": found.message} for found in proposed.problems]
    forms, codes = [asdict(form) for form in proposed.forms], [asdict(code) for code in proposed.codes]
    return {
        "name": name, "folder": str(out), "sheets": sheets, "forms": forms, "codes": codes,
        "presets": list(proposed.presets), "alike": list(proposed.alike), "problems": problems,
    }  # fmt: skip


# What is asked


def _asked(proposed: "Proposed") -> "Proposed":
    """The proposal with what a person decided. Enter leaves an unsure one out."""
    likely = sum(one.degree == "likely" for sheet in proposed.sheets for one in sheet.columns)
    also_likely = bool(likely) and not click.confirm(f"\nTake the {likely} likely headers as they are?", default=True)
    sheets = tuple(_asked_sheet(sheet, also_likely) for sheet in proposed.sheets)
    forms = tuple(form if form.value else _asked_form(form) for form in proposed.forms)
    proposed = replace(proposed, sheets=sheets, forms=forms).with_codes()
    return replace(proposed, codes=tuple(map(_asked_code, proposed.codes)))


def _asked_sheet(proposal: "SheetProposal", also_likely: bool) -> "SheetProposal":
    if not proposal.table:
        return proposal
    asked = ("unsure", "likely") if also_likely else ("unsure",)
    columns = tuple(_asked_header(one, proposal) if one.degree in asked else one for one in proposal.columns)
    taken = {one.column for one in columns if one.degree in ("sure", "likely")}
    return replace(proposal, columns=columns, missing=tuple(name for name in proposal.missing if name not in taken))


def _asked_header(one: "Proposal", proposal: "SheetProposal") -> "Proposal":
    from toolkit.proposals.words import shown
    from toolkit.tables import TABLES

    held = {other.column for other in proposal.columns if other.degree == "sure"}
    near = [name for name in dict.fromkeys([one.column, *one.others]) if name and name not in held]
    every = [column.name for column in TABLES[proposal.table].columns]
    samples = ", ".join(shown(text, 18) for text in one.samples)
    question = f'{shown(proposal.sheet.place, 40)}, "{shown(one.header)}"{f" ({samples})" if samples else ""}'
    answer = _choice(question, near, every)
    if not answer:
        return replace(one, degree="unsure")
    return replace(one, column=answer, degree="sure", why="confirmed by you")


def _asked_form(form: "FormProposal") -> "FormProposal":
    choices = {"date_order": ["dmy", "mdy"], "decimal": [".", ","]}.get(form.key, [])
    question = f"{FORM_WORDS[form.key]} ({form.why})"
    answer = _choice(question, choices, choices or None)
    return replace(form, value=answer, degree="sure", why="as you said") if answer else form


def _asked_code(one: "CodeProposal") -> "CodeProposal":
    from toolkit.proposals.words import shown
    from toolkit.tables import TABLES

    if one.degree != "unsure":
        return one
    table, _, column = one.name.partition(".")
    codes = list(TABLES[table].column(column).codes)
    answer = _choice(f'{one.name}: what is "{shown(one.word)}", in {one.times:,} rows?', codes, codes)
    return replace(one, code=answer, degree="sure", why="confirmed by you") if answer else one


def _choice(question: str, near: Sequence[str], allowed: Sequence[str] | None) -> str:
    """One of the choices by its number or name, "" for Enter. `allowed` None: anything."""
    listed = "  ".join(f"{number} {name}" for number, name in enumerate(near, 1))
    click.echo(f"\n{question}")
    more = ", or another name" if allowed is None or len(allowed) > len(near) else ""
    prompt = f"  {listed}{more}; Enter leaves it out" if listed else "  Enter leaves it out"
    answer: str = click.prompt(prompt, default="", show_default=False, value_proc=_reader(near, allowed))
    return answer


def _reader(near: Sequence[str], allowed: Sequence[str] | None) -> Callable[[str], str]:
    def read(text: str) -> str:
        text = text.strip()
        if text.isdigit() and 1 <= int(text) <= len(near):
            return near[int(text) - 1]
        if text and allowed is not None and text not in allowed:
            raise click.UsageError(f"choose one of: {', '.join(allowed)}")
        return text

    return read
