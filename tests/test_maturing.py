"""Cohorts by their age: curves that end in the KPI's own figure, in files, the workbook and on pages."""

import csv
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from kpi_cases import TEAM, data_of, desk_profile, on_every_engine

import cli
from toolkit.kpis import kpi_values
from toolkit.kpis.data import Data
from toolkit.maturing import Course, courses_of
from toolkit.periods import parse
from toolkit.scorecard_reports.pages.cohorts import APART, _spread

ACCOUNTS = "account_id,customer_id,product,activated_on,currency,status,closed_on\n"
LEADS = "lead_on,agent_id,account_id,required_credits\n"
PAYMENTS = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,credits,credits_kind,reverses\n"
WIDE = parse("2026")


def accounts(count: int) -> str:
    return ACCOUNTS + "".join(f"L{n},C{n},lamp,2026-01-01,KES,active,\n" for n in range(count))


def conversions(leads: list[tuple[int, str, int | None]], as_of: date) -> Data:
    """Leads: day of March, agent, and after how many days a credit was bought, if one was."""
    leads = [lead for lead in leads if date(2026, 3, lead[0]) <= as_of]
    listed = [f"2026-03-{day:02d},{agent},L{n},1" for n, (day, agent, _) in enumerate(leads)]
    paid = [
        f"P{n},L{n},{agent},{date(2026, 3, day) + timedelta(after)} 10:00,50.00,KES,instalment,1,bought,"
        for n, (day, agent, after) in enumerate(leads)
        if after is not None and date(2026, 3, day) + timedelta(after) <= as_of
    ]
    paid.append("PX,LX,A1,2026-03-01 10:00,50.00,KES,instalment,1,bought,")  # an empty table of payments is refused
    known = accounts(len(leads)) + "LX,CX,lamp,2026-01-01,KES,active,\n"
    return data_of(as_of, accounts=known, leads=LEADS + "\n".join(listed), payments=PAYMENTS + "\n".join(paid))


def of(courses: tuple[Course, ...], scope: str, cohort: str, kind: str | None = None) -> Course:
    return next(one for one in courses if (one.scope, one.cohort) == (scope, cohort) and kind in (None, one.scope_kind))


def test_a_matured_cohort_rises_day_by_day_to_the_conversion_rate() -> None:
    data = conversions([(2, "A1", 0), (2, "A1", 3), (3, "A2", 14), (4, "A2", 15), (4, "A2", None)], date(2026, 3, 31))
    found = of(courses_of(data, parse("2026-03"), ["conversion_rate"]), "", "2026-W10")
    assert [age.converted for age in found.ages] == [1, 1, 1, *[2] * 11, 3]
    assert {age.old_enough for age in found.ages} == {5}
    assert (found.matured, found.window) == (True, 14)


def test_a_cohort_that_is_not_matured_goes_only_as_far_as_all_of_it_have_lived() -> None:
    """On the 20th the lead of the 9th is 11 days old and that of the 12th is 8."""
    data = conversions([(9, "A1", 2), (12, "A1", 9), (12, "A1", 5)], date(2026, 3, 20))
    found = of(courses_of(data, parse("2026-03"), ["conversion_rate"]), "", "2026-W11")
    assert [age.day for age in found.ages] == list(range(9))
    assert (found.last.converted, found.last.old_enough, found.matured) == (2, 3, False)


@pytest.mark.parametrize(("as_of", "matured"), [(date(2026, 3, 21), False), (date(2026, 3, 22), True)])
def test_a_cohort_has_matured_on_the_last_day_of_its_last_window(as_of: date, matured: bool) -> None:
    data = conversions([(2, "A1", 1), (8, "A1", None)], as_of)
    assert of(courses_of(data, parse("2026-03"), ["conversion_rate"]), "", "2026-W10").matured is matured


def test_credits_that_were_taken_back_were_never_enough() -> None:
    rows = (
        "P1,L0,A1,2026-03-03 10:00,50.00,KES,instalment,1,bought,\n"
        "P2,L0,A1,2026-03-04 10:00,-50.00,KES,,,,P1\n"
        "P3,L0,A1,2026-03-10 10:00,50.00,KES,instalment,1,bought,\n"
    )
    data = data_of(accounts=accounts(1), leads=LEADS + "2026-03-02,A1,L0,1\n", payments=PAYMENTS + rows)
    found = of(courses_of(data, parse("2026-03"), ["conversion_rate"]), "", "2026-W10")
    assert [age.converted for age in found.ages] == [*[0] * 8, *[1] * 7]


