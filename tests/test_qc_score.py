"""`toolkit qc score` from exports to files: published scores, what is set aside, and where points are lost."""

from pathlib import Path

import pytest
from scored_calls import HEADER, HOUSE, Branch, evaluation

ONE_SECTION = 'code = "house"\nversion = "1"\ntitle = "F"\nstart = 2026-01-01\nroll_up = "total_points"\n'
ONE_SECTION += '[[sections]]\ncode = "all"\ntitle = "All"\nquestions = [\n{}]\n'
PLAIN = {"by": "Quinn", "form": "plain", "version": "1"}


def plain(answers: list[str], agent: str = "A1") -> str:
    """Evaluations by a form that is not known, one question each."""
    return "".join(
        evaluation(f"E{agent}{n}", agent=agent, whole={"all": answer}, **PLAIN)
        for n, answer in enumerate(answers)
    )  # fmt: skip


# Published examples -------------------------------------------------------------------------------------


def test_weighted_question_groups_score_as_genesys_publishes_them(tmp_path: Path) -> None:
    """QA-1, Genesys Cloud Resource Center (help.mypurecloud.com ?p=144862): 60 %."""
    questions = "".join(f'{{ code = "{name}", text = "?", weight = {weight} }},\n' for name, weight in
                        (("a", 40), ("b", 40), ("c", 20)))  # fmt: skip
    answers = {"a": "yes", "b": "no", "c": "yes"}
    branch = Branch.of(tmp_path, evaluation("E1", whole=answers), form=ONE_SECTION.format(questions))
    branch.score()
    assert branch.row("calls")["score"] == "60.0000"


def test_total_points_score_as_maestroqa_publishes_them(tmp_path: Path) -> None:
    """QA-2, MaestroQA help 4544009, Total Point Rubrics: 3, 5, 8 and 5 of 5, 10, 15 and 5 are 60 %."""
    questions = "".join(
        f'{{ code = "q{most}{n}", text = "?", type = "scale", highest = {most}, weight = {most} }},\n'
        for n, most in enumerate((5, 10, 15, 5))
    )
    answers = {"q50": "3", "q101": "5", "q152": "8", "q53": "5"}
    branch = Branch.of(tmp_path, evaluation("E1", whole=answers), form=ONE_SECTION.format(questions))
    branch.score()
    assert branch.row("agents")["score"] == "60.0000"
    assert branch.row("calls")["roll_up"] == "total_points"


def test_the_agents_score_is_the_mean_of_the_calls_as_zendesk_publishes_it(tmp_path: Path) -> None:
    """QA-5, Zendesk QA help 7043701093786: 100, 9.91, 63.96, 90.99 and 0 % are 52.97 %, exactly 52.972."""
    branch = Branch.of(tmp_path, plain(["100%", "9.91%", "63.96%", "90.99%", "0%"]))
    branch.score()
    assert branch.row("agents")["score"] == "52.9720"
    assert branch.row("teams", scope_kind="all")["n"] == "5"


def test_an_automatic_fail_is_zero_with_the_score_before_it_beside(tmp_path: Path) -> None:
    """QA-7, from the rule of MaestroQA 4537176, Zendesk and Amazon Connect, over the numbers of QA-4: 70 % before."""
    sections = "".join(
        f'[[sections]]\ncode = "s{n}"\ntitle = "S"\nweight = {weight}\nquestions = [{{ code = "q{n}", text = "?", '
        f'type = "scale", highest = {most} }}]\n'
        for n, (most, weight) in enumerate(zip((3, 10, 5, 2), (10, 30, 50, 10), strict=True))
    )
    sections += '[[sections]]\ncode = "f"\ntitle = "F"\nweight = 0\n'
    sections += 'questions = [{ code = "lawful", text = "?", critical = true, auto_fail = ["no"] }]\n'
    form = ONE_SECTION.partition("[[")[0].replace("total_points", "weighted_sections") + sections
    answers = {"q0": "3", "q1": "5", "q2": "4", "q3": "1", "lawful": "no"}
    branch = Branch.of(tmp_path, evaluation("E1", whole=answers), form=form)
    branch.score()
    row = branch.row("calls")
    assert (row["score"], row["score_before"], row["auto_failed"]) == ("0.0000", "70.0000", "true")
    assert row["compliance"] == "0.0000"
    assert branch.row("agents")["auto_fails"] == "1"


