"""One claim as a caller may see it: the fields that policies allow, and which were withheld, and why.

The claim is opened, labeled, decided on and recorded in the audit log before it is returned. Withheld fields
are absent, not masked.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, Protocol, TypeAlias, TypeVar

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.dictionary import Level, Phi, fields_of, schema
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.x12 import Records, Rows, read_one_claim, segments_of
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.store import events
from claimwright.store.listings import ListedClaim, StoredFinding, findings_of_claim, list_claims
from claimwright.store.review import ReviewClaim
from claimwright.store.sealed_claims import Blinds, Opens, sealed_claims_of

from .sensitivity import labels_of_rows

# The policy's kind of field for each kind of identifier in the dictionary.
KIND_OF: Mapping[Phi, str] = {
    Phi.NONE: "billing",
    Phi.CLINICAL: "clinical",
    Phi.NARRATIVE: "narrative",
    Phi.NAME: "identity",
    Phi.ADDRESS: "identity",
    Phi.DATE: "identity",
    Phi.CONTACT: "identity",
    Phi.IDENTIFIER: "identity",
}
# Row keys, which every frame has in addition to the fields of the dictionary.
_KEYS = ("line", "other_payer", "adjudication", "position")
Listed = TypeVar("Listed", ListedClaim, ReviewClaim)
Decide: TypeAlias = "Callable[[str, frozenset[str]], tuple[dict[str, bool], dict[str, str]]]"


class Reads(Opens, Blinds, Protocol):
    """Opens records and computes blind indexes; implemented by `claimwright.platform.phi.Sealer`."""


def patient_token(caller: Caller, finder: Blinds, claim: Mapping[str, Any]) -> str | None:
    """Tokens of the surname and of the patient of a claim, for the audit log; None without one.

    They are 32 bits of blind indexes: who has the log without the keys can only see which are equal.
    """
    who = "dependent" if claim.get("dependent_name") else "subscriber"
    surname = (claim.get(f"{who}_name") or "").strip().upper()
    if not surname:
        return None
    first, birth = claim.get(f"{who}_first_name") or "", claim.get(f"{who}_birth_on") or ""
    patient = f"{surname} {first} {birth}".upper()
    [family] = finder.blind("patient-surname", caller.tenant, [surname])
    [person] = finder.blind("patient", caller.tenant, [patient])
    assert family is not None
    assert person is not None
    return f"{family[:4].hex()}.{person[:4].hex()}"


def without_days(claims: Sequence[Listed]) -> list[Listed]:
    """Listed claims without their service date, which is a date about the patient (45 CFR 164.514(b)(2))."""
    return [replace(each, service_from_on=None) for each in claims]


@dataclass(frozen=True)
class Withheld:
    """Withheld fields: their names, their kind, and the policy (or missing policy) that is the reason."""

    kind: str
    reason: str
    fields: list[str]


@dataclass(frozen=True)
class ShownClaim:
    """A claim with its place; `content` has, for each level of the dictionary, rows with their non-null
    fields.
    """

    claim: ListedClaim
    labels: list[str]
    content: dict[str, list[dict[str, Any]]]
    withheld: list[Withheld]
    findings: list[StoredFinding]


@dataclass(frozen=True)
class ShownSegments:
    """The segments of a claim as they came, or None where `withheld` says why not."""

    claim_key: int
    labels: list[str]
    segments: list[str] | None
    withheld: list[Withheld]


def shown_claim(
    caller: Caller,
    database: Database,
    opener: Reads,
    claim_key: int,
    *,
    decide: Decide,
    reason: str,
    correlation_id: str,
    broke_glass: bool = False,
) -> ShownClaim:
    """Open a claim for a caller. The audit log records what is shown and what is withheld before it is
    returned.

    `decide` gets the facility and the labels of a claim; it returns which kinds of field are shown, and for
    the others the reason. It raises if the claim must not be opened at all.

    Raises:
        ClaimNotFoundError: the tenant has no such claim.
        AuditError: the reason is not acceptable; nothing is shown.
        PhiError: its record can't be opened.
    """
    with database.transaction(caller) as connection:
        found, records = _opened(caller, connection, opener, claim_key, decide)
        rows = read_one_claim(records)
        labels = labels_of_rows(rows)
        shown, why = decide(found.facility, labels)
        content, withheld = _divided(rows, shown, why)
        claim = found if shown["identity"] else without_days([found])[0]
        findings = findings_of_claim(connection, claim_key)
        audit.record_phi_access(
            caller,
            connection,
            subject=f"claim:{claim_key}",
            fields=tuple(kind for kind, allowed in shown.items() if allowed),
            reason=reason,
            correlation_id=correlation_id,
            broke_glass=broke_glass,
            digest=patient_token(caller, opener, rows[Level.CLAIM][0]),
        )
        if broke_glass:
            alert_of_broken_glass(caller, connection, claim_key, correlation_id)
    return ShownClaim(claim, sorted(labels), content, withheld, findings)


def shown_segments(
    caller: Caller,
    database: Database,
    opener: Reads,
    claim_key: int,
    *,
    decide: Decide,
    reason: str,
    correlation_id: str,
    broke_glass: bool = False,
) -> ShownSegments:
    """The raw segments of a claim, for somebody who may see every kind of field: anything may stand in them.

    They are those of its own 837: heading, billing provider, subscriber, patient, claim. `decide` is as for
    `shown_claim`, and so is what is raised.
    """
    with database.transaction(caller) as connection:
        found, records = _opened(caller, connection, opener, claim_key, decide)
        rows = read_one_claim(records)
        labels = labels_of_rows(rows)
        shown, why = decide(found.facility, labels)
        withheld = [Withheld(kind, why[kind], ["segments"]) for kind, allowed in shown.items() if not allowed]
        audit.record_phi_access(
            caller,
            connection,
            subject=f"claim:{claim_key}",
            fields=("none",) if withheld else ("segments",),
            reason=reason,
            correlation_id=correlation_id,
            broke_glass=broke_glass,
            digest=patient_token(caller, opener, rows[Level.CLAIM][0]),
        )
        if broke_glass:
            alert_of_broken_glass(caller, connection, claim_key, correlation_id)
    segments = None if withheld else segments_of(records)[0]
    return ShownSegments(claim_key, sorted(labels), segments, withheld)


def kinds_shown(
    caller: Caller, connection: Connection, opener: Opens, claim_key: int, decide: Decide
) -> tuple[dict[str, bool], dict[str, str]]:
    """Which kinds of field of a claim a caller is shown, by its labels, and why; nothing of it is returned.

    Raises:
        ClaimNotFoundError: the tenant has no such claim.
        PhiError: its record can't be opened.
    """
    found, records = _opened(caller, connection, opener, claim_key, decide)
    return decide(found.facility, labels_of_rows(read_one_claim(records)))


def _opened(
    caller: Caller, connection: Connection, opener: Opens, claim_key: int, decide: Decide
) -> tuple[ListedClaim, Records]:
    """A claim and its opened record; a caller who may not open it does not learn its labels."""
    found = list_claims(connection, keys=[claim_key], limit=1)
    sealed = sealed_claims_of(connection, [claim_key])
    if not found or not len(sealed):
        raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {caller.tenant}")
    decide(found[0].facility, frozenset())
    return found[0], sealed.opened(opener, caller.tenant)


def alert_of_broken_glass(
    caller: Caller, connection: Connection, claim_key: int, correlation_id: str
) -> None:
    """Publish an alert event: a caller saw fields that are normally withheld, and another person should
    review it.
    """
    events.publish(
        caller,
        connection,
        type="access.glass_broken.v1",
        subject=f"claim:{claim_key}",
        data={"claim_key": claim_key},
        correlation_id=correlation_id,
    )


def withhold(
    batch: ClaimBatch, shown: Mapping[str, bool], why: Mapping[str, str]
) -> tuple[ClaimBatch, list[Withheld]]:
    """The batch without the values of kinds of field that are not shown, and which fields these were."""
    left_out: dict[str, set[str]] = {}
    frames: dict[Level, pl.DataFrame] = {}
    for level, frame in batch.frames().items():
        if level is Level.SEGMENT:
            # Original segments can contain anything.
            frames[level] = frame if all(shown.values()) else frame.clear()
            continue
        gone = []
        for entry in fields_of(level):
            kind = KIND_OF[entry.phi]
            if not shown[kind] and frame[entry.name].null_count() < frame.height:
                gone.append(entry.name)
                left_out.setdefault(kind, set()).add(entry.name)
        frames[level] = frame.with_columns(pl.lit(None, frame.schema[name]).alias(name) for name in gone)
    return ClaimBatch.of(frames), [
        Withheld(kind, why[kind], sorted(names)) for kind, names in left_out.items()
    ]


def _divided(
    rows: Rows, shown: Mapping[str, bool], why: Mapping[str, str]
) -> tuple[dict[str, list[dict[str, Any]]], list[Withheld]]:
    """What is shown of a claim, by level, and which fields were left out."""
    content: dict[str, list[dict[str, Any]]] = {}
    left_out: dict[str, set[str]] = {}
    for level, of_level in rows.items():
        if level is Level.SEGMENT:
            # Original segments, which can contain anything.
            hidden = [kind for kind, allowed in shown.items() if not allowed]
            if hidden:
                left_out.setdefault(hidden[0], set()).add("segments")
            else:
                content[level.value] = [_shown_of(row, row) for row in of_level]
            continue
        kinds = _kinds_of(level)
        held = {name for row in of_level for name in row if name in kinds}
        kept = {name for name in held if shown[kinds[name]]} | _keys_of(level)
        for name in held - kept:
            left_out.setdefault(kinds[name], set()).add(name)
        if kept:
            content[level.value] = [_shown_of(row, kept) for row in of_level]
    return content, [Withheld(kind, why[kind], sorted(names)) for kind, names in left_out.items()]


@cache
def _kinds_of(level: Level) -> Mapping[str, str]:
    """The kind of each field of a level."""
    return {entry.name: KIND_OF[entry.phi] for entry in fields_of(level)}


@cache
def _keys_of(level: Level) -> frozenset[str]:
    return frozenset(_KEYS) & schema(level).keys()


def _shown_of(row: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name in names}


def _plain(value: Any) -> Any:
    """The value for JSON. Amounts become text, so that they are not rounded."""
    match value:
        case str() | int():
            return value
        case Decimal():
            return str(value)
        case datetime.date():
            return value.isoformat()
        case bytes():
            return value.decode("latin-1")
        case list() | tuple():
            return [_plain(each) for each in value]
    return value