def test_a_cohort_counts_as_a_whole_where_the_period_cuts_it() -> None:
    """The window of the 23rd closes on 6 April, that of the 18th on 1 April; the first was over in March."""
    data = conversions([(2, "A1", 1), (18, "A1", 1), (23, "A1", 1)], date(2026, 4, 30))
    found = courses_of(data, parse("2026-04"), ["conversion_rate"], ["all"])
    assert [(one.cohort, one.last.old_enough) for one in found] == [("2026-W12", 1), ("2026-W13", 1)]


LEAD = st.tuples(st.integers(1, 28), st.sampled_from(["A1", "A2", "A3"]), st.none() | st.integers(0, 16))


@settings(max_examples=15, deadline=None)
@given(st.lists(LEAD, min_size=1, max_size=12), st.integers(0, 45))
def test_curves_never_fall_and_matured_ones_end_in_the_kpi_itself(leads: Any, later: int) -> None:
    data = conversions(leads, date(2026, 3, 1) + timedelta(later))
    courses = courses_of(data, WIDE, ["conversion_rate"])
    values = kpi_values(data, WIDE, "cohort", ["conversion_rate"]).values
    own = {
        row[:3]: row[3:] for row in values.select("scope_kind", "scope", "period", "numerator", "denominator").rows()
    }
    for one in courses:
        shares = [age.share for age in one.ages]
        assert all(before is not None and after is not None and before <= after for before, after in pairwise(shares))
        if one.matured:
            assert own[one.scope_kind, one.scope, one.cohort] == (one.last.converted, one.last.old_enough)


CREDIT_DAYS = "account_id,day,credit_balance\n"


def caps(as_of: date, definitions: dict[str, Any] | None = None) -> Data:
    """L0 has credit throughout; L1 is without for 5 days on end from day 6 on; L2 came back on day 20; of L3 nothing
    is known."""
    begun = date(2026, 1, 10)
    known = [f"L0,{begun},500", f"L1,{begun},6", f"L2,{begun},500"]
    rows = (
        "L0,C0,lamp,2026-01-10,KES,active,\nL1,C1,lamp,2026-01-10,KES,active,\n"
        "L2,C2,lamp,2026-01-10,KES,returned,2026-01-30\nL3,C3,lamp,2026-01-10,KES,active,\n"
    )
    owned = "account_id,agent_id,assigned_on,ended_on\n" + "".join(f"L{n},A1,2026-01-10,\n" for n in range(4))
    given = {"accounts": ACCOUNTS + rows, "credit_days": CREDIT_DAYS + "\n".join(known), "assignments": owned}
    return data_of(as_of, definitions, **given)


def test_accounts_lose_their_credit_and_the_curve_falls_to_the_cap_score() -> None:
    data = caps(date(2026, 3, 31))
    found = of(courses_of(data, parse("2026-03"), ["cap_score"]), "A1", "2026-01")
    assert [age.converted for age in found.ages] == [*[2] * 10, *[1] * 66]
    own = kpi_values(data, WIDE, "cohort", ["cap_score"], ["agent"]).values
    assert own.select("numerator", "denominator").row(0) == (found.last.converted, found.last.old_enough) == (1, 2)


def test_an_account_that_came_back_has_failed_on_that_day_where_the_definitions_say_so() -> None:
    data = caps(date(2026, 3, 31), {"cap_returned": "failed"})
    found = of(courses_of(data, parse("2026-03"), ["cap_score"]), "A1", "2026-01")
    assert [age.converted for age in found.ages] == [*[3] * 10, *[2] * 10, *[1] * 56]


def test_what_is_judged_by_the_last_day_alone_has_no_curve() -> None:
    data = caps(date(2026, 3, 31), {"cap_mode": "open_run"})
    assert courses_of(data, parse("2026-03"), ["cap_score", "noc", "no_such_kpi"]) == ()


def test_curves_are_the_same_on_every_engine() -> None:
    leads = [(2, "A1", 0), (2, "A1", 3), (3, "A2", 14), (9, "A2", 2), (20, "A3", 1)]
    for made, kpi in (
        (conversions(leads, date(2026, 3, 25)), "conversion_rate"),
        (caps(date(2026, 3, 31)), "cap_score"),
    ):
        wanted, *others = [courses_of(data, parse("2026-03"), [kpi]) for data in on_every_engine(made)]
        assert wanted
        assert all(found == wanted for found in others)


