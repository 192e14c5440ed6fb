"""The rulebook kept compiled is the rulebook, rule by rule; anything else in its place is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from claimwright.engines.rules import RuleBook, loading
from claimwright.engines.rules.compiled_book import book_key, dumped, loaded
from claimwright.engines.rules.loading import read_rulebook
from claimwright.engines.rules.problems import Problem
from claimwright.rulebook import packaged_rules


@pytest.fixture(scope="module")
def book() -> RuleBook:
    return read_rulebook(packaged_rules(), cases_later=True)


def test_a_book_comes_back_as_it_was(book: RuleBook) -> None:
    content = dumped(book)
    assert content is not None
    again = loaded(content, packaged_rules())
    assert again is not None
    assert len(again) == len(book)
    for one, other in zip(book, again, strict=True):
        for field in dataclasses.fields(one):
            if field.name != "cases":
                assert getattr(one, field.name) == getattr(other, field.name), (one.code, field.name)
    assert [case.name for case in again.rules[0].cases] == [case.name for case in book.rules[0].cases]


def test_the_key_changes_with_any_text() -> None:
    sources = list(packaged_rules())
    changed = dataclasses.replace(sources[0], text=sources[0].text + "\n")
    assert book_key(sources) == book_key(sources)
    assert book_key([changed, *sources[1:]]) != book_key(sources)


@pytest.mark.parametrize("content", [b"", b"1", b"[1]", b'[{"code": "X"}]', b"\xff"])
def test_other_bytes_are_no_book(content: bytes) -> None:
    assert loaded(content, packaged_rules()) is None


def test_a_function_that_is_gone_makes_the_book_be_compiled_anew(book: RuleBook) -> None:
    content = dumped(book)
    assert content is not None
    entries = json.loads(content)
    entry = next(entry for entry in entries if entry["lookups"])
    entry["lookups"][0][1] = "no_such_function"
    assert loaded(json.dumps(entries).encode(), packaged_rules()) is None


def test_a_book_with_problems_is_not_kept() -> None:
    assert dumped(RuleBook((), (Problem("file", 1, "X", "what", "do"),))) is None


def test_the_second_load_needs_no_sql_parser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, book: RuleBook
) -> None:
    monkeypatch.setenv("CLAIMWRIGHT_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    first = loading._packaged.__wrapped__()
    assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == ["rulebook"]

    def refuse(*_: object, **__: object) -> RuleBook:
        raise AssertionError("the rules were compiled again")

    monkeypatch.setattr(loading, "read_rulebook", refuse)
    second = loading._packaged.__wrapped__()
    assert [rule.code for rule in second] == [rule.code for rule in first]
