"""The list of KPIs, the definitions and the functions have to know each other."""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from toolkit.definitions import Definitions, words_of
from toolkit.kpi_codes import KpiCode, kpi_codes
from toolkit.kpis import RULES
from toolkit.kpis.data import MissingError
from toolkit.kpis.facts import Facts
from toolkit.profiles import load_profile
from toolkit.reading import read_tables
from toolkit.samples import make_sample
from toolkit.scorecard_reports.scoring import data_in
from toolkit.tables import TABLES

OF_THE_FIELD = """
collection_rate liquidation_rate collected noc contacts contacts_per_day right_party_rate call_effectiveness qc_score
calls talk_minutes ptp_count ptp_amount ptp_rate ptp_conversion ptp_conversion_value penetration_rate conversion_rate
credits_bought cap_score repayment_rate par30 par90 roll_rate coverage first_call_resolution disposition_accuracy
promise_followup welcome_call_rate conduct_complaints complaints_in_time posting_accuracy lateness unplanned_absence
schedule_adherence leave_outstanding report_timeliness actions_closed training_needs discrepancies_resolved
clearance_in_time queries_in_time visits_done visit_contact_rate visits_documented plans_kept assets_recovered
recovery_rate days_to_recovery cost_per_unit data_completeness tool_uptime hourly_posts
""".split()
LATER: set[str] = set()
"""Come with what is still to be built."""


def test_the_terms_of_the_field_are_all_there() -> None:
    assert set(OF_THE_FIELD) - set(kpi_codes()) == set()


@pytest.mark.parametrize("about", kpi_codes().values(), ids=lambda about: about.code)
def test_each_kpi_has_a_function_or_is_entered_by_people(about: KpiCode) -> None:
    assert (about.code in RULES) + about.entered + (about.code in LATER) == 1


@pytest.mark.parametrize("code", RULES)
def test_each_function_is_explained(code: str) -> None:
    about = kpi_codes()[code]
    assert about.formula
    assert about.needs
    for table, column in re.findall(r"\b([a-z_]+)\.([a-z_]+)\b", " ".join(about.needs)):
        assert TABLES[table].column(column)
    assert set(about.uses) <= set(Definitions.model_fields)
    assert about.definition_in(Definitions()).startswith(about.formula)


@pytest.mark.parametrize("name", Definitions.model_fields)
def test_each_definition_has_words(name: str) -> None:
    assert words_of(name, Definitions())


def test_what_counts_once_and_what_adds_up_is_said_to(tmp_path: Path) -> None:
    setup = load_profile("paygo-solar")
    make_sample(setup, tmp_path, agents=8, accounts=120, months=2, seed=3)
    data = data_in(read_tables(tmp_path, setup).tables, setup, date(2026, 10, 31))
    once, ratios, stocks, tried = set(), set(), set(), set()
    for code, rule in RULES.items():
        with suppress(MissingError):
            facts: Facts | None = rule(data)
            tried.add(code)
            stocks |= {code} if facts.stock else set()
            while facts is not None:
                ratios |= {code} if "denominator" in facts.sums else set()
                once |= {code} if facts.once else set()
                facts = facts.beside
    assert {"collection_rate", "visits_done", "noc"} <= once
    assert once <= {code for code, about in kpi_codes().items() if about.once}
    assert stocks == {code for code in tried if kpi_codes()[code].stock}
    assert ratios == {code for code in tried if not kpi_codes()[code].adds_up}
