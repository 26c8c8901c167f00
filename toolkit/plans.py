"""The commission plan: what a supervisor can read aloud, as data that cannot say the wrong thing.

The format is described in docs/reference/plan-format.md. Amounts are exact decimals of the major unit,
rates whole parts per million, band starts exact fractions (0.8 for "80%"). A band has a start only, so
a gap or an overlap cannot be written. Reading the files and finding what is wrong with them is the
work of `plan_files` and `plan_checks`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from toolkit.money import Rounding, parts_per_million
from toolkit.periods import Period

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def _plain(text: str) -> Decimal:
    """Digits with a point at most: what `Decimal` takes beyond that (1e5, NaN, 1_000) nobody reads aloud."""
    if not _PLAIN_NUMBER.fullmatch(text.strip()):
        raise ValueError(f'"{text}" is not a plain number such as 1500 or 0.50')
    return Decimal(text.strip())


def _exact(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip()
        return Fraction(_plain(text[:-1])) / 100 if text.endswith("%") else Fraction(_plain(text))
    if isinstance(value, (Fraction, Decimal)):
        return Fraction(value)
    raise ValueError('write it as text, for example "80%" or "31"')


def _ppm(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('write a rate as text with a percent sign, for example "5%"')
    _plain(value.strip().removesuffix("%"))
    return parts_per_million(value)


def _amount(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('write an amount as text, for example "1500"')
    return _plain(value)


def _day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        return date.fromisoformat(value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("write a day as 2026-01-31")


Rate = Annotated[int, BeforeValidator(_ppm)]
"""Parts per million, written "2.5%"."""
Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""Major units of the plan's currency, written "1500" or "0.50"."""
Point = Annotated[Fraction, BeforeValidator(_exact)]
"""A place on a scale, written "80%" (0.8), "31" or "250000.50"."""

Whole = Annotated[int, Strict()]
"""A whole number, written 3."""
Flag = Annotated[bool, Strict()]
"""Written true or false."""
Day = Annotated[date, BeforeValidator(_day)]
"""Written 2026-01-31."""

Measure = str
"""One of `MEASURES`, or a KPI code."""

MONEY_MEASURES = ("collected", "base_pay")
COUNT_MEASURES = (
    "payments",
    "accounts_reactivated",
    "promises_kept",
    "assets_recovered",
    "visits_verified",
    "welcome_calls",
    "credits_bought",
)
MEASURES = MONEY_MEASURES + COUNT_MEASURES
BAND_SCALES = ("amount", "attainment", "days_past_due", "balance", "count")
PAYEE_KEYS = ("credited", "previous_owner", "team_leader")

