"""Commission lines: every piece of every payable line, with its base, rate, factor and reason."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.bands import ONE
from toolkit.csv_text import plain_text
from toolkit.earlier import LINE_SCHEMA, WORD, as_lines
from toolkit.money import PPM, decimal_text
from toolkit.money import shared_out as shared_out_exactly
from toolkit.plans import Component
from toolkit.problems import said
from toolkit.rows import shared_out
from toolkit.steps.components import Payable
from toolkit.steps.month import Month
from toolkit.steps.terms import Earnings, Loose, is_sliced
from toolkit.steps.words import why_words

LARGEST = 2**62
EXTRA_DIGITS = 4
"""Digits of a base beyond the currency's, for bases that are a share of a payment."""


def earn_lines(month: Month, by_segment: Sequence[Earnings], lines: Mapping[tuple[str, str], Payable]) -> pl.DataFrame:
    """All earn lines; the pieces of an agent and component add up to its payable line exactly."""
    codes = dict.fromkeys(found.segment.component.code for found in by_segment)
    frames = [_component_lines(month, code, by_segment, lines) for code in codes]
    frames = [frame for frame in frames if len(frame)]
    return pl.concat(frames, how="vertical") if frames else empty_lines()


def empty_lines() -> pl.DataFrame:
    return pl.DataFrame(schema={**LINE_SCHEMA, "_seq": pl.Int64, "_rank": pl.Int64, "_band": pl.Int64}).drop("line_id")


def _component_lines(
    month: Month, code: str, by_segment: Sequence[Earnings], lines: Mapping[tuple[str, str], Payable]
) -> pl.DataFrame:
    own = {number: found for number, found in enumerate(by_segment) if found.segment.component.code == code}
    pieces = _all_pieces(own)
    agents = {agent: line for (agent, line_code), line in lines.items() if line_code == code}
    loose = _loose_by_agent(own, agents)
    heaviest = _heaviest(pieces)
    shares = {agent: _whole_shares(own, agent, line, heaviest) for agent, line in agents.items() if agent not in loose}
    quick = {agent: share for agent, share in shares.items() if share is not None}
    slow = [agent for agent in agents if agent not in quick]
    frames = [_quick_lines(pieces, quick, agents), _slow_lines(own, pieces, slow, agents, loose, month.unit)]
    both = pl.concat([frame for frame in frames if len(frame)] or frames[:1], how="diagonal_relaxed")
    return _worded(month, code, own, both, agents)


def _all_pieces(own: Mapping[int, Earnings]) -> pl.DataFrame:
    frames = [
        found.pieces.to_polars().with_columns(_segment=pl.lit(number, pl.Int64))
        for number, found in own.items()
        if found.pieces is not None
    ]
    return pl.concat(frames, how="vertical") if frames else pl.DataFrame(schema=PIECE_SCHEMA)


PIECE_SCHEMA: dict[str, Any] = {
    "seq": pl.Int64,
    "rank": pl.Int64,
    "payment_id": pl.String,
    "account_id": pl.String,
    "source": pl.String,
    "source_id": pl.String,
    "agent_id": pl.String,
    "credited_by": pl.String,
    "day": pl.Date,
    "version": pl.Int64,
    "earned_for": pl.String,
    "band": pl.Int64,
    "piece": pl.Int64,
    "weight": pl.Int64,
    "_segment": pl.Int64,
}


def _heaviest(pieces: pl.DataFrame) -> dict[tuple[str, int], int]:
    found = pieces.group_by("agent_id", "_segment").agg(pl.col("weight").abs().max())
    return {(agent, segment): int(weight or 0) for agent, segment, weight in found.iter_rows()}


def _loose_by_agent(own: Mapping[int, Earnings], agents: Mapping[str, Payable]) -> dict[str, list[tuple[int, Loose]]]:
    """The pieces that no table row stands behind; a floor under an agent who earned nothing is one more."""
    found: dict[str, list[tuple[int, Loose]]] = {}
    for number, earned in own.items():
        for piece in earned.loose:
            found.setdefault(piece.agent_id, []).append((number, piece))
    for agent, line in agents.items():
        for number, part in line.parts.items():
            if part.is_floor_alone:
                floor = Loose(agent, part.final, None, -1, said("REASON_FLOOR_ALONE"), is_floor=True)
                found.setdefault(agent, []).append((number, floor))
    return found


def _whole_shares(
    own: Mapping[int, Earnings], agent: str, line: Payable, heaviest: Mapping[tuple[str, int], int]
) -> dict[int, tuple[int, int]] | None:
    """(p, q) by segment with one q for all, so that a piece is worth weight x p / q; None if int64 cannot hold it."""
    scales = {
        number: _scaled(own[number].terms[agent].per_weight, part.scale, line.plan_cap_scale)
        for number, part in line.parts.items()
    }
    q = lcm(*(scale.denominator for scale in scales.values()))
    shares = {number: (int(scale * q), q) for number, scale in scales.items()}
    fits = all(heaviest.get((agent, number), 0) * max(abs(p), 1) < LARGEST for number, (p, _) in shares.items())
    return shares if fits and q < LARGEST else None


