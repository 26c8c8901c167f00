"""Scores, totals, gates, bands and ranks on figures that can be checked by hand."""

from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.definitions import Definitions
from toolkit.periods import parse
from toolkit.score_rules import Scorecard
from toolkit.score_targets import Goal, Goals, WorkingDays
from toolkit.scorecards import ScorecardRun, scorecards
from toolkit.scores import light_of, score_of
from toolkit.teams import Teams

OCTOBER = parse("2026-10")
AGENTS = [
    {"agent_id": "A1", "name": "Asha", "role": "call_agent", "team": "North", "branch": "Nakuru"},
    {"agent_id": "A2", "name": "Baraka", "role": "call_agent", "team": "North", "branch": "Nakuru"},
    {"agent_id": "A3", "name": "Chep", "role": "call_agent", "team": "South", "branch": "Kisumu"},
    {"agent_id": "F1", "name": "Feza", "role": "field_agent", "team": "South", "branch": "Kisumu",
     "left_on": date(2026, 10, 10)},
]  # fmt: skip


def row(
    scope: str, kpi: str, numerator: float, denominator: float | None = None, kind: str = "agent"
) -> dict[str, Any]:
    value = numerator if denominator is None else numerator / denominator if denominator else None
    note = "no base" if denominator == 0 else ""
    return {"scope_kind": kind, "scope": scope, "kpi": kpi, "period": "2026-10", "numerator": float(numerator),
            "denominator": None if denominator is None else float(denominator), "value": value, "base_note": note,
            "waiting": 0, "definition": "as counted"}  # fmt: skip


def goals(targets: list[dict[str, Any]], roster: list[dict[str, Any]] | None = None) -> Goals:
    return Goals(targets, WorkingDays.of(roster or [], Teams(AGENTS), Definitions(), country="KE"))


def target(
    kpi: str, value: object, grain: str = "month", kind: str = "all", scope: str = "", **more: object
) -> dict[str, Any]:
    return {"kpi": kpi, "scope_kind": kind, "scope": scope, "grain": grain, "target": str(value), **more}


CARD = {"kpis": [{"kpi": "collection_rate", "weight": 60}, {"kpi": "qc_score", "weight": 40}]}
TARGETS = [target("collection_rate", 0.8), target("qc_score", 0.93, worst="0.73", best="0.93")]


def run(values: list[dict[str, Any]], targets: Any = TARGETS, card: dict[str, Any] = CARD, **more: Any) -> ScorecardRun:
    rules = [Scorecard.model_validate({**card, "roles": ["call_agent"], **more})]
    known = {one["kpi"] for one in targets}
    own = [one for rule in rules for one in rule.targets() if one["kpi"] not in known]
    return scorecards([pl.DataFrame(values)], goals([*targets, *own]), rules, Teams(AGENTS), OCTOBER)


def total(found: ScorecardRun, scope: str = "A1") -> Any:
    return next(card.total for card in found.cards if card.scope == scope)


def test_the_total_is_the_points_over_the_weights() -> None:
    found = run([row("A1", "collection_rate", 60, 100), row("A1", "qc_score", 83, 100)])
    assert total(found) == 60 * Fraction(60, 80) + 40 * Fraction(10, 20)


@pytest.mark.parametrize(("value", "score"), [("0.72", 0), ("0.73", 0), ("0.83", "1/2"), ("0.93", 1), ("0.99", 1)])
def test_worst_scores_nothing_best_everything_and_both_are_clipped(value: str, score: object) -> None:
    goal = Goal(worst=Fraction("0.73"), best=Fraction("0.93"))
    assert score_of(Fraction(value), goal, lower=False) == Fraction(str(score))


@pytest.mark.parametrize(("value", "score"), [(0, 1), (5, "1/2"), (10, 0), (12, 0)])
def test_worst_above_best_means_that_less_is_better(value: int, score: object) -> None:
    assert score_of(Fraction(value), Goal(worst=Fraction(10), best=Fraction(0)), lower=True) == Fraction(str(score))


@pytest.mark.parametrize(("value", "score"), [(0, 1), (1, 0), (3, 0)])
def test_a_target_of_none_is_all_or_nothing(value: int, score: int) -> None:
    assert score_of(Fraction(value), Goal(target=Fraction(0)), lower=True) == score


