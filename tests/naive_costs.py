"""What was spent, shared out a second time: rows, loops and fractions, from the rules in docs/how-to."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from naive_pursuit import moment_of, rows_of, snapshot

from toolkit.kpis.data import Data
from toolkit.periods import Period
from toolkit.recovery_rules import RecoveryRules

OF_CHANNEL = {
    **dict.fromkeys(("call", "telephony", "airtime"), "call"), "sms": "sms", "email": "email", "whatsapp": "whatsapp",
    **dict.fromkeys(("visit", "transport"), "visit"), "recovery": "recovery", "legal": "legal",
}  # fmt: skip
KEYS = {"talk_minutes": "seconds", "calls": "call", "collected": "collected"}
DONE = {
    "calls": ("started_at", "call"), "messages": ("sent_at", ""), "visits": ("visited_at", "visit"),
    "recoveries": ("recovered_on", "recovery"), "cases": ("opened_on", "legal"),
}  # fmt: skip
Seat = tuple[str, str]
Place = tuple[str, ...]
"""Agent, team, bucket, product and creditor."""


def shared(amount: int, weights: Mapping[Place, int]) -> dict[Place, int]:
    """Rounded down; what is missing goes one by one to the largest remainders, of equal ones by name."""
    whole = sum(weight for weight in weights.values() if weight > 0)
    exact = {place: Fraction(amount * weight, whole) for place, weight in weights.items() if weight > 0}
    parts = {place: floor(share) for place, share in exact.items()}
    ranked = sorted(exact, key=lambda place: (parts[place] - exact[place], place))
    for place in ranked[: amount - sum(parts.values())]:
        parts[place] += 1
    return parts


def work_of(data: Data, rules: RecoveryRules, period: Period) -> dict[str, Counter[Place]]:
    """Of a month, by measure: how much of it by agent, team, bucket, product and creditor."""
    found: dict[str, Counter[Place]] = defaultdict(Counter)
    accounts = {row["account_id"]: row for row in rows_of(data, "accounts")}
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows_of(data, "balances"), key=lambda one: one["as_of"]):
        held[row["account_id"]].append(row)

    def place(agent: str | None, account: str, at: Any) -> Place:
        day = moment_of(at).date()
        teams = [post.team for post in data.teams.posts.get(agent or "", ()) if post.first <= day <= post.last]
        seen, known = snapshot(held.get(account, []), day), accounts.get(account, {})
        late = [] if seen is None else [start for start in rules.buckets if seen["days_past_due"] >= start]
        bucket = "" if not late else _name(rules.buckets, len(late) - 1)
        who = (agent or "", teams[0] or "") if teams else ("", "")
        return (*who, bucket, known.get("product") or "", known.get("creditor") or "")

    for table, (at, name) in DONE.items():
        for row in rows_of(data, table):
            if row[at] is None or moment_of(row[at]).date() not in period or row.get("direction") == "in":
                continue
            if table == "cases" and row["kind"] != "legal":
                continue
            where = place(row.get("agent_id"), row["account_id"], row[at])
            found[name or row["channel"]][where] += 1
            if name == "call":
                found["seconds"][where] += row["talk_seconds"] or 0
    for row in rows_of(data, "payments"):
        if moment_of(row["paid_at"]).date() in period and row["kind"] in data.definitions.collected_kinds:
            found["collected"][place(row.get("agent_id"), row["account_id"], row["paid_at"])] += row["amount"]
    return found


def _name(starts: Sequence[int], number: int) -> str:
    return f"{starts[number]}-{starts[number + 1] - 1}" if number + 1 < len(starts) else f"{starts[number]}+"


def spent_of(data: Data, rules: RecoveryRules, period: Period) -> dict[Place, int]:
    """By agent, team, channel, bucket, product and creditor. Of a ledger in which no row names an agent and a team."""
    work = work_of(data, rules, period)
    seats = {
        (agent, post.team or ""): (min(post.last, period.last) - max(post.first, period.first)).days + 1
        for agent in data.teams.posts
        for post in data.teams.held_in(agent, period)
    }
    sums: Counter[tuple[str, str, str]] = Counter()
    for row in rows_of(data, "costs"):
        if row["period"] == period.label:
            sums[row["channel"], row.get("agent_id") or "", row.get("team") or ""] += row["amount"]
    cells: Counter[Place] = Counter()
    for (channel, agent, team), amount in sums.items():
        for (who, of, *account), part in _of_one(channel, agent, team, amount, seats, work, rules).items():
            cells[(who, of, channel, *account)] += part
    return {place: amount for place, amount in cells.items() if amount}


def _of_one(
    channel: str, agent: str, team: str, amount: int, seats: Mapping[Seat, int], work: Mapping[str, Counter[Place]],
    rules: RecoveryRules,
) -> Mapping[Place, int]:  # fmt: skip
    """One cost, with whose it is and of which accounts."""
    if (agent and agent not in {who for who, _ in seats}) or (team and team not in {of for _, of in seats}):
        return {("",) * 5: amount}

    def mine(place: Place) -> bool:
        return place[0] == agent if agent else place[1] == team if team else True

    action = OF_CHANNEL.get(channel)
    measures = ["seconds", "call"] if action == "call" and rules.share_by == "talk_minutes" else [action or ""]
    for measure in measures:
        weights = {place: count for place, count in work.get(measure, Counter()).items() if mine(place) and count > 0}
        if weights:
            return shared(amount, weights)
    cells: Counter[Place] = Counter()
    for seat, part in _to_seats(agent, team, amount, seats, work, rules).items():
        for place, share in _to_accounts(seat, part, work, rules).items():
            cells[place] += share
    return cells


def _to_seats(
    agent: str, team: str, amount: int, seats: Mapping[Seat, int], work: Mapping[str, Counter[Place]],
    rules: RecoveryRules,
) -> Mapping[Place, int]:  # fmt: skip
    """To people by the key, else equally; then to each one's teams by the key, else by days."""
    key = work.get(KEYS.get(rules.share_by, ""), Counter())
    weight = {seat: max(0, sum(count for place, count in key.items() if place[:2] == seat)) for seat in seats}
    here = [seat for seat in seats if (not team or seat[1] == team) and (not agent or seat[0] == agent)]
    if agent:
        return _first(amount, [{seat: weight[seat] for seat in here}, {seat: seats[seat] for seat in here}])
    people = _summed(here, lambda seat: (seat[0],), weight)
    parts = _first(amount, [people, dict.fromkeys(people, 1)])
    if team:
        return {(who, team): part for (who,), part in parts.items()}
    found: Counter[Place] = Counter()
    for (who,), part in parts.items():
        theirs = [seat for seat in seats if seat[0] == who]
        found.update(_first(part, [{seat: weight[seat] for seat in theirs}, {seat: seats[seat] for seat in theirs}]))
    return found


def _summed(seats: Iterable[Seat], name: Callable[[Seat], Place], weight: Mapping[Seat, int]) -> dict[Place, int]:
    found: dict[Place, int] = defaultdict(int)
    for seat in seats:
        found[name(seat)] += weight[seat]
    return dict(found)


def _first(amount: int, weights: Iterable[Mapping[Any, int]]) -> Mapping[Place, int]:
    return next(shared(amount, each) for each in weights if any(weight > 0 for weight in each.values()))


def _to_accounts(
    seat: Place, amount: int, work: Mapping[str, Counter[Place]], rules: RecoveryRules
) -> Mapping[Place, int]:
    """To what the seat did by the key, else by all its actions, else on no account."""
    everything: Counter[Place] = Counter()
    for measure in ("call", "sms", "email", "whatsapp", "visit", "recovery", "legal"):
        everything.update(work.get(measure, Counter()))
    for weights in (work.get(KEYS.get(rules.share_by, ""), Counter()), everything):
        mine = {place: count for place, count in weights.items() if place[:2] == seat and count > 0}
        if mine:
            return shared(amount, mine)
    return {(*seat, "", "", ""): amount}


__all__ = ["spent_of", "work_of"]
