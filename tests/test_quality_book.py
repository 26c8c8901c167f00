"""quality.xlsx of `toolkit qc score`: formulas give what was calculated, data never act, cut off stays cut off."""

import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office import formulas, named, needs_office, recalculated, stale, values
from scored_calls import HEADER, Branch, evaluation
from test_score_book import table

COMMAND = '=cmd|" /C calc"!A1'
STARS = """agent_id,name,role,team,branch,started_on,team_leader_id
A*,Asha,call_agent,North,Nakuru,2026-01-01,T1
A?,Asha,call_agent,North,Nakuru,2026-01-01,T1
T1,Tabu,team_leader,North,Nakuru,2026-01-01,
A1,"{}",call_agent,South,Kisumu,2026-01-01,
""".format(COMMAND.replace('"', '""'))
TARGETS = "kpi,scope_kind,scope,grain,target\nqc_score,all,,month,93%\n"
PLAIN = {"form": "plain", "version": "1"}


def plain(name: str, answer: str, agent: str, **more: Any) -> str:
    return evaluation(name, agent=agent, whole={"all": answer}, **PLAIN, **more)


def weeks(count: int, last: str, usual: int = 90) -> str:
    """Five evaluations in each of so many weeks before October and in one of October, by a form that is not known."""
    days = [(week, n, date(2026, 7, 27) + timedelta(7 * week + n)) for week in range(count) for n in range(5)]
    rows = [plain(f"W{week}{n}", f"{usual + (week + n) % 6}%", "A1", on=f"{day}") for week, n, day in days]
    return "".join([*rows, *(plain(f"L{n}", last, "A1", on=f"2026-10-{12 + n}") for n in range(5))])


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """Ids that Excel takes for patterns, a name that is a command, a disputed and a set-aside evaluation, a fail."""
    rows = evaluation("E1", agent="A*") + evaluation("E2", agent="A*", by="Lee", answers={"greeting": "no"})
    rows += evaluation("E3", agent="A?", answers={"honest": "no", "promise": "N/A"})
    rows += evaluation("E4", agent="A?", state="disputed", on="2026-10-31") + evaluation("E5", agent="A1", by="Lee")
    rows += evaluation("E6", agent="A1", by="Lee", answers={"greeting": "perhaps"})
    rows += plain("E7", "92.999999%", "A1") + evaluation("E8", agent="A1", state="void")
    rows += evaluation("E9", agent="A*", by="Lee", answers={"identity": "4", "greeting": "N/A"})
    found = Branch.of(tmp_path_factory.mktemp("book"), rows + weeks(9, "91%"), agents=STARS, calls="", targets=TARGETS)
    found.score(wanted=3)
    return found


def book(branch: Branch) -> Path:
    return branch.out / "quality.xlsx"


def test_the_sheets_are_those_of_the_about_sheet(branch: Branch) -> None:
    opened = openpyxl.load_workbook(book(branch))
    assert opened.sheetnames == [
        "Team", "Agents", "Pareto", "Questions", "Trend", "Evaluators", "Calls", "Checks", "About",
    ]  # fmt: skip
    told = {cell.value for row in opened["About"] for cell in row}
    assert {"weighted sections", "total points", "House form (house 1)".partition(" (")[2].rstrip(")")} <= told


def test_an_agents_row_says_score_interval_margin_target_and_what_is_open(branch: Branch) -> None:
    rows = {row["Agent"]: row for row in table(book(branch), "Team", "Agent")}
    good, failed = rows["Asha (A*)"], rows["Asha (A?)"]
    assert (good["Calls"], good["Score"], good["Target"], good["Reached"]) == (3, 0.9, 0.93, "✗ below")
    assert good["May truly lie"].endswith(" %")
    assert good["Margin of error"] == "3 calls, ±57 points"
    assert (failed["Score"], failed["Compliance"], failed["Failed at once"], failed["Disputed"]) == (0, 0, 1, 1)
    assert failed["Look at"].startswith("failed at once: 1; ")
    assert rows[COMMAND]["Set aside"] == 1


def test_92_999999_is_shown_as_92_99_and_not_as_reached(branch: Branch) -> None:
    calls = {row["Evaluation"]: row for row in table(book(branch), "Calls", "Evaluation")}
    assert calls["E7"]["Score"] == pytest.approx(0.929999)
    texts = [cell.value for row in openpyxl.load_workbook(book(branch), data_only=True)["Team"] for cell in row]
    assert "93.00 %" not in texts


def test_the_three_best_and_the_three_worst_questions_stand_in_the_agents_block(branch: Branch) -> None:
    rows = [row for row in table(book(branch), "Agents", "Agent") if row["Agent"] == "Asha (A*)"]
    said = [(row["Question"], row["Earned"]) for row in rows]
    assert ("Greeted the customer", 0.5) in said
    assert len(rows) <= 6


def test_sections_lose_together_all_that_was_lost(branch: Branch) -> None:
    rows = [row for row in table(book(branch), "Pareto", "Section") if row["Section"]]
    assert {row["Section"] for row in rows[:2]} == {"Opening", "Close"}
    assert sum(row["Of all lost"] for row in rows[:2]) == pytest.approx(1)
    assert rows[1]["Added up"] == pytest.approx(1)


def test_the_charts_are_native_with_a_line_that_adds_up(branch: Branch) -> None:
    with zipfile.ZipFile(book(branch)) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    pareto = [text for text in charts if "c:barChart" in text]
    assert any("c:lineChart" in text and "takes" in text for text in pareto)
    assert any('prstDash val="dash"' in text for text in charts)