def _scaled(worth: Fraction, *scales: Fraction) -> Fraction:
    """`worth` times the scales; most are 1, and a million needless products take their time."""
    for scale in scales:
        if scale is not ONE and scale != 1:
            worth = worth * scale
    return worth


def _quick_lines(
    pieces: pl.DataFrame, quick: Mapping[str, Mapping[int, tuple[int, int]]], agents: Mapping[str, Payable]
) -> pl.DataFrame:
    """The pieces of most agents: integers only, all rows at once."""
    rows = [(agent, number, p, q, agents[agent].amount) for agent, by in quick.items() for number, (p, q) in by.items()]
    schema = {"agent_id": pl.String, "_segment": pl.Int64, "p": pl.Int64, "q": pl.Int64, "_total": pl.Int64}
    joined = pieces.join(pl.DataFrame(rows, schema=schema, orient="row"), on=["agent_id", "_segment"], how="inner")
    if not len(joined):
        return joined.with_columns(amount=pl.lit(0, pl.Int64), _loose=pl.lit(None, WORD))
    shared: pl.DataFrame = shared_out(
        nw.from_native(joined, eager_only=True),
        within=["agent_id"],
        total="_total",
        order=["rank", "band"],
        into="amount",
    ).to_native()
    return shared.drop("p", "q", "_total", "weight").with_columns(_loose=pl.lit(None, WORD))


def _slow_lines(
    own: Mapping[int, Earnings],
    pieces: pl.DataFrame,
    slow: Sequence[str],
    agents: Mapping[str, Payable],
    loose: Mapping[str, list[tuple[int, Loose]]],
    unit: int,
) -> pl.DataFrame:
    """The pieces of agents whose line holds fractions that no int64 can: exact, one by one."""
    rows: list[dict[str, Any]] = []
    by_agent: dict[str, list[dict[str, Any]]] = {}
    component = next(iter(own.values())).segment.component
    has_rate = component.kind != "fixed" and not (component.kind == "matrix" and component.counts_money)
    for row in pieces.filter(pl.col("agent_id").is_in(list(slow))).iter_rows(named=True):
        by_agent.setdefault(row["agent_id"], []).append(row)
    for agent in slow:
        line = agents[agent]
        held = [(row, _worth(own, line, row)) for row in by_agent.get(agent, [])]
        held += [
            (_loose_row(agent, number, piece, unit, has_rate), _loose_worth(line, number, piece))
            for number, piece in loose.get(agent, [])
        ]
        held.sort(key=lambda pair: (pair[0]["rank"], pair[0]["band"]))
        amounts = shared_out_exactly(line.amount, [worth for _, worth in held])
        rows += [{**row, "amount": amount} for (row, _), amount in zip(held, amounts, strict=True)]
    schema = {name: dtype for name, dtype in PIECE_SCHEMA.items() if name != "weight"}
    schema |= {
        "amount": pl.Int64,
        "_loose": WORD,
        "_base": pl.String,
        "_own_rate": WORD,
        "_exact": pl.Boolean,
    }
    return pl.DataFrame([{name: value for name, value in row.items() if name in schema} for row in rows], schema=schema)


def _worth(own: Mapping[int, Earnings], line: Payable, row: Mapping[str, Any]) -> Fraction:
    number = row["_segment"]
    per_weight = own[number].terms[line.agent_id].per_weight
    weight: int = row["weight"]
    return weight * per_weight * line.parts[number].scale * line.plan_cap_scale


def _loose_worth(line: Payable, number: int, piece: Loose) -> Fraction:
    part = line.parts[number]
    return piece.exact * (ONE if piece.is_floor else part.scale) * line.plan_cap_scale


def _loose_row(agent: str, number: int, piece: Loose, unit: int, has_rate: bool) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(PIECE_SCHEMA, None)
    blank |= {
        "seq": 0,
        "rank": 0,
        "payment_id": "",
        "account_id": "",
        "source": "",
        "source_id": "",
        "credited_by": "",
        "earned_for": "",
    }
    known = {name: value for name, value in piece.row.items() if name in PIECE_SCHEMA}
    base = "" if piece.base is None else decimal_text(piece.base)
    rate = decimal_text(piece.exact / piece.base / unit, 10) if piece.base and has_rate else ""
    return {
        **blank,
        **known,
        "agent_id": agent,
        "band": piece.band,
        "_segment": number,
        "_loose": piece.reason or None,
        "_base": base,
        "_own_rate": rate,
        "_exact": True,
    }


