"""Search over the documents of a case: passages by the words of a query, and by other words for the same
concept.

BM25 (Robertson and Zaragoza 2009) over passages of three sentences. A concept that the query names is looked
for under each of its names: "high blood pressure" finds "HTN". No model of language is used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log

from .lexicon import concept_of, concept_pattern, concepts, measurements

# Usual values of BM25: how soon more of the same word adds nothing, how much long passages are held back.
_K1, _B = 1.2, 0.75
_SENTENCES = 3
# Another name for the same concept counts a little less than the word itself.
_OTHER_NAME = 0.8
_WORD = re.compile(r"[a-z0-9]+")
_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_COMMON = frozenset(
    "a an and are as at be been by did do does for from had has have he her his in is it its no not of on "
    "or she "
    "that the their there they this to was were what when which who with patient".split()
)


@dataclass(frozen=True)
class Passage:
    """A passage that was found; offsets are of the document's text."""

    document_id: int
    start: int
    end: int
    score: float


def search_passages(texts: Mapping[int, str], query: str, *, most: int = 10) -> list[Passage]:
    """The passages that fit a query best, best first; none that shares nothing with it."""
    wanted = _wanted(query)
    passages = [
        (number, start, end, Counter(_words(text[start:end])))
        for number, text in texts.items()
        for start, end in _windows(text)
    ]
    if not wanted or not passages:
        return []
    length = sum(sum(words.values()) for *_, words in passages) / len(passages) or 1.0
    having = {word: sum(1 for *_, words in passages if word in words) for word in wanted}
    found = []
    for number, start, end, words in passages:
        size = sum(words.values())
        score = 0.0
        for word, weight in wanted.items():
            count = words[word]
            if count:
                rare = log(1 + (len(passages) - having[word] + 0.5) / (having[word] + 0.5))
                score += weight * rare * count * (_K1 + 1) / (count + _K1 * (1 - _B + _B * size / length))
        if score > 0:
            found.append(Passage(number, start, end, round(score, 4)))
    found.sort(key=lambda each: (-each.score, each.document_id, each.start))
    return list(_apart(found))[:most]


def _apart(found: list[Passage]) -> Iterator[Passage]:
    """Without those that overlap a better one."""
    taken: list[Passage] = []
    for each in found:
        if any(
            each.document_id == one.document_id and each.start < one.end and one.start < each.end
            for one in taken
        ):
            continue
        taken.append(each)
        yield each


def _wanted(query: str) -> dict[str, float]:
    """The words to look for, with their weights."""
    wanted = dict.fromkeys(_words(query), 1.0)
    names: list[str] = []
    for match in concept_pattern()[0].finditer(query):
        names += concepts()[concept_of(match[0])].words
    low = query.lower()
    for measurement in measurements().values():
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", low) for name in measurement.words):
            names += measurement.words
    for name in names:
        for word in _words(name.removesuffix("*")):
            wanted.setdefault(word, _OTHER_NAME)
    return wanted


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.lower()) if word not in _COMMON and len(word) > 1]


def _stem(word: str) -> str:
    """A word without the endings that most often differ."""
    for ending in ("ies", "es", "s", "ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of passages: so many sentences each, one sentence apart."""
    bounds, at = [], 0
    for match in _END.finditer(text):
        if text[at : match.start()].strip():
            bounds.append((at, match.start()))
        at = match.end()
    if text[at:].strip():
        bounds.append((at, len(text)))
    for first in range(len(bounds)):
        yield bounds[first][0], bounds[min(first + _SENTENCES, len(bounds)) - 1][1]
        if first + _SENTENCES >= len(bounds):
            break
