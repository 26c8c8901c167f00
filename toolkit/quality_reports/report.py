"""Everything that the workbook and the pages of call quality show, in one piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from toolkit.quality.margins import HALF, margin, score_words
from toolkit.quality.standing import Totals
from toolkit.quality.weeks import Course
from toolkit.scorecard_reports.files import About

ENDLESS = 10**9
"""Of so many calls is judged where nobody knows how many there were."""


@dataclass(frozen=True)
class FormUsed:
    """A version of a form that evaluations of the period name."""

    code: str
    version: str
    title: str
    roll_up: str
    sha256: str
    evaluations: int

    @property
    def name(self) -> str:
        """collections 1"""
        return f"{self.code} {self.version}"


@dataclass(frozen=True)
class QualityReport:
    """A period's scores. The frames are those of `toolkit.quality`.

    sizes: the calls that could have been drawn, by kind of scope and scope; empty where the data have no calls.
    adds_up: scores are sums of points, not means of calls.
    """

    about: About
    forms: Sequence[FormUsed]
    definitions: Mapping[str, str]
    adds_up: bool
    calls: pl.DataFrame
    agents: pl.DataFrame
    teams: pl.DataFrame
    sections: pl.DataFrame
    questions: pl.DataFrame
    evaluators: pl.DataFrame
    totals: Totals
    sizes: Mapping[tuple[str, str], int]
    courses: Sequence[Course]
    dispute_hours: int

    def margin(self, kind: str, scope: str, n: int) -> str:
        """How far so many calls can be trusted, as it stands beside a score."""
        if not n:
            return ""
        known = self.sizes.get((kind, scope))
        if known is None:
            return f"{n} calls, ±{(margin(n, ENDLESS, HALF) or 0) * 100:.0f} points"
        return score_words(n, max(known, n))

    def course(self, kind: str, scope: str) -> Course | None:
        """The weeks of a scope."""
        return next((one for one in self.courses if (one.scope_kind, one.scope) == (kind, scope)), None)

    def form(self, code: str, version: str) -> FormUsed | None:
        """The form of this code and version, where it is known."""
        return next((one for one in self.forms if (one.code, one.version) == (code, version)), None)
