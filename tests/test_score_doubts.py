"""What a scorecard says when it is given something odd, and whether its words are true."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kpi_cases import ACCOUNTS, data_of
from made_scores import COUNTED, about, scored_run, values
from test_daily import calls, folder, profile
from test_daily import run as daily
from test_schedule import PROFILE

from cli import main
from toolkit.definitions import Definitions, words_of
from toolkit.kpi_codes import kpi_codes
from toolkit.kpis import kpi_values
from toolkit.kpis.given import unsound
from toolkit.periods import parse
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goals, WorkingDays
from toolkit.scorecard_reports.book.checks import Sums, sums_of
from toolkit.scorecard_reports.scoring import scored
from toolkit.scorecard_reports.words import counted_words, how_sure_of, title_of
from toolkit.scorecards import Line, scorecards
from toolkit.slicing import Slice, main_slice
from toolkit.teams import Teams
from toolkit.trends.drill_down import Change, Contribution
from toolkit.watching import number_words

MARCH = "2026-03"


def codes_of(tmp_path: Path, period: str = MARCH, as_of: Any = None, **tables: str) -> list[str]:
    (tmp_path / "profile.toml").write_text(PROFILE, encoding="utf-8")
    exports = folder(tmp_path, **{"calls": calls(("A1", "09:01", "L1")), **tables})
    found = scored(exports, str(tmp_path / "profile.toml"), period, as_of=as_of)
    return [one.code for one in found.problems]


def test_payments_that_name_nobody_are_refused_in_words_where_there_are_no_agents(tmp_path: Path) -> None:
    text = "payment_id,account_id,paid_at,amount,kind\nP1,L1,2026-03-02,10.00,instalment\n"
    (tmp_path / "payments.csv").write_text(text, encoding="utf-8")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    asked = ["scorecard", str(tmp_path), "--profile", "last-call", "--period", MARCH, "--out", str(tmp_path / "out")]
    ended = CliRunner().invoke(main, asked)
    assert ended.exit_code == 1
    assert isinstance(ended.exception, SystemExit)
    assert not (tmp_path / "out").exists()


def goal_rows(*rows: tuple[str, str]) -> Goals:
    days = WorkingDays(data_of(calls=calls(("A1", "09:01", "L1"))).teams, Definitions())
    return Goals([{"kpi": kpi, "scope_kind": "all", "grain": "month", "target": value} for kpi, value in rows], days)


@pytest.mark.parametrize(
    ("kpi", "value", "doubtful"),
    [("noc", "0", True), ("noc", "-3", True), ("noc", "1", False), ("lateness", "0", False), ("lateness", "-1", True)],
)
def test_a_target_that_tells_nobody_apart_is_doubtful(kpi: str, value: str, doubtful: bool) -> None:
    assert bool(goal_rows((kpi, value)).aimless) is doubtful


def test_a_target_of_nothing_is_told(tmp_path: Path) -> None:
    text = "kpi,scope_kind,scope,grain,target\nnoc,all,,day,0\n"
    assert "TARGET_AIMLESS" in codes_of(tmp_path, targets=text)


def test_a_period_before_the_data_begin_is_told(tmp_path: Path) -> None:
    assert "PERIOD_BEFORE_DATA" in codes_of(tmp_path, "2024-02")
    assert "PERIOD_BEFORE_DATA" not in codes_of(tmp_path)


def test_a_day_on_which_the_data_cannot_stand_is_told(tmp_path: Path) -> None:
    last = parse("2026-03-31").last
    assert "AS_OF_AFTER_DATA" in codes_of(tmp_path, as_of=last)
    assert "AS_OF_AFTER_DATA" not in codes_of(tmp_path)


def test_a_morning_long_after_the_data_end_is_told_and_the_next_one_is_not(tmp_path: Path) -> None:
    data, setup = folder(tmp_path, calls=calls(("A1", "09:01", "L1"))), profile(tmp_path)
    for day, told in (("2026-03-03", False), ("2026-03-09", True)):
        out = tmp_path / day
        daily("today", data, "--profile", setup, "--as-of", f"{day} 08:00", "--out", out)
        assert ("AS_OF_AFTER_DATA" in (out / "problems.csv").read_text(encoding="utf-8")) is told


def test_a_given_count_or_share_below_zero_is_not_used() -> None:
    rows = "kpi,agent_id,period,numerator,denominator,value\n"
    rows += "noc,A1,2026-03,,,-5\nright_party_rate,A2,2026-03,-1,4,\nnoc,A2,2026-03,,,5\ncollected,A1,2026-03,,,-5\n"
    data = data_of(calls=calls(("A1", "09:01", "L1")), kpi_values=rows)
    assert unsound(data).select("kpi", "agent_id").rows() == [("noc", "A1"), ("right_party_rate", "A2")]
    found = kpi_values(data, parse(MARCH), "month", ["noc"], ["agent"]).values
    assert dict(found.select("scope", "value").iter_rows())["A1"] == 1


def slice_of(part: str, explains: str, weight: str) -> Slice:
    own = Contribution(part, None, None, Fraction(0), Fraction(0), ((0, 0), (0, 0)))
    return Slice("branch", part, part, Change("branch", None, None, (own,)), own, Fraction(explains), Fraction(weight))


def test_a_slice_that_explains_no_more_than_its_share_of_the_whole_is_not_the_main_one() -> None:
    large, small, hour = slice_of("N", "0.92", "0.94"), slice_of("S", "0.08", "0.06"), slice_of("15", "0.4", "0.1")
    assert main_slice([large, small, hour]) is hour
    assert main_slice([large]) is large


def test_few_cases_of_what_gives_no_points_say_nothing_of_the_total() -> None:
    card = next(card for card in scored_run().cards if card.scope == "A3")
    few = next(line for line in card.lines if line.note == "low n")
    assert "few" in how_sure_of(card)
    idle = [replace(line, weight=Fraction(0)) if line is few else line for line in card.lines]
    assert "few" not in how_sure_of(replace(card, lines=tuple(idle)))


def test_who_is_alone_is_within_nothing() -> None:
    alone = {"A1": COUNTED["A1"]}
    card = next(card for card in scored_run(counted=alone).cards if card.scope == "A1")
    assert {line.place for line in card.lines} == {""}
    assert {line.limits for line in card.lines} == {None}
    assert any(line.interval for line in card.lines)


def lines_with(*notes: str) -> list[Line]:
    card = next(card for card in scored_run().cards if card.scope == "A1")
    words = {"given": "entered: Call quality score"}
    line = card.line("qc_score")
    assert line is not None
    return [replace(line, note=note, definition=words.get(note, "mean of calls")) for note in notes]


def test_what_is_entered_for_agents_and_computed_together_is_explained_for_both() -> None:
    together = lines_with("")
    assert counted_words(lines_with("given"), together) == (
        "entered: Call quality score; teams and everybody: mean of calls"
    )
    assert counted_words(lines_with("given", ""), together) == "mean of calls"


def test_a_sum_that_differs_because_cases_are_shared_does_not_say_that_parts_are_missing() -> None:
    run = scored_run()
    cards = []
    for card in run.cards:
        mine = [line for line in card.lines if line.kpi == "collection_rate"]
        kind = card.scope_kind
        given = [replace(one, kpi="noc", note="given" if kind == "agent" else "", base=None) for one in mine]
        more = 5 if kind == "agent" else 0  # customers whom two agents called
        cards.append(replace(card, lines=tuple(replace(one, numerator=(one.numerator or 0) + more) for one in given)))
    why = next(row.why for row in sums_of(replace(run, cards=tuple(cards))) if row.kpi == "noc")
    assert "share" in why
    assert "without their parts" not in why


def two_rules(first: list[str], second: list[str]) -> list[Sums]:
    agents = [{"agent_id": who, "name": who, "role": who, "team": "North", "branch": "Nakuru"} for who in "abc"]
    kpis = [{"kpi": "collected", "weight": 1, "target": 1}]
    rules = [{"name": name, "roles": roles, "kpis": kpis} for name, roles in (("one", first), ("two", second))]
    counted = {who: {"collected": (100, None)} for who in "abc"}
    teams = Teams(agents)
    made = [Scorecard.model_validate(rule) for rule in rules]
    frames = [values(counted, [agent for agent in agents if agent["role"] in rule.roles]) for rule in made]
    goals = Goals([], WorkingDays.of([], teams, Definitions()))
    return sums_of(scorecards(frames, goals, made, teams, parse("2026-10")))


def test_two_scorecards_of_different_people_with_one_kpi_add_up() -> None:
    (row,) = two_rules(["a", "b"], ["c"])
    assert (row.agents, row.teams, row.everybody, row.why) == (300, 300, 300, "")


def test_two_scorecards_of_the_same_people_count_them_once() -> None:
    (row,) = two_rules(["a", "b", "c"], ["c"])
    assert (row.agents, row.teams, row.everybody, row.why) == (300, 300, 300, "")


def test_scorecards_that_share_some_people_say_so_where_sums_differ() -> None:
    (row,) = two_rules(["a", "b"], ["b", "c"])
    assert (row.agents, row.everybody, row.is_wrong) == (300, 200, False)
    assert "share some of their people" in row.why


@pytest.mark.parametrize(
    ("kpi", "value", "words"),
    [
        ("ptp_count", "1.2", "1.2"), ("ptp_count", "2", "2"), ("ptp_count", "0.04", "0.04"), ("noc", "27.4", "27"),
        ("right_party_rate", "0.5", "50.0%"),
    ],
)  # fmt: skip
def test_an_average_of_a_few_is_not_rounded_to_whole_ones(kpi: str, value: str, words: str) -> None:
    assert number_words(kpi_codes()[kpi], Fraction(value)) == words


def test_a_unit_that_the_name_says_is_not_said_twice() -> None:
    assert title_of("unplanned_absence", about()) == "Days of unplanned absence"
    assert title_of("days_to_recovery", about()).count("ays") == 1
    assert title_of("collected", about()) == "Collected, KES"


@pytest.mark.parametrize(("days", "words"), [(1, "1 day of grace"), (2, "2 days of grace")])
def test_one_day_is_no_days(days: int, words: str) -> None:
    assert words_of("promise_grace_days", Definitions(promise_grace_days=days)) == words


def test_days_in_a_list_stay_days() -> None:
    assert words_of("ages_of_debt", Definitions(ages_of_debt=(0, 1))) == "ages of debt: over 0, 1 days"
