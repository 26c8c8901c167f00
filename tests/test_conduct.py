"""Contacts held against call rules, on days small enough to count by hand; both sides of every limit."""

from datetime import date

import pytest
from conduct_cases import CALLS, REG_F, broken, calls, contacts_of, held, on_engines, reasons, rule, values, version_of

from toolkit.call_rule_files import in_order, versions_of
from toolkit.call_rules import Choice
from toolkit.conduct import conduct
from toolkit.periods import parse
from toolkit.problems import ToolkitError

REG = versions_of(REG_F, None, "profile.toml")


def days(*numbers: int) -> str:
    return CALLS + calls(*(f"2026-03-{day:02d} {9 + place}:00" for place, day in enumerate(numbers)))


# 12 CFR 1006.14(b)(2)(i)(A), cases REG-2 a, b and c of the published rule: more than seven calls in seven days
@pytest.mark.parametrize(
    ("on", "over"),
    [
        ((1, 1, 2, 3, 4, 5, 6), []),
        ((1, 1, 2, 3, 4, 5, 6, 7), ["K8"]),
        ((1, 1, 2, 3, 4, 5, 6, 8), []),
        ((1, 1, 1, 1, 1, 1, 1), []),
        ((1, 1, 1, 1, 1, 1, 1, 1), ["K8"]),
        ((1, 1, 1, 1, 1, 1, 1, 7, 7, 8), ["K8", "K9"]),
    ],
)
def test_the_eighth_call_within_seven_days_is_one_too_many(on: tuple[int, ...], over: list[str]) -> None:
    assert broken(contacts_of(calls=days(*on)), REG) == over


def test_a_window_reaches_over_the_end_of_a_month_and_counts_calls_before_the_period() -> None:
    rows = CALLS + calls(
        *(f"2026-02-2{day} 09:00" for day in (3, 4, 5, 6, 7, 8)), "2026-03-01 09:00", "2026-03-01 10:00"
    )
    contacts = contacts_of(calls=rows)
    assert broken(contacts, REG, "2026-03") == ["K8"]
    assert broken(contacts, REG, "2026-02") == []
    assert held(contacts, REG).breaches["counted_with"][0].to_list() == [f"K{number}" for number in range(1, 8)]
    assert sum(reasons(contacts, REG).values()) == 2 * len(REG[0].rules)


def test_a_leap_day_is_a_day_of_the_window() -> None:
    on = ("22", "23", "24", "25", "26", "27", "28", "29")  # eight days: 22 to 28 are seven, and so are 23 to 29
    rows = CALLS + calls(*(f"2024-02-{day} 09:00" for day in on))
    contacts = contacts_of(calls=rows, as_of=date(2024, 3, 31))
    assert broken(contacts, REG, "2024-02") == []
    again = CALLS + calls(*(f"2024-02-{day} 09:00" for day in (*on, "29")))
    assert broken(contacts_of(calls=again, as_of=date(2024, 3, 31)), REG, "2024-02") == ["K9"]


@pytest.mark.parametrize(
    ("ended", "over"),
    [("busy", []), ("unreachable", []), ("wrong_number", []), ("no_answer", ["K8"]), ("voicemail", ["K8"])],
)
def test_a_call_that_is_not_connected_does_not_count_but_one_that_rings_does(ended: str, over: list[str]) -> None:
    rows = days(1, 1, 2, 3, 4, 5, 6) + calls("2026-03-07 09:00", ended=ended, first=8)
    assert broken(contacts_of(calls=rows), REG) == over


def test_calls_about_two_debts_are_counted_apart_and_for_a_person_together() -> None:
    rows = CALLS + calls(*["2026-03-02 09:00"] * 4) + calls(*["2026-03-02 10:00"] * 4, account="L4", first=5)
    contacts = contacts_of(calls=rows)  # L1 and L4 are debts of one customer
    assert broken(contacts, REG) == []
    assert broken(contacts, rule('most = 7\ndays = 7\nper = "person"', "cap")) == ["K8"]


