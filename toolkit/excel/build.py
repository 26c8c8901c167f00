"""Makes the supervisor's workbook: sheets by the layout, xlwings' modules and ours, where the toolkit is installed.

It is made on the machine where it is used, from the xlwings that is installed there, so the two always fit and the
file carries no mark of having come from elsewhere. The same toolkit and set-up give the same bytes.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from toolkit.excel.conf import write_conf, write_lists
from toolkit.excel.definition import definition_of
from toolkit.excel.form_sheet import form_in_force
from toolkit.excel.layout import CONF_SHEET, layout, own_modules
from toolkit.excel.page_form import draw_worth
from toolkit.excel.pages import draw
from toolkit.excel.vba import vba_project
from toolkit.excel.words import Words
from toolkit.look import Book
from toolkit.periods import parse
from toolkit.plan_files import plans_of
from toolkit.problems import ToolkitError, problem
from toolkit.profiles import load_profile, workbook_file
from toolkit.shipped import version

MADE_ON = date(2026, 1, 1)
"""The day that the file says it was made: always the same, so that the same workbook has the same bytes."""
UNFINISHED = ".part"


def build_workbook(
    profile_name: str,
    out: Path,
    *,
    data: Path | None = None,
    results: Path | None = None,
    period: str = "",
    previous: Sequence[Path] = (),
) -> Path:
    """The workbook for a set-up, written to `out` (a name that ends in .xlsm).

    data, results, period, previous: what the settings say at first; absent: empty, for people to fill in.
    Raises `ToolkitError` where the name is no workbook's or `out` cannot be written.
    """
    if out.suffix.lower() != ".xlsm":
        raise ToolkitError([problem("WORKBOOK_NAME", value=out.name)])
    earlier = ";".join(str(folder) for folder in previous)
    first = {"data_folder": str(data or ""), "out_folder": str(results or ""), "period": period, "previous": earlier}
    words = _words(profile_name, first)
    aside = out.with_name(out.name + UNFINISHED)
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write(aside, words)
        os.replace(aside, out)
    except OSError as error:
        raise ToolkitError([problem("WORKBOOK_NOT_WRITTEN", value=out.name, reason=error.strerror or error)]) from error
    finally:
        aside.unlink(missing_ok=True)
    return out


def _write(path: Path, words: Words) -> None:
    book = Book(
        path,
        title=f"Collections: {words.profile.title}",
        subject=f"toolkit {version()}",
        created=MADE_ON,
        currency=words.profile.currency,
        digits=words.profile.digits,
    )
    sheets = [*layout().sheet]
    book.workbook.add_vba_project(BytesIO(vba_project(len(sheets) + 2, own_modules())), True)
    book.workbook.set_vba_name("ThisWorkbook")
    for number, sheet in enumerate(sheets, 1):
        draw(book, sheet, words).set_vba_name(f"Sheet{number}")
    draw_worth(book, words.form).set_vba_name(f"Sheet{len(sheets) + 1}")
    conf = book.sheet(CONF_SHEET)
    conf.set_vba_name(f"Sheet{len(sheets) + 2}")
    write_conf(book, conf)
    write_lists(book, conf, words.lists())
    book.close()


def _last_day(period: str) -> date | None:
    """Of the period that the settings name at first, by which the form is chosen."""
    try:
        return parse(period).last if period else None
    except ValueError:
        return None


def _words(profile_name: str, first: Mapping[str, str]) -> Words:
    profile = load_profile(profile_name)
    definition = definition_of(profile)
    plans = list(dict.fromkeys(plan_id for plan_id, _ in plans_of(profile.plan_paths())))
    if definition.plan and plans and definition.plan not in plans:
        raise ToolkitError(
            [problem("WORKBOOK_PLAN", file=workbook_file(profile).name, value=definition.plan, known=", ".join(plans))]
        )
    return Words(
        profile=profile,
        profile_name=profile_name,
        definition=definition,
        plans=plans,
        form=form_in_force(profile, _last_day(first["period"])),
        first=first,
    )
