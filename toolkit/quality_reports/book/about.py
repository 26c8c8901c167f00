"""The About sheet: what the workbook is for, the forms with their roll-ups, the definitions in use, the sheets."""

from toolkit.look import LEFT, Page, day_words, period_words
from toolkit.look.blocks import compared_digits, labelled
from toolkit.problems import said
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import form_words, roll_ups, subtitle

WIDE, TEXT = 190, 94
SHEETS = ("Team", "Agents", "Pareto", "Questions", "Trend", "Evaluators", "Calls", "Checks")
COMPARED_DIGITS = 2
STANDINGS = {
    "scored": "scored",
    "no_score": "nothing applied",
    "apart": "not chosen by chance: apart",
    "provisional": "disputed",
    "set_aside": "set aside",
    "never": "draft, void or calibration",
    "other_periods": "of other periods",
    "later": "made later",
    "read": "read in all",
}


def write_about(page: Page, report: QualityReport) -> None:
    """The whole sheet."""
    page.grow(LEFT, WIDE)
    for column in range(LEFT + 1, LEFT + 7):
        page.grow(column, TEXT)
    page.heading(said("QC_REPORT_TITLE"), subtitle(report.about))
    about = report.about
    facts = [
        ("What it is for", said("QC_REPORT_PURPOSE")),
        (
            "Period",
            f"{period_words(about.period)}, from {day_words(about.period.first)} to {day_words(about.period.last)}",
        ),
        ("Data as of", day_words(about.as_of)),
        ("Set-up", about.profile),
        ("Calculated by", f"Collections Toolkit {about.version}"),
    ]
    row = labelled(page, 4, "", facts)
    forms = [(form.name, form_words(form)) for form in report.forms if form.evaluations]
    row = labelled(page, row, "Forms", forms or [("", said("QC_REPORT_NOTHING"))])
    row = labelled(page, row, "How answers become a score", roll_ups())
    row = labelled(page, row, "Definitions", [(name, words) for name, words in report.definitions.items()])
    codes = ("CUT_OFF", "INTERVAL", "NOT_ADDED", "COMPLIANCE")
    notes = [(str(at), said(f"QC_REPORT_{code}")) for at, code in enumerate(codes, 1)]
    row = labelled(page, row, "How to read it", notes)
    counts = [(STANDINGS[name], f"{count:,}") for name, count in report.totals.evaluations.items()]
    row = labelled(page, row, "Where every evaluation is", counts)
    row = labelled(page, row, "Sheets", [(name, said(f"QC_REPORT_SHEET_{name.upper()}")) for name in SHEETS])
    compared_digits(page, row, said("CARD_MIN_DIGITS"), COMPARED_DIGITS)