Missing = Literal["hold", "pass", "nothing"]
Edge = Literal["from", "above"]
DayCount = Literal["calendar_days", "working_days", "none"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


class Band(_Model):
    """From `start` (up to the next band's start) this `rate`, `amount` or `factor` holds."""

    start: Point = Field(alias="from")
    rate: Rate | None = None
    amount: Amount | None = None
    factor: Point | None = None


class Range(_Model):
    """`start` <= value < `end`; an absent end is open."""

    start: Point | None = Field(default=None, alias="from")
    end: Point | None = Field(default=None, alias="to")


class Where(_Model):
    """Which rows count for a component. Lists are alternatives; every key given must hold."""

    role: tuple[str, ...] | None = None
    product: tuple[str, ...] | None = None
    kind: tuple[str, ...] | None = None
    channel: tuple[str, ...] | None = None
    branch: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    creditor: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None
    agent: tuple[str, ...] | None = None
    days_past_due: Range | None = None
    balance: Range | None = None
    amount: Range | None = None


class Matrix(_Model):
    """`amounts[i][j]` for the band of `rows` and of `columns` that a value falls in."""

    rows_by: str
    columns_by: str
    rows: tuple[Point, ...]
    columns: tuple[Point, ...]
    amounts: tuple[tuple[Amount, ...], ...]


class Holdback(_Model):
    """`share` of each positive line is kept back and released that many days after the payment."""

    share: Rate
    release_after_days: Whole = Field(ge=0)


class Clawback(_Model):
    """What a reversal in a later period takes back of the piece that was paid."""

    share: Rate = 1_000_000
    within_days: Whole | None = Field(default=None, ge=0)
    decline: Literal["none", "straight_line"] = "none"


class Component(_Model):
    """One way of earning: a measure, the bands that give its rate, and what limits it."""

    code: str
    kind: Literal["percent", "per_unit", "fixed", "matrix", "at_target"]
    title: str = ""
    measure: Measure | None = None
    where: Where = Where()
    base_share: Rate = 1_000_000
    per: Literal["payment", "period", "year_to_date"]
    year_starts: str = "01-01"
    band_by: str | None = None
    band_mode: Literal["slice", "whole", "interpolated"] | None = None
    band_edge: Edge | None = None
    bands: tuple[Band, ...] = ()
    rate: Rate | None = None
    amount: Amount | None = None
    at_target: Amount | None = None
    matrix: Matrix | None = None
    target: str | None = None
    prorate: DayCount | None = None
    gates: tuple[str, ...] = ()
    multiplier: str | None = None
    floor: Amount | None = None
    cap: Amount | None = None
    cap_excess: Literal["lose", "carry"] | None = None
    split: dict[str, Rate] | None = None
    holdback: Holdback | None = None
    clawback: Clawback | None = None
    gl_account: str = ""
    unusual: Flag = False

    @property
    def counts_money(self) -> bool:
        """Whether the measure is an amount of money; a KPI is one where the component pays a percentage of it."""
        return self.measure in MONEY_MEASURES or (self.measure not in MEASURES and self.kind == "percent")

    @property
    def scale(self) -> tuple[Band, ...]:
        """The bands; `rate` or `amount` on the component itself is one band from 0."""
        if self.bands or self.kind == "matrix":
            return self.bands
        rate = PARTS if self.kind == "at_target" and self.rate is None else self.rate
        return (Band.model_construct(start=Fraction(0), rate=rate, amount=self.amount, factor=None),)


PARTS = 1_000_000


class Credit(_Model):
    """Which agent a payment counts for: the first rule that names one."""

    rules: tuple[Literal["named", "promise", "contact", "owner"], ...]
    contact_window_days: Whole = Field(default=7, ge=0)
    promise_grace_days: Whole = Field(default=0, ge=0)
    owner_roles: tuple[str, ...] = ()


class Gate(_Model):
    """A condition looked at before money: `kpi` at least or at most a value."""

    code: str
    kpi: str
    at_least: Point | None = None
    at_most: Point | None = None
    otherwise: str
    missing: Missing = "hold"
    at_least_n: Whole | None = Field(default=None, ge=1)


class Multiplier(_Model):
    """A factor by the band that a KPI reaches."""

    code: str
    kpi: str
    bands: tuple[Band, ...]
    band_edge: Edge = "from"
    missing: Missing = "pass"
    at_least_n: Whole | None = Field(default=None, ge=1)


class Override(_Model):
    """What a leader earns on the rounded lines, or the cash, of the team."""

    code: str
    title: str = ""
    role: str
    of: str
    rate: Rate
    base: Literal["commission", "collected"]
    paid: Literal["added", "deducted"] = "added"
    gl_account: str = ""


class Guarantee(_Model):
    """A minimum: topped up for good, or advanced and recovered from what is earned above it later."""

    role: str
    amount: Amount
    kind: Literal["top_up", "draw_recoverable", "draw_not_recoverable"]
    prorate: DayCount = "none"
    months: Whole | None = Field(default=None, ge=1)
    recover_from_month: Whole | None = Field(default=None, ge=1)
    recover_at_most: Rate = 1_000_000


class Carry(_Model):
    """How much of a positive net may go towards a debt carried in."""

    recover_at_most: Rate


class Withholding(_Model):
    """Tax kept back for the state, by country, kind of payee and date."""

    country: str
    payee_type: str
    rate: Rate
    threshold: Amount = Decimal(0)
    threshold_mode: Literal["cliff", "excess"] = "cliff"
    start: Day = Field(alias="from")


class Plan(_Model):
    """One version of a plan, in force from `start` until the next version's start."""

    id: str
    version: Whole = Field(ge=1)
    title: str = ""
    reference: str = ""
    note: str = ""
    currency: str
    country: str = ""
    timezone: str = ""
    start: Day = Field(alias="from")
    period: Literal["month", "half_month", "week"]
    period_start_day: Whole = Field(default=1, ge=1, le=28)
    rate_date: Literal["payment", "period_end"]
    arrears_on: Literal["day_before", "period_start", "assignment"] | None = None
    rounding: Rounding
    payout_unit: Amount
    min_payout: Amount = Decimal(0)
    plan_cap: Amount | None = None
    credit: Credit | None = None
    components: tuple[Component, ...] = Field(default=(), alias="component")
    gates: tuple[Gate, ...] = Field(default=(), alias="gate")
    multipliers: tuple[Multiplier, ...] = Field(default=(), alias="multiplier")
    overrides: tuple[Override, ...] = Field(default=(), alias="override")
    guarantees: tuple[Guarantee, ...] = Field(default=(), alias="guarantee")
    carry: Carry | None = None
    withholdings: tuple[Withholding, ...] = Field(default=(), alias="withholding")

    def component(self, code: str) -> Component | None:
        return next((component for component in self.components if component.code == code), None)

    def gate(self, code: str) -> Gate:
        return next(gate for gate in self.gates if gate.code == code)

    def multiplier(self, code: str) -> Multiplier:
        return next(multiplier for multiplier in self.multipliers if multiplier.code == code)


class PlanVersions(_Model):
    """All versions of one plan, the earliest first, with the hash of each file's content."""

    versions: tuple[Plan, ...] = Field(min_length=1)
    hashes: Mapping[int, str] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.versions[0].id

    def in_force(self, day: date) -> Plan | None:
        """The version whose `from` is the latest on or before `day`; none before the first one."""
        in_time = [plan for plan in self.versions if plan.start <= day]
        return in_time[-1] if in_time else None

    def numbered(self, version: int) -> Plan | None:
        return next((plan for plan in self.versions if plan.version == version), None)

    def during(self, period: Period) -> list[tuple[Plan, date, date]]:
        """The versions in force in a period, each with its first and last day in it."""
        stretches = []
        for plan, following in zip(self.versions, (*self.versions[1:], None), strict=True):
            first = max(plan.start, period.first)
            last = (
                min(following.start.fromordinal(following.start.toordinal() - 1), period.last)
                if following
                else period.last
            )
            if first <= last:
                stretches.append((plan, first, last))
        return stretches
