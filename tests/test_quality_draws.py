"""Drawing calls to listen to: laws of the draw, and folders of CSV files in, the list of calls out."""

import csv
import hashlib
import json
import random
import re
import shutil
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from quality_cases import AGENTS, CALL_HEAD, EVALUATION_HEAD, call, evaluation, folder_of

import cli
from toolkit.periods import parse
from toolkit.quality.evaluators import Heard, allocated
from toolkit.quality.sampling import calls_an_agent, shared_out, strata_of
from toolkit.sampling_rules import Sampling

NAMES = st.text("abcdef", min_size=1, max_size=3)
SIZES = st.dictionaries(NAMES, st.integers(1, 200), min_size=1, max_size=9)


# --- whole numbers -----------------------------------------------------------------------------------------


@given(st.integers(0, 300), SIZES)
def test_shares_add_up_and_nobody_gives_more_than_there_is(number: int, sizes: dict[str, int]) -> None:
    shares = shared_out(number, {name: Fraction(size) for name, size in sizes.items()}, sizes)
    assert sum(shares.values()) == min(number, sum(sizes.values()))
    assert all(0 <= shares[name] <= sizes[name] for name in sizes)


@given(st.integers(1, 100), SIZES)
def test_proportional_shares_are_within_one_of_the_exact_ones(number: int, sizes: dict[str, int]) -> None:
    number = min(number, sum(sizes.values()))
    shares = shared_out(number, {name: Fraction(size) for name, size in sizes.items()}, sizes)
    whole = sum(sizes.values())
    assert all(abs(shares[name] - Fraction(number * size, whole)) < 1 for name, size in sizes.items())


def test_the_largest_remainders_get_what_is_left() -> None:
    """8 calls of 50, 20 and 3: 5.48, 2.19 and 0.33, so the one left over goes to the first."""
    sizes = {"medium": 50, "long": 20, "short": 3}
    assert shared_out(8, {name: Fraction(size) for name, size in sizes.items()}, sizes) == {
        "long": 2, "medium": 6, "short": 0,
    }  # fmt: skip


@given(st.integers(1, 60), SIZES, st.sampled_from(["proportional", "equal"]))
def test_every_stratum_is_drawn_from_and_the_sizes_add_up(number: int, sizes: dict[str, int], allocation: str) -> None:
    made = strata_of(sizes, number, {}, Sampling(allocation=allocation))
    assert sum(one.drawn for one in made) == min(number, sum(sizes.values()))
    assert all(1 <= one.drawn <= one.calls for one in made)
    assert sorted(group for one in made for group in one.groups) == sorted(sizes)
    assert sum(one.calls for one in made) == sum(sizes.values())


@pytest.mark.parametrize(
    ("label", "calls"), [("2026-10", 8), ("2026-Q4", 24), ("2026-W43", 2), ("2026-10-21", 1), ("2026-10-H1", 4)]
)
def test_other_periods_have_their_part_of_a_months_calls(label: str, calls: int) -> None:
    assert calls_an_agent(Sampling(), parse(label)) == calls


# --- evaluators --------------------------------------------------------------------------------------------

PEOPLE = ["Quinn", "Wanjiru", "a1", "Asha", "T1"]
HEARD = st.lists(
    st.tuples(st.sampled_from(["A1", "A2", "A3"]), st.sampled_from(["", "T1", "Quinn"])), min_size=1, max_size=30
)


def heard(pairs: list[tuple[str, str]]) -> list[Heard]:
    return [
        Heard(f"K{number}", agent, frozenset({agent.lower(), "asha"} if agent == "A1" else {agent.lower()}),
              frozenset({leader.lower()} if leader else ()))
        for number, (agent, leader) in enumerate(pairs)
    ]  # fmt: skip


@given(HEARD, st.lists(st.sampled_from(PEOPLE), max_size=5), st.integers(0, 9), st.randoms())
def test_nobody_evaluates_an_own_call_nor_a_leader_the_own_team_if_others_can(
    pairs: list[tuple[str, str]], people: list[str], seed: int, shuffle: random.Random
) -> None:
    calls = heard(pairs)
    found = allocated(calls, people, seed)
    for one in calls:
        name = found[one.call_id].evaluator.casefold()
        able = {person.casefold() for person in people} - one.own
        assert name not in one.own
        assert bool(name) == bool(able)
        if able - one.leader:
            assert name not in one.leader
    mixed = calls[:]
    shuffle.shuffle(mixed)
    assert allocated(mixed, people[::-1], seed) == found


