"""KPIs of what was said and written down: reasons, solutions, dispositions, notes, welcome calls."""

import narwhals as nw
import polars as pl

from toolkit.kpis.data import Data, eager
from toolkit.kpis.days import SECONDS_A_DAY, days_after, number, number_of, second_of_day, with_owner
from toolkit.kpis.facts import Facts, Rule, yes
from toolkit.kpis.quality import counted_answers
from toolkit.rows import Frame

ONE = nw.lit(1, nw.Int64)
NOT_OVERDUE = ["welcome", "complaint"]
NOT_REACHED = ["wrong_party", "wrong_number", "no_answer", "busy", "voicemail", "unreachable"]
SHORTEST_NUMBER = 7
"""Digits; shorter ones reach nobody."""
HINDERED = ["tool", "network"]
"""Kinds of incidents during which no note can be written."""


def reasons_coded(data: Data) -> Facts:
    """Calls that reached the customer and have a reason for not paying; no welcome calls, no complaints."""
    return Facts(_asked(data).with_columns(numerator=yes(~nw.col("reason").is_null()), denominator=ONE))


def other_reasons(data: Data) -> Facts:
    """Reasons that say nothing (`reasons_of_no_use`, in whatever capitals), of the reasons given."""
    useless = [word.casefold() for word in data.definitions.reasons_of_no_use]
    given = _asked(data).filter(~nw.col("reason").is_null())
    empty = nw.col("reason").str.to_lowercase().str.strip_chars().is_in(useless)
    return Facts(given.with_columns(numerator=yes(empty), denominator=ONE))


def _asked(data: Data) -> Frame:
    """Calls that reached the customer about what is owed."""
    optional = {"purpose": nw.String, "direction": nw.String, "account_id": nw.String}
    rows = data.table("calls", "agent_id", "started_at", "right_party", "reason", **optional)
    made = nw.col("direction").is_null() | (nw.col("direction") == "out")
    overdue = nw.col("purpose").is_null() | ~nw.col("purpose").is_in(NOT_OVERDUE)
    return rows.filter(made & nw.col("right_party") & overdue).with_columns(**_when())


def _when() -> dict[str, nw.Expr]:
    """Day and hour of a call."""
    return {"day": nw.col("started_at").dt.date(), "hour": nw.col("started_at").dt.hour().cast(nw.Int64)}


def first_call_resolution(data: Data) -> Facts:
    """Matters that took one conversation with the customer: no second one on the account within `resolved_within_days`.

    Calls in both directions are conversations, those of an account one matter while each comes within the days of the
    one before; complaints are matters of their own, welcome calls none. Where the source says that a matter was not
    settled in the call (`resolved`), it was not. Judged when the days are over, for the agent of the
    first conversation.
    """
    days = data.definitions.resolved_within_days
    optional = {"purpose": nw.String, "resolved": nw.Boolean}
    rows = data.table("calls", "call_id", "agent_id", "account_id", "started_at", "right_party", **optional)
    purpose = nw.col("purpose").fill_null("overdue")
    spoken = rows.filter(nw.col("right_party") & ~nw.col("account_id").is_null() & (purpose != "welcome"))
    dated = spoken.with_columns(
        called_on=nw.col("started_at").dt.date(),
        matter=nw.when(purpose == "complaint").then(nw.lit("complaint")).otherwise(nw.lit("overdue")),
    ).with_columns(on=number_of(nw.col("called_on")))
    order = {"order_by": ["started_at", "call_id"]}
    around = dated.with_columns(
        before=nw.col("on") - nw.col("on").shift(1).over("account_id", "matter", **order),
        again=nw.col("on").shift(-1).over("account_id", "matter", **order) - nw.col("on"),
    )
    first = around.filter(nw.col("before").is_null() | (nw.col("before") > days))
    alone = nw.col("again").is_null() | (nw.col("again") > days)
    over = nw.col("on") + days <= number(data.as_of)
    return Facts(
        first.with_columns(
            day=days_after(nw.col("called_on"), days),
            numerator=yes(over & alone & nw.col("resolved").fill_null(True)),
            denominator=yes(over),
            waiting=1 - yes(over),
        )
    )


