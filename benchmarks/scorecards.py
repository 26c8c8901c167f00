"""What the files of a scorecard cost: the workbook and a page an agent, and a whole month of a team of forty.

python benchmarks/scorecards.py [--runs 3]
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from measuring import cost_of, side_by_side, verdict

HERE = Path(__file__).resolve().parent
TOOLKIT = [sys.executable, str(HERE.parent / "cli.py")]
PERIOD, PROFILE = "2026-10", "last-call"
DONE_OR_ROWS_SET_ASIDE = (0, 3)
RULE = """
[[scorecards]]
roles = ["collections_officer", "senior_collections_officer"]
kpis = [
  { kpi = "noc", weight = 30, target = 320 },
  { kpi = "call_effectiveness", weight = 30, target = 0.3 },
  { kpi = "right_party_rate", weight = 40, target = 0.83 },
]
"""


def setup(work: Path) -> Path:
    """The shipped set-up, with a scorecard if it has none."""
    own = work / "profile"
    shutil.copytree(HERE.parent / "toolkit" / "setups" / PROFILE, own)
    profile = own / "profile.toml"
    text = profile.read_text(encoding="utf-8")
    if "[[scorecards]]" not in text:
        profile.write_text(text + RULE, encoding="utf-8")
    return own


def sample(folder: Path, agents: int, accounts: int) -> Path:
    size = ["--agents", str(agents), "--accounts", str(accounts), "--months", "1", "--until", PERIOD, "--seed", "1"]
    cost_of([*TOOLKIT, "sample", "--profile", PROFILE, *size, "--out", str(folder), "--quiet"])
    return folder


def scorecard(data: Path, profile: Path, out: Path, *options: str) -> list[str]:
    fixed = ["--profile", str(profile), "--period", PERIOD, "--out", str(out), "--quiet"]
    return [*TOOLKIT, "scorecard", str(data), *fixed, *options]


def pages(work: Path, profile: Path, runs: int) -> None:
    """What the workbook and the pages of 200 agents and more add, for each."""
    data = sample(work / "many", 230, 2300)
    costs = side_by_side(
        {
            "neither": scorecard(data, profile, work / "neither", "--no-workbook", "--no-pages"),
            "both": scorecard(data, profile, work / "both"),
        },
        runs,
        DONE_OR_ROWS_SET_ASIDE,
    )
    made = len(list((work / "both" / "pages" / "agents").iterdir()))
    print(f"\n{made} agents, median of {runs} runs in turn")
    for name, cost in costs.items():
        print(f"{name:10} {cost}")
    each = (costs["both"].wall - costs["neither"].wall) * 1000 / made
    print(verdict("each agent, page and workbook", each, 15, "ms"))


def month(work: Path, profile: Path, runs: int) -> None:
    """The whole command for a team of forty."""
    data = sample(work / "forty", 40, 4000)
    costs = side_by_side({"month": scorecard(data, profile, work / "out")}, runs, DONE_OR_ROWS_SET_ASIDE)
    print(f"\n40 agents and 4,000 accounts\nmonth      {costs['month']}")
    print(verdict("the whole month", costs["month"].wall, 5, "s"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    # as installed: Python keeps what it has compiled
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as passing:
        work = Path(passing)
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(work / "compiled"))
        profile = setup(work)
        month(work, profile, asked.runs)
        pages(work, profile, asked.runs)


if __name__ == "__main__":
    main()