@pytest.mark.parametrize(("value", "score"), [("0.5999", 0), ("0.6", "3/4"), ("0.8", 1), ("1.2", "6/5")])
def test_below_the_floor_nothing_counts_and_above_the_cap_no_more(value: str, score: object) -> None:
    goal = Goal(target=Fraction("0.8"), floor=Fraction("0.6"), cap=Fraction("1.2"))
    assert score_of(Fraction(value), goal, lower=False) == Fraction(str(score))


@pytest.mark.parametrize(("points", "light"), [(9296, "watch"), (9300, "good"), (8370, "watch"), (8369, "bad")])
def test_92_96_is_not_93(points: int, light: str) -> None:
    found = run([row("A1", "qc_score", points, 10_000)])
    line = next(card.line("qc_score") for card in found.cards if card.scope == "A1")
    assert line is not None
    assert line.light == light


def test_a_kpi_without_a_base_leaves_its_weight_to_the_others() -> None:
    assert total(run([row("A1", "collection_rate", 60, 100), row("A1", "qc_score", 0, 0)])) == 75


@pytest.mark.parametrize(("policy", "expected"), [("respread", 75), ("zero", 45), ("no_score", None), ("refuse", None)])
def test_four_ways_with_a_kpi_without_a_base(policy: str, expected: int | None) -> None:
    found = run([row("A1", "collection_rate", 60, 100), row("A1", "qc_score", 0, 0)], no_base=policy)
    assert total(found) == expected
    assert ("SCORE_REFUSED" in {problem.code for problem in found.problems}) == (policy == "refuse")


@pytest.mark.parametrize(("least", "expected"), [("0.6", 75), ("0.61", None)])
def test_too_little_covered_gives_no_total(least: str, expected: int | None) -> None:
    found = run([row("A1", "collection_rate", 60, 100)], least_covered=least)
    assert total(found) == expected
    card = next(card for card in found.cards if card.scope == "A1")
    assert (card.band == "insufficient data") == (expected is None)


@pytest.mark.parametrize(("complaints", "expected"), [(0, 100), (1, 0)])
def test_a_conduct_complaint_shuts_the_gate_on_the_total(complaints: int, expected: int) -> None:
    card = {"kpis": [{"kpi": "collection_rate", "weight": 1}, {"kpi": "conduct_complaints", "target": 0}],
            "gates": [{"kpi": "conduct_complaints", "at_most": 0}]}  # fmt: skip
    found = run([row("A1", "collection_rate", 80, 100), row("A1", "conduct_complaints", complaints)], card=card)
    assert total(found) == expected
    shown = next(card for card in found.cards if card.scope == "A1")
    assert shown.before_gates == 100


def test_equal_totals_share_a_rank_and_the_next_is_left_out() -> None:
    found = run([row(agent, "collection_rate", part, 100) for agent, part in (("A1", 40), ("A2", 80), ("A3", 90))])
    assert {card.scope: card.rank for card in found.of("agent")} == {"A2": 1, "A3": 1, "A1": 3}


def test_only_people_of_the_role_who_were_here_have_a_card() -> None:
    assert {card.scope for card in run([row("A1", "qc_score", 1, 1)]).of("agent")} == {"A1", "A2", "A3"}


def test_teams_have_a_card_of_their_own_sums() -> None:
    values = [row("A1", "collection_rate", 40, 100), row("North", "collection_rate", 120, 200, kind="team")]
    assert total(run(values), "North") == 75


def test_a_kpi_that_nobody_has_a_target_for_is_named() -> None:
    found = run([row("A1", "collection_rate", 60, 100), row("A1", "qc_score", 9, 10)], targets=TARGETS[:1])
    assert [(problem.code, problem.value) for problem in found.problems] == [("SCORE_NO_TARGET", "qc_score")]
    assert total(found) == 75


ROSTER = [
    {"agent_id": "A2", "work_on": date(2026, 10, 31), "absence": None},  # a roster of the whole month
] + [
    {"agent_id": "A1", "work_on": date(2026, 10, day), "absence": why, "off_phone_minutes": off}
    for day, why, off in ((1, None, 0), (2, "leave", 0), (5, None, 240), (6, "unplanned", 0), (7, None, 430))
]


