"""What is earned but not paid yet: held back for some days, or until a gate passes; and its release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import polars as pl

from toolkit.earlier import LINE_SCHEMA, EarlierPeriods, as_lines, new_lines
from toolkit.money import PPM, Rounding, percentage, rounded
from toolkit.periods import parse
from toolkit.plans import Component
from toolkit.problems import said
from toolkit.steps.components import Payable
from toolkit.steps.gates import factor, multiplier_of, outcome
from toolkit.steps.month import Month

GATE = "gates"
"""`source` of a line that a gate holds; `source_id` names the gates."""


def rounded_share(amount: pl.Expr, ppm: int, mode: Rounding) -> pl.Expr:
    """amount x ppm / 1 000 000 for amounts of 0 or more, rounded as the plan rounds."""
    product = amount * ppm
    whole, rest = product // PPM, product % PPM
    up = rest * 2 > PPM if mode == "half_even" else rest * 2 >= PPM
    if mode == "half_even":
        up = up | ((rest * 2 == PPM) & (whole % 2 == 1))
    return (whole + up.cast(pl.Int64)).cast(pl.Int64)


def holdback_lines(month: Month, earned: pl.DataFrame, payables: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    """For every positive earn line its part that is held back, or all of it where a gate holds the line.

    earned: earn lines with their number `_n`; `_of` is the number of the line that is held back.
    """
    components = [component for component in _latest_components(payables) if component.holdback is not None]
    frames = [_held_for_days(month, earned, component) for component in components]
    frames.append(_held_by_gates(month, earned, payables))
    frames = [frame for frame in frames if len(frame)]
    return pl.concat(frames, how="vertical") if frames else _nothing(earned)


def _latest_components(payables: Mapping[tuple[str, str], Payable]) -> list[Component]:
    return list({line.component.code: line.component for line in payables.values()}.values())


def _held_for_days(month: Month, earned: pl.DataFrame, component: Component) -> pl.DataFrame:
    assert component.holdback is not None  # noqa: S101  # only such components are asked
    due_on = pl.col("date").fill_null(month.period.last) + timedelta(days=component.holdback.release_after_days)
    positive = earned.filter(
        (pl.col("component") == component.code) & (pl.col("amount") > 0) & ~pl.col("_held_by_gate")
    )
    share = percentage(component.holdback.share)
    if not len(positive):
        return _nothing(earned)
    return _held(
        positive,
        -rounded_share(pl.col("amount"), component.holdback.share, month.plan.rounding),
        due_on,
        _filled_in("REASON_HELD", due_on.dt.to_string("%Y-%m-%d"), "until", share=share),
        pl.lit("lines"),
        pl.lit(""),
    ).filter(pl.col("amount") != 0)


def _held_by_gates(month: Month, earned: pl.DataFrame, payables: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    held = [
        (agent, code, ";".join(line.held_by))
        for (agent, code), line in payables.items()
        if line.held_by and line.amount > 0
    ]
    if not held:
        return _nothing(earned)
    schema: dict[str, Any] = {"agent_id": pl.String, "component": LINE_SCHEMA["component"], "_gates": pl.String}
    rows = earned.join(pl.DataFrame(held, schema=schema, orient="row"), on=["agent_id", "component"], how="inner")
    rows = rows.filter(pl.col("amount") != 0)
    if not len(rows):
        return _nothing(earned)
    return _held(
        rows,
        -pl.col("amount"),
        pl.lit(None, pl.Date),
        _filled_in("REASON_HELD_BY_GATE", pl.col("_gates"), "gates"),
        pl.lit(GATE),
        pl.col("_gates"),
    )


def _filled_in(code: str, texts: pl.Expr, name: str, **fields: object) -> pl.Expr:
    """The sentence with a column of texts in one of its fields."""
    before, _, after = said(code, **{name: "\0"}, **fields).partition("\0")
    return pl.lit(before) + texts + pl.lit(after)


def _nothing(earned: pl.DataFrame) -> pl.DataFrame:
    """No holdback lines; the sentences are not even begun, which an engine may not do over no rows at all."""
    return _held(earned.head(0), *[pl.lit(None)] * 5)


def _held(
    rows: pl.DataFrame, amount: pl.Expr, due_on: pl.Expr, reason: pl.Expr, source: pl.Expr, source_id: pl.Expr
) -> pl.DataFrame:
    held = rows.select(
        kind=pl.lit("holdback"),
        agent_id="agent_id",
        component="component",
        period="period",
        currency="currency",
        plan_id="plan_id",
        plan_version="plan_version",
        payment_id="payment_id",
        account_id="account_id",
        date="date",
        base=pl.lit(""),
        rate=pl.lit(""),
        factor=pl.lit("1"),
        amount=amount.cast(pl.Int64),
        reason=reason.cast(pl.String),
        credited_by="credited_by",
        earned_for="earned_for",
        due_on=due_on.cast(pl.Date),
        reverses_line=pl.lit(""),
        source=source.cast(pl.String),
        source_id=source_id.cast(pl.String),
        _of="_n",
        _seq="_seq",
        _rank="_rank",
        _band="_band",
    )
    return as_lines(held)


def due_at_once(month: Month, held: pl.DataFrame) -> pl.DataFrame:
    """The releases of this run's own holdbacks that fall due in it."""
    due = held.filter(pl.col("due_on") <= month.period.last)
    released = due.with_columns(
        kind=pl.lit("release"),
        amount=-pl.col("amount"),
        due_on=pl.lit(None, pl.Date),
        reason=pl.lit(said("REASON_RELEASED", period=month.period.label)),
        earned_for=pl.lit(month.period.label),
        _of="_n",
    ).drop("_n")
    return as_lines(released)