@given(st.integers(1, 60), st.integers(1, 5), st.integers(0, 9))
def test_calls_are_given_out_evenly(calls: int, people: int, seed: int) -> None:
    names = [f"Q{number}" for number in range(people)]
    found = allocated(heard([("A2", "")] * calls), names, seed)
    counts = Counter(given.evaluator for given in found.values())
    assert max(counts.values()) - min(counts.get(name, 0) for name in names) <= 1


# --- the command -------------------------------------------------------------------------------------------


def draw(place: Path, *more: str, out: str = "out", period: str = "2026-10") -> Result:
    asked = ["qc", "sample", str(place / "data"), "--profile", str(place / "profile.toml"), "--period", period]
    return CliRunner().invoke(cli.main, [*asked, "--out", str(place / out), "--no-workbook", *more])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(path: Path) -> list[str]:
    return [row["call_id"] for row in rows(path)]


def many(agents: tuple[str, ...] = ("A1", "A2", "A3"), each: int = 40) -> list[str]:
    made = []
    for number in range(each * len(agents)):
        seconds = (30, 120, 400)[number % 3]
        disposition = "promise" if number % 5 == 0 else "refused"
        made.append(
            call(number, agents[number % len(agents)], day=1 + number % 28, seconds=seconds, disposition=disposition)
        )
    return made


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return folder_of(tmp_path, calls=CALL_HEAD + "".join(many()))


def test_every_call_of_the_period_is_drawn_in_reserve_or_left_out_with_its_reason(tmp_path: Path) -> None:
    odd = [
        call(900, seconds=5), call(901, connected="no"), call(902, recording=""), call(903, disposition="voicemail"),
        call(904, seconds=""),
    ]  # fmt: skip
    place = folder_of(tmp_path, calls=CALL_HEAD + "".join([*many(), *odd]))
    asked = draw(place, "--evaluators", "Quinn")
    assert asked.exit_code == 0, asked.output
    parts = [ids(place / "out" / name) for name in ("sample.csv", "reserve.csv", "excluded.csv")]
    assert sorted(one for part in parts for one in part) == sorted(ids(place / "data" / "calls.csv"))
    why = {row["call_id"]: row["reason"] for row in rows(place / "out" / "excluded.csv")}
    assert why == {
        "K900": "talked less than 20 s", "K901": "reached nobody", "K902": "no recording",
        "K903": "ended as voicemail", "K904": "nobody knows how long it was",
    }  # fmt: skip
    assert "125 calls = 24 drawn by chance + 0 risk extras + 96 not drawn + 5 left out" in asked.output
    counts = json.loads((place / "out" / "sample.json").read_text(encoding="utf-8"))["counts"]
    assert counts["population"] == counts["random"] + counts["risk"] + counts["not_drawn"] + counts["excluded"]


def test_each_agent_has_eight_calls_a_month_with_recording_stratum_and_weight(desk: Path) -> None:
    draw(desk, "--evaluators", "Quinn, Wanjiru")
    drawn = rows(desk / "out" / "sample.csv")
    assert Counter(row["agent_id"] for row in drawn) == {"A1": 8, "A2": 8, "A3": 8}
    assert all(row["recording"] == f"rec/{row['call_id']}.wav" for row in drawn)
    assert Counter(row["evaluator"] for row in drawn) == {"Quinn": 12, "Wanjiru": 12}
    assert {row["reason"] for row in drawn} == {"random"}
    weights: dict[str, float] = defaultdict(float)
    for row in drawn:
        assert float(row["probability"]) == pytest.approx(
            int(row["stratum_drawn"]) / int(row["stratum_calls"]), abs=1e-6
        )
        weights[row["agent_id"]] += float(row["weight"])
    assert weights == pytest.approx({"A1": 40, "A2": 40, "A3": 40}, abs=1e-3)  # each stands for some, all for all


def test_the_first_by_their_hash_are_drawn_and_nothing_else_decides(desk: Path) -> None:
    """A second way: the order by SHA-256 of the seed and the call, as the page about it says."""
    draw(desk, "--seed", "7")
    by: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    drawn = rows(desk / "out" / "sample.csv")
    for row in drawn + rows(desk / "out" / "reserve.csv"):
        key = hashlib.sha256(f"7\x1f{row['call_id']}".encode()).hexdigest()
        by[row["agent_id"], row["stratum"]].append((key, row["call_id"]))
    size = Counter((row["agent_id"], row["stratum"]) for row in drawn)
    wanted = [call_id for group, line in by.items() for _, call_id in sorted(line)[: size[group]]]
    assert sorted(wanted) == sorted(ids(desk / "out" / "sample.csv"))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shuffle=st.randoms(), seed=st.integers(0, 5))
