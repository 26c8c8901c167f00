"""Profiles are read from files, and everything wrong with one is said at once."""

from pathlib import Path

import pytest

from toolkit.problems import ToolkitError
from toolkit.profiles import default_profile, load_profile, shipped_profiles

GOOD = """
country = "KE"
currency = "KES"
timezone = "Africa/Nairobi"
date_order = "dmy"
plans = ["field.toml"]
[headers.payments]
amount = ["Amt", "Paid (KES)"]
[codes."calls.disposition"]
"PTP" = "promise"
[defaults]
"payments.currency" = "KES"
"""


def written(folder: Path, text: str) -> Path:
    (folder / "branch").mkdir(exist_ok=True)
    (folder / "branch" / "profile.toml").write_text(text, encoding="utf-8")
    return folder / "branch"


def codes_of(folder: Path, text: str) -> set[tuple[str, str]]:
    with pytest.raises(ToolkitError) as error:
        load_profile(str(written(folder, text)))
    return {(problem.code, problem.column) for problem in error.value.problems}


def test_a_profile_of_ones_own_is_a_folder_or_its_file(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOD)
    for place in (folder, folder / "profile.toml"):
        profile = load_profile(str(place))
        assert profile.name == "branch"
        assert profile.headers["payments"]["amount"] == ("Amt", "Paid (KES)")
        assert profile.plan_paths() == [folder / "plans" / "field.toml"]
        assert profile.spelling("payments", "amount") == "Amt"
        assert profile.spelling("payments", "kind") == "kind"


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    wrong = GOOD.replace('"KE"', '"Kenya"').replace("Africa/Nairobi", "Nairobi").replace('"dmy"', '"day first"')
    assert codes_of(tmp_path, wrong) == {
        ("PROFILE_VALUE", "country"),
        ("PROFILE_VALUE", "timezone"),
        ("PROFILE_VALUE", "date_order"),
    }


def test_tables_columns_and_codes_that_do_not_exist_are_named(tmp_path: Path) -> None:
    wrong = GOOD.replace("headers.payments", "headers.payment").replace('"promise"', '"promised"')
    wrong += '"agents.colour" = "red"\n'
    assert codes_of(tmp_path, wrong) == {
        ("PROFILE_UNKNOWN_TABLE", "headers.payment"),
        ("PROFILE_UNKNOWN_CODE", "calls.disposition"),
        ("PROFILE_UNKNOWN_COLUMN", "agents.colour"),
    }


def test_a_key_that_means_nothing_is_refused(tmp_path: Path) -> None:
    assert codes_of(tmp_path, "decimal_comma = true\n" + GOOD) == {("PROFILE_VALUE", "decimal_comma")}


CARD = """
[[scorecards]]
name = "desk"
title = "{title}"
kpis = [{{ kpi = "noc", weight = 1 }}]
"""


def test_two_scorecards_of_one_name_are_refused_and_both_are_named(tmp_path: Path) -> None:
    wrong = GOOD + CARD.format(title="Callers") + CARD.format(title="Riders")
    with pytest.raises(ToolkitError, match=r"1 \(Callers\) and 2 \(Riders\) have the same name"):
        load_profile(str(written(tmp_path, wrong)))
    assert codes_of(tmp_path, wrong) == {("PROFILE_VALUE", "scorecards.name")}
    load_profile(str(written(tmp_path, wrong.replace('"desk"', '"riders"', 1))))


SPECIAL = """
[[special_days]]
name = "Eid"
from = 2026-03-20
to = 2026-03-21
treatment = "{treatment}"
[[special_days]]
name = "School fees"
from = {first}
to = 2026-03-31
treatment = "compare"
"""


def test_special_days_in_common_have_one_treatment(tmp_path: Path) -> None:
    wrong = GOOD + SPECIAL.format(treatment="leave_out", first="2026-03-21")
    with pytest.raises(ToolkitError, match=r'"Eid" \(leave_out\) and "School fees" \(compare\).*2026-03-21'):
        load_profile(str(written(tmp_path, wrong)))
    for treatment, first in (("leave_out", "2026-03-22"), ("compare", "2026-03-21")):
        load_profile(str(written(tmp_path, GOOD + SPECIAL.format(treatment=treatment, first=first))))


def test_a_file_that_is_no_toml_is_said_to_be_unreadable(tmp_path: Path) -> None:
    assert codes_of(tmp_path, "currency = KES") == {("PROFILE_UNREADABLE", "")}


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(ToolkitError, match=r"agency.*paygo-solar"):
        load_profile("no-such-profile")


def test_the_five_set_ups_are_shipped_and_can_be_read() -> None:
    assert shipped_profiles() == ["agency", "bike-recovery", "last-call", "paygo-solar", "phone-credit"]
    for name in shipped_profiles():
        assert load_profile(name).name == name


def test_without_a_profile_dates_are_iso_and_the_sign_is_a_point() -> None:
    profile = default_profile("UGX", "Africa/Kampala", "UG")
    assert (profile.date_order, profile.decimal, profile.digits) == ("iso", ".", 0)
    assert profile.in_currency("KES").digits == 2
    assert profile.working_days == {0, 1, 2, 3, 4}
