"""Who needs coaching in what, by when, and which actions are open: proposals for people to accept, nothing more.

An action of the table `actions` that is about the same question or section, is due and not done covers a proposal; what
was heard before such an action was done is answered by it, and only later calls call for another.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.coaching_rules import Coaching, Trigger
from toolkit.kpis.data import Data, eager
from toolkit.periods import Period, is_working_day, next_working_day
from toolkit.problems import said
from toolkit.qc import MILLION
from toolkit.quality.heard import ALL, HeardCalls
from toolkit.trends.charts import limits_of
from toolkit.trends.days import Point
from toolkit.trends.rules import Cusum, most_serious

KINDS = ("coaching", "training")
FOLLOWED = (*KINDS, "review")
"""Kinds of actions that are listed as open."""
ACTION_COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(("agent_id", "owner", "kind", "note", "behaviour", "about"), nw.String),
    **dict.fromkeys(("due_at", "done_at"), nw.Datetime),
    "recheck_on": nw.Date,
    "recheck_calls": nw.Int64,
}
GRAVEST: tuple[Trigger, ...] = ("auto_fail", "critical", "section", "cusum")
"""Of several reasons for the same agent and question, the one that is named."""
MOST_CALLS = 3


@dataclass(frozen=True)
class Proposal:
    """A proposed action. about: question or section, "" for the score of calls as such. calls: the evaluations that
    call for it, the latest last. why: the trigger in words, for the column note; short: the same where the behaviour
    stands beside it."""

    action_id: str
    agent_id: str
    owner: str
    trigger: Trigger
    about: str
    behaviour: str
    why: str
    short: str
    raised_on: date
    due_on: date
    recheck_on: date
    recheck_calls: int
    calls: tuple[str, ...]

    @property
    def row(self) -> dict[str, str]:
        """The proposal as a row of the table `actions`; a day stands for its end, as in that table."""
        return {
            "action_id": self.action_id,
            "agent_id": self.agent_id,
            "owner": self.owner,
            "kind": "coaching",
            "raised_at": f"{self.raised_on} 00:00:00",
            "due_at": f"{self.due_on} 00:00:00",
            "done_at": "",
            "acknowledged_at": "",
            "accepted_first_time": "",
            "value": "",
            "note": self.why,
            "behaviour": self.behaviour,
            "about": self.about,
            "recheck_on": self.recheck_on.isoformat(),
            "recheck_calls": str(self.recheck_calls),
        }


@dataclass(frozen=True)
class Found:
    """A reason for coaching before anybody looked whether it is covered: the evaluations that show it."""

    trigger: Trigger
    agent_id: str
    about: str
    section: str
    evaluations: tuple[str, ...]
    fields: Mapping[str, object]


def actions_of(data: Data) -> pl.DataFrame:
    """The actions, with about in small letters and "" for none; no rows where the data have none."""
    if not data.has("actions", "action_id", "raised_at"):
        kinds = {"action_id": pl.String, "raised_at": pl.Datetime} | {
            name: _POLARS[kind] for name, kind in ACTION_COLUMNS.items()
        }
        return pl.DataFrame(schema=kinds)
    rows = eager(data.table("actions", "action_id", "raised_at", **ACTION_COLUMNS)).to_polars()
    return rows.with_columns(pl.col("about").fill_null("").str.strip_chars().str.to_lowercase())


_POLARS: Mapping[Any, Any] = {nw.String: pl.String, nw.Datetime: pl.Datetime, nw.Date: pl.Date, nw.Int64: pl.Int64}


def proposals(data: Data, heard: HeardCalls, rules: Coaching, period: Period) -> list[Proposal]:
    """The proposed actions of a period, by agent; those that an action covers already are not among them."""
    actions = actions_of(data)
    covered, answered = _covered(actions), _answered(actions)
    days = dict(heard.scores.select("evaluation_id", "day").iter_rows())
    kept: dict[tuple[str, str], Found] = {}
    for found in _found(heard, rules, period, answered):
        key = (found.agent_id, found.about.casefold())
        section = (found.agent_id, found.section.casefold())
        if key in covered or (found.trigger == "critical" and section in covered):
            continue
        if key not in kept or GRAVEST.index(found.trigger) < GRAVEST.index(kept[key].trigger):
            kept[key] = found
    calls = dict(heard.scores.select("evaluation_id", "call_id").iter_rows())
    made = [_proposal(found, data, heard, rules, period, days, calls) for found in kept.values()]
    return sorted(made, key=lambda one: (one.agent_id, GRAVEST.index(one.trigger), one.about))


def _covered(actions: pl.DataFrame) -> set[tuple[str, str]]:
    """Agent and question or section of coaching that is due and not done. What has no due_at was cancelled."""
    waiting = actions.filter(pl.col("kind").is_in(KINDS) & pl.col("done_at").is_null() & pl.col("due_at").is_not_null())
    return set(waiting.select("agent_id", "about").rows())


def _answered(actions: pl.DataFrame) -> dict[tuple[str, str], date]:
    """The day of the last coaching that was done, by agent and question or section."""
    done = actions.filter(pl.col("kind").is_in(KINDS) & pl.col("done_at").is_not_null())
    last = done.group_by("agent_id", "about").agg(pl.col("done_at").max().dt.date())
    return {(agent, about): day for agent, about, day in last.iter_rows()}


def _proposal(
    found: Found,
    data: Data,
    heard: HeardCalls,
    rules: Coaching,
    period: Period,
    days: Mapping[str, date],
    calls: Mapping[str, str | None],
) -> Proposal:
    raised = data.as_of
    due = working_days_after(raised, rules.due_working_days, data)
    post = data.teams.latest(found.agent_id, raised)
    title = heard.title_of(found.about) or found.about
    shown = [calls[one] or one for one in found.evaluations]
    named = said("COACHING_CALLS", calls=", ".join(shown[-MOST_CALLS:]), count=len(shown))
    return Proposal(
        action_id=_action_id(found, period),
        agent_id=found.agent_id,
        owner=post.team_leader_id if post else "",
        trigger=found.trigger,
        about=found.about,
        behaviour=said(f"COACHING_BEHAVIOUR_{'ALL' if found.about == ALL else 'ABOUT'}", title=title),
        why=f"{said(f'COACHING_{found.trigger.upper()}', title=title, **found.fields)} {named}",
        short=f"{said(f'COACHING_SHORT_{found.trigger.upper()}', **found.fields)} {named}",
        raised_on=raised,
        due_on=due,
        recheck_on=working_days_after(due, rules.recheck_working_days, data),
        recheck_calls=rules.recheck_calls,
        calls=found.evaluations,
    )


def _action_id(found: Found, period: Period) -> str:
    """The same for the same reason in the same period, so that it is put into the data once."""
    words = "\x1f".join((found.agent_id, found.about.casefold(), period.label))
    return f"QC-{period.label}-{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def working_days_after(day: date, number: int, data: Data) -> date:
    """The working day so many working days later; with 0 the day itself, or the next one that is worked."""

    def is_working(one: date) -> bool:
        return is_working_day(one, data.country, data.working_week)

    if number == 0 and not is_working(day):
        number = 1
    for _ in range(number):
        day = next_working_day(day, is_working)
    return day


# --- triggers --------------------------------------------------------------------------------------------

Answered = Mapping[tuple[str, str], date]


def _found(heard: HeardCalls, rules: Coaching, period: Period, answered: Answered) -> Iterator[Found]:
    looks: dict[Trigger, Callable[..., Iterator[Found]]] = {
        "auto_fail": _auto_fails, "critical": _criticals, "section": _low_sections, "cusum": _drifts,
    }  # fmt: skip
    for trigger in rules.triggers:
        yield from looks[trigger](heard, rules, period, answered)


def _later(rows: pl.DataFrame, agent: str, about: str, answered: Answered) -> pl.DataFrame:
    """The rows of calls after the last coaching about this."""
    last = answered.get((agent, about.casefold()))
    return rows if last is None else rows.filter(pl.col("day") > last)


def _of_questions(rows: pl.DataFrame, trigger: Trigger, period: Period, answered: Answered) -> Iterator[Found]:
    inside = rows.filter(pl.col("day").is_between(period.first, period.last))
    for (agent, asked), mine in inside.group_by("agent_id", "asked", maintain_order=True):
        after = _later(mine, str(agent), str(asked), answered)
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
        run = _last_run(_groups(_later(mine, str(agent), str(section), answered), rules), target, rules, period)
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
        rows = _later(mine.filter(pl.col("day").is_between(period.first, period.last)), str(agent), ALL, answered)
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


# --- what is open ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenAction:
    """An action that is not finished. state: open, overdue, no due day, or re-check due (done, but its calls are not
    listened to again yet). days_late: since it was due; rechecked: calls evaluated since it was done."""

    action_id: str
    agent_id: str
    owner: str
    kind: str
    about: str
    behaviour: str
    raised_on: date
    due_on: date | None
    done_on: date | None
    recheck_on: date | None
    recheck_calls: int | None
    rechecked: int
    state: str
    days_late: int
    note: str


def open_actions(data: Data, heard: HeardCalls | None) -> list[OpenAction]:
    """Coaching, training and reviews that are not done, and coaching whose re-check is due; what is latest first."""
    rows = actions_of(data).filter(pl.col("kind").is_in(FOLLOWED)).iter_rows(named=True)
    found = [one for row in rows if (one := _open(row, data, heard))]
    return sorted(found, key=lambda one: (-one.days_late, one.due_on or date.max, one.action_id))


def _open(row: Mapping[str, Any], data: Data, heard: HeardCalls | None) -> OpenAction | None:
    due, done = _day(row["due_at"]), _day(row["done_at"])
    rechecked = _rechecked(row, done, heard)
    if done is None:
        late = (data.as_of - due).days if due else 0
        state = "no due day" if due is None else "overdue" if late > 0 else "open"
    else:
        recheck, wanted = row["recheck_on"], row["recheck_calls"]
        if recheck is None or recheck > data.as_of or rechecked >= (wanted or 1):
            return None
        late, state = (data.as_of - recheck).days, "re-check due"
    words = {name: row[name] or "" for name in ("agent_id", "owner", "kind", "about", "behaviour", "note")}
    return OpenAction(
        action_id=row["action_id"],
        raised_on=row["raised_at"].date(),
        due_on=due,
        done_on=done,
        recheck_on=row["recheck_on"],
        recheck_calls=row["recheck_calls"],
        rechecked=rechecked,
        state=state,
        days_late=max(late, 0),
        **words,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _rechecked(row: Mapping[str, Any], done: date | None, heard: HeardCalls | None) -> int:
    if done is None or heard is None:
        return 0
    mine = heard.shares(row["about"]).filter((pl.col("agent_id") == row["agent_id"]) & (pl.col("day") > done))
    return mine.height
