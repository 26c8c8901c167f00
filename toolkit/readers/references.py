"""What rows say about rows of other tables: agents, accounts, team leaders, owners, reversed payments."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from toolkit.readers.gathered import Finding, Gathered, places_of, spot
from toolkit.tables import Column

UNKNOWN = {"agents": "AGENT_UNKNOWN", "accounts": "ACCOUNT_UNKNOWN", "calls": "CALL_UNKNOWN"}


def with_known_spelling(gathered: Gathered, tables: Mapping[str, Gathered]) -> Gathered:
    """Ids that differ from the ones they refer to in capitals only, spelt as there: "ag-01" is AG-01."""
    rows = gathered.rows
    for column in _references(gathered, tables):
        strangers = _strangers(rows[column.name], tables[column.refers])
        if strangers.len():
            known = tables[column.refers].rows[_key(tables[column.refers])].drop_nulls().unique()
            by_capitals = dict(zip(known.str.to_uppercase(), known, strict=True))
            meant = {text: by_capitals[text.upper()] for text in strangers if text.upper() in by_capitals}
            if meant:
                rows = rows.with_columns(pl.col(column.name).replace(meant))
    return replace(gathered, rows=rows)


def unknown_references(gathered: Gathered, tables: Mapping[str, Gathered]) -> Iterator[Finding]:
    """Ids that the table they refer to does not have, or whose row there was rejected."""
    for column in _references(gathered, tables):
        there = tables[column.refers]
        strangers = _strangers(gathered.rows[column.name], there)
        if not strangers.len():
            continue
        places = places_of(gathered.rows[column.name].is_in(strangers.implode()) & gathered.good)
        refused = _refused(there)
        ids = gathered.rows[column.name].gather(places).to_list()
        each = [f"; its row ({refused[text]}) was rejected" if text in refused else "" for text in ids]
        yield Finding(places, UNKNOWN[column.refers], column.name, each, {"refers": column.refers})


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
    given = ids.alias("id").to_frame()
    return given.join(known.alias("id").to_frame(), on="id", how="anti").to_series().drop_nulls().unique(maintain_order=True)


def _refused(there: Gathered) -> dict[str, str]:
    rows = there.rows.filter(there.rejected).select(_key(there), "source_file", "source_row")
    return {text: spot(source, row) for text, source, row in rows.iter_rows() if text is not None}


def inactive_agents(gathered: Gathered, tables: Mapping[str, Gathered]) -> Iterator[Finding]:
    """Payments that name an agent before the first, or after the last, day with the organisation."""
    agents = tables.get("agents")
    for column in gathered.table.columns:
        if not column.active_on or agents is None or not {column.name, column.active_on} <= set(gathered.rows.columns):
            continue
        for bound, code, outside in (
            ("started_on", "AGENT_NOT_ACTIVE", lambda day, limit: day < limit),
            ("left_on", "AGENT_LEFT", lambda day, limit: day > limit),
        ):
            if bound not in agents.rows.columns or not agents.rows[bound].null_count() < agents.rows.height:
                continue
            days = agents.accepted.group_by(pl.col("agent_id").alias(column.name)).agg(pl.col(bound).max())
            both = gathered.rows.select(column.name, pl.col(column.active_on).dt.date().alias("day"))
            both = both.join(days, on=column.name, how="left", maintain_order="left")
            places = places_of(outside(both["day"], both[bound]) & gathered.good)
            yield Finding(places, code, column.name, both[bound].gather(places).to_list())


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
    circles = _circles(leader)
    places = places_of(gathered.rows["agent_id"].is_in(list(circles)) & column.is_not_null() & gathered.good)
    ids = gathered.rows["agent_id"].gather(places).to_list()
    yield Finding(places, "HIERARCHY_CYCLE", "team_leader_id", [circles[text] for text in ids])


def _circles(leader: Mapping[str, str]) -> dict[str, str]:
    """Every agent on a circle of leaders, with the circle in words."""
    circles: dict[str, str] = {}
    done: set[str] = set()
    for start in leader:
        path: list[str] = []
        seen: set[str] = set()
        agent = start
        while agent in leader and agent not in done and agent not in seen:
            path.append(agent)
            seen.add(agent)
            agent = leader[agent]
        if agent in seen:
            circle = path[path.index(agent) :]
            circles |= dict.fromkeys(circle, " -> ".join([*circle, agent]))
        done |= seen
    return circles


def overlapping_owners(gathered: Gathered, tables: Mapping[str, Gathered]) -> Iterator[Finding]:
    """Accounts that two agents of one role own on the same day."""
    if gathered.table.name != "assignments" or not gathered.rows.height:
        return
    rows = gathered.rows.with_row_index("place").filter(gathered.good)
    if "ended_on" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, dtype=pl.Date).alias("ended_on"))
    rows = rows.with_columns(pl.col("ended_on").fill_null(pl.date(9999, 12, 31)), _role(rows, tables))
    stretches = rows.sort("account_id", "role", "assigned_on", "agent_id")
    within = ["account_id", "role"]
    stretches = stretches.with_columns(pl.col("ended_on").cum_max().shift(1).over(within).alias("before"))
    suspects = stretches.filter(pl.col("assigned_on") <= pl.col("before")).select(within).unique()
    if not suspects.height:
        return
    clashes: dict[int, str] = {}
    for _, owners in stretches.join(suspects, on=within, how="semi").group_by(within, maintain_order=True):
        clashes |= _clashes(owners.select("place", "agent_id", "assigned_on", "ended_on", "source_file", "source_row").rows())
    yield Finding(sorted(clashes), "ASSIGNMENT_OVERLAP", "agent_id", [clashes[place] for place in sorted(clashes)])


def _role(rows: pl.DataFrame, tables: Mapping[str, Gathered]) -> pl.Series:
    agents = tables.get("agents")
    if agents is None:
        return pl.Series("role", [""], dtype=pl.String).new_from_index(0, rows.height)
    roles = agents.accepted.select("agent_id", "role").unique("agent_id", keep="last", maintain_order=True)
    return rows.select("agent_id").join(roles, on="agent_id", how="left", maintain_order="left")["role"].fill_null("")


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


def reversals(gathered: Gathered) -> Iterator[Finding]:
    """Reversals whose payment is not here, came later, or was smaller than what is taken back of it."""
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
    yield Finding(orphan["place"].to_list(), "REVERSAL_ORPHAN", "reverses")
    early = both.filter(pl.col("paid_at") < pl.col("first_paid_at"))
    yield Finding(early["place"].to_list(), "REVERSAL_BEFORE_PAYMENT", "reverses", _day(early["first_paid_at"]))
    taken = both.with_columns((-pl.col("amount")).cum_sum().over("reverses").alias("taken"))
    too_much = taken.filter(pl.col("taken") > pl.col("first_amount"))
    yield Finding(too_much["place"].to_list(), "REVERSAL_EXCEEDS", "amount", too_much["reverses"].to_list())


def _day(times: pl.Series) -> list[str]:
    return times.dt.strftime("%Y-%m-%d %H:%M").to_list()
