"""The invented agents: who they are, what they do when, whom they report to."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from toolkit.samples.accounts import minor
from toolkit.samples.chance import Rng
from toolkit.samples.market import Branch, Market, Role

ONE_DAY = timedelta(days=1)
LEAST_FOR_CHANGES = 8
"""Agents from which a branch has a joiner, a leaver, a move and a promotion, however small their shares."""


@dataclass(frozen=True)
class Post:
    """One dated row of the agents table. `number` is the agent's own, 0 for the first."""

    number: int
    role: str
    branch: int
    team: str
    leader: int | None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Person:
    """Somebody who works here: master data that do not change, and the posts held, the earliest first."""

    number: int
    agent_id: str
    name: str
    started_on: date
    left_on: date | None
    contractor: bool
    posts: tuple[Post, ...]

    def post_on(self, day: date) -> Post | None:
        """The post held on a day; None before the start and after the leaving day."""
        if day < self.started_on or (self.left_on and day > self.left_on):
            return None
        holds = (p for p in self.posts if (p.valid_from or day) <= day <= (p.valid_to or day))
        return next(holds, None)


def make_people(market: Market, rng: Rng, agents: int, first: date, last: date) -> list[Person]:
    """`agents` people, team leaders included, at work between `first` and `last`."""
    leaders = max(2 if agents > market.people.per_leader + 1 else 1, round(agents / (market.people.per_leader + 1)))
    managers = 1 if agents >= 3 * market.people.per_leader else 0
    branches = market.branch[: max(1, min(len(market.branch), leaders))]
    roles = _roles(market, agents - leaders - managers)
    people = [_lead(market, rng, number, managers, branches, first) for number in range(leaders + managers)]
    for place, role in enumerate(roles):
        number = leaders + managers + place
        people.append(_agent(market, rng, number, role, people[managers + place % leaders], first))
    return _with_changes(market, rng, people, leaders + managers, first, last)


def _roles(market: Market, size: int) -> list[Role]:
    """The roles of `size` agents, so that every stretch of agents has about the shares asked for."""
    roles = market.people.role
    given = dict.fromkeys((role.role for role in roles), 0)
    result = []
    for place in range(1, size + 1):
        behind = max(roles, key=lambda role: role.share * place - given[role.role])
        given[behind.role] += 1
        result.append(behind)
    return result


def agent_id(market: Market, number: int) -> str:
    return f"{market.ids.agent}{number + 1:03d}"


def _person(market: Market, rng: Rng, number: int, post: Post, employed: bool, started_on: date) -> Person:
    first_names, family_names = market.people.first_names, market.people.family_names
    name = f"{first_names[rng.integers(len(first_names))]} {family_names[rng.integers(len(family_names))]}"
    contractor = not employed and bool(rng.random() < market.people.contractors)
    return Person(number, agent_id(market, number), name, started_on, None, contractor, (post,))


def _long_ago(rng: Rng, first: date) -> date:
    return first - timedelta(days=int(rng.integers(120, 1500)))