# Targets, few calls, the sum of points --------------------------------------------------------------------

TARGETS = "kpi,scope_kind,scope,grain,target\nqc_score,all,,month,93%\n"


@pytest.mark.parametrize(
    ("scores", "shown", "met"),
    [(["92.96%", "92.96%"], "92.9600", "false"), (["92.96%", "93.04%"], "93.0000", "true"),
     (["92.999999%"], "92.9999", "false")],
)  # fmt: skip
def test_92_96_is_not_93(tmp_path: Path, scores: list[str], shown: str, met: str) -> None:
    branch = Branch.of(tmp_path, plain(scores), targets=TARGETS)
    branch.score()
    row = branch.row("agents")
    assert (row["score"], row["target"], row["met"]) == (shown, "93.0000", met)


def test_few_calls_are_said_to_be_few_with_the_interval_that_they_leave(tmp_path: Path) -> None:
    """WIL-1 of the worked examples is Wilson's interval; here of 4 of 4: 51.01 to 100 %."""
    branch = Branch.of(tmp_path, plain(["100%"] * 4) + plain(["yes"] * 5, "A2"))
    said = branch.score().output
    few, enough = branch.table("agents")
    assert (few["n"], few["low_n"], few["interval_low"], few["interval_high"]) == ("4", "true", "51.01", "100.0")
    assert (enough["n"], enough["low_n"]) == ("5", "false")
    assert "of 4 calls, few" in said


def test_points_can_be_added_up_instead_and_the_kpi_does_the_same(tmp_path: Path) -> None:
    """One call of which half applied, without a fault, and a whole one that earned 40 of 100: 90 of 150 points."""
    rows = evaluation("E1", answers={"greeting": "N/A", "identity": "5", "promise": "N/A", "honest": "N/A"})
    rows += evaluation("E2", answers={"greeting": "yes", "promise": "little", "honest": "N/A"})
    more = '[definitions]\nqc_score_of = "sum_of_points"\n'
    branch = Branch.of(tmp_path, rows, more=more)
    branch.score()
    assert branch.row("agents")["score"] == "57.1428"  # (40 + 40) of (40 + 100)
    Branch.of(tmp_path, rows).score()
    assert branch.row("agents")["score"] == "70.0000"


# What is set aside ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"answers": {"greeting": "perhaps"}}, ('"perhaps"', "yes, no or n/a")),
        ({"answers": {"identity": "6"}}, ("6, which is off its scale", "a whole number from 1 to 5")),
        ({"answers": {"identity": "N/A"}}, ('says "N/A"', "always applies")),
        ({"answers": {"identity": None}}, ("no answer to question identity",)),
        ({"answers": {"identity": "2"}}, ("needs a comment", "50 %")),
        ({"answers": {"shoes": "yes"}}, ("question shoes", "greeting, identity, promise, honest")),
        ({"by": "Asha"}, ("who is the agent (A1)", "nobody evaluates an own call")),
        ({"call": "K3"}, ("a call of A2, not of this agent",)),
    ],
)  # fmt: skip
def test_an_evaluation_with_a_mistake_is_set_aside_with_a_sentence_and_never_lost(
    tmp_path: Path, wrong: dict[str, object], said: tuple[str, ...]
) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", **wrong) + evaluation("E2", "K2"))
    branch.score(wanted=3)
    row = branch.row("calls", evaluation_id="E1")
    assert (row["standing"], row["score"]) == ("set_aside", "")
    assert all(part in row["reason"] for part in said), row["reason"]
    problems = branch.table("problems", level="error")
    assert {problem["file"] for problem in problems} == {"evaluations.csv"}
    assert all(problem["row"] and problem["what_to_do"] for problem in problems)
    assert (branch.row("agents")["n"], branch.row("agents")["set_aside"]) == ("1", "1")
    counts = branch.record["evaluations"]
    assert (counts["read"], counts["scored"], counts["set_aside"]) == (2, 1, 1)
    assert sum(number for name, number in counts.items() if name != "read") == counts["read"]


