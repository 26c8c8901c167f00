"""Targets, KPI values and adjustments of the invented agents."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from toolkit.money import from_minor, minor_digits
from toolkit.periods import Period
from toolkit.samples.accounts import day_number
from toolkit.samples.chance import Rng
from toolkit.samples.market import Kpi, Market, Target
from toolkit.samples.people import Person
from toolkit.samples.work import Work

Rows = list[dict[str, object]]
WEEKS_A_MONTH = 4.33


def expected_targets(market: Market, work: Work, first: date, per_month: float) -> Rows:
    """One row for each target of the set-up; the last agent's own target for money is a little lower."""
    rows = [_target(market, work, target, first, per_month) for target in market.target]
    money = next((row for row in rows if row["kpi"] == "collected" and row["scope_kind"] == "role"), None)
    newest = next((p for p in reversed(work.people) if money and p.posts[-1].role == money["scope"]), None)
    if money and newest:
        lower = _nice(Decimal(str(money["target"])) * Decimal("0.9"))
        rows.append({**money, "scope_kind": "agent", "scope": newest.agent_id, "target": str(lower)})
    return rows


def targets_table(market: Market, work: Work, rows: Rows) -> pl.DataFrame:
    """The targets, those that go by what agents made filled in."""
    for row, target in zip(rows, market.target, strict=False):
        if target.made:
            row["target"] = str(_made(market, work, target))
    names = ("kpi", "scope_kind", "scope", "grain", "target", "worst", "best", "floor", "cap", "from")
    columns = {name: [row[name] or None for row in rows] for name in names}
    return pl.DataFrame(columns, schema_overrides={"from": pl.Date})


def _target(market: Market, work: Work, target: Target, first: date, per_month: float) -> dict[str, object]:
    return {
        "kpi": target.kpi,
        "scope_kind": target.scope_kind,
        "scope": target.scope,
        "grain": target.grain,
        "target": target.target or ("" if target.made else str(_expected(market, work, target, per_month))),
        "worst": target.worst,
        "best": target.best,
        "floor": target.floor,
        "cap": target.cap,
        "from": first.replace(month=1, day=1),
    }


def _made(market: Market, work: Work, target: Target) -> Decimal:
    """A share of what an agent made on a working day, in as many days as the grain has."""
    made = {"calls": work.line.dialled, "contacts": work.line.answered, "visits": work.visits_done}
    total = int(made[target.made].sum()) if target.made in made else work.counters.get(target.made, 0)
    duties = ("visits",) if target.made == "visits" else ("calls",) if target.made in made else ("calls", "visits")
    roles = {role.role for role in market.people.role if any(getattr(role, duty) for duty in duties)}
    workers = [person.number for person in work.people if person.posts[0].role in roles]
    days = int(work.duty.days_worked()[workers].sum())
    week = len(work.working_days)
    number = {"week": week, "month": week * WEEKS_A_MONTH}.get(target.grain, 1.0)
    return _nice(Decimal(str(round(total / max(days, 1) * number * target.of_made, 2))))


def _expected(market: Market, work: Work, target: Target, per_month: float) -> Decimal:
    """A share of what the accounts of one agent are expected to bring in a month, in money or in credits."""
    role = next(role for role in market.people.role if role.role == target.scope)
    desk = [other.role for other in market.people.role if other.desk == role.desk and other.owns]
    agents = max(1, sum(1 for person in work.people if person.posts[0].role in desk))
    accounts = work.accounts
    share_active = float(np.mean(accounts.active))
    each = accounts.size * share_active * per_month / agents
    if target.credits_of_expected is not None:
        days = float(np.mean(work.usual / accounts.price))
        return _nice(Decimal(each * days * target.credits_of_expected))
    money = int(each * float(np.mean(work.usual)) * (target.of_expected or 1.0))
    return _nice(from_minor(money, minor_digits(work.currency)))


def _nice(amount: Decimal) -> Decimal:
    """Two leading digits, as targets are set: 47,312 becomes 47,000."""
    if amount < 10:
        return max(amount.quantize(Decimal(1)), Decimal(1))
    digits = len(str(int(amount)))
    step = Decimal(10) ** (digits - 2)
    return (amount / step).quantize(Decimal(1)) * step


