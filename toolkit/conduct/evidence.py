"""What stands behind each breach: what was seen, how many contacts it is counted with, and which these are."""

from collections.abc import Iterator
from typing import Any

import narwhals as nw
import polars as pl

from toolkit.call_rules import Cap, Gap, Quiet
from toolkit.conduct.breaking import KEY, ORDER
from toolkit.conduct.clocks import MINUTE, day_of
from toolkit.conduct.contacts import Contacts
from toolkit.conduct.judging import CALL_BACK, CONSENT, PROFESSIONAL, Held, Judged, judged
from toolkit.conduct.permissions import EVENT

SHOWN = 50
"""Earlier contacts that are named, the latest of them."""
BREACH = (
    *EVENT, "agent_id", "account_id", "customer_id", "day", "local", "sec", "before", "source_file", "source_row", KEY,
)  # fmt: skip
EXEMPTING = (PROFESSIONAL, CONSENT, CALL_BACK)
SCHEMA: dict[str, Any] = {
    "channel": pl.String, "event_id": pl.String, "agent_id": pl.String, "account_id": pl.String,
    "customer_id": pl.String, "day": pl.Int64, "local": pl.Int64, "sec": pl.Int64, "before": pl.Int64,
    "source_file": pl.String, "source_row": pl.Int64, KEY: pl.String,
    "counted": pl.Int64, "counted_with": pl.List(pl.String), "listed": pl.String, "exempt": pl.String,
}  # fmt: skip


def in_memory(frame: Any) -> pl.DataFrame:
    """The rows as a Polars frame, whatever the engine."""
    return (frame.collect("polars") if isinstance(frame, nw.LazyFrame) else frame).to_polars()


def breaches_of(one: Judged, contacts: Contacts) -> pl.DataFrame:
    """The breaches in order of time, with `counted` (this contact included), `counted_with` (the earlier ones by
    number, at most `SHOWN`), `listed` (the lists that the customer is on) and `exempt`, why it is no breach after all:
    what a consent, a call-back that was asked for or a professional's number permits is listed too.
    """
    found = in_memory(one.breaches.select(*BREACH)) if one.breaches is not None else pl.DataFrame(schema=SCHEMA)
    rows = _with_evidence(found, one).with_columns(exempt=pl.lit(""))
    rows = _with_lists(rows, one, contacts)
    return pl.concat([_typed(rows), *_exempted(one, contacts)]).sort("sec", "channel", "event_id")


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _exempted(one: Judged, contacts: Contacts) -> Iterator[pl.DataFrame]:
    """Contacts that would be breaches if nobody had consented."""
    rule = one.held.rule
    if not any((rule.consent_days, rule.call_backs, rule.professionals)):
        return
    let_go = in_memory(one.rows.filter(nw.col("left_out").is_in(list(EXEMPTING))).select(*EVENT, "left_out"))
    if let_go.is_empty():
        return
    strict = rule.model_copy(update={"consent_days": 0, "call_backs": False, "professionals": False})
    first, last = in_memory(one.rows.select(first=nw.col("day").min(), last=nw.col("day").max())).row(0)
    for again in judged(contacts, Held(one.held.version, strict), day_of(first), day_of(last)):
        if again.breaches is None:
            continue
        broken = in_memory(again.breaches.select(*BREACH)).join(let_go, on=EVENT, how="inner")
        rows = _with_evidence(broken.drop("left_out"), again).join(let_go, on=EVENT, how="left")
        yield _typed(rows.with_columns(exempt=pl.col("left_out"), listed=pl.lit("")))


def _with_evidence(found: pl.DataFrame, one: Judged) -> pl.DataFrame:
    """The breaches with the earlier contacts that they are counted with."""
    rule = one.held.rule
    if found.is_empty() or one.counted is None or not isinstance(rule, Cap | Gap | Quiet):
        return found.with_columns(counted=pl.lit(1, pl.Int64), counted_with=pl.lit([], pl.List(pl.String)))
    keys = one.breaches.select(KEY).unique()  # type: ignore[union-attr]  # there are some
    names = (*ORDER, KEY, "day", "conversation", *(["counts"] if isinstance(rule, Quiet) else []))
    around = in_memory(one.counted.select(*names).join(keys, on=KEY, how="semi")).sort(ORDER)
    numbered = around.with_columns(seq=pl.int_range(pl.len()).over(KEY))
    placed = found.select(*EVENT, KEY, "day", "sec").join(numbered.select(*EVENT, "seq"), on=EVENT, how="left")
    earlier = numbered.select(
        KEY, _id="event_id", _channel="channel", _day="day", _sec="sec", _talk="conversation", _seq="seq"
    )
    pairs = placed.join(earlier, on=KEY, how="inner").filter(pl.col("_seq") < pl.col("seq")).filter(_near(rule))
    if isinstance(rule, Quiet):
        pairs = pairs.sort("_seq").unique(EVENT, keep="last", maintain_order=True)
    seen = pairs.sort("_seq").group_by(EVENT, maintain_order=True).agg(
        counted=pl.len().cast(pl.Int64) + 1, counted_with=pl.col("_id").tail(SHOWN)
    )  # fmt: skip
    with_them = found.join(seen, on=EVENT, how="left", maintain_order="left")
    return with_them.with_columns(pl.col("counted").fill_null(1))


def _near(rule: Cap | Gap | Quiet) -> pl.Expr:
    if isinstance(rule, Cap):
        return pl.col("day") - pl.col("_day") < (rule.days or 0)
    if isinstance(rule, Gap):
        return pl.col("sec") - pl.col("_sec") < (rule.minutes or 0) * MINUTE
    return pl.col("_talk") & pl.col("_channel").is_in(list(rule.after))


def _with_lists(rows: pl.DataFrame, one: Judged, contacts: Contacts) -> pl.DataFrame:
    """Which of the lists the customer of each breach is on."""
    rule = one.held.rule
    if rule.kind != "listed" or rows.is_empty() or contacts.permissions is None:
        return rows.with_columns(listed=pl.lit(""))
    for kind in rule.lists:
        on = in_memory(contacts.permissions.found(one.breaches, [kind]))  # type: ignore[arg-type]  # there are some
        rows = rows.join(on.with_columns(pl.lit(kind).alias(f"_{kind}")), on=EVENT, how="left")
    kinds = [f"_{kind}" for kind in rule.lists]
    return rows.with_columns(listed=pl.concat_str(kinds, separator=", ", ignore_nulls=True)).drop(kinds)
