"""A plan's document held against the plan's model: unknown and missing keys, and values of the wrong kind.

The document is what a TOML file or a workbook says, before it becomes a `Plan`. Everything wrong with its
form is found at once, each with what was seen, what was expected and, where it is plain what was meant, the
value to write instead.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from toolkit import plans
from toolkit.kpi_codes import kpi_codes
from toolkit.plan_checks.findings import NOTHING, REMOVE, Finding, Place, did_you_mean, found, listed, meant
from toolkit.plans import Plan

Document = dict[str, Any]

LIST_TABLES = ("component", "gate", "multiplier", "override", "guarantee", "withholding")
KINDS: tuple[tuple[Any, str], ...] = (
    (plans.Rate, "rate"),
    (plans.Amount, "amount"),
    (plans.Point, "point"),
    (plans.Whole, "whole"),
    (plans.Day, "day"),
    (plans.Flag, "flag"),
    (str, "text"),
)


def read_document(document: Document) -> tuple[Plan | None, list[Finding]]:
    """The plan that a document says, or everything that is wrong with its form (and no plan)."""
    findings = [*_unknown_keys(document, Plan, ()), *_wrong_values(document)]
    if findings:
        return None, findings
    return Plan.model_validate(document), []


def as_far_as_it_goes(document: Document, findings: Sequence[Finding]) -> Plan | None:
    """The plan with what is wrong left out or put right, so that the rest can be checked in the same go.

    None where too little is left to make a plan of.
    """
    mended = deepcopy(document)
    for finding in sorted(findings, key=lambda finding: len(finding.path), reverse=True):
        _mend(mended, finding)
    try:
        return Plan.model_validate(mended)
    except ValidationError:
        return None


def _mend(document: Document, finding: Finding) -> None:
    here: Any = document
    for step in finding.path[:-1]:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return
    last = finding.path[-1]
    if finding.instead is REMOVE and isinstance(here, dict):
        here.pop(last, None)
    elif finding.instead is not NOTHING and isinstance(here, (dict, list)):
        here[last] = finding.instead  # type: ignore[index]  # the step fits the container it was found in


# -- keys ----------------------------------------------------------------------------------------------


def _unknown_keys(here: Any, model: type[BaseModel], path: Place) -> Iterator[Finding]:
    if not isinstance(here, Mapping):
        return
    known = keys_of(model)
    for key, value in here.items():
        if key not in known:
            yield replace(_unknown_key(key, value, (*path, key), list(known), model), instead=REMOVE)
            continue
        inner = table_model(known[key])
        if inner and isinstance(value, list):
            for number, item in enumerate(value):
                yield from _unknown_keys(item, inner, (*path, key, number))
        elif inner:
            yield from _unknown_keys(value, inner, (*path, key))


def _unknown_key(key: str, value: Any, path: Place, known: list[str], model: type[BaseModel]) -> Finding:
    wish = _wish_for_key(key)
    if wish:
        return Finding(path, wish, key)
    if model is plans.Band and key in ("to", "until", "end"):
        return found(path, "PLAN_BAND_TO", value)
    return found(path, "PLAN_KEY_UNKNOWN", key, hint=did_you_mean(key, known), known=", ".join(known))


@cache
def keys_of(model: type[BaseModel]) -> dict[str, Any]:
    """The keys of a table as people write them, each with the type that its value has."""
    hints = get_type_hints(model, include_extras=True)
    return {(info.alias or name): hints[name] for name, info in model.model_fields.items()}


def table_model(hint: Any) -> type[BaseModel] | None:
    """The table that a key of this type holds, or holds a list of; None for plain values."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    return next((model for inner in get_args(hint) if (model := table_model(inner))), None)


# -- wishes: what a plan cannot say ----------------------------------------------------------------------


@cache
def _wishes() -> list[dict[str, Any]]:
    source = files("toolkit").joinpath("data", "plan_wishes.toml").read_text(encoding="utf-8")
    wishes: list[dict[str, Any]] = tomllib.loads(source)["wish"]
    return wishes


