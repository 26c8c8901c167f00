"""`toolkit recovery --compare`: below a line and from it on, before a day and from it on, with what can be claimed."""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from recovery_cases import COSTS
from test_recovery_command import folder_of, rows_of, run

LEDGER = COSTS + "2026-03,call,Telephone,30,KES,,\n"
HEADS = "account_id,customer_id,product,activated_on,currency\n"
PAID = "payment_id,account_id,agent_id,paid_at,amount,currency,kind,reverses\n"
OWED = "account_id,as_of,balance,days_past_due\n"


def pursued_from(line: int, adds: int) -> dict[str, str]:
    """A hundred accounts that owe 950 to 1,049; each pays a tenth and a few shillings, and more from the line on."""
    owed = [(f"L{place}", 950 + place) for place in range(100)]
    paid = [(name, amount // 10 + amount * 37 % 11 + (adds if amount >= line else 0)) for name, amount in owed]
    return {
        "accounts": HEADS + "".join(f"{name},C{name},lamp,2026-01-01,KES\n" for name, _ in owed),
        "balances": OWED + "".join(f"{name},2026-02-28,{amount},40\n" for name, amount in owed),
        "payments": PAID + "".join(f"P{name},{name},A1,2026-03-05 10:00,{of},KES,,\n" for name, of in paid),
        "costs": LEDGER,
    }


def test_the_step_at_a_line_is_what_statsmodels_finds_by_formula(tmp_path: Path) -> None:
    tables = pursued_from(1_000, 60)
    data, own = folder_of(tmp_path, **tables)
    result = run(data, own, tmp_path / "out", "--compare", "balance:1000:40")
    assert result.exit_code == 0, result.output
    whole, half, paid, _ = rows_of(tmp_path / "out" / "comparison.csv")
    x = np.arange(950, 1050) - 1000
    y = np.array([amount // 10 + amount * 37 % 11 + 60 * (amount >= 1000) for amount in range(950, 1050)])
    for row, near in ((whole, 40), (half, 20)):
        near_it = np.abs(x) <= near
        seen = pd.DataFrame({"x": x[near_it], "y": y[near_it], "over": (x[near_it] >= 0).astype(int)})
        fit = smf.ols("y ~ over * x", seen).fit(cov_type="HC1", use_t=True)
        low, high = fit.conf_int().loc["over"]
        assert (float(row["effect"]), float(row["low"]), float(row["high"])) == pytest.approx(
            (fit.params["over"], low, high), abs=0.005
        )
        assert float(row["low"]) < 60 < float(row["high"])
        assert (row["below"], row["above"]) == (str(near), str(near + 1))
    assert (paid["outcome"], float(paid["effect"])) == ("paid", pytest.approx(0, abs=1e-6))
    assert "It can claim" in whole["claims"] and "It cannot claim" in whole["claims"]
    assert "Compared: balance:1000:40" in result.output and "It cannot claim" in result.output
    record = json.loads((tmp_path / "out" / "recovery.json").read_text(encoding="utf-8"))
    assert record["asked"] == {"what_if": [], "compare": ["balance:1000:40"]}
    book = openpyxl.load_workbook(tmp_path / "out" / "recovery.xlsx")
    assert "balance:1000:40" in {cell.value for cell in book["Comparison"]["B"]}
    assert "It cannot claim" in (tmp_path / "out" / "recovery.html").read_text(encoding="utf-8")


def test_a_line_with_nobody_on_one_side_is_too_few_and_no_failure(tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, **pursued_from(1_000, 60))
    for line in ("balance:900:100", "balance:5000", "days:40", "days:400"):
        result = run(data, own, tmp_path / line.replace(":", "-"), "--compare", line)
        assert result.exit_code == 0, result.output
        assert "too few to compare" in result.output
        assert [row["effect"] for row in rows_of(tmp_path / line.replace(":", "-") / "comparison.csv")] == [""] * 4


def test_before_and_after_a_day_counts_days_on_which_nothing_came_in(tmp_path: Path) -> None:
    """100.00 on every second day of March until the 15th, 300.00 from the 16th on."""
    days = [dt.date(2026, 3, 1) + dt.timedelta(days=place) for place in range(0, 31, 2)]
    rows = "".join(f"P{day:%d},L1,A1,{day} 10:00,{100 if day.day < 16 else 300},KES,,\n" for day in days)
    data, own = folder_of(tmp_path, costs=LEDGER, payments=PAID + rows)
    result = run(data, own, tmp_path / "out", "--compare", "2026-03-16:15")
    assert result.exit_code == 0, result.output
    row = rows_of(tmp_path / "out" / "comparison.csv")[0]
    assert (row["below"], row["above"], row["line"]) == ("15", "16", "2026-03-16")
    assert float(row["naive"]) == pytest.approx(8 * 300 / 16 - 8 * 100 / 15, abs=0.005)
    assert "2026-03-16" in row["in_words"] and "It cannot claim that the measure did it" in row["claims"]


@pytest.mark.parametrize(
    "line", ["=cmd", "balance", "balance:-5", "balance:0", "days:60:0", "2026-02-30", "colour:5", "balance:1e3", ""]
)
def test_a_line_that_is_none_is_a_sentence_and_leaves_nothing(line: str, tmp_path: Path) -> None:
    data, own = folder_of(tmp_path, **pursued_from(1_000, 60))
    result = run(data, own, tmp_path / "out", "--compare", line)
    assert result.exit_code == 1, result.output
    assert "no line that can be compared across" in result.output
    assert not (tmp_path / "out").exists()


def test_without_balances_a_line_through_them_is_said_to_be_missing(tmp_path: Path) -> None:
    tables = pursued_from(1_000, 60)
    del tables["balances"]
    data, own = folder_of(tmp_path, **tables)
    result = run(data, own, tmp_path / "out", "--compare", "balance:1000")
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "out" / "comparison.csv").exists()
    codes = {row["code"]: row for row in rows_of(tmp_path / "out" / "problems.csv")}
    assert any("comparison.csv" in str(row) for row in codes.values())


@pytest.mark.parametrize(
    ("day", "naive"), [("2026-02-28", 0), ("2026-03-01", 50), ("2026-03-31", 50), ("2026-04-01", 0)]
)
def test_what_accounts_paid_is_of_the_period_its_first_and_its_last_day(day: str, naive: int, tmp_path: Path) -> None:
    """Whoever owed 1,000 or more paid 50.00 on one day; 1.00 in January says that the data have payments."""
    tables = pursued_from(1_000, 0)
    rows = "".join(f"P{place},L{place},A1,{day} 10:00,50,KES,,\n" for place in range(50, 100))
    tables["payments"] = f"{PAID}P0,L0,A1,2026-01-05 10:00,1,KES,,\n{rows}"
    data, own = folder_of(tmp_path, **tables)
    result = run(data, own, tmp_path / "out", "--as-of", "2026-04-30", "--compare", "balance:1000:100")
    assert result.exit_code == 0, result.output
    collected, _, paid, _ = rows_of(tmp_path / "out" / "comparison.csv")
    assert float(collected["naive"]) == naive
    assert float(paid["naive"]) == (1 if naive else 0)
