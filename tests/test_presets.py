"""Presets: the spellings of known systems, taken by a set-up; and payments whose own row says they were taken back."""

import csv
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from plan_examples import small_plan

import cli
from toolkit.presets import Preset, presets
from toolkit.problems import ToolkitError
from toolkit.profiles import Profile, load_profile, read_profile
from toolkit.reading import Reading, read_tables
from toolkit.tables import TABLES

KENYA = {"country": "KE", "currency": "KES", "timezone": "Africa/Nairobi"}
KENYA_OPTIONS = ("--country", "KE", "--currency", "KES", "--timezone", "Africa/Nairobi")

MPM_PAYMENTS = """\
payment_external_id,purpose,paid_at,amount,currency,account_origin,account_external_id,purchase_unit,provider_name,\
provider_transaction_id,days_active,reverted_at
PAY-1,Paygo Payment,2026-10-02 22:30:00.000Z,1200,KES,shs,SN-1,days,Cash,9001,30,
PAY-2,Loan repayment,2026-10-03 10:00:00.000Z,500.5,KES,shs,SN-2,days,Wave Money,9002,14,2026-10-09 08:00:00.000Z
PAY-3,Access Rate Payment,2026-10-04 10:00:00.000Z,75,KES,meters,SN-1,pcs,Cash,9003,,
"""
MPM_INSTALLATIONS = """\
customer_external_id,manufacturer,serial_number,seller_agent_external_id,device_external_id,account_external_id,\
device_category,payment_plan_currency,payment_plan_days_financed,purchase_date,paid_off_date
7,Acme,SN-1,3,41,55,solar_home_system,KES,365,2025-01-05,
8,Acme,SN-2,3,42,55,solar_home_system,KES,365,2025-02-06,
"""
MPM_AGENTS = """\
external_id,name,company,email,agent_type,phone,country,location_area_1,location_area_2
3,Jane Doe,Grid,jane@example.org,sales_agent,+254712345678,KE,North,Kitale
"""
FINERACT = """\
id,loanId,officeName,type,date,amount,principalPortion,externalId,submittedOnDate,manuallyReversed,reversedOnDate
11,5,Head Office,Repayment,2026-10-02,1200.00,1000.00,,2026-10-02,false,
12,5,Head Office,Repayment,2026-10-03,500.00,400.00,,2026-10-03,true,2026-10-09
13,5,Head Office,Disbursement,2026-10-03,9000.00,9000.00,,2026-10-03,false,
14,5,Head Office,Repayment,2026-10-04,70.00,70.00,,2026-10-04,true,
"""
FINERACT_LOANS = """\
id,accountNo,clientId,clientName,clientOfficeName,loanProductName,status.value,timeline.actualDisbursementDate
5,000000005,9,Asha Njeri,Head Office,Working Capital,Active,2026-01-05
"""
FINERACT_CLIENTS = """\
id,accountNo,externalId,displayName,officeName,staffName,activationDate,status
9,000000009,EXT-9,Asha Njeri,Head Office,Jane Doe,2026-01-05,Active
"""


def profile_with(names: Sequence[str], **more: Any) -> Profile:
    return read_profile({**KENYA, "presets": list(names), **more}, Path("mine/profile.toml"))


