"""Clinical statements against accepted facts: the concept, and whether it is present, whose, when, how
sure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from claimwright.domain.appeal_case import Clinical, Fact

from .verdict import Finding, Problem

ReadClinical = Callable[[str], Sequence[tuple[int, int, Clinical]]]
"""What a text says of a patient: offsets of the words and their sense. `engines.evidence` has one."""

_NEAR = 40
_DEGREES = re.compile(
    r"\b(?:severe|severely|moderate|mild|critical|massive|extreme|life-threatening|worst|most|unstable|metastatic|end-stage|"
    r"stage|left|right|bilateral|acute|chronic|persistent|recurrent|worsening|progressive|intractable|refractory|certainly|"
    r"undoubtedly|definitely|clearly|proven)\b",
    re.IGNORECASE,
)
_WORDS = {
    "polarity": (Problem.POLARITY, "the record says the opposite: present and absent are not the same"),
    "subject": (Problem.SUBJECT, "the record says it of somebody else than the patient"),
    "time": (Problem.TIME, "the record says it of another time: past, planned or feared"),
    "certainty": (Problem.CERTAINTY, "the record only suspects it"),
}


def clinical_findings(where: str, text: str, facts: Sequence[Fact], read: ReadClinical) -> Iterator[Finding]:
    """What of a sentence no accepted fact among `facts` says in the same sense."""
    known = [each.clinical for each in facts if each.clinical is not None and each.holds]
    for start, end, said in read(text):
        same = [each for each in known if each.concept == said.concept]
        words = text[start:end]
        if not same:
            yield Finding(where, Problem.CLINICAL_UNKNOWN, "no accepted fact of the case says this", words)
            continue
        if any(_agrees(each, said) for each in same):
            yield from _unsupported(where, text, start, end, said.concept, facts)
            continue
        for name, (problem, says) in _WORDS.items():
            if all(getattr(each, name) != getattr(said, name) for each in same):
                yield Finding(where, problem, says, words)
                break
        else:
            yield Finding(where, Problem.VALUE, "the record has another value or unit", words)


def _unsupported(
    where: str, text: str, start: int, end: int, concept: str, facts: Sequence[Fact]
) -> Iterator[Finding]:
    """How bad, which side or how long, where the record does not say so in its words."""
    around = (
        text[max(0, start - _NEAR) : start].rpartition(".")[2] + text[end : end + _NEAR].partition(".")[0]
    )
    record = " ".join(
        each.shown.lower() for each in facts if each.clinical is not None and each.clinical.concept == concept
    )
    for match in _DEGREES.finditer(around):
        if match[0].lower() not in record:
            yield Finding(where, Problem.VALUE, "the record does not say so of it", match[0])


def without_resolved(text: str, facts: Sequence[Fact], read: ReadClinical) -> str:
    """The text with blanks in place of what accepted facts say, such as a measurement with its value."""
    known = [each.clinical for each in facts if each.clinical is not None and each.holds]
    for start, end, said in read(text):
        if any(each.concept == said.concept and _agrees(each, said) for each in known):
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def evidence_findings(
    where: str, facts: Sequence[Fact], documents: Mapping[int, str], read: ReadClinical
) -> Iterator[Finding]:
    """Clinical facts whose document does not say, at their place, what they say; documents are texts by
    id.
    """
    for fact in facts:
        if fact.span is None or fact.clinical is None:
            continue
        text = documents.get(fact.span.document_id)
        if text is None:
            yield Finding(where, Problem.EVIDENCE_CHANGED, f"the document of {fact.fact_id} is not there")
            continue
        # Sense depends on headings above: the whole text is read, not the span alone.
        there = [
            said for start, end, said in read(text)
            if fact.span.start <= start and end <= fact.span.end and said.concept == fact.clinical.concept
        ]  # fmt: skip
        if not any(_same_sense(said, fact.clinical) for said in there):
            yield Finding(
                where, Problem.EVIDENCE_CHANGED, f"the document does not say at its place "
                    f"what {fact.fact_id} says"
            )  # fmt: skip


def _agrees(known: Clinical, said: Clinical) -> bool:
    return _same_sense(known, said) and (
        said.value is None or (known.value, known.unit) == (said.value, said.unit)
    )


def _same_sense(one: Clinical, other: Clinical) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _WORDS)
