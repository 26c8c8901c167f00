"""COST_OF_RECOVERY, BREAK_EVEN and WORTH_PURSUING: what the library says of a step, in the shape of the cells."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin import opened
from test_functions_in_cells import MISSING, asked, typed

from toolkit.excel.ask_recovery import WORDS, break_even_of, cost_of_recovery_of, worth_pursuing_of
from toolkit.excel.build import build_workbook
from toolkit.excel.cells import exact
from toolkit.problems import ToolkitError
from toolkit.recovery.worth import break_even, cost_of_recovery, worth_pursuing


def test_cost_of_recovery_is_cost_over_what_came_in_and_no_base_is_said_in_words() -> None:
    assert cost_of_recovery_of([[10_000.0]], [[100.0]]) == [[100.0]]
    assert cost_of_recovery_of([[30.0], [30.0], [0.0]], [[300.0], [0.0], [50.0]]) == [[0.1], ["no base"], [0.0]]
    assert cost_of_recovery_of([[30.0, "1,000"]], [[200.0]]) == [[0.15, 5.0]]
    assert cost_of_recovery_of([[None], [5.0]], [[None], [-2.0]]) == [[None], ["no base"]]


def test_break_even_is_a_probability_or_never() -> None:
    # 350 / (10,000 x (1 - 35 %)); litigation at 109,640 against 6,478 owed
    assert break_even_of([[350.0]], [[10_000.0]], [["35%"]]) == [[pytest.approx(350 / 6500)]]
    assert break_even_of([[109_640.0]], [[6_478.0]], None) == [["never"]]
    assert break_even_of([[50.0], [100.0], [0.0]], [[100.0]], None) == [[0.5], [1.0], [0.0]]
    assert break_even_of([[5.0]], [[0.0]], None) == [["never"]]
    assert break_even_of([[5.0]], [[100.0]], [[1.0]]) == [["never"]]
    assert break_even_of([[None]], [[None]], None) == [[None]]


def test_worth_pursuing_says_what_to_do() -> None:
    # the published example: 10,000 owed, a fee of 35 %, p 0.5, 0.75 and 0.2 bring 3,250, 4,875 and 1,300
    for probability, brings in ((0.5, 3250.0), (0.75, 4875.0), (0.2, 1300.0)):
        assert worth_pursuing_of([[probability]], [[10_000.0]], [[brings - 1]], [[0.35]]) == [["pursue"]]
        assert worth_pursuing_of([[probability]], [[10_000.0]], [[brings]], [[0.35]]) == [["not worth it"]]
    assert worth_pursuing_of([[None], ["too few"]], [[100.0]], [[1.0]], None) == [["too few"], ["too few"]]
    assert worth_pursuing_of([[0.9]], [[100.0]], [[101.0]], None) == [["never"]]
    assert worth_pursuing_of([[0.9]], [[0.0]], [[1.0]], None) == [["nothing owed"]]
    assert worth_pursuing_of([[0.1]], [[30.0]], [[3.0]], None) == [["not worth it"]]
    assert worth_pursuing_of([["20%"]], [["1,000"]], [[199.0]], None) == [["pursue"]]
    assert worth_pursuing_of([[None]], [[None]], [[5.0]], None) == [[None]]


def test_one_cell_is_for_all_whichever_it_is() -> None:
    assert worth_pursuing_of([[0.5]], [[100.0], [10.0]], [[20.0]], None) == [["pursue"], ["never"]]
    assert worth_pursuing_of([[0.5]], [[100.0]], [[20.0, 60.0]], None) == [["pursue", "not worth it"]]
    assert break_even_of([[10.0]], [[100.0], [50.0]], None) == [[0.1], [0.2]]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda: cost_of_recovery_of([["many"]], [[1.0]]), "“many” is not a number"),
        (lambda: cost_of_recovery_of([[-1.0]], [[1.0]]), "“-1” is below nothing, and costs is not"),
        (lambda: cost_of_recovery_of([[None]], [[1.0]]), "the costs are missing"),
        (lambda: break_even_of([[None]], [[5.0]], None), "the costs are missing"),
        (lambda: break_even_of([[5.0]], [[""]], None), "what is recoverable is missing"),
        (lambda: worth_pursuing_of([[0.5]], [[10.0]], [[None]], None), "the costs are missing"),
        (lambda: worth_pursuing_of([[0.5]], [[" "]], [[1.0]], None), "what is recoverable is missing"),
        (lambda: break_even_of([[1.0]], [[-1.0]], None), "“-1” is below nothing"),
        (lambda: break_even_of([[1.0]], [[5.0]], [[10.0]]), "“10” is no fee: a share between 0 and 1"),
        (lambda: worth_pursuing_of([[1.2]], [[5.0]], [[1.0]], None), "“1.2” is no probability"),
        (lambda: worth_pursuing_of([["#REF!"]], [[5.0]], [[1.0]], None), "“#REF!” is not a number"),
        (lambda: break_even_of([[1.0], [2.0]], [[1.0], [2.0], [3.0]], None), "as many of recoverable as there are"),
    ],
)
def test_why_there_is_no_answer(answer: Any, sentence: str) -> None:
    with pytest.raises(ToolkitError, match=sentence):
        answer()


amounts = st.one_of(
    st.floats(0.0001, 1e7), st.decimals(0, 9999, places=2).map(float), st.sampled_from([0.0, 50.0, 100.0, 1 / 3, 1e-9])
)
shares = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0, 1 / 3]))


def fraction(cell: float) -> Fraction:
    return Fraction(exact(cell))


@given(probability=shares, recoverable=amounts, cost=amounts, fee=shares)
def test_the_functions_say_what_the_exact_library_says(
    probability: float, recoverable: float, cost: float, fee: float
) -> None:
    args = fraction(recoverable), fraction(cost), fraction(fee)
    word = WORDS[worth_pursuing(fraction(probability), *args).word]
    assert worth_pursuing_of([[probability]], [[recoverable]], [[cost]], [[fee]]) == [[word]]
    point = break_even(args[1], args[0], args[2])
    [[found]] = break_even_of([[cost]], [[recoverable]], [[fee]])
    assert found == ("never" if point is None or point > 1 else pytest.approx(float(point), rel=1e-9))
    ratio = cost_of_recovery(args[1], args[0])
    [[found]] = cost_of_recovery_of([[cost]], [[recoverable]])
    assert found == ("no base" if ratio is None else pytest.approx(float(ratio), rel=1e-9))


def test_excel_gets_answers_in_the_shape_of_its_cells(exports: Path, tmp_path: Path) -> None:
    workbook = build_workbook("paygo-solar", tmp_path / "collections.xlsm", data=exports, results=tmp_path / "out")
    with opened(workbook, "memory") as book:
        costs = typed(book, [[30.0], [15.0]])
        assert asked(book, "COST_OF_RECOVERY", costs, 0.0) == [["no base"], ["no base"]]
        assert asked(book, "COST_OF_RECOVERY", costs, 300.0) == [[0.1], [0.05]]
        assert asked(book, "BREAK_EVEN", costs, 60.0, MISSING) == [[0.5], [0.25]]
        assert asked(book, "WORTH_PURSUING", 0.6, 60.0, costs, MISSING) == [["pursue"], ["pursue"]]
        assert asked(book, "WORTH_PURSUING", None, 60.0, 30.0, 0.1) == [["too few"]]
        assert asked(book, "BREAK_EVEN", 30.0, 60.0, 10.0)[0][0].startswith("#TOOLKIT “10” is no fee")