def test_an_evaluation_of_an_unknown_call_is_set_aside_as_it_is_read(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K99") + evaluation("E2", "K2"))
    branch.score(wanted=3)
    assert [row["code"] for row in branch.table("problems", level="error")] == ["CALL_UNKNOWN"] * 4
    assert [row["evaluation_id"] for row in branch.table("calls")] == ["E2"]


def test_half_an_evaluation_is_no_evaluation(tmp_path: Path) -> None:
    """A row that cannot be taken takes the others of its evaluation with it: without the "no" it would score more."""
    rows = evaluation("E1", answers={"greeting": "no"}).replace(
        "2026-10-20,house,1,greeting", "2026-10-32,house,1,greeting"
    )
    branch = Branch.of(tmp_path, rows + evaluation("E2", "K2"))
    branch.score(wanted=3)
    assert [row["code"] for row in branch.table("problems", level="error")] == ["DATE_INVALID", "QC_SCORE_HALF"]
    assert branch.row("agents")["n"] == "1"


def test_a_call_evaluated_twice_by_one_person_counts_neither_time(tmp_path: Path) -> None:
    rows = evaluation("E1", "K1") + evaluation("E2", "K1", by="quinn ", answers={"greeting": "no"})
    branch = Branch.of(tmp_path, rows)
    branch.score(wanted=3)
    assert {row["standing"] for row in branch.table("calls")} == {"set_aside"}
    assert "E2 as well" in branch.row("calls", evaluation_id="E1")["reason"]


@pytest.mark.parametrize("state", ["calibration", "void", "draft"])
def test_a_call_evaluated_again_to_compare_evaluators_is_no_mistake(tmp_path: Path, state: str) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1") + evaluation("E2", "K1", state=state))
    branch.score()
    assert branch.row("calls", evaluation_id="E2")["reason"].endswith(state)
    assert branch.row("agents")["n"] == "1"


def test_the_own_team_leader_is_remarked_upon_and_counts_unless_the_set_up_says_otherwise(tmp_path: Path) -> None:
    rows = evaluation("E1", "K1", by="Tabu") + evaluation("E2", "K2")
    branch = Branch.of(tmp_path, rows)
    branch.score()
    assert branch.row("problems")["code"] == "QC_SCORE_OWN_LEADER"
    assert branch.row("agents")["n"] == "2"
    assert branch.row("evaluators", evaluator="Tabu")["own_leader"] == "1"
    Branch.of(tmp_path, rows, more='[definitions]\nevaluators_counted = "not_own_leader"\n').score()
    assert branch.row("agents")["n"] == "1"
    assert "own team leader" in branch.row("calls", evaluation_id="E1")["reason"]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [("E1,K1,A1", "E1,K2,A1", "call_id"), ("E1,K1,A1", "E1,K1,A2", "agent_id"),
     ("house,1,promise", "house,2,promise", "form_version"), ("full,submitted", "full,void", "state")],
)  # fmt: skip
def test_one_evaluation_is_of_one_call_and_agent_by_one_form_in_one_state(
    tmp_path: Path, old: str, new: str, column: str
) -> None:
    lines = evaluation("E1", "K1").splitlines(keepends=True)
    lines[2] = lines[2].replace(old, new)
    branch = Branch.of(tmp_path, "".join(lines))
    branch.score(wanted=3)
    found = [row for row in branch.table("problems") if row["code"] == "QC_SCORE_SEVERAL"]
    assert [row["column"] for row in found] == [column]
    assert branch.row("calls")["standing"] == "set_aside"


def test_mixed_scales_of_a_form_that_is_not_known_are_set_aside(tmp_path: Path) -> None:
    rows = "".join(
        evaluation(f"E{n}", whole={"tone": answer}, **PLAIN) for n, answer in enumerate(["4/5", "3/5", "8/10"])
    )
    branch = Branch.of(tmp_path, rows)
    branch.score(wanted=3)
    assert "out of 5" in branch.row("calls", standing="set_aside")["reason"]
    assert branch.row("agents")["score"] == "70.0000"


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", by="=HYPERLINK(1)"))
    branch.score()
    assert branch.row("calls")["evaluator"] == "'=HYPERLINK(1)"


# Wide sheets ----------------------------------------------------------------------------------------------

