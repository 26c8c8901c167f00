"""What is worth pursuing, effects and curves of a few accounts, in the columns and units that their files have."""

from decimal import Decimal
from typing import Any

import polars as pl

LADDER = """
[recovery]
least_cases = 2
[[recovery.rungs]]
code = "sms"
title = "SMS"
channel = "sms"
cost = "1"
[[recovery.rungs]]
code = "visit"
title = "Visit"
channel = "visit"
cost = "50"
"""
CHANCES = {("sms", "0-6"): ("0.2", "0.3", "0.4"), ("visit", "7-29"): ("0.5", "0.6", "0.7")}
"""Lower end (which decides), likely, higher end."""
COST = {"sms": Decimal("1.00"), "visit": Decimal("50.00")}
TITLES = {"sms": "SMS", "visit": "Visit", "write_off_review": "Write-off review"}
ACCOUNTS = (
    ("L1", "sms", "0-6", 100),
    ("L2", "sms", "0-6", 6),
    ("L3", "visit", "7-29", 400),
    ("L4", "visit", "7-29", 105),
)
CENT = Decimal("0.01")


def _account(account: str, rung: str, bucket: str, owed: int) -> dict[str, Any]:
    low, likely, high = (Decimal(text) for text in CHANCES[rung, bucket])
    cost, amount = COST[rung], Decimal(owed)
    nets = [(chance * amount - cost).quantize(CENT) for chance in (low, likely, high)]
    return {
        "account_id": account, "product": "lamp", "bucket": bucket, "days_past_due": 5,
        "balance": amount.quantize(CENT), "spent": Decimal("0.00"), "failed": 0, "next": rung, "title": TITLES[rung],
        "reason": "pursue", "chance": low,
        "chance_low": low, "chance_high": high, "recoverable": amount.quantize(CENT), "cost": cost,
        "break_even": (cost / amount).quantize(Decimal("0.000001")), "expected_net": nets[0], "net_low": nets[0],
        "net_likely": nets[1], "net_high": nets[2], "stop_at": "", "review_on": None, "veto": "",
        "why": f"{account} pays",
    }  # fmt: skip


def pursue(extra: str = "=cmd|x") -> pl.DataFrame:
    """Four accounts worth a step and one that is not, whose number is a formula."""
    rows = [_account(*account) for account in ACCOUNTS]
    none = dict.fromkeys(rows[0]) | {
        "account_id": extra, "product": "lamp", "bucket": "180+", "days_past_due": 400, "balance": Decimal("30.00"),
        "spent": Decimal("9.00"), "failed": 4, "next": "write_off_review", "title": "Write-off review",
        "reason": "none_pays", "stop_at": "sms", "veto": "", "why": "No step pays.",
    }  # fmt: skip
    return pl.DataFrame([*rows, none], infer_schema_length=None)


def summary() -> pl.DataFrame:
    """`pursue` by next step."""
    names = ("balance", "cost", "expected_net", "net_low", "net_likely", "net_high")
    sums = [pl.col(name).fill_null(Decimal("0.00")).sum() for name in names]
    return pursue().group_by("next", "title", maintain_order=True).agg(pl.len().cast(pl.Int64).alias("accounts"), *sums)


def effects() -> pl.DataFrame:
    """Two activities of which one pays, and one of which nobody knows the cost."""
    rows = [_effect("sms", "all", 40, "2.50", "1.00"), _effect("visit", "all", 10, "-4.00", "50.00")]
    rows += [_effect("email", "all", 3, None, None), _effect("sms", "0-6", 40, "2.50", "1.00")]
    return pl.DataFrame(rows, infer_schema_length=None)


def _effect(activity: str, bucket: str, actions: int, net: str | None, cost: str | None) -> dict[str, Any]:
    each = None if net is None else Decimal(net)
    return {
        "activity": activity, "bucket": bucket, "actions": actions, "rate": 0.25, "rate_low": 0.1, "rate_high": 0.4,
        "self_cure": 0.05, "uplift": 0.2, "uplift_low": 0.05, "uplift_high": 0.35,
        "cost_each": None if cost is None else Decimal(cost),
        "net_each": each, "net_low": None if each is None else each - 3, "net_high": None if each is None else each + 3,
        "loaded_each": None if cost is None else Decimal(cost) * 2, "net_loaded": None if each is None else each - 1,
        "verdict": "pays" if bucket != "all" else "best" if activity == "sms" else "worse",
        "in_words": f"{activity} in words" if bucket == "all" else "",
    }  # fmt: skip


def attempts() -> pl.DataFrame:
    """One activity that stops paying at the third attempt."""
    nets = {"1": "5.00", "2": "1.00", "3": "-2.00"}
    rows = [
        {"activity": "sms", "attempt": attempt, "actions": 10, "net_each": Decimal(net), "verdict": "pays", "rate": 0.1,
         "in_words": "stops at 3" if attempt == "1" else ""}
        for attempt, net in nets.items()
    ]  # fmt: skip
    return pl.DataFrame(rows)