def disposition_accuracy(data: Data) -> Facts:
    """Calls whose disposition is right, of calls that have one; each call once.

    Wrong is a promise without its day or amount (where calls have these columns), a call that reached somebody with no
    second talked, the customer reached with a disposition or a number that says otherwise, and whatever an evaluation
    found so: one that counts, with a question named disposition and less than all of its points.
    """
    rows = _checked(data)
    audits = _audits(data)
    audited = audits["call_id"].drop_nulls().to_list()
    heard = nw.col("call_id").is_in(audited)
    each = rows.filter(~heard).group_by("agent_id", "day")
    others = each.agg(numerator=nw.col("right").sum(), denominator=nw.len())
    both = eager(others).to_polars().select("agent_id", "day", pl.col("numerator", "denominator").cast(pl.Int64))
    known = eager(rows.filter(heard).select("call_id", "agent_id", "day", "right")).to_polars()
    return Facts(nw.from_native(pl.concat([both, _heard(audits, known)], how="vertical")))


def _checked(data: Data) -> Frame:
    """Calls with a disposition: call_id, agent_id, day and `right`, 1 where no rule speaks against it."""
    optional = {"connected": nw.Boolean, "right_party": nw.Boolean, "number": nw.String}
    promised = ("promise_due_on", "promise_amount")
    says_promises = data.has("calls", *promised)
    asked = ("call_id", "agent_id", "started_at", "disposition", *(promised if says_promises else ()))
    rows = data.table("calls", *asked, talk_seconds=nw.Int64, **optional)
    silent = nw.col("connected") & (nw.col("talk_seconds") == 0)
    reached = nw.col("disposition").is_in(NOT_REACHED) | (nw.col("number").str.len_chars() < SHORTEST_NUMBER)
    wrong = yes(silent) + yes(nw.col("right_party") & reached.fill_null(False))
    if says_promises:
        half = nw.col("promise_due_on").is_null() | nw.col("promise_amount").is_null()
        wrong = wrong + yes((nw.col("disposition") == "promise") & half)
    judged = rows.filter(~nw.col("disposition").is_null())
    return judged.select("call_id", "agent_id", day=nw.col("started_at").dt.date(), right=yes(wrong == 0))


def _audits(data: Data) -> pl.DataFrame:
    """call_id, agent_id, day and right, of every call whose disposition was evaluated."""
    schema = {"call_id": pl.String, "agent_id": pl.String, "day": pl.Date, "right": pl.Int64}
    answers = counted_answers(data)
    if not answers.height:
        return pl.DataFrame(schema=schema)
    about = answers.filter((pl.col("asked") == "disposition") & (pl.col("possible") > 0))
    found = about.with_columns(right=(pl.col("earned") == pl.col("possible")).cast(pl.Int64))
    once = found.group_by(pl.coalesce("call_id", "evaluation_id").alias("heard")).agg(
        pl.col("call_id", "agent_id", "day").first(), pl.col("right").min()
    )
    return once.select(*schema)