def _wish_for_key(key: str) -> str:
    return next((wish["code"] for wish in _wishes() if key.casefold() in wish.get("keys", ())), "")


def _wish_for_value(key: str, value: Any) -> str:
    """The code of the wish that `key = value` stands for, "" if it is none."""
    for wish in _wishes():
        in_time = key in wish.get("at", (key,)) and isinstance(value, str)
        if in_time and (value.casefold() in wish.get("values", ()) or _matches(wish.get("form"), value)):
            code: str = wish["code"]
            return code
    return ""


def _matches(form: str | None, value: str) -> bool:
    return form is not None and re.search(form, value) is not None


# -- values ----------------------------------------------------------------------------------------------


def _wrong_values(document: Document) -> Iterator[Finding]:
    try:
        Plan.model_validate(document)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] != "extra_forbidden":
                yield _wrong_value(detail, document)


def _wrong_value(detail: ErrorDetails, document: Document) -> Finding:
    path, value = detail["loc"], detail["input"]
    key = _key(path)
    hint = expected_at(path)
    if detail["type"] == "missing":
        return _missing(path, hint)
    wish = _wish_for_value(key, value)
    choices = _choices(hint)
    if wish:
        stand_in = choices[0] if choices else STAND_INS.get(kind_of(hint), NOTHING)
        return Finding(path, wish, value, {"key": key}, stand_in)
    if detail["type"] in ("tuple_type", "list_type"):
        return _not_a_list(path, key, value, hint)
    if choices:
        return _not_a_choice(path, key, value, choices)
    if table_model(hint) and kind_of(hint) == "":
        fields = {"key": key, "known": ", ".join(keys_of(_table(hint)))}
        return Finding(path, "PLAN_TABLE_WANTED", shown(value), fields, REMOVE)
    if detail["type"] in ("greater_than_equal", "less_than_equal"):
        return found(path, "PLAN_OUT_OF_RANGE", shown(value), key=key, limit=_limit(detail))
    return _wrong_kind(path, key, value, kind_of(hint), share=_on_a_share(path, document))


def _on_a_share(path: Place, document: Document) -> bool:
    """Whether the place is on a scale of shares: attainment, or a KPI that is a percentage."""
    item = document[str(path[0])][path[1]] if len(path) > 2 and "where" not in path else None
    scale = item.get("band_by", item.get("kpi")) if isinstance(item, Mapping) else None
    return scale == "attainment" or (scale in kpi_codes() and kpi_codes()[str(scale)].is_share)


def _key(path: Place) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _table(hint: Any) -> type[BaseModel]:
    model = table_model(hint)
    if model is None:
        raise TypeError(f"{hint} is not a table")
    return model


def _limit(detail: ErrorDetails) -> str:
    context = detail["ctx"]
    return f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"


def expected_at(path: Place) -> Any:
    """The type that the model wants at a place in the document."""
    hint: Any = Plan
    for step in path:
        hint = _item(hint) if isinstance(step, int) else _field(hint, step)
    return hint


def _field(hint: Any, key: str) -> Any:
    for inner in (hint, *get_args(hint)):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return keys_of(inner).get(key, str)
        if get_origin(inner) is dict:
            return get_args(inner)[1]
    return str


def _item(hint: Any) -> Any:
    for inner in (hint, *get_args(hint)):
        if get_origin(inner) is tuple:
            return get_args(inner)[0]
    return str


def kind_of(hint: Any) -> str:
    """rate, amount, point, whole, day, flag or text; "" for lists, tables and choices."""
    for wanted, kind in KINDS:
        if hint == wanted or wanted in get_args(hint):
            return kind
    return ""


def _choices(hint: Any) -> tuple[str, ...]:
    for inner in (hint, *get_args(hint)):
        if get_origin(inner) is Literal:
            return get_args(inner)
    return ()


