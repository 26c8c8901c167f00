"""When the invented stories play, and the days, moments and amounts that they are made of."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from .calendar import Period, period

Row = dict[str, str]
Tables = dict[str, list[Row]]

LABELS = {
    "month": ("2026-03", "2026-04", "2026-05"),
    "half_month": ("2026-03-H1", "2026-03-H2", "2026-04-H1"),
    "week": ("2026-W10", "2026-W11", "2026-W12"),
}
AMOUNTS = [
    "100.00",
    "99.99",
    "100.01",
    "250.00",
    "249.99",
    "250.01",
    "1000.00",
    "999.99",
    "0.01",
    "0.30",
    "33.33",
    "80.50",
]
TIMES = ["00:00:00", "10:00:00", "10:00:00", "23:59:59", "12:30:00+03:00", "22:30:00Z", "09:15:00"]
DAYS_PAST_DUE = ["0", "1", "30", "31", "60", "90"]
MEMBERS = ["A1", "A2", "A3"]
KPIS = {
    "qc_score": ["0.93", "0.929999", "0.9", "0.8", "0.95", "1", "0.5"],
    "conduct_complaints": ["0", "1", "2", "3"],
    "noc": ["0", "10", "11", "25", "7"],
}


@dataclass(frozen=True)
class Stage:
    """When the story plays: the periods that are run, and a few days around them."""

    periods: tuple[Period, ...]

    @property
    def first(self) -> date:
        return self.periods[0].first

    @property
    def last(self) -> date:
        return self.periods[-1].last

    def days(self, before: int = 0) -> st.SearchStrategy[date]:
        """Mostly days of the periods, their ends more often than others."""
        ends = [day for one in self.periods for day in (one.first, one.last)]
        start = self.first - timedelta(days=before)
        return st.one_of(st.sampled_from(ends), st.dates(start, self.last))


def stages(kind: str, start_day: int) -> st.SearchStrategy[Stage]:
    labels = LABELS[kind]
    return st.sampled_from([1, 2, 2, 3]).map(lambda n: Stage(tuple(period(label, start_day) for label in labels[:n])))


def one_in(more: int) -> st.SearchStrategy[bool]:
    """True once in `more` + 1 times, and false where Hypothesis looks for the simplest example."""
    return st.integers(0, more).map(lambda drawn: drawn == more)


def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), strategy)


def iso(days: st.SearchStrategy[date]) -> st.SearchStrategy[str]:
    return days.map(date.isoformat)


def moments(stage: Stage, before: int = 0) -> st.SearchStrategy[str]:
    return st.tuples(stage.days(before), st.sampled_from(TIMES)).map(lambda pair: f"{pair[0].isoformat()}T{pair[1]}")


def amounts() -> st.SearchStrategy[str]:
    any_amount = st.integers(1, 200_000).map(lambda minor: f"{minor // 100}.{minor % 100:02d}")
    return st.one_of(st.sampled_from(AMOUNTS), any_amount)