def read(folder: Path, profile: Profile, as_of: date | None = None, **files: str) -> Reading:
    data = folder / "data"
    data.mkdir(parents=True)
    for name, text in files.items():
        (data / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_tables(data, profile, as_of=as_of)


def rows(reading: Reading, *columns: str) -> list[tuple[Any, ...]]:
    return reading.tables["payments"].select(columns).rows()


def codes(reading: Reading, level: str = "error") -> list[tuple[str, int | None]]:
    return [(found.code, found.row) for found in reading.problems if found.level == level]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


# The files


def test_the_ready_presets_are_there() -> None:
    assert list(presets()) == ["fineract", "fineract-clients", "micropowermanager"]


@pytest.mark.parametrize("preset", presets().values(), ids=lambda preset: preset.name)
def test_a_preset_names_tables_columns_and_codes_that_exist_and_its_source(preset: Preset) -> None:
    assert profile_with([preset.name]).presets == (preset.name,)
    assert preset.source and preset.title and preset.note
    for table, columns in preset.headers.items():
        spellings = [name.casefold() for names in columns.values() for name in names]
        assert len(spellings) == len(set(spellings)), table
        needed = {name for name in TABLES[table].required if TABLES[table].column(name).type != "currency"}
        assert needed <= set(columns) | {name.partition(".")[2] for name in preset.defaults}


def test_profile_presets_lists_them() -> None:
    result = run("profile", "presets")
    assert result.exit_code == 0
    for name, preset in presets().items():
        assert name in result.output
        assert preset.source.split(":")[0] in result.output
    listed = json.loads(run("profile", "presets", "--json").stdout)
    assert [one["name"] for one in listed] == list(presets())


def test_an_unknown_preset_is_said_with_the_known_ones() -> None:
    with pytest.raises(ToolkitError, match=r"micropower.*Presets are: fineract"):
        profile_with(["micropower"])


def test_presets_that_are_no_list_are_a_wrong_value() -> None:
    with pytest.raises(ToolkitError) as error:
        read_profile({**KENYA, "presets": "fineract"}, Path("mine/profile.toml"))
    assert [(found.code, found.column) for found in error.value.problems] == [("PROFILE_VALUE", "presets")]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"headers": {"payments": {"amount": "Amt"}}}, "headers.payments.amount"),
        ({"headers": {"payments": ["Amt"]}}, "headers.payments"),
        ({"headers": "Amt"}, "headers"),
        ({"codes": {"payments.kind": "x"}}, "codes.payments.kind"),
        ({"defaults": "x"}, "defaults"),
        ({"presets": ["fineract", 5]}, "presets.1"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said_with_presets_too(wrong: dict[str, Any], key: str) -> None:
    with pytest.raises(ToolkitError) as error:
        read_profile({**KENYA, "presets": ["fineract"], **wrong}, Path("mine/profile.toml"))
    assert [(found.code, found.column) for found in error.value.problems] == [("PROFILE_VALUE", key)]


# What comes first


def test_the_profiles_own_comes_before_the_presets() -> None:
    profile = profile_with(
        ["micropowermanager"],
        date_order="dmy",
        headers={"payments": {"amount": ["Amt"]}},
        codes={"payments.kind": {"Paygo Payment": "prepayment"}},
    )
    assert profile.headers["payments"]["amount"] == ("Amt", "amount")
    assert profile.headers["payments"]["payment_id"] == ("payment_external_id",)
    assert profile.codes["payments.kind"]["Paygo Payment"] == "prepayment"
    assert profile.codes["payments.kind"]["Loan repayment"] == "instalment"
    assert profile.date_order == "dmy"
    assert profile_with(["fineract-clients"]).defaults == {"accounts.product": "loan"}


def test_where_a_file_has_both_the_profiles_own_header_holds(tmp_path: Path) -> None:
    profile = profile_with(["micropowermanager"], headers={"accounts": {"activated_on": ["installation_date"]}})
    text = MPM_INSTALLATIONS.replace("paid_off_date", "installation_date").replace(",\n", ",2024-12-31\n")
    reading = read(tmp_path, profile, installations=text)
    assert reading.tables["accounts"]["activated_on"].to_list() == [date(2024, 12, 31)] * 2
    assert "purchase_date" in reading.files[0].unused


def test_two_presets_stand_one_behind_the_other() -> None:
    profile = profile_with(["fineract-clients", "fineract"])
    assert profile.headers["accounts"]["account_id"] == ("accountNo", "id", "Loan Account No.")
    assert profile.headers["accounts"]["customer_id"][0] == "externalId"


# The ready ones


def test_micropowermanagers_extract_is_read(tmp_path: Path) -> None:
    reading = read(
        tmp_path, profile_with(["micropowermanager"]), payments=MPM_PAYMENTS, inst=MPM_INSTALLATIONS, agents=MPM_AGENTS
    )
    assert codes(reading) == []
    assert rows(reading, "payment_id", "account_id", "amount", "kind") == [
        ("PAY-1", "SN-1", 120000, "instalment"),
        ("PAY-2", "SN-2", 50050, "instalment"),
        ("PAY-3", "SN-1", 7500, "fee"),
        ("PAY-2-REVERTED", "SN-2", -50050, "instalment"),
    ]
    assert reading.tables["payments"]["paid_at"].dt.date().to_list()[0] == date(2026, 10, 3), "UTC to Nairobi"
    assert reading.tables["accounts"]["account_id"].to_list() == ["SN-1", "SN-2"]
    assert reading.tables["agents"]["role"].to_list() == ["sales_agent"]


def test_fineracts_loan_transactions_are_read(tmp_path: Path) -> None:
    reading = read(tmp_path, profile_with(["fineract"]), payments=FINERACT, loans=FINERACT_LOANS)
    assert rows(reading, "payment_id", "account_id", "amount") == [
        ("11", "5", 120000), ("12", "5", 50000), ("12-REVERTED", "5", -50000),
    ]  # fmt: skip
    assert codes(reading) == [("CODE_UNKNOWN", 4), ("REVERTED_WITHOUT_TIME", 5)]
    assert reading.tables["accounts"]["status"].to_list() == ["active"]


def test_fineracts_clients_are_accounts_where_a_team_works_so(tmp_path: Path) -> None:
    profile = profile_with(["fineract-clients"])
    payments = FINERACT.replace("loanId", "clientAccountNo").replace(",5,", ",000000009,")
    reading = read(tmp_path, profile, clients=FINERACT_CLIENTS, payments=payments)
    accounts = reading.tables["accounts"].select("account_id", "customer_id", "product", "branch", "status").rows()
    assert accounts == [("000000009", "EXT-9", "loan", "Head Office", "active")]
    assert reading.tables["payments"].height == 3


# Payments that their own row takes back


def reverted(folder: Path, *lines: str, as_of: date | None = None, header: str = "") -> Reading:
    text = header or "payment_id,account_id,agent_id,paid_at,amount,reference,reverted_at,reverted"
    profile = read_profile(KENYA, Path("mine/profile.toml"))
    return read(folder, profile, as_of, payments="\n".join([text, *lines, ""]))


def test_a_payment_taken_back_stays_and_its_reversal_is_added(tmp_path: Path) -> None:
    reading = reverted(tmp_path, "P1,A1,,2026-10-02,100.00,x,2026-10-09,", "P2,A1,,2026-10-03,40.00,y,,no")
    assert rows(reading, "payment_id", "amount", "reverses") == [
        ("P1", 10000, None), ("P2", 4000, None), ("P1-REVERTED", -10000, "P1"),
    ]  # fmt: skip
    assert reading.tables["payments"]["paid_at"].dt.date().to_list()[2] == date(2026, 10, 9)
    assert not {"reverted_at", "reverted"} & set(reading.tables["payments"].columns)
    assert codes(reading, "warning") == [("REVERTED_PAYMENT", 2)]
    [file] = reading.files
    assert (file.rows, file.accepted, file.rejected, file.ignored) == (2, 2, 0, 0), "the added row is none of the file"
    assert reading.accepted_sums["payments"] == 4000


def test_taken_back_without_a_time_is_set_aside_not_guessed(tmp_path: Path) -> None:
    reading = reverted(tmp_path, "P1,A1,,2026-10-02,100.00,x,,yes", "P2,A1,,2026-10-03,40.00,y,,no")
    assert codes(reading) == [("REVERTED_WITHOUT_TIME", 2)]
    assert (reading.accepted_sums["payments"], reading.rejected_sums["payments"]) == (4000, 10000)


def test_a_payment_not_taken_back_at_a_time_is_a_contradiction(tmp_path: Path) -> None:
    reading = reverted(tmp_path, "P1,A1,,2026-10-02,100.00,x,2026-10-09,no", "P2,A1,,2026-10-03,40.00,y,,no")
    assert (codes(reading), codes(reading, "warning")) == ([("REVERTED_CONTRADICTION", 2)], [])
    assert rows(reading, "payment_id") == [("P2",)]
    [said] = [str(one) for one in reading.problems if one.code == "REVERTED_CONTRADICTION"]
    assert "2026-10-09" in said


def test_fineract_reverses_by_itself_what_nobody_reversed_by_hand(tmp_path: Path) -> None:
    payments = FINERACT.replace("true,2026-10-09", "false,2026-10-09")
    reading = read(tmp_path, profile_with(["fineract"]), payments=payments, loans=FINERACT_LOANS)
    assert ("12-REVERTED", -50000) in rows(reading, "payment_id", "amount")


def test_a_flag_alone_sets_aside_as_well(tmp_path: Path) -> None:
    header = "payment_id,account_id,paid_at,amount,reverted"
    reading = reverted(tmp_path, "P1,A1,2026-10-02,100.00,yes", "P2,A1,2026-10-02,5.00,no", header=header)
    assert codes(reading) == [("REVERTED_WITHOUT_TIME", 2)]
    assert rows(reading, "payment_id") == [("P2",)]


@pytest.mark.parametrize(("when", "code"), [("2026-13-40", "DATE_INVALID"), ("2026-10-01", "DATE_ORDER_PAIR")])
def test_a_time_that_cannot_be_sets_the_row_aside(when: str, code: str, tmp_path: Path) -> None:
    reading = reverted(tmp_path, f"P1,A1,,2026-10-02,100.00,x,{when},")
    assert codes(reading) == [(code, 2)]
    assert reading.tables["payments"].height == 0


def test_what_is_taken_back_after_the_as_of_day_still_counts_on_it(tmp_path: Path) -> None:
    reading = reverted(tmp_path, "P1,A1,,2026-10-02,100.00,x,2026-11-09,", as_of=date(2026, 10, 31))
    assert rows(reading, "payment_id", "amount") == [("P1", 10000)]
    assert codes(reading) == []


def test_the_export_of_before_and_after_may_lie_side_by_side(tmp_path: Path) -> None:
    """The older export does not know yet that the payment was taken back: it is the same payment all the same."""
    header = "payment_id,account_id,paid_at,amount,reverted_at\n"
    reading = read(
        tmp_path, read_profile(KENYA, Path("mine/profile.toml")),
        payments_october=f"{header}P1,A1,2026-10-02,100.00,\n",
        payments_november=f"{header}P1,A1,2026-10-02,100.00,2026-11-09\n",
    )  # fmt: skip
    assert sorted(rows(reading, "payment_id", "amount")) == [("P1", 10000), ("P1-REVERTED", -10000)]
    assert codes(reading) == []


def test_a_reversing_row_beside_it_is_found_to_take_back_too_much(tmp_path: Path) -> None:
    header = "payment_id,account_id,paid_at,amount,reverses,reverted_at"
    lines = ("P1,A1,2026-10-02,100.00,,2026-10-09", "R1,A1,2026-10-10,-100.00,P1,")
    assert [code for code, _ in codes(reverted(tmp_path, *lines, header=header))] == ["REVERSAL_EXCEEDS"]


def test_a_rejected_payment_gets_no_reversal(tmp_path: Path) -> None:
    reading = reverted(tmp_path, "P1,A1,,2026-10-02,12OO,x,2026-10-09,")
    assert codes(reading) == [("NOT_A_NUMBER", 2)]
    assert reading.tables["payments"].height == 0


def test_commission_on_a_payment_taken_back_later_is_taken_back_in_that_month(tmp_path: Path) -> None:
    """The whole way: October pays on it, November takes the commission back."""
    (tmp_path / "plan.toml").write_text(
        small_plan(clawback='{ share = "100%", within_days = 90, decline = "none" }'), encoding="utf-8"
    )
    agents = "agent_id,name,role\nAG1,Jane Doe,field_agent\n"
    accounts = "account_id,customer_id,product,activated_on\nA1,C1,solar,2026-01-01\n"
    header = "payment_id,account_id,agent_id,paid_at,amount,reverted_at\n"
    for month, when in (("10", ""), ("11", "2026-11-09")):
        data = tmp_path / f"exports-{month}"
        data.mkdir()
        (data / "agents.csv").write_text(agents, encoding="utf-8")
        (data / "accounts.csv").write_text(accounts, encoding="utf-8")
        (data / "payments.csv").write_text(f"{header}P1,A1,AG1,2026-10-02,1000.00,{when}\n", encoding="utf-8")
        result = run(
            "commissions", "calculate", data, "--plan", tmp_path / "plan.toml", "--period", f"2026-{month}",
            "--no-workbook", "--no-statements", "--out", tmp_path / month, "--quiet",
            *(("--previous", tmp_path / "10") if month == "11" else ()),
        )  # fmt: skip
        assert result.exit_code == 0, result.output
    october, november = (amounts(tmp_path / month) for month in ("10", "11"))
    assert october == ["100.00"]
    assert november == ["-100.00"]


def amounts(folder: Path) -> list[str]:
    with (folder / "lines.csv").open(encoding="utf-8", newline="") as file:
        return [row["amount"] for row in csv.DictReader(file)]


# A new set-up with a preset


def test_a_set_up_can_be_made_of_a_preset_alone(tmp_path: Path) -> None:
    result = run("profile", "new", "grid", "--preset", "micropowermanager", *KENYA_OPTIONS, "--out", tmp_path / "grid")
    assert result.exit_code == 0, result.output
    profile = load_profile(str(tmp_path / "grid"))
    assert profile.presets == ("micropowermanager",)
    assert profile.headers["payments"]["payment_id"] == ("payment_external_id",)
    (tmp_path / "pay.csv").write_text(MPM_PAYMENTS, encoding="utf-8")
    check = run("check", tmp_path / "pay.csv", "--profile", tmp_path / "grid", "--out", tmp_path / "check")
    assert check.exit_code == 0, check.output
    assert "KES 1,275.00" in check.output


def test_a_preset_needs_the_place_and_must_exist(tmp_path: Path) -> None:
    nowhere = run("profile", "new", "grid", "--preset", "micropowermanager", "--out", tmp_path / "grid")
    assert nowhere.exit_code == 1
    assert "--currency" in nowhere.stderr
    wrong = run("profile", "new", "grid", "--preset", "nobodys", *KENYA_OPTIONS, "--out", tmp_path / "grid")
    assert wrong.exit_code == 1
    assert "toolkit profile presets" in wrong.stderr
    assert not (tmp_path / "grid").exists()


def test_a_preset_beside_a_set_up_that_it_is_like(tmp_path: Path) -> None:
    made = run("profile", "new", "g", "--preset", "fineract", "--like", "last-call", "--out", tmp_path / "g")
    assert made.exit_code == 0, made.output
    profile = load_profile(str(tmp_path / "g"))
    assert profile.headers["payments"]["account_id"] == ("Loan No", "Loan Number", "loanId", "loanAccountNo")
    assert profile.plans == load_profile("last-call").plans


def test_the_presets_of_the_set_up_that_it_is_like_stay(tmp_path: Path) -> None:
    first = run("profile", "new", "one", "--preset", "fineract", *KENYA_OPTIONS, "--out", tmp_path / "one")
    assert first.exit_code == 0
    (tmp_path / "staff.csv").write_text("Staff Code,Full Name,Role\nF1,Jane Doe,Field\nF2,John Roe,Field\n")
    again = run(
        "profile", "new", "two", "--from", tmp_path / "staff.csv", "--like", tmp_path / "one", "--out", tmp_path / "two"
    )
    assert again.exit_code == 0, again.output
    profile = load_profile(str(tmp_path / "two"))
    assert profile.presets == ("fineract",)
    assert profile.headers["payments"] == load_profile(str(tmp_path / "one")).headers["payments"]
    assert profile.headers["agents"]["agent_id"] == ("Staff Code",)


def test_an_extract_of_a_known_system_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "pay.csv").write_text(MPM_PAYMENTS, encoding="utf-8")
    said = run("profile", "new", "grid", "--from", tmp_path / "pay.csv", *KENYA_OPTIONS, "--out", tmp_path / "grid")
    assert said.exit_code == 0, said.output
    assert "--preset micropowermanager" in said.output
    headers = load_profile(str(tmp_path / "grid")).headers["payments"]
    assert headers["account_id"] == ("account_external_id",)
    assert headers["reverted_at"] == ("reverted_at",)


