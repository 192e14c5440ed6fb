"""What a rule finds and what it leaves alone, as segments of an 837, from the rule's own cases."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.engines.rules import Case, Rule, claims_of_cases
from claimwright.engines.x12 import UnwritableError, write_837
from claimwright.features.intake import read_837

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
_SAMPLE_OF_FORM = {"P": "professional.837", "I": "institutional.837", "D": "dental.837"}
# More than this is another claim, not an example.
_MOST_SEGMENTS = 6
_MOST_CASES = 8

Segments = tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """The segments by which a claim that the rule finds differs from one that it leaves alone."""

    before: Segments
    after: Segments

    @property
    def size(self) -> int:
        """How many segments it shows."""
        return len(self.before) + len(self.after)


def rule_examples(rules: Sequence[Rule]) -> Mapping[str, Example]:
    """By rule code: its shortest example; a rule whose cases differ in no segment, or in many, has none."""
    texts: dict[tuple[str, int], Segments] = {}
    for form in _SAMPLE_OF_FORM:
        cases = [
            (rule, number, case)
            for rule in rules
            for number, case in enumerate(rule.cases[:_MOST_CASES])
            if case.given.get("form", rule.forms[0]) == form and not {"before", "times"} & set(case.given)
        ]
        written = _written([(rule, case) for rule, _, case in cases], form)
        for (rule, number, _), segments in zip(cases, written, strict=True):
            if segments:
                texts[rule.code, number] = segments
    found = {}
    for rule in rules:
        known = [
            (case.fires, texts[rule.code, number])
            for number, case in enumerate(rule.cases)
            if (rule.code, number) in texts
        ]
        examples = [
            example
            for fires, firing in known
            if fires
            for quiet_fires, quiet in known
            if not quiet_fires and (example := _compared(firing, quiet)).size
        ]
        best = min(examples, key=lambda each: each.size, default=None)
        if best is not None and best.size <= _MOST_SEGMENTS:
            found[rule.code] = best
    return found


def example_blocks(example: Example) -> Iterator[str]:
    """The Markdown blocks of an example: the segments before and after the claim is corrected."""
    for name, segments in (("Before", example.before), ("After", example.after)):
        if segments:
            yield f"{name}:"
            yield "```text\n" + "\n".join(f"{segment}~" for segment in segments) + "\n```"
        else:
            yield f"{name}: the same claim without these segments."


def _written(cases: Sequence[tuple[Rule, Case]], form: str) -> list[Segments]:
    """The segments of each case's claim, in a transaction of its own; none where it can't be written."""
    if not cases:
        return []
    batch = claims_of_cases(cases)
    heading = read_837(SAMPLES / _SAMPLE_OF_FORM[form]).transactions.head(1)
    numbers = pl.Series(range(1, len(cases) + 1), dtype=heading.schema["transaction"])
    transactions = pl.concat([heading] * len(cases)).with_columns(
        transaction=numbers, transaction_control_number=numbers.cast(pl.String).str.zfill(9)
    )
    whole = replace(
        batch,
        transactions=transactions,
        claims=batch.claims.with_columns(transaction=numbers),
    )
    try:
        return _transactions(whole)
    except UnwritableError:
        if len(cases) == 1:
            return [()]
        middle = len(cases) // 2
        return _written(cases[:middle], form) + _written(cases[middle:], form)


def _transactions(batch: ClaimBatch) -> list[Segments]:
    """What stands between ST and SE of each transaction."""
    text = b"".join(write_837([batch])).decode("ascii", "replace")
    found: list[Segments] = []
    within: list[str] = []
    for segment in text.replace("\n", "").split("~"):
        if segment.startswith("ST*"):
            within = []
        elif segment.startswith("SE*"):
            found.append(tuple(within))
        else:
            within.append(segment)
    return found


def _compared(firing: Segments, quiet: Segments) -> Example:
    before: list[str] = []
    after: list[str] = []
    matcher = difflib.SequenceMatcher(a=firing, b=quiet, autojunk=False)
    for what, first, last, other_first, other_last in matcher.get_opcodes():
        if what != "equal":
            before += firing[first:last]
            after += quiet[other_first:other_last]
    return Example(tuple(before), tuple(after))
