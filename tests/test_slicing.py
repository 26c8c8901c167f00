"""What explains a drop: slices by branch, team, agent, age of debt and hour, which add up to the whole; incidents."""

import csv
import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_cases import ACCOUNTS, TEAM, data_of, desk_profile, on_every_engine

import cli
from toolkit.definitions import Definitions
from toolkit.incidents import in_words, incidents_in, incidents_of
from toolkit.kpis import kpi_values
from toolkit.kpis.cells import age_names, ages_in
from toolkit.kpis.data import Data
from toolkit.periods import Period, days_between, is_working_day, parse
from toolkit.score_targets import Goals, WorkingDays
from toolkit.slicing import changes_of, main_slice, slices_of
from toolkit.trend_words import slice_words
from toolkit.watching import Seen, watch

CALLS = "call_id,agent_id,account_id,started_at,connected,right_party,disposition,talk_seconds\n"
BALANCES = "account_id,as_of,balance,days_past_due\n"
BEFORE, AFTER = (date(2026, 3, 2), date(2026, 3, 3)), (date(2026, 3, 9), date(2026, 3, 10))


def call(number: int, agent: str, account: str, at: str, right: str = "yes") -> str:
    return f"K{number},{agent},{account},{at},yes,{right},{'promise' if right == 'yes' else 'wrong_party'},60"


def parts(data: Data, kpi: str, dimension: str, kind: str = "all", scope: str = "") -> dict[str, tuple[Any, Any]]:
    changes = {change.dimension: change for change in changes_of(data, kpi, kind, scope, BEFORE, AFTER)}
    found = changes[dimension]
    assert sum(part.total for part in found.parts) == found.whole
    return {part.part: (part.before, part.after) for part in found.parts}


ROWS = [
    call(1, "A1", "L1", "2026-03-02 09:10"), call(2, "A2", "L2", "2026-03-02 14:10"),
    call(3, "A3", "L3", "2026-03-03 14:10"), call(4, "A1", "L1", "2026-03-09 09:10", "no"),
    call(5, "A2", "L2", "2026-03-09 14:10"), call(6, "A3", "L3", "2026-03-10 14:10"),
]  # fmt: skip
SNAPSHOTS = "L1,2026-03-01,10.00,7\nL2,2026-03-01,10.00,8\nL3,2026-03-01,10.00,0\nL1,2026-03-09,0.00,0\n"


def small(definitions: dict[str, Any] | None = None, balances: str = SNAPSHOTS) -> Data:
    return data_of(definitions=definitions, calls=CALLS + "\n".join(ROWS), balances=BALANCES + balances)


def test_a_drop_is_split_by_hour_and_by_the_age_of_debt_on_the_day() -> None:
    assert parts(small(), "right_party_rate", "hour") == {"9": (1, 0), "14": (1, 1)}
    assert parts(small(), "right_party_rate", "bucket") == {"1 to 7": (1, 0), "8 to 30": (1, 1), "0": (1, 1)}
    assert parts(small(), "right_party_rate", "team") == {"North": (1, Fraction(1, 2)), "South": (1, 1)}


def test_the_snapshot_of_a_day_is_that_of_its_end_so_the_one_before_counts() -> None:
    """L1 paid on the 9th and is no more past due at the end of it; the call of that morning was to a late payer."""
    late = SNAPSHOTS.replace("L1,2026-03-09", "L1,2026-03-08")
    assert "1 to 7" in parts(small(), "right_party_rate", "bucket")
    assert parts(small(balances=late), "right_party_rate", "bucket")["0"] == (1, Fraction(1, 2))


def test_a_snapshot_older_than_a_month_says_nothing() -> None:
    rows = "L1,2026-01-30,10.00,7\nL2,2026-01-29,10.00,8\nL3,2026-03-01,10.00,0\n"
    found = parts(small(balances=rows), "right_party_rate", "bucket")
    assert found[""] == (1, Fraction(1, 2))
    assert found["1 to 7"] == (1, None)  # 31 days old on the 2nd of March
    assert "8 to 30" not in found