def test_calls_by_several_agents_to_several_phones_count_together() -> None:
    rows = "".join(
        f"K{n},A{n % 3 + 1},L1,2026-03-02 {n + 8}:00,out,no,no,no_answer,071234567{n}\n" for n in range(1, 9)
    )
    assert broken(contacts_of(calls=CALLS + rows), REG) == ["K8"]


CONVERSATION = "K90,A1,L1,2026-03-02 12:00,{direction},yes,yes,promise,\n"


# 12 CFR 1006.14(b)(2)(i)(B): the day of the conversation is the first of the seven
@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-03-02 11:59:59", []),
        ("2026-03-02 12:00:01", ["K1"]),
        ("2026-03-08 23:59:59", ["K1"]),
        ("2026-03-09 00:00:00", []),
    ],
)
@pytest.mark.parametrize("direction", ["out", "in"])
def test_the_seventh_day_after_a_conversation_is_quiet_and_the_eighth_is_not(
    at: str, over: list[str], direction: str
) -> None:
    rows = CALLS + CONVERSATION.format(direction=direction) + calls(at)
    assert broken(contacts_of(calls=rows), REG) == over


def test_a_conversation_about_another_debt_or_with_somebody_else_begins_no_quiet_days() -> None:
    other = "K90,A1,L4,2026-03-02 12:00,out,yes,yes,promise,\nK91,A1,L1,2026-03-02 12:30,out,yes,no,wrong_party,\n"
    assert broken(contacts_of(calls=CALLS + other + calls("2026-03-03 09:00")), REG) == []


def test_a_conversation_that_was_consented_to_begins_quiet_days_too() -> None:
    consent = "account_id,kind,channel,from_at,until_at\nL1,consent,call,2026-03-02 08:00,2026-03-03 08:00\n"
    rows = CALLS + CONVERSATION.format(direction="out") + calls("2026-03-04 09:00")
    contacts = contacts_of(calls=rows, contact_permissions=consent)
    assert broken(contacts, REG) == ["K1"]


CONSENT = "account_id,kind,channel,from_at,until_at\nL1,consent,{channel},{start},{end}\n"


# 12 CFR 1006.14(b)(3)(i): no longer than seven consecutive days, the day of the consent being the first
@pytest.mark.parametrize(
    ("start", "end", "channel", "over"),
    [
        ("2026-03-03 07:00", "", "call", []),
        ("2026-03-09 09:00:01", "", "call", ["K8"]),
        ("2026-03-09 09:00:00", "", "call", []),
        ("2026-03-05 07:00", "2026-03-09 08:59", "call", ["K8"]),
        ("2026-03-05 07:00", "2026-03-09", "call", []),
        ("2026-03-05 07:00", "", "any", []),
        ("2026-03-05 07:00", "", "sms", ["K8"]),
    ],
)
def test_a_call_with_a_consent_of_the_last_seven_days_neither_counts_nor_breaks(
    start: str, end: str, channel: str, over: list[str]
) -> None:
    rows = CALLS + calls(*["2026-03-03 06:00"] * 7, "2026-03-09 09:00")
    given = CONSENT.format(start=start, end=end, channel=channel)
    contacts = contacts_of(calls=rows, contact_permissions=given)
    assert broken(contacts, REG) == over
    exempt = held(contacts, REG).breaches.filter(exempt="consent")["event_id"].to_list()
    assert exempt == ([] if over else ["K8"])  # what a consent permits is listed all the same


@pytest.mark.parametrize(("at", "over"), [("2026-03-08 23:59:59", []), ("2026-03-09 00:00:00", ["K2"])])
def test_a_consent_reaches_to_the_end_of_its_seventh_day(at: str, over: list[str]) -> None:
    given = CONSENT.format(start="2026-03-02 07:00", end="", channel="call")
    contacts = contacts_of(calls=CALLS + calls("2026-03-01 09:00", at), contact_permissions=given)
    assert broken(contacts, rule("most = 1\ndays = 30\nconsent_days = 7", "cap")) == over


def test_calls_to_a_lawyer_are_left_out_and_the_others_count() -> None:
    rows = CALLS + "".join(
        f"K{n},A1,L1,2026-03-02 {n + 8}:00,out,no,no,no_answer,{'0711000009' if n == 3 else '0711000001'}\n"
        for n in range(1, 9)
    )
    listed = "number,kind,from_at\n0711000009,professional,2026-01-01\n"
    contacts = contacts_of(calls=rows, contact_permissions=listed)
    assert broken(contacts, REG) == []
    assert reasons(contacts, REG)["professional"] == len(REG[0].rules)


