"""The buttons of call quality: scores, which calls to listen to, whether evaluators agree.

A form that was filled in is kept before it is cleared, and cleared before anything else can go wrong.
"""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.excel import form_sheet, month
from toolkit.excel.desk import in_a_sentence
from toolkit.excel.pasted import pasted_tables
from toolkit.excel.sheets import label_of, settings_of
from toolkit.excel.showing import remarks, show_results
from toolkit.problems import ToolkitError, problem, said

if TYPE_CHECKING:
    import xlwings as xw

    from toolkit.excel.form_sheet import FormOnSheet
    from toolkit.handed_in import HandingIn
    from toolkit.quality_reports.agreement.calibration import Calibration
    from toolkit.quality_reports.run import QualityRun

NEEDS = ("data_folder", "period", "out_folder")


def score_calls(book: "xw.Book") -> str:
    """Keeps the form on the sheet QC form, if one is filled in, and shows the scores of the period on Quality."""
    from toolkit.handed_in import HandingIn, RefusedError

    settings = month.asked(settings_of(book), needs=NEEDS)
    on = form_sheet.form_on_sheet(book, settings.profile)
    with ExitStack() as held:
        entry = None
        if not on.is_empty:
            form = form_sheet.filled(on)
            how = _chosen(_folder(settings, "sample"), form.call_id)
            entry = held.enter_context(HandingIn(settings.data, replace(form, chosen=how)))
        try:
            done = _scored(book, settings, entry)
        except RefusedError as refused:
            raise ToolkitError([form_sheet.placed(one, on) for one in refused.problems]) from refused
        return _show_quality(book, settings, on, entry, done)


def _scored(book: "xw.Book", settings: month.Asked, entry: "HandingIn | None") -> "QualityRun":
    from toolkit.quality_reports.run import quality_scored

    done = quality_scored(
        settings.data, settings.profile, settings.period, as_of=settings.as_of, out=_folder(settings, "quality"),
        pasted=pasted_tables(book, settings), entered=entry.path if entry else None,
    )  # fmt: skip
    if entry is not None:
        entry.refuse(done.read)
    return done


def _chosen(draw: Path, call_id: str) -> str:
    """How the period's draw, if there is one, chose the call; "" where it does not know it."""
    from toolkit.quality_reports.draws.files import RECORD, chosen_in

    if not (draw / RECORD).is_file():
        return ""
    calls = chosen_in(draw).calls
    return next(iter(calls.filter(calls["call_id"] == call_id)["chosen"]), "")


def _folder(settings: month.Asked, what: str) -> Path:
    return settings.out / f"{settings.period}-{what}"


def _show_quality(
    book: "xw.Book", settings: month.Asked, on: "FormOnSheet", entry: "HandingIn | None", done: "QualityRun"
) -> str:
    from toolkit.excel.quality_rows import quality_rows
    from toolkit.handed_in import FILE

    folder, kept = _folder(settings, "quality"), False

    def make_files() -> None:
        nonlocal kept
        if entry is not None:
            entry.keep()
            kept = True
            form_sheet.clear(book, on)
        done.write(folder)

    rows = quality_rows(done)
    try:
        show_results(book, settings, "quality", rows, done.read.reading, done.problems, make_files, folder)
    except Exception as error:
        if not kept or entry is None:
            raise
        found = [
            problem("FORM_KEPT_ALL_THE_SAME", value=entry.filled.call_id, evaluation=entry.evaluation_id, kept=FILE)
        ]
        raise ToolkitError([*found, *in_a_sentence(error)]) from error
    return _quality_said(done, entry, folder)


def _quality_said(done: "QualityRun", entry: "HandingIn | None", folder: Path) -> str:
    whole = done.totals.evaluations
    counts = {"scored": whole["scored"], "disputed": whole["provisional"], "set_aside": whole["set_aside"]}
    sign = "◆" if done.set_aside else "✓"
    people = done.agents.filter(done.agents["n"] > 0).height
    return said(
        "QUALITY_SHOWN", sign=sign, kept=_kept(done, entry), period=done.period.label, people=people, folder=folder,
        **counts,
    ) + remarks(done.problems)  # fmt: skip


