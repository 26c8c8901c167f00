"""The hourly update and the team's day, from CSV files to folders, on a team of three."""

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kpi_cases import ACCOUNTS, TEAM
from reading_cases import PROFILE
from test_pace import CALLS, DAY, ROSTER, calls, shift

from cli import main
from toolkit.pace import moment_of
from toolkit.problems import ToolkitError
from toolkit.profiles import Profile, load_profile
from toolkit.scorecard_reports.daily import hourly, team_today
from toolkit.today import Today

TARGETS = "kpi,scope_kind,scope,grain,target\nnoc,all,,day,8\n"
MORNING = f"{DAY} 08:00"


def folder(tmp_path: Path, **tables: str) -> Path:
    data = tmp_path / "exports"
    data.mkdir(exist_ok=True)
    for table, text in {"agents": TEAM, "accounts": ACCOUNTS, "targets": TARGETS, **tables}.items():
        (data / f"{table}.csv").write_text(text, encoding="utf-8")
    return data


def today(tmp_path: Path, at: str = MORNING, **tables: str) -> Today:
    return team_today(folder(tmp_path, **tables), PROFILE, moment_of(at)).today


def missing(found: Today) -> str:
    return " ".join(str(problem) for problem in found.problems)


EVERYBODY = ROSTER + shift("A1") + shift("A2", absence="sick") + shift("A3", begins="09:00")


def test_who_works_and_who_is_away_with_why(tmp_path: Path) -> None:
    found = today(tmp_path, roster=EVERYBODY)
    assert [(one.agent.agent_id, f"{one.shift.begins:%H:%M}") for one in found.working] == [
        ("A1", "08:00"),
        ("A3", "09:00"),
    ]
    assert found.away is not None
    assert [(one.agent.name, one.why, one.leads) for one in found.away] == [("Baraka", "sick", None)]
    assert "no leads" in missing(found)


LEADS = "lead_on,agent_id,account_id,loaded_at,withdrawn_at\n" + "".join(
    f"{on},{agent},{account},{on} {loaded},{withdrawn}\n"
    for on, agent, account, loaded, withdrawn in (
        (DAY, "A2", "L1", "07:00", ""),
        (DAY, "A2", "L2", "07:00", f"{DAY} 07:30"),  # withdrawn
        (DAY, "A2", "L3", "07:00", ""),  # A1 has called it
        ("2026-02-27", "A2", "L4", "16:00", ""),  # loaded on Friday evening: Monday's
        ("2026-02-27", "A2", "L3", "15:59", ""),
        (DAY, "A1", "L2", "07:00", ""),
    )
)


def test_the_leads_of_who_is_away_are_to_be_given_to_others_unless_they_are_done(tmp_path: Path) -> None:
    rows = calls(("A1", "07:45", "L3"))
    found = today(tmp_path, roster=EVERYBODY, leads=LEADS, calls=rows)
    assert found.away is not None
    assert [one.leads for one in found.away] == [("L1", "L4")]
    assert {one.agent.agent_id: one.leads for one in found.working} == {"A1": 1, "A3": 0}


def test_without_a_roster_everybody_works_and_the_list_of_who_is_away_is_missing(tmp_path: Path) -> None:
    found = today(tmp_path)
    assert [one.agent.agent_id for one in found.working] == ["A1", "A2", "A3"]
    assert found.away is None
    assert "no roster" in missing(found)


def test_a_target_is_that_of_the_agents_own_day_and_the_worst_month_comes_first(tmp_path: Path) -> None:
    tuesday = "2026-03-03"
    roster = ROSTER + "".join(
        row.replace(DAY, day) for day in (DAY, tuesday) for row in (shift("A1", off="240"), shift("A2"))
    )
    rows = calls(*[("A1", f"09:0{n}", f"L{n}") for n in (1, 2, 3)])
    found = today(tmp_path, f"{tuesday} 08:00", roster=roster, calls=rows)
    shown = [(one.agent.agent_id, one.target, one.value, one.to_date, one.light) for one in found.targets]
    # A1 has half days: 4 of 8; up to yesterday 3 of 4 clients, A2 none of 8, A3 is not on the roster: 8 as well
    assert shown == [("A1", 4, 3, 4, "bad"), ("A2", 8, 0, 8, "bad"), ("A3", 8, 0, 8, "bad")]


CARDS = """
[[scorecards]]
roles = ["call_agent"]
kpis = [{ kpi = "noc", weight = 1 }]
"""
LED = TEAM + "B1,Lulu,team_leader,North,Nakuru,2026-01-01,\n"


def with_cards(tmp_path: Path) -> Profile:
    own = profile(tmp_path) / "profile.toml"
    own.write_text(own.read_text(encoding="utf-8") + CARDS, encoding="utf-8")
    return load_profile(str(own))


