"""Calls that somebody listened to: which, by whom, and the answers to the questions of the form; some of them disputed,
and some listened to by everybody, to see whether they agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from toolkit.samples.accounts import day_number, days_series, numbered
from toolkit.samples.chance import Flags, Numbers, Rng, Shares, words
from toolkit.samples.contacts import where
from toolkit.samples.habits import Asked
from toolkit.samples.work import SECONDS_A_DAY, Rows, Work

LATEST = 4
"""Days after the call within which it is evaluated."""
MISSES = 0.012
"""How often the weakest agent makes a mistake that fails the whole call, for each of the questions that can."""
OTHERWISE, STRICTER = 0.07, 0.18
"""How often somebody hears the same call otherwise, and how often the strictest marks a step lower."""
RAISED, DECIDED = 10 * 3600, 15 * 3600
"""When a dispute is raised, on the day after the evaluation, and decided, on the day after that."""


@dataclass(frozen=True)
class Heard:
    """The answers to a question: which of them, 0 being the best, and whether it did not apply."""

    asked: Asked
    place: Numbers
    left_out: Flags

    @property
    def lost(self) -> Flags:
        """Where there is something to dispute."""
        return (self.place > 0) & ~self.left_out

    def taken(self, which: Numbers) -> "Heard":
        """Of these calls."""
        return Heard(self.asked, self.place[which], self.left_out[which])


def evaluations_table(work: Work, last: date) -> pl.DataFrame:
    """A few calls of each agent and month, with a row for each question; then those that everybody listened to."""
    rules, rng = work.market.quality, work.chance["quality"]
    calls = _listened_to(rng, work.spoken(), work.month_of, rules.calls, work.roster.agents)
    size = len(calls["day"])
    skill = work.skill[calls["agent"]]
    good = np.clip(rules.mean + rules.spread * skill * np.where(skill < 0, 1.6, 0.6) + rng.normal(0, 0.03, size), 0, 1)
    heard = [_heard(rng, asked, good, skill) for asked in rules.question]
    by = rng.integers(0, len(rules.evaluators), size)
    on = np.minimum(calls["day"] + rng.integers(0, LATEST + 1, size), day_number(last))
    states = _states(work, rng, heard, on, day_number(last))
    several = _of_everybody(work, rng, calls["day"])
    everybody = len(rules.evaluators)
    again = np.repeat(several, everybody)
    turns = np.tile(np.arange(everybody), len(several))
    heads = pl.concat(
        [
            _heads(work, calls, np.arange(size), by, on, states),
            _heads(work, calls, again, turns, np.minimum(calls["day"][again] + LATEST, day_number(last)),
                   np.full(len(again), "calibration", dtype=object), size),
        ]
    )  # fmt: skip
    answers = [_answers(work, rng, heads, _together(rng, each, again, turns)) for each in heard]
    return pl.concat(answers).sort("evaluation_id", maintain_order=True)


def disputes_table(work: Work, evaluations: pl.DataFrame) -> dict[str, object]:
    """The first question that cost points, of each evaluation in dispute; those that are resolved were decided."""
    rules, rng = work.market.quality, work.chance["quality"]
    best = {asked.code: asked.answers[0] for asked in rules.question}
    lost = evaluations.filter(
        pl.col("state").is_in(["disputed", "resolved"])
        & (pl.col("answer") != rules.not_applicable)
        & (pl.col("answer") != pl.col("question").replace_strict(best, return_dtype=pl.String))
    )
    rows = lost.unique("evaluation_id", keep="first", maintain_order=True)
    size = rows.height
    numbers = numbered("DP", np.arange(1, size + 1), 10**4)
    day = rows["evaluated_on"].to_physical().to_numpy().astype(np.int64)
    decided = (rows["state"] == "resolved").to_numpy()
    turn = np.cumsum(decided)
    overturned = np.ceil(turn * rules.overturned) > np.ceil((turn - 1) * rules.overturned)
    second = [_another(rules.evaluators, by) for by in rows["evaluator"]]
    raised = _steps(rows, numbers, np.full(size, "raised", dtype=object), day + 1, RAISED, rows["agent_id"].to_list())
    said = np.where(overturned, "overturned", "upheld").astype(object)
    after = _steps(rows, numbers, said, day + 2, DECIDED, second)
    after["answer"] = where(overturned, np.array([best[code] for code in rows["question"]], dtype=object))
    for steps, reasons in ((raised, rules.disputed_because), (after, rules.decided_because)):
        steps["reason"] = np.array(reasons, dtype=object)[rng.integers(0, len(reasons), size)]
    both = {name: np.concatenate([raised[name], after[name][decided]]) for name in raised}
    order = np.lexsort((both["second"], both["day"]))
    table: dict[str, object] = {name: values[order] for name, values in both.items() if name not in ("day", "second")}
    return {**table, "at": (both["day"][order], both["second"][order])}


def _steps(
    rows: pl.DataFrame, numbers: pl.Series, step: Any, day: Numbers, second: int, by: Sequence[str]
) -> dict[str, Any]:
    size = rows.height
    return {
        "dispute_id": numbers.to_numpy(),
        "evaluation_id": rows["evaluation_id"].to_numpy(),
        "question": rows["question"].to_numpy(),
        "step": step,
        "day": day,
        "second": np.full(size, second % SECONDS_A_DAY),
        "by": np.array(by, dtype=object),
        "answer": np.full(size, None, dtype=object),
    }


def _another(evaluators: Sequence[str], first: str) -> str:
    """A second evaluator: nobody decides about an own evaluation."""
    return evaluators[(list(evaluators).index(first) + 1) % len(evaluators)]


def _listened_to(rng: Rng, spoken: Rows, month_of: Any, number: tuple[int, int], agents: int) -> Rows:
    """Of each agent's conversations in a month as many as are evaluated, by lot, in the order of the calls."""
    by_phone = spoken["number"] > 0
    calls = {name: values[by_phone] for name, values in spoken.items()}
    group = month_of(calls["day"]) * agents + calls["agent"]
    order = np.lexsort((rng.random(len(group)), group))
    first = np.searchsorted(group[order], group[order], side="left")
    place = np.arange(len(order)) - first
    wanted = rng.integers(number[0], number[1] + 1, int(group.max(initial=0)) + 1)
    chosen = np.sort(order[place < wanted[group[order]]])
    return {name: values[chosen] for name, values in calls.items()}


