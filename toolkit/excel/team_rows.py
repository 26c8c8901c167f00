"""The rows of the sheets Hourly and Today, what is bad first."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from toolkit.excel.cells import as_cell
from toolkit.excel.score_rows import unit_of
from toolkit.kpi_codes import kpi_codes
from toolkit.pace import AgentHour, Pace
from toolkit.problems import said
from toolkit.teams import Post
from toolkit.today import Away, DayTarget, PromiseDue, Today, Untouched, Working

PLACES = 6
SO_FAR = "day so far"
"""What stands in the place of the hour where a row has the sums of the day."""
COUNTS = ("attempts", "connects", "right_party", "promises")
LIGHTS = {"bad": "✗ below", "watch": "◆ nearly", "good": "✓ on target", "": "– nothing to compare"}
Row = Sequence[object]


def hourly_rows(pace: Pace, currency: str, digits: int) -> list[Row]:
    """A row for each agent with the day so far, then a row for each agent and hour."""
    unit = unit_of(pace.kpi, currency)
    standing = {hour.agent.agent_id: hour for hour in pace.standing}
    of: dict[str, list[AgentHour]] = {}
    for hour in pace.hours:
        of.setdefault(hour.agent.agent_id, []).append(hour)
    order = sorted(of, key=lambda agent: _badness(standing.get(agent)))
    sums = [_sum_row(of[agent], standing.get(agent), unit, digits) for agent in order]
    absent = [[f"▼ {why}", post.agent_id, post.name, SO_FAR] for post, why in pace.absent]
    hours = [_hour_row(hour, unit, digits) for agent in order for hour in of[agent]]
    return [*sums, *absent, *([[]] if hours else []), *hours]


def _badness(hour: AgentHour | None) -> tuple[bool, bool, Fraction, str]:
    if hour is None or hour.pace is None:
        return (True, True, Fraction(0), hour.agent.agent_id if hour else "")
    return (not hour.behind, not hour.is_low, hour.pace, hour.agent.agent_id)


def _look(hour: AgentHour | None) -> str:
    if hour is None or hour.pace is None:
        return "– not judged"
    if not hour.over:
        return "· not over"
    return "✗ behind" if hour.behind else "◆ below 90 %" if hour.is_low else "✓ on pace"


def _sum_row(hours: Sequence[AgentHour], standing: AgentHour | None, unit: str, digits: int) -> Row:
    """The pace of the last whole hour, and the counts of the day until now."""
    last = hours[-1]
    counts = {name: _total([hour.counts[name] for hour in hours]) for name in last.counts}
    return [_look(standing), *_who(last.agent), SO_FAR, *_paced(standing, unit), *_counted(counts, last.noc, digits)]


def _hour_row(hour: AgentHour, unit: str, digits: int) -> Row:
    name = f"{hour.hour:02d}:00–{hour.hour + 1:02d}:00"
    return [_look(hour), *_who(hour.agent), name, *_paced(hour, unit), *_counted(hour.counts, hour.noc, digits)]


def _who(post: Post) -> Row:
    return post.agent_id, post.name


def _paced(hour: AgentHour | None, unit: str) -> Row:
    if hour is None:
        return None, None, None, None, None, unit
    short = None if hour.pace is None else hour.short
    figures = (hour.so_far, hour.due, hour.pace, short, hour.target)
    return *(_number(value) for value in figures), unit


def _counted(counts: Mapping[str, int | Fraction | None], noc: int | None, digits: int) -> Row:
    money = [as_cell(_whole(counts[name]), digits) for name in ("promised", "paid")]
    return *(counts[name] for name in COUNTS), *money, _number(counts["talk_minutes"]), noc


def _total(values: Sequence[int | Fraction | None]) -> int | Fraction | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _whole(value: int | Fraction | None) -> int | None:
    return None if value is None else int(value)


def _number(value: int | Fraction | None) -> float | None:
    return None if value is None else round(float(value), PLACES)


# --- today ---------------------------------------------------------------------------------------------


def today_rows(today: Today, currency: str, digits: int) -> list[Row]:
    """List by list, each under its head."""
    unknown: list[Row] = [["◆", "", "", said("LIST_MISSING")]]
    of = (currency, digits)
    away = unknown if today.away is None else [row for one in today.away for row in _away_rows(one)]
    due = unknown if today.due is None else [_due_row(one, *of) for one in today.due]
    untouched = unknown if today.untouched is None else [_untouched_row(one, *of) for one in today.untouched]
    return [
        *_list("Away", away),
        *_list("Targets, and the month up to yesterday", [_target_row(one, currency) for one in today.targets]),
        *_list("Promises due today", due),
        *_list("Overdue and untouched", untouched),
        *_list("Working", [_working_row(one) for one in today.working]),
    ]


def _list(head: str, rows: Sequence[Row]) -> Iterator[Row]:
    yield [head]
    yield from rows or [["✓", "", "", "none"]]
    yield []


def _away_rows(one: Away) -> Iterator[Row]:
    if not one.leads:
        yield [f"▼ {one.why}", *_who(one.agent), "–"]
    for account in one.leads or ():
        yield [f"▼ {one.why}", *_who(one.agent), account, None, None, None, "", "a lead of today: give it to others"]


def _target_row(one: DayTarget, currency: str) -> Row:
    title, unit = kpi_codes()[one.kpi].title, unit_of(one.kpi, currency)
    figures = [_number(value) for value in (one.value, one.to_date, one.target)]
    return [LIGHTS[one.light], *_who(one.agent), title, *figures, unit, ""]


def _due_row(one: PromiseDue, currency: str, digits: int) -> Row:
    look = "✓ paid" if not one.open else "◆ due" if one.here else "✗ due, agent away"
    figures = [as_cell(value, digits) for value in (one.paid, one.amount, one.open)]
    why = f"promised on {one.made_on}; Is: paid since, Today: still to come"
    return [look, one.agent_id, one.name, one.account_id, *figures, currency, why]


def _untouched_row(one: Untouched, currency: str, digits: int) -> Row:
    last = f"last touched on {one.touched_on}" if one.touched_on else "never touched"
    why = f"{one.days_past_due} days past due on {one.seen_on}; {last}"
    owners = one.owners[0] if one.owners else "nobody's"
    if len(one.owners) > 1:  # the whole list would run into the next column; the file has it
        owners = f"{owners} and {len(one.owners) - 1} more"
    return ["✗ untouched", "", owners, one.account_id, as_cell(one.balance, digits), None, None, currency, why]


def _working_row(one: Working) -> Row:
    leads = "" if one.leads is None else "leads left to call"
    times = f"{one.shift.begins:%H:%M} to {one.shift.ends:%H:%M}"
    return ["● works", *_who(one.agent), leads or "–", None, None, one.leads, "count", times]
