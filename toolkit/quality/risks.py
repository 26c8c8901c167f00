"""Calls that are listened to whatever the draw says: complaints, breaches of call rules, broken promises, joiners."""

from dataclasses import dataclass
from datetime import timedelta

import narwhals as nw
import polars as pl

from toolkit.kpis.data import PROMISED, Data, MissingError, eager
from toolkit.kpis.ledger import days_later, standing
from toolkit.problems import Problem, problem, said
from toolkit.promises import alone, in_line, shared
from toolkit.sampling_rules import Sampling

COMPLAINT, BREACH, PROMISE, JOINER = range(4)
"""Which of them comes first where not all may be taken."""
SCHEMA = {"call_id": pl.String, "rank": pl.Int64, "why": pl.String}
ACCOUNT = ["account_id"]


@dataclass(frozen=True)
class Risks:
    """rows: call_id, rank and why, several of a call where it has several reasons."""

    rows: pl.DataFrame
    problems: tuple[Problem, ...]

    def by_call(self) -> pl.DataFrame:
        """One row a call: its first rank, and all that is known of it in one text."""
        ordered = self.rows.unique().sort("call_id", "rank", "why")
        return ordered.group_by("call_id", maintain_order=True).agg(pl.col("rank").min(), pl.col("why").str.join("; "))


def risks(data: Data, calls: pl.DataFrame, plan: Sampling, breaches: pl.DataFrame | None) -> Risks:
    """The risk extras among these calls of the period (`Population.calls`, with `key`, the order of the draw).

    breaches: call_id and rule, what `toolkit conduct` found; None where nobody looked.
    """
    problems: list[Problem] = []
    found = [_complaints(data, calls, plan, problems), _joiners(data, calls, plan)]
    if plan.broken_promises:
        found.append(_broken_promises(data, calls, problems))
    if plan.breaches and breaches is not None:
        found.append(_breaches(calls, breaches, problems))
    return Risks(pl.concat([rows.select(list(SCHEMA)) for rows in found]), tuple(problems))


def _rows(calls: pl.DataFrame, rank: int, why: pl.Expr) -> pl.DataFrame:
    return calls.select("call_id", rank=pl.lit(rank, pl.Int64), why=why)


def _told(code: str, column: str) -> pl.Expr:
    before, _, after = said(code, value="\x00").partition("\x00")
    return pl.concat_str(pl.lit(before), pl.col(column), pl.lit(after))


def _complaints(data: Data, calls: pl.DataFrame, plan: Sampling, problems: list[Problem]) -> pl.DataFrame:
    """The agent's calls to the customer in the days before the complaint; without an agent, everybody's."""
    needed = dict.fromkeys(("agent_id", "account_id", "category"), nw.String)
    if not (data.has("complaints", "complaint_id", "received_at", "category") and plan.complaint_categories):
        return pl.DataFrame(schema=SCHEMA)
    known = eager(data.table("complaints", "complaint_id", "received_at", **needed)).to_polars()
    wanted = known.filter(pl.col("category").is_in(list(plan.complaint_categories)))
    if calls.height:
        recent = wanted.filter(pl.col("received_at").dt.date() >= calls["day"].min())
        nobody = recent.filter(pl.col("account_id").is_null())["complaint_id"].sort().to_list()
        problems += [problem("DRAW_COMPLAINT_OF_NOBODY", value=complaint) for complaint in nobody]
    pairs = calls.filter(pl.col("account_id").is_not_null()).join(
        wanted.rename({"agent_id": "_about"}), on=ACCOUNT, how="inner"
    )
    its_agent = pl.col("_about").is_null() | (pl.col("_about") == pl.col("agent_id"))
    before = pl.col("received_at") - pl.col("started_at")
    near = before.is_between(timedelta(0), timedelta(days=plan.complaint_days))
    return _rows(pairs.filter(its_agent & near), COMPLAINT, _told("DRAW_RISK_COMPLAINT", "complaint_id"))


def _breaches(calls: pl.DataFrame, breaches: pl.DataFrame, problems: list[Problem]) -> pl.DataFrame:
    known = breaches.filter(pl.col("call_id").is_not_null()).with_columns(pl.col("rule").fill_null("–"))
    mine = known.join(calls.select("call_id"), on="call_id", how="semi")
    if known.height and not mine.height:
        problems.append(problem("DRAW_BREACHES_ELSEWHERE", value=known.height))
    return _rows(mine, BREACH, _told("DRAW_RISK_BREACH", "rule"))


def _joiners(data: Data, calls: pl.DataFrame, plan: Sampling) -> pl.DataFrame:
    """Some of the calls of each of somebody's first days, in the order of the draw."""
    known = [(agent, day) for agent, day in data.teams.started_on.items() if day]
    started = pl.DataFrame(known, schema={"agent_id": pl.String, "_started": pl.Date}, orient="row")
    since = (pl.col("day") - pl.col("_started")).dt.total_days()
    first = calls.filter(pl.col("reason") == "").join(started, on="agent_id", how="inner")
    first = first.filter((since >= 0) & (since < plan.joiner_days)).sort("key", "call_id")
    few = first.filter(pl.int_range(pl.len()).over("agent_id", "day") < plan.joiner_calls_a_day)
    return _rows(few, JOINER, pl.lit(said("DRAW_RISK_JOINER")))


# --- broken promises -------------------------------------------------------------------------------------


def _broken_promises(data: Data, calls: pl.DataFrame, problems: list[Problem]) -> pl.DataFrame:
    try:
        broken = broken_promises(data)
    except MissingError as missing:
        if data.has("promises"):
            problems.append(problem("DRAW_PROMISES_UNKNOWN", value=", ".join(missing.names)))
        return pl.DataFrame(schema=SCHEMA)
    key = ["agent_id", "account_id", "day"]
    dated = broken.with_columns(day=pl.col("made_at").dt.date())
    pairs = dated.join(calls.select("call_id", "started_at", *key), on=key, how="inner")
    away = (pl.col("made_at") - pl.col("started_at")).abs()
    nearest = pairs.with_columns(_away=away).sort("_away", "call_id").unique("promise_id", keep="first")
    return _rows(nearest, PROMISE, _told("DRAW_RISK_PROMISE", "promise_id"))


def broken_promises(data: Data) -> pl.DataFrame:
    """promise_id, agent_id, account_id and made_at of the promises whose last day is over and that were not kept.

    Judged as the KPI ptp_conversion does: first made, first served; grace, tolerance as the definitions say.
    """
    made = data.table("promises", *PROMISED, cancelled_on=nw.Date)
    given_up = ~nw.col("cancelled_on").is_null() & (nw.col("cancelled_on") < nw.col("due_on"))
    dated = made.with_columns(last=days_later(nw.col("due_on"), data.definitions.promise_grace_days))
    over = dated.filter(~given_up & (nw.col("made_at").dt.date() <= data.as_of))
    placed = eager(in_line(over, standing(data, kinds=False)))
    contested = placed.filter(nw.col("contested"))
    brought = [alone(placed.filter(~nw.col("contested"))), shared(contested)]
    names = ["promise_id", "agent_id", "account_id", "made_at", "amount", "last", "brought"]
    judged = nw.concat([rows.select(names) for rows in brought], how="vertical").to_polars()
    part, whole = data.definitions.promise_tolerance.as_integer_ratio()
    unkept = pl.col("brought") * whole < pl.col("amount") * part
    return judged.filter(unkept & (pl.col("last") <= data.as_of)).select(
        "promise_id", "agent_id", "account_id", "made_at"
    )
