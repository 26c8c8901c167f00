"""Agreement of evaluators: published figures, second computations by hand, and the laws that hold for all data."""

from collections import Counter
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.quality.alpha import Metric, alpha, jackknife, parts_of, without_each
from toolkit.quality.kappa import cohen, cohen_of_table, fleiss, per_cent, randolph

WIKIPEDIA = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip
NO = None
THREE_CODERS: list[list[int | None]] = [
    [NO, NO, NO, NO, NO, 3, 4, 1, 2, 1, 1, 3, 3, NO, 3],
    [1, NO, 2, 1, 3, 3, 4, 3, NO, NO, NO, NO, NO, NO, NO],
    [NO, NO, 2, 1, 3, 4, 4, NO, 2, 1, 1, 3, 3, NO, 4],
]


def calls_of(coders: list[list[int | None]]) -> list[list[int | None]]:
    return [list(unit) for unit in zip(*coders, strict=True)]


def test_cohens_kappa_as_artstein_and_poesio_publish_it() -> None:
    """KAP-1: Artstein & Poesio 2008, Table 1, by way of scikit-learn's test_classification.py."""
    found = cohen_of_table([[20, 20], [10, 50]])
    assert found.value == pytest.approx(0.348, abs=5e-4)
    assert found.value == pytest.approx(float(naive_cohen([[20, 20], [10, 50]])))
    assert found.interval is not None
    assert found.interval[0] < 0.348 < found.interval[1]


@pytest.mark.parametrize(("weights", "wanted"), [("none", 0.9315), ("linear", 0.9412), ("quadratic", 0.9541)])
def test_weighted_kappa_as_scikit_learn_publishes_it(weights: Any, wanted: float) -> None:
    """KAP-3: scikit-learn, test_cohen_kappa."""
    pairs = list(zip([0] * 46 + [1] * 44 + [2] * 10, [0] * 50 + [1] * 40 + [2] * 10, strict=True))
    assert cohen(pairs, weights=weights).value == pytest.approx(wanted, abs=5e-5)
    table = [[Counter(pairs)[one, other] for other in range(3)] for one in range(3)]
    assert cohen(pairs, weights=weights).value == pytest.approx(float(naive_cohen(table, weights)))


def test_fleiss_kappa_as_wikipedia_publishes_it() -> None:
    """FLE-1: Wikipedia, Fleiss' kappa, by way of statsmodels' tests."""
    assert fleiss(WIKIPEDIA).value == pytest.approx(0.21, abs=5e-4)


def test_a_rare_answer_shows_in_the_difference_of_fleiss_and_randolph() -> None:
    """FLE-R1: justusrandolph.net/kappa, by way of statsmodels' tests."""
    assert fleiss([[7, 1], [3, 5]]).value == pytest.approx(0.161905, abs=6e-6)
    assert randolph([[7, 1], [3, 5]]).value == pytest.approx(0.214286, abs=6e-6)


@pytest.mark.parametrize(("metric", "wanted"), [("nominal", 0.691358), ("interval", 0.810845)])
def test_alpha_with_missing_answers_as_wikipedia_publishes_it(metric: Metric, wanted: float) -> None:
    """KRI-1: Wikipedia, Krippendorff's alpha, 3 coders and 15 units."""
    assert float(alpha(calls_of(THREE_CODERS), metric) or 0) == pytest.approx(wanted, abs=1e-6)


def test_alpha_is_exact() -> None:
    """KRI-1 again: 56 of 81."""
    assert alpha(calls_of(THREE_CODERS)) == Fraction(56, 81)


# What cannot be said is said


def test_where_all_answers_are_the_same_there_is_no_figure_but_a_reason() -> None:
    assert cohen([("yes", "yes")] * 5).why == "one_answer"
    assert cohen_of_table([[5, 0], [0, 0]]).why == "one_answer"
    assert fleiss([[3, 0], [3, 0]]).why == "one_answer"
    assert alpha([["yes", "yes"]] * 5) is None
    assert per_cent([["yes", "yes"]] * 5) == 1


