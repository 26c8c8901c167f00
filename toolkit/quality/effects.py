"""Whether coaching changed anything: calls before and after it, with an interval, and what would have risen anyway.

Somebody who is coached was mostly picked for low scores, and low scores are partly bad luck: the next calls are better
even if nobody does anything (regression to the mean). How much of a rise that explains is shown beside it: the distance
from the agent's own earlier figure to the figure drawn towards that of all (empirical Bayes, `toolkit.fairness`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import polars as pl

from toolkit.coaching_rules import Coaching
from toolkit.fairness import shrunk
from toolkit.kpis.data import Data
from toolkit.problems import said
from toolkit.quality.actions import KINDS, actions_of
from toolkit.quality.heard import HeardCalls

Word = Literal["too_few", "rise", "rise_as_expected", "rise_unknown", "no_change", "fall"]
LEAST_PEOPLE = 4
"""With fewer agents nobody can say how much luck there is in their figures."""


@dataclass(frozen=True)
class Effect:
    """Shares of what could be earned, from 0 to 1, of the calls before and after an action was done.

    low, high: the interval of the difference at 95 % (Newcombe); None where there is nothing to compare. expected: the
    rise that the return to the usual explains, None where too few others are there to say.
    """

    action_id: str
    agent_id: str
    about: str
    done_on: date
    calls_before: int
    before: float | None
    calls_after: int
    after: float | None
    low: float | None
    high: float | None
    expected: float | None
    word: Word

    @property
    def difference(self) -> float | None:
        """After less before."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def verdict(self) -> str:
        """In plain words."""
        return said(f"EFFECT_{self.word.upper()}")

    @property
    def warning(self) -> str:
        """How much of the rise was to be expected."""
        if self.expected is None:
            return said("EFFECT_EXPECTED_UNKNOWN")
        if self.expected <= 0:
            return said("EFFECT_NOT_PICKED_LOW")
        rise = "–" if self.difference is None else f"{self.difference * 100:+.0f}"
        return said("EFFECT_EXPECTED", expected=f"{self.expected * 100:.0f}", rise=rise)


def effects(data: Data, heard: HeardCalls, rules: Coaching) -> list[Effect]:
    """Of every coaching and training that was done within `compare_days` of the day on which the data stand.

    By calls that were chosen by chance: complaints before and none after would look like a rise.
    """
    done = actions_of(data).filter(pl.col("kind").is_in(KINDS) & pl.col("done_at").is_not_null())
    dated = done.with_columns(_done=pl.col("done_at").dt.date()).filter(pl.col("agent_id").is_not_null())
    since = data.as_of - timedelta(days=rules.compare_days)
    recent = dated.filter(pl.col("_done").is_between(since, data.as_of)).sort("_done", "action_id")
    shares: dict[str, pl.DataFrame] = {}
    found = []
    for action_id, agent, about, day in recent.select("action_id", "agent_id", "about", "_done").iter_rows():
        if about not in shares:
            shares[about] = heard.by_chance.shares(about)
        found.append(_effect(action_id, agent, about, day, shares[about], rules))
    return found


def _effect(action_id: str, agent: str, about: str, done: date, shares: pl.DataFrame, rules: Coaching) -> Effect:
    window = timedelta(days=rules.compare_days)
    earlier = shares.filter((pl.col("day") < done) & (pl.col("day") >= done - window))
    later = shares.filter((pl.col("day") > done) & (pl.col("day") <= done + window))
    before = earlier.filter(pl.col("agent_id") == agent)["share"].to_list()
    after = later.filter(pl.col("agent_id") == agent)["share"].to_list()
    low, high = difference_interval(sum(after), len(after), sum(before), len(before)) or (None, None)
    expected = expected_rise(earlier, agent)
    word = _word(len(before), len(after), low, high, expected, rules)
    return Effect(
        action_id, agent, about, done, len(before), _mean(before), len(after), _mean(after), low, high, expected, word
    )


def _mean(shares: Sequence[float]) -> float | None:
    return sum(shares) / len(shares) if shares else None


def difference_interval(after: float, calls_after: int, before: float, calls_before: int) -> tuple[float, float] | None:
    """The 95 % interval of the share after less the share before (Newcombe 1998, method 10). None without calls.

    after, before: what was earned, in calls; fractions of a call are allowed.
    """
    if not calls_after or not calls_before:
        return None
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(after, calls_after, before, calls_before, method="newcomb", compare="diff")
    return float(low), float(high)


def expected_rise(earlier: pl.DataFrame, agent: str) -> float | None:
    """How much higher the agent's next calls are to be expected if nothing is done: negative for who was lucky."""
    people = earlier.group_by("agent_id").agg(pl.col("share").sum(), calls=pl.len()).sort("agent_id")
    agents = people["agent_id"].to_list()
    if agent not in agents or len(agents) < LEAST_PEOPLE:
        return None
    place = agents.index(agent)
    drawn = shrunk(people["share"].to_list(), people["calls"].to_list())
    return float(drawn[place]) - float(people["share"][place]) / int(people["calls"][place])


def _word(
    before: int, after: int, low: float | None, high: float | None, expected: float | None, rules: Coaching
) -> Word:
    if low is None or high is None or min(before, after) < rules.least_calls:
        return "too_few"
    if high < 0:
        return "fall"
    if low <= 0:
        return "no_change"
    if expected is None:
        return "rise_unknown"
    return "rise" if low > max(expected, 0.0) else "rise_as_expected"


def in_points(effect: Effect) -> Mapping[str, Any]:
    """The shares of an effect as points of a hundred, for a file."""
    names = ("before", "after", "difference", "low", "high", "expected")
    values = {name: getattr(effect, name) for name in names}
    return {name: None if value is None else value * 100 for name, value in values.items()}
