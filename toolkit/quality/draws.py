"""The draw: which calls are listened to, by whom, with what chance; and which are not, and why.

Whether a call is drawn depends on its id and the seed alone: calls of a stratum are put in the order of a hash, and the
first of them are drawn. So the order of the rows does not matter, every machine draws the same, and calls that come
later push out no more than they must.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from toolkit.kpis.data import Data, MissingError
from toolkit.kpis.quality import evaluations
from toolkit.periods import Period
from toolkit.problems import Problem, problem, said
from toolkit.qc import MILLION
from toolkit.quality.evaluators import NO_LIMITS, Heard, allocated, known_once, words_of
from toolkit.quality.margins import Margin, effective, interval, margin, sample_size
from toolkit.quality.population import Population, population
from toolkit.quality.risks import Risks, risks
from toolkit.quality.sampling import calls_an_agent, shared_out, strata_of
from toolkit.sampling_rules import Sampling

WANTED = Fraction(5, 100)
"""The margin whose price is shown where nobody asked for one."""
RANDOM = "random"
ABOUT = ("call_id", "agent_id", "agent", "team", "started_at", "account_id", "talk_seconds", "direction", "disposition",
         "recording", "stratum")  # fmt: skip


@dataclass(frozen=True)
class Draw:
    """A draw and everything that was not drawn.

    drawn: the calls to listen to, with stratum_calls, stratum_drawn, reason (random, or risk and why), probability and
    weight (how many calls of the stratum each stands for; null for risk extras, which stand for themselves alone),
    evaluator and remark. reserve: the calls that could have been drawn, each with its `place` in the line of its agent
    and stratum. excluded: calls that could not, with reason, also (further reasons) and risk (that of a call which
    should have been heard). margins: what the calls say of agents, teams and everybody.
    """

    plan: Sampling
    period: Period
    seed: int
    wanted: Fraction
    population: int
    drawn: pl.DataFrame
    reserve: pl.DataFrame
    excluded: pl.DataFrame
    margins: tuple[Margin, ...]
    evaluators: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How the calls of the period add up: population = random + risk + not drawn + excluded."""
        random = self.drawn.filter(pl.col("weight").is_not_null()).height
        return {
            "population": self.population,
            "random": random,
            "risk": self.drawn.height - random,
            "not_drawn": self.reserve.height,
            "excluded": self.excluded.height,
        }

    @property
    def reasons(self) -> Counter[str]:
        """How many calls were left out, by the first reason."""
        return Counter(self.excluded["reason"].to_list())


def call_key(seed: int, call_id: str) -> str:
    """Where a call stands in the order of the draw: the same on every machine, and nobody can choose it."""
    return hashlib.sha256(f"{seed}\x1f{call_id}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def draw(
    data: Data,
    plan: Sampling,
    period: Period,
    *,
    seed: int | None = None,
    per_agent: int | None = None,
    evaluators: Sequence[str] = (),
    most: Mapping[str, int] = NO_LIMITS,
    breaches: pl.DataFrame | None = None,
) -> Draw:
    """The draw of a period's calls.

    seed: the plan's, unless given. per_agent: of the period, in place of the plan's for a month. evaluators: names or
    agent ids; none: those of the plan, else those in the data. most: how many calls they hear at most, by name in small
    letters; who is not there has no limit.
    breaches: call_id and rule. `MissingError` where there are no calls.
    """
    chosen = plan.seed if seed is None else seed
    everything = population(data, plan, period)
    keys = [call_key(chosen, call) for call in everything.calls["call_id"]]
    calls = everything.calls.with_columns(key=pl.Series(keys, dtype=pl.String))
    eligible = calls.filter(pl.col("reason") == "")
    least = calls_an_agent(plan, period) if per_agent is None else per_agent
    strata = _strata(eligible, plan, least)
    ranked = _ranked(eligible, strata)
    extras = risks(data, calls, plan, breaches)
    chances, reserve, excluded = _parted(calls, ranked, extras, plan)
    people, remarks = _evaluators(data, plan, evaluators)
    drawn = _with_evaluators(data, chances, people, chosen, most)
    wanted = Fraction(plan.margin) / 100 if plan.margin else WANTED
    margins = _margins(data, period, eligible, drawn, float(wanted))
    problems = (*everything.problems, *extras.problems, *remarks, *_doubts(drawn, eligible, everything, people))
    made = Draw(plan, period, chosen, wanted, calls.height, drawn, reserve, excluded, margins, tuple(people), problems)
    counts = made.counts
    if counts["population"] != sum(counts.values()) - counts["population"]:
        raise AssertionError(f"the calls of the period do not add up: {counts}")
    return made


