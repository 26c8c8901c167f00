"""Coaching: what calls for it, what is open, what it changed; folders of CSV files in, proposals and sheets out."""

import csv
import json
import re
import subprocess
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from browser import needs_browser
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from quality_cases import AGENTS, CALL_HEAD, EVALUATION_HEAD, call, evaluation, folder_of

import cli
from toolkit.profiles import load_profile, shipped_profiles
from toolkit.quality.effects import difference_interval, expected_rise
from toolkit.reading import read_tables
from toolkit.tables import TABLES

ACTION_HEAD = "action_id,agent_id,owner,kind,raised_at,due_at,done_at,behaviour,about,recheck_on,recheck_calls,note\n"


def coach(place: Path, *more: str, period: str = "2026-10", as_of: str = "2026-10-30", out: str = "out") -> Result:
    asked = ["qc", "actions", str(place / "data"), "--profile", str(place / "profile.toml"), "--period", period]
    return CliRunner().invoke(cli.main, [*asked, "--as-of", as_of, "--out", str(place / out), *more])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def made(place: Path, *more: str, **how: str) -> list[dict[str, str]]:
    asked = coach(place, *more, **how)
    assert asked.exit_code == 0, asked.output
    return rows(place / how.get("out", "out") / "proposals.csv")


def desk(place: Path, evaluations: str, actions: str = "", profile: str = "", agents: str = AGENTS) -> Path:
    numbers = sorted({int(number) for number in re.findall(r",K(\d+),", evaluations)})
    calls = "".join(
        call(number, agent, day=day).replace("2026-10", f"2026-{month:02d}")
        for number in numbers
        for agent, month, day in [_of(number, evaluations)]
    )
    tables = {"calls": CALL_HEAD + calls, "evaluations": EVALUATION_HEAD + evaluations, "agents": agents}
    return folder_of(place, profile, **tables, **({"actions": ACTION_HEAD + actions} if actions else {}))


def _of(number: int, evaluations: str) -> tuple[str, int, int]:
    found = re.search(rf",K{number},(\w+),[^,]*,[^,]*,2026-(\d\d)-(\d\d),", evaluations)
    assert found
    return found[1], int(found[2]), int(found[3])


# --- triggers ----------------------------------------------------------------------------------------------


def test_an_auto_fail_gives_a_proposal_with_owner_due_day_and_recheck(tmp_path: Path) -> None:
    """As of Friday the 30th; five working days later is Friday the 6th, ten more Friday the 20th."""
    place = desk(tmp_path, evaluation(1, no_threats="no") + evaluation(2, day=6))
    (one,) = made(place)
    assert (one["agent_id"], one["owner"], one["kind"], one["about"]) == ("A1", "T1", "coaching", "no_threats")
    assert one["behaviour"] == "Used no threat and no abuse"
    assert (one["raised_at"], one["due_at"]) == ("2026-10-30 00:00:00", "2026-11-06 00:00:00")
    assert (one["recheck_on"], one["recheck_calls"]) == ("2026-11-20", "4")
    assert one["note"] == '"Used no threat and no abuse" failed the call as a whole. Calls (1): K1.'
    assert list(one) == [column.name for column in TABLES["actions"].columns]


def test_a_critical_question_that_was_missed_is_proposed_once_with_all_its_calls(tmp_path: Path) -> None:
    calls = evaluation(1, identity="no") + evaluation(2, day=6, identity="no") + evaluation(3, day=7)
    (one,) = made(desk(tmp_path, calls, profile='\n[coaching]\ntriggers = ["auto_fail", "critical"]\n'))
    assert (one["about"], one["note"].endswith("Calls (2): K1, K2.")) == ("identity", True)


@pytest.mark.parametrize(
    ("answers", "proposed"),
    [
        (["0", "0"], True),  # twice in a row
        (["0", "4", "0"], False),  # not in a row
        (["0"], False),
        (["4", "0", "0", "4"], True),
    ],
)
def test_a_section_below_its_target_twice_in_a_row(tmp_path: Path, answers: list[str], proposed: bool) -> None:
    calls = "".join(evaluation(at, day=at, listening=answer) for at, answer in enumerate(answers, 1))
    found = [one["about"] for one in made(desk(tmp_path, calls))]
    assert found == (["empathy"] if proposed else [])


