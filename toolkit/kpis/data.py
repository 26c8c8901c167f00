"""What KPIs are computed from: the tables, the definitions in use, and the day on which the data stand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import narwhals as nw
import polars as pl

from toolkit.call_rule_files import Version
from toolkit.credit import credited
from toolkit.definitions import Definitions
from toolkit.forms import Forms, shipped_forms
from toolkit.plans import Credit
from toolkit.rows import Frame
from toolkit.teams import Teams

ALWAYS = Credit(rules=("named", "promise", "contact", "owner"))
AGENT_COLUMNS = (
    *("agent_id", "name", "role", "team", "branch", "region", "team_leader_id", "country", "payee_type"),
    *("started_on", "left_on", "valid_from", "valid_to"),
)
PAYMENT_COLUMNS: Mapping[str, Any] = {
    **dict.fromkeys(("agent_id", "kind", "channel", "credits", "credits_kind", "reverses", "payer_phone"), nw.String),
    "posted_at": nw.Datetime,
}
ASSIGNED = ("account_id", "agent_id", "assigned_on")
PROMISED = ("promise_id", "account_id", "agent_id", "made_at", "due_on", "amount")

LIKE_OTHERS = (nw.Date, nw.Datetime, nw.Int64)
"""Types that engines keep in several ways."""

T = TypeVar("T")


class MissingError(LookupError):
    """A KPI needs tables or columns that the data do not have; `names` are theirs, as ``promises.due_on``."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(", ".join(names))


