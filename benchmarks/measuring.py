"""How long a command takes and how much memory it needs at most, and how the figures are printed."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of processor time over all cores, and the largest resident memory in MiB."""

    wall: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s wall  {self.cpu:8.2f} s CPU  {self.peak:8.0f} MiB at most"


def cost_of(command: Sequence[str], accepted: tuple[int, ...] = (0,)) -> Cost:
    """Runs the command in a process of its own. Its standard output is thrown away."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code not in accepted:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / MEBIBYTE)


def medians(costs: Sequence[Cost]) -> Cost:
    return Cost(median(c.wall for c in costs), median(c.cpu for c in costs), max(c.peak for c in costs))


def side_by_side(commands: dict[str, Sequence[str]], runs: int, accepted: tuple[int, ...] = (0,)) -> dict[str, Cost]:
    """Each command `runs` times in turn, so that a busy minute falls on all of them; the medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(cost_of(command, accepted))
    return {name: medians(each) for name, each in costs.items()}


def verdict(what: str, measured: float, limit: float, unit: str = "x", at_least: bool = False) -> str:
    """One line: the figure, what it should be, and whether it is."""
    kept = measured >= limit if at_least else measured <= limit
    wanted = f"at {'least' if at_least else 'most'} {limit:g} {unit}"
    return f"{'reached' if kept else 'MISSED ':8} {what}: {measured:.2f} {unit} ({wanted})"