def test_received_calls_are_never_judged() -> None:
    rows = CALLS + "".join(f"K{n},A1,L1,2026-03-02 {n + 8}:00,in,yes,no,wrong_party,\n" for n in range(1, 10))
    contacts = contacts_of(calls=rows)
    assert broken(contacts, REG) == []
    assert reasons(contacts, REG) == {"inbound": 18}


HOURS = 'hours = { mon-fri = "08:00-20:00", sat = "09:00-12:00, 14:00-16:00", sun = "closed", holiday = "closed" }'


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-03-02 07:59:59", ["K1"]),
        ("2026-03-02 08:00:00", []),
        ("2026-03-02 19:59:59", []),
        ("2026-03-02 20:00:00", ["K1"]),
        ("2026-03-02 00:00:00", ["K1"]),
        ("2026-03-02 23:59:59", ["K1"]),
        ("2026-03-07 11:59:59", []),
        ("2026-03-07 12:00:00", ["K1"]),
        ("2026-03-07 14:00:00", []),
        ("2026-03-08 10:00:00", ["K1"]),
        ("2026-03-20 10:00:00", ["K1"]),  # Idd ul-Fitr in Kenya, a Friday
        ("2026-03-27 10:00:00", []),
    ],
)
def test_permitted_hours_begin_with_their_first_second_and_end_before_their_last(at: str, over: list[str]) -> None:
    assert broken(contacts_of(calls=CALLS + calls(at)), rule(HOURS, "hours")) == over


def test_midnight_at_the_end_of_a_day_is_still_its_own() -> None:
    all_day = rule('hours = { mon-sat = "all day", sun = "closed" }', "hours")
    rows = CALLS + calls("2026-03-07 23:59:59", "2026-03-08 00:00:00", "2026-03-08 23:59:59", "2026-03-09 00:00:00")
    assert broken(contacts_of(calls=rows), all_day) == ["K2", "K3"]


ZONED = """account_id,customer_id,product,activated_on,currency,timezone
L1,C1,lamp,2026-01-01,KES,{zone}
L2,C2,lamp,2026-01-01,KES,
"""


@pytest.mark.parametrize(
    ("zone", "at", "over"),
    [
        ("", "2026-03-02 19:59:59", []),
        ("Africa/Lagos", "2026-03-02 21:59:59", []),  # two hours behind Nairobi
        ("Africa/Lagos", "2026-03-02 22:00:00", ["K1"]),
        ("Africa/Lagos", "2026-03-02 09:59:59", ["K1"]),
        # New York is eight hours behind Nairobi until the clocks go forward on 8 March 2026, then seven
        ("America/New_York", "2026-03-07 03:59:59", []),
        ("America/New_York", "2026-03-07 04:00:00", ["K1"]),
        ("America/New_York", "2026-03-10 02:59:59", []),
        ("America/New_York", "2026-03-10 03:00:00", ["K1"]),
    ],
)
def test_hours_are_those_of_the_customers_own_clock(zone: str, at: str, over: list[str]) -> None:
    week = rule('hours = { every day = "08:00-20:00" }'.replace("every day", '"every day"'), "hours")
    contacts = contacts_of(calls=CALLS + calls(at), accounts=ZONED.format(zone=zone))
    assert broken(contacts, week) == over
    for engine, same in on_engines(contacts).items():
        assert broken(same, week) == over, engine


def test_the_day_of_a_cap_is_the_customers_day() -> None:
    rows = CALLS + calls("2026-03-02 23:30", "2026-03-03 00:30")  # one day in Lagos, two in Nairobi
    cap = rule("most = 1\ndays = 1", "cap")
    assert broken(contacts_of(calls=rows, accounts=ZONED.format(zone="Africa/Lagos")), cap) == ["K2"]
    assert broken(contacts_of(calls=rows, accounts=ZONED.format(zone="")), cap) == []


