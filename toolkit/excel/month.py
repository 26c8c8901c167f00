"""What the buttons do, without Excel: settings in, a calculated period or its files out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from toolkit.calculation import Calculated, calculated, plans_for
from toolkit.excel.sheets import label_of
from toolkit.pace import day_of, moment_of
from toolkit.periods import Kind, parse
from toolkit.plan_files import PlanFile, plan_of_sheets, plans_of
from toolkit.plan_sheets import Sheets
from toolkit.plans import PlanVersions
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.profiles import Profile, load_profile
from toolkit.readers.raw import RawSheet
from toolkit.readers.sources import ONLY_DATABASE
from toolkit.reading import Reading, read_tables

FROM_PAGE = "the sheet Plan"
ALL = ("plan", "data_folder", "period", "out_folder")
"""What has to be filled in for a month-end."""


@dataclass(frozen=True)
class Asked:
    """The settings of the workbook, looked through: folders that are there, a day that is one."""

    profile_name: str
    profile: Profile
    data: Path
    period: str
    plan: str
    from_page: bool
    previous: tuple[Path, ...]
    out: Path
    at: datetime | None
    pasted: tuple[str, ...]

    @property
    def as_of(self) -> date | None:
        """The day that `at`, the moment at which the data stand, belongs to."""
        return None if self.at is None else day_of(self.at)

    @property
    def run_folder(self) -> Path:
        return self.out / self.period


def asked(settings: dict[str, str], *, needs: tuple[str, ...] = ALL) -> Asked:
    """The settings as they are meant. `ToolkitError` with everything that is missing or wrong in them.

    needs: the settings that may not be empty for the work at hand.
    """
    problems: list[Problem] = []
    for name in ("profile", *needs):
        if not settings[name]:
            problems.append(_about("SETTING_MISSING", name))
    folders = {name: settings[name] for name in ("data_folder", "out_folder") if settings[name]}
    earlier = _parts(settings["previous"])
    for name, folder in [*folders.items(), *(("previous", folder) for folder in earlier)]:
        problems += _folder_problems(name, folder)
    at = _moment(settings["as_of"], problems)
    profile = _profile(settings["profile"], problems)
    if problems or profile is None:
        raise ToolkitError(problems)
    return Asked(
        profile_name=settings["profile"],
        profile=profile,
        data=Path(settings["data_folder"]),
        period=settings["period"],
        plan=settings["plan"],
        from_page=settings["plan_from"] == FROM_PAGE,
        previous=tuple(Path(folder) for folder in earlier),
        out=Path(settings["out_folder"]),
        at=at,
        pasted=tuple(_parts(settings["pasted"])),
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _about(code: str, name: str, value: str = "") -> Problem:
    return problem(code, sheet="Settings", value=value, **label_of(name))


def _folder_problems(name: str, folder: str) -> list[Problem]:
    if name == "data_folder" and folder == ONLY_DATABASE:
        return []
    if "://" in folder:
        return [_about("SETTING_IS_URL", name, folder)]
    there = Path(folder)
    # the folder for results is made; what is read has to be there
    missing = not there.exists() if name != "out_folder" else there.is_file()
    return [_about("SETTING_FOLDER", name, folder)] if missing else []


def folder_named(name: str, text: str) -> Path | None:
    """The folder of a setting that may be empty. `ToolkitError` where it is not there."""
    if problems := _folder_problems(name, text) if text else []:
        raise ToolkitError(problems)
    return Path(text) if text else None


def _moment(text: str, problems: list[Problem]) -> datetime | None:
    if not text:
        return None
    try:
        return moment_of(text)
    except ToolkitError:
        problems.append(_about("SETTING_DAY", "as_of", text))
        return None


def _profile(name: str, problems: list[Problem]) -> Profile | None:
    if not name:
        return None
    try:
        return load_profile(name)
    except ToolkitError as error:
        problems += error.problems
        return None


def plan_paths(settings: Asked) -> list[Path]:
    """The files of the plan that the settings name: all versions of a plan of the set-up, or one's own files."""
    known = plans_of(settings.profile.plan_paths())
    found = [path for plan_id, path in known if settings.plan in (plan_id, path.stem, path.name)]
    if found:
        same = {plan_id for plan_id, path in known if path in found}
        return [path for plan_id, path in known if plan_id in same]
    if Path(settings.plan).exists():
        return [Path(settings.plan)]
    ids = ", ".join(dict.fromkeys(plan_id for plan_id, _ in known)) or "its plans"
    raise ToolkitError([problem("NO_SUCH_PLAN", value=settings.plan, setup=settings.profile.name, known=ids)])


Pasted = Mapping[str, RawSheet]
"""Tables that stand in the workbook, in place of the files of the same tables."""


def read(settings: Asked, pasted: Pasted) -> Reading:
    """Everything in the data folder, with every problem."""
    days = _days(settings.period)
    return read_tables(
        settings.data,
        settings.profile,
        as_of=settings.as_of,
        pasted=pasted,
        paid_before=None,
        days=days,
    )


def _days(period: str) -> tuple[date, date] | None:
    """The days of a period, for what a database is asked; None where the label says none."""
    try:
        found = parse(period)
    except ValueError:
        return None
    return found.first, found.last


def kind_of(period: str) -> Kind:
    """What kind of a period a label names; a month where it names none, which is told when it is calculated."""
    try:
        return parse(period).kind
    except ValueError:
        return "month"


def plan_to_use(settings: Asked, page: Sheets | None) -> PlanVersions:
    """The plan to calculate with: its files, or the sheet Plan as it stands."""
    if page is None:
        return plans_for(plan_paths(settings), settings.profile)
    file = plan_on_page(settings, page)
    if file.plan is None:
        raise ToolkitError([found for found in file.problems if found.level == "error"])
    return PlanVersions(versions=(file.plan,), hashes={file.plan.version: file.sha256})


def plan_on_page(settings: Asked, page: Sheets) -> PlanFile:
    """The sheet Plan as a plan, with everything that the linter says of it."""
    if not page.get("plan"):
        raise ToolkitError([problem("PAGE_EMPTY", sheet="Plan")])
    profile = settings.profile
    return plan_of_sheets(page, "", credit_given=profile.credit is not None, roles=profile.roles)


def calculate(settings: Asked, page: Sheets | None, pasted: Pasted, *, books: bool) -> Calculated:
    """The period, calculated and written to its folder, from where it can be explained.

    books: with the manager's workbook, Finance's file and a statement for each person.
    """
    done = calculate_only(settings, page, pasted)
    done.write(settings.run_folder, workbook=books, statements=books)
    return done


def calculate_only(settings: Asked, page: Sheets | None, pasted: Pasted) -> Calculated:
    """The period, calculated; nothing is written."""
    return calculated(
        settings.data,
        plan_to_use(settings, page),
        settings.period,
        profile=settings.profile_name,
        previous=settings.previous,
        as_of=settings.as_of,
        pasted=pasted,
    )