WIDE = """[wide.evaluations]
columns = ["Q*"]

[wide.evaluations.codes]
"Q1 Greeting" = "greeting"
"Q2 Identity (1-5)" = "identity"
"Q3 Promise" = "promise"
"Q4 Honest" = "honest"

[headers.evaluations]
evaluation_id = ["QC No"]
agent_id = ["Officer"]
evaluator = ["QC By"]
evaluated_on = ["QC Date"]
comment = ["Remarks"]

[defaults]
"evaluations.form" = "house"
"evaluations.form_version" = "in force"
"""
MESSY = """QC report October;;;;;;;;
;;;;;;;;
QC No;Officer;QC By;QC Date;Q1 Greeting;Q2 Identity (1-5);Q3 Promise;Q4 Honest;Remarks
E1; a1 ;Quinn;2026-10-05;YES;5.0; Full ;yes;
;;;;;;;;
E2;A2;Quinn;2026-10-06;n.a.;4;part;Yes;
E3;A3;Rose;2026-10-07;Ndiyo;7;full;yes;
E4;A3;Rose;2026-10-08;no;1;little;no;Spoke over the customer
Total;;;4;;;;;
"""


def test_a_messy_wide_sheet_is_read_a_column_a_question(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, "", more=WIDE, calls="")
    (branch.data / "evaluations.csv").write_text(MESSY, encoding="utf-8")
    branch.score(wanted=3)
    found = {
        row["evaluation_id"]: (row["score_before"], row["score"], row["standing"]) for row in branch.table("calls")
    }
    assert found == {
        "E1": ("100.0000", "100.0000", "counts"),
        "E2": ("75.0000", "75.0000", "counts"),  # 40 * 3/4 + 60 * 3/4
        "E3": ("", "", "set_aside"),
        "E4": ("0.0000", "0.0000", "counts"),
    }
    problem = branch.row("problems", code="QC_SCORE_RANGE")
    assert (problem["row"], problem["column"], problem["value"]) == ("7", "identity", "7")
    assert branch.row("calls", evaluation_id="E1")["form_version"] == "1"


# Where points are lost ------------------------------------------------------------------------------------


def test_sections_lose_together_what_the_calls_lost_the_worst_first(tmp_path: Path) -> None:
    """E1 loses 20 of 40 in the opening, E2 30 of 60 in the close; E3 nothing."""
    rows = evaluation("E1", answers={"greeting": "no"}) + evaluation("E2", answers={"promise": "little"})
    branch = Branch.of(tmp_path, rows + evaluation("E3"))
    branch.score()
    found = [
        (row["section"], row["score"], row["lost_share"], row["cumulated"])
        for row in branch.table("sections", scope_kind="all")
    ]
    assert found == [("close", "83.3333", "60.0000", "60.0000"), ("opening", "83.3333", "40.0000", "100.0000")]


def test_questions_are_ranked_with_the_best_and_the_worst_marked(tmp_path: Path) -> None:
    rows = evaluation("E1", answers={"greeting": "no"}) + evaluation(
        "E2", answers={"greeting": "n/a", "promise": "part"}
    )
    branch = Branch.of(tmp_path, rows)
    branch.score()
    found = {
        row["question"]: (row["share"], row["na_share"], row["mark"]) for row in branch.table("questions", scope="A1")
    }
    assert found == {
        "greeting": ("0.0000", "50.0000", "worst"),
        "identity": ("100.0000", "0.0000", "best"),
        "promise": ("75.0000", "0.0000", "worst"),
        "honest": ("100.0000", "0.0000", "best"),
    }


def test_evaluators_are_compared_on_the_agents_whom_others_evaluate_too(tmp_path: Path) -> None:
    """Quinn gives A1 100 and Rose 40; nobody else hears A2."""
    rows = evaluation("E1", "K1", by="Quinn") + evaluation("E3", "K3", agent="A2", by="Quinn", on="2026-10-31")
    rows += evaluation("E2", "K2", by="Rose", answers={"promise": "little", "honest": "n/a"})
    branch = Branch.of(tmp_path, rows)
    branch.score()
    quinn, rose = branch.table("evaluators")
    assert (quinn["mean"], quinn["spread"], quinn["compared"]) == ("100.0000", "60.0000", "1")
    assert (rose["mean"], rose["spread"], rose["na_share"]) == ("40.0000", "-60.0000", "25.0000")
    assert (quinn["last_day_share"], rose["last_day_share"]) == ("50.0000", "0.0000")


# Forms that change ----------------------------------------------------------------------------------------


