"""Terms that every organisation counts in its own way, as choices of its profile; the one in use is printed beside
each figure. What the choices mean is said in `toolkit/data/definitions.toml`.
"""

import re
import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Days = Annotated[int, Field(ge=0, le=366)]
Share = Annotated[Decimal, Field(gt=0, le=1)]


class Definitions(BaseModel):
    """How the KPIs count, the `[definitions]` of a profile. Everything has a default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # the eight terms that job descriptions leave open
    collection_rate_base: Literal["due", "due_and_arrears"] = "due"
    noc_basis: Literal["attempted", "connected", "right_party"] = "attempted"
    call_effectiveness: Literal["of_connected", "of_attempts", "paid_after"] = "of_connected"
    cap_mode: Literal["longest_run", "cumulative", "open_run"] = "longest_run"
    conversion_window_days: Annotated[int, Field(ge=1, le=90)] = 14
    required_credits_at_least: Decimal = Decimal(1)
    contact: Literal["connected", "right_party"] = "connected"
    promise_grace_days: Days = 0
    promise_tolerance: Share = Decimal(1)
    payment_day: Literal["value", "posting"] = "value"

    # calls
    attempt_seconds_at_least: Annotated[int, Field(ge=0)] = 0
    calls_counted: Literal["attempted", "connected"] = "attempted"
    redial_minutes: Annotated[int, Field(ge=0)] = 5
    effective_dispositions: tuple[str, ...] = ("promise", "paid", "plan_agreed", "dispute_logged", "return_agreed")
    paid_after_days: Days = 3
    notes_within_minutes: Annotated[int, Field(ge=0)] = 30
    welcome_within_hours: Annotated[int, Field(ge=1)] = 48
    welcome_tries: Annotated[int, Field(ge=1)] = 3
    resolved_within_days: Days = 7
    reasons_of_no_use: tuple[str, ...] = ("other",)

    # promises
    promise_amount_at_least: Decimal = Decimal(0)
    promise_within_days: Days = 14
    promise_followed_up_hours: Annotated[int, Field(ge=1)] = 24

    # leads and credit
    leads_roll_over_at: Annotated[int, Field(ge=0, le=24)] = 16
    unpaid_days: Days = 7
    unpaid_basis: Literal["no_payment", "no_credit"] = "no_payment"
    cap_age_days: Annotated[int, Field(ge=1)] = 75
    cap_zero_days: Annotated[int, Field(ge=1)] = 5
    cap_returned: Literal["left_out", "failed"] = "left_out"

    # money and portfolio
    collected_kinds: tuple[str, ...] = ("instalment", "payoff")
    coverage_days: Annotated[int, Field(ge=1)] = 7
    ages_of_debt: tuple[int, ...] = (0, 30, 60, 90)
    roll_rate_of: Literal["accounts", "balance"] = "accounts"
    posted_within_days: Days = 1
    proofs_within_hours: Annotated[int, Field(ge=1)] = 24
    cleared_within_days: Days = 7

    # visits and recoveries
    visit_logged_within_hours: Annotated[int, Field(ge=1)] = 24
    paid_after_visit_days: Days = 7
    unresponsive_calls: Annotated[int, Field(ge=0)] = 3
    unresponsive_messages: Annotated[int, Field(ge=0)] = 1
    unresponsive_days: Annotated[int, Field(ge=1)] = 14
    fastest_travel: Annotated[int, Field(ge=1)] = 80
    payer_of_many: Annotated[int, Field(ge=2)] = 5
    after_payday_days: Annotated[int, Field(ge=1, le=31)] = 10
    reassigned_days: Days = 3
    known_good_days: Days = 30
    gaps_too_long: Annotated[int, Field(ge=1)] = 3
    cash_channels: tuple[str, ...] = ("cash",)
    par_lag_months: Annotated[int, Field(ge=1, le=24)] = 3
    cluster_days: Annotated[int, Field(ge=1)] = 30
    cluster_flags: Annotated[int, Field(ge=2)] = 3

    # service and attendance
    complaint_acknowledged_hours: Annotated[int, Field(ge=1)] = 24
    complaint_closed_days: Days = 5
    complaint_repeated_days: Days = 30
    late_after_minutes: Annotated[int, Field(ge=0)] = 0
    on_leave_together: Annotated[int, Field(ge=1)] = 1
    standard_day_minutes: Annotated[int, Field(ge=1)] = 480
    standard_day_starts_at: Annotated[int, Field(ge=0, le=23)] = 8
    shortest_day_minutes: Annotated[int, Field(ge=0)] = 60
    escalated_within_hours: Annotated[int, Field(ge=1)] = 24
    ticket_within_minutes: Annotated[int, Field(ge=1)] = 15
    post_late_after_minutes: Annotated[int, Field(ge=0, le=59)] = 15
    satisfaction_scale: Annotated[int, Field(ge=1, le=100)] = 5

    # office
    indirect_costs: tuple[str, ...] = ("overhead",)
    credit_notes: Literal["set_aside", "deducted"] = "set_aside"
    call_fields: tuple[str, ...] = ("account_id", "disposition", "promise_due_on", "promise_amount")
    visit_fields: tuple[str, ...] = ("account_id", "met", "outcome")

    # call quality
    evaluators_counted: Literal["anyone_else", "not_own_leader"] = "anyone_else"
    evaluations_a_month: Annotated[int, Field(ge=1)] = 5
    qc_score_of: Literal["mean_of_calls", "sum_of_points"] = "mean_of_calls"
    dispute_window_hours: Annotated[int, Field(ge=0)] = 48
    dispute_decided_within_hours: Annotated[int, Field(ge=1)] = 48

    # small bases
    low_n: Annotated[int, Field(ge=1)] = 30
    low_n_evaluations: Annotated[int, Field(ge=1)] = 5

    def few(self, kpi: str) -> int:
        """Below how many cases a share of this KPI is said to rest on few: evaluated calls are fewer than others."""
        return self.low_n_evaluations if kpi == "qc_score" else self.low_n


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("toolkit").joinpath("data", "definitions.toml").read_text(encoding="utf-8"))


def words_of(name: str, definitions: Definitions) -> str:
    """What the choice of one definition means, in words: ``customers with an attempt``; numbers are filled in."""
    value = getattr(definitions, name)
    words = _words()[name]
    shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
    said = words.get(str(value), words.get("any", "{value}")).format(value=shown)
    return _ONE_OF_MANY.sub(r"\1", said)


_UNITS = "day|hour|minute|second|month|call|message|time|flag|evaluation"
_ONE_OF_MANY = re.compile(rf"(?<![\d.,] )(?<![\d.,])\b(1 (?:{_UNITS}))s\b")
"""1 day of grace, and not 1 days; in a list, such as 0, 1 days, it stays."""
