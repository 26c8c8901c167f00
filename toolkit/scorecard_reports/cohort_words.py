"""Cohorts by their age in plain words: which are shown, what each is called, and how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.kpi_codes import kpi_codes
from toolkit.maturing import Course
from toolkit.problems import said
from toolkit.scorecard_reports.words import written

SHOWN = 6
"""Lines that can be told apart; earlier cohorts are in the file."""


@dataclass(frozen=True)
class Cohorts:
    """The latest cohorts of a KPI in one scope, the oldest first. earlier: how many more there are."""

    kpi: str
    courses: tuple[Course, ...]
    earlier: int

    @property
    def title(self) -> str:
        """What the curves show."""
        return said("CARD_COHORTS", title=kpi_codes()[self.kpi].title)

    @property
    def notes(self) -> list[str]:
        """Of each cohort how far it has come, then what is left out."""
        more = [said("CARD_COHORTS_EARLIER", count=self.earlier)] if self.earlier else []
        return [*map(how_far, self.courses), *more]


def cohorts_of(courses: Sequence[Course], kind: str, scope: str) -> list[Cohorts]:
    """The curves of everybody, a team or an agent; of each KPI those that have lived a day at least."""
    found: dict[str, list[Course]] = {}
    for course in courses:
        if (course.scope_kind, course.scope) == (kind, scope) and len(course.ages) > 1:
            found.setdefault(course.kpi, []).append(course)
    return [
        Cohorts(kpi, tuple(sorted(mine, key=lambda one: one.cohort)[-SHOWN:]), max(len(mine) - SHOWN, 0))
        for kpi, mine in found.items()
    ]


def called(course: Course) -> str:
    """The cohort's label, and while it is not matured how old it is."""
    if course.matured:
        return course.cohort
    return said("CARD_COHORT_YOUNG", cohort=course.cohort, day=course.last.day, window=course.window)


def how_far(course: Course) -> str:
    """Value, numerator and size of the cohort on the last day that all of it have reached."""
    last = course.last
    return said(
        "CARD_COHORT_MATURED" if course.matured else "CARD_COHORT_SO_FAR",
        cohort=course.cohort,
        value=written(course.kpi, last.share),
        numerator=f"{last.converted:,}",
        members=f"{last.old_enough:,}",
        day=last.day,
        window=course.window,
    )
