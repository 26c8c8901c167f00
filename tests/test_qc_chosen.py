"""Calls that were not chosen by chance: heard, coached and shown, and no part of any mean."""

import csv
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from quality_cases import CALL_HEAD, EVALUATION_HEAD, call, folder_of
from quality_cases import evaluation as whole_evaluation
from scored_calls import HEADER, Branch, evaluation

import cli

CHOSEN = HEADER.replace("comment\n", "comment,chosen\n")
TARGETS = "kpi,scope_kind,scope,grain,target\nqc_score,all,,month,93%\n"


def chosen(how: str, name: str, call_id: str, **more: object) -> str:
    """The rows of an evaluation that say how its call was chosen."""
    return "".join(f"{row},{how}\n" for row in evaluation(name, call_id, **more).splitlines())


def with_extras(folder: Path, **tables: str) -> Branch:
    """A call by chance without a fault, and two others: after a complaint, failed at once, and one by hand, 80 %."""
    rows = chosen("", "E1", "K1") + chosen("risk", "E2", "K2", answers={"honest": "no"})
    return Branch.of(folder, CHOSEN + rows + chosen("by hand", "E3", "", answers={"greeting": "no"}), **tables)


def test_a_complaint_does_not_pull_the_mean_down_and_is_shown_beside_it(tmp_path: Path) -> None:
    branch = with_extras(tmp_path)
    said = branch.score().output
    row = branch.row("agents")
    assert (row["n"], row["score"], row["auto_fails"]) == ("1", "100.0000", "0")
    assert (row["extras"], row["extras_score"], row["extras_failed"]) == ("2", "40.0000", "1")
    assert "extras, apart: 2, of 40.00 %, failed at once: 1" in said
    assert [one["standing"] for one in branch.table("calls")] == ["counts", "apart", "apart"]
    assert "not chosen by chance (risk)" in branch.row("calls", evaluation_id="E2")["reason"]
    counts = branch.record["evaluations"]
    assert (counts["scored"], counts["apart"], counts["read"]) == (1, 2, 3)
    assert [row["share"] for row in branch.table("questions", scope_kind="agent", question="honest")] == ["100.0000"]


def test_the_pages_and_the_workbook_show_extras_apart(tmp_path: Path) -> None:
    branch = with_extras(tmp_path)
    branch.score()
    own = (branch.out / "pages" / "agents" / "A1.html").read_text(encoding="utf-8")
    words = "extras, apart: 2, of 40.00 %, failed at once: 1"
    assert words in own and "few calls" in own and "✗ failed at once (extra, apart)" in own
    assert words in (branch.out / "pages" / "index.html").read_text(encoding="utf-8")
    team = openpyxl.load_workbook(branch.out / "quality.xlsx")["Team"]
    heads = {cell.value: cell for row in team.iter_rows() for cell in row if cell.value in ("Extras", "Look at")}
    assert str(team.cell(heads["Extras"].row + 1, heads["Extras"].column).value).startswith("=COUNTIFS(")


def test_extras_reach_no_target_and_miss_none(tmp_path: Path) -> None:
    branch = with_extras(tmp_path, targets=TARGETS)
    branch.score()
    assert branch.row("agents")["met"] == "true"


def test_an_extra_that_is_disputed_is_provisional_and_stands_apart_again_once_it_is_decided(tmp_path: Path) -> None:
    head = "dispute_id,evaluation_id,question,step,at,by,answer,reason\n"
    raised = head + "D1,E2,honest,raised,2026-10-21 09:00,Asha,,said so\n"
    branch = with_extras(tmp_path, disputes=raised)
    branch.score()
    assert branch.row("calls", evaluation_id="E2")["standing"] == "provisional"
    with_extras(tmp_path, disputes=raised + "D1,E2,honest,overturned,2026-10-22 09:00,Other,yes,heard it\n")
    branch.score()
    row = branch.row("calls", evaluation_id="E2")
    assert (row["standing"], row["score"], row["first_score"]) == ("apart", "100.0000", "0.0000")


