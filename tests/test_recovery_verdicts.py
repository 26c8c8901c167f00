"""What is said of activities: by the cost of one more, not by what salaries come to; never from a handful of cases."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from evidence_cases import BALANCES, CALLS, LATER, NOTHING, calls, data_of, done_of, payments
from recovery_cases import COSTS, PAID
from test_recovery_command import PROFILE, TALK, folder_of, rows_of, run
from test_recovery_effects import people

from toolkit.recovery.effects import attempts, effects, hours

WAGES = COSTS + "2026-03,call,Telephone,30,KES,,\n2026-03,salary,Wages,900,KES,,\n2026-03,overhead,Rent,70,KES,,\n"


def test_one_more_call_costs_what_a_call_costs_and_salaries_stand_beside_it(tmp_path: Path) -> None:
    """30.00 for two calls is 15.00 each, as in routes.csv; with wages and rent 1,000.00 for two is 500.00 each."""
    data, own = folder_of(tmp_path, costs=WAGES, payments=PAID, calls=TALK)
    assert run(data, own, tmp_path / "out").exit_code == 0
    row = next(row for row in rows_of(tmp_path / "out" / "effects.csv") if row["bucket"] == "all")
    route = rows_of(tmp_path / "out" / "routes.csv")[0]
    assert (row["activity"], row["cost_each"], row["loaded_each"]) == ("call", "15.00", "500.00")
    assert (route["action"], float(route["cost_each"])) == ("call", 15)


def test_what_stands_first_and_does_not_pay_is_not_called_the_best() -> None:
    """20 of 100 called paid and 20 of 100 left alone: a call adds nothing and costs 3.00."""
    row = effects(done_of(people(100, 100, 20, 20), {"call": 30_000})).row(0, named=True)
    assert (row["place"], row["verdict"], row["net_each"]) == (1, "pays_not", -300)
    assert "costs more than it adds" in row["in_words"]


def test_a_bucket_of_four_accounts_is_too_few_and_costs_of_buckets_add_up() -> None:
    few = effects(done_of(people(4, 9, 4, 0), {"call": 1_001}))
    assert few.filter(pl.col("bucket") != "all")["verdict"].to_list() == ["too_few"]
    table = effects(done_of(people(7, 9, 7, 0), {"call": 1_001}))
    assert table.filter(pl.col("bucket") != "all")["verdict"].to_list() == ["pays"]
    sums = dict(table.group_by(pl.col("bucket") == "all").agg(pl.col("cost").sum()).iter_rows())
    assert sums == {True: 1_001, False: 1_001}


def test_an_attempt_that_may_pay_after_all_is_said_to_be_unsure() -> None:
    """6 of 20 against 6 of 20: chance alone may hide an effect. 0 of 100 against 60 of 100: it does not."""
    unsure = attempts(done_of(people(20, 20, 6, 6), {"call": 2_000}))
    assert unsure["verdict"].to_list() == ["pays_not"]
    assert "chance" in unsure["in_words"][0]
    sure = attempts(done_of(people(100, 100, 0, 60), {"call": 30_000}))
    assert "chance" not in sure["in_words"][0]


HELD = 'least_cases = 2\nhold_out = ["H"]\n'


def of_batches(*batches: str) -> str:
    """L1, L2 and L3 in these batches."""
    heads = "account_id,customer_id,product,activated_on,currency,batch\n"
    return heads + "".join(f"L{place},C{place},lamp,2026-01-01,KES,{of}\n" for place, of in enumerate(batches, 1))


def test_a_batch_held_out_that_no_account_has_is_said(tmp_path: Path) -> None:
    data, own = folder_of(
        tmp_path, PROFILE + "[recovery]\n" + HELD, costs=WAGES, payments=PAID, calls=TALK,
        accounts=of_batches("h", "B", "B"),
    )  # fmt: skip
    result = run(data, own, tmp_path / "out")
    assert "hold_out of the profile names the batch H, which no account has; the accounts' batches are: B, h" in (
        " ".join(result.output.split())
    )


def test_accounts_held_out_that_were_called_all_the_same_are_said(tmp_path: Path) -> None:
    data, own = folder_of(
        tmp_path, PROFILE + "[recovery]\n" + HELD, costs=WAGES, payments=PAID, calls=TALK,
        accounts=of_batches("H", "B", "H"),
    )  # fmt: skip
    result = run(data, own, tmp_path / "out")
    assert "something was done in 2026-03 about 1 of the 2 accounts held out" in " ".join(result.output.split())


def test_midnight_sharp_is_no_hour_for_exports_write_it_that_know_the_day_only() -> None:
    data = data_of(LATER, calls=CALLS + calls("03-02 00:00", "03-03 00:01", "03-04 23:59", "03-05"), payments=NOTHING)
    assert hours(done_of(data)).select("hour", "actions").rows() == [(0, 1), (23, 1)]


def test_an_activity_that_cannot_be_judged_yet_is_not_said_to_be_too_much() -> None:
    data = data_of(date(2026, 3, 5), calls=CALLS + calls("03-02 10:00"), payments=NOTHING)
    row = effects(done_of(data, {"call": 100})).row(0, named=True)
    assert (row["verdict"], row["rate"]) == ("too_few", None)
    assert "too much" not in row["in_words"] and "days are over for 0" in row["in_words"]


@pytest.mark.parametrize(("day", "alone"), [("03-03", 0.5), ("03-04", 0.0)])
def test_what_comes_in_on_its_own_counts_until_the_day_on_which_the_next_action_takes_over(
    day: str, alone: float
) -> None:
    """One of two held out pays on the day before the second call, or on its day: then it is that one's to be beaten."""
    heads = "account_id,customer_id,product,activated_on,currency,batch\n"
    data = data_of(
        LATER,
        accounts=heads
        + "".join(f"{name},C{name},lamp,2026-01-01,KES,{name[0]}\n" for name in ("L1", "H1", "H2", "L3")),
        calls=CALLS + calls("03-02 10:00", "03-04 10:00"),
        payments=payments(f"H1 {day} 12:00 5"),
        balances=BALANCES + "".join(f"{name},2026-02-28,100,40\n" for name in ("L1", "H1", "H2")),
    )
    found = attempts(done_of(data, {"call": 100}, hold_out=("H",), least_cases=2))
    assert found.select("attempt", "self_cure").row(0) == ("1", alone)


def test_the_range_of_what_one_more_leaves_is_after_its_cost_too() -> None:
    row = effects(done_of(people(100, 100, 50, 20), {"call": 30_000})).row(0, named=True)
    ends = [round(row[name] * 10_000) - 300 for name in ("uplift_low", "uplift", "uplift_high")]
    assert [row["net_low"], row["net_each"], row["net_high"]] == pytest.approx(ends, abs=1)
