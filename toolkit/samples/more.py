"""The tables that only some teams keep, written at the end of the months made: those that the set-up names."""

from collections.abc import Callable
from functools import cache
from typing import Any

from toolkit.periods import Period
from toolkit.samples import books, duty, office, permissions, quality, schedule, service
from toolkit.samples.work import Work

Columns = dict[str, object]


def write_more(work: Work, months: list[Period]) -> None:
    """Writes each of them that has a row, and the header alone of those that have none."""
    for table, make in _makers(work, months).items():
        if work.wants(table):
            columns = make()
            if _height(columns):
                work.exports.add(table, columns)
    work.exports.add_headers(*work.market.tables)


def _makers(work: Work, months: list[Period]) -> dict[str, Callable[[], Columns]]:
    market, chance, ids = work.market, work.chance, work.agent_ids
    first, last = months[0].first, months[-1].last
    heard = cache(lambda: quality.evaluations_table(work, last))
    return {
        "roster": lambda: duty.roster_table(market, chance["roster"], work.duty, work.skill, ids),
        "leave_plan": lambda: duty.leave_plan_table(market, chance["roster"], work.duty, ids),
        "dues": lambda: schedule.dues_table(work, first, last),
        "evaluations": lambda: dict(heard().to_dict()),
        "disputes": lambda: quality.disputes_table(work, heard()),
        "telephone": lambda: books.telephone_table(work),
        "complaints": lambda: service.complaints_table(work, last),
        "feedback": lambda: service.feedback_table(work, last),
        "incidents": lambda: service.incidents_table(work, first, last),
        "cases": lambda: service.cases_table(work, first, last),
        "actions": lambda: office.actions_table(work, months, last),
        "contact_permissions": lambda: permissions.permissions_table(work, last),
        "costs": lambda: books.costs_table(work, months),
        "rate_card": lambda: books.rate_card_table(work, first),
    }


def _height(columns: Columns) -> int:
    """How many rows there are; a time is a pair of columns."""
    first: Any = next(iter(columns.values()))
    return len(first[0] if isinstance(first, tuple) else first)
