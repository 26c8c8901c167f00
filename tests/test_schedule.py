"""Packs at set times: the lines that a scheduler gets, and that what they start is safe to repeat."""

import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock
from kpi_cases import ACCOUNTS, TEAM
from test_kpis_calls import CALLS

import cli
from toolkit.periods import following, is_working_day
from toolkit.profiles import Pack, Profile, load_profile
from toolkit.scorecard_reports.schedule import cron_lines, task_lines
from toolkit.whole_folder import LOCK

PROFILE = """
name = "desk"
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"
working_week = ["mon", "tue", "sun"]

[[scorecards]]
kpis = [{ kpi = "noc", weight = 1, target = 2, per = "day" }, { kpi = "right_party_rate", weight = 1, target = 0.5 }]

[[packs]]
name = "pace"
every = "hour"
at = "09:15"
until_hour = 17
period = "latest-day"
grain = "hour"

[[packs]]
name = "month-end"
every = "month"
on = "2"
at = "06:05"
period = "previous-month"
grain = "month"
kpis = ["noc"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "my exports"
    data.mkdir()
    for name, text in (("agents", TEAM), ("accounts", ACCOUNTS), ("calls", CALLS)):
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "profile.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


def setup(folder: Path) -> Profile:
    return load_profile(str(folder / "desk"))


def test_cron_gets_a_line_a_pack_on_the_days_that_are_worked(folder: Path) -> None:
    lines = list(cron_lines(setup(folder), "/usr/bin/toolkit", "desk", Path("/srv/my exports"), Path("/srv/50%")))
    assert [line.split(" /usr")[0] for line in lines] == ["15 9-17 * * 1,2,0", "5 6 2 * *"]
    assert r"/srv/50\%/pace" in lines[0]
    words = shlex.split(lines[1].split(" * * ")[1].split(" >> ")[0])
    assert words[:3] == ["/usr/bin/toolkit", "scorecard", "/srv/my exports"]
    assert words[words.index("--kpi") + 1] == "noc"


def test_the_task_scheduler_gets_them_too(folder: Path) -> None:
    lines = list(task_lines(setup(folder), r"C:\Tools\toolkit.exe", "desk", r"C:\My exports", r"C:\Packs"))
    assert lines[0].startswith(
        r'schtasks /Create /F /TN "Collections Toolkit\desk pace" /SC HOURLY /ST 09:15 /ET 17:59'
    )
    assert r"/SC MONTHLY /D 2 /ST 06:05" in lines[1]
    assert r"\"C:\Tools\toolkit.exe\" scorecard \"C:\My exports\"" in lines[1]
    assert r"--out \"C:\Packs\month-end\"" in lines[1]


def test_a_line_given_to_a_shell_makes_the_pack_and_again_the_same(folder: Path) -> None:
    program = folder / "toolkit"
    root = Path(cli.__file__).parent
    program.write_text(f'#!/bin/sh\ncd "{root}" && exec "{sys.executable}" -m cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (folder / "packs").mkdir()
    of = setup(folder)
    line = next(iter(cron_lines(of, str(program), str(folder / "desk"), folder / "my exports", folder / "packs")))
    command = line.split(" ", 5)[5]
    contents = []
    for _ in range(2):
        subprocess.run(["sh", "-c", command], check=True)  # noqa: S603, S607  # as cron does
        pack = folder / "packs" / "pace"
        contents.append({path.name: path.read_bytes() for path in pack.iterdir() if path.suffix in (".csv", ".json")})
    assert contents[0] == contents[1]
    assert b"2026-03-03T08" in contents[0]["values.csv"]


def test_two_runs_of_one_pack_do_not_meet(folder: Path) -> None:
    out = folder / "out"
    arguments = ["scorecard", str(folder / "my exports"), "--profile", str(folder / "desk"), "--period", "latest-month"]
    arguments += ["--out", str(out), "--no-workbook", "--no-pages"]
    assert CliRunner().invoke(cli.main, arguments).exit_code == 0
    before = (out / "scorecard.json").read_bytes()
    with FileLock(out / LOCK):
        busy = CliRunner().invoke(cli.main, arguments)
    assert busy.exit_code == 1
    assert (out / "scorecard.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("latest-day", "2026-03-01"),
        ("previous-day", "2026-02-28"),
        ("latest-week", "2026-W09"),
        ("previous-month", "2026-02"),
        ("latest-quarter", "2026-Q1"),
        ("previous-quarter", "2025-Q4"),
    ],
)
def test_periods_follow_the_day_on_which_the_data_stand(words: str, label: str) -> None:
    assert following(words, date(2026, 3, 1)).label == label  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "day", "label"),
    [
        ("previous-month", date(2026, 10, 31), "2026-10"),  # a Saturday
        ("previous-month", date(2026, 10, 30), "2026-10"),  # its last working day
        ("previous-month", date(2026, 10, 29), "2026-09"),
        ("previous-week", date(2026, 10, 30), "2026-W44"),
        ("previous-week", date(2026, 10, 29), "2026-W43"),
        ("previous-quarter", date(2026, 10, 31), "2026-Q3"),
        ("previous-day", date(2026, 10, 30), "2026-10-29"),
        ("latest-month", date(2026, 10, 31), "2026-10"),
    ],
)
def test_a_period_without_a_working_day_left_is_over(words: str, day: date, label: str) -> None:
    assert following(words, day, lambda one: is_working_day(one, "KE")).label == label  # type: ignore[arg-type]


def test_where_every_day_is_worked_a_month_is_over_on_its_last_day() -> None:
    assert following("previous-month", date(2026, 10, 30)).label == "2026-09"
    assert following("previous-month", date(2026, 10, 31)).label == "2026-10"


@pytest.mark.parametrize("wrong", [{"every": "week", "on": "monday"}, {"every": "month", "on": "31"}, {"at": "24:00"}])
def test_a_pack_that_never_comes_is_refused(wrong: dict[str, str]) -> None:
    given = {"name": "x", "every": "day", "period": "latest-day", **wrong}
    with pytest.raises(ValueError, match=r"pack|\bat\b"):
        Pack.model_validate(given)


@pytest.mark.parametrize(("out", "said"), [(r"C:\50%", True), (r"C:\Packs", False)])
def test_a_percent_sign_in_a_path_is_remarked_upon_for_windows(out: str, said: bool) -> None:
    asked = CliRunner().invoke(cli.main, ["schedule", "--print", "--profile", "last-call", "--data", "d", "--out", out])
    assert asked.exit_code == 0, asked.output
    _, of_windows = asked.output.split("# Windows: in the command line, once")
    assert ("Windows reads %NAME% as a variable" in of_windows) == said
    assert rf"{out}\daily" in of_windows


def test_nothing_is_scheduled_by_itself() -> None:
    asked = CliRunner().invoke(cli.main, ["schedule", "--profile", "last-call", "--data", "d", "--out", "o"])
    assert asked.exit_code == 2
    assert "--print" in asked.output
