"""Call rules as files: what is shipped, what a profile fills in, and every contradiction in a sentence, all at once."""

from datetime import date
from pathlib import Path

import pytest
from conduct_cases import values, version_of

from toolkit.call_rule_files import shipped_rules, versions_of
from toolkit.call_rules import Cap, Choice, Hours, Quiet, days_of, spans_of
from toolkit.problems import ToolkitError
from toolkit.profiles import load_profile, shipped_profiles

PROFILE = 'country = "KE"\ncurrency = "KES"\ntimezone = "Africa/Nairobi"\n'


def profile(folder: Path, text: str) -> Path:
    (folder / "profile.toml").write_text(PROFILE + text, encoding="utf-8")
    return folder


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(ToolkitError) as error:
        load_profile(str(profile(folder, text)))
    return [str(found) for found in error.value.problems]


def test_regulation_f_is_as_the_regulation_says() -> None:
    (version,) = versions_of([Choice(use="us-reg-f")], None, "")
    cap, quiet = version.rules
    assert isinstance(cap, Cap) and isinstance(quiet, Quiet)
    assert (cap.most, cap.days, cap.per, cap.channels) == (7, 7, "person_and_debt", ("call",))
    assert (quiet.days, quiet.per, quiet.after) == (7, "person_and_debt", ("call",))
    for rule in version.rules:
        assert rule.source.startswith("12 CFR 1006.14(b)(2)")
        assert rule.consent_days == 7
        assert rule.professionals
        assert rule.until_conversation
        assert not {"no_answer", "voicemail"} & set(rule.not_counted)
    assert version.law
    assert version.first == date(2021, 11, 30)


def test_the_hours_of_regulation_f_are_a_file_of_their_own() -> None:
    (version,) = versions_of([Choice(use="us-reg-f-hours")], None, "")
    (hours,) = version.rules
    assert isinstance(hours, Hours)
    assert hours.source == "12 CFR 1006.6(b)(1)(i)"
    assert set(hours.spans().values()) == {((8 * 3600, 21 * 3600),)}
    assert hours.channels == ("call", "message", "visit")
    assert not hours.consent_days, "a consent to more calls is none to calls at night"
    assert version.law and version.first == date(2021, 11, 30)


def test_company_policy_has_no_figure_of_its_own_and_is_no_law() -> None:
    (version,) = versions_of([Choice(use="company-policy")], None, "")
    assert not version.law
    assert {rule.kind for rule in version.rules} == {"third_party", "listed"}
    assert dict(version.unfilled)["hours"] == "hours"
    assert dict(version.unfilled)["calls-a-day"] == "most"
    for text in ("LN 46/2022", "FCCPC 2025", "BoT 2024", "UMRA 2024", "no numeric hours"):
        assert text in version.note


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_set_ups_have_examples_that_say_so(name: str) -> None:
    versions = load_profile(name).call_rule_versions()
    assert [version.name for version in versions] == ["company-policy"]
    assert versions[0].example
    assert {"hours", "cap", "gap", "quiet"} <= {rule.kind for rule in versions[0].rules}
    text = (Path(str(load_profile(name).folder)) / "profile.toml").read_text(encoding="utf-8")
    assert "EXAMPLES TO BE REPLACED" in text
    assert "none of them is law" in text


def test_a_profile_fills_in_figures_and_leaves_rules_out(tmp_path: Path) -> None:
    text = (
        '[[call_rules]]\nuse = "company-policy"\nstart = 2026-01-01\n[call_rules.values]\nthird-party = false\n'
        'calls-a-day = { most = 2 }\nhours = { hours = { mon-sun = "08:00-18:00" } }\n'
    )
    (version,) = load_profile(str(profile(tmp_path, text))).call_rule_versions()
    rules = {rule.code: rule for rule in version.rules}
    assert set(rules) == {"hours", "calls-a-day", "do-not-contact"}
    cap = rules["calls-a-day"]
    assert isinstance(cap, Cap) and (cap.most, cap.days) == (2, 1)


def test_names_alone_are_enough_and_files_lie_beside_the_profile(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'title = "Ours"\n[[rules]]\ncode = "one"\nkind = "cap"\ntitle = "One"\nmost = 1\ndays = 1\n', encoding="utf-8"
    )
    setup = load_profile(str(profile(tmp_path, 'call_rules = ["us-reg-f", "ours.toml"]\n')))
    assert [(version.name, version.label) for version in setup.call_rule_versions()] == [
        ("ours", "always"), ("us-reg-f", "2021-11-30"),
    ]  # fmt: skip


