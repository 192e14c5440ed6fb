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
  reason: The group's enrolment is being corrected.
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


def test_a_waiver_of_a_retired_rule_covers_the_rule_that_took_its_place(
    tmp_path: Path, rulebook: RuleBook
) -> None:
    [waiver] = load_waivers(written(tmp_path, WAIVER.replace("NPI001", "ICD023")), rulebook)
    assert waiver.rules == ("STY014", "DUP003")


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
    ("change", "line", "words"),
    [
        (("  to: 2025-06-30\n", ""), 1, "to is missing"),
        (("  owner: a.jones\n", ""), 1, "owner is missing"),
        (("  reason: The group's enrolment is being corrected.\n", ""), 1, "reason is missing"),
        (("owner: a.jones", "owner: "), 7, "owner is missing"),
        (("to: 2025-06-30", "to: 2024-06-30"), 6, "ends before it begins"),
        (("to: 2025-06-30", "to: end of June"), 6, "to is not a day"),
        (("to: 2025-06-30", "to: [2025, 6, 30]"), 6, "to is not a day"),
        (("to: 2025-06-30", "to: 2025-06-31"), 6, "to is not a day"),
        (("NPI001", "NPI999"), 2, "no rule NPI999"),
        (("[NPI001, line-billed-twice]", "NPI001"), 2, "rules is not a list"),
        (("[NPI001, line-billed-twice]", "[]"), 2, "rules is empty"),
        (("[NPI001, line-billed-twice]", "[{a: b}]"), 2, "an entry that is not a text"),
        (("owner:", "colour: red\n  owner:"), 7, "colour is not known here"),
        (("owner:", "to: 2025-07-31\n  owner:"), 7, "to is given twice"),
        (("{claim_filing: [CI]}", "[CI]"), 3, "not a mapping"),
        (("{claim_filing: [CI]}", "{claim_filing: CI}"), 3, "claim_filing is not a list"),
        (("{claim_filing: [CI]}", "{name: [CI]}"), 3, "name is not known here"),
        (("{claim_filing: [CI]}", "{ids: []}"), 3, "ids is empty"),
        (('["1234567890"]', "1234567890"), 4, "providers is not a list"),
        (('["1234567890"]', "[[1234567890]]"), 4, "an entry that is not a text"),
        (("- id: W-1", "- id: [W-1"), 2, "not YAML"),
        (("- id: W-1\n  rules", "rules"), 2, "not YAML"),
        ((WAIVER, "rules: [NPI001]"), 1, "not a list of waivers"),
        ((WAIVER, ""), 1, "not a list of waivers"),
        ((WAIVER, "- NPI001"), 1, "not a mapping"),
        ((WAIVER, "[" * 5_000), 1, "nested too deeply"),
    ],
)
def test_a_waiver_is_refused_by_the_line_that_is_wrong(
    change: tuple[str, str], line: int, words: str, tmp_path: Path, rulebook: RuleBook
) -> None:
    path = written(tmp_path, WAIVER.replace(*change))
    with pytest.raises(RuleBookError, match=words) as refused:
        load_waivers(path, rulebook)
    assert [(each.file, each.line) for each in refused.value.problems] == [(str(path), line)]


def test_every_entry_that_is_wrong_is_named_in_one_go(tmp_path: Path, rulebook: RuleBook) -> None:
    second = WAIVER.replace("W-1", "W-2").replace("  owner: a.jones\n", "")
    third = WAIVER.replace("W-1", "W-3").replace("2025-06-30", "soon")
    with pytest.raises(RuleBookError) as refused:
        load_waivers(written(tmp_path, WAIVER + second + third), rulebook)
    assert [(each.rule, each.line) for each in refused.value.problems] == [("W-2", 9), ("W-3", 21)]


def test_an_entry_without_a_name_is_told_by_its_number(tmp_path: Path, rulebook: RuleBook) -> None:
    nameless = WAIVER.replace("- id: W-1\n", "- ", 1).replace("-   ", "- ", 1)
    with pytest.raises(RuleBookError) as refused:
        load_waivers(written(tmp_path, nameless), rulebook)
    assert {each.rule for each in refused.value.problems} == {"entry 1"}


def test_two_waivers_with_one_id_are_refused(tmp_path: Path, rulebook: RuleBook) -> None:
    with pytest.raises(RuleBookError, match=r"waivers\.yaml:9: W-1: two waivers have the same id"):
        load_waivers(written(tmp_path, WAIVER + WAIVER), rulebook)


def test_what_is_no_text_is_refused(tmp_path: Path, rulebook: RuleBook) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_bytes(WAIVER.replace("a.jones", "a.j\xf6rg").encode("latin-1"))
    with pytest.raises(RuleBookError, match="not text in UTF-8"):
        load_waivers(path, rulebook)


def test_a_number_is_taken_as_it_is_written(tmp_path: Path, rulebook: RuleBook) -> None:
    # YAML reads 00112 as an octal number: 74.
    text = WAIVER.replace("{claim_filing: [CI]}", "{ids: [00112]}").replace('"1234567890"', "1234567890")
    [waiver] = load_waivers(written(tmp_path, text), rulebook)
    assert waiver.payer_ids == ("00112",)
    assert waiver.providers == ("1234567890",)