# --- sizes -----------------------------------------------------------------------------------------------


def _strata(eligible: pl.DataFrame, plan: Sampling, least: int) -> pl.DataFrame:
    """agent_id, stratum, and of the stratum in which it is drawn: drawn_in, stratum_calls, stratum_drawn."""
    counted = eligible.group_by("agent_id", "stratum").len().sort("agent_id", "stratum")
    sizes: dict[str, dict[str, int]] = {}
    for agent, stratum, calls in counted.iter_rows():
        sizes.setdefault(agent, {})[stratum] = calls
    numbers = _numbers(eligible, sizes, plan, least)
    rows = [
        (agent, group, stratum.name, stratum.calls, stratum.drawn)
        for agent, of in sizes.items()
        for stratum in strata_of(of, numbers[agent], _boosts(of, plan), plan)
        for group in stratum.groups
    ]
    schema = {"agent_id": pl.String, "stratum": pl.String, "drawn_in": pl.String,
              "stratum_calls": pl.Int64, "stratum_drawn": pl.Int64}  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def _boosts(strata: Mapping[str, int], plan: Sampling) -> dict[str, Fraction]:
    """How many times as often calls of a stratum are drawn: what is said of any of its words."""
    found = {}
    for stratum in strata:
        boost = Fraction(1)
        for word in stratum.split(", "):
            boost *= Fraction(plan.oversample.get(word, 1))
        found[stratum] = boost
    return found


def _numbers(
    eligible: pl.DataFrame, sizes: Mapping[str, Mapping[str, int]], plan: Sampling, least: int
) -> dict[str, int]:
    """How many calls are drawn of each agent: `least`, or the share of what the team's margin takes if that is more."""
    numbers = {agent: min(least, sum(of.values())) for agent, of in sizes.items()}
    if plan.margin is None:
        return numbers
    teams: dict[str, list[str]] = {}
    for agent, team in eligible.select("agent_id", "team").unique().sort("agent_id").iter_rows():
        teams.setdefault(team, []).append(agent)
    for members in teams.values():
        calls = {agent: sum(sizes[agent].values()) for agent in members}
        needed = sample_size(float(plan.margin) / 100, sum(calls.values()))
        weights = {agent: Fraction(calls[agent] if plan.agents == "proportional" else 1) for agent in members}
        for agent, number in shared_out(needed, weights, calls).items():
            numbers[agent] = max(numbers[agent], number)
    return numbers


def _ranked(eligible: pl.DataFrame, strata: pl.DataFrame) -> pl.DataFrame:
    """The calls that can be drawn, with their place in the line of the stratum in which they are drawn."""
    placed = eligible.join(strata, on=["agent_id", "stratum"], how="left").with_columns(stratum=pl.col("drawn_in"))
    line = placed.drop("drawn_in").sort("agent_id", "stratum", "key", "call_id")
    return line.with_columns(place=pl.int_range(1, pl.len() + 1).over("agent_id", "stratum"))


# --- parts -----------------------------------------------------------------------------------------------