@pytest.mark.parametrize("kpi", ["noc", "calls"])
def test_who_has_no_scorecard_is_not_judged_by_a_target_for_everybody(tmp_path: Path, kpi: str) -> None:
    targets = TARGETS.replace("noc", kpi)
    data = folder(tmp_path, agents=LED, targets=targets, calls=calls(("B1", "08:10", "L1")))
    setup, at = with_cards(tmp_path), moment_of(f"{DAY} 12:00")
    found = hourly(data, setup, at, kpi=kpi).pace
    assert {hour.agent.agent_id for hour in found.behind} == {"A1", "A2", "A3"}
    assert {hour.target for hour in found.hours if hour.agent.agent_id == "B1"} == {None}
    assert {one.agent.agent_id for one in team_today(data, setup, at).today.targets} == {"A1", "A2", "A3"}
    without = hourly(data, PROFILE, at, kpi=kpi).pace
    assert "B1" in {hour.agent.agent_id for hour in without.behind}, "without scorecards everybody is judged"


def test_a_value_entered_for_the_whole_month_is_not_that_of_the_month_so_far(tmp_path: Path) -> None:
    entered = "kpi,agent_id,period,value\nnoc,A1,2026-03,500\n"
    found = today(tmp_path, "2026-03-03 08:00", calls=calls(("A1", "09:01", "L1")), kpi_values=entered)
    assert {one.agent.agent_id: one.value for one in found.targets} == {"A1": 1, "A2": 0, "A3": 0}


PROMISES = "promise_id,account_id,agent_id,made_at,due_on,amount,cancelled_on\n" + "".join(
    f"{number},{account},{agent},2026-02-25 10:00,{due},{amount},{cancelled}\n"
    for number, account, agent, due, amount, cancelled in (
        ("P1", "L1", "A1", DAY, "100.00", ""),
        ("P2", "L2", "A2", DAY, "300.00", ""),
        ("P3", "L3", "A1", DAY, "50.00", "2026-02-28"),
        ("P4", "L4", "A1", "2026-03-03", "70.00", ""),
    )
)
PAYMENTS = """payment_id,account_id,paid_at,amount,currency,kind
Y1,L1,2026-02-26 10:00,60.00,KES,instalment
Y2,L1,2026-02-24 10:00,500.00,KES,instalment
Y3,L1,2026-03-02 09:00,40.00,KES,instalment
"""


@pytest.mark.parametrize(("at", "still"), [(MORNING, 4000), (f"{DAY} 10:00", 0)])
def test_promises_due_today_with_what_has_come_in_since(tmp_path: Path, at: str, still: int) -> None:
    found = today(tmp_path, at, promises=PROMISES, payments=PAYMENTS, roster=EVERYBODY)
    assert found.due is not None
    due = {one.promise_id: (one.open, one.here) for one in found.due}
    assert due == {"P1": (still, True), "P2": (30000, False)}
    assert found.due[0].promise_id == "P2", "nobody is here to ask for it"


def test_without_payments_promises_are_listed_and_it_is_said_that_nobody_knows_whether_they_are_paid(
    tmp_path: Path,
) -> None:
    found = today(tmp_path, promises=PROMISES)
    assert found.due is not None
    assert [one.open for one in found.due] == [30000, 10000]
    assert "whether promises have been paid already cannot be said: the data have no payments" in missing(found)


BALANCES = "account_id,as_of,balance,days_past_due\n" + "".join(
    f"{account},2026-03-01,{balance},{late}\n"
    for account, balance, late in (("L1", "90.00", 40), ("L2", "80.00", 40), ("L3", "70.00", 60), ("L4", "10.00", 0))
)


def untouched(tmp_path: Path, called: str, **tables: str) -> Any:
    rows = CALLS + f"K1,A1,L1,{called} 10:00,0,out,no,no,no_answer,0711\n"
    found = today(tmp_path, balances=tables.pop("balances", BALANCES), calls=rows, **tables)
    assert found.untouched is not None
    return [one.account_id for one in found.untouched]


def test_overdue_accounts_that_nobody_has_touched_the_longest_overdue_first(tmp_path: Path) -> None:
    assert untouched(tmp_path, "2026-02-24") == ["L3", "L2"]
    assert untouched(tmp_path, "2026-02-23") == ["L3", "L1", "L2"]


def test_an_account_overdue_since_today_and_a_closed_one_are_not_among_them(tmp_path: Path) -> None:
    fresh = BALANCES.replace("L3,2026-03-01,70.00,60", f"L3,{DAY},70.00,1")
    assert untouched(tmp_path, "2026-02-24", balances=fresh) == ["L2"]
    closed = ACCOUNTS.replace("currency", "currency,closed_on").replace("KES\n", "KES,\n")
    closed = closed.replace("L3,C3,lamp,2026-01-01,KES,", f"L3,C3,lamp,2026-01-01,KES,{DAY}")
    assert untouched(tmp_path, "2026-02-24", accounts=closed) == ["L2"]


def test_a_call_that_came_in_and_a_call_after_the_moment_touch_nothing(tmp_path: Path) -> None:
    rows = CALLS + f"K1,A1,L2,2026-03-01 10:00,9,in,yes,yes,paid,0711\nK2,A1,L3,{DAY} 08:00,9,out,yes,yes,paid,0711\n"
    found = today(tmp_path, balances=BALANCES, calls=rows)
    assert found.untouched is not None
    assert [one.account_id for one in found.untouched] == ["L3", "L1", "L2"]