def hours() -> pl.DataFrame:
    """Two hours, one with too few actions."""
    rows = [{"activity": "sms", "hour": hour, "actions": 9, "rate": rate, "verdict": word, "net_each": Decimal(1)}
            for hour, rate, word in ((9, 0.3, "pays"), (18, 0.1, "too_few"))]  # fmt: skip
    return pl.DataFrame(rows)


def self_cure() -> pl.DataFrame:
    """One bucket."""
    return pl.DataFrame(
        [{"bucket": "0-6", "basis": "untouched", "pursued": 20, "pursued_paid": 8, "alone": 9, "alone_paid": 3,
          "pursued_rate": 0.4, "alone_rate": 1 / 3, "difference": 0.0667, "low": -0.2, "high": 0.3, "verdict": "none",
          "in_words": "no difference that chance does not explain"}]
    )  # fmt: skip


def rolls() -> pl.DataFrame:
    """Ten accounts of a month: two roll on, one is paid off, one is new."""
    cells = (
        ("0-6", "0-6", 5, 50, 45),
        ("0-6", "7-29", 2, 20, 22),
        ("7-29", "paid_off", 1, 10, 0),
        ("7-29", "7-29", 2, 30, 28),
        ("new", "0-6", 1, 0, 9),
    )
    heads = ("from", "to", "accounts", "opening", "closing")
    rows = [
        {"month": "2026-03", **dict(zip(heads, (*cell[:3], *map(Decimal, cell[3:])), strict=True))} for cell in cells
    ]
    return pl.DataFrame(rows)


def flows() -> pl.DataFrame:
    """The flows of `rolls`, in accounts and in money."""
    names = ("opening", "new", "from_better", "from_worse", "to_worse", "to_better", "cured", "paid_off", "written_off",
             "returned", "gone", "change", "closing")  # fmt: skip
    figures = {
        ("0-6", "accounts"): (7, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 6),
        ("7-29", "accounts"): (3, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4),
        ("0-6", "money"): (70, 9, 0, 0, 20, 0, 0, 0, 0, 0, 0, -5, 54),
        ("7-29", "money"): (40, 0, 22, 0, 0, 0, 0, 10, 0, 0, 0, -2, 50),
    }
    rows = [
        {"month": "2026-03", "state": state, "unit": unit, **dict(zip(names, map(Decimal, values), strict=True))}
        for (state, unit), values in figures.items()
    ]  # fmt: skip
    return pl.DataFrame(rows)


def rates() -> pl.DataFrame:
    """Two months of one state."""
    rows = [
        {"month": month, "state": "0-6", "rate_money": rate} for month, rate in (("2026-02", 0.2), ("2026-03", 0.29))
    ]
    return pl.DataFrame(rows)


def forecast() -> pl.DataFrame:
    """One state, as a range."""
    return pl.DataFrame(
        [{"state": "0-6", "balance": Decimal(54), "months": 2, "share_low": 0.0, "share": 0.1, "share_high": 0.2,
          "loss_low": Decimal(0), "loss": Decimal(5), "loss_high": Decimal(11), "until": "last_bucket"}]
    )  # fmt: skip


def liquidation() -> pl.DataFrame:
    """Two batches: 10 % of 100,000 after a month, and one that is too young."""
    points = (("B1", 0, 0.04), ("B1", 1, 0.1), ("B2", 0, 0.03))
    same = {"accounts": 5, "base": Decimal(100_000), "left_out": 0}
    return pl.DataFrame([{"group": group, "age": age, "share": share, **same} for group, age, share in points])


def desk() -> pl.DataFrame:
    """A team that pays for itself and one that does not, with nothing kept at a third."""
    heads = (
        "scope_kind",
        "scope",
        "name",
        "cost",
        "margin",
        "needed",
        "collected",
        "earned",
        "short",
        "reached",
        "verdict",
    )
    rows = [
        ("team", "North", "", 20, "0.1", 200, 300, 30, 0, 1.5, "reached"),
        ("agent", "A1", "Asha", 20, "0.1", 200, 50, 5, 150, 0.25, "short"),
        ("agent", "A2", "Bahati", 20, "0", None, 50, 0, None, None, "never"),
        ("all", "", "", 40, "0.1", 400, 350, 35, 50, 0.875, "short"),
    ]
    money = ("cost", "margin", "needed", "collected", "earned", "short")
    made = [dict(zip(heads, row, strict=True)) for row in rows]
    told = [
        {key: Decimal(value) if key in money and value is not None else value for key, value in row.items()}
        for row in made
    ]
    return pl.DataFrame(told, infer_schema_length=None)


def all_frames() -> dict[str, pl.DataFrame]:
    """Every table by the name of its file."""
    return {
        "pursue.csv": pursue(), "pursue_summary.csv": summary(), "effects.csv": effects(), "attempts.csv": attempts(),
        "hours.csv": hours(), "self_cure.csv": self_cure(), "rolls.csv": rolls(), "flows.csv": flows(),
        "roll_rates.csv": rates(), "loss_forecast.csv": forecast(), "liquidation.csv": liquidation(),
        "desk.csv": desk(),
    }  # fmt: skip