def test_the_kpis_of_the_scorecard_leave_extras_out_of_the_score_but_not_out_of_the_fails(tmp_path: Path) -> None:
    branch = with_extras(tmp_path)
    words = ["scorecard", str(branch.data), "--profile", str(tmp_path / "setup"), "--period", "2026-10"]
    words += ["--kpi", "qc_score", "--kpi", "auto_fails", "--out", str(branch.out)]
    result = CliRunner().invoke(cli.main, words)
    assert result.exit_code == 0, result.output
    found = {row["kpi"]: row for row in branch.table("values", scope_kind="agent", scope="A1")}
    assert {kpi: float(row["value"]) for kpi, row in found.items()} == {"qc_score": 1.0, "auto_fails": 1.0}
    assert found["qc_score"]["waiting"] == "0"  # nobody has anything to decide about an extra


def scorecard(branch: Branch, *kpis: str) -> dict[str, dict[str, str]]:
    """The values of an agent by KPI."""
    words = ["scorecard", str(branch.data), "--profile", str(branch.folder / "setup"), "--period", "2026-10"]
    asked = [word for kpi in kpis for word in ("--kpi", kpi)]
    result = CliRunner().invoke(cli.main, [*words, *asked, "--as-of", "2026-11-01", "--out", str(branch.out)])
    assert result.exit_code == 0, result.output
    return {row["kpi"]: row for row in branch.table("values", scope_kind="agent", scope="A1")}


def test_extras_do_not_make_enough_evaluated_calls(tmp_path: Path) -> None:
    calls = "call_id,agent_id,started_at,direction,connected\n"
    calls += "".join(f"K{n},A1,2026-10-{n:02d} 10:00,out,yes\n" for n in range(1, 7))
    for how, covered in (("random", 1.0), ("risk", 0.0)):
        rows = "".join(chosen("random" if n < 5 else how, f"E{n}", f"K{n}") for n in range(1, 6))
        branch = Branch.of(tmp_path / how, CHOSEN + rows, calls=calls)
        assert float(scorecard(branch, "qc_coverage")["qc_coverage"]["value"]) == covered


def test_whether_a_call_was_chosen_by_chance_is_said_once_for_each_evaluation(tmp_path: Path) -> None:
    lines = chosen("", "E1", "K1").splitlines(keepends=True)
    lines[1] = lines[1].rstrip("\n") + "risk\n"
    branch = Branch.of(tmp_path, CHOSEN + "".join(lines))
    branch.score(wanted=3)
    assert branch.row("problems")["column"] == "chosen"


# By the draw ----------------------------------------------------------------------------------------------


