"""What differs from one set-up's workbook to another's: a short TOML file each.

`workbooks/NAME.toml` for a set-up that comes with the toolkit; `workbook.toml` in the folder of one's own, which
`toolkit profile new` copies there.
"""

import tomllib
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from toolkit.periods import Period, parse
from toolkit.problems import ToolkitError, problem
from toolkit.profiles import Profile, value_problems, workbook_file


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _period(label: str) -> str:
    try:
        parse(label)
    except ToolkitError as error:
        raise ValueError(error.problems[0].message) from error
    return label


class Run(_Part):
    """So many periods from the first on."""

    first: Annotated[str, AfterValidator(_period)]
    number: int = Field(ge=1, le=120)

    def labels(self) -> list[str]:
        """``2026-01``, ``2026-02`` and so on, of the first one's kind."""
        period: Period = parse(self.first)
        labels = []
        for _ in range(self.number):
            labels.append(period.label)
            period = period.next()
        return labels


class Definition(_Part):
    """One set-up's workbook.

    title: over the sheet Start; person: what somebody who earns commission is called; exports: the files that the
    folder holds, in words; plan: the one that Settings names at first (none: the set-up's first); periods: what the
    drop-down of the period offers; mind: what to know in this set-up, under the steps of Start.
    """

    title: str
    person: str
    exports: str
    plan: str = ""
    periods: tuple[Run, ...]
    mind: tuple[str, ...] = Field(default=(), max_length=4)


def definition_of(profile: Profile) -> Definition:
    """The workbook's definition for a set-up. `ToolkitError` with everything that is wrong with the file."""
    path = workbook_file(profile)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ToolkitError([problem("PROFILE_UNREADABLE", file=path.name, reason=str(error))]) from error
    try:
        return Definition.model_validate(content)
    except ValidationError as error:
        raise ToolkitError(list(value_problems(error, path.name))) from error
