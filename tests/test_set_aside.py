"""Rows that were set aside are never lost: they are tried again when what they lacked has come, and counted once.

The sequences of imports follow the project's catalogue of bad input: whatever comes twice, late, in another order or in
another dress, five payments are five payments.
"""

import csv
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from catalogue import BASE, SOUND
from click.testing import CliRunner, Result
from plan_examples import small_plan
from reading_cases import AS_OF, PROFILE, read

from cli import main
from toolkit.profiles import Profile
from toolkit.readers.set_aside import set_aside_files, write_set_aside
from toolkit.reading import read_tables

AGENTS = "agent_id,name,role\nAG-01,José Muñoz,field_agent\n"
ACCOUNTS = "account_id,customer_id,product,activated_on,currency\nA1,C1,solar,2025-01-01,KES\n"
HEADER = "payment_id,paid_at,account_id,agent_id,amount,currency,reference,reverses\n"


def run(folder: Path, month: str, payments: str, *, agents: str = AGENTS, previous: str = "") -> Result:
    """`commissions calculate` of a month whose exports are these."""
    data = folder / f"exports-{month}"
    data.mkdir()
    for name, text in {"agents": agents, "accounts": ACCOUNTS, "payments": HEADER + payments}.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    (folder / "plan.toml").write_text(small_plan(), encoding="utf-8")
    words = ["commissions", "calculate", str(data), "--plan", str(folder / "plan.toml"), "--period", month]
    words += ["--out", str(folder / month), "--no-workbook", "--no-statements"]
    words += [word for earlier in previous.split() for word in ("--previous", str(folder / earlier))]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def waiting(folder: Path, month: str) -> list[dict[str, str]]:
    path = folder / month / "set-aside" / "payments.csv"
    return list(csv.DictReader(path.open(encoding="utf-8", newline=""))) if path.exists() else []