HOMES = """account_id,customer_id,product,activated_on,currency,timezone
L1,C1,lamp,2026-01-01,KES,{first}
L2,C1,lamp,2026-01-01,KES,{second}
"""


def test_a_person_has_one_clock_for_all_accounts() -> None:
    """23:30 in Nairobi is 20:30 of the same day in London: two calls on one day, whichever account they were about."""
    rows = CALLS + calls("2026-03-02 23:30") + calls("2026-03-03 02:30", account="L2", first=2)
    cap = rule('most = 1\ndays = 1\nper = "person"', "cap")
    lives = contacts_of(calls=rows, accounts=HOMES.format(first="Europe/London", second=""))
    assert broken(lives, cap) == ["K2"]
    for engine, same in on_engines(lives).items():
        assert broken(same, cap) == ["K2"], engine
    both = contacts_of(calls=rows, accounts=HOMES.format(first="Europe/London", second="Africa/Nairobi"))
    assert broken(both, cap) == []
    assert any("Customers with accounts in more than one time zone: 1." in str(one) for one in held(both, cap).problems)
    assert not any("more than one time zone" in str(one) for one in held(lives, cap).problems)


def test_a_time_zone_that_nobody_knows_is_named_and_the_set_ups_is_taken() -> None:
    contacts = contacts_of(calls=CALLS + calls("2026-03-02 20:00"), accounts=ZONED.format(zone="Mars/Base"))
    found = held(contacts, rule(HOURS, "hours"))
    assert found.breaches["event_id"].to_list() == ["K1"]
    assert any("1 account has the time zone" in str(one) and "Mars/Base" in str(one) for one in found.problems)


@pytest.mark.parametrize(("second", "over"), [("09:04:59", ["K2"]), ("09:05:00", [])])
def test_two_unanswered_calls_within_five_minutes_are_too_near(second: str, over: list[str]) -> None:
    rows = CALLS + calls("2026-03-02 09:00:00", f"2026-03-02 {second}")
    assert broken(contacts_of(calls=rows), rule("minutes = 5", "gap")) == over


def test_a_gap_reaches_over_midnight_and_looks_at_unanswered_calls_unless_told_otherwise() -> None:
    rows = CALLS + calls("2026-03-02 23:58", "2026-03-03 00:01")
    answered = "K3,A1,L1,2026-03-03 00:03,out,yes,no,wrong_party,\n"
    contacts = contacts_of(calls=rows + answered)
    assert broken(contacts, rule("minutes = 5", "gap")) == ["K2"]
    assert broken(contacts, rule("minutes = 5\nunanswered = false", "gap")) == ["K2", "K3"]
    assert reasons(contacts, rule("minutes = 5", "gap")) == {"": 2, "answered": 1}


@pytest.mark.parametrize(("length", "most", "over"), [(1, 2, ["K3"]), (7, 3, ["K4"]), (30, 4, ["K5"])])
def test_caps_of_a_day_a_week_and_a_month_let_pass_what_they_say(length: int, most: int, over: list[str]) -> None:
    at = [f"2026-03-02 {hour}:00" for hour in range(9, 9 + most + 1)]
    cap = rule(f"most = {most}\ndays = {length}", "cap")
    assert broken(contacts_of(calls=CALLS + calls(*at)), cap) == over
    assert broken(contacts_of(calls=CALLS + calls(*at[:-1])), cap) == []


def test_thirty_days_are_thirty_consecutive_days_and_no_calendar_month() -> None:
    cap = rule("most = 1\ndays = 30", "cap")
    assert broken(contacts_of(calls=CALLS + calls("2026-02-10 09:00", "2026-03-11 09:00")), cap) == ["K2"]
    assert broken(contacts_of(calls=CALLS + calls("2026-02-09 09:00", "2026-03-11 09:00")), cap) == []


MESSAGES = (
    "message_id,account_id,agent_id,sent_at,channel\nM1,L1,A1,2026-03-02 09:00,sms\nM2,L1,,2026-03-02 10:00,email\n"
)
VISITS = """visit_id,agent_id,account_id,planned_on,visited_at,met
V1,A1,L1,2026-03-02,2026-03-02 11:00,customer
V2,A1,L1,2026-03-09,,
"""