@dataclass(frozen=True)
class Data:
    """The tables by name, on any engine that Narwhals knows: money in minor units, times in the local time zone.

    as_of: the last day that the data know of. digits: of the currency. credit: whose a payment is. working_week:
    Monday is 0. forms: by which call quality evaluations are read. call_rules: the rules of calling in their versions.
    timezone: the set-up's, where times do not say theirs.
    """

    tables: Mapping[str, Frame]
    as_of: date
    definitions: Definitions = field(default_factory=Definitions)
    credit: Credit = ALWAYS
    digits: int = 2
    country: str = ""
    working_week: frozenset[int] = frozenset(range(5))
    forms: Forms = field(default_factory=shipped_forms)
    call_rules: tuple[Version, ...] = ()
    timezone: str = ""
    _shared: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, tables: Mapping[str, Any], as_of: date, **settings: Any) -> "Data":
        """From frames of pandas, Polars or relations of DuckDB."""
        return cls({name: nw.from_native(frame) for name, frame in tables.items()}, as_of, **settings)

    def defined(self, **changed: object) -> "Data":
        """The same data, with some of the definitions changed."""
        return replace(self, definitions=self.definitions.model_copy(update=changed), _shared={})

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there and has all of these columns."""
        return table in self.tables and set(columns) <= set(self._schema(table))

    def need(self, name: str, *columns: str) -> None:
        """`MissingError` with all of these that the table has not."""
        missing = tuple(f"{name}.{column}" for column in columns if not self.has(name, column))
        if name not in self.tables or missing:
            raise MissingError(missing or (name,))

    def table(self, name: str, *columns: str, **optional: Any) -> Frame:
        """These columns of a table, and the `optional` ones, by name and type, null where it has none.

        `MissingError` with all that is not there.
        """
        self.need(name, *columns)
        nulls = {column: kind for column, kind in optional.items() if column not in self._schema(name)}
        asked = [
            self._null(name, nulls[column]).alias(column) if column in nulls else nw.col(column)
            for column in dict.fromkeys([*columns, *optional])
        ]
        return self.tables[name].select(*asked)

    def _null(self, name: str, kind: Any) -> nw.Expr:
        """Nothing, as a column of this type: with the time zone and kind of null of another of the table."""
        alike = [column for column, dtype in self._schema(name).items() if dtype == kind and kind in LIKE_OTHERS]
        if alike:
            column = nw.col(alike[0])
            return nw.when(column.is_null() & ~column.is_null()).then(column)
        is_whole_on_pandas = kind is nw.Int64 and self.tables[name].implementation.is_pandas()
        return nw.lit(None, nw.Float64 if is_whole_on_pandas else kind)

    def _schema(self, name: str) -> nw.Schema:
        return self.shared(f"schema of {name}", self.tables[name].collect_schema)

    def shared(self, name: str, make: Callable[[], T]) -> T:
        """What is asked for more than once, made once: a frame that several KPIs look at is then added up in one pass,
        and a KPI's facts serve every period, grain and scorecard."""
        if name not in self._shared:
            self._shared[name] = make()
        found: T = self._shared[name]
        return found

    @cached_property
    def teams(self) -> Teams:
        """Who was in which team on which day."""
        self.need("agents", "agent_id", "name", "role")
        agents = eager(self.tables["agents"]).to_polars()
        return Teams(agents.select(name for name in AGENT_COLUMNS if name in agents.columns).to_dicts())

    @cached_property
    def payments(self) -> Frame:
        """The payments with `agent_id`, whose each is by the rules of credit, and `day`, on which it counts.

        payment_id, account_id, agent_id (null: nobody's), paid_at, day, amount (reversals are negative, and belong to
        the agent of the payment they take back), and the optional columns, null where the source has none.
        """
        found = self.table("payments", "payment_id", "account_id", "paid_at", "amount", **PAYMENT_COLUMNS)
        found = found.with_columns(day=self.paid_on())
        if self.credit.rules == ("named",):
            return found
        return self._credited(eager(found).rename({"agent_id": "named"}))

    @property
    def _rules_of_credit(self) -> Credit:
        """The rules; where they do not say which roles own accounts, everybody's does."""
        roles = tuple(sorted({post.role for held in self.teams.posts.values() for post in held}))
        return self.credit if self.credit.owner_roles else self.credit.model_copy(update={"owner_roles": roles})

    def paid_on(self) -> nw.Expr:
        """The day on which a payment counts, from paid_at and posted_at."""
        if self.definitions.payment_day == "posting":
            return nw.coalesce(nw.col("posted_at"), nw.col("paid_at")).dt.date()
        return nw.col("paid_at").dt.date()

    def _credited(self, payments: Frame) -> Frame:
        rows = payments.sort("paid_at", "payment_id").with_row_index("seq")
        rows = rows.with_columns(seq=nw.col("seq").cast(nw.Int64), counted=nw.col("amount"))
        bought = rows.filter(nw.col("reverses").is_null())
        known = {name: eager(self.tables[name]) for name in ("calls", "visits", "assignments") if name in self.tables}
        if self.has("assignments"):
            known["assignments"] = eager(self.table("assignments", *ASSIGNED, ended_on=nw.Date))
        if self.has("promises"):
            known["promises"] = eager(self.table("promises", *PROMISED, cancelled_on=nw.Date))
        whose = credited(bought, bought, known, self._rules_of_credit, self.teams)
        of_payment = whose.select("payment_id", "agent_id")
        taken_back = rows.filter(~nw.col("reverses").is_null()).join(
            of_payment, left_on="reverses", right_on="payment_id", how="left"
        )
        columns = [name for name in whose.columns if name not in ("seq", "counted", "named", "credited_by")]
        return nw.concat([whose.select(columns), taken_back.select(columns)], how="vertical")


def beside(frame: Frame, other: Frame) -> Frame:
    """`other` where `frame` is: in memory, as credited payments are, or left with its engine."""
    return eager(other) if isinstance(frame, nw.DataFrame) else other


def eager(frame: Frame | nw.LazyFrame[Any]) -> Frame:
    """The rows in memory."""
    return frame.collect("polars") if isinstance(frame, nw.LazyFrame) else frame


def in_parts(frame: Frame | nw.LazyFrame[Any]) -> Iterator[pl.DataFrame]:
    """The rows in memory, some at a time where the engine can, so that only what is made of them has to stay there; one
    part at least, be it without rows."""
    if not frame.implementation.is_duckdb():
        yield eager(frame).to_polars()
        return
    reader = frame.to_native().to_arrow_reader()
    yield pl.DataFrame(reader.schema.empty_table())
    for part in reader:
        yield pl.DataFrame(part)
