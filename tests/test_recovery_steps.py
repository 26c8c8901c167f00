"""What somebody asks "what if", and that the list asked about as it stands is the pursue list."""

from fractions import Fraction

import narwhals as nw
import pytest
from pursuit_cases import AS_OF, CALL, SMS, ladder, worked

from toolkit.problems import ToolkitError
from toolkit.recovery.asked import change_of
from toolkit.recovery.pursuit import Pursuit, pursue_list, pursue_summary
from toolkit.recovery.steps import steps_of
from toolkit.recovery.what_if import Change, what_if

RUNGS = ("sms", "call")


def pursuit(**rules: object) -> Pursuit:
    dear = CALL.model_copy(update={"code": "visit", "channel": "call", "cost": "60"})
    return pursue_list(worked(20, 10), ladder(SMS, CALL, dear, **rules), AS_OF)


def asked(found: Pursuit, *changes: Change) -> list[dict[str, int]]:
    return list(what_if(nw.from_native(steps_of(found), eager_only=True), changes).iter_rows(named=True))


def test_asked_about_as_it_stands_the_list_is_the_pursue_list() -> None:
    found = pursuit()
    pursued = pursue_summary(found).filter(pursue_summary(found)["cost"] > 0)
    now = asked(found)[0]
    assert now["pursued"] == pursued["accounts"].sum() > 0
    assert now["cost"] == pursued["cost"].sum()
    # each account's net is rounded down to the cent, the list's once at the end
    assert 0 <= now["net_low"] - pursued["expected_net"].sum() <= now["pursued"]


def test_dearer_steps_leave_the_list_and_free_ones_come_in() -> None:
    found = pursuit()
    now, same, then = asked(found, Change("cost", factor=Fraction(1000)))
    assert (now["pursued"] > 0, then["pursued"], same["pursued"]) == (True, 0, now["pursued"])
    assert same["cost"] == 1000 * now["cost"]
    _, _, free = asked(found, Change("cost", value=0))
    assert free["cost"] == 0
    assert free["pursued"] >= now["pursued"]


def test_a_rung_that_a_rule_bars_is_opened_by_no_change() -> None:
    barred = pursue_list(worked(20, 10), ladder(CALL.model_copy(update={"after_days": 400})), AS_OF)
    assert steps_of(barred).is_empty()


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("cost*1.2", Change("cost", factor=Fraction("1.2"))),
        (" Call : cost = 3.5 ", Change("cost", value=350, rung="call")),
        ("sms:chance*0.9", Change("chance", factor=Fraction("0.9"), rung="sms")),
        ("fee=0.1", Change("fee", value=100_000)),
        ("chance=1", Change("chance", value=1_000_000)),
    ],
)
def test_changes_are_read_as_people_write_them(text: str, change: Change) -> None:
    assert change_of(text, RUNGS, 2) == change


@pytest.mark.parametrize("text", ["", "cost", "cost+2", "cost=-1", "visit:cost=1", "chance=1.01", "fee=2", "price*2"])
def test_what_cannot_be_asked_is_said(text: str) -> None:
    with pytest.raises(ToolkitError):
        change_of(text, RUNGS, 2)