def test_the_order_of_the_rows_does_not_matter(tmp_path: Path, shuffle: random.Random, seed: int) -> None:
    place, made = tmp_path / f"{seed}-{shuffle.random()}", many(each=12)
    folder_of(place, calls=CALL_HEAD + "".join(made))
    draw(place, "--seed", str(seed), "--evaluators", "Quinn,Wanjiru")
    shuffle.shuffle(made)
    folder_of(place, calls=CALL_HEAD + "".join(made))
    draw(place, "--seed", str(seed), "--evaluators", "Wanjiru,Quinn", out="again")
    for name in ("sample.csv", "reserve.csv", "excluded.csv", "margins.csv"):
        assert (place / "out" / name).read_bytes() == (place / "again" / name).read_bytes()


def test_another_seed_draws_other_calls(desk: Path) -> None:
    draw(desk, "--seed", "1")
    draw(desk, "--seed", "2", out="other")
    assert ids(desk / "out" / "sample.csv") != ids(desk / "other" / "sample.csv")


def test_more_calls_push_out_few(desk: Path) -> None:
    draw(desk)
    before = set(ids(desk / "out" / "sample.csv"))
    more = "".join(call(number, "A1", seconds=120) for number in range(500, 504))
    folder_of(desk, calls=CALL_HEAD + "".join(many()) + more)
    draw(desk, out="later")
    gone = before - set(ids(desk / "later" / "sample.csv"))
    assert len(gone) <= 4


def test_a_margin_of_five_points_takes_278_of_1000_calls(tmp_path: Path) -> None:
    """SAM-1, asked for on the command line."""
    calls = "".join(call(number, day=1 + number % 28) for number in range(1000))
    place = folder_of(tmp_path, calls=CALL_HEAD + calls)
    asked = draw(place, "--margin", "5", "--evaluators", "Quinn")
    assert len(ids(place / "out" / "sample.csv")) == 278
    margins = {row["scope_kind"]: row for row in rows(place / "out" / "margins.csv")}
    assert float(margins["team"]["margin_points"]) == pytest.approx(5, abs=0.01)
    assert margins["team"]["calls_needed"] == "278"
    assert "278 of 1,000 calls" in asked.output


def test_a_teams_margin_is_shared_out_among_its_agents_and_nobody_has_less_than_asked(desk: Path) -> None:
    draw(desk, "--margin", "10", "--per-agent", "20")
    counts = Counter(row["agent_id"] for row in rows(desk / "out" / "sample.csv"))
    # 80 calls of North at 10 points: 44 (Cochran), 22 each; 40 of South: 29
    assert counts == {"A1": 22, "A2": 22, "A3": 29}


def test_what_is_drawn_more_often_has_less_weight(tmp_path: Path) -> None:
    plan = '\n[sampling]\nstrata = ["length"]\noversample = { short = 4 }\n'
    calls = "".join(call(number, seconds=30 if number < 20 else 120) for number in range(100))
    place = folder_of(tmp_path, plan, calls=CALL_HEAD + calls)
    draw(place, "--per-agent", "10")
    drawn = rows(place / "out" / "sample.csv")
    assert Counter(row["stratum"] for row in drawn) == {"short": 5, "medium": 5}  # 20 x 4 beside 80
    assert {row["stratum"]: float(row["weight"]) for row in drawn} == {"short": 4.0, "medium": 16.0}
    margins = rows(place / "out" / "margins.csv")[0]
    assert float(margins["effective"]) == pytest.approx((5 * 4 + 5 * 16) ** 2 / (5 * 16 + 5 * 256), abs=1e-4)


def test_over_sampling_without_a_stratum_of_its_own_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs a stratum of its own"):
        Sampling(strata=("length",), oversample={"promise": 2})


def test_a_profile_that_says_so_is_refused_with_a_sentence(tmp_path: Path) -> None:
    place = folder_of(tmp_path, "\n[sampling]\nshort_seconds = 400\n", calls=CALL_HEAD + call(1))
    asked = draw(place)
    assert asked.exit_code == 1
    assert "short_seconds has to be less than long_seconds" in asked.output


# --- risks -------------------------------------------------------------------------------------------------


