"""KPIs of presence: catalogue rows 2.9, 2.10 and 0.5."""

from datetime import date

import pytest
from kpi_cases import TEAM, data_of, note, of, same_on_every_engine, values

from toolkit.kpis.attendance import ATTENDANCE
from toolkit.kpis.quota import QUOTA

HEADER = "agent_id,work_on,scheduled_in,scheduled_out,actual_in,actual_out,absence,off_phone_minutes\n"


def a_day(
    came: str = "08:00", left: str = "17:00", absence: str = "", day: int = 2, agent: str = "A1", off: str = ""
) -> str:
    """A row of the roster for a day from eight to five; empty: no clock."""
    on = f"2026-03-{day:02d}"
    clocks = [f"{on} {clock}" if clock else "" for clock in (came, left)]
    return f"{agent},{on},{on} 08:00,{on} 17:00,{','.join(clocks)},{absence},{off}\n"


@pytest.mark.parametrize(
    ("came", "grace", "late"), [("08:00:00", 0, 0), ("08:00:01", 0, 1), ("08:05:00", 5, 0), ("08:05:01", 5, 1)]
)
def test_late_is_later_than_the_grace(came: str, grace: int, late: int) -> None:
    data = data_of(roster=HEADER + a_day(came), definitions={"late_after_minutes": grace})
    assert of(data, "lateness") == (late, None)


@pytest.mark.parametrize(("left", "grace", "early"), [("17:00", 0, 0), ("16:59:59", 0, 1), ("16:55", 5, 0)])
def test_early_is_earlier_than_the_grace(left: str, grace: int, early: int) -> None:
    data = data_of(roster=HEADER + a_day(left=left), definitions={"late_after_minutes": grace})
    assert of(data, "early_departures") == (early, None)


@pytest.mark.parametrize("absence", ["leave", "sick", "training", "holiday"])
@pytest.mark.parametrize("kpi", ["lateness", "early_departures", "unplanned_absence", "schedule_adherence"])
def test_approved_absence_counts_nowhere(kpi: str, absence: str) -> None:
    data = data_of(roster=HEADER + a_day("09:00", "12:00", absence) + a_day("", "", absence, day=3))
    assert values(data, kpi).values.select("numerator", "denominator", "waiting").sum().row(0) == (0, 0, 0)


def test_a_missing_clock_is_an_exception_that_waits_and_no_absence() -> None:
    data = data_of(roster=HEADER + a_day("", "17:00") + a_day("08:00", "", day=3))
    assert note(data, "lateness") == (0.0, "", 1)
    assert note(data, "early_departures") == (0.0, "", 1)
    assert note(data, "schedule_adherence") == (None, "immature", 2)
    assert of(data, "unplanned_absence") == (0, None)


def test_unplanned_absence_is_a_day_absent_and_neither_late_nor_excused() -> None:
    data = data_of(roster=HEADER + a_day("", "", "unplanned") + a_day(day=3))
    assert of(data, "unplanned_absence") == (1, None)
    assert note(data, "lateness") == (0.0, "", 0)
    assert of(data, "schedule_adherence") == (540, 1080)


def test_a_swap_moves_the_schedule_and_a_day_without_one_is_not_judged() -> None:
    swapped = HEADER + "A1,2026-03-02,,,2026-03-02 13:00,2026-03-02 22:00,,\n"
    data = data_of(roster=swapped)
    for kpi in ("lateness", "early_departures", "schedule_adherence"):
        assert values(data, kpi).values.select("numerator", "denominator", "waiting").sum().row(0) == (0, 0, 0)


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_began() -> None:
    night = "A1,2026-03-31,2026-03-31 22:00,2026-04-01 06:00,2026-03-31 22:10,2026-04-01 05:30,,\n"
    data = data_of(date(2026, 4, 1), roster=HEADER + night)
    assert of(data, "lateness") == (1, None)
    assert of(data, "early_departures") == (1, None)
    assert of(data, "schedule_adherence") == (440, 480)


def test_adherence_is_scheduled_less_non_adherent_time_of_scheduled_time() -> None:
    """timedoctor.com, "adherence to schedule": a shift of 360 minutes, 10 late and 5 too long away, is 95.83 %. The
    roster knows no breaks: here the five minutes are at the end."""
    shift = "A1,2026-03-02,2026-03-02 09:00,2026-03-02 15:00,2026-03-02 09:10,2026-03-02 14:55,,\n"
    data = data_of(roster=HEADER + shift)
    assert of(data, "schedule_adherence") == (345, 360)
    assert round(100 * note(data, "schedule_adherence")[0], 2) == 95.83


