"""Who listens to which drawn call: evenly, nobody to an own call, and no team leader to the own team if others can."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from toolkit.problems import said


@dataclass(frozen=True)
class Heard:
    """A drawn call that needs an evaluator. own, leader: the words (ids and names, in small letters) by which its agent
    and the agent's team leader are known."""

    call_id: str
    agent_id: str
    own: frozenset[str]
    leader: frozenset[str]


@dataclass(frozen=True)
class Given:
    """Who evaluates a call; "" for nobody, with the remark why."""

    evaluator: str
    remark: str = ""


def known_once(names: Iterable[str]) -> list[str]:
    """The evaluators without blanks and repetitions, in order of their names."""
    found: dict[str, str] = {}
    for name in names:
        if name.strip():
            found.setdefault(name.strip().casefold(), name.strip())
    return [found[folded] for folded in sorted(found)]


NO_LIMITS: Mapping[str, int] = MappingProxyType({})


def allocated(
    calls: Sequence[Heard], evaluators: Sequence[str], seed: int, most: Mapping[str, int] = NO_LIMITS
) -> dict[str, Given]:
    """The evaluator of each call, by call id. most: how many calls somebody hears at most, by name in small letters.

    Calls that fewest may evaluate go first; each goes to whoever has fewest calls, then fewest of this agent, then as
    the seed has it. So it does not depend on the order of the calls, and without own calls and teams nobody has two
    calls more than another. A call for which nobody has room left gets nobody.
    """
    names = known_once(evaluators)
    allowed = {call.call_id: _allowed(call, names) for call in calls}
    in_all: Counter[str] = Counter()
    of_agent: Counter[tuple[str, str]] = Counter()
    found: dict[str, Given] = {}
    for call in sorted(calls, key=lambda one: (len(allowed[one.call_id][0]), _key(seed, one.call_id), one.call_id)):
        able, remark = allowed[call.call_id]
        some = [name for name in able if in_all[name] < most.get(name.casefold(), in_all[name] + 1)]
        remark = remark if some or not able else said("DRAW_NO_ROOM")
        if not some:
            found[call.call_id] = Given("", remark)
            continue
        name = min(
            some,
            key=lambda one: (in_all[one], of_agent[one, call.agent_id], _key(seed, call.call_id, one.casefold()), one),
        )
        in_all[name] += 1
        of_agent[name, call.agent_id] += 1
        found[call.call_id] = Given(name, remark)
    return found


def _allowed(call: Heard, names: Sequence[str]) -> tuple[list[str], str]:
    """Who may evaluate the call, and what has to be said about it."""
    others = [name for name in names if name.casefold() not in call.own]
    strangers = [name for name in others if name.casefold() not in call.leader]
    if strangers:
        return strangers, ""
    if others:
        return others, said("DRAW_OWN_LEADER")
    return [], said("DRAW_NO_EVALUATOR")


def _key(seed: int, *words: str) -> str:
    return hashlib.sha256("\x1f".join([str(seed), "evaluator", *words]).encode("utf-8", "surrogatepass")).hexdigest()


def words_of(agent_id: str, names: Mapping[str, str]) -> frozenset[str]:
    """The words by which somebody is known, in small letters: the id and the name."""
    return frozenset(word.strip().casefold() for word in (agent_id, names.get(agent_id, "")) if word and word.strip())