def test_channels_count_apart_or_together_as_the_rule_says() -> None:
    contacts = contacts_of(calls=CALLS + calls("2026-03-02 12:00"), messages=MESSAGES, visits=VISITS)
    apart = rule('most = 1\ndays = 1\nchannels = ["message"]', "cap")
    together = rule('most = 1\ndays = 1\nchannels = ["call", "message", "visit"]', "cap")
    assert broken(contacts, apart) == ["M2"]
    assert broken(contacts, together) == ["K1", "M2", "V1"]
    assert reasons(contacts, together) == {"": 4, "no_time": 1}


def test_a_visit_that_met_the_customer_begins_quiet_days_where_the_rule_says_so() -> None:
    contacts = contacts_of(calls=CALLS + calls("2026-03-03 12:00"), visits=VISITS)
    assert broken(contacts, rule("days = 2", "quiet")) == []
    assert broken(contacts, rule('days = 2\nafter = ["call", "visit"]', "quiet")) == ["K1"]
    assert broken(contacts, rule('days = 1\nafter = ["call", "visit"]', "quiet")) == []


def test_a_call_back_that_the_customer_asked_for_is_no_breach_where_the_rule_says_so() -> None:
    asked = "K90,A1,L1,2026-03-02 12:00,out,yes,yes,call_back,\n"
    rows = CALLS + asked + calls("2026-03-03 09:00", "2026-03-04 09:00")
    quiet = rule("days = 5\nconsent_days = 2\ncall_backs = true", "quiet")
    found = held(contacts_of(calls=rows), quiet).breaches.select("event_id", "exempt").rows()
    assert found == [("K1", "call_back"), ("K2", "")]
    assert broken(contacts_of(calls=rows), rule("days = 5\nconsent_days = 2", "quiet")) == ["K1", "K2"]


TALK = "K90,A1,L1,{at},{direction},yes,yes,promise,\n"


# comment 14(b)(3)(i)-2: a consent expires with a telephone conversation about the debt
@pytest.mark.parametrize(
    ("given", "talk", "direction", "over"),
    [
        ("2026-03-04 10:00", "2026-03-05 09:00", "out", ["K8"]),
        ("2026-03-04 10:00", "2026-03-05 09:00", "in", ["K8"]),
        ("2026-03-05 09:04", "2026-03-05 09:00", "out", []),  # the conversation in which it was given
        ("2026-03-05 09:00", "2026-03-05 09:00", "out", []),
        ("2026-03-05", "2026-03-05 09:00", "out", []),  # only the day is known
        ("2026-03-04", "2026-03-05 09:00", "out", ["K8"]),
        ("2026-03-04 10:00", "2026-03-06 09:00:01", "out", []),  # a conversation after the call ends nothing before it
    ],
)
def test_a_conversation_ends_the_consent_that_regulation_f_knows(
    given: str, talk: str, direction: str, over: list[str]
) -> None:
    rows = CALLS + calls(*["2026-03-03 06:00"] * 7, "2026-03-06 09:00") + TALK.format(at=talk, direction=direction)
    permissions = CONSENT.format(start=given, end="", channel="call")
    contacts = contacts_of(calls=rows, contact_permissions=permissions)
    assert ["K8"] * ("K8" in broken(contacts, REG)) == over
    assert "K8" not in broken(contacts, rule("most = 7\ndays = 7\nconsent_days = 7", "cap")), "a policy's own consents"
    if direction == "in":
        for engine, same in on_engines(contacts).items():
            assert ["K8"] * ("K8" in broken(same, REG)) == over, engine


def test_a_call_back_ends_with_the_next_conversation_where_consents_do() -> None:
    asked = "K90,A1,L1,2026-03-02 12:00,out,yes,yes,call_back,\n"
    spoke = "K91,A1,L1,2026-03-03 10:00,out,yes,yes,promise,\n"
    rows = CALLS + asked + spoke + calls("2026-03-03 09:00", "2026-03-03 11:00")
    text = "days = 5\nconsent_days = 3\ncall_backs = true\nuntil_conversation = {}"
    assert broken(contacts_of(calls=rows), rule(text.format("true"), "quiet")) == ["K2"]
    assert broken(contacts_of(calls=rows), rule(text.format("false"), "quiet")) == []