def test_a_form_edited_after_use_is_noticed_with_what_changed(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    branch.score()
    first = branch.record["forms"][0]["sha256"]
    edited = HOUSE.replace("lowest = 1", "lowest = 0").replace("weight = 40", "weight = 50").replace("60", "50")
    branch.with_form(edited)
    for _ in range(2):  # what the first run saw is not forgotten by the second
        branch.score(wanted=3)
        reason = branch.row("calls")["reason"]
        assert "section opening, weight: 40 before, 50 now" in reason
        assert "question identity, lowest: 1 before, 0 now" in reason
        assert branch.record["forms"][0]["sha256"] == first
    branch.with_form(HOUSE)
    branch.score()
    assert branch.row("calls")["score"] == "100.0000"


def test_a_new_help_text_is_only_remarked_upon_and_a_new_version_is_free(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    branch.score()
    branch.with_form(HOUSE.replace('"Greeted the customer"', '"Greeted the customer", help = "by name"'))
    branch.score()
    assert branch.row("problems")["code"] == "QC_SCORE_FORM_WORDED"
    branch.with_form(
        HOUSE.replace('version = "1"', 'version = "2"').replace("weight = 40", "weight = 30").replace("60", "70")
    )
    (branch.data / "evaluations.csv").write_text(HEADER + evaluation("E1", "K1", version="2"), encoding="utf-8")
    branch.score()
    assert branch.row("calls")["standing"] == "counts"


def test_an_earlier_run_can_be_named_and_has_to_be_one(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"))
    branch.score()
    branch.with_form(HOUSE.replace("weight = 40", "weight = 30").replace("60", "70"))
    other = tmp_path / "other"
    result = branch.run("score", "--period", "2026-10", "--previous", str(branch.out), out=other, wanted=3)
    assert "edited since it was first used" in result.output
    assert "scores.json" in branch.score("--previous", str(tmp_path), wanted=1).output


def test_the_version_that_was_in_force_on_the_day_of_the_call_is_named(tmp_path: Path) -> None:
    second = HOUSE.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-10-03")
    branch = Branch.of(
        tmp_path, evaluation("E1", "K2") + evaluation("E2", "K3", "A2"), forms='"house.toml", "two.toml"'
    )
    branch.with_form(second, "two.toml")
    branch.score()
    found = branch.row("problems", code="QC_SCORE_VERSION")
    assert "E2" in found["message"]
    assert "version 2" in found["message"]


# As things stood ------------------------------------------------------------------------------------------


def test_evaluations_made_later_are_counted_and_not_looked_at(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1", on="2026-10-10") + evaluation("E2", "K2", on="2026-11-02"))
    branch.score("--as-of", "2026-10-31")
    assert branch.record["evaluations"]["later"] == 1
    branch.score()
    assert branch.row("agents")["n"] == "2"


def test_the_same_data_give_the_same_files_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    rows = [evaluation("E1", "K1"), evaluation("E2", "K2", answers={"greeting": "no"}), evaluation("E3", "K5", "A3")]
    lines = "".join(rows).splitlines(keepends=True)
    branch = Branch.of(tmp_path, "".join(lines))
    branch.score()
    names = ("calls", "agents", "teams", "sections", "questions", "evaluators")
    before = {name: (branch.out / f"{name}.csv").read_bytes() for name in names}
    Branch.of(tmp_path, "".join(lines[::2] + lines[1::2][::-1])).score()
    assert {name: (branch.out / f"{name}.csv").read_bytes() for name in names} == before


def test_what_cannot_be_done_leaves_nothing_behind(tmp_path: Path) -> None:
    branch = Branch.of(tmp_path, evaluation("E1", "K1"), form=HOUSE.replace("weight = 40", "weight = 50"))
    result = branch.score(wanted=1)
    assert "50 + 60 = 110" in result.output
    assert not branch.out.exists()


def test_a_mean_of_exactly_the_target_meets_it_whatever_its_parts(tmp_path: Path) -> None:
    """837 of 900 points are 93 %, though the first two of the three shares have no end as decimals."""
    branch = Branch.of(tmp_path, plain(["280/300", "260/300", "297/300"]), targets=TARGETS)
    branch.score()
    assert (branch.row("agents")["score"], branch.row("agents")["met"]) == ("93.0000", "true")
