"""The Questions sheet: what everybody earns of every question of the form."""

from toolkit.look import LEFT, Column, Page
from toolkit.quality_reports.book.calls import SCORE
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import MARKS, fraction, of_scope, question_words, subtitle

TOP = 4


def write_questions(page: Page, report: QualityReport) -> None:
    """One row a question, in the order of the form."""
    page.heading("Questions", subtitle(report.about))
    rows = of_scope(report.questions, "all", "")
    every = rows.to_dicts()
    titles = {(row["form"], row["form_version"], row["section"]): row["title"] for row in report.sections.to_dicts()}
    columns = [
        Column("form", "Form", [f"{row['form']} {row['form_version']}" for row in every], "note", widest=20),
        Column(
            "section",
            "Section",
            [titles.get((row["form"], row["form_version"], row["section"])) or row["section"] for row in every],
            widest=38,
        ),
        Column("question", "Question", [question_words(row) for row in every], widest=62),
        Column("n", "Answered", rows["n"].to_list(), "count"),
        Column("share", "Earned", [fraction(share) for share in rows["share"]], "share", style=SCORE),
        Column("mark", "", [MARKS[row["mark"]] for row in every], style={"indent": 1}),
        Column("na", "N/A", rows["not_applicable"].to_list(), "count"),
        Column(
            "na_share",
            "N/A of all",
            [fraction(share) for share in rows["na_share"]],
            "share",
            '=IF({n}{row}+{na}{row}=0,"",TRUNC(ROUND({na}{row}/({n}{row}+{na}{row})*10000,5))/10000)',
            style=SCORE,
        ),
        Column("critical", "Critical fails", rows["critical_fails"].to_list(), "count"),
        Column("fails", "Failed the call", rows["auto_fails"].to_list(), "count"),
        Column("rank", "Rank", rows["rank"].to_list(), "count"),
    ]
    for at in range(3, len(columns)):
        page.grow(LEFT + at, 28 if columns[at].key == "mark" else 70)
    page.table(TOP, columns)
    page.heads_stay(TOP)