def test_the_ages_of_the_set_up_come_before_the_shipped_ones() -> None:
    assert ages_in(small()) == (0, 7, 30, 60, 90)
    assert set(parts(small({"ages_of_debt": (0, 7)}), "right_party_rate", "bucket")) == {"0", "1 to 7", "over 7"}
    assert age_names((0, 7, 30, 60, 90)) == ["0", "1 to 7", "8 to 30", "31 to 60", "61 to 90", "over 90"]
    assert age_names((5, 6)) == ["up to 5", "6", "over 6"]


def test_what_cannot_be_split_says_nothing() -> None:
    """Without balances no age of debt; days worked have no hour; an agent's own has neither teams nor agents."""
    plain = data_of(calls=CALLS + "\n".join(ROWS))
    assert {one.dimension for one in changes_of(plain, "calls", "all", "", BEFORE, AFTER)} == {
        "branch", "team", "agent", "hour",
    }  # fmt: skip
    assert {one.dimension for one in changes_of(small(), "contacts_per_day", "all", "", BEFORE, AFTER)} == {
        "branch", "team", "agent",
    }  # fmt: skip
    assert changes_of(plain, "right_party_rate", "agent", "A1", BEFORE, AFTER) == ()


def test_a_customer_whom_two_agents_called_is_in_one_slice_and_the_slices_are_the_teams_figure() -> None:
    rows = [*ROWS[3:], call(7, "A1", "L1", "2026-03-03 08:00"), call(8, "A2", "L1", "2026-03-03 10:00")]
    data = data_of(calls=CALLS + "\n".join(rows))
    by_agent = next(one for one in changes_of(data, "noc", "team", "North", BEFORE, AFTER) if one.dimension == "agent")
    assert (by_agent.before, by_agent.after) == (Fraction(1, 2), 1)
    assert {part.part: part.before for part in by_agent.parts} == {"A1": Fraction(1, 2), "A2": 0}


def test_promises_kept_are_split_by_age_of_debt_though_they_are_added_up_before() -> None:
    made = "promise_id,account_id,agent_id,made_at,due_on,amount\n" + "".join(
        f"PR{day}{n},L{n},A1,2026-03-0{day} 08:00,2026-03-0{day},10.00\n" for day in (2, 9) for n in (1, 2)
    )
    paid = (
        "payment_id,account_id,agent_id,paid_at,amount,currency,kind\n"
        "P1,L1,A1,2026-03-02 10:00,10.00,KES,instalment\nP2,L2,A1,2026-03-02 10:00,10.00,KES,instalment\n"
        "P3,L2,A1,2026-03-09 10:00,10.00,KES,instalment\n"
    )
    data = data_of(promises=made, payments=paid, balances=BALANCES + SNAPSHOTS)
    assert parts(data, "ptp_conversion", "bucket", "agent", "A1") == {"1 to 7": (1, 0), "8 to 30": (1, 1)}


CALL = st.tuples(
    st.sampled_from(["A1", "A2", "A3"]),
    st.sampled_from(["L1", "L2", "L3", "L4"]),
    st.sampled_from([*BEFORE, *AFTER]),
    st.integers(8, 11),
    st.booleans(),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(CALL, min_size=4, max_size=25))
def test_slices_add_up_to_the_change_of_the_figure_itself(made: Sequence[Any]) -> None:
    rows = [
        call(at, agent, account, f"{day} {hour:02}:00", "yes" if right else "no")
        for at, (agent, account, day, hour, right) in enumerate(made)
    ]
    data = data_of(calls=CALLS + "\n".join(rows), balances=BALANCES + SNAPSHOTS)
    for kpi in ("calls", "noc", "right_party_rate", "call_effectiveness"):
        for kind, scope in (("all", ""), ("team", "North"), ("branch", "Kisumu")):
            own = [_own(data, kpi, kind, scope, days) for days in (BEFORE, AFTER)]
            for change in changes_of(data, kpi, kind, scope, BEFORE, AFTER):
                assert [change.before, change.after] == pytest.approx(own)
                if change.whole is not None:
                    assert sum(part.total for part in change.parts) == change.whole
                    assert sum(change.weight(part) for part in change.parts) in (0, 1)


