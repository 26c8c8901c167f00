"""The buttons of the team, pressed as the macros press them: what they show is what the commands write."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from standin import application, opened
from test_buttons import rows_of, setting, status
from test_functions_in_cells import asked

from cli import main
from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.excel.layout import layout
from toolkit.excel.shown_as import Area, addresses, formats_of
from toolkit.own_profile import copy_profile
from toolkit.profiles import load_profile
from toolkit.samples import make_sample

PROFILE, PERIOD, MOMENT = "last-call", "2026-10", "2026-10-21 15:00"
MOST_CALLS = 60
SCORECARD = """
[[scorecards]]
name = "officers"
roles = ["collections_officer", "senior_collections_officer"]
kpis = [
    { kpi = "noc", weight = 50 },
    { kpi = "right_party_rate", weight = 30, target = "0.80", floor = "0.10" },
    { kpi = "call_effectiveness", weight = 20, worst = "0.20", best = "0.60", target = "0.60" },
]
"""
ROSTER = "agent_id,work_on,scheduled_in,scheduled_out,absence\n" + "".join(
    f"LC-00{number},2026-10-21,2026-10-21 08:00,2026-10-21 17:00,{'sick' if number == 3 else ''}\n"
    for number in range(1, 9)
)
LEADS = "lead_on,agent_id,account_id\n2026-10-21,LC-003,LN00001\n2026-10-21,LC-004,LN00002\n"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set-up of one's own with a scorecard, and the exports of its branch."""
    folder = tmp_path_factory.mktemp("team")
    for name, scorecard in (("north", SCORECARD), ("plain", "")):
        copy_profile(name, PROFILE, folder / name)
        own = folder / name / "profile.toml"
        shipped = re.sub(r"^\[\[scorecards.*?(?=^\[(?!\[scorecards))", "", own.read_text("utf-8"), flags=re.M | re.S)
        own.write_text(shipped + scorecard, encoding="utf-8")
    make_sample(load_profile(PROFILE), folder / "exports", agents=8, accounts=60, months=2, seed=3)
    for name, text in (("roster", ROSTER), ("leads", LEADS)):
        (folder / "exports" / f"{name}.csv").write_text(text, encoding="utf-8")
    calls = folder / "exports" / "calls.csv"
    kept = [line for line in calls.read_text("utf-8").splitlines() if "LC-003" not in line or "21/10/2026" not in line]
    calls.write_text("\n".join([*kept, ""]), encoding="utf-8")
    return folder


@pytest.fixture
def book(branch: Path, tmp_path: Path) -> Iterator[Any]:
    made = build_workbook(
        str(branch / "north"), tmp_path / "c.xlsm", data=branch / "exports", results=tmp_path / "out", period=PERIOD
    )
    with opened(made, "memory") as found:
        yield found


def by_command(branch: Path, out: Path, command: str, *options: str) -> Path:
    words = [command, str(branch / "exports"), "--profile", str(branch / "north"), "--out", str(out), "--quiet"]
    done = CliRunner().invoke(main, [*words, *options])
    assert done.exit_code in (0, 3), done.output
    return out


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(book: Any, sheet: str, name: str) -> list[dict[str, Any]]:
    heads, *rows = rows_of(book, sheet, name)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def number(text: str) -> Any:
    """A figure of a CSV file, which has nine digits behind the point."""
    return pytest.approx(float(text), abs=2e-9) if text else None


def test_the_scorecard_shows_what_the_command_writes(book: Any, branch: Path, tmp_path: Path) -> None:
    press("build_scorecard")
    expected = table(by_command(branch, tmp_path / "by-command", "scorecard", "--period", PERIOD) / "scorecard.csv")
    rows = {(row["Of"], row["Who"], row["KPI"]): row for row in shown(book, "Scorecard", "scores")}
    assert len(rows) == len(expected) > 20
    for row in expected:
        mine = rows[row["scope_kind"], row["scope"] or "everybody", row["kpi"]]
        value = number(row["value"])
        note = row["note"] if row["kpi"] != "total" else ""
        assert mine["Value"] == (value if value is not None else note or None)
        assert mine["Score"] == number(row["score"])
        assert (mine["Target"], mine["Weight"]) == (number(row["target"]), number(row["weight"]))
        assert mine["Rank"] == number(row["rank"])
        if row["kpi"] != "total":
            assert row["definition"] in (mine["Why"] or "")
    assert status(book).startswith(f"✓ {PERIOD}: scorecards of ")
    made = tmp_path / "out" / f"{PERIOD}-scorecard"
    assert table(made / "scorecard.csv") == expected