def _lead(market: Market, rng: Rng, number: int, managers: int, branches: tuple[Branch, ...], first: date) -> Person:
    """A manager (the first `managers` numbers) or a team leader, whose team bears the branch's name and a letter."""
    is_manager = number < managers
    place = 0 if is_manager else number - managers
    branch = place % len(branches)
    letter = chr(ord("A") + place // len(branches) % 26)
    round_of_letters = place // len(branches) // 26
    team = "" if is_manager else f"{branches[branch].name} {letter}{round_of_letters or ''}"
    role = market.people.manager.role if is_manager else market.people.leader.role
    leader = None if is_manager or not managers else 0
    return _person(market, rng, number, Post(number, role, branch, team, leader), True, _long_ago(rng, first))


def _agent(market: Market, rng: Rng, number: int, role: Role, leader: Person, first: date) -> Person:
    post = replace(leader.posts[0], number=number, role=role.role, leader=leader.number)
    return _person(market, rng, number, post, role.employed, _long_ago(rng, first))


def _with_changes(market: Market, rng: Rng, people: list[Person], leads: int, first: date, last: date) -> list[Person]:
    """Joiners, leavers, moves and promotions among the agents; nobody has two of them."""
    agents = people[leads:]
    leads_of_teams = [person for person in people[:leads] if person.posts[0].team]
    order = [int(place) for place in rng.permutation(len(agents))]
    people_rules = market.people
    shares = (people_rules.joiners, people_rules.leavers, people_rules.movers, people_rules.promoted)
    for share, change in zip(shares, (_joins, _leaves, _moves, _is_promoted), strict=True):
        least = 1 if len(agents) >= LEAST_FOR_CHANGES else 0
        for _ in range(min(len(order), max(least, round(share * len(agents))))):
            place = order.pop()
            day = first + timedelta(days=int(rng.integers(8, max(9, (last - first).days - 8))))
            agents[place] = change(market, agents[place], leads_of_teams, day)
    return people[:leads] + agents


def _joins(market: Market, person: Person, leads: list[Person], day: date) -> Person:
    return replace(person, started_on=day)


def _leaves(market: Market, person: Person, leads: list[Person], day: date) -> Person:
    return replace(person, left_on=day)


def _moves(market: Market, person: Person, leads: list[Person], day: date) -> Person:
    """To another leader's team, where there is one."""
    others = [lead for lead in leads if lead.number != person.posts[0].leader]
    if not others:
        return person
    there = others[person.number % len(others)].posts[0]
    new = replace(person.posts[0], branch=there.branch, team=there.team, leader=there.number)
    return _changed(person, new, day)


def _is_promoted(market: Market, person: Person, leads: list[Person], day: date) -> Person:
    risen = next(role.rises_to for role in market.people.role if role.role == person.posts[0].role)
    leads_now = risen == market.people.leader.role
    new = replace(person.posts[0], role=risen, leader=None if leads_now else person.posts[0].leader)
    return _changed(person, new, day) if risen else person


def _changed(person: Person, new: Post, day: date) -> Person:
    before = replace(person.posts[0], valid_from=person.started_on, valid_to=day - ONE_DAY)
    return replace(person, posts=(before, replace(new, valid_from=day, valid_to=None)))


def agents_table(market: Market, country: str, people: list[Person], currency: str) -> pl.DataFrame:
    """The agents table: a row for each post."""
    rows = [_row(market, country, people, person, post, currency) for person in people for post in person.posts]
    return pl.DataFrame(rows, infer_schema_length=None)


def _row(
    market: Market, country: str, people: list[Person], person: Person, post: Post, currency: str
) -> dict[str, object]:
    branch = market.branch[post.branch]
    lead = people[post.leader].agent_id if post.leader is not None else None
    return {
        "agent_id": person.agent_id,
        "name": person.name,
        "role": post.role,
        "team": post.team or None,
        "branch": branch.name,
        "region": branch.region,
        "team_leader_id": lead,
        "started_on": person.started_on,
        "left_on": person.left_on,
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
        **_payee(market, person),
        "cost_centre": f"CC-{post.branch + 1:02d}",
        "base_pay": minor(base_pay(market, person), currency),
        "email": f"{person.agent_id.lower()}@example.com",
        "country": country,
    }


def _payee(market: Market, person: Person) -> dict[str, object]:
    """How the agent is paid: contractors by wallet, staff through payroll or a bank."""
    number = person.number
    by_wallet = person.contractor
    by_bank = not by_wallet and number % 3 == 0
    prefix = market.ids.phone[number % len(market.ids.phone)]
    return {
        "payee_type": "contractor" if person.contractor else "employee",
        "payee_no": f"{'V' if person.contractor else 'E'}{1000 + number}",
        "legal_name": person.name,
        "tax_id": f"A{700000000 + number * 7:09d}X",
        "pay_channel": "mobile_money" if by_wallet else "bank" if by_bank else "payroll",
        "provider": market.people.providers[number % len(market.people.providers)] if by_wallet else None,
        "msisdn": f"{prefix}{1000000 + number:07d}" if by_wallet else None,
        "bank_code": market.people.banks[number % len(market.people.banks)] if by_bank else None,
        "branch_code": f"{100 + number % 40}" if by_bank else None,
        "account_no": f"01{200000000 + number * 13:010d}" if by_bank else None,
    }


def base_pay(market: Market, person: Person) -> Decimal:
    least, most = market.people.base_pay
    steps = Decimal(person.number % 5) / 4
    return (least + (most - least) * steps).quantize(Decimal(1))
