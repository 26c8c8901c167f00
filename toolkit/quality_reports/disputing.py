"""Disputes listed and taken further, and how often evaluators are overturned."""

from datetime import date, datetime
from pathlib import Path

import polars as pl

from toolkit.evaluations import People
from toolkit.evaluations.disputes import Rulebook, steps_in
from toolkit.evaluations.judging import refusal_problem
from toolkit.periods import Period
from toolkit.problems import ToolkitError
from toolkit.profiles import Profile, load_profile
from toolkit.quality.disputes import Asked, end_of, listed, next_step
from toolkit.quality.standing import calls_of
from toolkit.quality.strictness import evaluators_of
from toolkit.quality_reports.evaluated import Evaluations, read_evaluations
from toolkit.quality_reports.files import DISPUTES, DisputeFile
from toolkit.teams import FAR_AHEAD

END_OF_TIME = end_of(FAR_AHEAD)


def disputes_listed(read: Evaluations, at: datetime | None = None) -> pl.DataFrame:
    """Every disputed question as it stands at a moment (else at the end of the data): overdue and due ones first."""
    return listed(read.judged.disputes, at or read.at)


def overturn_rates(read: Evaluations) -> pl.DataFrame:
    """How often each evaluator is overturned, over all that was read."""
    whole = Period(date.min, date.max, "year", "")
    calls = calls_of(read.judged, read.table, read.forms, read.facts.teams, whole)
    return evaluators_of(calls, read.judged.answers, read.judged.disputes)


def dispute(data: Path, profile: str | Profile, asked: Asked, out: Path) -> Evaluations:
    """Takes one step of a dispute further: a row more in out/disputes.csv. The data as they stand then.

    `ToolkitError` where the rules forbid the step; nothing is written then.
    """
    setup = load_profile(profile) if isinstance(profile, str) else profile
    with DisputeFile(out) as file:
        read = read_evaluations(data, setup, disputes=out / DISPUTES)
        known = read.reading.tables.get("disputes")
        steps = steps_in(known, END_OF_TIME) if known is not None else []
        rules = Rulebook(read.forms, People(read.facts.teams), setup.definitions)
        step, refused = next_step(asked, steps, pl.concat([read.table, read.later]), rules)
        if refused is not None:
            raise ToolkitError([refusal_problem(refused)])
        file.append(step, setup.timezone)
    return read_evaluations(data, setup, as_of=max(read.stands, asked.at.date()), disputes=out / DISPUTES)
