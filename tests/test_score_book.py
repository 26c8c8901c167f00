"""scorecard.xlsx: formulas that give what was calculated, sheets a person can read, nothing of the data that acts."""

import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from made_scores import CALLS_RULE, COMMAND, about, crowd, one_team, scored_run, values, with_entered
from office import converted, formulas, named, needs_office, recalculated, stale
from office import values as cells

from toolkit.scorecard_reports.book import write_score_book
from toolkit.scorecard_reports.book.checks import sums_of
from toolkit.scorecards import ScorecardRun


def made(folder: Path, run: ScorecardRun | None = None, **more: Any) -> Path:
    out = folder / "scorecard.xlsx"
    write_score_book(run or scored_run(), more.pop("values", values()), about(**more), out)
    return out


def table(book: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    """The rows under the head that begins with this word, in column B."""
    opened = openpyxl.load_workbook(book, data_only=True)[sheet]
    top = next(row[0].row for row in opened.iter_rows(min_col=2, max_col=2) if row[0].value == head)
    heads = [cell.value for cell in opened[top][1:]]
    rows = opened.iter_rows(min_row=top + 1, min_col=2, values_only=True)
    return [dict(zip(heads, row, strict=False)) for row in rows]


def test_each_rule_has_a_sheet_and_each_team_its_own(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path))
    assert opened.sheetnames[:2] == ["Call desk", "North, Call desk"]
    assert [name for name in opened.sheetnames if name.startswith("Values")] == ["Values, Call desk", "Values"]
    assert opened.sheetnames[-4:] == ["Scores", "Values", "Checks", "About"]


def test_a_team_named_like_a_sheet_of_the_book_gets_another_name(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path, scored_run(rules=[CALLS_RULE])))
    assert "Team Values" in opened.sheetnames


def test_one_team_is_one_sheet(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path, one_team()))
    assert opened.sheetnames == ["Scorecard", "Scores", "Values", "Checks", "About"]


def test_a_row_says_all_of_an_agent(tmp_path: Path) -> None:
    rows = {row["Agent"]: row for row in table(made(tmp_path), "Call desk", "Agent")}
    low = rows[COMMAND]
    assert (low["Collection rate"], low["Rank band"], low["Rank"]) == (0.2, "▼ below", 4)
    assert low["Look at"] == "Call quality score: 75.0% holds the total at 60 or less; 3 more"
    assert rows["A/5"]["Score"] == "–"
    assert rows["A/5"]["Look at"].startswith("Right-party contacts: 33.3%, target 60.0%, but too few to say (3 calls)")
    assert {"Asha & Co (A3)", "Asha & Co (A4)"} <= set(rows)
    assert rows["Target"]["Late arrivals"] == "2"


def test_a_value_just_under_its_target_is_not_shown_as_the_target(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path))["Call desk"]
    shown = [cell.number_format for row in opened for cell in row if cell.value and "Values!" in str(cell.value)]
    assert '"◆ "0.00%' in shown


def test_texts_of_the_data_are_texts(tmp_path: Path) -> None:
    out = made(tmp_path)
    opened = openpyxl.load_workbook(out)
    found = [cell for sheet in opened for row in sheet for cell in row if cell.value == COMMAND]
    assert len(found) >= 3
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)
    assert not any("cmd" in text for of_sheet in formulas(out).values() for text in of_sheet.values())


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    assert made(tmp_path).read_bytes() == made(tmp_path / "again").read_bytes()


def test_charts_are_native_and_pages_one_wide(tmp_path: Path) -> None:
    with zipfile.ZipFile(made(tmp_path, one_team())) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(charts) == 2
    assert any('prstDash val="dash"' in chart and "reach the target" in chart for chart in charts)
    for sheet in sheets:
        assert "fitToPage" in sheet
        assert 'fitToWidth="' not in sheet or 'fitToWidth="1"' in sheet


def test_a_running_month_is_stamped(tmp_path: Path) -> None:
    out = made(tmp_path, as_of=date(2026, 10, 21))
    opened = openpyxl.load_workbook(out)["Call desk"]
    assert opened["B2"].value.endswith("provisional: data to 21 October 2026")
    assert "PROVISIONAL" in opened.oddHeader.center.text


def test_days_are_shown_over_time(tmp_path: Path) -> None:
    days = pl.concat([values().with_columns(period=pl.lit(f"2026-10-{day:02}")) for day in (1, 2, 3)])
    out = made(tmp_path, values=days)
    assert [row["Period"] for row in table(out, "Trend", "Period")][:3] == ["2026-10-01", "2026-10-02", "2026-10-03"]