def test_the_best_comes_first_and_each_line_says_how_it_stands_without_colour(book: Any) -> None:
    press("build_scorecard")
    rows = shown(book, "Scorecard", "scores")
    totals = [row for row in rows if row["Of"] == "agent" and row["KPI"] == "total"]
    ranks = [row["Rank"] for row in totals if row["Rank"] is not None]
    assert ranks == sorted(ranks)
    assert rows[0] == totals[0]
    assert {row["Look"][0] for row in totals} <= {"✓", "◆", "✗"}
    assert {row["Unit"] for row in rows if row["KPI"] == "right_party_rate"} == {"percent"}


def test_a_figure_without_a_base_says_so_in_its_cell(book: Any, branch: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for path in (branch / "exports").iterdir():
        text = path.read_text(encoding="utf-8")
        (few / path.name).write_text(text.splitlines()[0] + "\n" if path.name == "calls.csv" else text, "utf-8")
    setting(book, "data_folder", str(few))
    setting(book, "as_of", "2026-10-31")
    press("build_scorecard")
    rows = [row for row in shown(book, "Scorecard", "scores") if row["KPI"] == "right_party_rate"]
    assert rows
    assert {(row["Value"], row["Score"]) for row in rows} == {("no base", None)}


def test_a_set_up_without_a_scorecard_shows_its_values(branch: Path, tmp_path: Path) -> None:
    made = build_workbook(
        str(branch / "plain"), tmp_path / "plain.xlsm", data=branch / "exports", results=tmp_path / "out", period=PERIOD
    )
    with opened(made, "memory") as book:
        press("build_scorecard")
        assert "values without scores" in status(book)
        expected = table(tmp_path / "out" / f"{PERIOD}-scorecard" / "values.csv")
        rows = {(row["Of"], row["Who"], row["KPI"]): row["Value"] for row in shown(book, "Scorecard", "scores")}
        for row in expected:
            value = number(row["value"])
            assert rows[row["scope_kind"], row["scope"] or "everybody", row["kpi"]] == (
                row["base_note"] if value is None else value
            )


def test_the_hourly_update_shows_what_the_command_writes(book: Any, branch: Path, tmp_path: Path) -> None:
    setting(book, "as_of", MOMENT)
    press("hourly_update")
    out = by_command(branch, tmp_path / "by-command", "hourly", "--as-of", MOMENT)
    hours = [row for row in shown(book, "Hourly", "hourly") if row["Hour"] != "day so far"]
    expected = table(out / "hourly.csv")
    assert len(hours) == len(expected) > 0
    by_hour = {(row["agent_id"], f"{int(row['hour']):02d}:00–{int(row['hour']) + 1:02d}:00"): row for row in expected}
    for row in hours:
        other = by_hour[row["Who"], row["Hour"]]
        assert (row["So far"], row["Due by then"]) == (float(other["so_far"]), float(other["due_by_now"]))
        assert row["Look"].startswith("✗ behind") == (other["behind"] == "yes")
        assert row["Attempts"] == float(other["attempts"])
    made = tmp_path / "out" / "hourly"
    assert (made / "hourly.txt").read_bytes() == (out / "hourly.txt").read_bytes()
    assert status(book).startswith("◆ 2026-10-21 15:00:")
    assert "hourly.txt" in status(book)


def test_who_is_behind_stands_first_and_who_is_away_is_not_judged(book: Any) -> None:
    setting(book, "as_of", MOMENT)
    press("hourly_update")
    days = [row for row in shown(book, "Hourly", "hourly") if row["Hour"] == "day so far"]
    looks = [row["Look"] for row in days]
    assert looks[0] == "✗ behind"
    assert looks[-1] == "▼ sick"
    assert days[-1]["Who"] == "LC-003"
    assert f"{looks.count('✗ behind')} behind" in status(book)


def test_the_day_lists_who_is_away_with_leads_and_the_rest(book: Any, branch: Path, tmp_path: Path) -> None:
    setting(book, "as_of", "2026-10-21 08:00")
    press("my_team_today")
    rows = shown(book, "Today", "today")
    heads = [row["Look"] for row in rows if row["Look"] and not row["Who"] and not row["Account or KPI"]]
    assert heads == [
        "Away",
        "Targets, and the month up to yesterday",
        "Promises due today",
        "Overdue and untouched",
        "Working",
    ]
    away = [row for row in rows if row["Look"] == "▼ sick"]
    assert [(row["Who"], row["Account or KPI"]) for row in away] == [("LC-003", "LN00001")]
    out = by_command(branch, tmp_path / "by-command", "today", "--as-of", "2026-10-21 08:00")
    untouched = [row["Account or KPI"] for row in rows if row["Look"] == "✗ untouched"]
    assert untouched == [row["account_id"] for row in table(out / "untouched.csv")]
    assert {row["Who"] for row in rows if row["Look"] == "● works"} == {
        row["agent_id"] for row in table(out / "working.csv")
    }
    assert (tmp_path / "out" / "today" / "today.txt").is_file()


def test_what_a_list_would_need_is_said_on_the_sheet_and_among_the_problems(
    book: Any, branch: Path, tmp_path: Path
) -> None:
    less = tmp_path / "less"
    less.mkdir()
    for path in (branch / "exports").iterdir():
        if path.stem not in ("promises", "roster", "leads"):
            (less / path.name).write_bytes(path.read_bytes())
    setting(book, "data_folder", str(less))
    setting(book, "as_of", "2026-10-21 08:00")
    press("my_team_today")
    rows = shown(book, "Today", "today")
    assert sum(row["Account or KPI"] == "not known: see Problems" for row in rows) == 2
    told = " ".join(row["What is wrong"] for row in shown(book, "Problems", "problems"))
    assert "the data have no promises" in told
    assert "the data have no roster" in told
    assert status(book).startswith("◆ ")


def test_a_pasted_table_takes_the_place_of_the_file(book: Any, branch: Path) -> None:
    setting(book, "as_of", MOMENT)
    rows = list(csv.reader(ROSTER.replace("sick", "").splitlines()))
    sheet = book.sheets.add("Roster")
    sheet.range((1, 1), (len(rows), len(rows[0]))).raw_value = rows
    setting(book, "pasted", "Roster")
    press("hourly_update")
    assert not [row for row in shown(book, "Hourly", "hourly") if row["Look"] == "▼ sick"]


# --- what is in the way --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "name", "value", "sentence"),
    [
        ("build_scorecard", "period", "", "the setting “Period” is empty"),
        ("build_scorecard", "period", "2025-01-99", "is not a period"),
        ("build_scorecard", "period", "2027-01", "nothing of it has happened yet"),
        ("my_team_today", "as_of", "", "the setting “Data stand at” is empty"),
        ("my_team_today", "as_of", "21.10.2026", "the setting “Data stand at” is no day"),
        ("hourly_update", "out_folder", "", "the setting “Folder for results” is empty"),
        ("hourly_update", "data_folder", "C:\\gone", "is not there"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_and_nothing_changes(
    book: Any, tmp_path: Path, button: str, name: str, value: str, sentence: str
) -> None:
    setting(book, "as_of", MOMENT if button != "build_scorecard" else "2026-10-31")
    sheet, block = {"build_scorecard": ("Scorecard", "scores"), "hourly_update": ("Hourly", "hourly")}.get(
        button, ("Today", "today")
    )
    press(button)
    before, files = rows_of(book, sheet, block), sorted(tmp_path.rglob("out/**/*"))
    times = [path.stat().st_mtime_ns for path in files]
    setting(book, name, value)
    with pytest.raises(SystemExit) as stopped:
        press(button)
    assert sentence in str(stopped.value)
    assert status(book).startswith("✗ ")
    assert rows_of(book, sheet, block) == before
    assert [path.stat().st_mtime_ns for path in files] == times


def test_a_protected_sheet_is_named_before_any_file_is_made(book: Any, tmp_path: Path) -> None:
    setting(book, "as_of", MOMENT)
    for sheet, button in (("Scorecard", "build_scorecard"), ("Hourly", "hourly_update"), ("Today", "my_team_today")):
        book.sheets[sheet].api.Protect()
        with pytest.raises(SystemExit, match=f"the sheet {sheet} is protected"):
            press(button)
    assert rows_of(book, "Data", "data")[1:] == []
    assert not (tmp_path / "out").exists()


def test_work_that_is_broken_off_leaves_no_half_of_it(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press("build_scorecard")
    before = rows_of(book, "Scorecard", "scores")
    record = (tmp_path / "out" / f"{PERIOD}-scorecard" / "scorecard.json").read_bytes()
    monkeypatch.setattr("toolkit.scorecard_reports.files.write_problems", lambda *_: 1 / 0)
    with pytest.raises(SystemExit, match="did not expect"):
        press("build_scorecard")
    assert rows_of(book, "Scorecard", "scores") == before
    made = tmp_path / "out" / f"{PERIOD}-scorecard"
    assert (made / "scorecard.json").read_bytes() == record
    assert set(json.loads(record)["files"]) <= {
        path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()
    }


def test_more_rows_than_the_sheet_has_room_for_are_told_with_the_files(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.excel.score_rows.rows_of", lambda _: [["agent"]] * 2001)
    with pytest.raises(SystemExit, match="2001 rows, and the sheet Scorecard has room for 2000"):
        press("build_scorecard")
    assert (tmp_path / "out" / f"{PERIOD}-scorecard" / "scorecard.csv").is_file()
    assert rows_of(book, "Scorecard", "scores")[1:] == []


def test_the_buttons_make_few_calls_to_excel(book: Any) -> None:
    setting(book, "as_of", MOMENT)
    for button in ("build_scorecard", "hourly_update", "my_team_today"):
        before = application(book).calls
        press(button)
        assert application(book).calls - before <= MOST_CALLS, button


def test_a_large_team_takes_no_more_calls(branch: Path, tmp_path: Path) -> None:
    make_sample(load_profile(PROFILE), tmp_path / "exports", agents=40, accounts=400, months=2, seed=3)
    where = {"data": tmp_path / "exports", "results": tmp_path / "out", "period": PERIOD}
    with opened(build_workbook(PROFILE, tmp_path / "large.xlsm", **where), "memory") as book:
        setting(book, "as_of", MOMENT)
        for button in ("build_scorecard", "hourly_update", "my_team_today"):
            before = application(book).calls
            press(button)
            assert application(book).calls - before <= MOST_CALLS, button


# --- how figures are shown -------------------------------------------------------------------------------


def formats(book: Any, sheet: str, name: str, columns: str) -> dict[tuple[str, str], set[str]]:
    """The number formats of the figures, by column and unit."""
    area = book.sheets[sheet].range(f"block_{name}")
    heads, *rows = area.options(ndim=2).value
    found: dict[tuple[str, str], set[str]] = {}
    for at, head in enumerate(heads):
        for number, row in enumerate(rows, 1):
            if head in columns.split(", ") and isinstance(row[at], float):
                unit = row[heads.index("Unit")]
                found.setdefault((head, unit), set()).add(area[number, at].number_format)
    return found


def test_each_figure_has_the_number_format_of_its_unit(book: Any) -> None:
    press("build_scorecard")
    shown_as = formats(book, "Scorecard", "scores", "Value, Target")
    assert shown_as["Value", "percent"] == {"0.0%"}
    assert shown_as["Target", "percent"] == {"0.0%"}
    assert shown_as["Value", "count"] == {"#,##0"}
    setting(book, "as_of", MOMENT)
    press("hourly_update")
    assert formats(book, "Hourly", "hourly", "So far, Due by then") == {
        ("So far", "count"): {"#,##0"},
        ("Due by then", "count"): {"#,##0.0"},
    }
    press("my_team_today")
    listed = formats(book, "Today", "today", "Is, Should be, Today")
    assert listed["Is", "percent"] == {"0.0%"}
    assert listed["Is", "TZS"] == {'#,##0.00;-#,##0.00;"–"'}
    assert listed["Today", "count"] <= {"#,##0", "#,##0.0"}


def test_what_an_earlier_press_has_left_is_no_format_of_the_next(book: Any, branch: Path, tmp_path: Path) -> None:
    press("build_scorecard")
    whole = formats(book, "Scorecard", "scores", "Value, Target")
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    for path in (branch / "exports").iterdir():
        lines = path.read_text("utf-8").splitlines()
        kept = [line for line in lines if path.stem != "agents" or not line.startswith("LC-004")]
        (fewer / path.name).write_text("\n".join([*kept, ""]), encoding="utf-8")
    setting(book, "data_folder", str(fewer))
    press("build_scorecard")
    assert formats(book, "Scorecard", "scores", "Value, Target") == whole


@pytest.mark.parametrize(
    ("rows", "formats"),
    [
        ([["noc", 187, 163], ["noc", 3, 6]], ["#,##0|#,##0", "#,##0|#,##0"]),
        ([["noc", 187, 163.5], ["noc", 3, 6]], ["#,##0|#,##0.0", "#,##0|#,##0.0"]),
        ([["noc", 187, 163], ["days_to_recovery", 12.4, 10]], ["#,##0|#,##0", "#,##0.0|#,##0"]),
        ([["talk_minutes", 1234.5, 2000]], ["#,##0|#,##0"]),
        ([["noc", "no base", 5], ["total", None, None]], ["|#,##0", "|"]),
        ([["qc_score", 0.93, 0.93]], ["0.0%|0.0%"]),
        ([["qc_score", 0.9296, 0.93]], ["0.00%|0.00%"]),
        ([["qc_score", 0.92996, 0.93]], ["0.000%|0.000%"]),
        ([["qc_score", 0.9, 0.93]], ["0.0%|0.0%"]),
        ([["collected", 1200.5, 0]], ['#,##0.00;-#,##0.00;"–"|#,##0.00;-#,##0.00;"–"']),
    ],
)
def test_decimals_are_those_that_the_figures_of_a_kpi_need(rows: list[list[Any]], formats: list[str]) -> None:
    """A whole count has none, and no value is rounded onto a target that it does not reach."""
    units = {"qc_score": "percent", "collected": "KES", "noc": "count", "talk_minutes": "minutes"}
    filled = [["agent", "A1", "Ann", kpi, kpi, *figures, units.get(kpi, "days")] for kpi, *figures in rows]
    found = formats_of(layout().block("scores")[1], filled, "KES", 2)
    assert ["|".join(own.get(at, "") for at in (5, 6)) for own in found] == formats


def test_addresses_are_no_longer_than_excel_takes() -> None:
    areas = [Area("0.0%", row, 5, row, 6) for row in range(0, 2000, 2)]
    joined = [address for _, address in addresses(areas, 6, 1)]
    assert max(map(len, joined)) <= 255
    assert ",".join(joined).split(",") == [f"G{row + 7}:H{row + 7}" for row in range(0, 2000, 2)]


def test_the_function_scores_as_the_sheet_does(book: Any) -> None:
    press("build_scorecard")
    floors = {"noc": None, "right_party_rate": 0.1}
    rows = [row for row in shown(book, "Scorecard", "scores") if row["KPI"] in floors and row["Score"] is not None]
    assert {row["KPI"] for row in rows} == set(floors)
    for row in rows:
        answer = asked(book, "SCORE", row["Value"], row["Target"], None, None, row["KPI"], floors[row["KPI"]], None)
        assert round(answer[0][0] * 100, 6) == round(row["Score"], 6)
