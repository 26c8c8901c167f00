"""What was spent, as one table that adds up: by agent, team, channel, kind, bucket, product and creditor.

A cost that names an agent is the agent's; one that names a team is its people's; the others are everybody's who worked
in the month. Channels with actions (calls, messages, visits, recoveries, legal cases) go where these were taken, by
their counts; where an action is nobody's, such as a message that a system sent, so is its share. Channels without
actions (salaries, overhead, commission) go to people by the profile's key, equally where nobody has any of it, then to
each one's teams and accounts by the same key, else by everything that the agent did. What is left is on no account.
Such costs are carried by the actions that their people took, as these cost, so that a call or visit has its full cost.
Everything is shared by largest remainder (`toolkit.recovery.allocation`), so the cells add up to the costs to the cent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from toolkit.kpis.data import Data
from toolkit.money import worded
from toolkit.periods import Period
from toolkit.problems import Problem, problem
from toolkit.recovery.allocation import shared, shared_by_the_first
from toolkit.recovery.ledger import Ledger, ledger_of
from toolkit.recovery.work import ACCOUNT, ACTIONS, action_of, months_of, work_done
from toolkit.recovery_rules import RecoveryRules

CELL = ("agent_id", "team", "channel", "kind", "shared", "action", *ACCOUNT)
CELLS_SCHEMA = {**dict.fromkeys(CELL, pl.String), "amount": pl.Int64}
KEY_MEASURE: Mapping[str, str] = {
    "talk_minutes": "talk_seconds",
    "calls": "call",
    "accounts": "accounts",
    "collected": "collected",
}
OWN, TEAM, EVERYBODY, NOBODY = "own", "team", "everybody", "nobody"
SEAT = ["month", "agent_id", "team"]
PERSON = ["agent_id", "team"]


@dataclass(frozen=True)
class Costs:
    """What was spent in a period, and on what it was spent.

    cells: agent_id, team, channel, kind (direct, loaded), shared (own: the cost named the agent; team, everybody: a
      share of what was theirs; nobody: of somebody or a team that nobody knows), action (of whose cost it is
      part: the channel's own, or the one that carries salaries and overhead), bucket, product, creditor, amount in
      minor units. "" where something is not known.
    work: what was done and what it brought (`toolkit.recovery.work`).
    """

    cells: pl.DataFrame
    work: pl.DataFrame
    ledger: Ledger
    problems: tuple[Problem, ...]

    @property
    def total(self) -> int:
        """All that was spent, direct and loaded, in minor units."""
        return int(self.cells["amount"].sum())


def recovery_costs(data: Data, rules: RecoveryRules, period: Period, currency: str = "") -> Costs:
    """The costs of a period by agent, team, channel, kind, bucket, product and creditor.

    currency: the only one that counts; "" for whatever there is. `ToolkitError` as `ledger_of` says.
    """
    ledger = ledger_of(data, rules, period, currency)
    work = work_done(data, rules, period)
    seats = _seats(data, period)
    found: list[Problem] = []
    cells = _cells(ledger, seats, work, rules, data, found)
    carried = _carried(cells, work)
    counted = carried.with_columns(kind=_kind(rules)).group_by(CELL).agg(pl.col("amount").sum())
    table = counted.select(list(CELLS_SCHEMA)).cast(CELLS_SCHEMA).filter(pl.col("amount") != 0).sort(CELL)  # type: ignore[arg-type]
    made = Costs(table, work, ledger, (*ledger.problems, *found))
    # what was spent and what the cells add up to is the same, or nothing is said at all
    assert made.total == int(ledger.spent["amount"].sum()), "the cells do not add up to the costs"  # noqa: S101
    return made


def _kind(rules: RecoveryRules) -> pl.Expr:
    loaded = pl.col("channel").is_in([channel.lower() for channel in rules.fully_loaded])
    return pl.when(loaded).then(pl.lit("loaded")).otherwise(pl.lit("direct"))


def _seats(data: Data, period: Period) -> pl.DataFrame:
    """Who was in which team in which month, and for how many days (`weight`)."""
    rows = [
        (month.label, agent, post.team, (min(post.last, month.last) - max(post.first, month.first)).days + 1)
        for month in months_of(period)
        for agent in data.teams.posts
        for post in data.teams.held_in(agent, month)
    ]
    seats = pl.DataFrame(rows, schema={**dict.fromkeys(SEAT, pl.String), "weight": pl.Int64}, orient="row")
    return seats.group_by(SEAT).agg(pl.col("weight").sum()).sort(SEAT)


# --- to people and their teams -----------------------------------------------------------------------------


def _cells(
    ledger: Ledger, seats: pl.DataFrame, work: pl.DataFrame, rules: RecoveryRules, data: Data, found: list[Problem]
) -> pl.DataFrame:
    """The costs by agent, team, channel, bucket, product and creditor, with how each came there."""
    known, by_rate = _known_teams(ledger.spent, seats), ledger.source == "rate_card"
    is_agents, is_teams = pl.col("agent_id") != "", pl.col("team") != ""
    of_agents = known.filter(is_agents)
    of_teams = known.filter(~is_agents & is_teams)
    here = of_agents.join(seats, on=["month", "agent_id"], how="semi").drop("team")
    of_team = of_teams.join(seats, on=["month", "team"], how="semi").drop("agent_id")
    of_all = known.filter(~is_agents & ~is_teams).drop("agent_id", "team")
    strangers = of_agents.join(seats, on=["month", "agent_id"], how="anti")
    no_team = of_teams.join(seats, on=["month", "team"], how="anti")
    done: list[pl.DataFrame] = []
    if by_rate:  # what nobody in particular did is known: its cost is not everybody's
        unnamed = _by_actions(of_all.with_columns(agent_id=pl.lit("")), OWN, work, rules, done)
        strangers, of_all = pl.concat([strangers, unnamed], how="diagonal"), of_all.clear()
    own = _by_actions(here, OWN, work, rules, done)
    teams = _by_actions(of_team, TEAM, work, rules, done)
    rest = _by_actions(of_all, EVERYBODY, work, rules, done)
    people, of_none = _to_people(own, teams, rest, _key_of(work, seats, rules), rules, data, found)
    found.extend(_of_nobody(strangers, no_team, of_none, data))
    nobody = [part.select("month", "channel", "amount") for part in (strangers, no_team, of_none)]
    lost = pl.concat(nobody).with_columns(**dict.fromkeys(("agent_id", "team", *ACCOUNT), pl.lit("")))
    done += [_to_accounts(people, work, rules, data, found), lost.with_columns(shared=pl.lit(NOBODY))]
    columns = ["agent_id", "team", "channel", "shared", *ACCOUNT, "amount"]
    return pl.concat([part.select(columns) for part in done], how="vertical")


WITHIN: Mapping[str, tuple[str, ...]] = {OWN: ("month", "agent_id"), TEAM: ("month", "team"), EVERYBODY: ("month",)}


def _by_actions(
    costs: pl.DataFrame, whose: str, work: pl.DataFrame, rules: RecoveryRules, done: list[pl.DataFrame]
) -> pl.DataFrame:
    """What has actions of its own goes where they were taken, those of nobody too; gives what is left of it."""
    within = WITHIN[whose]
    into = [name for name in (*SEAT, *ACCOUNT) if name not in within]
    for channel in sorted(costs["channel"].unique()):
        weights = [_weights(work, measures) for measures in _actions_of(channel, rules)]
        mine = costs.filter(pl.col("channel") == channel)
        parts, left = shared_by_the_first(mine, weights, on=within, into=into)
        done += [part.with_columns(shared=pl.lit(whose)) for part in parts]
        costs = pl.concat([costs.filter(pl.col("channel") != channel), left], how="vertical")
    return costs


def _to_people(
    own: pl.DataFrame,
    of_team: pl.DataFrame,
    of_all: pl.DataFrame,
    key: pl.DataFrame,
    rules: RecoveryRules,
    data: Data,
    found: list[Problem],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Costs without actions by month, agent and team: by the key; and those of months in which nobody worked."""
    by_team, _ = _among(of_team, key, ["month", "team"], rules, data, found)
    by_all, of_none = _among(of_all, key, ["month"], rules, data, found)
    parts = ((OWN, _into_teams(own, key)), (TEAM, by_team), (EVERYBODY, by_all))
    columns = [*SEAT, "channel", "shared", "amount"]
    return pl.concat([part.with_columns(shared=pl.lit(word)).select(columns) for word, part in parts]), of_none


def _known_teams(spent: pl.DataFrame, seats: pl.DataFrame) -> pl.DataFrame:
    """With teams called what the agents' are, whatever their capitals and spaces."""
    plain = pl.col("team").str.to_lowercase().str.replace_all(r"\s+", " ")
    names = seats.select("team").unique().filter(pl.col("team") != "").with_columns(_plain=plain).sort("team")
    names = names.unique("_plain", keep="first", maintain_order=True).rename({"team": "_team"})
    joined = spent.with_columns(_plain=plain).join(names, on="_plain", how="left", maintain_order="left")
    exact = pl.col("team").is_in(seats["team"].implode())
    return joined.with_columns(team=pl.when(exact).then("team").otherwise(pl.coalesce("_team", "team"))).drop(
        "_plain", "_team"
    )


def _key_of(work: pl.DataFrame, seats: pl.DataFrame, rules: RecoveryRules) -> pl.DataFrame:
    """What each seat weighs by the profile's key; `days` in it, for whoever has nothing of the key."""
    measure = KEY_MEASURE.get(rules.share_by, "")
    sums = work.filter(pl.col("measure") == measure).group_by(SEAT).agg(pl.col("count").sum().clip(0).alias("weight"))
    counted = seats.rename({"weight": "days"}).join(sums, on=SEAT, how="left")
    return counted.with_columns(pl.col("weight").fill_null(0))


def _among(
    costs: pl.DataFrame, key: pl.DataFrame, within: list[str], rules: RecoveryRules, data: Data, found: list[Problem]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Costs of a team or of everybody, shared among the people: by the key, else equally; and those of nobody."""
    people = key.group_by([*within, "agent_id"]).agg(pl.col("weight").sum())
    equal = people.with_columns(weight=pl.lit(1, pl.Int64))
    (by_key, equally), left = shared_by_the_first(costs, [people, equal], on=within, into=["agent_id"])
    if equally.height and rules.share_by != "equal":
        amount = worded(int(equally["amount"].sum()), data.digits)
        found.append(problem("COST_SHARED_EQUALLY", value=amount, key=rules.share_by))
    both = pl.concat([by_key, equally], how="vertical")
    return (both if "team" in within else _into_teams(both, key)), left


def _into_teams(costs: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    """An agent's costs by the teams of the month, by the key, else by days."""
    days = key.with_columns(weight=pl.col("days"))
    parts, _ = shared_by_the_first(costs, [key, days], on=["month", "agent_id"], into=["team"])
    return pl.concat(parts, how="vertical")


def _of_nobody(strangers: pl.DataFrame, teams: pl.DataFrame, none: pl.DataFrame, data: Data) -> list[Problem]:
    """They were spent, so they count in the total, but for no agent and no team."""
    said = []
    named = strangers.filter(pl.col("agent_id") != "")
    for (agent, month), rows in sorted(named.group_by("agent_id", "month"), key=lambda part: part[0]):
        amount = worded(int(rows["amount"].sum()), data.digits)
        said.append(problem("COST_AGENT_UNKNOWN", value=agent, month=month, amount=amount))
    for (team, month), rows in sorted(teams.group_by("team", "month"), key=lambda part: part[0]):
        amount = worded(int(rows["amount"].sum()), data.digits)
        said.append(problem("COST_TEAM_UNKNOWN", value=team, month=month, amount=amount))
    if none.height:
        said.append(problem("COST_NOBODY_WORKED", value=worded(int(none["amount"].sum()), data.digits)))
    return said


# --- to accounts -------------------------------------------------------------------------------------------


def _to_accounts(
    people: pl.DataFrame, work: pl.DataFrame, rules: RecoveryRules, data: Data, found: list[Problem]
) -> pl.DataFrame:
    """Costs without actions with bucket, product and creditor: by the agent's key, else by everything the agent did."""
    key = KEY_MEASURE.get(rules.share_by)
    weights = [_weights(work, measures) for measures in ([(key,)] if key else []) + [ACTIONS]]
    parts, left = shared_by_the_first(people, weights, on=SEAT, into=list(ACCOUNT))
    if left.height:
        found.append(problem("COST_ON_NO_ACCOUNT", value=worded(int(left["amount"].sum()), data.digits)))
    return pl.concat([left.with_columns(**dict.fromkeys(ACCOUNT, pl.lit(""))), *parts], how="vertical")


def _actions_of(channel: str, rules: RecoveryRules) -> Iterator[tuple[str]]:
    """The measures of a channel's own actions, the first that there is: calls by minutes where these are the key."""
    action = action_of().get(channel)
    if action == "call" and rules.share_by == "talk_minutes":
        yield ("talk_seconds",)
    if action:
        yield (action,)


def _weights(work: pl.DataFrame, measures: tuple[str, ...]) -> pl.DataFrame:
    """By month, agent, team, bucket, product and creditor, the counts of these measures together."""
    rows = work.filter(pl.col("measure").is_in(measures)).group_by(*SEAT, *ACCOUNT).agg(pl.col("count").sum())
    return rows.rename({"count": "weight"})


# --- to actions --------------------------------------------------------------------------------------------


def _carried(cells: pl.DataFrame, work: pl.DataFrame) -> pl.DataFrame:
    """Adds `action`: salaries, overhead and the like are carried by the actions that were taken, as these cost: those
    of the same person and team, else of the team, else of everybody. Where only one kind was taken, it carries all.
    """
    own = cells.with_columns(action=pl.col("channel").replace_strict(action_of(), default=""))
    rest = own.filter(pl.col("action") == "").drop("action").with_columns(_all=pl.lit(""))
    spent, taken = _cost_of_actions(own, work).with_columns(_all=pl.lit("")), _taken(work).with_columns(_all=pl.lit(""))
    named, in_team = pl.col("agent_id") != "", pl.col("team") != ""
    parts = [own.filter(pl.col("action") != "")]
    for weights, on in (
        (spent.filter(named), PERSON),
        (_only(taken.filter(named), PERSON), PERSON),
        (spent.filter(in_team), ["team"]),
        (spent, ["_all"]),
        (_only(taken, ["_all"]), ["_all"]),
    ):
        part, rest = shared(rest, weights, on=on, into=["action"])
        parts.append(part)
    parts.append(rest.with_columns(action=pl.lit("")))
    return pl.concat([part.select(own.columns) for part in parts], how="vertical")


def _cost_of_actions(own: pl.DataFrame, work: pl.DataFrame) -> pl.DataFrame:
    """What the actions of each person and team cost that were taken at all."""
    spent = own.filter(pl.col("action") != "").group_by(*PERSON, "action").agg(pl.col("amount").sum().alias("weight"))
    return spent.join(_taken(work), on=[*PERSON, "action"], how="semi")


def _taken(work: pl.DataFrame) -> pl.DataFrame:
    taken = work.filter(pl.col("measure").is_in(ACTIONS) & (pl.col("count") > 0))
    return taken.select(*PERSON, action="measure").unique()


def _only(taken: pl.DataFrame, of: list[str]) -> pl.DataFrame:
    """The action of those who took one kind only."""
    alone = taken.filter(pl.col("action").n_unique().over(of) == 1)
    return alone.with_columns(weight=pl.lit(1, pl.Int64))
