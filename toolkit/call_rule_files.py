"""Files of call rules read, filled in by a profile, and put in order: which version is in force on which day."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toolkit.call_rules import Choice, Rule, RuleSet
from toolkit.problems import Problem, ToolkitError, problem
from toolkit.shipped import shipped

FOLDER = "call_rules"
ALWAYS, EVER = date(1900, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Version:
    """The rules of one file as they are in force from `first` to `last`, both included.

    `unfilled`: rules whose figures nobody has filled in, by code, with what is missing; they are not in force.
    `example`: the figures are examples.
    """

    name: str
    title: str
    source: str
    note: str
    law: bool
    first: date
    last: date
    rules: tuple[Rule, ...]
    unfilled: tuple[tuple[str, str], ...] = ()
    example: bool = False

    @property
    def label(self) -> str:
        """What the version is called: the day on which it began."""
        return "always" if self.first == ALWAYS else self.first.isoformat()


def shipped_rules() -> list[str]:
    """Names of the files of call rules that come with the toolkit, in alphabetical order."""
    return sorted(path.stem for path in (shipped("data") / FOLDER).glob("*.toml"))


def versions_of(choices: Sequence[Choice], folder: Path | None, file: str) -> tuple[Version, ...]:
    """The versions of all files chosen, in the order of their names and starts.

    folder: where files that are not shipped lie. file: what chose them, for messages. `ToolkitError` with everything
    that is wrong with any of them.
    """
    problems: list[Problem] = []
    found: list[Version] = []
    for choice in choices:
        try:
            found.append(_version(choice, folder, file))
        except ToolkitError as error:
            problems += error.problems
    problems += _same_start(found, file)
    if problems:
        raise ToolkitError(problems)
    return in_order(found)


def in_order(found: Iterable[Version]) -> tuple[Version, ...]:
    """Each version until the day before the next of the same name begins."""
    return tuple(_until_the_next(found))


def _until_the_next(found: Iterable[Version]) -> Iterator[Version]:
    ordered = sorted(found, key=lambda version: (version.name, version.first))
    for version, following in zip_longest(ordered, ordered[1:]):
        if following is not None and following.name == version.name:
            yield replace(version, last=following.first - timedelta(days=1))
        else:
            yield version


def _same_start(found: Sequence[Version], file: str) -> Iterator[Problem]:
    starts = [(version.name, version.label) for version in found]
    for name, label in sorted({start for start in starts if starts.count(start) > 1}):
        yield problem("CALL_RULES_SAME_START", file=file, column="call_rules", value=name, start=label)


def _version(choice: Choice, folder: Path | None, file: str) -> Version:
    path = _path(choice.use, folder, file)
    rules = _filled(_content(path), choice, file, path.name)
    filled = tuple(rule for rule in rules.rules if not rule.missing)
    return Version(
        rules.name,
        rules.title,
        rules.source,
        rules.note,
        rules.law,
        choice.start or rules.start or ALWAYS,
        EVER,
        filled,
        tuple((rule.code, " and ".join(rule.missing)) for rule in rules.rules if rule.missing),
        choice.example,
    )


def _path(use: str, folder: Path | None, file: str) -> Path:
    if use in shipped_rules():
        return shipped("data") / FOLDER / f"{use}.toml"
    path = (folder or Path()) / use
    if path.is_file():
        return path
    known = ", ".join(shipped_rules())
    raise ToolkitError([problem("CALL_RULES_NOT_FOUND", file=file, column="call_rules", value=use, known=known)])


def _content(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ToolkitError([problem("CALL_RULES_UNREADABLE", file=path.name, reason=str(error))]) from error
    return {"name": path.stem, **content}


def _filled(content: dict[str, Any], choice: Choice, file: str, source: str) -> RuleSet:
    """The file with the profile's figures in the places of its own."""
    problems: list[Problem] = []
    rules = content.get("rules", [])
    if isinstance(rules, list) and all(isinstance(rule, dict) for rule in rules):
        codes = [str(rule.get("code")) for rule in rules]
        problems += _unknown(choice, codes, file)
        content = {**content, "rules": [_with(rule, choice.values) for rule in rules if _is_kept(rule, choice)]}
    where = f"{file}, {source}" if choice.values else source
    try:
        found = RuleSet.model_validate(content)
    except ValidationError as error:
        raise ToolkitError([*problems, *_wrong(error, content, where)]) from error
    if problems:
        raise ToolkitError(problems)
    return found


def _is_kept(rule: dict[str, Any], choice: Choice) -> bool:
    return choice.values.get(str(rule.get("code"))) is not False


def _with(rule: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {**rule, **(values.get(str(rule.get("code"))) or {}), "code": rule.get("code"), "kind": rule.get("kind")}


def _unknown(choice: Choice, codes: Sequence[str], file: str) -> Iterator[Problem]:
    for code in choice.values:
        if code not in codes:
            known = ", ".join(codes)
            yield problem(
                "CALL_RULES_UNKNOWN_RULE", file=file, column="call_rules", value=code, use=choice.use, known=known
            )


def _wrong(error: ValidationError, content: dict[str, Any], file: str) -> Iterator[Problem]:
    """What pydantic found, in sentences that name the rule and the key."""
    for found in error.errors(include_url=False):
        reason = str(found["msg"]).removeprefix("Value error, ")
        seen = found.get("input", "")
        shown = "" if isinstance(seen, (dict, list, BaseException)) else str(seen)
        key = _key(found["loc"], content)
        yield problem("CALL_RULES_VALUE", file=file, column=key, value=shown, reason=_reason(found, reason))


def _key(places: tuple[Any, ...], content: dict[str, Any]) -> str:
    """rules.hours.most rather than rules.0.cap.most."""
    parts = [str(place) for place in places]
    if len(places) > 1 and places[0] == "rules" and isinstance(places[1], int):
        code = str(content["rules"][places[1]].get("code") or places[1] + 1)
        parts = ["rules", code, *parts[3:]]
    return ".".join(parts)


def _reason(found: Any, reason: str) -> str:
    is_cap = found["type"] == "greater_than_equal" and str(found["loc"][-1]) == "most"
    if is_cap:
        return "a cap is at least 1; to forbid every contact close its hours or list whom nobody may contact"
    return reason