def test_a_version_holds_until_the_day_before_the_next(tmp_path: Path) -> None:
    entry = '[[call_rules]]\nuse = "company-policy"\nstart = {}\n[call_rules.values]\ncalls-a-day = {{ most = {} }}\n'
    text = entry.format("2026-06-01", 2) + entry.format("2026-01-01", 3)
    versions = load_profile(str(profile(tmp_path, text))).call_rule_versions()
    spans = [(version.first, version.last) for version in versions]
    assert spans == [(date(2026, 1, 1), date(2026, 5, 31)), (date(2026, 6, 1), date(9999, 12, 31))]


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        """title = "Ours"
[[rules]]
code = "hours"
kind = "hours"
title = "Hours"
hours = { mon-fri = "20:00-08:00", sunday = "closed", sat = "9-17" }
[[rules]]
code = "nought"
kind = "cap"
title = "Nought"
most = 0
days = 1
[[rules]]
code = "odd"
kind = "curfew"
title = "Odd"
""",
        encoding="utf-8",
    )
    text = """call_rules = ["ours.toml", "us-reg-f", "us-reg-f", "nowhere"]\n"""
    found = "\n".join(refused(tmp_path, text))
    for words in (
        '"20:00-08:00" ends before it begins',
        '"sunday" is not a weekday',
        '"9-17" is no stretch of a day',
        "rules.nought.most",
        "a cap is at least 1",
        "'curfew'",
        'Two versions of the call rules "us-reg-f" begin on the same day (2021-11-30)',
        'There are no call rules "nowhere"',
    ):
        assert words in found, words


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ('mon-fri = "08:00-18:00", sat = "closed"', "nothing is said of sun"),
        ('mon-sun = "08:00-18:00", sat = "closed"', "sat has hours twice"),
        ('mon-sun = "08:00-08:00"', "ends before it begins"),
        ('mon-sun = "14:00-16:00, 08:00-12:00"', "wrong order"),
        ('mon-sun = "08:00-25:00"', "no stretch of a day"),
        ('fri-mon = "08:00-18:00"', "runs backwards"),
    ],
)
def test_hours_that_contradict_themselves_are_refused(hours: str, words: str) -> None:
    with pytest.raises(ToolkitError, match=words):
        values(f"hours = {{ hours = {{ {hours} }} }}")


def test_a_rule_without_its_figures_is_refused_outside_of_a_template() -> None:
    with pytest.raises(ToolkitError, match='the rule "it" needs most and days'):
        version_of('[[rules]]\ncode = "it"\nkind = "cap"\ntitle = "It"')


def test_two_rules_of_one_code_are_refused() -> None:
    twice = '[[rules]]\ncode = "it"\nkind = "third_party"\ntitle = "It"\n' * 2
    with pytest.raises(ToolkitError, match='two rules are called "it"'):
        version_of(twice)


def test_figures_for_a_rule_that_is_not_there_are_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, '[[call_rules]]\nuse = "us-reg-f"\n[call_rules.values]\ncalls-a-day = { most = 2 }\n')
    assert "does not have; its rules are seven-in-seven, quiet-after-conversation" in found[0]


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("title = ", encoding="utf-8")
    assert "ours.toml: The file of call rules cannot be read" in refused(tmp_path, 'call_rules = ["ours.toml"]\n')[0]


def test_days_and_hours_are_read_as_people_write_them() -> None:
    assert days_of("mon-fri") == ("mon", "tue", "wed", "thu", "fri")
    assert days_of("holiday") == ("holiday",)
    assert spans_of("08:00-12:00, 13:30-24:00") == ((28800, 43200), (48600, 86400))
    assert spans_of("closed") == ()
    assert spans_of("all day") == ((0, 86400),)


@pytest.mark.parametrize("name", shipped_rules())
def test_each_shipped_file_says_what_it_is_and_whence(name: str) -> None:
    (version,) = versions_of([Choice(use=name)], None, "")
    assert version.name == name
    assert version.title
    assert version.source
    assert version.note


def test_hours_of_a_week_are_known_by_day() -> None:
    (version,) = values('hours = { hours = { mon-fri = "08:00-18:00", sat-sun = "closed", holiday = "closed" } }')
    (hours,) = [rule for rule in version.rules if isinstance(rule, Hours)]
    assert hours.spans()["fri"] == ((28800, 64800),)
    assert hours.spans()["holiday"] == ()
