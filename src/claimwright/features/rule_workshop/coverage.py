"""Coverage: which fields, derived names, denials and SNIP types the rules use, and which no rule uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.derived import DERIVED, Facts
from claimwright.domain.dictionary import DICTIONARY, Form, Level
from claimwright.domain.findings import SNIP_TYPES, Severity
from claimwright.engines.rules import Lifecycle, Rule, clean_claim
from claimwright.engines.rules.names import PAIR_PREFIX
from claimwright.engines.rules.scan import names_needed
from claimwright.engines.x12 import FAULTS
from claimwright.reference.code_lists import code_list

from .searching import family_of

# Draft and retired rules are not counted.
_COUNTED = (Lifecycle.STABLE, Lifecycle.PREVIEW)


@dataclass(frozen=True, slots=True)
class FieldFamily:
    """A group of fields or of derived names: of one frame, and of one party or subject in it.

    Attributes:
        frame: the frame of the batch that contains them.
        name: the words at the beginning of all their names; the frame's name if they share none.
        is_derived: whether they are derived names, not fields.
        read: those that a predicate reads by their own name.
        through: fields that predicates read only through a derived name.
        untouched: those that no rule reads.
    """

    frame: str
    name: str
    is_derived: bool
    read: tuple[str, ...]
    through: tuple[str, ...]
    untouched: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.read) + len(self.through) + len(self.untouched)


@dataclass(frozen=True, slots=True)
class RuleFamily:
    """The names that the rules of one family use, as counts."""

    name: str
    rules: int
    by_severity: Mapping[str, int]
    by_snip: Mapping[int, int]
    names: int
    carcs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeCoverage:
    """The codes of a list that rules name as the expected denial, and those that no rule names.

    `unknown` are codes that rules name but that are not in the list on that day.
    """

    name: str
    foreseen: tuple[str, ...]
    untouched: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The names that the rules of a book use. `snip` counts the rules and the format errors of each type."""

    rules: int
    fields: tuple[FieldFamily, ...]
    families: tuple[RuleFamily, ...]
    carc: CodeCoverage
    rarc: CodeCoverage
    snip: Mapping[int, tuple[int, int]]

    def of_fields(self, *, is_derived: bool) -> tuple[int, int]:
        """How many fields, or derived names, are used by any rule, and how many there are."""
        chosen = [family for family in self.fields if family.is_derived is is_derived]
        return sum(family.total - len(family.untouched) for family in chosen), sum(
            family.total for family in chosen
        )


def coverage(rules: Iterable[Rule], *, as_of: date) -> Coverage:
    """The names that stable and preview rules use, and those that none uses.

    A field counts as used if a predicate reads it or a derived name that is computed from it, and if a rule
    is limited by it (payers, effective dates). `as_of` selects the codes that are in force.
    """
    chosen = [rule for rule in rules if rule.lifecycle in _COUNTED]
    read = {name for rule in chosen for name in names_of(rule)}
    through = {root for name in read for root in roots().get(name, ())}
    return Coverage(
        len(chosen),
        tuple(_field_families(read, through)),
        tuple(_rule_families(chosen)),
        _codes("carc", (code for rule in chosen for code in rule.carc), as_of),
        _codes("rarc", (code for rule in chosen for code in rule.rarc), as_of),
        {
            snip: (sum(rule.snip == snip for rule in chosen), sum(fault.snip == snip for fault in FAULTS))
            for snip in SNIP_TYPES
        },
    )


def names_of(rule: Rule) -> frozenset[str]:
    """Every name that decides whether a rule fires: in its predicate, in the lookups of its functions, and in
    its limits. In a pair, names of the second line count as those of the line.
    """
    names = {*names_needed(rule, "".join(Form)), *rule.pair_on}
    names.update(name for lookup in rule.predicate.lookups for name in lookup.names)
    return frozenset(name.removeprefix(PAIR_PREFIX) for name in names)


@cache
def roots() -> Mapping[str, frozenset[str]]:
    """For each derived name, all fields and derived names from which it is computed, however far."""
    batches = [clean_claim(form) for form in Form]
    return {
        derived.name: frozenset().union(*(_asked(derived.name, derived.level, batch) for batch in batches))
        for derived in DERIVED
    }


