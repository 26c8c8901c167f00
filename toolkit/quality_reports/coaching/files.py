"""What coaching leaves behind: proposals in the form of the table actions, what is open, effects, training needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.csv_text import table_cells
from toolkit.problem_csv import write_problems
from toolkit.problems import Problem
from toolkit.quality.actions import OpenAction
from toolkit.quality.coaching import Proposal
from toolkit.quality.effects import Effect, in_points
from toolkit.quality.needs import Need
from toolkit.tables import TABLES
from toolkit.whole_folder import FolderKind, hashes_in, whole_folder, write_json

RECORD, PROPOSALS, OPEN, EFFECTS = "actions.json", "proposals.csv", "open.csv", "effects.csv"
NEEDS, PROBLEMS, SHEETS, INDEX = "training_needs.csv", "problems.csv", "sheets", "index.html"
FOLDER = FolderKind(RECORD, (PROPOSALS, OPEN, EFFECTS, NEEDS, PROBLEMS, SHEETS, INDEX))


@dataclass(frozen=True)
class CoachingResult:
    """What a period's coaching is about, and the two KPIs that it feeds, by their codes: numerator and denominator."""

    proposals: Sequence[Proposal]
    open: Sequence[OpenAction]
    effects: Sequence[Effect]
    needs: Sequence[Need]
    kpis: Mapping[str, tuple[float, float | None]]


def write_coaching(
    out: Path,
    done: CoachingResult,
    names: Mapping[str, str],
    record: Mapping[str, Any],
    problems: Sequence[Problem],
    sheets: Callable[[Path], None] | None,
) -> None:
    """Writes the folder, whole or not at all. names: of the agents, by id."""
    with whole_folder(out, FOLDER) as aside:
        table_cells(proposal_table(done.proposals)).write_csv(aside / PROPOSALS)
        table_cells(open_table(done.open, names)).write_csv(aside / OPEN)
        table_cells(effect_table(done.effects, names)).write_csv(aside / EFFECTS)
        table_cells(need_table(done.needs)).write_csv(aside / NEEDS)
        write_problems(problems, aside / PROBLEMS)
        if sheets is not None:
            sheets(aside / SHEETS)
        kpis = {code: {"numerator": over, "denominator": under} for code, (over, under) in done.kpis.items()}
        write_json({**record, "counts": counts(done), "kpis": kpis, "files": hashes_in(aside)}, aside / RECORD)


def counts(done: CoachingResult) -> dict[str, int]:
    """How many of everything."""
    return {
        "proposals": len(done.proposals),
        "open": len(done.open),
        "overdue": sum(one.state == "overdue" for one in done.open),
        "effects": len(done.effects),
    }


def proposal_table(proposals: Sequence[Proposal]) -> pl.DataFrame:
    """The proposals as rows of the table actions, under its own names: put beside the data, they are actions."""
    columns = [column.name for column in TABLES["actions"].columns]
    return pl.DataFrame([one.row for one in proposals], schema=dict.fromkeys(columns, pl.String))


def open_table(actions: Sequence[OpenAction], names: Mapping[str, str]) -> pl.DataFrame:
    """A row an action that is not finished, what is latest first."""
    schema: dict[str, Any] = {
        **dict.fromkeys(("action_id", "agent_id", "agent", "owner", "kind", "state"), pl.String),
        "days_late": pl.Int64,
        **dict.fromkeys(("about", "behaviour"), pl.String),
        **dict.fromkeys(("raised_on", "due_on", "done_on", "recheck_on"), pl.Date),
        **dict.fromkeys(("recheck_calls", "rechecked"), pl.Int64),
        "note": pl.String,
    }
    rows = [{**asdict(one), "agent": names.get(one.agent_id, "")} for one in actions]
    return pl.DataFrame(rows, schema=schema, orient="row")


def effect_table(effects: Sequence[Effect], names: Mapping[str, str]) -> pl.DataFrame:
    """A row an action that was done; shares and their difference in points of a hundred."""
    schema: dict[str, Any] = {
        **dict.fromkeys(("action_id", "agent_id", "agent", "about"), pl.String),
        "done_on": pl.Date,
        "calls_before": pl.Int64,
        "before": pl.Float64,
        "calls_after": pl.Int64,
        **dict.fromkeys(("after", "difference", "low", "high", "expected"), pl.Float64),
        **dict.fromkeys(("verdict", "warning"), pl.String),
    }
    rows = [
        {**asdict(one), **in_points(one), "agent": names.get(one.agent_id, ""), "verdict": one.verdict,
         "warning": one.warning}
        for one in effects
    ]  # fmt: skip
    return pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema, orient="row")


def need_table(needs: Sequence[Need]) -> pl.DataFrame:
    """A row a weak section; shares in points of a hundred."""
    schema: dict[str, Any] = {
        **dict.fromkeys(("scope_kind", "scope", "name"), pl.String),
        "place": pl.Int64,
        **dict.fromkeys(("section", "title"), pl.String),
        "score": pl.Float64,
        "calls": pl.Int64,
        **dict.fromkeys(("low", "high", "target"), pl.Float64),
        **dict.fromkeys(("below_target", "asked_for"), pl.String),
    }
    return pl.DataFrame([_need(one) for one in needs], schema=schema, orient="row")


def _need(one: Need) -> dict[str, Any]:
    yes = {True: "yes", False: "no", None: ""}
    names = ("scope_kind", "scope", "name", "place", "section", "title", "calls")
    return {
        **{name: getattr(one, name) for name in names},
        "score": one.share * 100,
        "low": one.low * 100,
        "high": one.high * 100,
        "target": one.target * 100,
        "below_target": yes[one.below],
        "asked_for": yes[one.asked_for],
    }
