"""The buttons of the team: its scorecard, how the day goes, who does what today.

Each reads and calculates, looks whether everything can be written, makes its files, and only then fills the sheets.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.excel import month
from toolkit.excel.pasted import pasted_tables
from toolkit.excel.sheets import settings_of
from toolkit.excel.showing import remarks, show_results
from toolkit.problems import said

if TYPE_CHECKING:
    import xlwings as xw

    from toolkit.scorecard_reports.daily import Read, TeamDay
    from toolkit.scorecard_reports.scoring import Scored

DAILY_NEEDS = ("data_folder", "out_folder")


def build_scorecard(book: "xw.Book") -> str:
    """The KPIs and scorecards of the period on the sheet Scorecard, and its files in the folder for results."""
    from toolkit.excel.score_rows import rows_of

    settings = month.asked(settings_of(book), needs=("data_folder", "period", "out_folder"))
    folder = settings.out / f"{settings.period}-scorecard"
    done = _scored(settings, pasted_tables(book, settings))
    rows = rows_of(done)
    show_results(book, settings, "scores", rows, done.reading, done.problems, lambda: done.write(folder), folder)
    if not done.run.cards:
        return said("VALUES_ONLY", period=done.period.label, folder=folder)
    sign = "◆" if done.rows_set_aside else "✓"
    told = said("SCORED", sign=sign, period=done.period.label, people=len(done.run.of("agent")), folder=folder)
    late = said("SCORED_PROVISIONAL", day=done.as_of) if done.provisional else ""
    return told + late + remarks(done.problems)


def _scored(settings: month.Asked, pasted: month.Pasted) -> "Scored":
    """By the set-up's scorecards; without any, the values of all KPIs that the data allow."""
    from toolkit.scorecard_reports.scoring import ALL, scored

    codes = () if settings.profile.scorecards else (ALL,)
    grain = month.kind_of(settings.period)
    wishes = {"codes": codes, "as_of": settings.as_of, "pasted": pasted}
    return scored(settings.data, settings.profile, settings.period, grain, **wishes)  # type: ignore[arg-type]  # as named


def hourly_update(book: "xw.Book") -> str:
    """Who is on pace with the day and who is behind, on the sheet Hourly, with a text for a chat among the files."""
    from toolkit.excel.team_rows import hourly_rows
    from toolkit.scorecard_reports.daily import hourly
    from toolkit.scorecard_reports.daily_texts import clock_of

    settings = month.asked(settings_of(book), needs=DAILY_NEEDS)
    folder = settings.out / "hourly"
    done = hourly(settings.data, settings.profile, settings.at, pasted=pasted_tables(book, settings))
    rows = hourly_rows(done.pace, settings.profile.currency, settings.profile.digits)
    show_results(book, settings, "hourly", rows, done.read.reading, done.problems, lambda: done.write(folder), folder)
    pace = done.pace
    judged = [hour for hour in pace.standing if hour.pace is not None]
    told = said(
        "HOURLY_SHOWN",
        sign=_sign(pace.behind, done.read) if judged else "◆",
        day=pace.day,
        clock=clock_of(pace.at),
        behind=len(pace.behind),
        fine=sum(not hour.is_low for hour in judged),
        file=folder / "hourly.txt",
    )
    return told + remarks(done.problems)


def my_team_today(book: "xw.Book") -> str:
    """The lists of the day on the sheet Today."""
    from toolkit.excel.team_rows import today_rows
    from toolkit.scorecard_reports.daily import team_today

    settings = month.asked(settings_of(book), needs=(*DAILY_NEEDS, "as_of"))
    assert settings.at is not None  # noqa: S101  # it was asked for
    folder = settings.out / "today"
    done = team_today(settings.data, settings.profile, settings.at, pasted=pasted_tables(book, settings))
    rows = today_rows(done.today, settings.profile.currency, settings.profile.digits)
    show_results(book, settings, "today", rows, done.read.reading, done.problems, lambda: done.write(folder), folder)
    return _today_said(done) + remarks(done.problems)


def _today_said(done: "TeamDay") -> str:
    today = done.today
    due = None if today.due is None else sum(bool(one.open) for one in today.due)
    counts = {"away": _count(today.away), "untouched": _count(today.untouched), "due": "?" if due is None else due}
    sign = "◆" if today.away or due or today.untouched or today.problems or done.read.rows_set_aside else "✓"
    return said("TODAY_SHOWN", sign=sign, day=today.day, working=len(today.working), **counts)


def _count(rows: Sequence[object] | None) -> object:
    return "?" if rows is None else len(rows)


def _sign(behind: Sequence[object], read: "Read") -> str:
    return "◆" if behind or read.rows_set_aside else "✓"
