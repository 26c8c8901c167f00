"""What if: the list, its range and where the decision turns; what a desk has to collect; whether a measure did it."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from evidence_cases import BALANCES, CALLS, MARCH, NOTHING, calls, data_of, frame, on_every_engine, payments
from hypothesis import given
from hypothesis import strategies as st

from toolkit.kpis.data import Data
from toolkit.problems import ToolkitError
from toolkit.recovery.asked import change_of, line_of
from toolkit.recovery.comparison import LEAST, compare
from toolkit.recovery.desk import desk, needed
from toolkit.recovery.evidence import FILES, evidence
from toolkit.recovery.what_if import (
    LIMIT,
    STEPS_SCHEMA,
    Change,
    changed,
    plan,
    sensitivity,
    turning_points,
    what_if,
)  # fmt: skip
from toolkit.recovery.worth import break_even, expected_net, worth_pursuing
from toolkit.recovery_rules import RecoveryRules

MILLION = 1_000_000


def steps(*rows: str) -> pl.DataFrame:
    """``L1 30-59 call 10000 300 0 0.2 0.3 0.4`` each: account, bucket, rung, recoverable, cost, fee, chances."""
    cells = [row.split() for row in rows]
    made = [
        (account, bucket, rung, rung, int(owed), int(cost), *(int(Fraction(share) * MILLION) for share in shares))
        for account, bucket, rung, owed, cost, *shares in cells
    ]
    return pl.DataFrame(made, schema=STEPS_SCHEMA, orient="row")


CALL, VISIT = "L1 30-59 call 10000 300 0 0.02 0.03 0.04", "L1 30-59 visit 10000 300 0 0.2 0.3 0.4"
TWO = steps("L1 30-59 call 10000 300 0 0.2 0.3 0.4", "L2 90+ call 10000 300 0 0.02 0.05 0.1")


def row(table: pl.DataFrame, case: str) -> Any:
    return table.filter(pl.col("case") == case).row(0, named=True)


def test_now_and_then_with_a_range_for_both() -> None:
    """L1 is worth it at 20 % of 100.00 for 3.00; L2 is not at 2 %, but is once a call costs 1.50."""
    found = what_if(frame(TWO), [Change("cost", factor=Fraction(1, 2))])
    now, same, then = (row(found, case) for case in ("now", "same_list", "then"))
    assert (now["accounts"], now["pursued"], now["cost"], now["recovered"]) == (2, 1, 300, 3_000)
    assert (now["net_low"], now["net"], now["net_high"]) == (1_700, 2_700, 3_700)
    assert (same["pursued"], same["cost"], same["net"]) == (1, 150, 2_850)
    assert (then["pursued"], then["cost"], then["net_low"], then["net"]) == (2, 300, 1_900, 3_200)


@pytest.mark.parametrize(("cost", "pursued"), [(1_999, 1), (2_000, 0), (2_001, 0)])
def test_a_step_that_breaks_even_is_not_taken(cost: int, pursued: int) -> None:
    found = what_if(frame(steps("L1 30-59 call 10000 300 0 0.2 0.3 0.4")), [Change("cost", value=cost)])
    assert row(found, "then")["pursued"] == pursued


def test_an_account_takes_one_step_the_best_one_and_of_equals_the_cheaper() -> None:
    assert plan(frame(steps(CALL, VISIT)))["rung"].to_list() == ["visit"]
    equal = steps("L1 30-59 visit 10000 1000 0 0.2 0.2 0.2", "L1 30-59 call 10000 500 0 0.15 0.2 0.2")
    assert plan(frame(equal))["rung"].to_list() == ["call"]


def test_a_change_is_of_the_steps_that_it_names_only_and_a_chance_never_above_one() -> None:
    both = steps(CALL, "L1 30-59 visit 10000 300 0 0.5 0.6 0.7", "L2 90+ visit 10000 300 0 0.5 0.6 0.7")
    dearer = changed(frame(both), [Change("cost", value=7, rung="visit", bucket="90+")])
    assert dearer["cost"].to_list() == [300, 300, 7]
    likely = changed(frame(both), [Change("chance", factor=Fraction(2), channel="visit")])
    assert likely["chance"].to_list() == [30_000, MILLION, MILLION]
    assert likely["chance_low"].to_list() == [20_000, MILLION, MILLION]


@pytest.mark.parametrize("wrong", [{}, {"factor": Fraction(1), "value": 1}, {"value": -1}, {"factor": Fraction(-1)}])
def test_a_change_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"change|changed"):
        Change("cost", **wrong)


@pytest.mark.parametrize(
    "wrong", ["L1 b call -1 0 0 0 0 0", "L1 b call 1 0 0 0 0 2", f"L1 b call 0 {LIMIT + 1} 0 0 0 0"]
)
def test_figures_that_cannot_be_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"nothing|millionths|exact"):
        plan(frame(steps(wrong)))


def test_a_list_of_nobody_costs_and_brings_nothing() -> None:
    for rows in (steps(), steps("L1 b call 0 300 0 1 1 1")):
        then = row(what_if(frame(rows), []), "then")
        assert (then["pursued"], then["cost"], then["net_low"], then["net"], then["net_high"]) == (0, 0, 0, 0, 0)
    assert turning_points(frame(steps())).height == 0


def test_sensitivity_is_a_range_of_costs_by_chances() -> None:
    table = sensitivity(frame(TWO))
    assert table.height == 15
    found = {(change, chance): net for change, chance, net in table.select("cost_change", "chance", "net").iter_rows()}
    assert (found[0, "chance_low"], found[0, "chance"], found[0, "chance_high"]) == (1_700, 2_700, 3_700)
    assert (found[-20, "chance"], found[20, "chance"]) == (2_760, 2_640)


def test_the_value_at_which_the_decision_turns() -> None:
    """COST-2 (Kaplan, insideARM 2012): 10,000 at 35 % fee leaves 6,500; at 50 % a suit may cost 3,250."""
    found = turning_points(frame(steps("L1 30-59 legal 1000000 50000 0.35 0.5 0.6 0.7"))).row(0, named=True)
    assert (found["recoverable_each"], found["break_even_cost"]) == (650_000, 325_000)
    assert (found["break_even_chance"], found["cost_factor"], found["verdict"]) == (76_924, 6_500_000, "pays")


def test_the_tribunals_litigation_never_breaks_even() -> None:
    """COST-1 (Kenya Tax Appeal 1237 of 2022): 109,640 after a debt of 6,478 on average: 16.9 times."""
    found = turning_points(frame(steps("L1 90+ legal 647796 10964000 0 1 1 1"))).row(0, named=True)
    assert (found["verdict"], round(found["break_even_chance"] / MILLION, 1)) == ("never", 16.9)
    assert turning_points(frame(steps("L1 b call 0 5 0 1 1 1")))["verdict"].item() == "never"


@pytest.mark.parametrize(
    ("asked", "net"),
    [("fee=0.5", 480), ("fee*2", 480), ("fee=0", -20), ("fee*0.5", 105)],
)
def test_of_an_agency_the_fee_that_is_asked_about_is_the_one_it_earns(asked: str, net: int) -> None:
    """A quarter of 10.00 is earned, less 0.20; twice the fee is half of it, and so on."""
    table = frame(steps("L1 30-59 call 1000 20 0.75 1 1 1"))
    change = change_of(asked, ["call"], 2, earned=True)
    found = what_if(table, [change]).filter(pl.col("case") == "same_list")["net"].item()
    assert found == net


shares = st.integers(0, 100).map(lambda percent: Fraction(percent, 100))
one_step = st.tuples(
    st.sampled_from(["L1", "L2", "L3"]), st.sampled_from(["call", "visit"]), st.integers(0, 10**7),
    st.integers(0, 10**5),
    shares, st.lists(shares, min_size=3, max_size=3).map(sorted),
)  # fmt: skip
tables = st.lists(one_step, max_size=6, unique_by=lambda step: step[:2])


def made(listed: Any) -> pl.DataFrame:
    return steps(
        *(f"{a} b {rung} {owed} {cost} {fee} {' '.join(map(str, ps))}" for a, rung, owed, cost, fee, ps in listed)
    )


@given(tables, st.integers(0, 10**5))
def test_a_worthless_account_never_raises_the_net_and_twice_the_cost_is_twice_the_cost(listed: Any, cost: int) -> None:
    before = what_if(frame(made(listed)), [Change("cost", factor=Fraction(2))])
    more = pl.concat([made(listed), steps(f"X b call 0 {cost} 0 1 1 1")])
    assert row(what_if(frame(more), []), "now")["net"] == row(before, "now")["net"]
    assert row(before, "same_list")["cost"] == 2 * row(before, "now")["cost"]
    assert row(before, "then")["pursued"] <= row(before, "now")["pursued"]
    assert row(before, "now")["net_low"] <= row(before, "now")["net"] <= row(before, "now")["net_high"]


@given(tables)
def test_a_second_count_with_fractions_agrees_to_the_unit(listed: Any) -> None:
    best: dict[str, tuple[Fraction, int, str, Fraction]] = {}
    for account, rung, owed, cost, fee, (low, likely, _) in listed:
        left = Fraction(int(owed * (1 - fee)))  # a fee is rounded up to the unit
        surplus = expected_net(low, left, Fraction(cost))
        if worth_pursuing(low, left, Fraction(cost)).worth_it:
            key = (-surplus, cost, rung, likely * left)
            best[account] = min(best.get(account, key), key)
    now = row(what_if(frame(made(listed)), []), "now")
    assert now["pursued"] == len(best)
    assert now["cost"] == sum(cost for _, cost, _, _ in best.values())
    assert now["recovered"] == int(sum(part for *_, part in best.values()))


def test_break_even_of_one_step_is_that_of_the_single_decision() -> None:
    found = turning_points(frame(steps("L1 b call 10000 300 0 0.2 0.3 0.4")))["break_even_chance"].item()
    assert Fraction(found, MILLION) == break_even(Fraction(300), Fraction(10_000))


# Desks ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "margin", "target"),
    [(30_000, "0.1", 300_000), (1, "0.3", 4), (0, "0", 0), (1, "0", None), (100, "1", 100)],
)
def test_a_salary_has_to_be_earned_at_the_margin(cost: int, margin: str, target: int | None) -> None:
    assert needed(cost, Fraction(margin)) == target


@pytest.mark.parametrize("wrong", [(-1, "0.5"), (1, "1.1"), (1, "-0.1")])
def test_a_cost_below_nothing_and_a_margin_that_is_none_are_refused(wrong: tuple[int, str]) -> None:
    with pytest.raises(ValueError, match="below nothing"):
        needed(wrong[0], Fraction(wrong[1]))


def loaded(*rows: tuple[str, str, int]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema={"agent_id": pl.String, "team": pl.String, "amount": pl.Int64}, orient="row")


COST = loaded(("A1", "North", 3_000), ("A2", "North", 3_000), ("A3", "South", 3_000), ("", "", 500))
GOT = payments("L1 03-05 10:00 300", "L2 03-06 10:00 299").replace("P1,L2,A1", "P1,L2,A2")


def desks(data: Data, costs: pl.DataFrame | None = COST, margin: Fraction | None = None) -> dict[Any, Any]:
    return {(one["scope_kind"], one["scope"]): one for one in desk(data, MARCH, costs, margin).iter_rows(named=True)}


def test_a_desk_is_reached_at_its_target_and_short_one_unit_below() -> None:
    found = desks(data_of(payments=GOT), margin=Fraction(1, 10))
    words = {
        scope: (one["needed"], one["collected"], one["short"], one["verdict"])
        for (kind, scope), one in found.items()
        if kind == "agent"
    }
    assert words == {
        "A1": (30_000, 30_000, 0, "reached"), "A2": (30_000, 29_900, 100, "short"), "A3": (30_000, 0, 30_000, "short"),
    }  # fmt: skip
    team, whole = found["team", "North"], found["all", ""]
    assert (team["needed"], team["collected"], team["verdict"]) == (60_000, 59_900, "short")
    assert (whole["cost"], whole["needed"], whole["collected"]) == (9_500, 95_000, 59_900)


def test_the_fees_of_the_accounts_that_paid_are_the_margin_and_one_s_own_debts_keep_everything() -> None:
    rates = "account_id,customer_id,product,activated_on,currency,fee_rate\n"
    rates += "L1,C1,lamp,2026-01-01,KES,0.1\nL2,C2,lamp,2026-01-01,KES,0.3\nL3,C3,lamp,2026-01-01,KES,0.5\n"
    agency = desks(data_of(payments=GOT, accounts=rates))
    assert [agency["agent", who]["margin_ppm"] for who in ("A1", "A2")] == [100_000, 300_000]
    assert (agency["agent", "A2"]["needed"], agency["agent", "A2"]["short"]) == (10_000, 0)
    assert agency["team", "North"]["earned"] == 3_000 + 8_970
    assert desks(data_of(payments=GOT))["agent", "A1"]["needed"] == 3_000


def test_a_desk_without_known_cost_has_no_target_and_at_no_margin_there_never_is_one() -> None:
    assert desks(data_of(payments=GOT), loaded())["agent", "A1"]["verdict"] == "no_cost"
    assert desks(data_of(payments=GOT), margin=Fraction(0))["agent", "A1"]["verdict"] == "never"
    ledger = "period,channel,amount,currency,agent_id\n2026-03,salary,40,KES,A1\n2026-03,overhead,7,KES,\n"
    found = desks(data_of(payments=GOT, costs=ledger), None)
    assert (found["agent", "A1"]["cost"], found["all", ""]["cost"]) == (4_000, 4_700)


def test_money_taken_back_is_not_collected() -> None:
    back = GOT + "B1,L1,A1,2026-03-20 10:00,-100,KES,instalment,P0\n"
    assert desks(data_of(payments=back))["agent", "A1"]["collected"] == 20_000


# Comparisons ----------------------------------------------------------------------------------------------------------

X = np.arange(900, 1100, 2.0)
NOISE = np.where(np.arange(len(X)) % 2 == 0, 5.0, -5.0)


def stepped(step: float, slope: float = 2.0) -> Any:
    return 100 + slope * (X - 1000) + step * (X >= 1000) + NOISE


def test_a_step_at_the_line_is_found_where_the_plain_difference_takes_the_slope_for_an_effect() -> None:
    found = compare(list(X), list(stepped(50)), 1000, 100)
    assert found.effect == pytest.approx(50, abs=3)
    assert found.low is not None and found.high is not None and found.low < 50 < found.high
    assert found.naive == pytest.approx(250, abs=1)
    assert (found.below, found.above, found.crowded) == (50, 50, False)
    assert any("cannot claim" in sentence for sentence in found.sentences)
    assert any("250" in sentence for sentence in found.sentences)


def test_the_published_step_at_a_thousand_is_found_and_pays_for_what_it_costs() -> None:
    """COST-6 (charged-off debts, 1,882 accounts, strategy of 50 more from 1,000 on): the step lifts what is recovered
    by 277.63 within 100 of the line, while the plain difference says 332.81. Marginal recovery, not the average, is
    held against the marginal cost."""
    published, plain, cost = Fraction("277.63"), Fraction("332.81"), Fraction(50)
    apart = float(X[X >= 1000].mean() - X[X < 1000].mean())
    found = compare(list(X), list(stepped(float(published), float(plain - published) / apart)), 1000, 100)
    assert found.effect == pytest.approx(float(published), abs=3)
    assert found.naive == pytest.approx(float(plain), abs=0.01)
    verdict = worth_pursuing(Fraction(1), published, cost)
    assert (verdict.word, verdict.surplus) == ("pursue", published - cost)
    assert any("332.81" in sentence for sentence in found.sentences)
    # where the slope alone makes the difference there is no marginal recovery, whatever the averages say
    flat = compare(list(X), list(stepped(0, float(plain) / apart)), 1000, 100)
    assert flat.naive == pytest.approx(float(plain), abs=0.01)
    assert flat.high is not None and flat.high < cost
    assert worth_pursuing(Fraction(1), max(Fraction(0), Fraction(str(flat.effect))), cost).word == "never"


def test_without_a_step_chance_explains_it() -> None:
    found = compare(list(X), list(stepped(0)), 1000, 100)
    assert found.low is not None and found.high is not None and found.low < 0 < found.high
    assert "no step that chance does not explain" in found.sentences[0]


def test_the_bandwidth_has_both_its_ends_and_a_case_on_the_line_is_above_it() -> None:
    found = compare([899.9, 900, 1000, 1100, 1100.1, float("nan")], [1] * 6, 1000, 100)
    assert (found.below, found.above) == (1, 2)


@pytest.mark.parametrize(("cases", "says"), [(LEAST - 1, False), (LEAST, True)])
def test_too_few_cases_on_a_side_are_said(cases: int, says: bool) -> None:
    x = [*range(-cases, 0), *range(50)]
    found = compare(x, [float(one % 7) for one in x], 0, 100)
    assert (found.effect is not None) == says
    assert ("too few" in found.sentences[0]) != says
    assert found.naive is not None


def test_nothing_at_all_is_too_few_and_has_no_difference() -> None:
    found = compare([], [], 0, 1)
    assert (found.effect, found.naive, found.below, found.above) == (None, None, 0, 0)
    with pytest.raises(ValueError, match="bandwidth"):
        compare([1], [1], 0, 0)


def test_before_and_after_names_what_else_may_have_changed() -> None:
    found = compare(list(X), list(stepped(50)), 1000, 100, "before_after")
    assert any("season, paydays" in sentence for sentence in found.sentences)


def test_cases_crowding_on_one_side_of_the_line_are_no_effect() -> None:
    x = [*X, *[1000.5] * 40]
    found = compare(x, [*stepped(50), *[150.0] * 40], 1000, 100)
    assert found.crowded
    assert "on purpose" in found.sentences[-1]


# All of them ----------------------------------------------------------------------------------------------------------


def test_every_table_has_its_file_and_money_is_in_the_currencys_unit(tmp_path: Path) -> None:
    accounts = "account_id,customer_id,product,activated_on,currency,placed_on,placed_amount,batch,status,closed_on\n"
    accounts += "L1,C1,lamp,2026-01-01,KES,2026-01-05,1000,B1,active,\nL3,C3,lamp,2026-01-01,KES,,,,active,\n"
    data = data_of(
        accounts=accounts, calls=CALLS + calls("03-02 10:00"), payments=payments("L1 03-05 10:00 12.5"),
        balances=BALANCES + "L1,2026-02-28,100,40\nL1,2026-03-31,87.5,71\n",
    )  # fmt: skip
    found = evidence(
        data, RecoveryRules(), MARCH, steps=TWO, changes=[Change("cost", factor=Fraction(2))],
        lines=[line_of("balance:100")],
    )  # fmt: skip
    assert tuple(found.tables) == FILES
    assert not found.problems
    assert str(found.tables["effects.csv"]["amount"][0]) == "12.50"
    assert str(found.tables["rolls.csv"]["closing"][0]) == "87.50"
    kinds = found.tables["flows.csv"].filter(pl.col("state") == "30-59").sort("unit")
    assert [str(one) for one in kinds["opening"]] == ["1.00", "100.00"]
    for name, table in found.tables.items():
        table.write_csv(tmp_path / name)
    assert "12.50" in (tmp_path / "effects.csv").read_text(encoding="utf-8")


def test_what_the_data_lack_is_said_and_the_rest_is_made() -> None:
    found = evidence(data_of(payments=NOTHING), RecoveryRules(), MARCH)
    assert set(found.tables) == {"vintage.csv", "desk.csv"}
    said = {one.value: str(one) for one in found.problems}
    assert "balances" in said["rolls.csv, flows.csv, roll_rates.csv, loss_forecast.csv"]


def test_every_engine_gives_the_same() -> None:
    data = data_of(payments=GOT)
    on_every_engine(data, lambda of: [desk(of, MARCH, COST)])
    like = Data({**data.tables, "steps": frame(TWO)}, data.as_of)

    def asked(of: Data) -> list[pl.DataFrame]:
        rows = of.tables["steps"]
        return [what_if(rows, [Change("cost", factor=Fraction(6, 5))]), sensitivity(rows), turning_points(rows)]

    on_every_engine(like, asked)


@pytest.mark.parametrize("factor", [Fraction(1), Fraction(1, 3), Fraction(999_999_999, 1_000_000), Fraction(1_000)])
def test_great_amounts_times_a_factor_are_exact(factor: Fraction) -> None:
    """9,000,000,000 times 999.999999: a product of the numerators would not fit in 64 bits."""
    amounts = [0, 1, 7, 123_456_789, 9_000_000_000]
    rows = steps(*(f"L{place} 30-59 call {amount} 300 0 0.2 0.3 0.4" for place, amount in enumerate(amounts)))
    found = changed(frame(rows), [Change("recoverable", factor=factor)]).to_native()
    assert found["recoverable"].to_list() == [int(amount * factor) for amount in amounts]


def test_a_factor_that_nobody_asks_for_is_refused() -> None:
    with pytest.raises(ToolkitError, match="multiplied by more than 1,000"):
        change_of("cost*1000.1", [], 2)
    assert change_of("cost*1000", [], 2).factor == 1_000


def test_amounts_too_great_to_be_exact_leave_the_what_if_out_and_say_so() -> None:
    found = evidence(
        data_of(calls=CALLS + calls("03-02 10:00"), payments=payments("L1 03-05 10:00 12.5")), RecoveryRules(), MARCH,
        steps=TWO, changes=[Change("cost", value=10**13)],
    )  # fmt: skip
    assert "what_if.csv" not in found.tables and "effects.csv" in found.tables
    assert "WHAT_IF_TOO_GREAT" in [one.code for one in found.problems]
