"""A set-up with a quality form of its own, and evaluations as people have them, for the tests of call quality."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

import cli

PROFILE = """
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"
forms = [{forms}]
{more}
"""
HOUSE = """
code = "house"
version = "1"
title = "House form"
start = 2026-01-01
roll_up = "weighted_sections"

[[sections]]
code = "opening"
title = "Opening"
weight = 40
questions = [
    { code = "greeting", text = "Greeted the customer" },
    { code = "identity", text = "Asked who it is", type = "scale", lowest = 1, highest = 5, not_applicable = "not_allowed", comment_below = 50 },
]

[[sections]]
code = "close"
title = "Close"
weight = 60
questions = [
    { code = "promise", text = "Got a promise", type = "multi", answers = { full = 2, part = 1, little = 0 } },
    { code = "honest", text = "Told no lies", critical = true, auto_fail = ["no"] },
]
"""  # noqa: E501  # a question stands on one line
AGENTS = """agent_id,name,role,team,branch,started_on,team_leader_id
A1,Asha,call_agent,North,Nakuru,2026-01-01,T1
A2,Baraka,call_agent,North,Nakuru,2026-01-01,T1
A3,Chep,call_agent,South,Kisumu,2026-01-01,
T1,Tabu,team_leader,North,Nakuru,2026-01-01,
"""
CALLS = "call_id,agent_id,started_at\n" + "".join(
    f"K{n},{agent},2026-10-{n:02d} 10:00\n" for n, agent in enumerate(("A1", "A1", "A2", "A2", "A3", "A3"), start=1)
)
HEADER = "evaluation_id,call_id,agent_id,evaluator,evaluated_on,form,form_version,question,answer,state,comment\n"
GOOD = {"greeting": "yes", "identity": "5", "promise": "full", "honest": "yes"}


def evaluation(name: str, call: str = "", agent: str = "A1", **more: Any) -> str:
    """The rows of one evaluation; answers: what differs from a call without a fault, None for no row."""
    given = {"by": "Quinn", "on": "2026-10-20", "form": "house", "version": "1", "state": "submitted", "comment": ""}
    given |= {key: more.pop(key) for key in list(more) if key in given}
    said = more.pop("whole", None) or GOOD | more.pop("answers", {})
    assert not more, more
    head = f"{name},{call},{agent},{given['by']},{given['on']},{given['form']},{given['version']}"
    tail = f"{given['state']},{given['comment']}"
    return "".join(f"{head},{question},{answer},{tail}\n" for question, answer in said.items() if answer is not None)


@dataclass(frozen=True)
class Branch:
    """A folder with a set-up and data, and what the commands make of them."""

    folder: Path

    @classmethod
    def of(
        cls, folder: Path, evaluations: str = "", *, form: str = HOUSE, more: str = "", forms: str = '"house.toml"',
        **tables: str,
    ) -> "Branch":  # fmt: skip
        """evaluations: rows below `HEADER`, or a whole table with a header of its own."""
        branch = cls(folder)
        (folder / "setup" / "forms").mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
        (folder / "setup" / "profile.toml").write_text(PROFILE.format(forms=forms, more=more), encoding="utf-8")
        branch.with_form(form)
        text = evaluations if "evaluation_id," in evaluations.partition("\n")[0] else HEADER + evaluations
        for name, content in {"agents": AGENTS, "calls": CALLS, "evaluations": text, **tables}.items():
            if content:
                (folder / "data" / f"{name}.csv").write_text(content, encoding="utf-8")
        return branch

    def with_form(self, text: str, name: str = "house.toml") -> None:
        (self.folder / "setup" / "forms" / name).write_text(text, encoding="utf-8")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def run(self, *words: str, out: Path | None = None, wanted: int | tuple[int, ...] = 0) -> Result:
        """A command of `toolkit qc`, which has to end with this code."""
        said = [words[0], str(self.data), "--profile", str(self.folder / "setup"), *words[1:]]
        result = CliRunner().invoke(cli.main, ["qc", *said, "--out", str(out or self.out)], terminal_width=300)
        assert result.exit_code in (wanted if isinstance(wanted, tuple) else (wanted,)), result.output
        return result

    def score(self, *words: str, wanted: int | tuple[int, ...] = 0) -> Result:
        return self.run("score", "--period", "2026-10", *words, wanted=wanted)

    def table(self, name: str, **where: str) -> list[dict[str, str]]:
        """The rows of a CSV file that has been written."""
        with (self.out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return [row for row in rows if all(row[key] == value for key, value in where.items())]

    def row(self, name: str, **where: str) -> dict[str, str]:
        [found] = self.table(name, **where)
        return found

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "scores.json").read_text(encoding="utf-8"))
        return found
