"""The buttons of call quality, pressed as the macros press them: the form is kept once and whole, and what the sheets
show is what the commands write."""

import csv
import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from calibrations import fill, shipped, toolkit
from filelock import FileLock
from standin import application, opened
from test_buttons import rows_of, setting, status
from test_team_buttons import shown, table

from toolkit.excel.build import build_workbook
from toolkit.excel.buttons import press
from toolkit.excel.form_sheet import SHEET
from toolkit.form_books import FormSheet, described
from toolkit.handed_in import FILE
from toolkit.own_profile import copy_profile
from toolkit.profiles import load_profile, shipped_profiles
from toolkit.samples import make_sample

PROFILE, PERIOD, DAY = "phone-credit", "2026-10", date(2026, 10, 21)
MOST_CALLS = 60
GOOD = {"yes_no": "yes", "scale": 3, "multi": "all three", "text": "Calm throughout"}
EVALUATOR = "Ann Listener"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of a small invented branch, for reading only."""
    folder = tmp_path_factory.mktemp("quality") / "exports"
    make_sample(load_profile(PROFILE), folder, agents=8, accounts=60, months=2, seed=3)
    return folder


@pytest.fixture
def data(branch: Path, tmp_path: Path) -> Path:
    """The same, to write into."""
    return Path(shutil.copytree(branch, tmp_path / "exports"))


@pytest.fixture
def book(data: Path, tmp_path: Path) -> Iterator[Any]:
    made = build_workbook(PROFILE, tmp_path / "c.xlsm", data=data, results=tmp_path / "out", period=PERIOD)
    with opened(made, "memory") as found:
        yield found


def calls(data: Path, month: str = "/10/2026") -> list[tuple[str, str]]:
    """Calls of the period that reached somebody, with their agents."""
    heard = [row for row in table(data / "calls.csv") if month in row["Started"] and int(row["Talk Seconds"]) > 60]
    evaluated = {row["Call ID"] for row in table(data / "evaluations.csv")}
    return [(row["Call ID"], row["Agent ID"]) for row in heard if row["Call ID"] not in evaluated]


def form() -> FormSheet:
    return described(shipped())


def type_in(book: Any, call: str, agent: str, evaluator: str = EVALUATOR, day: Any = DAY, **other: Any) -> None:
    """Fills the form in; `other`: answers and, with c_ before the code, comments that differ."""
    sheet, made = book.sheets[SHEET], form()
    for name, value in (("call_id", call), ("agent", agent), ("evaluator", evaluator), ("evaluated_on", day)):
        sheet[made.fields[name]].value = value
    for of in made.asked:
        sheet[of.answer].value = other.get(of.question.code, GOOD[of.question.type])
        if of.comment:
            sheet[of.comment].value = other.get(f"c_{of.question.code}")


def typed_in(book: Any) -> list[Any]:
    sheet, made = book.sheets[SHEET], form()
    return [sheet[cell].value for of in made.asked for cell in (of.answer, of.comment) if cell]


def kept(data: Path) -> list[dict[str, str]]:
    return table(data / FILE) if (data / FILE).is_file() else []


def percent(text: str) -> Any:
    """A figure of a hundred in a file as the sheet has it: cut off at the second digit."""
    return None if not text else int(Decimal(text) * 100) / 10_000


# --- a form handed in -------------------------------------------------------------------------------------


def test_a_filled_form_is_kept_among_the_exports_and_cleared_for_the_next_call(book: Any, data: Path) -> None:
    (call, agent), *_ = calls(data)
    type_in(book, call, agent, greeting="no", reason="N/A", c_greeting="=1+1 he said\nnothing", remarks="+44 called")
    press("score_calls")
    rows = kept(data)
    assert [row["question"] for row in rows] == shipped().questions
    assert {(row["call_id"], row["agent_id"], row["evaluator"], row["evaluated_on"], row["state"]) for row in rows} == {
        (call, agent, EVALUATOR, "2026-10-21", "submitted")
    }
    said = {row["question"]: (row["answer"], row["comment"]) for row in rows}
    assert said["greeting"] == ("no", "'=1+1 he said nothing")
    assert (said["reason"][0], said["solution"][0], said["remarks"][0]) == ("n/a", "3", "'+44 called")
    assert set(typed_in(book)) == {None}
    sheet, fields = book.sheets[SHEET], form().fields
    assert [sheet[fields[name]].value for name in ("call_id", "agent", "evaluator")] == [None, None, EVALUATOR]
    assert sheet[fields["evaluated_on"]].value.date() == DAY
    # opening 2/3 of 15, compliance 30, negotiation 3.5/4 of 30, empathy 3/4 of 15, wrap-up 10
    assert status(book).startswith(f"✓ call {call} of {agent}: 87.50 %")


@pytest.mark.parametrize("profile", shipped_profiles())
def test_the_form_is_read_again_whatever_the_exports_look_like(profile: str, tmp_path: Path) -> None:
    data = tmp_path / "exports"
    make_sample(load_profile(profile), data, agents=6, accounts=40, months=2, seed=3)
    made = build_workbook(profile, tmp_path / "c.xlsm", data=data, results=tmp_path / "out", period=PERIOD)
    with (data / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        last = list(csv.reader(file))[-1]
    with opened(made, "memory") as book:
        type_in(book, last[0], last[1], day=date(2026, 10, 31))  # the call may be of the last day
        press("score_calls")
        assert f"call {last[0]} of {last[1]}: 93.25 %, kept" in status(book)
    done = toolkit("qc", "score", data, "--profile", profile, "--period", PERIOD, "--out", tmp_path / "again")
    assert done.exit_code in (0, 3)
    scored = {row["call_id"]: row for row in table(tmp_path / "again" / "calls.csv") if row["evaluator"] == EVALUATOR}
    assert scored[last[0]]["score"] == "93.2500"
    assert scored[last[0]]["standing"] == "counts"


def test_what_stands_in_the_file_stays_byte_by_byte(book: Any, data: Path) -> None:
    (call, agent), (other, another), *_ = calls(data)
    type_in(book, call, agent)
    press("score_calls")
    before = (data / FILE).read_bytes()
    by_hand = before.decode().replace(",", ";").encode("utf-8-sig").rstrip(b"\n")
    (data / FILE).write_bytes(by_hand)
    type_in(book, other, another)
    press("score_calls")
    after = (data / FILE).read_bytes()
    assert after.startswith(by_hand)
    assert after[len(by_hand) :].count(f";{other};{another};".encode()) == len(shipped().questions)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"call": ""}, "row 5: Call is not filled in"),
    ({"agent": None}, "row 5: Agent is not filled in"),
    ({"evaluator": " "}, "row 6: Evaluator is not filled in"),
    ({"day": None}, "row 6: Day of the evaluation is not filled in"),
    ({"day": "last week"}, "row 6: “last week” is no day"),
    ({"call": "K-nowhere"}, 'there is no call "K-nowhere"'),
    ({"agent": "CO-999"}, 'there is no agent "CO-999"'),
    ({"agent": "CO-001"}, "which was a call of"),
    ({"evaluator": "{agent}"}, "evaluated an own call"),
    ({"greeting": None}, "row 10: the question greeting has no answer"),
    ({"greeting": "perhaps"}, 'row 10, column greeting: Evaluation .* answers question greeting with "perhaps"'),
    ({"solution": 7}, "row 21, column solution: .* which is off its scale: a whole number from 0 to 4"),
    ({"no_threats": "N/A"}, 'says "n/a" to question no_threats, which always applies'),
    ({"solution": 1}, "says nothing of why; an answer that gives less than 50 %"),
]


def test_what_is_wrong_with_a_form_is_told_and_it_stands_as_it_was(book: Any, data: Path) -> None:
    press("score_calls")
    before = rows_of(book, "Quality", "quality")
    call, agent = calls(data)[0]
    for wrong, sentence in REFUSED:
        told = {key: agent if value == "{agent}" else value for key, value in wrong.items()}
        type_in(book, **{"call": call, "agent": agent} | told)
        form_before = typed_in(book)
        with pytest.raises(SystemExit, match=sentence):
            press("score_calls")
        assert (typed_in(book), kept(data)) == (form_before, [])
        assert status(book).startswith("✗ sheet QC form, row ")
    assert rows_of(book, "Quality", "quality") == before


def test_everything_that_is_wrong_is_told_at_once(book: Any, data: Path) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent, greeting="perhaps", solution=9, respect="high", no_threats="N/A")
    with pytest.raises(SystemExit):
        press("score_calls")
    problems = without_links(book)
    assert sorted(row["Column"] for row in problems) == ["greeting", "no_threats", "respect", "solution"]
    links = [book.sheets["Problems"].range("rows_problems")[at, 1].formula for at in range(len(problems))]
    assert all(link.startswith("=HYPERLINK(\"#'QC form'!B") for link in links)


def test_what_is_open_and_what_is_no_answer_are_told_together(book: Any, data: Path) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent, greeting="perhaps", identity=None, solution=7.5)
    with pytest.raises(SystemExit, match="the question identity has no answer"):
        press("score_calls")
    told = [row["What is wrong"] for row in without_links(book)]
    assert sorted(told) == [
        "the question identity has no answer.",
        "“7.5” is no answer to the question solution.",
        "“perhaps” is no answer to the question greeting.",
    ]
    assert kept(data) == []


def test_a_form_whose_rows_were_moved_is_not_read(book: Any, data: Path) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    sheet = book.sheets[SHEET]
    sheet.api.Unprotect()
    first, second, *_ = form().asked
    for row, code in ((first.row, second.question.code), (second.row, first.question.code)):
        sheet[f"H{row}"].value = code
    with pytest.raises(SystemExit, match="the row of the question greeting holds another one"):
        press("score_calls")
    assert kept(data) == []


def test_nobody_evaluates_the_same_call_twice_and_somebody_else_is_remarked_upon(book: Any, data: Path) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    press("score_calls")
    before = (data / FILE).read_bytes()
    type_in(book, call, agent, evaluator=EVALUATOR.upper())
    with pytest.raises(SystemExit, match="which the same person has evaluated"):
        press("score_calls")
    assert (data / FILE).read_bytes() == before
    type_in(book, call, agent, evaluator="Quality 9")
    press("score_calls")
    assert "by somebody else counts as well" in " ".join(row["What is wrong"] for row in without_links(book))


def without_links(book: Any) -> list[dict[str, Any]]:
    """The rows of Problems without the links, which the back end in memory does not work out."""
    heads, *rows = book.sheets["Problems"].range("block_problems")[:, 2:].options(ndim=2).value
    return [dict(zip(heads, row, strict=True)) for row in rows if any(row)]


def test_an_evaluation_after_the_day_of_the_data_is_not_taken_unseen(book: Any, data: Path) -> None:
    setting(book, "as_of", "2026-10-20")
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    with pytest.raises(SystemExit, match="made on 2026-10-21, and the data stand at 2026-10-20"):
        press("score_calls")
    assert kept(data) == []


def test_a_form_that_was_changed_or_is_gone_is_told(branch: Path, tmp_path: Path) -> None:
    copy_profile("north", PROFILE, tmp_path / "north")
    own = tmp_path / "north" / "forms" / "house.toml"
    own.parent.mkdir(exist_ok=True)
    text = (Path(__file__).parents[2] / "toolkit" / "data" / "forms" / "collections.toml").read_text(encoding="utf-8")
    own.write_text(text.replace('code = "collections"', 'code = "house"'), encoding="utf-8")
    profile = tmp_path / "north" / "profile.toml"
    profile.write_text('forms = ["house.toml"]\n' + profile.read_text(encoding="utf-8"), encoding="utf-8")
    data = shutil.copytree(branch, tmp_path / "exports")
    where = {"data": data, "results": tmp_path / "out", "period": PERIOD}
    with opened(build_workbook(str(tmp_path / "north"), tmp_path / "c.xlsm", **where), "memory") as book:
        call, agent = calls(data)[0]
        type_in(book, call, agent)
        press("score_calls")
        assert {row["form"] for row in kept(data)} == {"house"}
        own.write_text(own.read_text(encoding="utf-8").replace("weight = 15", "weight = 25", 1), encoding="utf-8")
        with pytest.raises(SystemExit):
            press("score_calls")
        own.write_text(own.read_text(encoding="utf-8").replace("weight = 25", "weight = 15", 1), encoding="utf-8")
        own.write_text(own.read_text(encoding="utf-8").replace("Greeted", "Well greeted", 1), encoding="utf-8")
        with pytest.raises(SystemExit, match="the form house 1 was changed after this workbook was built"):
            press("score_calls")
        own.write_text(own.read_text(encoding="utf-8").replace('version = "1"', 'version = "2"', 1), encoding="utf-8")
        with pytest.raises(SystemExit, match="is house 1, which the set-up does not have"):
            press("score_calls")


# --- nothing is lost ---------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_written_leaves_the_form(book: Any, data: Path) -> None:
    (data / FILE).mkdir()
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    before = typed_in(book)
    with pytest.raises(SystemExit, match="the form could not be kept in"):
        press("score_calls")
    assert typed_in(book) == before
    assert not list(data.glob("*.new"))


def test_a_file_that_is_none_of_ours_is_not_written_into(book: Any, data: Path) -> None:
    (data / FILE).write_text("a,b\n1,2\n", encoding="utf-8")
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    with pytest.raises(SystemExit, match=r"nothing can be put behind what stands in .*it has no column evaluation_id"):
        press("score_calls")
    assert (data / FILE).read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_two_people_hand_in_one_after_the_other(book: Any, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.handed_in.PATIENCE", 0.1)
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    with FileLock(data / f".{FILE}.lock"), pytest.raises(SystemExit, match="somebody else is handing in a form"):
        press("score_calls")
    press("score_calls")
    assert len(kept(data)) == len(shipped().questions)


def test_what_breaks_after_the_form_was_kept_says_that_it_was(
    book: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    monkeypatch.setattr("toolkit.quality_reports.files.write_problems", lambda *_: 1 / 0)
    with pytest.raises(SystemExit, match=f"The form of call {call} is kept as QF-{call}-") as told:
        press("score_calls")
    assert "Do not hand it in again" in str(told.value)
    assert len(kept(data)) == len(shipped().questions)
    assert set(typed_in(book)) == {None}
    assert rows_of(book, "Quality", "quality")[1:] == []


def test_a_protected_sheet_is_named_before_anything_is_kept(book: Any, data: Path) -> None:
    book.sheets["Quality"].api.Protect()
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    with pytest.raises(SystemExit, match="the sheet Quality is protected"):
        press("score_calls")
    assert kept(data) == []
    assert set(typed_in(book)) != {None}


def test_a_database_alone_keeps_no_form(book: Any, data: Path) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    setting(book, "data_folder", str(data / "calls.csv"))
    with pytest.raises(SystemExit, match="is no folder"):
        press("score_calls")


# --- scores ------------------------------------------------------------------------------------------------


def test_quality_shows_what_the_command_writes(book: Any, data: Path, tmp_path: Path) -> None:
    press("score_calls")
    done = toolkit("qc", "score", data, "--profile", PROFILE, "--period", PERIOD, "--out", tmp_path / "by-command")
    assert done.exit_code == 0, done.output
    out = tmp_path / "by-command"
    rows = shown(book, "Quality", "quality")
    of = {row["Who"]: row for row in rows if row["Who"]}
    agents = table(out / "agents.csv")
    for row in [*agents, *(row for row in table(out / "teams.csv") if row["scope_kind"] in ("team", "all"))]:
        mine = of[row["scope"] or "everybody"]
        assert (mine["Score"], mine["Target"]) == (percent(row["score"]), percent(row["target"]))
        assert (mine["Calls"], mine["Compliance"]) == (int(row["n"]), percent(row["compliance"]))
        counts = (mine["Failed"], mine["Disputed"], mine["Set aside"])
        assert counts == tuple(int(row[name]) for name in ("auto_fails", "provisional", "set_aside"))
        reached = {"true": ("✓ target", "◆ reached"), "false": ("✗ below", "◆ below"), "": ("·", "◆ few", "–")}
        assert mine["Agents"].startswith(reached[row["met"]])
    scores = [row["Score"] for row in rows[: len(agents)]]
    assert scores == sorted(scores)
    for row in table(out / "sections.csv"):
        if row["scope_kind"] == "all":
            assert of[row["section"]]["Score"] == percent(row["score"])
    for row in table(out / "evaluators.csv"):
        assert (of[row["evaluator"]]["Score"], of[row["evaluator"]]["Calls"]) == (percent(row["mean"]), int(row["n"]))
    written = tmp_path / "out" / f"{PERIOD}-quality"
    assert table(written / "agents.csv") == agents
    assert (written / "calls.csv").read_bytes() == (out / "calls.csv").read_bytes()


def test_each_score_has_its_margin_and_its_best_and_worst_questions(book: Any) -> None:
    press("score_calls")
    rows = [row for row in shown(book, "Quality", "quality") if str(row["Who"]).startswith("CO-")]
    assert all(row["How sure"].startswith(f"{row['Calls']:.0f} of ") for row in rows)
    assert all(row["How sure"].endswith("points") for row in rows)
    for row in rows:
        best, worst = (str(row[name] or "").split("; ") for name in ("Best questions", "Worst questions"))
        assert len(best) == 3
        assert len(worst) <= 3
        assert not any(words.endswith(" 100 %") for words in worst)
        assert not set(best) & set(worst)


def test_scores_are_cut_and_never_rounded_up(book: Any) -> None:
    press("score_calls")
    area = book.sheets["Quality"].range("quality_scores")
    assert {area[row, 0].number_format for row in range(3)} == {"0.00%"}
    shown_scores = [row[0] for row in area.options(ndim=2).value if isinstance(row[0], float)]
    assert all(round(score * 10_000, 6) == int(round(score * 10_000, 6)) for score in shown_scores)


def test_the_form_that_was_kept_counts_in_the_scores_and_in_the_scorecard(book: Any, data: Path) -> None:
    press("score_calls")
    call, agent = calls(data)[0]
    before = {row["Who"]: row["Calls"] for row in shown(book, "Quality", "quality") if row["Who"]}
    type_in(book, call, agent)
    press("score_calls")
    after = {row["Who"]: row["Calls"] for row in shown(book, "Quality", "quality") if row["Who"]}
    assert after[agent] == before.get(agent, 0) + 1
    assert (after[EVALUATOR], after["everybody"]) == (1, before["everybody"] + 1)


def test_a_call_that_was_not_drawn_is_kept_as_picked_by_hand_and_counts_in_no_score(book: Any, data: Path) -> None:
    press("draw_sample")
    drawn = {row["Call"] for row in shown(book, "Sample", "sample") if row["Look"].startswith("◆")}
    of = dict(calls(data))
    by_chance, by_hand = (next(call for call in of if (call in drawn) is wanted) for wanted in (True, False))
    before = {row["Who"]: row["Calls"] for row in shown(book, "Quality", "quality") if row["Who"]}
    for call in (by_chance, by_hand):
        type_in(book, call, of[call])
        press("score_calls")
    assert {row["call_id"]: row["chosen"] for row in kept(data)} == {by_chance: "random", by_hand: "by_hand"}
    after = {row["Who"]: row["Calls"] for row in shown(book, "Quality", "quality") if row["Who"]}
    assert after[EVALUATOR] == 1, (before, after)


def test_the_buttons_make_few_calls_to_excel(book: Any, data: Path) -> None:
    call, agent = calls(data)[0]
    type_in(book, call, agent)
    for button in ("score_calls", "draw_sample", "draw_sample"):
        before = application(book).calls
        press(button)
        assert application(book).calls - before <= MOST_CALLS, button


# --- which calls to listen to --------------------------------------------------------------------------------


def by_sample(data: Path, out: Path, *words: str) -> list[dict[str, str]]:
    done = toolkit("qc", "sample", data, "--profile", PROFILE, "--period", PERIOD, "--out", out, *words)
    assert done.exit_code in (0, 3), done.output
    return table(out / "sample.csv")


def listed(book: Any) -> list[dict[str, Any]]:
    return [row for row in shown(book, "Sample", "sample") if row["Call"] and row["Look"][0] in "✓◆"]


def test_the_sample_is_the_one_of_the_command(book: Any, data: Path, tmp_path: Path) -> None:
    for name, value in (("per_agent", "5"), ("seed", "7"), ("evaluators", "Quinn, Wanjiru")):
        setting(book, name, value)
    press("draw_sample")
    words = ("--per-agent", "5", "--seed", "7", "--evaluators", "Quinn, Wanjiru")
    expected = by_sample(data, tmp_path / "by-command", *words)
    assert (tmp_path / "out" / f"{PERIOD}-sample" / "sample.csv").read_bytes() == (
        tmp_path / "by-command" / "sample.csv"
    ).read_bytes()
    mine = {row["Call"]: row for row in listed(book)}
    assert set(mine) == {row["call_id"] for row in expected}
    for row in expected:
        own = mine[row["call_id"]]
        assert (own["Evaluator"], own["Agent"], own["Name"]) == (row["evaluator"], row["agent_id"], row["agent"])
        assert own["Started"] == row["started_at"][:16]
        assert own["Seconds"] == float(row["talk_seconds"])
    sure = [row for row in shown(book, "Sample", "sample") if row["Look"] == "·"]
    margins = table(tmp_path / "by-command" / "margins.csv")
    assert {row["Agent"]: row["Why this call"] for row in sure} == {
        row["scope"] or "everybody": row["in_words"] for row in margins
    }


def test_a_draw_is_made_once_and_later_presses_show_how_far_it_is(book: Any, data: Path, tmp_path: Path) -> None:
    press("draw_sample")
    drawn = (tmp_path / "out" / f"{PERIOD}-sample" / "sample.csv").read_bytes()
    done = sum(row["Look"].startswith("✓") for row in listed(book))
    first = next(row for row in listed(book) if row["Look"] == "◆ to hear")
    type_in(book, first["Call"], first["Agent"])
    press("score_calls")
    setting(book, "per_agent", "3")
    press("draw_sample")
    assert sum(row["Look"].startswith("✓") for row in listed(book)) == done + 1
    mine = next(row for row in listed(book) if row["Call"] == first["Call"])
    assert (mine["Look"], f"heard by {EVALUATOR}" in mine["Why this call"]) == ("✓ 21 Oct", True)
    setting(book, "seed", "99")
    with pytest.raises(SystemExit, match="holds a draw already"):
        press("draw_sample")
    assert (tmp_path / "out" / f"{PERIOD}-sample" / "sample.csv").read_bytes() == drawn


def test_a_call_that_was_replaced_is_shown_with_the_one_in_its_place(book: Any, tmp_path: Path) -> None:
    press("draw_sample")
    gone = next(row["Call"] for row in listed(book) if row["Look"] == "◆ to hear" and row["Why this call"] == "random")
    words = ("--reason", "no audio", "--by", "Quinn", "--at", "2026-11-02 10:15")
    done = toolkit("qc", "sample", "--out", tmp_path / "out" / f"{PERIOD}-sample", "--replace", gone, *words)
    assert done.exit_code == 0, done.output
    press("draw_sample")
    rows = [row for row in shown(book, "Sample", "sample") if row["Call"]]
    assert [row["Why this call"] for row in rows if row["Call"] == gone] == ["no audio"]
    assert any(f"instead of {gone}: no audio" in (row["Why this call"] or "") for row in rows)


@pytest.mark.parametrize(
    ("name", "value"), [("per_agent", "0"), ("per_agent", "many"), ("seed", "-1"), ("seed", "1.5")]
)
def test_a_number_that_is_none_is_told(book: Any, tmp_path: Path, name: str, value: str) -> None:
    setting(book, name, value)
    with pytest.raises(SystemExit, match="is not a whole number"):
        press("draw_sample")
    assert not (tmp_path / "out").exists()


# --- do evaluators agree -------------------------------------------------------------------------------------


@pytest.fixture
def calibration(data: Path, tmp_path: Path) -> Path:
    """Forms that two evaluators filled in and sent back."""
    chosen = calls(data)[:12]
    (tmp_path / "calls.csv").write_text(
        "call_id,agent_id\n" + "".join(f"{call},{agent}\n" for call, agent in chosen), encoding="utf-8"
    )
    names = "Grace Njeri,Peter Otieno"
    made = toolkit(
        "qc", "form", "collections", "--calls", tmp_path / "calls.csv", "--evaluators", names, "--out", tmp_path / "f"
    )
    assert made.exit_code == 0, made.output
    answers = {of.question.code: GOOD[of.question.type] for of in form().asked}
    strict = [answers | ({"greeting": "no"} if at % 2 else {"solution": 2}) for at in range(12)]
    for path in sorted((tmp_path / "f" / "forms").glob("*.xlsx")):
        given = strict if "Grace" in path.stem else [answers] * 12
        fill(path, given, shipped(), DAY)
    return tmp_path / "f"


def test_filled_forms_are_held_against_each_other_as_the_command_does(
    book: Any, calibration: Path, tmp_path: Path
) -> None:
    setting(book, "forms_folder", str(calibration))
    setting(book, "master", "Grace Njeri")
    press("calibrate")
    words = ("--collect", calibration, "--master", "Grace Njeri")
    done = toolkit("qc", "agreement", "--out", tmp_path / "by-command", *words)
    assert done.exit_code == 0, done.output
    expected = table(tmp_path / "by-command" / "agreement.csv")
    rows = [row for row in shown(book, "Agreement", "agreement") if row["What"]]
    mine = {row["What"]: row for row in rows}
    for row in expected:
        own = mine["The whole form" if row["scope"] == "all" else row["title"]]
        assert own["Verdict"].endswith(row["verdict"])
        assert (own["Differ on"], own["of calls"]) == (int(row["calls_differing"]), int(row["calls"]))
        for head, name in (("Same answer", "per_cent"), ("Alpha", "alpha"), ("Kappa", "kappa")):
            assert own[head] == (pytest.approx(float(row[name]), abs=2e-6) if row[name] else None)
    questions = [row["title"] for row in expected if row["scope"] == "question"]
    assert [row["What"] for row in rows if row["What"] in questions] == questions
    distance = next(row for row in table(tmp_path / "by-command" / "evaluators.csv") if row["scope"] == "total")
    far = abs(float(distance["mean_difference"]))
    assert f"{far:.1f} points higher on the mean" in mine["Peter Otieno"]["What to do"]
    assert (tmp_path / "out" / f"{PERIOD}-agreement" / "disagreements.csv").read_bytes() == (
        tmp_path / "by-command" / "disagreements.csv"
    ).read_bytes()


def heard_once(data: Path) -> None:
    """Leaves of each call the first evaluation."""
    rows = table(data / "evaluations.csv")
    first: dict[str, str] = {}
    kept_rows = [row for row in rows if first.setdefault(row["Call ID"], row["Evaluation ID"]) == row["Evaluation ID"]]
    with (data / "evaluations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in kept_rows if row["Evaluation Status"] != "Calibration")


def test_calibrations_among_the_exports_are_taken_where_no_folder_is_named(book: Any, data: Path) -> None:
    heard_once(data)
    call, agent = calls(data)[0]
    for who, greeting in (("Grace Njeri", "no"), ("Peter Otieno", "yes")):
        type_in(book, call, agent, evaluator=who, greeting=greeting)
        press("score_calls")
    press("calibrate")
    assert "of all calls that two people evaluated, since none is a calibration" in status(book)
    text = (data / FILE).read_text(encoding="utf-8").replace(",submitted,", ",calibration,")
    (data / FILE).write_text(text, encoding="utf-8")
    press("calibrate")
    assert "since none is a calibration" not in status(book)
    rows = [row for row in shown(book, "Agreement", "agreement") if row["Differ on"]]
    assert rows[1]["What"] == "Greeted the customer and gave name and company"


def test_where_nothing_can_be_compared_it_says_so(book: Any, data: Path, tmp_path: Path) -> None:
    heard_once(data)
    with pytest.raises(SystemExit, match="no call of 2026-10 was evaluated by two people"):
        press("calibrate")
    setting(book, "forms_folder", str(tmp_path / "gone"))
    with pytest.raises(SystemExit, match="of the setting “Folder of filled forms” is not there"):
        press("calibrate")
    assert rows_of(book, "Agreement", "agreement")[1:] == []


# --- the sheet -----------------------------------------------------------------------------------------------


def test_the_form_of_the_workbook_is_that_of_the_period(tmp_path: Path) -> None:
    copy_profile("north", PROFILE, tmp_path / "north")
    forms = tmp_path / "north" / "forms"
    forms.mkdir(exist_ok=True)
    text = (Path(__file__).parents[2] / "toolkit" / "data" / "forms" / "collections.toml").read_text(encoding="utf-8")
    for version, start in (("1", "2026-01-01"), ("2", "2026-11-01")):
        own = text.replace('code = "collections"', 'code = "house"').replace('version = "1"', f'version = "{version}"')
        (forms / f"house{version}.toml").write_text(own.replace("2024-01-01", start), encoding="utf-8")
    profile = tmp_path / "north" / "profile.toml"
    line = 'forms = ["house1.toml", "house2.toml"]\n'
    profile.write_text(line + profile.read_text(encoding="utf-8"), encoding="utf-8")

    def version_of(period: str) -> str:
        made = build_workbook(str(tmp_path / "north"), tmp_path / "c.xlsm", period=period)
        return str(openpyxl.load_workbook(made)[SHEET]["B2"].value)

    assert "version 1 " in version_of("2026-10")
    assert "version 2 " in version_of("2026-11")
    assert "version 2 " in version_of("")


def test_only_inputs_of_the_form_can_be_typed_into(tmp_path: Path) -> None:
    page = openpyxl.load_workbook(build_workbook(PROFILE, tmp_path / "c.xlsm"))[SHEET]
    unlocked = {cell.coordinate for row in page.iter_rows() for cell in row if not cell.protection.locked}
    inputs = {cell for of in form().asked for cell in (of.answer, of.comment) if cell}
    assert page.protection.sheet
    assert unlocked == inputs | set(form().fields.values())
    texts = {cell for name, cell in form().fields.items() if name != "evaluated_on"}
    assert {page[cell].number_format for cell in texts} == {"@"}
