"""What is worth pursuing, reckoned a second time: rows, loops and fractions, from the rules in words.

Of every account past due: what its rungs were followed by in its bucket, the lower end of Wilson's interval, what a
success brings, what the step costs and what is then to be expected. Money in minor units, chances in millionths rounded
against the step, as they are kept.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from math import floor, sqrt
from statistics import NormalDist
from typing import Any

from toolkit.kpis.data import Data, eager
from toolkit.recovery_rules import RecoveryRules

MILLION = 1_000_000
TABLES = {
    "calls": ("started_at", "call"), "messages": ("sent_at", "channel"), "visits": ("visited_at", "visit"),
    "recoveries": ("ordered_on", "recovery"), "cases": ("opened_on", "legal"),
}  # fmt: skip
Row = Mapping[str, Any]


def rows_of(data: Data, table: str) -> list[dict[str, Any]]:
    return eager(data.tables[table]).to_polars().to_dicts() if table in data.tables else []


@dataclass
class Cell:
    """One rung in one bucket."""

    actions: int = 0
    paid: int = 0
    came: int = 0
    owed: int = 0

    def low(self, level: Fraction) -> int:
        z = NormalDist().inv_cdf(float((1 + level) / 2))
        n, p = self.actions, self.paid / self.actions
        middle, spread = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0, floor((middle - spread) / (1 + z * z / n) * MILLION))


@dataclass
class Account:
    """What is next after one account."""

    next: str
    net: int | None = None
    stop_at: str = ""
    words: list[str] = field(default_factory=list)


def moment_of(value: date | datetime) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time.min)


def actions_of(data: Data, rules: RecoveryRules) -> list[dict[str, Any]]:
    """account, at, day and rung (None: no rung's) of all that was done."""
    found = []
    for table, (at, channel) in TABLES.items():
        for row in rows_of(data, table):
            taken = row.get(at)
            if taken is None or row.get("account_id") is None or row.get("direction") not in (None, "out"):
                continue
            if table == "cases" and row["kind"] != "legal":
                continue
            when = moment_of(taken)
            if when.date() > data.as_of:
                continue
            name = row["channel"] or "sms" if table == "messages" else channel
            found.append({"account": row["account_id"], "at": when, "day": when.date(),
                          "rung": _rung(data, rules, name, row.get("agent_id"), when.date())})  # fmt: skip
    return sorted(found, key=lambda one: one["at"])


def _rung(data: Data, rules: RecoveryRules, channel: str, agent: str | None, day: date) -> int | None:
    roles = [post.role for post in data.teams.posts.get(agent or "", ()) if post.first <= day <= post.last]
    mine = [(place, rung) for place, rung in enumerate(rules.rungs) if rung.channel == channel]
    for place, rung in mine:
        if rung.roles and set(roles) & set(rung.roles):
            return place
    return next((place for place, rung in mine if not rung.roles), None)


def payments_of(data: Data) -> list[dict[str, Any]]:
    """Those of the kinds that count, with what was taken back taken off, whenever that was."""
    rows = rows_of(data, "payments")
    back: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.get("reverses"):
            back[row["reverses"]] += row["amount"]
    kinds = data.definitions.collected_kinds
    left = [
        {
            "account": row["account_id"],
            "at": moment_of(row["paid_at"]),
            "amount": row["amount"] + back[row["payment_id"]],
        }
        for row in rows
        if not row.get("reverses") and row["kind"] in kinds and row["paid_at"].date() <= data.as_of
    ]
    return [row for row in left if row["amount"] > 0 and row["account"] is not None]


def snapshot(rows: Sequence[Row], day: date) -> Row | None:
    """What holds as a day begins: the last snapshot before it; the account's first one on its own day too."""
    before = [row for row in rows if row["as_of"] < day or (row["as_of"] == day == rows[0]["as_of"])]
    return before[-1] if before else None


def bucket(rules: RecoveryRules, row: Row | None) -> int | None:
    if row is None or not row["balance"] or row["balance"] <= 0 or (row["days_past_due"] or 0) <= 0:
        return None
    reached = [place for place, start in enumerate(rules.buckets) if row["days_past_due"] >= start]
    return reached[-1] if reached else None


def snapshots_of(data: Data) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows_of(data, "balances"), key=lambda one: one["as_of"]):
        if row["as_of"] <= data.as_of:
            found[row["account_id"]].append(row)
    return found


