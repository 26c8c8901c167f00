"""Call rules against a second, plain computation, and the same breaches on Polars, pandas and DuckDB."""

from datetime import date, datetime, timedelta

import narwhals as nw
import polars as pl
import pytest
from conduct_cases import broken, held, on_engines, rule
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_conduct import Consent, Contact, outside_hours, over_cap, too_near, too_soon

from toolkit.conduct import Contacts

START = datetime(2026, 2, 24)  # noqa: DTZ001  # by the clock on the wall
AS_OF = date(2026, 3, 31)
ENDINGS = ["no_answer", "busy", "unreachable", "promise", "refused", "wrong_party"]
NOT_COUNTED = ["busy", "unreachable"]

minutes = st.integers(0, 20 * 24 * 60)
near = st.one_of(minutes, st.integers(6 * 24 * 60 - 10, 8 * 24 * 60 + 10))
call = st.tuples(
    st.sampled_from(["L1", "L2", None]), st.sampled_from(["0711000001", None]), near, st.booleans(), st.booleans(),
    st.booleans(), st.sampled_from(ENDINGS),
)  # fmt: skip


def contact(number: int, of: tuple[str | None, str | None, int, bool, bool, bool, str]) -> Contact:
    account, phone, minute, inbound, answered, right_party, ended = of
    return Contact(
        f"K{number:02d}", account, phone, START + timedelta(minutes=minute), inbound, answered, right_party, ended
    )


calls_made = st.lists(call, max_size=24).map(lambda rows: [contact(number, of) for number, of in enumerate(rows)])
consents_given = st.lists(
    st.tuples(st.sampled_from(["L1", "L2"]), minutes).map(lambda of: Consent(of[0], START + timedelta(minutes=of[1]))),
    max_size=2,
)


def contacts(calls: list[Contact], consents: list[Consent]) -> Contacts:
    rows = pl.DataFrame(
        {
            "call_id": [one.name for one in calls],
            "agent_id": ["A1"] * len(calls),
            "account_id": [one.account for one in calls],
            "number": [one.number for one in calls],
            "started_at": [one.at for one in calls],
            "direction": ["in" if one.inbound else "out" for one in calls],
            "connected": [one.answered for one in calls],
            "right_party": [one.right_party for one in calls],
            "disposition": [one.disposition for one in calls],
        },
        schema={
            **dict.fromkeys(("call_id", "agent_id", "account_id", "number"), pl.String),
            "started_at": pl.Datetime("us"), "direction": pl.String, "connected": pl.Boolean,
            "right_party": pl.Boolean, "disposition": pl.String,
        },
    )  # fmt: skip
    given_rows = pl.DataFrame(
        {
            "account_id": [one.account for one in consents],
            "kind": ["consent"] * len(consents),
            "from_at": [one.at for one in consents],
        },
        schema={"account_id": pl.String, "kind": pl.String, "from_at": pl.Datetime("us")},
    )
    tables = {"calls": nw.from_native(rows), "contact_permissions": nw.from_native(given_rows)}
    return Contacts(tables, "Africa/Nairobi", "KE", AS_OF)


def of_march(calls: list[Contact], found: set[str]) -> list[str]:
    """Those of the period; calls of February only count."""
    return sorted(one.name for one in calls if one.name in found and one.at.date() >= date(2026, 3, 1))


@settings(deadline=None, max_examples=60)
@given(calls_made, consents_given, st.integers(1, 4), st.integers(1, 9), st.sampled_from([0, 7]))
def test_a_cap_finds_what_counting_by_hand_finds(
    calls: list[Contact], consents: list[Consent], most: int, days: int, consent_days: int
) -> None:
    wanted = over_cap(calls, consents, most, days, NOT_COUNTED, consent_days)
    text = f"most = {most}\ndays = {days}\nconsent_days = {consent_days}\nnot_counted = {NOT_COUNTED}"
    assert sorted(broken(contacts(calls, consents), rule(text, "cap"))) == of_march(calls, wanted)


