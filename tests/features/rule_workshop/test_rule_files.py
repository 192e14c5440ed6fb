"""`rules test`: what is wrong with a file is said with its line, and the status tells which kind it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import claimwright.rulebook
from claimwright.features.rule_workshop import try_files

from .conftest import rule_text

HOME = Path(claimwright.rulebook.__file__).parent


def test_only_the_rules_of_the_files_are_tried(written: Callable[..., Path]) -> None:
    tried = try_files([written(rule_text())])
    assert [rule.code for rule in tried.rules] == ["OWN001"]
    assert len(tried.results) == 2


def test_a_case_that_fails_is_told_with_its_line(
    run: Callable[..., Result], written: Callable[..., Path]
) -> None:
    path = written(rule_text().replace("total_charge > 400", "total_charge > 4000"))
    result = run("rules", "test", path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{path}:16: OWN001: on the case 'a cent above' the rule does not fire, and should;"
        " correct the predicate or the case"
    ]
    assert "1 of 2 cases of 1 rule are as stated." in result.stdout


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("total_charge > 400", "total_charge >"), 14, "not SQL"),
        (("total_charge > 400", "totl_charge > 400"), 14, "did you mean total_charge"),
        (("total_charge > 400", "total_charge > (select 1)"), 14, "subquery"),
        (("total_charge > 400", "total_charge + 400"), 14, "not true or false"),
        (("total_charge > 400", "total_charge / adjusted > 1"), 14, "adjusted"),
        (("true, claim: {total_charge", "true, claim: {totl_charge"), 16, "totl_charge is not a field"),
        (("severity: warn", "severity: fatal"), 4, "severity is none of"),
        (("code: OWN001", "code: NPI001"), 1, "NPI001 is already the rule of"),
        (("charge-above-400", "billing-npi-impossible"), 1, "billing-npi-impossible is already the rule"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_one_line_with_file_and_line(
    change: tuple[str, str], line: int, words: str, run: Callable[..., Result], written: Callable[..., Path]
) -> None:
    path = written(rule_text().replace(*change))
    result = run("rules", "test", path)
    assert result.exit_code == 2
    [told] = result.stderr.splitlines()
    assert told.startswith(f"{path}:{line}:")
    assert words in told


def test_a_sound_rule_is_tried_beside_one_that_is_refused(
    run: Callable[..., Result], written: Callable[..., Path]
) -> None:
    written("code: [", name="broken.yaml")
    result = run("rules", "test", written(rule_text()).parent)
    assert result.exit_code == 2
    assert "2 of 2 cases of 1 rule are as stated." in result.stdout


def test_a_folder_without_rules_says_so(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("rules", "test", tmp_path)
    assert result.exit_code == 2
    assert "there is no rule file" in result.stderr


def test_a_path_that_leads_nowhere_says_so(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("rules", "test", tmp_path / "nowhere")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_file_of_the_rulebook_is_tested_in_place() -> None:
    tried = try_files([HOME / "dates" / "TMF001.yaml"])
    assert tried.problems == ()
    assert [rule.code for rule in tried.rules] == ["TMF001"]
    assert tried.failed == ()


def test_a_copy_of_a_file_of_the_rulebook_is_on_a_taken_code(tmp_path: Path) -> None:
    shutil.copy(HOME / "dates" / "TMF001.yaml", tmp_path)
    [problem] = try_files([tmp_path]).problems
    assert "TMF001 is already the rule of rulebook/dates/TMF001.yaml" in str(problem)


def test_two_files_with_one_code_are_refused_at_the_second(written: Callable[..., Path]) -> None:
    written(rule_text())
    folder = written(rule_text().replace("charge-above-400", "charge-too-high"), name="second.yaml").parent
    tried = try_files([folder])
    assert len(tried.rules) == 1
    assert "OWN001 is already the rule of" in str(tried.problems[0])


@pytest.mark.slow
@pytest.mark.long
def test_the_whole_rulebook_is_tried_where_no_file_is_named(
    run: Callable[..., Result], rulebook: object
) -> None:
    result = run("rules", "test")
    assert result.exit_code == 0
    assert "are as stated." in result.stdout
