"""Thousands of sound files, each damaged a little: no crash, no hang, and no sum that changes in silence.

    python tests/mutations.py --count 20000 --seed 1
    python tests/mutations.py --seed 1 --only 4711 --keep folder

Each mutant (tests/mutants.py) is read by the toolkit in a process of its own that may die without harm, and where
anything was taken a second time, plainly (tests/naive_rows.py). A mutant fails where

* reading crashes, raises anything but ToolkitError, takes more than 10 seconds or more than 1 GB;
* a file's rows are not the accepted, the rejected and the ignored ones, or a refused file has no error;
* a row was taken with an amount or an id that the second reading does not see in it;
* a row with an amount was left out and no problem says so;
* the sum of the amounts is another one, nothing was said, and the second reading cannot explain it.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from catalogue import ALWAYS, BASE
from mutants import Mutant, mutant
from naive_rows import NaiveRow, naive_rows, second_of_workbook
from reading_cases import AS_OF, PROFILE

from toolkit.problems import ToolkitError
from toolkit.reading import Reading, read_tables

SECONDS, MOST_MEMORY = 10, 2**30
STARTING = 60
"""Seconds that a fresh process has for its first mutant: it imports everything first."""
REFUSED, SET_ASIDE, WARNED = "refused as a whole", "rows set aside", "taken with a warning"
SAME, SEEN_TWICE, UNSEEN = (
    "taken, with the sound sum",
    "taken, the change is seen by the second reading too",
    "not judged",
)
FAILED = "FAILED"
OUTCOMES = (REFUSED, SET_ASIDE, WARNED, SEEN_TWICE, SAME, UNSEEN, FAILED)
SOUND = {"payments": 1_765_049, "costs": 470_000, "promises": 170_000}
"""The sums of the sound tables that have amounts, in cents."""
ALWAYS_SAID = ("WEB_TABLE",)
"""Warnings that the sound file has as well."""
IDS = {
    "payments": ("payment_id", "account_id", "agent_id"),
    "costs": ("agent_id",),
    "promises": ("promise_id", "account_id"),
}


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant; `why` where it failed."""

    number: int
    kind: str
    outcome: str
    why: tuple[str, ...] = ()
    about: str = ""


# One mutant


def tried(one: Mutant, folder: Path) -> Verdict:
    """The mutant read beside sound files, and judged."""
    for old in folder.iterdir():
        old.unlink()
    beside = ALWAYS if "cells" in one.kind else ()
    for name in beside:
        if Path(name).stem != one.table:
            (folder / name).write_bytes((BASE / name).read_bytes())
    (folder / one.name).write_bytes(one.content)
    began = time.monotonic()
    try:
        reading = read_tables(folder, PROFILE, as_of=AS_OF)
    except ToolkitError:
        return Verdict(one.number, one.kind, REFUSED)
    except BaseException as error:  # a panic of a parser is not even an Exception
        return _failed(one, f"{type(error).__name__}: {str(error)[:200]}")
    taken = time.monotonic() - began
    if taken > SECONDS:
        return _failed(one, f"{taken:.0f} seconds")
    outcome, why = judged(reading, one)
    return _failed(one, *why) if why else Verdict(one.number, one.kind, outcome)


def _failed(one: Mutant, *why: str) -> Verdict:
    return Verdict(one.number, one.kind, FAILED, why, f"{one.name}: {one.about}")


def judged(reading: Reading, one: Mutant) -> tuple[str, list[str]]:
    """The outcome, and what is against the law."""
    about = [file for file in reading.files if file.file == one.name]
    told = [found for found in reading.problems if found.level != "info" and found.code not in ALWAYS_SAID]
    about_it = [found for found in told if found.file == one.name]
    refused = bool(about) and all(file.verdict == "reject-file" for file in about)
    why = list(_not_adding_up(reading, refused=refused, told=[found.level for found in about_it]))
    if refused:
        return REFUSED, why
    outcome = WARNED if about_it else SAME
    if any(file.rejected for file in about):
        outcome = SET_ASIDE
    if one.table not in SOUND:
        if reading.accepted_sums.get("payments", 0) != SOUND["payments"] and not told:
            why.append("the sum of the payments is another one, and nothing was said")
        return outcome, why
    taken = reading.accepted_sums.get(one.table, 0)
    rows = naive_rows(one.content, one.name)
    if rows is None:
        if outcome == SAME and taken != SOUND[one.table]:
            return outcome, [*why, f"{taken} taken in silence, which no second reading explains"]
        return (UNSEEN if outcome != SAME else SAME), why
    against = list(_against_the_second(reading, one, rows))
    if against and one.name.endswith(".xlsx"):
        written = second_of_workbook(one.content)
        against = list(_against_the_second(reading, one, written)) if written is not None else against
    why += against
    return (SEEN_TWICE if outcome == SAME and taken != SOUND[one.table] else outcome), why


def _not_adding_up(reading: Reading, *, refused: bool, told: Sequence[str]) -> Iterator[str]:
    for file in reading.files:
        if file.rows != file.accepted + file.rejected + file.ignored:
            yield f"{file.file}: {file.rows} rows, but {file.accepted} + {file.rejected} + {file.ignored}"
    if refused and "error" not in told:
        yield "refused without an error"