def test_just_on_target_is_not_below_it(tmp_path: Path) -> None:
    """Empathy: 4 and 3 of 8 points, 7/8; 3 and 3 of 8 are 75 %."""
    calls = evaluation(1, listening="3") + evaluation(2, day=6, listening="3")
    target = "\n[coaching]\nsection_targets = { empathy = %s }\n"
    assert made(desk(tmp_path / "on", calls, profile=target % "0.875")) == []
    assert [one["about"] for one in made(desk(tmp_path / "over", calls, profile=target % "0.876"))] == ["empathy"]


def test_by_week_the_calls_of_a_week_are_one(tmp_path: Path) -> None:
    weekly = '\n[coaching]\nsection_by = "week"\n'
    one_week = evaluation(1, day=5, listening="0") + evaluation(2, day=6, listening="0")
    assert made(desk(tmp_path / "one", one_week, profile=weekly)) == []
    two_weeks = one_week + evaluation(3, day=13, listening="0")
    assert [one["about"] for one in made(desk(tmp_path / "two", two_weeks, profile=weekly))] == ["empathy"]


def test_a_score_that_drifts_down_is_found_by_the_agents_own_earlier_calls(tmp_path: Path) -> None:
    earlier = "".join(
        evaluation(number, month=9, day=number, summary="yes" if number % 2 else "no") for number in range(1, 13)
    )
    low = "".join(
        evaluation(number, day=number - 40, solution="1", respect="2", comment="No day agreed")
        for number in range(41, 47)
    )
    drift = '\n[coaching]\ntriggers = ["cusum"]\n'
    (one,) = made(desk(tmp_path / "low", earlier + low, profile=drift))
    assert (one["about"], one["behaviour"]) == ("", "Back to the usual score: what has changed in the calls?")
    same = "".join(
        evaluation(number, day=number - 40, summary="yes" if number % 2 else "no") for number in range(41, 47)
    )
    assert made(desk(tmp_path / "same", earlier + same, profile=drift)) == []
    few = "".join(evaluation(number, month=9, day=number, summary="no") for number in range(1, 4))
    assert made(desk(tmp_path / "few", few + low, profile=drift)) == []


# --- open actions ------------------------------------------------------------------------------------------


def action(name: str, about: str, done: str = "", due: str = "2026-10-20", more: str = ",,,") -> str:
    behaviour, recheck, calls, note = [*more.split(","), "", "", ""][:4]
    return f"{name},A1,T1,coaching,2026-10-01 09:00,{due},{done},{behaviour},{about},{recheck},{calls},{note}\n"


def test_what_an_open_action_covers_is_not_proposed_again(tmp_path: Path) -> None:
    calls = evaluation(1, no_threats="no", identity="no")
    assert {one["about"] for one in made(desk(tmp_path / "none", calls))} == {"no_threats", "identity"}
    covered = made(desk(tmp_path / "one", calls, action("X1", "No_Threats")))
    assert {one["about"] for one in covered} == {"identity"}
    cancelled = made(desk(tmp_path / "gone", calls, action("X1", "no_threats", due="")))
    assert {one["about"] for one in cancelled} == {"no_threats", "identity"}


def test_coaching_that_was_done_answers_what_came_before_it_only(tmp_path: Path) -> None:
    calls = evaluation(1, day=5, no_threats="no")
    done = action("X1", "no_threats", done="2026-10-10 10:00")
    assert made(desk(tmp_path / "before", calls, done)) == []
    after = calls + evaluation(2, day=12, no_threats="no")
    (one,) = made(desk(tmp_path / "after", after, done))
    assert one["note"].endswith("Calls (1): K2.")


