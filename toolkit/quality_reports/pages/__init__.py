"""The pages of call quality: one self-contained HTML file for everybody, each team, each agent, and the evaluators."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from toolkit.look import file_names
from toolkit.pages import html_page
from toolkit.quality_reports.pages.agents import agent_page
from toolkit.quality_reports.pages.evaluators import evaluator_page
from toolkit.quality_reports.pages.teams import Links, team_page
from toolkit.quality_reports.report import QualityReport

__all__ = ["AGENTS", "EVALUATORS", "INDEX", "TEAMS", "write_quality_pages"]

INDEX, TEAMS, AGENTS, EVALUATORS = "index.html", "teams", "agents", "evaluators.html"


def write_quality_pages(report: QualityReport, folder: Path) -> list[Path]:
    """Writes index.html, evaluators.html, teams/ where there are several, and agents/ with a page for each agent, which
    names nobody else. Gives the files."""
    agents = file_names(report.agents["scope"])
    rows = report.teams.filter(pl.col("scope_kind") == "team")
    teams = file_names(rows["scope"]) if rows.height > 1 else {}
    written = [
        _write(folder / INDEX, "quality/team.html.j2", team_page(report, _links(agents, teams))),
        _write(folder / EVALUATORS, "quality/evaluators.html.j2", evaluator_page(report, INDEX)),
    ]
    for team, file in teams.items():
        page = team_page(report, _links(agents, {}, "../"), team)
        written.append(_write(folder / TEAMS / f"{file}.html", "quality/team.html.j2", page))
    for agent, file in agents.items():
        written.append(_write(folder / AGENTS / f"{file}.html", "quality/agent.html.j2", agent_page(report, agent)))
    return written


def _links(agents: Mapping[str, str], teams: Mapping[str, str], up: str = "") -> Links:
    return Links(
        {agent: f"{up}{AGENTS}/{file}.html" for agent, file in agents.items()},
        {team: f"{TEAMS}/{file}.html" for team, file in teams.items()},
        f"{up}{INDEX}" if up else "",
        f"{up}{EVALUATORS}",
    )


def _write(path: Path, template: str, page: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html_page(template, page), encoding="utf-8", newline="\n")
    return path
