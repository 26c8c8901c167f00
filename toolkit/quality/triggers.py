"""What calls for coaching: fails, critical questions that were missed, weak sections, a score that drifts down.

What was heard before coaching about it was done is answered by that coaching; a critical question by coaching about its
section too, while what failed a call asks for coaching of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from toolkit.coaching_rules import Coaching, Trigger
from toolkit.periods import Period
from toolkit.qc import MILLION
from toolkit.quality.heard import ALL, HeardCalls
from toolkit.trends.charts import limits_of
from toolkit.trends.days import Point
from toolkit.trends.rules import Cusum, most_serious


@dataclass(frozen=True)
class Found:
    """A reason for coaching before anybody looked whether it is covered: the evaluations that show it."""

    trigger: Trigger
    agent_id: str
    about: str
    section: str
    evaluations: tuple[str, ...]
    fields: Mapping[str, object]


Answered = Mapping[tuple[str, str], date]


def reasons(heard: HeardCalls, rules: Coaching, period: Period, answered: Answered) -> Iterator[Found]:
    looks: dict[Trigger, Callable[..., Iterator[Found]]] = {
        "auto_fail": _auto_fails, "critical": _criticals, "section": _low_sections, "cusum": _drifts,
    }  # fmt: skip
    for trigger in rules.triggers:
        yield from looks[trigger](heard, rules, period, answered)


def _later(rows: pl.DataFrame, agent: str, abouts: Sequence[str], answered: Answered) -> pl.DataFrame:
    """The rows of calls after the last coaching about one of these."""
    days = [day for about in abouts if (day := answered.get((agent, about.casefold())))]
    return rows.filter(pl.col("day") > max(days)) if days else rows


def _of_questions(rows: pl.DataFrame, trigger: Trigger, period: Period, answered: Answered) -> Iterator[Found]:
    inside = rows.filter(pl.col("day").is_between(period.first, period.last))
    for (agent, asked), mine in inside.group_by("agent_id", "asked", maintain_order=True):
        abouts = [str(asked), str(mine["section"][0])] if trigger == "critical" else [str(asked)]
        after = _later(mine, str(agent), abouts, answered)
        if after.height:
            ids = tuple(after["evaluation_id"])
            yield Found(trigger, str(agent), str(asked), str(after["section"][0]), ids, {"count": after.height})


def _auto_fails(heard: HeardCalls, rules: Coaching, period: Period, answered: Answered) -> Iterator[Found]:
    yield from _of_questions(heard.answers.filter("auto_fail"), "auto_fail", period, answered)


def _criticals(heard: HeardCalls, rules: Coaching, period: Period, answered: Answered) -> Iterator[Found]:
    failed = heard.answers.filter(pl.col("critical") & (pl.col("earned") < pl.col("possible")))
    yield from _of_questions(failed, "critical", period, answered)


def _low_sections(heard: HeardCalls, rules: Coaching, period: Period, answered: Answered) -> Iterator[Found]:
    known = heard.sections.filter(pl.col("day") <= period.last)
    for (agent, section), mine in known.group_by("agent_id", "section", maintain_order=True):
        target = Fraction(rules.section_targets.get(str(section), rules.section_target))
        run = _last_run(_groups(_later(mine, str(agent), [str(section)], answered), rules), target, rules, period)
        if run:
            ids = tuple(one for group in run for one in group.evaluations)
            fields = {"target": f"{float(target):.0%}", "seen": ", ".join(f"{float(one.share):.0%}" for one in run)}
            yield Found("section", str(agent), str(section), str(section), ids, fields)


@dataclass(frozen=True)
class Group:
    """A section's calls of one evaluation, week or month. last: the day of the last of them."""

    last: date
    share: Fraction
    evaluations: tuple[str, ...]


def _groups(rows: pl.DataFrame, rules: Coaching) -> list[Group]:
    by: dict[str, pl.Expr] = {
        "evaluation": pl.col("evaluation_id"),
        "week": pl.col("day").dt.strftime("%G-W%V"),
        "month": pl.col("day").dt.strftime("%Y-%m"),
    }
    sums = rows.group_by(by[rules.section_by].alias("_by"), maintain_order=True).agg(
        pl.col("day").max(), pl.col("earned", "possible").sum(), "evaluation_id"
    )
    columns = sums.select("day", "earned", "possible", "evaluation_id")
    return [Group(day, Fraction(earned, possible), tuple(ids)) for day, earned, possible, ids in columns.iter_rows()]


def _last_run(groups: Sequence[Group], target: Fraction, rules: Coaching, period: Period) -> Sequence[Group]:
    """The last groups in a row below the target of which the last lies in the period; none where there are none."""
    for end in range(len(groups), rules.in_a_row - 1, -1):
        run = groups[end - rules.in_a_row : end]
        if run[-1].last in period and all(group.share < target for group in run):
            return run
    return []


def _drifts(heard: HeardCalls, rules: Coaching, period: Period, answered: Answered) -> Iterator[Found]:
    """Agents whose score has drifted down, judged by limits from their calls before the period."""
    rule = Cusum(float(rules.cusum_slack), float(rules.cusum_decision))
    for (agent,), mine in heard.by_chance.scores.group_by("agent_id", maintain_order=True):
        before = _points(mine.filter(pl.col("day") < period.first))
        rows = _later(mine.filter(pl.col("day").is_between(period.first, period.last)), str(agent), [ALL], answered)
        if not before or rows.is_empty():
            continue
        limits = limits_of(before, "values")
        if limits.too_few or limits.flat:
            continue
        hits = most_serious([limits.z(point) for point in _points(rows)], [rule], ("low",))
        if hits:
            ids = tuple(rows["evaluation_id"][hits[-1].since : hits[-1].at + 1])
            fields = {"usual": f"{float(limits.centre):.0%}", "day": rows["day"][hits[0].at]}
            yield Found("cusum", str(agent), ALL, ALL, ids, fields)


def _points(rows: pl.DataFrame) -> list[Point]:
    return [Point(day, Fraction(score, MILLION)) for day, score in rows.select("day", "score").iter_rows()]