def test_sample_data_of_a_set_up_with_a_preset_has_the_presets_headers() -> None:
    profile = profile_with(["micropowermanager"])
    assert profile.spelling("payments", "payment_id") == "payment_external_id"
    assert profile.spelling("payments", "kind") == "purpose"


# Payments of which a column that is not read says that they failed

STATUS = "payment_id,account_id,paid_at,amount,Transaction Status\n"


def test_a_column_that_does_not_matter_is_named_in_the_set_up(tmp_path: Path) -> None:
    profile = read_profile(
        {**KENYA, "ignored_columns": {"payments": ["transaction status"]}}, Path("mine/profile.toml")
    )
    text = STATUS + "P1,A1,2026-10-02,100.00,Completed\nP2,A1,2026-10-02,5.00,Failed\n"
    assert rows(read(tmp_path, profile, payments=text), "payment_id") == [("P1",), ("P2",)]
    reading = read(tmp_path / "unsaid", read_profile(KENYA, Path("mine/profile.toml")), payments=text)
    assert (codes(reading), rows(reading, "payment_id")) == ([("STATUS_UNREAD", 3)], [("P1",)])


def test_a_status_is_mapped_with_its_words_for_yes_and_no(tmp_path: Path) -> None:
    said = {
        "headers": {"payments": {"reverted": ["Transaction Status"]}},
        "codes": {"payments.reverted": {"Reversed": "yes", "completed": "no"}},
    }
    text = (
        STATUS.strip() + ",reverted_at\nP1,A1,2026-10-02,100.00,Completed,\nP2,A1,2026-10-02,5.00,REVERSED,2026-10-04\n"
    )
    reading = read(tmp_path, read_profile(KENYA | said, Path("mine/profile.toml")), payments=text)
    assert (codes(reading), reading.accepted_sums["payments"]) == ([], 10000)


def test_a_payment_that_the_file_takes_back_is_not_set_aside_for_its_status(tmp_path: Path) -> None:
    text = STATUS.replace("amount", "amount,reverses")
    text += "P1,A1,2026-10-02,100.00,,Reversed\nP2,A1,2026-10-03,-100.00,P1,Reversed\n"
    reading = read(tmp_path, read_profile(KENYA, Path("mine/profile.toml")), payments=text)
    assert (codes(reading), reading.accepted_sums["payments"]) == ([], 0)


def test_remarks_of_many_words_are_no_status(tmp_path: Path) -> None:
    lines = [f"P{number},A1,2026-10-02,{number + 1},remark {number}\n" for number in range(40)]
    text = STATUS + "".join([*lines, "P40,A1,2026-10-02,50,failed\n"])
    reading = read(tmp_path, read_profile(KENYA, Path("mine/profile.toml")), payments=text)
    assert (codes(reading), reading.tables["payments"].height) == ([], 41)


def test_columns_of_a_table_that_does_not_exist_cannot_be_ignored() -> None:
    with pytest.raises(ToolkitError, match="ignored_columns"):
        read_profile({**KENYA, "ignored_columns": {"payment": ["Status"]}}, Path("mine/profile.toml"))