# 12 CFR 1006.6(b)(1)(i): before 8 a.m. and after 9 p.m. where the consumer is; a message counts when it is sent
@pytest.mark.parametrize(
    ("at", "zone", "over"),
    [
        ("2026-03-02 16:00", "America/New_York", []),  # 08:00 there
        ("2026-03-02 15:59:59", "America/New_York", ["K1"]),
        ("2026-03-08 15:00", "America/New_York", []),  # the clocks went forward at 02:00 of this day
        ("2026-03-08 14:59:59", "America/New_York", ["K1"]),
        ("2026-03-03 04:59:59", "America/New_York", []),  # 20:59:59
        ("2026-03-03 05:00:00", "America/New_York", ["K1"]),
        ("2026-03-08 18:00", "America/Phoenix", []),  # no change of clocks there
    ],
)
def test_the_hours_of_regulation_f_are_by_the_consumers_clock(at: str, zone: str, over: list[str]) -> None:
    hours = versions_of((Choice(use="us-reg-f-hours"),), None, "profile.toml")
    contacts = contacts_of(calls=CALLS + calls(at), accounts=ZONED.format(zone=zone))
    assert broken(contacts, hours) == over


@pytest.mark.parametrize(
    ("at", "zone", "over"),
    [
        ("2026-02-14 10:00", "Africa/Casablanca", []),  # UTC+1: 08:00 there
        ("2026-02-16 10:00", "Africa/Casablanca", ["K1"]),  # Ramadan: UTC+0, 07:00
        ("2026-03-21 10:59", "Africa/Casablanca", ["K1"]),
        ("2026-03-23 10:00", "Africa/Casablanca", []),
        ("2026-03-28 11:00", "Europe/London", []),
        ("2026-03-28 10:59", "Europe/London", ["K1"]),
        ("2026-03-29 10:00", "Europe/London", []),  # summer time since 01:00
        ("2026-10-24 10:00", "Europe/London", []),
        ("2026-10-25 10:59", "Europe/London", ["K1"]),  # and back
        ("2026-04-23 08:59", "Africa/Cairo", ["K1"]),
        ("2026-04-24 08:00", "Africa/Cairo", []),
    ],
)
def test_hours_follow_the_clocks_that_are_changed_where_the_customer_lives(at: str, zone: str, over: list[str]) -> None:
    contacts = contacts_of(calls=CALLS + calls(at), accounts=ZONED.format(zone=zone), as_of=date(2026, 12, 31))
    hours = rule('hours = { "every day" = "08:00-21:00" }', "hours")
    assert broken(contacts, hours, at[:7]) == over


def test_clocks_that_change_between_two_contacts_are_followed_whatever_the_engine() -> None:
    """London is two hours behind Nairobi, from 25 October 2026 on three; Casablanca changes for Ramadan."""
    hours = rule('hours = { "every day" = "08:00-21:00" }', "hours")
    rows = CALLS + calls("2026-10-24 10:00", "2026-10-24 09:59", "2026-10-25 10:59", "2026-10-25 11:00")
    london = contacts_of(calls=rows, accounts=ZONED.format(zone="Europe/London"), as_of=date(2026, 12, 31))
    rows = CALLS + calls("2026-02-14 10:00", "2026-02-16 10:00", "2026-02-16 11:00")
    rabat = contacts_of(calls=rows, accounts=ZONED.format(zone="Africa/Casablanca"), as_of=date(2026, 12, 31))
    for contacts, month, over in ((london, "2026-10", ["K2", "K3"]), (rabat, "2026-02", ["K2"])):
        for engine, same in {"polars": contacts, **on_engines(contacts)}.items():
            assert broken(same, hours, month) == over, engine


def test_whoever_is_told_of_somebody_elses_debt_is_a_third_party() -> None:
    header = CALLS.strip() + ",third_party\n"
    rows = (
        "K1,A1,L1,2026-03-02 09:00,out,yes,no,wrong_party,,yes\nK2,A1,L1,2026-03-02 10:00,out,yes,no,wrong_party,,no\n"
    )
    assert broken(
        contacts_of(calls=header + rows + "K3,A1,L1,2026-03-02 11:00,out,yes,no,wrong_party,,\n"),
        rule("", "third_party"),
    ) == ["K1"]


