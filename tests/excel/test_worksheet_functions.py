"""What the worksheet functions answer, in the shape of the cells they were given; numbers worked out by hand."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toolkit.excel.ask import band_rate, commission, number, plan_named
from toolkit.excel.ask_scores import LIMITS, kpi, score
from toolkit.excel.cells import as_cell, exact, harmless, money, text_of
from toolkit.problems import ToolkitError
from toolkit.score_targets import Goal
from toolkit.scores import compared_value, score_of

PLAN = """
id = "ASKED"
version = 1
currency = "KES"
country = "KE"
from = 2026-01-01
period = "month"
rate_date = "payment"
arrears_on = "day_before"
rounding = "half_up"
payout_unit = "1"

[credit]
rules = ["named"]

[[component]]
code = "SLICES"
kind = "percent"
measure = "collected"
per = "period"
band_by = "amount"
band_mode = "slice"
band_edge = "from"
bands = [ { from = "0", rate = "1%" }, { from = "1000", rate = "2%" } ]
cap = "100"
cap_excess = "lose"

[[component]]
code = "MET"
kind = "percent"
measure = "collected"
per = "period"
band_by = "attainment"
band_mode = "whole"
band_edge = "from"
target = "collected"
prorate = "none"
bands = [ { from = "0%", rate = "0%" }, { from = "80%", rate = "1%" }, { from = "100%", rate = "3%" } ]

[[component]]
code = "OLD"
kind = "percent"
measure = "collected"
per = "payment"
band_by = "days_past_due"
band_mode = "whole"
band_edge = "above"
bands = [ { from = "0", rate = "1%" }, { from = "30", rate = "5%" } ]