def _parted(
    calls: pl.DataFrame, ranked: pl.DataFrame, extras: Risks, plan: Sampling
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The drawn calls, those in reserve, and those left out: each call of the period is in one of them."""
    known = extras.by_call()
    at_random = pl.col("place") <= pl.col("stratum_drawn")
    first = ranked.filter(at_random)
    open_to = calls.filter(~pl.col("hard")).join(first.select("call_id"), on="call_id", how="anti")
    taken = _within_limit(known.join(open_to.select("call_id", "agent_id", "key"), on="call_id", how="inner"), plan)
    beside = ["call_id", "agent_id", "stratum"]
    risky = open_to.drop("stratum").join(taken.select("call_id", "why"), on="call_id", how="inner").join(
        ranked.select("call_id", "stratum", "stratum_calls", "stratum_drawn"), on="call_id", how="left"
    )  # fmt: skip
    drawn = pl.concat([_at_random(first, known), _as_extra(risky)])
    gone = drawn.select("call_id")
    reserve = ranked.filter(~at_random).join(gone, on="call_id", how="anti")
    excluded = calls.filter(pl.col("reason") != "").join(gone, on="call_id", how="anti")
    excluded = excluded.join(known.select("call_id", risk="why"), on="call_id", how="left")
    shown = [*ABOUT[:-1], "reason", "also", "risk"]
    return (
        drawn.sort(*beside[1:], "call_id"),
        reserve.select(*ABOUT, "place").sort("agent_id", "stratum", "place"),
        excluded.with_columns(pl.col("risk").fill_null("")).select(shown).sort("call_id"),
    )


def _within_limit(found: pl.DataFrame, plan: Sampling) -> pl.DataFrame:
    if not plan.risk_at_most:
        return found
    ordered = found.sort("agent_id", "rank", "key", "call_id")
    return ordered.filter(pl.int_range(pl.len()).over("agent_id") < plan.risk_at_most)


def _at_random(first: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    both = first.join(known.select("call_id", "why"), on="call_id", how="left")
    reason = pl.when(pl.col("why").is_null()).then(pl.lit(RANDOM)).otherwise(
        pl.concat_str(pl.lit(f"{RANDOM}; "), pl.col("why"))
    )  # fmt: skip
    share = pl.col("stratum_drawn") / pl.col("stratum_calls")
    return both.select(
        *ABOUT, "day", "stratum_calls", "stratum_drawn", reason=reason, probability=share, weight=1 / share
    )


def _as_extra(risky: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.Float64)
    return risky.with_columns(pl.col("stratum").fill_null(said("DRAW_NO_STRATUM_OF_ITS_OWN"))).select(
        *ABOUT, "day", "stratum_calls", "stratum_drawn", reason=pl.col("why"), probability=nothing, weight=nothing
    )


# --- evaluators ------------------------------------------------------------------------------------------


def _evaluators(data: Data, plan: Sampling, given: Sequence[str]) -> tuple[list[str], list[Problem]]:
    named = known_once(given) or known_once(plan.evaluators)
    if named:
        return named, []
    seen: list[str] = []
    if data.has("evaluations", "evaluator"):
        found = data.table("evaluations", "evaluator").to_native()
        seen = known_once(name for name in found["evaluator"].unique().to_list() if name)
    if seen:
        return seen, [problem("DRAW_EVALUATORS_FROM_DATA", value=", ".join(seen))]
    return [], [problem("DRAW_EVALUATORS_UNKNOWN")]


def _with_evaluators(
    data: Data, drawn: pl.DataFrame, evaluators: Sequence[str], seed: int, most: Mapping[str, int]
) -> pl.DataFrame:
    names = {agent: posts[-1].name for agent, posts in data.teams.posts.items()}
    heard = []
    for call, agent, day in drawn.select("call_id", "agent_id", "day").iter_rows():
        post = data.teams.latest(agent, day)
        leader = post.team_leader_id if post else ""
        own, above = words_of(agent, names), words_of(leader, names)
        heard.append(Heard(call, agent, own | ({post.name.casefold()} if post else set()), above))
    found = allocated(heard, evaluators, seed, most)
    return drawn.drop("day").with_columns(
        evaluator=pl.Series([found[call].evaluator for call in drawn["call_id"]], dtype=pl.String),
        remark=pl.Series([found[call].remark for call in drawn["call_id"]], dtype=pl.String),
    )


def _doubts(
    drawn: pl.DataFrame, eligible: pl.DataFrame, everything: Population, evaluators: Sequence[str]
) -> list[Problem]:
    found = []
    nobody = drawn.filter(pl.col("evaluator") == "")
    no_room = nobody.filter(pl.col("remark") == said("DRAW_NO_ROOM")).height
    if evaluators and nobody.height > no_room:
        found.append(problem("DRAW_WITHOUT_EVALUATOR", value=nobody.height - no_room))
    if no_room:
        found.append(problem("DRAW_WITHOUT_ROOM", value=no_room))
    led = drawn.filter((pl.col("evaluator") != "") & (pl.col("remark") != "")).height
    if led:
        found.append(problem("DRAW_BY_OWN_LEADER", value=led))
    silent = sorted(set(everything.calls["agent_id"]) - set(eligible["agent_id"]))
    found += [problem("DRAW_AGENT_WITHOUT_CALLS", value=agent) for agent in silent]
    return found


# --- margins ---------------------------------------------------------------------------------------------


def _margins(
    data: Data, period: Period, eligible: pl.DataFrame, drawn: pl.DataFrame, wanted: float
) -> tuple[Margin, ...]:
    """Of each agent, each team and everybody."""
    heard = _heard(data, period)
    scopes = eligible.select("agent_id", "agent", "team").unique("agent_id", keep="last").sort("agent_id")
    people = [("agent", agent, name, [agent]) for agent, name, _ in scopes.iter_rows()]
    teams = [
        ("team", team, "", members)
        for team, members in scopes.filter(pl.col("team") != "")
        .group_by("team")
        .agg("agent_id")
        .sort("team")
        .iter_rows()
    ]
    whole = [("all", "", "", scopes["agent_id"].to_list())] if people else []
    random = drawn.filter(pl.col("weight").is_not_null())
    return tuple(
        _margin_of(kind, scope, name, eligible.filter(of(members)), random.filter(of(members)),
                   heard.filter(of(members)), wanted)
        for kind, scope, name, members in [*people, *teams, *whole]
    )  # fmt: skip


def of(members: Sequence[str]) -> pl.Expr:
    """Rows of these agents."""
    return pl.col("agent_id").is_in(list(members))


def _margin_of(
    kind: str, scope: str, name: str, eligible: pl.DataFrame, random: pl.DataFrame, heard: pl.DataFrame, wanted: float
) -> Margin:
    calls = eligible.height
    known = effective(random["weight"].to_list())
    seen = heard["score"].mean()
    share = None if seen is None else float(seen) / MILLION  # type: ignore[arg-type]  # a mean of whole numbers
    low, high = (share is not None and interval(share, heard.height, calls)) or (None, None)
    points = margin(min(known, calls), calls) if random.height < calls else (0.0 if calls else None)
    return Margin(
        kind, scope, name, calls, random.height, known, points, wanted, sample_size(wanted, calls), heard.height, share,
        low, high,
    )  # fmt: skip


def _heard(data: Data, period: Period) -> pl.DataFrame:
    """agent_id and score of the period's evaluations that count."""
    try:
        scored = evaluations(data)
    except MissingError:
        return pl.DataFrame(schema={"agent_id": pl.String, "score": pl.Int64})
    mine = scored.filter(pl.col("day").is_between(period.first, period.last) & (pl.col("standing") == "counts"))
    return mine.filter(pl.col("score").is_not_null()).select("agent_id", "score")
