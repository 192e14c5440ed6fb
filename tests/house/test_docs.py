"""The pages: fresh, complete, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

import generate_docs
from claimwright.apps.cli.main import app
from claimwright.domain.dictionary import DICTIONARY, KEYS, Level
from claimwright.engines.rules import load_rulebook
from claimwright.engines.x12 import FAULTS
from reference_pages import Files

LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


@pytest.fixture(scope="module")
def wanted() -> Files:
    return generate_docs.wanted()


def test_the_reference_pages_are_fresh(wanted: Files) -> None:
    assert generate_docs.stale(wanted) == [], "run `make docs`"


def test_a_stale_page_is_named_and_written_anew(
    wanted: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate_docs, "REFERENCE", tmp_path)
    generate_docs.write(wanted, list(wanted))
    assert generate_docs.stale(wanted) == []
    (tmp_path / "left_over.md").write_text("# Nobody makes this page\n")
    (tmp_path / "dictionary.md").write_text("# What it said last year\n")
    (tmp_path / "cli.md").unlink()
    assert generate_docs.stale(wanted) == ["cli.md", "dictionary.md", "left_over.md"]
    generate_docs.write(wanted, generate_docs.stale(wanted))
    assert generate_docs.stale(wanted) == []
    assert not (tmp_path / "left_over.md").exists()


def test_every_test_that_a_page_names_as_proof_is_there(repo_root: Path, tracked: list[Path]) -> None:
    """A table says which test holds what; a test that was renamed would hold nothing."""
    tests = "\n".join(
        (repo_root / path).read_text(encoding="utf-8")
        for path in tracked
        if path.parts[0] == "tests" and path.suffix == ".py"
    )
    defined = set(re.findall(r"def (test_\w+)", tests))
    page = (repo_root / "docs" / "prediction.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    assert len(named) > 20
    assert named - defined == set()


def test_every_link_between_pages_leads_to_a_file(repo_root: Path, tracked: list[Path]) -> None:
    broken = []
    for path in tracked:
        if path.suffix == ".md":
            text = (repo_root / path).read_text(encoding="utf-8")
            targets = (match.group(1) for match in LINK.finditer(text))
            broken += [
                f"{path}: {target}" for target in targets if not (repo_root / path.parent / target).exists()
            ]
    assert broken == []


@pytest.mark.parametrize("page", ["journey.md", "recipes/which_files_change.md"])
def test_every_source_file_that_a_page_names_is_there(repo_root: Path, page: str) -> None:
    """A name without a floor is a new file, or one beside the file named before it."""
    text = (repo_root / "docs" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z0-9_]+/)+[a-z0-9_]+\.(?:py|sql|txt))`", text))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (repo_root / "src" / "claimwright" / path).exists()] == []


def test_every_decision_is_in_the_list(repo_root: Path) -> None:
    folder = repo_root / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in folder.glob("[0-9]*.md") if f"({page.name})" not in listed] == []


@pytest.mark.parametrize("level", list(Level))
def test_every_field_of_the_dictionary_says_what_it_is(level: Level) -> None:
    fields = [entry for entry in DICTIONARY if entry.level is level]
    assert [entry.name for entry in fields if len(entry.meaning) < 4] == []
    # What no field has a place for is kept verbatim in `segments`, wherever it stood.
    if level is not Level.SEGMENT:
        assert [entry.name for entry in fields if not entry.x12] == []


def test_a_field_name_stands_for_one_thing_on_all_levels() -> None:
    names = [entry.name for entry in DICTIONARY]
    keys = {key for level in KEYS.values() for key in level}
    assert len(names) == len(set(names))
    assert not keys & set(names)


def test_the_rule_that_contributors_are_shown_loads_and_passes_its_cases(
    repo_root: Path, tmp_path: Path
) -> None:
    page = (repo_root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "OWN001.yaml").write_text(example, encoding="utf-8")
    rulebook = load_rulebook(tmp_path, packaged=False)
    assert rulebook.problems == ()
    assert "OWN001" in rulebook


def test_every_rule_says_what_why_and_how_to_mend_in_sentences() -> None:
    rulebook = load_rulebook()
    assert rulebook.problems == ()
    short = [
        f"{rule.code} {key}"
        for rule in rulebook
        for key, text, words in (("what", rule.what, 4), ("why", rule.why, 4), ("fix", rule.fix, 2))
        if len(text.split()) < words or not text.endswith((".", "?"))
    ]
    assert short == []


def test_every_structural_fault_says_what_is_wrong_and_what_to_do() -> None:
    for fault in FAULTS:
        assert fault.message.endswith("."), fault.code
        assert fault.fix.endswith("."), fault.code


def commands(name: str, command: Any) -> list[tuple[str, Any]]:
    children = getattr(command, "commands", {}).items()
    return [
        (name, command),
        *(found for child, sub in children for found in commands(f"{name} {child}", sub)),
    ]


def test_every_command_and_every_option_explains_itself() -> None:
    for name, command in commands("claimwright", typer.main.get_command(app)):
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name}"
