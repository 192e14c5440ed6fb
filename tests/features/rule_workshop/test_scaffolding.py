"""A new rule begins as a draft that works, on a code of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from claimwright.domain.findings import Severity
from claimwright.engines.rules import Lifecycle, RuleBook, load_rulebook
from claimwright.engines.rules.names import LEVELS
from claimwright.features.rule_workshop import ScaffoldError, read_rules, scaffold, try_files, unsaid

from .conftest import rule_text


def test_a_scaffold_of_every_level_loads_as_a_draft_whose_cases_pass(tmp_path: Path) -> None:
    for number, level in enumerate(LEVELS, start=1):
        scaffold(f"OWN{number:03d}", level=level, folder=tmp_path)
    tried = try_files([tmp_path])
    assert tried.problems == ()
    assert tried.failed == ()
    assert [rule.level for rule in tried.rules] == list(LEVELS)
    assert {rule.lifecycle for rule in tried.rules} == {Lifecycle.DRAFT}
    assert len(tried.results) == 2 * len(LEVELS)
    assert load_rulebook(tmp_path).problems == ()


@pytest.mark.parametrize("severity", list(Severity))
def test_a_scaffold_has_the_severity_asked_for(severity: Severity, tmp_path: Path) -> None:
    [rule] = read_rules([scaffold("OWN001", severity=severity.value, folder=tmp_path)]).rules
    assert rule.severity is severity


def test_what_is_still_to_say_is_named(tmp_path: Path) -> None:
    [rule] = read_rules([scaffold("OWN001", folder=tmp_path)]).rules
    assert unsaid(rule) == ("name", "title", "authority", "what", "why", "fix", "cases")


def test_a_finished_rule_has_nothing_left_to_say(rulebook: RuleBook) -> None:
    assert [rule.code for rule in rulebook if unsaid(rule)] == []


def test_a_code_is_written_in_capitals(tmp_path: Path) -> None:
    assert scaffold("own001", folder=tmp_path).name == "OWN001.yaml"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("NPI001", "NPI001 is already the rule of rulebook/identifiers/NPI001.yaml"),
        ("SYN001", "format errors"),
        ("SYN999", "format errors"),
        ("OWN1", "not a code"),
        ("TOOLONG001", "not a code"),
        ("../OWN001", "not a code"),
    ],
)
def test_a_code_is_refused(code: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match=words):
        scaffold(code, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_code_comes_with_one_that_is_free(tmp_path: Path, rulebook: RuleBook) -> None:
    with pytest.raises(ScaffoldError) as refused:
        scaffold("NPI001", folder=tmp_path)
    free = str(refused.value).rsplit(" ", 1)[-1]
    assert free.startswith("NPI")
    assert free not in rulebook


def test_a_code_of_the_folder_is_taken_even_by_a_file_that_is_no_rule_yet(tmp_path: Path) -> None:
    (tmp_path / "begun.yaml").write_text("code: OWN001\nwhen: [\n", encoding="utf-8")
    with pytest.raises(ScaffoldError, match=r"OWN001 is already the rule of .*begun\.yaml.* such as OWN002"):
        scaffold("OWN001", folder=tmp_path)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "OWN001.yaml").write_text("", encoding="utf-8")
    with pytest.raises(ScaffoldError, match=r"OWN001\.yaml exists"):
        scaffold("OWN001", folder=tmp_path)


@pytest.mark.parametrize(("option", "value"), [("level", "claims"), ("severity", "fatal")])
def test_a_word_that_is_none_is_refused_with_the_words_that_are(
    option: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(ScaffoldError, match=rf"no {option} {value}; .*(warn|diagnosis)"):
        scaffold("OWN001", folder=tmp_path, **{option: value})


def test_the_terminal_says_the_next_steps(run: Callable[..., Result], tmp_path: Path) -> None:
    begun = run("rules", "new", "own001", "--level", "line", "--severity", "block", "--folder", tmp_path)
    assert begun.exit_code == 0
    path = tmp_path / "OWN001.yaml"
    for step in (f"edit {path}", f"rules test {path}", f"rules replay {path}", f"check --rules {tmp_path}"):
        assert step in begun.stdout
    tested = run("rules", "test", path)
    assert tested.exit_code == 0
    assert "2 of 2 cases of 1 rule are as stated." in tested.stdout
    assert "OWN001: still to write: name, title, authority" in tested.stderr
    again = run("rules", "new", "OWN001", "--folder", tmp_path)
    assert again.exit_code == 2
    assert again.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = run("rules", "new", "OWN001", "--folder", tmp_path / "file")
    assert refused.exit_code == 2
    assert "can't be written" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_draft_never_runs_in_a_check(
    run: Callable[..., Result], tmp_path: Path, repo_root: Path, written: Callable[..., Path]
) -> None:
    claims = repo_root / "samples" / "professional.837"
    for lifecycle, runs in (("draft", False), ("preview", False), ("stable", True), ("retired", False)):
        folder = written(rule_text(limit=1, lifecycle=lifecycle), folder=lifecycle).parent
        result = run("check", claims, "--as-of", "2025-09-15", "--rules", folder, "--format", "jsonl")
        assert ("OWN001" in result.stdout) is runs, lifecycle