def test_coming_early_or_staying_on_makes_up_for_nothing() -> None:
    assert of(data_of(roster=HEADER + a_day("07:00", "16:30")), "schedule_adherence") == (510, 540)
    assert of(data_of(roster=HEADER + a_day("08:30", "19:00")), "schedule_adherence") == (510, 540)
    assert of(data_of(roster=HEADER + a_day("18:00", "19:00")), "schedule_adherence") == (0, 540)


def test_days_to_come_on_the_roster_are_not_missing_clocks() -> None:
    data = data_of(date(2026, 3, 2), roster=HEADER + a_day() + a_day("", "", day=3))
    assert note(data, "lateness") == (0.0, "", 0)


PLAN = "agent_id,year,entitled_days,carried_days,planned_from,planned_to\n"


def on_leave(*days: str) -> str:
    return HEADER + "".join(f"A1,{day},,,,,leave,\n" for day in days)


def test_leave_planned_and_not_taken_is_outstanding_in_working_days() -> None:
    # Friday 6 to Monday 9 March: two working days, of which one was taken; Saturday's leave is none
    plan = PLAN + "A1,2026,21,3,2026-03-06,2026-03-09\n"
    data = data_of(leave_plan=plan, roster=on_leave("2026-03-06", "2026-03-07"))
    assert of(data, "leave_outstanding") == (1, None)


def test_leave_taken_early_is_negative_and_evens_out_over_the_months() -> None:
    plan = PLAN + "A1,2026,21,,2026-03-30,2026-03-31\n"
    data = data_of(leave_plan=plan, roster=on_leave("2026-02-02", "2026-02-03"))
    assert of(data, "leave_outstanding", period="2026-02") == (-2, None)
    assert of(data, "leave_outstanding", period="2026-03") == (2, None)
    assert of(data, "leave_outstanding", period="2026", grain="year") == (0, None)


def test_leave_still_to_come_is_not_outstanding() -> None:
    plan = PLAN + "A1,2026,21,,2026-03-30,2026-04-02\n"
    assert of(data_of(leave_plan=plan, roster=on_leave()), "leave_outstanding") == (2, None)


def test_the_sum_of_a_year_is_entitled_less_taken_without_days_carried_over() -> None:
    plan = PLAN + "A1,2025,2.5,4,2025-12-01,2025-12-01\nA1,2025,2.5,4,2025-12-31,2026-01-01\n"
    team = TEAM.replace("2026-01-01", "2025-01-01")
    data = data_of(agents=team, leave_plan=plan, roster=on_leave("2025-12-01"))
    # planned three days, of which 2026-01-01 lies beyond: 3 - 1 taken, and 2.5 - 3 never planned
    assert of(data, "leave_outstanding", period="2025", grain="year") == (0.5, None)
    assert of(data, "leave_outstanding", period="2026-01") == (1, None)


def test_unplanned_absence_of_days_rostered_leaves_approved_absence_out_of_both() -> None:
    roster = HEADER + a_day("", "", "unplanned") + a_day(day=3) + a_day("", "", day=4) + a_day("", "", "sick", 5)
    data = data_of(roster=roster)
    assert of(data, "unplanned_absence_rate") == (1, 3)
    away = data_of(roster=HEADER + a_day("", "", "leave"))
    assert note(away, "unplanned_absence_rate") == (None, "no base", 0)


@pytest.mark.parametrize(
    ("other", "clashes"),
    [
        ("A2,2026,21,,2026-03-10,2026-03-12", 1),
        ("A2,2026,21,,2026-03-11,2026-03-12", 0),
        ("A3,2026,21,,2026-03-10,2026-03-12", 0),  # of another team
        ("A2,2026,21,,2026-03-07,2026-03-08", 0),  # a weekend
    ],
)
def test_leave_clashes_where_two_of_a_team_have_planned_the_same_working_day(other: str, clashes: int) -> None:
    plan = PLAN + f"A1,2026,21,,2026-03-06,2026-03-10\n{other}\n"
    data = data_of(leave_plan=plan)
    scopes = ("A1", "North", "")
    assert [of(data, "leave_clashes", scope)[0] for scope in scopes] == [clashes] * 3
    two = data_of(leave_plan=plan, definitions={"on_leave_together": 2})
    assert of(two, "leave_clashes", "North") == (0, None)


def test_a_clash_that_is_still_to_come_is_seen() -> None:
    plan = PLAN + "A1,2026,21,,2026-04-08,2026-04-08\nA2,2026,21,,2026-04-08,2026-04-08\n"
    assert of(data_of(leave_plan=plan), "leave_clashes", "North", "2026-04") == (1, None)


MADE = (("A1", 2, 8), ("A1", 3, 7), ("A1", 4, 4), ("A3", 2, 5))