@settings(deadline=None, max_examples=60)
@given(calls_made, consents_given, st.integers(1, 9), st.sampled_from([0, 3]))
def test_quiet_days_find_what_counting_by_hand_finds(
    calls: list[Contact], consents: list[Consent], days: int, consent_days: int
) -> None:
    wanted = too_soon(calls, consents, days, NOT_COUNTED, consent_days)
    text = f"days = {days}\nconsent_days = {consent_days}\nnot_counted = {NOT_COUNTED}"
    assert sorted(broken(contacts(calls, consents), rule(text, "quiet"))) == of_march(calls, wanted)


@settings(deadline=None, max_examples=40)
@given(st.lists(call, max_size=24), st.integers(1, 30), st.integers(1, 2))
def test_a_gap_finds_what_counting_by_hand_finds(
    rows: list[tuple[str | None, str | None, int, bool, bool, bool, str]], within: int, most: int
) -> None:
    calls = [contact(number, (*of[:2], 8 * 24 * 60 + of[2] % 90, *of[3:])) for number, of in enumerate(rows)]
    wanted = too_near(calls, within, most)
    text = f"minutes = {within}\nmost = {most}"
    assert sorted(broken(contacts(calls, []), rule(text, "gap"))) == of_march(calls, wanted)


@settings(deadline=None, max_examples=40)
@given(calls_made, st.integers(0, 12), st.integers(13, 23))
def test_hours_find_what_looking_at_the_clock_finds(calls: list[Contact], opens: int, closes: int) -> None:
    text = f'hours = {{ mon-sat = "{opens:02d}:00-{closes:02d}:00", sun = "closed" }}'
    wanted = outside_hours(calls, opens, closes, 6)
    assert sorted(broken(contacts(calls, []), rule(text, "hours"))) == of_march(calls, wanted)


RULES = [
    ("most = 2\ndays = 3\nconsent_days = 7", "cap"),
    ('most = 1\ndays = 7\nper = "person"', "cap"),
    ('most = 1\ndays = 7\nonly = ["wrong_party"]', "cap"),
    ("days = 4\nconsent_days = 2\ncall_backs = true", "quiet"),
    ("minutes = 30", "gap"),
    ('hours = { mon-sat = "08:00-18:00", sun = "closed", holiday = "closed" }', "hours"),
    ('lists = ["do_not_call", "vulnerable"]', "listed"),
    ("", "consent"),
    ("", "third_party"),
]


@pytest.mark.parametrize(("text", "kind"), RULES)
def test_every_engine_finds_the_same_breaches_and_leaves_out_the_same(text: str, kind: str) -> None:
    calls = [
        contact(
            n,
            (
                ["L1", "L2", None][n * 7 % 3], ["0711000001", None][n % 2], n * n * 37 % 20000, n % 11 == 0, n % 3 == 0,
                n % 4 == 0, ENDINGS[n * 5 % 6],
            ),
        )
        for n in range(160)
    ]  # fmt: skip
    made = contacts(calls, [Consent("L1", START + timedelta(days=6))])
    frame = made.tables["calls"].to_native()
    listed = made.tables["contact_permissions"].to_native().with_columns(
        pl.lit("call").alias("channel"), until_at=pl.lit(None, pl.Datetime("us"))
    )  # fmt: skip
    more = listed.with_columns(
        kind=pl.lit("do_not_call"), from_at=pl.lit(START + timedelta(days=9)), account_id=pl.lit("L2")
    )
    tables = {
        "calls": nw.from_native(frame.with_columns(third_party=pl.col("call_id").str.ends_with("7"))),
        "contact_permissions": nw.from_native(pl.concat([listed, more])),
    }
    first = Contacts(tables, "Africa/Nairobi", "KE", AS_OF)
    versions = rule(text, kind)
    wanted = held(first, versions)
    assert not wanted.breaches.is_empty()
    for engine, same in on_engines(first).items():
        found = held(same, versions)
        assert found.breaches.equals(wanted.breaches), engine
        assert found.counts.equals(wanted.counts), engine


def test_the_order_of_rows_changes_nothing() -> None:
    calls = [contact(n, ("L1", None, n * 600, False, False, n % 5 == 0, "no_answer")) for n in range(40)]
    there, back = contacts(calls, []), contacts(calls[::-1], [])
    for text, kind in RULES[:6]:
        assert held(there, rule(text, kind)).breaches.equals(held(back, rule(text, kind)).breaches), kind
