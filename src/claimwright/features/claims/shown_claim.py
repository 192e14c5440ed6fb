"""One claim as somebody may see it: fields of the kinds that policies allow, and what was withheld, and why.

Opened, labelled, decided, written down, and only then handed over. What is withheld is absent, not masked.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

import polars as pl

from claimwright.domain.batch import ClaimBatch
from claimwright.domain.caller import Caller
from claimwright.domain.dictionary import Level, Phi, fields_of
from claimwright.domain.errors import ClaimNotFoundError
from claimwright.engines.x12 import read_records
from claimwright.platform import audit
from claimwright.platform.database import Connection, Database
from claimwright.store import events
from claimwright.store.listings import ListedClaim, StoredFinding, findings_of_claim, list_claims
from claimwright.store.review import ReviewClaim
from claimwright.store.sealed_claims import Opens, sealed_claims_of

from .sensitivity import sensitivity_labels

# By kind of identifier in the dictionary, the kind of field that policies speak of.
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
# Keys of rows, which every frame has beside the fields of the dictionary.
_KEYS = ("line", "position")
Listed = TypeVar("Listed", ListedClaim, ReviewClaim)
Decide: TypeAlias = "Callable[[str, frozenset[str]], tuple[dict[str, bool], dict[str, str]]]"


def without_days(claims: Sequence[Listed]) -> list[Listed]:
    """Listed claims without their day of service, which is a date of the patient (45 CFR 164.514(b)(2))."""
    return [replace(each, service_from_on=None) for each in claims]


@dataclass(frozen=True)
class Withheld:
    """Fields that are not shown: their names, their kind, and the policy or lack of one that says so."""

    kind: str
    reason: str
    fields: list[str]


@dataclass(frozen=True)
class ShownClaim:
    """A claim with where it stands; `content` is by level of the dictionary, rows with what they have."""

    claim: ListedClaim
    labels: list[str]
    content: dict[str, list[dict[str, Any]]]
    withheld: list[Withheld]
    findings: list[StoredFinding]


def shown_claim(
    caller: Caller,
    database: Database,
    opener: Opens,
    claim_key: int,
    *,
    decide: Decide,
    reason: str,
    correlation_id: str,
    broke_glass: bool = False,
) -> ShownClaim:
    """Open a claim for somebody; the audit log says what was shown and what withheld before it is.

    `decide` says for the facility and the labels of a claim which kinds of field are shown, and for each
    other why not. It raises where the claim may not be opened at all.

    Raises:
        ClaimNotFoundError: the tenant has no such claim.
        AuditError: the reason can't be kept; nothing is shown.
        PhiError: its record does not open.
    """
    with database.transaction(caller) as connection:
        found = list_claims(connection, keys=[claim_key], limit=1)
        sealed = sealed_claims_of(connection, [claim_key])
        if not found or not len(sealed):
            raise ClaimNotFoundError(f"there is no claim {claim_key} at tenant {caller.tenant}")
        # Before it is opened: who may not open it learns nothing of its labels.
        decide(found[0].facility, frozenset())
        batch = read_records(sealed.opened(opener, caller.tenant))
        labels = sensitivity_labels(batch).get(1, frozenset())
        shown, why = decide(found[0].facility, labels)
        content, withheld = _divided(batch, shown, why)
        claim = found[0] if shown["identity"] else without_days(found[:1])[0]
        findings = findings_of_claim(connection, claim_key)
        audit.record_phi_access(
            caller,
            connection,
            subject=f"claim:{claim_key}",
            fields=tuple(kind for kind, allowed in shown.items() if allowed),
            reason=reason,
            correlation_id=correlation_id,
        )
        if broke_glass:
            _alert(caller, connection, claim_key, correlation_id)
    return ShownClaim(claim, sorted(labels), content, withheld, findings)


def _alert(caller: Caller, connection: Connection, claim_key: int, correlation_id: str) -> None:
    """Somebody saw what is withheld: an event that alerts, so that somebody else reviews it."""
    events.publish(
        caller,
        connection,
        type="access.glass_broken.v1",
        subject=f"claim:{claim_key}",
        data={"claim_key": claim_key},
        correlation_id=correlation_id,
    )


def _divided(
    batch: ClaimBatch, shown: Mapping[str, bool], why: Mapping[str, str]
) -> tuple[dict[str, list[dict[str, Any]]], list[Withheld]]:
    content: dict[str, list[dict[str, Any]]] = {}
    left_out: dict[str, set[str]] = {}
    for level in Level:
        frame = batch.frame(level)
        if not frame.height:
            continue
        if level is Level.SEGMENT:
            # Segments as they came: anything may stand in them.
            if all(shown.values()):
                content[level.value] = _rows(frame.drop("claim"))
            else:
                left_out.setdefault(next(kind for kind, allowed in shown.items() if not allowed), set()).add(
                    "segments"
                )
            continue
        kept = [name for name in _KEYS if name in frame.columns]
        for entry in fields_of(level):
            if frame[entry.name].null_count() == frame.height:
                continue
            kind = KIND_OF[entry.phi]
            if shown[kind]:
                kept.append(entry.name)
            else:
                left_out.setdefault(kind, set()).add(entry.name)
        if kept:
            content[level.value] = _rows(frame.select(list(dict.fromkeys(kept))))
    return content, [Withheld(kind, why[kind], sorted(names)) for kind, names in left_out.items()]


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: _plain(value) for name, value in row.items() if value is not None}
        for row in frame.iter_rows(named=True)
    ]


def _plain(value: Any) -> Any:
    """As JSON has it: money as text, so that nobody rounds it."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
