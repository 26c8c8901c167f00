"""A plan as the text of a TOML file."""

from datetime import date
from typing import Any


def toml_text(plan: dict[str, Any]) -> str:
    """Top-level values, then tables, then lists of tables; anything nested deeper is written inline."""
    simple = {key: value for key, value in plan.items() if not isinstance(value, dict) and not _is_tables(value)}
    parts = [f"{key} = {_value(value)}\n" for key, value in simple.items()]
    for key, value in plan.items():
        if isinstance(value, dict):
            parts += [f"\n[{key}]\n", *_body(value)]
        elif _is_tables(value):
            for table in value:
                parts += [f"\n[[{key}]]\n", *_body(table)]
    return "".join(parts)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _body(table: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}\n" for key, value in table.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, date)):
        return str(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