def test_calls_of_complaints_breaches_promises_and_joiners_are_extras_without_weight(tmp_path: Path) -> None:
    joined = AGENTS + "A4,Dudu,call_agent,South,Kisumu,T2,2026-10-19\n"
    calls = [call(number, "A1", day=1 + number % 20, account="L9") for number in range(60)]
    calls += [call(700, "A2", day=5, account="L2", seconds=8), call(701, "A2", day=6, account="L3", connected="no")]
    calls += [call(702, "A2", day=6, account="L4", disposition="promise"), call(703, "A2", day=9, account="L5")]
    calls += [call(720 + number, "A4", day=20, account="L6") for number in range(30)]
    complaints = (
        "complaint_id,received_at,agent_id,account_id,category\n"
        "c12,2026-10-08 10:00,A2,L2,conduct\nc13,2026-10-08 10:00,A2,L3,conduct\nc14,2026-10-08 10:00,A2,L5,product\n"
        "c15,2026-10-08 10:00,A2,,conduct\n"
    )
    promises = (
        "promise_id,account_id,agent_id,made_at,due_on,amount\n"
        "p1,L4,A2,2026-10-06 09:00,2026-10-10,100\np2,L9,A1,2026-10-01 09:00,2026-10-10,100\n"
    )
    payments = "payment_id,account_id,paid_at,amount,currency,kind\nx1,L9,2026-10-03 09:00,100,KES,instalment\n"
    place = folder_of(
        tmp_path, "\n[sampling]\nper_agent = 1\n", agents=joined, calls=CALL_HEAD + "".join(calls),
        complaints=complaints, promises=promises, payments=payments,
    )  # fmt: skip
    (place / "breaches.csv").write_text("call_id,rule\nK703,hours\n", encoding="utf-8")
    asked = draw(place, "--breaches", str(place / "breaches.csv"), "--as-of", "2026-10-31")
    assert asked.exit_code == 0, asked.output
    drawn = {row["call_id"]: row for row in rows(place / "out" / "sample.csv")}
    extras = {name: row["reason"] for name, row in drawn.items() if "risk" in row["reason"]}
    assert (
        "risk: complaint c12" in extras["K700"]
    )  # too short to be drawn, but a complaint is heard whatever its length
    assert "risk: broken promise p1" in extras["K702"]
    assert "risk: breach hours" in extras["K703"]
    assert not any("p2" in reason for reason in extras.values())  # kept
    new = [name for name, reason in extras.items() if "somebody new" in reason]
    assert len(new) == 2
    assert {drawn[name]["agent_id"] for name in new} == {"A4"}
    assert all(row["weight"] == "" for row in drawn.values() if not row["reason"].startswith("random"))
    left = {row["call_id"]: row for row in rows(place / "out" / "excluded.csv")}
    assert (left["K701"]["reason"], left["K701"]["risk"]) == ("reached nobody", "risk: complaint c13")
    assert "complaint c15 names no account" in asked.output
    parts = [ids(place / "out" / name) for name in ("sample.csv", "reserve.csv", "excluded.csv")]
    assert sorted(one for part in parts for one in part) == sorted(ids(place / "data" / "calls.csv"))


def test_breaches_without_calls_are_refused(desk: Path) -> None:
    (desk / "breaches.csv").write_text("number,rule\n1,hours\n", encoding="utf-8")
    asked = draw(desk, "--breaches", str(desk / "breaches.csv"))
    assert asked.exit_code == 1
    assert "no column call_id" in asked.output
    assert not (desk / "out").exists()


# --- evaluators on the command line ------------------------------------------------------------------------


def test_evaluators_come_from_a_file_the_plan_or_the_data(desk: Path) -> None:
    (desk / "people.csv").write_text("evaluator,desk\nQuinn,1\nWanjiru,2\n", encoding="utf-8")
    draw(desk, "--evaluators", str(desk / "people.csv"))
    assert {row["evaluator"] for row in rows(desk / "out" / "sample.csv")} == {"Quinn", "Wanjiru"}
    (desk / "names.txt").write_text("Quinn\nZawadi\n", encoding="utf-8")
    draw(desk, "--evaluators", str(desk / "names.txt"), out="names")
    assert {row["evaluator"] for row in rows(desk / "names" / "sample.csv")} == {"Quinn", "Zawadi"}
    folder_of(
        desk, '\n[sampling]\nevaluators = ["Pendo"]\n', evaluations=EVALUATION_HEAD + evaluation(1, "A2", by="Nia")
    )
    draw(desk, out="plan")
    assert {row["evaluator"] for row in rows(desk / "plan" / "sample.csv")} == {"Pendo"}
    folder_of(desk)
    draw(desk, out="seen")
    assert {row["evaluator"] for row in rows(desk / "seen" / "sample.csv")} == {"Nia"}


