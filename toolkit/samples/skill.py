"""How good the agents are: one is clearly better than the others, one clearly weaker, and it shows in what they do."""

import numpy as np

from toolkit.samples.chance import Rng, Shares
from toolkit.samples.market import Market
from toolkit.samples.people import Person

BEST, WEAKEST = 1.0, -1.0


def skills(market: Market, rng: Rng, people: list[Person]) -> Shares:
    """For each agent a number from -1 to 1, 0 being the middle; the best and the weakest stayed all the time."""
    found = np.clip(rng.normal(0.0, market.skill.spread, len(people)), -0.6, 0.6)
    settled = [person.number for person in people if _stayed(market, person)]
    callers = [number for number in settled if people[number].posts[0].role in market.roles_that("calls")]
    chosen = callers if len(callers) > 1 else settled
    if len(chosen) > 1:
        best, weakest = rng.permutation(chosen)[:2]
        found[best], found[weakest] = BEST, WEAKEST
    return found


def _stayed(market: Market, person: Person) -> bool:
    owning = {role.role for role in market.people.role if role.owns}
    return len(person.posts) == 1 and person.left_on is None and person.posts[0].role in owning


def chance_of(share: float, skill: Shares, most: float = 0.95) -> Shares:
    """How likely something bad is that happens in this share of cases: never to the best, thrice as often to the
    weakest."""
    worse: Shares = np.where(skill < 0, 1 - 2 * skill, 1 - skill)
    return np.minimum(share * worse, most)
