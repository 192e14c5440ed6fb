"""Rules that need reference data: they are silent where the data cannot know, and right on clean samples."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from claimwright.engines.rules import RuleBook, RuleEngine
from claimwright.features.reference_data import rules_by_dataset
from claimwright.reference import snapshot
from claimwright.reference.lookups import LOOKUPS
from claimwright_lab.sampling import SampleOptions, sample_batches

FAMILIES = ("ICD", "HCP", "TAX", "MUE", "NCC", "AOC", "GLB", "TCP")
SAMPLED_ON = date(2025, 9, 15)


@pytest.fixture(scope="module")
def reference_rules(rulebook: RuleBook) -> RuleBook:
    return RuleBook(tuple(rule for rule in rulebook if rule.code.startswith(FAMILIES)))


def test_no_claim_planted_clean_is_blocked(reference_rules: RuleBook) -> None:
    engine = RuleEngine(reference_rules)
    wrong: set[tuple[str, int]] = set()
    for batch, labels in sample_batches(SampleOptions(claims=2_000, seed=11)):
        evaluation = engine.evaluate(batch, as_of=SAMPLED_ON)
        assert evaluation.faults == ()
        clean = evaluation.findings.join(labels.select("claim").unique(), on="claim", how="anti")
        wrong.update(clean.filter(pl.col("severity") == "block").select("code", "claim").rows())
    assert wrong == set()


def test_a_block_on_a_quarterly_list_asks_for_its_quarter(reference_rules: RuleBook) -> None:
    """Units, pairs and add-on codes change every quarter: without its own list, a finding is only likely."""
    dated = [
        rule
        for rule in reference_rules
        if rule.code[:3] in {"MUE", "NCC", "AOC"} and rule.severity == "block"
    ]
    assert dated
    assert [rule.code for rule in dated if "reference_covers(" not in rule.when] == []


def test_a_dataset_covers_the_days_of_its_editions_alone() -> None:
    """The MUE that ships are those of the third quarter of 2024."""
    days = pl.Series([date(2024, 6, 30), date(2024, 7, 1), date(2024, 9, 30), date(2024, 10, 1), None])
    known = snapshot(date(2025, 3, 3))
    covered = LOOKUPS["reference_covers"].compute(known, ["mue_practitioner"], [days])
    assert covered.to_list() == [False, True, True, False, None]


def test_an_update_names_the_rules_that_ask_its_dataset_and_no_others(rulebook: RuleBook) -> None:
    """Pairs are asked by their setting; exclusions by the family EXC alone."""
    asking = rules_by_dataset(rulebook)
    assert asking["excluded_providers"] == [rule.code for rule in rulebook if rule.code.startswith("EXC")]
    of_offices = {rule.code for rule in rulebook if "ncci_indicator('practitioner'" in rule.when}
    assert of_offices
    assert not of_offices & set(asking["ncci_outpatient"])
    assert of_offices <= set(asking["ncci_practitioner"])
