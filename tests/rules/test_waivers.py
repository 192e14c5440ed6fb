"""Waivers: findings accepted for a time are marked, never dropped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from claimwright.engines.rules import RuleBook, RuleBookError, RuleEngine, load_waivers

from .test_engine import claims

WAIVER = """\
- id: W-1
  rules: [NPI001, line-billed-twice]
  payers: {claim_filing: [CI]}
  providers: ["1234567890"]
  from: 2025-01-01
  to: 2025-06-30
  owner: a.jones
  reason: The group's enrolment is being mended.
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_waiver_marks_what_it_covers(tmp_path: Path, rulebook: RuleBook, engine: RuleEngine) -> None:
    [waiver] = waivers = load_waivers(written(tmp_path, WAIVER), rulebook)
    assert waiver.rules == ("NPI001", "DUP003")
    batch = claims(
        3,
        billing_npi=["1234567890", "1234567890", "1111111111"],
        claim_filing_code=["CI", "MC", "CI"],
        frequency_code=["1", "1", "9"],
    )
    for day, first in ((date(2025, 6, 30), "W-1"), (date(2025, 7, 1), None), (date(2024, 12, 31), None)):
        found = engine.evaluate(batch, as_of=day, waivers=waivers).findings
        marked = {
            (claim, code): by for claim, code, by in found.select("claim", "code", "waiver").iter_rows()
        }
        assert marked[1, "NPI001"] == first
        assert marked[2, "NPI001"] is None, "another kind of payer"
        assert marked[3, "NPI001"] is None, "another provider"
        assert marked[3, "FRQ001"] is None, "another rule"


def test_a_waiver_without_scope_covers_every_claim(
    tmp_path: Path, rulebook: RuleBook, engine: RuleEngine
) -> None:
    text = "\n".join(line for line in WAIVER.splitlines() if "payers" not in line and "providers" not in line)
    waivers = load_waivers(written(tmp_path, text), rulebook)
    found = engine.evaluate(
        claims(2, billing_npi=["1", "2"]), as_of=date(2025, 3, 13), waivers=waivers
    ).findings
    assert found.filter(code="NPI001")["waiver"].to_list() == ["W-1", "W-1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("  to: 2025-06-30\n", ""), "to is missing"),
        (("  owner: a.jones\n", ""), "owner is missing"),
        (("  reason: The group's enrolment is being mended.\n", ""), "reason is missing"),
        (("to: 2025-06-30", "to: 2024-06-30"), "ends before it begins"),
        (("to: 2025-06-30", "to: '2025-06-30'"), "to is not a day"),
        (("NPI001", "NPI999"), "no rule NPI999"),
        (("[NPI001, line-billed-twice]", "NPI001"), "rules is not a list"),
        (("owner:", "ownr:"), "not a waiver"),
        (("- id: W-1", "- id: [W-1"), "not YAML"),
        (("- id: W-1\n  rules", "rules"), "not"),
    ],
)
def test_a_waiver_is_refused_for(
    change: tuple[str, str], words: str, tmp_path: Path, rulebook: RuleBook
) -> None:
    with pytest.raises(RuleBookError, match=words):
        load_waivers(written(tmp_path, WAIVER.replace(*change)), rulebook)


def test_two_waivers_with_one_id_are_refused(tmp_path: Path, rulebook: RuleBook) -> None:
    with pytest.raises(RuleBookError, match="one id"):
        load_waivers(written(tmp_path, WAIVER + WAIVER), rulebook)
