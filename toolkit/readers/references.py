"""What rows say about rows of other tables: agents, accounts, team leaders, owners, reversed payments."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from toolkit.readers.draft import SOURCE
from toolkit.readers.gathered import Finding, Gathered, places_of, spot
from toolkit.readers.leaders import circles_of
from toolkit.readers.pairs import is_before
from toolkit.tables import Column

UNKNOWN = {"agents": "AGENT_UNKNOWN", "accounts": "ACCOUNT_UNKNOWN", "calls": "CALL_UNKNOWN"}


@dataclass(frozen=True)
class Strangers:
    """Distinct ids that the table they refer to does not have among its accepted rows, by column."""

    ids: Mapping[str, pl.Series]


def strangers(gathered: Gathered, tables: Mapping[str, Gathered]) -> tuple[Gathered, Strangers]:
    """The ids that are unknown. One that differs from a known one in capitals only becomes it: "ag-01" is AG-01."""
    rows, unknown = gathered.rows, {}
    for column in _references(gathered, tables):
        there = tables[column.refers]
        ids = _strangers(rows[column.name], there)
        meant = _spelt_otherwise(ids, there) if ids.len() else {}
        if meant:
            rows = rows.with_columns(pl.col(column.name).replace(meant))
            ids = _strangers(rows[column.name], there)
        if ids.len():
            unknown[column.name] = ids
    return replace(gathered, rows=rows), Strangers(unknown)


def _spelt_otherwise(ids: pl.Series, there: Gathered) -> dict[str, str]:
    known = there.rows[_key(there)].drop_nulls().unique()
    by_capitals = dict(zip(known.str.to_uppercase(), known, strict=True))
    return {text: by_capitals[text.upper()] for text in ids if by_capitals.get(text.upper(), text) != text}


def unknown_references(gathered: Gathered, tables: Mapping[str, Gathered], unknown: Strangers) -> Iterator[Finding]:
    """Rows with ids that the table they refer to does not have, or whose row there was rejected."""
    for name, ids in unknown.ids.items():
        refers = gathered.table.column(name).refers
        refused = _refused(tables[refers])
        places = places_of(gathered.rows[name].is_in(ids.implode()) & ~gathered.ignored)
        found = gathered.rows[name].gather(places).to_list()
        each = [f"; its row ({refused[text]}) was rejected" if text in refused else "" for text in found]
        yield Finding(places, UNKNOWN[refers], name, each)


def _references(gathered: Gathered, tables: Mapping[str, Gathered]) -> list[Column]:
    return [
        column
        for column in gathered.table.columns
        if column.refers in tables and column.refers and column.name in gathered.rows.columns
    ]


def _key(there: Gathered) -> str:
    return there.table.key[0]


def _strangers(ids: pl.Series, there: Gathered) -> pl.Series:
    """The distinct ids that are not among the accepted rows of the other table."""
    known = there.rows[_key(there)].filter(there.good) if there.rejected.any() else there.rows[_key(there)]
    unknown = ids.alias("id").to_frame().join(known.alias("id").to_frame(), on="id", how="anti").to_series()
    return unknown.drop_nulls().unique(maintain_order=True)


def _refused(there: Gathered) -> dict[str, str]:
    rows = there.rows.filter(there.rejected).select(_key(there), "source_file", "source_row")
    return {text: spot(source, row) for text, source, row in rows.iter_rows() if text is not None}


def inactive_agents(gathered: Gathered, tables: Mapping[str, Gathered]) -> Iterator[Finding]:
    """Payments that name an agent before the first, or after the last, day with the organisation."""
    agents = tables.get("agents")
    for column in gathered.table.columns:
        if agents is None or not column.active_on or not {column.name, column.active_on} <= set(gathered.rows.columns):
            continue
        times = gathered.rows[column.active_on]
        first, last = times.min(), times.max()
        if not isinstance(first, datetime) or not isinstance(last, datetime):
            continue
        for bound, code in (("started_on", "AGENT_NOT_ACTIVE"), ("left_on", "AGENT_LEFT")):
            limits = _limits(agents, bound)
            # most agents were there all the time: only the others' payments are looked at
            doubtful = limits.filter(
                pl.col(bound) > first.date() if bound == "started_on" else pl.col(bound) < last.date()
            )
            if not doubtful.height:
                continue
            theirs = gathered.rows[column.name].is_in(doubtful["agent_id"].implode()) & ~gathered.ignored
            places = pl.Series(places_of(theirs), dtype=pl.UInt32)
            ids = gathered.rows[column.name].gather(places).alias("agent_id").to_frame()
            limit = ids.join(doubtful, on="agent_id", how="left", maintain_order="left")[bound]
            days = times.gather(places).dt.date()
            outside = days < limit if bound == "started_on" else days > limit
            yield Finding(places.filter(outside).to_list(), code, column.name, limit.filter(outside).to_list())


def _limits(agents: Gathered, bound: str) -> pl.DataFrame:
    """Each agent's first or last day; the latest given, where several rows give one."""
    if bound not in agents.rows.columns:
        return pl.DataFrame(schema={"agent_id": pl.String, bound: pl.Date})
    return agents.accepted.group_by("agent_id").agg(pl.col(bound).max()).drop_nulls()


