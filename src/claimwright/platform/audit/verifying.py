"""Verifies a chain from an export and the public key alone, without a database or a network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .chain import START, Fault, Record
from .checkpoints import Checkpoint

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


_UNPROVEN = (
    "is not the first: records 1 to {last} are missing, and no signed proof says that retention deleted them."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found."""

    tenant: str
    first: int
    last: int
    records: int
    checkpoints: int
    proven_to: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, removed, moved or cut off, up to the newest checkpoint."""
        return not self.faults


def verify(
    parts: Iterable[Record | Checkpoint],
    key: Ed25519PublicKey | None,
    *,
    tenant: str,
    checkpoints: Iterable[Checkpoint] = (),
    head: tuple[int, bytes] | None = None,
) -> Verdict:
    """All faults of a chain.

    Args:
        parts: its records in order, and checkpoints among or after them.
        key: public key of the checkpoints; without it checkpoints are ignored, and a chain that was cut off
            or rewritten is not detected.
        tenant: the tenant that the chain must belong to.
        checkpoints: more of them, from object storage; those in an export could be cut off with its end.
        head: number and hash of the newest record according to the database, read before the records.

    A chain that begins after record 1 is valid only with a signed proof that retention deleted what was
    before.

    Only the changed record is reported: the record after a fault is compared with what the faulty one says.
    """
    faults: list[Fault] = []
    hashes: dict[int, bytes] = {}
    signed: list[Checkpoint] = list(checkpoints)
    previous: Record | None = None
    first, start = 0, START
    for part in parts:
        if isinstance(part, Checkpoint):
            signed.append(part)
            continue
        faults += _faults_of(part, previous, tenant)
        if previous is None:
            first, start = part.sequence, part.previous
        hashes[part.sequence] = part.hash
        previous = part
    last = previous.sequence if previous else 0
    proven = gone = 0
    if key is not None:
        unique = {(one.sequence, one.signature): one for one in signed}.values()
        for each in (one for one in unique if one.is_retention):
            found = _signature_fault(each, key, tenant)
            faults += found
            if not found and (not first or (each.sequence, each.hash) == (first - 1, start)):
                gone = max(gone, each.sequence)
        for each in (one for one in unique if not one.is_retention):
            found = _signature_fault(each, key, tenant)
            found = found or _checkpoint_fault(each, hashes, gone, last)
            faults += found
            if not found and each.sequence in hashes:
                proven = max(proven, each.sequence)
    if first > 1 and not gone:
        faults.append(Fault(first, _UNPROVEN.format(last=first - 1)))
    if head is not None:
        faults += _head_fault(head, hashes, gone, last)
    faults.sort(key=lambda fault: fault.sequence)
    return Verdict(tenant, first, last, len(hashes), len(signed), proven, tuple(faults))


def _faults_of(record: Record, previous: Record | None, tenant: str) -> list[Fault]:
    number = record.sequence
    faults: list[Fault] = []
    if record.computed() != record.hash:
        faults.append(Fault(number, "changed: its hash does not match its content."))
    if _tenant_of(record) != tenant:
        faults.append(Fault(number, "belongs to another tenant."))
    if previous is None:
        # Whether a chain may begin after record 1 depends on a retention proof.
        if number == 1 and record.previous != START:
            faults.append(Fault(number, "is not the first: it follows a record that is missing."))
        return faults
    if number != previous.sequence + 1:
        missing = number - previous.sequence - 1
        said = f"{missing} missing before it" if missing > 0 else "out of order, or a duplicate"
        faults.append(Fault(number, f"comes after record {previous.sequence}: {said}."))
    elif record.previous != previous.hash:
        faults.append(Fault(number, f"does not follow from record {previous.sequence}: one was replaced."))
    if record.at < previous.at:
        faults.append(Fault(number, "is older than the record before it."))
    return faults


def _tenant_of(record: Record) -> str | None:
    try:
        said = json.loads(record.body)
    except ValueError:
        return None
    return said.get("tenant") if isinstance(said, dict) else None


def _signature_fault(each: Checkpoint, key: Ed25519PublicKey, tenant: str) -> list[Fault]:
    number = each.sequence
    if each.tenant != tenant:
        return [Fault(number, "is a checkpoint of another tenant.")]
    if not each.is_signed_by(key):
        return [Fault(number, "is a checkpoint with an invalid signature.")]
    return []


def _checkpoint_fault(each: Checkpoint, hashes: dict[int, bytes], gone: int, last: int) -> list[Fault]:
    number = each.sequence
    if number <= gone:
        return []
    if number > last:
        return [
            Fault(number, f"cut off: a checkpoint proves record {number}, but the last one here is {last}.")
        ]
    if number not in hashes:
        return [Fault(number, "missing: a checkpoint proves that it existed.")]
    if hashes[number] != each.hash:
        return [Fault(number, "rewritten: a checkpoint proves a different hash.")]
    return []


def _head_fault(head: tuple[int, bytes], hashes: dict[int, bytes], gone: int, last: int) -> list[Fault]:
    number, digest = head
    if number <= gone:
        return []
    if number > last:
        return [
            Fault(
                number, f"cut off: the database continues after record {number}; its last record is {last}."
            )
        ]
    if hashes.get(number) != digest:
        return [Fault(number, "rewritten: the database continues from a different hash.")]
    return []