def test_without_evaluators_it_is_said(desk: Path) -> None:
    assert "nobody is named who evaluates" in draw(desk).output


def test_a_leader_hears_the_other_team_and_the_own_only_if_nobody_else_can(desk: Path) -> None:
    draw(desk, "--evaluators", "Tumaini, T2")
    pairs = {(row["team"], row["evaluator"]) for row in rows(desk / "out" / "sample.csv")}
    assert pairs == {("North", "T2"), ("South", "Tumaini")}
    asked = draw(desk, "--evaluators", "T1", out="one")
    remarks = {row["team"]: row["remark"] for row in rows(desk / "one" / "sample.csv")}
    assert remarks == {"North": "the agent's own team leader: there is nobody else", "South": ""}
    assert "own team leader" in asked.output


def test_the_only_evaluator_does_not_hear_the_own_calls(desk: Path) -> None:
    asked = draw(desk, "--evaluators", "asha")
    who = {row["agent_id"]: row["evaluator"] for row in rows(desk / "out" / "sample.csv")}
    assert who == {"A1": "", "A2": "asha", "A3": "asha"}
    assert "8 drawn calls have no evaluator" in asked.output


# --- a draw is made once -----------------------------------------------------------------------------------


def test_another_draw_does_not_take_the_place_of_one(desk: Path) -> None:
    draw(desk, "--seed", "1")
    before = (desk / "out" / "sample.csv").read_bytes()
    again = draw(desk, "--seed", "2")
    assert again.exit_code == 1
    assert "holds a draw already (period 2026-10, seed 1)" in again.output
    assert (desk / "out" / "sample.csv").read_bytes() == before
    assert draw(desk, "--seed", "1").exit_code == 0


def replace(place: Path, call_id: str, *more: str, reason: str = "no audio", out: str = "out") -> Result:
    asked = ["qc", "sample", "--out", str(place / out), "--replace", call_id, "--by", "Quinn"]
    return CliRunner().invoke(cli.main, [*asked, "--reason", reason, "--at", "2026-11-02 10:15", *more])


def test_a_replacement_is_the_next_of_its_stratum_and_is_written_down(desk: Path) -> None:
    draw(desk, "--evaluators", "Quinn,Wanjiru")
    gone = rows(desk / "out" / "sample.csv")[0]
    line = [row for row in rows(desk / "out" / "reserve.csv")
            if (row["agent_id"], row["stratum"]) == (gone["agent_id"], gone["stratum"])]  # fmt: skip
    assert replace(desk, gone["call_id"]).exit_code == 0
    first_line = (desk / "out" / "replacements.csv").read_bytes()
    again = replace(desk, line[0]["call_id"], reason="No audio ")
    assert "replaced so far: 2 (no audio: 2)" in again.output
    assert (desk / "out" / "replacements.csv").read_bytes().startswith(first_line)
    made = rows(desk / "out" / "replacements.csv")
    assert [(row["replaced"], row["call_id"]) for row in made] == [
        (gone["call_id"], line[0]["call_id"]), (line[0]["call_id"], line[1]["call_id"]),
    ]  # fmt: skip
    assert {row["evaluator"] for row in made} == {gone["evaluator"]}
    assert (made[0]["reason"], made[0]["by"], made[0]["at"]) == ("no audio", "Quinn", "2026-11-02 10:15:00")


def with_book(place: Path, *more: str) -> None:
    asked = ["qc", "sample", str(place / "data"), "--profile", str(place / "profile.toml"), "--period", "2026-10"]
    done = CliRunner().invoke(cli.main, [*asked, "--out", str(place / "out"), *more])
    assert done.exit_code == 0, done.output