# --- commands ------------------------------------------------------------------------------------------


def run(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def profile(tmp_path: Path) -> Path:
    """A set-up of one's own whose exports have our own headers."""
    own = tmp_path / "setup"
    own.mkdir()
    text = 'name = "own"\ncountry = "KE"\ncurrency = "KES"\ntimezone = "Africa/Nairobi"\n'
    (own / "profile.toml").write_text(text + 'payment_kind_when_empty = "instalment"\n', encoding="utf-8")
    return own


def test_the_hourly_update_names_who_is_behind_and_by_how_much(tmp_path: Path) -> None:
    data = folder(tmp_path, calls=calls(("A1", "08:10", "L1"), ("A1", "09:10", "L2")), roster=EVERYBODY)
    command = ["hourly", data, "--profile", profile(tmp_path), "--as-of", f"{DAY} 11:30", "--out", tmp_path / "out"]
    done = run(*command)
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "hourly.txt").read_text(encoding="utf-8")
    assert text in done.output
    # at 11:00 A1 should have called 3 of 8 and has 2; A3, who begins at 09:00 and stays till 16:00, 2 of 7
    assert text.splitlines()[:6] == [
        f"Hourly update, {DAY} 11:30: Number of clients (NOC)",
        "▼ Behind for two hours or more (1):",
        "  Chep: 0 of 2 due by 11:00 (0 %), 2 short; 7 for the day",
        "◆ Below 90 % in the last hour: Asha 66 %.",
        "▲ On pace: 0.",
        "Not working today: Baraka (sick).",
    ]
    assert "The hour from 11:00 is not over" in text
    with (tmp_path / "out" / "hourly.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["agent_id"] == "A1"]
    assert [(row["hour"], row["over"], row["noc_so_far"], row["behind"]) for row in rows] == [
        ("8", "yes", "1", "no"),
        ("9", "yes", "2", "no"),
        ("10", "yes", "2", "no"),
        ("11", "no", "2", ""),
    ]
    record = json.loads((tmp_path / "out" / "hourly.json").read_text(encoding="utf-8"))
    assert record["as_of"] == f"{DAY} 11:30:00"
    assert set(record["files"]) == {"hourly.csv", "hourly.txt", "problems.csv"}
    assert run(*command).exit_code == 0, "the same folder may be written again"


def test_without_a_moment_it_is_that_of_the_last_event(tmp_path: Path) -> None:
    data = folder(tmp_path, calls=calls(("A1", "08:10", "L1"), ("A1", "09:10:30", "L2")))
    assert hourly(data, PROFILE).pace.at == datetime.fromisoformat(f"{DAY} 09:11")
    (data / "calls.csv").write_text(CALLS, encoding="utf-8")
    with pytest.raises(ToolkitError, match="no moment at which they stand"):
        hourly(data, PROFILE)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--as-of", "21.10.2026"], "is no day and no moment"),
        (["--as-of", "2026-02-30 10:00"], "is no day and no moment"),
        (["--as-of", DAY, "--kpi", "qc_score"], "does not add up over a day"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_written(tmp_path: Path, options: list[str], sentence: str) -> None:
    data = folder(tmp_path, calls=calls(("A1", "08:10", "L1")))
    done = run("hourly", data, "--profile", profile(tmp_path), *options, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert sentence in done.output
    assert not (tmp_path / "out").exists()


def test_a_day_stands_for_its_end(tmp_path: Path) -> None:
    assert moment_of(DAY) == datetime.fromisoformat("2026-03-03 00:00")
    assert moment_of(f"{DAY}T15:00:00") == moment_of(f" {DAY} 15:00 ")


def test_the_day_is_a_folder_with_the_lists_that_the_data_allow(tmp_path: Path) -> None:
    evil = TEAM.replace("Baraka", "=HYPERLINK(1)")
    rows = calls(("A1", "07:45", "L3"))
    data = folder(tmp_path, agents=evil, roster=EVERYBODY, leads=LEADS, promises=PROMISES, calls=rows)
    done = run("today", data, "--profile", profile(tmp_path), "--as-of", MORNING, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    made = {path.name for path in (tmp_path / "out").iterdir()} - {".lock"}
    assert made == {
        "today.json", "today.txt", "problems.csv", "working.csv", "away.csv", "targets.csv", "promises_due.csv",
    }  # fmt: skip
    with (tmp_path / "out" / "away.csv").open(encoding="utf-8", newline="") as file:
        assert [(row["name"], row["account_id"]) for row in csv.DictReader(file)] == [
            ("'=HYPERLINK(1)", "L1"),
            ("'=HYPERLINK(1)", "L4"),
        ]
    assert "sick, 2 leads to give to others" in done.output
    assert "which overdue accounts nobody has touched cannot be said: the data have no balances" in done.output
    with (tmp_path / "out" / "promises_due.csv").open(encoding="utf-8", newline="") as file:
        assert [row["still_to_come"] for row in csv.DictReader(file)] == ["300.00", "100.00"]
