"""Planted defects: each is found, and nothing grave is found where none was planted.

`CLAIMWRIGHT_SAMPLE_CLAIMS=100000 pytest tests/lab/sampling/test_defects.py` does the same at that size.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from claimwright.engines.rules import load_rulebook
from claimwright.engines.x12 import BY_CODE
from claimwright_lab.sampling import DEFECTS, ENVELOPE_DEFECTS, SampleOptions, sample_batches

from .conftest import CheckedSample

Check = Callable[[SampleOptions], CheckedSample]


def test_every_kind_has_a_name_of_its_own() -> None:
    kinds = [defect.kind for defect in (*DEFECTS, *ENVELOPE_DEFECTS)]
    assert len(kinds) == len(set(kinds))
    assert len(kinds) >= 25


def test_kinds_spread_over_the_families_of_rules_and_over_form() -> None:
    families = {defect.finding[:3] for defect in DEFECTS}
    assert {"SYN", "NPI", "IDN", "ADR", "REQ", "BAL", "COB", "COV", "DAT", "TMF", "DXC", "PTR"} <= families
    assert {"DEM", "DUP", "MOD", "POS", "PRC", "REV", "TOB"} <= families


def test_every_finding_that_is_expected_exists() -> None:
    known = {*BY_CODE, *(rule.code for rule in load_rulebook())}
    expected = {defect.finding for defect in (*DEFECTS, *ENVELOPE_DEFECTS)}
    assert expected - known == set()


def test_the_share_of_defective_claims_is_what_was_asked_for() -> None:
    options = SampleOptions(claims=10_000, seed=1, defect_rate=0.15)
    labels = pl.concat([labels for _, labels in sample_batches(options)])
    assert labels["claim"].n_unique() == labels.height
    # 1,500 of 10,000, with a standard deviation of 36.
    assert abs(labels.height - 1_500) < 4 * 36


def test_only_the_kinds_that_were_asked_for_are_planted() -> None:
    kinds = frozenset({"units-zero", "filed-late"})
    options = SampleOptions(claims=500, seed=1, defect_rate=1, kinds=kinds)
    labels = pl.concat([labels for _, labels in sample_batches(options)])
    assert set(labels["defect"]) == kinds


def missed(sample: CheckedSample) -> pl.DataFrame:
    """Labels of claims without the finding that they announce, on the line that they name."""
    labels = sample.labels.filter(pl.col("claim").is_not_null())
    found = sample.findings.select("claim", "line", finding="code").unique()
    by_claim = labels.filter(pl.col("line").is_null()).join(found, on=["claim", "finding"], how="anti")
    by_line = labels.filter(pl.col("line").is_not_null()).join(
        found, on=["claim", "line", "finding"], how="anti"
    )
    return pl.concat([by_claim, by_line]).select("claim", "form", "line", "defect", "finding")


def test_every_planted_defect_is_found(planted: CheckedSample) -> None:
    assert planted.labels.height > 200
    assert missed(planted).rows() == []


def test_no_claim_is_blocked_in_which_nothing_was_planted(planted: CheckedSample) -> None:
    labelled = planted.labels["claim"].drop_nulls().implode()
    blocks = planted.findings.filter(
        (pl.col("severity") == "block") & pl.col("claim").is_not_null() & ~pl.col("claim").is_in(labelled)
    )
    assert blocks.select("claim", "line", "code").rows() == []


def test_a_label_names_the_claim_by_its_number(planted: CheckedSample) -> None:
    numbers = planted.labels.filter(pl.col("claim").is_not_null()).join(
        planted.claims, on="claim", how="left"
    )
    assert (numbers["claim_id"] == numbers["claim_id_right"]).all()
    assert (numbers["form"] == numbers["form_right"]).all()


@pytest.mark.parametrize(("form", "claims"), [("P", 9_000), ("I", 4_000), ("D", 2_000)])
def test_every_kind_is_found_in_every_form_that_can_have_it(
    form: str, claims: int, check_sample: Check
) -> None:
    kinds = frozenset(defect.kind for defect in DEFECTS if form in defect.forms)
    sample = check_sample(SampleOptions(claims=claims, seed=5, forms={form: 1}, defect_rate=0.6, kinds=kinds))
    assert kinds - set(sample.labels["defect"]) == set()
    assert missed(sample).rows() == []


@pytest.mark.parametrize("defect", ENVELOPE_DEFECTS, ids=lambda defect: defect.kind)
def test_an_envelope_defect_is_found_once_a_transaction(defect: object, check_sample: Check) -> None:
    from claimwright_lab.sampling import EnvelopeDefect

    assert isinstance(defect, EnvelopeDefect)
    options = SampleOptions(
        claims=60, seed=1, forms={"P": 1, "I": 1, "D": 1}, defect_rate=1, kinds=frozenset({defect.kind})
    )
    sample = check_sample(options)
    assert sample.labels.select("claim", "form").rows() == [(None, "P"), (None, "I"), (None, "D")]
    assert sample.findings["code"].to_list() == [defect.finding] * 3
