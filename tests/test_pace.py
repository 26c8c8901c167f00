"""The pace of a day, hour by hour, on days small enough to count by hand: catalogue row 1.5."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import pytest
from kpi_cases import data_of, of

from toolkit.kpis.data import Data
from toolkit.pace import AgentHour, Pace, pace_of, until
from toolkit.score_targets import Goals, WorkingDays

DAY = "2026-03-02"
CALLS = "call_id,agent_id,account_id,started_at,talk_seconds,direction,connected,right_party,disposition,number\n"
ROSTER = "agent_id,work_on,scheduled_in,scheduled_out,absence,off_phone_minutes\n"
TARGET = {"kpi": "noc", "scope_kind": "all", "scope": "", "grain": "day"}


def moment(clock: str) -> datetime:
    return datetime.fromisoformat(f"{DAY} {clock}")


def calls(*rows: tuple[str, str, str]) -> str:
    """Calls of a minute each from (agent, clock, account)."""
    lines = (
        f"K{number},{agent},{account},{DAY} {clock},60,out,yes,yes,promise,07{number}\n"
        for number, (agent, clock, account) in enumerate(rows)
    )
    return CALLS + "".join(lines)


def shift(agent: str = "A1", begins: str = "08:00", ends: str = "16:00", absence: str = "", off: str = "") -> str:
    return f"{agent},{DAY},{DAY} {begins},{DAY} {ends},{absence},{off}\n"


def pace(at: str, target: Any = 8, kpi: str = "noc", definitions: dict[str, Any] | None = None, **tables: str) -> Pace:
    whole = data_of(definitions=definitions, **tables)
    native = {name: frame.to_native() for name, frame in whole.tables.items()}
    data = Data.of(until(native, moment(at)), whole.as_of, definitions=whole.definitions, credit=whole.credit)
    rows = native["roster"].iter_rows(named=True) if "roster" in native else ()
    days = WorkingDays.of(rows, data.teams, whole.definitions)
    targets = [{**TARGET, "kpi": kpi, "target": str(target)}] if target is not None else []
    return pace_of(data, Goals(targets, days), moment(at), kpi)


def of_agent(found: Pace, agent: str = "A1") -> list[AgentHour]:
    return [hour for hour in found.hours if hour.agent.agent_id == agent]


def shown(hours: Sequence[AgentHour], name: str) -> list[Any]:
    return [hour.counts[name] for hour in hours]


THREE = calls(("A1", "08:10", "L1"), ("A1", "08:50", "L2"), ("A1", "10:00", "L3"))


def test_what_is_due_is_the_part_of_the_target_of_the_minutes_that_have_passed() -> None:
    found = of_agent(pace("11:00", calls=THREE, roster=ROSTER + shift()))
    # 8 clients in 8 hours: 1 is due at 09:00, 2 at 10:00, 3 at 11:00; 2, 2 and 3 are called
    assert [(hour.hour, hour.due, hour.so_far, hour.pace) for hour in found] == [
        (8, 1, 2, 2),
        (9, 2, 2, 1),
        (10, 3, 3, 1),
    ]


@pytest.mark.parametrize(("target", "low", "behind"), [("8.88", False, False), ("8.9", True, True)])
def test_behind_is_below_90_per_cent_and_not_on_it(target: str, low: bool, behind: bool) -> None:
    # 2 clients at 10:00 of 8.88 / 8 x 2 = 2.22 due are 90.09 %, of 2.225 due 89.9 %; at 09:00 of half as much
    rows = calls(("A1", "08:10", "L1"), ("A1", "09:50", "L2"))
    found = of_agent(pace("10:00", target, calls=rows, roster=ROSTER + shift()))
    assert [hour.is_low for hour in found] == [low, low]
    assert found[-1].behind == behind


def test_exactly_90_per_cent_is_not_behind() -> None:
    # 9 of 10 due after each of two hours: 8 hours, a target of 80, 9 and 18 clients called
    accounts = "account_id,customer_id,product,activated_on,currency\n" + "".join(
        f"L{n},C{n},lamp,2026-01-01,KES\n" for n in range(18)
    )
    rows = [("A1", f"{8 + n // 9:02d}:{n % 9:02d}", f"L{n}") for n in range(18)]
    found = of_agent(pace("10:00", 80, calls=calls(*rows), accounts=accounts, roster=ROSTER + shift()))
    assert [hour.pace for hour in found] == [Fraction(9, 10), Fraction(9, 10)]
    assert not any(hour.behind for hour in found)
    one_less = of_agent(pace("10:00", 80, calls=calls(*rows[1:]), accounts=accounts, roster=ROSTER + shift()))
    assert [hour.behind for hour in one_less] == [False, True]


def test_one_low_hour_is_not_yet_behind_and_a_good_one_between_begins_anew() -> None:
    rows = calls(("A1", "09:10", "L1"), ("A1", "09:20", "L2"))
    found = of_agent(pace("13:00", calls=rows, roster=ROSTER + shift()))
    # so far 0, 2, 2, 2, 2 of 1, 2, 3, 4, 5 due: low, good, low, low, low
    assert [hour.is_low for hour in found] == [True, False, True, True, True]
    assert [hour.behind for hour in found] == [False, False, False, True, True]


def test_an_hour_that_is_not_over_is_marked_and_judges_nobody() -> None:
    found = pace("09:30", calls=calls(("A2", "08:05", "L1")), roster=ROSTER + shift())
    first, running = of_agent(found)
    assert (first.over, first.is_low, first.behind) == (True, True, False)
    assert (running.over, running.due, running.is_low, running.behind) == (False, Fraction(3, 2), True, False)
    assert found.behind == []
    later = pace("10:00", calls=calls(("A2", "08:05", "L1")), roster=ROSTER + shift())
    assert "A1" in [hour.agent.agent_id for hour in later.behind]
    assert later.behind[0].short == 2


def test_what_begins_at_the_moment_or_later_has_not_happened_yet() -> None:
    rows = calls(("A1", "08:10", "L1"), ("A1", "09:00", "L2"))
    assert [hour.so_far for hour in of_agent(pace("09:00", calls=rows, roster=ROSTER + shift()))] == [1]
    assert [hour.so_far for hour in of_agent(pace("09:01", calls=rows, roster=ROSTER + shift()))] == [1, 2]


def test_a_call_across_the_hour_belongs_to_the_hour_in_which_it_began() -> None:
    row = f"K1,A1,L1,{DAY} 08:59:30,600,out,yes,no,wrong_party,0711\n"
    found = of_agent(pace("11:00", calls=CALLS + row, roster=ROSTER + shift()))
    assert shown(found, "attempts") == [1, 0, 0]
    assert shown(found, "talk_minutes") == [10, 0, 0]
    assert (shown(found, "connects"), shown(found, "right_party")) == ([1, 0, 0], [0, 0, 0])


def test_a_client_called_again_is_one_and_the_last_hour_has_the_kpi_of_the_day() -> None:
    rows = calls(("A1", "08:10", "L1"), ("A1", "09:10", "L4"), ("A1", "09:20", "L2"))
    found = of_agent(pace("10:00", calls=rows, roster=ROSTER + shift()))
    assert [hour.noc for hour in found] == [1, 2]  # L1 and L4 are the same customer's
    assert (found[-1].noc, None) == of(data_of(calls=rows), "noc", period=DAY, grain="day")


def test_minutes_off_the_phone_lower_the_target_of_the_day() -> None:
    found = of_agent(pace("12:00", calls=THREE, roster=ROSTER + shift(off="120")))
    # 480 - 120 of 480 minutes: 6 clients, of which half are due at noon
    assert (found[-1].target, found[-1].due) == (6, 3)


def test_half_a_shift_owes_half_the_target_in_its_own_hours() -> None:
    found = of_agent(pace("14:00", calls=calls(("A1", "12:30", "L1")), roster=ROSTER + shift(begins="12:00")))
    assert [(hour.hour, hour.target, hour.due) for hour in found] == [(12, 4, 1), (13, 4, 2)]


def test_a_shift_that_begins_within_the_hour_owes_only_its_minutes() -> None:
    first, *_ = of_agent(pace("10:00", calls=THREE, roster=ROSTER + shift(begins="08:30", ends="16:30")))
    assert (first.hour, first.due) == (8, Fraction(1, 2))


def test_a_shift_of_less_than_a_minute_has_no_pace() -> None:
    found = of_agent(pace("11:00", calls=THREE, roster=ROSTER + shift(begins="08:00:00", ends="08:00:30")))
    assert [(hour.hour, hour.due, hour.pace, hour.behind) for hour in found] == [
        (8, 0, None, False),
        (9, 0, None, False),
        (10, 0, None, False),
    ]


def test_without_a_roster_it_is_the_standard_day_of_the_set_up() -> None:
    rules = {"standard_day_minutes": 240, "standard_day_starts_at": 9}
    found = of_agent(pace("11:00", calls=calls(("A1", "09:10", "L1")), definitions=rules))
    assert [(hour.hour, hour.due) for hour in found] == [(9, 2), (10, 4)]


def test_who_is_absent_is_named_and_not_behind_and_who_came_all_the_same_is_counted() -> None:
    roster = ROSTER + shift("A1", absence="unplanned") + shift("A2", absence="leave") + shift("A3")
    found = pace("10:00", calls=calls(("A2", "08:05", "L1")), roster=roster)
    assert [(post.agent_id, why) for post, why in found.absent] == [("A1", "unplanned")]
    assert {hour.agent.agent_id for hour in found.hours} == {"A2", "A3"}
    assert of_agent(found, "A2")[-1].due == 0
    assert of_agent(found, "A2")[-1].pace is None, "on leave nothing is due"
    assert [hour.agent.agent_id for hour in found.behind] == ["A3"]


def test_a_day_off_is_nobodys_hour() -> None:
    roster = ROSTER + shift("A1") + shift("A2").replace(DAY, "2026-03-03") + shift("A3", absence="holiday")
    assert {hour.agent.agent_id for hour in pace("10:00", calls=THREE, roster=roster).hours} == {"A1"}


def test_another_kpi_can_be_the_one_that_is_paced() -> None:
    found = of_agent(pace("10:00", 16, kpi="calls", calls=THREE, roster=ROSTER + shift()))
    assert [(hour.so_far, hour.due, hour.noc) for hour in found] == [(2, 2, 2), (2, 4, 2)]


def test_without_a_target_there_is_no_pace_and_that_is_said() -> None:
    found = pace("10:00", None, calls=THREE, roster=ROSTER + shift())
    assert "PACE_NO_TARGET" in [problem.code for problem in found.problems]
    assert {hour.pace for hour in found.hours} == {None}


def test_what_the_data_cannot_say_is_unknown_and_not_zero() -> None:
    few = "call_id,agent_id,account_id,started_at\n" + f"K1,A1,L1,{DAY} 08:10\n"
    found = pace("09:00", calls=few, roster=ROSTER + shift())
    assert shown(of_agent(found), "attempts") == [1]
    assert shown(of_agent(found), "right_party") == [None]
    assert "calls.right_party" in " ".join(str(problem) for problem in found.problems)


def test_midnight_ends_the_day() -> None:
    whole = data_of(calls=THREE)
    days = WorkingDays.of((), whole.teams, whole.definitions)
    goals = Goals([{**TARGET, "target": "8"}], days)
    found = pace_of(whole, goals, datetime.fromisoformat("2026-03-03 00:00"))
    assert (found.day.isoformat(), all(hour.over for hour in found.hours)) == (DAY, True)
    assert [hour.hour for hour in of_agent(found)] == list(range(8, 16))


def test_promises_and_payments_stand_in_the_hour_in_which_they_were_made() -> None:
    promises = "promise_id,account_id,agent_id,made_at,due_on,amount\n" + f"P1,L1,A1,{DAY} 08:10,2026-03-05,200.50\n"
    payments = "payment_id,account_id,agent_id,paid_at,amount,currency,kind\n" + (
        f"Y1,L1,A1,{DAY} 09:59,100.25,KES,instalment\n"
    )
    found = pace("10:00", calls=THREE, promises=promises, payments=payments, roster=ROSTER + shift())
    assert shown(of_agent(found), "promises") == [1, 0]
    assert shown(of_agent(found), "promised") == [20050, 0]
    assert shown(of_agent(found), "paid") == [0, 10025]