def test_overdue_actions_and_rechecks_are_listed_the_latest_first(tmp_path: Path) -> None:
    actions = (
        action("late", "identity", due="2026-10-20") + action("ahead", "reason", due="2026-11-05")
        + action("again", "no_threats", done="2026-10-05 10:00", more="x,2026-10-25,2")
        + action("heard", "no_third_party", done="2026-10-05 10:00", more="x,2026-10-25,1")
    )  # fmt: skip
    place = desk(tmp_path, evaluation(1, day=9), actions)
    assert "3 open, 1 of them overdue" in coach(place).output
    found = rows(place / "out" / "open.csv")
    assert [(one["action_id"], one["state"], one["days_late"]) for one in found] == [
        ("late", "overdue", "10"), ("again", "re-check due", "5"), ("ahead", "open", "0"),
    ]  # fmt: skip
    assert (found[1]["rechecked"], found[1]["recheck_calls"]) == ("1", "2")


@pytest.mark.parametrize("name", shipped_profiles())
def test_proposals_can_be_put_back_into_the_data_of_every_set_up(tmp_path: Path, name: str) -> None:
    place = desk(tmp_path, evaluation(1, no_threats="no"))
    assert coach(place).exit_code == 0
    setup = load_profile(name)
    data = tmp_path / "back"
    data.mkdir()
    (data / "agents.csv").write_text(AGENTS, encoding="utf-8")
    (data / "more.csv").write_bytes((place / "out" / "proposals.csv").read_bytes())
    reading = read_tables(data, setup, only=("agents", "actions"))
    assert [str(one) for one in reading.problems if one.file == "more.csv" and one.level == "error"] == []
    (row,) = reading.tables["actions"].iter_rows(named=True)
    assert (row["about"], row["kind"], row["recheck_on"], row["recheck_calls"]) == (
        "no_threats", "coaching", date(2026, 11, 20), 4,
    )  # fmt: skip


def test_accepted_proposals_are_not_proposed_again(tmp_path: Path) -> None:
    place = desk(tmp_path, evaluation(1, no_threats="no", identity="no"))
    first = made(place)
    (place / "data" / "actions.csv").write_bytes((place / "out" / "proposals.csv").read_bytes())
    assert len(first) == 2
    assert made(place, out="again") == []
    assert {one["state"] for one in rows(place / "again" / "open.csv")} == {"open"}


def test_an_action_about_something_no_form_has_is_said(tmp_path: Path) -> None:
    place = desk(tmp_path, evaluation(1), action("X1", "smiling"))
    assert 'action X1 is about "smiling"' in coach(place).output


# --- effects -----------------------------------------------------------------------------------------------


