"""How an organisation reckons the cost of recovery, and which steps after a debt it knows: the profile's [recovery].

What a ratio has above and below its line is fixed here once, and printed beside it: there is no agreed definition.
"""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[str, Field(pattern=r"^(0(\.\d{1,6})?|1(\.0{1,6})?)$")]
"""A share between 0 and 1, as decimal text, so that it is exact."""
Amount = Annotated[str, Field(pattern=r"^\d{1,12}(\.\d{1,4})?$")]
Key = Literal["collected", "calls", "talk_minutes", "accounts", "equal"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rung(_Model):
    """One step of the ladder, from the cheapest to the dearest.

    channel: as in the tables costs, calls, messages and visits. roles: of whoever takes it, where a senior's call is
    another step than a call. unit: what the rate card charges; cost: of one, where neither the rate card nor the costs
    say it. collateral: what it may bring beside cash is the asset. after_days: from how many days past due on it may be
    taken. needs_tries: of the rung before.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    title: str
    channel: str
    unit: str = ""
    roles: tuple[str, ...] = ()
    cost: Amount | None = None
    collateral: bool = False
    after_days: Annotated[int, Field(ge=0)] = 0
    needs_tries: Annotated[int, Field(ge=0)] = 0


class Veto(_Model):
    """Accounts that are not pursued whatever it would bring, or not by these rungs: a legal hold, a vulnerable
    customer, an open complaint about conduct. kind: of the tables cases, complaints or contact_permissions, or an
    account's status.
    """

    table: Literal["cases", "complaints", "contact_permissions", "accounts"]
    kind: str
    rungs: tuple[str, ...] = ()
    why: str


class RecoveryRules(_Model):
    """The rules of [recovery]. Every one is printed with what was reckoned by it.

    commission: whether commissions are part of the cost. fully_loaded: channels that are overhead, shared out.
    share_by: the key by which costs without actions of their own (salaries, overhead) are shared out; what has
    actions goes by these. paid_within_days: a payment this long
    after a step counts as having followed it. buckets: days past due from which on the next one begins. hold_out:
    batches of accounts left alone on purpose, whose payments are the self-cure baseline; without any, the accounts
    of the same bucket that nobody touched stand in, and it is said that these differ from the others. decides:
    which probability decides. fee_rate: of what is recovered, where the account names none. fee: whether it is paid
    (to an agency, to a lawyer), so that the rest is ours, or earned, so that it alone is. most_share: how much of a
    balance may be spent after it. stop_after: failed periods of the beta-binomial stop; prior_cases: how many
    cases the bucket's own rate counts for in it.
    """

    commission: Literal["included", "left_out"] = "included"
    fully_loaded: tuple[str, ...] = ("overhead",)
    share_by: Key = "talk_minutes"
    paid_within_days: Annotated[int, Field(ge=1, le=365)] = 14
    buckets: tuple[int, ...] = (0, 7, 30, 60, 90, 180)
    hold_out: tuple[str, ...] = ()
    decides: Literal["wilson_low", "shrunk_low"] = "wilson_low"
    confidence: Share = "0.95"
    least_cases: Annotated[int, Field(ge=1)] = 5
    fee_rate: Share = "0"
    fee: Literal["paid", "earned"] = "paid"
    most_share: Share = "0.25"
    stop_after: Annotated[int, Field(ge=1, le=60)] = 3
    prior_cases: Annotated[int, Field(ge=1, le=1000)] = 10
    review_after_days: Annotated[int, Field(ge=1)] = 90
    rungs: tuple[Rung, ...] = ()
    vetoes: tuple[Veto, ...] = ()

    @property
    def given_away(self) -> Fraction:
        """What does not stay here of each unit recovered, where the account names no fee."""
        return Fraction(self.fee_rate) if self.fee == "paid" else 1 - Fraction(self.fee_rate)

    @model_validator(mode="after")
    def _makes_sense(self) -> "RecoveryRules":
        codes = [rung.code for rung in self.rungs]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"the ladder has {', '.join(twice)} twice")
        unknown = sorted({code for veto in self.vetoes for code in veto.rungs} - set(codes))
        if unknown:
            raise ValueError(f"a veto names {', '.join(unknown)}, which the ladder does not have")
        if self.fee == "earned" and not Fraction(self.fee_rate):
            raise ValueError("an agency that earns a fee needs its fee_rate, such as 0.12")
        if not self.buckets or list(self.buckets) != sorted(set(self.buckets)) or self.buckets[0] < 0:
            raise ValueError("buckets are days past due from 0 on, one at least, each more than the one before")
        return self
