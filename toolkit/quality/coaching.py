"""Who needs coaching in what, and by when: proposals for people to accept, nothing more.

An action of the table `actions` that is about the same question or section, is due and not done covers a proposal; what
was heard before such an action was done is answered by it, and only later calls call for another.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from toolkit.coaching_rules import Coaching, Trigger
from toolkit.kpis.data import Data
from toolkit.periods import Period, is_working_day, next_working_day
from toolkit.problems import said
from toolkit.quality.actions import KINDS, actions_of
from toolkit.quality.heard import ALL, HeardCalls
from toolkit.quality.triggers import Found, reasons

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


def proposals(data: Data, heard: HeardCalls, rules: Coaching, period: Period) -> list[Proposal]:
    """The proposed actions of a period, by agent; those that an action covers already are not among them."""
    actions = actions_of(data)
    covered, answered = _covered(actions), _answered(actions)
    days = dict(heard.scores.select("evaluation_id", "day").iter_rows())
    kept: dict[tuple[str, str], Found] = {}
    for found in reasons(heard, rules, period, answered):
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