def _own(data: Data, kpi: str, kind: Any, scope: str, days: Sequence[date]) -> float | None:
    """The KPI's own figure of the days, a day for sums."""
    values = kpi_values(data, Period(days[0], days[-1], "year", "x"), "day", [kpi], [kind]).values
    mine = [row for row in values.iter_rows(named=True) if row["scope"] == scope]
    above = sum(row["numerator"] for row in mine)
    if kpi in ("calls", "noc"):
        return above / len(days)
    below = sum(row["denominator"] for row in mine)
    return above / below if below else None


@pytest.mark.parametrize("kpi", ["right_party_rate", "noc", "calls", "call_effectiveness"])
def test_slices_are_the_same_on_every_engine(kpi: str) -> None:
    wanted, *others = [changes_of(data, kpi, "all", "", BEFORE, AFTER) for data in on_every_engine(small())]
    assert len(wanted) == 5
    assert all(found == wanted for found in others)


def test_the_smallest_slice_that_explains_more_than_half_is_the_main_one() -> None:
    data = small()
    slices = slices_of(data, changes_of(data, "right_party_rate", "all", "", BEFORE, AFTER), AFTER[-1])
    found = main_slice(slices)
    assert found is not None
    assert found.explains == 1
    assert found.weight == Fraction(1, 3)
    assert main_slice(()) is None


MARCH = parse("2026-03")
FALL = date(2026, 3, 16)


def story(fallen_hour: int = 15) -> dict[str, str]:
    """Ten calls an agent and working day, five in the morning and five in the afternoon, of which seven reach the right
    party, give or take one; from 16 March on A1 reaches nobody in the hour that falls."""
    lines = []
    for at, day in enumerate(days_between(date(2025, 12, 1), date(2026, 3, 31))):
        if not is_working_day(day, ""):
            continue
        for agent in ("A1", "A2", "A3"):
            for n in range(10):
                hour, place = (9, n) if n < 5 else (15, n - 5)
                right = place < (4 if hour == 9 else 3) + (-1) ** at * (hour == 15)
                if agent == "A1" and day >= FALL and hour == fallen_hour:
                    right = False
                account = f"L{1 + n % 3}"
                lines.append(call(len(lines), agent, account, f"{day} {hour:02}:0{place}", "yes" if right else "no"))
    early = TEAM.replace("2026-01-01", "2025-01-01")
    return {"agents": early, "calls": CALLS + "\n".join(lines) + "\n"}


def seen(data: Data, kpi: str = "right_party_rate", kind: str = "all", scope: str = "", **more: Any) -> Seen:
    goals = Goals([], WorkingDays(data.teams, Definitions()))
    found = watch(data, MARCH, [kpi], goals, **more)
    return next(one for one in found.seen if (one.scope_kind, one.scope) == (kind, scope))


def test_the_main_slice_is_told_in_plain_words_with_its_figures() -> None:
    one = seen(data_of(**story()))
    assert one.trend.bad
    words = slice_words(one, "day")
    assert words.startswith("Most of the drop is in Asha (A1): ")
    assert "It explains 99% of the drop with 33% of the whole." in words
    own = seen(data_of(**story()), kind="agent", scope="A1")
    assert "the hour from 15:00 to 16:00" in slice_words(own, "day")
    assert "It explains 100% of the drop with 50% of the whole." in slice_words(own, "day")


INCIDENTS = "incident_id,kind,tool,area,started_at,ended_at\n"


def log(*rows: str) -> str:
    return INCIDENTS + "".join(f"I{at},{row}\n" for at, row in enumerate(rows))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("tool,Xdesk,,2026-03-16 09:00,2026-03-16 11:10", "Xdesk was down 2 h 10 on 16 Mar"),
        ("network,,Nakuru,2026-03-16 09:00,2026-03-16 09:45", "the network was down 45 min on 16 Mar (Nakuru)"),
        ("mobile_money,,,2026-03-15 23:00,2026-03-16 01:00",
         "mobile money was out 2 h, from 15 Mar, 23:00 to 16 Mar, 01:00"),
        ("security,,,2026-03-16 09:00,", "security incident since 16 Mar, 09:00, with no end noted"),
        ("other,Lift,,2026-03-16 22:00,2026-03-17 00:00", "incident (Lift) 2 h on 16 Mar"),
    ],
)  # fmt: skip
def test_an_incident_in_words(row: str, words: str) -> None:
    assert in_words(incidents_in(data_of(incidents=log(row)))) == words