def release_lines(month: Month, clawbacks: pl.DataFrame) -> pl.DataFrame:
    """What earlier periods held back and is due now; what a gate held and its late value decides.

    clawbacks: this run's, since what was taken back cannot be forfeited as well.
    """
    lines = month.earlier.lines
    closed = lines.filter(pl.col("kind") == "release")["reverses_line"].unique().to_list()
    open_lines = lines.filter((pl.col("kind") == "holdback") & ~pl.col("line_id").is_in(closed)).sort("line_id")
    due = open_lines.filter(pl.col("due_on") <= month.period.last)
    rows = [
        _released(month, line, -line["amount"], said("REASON_RELEASED", period=line["period"]))
        for line in due.iter_rows(named=True)
    ]
    taken = _taken_back(pl.concat([lines.filter(pl.col("kind") == "clawback"), clawbacks], how="diagonal"))
    for line in open_lines.filter(pl.col("due_on").is_null()).iter_rows(named=True):
        rows += _decided(month, line, taken.get(line["reverses_line"], 0))
    return new_lines(rows)


def _taken_back(clawbacks: pl.DataFrame) -> dict[str, int]:
    """How much of each earn line was clawed back (0 or more)."""
    summed = clawbacks.group_by("reverses_line").agg(-pl.col("amount").sum())
    return dict(summed.iter_rows())


@dataclass(frozen=True, slots=True)
class Kept:
    """What a late value left of a held earn line: `share` of what no reversal had taken back by the run `decided`."""

    share: Fraction
    decided: str


def what_was_kept(earlier: EarlierPeriods) -> dict[str, Kept]:
    """By the id of the earn line: what is left of those that a gate or a multiplier had held, and paid less or more.

    Within a run, reversals are settled before releases.
    """
    lines = earlier.lines
    lost = lines.filter((pl.col("kind") == "release") & (pl.col("source") == GATE))
    if not len(lost):
        return {}
    held = lines.filter(pl.col("kind") == "holdback").select(reverses_line="line_id", _earned="reverses_line")
    earned = lines.filter(pl.col("kind") == "earn").select(_earned="line_id", _whole="amount")
    pairs = lost.join(held, on="reverses_line", how="inner").join(earned, on="_earned", how="inner")
    found = {}
    for row in pairs.iter_rows(named=True):
        runs = list(earlier.labels)[: list(earlier.labels).index(row["period"]) + 1]
        taken = lines.filter(
            pl.col("kind").eq("clawback") & pl.col("reverses_line").eq(row["_earned"]) & pl.col("period").is_in(runs)
        )
        left = row["_whole"] + int(taken["amount"].sum())
        found[row["_earned"]] = Kept(1 + Fraction(row["amount"], left), row["period"])
    return found


def _decided(month: Month, line: Mapping[str, Any], taken_back: int) -> list[dict[str, Any]]:
    """A held line released, forfeited or in part both, once its period's value is known; nothing before.

    taken_back: what a clawback has taken of it already, so that nothing is lost twice.
    """
    share = late_share(month, line)
    if share is None:
        return []
    held = -line["amount"]
    left = max(held - taken_back, 0) if held > 0 else held  # a held penalty lapses with the rest of its line
    lost = left - rounded(left * share, month.plan.rounding)
    rows = [
        _released(month, line, held, said("REASON_RELEASED_BY_GATE", gates=line["source_id"], period=line["period"]))
    ]
    if lost:
        forfeited = said("REASON_FORFEITED", gates=line["source_id"], period=line["period"])
        rows.append({**_released(month, line, -lost, forfeited), "source": GATE, "source_id": line["source_id"]})
    return rows


def late_share(month: Month, line: Mapping[str, Any]) -> Fraction | None:
    """The share that the holding gates leave now that their period's values are known; None while one still holds."""
    plan = month.plans.numbered(line["plan_version"]) or month.plan
    period = parse(line["period"], month.period.start_day)
    component = plan.component(line["component"])
    codes = line["source_id"].split(";")
    gates = [gate for gate in plan.gates if gate.code in codes]
    result = outcome(gates, line["agent_id"], period, month.kpis)
    if result.holding:
        return None
    share = result.share
    multiplier = multiplier_of(component, plan) if component else None
    if multiplier is not None and multiplier.code in codes:
        times, still_held, _, _ = factor(multiplier, line["agent_id"], period, month.kpis)
        return None if still_held else share * times
    return share


def _released(month: Month, line: Mapping[str, Any], amount: int, reason: str) -> dict[str, Any]:
    return {
        "kind": "release",
        "agent_id": line["agent_id"],
        "component": line["component"],
        "period": month.period.label,
        "currency": month.plan.currency,
        "plan_id": month.plan.id,
        "plan_version": line["plan_version"],
        "payment_id": line["payment_id"],
        "account_id": line["account_id"],
        "date": line["date"],
        "factor": "1",
        "amount": amount,
        "reason": reason,
        "credited_by": line["credited_by"],
        "earned_for": line["period"],
        "reverses_line": line["line_id"],
        "source": "lines",
        "source_id": line["line_id"],
    }
