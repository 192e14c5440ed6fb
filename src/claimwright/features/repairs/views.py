"""What a person sees of repairs and corrections: frozen values, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claimwright.domain.claim_changes import ORDINAL, Changed
from claimwright.domain.dictionary import DICTIONARY, KEYS, Field, Level
from claimwright.domain.payer_adjustments import LISTS
from claimwright.engines.rules import Confidence
from claimwright.features.claims import KIND_OF, Withheld

from .trials import ShownFinding, Trial

# Fields that tell which claim it is: the next version has them too.
_FIXED = frozenset({"claim_id", "payer_responsibility"})


@dataclass(frozen=True)
class ShownChange:
    """A field that changes. Where `withheld` says why, both values are null and it may not be changed."""

    level: str
    field: str
    meaning: str
    line: int | None
    position: int | None
    old: str | None
    new: str | None
    withheld: str | None


@dataclass(frozen=True)
class Acceptance:
    """How often people accepted the repair of a rule; `rate` is accepted of decided."""

    code: str
    offered: int
    decided: int
    accepted: int
    rate: float | None


@dataclass(frozen=True)
class ShownRepair:
    """What the repair of one rule would do to a claim.

    `is_faded` is true where people declined it so often that its confidence is low whatever the rule says.
    """

    code: str
    title: str
    severity: str
    confidence: Confidence
    is_faded: bool
    because: str
    changes: list[ShownChange]
    after: Trial
    acceptance: Acceptance


@dataclass(frozen=True)
class UsedValue:
    """A value that people gave to a field, and how often."""

    value: str
    times: int


@dataclass(frozen=True)
class FieldHistory:
    """How often people changed a field for findings of a rule; values of codes that are no patient data."""

    code: str
    field: str
    level: str
    times: int
    values: list[UsedValue]


@dataclass(frozen=True)
class EditableField:
    """A field that a person may change on this claim."""

    field: str
    level: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Proposals:
    """Everything that somebody needs to correct a claim. `etag` is sent with the correction.

    `newest_key` is the newest version of the claim's number: this one, or the one to correct instead.
    `asks_model` is whether a language model may be asked for more proposals.
    """

    claim_key: int
    version: int
    etag: str
    place: str
    facility: str
    labels: list[str]
    can_be_corrected: bool
    why_not: str | None
    newest_key: int
    findings: list[ShownFinding]
    repairs: list[ShownRepair]
    history: list[FieldHistory]
    editable: list[EditableField]
    withheld: list[Withheld]
    asks_model: bool = False


@dataclass(frozen=True)
class ShownTrial:
    """A trial of changes on a claim."""

    claim_key: int
    etag: str
    changes: list[ShownChange]
    after: Trial


@dataclass(frozen=True)
class Corrected:
    """A correction that was made: the claim, the version that came of it, and what the rules said of it.

    With `needs_approval`, the version goes to review, where another person has to approve it.
    """

    correction_id: int
    claim_key: int
    corrected_key: int
    version: int
    file_id: int
    fields: list[str]
    rules: list[str]
    forced: bool
    needs_approval: bool
    after: Trial


@dataclass(frozen=True)
class BulkDone:
    """A claim that was corrected; in a dry run, that would be, without a version and a number."""

    claim_key: int
    corrected_key: int | None
    correction_id: int | None


@dataclass(frozen=True)
class BulkRefused:
    """A claim that was not corrected: why, in a word and in a sentence; the rules that stand against it."""

    claim_key: int
    why: str
    message: str
    codes: list[str]


@dataclass(frozen=True)
class Bulk:
    """What the repair of one rule did to many claims; `more` is true where others wait for it, after the key
    `after`.
    """

    code: str
    done: list[BulkDone]
    refused: list[BulkRefused]
    more: bool
    after: int | None


def kind_of(entry: Field) -> str:
    """The policies' kind of a field."""
    return KIND_OF[entry.phi]


def may_be_edited(entry: Field) -> bool:
    """Whether a person may change the field at all, on some claim."""
    return entry.level in ORDINAL and entry.name not in _FIXED and entry.name not in KEYS[entry.level]


def editable_fields(form: str, shown: Mapping[str, bool]) -> list[EditableField]:
    """The fields of a form that somebody may change who sees these kinds."""
    return [
        EditableField(entry.name, entry.level.value, entry.kind.value, entry.meaning)
        for entry in (*DICTIONARY, *LISTS.values())
        if may_be_edited(entry) and entry.locator(form) is not None and shown[kind_of(entry)]
    ]


def told_of(left: Sequence[Changed]) -> list[Changed]:
    """Of what went with removed lines: what a person wants to know. A segment that the dictionary can't
    represent is told by its name.
    """
    return [
        each for each in left
        if each.change.entry.level is not Level.SEGMENT or each.change.field == "segment_name"
    ]  # fmt: skip


def shown_changes(
    changed: Sequence[Changed], shown: Mapping[str, bool], reasons: Mapping[str, str]
) -> list[ShownChange]:
    """Changes with their values, where they may be seen."""
    found = []
    for each in changed:
        change, entry = each.change, each.change.entry
        kind = kind_of(entry)
        why = None if shown[kind] else reasons[kind]
        old, new = (each.old, change.new) if why is None else (None, None)
        found.append(
            ShownChange(
                entry.level.value, entry.name, entry.meaning, change.line, change.position, old, new, why
            )
        )
    return found
