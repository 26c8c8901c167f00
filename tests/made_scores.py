"""Scorecard runs made by hand for the tests of their files: hostile names, gaps, gates, and every way to score."""

from datetime import date
from typing import Any

import polars as pl

from toolkit.definitions import Definitions
from toolkit.kpi_codes import kpi_codes
from toolkit.periods import parse
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals, WorkingDays
from toolkit.scorecard_reports.files import About
from toolkit.scorecards import ScorecardRun, scorecards
from toolkit.teams import Teams

OCTOBER = parse("2026-10")
SCRIPT, COMMAND = "<script>alert(1)</script> Omondi", "=cmd|' /C calc'!A0"
AGENTS = [
    {"agent_id": "A1", "name": SCRIPT, "role": "call_agent", "team": "North", "branch": "Nakuru"},
    {"agent_id": "A2", "name": COMMAND, "role": "call_agent", "team": "North", "branch": "Nakuru"},
    {"agent_id": "A3", "name": "Asha & Co", "role": "call_agent", "team": "Values", "branch": "Kisumu"},
    {"agent_id": "A4", "name": "Asha & Co", "role": "call_agent", "team": "Values", "branch": "Kisumu"},
    {"agent_id": "A/5", "name": "", "role": "call_agent", "team": "", "branch": "Kisumu"},
    {"agent_id": "F1", "name": "Feza Nyange", "role": "field_agent", "team": "Values", "branch": "Kisumu"},
]
CALLS_RULE: dict[str, Any] = {
    "name": "calls",
    "title": "Call desk",
    "roles": ["call_agent"],
    "kpis": [
        {"kpi": "collection_rate", "weight": 40, "target": "0.8", "floor": "0.3", "cap": "1.2"},
        {"kpi": "qc_score", "weight": 30, "target": "0.93", "worst": "0.73", "best": "0.93"},
        {"kpi": "right_party_rate", "weight": 20, "target": "0.6"},
        {"kpi": "lateness", "weight": 10, "target": "2"},
    ],
    "gates": [{"kpi": "qc_score", "at_least": "0.8", "otherwise": 60}],
}
FIELD_RULE: dict[str, Any] = {
    "name": "field",
    "title": "Field",
    "roles": ["field_agent"],
    "kpis": [
        {"kpi": "collected", "weight": 50, "target": "400000"},
        {"kpi": "collection_rate", "weight": 50, "target": 1},
    ],
}
COUNTED = {
    "A1": {"collection_rate": (250, 300), "qc_score": (9296, 10_000), "right_party_rate": (190, 300),
           "lateness": (0, None)},
    "A2": {"collection_rate": (60, 300), "qc_score": (15, 20), "right_party_rate": (60, 300), "lateness": (5, None)},
    "A3": {"collection_rate": (240, 300), "qc_score": (0, 0), "right_party_rate": (6, 10), "lateness": (2, None)},
    "A4": {"collection_rate": (291, 300), "qc_score": (95, 100), "right_party_rate": (250, 300)},
    "A/5": {"right_party_rate": (1, 3)},
    "F1": {"collected": (350_000.5, None), "collection_rate": (90, 120)},
}  # fmt: skip


def about(as_of: date = date(2026, 10, 31)) -> About:
    return About("Last call, Nakuru", OCTOBER, as_of, as_of < OCTOBER.last, "KES", 2, "last-call", "0.1.0")


def row(kind: str, scope: str, kpi: str, parts: tuple[float, float | None], period: str = "2026-10") -> dict[str, Any]:
    over, under = parts
    value = over if under is None else over / under if under else None
    low = under is not None and 0 < under < 30 and kpi_codes()[kpi].is_share
    note = "no base" if under == 0 else "low n" if low else ""
    return {"scope_kind": kind, "scope": scope, "kpi": kpi, "period": period, "numerator": float(over),
            "denominator": None if under is None else float(under), "value": value, "base_note": note, "waiting": 0,
            "definition": f"how {kpi} is counted"}  # fmt: skip


def values(counted: Any = COUNTED, agents: Any = AGENTS) -> pl.DataFrame:
    """A row for every agent, team, branch and role and for everybody, added up."""
    rows, sums = [], {}
    for agent in agents:
        for kpi, parts in counted.get(agent["agent_id"], {}).items():
            rows.append(row("agent", agent["agent_id"], kpi, parts))
            for kind in ("team", "branch", "role", "all"):
                scope = agent[kind] if kind != "all" else ""
                if scope or kind == "all":
                    before = sums.get((kind, scope, kpi), (0, None if parts[1] is None else 0))
                    under = None if parts[1] is None else before[1] + parts[1]
                    sums[kind, scope, kpi] = (before[0] + parts[0], under)
    return pl.DataFrame(rows + [row(kind, scope, kpi, parts) for (kind, scope, kpi), parts in sums.items()])


def with_entered(frame: pl.DataFrame, agent: str, kpi: str, value: float) -> pl.DataFrame:
    """The values with one that somebody entered without its parts."""
    mine = (pl.col("scope_kind") == "agent") & (pl.col("scope") == agent) & (pl.col("kpi") == kpi)
    given = {"numerator": None, "denominator": None, "value": value, "base_note": "given"}
    return frame.with_columns(
        pl.when(mine).then(pl.lit(new)).otherwise(pl.col(name)).alias(name) for name, new in given.items()
    )


def scored_run(
    counted: Any = COUNTED,
    agents: Any = AGENTS,
    rules: Any = (CALLS_RULE, FIELD_RULE),
    frame: pl.DataFrame | None = None,
    **more: Any,
) -> ScorecardRun:
    made = [Scorecard.model_validate({**rule, **more}) for rule in rules]
    teams = Teams(agents)
    targets = [target for rule in made for target in rule.targets()]
    days = WorkingDays.of([], teams, Definitions(), country="KE")
    found = values(counted, agents) if frame is None else frame
    return scorecards([found] * len(made), Goals(targets, days), made, teams, OCTOBER)


def one_team() -> ScorecardRun:
    """Four agents of one team and one rule, everything in order."""
    agents = [{"agent_id": f"B{n}", "name": f"Agent {n}", "role": "call_agent", "team": "North", "branch": "Nakuru"}
              for n in range(4)]  # fmt: skip
    counted = {
        f"B{n}": {"collection_rate": (200 + 20 * n, 300), "right_party_rate": (150 + 20 * n, 300)} for n in range(4)
    }
    kpis = [{"kpi": kpi, "weight": 50, "target": "0.7"} for kpi in ("collection_rate", "right_party_rate")]
    return scored_run(counted, agents, [{"kpis": kpis}])


def crowd(people: int) -> ScorecardRun:
    """So many agents in teams of twenty."""
    agents = [{"agent_id": f"C{n:04}", "name": f"Agent {n:04}", "role": "call_agent", "team": f"Team {n // 20}",
               "branch": "Nakuru"} for n in range(people)]  # fmt: skip
    counted = {
        agent["agent_id"]: {
            "collection_rate": (200 + n * 7 % 100, 300),
            "qc_score": (70 + n * 3 % 30, 100),
            "right_party_rate": (150 + n * 11 % 150, 300),
            "lateness": (n % 5, None),
        }
        for n, agent in enumerate(agents)
    }
    return scored_run(counted, agents, [CALLS_RULE])