def test_of_many_incidents_the_longest_are_named_and_the_others_counted() -> None:
    rows = [f"tool,T{n},,2026-03-16 0{n}:00,2026-03-16 0{n}:{10 * n:02}" for n in range(1, 6)]
    words = in_words(incidents_in(data_of(incidents=log(*rows))))
    assert words.endswith("; 2 more")
    assert [f"T{n} " in words for n in range(1, 6)] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("kind", "scope", "area", "concerned"),
    [
        ("agent", "A1", "Nakuru", True), ("agent", "A3", "Nakuru", False), ("team", "North", "Nakuru", True),
        ("team", "South", "Nakuru", False), ("all", "", "Nakuru", True), ("branch", "Kisumu", "", True),
        ("branch", "Kisumu", "South", True), ("agent", "A3", "North", False),
    ],
)  # fmt: skip
def test_an_incident_of_an_area_concerns_the_people_there(kind: str, scope: str, area: str, concerned: bool) -> None:
    data = data_of(incidents=log(f"tool,Xdesk,{area},2026-03-16 09:00,2026-03-16 11:10"))
    found = incidents_of(incidents_in(data), kind, scope, [FALL], data.teams, data.as_of)
    assert bool(found) is concerned
    assert incidents_of(incidents_in(data), kind, scope, [date(2026, 3, 17)], data.teams, data.as_of) == []


def test_an_incident_stands_beside_a_signal_and_never_takes_it_away() -> None:
    plain = seen(data_of(**story()))
    rows = log("tool,Xdesk,,2026-03-16 09:00,2026-03-16 11:10", "tool,Before,,2026-03-10 09:00,2026-03-10 11:10")
    beside = seen(data_of(**story(), incidents=rows))
    assert beside.trend == plain.trend
    assert beside.incidents == "Xdesk was down 2 h 10 on 16 Mar"
    assert plain.incidents == ""


def test_a_day_that_was_unusual_keeps_its_incident_though_all_is_steady_again() -> None:
    tables = story(0)
    tables["calls"] = "\n".join(
        line.replace(",yes,yes,promise,", ",yes,no,wrong_party,") if f",{FALL} 15" in line else line
        for line in tables["calls"].splitlines()
    )
    one = seen(data_of(**tables, incidents=log("tool,Xdesk,,2026-03-16 09:00,2026-03-16 11:10")))
    assert (one.trend.word, one.trend.bad) == ("steady", False)
    assert [signal.day for signal in one.trend.signals] == [FALL]
    assert one.incidents == "Xdesk was down 2 h 10 on 16 Mar"


