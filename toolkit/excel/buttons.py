"""What each button of the workbook does: read its settings, call one function of the library, write the result.

`press` is what the macros call. The functions take an xlwings book and nothing else, so another front end can call
them too. Where something is in the way, the sentence stands on the sheet Start, the details on the sheet Problems,
and Excel shows the sentence in a box; the sheets with results stay as they were.
"""

import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from toolkit.excel import month
from toolkit.excel.calls import calibrate, draw_sample, score_calls
from toolkit.excel.cells import Cell, as_cell, text_of
from toolkit.excel.data_rows import files_read
from toolkit.excel.desk import in_a_sentence, kept_state, log, sentence
from toolkit.excel.layout import layout
from toolkit.excel.pasted import pasted_tables
from toolkit.excel.plan_page import SHEET as PLAN_SHEET
from toolkit.excel.plan_page import page_rows, sheets_of
from toolkit.excel.problem_rows import problem_rows
from toolkit.excel.recovery import cost_of_recovery, what_if, worth_pursuing
from toolkit.excel.sheets import fill, place, places, ready, rows_of, settings_of, write
from toolkit.excel.team import build_scorecard, hourly_update, my_team_today
from toolkit.plan_files import read_source
from toolkit.problems import ToolkitError, problem, said

if TYPE_CHECKING:
    import xlwings as xw

    from toolkit.calculation import Calculated
    from toolkit.explain import Section
    from toolkit.plan_sheets import Sheets

START, COMMISSIONS, STATEMENTS, CHECKS = "Start", "Commissions", "Statements", "Checks"


def press(name: str) -> None:
    """The button of this name was pressed in the workbook that calls.

    Raises `SystemExit` with the sentence where something is in the way: xlwings shows it in a box.
    """
    import xlwings as xw

    book = xw.Book.caller()
    button = BUTTONS[name]
    try:
        with kept_state(book, name.replace("_", " ").capitalize()):
            told = _told(book, button)
            _describe_functions(book)
    except Exception as error:  # whatever it is, a person gets a sentence and Excel stays usable
        raise SystemExit(sentence(in_a_sentence(error))) from None
    if told:
        raise SystemExit(told)


def _describe_functions(book: "xw.Book") -> None:
    """Gives Excel what its function wizard says of our functions; there are functions on Windows only."""
    if platform.system() == "Windows":
        with suppress(Exception):
            book.macro("DescribeFunctions")()


def _told(book: "xw.Book", button: "Callable[[xw.Book], str]") -> str:
    """Does the work and says on the sheet Start how it went; the sentence for the box, "" if all went well."""
    try:
        status, wrong = button(book), ""
        log().info("%s: %s", button.__name__, status)
    except Exception as error:  # as above
        problems = in_a_sentence(error)
        wrong = sentence(problems)
        status = f"✗ {problems[0]}"
        log().info("%s stopped: %s", button.__name__, wrong)
        with suppress(Exception):  # the sentence is shown in any case
            fill(ready(book, "problems")["problems"], "problems", problem_rows(book, problems))
    try:
        write(place(book, START, "status_start"), START, [[status]])
    except ToolkitError:
        if not wrong:
            raise
    return wrong


# --- the buttons -------------------------------------------------------------------------------------


def prepare_month(book: "xw.Book") -> str:
    """Reads and checks the exports and calculates, in one press; stops at the first thing a person must decide."""
    return _show_run(book, *_calculated(book, books=False))


def import_data(book: "xw.Book") -> str:
    """Reads everything in the data folder and says what was taken, set aside and left out."""
    settings = month.asked(settings_of(book), needs=("plan", "data_folder"))
    reading = month.read(settings, pasted_tables(book, settings))
    areas = ready(book, "data", "problems")
    fill(areas["data"], "data", files_read(reading, settings.profile.digits))
    fill(areas["problems"], "problems", problem_rows(book, reading.problems, settings.data))
    taken, rejected = (sum(getattr(file, name) for file in reading.files) for name in ("accepted", "rejected"))
    return said("READ_LOOK" if rejected else "READ_DONE", taken=f"{taken:,}", rejected=f"{rejected:,}")


