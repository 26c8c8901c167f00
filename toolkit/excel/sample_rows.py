"""The rows of the sheet Sample: the calls to listen to by evaluator, then how sure they make one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.quality_reports.draws.drawing import ToHear

Row = Sequence[object]
SURE = ("How sure these calls make you", "", "", "", "", "Drawn", "Calls", "", "", "In words")
ORDER = {"all": 0, "team": 1, "agent": 2}
EVERYBODY = "everybody"


def sample_rows(found: "ToHear") -> list[Row]:
    """The calls that are still to be heard first, each evaluator's together."""
    calls = sorted(found.calls.iter_rows(named=True), key=_open_first)
    gone = [_replaced_row(row) for row in found.gone.iter_rows(named=True)]
    order = sorted(found.margins.iter_rows(named=True), key=lambda row: (ORDER[row["scope_kind"]], row["scope"] or ""))
    return [*(_call_row(row) for row in calls), *gone, [], SURE, *(_margin_row(row) for row in order)]


def _open_first(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name] or "") for name in ("evaluated", "evaluator", "agent_id", "started_at", "call_id"))


def _call_row(row: Mapping[str, Any]) -> Row:
    heard = row["evaluated"] == "yes"
    by = row["evaluated_by"] if heard and row["evaluated_by"] != row["evaluator"] else ""
    look = f"✓ {row['evaluated_on']:%d %b}" if heard else "◆ to hear"
    why = "; ".join(part for part in (row["reason"] or "", f"heard by {by}" if by else "") if part)
    return (
        look, row["evaluator"] or "–", row["agent_id"], row["agent"], row["team"], row["call_id"], row["started_at"],
        _whole(row["talk_seconds"]), row["recording"], why,
    )  # fmt: skip


def _whole(value: Any) -> int | None:
    return None if value in (None, "") else int(float(value))


def _replaced_row(row: Mapping[str, Any]) -> Row:
    look = "· replaced"
    return look, row["evaluator"] or "–", row["agent_id"], "", "", row["replaced"], "", None, "", row["reason"]


def _margin_row(row: Mapping[str, Any]) -> Row:
    who = row["scope"] or EVERYBODY
    return "·", "", who, row["name"] or who, "", _whole(row["drawn"]), _whole(row["calls"]), None, "", row["in_words"]