PROFILE = desk_profile("right_party_rate")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("signals")
    (out / "data").mkdir()
    tables = {"accounts": ACCOUNTS, **story()}
    tables["incidents"] = log("tool,Xdesk,,2026-03-16 09:00,2026-03-16 11:10")
    for name, text in tables.items():
        (out / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
    (out / "profile.toml").write_text(PROFILE, encoding="utf-8")
    for grain in ("month", "week"):
        asked = ["scorecard", str(out / "data"), "--profile", str(out / "profile.toml"), "--period", "2026-03"]
        done = CliRunner().invoke(cli.main, [*asked, "--grain", grain, "--out", str(out / grain)])
        assert done.exit_code == 0, done.output
    return out


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_trends_say_the_slice_and_the_incident_and_leave_room_for_what_is_done(folder: Path) -> None:
    row = next(one for one in rows_of(folder / "month" / "trends.csv") if one["scope_kind"] == "all")
    assert (row["verdict"], row["bad"], row["by"]) == ("real drop", "true", "day")
    assert "Most of the drop is in Asha (A1)" in row["explained"]
    assert row["incidents"] == "Xdesk was down 2 h 10 on 16 Mar"
    assert row["since"] == "2026-03-16"
    assert "2026-03-31" in row["signals"]
    assert [row[name] for name in ("cause", "action", "owner", "due")] == [""] * 4


def test_the_slices_of_drill_down_csv_add_up_to_the_whole(folder: Path) -> None:
    rows = rows_of(folder / "month" / "drill_down.csv")
    kinds = {(row["scope_kind"], row["scope"], row["kpi"], row["dimension"]) for row in rows}
    assert {kind[3] for kind in kinds} == {"branch", "team", "agent", "hour"}
    for kind in kinds:
        mine = [row for row in rows if (row["scope_kind"], row["scope"], row["kpi"], row["dimension"]) == kind]
        whole, slices = mine[0], mine[1:]
        assert whole["slice"] == "(all)"
        for name in ("numerator_before", "denominator_before", "numerator_after", "denominator_after", "explains"):
            assert sum(float(row[name]) for row in slices) == pytest.approx(float(whole[name]), abs=1e-6)
        added = sum(float(row["mix"]) + float(row["rate"]) for row in slices)
        assert added == pytest.approx(float(whole["after"]) - float(whole["before"]), abs=1e-7)


def test_the_workbook_and_the_pages_say_both_beside_the_signal(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "month" / "scorecard.xlsx")["Signals"]
    rows = [row for row in sheet.iter_rows(min_col=2, values_only=True) if row[2] == "real drop"]
    assert rows[0][0] == "Everybody"
    assert "Most of the drop is in Asha (A1)" in rows[0][4]
    assert rows[0][5] == "Xdesk was down 2 h 10 on 16 Mar"
    assert rows[0][6:10] == (None,) * 4
    pages = folder / "month" / "pages"
    for page in (pages / "index.html", pages / "teams" / "North.html"):
        text = page.read_text(encoding="utf-8")
        assert "On these days: Xdesk was down 2 h 10 on 16 Mar." in text
        assert "Most of the drop is in " in text
    assert "(Xdesk was down 2 h 10 on 16 Mar)" in (pages / "agents" / "A1.html").read_text(encoding="utf-8")
    assert "Xdesk" not in (pages / "agents" / "A3.html").read_text(encoding="utf-8")


def test_weeks_are_judged_by_weeks_and_kept_apart_from_days(folder: Path) -> None:
    row = next(one for one in rows_of(folder / "week" / "trends.csv") if one["scope_kind"] == "all")
    assert (row["by"], row["verdict"], row["signals"].split(", ")[0]) == ("week", "real drop", "2026-03-16")
    assert row["parts"] == "2026-W14"
    kept = json.loads((folder / "week" / "limits.json").read_text(encoding="utf-8"))
    assert kept["by"] == "week"
    asked = ["scorecard", str(folder / "data"), "--profile", str(folder / "profile.toml"), "--period", "2026-03"]
    limits = ["--limits", str(folder / "week" / "limits.json"), "--no-pages", "--no-workbook"]
    by_day = CliRunner().invoke(cli.main, [*asked, *limits, "--out", str(folder / "days")])
    assert by_day.exit_code == 1
    assert "none by which a day is judged" in by_day.output
    again = CliRunner().invoke(cli.main, [*asked, *limits, "--grain", "week", "--out", str(folder / "weeks")])
    assert again.exit_code == 0


def test_parts_of_weeks_are_marked_in_values_and_in_the_workbook(folder: Path) -> None:
    parts = {row["period"]: row["part"] for row in rows_of(folder / "week" / "values.csv")}
    assert parts == {"2026-W10": "false", "2026-W11": "false", "2026-W12": "false",
                     "2026-W13": "false", "2026-W14": "true"}  # fmt: skip
    sheet = openpyxl.load_workbook(folder / "week" / "scorecard.xlsx")["Trend"]
    shown = [row[0] for row in sheet.iter_rows(min_col=2, max_col=2, values_only=True)]
    assert {"2026-W10", "2026-W14 (part)"} <= set(shown)
    assert "whole ones only" in (folder / "week" / "pages" / "agents" / "A1.html").read_text(encoding="utf-8")
