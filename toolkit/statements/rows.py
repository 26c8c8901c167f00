"""The rows of a statement: an agent's lines added up by what they are for, with the reason in a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from toolkit.look import Kind, said
from toolkit.money import multiplied, percentage, plain
from toolkit.plans import Component, Override, PlanVersions

Line = Mapping[str, Any]

_ALONE = ("adjust", "guarantee")
"""Kinds whose lines are shown one by one: each has a reason of its own."""
_TOGETHER = ("holdback", "release", "clawback", "cap_carry")
"""Kinds whose lines differ in their reasons only by a date or a payment: they are one row for each component."""
_DEDUCTED_LATER = ("withholding", "carried_in", "carried_out")
_SHOWN_REASONS = 2
_NOBODYS = {"payment_id": "", "account_id": "", "date": None, "base": ""}
"""What a line for several payments leaves empty."""


@dataclass
class Row:
    """One row: `base` in major units or a count, `amount` in minor units, `lines` the lines behind it."""

    what: str
    kind: str
    base_kind: Kind
    rate_kind: Kind
    rate: Decimal | None
    factor: Decimal | None
    share: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def base(self) -> Decimal | None:
        parts = [Decimal(line["base"]) for line in self.lines if line["base"]]
        return sum(parts, Decimal(0)) if parts else None

    @property
    def amount(self) -> int:
        return sum(line["amount"] for line in self.lines)

    @cached_property
    def one_reason(self) -> bool:
        """Whether all lines have the same reason, which then stands on the statement."""
        return len({line["reason"] for line in self.lines}) <= 1

    @property
    def listed(self) -> list[Line]:
        """The lines as the second page lists them: what is held until the same day is one, and what is released."""
        if self.kind not in ("holdback", "release"):
            return self.lines
        together: dict[object, Line] = {}
        for line in self.lines:
            key = (line["due_on"], line["reason"])
            before = together.get(key)
            together[key] = {**before, **_NOBODYS, "amount": before["amount"] + line["amount"]} if before else line
        return list(together.values())

    def is_off_by_cents(self, digits: int) -> bool:
        """Whether base x rate x factor rounds to something else: the line was rounded once, and shared out."""
        if self.kind != "earn" or self.base is None or self.rate is None:
            return False
        return multiplied(self.base, self.rate, self.factor or Decimal(1), digits) != self.amount

    @property
    def before_tax(self) -> bool:
        return self.kind not in _DEDUCTED_LATER

    @property
    def why(self) -> str:
        """The reasons, each once; how many payments, where there are several; until when it is held."""
        reasons = list(dict.fromkeys(line["reason"] for line in self.lines if line["reason"]))
        due = [line["due_on"] for line in self.lines if line["due_on"]]
        if self.kind == "holdback" and due and self.share:
            reasons = [said("WORKBOOK_SHARE_HELD", share=self.share, until=_until(min(due), max(due)))]
        payments = len({line["payment_id"] for line in self.lines if line["payment_id"]})
        if len(reasons) > _SHOWN_REASONS:
            return said("WORKBOOK_SEE_PAYMENTS", count=len(self.lines))
        counted = [said("WORKBOOK_PAYMENT_COUNT", count=payments)] if payments > 1 else []
        return "; ".join([*reasons, *counted])


def _until(first: date, last: date) -> str:
    if first == last:
        return said("WORKBOOK_UNTIL", day=f"{last.day} {last:%b %Y}")
    return said("WORKBOOK_BETWEEN", first=f"{first.day} {first:%b}", last=f"{last.day} {last:%b %Y}")


def carried(kind: str, amount: int, reason: str) -> Line:
    """A line for what an earlier period left, or this one leaves to the next."""
    blank: dict[str, Any] = dict.fromkeys(
        ("component", "payment_id", "account_id", "base", "rate", "factor", "earned_for"), ""
    )
    return blank | {"kind": kind, "amount": amount, "reason": reason, "due_on": None, "date": None}


def rows_of(lines: Sequence[Line], plans: PlanVersions) -> list[Row]:
    """The rows in the order of the lines; lines of the same kind, component, rate and factor are one row."""
    rows: dict[tuple[Any, ...], Row] = {}
    for number, line in enumerate(lines):
        kind, code = line["kind"], line["component"]
        key = (kind, code, line["rate"], line["factor"], _apart(line, number))
        if key not in rows:
            rows[key] = _row(kind, code, line, plans)
        rows[key].lines.append(line)
    return list(rows.values())


def _apart(line: Line, number: int) -> object:
    """What keeps lines of the same kind, component, rate and factor in different rows."""
    if line["kind"] in _ALONE:
        return number
    if line["kind"] in _TOGETHER:
        return line["due_on"] is None  # held by a gate, not for a number of days
    return "" if line["rate"] else line["reason"]


def _row(kind: str, code: str, line: Line, plans: PlanVersions) -> Row:
    part = _part(plans, code)
    base_kind, rate_kind = kinds(kind, part)
    rate = Decimal(line["rate"]) if line["rate"] else None
    factor = Decimal(line["factor"]) if line["factor"] and kind in ("earn", "clawback") else None
    share = percentage(part.holdback.share) if isinstance(part, Component) and part.holdback else ""
    return Row(_what(kind, (part.title if part else "") or code), kind, base_kind, rate_kind, rate, factor, share)


def _part(plans: PlanVersions, code: str) -> Component | Override | None:
    for plan in reversed(plans.versions):
        found = plan.component(code) or next((o for o in plan.overrides if o.code == code), None)
        if found:
            return found
    return None


def kinds(kind: str, part: Component | Override | None) -> tuple[Kind, Kind]:
    """Whether the base is money or a count, and the rate a percentage or an amount for one."""
    if kind not in ("earn", "clawback", "cap_carry") or not isinstance(part, Component):
        return "money", "rate"
    share_of_money = part.kind == "percent" or (part.kind == "at_target" and part.counts_money)
    rate: Kind = "rate" if share_of_money else "money"
    return ("money" if part.counts_money else "whole"), rate


def _what(kind: str, title: str) -> str:
    if kind in ("earn", "override"):
        return title
    return said(f"WORKBOOK_ROW_{kind.upper()}", title=title).rstrip(": ")


def shown_base(row: Row, digits: int) -> Decimal | None:
    """The base with the currency's digits, or as a count."""
    if row.base is None or row.base_kind != "money":
        return row.base
    return Decimal(plain(int(row.base.scaleb(digits).to_integral_value()), digits))