def toolkit(*words: object, wanted: int = 0) -> Result:
    result = CliRunner().invoke(cli.main, ["qc", *map(str, words)])
    assert result.exit_code == wanted, result.output
    return result


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Twelve calls of one agent; four are drawn, and the one that broke a rule is heard beside them."""
    calls = CALL_HEAD + "".join(call(number, day=number) for number in range(1, 13))
    place = folder_of(tmp_path, calls=calls, evaluations=EVALUATION_HEAD + whole_evaluation(1, day=1))
    (place / "breaches.csv").write_text("call_id,rule\n" + "".join(f"K{n},R\n" for n in range(1, 13)), encoding="utf-8")
    words = ("--profile", place, "--period", "2026-10", "--out", place / "draw", "--per-agent", "4", "--no-workbook")
    few = "\n[sampling]\nstrata = []\nrisk_at_most = 1\n"
    (place / "profile.toml").write_text((place / "profile.toml").read_text("utf-8") + few, encoding="utf-8")
    toolkit("sample", place / "data", *words, "--breaches", place / "breaches.csv", "--evaluators", "Quinn")
    return place


def how(desk: Path) -> dict[str, str]:
    """How each evaluated call stands, all twelve being evaluated."""
    rows = "".join(whole_evaluation(number, day=number) for number in range(1, 13))
    (desk / "data" / "evaluations.csv").write_text(EVALUATION_HEAD + rows, encoding="utf-8")
    words = ("--profile", desk, "--period", "2026-10", "--draw", desk / "draw", "--no-pages", "--no-workbook")
    toolkit("score", desk / "data", *words, "--out", desk / "out")
    found = Branch(desk).table("calls")
    return {row["call_id"]: f"{row['standing']} {row['chosen']}" for row in found}


def drawn(desk: Path) -> dict[str, str]:
    with (desk / "draw" / "sample.csv").open(encoding="utf-8", newline="") as file:
        return {row["call_id"]: "apart risk" if not row["weight"] else "counts random" for row in csv.DictReader(file)}


def test_of_a_draw_only_what_was_drawn_by_chance_counts(desk: Path) -> None:
    by_draw = drawn(desk)
    assert sorted(by_draw.values()) == ["apart risk", *["counts random"] * 4]
    assert how(desk) == {f"K{n}": by_draw.get(f"K{n}", "apart by_hand") for n in range(1, 13)}


def test_a_call_that_was_replaced_counts_no_more_and_the_one_in_its_place_does(desk: Path) -> None:
    gone = next(call_id for call_id, standing in drawn(desk).items() if standing == "counts random")
    toolkit("sample", "--out", desk / "draw", "--replace", gone, "--reason", "no audio", "--by", "Quinn", "--at",
            "2026-11-02 10:00")  # fmt: skip
    instead = (desk / "draw" / "replacements.csv").read_text("utf-8").splitlines()[1].split(",")[2]
    found = how(desk)
    assert (found[gone], found[instead]) == ("apart by_hand", "counts random")


def test_a_call_counts_as_often_as_its_weight_in_the_draw_says(tmp_path: Path) -> None:
    """Two of ten short calls score 100, two of two long ones 96: 10 x 100 + 2 x 96 of 12 are 99.3333, not 98."""
    short = "".join(call(number, day=number, seconds=30) for number in range(1, 11))
    long = "".join(call(number, day=number, seconds=500) for number in (11, 12))
    bad = {11: {"summary": "no"}, 12: {"summary": "no"}}
    rows = "".join(whole_evaluation(n, day=n, comment="x", **bad.get(n, {})) for n in range(1, 13))
    plan = '\n[sampling]\nstrata = ["length"]\nallocation = "equal"\nper_agent = 4\n'
    desk = folder_of(tmp_path, plan, calls=CALL_HEAD + short + long, evaluations=EVALUATION_HEAD + rows)
    words = ("--profile", desk, "--period", "2026-10")
    toolkit("sample", desk / "data", *words, "--out", desk / "draw", "--evaluators", "Quinn", "--no-workbook")
    done = toolkit("score", desk / "data", *words, "--draw", desk / "draw", "--out", desk / "out", "--no-workbook")
    row = Branch(desk).row("agents")
    weights = {row["weight"] for row in Branch(desk).table("calls", standing="counts")}
    assert weights == {"5.000000", "1.000000"}
    one_off = 100 - float(Branch(desk).row("calls", call_id="K11")["score"])
    assert (row["n"], float(row["score"])) == ("4", pytest.approx(100 - one_off / 2, abs=1e-4))
    assert float(row["weighted_score"]) == pytest.approx(100 - one_off * 2 / 12, abs=1e-4)
    assert "by the weights of the draw 99." in done.output
    toolkit("score", desk / "data", *words, "--out", desk / "other", "--no-workbook", "--no-pages")
    assert _weighted(desk / "other" / "agents.csv") == ""


def _weighted(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))["weighted_score"]


def test_an_evaluation_without_a_call_is_of_none_that_was_drawn(desk: Path) -> None:
    rows = whole_evaluation(1, day=1).replace(",K1,", ",,")
    (desk / "data" / "evaluations.csv").write_text(EVALUATION_HEAD + rows, encoding="utf-8")
    words = ("--profile", desk, "--period", "2026-10", "--draw", desk / "draw", "--no-pages", "--no-workbook")
    toolkit("score", desk / "data", *words, "--out", desk / "out")
    assert Branch(desk).row("calls")["chosen"] == "by_hand"


def test_a_draw_that_was_edited_afterwards_says_nothing(desk: Path) -> None:
    sample = desk / "draw" / "sample.csv"
    sample.write_text(sample.read_text("utf-8").replace("K1,", "K99,"), encoding="utf-8")
    words = ("--profile", desk, "--period", "2026-10", "--draw", desk / "draw", "--out", desk / "out")
    result = toolkit("score", desk / "data", *words, wanted=1)
    assert "not as it was when the calls were drawn" in result.output
    assert not (desk / "out").exists()