def _states(work: Work, rng: Rng, heard: Sequence[Heard], on: Numbers, last: int) -> Any:
    """Most are handed in, a few are void; as many disputed as resolved, of those that lost points early enough."""
    rules, size = work.market.quality, len(on)
    states = words(rng, {"submitted": 1 - rules.void, "void": rules.void}, size)
    lost = np.any([each.lost for each in heard], axis=0) if size else np.zeros(0, dtype=np.bool_)
    for state, days in (("resolved", 2), ("disputed", 1)):
        may = np.flatnonzero(lost & (states == "submitted") & (on + days <= last))
        wanted = min(len(may), max(1, round(rules.disputed * size)))
        states[rng.choice(may, wanted, replace=False)] = state
    return states


def _of_everybody(work: Work, rng: Rng, days: Numbers) -> Numbers:
    """Which calls of each month everybody listened to."""
    months = work.month_of(days)
    chosen = [
        rng.choice(mine, min(len(mine), work.market.quality.calibrated), replace=False)
        for month in range(len(work.months))
        if len(mine := np.flatnonzero(months == month))
    ]
    return np.sort(np.concatenate(chosen)).astype(np.int64) if chosen else np.zeros(0, dtype=np.int64)


def _heads(
    work: Work, calls: Rows, which: Numbers, by: Numbers, on: Numbers, states: Any, before: int = 0
) -> pl.DataFrame:
    """One row an evaluation. before: how many there are already."""
    rules, size = work.market.quality, len(which)
    evaluator = np.array(rules.evaluators, dtype=object)[by]
    return pl.DataFrame(
        {
            "evaluation_id": numbered("EV", np.arange(1, size + 1) + before, 10**5),
            "call_id": numbered("K", calls["number"][which], 10**7),
            "agent_id": work.agent_ids.gather(calls["agent"][which]),
            "evaluator": pl.Series(evaluator.tolist(), dtype=pl.String),
            "evaluated_on": days_series(on),
            "called_on": days_series(calls["day"][which]),
            "form": pl.repeat(rules.form, size, dtype=pl.String, eager=True),
            "form_version": pl.repeat(rules.version, size, dtype=pl.String, eager=True),
            "state": pl.Series(states.tolist(), dtype=pl.String),
        }
    )


def _answers(work: Work, rng: Rng, heads: pl.DataFrame, heard: Heard) -> pl.DataFrame:
    """The rows of a question."""
    rules, asked, size = work.market.quality, heard.asked, heads.height
    said = np.array(asked.answers, dtype=object)[heard.place]
    said[heard.left_out] = rules.not_applicable
    low = (heard.place >= max(1, len(asked.answers) // 2)) & ~heard.left_out
    remark = np.array(rules.remarks, dtype=object)[rng.integers(0, len(rules.remarks), size)]
    return heads.with_columns(
        question=pl.lit(asked.code),
        answer=pl.Series(said.tolist(), dtype=pl.String),
        comment=pl.Series(where(low, remark).tolist(), dtype=pl.String),
    )


def _heard(rng: Rng, asked: Asked, good: Shares, skill: Shares) -> Heard:
    return Heard(asked, _places(rng, asked, good, skill), rng.random(len(good)) < asked.may_not_apply)


def _places(rng: Rng, asked: Asked, good: Shares, skill: Shares) -> Numbers:
    """Which of the answers, 0 being the best; what fails the call is rare."""
    if asked.fails:
        failed: Flags = rng.random(len(good)) < MISSES * np.clip(0.25 - skill, 0, None)
        return failed.astype(np.int64) * (len(asked.answers) - 1)
    steps = len(asked.answers) - 1
    lost: Numbers = rng.binomial(steps, 1 - good).astype(np.int64)
    return lost


def _together(rng: Rng, heard: Heard, again: Numbers, turns: Numbers) -> Heard:
    """The answers with those of everybody behind them: mostly the same, and the last evaluator stricter than others."""
    same, steps, size = heard.taken(again), len(heard.asked.answers) - 1, len(again)
    away = np.where(rng.random(size) < OTHERWISE, rng.integers(-1, 2, size), 0)
    strict = (rng.random(size) < STRICTER) & (turns == turns.max(initial=0))
    moved = 0 if heard.asked.fails else away + strict
    place = np.clip(same.place + moved, 0, steps)
    return Heard(
        heard.asked, np.concatenate([heard.place, place]), np.concatenate([heard.left_out, same.left_out])
    )  # fmt: skip