def cells_of(data: Data, rules: RecoveryRules) -> dict[tuple[int, int], Cell]:
    """By rung and bucket."""
    acted, snapshots = actions_of(data, rules), snapshots_of(data)
    window = timedelta(days=rules.paid_within_days)
    money: dict[tuple[str, int | None, date], int] = {(one["account"], one["rung"], one["day"]): 0 for one in acted}
    for payment in payments_of(data):
        earlier = [one for one in acted if one["account"] == payment["account"] and one["at"] < payment["at"]]
        if earlier and payment["at"].date() <= earlier[-1]["day"] + window:
            money[earlier[-1]["account"], earlier[-1]["rung"], earlier[-1]["day"]] += payment["amount"]
    cells: dict[tuple[int, int], Cell] = defaultdict(Cell)
    for (account, rung, day), came in money.items():
        held = snapshot(snapshots.get(account, []), day)
        number = bucket(rules, held)
        if rung is None or held is None or number is None or day + window > data.as_of:
            continue
        cell = cells[rung, number]
        cell.actions += 1
        cell.paid += came > 0
        cell.came += min(came, held["balance"])
        cell.owed += held["balance"] if came > 0 else 0
    return cells


def worked(data: Data, rules: RecoveryRules, costs: Sequence[int]) -> dict[str, dict[str, Any]]:
    """By account: spent, failed periods, and tries of each rung since the last period with a payment."""
    acted, days = actions_of(data, rules), rules.paid_within_days
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"spent": 0, "failed": set(), "tries": defaultdict(int)})
    last: dict[str, date] = {}
    for payment in payments_of(data):
        day = payment["at"].date()
        last[payment["account"]] = max(day, last.get(payment["account"], day))
    for one in acted:
        of = found[one["account"]]
        of["spent"] += 0 if one["rung"] is None else costs[one["rung"]]
        period = (data.as_of - one["day"]).days // days
        paid = last.get(one["account"])
        if paid is None or period < (data.as_of - paid).days // days:
            of["tries"][one["rung"]] += 1
            if period >= 1:
                of["failed"].add(period)
    return found


def pursue(data: Data, rules: RecoveryRules, costs: Sequence[int]) -> dict[str, Account]:
    """costs: of one action of each rung, in minor units. No fees, no vetoes, no collateral, no roles of two posts."""
    cells, done = cells_of(data, rules), worked(data, rules, costs)
    found, paid = {}, payments_of(data)
    for account, rows in snapshots_of(data).items():
        since = [one["amount"] for one in paid if one["account"] == account and one["at"].date() > rows[-1]["as_of"]]
        owed = {**rows[-1], "balance": rows[-1]["balance"] - sum(since)}
        number = bucket(rules, owed)
        if number is not None:
            found[account] = _next(owed, number, cells, done[account], rules, costs)
    return found


def _next(
    owed: Row, number: int, cells: Mapping[tuple[int, int], Cell], of: Row, rules: RecoveryRules, costs: Sequence[int]
) -> Account:
    words, nets = [], []
    for place in range(len(rules.rungs)):
        word, net = _word(place, owed, cells.get((place, number), Cell()), of, rules, costs[place])
        words.append(word)
        nets.append(net)
    paying = [place for place, word in enumerate(words) if word == "pursue"]
    best = min(paying, key=lambda place: (-(nets[place] or 0), place)) if paying else None
    ends = ("not_worth_it", "stopped", "over_the_limit", "never", "nothing_owed")
    later = range(0 if best is None else best + 1, len(words))
    stops = [rules.rungs[place].code for place in later if words[place] in ends]
    stop = stops[0] if stops else ""
    if best is not None:
        return Account(rules.rungs[best].code, floor(nets[best] or 0), stop, words)
    if "too_early" in words:
        return Account("wait", None, stop, words)
    limit = Fraction(rules.most_share) * owed["balance"]
    hopeless = {"never", "nothing_owed"}
    unknown = "too_few" in words and "needs_tries" not in words and not set(words) <= hopeless
    at_limit = of["spent"] + min(costs) > limit
    return Account("not_known" if unknown and not at_limit else "write_off_review", None, stop, words)


def _word(place: int, owed: Row, cell: Cell, of: Row, rules: RecoveryRules, cost: int) -> tuple[str, Fraction | None]:
    balance, rung = owed["balance"], rules.rungs[place]
    share = cell.came * MILLION // cell.owed if cell.owed else MILLION
    amount = balance * share // MILLION
    few = cell.actions < rules.least_cases
    net = None if few else Fraction(cell.low(Fraction(rules.confidence)), MILLION) * amount - cost
    vain, prior = len(of["failed"]), rules.prior_cases
    after = Fraction(0) if few else Fraction(cell.paid * prior, cell.actions * (vain + prior))
    if amount == 0:
        word = "nothing_owed"
    elif cost > amount:
        word = "never"
    elif few:
        word = "too_few"
    elif of["spent"] + cost > Fraction(rules.most_share) * balance:
        word = "over_the_limit"
    elif (net or 0) <= 0:
        word = "not_worth_it"
    elif vain >= rules.stop_after and Fraction(floor(after * MILLION), MILLION) * amount < cost:
        word = "stopped"
    else:
        word = "pursue"
    if word == "pursue" and owed["days_past_due"] < rung.after_days:
        return "too_early", net
    if word == "pursue" and place and of["tries"][place - 1] < rung.needs_tries:
        return "needs_tries", net
    return word, net


__all__ = ["cells_of", "pursue"]
