"""How far the evaluators are with a draw, and whether they work through it evenly and keep to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from toolkit.periods import Period, days_between
from toolkit.problems import Problem, problem
from toolkit.quality.replacing import in_force, swaps

BUNCHED = 0.5
"""The share of somebody's evaluations on one day from which on a month was not listened to, but a pile worked off."""
FEW = 4
"""With fewer evaluations nothing is said of how they are spread."""
SWAPPED = 0.2
"""The share of somebody's calls from which on replacing them needs a look."""
COUNTS = ("submitted", "resolved", "disputed")


@dataclass(frozen=True)
class Progress:
    """calls: a row a call to be heard, with evaluated (yes or no), evaluated_by, evaluated_on and days_after.
    evaluators: a row an evaluator, with how the work is spread and what was replaced. outside: evaluations of the
    period's calls that nobody drew."""

    calls: pl.DataFrame
    evaluators: pl.DataFrame
    outside: int
    problems: tuple[Problem, ...]

    @property
    def done(self) -> int:
        """Calls to be heard that were evaluated."""
        return self.calls.filter(pl.col("evaluated") == "yes").height


def progress(drawn: pl.DataFrame, made: pl.DataFrame, evaluations: pl.DataFrame, period: Period) -> Progress:
    """How far a draw is: drawn and made (replacements) as they were kept, and the table evaluations.

    Drafts are no evaluations, and neither is calibration. A call that its own agent evaluated is not evaluated.
    """
    asked = in_force(drawn, made)
    heard = _heard(evaluations)
    both = asked.join(heard.drop("agent_id"), on="call_id", how="left")
    calls = both.with_columns(
        evaluated=pl.when(pl.col("evaluated_on").is_null()).then(pl.lit("no")).otherwise(pl.lit("yes")),
        days_after=(pl.col("evaluated_on") - pl.col("called_on")).dt.total_days(),
    ).sort("evaluator", "agent_id", "call_id")
    mine = heard.filter(pl.col("called_on").is_between(period.first, period.last))
    outside = mine.join(asked.select("call_id"), on="call_id", how="anti")
    people = _people(calls, made, period)
    return Progress(calls, people, outside.height, tuple(_doubts(people, outside.height)))


def _heard(evaluations: pl.DataFrame) -> pl.DataFrame:
    """The first evaluation of each call: call_id, agent_id, evaluated_by, evaluated_on, called_on."""
    state = pl.col("state").fill_null(COUNTS[0]) if "state" in evaluations.columns else pl.lit(COUNTS[0])
    called = pl.col("called_on") if "called_on" in evaluations.columns else pl.lit(None, pl.Date)
    rows = evaluations.filter(pl.col("call_id").is_not_null() & state.is_in(list(COUNTS)))
    fair = rows.filter(pl.col("evaluator").str.to_lowercase() != pl.col("agent_id").str.to_lowercase())
    first = fair.sort("evaluated_on", "evaluator", "evaluation_id").unique("call_id", keep="first", maintain_order=True)
    return first.select(
        "call_id", "agent_id", evaluated_by="evaluator", evaluated_on="evaluated_on", called_on=called.cast(pl.Date)
    )


def _people(calls: pl.DataFrame, made: pl.DataFrame, period: Period) -> pl.DataFrame:
    counted = swaps(made)
    rows = []
    for name in sorted(set(calls["evaluator"]) | set(counted["evaluator"])):
        mine = calls.filter(pl.col("evaluator") == name)
        done = mine.filter(pl.col("evaluated") == "yes")
        days = done["evaluated_on"].to_list()
        busiest, on_busiest = _busiest(days)
        replaced = counted.filter(pl.col("evaluator") == name)
        by_other = done.filter(pl.col("evaluated_by").str.to_lowercase() != name.casefold()).height
        late = sum(day > _before_the_last_tenth(period) for day in days)
        reasons = "; ".join(f"{reason}: {count}" for reason, count in replaced.select("reason", "replaced").iter_rows())
        rows.append(
            (name, mine.height, done.height, by_other, len(set(days)), busiest, on_busiest, late,
             int(replaced["replaced"].sum()), reasons)
        )  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


SCHEMA = {
    "evaluator": pl.String, "to_hear": pl.Int64, "evaluated": pl.Int64, "by_somebody_else": pl.Int64,
    "on_days": pl.Int64, "busiest_day": pl.Date, "on_busiest_day": pl.Int64, "in_last_tenth": pl.Int64,
    "replaced": pl.Int64, "reasons": pl.String,
}  # fmt: skip


def _busiest(days: Sequence[date]) -> tuple[date | None, int]:
    if not days:
        return None, 0
    day = min(set(days), key=lambda one: (-days.count(one), one))
    return day, days.count(day)


def _before_the_last_tenth(period: Period) -> date:
    """The day after which the last tenth of the period begins; evaluations after its end belong to that too."""
    days = days_between(period.first, period.last)
    return days[max(0, len(days) - 1 - max(1, len(days) // 10))]


def _doubts(people: pl.DataFrame, outside: int) -> list[Problem]:
    found = []
    for row in people.iter_rows(named=True):
        done, name = row["evaluated"], row["evaluator"]
        if done >= FEW and row["on_busiest_day"] > BUNCHED * done:
            found.append(
                problem("PROGRESS_ONE_DAY", value=name, count=row["on_busiest_day"], done=done, day=row["busiest_day"])
            )
        elif done >= FEW and row["in_last_tenth"] > BUNCHED * done:
            found.append(problem("PROGRESS_AT_THE_END", value=name, count=row["in_last_tenth"], done=done))
        if row["replaced"] >= 2 and row["replaced"] > SWAPPED * (row["to_hear"] + row["replaced"]):
            found.append(problem("PROGRESS_SWAPS", value=name, count=row["replaced"], reasons=row["reasons"]))
    if outside:
        found.append(problem("PROGRESS_OUTSIDE", value=outside))
    return found
