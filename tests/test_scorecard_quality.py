"""`toolkit scorecard` says which evaluations are not in its quality score, and why."""

from pathlib import Path

from click.testing import CliRunner
from scored_calls import Branch, evaluation

import cli

CARD = """
[[scorecards]]
name = "calls"
kpis = [{ kpi = "qc_score", weight = 100, target = 0.93 }]
"""


def score(branch: Branch, *words: str) -> tuple[int, str]:
    asked = ["scorecard", str(branch.data), "--profile", str(branch.folder / "setup"), "--period", "2026-10"]
    done = CliRunner().invoke(cli.main, [*asked, "--out", str(branch.out), "--no-workbook", "--no-pages", *words])
    return done.exit_code, done.output


def test_an_evaluation_that_is_set_aside_is_said_with_its_place(tmp_path: Path) -> None:
    branch = Branch.of(
        tmp_path, evaluation("E1", "K1", answers={"greeting": "perhaps"}) + evaluation("E2", "K2"), more=CARD
    )
    code, said = score(branch)
    assert code == 3
    assert 'Evaluation E1 answers question greeting with "perhaps"' in said
    [problem] = [row for row in branch.table("problems") if row["code"] == "QC_SCORE_ANSWER"]
    assert (problem["file"], problem["row"]) == ("evaluations.csv", "2")


def test_evaluations_of_other_months_are_no_matter_of_this_one(tmp_path: Path) -> None:
    rows = evaluation("E1", answers={"greeting": "perhaps"}, on="2026-09-20") + evaluation("E2", "K2")
    code, said = score(Branch.of(tmp_path, rows, more=CARD))
    assert (code, "E1" in said) == (0, False)


def test_whoever_does_not_ask_for_quality_hears_nothing_of_it(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1", answers={"greeting": "perhaps"}))
    _, said = score(branch, "--kpi", "right_party_rate")
    assert "E1" not in said
