"""The words that a cell of the plan's tables may hold, from the plan's own model."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from toolkit.plans import Component, Gate, Guarantee, Multiplier, Override, Withholding

MODELS: dict[str, type[BaseModel]] = {
    "component": Component,
    "gate": Gate,
    "guarantee": Guarantee,
    "multiplier": Multiplier,
    "override": Override,
    "withholding": Withholding,
}


def choices(table: str, key: str) -> tuple[str, ...]:
    """The words of a key that has a closed list of them; () for one that may hold anything."""
    model = MODELS.get(table)
    field = model.model_fields.get(key) if model is not None else None
    return tuple(_words(field.annotation)) if field is not None else ()


def _words(annotation: Any) -> list[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        return [str(word) for word in get_args(annotation)]
    if origin in (Union, UnionType):
        return [word for inner in get_args(annotation) for word in _words(inner)]
    return []
