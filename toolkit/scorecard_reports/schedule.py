"""Lines for cron and for the Windows Task Scheduler that make a set-up's packs by themselves.

Periods are words that follow the data ("latest-month"), so that a line stays true: a run that is repeated, or late,
gives the same. Each pack has a folder of its own, which only one run at a time can write.
"""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path, PureWindowsPath

from toolkit.profiles import WEEK, Pack, Profile

TASK_FOLDER = "Collections Toolkit"
OF_PACKS = (
    Pack(name="daily", every="day", at="07:00", period="latest-month", grain="day"),
    Pack(name="weekly", every="week", on="mon", at="07:15", period="previous-week", grain="week"),
    Pack(name="monthly", every="month", on="1", at="07:30", period="previous-month", grain="month"),
)
"""For a set-up that says nothing."""


def packs_of(profile: Profile) -> Sequence[Pack]:
    """The packs of a set-up, or the usual ones."""
    return profile.packs or OF_PACKS


def command_of(pack: Pack, program: str, profile: str, data: str, out: str) -> list[str]:
    """The command that makes a pack, word by word."""
    given = [program, "scorecard", data, "--profile", profile, "--period", pack.period, "--grain", pack.grain]
    kpis = [word for code in pack.kpis for word in ("--kpi", code)]
    return [*given, *kpis, "--out", out, "--quiet"]


def cron_lines(profile: Profile, program: str, name: str, data: Path, out: Path) -> Iterator[str]:
    """One line a pack for `crontab -e`. Output goes to the folder's log; a failure's exit code is cron's to report."""
    for pack in packs_of(profile):
        folder = out / pack.name
        words = command_of(pack, program, name, data.as_posix(), folder.as_posix())
        log = shlex.quote((out / f"{pack.name}.log").as_posix())
        line = f"{_cron_time(pack, profile)} {shlex.join(words)} >> {log} 2>&1"
        yield line.replace("%", r"\%")  # cron takes a bare % for the end of the line


def _cron_time(pack: Pack, profile: Profile) -> str:
    hour, minute = (int(part) for part in pack.at.split(":"))
    if pack.every == "hour":
        return f"{minute} {hour}-{pack.until_hour} * * {_cron_days(profile)}"
    if pack.every == "week":
        return f"{minute} {hour} * * {_cron_day(pack.on)}"
    if pack.every == "month":
        return f"{minute} {hour} {pack.on} * *"
    return f"{minute} {hour} * * {_cron_days(profile)}"


def _cron_days(profile: Profile) -> str:
    return ",".join(str(_cron_day(day)) for day in profile.working_week)


def _cron_day(day: str) -> int:
    """0 for Sunday, 1 for Monday."""
    return (WEEK.index(day) + 1) % 7


def task_lines(profile: Profile, program: str, name: str, data: str, out: str) -> Iterator[str]:
    """One line a pack for the Windows command line: schtasks makes the task, and replaces an earlier one."""
    for pack in packs_of(profile):
        folder = str(PureWindowsPath(out) / pack.name)
        words = command_of(pack, program, name, data, folder)
        inner = " ".join(_windows_word(word) for word in words)
        title = rf"{TASK_FOLDER}\{profile.name} {pack.name}".replace('"', "")
        yield f'schtasks /Create /F /TN "{title}" {_task_time(pack, profile)} /TR "{inner}"'


def _windows_word(word: str) -> str:
    return rf"\"{word}\"" if not word.replace("-", "").replace("_", "").isalnum() else word


def _task_time(pack: Pack, profile: Profile) -> str:
    if pack.every == "hour":
        return f"/SC HOURLY /ST {pack.at} /ET {pack.until_hour:02d}:59"
    if pack.every == "month":
        return f"/SC MONTHLY /D {pack.on} /ST {pack.at}"
    days = [pack.on] if pack.every == "week" else profile.working_week
    return f"/SC WEEKLY /D {','.join(day.upper() for day in days)} /ST {pack.at}"