def calls(made: tuple[tuple[str, int, int], ...] = MADE) -> str:
    """Contacts by agent and day of March."""
    rows = [(agent, day, minute) for agent, day, number in made for minute in range(number)]
    return "call_id,agent_id,account_id,started_at,connected,right_party\n" + "".join(
        f"C{place},{agent},L1,2026-03-{day:02d} 09:{minute:02d},yes,no\n"
        for place, (agent, day, minute) in enumerate(rows)
    )


TARGETS = """kpi,scope_kind,scope,grain,target,from,to
contacts_per_day,role,call_agent,day,8,,2026-03-03
contacts_per_day,role,call_agent,day,9,2026-03-04,
contacts_per_day,branch,Kisumu,day,5,,
contacts,all,,week,1,,
"""


def test_days_on_which_the_quota_was_met_of_days_worked() -> None:
    data = data_of(calls=calls(), targets=TARGETS)
    assert of(data, "quota_days_hit", "A1") == (1, 3)
    assert of(data, "quota_days_hit", "A3") == (1, 1)  # the branch's own quota comes before the role's
    assert of(data, "quota_days_hit", "") == (2, 4)


def test_a_day_worked_without_a_contact_has_missed_the_quota() -> None:
    data = data_of(calls=calls(), targets=TARGETS, roster=HEADER + a_day() + a_day(day=5))
    assert of(data, "quota_days_hit", "A1") == (1, 2)


@pytest.mark.parametrize(("off", "hit"), [("120", 1), ("119", 0)])
def test_a_day_of_fewer_minutes_asks_for_fewer_contacts(off: str, hit: int) -> None:
    # a day of eight hours, of which six are left, asks for six of eight contacts
    roster = HEADER + f"A1,2026-03-03,2026-03-03 09:00,2026-03-03 17:00,2026-03-03 09:00,2026-03-03 17:00,,{off}\n"
    data = data_of(calls=calls((("A1", 3, 6),)), targets=TARGETS, roster=roster)
    assert of(data, "quota_days_hit", "A1") == (hit, 1)


@pytest.mark.parametrize(("hours", "days"), [(7, 1), (8, 0)])
def test_a_day_of_less_than_an_hour_does_not_count_and_outages_shorten_days(hours: int, days: int) -> None:
    roster = HEADER + "A1,2026-03-03,2026-03-03 09:00,2026-03-03 17:00,2026-03-03 09:00,2026-03-03 17:00,,\n"
    incidents = f"incident_id,kind,started_at,ended_at\nI1,tool,2026-03-03 09:00,2026-03-03 {9 + hours}:00\n"
    data = data_of(calls=calls(), targets=TARGETS, roster=roster, incidents=incidents)
    assert (of(data, "quota_days_hit", "A1") or (0, 0)) == (days, days)


def test_without_a_quota_of_the_day_there_is_no_base() -> None:
    weekly = "kpi,scope_kind,scope,grain,target\ncontacts,all,,week,1\n"
    run = values(data_of(calls=calls(), targets=weekly), "quota_days_hit")
    assert run.values["denominator"].sum() == 0


TABLES = {
    "roster": HEADER
    + a_day("08:10", "16:00")
    + a_day("", "", day=3)
    + a_day("", "", "unplanned", 4)
    + a_day(agent="A2"),
    "leave_plan": PLAN + "A1,2026,21,3,2026-03-06,2026-03-09\nA2,2025,10.5,,,\n",
    "calls": calls(),
    "targets": TARGETS,
    "incidents": "incident_id,kind,started_at,ended_at\nI1,tool,2026-03-02 09:00,2026-03-02 10:00\n",
}
KPIS = {**ATTENDANCE, **QUOTA}


@pytest.mark.parametrize("kpi", KPIS)
def test_empty_tables_give_nothing_and_no_problem(kpi: str) -> None:
    run = values(data_of(**{name: text.splitlines()[0] + "\n" for name, text in TABLES.items()}), kpi)
    assert run.values.select("numerator", "denominator").sum().row(0) == (0, 0)
    assert not run.problems


@pytest.mark.parametrize("kpi", KPIS)
def test_missing_tables_are_named(kpi: str) -> None:
    assert "cannot be computed: the data have no" in str(values(data_of(), kpi).problems[0])


def test_somebody_who_had_left_is_late_for_nobodys_team() -> None:
    team = TEAM.replace("Nakuru,2026-01-01,\nA2", "Nakuru,2026-01-01,2026-03-02\nA2")
    data = data_of(agents=team, roster=HEADER + a_day("09:00") + a_day("09:00", day=3))
    assert of(data, "lateness", "North") == (1, None)
    assert of(data, "lateness", "") == (2, None)


@pytest.mark.parametrize("kpi", KPIS)
@pytest.mark.parametrize("period", ["2026-03", "2025-12"])
def test_pandas_and_duckdb_give_the_same_sums(kpi: str, period: str) -> None:
    same_on_every_engine(data_of(**TABLES), kpi, period)
