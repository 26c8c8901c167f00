"""`toolkit recovery` from the outside: the folder that it writes, what it prints, and the bad input that it answers."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kpi_cases import ACCOUNTS, TEAM
from recovery_cases import COSTS, PAID, PAYMENTS, calls

import cli
from toolkit.whole_folder import sha256

PROFILE = """name = "case"
title = "A case"
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"
roles = ["call_agent"]
payment_kind_when_empty = "instalment"
[credit]
rules = ["named", "owner"]
"""
FILES = {
    "costs.csv", "ratios.csv", "routes.csv", "problems.csv", "recovery.json", "recovery.xlsx", "recovery.html",
    "effects.csv", "attempts.csv", "hours.csv", "vintage.csv", "desk.csv",
}  # fmt: skip
"""What these tables have enough for; there is no ladder, so nothing is weighed."""


def folder_of(path: Path, profile: str = PROFILE, **tables: str) -> tuple[Path, Path]:
    """The data's folder and the profile's."""
    data, own = path / "data", path / "case"
    data.mkdir()
    own.mkdir()
    (own / "profile.toml").write_text(profile, encoding="utf-8")
    for table, text in {"agents": TEAM, "accounts": ACCOUNTS, **tables}.items():
        (data / f"{table}.csv").write_text(text, encoding="utf-8")
    return data, own


def run(data: Path, profile: Path, out: Path, *options: str) -> Result:
    given = ["recovery", str(data), "--profile", str(profile), "--out", str(out), *options]
    return CliRunner().invoke(cli.main, given if "--period" in options else [*given, "--period", "2026-03"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


LEDGER = COSTS + "2026-03,call,Telephone,30,KES,,\n2026-03,overhead,Rent,20.01,KES,,\n2026-02,call,,7,KES,,\n"
TALK = calls("A1 L1 30 yes yes", "A2 L2 60 yes no")


def test_the_folder_is_written_whole_and_its_record_names_every_file(tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID, calls=TALK)
    result = run(data, own, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "out").iterdir()} - {".lock"} == FILES
    record = json.loads((tmp_path / "out" / "recovery.json").read_text(encoding="utf-8"))
    assert set(record["files"]) == FILES - {"recovery.json"}
    assert all(sha256(tmp_path / "out" / name) == value for name, value in record["files"].items())
    assert record["rules"]["share_by"] == "talk_minutes"
    assert record["control"]["became"] == {
        "counted": {"rows": 2, "amount": "50.01"},
        "other period": {"rows": 1, "amount": "7.00"},
    }
    assert record["control"]["in_cells"]["amount"] == "50.01"
    assert all(check["holds"] for check in record["control"]["checks"])
    assert "checked" in result.output
    assert "3 rows of costs, 57.01 = 50.01 counted (2) + 7.00 other period (1)" in result.output
    assert sum(round(float(row["amount"]) * 100) for row in rows_of(tmp_path / "out" / "costs.csv")) == 5001


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID, calls=TALK)
    for name in ("one", "two"):
        assert run(data, own, tmp_path / name).exit_code == 0
    for name in FILES:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_direct_costs_are_printed_where_they_are_asked_for(tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID, calls=TALK)
    assert "16.67 %   50.01 / 300.00" in run(data, own, tmp_path / "out").output
    assert "10.00 %   30.00 / 300.00" in run(data, own, tmp_path / "out", "--direct").output


def test_json_and_quiet(tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID, calls=TALK)
    assert json.loads(run(data, own, tmp_path / "out", "--json").output)["period"] == "2026-03"
    assert run(data, own, tmp_path / "out", "--quiet").output == ""


def test_a_negative_net_recovery_stays_a_number_and_a_formula_does_not_stay_one(tmp_path: Path) -> None:
    ledger = COSTS + "2026-03,=cmd|x,,500,KES,,\n"
    data, own = folder_of(tmp_path, costs=ledger, payments=PAID)
    assert run(data, own, tmp_path / "out").exit_code == 0
    found = {(row["scope_kind"], row["measure"]): row for row in rows_of(tmp_path / "out" / "ratios.csv")}
    assert found["all", "net_recovery"]["value"] == "-200"
    assert {row["channel"] for row in rows_of(tmp_path / "out" / "costs.csv")} == {"'=cmd|x"}


BAD = {
    "2026-03,call,,-5,KES,,": "COST_NEGATIVE",
    "2026-03,call,,,KES,,": "MISSING_AMOUNT",
    "2026-03,,,5,KES,,": "MISSING_VALUE",
    "2026-03,call,,5,TZS,,": "CURRENCY_UNEXPECTED",
    "2026-03,call,,5,KES,A9,": "AGENT_UNKNOWN",
    "Q1,call,,5,KES,,": "COST_NO_PERIOD",
}


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_is_set_aside_and_said_and_the_rest_is_counted(row: str, tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, costs=f"{LEDGER}{row}\n", payments=PAID, calls=TALK)
    result = run(data, own, tmp_path / "out")
    assert result.exit_code == 3, result.output
    said = rows_of(tmp_path / "out" / "problems.csv")
    assert BAD[row] in {found["code"] for found in said}, said
    record = json.loads((tmp_path / "out" / "recovery.json").read_text(encoding="utf-8"))
    assert record["control"]["in_cells"]["amount"] == "50.01"
    [source] = [of for of in record["sources"] if of["table"] == "costs"]
    became = sum(of["rows"] for of in record["control"]["became"].values())
    assert source["accepted"] + source["rejected"] + source["ignored"] == source["rows"] == 4
    assert became == source["accepted"]


def test_a_credit_note_is_taken_where_the_profile_says_so(tmp_path: Path) -> None:
    profile = PROFILE + '[definitions]\ncredit_notes = "deducted"\n'
    data, own = folder_of(tmp_path, profile, costs=f"{LEDGER}2026-03,call,Refund,-5,KES,,\n", payments=PAID, calls=TALK)
    result = run(data, own, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "45.01 / 300.00" in result.output


@pytest.mark.parametrize(
    ("tables", "options", "words"),
    [
        ({"payments": PAID}, (), "neither costs"),
        ({"payments": PAID, "costs": LEDGER}, ("--period", "2026-W10"), "whole months"),
        ({"payments": PAID, "costs": LEDGER}, ("--period", "Q9"), "Q9"),
        (
            {"payments": PAID, "rate_card": "channel,unit,cost,currency,from\ncall,call,2,KES,2026-01-01\n"},
            (),
            "nothing to count",
        ),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_leaves_nothing(
    tables: dict[str, str], options: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    data, own = folder_of(tmp_path, **tables)
    result = run(data, own, tmp_path / "out", *options)
    assert result.exit_code == 1
    assert words in result.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_collected_is_said_and_is_neither_nothing_nor_infinity(tmp_path: Path) -> None:
    old = PAYMENTS + "P1,L1,A1,2026-02-05 10:00,200,KES,instalment,\n"
    data, own = folder_of(tmp_path, costs=LEDGER, payments=old, calls=TALK)
    result = run(data, own, tmp_path / "out")
    assert result.exit_code == 0
    assert "no base" in result.output
    assert "neither nothing nor infinity" in result.stderr
    found = {(row["scope_kind"], row["measure"]): row for row in rows_of(tmp_path / "out" / "ratios.csv")}
    assert (found["all", "cost_per_unit"]["value"], found["all", "cost_per_unit"]["note"]) == ("", "no base")


def test_what_was_done_at_a_cost_that_nobody_knows_is_not_free(tmp_path: Path) -> None:
    visits = "visit_id,agent_id,account_id,visited_at\nV1,A1,L1,2026-03-04 10:00\n"
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID, calls=TALK, visits=visits)
    result = run(data, own, tmp_path / "out")
    assert "no cost is known of what was done as visit (1 times)" in result.stderr
    figures = {row["measure"] for row in rows_of(tmp_path / "out" / "ratios.csv")}
    assert "cost_per_call" in figures
    assert "cost_per_visit" not in figures


def test_without_a_list_the_rest_is_handed_in_and_what_is_missing_is_no_error(tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, PROFILE + LADDER, costs=LEDGER, payments=PAID, calls=TALK)
    result = run(data, own, tmp_path / "out")
    assert result.exit_code == 0
    assert "! what is worth pursuing needs balances" in result.stderr
    assert "✗" not in result.stderr
    assert not (tmp_path / "out" / "pursue.csv").exists()
    assert (tmp_path / "out" / "ratios.csv").exists()


LADDER = """
[recovery]
least_cases = 1
[[recovery.rungs]]
code = "phone"
title = "Call"
channel = "call"
"""


def test_activities_and_the_list_are_weighed_by_what_one_more_costs_and_the_rest_stands_beside_it(
    tmp_path: Path,
) -> None:
    """Two calls cost 30.00 and carry rent of 20.01; each was of another account, past due by 40 days."""
    owed = "account_id,as_of,balance,days_past_due\nL1,2026-02-20,5000,40\nL2,2026-02-20,5000,40\n"
    data, own = folder_of(tmp_path, PROFILE + LADDER, costs=LEDGER, payments=PAID, calls=TALK, balances=owed)
    result = run(data, own, tmp_path / "out", "--as-of", "2026-03-31")
    assert result.exit_code == 0, result.output
    [effect] = [row for row in rows_of(tmp_path / "out" / "effects.csv") if row["bucket"] == "all"]
    assert (effect["activity"], effect["cost_each"], effect["loaded_each"]) == ("phone", "15.00", "25.01")
    assert {row["cost"] for row in rows_of(tmp_path / "out" / "pursue.csv")} <= {"15.00", ""}
    assert rows_of(tmp_path / "out" / "routes.csv")[0]["cost_each"] == "15"


# --- COST-1: the tribunal's three routes -------------------------------------------------------------------

CUSTOMERS, DEBT = 47_625, 308_512_947
ROUTES = {"visit": (20_000, "3.08739"), "legal": (109_640, "16.92508"), "recovery": (37_260, "5.75181")}
"""A private investigator, litigation, settlement out of court; cost of one, and the break-even published."""


def tribunal(path: Path, customers: int, debt: int) -> tuple[Path, Path]:
    """Every customer owes the same (a few one shilling more), is gone after by each route once, and pays all of it."""
    owed = {f"L{place:05}": debt // customers + (place < debt % customers) for place in range(customers)}
    day, units = "2026-03-10", {"visit": "visit", "legal": "filing", "recovery": "recovery"}
    lines = {
        "accounts": "{of},{of},lamp,2026-01-01,KES",
        "balances": "{of},2026-02-28,{owed},200",
        "visits": f"V{{of}},A1,{{of}},{day} 09:00",
        "cases": f"K{{of}},{{of}},A1,legal,{day}",
        "recoveries": f"R{{of}},{{of}},A1,{day},{day}",
        "payments": "P{of},{of},A1,2026-03-20 10:00,{owed},KES,instalment,",
    }
    heads = {
        "accounts": "account_id,customer_id,product,activated_on,currency",
        "balances": "account_id,as_of,balance,days_past_due",
        "visits": "visit_id,agent_id,account_id,visited_at",
        "cases": "case_id,account_id,agent_id,kind,opened_on",
        "recoveries": "recovery_id,account_id,agent_id,ordered_on,recovered_on",
        "payments": PAYMENTS.strip(),
    }
    tables = {
        name: "\n".join([heads[name], *(line.format(of=of, owed=amount) for of, amount in owed.items())]) + "\n"
        for name, line in lines.items()
    }
    rates = [f"{name},{units[name]},{cost},KES,2026-01-01\n" for name, (cost, _) in ROUTES.items()]
    return folder_of(path, rate_card="channel,unit,cost,currency,from\n" + "".join(rates), **tables)


@pytest.mark.slow
def test_none_of_the_tribunals_routes_breaks_even_even_if_everything_is_paid(tmp_path: Path) -> None:
    data, own = tribunal(tmp_path, CUSTOMERS, DEBT)
    result = run(data, own, tmp_path / "out")
    assert result.exit_code == 0, result.output
    found = {row["action"]: row for row in rows_of(tmp_path / "out" / "routes.csv")}
    assert {action: row["verdict"] for action, row in found.items()} == dict.fromkeys(ROUTES, "never")
    for action, (cost, published) in ROUTES.items():
        assert float(found[action]["cost"]) == cost * CUSTOMERS
        assert f"{float(found[action]['break_even']):.2f}" == f"{float(published):.2f}"
    ratios = {
        (row["scope_kind"], row["scope"], row["measure"]): row for row in rows_of(tmp_path / "out" / "ratios.csv")
    }
    assert ratios["all", "", "collected"]["value"] == str(DEBT)
    for action, (_, published) in ROUTES.items():
        assert f"{float(ratios['channel', action, 'cost_per_unit']['value']):.2f}" == f"{float(published):.2f}"
    assert result.output.count("so it never pays for itself") == len(ROUTES)


def test_the_tribunals_case_a_hundredth_as_large(tmp_path: Path) -> None:
    data, own = tribunal(tmp_path, CUSTOMERS // 125, DEBT // 125)
    assert run(data, own, tmp_path / "out").exit_code == 0
    found = {row["action"]: row for row in rows_of(tmp_path / "out" / "routes.csv")}
    assert [f"{float(found[action]['break_even']):.2f}" for action in ROUTES] == ["3.09", "16.93", "5.75"]


# --- the five set-ups --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["agency", "bike-recovery", "last-call", "paygo-solar", "phone-credit"])
def test_a_shipped_set_up_has_a_ladder_and_its_sample_gives_every_channel(name: str, tmp_path: Path) -> None:
    from toolkit.profiles import load_profile
    from toolkit.recovery_reports.recovering import recovered
    from toolkit.samples import make_sample

    profile = load_profile(name)
    make_sample(profile, tmp_path / "data", agents=8, accounts=120, months=2, seed=3)
    done = recovered(tmp_path / "data", profile, "2026-10")
    assert not done.rows_set_aside
    assert len(profile.recovery.rungs) >= 3
    assert {"salary", "overhead", "commission", "sms", "call"} - set(done.costs.cells["channel"]) <= {"call"}
    assert {"own", "everybody"} <= set(done.costs.cells["shared"])
    assert all(check.holds for check in done.checks)
    rates = done.data.table("rate_card", "channel", "currency").to_polars() if done.data.has("rate_card") else None  # type: ignore[union-attr]
    assert rates is not None
    assert set(rates["currency"]) == {profile.currency}
