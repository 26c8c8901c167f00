"""Calls, messages and visits in one form: who contacted whom, when by the customer's clock, and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import narwhals as nw

from toolkit.call_rules import Channel
from toolkit.conduct.clocks import DAY, clock_of, day_of, is_zone
from toolkit.conduct.permissions import Permissions
from toolkit.rows import Frame

AT: Mapping[str, tuple[str, str, str]] = {
    "call": ("calls", "call_id", "started_at"),
    "message": ("messages", "message_id", "sent_at"),
    "visit": ("visits", "visit_id", "visited_at"),
}
"""The table of a channel, the column that tells its rows apart, and the one that says when."""
UNANSWERED = ("no_answer", "busy", "voicemail", "unreachable")
COLUMNS = (
    "channel", "means", "event_id", "agent_id", "account_id", "customer_id", "number", "disposition", "inbound",
    "answered", "conversation", "third_party", "sec", "local", "day", "clock", "source_file", "source_row",
)  # fmt: skip
EVER = (date(1990, 1, 1), date(2100, 1, 1))


@dataclass(frozen=True)
class Contacts:
    """The contacts of a set of data, on any engine that Narwhals knows.

    tables: by name. timezone: the set-up's, where times do not say theirs. country: whose public holidays count.
    as_of: the last day that the data know of; what is dated later is left out.
    """

    tables: Mapping[str, Frame]
    timezone: str
    country: str
    as_of: date
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there and has all of these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table].collect_schema().names())

    def known(self, channel: Channel) -> bool:
        """Whether there is a table of this channel that says when."""
        table, key, at = AT[channel]
        return self.has(table, key, at)

    def of(self, channels: Sequence[Channel], *, people: bool = True) -> Frame:
        """The contacts of these channels with the columns of `COLUMNS`. people: with the customer's own number, which
        takes longer; without it customer_id is the account's.

        event_id: the row's own number. inbound: the customer made it. answered: somebody did (null: not known).
        conversation: the customer was reached. sec: seconds that order events; local, day, clock: the second, the day's
        number and the second of the day by the customer's clock; null where the row has no time.
        """
        found = [self._of(channel, people or bool(self.zones)) for channel in channels if self.known(channel)]
        return nw.concat(found, how="vertical") if len(found) > 1 else found[0]

    def _of(self, channel: Channel, people: bool) -> Frame:
        name = f"{channel} {people}"
        if name not in self._made:
            self._made[name] = self._timed(channel, people)
        made: Frame = self._made[name]
        return made

    def _timed(self, channel: Channel, people: bool) -> Frame:
        table, key, at = AT[channel]
        rows = _with(self.tables[table], _OPTIONAL[channel])
        clock = clock_of(rows, at, self.timezone)
        placed = self._placed(rows.with_columns(sec=clock.instant, local=clock.local("")), people)
        for zone in self.zones:
            first, last = EVER if clock.own else self._days(placed)
            there = clock.elsewhere(nw.col("local"), zone, first, last)
            placed = placed.with_columns(
                local=nw.when(nw.col("timezone") == zone).then(there).otherwise(nw.col("local"))
            )
        day = (nw.col("local") // DAY).cast(nw.Int64)
        dated = placed.with_columns(day=day).with_columns(clock=nw.col("local") - nw.col("day") * DAY)
        return dated.with_columns(channel=nw.lit(channel), event_id=nw.col(key), **_HOW[channel]()).select(*COLUMNS)

    def _placed(self, rows: Frame, people: bool) -> Frame:
        """With the customer's number and time zone, as far as the accounts know them."""
        if not people or not self.has("accounts", "account_id", "customer_id"):
            return rows.with_columns(customer_id=nw.col("account_id"), timezone=nw.lit(None, nw.String))
        accounts = _with(self.tables["accounts"], {"timezone": nw.String}).select(
            "account_id", "customer_id", "timezone"
        )
        if self.zones:
            homes = self._homes.select("customer_id", _home=nw.col("first"))
            accounts = accounts.join(homes, on="customer_id", how="left")
            accounts = accounts.with_columns(timezone=nw.coalesce(nw.col("_home"), nw.col("timezone"))).drop("_home")
        joined = rows.join(accounts, on="account_id", how="left")
        return joined.with_columns(customer_id=nw.coalesce(nw.col("customer_id"), nw.col("account_id")))

    def _days(self, rows: Frame) -> tuple[date, date]:
        """The first and the last day of these rows."""
        ends = _in_memory(rows.select(first=nw.col("local").min(), last=nw.col("local").max())).rows()
        first, last = ends[0] if ends and ends[0][0] is not None else (0, 0)
        return day_of(int(first) // DAY), day_of(int(last) // DAY)

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """Time zones of customers that are not the set-up's."""
        return tuple(name for name in self._zone_names if is_zone(name) and name != self.timezone)

    @cached_property
    def unknown_zones(self) -> tuple[str, ...]:
        """What accounts have in the place of a time zone that nobody knows."""
        return tuple(name for name in self._zone_names if not is_zone(name))

    @cached_property
    def _homes(self) -> Frame:
        """The first and the last by name of the time zones that a customer's accounts have: a person lives in one."""
        known = self.tables["accounts"].filter(
            nw.col("timezone").is_in([*self.zones, self.timezone]) & ~nw.col("customer_id").is_null()
        )
        return known.group_by("customer_id").agg(first=nw.col("timezone").min(), last=nw.col("timezone").max())

    @cached_property
    def of_two_zones(self) -> int:
        """How many customers have accounts in more than one time zone."""
        if not self.zones or not self.has("accounts", "account_id", "customer_id"):
            return 0
        return len(_in_memory(self._homes.filter(nw.col("first") != nw.col("last")).select("customer_id")))

    @cached_property
    def _zone_names(self) -> tuple[str, ...]:
        if not self.has("accounts", "timezone"):
            return ()
        names = self.tables["accounts"].filter(~nw.col("timezone").is_null()).select("timezone").unique()
        return tuple(sorted(str(name) for (name,) in _in_memory(names).rows() if name))

    @cached_property
    def permissions(self) -> Permissions | None:
        """Who may be contacted; None where the data have no such table."""
        if not self.has("contact_permissions", "kind", "from_at"):
            return None
        return Permissions.of(self.tables["contact_permissions"], self.timezone)


def _in_memory(frame: Any) -> Any:
    return frame.collect("polars") if isinstance(frame, nw.LazyFrame) else frame


_WORDS = ("agent_id", "account_id", "source_file")
_OPTIONAL: Mapping[str, Mapping[str, Any]] = {
    "call": {
        **dict.fromkeys((*_WORDS, "direction", "disposition", "number"), nw.String),
        **dict.fromkeys(("connected", "right_party", "third_party"), nw.Boolean),
        "source_row": nw.Int64,
    },
    "message": {**dict.fromkeys((*_WORDS, "channel"), nw.String), "source_row": nw.Int64},
    "visit": {**dict.fromkeys((*_WORDS, "met"), nw.String), "source_row": nw.Int64},
}


def _with(frame: Frame, optional: Mapping[str, Any]) -> Frame:
    """The frame with these columns, null where it lacks them."""
    names = frame.collect_schema().names()
    is_pandas = frame.implementation.is_pandas()
    lacking = {
        name: nw.lit(None, nw.Float64 if kind is nw.Int64 and is_pandas else kind)
        for name, kind in optional.items()
        if name not in names
    }
    return frame.with_columns(**lacking) if lacking else frame


def _nothing(*names: str) -> dict[str, nw.Expr]:
    return {name: nw.lit(None, nw.String) for name in names}


def _of_calls() -> dict[str, nw.Expr]:
    """A call is answered where the exchange says so, else where it ended in no way that shows the opposite."""
    ended = nw.col("disposition")
    by_ending = nw.when(~ended.is_null()).then(~ended.is_in(list(UNANSWERED)))
    reached = nw.col("right_party").fill_null(False) & nw.col("connected").fill_null(True)
    return {
        "means": nw.lit("call"),
        "inbound": (nw.col("direction") == "in").fill_null(False),
        "answered": nw.coalesce(nw.col("connected"), by_ending),
        "conversation": reached,
    }


def _of_messages() -> dict[str, nw.Expr]:
    no = nw.lit(False)
    return {
        "means": nw.col("channel"), "inbound": no, "answered": no, "conversation": no,
        "third_party": nw.lit(None, nw.Boolean), **_nothing("number", "disposition"),
    }  # fmt: skip


def _of_visits() -> dict[str, nw.Expr]:
    return {
        "means": nw.lit("visit"), "inbound": nw.lit(False),
        "answered": (nw.col("met") != "nobody").fill_null(False),
        "conversation": (nw.col("met") == "customer").fill_null(False),
        "third_party": nw.lit(None, nw.Boolean), **_nothing("number", "disposition"),
    }  # fmt: skip


_HOW: Mapping[str, Any] = {"call": _of_calls, "message": _of_messages, "visit": _of_visits}