def test_sums_agree_or_say_why(tmp_path: Path) -> None:
    assert named(made(tmp_path), "master_check").startswith("✓")
    by_kpi = {row.kpi: row for row in sums_of(scored_run()) if row.part == "numerator"}
    assert by_kpi["qc_score"].agrees
    assert "without a team" in by_kpi["right_party_rate"].why


def test_a_sum_that_nothing_explains_differs(tmp_path: Path) -> None:
    run = scored_run()
    everybody = run.of("all")[0]
    lines = tuple(replace(line, numerator=1.0) if line.kpi == "right_party_rate" else line for line in everybody.lines)
    cards = tuple(replace(card, lines=lines) if card is everybody else card for card in run.cards)
    assert named(made(tmp_path, replace(run, cards=cards)), "master_check").startswith("✗")


@pytest.mark.e2e
@needs_office
@pytest.mark.parametrize("policy", ["respread", "zero", "no_score"])
def test_libreoffice_works_out_every_formula_to_the_stored_value(tmp_path: Path, policy: str) -> None:
    assert stale(made(tmp_path, scored_run(no_base=policy)), tmp_path) == []


@pytest.mark.e2e
@needs_office
def test_recalculated_scores_totals_and_ranks_are_those_calculated(tmp_path: Path) -> None:
    run = scored_run()
    anew = recalculated(made(tmp_path, run), tmp_path)
    shown = {(row["Scorecard"], row["Kind"], row["Id"] or ""): row for row in table(anew, "Scores", "Scorecard")}
    kinds = {"all": "everybody"}
    for card in run.cards:
        row = shown[card.rule.title, kinds.get(card.scope_kind, card.scope_kind), card.scope]
        total = None if card.total is None else float(card.total)
        assert (row["Total"] or None) == pytest.approx(total, abs=1e-6), card.scope
        assert ((row["Rank"] or None), row["Called"]) == (card.rank, card.band)
    scores = [row for row in table(anew, "Values", "Scorecard") if row["Scorecard"]]
    lines = [line for card in run.cards for line in card.lines]
    assert len(scores) == len(lines)
    for row, line in zip(scores, lines, strict=True):
        assert (None if row["Score"] in ("", None) else row["Score"]) == pytest.approx(
            None if line.score is None else float(line.score), abs=1e-6
        )


@pytest.mark.e2e
@needs_office
def test_entered_values_without_parts_stand_beside_formulas(tmp_path: Path) -> None:
    frame = with_entered(values(), "A1", "collection_rate", 0.7)
    out = made(tmp_path, scored_run(frame=frame))
    assert stale(out, tmp_path) == []
    entered = [row for row in table(out, "Values", "Scorecard") if row["Note"] == "given"]
    assert [(row["Value"], row["Numerator"]) for row in entered] == [(0.7, None)]


@pytest.mark.e2e
@needs_office
def test_a_changed_figure_changes_the_total_and_the_checks_say_so(tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(made(tmp_path, one_team()))
    sheet = opened["Values"]
    heads = next(row for row in sheet.iter_rows() if row[1].value == "Scorecard")
    counted = next(cell for cell in heads if cell.value == "Numerator")
    sheet.cell(counted.row + 1, counted.column).value = 30
    changed = tmp_path / "changed.xlsx"
    opened.save(changed)
    anew = cells(recalculated(changed, tmp_path))
    assert anew["Scorecard"]["B3"].startswith("✗")


@pytest.mark.e2e
@needs_office
def test_nothing_is_cut_off_on_paper(tmp_path: Path) -> None:
    [pdf] = converted([made(tmp_path)], tmp_path, "pdf")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True).stdout.decode()  # noqa: S603, S607
    assert "###" not in text
    assert "#NAME" not in text
    assert not re.search(r"#(REF|VALUE|DIV/0|N/A)", text)


@pytest.mark.slow
def test_a_thousand_agents_fit(tmp_path: Path) -> None:
    run = crowd(1000)
    out = made(tmp_path, run)
    assert named(out, "master_check").startswith("✓")
    assert len([row for row in table(out, "Scores", "Scorecard") if row["Kind"] == "agent"]) == 1000


def test_nobody_scored_is_still_a_book(tmp_path: Path) -> None:
    run = scored_run(counted={})
    out = made(tmp_path, run, values=values())
    assert {row["Score"] for row in table(out, "Call desk", "Agent") if row["Rank band"]} <= {"–", None}


def test_a_half_reads_the_same_in_excel_and_in_words(tmp_path: Path) -> None:
    """621 of 720 is 86.25 %, which Excel shows as 86.3 %."""
    rows = {row["Agent"]: row for row in table(made(tmp_path), "Field", "Agent") if row["Agent"]}
    assert rows["Values"]["Look at"].startswith("Collection rate: 86.3%, target 100.0%")
