"""How a scorecard is put together, as a profile says it: which KPIs, their weights, gates, and what a gap does."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.kpi_codes import kpi_codes

Weight = Annotated[Decimal, Field(ge=0)]
Share = Annotated[Decimal, Field(ge=0, le=1)]
NoBase = Literal["respread", "zero", "no_score", "refuse"]
"""What becomes of a KPI without a base: its weight goes to the others; it scores nothing; there is no total; or the
whole scorecard is refused, for those who have to have a value for everybody."""


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Measure(_Rule):
    """One KPI of a scorecard. Rows of the targets table come before what is said here.

    per: what the target of a count or an amount is for; a rate's is the same for every stretch.
    floor: below it the KPI scores nothing. cap: the most that attainment counts, 1.2 being 120 %. worst, best: the
    values that score nothing and everything; worst above best means that less is better. watch: from which share of
    the target on a value is amber rather than red.
    """

    kpi: str
    weight: Weight = Decimal(0)
    target: Decimal | None = None
    per: Literal["day", "week", "month", "quarter"] = "month"
    worst: Decimal | None = None
    best: Decimal | None = None
    floor: Decimal | None = None
    cap: Annotated[Decimal, Field(ge=1)] = Decimal(1)
    watch: Share = Decimal("0.9")

    @model_validator(mode="after")
    def _is_whole(self) -> "Measure":
        if self.kpi not in kpi_codes():
            raise ValueError(f'"{self.kpi}" is not a KPI; `toolkit kpis` lists them')
        if (self.worst is None) != (self.best is None):
            raise ValueError(f"{self.kpi} has worst without best, or best without worst")
        if self.worst is not None and self.worst == self.best:
            raise ValueError(f"{self.kpi} has the same worst and best")
        return self

    @property
    def limits(self) -> dict[str, object]:
        """What a value is held against."""
        return {"target": self.target, "worst": self.worst, "best": self.best, "floor": self.floor}


class ScoreGate(_Rule):
    """Where a person's KPI is not `at_least` or `at_most` this, the total is `otherwise` at the most."""

    kpi: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    otherwise: Annotated[Decimal, Field(ge=0, le=200)] = Decimal(0)


class ScoreBand(_Rule):
    """From this total on a scorecard is called so."""

    start: Annotated[Decimal, Field(ge=0)] = Field(alias="from")
    name: str


BANDS = (
    ScoreBand.model_validate({"from": 0, "name": "needs help"}),
    ScoreBand.model_validate({"from": 70, "name": "on the way"}),
    ScoreBand.model_validate({"from": 85, "name": "on target"}),
)


class Scorecard(_Rule):
    """The scorecard of some roles, or of everybody where no role is named."""

    name: str = "scorecard"
    title: str = ""
    roles: tuple[str, ...] = ()
    kpis: tuple[Measure, ...] = Field(min_length=1)
    gates: tuple[ScoreGate, ...] = ()
    no_base: NoBase = "respread"
    least_covered: Share = Decimal("0.6")
    bands: tuple[ScoreBand, ...] = BANDS

    @model_validator(mode="before")
    @classmethod
    def _has_its_gates(cls, given: Any) -> Any:
        """A gate looks at a figure of the card: one that is not on it is put there, without a weight."""
        if not isinstance(given, Mapping) or not isinstance(given.get("gates"), list | tuple):
            return given
        kpis = list(given.get("kpis", ()))
        named = {row.get("kpi") for row in kpis if isinstance(row, Mapping)}
        asked = [row.get("kpi") for row in given["gates"] if isinstance(row, Mapping)]
        return {**given, "kpis": [*kpis, *({"kpi": code} for code in dict.fromkeys(asked) if code not in named)]}

    @model_validator(mode="after")
    def _names_each_once(self) -> "Scorecard":
        codes = [measure.kpi for measure in self.kpis]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in it twice")
        if not any(measure.weight for measure in self.kpis):
            raise ValueError("no KPI has a weight, so there is no total")
        starts = [band.start for band in self.bands]
        if starts != sorted(set(starts)) or not starts or starts[0] != 0:
            raise ValueError("bands begin at 0 and rise")
        return self

    @property
    def measures(self) -> Mapping[str, Measure]:
        """By KPI code."""
        return {measure.kpi: measure for measure in self.kpis}

    def targets(self) -> list[dict[str, object]]:
        """Its targets, and the ends of its scales, as rows of the targets table, for everybody or for its roles."""
        scopes = [("role", role) for role in self.roles] or [("all", "")]
        return [
            {"kpi": measure.kpi, "scope_kind": kind, "scope": scope, "grain": measure.per, **measure.limits}
            for measure in self.kpis
            if any(limit is not None for limit in measure.limits.values())
            for kind, scope in scopes
        ]

    def is_for(self, role: str) -> bool:
        """Whether people of this role are scored by it."""
        return not self.roles or role in self.roles
