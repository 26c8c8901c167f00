"""Contacts of a few rows held against call rules that stand in the test, as people write them."""

import tomllib
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
from kpi_cases import AS_OF, data_of

from toolkit.call_rule_files import Version, versions_of
from toolkit.call_rules import Choice
from toolkit.conduct import Conduct, Contacts, conduct
from toolkit.periods import parse

CALLS = "call_id,agent_id,account_id,started_at,direction,connected,right_party,disposition,number\n"
REG_F = (Choice(use="us-reg-f"),)


def version_of(text: str, start: str = "") -> Version:
    """The rules of a file with this text under its name."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "house.toml").write_text(f'title = "House rules"\n{text}', encoding="utf-8")
        choice = Choice(use="house.toml", start=date.fromisoformat(start) if start else None)
        return versions_of([choice], Path(folder), "profile.toml")[0]


def rule(text: str, kind: str) -> tuple[Version, ...]:
    """One rule called "it"."""
    return (version_of(f'[[rules]]\ncode = "it"\nkind = "{kind}"\ntitle = "It"\n{text}'),)


def calls(*starts: str, account: str = "L1", ended: str = "no_answer", first: int = 1) -> str:
    """Rows of outbound calls that nobody answered, K1, K2 and so on, at these times."""
    rows = [f"K{number},A1,{account},{at},out,no,no,{ended},\n" for number, at in enumerate(starts, first)]
    return "".join(rows)


def contacts_of(zone: str = "Africa/Nairobi", as_of: date = AS_OF, **tables: str) -> Contacts:
    data = data_of(as_of=as_of, **tables)
    return Contacts(data.tables, zone, "KE", as_of)


def held(contacts: Contacts, versions: tuple[Version, ...], period: str = "2026-03") -> Conduct:
    return conduct(contacts, versions, parse(period))


def broken(contacts: Contacts, versions: tuple[Version, ...], period: str = "2026-03") -> list[str]:
    """The contacts that break a rule, by their numbers, in order."""
    found = held(contacts, versions, period).breaches.filter(pl.col("exempt") == "")
    return sorted(found["event_id"].to_list(), key=lambda name: (len(name), name))


def reasons(contacts: Contacts, versions: tuple[Version, ...], period: str = "2026-03") -> dict[str, int]:
    """How many contacts were judged (under "") and left out, by reason."""
    counts = held(contacts, versions, period).counts.group_by("left_out").agg(pl.col("rows").sum())
    return dict(counts.sort("left_out").iter_rows())


def on_engines(contacts: Contacts) -> dict[str, Contacts]:
    """The same contacts on pandas and DuckDB, with times by the clock on the wall as people keep them there."""
    local = {
        name: frame.to_native().with_columns(pl.col(pl.Datetime).dt.replace_time_zone(None))
        for name, frame in contacts.tables.items()
    }
    made: dict[str, dict[str, Any]] = {
        "pandas": {name: frame.to_pandas(use_pyarrow_extension_array=True) for name, frame in local.items()},
        "duckdb": {name: duckdb.from_arrow(frame.to_arrow()) for name, frame in local.items()},
    }
    return {
        engine: Contacts(
            {name: nw.from_native(frame) for name, frame in tables.items()},
            contacts.timezone,
            contacts.country,
            contacts.as_of,
        )
        for engine, tables in made.items()
    }


def values(text: str) -> tuple[Version, ...]:
    """Company policy with the figures of this TOML."""
    return versions_of([Choice(use="company-policy", values=tomllib.loads(text))], None, "profile.toml")