def test_one_evaluator_or_no_call_gives_no_figure() -> None:
    assert per_cent([["yes"], ["no", None]]) is None
    assert alpha([["yes"], ["no", None]]) is None
    assert fleiss([[1, 0], [0, 1]]).why == "one_evaluator"
    assert cohen([]).why == fleiss([]).why == randolph([]).why == cohen_of_table([[0, 0], [0, 0]]).why == "no_calls"
    assert randolph([[2], [2]]).why == "one_answer"


def test_fleiss_needs_every_evaluator_on_every_call() -> None:
    assert fleiss([[2, 1], [1, 1]]).why == "incomplete"


def test_one_call_on_which_two_differ_is_no_better_than_chance() -> None:
    assert alpha([["yes", "no"]]) == 0
    assert cohen([("yes", "no")]).value == 0


# A second computation of each, straight from its definition


def naive_cohen(table: list[list[int]], weights: str = "none") -> Fraction:
    total, size = sum(map(sum, table)), len(table)
    power = {"none": 0, "linear": 1, "quadratic": 2}[weights]
    apart = {(i, j): Fraction(abs(i - j) ** power) if i != j else Fraction(0) for i in range(size) for j in range(size)}
    observed = sum(apart[i, j] * table[i][j] for i in range(size) for j in range(size)) / Fraction(total)
    down, across = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    expected = sum(apart[i, j] * down[i] * across[j] for i in range(size) for j in range(size)) / Fraction(total**2)
    return 1 - observed / expected


def naive_fleiss(counts: list[list[int]], uniform: bool = False) -> Fraction:
    raters, size = sum(counts[0]), len(counts)
    same = [Fraction(sum(n * (n - 1) for n in row), raters * (raters - 1)) for row in counts]
    shares = [Fraction(sum(column), raters * size) for column in zip(*counts, strict=True)]
    chance = Fraction(1, len(shares)) if uniform else sum((share**2 for share in shares), Fraction(0))
    return (sum(same, Fraction(0)) / size - chance) / (1 - chance)


def naive_alpha(units: list[list[Any]], metric: str) -> Fraction | None:
    """From the matrix of coincidences, pair by pair, as the book does it."""
    coincidences: Counter[tuple[Any, Any]] = Counter()
    matrix: dict[tuple[Any, Any], Fraction] = {}
    for unit in units:
        given = [answer for answer in unit if answer is not None]
        for one, other in permutations(range(len(given)), 2):
            key = given[one], given[other]
            matrix[key] = matrix.get(key, Fraction(0)) + Fraction(1, len(given) - 1)
            coincidences[key] += 1
    margins: dict[Any, Fraction] = {}
    for (one, _), many in matrix.items():
        margins[one] = margins.get(one, Fraction(0)) + many
    total = sum(margins.values(), Fraction(0))

    def apart(one: Any, other: Any) -> Fraction:
        if metric == "nominal":
            return Fraction(one != other)
        if metric == "interval":
            return Fraction((one - other) ** 2)
        if metric == "ratio":
            return Fraction(one - other, one + other) ** 2 if one + other else Fraction(0)
        low, high = min(one, other), max(one, other)
        between = sum((many for answer, many in margins.items() if low <= answer <= high), Fraction(0))
        return (between - (margins[one] + margins[other]) / 2) ** 2 if one != other else Fraction(0)

    observed = sum((many * apart(*pair) for pair, many in matrix.items()), Fraction(0))
    expected = sum((margins[a] * margins[b] * apart(a, b) for a, b in product(margins, repeat=2)), Fraction(0))
    return 1 - (total - 1) * observed / expected if expected else None


