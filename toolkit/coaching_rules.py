"""What calls for coaching, and how it is followed up: `[coaching]` of a profile. Everything has a default."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[Decimal, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1, le=1000)]
Days = Annotated[int, Field(ge=0, le=366)]
Trigger = Literal["auto_fail", "critical", "section", "cusum"]


class Coaching(BaseModel):
    """The rules.

    triggers: auto_fail (an answer that makes a call 0), critical (a critical question that was not fully met), section
    (a section below its target so many times `in_a_row`, counted by section_by), cusum (the agent's own score drifts
    down: tabular CUSUM with cusum_slack and cusum_decision in standard deviations, by the agent's earlier calls).
    section_target: what a section has to reach; section_targets: those of single sections, by code.
    due_working_days: from the day of the proposal on; recheck_working_days: from the due day on; recheck_calls: how
    many calls are listened to again. compare_days: how far before and after coaching calls are compared; least_calls:
    on either side, with fewer nothing is said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    triggers: tuple[Trigger, ...] = ("auto_fail", "critical", "section", "cusum")
    section_target: Share = Decimal("0.8")
    section_targets: Mapping[str, Share] = Field(default_factory=dict)
    in_a_row: Count = 2
    section_by: Literal["evaluation", "week", "month"] = "evaluation"
    cusum_slack: Annotated[Decimal, Field(ge=0)] = Decimal("0.5")
    cusum_decision: Annotated[Decimal, Field(gt=0)] = Decimal(4)
    due_working_days: Days = 5
    recheck_working_days: Days = 10
    recheck_calls: Count = 4
    compare_days: Annotated[int, Field(ge=1, le=366)] = 90
    least_calls: Count = 5