def _kept(done: "QualityRun", entry: "HandingIn | None") -> str:
    from toolkit.excel.quality_rows import in_words

    if entry is None:
        return ""
    scores = done.read.judged.scores
    mine = scores.filter(scores["evaluation_id"] == entry.evaluation_id).row(0, named=True)
    of = {"call": entry.filled.call_id, "agent": mine["agent_id"], "evaluation": entry.evaluation_id}
    return said("FORM_KEPT", score=in_words(mine["score"]), **of)


# --- which calls to listen to ----------------------------------------------------------------------------


def draw_sample(book: "xw.Book") -> str:
    """Draws the calls of the period to listen to, once; later presses show how far the evaluators are with them."""
    from toolkit.excel.sample_rows import sample_rows
    from toolkit.quality_reports.draws.drawing import drawn, to_hear

    written = settings_of(book)
    settings = month.asked(written, needs=NEEDS)
    wishes = {name: _whole(name, written[name], least) for name, least in (("per_agent", 1), ("seed", 0))}
    names = [name.strip() for name in written["evaluators"].split(",") if name.strip()]
    done = drawn(
        settings.data, settings.profile, settings.period, per_agent=wishes["per_agent"], seed=wishes["seed"],
        evaluators=names, as_of=settings.as_of, pasted=pasted_tables(book, settings),
    )  # fmt: skip
    folder = _folder(settings, "sample")
    found = to_hear(done, folder)
    problems = [*done.problems, *found.progress.problems]
    if found.before:
        problems = [*done.read.problems, *found.progress.problems, problem("DRAW_STAYS", value=folder.name)]

    def make_files() -> None:
        if not found.before:
            done.write(folder)

    show_results(book, settings, "sample", sample_rows(found), done.read.reading, problems, make_files, folder)
    counts = {"calls": found.calls.height, "done": found.progress.done, "seed": found.seed}
    sign = "✓" if found.progress.done == found.calls.height else "◆"
    return said("SAMPLE_SHOWN", sign=sign, period=done.read.period.label, folder=folder, **counts) + remarks(problems)


def _whole(name: str, text: str, least: int) -> int | None:
    """The number in a setting; None where it is empty."""
    if not text:
        return None
    if not text.isdecimal() or int(text) < least:
        raise ToolkitError([problem("SETTING_NUMBER", sheet="Settings", value=text, least=least, **label_of(name))])
    return int(text)


# --- do evaluators agree ---------------------------------------------------------------------------------


def calibrate(book: "xw.Book") -> str:
    """Holds the evaluators' answers to the same calls against each other: filled forms, else those in the exports."""
    from toolkit.excel.agreement_rows import agreement_rows
    from toolkit.quality_reports.agreement.calibration import calibrated

    written = settings_of(book)
    settings = month.asked(written, needs=NEEDS)
    forms = month.folder_named("forms_folder", written["forms_folder"])
    folder = _folder(settings, "agreement")
    pasted = pasted_tables(book, settings)

    def held_together(*, every_call: bool) -> "Calibration":
        data, period = (None, "") if forms else (settings.data, settings.period)
        return calibrated(
            data, settings.profile, period, folder, master=written["master"], every_call=every_call,
            folders=[forms] if forms else [], as_of=settings.as_of, pasted=pasted,
        )  # fmt: skip

    done = held_together(every_call=False)
    if not done.found.forms and not forms:
        done = held_together(every_call=True)
    if not done.found.forms:
        others = [
            one for one in done.problems if one.level == "error" and not one.code.startswith("AGREEMENT_NO_CALLS")
        ]
        raise ToolkitError([problem("CALIBRATE_NO_CALLS", value=settings.period), *others])
    rows = agreement_rows(done.found)
    show_results(book, settings, "agreement", rows, done.reading, done.problems, lambda: done.write(folder), folder)
    return _agreement_said(done, folder) + remarks(done.problems)


def _agreement_said(done: "Calibration", folder: Path) -> str:
    from toolkit.quality_reports.agreement.words import signed

    count = sum(len(form.disagreements) for form in done.found.forms)
    words = "; ".join(f"{signed(form.whole)} ({form.title})" for form in done.found.forms)
    which = said("AGREEMENT_ALL_CALLS") if done.about.every_call else ""
    return said("AGREEMENT_SHOWN", words=words, which=which, count=count, folder=folder)