def load_plan(book: "xw.Book") -> str:
    """Writes the latest version of the chosen plan to the sheet Plan."""
    settings = month.asked(settings_of(book), needs=("plan",))
    sources = [read_source(path) for path in month.plan_paths(settings)]
    document = max(sources, key=lambda source: source.document.get("version", 0)).document
    write(place(book, PLAN_SHEET, "plan_page"), PLAN_SHEET, page_rows(document))
    return said("PAGE_LOADED", plan=document.get("id", ""), version=document.get("version", ""))


def check_plan(book: "xw.Book") -> str:
    """Holds the sheet Plan against the linter: everything at once, each with its cell and the remedy."""
    settings = month.asked(settings_of(book), needs=("plan",))
    file = month.plan_on_page(settings, _plan_page(book))
    if file.plan is None:
        raise ToolkitError(file.problems)
    fill(ready(book, "problems")["problems"], "problems", problem_rows(book, file.problems))
    warnings = sum(found.level == "warning" for found in file.problems)
    return said("PAGE_FINE", warnings=f"; {warnings} remarks on the sheet Problems" if warnings else "")


def calculate_commissions(book: "xw.Book") -> str:
    """Calculates the period and shows the sheet, as `Prepare month` does after reading."""
    return prepare_month(book)


def explain_agent(book: "xw.Book") -> str:
    """Why the chosen person gets this amount, on the sheet Statements, from the run's own folder."""
    from toolkit.explain import explain_agent as explained
    from toolkit.runs import RUN_FILE
    from toolkit.stored_runs import read_run

    settings = month.asked(settings_of(book), needs=("plan", "period", "out_folder"))
    if not (settings.run_folder / RUN_FILE).is_file():
        raise ToolkitError([problem("NO_RUN_YET", period=settings.period)])
    agent = _chosen_agent(book)
    run = read_run(settings.run_folder)
    page = explained(run, agent)
    *parts, paid = page.sections
    rows = [row for section in parts for row in _section_rows(section, said("EXPLAIN_SUM"), run.digits)]
    rows += _section_rows(paid, said("EXPLAIN_SUM_PAID"), run.digits)
    fill(ready(book, "statement")["statement"], "statement", rows)
    write(place(book, STATEMENTS, "setting_agent"), STATEMENTS, [[agent]])
    book.sheets[STATEMENTS].activate()
    return said("EXPLAINED", who=page.title)


def _section_rows(section: "Section", together: str, digits: int) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = [[section.title]]
    rows += [[f"    {row.what}", as_cell(row.amount, digits), row.why] for row in section.rows]
    if section.total is not None:
        rows.append([f"    {together}", as_cell(section.total, digits)])
    return [*rows, *([None, None, note] for note in section.notes), []]


def make_files(book: "xw.Book") -> str:
    """Calculates and makes the manager's workbook, Finance's file and a statement for each person."""
    done, settings = _calculated(book, books=True)
    _show_run(book, done, settings)
    return said("FILES_MADE", folder=settings.run_folder, statements=len(done.run.sheet))


BUTTONS: "dict[str, Callable[[xw.Book], str]]" = {
    button.__name__: button
    for button in (
        prepare_month,
        import_data,
        load_plan,
        check_plan,
        calculate_commissions,
        explain_agent,
        make_files,
        build_scorecard,
        hourly_update,
        my_team_today,
        score_calls,
        draw_sample,
        calibrate,
        cost_of_recovery,
        worth_pursuing,
        what_if,
    )
}


# --- what they read and show ---------------------------------------------------------------------------


def _calculated(book: "xw.Book", *, books: bool) -> "tuple[Calculated, month.Asked]":
    settings = month.asked(settings_of(book))
    page = _plan_page(book) if settings.from_page else None
    return month.calculate(settings, page, pasted_tables(book, settings), books=books), settings


