"""statements/AGENT_ID.xlsx: one agent's commission, on one page, and the lines behind it on another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from toolkit.look import file_names
from toolkit.periods import Period
from toolkit.plans import Plan, PlanVersions
from toolkit.statements.rows import Line

if TYPE_CHECKING:
    from toolkit.commissions import CommissionRun

__all__ = ["AgentRun", "of_agent", "write_statement", "write_statements"]


@dataclass(frozen=True)
class AgentRun:
    """One agent's part of a run, and nobody else's. Amounts in minor units of the plan's currency."""

    plans: PlanVersions
    plan: Plan
    period: Period
    as_of: date
    digits: int
    agent: Mapping[str, str]
    sheet: Mapping[str, Any]
    lines: Sequence[Line]
    components: Sequence[Mapping[str, Any]]
    collected: int
    payments: int


def write_statements(run: "CommissionRun", folder: Path, provenance: Mapping[str, str]) -> dict[str, Path]:
    """A statement for every agent on the sheet; gives the file of each. `folder` is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    names = file_names(run.sheet["agent_id"].to_list())
    for share in _shares(run):
        agent_id = share.sheet["agent_id"]
        written[agent_id] = folder / f"{names[agent_id]}.xlsx"
        write_statement(share, written[agent_id], provenance)
    return written


def write_statement(share: AgentRun, out: Path, provenance: Mapping[str, str]) -> None:
    """One agent's statement; the same share gives the same bytes."""
    from toolkit.statements.page import write

    write(share, out, provenance)


def of_agent(run: "CommissionRun", agent_id: str) -> AgentRun:
    """One agent's part of the run; `KeyError` for an agent who is not on the sheet."""
    for share in _shares(run, [agent_id]):
        return share
    raise KeyError(agent_id)


def _shares(run: "CommissionRun", only: Sequence[str] | None = None) -> "list[AgentRun]":
    sheet = run.sheet if only is None else run.sheet.filter(pl.col("agent_id").is_in(list(only)))
    lines, components, agents = (_by_agent(frame) for frame in (run.lines, run.components, run.agents))
    counted = run.credit.filter(pl.col("status") == "credited").group_by("agent_id")
    sums = {agent: (amount, rows) for agent, amount, rows in counted.agg(pl.col("counted").sum(), pl.len()).iter_rows()}
    shares = []
    for row in sheet.iter_rows(named=True):
        agent_id = row["agent_id"]
        collected, payments = sums.get(agent_id, (0, 0))
        agent = (_dicts(agents, agent_id) or [{"agent_id": agent_id}])[0]
        shares.append(
            AgentRun(
                run.plans,
                run.plan,
                run.period,
                run.as_of,
                run.digits,
                agent,
                row,
                _dicts(lines, agent_id),
                _dicts(components, agent_id),
                int(collected),
                int(payments),
            )
        )
    return shares


def _by_agent(frame: pl.DataFrame) -> dict[tuple[object, ...], pl.DataFrame]:
    return frame.partition_by("agent_id", as_dict=True, maintain_order=True)


def _dicts(parts: dict[tuple[object, ...], pl.DataFrame], agent_id: str) -> list[dict[str, Any]]:
    found = parts.get((agent_id,))
    return found.to_dicts() if found is not None else []
