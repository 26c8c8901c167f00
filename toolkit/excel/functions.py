"""The worksheet functions: arrays in, arrays out, and a sentence that starts with #TOOLKIT where there is no answer.

They are extras: every number that they give is on a sheet as well. xlwings reads the decorators to make the VBA
wrappers in workbooks/xlwings_udfs.bas; arguments carry no type hints, because xlwings would convert by them.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import xlwings as xw

from toolkit.excel import answers, ask, ask_quality, ask_recovery, ask_scores
from toolkit.excel.cells import text_of
from toolkit.excel.desk import in_a_sentence
from toolkit.excel.sheets import set_up_of

CATEGORY = "Collections Toolkit"
ERROR = "#TOOLKIT"
LONGEST = 250
Function = TypeVar("Function", bound=Callable[..., object])


def answering(function: Function) -> Function:
    """What is in the way becomes one short sentence in the cell."""

    @wraps(function)
    def answer(*arguments, **named):
        try:
            return function(*arguments, **named)
        except Exception as error:  # a formula shows a sentence, whatever happened
            found = in_a_sentence(error)[0]
            return f"{ERROR} {found.message}"[:LONGEST]

    return answer  # type: ignore[return-value]  # the same arguments and the same answer


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("plan", doc="The plan: its id such as FIELD-KE, or its file; FIELD-KE:CASH for one component.")
@xw.arg("amounts", ndim=2, err_to_str=True, doc="What was collected: one cell or a block of cells.")
@xw.arg("attainment", ndim=2, err_to_str=True, doc="Share of the target met, such as 85%; one for all or one each.")
@answering
def COMMISSION(plan, amounts, attainment=None):
    """The commission on amounts collected, by the components that need no more than an amount and an attainment."""
    given = attainment if attainment and attainment != [[None]] else None
    return ask.commission(str(plan or ""), amounts, given)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("payments", ndim=2, err_to_str=True, doc="Payments with their heads, as pasted from the export.")
@xw.arg("plan", doc="The plan: its id such as FIELD-KE, or its file.")
@answering
def COMMISSION_SHEET(payments, plan, caller):
    """The commission sheet of these payments; agents, accounts and the rest come from the folder in Settings."""
    return answers.sheet_of(payments, str(plan or ""), caller.sheet.book)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("plan", doc="The plan: its id such as FIELD-KE, or its file.")
@xw.arg("component", doc="The component's code, such as CASH.")
@xw.arg("value", ndim=2, err_to_str=True, doc="Where on the scale: an amount, a share such as 85%, days past due.")
@answering
def BAND_RATE(plan, component, value):
    """The rate (or the amount) of the band that a value reaches under a component of the plan."""
    return ask.band_rate(str(plan or ""), str(component or ""), value)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("agent", doc="The agent's code, such as AG-010.")
@answering
def WHY(agent, caller):
    """Why an agent gets the amount on the sheet Commissions: what it is for, the amount, and the reason."""
    return answers.why(str(agent or ""), caller.sheet.book)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("costs", ndim=2, err_to_str=True, doc="What was spent: one cell or a block of cells.")
@xw.arg("recovered", ndim=2, err_to_str=True, doc="What came in for it; one for all or one each.")
@answering
def COST_OF_RECOVERY(costs, recovered):
    """What each unit of money that came in cost; where nothing came in, the words no base."""
    return ask_recovery.cost_of_recovery_of(costs, recovered)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("cost", ndim=2, err_to_str=True, doc="What the step costs: one cell or a block of cells.")
@xw.arg("recoverable", ndim=2, err_to_str=True, doc="What it brings where it succeeds; one for all or one each.")
@xw.arg("fee", ndim=2, err_to_str=True, doc="What is given away of it, such as 10%. Empty: nothing.")
@answering
def BREAK_EVEN(cost, recoverable, fee=None):
    """The probability from which on a step pays for itself; never, where not even a certain success would."""
    return ask_recovery.break_even_of(cost, recoverable, fee)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("probability", ndim=2, err_to_str=True, doc="How likely it succeeds, its lower end. Empty: too few cases.")
@xw.arg("recoverable", ndim=2, err_to_str=True, doc="What it brings where it succeeds; one for all or one each.")
@xw.arg("cost", ndim=2, err_to_str=True, doc="What the step costs; one for all or one each.")
@xw.arg("fee", ndim=2, err_to_str=True, doc="What is given away of it, such as 10%. Empty: nothing.")
@answering
def WORTH_PURSUING(probability, recoverable, cost, fee=None):
    """Whether a step is worth its cost: pursue, not worth it, never, nothing owed, or too few cases to know."""
    return ask_recovery.worth_pursuing_of(probability, recoverable, cost, fee)


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("code", doc="The KPI's code, such as collection_rate: toolkit kpis lists them.")
@xw.arg("numerators", ndim=2, err_to_str=True, doc="What was counted: one cell or a block of cells.")
@xw.arg("denominators", ndim=2, err_to_str=True, doc="Of how many; one for all or one each. None for a plain count.")
@answering
def KPI(code, numerators, denominators=None):
    """A KPI's values from what was counted and of how many; where there is nothing to divide by, the words no base."""
    return ask_scores.kpi(str(code or ""), numerators, ask_scores.given(denominators))


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("value", ndim=2, err_to_str=True, doc="The KPI's value: one cell or a block of cells.")
@xw.arg("target", ndim=2, err_to_str=True, doc="What scores everything where there is no worst and best; may be empty.")
@xw.arg("worst", ndim=2, err_to_str=True, doc="The value that scores nothing; above best, less is better.")
@xw.arg("best", ndim=2, err_to_str=True, doc="The value that scores everything.")
@xw.arg("direction", doc="higher, lower, or the KPI's code. Empty: higher.")
@xw.arg("floor", ndim=2, err_to_str=True, doc="What falls short of it scores nothing.")
@xw.arg("cap", ndim=2, err_to_str=True, doc="The most that a score can be, such as 120%. Empty: 100%.")
@answering
def SCORE(value, target, worst=None, best=None, direction=None, floor=None, cap=None):
    """The share of its points that each value gets, as the scorecard works it out: 100% is all of them."""
    limits = {"target": target, "worst": worst, "best": best, "floor": floor, "cap": cap}
    return ask_scores.score(value, limits, str(direction or ""))


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("answers", ndim=2, err_to_str=True, doc="Codes and answers in two columns, or a row for each call.")
@xw.arg("form", doc="The form: its code such as collections, one of the workbook's set-up first, or its file.")
@xw.arg("version", doc="The form's version. Empty: the last one to start.")
@answering
def QC_SCORE(answers, form, version=None, caller=None):
    """The score of each call, as Score calls works it out: 100% is all points; in words why a call has none."""
    return ask_quality.qc_score(answers, text_of(form), text_of(version), set_up_of(caller.sheet.book))


@xw.func(category=CATEGORY, call_in_wizard=False)
@xw.arg("one", ndim=2, err_to_str=True, doc="The answers of one evaluator, a cell a call.")
@xw.arg("other", ndim=2, err_to_str=True, doc="The answers of the other to the same calls, in the same order.")
@xw.arg("weights", doc="linear or quadratic for scales, where a near answer counts in part. Empty: none.")
@answering
def KAPPA(one, other, weights=None):
    """Cohen's kappa: how far two evaluators agree beyond chance, 1 is always; in words where calls are too few."""
    return ask_quality.kappa(one, other, text_of(weights))
