"""`toolkit check`: what it prints and writes, and how it ends."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from toolkit.commands import common
from toolkit.commands.check import check
from toolkit.problems import problem
from toolkit.profiles import load_profile
from toolkit.reading import read_tables

PAYMENTS = "payment_id,account_id,paid_at,amount\nP1,A1,2026-10-02,100.00\nP2,A1,2026-10-03,250.50\n"


def run(folder: Path, *arguments: str, **files: str) -> Result:
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, text in files.items():
        (data / name.replace("_", ".")).write_text(text, encoding="utf-8")
    where = [] if any(argument.endswith(".csv") for argument in arguments) else [str(data)]
    return CliRunner().invoke(check, [*where, "--profile", "paygo-solar", "--out", str(folder / "out"), *arguments])


def problems(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "problems.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((folder / "out" / "check.json").read_text(encoding="utf-8"))
    return content


def test_clean_data_ends_with_0_and_shows_the_sum(tmp_path: Path) -> None:
    result = run(tmp_path, payments_csv=PAYMENTS)
    assert result.exit_code == 0
    assert "KES 350.50" in result.output
    tables = summary(tmp_path)["tables"]
    assert tables["payments"]["accepted"] == 2
    assert tables["payments"]["sums"] == {"amount": "350.50"}
    [file] = tables["payments"]["files"]
    assert (file["file"], file["verdict"], file["code"]) == ("payments.csv", "accept-normalised", "")
    assert (file["accepted"], file["rejected"], file["ignored"]) == (2, 0, 0)
    assert len(file["sha256"]) == 64


def test_rows_set_aside_end_with_3_and_each_has_its_place(tmp_path: Path) -> None:
    result = run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,12OO\n")
    assert result.exit_code == 3
    [row] = problems(tmp_path)
    assert (row["file"], row["row"], row["column"], row["value"], row["code"]) == (
        "payments.csv", "4", "amount", "12OO", "NOT_A_NUMBER",
    )  # fmt: skip


def test_a_refused_file_ends_with_1_and_is_in_the_report(tmp_path: Path) -> None:
    assert run(tmp_path, payments_csv=PAYMENTS.replace("amount", "x")).exit_code == 1
    [row] = problems(tmp_path)
    assert (row["code"], row["column"]) == ("MISSING_COLUMN", "amount")


@pytest.mark.parametrize("arguments", [["--table", "paiments"], ["--as-of", "31/10/2026"]])
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: list[str]) -> None:
    assert run(tmp_path, *arguments, payments_csv=PAYMENTS).exit_code == 2


def test_nothing_to_read_ends_with_1_and_nothing_written(tmp_path: Path) -> None:
    assert run(tmp_path).exit_code == 1
    assert not (tmp_path / "out").exists()


def test_single_files_are_the_table_that_the_user_says(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(PAYMENTS)
    assert run(tmp_path, "--table", "payments", str(file)).exit_code == 0
    assert run(tmp_path, "--table", "calls", str(file)).exit_code == 1
    assert {row["code"] for row in problems(tmp_path)} == {"MISSING_COLUMN"}


def test_the_future_begins_after_the_as_of_day(tmp_path: Path) -> None:
    assert run(tmp_path, "--as-of", "2026-10-02", payments_csv=PAYMENTS).exit_code == 3
    assert [(row["row"], row["code"]) for row in problems(tmp_path)] == [("3", "DATE_FUTURE")]


def test_cells_that_could_be_formulas_get_an_apostrophe(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=PAYMENTS + "=HYPERLINK(1),A1,2026-10-04,5\n")
    [row] = problems(tmp_path)
    assert row["value"] == "'=HYPERLINK(1)"


def test_json_prints_the_summary_and_quiet_prints_nothing(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "--json", payments_csv=PAYMENTS).stdout) == summary(tmp_path)
    assert run(tmp_path, "--quiet").output == ""


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for _ in range(2):
        run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,12OO\n")
        written.append([(tmp_path / "out" / name).read_bytes() for name in ("problems.csv", "check.json")])
    assert written[0] == written[1]


AGENTS = "agent_id,name,role,started_on\nAG-01,Wanjiru,field_agent,2024-01-01\n"
HEADER = "payment_id,account_id,paid_at,amount,agent_id\n"


def lines_of(result: Result) -> list[str]:
    return [line.strip() for line in result.output.splitlines()]


def test_the_summary_goes_by_code_with_the_most_money_first_and_the_largest_amounts_as_examples(tmp_path: Path) -> None:
    amounts = (5, 700, 30, 900, 10)
    unknown = "".join(f"P{number},A1,2026-10-02,{amount},AG-77\n" for number, amount in enumerate(amounts))
    undated = "P8,A1,,20,AG-01\n"
    result = run(tmp_path, payments_csv=HEADER + undated + unknown, agents_csv=AGENTS)
    lines = lines_of(result)
    start = lines.index("✗ 5  AGENT_UNKNOWN  payments.csv: KES 1,645.00 not taken")
    assert lines[start + 1] == "→ Add the agent to the agents table, or correct the id."
    assert [line.split(", ")[1] for line in lines[start + 2 : start + 5]] == ["row 6", "row 4", "row 5"]
    assert lines[start + 5] == "and 2 more: see problems.csv"
    assert lines.index("✗ 1  DATE_MISSING  payments.csv: KES 20.00 not taken") > start


def test_examples_are_the_earliest_rows_where_no_amount_can_be_read(tmp_path: Path) -> None:
    bad = "".join(f"Q{number},A1,2026-10-04,{number}OO\n" for number in range(1, 6))
    lines = lines_of(run(tmp_path, payments_csv=PAYMENTS + bad))
    assert "✗ 5  NOT_A_NUMBER  payments.csv" in lines
    assert 'payments.csv, row 4, column amount: "1OO" is not an amount (a letter O?).' in lines
    assert "and 2 more: see problems.csv" in lines


def test_errors_come_before_warnings_and_remarks_are_left_out(tmp_path: Path) -> None:
    content = "DATE,,,\n" + PAYMENTS + "P1,A1,2026-10-02,100.00\n,,,\nP9,A1,2026-10-04,x\n"
    lines = lines_of(run(tmp_path, payments_csv=content))
    signs = [line[0] for line in lines if line[:2] in ("✗ ", "! ", "· ")]
    assert signs == ["✗", "!"]


def test_the_summary_has_at_most_25_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.problem_report.KINDS_SHOWN", 1)
    lines = lines_of(run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,x\nP4,A1,,5\n,A1,2026-10-04,7\n"))
    assert "And 2 more kinds of problems: see problems.csv" in lines
    assert sum(line.startswith("✗") for line in lines) == 1


def test_the_record_has_the_problems_by_code(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=HEADER + "P1,A1,2026-10-02,40,AG-77\nP2,A1,,2,AG-77\nP3,A1,2026-10-02,x,AG-01\n",
        agents_csv=AGENTS)  # fmt: skip
    found = summary(tmp_path)["problems"]
    assert found == {
        "AGENT_UNKNOWN": {"level": "error", "count": 2, "rows": 2, "files": ["payments.csv"], "amount": "42.00"},
        "DATE_MISSING": {"level": "error", "count": 1, "rows": 1, "files": ["payments.csv"], "amount": "2.00"},
        "NOT_A_NUMBER": {"level": "error", "count": 1, "rows": 1, "files": ["payments.csv"]},
    }


def test_all_of_a_refused_file_is_at_stake(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=PAYMENTS + "TOTAL,,,400.00\n")
    assert summary(tmp_path)["problems"]["CONTROL_TOTAL"]["amount"] == "350.50"


def test_what_was_promised_is_not_added_to_what_was_paid(tmp_path: Path) -> None:
    promises = "promise_id,account_id,agent_id,made_at,due_on,amount\nR1,A1,AG-77,2026-10-02,2026-10-05,60\n"
    result = run(
        tmp_path, payments_csv=HEADER + "P1,A1,2026-10-02,40,AG-77\n", agents_csv=AGENTS, promises_csv=promises
    )
    assert "KES 40.00 not taken (payments), KES 60.00 not taken (promises)" in result.output
    assert summary(tmp_path)["problems"]["AGENT_UNKNOWN"]["amounts"] == {"payments": "40.00", "promises": "60.00"}


def test_nothing_from_a_file_can_steer_the_terminal(tmp_path: Path) -> None:
    result = run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,\x1b[2Jx\n")
    assert "[2Jx" in result.output
    assert "\x1b" not in result.output


def test_no_name_of_a_file_and_no_header_can_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    headers = PAYMENTS.replace("amount\n", "amount,x\x9b31m\u202e\n").replace("00\n", "00,\n").replace("50\n", "50,\n")
    (tmp_path / "data" / "pay\x1b]0;x\x07.csv").write_text(headers, encoding="utf-8")
    for way in ((), ("--json",)):
        result = run(tmp_path, *way)
        assert "x" in result.output
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(result.output)


def test_a_refusal_is_shown_without_the_control_characters_of_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    common.show_problems(
        [problem("NOT_A_NUMBER", file="a\x1b.csv", row=2, column="\x9bx", value="1\x07", kind="", hint="")]
    )
    shown = capsys.readouterr().err
    assert "row 2" in shown
    assert not {"\x1b", "\x9b", "\x07"} & set(shown)


def test_the_record_names_the_marked_copies(tmp_path: Path) -> None:
    run(tmp_path, payments_csv=PAYMENTS + "P3,A1,2026-10-04,x\n")
    assert summary(tmp_path)["marked"] == {"payments.csv": "marked/payments.csv.xlsx"}


def test_each_file_is_told_when_it_is_done_with(tmp_path: Path) -> None:
    for name, content in {"a.csv": PAYMENTS, "b.csv": PAYMENTS, "agents.csv": AGENTS}.items():
        (tmp_path / name).write_text(content)
    done: list[str] = []
    read_tables(tmp_path, load_profile("paygo-solar"), on_file=lambda path: done.append(path.name))
    assert sorted(done) == ["a.csv", "agents.csv", "b.csv"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "shown", "long", "seen"),
    [
        (Terminal(), True, True, True),
        (Terminal(), False, True, False),
        (Terminal(), True, False, False),
        (io.StringIO(), True, True, False),
    ],
    ids=["a long input on a terminal", "quiet", "a short input", "no terminal"],
)
def test_progress_is_shown_on_a_terminal_for_long_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, shown: bool, long: bool, seen: bool
) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(PAYMENTS)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(common, "LONG", 0 if long else 1_000_000)
    with common.progress("Reading", [path], shown=shown) as done:
        done(path)
    assert ("100%" in stream.getvalue()) is seen