class _Recording(Facts):
    """Facts that record which columns were requested."""

    def __init__(self, batch: ClaimBatch) -> None:
        super().__init__(
            batch, {(derived.level, derived.name): derived for derived in DERIVED}, as_of=date.max
        )
        self.asked: set[str] = set()

    def column(self, level: Level, name: str) -> pl.Series:
        self.asked.add(name)
        return super().column(level, name)


def _asked(name: str, level: Level, batch: ClaimBatch) -> frozenset[str]:
    recording = _Recording(batch)
    recording.column(level, name)
    return frozenset(recording.asked - {name})


def _field_families(read: set[str], through: set[str]) -> Iterable[FieldFamily]:
    for level in Level:
        fields = [entry.name for entry in DICTIONARY if entry.level is level and level is not Level.SEGMENT]
        for name, names in _grouped(fields, level.value).items():
            yield _field_family(level.value, name, False, names, read, through)
        derived = [entry.name for entry in DERIVED if entry.level is level]
        if derived:
            yield _field_family(level.value, level.value, True, derived, read, through)


def _field_family(
    frame: str, name: str, is_derived: bool, names: Sequence[str], read: set[str], through: set[str]
) -> FieldFamily:
    return FieldFamily(
        frame,
        name,
        is_derived,
        tuple(each for each in names if each in read),
        tuple(each for each in names if each in through and each not in read),
        tuple(each for each in names if each not in read and each not in through),
    )


# Fewer fields than this do not form a family.
_SMALLEST_FAMILY = 4


def _grouped(names: Sequence[str], frame: str) -> dict[str, list[str]]:
    """The names grouped by a common prefix of whole words that enough of them share."""
    counts: dict[str, int] = {}
    for name in names:
        for beginning in _beginnings(name):
            counts[beginning] = counts.get(beginning, 0) + 1
    grouped: dict[str, list[str]] = {}
    for name in names:
        # `line_rendering` is a party; `line` alone only means a field of a line.
        shared = [
            beginning
            for beginning in _beginnings(name)
            if counts[beginning] >= _SMALLEST_FAMILY and beginning not in _NO_SUBJECT
        ]
        # If `pay` and `pay_to` begin the same names, the longer prefix is the subject.
        same = [beginning for beginning in shared if counts[beginning] == counts[shared[0]]]
        grouped.setdefault(same[-1] if same else frame, []).append(name)
    return {frame: grouped.pop(frame, []), **grouped} if frame in grouped else grouped


_NO_SUBJECT = {"line", "other", "claim", "patient"}


def _beginnings(name: str) -> list[str]:
    """The proper prefixes of a name in whole words, the shortest first."""
    words = name.split("_")
    return ["_".join(words[:count]) for count in range(1, len(words))]


def _rule_families(rules: Sequence[Rule]) -> Iterable[RuleFamily]:
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        families.setdefault(family_of(rule), []).append(rule)
    for name, members in sorted(families.items()):
        yield RuleFamily(
            name,
            len(members),
            {severity.value: sum(rule.severity is severity for rule in members) for severity in Severity},
            {snip: sum(rule.snip == snip for rule in members) for snip in SNIP_TYPES},
            len({name for rule in members for name in names_of(rule)}),
            tuple(sorted({code for rule in members for code in rule.carc}, key=_by_number)),
        )


def _codes(name: str, foreseen: Iterable[str], as_of: date) -> CodeCoverage:
    known = code_list(name).codes
    in_force = {code for code, entry in known.items() if entry.holds_on(as_of)}
    wanted = set(foreseen)
    return CodeCoverage(
        name,
        tuple(sorted(wanted & in_force, key=_by_number)),
        tuple(sorted(in_force - wanted, key=_by_number)),
        tuple(sorted(wanted - in_force, key=_by_number)),
    )


def _by_number(code: str) -> tuple[str, int]:
    """Sort key with numeric order: 2 before 10, B7 before B10."""
    letters = code.rstrip("0123456789")
    return letters, int(code[len(letters) :] or 0)