def test_the_workbook_has_the_replacement_and_keeps_what_was_typed(desk: Path) -> None:
    with_book(desk, "--evaluators", "Quinn")
    book = desk / "out" / "sample.xlsx"
    opened = openpyxl.load_workbook(book)
    sheet = opened["Calls"]
    heads = {cell.value: cell.column for cell in sheet[9] if cell.value}
    first = sheet.cell(10, heads["Call"]).value
    sheet.cell(11, heads["Note"]).value = "typed by Quinn"
    opened.save(book)
    assert replace(desk, first, reason="=no audio").exit_code == 0
    made = rows(desk / "out" / "replacements.csv")[0]
    after = openpyxl.load_workbook(book)["Calls"]
    assert after.cell(11, heads["Note"]).value == "typed by Quinn"
    assert after.cell(10, heads["Call"]).font.strike
    why = after.cell(10, heads["Why this call"])
    assert (why.value, why.data_type) == ("replaced: =no audio (Quinn, 2026-11-02 10:15:00)", "s")
    last = after.max_row
    assert after.cell(last, heads["Call"]).value == made["call_id"]
    assert after.cell(last, heads["Why this call"]).value == f"instead of {first}"
    assert after.cell(last, heads["Agent"]).value == after.cell(10, heads["Agent"]).value


def test_a_workbook_that_is_no_longer_one_is_said_and_the_replacement_counts(desk: Path) -> None:
    with_book(desk)
    (desk / "out" / "sample.xlsx").write_text("not a workbook", encoding="utf-8")
    done = replace(desk, ids(desk / "out" / "sample.csv")[0])
    assert done.exit_code == 0
    assert "but not in this workbook" in done.output
    assert len(rows(desk / "out" / "replacements.csv")) == 1


@pytest.mark.parametrize("missing", ["--reason", "--by", "--at"])
def test_a_replacement_without_reason_name_or_time_is_refused(desk: Path, missing: str) -> None:
    draw(desk)
    words = {"--reason": "no audio", "--by": "Quinn", "--at": "2026-11-02"} | {missing: " "}
    options = [part for pair in words.items() for part in pair]
    call_id = ids(desk / "out" / "sample.csv")[0]
    asked = CliRunner().invoke(cli.main, ["qc", "sample", "--out", str(desk / "out"), "--replace", call_id, *options])
    assert asked.exit_code == 2
    assert missing in asked.output
    assert not (desk / "out" / "replacements.csv").exists()


def test_what_cannot_be_replaced_is_said(desk: Path) -> None:
    draw(desk)
    call_id = ids(desk / "out" / "sample.csv")[0]
    assert "is not on the list" in replace(desk, "K99999").output
    assert replace(desk, call_id).exit_code == 0
    assert "has been replaced already" in replace(desk, call_id).output
    assert len(rows(desk / "out" / "replacements.csv")) == 1
    assert "no such folder" in replace(desk, call_id, out="nowhere").output
    bad_time = CliRunner().invoke(
        cli.main,
        ["qc", "sample", "--out", str(desk / "out"), "--replace", ids(desk / "out" / "sample.csv")[1], "--reason", "x",
         "--by", "y", "--at", "yesterday"],
    )  # fmt: skip
    assert '"yesterday" is no time' in bad_time.output


def test_a_draw_that_somebody_edited_is_not_gone_on_with(desk: Path) -> None:
    draw(desk)
    path = desk / "out" / "sample.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("random", "chosen", 1), encoding="utf-8")
    asked = replace(desk, ids(path)[0])
    assert asked.exit_code == 1
    assert "not as it was when the calls were drawn" in asked.output


def test_a_stratum_without_other_calls_gives_none_and_that_is_written_down_too(tmp_path: Path) -> None:
    place = folder_of(tmp_path, calls=CALL_HEAD + call(1) + call(2))
    draw(place, "--evaluators", "Quinn")
    assert "no other call" in replace(place, "K1").output
    assert rows(place / "out" / "replacements.csv")[0]["call_id"] == ""


def test_replacements_outlive_the_same_draw_made_again(desk: Path) -> None:
    draw(desk)
    replace(desk, ids(desk / "out" / "sample.csv")[0])
    assert draw(desk).exit_code == 0
    assert len(rows(desk / "out" / "replacements.csv")) == 1


# --- progress ----------------------------------------------------------------------------------------------


def follow(place: Path, *more: str) -> Result:
    asked = ["qc", "sample", str(place / "data"), "--profile", str(place / "profile.toml"), "--out", str(place / "out")]
    return CliRunner().invoke(cli.main, [*asked, "--progress", *more])