def team_leaders(gathered: Gathered) -> Iterator[Finding]:
    """Team leaders that are no agent, and agents that lead themselves along some way."""
    if gathered.table.name != "agents" or "team_leader_id" not in gathered.rows.columns:
        return
    leads = gathered.rows.filter(gathered.good).select("agent_id", "team_leader_id").drop_nulls().iter_rows()
    leader = dict(leads)
    known = set(gathered.rows["agent_id"].drop_nulls())
    column = gathered.rows["team_leader_id"]
    unknown = [text for text in column.drop_nulls().unique() if text not in known]
    yield Finding(places_of(column.is_in(unknown) & gathered.good), "LEAD_UNKNOWN", "team_leader_id")
    circles = circles_of(leader)
    places = places_of(gathered.rows["agent_id"].is_in(list(circles)) & column.is_not_null() & gathered.good)
    ids = gathered.rows["agent_id"].gather(places).to_list()
    yield Finding(places, "HIERARCHY_CYCLE", "team_leader_id", [circles[text] for text in ids])


def overlapping_owners(gathered: Gathered, tables: Mapping[str, Gathered]) -> Iterator[Finding]:
    """Accounts that two agents of one role own on the same day."""
    if gathered.table.name != "assignments" or not gathered.rows.height:
        return
    rows = gathered.rows.with_row_index("place").filter(gathered.good)
    if "ended_on" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.Date).alias("ended_on"))
    rows = _by_role(rows.with_columns(pl.col("ended_on").fill_null(pl.date(9999, 12, 31))), tables)
    within = ["account_id", "role"]
    suspects = _perhaps_shared(rows)
    if not suspects.height:
        return
    clashes: dict[int, str] = {}
    stretches = suspects.sort(*within, "assigned_on", "agent_id")
    for _, owners in stretches.group_by(within, maintain_order=True):
        clashes |= _clashes(owners.select("place", "agent_id", "assigned_on", "ended_on", *SOURCE).rows())
    yield Finding(sorted(clashes), "ASSIGNMENT_OVERLAP", "agent_id", [clashes[place] for place in sorted(clashes)])


