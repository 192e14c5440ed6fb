"""Serializes the built-in rules with compiled predicates, for the cache.

Reading 450 rule files and compiling their predicates takes most of the time for checking one claim. The
cached bytes are JSON. Their cache key covers everything that determines them: the texts of the rules, the
code that compiles them, and the version of the SQL parser.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from claimwright.domain.findings import Severity
from claimwright.foundation.content_cache import content_key
from claimwright.rulebook import RuleSource

from .book import RuleBook
from .functions import COLUMN_FUNCTIONS
from .predicate import Lookup, Predicate, Repair
from .rule import CasesToRead, Lifecycle, Rule

KIND = "rulebook"
# Code on which reading and compiling depend: this package, the names that predicates can use, and the
# functions that they can call.
_CODE = ("claimwright.engines.rules", "claimwright.domain.dictionary", "claimwright.domain.derived",
         "claimwright.domain", "claimwright.reference")  # fmt: skip
_PLAIN = (
    "code", "name", "title", "snip", "level", "forms", "when", "authority", "what", "why", "fix", "fields",
    "message", "carc", "rarc", "claim_filing", "payer_ids", "pair_on", "file", "line", "is_packaged",
    "redirect", "since",
)  # fmt: skip
_ENUMS = {"severity": Severity, "lifecycle": Lifecycle}
_DAYS = ("effective_from", "effective_to")


def book_key(sources: Iterable[RuleSource]) -> str:
    """The cache key for the book of these sources."""
    return content_key([*_code(), *(part.encode() for each in sources for part in (each.file, each.text))])


def _code() -> Iterable[bytes]:
    try:
        yield version("sqlglot").encode()
    except PackageNotFoundError:
        yield b""
    for package in _CODE:
        for entry in sorted(files(package).iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".sql")):
                yield entry.read_bytes()


def dumped(book: RuleBook) -> bytes | None:
    """The book as bytes; None if a rule has a problem, which must be reported each time."""
    if book.problems:
        return None
    return json.dumps([_dumped(rule) for rule in book.rules], separators=(",", ":")).encode()


def _dumped(rule: Rule) -> dict[str, Any]:
    repair = rule.repair
    return {
        **{name: getattr(rule, name) for name in (*_PLAIN, *_ENUMS)},
        **{name: day.isoformat() if (day := getattr(rule, name)) else None for name in _DAYS},
        **_dumped_predicate(rule.predicate),
        "repair": None if repair is None else {
            "changes": [[name, _dumped_predicate(value)] for name, value in repair.changes],
            "removes": repair.removes,
            "because": repair.because,
            "confidence": repair.confidence,
            "where": None if repair.where is None else _dumped_predicate(repair.where),
        },
    }  # fmt: skip


def _dumped_predicate(predicate: Predicate) -> dict[str, Any]:
    return {
        "sql": predicate.sql,
        "names": sorted(predicate.names),
        "macros": sorted(predicate.macros),
        "lookups": [
            [each.column, each.function.name, each.literals, each.names]
            for each in sorted(predicate.lookups, key=lambda lookup: lookup.column)
        ],
    }


def loaded(content: bytes, sources: Sequence[RuleSource]) -> RuleBook | None:
    """The book from these bytes; None if they are not such a book."""
    by_file = {source.file: source for source in sources}
    try:
        entries = json.loads(content)
        return RuleBook(tuple(_loaded(entry, by_file) for entry in entries))
    except (ValueError, KeyError, TypeError):
        return None


def _loaded(entry: dict[str, Any], sources: dict[str, RuleSource]) -> Rule:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value := entry[name], list) else value for name in _PLAIN
    }
    values |= {name: kind(entry[name]) for name, kind in _ENUMS.items()}
    values |= {name: date.fromisoformat(entry[name]) if entry[name] else None for name in _DAYS}
    values["predicate"] = _loaded_predicate(entry)
    values["repair"] = None if entry["repair"] is None else _loaded_repair(entry["repair"])
    values["cases"] = CasesToRead(sources[entry["file"]])
    return Rule(**values)


def _loaded_repair(entry: dict[str, Any]) -> Repair:
    return Repair(
        tuple((name, _loaded_predicate(value)) for name, value in entry["changes"]),
        tuple(entry["removes"]),
        entry["because"],
        entry["confidence"],
        None if entry["where"] is None else _loaded_predicate(entry["where"]),
    )


def _loaded_predicate(entry: dict[str, Any]) -> Predicate:
    return Predicate(
        entry["sql"],
        frozenset(entry["names"]),
        frozenset(
            Lookup(column, COLUMN_FUNCTIONS[function], tuple(literals), tuple(names))
            for column, function, literals, names in entry["lookups"]
        ),
        frozenset(entry["macros"]),
    )


assert {field.name for field in dataclasses.fields(Rule)} == {
    *_PLAIN, *_ENUMS, *_DAYS, "predicate", "cases", "repair",
}, "a field of Rule is neither serialized nor excluded"  # fmt: skip
