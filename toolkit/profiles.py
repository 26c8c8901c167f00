"""An organisation's set-up: how its exports spell headers, dates, amounts and codes, and which words it uses.

A profile is a TOML file, shipped in `toolkit/setups/NAME/profile.toml` or the user's own. It changes how
files are read and never what is calculated from them.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from toolkit.call_rule_files import Version, versions_of
from toolkit.call_rules import CallRules
from toolkit.coaching_rules import Coaching
from toolkit.definitions import Definitions
from toolkit.money import currencies, minor_digits
from toolkit.periods import RelativePeriod
from toolkit.plans import Credit
from toolkit.presets import with_presets
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.recovery_rules import RecoveryRules
from toolkit.sampling_rules import Sampling
from toolkit.score_rules import Scorecard
from toolkit.shapes import Also, Joined, Wide, shape_problems
from toolkit.shipped import shipped
from toolkit.tables import TABLES

DateOrder = Literal["dmy", "mdy", "iso"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEK: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PROFILE_FILE = "profile.toml"
PLANS_FOLDER = "plans"
FORMS_FOLDER = "forms"
WORKBOOK_FILE = "workbook.toml"


def _known_currency(code: str) -> str:
    if code not in currencies():
        raise ValueError(f'"{code}" is not a currency that is known; currencies are three capital letters such as KES')
    return code


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_timezone(name: str) -> str:
    if name not in _timezones():
        raise ValueError(f'"{name}" is not a time zone; time zones are named like Africa/Nairobi')
    return name


def _country_code(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise ValueError(f'"{code}" is not a country; countries are two capital letters such as KE')
    return code


class Database(BaseModel):
    """Where tables come from that are no files: `url` as SQLAlchemy writes it, and a statement or a name for each.

    `url` may hold a password, or ${NAME} for what the environment keeps: it is never shown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: SecretStr
    tables: dict[str, str] = Field(min_length=1)


