"""The limits by which trends were judged, in a file, so that the next months can be judged by the same."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from toolkit.problems import ToolkitError, problem
from toolkit.trends.charts import Limits, from_record, record_of
from toolkit.watching import By, Frozen, Key, Watch


def limits_record(watch: Watch, profile: str) -> dict[str, Any]:
    """The limits of each series of days or weeks, and whose set-up they are of."""
    every = [(one.key, kind, limits) for one in watch.seen for kind, limits in one.limits.items()]
    return as_record([(key, kind, limits) for key, kind, limits in every if not limits.too_few], profile, watch.by)


def as_record(limits: Iterable[tuple[Key, str, Limits]], profile: str, by: By) -> dict[str, Any]:
    """Limits as limits.json has them: of each series, with the kind of its days."""
    rows = [
        {**dict(zip(("scope_kind", "scope", "kpi"), key, strict=True)), "days": kind, **record_of(each)}
        for key, kind, each in limits
    ]
    return {"profile": profile, "by": by, "limits": rows}


def kept_limits(path: Path, profile: str, by: By = "day") -> Frozen:
    """The limits of an earlier folder's limits.json. `ToolkitError` where it is none, or one of another set-up, or of
    weeks where days are judged."""
    kept = _read(path)
    if not isinstance(kept, dict) or not isinstance(kept.get("limits"), list):
        raise _refused(path, "LIMITS_OTHER_JSON")
    if kept.get("profile") != profile:
        raise _refused(path, "LIMITS_OF_ANOTHER", value=kept.get("profile") or "", profile=profile)
    if kept.get("by", "day") != by:
        raise _refused(path, "LIMITS_OF_OTHERS", value=by)
    found: dict[Key, dict[str, Limits]] = {}
    for number, row in enumerate(kept["limits"], 1):
        key, days, limits = _entry(path, number, row)
        found.setdefault(key, {})[days] = limits
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _refused(path, "LIMITS_NOT_THERE", named=str(path)) from error
    except OSError as error:
        raise _refused(path, "LIMITS_CLOSED", named=str(path)) from error
    except (ValueError, RecursionError) as error:  # no JSON, or bytes that are no text
        raise _refused(path, "LIMITS_NOT_JSON") from error


def _entry(path: Path, number: int, row: Any) -> tuple[Key, str, Limits]:
    try:
        key = (str(row["scope_kind"]), str(row["scope"]), str(row["kpi"]))
        return key, str(row["days"]), from_record(row)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise _refused(path, "LIMITS_DAMAGED", value=number) from error


def _refused(path: Path, code: str, named: str = "", **fields: Any) -> ToolkitError:
    return ToolkitError([problem(code, file=named or path.name, **fields)])


def unused(kept: Mapping[Key, Any], watch: Watch) -> bool:
    """Whether none of the limits is of anything that was watched."""
    return not {one.key for one in watch.seen} & set(kept)
