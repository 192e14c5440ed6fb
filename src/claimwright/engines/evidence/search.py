"""Search over the documents of a case: passages by the words of a query, by other words for the same
concept, and by what they mean.

By words: BM25 (Robertson and Zaragoza 2009) over passages of three sentences. A concept that the query names
is looked for under each of its names: "high blood pressure" finds "HTN". By meaning, if there is a model:
the passages whose vectors are nearest to that of the query. The two orders are joined by reciprocal rank
(Cormack, Clarke and Buettcher 2009).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .lexicon import concept_of, concept_pattern, concepts, measurements

# Usual values of BM25: how soon more of the same word adds nothing, how much long passages are held back.
_K1, _B = 1.2, 0.75
_SENTENCES = 3
# How much lower places count, as published: Cormack and others found it to matter little.
_RANK = 60
# Of a long case only the first ones are compared by meaning: at 0.06 processor seconds each, 24 seconds.
MOST_BY_MEANING = 400
# So many are offered by meaning alone: every passage is near to a query, the later ones say little of it.
_MEANT = 5
# Another name for the same concept counts a little less than the word itself.
_OTHER_NAME = 0.8
_WORD = re.compile(r"[a-z0-9]+")
_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
_COMMON = frozenset(
    "a an and are as at be been by did do does for from had has have he her his in is it its no not of on "
    "or she "
    "that the their there they this to was were what when which who with patient".split()
)


FoundBy = Literal["words", "meaning", "both"]


class Embeds(Protocol):
    """A model that makes vectors of texts. Those of a query and a passage of the same meaning are near."""

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a query, of length 1."""
        ...

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of passages, one a row, each of length 1."""
        ...


@dataclass(frozen=True)
class Passage:
    """A passage that was found; offsets are of the document's text. `score` orders one search only."""

    document_id: int
    start: int
    end: int
    score: float
    found_by: FoundBy = "words"


def search_passages(
    texts: Mapping[int, str], query: str, *, most: int = 10, model: Embeds | None = None
) -> list[Passage]:
    """The passages that fit a query best, best first.

    Without a model, none that shares no word with it. With one, the nearest by meaning too: the model always
    has a nearest, so that a passage found by meaning alone may say nothing of what was asked.
    """
    by_words = _by_words(texts, query)
    if model is None:
        return by_words[:most]
    return _joined(by_words, _by_meaning(texts, query, model))[:most]


def count_passages(texts: Mapping[int, str]) -> int:
    """How many passages the texts have."""
    return sum(1 for text in texts.values() for _ in _windows(text))


def _by_meaning(texts: Mapping[int, str], query: str, model: Embeds) -> list[Passage]:
    places = [(number, *window) for number, text in texts.items() for window in _windows(text)]
    del places[MOST_BY_MEANING:]
    if not places or not query.strip():
        return []
    words = [" ".join(texts[number][start:end].split()) for number, start, end in places]
    near = model.passages(words) @ model.query(query)
    order = np.argsort(-near, kind="stable")
    found = [
        Passage(number, start, end, round(float(near[at]), 4), "meaning")
        for at, (number, start, end) in ((at, places[at]) for at in order)
    ]
    return list(_apart(found))[:_MEANT]


def _joined(by_words: list[Passage], by_meaning: list[Passage]) -> list[Passage]:
    """One order of two: a passage gets 1 / (60 + its place) of each that it is in, or is mostly in."""
    scores: dict[tuple[int, int, int], tuple[Passage, float, FoundBy]] = {}
    for place, each in enumerate(by_words, 1):
        scores[each.document_id, each.start, each.end] = (each, 1 / (_RANK + place), "words")
    for place, each in enumerate(by_meaning, 1):
        same = next((one for one in by_words if _is_mostly(one, each)), each)
        key = (same.document_id, same.start, same.end)
        before = scores.get(key)
        score = 1 / (_RANK + place) + (before[1] if before else 0.0)
        if before is None or before[2] == "words":
            scores[key] = (same, score, "both" if before else "meaning")
    found = [
        Passage(each.document_id, each.start, each.end, round(score, 6), by)
        for each, score, by in scores.values()
    ]
    # Of equals, what has the words: the model only thinks it near.
    return sorted(
        found, key=lambda each: (-each.score, each.found_by == "meaning", each.document_id, each.start)
    )


def _is_mostly(one: Passage, other: Passage) -> bool:
    """Whether two passages are of the same place: more than half of the shorter one is in both."""
    both = min(one.end, other.end) - max(one.start, other.start)
    return one.document_id == other.document_id and 2 * both > min(
        one.end - one.start, other.end - other.start
    )


def _overlap(one: Passage, other: Passage) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _by_words(texts: Mapping[int, str], query: str) -> list[Passage]:
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
    return list(_apart(found))


def _apart(found: list[Passage]) -> Iterator[Passage]:
    """Without those that overlap a better one."""
    taken: list[Passage] = []
    for each in found:
        if any(_overlap(one, each) for one in taken):
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