def test_a_rule_for_which_the_data_lack_something_is_not_judged_and_says_so() -> None:
    contacts = contacts_of(calls=CALLS + calls("2026-03-02 09:00"))
    for text, kind, missing in (("", "third_party", "calls.third_party"), ("", "listed", "contact_permissions")):
        found = held(contacts, rule(text, kind))
        assert found.counts["left_out"].to_list() == ["not_known"]
        assert any(missing in str(one) for one in found.problems)


@pytest.mark.parametrize(
    ("row", "over"),
    [
        ("L1,,,do_not_call,,2026-03-02 09:00,", ["K1", "K2", "M1"]),
        ("L1,,,do_not_call,,2026-03-02 09:00:01,", ["K2", "M1"]),
        ("L1,,,do_not_call,call,2026-03-02 08:59,2026-03-02 09:00", ["K1"]),
        ("L1,,,do_not_call,call,2026-03-01,2026-03-01", []),
        ("L1,,,do_not_call,call,2026-03-01,2026-03-02", ["K1", "K2"]),
        (",C1,,do_not_call,sms,2026-03-01,", ["M1"]),
        (",C1,,do_not_call,message,2026-03-01,", ["M1"]),
        (",,0711000001,do_not_call,,2026-03-01,", ["K1"]),
        ("L2,,,do_not_call,,2026-03-01,", []),
        ("L1,,,legal_hold,,2026-03-01,", []),
    ],
)
def test_nobody_on_a_list_is_contacted_while_the_row_holds_for_that_channel(row: str, over: list[str]) -> None:
    rows = "K1,A1,L1,2026-03-02 09:00,out,no,no,no_answer,0711000001\nK2,A1,L1,2026-03-02 09:01,out,no,no,no_answer,\n"
    listed = f"account_id,customer_id,number,kind,channel,from_at,until_at\n{row}\n"
    messages = "message_id,account_id,agent_id,sent_at,channel\nM1,L1,A1,2026-03-02 12:00,sms\n"
    contacts = contacts_of(calls=CALLS + rows, messages=messages, contact_permissions=listed)
    assert broken(contacts, rule('channels = ["call", "message"]\nlists = ["do_not_call"]', "listed")) == over
    for engine, same in on_engines(contacts).items():
        assert broken(same, rule('channels = ["call", "message"]\nlists = ["do_not_call"]', "listed")) == over, engine


def test_a_breach_of_a_list_names_the_list() -> None:
    listed = "account_id,kind,from_at\nL1,legal_hold,2026-03-01\nL1,do_not_call,2026-03-01\n"
    contacts = contacts_of(calls=CALLS + calls("2026-03-02 09:00"), contact_permissions=listed)
    found = held(contacts, rule('lists = ["do_not_call", "legal_hold"]', "listed")).breaches
    assert found.select("event_id", "listed").rows() == [("K1", "do_not_call, legal_hold")]


def test_without_a_consent_nobody_is_contacted_where_one_is_needed() -> None:
    listed = "account_id,kind,channel,from_at,until_at\nL1,consent,sms,2026-03-02 09:00,\n"
    rows = "message_id,account_id,agent_id,sent_at,channel\n" + "".join(
        f"M{n},L1,A1,2026-03-02 {at},{channel}\n"
        for n, (at, channel) in enumerate([("08:59", "sms"), ("09:00", "sms"), ("10:00", "whatsapp")], 1)
    )
    contacts = contacts_of(messages=rows, contact_permissions=listed)
    assert broken(contacts, rule('channels = ["message"]', "consent")) == ["M1", "M3"]


def test_rows_of_permissions_that_name_nobody_are_told_and_hold_for_nobody() -> None:
    listed = "account_id,number,kind,from_at\n,,do_not_call,2026-03-01\n"
    found = held(contacts_of(calls=CALLS + calls("2026-03-02 09:00"), contact_permissions=listed), rule("", "listed"))
    assert found.breaches.is_empty()
    assert any("name neither an account" in str(one) for one in found.problems)


