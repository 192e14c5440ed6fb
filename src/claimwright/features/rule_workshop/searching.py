"""Searches rules by words in their codes, texts, fields and expected denials, best match first."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from claimwright.engines.rules import Rule

# The weight of a match, by the part of the rule. A user who types a code wants that rule; a word more likely
# means the rule's subject than a word in its explanation.
_WEIGHTS = {
    "code": 100,
    "denial": 40,
    "name": 30,
    "title": 20,
    "field": 16,
    "family": 12,
    "what": 6,
    "fix": 4,
    "authority": 4,
}
# A match at the beginning of a longer word has less weight: for `time`, `timely` comes after `time`.
_BEGINNING = 0.5
_SHORTEST_BEGINNING = 3
_WORD = re.compile(r"[a-z0-9]+")
# Synonyms: if all of the words occur in one part of a rule, the synonym also matches that part.
_ALSO_CALLED = (
    ({"sex"}, "gender"),
    ({"excluded"}, "leie"),
    ({"exclusion"}, "leie"),
    ({"bilateral"}, "laterality"),
    ({"medicare", "secondary"}, "msp"),
    ({"notice", "ga"}, "abn"),
    ({"notice", "gx"}, "abn"),
)
_DENIALS = {"carc", "rarc", "co", "pr", "oa", "pi", "denial"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that was found: its score, and the parts in which the words occur."""

    rule: Rule
    score: int
    found_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """The result of a search, best first. `is_partial` if no rule has all the words, only some of them."""

    hits: tuple[Hit, ...]
    is_partial: bool = False
    near: tuple[str, ...] = ()


def family_of(rule: Rule) -> str:
    """The family of a rule: its folder in the rulebook; for other rules the letters of its code."""
    parts = PurePath(rule.file).parts
    return parts[-2] if rule.is_packaged and len(parts) > 1 else rule.code.rstrip("0123456789")


def search(rules: Iterable[Rule], words: str) -> Search:
    """The rules that contain every word; if there are none, those that contain some.

    Case and a final `s` are ignored. `carc 16` and `co-16` search only the expected denial.
    `near` suggests similar words for a word that no rule contains.
    """
    wanted = _wanted(words)
    if not wanted:
        return Search(())
    rules = list(rules)
    texts = {rule.code: _parts(rule) for rule in rules}
    scored = [(rule, [_score(word, texts[rule.code]) for word in wanted]) for rule in rules]
    pasted = frozenset(words.lower().split())
    full = [_hit(rule, scores, pasted) for rule, scores in scored if all(score for score, _ in scores)]
    if full:
        return Search(_best_first(full))
    some = [_hit(rule, scores, pasted) for rule, scores in scored if any(score for score, _ in scores)]
    unknown = [
        word
        for number, (word, where) in enumerate(wanted)
        if not where and not any(scores[number][0] for _, scores in scored)
    ]
    vocabulary = sorted({word for parts in texts.values() for words in parts.values() for word in words})
    near = tuple(match for word in unknown for match in difflib.get_close_matches(word, vocabulary, n=2))
    return Search(_best_first(some), is_partial=True, near=near)


def _wanted(words: str) -> list[tuple[str, str]]:
    """The words, each with the part in which it must occur, or none."""
    found: list[tuple[str, str]] = []
    where = ""
    for word in _words(words):
        if word in _DENIALS:
            where = "denial"
            continue
        found.append((word, where))
        where = ""
    return list(dict.fromkeys(found))


def _words(text: str) -> list[str]:
    words = _WORD.findall(text.lower())
    # Singular and plural match each other; codes and short words are left unchanged.
    return [
        word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
        for word in words
    ]


def _parts(rule: Rule) -> dict[str, frozenset[str]]:
    texts = {
        "code": rule.code,
        "denial": " ".join((*rule.carc, *rule.rarc)),
        "name": rule.name,
        "title": rule.title,
        "field": " ".join((*rule.fields, *sorted(rule.predicate.names))),
        "family": family_of(rule),
        "what": f"{rule.what} {rule.why} {rule.message}",
        "fix": rule.fix,
        "authority": " ".join(rule.authority),
    }
    return {part: _called(frozenset(_words(text))) for part, text in texts.items()}


def _called(words: frozenset[str]) -> frozenset[str]:
    return words | {other for needed, other in _ALSO_CALLED if needed <= words}


def _score(wanted: tuple[str, str], parts: dict[str, frozenset[str]]) -> tuple[float, tuple[str, ...]]:
    word, where = wanted
    score, found = 0.0, []
    for part, weight in _WEIGHTS.items():
        if where and part != where:
            continue
        if word in parts[part]:
            score += weight
            found.append(part)
        elif len(word) >= _SHORTEST_BEGINNING and any(other.startswith(word) for other in parts[part]):
            score += weight * _BEGINNING
            found.append(part)
    return score, tuple(found)


def _hit(rule: Rule, scores: Sequence[tuple[float, tuple[str, ...]]], pasted: frozenset[str]) -> Hit:
    found = dict.fromkeys(part for _, parts in scores for part in parts)
    score = sum(score for score, _ in scores)
    if pasted & {rule.code.lower(), rule.name, *rule.fields}:
        # The query contains the whole name of the rule, or of one of its fields.
        score += _WEIGHTS["code"]
    return Hit(rule, round(score), tuple(found))


def _best_first(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.rule.code)))