def test_the_interval_of_a_difference_is_newcombes() -> None:
    """Newcombe 1998, Statistics in Medicine 17, 873-890, table II, case (a), method 10: 56/70 less 48/80."""
    assert difference_interval(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert difference_interval(3, 0, 1, 5) is None


def effect(place: Path) -> dict[str, str]:
    (one,) = rows(place / "out" / "effects.csv")
    return one


def before_and_after(before: int, after: int, of: int = 10) -> str:
    """A1 said the summary in so many of ten calls before the 15th of October, and after it."""
    first = "".join(evaluation(n, day=1 + n, summary="yes" if n < before else "no") for n in range(of))
    last = "".join(evaluation(50 + n, day=16 + n, summary="yes" if n < after else "no") for n in range(of))
    return first + last


def others(good: int, of: int = 10) -> str:
    found = ""
    for place, agent in enumerate(("A2", "A3", "A4", "A5"), 1):
        found += "".join(
            evaluation(100 * place + n, agent, day=1 + n, summary="yes" if n < good else "no") for n in range(of)
        )
    return found


MORE = AGENTS + "A4,Dudu,call_agent,South,Kisumu,T2,2024-01-01\nA5,Eze,call_agent,South,Kisumu,T2,2024-01-01\n"
DONE = action("X1", "summary", done="2026-10-15 10:00", due="2026-10-16")


def test_calls_before_and_after_are_compared_with_an_interval(tmp_path: Path) -> None:
    place = desk(tmp_path, before_and_after(1, 10), DONE)
    coach(place)
    one = effect(place)
    assert (one["calls_before"], one["calls_after"]) == ("10", "10")
    assert (float(one["before"]), float(one["after"]), float(one["difference"])) == (10, 100, 90)
    low, high = difference_interval(10, 10, 1, 10) or (0, 0)
    assert (float(one["low"]), float(one["high"])) == pytest.approx((low * 100, high * 100), abs=1e-4)
    assert one["verdict"] == "better, but nobody can say how much of it would have come anyway"


def test_too_few_calls_say_nothing(tmp_path: Path) -> None:
    place = desk(tmp_path, before_and_after(0, 4, of=4), DONE)
    coach(place)
    assert effect(place)["verdict"] == "too few calls to say"


def test_who_was_picked_for_being_low_rises_anyway_and_that_is_said(tmp_path: Path) -> None:
    place = desk(tmp_path, before_and_after(2, 7) + others(5), DONE, agents=MORE)
    coach(place)
    one = effect(place)
    assert float(one["expected"]) > 0
    assert "whoever is picked for low scores rises anyway" in one["warning"]
    assert float(one["low"]) > 0  # a rise that chance alone does not explain
    assert one["verdict"] == "better, but the return to the usual may explain it"


def test_a_large_rise_is_more_than_the_return_to_the_usual(tmp_path: Path) -> None:
    place = desk(tmp_path, before_and_after(0, 10) + others(2), DONE, agents=MORE)
    coach(place)
    assert effect(place)["verdict"] == "better, and by more than the return to the usual explains"


def test_worse_is_called_worse(tmp_path: Path) -> None:
    place = desk(tmp_path, before_and_after(10, 1) + others(9), DONE, agents=MORE)
    coach(place)
    one = effect(place)
    assert one["verdict"] == "worse, and not by chance"
    assert "no rise was to be expected" in one["warning"]


@given(st.lists(st.integers(0, 10), min_size=4, max_size=9))
def test_the_lowest_is_expected_to_rise_and_the_highest_to_fall(good: list[int]) -> None:
    rows = [
        {"agent_id": f"A{place}", "share": float(call < count)}
        for place, count in enumerate(good)
        for call in range(10)
    ]
    earlier = pl.DataFrame(rows)
    lowest, highest = (f"A{good.index(of(good))}" for of in (min, max))
    assert (expected_rise(earlier, lowest) or 0) >= -1e-12
    assert (expected_rise(earlier, highest) or 0) <= 1e-12
    assert expected_rise(earlier, "nobody") is None


# --- training needs and KPIs -------------------------------------------------------------------------------


def test_the_two_weakest_sections_of_each_agent_and_team_are_named(tmp_path: Path) -> None:
    calls = evaluation(1, listening="0", summary="no") + evaluation(2, "A2", listening="2")
    training = "Y1,A1,T1,training,2026-10-02 09:00,2026-10-20,,,,,,\n"
    place = desk(tmp_path, calls, training)
    coach(place)
    needs = {(one["scope"], one["place"]): one for one in rows(place / "out" / "training_needs.csv")}
    first, second = needs["A1", "1"], needs["A1", "2"]
    assert (first["section"], float(first["score"])) == ("empathy", 50)
    assert (second["section"], round(float(second["score"]), 4)) == ("wrap_up", 66.6667)
    assert (first["below_target"], first["asked_for"], needs["A2", "1"]["asked_for"]) == ("yes", "yes", "no")
    assert float(needs["North", "1"]["score"]) == pytest.approx((50 + 75) / 2)


def test_the_kpis_of_the_same_actions_agree(tmp_path: Path) -> None:
    """training_needs: one of five who were here all quarter, at its end; actions_closed: one of two reviews in time."""
    actions = (
        "Y1,A1,T1,training,2026-10-02 09:00,2026-10-20,,,,,,\n"
        "R1,A1,T1,review,2026-10-02 09:00,2026-10-20,2026-10-19 10:00,,,,,\n"
        "R2,A2,T1,review,2026-10-02 09:00,2026-10-20,,,,,,\n"
    )
    place = desk(tmp_path, evaluation(1) + evaluation(2, "A2"), actions)
    coach(place, as_of="2026-12-31")
    kpis = json.loads((place / "out" / "actions.json").read_text(encoding="utf-8"))["kpis"]
    assert kpis["training_needs"] == {"numerator": 1.0, "denominator": 5.0}
    assert kpis["actions_closed"] == {"numerator": 1.0, "denominator": 2.0}
    asked = {one["scope"] for one in rows(place / "out" / "training_needs.csv") if one["asked_for"] == "yes"}
    assert len(asked) == kpis["training_needs"]["numerator"]
    assert [one["action_id"] for one in rows(place / "out" / "open.csv") if one["kind"] == "review"] == ["R2"]


# --- sheets ------------------------------------------------------------------------------------------------


def test_a_sheet_has_three_moments_the_agreed_behaviour_and_room_for_signatures(tmp_path: Path) -> None:
    calls = (
        evaluation(1, day=5, no_threats="no", comment="Said he would come to the house")
        + evaluation(2, day=6, identity="no", comment="Spoke at once")
        + evaluation(3, day=7)
        + evaluation(4, day=8)
    )
    place = desk(tmp_path, calls)
    coach(place)
    page = (place / "out" / "sheets" / "A1.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for words in (
        "Coaching: Asha", "K1, 05 Oct 2026", "rec/K1.wav", "Said he would come to the house", "Spoke at once",
        "went well",
        "Used no threat and no abuse", "20 November 2026, 4 calls", "Asha, date", "Tumaini, date",
        "every call is heard, 4 of 4",
    ):  # fmt: skip
        assert words in text
    assert page.count('<article class="moment">') == 3
    assert [path.name for path in (place / "out" / "sheets").iterdir()] == ["A1.html"]
    index = (place / "out" / "index.html").read_text(encoding="utf-8")
    assert 'href="sheets/A1.html">Asha</a>' in index


LONG = "She read the whole <b>script</b> without a pause & never asked why. " * 29


def test_texts_of_people_are_harmless_on_paper_and_in_tables(tmp_path: Path) -> None:
    agents = AGENTS.replace("Asha", "<script>alert(1)</script>").replace("Tumaini", "=1+1")
    place = desk(
        tmp_path,
        evaluation(1, no_threats="no", comment="=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>"),
        agents=agents,
    )
    actions = 'X9,A1,"=2+2",coaching,2026-10-01 09:00,2026-10-20,,"=3+3",identity,,,"@note"\n'
    (place / "data" / "actions.csv").write_text(ACTION_HEAD + actions, encoding="utf-8")
    coach(place)
    page = (place / "out" / "sheets" / "A1.html").read_text(encoding="utf-8")
    assert "<script>" not in page and "<img" not in page
    assert "&lt;script&gt;" in page
    for name in ("proposals.csv", "open.csv", "effects.csv", "training_needs.csv"):
        cells = [cell or "" for row in rows(place / "out" / name) for cell in row.values()]
        assert not [cell for cell in cells if re.match(r"[=+@]", cell)]
    assert rows(place / "out" / "open.csv")[0]["note"] == "'@note"


@pytest.mark.e2e
@needs_browser
@pytest.mark.parametrize("comment", ["", "Went too fast", LONG, "x" * 2000], ids=["none", "short", "long", "one word"])
def test_a_sheet_is_one_page_of_a4_whatever_was_written(tmp_path: Path, comment: str) -> None:
    failed = {"no_threats": "no", "identity": "no", "purpose_disclosed": "no", "true_claims": "no", "record": "no"}
    calls = "".join(evaluation(number, day=4 + number, comment=comment, **failed) for number in range(1, 5))
    agents = AGENTS.replace("Asha", "Asha " * 29) if comment else AGENTS
    place = desk(tmp_path, calls, agents=agents)
    asked = coach(place, "--format", "pdf")
    assert asked.exit_code == 0, asked.output
    pdf = (place / "out" / "sheets" / "A1.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box and [round(float(side)) for side in box.groups()] in ([595, 842], [596, 842], [595, 841])
    shown = subprocess.run(["pdftotext", "-layout", str(place / "out" / "sheets" / "A1.pdf"), "-"],  # noqa: S603, S607
                           capture_output=True, check=True).stdout.decode()  # fmt: skip
    assert "Re-checked on, by" in shown  # the signatures are still on it


@needs_browser
def test_the_sheets_of_a_whole_team_are_a_page_of_its_own_each(tmp_path: Path) -> None:
    """They are printed together, since a browser takes long to start."""
    failed = evaluation(1, no_threats="no", comment="x") + evaluation(2, "A2", no_threats="no", comment="x")
    place = desk(tmp_path, failed + evaluation(3, "A3", no_threats="no", comment="x"))
    asked = coach(place, "--format", "pdf")
    assert asked.exit_code == 0, asked.output
    for agent, name in (("A1", "Asha"), ("A2", "Baraka"), ("A3", "Chep")):
        pdf = place / "out" / "sheets" / f"{agent}.pdf"
        assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1
        shown = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True)  # noqa: S603, S607
        assert name in shown.stdout.decode()
        assert "Re-checked on, by" in shown.stdout.decode()


def test_data_without_evaluations_are_said(tmp_path: Path) -> None:
    place = folder_of(tmp_path, calls=CALL_HEAD + call(1))
    asked = coach(place)
    assert asked.exit_code == 1
    assert "coaching is proposed by the table evaluations" in asked.output
    assert not (place / "out").exists()


def test_an_agent_without_a_leader_gives_a_proposal_without_owner_and_a_remark(tmp_path: Path) -> None:
    place = desk(tmp_path, evaluation(1, no_threats="no"), agents=AGENTS.replace("Nakuru,T1", "Nakuru,"))
    asked = coach(place)
    assert "A1 has no team leader" in asked.output
    assert rows(place / "out" / "proposals.csv")[0]["owner"] == ""


# --- calls that were not chosen by chance ------------------------------------------------------------------

WITH_CHOSEN = EVALUATION_HEAD.replace("comment\n", "comment,chosen\n")


def chosen(how: str, rows: str) -> str:
    return "".join(f"{row},{how}\n" for row in rows.splitlines())


def test_a_complaint_is_coached_like_any_other_call(tmp_path: Path) -> None:
    place = desk(tmp_path, "")
    text = WITH_CHOSEN + chosen("risk", evaluation(1, no_threats="no")) + chosen("random", evaluation(2, day=6))
    (place / "data" / "evaluations.csv").write_text(text, encoding="utf-8")
    (place / "data" / "calls.csv").write_text(CALL_HEAD + call(1, day=5) + call(2, day=6), encoding="utf-8")
    (one,) = made(place)
    assert (one["about"], "K1" in one["note"]) == ("no_threats", True)


def test_complaints_before_coaching_and_none_after_are_no_rise(tmp_path: Path) -> None:
    """Six bad calls after complaints and six good ones by chance before; six good ones after: nothing has changed."""
    bad = "".join(evaluation(number, day=number, summary="no", comment="x") for number in range(1, 7))
    good = "".join(evaluation(number, day=number) for number in [*range(7, 13), *range(14, 20)])
    done = "X1,A1,T1,coaching,2026-10-12 09:00:00,2026-10-14 00:00:00,2026-10-13 09:00:00,,summary,,,\n"
    place = desk(tmp_path, bad + good, done)
    text = WITH_CHOSEN + chosen("risk", bad) + chosen("", good)
    (place / "data" / "evaluations.csv").write_text(text, encoding="utf-8")
    made(place)
    with (place / "out" / "effects.csv").open(encoding="utf-8", newline="") as file:
        (effect,) = csv.DictReader(file)
    assert (effect["calls_before"], effect["before"], effect["after"]) == ("6", "100.0", "100.0")


def test_coaching_about_a_section_answers_its_critical_questions_that_were_missed_before(tmp_path: Path) -> None:
    rows = evaluation(3, day=3, purpose_disclosed="no", comment="x")
    done = "X1,A1,T1,coaching,2026-10-05 09:00:00,2026-10-12 00:00:00,2026-10-10 09:00:00,,Compliance,,,\n"
    assert made(desk(tmp_path / "before", rows, done)) == []
    later = evaluation(14, day=14, purpose_disclosed="no", comment="x")
    (one,) = made(desk(tmp_path / "after", rows + later, done))
    assert "Calls (1): K14" in one["note"]
    failed = evaluation(4, day=4, no_threats="no", comment="x")
    (one,) = made(desk(tmp_path / "failed", rows + failed, done))
    assert one["about"] == "no_threats"


def extras_among(place: Path, by_chance: str, extras: str, actions: str = "", profile: str = "") -> Path:
    """A desk whose evaluations say which calls were chosen for a risk."""
    made_up = desk(place, by_chance + extras, actions, profile)
    text = WITH_CHOSEN + chosen("random", by_chance) + chosen("risk", extras)
    (made_up / "data" / "evaluations.csv").write_text(text, encoding="utf-8")
    return made_up


def test_needs_and_the_sheets_score_are_said_by_calls_that_were_chosen_by_chance(tmp_path: Path) -> None:
    good = "".join(evaluation(number, day=number) for number in (1, 2, 3))
    bad = "".join(evaluation(number, day=number, summary="no", no_threats="no", comment="x") for number in (4, 5))
    place = extras_among(tmp_path, good, bad)
    assert coach(place).exit_code == 0
    needs = rows(place / "out" / "training_needs.csv")
    assert {(row["score"], row["calls"]) for row in needs} == {("100.0", "3")}
    assert "100.00 % in 3 evaluated calls" in (place / "out" / "sheets" / "A1.html").read_text(encoding="utf-8")


def test_no_drift_is_seen_where_only_calls_after_complaints_were_bad(tmp_path: Path) -> None:
    earlier = "".join(
        evaluation(number, month=9, day=number, summary="yes" if number % 2 else "no") for number in range(1, 13)
    )
    low = "".join(evaluation(n, day=n - 40, solution="1", respect="2", comment="No day agreed") for n in range(41, 47))
    drift = '\n[coaching]\ntriggers = ["cusum"]\n'
    assert made(extras_among(tmp_path / "extras", earlier, low, profile=drift)) == []
    assert len(made(extras_among(tmp_path / "chance", earlier + low, "", profile=drift))) == 1


def test_calls_of_the_day_of_the_coaching_are_neither_before_nor_after_it(tmp_path: Path) -> None:
    calls = "".join(evaluation(number, day=number) for number in (11, 12, 13, 14, 15))
    done = "X1,A1,T1,coaching,2026-10-12 09:00:00,2026-10-14 00:00:00,2026-10-13 09:00:00,,summary,,,\n"
    place = desk(tmp_path, calls, done)
    assert coach(place).exit_code == 0
    (effect,) = rows(place / "out" / "effects.csv")
    assert (effect["calls_before"], effect["calls_after"]) == ("2", "2")


def test_a_sheets_score_is_cut_off_and_never_rounded_up(tmp_path: Path) -> None:
    """Two calls without a fault, and one that lost a third of the wrap-up, 10 of 100: 98.888 % in the mean."""
    bad = evaluation(3, day=3, summary="no", comment="x")
    place = desk(tmp_path, evaluation(1, day=1) + evaluation(2, day=2) + bad, profile="\n[coaching]\nin_a_row = 1\n")
    assert coach(place).exit_code == 0
    assert "98.88 % in 3 evaluated calls" in (place / "out" / "sheets" / "A1.html").read_text(encoding="utf-8")
