"""What it costs to score 100,000 evaluations of 20 questions: each answer read, each evaluation judged, all summed up.

python benchmarks/quality.py [--evaluations 100000] [--runs 3]
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

import numpy as np
import polars as pl
from measuring import verdict

from toolkit.definitions import Definitions
from toolkit.evaluations import People, Rules, judged
from toolkit.forms import Forms, read_form
from toolkit.periods import parse
from toolkit.qc import evaluation_scores
from toolkit.quality.standing import calls_of
from toolkit.quality.strictness import evaluators_of
from toolkit.quality.summary import questions_by, scores_by, sections_by
from toolkit.teams import Teams

AGENTS, EVALUATORS, SECTIONS, EACH = 500, 20, 5, 4
KINDS = (
    ('type = "scale", highest = 4, comment_below = 50', ["4", "3", "2", "1", "0"]),
    ('critical = true, auto_fail = ["no"], not_applicable = "not_allowed"', ["yes"] * 50 + ["no"]),
    ('type = "multi", answers = { all = 2, part = 1, little = 0 }', ["all", "part", "little", "N/A"]),
    ("weight = 1", ["Yes", "No", "N/A"]),
)
LIMIT = 2.0


def form() -> Forms:
    """Five sections of four questions, one of each kind."""
    text = 'code = "house"\nversion = "1"\ntitle = "House"\nstart = 2026-01-01\nroll_up = "weighted_sections"\n'
    for section in range(SECTIONS):
        text += f'[[sections]]\ncode = "s{section}"\ntitle = "S"\nweight = 20\nquestions = [\n'
        text += "".join(
            f'  {{ code = "q{section * EACH + kind}", text = "?", {KINDS[kind][0]} }},\n' for kind in range(EACH)
        )
        text += "]\n"
    return Forms((read_form(text),))


def evaluations(size: int) -> pl.DataFrame:
    """The table as the readers give it, an evaluation's rows one after the other."""
    rng = np.random.default_rng(1)
    number = np.arange(size)
    heads = pl.DataFrame(
        {
            "evaluation_id": [f"E{n:07d}" for n in number],
            "call_id": [f"K{n:07d}" for n in number],
            "agent_id": [f"A{n % AGENTS}" for n in number],
            "evaluator": [f"Quality {n % EVALUATORS}" for n in number],
        }
    ).with_columns(
        evaluated_on=pl.lit(date(2026, 10, 20)), called_on=pl.lit(date(2026, 10, 19)), form=pl.lit("house"),
        form_version=pl.lit("1"), state=pl.lit("submitted"), comment=pl.lit("spoke over the customer"),
    )  # fmt: skip
    parts = []
    for question in range(SECTIONS * EACH):
        said = np.array(KINDS[question % EACH][1], dtype=object)
        answers = pl.Series("answer", said[rng.integers(0, len(said), size)].tolist(), dtype=pl.String)
        parts.append(heads.with_columns(answers, question=pl.lit(f"q{question}")))
    return pl.concat(parts).sort("evaluation_id", maintain_order=True)


def timed(work: Callable[[], Any], runs: int) -> tuple[float, float]:
    """The median seconds on the clock and of processor time."""
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return median(walls), median(processors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    table, forms = evaluations(asked.evaluations), form()
    agents = [{"agent_id": f"A{n}", "name": f"Agent {n}", "role": "agent", "team": f"T{n % 9}"} for n in range(AGENTS)]
    teams = Teams(agents)
    rules = Rules(forms, date(2026, 10, 31), Definitions(), People(teams))
    found = judged(table, rules)
    calls = calls_of(found, table, forms, teams, parse("2026-10"))

    def summed() -> None:
        for kind in ("agent", "team", "all"):
            scores_by(calls, kind, Definitions(), lambda *_: None)
        sections_by(calls, found.answers, forms)
        questions_by(calls, found.answers, forms)
        evaluators_of(calls, found.answers, ())

    print(f"{asked.evaluations:,} evaluations of {SECTIONS * EACH} questions, median of {asked.runs} runs")
    for name, work in (
        ("scored", lambda: evaluation_scores(table, forms)),
        ("scored and judged", lambda: judged(table, rules)),
        ("summed by scope, section, question and evaluator", summed),
    ):
        wall, processor = timed(work, asked.runs)
        print(f"{name:50} {wall:6.2f} s wall {processor:6.2f} s CPU")
        if name.startswith("scored"):  # alone on the machine the clock shows less than the processors' time
            print(verdict(name, min(wall, processor), LIMIT * asked.evaluations / 100_000, "s"))


if __name__ == "__main__":
    main()