def _perhaps_shared(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of accounts on which an assignment begins in a role before the one before it has ended.

    Accounts and roles are compared as numbers, which sort fast; two that share a number are looked at in vain.
    """
    numbers = rows.select(
        _owned=pl.col("account_id").hash() ^ pl.col("role").hash(1),
        _from=pl.col("assigned_on").to_physical(),
        _to=pl.col("ended_on").to_physical(),
    )
    ordered = numbers.sort(pl.col("_owned").cast(pl.Int128) * 2**32 + pl.col("_from"))
    begins_early = (pl.col("_owned") == pl.col("_owned").shift()) & (pl.col("_from") <= pl.col("_to").shift())
    shared = ordered.filter(begins_early)["_owned"].unique()
    return rows.filter(numbers["_owned"].is_in(shared.implode()))


def _by_role(rows: pl.DataFrame, tables: Mapping[str, Gathered]) -> pl.DataFrame:
    """The assignments with `role`, cut where the agent's role changed: who was promoted owns in both roles in turn."""
    agents = tables.get("agents")
    if agents is None:
        return rows.with_columns(role=pl.lit(""))
    posts = agents.accepted
    optional = [pl.lit(None, pl.Date).alias(name) for name in ("valid_from", "valid_to") if name not in posts.columns]
    posts = posts.with_columns(optional).select(
        "agent_id",
        "role",
        _from=pl.col("valid_from").fill_null(pl.date(1900, 1, 1)),
        _to=pl.col("valid_to").fill_null(pl.date(9999, 12, 31)),
    )
    held = rows.join(posts, on="agent_id", how="left", maintain_order="left").with_columns(
        pl.col("role").fill_null(""),
        assigned_on=pl.max_horizontal("assigned_on", "_from"),
        ended_on=pl.min_horizontal("ended_on", "_to"),
    )
    return held.filter(pl.col("assigned_on") <= pl.col("ended_on")).drop("_from", "_to")


def _clashes(owners: list[tuple[object, ...]]) -> dict[int, str]:
    """Each row of an account that shares a day with another agent's row, with that other row in words."""
    clashes: dict[int, str] = {}
    for index, (place, agent, _, ended, source, row) in enumerate(owners):
        for other_place, other_agent, other_start, _, other_source, other_row in owners[index + 1 :]:
            if other_start > ended:  # type: ignore[operator]  # both are days
                break
            if other_agent != agent:
                clashes.setdefault(place, f"{other_agent} ({spot(str(other_source), int(str(other_row)))})")  # type: ignore[arg-type]
                clashes.setdefault(other_place, f"{agent} ({spot(str(source), int(str(row)))})")  # type: ignore[arg-type]
    return clashes


NEARLY_A_WEEK = 7
"""Days without an owner that are more likely a slip than meant."""


def unowned_days(gathered: Gathered) -> Iterator[Finding]:
    """Assignments that begin a few days after the last one of their account has ended."""
    if gathered.table.name != "assignments" or "ended_on" not in gathered.rows.columns:
        return
    rows = gathered.rows.with_row_index("place").filter(gathered.good).sort("account_id", "assigned_on")
    ends = pl.col("ended_on").fill_null(pl.date(9999, 12, 31)).cum_max().over("account_id")
    before = rows.with_columns(_before=ends).with_columns(pl.col("_before").shift().over("account_id"))
    days = (pl.col("assigned_on") - pl.col("_before")).dt.total_days() - 1
    gaps = before.with_columns(_days=days).filter(pl.col("_days").is_between(1, NEARLY_A_WEEK))
    yield Finding(gaps["place"].to_list(), "ASSIGNMENT_GAP", "assigned_on", gaps["_days"].to_list())


def reversals(gathered: Gathered, paid_before: Collection[str] | None) -> Iterator[Finding]:
    """Reversals whose payment is not here, came later, or was smaller than what is taken back of it.

    paid_before: payments of earlier runs; None: somebody else knows them, and says which are missing.
    """
    if gathered.table.name != "payments" or "reverses" not in gathered.rows.columns:
        return
    if gathered.rows["reverses"].null_count() == gathered.rows.height:
        return
    rows = gathered.rows.with_row_index("place").filter(gathered.good & gathered.rows["reverses"].is_not_null())
    paid = gathered.rows.filter(gathered.good).select(
        pl.col("payment_id").alias("reverses"),
        pl.col("paid_at").alias("first_paid_at"),
        pl.col("amount").alias("first_amount"),
    )
    both = rows.join(paid, on="reverses", how="left").sort("reverses", "paid_at", "payment_id")
    orphan = both.filter(pl.col("first_paid_at").is_null())
    if paid_before is not None:
        orphan = orphan.filter(~pl.col("reverses").is_in(list(paid_before)))
        yield Finding(orphan["place"].to_list(), "REVERSAL_ORPHAN", "reverses")
    early = both.filter(is_before(both["paid_at"], both["first_paid_at"]))
    yield Finding(early["place"].to_list(), "REVERSAL_BEFORE_PAYMENT", "reverses", _day(early["first_paid_at"]))
    taken = both.with_columns((-pl.col("amount")).cum_sum().over("reverses").alias("taken"))
    too_much = taken.filter(pl.col("taken") > pl.col("first_amount"))
    yield Finding(too_much["place"].to_list(), "REVERSAL_EXCEEDS", "reverses")


def _day(times: pl.Series) -> list[str]:
    return times.dt.strftime("%Y-%m-%d %H:%M").to_list()