def _worded(
    month: Month, code: str, own: Mapping[int, Earnings], rows: pl.DataFrame, agents: Mapping[str, Payable]
) -> pl.DataFrame:
    """The columns of lines.csv, and `_seq`, `_rank` and `_band` to put the lines in order by."""
    combinations = rows.select("agent_id", "_segment", "band").unique()
    said = _words(month, own, combinations, agents)
    with_words = rows.join(said, on=["agent_id", "_segment", "band"], how="left")
    component = next(iter(own.values())).segment.component
    base = _base_text(with_words, month.digits if component.counts_money else 0)
    reason, rate = pl.col("_reason"), pl.col("_rate")
    if "_base" in rows.columns:
        exact = pl.col("_exact").fill_null(False)
        base = pl.when(exact).then(pl.col("_base")).otherwise(base)
        rate = pl.when(exact).then(pl.col("_own_rate")).otherwise(rate)
        reason = pl.coalesce("_loose", reason)
    lines = with_words.select(
        kind=pl.lit("earn"),
        agent_id="agent_id",
        component=pl.lit(code),
        period=pl.lit(month.period.label),
        currency=pl.lit(month.plan.currency),
        plan_id=pl.lit(month.plan.id),
        plan_version=pl.coalesce("version", "_version"),
        payment_id="payment_id",
        account_id=pl.col("account_id").fill_null(""),
        date="day",
        base=base,
        rate=rate,
        factor="_factor",
        amount="amount",
        reason=reason,
        credited_by="credited_by",
        earned_for="earned_for",
        due_on=pl.lit(None, pl.Date),
        reverses_line=pl.lit(""),
        source="source",
        source_id="source_id",
        _seq="seq",
        _rank="rank",
        _band="band",
    )
    return as_lines(lines)


WORDS_SCHEMA: dict[str, Any] = {
    "agent_id": pl.String,
    "_segment": pl.Int64,
    "band": pl.Int64,
    "_rate": WORD,
    "_factor": WORD,
    "_reason": WORD,
    "_base_p": pl.Int64,
    "_base_q": pl.Int64,
    "_version": pl.Int64,
}


def _words(
    month: Month, own: Mapping[int, Earnings], combinations: pl.DataFrame, agents: Mapping[str, Payable]
) -> pl.DataFrame:
    """What is the same for all pieces of an agent in a band: rate, factor, reason, and a piece's worth as a base."""
    factors: dict[Fraction, str] = {ONE: "1"}
    of_band: dict[tuple[int, int], tuple[str, str]] = {}
    of_agent: dict[tuple[str, int], tuple[str, str, int, int]] = {}
    rows = []
    for agent, number, band in combinations.iter_rows():
        found, line = own[number], agents[agent]
        if (agent, number) not in of_agent:
            part = line.parts[number]
            scale = _scaled(part.scale, line.plan_cap_scale)
            factor = factors.get(scale) or factors.setdefault(scale, decimal_text(scale, 10))
            plan_cap = (said("REASON_PLAN_CAP"),) if line.plan_cap_scale != 1 else ()
            per_piece = found.terms[agent].per_piece
            why = "; ".join((*part.reasons, *plan_cap))
            of_agent[agent, number] = factor, why, per_piece.numerator, per_piece.denominator
        if (number, band) not in of_band:
            component = found.segment.component
            of_band[number, band] = (_band_rate(component, band), why_words(component, band)) if band >= 0 else ("", "")
        factor, suffix, base_p, base_q = of_agent[agent, number]
        rate, why = of_band[number, band]
        if _rate_by_agent(found.segment.component) and band >= 0 and found.terms[agent].per_piece:
            rate = _own_rate(month, found, agent, band)
        reason = f"{why}; {suffix}" if why and suffix else why or suffix
        rows.append((agent, number, band, rate, factor, reason, base_p, base_q, found.segment.version))
    return pl.DataFrame(rows, schema=WORDS_SCHEMA, orient="row")


def _base_text(rows: pl.DataFrame, digits: int) -> pl.Expr:
    """piece x p / q as text with at least the currency's digits and at most four more."""
    whole = pl.col("piece") * pl.col("_base_p")
    if not len(rows.filter(pl.col("_base_q") * pl.col("_base_p") != 10**digits)):
        return plain_text(whole, digits, keep=digits)
    scaled = (whole * (2 * 10 ** (digits + EXTRA_DIGITS)) + pl.col("_base_q")) // (pl.col("_base_q") * 2)
    return plain_text(scaled, digits + EXTRA_DIGITS, keep=digits)


def _rate_by_agent(component: Component) -> bool:
    """Whether the rate depends on the agent's own target or place, not on the band alone."""
    return component.kind == "at_target" or component.band_mode == "interpolated"


def _band_rate(component: Component, band: int) -> str:
    """A share as a decimal fraction, or the amount for one unit; "" where nothing is multiplied."""
    if component.matrix is not None:
        if component.counts_money:
            return ""
        return (
            f"{component.matrix.amounts[band // len(component.matrix.columns)][band % len(component.matrix.columns)]:f}"
        )
    if component.kind == "fixed":
        return ""
    if component.kind == "per_unit":
        return f"{component.scale[band].amount or 0:f}"
    return decimal_text(Fraction(component.scale[band].rate or 0, PPM))


def _own_rate(month: Month, found: Earnings, agent: str, band: int) -> str:
    terms, component = found.terms[agent], found.segment.component
    weight = (component.scale[band].rate or 0) if is_sliced(component) else 1
    return decimal_text(weight * terms.per_weight / (terms.per_piece * month.unit), 10)