[[component]]
code = "VISITS"
kind = "per_unit"
measure = "visits_verified"
per = "period"
amount = "50"
"""


@pytest.fixture
def plan(tmp_path: Path) -> str:
    (tmp_path / "asked.toml").write_text(PLAN, encoding="utf-8")
    return str(tmp_path / "asked.toml")


def test_slices_are_paid_each_at_its_own_rate_up_to_the_cap(plan: str) -> None:
    # 1,000 x 1 % + 500 x 2 % = 20; 999.99 x 1 % = 9.9999; 6,000: 10 + 100, cut to 100
    amounts = [[1500.0, 999.99, 6000.0]]
    assert commission(f"{plan}:SLICES", amounts, None) == [[20.0, 10.0, 100.0]]


def test_an_attainment_belongs_to_each_amount_or_to_all(plan: str) -> None:
    # 500 at 79.99 %, 80 % and 100 % of target: nothing, 1 %, 3 %
    amounts = [[500.0], [500.0], [500.0]]
    assert commission(f"{plan}:MET", amounts, [[0.7999], [0.8], [1.0]]) == [[0.0], [5.0], [15.0]]
    assert commission(f"{plan}:MET", amounts, [["80%"]]) == [[5.0], [5.0], [5.0]]


def test_without_a_component_all_that_an_amount_is_enough_for_are_added(plan: str) -> None:
    # SLICES 500 x 1 % = 5 and MET 500 x 3 % = 15; OLD looks at days past due, VISITS at visits
    assert commission(plan, [[500.0]], [[1.2]]) == [[20.0]]


def test_an_empty_cell_stays_empty_and_a_text_that_is_an_amount_counts(plan: str) -> None:
    assert commission(f"{plan}:SLICES", [[None, "1,500.00"]], None) == [[None, 20.0]]


@pytest.mark.parametrize(
    ("component", "values", "rates"),
    [
        ("SLICES", [[999.99, 1000.0]], [[0.01, 0.02]]),
        ("MET", [["79.99%", 0.8, 1.0, 2.0]], [[0.0, 0.01, 0.03, 0.03]]),
        ("OLD", [[0.0, 1.0, 30.0, 31.0]], [[0.0, 0.01, 0.01, 0.05]]),
        ("VISITS", [[1.0, None]], [[50.0, None]]),
    ],
)
def test_a_value_on_a_start_belongs_to_the_band_that_the_plan_says(
    plan: str, component: str, values: list[list[object]], rates: list[list[float | None]]
) -> None:
    assert band_rate(plan, component, values) == rates


def test_plans_of_the_shipped_set_ups_are_known_by_their_ids_the_latest_version_first() -> None:
    found, component = plan_named("FIELD-KE:CASH")
    assert (found.id, found.version, component) == ("FIELD-KE", 2, "CASH")


def test_a_plan_that_was_edited_is_read_again(plan: str) -> None:
    import os

    assert commission(f"{plan}:SLICES", [[100.0]], None) == [[1.0]]
    Path(plan).write_text(PLAN.replace('rate = "1%" }, { from = "1000"', 'rate = "5%" }, { from = "1000"'))
    os.utime(plan, (2_000_000_000, 2_000_000_000))
    assert commission(f"{plan}:SLICES", [[100.0]], None) == [[5.0]]


@pytest.mark.parametrize(
    ("asked", "amounts", "met", "sentence"),
    [
        ("NO-SUCH-PLAN", [[1.0]], None, "there is no plan “NO-SUCH-PLAN”"),
        ("{plan}:CASHH", [[1.0]], None, "no component “CASHH”; it has SLICES, MET, OLD, VISITS"),
        ("{plan}:OLD", [[1.0]], None, "no component of ASKED is worked out from an amount alone"),
        ("{plan}", [["12,00O"]], None, "“12,00O” is not an amount"),
        ("{plan}", [["#REF!"]], None, "“#REF!” is not an amount"),
        ("{plan}", [[1.0, 2.0]], [[1.0], [1.0]], "give as many attainments as amounts, or one"),
        ("{plan}", [[10.005]], None, "“10.005” is not an amount"),
    ],
)
def test_what_is_in_the_way_is_one_sentence(
    plan: str, asked: str, amounts: list[list[object]], met: list[list[object]] | None, sentence: str
) -> None:
    with pytest.raises(ToolkitError, match=sentence.replace("+", r"\+")):
        commission(asked.format(plan=plan), amounts, met)


@pytest.mark.parametrize(
    ("cell", "text"),
    [(0.1 + 0.2, "0.3"), (1234.5, "1234.5"), (1e6, "1000000"), (True, "TRUE"), (None, ""), (-2146826246, "#N/A")],
)
def test_a_cell_is_read_as_excel_shows_it(cell: object, text: str) -> None:
    assert text_of(cell) == text


def test_floats_become_the_money_that_was_typed() -> None:
    for minor in (1, 10, 29, 57, 115, 1_010, 999_999, 12_345_678_901):
        assert money(minor / 100, "KES") == minor
        assert as_cell(minor, 2) == minor / 100
    assert money(0.1 + 0.7, "KES") == 80
    assert f"{exact(1e15):f}" == "1000000000000000"


def test_text_that_could_be_a_formula_gets_the_mark_of_a_text() -> None:
    assert [harmless(text) for text in ("=1+1", "+1", "@A1", "Amina")] == ["'=1+1", "'+1", "'@A1", "Amina"]


# --- KPI and SCORE -------------------------------------------------------------------------------------


def test_a_kpi_is_its_count_over_its_base_and_no_base_is_said_in_words() -> None:
    counts, bases = [[3.0, 0.0], [2.0, 5.0]], [[4.0, 4.0], [0.0, None]]
    assert kpi("call_effectiveness", counts, bases) == [[0.75, 0.0], ["no base", "no base"]]
    assert kpi("call_effectiveness", [[None], ["1,200"]], [[None], [2400.0]]) == [[None], [0.5]]
    assert kpi("call_effectiveness", [[1.0], [3.0]], [[4.0]]) == [[0.25], [0.75]]


def test_a_count_is_itself_and_what_is_said_per_thousand_is_per_thousand() -> None:
    assert kpi("noc", [[41.0, None]], None) == [[41.0, None]]
    assert kpi("contacts_per_day", [[90.0]], [[4.0]]) == [[22.5]]
    assert kpi("complaint_rate", [[3.0]], [[1500.0]]) == [[2.0]]


@pytest.mark.parametrize(
    ("code", "counts", "bases", "sentence"),
    [
        ("no_such", [[1.0]], None, "“no_such” is no KPI"),
        ("collection_rate", [[1.0]], None, "collection_rate is a share: give its denominators too"),
        ("noc", [["many"]], None, "“many” is not a number"),
        ("noc", [["#REF!"]], None, "“#REF!” is not a number"),
        ("collection_rate", [[1.0, 2.0]], [[1.0], [2.0]], "as many denominators as numerators, or one"),
    ],
)
def test_why_a_kpi_has_no_answer(code: str, counts: Any, bases: Any, sentence: str) -> None:
    with pytest.raises(ToolkitError, match=sentence):
        kpi(code, counts, bases)


def points(value: object, direction: str = "", **limits: object) -> object:
    """The score of one cell."""
    cells = {name: [[limits[name]]] if name in limits else None for name in LIMITS}
    return score([[value]], cells, direction)[0][0]


def test_a_score_is_the_share_of_the_target_or_the_place_between_worst_and_best() -> None:
    assert points(0.6, target=0.8) == 0.75
    assert points("60%", target="80%") == 0.75
    assert points(0.83, worst=0.73, best=0.93) == 0.5
    assert points(5.0, worst=10.0, best=0.0) == 0.5
    assert points(1.2, target=0.8) == 1.0
    assert points(1.2, target=0.8, cap=1.2) == 1.2
    assert points(0.59, target=0.8, floor=0.6) == 0.0


def test_less_is_better_where_the_direction_or_the_kpi_says_so() -> None:
    assert points(4.0, "lower", target=2.0) == 0.5
    assert points(4.0, "conduct_complaints", target=2.0) == 0.5
    assert points(4.0, "noc", target=2.0) == 1.0
    assert points(0.0, "lower", target=0.0) == 1.0
    assert points(1.0, "lower", target=0.0) == 0.0


def test_without_a_value_or_a_target_a_score_is_words_or_nothing() -> None:
    assert points("no base", target=0.8) == "no base"
    assert points(None, target=0.8) is None
    assert points(0.5) == "no target"


def test_many_values_have_one_target_or_each_their_own() -> None:
    nothing = dict.fromkeys(LIMITS)
    assert score([[0.4], [0.8]], {**nothing, "target": [[0.8]]}, "") == [[0.5], [1.0]]
    assert score([[0.4, 0.4]], {**nothing, "target": [[0.8, 0.5]]}, "") == [[0.5, 0.8]]
    with pytest.raises(ToolkitError, match="as many of target as values, or one"):
        score([[0.4], [0.8]], {**nothing, "target": [[0.8, 0.5]]}, "")
    with pytest.raises(ToolkitError, match="worst and best together"):
        points(0.4, worst=0.1)
    with pytest.raises(ToolkitError, match="neither higher nor lower nor a KPI"):
        points(0.4, "upwards", target=1.0)


figures = st.one_of(
    st.decimals(-2, 500, places=2).map(float), st.floats(-2, 2000), st.sampled_from([0.0, 1.0, 1 / 3, 0.93])
)
maybe = st.one_of(st.none(), figures)


@given(value=figures, target=maybe, ends=st.one_of(st.none(), st.tuples(figures, figures)), floor=maybe,
       cap=st.sampled_from([None, 1.0, 1.2, 1.5]), lower=st.booleans())  # fmt: skip
def test_the_function_gives_to_the_last_bit_what_the_scorecard_gives(
    value: float, target: float | None, ends: tuple[float, float] | None, floor: float | None, cap: float | None,
    lower: bool,
) -> None:  # fmt: skip
    limits = {"target": target, "worst": ends and ends[0], "best": ends and ends[1], "floor": floor, "cap": cap}
    goal = Goal(**{name: None if cell is None else number(cell) for name, cell in limits.items()})
    compared = compared_value(value)
    assert compared is not None
    assume(not lower or goal.target is None or goal.target >= 0)
    expected = score_of(compared, goal, lower)
    cells = {name: None if cell is None else [[cell]] for name, cell in limits.items()}
    found = score([[value]], cells, "lower" if lower else "higher")[0][0]
    assert found == ("no target" if expected is None else float(expected))
