"""The rules of calling as data: when customers may be called, messaged and visited, how often, and who not at all.

A file of rules is a TOML file, shipped in `toolkit/data/call_rules` or the organisation's own; a profile names those
that it keeps. Nothing in here is law by itself: a file says where each of its rules comes from.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Channel = Literal["call", "message", "visit"]
Per = Literal["person_and_debt", "person"]
Listing = Literal["do_not_call", "opt_out_channel", "legal_hold", "vulnerable"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY, CLOSED, ALL_DAY = "holiday", "closed", "all day"
SECONDS_A_DAY = 86_400
STRICT = ConfigDict(extra="forbid", frozen=True)
CODE = r"^[a-z0-9][a-z0-9-]{0,40}$"

Span = tuple[int, int]
"""From which second of the day, and until which, that one not included."""
Most = Annotated[int, Field(ge=1, le=10_000)]
DayCount = Annotated[int, Field(ge=1, le=366)]


class Common(BaseModel):
    """What every rule says. `channels` it holds for; several are held together, as one kind of contact.

    `not_counted`: dispositions of calls that neither count nor are judged. `consent_days`: contacts within so many
    consecutive days of the customer's own consent are left out, the day of the consent being the first; 0: none are.
    `until_conversation`: such a consent ends with the next conversation on the telephone. `call_backs`: a call in which
    the customer asked to be called back is such a consent. `professionals`: calls to numbers of lawyers and the like
    (`contact_permissions`) are left out.
    """

    model_config = STRICT

    code: str = Field(pattern=CODE)
    title: str
    channels: tuple[Channel, ...] = Field(default=("call",), min_length=1)
    source: str = ""
    note: str = ""
    not_counted: tuple[str, ...] = ()
    consent_days: Annotated[int, Field(ge=0, le=366)] = 0
    until_conversation: bool = False
    call_backs: bool = False
    professionals: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Figures that are still to be filled in."""
        return tuple(name for name in self._figures if getattr(self, name) is None)

    @property
    def _figures(self) -> tuple[str, ...]:
        return ()

    @property
    def window_days(self) -> int:
        """How many days, the event's own included, have to be known to judge it."""
        return 1


class Hours(Common):
    """Permitted hours by the customer's clock, by weekday and on public holidays; at their end it is too late."""

    kind: Literal["hours"]
    hours: dict[str, str] | None = None

    @model_validator(mode="after")
    def _is_a_week(self) -> "Hours":
        wrong = list(_wrong_hours(self.hours)) if self.hours is not None else []
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def _figures(self) -> tuple[str, ...]:
        return ("hours",)

    def spans(self) -> dict[str, tuple[Span, ...]]:
        """The permitted stretches of each day, mon to sun, and of holiday where that is a day of its own."""
        return {day: spans_of(text) for days, text in (self.hours or {}).items() for day in days_of(days)}


class Cap(Common):
    """At most so many contacts within so many consecutive days, counted over all numbers and agents.

    `only`: dispositions of the calls that count; none: all.
    """

    kind: Literal["cap"]
    most: Most | None = None
    days: DayCount | None = None
    per: Per = "person_and_debt"
    only: tuple[str, ...] = ()

    @property
    def _figures(self) -> tuple[str, ...]:
        return ("most", "days")

    @property
    def window_days(self) -> int:
        return self.days or 1


class Gap(Common):
    """At most `most` contacts that begin within less than so many minutes. `unanswered`: of those nobody answered."""

    kind: Literal["gap"]
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    most: Most = 1
    per: Per = "person_and_debt"
    unanswered: bool = True

    @property
    def _figures(self) -> tuple[str, ...]:
        return ("minutes",)

    @property
    def window_days(self) -> int:
        return 2


class Quiet(Common):
    """No contact within so many consecutive days after a conversation, whose own day is the first.

    A conversation: a call, made or received, in which the customer was reached; with "visit" in `after` also a visit
    at which the customer was met.
    """

    kind: Literal["quiet"]
    days: DayCount | None = None
    per: Per = "person_and_debt"
    after: tuple[Literal["call", "visit"], ...] = Field(default=("call",), min_length=1)

    @property
    def _figures(self) -> tuple[str, ...]:
        return ("days",)

    @property
    def window_days(self) -> int:
        return self.days or 1


class ThirdParty(Common):
    """Nobody but the customer is told of the debt: `calls.third_party`."""

    kind: Literal["third_party"]


class Listed(Common):
    """No contact with whoever is on one of these lists in `contact_permissions`."""

    kind: Literal["listed"]
    lists: tuple[Listing, ...] = Field(default=("do_not_call",), min_length=1)


