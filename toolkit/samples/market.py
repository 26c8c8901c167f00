"""What an invented branch looks like: names, products, how people pay. Read from data, never written in code.

A set-up's own `sample.toml` is laid over `toolkit/data/sample.toml`. Shares and weights are plain
floats: they make sample data and never decide money.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.problems import ToolkitError, problem
from toolkit.profiles import Profile
from toolkit.samples.habits import (
    BooksHabits,
    ListHabits,
    OfficeHabits,
    QualityHabits,
    RosterHabits,
    ScheduleHabits,
    ServiceHabits,
    SkillHabits,
)
from toolkit.shipped import shipped

SAMPLE_FILE = "sample.toml"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ids(_Model):
    """What the invented ids begin with; `phone` the beginnings of phone numbers, seven digits follow."""

    agent: str
    customer: str
    account: str
    payment: str
    phone: tuple[str, ...]


class Role(_Model):
    """A role in a team: `share` of the agents; whether they own accounts, call, visit; what they are promoted to.

    Roles of one `desk` share the accounts out among them; an account has an owner at every desk.
    """

    role: str
    share: float
    desk: str = ""
    owns: bool = False
    calls: bool = False
    visits: bool = False
    employed: bool = False
    rises_to: str = ""


class Lead(_Model):
    role: str


class People(_Model):
    first_names: tuple[str, ...]
    family_names: tuple[str, ...]
    providers: tuple[str, ...]
    banks: tuple[str, ...]
    base_pay: tuple[Decimal, Decimal]
    role: tuple[Role, ...]
    leader: Lead
    manager: Lead
    per_leader: int
    contractors: float
    joiners: float
    leavers: float
    movers: float
    promoted: float


class Branch(_Model):
    name: str
    region: str
    latitude: float
    longitude: float
    areas: tuple[str, ...]


class Product(_Model):
    """`daily_price` in the major unit; `fee_rate` what an agency earns of it, as "12%"."""

    name: str
    share: float
    daily_price: Decimal
    term_days: int
    creditor: str = ""
    fee_rate: str = ""


class AccountHabits(_Model):
    new_share: float
    current_share: float
    late_days: float
    late_least: int
    late_most: int
    prepaid_days: int
    paying_cures: bool
    handovers: float
    earlier_owner: float
    new_late: int = 0


class PaymentHabits(_Model):
    per_month: float
    comes_in: float
    step: Decimal
    odd_share: float
    sizes: tuple[tuple[float, float], ...]
    kinds: dict[str, float]
    channels: dict[str, float]
    reversed: float
    reversed_late: float
    reversed_part: float
    named: float
    poor_payers: float
    snapshots: Literal["month", "week"]
    snapshot_day: int
    snapshot_at_assignment: bool
    credits: bool = False
    free_credits: float = 0.0


class Rhythm(_Model):
    weekdays: tuple[float, ...]
    month: tuple[tuple[int, int, float], ...]
    hours: tuple[float, ...]


class CallHabits(_Model):
    per_account_month: float
    welcome_share: float
    connected: float
    right_party: float
    dispositions: dict[str, float]
    not_reached: dict[str, float]
    wrong: dict[str, float]
    reasons: tuple[str, ...]


class PromiseHabits(_Model):
    due_in: tuple[int, int]
    kept: float
    part_kept: float
    cancelled: float
    of_plans: int = 0


class VisitHabits(_Model):
    per_account_month: float
    late_from: int
    outcomes: dict[str, float]
    located: float
    willing: tuple[str, ...]
    able: tuple[str, ...]


class RecoveryHabits(_Model):
    late_from: int
    per_month: float
    days: tuple[int, int]
    outcomes: dict[str, float]
    checklist: float
    sold: float
    proceeds: tuple[float, float]
    cost: tuple[float, float]


class AdjustmentHabits(_Model):
    per_agent_month: float
    reasons: tuple[str, ...]
    amount: tuple[float, float]


class Kpi(_Model):
    """A KPI value made for each agent and month: a share of a base, a count, a number, or what the
    tables say (`tally`: what was counted while they were made)."""

    code: str
    roles: tuple[str, ...]
    kind: Literal["share", "count", "number", "visits", "checklists", "tally"]
    mean: float = 0.0
    spread: float = 0.0
    base: tuple[int, int] = (0, 0)


class Target(_Model):
    """A target: given, or a share of what one agent's accounts are expected to bring (money, or credits), or of what
    an agent made on a working day, of the table `made`."""

    kpi: str
    scope_kind: str
    scope: str
    target: str = ""
    of_expected: float | None = None
    credits_of_expected: float | None = None
    made: str = ""
    of_made: float = 1.0
    grain: str = "month"
    worst: str = ""
    best: str = ""
    floor: str = ""
    cap: str = ""


class Market(_Model):
    """Everything that sample data of a set-up are made from. `tables`: those made beside what everybody has."""

    ids: Ids
    people: People
    branch: tuple[Branch, ...]
    product: tuple[Product, ...]
    accounts: AccountHabits
    payments: PaymentHabits
    rhythm: Rhythm
    calls: CallHabits
    promises: PromiseHabits
    visits: VisitHabits
    recoveries: RecoveryHabits
    adjustments: AdjustmentHabits
    skill: SkillHabits
    roster: RosterHabits
    lists: ListHabits
    schedule: ScheduleHabits
    quality: QualityHabits
    service: ServiceHabits
    office: OfficeHabits
    books: BooksHabits
    tables: tuple[str, ...] = ()
    kpi: tuple[Kpi, ...] = ()
    target: tuple[Target, ...] = ()

    @property
    def desks(self) -> tuple[str, ...]:
        """The desks at which every account has an owner, in the order of the roles."""
        return tuple(dict.fromkeys(role.desk for role in self.people.role if role.owns))

    def roles_that(self, duty: Literal["owns", "calls", "visits"]) -> tuple[str, ...]:
        return tuple(role.role for role in self.people.role if getattr(role, duty))


def load_market(profile: Profile) -> Market:
    """The sample.toml of a profile. `ToolkitError` where it has none or it cannot be used."""
    path = (profile.folder or Path()) / SAMPLE_FILE
    if profile.folder is None or not path.is_file():
        raise ToolkitError([problem("SAMPLE_SETTINGS_MISSING", file=SAMPLE_FILE, profile=profile.name)])
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ToolkitError([problem("SAMPLE_SETTINGS_UNREADABLE", file=path.name, reason=str(error))]) from error
    usual = tomllib.loads((shipped("data") / SAMPLE_FILE).read_text(encoding="utf-8"))
    try:
        return Market.model_validate(laid_over(usual, content))
    except ValidationError as error:
        raise ToolkitError(
            problem(
                "SAMPLE_SETTINGS_VALUE",
                file=path.name,
                column=".".join(str(part) for part in found["loc"]),
                value=found.get("input", ""),
                reason=found["msg"],
            )
            for found in error.errors(include_url=False)
        ) from error


WHOLE = ("channels", "kinds", "outcomes", "dispositions", "categories", "case_kinds", "monthly", "message_channels")
"""Tables of weights: a set-up's own takes the place of the usual one instead of being mixed with it."""


def laid_over(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`usual` with what `own` says differently, table by table."""
    merged = dict(usual)
    for key, value in own.items():
        inner = merged.get(key)
        if isinstance(inner, Mapping) and isinstance(value, Mapping) and key not in WHOLE:
            merged[key] = laid_over(inner, value)
        else:
            merged[key] = value
    return merged