def test_a_daily_quota_follows_the_roster_leave_and_part_days() -> None:
    """1 whole day, half a day, and the day of an unplanned absence, which lowers nothing; 50 minutes are no day."""
    found = goals([target("noc", 60, "day")], ROSTER)
    assert found.of_agent("noc", "A1", OCTOBER).target == 60 * Fraction(5, 2)


def test_a_monthly_target_loses_what_leave_takes() -> None:
    found = goals([target("collected", 1000)], ROSTER)
    assert found.of_agent("collected", "A1", OCTOBER).target == 1000 * Fraction(5, 2) / 5


def test_a_leaver_has_the_working_days_until_leaving() -> None:
    """October 2026 has 21 working days in Kenya (the 20th is Mashujaa Day); from the 1st to the 10th there are 7."""
    found = goals([target("collected", 1000)])
    assert found.of_agent("collected", "F1", OCTOBER).target == Fraction(7000, 21)
    assert found.of_agent("collected", "A1", OCTOBER).target == 1000


def test_a_rate_is_the_same_on_every_day_and_the_own_row_comes_first() -> None:
    rows = [target("qc_score", 0.93, "day"), target("qc_score", 0.9, kind="agent", scope="A1")]
    found = goals(rows)
    assert [found.of_agent("qc_score", who, OCTOBER).target for who in ("A1", "A2")] == [
        Fraction("0.9"),
        Fraction("0.93"),
    ]


def test_a_team_is_to_reach_what_its_members_are() -> None:
    found = goals([target("collected", 1000), target("collected", 5000, kind="team", scope="South")])
    assert found.of_group("collected", "team", "North", ["A1", "A2"], OCTOBER).target == 2000
    assert found.of_group("collected", "team", "South", ["A3"], OCTOBER).target == 5000
    assert found.of_group("collected", "all", "", ["A1", "A2", "A3"], OCTOBER).target == 7000


@pytest.mark.parametrize(
    ("absence", "days"), [("sick", 0), ("leave", 0), ("training", 0), ("holiday", 0), ("unplanned", 1)]
)
def test_sickness_lowers_the_target_and_unplanned_absence_does_not(absence: str, days: int) -> None:
    """Ways people game a number: only absence that is certified is taken out."""
    rows = [
        {"agent_id": "A1", "work_on": date(2026, 10, day), "absence": why} for day, why in ((1, None), (2, absence))
    ]
    rows.append({"agent_id": "A2", "work_on": date(2026, 10, 31), "absence": None})
    assert goals([target("noc", 60, "day")], rows).of_agent("noc", "A1", OCTOBER).target == 60 * (1 + days)


def test_targets_of_a_day_a_week_and_a_month_are_each_met_by_themselves() -> None:
    """W42 is 12 to 16 October 2026, five working days; the month has 21, the 20th being a holiday."""
    of = {grain: goals([target("ptp_count", 10, grain)]) for grain in ("day", "week", "month")}
    day, week = parse("2026-10-12"), parse("2026-W42")
    assert [of["day"].of_agent("ptp_count", "A1", period).target for period in (day, week, OCTOBER)] == [10, 50, 210]
    assert [of["week"].of_agent("ptp_count", "A1", period).target for period in (day, week)] == [2, 10]
    assert of["month"].of_agent("ptp_count", "A1", week).target == Fraction(50, 21)


amounts = st.integers(0, 200).map(Fraction)


@given(amounts, amounts, st.booleans())
def test_a_better_value_never_scores_less_nor_has_a_worse_light(one: Fraction, other: Fraction, lower: bool) -> None:
    better, worse = (min(one, other), max(one, other)) if lower else (max(one, other), min(one, other))
    for goal in (
        Goal(target=Fraction(90)),
        Goal(worst=Fraction(150 if lower else 50), best=Fraction(50 if lower else 150)),
    ):
        high, low = score_of(better, goal, lower), score_of(worse, goal, lower)
        assert high is not None
        assert low is not None
        assert high >= low
    lights = ("bad", "watch", "good")
    seen = [
        lights.index(light_of(value, Goal(target=Fraction(90)), lower, Fraction(9, 10))) for value in (better, worse)
    ]
    assert seen[0] >= seen[1]


