"""Verifies a chain: from an export and the public key alone, without a database, a network or our word."""

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
    "is not the first: records 1 to {last} are missing, and no signed proof says that retention took them."
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
        """Whether nothing was changed, taken out, moved or cut off, as far as the checkpoints reach."""
        return not self.faults


def verify(
    parts: Iterable[Record | Checkpoint],
    key: Ed25519PublicKey | None,
    *,
    tenant: str,
    checkpoints: Iterable[Checkpoint] = (),
    head: tuple[int, bytes] | None = None,
) -> Verdict:
    """Every fault of a chain.

    Args:
        parts: its records in order, and checkpoints among or after them.
        key: what checkpoints must be signed with; without it they are not looked at, and a cut end of the
            chain, or a chain written anew, is not found.
        tenant: whose chain it must be.
        checkpoints: more of them, from object storage: an export's own could be cut off with its end.
        head: number and hash of the newest record as the database says, read before the records.

    A chain that begins later than at 1 holds only with a signed proof that retention took what was before.

    Only what changed is reported: after a fault the next record is judged by what the faulty one says.
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
        faults.append(Fault(number, "changed: its hash is not that of what it says."))
    if _tenant_of(record) != tenant:
        faults.append(Fault(number, "belongs to another tenant."))
    if previous is None:
        # Whether a chain may begin later than at 1, a retention proof says.
        if number == 1 and record.previous != START:
            faults.append(Fault(number, "is not the first: it follows a record that is not there."))
        return faults
    if number != previous.sequence + 1:
        missing = number - previous.sequence - 1
        said = f"{missing} missing before it" if missing > 0 else "out of order, or there twice"
        faults.append(Fault(number, f"stands after record {previous.sequence}: {said}."))
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
        return [Fault(number, "a checkpoint of another tenant.")]
    if not each.is_signed_by(key):
        return [Fault(number, "a checkpoint whose signature does not hold.")]
    return []


def _checkpoint_fault(each: Checkpoint, hashes: dict[int, bytes], gone: int, last: int) -> list[Fault]:
    number = each.sequence
    if number <= gone:
        return []
    if number > last:
        return [Fault(number, f"cut off: a checkpoint proves record {number}, and the last here is {last}.")]
    if number not in hashes:
        return [Fault(number, "missing: a checkpoint proves that there was such a record.")]
    if hashes[number] != each.hash:
        return [Fault(number, "rewritten: a checkpoint proves another hash.")]
    return []


def _head_fault(head: tuple[int, bytes], hashes: dict[int, bytes], gone: int, last: int) -> list[Fault]:
    number, digest = head
    if number <= gone:
        return []
    if number > last:
        return [Fault(number, f"cut off: the database goes on after record {number}; the last is {last}.")]
    if hashes.get(number) != digest:
        return [Fault(number, "rewritten: the database goes on from another hash.")]
    return []