def test_progress_says_what_was_heard_and_who_did_it_all_at_once(desk: Path) -> None:
    draw(desk, "--evaluators", "Quinn")
    drawn = rows(desk / "out" / "sample.csv")
    made = "".join(
        evaluation(int(row["call_id"][1:]), row["agent_id"], day=27).replace("2026-10-28", "2026-10-31")
        for row in drawn[:6]
    )
    free = next(one for one in ids(desk / "out" / "reserve.csv"))
    agent = next(row["agent_id"] for row in rows(desk / "out" / "reserve.csv"))
    folder_of(
        desk, calls=CALL_HEAD + "".join(many()), evaluations=EVALUATION_HEAD + made + evaluation(int(free[1:]), agent)
    )
    replace(desk, drawn[6]["call_id"])
    asked = follow(desk)
    assert asked.exit_code == 0, asked.output
    assert "6 of 24 calls are evaluated" in asked.output
    assert "Quinn made 6 of 6 evaluations on one day, 2026-10-31" in asked.output
    assert "evaluated calls of the period that nobody drew: 1" in asked.output
    listed = {row["call_id"]: row for row in rows(desk / "out" / "progress.csv")}
    assert drawn[6]["call_id"] not in listed
    assert listed[drawn[0]["call_id"]]["evaluated"] == "yes"
    assert rows(desk / "out" / "evaluators.csv")[0]["reasons"] == "no audio: 1"


def test_drafts_and_calibration_are_no_progress(desk: Path) -> None:
    draw(desk, "--evaluators", "Quinn")
    drawn = rows(desk / "out" / "sample.csv")
    made = "".join(evaluation(int(row["call_id"][1:]), row["agent_id"]) for row in drawn[:2])
    first, second = made.replace("submitted", "draft"), made.replace("submitted", "calibration")
    for text in (first, second):
        folder_of(desk, calls=CALL_HEAD + "".join(many()), evaluations=EVALUATION_HEAD + text)
        assert "0 of 24 calls are evaluated" in follow(desk).output


# --- texts of people ---------------------------------------------------------------------------------------


