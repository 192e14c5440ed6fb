"""The denials that rules expect: reasons and remarks that a payer may really send together."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from claimwright.engines.rules import Lifecycle, RuleBook

# Claim adjustment reason codes whose definition asks for at least one remark code.
# Source: X12 external code list 139.
NEED_A_REMARK = {
    "16", "96", "125", "129", "148", "226", "227", "234", "237", "250", "251", "252", "267", "A1",
}  # fmt: skip
COMBINATIONS = "core_code_combinations.csv"


def test_a_reason_that_needs_a_remark_has_one(rulebook: RuleBook) -> None:
    bare = [
        (rule.code, sorted(NEED_A_REMARK.intersection(rule.carc)))
        for rule in rulebook
        if rule.lifecycle is not Lifecycle.RETIRED and not rule.rarc and NEED_A_REMARK.intersection(rule.carc)
    ]
    assert bare == []


def test_a_remark_never_stands_without_a_reason(rulebook: RuleBook) -> None:
    assert [rule.code for rule in rulebook if rule.rarc and not rule.carc] == []


def test_reason_and_remark_are_one_of_the_core_combinations(rulebook: RuleBook, shared_data: Path) -> None:
    """Source: CAQH CORE, required code combinations, as a table of `carc` and `rarc`."""
    table = shared_data / "reference" / "codes" / COMBINATIONS
    if not table.is_file():
        pytest.skip(f"NOT CHECKED: {COMBINATIONS} (CAQH CORE) is not beside the shared data")
    with table.open(newline="", encoding="utf-8") as file:
        allowed = {(row["carc"], row["rarc"]) for row in csv.DictReader(file)}
    outside = [
        (rule.code, rule.carc, rule.rarc)
        for rule in rulebook
        if rule.rarc and not any((carc, rarc) in allowed for carc in rule.carc for rarc in rule.rarc)
    ]
    assert outside == []