def found(rows: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    return [(row["payment_id"], row["codes"], row["found_in"], row["found_row"]) for row in rows]


def lines(folder: Path, month: str) -> list[tuple[str, str, str]]:
    with (folder / month / "lines.csv").open(encoding="utf-8", newline="") as file:
        return [(row["payment_id"], row["amount"], row["earned_for"]) for row in csv.DictReader(file)]


JULY = (
    "P1,2026-07-02,A1,AG-01,100.00,KES,,\n"
    "P2,2026-07-03,A1,AG-02,200.00,KES,=1+1,\n"
    "P3,2026-07-04,A1,AG-01,3OO.00,KES,,\n"
)


def test_a_row_is_taken_when_what_it_lacked_has_come_and_one_that_is_wrong_waits_for_its_correction(
    tmp_path: Path,
) -> None:
    assert run(tmp_path, "2026-07", JULY).exit_code == 3
    assert found(waiting(tmp_path, "2026-07")) == [
        ("P2", "AGENT_UNKNOWN", "payments.csv", "3"),
        ("P3", "NOT_A_NUMBER", "payments.csv", "4"),
    ]
    both = AGENTS + "AG-02,Wanjiru,field_agent\n"
    august = run(tmp_path, "2026-08", "P4,2026-08-01,A1,AG-01,50.00,KES,,\n", agents=both, previous="2026-07")
    assert "rows that were set aside before and are taken now: 1." in august.output
    assert "rows of payments that were set aside before and wait for a mended export: 1." in august.output
    assert sorted(lines(tmp_path, "2026-08")) == [("P2", "20.00", "2026-07"), ("P4", "5.00", "")]
    assert [(row["payment_id"], row["found_in"], row["found_row"]) for row in waiting(tmp_path, "2026-08")] == [
        ("P3", "payments.csv", "4")
    ]
    mended = "P3,2026-07-04,A1,AG-01,300.00,KES,,\nP5,2026-09-01,A1,AG-01,10.00,KES,,\n"
    september = run(tmp_path, "2026-09", mended, agents=both, previous="2026-08 2026-07")
    assert september.exit_code == 0
    assert sorted(lines(tmp_path, "2026-09")) == [("P3", "30.00", "2026-07"), ("P5", "1.00", "")]
    assert waiting(tmp_path, "2026-09") == []


def test_a_row_that_still_lacks_the_same_goes_on_waiting_under_its_first_place(tmp_path: Path) -> None:
    run(tmp_path, "2026-07", JULY)
    run(tmp_path, "2026-08", "P4,2026-08-01,A1,AG-01,50.00,KES,,\n", previous="2026-07")
    again = {row["payment_id"]: row for row in waiting(tmp_path, "2026-08")}
    assert set(again) == {"P2", "P3"}
    assert (again["P2"]["found_in"], again["P2"]["found_row"], again["P2"]["codes"]) == (
        "payments.csv",
        "3",
        "AGENT_UNKNOWN",
    )
    assert again["P2"]["reference"] == "'=1+1"  # harmless in a spreadsheet, and the reference itself when read again
    both = AGENTS + "AG-02,Wanjiru,field_agent\n"
    run(tmp_path, "2026-09", "P5,2026-09-01,A1,AG-01,10.00,KES,,\n", agents=both, previous="2026-07 2026-08")
    assert ("P2", "20.00", "2026-07") in lines(tmp_path, "2026-09")


def test_a_total_that_was_set_aside_for_its_width_is_not_held_against_the_others(tmp_path: Path) -> None:
    run(tmp_path, "2026-07", JULY + "TOTAL,2026-07-31,A1,AG-01,900.00,KES,,,x\n")
    both = AGENTS + "AG-02,Wanjiru,field_agent\n"
    august = run(tmp_path, "2026-08", "P4,2026-08-01,A1,AG-01,50.00,KES,,\n", agents=both, previous="2026-07")
    assert "rows that were set aside before and are taken now: 1." in august.output
    assert sorted(lines(tmp_path, "2026-08")) == [("P2", "20.00", "2026-07"), ("P4", "5.00", "")]
    assert [row["payment_id"] for row in waiting(tmp_path, "2026-08")] == ["P3", "TOTAL"]


def test_a_row_set_aside_that_comes_again_with_the_next_export_counts_once(tmp_path: Path) -> None:
    run(tmp_path, "2026-07", JULY)
    both = AGENTS + "AG-02,Wanjiru,field_agent\n"
    overlapping = "P2,2026-07-03,A1,AG-02,200.00,KES,=1+1,\nP4,2026-08-01,A1,AG-01,50.00,KES,,\n"
    run(tmp_path, "2026-08", overlapping, agents=both, previous="2026-07")
    assert [line for line in lines(tmp_path, "2026-08") if line[0] == "P2"] == [("P2", "20.00", "2026-07")]


def test_a_reversal_that_came_before_its_payment_is_taken_once(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    early = "PAY-0006,17/03/2026,ACC-1,AG-01,-1200.00,KES,,PAY-0001\n"
    reading = read(folder, payments_csv=HEADER + early)
    assert [(one.code, one.row) for one in reading.problems if one.level == "error"] == [("REVERSAL_ORPHAN", 2)]
    later = tmp_path / "later"
    later.mkdir()
    kept = read_tables(folder, PROFILE, as_of=AS_OF, keep_set_aside=True).set_aside
    write_set_aside(kept, folder / "set-aside")
    for name in ("agents.csv", "accounts.csv", "payments.csv"):
        (later / name).write_bytes((BASE / name).read_bytes())
    whole = read_tables(later, PROFILE, as_of=AS_OF, retried=set_aside_files(folder), keep_set_aside=True)
    assert total(whole.accepted_sums["payments"]) == Decimal("16450.49")
    assert whole.set_aside == {}


def test_a_formula_that_was_stale_is_not_taken_for_its_value_the_next_time(tmp_path: Path) -> None:
    """What the cell's value does not show is not in the file of rows set aside: such a row waits for its correction."""
    from catalogue import cases, write_case

    stale = next(case for case in cases() if case.code == "FORMULA_STALE")
    write_case(stale, tmp_path)
    reading = read_tables(tmp_path, PROFILE, as_of=AS_OF, keep_set_aside=True)
    write_set_aside(reading.set_aside, tmp_path / "out" / "set-aside")
    again = read_tables(tmp_path, PROFILE, as_of=AS_OF, retried=set_aside_files(tmp_path / "out"), keep_set_aside=True)
    assert again.accepted_sums == reading.accepted_sums
    other = tmp_path / "other"
    other.mkdir()
    (other / "payments.csv").write_text(HEADER + "PAY-0009,02/03/2026,ACC-1,AG-01,1.00,KES,,\n", encoding="utf-8")
    late = read_tables(other, PROFILE, as_of=AS_OF, retried=set_aside_files(tmp_path / "out"), keep_set_aside=True)
    assert late.accepted_sums["payments"] == 100
    assert late.set_aside["payments"]["payment_id"].to_list() == ["PAY-0001"]


STATUS = (
    "payment_id,paid_at,account_id,agent_id,amount,currency,=Status\n"
    "P1,2026-03-02,ACC-1,AG-01,100.00,KES,Completed\n"
    "P2,2026-03-03,ACC-1,AG-01,20.00,KES,Pending\n"
    "P3,2026-03-04,ACC-1,AG-01,3.00,KES,Reversed\n"
)
"""An export with a status that the set-up does not read."""


def with_status_set_aside(folder: Path) -> Path:
    """The folder of an earlier run of `STATUS`, which has set two of its payments aside."""
    for name in ("agents.csv", "accounts.csv"):
        (folder / name).write_bytes((BASE / name).read_bytes())
    (folder / "payments.csv").write_text(STATUS, encoding="utf-8")
    reading = read_tables(folder, PROFILE, as_of=AS_OF, keep_set_aside=True)
    assert [(one.code, one.row) for one in reading.problems if one.level == "error"] == [
        ("STATUS_UNREAD", 3),
        ("STATUS_UNREAD", 4),
    ]
    write_set_aside(reading.set_aside, folder / "out" / "set-aside")
    late = "payment_id,paid_at,account_id,agent_id,amount\nP4,2026-03-05,ACC-1,AG-01,0.40\n"
    (folder / "payments.csv").write_text(late, encoding="utf-8")
    return folder / "out"


def read_with_set_aside(folder: Path, run: Path, **rules: object) -> tuple[list[str], list[tuple[str, str]]]:
    """The payments that are taken by a set-up with these rules, and those that go on waiting, with their codes."""
    profile = Profile.model_validate(PROFILE.model_dump() | rules)
    reading = read_tables(folder, profile, as_of=AS_OF, retried=set_aside_files(run), keep_set_aside=True)
    write_set_aside(reading.set_aside, run / "set-aside")
    waits = reading.set_aside.get("payments", pl.DataFrame({"payment_id": [], "codes": []}))
    return reading.tables["payments"]["payment_id"].to_list(), waits.select("payment_id", "codes").rows()


def test_a_payment_set_aside_for_a_status_waits_with_it_until_the_set_up_knows_what_it_means(tmp_path: Path) -> None:
    run = with_status_set_aside(tmp_path)
    assert "'=Status" in (run / "set-aside" / "payments.csv").read_text(encoding="utf-8").splitlines()[0]
    for _ in range(2):  # the set-up still does not know: nothing is taken, and nothing lost
        assert read_with_set_aside(tmp_path, run) == (["P4"], [("P2", "STATUS_UNREAD"), ("P3", "STATUS_UNREAD")])
    known = {
        "headers": {"payments": {"reverted": ["=Status"]}},
        "codes": {"payments.reverted": {"Pending": "no", "Reversed": "yes"}},
    }
    assert read_with_set_aside(tmp_path, run, **known) == (["P4", "P2"], [("P3", "REVERTED_WITHOUT_TIME")])
    assert read_with_set_aside(tmp_path, run, **known) == (["P4"], [("P3", "REVERTED_WITHOUT_TIME")])


def test_a_payment_set_aside_for_a_status_is_taken_where_the_status_does_not_matter(tmp_path: Path) -> None:
    run = with_status_set_aside(tmp_path)
    assert read_with_set_aside(tmp_path, run, ignored_columns={"payments": ["=status"]}) == (["P4", "P2", "P3"], [])


def test_a_payment_whose_status_is_not_kept_beside_it_is_not_taken_for_a_good_one(tmp_path: Path) -> None:
    run = with_status_set_aside(tmp_path)
    path = run / "set-aside" / "payments.csv"
    pl.read_csv(path, infer_schema=False).drop("'=Status").write_csv(path)
    assert read_with_set_aside(tmp_path, run) == (["P4"], [("P2", "STATUS_UNREAD"), ("P3", "STATUS_UNREAD")])


def test_check_tries_the_rows_of_an_earlier_run_and_knows_its_payments(tmp_path: Path) -> None:
    run(tmp_path, "2026-07", JULY)
    data = tmp_path / "exports"
    data.mkdir()
    (data / "agents.csv").write_text(AGENTS + "AG-02,Wanjiru,field_agent\n", encoding="utf-8")
    (data / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (data / "payments.csv").write_text(HEADER + "R1,2026-08-05,A1,AG-01,-100.00,KES,,P1\n", encoding="utf-8")
    profile = tmp_path / "profile.toml"
    profile.write_text('country = "KE"\ncurrency = "KES"\ntimezone = "Africa/Nairobi"\n', encoding="utf-8")
    words = ["check", str(data), "--profile", str(profile), "--out", str(tmp_path / "check"), "--quiet"]
    assert CliRunner().invoke(main, words).exit_code == 3
    done = CliRunner().invoke(main, [*words, "--previous", str(tmp_path / "2026-07")])
    assert done.exit_code == 0
    record = json.loads((tmp_path / "check" / "check.json").read_text(encoding="utf-8"))
    assert record["tables"]["payments"]["sums"] == {"amount": "100.00"}  # 200.00 tried again, 100.00 taken back


# Sequences of imports


def total(minor: int) -> Decimal:
    return Decimal(minor) / 100


ROWS = (BASE / "payments.csv").read_text(encoding="utf-8").splitlines(keepends=True)
HEAD, PAYMENTS = ROWS[0], ROWS[1:]


@pytest.mark.parametrize(
    "exports",
    [
        {"a": PAYMENTS, "b": PAYMENTS},
        {"a": PAYMENTS, "b": PAYMENTS[::-1]},
        {"a": PAYMENTS[:3], "b": PAYMENTS[1:]},
        {"b": PAYMENTS[:3], "a": PAYMENTS[1:]},
        {"a": PAYMENTS[:2], "b": PAYMENTS},
        {
            "a": PAYMENTS,
            "b": [line.replace("PAY-0001", " PAY-0001 ").replace("02/03/2026", "2026-03-02") for line in PAYMENTS],
        },
        {"a": PAYMENTS, "b": [line.replace("1200.00", '"1,200.00"').replace("KES", "kes") for line in PAYMENTS]},
    ],
    ids=["twice", "another order", "overlap", "newest first", "cut off, then whole", "other dates", "other amounts"],
)
def test_five_payments_are_five_payments_however_they_come(tmp_path: Path, exports: dict[str, list[str]]) -> None:
    for name in ("agents.csv", "accounts.csv"):
        (tmp_path / name).write_bytes((BASE / name).read_bytes())
    for name, rows in exports.items():
        (tmp_path / f"payments {name}.csv").write_text("".join([HEAD, *rows]), encoding="utf-8")
    reading = read_tables(tmp_path, PROFILE, as_of=AS_OF)
    assert reading.tables["payments"].height == 5
    assert total(reading.accepted_sums["payments"]) == Decimal(SOUND)
    assert not any(one.level == "error" for one in reading.problems)


@pytest.mark.parametrize(("before", "after"), [("1200.00", "1000.00"), ("ACC-1,AG-01", "ACC-1,AG-02")])
def test_a_row_exported_again_with_another_content_is_a_conflict_for_people(
    tmp_path: Path, before: str, after: str
) -> None:
    for name in ("agents.csv", "accounts.csv", "payments.csv"):
        (tmp_path / name).write_bytes((BASE / name).read_bytes())
    changed = PAYMENTS[0].replace(before, after)
    (tmp_path / "payments 2.csv").write_text(HEAD + changed, encoding="utf-8")
    reading = read_tables(tmp_path, PROFILE, as_of=AS_OF)
    assert {one.code for one in reading.problems if one.level == "error"} == {"DUPLICATE_CONFLICT"}
    assert total(reading.accepted_sums["payments"]) == Decimal(SOUND) - 1200