class Limits(BaseModel):
    """How large a workbook may be, in MB of 2**20 bytes, as it is and unfolded; a larger one is refused unread."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workbook_mb: int = Field(default=50, ge=1, le=4096)
    unfolded_mb: int = Field(default=300, ge=1, le=65536)


class Pack(BaseModel):
    """What is made at set times: a scorecard of a period that follows the data, each in a folder of its own.

    every: hour, day (of the working week), week or month; on: the weekday of a week, the day of a month (1 to 28);
    at: the time; until_hour: the last hour of an hourly pack.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    every: Literal["hour", "day", "week", "month"]
    on: str = ""
    at: str = Field(default="07:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    until_hour: int = Field(default=18, ge=0, le=23)
    period: RelativePeriod
    grain: Literal["hour", "day", "week", "month", "quarter", "year", "cohort"] = "day"
    kpis: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_some_day(self) -> "Pack":
        if self.every == "week" and self.on not in WEEK:
            raise ValueError(f"on of a weekly pack is one of {', '.join(WEEK)}")
        if self.every == "month" and self.on not in map(str, range(1, 29)):
            raise ValueError("on of a monthly pack is a day from 1 to 28, which every month has")
        return self


class SpecialDays(BaseModel):
    """Days that are not like others: Eid, Ramadan hours, school-fee weeks, harvest. Trends leave them out, or compare
    them with days of the same name only.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    treatment: Literal["leave_out", "compare"] = "leave_out"

    @model_validator(mode="after")
    def _is_in_order(self) -> "SpecialDays":
        if self.last < self.first:
            raise ValueError(f"{self.name} ends before it begins")
        return self


class Profile(BaseModel):
    """How one organisation's exports are read.

    `headers`: table, column, its spellings in the source, the first being the usual one. The names of the
    reference page are always understood too. `codes`: "table.column" to what the source writes and the
    toolkit's code for it. `defaults`: "table.column" to the value where the source has no such column or
    an empty cell. `payments_name_agent`: the payments themselves say who earned them, so an empty agent
    is a problem. `wide`, `also` and `joined` say which sheets are no table of ours as they stand, by table
    (`toolkit.shapes`). `database`: tables that come from there. `folder` is where the profile came from; `plans`
    are files in its `plans` folder, `forms` (quality forms) in its `forms` folder. `presets` are the systems whose
    spellings stand behind the profile's own in `headers` and `codes`; `preset_spellings` are the headers, by table,
    that only they know: they give way to the profile's own where a file has both. `ignored_columns`: by table,
    headers of columns that say nothing of whether a row counts, such as the status of something else. `limits`: how
    large a workbook may be. `definitions`: how the KPIs count what every organisation counts in its own way.
    `scorecards`: which KPIs whose scorecard has. `packs`: what is made at set times. `special_days`: what trends
    must not compare with ordinary days. `sampling`: which calls are listened to. `coaching`: what calls for coaching.
    `recovery`: how the cost of recovery is reckoned.
    `call_rules`: the files of call rules that are kept (`toolkit.call_rules`), each from its first day on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = ""
    note: str = ""
    country: Annotated[str, AfterValidator(_country_code)]
    currency: Annotated[str, AfterValidator(_known_currency)]
    timezone: Annotated[str, AfterValidator(_known_timezone)]
    date_order: DateOrder = "iso"
    decimal: Literal[".", ","] = "."
    language: str = "en"
    payment_kind_when_empty: str | None = None
    payments_name_agent: bool = False
    working_week: tuple[Day, ...] = WEEK[:5]
    credit: Credit | None = None
    headers: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    defaults: dict[str, str] = Field(default_factory=dict)
    wide: dict[str, Wide] = Field(default_factory=dict)
    also: dict[str, Also] = Field(default_factory=dict)
    joined: Joined = Field(default_factory=dict)
    ignored_columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    roles: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    database: Database | None = None
    limits: Limits = Field(default_factory=Limits)
    definitions: Definitions = Field(default_factory=Definitions)
    scorecards: tuple[Scorecard, ...] = ()
    packs: tuple[Pack, ...] = ()
    special_days: tuple[SpecialDays, ...] = ()
    recovery: RecoveryRules = Field(default_factory=RecoveryRules)
    call_rules: CallRules = ()
    sampling: Sampling = Field(default_factory=Sampling)
    coaching: Coaching = Field(default_factory=Coaching)
    presets: tuple[str, ...] = ()
    preset_spellings: dict[str, tuple[str, ...]] = Field(default_factory=dict, exclude=True)
    folder: Path | None = Field(default=None, exclude=True)

    @property
    def digits(self) -> int:
        """Digits behind the point of the profile's currency: 2 for KES, 0 for UGX."""
        return minor_digits(self.currency)

    @property
    def working_days(self) -> frozenset[int]:
        """Days of the working week as numbers, Monday being 0."""
        return frozenset(WEEK.index(day) for day in self.working_week)

    def plan_paths(self) -> list[Path]:
        """The example plans' files; none for a profile that did not come from a file."""
        return [self.folder / PLANS_FOLDER / plan for plan in self.plans] if self.folder else []

    def call_rule_versions(self) -> tuple[Version, ...]:
        """The rules of calling in their versions. `ToolkitError` with everything that is wrong with them."""
        return versions_of(self.call_rules, self.folder, PROFILE_FILE)

    def form_paths(self) -> list[Path]:
        """The files of its own quality forms; none for a profile that did not come from a file."""
        return [self.folder / FORMS_FOLDER / form for form in self.forms] if self.folder else []

    def spelling(self, table: str, column: str) -> str:
        """What the source usually calls this column; the toolkit's own name where the profile says nothing."""
        return next(iter(self.headers.get(table, {}).get(column, ())), column)

    @property
    def reshapes(self) -> bool:
        """Whether some sheets are no table of ours as they stand."""
        return bool(self.wide or self.also or self.joined)

    def fed_by(self, table: str) -> tuple[str, ...]:
        """The other tables that are taken from this table's sheets."""
        return tuple(name for name, second in self.also.items() if second.first == table)

    def in_currency(self, currency: str) -> "Profile":
        """The same profile for another currency."""
        return self.model_copy(update={"currency": _known_currency(currency)})


def shipped_profiles() -> list[str]:
    """Names of the set-ups that come with the toolkit, in alphabetical order."""
    return sorted(folder.parent.name for folder in shipped("setups").glob(f"*/{PROFILE_FILE}"))


def workbook_file(profile: Profile) -> Path:
    """Where the set-up says what is its own in the workbook with buttons: in its folder, or among the workbook's parts
    for a set-up that comes with the toolkit; else what holds for any set-up.
    """
    own = profile.folder / WORKBOOK_FILE if profile.folder is not None else None
    if own is not None and own.is_file():
        return own
    is_shipped = profile.folder == shipped("setups") / profile.name
    return shipped("workbooks") / (f"{profile.name}.toml" if is_shipped else "standard.toml")


def default_profile(currency: str, timezone: str, country: str) -> Profile:
    """The profile of whoever gives none: the names of the reference page, ISO dates, a decimal point."""
    return Profile(name="default", currency=currency, timezone=timezone, country=country)


def load_profile(name_or_path: str) -> Profile:
    """A shipped set-up by its name, or one's own: a TOML file or a folder with a profile.toml.

    `ToolkitError` with everything that is wrong with it.
    """
    path = _profile_path(name_or_path)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ToolkitError([problem("PROFILE_UNREADABLE", file=path.name, reason=str(error))]) from error
    return read_profile(content, path)


def read_profile(content: Mapping[str, Any], path: Path) -> Profile:
    """The profile that a TOML file's content says; `path` is the file, for messages and its plans."""
    try:
        given = {"name": path.parent.name, **with_presets(content, path.name), "folder": path.parent}
        profile = Profile.model_validate(given)
    except ValidationError as error:
        raise ToolkitError(list(value_problems(error, path.name))) from error
    problems = [*_unknown_names(profile, path.name), *_unknown_codes(profile, path.name)]
    problems += [*_names_twice(profile, path.name), *_overlaps(profile, path.name)]
    problems += shape_problems(profile.wide, profile.also, profile.joined, path.name)
    try:
        profile.call_rule_versions()
    except ToolkitError as error:
        problems += error.problems
    if problems:
        raise ToolkitError(problems)
    return profile


def _profile_path(name_or_path: str) -> Path:
    if name_or_path in shipped_profiles():
        return shipped("setups") / name_or_path / PROFILE_FILE
    path = Path(name_or_path)
    if path.is_dir() and (path / PROFILE_FILE).is_file():
        return path / PROFILE_FILE
    if path.is_file():
        return path
    known = ", ".join(shipped_profiles())
    raise ToolkitError([problem("PROFILE_NOT_FOUND", value=name_or_path, known=known)])


SECRETS = re.compile(r"(?<=://)[^\s/:@]*:\S*(?=@)|(?<=[?&;])\w*(?:password|passwd|pwd)=[^\s&;]*", re.IGNORECASE)
"""What may be a password in the address of a database."""


def value_problems(error: ValidationError, file: str) -> Iterator[Problem]:
    """What pydantic found in a TOML file of a set-up, in sentences that name the key."""
    for found in error.errors(include_url=False):
        key = ".".join(str(part) for part in found["loc"])
        reason = str(found["msg"]).removeprefix("Value error, ")
        seen = "" if key.startswith("database") else SECRETS.sub("***", str(found.get("input", "")))
        yield problem("PROFILE_VALUE", file=file, column=key, value=seen, reason=reason)


def _unknown_names(profile: Profile, file: str) -> Iterator[Problem]:
    for table, columns in profile.headers.items():
        for column in columns:
            yield from _unknown_name(table, column, file, f"headers.{table}")
    tables = [("database.tables", table) for table in (profile.database.tables if profile.database else ())]
    tables += [("ignored_columns", table) for table in profile.ignored_columns]
    for key, table in tables:
        if table not in TABLES:
            yield problem("PROFILE_UNKNOWN_TABLE", file=file, column=key, value=table, known=", ".join(TABLES))
    for name in [*profile.codes, *profile.defaults]:
        table, _, column = name.partition(".")
        yield from _unknown_name(table, column, file, name)


def _unknown_name(table: str, column: str, file: str, key: str) -> Iterator[Problem]:
    if table not in TABLES:
        yield problem("PROFILE_UNKNOWN_TABLE", file=file, column=key, value=table, known=", ".join(TABLES))
    elif column not in (columns := [of.name for of in TABLES[table].columns]):
        known = ", ".join(columns)
        yield problem("PROFILE_UNKNOWN_COLUMN", file=file, column=key, value=column, table=table, known=known)


def _names_twice(profile: Profile, file: str) -> Iterator[Problem]:
    """Scorecards that nobody could tell apart: files and sheets are named after them."""
    places: dict[str, list[str]] = {}
    for number, card in enumerate(profile.scorecards, start=1):
        places.setdefault(card.name, []).append(f"{number} ({card.title or ', '.join(card.roles) or 'everybody'})")
    for name, found in places.items():
        if len(found) > 1:
            reason = f"scorecards {' and '.join(found)} have the same name; each needs a name of its own"
            yield problem("PROFILE_VALUE", file=file, column="scorecards.name", value=name, reason=reason)


def _overlaps(profile: Profile, file: str) -> Iterator[Problem]:
    """Days that would be left out and compared at once."""
    for one, other in combinations(profile.special_days, 2):
        first, last = max(one.first, other.first), min(one.last, other.last)
        if first <= last and one.treatment != other.treatment:
            seen = str(first) if first == last else f"{first} to {last}"
            of_each = " and ".join(f'"{days.name}" ({days.treatment})' for days in (one, other))
            reason = f"{of_each} have days in common, which cannot be treated in two ways"
            yield problem("PROFILE_VALUE", file=file, column="special_days", value=seen, reason=reason)


def _unknown_codes(profile: Profile, file: str) -> Iterator[Problem]:
    """Codes that a closed list does not have; lists that the organisation owns take anything."""
    words = [(name, code) for name, spellings in profile.codes.items() for code in spellings.values()]
    words += list(profile.defaults.items())
    if profile.payment_kind_when_empty is not None:
        words.append(("payments.kind", profile.payment_kind_when_empty))
    for name, code in words:
        table, _, column = name.partition(".")
        if table not in TABLES or column not in [of.name for of in TABLES[table].columns]:
            continue
        known = TABLES[table].column(column).codes
        if known and code not in known:
            yield problem("PROFILE_UNKNOWN_CODE", file=file, column=name, value=code, known=", ".join(known))
