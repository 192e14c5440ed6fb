"""Figures as files: strict, sourced, and right by hand; formulas that are nothing but sums of facts."""

from __future__ import annotations

import math

import pytest

from claimwright.engines.kpis.definition import Kpi, KpiCase, load_kpis, read_kpi
from claimwright.engines.kpis.evaluation import value_of_case
from claimwright.engines.kpis.fact_catalogue import FACTS
from claimwright.engines.kpis.formula import FormulaError, read_formula
from claimwright.foundation.located_yaml import YamlError
from claimwright.kpis import packaged_kpis

CASES = [(kpi, case) for kpi in load_kpis().kpis for case in kpi.cases]


@pytest.mark.parametrize(("kpi", "case"), CASES, ids=[f"{kpi.name}: {case.name}" for kpi, case in CASES])
def test_a_case_comes_to_what_it_is_by_hand(kpi: Kpi, case: KpiCase) -> None:
    found = value_of_case(kpi, case)
    if case.value is None:
        assert found is None or (found.value is None and found.reason)
    else:
        assert found is not None
        assert found.value is not None
        assert math.isclose(found.value, case.value, rel_tol=1e-12)


def test_every_fact_is_read_by_a_figure() -> None:
    read = {name for kpi in load_kpis().kpis for name in kpi.facts}
    # These are for the warehouse.
    assert set(FACTS) - read == {"refunded", "denial_resent", "written_off_payer", "contractual"}


def test_a_file_is_named_by_its_figure() -> None:
    assert {read_kpi(text, source).name for source, text in packaged_kpis().items()} == {
        source.removeprefix("kpis/").removesuffix(".yaml") for source in packaged_kpis()
    }


@pytest.mark.parametrize(
    "key",
    [
        "title", "definition", "unit", "direction", "numerator", "denominator", "exclusions", "source",
        "benchmark", "grain", "dimensions", "cases",
    ],
)  # fmt: skip
def test_a_file_that_lacks_something_does_not_load(key: str) -> None:
    text = packaged_kpis()["kpis/initial_denial_rate.yaml"]
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
    stop = next(
        (number for number in range(start + 1, len(lines)) if lines[number][:1] not in {" ", "-"}), len(lines)
    )
    with pytest.raises(YamlError, match=r"kpis/x\.yaml:\d+"):
        read_kpi("\n".join(lines[:start] + lines[stop:]), "kpis/x.yaml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("source: MGMA and HFMA figures as quoted in trade publications", "source: ''"),
        ("dimensions: [payer,", "dimensions: [patient,"),
        ("over: period", "over: balance"),
        ("- name: nothing was answered", "- name: nothing was answered\n  value: 0"),
    ],
)
def test_a_file_that_says_what_can_not_be_does_not_load(old: str, new: str) -> None:
    text = packaged_kpis()["kpis/initial_denial_rate.yaml"]
    changed = (
        text.replace(old, new) if old in text else text.replace("numerator:\n", f"numerator:\n  {new}\n")
    )
    assert changed != text
    with pytest.raises(YamlError):
        read_kpi(changed, "kpis/x.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "sum(items) filter (where fact = 'denied'); drop table analytics.facts",
        "sum(items) filter (where fact = 'denied') union select 1",
        "(select sum(items) from analytics.facts)",
        "sum(items) filter (where fact in (select fact from analytics.facts))",
        "sum(items) filter (where fact = 'denied' or true)",
        "sum(items) filter (where fact = 'denied' and pg_sleep(10) is null)",
        "sum(items) filter (where fact = (select 'denied'))",
        "sum(items) filter (where fact = 'denied''--')",
        "sum(pg_read_file('/etc/passwd')) filter (where fact = 'denied')",
        "sum(items)",
        "count(*)",
        "sum(sealed) filter (where fact = 'denied')",
        "sum(items) filter (where tenant = 'other')",
        "sum(f.items) filter (where fact = 'denied')",
        "sum(items) filter (where fact = 'denied') / 0",
        "sum(items) filter (where fact = 'denied' and age = '0-30')",
        "",
        "(" * 2_000,
    ],
)
def test_a_formula_is_sums_of_facts_and_nothing_else(text: str) -> None:
    with pytest.raises(FormulaError):
        read_formula(text)


def test_a_formula_may_add_and_subtract() -> None:
    found = read_formula(
        "sum(cents) filter (where fact = 'submitted') - (sum(cents) filter (where fact = 'contractual')"
        " - sum(cents) filter (where fact in ('ar_insurance', 'ar_patient') and age in ('91-120', '120+')))"
    )
    assert [(term.sign, term.facts, term.ages) for term in found.terms] == [
        (1, ("submitted",), ()), (-1, ("contractual",), ()), (1, ("ar_insurance", "ar_patient"), (3, 4)),
    ]  # fmt: skip