def _against_the_second(reading: Reading, one: Mutant, rows: Sequence[NaiveRow]) -> Iterator[str]:
    """Rows taken that are not so in the file, and rows with an amount left out without a word."""
    plain = {row.number: row for row in rows}
    table = reading.tables.get(one.table)
    accepted = (
        table.filter(table["source_file"].str.starts_with(one.name)).rows(named=True) if table is not None else []
    )
    for row in accepted:
        yield from _not_as_it_stands(row, plain.get(row["source_row"]), one.table)
    taken = {row["source_row"] for row in accepted}
    about = [found for found in reading.problems if found.file == one.name]
    loud = {found.row for found in about if found.level != "info"}
    totals = {found.row for found in about if found.code == "IGNORED_TOTAL"}
    counted = [row for number, row in plain.items() if number in taken or number in loud]
    for number, row in plain.items():
        if number in taken or number in loud or not row.amounts:
            continue
        if number in totals and row.amounts <= _sums_above(number, accepted) | _sums_of(number, counted):
            continue
        yield f"row {number} with the amount {row.cell('amount')!r} was left out without a word"


def _sums_above(number: int, accepted: Sequence[dict[str, Any]]) -> set[int]:
    """What the rows above this one add up to, from any of them on."""
    above = [row["amount"] for row in accepted if row["source_row"] < number]
    return {sum(above[start:]) for start in range(len(above) + 1)}


def _sums_of(number: int, rows: Sequence[NaiveRow]) -> set[int]:
    """The same of the rows as they stand, those with it that were set aside: they are in the file's total too."""
    above = [min(row.amounts, default=0) for row in rows if row.number < number]
    return {sum(above[start:]) for start in range(len(above) + 1)}


def _not_as_it_stands(row: dict[str, Any], plain: NaiveRow | None, table: str) -> Iterator[str]:
    place = f"row {row['source_row']}"
    if plain is None:
        yield f"{place} was taken, and the second reading has no such row"
        return
    if plain.amounts != {row["amount"]}:
        yield f"{place}: {row['amount']} was taken where {plain.cell('amount')!r} stands"
    if plain.wide and any(str(cell).strip() for cell in plain.cells[len(plain.places) :]):
        yield f"{place} was taken with more fields than the header has"
    for column in IDS[table]:
        seen = plain.cell(column.replace("_", ""))
        if isinstance(seen, str) and row.get(column) is not None and _plain(seen) != _plain(row[column]):
            yield f"{place}: {row[column]!r} was taken as {column} where {seen!r} stands"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(" \t\r\n\ufeff\u3000'").casefold()


# Many mutants


def _work(pipe: Connection, seed: int) -> None:
    """What the other process does: mutants by number until it is told to stop."""
    warnings.simplefilter("ignore")  # the second reading's libraries have their own opinions
    with tempfile.TemporaryDirectory() as folder:
        while (number := pipe.recv()) is not None:
            one = mutant(seed, number)
            verdict = tried(one, Path(folder))
            pipe.send((verdict, _memory()))


def _memory() -> int:
    """The most memory that this process ever had, in bytes; 0 where the system does not say.

    On Linux by what the kernel says of this program alone: `getrusage` also knows what the process that started it had.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        [peak] = [line.split()[1] for line in status.read_text(encoding="ascii").splitlines() if "VmHWM" in line]
        return int(peak) * 1024
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


class Worker:
    """A process that tries mutants; a fresh one follows where it died, hung or grew too large."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other, self.seed), daemon=True)
        self.process.start()
        other.close()
        self.fresh = True

    def stop(self) -> None:
        self.process.kill()
        self.process.join()

    def verdict(self, number: int) -> Verdict:
        self.pipe.send(number)
        try:
            answered = self.pipe.poll(STARTING if self.fresh else 3 * SECONDS)  # the second reading takes its time too
            verdict, memory = self.pipe.recv() if answered else (self._lost(number, "it hangs"), 0)
        except EOFError:
            self.process.join()
            verdict, memory = self._lost(number, f"the process died ({self.process.exitcode})"), 0
        self.fresh = False
        if memory > MOST_MEMORY:
            verdict = self._lost(number, f"{memory // 2**20} MB")
        if not self.process.is_alive() or not memory or memory > MOST_MEMORY:
            self.stop()
            self._start()
        return verdict

    def _lost(self, number: int, why: str) -> Verdict:
        return _failed(mutant(self.seed, number), why)


def verdicts(seed: int, numbers: Sequence[int]) -> Iterator[Verdict]:
    """What becomes of these mutants, in their order."""
    worker = Worker(seed)
    try:
        for number in numbers:
            yield worker.verdict(number)
    finally:
        worker.stop()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--count", type=int, default=20_000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", type=int, help="the number of one mutant")
    words.add_argument("--keep", type=Path, help="a folder for the mutants that fail, or for the only one")
    given = words.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    for verdict in verdicts(given.seed, [given.only] if given.only is not None else range(given.count)):
        counts[verdict.kind, verdict.outcome] += 1
        if verdict.outcome == FAILED:
            print(f"mutant {verdict.number}, {verdict.about}\n    " + "\n    ".join(verdict.why), flush=True)
        if given.keep and (verdict.outcome == FAILED or given.only is not None):
            one = mutant(given.seed, verdict.number)
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{one.number}_{one.name}").write_bytes(one.content)
    print(table_of(counts))
    sys.exit(any(outcome == FAILED for _, outcome in counts))


def table_of(counts: Counter[tuple[str, str]]) -> str:
    """How many mutants of each kind had which outcome."""
    lines = [f"{'':24}" + "".join(f"{number:>8}" for number in range(1, len(OUTCOMES) + 1))]
    for kind in [*sorted({kind for kind, _ in counts}), "all"]:
        here = [
            sum(n for (of, found), n in counts.items() if found == outcome and kind in (of, "all"))
            for outcome in OUTCOMES
        ]
        lines.append(f"{kind:24}" + "".join(f"{n:>8}" for n in here))
    return "\n".join([*lines, *(f"{number} {outcome}" for number, outcome in enumerate(OUTCOMES, 1))])


if __name__ == "__main__":
    main()
