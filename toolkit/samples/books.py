"""Postings and proofs of payment, messages, the telephone exchange's own report, and what collecting cost."""

from datetime import date

import numpy as np
import polars as pl

from toolkit.periods import Period
from toolkit.samples.accounts import day_number, minor, numbered
from toolkit.samples.chance import words
from toolkit.samples.owners import NOBODY
from toolkit.samples.payments import reference
from toolkit.samples.people import base_pay
from toolkit.samples.skill import chance_of
from toolkit.samples.work import SECONDS_A_DAY, Rows, Work

HOUR = 3600


def postings_of(work: Work, rows: Rows, day: date, last: int) -> None:
    """The collectors post the day's payments, most on the same day; a part is checked, and some of that is wrong."""
    rules, rng = work.market.books, work.chance["books"]
    made = np.flatnonzero((rows["amount"] > 0) & (rows["agent"] != NOBODY))
    posted_on = day_number(day) + np.searchsorted([0.75, 0.95, 0.98], rng.random(len(made)))
    made, posted_on = made[posted_on <= last], posted_on[posted_on <= last]
    size, agent, amount = len(made), rows["agent"][made], rows["amount"][made]
    wrong = rng.random(size) < chance_of(rules.wrong, work.skill[agent])
    error = np.where(rng.random(size) < 0.5, work.step, np.maximum(amount // 10, 1))
    same_day = np.minimum(rows["second"][made] + rng.integers(600, 4 * HOUR, size), SECONDS_A_DAY - 1)
    later = rng.integers(8 * HOUR, 17 * HOUR, size)
    checked = rng.random(size) < rules.checked
    months = np.minimum(work.month_of(posted_on), len(work.months) - 1)
    work.tallies["posting_accuracy"].count(agent[checked], months[checked], ~wrong[checked])
    if size:
        posting: Rows = {
            "day": posted_on,
            "number": work.numbers("postings", size),
            "payment": rows["number"][made],
            "agent": agent,
            "second": np.where(posted_on == day_number(day), same_day, later),
            "amount": amount + np.where(wrong, error, 0),
            "checked": checked,
            "wrong": wrong,
            "error": np.where(wrong, error, 0),
        }
        work.write("postings", posting, _posting_columns)


def _posting_columns(work: Work, rows: Rows) -> dict[str, object]:
    checked = pl.Series(rows["checked"])
    return {
        "posting_id": numbered("PG", rows["number"], 10**6),
        "agent_id": work.agent_ids.gather(rows["agent"]),
        "posted_at": (rows["day"], rows["second"]),
        "payment_id": numbered(work.market.ids.payment, rows["payment"], int(work.payments_expected * 1.05)),
        "amount": rows["amount"],
        "checked": checked,
        "correct": pl.Series(~rows["wrong"]).set(~checked, None),
        "error_amount": pl.Series(rows["error"]).set(~(checked & pl.Series(rows["wrong"])), None),
    }


def proofs_of(work: Work, rows: Rows, day: date) -> None:
    """Customers send in proof of some payments, within a few hours."""
    rules, rng = work.market.books, work.chance["books"]
    paid = np.flatnonzero((rows["amount"] > 0) & (rng.random(len(rows["amount"])) < rules.proofs))
    size = len(paid)
    if size:
        proof: Rows = {name: rows[name][paid] for name in ("which", "agent", "amount")}
        proof |= {
            "payment": rows["number"][paid],
            "day": np.full(size, day_number(day)),
            "number": work.numbers("proofs", size),
            "second": np.minimum(rows["second"][paid] + rng.integers(120, 5 * HOUR, size), SECONDS_A_DAY - 1),
        }
        work.write("proofs", proof, _proof_columns)


def _proof_columns(work: Work, rows: Rows) -> dict[str, object]:
    known = rows["agent"] != NOBODY
    agents = work.agent_ids.gather(np.where(known, rows["agent"], 0))
    return {
        "proof_id": numbered("PF", rows["number"], 10**6),
        "account_id": work.account_ids.gather(rows["which"]),
        "received_at": (rows["day"], rows["second"]),
        "amount": rows["amount"],
        "reference": reference(rows["payment"]),
        "agent_id": agents.set(pl.Series(~known), None),
    }


def messages_of(work: Work, day: date) -> None:
    """Reminders to late accounts: most are sent by the system, the others by the owner."""
    rules, rng, accounts = work.market.books, work.chance["messages"], work.accounts
    late = np.flatnonzero(accounts.active & (accounts.late > 0))
    which = late[rng.random(len(late)) < rules.messages / 30.4]
    roles = work.market.roles_that("owns")
    owner = work.on_duty(work.owner(which, roles, day), roles, day)
    size = len(which)
    if size:
        rows: Rows = {
            "day": np.full(size, day_number(day)),
            "number": work.numbers("messages", size),
            "which": which,
            "agent": np.where(rng.random(size) < 0.4, owner, NOBODY),
            "second": rng.integers(8 * HOUR, 17 * HOUR, size),
            "channel": words(rng, rules.message_channels, size),
            "delivered": rng.random(size) < rules.delivered,
        }
        work.write("messages", rows, _message_columns)


def _message_columns(work: Work, rows: Rows) -> dict[str, object]:
    known = rows["agent"] != NOBODY
    agents = work.agent_ids.gather(np.where(known, rows["agent"], 0))
    return {
        "message_id": numbered("M", rows["number"], 10**6),
        "account_id": work.account_ids.gather(rows["which"]),
        "agent_id": agents.set(pl.Series(~known), None),
        "sent_at": (rows["day"], rows["second"]),
        "channel": rows["channel"],
        "delivered": rows["delivered"],
    }


def telephone_table(work: Work) -> dict[str, object]:
    """The exchange's report: now and then a call that nobody wrote down, most often with the weakest agent."""
    rng, line = work.chance["books"], work.line
    agent, place = np.nonzero(line.dialled)
    forgotten = rng.random(len(agent)) < chance_of(0.05, work.skill[agent])
    dialled = line.dialled[agent, place] + forgotten * rng.integers(1, 4, len(agent))
    seconds = line.seconds[agent, place]
    tenths = pl.Series(seconds // 6)
    return {
        "agent_id": work.agent_ids.gather(agent),
        "day": place + work.first_day,
        "dialled": dialled,
        "answered": line.answered[agent, place],
        "talk_minutes": (tenths // 10).cast(pl.String) + work.decimal + (tenths % 10).cast(pl.String),
    }


CostRow = tuple[str, str, str, int, int | None, str | None, str | None]
UNITS = {"call": "call", "sms": "message", "visit": "visit", "recovery": "recovery", "legal": "filing"}


def costs_table(work: Work, months: list[Period]) -> dict[str, object]:
    """What the work of each month cost: what is somebody's with the agent, a team's telephone with the team, and what
    is everybody's with neither."""
    usual = float(np.mean(work.usual))
    rows: list[CostRow] = []
    for place, month in enumerate(months):
        rows += _of_people(work, month, place, usual)
        rows += _of_teams(work, month, place, usual)
        rows += _of_everybody(work, month, place, usual)
    columns = list(zip(*rows, strict=True))
    return {
        "period": pl.Series(columns[0]),
        "channel": pl.Series(columns[1]),
        "item": pl.Series(columns[2]),
        "amount": np.array(columns[3], dtype=np.int64),
        "currency": pl.repeat(work.currency, len(rows), eager=True),
        "quantity": pl.Series(columns[4], dtype=pl.Int64),
        "agent_id": pl.Series(columns[5], dtype=pl.String),
        "team": pl.Series(columns[6], dtype=pl.String),
    }


def _of_people(work: Work, month: Period, place: int, usual: float) -> list[CostRow]:
    """Pay and commission, the way to customers, and what recovered assets cost."""
    rules, rows = work.market.books, list[CostRow]()
    owners = work.market.roles_that("owns")
    recovered = _recovered_in(work, month)
    visits = work.visits_done.reshape(len(work.people), len(work.months))[:, place]
    for person in work.people:
        agent, post = person.agent_id, person.post_on(month.last)
        if post:
            pay = minor(base_pay(work.market, person), work.currency)
            rows.append((month.label, "salary", "Basic pay", pay, 1, agent, None))
            if post.role in owners:
                part = rules.commission * (0.7 + person.number % 5 * 0.15)
                rows.append(
                    (month.label, "commission", "Commission", work.step * round(pay * part / work.step), 1, agent, None)
                )
        made = int(visits[person.number])
        if made:
            cost = int(made * rules.unit_costs["visit"] * usual)
            rows.append((month.label, "visit", "Fuel and fares", cost, made, agent, None))
        if agent in recovered:
            number, cost = recovered[agent]
            rows.append((month.label, "recovery", "Transport and storage", cost, number, agent, None))
    return rows


def _recovered_in(work: Work, month: Period) -> dict[str, tuple[int, int]]:
    """By agent, how many assets were recovered in the month and what that cost."""
    if not work.recoveries:
        return {}
    mine = pl.concat(work.recoveries).filter(pl.col("recovered_on").is_between(month.first, month.last))
    sums = mine.group_by("agent_id").agg(pl.len(), pl.col("cost").sum()).sort("agent_id")
    return {agent: (int(number), int(cost)) for agent, number, cost in sums.iter_rows() if cost}


def _of_teams(work: Work, month: Period, place: int, usual: float) -> list[CostRow]:
    """Each team's telephone bill."""
    called = work.called_in(place)
    teams: dict[str | None, int] = {}
    for person in work.people:
        post = person.post_on(month.last) or person.post_on(month.first)
        team = post.team or None if post else None
        teams[team] = teams.get(team, 0) + int(called[person.number])
    each = work.market.books.unit_costs["call"] * usual
    names = sorted(teams, key=lambda team: (team is None, team or ""))
    return [
        (month.label, "call", "Telephone bill", int(teams[team] * each), teams[team], None, team)
        for team in names
        if teams[team]
    ]


def _of_everybody(work: Work, month: Period, place: int, usual: float) -> list[CostRow]:
    rules, rows = work.market.books, list[CostRow]()
    sent = work.made_in("sms", place)
    if sent:
        rows.append((month.label, "sms", "Messages", int(sent * rules.unit_costs["sms"] * usual), sent, None, None))
    if rules.retainer:
        rows.append((month.label, "legal", "Advocate's retainer", int(rules.retainer * usual), None, None, None))
    rows.append((month.label, "overhead", "Rent and power", int(usual * rules.overhead), None, None, None))
    return rows


def rate_card_table(work: Work, first: date) -> dict[str, object]:
    """What one of each costs, from the first day of the year on."""
    usual = float(np.mean(work.usual))
    prices = [(channel, max(1, int(share * usual))) for channel, share in work.market.books.unit_costs.items()]
    return {
        "channel": pl.Series([channel for channel, _ in prices]),
        "unit": pl.Series([UNITS[channel] for channel, _ in prices]),
        "cost": np.array([cost for _, cost in prices], dtype=np.int64),
        "currency": pl.repeat(work.currency, len(prices), eager=True),
        "from": pl.Series([first.replace(month=1, day=1)] * len(prices)),
    }
