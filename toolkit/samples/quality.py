"""Calls that somebody listened to: which, by whom, and the answers to the questions of the form."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from toolkit.samples.accounts import day_number, days_series, numbered
from toolkit.samples.chance import Flags, Numbers, Rng, Shares, words
from toolkit.samples.contacts import where
from toolkit.samples.habits import Asked
from toolkit.samples.work import Rows, Work

LATEST = 4
"""Days after the call within which it is evaluated."""
MISSES = 0.012
"""How often the weakest agent makes a mistake that fails the whole call, for each of the questions that can."""


def evaluations_table(work: Work, last: date) -> pl.DataFrame:
    """A few calls of each agent and month, with a row for each question."""
    rules, rng = work.market.quality, work.chance["quality"]
    calls = _listened_to(rng, work.spoken(), work.month_of, rules.calls, work.roster.agents)
    size = len(calls["day"])
    skill = work.skill[calls["agent"]]
    good = np.clip(rules.mean + rules.spread * skill * np.where(skill < 0, 1.6, 0.6) + rng.normal(0, 0.03, size), 0, 1)
    evaluator = np.array(rules.evaluators, dtype=object)[rng.integers(0, len(rules.evaluators), size)]
    on = np.minimum(calls["day"] + rng.integers(0, LATEST + 1, size), day_number(last))
    heads = pl.DataFrame(
        {
            "evaluation_id": numbered("EV", np.arange(1, size + 1), size),
            "call_id": numbered("K", calls["number"], 10**7),
            "agent_id": work.agent_ids.gather(calls["agent"]),
            "evaluator": pl.Series(evaluator.tolist(), dtype=pl.String),
            "evaluated_on": days_series(on),
            "called_on": days_series(calls["day"]),
            "form": pl.repeat(rules.form, size, eager=True),
            "form_version": pl.repeat(rules.version, size, eager=True),
            "state": pl.Series(_states(work, rng, size).tolist(), dtype=pl.String),
        }
    )
    answers = list(_answers(work, rng, good, skill))
    return pl.concat([heads.with_columns(*answer) for answer in answers]).sort("evaluation_id", maintain_order=True)


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


def _states(work: Work, rng: Rng, size: int) -> npt.NDArray[Any]:
    rules = work.market.quality
    rest = 1 - rules.disputed * 2 - rules.void - rules.calibration
    weights = {"submitted": rest, "disputed": rules.disputed, "resolved": rules.disputed, "void": rules.void}
    return words(rng, {**weights, "calibration": rules.calibration}, size)


def _answers(work: Work, rng: Rng, good: Shares, skill: Shares) -> Iterator[list[pl.Series]]:
    """The columns question, answer and comment, a question at a time."""
    rules, size = work.market.quality, len(good)
    for asked in rules.question:
        place = _places(rng, asked, good, skill)
        said = np.array(asked.answers, dtype=object)[place]
        said[rng.random(size) < asked.may_not_apply] = rules.not_applicable
        low = (place >= max(1, len(asked.answers) // 2)) & (said != rules.not_applicable)
        remark = np.array(rules.remarks, dtype=object)[rng.integers(0, len(rules.remarks), size)]
        yield [
            pl.Series("question", [asked.code] * size, dtype=pl.String),
            pl.Series("answer", said.tolist(), dtype=pl.String),
            pl.Series("comment", where(low, remark).tolist(), dtype=pl.String),
        ]


def _places(rng: Rng, asked: Asked, good: Shares, skill: Shares) -> Numbers:
    """Which of the answers, 0 being the best; what fails the call is rare."""
    if asked.fails:
        failed: Flags = rng.random(len(good)) < MISSES * np.clip(0.25 - skill, 0, None)
        return failed.astype(np.int64) * (len(asked.answers) - 1)
    steps = len(asked.answers) - 1
    lost: Numbers = rng.binomial(steps, 1 - good).astype(np.int64)
    return lost