ANSWERS = st.integers(0, 3)
MAYBE = st.one_of(st.none(), ANSWERS)
UNITS = st.lists(st.lists(MAYBE, min_size=3, max_size=3), min_size=1, max_size=8)
METRICS: list[Metric] = ["nominal", "ordinal", "interval", "ratio"]
PAIRS = st.lists(st.tuples(ANSWERS, ANSWERS), min_size=1, max_size=20)
COUNTS = st.lists(st.lists(ANSWERS, min_size=4, max_size=4), min_size=1, max_size=8).map(
    lambda units: [[Counter(unit)[answer] for answer in range(4)] for unit in units]
)


@pytest.mark.parametrize("metric", METRICS)
@given(units=UNITS)
def test_alpha_is_that_of_the_matrix_of_coincidences(metric: Metric, units: list[list[Any]]) -> None:
    assert alpha(units, metric) == naive_alpha(units, metric)


@given(pairs=PAIRS, weights=st.sampled_from(["none", "linear", "quadratic"]))
def test_cohens_kappa_is_that_of_its_definition(pairs: list[Any], weights: Any) -> None:
    found = cohen(pairs, range(4), weights)
    if found.value is None:
        assert len({answer for pair in pairs for answer in pair}) == 1
        return
    table = [[Counter(pairs)[one, other] for other in range(4)] for one in range(4)]
    assert found.value == pytest.approx(float(naive_cohen(table, weights)))
    assert found.interval is None or -1 <= found.interval[0] <= found.value + 1e-9
    assert found.interval is None or found.value - 1e-9 <= found.interval[1] <= 1


@given(counts=COUNTS)
def test_fleiss_and_randolph_are_those_of_their_definitions(counts: list[list[int]]) -> None:
    assert randolph(counts).value == pytest.approx(float(naive_fleiss(counts, uniform=True)))
    found = fleiss(counts).value
    assert found is None or found == pytest.approx(float(naive_fleiss(counts)))
    assert (found is None) == (sum(1 for column in zip(*counts, strict=True) if any(column)) < 2)


# Laws


@pytest.mark.parametrize("metric", METRICS)
@given(units=UNITS)
def test_no_alpha_is_above_1_nor_undefined_but_for_one_answer(metric: Metric, units: list[list[Any]]) -> None:
    found = alpha(units, metric)
    several = [[answer for answer in unit if answer is not None] for unit in units]
    given = {answer for unit in several if len(unit) > 1 for answer in unit}
    assert (found is None) == (len(given) < 2)
    assert found is None or -1 <= found <= 1


@pytest.mark.parametrize("metric", METRICS)
@given(answers=st.lists(ANSWERS, min_size=2, max_size=8).filter(lambda given: len(set(given)) > 1))
def test_whoever_always_agrees_has_1(metric: Metric, answers: list[int]) -> None:
    assert alpha([[answer] * 3 for answer in answers], metric) == 1
    assert per_cent([[answer] * 3 for answer in answers]) == 1
    for weights in ("none", "linear", "quadratic"):
        assert cohen([(answer, answer) for answer in answers], range(4), weights).value == pytest.approx(1)  # type: ignore[arg-type]
    counts = [[3 * (answer == place) for place in range(4)] for answer in answers]
    assert fleiss(counts).value == pytest.approx(1)
    assert randolph(counts).value == pytest.approx(1)


@pytest.mark.parametrize("metric", METRICS)
@given(units=UNITS, order=st.permutations(range(3)), data=st.data())
def test_who_comes_first_is_all_the_same(metric: Metric, units: list[list[Any]], order: list[int], data: Any) -> None:
    shuffled = data.draw(st.permutations([[unit[place] for place in order] for unit in units]))
    assert alpha(shuffled, metric) == alpha(units, metric)
    assert per_cent(shuffled) == per_cent(units)


@given(pairs=PAIRS)
def test_cohens_kappa_is_the_same_the_other_way_round(pairs: list[tuple[int, int]]) -> None:
    one, other = cohen(pairs, range(4)), cohen([(second, first) for first, second in pairs], range(4))
    assert one.value == pytest.approx(other.value)