def test_texts_of_people_are_harmless_everywhere(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x")'
    agents = AGENTS.replace("Asha", "=1+1").replace("Baraka", "<script>alert(1)</script>")
    calls = CALL_HEAD + "".join(call(number + 50, "A1", recording="=2+2") for number in range(12))
    calls += "".join(call(number, "A2") for number in range(12))
    place = folder_of(tmp_path, agents=agents, calls=calls)
    asked = ["qc", "sample", str(place / "data"), "--profile", str(place / "profile.toml"), "--period", "2026-10"]
    done = CliRunner().invoke(cli.main, [*asked, "--evaluators", evil.replace(",", ""), "--out", str(place / "out")])
    assert done.exit_code == 0, done.output
    for name in ("sample.csv", "reserve.csv", "margins.csv", "excluded.csv"):
        cells = [cell for row in rows(place / "out" / name) for cell in row.values()]
        assert not [cell for cell in cells if re.match(r"[=+@]", cell)]
    book = openpyxl.load_workbook(place / "out" / "sample.xlsx")
    cells = [cell for sheet in book for line in sheet for cell in line]
    sums = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert sums and all(formula.startswith("=SUM(") for formula in sums)
    mine = next(row for row in rows(place / "out" / "sample.csv") if row["agent_id"] == "A1")
    assert (mine["agent"], mine["recording"]) == ("'=1+1", "'=2+2")
    assert replace(place, mine["call_id"], reason="=cmd").exit_code == 0
    made = rows(place / "out" / "replacements.csv")[0]
    assert (made["reason"], made["recording"]) == ("'=cmd", "'=2+2")  # once, not twice


def test_the_workbook_has_the_same_bytes_every_time(desk: Path) -> None:
    asked = ["qc", "sample", str(desk / "data"), "--profile", str(desk / "profile.toml"), "--period", "2026-10"]
    for out in ("one", "two"):
        CliRunner().invoke(cli.main, [*asked, "--evaluators", "Quinn", "--out", str(desk / out)])
    assert (desk / "one" / "sample.xlsx").read_bytes() == (desk / "two" / "sample.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(desk / "one" / "sample.xlsx")["Calls"]
    assert sheet.max_row == 9 + 24


def test_a_period_without_calls_and_data_without_calls_are_said(desk: Path) -> None:
    asked = draw(desk, "--as-of", "2026-12-31", period="2026-12")
    assert asked.exit_code == 1
    assert "there are no calls in 2026-12" in asked.output
    (desk / "data" / "calls.csv").unlink()
    shutil.rmtree(desk / "out", ignore_errors=True)
    folder_of(desk, evaluations=EVALUATION_HEAD + evaluation(1).replace(",K1,", ",,"))
    asked = draw(desk, "--as-of", "2026-10-31")
    assert asked.exit_code == 1
    assert "the data lack calls" in asked.output


def test_what_is_missing_on_the_command_line_is_wrong_usage(desk: Path) -> None:
    asked = CliRunner().invoke(cli.main, ["qc", "sample", str(desk / "data"), "--out", str(desk / "out")])
    assert asked.exit_code == 2


# --- lists as people save them, evaluators with little time ------------------------------------------------


@pytest.mark.parametrize(
    "content",
    ["\ufeffEvaluator;Team\r\nQuinn;x\r\nÉva;y\r\n".encode(), "evaluator\nQuinn\nÉva\n".encode("cp1252"),
     "sep=;\r\nevaluator;calls\r\nQuinn;\r\nÉva;\r\n".encode()],
    ids=["excel-with-semicolons", "windows-1252", "with-sep"],
)  # fmt: skip
def test_a_list_of_evaluators_is_read_as_excel_saves_it(tmp_path: Path, content: bytes) -> None:
    place = folder_of(tmp_path, calls=CALL_HEAD + "".join(many()))
    (tmp_path / "people.csv").write_bytes(content)
    result = draw(place, "--evaluators", str(tmp_path / "people.csv"))
    assert result.exit_code == 0, result.output
    assert {row["evaluator"] for row in rows(place / "out" / "sample.csv")} == {"Quinn", "Éva"}


def test_breaches_are_read_as_excel_saves_them(tmp_path: Path) -> None:
    place = folder_of(tmp_path, calls=CALL_HEAD + "".join(many()))
    (tmp_path / "breaches.csv").write_bytes("\ufeffcall_id;rule\r\nK7;hours\r\n".encode())
    assert draw(place, "--evaluators", "Q", "--breaches", str(tmp_path / "breaches.csv")).exit_code == 0
    assert [row["call_id"] for row in rows(place / "out" / "sample.csv") if "hours" in row["reason"]] == ["K7"]


def test_a_list_that_is_not_there_is_nobodys_name(tmp_path: Path) -> None:
    place = folder_of(tmp_path, calls=CALL_HEAD + "".join(many()))
    result = draw(place, "--evaluators", "people.csv")
    assert (result.exit_code, 'there is no file "people.csv"' in result.output) == (1, True)
    assert not (place / "out").exists()


def capacity(tmp_path: Path, *lines: str) -> Result:
    place = folder_of(tmp_path, calls=CALL_HEAD + "".join(many()))
    (tmp_path / "people.csv").write_text("\n".join(("evaluator,calls", *lines)), encoding="utf-8")
    return draw(place, "--evaluators", str(tmp_path / "people.csv"))


def test_nobody_gets_more_calls_than_there_is_time_for(tmp_path: Path) -> None:
    assert capacity(tmp_path, "Quinn,3", "Away,0", "Wanjiru,").exit_code == 0
    given = Counter(row["evaluator"] for row in rows(tmp_path / "out" / "sample.csv"))
    assert given == {"Quinn": 3, "Wanjiru": 21}


def test_calls_for_which_nobody_has_room_are_said(tmp_path: Path) -> None:
    result = capacity(tmp_path, "Quinn,3", "Wanjiru,4")
    assert "17 drawn calls have no evaluator, because nobody who may hear them has room left" in result.output
    drawn = rows(tmp_path / "out" / "sample.csv")
    assert Counter(row["remark"] for row in drawn if not row["evaluator"]) == {
        "nobody who may hear it has room left": 17
    }


def test_a_number_of_calls_that_is_none_is_refused(tmp_path: Path) -> None:
    result = capacity(tmp_path, "Quinn,few", "Wanjiru,4")
    assert (result.exit_code, '"few" in the column calls is no number' in result.output) == (1, True)


def test_the_calls_of_a_draw_do_not_change_hands(tmp_path: Path) -> None:
    place = folder_of(tmp_path, calls=CALL_HEAD + "".join(many()))
    assert draw(place).exit_code == 0  # nobody is named yet, so the calls may still be given out
    assert draw(place, "--evaluators", "Quinn, Wanjiru").exit_code == 0
    before = (place / "out" / "sample.csv").read_bytes()
    result = draw(place, "--evaluators", "Lenient")
    assert (result.exit_code, "24 of them would change hands" in result.output) == (1, True)
    assert draw(place).exit_code == 1
    assert (place / "out" / "sample.csv").read_bytes() == before
    assert draw(place, "--evaluators", "wanjiru, Quinn").exit_code == 0