def _plan_page(book: "xw.Book") -> "Sheets":
    area = place(book, PLAN_SHEET, "plan_page")
    return sheets_of(rows_of(area), area.row)


def _chosen_agent(book: "xw.Book") -> str:
    """The agent of the row that is marked on Commissions, else the one in the yellow cell of Statements."""
    if book.sheets.active.name == COMMISSIONS:
        block = place(book, COMMISSIONS, "commission_agents")
        marked = book.app.selection
        row = marked.row - block.row if marked is not None else -1
        agents = [text_of(cells[0]) for cells in rows_of(block)]
        if 0 <= row < len(agents) and agents[row]:
            return agents[row]
    agent = text_of(place(book, STATEMENTS, "setting_agent").raw_value)
    if not agent:
        raise ToolkitError([problem("NO_AGENT_CHOSEN")])
    return agent


FIRST = ("agent_id", "name", "payable")
"""What people look for stands first."""
SHEET_WORDS = {"agent_id": "Agent", "name": "Name", "payable": "To be paid"}
"""How the workbook calls the sheet's columns, where capitals alone do not make words of them."""


def _show_run(book: "xw.Book", done: "Calculated", settings: month.Asked) -> str:
    """The sheet, the problems and what the checks compare; the status sentence."""
    run = done.run
    _, block = layout().block("commissions")
    if len(run.sheet) > block.rows:
        count, folder = len(run.sheet), settings.run_folder
        raise ToolkitError([problem("TOO_MANY_PEOPLE", count=count, most=block.rows, folder=folder)])
    names = [*FIRST, *(name for name in run.sheet.columns if name not in (*FIRST, "currency"))]
    words = {"agent_id", "name"}
    rows = [
        [row[name] if name in words else as_cell(row[name], run.digits) for name in names]
        for row in run.sheet.iter_rows(named=True)
    ]
    heads = [SHEET_WORDS.get(name, name if name.isupper() else name.replace("_", " ").capitalize()) for name in names]
    areas = ready(book, "data", "commissions", "problems")
    checks = places(book, CHECKS, "check_calculated", "check_payments", "check_run")
    fill(areas["data"], "data", files_read(done.reading, settings.profile.digits))
    fill(areas["problems"], "problems", problem_rows(book, done.problems, settings.data))
    fill(areas["commissions"], "commissions", rows, heads)
    for area, cells in zip(checks, _compared(done), strict=True):
        write(area, CHECKS, cells)
    rejected = sum(file.rejected for file in done.reading.files)
    payable = int(run.sheet["payable"].sum())
    return said(
        "CALCULATED_LOOK" if rejected else "CALCULATED",
        period=run.period.label,
        payable=f"{as_cell(payable, run.digits):,.{run.digits}f}",
        currency=run.plan.currency,
        people=len(run.sheet),
        rejected=rejected,
    )


def _compared(done: "Calculated") -> tuple[list[list[Cell]], list[list[Cell]], list[list[Cell]]]:
    """What the run says, to hold the formulas against: its totals, where its payments went, what it is called."""
    run = done.run
    control = run.control
    amounts = {name: int(run.sheet[name].sum()) for name in ("payable", "net")}
    amounts["payments_in"] = control["payments_in"]["amount"]
    counts = {"agents": len(run.sheet)}
    calculated = [
        [counts[check.key] if check.kind == "whole" else as_cell(amounts[check.key], run.digits)]
        for check in layout().checks
    ]
    parts = {
        "credited": control["credited"]["amount"],
        "excluded": sum(part["amount"] for part in control["excluded"].values()),
        "unattributed": control["unattributed"]["amount"],
        "rejected": control["rejected"]["amount"],
    }
    shown = [[as_cell(parts[key], run.digits)] for check in layout().checks for key, _ in check.parts]
    return calculated, shown, [[f"{run.period.label} · {run.plan.id} v{run.plan.version}"]]