@given(units=UNITS, names=st.permutations("abcd"))
def test_answers_may_have_any_name(units: list[list[Any]], names: list[str]) -> None:
    named = [[None if answer is None else names[answer] for answer in unit] for unit in units]
    assert alpha(named) == alpha(units)
    assert per_cent(named) == per_cent(units)


@pytest.mark.parametrize("metric", METRICS)
@given(units=UNITS, more=st.lists(st.lists(st.none(), min_size=3, max_size=3), max_size=3), one=ANSWERS)
def test_calls_that_nobody_or_only_one_evaluated_change_nothing(
    metric: Metric, units: list[list[Any]], more: list[list[Any]], one: int
) -> None:
    assert alpha([*units, *more, [one, None, None]], metric) == alpha(units, metric)
    assert per_cent([*units, *more, [one, None, None]]) == per_cent(units)


@given(pairs=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=20))
def test_of_two_answers_weights_change_nothing(pairs: list[tuple[int, int]]) -> None:
    values = [cohen(pairs, (0, 1), weights).value for weights in ("none", "linear", "quadratic")]  # type: ignore[arg-type]
    assert values[0] is None or values == pytest.approx([values[0]] * 3)
    assert alpha(pairs, "nominal") == alpha(pairs, "interval") == alpha(pairs, "ordinal")


@given(units=UNITS, times=st.integers(1, 5), plus=st.integers(-9, 9))
def test_an_interval_scale_may_start_anywhere_and_have_any_step(units: list[list[Any]], times: int, plus: int) -> None:
    moved = [[None if answer is None else answer * times + plus for answer in unit] for unit in units]
    assert alpha(moved, "interval") == alpha(units, "interval")


@given(one=UNITS, other=UNITS)
def test_the_disagreements_of_two_questions_add_up(one: list[list[Any]], other: list[list[Any]]) -> None:
    both = parts_of(one) + parts_of(other)
    assert both.observed == parts_of(one).observed + parts_of(other).observed
    if (alone := parts_of(one).alpha) is not None and parts_of(other).alpha is not None:
        second = parts_of(other).alpha
        assert second is not None and both.alpha is not None
        assert min(alone, second) <= both.alpha <= max(alone, second)


@pytest.mark.parametrize("metric", METRICS)
@given(units=UNITS)
def test_what_is_left_without_a_call_is_as_if_it_had_not_been_there(metric: Metric, units: list[list[Any]]) -> None:
    rest = [parts_of([*units[:at], *units[at + 1 :]], metric) for at in range(len(units))]
    assert without_each(units, metric) == rest


def test_the_interval_of_a_mean_from_leaving_out_is_that_of_the_textbook() -> None:
    """Left out in turn, of a mean, the jackknife gives the standard error of the mean: Student's t of 1, 2, 3, 4, 5."""
    values = [Fraction(value) for value in (1, 2, 3, 4, 5)]
    without = [(sum(values) - value) / 4 / 10 for value in values]
    low, high = jackknife(Fraction(3, 10), without) or (0, 0)
    assert (low, high) == pytest.approx((0.3 - 0.1963, 0.3 + 0.1963), abs=1e-4)  # 2.776 x 0.07071


def test_where_no_call_makes_a_difference_there_is_no_interval() -> None:
    assert jackknife(Fraction(1), [Fraction(1)] * 9) is None
    assert jackknife(Fraction(1), [Fraction(1), None]) is None


@given(counts=COUNTS, gone=st.integers(0, 3))
def test_randolph_with_a_missing_answer_counts_pairs(counts: list[list[int]], gone: int) -> None:
    answer = next(place for place in range(4) if counts[0][(place + gone) % 4])
    less = [list(row) for row in counts]
    less[0][(answer + gone) % 4] -= 1
    pairs = sum(sum(row) * (sum(row) - 1) for row in less)
    same = Fraction(sum(n * (n - 1) for row in less for n in row), pairs)
    assert randolph(less).value == pytest.approx(float((same - Fraction(1, 4)) / Fraction(3, 4)))
