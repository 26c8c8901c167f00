"""The Trend sheet: everybody's score by week between the limits of chance, and what each team and agent's weeks say."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from toolkit.look import LEFT, Column, Page, Table, day_words
from toolkit.look.charts import cells, dress
from toolkit.look.theme import ACCENT, INK, MUTED, Style
from toolkit.problems import said
from toolkit.quality.weeks import Course, signals_of
from toolkit.quality_reports.book.calls import SCORE
from toolkit.quality_reports.report import QualityReport
from toolkit.quality_reports.words import subtitle
from toolkit.trends.charts import D2

TOP, CHART_ROWS = 5, 15
LAST, WIDE = 12, 82
"""Columns of the sheet, and how wide they are at least."""
GREY: Style = {"font_color": MUTED}
FAR = "3*{range}{row}/1.128"
KINDS = {"all": "everybody", "team": "team", "agent": "agent"}


def write_trend(page: Page, report: QualityReport) -> None:
    """Everybody's weeks with their chart, then what all series say."""
    page.heading("Trend", subtitle(report.about))
    course, row = report.course("all", ""), TOP
    if course is not None:
        page.prose(3, limits_words(course), **GREY)
        several = len(course.weeks) > 1
        for at in range(LAST + 1):
            page.grow(LEFT + at, WIDE)
        table = page.table(TOP + CHART_ROWS if several else TOP, _columns(course, _target(report)))
        row = table.last + 2
        if several:
            _chart(page, table, course)
    page.prose(row, "What the weeks say", bold=True, font_size=12)
    _verdicts(page, row + 1, report.courses)
    page.sheet.print_area(0, 0, row + 2 + len(report.courses), LEFT + LAST)


def limits_words(course: Course) -> str:
    """Where the limits come from, or that there are none yet."""
    limits = course.limits
    if limits is None or limits.too_few or limits.first is None or limits.last is None:
        return said("QC_REPORT_NO_LIMITS")
    centre = f"{int(limits.centre * 10_000) / 100:.2f} %"
    return said(
        "QC_REPORT_LIMITS",
        points=limits.points,
        first=day_words(limits.first),
        last=day_words(limits.last),
        centre=centre,
    )


def _target(report: QualityReport) -> int | None:
    return next((row["target"] for row in report.teams.iter_rows(named=True) if row["scope_kind"] == "all"), None)


def _columns(course: Course, target: int | None) -> list[Column]:
    weeks, limits, said_of = course.weeks, course.limits, signals_of(course)
    earned = [_number(Fraction(week.point.numerator) / 10**12) for week in weeks]
    of = [_number(Fraction(week.point.denominator or 0) / 10**12) for week in weeks]
    words = [said_of.get(week.point.day, "" if week.judged else said("QC_REPORT_FEW")) for week in weeks]
    columns = [
        Column("week", "Week", [week.label for week in weeks]),
        Column("monday", "From", [week.point.day for week in weeks], "date"),
        Column("n", "Calls", [week.n for week in weeks], "count"),
        Column(
            "score",
            "Score",
            [_cut(week.point.exact) for week in weeks],
            "share",
            '=IF({of}{row}=0,"",TRUNC(ROUND({earned}{row}/{of}{row}*10000,5))/10000)',
            style={**SCORE, "bold": True},
        ),
    ]
    if limits is not None and not limits.too_few:
        usual, far = _cut(limits.centre), 3 * _number(limits.moving_range) / _number(D2)
        low, high = max(usual - far, Decimal(0)), min(usual + far, Decimal(1))
        columns += [
            Column("usual", "Usual", [usual] * len(weeks), "share", style={**SCORE, **GREY}),
            Column(
                "low",
                "Least",
                [low] * len(weeks),
                "share",
                f"=MAX(0,{{usual}}{{row}}-{FAR})",
                style={**SCORE, **GREY},
            ),
            Column(
                "high",
                "Most",
                [high] * len(weeks),
                "share",
                f"=MIN(1,{{usual}}{{row}}+{FAR})",
                style={**SCORE, **GREY},
            ),
        ]
    if target is not None:
        columns.append(
            Column("target", "Target", [Decimal(target) / 1_000_000] * len(weeks), "share", style={**SCORE, **GREY})
        )
    columns += [
        Column("says", "Says", words, "status", widest=34, style={"indent": 1}),
        Column("earned", "Earned", earned, "exact", style=GREY),
        Column("of", "Of", of, "exact", style=GREY),
    ]
    if limits is not None and not limits.too_few:
        columns.append(
            Column("range", "Mean step", [_number(limits.moving_range)] * len(weeks), "share", style={**SCORE, **GREY})
        )
    return columns


def _number(value: Fraction) -> Decimal:
    return round(Decimal(value.numerator) / value.denominator, 12)


def _cut(value: Fraction) -> Decimal:
    """Cut off at the second digit of a percentage, as every score is."""
    return Decimal(int(value * 10_000)) / 10_000


def _chart(page: Page, table: Table, course: Course) -> None:
    chart = page.book.workbook.add_chart({"type": "line"})
    mark = {"type": "circle", "size": 6, "fill": {"color": ACCENT}, "border": {"color": ACCENT}}
    looks: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("score", "Score", {"color": ACCENT, "width": 2.25}, mark),
        ("target", "Target", {"color": INK, "width": 1.25, "dash_type": "dash"}, {"type": "none"}),
        ("usual", "Usual", {"color": MUTED, "width": 0.75}, {"type": "none"}),
        ("low", "Least", {"color": MUTED, "width": 0.75}, {"type": "none"}),
        ("high", "Most", {"color": MUTED, "width": 0.75}, {"type": "none"}),
    ]
    for key, name, line, marker in looks:
        if key in table.keys:
            column = LEFT + table.keys.index(key)
            chart.add_series(
                {
                    "name": name,
                    "categories": cells(page, table.first, table.last, LEFT),
                    "values": cells(page, table.first, table.last, column),
                    "line": line,
                    "marker": marker,
                }
            )
    low = min(float(week.point.exact) for week in course.weeks)
    if course.limits is not None and not course.limits.too_few:
        low = min(low, course.limits.at()[0])
    dress(
        chart,
        course.trend.finding.message,
        "0%",
        940,
        (max(0.0, int(low * 10) / 10), 1),
        tall=320,
        labels=len(course.weeks),
    )
    page.sheet.insert_chart(TOP, LEFT, chart, {"object_position": 2})


def _verdicts(page: Page, top: int, courses: Sequence[Course]) -> None:
    words = [f"✗ {one.verdict}" if one.trend.bad else one.verdict for one in courses]
    table = page.table(
        top,
        [
            Column("who", "Who", [one.who for one in courses], widest=30),
            Column("kind", "", [KINDS[one.scope_kind] for one in courses], "note"),
            Column("weeks", "Weeks", [len(one.weeks) for one in courses], "count"),
            Column("verdict", "Verdict", words, "status", widest=24, style={"indent": 1}),
        ],
    )
    for row, one in enumerate(courses, table.first):
        page.prose(row, one.trend.finding.message, column=LEFT + len(table.keys), **GREY, indent=1)