def test_evaluators_stand_beside_each_other(branch: Branch) -> None:
    rows = {row["Evaluator"]: row for row in table(book(branch), "Evaluators", "Evaluator")}
    assert rows["Lee"]["Calls scored"] == 3
    assert rows["Lee"]["Set aside"] == 1
    assert rows["Quinn"]["On the last day"] > 0


def test_texts_of_the_data_are_texts(branch: Branch) -> None:
    opened = openpyxl.load_workbook(book(branch))
    found = [cell for sheet in opened for row in sheet for cell in row if cell.value == COMMAND]
    assert len(found) >= 3
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)
    assert not any("cmd" in text for of_sheet in formulas(book(branch)).values() for text in of_sheet.values())


def test_the_same_run_gives_the_same_bytes(branch: Branch) -> None:
    before = book(branch).read_bytes()
    branch.score(wanted=3)
    assert book(branch).read_bytes() == before


def test_weeks_are_judged_by_limits_of_the_weeks_before(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, weeks(9, "60%"), calls="")
    branch.score()
    rows = [row for row in table(branch.out / "quality.xlsx", "Trend", "Week") if row["Week"]]
    assert rows[9]["Score"] == 0.6
    assert rows[9]["Says"].startswith("✗ low: Western Electric rule 1")
    assert rows[0]["Says"] is None


def test_limits_are_kept_and_judge_later_months(tmp_path: Path) -> None:
    """Once 60 % is usual, 60 % is no drop; by the limits that were frozen before it still is."""
    branch = Branch.of(tmp_path, weeks(9, "60%"), calls="")
    branch.score()
    frozen = tmp_path / "frozen.json"
    frozen.write_bytes((branch.out / "limits.json").read_bytes())
    assert '"centre"' in frozen.read_text(encoding="utf-8")
    branch = Branch.of(tmp_path, weeks(9, "60%", usual=58), calls="")
    branch.score()
    assert [row["Says"] for row in table(branch.out / "quality.xlsx", "Trend", "Week")][9] is None
    branch.score("--limits", str(frozen))
    assert [row["Says"] for row in table(branch.out / "quality.xlsx", "Trend", "Week")][9].startswith("✗ low")


def test_a_week_of_few_calls_is_shown_and_not_judged(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, plain("E1", "10%", "A1") + plain("E2", "90%", "A1", on="2026-10-05"), calls="")
    branch.score()
    rows = [row for row in table(branch.out / "quality.xlsx", "Trend", "Week") if row["Week"]]
    assert {row["Says"] for row in rows[:2]} == {"few calls, not judged"}


def test_without_workbook_and_pages_there_are_none(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    branch.score("--no-workbook", "--no-pages")
    assert not (branch.out / "quality.xlsx").exists()
    assert not (branch.out / "pages").exists()
    branch.score()
    assert (branch.out / "pages" / "index.html").exists()


def test_a_running_month_is_stamped(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1"))
    branch.score("--as-of", "2026-10-21")
    opened = openpyxl.load_workbook(branch.out / "quality.xlsx")["Team"]
    assert opened["B2"].value.endswith("provisional: data to 21 October 2026")
    assert "PROVISIONAL" in opened.oddHeader.center.text


def test_nothing_that_counts_is_still_a_book(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", state="void") + evaluation("E2", state="draft"))
    branch.score()
    assert named(branch.out / "quality.xlsx", "master_check").startswith("✓")


@pytest.mark.e2e
@needs_office
def test_libreoffice_works_out_every_formula_to_the_stored_value(branch: Branch, tmp_path: Path) -> None:
    assert stale(book(branch), tmp_path) == []
    assert named(book(branch), "master_check") == "✓ All 4 checks agree"


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize("way", ["sum_of_points", "mean_of_calls"])
def test_recalculated_scores_are_those_of_the_files(tmp_path: Path, way: str) -> None:
    rows = evaluation("E1", answers={"greeting": "N/A", "promise": "N/A"}) + evaluation(
        "E2", answers={"promise": "part"}
    )
    rows += evaluation("E3", agent="A2", by="Lee", answers={"identity": "4", "greeting": "no"})
    branch = Branch.of(tmp_path, rows, more=f'[definitions]\nqc_score_of = "{way}"\n', targets=TARGETS)
    branch.score()
    anew = recalculated(branch.out / "quality.xlsx", tmp_path)
    shown = {row["Agent"]: row["Score"] for row in table(anew, "Team", "Agent")}
    for row in branch.table("agents"):
        assert shown[row["name"]] == pytest.approx(int(float(row["score"]) * 100 + 1e-6) / 10_000), row["name"]


@pytest.mark.e2e
@needs_office
def test_a_changed_call_changes_the_score_and_the_checks_say_so(branch: Branch, tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(book(branch))
    heads = next(row for row in opened["Calls"].iter_rows() if row[1].value == "Evaluation")
    earned = next(cell for cell in heads if cell.value == "Earned")
    opened["Calls"].cell(earned.row + 1, earned.column).value = 0.1
    opened.save(tmp_path / "changed.xlsx")
    anew = values(recalculated(tmp_path / "changed.xlsx", tmp_path))
    assert anew["Team"]["B3"].startswith("✗")


def test_evaluations_read_from_a_sheet_of_the_form_are_on_calls_too(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, HEADER + evaluation("E1", "K1"))
    branch.score()
    [row] = [row for row in table(branch.out / "quality.xlsx", "Calls", "Evaluation") if row["Evaluation"]]
    assert (row["Call"], row["Rolled up by"]) == ("K1", "weighted sections")
