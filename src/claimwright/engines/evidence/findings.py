"""Clinical facts of a text by rules: concepts and measurements, each with its span and its sense."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from claimwright.domain.appeal_case import Clinical

from .context import heading_of, is_of_wrong_chart, is_taken_back, sense_of
from .lexicon import concept_of, concept_pattern, measurement_pattern, measurements

# A period within a number, within an abbreviation, or after a title ends no sentence.
_SENTENCE = re.compile(
    r"[^.!?\n]*(?:\.(?=\d)[^.!?\n]*|\.(?=[A-Za-z]\.)[^.!?\n]*|(?:(?<=\bDr)|"
    r"(?<=\bMr)|(?<=\bMs)|(?<=\bvs))\.[^.!?\n]*)*[.!?]?"
)
# A line of at least so many characters that ends without a period is taken for wrapped.
_WRAPPED = 60
_BULLET = re.compile(r"[-*•·]|\d{1,2}[.)] ")
# Words after which a sentence is not at its end, however short the line.
_OPEN_END = re.compile(
    r"(?:\b(?:no|not|without|of|for|with|and|or|the|a|an|denies|"
    r"denied|negative|evidence|signs?|history|possible|"
    r"rule out|mother|father|family|to|in|is|was|are|were|has|had|have)|,)$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>(?:19|20)\d\d)\b|"
    r"\b(?P<iy>(?:19|20)\d\d)-(?P<im>\d\d)-(?P<id>\d\d)\b|"
    r"\b(?P<name>January|February|March|April|May|June|July|August|September|October|November|December)"
    r" (?P<nd>\d{1,2}), (?P<ny>(?:19|20)\d\d)\b"
)
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
_FAHRENHEIT_FROM_CELSIUS = (Decimal("1.8"), Decimal(32))


@dataclass(frozen=True)
class Mention:
    """Something that a text mentions: offsets of its words, and of the sentence around them."""

    start: int
    end: int
    sentence_start: int
    sentence_end: int
    clinical: Clinical


def read_findings(text: str) -> list[Mention]:
    """What a note or a sentence says of a patient, in order.

    What a note takes back, or says and denies, is uncertain: a person looks.
    """
    found: list[Mention] = []
    doubtful: set[int] = set()
    sentences = list(_sentences(text))
    is_wrong_chart = is_of_wrong_chart(text)
    for number, (first, last, section) in enumerate(sentences):
        sentence = text[first:last].replace("\n", " ")
        following = sentences[number + 1][:2] if number + 1 < len(sentences) else None
        after = None if following is None else text[following[0] : following[1]]
        if is_wrong_chart or is_taken_back(sentence, after):
            doubtful.add(first)
        on = date_in(sentence)
        taken: list[tuple[int, int]] = []
        for start, end, name, value, unit in _measured(sentence):
            sense = sense_of(sentence, start, end, section, is_measured=True)
            taken.append((start, end))
            found.append(
                Mention(
                    first + start, first + end, first, last,
                    Clinical(
                        concept=name, polarity="present", subject=sense.subject, time=sense.time,
                        certainty=sense.certainty, value=value, unit=unit, on=on,
                    ),
                )
            )  # fmt: skip
        for match in concept_pattern()[0].finditer(sentence):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            sense = sense_of(sentence, match.start(), match.end(), section)
            found.append(
                Mention(
                    first + match.start(), first + match.end(), first, last,
                    Clinical(
                        concept=concept_of(match[0]), polarity=sense.polarity, subject=sense.subject,
                        time=sense.time, certainty=sense.certainty, on=on,
                    ),
                )
            )  # fmt: skip
    denied = {
        each.clinical.concept for each in found
        if (each.clinical.polarity, each.clinical.subject, each.clinical.time) == ("absent", "patient",
        "current")
    }  # fmt: skip
    return sorted(
        (
            _doubted(each) if each.sentence_start in doubtful or each.clinical.concept in denied else each
            for each in found
        ),
        key=lambda each: (each.start, each.end),
    )


def _doubted(mention: Mention) -> Mention:
    if mention.clinical.polarity == "absent":
        return mention
    return replace(mention, clinical=mention.clinical.model_copy(update={"certainty": "uncertain"}))


def date_in(text: str) -> datetime.date | None:
    """The first date of a text; None if it has none that exists."""
    for match in _DATE.finditer(text):
        if match["m"]:
            parts = int(match["y"]), int(match["m"]), int(match["d"])
        elif match["iy"]:
            parts = int(match["iy"]), int(match["im"]), int(match["id"])
        else:
            parts = int(match["ny"]), _MONTHS.index(match["name"].lower()) + 1, int(match["nd"])
        try:
            return datetime.date(*parts)
        except ValueError:
            continue
    return None


def _sentences(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and section of each sentence. A heading reaches until the next one, or an empty line.

    A line that is only wrapped goes on in the next one: "no evidence of" must not lose what it denies.
    """
    section, at = "plain", 0
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        if not line.strip():
            section = "plain"
        elif (meaning := heading_of(line)) is not None:
            section = meaning
        while number + 1 < len(lines) and _goes_on(lines[number], lines[number + 1]):
            number += 1
            line += " " + lines[number]
        for match in _SENTENCE.finditer(line):
            if match[0].strip():
                yield at + match.start(), at + match.end(), section
        at += len(line) + 1
        number += 1


def _goes_on(line: str, following: str) -> bool:
    """Whether a sentence goes on in the following line, because the line is only wrapped."""
    line, start = line.rstrip(), following.strip()
    if not line or not start or line.endswith((".", "!", "?")) or _BULLET.match(start):
        return False
    if line.endswith((":", ";")):
        return start[0].islower()
    if start[0].islower() or _OPEN_END.search(line):
        return True
    return len(line) >= _WRAPPED and heading_of(following) is None


def _measured(sentence: str) -> Iterator[tuple[int, int, str, str, str | None]]:
    """Place, name, value and unit, as the note has them in the unit of the record.

    A value outside of what a living patient has, or in a unit of something else, is no fact.
    """
    pattern, names = measurement_pattern()
    for match in pattern.finditer(sentence):
        kind = measurements()[names[match["name"].lower()]]
        value, unit = Decimal(match["value"]), match["unit"]
        if unit is None:
            # A number alone counts where the name says its unit by itself.
            if kind.unit not in {"ratio", "SD", "%"} or (kind.name == "oxygen saturation" and value > 100):
                continue
        elif unit.lower() != kind.unit.lower():
            factor = kind.factors.get(unit.lower())
            if factor is None:
                continue
            if kind.name == "temperature":
                value = value * _FAHRENHEIT_FROM_CELSIUS[0] + _FAHRENHEIT_FROM_CELSIUS[1]
            else:
                value = (value * factor).quantize(Decimal("0.01"))
        if kind.lowest <= value <= kind.highest:
            yield match.start(), match.end(), kind.name, format(value.normalize(), "f"), kind.unit
