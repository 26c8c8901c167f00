"""Millions of calls held against the seven-in-seven rule on DuckDB, beside the query that one would write by hand.

python benchmarks/call_rules.py [--calls 10000000] [--runs 5]

Both count the breaches of 12 CFR 1006.14(b)(2)(i)(A) by agent: more than seven calls to one person about one debt
within seven consecutive days. The counts have to be the same. They take turns, and the least time of each is compared,
since other work on the machine only ever adds. The toolkit also counts what it does not judge, and why.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import narwhals as nw
from measuring import verdict

from toolkit.call_rule_files import versions_of
from toolkit.call_rules import Choice
from toolkit.conduct import Contacts, held_rules, judged
from toolkit.conduct.evidence import in_memory

AGENTS, DAYS = 1000, 28
FIRST, LAST = date(2026, 2, 1), date(2026, 2, 28)
RULE = "seven-in-seven"

Counts = dict[str, int]


def made(folder: Path, calls: int) -> Path:
    """Calls of February 2026, the same at every run: twenty a debt, at odd times."""
    path = folder / "calls.parquet"
    duckdb.sql(f"""copy (select 'K' || i as call_id, 'A' || (i * 7919 % {AGENTS}) as agent_id,
        'L' || (hash(i) % {max(1, calls // 20)}) as account_id,
        timestamp '2026-02-01 00:00:00' + to_seconds((hash(i + 1) % ({DAYS} * 86400))::bigint) as started_at,
        case when i % 20 = 0 then 'in' else 'out' end as direction, i % 3 > 0 as connected, i % 3 = 1 as right_party,
        case i % 10 when 0 then 'busy' when 1 then 'unreachable' when 2 then 'wrong_number' else 'no_answer' end
        as disposition, '2547' || (hash(i) % 10000000) as number
        from range({calls}) r(i)) to '{path}' (format parquet)""")  # noqa: S608  # this file's own words
    return path


def by_sql(path: Path) -> Counts:
    """By hand: a call is the eighth in seven days where the one seven before it lies within them."""
    return dict(
        duckdb.sql(f"""with placed as (
            select agent_id, started_at::date as day,
                lag(started_at::date, 7) over (partition by account_id order by started_at, call_id) as before
            from '{path}'
            where direction = 'out' and disposition not in ('busy', 'unreachable', 'wrong_number'))
        select agent_id, count(*) from placed where day - before < 7 group by agent_id""").fetchall()  # noqa: S608
    )


def by_toolkit(path: Path) -> Counts:
    contacts = Contacts({"calls": nw.from_native(duckdb.read_parquet(str(path)))}, "America/New_York", "US", LAST)
    (held,) = [one for one in held_rules(versions_of([Choice(use="us-reg-f")], None, "")) if one.rule.code == RULE]
    (found,) = judged(contacts, held, FIRST, LAST)
    left_out = found.rows.select("left_out", one=nw.lit(1, nw.Int64)).group_by("left_out").agg(rows=nw.col("one").sum())
    rows = in_memory(left_out)["rows"].sum()
    if rows != duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0]:  # noqa: S608
        raise SystemExit("judged and left out do not add up to the calls")
    if found.breaches is None:
        raise SystemExit("the rule was not judged")
    by_agent = found.breaches.select("agent_id", one=nw.lit(1, nw.Int64)).group_by("agent_id").agg(nw.col("one").sum())
    return dict(in_memory(by_agent).iter_rows())


WAYS: dict[str, Callable[[Path], Counts]] = {"hand-written SQL": by_sql, "toolkit": by_toolkit}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    counts: dict[str, Counts] = {}
    with tempfile.TemporaryDirectory() as name:
        path = made(Path(name), asked.calls)
        for _ in range(asked.runs):
            for way, count in WAYS.items():
                started = time.perf_counter()
                counts[way] = count(path)
                times[way].append(time.perf_counter() - started)
    by_hand, ours = (counts[way] for way in WAYS)
    if by_hand != ours:
        raise SystemExit("the breaches differ")
    least = {way: min(taken) for way, taken in times.items()}
    print(
        f"{asked.calls:,} calls, {sum(ours.values()):,} breaches: "
        + ", ".join(f"{w} {s:.2f} s" for w, s in least.items())
    )
    print(verdict("times hand-written SQL", least["toolkit"] / least["hand-written SQL"], 3.0, "x"))


if __name__ == "__main__":
    main()