def _missing(path: Place, hint: Any) -> Finding:
    choices = _choices(hint)
    kind = kind_of(hint)
    example = f'"{choices[0]}"' if choices else EXAMPLES.get(kind, "{ ... }")
    meaning = f"one of {listed(choices)}" if choices else "a value"
    stand_in = choices[0] if choices else STAND_INS.get(kind, NOTHING)
    return Finding(path, "PLAN_KEY_MISSING", "", {"key": path[-1], "example": example, "meaning": meaning}, stand_in)


EXAMPLES = {"rate": '"5%"', "amount": '"1500"', "point": '"80%"', "whole": "1", "day": "2026-01-01", "text": '"..."'}
SCALE_KEYS = ("from", "at_least", "at_most")
STAND_INS = {"rate": "0%", "amount": "1", "point": "0", "whole": 1, "day": date(2000, 1, 1), "flag": False, "text": ""}
"""With these the rest of a plan can be checked where the value itself is missing."""


def _not_a_choice(path: Place, key: str, value: Any, choices: Sequence[str]) -> Finding:
    near = meant(value, choices)
    fields = {"key": key, "choices": listed(choices), "hint": did_you_mean(value, choices)}
    return Finding(path, "PLAN_NOT_A_CHOICE", shown(value), fields, near or choices[0])


def _not_a_list(path: Place, key: str, value: Any, hint: Any) -> Finding:
    if table_model(hint):
        return Finding(path, "PLAN_LIST_OF_TABLES_WANTED", shown(value), {"key": key}, REMOVE)
    return Finding(path, "PLAN_LIST_WANTED", shown(value), {"key": key, "better": shown([value])}, [value])


def _wrong_kind(path: Place, key: str, value: Any, kind: str, *, share: bool = False) -> Finding:
    better = suggestion(value, "rate" if kind == "point" and share and path[-1] in SCALE_KEYS else kind)
    code = f"PLAN_{kind.upper()}_WANTED"
    if kind in ("rate", "amount", "point") and not better:
        return Finding(path, code + "_NO_IDEA", shown(value), {"key": key}, STAND_INS[kind])
    if kind == "whole":
        return Finding(path, code, shown(value), {"key": key, "better": better or "1"}, STAND_INS[kind])
    instead = better if better else STAND_INS.get(kind, NOTHING)
    return Finding(path, code, shown(value), {"key": key, "better": f'"{better}"'}, instead)


def suggestion(value: Any, kind: str) -> str:
    """What was probably meant, as it would be written; "" if that is not plain.

    A rate below 1 is taken for a fraction (0.05 is 5 %), any other for a percentage (5 is 5 %).
    """
    if kind == "text":
        return "" if isinstance(value, (dict, list)) else str(value)
    number = _number(value)
    if number is None:
        return ""
    if kind == "rate":
        has_sign = isinstance(value, str) and "%" in value
        percent = number * 100 if abs(number) < 1 and not has_sign else number
        return f"{_trimmed(percent)}%" if _fits_a_rate(percent) else ""
    if kind == "point" and isinstance(value, str) and "%" in value:
        return f"{_trimmed(number)}%"
    return _trimmed(number)


def _fits_a_rate(percent: Decimal) -> bool:
    return percent * 10_000 == int(percent * 10_000)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, Decimal)):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    if isinstance(value, str):
        return _number_in(value)
    return None


def _number_in(text: str) -> Decimal | None:
    """A number with thousands separators, a currency or a percent sign around it; None if that is not plain."""
    digits = re.sub(r"^[A-Za-z]{3}\s*|\s*[A-Za-z]{3}$|[%\s_'\u00a0\u202f]", "", text.strip())
    if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"[+-]?[0-9]+,[0-9]{1,2}", digits):
        digits = digits.replace(",", ".")
    return Decimal(digits) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", digits) else None


def _trimmed(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: Any) -> str:
    """A value as it would stand in the file."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {shown(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)