def _heard(audits: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The audited calls: right if both the audit and the rules say so. The call says whose it was and when."""
    calls = known.rename({"agent_id": "_agent", "day": "_day", "right": "_right"})
    rows = audits.join(calls, on="call_id", how="left")
    return rows.select(
        pl.coalesce("_agent", "agent_id").alias("agent_id"),
        pl.coalesce("_day", "day").alias("day"),
        numerator=pl.min_horizontal("right", "_right").cast(pl.Int64),
        denominator=pl.lit(1, pl.Int64),
    )


def notes_in_time(data: Data) -> Facts:
    """Calls that reached somebody with a note by `notes_within_minutes` after their end; a note from before is none.

    Minutes in which tools or the network were down, by incidents that began that day, do not count.
    """
    columns = ("call_id", "agent_id", "started_at", "connected", "talk_seconds", "noted_at")
    rows = data.table("calls", *columns, account_id=nw.String)
    spoken = rows.filter(nw.col("connected")).with_columns(**_when())
    ends = nw.col("talk_seconds").fill_null(0).cast(nw.Int64)
    took = (nw.col("noted_at") - nw.col("started_at")).dt.total_seconds().cast(nw.Int64)
    timed = spoken.with_columns(ends=ends, took=took).with_columns(late=nw.col("took") - nw.col("ends"))
    allowed = data.definitions.notes_within_minutes * 60
    if not data.has("incidents", "kind", "started_at", "ended_at"):
        return Facts(_noted(timed, nw.col("late"), allowed))
    down = _down(data, timed.filter(nw.col("late") > allowed))
    known = timed.join(down, on="call_id", how="left").with_columns(down=nw.col("down").fill_null(0).cast(nw.Int64))
    return Facts(_noted(known, nw.col("late") - nw.col("down"), allowed))


def _noted(rows: Frame, late: nw.Expr, allowed: int) -> Frame:
    in_time = (nw.col("took") >= 0) & (late <= allowed)
    return rows.select("agent_id", "account_id", "day", "hour", numerator=yes(in_time), denominator=ONE)


def _down(data: Data, late: Frame) -> Frame:
    """call_id and the seconds between the end of the call and its note in which no note could be written."""
    incidents = data.table("incidents", "kind", "started_at", "ended_at").filter(nw.col("kind").is_in(HINDERED))
    known = incidents.select(
        day=nw.col("started_at").dt.date(), down_from=nw.col("started_at"), down_to=nw.col("ended_at")
    )
    pairs = late.join(known, on="day", how="inner")
    begins = (nw.col("down_from") - nw.col("started_at")).dt.total_seconds().cast(nw.Int64)
    until = (nw.col("down_to") - nw.col("started_at")).dt.total_seconds().cast(nw.Int64).fill_null(nw.col("took"))
    inside = pairs.with_columns(begins=begins, until=until).with_columns(
        down=nw.min_horizontal("until", "took") - nw.max_horizontal("begins", "ends")
    )
    return inside.filter(nw.col("down") > 0).group_by("call_id").agg(nw.col("down").sum())


def welcome_call_rate(data: Data) -> Facts:
    """Accounts whose customer was reached by a welcome call within `welcome_within_hours` of activation.

    Only the day of an activation is known, so that the hours begin at its end. Judged when they are over, for the owner
    of that day (nobody, where there are no assignments), in the cohort of the activation. Activations that were
    cancelled, so accounts returned by then, are left out. Customers who were not reached although `welcome_tries`
    welcome calls tried it in time stand aside as attempted; they are not done.
    """
    hours = data.definitions.welcome_within_hours
    days = -(-hours // 24)
    columns = data.table("accounts", "account_id", "activated_on", status=nw.String, closed_on=nw.Date)
    rows = columns.filter(nw.col("activated_on") <= data.as_of).with_columns(
        start=number_of(nw.col("activated_on")),
        cohort=nw.col("activated_on"),
        day=days_after(nw.col("activated_on"), days),
    )
    cancelled = (nw.col("status") == "returned") & (nw.col("closed_on") <= nw.col("day"))
    kept = rows.filter(~cancelled.fill_null(False)).join(_welcomed(data, rows, hours), on="account_id", how="left")
    often = nw.col("tries") >= data.definitions.welcome_tries
    over = nw.col("start") + days <= number(data.as_of)
    known = kept.with_columns(
        on=nw.min_horizontal(nw.col("start") + days, nw.lit(number(data.as_of), nw.Int64)),
        numerator=yes(over & (nw.col("reached") == 1)),
        denominator=yes(over),
        waiting=1 - yes(over),
        attempted=yes(over & (nw.col("reached") == 0) & often),
    )
    owned = with_owner(known, data, "on")
    facts = owned.select("agent_id", "account_id", "day", "cohort", "numerator", "denominator", "waiting", "attempted")
    return Facts(facts, once=("account_id",), aside=("attempted",))


def _welcomed(data: Data, accounts: Frame, hours: int) -> Frame:
    """account_id of accounts with welcome calls in time; `tries`, how many; `reached`: 1 if one reached the person."""
    calls = data.table("calls", "account_id", "started_at", "right_party", "purpose", direction=nw.String)
    outbound = nw.col("direction").is_null() | (nw.col("direction") == "out") | nw.col("right_party")
    made = calls.filter((nw.col("purpose") == "welcome") & outbound.fill_null(False))
    pairs = made.join(accounts.select("account_id", "start"), on="account_id", how="inner")
    days = number_of(nw.col("started_at").dt.date()) - nw.col("start")
    after = days * SECONDS_A_DAY + second_of_day(nw.col("started_at"))
    in_time = pairs.filter((days >= 0) & (after <= SECONDS_A_DAY + hours * 3600))
    found = in_time.with_columns(reached=yes(nw.col("right_party"))).group_by("account_id")
    counted = found.agg(nw.col("reached").max(), tries=nw.len())
    return counted.with_columns(nw.col("tries").cast(nw.Int64))


CONVERSATIONS: dict[str, Rule] = {
    "reasons_coded": reasons_coded,
    "other_reasons": other_reasons,
    "first_call_resolution": first_call_resolution,
    "disposition_accuracy": disposition_accuracy,
    "notes_in_time": notes_in_time,
    "welcome_call_rate": welcome_call_rate,
}
