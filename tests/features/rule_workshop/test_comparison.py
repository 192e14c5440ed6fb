"""Two rulebooks side by side: what was added, removed and changed, and what that does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import claimwright.rulebook
from claimwright.features.rule_workshop import Change, Comparison, compare_folders

from .conftest import rule_text

Write = Callable[..., Path]
HOME = Path(claimwright.rulebook.__file__).parent


def compared(written: Write, old: str, new: str) -> Comparison:
    return compare_folders(written(old, folder="old").parent, written(new, folder="new").parent)


def only_change(written: Write, old: str, new: str) -> Change:
    found = compared(written, old, new)
    assert (found.added, found.removed, found.same) == ((), (), 0)
    [change] = found.changed
    return change


def test_rules_are_added_removed_and_kept(written: Write) -> None:
    written(rule_text("OWN001"), folder="old")
    old = written(rule_text("OWN002", limit=2), folder="old", name="b.yaml").parent
    written(rule_text("OWN002", limit=2), folder="new")
    new = written(rule_text("OWN003", limit=3), folder="new", name="b.yaml").parent
    found = compare_folders(old, new)
    assert [rule.code for rule in found.added] == ["OWN003"]
    assert [rule.code for rule in found.removed] == ["OWN001"]
    assert (found.changed, found.same, found.is_same) == ((), 1, False)


def test_a_draft_may_go_and_a_rule_that_was_in_use_may_not(written: Write) -> None:
    written(rule_text("OWN001", lifecycle="stable"), folder="old")
    old = written(rule_text("OWN002", limit=2), folder="old", name="b.yaml").parent
    found = compare_folders(old, written(rule_text("OWN003", limit=3), folder="new").parent)
    assert [rule.code for rule in found.lost] == ["OWN001"]


@pytest.mark.parametrize(
    ("key", "change", "old", "new"),
    [
        ("severity", ("severity: warn", "severity: block"), "warn", "block"),
        ("lifecycle", ("lifecycle: draft", "lifecycle: stable"), "draft", "stable"),
        ("snip", ("snip: 7", "snip: 4"), "7", "4"),
        ("carc", ('["252"]', '["252", "16"]'), "252", "252, 16"),
        ("why", ("The plan asks for the record and pays when it has come.", "Why not."),
         "The plan asks for the record and pays when it has come.", "Why not."),
        ("forms", ("field:", "forms: [P]\nfield:"), "P, I, D", "P"),
        ("payers", ("field:", "payers: {ids: ['1']}\nfield:"), "every payer", "payers 1"),
        ("effective", ("field:", "effective: {from: 2026-01-01}\nfield:"), "always", "2026-01-01 to ..."),
    ],
)  # fmt: skip
def test_a_changed_key_is_told_with_both_values(
    key: str, change: tuple[str, str], old: str, new: str, written: Write
) -> None:
    changed = only_change(written, rule_text(), rule_text().replace(*change))
    assert changed.keys == {key: (old, new)}


def test_what_decides_on_claims_is_told_from_what_is_said_of_them(written: Write) -> None:
    when = only_change(
        written, rule_text(), rule_text().replace("total_charge > 400", "total_charge > 400.001")
    )
    assert when.decides_otherwise
    assert not only_change(written, rule_text(), rule_text(severity="block")).decides_otherwise


def test_gravity_goes_up_and_down(written: Write) -> None:
    assert only_change(written, rule_text(severity="note"), rule_text(severity="block")).graver == 2
    assert only_change(written, rule_text(severity="warn"), rule_text(severity="note")).graver == -1


def test_the_spelling_of_a_predicate_is_no_change(written: Write) -> None:
    found = compared(
        written,
        rule_text(),
        rule_text().replace("when: total_charge > 400", "when: |\n  TOTAL_CHARGE  >  400"),
    )
    assert found.is_same


def test_cases_are_compared_by_name(written: Write) -> None:
    changed = only_change(
        written,
        rule_text(),
        rule_text().replace("a cent above", "far above").replace("charge: 400}", "charge: 399}"),
    )
    assert changed.keys["cases"] == (
        "2 cases; without: a cent above",
        "2 cases; new: far above; changed: as much as the plan takes",
    )


def test_the_rulebook_is_the_same_as_a_copy_of_itself(tmp_path: Path, run: Callable[..., Result]) -> None:
    """The clean claims of `base/` lie among the rules and are none."""
    shutil.copytree(HOME, tmp_path / "copy", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    result = run("rules", "diff", tmp_path / "copy")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("No differences in ")


def test_the_terminal_tells_the_difference(run: Callable[..., Result], written: Write) -> None:
    old = written(rule_text(lifecycle="stable"), folder="old").parent
    new = written(rule_text(lifecycle="stable", severity="block"), folder="new").parent
    result = run("rules", "diff", old, new)
    assert result.exit_code == 1
    assert "1 changed (0 may fire on other claims, 1 more severe, 0 less severe)" in result.stdout
    facts = json.loads(run("rules", "diff", old, new, "--format", "json").stdout)
    assert facts["changed"][0]["keys"] == {"severity": {"old": "warn", "new": "block"}}


def test_a_deleted_rule_is_remarked_on(run: Callable[..., Result], written: Write) -> None:
    old = written(rule_text(lifecycle="stable"), folder="old").parent
    new = written(rule_text("OWN002"), folder="new").parent
    assert "retire OWN001 instead of deleting" in run("rules", "diff", old, new).stderr


def test_a_rule_that_cannot_be_compared_is_told_and_the_rest_compared(
    run: Callable[..., Result], written: Write
) -> None:
    old = written(rule_text(), folder="old").parent
    broken = written("code: [", folder="new", name="broken.yaml")
    new = written(rule_text(severity="block"), folder="new").parent
    result = run("rules", "diff", old, new)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{broken}:")
    assert "1 changed" in result.stdout


def test_a_folder_that_is_not_there_is_one_line(run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("rules", "diff", tmp_path / "nowhere")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