def test_calls_without_account_are_counted_by_number_and_without_either_not_at_all() -> None:
    rows = "".join(f"K{n},A1,,2026-03-02 {n + 8}:00,out,no,no,no_answer,{number}\n"
                   for n, number in enumerate(["0711000001", "0711000001", "0711000002", "", ""], 1))  # fmt: skip
    contacts = contacts_of(calls=CALLS + rows)
    cap = rule("most = 1\ndays = 1", "cap")
    assert broken(contacts, cap) == ["K2"]
    assert reasons(contacts, cap) == {"": 3, "nobody": 2}
    late = CALLS + "K1,A1,,2026-03-02 21:00,out,no,no,no_answer,\n"
    assert broken(contacts_of(calls=late), rule(HOURS, "hours")) == ["K1"]  # the hour is known all the same


def test_contacts_after_the_day_on_which_the_data_stand_are_left_out_and_counted() -> None:
    contacts = contacts_of(calls=CALLS + calls("2026-03-09 21:00", "2026-03-10 21:00"))
    early = type(contacts)(contacts.tables, "Africa/Nairobi", "KE", date(2026, 3, 9))
    assert broken(early, rule(HOURS, "hours")) == ["K1"]
    assert reasons(early, rule(HOURS, "hours")) == {"": 1, "later": 1}


def test_the_version_in_force_on_the_calls_day_is_the_one_that_counts() -> None:
    first = version_of('name = "house"\n[[rules]]\ncode = "it"\nkind = "cap"\ntitle = "It"\nmost = 2\ndays = 1')
    second = version_of(
        'name = "house"\n[[rules]]\ncode = "it"\nkind = "cap"\ntitle = "It"\nmost = 1\ndays = 1', start="2026-03-16"
    )
    versions = in_order([second, first])
    rows = CALLS + calls("2026-03-15 09:00", "2026-03-15 10:00", "2026-03-16 09:00", "2026-03-16 10:00")
    contacts = contacts_of(calls=rows)
    found = held(contacts, versions)
    assert found.breaches.select("event_id", "version").rows() == [("K4", "2026-03-16")]
    assert reasons(contacts, versions) == {"": 4, "not_in_force": 4}


def test_rows_judged_and_left_out_add_up_to_the_contacts_of_every_rule() -> None:
    rows = (
        days(1, 1, 2, 3, 4, 5, 6, 7)
        + CONVERSATION.format(direction="in")
        + calls("2026-03-09 09:00", ended="busy", first=20)
    )
    contacts = contacts_of(calls=rows, messages=MESSAGES, visits=VISITS)
    policy = values(
        'hours = { hours = { "every day" = "08:00-20:00" } }\ncalls-a-day = { most = 1 }\n'
        "rapid-redial = { minutes = 5 }\n"
        "messages-a-day = { most = 1 }\nvisits-in-7-days = { most = 1 }\nquiet-after-conversation = { days = 2 }"
    )
    counts = held(contacts, (*policy, *REG)).counts
    sums: dict[str, int] = {}
    for name, number in counts.select("rule", "rows").rows():
        sums[name] = sums.get(name, 0) + number
    assert sums["hours"] == 10 + 2 + 2
    assert sums["calls-a-day"] == sums["seven-in-seven"] == 10
    assert sums["messages-a-day"] == 2


def test_a_template_with_nothing_filled_in_is_no_silent_zero() -> None:
    empty = version_of('template = true\n[[rules]]\ncode = "it"\nkind = "cap"\ntitle = "It"\ndays = 1')
    with pytest.raises(ToolkitError, match="None of the rules"):
        held(contacts_of(calls=CALLS), (empty,))


def test_data_without_any_contact_are_refused() -> None:
    with pytest.raises(ToolkitError, match="no calls, messages or visits"):
        conduct(contacts_of(), REG, parse("2026-03"))


def test_an_empty_table_of_calls_gives_nothing_to_judge_and_no_error() -> None:
    contacts = contacts_of(calls=CALLS)
    assert broken(contacts, REG) == []
    assert reasons(contacts, REG) == {}
