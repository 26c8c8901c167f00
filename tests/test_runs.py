"""Run folders: whole or not at all, alone, and only ever what the run wrote."""

import multiprocessing
import signal
import time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock
from plan_examples import small_plan

from cli import main
from toolkit.problems import ToolkitError
from toolkit.stored_runs import read_run

AGENTS = "agent_id,name,role,started_on\nA1,=1+1,field_agent,2025-01-01\nA2,Brian,field_agent,2025-01-01\n"
ACCOUNTS = "account_id,customer_id,product,activated_on,currency\nC1,K1,phone,2026-01-01,KES\n"
PAYMENTS = """payment_id,account_id,agent_id,paid_at,amount,currency
P1,C1,A1,2026-10-05T10:00:00,1000.00,KES
P2,C1,A2,2026-10-06T10:00:00,250.50,KES
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in (("agents", AGENTS), ("accounts", ACCOUNTS), ("payments", PAYMENTS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(small_plan(rate="2%", per="period"), encoding="utf-8")
    return folder


def calculate(data: Path, out: Path, *more: str) -> Result:
    plan = data.parent / "plan.toml"
    words = ["commissions", "calculate", str(data), "--plan", str(plan), "--period", "2026-10", "--out", str(out)]
    return CliRunner().invoke(main, [*words, "--no-workbook", "--no-statements", *more])


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != ".lock"}


def test_a_run_is_read_back_as_it_was(data: Path, tmp_path: Path) -> None:
    assert calculate(data, tmp_path / "run").exit_code == 0
    run = read_run(tmp_path / "run")
    assert run.sheet.select("agent_id", "name", "CASH").rows() == [("A1", "=1+1", 2000), ("A2", "Brian", 501)]
    assert run.lines["amount"].sum() == 2501


def test_a_name_that_is_a_formula_is_harmless_in_csv(data: Path, tmp_path: Path) -> None:
    calculate(data, tmp_path / "run")
    sheet = (tmp_path / "run" / "sheet.csv").read_text(encoding="utf-8")
    assert "A1,'=1+1,KES" in sheet


def test_the_same_input_gives_the_same_bytes(data: Path, tmp_path: Path) -> None:
    calculate(data, tmp_path / "one")
    calculate(data, tmp_path / "two")
    assert everything_in(tmp_path / "one") == everything_in(tmp_path / "two")


def test_a_new_run_takes_the_place_of_the_old_and_leaves_other_files_alone(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    calculate(data, out)
    (out / "my notes.txt").write_text("keep me", encoding="utf-8")
    (data / "payments.csv").write_text(PAYMENTS.replace("1000.00", "3000.00"), encoding="utf-8")
    assert calculate(data, out).exit_code == 0
    assert read_run(out).lines["amount"].sum() == 6501
    assert (out / "my notes.txt").read_text(encoding="utf-8") == "keep me"


def test_a_folder_with_other_things_in_it_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "holiday.png").write_bytes(b"png")
    result = calculate(data, tmp_path / "pictures")
    assert result.exit_code == 1
    assert "holiday.png" in result.output
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == ["holiday.png"]


def test_a_file_changed_by_hand_is_found(data: Path, tmp_path: Path) -> None:
    calculate(data, tmp_path / "run")
    lines = tmp_path / "run" / "lines.csv"
    lines.write_text(lines.read_text(encoding="utf-8").replace("20.00", "90.00"), encoding="utf-8")
    with pytest.raises(ToolkitError, match=r"lines\.csv is not the file that the run wrote"):
        read_run(tmp_path / "run")


def test_a_folder_without_its_record_is_no_run(data: Path, tmp_path: Path) -> None:
    calculate(data, tmp_path / "run")
    (tmp_path / "run" / "run.json").unlink()
    with pytest.raises(ToolkitError, match="not the folder of a finished run"):
        read_run(tmp_path / "run")


def test_when_something_goes_wrong_in_between_the_old_run_stays(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    calculate(data, out)
    before = everything_in(out)
    (data / "payments.csv").write_text(PAYMENTS.replace("1000.00", "3000.00"), encoding="utf-8")

    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("toolkit.runs.write_json", full_disk)
    assert calculate(data, out).exit_code != 0
    assert everything_in(out) == before
    assert not (out / ".writing").exists()


def test_two_people_at_once_are_told_apart(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    calculate(data, out)
    before = everything_in(out)
    with FileLock(out / ".lock"):
        result = calculate(data, out)
    assert result.exit_code == 1
    assert "Somebody else is writing" in result.output
    assert everything_in(out) == before
    assert calculate(data, out).exit_code == 0


def test_what_a_killed_writer_had_moved_in_is_no_stranger(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    calculate(data, out)
    (out / "run.json").unlink()
    (out / ".writing").mkdir()
    (out / "sheet.csv").rename(out / ".writing" / "sheet.csv")
    assert calculate(data, out).exit_code == 0
    assert read_run(out).lines["amount"].sum() == 2501


def write_for_ever(data: Path, out: Path) -> None:
    while calculate(data, out).exit_code == 0:
        pass


def written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
@pytest.mark.parametrize("after", [0.05, 0.11, 0.17, 0.23, 0.31])
def test_a_writer_killed_at_any_moment_leaves_a_whole_run_or_none(data: Path, tmp_path: Path, after: float) -> None:
    out = tmp_path / "run"
    calculate(data, out)
    writer = multiprocessing.get_context("spawn").Process(target=write_for_ever, args=(data, out))
    writer.start()
    try:
        first = written_at(out / "lines.csv")
        while written_at(out / "lines.csv") == first and writer.is_alive():
            time.sleep(0.01)
        time.sleep(after)
        assert writer.is_alive(), "the writer gave up by itself"
    finally:
        writer.kill()
        writer.join()
    if (out / "run.json").exists():
        assert read_run(out).lines["amount"].sum() == 2501
    assert calculate(data, out).exit_code == 0
    assert read_run(out).lines["amount"].sum() == 2501
    assert isinstance(read_run(out).lines, pl.DataFrame)