@given(st.lists(st.integers(0, 100), min_size=3, max_size=3), st.permutations(["A1", "A2", "A3"]))
def test_the_order_of_rows_changes_nothing(parts: list[int], order: list[str]) -> None:
    rows = {
        agent: row(agent, "collection_rate", part, 100) for agent, part in zip(("A1", "A2", "A3"), parts, strict=True)
    }
    one, other = run(list(rows.values())), run([rows[agent] for agent in order])
    assert [(card.scope, card.total, card.rank) for card in one.cards] == [
        (card.scope, card.total, card.rank) for card in other.cards
    ]


def test_a_roster_that_ends_today_leaves_the_rest_of_the_month_to_the_working_days() -> None:
    """5 days rostered, of which 2.5 count; 16 working days after the 7th, the 20th being Mashujaa Day."""
    short = [row for row in ROSTER if row["agent_id"] == "A1"]
    found = goals([target("noc", 60, "day")], short)
    assert found.of_agent("noc", "A1", OCTOBER).target == 60 * (Fraction(5, 2) + 16)
    assert found.to(date(2026, 10, 7)).of_agent("noc", "A1", OCTOBER).target == 60 * Fraction(5, 2)


def test_a_joiner_with_a_roster_owes_the_part_of_the_month_since_joining() -> None:
    days = [date(2026, 10, day) for day in (1, 2, 5, 6, 7, 8, 9)]
    found = goals([target("collected", 1000)], [{"agent_id": "F1", "work_on": day, "absence": None} for day in days])
    assert found.of_agent("collected", "F1", OCTOBER).target == Fraction(7000, 21)


def test_of_two_targets_the_one_that_began_last_counts_and_equal_ones_contradict() -> None:
    rows = [target("noc", 8, "day"), target("noc", 20, "day", **{"from": date(2026, 10, 1)})]
    found = goals(rows)
    assert found.of_agent("noc", "A1", OCTOBER).target == 20 * 21
    assert found.contradictions == []
    assert goals([target("noc", 8, "day"), target("noc", 100, "month")]).contradictions == [("noc", "all", "")]


def test_one_persons_own_target_leaves_everybody_elses_as_it_was() -> None:
    own = [target("collection_rate", 0.9, kind="agent", scope="A1")]
    behind = [target("collection_rate", 0.65)]
    found = Goals(own, WorkingDays(Teams(AGENTS), Definitions()), behind)
    assert [found.of_agent("collection_rate", who, OCTOBER).target for who in ("A1", "A2")] == [
        Fraction("0.9"), Fraction("0.65"),
    ]  # fmt: skip


def test_an_hourly_target_is_one_for_each_hour_of_the_standard_day() -> None:
    assert goals([target("noc", 5, "hour")]).of_agent("noc", "A1", OCTOBER).target == 5 * 8 * 21


def test_a_gate_looks_at_a_figure_that_has_no_weight_of_its_own() -> None:
    card = {"kpis": [{"kpi": "collection_rate", "weight": 1}], "gates": [{"kpi": "conduct_complaints", "at_most": 0}]}
    found = run([row("A1", "collection_rate", 80, 100), row("A1", "conduct_complaints", 1)], card=card)
    assert total(found) == 0


@pytest.mark.parametrize("odd", [{"cap": "-2"}, {"target": "-1"}, {"weight": "0"}])
def test_odd_targets_crash_nothing(odd: dict[str, str]) -> None:
    rows = [{**target("conduct_complaints", 0), **odd}, {**target("collection_rate", 0.8), **odd}]
    card = {"kpis": [{"kpi": "collection_rate", "weight": 1}, {"kpi": "conduct_complaints", "weight": 1}]}
    values = [row("A1", "collection_rate", 80, 100), row("A1", "conduct_complaints", 0)]
    for policy in ("respread", "zero"):
        assert run(values, rows, card, no_base=policy).of("agent")


MOVER = [
    {"agent_id": "M1", "name": "Moses", "role": "call_agent", "team": "North", "branch": "Nakuru",
     "valid_to": date(2026, 10, 9)},
    {"agent_id": "M1", "name": "Moses", "role": "call_agent", "team": "South", "branch": "Kisumu",
     "valid_from": date(2026, 10, 10)},
]  # fmt: skip