class Consent(Common):
    """No contact without a consent in `contact_permissions` that holds for its channel."""

    kind: Literal["consent"]


Rule = Annotated[Hours | Cap | Gap | Quiet | ThirdParty | Listed | Consent, Field(discriminator="kind")]


class RuleSet(BaseModel):
    """A file of rules. `law`: whether it states a law, named in `source`. `template`: figures may be left to be filled
    in by the profile, and a rule without its figures is not in force. `start`: the first day of this version.
    """

    model_config = STRICT

    name: str = Field(pattern=CODE)
    title: str
    source: str = ""
    note: str = ""
    law: bool = False
    template: bool = False
    start: date | None = None
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "RuleSet":
        wrong = list(self._wrong())
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _wrong(self) -> Iterator[str]:
        codes = [rule.code for rule in self.rules]
        yield from (f'two rules are called "{code}"' for code in sorted({c for c in codes if codes.count(c) > 1}))
        for rule in self.rules:
            if rule.missing and not self.template:
                yield f'the rule "{rule.code}" needs {" and ".join(rule.missing)}'


def _as_choice(given: object) -> object:
    return {"use": given} if isinstance(given, str) else given


class Choice(BaseModel):
    """One entry of a profile's `call_rules`. `use`: a shipped file's name, or a file beside the profile. `start`: the
    first day on which it holds, rather than the file's own. `values`: figures by rule, over those of the file; false
    leaves the rule out. `example`: the figures are examples, to be replaced by what the organisation has decided.
    """

    model_config = STRICT

    use: str = Field(min_length=1)
    start: date | None = None
    example: bool = False
    values: dict[str, dict[str, Any] | Literal[False]] = Field(default_factory=dict)


CallRules = tuple[Annotated[Choice, BeforeValidator(_as_choice)], ...]


def days_of(words: str) -> tuple[str, ...]:
    """The days that a key of `hours` means: sat, mon-fri, every day, or holiday; `ValueError` for anything else."""
    if words == "every day":
        return DAYS
    first, dash, last = words.partition("-")
    known = [day in DAYS for day in ([first, last] if dash else [first])]
    if words == HOLIDAY:
        return (HOLIDAY,)
    if not all(known):
        raise ValueError(f'"{words}" is not a weekday: days are {", ".join(DAYS)}, mon-fri and the like, or {HOLIDAY}')
    if not dash:
        return (first,)
    from_day, to_day = DAYS.index(first), DAYS.index(last)
    if to_day < from_day:
        raise ValueError(f'"{words}" runs backwards: a week runs from {DAYS[0]} to {DAYS[-1]}')
    return DAYS[from_day : to_day + 1]


def spans_of(text: str) -> tuple[Span, ...]:
    """``08:00-20:00``, several with commas between, closed, or all day; `ValueError` for anything else."""
    if text == CLOSED:
        return ()
    if text == ALL_DAY:
        return ((0, SECONDS_A_DAY),)
    spans = [_span(part.strip()) for part in text.split(",")]
    for (_, before), (start, _) in pairwise(spans):
        if start < before:
            raise ValueError(f'"{text}" has hours that overlap or stand in the wrong order')
    return tuple(spans)


def _span(text: str) -> Span:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", text)
    times = [int(part) for part in match.groups()] if match else []
    if not times or times[1] > 59 or times[3] > 59 or max(times[0] * 60 + times[1], times[2] * 60 + times[3]) > 1440:
        raise ValueError(f'"{text}" is no stretch of a day: write 08:00-20:00, {CLOSED} or {ALL_DAY}')
    start, end = times[0] * 3600 + times[1] * 60, times[2] * 3600 + times[3] * 60
    if end <= start:
        raise ValueError(f'"{text}" ends before it begins: hours over midnight are two stretches')
    return start, end


def _wrong_hours(hours: Mapping[str, str]) -> Iterator[str]:
    seen: list[str] = []
    for days, text in hours.items():
        for read, given in ((days_of, days), (spans_of, text)):
            try:
                found = read(given)
            except ValueError as error:
                yield f"{days}: {error}" if read is spans_of else str(error)
            else:
                seen += found if read is days_of else []  # type: ignore[arg-type]  # the names of days
    yield from (f"{day} has hours twice" for day in sorted({day for day in seen if seen.count(day) > 1}))
    missing = [day for day in DAYS if day not in seen]
    if missing and not any(_is_wrong(days) for days in hours):
        yield f'nothing is said of {", ".join(missing)}: write {missing[0]} = "{CLOSED}" where nobody may be called'


def _is_wrong(days: str) -> bool:
    try:
        days_of(days)
    except ValueError:
        return True
    return False