def kpi_values_table(market: Market, work: Work, months: Sequence[Period]) -> pl.DataFrame:
    """A row for each KPI of the set-up, agent and month in which the agent worked in one of its roles."""
    rng = work.chance["figures"]
    skill = rng.normal(0, 0.5, len(work.people))
    skill = skill + np.where(np.abs(work.skill) == 1, 1.5 * work.skill, 0)
    rows = []
    for place, month in enumerate(months):
        for person in work.people:
            post = person.post_on(month.last) or person.post_on(month.first)
            if post is None:
                continue
            for kpi in market.kpi:
                if post.role in kpi.roles:
                    rows += _kpi_row(work, rng, kpi, person, month, place, float(skill[person.number]))
    names = ("kpi", "agent_id", "period", "numerator", "denominator", "value")
    columns = {name: [row.get(name) for row in rows] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def _kpi_row(
    work: Work, rng: Rng, kpi: Kpi, person: Person, month: Period, place: int, skill: float
) -> list[dict[str, str]]:
    row = {"kpi": kpi.code, "agent_id": person.agent_id, "period": month.label}
    if kpi.kind == "share":
        base = int(rng.integers(kpi.base[0], kpi.base[1] + 1))
        level = min(1.0, max(0.0, kpi.mean + kpi.spread * (skill + float(rng.normal(0, 0.8)))))
        return [_share(row, round(level * base * 100) / 100, base)]
    if kpi.code == "noc":
        return [{**row, "value": str(int(work.called_in(place)[person.number]))}]
    if kpi.kind == "count":
        return [{**row, "value": str(int(rng.poisson(kpi.mean)))}]
    if kpi.kind == "number":
        return [{**row, "value": f"{max(0.0, kpi.mean + kpi.spread * (skill + float(rng.normal(0, 0.6)))):.1f}"}]
    if kpi.kind == "tally":
        good, of = work.tallies[kpi.code].of(person.number, place)
        return [_share(row, good, of)] if of else []
    if kpi.kind == "visits":
        cell = person.number * len(work.months) + place
        made, recorded = int(work.visits_done[cell]), int(work.visits_documented[cell])
        return [_share(row, recorded, made)] if made else []
    recovered, complete = _checklists(work, person, month)
    return [_share(row, complete, recovered)] if recovered else []


def _share(row: dict[str, str], numerator: float, denominator: int) -> dict[str, str]:
    """Call quality is a sum of scores, so its numerator may have digits behind the point."""
    text = f"{numerator:.2f}".rstrip("0").rstrip(".") if isinstance(numerator, float) else str(numerator)
    return {**row, "numerator": text, "denominator": str(denominator)}


def _checklists(work: Work, person: Person, month: Period) -> tuple[int, int]:
    """Assets an agent recovered in a month, and those of them whose checklist was signed before the day."""
    if not work.recoveries:
        return 0, 0
    mine = pl.concat(work.recoveries).filter(
        (pl.col("agent") == person.number) & pl.col("recovered_on").is_between(month.first, month.last)
    )
    complete = mine.filter(pl.col("legal_checklist_on") <= pl.col("recovered_on"))
    return mine.height, complete.height


def adjustments_table(market: Market, work: Work, months: Sequence[Period]) -> dict[str, object]:
    """A few corrections by hand, entered by one person and approved by another."""
    rng, rules = work.chance["figures"], market.adjustments
    roles = [role.role for role in market.people.role]
    rows: list[tuple[str, int, int, str]] = []
    for month in months:
        for person in work.people[1:]:
            day = month.first.replace(day=int(rng.integers(2, 28)))
            post = person.post_on(day)
            if rng.random() < rules.per_agent_month and post and post.role in roles:
                usual = float(np.mean(work.usual)) * float(rng.uniform(*rules.amount))
                amount = int(work.rounded(np.array([int(usual)]))[0]) * (1 if rng.random() < 0.7 else -1)
                reason = rules.reasons[int(rng.integers(len(rules.reasons)))]
                rows.append((person.agent_id, day_number(day), amount, reason))
    number = range(1, len(rows) + 1)
    return {
        "adjustment_id": pl.Series([f"ADJ{n:04d}" for n in number], dtype=pl.String),
        "agent_id": pl.Series([row[0] for row in rows], dtype=pl.String),
        "on": np.array([row[1] for row in rows], dtype=np.int64),
        "amount": np.array([row[2] for row in rows], dtype=np.int64),
        "reason": pl.Series([row[3] for row in rows], dtype=pl.String),
        "reference": pl.Series([f"NOTE-{n:03d}" for n in number], dtype=pl.String),
        "entered_by": pl.Series([work.people[0].agent_id] * len(rows), dtype=pl.String),
        "approved_by": pl.Series(["Finance"] * len(rows), dtype=pl.String),
    }
