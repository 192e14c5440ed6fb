"""A rule that cannot be used is refused whole, with file, line and what to do; the others load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from claimwright.engines.rules import (
    RuleBook,
    RuleBookError,
    RuleEngine,
    clean_claim,
    load_rulebook,
    read_rulebook,
)
from claimwright.rulebook import RuleSource

from .conftest import DAY, RULE, changed

Read = Callable[..., RuleBook]

REFUSED = {
    "a syntax error in the file": (changed(title="{"), "not YAML", 4),
    "a syntax error in the predicate": (changed(when="units >"), "not SQL", 14),
    "an unknown name": (changed(when="unit > 10"), "unit is not a known name", 14),
    "a name of another level": (changed(when="other_payer_paid > 10"), "not a name of the level line", 14),
    "a subquery": (changed(when="units > (select 1)"), "a subquery", 14),
    "a statement": (changed(when="units > 1; drop table x"), "2 statements", 14),
    "an aggregate": (changed(when="sum(units) > 10"), "an aggregate", 14),
    "a window": (changed(when="row_number() over () > units"), "a window function", 14),
    "a file function": (changed(when="read_csv('x') = procedure"), "not allowed", 14),
    "a result that is not boolean": (changed(when="units + 10"), "not true or false", 14),
    "types that do not compare": (changed(when="service_from_on > 10"), "when:", 14),
    "a code compared with a number": (changed(when="procedure = 99213"), "is a code, not a number", 14),
    "a division that may be by zero": (changed(when="line_charge / units > 10"), "may be zero", 14),
    "an impossible pattern": (changed(when="regexp_matches(procedure, '(')"), "when:", 14),
    "a predicate of nothing": (changed(when="1 = 1"), "names no field", 14),
    "the clock": (changed(when="service_from_on > current_date"), "the clock", 14),
    "no cases": (changed(cases=" []\n"), "no cases", 15),
    "no cases at all": (changed(cases=None), "cases is missing", 1),
    "no quiet case": (
        changed(cases="\n- {name: eleven, fires: true, lines: [{units: 11}]}\n"),
        "does not fire",
        15,
    ),
    "no firing case": (
        changed(cases="\n- {name: ten, fires: false}\n"),
        "no case on which the rule fires",
        15,
    ),
    "a failing case": (RULE.replace("units: 11", "units: 10"), "does not fire, and should", 16),
    "a case that fires and should not": (
        RULE.replace("[{units: 10}]", "[{units: 12}]"),
        "fires, and should not",
        17,
    ),
    "a case with a field that is none": (RULE.replace("units: 11", "unit: 11"), "unit is not a field", 16),
    "a case with a code that YAML made a number": (
        RULE.replace("units: 11", "procedure: 99213"),
        "procedure is not code; quote it",
        16,
    ),
    "no authority": (changed(authority="[]"), "no authority", 10),
    "an unknown key": (changed(severety="warn"), "severety is not a key", 15),
    "an unknown severity": (changed(severity="error"), "severity is none of", 4),
    "an unknown level": (changed(level="claims"), "level is none of", 7),
    "an unknown form": (changed(forms="[X]"), "forms are not letters", 8),
    "a SNIP type that is none": (changed(snip="9"), "snip is not a SNIP type", 5),
    "a code of another shape": (changed(code="X1"), "code is not letters and three digits", 1),
    "a name that is not kebab-case": (changed(name="Units"), "name is not words joined by dashes", 2),
    "a field that is none": (changed(field="unit"), "unit is not a name", 9),
    "a key given twice": (RULE + "code: TST002\n", "code is given twice", 18),
    "an end before the beginning": (
        changed(effective="{from: 2026-01-01, to: 2025-01-01}"),
        "ends before it begins",
        15,
    ),
    "a day in quotes": (changed(effective="{from: '2026-01-01'}"), "is not a date", 15),
    "a list instead of a rule": ("- a\n", "not a mapping", 1),
    "an empty file": ("", "not a mapping", 1),
    "a set instead of a rule": ("!!set {code, name}\n", "not a mapping", 1),
    "a pair without what the lines agree in": (changed(level="pair"), "pair_on belongs", 7),
    "a message with a field that is none": (changed(message="'{unit} is wrong'"), "{unit} is no name", 15),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_rule_is_refused_for(what: str, read: Read) -> None:
    text, words, line = REFUSED[what]
    book = read(text, RULE.replace("TST001", "TST009").replace("test-units-many", "test-units-more"))
    problems = [problem for problem in book.problems if problem.file == "tenant/1.yaml"]
    assert [rule.code for rule in book] == ["TST009"], "the other rule loads, the faulty one does not"
    assert words in problems[0].what
    assert abs(problems[0].line - line) <= 1, f"line {problems[0].line}, not about {line}"
    assert problems[0].do
    assert str(problems[0]).startswith("tenant/1.yaml:")


def test_the_test_rule_itself_loads(read: Read) -> None:
    book = read(RULE)
    assert [str(problem) for problem in book.problems] == []
    assert book["TST001"] is book["test-units-many"]


def test_a_rule_may_name_no_field_and_then_its_findings_name_no_place(read: Read) -> None:
    book = read(changed(field=None, when="units > 0").split("cases:")[0] + CASES)
    assert [str(problem) for problem in book.problems] == []
    found = RuleEngine(book, threads=1).evaluate(clean_claim("P"), as_of=DAY).findings
    assert found.select("field", "loop", "segment_id", "element").rows() == [(None, None, None, None)]


def test_several_faults_of_one_rule_are_reported_together(read: Read) -> None:
    book = read(changed(severity="error", snip="9", when="unit > 1"))
    assert len(book.problems) == 3


def test_a_code_that_ships_is_not_used_again(read: Read, rulebook: RuleBook) -> None:
    book = read(changed(code="NPI001"), beside=rulebook)
    assert "already the rule of rulebook/identifiers/NPI001.yaml" in book.problems[0].what
    assert book["NPI001"].is_packaged
    assert len(book) == len(rulebook)


def test_of_two_rules_with_one_code_or_name_the_second_is_refused(read: Read) -> None:
    book = read(RULE, changed(name="another-name"), changed(code="TST002"))
    assert [rule.file for rule in book] == ["tenant/1.yaml"]
    assert len(book.problems) == 2


def test_a_folder_of_rules_is_read_beside_those_that_ship(tmp_path: Path, rulebook: RuleBook) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "TST001.yaml").write_text(RULE, encoding="utf-8")
    (tmp_path / "broken.yml").write_text("code: [", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no rule", encoding="utf-8")
    book = load_rulebook(tmp_path)
    assert len(book) == len(load_rulebook(tmp_path)) == len(rulebook) + 1
    assert [Path(problem.file).name for problem in book.problems] == ["broken.yml"]
    assert not book["TST001"].is_packaged


def test_cases_that_are_read_later_are_refused_when_they_are_asked_for() -> None:
    source = RuleSource("rulebook/test/TST001.yaml", RULE.replace("true", "perhaps"), is_packaged=True)
    [rule] = read_rulebook([source], cases_later=True)
    with pytest.raises(RuleBookError, match=r"TST001.yaml:16: TST001: a case without name, or without fires"):
        len(rule.cases)


def test_what_stands_below_the_cases_is_read_with_them() -> None:
    source = RuleSource("rulebook/test/TST001.yaml", f"{RULE}carc: ['16']\n", is_packaged=True)
    [rule] = read_rulebook([source], cases_later=True)
    assert rule.carc == ("16",)
    assert [case.name for case in rule.cases] == ["eleven", "ten"]


def test_a_path_without_anything_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        load_rulebook(tmp_path / "nothing")


def test_a_file_that_is_no_text_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="not UTF-8"):
        load_rulebook(tmp_path)
    (tmp_path / "rule.yaml").write_bytes(b"#" * 300_000)
    with pytest.raises(ValueError, match="too many for a rule"):
        load_rulebook(tmp_path)


def test_rules_that_are_drafts_or_retired_do_not_run(read: Read) -> None:
    claim = clean_claim("P")
    for lifecycle, found in (("draft", 0), ("preview", 0), ("retired", 0), ("stable", 1)):
        book = read(changed(lifecycle=lifecycle, when="units > 0").split("cases:")[0] + CASES)
        assert [str(problem) for problem in book.problems] == [] or lifecycle == "retired"
        assert RuleEngine(book, threads=1).evaluate(claim, as_of=DAY).findings.height == found


CASES = """\
cases:
  - {name: some, fires: true}
  - {name: none, fires: false, lines: [{units: 0}]}
"""