def test_an_account_of_two_owners_counts_once_for_their_team() -> None:
    owned = "account_id,agent_id,assigned_on,ended_on\nL0,A1,2026-01-10,\nL0,F1,2026-01-10,\n"
    given = {
        "agents": TEAM + "F1,Feza,field_agent,North,Nakuru,2026-01-01,\n",
        "accounts": ACCOUNTS + "L0,C0,lamp,2026-01-10,KES,active,\n",
        "credit_days": CREDIT_DAYS + "L0,2026-01-10,500\n",
        "assignments": owned,
    }
    found = courses_of(data_of(**given), parse("2026-03"), ["cap_score"])
    sizes = {(one.scope_kind, one.scope): one.last.old_enough for one in found}
    assert sizes["agent", "A1"] == sizes["agent", "F1"] == sizes["team", "North"] == sizes["all", ""] == 1


def test_names_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    places = _spread([100, 101, 216, 216, 20])
    assert all(after - before >= APART for before, after in pairwise(sorted(places)))
    assert max(places) <= 216
    assert places[4] == 20


PROFILE = desk_profile("conversion_rate")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two weeks of leads, as they look on 25 March."""
    out = tmp_path_factory.mktemp("cohorts")
    data = out / "data"
    data.mkdir()
    leads = [(2, "A1", 2), (3, "A2", None), (4, "A3", 9), (16, "A1", 1), (17, "A3", None)]
    listed = [f"2026-03-{day:02d},{agent},L{n},1" for n, (day, agent, _) in enumerate(leads)]
    paid = [
        f"P{n},L{n},{agent},{date(2026, 3, day) + timedelta(after)} 10:00,50.00,KES,instalment,1,bought,"
        for n, (day, agent, after) in enumerate(leads)
        if after is not None
    ]
    for name, text in (
        ("agents", TEAM),
        ("accounts", accounts(5)),
        ("leads", LEADS + "\n".join(listed)),
        ("payments", PAYMENTS + "\n".join(paid)),
    ):
        (data / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    (out / "profile.toml").write_text(PROFILE, encoding="utf-8")
    for grain in ("cohort", "month", "day"):
        asked = ["scorecard", str(data), "--profile", str(out / "profile.toml"), "--period", "2026-03"]
        done = CliRunner().invoke(
            cli.main, [*asked, "--as-of", "2026-03-25", "--grain", grain, "--out", str(out / grain)]
        )
        assert done.exit_code == 0, done.output
    return out


def test_the_command_writes_a_row_for_each_day_of_a_cohort(folder: Path) -> None:
    with (folder / "cohort" / "maturity.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["scope_kind"] == "all"]
    assert list(rows[0]) == [
        "scope_kind", "scope", "kpi", "cohort", "age_days", "numerator", "denominator", "value", "matured",
    ]  # fmt: skip
    last = {row["cohort"]: (row["age_days"], row["numerator"], row["denominator"], row["matured"]) for row in rows}
    assert last == {"2026-W10": ("14", "2", "3", "true"), "2026-W12": ("8", "1", "2", "false")}
    assert (folder / "month" / "maturity.csv").read_bytes() == (folder / "cohort" / "maturity.csv").read_bytes()
    assert not (folder / "day" / "maturity.csv").exists()


def test_the_workbook_has_the_curves_with_a_chart_that_leaves_out_what_nobody_knows(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "cohort" / "scorecard.xlsx")["Maturity"]
    rows = list(sheet.iter_rows(min_col=2, max_col=4, values_only=True))
    head = next(at for at, row in enumerate(rows) if row[0] == "Age, days")
    assert rows[head][1:] == ("2026-W10 (of 3)", "2026-W12, day 8 of 14 (of 2)")
    assert rows[head + 15] == (14, pytest.approx(2 / 3), None)
    assert rows[head + 9] == (8, pytest.approx(1 / 3), 0.5)
    assert any("not matured, so drawn only to day 8 of 14" in str(row[0]) for row in rows)
    (chart,) = sheet._charts
    assert len(chart.series) == 2
    assert len({str(one.graphicalProperties.line.prstDash) + str(one.marker.symbol) for one in chart.series}) == 2


def test_pages_of_everybody_and_of_teams_draw_the_curves_with_names_at_their_lines(folder: Path) -> None:
    index = (folder / "cohort" / "pages" / "index.html").read_text(encoding="utf-8")
    (drawn,) = re.findall(r'<section class="cohorts">.*?</section>', index, re.S)
    lines = re.findall(r'<polyline class="cohort[^"]*" points="([^"]+)"', drawn)
    assert [len(points.split()) for points in lines] == [15, 9]
    assert ">2026-W10: 66.7%</text>" in drawn
    assert ">2026-W12, day 8 of 14: 50.0%</text>" in drawn
    assert drawn.count('class="hollow') == 1
    south = (folder / "cohort" / "pages" / "teams" / "South.html").read_text(encoding="utf-8")
    assert ">2026-W10: 100.0%</text>" in south
    assert pl.Series([south.count("polyline class")]).item() == 2
