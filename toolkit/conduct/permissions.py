"""Consents, do-not-call requests and professionals' numbers, held against contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from toolkit.conduct.clocks import DAY, clock_of
from toolkit.rows import Frame

NAMES = ("account_id", "customer_id", "number")
"""By which of them a row may name whom it holds for."""
EVENT = ["channel", "event_id"]
FAR = 2**52
MESSAGES = ("sms", "email", "whatsapp")


@dataclass(frozen=True)
class Permissions:
    """The table contact_permissions: kind, wanted (the channel), names, and from_sec and until_sec, both included.

    given_sec: the last second at which it may have been given, the end of the day where only that is known.
    """

    rows: Frame

    @classmethod
    def of(cls, table: Frame, timezone: str) -> "Permissions":
        """From the table as it was read. A last moment at midnight, as dates have it, means that whole day."""
        names = table.collect_schema().names()
        absent = {name: nw.lit(None, nw.String) for name in (*NAMES, "channel") if name not in names}
        rows = table.with_columns(**absent) if absent else table
        begins = clock_of(rows, "from_at", timezone)
        is_day = (begins.local("") // DAY * DAY == begins.local("")).fill_null(False)
        until, is_midnight = nw.lit(FAR, nw.Int64), nw.lit(False)
        if "until_at" in names:
            ends = clock_of(rows, "until_at", timezone)
            is_midnight = (ends.local("") // DAY * DAY == ends.local("")).fill_null(False)
            until = ends.instant.fill_null(FAR)
        rows = rows.with_columns(from_sec=begins.instant, _until=until, _whole=is_midnight)
        last = nw.when(nw.col("_whole")).then(nw.col("_until") + (DAY - 1)).otherwise(nw.col("_until"))
        rows = rows.with_columns(_day=is_day, wanted=nw.col("channel").fill_null("any"), until_sec=last)
        given = nw.when(nw.col("_day")).then(nw.col("from_sec") + (DAY - 1)).otherwise(nw.col("from_sec"))
        return cls(rows.select(*NAMES, "kind", "from_sec", "wanted", "until_sec", given_sec=given))

    def found(self, events: Frame, kinds: Sequence[str], days: int = 0, ended: str = "") -> Frame:
        """channel and event_id of the contacts for which a row of these kinds is in force.

        days: only within so many consecutive days of its first one, by the customer's clock; 0: as long as it says.
        ended: a column with the second that ends what was given before it; "": nothing does.
        """
        rows = self.rows.filter(nw.col("kind").is_in(list(kinds)))
        parts = [self._by(name, events, rows, days, ended) for name in NAMES]
        return nw.concat(parts, how="vertical").unique()

    def _by(self, name: str, events: Frame, rows: Frame, days: int, ended: str) -> Frame:
        mine = rows.filter(~nw.col(name).is_null()).select(name, "wanted", "from_sec", "until_sec", "given_sec")
        looked_at = [*EVENT, "means", name, "sec", "local", "day", *([ended] if ended else [])]
        pairs = events.select(*looked_at).join(mine, on=name, how="inner")
        fits = (nw.col("from_sec") <= nw.col("sec")) & (nw.col("sec") <= nw.col("until_sec")) & _same_channel()
        if days:
            given_on = ((nw.col("from_sec") + (nw.col("local") - nw.col("sec"))) // DAY).cast(nw.Int64)
            fits = fits & (nw.col("day") - given_on < days)
        if ended:
            fits = fits & (nw.col("given_sec") >= nw.col(ended))
        return pairs.filter(fits.fill_null(False)).select(*EVENT)

    def of_nobody(self) -> int:
        """How many rows name nobody."""
        nameless = nw.all_horizontal(*(nw.col(name).is_null() for name in NAMES), ignore_nulls=False)
        rows: Any = self.rows.filter(nameless).select("kind")
        return len(rows.collect("polars") if isinstance(rows, nw.LazyFrame) else rows)


def _same_channel() -> nw.Expr:
    wanted = nw.col("wanted")
    return (wanted == "any") | (wanted == nw.col("channel")) | (wanted == nw.col("means"))
