"""What a language model is told of a case: identifiers become tokens, and are put back afterwards.

Names, addresses, numbers and dates are never told: a model uses such a fact by its id. What is told, the
words of notes above all, is searched for what identifies somebody: the values of the case in any form, and
what looks like a date, a number, an address or a name. Each becomes a token. The categories are those of 45
CFR 164.514(b)(2). A single name without a title in the words of a note can't be told from another word, and
stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from claimwright.domain.appeal_case import Case, Fact, FactKind

HIDDEN = frozenset({FactKind.NAME, FactKind.ADDRESS, FactKind.IDENTIFIER, FactKind.DATE})
"""Kinds of facts of which a model knows the label only."""

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_LOOKS = tuple(
    re.compile(each, flags)
    for each, flags in (
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", 0),
        (r"\b(?:https?://|www\.)\S+", re.IGNORECASE),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}\b", 0),
        (r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b", 0),
        (rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b", re.IGNORECASE),
        (rf"\b\d{{1,2}}\s+{_MONTH}(?:,?\s+\d{{4}})?\b", re.IGNORECASE),
        (rf"\b{_MONTH}\s+\d{{4}}\b", re.IGNORECASE),
        (r"(?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b", 0),
        (r"\b\d{3}[ -]\d{2}[ -]\d{4}\b", 0),
        (r"\b\d{5}(?:-\d{4})?\b", 0),
        (r"\bP\.?\s?O\.?\s+Box\s+\d+\b", re.IGNORECASE),
        (
            r"\b\d+\s+(?:[A-Z][\w.]*\s+){1,3}(?:St|Street|Ave|Avenue|Rd|Road|Dr|Drive|Ln|Lane|Blvd|Way|Ct|Court)\b\.?",
            0,
        ),
        # Letters and digits mixed, or many digits: numbers of records, accounts, devices.
        (r"\b[A-Za-z]{1,5}-?\d{4,}[A-Za-z0-9-]*\b", 0),
        (r"\b\d+-\d{4,}\b|\b\d{5,}[A-Za-z0-9-]*\b", 0),
        (r"\b(?:9\d|1[01]\d)[- ]?(?:years?|yrs?|y/?o)\b(?:[- ]old)?", re.IGNORECASE),
        (r"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof)\.?\s+(?:[A-Z][\w'’-]+\s?){1,3}", 0),
        (
            r"(?<=\b)(?i:patient|name|pt|wife|husband|son|daughter|mother|father|brother|sister|spouse|partner|friend"
            r"|nurse|physician|provider|surgeon)[:,]?\s+(?-i:[A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+)*)",
            0,
        ),
        (r"\b[A-Z][a-z'’-]+(?:\s+[A-Z]\.)?\s+[A-Z][a-z'’-]+(?:\s+[A-Z][a-z'’-]+)*\b", 0),
    )
)  # fmt: skip
_TOKEN = re.compile(r"\{[a-z][a-z0-9_.-]*\}")
# Of these, each part of the name is known as well: they are people.
_PEOPLE = ("patient.name", "claim.rendering")
_SHORTEST = 2


@dataclass
class Minimised:
    """Replaces what identifies somebody by tokens, and puts it back. One for a question."""

    case: Case
    removed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = sorted(_known(self.case), key=lambda each: -len(each[0]))
        self._known = [
            (re.compile(rf"(?<!\w){_loosely(words)}(?!\w)", re.IGNORECASE), token) for words, token in known
        ]
        self._tokens: dict[str, str] = {}

    @property
    def facts(self) -> list[dict[str, str]]:
        """The facts that hold, as a model is told of them."""
        return [self._told(each) for each in self.case.facts if each.holds]

    def text(self, words: str) -> str:
        """A text without what identifies somebody."""
        for pattern, token in self._known:
            words = _outside(words, pattern, partial(self._hidden, token))
        for pattern in _LOOKS:
            words = _outside(words, pattern, partial(self._hidden, ""))
        return words

    def _hidden(self, token: str | None, match: re.Match[str]) -> str:
        return token or self._token(match[0])

    def put_back(self, words: str) -> str:
        """A text with the values of its tokens.

        Raises:
            KeyError: there is no such token; the key is its name.
        """
        facts = self.case.by_id

        def value(match: re.Match[str]) -> str:
            name = match[0][1:-1]
            if name in self.removed:
                return self.removed[name]
            fact = facts.get(name)
            if fact is None or not fact.holds:
                raise KeyError(name)
            return fact.shown

        return _TOKEN.sub(value, words)

    def _told(self, fact: Fact) -> dict[str, str]:
        told = {"id": fact.fact_id, "is": fact.label}
        if fact.kind not in HIDDEN:
            is_words = fact.kind in (FactKind.WORDS, FactKind.CLINICAL)
            told["value"] = self.text(fact.shown) if is_words else fact.shown
        if fact.clinical is not None:
            said = fact.clinical
            told["sense"] = f"{said.polarity}, {said.subject}, {said.time}, {said.certainty}"
        return told

    def _token(self, words: str) -> str:
        """The token of some words; the same for the same words."""
        if words not in self._tokens:
            name = f"removed.{len(self._tokens) + 1}"
            self._tokens[words], self.removed[name] = f"{{{name}}}", words
        return self._tokens[words]


def tokens_of(text: str) -> tuple[str, ...]:
    """The names of the tokens in a text."""
    return tuple(dict.fromkeys(match[0][1:-1] for match in _TOKEN.finditer(text)))


def identifiers_of(case: Case) -> Iterator[str]:
    """The words that must not leave: hidden values, and the parts of people's names."""
    for words, _ in _known(case):
        yield words


def _known(case: Case) -> Iterator[tuple[str, str | None]]:
    """Values and their tokens; None: a token of its own, since it is a part of the value."""
    for fact in case.facts:
        if fact.kind not in HIDDEN or len(fact.shown) < _SHORTEST:
            continue
        yield fact.shown, f"{{{fact.fact_id}}}"
        if fact.value != fact.shown and len(fact.value) >= _SHORTEST:
            yield fact.value, None
        if fact.kind is FactKind.ADDRESS:
            for line in fact.shown.split("\n"):
                if len(line.strip()) > _SHORTEST and any(each.isdigit() for each in line):
                    yield line.strip(), None
        if fact.fact_id in _PEOPLE:
            for part in re.findall(r"[^\W\d_]+", fact.shown):
                if len(part) > _SHORTEST:
                    yield part, None


def _loosely(words: str) -> str:
    """A pattern for the words with any white space between them."""
    return r"\s+".join(re.escape(each) for each in words.split())


def _outside(words: str, pattern: re.Pattern[str], replaced: Callable[[re.Match[str]], str]) -> str:
    """Replace matches outside of tokens that are there already."""
    made, at = [], 0
    for token in _TOKEN.finditer(words):
        made += [pattern.sub(replaced, words[at : token.start()]), token[0]]
        at = token.end()
    return "".join([*made, pattern.sub(replaced, words[at:])])


def hides(case: Case, text: str) -> Mapping[str, int]:
    """How often each word that must not leave stands in a text; empty where none does."""
    found = {}
    for words in identifiers_of(case):
        count = len(re.findall(rf"(?<!\w){_loosely(words)}(?!\w)", text, re.IGNORECASE))
        if count:
            found[words] = count
    return found