def goals_with_a_mover(targets: list[dict[str, Any]]) -> Goals:
    return Goals(targets, WorkingDays.of([], Teams([*AGENTS, *MOVER]), Definitions(), country="KE"))


def test_who_moves_owes_each_team_the_days_spent_in_it() -> None:
    """7 of October's 21 working days in Kenya lie before the 10th."""
    found = goals_with_a_mover([target("collected", 2100)])
    assert found.of_agent("collected", "M1", OCTOBER).target == 2100
    assert found.of_group("collected", "team", "North", ["A1", "A2", "M1"], OCTOBER).target == 2 * 2100 + 700
    assert found.of_group("collected", "team", "South", ["A3", "M1"], OCTOBER).target == 2100 + 1400
    assert found.of_group("collected", "all", "", ["A1", "A2", "A3", "M1"], OCTOBER).target == 4 * 2100


def test_who_moves_between_teams_with_targets_of_their_own_owes_each_its_own() -> None:
    of_north = target("collected", 2100, kind="team", scope="North")
    of_south = target("collected", 4200, kind="team", scope="South")
    both = goals_with_a_mover([of_north, of_south])
    assert both.of_agent("collected", "M1", OCTOBER).target == 700 + 2800
    assert both.of_group("collected", "team", "North", ["M1"], OCTOBER).target == 700
    assert both.of_group("collected", "team", "South", ["M1"], OCTOBER).target == 2800
    only_north = goals_with_a_mover([of_north])
    assert only_north.of_agent("collected", "M1", OCTOBER).target == 700
    assert only_north.of_group("collected", "team", "South", ["M1"], OCTOBER).target is None


def test_a_rate_of_a_mover_is_measured_by_the_team_of_the_last_day() -> None:
    rows = [target("qc_score", 0.9, kind="team", scope="North"), target("qc_score", 0.8, kind="team", scope="South")]
    found = goals_with_a_mover(rows)
    assert found.of_agent("qc_score", "M1", OCTOBER).target == Fraction("0.8")
    assert found.of_group("qc_score", "team", "North", ["M1"], OCTOBER).target == Fraction("0.9")


def test_both_teams_of_a_mover_have_a_card() -> None:
    teams = Teams(MOVER)
    rule = Scorecard.model_validate({**CARD, "roles": ["call_agent"]})
    values = pl.DataFrame([row(team, "collection_rate", 50, 100, "team") for team in ("North", "South")])
    found = scorecards([values], goals_with_a_mover(TARGETS), [rule], teams, OCTOBER)
    assert [card.scope for card in found.of("team")] == ["North", "South"]


LATE = {"kpi": "lateness", "weight": 1, "target": 0, "worst": 4, "best": 0}


def test_the_ends_of_a_persons_scale_add_up_for_the_team() -> None:
    """Six times late is the worst for nobody alone (4 is), and 6 of 8 for two; F1 was here for 7 of 21 working days."""
    late = [row("A1", "lateness", 2), row("A2", "lateness", 4), row("North", "lateness", 6, kind="team")]
    found = run(late, targets=[], card={"kpis": [LATE]})
    north = next(card for card in found.of("team") if card.scope == "North").line("lateness")
    assert north is not None
    assert (north.goal.worst, north.goal.best, north.score) == (8, 0, Fraction(1, 4))
    assert [(card.scope, card.total) for card in found.of("agent")][:2] == [("A1", 50), ("A2", 0)]
    shown = goals([target("lateness", 0, worst="4", best="0")])
    assert shown.of_agent("lateness", "F1", OCTOBER).worst == Fraction(4 * 7, 21)


def test_half_a_minute_of_a_shift_is_half_a_minute() -> None:
    """8 hours less 30 seconds of a standard day of 8 hours."""
    first = date(2026, 10, 1)
    shift = {
        "scheduled_in": datetime.combine(first, time(8)),
        "scheduled_out": datetime.combine(first, time(15, 59, 30)),
    }
    day = {"agent_id": "A1", "work_on": first, "absence": None, **shift}
    found = goals([target("noc", 960, "day")], [day])
    assert found.to(first).of_agent("noc", "A1", OCTOBER).target == 959
