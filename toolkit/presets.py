"""How the exports of known systems spell their headers and codes, ready to be taken into a set-up.

A preset is a TOML file in `toolkit/data/presets`; a profile takes some with `presets = ["micropowermanager"]`.
What the profile says itself always comes first.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from toolkit.problems import ToolkitError, problem
from toolkit.shipped import shipped

Headers = dict[str, dict[str, tuple[str, ...]]]


class Preset(BaseModel):
    """One system's spellings. `source`: where its field names are written down; `note`: what to know before use.

    `headers`, `codes` and `defaults` are those of a profile; `date_order` holds where the profile has none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    source: str
    note: str = ""
    date_order: str | None = None
    headers: Headers = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    defaults: dict[str, str] = Field(default_factory=dict)


@cache
def presets() -> Mapping[str, Preset]:
    """Every preset by its name, in alphabetical order."""
    paths = sorted((shipped("data") / "presets").glob("*.toml"), key=lambda path: path.stem)
    return {path.stem: Preset(name=path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))) for path in paths}


def with_presets(content: Mapping[str, Any], file: str) -> dict[str, Any]:
    """A profile's content with what its presets add; `ToolkitError` where there is no preset of a name.

    `preset_spellings` of the result has, by table, the headers that only presets know.
    """
    names = content.get("presets", ())
    if not _is_shaped(names, content):
        return dict(content)  # the model of a profile says what is wrong with it
    unknown = [name for name in names if name not in presets()]
    if unknown:
        known = ", ".join(presets())
        raise ToolkitError([problem("PRESET_NOT_FOUND", file=file, value=name, known=known) for name in unknown])
    merged = dict(content)
    for name in names:
        merged = _with(merged, presets()[name])
    return merged


def _is_shaped(names: Any, content: Mapping[str, Any]) -> bool:
    """Whether names, headers, codes and defaults are lists and tables where they should be."""
    headers, codes = content.get("headers", {}), content.get("codes", {})
    tables = [content.get("defaults", {}), headers, codes]
    if not isinstance(names, list | tuple) or not all(isinstance(table, dict) for table in tables):
        return False
    inner = [*headers.values(), *codes.values()]
    if not all(isinstance(name, str) for name in names) or not all(isinstance(table, dict) for table in inner):
        return False
    return all(isinstance(spelt, list | tuple) for table in headers.values() for spelt in table.values())


def _with(content: dict[str, Any], preset: Preset) -> dict[str, Any]:
    headers, added = _headers(content.get("headers", {}), preset.headers)
    codes = content.get("codes", {})
    earlier = content.get("preset_spellings", {})
    merged = {
        **content,
        "headers": headers,
        "codes": {**codes, **{name: {**ours, **codes.get(name, {})} for name, ours in preset.codes.items()}},
        "defaults": {**preset.defaults, **content.get("defaults", {})},
        "preset_spellings": {table: [*earlier.get(table, ()), *names] for table, names in added.items()}
        | {table: names for table, names in earlier.items() if table not in added},
    }
    return merged if preset.date_order is None else {"date_order": preset.date_order, **merged}


def _headers(own: Mapping[str, Any], preset: Headers) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The profile's lists with the preset's spellings behind them, and what was added to each table."""
    headers: dict[str, Any] = {table: dict(columns) for table, columns in own.items()}
    added: dict[str, list[str]] = {}
    for table, columns in preset.items():
        mine = headers.setdefault(table, {})
        known = {spelling for spellings in mine.values() for spelling in spellings}
        for column, spellings in columns.items():
            new = [spelling for spelling in spellings if spelling not in known]
            mine[column] = [*mine.get(column, ()), *new]
            added.setdefault(table, []).extend(new)
    return headers, added
