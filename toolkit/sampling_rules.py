"""Which calls are listened to: the plan of a draw, `[sampling]` of a profile. Everything has a default."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Stratum = Literal["length", "outcome", "hour", "week", "direction", "purpose"]
Times = Annotated[Decimal, Field(gt=0, le=20)]
Percent = Annotated[Decimal, Field(gt=0, lt=100)]

OTHER = "other"
"""How every call ended that no outcome of the plan names."""
LENGTHS, UNKNOWN = ("short", "medium", "long"), "unknown"


class Sampling(BaseModel):
    """The plan.

    per_agent: calls drawn of each agent a calendar month; other periods in proportion, rounded up. margin: half the
    width, in points, of the 95 % interval of a yes/no item of a team; more are then drawn than per_agent where it
    takes them. allocation: how many of a team's calls are each agent's, and of an agent's each stratum's.
    strata: what an agent's calls are put in groups by before drawing. oversample: how many times as often as others
    calls of a group are drawn (`short`, `promise`); their weight in the draw puts it right again.

    Left out, and listed with the reason: calls of other `roles` (none: all roles), that reached nobody, without a
    recording, shorter than talk_seconds_at_least, of other `directions`, or ended or meant as said.

    On top of the draw, without a weight in it: all calls to the customer by the agent in the complaint_days before a
    complaint of complaint_categories; calls with a promise that was broken; calls with a breach; and up to
    joiner_calls_a_day of each of the first joiner_days of somebody new. risk_at_most: of these for one agent,
    complaints before breaches, promises and joiners; 0: all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Annotated[int, Field(ge=0)] = 1
    per_agent: Annotated[int, Field(ge=1, le=10_000)] = 8
    margin: Percent | None = None
    allocation: Literal["proportional", "equal"] = "proportional"
    agents: Literal["proportional", "equal"] = "equal"
    strata: tuple[Stratum, ...] = ("length", "outcome")
    short_seconds: Annotated[int, Field(ge=0)] = 60
    long_seconds: Annotated[int, Field(ge=1)] = 300
    hours: tuple[Annotated[int, Field(ge=1, le=23)], ...] = (12, 16)
    outcomes: Mapping[str, tuple[str, ...]] = Field(default_factory=lambda: {"promise": ("promise", "plan_agreed")})
    oversample: Mapping[str, Times] = Field(default_factory=dict)

    roles: tuple[str, ...] = ()
    talk_seconds_at_least: Annotated[int, Field(ge=0)] = 20
    directions: tuple[Literal["out", "in"], ...] = ("out", "in")
    without_dispositions: tuple[str, ...] = ("no_answer", "busy", "voicemail", "unreachable")
    without_purposes: tuple[str, ...] = ()
    recording_needed: bool = True

    complaint_categories: tuple[Literal["conduct", "service", "product", "other"], ...] = ("conduct",)
    complaint_days: Annotated[int, Field(ge=0, le=366)] = 14
    broken_promises: bool = True
    breaches: bool = True
    joiner_days: Annotated[int, Field(ge=0, le=366)] = 5
    joiner_calls_a_day: Annotated[int, Field(ge=1)] = 2
    risk_at_most: Annotated[int, Field(ge=0)] = 0

    evaluators: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> "Sampling":
        if self.short_seconds >= self.long_seconds:
            raise ValueError("short_seconds has to be less than long_seconds")
        if list(self.hours) != sorted(set(self.hours)):
            raise ValueError("hours rise from one to the next")
        unknown = sorted(set(self.oversample) - self._groups())
        if unknown:
            known = ", ".join(sorted(self._groups())) or "none: strata is empty"
            raise ValueError(
                f"{', '.join(unknown)} cannot be over-sampled: groups of the strata are {known}; "
                "what is drawn more often needs a stratum of its own, so that its weight is known"
            )
        return self

    def _groups(self) -> set[str]:
        lengths = {*LENGTHS} if "length" in self.strata else set()
        outcomes = {*self.outcomes, OTHER} if "outcome" in self.strata else set()
        return lengths | outcomes
